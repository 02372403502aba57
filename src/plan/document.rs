//! A TOML file whose every value knows its place, and errors that point there. The tables are walked by hand, because
//! serde's own errors are English and lose the key that was misspelt.

use std::{ops::Range, sync::Arc};

use toml::de::{DeTable, DeValue};

use crate::{
    base::{Error, ErrorKind, Place, Result, error::nearest},
    domain::Date,
};

/// A value and where in the plan it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    pub(super) span: Range<usize>,
}

/// The text of a file and the name that messages use for it.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) file: String,
    pub(super) text: Arc<str>,
}

impl Document {
    /// The place of some bytes, held within the text and on whole characters.
    pub(super) fn place(&self, span: Range<usize>, label: impl Into<String>) -> Place {
        let mut start = span.start.min(self.text.len());
        let mut end = span.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Place { file: self.file.clone(), text: Arc::clone(&self.text), span: start..end, label: label.into() }
    }

    /// An error of the plan at some bytes of it.
    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Error {
        Error::new(ErrorKind::Plan, message).at(self.place(span, label))
    }

    /// Reads the text as TOML.
    pub(super) fn tables(&self) -> Result<DeTable<'_>> {
        DeTable::parse(&self.text).map(toml::Spanned::into_inner).map_err(|error| {
            let label = danish(error.message());
            let failure = self.error(error.span().unwrap_or_default(), "Filen er ikke gyldig TOML", label);
            if error.message().starts_with("duplicate key") {
                failure.hint("En nøgle og en [tabel] må kun stå én gang; kun [[kilde]] og [[autoritativ]] gentages.")
            } else {
                failure.hint("En linje har formen nøgle = \"tekst\", nøgle = 100 eller nøgle = true.")
            }
        })
    }
}

/// The parser's own words in Danish. What is not listed keeps the general sentence: the place says most of it.
fn danish(message: &str) -> &'static str {
    const WORDS: [(&str, &str); 9] = [
        ("duplicate key", "står her for anden gang"),
        ("string values must be quoted", "tekst skal stå i anførselstegn"),
        ("key with no value", "her mangler = og en værdi"),
        ("missing value", "her mangler en værdi"),
        ("unclosed array", "her mangler ]"),
        ("unclosed table", "her mangler ]"),
        ("invalid unquoted key", "en nøgle skrives med a-z, 0-9, - og _; brug ae, oe og aa"),
        ("invalid basic string", "her mangler et anførselstegn"),
        ("unexpected leading zero", "et tal må ikke begynde med 0"),
    ];
    let known = WORDS.iter().find(|(start, _)| message.starts_with(start));
    known.map_or("her kan filen ikke læses", |(_, danish)| danish)
}

/// One table of the file, checked for keys that nobody reads.
pub(super) struct Section<'d> {
    document: &'d Document,
    table: &'d DeTable<'d>,
    span: Range<usize>,
}

