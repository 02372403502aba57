//! How a row names its person, before linkage.

use super::Cpr;

/// The number on a row after cleaning, not yet looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The field is blank, or the row names no citizen.
    Missing,
    /// Ten digits with a date, and nothing else.
    Number(Cpr),
    /// Ten digits with a date after blanks, hyphens, quotes or full-width digits were taken off.
    Cleaned(Cpr),
    /// Nine digits that become a number with a zero in front: a spreadsheet may have taken it. The register must agree.
    LostZero(Cpr),
    /// A replacement number: unique only in the system that issued it, never repaired.
    Replacement,
    /// Nine to eleven digits that are no number, on a row that tells something else of its citizen to hold them against.
    Damaged,
}

impl Identity {
    /// The number of a person that the row names, a zero put back included.
    #[must_use]
    pub const fn number(self) -> Option<Cpr> {
        match self {
            Self::Number(cpr) | Self::Cleaned(cpr) | Self::LostZero(cpr) => Some(cpr),
            Self::Missing | Self::Replacement | Self::Damaged => None,
        }
    }
}
