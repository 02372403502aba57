//! Price indices: how kroner of one year become kroner of another (`metrics.md`, price level).
//!
//! A row says how much prices of a class grew from the year before: KL's P/L for services, the rate adjustment (satsregulering) for
//! transfers. The program carries only what a source tells; the municipality's own file adds years and replaces rows. What no
//! row tells is an error, never a growth of nothing.

use std::collections::BTreeMap;

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

use super::table::File;
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{BudgetClass, Ore, OreOverflow, divide_half_even},
};

/// Parts of one: growth is kept in millionths.
const ONE: i128 = 1_000_000;

/// Parts of one in a factor over several years, rounded half-even at each year.
const FACTOR_ONE: i128 = 1_000_000_000_000;

const HEADER: &str = "class;year;percent;confidence;source";

/// The growth of prices by class and year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceIndices {
    /// Growth from the year before, in millionths.
    growth: BTreeMap<(BudgetClass, i16), i128>,
}

/// What an amount is multiplied by, in parts of 10^12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceFactor(i128);

impl PriceIndices {
    /// The indices that the program carries.
    ///
    /// # Errors
    /// Only when a wrong build carries a damaged file.
    pub fn embedded() -> Result<Self> {
        let mut indices = Self::default();
        indices.read(File { name: "price_indices.csv", text: include_str!("data/price_indices.csv") })?;
        Ok(indices)
    }

    /// These indices with the rows of the user's file added, which replace rows of the same class and year.
    ///
    /// # Errors
    /// With file and line, when a row cannot be read.
    pub fn with(mut self, name: &str, text: &str) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let own = |error: &Error| {
            let message = error.to_string().replace("Ydelseskataloget", "Prisindeksene").replace("indeks.csv", name);
            Error::new(ErrorKind::Plan, message)
                .hint(format!("Overskriften er {HEADER}; procent er væksten fra året før, for eksempel 1,9."))
        };
        let mut rows = Self::default();
        rows.read(File { name: "indeks.csv", text }).map_err(|error| own(&error))?;
        self.growth.extend(rows.growth);
        Ok(self)
    }

    fn read(&mut self, file: File<'_>) -> Result<()> {
        for row in file.rows(HEADER)? {
            let class = BudgetClass::deserialize(row.cell(0).into_deserializer()).map_err(|cause: value::Error| {
                row.error(&format!("»{}« er ingen budgetklasse", row.cell(0))).because(cause)
            })?;
            let year = row.cell(1).parse().ok().filter(|year| (1970..2200).contains(year));
            let year = year.ok_or_else(|| row.error(&format!("»{}« er intet år", row.cell(1))))?;
            let growth = percent(row.cell(2)).ok_or_else(|| {
                row.error(&format!("»{}« skal være procent med højst fire decimaler, over -100", row.cell(2)))
            })?;
            if !matches!(row.cell(3), "A" | "B" | "C") {
                return Err(row.error("sikkerheden skal være A, B eller C"));
            }
            if row.cell(4).is_empty() {
                return Err(row.error("kilden mangler"));
            }
            if self.growth.insert((class, year), growth).is_some() {
                return Err(row.error("klasse og år står to gange"));
            }
        }
        Ok(())
    }

    /// What turns kroner of one year into kroner of another: the product of (1 + growth) over the years after the first, divided
    /// when the second lies before it.
    ///
    /// # Errors
    /// When a year of the class has no index.
    pub fn factor(&self, class: BudgetClass, from: i16, to: i16) -> Result<PriceFactor> {
        let mut factor = FACTOR_ONE;
        for year in from.min(to) + 1..=from.max(to) {
            let growth = self.growth.get(&(class, year)).ok_or_else(|| {
                let message = format!("Der er intet prisindeks for {} i {year}", class.code());
                Error::new(ErrorKind::Plan, message)
                    .hint("Skriv væksten fra året før i planens [prisniveau] indeks, eller slet [prisniveau].")
                    .hint("Service: KL's pris- og lønskøn. Overførsler: satsreguleringen.")
            })?;
            let grown = ONE + growth;
            factor =
                if from < to { divide_half_even(factor * grown, ONE) } else { divide_half_even(factor * ONE, grown) };
        }
        Ok(PriceFactor(factor))
    }
}

