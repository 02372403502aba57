//! Errors that stop a run: what went wrong, where, why, and what to do. Faults of single rows are values, not errors.

use std::{error, fmt, ops::Range, sync::Arc};

/// The result of every fallible operation of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of error; the binary turns it into an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The plan, a layout file or a file over the catalogue is wrong.
    Plan,
    /// The key was refused.
    Key,
    /// An input cannot be read as its layout says.
    Input,
    /// More rows at fault than the plan allows.
    TooManyFaults,
    /// The output place is taken and `--replace` was not given.
    TargetExists,
    /// An output could not be written.
    Output,
    /// A rule of the program itself was broken; nothing was delivered.
    Internal,
}

/// A place in a text file that the error is about.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file's name as the user knows it.
    pub file: String,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// The bytes concerned.
    pub span: Range<usize>,
    /// What to say at the place.
    pub label: String,
}

/// An error that stops the work. Messages are Danish and never hold the text of a field.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hints: Vec<String>,
    place: Option<Place>,
    cause: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// An error with its message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), hints: Vec::new(), place: None, cause: None }))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds where it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// Adds the error below this one.
    #[must_use]
    pub fn because(mut self, cause: impl error::Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Box::new(cause));
        self
    }

    /// What sort of error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What to do about it, in the order to try.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Where in a text file, if it is about one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}

impl From<crate::domain::OreOverflow> for Error {
    fn from(overflow: crate::domain::OreOverflow) -> Self {
        Self::new(ErrorKind::Input, "Beløbene kan ikke lægges sammen")
            .hint("Se efter et beløb med alt for mange cifre, for eksempel et CPR-nummer i beløbskolonnen.")
            .because(overflow)
    }
}

/// The candidate nearest to a misspelt word, for "mente du ...?"; `None` when nothing is near.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typing_mistakes_only() {
        let keys = ["periode", "projekt", "formaal"];
        assert_eq!(nearest("perode", keys), Some("periode"));
        assert_eq!(nearest("porjekt", keys), Some("projekt"));
        assert_eq!(nearest("kilde", keys), None);
    }
}
