//! Settlement: which of a person's rows count on which days.
//!
//! Per person and purpose group (`metrics.md`, grants and payments are settled):
//!
//! 1. Actual rows of the authoritative source count. One with a service period belongs to it; one without pays the oldest
//!    granted days not yet paid, also before the period, and what exceeds the grants stays on its posting date.
//! 2. Granted days that nothing pays are estimated when they lie after the maturity date of the payments: their bills
//!    may still come. Up to it they are "granted, never paid", and a grant for which nothing was paid for long is
//!    presumed ended: neither counts, both are lines.
//! 3. A price list counts on the days on which there is neither payment nor grant.
//!
//! All rules look at one person at a time, so persons are settled in parallel and folded in order.

use std::collections::BTreeMap;

use super::{
    Closing, Entry, Ledger, Line, LineKind, RowMark, Rule, Spell, Unattributed, UnattributedReason,
    arrears::{Arrears, Run},
    bundles::{Bundles, in_order},
    closing::{close, closing_within},
    cover::DayCover,
    duplicate::repeated_rows,
    grants::{Grants, has_no_period, is_positive, standing},
    proration::{ore_of_days, standing_days},
    reversal::rows_in_pairs,
    settlement::{Settlement, broken},
};
use crate::{
    base::{Pool, Result, Spare},
    domain::{AmountType, Date, Ore, OreOverflow, Period, PurposeGroupId, Role, ServiceId, SourceId},
};

/// The øre a row stands for as a whole, inside the period or not.
///
/// A rate without an end stands for its days up to the end of the period: later days are claims that nobody has made.
///
/// # Errors
/// When the amount leaves 64 bits.
pub fn face_ore(entry: &Entry, period: Period) -> Result<Ore, OreOverflow> {
    let contract = Period { from: entry.from, to: entry.to };
    claimed_days(entry, period)
        .map_or(Ok(Ore::ZERO), |days| ore_of_days(entry.amount, entry.quantity, entry.amount_type, contract, days))
}

/// The days of a row's face.
fn claimed_days(entry: &Entry, period: Period) -> Option<Period> {
    let standing = standing_days(entry.amount_type, Period { from: entry.from, to: entry.to });
    Period::new(standing.from, if standing.to == Date::MAX { period.to } else { standing.to })
}

/// Settles the rows of all persons.
///
/// For every source of actual or manual rows, the sum of [`face_ore`] equals its spells plus its lines. The order of
/// rows, how they are bundled and the number of threads do not change the ledger. Rows that stand in several files of a source
/// count once. Grants of one purpose group count beside each other.
///
/// `look` sees all rows of each person before they are settled, in their total order, and what it makes of the persons of a
/// bundle is given back beside the ledger, in the order of persons: so what else must be known of the rows needs no walk of its own.
///
/// Memory: the rows, given back bundle by bundle but for room for one bundle a thread, and the spells.
///
/// # Errors
/// When a sum leaves 64 bits, or when a row contradicts what ingest promises: an end before its start, a service
/// without a purpose group.
pub fn settle<L: Default + Send>(
    rows: Bundles,
    unattributed: Vec<Unattributed>,
    settlement: &Settlement,
    look: impl Fn(&mut L, &[Entry]) -> Result<()> + Sync,
    pool: &Pool,
) -> Result<(Ledger, Vec<L>)> {
    let mut lines = Lines::default();
    for row in unattributed {
        lines.add(row.source, line_kind(row.reason), row.service, row.rows, row.ore)?;
    }
    let (mut spells, mut looks) = (Vec::new(), Vec::new());
    let (mut bundles, rooms) = (rows.into_iter(), Spare::default());
    pool.ordered(
        || Ok(bundles.next()),
        |bundle| settle_bundle(bundle, settlement, &look, &rooms),
        |settled: Result<(Settled<'_>, L)>| {
            let (settled, look) = settled?;
            spells.extend(settled.spells);
            looks.push(look);
            lines.merge(settled.lines)
        },
    )?;
    let ledger = Ledger {
        period: settlement.period,
        spells,
        lines: lines.into_sorted(),
        refunds: Vec::new(),
        coverage: Vec::new(),
    };
    Ok((ledger, looks))
}

