//! Unit H: residents who share a dwelling on the reference date, unless the address is none that a household can have.

use super::{
    efamily::{self, Family},
    guard::Guard,
    unit::{Certainty, Drafts, Link, LinkRule, Member, MemberRole, UnitForm, members_of},
};
use crate::{
    domain::{AddressKey, Date, PersonId},
    register::{AddressId, Population},
};

/// Who lives at one address on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupied {
    /// The dwelling; `None` when the address names none, and then there is one resident.
    pub dwelling: Option<AddressKey>,
    /// The residents, sorted.
    pub residents: Vec<PersonId>,
    /// Their families by the rules of the E-family.
    pub families: Vec<Family>,
}

/// All residents on a day by dwelling, in the order of their first residents, with their families. [`super::form`] gives the same
/// for a run, with the days around.
#[must_use]
pub fn occupied(population: &Population, guard: &Guard, day: Date) -> Vec<Occupied> {
    let mut residents: Vec<(Option<AddressId>, PersonId)> = population
        .persons()
        .filter(|person| population.is_resident_on(*person, day))
        .map(|person| (dwelling_on(population, person, day), person))
        .collect();
    residents.sort_unstable();
    let mut all = Vec::new();
    for group in residents.chunk_by(|left, right| left.0.is_some() && left.0 == right.0) {
        let persons: Vec<PersonId> = group.iter().map(|(_, person)| *person).collect();
        let dwelling = group.first().and_then(|(address, _)| *address).map(|address| population.address_key(address));
        let institution = dwelling.is_some_and(|key| guard.lists(&key));
        let families = efamily::families_at(population, &persons, institution, day);
        all.push(Occupied { dwelling, residents: persons, families });
    }
    // The order of addresses must not show in any id.
    all.sort_unstable_by(|left, right| left.residents.cmp(&right.residents));
    all
}

/// The address that a person can share with others on the day.
#[must_use]
pub fn dwelling_on(population: &Population, person: PersonId, day: Date) -> Option<AddressId> {
    population.address_id_on(person, day).filter(|address| population.address_key(*address).is_dwelling())
}

/// Adds the households of an address: one, or one for each family where the guard has `dissolved` it: nobody keeps house together
/// there.
pub fn households(population: &Population, at: &Occupied, dissolved: bool, day: Date, drafts: &mut Drafts) {
    let age = |person| population.age_on(person, day);
    let member = |person: PersonId, to: Option<PersonId>| {
        let link = to.map(|to| Link { to, rule: LinkRule::Address, certainty: Certainty::Certain });
        Member { person, age: age(person), role: MemberRole::Member, link }
    };
    if at.dwelling.is_none() {
        at.residents.iter().for_each(|person| drafts.push(UnitForm::Single, [member(*person, None)]));
    } else if dissolved {
        at.families.iter().for_each(|family| drafts.push(UnitForm::Dissolved, members_of(family, age)));
    } else {
        let first = at.residents.first().copied();
        let residents = at.residents.iter();
        let members = residents.map(|person| member(*person, first.filter(|first| first != person)));
        drafts.push(UnitForm::Dwelling, members);
    }
}
