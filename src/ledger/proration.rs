//! The amount of some days of a row, by cumulative rounding (`metrics.md`, cost of one spell).
//!
//! Let C(t) be the exact amount from an anchor up to the start of day t, rounded half-even to øre. The days a to b carry
//! C(b + 1) - C(a). So the parts of any split add up to the whole, which rounding each part by itself would not give.

use crate::domain::{AmountType, Date, Ore, OreOverflow, Period, divide_half_even};

/// What a quantity of one is written as: quantities come in thousandths.
const ONE: i32 = 1000;

/// Whether the row's amount cannot be spread because a period amount has no end: it then stands on its first day.
#[must_use]
pub fn is_not_periodised(amount_type: AmountType, contract: Period) -> bool {
    amount_type == AmountType::Contract && contract.to == Date::MAX
}

/// The days on which a row's amount stands: its contract, or its first day for a lump and for a period amount without
/// an end.
#[must_use]
pub fn standing_days(amount_type: AmountType, contract: Period) -> Period {
    if amount_type == AmountType::Lump || is_not_periodised(amount_type, contract) {
        Period { from: contract.from, to: contract.from }
    } else {
        contract
    }
}

/// The øre of the days that `days` and the row share.
///
/// `amount` times `quantity` (in thousandths) is the rate or the sum, and is not rounded by itself. `contract` is the
/// row's own period, with [`Date::MAX`] for an open end; a period amount is spread over it, never over a truncated one.
/// Rates of hours reach here as weeks, with the hours of a week as the quantity.
///
/// # Errors
/// When the amount leaves 64 bits.
pub fn ore_of_days(
    amount: Ore,
    quantity: i32,
    amount_type: AmountType,
    contract: Period,
    days: Period,
) -> Result<Ore, OreOverflow> {
    let Some(days) = standing_days(amount_type, contract).intersection(days) else { return Ok(Ore::ZERO) };
    let rate = Rate { amount: amount.0, quantity };
    let ore = match amount_type {
        AmountType::Nothing => 0,
        AmountType::Lump => rate.whole(),
        AmountType::Contract if is_not_periodised(amount_type, contract) => rate.whole(),
        AmountType::Contract => rate.since_anchor(contract.from, days, contract.days()),
        AmountType::Day => rate.since_anchor(Date::EPOCH, days, 1),
        AmountType::Week => rate.since_anchor(Date::EPOCH, days, 7),
        AmountType::Fortnight => rate.since_anchor(Date::EPOCH, days, 14),
        AmountType::Month => rate.by_calendar(days, Date::month, 1),
        AmountType::Quarter => rate.by_calendar(days, Date::quarter, 3),
        AmountType::Year => rate.by_calendar(days, Date::year, 12),
    };
    i64::try_from(ore).map(Ore).map_err(|_| OreOverflow)
}

/// An amount and how many times it counts, in thousandths. Their product is never rounded before it is spread.
#[derive(Clone, Copy)]
struct Rate {
    amount: i64,
    quantity: i32,
}

impl Rate {
    /// C after `days` days when the rate holds for every `unit` days. Results are wide, because a difference of two
    /// that leave 64 bits may well fit.
    #[inline]
    fn cumulative(self, days: i32, unit: i32) -> i128 {
        // Nearly every posting is asked for all of its own days.
        if self.quantity == ONE && (days == unit || days == 0) {
            return if days == 0 { 0 } else { self.amount.into() };
        }
        self.rounded(days, unit)
    }

    /// [`Self::cumulative`] of any days.
    fn rounded(self, days: i32, unit: i32) -> i128 {
        let (quantity, divisor) = if self.quantity == ONE {
            (1, i64::from(unit))
        } else {
            (i64::from(self.quantity), i64::from(unit) * i64::from(ONE))
        };
        // Division of 128 bits is slow, and real amounts never need it: the checked products prove that 64 bits do.
        let product = self.amount.checked_mul(quantity).and_then(|product| product.checked_mul(i64::from(days)));
        match product {
            Some(numerator) => i128::from(narrow_half_even(numerator, divisor)),
            // 63 + 31 + 31 bits at the most.
            None => divide_half_even(i128::from(self.amount) * i128::from(quantity) * i128::from(days), divisor.into()),
        }
    }