fn line_kind(reason: UnattributedReason) -> LineKind {
    match reason {
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
    }
}

/// Rows and øre that stand in no spell, summed.
#[derive(Default)]
struct Lines(BTreeMap<(SourceId, LineKind, ServiceId), (u64, Ore)>);

impl Lines {
    fn add(
        &mut self,
        source: SourceId,
        kind: LineKind,
        service: ServiceId,
        rows: u64,
        ore: Ore,
    ) -> Result<(), OreOverflow> {
        let (sum_of_rows, sum) = self.0.entry((source, kind, service)).or_default();
        *sum_of_rows += rows;
        *sum = sum.plus(ore)?;
        Ok(())
    }

    fn merge(&mut self, others: Self) -> Result<()> {
        for ((source, kind, service), (rows, ore)) in others.0 {
            self.add(source, kind, service, rows, ore)?;
        }
        Ok(())
    }

    fn into_sorted(self) -> Vec<Line> {
        let line = |((source, kind, service), (rows, ore))| Line { source, kind, service, rows, ore };
        self.0.into_iter().map(line).collect()
    }
}

/// The settled rows of some persons.
#[derive(Default)]
struct Settled<'a> {
    spells: Vec<Spell>,
    lines: Lines,
    /// Rows of the person at hand that were booked on a guardian.
    moved: &'a [Entry],
    /// The marks of the rows of the person at hand.
    marks: Vec<RowMark>,
}

fn settle_bundle<'a, L: Default>(
    bundle: Vec<Entry>,
    settlement: &'a Settlement,
    look: impl Fn(&mut L, &[Entry]) -> Result<()>,
    rooms: &Spare<Vec<Entry>>,
) -> Result<(Settled<'a>, L)> {
    let mut rows = rooms.take();
    in_order(&bundle, &mut rows);
    drop(bundle);
    let mut seen = L::default();
    let mut settled = Settled { spells: Vec::with_capacity(rows.len()), ..Settled::default() };
    for person in rows.chunk_by(|row, next| row.person == next.person) {
        look(&mut seen, person)?;
        settled.moved = settlement.moved_to(person[0].person);
        settled.settle_person(person, settlement)?;
    }
    rooms.keep(rows);
    Ok((settled, seen))
}

/// What the rows of one person claim.
#[derive(Default)]
struct Claims {
    /// Days paid by a period of their own.
    paid: Vec<(PurposeGroupId, Period)>,
    /// The last sign of a payment, by purpose group.
    last_payment: Vec<(PurposeGroupId, Date)>,
    /// Payments without a service period that settle against grants.
    lumps: Vec<(PurposeGroupId, usize)>,
    /// Grants, with the days they are for.
    granted: Vec<(PurposeGroupId, usize, Period)>,
    tariffs: bool,
    manual: bool,
}

