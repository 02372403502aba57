//! The naive twin of the ledger: one day at a time in wide numbers, written from the text of `metrics.md` and of the
//! step-1 rules, sharing nothing with the fast ledger but the types. For tests only.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Closing, Entry, Ledger, Line, LineKind, RowMark, Rule, Settlement, Spell, Unattributed, UnattributedReason,
};
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

/// The days a row claims, with its øre on each; those of an open row end with `horizon`.
fn days_of_row(row: &Entry, horizon: Date) -> Vec<(Date, i128)> {
    let contract = Period { from: row.from, to: row.to };
    let single =
        row.amount_type == AmountType::Lump || (row.amount_type == AmountType::Contract && row.to == Date::MAX);
    let to = match (single, row.to == Date::MAX) {
        (true, _) => row.from,
        (false, true) => horizon,
        (false, false) => row.to,
    };
    days_of(Period { from: row.from, to })
        .map(|day| (day, ore_of_day(row.amount.0, row.quantity, row.amount_type, contract, day)))
        .collect()
}

/// Whether the row has kroner that go out.
fn positive(row: &Entry) -> bool {
    i128::from(row.amount.0) * i128::from(row.quantity) > 0 && row.amount_type != AmountType::Nothing
}

/// Whether the row names no days of its own.
fn lump(row: &Entry) -> bool {
    row.amount_type == AmountType::Lump || (row.amount_type == AmountType::Contract && row.to == Date::MAX)
}

/// The last day of a claim and why, one candidate after the other.
fn closed(row: &Entry, settlement: &Settlement) -> (Date, Closing) {
    let mut end = (row.to, Closing::Ended);
    let claim = row.role == Role::Granted || row.role == Role::Tariff;
    if claim && row.amount_type != AmountType::Lump && row.amount_type != AmountType::Contract {
        if let Some(Some(died)) = settlement.died.get(row.person.index())
            && *died < end.0
        {
            end = (*died, Closing::Died);
        }
        if let Some(Some(data_end)) = settlement.data_end.get(row.source.index())
            && *data_end < end.0
        {
            end = (*data_end, Closing::DataEnd);
        }
    }
    end
}

/// Rows that stand in several files: with document and line one counts, else as many as the fullest file has.
fn repeated(rows: &[Entry]) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        let alike = |other: &&Entry| Entry { file: row.file, ..**other } == *row;
        let fullest = (0..4).map(|file| rows.iter().filter(alike).filter(|other| other.file == file).count()).max();
        let wanted = if row.document != 0 && row.line != 0 { 1 } else { fullest.unwrap_or(0) };
        if rows[..index].iter().filter(alike).count() >= wanted {
            out.insert(index);
        }
    }
    out
}

