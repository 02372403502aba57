//! Reads one data file of the catalogue into rows that know their line, so that an error can name it.

use std::{collections::BTreeSet, sync::Arc};

use crate::base::{Error, ErrorKind, Place, Result};
use crate::domain::{Date, Period};

/// A data file: its name for messages and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// The text of a file of the user's own, for errors that show the line; `None` for a shipped one.
    pub(super) own: Option<&'a Arc<str>>,
}

/// One table of the catalogue: the shipped file, and the user's, whose rows replace those with the same key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet<'a> {
    pub(super) shipped: File<'a>,
    pub(super) own: Option<File<'a>>,
}

/// One row of a data file.
#[derive(Debug)]
pub(super) struct Row<'a> {
    file: File<'a>,
    line: u64,
    byte: usize,
    cells: csv::StringRecord,
}

impl<'a> Sheet<'a> {
    /// The shipped rows below the header, then the user's.
    ///
    /// # Errors
    /// When a header is another one or a row has more or fewer cells.
    pub(super) fn rows(self, header: &str) -> Result<Vec<Row<'a>>> {
        let mut rows = self.shipped.rows(header)?;
        if let Some(own) = self.own {
            rows.extend(own.rows(header)?);
        }
        Ok(rows)
    }
}

/// Takes out what the shipped file says of a key that the user's file names too.
pub(super) fn keep_own<'r, T, K: Ord>(entries: &mut Vec<T>, key: impl Fn(&T) -> K, row: impl Fn(&T) -> &Row<'r>) {
    let own: BTreeSet<K> = entries.iter().filter(|entry| row(entry).is_own()).map(&key).collect();
    entries.retain(|entry| row(entry).is_own() || !own.contains(&key(entry)));
}

impl<'a> File<'a> {
    /// The rows below the header, each with as many cells as the header.
    pub(super) fn rows(self, header: &str) -> Result<Vec<Row<'a>>> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let cells = record.map_err(|cause| problem(self, 1, 0, "filen kan ikke læses").because(cause))?;
            let byte = cells.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
            // The reader's place of a record may be the line ends before it, which it has not counted then.
            let byte = byte.min(self.text.len());
            let ends = |symbol: &u8| matches!(symbol, b'\r' | b'\n');
            let byte = byte + self.text.as_bytes()[byte..].iter().take_while(|symbol| ends(symbol)).count();
            let line = 1 + memchr::memchr_iter(b'\n', &self.text.as_bytes()[..byte]).count() as u64;
            rows.push(Row { file: self, line, byte, cells });
        }
        let expected = header.split(';').count();
        if rows.first().is_none_or(|first| first.cells.iter().ne(header.split(';'))) {
            return Err(problem(self, 1, 0, &format!("overskriften skal være {header}")));
        }
        rows.remove(0);
        match rows.iter().find(|row| row.cells.len() != expected) {
            Some(row) => Err(row.error(&format!("der skal være {expected} felter, men der er {}", row.cells.len()))),
            None => Ok(rows),
        }
    }

    /// An error about the file as a whole.
    pub(super) fn error(self, why: &str) -> Error {
        problem(self, 1, 0, why)
    }
}

