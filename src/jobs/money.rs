//! Rows of money once their person is known: who pays them, what comes back, and what reaches nobody.

use std::collections::BTreeMap;

use super::linking::{Item, Links, WithoutPerson, linked};
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Cpr, Date, LinkRule, MunicipalityCode, Ore, Period, PersonId, Role, ServiceId, SourceId},
    ingest::{
        Record,
        rows::{MoneyRow, PostingNature},
    },
    ledger::{self, Entry, RefundKind, Unattributed, UnattributedReason},
    linkage::{Linked, Linker},
    plan::Source,
};

/// The rows of money.
#[derive(Default)]
pub(super) struct Money {
    pub(super) entries: Vec<Entry>,
    /// What comes back, in the order of [`RefundKind::ALL`]: like the entries it belongs to, with the refund as the amount.
    pub(super) refunds: [Vec<Entry>; 3],
    pub(super) nobody: Nobody,
    /// How rows found their persons.
    pub(super) links: Links,
    pub(super) payers: Payers,
}

impl Money {
    /// Takes a settled row in, by who pays it. A person outside the register, whose position is not known yet, is handed
    /// back.
    pub(super) fn take(
        &mut self,
        days: &mut Option<(Date, Date)>,
        row: Item,
        beside: Beside,
        (paying, source): (Paying, &Source),
    ) -> Result<Option<(Cpr, Entry, Beside)>> {
        match (paying.of(beside.payer, source)?, row) {
            (Payer::Elsewhere, Item::Person(entry, _)) => {
                self.payers.elsewhere.push(entry.person);
                self.nobody(&paying.elsewhere(&entry)?)?;
            }
            (Payer::Elsewhere, Item::Outside(_, entry)) => self.nobody(&paying.elsewhere(&entry)?)?,
            (payer, Item::Person(entry, rule)) => self.person(days, entry, beside, (payer, Some(rule)))?,
            (_, Item::Outside(cpr, entry)) => return Ok(Some((cpr, entry, beside))),
            (_, Item::Income(kind, entry)) => {
                let (service, ore) = (beside.service, beside.face);
                self.nobody(&WithoutPerson { source: source.id, service, reason: income_reason(kind).into(), ore })?;
                self.refunds[kind.index()].push(entry);
            }
            (_, Item::Nobody(row)) => self.nobody(&row)?,
            (_, Item::Waits(..)) => return Err(waited_twice()),
        }
        Ok(None)
    }

    /// Takes in an entry of a person outside the register that has its position now.
    pub(super) fn outside(
        &mut self,
        days: &mut Option<(Date, Date)>,
        entry: Entry,
        beside: Beside,
        (paying, source): (Paying, &Source),
    ) -> Result<()> {
        let payer = paying.of(beside.payer, source)?;
        self.person(days, entry, beside, (payer, None))
    }

    /// Takes in an entry whose person is known; without a rule it is one outside the register.
    fn person(
        &mut self,
        days: &mut Option<(Date, Date)>,
        entry: Entry,
        beside: Beside,
        (payer, rule): (Payer, Option<LinkRule>),
    ) -> Result<()> {
        widen(days, &entry);
        self.links.person(&entry, rule)?;
        if payer == Payer::Here {
            self.payers.here.push(entry.person);
        }
        self.refunds[RefundKind::State.index()].extend(beside.refund_of(&entry));
        self.push(entry, rule);
        Ok(())
    }

    /// Keeps an entry, and remembers its place when its link is not certain.
    pub(super) fn push(&mut self, entry: Entry, rule: Option<LinkRule>) {
        if rule.is_some_and(|rule| !rule.is_certain()) {
            self.links.weak.push(self.entries.len());
        }
        self.entries.push(entry);
    }

    /// Takes in the øre of a row without a person.
    fn nobody(&mut self, row: &WithoutPerson) -> Result<()> {
        self.links.nobody(row)?;
        self.nobody.add(row.source, (row.service, row.reason.ledger), row.ore)
    }
}

/// A fault of the program's own: the second pass settles every row.
pub(super) fn waited_twice() -> Error {
    Error::new(ErrorKind::Internal, "En række ventede to gange")
}

/// Kroner that reach no person, by source, service and reason.
#[derive(Default)]
pub(super) struct Nobody(BTreeMap<(SourceId, ServiceId, UnattributedReason), (u64, Ore)>);

impl Nobody {
    pub(super) fn add(
        &mut self,
        source: SourceId,
        (service, reason): (ServiceId, UnattributedReason),
        amount: Ore,
    ) -> Result<()> {
        let (rows, ore) = self.0.entry((source, service, reason)).or_default();
        *rows += 1;
        *ore = ore.plus(amount)?;
        Ok(())
    }

    /// The øre of each source.
    pub(super) fn sums(&self) -> impl Iterator<Item = (SourceId, Ore)> {
        self.0.iter().map(|((source, ..), (_, ore))| (*source, *ore))
    }

    /// Source, service, rows and øre of what is a cost.
    pub(super) fn costs(&self) -> impl Iterator<Item = (SourceId, ServiceId, u64, Ore)> {
        use UnattributedReason::{NoPerson, ReplacementNumber, Review, Unlinked};
        let is_cost = |reason: &UnattributedReason| matches!(reason, NoPerson | ReplacementNumber | Unlinked | Review);
        let costs = self.0.iter().filter(move |((.., reason), _)| is_cost(reason));
        costs.map(|((source, service, _), (rows, ore))| (*source, *service, *rows, *ore))
    }

