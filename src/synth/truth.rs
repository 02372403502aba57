//! What a block's persons cost, drawn before any row: spells of services, their payments, and the øre of every month.

use super::{
    people::{Person, Place},
    proration::{Rate, months, ore_of},
    random::{Draws, Stream},
    services::{self, KINDS, Kind, Payer},
    world::{BLOCK, World},
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
}

/// Draws the truth of a block.
#[must_use]
pub fn truth(world: &World, block: u32, persons: &[Person]) -> Truth {
    let mut truth = Truth::default();
    for person in 0..persons.len() {
        let number = u64::from(block) * u64::from(BLOCK) + person as u64;
        let mut of_person = OfPerson { world, persons, person, draws: Draws::of(world.seed, Stream::Services, number), granted: 0 };
        of_person.services(&mut truth.spells);
    }
    for spell in 0..truth.spells.len() {
        pay(world, block, spell, &mut truth);
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

struct OfPerson<'a> {
    world: &'a World,
    persons: &'a [Person],
    person: usize,
    draws: Draws,
    /// Purpose groups in which something is granted already.
    granted: u64,
}

impl OfPerson<'_> {
    fn me(&self) -> &Person {
        &self.persons[self.person]
    }

    fn services(&mut self, spells: &mut Vec<Spell>) {
        let age = self.me().age_at_end_of(self.world.last_year());
        let band = services::band(age);
        let exposure = usize::from(self.me().exposure);
        if let Some(placement) = self.me().placement {
            let kind = match placement.place {
                Place::Foster => services::FOSTER,
                Place::Kinship => services::KINSHIP,
                Place::Residential => services::RESIDENTIAL,
                Place::Institution => services::INSTITUTION,
            };
            self.spell(kind, placement.from, placement.to, spells);
            if !self.world.plain && age >= 10 {
                self.spell(services::POCKET_MONEY, placement.from, placement.to, spells);
            }
        }
        for (kind, service) in KINDS.iter().enumerate() {
            let chances = service.demand.by_age[band] * service.demand.by_exposure[exposure] / 100;
            if chances == 0 || !self.draws.chance(chances.min(97_000)) {
                continue;
            }
            let window = self.world.window();
            let (from, to) = if self.draws.below(100) < service.lasting {
                (window.from.plus(-self.draws.between(1, 700)), None)
            } else {
                let from = window.from.plus(self.draws.between(0, window.days() - 40));
                let length = self.draws.between(28, 400);
                (from, Some(from.plus(length)).filter(|to| *to < window.to))
            };
            // A year-old begins in day care.
            let earliest = if service.payer == Payer::Tariff { self.me().born.plus(300) } else { self.me().born };
            self.spell(kind, from.max(earliest), to, spells);
        }
        if self.persons.iter().any(|child| child.mother == Some(self.person) && child.placement.is_some())
            && self.draws.chance(60_000)
        {
            let from = self.world.window().from.plus(self.draws.between(-300, 200));
            self.spell(services::PARENT_SUPPORT, from, None, spells);
        }
    }

    fn spell(&mut self, kind: usize, from: Date, to: Option<Date>, spells: &mut Vec<Spell>) {
        let service = &KINDS[kind];
        let window = self.world.window();
        let last = self.me().last_day();
        let open = to.is_none() && last == Date::MAX;
        let until = to.unwrap_or(Date::MAX).min(last).min(window.to);
        let Some(days) = Period::new(from, until).filter(|days| days.to >= window.from) else { return };
        if service.grant.is_some() {
            let bit = 1 << service.group;
            if self.granted & bit != 0 {
                return;
            }
            self.granted |= bit;
        }
        let percent = *self.draws.pick(service.spread.percentages());
        let monthly = i64::from(service.monthly) * i64::from(percent) + i64::from(self.draws.below(3_000));
        // A grant's rate in the unit in which such services are granted.
        let (amount, rate, quantity) = match service.code {
            "FOR-PRAKT" => {
                let half_hours = (monthly / 84_000).clamp(1, 60);
                (42_000 + i64::from(self.draws.below(4_000)), Rate::Week, u32::try_from(half_hours).unwrap_or(1) * 500)
            }
            "FOR-KONT" => (monthly * 7 / 30, Rate::Week, 1_000),
            "FOR-ANDEN" => (monthly * i64::from(days.days()) / 30, Rate::Contract, 1_000),
            "DAG-INST" => {
                // Below three years the nursery's price.
                let small = days.from < self.me().born.plus(3 * 365) && self.me().age_at_end_of(self.world.last_year()) < 3;
                (if small { 1_280_000 } else { 890_000 }, Rate::Month, 1_000)
            }
            _ if service.group == 0 => (monthly * 12 / 365, Rate::Day, 1_000),
            _ => (monthly, Rate::Month, 1_000),
        };
        // A sum for a period has an end, or it could not be spread.
        let open = open && rate != Rate::Contract;
        spells.push(Spell { person: self.person, kind, days, open, amount, rate, quantity });
    }
}

