//! What a ledger file holds as it was read, before any rule: the total against which everything the ledger makes of it must add up.

use std::collections::BTreeMap;

use crate::domain::{Ore, OreOverflow, ServiceId};

/// The øre of one source of postings by accounting year (Regnskabsår) and account group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Years in the order in which they were met, each with its øre by service. A ledger file has few, so the last is looked at
    /// first and the rest in turn.
    years: Vec<(i16, Vec<Sums>)>,
}

/// The øre of one account group in one year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    all: Ore,
    /// What a budget has too: balance legs left out.
    in_budget: Ore,
}

impl Sums {
    #[inline]
    fn add(&mut self, ore: Ore, in_budget: bool) -> Result<(), OreOverflow> {
        self.all = self.all.plus(ore)?;
        if in_budget {
            self.in_budget = self.in_budget.plus(ore)?;
        }
        Ok(())
    }
}

impl Booked {
    /// Counts one row; `in_budget` is false for balance legs.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    #[inline]
    pub fn add(&mut self, year: i16, service: ServiceId, ore: Ore, in_budget: bool) -> Result<(), OreOverflow> {
        // Nearly every row.
        if let Some((known, accounts)) = self.years.last_mut()
            && *known == year
            && let Some(sums) = accounts.get_mut(service.index())
        {
            return sums.add(ore, in_budget);
        }
        self.sums_of(year, service).add(ore, in_budget)
    }

    fn sums_of(&mut self, year: i16, service: ServiceId) -> &mut Sums {
        let place = self.years.iter().rposition(|(known, _)| *known == year).unwrap_or_else(|| {
            self.years.push((year, Vec::new()));
            self.years.len() - 1
        });
        let accounts = &mut self.years[place].1;
        if accounts.len() <= service.index() {
            accounts.resize(service.index() + 1, Sums::default());
        }
        &mut accounts[service.index()]
    }

    /// Adds what another part of the file holds.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn add_all(&mut self, other: Self) -> Result<(), OreOverflow> {
        for (year, accounts) in other.years {
            for (service, sums) in (0..).map(ServiceId).zip(accounts) {
                if sums != Sums::default() {
                    self.add(year, service, sums.in_budget, true)?;
                    self.add(year, service, Ore(sums.all.0.checked_sub(sums.in_budget.0).ok_or(OreOverflow)?), false)?;
                }
            }
        }
        Ok(())
    }

    /// The total of each accounting year.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn by_year(&self) -> Result<BTreeMap<i16, Ore>, OreOverflow> {
        self.years.iter().map(|(year, accounts)| Ok((*year, Ore::sum(accounts.iter().map(|sums| sums.all))?))).collect()
    }

    /// The total of each account group over all years, those of zero left out.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn by_account(&self) -> Result<BTreeMap<ServiceId, Ore>, OreOverflow> {
        let mut sums = BTreeMap::<ServiceId, Ore>::new();
        for (_, accounts) in &self.years {
            for (service, account) in (0..).map(ServiceId).zip(accounts) {
                let sum = sums.entry(service).or_default();
                *sum = sum.plus(account.all)?;
            }
        }
        sums.retain(|_, ore| *ore != Ore::ZERO);
        Ok(sums)
    }

    /// What a year's account groups hold that a budget has too, those of zero left out.
    pub fn in_budget(&self, year: i16) -> impl Iterator<Item = (ServiceId, Ore)> {
        let accounts = self.years.iter().filter(move |(known, _)| *known == year).flat_map(|(_, accounts)| accounts);
        (0..)
            .map(ServiceId)
            .zip(accounts)
            .map(|(service, sums)| (service, sums.in_budget))
            .filter(|(_, ore)| *ore != Ore::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_by_year_and_by_account() {
        let mut booked = Booked::default();
        for (year, service, ore) in
            [(2014, 3, 5), (2015, 1, 100), (2014, 1, -40), (2015, 1, 1), (2015, 2, 7), (2014, 2, -7)]
        {
            booked.add(year, ServiceId(service), Ore(ore), service != 2).expect("small");
        }
        assert_eq!(booked.by_year(), Ok(BTreeMap::from([(2014, Ore(-42)), (2015, Ore(108))])));
        assert_eq!(booked.by_account(), Ok(BTreeMap::from([(ServiceId(1), Ore(61)), (ServiceId(3), Ore(5))])));
        assert_eq!(booked.in_budget(2015).collect::<Vec<_>>(), [(ServiceId(1), Ore(101))]);
        assert_eq!(booked.in_budget(2013).count(), 0);
        assert!(booked.add(2015, ServiceId(1), Ore(i64::MAX), true).is_err());
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let rows = [(2014, 3, 5, true), (2015, 1, 100, true), (2014, 1, -40, false), (2015, 1, 1, false)];
        let of = |rows: &[(i16, u16, i64, bool)]| {
            let mut booked = Booked::default();
            for (year, service, ore, in_budget) in rows {
                booked.add(*year, ServiceId(*service), Ore(*ore), *in_budget).expect("small");
            }
            booked
        };
        for cut in 0..=rows.len() {
            let mut sum = of(&rows[..cut]);
            sum.add_all(of(&rows[cut..])).expect("small");
            assert_eq!((sum.by_year(), sum.by_account()), (of(&rows).by_year(), of(&rows).by_account()), "{cut}");
            assert!([2014, 2015].into_iter().all(|year| sum.in_budget(year).eq(of(&rows).in_budget(year))), "{cut}");
        }
    }
}
