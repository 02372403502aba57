//! From CPR number to person: the part of the register that stays behind the wall.

use crate::domain::Cpr;

use super::interner::Interner;

/// Every number of the register and the person it means today.
///
/// A person's position is stable from here until [`super::Population::renumber`]. Positions of the register follow the
/// numbers, so they never leave the wall; those of persons outside the register follow in the order of adding.
#[derive(PartialEq)]
pub struct Numbers {
    /// Current numbers by position, then the replaced ones, then the numbers outside the register.
    table: Interner<Cpr>,
    /// Positions that the register itself gave.
    registered: u32,
    /// All positions.
    persons: u32,
    /// By replaced number: the person.
    replaced: Vec<u32>,
    /// By number of the register, the replaced ones included: whether a record of the register vouches for it.
    delivered: Vec<bool>,
}

/// What the register knows of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The person.
    pub position: u32,
    /// Whether another number has replaced it.
    pub changed: bool,
    /// Whether the register has a record 001 of this number or of the number that replaced it. A number that only stands
    /// in another person's record, or outside the register, is not delivered.
    pub delivered: bool,
}

impl Numbers {
    /// Takes the current numbers by position, each with whether it is delivered, and the replaced numbers with their
    /// persons. All numbers differ.
    pub(super) fn new(current: Vec<(Cpr, bool)>, replaced: Vec<(Cpr, u32, bool)>) -> Self {
        let registered = u32::try_from(current.len()).expect("positions are counted in 32 bits");
        let delivered =
            current.iter().map(|(_, delivered)| *delivered).chain(replaced.iter().map(|(.., delivered)| *delivered));
        let delivered = delivered.collect();
        let keys = current.into_iter().map(|(cpr, _)| cpr).chain(replaced.iter().map(|(cpr, ..)| *cpr)).collect();
        let replaced = replaced.into_iter().map(|(_, position, _)| position).collect();
        Self { table: Interner::from_distinct(keys), registered, persons: registered, replaced, delivered }
    }

    /// Finds the person that a number means today.
    #[must_use]
    pub fn find(&self, cpr: Cpr) -> Option<Found> {
        self.table.find(cpr).map(|index| {
            let delivered = self.delivered.get(index as usize).copied().unwrap_or(false);
            let (position, changed) = self.position(index);
            Found { position, changed, delivered }
        })
    }

    /// The position of a valid number that the register does not know: a person outside it. The same number gets the same
    /// position again; a number of the register keeps its own.
    pub fn add_outside(&mut self, cpr: Cpr) -> u32 {
        let index = self.table.intern(cpr);
        let (position, _) = self.position(index);
        self.persons = self.persons.max(position + 1);
        position
    }

    /// The person's current number.
    ///
    /// # Panics
    /// When there is no such position.
    #[must_use]
    pub fn cpr(&self, position: u32) -> Cpr {
        let index =
            if position < self.registered { position as usize } else { position as usize + self.replaced.len() };
        self.table.keys()[index]
    }

    /// How many persons there are, those outside the register included.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.persons
    }

    /// Whether there is nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the register does not know the person: the position comes from [`Self::add_outside`].
    #[must_use]
    pub const fn is_outside(&self, position: u32) -> bool {
        position >= self.registered
    }

    fn position(&self, index: u32) -> (u32, bool) {
        let beyond = index.checked_sub(self.registered);
        match beyond.map(|place| self.replaced.get(place as usize)) {
            None => (index, false),
            Some(Some(position)) => (*position, true),
            Some(None) => {
                let replaced = u32::try_from(self.replaced.len()).expect("positions are counted in 32 bits");
                (index - replaced, false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpr(number: &str) -> Cpr {
        Cpr::parse(number.as_bytes()).expect("a valid number")
    }

    #[test]
    fn finds_current_replaced_and_outside_numbers() {
        let current = vec![(cpr("0101010002"), true), (cpr("0201010002"), false)];
        let mut numbers = Numbers::new(current, vec![(cpr("0301010002"), 0, true)]);
        let found = |position, changed, delivered| Some(Found { position, changed, delivered });
        assert_eq!(numbers.find(cpr("0101010002")), found(0, false, true));
        assert_eq!(numbers.find(cpr("0201010002")), found(1, false, false));
        assert_eq!(numbers.find(cpr("0301010002")), found(0, true, true));
        assert_eq!(numbers.find(cpr("0401010002")), None);
        assert_eq!(numbers.len(), 2);
        assert_eq!(numbers.add_outside(cpr("0401010002")), 2);
        assert_eq!(numbers.add_outside(cpr("0501010002")), 3);
        assert_eq!(numbers.add_outside(cpr("0401010002")), 2, "the same person again");
        assert_eq!(numbers.add_outside(cpr("0301010002")), 0, "a number of the register keeps its person");
        assert_eq!(numbers.find(cpr("0401010002")), found(2, false, false));
        assert_eq!(numbers.len(), 4);
        let back = ["0101010002", "0201010002", "0401010002", "0501010002"].map(cpr);
        assert!((0..4).map(|position| numbers.cpr(position)).eq(back));
        assert_eq!([0, 1, 2, 3].map(|position| numbers.is_outside(position)), [false, false, true, true]);
    }
}
