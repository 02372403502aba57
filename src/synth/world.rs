//! What a world is made from: a handful of numbers that decide every byte of it.

use super::numbers;
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Date, Period},
};

/// Persons of a block, the piece of a world that is made at a time.
pub const BLOCK: u32 = 500;

/// The municipality's code, which no municipality has; its neighbour's is one higher.
pub const MUNICIPALITY: u32 = 990;

/// The first year for which the law and the chart of accounts are known well enough.
const FIRST_YEAR: i16 = 2015;
/// The last year of a world.
const LAST_YEAR: i16 = 2035;

/// How much of what is written is damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Damage {
    /// Nothing.
    #[default]
    None,
    /// Seven rows in a thousand, as a good export has.
    Light,
    /// One row in ten.
    Heavy,
}

impl Damage {
    /// Rows in 100,000 that are damaged.
    #[must_use]
    pub const fn in_100_000(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Light => 720,
            Self::Heavy => 10_800,
        }
    }
}

/// The numbers that a world is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// The seed.
    pub seed: u64,
    /// Persons in the register.
    pub persons: u32,
    /// Rows in the exports, register and price lists left out. More are written when the services need more.
    pub rows: u64,
    /// The first calendar year of the period.
    pub first_year: i16,
    /// How many calendar years the period has.
    pub years: i16,
    /// One actual source per service, and payments with their service period.
    pub plain: bool,
    /// How much is damaged.
    pub damage: Damage,
}

impl World {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`] with what is possible.
    pub fn check(&self) -> Result<()> {
        let most = numbers::BLOCKS * BLOCK;
        if !(1..=most).contains(&self.persons) {
            return Err(Error::new(ErrorKind::Plan, format!("En prøvekommune kan have 1 til {most} personer"))
                .hint("Vælg et andet tal med --persons."));
        }
        let last = self.last_year();
        if self.years < 1 || self.first_year < FIRST_YEAR || last > LAST_YEAR {
            return Err(Error::new(
                ErrorKind::Plan,
                format!("En prøvekommunes periode ligger i årene {FIRST_YEAR} til {LAST_YEAR}"),
            )
            .hint("Vælg andre tal med --years og --first-year."));
        }
        Ok(())
    }

    /// The last calendar year.
    #[must_use]
    pub const fn last_year(&self) -> i16 {
        self.first_year.saturating_add(self.years).saturating_sub(1)
    }

    /// The period of the plan: whole calendar years.
    #[must_use]
    pub fn period(&self) -> Period {
        Period { from: new_year(self.first_year), to: new_year(self.last_year() + 1).plus(-1) }
    }

    /// The reference date of households: the last day.
    #[must_use]
    pub fn reference_date(&self) -> Date {
        self.period().to
    }

    /// The days that the exports cover: the period and the half year before it.
    #[must_use]
    pub fn window(&self) -> Period {
        let from = Date::from_ymd(self.first_year - 1, 7, 1).expect("1 July exists");
        Period { from, to: self.period().to }
    }

    /// How many blocks there are.
    #[must_use]
    pub const fn blocks(&self) -> u32 {
        self.persons.div_ceil(BLOCK)
    }

    /// How many persons a block has.
    #[must_use]
    pub fn persons_of(&self, block: u32) -> u32 {
        BLOCK.min(self.persons - block * BLOCK)
    }

    /// How many rows a block is to write.
    #[must_use]
    pub fn rows_of(&self, block: u32) -> u64 {
        let until = |person: u32| {
            let exact = u128::from(self.rows) * u128::from(person.min(self.persons)) / u128::from(self.persons.max(1));
            u64::try_from(exact).unwrap_or(u64::MAX)
        };
        until((block + 1) * BLOCK) - until(block * BLOCK)
    }

    /// Months that one payment covers: one, more when few rows were asked for.
    #[must_use]
    pub const fn months_per_payment(&self) -> i32 {
        // About so many payments of a month there are per person and half year.
        let all = self.persons as u64 * 2 * (2 * self.years.unsigned_abs() as u64 + 1);
        match all / if self.rows == 0 { 1 } else { self.rows } {
            0 | 1 => 1,
            2 => 2,
            3..6 => 3,
            _ => 6,
        }
    }
}

/// The first day of a year.
fn new_year(year: i16) -> Date {
    Date::from_ymd(year, 1, 1).expect("1 January exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: World =
        World { seed: 1, persons: 1234, rows: 9_999, first_year: 2024, years: 1, plain: true, damage: Damage::None };

    #[test]
    fn blocks_share_persons_and_rows_without_a_rest() {
        assert_eq!(WORLD.blocks(), 3);
        assert_eq!((0..3).map(|block| WORLD.persons_of(block)).sum::<u32>(), 1234);
        assert_eq!((0..3).map(|block| WORLD.rows_of(block)).sum::<u64>(), 9_999);
    }

    #[test]
    fn impossible_numbers_are_refused() {
        assert!(WORLD.check().is_ok());
        assert!(World { persons: 0, ..WORLD }.check().is_err());
        assert!(World { persons: u32::MAX, ..WORLD }.check().is_err());
        assert!(World { years: 0, ..WORLD }.check().is_err());
        assert!(World { first_year: 2000, ..WORLD }.check().is_err());
    }
}
