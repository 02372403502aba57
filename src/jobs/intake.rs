//! Reads all sources: first the register, then the rows of money, each linked to its person as it is read.
//!
//! CPR numbers are seen here only on their way from ingest through linkage; what leaves has positions instead.

use std::collections::BTreeMap;

use super::{enrolment, families::OwnFiles, preparation::Preparation};
use crate::{
    base::{Digest, Error, ErrorKind, Event, Fault, Observer, Pool, Result},
    domain::{Cpr, Date, Identity, Ore, OreOverflow, Period, PersonId, ServiceId, SourceId, System},
    ingest::{
        self, Collect, FileInput, FileSummary, KnownCells, MoneyReader, Outcome, ReadOptions, Record, RegisterRecords,
        Reject, Tally,
        rows::{MoneyRow, PostingNature, RegisterRow},
    },
    layout::{Kind, Layout},
    ledger::{Entry, Unattributed, UnattributedReason},
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
    /// State refunds of entries: alike in all but the amount, which is the refund.
    pub(super) refunds: Vec<Entry>,
    pub(super) nobody: Nobody,
    pub(super) sources: Vec<SourceIntake>,
    pub(super) faults: Vec<Fault>,
    /// Enrolments for which no price list has a price.
    pub(super) unpriced: u64,
    /// The municipality's own files about families.
    pub(super) own: OwnFiles,
    period: Period,
}

/// Kroner that reach no person, by source, service and reason.
#[derive(Default)]
pub(super) struct Nobody(BTreeMap<(SourceId, ServiceId, UnattributedReason), (u64, Ore)>);

impl Nobody {
    fn add(
        &mut self,
        key: (SourceId, ServiceId, UnattributedReason),
        (rows, ore): (u64, Ore),
    ) -> Result<(), OreOverflow> {
        let sum = self.0.entry(key).or_default();
        *sum = (sum.0 + rows, sum.1.plus(ore)?);
        Ok(())
    }

    fn add_all(&mut self, others: Self) -> Result<(), OreOverflow> {
        others.0.into_iter().try_for_each(|(key, sum)| self.add(key, sum))
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

/// An enrolment after linkage.
enum Item {
    Person(Entry),
    Outside(Cpr, Entry),
    Nobody,
}

/// Reads the rows of a file of money and finds their persons.
struct MoneyRows<'a> {
    money: MoneyReader<'a>,
    source: SourceId,
    file: u16,
    linker: Linker<'a>,
}

/// The rows of one chunk. Their persons are looked up for the whole chunk at once, so that the processor waits for many
/// places of the register's table at a time.
#[derive(Default)]
struct MoneyChunk {
    known: KnownCells,
    identities: Vec<Identity>,
    entries: Vec<Entry>,
    /// The entries' refunds, by their place among the entries; few rows have one.
    refund_of: Vec<(usize, Ore)>,
    refunds: Vec<Entry>,
    /// Persons outside the register, with the refund.
    outside: Vec<(Cpr, Entry, Ore)>,
    nobody: Nobody,
    days: Option<(Date, Date)>,
    overflow: bool,
}

impl Collect for MoneyRows<'_> {
    type Chunk = MoneyChunk;

    fn add(&self, chunk: &mut MoneyChunk, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject> {
        let row = match self.money.read_knowing(&mut chunk.known, record, face)? {
            Outcome::Row(row) => row,
            Outcome::SortedOut => return Ok(Outcome::SortedOut),
        };
        if row.posting.paid_by_others != Ore::ZERO {
            self.nobody(chunk, row.service, UnattributedReason::PaidByOthers, row.posting.paid_by_others);
        }
        let reason = match row.posting.nature {
            PostingNature::Cost => None,
            PostingNature::Refund => Some(UnattributedReason::Refund),
            PostingNature::Balance => Some(UnattributedReason::Balance),
            PostingNature::InternalIncome => Some(UnattributedReason::InternalIncome),
        };
        if let Some(reason) = reason {
            self.nobody(chunk, row.service, reason, row.amount);
        } else {
            if row.posting.refund != Ore::ZERO {
                chunk.refund_of.push((chunk.entries.len(), row.posting.refund));
            }
            chunk.identities.push(row.identity);
            chunk.entries.push(self.entry(&row));
        }
        Ok(Outcome::Row(()))
    }

    fn finish(&self, chunk: &mut MoneyChunk) {
        let mut refunds = std::mem::take(&mut chunk.refund_of).into_iter().peekable();
        let mut kept = 0;
        for (place, identity) in std::mem::take(&mut chunk.identities).into_iter().enumerate() {
            let mut entry = chunk.entries[place];
            let refund = refunds.next_if(|(of, _)| *of == place).map(|(_, refund)| refund);
            match self.linker.link(identity) {
                Linked::Person { position, .. } => {
                    entry.person = PersonId(position);
                    widen(&mut chunk.days, &entry);
                    chunk.refunds.extend(refund.map(|amount| Entry { amount, ..entry }));
                    chunk.entries[kept] = entry;
                    kept += 1;
                }
                Linked::Outside(cpr) => {
                    widen(&mut chunk.days, &entry);
                    chunk.outside.push((cpr, entry, refund.unwrap_or_default()));
                }
                Linked::Nobody(reason) => self.nobody(chunk, entry.service, unattributed(reason), entry.amount),
            }
        }
        chunk.entries.truncate(kept);
    }
}

impl MoneyRows<'_> {
    fn nobody(&self, chunk: &mut MoneyChunk, service: ServiceId, reason: UnattributedReason, amount: Ore) {
        chunk.overflow |= chunk.nobody.add((self.source, service, reason), (1, amount)).is_err();
    }

