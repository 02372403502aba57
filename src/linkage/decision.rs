//! What persons have decided about rows: dated must-link and cannot-link rules, kept under keyed hashes.

use std::{collections::BTreeMap, fmt};

use super::text;
use crate::{
    domain::{Date, System},
    ingest::Clues,
    matching::fold,
};

macro_rules! hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
        }

        impl $name {
            /// Reads the 32 hexadecimal digits that `Display` writes.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.as_bytes();
                let mut bytes = [0; 16];
                if text.len() != 32 {
                    return None;
                }
                for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
                    let digit = |symbol: u8| char::from(symbol).to_digit(16).filter(|_| !symbol.is_ascii_uppercase());
                    *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
                }
                Some(Self(bytes))
            }
        }
    };
}

hash! {
    /// What a row tells of its citizen, as a keyed hash: rows that tell the same have the same.
    RowHash
}
hash! {
    /// A person, as a keyed hash that no other output has.
    PersonHash
}

/// What was decided about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// It is this person.
    Is(PersonHash),
    /// It is not this person.
    IsNot(PersonHash),
    /// It is none of those proposed.
    Nobody,
}

/// The decisions in force, by row. Of two about the same row and person the later one counts, and of two on one day the
/// more careful: "is not" before "is".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions(BTreeMap<RowHash, Vec<(Date, Decision)>>);

impl Decisions {
    /// Takes decisions in, in any order.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = (RowHash, Date, Decision)>) -> Self {
        let mut by_row: BTreeMap<RowHash, Vec<(Date, Decision)>> = BTreeMap::new();
        for (row, date, decision) in rows {
            by_row.entry(row).or_default().push((date, decision));
        }
        for decisions in by_row.values_mut() {
            decisions.sort_unstable();
            decisions.dedup();
        }
        Self(by_row)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whom the row is said to be, and whom it is said not to be. "None of those" after an "is" takes it back.
    #[must_use]
    pub fn of(&self, row: RowHash) -> (Option<PersonHash>, Vec<PersonHash>, bool) {
        let (mut is, mut not, mut nobody): (Option<PersonHash>, Vec<PersonHash>, bool) = (None, Vec::new(), false);
        for (_, decision) in self.0.get(&row).map_or(&[][..], Vec::as_slice) {
            match *decision {
                Decision::Is(person) => {
                    is = Some(person);
                    not.retain(|other| *other != person);
                    nobody = false;
                }
                Decision::IsNot(person) => {
                    is = is.filter(|other| *other != person);
                    not.push(person);
                }
                Decision::Nobody => (is, nobody) = (None, true),
            }
        }
        (is, not, nobody)
    }
}

/// What a row tells of its citizen, as the bytes under the row hash (docs/format.md): the system, then each value with its length
/// in bytes before it. Of the text only what it tells counts, so that a decision holds for next month's row too.
#[must_use]
pub fn row_bytes(system: System, clues: &Clues) -> Vec<u8> {
    let born = clues.born.map_or_else(String::new, |born| born.to_string());
    let sex = clues.sex.map_or("", |sex| if sex == crate::domain::Sex::Male { "M" } else { "K" });
    let numbers = text::numbers_in(&clues.text);
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.cpr.digits()).collect();
    let told = text::person_in(&clues.text);
    let (told_name, told_born) = told.map_or_else(Default::default, |(name, born)| (fold(&name), born.to_string()));
    let mut bytes = Vec::new();
    for value in [
        system.code().as_bytes(),
        clues.number.as_bytes(),
        fold(&clues.given).as_bytes(),
        fold(&clues.surname).as_bytes(),
        fold(&clues.name).as_bytes(),
        born.as_bytes(),
        sex.as_bytes(),
        &numbers,
        told_name.as_bytes(),
        told_born.as_bytes(),
    ] {
        bytes.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(value);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_decisions_count_and_careful_ones_first() {
        let day = |text: &str| Date::parse_iso(text).expect("a date");
        let (row, one, other) = (RowHash([1; 16]), PersonHash([2; 16]), PersonHash([3; 16]));
        let early = day("2026-01-01");
        let late = day("2026-02-01");
        let of = |rows: &[(Date, Decision)]| {
            let mut rows: Vec<_> = rows.iter().map(|(date, decision)| (row, *date, *decision)).collect();
            let found = Decisions::new(rows.clone()).of(row);
            rows.reverse();
            assert_eq!(Decisions::new(rows).of(row), found, "in any order");
            found
        };
        assert_eq!(of(&[(early, Decision::Is(one))]), (Some(one), vec![], false));
        assert_eq!(of(&[(early, Decision::Is(one)), (late, Decision::IsNot(one))]), (None, vec![one], false));
        assert_eq!(of(&[(early, Decision::IsNot(one)), (late, Decision::Is(one))]), (Some(one), vec![], false));
        assert_eq!(of(&[(early, Decision::IsNot(one)), (early, Decision::Is(one))]), (None, vec![one], false));
        assert_eq!(of(&[(early, Decision::Is(one)), (late, Decision::Is(other))]), (Some(other), vec![], false));
        assert_eq!(of(&[(early, Decision::Is(one)), (late, Decision::Nobody)]), (None, vec![], true));
        assert_eq!(Decisions::default().of(row), (None, vec![], false));
    }

    #[test]
    fn a_row_is_what_it_tells_of_its_citizen() {
        let clues = |text: &str| Clues { number: "1".into(), text: text.into(), ..Clues::default() };
        let bytes = |text| row_bytes(System::Opus, &clues(text));
        assert_eq!(bytes("Ophold 010203-1234 jan"), bytes("Ophold 010203-1234 februar"));
        assert_ne!(bytes("Ophold 010203-1234 jan"), bytes("Ophold 010203-1235 jan"));
        assert_ne!(bytes("x"), row_bytes(System::Kmd, &clues("x")));
        let name = Clues { given: "Åse".into(), ..Clues::default() };
        let same = Clues { given: "AASE ".into(), ..Clues::default() };
        let other = Clues { surname: "Åse".into(), ..Clues::default() };
        let of = |clues| row_bytes(System::Opus, clues);
        assert!(of(&name) == of(&same) && of(&name) != of(&other));
    }

    /// The row of docs/format.md, whose hash `pseudonym` has as a vector.
    #[test]
    fn a_row_is_written_down_as_the_format_says() {
        let clues = Clues {
            given: "Åse".into(),
            surname: "Ravn".into(),
            born: Date::parse_iso("1975-03-15").ok(),
            sex: Some(crate::domain::Sex::Female),
            ..Clues::default()
        };
        let told = b"\x04\0\0\0dubu\0\0\0\0\x04\0\0\0aase\x04\0\0\0ravn\0\0\0\0\x0a\0\0\x001975-03-15\x01\0\0\0K\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(row_bytes(System::Dubu, &clues), told);
    }

    #[test]
    fn hashes_read_back() {
        let hash = RowHash([0xa7; 16]);
        assert_eq!(RowHash::parse(&hash.to_string()), Some(hash));
        for wrong in ["", "a7", &"A7".repeat(16), &"g0".repeat(16)] {
            assert_eq!(RowHash::parse(wrong), None, "{wrong}");
        }
    }
}
