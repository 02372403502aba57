//! Unit H: residents who share a dwelling on the reference date, unless the address is none that a household can have.

use super::{
    efamily::{self, Family},
    guard::Guard,
    unit::{Certainty, Draft, Link, LinkRule, Member, MemberRole, UnitForm},
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

/// The households of an address: one, or one for each family where the guard has `dissolved` it: nobody keeps house together there.
#[must_use]
pub fn households(population: &Population, at: &Occupied, dissolved: bool, day: Date) -> Vec<Draft> {
    let age = |person| population.age_on(person, day);
    if at.dwelling.is_none() {
        let single = |person: &PersonId| Draft {
            form: UnitForm::Single,
            members: vec![Member { person: *person, age: age(*person), role: MemberRole::Member, link: None }],
        };
        return at.residents.iter().map(single).collect();
    }
    if dissolved {
        let of_family = |family| Draft { form: UnitForm::Dissolved, ..Draft::of_family(family, age) };
        return at.families.iter().map(of_family).collect();
    }
    let first = at.residents.first().copied();
    let member = |person: &PersonId| {
        let to = first.filter(|first| first != person);
        let link = to.map(|to| Link { to, rule: LinkRule::Address, certainty: Certainty::Certain });
        Member { person: *person, age: age(*person), role: MemberRole::Member, link }
    };
    vec![Draft { form: UnitForm::Dwelling, members: at.residents.iter().map(member).collect() }]
}
