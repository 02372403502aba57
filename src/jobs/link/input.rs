//! Any CSV file, read twice at most: once for what its columns hold, once for its rows.

use std::{borrow::Cow, collections::BTreeSet, path::Path};

use crate::base::{Error, ErrorKind, Result, error::nearest};

/// A file in memory with its headings.
#[derive(Debug)]
pub struct Input {
    /// The file's name as the user gave it.
    pub name: String,
    /// The headings.
    pub headings: Vec<String>,
    text: String,
    delimiter: u8,
}

impl Input {
    /// Reads a file: UTF-8, or else Windows-1252; delimiter semicolon, comma, tab or bar, whichever parts the headings most.
    ///
    /// # Errors
    /// When it cannot be read, or has no headings.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path)
            .map_err(|error| Error::new(ErrorKind::Input, format!("{name} kan ikke læses")).because(error))?;
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(Error::new(ErrorKind::Input, format!("{name} er en projektmappe, ikke CSV"))
                .hint("Gem arket som CSV UTF-8."));
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
        };
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let mut input = Self { name, headings: Vec::new(), text, delimiter: b',' };
        for delimiter in *b";,\t|" {
            let headings =
                input.reader(delimiter).headers().map(|row| row.iter().map(str::trim).map(str::to_owned).collect());
            let headings: Vec<String> = headings.unwrap_or_default();
            if headings.len() > input.headings.len() {
                (input.headings, input.delimiter) = (headings, delimiter);
            }
        }
        if input.headings.iter().all(String::is_empty) {
            return Err(Error::new(ErrorKind::Input, format!("{} er tom", input.name))
                .hint("Første linje skal være kolonnernes overskrifter."));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = input.headings.iter().find(|heading| !heading.is_empty() && !seen.insert(*heading)) {
            return Err(Error::new(ErrorKind::Input, format!("{} har to kolonner, der hedder {twice}", input.name)));
        }
        Ok(input)
    }

    fn reader(&self, delimiter: u8) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(self.text.as_bytes())
    }

    /// Hands every row to the visitor, short rows filled up with empty fields.
    ///
    /// # Errors
    /// When a row cannot be parted, or the visitor fails.
    pub fn rows(&self, mut visitor: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let mut reader = self.reader(self.delimiter);
        let mut record = csv::StringRecord::new();
        loop {
            let line = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(true) => visitor(&Row { record: &record })?,
                Ok(false) => return Ok(()),
                Err(_) => {
                    return Err(Error::new(
                        ErrorKind::Input,
                        format!("{} kan ikke læses efter linje {line}", self.name),
                    )
                    .hint("Se efter et anførselstegn, der ikke er lukket."));
                }
            }
        }
    }

    /// Where a column stands.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn column(&self, heading: &str) -> Result<usize> {
        self.headings.iter().position(|known| known == heading).ok_or_else(|| {
            let error = Error::new(ErrorKind::Plan, format!("{} har ingen kolonne, der hedder {heading}", self.name));
            match nearest(heading, self.headings.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("Mente du {near}?")),
                None => error.hint(format!("Kolonnerne er {}.", self.headings.join(", "))),
            }
        })
    }

    /// The first values of a column that are not empty.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn sample(&self, column: usize) -> Result<Vec<String>> {
        let mut reader = self.reader(self.delimiter);
        let rows = reader.records().take(2_000).filter_map(std::result::Result::ok);
        Ok(rows
            .filter_map(|row| row.get(column).map(str::to_owned))
            .filter(|value| !value.trim().is_empty())
            .take(500)
            .collect())
    }

    /// Whether more than one in ten of a column's values hold a CPR number.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn looks_like_cpr(&self, column: usize) -> Result<bool> {
        let (mut filled, mut numbers) = (0_u64, 0_u64);
        self.rows(|row| {
            let value = row.get(column);
            filled += u64::from(!value.is_empty());
            numbers += u64::from(holds_cpr(value));
            Ok(())
        })?;
        Ok(numbers * 10 > filled)
    }
}

/// One row.
#[derive(Debug)]
pub struct Row<'a> {
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// The field of a column, without blanks around it; empty when the row is too short.
    #[must_use]
    pub fn get(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default().trim()
    }
}

/// Whether a text holds ten digits, blanks and hyphens aside, that can be a CPR number or a replacement number.
#[must_use]
pub fn holds_cpr(text: &str) -> bool {
    let mut run = Vec::with_capacity(10);
    let holds = |run: &mut Vec<u8>| {
        let part = |from: usize| run.get(from..from + 2).map_or(0, |digits| (digits[0] - b'0') * 10 + digits[1] - b'0');
        let found = run.len() == 10 && matches!(part(0), 1..=31 | 61..=91) && (1..=12).contains(&part(2));
        run.clear();
        found
    };
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => run.push(byte),
            b'-' | b' ' if run.len() == 6 => {}
            _ if holds(&mut run) => return true,
            _ => {}
        }
    }
    holds(&mut run)
}

/// A field as it may be written: empty when it holds a CPR number.
#[must_use]
pub fn without_cpr(text: &str) -> Cow<'_, str> {
    if holds_cpr(text) { Cow::Borrowed("") } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_text() {
        for text in ["0101011234", "010101-1234", "sag 010101 1234 x", "610101-1234", "a0101011234b"] {
            assert!(holds_cpr(text), "{text}");
        }
        for text in ["", "rec-1070-org", "3213991234", "01010112345", "12345678"] {
            assert!(!holds_cpr(text), "{text}");
        }
    }
}
