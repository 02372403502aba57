//! Finds canaries in any artefact: decodes what it knows, and searches every view of what it decoded.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use polars::prelude::AnyValue;
use polars_io::{SerReader as _, parquet::read::ParquetReader};

use super::{decode, town::Canaries};

/// Searches artefacts for what must not be there.
pub struct Searcher {
    words: Vec<String>,
    /// Ten digits, and nine where the leading zero may be lost; sorted.
    digits: Vec<String>,
    /// What a number looks like in memory: 64 bits, whole or floating, either end first, and packed decimals.
    patterns: Vec<Vec<u8>>,
}

impl Searcher {
    pub fn new(canaries: &Canaries) -> Self {
        let mut digits = Vec::new();
        let mut patterns = Vec::new();
        for number in &canaries.numbers {
            digits.push(number.clone());
            digits.push(number.chars().rev().collect());
            if let Some(lost) = number.strip_prefix('0') {
                digits.push(lost.to_owned());
            }
            let value: u64 = number.parse().expect("ten digits");
            let float = f64::from(u32::try_from(value / 10).expect("nine digits")) * 10.0
                + f64::from(u32::try_from(value % 10).expect("a digit"));
            patterns.push(value.to_le_bytes().to_vec());
            patterns.push(value.to_be_bytes().to_vec());
            patterns.push(float.to_le_bytes().to_vec());
            patterns.push(float.to_be_bytes().to_vec());
            patterns.push(decode::hexadecimal(number).expect("digits are hexadecimal"));
        }
        digits.sort();
        Self { words: canaries.words.iter().cloned().collect(), digits, patterns }
    }

    /// What was found in an artefact, each with the way to it.
    pub fn search(&self, name: &str, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        self.bytes(name, bytes, 2, &mut found);
        found.sort();
        found.dedup();
        found
    }

    fn bytes(&self, way: &str, bytes: &[u8], depth: u32, found: &mut Vec<String>) {
        if self.patterns.iter().any(|pattern| memchr::memmem::find(bytes, pattern).is_some()) {
            found.push(format!("{way} > number in memory form"));
        }
        if depth > 0 && bytes.starts_with(b"PAR1") {
            self.parquet(way, bytes, depth, found);
        }
        if depth > 0 && bytes.starts_with(b"PK\x03\x04") {
            self.archive(way, bytes, depth, found);
        }
        for (kind, text) in decode::texts(bytes) {
            self.text(&format!("{way} > {kind}"), &text, depth, found);
        }
    }

    fn text(&self, way: &str, text: &str, depth: u32, found: &mut Vec<String>) {
        let lower = text.to_lowercase();
        for word in self.words.iter().filter(|word| lower.contains(word.as_str())) {
            found.push(format!("{way} > {word}"));
        }
        for run in decode::digit_runs(text) {
            for length in [9, 10] {
                let hit = run.as_bytes().windows(length).find(|window| {
                    let window = std::str::from_utf8(window).expect("digits");
                    self.digits.binary_search_by(|digits| digits.as_str().cmp(window)).is_ok()
                });
                if let Some(hit) = hit {
                    found.push(format!("{way} > {}", String::from_utf8_lossy(hit)));
                }
            }
        }
        if depth == 0 {
            return;
        }
        for (kind, view) in decode::views(text) {
            self.text(&format!("{way} > {kind}"), &view, depth - 1, found);
        }
        for (kind, inner) in decode::runs(text) {
            self.bytes(&format!("{way} > {kind}"), &inner, depth - 1, found);
        }
    }

    /// Every cell of every column, whatever its type.
    fn parquet(&self, way: &str, bytes: &[u8], depth: u32, found: &mut Vec<String>) {
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().expect("a Parquet file");
        for column in frame.columns() {
            let way = format!("{way} > column {}", column.name());
            self.text(&way, column.name(), 0, found);
            let mut texts = String::new();
            for index in 0..column.len() {
                let text = match column.get(index).expect("a cell") {
                    AnyValue::Null | AnyValue::Boolean(_) => continue,
                    AnyValue::String(text) => text.to_owned(),
                    AnyValue::Int64(number) => number.unsigned_abs().to_string(),
                    AnyValue::Int32(number) | AnyValue::Date(number) => number.unsigned_abs().to_string(),
                    AnyValue::Float64(number) => format!("{number:.0}"),
                    other => format!("{other:?}"),
                };
                texts.push_str(&text);
                texts.push('\n');
            }
            self.text(&way, &texts, depth - 1, found);
        }
    }

    fn archive(&self, way: &str, bytes: &[u8], depth: u32, found: &mut Vec<String>) {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).expect("a member");
            let name = member.name().map_or_else(|_| "?".to_owned(), std::borrow::Cow::into_owned);
            self.text(&format!("{way} > name of a member"), &name, 0, found);
            let way = format!("{way} > {name}");
            let mut inner = Vec::new();
            member.read_to_end(&mut inner).expect("bytes");
            self.bytes(&way, &inner, depth - 1, found);
        }
        let Ok(mut book) = Xlsx::new(Cursor::new(bytes)) else { return };
        for sheet in book.sheet_names() {
            let way = format!("{way} > sheet {sheet}");
            for (_, _, cell) in book.worksheet_range(&sheet).expect("a sheet").used_cells() {
                let text = match cell {
                    Data::String(text) => text.clone(),
                    Data::Float(number) => format!("{number:.0}"),
                    Data::DateTime(moment) => format!("{:.0}", moment.as_f64()),
                    other => other.to_string(),
                };
                self.text(&way, &text, depth - 1, found);
            }
        }
    }
}