    /// The amount once.
    fn whole(self) -> i128 {
        self.cumulative(1, 1)
    }

    /// C(b + 1) - C(a) for the days a to b, counted from the anchor.
    fn since_anchor(self, anchor: Date, days: Period, unit: i32) -> i128 {
        let start = days.from.days() - anchor.days();
        self.cumulative(start + days.days(), unit) - self.cumulative(start, unit)
    }

    /// The days of amounts that belong to calendar units of this many months: each unit has its first day as anchor,
    /// and those that are covered whole carry the whole amount.
    fn by_calendar(self, days: Period, unit_of: impl Fn(Date) -> Period, months: i32) -> i128 {
        let (first, last) = (unit_of(days.from), unit_of(days.to));
        if first == last {
            return self.since_anchor(first.from, days, first.days());
        }
        let whole_units = (month_number(last.from) - month_number(first.from)) / months - 1;
        self.since_anchor(first.from, Period { from: days.from, to: first.to }, first.days())
            + self.whole() * i128::from(whole_units)
            + self.since_anchor(last.from, Period { from: last.from, to: days.to }, last.days())
    }
}

/// Months since year 0.
fn month_number(date: Date) -> i32 {
    let (year, month, _) = date.ymd();
    i32::from(year) * 12 + i32::from(month)
}

/// [`divide_half_even`] in 64 bits, for divisors far below them.
fn narrow_half_even(numerator: i64, divisor: i64) -> i64 {
    let (quotient, rest) = (numerator / divisor, (numerator % divisor).abs());
    let up = rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 != 0);
    if up { quotient + numerator.signum() } else { quotient }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "amounts in tests read as kroner_øre")]
mod tests {
    use proptest::{prelude::*, test_runner::RngSeed};

    use super::*;
    use crate::ledger::twin;

    fn period(from: &str, to: &str) -> Period {
        let day = |text| Date::parse_iso(text).expect("a date");
        Period::new(day(from), day(to)).expect("in order")
    }

    fn open(from: &str) -> Period {
        Period { to: Date::MAX, ..period(from, "9998-12-31") }
    }

    fn half_year() -> Period {
        period("2015-01-01", "2015-06-30")
    }

    fn once(amount: i64, amount_type: AmountType, contract: Period, days: Period) -> i64 {
        ore_of_days(Ore(amount), ONE, amount_type, contract, days).expect("small").0
    }

    #[test]
    fn a_period_amount_is_spread_over_the_days_of_its_contract() {
        let contract = period("2014-10-01", "2015-03-31");
        let months = ["2014-10-01", "2014-11-01", "2014-12-01", "2015-01-01", "2015-02-01", "2015-03-01"]
            .map(|first| Date::parse_iso(first).expect("a date").month())
            .map(|month| once(48_000_00, AmountType::Contract, contract, month));
        assert_eq!(months, [8_175_82, 7_912_09, 8_175_83, 8_175_82, 7_384_62, 8_175_82]);
        assert_eq!(once(48_000_00, AmountType::Contract, contract, half_year()), 23_736_26);
    }

    #[test]
    fn a_placement_counts_its_days_in_the_period_and_not_the_whole_spell() {
        let contract = period("2014-11-01", "2015-12-31");
        assert_eq!(once(2_150_00, AmountType::Day, contract, half_year()), 389_150_00);
        assert_eq!(once(2_150_00, AmountType::Day, contract, contract), 915_900_00);
    }

