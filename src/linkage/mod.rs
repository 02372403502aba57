//! From the identity on a row to a person, with the rule that decided.
//!
//! Rows carry what a CPR number has become on its way through systems and spreadsheets. Each way of being damaged has one
//! answer (`linkage.md`, the table of what damages a CPR number), and nothing is guessed: what no rule confirms
//! reaches no person and is counted with its reason.

use crate::{
    domain::{Cpr, Identity},
    register::Numbers,
};

/// Looks up the persons of rows. Shared by all threads; a look-up is one or two probes of a table.
#[derive(Clone, Copy)]
pub struct Linker<'a> {
    numbers: &'a Numbers,
}

/// Whom a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// A person that the register knows, if only by reference.
    Person {
        /// The position in [`Numbers`].
        position: u32,
        /// What decided.
        rule: LinkRule,
    },
    /// A valid number that the register does not know: a person outside it. [`Numbers::add_outside`] gives a position.
    Outside(Cpr),
    /// Nobody.
    Nobody(NoPersonReason),
}

/// The rule that led from a row to its person. One row may have needed several; the weakest is named, which is the last here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkRule {
    /// The ten digits as they stand.
    Exact,
    /// Ten digits after blanks, hyphens, quotes or full-width digits were taken off.
    Cleaned,
    /// A number that another has replaced (PNRGAELD or record 022): the person is the one of the current number.
    ChangedNumber,
    /// Nine digits with the zero put back that a spreadsheet took (born on day 01 to 09), confirmed by the register.
    LostZero,
}

impl LinkRule {
    /// Every rule, the strongest first.
    pub const ALL: &[Self] = &[Self::Exact, Self::Cleaned, Self::ChangedNumber, Self::LostZero];

    /// The stable code that tables and scripts use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exact => "eksakt",
            Self::Cleaned => "renset",
            Self::ChangedNumber => "skiftet-nummer",
            Self::LostZero => "tabt-nul",
        }
    }
}

/// Why a row has no person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoPersonReason {
    /// The row names no citizen.
    Missing,
    /// A replacement number: unique only in the system that issued it, and never repaired.
    Replacement,
    /// Nine digits that the register does not confirm with a zero in front.
    UnconfirmedLostZero,
}

impl<'a> Linker<'a> {
    /// A linker on the numbers of a register.
    #[must_use]
    pub const fn new(numbers: &'a Numbers) -> Self {
        Self { numbers }
    }

    /// Finds the person. The answer depends on the register alone, not on what was added from outside before.
    #[must_use]
    pub fn link(&self, identity: Identity) -> Linked {
        match identity {
            Identity::Missing => Linked::Nobody(NoPersonReason::Missing),
            Identity::Replacement => Linked::Nobody(NoPersonReason::Replacement),
            Identity::Number { cpr, cleaned } => {
                match self.numbers.find(cpr).filter(|found| !self.numbers.is_outside(found.position)) {
                    None => Linked::Outside(cpr),
                    Some(found) => {
                        let rule = match (found.changed, cleaned) {
                            (true, _) => LinkRule::ChangedNumber,
                            (false, true) => LinkRule::Cleaned,
                            (false, false) => LinkRule::Exact,
                        };
                        Linked::Person { position: found.position, rule }
                    }
                }
            }
            Identity::LostZero(cpr) => match self.numbers.find(cpr) {
                Some(found) if found.delivered => Linked::Person { position: found.position, rule: LinkRule::LostZero },
                _ => Linked::Nobody(NoPersonReason::UnconfirmedLostZero),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{base::Pool, domain::CprStatus, ingest::rows::RegisterRow, register::RegisterBuilder};

    use super::*;

    fn cpr(number: &str) -> Cpr {
        Cpr::parse(number.as_bytes()).expect("a valid number")
    }

    fn person(number: &str, status: CprStatus, current: Option<&str>) -> RegisterRow {
        let current = current.map(cpr);
        RegisterRow::Person { cpr: cpr(number), current, status, status_from: None, sex: None, born: None }
    }

    #[test]
    fn each_rule_decides_its_own_rows() {
        let mut builder = RegisterBuilder::new();
        builder.add(person("0102030004", CprStatus::Resident, None));
        builder.add(person("0202030004", CprStatus::Changed, Some("0102030004")));
        builder.add(RegisterRow::Child { parent: cpr("0102030004"), child: cpr("0302030004") });
        let (mut numbers, ..) = builder.finish(&Pool::new(1).expect("a thread")).expect("a register");
        let adult = numbers.find(cpr("0102030004")).expect("delivered").position;
        let child = numbers.find(cpr("0302030004")).expect("referenced").position;
        numbers.add_outside(cpr("0502030004"));

        let link = |identity| Linker::new(&numbers).link(identity);
        let number = |text, cleaned| link(Identity::Number { cpr: cpr(text), cleaned });
        let found = |position, rule| Linked::Person { position, rule };
        assert_eq!(number("0102030004", false), found(adult, LinkRule::Exact));
        assert_eq!(number("0102030004", true), found(adult, LinkRule::Cleaned));
        assert_eq!(number("0202030004", false), found(adult, LinkRule::ChangedNumber));
        assert_eq!(number("0202030004", true), found(adult, LinkRule::ChangedNumber));
        assert_eq!(number("0302030004", false), found(child, LinkRule::Exact));
        assert_eq!(number("0402030004", false), Linked::Outside(cpr("0402030004")));
        assert_eq!(number("0502030004", false), Linked::Outside(cpr("0502030004")), "added before or not");
        assert_eq!(link(Identity::LostZero(cpr("0102030004"))), found(adult, LinkRule::LostZero));
        assert_eq!(link(Identity::LostZero(cpr("0202030004"))), found(adult, LinkRule::LostZero));
        for unconfirmed in ["0302030004", "0402030004", "0502030004"] {
            let answer = link(Identity::LostZero(cpr(unconfirmed)));
            assert_eq!(answer, Linked::Nobody(NoPersonReason::UnconfirmedLostZero));
        }
        assert_eq!(link(Identity::Missing), Linked::Nobody(NoPersonReason::Missing));
        assert_eq!(link(Identity::Replacement), Linked::Nobody(NoPersonReason::Replacement));
    }

    #[test]
    fn is_shared_by_threads() {
        const fn shared<T: Sync + Send + Copy>() {}
        shared::<Linker<'_>>();
    }
}
