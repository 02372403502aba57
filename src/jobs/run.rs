//! The main job: exports in, families by kroner and by number of services out.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    delivery,
    families::{self, Around, ExtraInput, Found},
    intake::{self, Intake, SourceIntake},
    linking::TierCount,
    look::Look,
    money::{Money, Payers},
    preparation::{self, Preparation, Request},
    review,
    sensitivity::{Sensitivity, Strong},
};
use crate::{
    analysis::{
        self, Basis, Bridge, BudgetLine, MonthLine, MonthlyOre, Quality, RankSettings, Ranking, ServiceFacts, Shares,
        Step, Supplements, UnitFigures, UnitFilter,
        units::{figures_of, replaced},
    },
    base::{Digest, Error, ErrorKind, Event, Fault, Files, Observer, Pool, Result},
    domain::{Date, Label, Ore, PersonId, Pseudonym, Role, SourceId, UnitId},
    evidence::Review,
    family::{UnitForm, Units, episodes},
    ledger::{
        self, Booked, Bundles, Coverage, CoverageShare, Entry, Gathering, Lags, Ledger, Line, Received, Refund,
        RefundKind, Settlement,
    },
    plan,
    pseudonym::{LabelKey, ProjectKey, RowKey, RunKey, UnitKind, inputs_digest},
    register::{Parent, Population, RegisterCounts},
    report::Rows,
    rundir::RunDirWriter,
};

/// How to run: nothing of it changes an output outside `bevis/`.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Worker threads.
    pub threads: usize,
    /// Bytes per chunk; 0 for the default.
    pub chunk_bytes: usize,
    /// When the run began, RFC 3339.
    pub started: String,
    /// The door to the file system.
    pub files: Files,
}

impl Execution {
    /// The day on which the run began.
    fn today(&self) -> Result<Date> {
        let day = self.started.get(..10).and_then(|day| Date::parse_iso(day).ok());
        day.ok_or_else(|| Error::new(ErrorKind::Internal, "Kørslens begyndelse er intet tidspunkt på formen RFC 3339"))
    }
}

/// What the run found, for the summary on the screen.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Where the outputs stand.
    pub directory: PathBuf,
    /// What the report was made from.
    pub model: crate::report::ReportModel,
    /// Register counts.
    pub register: RegisterCounts,
    /// Rows of all register sources by table or record type, those that are counted and not read included.
    pub register_records: BTreeMap<String, u64>,
    /// Residents on the reference date.
    pub residents: u64,
    /// Households with more than one member, their members, and the largest.
    pub shared: SharedHouseholds,
}

/// Households that persons share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedHouseholds {
    /// Households, dwellings with one resident included.
    pub households: u64,
    /// Households of two persons or more.
    pub shared: u64,
    /// Their members.
    pub sharing: u64,
    /// Members of the largest.
    pub largest: u64,
}

/// All that is known when the last number is computed and nothing has been written.
pub(super) struct Findings {
    pub(super) sources: Vec<SourceIntake>,
    pub(super) faults: Vec<Fault>,
    /// By source: rows whose account, paragraph or benefit the catalogue does not know.
    pub(super) unknown: Vec<Rows>,
    pub(super) register: RegisterCounts,
    pub(super) population: Population,
    /// By person: the id that may be written.
    pub(super) written: Vec<Pseudonym>,
    /// By person: whether the register knows the person.
    pub(super) in_register: Vec<bool>,
    pub(super) ledger: Ledger,
    /// Households, families and case families.
    pub(super) found: Found,
    /// Who is paid for by whom, where the sources say so.
    pub(super) payers: Payers,
    /// Which of them is ranked, by its place among the kinds.
    pub(super) ranked: usize,
    pub(super) extra_inputs: Vec<ExtraInput>,
    /// What reviewers decided and how far they agree.
    pub(super) review: Review,
    pub(super) ranking: Ranking,
    pub(super) shares: Shares,
    pub(super) quality: Quality,
    pub(super) bridge: Bridge,
    /// How rows found their persons.
    pub(super) tiers: Vec<TierCount>,
    /// What the lists would be without links that are not certain.
    pub(super) sensitivity: Sensitivity,
    /// From the ledger's total to the ranking's.
    pub(super) steps: Vec<(Step, Ore)>,
    /// The coverage over all ledger files.
    pub(super) coverage: CoverageShare,
    pub(super) budget: Vec<BudgetLine>,
    pub(super) months: Vec<MonthLine>,
    /// By source: how late its payments come.
    pub(super) lags: Vec<Lags>,
    /// With and without supplements; `None` when there are none.
    pub(super) supplements: Option<Supplements>,
    /// By person: whether it was grown (23 years) when the period began.
    pub(super) grown: Vec<bool>,
    pub(super) digest: Digest,
    pub(super) project_key: ProjectKey,
    /// Blinds the rows behind the ledger's spells.
    pub(super) row_key: RowKey,
}

