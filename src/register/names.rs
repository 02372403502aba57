//! Names of the register, for linkage alone: kept behind the wall and dropped when the last row has found its person.

use std::fmt;

use super::numbers::Numbers;
use crate::{base::Pool, domain::Cpr};

/// Names as they are read, by number.
#[derive(Default)]
pub struct NamePile {
    text: String,
    rows: Vec<(Cpr, Span)>,
}

/// Where a name stands in the text: the given names, then the surname.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    given: u16,
    surname: u16,
}

/// The names of persons by position. A person may have several, of different deliveries and numbers.
#[derive(Default)]
pub struct PersonNames {
    text: String,
    rows: Vec<(u32, Span)>,
}

impl fmt::Debug for PersonNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PersonNames({})", self.rows.len())
    }
}

impl NamePile {
    /// Keeps a name. One that is longer than any name, or beyond four gigabytes of names, is not kept.
    pub(super) fn push(&mut self, cpr: Cpr, given: &str, surname: &str) {
        let lengths = (u16::try_from(given.len()), u16::try_from(surname.len()));
        if let (Ok(start), (Ok(given_length), Ok(surname_length))) = (u32::try_from(self.text.len()), lengths) {
            self.text.push_str(given);
            self.text.push_str(surname);
            self.rows.push((cpr, Span { start, given: given_length, surname: surname_length }));
        }
    }

    /// The names by the positions that the finished register gave.
    #[must_use]
    pub fn settle(self, numbers: &Numbers, pool: &Pool) -> PersonNames {
        let Self { text, rows } = self;
        let found = |(cpr, span): (Cpr, Span)| numbers.find(cpr).map(|found| (found.position, span));
        let mut rows: Vec<(u32, Span)> = rows.into_iter().filter_map(found).collect();
        pool.sort_by_key(&mut rows, |(position, span)| (*position, span.of(&text), span.start));
        rows.dedup_by(|(one, left), (other, right)| one == other && left.of(&text) == right.of(&text));
        PersonNames { text, rows }
    }
}

impl Span {
    fn of(self, text: &str) -> (&str, &str) {
        let start = self.start as usize;
        let middle = start + usize::from(self.given);
        (&text[start..middle], &text[middle..middle + usize::from(self.surname)])
    }
}

impl PersonNames {
    /// The names of a person: given names and surname, in the order of the names.
    pub fn of(&self, position: u32) -> impl Iterator<Item = (&str, &str)> {
        let first = self.rows.partition_point(|(of, _)| *of < position);
        self.rows[first..].iter().take_while(move |(of, _)| *of == position).map(|(_, span)| span.of(&self.text))
    }

    /// Every name with its person, in the order of positions.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str, &str)> {
        self.rows.iter().map(|(position, span)| {
            let (given, surname) = span.of(&self.text);
            (*position, given, surname)
        })
    }

    /// Whether there is no name.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Pool,
        domain::CprStatus,
        ingest::rows::RegisterRow,
        register::{Population, RegisterBuilder},
    };

    fn cpr(number: &str) -> Cpr {
        Cpr::parse(number.as_bytes()).expect("a valid number")
    }

    fn register(keep: bool, order: &[usize]) -> (Numbers, Population, PersonNames) {
        let person = |number: &str, current: Option<&str>| RegisterRow::Person {
            cpr: cpr(number),
            current: current.map(cpr),
            status: if current.is_some() { CprStatus::Changed } else { CprStatus::Resident },
            status_from: None,
            sex: None,
            born: None,
        };
        let name = |number: &str, given: &str, surname: &str| RegisterRow::Name {
            cpr: cpr(number),
            given: given.into(),
            surname: surname.into(),
        };
        let rows = [
            person("0102030004", None),
            person("0202030004", Some("0102030004")),
            person("0302030004", None),
            name("0102030004", "Åse Marie", "Holm"),
            name("0202030004", "Åse", "Dal"),
            name("0102030004", "Åse Marie", "Holm"),
            name("0302030004", "Bo", "Dal"),
        ];
        let mut builder = RegisterBuilder::new();
        if keep {
            builder.keep_names();
        }
        for place in order {
            builder.add(rows[*place].clone());
        }
        let names = builder.take_names();
        let (numbers, population, _) = builder.finish(&Pool::new(1).expect("a thread")).expect("a register");
        let names = names.settle(&numbers, &Pool::new(2).expect("threads"));
        (numbers, population, names)
    }

    #[test]
    fn names_stand_under_the_person_whatever_the_number_and_the_order() {
        for order in [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0]] {
            let (numbers, _, names) = register(true, &order);
            let of = |number| names.of(numbers.find(cpr(number)).expect("known").position).collect::<Vec<_>>();
            assert_eq!(of("0102030004"), [("Åse", "Dal"), ("Åse Marie", "Holm")]);
            assert_eq!(of("0302030004"), [("Bo", "Dal")]);
            assert_eq!(names.iter().count(), 3);
            assert!(!format!("{names:?}").contains("Holm"));
        }
        assert!(register(false, &[0, 1, 2, 3, 4, 5, 6]).2.is_empty(), "not kept unless asked");
    }
}
