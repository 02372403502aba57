//! What a record says beyond whose it is, packed. References name numbers by arrival while the register is built, and
//! persons by position afterwards.

use crate::domain::{CivilStatus, CprStatus, CustodyKind, Protection, Sex};

use super::packed::{PackedDate, Reference};

/// A packed record that may refer to other persons.
pub(super) trait Record: Copy + Ord {
    /// Replaces every person that the record refers to.
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32);
}

/// 001. The order decides between two records of one number in one delivery: the later status wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PersonRecord {
    pub(super) status_from: PackedDate,
    pub(super) status: CprStatus,
    pub(super) born: PackedDate,
    pub(super) sex: Option<Sex>,
    pub(super) current: Reference,
}

/// 002 and 023.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AddressRecord {
    pub(super) from: PackedDate,
    pub(super) to: PackedDate,
    /// The address by its number, and two marks above it.
    place: u32,
}

const CURRENT: u32 = 1 << 31;
const OUTDATED: u32 = 1 << 30;

impl AddressRecord {
    pub(super) fn new(from: PackedDate, to: PackedDate, place: u32, current: bool) -> Self {
        assert!(place < OUTDATED, "fewer than a billion addresses exist");
        Self { from, to, place: place | if current { CURRENT } else { 0 } }
    }

    /// The address, by its number.
    pub(super) const fn place(self) -> u32 {
        self.place & !(CURRENT | OUTDATED)
    }

    /// Whether it is record 002.
    pub(super) const fn is_current(self) -> bool {
        self.place & CURRENT != 0
    }

    /// Whether it stands under a former number of a person who is delivered under the current one.
    pub(super) const fn is_outdated(self) -> bool {
        self.place & OUTDATED != 0
    }

    /// Changes the address to another number for the same address, and marks what is outdated.
    pub(super) fn settle(&mut self, place: u32, outdated: bool) {
        self.place = place | self.place & CURRENT | if outdated { OUTDATED } else { 0 };
    }
}

/// 004.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ProtectionRecord {
    pub(super) from: PackedDate,
    pub(super) to: PackedDate,
    pub(super) kind: Protection,
}

/// 012 and 029.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CivilRecord {
    pub(super) from: PackedDate,
    pub(super) to: PackedDate,
    pub(super) current: bool,
    /// Whether it stands under a former number of a person who is delivered under the current one.
    pub(super) outdated: bool,
    pub(super) status: CivilStatus,
    pub(super) spouse: Reference,
}

/// 014, under the parent; the same shape holds a parent under the child.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RelativeRecord(pub(super) Reference);

/// 015, under the child.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ParentsRecord {
    pub(super) mother: Reference,
    pub(super) father: Reference,
}

/// 016, under the child.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CustodyRecord {
    pub(super) from: PackedDate,
    pub(super) to: PackedDate,
    pub(super) kind: CustodyKind,
    pub(super) holder: Reference,
}

/// 022, under the current number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FormerRecord {
    pub(super) until: PackedDate,
    pub(super) former: Reference,
}

impl Record for PersonRecord {
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32) {
        self.current.replace(map);
    }
}

impl Record for AddressRecord {
    fn replace_references(&mut self, _map: &mut impl FnMut(u32) -> u32) {}
}

impl Record for ProtectionRecord {
    fn replace_references(&mut self, _map: &mut impl FnMut(u32) -> u32) {}
}

impl Record for CivilRecord {
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32) {
        self.spouse.replace(map);
    }
}

impl Record for RelativeRecord {
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32) {
        self.0.replace(map);
    }
}

impl Record for ParentsRecord {
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32) {
        self.mother.replace(map);
        self.father.replace(map);
    }
}

impl Record for CustodyRecord {
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32) {
        self.holder.replace(map);
    }
}

impl Record for FormerRecord {
    fn replace_references(&mut self, map: &mut impl FnMut(u32) -> u32) {
        self.former.replace(map);
    }
}
