//! Which units receive most? By kroner, by number of services, and both once more for units with several services.

use std::{borrow::Borrow, cmp::Reverse};

use super::UnitFigures;
use crate::{
    base::Result,
    domain::{Label, Ore},
};

/// Who can be ranked (`metrics.md`, families).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitFilter {
    /// Every unit.
    Everyone,
    /// Units with a child or a placed member.
    ChildrenOrPlaced,
    /// Units of two members or more.
    TwoMembers,
}

impl UnitFilter {
    /// Every filter, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Everyone, Self::ChildrenOrPlaced, Self::TwoMembers];

    /// Whether the unit can be ranked.
    #[must_use]
    pub fn admits(self, unit: &UnitFigures) -> bool {
        match self {
            Self::Everyone => true,
            Self::ChildrenOrPlaced => unit.children > 0 || unit.placed > 0,
            Self::TwoMembers => unit.members >= 2,
        }
    }

    /// The filter in words for people.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Everyone => "alle familier",
            Self::ChildrenOrPlaced => "familier med børn eller anbragte",
            Self::TwoMembers => "familier med mindst 2 medlemmer",
        }
    }
}

/// What the plan says about the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankSettings {
    /// How many units a list should hold.
    pub top: usize,
    /// Fewest services of a unit on the multi-service lists.
    pub min_services: u32,
    /// Fewest departments of a unit on the multi-service lists.
    pub min_departments: u32,
    /// Who can be ranked.
    pub population: UnitFilter,
    /// Units above this amount are counted by themselves.
    pub threshold: Option<Ore>,
}

/// A unit's place on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into the figures that were ranked.
    pub unit: usize,
    /// 1 and up; units that are equal on the whole key share a rank.
    pub rank: u32,
}

/// Units that stand level with the last one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TiedBlock {
    /// Units equal to it on the whole key, itself among them; all of them are on the list.
    pub whole_key: usize,
    /// Units equal to it on the first criterion (kroner, or number of services), on the list or not.
    pub first_criterion: usize,
}

/// A ranked list, with everyone in it who is equal to the last one asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The list, best first; ties in the order of labels.
    pub rows: Vec<Place>,
    /// The rank of every figure that could be on the list, on it or not.
    pub ranks: Vec<Option<u32>>,
    /// How many units could be on it.
    pub candidates: usize,
    /// Who stands level with the last one asked for; `None` when all candidates are on the list.
    pub tied: Option<TiedBlock>,
    /// The sum over the list.
    pub ore: Ore,
}

impl List {
    /// Whether the figure with this index is on the list.
    #[must_use]
    pub fn has(&self, unit: usize) -> bool {
        let last = self.rows.last().map(|place| place.rank);
        self.ranks.get(unit).copied().flatten().is_some_and(|rank| Some(rank) <= last)
    }
}

/// How one population looks under the plan's number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PopulationCount {
    /// The population.
    pub filter: UnitFilter,
    /// Units with a ranked spell.
    pub units: usize,
    /// Their øre.
    pub ore: Ore,
    /// Units on its list by kroner.
    pub listed: usize,
    /// Øre on its list by kroner.
    pub listed_ore: Ore,
}

/// All lists. Indices point into the figures that were ranked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// What was asked.
    pub settings: RankSettings,
    /// List A: by kroner.
    pub by_cost: List,
    /// List B: by number of services, then departments, then kroner.
    pub by_services: List,
    /// List A over units with the least number of services and departments.
    pub several_by_cost: List,
    /// List B over the same.
    pub several_by_services: List,
    /// Units on A and B.
    pub on_both: Vec<usize>,
    /// Units on A only.
    pub only_by_cost: Vec<usize>,
    /// Units on B only.
    pub only_by_services: Vec<usize>,
    /// Units on A that the minimum leaves out.
    pub left_out_by_cost: usize,
    /// Units on B that the minimum leaves out.
    pub left_out_by_services: usize,
    /// Units above the threshold and their øre.
    pub above_threshold: Option<(usize, Ore)>,
    /// Units with a negative sum, in the order of labels; they rank last.
    pub negative: Vec<usize>,
    /// Each population under the same number of units; everyone and families with children or placed members always stand here.
    pub populations: [PopulationCount; 3],
}

impl Ranking {
    /// Units on A or B: A's order, then who is on B only.
    #[must_use]
    pub fn on_either(&self) -> Vec<usize> {
        self.by_cost.rows.iter().map(|place| place.unit).chain(self.only_by_services.iter().copied()).collect()
    }
}

