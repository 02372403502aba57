//! Reads all sources: first the register, then the rows of money, each linked to its person as it is read.
//!
//! CPR numbers are seen here only on their way from ingest through linkage; what leaves has positions instead.

use std::collections::BTreeMap;

use super::{
    enrolment,
    families::{ExtraInput, OwnFiles},
    linking::{self, Doubt, Item, Links, SecondPass, Waiting, WithoutPerson, linked},
    preparation::Preparation,
};
use crate::{
    base::{Digest, Error, ErrorKind, Event, Fault, Observer, Pool, Result},
    domain::{Date, LinkRule, Ore, Period, PersonId, ServiceId, SourceId, System},
    ingest::{
        self, FileInput, FileSummary, MoneyReader, Outcome, ReadOptions, Record, Sought, Tally,
        rows::{MoneyRow, PostingNature, RegisterRow},
    },
    layout::{Kind, Layout},
    ledger::{Entry, Unattributed, UnattributedReason},
    linkage::{Decisions, Linker, Witness},
    plan::Source,
    register::{Numbers, PersonNames, Population, RegisterBuilder, RegisterCounts},
};

/// All that was read. Persons are positions of the register until [`super::run`] gives them their ids.
pub(super) struct Intake {
    pub(super) numbers: Numbers,
    pub(super) population: Population,
    pub(super) register: RegisterCounts,
    pub(super) money: Money,
    pub(super) sources: Vec<SourceIntake>,
    pub(super) faults: Vec<Fault>,
    /// Enrolments for which no price list has a price.
    pub(super) unpriced: u64,
    /// The municipality's own files about families, and earlier decisions about rows.
    pub(super) own: OwnFiles,
    /// Rows that a person must look at.
    pub(super) doubts: Vec<Doubt>,
    /// The register's names, until the last row has its answer.
    pub(super) names: PersonNames,
    period: Period,
}

/// The rows of money.
#[derive(Default)]
pub(super) struct Money {
    pub(super) entries: Vec<Entry>,
    /// State refunds of entries: alike in all but the amount, which is the refund.
    pub(super) refunds: Vec<Entry>,
    pub(super) nobody: Nobody,
    /// How rows found their persons.
    pub(super) links: Links,
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

/// What waits for the second pass.
#[derive(Default)]
struct WaitingRows {
    money: Vec<Waiting<Beside>>,
    enrolled: Vec<Waiting<Box<str>>>,
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

/// What a row tells beside its amount.
#[derive(Clone, Copy)]
struct Beside {
    service: ServiceId,
    refund: Ore,
    others: Ore,
}

impl Beside {
    const fn of(row: &MoneyRow) -> Self {
        Self { service: row.service, refund: row.posting.refund, others: row.posting.paid_by_others }
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
    builder.keep_names();
    for source in preparation.plan.sources.iter().filter(|source| source.system == System::Cpr) {
        reader.register(source, &mut builder, &mut sources[source.id.index()], &mut faults)?;
    }
    let names = builder.take_names();
    let (numbers, population, register) = builder.finish(pool)?;
    let names = names.settle(&numbers);
    for (note, count) in register.notes() {
        observer.event(Event::Note { text: &format!("Registret: {count} {}", note.danish()) });
    }
    let mut own = OwnFiles::read(preparation, &numbers)?;
    let (decisions, read) = linking::decisions(preparation)?;
    own.inputs.extend(read.map(|(name, bytes)| ExtraInput::of(name, &bytes)));
    let mut intake = Intake {
        numbers,
        population,
        register,
        money: Money::default(),
        sources,
        faults,
        unpriced: 0,
        own,
        doubts: Vec::new(),
        names,
        period: preparation.plan.period,
    };
    let mut institutions = Institutions::default();
    let mut waiting = WaitingRows::default();
    for source in preparation.plan.sources.iter().filter(|source| source.system != System::Cpr) {
        reader.money(source, &mut intake, &mut institutions, &mut waiting)?;
    }
    intake.second_pass(preparation, pool, &decisions, waiting, &mut institutions)?;
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
            let convert = |record: &Record<'_>, _| ingest::read_register_row(record);
            let summary = ingest::read_file(input, self.pool, self.observer, convert, take, faults)?;
            self.check_end(input.name, input.layout, &summary, claimed)?;
            Ok(summary)
        })
    }

