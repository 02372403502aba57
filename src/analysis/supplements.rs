//! What supplements collected by hand do to the ranking, and whether they may do it (`metrics.md`, P38).
//!
//! A supplement that was looked up for the families on the list only makes them look dearer than their neighbour just below it.
//! So supplements count in the ranking only when they were collected for every candidate: twice as many as the list holds.

use std::{borrow::Borrow, collections::BTreeSet};

use super::{Basis, List, RankSettings, UnitFigures, rank::by_cost};
use crate::{
    base::Result,
    domain::{Ore, Role, UnitId},
};

/// The list by kroner with and without supplements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supplements {
    /// The costliest units without supplements, twice as many as the list holds or all there are.
    pub candidates: usize,
    /// Of these, units with a supplement, be it of nothing.
    pub collected: usize,
    /// Øre of all supplements that reach a unit.
    pub ore: Ore,
    /// Øre of the list without and with supplements.
    pub list: [Ore; 2],
    /// Units on the list without supplements, and how many of them are on it with supplements too.
    pub listed: (usize, usize),
}

impl Supplements {
    /// Compares the two rankings. `figures` are those of the same units without and with supplements.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn of<U: Borrow<UnitFigures>>(basis: &Basis<'_>, figures: [&[U]; 2], settings: RankSettings) -> Result<Self> {
        let manual = || basis.received.iter().filter(|received| received.role == Role::Manual);
        let units: BTreeSet<UnitId> = manual().filter_map(|received| basis.unit(received.person)).collect();
        let of_units = manual().filter(|received| basis.unit(received.person).is_some());
        let ore = Ore::sum(of_units.map(|received| received.all.ore))?;
        let on = |list: &List, figures: &[U]| -> BTreeSet<UnitId> {
            list.rows.iter().map(|place| figures[place.unit].borrow().unit).collect()
        };
        let top = settings.top;
        let [candidates, without] = by_cost(figures[0], settings, [top.saturating_mul(2), top])?;
        let [with] = by_cost(figures[1], settings, [top])?;
        let lists = [without, with];
        let (without, with) = (on(&lists[0], figures[0]), on(&lists[1], figures[1]));
        Ok(Self {
            candidates: candidates.rows.len(),
            collected: on(&candidates, figures[0]).intersection(&units).count(),
            ore,
            list: [lists[0].ore, lists[1].ore],
            listed: (without.len(), without.intersection(&with).count()),
        })
    }

    /// Whether they were collected for every candidate.
    #[must_use]
    pub const fn may_be_ranked(&self) -> bool {
        self.collected == self.candidates
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            UnitFilter,
            example::{World, pool, spell},
            units::unit_figures,
        },
        *,
    };

    fn supplements(manual: &[(u32, i64)]) -> Supplements {
        // Units 0 to 3 cost 400, 300, 200 and 100; a list of one has two candidates.
        let mut spells: Vec<_> =
            (0..4_u32).map(|unit| spell(unit * 2, 0, Role::Actual, 400 - i64::from(unit) * 100)).collect();
        spells.extend(manual.iter().map(|(unit, ore)| spell(unit * 2 + 1, 3, Role::Manual, *ore)));
        let world = World::new(spells, Vec::new());
        let settings = RankSettings {
            top: 1,
            min_services: 2,
            min_departments: 2,
            population: UnitFilter::Everyone,
            threshold: None,
        };
        let basis = world.basis();
        let figures = |manual| {
            let basis = Basis { manual, ..world.basis() };
            unit_figures(&basis, &world.units, &world.labels, &pool()).expect("figures")
        };
        let (without, with) = (figures(false), figures(true));
        Supplements::of(&basis, [&without, &with], settings).expect("sums")
    }

    #[test]
    fn supplements_of_the_listed_alone_may_not_rank() {
        let found = supplements(&[(0, 50), (2, 1_000)]);
        assert_eq!((found.candidates, found.collected, found.may_be_ranked()), (2, 1, false));
        assert_eq!((found.ore, found.list), (Ore(1_050), [Ore(400), Ore(1_200)]));
        assert_eq!(found.listed, (1, 0), "the third would have come first");
    }

    #[test]
    fn supplements_of_all_candidates_may_even_when_nothing_was_found() {
        let found = supplements(&[(0, 0), (1, 150)]);
        assert_eq!((found.candidates, found.collected, found.may_be_ranked()), (2, 2, true));
        assert_eq!((found.list, found.listed), ([Ore(400), Ore(450)], (1, 0)));
    }
}
