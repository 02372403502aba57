//! Every family that a person touches: for case lists, never for sums.

use super::{age::ADULT_FROM, timeline::Timeline, unit::Units};
use crate::{
    domain::{Date, PersonId, UnitId},
    register::{Parent, Population},
};

/// The units of the reference date that the person touches beside its own, sorted: those of whoever led its families in the
/// period, then for a child those of its custody holders (its parents, where no custody is on record).
#[must_use]
pub fn other_units(
    population: &Population,
    units: &Units,
    timeline: &Timeline,
    person: PersonId,
    day: Date,
) -> Vec<UnitId> {
    // Nearly nobody touches another unit, and an empty list is no allocation.
    let (own, mut others) = (units.unit_of(person), Vec::new());
    let mut touch = |other| others.extend(units.unit_of(other).filter(|unit| Some(*unit) != own));
    timeline.of_person(person).iter().flat_map(|membership| membership.heads.persons()).for_each(&mut touch);
    if population.age_on(person, day).is_some_and(|age| age < ADULT_FROM) {
        let mut holders = population.custody_on(person, day).filter_map(|custody| custody.holder).peekable();
        if holders.peek().is_none() {
            population.parents(person).map(Parent::person).for_each(&mut touch);
        }
        holders.for_each(touch);
    }
    others.sort_unstable();
    others.dedup();
    others
}
