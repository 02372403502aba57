//! The weighed tier: a row with a name and a birth date against every person of the register (Fellegi and Sunter).
//!
//! The rows that reach this tier are few, so nothing is learnt from them: how often the attributes of one person agree (m) is
//! given below, and how often they do by chance (u) is counted in the register, value by value: a rare name weighs more than
//! a common one. A row's answer then depends on the row and the register alone. Weights are log-odds; a link needs more than
//! 0.999, counted against every other candidate and against somebody whom the register does not know.

use std::collections::BTreeMap;

use super::agreement::{Agreement, Attributes, Level};
use crate::{
    domain::{Date, PersonId, Precision},
    matching::{Weight, fold},
    register::{PersonNames, Population},
};

/// The least probability of a link.
const LINKED: f64 = 0.999;
/// The probability from which a person should look at the row.
const REVIEWED: f64 = 0.5;
/// The odds that the row's citizen is not in the register at all.
const OUTSIDE: f64 = 0.05;

/// Among rows of one person: how often attributes are alike, near and different.
const GIVEN: [f64; 3] = [0.92, 0.05, 0.03];
const SURNAME: [f64; 3] = [0.86, 0.04, 0.10];
const BORN: [f64; 3] = [0.95, 0.03, 0.02];
const SEX: [f64; 3] = [0.99, 0.0, 0.01];
/// Among rows of any two persons: how often they are near.
const NEAR_NAME: f64 = 0.01;
const NEAR_BORN: f64 = 0.002;

/// What the weighed match says of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Weighed {
    /// This person.
    Person(u32),
    /// Perhaps one of these, the heaviest first.
    Perhaps(Vec<(u32, Weight)>),
    /// Nobody.
    Nobody,
}

/// The register as the weighed match looks things up in it.
pub(super) struct Index<'a> {
    population: &'a Population,
    names: &'a PersonNames,
    persons: f64,
    /// Delivered persons by birth date.
    by_born: Vec<(Date, u32)>,
    /// Names that have the word among their first names, and among their surnames.
    words: BTreeMap<Box<str>, [u32; 2]>,
}