    #[test]
    fn a_weekly_rate_is_a_seventh_a_day() {
        assert_eq!(once(350_00, AmountType::Week, open("2015-05-20"), half_year()), 2_100_00);
        let week = period("2015-03-04", "2015-03-10");
        let hours = ore_of_days(Ore(420_00), 5 * ONE, AmountType::Week, open("2015-01-01"), week);
        assert_eq!(hours, Ok(Ore(2_100_00)));
        let fortnight = period("2015-03-04", "2015-03-17");
        assert_eq!(once(700_01, AmountType::Fortnight, open("2015-01-01"), fortnight), 700_01);
    }

    #[test]
    fn a_credit_over_six_months_sums_back_to_itself() {
        let credit = -10_000_01;
        let months: Vec<i64> = (1..=6)
            .map(|month| Date::from_ymd(2015, month, 1).expect("a date").month())
            .map(|month| once(credit, AmountType::Contract, half_year(), month))
            .collect();
        let charge: Vec<i64> = (1..=6)
            .map(|month| Date::from_ymd(2015, month, 1).expect("a date").month())
            .map(|month| -once(-credit, AmountType::Contract, half_year(), month))
            .collect();
        assert_eq!(months.iter().sum::<i64>(), credit);
        assert_eq!(months, charge, "a credit mirrors its charge");
    }

    #[test]
    fn a_whole_calendar_unit_carries_the_whole_amount() {
        let contract = open("2010-01-01");
        for (first, last) in [("2015-02-01", "2015-02-28"), ("2016-02-01", "2016-02-29"), ("2015-01-01", "2015-01-31")]
        {
            assert_eq!(once(10_000_01, AmountType::Month, contract, period(first, last)), 10_000_01);
        }
        assert_eq!(once(10_000_01, AmountType::Quarter, contract, period("2015-01-01", "2015-03-31")), 10_000_01);
        assert_eq!(once(10_000_01, AmountType::Year, contract, period("2016-01-01", "2016-12-31")), 10_000_01);
        assert_eq!(once(28_00, AmountType::Month, contract, period("2015-02-03", "2015-02-04")), 2_00);
        let years = period("2012-02-28", "2015-03-01");
        assert_eq!(once(366_00, AmountType::Year, contract, years), 308_00 + 2 * 366_00 + 6_016);
    }

    #[test]
    fn what_has_no_days_stands_whole_on_its_first_day() {
        let contract = open("2015-02-10");
        assert!(is_not_periodised(AmountType::Contract, contract));
        assert!(!is_not_periodised(AmountType::Day, contract));
        assert_eq!(once(900_00, AmountType::Contract, contract, half_year()), 900_00);
        assert_eq!(once(900_00, AmountType::Contract, contract, period("2015-02-11", "2015-06-30")), 0);
        let lump = period("2015-02-10", "2015-05-01");
        assert_eq!(once(900_00, AmountType::Lump, lump, period("2015-02-10", "2015-02-10")), 900_00);
        assert_eq!(once(900_00, AmountType::Lump, lump, period("2015-02-11", "2015-06-30")), 0);
        assert_eq!(once(900_00, AmountType::Nothing, lump, half_year()), 0);
    }

    #[test]
    fn days_outside_the_contract_carry_nothing() {
        let contract = period("2015-03-01", "2015-03-31");
        assert_eq!(once(100_00, AmountType::Day, contract, half_year()), 3_100_00);
        assert_eq!(once(100_00, AmountType::Month, contract, period("2015-04-01", "2015-04-30")), 0);
    }

    #[test]
    fn the_quantity_is_not_rounded_by_itself() {
        // A third of an øre a day: three days are one øre, though each alone would round to none.
        let days = period("1970-01-01", "1970-01-03");
        assert_eq!(ore_of_days(Ore(1), 333, AmountType::Day, days, days), Ok(Ore(1)));
        assert_eq!(ore_of_days(Ore(1), 500, AmountType::Lump, days, days), Ok(Ore(0)));
        assert_eq!(ore_of_days(Ore(3), 500, AmountType::Lump, days, days), Ok(Ore(2)));
    }

