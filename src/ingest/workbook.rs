//! Workbooks (XLSX): the first sheet whose headings fit, its cells turned into the texts that a CSV would hold.

use std::io::Cursor;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::{
    CELL_LIMIT, RECORD_LIMIT, archive,
    part::{Begin, Collect, Part, Reading},
    record::{Cells, Record, Reject},
    sniff::{Headings, Missing, TITLE_ROWS, check_width},
};
use crate::{
    base::{Error, ErrorKind, FaultCode, Result},
    domain::{Date, System},
    layout::{FieldKind, Layout, Matched},
};

/// The most rows that are read from a sheet: Excel's own limit.
const ROW_LIMIT: usize = 1_048_576;
/// The most memory that a workbook's cells may take, in bytes; larger tables belong in CSV.
const MEMORY_LIMIT: usize = 512 * 1024 * 1024;

/// The rows of the sheet that fits the layout.
pub(super) struct Sheet {
    pub(super) headings: Headings,
    rows: Vec<Vec<String>>,
}

/// The cells of a sheet by rows, from the sheet's first row on; each row as long as its last cell says. Cells far apart
/// take no room for what lies between. The sheet's name is not kept: it may be a person's.
#[derive(Default)]
struct Range {
    rows: Vec<Vec<Data>>,
}

/// The sheets in their order, each checked for size.
fn sheets(bytes: &[u8], name: &str) -> Result<Vec<Range>> {
    archive::check(bytes, name)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| archive::broken(name))?;
    let mut room = MEMORY_LIMIT;
    book.sheet_names().into_iter().map(|sheet| read_sheet(&mut book, &sheet, name, &mut room)).collect()
}

/// Reads the cells of one sheet while there is room for them.
fn read_sheet(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, name: &str, room: &mut usize) -> Result<Range> {
    let mut cells = match book.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Range::default()),
        Err(_) => return Err(archive::broken(name)),
    };
    let mut range = Range::default();
    while let Some(cell) = cells.next_cell().map_err(|_| archive::broken(name))? {
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        let value = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::SharedString(text) => Data::String(cut(text)),
            DataRef::String(text) => Data::String(cut(text)),
            other => other.clone().into(),
        };
        check_width(column + 1, name)?;
        if row >= ROW_LIMIT {
            return Err(Error::new(ErrorKind::Input, format!("{name} har flere rækker, end et regneark kan have")));
        }
        if range.rows.len() <= row {
            range.rows.resize_with(row + 1, Vec::new);
        }
        let cells = &mut range.rows[row];
        let text = if let Data::String(text) = &value { text.len() } else { 0 };
        let new = (column + 1).saturating_sub(cells.len()) * size_of::<Data>() + text;
        *room = room.checked_sub(new).ok_or_else(|| archive::too_large(name))?;
        if cells.len() <= column {
            cells.resize(column + 1, Data::Empty);
        }
        cells[column] = value;
    }
    Ok(range)
}

/// A cell's text, of which no more is kept than shows that it is too long.
fn cut(text: &str) -> String {
    if text.len() > CELL_LIMIT { text.chars().take(CELL_LIMIT + 1).collect() } else { text.to_owned() }
}

/// The cells of a row as text whatever their columns mean, to look for headings.
fn plain(cells: &[Data]) -> Vec<String> {
    cells.iter().map(|cell| text(cell, FieldKind::Text, b',', false)).collect()
}

/// The rows with anything in them, with their places in the sheet.
fn filled(range: &Range) -> impl Iterator<Item = (usize, &Vec<Data>)> {
    range.rows.iter().enumerate().filter(|(_, cells)| !cells.is_empty())
}

/// The first rows of every sheet.
pub(super) fn first_rows(bytes: &[u8], name: &str) -> Result<Vec<Vec<String>>> {
    let sheets = sheets(bytes, name)?;
    Ok(sheets.iter().flat_map(|range| filled(range).take(TITLE_ROWS)).map(|(_, cells)| plain(cells)).collect())
}

/// Opens a workbook and finds the first sheet whose headings fit.
pub(super) fn open(bytes: &[u8], name: &str, layout: &Layout) -> Result<Result<Sheet, Missing>> {
    let mut nearest = Missing::default();
    for range in sheets(bytes, name)? {
        for (at, cells) in filled(&range).take(TITLE_ROWS) {
            let texts = plain(cells);
            match layout.match_headings(&texts) {
                Matched::Table { table, columns } => {
                    let twice = layout.heading_twice(table, &columns, &texts).map(str::to_owned);
                    let width = cells.len();
                    let columns = columns.into_iter().collect();
                    let headings = Headings { delimiter: 0, table, columns, width, bytes: 0, lines: 0, twice };
                    return Ok(Ok(sheet(&range, at + 1, layout, headings)));
                }
                Matched::Missing { found, lacking, table } => {
                    if found > nearest.found || nearest.headings.is_empty() {
                        nearest = Missing { found, lacking, table, headings: texts };
                    }
                }
            }
        }
    }
    Ok(Err(nearest))
}

