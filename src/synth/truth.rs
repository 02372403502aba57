//! What a block's persons cost, drawn before any row: spells of services, their payments, and the øre of every month.

use super::{
    drawing, payments,
    person::Person,
    proration::Rate,
    random::{Draws, Stream},
    services::{KINDS, Kind},
    world::World,
};
use crate::domain::{Date, Period, Role};

/// A service that somebody has for some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Who, by place in the block.
    pub person: usize,
    /// Which service, by place in [`KINDS`].
    pub kind: usize,
    /// From its first day, which may lie before the exports begin, to its last within them.
    pub days: Period,
    /// Whether it goes on.
    pub open: bool,
    /// Øre a month, a week, a day or for all of it, as `rate` says.
    pub amount: i64,
    /// How the amount counts in a grant.
    pub rate: Rate,
    /// Quantity of the rate in thousandths.
    pub quantity: u32,
}

impl Spell {
    /// The service.
    #[must_use]
    pub fn service(&self) -> &'static Kind {
        &KINDS[self.kind]
    }
}

/// A payment with its service period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The spell that it pays, by place in the block.
    pub spell: usize,
    /// The days it is for.
    pub days: Period,
    /// Øre.
    pub ore: i64,
    /// The posting date of a payment in arrears, which does not tell its days.
    pub arrears: Option<Date>,
}

/// A part of a payment that came back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The payment, by place in the block.
    pub payment: usize,
    /// Øre, positive.
    pub ore: i64,
    /// When it was posted.
    pub posted: Date,
    /// Whether its days lie before the period, so that it corrects an earlier one and no cost of this.
    pub earlier: bool,
}

/// Why a ledger that looks at rows one by one goes wrong about a person's service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Paid in arrears by postings without a service period: they settle the oldest granted days.
    Arrears,
    /// The last invoice has not come: its days are estimated, or too old to be.
    LateInvoice,
    /// A posting stands in two exports.
    Duplicate,
    /// A child's cost is booked on the parent's number.
    ParentsNumber,
    /// A part of a payment came back: for days of the period it is less cost, for earlier days a correction of its own.
    Credit,
}

impl Cause {
    /// The name in the truth.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Arrears => "betalt-bagud-uden-periode",
            Self::LateInvoice => "faktura-mangler-endnu",
            Self::Duplicate => "samme-bilag-i-to-filer",
            Self::ParentsNumber => "bogfoert-paa-foraelderens-nummer",
            Self::Credit => "kredit-for-en-del",
        }
    }
}

/// The øre of one person, service, role and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Who, by place in the block.
    pub person: usize,
    /// Which service, by place in [`KINDS`].
    pub kind: usize,
    /// What kind of claim.
    pub role: Role,
    /// The first day of the month.
    pub month: Date,
    /// Øre.
    pub ore: i64,
}

/// What is true of a block.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Services with their days.
    pub spells: Vec<Spell>,
    /// Payments, in the order of spells and days.
    pub payments: Vec<Payment>,
    /// Øre within the period, sorted.
    pub cells: Vec<Cell>,
    /// Causes by person and service, in any order and repeated.
    pub causes: Vec<(usize, usize, Cause)>,
    /// By spell: the parent on whose number it is booked.
    pub booked_on: Vec<Option<usize>>,
    /// Øre of granted days within the period for which a payment would long have come.
    pub never_paid: i64,
    /// Øre of granted days within the period after the presumed end of the grant.
    pub presumed_ended: i64,
    /// Money that came back for some days of a payment.
    pub credits: Vec<Credit>,
}

/// Draws the truth of a block.
#[must_use]
pub fn truth(world: &World, block: u32, persons: &[Person]) -> Truth {
    let mut truth = Truth::default();
    for person in 0..persons.len() {
        drawing::services(world, block, persons, person, &mut truth.spells);
    }
    for spell in 0..truth.spells.len() {
        payments::pay(world, block, spell, &mut truth);
        let on = payments::booked_on(world, block, spell, persons, &mut truth);
        truth.booked_on.push(on);
    }
    truth.cells.sort_unstable();
    truth.cells.dedup_by(|next, kept| {
        let same = (next.person, next.kind, next.role, next.month) == (kept.person, kept.kind, kept.role, kept.month);
        if same {
            kept.ore += next.ore;
        }
        same
    });
    truth
}

/// The institution that a child of a block is enrolled in.
#[must_use]
pub fn institution(block: u32, spell: &Spell) -> u32 {
    block / 4 * 2 + u32::from(spell.amount >= 1_000_000)
}

/// Øre a month in an institution of own care. Odd numbers are nurseries and cost more.
#[must_use]
pub fn price(world: &World, institution: u32, year: i16) -> i64 {
    let mut draws = Draws::of(world.seed, Stream::Institutions, institution.into());
    let base = if institution % 2 == 1 { 1_280_000 } else { 830_000 };
    let since = i64::from(year - 2012);
    base + i64::from(draws.below(90_000)) + since * i64::from(10_000 + draws.below(3_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{people::people, services::Payer, world::Damage};

    const WORLD: World = World {
        seed: 2,
        persons: 1_000,
        rows: 10_000,
        first_year: 2024,
        years: 1,
        plain: true,
        damage: Damage::None,
        neutral_register: false,
    };

    #[test]
    fn months_add_up_to_payments() {
        let persons = people(&WORLD, 0);
        let truth = truth(&WORLD, 0, &persons);
        let inside =
            |payment: &&Payment| WORLD.period().contains(payment.days.from) && WORLD.period().contains(payment.days.to);
        let weekly = |spell: usize| truth.spells[spell].service().payer == Payer::Weekly;
        let paid: i64 = truth
            .payments
            .iter()
            .filter(inside)
            .filter(|payment| !weekly(payment.spell))
            .map(|payment| payment.ore)
            .sum();
        let is_paid =
            |cell: &&Cell| matches!(cell.role, Role::Actual | Role::Manual) && KINDS[cell.kind].payer != Payer::Weekly;
        assert_eq!(truth.cells.iter().filter(is_paid).map(|cell| cell.ore).sum::<i64>(), paid);
        assert!(truth.payments.iter().all(|payment| payment.ore > 0 && payment.days.days() > 0));
        assert!(truth.cells.len() > 500, "{}", truth.cells.len());
    }

    #[test]
    fn payments_of_a_spell_leave_no_day_out() {
        let persons = people(&WORLD, 1);
        let truth = truth(&WORLD, 1, &persons);
        for pair in truth.payments.windows(2).filter(|pair| pair[0].spell == pair[1].spell) {
            assert_eq!(pair[0].days.to.plus(1), pair[1].days.from);
        }
    }
}