/// The key on which units are level, best first. Negative sums come after everyone else.
type Key = (bool, Reverse<i64>, Reverse<i64>, Reverse<i64>);

fn cost_key(unit: &UnitFigures) -> Key {
    let (services, departments) = (i64::from(unit.services), i64::from(unit.departments));
    (unit.ranked < Ore::ZERO, Reverse(unit.ranked.0), Reverse(departments), Reverse(services))
}

fn services_key(unit: &UnitFigures) -> Key {
    let (services, departments) = (i64::from(unit.services), i64::from(unit.departments));
    (unit.ranked < Ore::ZERO, Reverse(services), Reverse(departments), Reverse(unit.ranked.0))
}

/// Ranks the units that at least one ranked spell reaches. The order of `figures` does not matter, apart from indices.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn rank<U: Borrow<UnitFigures>>(figures: &[U], settings: RankSettings) -> Result<Ranking> {
    let figures: Vec<&UnitFigures> = figures.iter().map(Borrow::borrow).collect();
    let figures = figures.as_slice();
    let within = |filter: UnitFilter| move |unit: &UnitFigures| unit.spells > 0 && filter.admits(unit);
    let several = |unit: &UnitFigures| {
        within(settings.population)(unit)
            && unit.services >= settings.min_services
            && unit.departments >= settings.min_departments
    };
    let admitted = within(settings.population);
    let (costliest, most_services) = (ordered(figures, cost_key), ordered(figures, services_key));
    let by_cost = list(figures, &costliest, settings.top, admitted)?;
    let by_services = list(figures, &most_services, settings.top, admitted)?;
    let units = |list: &List, wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
        list.rows.iter().map(|place| place.unit).filter(|unit| wanted(*unit)).collect()
    };
    let left_out = |list: &List| units(list, &|unit| !several(figures[unit])).len();

    let above_threshold = match settings.threshold {
        None => None,
        Some(threshold) => {
            let above = || figures.iter().filter(|unit| admitted(unit) && unit.ore > threshold);
            Some((above().count(), Ore::sum(above().map(|unit| unit.ore))?))
        }
    };
    let mut negative: Vec<usize> =
        (0..figures.len()).filter(|unit| admitted(figures[*unit]) && figures[*unit].ranked < Ore::ZERO).collect();
    negative.sort_unstable_by_key(|unit| figures[*unit].label);

    let count = |filter: UnitFilter| -> Result<PopulationCount> {
        let list = list(figures, &costliest, settings.top, within(filter))?;
        let ore = Ore::sum(figures.iter().filter(|unit| within(filter)(unit)).map(|unit| unit.ore))?;
        Ok(PopulationCount { filter, units: list.candidates, ore, listed: list.rows.len(), listed_ore: list.ore })
    };
    let [everyone, children, two] = UnitFilter::ALL;
    Ok(Ranking {
        settings,
        on_both: units(&by_cost, &|unit| by_services.has(unit)),
        only_by_cost: units(&by_cost, &|unit| !by_services.has(unit)),
        only_by_services: units(&by_services, &|unit| !by_cost.has(unit)),
        left_out_by_cost: left_out(&by_cost),
        left_out_by_services: left_out(&by_services),
        several_by_cost: list(figures, &costliest, settings.top, several)?,
        several_by_services: list(figures, &most_services, settings.top, several)?,
        by_cost,
        by_services,
        above_threshold,
        negative,
        populations: [count(everyone)?, count(children)?, count(two)?],
    })
}

/// The lists by kroner alone, of so many units each.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn by_cost<U: Borrow<UnitFigures>, const N: usize>(
    figures: &[U],
    settings: RankSettings,
    tops: [usize; N],
) -> Result<[List; N]> {
    let figures: Vec<&UnitFigures> = figures.iter().map(Borrow::borrow).collect();
    let costliest = ordered(&figures, cost_key);
    let admitted = |unit: &UnitFigures| unit.spells > 0 && settings.population.admits(unit);
    let lists: Result<Vec<List>> = tops.into_iter().map(|top| list(&figures, &costliest, top, admitted)).collect();
    Ok(<[List; N]>::try_from(lists?).expect("one list for each number"))
}

/// The units that a ranked spell reaches, best first; ties in the order of labels. Every list is a part of such an order.
fn ordered(figures: &[&UnitFigures], key: impl Fn(&UnitFigures) -> Key) -> Vec<(Key, usize)> {
    let reached = (0..).zip(figures).filter(|(_, unit)| unit.spells > 0);
    let mut order: Vec<(Key, Label, usize)> = reached.map(|(place, unit)| (key(unit), unit.label, place)).collect();
    order.sort_unstable();
    order.into_iter().map(|(key, _, place)| (key, place)).collect()
}

