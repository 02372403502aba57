//! Reads all sources: first the register, then the rows of money, each linked to its person as it is read.
//!
//! CPR numbers are seen here only on their way from ingest through linkage; what leaves has positions instead.

use std::collections::BTreeMap;

use super::{enrolment, families::OwnFiles, preparation::Preparation};
use crate::{
    base::{Digest, Error, ErrorKind, Event, Fault, Observer, Pool, Result},
    domain::{Cpr, Date, Identity, MunicipalityCode, Ore, Period, PersonId, Role, ServiceId, SourceId, System},
    ingest::{
        self, FileInput, FileSummary, MoneyReader, Outcome, ReadOptions, Tally,
        rows::{BudgetRow, MoneyRow, PostingNature, RegisterRow},
    },
    layout::{Kind, Layout},
    ledger::{self, Booked, Entry, RefundKind, Unattributed, UnattributedReason},
    linkage::{Linked, Linker, NoPersonReason},
    plan::Source,
    register::{Numbers, Population, RegisterBuilder, RegisterCounts},
};

/// All that was read. Persons are positions of the register until [`super::run`] gives them their ids.
pub(super) struct Intake {
    pub(super) numbers: Numbers,
    pub(super) population: Population,
    pub(super) register: RegisterCounts,
    pub(super) entries: Vec<Entry>,
    /// What comes back, in the order of [`RefundKind::ALL`]: like the entries it belongs to, with the refund as the amount.
    pub(super) refunds: [Vec<Entry>; 3],
    pub(super) nobody: Nobody,
    /// By source: what a ledger file holds as read; nothing for other sources.
    pub(super) booked: Vec<Booked>,
    pub(super) sources: Vec<SourceIntake>,
    pub(super) faults: Vec<Fault>,
    /// Adopted and corrected budget by year and account group.
    pub(super) budget: BTreeMap<(i16, ServiceId), (Ore, Ore)>,
    /// Enrolments for which no price list has a price.
    pub(super) unpriced: u64,
    /// The municipality's own files about families.
    pub(super) own: OwnFiles,
    pub(super) payers: Payers,
    period: Period,
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

/// Kroner that reach no person, by source, service and reason.
#[derive(Default)]
pub(super) struct Nobody(BTreeMap<(SourceId, ServiceId, UnattributedReason), (u64, Ore)>);

impl Nobody {
    fn add(&mut self, source: SourceId, (service, reason): (ServiceId, UnattributedReason), amount: Ore) -> Result<()> {
        let (rows, ore) = self.0.entry((source, service, reason)).or_default();
        *rows += 1;
        *ore = ore.plus(amount)?;
        Ok(())
    }

    /// The øre of each source.
    pub(super) fn sums(&self) -> impl Iterator<Item = (SourceId, Ore)> {
        self.0.iter().map(|((source, ..), (_, ore))| (*source, *ore))
    }

    pub(super) fn into_rows(self) -> Vec<Unattributed> {
        let row = |((source, service, reason), (rows, ore))| Unattributed { source, service, reason, rows, ore };
        self.0.into_iter().map(row).collect()
    }
}

/// What enrolments and price lists say, until both are read.
#[derive(Default)]
struct Institutions {
    prices: enrolment::Prices,
    enrolled: Vec<(Item, Box<str>)>,
}

/// What was read from one source.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceIntake {
    pub(super) files: Vec<(String, FileSummary)>,
    pub(super) tally: Tally,
    /// First and last day that a row of the source names.
    pub(super) days: Option<(Date, Date)>,
}

impl SourceIntake {
    /// Name, size and BLAKE3 of every file that was read, those for headings only included.
    pub(super) fn inputs(&self) -> impl Iterator<Item = (&str, u64, &Digest)> {
        self.files.iter().flat_map(|(name, summary)| {
            let companion = summary.companion.iter().map(|file| (file.name.as_str(), file.bytes, &file.blake3));
            companion.chain(std::iter::once((name.as_str(), summary.bytes, &summary.blake3)))
        })
    }
}

