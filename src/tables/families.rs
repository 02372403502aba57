//! The tables of families: `familier.parquet` (all three units), `familieled.parquet` (who is in them and why),
//! `familiedage.parquet` (from when to when), `familieskift.parquet` (what became of them), `beroerte.parquet` (families that share
//! kroner, never to be added up) and `gennemgang.parquet` (what people must look at).

use std::{borrow::Cow, io::Write};

use super::{
    items::write_items,
    parquet::{Columns, write_rows},
};
use crate::{
    base::{Pool, Result},
    domain::{Date, Label, Ore, Protection, Pseudonym},
    family::{AgeBand, Fate, Link, MemberRole, UnitForm},
    pseudonym::UnitKind,
};

/// The letter of a unit as tables write it.
#[must_use]
pub const fn letter(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Household => "H",
        UnitKind::Family => "F",
        UnitKind::CaseFamily => "S",
    }
}

/// One unit of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitRow {
    /// Which kind of unit.
    pub kind: UnitKind,
    /// Its label.
    pub label: Label,
    /// Why its members are one unit.
    pub form: UnitForm,
    /// Members on the reference date.
    pub members: u32,
    /// Members under 18 years.
    pub children: u32,
    /// Members with at least one day of a placement in the period.
    pub placed: u32,
    /// The strongest protection of any member.
    pub protection: Option<Protection>,
    /// Whether a child has a parent who lives apart.
    pub parent_apart: bool,
    /// Øre in the ranking, were this the ranked unit.
    pub ore: Ore,
    /// Different counting services.
    pub services: u32,
    /// Different departments behind them.
    pub departments: u32,
}

/// The rows in their order, which they mostly have.
pub(super) fn in_order(rows: &[UnitRow]) -> Cow<'_, [UnitRow]> {
    if rows.is_sorted() {
        return Cow::Borrowed(rows);
    }
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    Cow::Owned(rows)
}

/// Writes `familier.parquet`, sorted by kind and label. The order of `rows` does not matter.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn families(rows: &[UnitRow], pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    write_rows(&in_order(rows), pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("etiket", rows.iter().map(|row| Some(row.label.text())))
            .words("enhedstype", rows.iter().map(|row| Some(letter(row.kind))))
            .words("art", rows.iter().map(|row| Some(row.form.code())))
            .whole("medlemmer", rows.iter().map(|row| i64::from(row.members)))
            .whole("boern", rows.iter().map(|row| i64::from(row.children)))
            .whole("anbragte", rows.iter().map(|row| i64::from(row.placed)))
            .words("beskyttelse", rows.iter().map(|row| row.protection.map(Protection::danish)))
            .truth("foraelder_for_sig", rows.iter().map(|row| row.parent_apart))
            .ore("oere", rows.iter().map(|row| row.ore))
            .whole("ydelser", rows.iter().map(|row| i64::from(row.services)))
            .whole("afdelinger", rows.iter().map(|row| i64::from(row.departments)));
        columns
    })
}

/// A person in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberRow {
    /// Which kind of unit.
    pub kind: UnitKind,
    /// The unit.
    pub label: Label,
    /// What the person is there.
    pub role: MemberRole,
    /// The person's written id.
    pub id: Pseudonym,
    /// Age on the reference date.
    pub age: Option<AgeBand>,
    /// What binds the person.
    pub link: Option<Link>,
    /// The written id of whom the link goes to.
    pub to: Option<Pseudonym>,
    /// The first and the last day in the period on which the person belongs there; `None` for households.
    pub days: Option<(Date, Date)>,
    /// Where the parents are of whom a child under 18 is not in one family.
    pub parents: Option<&'static str>,
}

/// Writes `familieled.parquet`, which stands by kind, label, role and written id: so must the rows that `rows` makes of the units,
/// of which each has `count`.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn members<T: Sync>(
    units: &[T],
    count: impl Fn(&T) -> usize + Send,
    rows: impl Fn(&T, &mut Vec<MemberRow>) + Sync,
    pool: &Pool,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    write_items(units, count, rows, pool, out, |rows: &[MemberRow]| {
        let mut columns = Columns::new(rows.len());
        columns
            .shown("etiket", rows.iter().map(|row| Some(row.label)))
            .words("enhedstype", rows.iter().map(|row| Some(letter(row.kind))))
            .text("person", rows.iter().map(|row| Some(row.id.text())))
            .words("rolle", rows.iter().map(|row| Some(row.role.code())))
            .words("alder", rows.iter().map(|row| row.age.map(AgeBand::code)))
            .words("regel", rows.iter().map(|row| row.link.map(|link| link.rule.code())))
            .words("sikkerhed", rows.iter().map(|row| row.link.map(|link| link.certainty.code())))
            .text("knyttet_til", rows.iter().map(|row| row.to.map(Pseudonym::text)))
            .shown("fra", rows.iter().map(|row| row.days.map(|(from, _)| from)))
            .shown("til", rows.iter().map(|row| row.days.map(|(_, to)| to)))
            .words("foraeldre", rows.iter().map(|row| row.parents));
        columns
    })
}