impl Findings {
    /// The label of a person's unit; none for who is in no unit.
    pub(super) fn label(&self, person: PersonId) -> Option<Label> {
        self.found.label(self.ranked, person)
    }
}

/// Runs a plan and delivers everything or nothing. `ended` tells the time when asked.
///
/// # Errors
/// What [`preparation::prepare`] finds, an input that cannot be read, too many faults, or an output that cannot be
/// written. The target is then as it was.
pub fn run(
    request: &Request,
    execution: &Execution,
    ended: impl Fn() -> String,
    observer: &dyn Observer,
) -> Result<RunSummary> {
    observer.event(Event::Stage { name: "Plan, kilder og nøgle", total: None });
    let preparation = preparation::prepare(request)?;
    observer.event(Event::StageDone);
    let writer = RunDirWriter::begin(execution.files.clone(), preparation.plan.output(), request.replace)?;
    let pool = Pool::new(execution.threads)?;
    let outdated = review::remove_outdated(&preparation.plan, execution.today()?, &execution.files, observer)?;
    let mut intake = intake::take_in(&preparation, &pool, execution.chunk_bytes, observer)?;
    intake.own.review.outdated = outdated;
    if intake.unpriced > 0 {
        let text = format!("{} indskrivninger har ingen takst i takstlisten og tæller ikke med", intake.unpriced);
        observer.event(Event::Note { text: &text });
    }
    observer.event(Event::Stage { name: "Regnskab og familier", total: None });
    let findings = compute(&preparation, intake, &pool)?;
    observer.event(Event::StageDone);
    for (source, coverage) in &findings.ledger.coverage {
        let text = coverage_note(&preparation.plan, *source, coverage.share()?);
        observer.event(Event::Note { text: &text });
    }
    delivery::deliver(&preparation, findings, writer, execution, &pool, ended)
}

/// From rows to answers.
fn compute(preparation: &Preparation, mut intake: Intake, pool: &Pool) -> Result<Findings> {
    let plan = &preparation.plan;
    let digest = digest_of(preparation, &intake);
    intake.population.add_outside(&intake.numbers);
    let persons = name(&intake.pseudonyms, pool);
    // From here on nobody can name anyone.
    drop((intake.numbers, intake.names, intake.doubts));
    let Intake { population, money, gathering, project_key, mut own, booked, .. } = intake;
    let Money { refunds, nobody, mut links, mut payers, .. } = money;
    let weak = renumber(std::mem::take(&mut links.weak), &persons.ids);
    let tiers = links.counts();
    let (population, mut rows) = under_ids(population, gathering, &persons.ids, pool)?;
    let everybody = || (0..u32::try_from(persons.ids.len()).unwrap_or(u32::MAX)).map(PersonId);
    let in_register: Vec<bool> = everybody().map(|person| population.is_delivered(person)).collect();
    own.renumber(&persons.ids);
    payers.renumber(&persons.ids);
    let services = service_facts(preparation);
    let mut settlement = preparation.settlement(&rows, &population);
    let guardians = guardians(rows.granted(), &population);
    settlement.moved = ledger::move_to_children(&mut rows, &guardians, &settlement, pool)?;
    let grown: Vec<bool> = everybody().map(|person| is_grown(&population, person, plan.period.from)).collect();
    let strong = Strong::of(&rows, weak, &settlement, pool)?;
    let look = Look::new(preparation, &services, &population);
    let (mut ledger, mut seen) = look.settle(rows, nobody, &settlement, pool)?;
    let (refunds, received) =
        pool.join(|| refunds_of(refunds, &persons.ids, &settlement), || ledger::received(&ledger.spells, pool));
    ledger.refunds = refunds?;
    let received = received?;
    let ledgers = preparation.ledgers()?;
    let (coverage, starts) = pool.join(
        || coverage_of(preparation, &ledgers, &received, &ledger.lines, &booked),
        || ledger::starts(&received, population.len()),
    );
    ledger.coverage = coverage?;
    let coverage = Coverage::share_of(ledger.coverage.iter().map(|(_, coverage)| coverage))?;

    let keys = Keys::new(&project_key, plan.labels, &digest);
    let around = Around {
        population: &population,
        ledger: &ledger,
        received: &received,
        starts: &starts,
        services: &services,
        in_register: &in_register,
        grown: &grown,
        paid_here: &payers.here,
    };
    let label = |kind, members: &mut dyn Iterator<Item = PersonId>| keys.label(kind, members, &persons.pseudonyms);
    let found = Found::of(preparation, &around, &episodes(std::mem::take(&mut seen.placements)), &own, label, pool)?;
    let chosen = families::place(plan.families.unit);
    let ranked = &found.ranked[chosen];
    let basis = Basis {
        ledger: &ledger,
        received: &received,
        starts: &starts,
        services: &services,
        unit_of: ranked.units.of_person(),
        resident: &found.resident,
        in_register: &in_register,
        grown: &grown,
        measure: plan.ranking.measure,
        prices: preparation.prices.as_ref(),
        manual: plan.ranking.manual,
    };
    let (answers, months) =
        pool.join(|| Answers::of(&basis, ranked, strong, plan, pool), || months(&basis, &own.closed, plan, pool));
    let Answers { ranking, sensitivity, supplements, shares, quality, bridge } = answers?;
    let months = months?;
    bridge.check(&ledger, &ranked.figures, &seen.faces())?;
    let steps = analysis::steps::steps(&bridge, &by_year(&booked)?, &ledgers)?;
    Ok(Findings {
        sources: intake.sources,
        faults: intake.faults,
        unknown: seen.unknown,
        register: intake.register,
        population,
        written: persons.pseudonyms.iter().map(|pseudonym| keys.written(*pseudonym)).collect(),
        in_register,
        ledger,
        found,
        payers,
        ranked: chosen,
        extra_inputs: own.inputs,
        review: own.review,
        ranking,
        shares,
        quality,
        bridge,
        tiers,
        sensitivity,
        steps,
        coverage,
        budget: analysis::budget::budget(&intake.budget, &booked)?,
        months,
        lags: seen.lags,
        supplements,
        grown,
        digest,
        row_key: keys.rows,
        project_key,
    })
}

