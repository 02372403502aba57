//! Compares words without regard to case and without copying them: the lookups run once per row of an export.

use std::cmp::Ordering;

/// Orders a word that is already in lower case against a text in any case.
pub(super) fn order(lower: &str, text: &str) -> Ordering {
    lower.chars().cmp(folded(text))
}

/// Whether the text holds the words, which are in lower case, anywhere; no words are in every text.
pub(super) fn contains(text: &str, lower: &str) -> bool {
    lower.is_empty() || text.char_indices().any(|(at, _)| starts_with(&text[at..], lower))
}

/// Whether one of the text's words begins with the given one, which is in lower case: `sfo` is no part of `transformer`.
pub(super) fn begins_a_word(text: &str, lower: &str) -> bool {
    let mut inside = false;
    text.char_indices().any(|(at, symbol)| {
        let start = !std::mem::replace(&mut inside, symbol.is_alphanumeric());
        start && starts_with(&text[at..], lower)
    })
}

fn starts_with(text: &str, lower: &str) -> bool {
    let mut symbols = folded(text);
    lower.chars().all(|symbol| symbols.next() == Some(symbol))
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Codes of one table, found in any case. Built once, searched by halving.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes(Vec<(Box<str>, usize)>);

impl Codes {
    /// The codes at their positions; the second of two equal ones is returned as the error.
    pub(super) fn new<'a>(codes: impl Iterator<Item = &'a str>) -> Result<Self, usize> {
        let mut sorted: Vec<(Box<str>, usize)> =
            codes.enumerate().map(|(position, code)| (code.to_lowercase().into(), position)).collect();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(pair[1].1),
            None => Ok(Self(sorted)),
        }
    }

    /// The position of a code in any case.
    pub(super) fn find(&self, code: &str) -> Option<usize> {
        self.0.binary_search_by(|(known, _)| order(known, code)).ok().map(|at| self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        assert!(contains("Støtte: FAMILIEBEHANDLING i Ærø", "familiebehandling"));
        assert!(contains("ØKONOMISK støtte", "økonomisk"));
        assert!(!contains("familie", "familiebehandling"));
        assert!(contains("", ""));
        assert_eq!(order("sygedagpenge", "SygeDagpenge"), Ordering::Equal);
        assert_eq!(order("øl", "ÆG"), Ordering::Greater);
    }

    #[test]
    fn a_short_word_must_begin_a_word() {
        assert!(begins_a_word("Skovens SFO", "sfo"));
        assert!(begins_a_word("SFO'en", "sfo"));
        assert!(begins_a_word("(sfo)", "sfo"));
        assert!(!begins_a_word("Transformeren", "sfo"));
        assert!(!begins_a_word("", "sfo"));
    }

    #[test]
    fn codes_are_unique_in_any_case() {
        let codes = Codes::new(["YD-KTH", "ANB-OPH"].into_iter()).expect("two codes");
        assert_eq!(codes.find("yd-kth"), Some(0));
        assert_eq!(codes.find("ANB-OPH"), Some(1));
        assert_eq!(codes.find("ANB"), None);
        assert_eq!(Codes::new(["A", "B", "a"].into_iter()).err(), Some(2));
    }
}
