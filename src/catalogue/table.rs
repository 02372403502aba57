//! Reads one data file of the catalogue into rows that know their line, so that an error can name it.

use crate::base::{Error, ErrorKind, Result};
use crate::domain::{Date, Period};

/// A data file: its name for messages and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    pub(super) name: &'static str,
    pub(super) text: &'a str,
}

/// One row of a data file.
#[derive(Debug)]
pub(super) struct Row {
    file: &'static str,
    line: u64,
    cells: csv::StringRecord,
}

impl File<'_> {
    /// The rows below the header, each with as many cells as the header.
    ///
    /// # Errors
    /// When the header is another one or a row has more or fewer cells.
    pub(super) fn rows(self, header: &str) -> Result<Vec<Row>> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let cells = record.map_err(|cause| problem(self.name, 1, "filen kan ikke læses").because(cause))?;
            let line = cells.position().map_or(1, csv::Position::line);
            rows.push(Row { file: self.name, line, cells });
        }
        let expected = header.split(';').count();
        if rows.first().is_none_or(|first| first.cells.iter().ne(header.split(';'))) {
            return Err(problem(self.name, 1, &format!("overskriften skal være {header}")));
        }
        rows.remove(0);
        match rows.iter().find(|row| row.cells.len() != expected) {
            Some(row) => Err(row.error(&format!("der skal være {expected} felter, men der er {}", row.cells.len()))),
            None => Ok(rows),
        }
    }

    /// An error about the file as a whole.
    pub(super) fn error(self, why: &str) -> Error {
        problem(self.name, 1, why)
    }
}

impl Row {
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
        problem(self.file, self.line, why)
    }
}

/// An error of the catalogue itself, with the file and line it stands in.
fn problem(file: &str, line: u64, why: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("Ydelseskataloget kan ikke bruges: {file}, linje {line}: {why}"))
        .hint("Kataloget er en del af programmet: ret filen i src/catalogue/data og byg igen, eller meld fejlen.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>> {
        File { name: "prøve.csv", text }.rows("code;from;to")
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
    fn dates_are_open_or_real_and_in_order() {
        let read = |text: &str| {
            let row = rows(&format!("code;from;to\na;{text}\n")).expect("a table").pop().expect("a row");
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
