//! The settings of a plan.

use std::path::{Path, PathBuf};

use super::{
    document::{self, Document, Placed},
    quantity::FaultLimit,
};
use crate::{
    base::{Place, Result},
    catalogue::CatalogueTable,
    domain::{Date, MunicipalityCode, Ore, Period, ProjectId, SourceId, System, Tiers},
};

/// What the run is for. Control is no purpose: the project that samkor serves promises help, and the plan is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Help to single families.
    Support,
    /// Better services for families like these.
    Quality,
    /// Statistics alone, a one-way door (databeskyttelsesloven § 10, stk. 2).
    Statistics,
}

impl Purpose {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("stotte", Self::Support), ("kvalitet", Self::Quality), ("statistik", Self::Statistics)];

    /// The word of the plan.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Support => "stotte",
            Self::Quality => "kvalitet",
            Self::Statistics => "statistik",
        }
    }
}

/// How long a family keeps its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Labels {
    /// The same in every run of the project, so that families can be followed.
    Project,
    /// New in every run, so that no two runs can be joined.
    Run,
}

impl Labels {
    pub(super) const WORDS: [(&'static str, Self); 2] = [("projekt", Self::Project), ("koersel", Self::Run)];

    /// The word of the plan.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Project => "projekt",
            Self::Run => "koersel",
        }
    }
}

/// Which families are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Population {
    /// All, persons living alone too.
    All,
    /// Those with a child under 18 on the reference date.
    WithChildren,
    /// Those with two members or more.
    TwoOrMore,
}

impl Population {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("alle", Self::All), ("familier-med-boern", Self::WithChildren), ("mindst-2-medlemmer", Self::TwoOrMore)];

    /// The word of the plan.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "alle",
            Self::WithChildren => "familier-med-boern",
            Self::TwoOrMore => "mindst-2-medlemmer",
        }
    }
}

/// Which unit is ranked. All three are worked out in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FamilyUnit {
    /// H: who shares an address.
    Household,
    /// F: Statistics Denmark's E-family.
    Family,
    /// S: the family with its children placed outside the home.
    CaseFamily,
}

impl FamilyUnit {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("S", Self::CaseFamily), ("F", Self::Family), ("H", Self::Household)];
}

/// How families are formed.
#[derive(Clone, Debug)]
pub struct FamilySettings {
    /// The unit that is ranked.
    pub unit: FamilyUnit,
    /// Whether four or more unrelated families at one address are no household, listed or not.
    pub nuclei: bool,
    /// The list of institutions' addresses.
    pub institutions: Option<Placed<PathBuf>>,
    /// Links that the municipality adds or cuts by hand.
    pub manual: Option<Placed<PathBuf>>,
}

/// How rows find their persons.
#[derive(Clone, Debug)]
pub struct LinkageSettings {
    /// The rules that may link.
    pub tiers: Tiers,
    /// What was decided about rows that a person has looked at.
    pub decisions: Option<Placed<PathBuf>>,
    /// Where the review queue is written; ends in `.age`, which the plain text goes without.
    pub queue: PathBuf,
    /// The public keys that the queue is sealed for.
    pub recipients: Vec<Placed<String>>,
}

/// How the characters of a source are written, when the plan says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// Windows-1252, which most Danish systems mean by "ANSI".
    Windows1252,
}

impl Encoding {
    pub(super) const WORDS: [(&'static str, Self); 2] = [("utf-8", Self::Utf8), ("windows-1252", Self::Windows1252)];
}

/// Which kroner families are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Gross: after reversals and credits, before refunds.
    Gross,
    /// Net: gross less state refund, income from other municipalities and the citizen's own payment.
    Net,
}

impl Measure {
    pub(super) const WORDS: [(&'static str, Self); 2] = [("brutto", Self::Gross), ("netto", Self::Net)];
}

/// The prices that the ranking is told in.
#[derive(Clone, Debug)]
pub struct PriceLevel {
    /// The year whose prices are used.
    pub year: Placed<i16>,
    /// The municipality's own indices, which add to the program's and replace them.
    pub indices: Option<Placed<PathBuf>>,
}

/// Months that are closed: their kroner stay those of the run that closed them.
#[derive(Clone, Debug)]
pub struct ClosedMonths {
    /// The last closed day, the end of a month before the period ends.
    pub through: Date,
    /// `arbejde/maaneder.csv` of the run that closed them.
    pub figures: Placed<PathBuf>,
}

/// How families are ranked and listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// Families on each list, 1 to 10,000; ties at the end stay.
    pub top: u32,
    /// Services a family must have for the multi-service lists.
    pub min_services: u32,
    /// Departments a family must have for the multi-service lists.
    pub min_departments: u32,
    /// Which families are ranked.
    pub population: Population,
    /// Families that cost more than this are counted by themselves.
    pub cost_threshold: Option<Ore>,
    /// Which kroner they are ranked by.
    pub measure: Measure,
    /// Whether supplements collected by hand count.
    pub manual: bool,
    /// The multiple to which kroner on the lists are rounded.
    pub rounding_kroner: u32,
}

/// How grants and payments are settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementRules {
    /// Days after which a granted day is held to be unpaid for good, instead of the catalogue's for each purpose group.
    pub maturity_days: Option<i32>,
    /// Days without a payment after which a grant is presumed ended.
    pub presumed_ended_days: i32,
    /// The coverage under which the headline is withheld, in parts per million.
    pub coverage_limit: u32,
}

impl SettlementRules {
    pub(super) const PRESUMED_ENDED_DAYS: i32 = 120;
    pub(super) const COVERAGE_LIMIT: u32 = 800_000;
}

/// One source of the plan.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its place in the plan.
    pub id: SourceId,
    /// Its name, `[a-z0-9-]+`, no two alike.
    pub name: Placed<String>,
    /// The system it comes from.
    pub system: System,
    /// The layout that reads it.
    pub layout: Placed<String>,
    /// Its files: paths or globs, relative to the plan.
    pub patterns: Vec<Placed<String>>,
    /// The encoding, when not detected.
    pub encoding: Option<Encoding>,
    /// The delimiter, when not detected.
    pub delimiter: Option<u8>,
    /// The last day of which the source knows anything, when it is not the period's end.
    pub data_end: Option<Date>,
    /// The first day of which the source knows anything, when it is not its first row's.
    pub data_start: Option<Date>,
    /// The share of its rows that may be set aside: its own, or the plan's.
    pub fault_limit: FaultLimit,
}

