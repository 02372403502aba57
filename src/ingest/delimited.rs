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
        let position = behind_line_end(bytes, position);
        let record =
            Record { cells: Cells::Delimited(&row), table, columns: &headings.columns, encoding: reading.encoding };
        let cut_off = last && reader.is_done() && row.len() < headings.width && !bytes.ends_with(b"\n");
        part.truncated |= cut_off;
        let shape = shape(&row, headings.width, reading.encoding, &mut part);
        reading.row(&record, position, shape, &mut part);
    }
    part
}

/// The reader ends a record at CR, so the next one seems to begin at its LF.
fn behind_line_end(bytes: &[u8], (line, byte): (u64, u64)) -> (u64, u64) {
    let at_line_feed = usize::try_from(byte).is_ok_and(|byte| bytes.get(byte) == Some(&b'\n'));
    if at_line_feed { (line + 1, byte + 1) } else { (line, byte) }
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

/// Whether a row is a sum written under the data.
pub(super) fn is_total(record: &Record<'_>) -> bool {
    let starts = |cell: &[u8]| {
        let cell = cell.trim_ascii();
        [&b"i alt"[..], b"ialt", b"total", b"sum"].iter().any(|word| {
            cell.len() >= word.len()
                && cell[..word.len()].eq_ignore_ascii_case(word)
                && cell.get(word.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
        })
    };
    match record.cells {
        Cells::Delimited(row) => row.iter().find(|cell| !cell.trim_ascii().is_empty()).is_some_and(starts),
        Cells::Workbook(row) => {
            row.iter().find(|cell| !cell.trim().is_empty()).is_some_and(|cell| starts(cell.as_bytes()))
        }
        Cells::Fixed(_) => false,
    }
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
