//! Finds out what a file is: encoding mark, workbook, delimiter, and where its headings stand.

use super::{
    COLUMN_LIMIT,
    record::{Columns, decode},
};
use crate::{
    base::{Error, ErrorKind, Result},
    layout::{Field, Format, Layout, Layouts, Matched, same_heading},
    plan::Encoding,
};

/// How many of the first rows may be titles above the headings.
pub(super) const TITLE_ROWS: usize = 40;

/// Where the data of a delimited file begins and what its columns are.
#[derive(Debug)]
pub(super) struct Headings {
    /// Delimiter; 0 for a workbook.
    pub(super) delimiter: u8,
    /// Position of the table in the layout.
    pub(super) table: usize,
    /// For each field the position of its column.
    pub(super) columns: Columns,
    /// Number of columns.
    pub(super) width: usize,
    /// Bytes up to the first row of data.
    pub(super) bytes: usize,
    /// Physical lines (a workbook's rows) up to the first row of data.
    pub(super) lines: u64,
    /// A heading of the layout that stands over two columns.
    pub(super) twice: Option<String>,
}

/// The bytes without a byte order mark, and the encoding: the mark's, else the plan's, else to be seen cell by cell.
pub(super) fn encoding<'a>(
    bytes: &'a [u8],
    name: &str,
    planned: Option<Encoding>,
) -> Result<(&'a [u8], Option<Encoding>)> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] if planned == Some(Encoding::Windows1252) => {
            let message = format!("{name} er mærket som UTF-8, men planen siger windows-1252");
            Err(Error::new(ErrorKind::Input, message)
                .hint("Slet `tegnsaet` for kilden i planen: så opdages tegnsættet fil for fil."))
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok((rest, Some(Encoding::Utf8))),
        _ if is_utf16(bytes) => Err(Error::new(ErrorKind::Input, format!("{name} er gemt som UTF-16"))
            .hint("Gem filen igen som UTF-8 (i Excel: CSV UTF-8).")),
        _ => Ok((bytes, planned)),
    }
}

/// Whether the bytes are UTF-16: by their mark, or because every other byte is zero, as in Danish without a mark.
fn is_utf16(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(1024)];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
        || even.max(odd) * 4 > start.len() && even.min(odd) * 16 < start.len()
}

/// Adds to an error about headings that the plan's encoding may be why they are not known.
pub(super) fn doubt_encoding(error: Error, text: &[u8], planned: Option<Encoding>) -> Error {
    let whole_lines = memchr::memrchr(b'\n', text).map_or(text, |end| &text[..end]);
    let utf8 = std::str::from_utf8(whole_lines).is_ok();
    match planned {
        Some(Encoding::Utf8) if !utf8 => error
            .hint("Planen siger `tegnsaet = \"utf-8\"`, men filen er ikke UTF-8: slet linjen, så opdages tegnsættet."),
        Some(Encoding::Windows1252) if utf8 && !whole_lines.is_ascii() => error.hint(
            "Planen siger `tegnsaet = \"windows-1252\"`, men filen er UTF-8: slet linjen, så opdages tegnsættet.",
        ),
        _ => error,
    }
}

/// Whether the file is a workbook (a ZIP archive).
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Finds the headings in the first rows of delimited text.
pub(super) fn find_headings(
    text: &[u8],
    delimiter: Option<u8>,
    encoding: Option<Encoding>,
    layout: &Layout,
) -> Result<Headings, Missing> {
    let candidates: &[u8] = match &delimiter {
        Some(given) => std::slice::from_ref(given),
        None => b";,\t|",
    };
    let mut nearest = Missing::default();
    for delimiter in candidates {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(*delimiter).from_reader(text);
        let mut row = csv::ByteRecord::new();
        for _ in 0..TITLE_ROWS {
            if !reader.read_byte_record(&mut row).unwrap_or(false) {
                break;
            }
            // A row of more cells is refused whatever they are called: a million of them need not be compared.
            let cells: Vec<String> =
                row.iter().take(COLUMN_LIMIT + 1).map(|cell| decode(cell, encoding).into_owned()).collect();
            match layout.match_headings(&cells) {
                Matched::Table { table, columns } => {
                    let mut bytes = usize::try_from(reader.position().byte()).unwrap_or(text.len()).min(text.len());
                    // The reader stops behind CR and leaves the LF for the next record.
                    bytes += usize::from(text[..bytes].ends_with(b"\r") && text[bytes..].starts_with(b"\n"));
                    let lines = memchr::memchr_iter(b'\n', &text[..bytes]).count() as u64;
                    // A delimiter behind the last heading makes no column.
                    let width =
                        (0..row.len()).rev().find(|at| !row[*at].trim_ascii().is_empty()).map_or(0, |last| last + 1);
                    let twice = layout.heading_twice(table, &columns, &cells).map(str::to_owned);
                    let columns = columns.into_iter().collect();
                    return Ok(Headings { delimiter: *delimiter, table, columns, width, bytes, lines, twice });
                }
                Matched::Missing { found, lacking, table } if found > nearest.found => {
                    nearest = Missing { found, lacking, table, headings: cells };
                }
                Matched::Missing { .. } => {
                    if cells.len() > nearest.headings.len() && nearest.found == 0 {
                        nearest.headings = cells;
                    }
                }
            }
        }
    }
    Err(nearest)
}

