//! Settlement: which of a person's rows count on which days.
//!
//! Per person and purpose group the actual rows of the authoritative source count; a grant counts on the days on which
//! nothing is paid; a price list counts on the days on which there is neither payment nor grant. All rules look at one
//! person at a time, so persons are settled in parallel and folded in order.

use std::{collections::BTreeMap, ops::Range};

use super::{
    Entry, Ledger, Line, LineKind, Spell, Unattributed, UnattributedReason,
    cover::DayCover,
    proration::{is_not_periodised, ore_of_days, standing_days},
    reversal::rows_in_pairs,
};
use crate::{
    base::{Error, ErrorKind, Pool, Result},
    domain::{AmountType, Date, Ore, OreOverflow, Period, PurposeGroupId, Role, ServiceId, SourceId},
};

/// Rows that one worker settles at a time, up to the end of a person. Of no influence on the result.
const ROWS_PER_CHUNK: usize = 16_384;

/// What the ledger needs to know besides the rows.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The period whose days count.
    pub period: Period,
    /// The purpose group of each service, by [`ServiceId`].
    pub purpose_group_of: Vec<PurposeGroupId>,
    /// The one source whose actual rows count, by [`PurposeGroupId`]; `None` when every actual source counts.
    pub authoritative: Vec<Option<SourceId>>,
}

impl Settlement {
    fn purpose_group(&self, service: ServiceId) -> Result<PurposeGroupId> {
        self.purpose_group_of.get(service.index()).copied().ok_or_else(|| broken("En ydelse mangler sin formålsgruppe"))
    }

    fn counts(&self, group: PurposeGroupId, source: SourceId) -> Result<bool> {
        let authoritative = self.authoritative.get(group.index());
        let authoritative = authoritative.ok_or_else(|| broken("En formålsgruppe mangler i opgørelsens tabel"))?;
        Ok(authoritative.is_none_or(|authoritative| authoritative == source))
    }
}

fn broken(message: &str) -> Error {
    Error::new(ErrorKind::Internal, message).hint("Det er en fejl i samkor og ikke i dine data. Intet er afleveret.")
}

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
/// `entries` and the number of threads do not change the ledger. Rows that are alike in every field all count: whether
/// one was delivered twice is for ingest to tell. Grants of one purpose group count beside each other.
///
/// Memory: the entries, sorted in place, and the spells.
///
/// # Errors
/// When a sum leaves 64 bits, or when a row contradicts what ingest promises: an end before its start, a service
/// without a purpose group.
pub fn settle(
    entries: Vec<Entry>,
    unattributed: Vec<Unattributed>,
    settlement: &Settlement,
    pool: &Pool,
) -> Result<Ledger> {
    settle_in_chunks(entries, unattributed, settlement, pool, ROWS_PER_CHUNK)
}

/// [`settle`] with another size of chunks.
pub(super) fn settle_in_chunks(
    mut entries: Vec<Entry>,
    unattributed: Vec<Unattributed>,
    settlement: &Settlement,
    pool: &Pool,
    rows_per_chunk: usize,
) -> Result<Ledger> {
    // Every field takes part, so only rows that are alike stand in no order of their own.
    pool.sort_by_key(&mut entries, |entry| *entry);
    let entries = entries.as_slice();
    let mut lines = Lines::default();
    for row in unattributed {
        lines.add(row.source, line_kind(row.reason), row.service, row.rows, row.ore)?;
    }
    let mut spells = Vec::with_capacity(entries.len());
    let mut start = 0;
    pool.ordered(
        || {
            let chunk = next_chunk(entries, start, rows_per_chunk);
            start = chunk.end;
            Ok((!chunk.is_empty()).then_some(chunk))
        },
        |chunk| settle_chunk(&entries[chunk], settlement),
        |settled: Result<Settled>| {
            let settled = settled?;
            spells.extend(settled.spells);
            lines.merge(settled.lines)
        },
    )?;
    Ok(Ledger { period: settlement.period, spells, lines: lines.into_sorted() })
}

/// The next rows from `start`, ending with the last row of a person.
fn next_chunk(entries: &[Entry], start: usize, rows: usize) -> Range<usize> {
    let reach = start.saturating_add(rows.max(1)).min(entries.len());
    let Some(last) = entries[start..reach].last() else { return start..start };
    start..reach + entries[reach..].partition_point(|entry| entry.person == last.person)
}