impl Row<'_> {
    /// Whether it stands in the user's file.
    pub(super) const fn is_own(&self) -> bool {
        self.file.own.is_some()
    }

    /// The cell at a place of the header.
    pub(super) fn cell(&self, place: usize) -> &str {
        self.cells.get(place).unwrap_or_default()
    }

    /// The cell's parts between bars.
    pub(super) fn parts(&self, place: usize) -> impl Iterator<Item = &str> {
        self.cell(place).split('|')
    }

    /// `ja` or `nej`.
    ///
    /// # Errors
    /// When it is neither.
    pub(super) fn yes(&self, place: usize) -> Result<bool> {
        match self.cell(place) {
            "ja" => Ok(true),
            "nej" => Ok(false),
            other => Err(self.error(&format!("»{other}« skal være ja eller nej"))),
        }
    }

    /// The days from one cell to the next, both included; an empty cell leaves that end open.
    ///
    /// # Errors
    /// When a date cannot be read or the end lies before the start.
    pub(super) fn validity(&self, from: usize) -> Result<Period> {
        let date = |place: usize, open: Date| match self.cell(place) {
            "" => Ok(open),
            text => {
                Date::parse_iso(text).map_err(|cause| self.error(&format!("»{text}« er ingen dato")).because(cause))
            }
        };
        let start = Date::from_ymd(1, 1, 1).expect("year 1 has a first day");
        Period::new(date(from, start)?, date(from + 1, Date::MAX)?)
            .ok_or_else(|| self.error("slutdatoen ligger før startdatoen"))
    }

    /// An error at this row.
    pub(super) fn error(&self, why: &str) -> Error {
        problem(self.file, self.line, self.byte, why)
    }
}

/// An error of the catalogue, with the file and line it stands in; one of the user's own file shows the line.
fn problem(file: File<'_>, line: u64, byte: usize, why: &str) -> Error {
    let File { name, own, .. } = file;
    let Some(text) = own else {
        return Error::new(
            ErrorKind::Internal,
            format!("Ydelseskataloget kan ikke bruges: {name}, linje {line}: {why}"),
        )
        .hint("Kataloget er en del af programmet: ret filen i src/catalogue/data og byg igen, eller meld fejlen.");
    };
    let end = text[byte..].find(['\r', '\n']).map_or(text.len(), |length| byte + length);
    let place = Place { file: name.to_owned(), text: Arc::clone(text), span: byte..end, label: why.to_owned() };
    Error::new(ErrorKind::Plan, format!("Katalogfilen kan ikke bruges: {name}, linje {line}: {why}"))
        .at(place)
        .hint("Kolonnerne er det indbyggede katalogs; se det med samkor catalogue show.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row<'_>>> {
        File { name: "prøve.csv", text, own: None }.rows("code;from;to")
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, says) in [
            ("", "prøve.csv, linje 1: overskriften"),
            ("code;to;from\n", "prøve.csv, linje 1: overskriften"),
            ("code;from;to\na;;\nb;\n", "prøve.csv, linje 3: der skal være 3 felter, men der er 2"),
        ] {
            let error = rows(text).expect_err("a damaged file").to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn an_error_in_a_file_of_ones_own_shows_the_line() {
        let text: Arc<str> = "code;from;to\r\nå;;\r\nb;2015-02-30;\r\nc;;\r\n".into();
        let file = File { name: "egen.csv", text: &text, own: Some(&text) };
        let row = file.rows("code;from;to").expect("a table").remove(1);
        let error = row.validity(1).expect_err("no such day");
        assert_eq!(error.kind(), ErrorKind::Plan);
        assert!(error.to_string().contains("egen.csv, linje 3: »2015-02-30« er ingen dato"), "{error}");
        let place = error.place().expect("a place");
        assert_eq!(&place.text[place.span.clone()], "b;2015-02-30;");
        let header = File { text: "", ..file }.rows("code;from;to").expect_err("no header");
        assert_eq!(header.place().map(|place| &place.text[place.span.clone()]), Some("code;from;to"));
    }

    #[test]
    fn dates_are_open_or_real_and_in_order() {
        let read = |text: &str| {
            let text = format!("code;from;to\na;{text}\n");
            let row = rows(&text).expect("a table").pop().expect("a row");
            row.validity(1).map_err(|error| error.to_string())
        };
        let open = read(";").expect("open ends");
        assert!(open.contains(Date::MAX) && open.contains(Date::EPOCH));
        let day = read("2024-01-01;2024-01-01").expect("one day");
        assert_eq!(day.days(), 1);
        assert!(read("2024-01-02;2024-01-01").expect_err("backwards").contains("linje 2: slutdatoen"));
        assert!(read("2024-02-30;").expect_err("no such day").contains("ingen dato"));
    }
}
