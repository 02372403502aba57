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
    /// A damaged or missing number, and nothing on the row that finds the citizen for certain.
    Unlinked,
    /// A person must look at the row.
    Review,
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
    pub row: RowMark,
}

impl Spell {
    /// Whether the amount stands on its posting date because nothing tells its days: a period amount without an end that
    /// pays no grants.
    #[must_use]
    pub fn is_not_periodised(&self) -> bool {
        self.amount_type == AmountType::Contract && self.open && self.rule != Rule::OldestGrants
    }
}

/// What tells a row of a person from the person's other rows: 23 bits of a hash of what the row says, and whether it was moved,
/// a child's cost that was booked on a guardian's number (`metrics.md`, P10). It depends on the row alone and not on where
/// it stands, so that a blinded reference made from it survives any order of rows and files and other rows that come or
/// go. Three bytes, since millions of spells carry them: two rows of one person, service and source that share a mark by
/// chance are rare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowMark([u8; 3]);

impl RowMark {
    /// The mark of a row; `nth` counts the rows of its person that are alike in all but their file, from 0.
    ///
    /// A sum of the words of what the row says, each times a factor of its own, mixed to 23 bits (docs/format.md).
    #[must_use]
    pub fn of(row: &Entry, nth: usize) -> Self {
        let day = |date: Date| u64::from(date.days().cast_unsigned());
        let words = [
            day(row.from) << 32 | day(row.to),
            row.amount.0.cast_unsigned(),
            u64::from(row.quantity.cast_unsigned()) << 32 | u64::from(row.line),
            row.document,
            row.reverses,
            day(row.posted) << 32 | row.amount_type as u64,
            nth as u64,
        ];
        // Each word has a factor of its own, so that no product waits for another.
        let mut factor = 1_u64;
        let sum = words.iter().fold(0_u64, |sum, word| {
            factor = factor.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            sum.wrapping_add(word.wrapping_mul(factor))
        });
        // Once more, since sums of small differences may lie close together.
        let hash = (sum ^ sum >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 41;
        let [.., high, middle, low] = hash.to_be_bytes();
        Self([high & 0x7F, middle, low])
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

    /// The 23 bits.
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
    /// A damaged or missing number, and nothing on the row that finds the citizen for certain.
    Unlinked,
    /// A person must look at the row.
    Review,
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
    use std::collections::BTreeSet;

    use super::*;

    fn row(amount: i64, day: i32) -> Entry {
        Entry {
            person: PersonId(0),
            service: ServiceId(0),
            role: Role::Actual,
            source: SourceId(0),
            amount_type: AmountType::Contract,
            from: Date::EPOCH.plus(day),
            to: Date::EPOCH.plus(day + 29),
            amount: Ore(amount),
            quantity: 1000,
            document: 0,
            reverses: 0,
            posted: Date::EPOCH.plus(day + 29),
            line: 0,
            file: 0,
        }
    }

    #[test]
    fn marks_follow_what_a_row_says() {
        let one = row(1_441_600, 16_436);
        let mark = RowMark::of(&one, 0);
        assert_eq!(mark.get(), 4_280_980, "as docs/format.md says");
        assert_eq!(mark, RowMark::of(&Entry { person: PersonId(7), file: 3, ..one }, 0), "not where it stands");
        let others = [
            Entry { amount: Ore(1_441_601), ..one },
            Entry { amount: Ore(-1_441_600), ..one },
            Entry { from: one.from.plus(1), ..one },
            Entry { to: Date::MAX, ..one },
            Entry { quantity: 2000, ..one },
            Entry { document: 1, ..one },
            Entry { reverses: 1, ..one },
            Entry { posted: one.posted.plus(1), ..one },
            Entry { line: 1, ..one },
            Entry { amount_type: AmountType::Lump, ..one },
        ];
        assert!(others.iter().all(|other| RowMark::of(other, 0) != mark));
        assert_ne!(RowMark::of(&one, 1), mark);
        for marked in [mark, RowMark::of(&others[0], 5)] {
            let moved = marked.moved_if(true);
            assert_eq!((moved.get(), moved.is_moved(), moved.moved_if(false)), (marked.get(), true, marked));
        }
    }

    /// Months of ten years at several amounts: as few share a mark as chance allows (n² / 2 / 2^23 is 5 of 9,000).
    #[test]
    fn marks_spread_evenly() {
        let rows = (0..120).flat_map(|month| (0..75).map(move |step| row(1_000_000 + step * 100, 16_000 + month * 30)));
        let marks: Vec<u32> = rows.map(|row| RowMark::of(&row, 0).get()).collect();
        let different: BTreeSet<u32> = marks.iter().copied().collect();
        assert!(marks.len() - different.len() < 20, "{} of {}", different.len(), marks.len());
    }
}