/// Gives everybody the ids of the run, in the population and in the rows.
fn under_ids(
    population: Population,
    gathering: Gathering,
    ids: &[PersonId],
    pool: &Pool,
) -> Result<(Population, Bundles)> {
    let (population, rows) =
        pool.join(|| population.renumber(ids), || Bundles::new(gathering, |person| ids[person.index()], pool));
    Ok((population, rows?))
}

/// What is asked of the ranked units.
struct Answers {
    ranking: Ranking,
    sensitivity: Sensitivity,
    supplements: Option<Supplements>,
    shares: Shares,
    quality: Quality,
    bridge: Bridge,
}

impl Answers {
    /// Answers that need all threads come first, then two sides at the same time.
    fn of(
        basis: &Basis<'_>,
        ranked: &families::Ranked,
        strong: Strong,
        plan: &plan::Plan,
        pool: &Pool,
    ) -> Result<Self> {
        let figures = &ranked.figures;
        let (touched, strong) = strong.figures(basis, &ranked.units, &ranked.labels, pool)?;
        let supplemented = supplemented(basis, ranked, pool)?;
        let ((ranking, supplements), (shares, quality, bridge)) = pool.join(
            || {
                let ranking = analysis::rank::rank(figures, rank_settings(plan));
                (ranking, supplemented.map(|other| supplements(basis, ranked, &other, plan)).transpose())
            },
            || {
                let shares = analysis::shares::shares(basis, figures, current(&ranked.units));
                (shares, Quality::of(basis), Bridge::of(basis))
            },
        );
        let (ranking, supplements) = (ranking?, supplements?);
        let sensitivity = Sensitivity::of(figures, &ranking, (&touched, &strong))?;
        Ok(Self { ranking, sensitivity, supplements, shares, quality: quality?, bridge: bridge? })
    }
}

/// Units that are here on the reference date.
fn current(units: &Units) -> usize {
    units.iter().filter(|(_, unit)| unit.form != UnitForm::Former).count()
}

/// The kroner of the ranking by month, closed months beside what they were closed at.
fn months(basis: &Basis<'_>, closed: &MonthlyOre, plan: &plan::Plan, pool: &Pool) -> Result<Vec<MonthLine>> {
    let through = plan.closed.as_ref().map(|closed| closed.through);
    Ok(analysis::months::lines(&analysis::months::monthly(basis, pool)?, closed, through))
}

