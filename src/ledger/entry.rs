//! What goes into the ledger and what comes out.

use super::{Coverage, Refund, Rule};
use crate::domain::{AmountType, Date, Ore, Period, PersonId, Role, ServiceId, SourceId};

/// A row of a source that found its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The person.
    pub person: PersonId,
    /// The service.
    pub service: ServiceId,
    /// What kind of claim.
    pub role: Role,
    /// The source it stands in.
    pub source: SourceId,
    /// How the amount is spread.
    pub amount_type: AmountType,
    /// First day; the posting date for a lump.
    pub from: Date,
    /// Last day, included; [`Date::MAX`] when open.
    pub to: Date,
    /// The amount with its sign.
    pub amount: Ore,
    /// Quantity in thousandths.
    pub quantity: i32,
    /// Document number folded to 64 bits, 0 for none.
    pub document: u64,
    /// The document reversed by this row, 0 for none.
    pub reverses: u64,
    /// When it was booked; the last day of the service where a source does not say.
    pub posted: Date,
    /// Line of the document, 0 for none.
    pub line: u32,
    /// The file of the source it stands in, by its place there. Last, so that rows alike in all else stand together.
    pub file: u16,
}

/// Why a spell ends where it ends (`metrics.md`, closing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closing {
    /// The row's own end.
    Ended,
    /// The death of the person.
    Died,
    /// The source knows nothing later.
    DataEnd,
    /// Still running at the end of the period.
    Open,
}

impl Closing {
    /// The word of tables and reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ended => "slut",
            Self::Died => "død",
            Self::DataEnd => "dataslut",
            Self::Open => "åben",
        }
    }
}

/// Why a row's kroner reach no person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnattributedReason {
    /// The row names no citizen: institution budgets, administration, suppliers.
    NoPerson,
    /// The row carries a replacement number.
    ReplacementNumber,
    /// Nine digits that are no number of the register with a zero in front.
    Unlinked,
    /// Dranst 2.
    Refund,
    /// Artskonto 9x.
    Balance,
    /// Art 9.7: the supplier's side of an internal settlement. The side booked on the citizen stays.
    InternalIncome,
    /// The part of a benefit that others than the municipality pay.
    PaidByOthers,
    /// Art 7.7: income from another municipality.
    IntermunicipalIncome,
    /// Other income (art 7): the citizen's own payment.
    OwnPayment,
    /// Another municipality pays (P37): its citizen, also when the person lives here.
    PaidElsewhere,
}

/// Rows of one source and service that reach no person, summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unattributed {
    /// The source.
    pub source: SourceId,
    /// The service or account group.
    pub service: ServiceId,
    /// Why.
    pub reason: UnattributedReason,
    /// Number of rows.
    pub rows: u64,
    /// Their face amounts.
    pub ore: Ore,
}

/// A dated piece of a service with the øre that fall on its days within the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spell {
    /// The person.
    pub person: PersonId,
    /// The service.
    pub service: ServiceId,
    /// What kind of claim.
    pub role: Role,
    /// First day within the period.
    pub from: Date,
    /// Last day within the period, included.
    pub to: Date,
    /// The øre of these days.
    pub ore: Ore,
    /// The source.
    pub source: SourceId,
    /// The row has no end of its own.
    pub open: bool,
    /// Why it ends where it ends.
    pub closing: Closing,
    /// How its row was settled.
    pub rule: Rule,
    /// How the row's amount is spread over days.
    pub amount_type: AmountType,
    /// Which row of its person, and whether it was moved to it.
    pub row: RowNumber,
}

impl Spell {
    /// Whether the amount stands on its posting date because nothing tells its days: a period amount without an end that
    /// pays no grants.
    #[must_use]
    pub fn is_not_periodised(&self) -> bool {
        self.amount_type == AmountType::Contract && self.open && self.rule != Rule::OldestGrants
    }
}

