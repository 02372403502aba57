//! Writes what was found: four classes of output, then the statement, then the commit.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

use super::{
    families::{ExtraInput, KINDS},
    intake::SourceIntake,
    linking,
    preparation::Preparation,
    run::{Execution, Findings, RunSummary, SharedHouseholds},
};
use crate::{
    analysis::{Destination, FixedPrices},
    base::{Pool, Result},
    catalogue::Level,
    domain::{Account, Date, Ore, PersonId, Role, SourceId, System},
    evidence::{
        Detected, InputFile, Key, LedgerLine, Outcome, OutputFile, Program, Review, RunStatement, SourceCounts,
    },
    family::{AgeBand, UnitForm},
    layout::Kind,
    plan::{Labels, Measure, Purpose},
    report::{
        self, AccountName, AccountRow, AccountsModel, BudgetRow, Counts, ModeTotals, MonthRow, ReportModel, Rows,
        SourceSummary, UnitTotals, UnitsModel,
    },
    rundir::{Aggregate, Artefact, Evidence, List, RunDirWriter, Work},
    tables::{self, PersonRow, Receiver, ServiceTable, ServiceWords, Standing},
};

/// Program and version, as reports and statements name it.
const PROGRAM: (&str, &str) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));

/// Writes all outputs and puts the run in its place.
///
/// # Errors
/// When an output cannot be written; the target is then as it was.
pub(super) fn deliver(
    preparation: &Preparation,
    mut findings: Findings,
    mut writer: RunDirWriter,
    execution: &Execution,
    pool: &Pool,
    ended: impl Fn() -> String,
) -> Result<RunSummary> {
    tables(preparation, &findings, &mut writer, pool)?;
    let registered = findings.population.len() as u64;
    let (sources, statement) = (findings.sources.clone(), Statement::of(preparation, &findings));
    let (register, shared) = (findings.register.clone(), SharedHouseholds::of(&findings.found.ranked[0].units));
    let residents = findings.found.resident.iter().filter(|resident| **resident).count() as u64;
    debug_assert!(residents <= registered);
    let of_register = preparation.plan.sources.iter().zip(&sources).filter(|(source, _)| source.system == System::Cpr);
    let mut register_records = BTreeMap::new();
    for (name, rows) in of_register.flat_map(|(_, intake)| &intake.tally.records) {
        *register_records.entry(name.clone()).or_insert(0) += rows;
    }
    // Giving much memory back takes time that nobody needs to wait for.
    let spells = std::mem::take(&mut findings.ledger.spells);
    let (model, ()) = pool.join(|| model(preparation, findings), || drop(spells));
    let model = model?;

    writer.write(&Artefact::<Aggregate>::new("rapport.html", report::report_html(&model)?))?;
    writer.write(&Artefact::<List>::new("familier.csv", report::families_csv(&model)?))?;
    writer.write(&Artefact::<List>::new("familier.html", report::families_html(&model)?))?;
    writer.write(&Artefact::<Work>::new("fejl.csv", report::faults_csv(&model)))?;
    writer.write(&Artefact::<Work>::new("samkoering.csv", report::links_csv(&model)))?;
    writer.write(&Artefact::<Work>::new("afstemning.csv", report::reconciliation_csv(&model)?))?;
    writer.write(&Artefact::<Work>::new("konti.csv", report::accounts_csv(&model)?))?;
    writer.write(&Artefact::<Work>::new("bro.csv", report::bridge_csv(&model)?))?;
    writer.write(&Artefact::<Work>::new("maaneder.csv", report::months_csv(&model)?))?;
    if !model.accounts.budget.is_empty() {
        writer.write(&Artefact::<Work>::new("budget.csv", report::budget_csv(&model)))?;
    }
    let outputs = writer.outputs().iter().map(OutputFile::from).collect();
    let outcome = Outcome { started: execution.started.clone(), ended: ended(), threads: execution.threads };
    let statement = statement.finish(preparation, &model, &sources, outcome, outputs);
    writer.write(&Artefact::<Evidence>::new("koersel.json", statement.to_json()?))?;
    writer.write_sums()?;
    writer.commit()?;
    Ok(RunSummary {
        directory: preparation.plan.output().to_owned(),
        model,
        register,
        register_records,
        residents,
        shared,
    })
}

