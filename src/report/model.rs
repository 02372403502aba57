//! Everything the writers may know: plain data, after the wall.

use std::collections::BTreeMap;

use super::{accounts::AccountsModel, links::LinksModel, units::UnitsModel};
use crate::{
    analysis::{Bridge, Destination, Quality, Ranking, Shares, Supplements, UnitFigures},
    base::{Fault, Result},
    domain::{Date, DepartmentId, Ore, Period, Role, SourceId},
};

/// One run, ready to be written.
#[derive(Clone, Debug)]
pub struct ReportModel {
    /// The project id, `kommune|projekt|liste`.
    pub project: String,
    /// Whether the project is a demo: every page says PRØVEDATA.
    pub demo: bool,
    /// The purpose in words for people: støtte, kvalitet, statistik.
    pub purpose: String,
    /// The legal basis as the plan gives it.
    pub legal_basis: String,
    /// When the run must be deleted.
    pub retention: Date,
    /// How long labels last, in words for people: projekt or kørsel.
    pub labels: String,
    /// Program and version, such as `samkor 0.1.0`.
    pub program: String,
    /// The period.
    pub period: Period,
    /// The day on which families are taken.
    pub reference_date: Date,
    /// Kroner are rounded to a multiple of this, in kroner.
    pub rounding: u32,
    /// Whether families are ranked by net kroner, and not by gross.
    pub ranked_by_net: bool,
    /// The year whose prices families are ranked in; `None` for the prices of their day.
    pub price_year: Option<i16>,
    /// Whether manual supplements are in the ranking.
    pub manual: bool,
    /// Names of departments, by [`DepartmentId`].
    pub departments: Vec<String>,
    /// The sources, by [`SourceId`].
    pub sources: Vec<SourceSummary>,
    /// Persons and units.
    pub counts: Counts,
    /// Households, families and case families beside each other.
    pub units: UnitsModel,
    /// The ranked units that a spell reaches.
    pub figures: Vec<UnitFigures>,
    /// The lists; indices point into `figures`.
    pub ranking: Ranking,
    /// Who receives from several sides.
    pub shares: Shares,
    /// What the families' kroner rest on.
    pub quality: Quality,
    /// Where every øre ended.
    pub bridge: Bridge,
    /// How rows found their persons.
    pub links: LinksModel,
    /// The list with and without supplements; `None` when there are none.
    pub supplements: Option<Supplements>,
    /// Coverage, the way from the ledger to the ranking, budgets.
    pub accounts: AccountsModel,
    /// Rows that were set aside.
    pub faults: Vec<Fault>,
}

/// Rows and their øre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Number of rows.
    pub rows: u64,
    /// Their face amounts, as far as they could be read.
    pub ore: Ore,
}

/// What became of one source's rows. Read = used + sorted out + set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSummary {
    /// Its name in the plan.
    pub name: String,
    /// The role of its amounts; `None` for sources without money.
    pub role: Option<Role>,
    /// Files read.
    pub files: usize,
    /// Rows read.
    pub read: Rows,
    /// Rows used.
    pub used: Rows,
    /// Rows left out by a rule of the layout: drafts, annulled rows, totals.
    pub sorted_out: Rows,
    /// Rows at fault.
    pub set_aside: Rows,
    /// Months of the period of which some kroner are usually not booked at the end of the data: first day and the share that usually
    /// is, in parts per million.
    pub unripe: Vec<(Date, u32)>,
    /// Of the rows used, those whose account, paragraph or benefit the catalogue does not know.
    pub unknown: Rows,
    /// The earliest day of its rows.
    pub first: Option<Date>,
    /// The last day that the source covers.
    pub last: Option<Date>,
}

/// Persons and units of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Persons in the register extract.
    pub register: u64,
    /// Units on the reference date.
    pub units: u64,
    /// Of these, single units whose address names no dwelling.
    pub singles: u64,
    /// Households of so many members that a person should look at them.
    pub review: u64,
}

impl ReportModel {
    /// What families are ranked by, in a word.
    pub(super) const fn measure(&self) -> &'static str {
        if self.ranked_by_net { "netto" } else { "brutto" }
    }

    /// What families are ranked by, in words.
    pub(super) fn ranked_by(&self) -> String {
        match self.price_year {
            Some(year) => format!("{} i {year}-priser", self.measure()),
            None => format!("{} i løbende priser", self.measure()),
        }
    }

    /// The name of a department.
    pub(super) fn department(&self, id: DepartmentId) -> &str {
        self.departments.get(id.index()).map_or("ukendt afdeling", String::as_str)
    }

    /// The name of a source.
    pub(super) fn source(&self, id: SourceId) -> &str {
        self.sources.get(id.index()).map_or("ukendt kilde", |source| &source.name)
    }

    /// Øre of all ranked units.
    pub(super) fn attributed(&self) -> Result<Ore> {
        Ok(self.bridge.sum(|line| line.destination == Destination::Units)?.1)
    }

    /// Every unit that stands on one of the four lists, in the order of ranks by kroner, then labels.
    pub(super) fn listed(&self) -> Vec<usize> {
        let ranking = &self.ranking;
        let lists = [&ranking.by_cost, &ranking.by_services, &ranking.several_by_cost, &ranking.several_by_services];
        let mut units: Vec<usize> = lists.iter().flat_map(|list| &list.rows).map(|place| place.unit).collect();
        units.sort_unstable_by_key(|unit| (ranking.by_cost.ranks[*unit], self.figures[*unit].label));
        units.dedup();
        units
    }
}

/// Departments with øre among these units, in the order of departments.
pub(super) fn departments_of<'a>(units: impl Iterator<Item = &'a UnitFigures>) -> Result<Vec<(DepartmentId, Ore)>> {
    let mut sums = BTreeMap::<DepartmentId, Ore>::new();
    for (department, ore) in units.flat_map(|unit| &unit.by_department) {
        let sum = sums.entry(*department).or_default();
        *sum = sum.plus(*ore)?;
    }
    Ok(sums.into_iter().collect())
}
