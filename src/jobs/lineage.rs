//! `samkor lineage RUN_A RUN_B`: what became of the families of one run in another, from the tables of both.

use std::{collections::BTreeMap, fs, path::Path};

use super::run_tables::Named;
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{PersonId, UnitId},
    evidence::Stated,
    family::{AgeBand, Draft, Fate, Member, MemberRole, UnitForm, Units, lineage},
    pseudonym::UnitKind,
    tables,
};

/// The families of two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineageView {
    /// The reference date of the first run.
    pub before: String,
    /// The reference date of the second run.
    pub after: String,
    /// H, F or S.
    pub letter: &'static str,
    /// Lines by what happened.
    pub counts: Vec<(Fate, usize)>,
    /// Sorted by the labels.
    pub lines: Vec<LineageLine>,
}

/// A family of the first run and one of the second with persons in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineageLine {
    /// Its label in the first run; `None` for a new one.
    pub before: Option<String>,
    /// Its label in the second run; `None` for a dissolved one.
    pub after: Option<String>,
    /// What happened.
    pub fate: Fate,
    /// Persons in both.
    pub persons: u32,
}

/// Compares the units of one kind of two runs by the persons in them on each run's reference date.
///
/// # Errors
/// When a directory is no run, or the two cannot be joined by person: labels of one run, other projects, other keys.
pub fn lineage_of_runs(before: &Path, after: &Path, kind: UnitKind) -> Result<LineageView> {
    let (first, second) = (stated(before)?, stated(after)?);
    first.check_joinable(&second)?;
    let mut persons = BTreeMap::new();
    let (before, after) = (Side::read(before, kind, &mut persons)?, Side::read(after, kind, &mut persons)?);
    let (before, before_labels) = before.units(kind, persons.len())?;
    let (after, after_labels) = after.units(kind, persons.len())?;
    let name =
        |labels: &BTreeMap<UnitId, String>, unit: Option<UnitId>| unit.and_then(|unit| labels.get(&unit).cloned());
    let mut lines: Vec<LineageLine> = lineage(&before, &after)
        .into_iter()
        .map(|line| LineageLine {
            before: name(&before_labels, line.before),
            after: name(&after_labels, line.after),
            fate: line.fate,
            persons: line.persons,
        })
        .collect();
    lines.sort_unstable();
    let count = |fate: Fate| (fate, lines.iter().filter(|line| line.fate == fate).count());
    Ok(LineageView {
        before: first.reference_date,
        after: second.reference_date,
        letter: tables::letter(kind),
        counts: Fate::ALL.into_iter().map(count).collect(),
        lines,
    })
}

fn stated(run: &Path) -> Result<Stated> {
    let path = run.join("bevis/koersel.json");
    let bytes = fs::read(&path).map_err(|error| {
        Error::new(ErrorKind::Input, format!("{} kan ikke læses", path.display()))
            .hint("RUN er mappen, som `samkor run` skrev.")
            .because(error)
    })?;
    Stated::read(&bytes).map_err(|error| error.hint(format!("Filen er {}.", path.display())))
}

/// The members of each unit of a run, by its label. Persons are numbered over both runs in the order in which they are met: no order is
/// written that follows them.
struct Side(BTreeMap<String, Vec<Member>>);

impl Side {
    fn read(run: &Path, kind: UnitKind, persons: &mut BTreeMap<String, PersonId>) -> Result<Self> {
        let (letter, former) = (tables::letter(kind), MemberRole::Former.code());
        let units = Named::read(run, "familier")?;
        let mut sides: BTreeMap<String, Vec<Member>> = units
            .rows()
            .filter(|row| units.text(*row, "enhedstype").as_deref() == Some(letter))
            .filter(|row| units.text(*row, "art").as_deref() != Some(UnitForm::Former.code()))
            .filter_map(|row| Some((units.text(row, "etiket")?, Vec::new())))
            .collect();
        let members = Named::read(run, "familieled")?;
        for row in members.rows().filter(|row| members.text(*row, "enhedstype").as_deref() == Some(letter)) {
            let role = members.text(row, "rolle").filter(|role| role != former);
            let named = members.text(row, "etiket").zip(members.text(row, "person"));
            let (Some((label, person)), Some(role)) = (named, role) else { continue };
            let next = PersonId(u32::try_from(persons.len()).expect("no more persons than ids"));
            let person = *persons.entry(person).or_insert(next);
            let age = members.text(row, "alder").and_then(|band| AgeBand::from_code(&band)).map(AgeBand::first);
            let role = MemberRole::from_code(&role).unwrap_or(MemberRole::Member);
            if let Some(unit) = sides.get_mut(&label) {
                unit.push(Member { person, age, role, link: None });
            }
        }
        Ok(Self(sides))
    }

    fn units(self, kind: UnitKind, persons: usize) -> Result<(Units, BTreeMap<UnitId, String>)> {
        let first: Vec<(PersonId, String)> =
            self.0.iter().filter_map(|(label, members)| Some((members.first()?.person, label.clone()))).collect();
        let draft = |members| Draft { form: UnitForm::Single, members };
        let drafts: Vec<Draft> = self.0.into_values().map(draft).collect();
        let units = Units::new(kind, drafts, persons, |_| None)?;
        let labels = first.into_iter().filter_map(|(person, label)| Some((units.unit_of(person)?, label))).collect();
        Ok((units, labels))
    }
}
