//! Works on one chunk of delimited text.

use super::{
    CELL_LIMIT, RECORD_LIMIT,
    cut::{Cutter, Row},
    part::{Begin, Collect, Part, Reading},
    record::{Cells, Record, Reject},
    sniff::Headings,
};
use crate::{base::FaultCode, layout::Field, plan::Encoding};

/// Reads all records of a chunk.
pub(super) fn work<C: Collect>(
    bytes: &[u8],
    last: bool,
    headings: &Headings,
    reading: &Reading<'_, C>,
) -> Part<C::Chunk> {
    let mut part = reading.part(bytes.len() as u64);
    let table = &reading.layout.tables[headings.table];
    // Where the file ends without a line end, its last row may be cut off.
    let open_end = last && !bytes.ends_with(b"\n");
    let encoding = Encodings::of(bytes, reading.encoding);
    part.seen_utf8 = matches!(encoding, Encodings::Utf8);
    let mut cutter = Cutter::new(bytes, headings.delimiter);
    while let Some(row) = cutter.next_row() {
        let record =
            Record { cells: Cells::Delimited(row), table, columns: &headings.columns, encoding: reading.encoding };
        if open_end && row.is_last && row.len() < headings.width {
            part.truncated |= first_filled(&record).is_some_and(|first| !is_total(&record, first));
        }
        let shape = shape(row, headings.width, encoding, &mut part);
        let begin = Begin { line: row.line, byte: row.start as u64 };
        reading.row(&record, headings.table, begin, shape, &mut part);
    }
    part.lines = cutter.lines();
    reading.collect.finish(&mut part.collected);
    part
}

/// What is known of the encoding of a chunk's rows before they are read.
#[derive(Clone, Copy)]
enum Encodings {
    /// Every row is ASCII.
    Ascii,
    /// Every row is UTF-8, some are not ASCII.
    Utf8,
    /// Some row is neither; what the plan says.
    Mixed(Option<Encoding>),
}

impl Encodings {
    fn of(bytes: &[u8], planned: Option<Encoding>) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Self::Ascii,
            Ok(_) => Self::Utf8,
            Err(_) => Self::Mixed(planned),
        }
    }
}

/// What is wrong with a row before any cell is read.
fn shape<T>(row: Row<'_>, width: usize, encoding: Encodings, part: &mut Part<T>) -> Option<Reject> {
    let fault = |code| Some(Reject { code, field: None });
    match encoding {
        Encodings::Mixed(planned) if !row.raw.is_ascii() => {
            let utf8 = std::str::from_utf8(row.raw).is_ok();
            if planned == Some(Encoding::Utf8) && !utf8 {
                return fault(FaultCode::Encoding);
            }
            part.seen_utf8 |= utf8;
            part.seen_other |= !utf8;
        }
        Encodings::Ascii | Encodings::Utf8 | Encodings::Mixed(_) => {}
    }
    let long = row.raw.len();
    if long > RECORD_LIMIT || (long > CELL_LIMIT && row.iter().any(|cell| cell.len() > CELL_LIMIT)) {
        return fault(FaultCode::TooLong);
    }
    if row.len() < width {
        return fault(FaultCode::TooFewFields);
    }
    if row.len() > width && row.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty()) {
        return fault(FaultCode::TooManyFields);
    }
    None
}

/// What a sum written under the data calls itself.
const TOTALS: [&[u8]; 6] = [b"i alt", b"ialt", b"total", b"hovedtotal", b"sum", b"samlet"];

/// The place of the first cell of a row that has anything in it, of a fixed-width record the whole line; `None` for a blank row,
/// as spreadsheets leave below their data.
pub(super) fn first_filled(record: &Record<'_>) -> Option<usize> {
    match record.cells {
        Cells::Delimited(row) => row.iter().position(|cell| !cell.trim_ascii().is_empty()),
        Cells::Workbook(row) => row.iter().position(|cell| !cell.trim().is_empty()),
        Cells::Fixed(line) => (!line.trim_ascii().is_empty()).then_some(0),
    }
}

/// Whether a row is a sum written under the data: its first cell says so, or holds SAP's asterisks, and it leaves a cell
/// blank that a row of data fills. So a house by the name of Total is no sum. Fixed-width files have none.
pub(super) fn is_total(record: &Record<'_>, first: usize) -> bool {
    let says_total = match record.cells {
        Cells::Delimited(row) => says_total(row.get(first).unwrap_or_default().trim_ascii()),
        Cells::Workbook(row) => row.get(first).is_some_and(|cell| says_total(cell.trim().as_bytes())),
        Cells::Fixed(_) => false,
    };
    if !says_total {
        return false;
    }
    let columns = || {
        let elsewhere = |field: Field| record.columns.at(field).is_some_and(|column| column != first);
        let columns = record.table.columns.iter();
        columns.filter(move |column| column.field != Field::Amount && elsewhere(column.field))
    };
    let required = columns().any(|column| column.required);
    columns().filter(|column| column.required || !required).any(|column| record.is_blank(column.field))
}

fn says_total(cell: &[u8]) -> bool {
    let is_word = |word: &&[u8]| {
        cell.len() >= word.len()
            && cell[..word.len()].eq_ignore_ascii_case(word)
            && cell.get(word.len()).is_none_or(|next| !next.is_ascii_alphanumeric() && next.is_ascii())
    };
    // Nearly every row begins with a number.
    !cell.first().is_none_or(u8::is_ascii_digit)
        && (cell.iter().all(|byte| *byte == b'*') || TOTALS.iter().any(is_word))
}

/// The layout's heading of a field, for fault lists.
pub(super) fn heading<'a>(record: &Record<'a>, field: Field) -> Option<&'a str> {
    let column = record.table.columns.iter().find(|column| column.field == field)?;
    column.names.first().map(String::as_str)
}
