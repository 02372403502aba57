//! Reads the tables of a finished run back, for the commands that look at one family.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{
    base::{Error, ErrorKind, Result, error::nearest},
    domain::Date,
    tables::{self, Cell, Table},
};

/// A table with its columns by name.
pub(super) struct Named {
    table: Table,
    columns: BTreeMap<String, usize>,
}

impl Named {
    /// Reads a table of `arbejde/tabeller/` whole.
    pub(super) fn read(run: &Path, name: &str) -> Result<Self> {
        Ok(Self::of(tables::read(&bytes(run, name)?)?))
    }

    /// Reads the rows whose text in `column` is among `wanted`; the others never stand in memory together.
    pub(super) fn matching(run: &Path, name: &str, column: &str, wanted: &BTreeSet<String>) -> Result<Self> {
        Ok(Self::of(tables::read_matching(&bytes(run, name)?, column, wanted)?))
    }

    fn of(table: Table) -> Self {
        let columns = table.names.iter().cloned().zip(0..).collect();
        Self { table, columns }
    }

    /// Whether the table has the column: a run of an older samkor may lack it.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    pub(super) fn text(&self, row: usize, column: &str) -> Option<String> {
        match self.cell(row, column)? {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn whole(&self, row: usize, column: &str) -> i64 {
        match self.cell(row, column) {
            Some(Cell::Whole(number)) => *number,
            _ => 0,
        }
    }

    pub(super) fn day(&self, row: usize, column: &str) -> Option<Date> {
        match self.cell(row, column)? {
            Cell::Day(day) => Some(*day),
            _ => None,
        }
    }

    pub(super) fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        self.table.rows.get(row)?.get(*self.columns.get(column)?)
    }

    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        0..self.table.rows.len()
    }
}

fn bytes(run: &Path, name: &str) -> Result<Vec<u8>> {
    let path = run.join("arbejde/tabeller").join(format!("{name}.parquet"));
    fs::read(&path).map_err(|error| {
        Error::new(ErrorKind::Input, format!("{} kan ikke læses", path.display()))
            .hint("RUN er mappen, som `samkor run` skrev; den skal have arbejde/tabeller/.")
            .because(error)
    })
}

/// The row of the unit with this label in `familier.parquet`, and the label as tables write it. Hyphens and small letters
/// in the label do not matter.
///
/// # Errors
/// When there is none, with the nearest label.
pub(super) fn find_unit(units: &Named, label: &str) -> Result<(String, usize)> {
    let wanted = written(label);
    let mut labels = units.rows().filter_map(|row| Some((units.text(row, "etiket")?, row)));
    if let Some(found) = labels.find(|(label, _)| *label == wanted) {
        return Ok(found);
    }
    let error = Error::new(ErrorKind::Input, format!("Kørslen har ingen familie med etiketten {wanted}"));
    let known: BTreeSet<String> = units.rows().filter_map(|row| units.text(row, "etiket")).collect();
    Err(match nearest(&wanted, known.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("Mente du {near}?")),
        None => error.hint("Etiketter er XXXX-XXXX-XXXX-C og står i liste/familier.csv."),
    })
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
