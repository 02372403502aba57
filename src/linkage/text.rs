//! What a posting text tells of its citizen: a number (`Ophold 010203-1234 jan`), or a name with a birth date (`Åse Holm
//! f. 01-02-1980`). Ten digits in a text are often an invoice or an account, so the form and the word before decide.

use crate::{
    domain::{Cpr, Date},
    layout::read_date,
    matching::fold,
};

/// A number in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextNumber {
    /// The number.
    pub cpr: Cpr,
    /// Whether its form (`010203-1234`) or the word before it says that it is a person's. Otherwise the register must.
    pub is_told: bool,
}

/// Words that say that a person's number follows.
const PERSON: [&str; 9] =
    ["cpr", "cprnr", "cprnummer", "pnr", "personnr", "personnummer", "barn", "borger", "borgerens"];
/// Words that say that something else follows.
const OTHER: [&str; 24] = [
    "faktura",
    "fakturanr",
    "fakt",
    "fak",
    "fakturanummer",
    "bilag",
    "bilagsnr",
    "ordre",
    "ordrenr",
    "rekv",
    "ref",
    "reference",
    "konto",
    "kontonr",
    "kto",
    "reg",
    "tlf",
    "telefon",
    "mobil",
    "cvr",
    "ean",
    "sagsnr",
    "kid",
    "nota",
];
/// Words before a birth date.
const BORN: [&str; 5] = ["f", "foedt", "fdt", "foedselsdato", "fd"];
/// The most words of a name before a birth date.
const NAME_WORDS: usize = 5;

/// The numbers of persons in a text, each once, sorted.
#[must_use]
pub fn numbers_in(text: &str) -> Vec<TextNumber> {
    let bytes = text.as_bytes();
    let mut found: Vec<TextNumber> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = run_end(bytes, at);
        let joined = !is_joined_before(text, at);
        let mut next = end;
        if joined && end - at == 10 && !is_joined_after(text, end) {
            let word = word_before(text, at);
            let is_told = PERSON.contains(&word.as_str());
            if is_told || !OTHER.contains(&word.as_str()) {
                found.extend(Cpr::parse(&bytes[at..end]).map(|cpr| TextNumber { cpr, is_told }));
            }
        } else if joined && end - at == 6 {
            let (serial, is_hyphen) = separator(text, end);
            let serial_end = run_end(bytes, serial);
            if serial > end && serial_end - serial == 4 && !is_joined_after(text, serial_end) {
                let word = word_before(text, at);
                let is_told = is_hyphen || PERSON.contains(&word.as_str());
                if is_told || !OTHER.contains(&word.as_str()) {
                    let digits = [&bytes[at..end], &bytes[serial..serial_end]].concat();
                    found.extend(Cpr::parse(&digits).map(|cpr| TextNumber { cpr, is_told }));
                }
                next = serial_end;
            }
        }
        at = next;
    }
    found.sort_unstable_by_key(|number| (number.cpr, !number.is_told));
    found.dedup_by_key(|number| number.cpr);
    found
}

/// The only name with a birth date that a text tells.
#[must_use]
pub fn person_in(text: &str) -> Option<(String, Date)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let (mark, date) = match word.split_once(|symbol: char| symbol.is_ascii_digit()) {
            // `f.01-02-1980` as well as `f. 01-02-1980`.
            Some((mark, _)) => (mark, &word[mark.len()..]),
            None => continue,
        };
        let date = date.trim_end_matches(|symbol: char| !symbol.is_ascii_digit());
        let Some(born) = Some(date).filter(|date| date.len() == 10).and_then(|date| read_date(date.as_bytes())) else {
            continue;
        };
        let (mark, before) = match (mark.is_empty(), at) {
            (false, _) => (fold(mark), &words[..at]),
            (true, 0) => continue,
            (true, _) => (fold(words[at - 1]), &words[..at - 1]),
        };
        if !BORN.contains(&mark.as_str()) {
            continue;
        }
        let name: Vec<&str> = before
            .iter()
            .rev()
            .take(NAME_WORDS)
            .take_while(|word| word.chars().next().is_some_and(char::is_uppercase))
            .copied()
            .collect();
        let name: Vec<&str> = name.into_iter().rev().collect();
        if name.len() < 2 {
            continue;
        }
        if found.is_some() {
            return None;
        }
        found = Some((name.join(" "), born));
    }
    found
}