fn list(
    figures: &[&UnitFigures],
    ordered: &[(Key, usize)],
    top: usize,
    admits: impl Fn(&UnitFigures) -> bool,
) -> Result<List> {
    let order: Vec<(Key, usize)> = ordered.iter().filter(|(_, unit)| admits(figures[*unit])).copied().collect();

    let mut ranks = vec![None; figures.len()];
    let (mut rank, mut before) = (0, None);
    for (position, (key, unit)) in (1..).zip(&order) {
        if before.replace(key) != Some(key) {
            rank = position;
        }
        ranks[*unit] = Some(rank);
    }
    let last = if top > 0 { order.get(top - 1).map(|(key, _)| *key) } else { None };
    let listed =
        if top > 0 { last.map_or(order.len(), |last| order.partition_point(|(key, _)| *key <= last)) } else { 0 };
    let tied = last.filter(|_| order.len() > top).map(|last| TiedBlock {
        whole_key: order.iter().filter(|(key, _)| *key == last).count(),
        first_criterion: order.iter().filter(|(key, _)| first(*key) == first(last)).count(),
    });
    let listed = order[..listed].iter().map(|(_, unit)| *unit);
    let ore = Ore::sum(listed.clone().map(|unit| figures[unit].ore))?;
    let place = |unit: usize| Some(Place { unit, rank: ranks[unit]? });
    Ok(List { rows: listed.filter_map(place).collect(), candidates: order.len(), tied, ore, ranks })
}

