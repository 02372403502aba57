//! Workbooks (XLSX): the first sheet whose headings fit, its cells turned into the texts that a CSV would hold.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::{
    CELL_LIMIT, RECORD_LIMIT,
    read::{Part, Reading},
    record::{Cells, Record, Reject},
    sniff::{Headings, Missing, check_width},
};
use crate::{
    base::{Error, ErrorKind, FaultCode, Result},
    domain::Date,
    layout::{FieldKind, Layout, Layouts, Matched},
};

/// The most rows that are read from a sheet: Excel's own limit.
const ROW_LIMIT: usize = 1_048_576;

/// The rows of the sheet that fits the layout.
pub(super) struct Sheet {
    pub(super) headings: Headings,
    rows: Vec<Vec<String>>,
}

/// Opens a workbook and finds the sheet.
pub(super) fn open(bytes: &[u8], name: &str, layout: &Layout, layouts: &Layouts) -> Result<Sheet> {
    let broken = |error: calamine::XlsxError| {
        Error::new(ErrorKind::Input, format!("{name} er ikke et regneark, der kan læses"))
            .hint("Gem arket igen som .xlsx eller som CSV UTF-8.")
            .because(error)
    };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut nearest = Missing::default();
    for sheet in book.sheet_names() {
        let range = book.worksheet_range(&sheet).map_err(broken)?;
        let (height, width) = range.get_size();
        check_width(width, name)?;
        if height > ROW_LIMIT {
            return Err(Error::new(ErrorKind::Input, format!("{name} har flere rækker, end et regneark kan have")));
        }
        let first_row = u64::from(range.start().map_or(0, |(row, _)| row));
        for (at, cells) in range.rows().enumerate().take(40) {
            let texts: Vec<String> = cells.iter().map(|cell| text(cell, FieldKind::Text, b',')).collect();
            match layout.match_headings(&texts) {
                Matched::Table { table, columns } => {
                    let description = &layout.tables[table];
                    let mut kinds = vec![FieldKind::Text; width];
                    for column in &description.columns {
                        if let Some(position) = columns[column.field as usize] {
                            kinds[position] = column.field.kind();
                        }
                    }
                    let decimal = description.rules.amounts.decimal;
                    let rows = range
                        .rows()
                        .skip(at + 1)
                        .map(|cells| cells.iter().zip(&kinds).map(|(cell, kind)| text(cell, *kind, decimal)).collect())
                        .collect();
                    let lines = first_row + at as u64 + 1;
                    let headings = Headings { delimiter: 0, table, columns, width, bytes: 0, lines };
                    return Ok(Sheet { headings, rows });
                }
                Matched::Missing { found, lacking, table } => {
                    if found > nearest.found || nearest.headings.is_empty() {
                        nearest = Missing { found, lacking, table, headings: texts };
                    }
                }
            }
        }
    }
    Err(nearest.into_error(name, layout, layouts))
}

/// Reads all rows of the sheet. A workbook is small enough to be one chunk.
pub(super) fn work<T>(sheet: &Sheet, reading: &Reading<'_, T>) -> Part<T> {
    let mut part = Part::default();
    let table = &reading.layout.tables[sheet.headings.table];
    for row in &sheet.rows {
        let record =
            Record { cells: Cells::Workbook(row), table, columns: &sheet.headings.columns, encoding: reading.encoding };
        let too_long =
            row.iter().any(|cell| cell.len() > CELL_LIMIT) || row.iter().map(String::len).sum::<usize>() > RECORD_LIMIT;
        let shape = too_long.then_some(Reject { code: FaultCode::TooLong, field: None });
        let position = (part.lines, 0);
        part.lines += 1;
        reading.row(&record, position, shape, &mut part);
    }
    part
}

/// A cell as the text that a CSV export of it would hold for a column of this kind.
fn text(cell: &Data, kind: FieldKind, decimal: u8) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number, kind, decimal),
        Data::DateTime(moment) => day_text(moment.as_f64()),
        Data::Bool(value) => value.to_string(),
        // An error cell such as #REF! keeps a mark that no reader accepts.
        Data::Error(_) => "#".to_owned(),
        Data::Empty => String::new(),
    }
}

/// A number as text. Amounts lose the noise of binary fractions when it is below a ten-thousandth; what is left over is
/// for the amount reader to refuse.
fn number_text(number: f64, kind: FieldKind, decimal: u8) -> String {
    let exact = number.to_string();
    if !matches!(kind, FieldKind::Amount | FieldKind::Quantity) {
        return exact;
    }
    let places = if kind == FieldKind::Amount { 2 } else { 3 };
    let rounded = format!("{number:.places$}");
    let near = rounded.parse::<f64>().is_ok_and(|value| (value - number).abs() < 1e-4);
    let text = if near { rounded } else { exact };
    text.replace('.', if decimal == b',' { "," } else { "." })
}

fn day_text(serial: f64) -> String {
    let day = serial.floor();
    if !(0.0..3_000_000.0).contains(&day) {
        return "#".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
    let day = day as i32;
    Date::from_days(day - 25_569).map_or_else(|| "#".to_owned(), |date| date.to_string())
}
