//! Reads all sources: first the register, then the rows of money, each linked to its person as it is read.
//!
//! CPR numbers are seen here only on their way from ingest through linkage; what leaves has positions instead.

use std::collections::BTreeMap;

use super::{
    enrolment,
    families::OwnFiles,
    linked_rows::{LinkedChunk, LinkedRows},
    linking::{self, Doubt, Item, SecondPass, Waiting},
    money::{Beside, Money, Payer, Paying, widen},
    preparation::Preparation,
};
use crate::{
    base::{Digest, Error, ErrorKind, Event, Fault, Observer, Pool, Result, Spare},
    domain::{Date, Ore, Period, PersonId, Pseudonym, ServiceId, System},
    ingest::{
        self, FileInput, FileSummary, MoneyReader, Outcome, ReadOptions, Record, RegisterRecords, Sought, Tally,
        rows::{BudgetRow, EnrolmentRow, RegisterRow},
    },
    layout::{Kind, Layout},
    ledger::{Booked, Entry, Gathering},
    linkage::{Decisions, First, Linker, Witness},
    plan::Source,
    pseudonym::ProjectKey,
    register::{Numbers, PersonNames, Population, RegisterBuilder, RegisterCounts},
};

/// All that was read. Persons are positions of the register until [`super::run`] gives them their ids.
pub(super) struct Intake {
    pub(super) numbers: Numbers,
    pub(super) population: Population,
    pub(super) register: RegisterCounts,
    pub(super) money: Money,
    /// The rows of persons.
    pub(super) gathering: Gathering,
    pub(super) project_key: ProjectKey,
    /// By position: the pseudonym, which decides where a person's rows are gathered.
    pub(super) pseudonyms: Vec<Pseudonym>,
    /// By source: what a ledger file holds as read; nothing for other sources.
    pub(super) booked: Vec<Booked>,
    pub(super) sources: Vec<SourceIntake>,
    pub(super) faults: Vec<Fault>,
    /// Adopted and corrected budget by year and account group.
    pub(super) budget: BTreeMap<(i16, ServiceId), (Ore, Ore)>,
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

/// An enrolment with its answer, and the institution.
type Enrolled = (Item, Box<str>);

/// What enrolments and price lists say, until both are read.
#[derive(Default)]
struct Institutions {
    prices: enrolment::Prices,
    enrolled: Vec<Enrolled>,
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
    let names = names.settle(&numbers, pool);
    for (note, count) in register.notes() {
        observer.event(Event::Note { text: &format!("Registret: {count} {}", note.danish()) });
    }
    let project_key = ProjectKey::derive(&preparation.key, preparation.project());
    let mut own = OwnFiles::read(preparation, &numbers)?;
    let (decisions, review, read) = linking::decisions(preparation)?;
    own.inputs.extend(read);
    own.review = review;
    let mut intake = Intake {
        numbers,
        population,
        register,
        money: Money::default(),
        gathering: Gathering::default(),
        project_key,
        pseudonyms: Vec::new(),
        budget: BTreeMap::new(),
        booked: vec![Booked::default(); preparation.plan.sources.len()],
        sources,
        faults,
        unpriced: 0,
        own,
        doubts: Vec::new(),
        names,
        period: preparation.plan.period,
    };
    intake.tell_of_persons(pool);
    intake.gathering.expect(reader.rows_at_most());
    let mut institutions = Institutions::default();
    let mut waiting = WaitingRows::default();
    for source in preparation.plan.sources.iter().filter(|source| source.system != System::Cpr) {
        reader.money(source, &mut intake, &mut institutions, &mut waiting)?;
    }
    intake.second_pass(preparation, pool, &decisions, waiting, &mut institutions)?;
    intake.enrol(institutions)?;
    intake.tell_of_persons(pool);
    intake.gathering.take(&mut intake.money.entries);
    Ok(intake)
}

/// Bytes of a row of money that few exports stay under.
const SHORTEST_ROW: u64 = 100;

struct Reader<'a> {
    preparation: &'a Preparation,
    pool: &'a Pool,
    chunk_bytes: usize,
    observer: &'a dyn Observer,
}

