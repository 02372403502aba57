//! The rows of a file of money, each linked to its person: what the workers make of every chunk.
//!
//! Numbers that settle their rows alone are looked up for a whole chunk at once. One look-up waits for memory; many in a row
//! wait together.

use super::{
    linking::{self, Waiting, WithoutPerson},
    money::{Beside, Money, OutsideRow, Payer, Paying},
};
use crate::{
    base::{Result, Spare},
    domain::{Date, Identity, Ore, OreOverflow, PersonId, ServiceId},
    ingest::{
        Clues, Collect, KnownCells, MoneyReader, Outcome, Record, Reject,
        rows::{MoneyRow, PostingNature},
    },
    layout::Kind,
    ledger::{Booked, Entry, RefundKind, UnattributedReason},
    linkage::{First, Linked, Linker},
    plan::Source,
};

/// Reads the rows of a file of money and finds their persons.
pub(super) struct LinkedRows<'a> {
    pub(super) money: MoneyReader<'a>,
    pub(super) source: &'a Source,
    pub(super) file: u16,
    pub(super) linker: Linker<'a>,
    pub(super) paying: Paying,
    /// By service: whether the source's refunds are the ones that count.
    pub(super) tells_refunds: &'a [bool],
    /// What workers learnt from chunks that are finished, for those to come.
    pub(super) learnt: Spare<KnownCells>,
}

/// The rows of one chunk.
#[derive(Default)]
pub(super) struct LinkedChunk {
    known: KnownCells,
    /// The rows as read, until the chunk is finished, and how each comes to its person.
    read: Vec<(Entry, Way)>,
    /// By place among them: what few rows tell beside.
    beside: Vec<(usize, Beside)>,
    /// The rows with their persons.
    pub(super) rows: Money,
    pub(super) outside: Vec<OutsideRow>,
    /// Rows for the second pass.
    pub(super) waiting: Vec<Waiting<Beside>>,
    pub(super) booked: Booked,
    /// First and last day that an entry names.
    pub(super) days: Option<(Date, Date)>,
    overflow: bool,
    payer_without_plan: bool,
}

/// How a row comes to its person.
enum Way {
    /// By its number alone, whatever else it tells.
    Number(Identity),
    /// As the first pass found.
    Settled(Linked),
    /// The second pass decides.
    Waits(Identity, Box<Clues>),
    /// By its number alone, as an income of the accounts, and what it is a refund of: no cost, but it stands beside the
    /// person's.
    Income(Identity, RefundKind, ServiceId),
}

impl Collect for LinkedRows<'_> {
    type Chunk = LinkedChunk;

    fn begin(&self) -> LinkedChunk {
        LinkedChunk { known: self.learnt.take(), ..LinkedChunk::default() }
    }

    fn add(&self, chunk: &mut LinkedChunk, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject> {
        // Looked at where it was made: a row is large, and there are tens of millions.
        let read = self.money.read_knowing(&mut chunk.known, record, face);
        let row = match &read {
            Ok(Outcome::Row(row)) => row,
            Ok(Outcome::SortedOut) => return Ok(Outcome::SortedOut),
            Err(reject) => return Err(*reject),
        };
        let posting = &row.posting;
        if record.table().kind == Kind::Postings {
            let in_budget = posting.nature != PostingNature::Balance;
            chunk.overflow |= chunk.booked.add(posting.year, row.service, row.amount, in_budget).is_err();
        }
        if posting.paid_by_others != Ore::ZERO {
            let key = (self.source.id, row.service, UnattributedReason::PaidByOthers);
            chunk.overflow |= chunk.rows.nobody.add(key, (1, posting.paid_by_others)).is_err();
        }
        let income = |kind| Way::Income(row.identity, kind, posting.refunded.unwrap_or(row.service));
        let way = match posting.nature {
            PostingNature::Balance => {
                self.nobody(chunk, row.service, UnattributedReason::Balance, row.amount);
                return Ok(Outcome::Row(()));
            }
            PostingNature::InternalIncome => {
                self.nobody(chunk, row.service, UnattributedReason::InternalIncome, row.amount);
                return Ok(Outcome::Row(()));
            }
            PostingNature::Refund => income(RefundKind::State),
            PostingNature::IntermunicipalIncome => income(RefundKind::Intermunicipal),
            PostingNature::OwnPayment => income(RefundKind::OwnPayment),
            PostingNature::Cost => match row.identity {
                number @ (Identity::Number(_) | Identity::Cleaned(_)) if self.linker.settles_by_number(record) => {
                    Way::Number(number)
                }
                identity => match self.linker.first(identity, row.sought, record) {
                    First::Settled(linked) => Way::Settled(linked),
                    First::Waits(clues) => Way::Waits(identity, clues),
                },
            },
        };
        let payer = self.paying.of(posting.payer).unwrap_or_else(|| {
            chunk.payer_without_plan = true;
            Payer::Unsaid
        });
        let beside = Beside { refund: posting.refund, payer };
        if beside != Beside::default() {
            chunk.beside.push((chunk.read.len(), beside));
        }
        chunk.read.push((self.entry(row), way));
        Ok(Outcome::Row(()))
    }

    fn finish(&self, chunk: &mut LinkedChunk) {
        self.learnt.keep(std::mem::take(&mut chunk.known));
        let mut told = std::mem::take(&mut chunk.beside).into_iter().peekable();
        let read = std::mem::take(&mut chunk.read);
        chunk.rows.entries.reserve_exact(read.len());
        for (place, (entry, way)) in read.into_iter().enumerate() {
            // Not by `next_if`: what it hands over stands in memory, and every row would wait for it.
            let is_told = told.peek().is_some_and(|(of, _)| *of == place);
            let beside = if is_told {
                told.next().map_or_else(Beside::default, |(_, beside)| beside)
            } else {
                Beside::default()
            };
            // Nearly every row.
            if let Way::Number(Identity::Number(cpr)) = way
                && let Some((position, rule)) = self.linker.person_of(cpr)
            {
                let row = (Entry { person: PersonId(position), ..entry }, rule);
                chunk.overflow |= chunk.rows.person_of_register(&mut chunk.days, row, beside, self.paying).is_err();
                continue;
            }
            match way {
                Way::Number(identity) => self.take(chunk, (self.linker.link(identity), entry), beside),
                Way::Settled(linked) => self.take(chunk, (linked, entry), beside),
                Way::Waits(identity, clues) => {
                    chunk.waiting.push(Waiting::new(self.source.system, entry, identity, clues, beside));
                }
                Way::Income(identity, kind, service) => self.income(chunk, identity, entry, (kind, service)),
            }
        }
    }
}

