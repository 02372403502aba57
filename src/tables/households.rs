//! `husstande.parquet`: every unit on the reference date, with services or without.

use std::io::Write;

use super::{
    families::{UnitRow, in_order},
    parquet::{Columns, write_rows},
};
use crate::{
    base::{Pool, Result},
    domain::Protection,
    pseudonym::UnitKind,
};

/// Writes the table of the households among `rows`, sorted by label. The order of `rows` does not matter.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn households(rows: &[UnitRow], pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    let rows = in_order(rows);
    let households = rows.partition_point(|row| row.kind <= UnitKind::Household);
    write_rows(&rows[..households], pool, out, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .text("etiket", rows.iter().map(|row| Some(row.label.text())))
            .words("enhed", rows.iter().map(|row| Some(row.form.code())))
            .whole("medlemmer", rows.iter().map(|row| i64::from(row.members)))
            .whole("boern", rows.iter().map(|row| i64::from(row.children)))
            .whole("anbragte", rows.iter().map(|row| i64::from(row.placed)))
            .truth("beskyttet", rows.iter().map(|row| row.protection == Some(Protection::NameAndAddress)))
            .ore("oere", rows.iter().map(|row| row.ore))
            .whole("ydelser", rows.iter().map(|row| i64::from(row.services)))
            .whole("afdelinger", rows.iter().map(|row| i64::from(row.departments)));
        columns
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::parquet::{Cell, read, written},
        *,
    };
    use crate::{
        domain::{Label, Ore},
        family::UnitForm,
    };

    #[test]
    fn rows_stand_in_the_order_of_labels() {
        let row = |label: &[u8; 13], ore| UnitRow {
            kind: UnitKind::Household,
            label: Label(*label),
            form: UnitForm::Single,
            members: 1,
            children: 0,
            placed: 0,
            parent_apart: false,
            protection: Some(Protection::NameAndAddress),
            ore: Ore(ore),
            services: 2,
            departments: 1,
        };
        let written = |rows: &[UnitRow]| written(|pool, out| households(rows, pool, out));
        let rows = [row(b"ZZZZZZZZZZZZZ", 3), row(b"0000000000000", -1)];
        let bytes = written(&rows);
        assert_eq!(bytes, written(&[rows[1], rows[0]]));
        let table = read(&bytes).expect("a table");
        assert_eq!(table.names.len(), table.rows[0].len());
        assert_eq!(table.rows[0][0], Cell::Text("0000-0000-0000-0".to_owned()));
        assert_eq!(table.rows[1][6], Cell::Whole(3));
        let empty = read(&written(&[])).expect("a table");
        assert_eq!((empty.names, empty.rows), (table.names, Vec::new()));
        let family = UnitRow { kind: UnitKind::Family, ..row(b"0000000000001", 5) };
        assert_eq!(written(&[rows[0], rows[1], family]), bytes);
    }
}