impl Reader<'_> {
    /// How many rows of money there will hardly be more of, by the size of the files.
    fn rows_at_most(&self) -> usize {
        let is_money = |source| self.preparation.plan.source(source).system != System::Cpr;
        let inputs = self.preparation.inputs.iter().filter(|input| is_money(input.source));
        let bytes = inputs.flat_map(|input| &input.files).filter_map(|path| std::fs::metadata(path).ok());
        usize::try_from(bytes.map(|file| file.len()).sum::<u64>() / SHORTEST_ROW).unwrap_or(0)
    }

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
        (enrolled, waiting): (&mut Vec<Enrolled>, &mut Vec<Waiting<Box<str>>>),
        faults: &mut Vec<Fault>,
    ) -> Result<FileSummary> {
        let service = self.preparation.catalogue.unknown_benefit();
        let convert = |record: &Record<'_>, _| {
            Ok(match ingest::read_enrolment(record)? {
                Outcome::Row(row) => {
                    let unpriced = enrolment::unpriced(source.id, service, &row);
                    let first = linker.first(row.identity, Sought::Citizen, record);
                    Outcome::Row((unpriced, first, row))
                }
                Outcome::SortedOut => Outcome::SortedOut,
            })
        };
        let take = |rows: Vec<(Entry, First, EnrolmentRow)>| {
            for (entry, first, EnrolmentRow { identity, institution, payer, .. }) in rows {
                let payer = paying.of(payer).ok_or_else(|| Paying::without_plan(source))?;
                // A place that another municipality pays for costs this one nothing.
                if payer == Payer::Elsewhere {
                    continue;
                }
                match first {
                    First::Settled(found) => enrolled.push((linking::item(found, entry), institution)),
                    First::Waits(clues) => {
                        waiting.push(Waiting::new(source.system, entry, identity, clues, institution));
                    }
                }
            }
            Ok(())
        };
        ingest::read_file(input, self.pool, self.observer, convert, take, faults)
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
        let kind = self.preparation.kind(source.id)?;
        let tells_refunds = self.preparation.tells_refunds(source.system);
        let tiers = self.preparation.plan.linkage.tiers;
        let mut into = std::mem::take(&mut intake.sources[source.id.index()]);
        let mut days = None;
        self.files(source, &mut into, |input| {
            let Intake { numbers, population, names, money: sums, gathering, booked, budget, faults, period, .. } =
                &mut *intake;
            let booked = &mut booked[source.id.index()];
            let mut outside = Vec::new();
            let linker = Linker::with(numbers, Witness { population, names }, tiers);
            let paying = Paying { here: self.preparation.plan.municipality, period: *period };
            let summary = match kind {
                Some(Kind::Tariffs) => self.tariffs(input, &mut institutions.prices, faults)?,
                Some(Kind::Budgets) => self.budgets(input, budget, faults)?,
                Some(Kind::Enrolments) => {
                    let into = (&mut institutions.enrolled, &mut waiting.enrolled);
                    self.enrolments(input, source, (linker, paying), into, faults)?
                }
                _ => {
                    let (file, tells_refunds) = (input.file, tells_refunds.as_slice());
                    let learnt = Spare::default();
                    let rows = LinkedRows { money, source, file, linker, paying, tells_refunds, learnt };
                    let take = |mut chunk: LinkedChunk| {
                        rows.check(&chunk)?;
                        gathering.take(&mut chunk.rows.entries);
                        sums.append(chunk.rows)?;
                        outside.append(&mut chunk.outside);
                        waiting.money.append(&mut chunk.waiting);
                        booked.add_all(chunk.booked)?;
                        if let Some(new) = chunk.days {
                            widen(&mut days, new);
                        }
                        Ok(())
                    };
                    ingest::collect_file(input, self.pool, self.observer, &rows, take, faults)?
                }
            };
            for row in outside {
                let person = PersonId(numbers.add_outside(row.cpr));
                sums.outside(&mut days, &row, person)?;
            }
            Ok(summary)
        })?;
        into.days = days;
        intake.sources[source.id.index()] = into;
        Ok(())
    }
}

impl Intake {
    /// Gives the persons that are new their pseudonyms, so that their rows can be gathered.
    fn tell_of_persons(&mut self, pool: &Pool) {
        let known = u32::try_from(self.pseudonyms.len()).expect("as many as positions");
        let new: Vec<u32> = (known..self.numbers.len()).collect();
        let (key, numbers) = (&self.project_key, &self.numbers);
        let pseudonyms = pool.map(&new, |position| key.pseudonym(numbers.cpr(*position)));
        for pseudonym in &pseudonyms {
            self.gathering.add_person(*pseudonym);
        }
        self.pseudonyms.extend(pseudonyms);
    }

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
            let money = pass.settle(waiting.money, pool, &mut self.doubts, &mut self.own.review);
            (money, pass.settle(waiting.enrolled, pool, &mut self.doubts, &mut self.own.review))
        };
        let paying = Paying { here: preparation.plan.municipality, period: self.period };
        for (source, item, beside) in money {
            let days = &mut self.sources[source.index()].days;
            if let Some(row) = self.money.take(days, item, beside, paying)? {
                let person = PersonId(self.numbers.add_outside(row.cpr));
                self.money.outside(days, &row, person)?;
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
                Item::Nobody(row) => {
                    self.money.links.nobody(&row)?;
                    continue;
                }
            };
            self.money.links.person(&entry, rule)?;
            let priced = institutions.prices.price(&entry, &institution, self.period)?;
            self.unpriced += u64::from(priced.is_empty());
            for entry in priced {
                self.money.push(entry, rule);
            }
        }
        Ok(())
    }
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
