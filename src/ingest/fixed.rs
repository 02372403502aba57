//! Works on fixed-width records: lines with their trailing blanks trimmed, or one stream of full-length records.

use std::io::{self, Chain, Cursor, Read};

use super::{
    RECORD_LIMIT,
    part::{Begin, Collect, Part, Reading},
    record::{Cells, Columns, Record, Reject},
};
use crate::{
    base::{Error, ErrorKind, FaultCode, Result},
    layout::{Field, Layout},
};

/// The record types of a layout.
pub(super) struct RecordTypes {
    /// The three characters that begin a record, with the type's place in the layout.
    codes: Vec<([u8; 3], usize)>,
    /// By the type's place: the places of its fields.
    columns: Vec<Columns>,
}

impl RecordTypes {
    /// The types of a layout; of two with one code the first counts.
    pub(super) fn of(layout: &Layout) -> Self {
        let map = |table: &crate::layout::Table| {
            let mut columns = vec![None; Field::COUNT];
            for (at, column) in table.columns.iter().enumerate() {
                columns[column.field as usize] = Some(at);
            }
            columns.into_iter().collect()
        };
        let code = |table: &crate::layout::Table| table.name.as_bytes().try_into().ok();
        let codes = layout.tables.iter().enumerate().filter_map(|(at, table)| Some((code(table)?, at)));
        Self { codes: codes.collect(), columns: layout.tables.iter().map(map).collect() }
    }

    /// The place in the layout of the type that a record begins with.
    fn find(&self, record: &[u8]) -> Option<usize> {
        let begin = record.first_chunk::<3>()?;
        self.codes.iter().find(|(code, _)| code == begin).map(|(_, at)| *at)
    }
}

/// Whether the file is a stream without line ends; one at the very end does not count.
pub(super) fn is_stream(head: &[u8]) -> bool {
    memchr::memchr(b'\n', head.trim_ascii_end()).is_none()
}

/// Whether the file begins with a record of the layout.
///
/// # Errors
/// When it does not: another layout, or another file.
pub(super) fn check_start(head: &[u8], name: &str, layout: &Layout) -> Result<()> {
    if record_type(head).is_some_and(|kind| layout.record(kind).is_some()) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Input, format!("{name} passer ikke til layoutet `{}`", layout.name))
        .hint("Filen begynder ikke med en af layoutets posttyper. Er det et CSV-udtræk, så brug `cpr-csv`."))
}

fn record_type(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes.get(..3)?).ok()
}

/// Cuts a stream of full-length records into chunks.
pub(super) struct StreamSplitter<R> {
    /// What was read already, then the rest.
    input: Chain<Cursor<Vec<u8>>, R>,
    buffer: Vec<u8>,
    ended: bool,
    chunk: usize,
}

impl<R: Read> StreamSplitter<R> {
    /// Cuts `begun`, the bytes already read, and the rest of the stream behind them.
    pub(super) fn new(rest: R, begun: Vec<u8>, chunk: usize) -> Self {
        let input = Cursor::new(begun).chain(rest);
        Self { input, buffer: Vec::new(), ended: false, chunk: chunk.max(2 * 1024) }
    }

    /// The next whole records; `None` after the last. What is left at the end is a cut-off record.
    pub(super) fn next_records(&mut self, name: &str, layout: &Layout) -> Result<Option<Vec<u8>>> {
        while !self.ended && self.buffer.len() < self.chunk {
            let have = self.buffer.len();
            self.buffer.resize(self.chunk, 0);
            let read = self.input.read(&mut self.buffer[have..]);
            self.buffer.truncate(have + *read.as_ref().unwrap_or(&0));
            self.ended = read.map_err(|error| unreadable(name, error))? == 0;
        }
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let mut end = 0;
        while end < self.buffer.len() {
            if self.ended && self.buffer[end..].trim_ascii().is_empty() {
                end = self.buffer.len();
                break;
            }
            let Some(kind) = record_type(&self.buffer[end..]) else { break };
            let Some(table) = layout.record(kind) else {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("{name} har en posttype, som layoutet `{}` ikke kender", layout.name),
                )
                .hint("Uden linjeskift kan posterne kun skilles ad, når hver posttypes længde er kendt.")
                .hint("Tilføj posttypen med dens længde i et layout af din egen."));
            };
            let length = layout.tables[table].length;
            if end + length > self.buffer.len() {
                break;
            }
            end += length;
        }
        if end == 0 || (self.ended && end < self.buffer.len()) {
            return Err(super::read::truncated(name));
        }
        let rest = self.buffer.split_off(end);
        Ok(Some(std::mem::replace(&mut self.buffer, rest)))
    }
}

/// Reads all records of a chunk of lines or, with `stream`, of full-length records.
pub(super) fn work<C: Collect>(
    bytes: &[u8],
    stream: bool,
    types: &RecordTypes,
    reading: &Reading<'_, C>,
) -> Part<C::Chunk> {
    let mut part = reading.part(bytes.len() as u64);
    let mut start = 0;
    while start < bytes.len() {
        let rest = &bytes[start..];
        let table = types.find(rest);
        let length = match (stream, table) {
            (true, Some(table)) => reading.layout.tables[table].length,
            (true, None) => rest.len(),
            (false, _) => memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1),
        };
        let line = rest[..length].strip_suffix(b"\n").unwrap_or(&rest[..length]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let begin = Begin { line: part.lines, byte: start as u64 };
        part.lines += 1;
        start += length;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Some(table) = table {
            let description = &reading.layout.tables[table];
            let record = Record {
                cells: Cells::Fixed(line),
                table: description,
                columns: &types.columns[table],
                encoding: reading.encoding,
            };
            let too_long = line.len() > RECORD_LIMIT || line.trim_ascii_end().len() > description.length;
            let shape = too_long.then_some(Reject { code: FaultCode::TooLong, field: None });
            reading.row(&record, table, begin, shape, &mut part);
        } else {
            part.tally.rows_sorted_out += 1;
            *part.tally.records.entry("ukendt".to_owned()).or_default() += 1;
        }
    }
    reading.collect.finish(&mut part.collected);
    part
}

/// The error for a file that the system does not let us read.
pub(super) fn unreadable(name: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Input, format!("{name} kan ikke læses")).because(error)
}