/// Takes the likeliest pair out until there is none.
fn pairs(rows: &[Entry], twice: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    loop {
        let mut best = None;
        for (index, row) in rows.iter().enumerate() {
            for (other_index, other) in rows.iter().enumerate() {
                let fits = index != other_index
                    && !twice.contains(&index)
                    && !twice.contains(&other_index)
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
        let Some((_, _, index, other)) = best else { break };
        out.extend([index, other]);
    }
    // What names no document goes by content: each credit in turn takes the latest charge not booked after it.
    for (index, credit) in rows.iter().enumerate() {
        let fits = |(other, charge): &(usize, &Entry)| {
            let alike = !twice.contains(other)
                && (credit.role, charge.role) == (Role::Actual, Role::Actual)
                && (credit.person, credit.service, credit.source) == (charge.person, charge.service, charge.source)
                && (credit.amount_type, credit.quantity) == (charge.amount_type, charge.quantity);
            let same_days = (credit.from, credit.to) == (charge.from, charge.to);
            let cancels = credit.amount.0 == -charge.amount.0 && positive(charge);
            alike
                && cancels
                && !out.contains(other)
                && charge.posted <= credit.posted
                && lump(charge) == lump(credit)
                && (lump(charge) || same_days)
        };
        if out.contains(&index) || twice.contains(&index) || credit.amount_type == AmountType::Nothing {
            continue;
        }
        let best = rows
            .iter()
            .enumerate()
            .filter(fits)
            .max_by_key(|(other, charge)| (charge.posted, std::cmp::Reverse(*other)));
        if let Some((other, _)) = best {
            out.extend([index, other]);
        }
    }
    out
}

/// The rows with children's costs moved from guardians: one row and one day after the other.
pub fn move_to_children(rows: &[Entry], guardians: &[(PersonId, PersonId)], settlement: &Settlement) -> Vec<Entry> {
    let group_of = |row: &Entry| settlement.purpose_group_of[row.service.index()].index();
    let named = |person: PersonId, paid: &Entry| {
        let late = match settlement.payments[group_of(paid)] {
            Some(known) if lump(paid) => known.to.days() - known.mature.days(),
            _ => 0,
        };
        let last = if lump(paid) { paid.from } else { paid.to.min(Date::EPOCH.plus(40_000)) };
        days_of(Period { from: paid.from.plus(-late), to: last }).any(|day| {
            let grants = rows.iter().filter(|row| row.role == Role::Granted && row.person == person);
            grants.into_iter().any(|grant| group_of(grant) == group_of(paid) && grant.from <= day && day <= grant.to)
        })
    };
    let of_row = |row: &Entry| {
        let of_children = row.role == Role::Actual && settlement.for_children[group_of(row)];
        let children: BTreeSet<PersonId> =
            guardians.iter().filter(|(guardian, _)| *guardian == row.person).map(|(_, child)| *child).collect();
        let named_children: Vec<PersonId> =
            if of_children { children.into_iter().filter(|child| named(*child, row)).collect() } else { Vec::new() };
        match named_children.as_slice() {
            [child] if !named(row.person, row) => Entry { person: *child, ..*row },
            _ => *row,
        }
    };
    rows.iter().map(of_row).collect()
}

/// Days in a row, with what stands on them.
struct Stretches<'a> {
    rows: &'a [Entry],
    spells: &'a mut Vec<Spell>,
    period: Period,
    moved: &'a [Entry],
}

impl Stretches<'_> {
    /// One spell for each run of days within the period.
    fn spells(&mut self, (index, row): (usize, &Entry), days: &[(Date, i128)], closing: Closing, rule: Rule) {
        let before = self.rows[..index]
            .iter()
            .filter(|other| Entry { file: 0, ..**other } == Entry { file: 0, ..self.rows[index] })
            .count();
        let inside: Vec<_> = days.iter().copied().filter(|(day, _)| self.period.contains(*day)).collect();
        for run in inside.chunk_by(|(day, _), (next, _)| day.plus(1) == *next) {
            let ore: i128 = run.iter().map(|(_, ore)| ore).sum();
            self.spells.push(Spell {
                person: row.person,
                service: row.service,
                role: row.role,
                from: run[0].0,
                to: run[run.len() - 1].0,
                ore: Ore(i64::try_from(ore).expect("small worlds")),
                source: row.source,
                open: row.to == Date::MAX,
                closing,
                rule,
                amount_type: row.amount_type,
                row: RowMark::of(&self.rows[index], before).moved_if(self.moved.contains(row)),
            });
        }
    }
}

/// Øre of the grants of each day, by row.
type Slots = BTreeMap<Date, Vec<(usize, i128)>>;