/// Makes the payments of a spell and adds its øre to the cells.
fn pay(world: &World, block: u32, index: usize, truth: &mut Truth) {
    let spell = truth.spells[index];
    let (window, period) = (world.window(), world.period());
    let service = spell.service();
    let number = u64::from(block) << 32 | index as u64;
    let mut draws = Draws::of(world.seed, Stream::Rows, number);
    match service.payer {
        Payer::Grant => {
            let contract = Period { to: if spell.open { Date::MAX } else { spell.days.to }, ..spell.days };
            let ore = |days| ore_of(spell.amount, spell.quantity.into(), spell.rate, contract, days);
            add(&mut truth.cells, &spell, Role::Granted, spell.days.intersection(period), ore);
        }
        Payer::Tariff => {
            let institution = institution(block, &spell);
            let ore = |days: Period| {
                ore_of(price(world, institution, days.from.ymd().0), 1000, Rate::Month, spell.days, days)
            };
            add(&mut truth.cells, &spell, Role::Tariff, spell.days.intersection(period), ore);
        }
        Payer::Weekly => {
            // 1970-01-01 was a Thursday: the Mondays are days 4, 11, 18 and so on.
            let first = spell.days.from.max(window.from);
            let mut monday = first.plus((4 - first.days()).rem_euclid(7));
            while monday.plus(6) <= spell.days.to {
                let ore = spell.amount * 12 / 52 + i64::from(draws.below(2_000));
                payment(truth, index, Period { from: monday, to: monday.plus(6) }, ore, period);
                monday = monday.plus(7);
            }
        }
        Payer::Opus | Payer::Kmd | Payer::Manual => {
            let Some(days) = spell.days.intersection(window) else { return };
            let step = if service.payer == Payer::Manual { 3 } else { world.months_per_payment() };
            let mut start = days.from;
            while start <= days.to {
                let end = end_of_group(start, step).min(days.to);
                let part = Period { from: start, to: end };
                // A day's rate is settled to the øre with its grant; other amounts vary from month to month.
                let ore = if spell.rate == Rate::Day {
                    ore_of(spell.amount, 1000, Rate::Day, part, part)
                } else {
                    ore_of(spell.amount, 1000, spell.rate, part, part) + i64::from(draws.below(5_000)) + 100
                };
                payment(truth, index, part, ore, period);
                start = end.plus(1);
            }
        }
    }
}

/// The last day of the group of so many months that a day lies in; groups begin in January.
fn end_of_group(day: Date, months_per_group: i32) -> Date {
    let (_, month, _) = day.ymd();
    let left = months_per_group - 1 - (i32::from(month) - 1) % months_per_group;
    (0..left).fold(day.month_end(), |end, _| end.plus(1).month_end())
}

fn payment(truth: &mut Truth, spell: usize, days: Period, ore: i64, period: Period) {
    truth.payments.push(Payment { spell, days, ore });
    let role = if truth.spells[spell].service().payer == Payer::Manual { Role::Manual } else { Role::Actual };
    let of = truth.spells[spell];
    add(&mut truth.cells, &of, role, days.intersection(period), |part| ore_of(ore, 1000, Rate::Contract, days, part));
}

/// Adds the months of some days.
fn add(cells: &mut Vec<Cell>, spell: &Spell, role: Role, days: Option<Period>, ore: impl Fn(Period) -> i64) {
    for (month, part) in days.into_iter().flat_map(months) {
        let cell = Cell { person: spell.person, kind: spell.kind, role, month: month.from, ore: ore(part) };
        cells.push(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{people::people, world::Damage};

    const WORLD: World =
        World { seed: 2, persons: 1_000, rows: 10_000, first_year: 2024, years: 1, plain: true, damage: Damage::None };

    #[test]
    fn months_add_up_to_payments() {
        let persons = people(&WORLD, 0);
        let truth = truth(&WORLD, 0, &persons);
        let inside = |payment: &&Payment| WORLD.period().contains(payment.days.from) && WORLD.period().contains(payment.days.to);
        let weekly = |spell: usize| truth.spells[spell].service().payer == Payer::Weekly;
        let paid: i64 =
            truth.payments.iter().filter(inside).filter(|payment| !weekly(payment.spell)).map(|payment| payment.ore).sum();
        let is_paid = |cell: &&Cell| {
            matches!(cell.role, Role::Actual | Role::Manual) && KINDS[cell.kind].payer != Payer::Weekly
        };
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

    #[test]
    fn groups_of_months_end_with_the_calendar() {
        let day = |text| Date::parse_iso(text).expect("a date");
        assert_eq!(end_of_group(day("2024-02-10"), 3), day("2024-03-31"));
        assert_eq!(end_of_group(day("2024-02-10"), 1), day("2024-02-29"));
        assert_eq!(end_of_group(day("2024-07-01"), 6), day("2024-12-31"));
    }
}
