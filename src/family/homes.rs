//! Where everybody lives on the reference date: asked for every member of every unit, so found once.

use super::household::dwelling_on;
use crate::{
    domain::{Date, PersonId},
    register::{AddressId, Population},
};

/// By person: whether it is resident on the reference date, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Homes {
    day: Date,
    of_person: Vec<Home>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    /// Not resident.
    Away,
    /// At an address that names no dwelling.
    Hidden,
    Dwelling(AddressId),
}

impl Default for Homes {
    fn default() -> Self {
        Self::new(0, Date::EPOCH)
    }
}

impl Homes {
    /// Nobody is resident yet.
    pub(super) fn new(persons: usize, day: Date) -> Self {
        Self { day, of_person: vec![Home::Away; persons] }
    }

    /// Notes that a person is resident.
    pub(super) fn note(&mut self, person: PersonId, dwelling: Option<AddressId>) {
        self.of_person[person.index()] = dwelling.map_or(Home::Hidden, Home::Dwelling);
    }

    /// Asks the register person by person.
    #[cfg(test)]
    pub(super) fn of(population: &Population, day: Date) -> Self {
        let mut homes = Self::new(population.len(), day);
        for person in population.persons().filter(|person| population.is_resident_on(*person, day)) {
            homes.note(person, dwelling_on(population, person, day));
        }
        homes
    }

    /// Whether the person is resident.
    ///
    /// # Panics
    /// When the person is of another run.
    #[must_use]
    pub fn is_resident(&self, person: PersonId) -> bool {
        self.of_person[person.index()] != Home::Away
    }

    /// The address that the person can share with others, resident or not.
    pub(super) fn dwelling(&self, population: &Population, person: PersonId) -> Option<AddressId> {
        match self.of_person[person.index()] {
            Home::Away => dwelling_on(population, person, self.day),
            Home::Hidden => None,
            Home::Dwelling(address) => Some(address),
        }
    }

    /// The dwellings of residents, in the order of persons.
    pub(super) fn dwellings(&self) -> impl Iterator<Item = AddressId> {
        self.of_person.iter().filter_map(|home| match home {
            Home::Dwelling(address) => Some(*address),
            Home::Away | Home::Hidden => None,
        })
    }
}