fn first(key: Key) -> (bool, Reverse<i64>) {
    (key.0, key.1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::example::{World, any_world, config, label, spell},
        *,
    };
    use crate::domain::Role;

    const SETTINGS: RankSettings = RankSettings {
        top: 3,
        min_services: 2,
        min_departments: 2,
        population: UnitFilter::Everyone,
        threshold: Some(Ore(250)),
    };

    fn ranked(figures: &[UnitFigures]) -> Ranking {
        rank(figures, SETTINGS).expect("a ranking")
    }

    fn labels(figures: &[UnitFigures], list: &List) -> Vec<(u32, u8)> {
        list.rows.iter().map(|place| (place.rank, figures[place.unit].label.0[11] - b'0')).collect()
    }

    /// Units 0 to 5 with kroner and one service each, except unit 5 with two services in two departments.
    fn world() -> World {
        let mut spells: Vec<_> = [500, 200, 300, 200, -50]
            .into_iter()
            .zip(0..)
            .map(|(ore, unit)| spell(unit * 2, 0, Role::Actual, ore))
            .collect();
        spells.extend([spell(10, 0, Role::Actual, 60), spell(11, 2, Role::Actual, 40)]);
        World::new(spells, Vec::new())
    }

    #[test]
    fn everyone_equal_to_the_last_is_in() {
        let figures = world().figures();
        let ranking = ranked(&figures);
        assert_eq!(labels(&figures, &ranking.by_cost), [(1, 0), (2, 2), (3, 1), (3, 3)]);
        assert_eq!(ranking.by_cost.tied, Some(TiedBlock { whole_key: 2, first_criterion: 2 }));
        assert_eq!((ranking.by_cost.ore, ranking.by_cost.candidates), (Ore(1_200), 6));
        assert_eq!(labels(&figures, &ranking.by_services), [(1, 5), (2, 0), (3, 2)]);
        assert_eq!(ranking.by_services.tied, Some(TiedBlock { whole_key: 1, first_criterion: 4 }));
        assert_eq!((ranking.on_both.len(), ranking.only_by_cost.len(), ranking.only_by_services.len()), (2, 2, 1));
        assert_eq!(ranking.on_either().len(), 5);
        assert_eq!(ranking.above_threshold, Some((2, Ore(800))));
    }

    #[test]
    fn several_services_have_lists_of_their_own() {
        let figures = world().figures();
        let ranking = ranked(&figures);
        assert_eq!(labels(&figures, &ranking.several_by_cost), [(1, 5)]);
        assert_eq!(ranking.several_by_cost.tied, None);
        assert_eq!((ranking.left_out_by_cost, ranking.left_out_by_services), (4, 2));
    }

    #[test]
    fn negative_sums_rank_last_on_every_list() {
        let spells = vec![
            spell(0, 0, Role::Actual, -1),
            spell(0, 2, Role::Actual, -1),
            spell(0, 3, Role::Actual, 0),
            spell(2, 0, Role::Actual, 0),
        ];
        let figures = World::new(spells, Vec::new()).figures();
        let ranking = ranked(&figures);
        assert_eq!(labels(&figures, &ranking.by_cost), [(1, 1), (2, 0)]);
        assert_eq!(labels(&figures, &ranking.by_services), [(1, 1), (2, 0)]);
        assert_eq!(ranking.negative, [0]);
    }

    #[test]
    fn populations_are_counted_beside_the_list() {
        // Units 0, 2 and 4 have a child; unit 1 has none but a placed member.
        let mut spells: Vec<_> = (0..4).map(|unit| spell(unit * 2, 0, Role::Actual, 100)).collect();
        spells.push(spell(2, 4, Role::Granted, 1));
        let figures = World::new(spells, Vec::new()).figures();
        let settings = RankSettings { population: UnitFilter::ChildrenOrPlaced, top: 2, ..SETTINGS };
        let ranking = rank(&figures, settings).expect("a ranking");
        let counts = ranking.populations.map(|count| (count.units, count.ore.0, count.listed));
        assert_eq!(counts, [(4, 401, 4), (3, 301, 3), (4, 401, 4)]);
        assert_eq!(labels(&figures, &ranking.by_cost), [(1, 1), (2, 0), (2, 2)]);
    }

    #[test]
    fn a_list_of_none_is_empty() {
        let figures = world().figures();
        let ranking = rank(&figures, RankSettings { top: 0, ..SETTINGS }).expect("a ranking");
        assert!(ranking.by_cost.rows.is_empty() && !ranking.by_cost.has(0));
    }

    type Admits = fn(&UnitFigures) -> bool;

    proptest! {
        #![proptest_config(config())]

        /// The naive twin: a unit's rank is one more than the number of units that beat it; who has fewer than N
        /// above is on the list.
        #[test]
        fn agrees_with_counting_who_is_better(world in any_world(), top in 0_usize..8) {
            let figures = world.figures();
            let ranking = rank(&figures, RankSettings { top, ..SETTINGS }).expect("a ranking");
            let beats = |by_services: bool, one: &UnitFigures, other: &UnitFigures| {
                let (one_negative, other_negative) = (one.ore.0 < 0, other.ore.0 < 0);
                if one_negative != other_negative {
                    return other_negative;
                }
                let kroner = (one.ore.0 > other.ore.0, one.ore.0 == other.ore.0);
                let departments = (one.departments > other.departments, one.departments == other.departments);
                let services = (one.services > other.services, one.services == other.services);
                let order = if by_services { [services, departments, kroner] } else { [kroner, departments, services] };
                order.into_iter().find(|(_, level)| !level).is_some_and(|(better, _)| better)
            };
            let all: Admits = |_| true;
            let several: Admits = |unit| unit.services >= 2 && unit.departments >= 2;
            let cases: [(&List, bool, Admits); 4] = [
                (&ranking.by_cost, false, all),
                (&ranking.by_services, true, all),
                (&ranking.several_by_cost, false, several),
                (&ranking.several_by_services, true, several),
            ];
            for (list, by_services, admits) in cases {
                for (index, unit) in figures.iter().enumerate() {
                    let candidate = unit.spells > 0 && admits(unit);
                    let better = figures
                        .iter()
                        .filter(|other| other.spells > 0 && admits(other) && beats(by_services, other, unit))
                        .count();
                    let rank = u32::try_from(better + 1).expect("small");
                    prop_assert_eq!(list.ranks[index], candidate.then_some(rank));
                    prop_assert_eq!(list.rows.iter().any(|place| place.unit == index), candidate && better < top);
                    prop_assert_eq!(list.has(index), candidate && better < top);
                }
                let order = |place: &Place| (place.rank, figures[place.unit].label);
                prop_assert!(list.rows.windows(2).all(|pair| order(&pair[0]) < order(&pair[1])));
            }
        }

        #[test]
        fn the_order_of_figures_does_not_matter(world in any_world()) {
            let figures = world.figures();
            let mut reversed = figures.clone();
            reversed.reverse();
            let names = |figures: &[UnitFigures]| {
                let ranking = ranked(figures);
                let name = |list: &List| list.rows.iter().map(|place| (place.rank, figures[place.unit].label)).collect::<Vec<_>>();
                (name(&ranking.by_cost), name(&ranking.by_services), ranking.populations)
            };
            prop_assert_eq!(names(&figures), names(&reversed));
            prop_assert!(figures.iter().all(|unit| unit.label >= label(0)));
        }
    }
}
