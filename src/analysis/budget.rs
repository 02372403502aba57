//! What the accounts may cost and what they cost: budget beside actuals, account group by account group.

use std::collections::BTreeMap;

use crate::{
    base::Result,
    domain::{Ore, ServiceId},
    ledger::Booked,
};

/// One account group in one budget year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetLine {
    /// Calendar year, which is the accounting year.
    pub year: i16,
    /// The account group.
    pub service: ServiceId,
    /// The adopted budget (vedtaget); zero where only postings tell of the account.
    pub adopted: Ore,
    /// The corrected budget (korrigeret).
    pub corrected: Ore,
    /// What the ledger files hold of that accounting year, with and without a citizen, balance legs left out.
    pub booked: Ore,
}

/// Lays the budgets beside what the ledger files hold, for every year that has a budget: each account group that has one or
/// that something is booked on, in the order of years and services.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn budget(budgets: &BTreeMap<(i16, ServiceId), (Ore, Ore)>, booked: &[Booked]) -> Result<Vec<BudgetLine>> {
    let mut lines = BTreeMap::<(i16, ServiceId), BudgetLine>::new();
    let empty =
        |(year, service)| BudgetLine { year, service, adopted: Ore::ZERO, corrected: Ore::ZERO, booked: Ore::ZERO };
    for (key, (adopted, corrected)) in budgets {
        lines.insert(*key, BudgetLine { adopted: *adopted, corrected: *corrected, ..empty(*key) });
    }
    let mut years: Vec<i16> = budgets.keys().map(|(year, _)| *year).collect();
    years.dedup();
    for year in years {
        for (service, ore) in booked.iter().flat_map(|file| file.in_budget(year)) {
            let line = lines.entry((year, service)).or_insert_with(|| empty((year, service)));
            line.booked = line.booked.plus(ore)?;
        }
    }
    Ok(lines.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_beside_what_is_booked_in_its_year() {
        let mut files = [Booked::default(), Booked::default()];
        for (file, year, service, ore, counts) in [
            (0, 2015, 1, 70, true),
            (1, 2015, 1, 5, true),
            (0, 2015, 2, 9, true),
            (0, 2015, 1, 1_000, false),
            (0, 2014, 1, 3, true),
        ] {
            files[file].add(year, ServiceId(service), Ore(ore), counts).expect("small");
        }
        let budgets =
            BTreeMap::from([((2015, ServiceId(1)), (Ore(100), Ore(90))), ((2015, ServiceId(3)), (Ore(40), Ore(40)))]);
        let line = |service, adopted, corrected, booked| BudgetLine {
            year: 2015,
            service: ServiceId(service),
            adopted: Ore(adopted),
            corrected: Ore(corrected),
            booked: Ore(booked),
        };
        let expected = [line(1, 100, 90, 75), line(2, 0, 0, 9), line(3, 40, 40, 0)];
        assert_eq!(budget(&budgets, &files).expect("small"), expected);
        assert!(budget(&BTreeMap::new(), &files).expect("small").is_empty(), "without a budget there is no table");
    }
}
