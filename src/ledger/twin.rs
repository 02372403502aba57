//! The naive twin of the ledger: one day at a time in wide numbers, written from the text of `metrics.md` and of the
//! step-1 rules, sharing nothing with the fast ledger but the types. For tests only.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Ledger, Line, LineKind, Settlement, Spell, Unattributed, UnattributedReason};
use crate::domain::{AmountType, Date, Ore, Period, PersonId, PurposeGroupId, Role};

/// Every amount type.
pub const AMOUNT_TYPES: [AmountType; 9] = [
    AmountType::Day,
    AmountType::Week,
    AmountType::Fortnight,
    AmountType::Month,
    AmountType::Quarter,
    AmountType::Year,
    AmountType::Contract,
    AmountType::Lump,
    AmountType::Nothing,
];

/// The days of a period, one by one.
pub fn days_of(period: Period) -> impl Iterator<Item = Date> {
    (period.from.days()..=period.to.days()).map(|day| Date::EPOCH.plus(day))
}

/// C(day + 1) - C(day), nothing outside the contract.
pub fn ore_of_day(amount: i64, quantity: i32, amount_type: AmountType, contract: Period, day: Date) -> i128 {
    if day < contract.from || day > contract.to {
        return 0;
    }
    let exact = i128::from(amount) * i128::from(quantity);
    let step = |anchor: Date, unit: i32| {
        let passed = i128::from(day.days() - anchor.days());
        let divisor = 1000 * i128::from(unit);
        half_even(exact * (passed + 1), divisor) - half_even(exact * passed, divisor)
    };
    match amount_type {
        AmountType::Nothing => 0,
        AmountType::Day => step(Date::EPOCH, 1),
        AmountType::Week => step(Date::EPOCH, 7),
        AmountType::Fortnight => step(Date::EPOCH, 14),
        AmountType::Month => calendar_step(day, 1, step),
        AmountType::Quarter => calendar_step(day, 3, step),
        AmountType::Year => calendar_step(day, 12, step),
        AmountType::Contract if contract.to != Date::MAX => {
            step(contract.from, contract.to.days() - contract.from.days() + 1)
        }
        AmountType::Contract | AmountType::Lump => {
            if day == contract.from {
                half_even(exact, 1000)
            } else {
                0
            }
        }
    }
}

/// Walks to both ends of the calendar unit around a day.
fn calendar_step(day: Date, months: u8, step: impl Fn(Date, i32) -> i128) -> i128 {
    let unit = |day: Date| (day.ymd().0, (day.ymd().1 - 1) / months);
    let (mut first, mut last) = (day, day);
    while unit(first.plus(-1)) == unit(day) {
        first = first.plus(-1);
    }
    while unit(last.plus(1)) == unit(day) {
        last = last.plus(1);
    }
    step(first, last.days() - first.days() + 1)
}

fn half_even(numerator: i128, divisor: i128) -> i128 {
    let (floor, rest) = (numerator.div_euclid(divisor), numerator.rem_euclid(divisor));
    match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Greater => floor + 1,
        std::cmp::Ordering::Equal => floor + floor.rem_euclid(2),
    }
}

/// The days a row claims, with its øre on each.
fn days_of_row(row: &Entry, period: Period) -> Vec<(Date, i128)> {
    let contract = Period { from: row.from, to: row.to };
    let single =
        row.amount_type == AmountType::Lump || (row.amount_type == AmountType::Contract && row.to == Date::MAX);
    let to = match (single, row.to == Date::MAX) {
        (true, _) => row.from,
        (false, true) => period.to,
        (false, false) => row.to,
    };
    days_of(Period { from: row.from, to })
        .map(|day| (day, ore_of_day(row.amount.0, row.quantity, row.amount_type, contract, day)))
        .collect()
}

/// Takes the likeliest pair out until there is none.
fn pairs(rows: &[Entry]) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    loop {
        let mut best = None;
        for (index, row) in rows.iter().enumerate() {
            for (other_index, other) in rows.iter().enumerate() {
                let fits = index != other_index
                    && !out.contains(&index)
                    && !out.contains(&other_index)
                    && (row.role, other.role) == (Role::Actual, Role::Actual)
                    && row.reverses != 0
                    && row.reverses == other.document
                    && (row.person, row.service, row.source) == (other.person, other.service, other.source)
                    && (row.amount.0 == -other.amount.0 && row.quantity == other.quantity);
                let rank = (other.reverses != 0, (row.from, row.to) != (other.from, other.to), index, other_index);
                if fits && best.is_none_or(|best| rank < best) {
                    best = Some(rank);
                }
            }
        }
        let Some((_, _, index, other)) = best else { return out };
        out.extend([index, other]);
    }
}