    fn entry(&self, row: &MoneyRow) -> Entry {
        Entry {
            person: PersonId(0),
            service: row.service,
            role: row.role,
            source: self.source,
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
        refunds: Vec::new(),
        nobody: Nobody::default(),
        sources,
        faults,
        unpriced: 0,
        own,
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
            let take = |rows: Vec<RegisterRow>| {
                for row in rows {
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
            let summary = ingest::collect_file(input, self.pool, self.observer, &RegisterRecords, take, faults)?;
            self.check_end(input.name, input.layout, &summary, claimed)?;
            Ok(summary)
        })
    }

    fn money(&self, source: &Source, intake: &mut Intake, institutions: &mut Institutions) -> Result<()> {
        let catalogue = &self.preparation.catalogue;
        let money = MoneyReader { catalogue, system: source.system };
        let kind = self.preparation.layout(source.id)?.tables.first().map(|table| table.kind);
        let mut into = std::mem::take(&mut intake.sources[source.id.index()]);
        let mut days = None;
        self.files(source, &mut into, |input| {
            let Intake { numbers, entries, refunds, nobody, faults, .. } = &mut *intake;
            let mut outside = Vec::new();
            let linker = Linker::new(numbers);
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
                                Outcome::Row((linked(linker, row.identity, unpriced), row.institution))
                            }
                            Outcome::SortedOut => Outcome::SortedOut,
                        })
                    };
                    let take = |rows: Vec<(Item, Box<str>)>| {
                        institutions.enrolled.extend(rows);
                        Ok(())
                    };
                    ingest::read_file(input, self.pool, self.observer, convert, take, faults)?
                }
                _ => {
                    let rows = MoneyRows { money, source: source.id, file: input.file, linker };
                    let take = |mut chunk: MoneyChunk| {
                        if chunk.overflow {
                            return Err(OreOverflow.into());
                        }
                        nobody.add_all(chunk.nobody)?;
                        entries.append(&mut chunk.entries);
                        refunds.append(&mut chunk.refunds);
                        outside.append(&mut chunk.outside);
                        days = [days, chunk.days].into_iter().flatten().reduce(widest);
                        Ok(())
                    };
                    ingest::collect_file(input, self.pool, self.observer, &rows, take, faults)?
                }
            };
            for (cpr, entry, refund) in outside {
                let entry = Entry { person: PersonId(numbers.add_outside(cpr)), ..entry };
                if refund != Ore::ZERO {
                    refunds.push(Entry { amount: refund, ..entry });
                }
                entries.push(entry);
            }
            Ok(summary)
        })?;
        into.days = days;
        intake.sources[source.id.index()] = into;
        Ok(())
    }
}

impl Intake {
    /// Prices the enrolments, now that all sources are read.
    fn enrol(&mut self, institutions: Institutions) -> Result<()> {
        for (item, institution) in institutions.enrolled {
            let entry = match item {
                Item::Person(entry) => entry,
                Item::Outside(cpr, entry) => Entry { person: PersonId(self.numbers.add_outside(cpr)), ..entry },
                Item::Nobody => continue,
            };
            let priced = institutions.prices.price(&entry, &institution, self.period)?;
            self.unpriced += u64::from(priced.is_empty());
            self.entries.extend(priced);
        }
        Ok(())
    }
}

/// Finds the person of an entry.
fn linked(linker: Linker<'_>, identity: Identity, entry: Entry) -> Item {
    match linker.link(identity) {
        Linked::Person { position, .. } => Item::Person(Entry { person: PersonId(position), ..entry }),
        Linked::Outside(cpr) => Item::Outside(cpr, entry),
        Linked::Nobody(_) => Item::Nobody,
    }
}

const fn unattributed(reason: NoPersonReason) -> UnattributedReason {
    match reason {
        NoPersonReason::Missing => UnattributedReason::NoPerson,
        NoPersonReason::Replacement => UnattributedReason::ReplacementNumber,
        NoPersonReason::UnconfirmedLostZero => UnattributedReason::Unlinked,
    }
}

fn widen(days: &mut Option<(Date, Date)>, entry: &Entry) {
    let own = (entry.from, entry.to);
    *days = Some(days.map_or(own, |known| widest(known, own)));
}

fn widest(one: (Date, Date), other: (Date, Date)) -> (Date, Date) {
    (one.0.min(other.0), one.1.max(other.1))
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
