//! Why a row reaches no person, and why a person must look at it.

/// Why a row has no person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoPersonReason {
    /// The row names no citizen.
    Missing,
    /// A replacement number: unique only in the system that issued it, and never repaired.
    Replacement,
    /// A damaged number that nothing confirms, a citizen without a number that the register does not know for certain, or a
    /// rule that the plan has switched off.
    Unlinked,
    /// A person must look at it.
    Review(ReviewReason),
}

/// Why a person must look at a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewReason {
    /// The number is a resident's, but name and birth date are not.
    Veto,
    /// The number is a resident's, but the name is that of somebody one slip away.
    Neighbour,
    /// Several persons fit the damaged number and the row's attributes.
    Several,
    /// Several numbers in one text.
    SeveralInText,
    /// A valid number that the register does not know, but the name and birth date of somebody in it.
    NumberOrName,
    /// Name and birth date fit, not well enough or more than one.
    Doubtful,
    /// Rows under one replacement number are about different persons.
    Replacement,
}

impl ReviewReason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::Veto,
        Self::Neighbour,
        Self::Several,
        Self::SeveralInText,
        Self::NumberOrName,
        Self::Doubtful,
        Self::Replacement,
    ];

    /// The stable code of tables and queues.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Veto => "veto",
            Self::Neighbour => "nabonummer",
            Self::Several => "flere-mulige",
            Self::SeveralInText => "flere-i-tekst",
            Self::NumberOrName => "nummer-eller-navn",
            Self::Doubtful => "tvivlsom",
            Self::Replacement => "erstatningsnummer",
        }
    }

    /// The reason in words for people.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Veto => "nummeret er én persons, navn og fødselsdato en andens",
            Self::Neighbour => "navnet er en persons, hvis nummer kun er ét tegn fra rækkens",
            Self::Several => "flere personer passer på det beskadigede nummer",
            Self::SeveralInText => "flere numre i samme tekst",
            Self::NumberOrName => "nummeret er ukendt i registret, navn og fødselsdato er det ikke",
            Self::Doubtful => "navn og fødselsdato passer, men ikke sikkert nok eller på flere",
            Self::Replacement => "rækker med samme erstatningsnummer er om forskellige personer",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<&str> = ReviewReason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), ReviewReason::ALL.len());
    }
}