impl PriceFactor {
    /// The amount in the other year's prices, rounded half-even to øre.
    ///
    /// # Errors
    /// When it leaves 64 bits.
    pub fn apply(self, ore: Ore) -> Result<Ore, OreOverflow> {
        let product = i128::from(ore.0).checked_mul(self.0).ok_or(OreOverflow)?;
        i64::try_from(divide_half_even(product, FACTOR_ONE)).map(Ore).map_err(|_| OreOverflow)
    }
}

/// Per cent with a decimal comma and at most four decimals, in millionths of one.
fn percent(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, decimals) = digits.split_once(',').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || decimals.len() > 4 || !plain(whole) || !plain(decimals) {
        return None;
    }
    let growth = sign * format!("{whole}{decimals:0<4}").parse::<i128>().ok()?;
    (growth > -ONE).then_some(growth)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "class;year;percent;confidence;source\n\
                       serviceramme;2015;2;A;prøve\nserviceramme;2016;-0,5;A;prøve\noverfoersel;2015;1,6;A;prøve\n";

    fn indices() -> PriceIndices {
        PriceIndices::embedded().expect("shipped").with("pl.csv", OWN).expect("read")
    }

    fn fixed(ore: i64, class: BudgetClass, from: i16, to: i16) -> Result<i64> {
        Ok(indices().factor(class, from, to)?.apply(Ore(ore))?.0)
    }

    #[test]
    fn kroner_grow_year_by_year_and_shrink_back() {
        use BudgetClass::{ServiceFrame, Transfer};
        assert_eq!(fixed(10_000, ServiceFrame, 2014, 2015).expect("known"), 10_200);
        assert_eq!(fixed(10_000_000, ServiceFrame, 2014, 2016).expect("known"), 10_149_000);
        assert_eq!(fixed(10_149_000, ServiceFrame, 2016, 2014).expect("known"), 10_000_000);
        assert_eq!(fixed(12_345, ServiceFrame, 2011, 2011).expect("known"), 12_345, "the same year needs no index");
        assert_eq!(
            fixed(1_420_300, Transfer, 2014, 2016).expect("known"),
            1_458_898,
            "the own 1,6 replaces the shipped 1,5"
        );
        assert_eq!(fixed(-25, ServiceFrame, 2014, 2015).expect("known"), -26, "half to even by absolute value: 25,5");
    }

    #[test]
    fn a_missing_year_or_class_is_an_error() {
        for (class, from, to) in [
            (BudgetClass::ServiceFrame, 2013, 2015),
            (BudgetClass::ServiceFrame, 2017, 2015),
            (BudgetClass::OutsideFrame, 2014, 2015),
            (BudgetClass::Unknown, 2014, 2015),
        ] {
            assert_eq!(fixed(1, class, from, to).map_err(|error| error.kind()), Err(ErrorKind::Plan));
        }
    }

    #[test]
    fn rows_that_cannot_be_read_name_file_and_line() {
        for (row, says) in [
            ("service;2015;2;A;k", "linje 2: »service« er ingen budgetklasse"),
            ("serviceramme;15;2;A;k", "»15« er intet år"),
            ("serviceramme;2015;2.5;A;k", "procent"),
            ("serviceramme;2015;-100;A;k", "procent"),
            ("serviceramme;2015;2;D;k", "sikkerheden"),
            ("serviceramme;2015;2;A;", "kilden mangler"),
            ("serviceramme;2015;2;A;k\nserviceramme;2015;2;A;k", "linje 3: klasse og år står to gange"),
        ] {
            let error = PriceIndices::default().with("pl.csv", &format!("{HEADER}\n{row}\n")).expect_err(row);
            let told = error.to_string();
            assert!(told.contains("pl.csv") && told.contains(says), "{told}");
        }
    }
}