/// What came back, of every kind, sorted; rows are positions of the register until they get their ids here.
fn refunds_of(
    refunds: [Vec<Entry>; RefundKind::ALL.len()],
    ids: &[PersonId],
    settlement: &Settlement,
) -> Result<Vec<Refund>> {
    let mut all = Vec::new();
    for (kind, rows) in RefundKind::ALL.into_iter().zip(refunds) {
        all.extend(ledger::refunds(kind, renumber(rows, ids), settlement)?);
    }
    all.sort_unstable();
    Ok(all)
}

/// How much of each ledger file reached a person.
fn coverage_of(
    preparation: &Preparation,
    ledgers: &[SourceId],
    received: &[Received],
    lines: &[Line],
    booked: &[Booked],
) -> Result<Vec<(SourceId, Coverage)>> {
    let person_booked = |service| preparation.catalogue.service(service).person_booked;
    let of = |source: &SourceId| {
        Ok((*source, Coverage::of(received, lines, *source, &booked[source.index()], person_booked)?))
    };
    ledgers.iter().map(of).collect()
}

/// The coverage in words, and whether it is enough.
fn coverage_note(plan: &plan::Plan, source: SourceId, share: CoverageShare) -> String {
    let name = &plan.source(source).name.value;
    match share {
        CoverageShare::Known(parts) => {
            let percent = format!("{},{}", parts / 10_000, parts / 1_000 % 10);
            let limit = plan.settlement.coverage_limit;
            let verdict = if share.withholds(limit) { ": under planens dækningsgrænse" } else { "" };
            format!("{name}: {percent} % af kronerne på borgerbogførte konti har en borger{verdict}")
        }
        CoverageShare::Unknown => format!("{name}: dækningen er ukendt, for filen er ikke et helt regnskab"),
    }
}

/// The age from which nobody has a child's or young person's services any more: aftercare ends at 23.
pub(super) const GROWN: i16 = 23;

fn is_grown(population: &Population, person: PersonId, day: Date) -> bool {
    population.age_on(person, day).is_some_and(|age| age >= GROWN)
}

