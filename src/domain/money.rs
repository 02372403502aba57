//! Money in whole øre.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in øre (1/100 kr.). Sums are checked and no float ever touches it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ore(pub i64);

/// A sum that does not fit in 64 bits: more than 92 quadrillion kroner, so a broken input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OreOverflow;

impl fmt::Display for OreOverflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("en sum af beløb er for stor til at kunne være rigtig")
    }
}

impl std::error::Error for OreOverflow {}

impl Ore {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The checked sum.
    ///
    /// # Errors
    /// When it leaves 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, OreOverflow> {
        self.0.checked_add(other.0).map(Self).ok_or(OreOverflow)
    }

    /// The checked sum of many amounts.
    ///
    /// # Errors
    /// When it leaves 64 bits.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, OreOverflow> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// The amount rounded half-even to a multiple of `unit` kroner, for lists that must not show exact figures.
    #[must_use]
    pub fn rounded_to_kroner(self, unit: u32) -> Self {
        let unit = i128::from(unit.max(1)) * 100;
        Self(i64::try_from(divide_half_even(i128::from(self.0), unit) * unit).unwrap_or(self.0))
    }
}

/// Divides and rounds half-even by absolute value, so that a credit mirrors its charge.
///
/// # Panics
/// When the divisor is not positive.
#[must_use]
pub(crate) fn divide_half_even(numerator: i128, divisor: i128) -> i128 {
    assert!(divisor > 0, "rounding needs a positive divisor");
    let magnitude = numerator.abs();
    let (quotient, rest) = (magnitude / divisor, magnitude % divisor);
    let up = rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 == 1);
    (quotient + i128::from(up)) * numerator.signum()
}

impl std::ops::Neg for Ore {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// Danish form with unit left out: `1.234.567,89`.
impl fmt::Display for Ore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let kroner = (magnitude / 100).to_string();
        let mut text = String::with_capacity(kroner.len() + kroner.len() / 3 + 4);
        if self.0 < 0 {
            text.push('-');
        }
        for (index, digit) in kroner.chars().enumerate() {
            if index > 0 && (kroner.len() - index).is_multiple_of(3) {
                text.push('.');
            }
            text.push(digit);
        }
        text.push_str(&format!(",{:02}", magnitude % 100));
        formatter.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_danish() {
        assert_eq!(Ore(123_456_789).to_string(), "1.234.567,89");
        assert_eq!(Ore(-100_005).to_string(), "-1.000,05");
        assert_eq!(Ore(7).to_string(), "0,07");
        assert_eq!(Ore(i64::MIN).to_string(), "-92.233.720.368.547.758,08");
    }

    #[test]
    fn rounds_half_even_by_absolute_value() {
        let rounded: Vec<i128> = [5, 15, 25, -5, -15, -25, 14, 16].map(|value| divide_half_even(value, 10)).to_vec();
        assert_eq!(rounded, [0, 2, 2, 0, -2, -2, 1, 2]);
        assert_eq!(Ore(150_000_00).rounded_to_kroner(100_000), Ore(200_000_00));
        assert_eq!(Ore(-149_999_99).rounded_to_kroner(100_000), Ore(-100_000_00));
    }

    #[test]
    fn sums_are_checked() {
        assert_eq!(Ore::sum([Ore(i64::MAX), Ore(1)]), Err(OreOverflow));
        assert_eq!(Ore::sum([Ore(1), Ore(-3)]), Ok(Ore(-2)));
    }
}
