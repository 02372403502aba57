//! Everything that can be known before the first row: plan, layouts, catalogue, inputs, key and target.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::families::ExtraInput;
use crate::{
    analysis::FixedPrices,
    base::{Digest, Error, ErrorKind, Result},
    catalogue::{Catalogue, OwnTable, PriceIndices, PurposeGroup},
    custody::Recipient,
    domain::{BudgetClass, Date, Period, PersonId, ProjectId, PurposeGroupId, SourceId, System},
    layout::{Format, Kind, Layout, Layouts},
    ledger::{Bundles, PaymentsKnown, Settlement},
    plan::{Placed, Plan, Source, SourceFiles},
    pseudonym::{KeyRules, MasterKey},
    register::Population,
    rundir,
};

/// What the command line adds to the plan.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The plan's file.
    pub plan: PathBuf,
    /// Where to write instead of where the plan says.
    pub out: Option<PathBuf>,
    /// Whether an earlier run in the same place may be replaced.
    pub replace: bool,
    /// The service manager's credentials directory, when there is one.
    pub credentials: Option<PathBuf>,
}

/// Name, size and digest of a file.
pub type PriceFile = (String, u64, Digest);

/// A plan with all that it names, found and checked. Nothing was written.
pub struct Preparation {
    /// The plan.
    pub plan: Plan,
    /// The layouts, the user's own included.
    pub layouts: Layouts,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The prices that families are ranked in, when the plan sets a year.
    pub prices: Option<FixedPrices>,
    /// The municipality's own price indices: name, size and digest.
    pub price_file: Option<PriceFile>,
    /// The files of every source, in the order of the plan.
    pub inputs: Vec<SourceFiles>,
    /// The files of one's own over the catalogue's tables: inputs like the sources.
    pub(super) own_tables: Vec<ExtraInput>,
    /// The project's key.
    pub key: MasterKey,
    /// Whom the review queue is sealed for.
    pub recipients: Vec<Recipient>,
}

/// What can be known without key and target: what the exports are read by.
pub(super) struct Groundwork {
    pub(super) plan: Plan,
    pub(super) layouts: Layouts,
    pub(super) catalogue: Catalogue,
    pub(super) inputs: Vec<SourceFiles>,
    own_tables: Vec<ExtraInput>,
}

/// Reads the plan and checks all that can be checked before the first row.
///
/// # Errors
/// The first thing that would stop the run.
pub fn prepare(request: &Request) -> Result<Preparation> {
    let Groundwork { plan, layouts, catalogue, inputs, own_tables } = lay(request)?;
    let (prices, price_file) = prices(&plan)?;
    let key = {
        let directories = key_free_directories(&plan, &inputs);
        let forbidden: Vec<&Path> = directories.iter().map(PathBuf::as_path).collect();
        let rules = KeyRules {
            forbidden: &forbidden,
            credentials: request.credentials.as_deref(),
            project: &plan.project.value,
        };
        MasterKey::read(&plan.key.value, &rules)?
    };
    rundir::check_target(plan.output(), request.replace)?;
    let recipients = recipients(&plan)?;
    Ok(Preparation { plan, layouts, catalogue, prices, price_file, inputs, own_tables, key, recipients })
}

/// The public keys of the plan's `modtagere`.
fn recipients(plan: &Plan) -> Result<Vec<Recipient>> {
    let parse = |text: &Placed<String>| {
        Recipient::parse(&text.value).ok_or_else(|| {
            Error::new(ErrorKind::Plan, "En modtager er ingen offentlig age-nøgle")
                .at(plan.place(text, "skal være en linje, der begynder med age1"))
                .hint("Vis den til en nøglefil med: age-keygen -y FIL")
        })
    };
    plan.linkage.recipients.iter().map(parse).collect()
}

/// Reads the plan, the layouts and the catalogue, and finds the sources' files.
///
/// # Errors
/// The first thing that would stop a run.
pub(super) fn lay(request: &Request) -> Result<Groundwork> {
    let mut plan = Plan::read(&request.plan)?;
    if let Some(out) = &request.out {
        plan.write_to(out.clone());
    }
    let mut layouts = Layouts::shipped()?;
    for file in plan.resolve_layout_files()? {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).map_err(|error| {
            Error::new(ErrorKind::Plan, format!("Layoutfilen {name} kan ikke læses")).because(error)
        })?;
        layouts.add(Layout::parse(&text, &name)?);
    }
    plan.check_layouts(&layouts.names().collect::<Vec<_>>())?;
    let (catalogue, own_tables) = catalogue(&plan)?;
    plan.check_purpose_groups(&catalogue.purpose_groups().map(|(_, group)| &*group.code).collect::<Vec<_>>())?;
    check_systems(&plan, &layouts)?;
    let inputs = plan.resolve_inputs()?;
    Ok(Groundwork { plan, layouts, catalogue, inputs, own_tables })
}

