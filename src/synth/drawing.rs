//! Which services the persons of a block have, on which days and at what rate.

use super::{
    person::{Person, Place},
    proration::Rate,
    random::{Draws, Stream},
    services::{self, KINDS, Payer},
    truth::Spell,
    world::{BLOCK, World},
};
use crate::domain::{Date, Period};

struct OfPerson<'a> {
    world: &'a World,
    persons: &'a [Person],
    person: usize,
    draws: Draws,
    /// Purpose groups in which something is granted already.
    granted: u64,
}

/// Draws the services of one person of a block.
pub fn services(world: &World, block: u32, persons: &[Person], person: usize, spells: &mut Vec<Spell>) {
    let number = u64::from(block) * u64::from(BLOCK) + person as u64;
    let draws = Draws::of(world.seed, Stream::Services, number);
    OfPerson { world, persons, person, draws, granted: 0 }.services(spells);
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
        // Who needs one thing often needs another.
        let frailty = [35, 230, 700][self.draws.weighted(&[80, 15, 5])];
        for (kind, service) in KINDS.iter().enumerate() {
            let everyone = service.demand.by_age[band] >= 50_000;
            let factor = if everyone { 100 } else { frailty };
            let chances = service.demand.by_age[band] * service.demand.by_exposure[exposure] / 100 * factor / 100;
            if let Some(residence) = service.residence.filter(|_| !self.world.plain) {
                let moved_in = self.me().homes.last().map_or(self.me().born, |home| home.from);
                if self.me().residence == Some(residence) {
                    self.spell(kind, moved_in, None, spells);
                }
                continue;
            }
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
        // Grants paid in arrears are renewed as the exports begin: older days would be unpaid for want of data.
        let renewed = !self.world.plain && service.payer == Payer::Opus && service.grant.is_some();
        let days = if renewed { Period { from: days.from.max(window.from), ..days } } else { days };
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
                let small =
                    days.from < self.me().born.plus(3 * 365) && self.me().age_at_end_of(self.world.last_year()) < 3;
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