/// The ledger, a day at a time.
#[expect(clippy::too_many_lines, reason = "the rules one after the other, as metrics.md tells them")]
pub fn settle(mut rows: Vec<Entry>, unattributed: &[Unattributed], settlement: &Settlement) -> Ledger {
    rows.sort_unstable();
    let period = settlement.period;
    let group_of = |row: &Entry| settlement.purpose_group_of[row.service.index()];
    let twice = repeated(&rows);
    let pairs = pairs(&rows, &twice);
    let mut lines = BTreeMap::new();
    let mut all_spells = Vec::new();
    let mut spells = Stretches { rows: &rows, spells: &mut all_spells, period, moved: &settlement.moved };
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
            UnattributedReason::Review => LineKind::Review,
            UnattributedReason::Refund => LineKind::Refund,
            UnattributedReason::Balance => LineKind::Balance,
            UnattributedReason::InternalIncome => LineKind::InternalIncome,
            UnattributedReason::PaidByOthers => LineKind::PaidByOthers,
            UnattributedReason::IntermunicipalIncome => LineKind::IntermunicipalIncome,
            UnattributedReason::OwnPayment => LineKind::OwnPayment,
            UnattributedReason::PaidElsewhere => LineKind::PaidElsewhere,
        };
        line(row.source, kind, row.service, row.rows, row.ore.0.into());
    }
    // Nothing that a test world names lies later.
    let horizon = day_limit(&rows, settlement);
    let shut: Vec<(Entry, Closing)> = rows
        .iter()
        .map(|row| {
            let (to, why) = closed(row, settlement);
            (Entry { to, ..*row }, if single_end(row, to) > period.to { Closing::Open } else { why })
        })
        .collect();
    let shut_before_it_begins = |index: usize| shut[index].0.to < shut[index].0.from;
    let counting = |index: usize, row: &Entry| {
        let foreign = settlement.authoritative[group_of(row).index()].is_some_and(|source| source != row.source);
        row.role == Role::Actual && !twice.contains(&index) && !pairs.contains(&index) && !foreign
    };
    // What payments with days of their own pay, and the last sign of a payment.
    let mut paid: BTreeSet<(PersonId, PurposeGroupId, Date)> = BTreeSet::new();
    let mut last: BTreeMap<(PersonId, PurposeGroupId), Date> = BTreeMap::new();
    let settles = |row: &Entry| lump(row) && positive(row) && settlement.payments[group_of(row).index()].is_some();
    for (index, row) in rows.iter().enumerate().filter(|(index, row)| counting(*index, row) && positive(row)) {
        let sign = single_end(row, row.to).max(row.posted);
        let of_group = last.entry((row.person, group_of(row))).or_insert(sign);
        *of_group = sign.max(*of_group);
        if !settles(&rows[index]) {
            paid.extend(days_of_row(row, horizon).into_iter().map(|(day, _)| (row.person, group_of(row), day)));
        }
    }
    // Øre still owed of every granted day that a payment without a period can be for.
    let mut owed: BTreeMap<(PersonId, PurposeGroupId), Slots> = BTreeMap::new();
    let mut granted: BTreeSet<(PersonId, PurposeGroupId, Date)> = BTreeSet::new();
    let mut slot_order: Vec<usize> = (0..rows.len()).filter(|index| rows[*index].role == Role::Granted).collect();
    slot_order.sort_by_key(|index| {
        let row = &rows[*index];
        (row.service, row.source, row.amount_type, row.amount, row.quantity, *index)
    });
    for index in slot_order {
        let row = &shut[index].0;
        if shut_before_it_begins(index) || twice.contains(&index) {
            continue;
        }
        let key = (row.person, group_of(row));
        let known = settlement.payments[key.1.index()];
        for (day, ore) in days_of_row(row, horizon) {
            granted.insert((key.0, key.1, day));
            let payable = known.is_some_and(|known| known.from <= day && day <= known.to);
            if payable && positive(row) && !paid.contains(&(key.0, key.1, day)) {
                owed.entry(key).or_default().entry(day).or_default().push((index, ore));
            }
        }
    }
    // The payments without a period, one øre-bearing day after the other.
    let mut postings: BTreeSet<(PersonId, PurposeGroupId, Date)> = BTreeSet::new();
    let mut lumps: Vec<usize> = (0..rows.len()).filter(|i| counting(*i, &rows[*i]) && settles(&rows[*i])).collect();
    lumps.sort_by_key(|index| (rows[*index].from, *index));
    let mut paid_of_day: BTreeMap<(PersonId, PurposeGroupId, Date), i128> = BTreeMap::new();
    let mut done: BTreeSet<(PersonId, PurposeGroupId, Date)> = BTreeSet::new();
    for index in lumps {
        let row = &rows[index];
        let key = (row.person, group_of(row));
        let whole: i128 = days_of_row(row, horizon).iter().map(|(_, ore)| ore).sum();
        let days = owed.get(&key).cloned().unwrap_or_default();
        let mut left = whole;
        let mut taken: Vec<(Date, i128)> = Vec::new();
        for (day, slots) in &days {
            let day_key = (key.0, key.1, *day);
            if left == 0 || done.contains(&day_key) {
                continue;
            }
            let price: i128 = slots.iter().map(|(_, ore)| ore).sum();
            let so_far = paid_of_day.entry(day_key).or_default();
            let take = left.min(price - *so_far);
            *so_far += take;
            left -= take;
            taken.push((*day, take));
            if *so_far == price {
                done.insert(day_key);
            }
        }
        spells.spells((index, row), &taken, Closing::Ended, Rule::OldestGrants);
        let mut outside: Vec<i128> =
            taken.iter().filter(|(day, _)| !period.contains(*day)).map(|(_, ore)| *ore).collect();
        if left > 0 || days.is_empty() {
            postings.insert((key.0, key.1, row.from));
            let closing = if days.is_empty() && row.from > period.to { Closing::Open } else { Closing::Ended };
            let rule = match (days.is_empty(), row.reverses) {
                (false, _) => Rule::BeyondGrants,
                (true, 0) => Rule::PostingDate,
                (true, _) => Rule::UnpairedReversal,
            };
            spells.spells((index, row), &[(row.from, left)], closing, rule);
            if !period.contains(row.from) {
                outside.push(left);
            }
        }
        if !outside.is_empty() {
            line(row.source, LineKind::OutsidePeriod, row.service, 1, outside.iter().sum());
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let key = |day| (row.person, group_of(row), day);
        let (row, closing) = &shut[index];
        let table = days_of_row(row, period.to);
        let face: i128 = table.iter().map(|(_, ore)| ore).sum();
        if twice.contains(&index) {
            let booked = row.role == Role::Actual || row.role == Role::Manual;
            let whole: i128 = table.iter().filter(|_| booked).map(|(_, ore)| ore).sum();
            line(row.source, LineKind::Duplicate, row.service, 1, whole);
            continue;
        }
        match row.role {
            Role::Actual if pairs.contains(&index) => line(row.source, LineKind::Reversed, row.service, 1, face),
            Role::Actual if !counting(index, row) => line(row.source, LineKind::Reconcile, row.service, 1, face),
            Role::Actual if settles(row) => {}
            Role::Actual | Role::Manual => {
                let rule = match row.role {
                    Role::Manual => Rule::Manual,
                    _ if row.reverses != 0 => Rule::UnpairedReversal,
                    _ if lump(row) => Rule::PostingDate,
                    _ => Rule::OwnPeriod,
                };
                spells.spells((index, row), &table, *closing, rule);
                let credit = i128::from(row.amount.0) * i128::from(row.quantity) < 0;
                let corrects = row.role == Role::Actual && credit && !lump(row) && row.posted >= period.from;
                let earlier: Vec<i128> =
                    table.iter().filter(|(day, _)| corrects && *day < period.from).map(|(_, ore)| *ore).collect();
                if !earlier.is_empty() {
                    line(row.source, LineKind::EarlierCorrection, row.service, 1, earlier.iter().sum());
                }
                let outside: Vec<i128> = table
                    .iter()
                    .filter(|(day, _)| !period.contains(*day) && (!corrects || *day > period.to))
                    .map(|(_, ore)| *ore)
                    .collect();
                if !outside.is_empty() || table.is_empty() {
                    line(row.source, LineKind::OutsidePeriod, row.service, 1, outside.iter().sum());
                }
            }
            _ if shut_before_it_begins(index) => {}
            Role::Tariff => {
                let free =
                    |day| !paid.contains(&key(day)) && !granted.contains(&key(day)) && !postings.contains(&key(day));
                let free: Vec<_> = table.into_iter().filter(|(day, _)| period.contains(*day) && free(*day)).collect();
                spells.spells((index, row), &free, *closing, Rule::TariffMoved);
                if !free.is_empty() {
                    let sum: i128 = free.iter().map(|(_, ore)| ore).sum();
                    line(row.source, LineKind::TariffMoved, row.service, 1, -sum);
                }
            }
            Role::Granted if row.amount_type == AmountType::Nothing => {
                spells.spells((index, row), &table, *closing, Rule::WithoutAmount);
            }
            Role::Granted => {
                let known = settlement.payments[group_of(row).index()];
                let mut began = row.from;
                while granted.contains(&key(began.plus(-1))) {
                    began = began.plus(-1);
                }
                let sign =
                    last.get(&(row.person, group_of(row))).copied().unwrap_or(began.plus(-1)).max(began.plus(-1));
                let sign = known.map_or(sign, |known| sign.max(known.from.plus(-1)));
                let (mut estimated, mut never, mut ended) = (Vec::new(), Vec::new(), Vec::new());
                for (day, ore) in table {
                    if !period.contains(day) || paid.contains(&key(day)) {
                        continue;
                    }
                    let mut ore = ore;
                    if let Some(known) = known
                        && positive(row)
                        && known.from <= day
                        && day <= known.to
                    {
                        if done.contains(&key(day)) || later_done(&done, row.person, group_of(row), day) {
                            continue;
                        }
                        let mut eaten = paid_of_day.get(&key(day)).copied().unwrap_or(0);
                        if eaten > 0 {
                            for (slot, price) in &owed[&(row.person, group_of(row))][&day] {
                                let bite = eaten.min(*price);
                                eaten -= bite;
                                if *slot == index {
                                    ore -= bite;
                                }
                            }
                            if ore == 0 {
                                continue;
                            }
                        }
                    }
                    match known {
                        Some(known) if known.from <= day && day <= known.mature => never.push(ore),
                        Some(known)
                            if known.to.days() - sign.days() > settlement.presumed_ended_after && day > sign =>
                        {
                            ended.push(ore);
                        }
                        _ => estimated.push((day, ore)),
                    }
                }
                spells.spells((index, row), &estimated, *closing, Rule::Estimated);
                for (kind, ores) in [(LineKind::NeverPaid, never), (LineKind::PresumedEnded, ended)] {
                    if !ores.is_empty() {
                        line(row.source, kind, row.service, 1, ores.iter().sum());
                    }
                }
            }
        }
    }
    let paid_days: BTreeSet<(PersonId, PurposeGroupId, Date)> = all_spells
        .iter()
        .filter(|spell| spell.role == Role::Actual && spell.ore.0 > 0)
        .flat_map(|spell| {
            let group = settlement.purpose_group_of[spell.service.index()];
            days_of(Period { from: spell.from, to: spell.to }).map(move |day| (spell.person, group, day))
        })
        .collect();
    for spell in all_spells.iter_mut().filter(|spell| spell.role == Role::Manual && spell.ore.0 > 0) {
        let group = settlement.purpose_group_of[spell.service.index()];
        let mut days = days_of(Period { from: spell.from, to: spell.to });
        if days.any(|day| paid_days.contains(&(spell.person, group, day))) {
            spell.rule = Rule::ManualBesidePayment;
        }
    }
    all_spells.sort_unstable();
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
    Ledger { period, spells: all_spells, lines, refunds: Vec::new(), coverage: Vec::new() }
}

/// The day on which a row ends; its only day for a lump.
fn single_end(row: &Entry, to: Date) -> Date {
    if lump(row) { row.from } else { to }
}

/// Whether a later day of the group is paid, wholly or in part: payments go on from there.
fn later_done(
    done: &BTreeSet<(PersonId, PurposeGroupId, Date)>,
    person: PersonId,
    group: PurposeGroupId,
    day: Date,
) -> bool {
    done.range((person, group, day)..=(person, group, Date::MAX)).next().is_some()
}

/// A day after everything that the world names.
fn day_limit(rows: &[Entry], settlement: &Settlement) -> Date {
    let known = settlement.payments.iter().flatten().map(|known| known.to);
    let rows = rows.iter().map(|row| if row.to == Date::MAX { row.from } else { row.to });
    known.chain(rows).chain([settlement.period.to]).max().unwrap_or(settlement.period.to).plus(1)
}
