//! Rows of money once their person is known: who pays them, what comes back, and what reaches nobody.

use std::collections::BTreeMap;

use super::linking::{Item, Links, WithoutPerson};
use crate::{
    base::{Error, ErrorKind},
    domain::{Cpr, Date, LinkRule, MunicipalityCode, Ore, OreOverflow, Period, PersonId, Role, ServiceId, SourceId},
    ledger::{self, Entry, RefundKind, Unattributed, UnattributedReason},
    plan::Source,
};

/// The rows of money.
#[derive(Default)]
pub(super) struct Money {
    /// Rows that are to be gathered.
    pub(super) entries: Vec<Entry>,
    /// What comes back, in the order of [`RefundKind::ALL`]: like the entries it belongs to, with the refund as the amount.
    pub(super) refunds: [Vec<Entry>; 3],
    pub(super) nobody: Nobody,
    /// How rows found their persons.
    pub(super) links: Links,
    pub(super) payers: Payers,
}

/// A row of a person whom the register does not know: its position comes when the file is read.
pub(super) struct OutsideRow {
    pub(super) cpr: Cpr,
    entry: Entry,
    beside: Beside,
}

impl Money {
    /// Takes a row in whose person was looked up, by who pays it. A person outside the register, whose position is not known
    /// yet, is handed back.
    pub(super) fn take(
        &mut self,
        days: &mut Option<(Date, Date)>,
        row: Item,
        beside: Beside,
        paying: Paying,
    ) -> Result<Option<OutsideRow>, OreOverflow> {
        match (beside.payer, row) {
            (_, Item::Person(entry, rule)) => self.person_of_register(days, (entry, rule), beside, paying)?,
            (Payer::Elsewhere, Item::Outside(_, entry)) => self.nobody(&paying.elsewhere(&entry)?)?,
            (_, Item::Outside(cpr, entry)) => return Ok(Some(OutsideRow { cpr, entry, beside })),
            (_, Item::Nobody(row)) => self.nobody(&row)?,
        }
        Ok(None)
    }

    /// Takes in a row of a person whom the register knows.
    pub(super) fn person_of_register(
        &mut self,
        days: &mut Option<(Date, Date)>,
        (entry, rule): (Entry, LinkRule),
        beside: Beside,
        paying: Paying,
    ) -> Result<(), OreOverflow> {
        if beside.payer == Payer::Elsewhere {
            self.payers.elsewhere.push(entry.person);
            return self.nobody(&paying.elsewhere(&entry)?);
        }
        self.person(days, entry, beside, Some(rule))
    }

    /// Takes in a row of a person outside the register that has its position now.
    pub(super) fn outside(
        &mut self,
        days: &mut Option<(Date, Date)>,
        row: &OutsideRow,
        person: PersonId,
    ) -> Result<(), OreOverflow> {
        self.person(days, Entry { person, ..row.entry }, row.beside, None)
    }

    /// Takes in an entry whose person is known; without a rule it is one outside the register.
    fn person(
        &mut self,
        days: &mut Option<(Date, Date)>,
        entry: Entry,
        beside: Beside,
        rule: Option<LinkRule>,
    ) -> Result<(), OreOverflow> {
        widen(days, (entry.from, entry.to));
        self.links.person(&entry, rule)?;
        if beside.payer == Payer::Here {
            self.payers.here.push(entry.person);
        }
        let refund = (beside.refund != Ore::ZERO).then_some(Entry { amount: beside.refund, ..entry });
        self.refunds[RefundKind::State.index()].extend(refund);
        self.push(entry, rule);
        Ok(())
    }

    /// Keeps an entry, twice when its link is not certain.
    pub(super) fn push(&mut self, entry: Entry, rule: Option<LinkRule>) {
        if rule.is_some_and(|rule| !rule.is_certain()) {
            self.links.weak.push(entry);
        }
        self.entries.push(entry);
    }

    /// Takes in the øre of a row without a person.
    pub(super) fn nobody(&mut self, row: &WithoutPerson) -> Result<(), OreOverflow> {
        self.links.nobody(row)?;
        self.nobody.add((row.source, row.service, row.reason.ledger), (1, row.ore))
    }

    /// Takes in the rows of another, behind its own.
    pub(super) fn append(&mut self, mut other: Self) -> Result<(), OreOverflow> {
        self.links.append(other.links)?;
        self.entries.append(&mut other.entries);
        for (refunds, new) in self.refunds.iter_mut().zip(&mut other.refunds) {
            refunds.append(new);
        }
        self.nobody.add_all(other.nobody)?;
        self.payers.here.append(&mut other.payers.here);
        self.payers.elsewhere.append(&mut other.payers.elsewhere);
        Ok(())
    }
}

/// Widens the days known to hold others.
pub(super) fn widen(known: &mut Option<(Date, Date)>, (from, to): (Date, Date)) {
    *known = Some(known.map_or((from, to), |known| (known.0.min(from), known.1.max(to))));
}

/// Kroner that reach no person, by source, service and reason.
#[derive(Default)]
pub(super) struct Nobody(BTreeMap<(SourceId, ServiceId, UnattributedReason), (u64, Ore)>);

impl Nobody {
    /// Adds rows and their øre.
    pub(super) fn add(
        &mut self,
        key: (SourceId, ServiceId, UnattributedReason),
        (rows, ore): (u64, Ore),
    ) -> Result<(), OreOverflow> {
        let sum = self.0.entry(key).or_default();
        *sum = (sum.0 + rows, sum.1.plus(ore)?);
        Ok(())
    }

    fn add_all(&mut self, other: Self) -> Result<(), OreOverflow> {
        other.0.into_iter().try_for_each(|(key, sum)| self.add(key, sum))
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

/// What a row tells beside its entry.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Its state refund.
    pub(super) refund: Ore,
    pub(super) payer: Payer,
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
    fn elsewhere(self, entry: &Entry) -> Result<WithoutPerson, OreOverflow> {
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
