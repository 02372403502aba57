//! The grants of one person and purpose group, and which of their unpaid days count.

use super::{
    Closing, Entry,
    arrears::{Arrears, Run, add},
    closing::closing_within,
    cover::DayCover,
    proration::{is_not_periodised, ore_of_days, standing_days},
    settlement::{PaymentsKnown, Settlement},
};
use crate::domain::{AmountType, Date, Ore, OreOverflow, Period, PurposeGroupId};

/// The grants of one person and purpose group, closed.
pub(super) struct Grants {
    pub(super) group: PurposeGroupId,
    rows: Vec<Entry>,
    closings: Vec<Closing>,
    known: Option<PaymentsKnown>,
    /// The last day of which anything was paid, or on which it was.
    last_payment: Option<Date>,
    /// Days granted without a gap.
    chains: DayCover,
    presumed_ended_after: i32,
    period: Period,
}

/// What becomes of the unpaid days of one grant.
#[derive(Debug, Default)]
pub(super) struct Unpaid {
    /// Days within the period that count.
    pub(super) estimated: Vec<Run>,
    /// Øre of days for which a payment would long have come.
    pub(super) never_paid: Option<Ore>,
    /// Øre of days after the presumed end.
    pub(super) presumed_ended: Option<Ore>,
}

impl Grants {
    /// Gathers closed grants of one group, in the order of the rows.
    pub(super) fn of(
        group: PurposeGroupId,
        closed: impl Iterator<Item = (Entry, Closing)>,
        last_payment: Option<Date>,
        settlement: &Settlement,
    ) -> Self {
        let (rows, closings): (Vec<Entry>, Vec<Closing>) = closed.unzip();
        Self {
            group,
            chains: DayCover::of(rows.iter().map(|row| (group, standing(row))).collect()),
            rows,
            closings,
            known: settlement.payments(group),
            last_payment,
            presumed_ended_after: settlement.presumed_ended_after,
            period: settlement.period,
        }
    }

    /// The grants with their days within the period and why these end there.
    pub(super) fn within_period(&self) -> impl Iterator<Item = (usize, &Entry, Period, Closing)> {
        self.rows.iter().zip(&self.closings).enumerate().filter_map(|(place, (row, closing))| {
            let days = standing(row).intersection(self.period)?;
            Some((place, row, days, closing_within(standing(row).to, *closing, self.period)))
        })
    }

    /// The days that a payment without a period can be for: granted, not paid by a period, within what the payments know.
    pub(super) fn arrears(&self, paid: &DayCover) -> Arrears<'_> {
        let mut free = Vec::new();
        if let Some(window) = self.known.and_then(|known| Period::new(known.from, known.to)) {
            for (place, row) in self.rows.iter().enumerate().filter(|(_, row)| is_positive(row)) {
                let days = standing(row).intersection(window);
                free.extend(
                    days.into_iter().flat_map(|days| paid.free_days(self.group, days)).map(|days| (place, days)),
                );
            }
        }
        Arrears::of(&self.rows, &free)
    }

    /// What becomes of the days of one grant within the period that no payment pays.
    pub(super) fn unpaid(
        &self,
        place: usize,
        days: Period,
        paid: &DayCover,
        arrears: Option<&Arrears<'_>>,
    ) -> Result<Unpaid, OreOverflow> {
        let mut unpaid = Unpaid::default();
        let arrears = arrears.filter(|_| is_positive(&self.rows[place]));
        for free in paid.free_days(self.group, days) {
            let (Some(arrears), Some(known)) = (arrears, self.known) else {
                self.add(&mut unpaid, place, free)?;
                continue;
            };
            if let Some(unknown) = Period::new(free.from, free.to.min(known.from.plus(-1))) {
                self.add(&mut unpaid, place, unknown)?;
            }
            let Some(later) = Period::new(free.from.max(known.from), free.to) else { continue };
            let (part, rest) = arrears.owed(place, later)?;
            if let Some((day, ore)) = part {
                self.add_ore(&mut unpaid, place, Period { from: day, to: day }, ore)?;
            }
            if let Some(rest) = rest {
                self.add(&mut unpaid, place, rest)?;
            }
        }
        Ok(unpaid)
    }

    fn add(&self, unpaid: &mut Unpaid, place: usize, days: Period) -> Result<(), OreOverflow> {
        let row = &self.rows[place];
        let contract = Period { from: row.from, to: row.to };
        for part in self.fates(place, days) {
            let ore = ore_of_days(row.amount, row.quantity, row.amount_type, contract, part)?;
            self.add_ore(unpaid, place, part, ore)?;
        }
        Ok(())
    }

    /// Days that share one fate.
    fn add_ore(&self, unpaid: &mut Unpaid, place: usize, days: Period, ore: Ore) -> Result<(), OreOverflow> {
        let sum = |sum: Option<Ore>| sum.unwrap_or_default().plus(ore).map(Some);
        match self.known {
            Some(known) if days.from >= known.from && days.from <= known.mature => {
                unpaid.never_paid = sum(unpaid.never_paid)?;
            }
            Some(_) if self.ended_after(place).is_some_and(|end| days.from > end) => {
                unpaid.presumed_ended = sum(unpaid.presumed_ended)?;
            }
            _ => add(&mut unpaid.estimated, days, ore.0)?,
        }
        Ok(())
    }

    /// Cuts days where their fate may change.
    fn fates(&self, place: usize, days: Period) -> impl Iterator<Item = Period> {
        let mut cuts = Vec::with_capacity(3);
        if let Some(known) = self.known {
            cuts.extend([known.from.plus(-1), known.mature]);
            cuts.extend(self.ended_after(place));
            cuts.sort_unstable();
        }
        let mut from = days.from;
        cuts.into_iter().chain([days.to]).filter_map(move |cut| {
            let part = Period::new(from, cut.min(days.to))?;
            from = part.to.plus(1);
            Some(part)
        })
    }

    /// The last day on which a grant is presumed to have run: the last payment, or the day before the grants began, when
    /// the payments then know of nothing for longer than the plan allows. Silence before they know anything says nothing.
    fn ended_after(&self, place: usize) -> Option<Date> {
        let known = self.known?;
        let began = self.chains.taken_since(self.group, standing(&self.rows[place]).from)?;
        let silent_from = began.max(known.from).plus(-1);
        let last = self.last_payment.map_or(silent_from, |paid| paid.max(silent_from));
        (known.to.days() - last.days() > self.presumed_ended_after).then_some(last)
    }
}

/// The days on which a row's amount stands.
pub(super) fn standing(row: &Entry) -> Period {
    standing_days(row.amount_type, Period { from: row.from, to: row.to })
}

/// Whether a row is of kroner that go out. Neither a credit nor a row of no kroner pays any day: a grant must not
/// vanish because some of an earlier payment came back.
pub(super) fn is_positive(row: &Entry) -> bool {
    row.amount_type != AmountType::Nothing && row.amount.0.signum() * i64::from(row.quantity.signum()) > 0
}

/// A payment that names no days of its own.
pub(super) fn has_no_period(row: &Entry) -> bool {
    row.amount_type == AmountType::Lump || is_not_periodised(row.amount_type, Period { from: row.from, to: row.to })
}
