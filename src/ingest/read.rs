//! Reads one file of a source from end to end.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::{
    chunk::{Piece, Splitter},
    companion::{self, Companion},
    delimited, fixed,
    part::{Collect, Convert, Part, Reading},
    record::{Outcome, Record, Reject},
    sniff::{self, Headings},
    tally::Tally,
    workbook,
};
use crate::{
    base::{Digest, Error, ErrorKind, Event, Fault, Observer, Pool, Result, Spare},
    domain::{Ore, SourceId},
    layout::{Format, Layout, Layouts},
    plan::Encoding,
};

/// Bytes looked at to find out what a file is.
pub(super) const HEAD: usize = 256 * 1024;
/// The largest workbook, in bytes; larger tables belong in CSV.
pub(super) const WORKBOOK_LIMIT: u64 = 256 * 1024 * 1024;

/// What the plan says about reading a source; what it leaves open is detected.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The delimiter.
    pub delimiter: Option<u8>,
    /// Size of the chunks, in bytes; 0 for the default of 1 MiB.
    pub chunk_bytes: usize,
}

/// One file to read.
#[derive(Clone, Copy)]
pub struct FileInput<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What messages call it.
    pub name: &'a str,
    /// The source it belongs to.
    pub source: SourceId,
    /// Its place among the source's files.
    pub file: u16,
    /// What its columns mean.
    pub layout: &'a Layout,
    /// All layouts, to tell which one a misplaced file fits.
    pub layouts: &'a Layouts,
    /// What the plan says.
    pub options: ReadOptions,
}

/// What was read from a file.
#[derive(Clone, Debug)]
pub struct FileSummary {
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub blake3: Digest,
    /// The file beside it that its headings were taken from (KMD's `Meta_`).
    pub companion: Option<Companion>,
    /// What was detected, in Danish: encoding, delimiter, where the headings stand.
    pub detected: String,
    /// Rows and øre.
    pub tally: Tally,
}