impl LinkedRows<'_> {
    fn take(&self, chunk: &mut LinkedChunk, (linked, entry): (Linked, Entry), beside: Beside) {
        match chunk.rows.take(&mut chunk.days, linking::item(linked, entry), beside, self.paying) {
            Ok(outside) => chunk.outside.extend(outside),
            Err(OreOverflow) => chunk.overflow = true,
        }
    }

    /// An income of the accounts reaches nobody, and stands beside the costs of its person when this source tells refunds.
    fn income(
        &self,
        chunk: &mut LinkedChunk,
        identity: Identity,
        entry: Entry,
        (kind, service): (RefundKind, ServiceId),
    ) {
        if let Linked::Person { position, .. } = self.linker.link(identity)
            && self.tells_refunds.get(service.index()) == Some(&true)
        {
            let person = PersonId(position);
            chunk.rows.refunds[kind.index()].push(Entry { person, service, amount: -entry.amount, ..entry });
        }
        self.nobody(chunk, entry.service, income_reason(kind), entry.amount);
    }

    fn nobody(&self, chunk: &mut LinkedChunk, service: ServiceId, reason: UnattributedReason, ore: Ore) {
        let row = WithoutPerson { source: self.source.id, service, reason: reason.into(), ore };
        chunk.overflow |= chunk.rows.nobody(&row).is_err();
    }

    fn entry(&self, row: &MoneyRow) -> Entry {
        Entry {
            person: PersonId(0),
            service: row.service,
            role: row.role,
            source: self.source.id,
            amount_type: row.amount_type,
            from: row.from,
            to: row.to,
            amount: row.amount,
            quantity: row.quantity,
            document: row.posting.document,
            reverses: row.posting.reverses,
            posted: row.posting.posted.unwrap_or(row.to),
            line: row.posting.line,
            file: self.file,
        }
    }

    /// Whether a chunk can be used.
    ///
    /// # Errors
    /// When a sum left 64 bits, or a row told of a payer and the plan does not say which municipality this is.
    pub(super) fn check(&self, chunk: &LinkedChunk) -> Result<()> {
        if chunk.payer_without_plan {
            return Err(Paying::without_plan(self.source));
        }
        if chunk.overflow { Err(OreOverflow.into()) } else { Ok(()) }
    }
}

/// Why an income of the accounts is no cost.
const fn income_reason(kind: RefundKind) -> UnattributedReason {
    match kind {
        RefundKind::State => UnattributedReason::Refund,
        RefundKind::Intermunicipal => UnattributedReason::IntermunicipalIncome,
        RefundKind::OwnPayment => UnattributedReason::OwnPayment,
    }
}
