//! A made-up person: what the register says, and what stands behind it.

use super::address::Address;
use crate::domain::{Cpr, Date, Sex};

/// A place where somebody lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Where.
    pub address: Address,
    /// The first day.
    pub from: Date,
    /// The day of moving away; `None` for the present address.
    pub to: Option<Date>,
}

/// Whether a person lives here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Yes.
    Resident,
    /// Died on this day.
    Dead(Date),
    /// Left the country on this day.
    Emigrated(Date),
}

/// Civil status and the person it is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The register's letter.
    pub code: u8,
    /// Spouse or former spouse, by place in the block.
    pub spouse: Option<usize>,
    /// Since when.
    pub from: Date,
}

/// What sort of family a person is of, by Statistics Denmark's E rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FamilyKind {
    /// A married couple, with or without children.
    Married,
    /// An unmarried couple with a common child.
    CommonChild,
    /// An unmarried couple without one.
    Cohabiting,
    /// One adult, with or without children.
    Single,
    /// A child that lives with neither parent.
    NotHomeChild,
}

impl FamilyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Married, Self::CommonChild, Self::Cohabiting, Self::Single, Self::NotHomeChild];

    /// The name in the truth.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Married => "aegtepar",
            Self::CommonChild => "samlevende",
            Self::Cohabiting => "samboende",
            Self::Single => "enlig",
            Self::NotHomeChild => "ikke-hjemmeboende-barn",
        }
    }
}

/// Where a child is placed outside the home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A foster family.
    Foster,
    /// A family of the child's own network.
    Kinship,
    /// A residential place.
    Residential,
    /// A residential institution.
    Institution,
}

/// Where a grown-up lives in an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residence {
    /// Housing like supported housing (almenboligloven § 105).
    Assisted,
    /// Lasting supported housing.
    Lasting,
    /// Supported housing for some time.
    Temporary,
    /// A care home.
    CareHome,
}

/// A placement outside the home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Where.
    pub place: Place,
    /// The first day.
    pub from: Date,
    /// The last day, if the child has come home.
    pub to: Option<Date>,
}

/// A made-up person. Others are named by their place in the block.
#[derive(Clone, Debug)]
pub struct Person {
    /// The number.
    pub cpr: Cpr,
    /// A number that it replaced.
    pub former: Option<Cpr>,
    /// Birth date.
    pub born: Date,
    /// Sex.
    pub sex: Sex,
    /// First name, by its place in the table.
    pub given: u8,
    /// Surname, by its place in the table.
    pub surname: u8,
    /// Whether the person lives here.
    pub status: Status,
    /// Civil status.
    pub civil: Civil,
    /// The one before, with its last day.
    pub former_civil: Option<(Civil, Date)>,
    /// The mother.
    pub mother: Option<usize>,
    /// The father.
    pub father: Option<usize>,
    /// Whether mother and father have custody.
    pub custody: (bool, bool),
    /// Homes in order of time.
    pub homes: Vec<Home>,
    /// The head of the person's family on the reference date.
    pub family: usize,
    /// What sort of family that is.
    pub family_kind: FamilyKind,
    /// The head of the family that a placed child's cost belongs to; else the same.
    pub case_family: usize,
    /// How exposed the family is, 0 to 3: services come together in families.
    pub exposure: u8,
    /// Whether name and address are protected.
    pub protected: bool,
    /// A placement outside the home.
    pub placement: Option<Placement>,
    /// The institution that a grown-up lives in.
    pub residence: Option<Residence>,
    /// Whether the register extract has the person.
    pub delivered: bool,
}

impl Person {
    /// Age in completed years on a 31 December.
    #[must_use]
    pub fn age_at_end_of(&self, year: i16) -> i16 {
        year - self.born.ymd().0
    }

    /// The present home.
    #[must_use]
    pub fn home(&self) -> Option<Address> {
        self.homes.last().filter(|home| home.to.is_none()).map(|home| home.address)
    }

    /// The last day on which the person can have a service here.
    #[must_use]
    pub const fn last_day(&self) -> Date {
        match self.status {
            Status::Resident => Date::MAX,
            Status::Dead(day) | Status::Emigrated(day) => day,
        }
    }

    /// Whether the child is placed on a day.
    #[must_use]
    pub fn is_placed_on(&self, day: Date) -> bool {
        self.placement.is_some_and(|placement| placement.from <= day && placement.to.is_none_or(|to| day <= to))
    }
}