/// A file whose bytes are hashed as they are read, whatever becomes of them.
struct Hashing {
    file: io::Take<File>,
    hasher: blake3::Hasher,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// Reads a file: `convert` turns records into data on all cores, `take` gets them in the order of the file. Faults are
/// appended to `faults` with their place in the file.
///
/// # Errors
/// When the file is not what its layout says, is empty, cut off, or changes while it is read; or when `take` fails.
pub fn read_file<T: Send>(
    input: FileInput<'_>,
    pool: &Pool,
    observer: &dyn Observer,
    convert: impl Fn(&Record<'_>, Ore) -> Result<Outcome<T>, Reject> + Sync,
    take: impl FnMut(Vec<T>) -> Result<()> + Send,
    faults: &mut Vec<Fault>,
) -> Result<FileSummary> {
    collect_file(input, pool, observer, &Convert(convert), take, faults)
}

/// Reads a file like [`read_file`], for a caller that has its own way of keeping what records become.
///
/// # Errors
/// As [`read_file`].
pub fn collect_file<C: Collect>(
    input: FileInput<'_>,
    pool: &Pool,
    observer: &dyn Observer,
    collect: &C,
    take: impl FnMut(C::Chunk) -> Result<()> + Send,
    faults: &mut Vec<Fault>,
) -> Result<FileSummary> {
    let unreadable = |error| fixed::unreadable(input.name, error);
    let file = File::open(input.path).map_err(unreadable)?;
    let before = file.metadata().map_err(unreadable)?;
    let outcome = read_opened(file, &before, input, pool, observer, collect, take, faults);
    // A file that is still being written looks cut off or worse: the reason comes first.
    let after = fs::metadata(input.path).map_err(unreadable)?;
    let changed = after.len() != before.len() || after.modified().ok() != before.modified().ok();
    match outcome {
        Err(error) if !changed || error.kind() != ErrorKind::Input => Err(error),
        Ok(summary) if !changed => Ok(summary),
        _ => Err(changed_meanwhile(input.name)),
    }
}

fn changed_meanwhile(name: &str) -> Error {
    Error::new(ErrorKind::Input, format!("{name} ændrede sig, mens den blev læst"))
        .hint("Vent, til eksporten er skrevet færdig, og kør igen.")
}

/// Reads as much as the file held when it was opened, so that one that grows for ever is read to an end.
#[expect(clippy::too_many_arguments, reason = "one call; a struct would only rename the arguments")]
fn read_opened<C: Collect>(
    file: File,
    before: &fs::Metadata,
    input: FileInput<'_>,
    pool: &Pool,
    observer: &dyn Observer,
    collect: &C,
    mut take: impl FnMut(C::Chunk) -> Result<()> + Send,
    faults: &mut Vec<Fault>,
) -> Result<FileSummary> {
    let FileInput { name, layout, .. } = input;
    let unreadable = |error| fixed::unreadable(name, error);
    let mut file = Hashing { file: file.take(before.len()), hasher: blake3::Hasher::new() };
    observer.event(Event::Stage { name, total: Some(before.len()) });
    let mut head = Vec::with_capacity(HEAD.min(usize::try_from(before.len()).unwrap_or(HEAD)));
    file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
    if head.trim_ascii().is_empty() || head == b"\xEF\xBB\xBF" {
        return Err(Error::new(ErrorKind::Input, format!("{name} er tom"))
            .hint("Er eksporten kørt til ende? En kilde uden rækker har stadig overskrifter."));
    }
    let FileInput { source, file: number, .. } = input;
    let reading = Reading { layout, encoding: input.options.encoding, source, file: number, collect };
    let chunk = if input.options.chunk_bytes == 0 { 1 << 20 } else { input.options.chunk_bytes };
    let mut state =
        Fold { layout, start: (0, 0), whole: Part::default(), observer, faults, companion: None, untold: 0 };
    let detected = if sniff::is_workbook(&head) {
        if before.len() > WORKBOOK_LIMIT {
            return Err(Error::new(ErrorKind::Input, format!("{name} er et for stort regneark"))
                .hint("Gem arket som CSV UTF-8."));
        }
        file.read_to_end(&mut head).map_err(unreadable)?;
        let sheet = match workbook::open(&head, name, layout)? {
            Ok(sheet) => sheet,
            Err(missing) => match companion::find(input)? {
                Some((headings, companion)) => {
                    state.companion = Some(companion);
                    workbook::open_with(&head, name, layout, headings)?
                }
                None => return Err(missing.into_error(name, layout, input.layouts)),
            },
        };
        sniff::check_headings(&sheet.headings, name)?;
        state.start = (sheet.headings.lines, 0);
        let mut part = workbook::work(&sheet, &reading);
        part.bytes = head.len() as u64;
        state.fold(part, &mut take)?;
        format!("regneark, data fra række {}", sheet.headings.lines + 1)
    } else if layout.format == Format::FixedWidth {
        fixed::check_start(&head, name, layout)?;
        read_fixed(&mut file, head, chunk, input, pool, &reading, &mut state, &mut take)?
    } else {
        read_delimited(&mut file, &head, chunk, input, pool, &reading, &mut state, &mut take)?
    };
    if state.start.1 != before.len() {
        return Err(changed_meanwhile(name));
    }
    observer.event(Event::StageDone);
    let Fold { whole, companion, .. } = state;
    Ok(FileSummary {
        bytes: before.len(),
        blake3: Digest(*file.hasher.finalize().as_bytes()),
        companion,
        detected,
        tally: whole.tally,
    })
}

#[expect(clippy::too_many_arguments, reason = "one call; a struct would only rename the arguments")]
fn read_delimited<C: Collect>(
    file: &mut Hashing,
    head: &[u8],
    chunk: usize,
    input: FileInput<'_>,
    pool: &Pool,
    reading: &Reading<'_, C>,
    state: &mut Fold<'_>,
    take: &mut (impl FnMut(C::Chunk) -> Result<()> + Send),
) -> Result<String> {
    let FileInput { name, layout, options, .. } = input;
    let (text, encoding) = sniff::encoding(head, name, options.encoding)?;
    let skipped = head.len() - text.len();
    let headings = match sniff::find_headings(text, options.delimiter, encoding, layout) {
        Ok(headings) => headings,
        Err(missing) => {
            let Some((headings, companion)) = companion::find(input)? else {
                let error = missing.into_error(name, layout, input.layouts);
                return Err(sniff::doubt_encoding(error, text, options.encoding));
            };
            state.companion = Some(companion);
            Headings { bytes: 0, lines: 0, ..headings }
        }
    };
    sniff::check_headings(&headings, name)?;
    let consumed = skipped + headings.bytes;
    state.untold = consumed as u64;
    state.start = (headings.lines, consumed as u64);
    let spare = Spare::default();
    let mut splitter = Splitter::new(file, head[consumed..].to_vec(), chunk, Some(headings.delimiter), &spare);
    pool.ordered(
        || splitter.next_piece().map_err(|error| fixed::unreadable(name, error)),
        |piece| match piece {
            Piece::Records { bytes, last, open_quote } => {
                let mut part = delimited::work(&bytes, last, &headings, reading);
                part.truncated |= open_quote;
                spare.keep(bytes);
                part
            }
            Piece::TooLong { bytes, terminated } => reading.too_long(headings.table, bytes, terminated),
        },
        |part| state.fold(part, take),
    )?;
    if state.whole.truncated {
        return Err(truncated(name));
    }
    if state.untold > 0 {
        state.observer.event(Event::Progress { done: state.untold });
    }
    let delimiter = match headings.delimiter {
        b'\t' => "tabulator".to_owned(),
        mark => format!("`{}`", char::from(mark)),
    };
    let seen = match (encoding, state.whole.seen_utf8, state.whole.seen_other) {
        (Some(Encoding::Windows1252), true, false) => "Windows-1252 efter planen (men tegnene ligner UTF-8)",
        (Some(Encoding::Utf8), ..) | (None, true, false) => "UTF-8",
        (Some(Encoding::Windows1252), ..) | (None, false, true) => "Windows-1252",
        (None, true, true) => "UTF-8 og Windows-1252 blandet",
        (None, false, false) => "ASCII",
    };
    Ok(format!("{seen}, skilletegn {delimiter}, data fra linje {}", headings.lines + 1))
}

#[expect(clippy::too_many_arguments, reason = "one call; a struct would only rename the arguments")]
fn read_fixed<C: Collect>(
    file: &mut Hashing,
    head: Vec<u8>,
    chunk: usize,
    input: FileInput<'_>,
    pool: &Pool,
    reading: &Reading<'_, C>,
    state: &mut Fold<'_>,
    take: &mut (impl FnMut(C::Chunk) -> Result<()> + Send),
) -> Result<String> {
    let FileInput { name, layout, .. } = input;
    let types = fixed::RecordTypes::of(layout);
    let stream = fixed::is_stream(&head);
    if stream {
        let mut splitter = fixed::StreamSplitter::new(file, head, chunk);
        let work = |bytes: Vec<u8>| fixed::work(&bytes, true, &types, reading);
        pool.ordered(|| splitter.next_records(name, layout), work, |part| state.fold(part, take))?;
        return Ok("fast bredde uden linjeskift".to_owned());
    }
    let spare = Spare::default();
    let work = |bytes: Vec<u8>| {
        let part = fixed::work(&bytes, false, &types, reading);
        spare.keep(bytes);
        part
    };
    let mut splitter = Splitter::new(file, head, chunk, None, &spare);
    let produce = || match splitter.next_piece().map_err(|error| fixed::unreadable(name, error))? {
        Some(Piece::Records { bytes, .. }) => Ok(Some(bytes)),
        Some(Piece::TooLong { .. }) => {
            Err(Error::new(ErrorKind::Input, format!("{name} har en linje, der er længere end nogen post"))
                .hint("Er det et udtræk i fast bredde? Er linjeskift gået tabt undervejs, så hent det igen."))
        }
        None => Ok(None),
    };
    pool.ordered(produce, work, |part| state.fold(part, take))?;
    Ok("fast bredde, en post pr. linje".to_owned())
}

/// Collects the parts in the order of the file.
struct Fold<'a> {
    layout: &'a Layout,
    /// Lines and bytes before the next part.
    start: (u64, u64),
    whole: Part<()>,
    observer: &'a dyn Observer,
    faults: &'a mut Vec<Fault>,
    companion: Option<Companion>,
    /// Bytes read that no progress was told of: the headings'.
    untold: u64,
}

impl Fold<'_> {
    fn fold<T>(&mut self, part: Part<T>, take: &mut impl FnMut(T) -> Result<()>) -> Result<()> {
        if part.overflow {
            return Err(crate::domain::OreOverflow.into());
        }
        let (lines, bytes) = self.start;
        self.faults.extend(part.faults.into_iter().map(|fault| Fault {
            line: fault.line + lines + 1,
            byte: fault.byte + bytes,
            ..fault
        }));
        self.start = (lines + part.lines, bytes + part.bytes);
        self.whole.tally.add(&part.tally)?;
        for (table, rows) in self.layout.tables.iter().zip(part.rows_by_table).filter(|(_, rows)| *rows > 0) {
            *self.whole.tally.records.entry(table.name.clone()).or_default() += rows;
        }
        self.whole.truncated |= part.truncated;
        self.whole.seen_utf8 |= part.seen_utf8;
        self.whole.seen_other |= part.seen_other;
        self.observer.event(Event::Progress { done: part.bytes + std::mem::take(&mut self.untold) });
        take(part.collected)
    }
}

/// The error for a file that ends in the middle of a record.
pub(super) fn truncated(name: &str) -> Error {
    Error::new(ErrorKind::Input, format!("{name} er skåret over: den slutter midt i en række"))
        .hint("Hent eksporten igen; den sidste række er ikke hel.")
}