fn line_kind(reason: UnattributedReason) -> LineKind {
    match reason {
        UnattributedReason::NoPerson => LineKind::NoPerson,
        UnattributedReason::ReplacementNumber => LineKind::ReplacementNumber,
        UnattributedReason::Unlinked => LineKind::Unlinked,
        UnattributedReason::Refund => LineKind::Refund,
        UnattributedReason::Balance => LineKind::Balance,
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
struct Settled {
    spells: Vec<Spell>,
    lines: Lines,
}

fn settle_chunk(rows: &[Entry], settlement: &Settlement) -> Result<Settled> {
    let mut settled = Settled { spells: Vec::with_capacity(rows.len()), lines: Lines::default() };
    for person in rows.chunk_by(|row, next| row.person == next.person) {
        settled.settle_person(person, settlement)?;
    }
    Ok(settled)
}

impl Settled {
    /// Settles the rows of one person, given in their total order.
    fn settle_person(&mut self, rows: &[Entry], settlement: &Settlement) -> Result<()> {
        let first_spell = self.spells.len();
        let in_pairs = rows_in_pairs(rows);
        let mut paid = Vec::new();
        let mut granted = Vec::new();
        let mut tariffs = false;
        for (index, row) in rows.iter().enumerate() {
            let group = settlement.purpose_group(row.service)?;
            let days = days_in_period(row, settlement.period)?;
            match row.role {
                Role::Actual if in_pairs.get(index) == Some(&true) => {
                    self.set_aside(row, LineKind::Reversed, settlement.period)?;
                }
                Role::Actual if !settlement.counts(group, row.source)? => {
                    self.set_aside(row, LineKind::Reconcile, settlement.period)?;
                }
                Role::Actual => {
                    self.place_whole(row, days, settlement.period)?;
                    paid.extend(days.filter(|_| pays(row)).map(|days| (group, days)));
                }
                Role::Manual => self.place_whole(row, days, settlement.period)?,
                Role::Granted => granted.extend(days.map(|days| (group, days))),
                Role::Tariff => tariffs = true,
            }
        }
        let paid = DayCover::of(paid);
        if !granted.is_empty() {
            self.place_free_days(rows, Role::Granted, &paid, settlement)?;
        }
        if tariffs {
            self.place_free_days(rows, Role::Tariff, &paid.with(granted), settlement)?;
        }
        self.spells[first_spell..].sort_unstable();
        Ok(())
    }

    /// The row's face goes to a line and none of it to a spell.
    fn set_aside(&mut self, row: &Entry, kind: LineKind, period: Period) -> Result<()> {
        Ok(self.lines.add(row.source, kind, row.service, 1, face_ore(row, period)?)?)
    }

    /// All days of the row that lie in the period become a spell, and what is left of its face becomes a line.
    fn place_whole(&mut self, row: &Entry, days: Option<Period>, period: Period) -> Result<()> {
        let placed = days.map_or(Ok(Ore::ZERO), |days| self.place(row, days))?;
        if days.is_none() || days != claimed_days(row, period) {
            let outside = face_ore(row, period)?.0.checked_sub(placed.0).map(Ore).ok_or(OreOverflow)?;
            self.lines.add(row.source, LineKind::OutsidePeriod, row.service, 1, outside)?;
        }
        Ok(())
    }

    /// The person's rows of one role count on the days that the cover leaves. Without kroner nothing can be counted
    /// twice, so a grant of nothing keeps all its days.
    fn place_free_days(&mut self, rows: &[Entry], role: Role, cover: &DayCover, settlement: &Settlement) -> Result<()> {
        for row in rows.iter().filter(|row| row.role == role) {
            let Some(days) = days_in_period(row, settlement.period)? else { continue };
            if role == Role::Granted && row.amount_type == AmountType::Nothing {
                self.place(row, days)?;
                continue;
            }
            let mut sum = None;
            for free in cover.free_days(settlement.purpose_group(row.service)?, days) {
                sum = Some(self.place(row, free)?.plus(sum.unwrap_or_default())?);
            }
            if let (Role::Tariff, Some(sum)) = (role, sum) {
                let moved = sum.0.checked_neg().map(Ore).ok_or(OreOverflow)?;
                self.lines.add(row.source, LineKind::TariffMoved, row.service, 1, moved)?;
            }
        }
        Ok(())
    }

    /// Adds a spell for some days of a row; gives its øre.
    fn place(&mut self, row: &Entry, days: Period) -> Result<Ore, OreOverflow> {
        let contract = Period { from: row.from, to: row.to };
        let ore = ore_of_days(row.amount, row.quantity, row.amount_type, contract, days)?;
        self.spells.push(Spell {
            person: row.person,
            service: row.service,
            role: row.role,
            from: days.from,
            to: days.to,
            ore,
            source: row.source,
            not_periodised: is_not_periodised(row.amount_type, contract),
            open: row.to == Date::MAX,
        });
        Ok(ore)
    }
}

/// The days of the period on which the row stands.
fn days_in_period(row: &Entry, period: Period) -> Result<Option<Period>> {
    let contract =
        Period::new(row.from, row.to).ok_or_else(|| broken("En række i regnskabet slutter, før den begynder"))?;
    Ok(standing_days(row.amount_type, contract).intersection(period))
}

/// Whether an actual row pays the days it stands on. Neither a credit nor a row of no kroner does: a grant must not
/// vanish because some of an earlier payment came back.
fn pays(row: &Entry) -> bool {
    row.amount_type != AmountType::Nothing && row.amount.0.signum() * i64::from(row.quantity.signum()) > 0
}