/// A person's membership over some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MembershipRow {
    /// Which kind of unit.
    pub kind: UnitKind,
    /// The person's written id.
    pub id: Pseudonym,
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// The label of the family led by these persons.
    pub label: Label,
    /// What the person is there.
    pub role: MemberRole,
    /// What binds the person.
    pub link: Option<Link>,
}

/// Writes `familiedage.parquet`, which stands by kind, written id and day: so must the rows that `rows` makes of the persons, of
/// whom each has `count`. `til` is the day after the last.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn memberships<T: Sync>(
    persons: &[T],
    count: impl Fn(&T) -> usize + Send,
    rows: impl Fn(&T, &mut Vec<MembershipRow>) + Sync,
    pool: &Pool,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    write_items(persons, count, rows, pool, out, |rows: &[MembershipRow]| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("person", rows.iter().map(|row| Some(row.id.text())))
            .words("enhedstype", rows.iter().map(|row| Some(letter(row.kind))))
            .days("fra", rows.iter().map(|row| row.from))
            .days("til", rows.iter().map(|row| row.to))
            .text("etiket", rows.iter().map(|row| Some(row.label.text())))
            .words("rolle", rows.iter().map(|row| Some(row.role.code())))
            .words("regel", rows.iter().map(|row| row.link.map(|link| link.rule.code())))
            .words("sikkerhed", rows.iter().map(|row| row.link.map(|link| link.certainty.code())));
        columns
    })
}

/// A case family on the first day of the period and one on the reference date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineageRow {
    /// The label before.
    pub before: Option<Label>,
    /// The label after.
    pub after: Option<Label>,
    /// What happened.
    pub fate: Fate,
    /// Persons in both.
    pub persons: u32,
}

/// Writes `familieskift.parquet`, sorted by the labels.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn lineages(mut rows: Vec<LineageRow>, pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    rows.sort_unstable();
    write_rows(&rows, pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("foer", rows.iter().map(|row| row.before.map(Label::text)))
            .text("efter", rows.iter().map(|row| row.after.map(Label::text)))
            .words("haendelse", rows.iter().map(|row| Some(row.fate.danish())))
            .whole("personer", rows.iter().map(|row| i64::from(row.persons)));
        columns
    })
}

/// Writes `beroerte.parquet`: label and touched øre, sorted by label. The column's name says that it cannot be summed.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn touched(mut rows: Vec<(Label, Ore)>, pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    rows.sort_unstable();
    write_rows(&rows, pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("etiket", rows.iter().map(|(label, _)| Some(label.text())))
            .ore("oere_kan_ikke_summeres", rows.iter().map(|(_, ore)| *ore));
        columns
    })
}

/// Writes `gennemgang.parquet`: what people must look at, sorted by reason, label and person.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn reviews(
    mut rows: Vec<(&'static str, Option<Label>, Option<Pseudonym>)>,
    pool: &Pool,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    rows.sort_unstable();
    write_rows(&rows, pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .words("grund", rows.iter().map(|(reason, ..)| Some(*reason)))
            .text("etiket", rows.iter().map(|(_, label, _)| label.map(Label::text)))
            .text("person", rows.iter().map(|(.., id)| id.map(Pseudonym::text)));
        columns
    })
}

/// Writes `adressevarianter.parquet`: two blinded addresses and the residents of both, sorted.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn address_variants(mut rows: Vec<(String, String, u32)>, pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    rows.sort_unstable();
    write_rows(&rows, pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("adresse", rows.iter().map(|(one, ..)| Some(one.as_str())))
            .text("maaske_den_samme", rows.iter().map(|(_, other, _)| Some(other.as_str())))
            .whole("beboere", rows.iter().map(|(.., residents)| i64::from(*residents)));
        columns
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::parquet::{Cell, read, written},
        *,
    };
    use crate::family::FamilyKind;

    #[test]
    fn the_three_units_stand_in_one_table() {
        let row = |kind, last: u8| UnitRow {
            kind,
            label: Label(*b"ABCDEFGHJKMN0").with(last),
            form: UnitForm::Family(FamilyKind::Single),
            members: 2,
            children: 1,
            placed: 1,
            protection: None,
            parent_apart: false,
            ore: Ore(7),
            services: 1,
            departments: 1,
        };
        let rows = vec![row(UnitKind::CaseFamily, b'1'), row(UnitKind::Household, b'2'), row(UnitKind::Family, b'3')];
        let written = |rows: Vec<UnitRow>| written(|pool, out| families(&rows, pool, out));
        let bytes = written(rows.clone());
        assert_eq!(bytes, written(rows.into_iter().rev().collect()));
        let table = read(&bytes).expect("a table");
        let letters: Vec<&Cell> = table.rows.iter().map(|row| &row[1]).collect();
        assert_eq!(letters, [&Cell::Text("H".into()), &Cell::Text("F".into()), &Cell::Text("S".into())]);
    }

    trait With {
        fn with(self, last: u8) -> Self;
    }

    impl With for Label {
        fn with(mut self, last: u8) -> Self {
            self.0[12] = last;
            self
        }
    }
}
