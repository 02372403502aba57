//! The rows of a file of money, each linked to its person: what the workers make of every chunk.
//!
//! Persons are looked up for a whole chunk at once. One look-up waits for memory; many in a row wait together.

use super::intake::{Nobody, Payers, widen};
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Cpr, Date, Identity, MunicipalityCode, Ore, OreOverflow, Period, PersonId, Role, ServiceId},
    ingest::{
        Collect, KnownCells, MoneyReader, Outcome, Record, Reject,
        rows::{MoneyRow, PostingNature},
    },
    layout::Kind,
    ledger::{self, Booked, Entry, RefundKind, UnattributedReason},
    linkage::{Linked, Linker, NoPersonReason},
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
}

/// The rows of one chunk.
#[derive(Default)]
pub(super) struct LinkedChunk {
    known: KnownCells,
    /// Whom each entry is about, until the chunk is finished.
    identities: Vec<Identity>,
    /// By place among the entries: what few rows tell beside them.
    beside: Vec<(usize, Beside)>,
    /// Entries of persons of the register.
    pub(super) entries: Vec<Entry>,
    pub(super) refunds: [Vec<Entry>; 3],
    pub(super) outside: Vec<OutsideRow>,
    pub(super) nobody: Nobody,
    pub(super) booked: Booked,
    pub(super) payers: Payers,
    /// First and last day that an entry names.
    pub(super) days: Option<(Date, Date)>,
    overflow: bool,
    payer_without_plan: bool,
}

/// A row of a person whom the register does not know.
pub(super) struct OutsideRow {
    pub(super) cpr: Cpr,
    pub(super) entry: Entry,
    /// Its state refund, if any.
    pub(super) refund: Option<Entry>,
    /// Whether the row says that this municipality pays.
    pub(super) paid_here: bool,
}

/// What a row tells beside its entry.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Beside {
    refund: Ore,
    payer: Payer,
    /// An income of the accounts, and what it is a refund of: no cost, but it stands beside the person's.
    income: Option<(RefundKind, ServiceId)>,
}

impl Collect for LinkedRows<'_> {
    type Chunk = LinkedChunk;

    fn add(&self, chunk: &mut LinkedChunk, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject> {
        let row = match self.money.read_knowing(&mut chunk.known, record, face)? {
            Outcome::Row(row) => row,
            Outcome::SortedOut => return Ok(Outcome::SortedOut),
        };
        let posting = &row.posting;
        if record.table().kind == Kind::Postings {
            let in_budget = posting.nature != PostingNature::Balance;
            chunk.overflow |= chunk.booked.add(posting.year, row.service, row.amount, in_budget).is_err();
        }
        if posting.paid_by_others != Ore::ZERO {
            self.nobody(chunk, row.service, UnattributedReason::PaidByOthers, posting.paid_by_others);
        }
        let payer = self.paying.of(posting.payer).unwrap_or_else(|| {
            chunk.payer_without_plan = true;
            Payer::Unsaid
        });
        let income = match posting.nature {
            PostingNature::Balance => {
                self.nobody(chunk, row.service, UnattributedReason::Balance, row.amount);
                return Ok(Outcome::Row(()));
            }
            PostingNature::InternalIncome => {
                self.nobody(chunk, row.service, UnattributedReason::InternalIncome, row.amount);
                return Ok(Outcome::Row(()));
            }
            PostingNature::Refund => Some(RefundKind::State),
            PostingNature::IntermunicipalIncome => Some(RefundKind::Intermunicipal),
            PostingNature::OwnPayment => Some(RefundKind::OwnPayment),
            PostingNature::Cost => None,
        };
        let income = income.map(|kind| (kind, posting.refunded.unwrap_or(row.service)));
        let beside = Beside { refund: posting.refund, payer, income };
        if beside != Beside::default() {
            chunk.beside.push((chunk.entries.len(), beside));
        }
        chunk.identities.push(row.identity);
        chunk.entries.push(self.entry(&row));
        Ok(Outcome::Row(()))
    }

    fn finish(&self, chunk: &mut LinkedChunk) {
        let mut told = std::mem::take(&mut chunk.beside).into_iter().peekable();
        let mut kept = 0;
        for (place, identity) in std::mem::take(&mut chunk.identities).into_iter().enumerate() {
            let beside = told.next_if(|(of, _)| *of == place).map(|(_, beside)| beside).unwrap_or_default();
            let entry = chunk.entries[place];
            if let Some(entry) = self.linked(chunk, self.linker.link(identity), entry, beside) {
                chunk.entries[kept] = entry;
                kept += 1;
            }
        }
        chunk.entries.truncate(kept);
    }
}

