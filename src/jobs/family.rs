//! `samkor family RUN LABEL`: one family from the tables of a run, without numbers and names.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    base::{Error, ErrorKind, Result, error::nearest},
    tables::{self, Cell, Table},
};

/// A family as its run saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyView {
    /// The unit that was asked for.
    pub unit: UnitView,
    /// Households, families and case families that its members belong to, the unit itself among them.
    pub units: Vec<UnitView>,
    /// Its members, in the order of roles.
    pub members: Vec<MemberView>,
}

/// A unit in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitView {
    /// Its label.
    pub label: String,
    /// H, F or S.
    pub letter: String,
    /// Why it is one.
    pub form: String,
    /// Members on the reference date.
    pub members: i64,
    /// Members under 18.
    pub children: i64,
    /// Members with a placement in the period.
    pub placed: i64,
    /// The strongest protection of any member, in words.
    pub protection: Option<String>,
    /// Whether a child has a parent who lives apart.
    pub parent_apart: bool,
}

/// A member, told by a number within this view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Its number, from 1.
    pub number: usize,
    /// The band of its age on the reference date.
    pub age: Option<String>,
    /// What it is in household, family and case family.
    pub places: Vec<PlaceView>,
}

/// What a member is in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceView {
    /// H, F or S.
    pub letter: String,
    /// The unit's label.
    pub label: String,
    /// What it is there.
    pub role: String,
    /// The rule that binds it and how sure that is.
    pub rule: Option<(String, String)>,
    /// The number of the member that it is bound to, when that is in this view.
    pub to: Option<usize>,
    /// First and last day in the period.
    pub days: Option<(String, String)>,
    /// Where the parents are of whom a child under 18 is not in this unit.
    pub parents: Option<String>,
}

/// A table of a run with its columns by name.
pub(super) struct Named {
    table: Table,
    columns: BTreeMap<String, usize>,
}

impl Named {
    pub(super) fn read(run: &Path, name: &str) -> Result<Self> {
        let path = run.join("arbejde/tabeller").join(format!("{name}.parquet"));
        let bytes = fs::read(&path).map_err(|error| {
            Error::new(ErrorKind::Input, format!("{} kan ikke læses", path.display()))
                .hint("RUN er mappen, som `samkor run` skrev; den skal have arbejde/tabeller/.")
                .because(error)
        })?;
        let table = tables::read(&bytes)?;
        let columns = table.names.iter().cloned().zip(0..).collect();
        Ok(Self { table, columns })
    }

    pub(super) fn text(&self, row: usize, column: &str) -> Option<String> {
        match self.cell(row, column)? {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn whole(&self, row: usize, column: &str) -> i64 {
        match self.cell(row, column) {
            Some(Cell::Whole(number)) => *number,
            _ => 0,
        }
    }

    fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        self.table.rows.get(row)?.get(*self.columns.get(column)?)
    }

    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        0..self.table.rows.len()
    }
}

/// Finds the family with this label in the tables of a run. Hyphens and small letters in the label do not matter.
///
/// # Errors
/// When the directory is no run of samkor, or has no family with the label.
pub fn family(run: &Path, label: &str) -> Result<FamilyView> {
    let wanted = written(label);
    let (units, members) = (Named::read(run, "familier")?, Named::read(run, "familieled")?);
    let by_label: BTreeMap<String, usize> =
        units.rows().filter_map(|row| Some((units.text(row, "etiket")?, row))).collect();
    let Some(row) = by_label.get(&wanted) else {
        let error = Error::new(ErrorKind::Input, format!("Kørslen har ingen familie med etiketten {wanted}"));
        let near = nearest(&wanted, by_label.keys().map(String::as_str));
        return Err(match near {
            Some(near) => error.hint(format!("Mente du {near}?")),
            None => error.hint("Etiketter er XXXX-XXXX-XXXX-C og står i liste/familier.csv."),
        });
    };
    let unit = |row: usize| UnitView {
        label: units.text(row, "etiket").unwrap_or_default(),
        letter: units.text(row, "enhedstype").unwrap_or_default(),
        form: units.text(row, "art").unwrap_or_default(),
        members: units.whole(row, "medlemmer"),
        children: units.whole(row, "boern"),
        placed: units.whole(row, "anbragte"),
        protection: units.text(row, "beskyttelse"),
        parent_apart: units.cell(row, "foraelder_for_sig") == Some(&Cell::Truth(true)),
    };
    let persons: Vec<String> = members
        .rows()
        .filter(|row| members.text(*row, "etiket").as_ref() == Some(&wanted))
        .filter_map(|row| members.text(row, "person"))
        .collect();
    let number: BTreeMap<&str, usize> = persons.iter().map(String::as_str).zip(1..).collect();
    let mut views: Vec<MemberView> =
        (1..=persons.len()).map(|number| MemberView { number, age: None, places: Vec::new() }).collect();
    let mut labels = Vec::new();
    for row in members.rows() {
        let Some(place) = members.text(row, "person").and_then(|person| number.get(person.as_str()).copied()) else {
            continue;
        };
        let label = members.text(row, "etiket").unwrap_or_default();
        if !labels.contains(&label) {
            labels.push(label.clone());
        }
        let view = &mut views[place - 1];
        view.age = members.text(row, "alder");
        view.places.push(PlaceView {
            letter: members.text(row, "enhedstype").unwrap_or_default(),
            label,
            role: members.text(row, "rolle").unwrap_or_default(),
            rule: members.text(row, "regel").zip(members.text(row, "sikkerhed")),
            to: members.text(row, "knyttet_til").and_then(|to| number.get(to.as_str()).copied()),
            days: members.text(row, "fra").zip(members.text(row, "til")),
            parents: members.text(row, "foraeldre"),
        });
    }
    let beside = labels.iter().filter_map(|label| by_label.get(label)).map(|row| unit(*row)).collect();
    Ok(FamilyView { unit: unit(*row), units: beside, members: views })
}

/// A label as tables write it: capitals in groups of four.
fn written(label: &str) -> String {
    let symbols: Vec<char> = label.trim().chars().filter(|symbol| *symbol != '-').collect();
    let groups: Vec<String> = symbols.chunks(4).map(|group| group.iter().collect::<String>().to_uppercase()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn a_label_may_be_typed_in_any_way() {
        for typed in ["NR81-AYPS-ZSM2-V", "nr81aypszsm2v", " NR81AYPS-ZSM2V "] {
            assert_eq!(written(typed), "NR81-AYPS-ZSM2-V");
        }
    }
}
