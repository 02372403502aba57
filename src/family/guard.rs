//! Addresses that must not make a household: institutions on the municipality's list and, when the plan asks for it, unrelated
//! families under one roof. Size alone dissolves nothing.

use std::collections::BTreeMap;

use super::efamily::{Family, are_close_kin};
use crate::{
    domain::{AddressKey, Date, PersonId},
    register::Population,
};

/// From how many unrelated family nuclei an address is no household.
pub const UNRELATED_NUCLEI: usize = 4;

/// Why an address is no household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It stands on the list of institutions.
    Listed,
    /// Four or more unrelated families live there.
    Nuclei,
}

/// What the plan says about addresses that are no household.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Listed addresses with what they are. Without floor and door all of the building is meant.
    institutions: BTreeMap<AddressKey, Box<str>>,
    /// Whether unrelated nuclei dissolve an address too.
    nuclei: bool,
}

impl Guard {
    /// A guard with these institutions and, with `nuclei`, the rule of unrelated families.
    #[must_use]
    pub fn new(institutions: impl IntoIterator<Item = (AddressKey, Box<str>)>, nuclei: bool) -> Self {
        Self { institutions: institutions.into_iter().collect(), nuclei }
    }

    /// Whether the address is a listed institution.
    #[must_use]
    pub fn lists(&self, address: &AddressKey) -> bool {
        self.institutions.contains_key(address) || self.institutions.contains_key(&address.building())
    }

    /// Why the address is no household on the day; `None` where it is one.
    #[must_use]
    pub fn dissolves(
        &self,
        population: &Population,
        address: &AddressKey,
        families: &[Family],
        day: Date,
    ) -> Option<Reason> {
        if self.lists(address) {
            return Some(Reason::Listed);
        }
        let crowded = self.nuclei && families.len() >= UNRELATED_NUCLEI;
        (crowded && unrelated_nuclei(population, families, day) >= UNRELATED_NUCLEI).then_some(Reason::Nuclei)
    }
}

/// The number of family nuclei that nothing in the register binds together. Two families are related when a person of one and
/// a person of the other are parent and child, have a parent in common, or one's civil status names the other as spouse:
/// a former spouse too, since the field stays filled after a divorce and tells that they are no strangers. Relations reach on:
/// grandparents, a daughter and her children are one nucleus.
#[must_use]
pub fn unrelated_nuclei(population: &Population, families: &[Family], day: Date) -> usize {
    let mut nucleus: Vec<usize> = (0..families.len()).collect();
    for (left, first) in families.iter().enumerate() {
        for (right, second) in families.iter().enumerate().skip(left + 1) {
            if nucleus[left] != nucleus[right] && are_related(population, first, second, day) {
                let (old, new) = (nucleus[right], nucleus[left]);
                nucleus.iter_mut().filter(|nucleus| **nucleus == old).for_each(|nucleus| *nucleus = new);
            }
        }
    }
    nucleus.sort_unstable();
    nucleus.dedup();
    nucleus.len()
}

fn are_related(population: &Population, left: &Family, right: &Family, day: Date) -> bool {
    let names = |person: PersonId, other: PersonId| {
        population.civil_status_on(person, day).is_some_and(|civil| civil.spouse == Some(other))
    };
    left.members().any(|first| {
        right
            .members()
            .any(|second| names(first, second) || names(second, first) || are_close_kin(population, first, second))
    })
}

#[cfg(test)]
mod tests;