/// Which source's payments count for a purpose group, where the catalogue's order is not to be followed.
#[derive(Clone, Debug)]
pub struct Authoritative {
    /// The purpose group's code in the catalogue.
    pub purpose_group: Placed<String>,
    /// The source.
    pub source: SourceId,
}

/// A plan without known faults.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Municipality, project and list.
    pub project: Placed<ProjectId>,
    /// What the run is for.
    pub purpose: Purpose,
    /// The act and paragraph that the run rests on, in the municipality's own words.
    pub legal_basis: Placed<String>,
    /// The day on which everything must be gone.
    pub retention: Date,
    /// The municipality's own code: who "we" are where a source names the municipality that pays.
    pub municipality: Option<MunicipalityCode>,
    /// The key file.
    pub key: Placed<PathBuf>,
    /// How long labels last.
    pub labels: Labels,
    /// The share of a source's rows that may be set aside, unless the source has its own.
    pub fault_limit: FaultLimit,
    /// The days whose kroner count.
    pub period: Period,
    /// The day whose households are formed, within the period.
    pub reference_date: Date,
    /// How families are ranked.
    pub ranking: Ranking,
    /// How families are formed.
    pub families: FamilySettings,
    /// How grants and payments are settled.
    pub settlement: SettlementRules,
    /// How rows find their persons.
    pub linkage: LinkageSettings,
    /// Closed months, when the plan names any.
    pub closed: Option<ClosedMonths>,
    /// The year whose prices the ranking is told in; nominal prices without it.
    pub price_level: Option<PriceLevel>,
    /// The sources, in the order of the plan.
    pub sources: Vec<Source>,
    /// Layout files of one's own: paths or globs, relative to the plan.
    pub layout_files: Vec<Placed<String>>,
    /// Files of one's own over the catalogue's tables, each table once.
    pub catalogue: Vec<(CatalogueTable, Placed<PathBuf>)>,
    /// Whose payments count, by purpose group.
    pub authoritative: Vec<Authoritative>,
    pub(super) output: Output,
    pub(super) document: Document,
    pub(super) base: PathBuf,
}

/// Where the run goes, and whether the plan or the command line said so.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) planned: Placed<PathBuf>,
    pub(super) instead: Option<PathBuf>,
}

impl Plan {
    /// The plan's text, byte for byte, for its digest.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.document.text
    }

    /// The plan's name as the user gave it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.document.file
    }

    /// Where a setting stands, for errors that are found later.
    #[must_use]
    pub fn place<T>(&self, setting: &Placed<T>, label: impl Into<String>) -> Place {
        self.document.place(setting.span.clone(), label)
    }

    /// A file's name as the plan gives it: relative to the plan's directory where it lies below it.
    #[must_use]
    pub fn name_of(&self, file: &Path) -> String {
        file.strip_prefix(&self.base).unwrap_or(file).display().to_string()
    }

    /// The directory that the run writes.
    #[must_use]
    pub fn output(&self) -> &Path {
        self.output.instead.as_deref().unwrap_or(&self.output.planned.value)
    }

    /// Where the plan names the output directory; `None` when the command line named it.
    #[must_use]
    pub fn output_place(&self, label: impl Into<String>) -> Option<Place> {
        self.output.instead.is_none().then(|| self.place(&self.output.planned, label))
    }

    /// Writes to another directory than the plan says (`--out`).
    pub fn write_to(&mut self, directory: PathBuf) {
        self.output.instead = Some(directory);
    }

    /// The source with this number.
    ///
    /// # Panics
    /// When the number is not of this plan.
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.index()]
    }

    /// Checks that every source's layout is among those known: the shipped ones and those of [`Self::layout_files`].
    ///
    /// # Errors
    /// The first that is not, at its place, with the nearest name.
    pub fn check_layouts(&self, known: &[&str]) -> Result<()> {
        let mut sources = self.sources.iter();
        let Some(source) = sources.find(|source| !known.contains(&source.layout.value.as_str())) else { return Ok(()) };
        Err(self
            .unknown(&source.layout, "layout", known)
            .hint("Se dem med samkor layouts, eller nævn filen med dit eget layout under [layouts]."))
    }

    /// Checks that every purpose group of `[[autoritativ]]` is among the catalogue's.
    ///
    /// # Errors
    /// The first that is not, at its place, with the nearest name.
    pub fn check_purpose_groups(&self, known: &[&str]) -> Result<()> {
        let mut groups = self.authoritative.iter().map(|rule| &rule.purpose_group);
        let Some(group) = groups.find(|group| !known.contains(&group.value.as_str())) else { return Ok(()) };
        Err(self.unknown(group, "formaalsgruppe", known))
    }

    fn unknown(&self, word: &Placed<String>, key: &str, known: &[&str]) -> crate::base::Error {
        document::not_among(&self.document, word.span.clone(), key, &word.value, known)
    }
}