/// The catalogue with the files of the plan's `[katalog]` over it.
fn catalogue(plan: &Plan) -> Result<(Catalogue, Vec<ExtraInput>)> {
    let (mut tables, mut inputs) = (Vec::new(), Vec::new());
    for (table, path) in &plan.catalogue {
        let (input, bytes) = ExtraInput::read(plan, path)?;
        let name = plan.name_of(&path.value);
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::new(ErrorKind::Plan, format!("Katalogfilen {name} er ikke skrevet i UTF-8"))
                .at(plan.place(path, "fører til denne fil"))
                .hint("Gem filen igen som CSV UTF-8.")
        })?;
        tables.push(OwnTable { table: *table, name, text: text.strip_prefix('\u{feff}').unwrap_or(&text).into() });
        inputs.push(input);
    }
    Ok((Catalogue::with(&tables)?, inputs))
}

/// The largest file of price indices, in bytes.
const LARGEST_PRICES: u64 = 1 << 20;

/// The price level of the plan, checked for the years of its period: a year without an index for services or transfers is found
/// here, before the first row.
fn prices(plan: &Plan) -> Result<(Option<FixedPrices>, Option<PriceFile>)> {
    let Some(level) = &plan.price_level else { return Ok((None, None)) };
    let mut indices = PriceIndices::embedded()?;
    let mut file = None;
    if let Some(path) = &level.indices {
        let name = path.value.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let unreadable = |error: std::io::Error| {
            Error::new(ErrorKind::Plan, format!("Prisindeksene {name} kan ikke læses"))
                .because(error)
                .at(plan.place(path, "fører til denne fil"))
        };
        if fs::metadata(&path.value).map_err(unreadable)?.len() > LARGEST_PRICES {
            return Err(Error::new(ErrorKind::Plan, format!("{name} er for stor til at være prisindeks"))
                .at(plan.place(path, "fører til denne fil")));
        }
        let text = fs::read_to_string(&path.value).map_err(unreadable)?;
        file = Some((name.clone(), text.len() as u64, Digest::blake3(text.as_bytes())));
        indices = indices.with(&name, &text).map_err(|error| error.at(plan.place(path, "fører til denne fil")))?;
    }
    let prices = FixedPrices::new(indices, level.year.value);
    for year in plan.period.from.ymd().0..=plan.period.to.ymd().0 {
        for class in [BudgetClass::ServiceFrame, BudgetClass::Transfer] {
            prices
                .check(class, year)
                .map_err(|error| error.at(plan.place(&level.year, "kræver indeks for alle år imellem")))?;
        }
    }
    Ok((Some(prices), file))
}

/// Where the key must not lie: the output directory and every directory that holds an input.
fn key_free_directories(plan: &Plan, inputs: &[SourceFiles]) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> =
        inputs.iter().flat_map(|source| &source.files).filter_map(|file| file.parent().map(Path::to_owned)).collect();
    directories.push(plan.output().to_owned());
    directories.sort();
    directories.dedup();
    directories
}

/// A source's system must be that of its layout: it decides which codes mean what.
fn check_systems(plan: &Plan, layouts: &Layouts) -> Result<()> {
    for source in &plan.sources {
        let layout = layouts.get(&source.layout.value)?;
        if layout.system != source.system {
            return Err(Error::new(
                ErrorKind::Plan,
                format!("Kilden {} og dens layout er af hvert sit system", source.name.value),
            )
            .at(plan.place(&source.layout, "layoutet hører til et andet system"))
            .hint("Ret `system`, eller skriv `system` i et layout af din egen."));
        }
    }
    Ok(())
}

impl Preparation {
    /// The project id.
    #[must_use]
    pub const fn project(&self) -> &ProjectId {
        &self.plan.project.value
    }

    /// The layout of a source.
    ///
    /// # Errors
    /// Never for a source of this plan: its layout was checked.
    pub fn layout(&self, source: SourceId) -> Result<&Layout> {
        self.layouts.get(&self.plan.source(source).layout.value)
    }

    /// What the rows of a source are, by its layout's first table.
    pub(super) fn kind(&self, source: SourceId) -> Result<Option<Kind>> {
        Ok(self.layout(source)?.tables.first().map(|table| table.kind))
    }

