//! The rule by which a spell counts on its days, and how its øre fall on calendar months.

use crate::domain::{AmountType, Date, Ore, Period, divide_half_even};

/// How a row was settled, so that its kroner stand on these days (`metrics.md`, grants and payments are settled).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A payment, or a credit, of the days that its row names.
    OwnPeriod,
    /// A payment without days of its own: it pays the oldest granted days not yet paid.
    OldestGrants,
    /// What a payment holds beyond the grants: it stays on its posting date.
    BeyondGrants,
    /// A payment that names no days where nothing is granted: it stands on its posting date.
    PostingDate,
    /// It names a row that it takes back, and no such row was found: it counts as the credit or payment that it is.
    UnpairedReversal,
    /// Granted days that nothing has paid, and that count all the same: a payment may still come, or came before the export
    /// begins, or no source of the plan pays the purpose.
    Estimated,
    /// A measure or grant without an amount.
    WithoutAmount,
    /// Price list times days, moved from the institution's own line.
    TariffMoved,
    /// A supplement collected by hand.
    Manual,
    /// A supplement collected by hand on days that a payment of its purpose group pays too: both stand, and one may be the other.
    ManualBesidePayment,
}

impl Rule {
    /// Every rule, in the order of the documents.
    pub const ALL: [Self; 10] = [
        Self::OwnPeriod,
        Self::OldestGrants,
        Self::BeyondGrants,
        Self::PostingDate,
        Self::UnpairedReversal,
        Self::Estimated,
        Self::WithoutAmount,
        Self::TariffMoved,
        Self::Manual,
        Self::ManualBesidePayment,
    ];

    /// The code that tables use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OwnPeriod => "egen-periode",
            Self::OldestGrants => "aeldste-bevilling",
            Self::BeyondGrants => "ud-over-bevilling",
            Self::PostingDate => "bogfoeringsdag",
            Self::UnpairedReversal => "tilbagefoersel-uden-modpart",
            Self::Estimated => "estimeret",
            Self::WithoutAmount => "uden-beloeb",
            Self::TariffMoved => "takst-flyttet",
            Self::Manual => "manuel",
            Self::ManualBesidePayment => "manuel-ved-siden-af-betaling",
        }
    }

    /// The rule of a code of [`code`](Self::code).
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// The rule in words for people.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::OwnPeriod => "betalt for rækkens egen periode",
            Self::OldestGrants => "betalt for de ældste ubetalte bevilgede dage",
            Self::BeyondGrants => "betalt ud over bevillingen, på bogføringsdagen",
            Self::PostingDate => "betalt uden periode og bevilling, på bogføringsdagen",
            Self::UnpairedReversal => "tilbageførsel af en række, der ikke er i udtrækket",
            Self::Estimated => "bevilget og ikke betalt (estimeret)",
            Self::WithoutAmount => "indsats uden beløb",
            Self::TariffMoved => "takst flyttet fra institutionen",
            Self::Manual => "manuelt tillæg",
            Self::ManualBesidePayment => "manuelt tillæg på dage, der også er betalt",
        }
    }
}

/// Divisible by 28, 29, 30 and 31, the days of a month.
const OF_MONTHS: i128 = 377_580;
/// Divisible by 90, 91 and 92, the days of a quarter.
const OF_QUARTERS: i128 = 376_740;
/// Divisible by 365 and 366.
const OF_YEARS: i128 = 133_590;

/// The øre of a spell's days by calendar month. An amount per month, quarter or year weighs a day by the days of its
/// month, quarter or year; any other amount weighs all days alike. Each month is the difference of two rounded
/// cumulative sums, so that the months always add up to `ore`.
pub fn by_month(days: Period, ore: Ore, amount_type: AmountType) -> impl Iterator<Item = (Period, Ore)> {
    // Walked twice rather than kept: there are as many spells as rows.
    let parts = move || {
        let part = move |from: Date| Period { from, to: from.month_end().min(days.to) };
        std::iter::successors(Some(part(days.from)), move |before| Some(part(before.to.plus(1))))
            .take_while(move |part| part.from <= days.to)
            .map(move |part| (part, weight(amount_type, part) * i128::from(part.days())))
    };
    let sum: i128 = parts().map(|(_, weight)| weight).sum();
    let (mut until, mut before) = (0, 0);
    parts().map(move |(part, weight)| {
        until += weight;
        let passed = divide_half_even(i128::from(ore.0) * until, sum);
        // A part has no more øre than the whole, so both fit.
        let of_part = i64::try_from(passed - before).unwrap_or_default();
        before = passed;
        (part, Ore(of_part))
    })
}