    #[test]
    fn too_large_amounts_are_told_and_large_ones_are_exact() {
        let days = period("2015-01-01", "2015-01-02");
        let day = period("2015-01-01", "2015-01-01");
        assert_eq!(ore_of_days(Ore(i64::MAX), ONE, AmountType::Day, days, days), Err(OreOverflow));
        assert_eq!(ore_of_days(Ore(i64::MAX), ONE, AmountType::Day, days, day), Ok(Ore(i64::MAX)));
        assert_eq!(ore_of_days(Ore(i64::MIN), i32::MAX, AmountType::Year, days, days), Err(OreOverflow));
        assert_eq!(ore_of_days(Ore(i64::MIN), i32::MIN, AmountType::Contract, days, days), Err(OreOverflow));
    }

    fn amount() -> impl Strategy<Value = i64> {
        prop_oneof![-2_000_000_i64..2_000_000, -9_000_000_000_000_000..9_000_000_000_000_000_i64]
    }

    fn quantity() -> impl Strategy<Value = i32> {
        prop_oneof![Just(ONE), -3_000..40_000, any::<i32>()]
    }

    fn contract() -> impl Strategy<Value = Period> {
        (-1_000..20_000_i32, 0..900_i32, prop::bool::weighted(0.2)).prop_map(|(from, length, open)| Period {
            from: Date::EPOCH.plus(from),
            to: if open { Date::MAX } else { Date::EPOCH.plus(from + length) },
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(2015),
            ..ProptestConfig::default()
        })]

        #[test]
        fn the_short_way_is_the_long_one(amount in amount(), quantity in quantity(), unit in 1..400_i32, days in 0..400_i32) {
            let rate = Rate { amount, quantity };
            for days in [days, unit, 0] {
                prop_assert_eq!(rate.cumulative(days, unit), rate.rounded(days, unit));
            }
        }

        #[test]
        fn equals_the_sum_of_single_days(
            amount in amount(), quantity in quantity(), kind in 0..twin::AMOUNT_TYPES.len(), contract in contract(),
            start in -50..900_i32, length in 0..500_i32,
        ) {
            let amount_type = twin::AMOUNT_TYPES[kind];
            let from = contract.from.plus(start);
            let days = Period { from, to: from.plus(length) };
            let twin: i128 = twin::days_of(days)
                .map(|day| twin::ore_of_day(amount, quantity, amount_type, contract, day))
                .sum();
            let ore = ore_of_days(Ore(amount), quantity, amount_type, contract, days);
            prop_assert_eq!(ore, i64::try_from(twin).map(Ore).map_err(|_| OreOverflow));
        }

        #[test]
        fn any_split_of_the_days_adds_up(
            amount in amount(), kind in 0..twin::AMOUNT_TYPES.len(), contract in contract(), quantity in -3_000..40_000_i32,
            start in -50..900_i32, length in 1..900_i32, cut in 0..899_i32,
        ) {
            let from = contract.from.plus(start);
            let (to, cut) = (from.plus(length), from.plus(cut % length));
            let ore = |days| ore_of_days(Ore(amount), quantity, twin::AMOUNT_TYPES[kind], contract, days);
            let (whole, head, tail) =
                (ore(Period { from, to }), ore(Period { from, to: cut }), ore(Period { from: cut.plus(1), to }));
            if let (Ok(whole), Ok(head), Ok(tail)) = (whole, head, tail) {
                prop_assert_eq!(Ok(whole), head.plus(tail));
            }
        }

        #[test]
        fn the_narrow_division_equals_the_wide_one(
            numerator in prop_oneof![any::<i64>(), -999..999_i64], divisor in prop_oneof![1..4_000_000_000_i64, 1..9_i64],
        ) {
            prop_assert_eq!(
                i128::from(narrow_half_even(numerator, divisor)),
                divide_half_even(numerator.into(), divisor.into())
            );
        }
    }
}
