//! How many receive from several sides? Persons and units with two or more services and departments in the period.
//!
//! "Ever" in the period: two services need no common day to count here.

use super::{Basis, UnitFigures, units::distinct};

/// Rows and columns of the cross-table: 0, 1, 2, 3, 4, and 5 or more.
pub const CROSS_TABLE: usize = 6;

/// From how many services or departments somebody receives from several sides (`metrics.md`, section 4).
const SEVERAL: u32 = 2;

/// How many of a population receive several services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The population.
    pub of: u64,
    /// Two or more services.
    pub services: u64,
    /// Two or more departments.
    pub departments: u64,
    /// Both.
    pub both: u64,
}

impl Share {
    fn add(&mut self, services: u32, departments: u32) {
        let (services, departments) = (services >= SEVERAL, departments >= SEVERAL);
        self.services += u64::from(services);
        self.departments += u64::from(departments);
        self.both += u64::from(services && departments);
    }
}

/// Shares over four populations, and the cross-table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Residents on the reference date, with or without services.
    pub residents: Share,
    /// Residents with a ranked spell.
    pub resident_recipients: Share,
    /// Persons with a ranked spell, resident or not.
    pub recipients: Share,
    /// Units on the reference date, with or without services.
    pub units: Share,
    /// Units with a ranked spell.
    pub recipient_units: Share,
    /// Residents by number of services (row) and departments (column); the last of each is "or more".
    pub persons: [[u64; CROSS_TABLE]; CROSS_TABLE],
}

/// Counts the shares. `units` is the number of units on the reference date. The order of spells does not matter.
#[must_use]
pub fn shares(basis: &Basis<'_>, figures: &[UnitFigures], units: usize) -> Shares {
    let mut shares = Shares::default();
    shares.units.of = units as u64;
    for unit in figures.iter().filter(|unit| unit.spells > 0) {
        shares.recipient_units.of += 1;
        shares.units.add(unit.services, unit.departments);
        shares.recipient_units.add(unit.services, unit.departments);
    }

    shares.residents.of = basis.resident.iter().filter(|resident| **resident).count() as u64;
    for person in basis.received.chunk_by(|one, next| one.person == next.person) {
        if !person.iter().any(|received| basis.is_ranked(received.role)) {
            continue;
        }
        let counts = distinct(basis, person.iter());
        shares.recipients.of += 1;
        shares.recipients.add(counts.services, counts.departments);
        if basis.is_resident(person[0].person) {
            shares.residents.add(counts.services, counts.departments);
            shares.resident_recipients.of += 1;
            shares.resident_recipients.add(counts.services, counts.departments);
            let cell = |count: u32| (count as usize).min(CROSS_TABLE - 1);
            shares.persons[cell(counts.services)][cell(counts.departments)] += 1;
        }
    }
    shares.persons[0][0] += shares.residents.of - shares.resident_recipients.of;
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::example::{World, any_world, config, spell},
        *,
    };
    use crate::domain::Role;

    #[test]
    fn persons_and_units_are_counted_apart() {
        let world = World::new(
            vec![
                // Unit 0: two services in two departments, one person each.
                spell(0, 0, Role::Actual, 1),
                spell(1, 2, Role::Actual, 1),
                // Unit 1: one person with two services in one department.
                spell(2, 0, Role::Actual, 1),
                spell(2, 1, Role::Granted, 0),
                // Moved away: two services, two departments.
                spell(20, 0, Role::Actual, 1),
                spell(20, 2, Role::Actual, 1),
                // A service that does not count.
                spell(4, 5, Role::Actual, 1),
            ],
            Vec::new(),
        );
        let shares = shares(&world.basis(), &world.figures(), world.units.len());
        assert_eq!(shares.residents, Share { of: 20, services: 1, departments: 0, both: 0 });
        assert_eq!(shares.resident_recipients, Share { of: 4, services: 1, departments: 0, both: 0 });
        assert_eq!(shares.recipients, Share { of: 5, services: 2, departments: 1, both: 1 });
        assert_eq!(shares.units, Share { of: 10, services: 2, departments: 1, both: 1 });
        assert_eq!(shares.recipient_units, Share { of: 3, services: 2, departments: 1, both: 1 });
        assert_eq!((shares.persons[0][0], shares.persons[1][1], shares.persons[2][1]), (17, 2, 1));
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn the_cross_table_holds_every_resident_once(world in any_world()) {
            let shares = shares(&world.basis(), &world.figures(), 10);
            prop_assert_eq!(shares.persons.iter().flatten().sum::<u64>(), shares.residents.of);
            let several: u64 = shares.persons[2..].iter().flat_map(|row| &row[2..]).sum();
            prop_assert_eq!(several, shares.residents.both);
        }
    }
}