/// A table for analysts that is yet to be written.
pub(super) struct Table<'a> {
    name: String,
    write: Box<WriteTable<'a>>,
}

/// What writes a table, with all threads.
type WriteTable<'a> = dyn FnOnce(&Pool, &mut (dyn Write + Send)) -> Result<()> + Send + 'a;

impl<'a> Table<'a> {
    pub(super) fn new(
        name: &str,
        write: impl FnOnce(&Pool, &mut (dyn Write + Send)) -> Result<()> + Send + 'a,
    ) -> Self {
        Self { name: format!("tabeller/{name}.parquet"), write: Box::new(write) }
    }
}

/// Tables that are under way at the same time: one waits for the disk or its last row group while the other keeps the threads busy.
const LANES: usize = 2;

/// The work tables.
fn tables(preparation: &Preparation, findings: &Findings, writer: &mut RunDirWriter, pool: &Pool) -> Result<()> {
    let date = preparation.plan.reference_date;
    let found = &findings.found;
    let ranked = &found.ranked[findings.ranked];
    let person = |person: &PersonId| PersonRow {
        id: findings.written[person.index()],
        label: findings.label(*person),
        form: ranked.units.unit_of(*person).map(|unit| ranked.units.unit(unit).form),
        units: [0, 1, 2].map(|kind| found.label(kind, *person)),
        age: findings.population.age_on(*person, date).map(AgeBand::of),
        standing: match (found.resident[person.index()], findings.in_register[person.index()]) {
            (true, _) => Standing::Resident,
            (false, true) => Standing::NotResident,
            (false, false) => Standing::OutsideRegister,
        },
    };
    let mut persons: Vec<PersonId> = (0..).map(PersonId).take(findings.written.len()).collect();
    pool.sort_by_key(&mut persons, |person| findings.written[person.index()]);
    let units = found.unit_rows(&findings.population, pool);
    // The longest first: what is left at the end is short.
    let mut all = vec![
        Table::new("ydelser", |pool, out| services(preparation, findings, pool, out)),
        Table::new("personer", |pool, out| tables::persons(pool.map(&persons, person), pool, out)),
    ];
    all.extend(found.tables(&findings.population, (&findings.written, &persons), &units, date));
    let output =
        |Table { name, write }| (name, move |out: &mut (dyn Write + Send)| write(pool, out).map_err(io::Error::other));
    writer.write_all::<Work>(all.into_iter().map(output).collect(), LANES)
}

/// The ledger's spells, by written id.
fn services(preparation: &Preparation, findings: &Findings, pool: &Pool, out: &mut (dyn Write + Send)) -> Result<()> {
    let catalogue = &preparation.catalogue;
    let services = catalogue.services().map(|(_, service)| ServiceWords {
        code: &service.code,
        department: service.department,
        counts: service.counts,
        for_children: catalogue.purpose_group(service.purpose_group).for_children,
    });
    let services: Vec<ServiceWords<'_>> = services.collect();
    let departments: Vec<&str> = catalogue.departments().map(|(_, department)| &*department.code).collect();
    let sources: Vec<&str> = preparation.plan.sources.iter().map(|source| source.name.value.as_str()).collect();
    let table = ServiceTable {
        spells: &findings.ledger.spells,
        services: &services,
        departments: &departments,
        sources: &sources,
        manual: preparation.plan.ranking.manual,
    };
    let receiver = |person: PersonId| Receiver {
        id: findings.written[person.index()],
        label: findings.label(person),
        grown: findings.grown[person.index()],
    };
    let key = &findings.row_key;
    let blinding = |id, source: &str, service: &str| key.blinding(id, source, service);
    table.write(receiver, blinding, |rows| key.references(rows), pool, out)
}