/// The row that came nearest to being the headings.
#[derive(Debug, Default)]
pub(super) struct Missing {
    pub(super) table: usize,
    pub(super) found: usize,
    pub(super) lacking: Vec<String>,
    pub(super) headings: Vec<String>,
}

impl Missing {
    /// The error for the user: a column is missing, or the layout is another one.
    pub(super) fn into_error(self, name: &str, layout: &Layout, layouts: &Layouts) -> Error {
        let fits = |other: &&Layout| matches!(other.match_headings(&self.headings), Matched::Table { .. });
        if self.found == 0 || layouts.iter().any(|other| fits(&other)) {
            let error = Error::new(ErrorKind::Input, format!("{name} passer ikke til layoutet `{}`", layout.name));
            return match layouts.iter().find(fits) {
                Some(other) => {
                    error.hint(format!("Overskrifterne passer til `{}`: ret `layout` for kilden i planen.", other.name))
                }
                None => error
                    .hint(format!("Se, hvad layoutet venter, med `samkor layouts show {}`.", layout.name))
                    .hint("Få et forslag til et nyt layout med `samkor layouts infer FIL`."),
            };
        }
        let lacking = self.lacking.join("`, `");
        let table = layout.tables.get(self.table).map_or("", |table| table.name.as_str());
        Error::new(ErrorKind::Input, format!("{name} mangler en kolonne: `{lacking}`"))
            .hint(format!("Layoutet er `{}`, tabellen `{table}`.", layout.name))
            .hint("Hedder kolonnen noget andet, så tilføj navnet i et layout af din egen (`samkor layouts show`).")
    }
}

/// Refuses headings that no rule can read: too many, or one of those that count over two columns.
pub(super) fn check_headings(headings: &Headings, name: &str) -> Result<()> {
    check_width(headings.width, name)?;
    match &headings.twice {
        None => Ok(()),
        Some(twice) => Err(Error::new(ErrorKind::Input, format!("{name} har to kolonner, der hedder `{twice}`"))
            .hint("Hvilken af dem der gælder, kan ikke ses: slet eller omdøb den anden, og kør igen.")),
    }
}

/// Refuses a file with more columns than any export has.
pub(super) fn check_width(width: usize, name: &str) -> Result<()> {
    if width > COLUMN_LIMIT {
        return Err(Error::new(ErrorKind::Input, format!("{name} har {width} kolonner; grænsen er {COLUMN_LIMIT}")));
    }
    Ok(())
}

/// The first rows of delimited text, split by each delimiter in turn.
pub(super) fn first_rows(text: &[u8], encoding: Option<Encoding>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for delimiter in b";,\t|" {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(*delimiter).from_reader(text);
        for row in reader.byte_records().take(TITLE_ROWS).map_while(Result::ok) {
            rows.push(row.iter().map(|cell| decode(cell, encoding).into_owned()).collect());
        }
    }
    rows
}

/// The row with most headings that some layout knows, at least two; else the widest row of words without any digit, the
/// first of equals, so that no row of data is taken for headings.
pub(super) fn likely_headings(rows: Vec<Vec<String>>, layouts: &Layouts) -> Option<Vec<String>> {
    let tables =
        || layouts.iter().filter(|layout| layout.format == Format::Delimited).flat_map(|layout| &layout.tables);
    let is_known = |cell: &&String| {
        tables()
            .flat_map(|table| &table.columns)
            .any(|column| column.field != Field::Ignored && column.names.iter().any(|name| same_heading(name, cell)))
    };
    let mut best: Option<(usize, Vec<String>)> = None;
    for row in rows {
        let mut cells: Vec<String> = row.iter().map(|cell| cell.trim().to_owned()).collect();
        cells.truncate(cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
        let known = cells.iter().filter(is_known).count();
        let words =
            || cells.iter().all(|cell| cell.chars().any(char::is_alphabetic) && !cell.contains(char::is_numeric));
        if known < 2 && !words() {
            continue;
        }
        let known = if known < 2 { 0 } else { known };
        if cells.len() > 1 && best.as_ref().is_none_or(|(most, row)| (known, cells.len()) > (*most, row.len())) {
            best = Some((known, cells));
        }
    }
    best.map(|(_, cells)| cells)
}
