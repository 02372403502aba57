//! What each month costs, and what has changed in months that were closed (`metrics.md`, budget and months).
//!
//! A closed month is frozen: its kroner stay those of the run that closed it. What later postings change in it is told beside
//! as a correction and never moves the frozen figure.

use std::collections::BTreeMap;

use super::Basis;
use crate::{
    base::Result,
    domain::{Date, Ore, Period, ServiceId},
    ledger::by_month,
};

/// The ranked kroner of a month (by its first day) and a service.
pub type MonthlyOre = BTreeMap<(Date, ServiceId), Ore>;

/// One month and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthLine {
    /// The month's first day.
    pub month: Date,
    /// The service or account group.
    pub service: ServiceId,
    /// What the run that closed the month found; `None` for an open month.
    pub closed: Option<Ore>,
    /// What this run finds.
    pub now: Ore,
}

impl MonthLine {
    /// What has changed since the month was closed.
    ///
    /// # Errors
    /// When it leaves 64 bits.
    pub fn correction(&self) -> Result<Option<Ore>> {
        Ok(self.closed.map(|closed| self.now.plus(-closed)).transpose()?)
    }
}

/// The ranked kroner of units by month and service. The months add up to the ranking.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn monthly(basis: &Basis<'_>) -> Result<MonthlyOre> {
    // Spells lie within the period, so that a month and a service are a place in a table: there are many spells.
    let services = basis.services.len();
    let first = months_since(basis.ledger.period.from);
    let months = months_since(basis.ledger.period.to) - first + 1;
    let mut table = vec![Ore::ZERO; months * services];
    let mut starts = vec![Date::MAX; months];
    let ranked = basis.ledger.spells.iter().filter(|spell| basis.is_ranked(spell.role));
    for spell in ranked.filter(|spell| basis.unit(spell.person).is_some() && spell.ore != Ore::ZERO) {
        let days = Period { from: spell.from, to: spell.to };
        let (from, to) = (spell.from.month_start(), spell.to.month_start());
        let parts = if from == to { vec![(days, spell.ore)] } else { by_month(days, spell.ore, spell.amount_type) };
        for (part, ore) in parts {
            let month = part.from.month_start();
            let place = months_since(month) - first;
            starts[place] = month;
            let sum = &mut table[place * services + spell.service.index()];
            *sum = sum.plus(ore)?;
        }
    }
    let cells = table.into_iter().enumerate().filter(|(_, ore)| *ore != Ore::ZERO);
    let key = |place: usize| {
        let service = u16::try_from(place % services).expect("services are numbered in 16 bits");
        (starts[place / services], ServiceId(service))
    };
    Ok(cells.map(|(place, ore)| (key(place), ore)).collect())
}

/// Months since year 0.
fn months_since(day: Date) -> usize {
    let (year, month, _) = day.ymd();
    usize::try_from(year).unwrap_or_default() * 12 + usize::from(month)
}

/// Lays what closed months held beside what they hold now. `closed` are the figures of the run that closed them, `through` the last
/// closed day; later months of `closed` are not looked at.
#[must_use]
pub fn lines(now: &MonthlyOre, closed: &MonthlyOre, through: Option<Date>) -> Vec<MonthLine> {
    let is_closed = |month: Date| through.is_some_and(|through| month.month_end() <= through);
    let frozen = closed.keys().filter(|(month, _)| is_closed(*month));
    let mut keys: Vec<(Date, ServiceId)> = now.keys().chain(frozen).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let line = |key: (Date, ServiceId)| MonthLine {
        month: key.0,
        service: key.1,
        closed: is_closed(key.0).then(|| closed.get(&key).copied().unwrap_or_default()),
        now: now.get(&key).copied().unwrap_or_default(),
    };
    keys.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            Bridge, Destination,
            example::{World, any_world, config, day, spell},
        },
        *,
    };
    use crate::{
        domain::{AmountType, Role},
        ledger::Spell,
    };

    #[test]
    fn a_spell_over_two_months_is_parted_like_its_rate() {
        let (from, to, amount_type) = (day("2015-01-30"), day("2015-02-03"), AmountType::Day);
        let across = Spell { from, to, amount_type, ..spell(0, 2, Role::Actual, 1_001) };
        let world = World::new(vec![across, spell(1, 2, Role::Granted, 5), spell(22, 2, Role::Actual, 9)], Vec::new());
        let found = monthly(&world.basis()).expect("sums");
        let expected = [((day("2015-01-01"), ServiceId(2)), Ore(400)), ((day("2015-02-01"), ServiceId(2)), Ore(606))];
        assert_eq!(found, MonthlyOre::from(expected));
    }

    #[test]
    fn a_closed_month_keeps_its_figure_and_tells_what_came_later() {
        let (january, february) = (day("2015-01-01"), day("2015-02-01"));
        let of = |rows: &[(Date, u16, i64)]| -> MonthlyOre {
            rows.iter().map(|(month, service, ore)| ((*month, ServiceId(*service)), Ore(*ore))).collect()
        };
        let closed = of(&[(january, 1, 100), (january, 2, 40), (february, 1, 7)]);
        let now = of(&[(january, 1, 130), (january, 3, 5), (february, 1, 60)]);
        let told: Vec<_> = lines(&now, &closed, Some(day("2015-01-31")))
            .iter()
            .map(|line| {
                (
                    line.month,
                    line.service.0,
                    line.closed.map(|ore| ore.0),
                    line.now.0,
                    line.correction().expect("small").map(|ore| ore.0),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (january, 1, Some(100), 130, Some(30)),
                (january, 2, Some(40), 0, Some(-40)),
                (january, 3, Some(0), 5, Some(5)),
                (february, 1, None, 60, None),
            ]
        );
        assert!(lines(&now, &closed, None).iter().all(|line| line.closed.is_none()), "nothing is closed");
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn months_add_up_to_the_ranking(world in any_world()) {
            let basis = world.basis();
            let bridge = Bridge::of(&basis).expect("a bridge");
            let ranked = bridge.sum(|line| line.destination == Destination::Units).expect("a sum").1;
            let months = monthly(&basis).expect("sums");
            prop_assert_eq!(Ore::sum(months.values().copied()).expect("a sum"), ranked);
        }
    }
}
