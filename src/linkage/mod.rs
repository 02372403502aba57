//! From the identity on a row to a person, with the rule that decided.
//!
//! Rows carry what a CPR number has become on its way through systems and spreadsheets. Each way of being damaged has one
//! answer (`linkage.md`, the table of what damages a CPR number), and nothing is guessed: what no rule confirms
//! reaches no person and is counted with its reason.
//!
//! Two passes. [`Linker::first`] settles nearly every row as it is read, with one or two probes of a table; what it cannot
//! settle waits with its [`Clues`], and [`Cascade::settle`] takes these few rows through the rest of the cascade: one slip of the pen,
//! number in text, weighed match. Every answer depends on the row and the register alone, but for replacement numbers, which
//! are one person per issuing system.

mod agreement;
mod cascade;
mod decision;
mod repair;
mod rule;
#[cfg(test)]
mod tests;
mod text;
mod weigh;

use crate::{
    domain::{Cpr, Identity, LinkRule, PersonId, Tiers},
    ingest::{Clues, Record, Sought},
    layout::{Field, read_date},
    register::{Numbers, PersonNames, Population},
};
use agreement::Attributes;

pub use agreement::{Agreement, Confirmation};
pub use cascade::{Applied, Candidate, Cascade, Case, Verdict};
pub use decision::{Decision, Decisions, PersonHash, RowHash};
pub use rule::{NoPersonReason, ReviewReason};

/// Looks up the persons of rows. Shared by all threads; a look-up is one or two probes of a table.
#[derive(Clone, Copy)]
pub struct Linker<'a> {
    numbers: &'a Numbers,
    tiers: Tiers,
    witness: Option<Witness<'a>>,
}

/// What the register knows of persons beside their numbers.
#[derive(Clone, Copy)]
pub struct Witness<'a> {
    /// Birth dates and sexes.
    pub population: &'a Population,
    /// Names.
    pub names: &'a PersonNames,
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

/// What the first pass makes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// The row has its answer.
    Settled(Linked),
    /// The rest of the cascade must look at it.
    Waits(Box<Clues>),
}

impl<'a> Linker<'a> {
    /// A linker on the numbers of a register, with every rule and without a second look at anybody.
    #[must_use]
    pub fn new(numbers: &'a Numbers) -> Self {
        Self { numbers, tiers: Tiers::default(), witness: None }
    }

    /// A linker with the rules that the plan allows, for rows that tell more than a number.
    #[must_use]
    pub const fn with(numbers: &'a Numbers, witness: Witness<'a>, tiers: Tiers) -> Self {
        Self { numbers, tiers, witness: Some(witness) }
    }

    /// Finds the person by the number alone. The answer depends on the register alone, not on what was added from outside
    /// before.
    #[must_use]
    pub fn link(&self, identity: Identity) -> Linked {
        match identity {
            Identity::Missing => Linked::Nobody(NoPersonReason::Missing),
            Identity::Replacement => Linked::Nobody(NoPersonReason::Replacement),
            Identity::Damaged => Linked::Nobody(NoPersonReason::Unlinked),
            Identity::Number(cpr) => match self.in_register(cpr, LinkRule::Exact) {
                Some((position, rule)) => self.person(position, rule),
                None => Linked::Outside(cpr),
            },
            Identity::Cleaned(cpr) => match self.in_register(cpr, LinkRule::Cleaned) {
                Some((position, rule)) => self.person(position, rule),
                None if self.tiers.has(LinkRule::Cleaned) => Linked::Outside(cpr),
                None => Linked::Nobody(NoPersonReason::Unlinked),
            },
            Identity::LostZero(cpr) => match self.numbers.find(cpr) {
                Some(found) if found.delivered => self.person(found.position, LinkRule::LostZero),
                _ => Linked::Nobody(NoPersonReason::Unlinked),
            },
        }
    }

    /// The person of a number that stands on its row as it is, when the register knows it and the plan allows the rule: what
    /// [`Self::link`] says of nearly every row.
    #[must_use]
    #[inline]
    pub fn person_of(&self, cpr: Cpr) -> Option<(u32, LinkRule)> {
        self.in_register(cpr, LinkRule::Exact).filter(|(_, rule)| self.tiers.has(*rule))
    }

    /// The person of a number that the register knows, and the rule that leads there from a number written so.
    #[inline]
    fn in_register(&self, cpr: Cpr, written: LinkRule) -> Option<(u32, LinkRule)> {
        let found = self.numbers.find(cpr).filter(|found| !self.numbers.is_outside(found.position))?;
        Some((found.position, if found.changed { LinkRule::ChangedNumber } else { written }))
    }

    const fn person(&self, position: u32, rule: LinkRule) -> Linked {
        if self.tiers.has(rule) { Linked::Person { position, rule } } else { Linked::Nobody(NoPersonReason::Unlinked) }
    }

    /// Whether [`Self::first`] settles a row with a whole number as [`Self::link`] does: it tells nothing that could stand against
    /// the number or for another.
    #[must_use]
    #[inline]
    pub fn settles_by_number(&self, record: &Record<'_>) -> bool {
        !record.tells_attributes() && (self.tiers == Tiers::default() || !record.text_may_tell())
    }

    /// Settles a row by its number, or says that it must wait: because it has no usable number but tells something else, or
    /// because what it tells does not fit the person of its number.
    #[must_use]
    pub fn first(&self, identity: Identity, sought: Sought, record: &Record<'_>) -> First {
        let linked = self.link(identity);
        let Some(witness) = self.witness else { return First::Settled(linked) };
        let waits = match linked {
            Linked::Person { position, .. } => {
                sought == Sought::Citizen && record.tells_attributes() && doubts(witness, position, record)
            }
            Linked::Outside(_) => record.tells_attributes(),
            Linked::Nobody(NoPersonReason::Replacement) => true,
            Linked::Nobody(_) => match sought {
                Sought::Nobody => false,
                Sought::Citizen if record.tells_attributes() => true,
                _ => {
                    record.text_may_tell() && {
                        let text = record.text(Field::Text);
                        text::person_in(&text).is_some() || !text::numbers_in(&text).is_empty()
                    }
                }
            },
        };
        if waits { First::Waits(record.clues(sought)) } else { First::Settled(linked) }
    }
}

/// Whether what the row tells may be about another than the person of its number.
fn doubts(witness: Witness<'_>, position: u32, record: &Record<'_>) -> bool {
    let Witness { population, names } = witness;
    let (given, surname) = (record.text(Field::GivenName), record.text(Field::Surname));
    // Nearly every row that tells name and birth date tells the register's.
    if !given.is_empty() && names.of(position).any(|name| name == (&given, &surname)) {
        let told = read_date(record.cell(Field::Born));
        let known = population.born(PersonId(position));
        if told.is_none_or(|told| known.is_some_and(|known| known.date == told)) {
            return false;
        }
    }
    Attributes::of(&record.clues(Sought::Citizen)).against(position, population, names).doubts()
}

/// Whether the register vouches for the person: it has a record of its own there.
fn is_known(witness: Witness<'_>, position: u32) -> bool {
    witness.population.is_delivered(PersonId(position))
}
