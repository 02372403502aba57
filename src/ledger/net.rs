//! What comes back of the gross cost: refunds beside it, never netted silently (`metrics.md`, net).

use super::{Entry, grants::standing, proration::ore_of_days, settlement::Settlement};
use crate::{
    base::Result,
    domain::{Ore, OreOverflow, Period, PersonId, ServiceId, SourceId},
};

/// What comes back, from whom. The order is that of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundKind {
    /// The state's share (dranst 2, art 8.6, or the refund of Ydelsesrefusion).
    State,
    /// Income from another municipality (art 7.7).
    Intermunicipal,
    /// The citizen's own payment: any other income (art 7), confidence C.
    OwnPayment,
}

impl RefundKind {
    /// Every kind, in the order of columns.
    pub const ALL: [Self; 3] = [Self::State, Self::Intermunicipal, Self::OwnPayment];

    /// The place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What comes back of a service's days within the period. The magnitude is positive: net is gross less refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refund {
    /// The person.
    pub person: PersonId,
    /// The service.
    pub service: ServiceId,
    /// The days within the period.
    pub days: Period,
    /// The refund of these days.
    pub ore: Ore,
    /// The source.
    pub source: SourceId,
    /// From whom.
    pub kind: RefundKind,
}

/// The refunds of the period, from rows that stand like the payments they belong to, with the refund as their amount.
/// They count where their payment counts: of the authoritative source, each row of overlapping files once.
///
/// # Errors
/// When a sum leaves 64 bits, or a service has no purpose group.
pub fn refunds(kind: RefundKind, mut rows: Vec<Entry>, settlement: &Settlement) -> Result<Vec<Refund>> {
    rows.sort_unstable();
    let twice = super::duplicate::repeated_rows(&rows);
    let mut refunds = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let counts = settlement.counts(settlement.purpose_group(row.service)?, row.source)?;
        let days = standing(row).intersection(settlement.period);
        let Some(days) = days.filter(|_| counts && twice.get(index) != Some(&true)) else { continue };
        let contract = Period { from: row.from, to: row.to };
        let ore = ore_of_days(row.amount, row.quantity, row.amount_type, contract, days)?;
        refunds.push(Refund { person: row.person, service: row.service, days, ore, source: row.source, kind });
    }
    refunds.sort_unstable();
    Ok(refunds)
}

/// Gross less what comes back.
///
/// # Errors
/// When it leaves 64 bits.
pub fn net(gross: Ore, refunds: [Ore; 3]) -> Result<Ore, OreOverflow> {
    gross.0.checked_sub(Ore::sum(refunds)?.0).map(Ore).ok_or(OreOverflow)
}