/// How much each day of a month weighs.
fn weight(amount_type: AmountType, month: Period) -> i128 {
    match amount_type {
        AmountType::Month => OF_MONTHS / i128::from(month.from.month().days()),
        AmountType::Quarter => OF_QUARTERS / i128::from(month.from.quarter().days()),
        AmountType::Year => OF_YEARS / i128::from(month.from.year().days()),
        _ => 1,
    }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "amounts in tests read as kroner_øre")]
mod tests {
    use proptest::{prelude::*, test_runner::RngSeed};

    use super::*;
    use crate::{
        domain::Date,
        ledger::{ore_of_days, twin::AMOUNT_TYPES},
    };

    fn days(from: &str, to: &str) -> Period {
        let day = |text| Date::parse_iso(text).expect("a date");
        Period { from: day(from), to: day(to) }
    }

    fn kroner(days: Period, ore: i64, amount_type: AmountType) -> Vec<i64> {
        by_month(days, Ore(ore), amount_type).map(|(_, ore)| ore.0).collect()
    }

    #[test]
    fn months_weigh_their_days_as_the_ledger_does() {
        let quarter = days("2015-01-01", "2015-03-31");
        assert_eq!(kroner(quarter, 18_000_00, AmountType::Month), [6_000_00; 3]);
        assert_eq!(kroner(quarter, 18_000_00, AmountType::Contract), [6_200_00, 5_600_00, 6_200_00]);
        assert_eq!(kroner(quarter, 193_500_00, AmountType::Day), [66_650_00, 60_200_00, 66_650_00]);
        let half = days("2015-03-16", "2015-04-15");
        assert_eq!(kroner(half, 1_016_13, AmountType::Month), [516_13, 500_00]);
        assert_eq!(kroner(days("2015-05-20", "2015-05-20"), -7, AmountType::Lump), [-7]);
        assert_eq!(kroner(days("2015-01-31", "2015-02-01"), 0, AmountType::Nothing), [0, 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(20_261_127),
            ..ProptestConfig::default()
        })]

        /// Months tile the days in order, add up to the spell whatever it holds, and lie within an øre of what the ledger
        /// gives the same days of the row.
        #[test]
        fn months_add_up_and_follow_the_ledger(
            start in 0_i32..20_000, length in 1_i32..900, amount in -9_000_000_i64..9_000_000, kind in 0_usize..9,
        ) {
            let amount_type = AMOUNT_TYPES[kind];
            let spell = Period { from: Date::EPOCH.plus(start), to: Date::EPOCH.plus(start + length - 1) };
            let spell = if amount_type == AmountType::Lump { Period { to: spell.from, ..spell } } else { spell };
            let of_row = |days| ore_of_days(Ore(amount), 1000, amount_type, spell, days).expect("small");
            let whole = of_row(spell);
            let months: Vec<_> = by_month(spell, whole, amount_type).collect();
            prop_assert_eq!(Ore::sum(months.iter().map(|(_, ore)| *ore)), Ok(whole));
            prop_assert_eq!((months[0].0.from, months[months.len() - 1].0.to), (spell.from, spell.to));
            for pair in months.windows(2) {
                prop_assert_eq!(pair[0].0.to.plus(1), pair[1].0.from);
                prop_assert_eq!(pair[1].0.from.ymd().2, 1);
            }
            for (month, ore) in &months {
                prop_assert!((ore.0 - of_row(*month).0).abs() <= 2, "{} {:?}", ore.0, of_row(*month));
            }
            let large = by_month(spell, Ore(i64::MIN), amount_type);
            prop_assert_eq!(large.map(|(_, ore)| i128::from(ore.0)).sum::<i128>(), i128::from(i64::MIN));
        }
    }
}
