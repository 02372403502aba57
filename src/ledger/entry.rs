//! What goes into the ledger and what comes out.

use super::{Coverage, Refund};
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
    /// The amount stands on its posting date because nothing tells its days.
    pub not_periodised: bool,
    /// The row has no end of its own.
    pub open: bool,
    /// Why it ends where it ends.
    pub closing: Closing,
    /// A payment beyond what was granted: it stands on its posting date.
    pub exceeds_grant: bool,
    /// A child's cost that was booked on a guardian's number and moved to the child (`metrics.md`, P10).
    pub moved: bool,
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
