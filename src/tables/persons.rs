//! `personer.parquet`: who the run knows, without anything that names them.

use std::io::Write;

use super::parquet::{Columns, write_rows};
use crate::{
    base::{Pool, Result},
    domain::{Label, Pseudonym},
    family::{AgeBand, UnitForm},
};

/// What the register says about a person on the reference date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Resident on that day.
    Resident,
    /// In the register, but no resident then.
    NotResident,
    /// A valid number that the register does not know.
    OutsideRegister,
}

impl Standing {
    /// The word that the table uses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Resident => "bosat",
            Self::NotResident => "ikke bosat",
            Self::OutsideRegister => "uden for registret",
        }
    }
}

/// One person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonRow {
    /// The id that this run writes: the pseudonym, or under labels `koersel` its hash with the run's key.
    pub id: Pseudonym,
    /// The label of the ranked unit; `None` for who is in no unit.
    pub label: Option<Label>,
    /// Why the ranked unit is one.
    pub form: Option<UnitForm>,
    /// The labels of household, family and case family.
    pub units: [Option<Label>; 3],
    /// Age on the reference date; `None` when the birth date is unknown.
    pub age: Option<AgeBand>,
    /// What the register says.
    pub standing: Standing,
}

/// Writes the table, sorted by id, of which no two rows have the same. The order of `rows` does not matter.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn persons(mut rows: Vec<PersonRow>, pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    pool.sort_by_key(&mut rows, |row| row.id);
    write_rows(&rows, pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("person", rows.iter().map(|row| Some(row.id.text())))
            .text("etiket", rows.iter().map(|row| row.label.map(Label::text)))
            .words("enhed", rows.iter().map(|row| row.form.map(UnitForm::code)))
            .text("husstand", rows.iter().map(|row| row.units[0].map(Label::text)))
            .text("familie", rows.iter().map(|row| row.units[1].map(Label::text)))
            .text("sagsfamilie", rows.iter().map(|row| row.units[2].map(Label::text)))
            .words("alder", rows.iter().map(|row| row.age.map(AgeBand::code)))
            .words("bopael", rows.iter().map(|row| Some(row.standing.code())));
        columns
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::parquet::{read, written},
        *,
    };

    #[test]
    fn rows_stand_in_the_order_of_written_ids() {
        let row = |first: u8, standing| PersonRow {
            id: Pseudonym([first; 16]),
            label: (standing == Standing::Resident).then_some(Label(*b"0123456789ABC")),
            form: (standing == Standing::Resident).then_some(UnitForm::Dwelling),
            units: [None, None, (first == 1).then_some(Label(*b"ABCDEFGHJKMNP"))],
            age: (first < 200).then_some(AgeBand::Teenager),
            standing,
        };
        let mut rows =
            vec![row(255, Standing::OutsideRegister), row(1, Standing::Resident), row(16, Standing::NotResident)];
        let bytes = written(|pool, out| persons(rows.clone(), pool, out));
        rows.reverse();
        assert_eq!(bytes, written(|pool, out| persons(rows.clone(), pool, out)));
        let table = read(&bytes).expect("a table");
        assert_eq!(table.names, ["person", "etiket", "enhed", "husstand", "familie", "sagsfamilie", "alder", "bopael"]);
        let text = |row: usize| format!("{:?}", table.rows[row]);
        assert!(text(0).contains("\"01010101010101010101010101010101\"") && text(0).contains("\"0123-4567-89AB-C\""));
        assert!(text(0).contains("Empty, Empty, Text(\"ABCD-EFGH-JKMN-P\")"));
        assert!(text(0).contains("\"13-17\"") && text(1).contains("\"ikke bosat\""));
        assert!(text(2).contains("Empty, Empty, Empty, Empty, Empty, Empty, Text(\"uden for registret\")"));
    }
}