/// A row after linkage.
enum Item {
    Person(Entry),
    Outside(Cpr, Entry),
    /// An income of the accounts that belongs to a person: no cost, but it stands beside the person's.
    Income(RefundKind, Entry),
    Nobody((ServiceId, UnattributedReason), Ore),
}

/// What a row tells beside its amount.
#[derive(Clone, Copy)]
struct Beside {
    service: ServiceId,
    refund: Ore,
    others: Ore,
    /// What the row says, whatever becomes of it, and its accounting year.
    face: Ore,
    year: i16,
    /// Whether a budget has it: all but balance legs.
    in_budget: bool,
    payer: Option<MunicipalityCode>,
}

impl Beside {
    fn of(row: &MoneyRow) -> Self {
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

/// Reads every source of the plan.
///
/// # Errors
/// When a file is not what its layout says, or a source has more faults than its limit.
pub(super) fn take_in(
    preparation: &Preparation,
    pool: &Pool,
    chunk_bytes: usize,
    observer: &dyn Observer,
) -> Result<Intake> {
    let reader = Reader { preparation, pool, chunk_bytes, observer };
    let mut sources = vec![SourceIntake::default(); preparation.plan.sources.len()];
    let mut faults = Vec::new();
    let mut builder = RegisterBuilder::new();
    for source in preparation.plan.sources.iter().filter(|source| source.system == System::Cpr) {
        reader.register(source, &mut builder, &mut sources[source.id.index()], &mut faults)?;
    }
    let (numbers, population, register) = builder.finish(pool)?;
    for (note, count) in register.notes() {
        observer.event(Event::Note { text: &format!("Registret: {count} {}", note.danish()) });
    }
    let own = OwnFiles::read(preparation, &numbers)?;
    let mut intake = Intake {
        numbers,
        population,
        register,
        entries: Vec::new(),
        refunds: Default::default(),
        nobody: Nobody::default(),
        budget: BTreeMap::new(),
        booked: vec![Booked::default(); preparation.plan.sources.len()],
        sources,
        faults,
        unpriced: 0,
        own,
        payers: Payers::default(),
        period: preparation.plan.period,
    };
    let mut institutions = Institutions::default();
    for source in preparation.plan.sources.iter().filter(|source| source.system != System::Cpr) {
        reader.money(source, &mut intake, &mut institutions)?;
    }
    intake.enrol(institutions)?;
    Ok(intake)
}

struct Reader<'a> {
    preparation: &'a Preparation,
    pool: &'a Pool,
    chunk_bytes: usize,
    observer: &'a dyn Observer,
}

impl Reader<'_> {
    /// Calls `read` for each file of a source, then checks the source's share of faults.
    fn files(
        &self,
        source: &Source,
        into: &mut SourceIntake,
        mut read: impl FnMut(FileInput<'_>) -> Result<FileSummary>,
    ) -> Result<()> {
        let layout = self.preparation.layout(source.id)?;
        let inputs = self.preparation.inputs.iter().filter(|input| input.source == source.id);
        for (file, path) in (0..).zip(inputs.flat_map(|input| &input.files)) {
            let name = self.preparation.plan.name_of(path);
            let summary = read(FileInput {
                path,
                name: &name,
                source: source.id,
                file,
                layout,
                layouts: &self.preparation.layouts,
                options: self.options(source),
            })?;
            let beside =
                summary.companion.as_ref().map_or_else(String::new, |file| format!(", overskrifter fra {}", file.name));
            let text = format!("{name}: {}{beside}, {} rækker", summary.detected, summary.tally.rows_read());
            self.observer.event(Event::Note { text: &text });
            self.check_totals(&name, &summary.tally)?;
            into.tally.add(&summary.tally)?;
            into.files.push((name, summary));
        }
        check_limit(source, &into.tally)
    }

    fn options(&self, source: &Source) -> ReadOptions {
        ReadOptions { encoding: source.encoding, delimiter: source.delimiter, chunk_bytes: self.chunk_bytes }
    }

    fn check_totals(&self, name: &str, tally: &Tally) -> Result<()> {
        let wrong = tally.wrong_totals()?;
        let unreadable = tally.unreadable_amounts;
        if wrong > 0 && unreadable > 0 {
            let text =
                format!("{name}: {wrong} I alt-rækker kan ikke kontrolleres, for {unreadable} beløb kan ikke læses");
            self.observer.event(Event::Note { text: &text });
        } else if wrong > 0 {
            let text = format!("{name}: {wrong} I alt-rækker svarer ikke til summen af rækkerne. Er filen hel?");
            self.observer.event(Event::Note { text: &text });
        }
        Ok(())
    }

    /// A register file must end with its end record: the CPR office's own guard against a cut file. A wrong count in it is
    /// told and stops nothing, since extracts are cut down by hand (`cpr.md`, 2.2).
    fn check_end(&self, name: &str, layout: &Layout, summary: &FileSummary, claimed: Option<u64>) -> Result<()> {
        if !Preparation::has_end_record(layout) {
            return Ok(());
        }
        let Some(count) = claimed else {
            return Err(Error::new(ErrorKind::Input, format!("{name} er skåret over: slutposten (999) mangler"))
                .hint("Hent udtrækket igen."));
        };
        // TAELLER leaves out the start and end records themselves.
        let rows = summary.tally.rows_read().saturating_sub(2);
        if count != rows {
            let text = format!("{name}: slutposten siger {count} poster, men der er {rows}. Er udtrækket helt?");
            self.observer.event(Event::Note { text: &text });
        }
        Ok(())
    }

    fn register(
        &self,
        source: &Source,
        builder: &mut RegisterBuilder,
        into: &mut SourceIntake,
        faults: &mut Vec<Fault>,
    ) -> Result<()> {
        self.files(source, into, |input| {
            builder.begin_file();
            let mut claimed = None;
            let take = |rows: Vec<Vec<RegisterRow>>| {
                for row in rows.into_iter().flatten() {
                    if claimed.is_some() {
                        let message = format!("{} har poster efter slutposten (999)", input.name);
                        return Err(Error::new(ErrorKind::Input, message)
                            .hint("Er to udtræk sat sammen til én fil? Skriv dem som hver sin fil i planen."));
                    }
                    if let RegisterRow::End { count } = row {
                        claimed = Some(count);
                    }
                    builder.add(row);
                }
                Ok(())
            };
            let convert = |record: &ingest::Record<'_>, _| ingest::read_register_row(record);
            let summary = ingest::read_file(input, self.pool, self.observer, convert, take, faults)?;
            self.check_end(input.name, input.layout, &summary, claimed)?;
            Ok(summary)
        })
    }

    fn money(&self, source: &Source, intake: &mut Intake, institutions: &mut Institutions) -> Result<()> {
        let catalogue = &self.preparation.catalogue;
        let money = MoneyReader { catalogue, system: source.system };
        let kind = self.preparation.kind(source.id)?;
        let tells_refunds = self.preparation.tells_refunds(source.system);
        let mut into = std::mem::take(&mut intake.sources[source.id.index()]);
        let mut days = None;
        self.files(source, &mut into, |input| {
            let Intake { numbers, entries, refunds, nobody, booked, budget, faults, payers, period, .. } = &mut *intake;
            let booked = &mut booked[source.id.index()];
            let mut outside = Vec::new();
            let linker = Linker::new(numbers);
            let paying = Paying { here: self.preparation.plan.municipality, period: *period };
            let summary = match kind {
                Some(Kind::Tariffs) => {
                    let convert = |record: &ingest::Record<'_>, price| ingest::read_tariff(record, price, catalogue);
                    let take = |rows| {
                        institutions.prices.add(rows);
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
                Some(Kind::Budgets) => {
                    let convert =
                        |record: &ingest::Record<'_>, adopted| ingest::read_budget(record, adopted, catalogue);
                    let take = |rows: Vec<BudgetRow>| {
                        for row in rows {
                            let (adopted, corrected) = budget.entry((row.year, row.service)).or_default();
                            (*adopted, *corrected) = (adopted.plus(row.adopted)?, corrected.plus(row.corrected)?);
                        }
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
                Some(Kind::Enrolments) => {
                    let convert = |record: &ingest::Record<'_>, _| {
                        Ok(match ingest::read_enrolment(record)? {
                            Outcome::Row(row) => {
                                let unpriced = enrolment::unpriced(source.id, catalogue.unknown_benefit(), &row);
                                Outcome::Row((linked(linker, row.identity, unpriced), row.institution, row.payer))
                            }
                            Outcome::SortedOut => Outcome::SortedOut,
                        })
                    };
                    let take = |rows: Vec<(Item, Box<str>, Option<MunicipalityCode>)>| {
                        for (item, institution, payer) in rows {
                            // A place that another municipality pays for costs this one nothing.
                            if paying.of(payer, source)? != Payer::Elsewhere {
                                institutions.enrolled.push((item, institution));
                            }
                        }
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
                _ => {
                    let convert = |record: &ingest::Record<'_>, amount| {
                        Ok(match money.read(record, amount)? {
                            Outcome::Row(row) => {
                                let beside = Beside::of(&row);
                                Outcome::Row((item(&row, source, input.file, linker, &tells_refunds), beside))
                            }
                            Outcome::SortedOut => Outcome::SortedOut,
                        })
                    };
                    let take = |rows: Vec<(Item, Beside)>| {
                        for (row, beside) in rows {
                            if kind == Some(Kind::Postings) {
                                booked.add(beside.year, beside.service, beside.face, beside.in_budget)?;
                            }
                            let payer = paying.of(beside.payer, source)?;
                            let row = match (payer, row) {
                                (Payer::Here, Item::Person(entry)) => {
                                    payers.here.push(entry.person);
                                    Item::Person(entry)
                                }
                                (Payer::Elsewhere, Item::Person(entry)) => {
                                    payers.elsewhere.push(entry.person);
                                    paying.elsewhere(&entry)?
                                }
                                (Payer::Elsewhere, Item::Outside(_, entry)) => paying.elsewhere(&entry)?,
                                (_, row) => row,
                            };
                            if beside.others != Ore::ZERO {
                                nobody.add(
                                    source.id,
                                    (beside.service, UnattributedReason::PaidByOthers),
                                    beside.others,
                                )?;
                            }
                            match row {
                                Item::Person(entry) => {
                                    widen(&mut days, &entry);
                                    refunds[RefundKind::State.index()].extend(beside.refund_of(&entry));
                                    entries.push(entry);
                                }
                                Item::Outside(cpr, entry) => outside.push((cpr, entry, beside)),
                                Item::Income(kind, entry) => {
                                    nobody.add(source.id, (beside.service, income_reason(kind)), beside.face)?;
                                    refunds[kind.index()].push(entry);
                                }
                                Item::Nobody(nobody_is, ore) => nobody.add(source.id, nobody_is, ore)?,
                            }
                        }
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
            };
            for (cpr, entry, beside) in outside {
                widen(&mut days, &entry);
                let entry = Entry { person: PersonId(numbers.add_outside(cpr)), ..entry };
                if paying.of(beside.payer, source)? == Payer::Here {
                    payers.here.push(entry.person);
                }
                refunds[RefundKind::State.index()].extend(beside.refund_of(&entry));
                entries.push(entry);
            }
            Ok(summary)
        })?;
        into.days = days;
        intake.sources[source.id.index()] = into;
        Ok(())
    }
}

/// Who pays a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payer {
    /// The source does not say: its own municipality.
    Unsaid,
    /// The source says: this municipality.
    Here,
    /// The source says: another.
    Elsewhere,
}

/// The payer rule: who lives elsewhere stays while this municipality pays, and what another pays is nobody's kroner here.
#[derive(Clone, Copy)]
struct Paying {
    here: Option<MunicipalityCode>,
    period: Period,
}

impl Paying {
    fn of(self, payer: Option<MunicipalityCode>, source: &Source) -> Result<Payer> {
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
    fn elsewhere(self, entry: &Entry) -> Result<Item> {
        let ore = match entry.role {
            Role::Actual | Role::Manual => ledger::face_ore(entry, self.period)?,
            Role::Granted | Role::Tariff => {
                let contract = Period { from: entry.from, to: entry.to };
                ledger::ore_of_days(entry.amount, entry.quantity, entry.amount_type, contract, self.period)?
            }
        };
        Ok(Item::Nobody((entry.service, UnattributedReason::PaidElsewhere), ore))
    }
}

impl Intake {
    /// Prices the enrolments, now that all sources are read.
    fn enrol(&mut self, institutions: Institutions) -> Result<()> {
        for (item, institution) in institutions.enrolled {
            let entry = match item {
                Item::Person(entry) => entry,
                Item::Outside(cpr, entry) => Entry { person: PersonId(self.numbers.add_outside(cpr)), ..entry },
                Item::Income(..) | Item::Nobody(..) => continue,
            };
            let priced = institutions.prices.price(&entry, &institution, self.period)?;
            self.unpriced += u64::from(priced.is_empty());
            self.entries.extend(priced);
        }
        Ok(())
    }
}

/// Turns a row into an entry of its person, or says why it has none.
///
/// `tells_refunds` says for which services the source's refunds are the ones that count.
fn item(row: &MoneyRow, source: &Source, file: u16, linker: Linker<'_>, tells_refunds: &[bool]) -> Item {
    let nobody = |reason| Item::Nobody((row.service, reason), row.amount);
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
    let Some(kind) = income else { return linked(linker, row.identity, entry) };
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

/// Finds the person of an entry.
fn linked(linker: Linker<'_>, identity: Identity, entry: Entry) -> Item {
    match linker.link(identity) {
        Linked::Person { position, .. } => Item::Person(Entry { person: PersonId(position), ..entry }),
        Linked::Outside(cpr) => Item::Outside(cpr, entry),
        Linked::Nobody(reason) => {
            let reason = match reason {
                NoPersonReason::Missing => UnattributedReason::NoPerson,
                NoPersonReason::Replacement => UnattributedReason::ReplacementNumber,
                NoPersonReason::UnconfirmedLostZero => UnattributedReason::Unlinked,
            };
            Item::Nobody((entry.service, reason), entry.amount)
        }
    }
}

fn widen(days: &mut Option<(Date, Date)>, entry: &Entry) {
    *days = Some(days.map_or((entry.from, entry.to), |(from, to)| (from.min(entry.from), to.max(entry.to))));
}

/// Stops the run when a source has more faults than its limit.
fn check_limit(source: &Source, tally: &Tally) -> Result<()> {
    let (faults, rows) = (tally.rows_set_aside, tally.rows_read());
    if !source.fault_limit.is_exceeded(faults, rows) {
        return Ok(());
    }
    let worst = tally.faults.iter().max_by_key(|(code, count)| (**count, std::cmp::Reverse(**code)));
    let name = &source.name.value;
    let mut error = Error::new(
        ErrorKind::TooManyFaults,
        format!("Kilden {name} har {faults} rækker med fejl af {rows}: mere end grænsen"),
    );
    if let Some((code, count)) = worst {
        error = error.hint(format!("De fleste ({count}): {} ({}).", code.danish(), code.code()));
    }
    Err(error
        .hint(format!("Se på kildens layout `{}` og på filens første rækker.", source.layout.value))
        .hint("Er fejlene ventede, så sæt `fejlgraense` på kilden i planen; så står hver fejl i arbejde/fejl.csv."))
}