impl LinkedRows<'_> {
    /// Puts a row where it belongs; the entries of the register's persons are returned.
    fn linked(&self, chunk: &mut LinkedChunk, linked: Linked, mut entry: Entry, beside: Beside) -> Option<Entry> {
        if let Linked::Person { position, .. } = linked {
            entry.person = PersonId(position);
        }
        if let Some((kind, service)) = beside.income {
            if matches!(linked, Linked::Person { .. }) && self.tells_refunds.get(service.index()) == Some(&true) {
                chunk.refunds[kind.index()].push(Entry { service, amount: -entry.amount, ..entry });
            }
            self.nobody(chunk, entry.service, income_reason(kind), entry.amount);
            return None;
        }
        match (linked, beside.payer) {
            (Linked::Nobody(reason), _) => {
                self.nobody(chunk, entry.service, unattributed(reason), entry.amount);
                return None;
            }
            (Linked::Person { .. }, Payer::Elsewhere) => chunk.payers.elsewhere.push(entry.person),
            (Linked::Person { .. }, Payer::Here) => chunk.payers.here.push(entry.person),
            _ => {}
        }
        if beside.payer == Payer::Elsewhere {
            match self.paying.elsewhere(&entry) {
                Ok(ore) => self.nobody(chunk, entry.service, UnattributedReason::PaidElsewhere, ore),
                Err(OreOverflow) => chunk.overflow = true,
            }
            return None;
        }
        widen(&mut chunk.days, (entry.from, entry.to));
        let refund = (beside.refund != Ore::ZERO).then_some(Entry { amount: beside.refund, ..entry });
        if let Linked::Outside(cpr) = linked {
            chunk.outside.push(OutsideRow { cpr, entry, refund, paid_here: beside.payer == Payer::Here });
            return None;
        }
        chunk.refunds[RefundKind::State.index()].extend(refund);
        Some(entry)
    }

    fn nobody(&self, chunk: &mut LinkedChunk, service: ServiceId, reason: UnattributedReason, amount: Ore) {
        chunk.overflow |= chunk.nobody.add((self.source.id, service, reason), (1, amount)).is_err();
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

/// Who pays a row.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Payer {
    /// The source does not say: its own municipality.
    #[default]
    Unsaid,
    /// The source says: this municipality.
    Here,
    /// The source says: another.
    Elsewhere,
}

/// The payer rule: who lives elsewhere stays while this municipality pays, and what another pays is nobody's kroner here.
#[derive(Clone, Copy)]
pub(super) struct Paying {
    pub(super) here: Option<MunicipalityCode>,
    pub(super) period: Period,
}

impl Paying {
    /// Who pays a row that names this payer; `None` when it names one and the plan does not say which municipality this is.
    pub(super) fn of(self, payer: Option<MunicipalityCode>) -> Option<Payer> {
        match (payer, self.here) {
            (None, _) => Some(Payer::Unsaid),
            (Some(payer), Some(here)) if payer == here => Some(Payer::Here),
            (Some(_), Some(_)) => Some(Payer::Elsewhere),
            (Some(_), None) => None,
        }
    }

    /// The error for a source that names payers under a plan that names no municipality.
    pub(super) fn without_plan(source: &Source) -> Error {
        let name = &source.name.value;
        Error::new(
            ErrorKind::Plan,
            format!("Kilden {name} siger, hvilken kommune der betaler, men planen siger ikke, hvilken der er jeres"),
        )
        .hint("Skriv kommunens kode øverst i planen, for eksempel kommune = \"0167\".")
    }

    /// What another municipality pays: the row's face, of a grant the days in the period.
    fn elsewhere(self, entry: &Entry) -> Result<Ore, OreOverflow> {
        match entry.role {
            Role::Actual | Role::Manual => ledger::face_ore(entry, self.period),
            Role::Granted | Role::Tariff => {
                let contract = Period { from: entry.from, to: entry.to };
                ledger::ore_of_days(entry.amount, entry.quantity, entry.amount_type, contract, self.period)
            }
        }
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

const fn unattributed(reason: NoPersonReason) -> UnattributedReason {
    match reason {
        NoPersonReason::Missing => UnattributedReason::NoPerson,
        NoPersonReason::Replacement => UnattributedReason::ReplacementNumber,
        NoPersonReason::UnconfirmedLostZero => UnattributedReason::Unlinked,
    }
}