/// A row's number among all rows of its person in their total order, from 0. It depends on what the rows say and not on
/// where they stand, so that a blinded reference made from it survives any order of rows and files. With it goes whether the
/// row was moved: a child's cost that was booked on a guardian's number (`metrics.md`, P10). Three bytes for both, since
/// millions of spells carry them; should a person have more rows, the last ones share the last number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowNumber([u8; 3]);

impl RowNumber {
    /// The number of the row at this place among its person's rows.
    #[must_use]
    pub fn at(place: usize) -> Self {
        let [_, high, middle, low] = u32::try_from(place).unwrap_or(u32::MAX).min(0x007F_FFFF).to_be_bytes();
        Self([high, middle, low])
    }

    /// The row, marked as moved to its person when it was.
    #[must_use]
    pub const fn moved_if(self, is_moved: bool) -> Self {
        let [high, middle, low] = self.0;
        Self([high & 0x7F | if is_moved { 0x80 } else { 0 }, middle, low])
    }

    /// Whether the row was moved to its person from a guardian.
    #[must_use]
    pub const fn is_moved(self) -> bool {
        self.0[0] & 0x80 != 0
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        let [high, middle, low] = self.0;
        u32::from_be_bytes([0, high & 0x7F, middle, low])
    }
}

/// Where øre of a source went that stand in no spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// Days outside the period.
    OutsidePeriod,
    /// The row names no citizen.
    NoPerson,
    /// A replacement number.
    ReplacementNumber,
    /// A damaged number that the register does not confirm.
    Unlinked,
    /// Another source is the authoritative one for the purpose group: compared, never added.
    Reconcile,
    /// Both rows of a reversal.
    Reversed,
    /// Dranst 2.
    Refund,
    /// Artskonto 9x.
    Balance,
    /// A credit for a service period before the period (korrektion tidligere perioder).
    EarlierCorrection,
    /// Art 9.7, income of internal settlements.
    InternalIncome,
    /// The part of a benefit that others pay.
    PaidByOthers,
    /// Art 7.7, income from another municipality.
    IntermunicipalIncome,
    /// Other income of art 7: own payment.
    OwnPayment,
    /// Another municipality pays.
    PaidElsewhere,
    /// The row stands in another file too.
    Duplicate,
    /// Price list kroner, moved from the institutions' own lines: the negative counterpart of the tariff spells.
    TariffMoved,
    /// Granted days for which a payment would long have come: not counted.
    NeverPaid,
    /// Days of a grant for which nothing was paid for so long that it is presumed ended: not counted.
    PresumedEnded,
}

/// Rows and øre of one source, service and kind that stand in no spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The source.
    pub source: SourceId,
    /// Where the øre went.
    pub kind: LineKind,
    /// The service or account group.
    pub service: ServiceId,
    /// Rows concerned.
    pub rows: u64,
    /// Their øre.
    pub ore: Ore,
}

/// The finished ledger. For every actual source, face øre = spells + lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The period.
    pub period: Period,
    /// Sorted by person, service, role, from and the rest.
    pub spells: Vec<Spell>,
    /// Sorted by source, kind and service.
    pub lines: Vec<Line>,
    /// Refunds beside the gross cost, which holds them; sorted by person and service.
    pub refunds: Vec<Refund>,
    /// How much of each source of postings reached a person.
    pub coverage: Vec<(SourceId, Coverage)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_numbers_keep_three_bytes() {
        for place in [0, 1, 255, 256, 65_536, 0x007F_FFFE] {
            assert_eq!(RowNumber::at(place).get() as usize, place);
            assert!(RowNumber::at(place) < RowNumber::at(place + 1));
        }
        for beyond in [0x007F_FFFF, 0x0080_0000, usize::MAX] {
            assert_eq!(RowNumber::at(beyond).get(), 0x007F_FFFF);
        }
        for place in [0, 300, 0x007F_FFFF] {
            let moved = RowNumber::at(place).moved_if(true);
            assert_eq!((moved.get() as usize, moved.is_moved()), (place, true));
            assert_eq!(moved.moved_if(false), RowNumber::at(place));
        }
    }
}
