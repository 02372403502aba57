//! Every family that a person touches: for case lists, never for sums.

use super::{age::ADULT_FROM, timeline::Timeline, unit::Units};
use crate::{
    domain::{Date, PersonId, UnitId},
    register::{Parent, Population},
};

/// The units of the reference date that the person touches: its own first, then those of whoever led its families in the period,
/// then for a child those of its custody holders (its parents, where no custody is on record). No unit twice.
#[must_use]
pub fn touched_units(
    population: &Population,
    units: &Units,
    timeline: &Timeline,
    person: PersonId,
    day: Date,
) -> Vec<UnitId> {
    let mut others: Vec<PersonId> =
        timeline.of_person(person).iter().flat_map(|membership| membership.heads.persons()).collect();
    if population.age_on(person, day).is_some_and(|age| age < ADULT_FROM) {
        let holders: Vec<PersonId> = population.custody_on(person, day).filter_map(|custody| custody.holder).collect();
        if holders.is_empty() {
            others.extend(population.parents(person).map(Parent::person));
        }
        others.extend(holders);
    }
    let own = units.unit_of(person);
    let mut touched: Vec<UnitId> = others.into_iter().filter_map(|other| units.unit_of(other)).collect();
    touched.sort_unstable();
    touched.dedup();
    touched.retain(|unit| Some(*unit) != own);
    own.into_iter().chain(touched).collect()
}