impl Settled<'_> {
    /// Settles the rows of one person, given in their total order.
    fn settle_person(&mut self, rows: &[Entry], settlement: &Settlement) -> Result<()> {
        self.mark(rows);
        let first_spell = self.spells.len();
        let twice = repeated_rows(rows);
        let in_pairs = rows_in_pairs(rows, &twice);
        let mut claims = Claims::default();
        for (index, row) in rows.iter().enumerate() {
            let group = settlement.purpose_group(row.service)?;
            if row.to < row.from {
                return Err(broken("En række i regnskabet slutter, før den begynder"));
            }
            if twice.get(index) == Some(&true) {
                // A claim that stands twice is a row more, but no kroner.
                let booked = matches!(row.role, Role::Actual | Role::Manual);
                let ore = if booked { face_ore(row, settlement.period)? } else { Ore::ZERO };
                self.lines.add(row.source, LineKind::Duplicate, row.service, 1, ore)?;
                continue;
            }
            match row.role {
                Role::Actual if in_pairs.get(index) == Some(&true) => {
                    self.set_aside(row, LineKind::Reversed, settlement.period)?;
                }
                Role::Actual if !settlement.counts(group, row.source)? => {
                    self.set_aside(row, LineKind::Reconcile, settlement.period)?;
                }
                Role::Actual => {
                    let standing = standing(row);
                    if is_positive(row) {
                        claims.last_payment.push((group, standing.to.max(row.posted)));
                    }
                    if is_positive(row) && has_no_period(row) && settlement.payments(group).is_some() {
                        claims.lumps.push((group, index));
                    } else {
                        self.place_whole((index, row), settlement.period)?;
                        claims.paid.extend(is_positive(row).then_some((group, standing)));
                    }
                }
                Role::Manual => {
                    self.place_whole((index, row), settlement.period)?;
                    claims.manual = true;
                }
                Role::Granted => {
                    let closed = close(row, settlement);
                    claims.granted.extend(closed.map(|(row, _)| (group, index, standing(&row))));
                }
                Role::Tariff => claims.tariffs = true,
            }
        }
        let manual = claims.manual;
        self.settle_claims(rows, &twice, claims, settlement)?;
        let spells = &mut self.spells[first_spell..];
        if manual {
            tell_conflicts(spells, settlement)?;
        }
        // Rows stand by service too, so the pieces of most persons are in order already.
        if !spells.is_sorted() {
            spells.sort_unstable();
        }
        Ok(())
    }

    /// Payments without a period, grants and price lists, once it is known which days are paid by a period.
    fn settle_claims(
        &mut self,
        rows: &[Entry],
        twice: &[bool],
        mut claims: Claims,
        settlement: &Settlement,
    ) -> Result<()> {
        if claims.granted.is_empty() && claims.lumps.is_empty() && !claims.tariffs {
            return Ok(());
        }
        let mut paid = DayCover::of(std::mem::take(&mut claims.paid));
        claims.granted.sort_by_key(|(group, index, _)| (*group, *index));
        claims.lumps.sort_by_key(|(group, index)| (*group, rows[*index].from, *index));
        let mut lump_days = Vec::new();
        let mut lumps = claims.lumps.chunk_by(|one, next| one.0 == next.0).peekable();
        for claimed in claims.granted.chunk_by(|one, next| one.0 == next.0) {
            let group = claimed[0].0;
            while let Some(alone) = lumps.next_if(|lumps| lumps[0].0 < group) {
                self.place_lumps(rows, alone, None, settlement, &mut lump_days)?;
            }
            let last_payment = claims.last_payment.iter().filter(|(of, _)| *of == group).map(|(_, day)| *day).max();
            let closed = claimed.iter().filter_map(|(_, index, _)| close(&rows[*index], settlement));
            let grants = Grants::of(group, closed, last_payment, settlement);
            let mut arrears = None;
            if let Some(own) = lumps.next_if(|lumps| lumps[0].0 == group) {
                let arrears = arrears.insert(grants.arrears(&paid));
                self.place_lumps(rows, own, Some(arrears), settlement, &mut lump_days)?;
            }
            self.place_grants(&grants, claimed, &paid, arrears.as_ref())?;
        }
        for alone in lumps {
            self.place_lumps(rows, alone, None, settlement, &mut lump_days)?;
        }
        if claims.tariffs {
            lump_days.extend(claims.granted.iter().map(|(group, _, days)| (*group, *days)));
            paid = paid.with(lump_days);
            self.place_tariffs(rows, twice, &paid, settlement)?;
        }
        Ok(())
    }

    /// A piece of the row with this number among its person's; it ends where the row does.
    fn spell(&self, (index, row): (usize, &Entry), days: Period, ore: Ore, rule: Rule) -> Spell {
        Spell {
            person: row.person,
            service: row.service,
            role: row.role,
            from: days.from,
            to: days.to,
            ore,
            source: row.source,
            open: row.to == Date::MAX,
            closing: Closing::Ended,
            rule,
            amount_type: row.amount_type,
            row: self.marks[index],
        }
    }

    /// Marks the rows of one person.
    fn mark(&mut self, rows: &[Entry]) {
        self.marks.clear();
        let mut nth = 0;
        for (index, row) in rows.iter().enumerate() {
            let alike = |before: &Entry| Entry { file: 0, ..*before } == Entry { file: 0, ..*row };
            nth = if index > 0 && alike(&rows[index - 1]) { nth + 1 } else { 0 };
            self.marks.push(RowMark::of(row, nth).moved_if(self.is_moved(row)));
        }
    }

    fn is_moved(&self, row: &Entry) -> bool {
        self.moved.binary_search(row).is_ok()
    }

    /// The row's face goes to a line and none of it to a spell.
    fn set_aside(&mut self, row: &Entry, kind: LineKind, period: Period) -> Result<()> {
        Ok(self.lines.add(row.source, kind, row.service, 1, face_ore(row, period)?)?)
    }

    /// All days of the row that lie in the period become a spell, and what is left of its face becomes a line.
    fn place_whole(&mut self, (index, row): (usize, &Entry), period: Period) -> Result<()> {
        let days = standing(row).intersection(period);
        let placed = match days {
            Some(days) => {
                let ore = ore_of(row, days)?;
                let closing = closing_within(standing(row).to, Closing::Ended, period);
                let placed = self.spell((index, row), days, ore, rule_of_whole(row));
                self.spells.push(Spell { closing, ..placed });
                ore
            }
            None => Ore::ZERO,
        };
        if days.is_some() && days == claimed_days(row, period) {
            return Ok(());
        }
        let mut outside = less(face_ore(row, period)?, placed)?;
        if let Some(before) = corrected_earlier(row, period) {
            let corrected = ore_of(row, before)?;
            self.lines.add(row.source, LineKind::EarlierCorrection, row.service, 1, corrected)?;
            outside = less(outside, corrected)?;
            if claimed_days(row, period).is_none_or(|claimed| claimed.to <= period.to) {
                return Ok(());
            }
        }
        Ok(self.lines.add(row.source, LineKind::OutsidePeriod, row.service, 1, outside)?)
    }

    /// Payments without a period pay the oldest granted days; what exceeds them stays on its posting date.
    fn place_lumps(
        &mut self,
        rows: &[Entry],
        lumps: &[(PurposeGroupId, usize)],
        arrears: Option<&mut Arrears<'_>>,
        settlement: &Settlement,
        posting_days: &mut Vec<(PurposeGroupId, Period)>,
    ) -> Result<()> {
        let Some(arrears) = arrears.filter(|arrears| !arrears.is_empty()) else {
            for (group, index) in lumps {
                self.place_whole((*index, &rows[*index]), settlement.period)?;
                posting_days.push((*group, standing(&rows[*index])));
            }
            return Ok(());
        };
        for (group, index) in lumps {
            let row = &rows[*index];
            let posting_day = standing(row);
            let whole = ore_of(row, posting_day)?;
            let (runs, excess) = arrears.pay(whole, settlement.period)?;
            let (mut inside, mut all_inside) = (Ore::ZERO, true);
            for Run { days, inside: ore } in runs {
                let within = days.intersection(settlement.period);
                all_inside &= within == Some(days);
                if let Some(within) = within {
                    let paid = self.spell((*index, row), within, ore, Rule::OldestGrants);
                    self.spells.push(paid);
                    inside = inside.plus(ore)?;
                }
            }
            if excess > Ore::ZERO {
                posting_days.push((*group, posting_day));
                if settlement.period.contains(row.from) {
                    let beyond = self.spell((*index, row), posting_day, excess, Rule::BeyondGrants);
                    self.spells.push(beyond);
                    inside = inside.plus(excess)?;
                } else {
                    all_inside = false;
                }
            }
            if !all_inside {
                self.lines.add(row.source, LineKind::OutsidePeriod, row.service, 1, less(whole, inside)?)?;
            }
        }
        Ok(())
    }

    /// Grants count as estimated on days for which nothing is paid and a payment may still come.
    /// `claimed` are the rows that the grants were made from, in the same order.
    fn place_grants(
        &mut self,
        grants: &Grants,
        claimed: &[(PurposeGroupId, usize, Period)],
        paid: &DayCover,
        arrears: Option<&Arrears<'_>>,
    ) -> Result<()> {
        for (place, row, days, closing) in grants.within_period() {
            let numbered = (claimed[place].1, row);
            // Without kroner nothing can be counted twice, so a grant of nothing keeps all its days.
            if row.amount_type == AmountType::Nothing {
                let placed = self.spell(numbered, days, Ore::ZERO, Rule::WithoutAmount);
                self.spells.push(Spell { closing, ..placed });
                continue;
            }
            let unpaid = grants.unpaid(place, days, paid, arrears)?;
            for Run { days, inside } in unpaid.estimated {
                let placed = self.spell(numbered, days, inside, Rule::Estimated);
                self.spells.push(Spell { closing, ..placed });
            }
            for (kind, ore) in
                [(LineKind::NeverPaid, unpaid.never_paid), (LineKind::PresumedEnded, unpaid.presumed_ended)]
            {
                if let Some(ore) = ore {
                    self.lines.add(row.source, kind, row.service, 1, ore)?;
                }
            }
        }
        Ok(())
    }

    /// Price lists count on the days that the cover leaves, and are moved from the institutions' lines.
    fn place_tariffs(
        &mut self,
        rows: &[Entry],
        twice: &[bool],
        cover: &DayCover,
        settlement: &Settlement,
    ) -> Result<()> {
        let counts = |(index, row): &(usize, &Entry)| row.role == Role::Tariff && twice.get(*index) != Some(&true);
        for (index, row) in rows.iter().enumerate().filter(counts) {
            let Some((row, closing)) = close(row, settlement) else { continue };
            let Some(days) = standing(&row).intersection(settlement.period) else { continue };
            let closing = closing_within(standing(&row).to, closing, settlement.period);
            let mut sum = None;
            for free in cover.free_days(settlement.purpose_group(row.service)?, days) {
                let ore = ore_of(&row, free)?;
                let placed = self.spell((index, &row), free, ore, Rule::TariffMoved);
                self.spells.push(Spell { closing, ..placed });
                sum = Some(ore.plus(sum.unwrap_or_default())?);
            }
            if let Some(sum) = sum {
                self.lines.add(row.source, LineKind::TariffMoved, row.service, 1, less(Ore::ZERO, sum)?)?;
            }
        }
        Ok(())
    }
}

