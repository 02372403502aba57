//! How services are paid, and the øre of every month that follows from it: the rules of `metrics.md` written once more, for what
//! is known when the exports end. The ledger has its own.

use super::{
    person::Person,
    proration::{Rate, months, ore_of},
    random::{Draws, Stream},
    services::Payer,
    truth::{Cause, Cell, Credit, Payment, Spell, Truth, institution, price},
    world::World,
};
use crate::domain::{Date, Period, Role};

/// Days after which no payment comes any more, counted back from the end of the data: an unpaid granted day that is older
/// was never paid, a later one may still be.
pub const MATURITY: i32 = 105;
/// Days without a payment after which a grant is presumed ended: nothing more of it is estimated.
const PRESUMED_ENDED: i32 = 120;
/// Days from the end of a quarter or month to the posting of its invoice.
const DELAY: i32 = 15;

/// Whether a service is paid in arrears, by postings that tell no days.
#[must_use]
pub fn is_in_arrears(world: &World, spell: &Spell) -> bool {
    let service = spell.service();
    !world.plain && service.payer == Payer::Opus && service.grant.is_some()
}

/// Whose number a child's service is booked on, if not the child's own. Of several children of one mother with the same help
/// nobody could tell whose it is, so that happens to none of them.
pub fn booked_on(world: &World, block: u32, index: usize, persons: &[Person], truth: &mut Truth) -> Option<usize> {
    let spell = truth.spells[index];
    let mother = persons[spell.person].mother?;
    let number = u64::from(block) << 32 | index as u64;
    let mut draws = Draws::of(world.seed, Stream::Bookings, number);
    let is_siblings = |other: &Spell| {
        other.person != spell.person
            && other.service().group == spell.service().group
            && (persons[other.person].mother == Some(mother) || other.person == mother)
    };
    let never = !is_in_arrears(world, &spell) || spell.service().group == 0;
    if never || !draws.chance(6_000) || truth.spells.iter().any(is_siblings) {
        return None;
    }
    truth.causes.push((spell.person, spell.kind, Cause::ParentsNumber));
    truth.causes.push((mother, spell.kind, Cause::ParentsNumber));
    Some(mother)
}

/// Pays a grant a quarter or a month at a time, afterwards. What the posting of a payment does not tell, the order of days
/// does: it pays the oldest granted days that are not paid. Days that nothing has paid count as granted when their invoice
/// may still come, and not at all when they are older, or when nothing was paid for so long that the grant has surely ended.
fn pay_in_arrears(world: &World, index: usize, truth: &mut Truth, draws: &mut Draws) {
    let spell = truth.spells[index];
    let (end_of_data, period) = (world.window().to, world.period());
    let step = if spell.rate == Rate::Day { 3 } else { 1 };
    let contract = Period { to: if spell.open { Date::MAX } else { spell.days.to }, ..spell.days };
    let ore = |days: Period| ore_of(spell.amount, spell.quantity.into(), spell.rate, contract, days);
    let mut parts = Vec::new();
    let mut start = spell.days.from;
    while start <= spell.days.to {
        let end = end_of_group(start, step).min(spell.days.to);
        parts.push(Period { from: start, to: end });
        start = end.plus(1);
    }
    parts.retain(|part| part.to.plus(DELAY) <= end_of_data);
    let is_late = draws.chance(8_000) && !parts.is_empty();
    if is_late {
        parts.pop();
        truth.causes.push((spell.person, spell.kind, Cause::LateInvoice));
    }
    truth.causes.push((spell.person, spell.kind, Cause::Arrears));
    for part in &parts {
        let arrears = Some(part.to.plus(DELAY));
        truth.payments.push(Payment { spell: index, days: *part, ore: ore(*part), arrears });
        add(&mut truth.cells, &spell, Role::Actual, part.intersection(period), ore);
    }
    let unpaid = parts.last().map_or(spell.days.from, |part| part.to.plus(1));
    let mature = end_of_data.plus(-MATURITY);
    let within = |from: Date, to: Date| Period::new(from, to).and_then(|days| days.intersection(period));
    truth.never_paid += within(unpaid, spell.days.to.min(mature)).map_or(0, ore);
    let open = within(unpaid.max(mature.plus(1)), spell.days.to);
    // The last that is heard of the money: a posting, or the day before the grant began.
    let heard = parts.last().map_or(spell.days.from.plus(-1), |part| part.to.plus(DELAY));
    if end_of_data.days() - heard.days() > PRESUMED_ENDED {
        truth.presumed_ended += open.map_or(0, ore);
    } else {
        add(&mut truth.cells, &spell, Role::Granted, open, ore);
    }
}

/// Makes the payments of a spell and adds its øre to the cells.
pub fn pay(world: &World, block: u32, index: usize, truth: &mut Truth) {
    let spell = truth.spells[index];
    let (window, period) = (world.window(), world.period());
    let service = spell.service();
    let number = u64::from(block) << 32 | index as u64;
    let mut draws = Draws::of(world.seed, Stream::Rows, number);
    if is_in_arrears(world, &spell) {
        return pay_in_arrears(world, index, truth, &mut draws);
    }
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
                if service.payer == Payer::Opus && !world.plain && draws.chance(1_500) {
                    credit(world, truth, &mut draws);
                }
                start = end.plus(1);
            }
        }
    }
}

/// Gives a fifth of the last payment back some weeks later, if the exports reach so far.
fn credit(world: &World, truth: &mut Truth, draws: &mut Draws) {
    let (payment, period) = (truth.payments.len() - 1, world.period());
    let of = truth.payments[payment];
    let earlier = of.days.to < period.from;
    let posted = of.days.to.max(period.from.plus(-1)).plus(draws.between(20, 90));
    let ore = of.ore / 5;
    if posted > world.window().to || ore == 0 {
        return;
    }
    let spell = truth.spells[of.spell];
    truth.causes.push((spell.person, spell.kind, Cause::Credit));
    truth.credits.push(Credit { payment, ore, posted, earlier });
    add(&mut truth.cells, &spell, Role::Actual, of.days.intersection(period), |part| {
        -ore_of(ore, 1000, Rate::Contract, of.days, part)
    });
}

/// The last day of the group of so many months that a day lies in; groups begin in January.
fn end_of_group(day: Date, months_per_group: i32) -> Date {
    let (_, month, _) = day.ymd();
    let left = months_per_group - 1 - (i32::from(month) - 1) % months_per_group;
    (0..left).fold(day.month_end(), |end, _| end.plus(1).month_end())
}

fn payment(truth: &mut Truth, spell: usize, days: Period, ore: i64, period: Period) {
    truth.payments.push(Payment { spell, days, ore, arrears: None });
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

    #[test]
    fn groups_of_months_end_with_the_calendar() {
        let day = |text| Date::parse_iso(text).expect("a date");
        assert_eq!(end_of_group(day("2024-02-10"), 3), day("2024-03-31"));
        assert_eq!(end_of_group(day("2024-02-10"), 1), day("2024-02-29"));
        assert_eq!(end_of_group(day("2024-07-01"), 6), day("2024-12-31"));
    }
}
