//! How much of a month is usually booked by now (`metrics.md`, P17: late bills make the last months look cheap).

use super::{
    Entry,
    grants::{has_no_period, is_positive},
};
use crate::domain::{Date, Ore, OreOverflow, Period, Role};

/// The kroner of a source's payments by how long after their last service day they were booked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lags {
    /// By days, those booked on the last service day or before it first.
    by_days: Vec<Ore>,
}

impl Lags {
    /// Takes a row in when it is a payment of named days whose last lies in `mature`: days for which every bill has come.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn add(&mut self, row: &Entry, mature: Period) -> Result<(), OreOverflow> {
        if row.role != Role::Actual || !mature.contains(row.to) || has_no_period(row) || !is_positive(row) {
            return Ok(());
        }
        let days = usize::try_from(row.posted.days() - row.to.days()).unwrap_or(0);
        self.put(days, row.amount)
    }

    /// Takes in what another part of the source holds.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn add_all(&mut self, other: &Self) -> Result<(), OreOverflow> {
        other.by_days.iter().enumerate().try_for_each(|(days, ore)| self.put(days, *ore))
    }

    fn put(&mut self, days: usize, ore: Ore) -> Result<(), OreOverflow> {
        if self.by_days.len() <= days {
            self.by_days.resize(days + 1, Ore::ZERO);
        }
        self.by_days[days] = self.by_days[days].plus(ore)?;
        Ok(())
    }

    /// The months of a period of which some kroner are usually not booked on `data_end`, by their first day, with the share
    /// that is, in parts per million. None when no mature payment tells.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn unripe(&self, period: Period, data_end: Date) -> Result<Vec<(Date, u32)>, OreOverflow> {
        let all = Ore::sum(self.by_days.iter().copied())?;
        let mut months = Vec::new();
        let mut month = period.from.month();
        while all > Ore::ZERO && month.from <= period.to {
            let age = data_end.days() - month.to.min(period.to).days();
            let days = usize::try_from(age).map_or(0, |age| age + 1).min(self.by_days.len());
            let booked = Ore::sum(self.by_days[..days].iter().copied())?;
            let parts = i128::from(booked.0) * 1_000_000 / i128::from(all.0);
            if booked < all {
                months.push((month.from, u32::try_from(parts).unwrap_or(0)));
            }
            month = month.to.plus(1).month();
        }
        Ok(months)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AmountType, PersonId, ServiceId, SourceId};

    fn day(text: &str) -> Date {
        Date::parse_iso(text).expect("a date")
    }

    fn paid(to: &str, posted: &str, amount: i64) -> Entry {
        Entry {
            person: PersonId(0),
            service: ServiceId(0),
            role: Role::Actual,
            source: SourceId(0),
            amount_type: AmountType::Contract,
            from: day(to).month_start(),
            to: day(to),
            amount: Ore(amount),
            quantity: 1000,
            document: 0,
            reverses: 0,
            posted: day(posted),
            line: 0,
            file: 0,
        }
    }

    #[test]
    fn the_last_months_are_as_ripe_as_the_first_were_at_their_age() {
        let mature = Period { from: day("2015-01-01"), to: day("2015-03-17") };
        let grant = Entry { role: Role::Granted, ..paid("2015-01-31", "2015-01-31", 9_000) };
        let rows = [
            // At once, within the month, after 59 days.
            paid("2015-01-31", "2015-01-20", 30),
            paid("2015-01-31", "2015-02-28", 30),
            paid("2015-02-28", "2015-04-28", 40),
            // Bills of these days may still come, came before, or tell no days.
            paid("2015-03-31", "2015-03-31", 9_000),
            paid("2014-12-31", "2015-06-01", 9_000),
            Entry { amount_type: AmountType::Lump, ..paid("2015-01-31", "2015-01-31", 9_000) },
            Entry { amount: Ore(-9_000), ..paid("2015-01-31", "2015-01-31", 1) },
            grant,
        ];
        let period = Period { from: day("2015-01-01"), to: day("2015-06-30") };
        let unripe = |rows: &[Entry]| {
            let (mut lags, mut other) = (Lags::default(), Lags::default());
            for (place, row) in rows.iter().enumerate() {
                let part = if place % 2 == 0 { &mut lags } else { &mut other };
                part.add(row, mature).expect("small");
            }
            lags.add_all(&other).expect("small");
            lags.unripe(period, period.to).expect("small")
        };
        // May is 30 days old at the end of the data, June none; April is 61.
        assert_eq!(unripe(&rows), [(day("2015-05-01"), 600_000), (day("2015-06-01"), 300_000)]);
        assert!(unripe(&rows[..1]).is_empty(), "all of it comes at once");
        assert!(unripe(&rows[3..]).is_empty(), "nothing tells");
    }

    #[test]
    fn a_month_after_the_end_of_the_data_has_nothing() {
        let mut lags = Lags::default();
        let all = Period { from: day("2015-01-01"), to: day("2015-12-31") };
        lags.add(&paid("2015-01-31", "2015-01-31", 5), all).expect("small");
        assert_eq!(lags.unripe(all, day("2015-11-30")), Ok(vec![(day("2015-12-01"), 0)]));
    }
}