/// The report's model from what was found.
fn model(preparation: &Preparation, mut findings: Findings) -> Result<ReportModel> {
    let plan = &preparation.plan;
    let ranked = &findings.found.ranked[findings.ranked];
    let here = || ranked.units.iter().filter(|(_, unit)| unit.form != UnitForm::Former);
    let counts = Counts {
        register: findings.register.persons,
        units: here().count() as u64,
        singles: here().filter(|(_, unit)| unit.form == UnitForm::Single).count() as u64,
        review: ranked.units.review_list().len() as u64,
    };
    let summaries: Result<Vec<SourceSummary>> = plan
        .sources
        .iter()
        .zip(&findings.sources)
        .zip(&findings.unknown)
        .zip(&findings.lags)
        .map(|(((source, intake), unknown), lags)| {
            let tally = &intake.tally;
            Ok(SourceSummary {
                name: source.name.value.clone(),
                role: role_of(source.system, preparation, source.id)?,
                files: intake.files.len(),
                read: Rows { rows: tally.rows_read(), ore: tally.ore_read()? },
                used: Rows { rows: tally.rows_used, ore: tally.ore_used },
                sorted_out: Rows { rows: tally.rows_sorted_out, ore: tally.ore_sorted_out },
                set_aside: Rows { rows: tally.rows_set_aside, ore: tally.ore_set_aside },
                unripe: lags.unripe(plan.period, source.data_end.unwrap_or(plan.period.to))?,
                unknown: *unknown,
                first: intake.days.map(|(first, _)| first),
                last: source.data_end.or(intake.days.map(|(_, last)| last.min(plan.period.to))),
            })
        })
        .collect();
    Ok(ReportModel {
        project: preparation.project().as_str().to_owned(),
        demo: preparation.project().is_demo(),
        purpose: match plan.purpose {
            Purpose::Support => "støtte",
            Purpose::Quality => "kvalitet",
            Purpose::Statistics => "statistik",
        }
        .to_owned(),
        legal_basis: plan.legal_basis.value.clone(),
        retention: plan.retention,
        labels: match plan.labels {
            Labels::Project => "projekt",
            Labels::Run => "kørsel",
        }
        .to_owned(),
        program: format!("{} {}", PROGRAM.0, PROGRAM.1),
        period: plan.period,
        reference_date: plan.reference_date,
        rounding: plan.ranking.rounding_kroner,
        ranked_by_net: plan.ranking.measure == Measure::Net,
        price_year: preparation.prices.as_ref().map(FixedPrices::year),
        manual: plan.ranking.manual,
        departments: preparation.catalogue.departments().map(|(_, department)| department.name.to_string()).collect(),
        sources: summaries?,
        counts,
        supplements: findings.supplements,
        accounts: accounts_model(preparation, &findings),
        units: units_model(&findings),
        figures: std::mem::take(&mut findings.found.ranked[findings.ranked].figures),
        ranking: findings.ranking,
        shares: findings.shares,
        quality: findings.quality,
        bridge: findings.bridge,
        links: linking::model(&findings.tiers, findings.sensitivity),
        faults: findings.faults,
    })
}