    fn money(
        &self,
        source: &Source,
        intake: &mut Intake,
        institutions: &mut Institutions,
        waiting: &mut WaitingRows,
    ) -> Result<()> {
        let catalogue = &self.preparation.catalogue;
        let money = MoneyReader { catalogue, system: source.system };
        let kind = self.preparation.layout(source.id)?.tables.first().map(|table| table.kind);
        let tiers = self.preparation.plan.linkage.tiers;
        let mut into = std::mem::take(&mut intake.sources[source.id.index()]);
        let mut days = None;
        self.files(source, &mut into, |input| {
            let Intake { numbers, population, names, money: sums, faults, .. } = &mut *intake;
            let mut outside = Vec::new();
            let linker = Linker::with(numbers, Witness { population, names }, tiers);
            let summary = match kind {
                Some(Kind::Tariffs) => {
                    let convert = |record: &Record<'_>, price| ingest::read_tariff(record, price, catalogue);
                    let take = |rows| {
                        institutions.prices.add(rows);
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
                Some(Kind::Enrolments) => {
                    let convert = |record: &Record<'_>, _| {
                        Ok(match ingest::read_enrolment(record)? {
                            Outcome::Row(row) => {
                                let unpriced = enrolment::unpriced(source.id, catalogue.unknown_benefit(), &row);
                                let item = linked(linker, row.identity, Sought::Citizen, record, unpriced);
                                Outcome::Row((item, row.institution))
                            }
                            Outcome::SortedOut => Outcome::SortedOut,
                        })
                    };
                    let take = |rows: Vec<(Item, Box<str>)>| {
                        for (item, institution) in rows {
                            match item {
                                Item::Waits(entry, identity, clues) => waiting.enrolled.push(Waiting::new(
                                    source.system,
                                    entry,
                                    identity,
                                    clues,
                                    institution,
                                )),
                                settled => institutions.enrolled.push((settled, institution)),
                            }
                        }
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
                _ => {
                    let convert = |record: &Record<'_>, amount| {
                        Ok(match money.read(record, amount)? {
                            Outcome::Row(row) => {
                                let beside = Beside::of(&row);
                                Outcome::Row((item(&row, source, input.file, linker, record), beside))
                            }
                            Outcome::SortedOut => Outcome::SortedOut,
                        })
                    };
                    let take = |rows: Vec<(Item, Beside)>| {
                        for (row, beside) in rows {
                            if beside.others != Ore::ZERO {
                                let reason = UnattributedReason::PaidByOthers;
                                sums.nobody.add(source.id, (beside.service, reason), beside.others)?;
                            }
                            match row {
                                Item::Person(entry, rule) => sums.person(&mut days, entry, beside, Some(rule))?,
                                Item::Outside(cpr, entry) => outside.push((cpr, entry, beside)),
                                Item::Nobody(nobody) => sums.nobody(&nobody)?,
                                Item::Waits(entry, identity, clues) => {
                                    waiting.money.push(Waiting::new(source.system, entry, identity, clues, beside));
                                }
                            }
                        }
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
            };
            for (cpr, entry, beside) in outside {
                let entry = Entry { person: PersonId(numbers.add_outside(cpr)), ..entry };
                sums.person(&mut days, entry, beside, None)?;
            }
            Ok(summary)
        })?;
        into.days = days;
        intake.sources[source.id.index()] = into;
        Ok(())
    }
}

impl Money {
    /// Takes in an entry whose person is known; `None` for one outside the register.
    fn person(
        &mut self,
        days: &mut Option<(Date, Date)>,
        entry: Entry,
        beside: Beside,
        rule: Option<LinkRule>,
    ) -> Result<()> {
        widen(days, &entry);
        self.links.person(&entry, rule)?;
        if rule.is_some_and(|rule| !rule.is_certain()) {
            self.links.weak.push(entry);
        }
        self.refunds.extend(beside.refund_of(&entry));
        self.entries.push(entry);
        Ok(())
    }

    /// Takes in the øre of a row without a person.
    fn nobody(&mut self, row: &WithoutPerson) -> Result<()> {
        self.links.nobody(row)?;
        self.nobody.add(row.source, (row.service, row.reason.ledger), row.ore)
    }
}

impl Intake {
    /// Takes the rows that waited through the rest of the cascade. They are few: each is one that its number did not settle.
    fn second_pass(
        &mut self,
        preparation: &Preparation,
        pool: &Pool,
        decisions: &Decisions,
        waiting: WaitingRows,
        institutions: &mut Institutions,
    ) -> Result<()> {
        let (money, enrolled) = {
            let pass = SecondPass::new(preparation, &self.numbers, &self.population, &self.names, decisions);
            let money = pass.settle(waiting.money, pool, &mut self.doubts);
            (money, pass.settle(waiting.enrolled, pool, &mut self.doubts))
        };
        for (source, item, beside) in money {
            let days = &mut self.sources[source.index()].days;
            match item {
                Item::Person(entry, rule) => self.money.person(days, entry, beside, Some(rule))?,
                Item::Outside(cpr, entry) => {
                    let entry = Entry { person: PersonId(self.numbers.add_outside(cpr)), ..entry };
                    self.money.person(days, entry, beside, None)?;
                }
                Item::Nobody(nobody) => self.money.nobody(&nobody)?,
                Item::Waits(..) => return Err(Error::new(ErrorKind::Internal, "En række ventede to gange")),
            }
        }
        institutions.enrolled.extend(enrolled.into_iter().map(|(_, item, institution)| (item, institution)));
        Ok(())
    }

    /// Prices the enrolments, now that all sources are read and all rows have their answer.
    fn enrol(&mut self, institutions: Institutions) -> Result<()> {
        for (item, institution) in institutions.enrolled {
            let (entry, rule) = match item {
                Item::Person(entry, rule) => (entry, Some(rule)),
                Item::Outside(cpr, entry) => (Entry { person: PersonId(self.numbers.add_outside(cpr)), ..entry }, None),
                Item::Nobody(nobody) => {
                    self.money.links.nobody(&nobody)?;
                    continue;
                }
                Item::Waits(..) => return Err(Error::new(ErrorKind::Internal, "En række ventede to gange")),
            };
            self.money.links.person(&entry, rule)?;
            let priced = institutions.prices.price(&entry, &institution, self.period)?;
            self.unpriced += u64::from(priced.is_empty());
            if rule.is_some_and(|rule| !rule.is_certain()) {
                self.money.links.weak.extend_from_slice(&priced);
            }
            self.money.entries.extend(priced);
        }
        Ok(())
    }
}

/// Turns a row into an entry of its person, or says why it has none.
fn item(row: &MoneyRow, source: &Source, file: u16, linker: Linker<'_>, record: &Record<'_>) -> Item {
    let nobody = |reason: UnattributedReason| {
        let (source, service, ore) = (source.id, row.service, row.amount);
        Item::Nobody(WithoutPerson { source, service, reason: reason.into(), ore })
    };
    match row.posting.nature {
        PostingNature::Refund => return nobody(UnattributedReason::Refund),
        PostingNature::Balance => return nobody(UnattributedReason::Balance),
        PostingNature::InternalIncome => return nobody(UnattributedReason::InternalIncome),
        PostingNature::Cost => {}
    }
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
    linked(linker, row.identity, row.sought, record, entry)
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
