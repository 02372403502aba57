//! Kroner in the prices of one year (`metrics.md`, price level).

use std::collections::BTreeMap;

use super::ServiceFacts;
use crate::{
    base::Result,
    catalogue::PriceIndices,
    domain::{AmountType, BudgetClass, Ore, Period},
    ledger::by_month,
};

/// The year whose prices are used, and how other years' become them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedPrices {
    indices: PriceIndices,
    year: i16,
}

impl FixedPrices {
    /// The prices of a year.
    #[must_use]
    pub const fn new(indices: PriceIndices, year: i16) -> Self {
        Self { indices, year }
    }

    /// The year.
    #[must_use]
    pub const fn year(&self) -> i16 {
        self.year
    }

    /// Whether kroner of a class and year can be turned into this year's.
    ///
    /// # Errors
    /// When an index is missing.
    pub fn check(&self, class: BudgetClass, year: i16) -> Result<()> {
        self.indices.factor(class, year, self.year).map(|_| ())
    }

    /// The sum of amounts in this year's prices. Amounts are summed by class and year first, and each sum is rounded once, so that
    /// a spell cut in two changes nothing.
    ///
    /// # Errors
    /// When an index is missing, or a sum leaves 64 bits.
    pub(super) fn fixed<'a>(
        &self,
        amounts: impl Iterator<Item = (&'a ServiceFacts, Period, Ore, AmountType)>,
    ) -> Result<Ore> {
        let mut sums = BTreeMap::<(BudgetClass, i16), Ore>::new();
        for (facts, days, ore, amount_type) in amounts {
            for (year, ore) in by_year(days, ore, amount_type) {
                let sum = sums.entry((facts.budget_class, year)).or_default();
                *sum = sum.plus(ore)?;
            }
        }
        let mut fixed = Ore::ZERO;
        for ((class, year), ore) in sums.into_iter().filter(|(_, ore)| *ore != Ore::ZERO) {
            fixed = fixed.plus(self.indices.factor(class, year, self.year)?.apply(ore)?)?;
        }
        Ok(fixed)
    }
}

/// Parts an amount by calendar year, as its rate falls on the months.
fn by_year(days: Period, ore: Ore, amount_type: AmountType) -> Vec<(i16, Ore)> {
    let (first, last) = (days.from.ymd().0, days.to.ymd().0);
    if first == last {
        return vec![(first, ore)];
    }
    by_month(days, ore, amount_type).map(|(part, ore)| (part.from.ymd().0, ore)).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::example::{day, services},
        *,
    };

    fn prices(year: i16) -> FixedPrices {
        let own = "class;year;percent;confidence;source\nserviceramme;2015;2;A;p\nserviceramme;2016;1;A;p\noverfoersel;2015;1,5;A;p\n";
        FixedPrices::new(PriceIndices::default().with("p.csv", own).expect("indices"), year)
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: day(from), to: day(to) }
    }

    #[test]
    fn each_class_and_year_has_its_own_index() {
        let facts = services();
        let (frame, transfer) = (&facts[0], &facts[1]);
        let of_2014 = period("2014-03-01", "2014-03-31");
        let amounts = [
            (frame, of_2014, Ore(10_000), AmountType::Day),
            (transfer, of_2014, Ore(10_000), AmountType::Day),
            (frame, period("2015-01-01", "2015-01-31"), Ore(10_000), AmountType::Day),
        ];
        assert_eq!(prices(2015).fixed(amounts.into_iter()).expect("known"), Ore(10_200 + 10_150 + 10_000));
        let back =
            prices(2014).fixed([(frame, period("2015-01-01", "2015-01-31"), Ore(10_200), AmountType::Day)].into_iter());
        assert_eq!(back.expect("known"), Ore(10_000));
        assert!(
            prices(2016).fixed([(transfer, of_2014, Ore(1), AmountType::Day)].into_iter()).is_err(),
            "no index of 2016"
        );
        assert_eq!(
            prices(2016).fixed([(transfer, of_2014, Ore(0), AmountType::Day)].into_iter()).expect("nothing to turn"),
            Ore(0)
        );
    }

    #[test]
    fn a_spell_across_new_year_is_parted_like_its_rate_and_a_cut_changes_nothing() {
        let days = period("2014-12-01", "2015-02-08");
        let parts = by_year(days, Ore(7_001), AmountType::Day);
        assert_eq!(parts, [(2014, Ore(3_100)), (2015, Ore(3_101)), (2015, Ore(800))], "31, 31 and 8 of 70 days");
        let of_months = by_year(period("2014-12-16", "2015-01-31"), Ore(1_516), AmountType::Month);
        assert_eq!(of_months, [(2014, Ore(516)), (2015, Ore(1_000))], "16 of 31 days of a month's 1.000");
        let facts = services();
        let whole = prices(2016).fixed([(&facts[0], days, Ore(7_000), AmountType::Day)].into_iter()).expect("known");
        let cut = [
            (&facts[0], period("2014-12-01", "2015-01-03"), Ore(3_400), AmountType::Day),
            (&facts[0], period("2015-01-04", "2015-02-08"), Ore(3_600), AmountType::Day),
        ];
        assert_eq!(prices(2016).fixed(cut.into_iter()).expect("known"), whole);
    }
}