impl<'a> Index<'a> {
    pub(super) fn new(population: &'a Population, names: &'a PersonNames) -> Self {
        let delivered = |position: &u32| population.is_delivered(PersonId(*position));
        let everybody = 0..u32::try_from(population.len()).unwrap_or(u32::MAX);
        let mut by_born: Vec<(Date, u32)> = everybody
            .filter(delivered)
            .filter_map(|position| {
                let born = population.born(PersonId(position))?;
                (born.precision == Precision::Day && !born.uncertain).then_some((born.date, position))
            })
            .collect();
        by_born.sort_unstable();
        let mut words: BTreeMap<Box<str>, [u32; 2]> = BTreeMap::new();
        for (_, given, surname) in names.iter().filter(|(position, ..)| delivered(position)) {
            let (given, surname) = (fold(given), fold(surname));
            for (place, text) in [&given, &surname].into_iter().enumerate() {
                let mut of_name: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
                of_name.sort_unstable();
                of_name.dedup();
                for word in of_name {
                    if let Some(counts) = words.get_mut(word) {
                        counts[place] += 1;
                    } else {
                        let mut counts = [0, 0];
                        counts[place] = 1;
                        words.insert(word.into(), counts);
                    }
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of persons are far below 2^52")]
        let persons = by_born.len().max(1) as f64;
        Self { population, names, persons, by_born, words }
    }

    /// Weighs a row against everybody who shares its birth date or a slip of it; `excluded` are persons that
    /// somebody has said it is not.
    pub(super) fn weigh(&self, row: &Attributes, excluded: &[u32]) -> Weighed {
        let mut candidates = self.candidates(row);
        candidates.retain(|position| !excluded.contains(position));
        let mut weighed: Vec<(u32, Weight)> = Vec::new();
        for position in candidates {
            let agreement = row.against(position, self.population, self.names);
            // First names and birth dates carry a rule: without both, members of a household are one person to the weights.
            if agreement.given.agrees() && agreement.born.agrees() && agreement.sex != Level::Different {
                weighed.push((position, self.weight(row, agreement)));
            }
        }
        weighed.sort_unstable_by_key(|(position, weight)| (std::cmp::Reverse(*weight), *position));
        let odds = |weight: Weight| weight.bits().exp2();
        let all: f64 = weighed.iter().map(|(_, weight)| odds(*weight)).sum();
        let Some((best, weight)) = weighed.first().copied() else { return Weighed::Nobody };
        if odds(weight) / (all + OUTSIDE) >= LINKED {
            Weighed::Person(best)
        } else if all / (all + OUTSIDE) >= REVIEWED {
            Weighed::Perhaps(weighed)
        } else {
            Weighed::Nobody
        }
    }

    fn candidates(&self, row: &Attributes) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some(born) = row.born {
            for day in std::iter::once(born).chain(slips(born)) {
                let first = self.by_born.partition_point(|(other, _)| *other < day);
                let of_day = self.by_born[first..].iter().take_while(|(other, _)| *other == day);
                found.extend(of_day.map(|(_, position)| *position));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn weight(&self, row: &Attributes, agreement: Agreement) -> Weight {
        let (given, surname) = row.name_words();
        let chance = |words: &[String], place: usize| {
            let rarest = words.iter().filter_map(|word| self.words.get(word.as_str())).map(|counts| counts[place]);
            let rarest = rarest.filter(|count| *count > 0).min().unwrap_or(1);
            f64::from(rarest) / self.persons
        };
        let same_day = row.born.map_or(1, |born| {
            let first = self.by_born.partition_point(|(other, _)| *other < born);
            self.by_born[first..].iter().take_while(|(other, _)| *other == born).count().max(1)
        });
        #[expect(clippy::cast_precision_loss, reason = "counts of persons are far below 2^52")]
        let born = same_day as f64 / self.persons;
        let parts = [
            bits(agreement.given, GIVEN, chance(given, 0), NEAR_NAME),
            bits(agreement.surname, SURNAME, chance(surname, 1), NEAR_NAME),
            bits(agreement.born, BORN, born, NEAR_BORN),
            bits(agreement.sex, SEX, 0.5, 0.0),
        ];
        Weight::from_bits(parts.into_iter().sum::<f64>() - self.persons.log2())
    }

    /// The weight of one person for a row, whatever the rule about first names and birth dates says: for the reviewer.
    pub(super) fn weight_of(&self, row: &Attributes, position: u32) -> Weight {
        self.weight(row, row.against(position, self.population, self.names))
    }
}

fn bits(level: Level, person: [f64; 3], chance: f64, near: f64) -> f64 {
    match level {
        Level::Missing => 0.0,
        Level::Same => (person[0] / chance.min(0.5)).log2(),
        Level::Near => (person[1] / near).log2(),
        Level::Different => (person[2] / (1.0 - chance - near).max(0.1)).log2(),
    }
}

/// The days that a slip of the pen makes of this one, or it of them.
fn slips(born: Date) -> Vec<Date> {
    let (year, month, day) = born.ymd();
    let digits = format!("{year:04}{month:02}{day:02}").into_bytes();
    let mut found = Vec::new();
    let mut try_day = |digits: &[u8]| found.extend(crate::layout::read_date(digits));
    for at in 0..8 {
        for digit in b'0'..=b'9' {
            let mut slipped = digits.clone();
            slipped[at] = digit;
            try_day(&slipped);
        }
        if at < 7 {
            let mut slipped = digits.clone();
            slipped.swap(at, at + 1);
            try_day(&slipped);
        }
    }
    found.extend(Date::from_ymd(year, day, month).ok());
    found.retain(|day| *day != born);
    found.sort_unstable();
    found.dedup();
    found
}