/// The names of the tables with the keys each may hold; the top of the file is the first, without a name.
pub(super) type Schema = [(&'static str, &'static [&'static str])];

impl<'d> Section<'d> {
    /// The top of the file.
    pub(super) fn top(document: &'d Document, table: &'d DeTable<'d>, schema: &Schema) -> Result<Self> {
        let first = table.keys().map(toml::Spanned::span).min_by_key(|span| span.start);
        let section = Self { document, table, span: first.unwrap_or(0..0) };
        section.refuse_unknown_keys("", schema)?;
        Ok(section)
    }

    fn refuse_unknown_keys(&self, name: &str, schema: &Schema) -> Result<()> {
        let keys_of = |name: &str| schema.iter().find(|(table, _)| *table == name).map_or(&[][..], |(_, keys)| keys);
        let keys = keys_of(name);
        let unknown = self.table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        let word = key.get_ref().as_ref();
        let title = if name.is_empty() { "øverst i planen".to_owned() } else { format!("i [{name}]") };
        let near = nearest(word, keys.iter().copied());
        let label = near.map_or_else(|| "denne nøgle kendes ikke her".to_owned(), |near| format!("mente du {near}?"));
        let mut error = self.document.error(key.span(), format!("Ukendt nøgle {title}"), label);
        if near.is_none() {
            let elsewhere = schema.iter().find(|(table, keys)| *table != name && keys.contains(&word));
            error = match elsewhere {
                Some(("", _)) => error.hint("Nøglen hører til øverst i filen, før den første [tabel]."),
                Some((table, _)) => error.hint(format!("Nøglen hører til under [{table}].")),
                None => error,
            };
        }
        Err(error.hint(format!("Nøglerne {title} er {}.", keys.join(", "))))
    }

    /// The value of a key that may be left out.
    pub(super) fn optional(&self, key: &'static str) -> Option<Value<'d>> {
        self.table.get(key).map(|value| Value {
            document: self.document,
            key,
            content: value.get_ref(),
            span: value.span(),
        })
    }

    /// The value of a key that must be there.
    pub(super) fn required(&self, key: &'static str) -> Result<Value<'d>> {
        self.optional(key).ok_or_else(|| {
            let message = format!("Nøglen {key} mangler");
            self.document.error(self.span.clone(), message, format!("her mangler {key} = ..."))
        })
    }

    /// The value of a table that must be there; `form` is how its heading is written.
    pub(super) fn required_table(&self, key: &'static str, form: &str) -> Result<Value<'d>> {
        self.optional(key).ok_or_else(|| {
            let message = format!("Tabellen {form} mangler");
            self.document
                .error(self.span.clone(), message, "i denne fil")
                .hint(format!("Skriv {form} på en linje for sig og dens nøgler under den."))
        })
    }

    /// Where the section begins.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// The value of a key.
pub(super) struct Value<'d> {
    document: &'d Document,
    key: &'static str,
    content: &'d DeValue<'d>,
    span: Range<usize>,
}

impl<'d> Value<'d> {
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// An error at this value.
    pub(super) fn error(&self, message: impl Into<String>, label: impl Into<String>) -> Error {
        self.document.error(self.span(), message, label)
    }

    fn wrong_kind(&self, wanted: &str) -> Error {
        let found = match self.content {
            DeValue::String(_) => "her står en tekst",
            DeValue::Integer(_) => "her står et helt tal",
            DeValue::Float(_) => "her står et kommatal",
            DeValue::Boolean(_) => "her står true eller false",
            DeValue::Datetime(_) => "her står en dato",
            DeValue::Array(_) => "her står en liste",
            DeValue::Table(_) => "her står en tabel",
        };
        self.error(format!("{} skal være {wanted}", self.key), found)
    }

    /// A text that is not blank.
    pub(super) fn text(&self) -> Result<Placed<&'d str>> {
        let DeValue::String(text) = self.content else { return Err(self.wrong_kind("en tekst i anførselstegn")) };
        if text.trim().is_empty() {
            return Err(self.error(format!("{} er tom", self.key), "skriv en tekst her"));
        }
        Ok(Placed { value: text.trim(), span: self.span() })
    }

    /// A text, or a list with at least one.
    pub(super) fn texts(&self) -> Result<Vec<Placed<&'d str>>> {
        let DeValue::Array(items) = self.content else { return Ok(vec![self.text()?]) };
        if items.is_empty() {
            return Err(self.error(format!("{} er en tom liste", self.key), "skriv mindst én tekst"));
        }
        let value = |item: &'d toml::Spanned<DeValue<'d>>| Value {
            document: self.document,
            key: self.key,
            content: item.get_ref(),
            span: item.span(),
        };
        items.iter().map(|item| value(item).text()).collect()
    }

    /// A day, written as text or as TOML's own date.
    pub(super) fn date(&self) -> Result<Date> {
        let text = match self.content {
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(date) if date.time.is_none() => date.to_string(),
            _ => return Err(self.wrong_kind("en dato på formen \"åååå-mm-dd\"")),
        };
        Date::parse_iso(&text).map_err(|_| {
            self.error(format!("{} er ingen dato", self.key), "ingen dag i kalenderen på formen åååå-mm-dd")
                .hint("Skriv år, måned og dag, for eksempel \"2015-06-30\".")
        })
    }

    /// A whole number within limits.
    pub(super) fn integer(&self, limits: std::ops::RangeInclusive<u32>) -> Result<u32> {
        let DeValue::Integer(number) = self.content else { return Err(self.wrong_kind("et helt tal")) };
        let number = u32::from_str_radix(number.as_str(), number.radix()).ok();
        number.filter(|number| limits.contains(number)).ok_or_else(|| {
            let label = format!("skal være fra {} til {}", limits.start(), limits.end());
            self.error(format!("{} ligger uden for det tilladte", self.key), label)
        })
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool> {
        self.content.as_bool().ok_or_else(|| self.wrong_kind("true eller false"))
    }

    /// The digits of a number as they stand in the file, so that no float comes between.
    pub(super) fn number_text(&self) -> Result<&'d str> {
        match self.content {
            DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str()),
            DeValue::Float(number) => Ok(number.as_str()),
            _ => Err(self.wrong_kind("et tal, for eksempel 0.01")),
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<T> {
        let text = self.text()?.value;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(self.not_among(text, &names))
    }

    /// A word, or a list of words, each one of a few.
    pub(super) fn words<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<Vec<T>> {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let found = |text: &Placed<&str>| {
            let known = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
            known.ok_or_else(|| not_among(self.document, text.span.clone(), self.key, text.value, &names))
        };
        self.texts()?.iter().map(found).collect()
    }

    /// One of a few words, blanks included; `None` for anything else.
    pub(super) fn exact_word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.content.as_str()?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    /// The error for a word that is none of those known.
    fn not_among(&self, word: &str, known: &[&str]) -> Error {
        not_among(self.document, self.span(), self.key, word, known)
    }

    /// A table below this key.
    pub(super) fn section(&self, schema: &Schema) -> Result<Section<'d>> {
        let DeValue::Table(table) = self.content else {
            return Err(self.wrong_kind(&format!("en tabel: [{}]", self.key)));
        };
        let section = Section { document: self.document, table, span: self.span() };
        section.refuse_unknown_keys(self.key, schema)?;
        Ok(section)
    }

    /// The repeated tables `[[key]]`.
    pub(super) fn sections(&self, schema: &Schema) -> Result<Vec<Section<'d>>> {
        let wrong = |value: &Self| {
            value.wrong_kind(&format!("en gentaget tabel: [[{}]]", self.key)).hint("Brug dobbelte klammer.")
        };
        let DeValue::Array(items) = self.content else { return Err(wrong(self)) };
        let values = items.iter().map(|item| Value {
            document: self.document,
            key: self.key,
            content: item.get_ref(),
            span: item.span(),
        });
        values
            .map(
                |value| {
                    if matches!(value.content, DeValue::Table(_)) { value.section(schema) } else { Err(wrong(&value)) }
                },
            )
            .collect()
    }
}

/// The error for a word that is none of those known, with the nearest as a proposal.
pub(super) fn not_among(document: &Document, span: Range<usize>, key: &str, word: &str, known: &[&str]) -> Error {
    let near = nearest(&word.to_lowercase(), known.iter().copied());
    let label = near.map_or_else(|| "dette navn kendes ikke".to_owned(), |near| format!("mente du {near}?"));
    document.error(span, format!("Ukendt værdi for {key}"), label).hint(format!(
        "Vælg mellem {}.",
        if known.is_empty() { "ingen: listen er tom".to_owned() } else { known.join(", ") }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_lies_within_the_text_on_whole_characters() {
        let document = Document { file: "f".to_owned(), text: "aæb".into() };
        let marked = |span: Range<usize>| document.place(span, "her").span;
        assert_eq!(marked(2..2), 1..3);
        assert_eq!(marked(0..2), 0..3);
        assert_eq!(marked(3..99), 3..4);
        assert_eq!(marked(99..99), 4..4);
    }
}
