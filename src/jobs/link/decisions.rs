//! The file of decided pairs: rows that are one person, or are not, whatever they weigh.

use std::{collections::BTreeMap, path::Path};

use super::{fields::Fields, input::Input};
use crate::{
    base::{Error, ErrorKind, Result},
    matching::{Bonds, Records},
};

/// Reads decided pairs: CSV with the two rows' ids or numbers, as in `par.csv`, and `forbind` (ja or nej).
///
/// # Errors
/// When the file cannot be read, names a row that is not there or not alone, or contradicts itself.
pub fn read(path: &Path, left: &Fields, right: Option<&Fields>, records: &Records) -> Result<Bonds> {
    let input = Input::read(path)?;
    let wrong = |message: String| {
        Error::new(ErrorKind::Plan, message)
            .hint("Kolonnerne er venstre_id og hoejre_id (eller venstre_raekke og hoejre_raekke) og forbind med ja eller nej.")
    };
    let decision = input.column("forbind").map_err(|_| wrong(format!("{} mangler kolonnen forbind", input.name)))?;
    let named = |name: &str| input.headings.iter().position(|heading| heading == name);
    let (columns, by_id) =
        match (named("venstre_id"), named("hoejre_id"), named("venstre_raekke"), named("hoejre_raekke")) {
            (Some(one), Some(other), _, _) => ([one, other], true),
            (_, _, Some(one), Some(other)) => ([one, other], false),
            _ => return Err(wrong(format!("{} nævner ingen rækker", input.name))),
        };
    let ids = if by_id { [left.by_id(), right.unwrap_or(left).by_id()] } else { [BTreeMap::new(), BTreeMap::new()] };
    let places = records.places();
    let sides = [0, usize::from(records.two_files)];
    let (mut decisions, mut line) = (Vec::new(), 1_u64);
    input.rows(|row| {
        line += 1;
        let at = |what: &str| wrong(format!("{}, række {line}: {what}", input.name));
        let place = |which: usize| {
            let text = row.get(columns[which]);
            let number = if by_id {
                match ids[which].get(text) {
                    Some(Some(row)) => Some(*row as usize),
                    Some(None) => return Err(at("flere rækker har samme id; brug rækkenumre")),
                    None => None,
                }
            } else {
                text.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
            };
            let found = number.and_then(|number| places[sides[which]].get(number));
            found.copied().ok_or_else(|| at("rækken findes ikke i filen"))
        };
        let is_one = match row.get(decision) {
            "ja" => true,
            "nej" => false,
            _ => return Err(at("forbind skal være ja eller nej")),
        };
        decisions.push((place(0)?, place(1)?, is_one));
        Ok(())
    })?;
    Bonds::new(decisions, records.len())
}
