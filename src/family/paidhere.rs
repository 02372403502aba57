//! Who lives elsewhere and stays among the municipality's families because it pays (`metrics.md`, P37; retssikkerhedsloven
//! § 9): the municipality remains handlekommune for whom it helped to place, so the extract need not have the person.

use super::{
    efamily::{self, FamilyKind},
    timeline::{Days, Heads, Membership, Timeline},
    unit::{Drafts, Member, MemberRole, UnitForm},
};
use crate::{
    domain::{Date, PersonId},
    register::Population,
};

/// Adds a unit of one for everybody of `persons` (sorted) who lives on the day and is in no unit.
#[must_use]
pub fn with_paid_here(population: &Population, persons: &[PersonId], mut drafts: Drafts, day: Date) -> Drafts {
    if persons.is_empty() {
        return drafts;
    }
    let mut has_unit = vec![false; population.len()];
    for member in drafts.iter().flat_map(|(_, members)| members) {
        has_unit[member.person.index()] = true;
    }
    let kept = persons.iter().filter(|person| !has_unit[person.index()] && population.is_alive_on(**person, day));
    for person in kept {
        let (person, age) = (*person, population.age_on(*person, day));
        drafts.push(UnitForm::PaidHere, [Member { person, age, role: MemberRole::Head, link: None }]);
    }
    drafts
}

/// The same day by day: whoever of `persons` has no family on any day of the period is a family of one throughout.
#[must_use]
pub fn timeline_with_paid_here(
    population: &Population,
    persons: &[PersonId],
    timeline: Timeline,
    days: Days,
    day: Date,
) -> Timeline {
    let kept: Vec<Membership> = persons
        .iter()
        .filter(|person| population.is_alive_on(**person, day) && timeline.of_person(**person).is_empty())
        .map(|person| Membership {
            person: *person,
            days,
            heads: Heads::new(*person, None),
            kind: kind(population, *person, day),
            role: MemberRole::Head,
            link: None,
        })
        .collect();
    timeline.with(kept)
}

fn kind(population: &Population, person: PersonId, day: Date) -> FamilyKind {
    efamily::alone(population, person, day).kind
}
