//! Reads all sources: first the register, then the rows of money, each linked to its person as it is read.
//!
//! CPR numbers are seen here only on their way from ingest through linkage; what leaves has positions instead.

use std::collections::BTreeMap;

use super::{
    enrolment,
    families::OwnFiles,
    linked_rows::{LinkedChunk, LinkedRows, OutsideRow, Payer, Paying},
    preparation::Preparation,
};
use crate::{
    base::{Digest, Error, ErrorKind, Event, Fault, Observer, Pool, Result},
    domain::{Cpr, Date, Identity, MunicipalityCode, Ore, OreOverflow, Period, PersonId, ServiceId, SourceId, System},
    ingest::{
        self, FileInput, FileSummary, MoneyReader, Outcome, ReadOptions, Record, RegisterRecords, Tally,
        rows::{BudgetRow, RegisterRow},
    },
    layout::{Kind, Layout},
    ledger::{Booked, Entry, RefundKind, Unattributed, UnattributedReason},
    linkage::{Linked, Linker},
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
        use UnattributedReason::{NoPerson, ReplacementNumber, Unlinked};
        let is_cost = |reason: &UnattributedReason| matches!(reason, NoPerson | ReplacementNumber | Unlinked);
        let costs = self.0.iter().filter(move |((.., reason), _)| is_cost(reason));
        costs.map(|((source, service, _), (rows, ore))| (*source, *service, *rows, *ore))
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
    enrolled: Vec<(Enrolled, Box<str>)>,
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
enum Enrolled {
    Person(Entry),
    Outside(Cpr, Entry),
    Nobody,
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

    fn tariffs(
        &self,
        input: FileInput<'_>,
        prices: &mut enrolment::Prices,
        faults: &mut Vec<Fault>,
    ) -> Result<FileSummary> {
        let catalogue = &self.preparation.catalogue;
        let convert = |record: &Record<'_>, price| ingest::read_tariff(record, price, catalogue);
        let take = |rows| {
            prices.add(rows);
            Ok(())
        };
        ingest::read_file(input, self.pool, self.observer, convert, take, faults)
    }

    fn budgets(
        &self,
        input: FileInput<'_>,
        budget: &mut BTreeMap<(i16, ServiceId), (Ore, Ore)>,
        faults: &mut Vec<Fault>,
    ) -> Result<FileSummary> {
        let catalogue = &self.preparation.catalogue;
        let convert = |record: &Record<'_>, adopted| ingest::read_budget(record, adopted, catalogue);
        let take = |rows: Vec<BudgetRow>| {
            for row in rows {
                let (adopted, corrected) = budget.entry((row.year, row.service)).or_default();
                (*adopted, *corrected) = (adopted.plus(row.adopted)?, corrected.plus(row.corrected)?);
            }
            Ok(())
        };
        ingest::read_file(input, self.pool, self.observer, convert, take, faults)
    }

    fn enrolments(
        &self,
        input: FileInput<'_>,
        source: &Source,
        (linker, paying): (Linker<'_>, Paying),
        enrolled: &mut Vec<(Enrolled, Box<str>)>,
        faults: &mut Vec<Fault>,
    ) -> Result<FileSummary> {
        let service = self.preparation.catalogue.unknown_benefit();
        let convert = |record: &Record<'_>, _| {
            Ok(match ingest::read_enrolment(record)? {
                Outcome::Row(row) => {
                    let unpriced = enrolment::unpriced(source.id, service, &row);
                    Outcome::Row((linked(linker, row.identity, unpriced), row.institution, row.payer))
                }
                Outcome::SortedOut => Outcome::SortedOut,
            })
        };
        let take = |rows: Vec<(Enrolled, Box<str>, Option<MunicipalityCode>)>| {
            for (row, institution, payer) in rows {
                let payer = paying.of(payer).ok_or_else(|| Paying::without_plan(source))?;
                // A place that another municipality pays for costs this one nothing.
                if payer != Payer::Elsewhere {
                    enrolled.push((row, institution));
                }
            }
            Ok(())
        };
        ingest::read_file(input, self.pool, self.observer, convert, take, faults)
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
                Some(Kind::Tariffs) => self.tariffs(input, &mut institutions.prices, faults)?,
                Some(Kind::Budgets) => self.budgets(input, budget, faults)?,
                Some(Kind::Enrolments) => {
                    self.enrolments(input, source, (linker, paying), &mut institutions.enrolled, faults)?
                }
                _ => {
                    let (file, tells_refunds) = (input.file, tells_refunds.as_slice());
                    let rows = LinkedRows { money, source, file, linker, paying, tells_refunds };
                    let take = |mut chunk: LinkedChunk| {
                        rows.check(&chunk)?;
                        entries.append(&mut chunk.entries);
                        for (refunds, new) in refunds.iter_mut().zip(&mut chunk.refunds) {
                            refunds.append(new);
                        }
                        outside.append(&mut chunk.outside);
                        nobody.add_all(chunk.nobody)?;
                        booked.add_all(chunk.booked)?;
                        payers.here.append(&mut chunk.payers.here);
                        payers.elsewhere.append(&mut chunk.payers.elsewhere);
                        if let Some(new) = chunk.days {
                            widen(&mut days, new);
                        }
                        Ok(())
                    };
                    ingest::collect_file(input, self.pool, self.observer, &rows, take, faults)?
                }
            };
            for OutsideRow { cpr, entry, refund, paid_here } in outside {
                let person = PersonId(numbers.add_outside(cpr));
                if paid_here {
                    payers.here.push(person);
                }
                refunds[RefundKind::State.index()].extend(refund.map(|refund| Entry { person, ..refund }));
                entries.push(Entry { person, ..entry });
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
        for (enrolled, institution) in institutions.enrolled {
            let entry = match enrolled {
                Enrolled::Person(entry) => entry,
                Enrolled::Outside(cpr, entry) => Entry { person: PersonId(self.numbers.add_outside(cpr)), ..entry },
                Enrolled::Nobody => continue,
            };
            let priced = institutions.prices.price(&entry, &institution, self.period)?;
            self.unpriced += u64::from(priced.is_empty());
            self.entries.extend(priced);
        }
        Ok(())
    }
}

/// Finds the person of an enrolment.
fn linked(linker: Linker<'_>, identity: Identity, entry: Entry) -> Enrolled {
    match linker.link(identity) {
        Linked::Person { position, .. } => Enrolled::Person(Entry { person: PersonId(position), ..entry }),
        Linked::Outside(cpr) => Enrolled::Outside(cpr, entry),
        Linked::Nobody(_) => Enrolled::Nobody,
    }
}

/// Widens the days known to hold others.
pub(super) fn widen(known: &mut Option<(Date, Date)>, (from, to): (Date, Date)) {
    *known = Some(known.map_or((from, to), |known| (known.0.min(from), known.1.max(to))));
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
