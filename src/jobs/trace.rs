//! `samkor trace RUN LABEL`: every krone of one family with its source, rule, month and blinded row, from what the run's
//! `arbejde/` holds and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::run_tables::{Named, find_unit};
use crate::{
    base::{Error, ErrorKind, Result, error::nearest},
    domain::{AmountType, Date, Ore, Period, RowReference},
    ledger::{Rule, by_month},
    tables::NOT_RANKED,
};

/// Which of a family's kroner to show.
#[derive(Clone, Debug, Default)]
pub struct TraceFilter {
    /// Only this service or account group, by its code in any case.
    pub service: Option<String>,
    /// Only this calendar month.
    pub month: Option<Period>,
}

/// A family's kroner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The unit's label.
    pub label: String,
    /// H, F or S.
    pub letter: String,
    /// The family's øre in the run: the sum of all its lines that count, shown or not.
    pub ore: Ore,
    /// The sum of the shown lines that count.
    pub shown: Ore,
    /// The sum of the shown lines that do not count in the family's kroner.
    pub shown_beside: Ore,
    /// The lines by person, service, day and row.
    pub lines: Vec<TraceLine>,
}

/// The kroner of one row in one calendar month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// The member's number, as in the family's own view.
    pub person: usize,
    /// The service's code in the catalogue, or the account group's.
    pub service: String,
    /// The source's name in the plan.
    pub source: String,
    /// The role of the amount.
    pub role: String,
    /// How the row was settled.
    pub rule: Rule,
    /// Whether the kroner count in the family's sum.
    pub counts: bool,
    /// The days in the month.
    pub days: Period,
    /// Their øre.
    pub ore: Ore,
    /// The row, blinded.
    pub row: RowReference,
}

/// Follows the kroner of the family with this label. Hyphens and small letters in the label do not matter.
///
/// # Errors
/// When the directory is no run of samkor, has no family with the label, or has lost kroner: the lines must add up to the
/// family's øre. When the family has no kroner of the service that was asked for.
pub fn trace(run: &Path, label: &str, filter: &TraceFilter) -> Result<Trace> {
    let units = Named::read(run, "familier")?;
    let (label, unit) = find_unit(&units, label)?;
    let members = Named::matching(run, "familieled", "etiket", &BTreeSet::from([label.clone()]))?;
    let persons: Vec<String> = members.rows().filter_map(|row| members.text(row, "person")).collect();
    let numbers: BTreeMap<&str, usize> = persons.iter().map(String::as_str).zip(1..).collect();
    let spells = Named::matching(run, "ydelser", "person", &persons.iter().cloned().collect())?;
    if let Some(missing) = ["regel", "fordeling", "raekke"].into_iter().find(|column| !spells.has(column)) {
        return Err(Error::new(ErrorKind::Input, format!("ydelser.parquet mangler kolonnen {missing}"))
            .hint("Kørslen er skrevet af en ældre udgave af samkor: kør planen igen."));
    }
    let mut lines = Vec::new();
    for row in spells.rows() {
        lines.extend(lines_of(&spells, row, &numbers)?);
    }
    lines.sort_by(|one, other| order(one).cmp(&order(other)));
    let sum = |counts: bool, lines: &[TraceLine]| {
        Ore::sum(lines.iter().filter(|line| line.counts == counts).map(|line| line.ore))
    };
    let ore = Ore(units.whole(unit, "oere"));
    let found = sum(true, &lines)?;
    if found != ore {
        return Err(Error::new(
            ErrorKind::Input,
            format!("Sporet giver {found} kr., men familien har {ore} kr. i kørslen"),
        )
        .hint("En tabel i arbejde/tabeller/ er ændret eller skåret over: prøv med sha256sum -c bevis/SHA256SUMS."));
    }
    if let Some(service) = &filter.service {
        keep_service(&mut lines, service)?;
    }
    lines.retain(|line| filter.month.is_none_or(|month| month.contains(line.days.from)));
    let letter = units.text(unit, "enhedstype").unwrap_or_default();
    Ok(Trace { label, letter, ore, shown: sum(true, &lines)?, shown_beside: sum(false, &lines)?, lines })
}

/// The lines of one spell.
fn lines_of(spells: &Named, row: usize, numbers: &BTreeMap<&str, usize>) -> Result<Vec<TraceLine>> {
    let read = || {
        let text = |column| spells.text(row, column);
        let rule = text("regel")?;
        let (code, counts) = rule.strip_suffix(NOT_RANKED).map_or((rule.as_str(), true), |code| (code, false));
        let days = Period::new(spells.day(row, "fra")?, spells.day(row, "til")?)?;
        let amount_type = AmountType::of_code(&text("fordeling")?)?;
        let line = TraceLine {
            person: *numbers.get(text("person")?.as_str())?,
            service: text("ydelse")?,
            source: text("kilde")?,
            role: text("rolle")?,
            rule: Rule::of_code(code)?,
            counts,
            days,
            ore: Ore(spells.whole(row, "oere")),
            row: RowReference(spells.whole(row, "raekke").cast_unsigned()),
        };
        let months = by_month(days, line.ore, amount_type);
        Some(months.map(|(days, ore)| TraceLine { days, ore, ..line.clone() }).collect())
    };
    read().ok_or_else(|| {
        Error::new(ErrorKind::Input, "ydelser.parquet har en række, som ikke kan forstås")
            .hint("Er kørslen skrevet af en anden udgave af samkor? Kør planen igen.")
    })
}

fn order(line: &TraceLine) -> (usize, &str, Date, Date, RowReference, &str, Rule, Ore) {
    let TraceLine { person, service, days, row, source, rule, ore, .. } = line;
    (*person, service, days.from, days.to, *row, source, *rule, *ore)
}

/// Keeps the lines of one service.
fn keep_service(lines: &mut Vec<TraceLine>, service: &str) -> Result<()> {
    let wanted = service.trim().to_lowercase();
    let known: BTreeSet<String> = lines.iter().map(|line| line.service.clone()).collect();
    if !known.iter().any(|code| code.to_lowercase() == wanted) {
        let error = Error::new(ErrorKind::Input, "Familien har intet af den ydelse i kørslen");
        let near = nearest(&service.trim().to_uppercase(), known.iter().map(String::as_str));
        let listed = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let error = near.map(|near| format!("Mente du {near}?")).into_iter().fold(error, Error::hint);
        return Err(error.hint(if known.is_empty() {
            "Familien har ingen ydelser i kørslen.".to_owned()
        } else {
            format!("Familiens ydelser er {listed}.")
        }));
    }
    lines.retain(|line| line.service.to_lowercase() == wanted);
    Ok(())
}
