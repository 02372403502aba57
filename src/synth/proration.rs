//! What an amount is on some of its days, written straight from the rule: C(t) is the exact amount from an anchor to the
//! start of day t, rounded half-even to øre, and the days a to b have C(b + 1) - C(a). The ledger has its own.

use crate::domain::{Date, Period};

/// How a grant's rate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Per day.
    Day,
    /// Per week, a seventh a day.
    Week,
    /// Per calendar month.
    Month,
    /// For the whole contract.
    Contract,
}

/// The øre of `days` of an amount per `rate` times a quantity in thousandths, granted for `contract`.
#[must_use]
pub fn ore_of(amount: i64, thousandths: i64, rate: Rate, contract: Period, days: Period) -> i64 {
    let Some(days) = contract.intersection(days) else { return 0 };
    let exact = i128::from(amount) * i128::from(thousandths);
    let between = |anchor: Date, unit: i32, days: Period| {
        let until = |day: Date| half_even(exact * i128::from(day.days() - anchor.days()), 1000 * i128::from(unit));
        until(days.to.plus(1)) - until(days.from)
    };
    match rate {
        Rate::Day => between(Date::EPOCH, 1, days),
        Rate::Week => between(Date::EPOCH, 7, days),
        Rate::Contract => between(contract.from, contract.days(), days),
        Rate::Month => months(days).map(|month| between(month.0.from, month.0.days(), month.1)).sum(),
    }
}

/// The calendar months of some days, each with those of the days that lie in it.
pub fn months(days: Period) -> impl Iterator<Item = (Period, Period)> {
    let mut next = Some(days.from);
    std::iter::from_fn(move || {
        let month = next?.month();
        let part = month.intersection(days)?;
        next = Some(month.to.plus(1)).filter(|day| *day <= days.to);
        Some((month, part))
    })
}

fn half_even(numerator: i128, divisor: i128) -> i64 {
    let (floor, rest) = (numerator.div_euclid(divisor), numerator.rem_euclid(divisor));
    let up = rest * 2 > divisor || (rest * 2 == divisor && floor.rem_euclid(2) == 1);
    i64::try_from(floor + i128::from(up)).expect("amounts of a made-up world are small")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Period {
        let day = |text| Date::parse_iso(text).expect("a date");
        Period { from: day(from), to: day(to) }
    }

    #[test]
    fn worked_figures_of_the_definitions() {
        let half_year = days("2014-10-01", "2015-03-31");
        let of = |from, to| ore_of(4_800_000, 1000, Rate::Contract, half_year, days(from, to));
        assert_eq!(of("2014-10-01", "2014-10-31"), 817_582);
        assert_eq!(of("2014-11-01", "2014-11-30"), 791_209);
        assert_eq!(of("2015-01-01", "2015-06-30"), 2_373_626);
        let stay = days("2014-11-01", "2015-12-31");
        assert_eq!(ore_of(215_000, 1000, Rate::Day, stay, days("2015-01-01", "2015-06-30")), 38_915_000);
        let open = days("2015-05-20", "2030-01-01");
        assert_eq!(ore_of(35_000, 1000, Rate::Week, open, days("2015-01-01", "2015-06-30")), 210_000);
        assert_eq!(ore_of(42_000, 5000, Rate::Week, stay, days("2015-03-02", "2015-03-08")), 210_000);
        let three_months = days("2015-02-01", "2015-04-15");
        assert_eq!(ore_of(280_001, 1000, Rate::Month, three_months, days("2015-01-01", "2015-03-31")), 560_002);
    }

    #[test]
    fn months_part_the_days() {
        let parts: Vec<i32> = months(days("2015-01-30", "2015-03-02")).map(|(_, part)| part.days()).collect();
        assert_eq!(parts, [2, 28, 2]);
    }
}
