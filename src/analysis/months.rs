//! What each month costs, and what has changed in months that were closed (`metrics.md`, budget and months).
//!
//! A closed month is frozen: its kroner stay those of the run that closed it. What later postings change in it is told beside
//! as a correction and never moves the frozen figure.

use std::collections::BTreeMap;

use super::Basis;
use crate::{
    base::{Pool, Result},
    domain::{Date, Ore, OreOverflow, Period, ServiceId},
    ledger::{Spell, by_month},
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

/// Spells that one worker adds up at a time. Of no influence on the result.
const SPELLS_PER_CHUNK: usize = 1 << 17;

/// The ranked kroner of units by month and service. The months add up to the ranking.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn monthly(basis: &Basis<'_>, pool: &Pool) -> Result<MonthlyOre> {
    // Spells lie within the period, so that a month and a service are a place in a table: there are many spells.
    let services = basis.services.len();
    let months = Months::of(basis.ledger.period);
    let of_chunk = |spells: &&[Spell]| -> Result<Vec<Ore>, OreOverflow> {
        let mut table = vec![Ore::ZERO; months.firsts.len() * services];
        let mut add = |day: Date, spell: &Spell, ore: Ore| {
            let sum = &mut table[months.place(day) * services + spell.service.index()];
            sum.plus(ore).map(|more| *sum = more)
        };
        let ranked = spells.iter().filter(|spell| basis.is_ranked(spell.role) && spell.ore != Ore::ZERO);
        for spell in ranked.filter(|spell| basis.unit(spell.person).is_some()) {
            if months.place(spell.from) == months.place(spell.to) {
                add(spell.from, spell, spell.ore)?;
            } else {
                let days = Period { from: spell.from, to: spell.to };
                by_month(days, spell.ore, spell.amount_type).try_for_each(|(part, ore)| add(part.from, spell, ore))?;
            }
        }
        Ok(table)
    };
    let chunks: Vec<&[Spell]> = basis.ledger.spells.chunks(SPELLS_PER_CHUNK).collect();
    let mut table = vec![Ore::ZERO; months.firsts.len() * services];
    for of_chunk in pool.map(&chunks, of_chunk) {
        for (sum, more) in table.iter_mut().zip(of_chunk?) {
            *sum = sum.plus(more)?;
        }
    }
    let cells = table.into_iter().enumerate().filter(|(_, ore)| *ore != Ore::ZERO);
    let key = |place: usize| {
        let service = u16::try_from(place % services).expect("services are numbered in 16 bits");
        (months.firsts[place / services], ServiceId(service))
    };
    Ok(cells.map(|(place, ore)| (key(place), ore)).collect())
}

/// The months that a period touches.
struct Months {
    first_day: Date,
    /// The first day of each.
    firsts: Vec<Date>,
    /// By day of the period: its month.
    of_day: Vec<u16>,
}

impl Months {
    fn of(period: Period) -> Self {
        let mut months = Self { first_day: period.from, firsts: Vec::new(), of_day: Vec::new() };
        let mut month = period.from.month();
        while month.from <= period.to {
            let place = u16::try_from(months.firsts.len()).expect("a period has fewer than 65,536 months");
            let end = month.to.min(period.to).plus(1).days() - period.from.days();
            months.of_day.resize(usize::try_from(end).expect("a month ends after its period began"), place);
            months.firsts.push(month.from);
            month = month.to.plus(1).month();
        }
        months
    }

    /// The place of a day's month.
    fn place(&self, day: Date) -> usize {
        let day = usize::try_from(day.days() - self.first_day.days()).expect("spells lie within the period");
        usize::from(self.of_day[day])
    }
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
            example::{World, any_world, config, day, pool, spell},
        },
        *,
    };
    use crate::domain::{AmountType, Role};

    #[test]
    fn a_spell_over_two_months_is_parted_like_its_rate() {
        let (from, to, amount_type) = (day("2015-01-30"), day("2015-02-03"), AmountType::Day);
        let across = Spell { from, to, amount_type, ..spell(0, 2, Role::Actual, 1_001) };
        let world = World::new(vec![across, spell(1, 2, Role::Granted, 5), spell(22, 2, Role::Actual, 9)], Vec::new());
        let found = monthly(&world.basis(), &pool()).expect("sums");
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

    /// One spell after another, in a map by the calendar's months: more spells than one worker takes at a time.
    #[test]
    fn workers_find_what_one_walk_through_all_spells_finds() {
        let kinds = [AmountType::Day, AmountType::Month, AmountType::Quarter, AmountType::Year, AmountType::Contract];
        let one = |number: u32| {
            let from = day("2015-01-01").plus(i32::try_from(number * 7 % 181).expect("a day"));
            let to = from.plus(i32::try_from(number * 13 % 100).expect("days")).min(day("2015-06-30"));
            let role = Role::ALL[number as usize % 4];
            let ore = i64::from(number * 31 % 997) - 100;
            let service = u16::try_from(number % 6).expect("a service");
            Spell { from, to, amount_type: kinds[number as usize % 5], ..spell(number % 24, service, role, ore) }
        };
        let spells = u32::try_from(SPELLS_PER_CHUNK * 2 + 3).expect("few");
        let world = World::new((0..spells).map(one).collect(), Vec::new());
        let mut naive = MonthlyOre::new();
        for spell in world.ledger.spells.iter().filter(|spell| spell.role != Role::Manual && spell.person.0 < 20) {
            for (part, ore) in by_month(Period { from: spell.from, to: spell.to }, spell.ore, spell.amount_type) {
                naive.entry((part.from.month_start(), spell.service)).or_default().0 += ore.0;
            }
        }
        naive.retain(|_, ore| *ore != Ore::ZERO);
        assert_eq!(naive.len(), 36, "six services in six months");
        assert_eq!(monthly(&world.basis(), &pool()).expect("sums"), naive);
    }

    #[test]
    fn a_period_may_begin_and_end_within_months() {
        let months = Months::of(Period { from: day("2015-12-31"), to: day("2016-02-01") });
        assert_eq!(months.firsts, ["2015-12-01", "2016-01-01", "2016-02-01"].map(day));
        let places = ["2015-12-31", "2016-01-01", "2016-01-31", "2016-02-01"].map(|text| months.place(day(text)));
        assert_eq!(places, [0, 1, 1, 2]);
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn months_add_up_to_the_ranking(world in any_world()) {
            let basis = world.basis();
            let bridge = Bridge::of(&basis).expect("a bridge");
            let ranked = bridge.sum(|line| line.destination == Destination::Units).expect("a sum").1;
            let months = monthly(&basis, &pool()).expect("sums");
            prop_assert_eq!(Ore::sum(months.values().copied()).expect("a sum"), ranked);
        }
    }
}