/// The ledger, a day at a time.
pub fn settle(mut rows: Vec<Entry>, unattributed: &[Unattributed], settlement: &Settlement) -> Ledger {
    rows.sort_unstable();
    let period = settlement.period;
    let group_of = |row: &Entry| settlement.purpose_group_of[row.service.index()];
    let pairs = pairs(&rows);
    let mut paid: BTreeSet<(PersonId, PurposeGroupId, Date)> = BTreeSet::new();
    let mut granted = BTreeSet::new();
    let mut lines = BTreeMap::new();
    let mut spells = Vec::new();
    let mut line = |source, kind, service, rows: u64, ore: i128| {
        let sum: &mut (u64, i128) = lines.entry((source, kind, service)).or_default();
        sum.0 += rows;
        sum.1 += ore;
    };
    for row in unattributed {
        let kind = match row.reason {
            UnattributedReason::NoPerson => LineKind::NoPerson,
            UnattributedReason::ReplacementNumber => LineKind::ReplacementNumber,
            UnattributedReason::Unlinked => LineKind::Unlinked,
            UnattributedReason::Refund => LineKind::Refund,
            UnattributedReason::Balance => LineKind::Balance,
        };
        line(row.source, kind, row.service, row.rows, row.ore.0.into());
    }
    // One role after the other, since payments decide over grants and both over price lists.
    for role in [Role::Actual, Role::Granted, Role::Tariff, Role::Manual] {
        for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.role == role) {
            let table = days_of_row(row, period);
            let face: i128 = table.iter().map(|(_, ore)| ore).sum();
            let foreign = settlement.authoritative[group_of(row).index()].is_some_and(|source| source != row.source);
            if pairs.contains(&index) {
                line(row.source, LineKind::Reversed, row.service, 1, face);
                continue;
            }
            if role == Role::Actual && foreign {
                line(row.source, LineKind::Reconcile, row.service, 1, face);
                continue;
            }
            let key = |day| (row.person, group_of(row), day);
            let mut counted = Vec::new();
            let mut outside = None;
            for (day, ore) in table.iter().copied() {
                if !period.contains(day) {
                    outside = Some(outside.unwrap_or(0) + ore);
                    continue;
                }
                let counts = match role {
                    Role::Actual | Role::Manual => true,
                    Role::Granted => row.amount_type == AmountType::Nothing || !paid.contains(&key(day)),
                    Role::Tariff => !paid.contains(&key(day)) && !granted.contains(&key(day)),
                };
                if counts {
                    counted.push((day, ore));
                }
                if role == Role::Granted {
                    granted.insert(key(day));
                }
                let positive = i128::from(row.amount.0) * i128::from(row.quantity) > 0;
                if role == Role::Actual && positive && row.amount_type != AmountType::Nothing {
                    paid.insert(key(day));
                }
            }
            if matches!(role, Role::Actual | Role::Manual) && (outside.is_some() || counted.is_empty()) {
                line(row.source, LineKind::OutsidePeriod, row.service, 1, outside.unwrap_or(0));
            }
            if role == Role::Tariff && !counted.is_empty() {
                let sum: i128 = counted.iter().map(|(_, ore)| ore).sum();
                line(row.source, LineKind::TariffMoved, row.service, 1, -sum);
            }
            for run in counted.chunk_by(|(day, _), (next, _)| day.plus(1) == *next) {
                let ore: i128 = run.iter().map(|(_, ore)| ore).sum();
                spells.push(Spell {
                    person: row.person,
                    service: row.service,
                    role,
                    from: run[0].0,
                    to: run[run.len() - 1].0,
                    ore: Ore(i64::try_from(ore).expect("small worlds")),
                    source: row.source,
                    not_periodised: row.amount_type == AmountType::Contract && row.to == Date::MAX,
                    open: row.to == Date::MAX,
                });
            }
        }
    }
    spells.sort_unstable();
    let lines = lines
        .into_iter()
        .map(|((source, kind, service), (rows, ore))| Line {
            source,
            kind,
            service,
            rows,
            ore: Ore(i64::try_from(ore).expect("small worlds")),
        })
        .collect();
    Ledger { period, spells, lines }
}
