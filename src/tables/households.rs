//! `husstande.parquet`: every unit on the reference date, with services or without.

use super::{families::UnitRow, parquet::Columns};
use crate::{base::Result, domain::Protection, pseudonym::UnitKind};

/// Writes the table of the households among `rows`, sorted by label. The order of `rows` does not matter.
///
/// # Errors
/// When the table cannot be encoded.
pub fn households(mut rows: Vec<UnitRow>) -> Result<Vec<u8>> {
    rows.retain(|row| row.kind == UnitKind::Household);
    rows.sort_unstable();
    Columns::new(rows.len())
        .text("etiket", rows.iter().map(|row| Some(row.label.to_string())))
        .text("enhed", rows.iter().map(|row| Some(row.form.code())))
        .whole("medlemmer", rows.iter().map(|row| i64::from(row.members)))
        .whole("boern", rows.iter().map(|row| i64::from(row.children)))
        .whole("anbragte", rows.iter().map(|row| i64::from(row.placed)))
        .truth("beskyttet", rows.iter().map(|row| row.protection == Some(Protection::NameAndAddress)))
        .ore("oere", rows.iter().map(|row| row.ore))
        .whole("ydelser", rows.iter().map(|row| i64::from(row.services)))
        .whole("afdelinger", rows.iter().map(|row| i64::from(row.departments)))
        .write()
}

#[cfg(test)]
mod tests {
    use super::{
        super::parquet::{Cell, read},
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
        let rows = [row(b"ZZZZZZZZZZZZZ", 3), row(b"0000000000000", -1)];
        let bytes = households(rows.to_vec()).expect("bytes");
        assert_eq!(bytes, households(rows.into_iter().rev().collect()).expect("bytes"));
        let table = read(&bytes).expect("a table");
        assert_eq!(table.names.len(), table.rows[0].len());
        assert_eq!(table.rows[0][0], Cell::Text("0000-0000-0000-0".to_owned()));
        assert_eq!(table.rows[1][6], Cell::Whole(3));
        let empty = read(&households(Vec::new()).expect("bytes")).expect("a table");
        assert_eq!((empty.names, empty.rows), (table.names, Vec::new()));
        let family = UnitRow { kind: UnitKind::Family, ..row(b"0000000000001", 5) };
        let mixed = rows.into_iter().chain([family]).collect();
        assert_eq!(households(mixed).expect("bytes"), bytes);
    }
}
