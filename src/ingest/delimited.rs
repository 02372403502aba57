//! Works on one chunk of delimited text.

use super::{
    CELL_LIMIT, RECORD_LIMIT,
    read::{Part, Reading},
    record::{Cells, Record, Reject},
    sniff::Headings,
};
use crate::{base::FaultCode, layout::Field, plan::Encoding};

/// Reads all records of a chunk.
pub(super) fn work<T>(bytes: &[u8], last: bool, headings: &Headings, reading: &Reading<'_, T>) -> Part<T> {
    let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
    let mut part = Part { bytes: bytes.len() as u64, lines, ..Part::default() };
    let table = &reading.layout.tables[headings.table];
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(headings.delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(bytes);
    let mut row = csv::ByteRecord::new();
    // Reading from memory cannot fail, and byte records have no encoding to be wrong.
    while reader.read_byte_record(&mut row).unwrap_or(false) {
        let position = row.position().map_or((0, 0), |position| (position.line() - 1, position.byte()));
        let position = behind_line_ends(bytes, position);
        let record =
            Record { cells: Cells::Delimited(&row), table, columns: &headings.columns, encoding: reading.encoding };
        let at_end = last && reader.position().byte() == part.bytes && !bytes.ends_with(b"\n");
        part.truncated |= at_end && row.len() < headings.width && !is_total(&record) && !is_blank(&record);
        let shape = shape(&row, headings.width, reading.encoding, &mut part);
        reading.row(&record, position, shape, &mut part);
    }
    part
}

/// The reader ends a record at CR and passes over blank lines only when it reads on, so the next record seems to begin at
/// what is left of line ends.
fn behind_line_ends(bytes: &[u8], (mut line, byte): (u64, u64)) -> (u64, u64) {
    let Ok(start) = usize::try_from(byte) else { return (line, byte) };
    let left = bytes[start.min(bytes.len())..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let mut passed = 0;
    for end in left {
        line += u64::from(*end == b'\n');
        passed += 1;
    }
    (line, byte + passed)
}

/// What is wrong with a row before any cell is read.
fn shape<T>(row: &csv::ByteRecord, width: usize, encoding: Option<Encoding>, part: &mut Part<T>) -> Option<Reject> {
    let fault = |code| Some(Reject { code, field: None });
    let bytes = row.as_slice();
    if !bytes.is_ascii() {
        let utf8 = std::str::from_utf8(bytes).is_ok();
        if encoding == Some(Encoding::Utf8) && !utf8 {
            return fault(FaultCode::Encoding);
        }
        part.seen_utf8 |= utf8;
        part.seen_other |= !utf8;
    }
    if bytes.len() > RECORD_LIMIT || (bytes.len() > CELL_LIMIT && row.iter().any(|cell| cell.len() > CELL_LIMIT)) {
        return fault(FaultCode::TooLong);
    }
    if row.len() < width {
        return fault(FaultCode::TooFewFields);
    }
    if row.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty()) {
        return fault(FaultCode::TooManyFields);
    }
    None
}

/// What a sum written under the data calls itself.
const TOTALS: [&[u8]; 6] = [b"i alt", b"ialt", b"total", b"hovedtotal", b"sum", b"samlet"];

/// Whether a row is a sum written under the data: its first cell says so, or holds SAP's asterisks, and it leaves a cell
/// blank that a row of data fills. So a house by the name of Total is no sum.
pub(super) fn is_total(record: &Record<'_>) -> bool {
    let first = match record.cells {
        Cells::Delimited(row) => first_filled(row.iter()),
        Cells::Workbook(row) => first_filled(row.iter().map(String::as_bytes)),
        Cells::Fixed(_) => None,
    };
    let Some((at, cell)) = first else { return false };
    let says_so = cell.iter().all(|byte| *byte == b'*')
        || TOTALS.iter().any(|word| {
            cell.len() >= word.len()
                && cell[..word.len()].eq_ignore_ascii_case(word)
                && cell.get(word.len()).is_none_or(|next| !next.is_ascii_alphanumeric() && next.is_ascii())
        });
    let columns = || {
        let elsewhere = |field: Field| record.columns[field as usize].is_some_and(|column| column != at);
        let columns = record.table.columns.iter();
        columns.filter(move |column| column.field != Field::Amount && elsewhere(column.field))
    };
    let required = columns().any(|column| column.required);
    let mut filled = columns().filter(|column| column.required || !required);
    says_so && filled.any(|column| record.is_blank(column.field))
}

fn first_filled<'a>(cells: impl Iterator<Item = &'a [u8]>) -> Option<(usize, &'a [u8])> {
    cells.map(<[u8]>::trim_ascii).enumerate().find(|(_, cell)| !cell.is_empty())
}

/// Whether every cell of a row is blank, as spreadsheets leave below their data.
pub(super) fn is_blank(record: &Record<'_>) -> bool {
    match record.cells {
        Cells::Delimited(row) => row.iter().all(|cell| cell.trim_ascii().is_empty()),
        Cells::Workbook(row) => row.iter().all(|cell| cell.trim().is_empty()),
        Cells::Fixed(line) => line.trim_ascii().is_empty(),
    }
}

/// The layout's heading of a field, for fault lists.
pub(super) fn heading<'a>(record: &Record<'a>, field: Field) -> Option<&'a str> {
    let column = record.table.columns.iter().find(|column| column.field == field)?;
    column.names.first().map(String::as_str)
}