/// Pairs of a parent or custody holder and a child that a grant names, sorted.
fn guardians(granted: &[Entry], population: &Population) -> Vec<(PersonId, PersonId)> {
    let mut children: Vec<PersonId> = granted.iter().map(|row| row.person).collect();
    children.sort_unstable();
    children.dedup();
    let mut pairs = Vec::new();
    for child in children {
        let parents = population.parents(child).map(Parent::person);
        let holders = population.custody(child).filter_map(|custody| custody.holder);
        pairs.extend(parents.chain(holders).filter(|guardian| *guardian != child).map(|guardian| (guardian, child)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The figures of the units with supplements where those count, if they do not, and the other way round; `None` without any.
fn supplemented(basis: &Basis<'_>, ranked: &families::Ranked, pool: &Pool) -> Result<Option<Vec<UnitFigures>>> {
    let manual = || basis.received.iter().filter(|received| received.role == Role::Manual);
    let mut units: Vec<UnitId> = manual().filter_map(|received| basis.unit(received.person)).collect();
    units.sort_unstable();
    units.dedup();
    let other = Basis { manual: !basis.manual, ..*basis };
    let figures = || figures_of(&other, &ranked.units, &ranked.labels, &units, pool);
    manual().next().map(|_| figures()).transpose()
}

/// The ranking with and without supplements. A plan that counts them is refused unless they were collected for every candidate.
fn supplements(
    basis: &Basis<'_>,
    ranked: &families::Ranked,
    other: &[UnitFigures],
    plan: &plan::Plan,
) -> Result<Supplements> {
    let (own, other) = (ranked.figures.iter().collect(), replaced(&ranked.figures, other));
    let (without, with): (Vec<&UnitFigures>, _) = if basis.manual { (other, own) } else { (own, other) };
    let found = Supplements::of(basis, [&without, &with], rank_settings(plan))?;
    if plan.ranking.manual && !found.may_be_ranked() {
        return Err(Error::new(
            ErrorKind::Plan,
            format!(
                "Manuelle tillæg er kun samlet ind for {} af de {} familier, der kan komme på listen",
                found.collected, found.candidates
            ),
        )
        .hint("Ellers ser de familier, man har slået op, dyrere ud end naboen på listen.")
        .hint("Saml tillæg for alle kandidater (dobbelt så mange som listen), også dem på 0 kr., eller skriv manuel = false."));
    }
    Ok(found)
}

/// What all ledger files hold, by accounting year.
fn by_year(booked: &[Booked]) -> Result<BTreeMap<i16, Ore>> {
    let mut years = BTreeMap::<i16, Ore>::new();
    for file in booked {
        for (year, ore) in file.by_year()? {
            let sum = years.entry(year).or_default();
            *sum = sum.plus(ore)?;
        }
    }
    Ok(years)
}

/// The persons of a run under their pseudonyms.
struct Persons {
    /// By position of the register: the id.
    ids: Vec<PersonId>,
    /// By id, sorted.
    pseudonyms: Vec<Pseudonym>,
}

/// Gives every person an id in the order of pseudonyms, so that no order follows the numbers.
fn name(pseudonyms: &[Pseudonym], pool: &Pool) -> Persons {
    let mut order: Vec<(Pseudonym, u32)> = pseudonyms.iter().copied().zip(0..).collect();
    pool.sort_by_key(&mut order, |pair| *pair);
    let mut ids = vec![PersonId(0); order.len()];
    for (id, (_, position)) in (0..).zip(&order) {
        ids[*position as usize] = PersonId(id);
    }
    Persons { ids, pseudonyms: order.into_iter().map(|(pseudonym, _)| pseudonym).collect() }
}

fn renumber(mut entries: Vec<Entry>, ids: &[PersonId]) -> Vec<Entry> {
    for entry in &mut entries {
        entry.person = ids[entry.person.index()];
    }
    entries
}

/// The keys that make what is written, by the plan's `etiketter`.
struct Keys {
    labels: LabelKey,
    rows: RowKey,
    run: Option<RunKey>,
}

impl Keys {
    fn new(project: &ProjectKey, labels: plan::Labels, digest: &Digest) -> Self {
        match labels {
            plan::Labels::Project => Self { labels: project.label_key(), rows: project.row_key(), run: None },
            plan::Labels::Run => {
                let run = project.run_key(digest);
                Self { labels: run.label_key(), rows: run.row_key(), run: Some(run) }
            }
        }
    }

    fn label(&self, kind: UnitKind, members: &mut dyn Iterator<Item = PersonId>, pseudonyms: &[Pseudonym]) -> Label {
        let mut of_members: Vec<Pseudonym> = members.map(|person| pseudonyms[person.index()]).collect();
        self.labels.label(kind, &mut of_members)
    }

    fn written(&self, pseudonym: Pseudonym) -> Pseudonym {
        self.run.as_ref().map_or(pseudonym, |run| run.person_id(pseudonym))
    }
}

/// Digest of plan and inputs (docs/format.md, run labels).
fn digest_of(preparation: &Preparation, intake: &Intake) -> Digest {
    let plan = Digest::blake3(preparation.plan.text().as_bytes());
    let inputs = intake.sources.iter().flat_map(SourceIntake::inputs).map(|(name, _, blake3)| (blake3, name));
    let own = intake.own.inputs.iter().map(|input| (&input.blake3, input.name.as_str()));
    inputs_digest(std::iter::once((&plan, "samkor.toml")).chain(inputs).chain(own))
}

fn service_facts(preparation: &Preparation) -> Vec<ServiceFacts> {
    let facts = |service: &crate::catalogue::Service| ServiceFacts {
        department: service.department,
        is_department_known: preparation.catalogue.department(service.department).is_known(),
        level: service.level,
        purpose_group: service.purpose_group,
        budget_class: service.budget_class,
        counts: service.counts,
        placement: service.placement,
        for_children: preparation.catalogue.purpose_group(service.purpose_group).for_children,
    };
    preparation.catalogue.services().map(|(_, service)| facts(service)).collect()
}

fn rank_settings(plan: &plan::Plan) -> RankSettings {
    let ranking = &plan.ranking;
    RankSettings {
        top: ranking.top as usize,
        min_services: ranking.min_services,
        min_departments: ranking.min_departments,
        population: match ranking.population {
            plan::Population::All => UnitFilter::Everyone,
            plan::Population::WithChildren => UnitFilter::ChildrenOrPlaced,
            plan::Population::TwoOrMore => UnitFilter::TwoMembers,
        },
        threshold: ranking.cost_threshold,
    }
}

impl SharedHouseholds {
    pub(super) fn of(units: &Units) -> Self {
        let mut counts = Self::default();
        for (_, unit) in units.iter().filter(|(_, unit)| !matches!(unit.form, UnitForm::Dissolved | UnitForm::PaidHere))
        {
            let members = u64::from(unit.size());
            counts.households += 1;
            if members > 1 {
                counts.shared += 1;
                counts.sharing += members;
            }
            counts.largest = counts.largest.max(members);
        }
        counts
    }
}