/// The ledger files account by account, and the way to the ranking.
fn accounts_model(preparation: &Preparation, findings: &Findings) -> AccountsModel {
    let (plan, catalogue) = (&preparation.plan, &preparation.catalogue);
    let name = |service, day| {
        let (found, entry) = (catalogue.account_of(service, day), catalogue.service(service));
        let function = found.map(|account| Account { grouping: None, ..account }.to_string());
        AccountName {
            function: function.unwrap_or_else(|| match entry.level {
                Level::Unknown => "ukendt konto".to_owned(),
                _ => "uden funktion".to_owned(),
            }),
            code: entry.code.to_string(),
            name: entry.name.to_string(),
        }
    };
    let accounts = findings.ledger.coverage.iter().flat_map(|(source, coverage)| {
        coverage.accounts.iter().map(|account| AccountRow {
            source: *source,
            account: name(account.service, plan.period.to),
            person_booked: catalogue.service(account.service).person_booked,
            coverage: *account,
        })
    });
    let budget = findings.budget.iter().map(|line| BudgetRow {
        year: line.year,
        account: name(line.service, Date::from_ymd(line.year, 7, 1).unwrap_or(plan.period.to)),
        adopted: line.adopted,
        corrected: line.corrected,
        booked: line.booked,
    });
    let months = findings.months.iter().map(|line| MonthRow {
        month: line.month,
        account: name(line.service, line.month),
        closed: line.closed,
        now: line.now,
    });
    AccountsModel {
        months: months.collect(),
        share: findings.coverage,
        limit: plan.settlement.coverage_limit,
        accounts: accounts.collect(),
        steps: findings.steps.clone(),
        budget: budget.collect(),
    }
}

/// The three kinds of unit beside each other.
fn units_model(findings: &Findings) -> UnitsModel {
    let found = &findings.found;
    let top = findings.ranking.settings.top;
    let totals = KINDS.into_iter().zip(&found.ranked).map(|(kind, ranked)| {
        let here =
            || ranked.units.iter().filter(|(_, unit)| !matches!(unit.form, UnitForm::Former | UnitForm::Dissolved));
        let mut costliest: Vec<_> = ranked.figures.iter().filter(|unit| unit.spells > 0).collect();
        if top < costliest.len() {
            costliest.select_nth_unstable_by_key(top, |unit| (std::cmp::Reverse(unit.ore), unit.label));
        }
        let listed = costliest.iter().take(top);
        UnitTotals {
            kind,
            units: here().count() as u64,
            shared: here().filter(|(_, unit)| unit.size() > 1).count() as u64,
            ore: Ore(costliest.iter().map(|unit| unit.ore.0).sum()),
            top: Ore(listed.clone().map(|unit| unit.ore.0).sum()),
            top_placed: listed.map(|unit| u64::from(unit.placed)).sum(),
            modes: ranked.modes.as_ref().map(|modes| ModeTotals {
                other_family: modes.other_family,
                no_family: modes.no_family,
                counted_again: modes.counted_again,
            }),
        }
    });
    let mut fates = BTreeMap::new();
    for line in &found.lineage {
        *fates.entry(line.fate).or_insert(0) += 1;
    }
    UnitsModel {
        ranked: KINDS[findings.ranked],
        totals: totals.collect(),
        dissolved: (found.dissolved.listed, found.dissolved.nuclei),
        dissolved_persons: found.dissolved.persons,
        parents_of_not_home: found.parents_of_not_home,
        review: found.review.len() as u64,
        paid_here: found.ranked[findings.ranked]
            .units
            .iter()
            .filter(|(_, unit)| unit.form == UnitForm::PaidHere)
            .count() as u64,
        paid_elsewhere: findings.payers.elsewhere.len() as u64,
        fates: fates.into_iter().collect(),
    }
}

/// The role of a source's amounts; none for a register and for price lists.
fn role_of(system: System, preparation: &Preparation, source: SourceId) -> Result<Option<Role>> {
    let first = preparation.layout(source)?.tables.first().map(|table| table.kind);
    Ok(match (system, first) {
        (System::Cpr, _) | (_, Some(Kind::Tariffs | Kind::Budgets)) => None,
        (_, Some(Kind::Grants | Kind::Measures)) => Some(Role::Granted),
        (_, Some(Kind::Enrolments)) => Some(Role::Tariff),
        (_, Some(Kind::Supplements)) => Some(Role::Manual),
        _ => Some(Role::Actual),
    })
}

