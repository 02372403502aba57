//! The one look that a run takes at all rows, on the way to the ledger's settlement.

use super::{families, money::Nobody, preparation::Preparation};
use crate::{
    analysis::ServiceFacts,
    base::{Pool, Result},
    domain::{Ore, OreOverflow, Period, Role, ServiceId, SourceId, System},
    family::Placement,
    ledger::{self, Bundles, Entry, Lags, Ledger, Settlement},
    plan,
    register::Population,
    report::Rows,
};

/// What a single look at all rows tells. What stands by source does as far as a source was met.
#[derive(Default)]
pub(super) struct Seen {
    /// When somebody is placed.
    pub(super) placements: Vec<Placement>,
    /// The rows that the catalogue cannot place, persons' and nobody's alike.
    pub(super) unknown: Vec<Rows>,
    /// What each source of actual or manual rows brings in: the bridge must account for all of it.
    faces: Vec<Option<Ore>>,
    /// How late a source's payments come.
    pub(super) lags: Vec<Lags>,
}

impl Seen {
    fn count(&mut self, source: SourceId, rows: u64, ore: Ore) -> Result<(), OreOverflow> {
        let sum = of_source(&mut self.unknown, source);
        *sum = Rows { rows: sum.rows + rows, ore: sum.ore.plus(ore)? };
        Ok(())
    }

    fn add(&mut self, source: SourceId, ore: Ore) -> Result<(), OreOverflow> {
        let sum = of_source(&mut self.faces, source);
        *sum = Some(sum.unwrap_or_default().plus(ore)?);
        Ok(())
    }

    /// The faces of the sources that have any.
    pub(super) fn faces(&self) -> Vec<(SourceId, Ore)> {
        (0..).map(SourceId).zip(&self.faces).filter_map(|(source, sum)| Some((source, (*sum)?))).collect()
    }

    fn append(&mut self, other: Self) -> Result<(), OreOverflow> {
        self.placements.extend(other.placements);
        for (source, Rows { rows, ore }) in (0..).map(SourceId).zip(other.unknown) {
            self.count(source, rows, ore)?;
        }
        for (source, ore) in (0..).map(SourceId).zip(other.faces) {
            ore.map_or(Ok(()), |ore| self.add(source, ore))?;
        }
        let mut lags = (0..).map(SourceId).zip(&other.lags);
        lags.try_for_each(|(source, lags)| of_source(&mut self.lags, source).add_all(lags))
    }
}

fn of_source<T: Clone + Default>(by_source: &mut Vec<T>, source: SourceId) -> &mut T {
    if by_source.len() <= source.index() {
        by_source.resize(source.index() + 1, T::default());
    }
    &mut by_source[source.index()]
}

/// What rows are looked at with.
pub(super) struct Look<'a> {
    plan: &'a plan::Plan,
    services: &'a [ServiceFacts],
    population: &'a Population,
    /// The services that stand for what the catalogue does not know.
    unknown: [ServiceId; 3],
    /// By source: the days for which all bills have come.
    mature: Vec<Period>,
}

impl<'a> Look<'a> {
    pub(super) fn new(preparation: &'a Preparation, services: &'a [ServiceFacts], population: &'a Population) -> Self {
        let (plan, catalogue) = (&preparation.plan, &preparation.catalogue);
        let unknown = [catalogue.unknown_account(), catalogue.unknown_paragraph(), catalogue.unknown_benefit()];
        let mature = plan.sources.iter().map(|source| preparation.mature(source)).collect();
        Self { plan, services, population, unknown, mature }
    }

    /// Settles the rows and looks at them on the way.
    pub(super) fn settle(
        &self,
        rows: Bundles,
        nobody: Nobody,
        settlement: &Settlement,
        pool: &Pool,
    ) -> Result<(Ledger, Seen)> {
        let mut seen = self.at_nobody(&nobody)?;
        let look = |seen: &mut Seen, rows: &[Entry]| Ok(self.at(seen, rows)?);
        let (ledger, parts) = ledger::settle(rows, nobody.into_rows(), settlement, look, pool)?;
        parts.into_iter().try_for_each(|part| seen.append(part))?;
        Ok((ledger, seen))
    }

    /// Looks at the rows of a person.
    fn at(&self, seen: &mut Seen, rows: &[Entry]) -> Result<(), OreOverflow> {
        for row in rows {
            seen.placements.extend(families::placement(row, self.services, self.population));
            if self.unknown.contains(&row.service) {
                seen.count(row.source, 1, row.amount)?;
            }
            if matches!(row.role, Role::Actual | Role::Manual) {
                seen.add(row.source, ledger::face_ore(row, self.plan.period)?)?;
            }
            of_source(&mut seen.lags, row.source).add(row, self.mature[row.source.index()])?;
        }
        Ok(())
    }

    /// Looks at the rows without a person.
    fn at_nobody(&self, nobody: &Nobody) -> Result<Seen, OreOverflow> {
        // Every source has a place.
        let sources = self.plan.sources.len();
        let (unknown, lags) = (vec![Rows::default(); sources], vec![Lags::default(); sources]);
        let mut seen = Seen { unknown, lags, ..Seen::default() };
        // What is no cost has nothing to place.
        for (source, _, rows, ore) in nobody.costs().filter(|(_, service, ..)| self.unknown.contains(service)) {
            seen.count(source, rows, ore)?;
        }
        // What a grant or a measure stands for is no money of a source until its days are settled.
        let is_paid = |source: SourceId| {
            let system = self.plan.source(source).system;
            matches!(system, System::Opus | System::Kmd | System::Ydelsesrefusion | System::Manuel)
        };
        for (source, ore) in nobody.sums().filter(|(source, _)| is_paid(*source)) {
            seen.add(source, ore)?;
        }
        Ok(seen)
    }
}