fn run_end(bytes: &[u8], start: usize) -> usize {
    start + bytes[start.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether a letter, or a digit with a hyphen or point between, stands right before: then the digits belong to something else.
fn is_joined_before(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    match before.next() {
        None => false,
        Some('-' | '.' | ',' | '/') => before.next().is_some_and(|symbol| symbol.is_ascii_digit()),
        Some(symbol) => symbol.is_alphanumeric(),
    }
}

fn is_joined_after(text: &str, at: usize) -> bool {
    let mut after = text[at..].chars();
    match after.next() {
        None => false,
        Some('-' | '.' | ',' | '/') => after.next().is_some_and(|symbol| symbol.is_ascii_digit()),
        Some(symbol) => symbol.is_alphanumeric(),
    }
}

/// Where the four digits begin after the six, and whether a hyphen parts them.
fn separator(text: &str, end: usize) -> (usize, bool) {
    let rest = &text[end..];
    let trimmed = rest.trim_start_matches(' ');
    match trimmed.strip_prefix(['-', '‐', '‑', '–']) {
        Some(after) => (text.len() - after.trim_start_matches(' ').len(), true),
        None if rest.len() - trimmed.len() == 1 => (text.len() - trimmed.len(), false),
        None => (end, false),
    }
}

/// The word before, folded; of `faktura nr.` the first, since `nr.` says nothing.
fn word_before(text: &str, at: usize) -> String {
    let folded = fold(&text[..at]);
    let mut words = folded.rsplit(' ').filter(|word| !matches!(*word, "nr" | "no" | "nummer" | ""));
    words.next().unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<(String, bool)> {
        let digits = |number: TextNumber| String::from_utf8(number.cpr.digits().to_vec()).expect("digits");
        numbers_in(text).into_iter().map(|number| (digits(number), number.is_told)).collect()
    }

    #[test]
    fn numbers_are_found_in_their_context() {
        let number = |is_told| vec![("0102031234".to_owned(), is_told)];
        for (text, expected) in [
            ("Ophold 010203-1234 jan", number(true)),
            ("Ophold 010203 – 1234 jan", number(true)),
            ("010203-1234", number(true)),
            ("Ophold (010203-1234)", number(true)),
            ("cpr. 0102031234", number(true)),
            ("CPR-nr. 010203 1234", number(true)),
            ("Ophold 0102031234 jan", number(false)),
            ("Ophold 010203 1234 jan", number(false)),
            ("010203-1234 og 010203-1234", number(true)),
            ("Faktura 0102031234", vec![]),
            ("faktura nr. 0102031234", vec![]),
            ("kto 1234-0102031234", vec![]),
            ("A0102031234", vec![]),
            ("010203-12345", vec![]),
            ("9010203-1234", vec![]),
            ("310203-1234", vec![]),
            ("12.010203-1234", vec![]),
            ("uge 010203", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        assert_eq!(found("010203-1234, 020203-1234").len(), 2);
        assert_eq!(found("010203-1234/020203-1234 æøå 0302031234").len(), 1, "joined ones are no numbers");
    }

    #[test]
    fn a_name_with_a_birth_date_is_found() {
        let day = Date::parse_iso("1980-02-01").expect("a date");
        let told = |name: &str| Some((name.to_owned(), day));
        for (text, expected) in [
            ("Åse Holm f. 01-02-1980", told("Åse Holm")),
            ("ophold Åse Holm f.01-02-1980, jan", told("Åse Holm")),
            ("Åse Marie Holm født 01.02.1980", told("Åse Marie Holm")),
            ("Åse Holm 01-02-1980", None),
            ("Holm f. 01-02-1980", None),
            ("ophold fra f. 01-02-1980", None),
            ("Åse Holm f. 01-02-1980 og Bo Dal f. 01-02-1980", None),
            ("Åse Holm f. 31-02-1980", None),
        ] {
            assert_eq!(person_in(text), expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_the_readers_panic(text in "[0-9 \\-–.,/a-cÅÆf]{0,40}") {
            prop_assert!(numbers_in(&text).len() <= text.len() / 10);
            drop(person_in(&text));
        }
    }
}
