//! Finds out what a file is: encoding mark, workbook, delimiter, and where its headings stand.

use super::{COLUMN_LIMIT, record::decode};
use crate::{
    base::{Error, ErrorKind, Result},
    layout::{Layout, Layouts, Matched},
    plan::Encoding,
};

/// How many of the first rows may be titles above the headings.
const TITLE_ROWS: usize = 40;

/// Where the data of a delimited file begins and what its columns are.
#[derive(Debug)]
pub(super) struct Headings {
    /// Delimiter; 0 for a workbook.
    pub(super) delimiter: u8,
    /// Position of the table in the layout.
    pub(super) table: usize,
    /// For each field the position of its column.
    pub(super) columns: Vec<Option<usize>>,
    /// Number of columns.
    pub(super) width: usize,
    /// Bytes up to the first row of data.
    pub(super) bytes: usize,
    /// Physical lines (a workbook's rows) up to the first row of data.
    pub(super) lines: u64,
}

/// The bytes without a byte order mark, and the encoding that the mark tells.
pub(super) fn byte_order_mark<'a>(bytes: &'a [u8], name: &str) -> Result<(&'a [u8], Option<Encoding>)> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok((rest, Some(Encoding::Utf8))),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err(Error::new(ErrorKind::Input, format!("{name} er gemt som UTF-16"))
            .hint("Gem filen igen som UTF-8 (i Excel: CSV UTF-8).")),
        _ => Ok((bytes, None)),
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
            let cells: Vec<String> = row.iter().map(|cell| decode(cell, encoding).into_owned()).collect();
            match layout.match_headings(&cells) {
                Matched::Table { table, columns } => {
                    let mut bytes = usize::try_from(reader.position().byte()).unwrap_or(text.len()).min(text.len());
                    // The reader stops behind CR and leaves the LF for the next record.
                    bytes += usize::from(text[..bytes].ends_with(b"\r") && text[bytes..].starts_with(b"\n"));
                    let lines = memchr::memchr_iter(b'\n', &text[..bytes]).count() as u64;
                    return Ok(Headings { delimiter: *delimiter, table, columns, width: row.len(), bytes, lines });
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

/// Refuses a file with more columns than any export has.
pub(super) fn check_width(width: usize, name: &str) -> Result<()> {
    if width > COLUMN_LIMIT {
        return Err(Error::new(ErrorKind::Input, format!("{name} har {width} kolonner; grænsen er {COLUMN_LIMIT}")));
    }
    Ok(())
}

/// The widest of the first rows over all delimiters; the first of equals. Its cells are headings when none of them is a
/// number, so that no row of data is taken for one.
pub(super) fn widest_row(text: &[u8], encoding: Option<Encoding>) -> Option<Vec<String>> {
    let mut widest: Option<Vec<String>> = None;
    for delimiter in b";,\t|" {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(*delimiter).from_reader(text);
        for row in reader.byte_records().take(TITLE_ROWS).map_while(Result::ok) {
            let cells: Vec<String> = row.iter().map(|cell| decode(cell, encoding).trim().to_owned()).collect();
            let is_heading =
                cells.iter().all(|cell| cell.chars().any(char::is_alphabetic) && !cell.contains(char::is_numeric));
            if is_heading && widest.as_ref().is_none_or(|row| cells.len() > row.len()) {
                widest = Some(cells);
            }
        }
    }
    widest
}