    /// The sources of postings: the ledger files.
    pub(super) fn ledgers(&self) -> Result<Vec<SourceId>> {
        let mut ledgers = Vec::new();
        for source in &self.plan.sources {
            if self.kind(source.id)? == Some(Kind::Postings) {
                ledgers.push(source.id);
            }
        }
        Ok(ledgers)
    }

    /// For which services the refunds of a system are the ones that count, by [`ServiceId`](crate::domain::ServiceId): where it is
    /// the first of the purpose group's systems that the plan has. A refund that two systems tell of then counts once.
    pub(super) fn tells_refunds(&self, system: System) -> Vec<bool> {
        let has = |system: &&System| self.plan.sources.iter().any(|source| source.system == **system);
        let first =
            |group: PurposeGroupId| self.catalogue.purpose_group(group).actual_sources.iter().find(has).copied();
        self.catalogue.services().map(|(_, service)| first(service.purpose_group) == Some(system)).collect()
    }

    /// Whether the source is a register that must end with a record saying so.
    pub(super) fn has_end_record(layout: &Layout) -> bool {
        layout.format == Format::FixedWidth && layout.tables.iter().any(|table| table.kind == Kind::RegisterEnd)
    }

    /// What the ledger needs: the purpose group of each service, and for each group the one source whose payments count:
    /// the plan's choice, else the first of the catalogue's systems that pays anything of the group.
    ///
    /// And what the payments of each group can tell: a source knows the days from its first row (or the plan's
    /// `data_start`), but for one that reaches back further than a year before the period that year is enough, and up to
    /// the plan's `data_slut` or the end of the period.
    pub(super) fn settlement(&self, rows: &Bundles, population: &Population) -> Settlement {
        let purpose_group_of: Vec<PurposeGroupId> =
            self.catalogue.services().map(|(_, service)| service.purpose_group).collect();
        let sources = self.plan.sources.len();
        let mut pays = vec![false; sources * self.catalogue.purpose_groups().len()];
        let mut first_posted = vec![Date::MAX; sources];
        for (source, service, posted) in rows.first_posted() {
            pays[purpose_group_of[service.index()].index() * sources + source.index()] = true;
            first_posted[source.index()] = first_posted[source.index()].min(posted);
        }
        let first = |group: PurposeGroupId, system: &System| {
            let pays = |source: &&Source| source.system == *system && pays[group.index() * sources + source.id.index()];
            self.plan.sources.iter().find(pays).map(|source| source.id)
        };
        let authoritative: Vec<Option<SourceId>> = self
            .catalogue
            .purpose_groups()
            .map(|(id, group)| {
                self.chosen(id).or_else(|| group.actual_sources.iter().find_map(|system| first(id, system)))
            })
            .collect();
        let Plan { period, settlement: rules, .. } = &self.plan;
        let year_before = period.from.plus(-365);
        let known = |(source, (_, group)): (&Option<SourceId>, (PurposeGroupId, &PurposeGroup))| {
            let source = self.plan.source((*source)?);
            let first = source.data_start.unwrap_or(first_posted[source.id.index()].max(year_before));
            let delay = rules.maturity_days.unwrap_or(group.maturity_days);
            Some(PaymentsKnown::new(first, source.data_end.unwrap_or(period.to), delay))
        };
        let payments = authoritative.iter().zip(self.catalogue.purpose_groups()).map(known).collect();
        let everybody = (0..u32::try_from(population.len()).unwrap_or(u32::MAX)).map(PersonId);
        Settlement {
            period: *period,
            purpose_group_of,
            for_children: self.catalogue.purpose_groups().map(|(_, group)| group.for_children).collect(),
            authoritative,
            payments,
            presumed_ended_after: rules.presumed_ended_days,
            data_end: self.plan.sources.iter().map(|source| source.data_end).collect(),
            died: everybody.map(|person| population.died_on(person)).collect(),
            moved: Vec::new(),
        }
    }

    /// The days of the period for which all bills of a source have come, whatever they are for.
    pub(super) fn mature(&self, source: &Source) -> Period {
        let Plan { period, settlement: rules, .. } = &self.plan;
        let longest = self.catalogue.purpose_groups().map(|(_, group)| group.maturity_days).max();
        let delay = rules.maturity_days.or(longest).unwrap_or_default();
        Period { from: period.from, to: source.data_end.unwrap_or(period.to).plus(-delay) }
    }

    fn chosen(&self, group: PurposeGroupId) -> Option<SourceId> {
        let code = &self.catalogue.purpose_group(group).code;
        self.plan.authoritative.iter().find(|rule| *rule.purpose_group.value == **code).map(|rule| rule.source)
    }
}