/// The days before the period whose cost a credit booked since corrects.
fn corrected_earlier(row: &Entry, period: Period) -> Option<Period> {
    let credit = row.role == Role::Actual && row.amount.0.signum() * i64::from(row.quantity.signum()) < 0;
    let earlier = Period { from: standing(row).from, to: standing(row).to.min(period.from.plus(-1)) };
    (credit && row.posted >= period.from && !has_no_period(row) && earlier.from <= earlier.to).then_some(earlier)
}

fn ore_of(row: &Entry, days: Period) -> Result<Ore, OreOverflow> {
    ore_of_days(row.amount, row.quantity, row.amount_type, Period { from: row.from, to: row.to }, days)
}

fn less(ore: Ore, taken: Ore) -> Result<Ore, OreOverflow> {
    ore.0.checked_sub(taken.0).map(Ore).ok_or(OreOverflow)
}

/// The rule of a row whose days in the period all become a spell.
fn rule_of_whole(row: &Entry) -> Rule {
    match row.role {
        Role::Manual => Rule::Manual,
        _ if row.reverses != 0 => Rule::UnpairedReversal,
        _ if has_no_period(row) => Rule::PostingDate,
        _ => Rule::OwnPeriod,
    }
}

/// Gives supplements of a person their own rule where a payment of their purpose group pays some of their days (`metrics.md`: manual
/// never replaces actual, conflicts are listed).
fn tell_conflicts(spells: &mut [Spell], settlement: &Settlement) -> Result<()> {
    let days = |spell: &Spell| Period { from: spell.from, to: spell.to };
    let mut paid = Vec::new();
    for spell in spells.iter().filter(|spell| spell.role == Role::Actual && spell.ore > Ore::ZERO) {
        paid.push((settlement.purpose_group(spell.service)?, days(spell)));
    }
    let paid = DayCover::of(paid);
    for spell in spells.iter_mut().filter(|spell| spell.role == Role::Manual && spell.ore > Ore::ZERO) {
        let group = settlement.purpose_group(spell.service)?;
        if !paid.free_days(group, days(spell)).eq([days(spell)]) {
            spell.rule = Rule::ManualBesidePayment;
        }
    }
    Ok(())
}