    pub(super) fn into_rows(self) -> Vec<Unattributed> {
        let row = |((source, service, reason), (rows, ore))| Unattributed { source, service, reason, rows, ore };
        self.0.into_iter().map(row).collect()
    }
}

/// Who is paid for by whom, where the sources say so (P37; retssikkerhedsloven § 9). Sorted, without repetition.
#[derive(Default)]
pub(super) struct Payers {
    /// Persons with a row that says this municipality pays: they stay, wherever they live.
    pub(super) here: Vec<PersonId>,
    /// Persons with a row that says another municipality pays.
    pub(super) elsewhere: Vec<PersonId>,
}

impl Payers {
    /// Gives the persons their ids.
    pub(super) fn renumber(&mut self, ids: &[PersonId]) {
        for persons in [&mut self.here, &mut self.elsewhere] {
            for person in persons.iter_mut() {
                *person = ids[person.index()];
            }
            persons.sort_unstable();
            persons.dedup();
        }
    }
}

/// What a row tells beside its amount.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    pub(super) service: ServiceId,
    refund: Ore,
    pub(super) others: Ore,
    /// What the row says, whatever becomes of it, and its accounting year.
    pub(super) face: Ore,
    pub(super) year: i16,
    /// Whether a budget has it: all but balance legs.
    pub(super) in_budget: bool,
    pub(super) payer: Option<MunicipalityCode>,
}

impl Beside {
    pub(super) fn of(row: &MoneyRow) -> Self {
        let posting = &row.posting;
        Self {
            service: row.service,
            refund: posting.refund,
            others: posting.paid_by_others,
            face: row.amount,
            year: posting.year,
            in_budget: posting.nature != PostingNature::Balance,
            payer: posting.payer,
        }
    }

    fn refund_of(self, entry: &Entry) -> Option<Entry> {
        (self.refund != Ore::ZERO).then_some(Entry { amount: self.refund, ..*entry })
    }
}

/// Who pays a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Payer {
    /// The source does not say: its own municipality.
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
    pub(super) fn of(self, payer: Option<MunicipalityCode>, source: &Source) -> Result<Payer> {
        match (payer, self.here) {
            (None, _) => Ok(Payer::Unsaid),
            (Some(payer), Some(here)) if payer == here => Ok(Payer::Here),
            (Some(_), Some(_)) => Ok(Payer::Elsewhere),
            (Some(_), None) => Err(Error::new(
                ErrorKind::Plan,
                format!(
                    "Kilden {} siger, hvilken kommune der betaler, men planen siger ikke, hvilken der er jeres",
                    source.name.value
                ),
            )
            .hint("Skriv kommunens kode øverst i planen, for eksempel kommune = \"0167\".")),
        }
    }

    /// What another municipality pays: the row's face, of a grant the days in the period.
    fn elsewhere(self, entry: &Entry) -> Result<WithoutPerson> {
        let ore = match entry.role {
            Role::Actual | Role::Manual => ledger::face_ore(entry, self.period)?,
            Role::Granted | Role::Tariff => {
                let contract = Period { from: entry.from, to: entry.to };
                ledger::ore_of_days(entry.amount, entry.quantity, entry.amount_type, contract, self.period)?
            }
        };
        let (source, service) = (entry.source, entry.service);
        Ok(WithoutPerson { source, service, reason: UnattributedReason::PaidElsewhere.into(), ore })
    }
}

/// Turns a row into an entry of its person, or says why it has none.
///
/// `tells_refunds` says for which services the source's refunds are the ones that count.
pub(super) fn item(
    row: &MoneyRow,
    (source, file): (&Source, u16),
    linker: Linker<'_>,
    record: &Record<'_>,
    tells_refunds: &[bool],
) -> Item {
    let nobody = |reason: UnattributedReason| {
        let (source, service, ore) = (source.id, row.service, row.amount);
        Item::Nobody(WithoutPerson { source, service, reason: reason.into(), ore })
    };
    let income = match row.posting.nature {
        PostingNature::Balance => return nobody(UnattributedReason::Balance),
        PostingNature::InternalIncome => return nobody(UnattributedReason::InternalIncome),
        PostingNature::Refund => Some(RefundKind::State),
        PostingNature::IntermunicipalIncome => Some(RefundKind::Intermunicipal),
        PostingNature::OwnPayment => Some(RefundKind::OwnPayment),
        PostingNature::Cost => None,
    };
    let entry = Entry {
        person: PersonId(0),
        service: row.service,
        role: row.role,
        source: source.id,
        amount_type: row.amount_type,
        from: row.from,
        to: row.to,
        amount: row.amount,
        quantity: row.quantity,
        document: row.posting.document,
        reverses: row.posting.reverses,
        posted: row.posting.posted.unwrap_or(row.to),
        line: row.posting.line,
        file,
    };
    let Some(kind) = income else { return linked(linker, row.identity, row.sought, record, entry) };
    let service = row.posting.refunded.unwrap_or(row.service);
    match linker.link(row.identity) {
        Linked::Person { position, .. } if tells_refunds.get(service.index()) == Some(&true) => {
            Item::Income(kind, Entry { person: PersonId(position), service, amount: -row.amount, ..entry })
        }
        _ => nobody(income_reason(kind)),
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

fn widen(days: &mut Option<(Date, Date)>, entry: &Entry) {
    *days = Some(days.map_or((entry.from, entry.to), |(from, to)| (from.min(entry.from), to.max(entry.to))));
}