/// Opens a workbook whose longest sheet is data from its first row on, under headings that stand elsewhere.
pub(super) fn open_with(bytes: &[u8], name: &str, layout: &Layout, headings: Headings) -> Result<Sheet> {
    let range = sheets(bytes, name)?.into_iter().rev().max_by_key(|range| range.rows.len()).unwrap_or_default();
    Ok(sheet(&range, 0, layout, headings))
}

/// The rows of a sheet from `first` on, read as the columns under the headings want.
fn sheet(range: &Range, first: usize, layout: &Layout, headings: Headings) -> Sheet {
    let description = &layout.tables[headings.table];
    let mut kinds = vec![FieldKind::Text; range.rows.iter().map(Vec::len).max().unwrap_or(0)];
    for column in &description.columns {
        if let Some(kind) = headings.columns.at(column.field).and_then(|position| kinds.get_mut(position)) {
            *kind = column.field.kind();
        }
    }
    let decimal = description.rules.amounts.decimal;
    let register = layout.system == System::Cpr;
    let read =
        |cells: &[Data]| cells.iter().zip(&kinds).map(|(cell, kind)| text(cell, *kind, decimal, register)).collect();
    let rows = range.rows.iter().skip(first).map(|cells| read(cells)).collect();
    Sheet { headings: Headings { bytes: 0, lines: first as u64, ..headings }, rows }
}

/// Reads all rows of the sheet. A workbook is small enough to be one chunk.
pub(super) fn work<C: Collect>(sheet: &Sheet, reading: &Reading<'_, C>) -> Part<C::Chunk> {
    let mut part = reading.part(0);
    let table = &reading.layout.tables[sheet.headings.table];
    for row in &sheet.rows {
        let record =
            Record { cells: Cells::Workbook(row), table, columns: &sheet.headings.columns, encoding: reading.encoding };
        let too_long =
            row.iter().any(|cell| cell.len() > CELL_LIMIT) || row.iter().map(String::len).sum::<usize>() > RECORD_LIMIT;
        let shape = too_long.then_some(Reject { code: FaultCode::TooLong, field: None });
        let begin = Begin { line: part.lines, byte: 0 };
        part.lines += 1;
        reading.row(&record, sheet.headings.table, begin, shape, &mut part);
    }
    reading.collect.finish(&mut part.collected);
    part
}

/// A cell as the text that a CSV export of it would hold for a column of this kind.
///
/// A number of nine digits in a register's column of persons has lost its zero to the cell's format, and there is no
/// register to ask: the zero is put back. In all other sources linkage asks the register.
fn text(cell: &Data, kind: FieldKind, decimal: u8, register: bool) -> String {
    match cell {
        Data::Int(number) if kind == FieldKind::Person => person_text(number.to_string(), register),
        Data::Float(number) if kind == FieldKind::Person => person_text(number.to_string(), register),
        Data::String(text) | Data::DurationIso(text) => text.trim().to_owned(),
        // ISO 8601: a day, or a moment of which the day counts.
        Data::DateTimeIso(text) => text.split('T').next().unwrap_or_default().trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number, kind, decimal),
        Data::DateTime(moment) if moment.is_datetime() => day_text(moment),
        Data::Bool(value) => value.to_string(),
        // An error cell such as #REF!, or a length of time, keeps a mark that no reader accepts.
        Data::Error(_) | Data::DateTime(_) => "#".to_owned(),
        Data::Empty => String::new(),
    }
}

fn person_text(digits: String, register: bool) -> String {
    if register && digits.len() == 9 { format!("0{digits}") } else { digits }
}

/// A number as text. Amounts lose the noise of binary fractions when it is below a ten-thousandth; what is left over is
/// for the amount reader to refuse. A day number loses its time of day.
fn number_text(number: f64, kind: FieldKind, decimal: u8) -> String {
    let places = match kind {
        FieldKind::Amount => 2,
        FieldKind::Quantity => 3,
        FieldKind::Date => return number.floor().to_string(),
        _ => return number.to_string(),
    };
    let rounded = format!("{number:.places$}");
    let near = rounded.parse::<f64>().is_ok_and(|value| (value - number).abs() < 1e-4);
    let text = if near { rounded } else { number.to_string() };
    text.replace('.', if decimal == b',' { "," } else { "." })
}

/// The day of a date cell, in the workbook's own calendar: Excel counts from 1900, on older Macs from 1904.
fn day_text(moment: &ExcelDateTime) -> String {
    if !(0.0..3_000_000.0).contains(&moment.as_f64()) {
        return "#".to_owned();
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    i16::try_from(year)
        .ok()
        .and_then(|year| Date::from_ymd(year, month, day).ok())
        .map_or_else(|| "#".to_owned(), |date| date.to_string())
}
