//! CPR numbers that are nobody's: they fail modulus 11 and their birth date is never 1 January, the only day on which the
//! CPR office has given out numbers that fail it. Century and sex are right, and no number is made twice.
//!
//! Uniqueness needs no memory beyond a block of persons: for each birth year and sex the numbers stand in an order that the
//! seed decides, and every block has a range of that order for itself.

use std::collections::BTreeMap;

use super::random::{Draws, Stream};
use crate::domain::{Cpr, Date, Sex};

/// Days of a year in use: 2 January and the 363 days after it.
const DAYS: u32 = 364;
/// Digits seven to nine in use, from 001.
const TRIPLES: u32 = 399;
/// Tenth digits of one sex that fail modulus 11: five have the right parity, and at most one of these passes.
const FAILING: u32 = 4;
/// Numbers of one birth year and sex.
const NUMBERS: u32 = DAYS * TRIPLES * FAILING;
/// Has no factor in common with [`NUMBERS`], so that steps of it visit every number once.
const STEP: u64 = 238_627;
/// Numbers of one birth year and sex that a block has for itself.
const PER_BLOCK: u32 = 32;

/// The blocks for which there are numbers.
pub const BLOCKS: u32 = NUMBERS / PER_BLOCK;

/// Hands out the numbers of one block.
pub struct NumberBook {
    seed: u64,
    block: u32,
    used: BTreeMap<(i16, Sex), u32>,
}

impl NumberBook {
    /// The book of a block, of which there are [`BLOCKS`].
    #[must_use]
    pub const fn new(seed: u64, block: u32) -> Self {
        Self { seed, block, used: BTreeMap::new() }
    }

    /// A number of a person born in this year, or in one before it when the block has used up the year's.
    pub fn next(&mut self, year: i16, sex: Sex) -> Cpr {
        let mut year = year;
        loop {
            let used = self.used.entry((year, sex)).or_insert(0);
            if *used < PER_BLOCK {
                let position = self.block * PER_BLOCK + *used;
                *used += 1;
                return self.number(year, sex, position);
            }
            year -= 1;
        }
    }

    fn number(&self, year: i16, sex: Sex, position: u32) -> Cpr {
        let of_year = u64::from(year.unsigned_abs()) * 2 + u64::from(sex == Sex::Male);
        let shift = Draws::of(self.seed, Stream::Numbers, of_year).below(NUMBERS);
        let mixed = (u64::from(position) * STEP + u64::from(shift)) % u64::from(NUMBERS);
        let mixed = u32::try_from(mixed).expect("smaller than the count of numbers");
        let (day, rest) = (mixed % DAYS, mixed / DAYS);
        let (triple, choice) = (rest % TRIPLES + 1, rest / TRIPLES);
        let born = Date::from_ymd(year, 1, 2).expect("a year of people alive").plus(i32::try_from(day).unwrap_or(0));
        let (_, month, day) = born.ymd();
        let century_digit = if year < 2000 {
            triple / 100
        } else if year < 2037 {
            4 + triple / 100
        } else {
            5 + triple / 100
        };
        let short_year = u32::from(year.rem_euclid(100).unsigned_abs());
        let mut digits = [0_u8; 10];
        let pairs = [u32::from(day), u32::from(month), short_year];
        for (index, pair) in pairs.into_iter().enumerate() {
            digits[2 * index] = ascii(pair / 10);
            digits[2 * index + 1] = ascii(pair);
        }
        digits[6] = ascii(century_digit);
        digits[7] = ascii(triple / 10);
        digits[8] = ascii(triple);
        let mut left = choice;
        let mut last = u32::from(sex == Sex::Male);
        loop {
            digits[9] = ascii(last);
            let cpr = Cpr::parse(&digits).expect("the date was made of its parts");
            if !cpr.passes_modulus_11() {
                if left == 0 {
                    return cpr;
                }
                left -= 1;
            }
            last += 2;
        }
    }
}

fn ascii(number: u32) -> u8 {
    b'0' + u8::try_from(number % 10).expect("a remainder of ten fits in a byte")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_are_nobodys_and_tell_birth_and_sex() {
        let mut seen = BTreeSet::new();
        for block in [0, 1, 2, 999, BLOCKS - 1] {
            let mut book = NumberBook::new(5, block);
            for year in [1915, 1936, 1937, 1999, 2000, 2024, 2036, 2040] {
                for sex in [Sex::Male, Sex::Female] {
                    for _ in 0..PER_BLOCK {
                        let cpr = book.next(year, sex);
                        let (born, month, day) = cpr.birth_date().ymd();
                        assert_eq!((born, cpr.sex()), (year, sex));
                        assert!((month, day) != (1, 1) && !cpr.passes_modulus_11());
                        assert!(seen.insert(cpr), "a number twice");
                    }
                }
            }
            assert_eq!(book.next(1999, Sex::Male).birth_date().ymd().0, 1998, "the year before when a year is used up");
        }
    }

    #[test]
    fn the_order_visits_every_number_once() {
        let book = NumberBook::new(1, 0);
        let distinct: BTreeSet<Cpr> = (0..NUMBERS).step_by(37).map(|at| book.number(1970, Sex::Female, at)).collect();
        assert_eq!(distinct.len(), (NUMBERS as usize).div_ceil(37));
        let divides = |divisor: u64| STEP.is_multiple_of(divisor) && u64::from(NUMBERS).is_multiple_of(divisor);
        assert!(!(2..1000).any(divides));
    }
}