/// The parts of the statement that must be taken before the findings become the report's.
struct Statement {
    digest: crate::base::Digest,
    project_check: String,
    extra_inputs: Vec<ExtraInput>,
    review: Option<Review>,
}

impl Statement {
    fn of(preparation: &Preparation, findings: &Findings) -> Self {
        let has_decisions = preparation.plan.linkage.decisions.is_some();
        Self {
            digest: findings.digest,
            project_check: findings.project_key.check_value().to_string(),
            extra_inputs: findings.extra_inputs.clone(),
            review: (has_decisions || findings.review.outdated > 0).then_some(findings.review),
        }
    }

    fn finish(
        self,
        preparation: &Preparation,
        model: &ReportModel,
        sources: &[SourceIntake],
        outcome: Outcome,
        outputs: Vec<OutputFile>,
    ) -> RunStatement {
        let plan = &preparation.plan;
        let named = || plan.sources.iter().zip(sources);
        let inputs = named().flat_map(|(source, intake)| {
            intake.inputs().map(|(name, bytes, blake3)| InputFile {
                source: Some(source.name.value.clone()),
                name: name.to_owned(),
                bytes,
                blake3: *blake3,
            })
        });
        let own = self.extra_inputs.into_iter().map(|input| InputFile {
            source: None,
            name: input.name,
            bytes: input.bytes,
            blake3: input.blake3,
        });
        let counts = named().zip(&model.sources).map(|((source, intake), summary)| {
            let mut counts = SourceCounts {
                source: source.name.value.clone(),
                rows_read: summary.read.rows,
                rows_used: summary.used.rows,
                rows_sorted_out: summary.sorted_out.rows,
                rows_set_aside: summary.set_aside.rows,
                ore_read: summary.read.ore,
                ore_used: summary.used.ore,
                ore_sorted_out: summary.sorted_out.ore,
                ore_set_aside: summary.set_aside.ore,
                ..SourceCounts::default()
            };
            counts.set_faults(intake.tally.faults.iter().map(|(code, rows)| (*code, *rows)));
            counts.detected = intake
                .files
                .iter()
                .map(|(name, summary)| Detected {
                    name: name.clone(),
                    layout: source.layout.value.clone(),
                    found: summary.detected.clone(),
                })
                .collect();
            counts
        });
        let ledger = model.bridge.lines.iter().map(|line| LedgerLine {
            source: Some(plan.source(line.source).name.value.clone()),
            line: destination(line.destination, line.role),
            ore: line.ore,
        });
        RunStatement {
            format: 1,
            program: Program { name: PROGRAM.0.to_owned(), version: PROGRAM.1.to_owned() },
            project: model.project.clone(),
            is_demo: model.demo,
            purpose: plan.purpose.code().to_owned(),
            legal_basis: model.legal_basis.clone(),
            retention: plan.retention,
            plan: InputFile {
                source: None,
                name: Path::new(plan.file())
                    .file_name()
                    .map_or_else(|| "samkor.toml".to_owned(), |name| name.to_string_lossy().into_owned()),
                bytes: plan.text().len() as u64,
                blake3: crate::base::Digest::blake3(plan.text().as_bytes()),
            },
            inputs_digest: self.digest,
            period: plan.period.into(),
            reference_date: plan.reference_date,
            labels: plan.labels.code().to_owned(),
            key: Key { master_check: preparation.key.check_value().to_string(), project_check: self.project_check },
            outcome,
            inputs: inputs.chain(own).collect(),
            sources: counts.collect(),
            ledger: ledger.collect(),
            review: self.review,
            outputs,
        }
    }
}

fn destination(destination: Destination, role: Option<Role>) -> String {
    match role {
        Some(role) => format!("{} ({})", destination.danish(), role.code()),
        None => destination.danish().to_owned(),
    }
}
