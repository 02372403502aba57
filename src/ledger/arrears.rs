//! A payment without a service period pays the oldest granted days not yet paid (`metrics.md`, settlement).
//!
//! Such payments eat the granted days from the oldest on, so that what is paid is always a beginning of them: one day
//! and the øre already paid of it tell all. Days are walked in stretches on which the same grants run, and the day on
//! which a payment ends is found by halving, since cumulative rounding makes the sum of any stretch one subtraction.

use super::{Entry, proration::ore_of_days};
use crate::domain::{Date, Ore, OreOverflow, Period};

/// Days on which the same grants run, none of which is paid by a period of its own.
struct Stretch {
    days: Period,
    /// Positions in the rows, in the order in which one day's grants are paid.
    grants: Vec<usize>,
}

/// Granted days of one person and purpose group, oldest first, and how far they are paid.
pub(super) struct Arrears<'a> {
    rows: &'a [Entry],
    stretches: Vec<Stretch>,
    /// The stretch with the oldest day not wholly paid; past the end when all are.
    current: usize,
    day: Date,
    /// Øre of that day already paid.
    paid: Ore,
}

/// Days in a row that one payment pays, and the øre of those within the period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) days: Period,
    pub(super) inside: Ore,
}

/// What is still owed of a grant's days: the rest of the day that is paid in part, and the days after it.
pub(super) type Owed = (Option<(Date, Ore)>, Option<Period>);

impl<'a> Arrears<'a> {
    /// The days of grants; `free` names rows (closed, all positive) and days of theirs, none twice for a row.
    pub(super) fn of(rows: &'a [Entry], free: &[(usize, Period)]) -> Self {
        let mut edges: Vec<(Date, bool, usize)> = Vec::with_capacity(free.len() * 2);
        for (row, days) in free {
            edges.push((days.from, true, *row));
            edges.push((days.to.plus(1), false, *row));
        }
        edges.sort_unstable();
        let mut running: Vec<usize> = Vec::new();
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut since = Date::EPOCH;
        for (day, begins, row) in edges {
            if let Some(days) = Period::new(since, day.plus(-1)).filter(|_| !running.is_empty()) {
                stretches.push(Stretch { days, grants: running.clone() });
            }
            since = day;
            if begins {
                let place = running.partition_point(|other| in_order(rows, *other) < in_order(rows, row));
                running.insert(place, row);
            } else {
                running.retain(|other| *other != row);
            }
        }
        let day = stretches.first().map_or(Date::EPOCH, |first| first.days.from);
        Self { rows, stretches, current: 0, day, paid: Ore::ZERO }
    }

    /// Whether nothing is granted.
    pub(super) const fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Pays the oldest days; gives the days paid and what is left when there are no more.
    pub(super) fn pay(&mut self, amount: Ore, period: Period) -> Result<(Vec<Run>, Ore), OreOverflow> {
        let mut runs = Vec::new();
        let mut left = amount.0;
        while left > 0
            && let Some(stretch) = self.stretches.get(self.current)
        {
            let sum = |days| self.sum(stretch, days);
            let today = Period { from: self.day, to: self.day };
            if self.paid > Ore::ZERO {
                let open = sum(today)?.0 - self.paid.0;
                let taken = open.min(left);
                add(&mut runs, today, if period.contains(self.day) { taken } else { 0 })?;
                left -= taken;
                if taken == open {
                    self.next_day(self.day);
                } else {
                    self.paid.0 += taken;
                }
                continue;
            }
            let rest = Period { from: self.day, to: stretch.days.to };
            let inside = |days: Period| days.intersection(period).map_or(Ok(Ore::ZERO), sum);
            let all = sum(rest)?;
            if all.0 < left {
                add(&mut runs, rest, inside(rest)?.0)?;
                left -= all.0;
                self.next_day(rest.to);
                continue;
            }
            // The first day whose end the payment does not get past.
            let (mut low, mut high) = (rest.from.days(), rest.to.days());
            while low < high {
                let middle = low + (high - low) / 2;
                if sum(Period { from: rest.from, to: Date::EPOCH.plus(middle) })?.0 < left {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            let last = Date::EPOCH.plus(low);
            if let Some(whole) = Period::new(rest.from, last.plus(-1)) {
                left -= sum(whole)?.0;
                add(&mut runs, whole, inside(whole)?.0)?;
            }
            let last_day = Period { from: last, to: last };
            let price = sum(last_day)?.0;
            add(&mut runs, last_day, if period.contains(last) { left } else { 0 })?;
            if left == price {
                self.next_day(last);
            } else {
                (self.day, self.paid) = (last, Ore(left));
            }
            left = 0;
        }
        Ok((runs, Ore(left)))
    }

    /// What of a grant's free days is not paid: the rest of the day that is paid in part, and the days after it.
    pub(super) fn owed(&self, row: usize, days: Period) -> Result<Owed, OreOverflow> {
        let Some(stretch) = self.stretches.get(self.current) else {
            let end = self.stretches.last().map(|last| last.days.to);
            return Ok((None, end.map_or(Some(days), |end| Period::new(days.from.max(end.plus(1)), days.to))));
        };
        if self.paid == Ore::ZERO || !days.contains(self.day) || !stretch.grants.contains(&row) {
            return Ok((None, Period::new(days.from.max(self.day), days.to)));
        }
        let today = Period { from: self.day, to: self.day };
        let mut paid = self.paid;
        for &grant in &stretch.grants {
            let price = self.ore(grant, today)?;
            let taken = paid.min(price);
            if grant == row {
                let rest = Ore(price.0 - taken.0);
                let part = (rest > Ore::ZERO).then_some((self.day, rest));
                return Ok((part, Period::new(self.day.plus(1), days.to)));
            }
            paid.0 -= taken.0;
        }
        Ok((None, Period::new(self.day.plus(1), days.to)))
    }

    fn next_day(&mut self, after: Date) {
        self.paid = Ore::ZERO;
        self.day = after.plus(1);
        if self.stretches.get(self.current).is_some_and(|stretch| stretch.days.to <= after) {
            self.current += 1;
            self.day = self.stretches.get(self.current).map_or(self.day, |stretch| stretch.days.from);
        }
    }

    fn sum(&self, stretch: &Stretch, days: Period) -> Result<Ore, OreOverflow> {
        stretch.grants.iter().try_fold(Ore::ZERO, |sum, row| sum.plus(self.ore(*row, days)?))
    }

    fn ore(&self, row: usize, days: Period) -> Result<Ore, OreOverflow> {
        let row = &self.rows[row];
        let contract = Period { from: row.from, to: row.to };
        ore_of_days(row.amount, row.quantity, row.amount_type, contract, days)
    }
}

/// The order in which the grants of one day are paid. It does not look at where a row begins, so that a grant split in
/// two is paid like the whole.
fn in_order(rows: &[Entry], row: usize) -> impl Ord {
    let grant = &rows[row];
    (grant.service, grant.source, grant.amount_type, grant.amount, grant.quantity, row)
}

/// Days and øre that join the last run where they follow it.
pub(super) fn add(runs: &mut Vec<Run>, days: Period, inside: i64) -> Result<(), OreOverflow> {
    match runs.last_mut() {
        Some(run) if days.from <= run.days.to.plus(1) => {
            run.days.to = days.to;
            run.inside = run.inside.plus(Ore(inside))?;
        }
        _ => runs.push(Run { days, inside: Ore(inside) }),
    }
    Ok(())
}
