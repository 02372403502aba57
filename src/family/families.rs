//! All three units of a run together.

use super::{
    casefamily::{Attachment, Known, ManualLink, Placement, ReviewReason},
    casetimeline::case_timeline,
    departed::with_departed,
    efamily::FamilyKind,
    guard::{Guard, Reason},
    household::{Occupied, households, occupied},
    paidhere::{timeline_with_paid_here, with_paid_here},
    timeline::{Days, Timeline},
    unit::{Draft, UnitForm, Units},
    whereabouts::Whereabouts,
};
use crate::{
    base::Result,
    domain::{Date, Period, PersonId},
    pseudonym::UnitKind,
    register::Population,
};

/// What the units are made from.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
    /// The register.
    pub population: &'a Population,
    /// Placements as [`super::episodes`] gives them.
    pub placements: &'a [Placement],
    /// The municipality's own file, sorted.
    pub manual: &'a [ManualLink],
    /// Addresses that are no household.
    pub guard: &'a Guard,
    /// Persons of whom a source says that this municipality pays, sorted.
    pub paid_here: &'a [PersonId],
    /// The period.
    pub period: Period,
    /// The reference date.
    pub day: Date,
}

/// Addresses that are no household, and who lives there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dissolved {
    /// Addresses on the list of institutions.
    pub listed: u64,
    /// Addresses with four or more unrelated families.
    pub nuclei: u64,
    /// Their residents.
    pub persons: u64,
}

/// The units of a run.
#[derive(Clone, Debug)]
pub struct Families {
    /// H: strictly the address on the reference date.
    pub households: Units,
    /// F, with who died or left in the period.
    pub families: Units,
    /// S, with who died or left in the period.
    pub case_families: Units,
    /// F day by day.
    pub timeline: Timeline,
    /// S day by day.
    pub case_timeline: Timeline,
    /// The case families of the first day of the period, for [`super::lineage`].
    pub case_families_before: Units,
    /// Whom people must look at, sorted.
    pub review: Vec<(PersonId, ReviewReason)>,
    /// Addresses that are no household.
    pub dissolved: Dissolved,
    /// Children in families of their own, by where their parents are, in the order of [`Whereabouts::ALL`].
    pub parents_of_not_home: [u64; 4],
}

impl Families {
    /// Works all units out.
    ///
    /// # Errors
    /// A fault of the program: a person in two units.
    pub fn of(from: &Ingredients<'_>) -> Result<Self> {
        let Ingredients { population, placements, manual, guard, paid_here, period, day } = *from;
        let known = Known { population, placements, manual };
        let addresses = occupied(population, day);
        let household_drafts = addresses.iter().flat_map(|at| households(population, at, guard, day)).collect();
        let dissolved = dissolved(population, guard, &addresses, day);
        let plain = families_of(population, &addresses, day)?;
        drop(addresses);
        let (attachments, review) = known.attachments(&plain, day);
        let timeline = Timeline::of(population, period);
        let case_timeline = case_timeline(&known, &timeline, &plain, &attachments, period);
        let units = |kind, drafts| units(population, kind, with_paid_here(population, paid_here, drafts, day), day);
        let case_drafts = known.case_families(&plain, &attachments, day);
        let families = units(UnitKind::Family, with_departed(population, &timeline, plain.drafts(), day))?;
        let case_families = units(UnitKind::CaseFamily, with_departed(population, &case_timeline, case_drafts, day))?;
        let case_families_before = case_families_on(&known, paid_here, period.from)?;
        let throughout = |timeline| timeline_with_paid_here(population, paid_here, timeline, Days::of(period), day);
        Ok(Self {
            households: units(UnitKind::Household, household_drafts)?,
            parents_of_not_home: parents_of_not_home(population, &plain, day),
            families,
            case_families,
            timeline: throughout(timeline),
            case_timeline: throughout(case_timeline),
            case_families_before,
            review,
            dissolved,
        })
    }

    /// The units of a kind.
    #[must_use]
    pub const fn units(&self, kind: UnitKind) -> &Units {
        match kind {
            UnitKind::Household => &self.households,
            UnitKind::Family => &self.families,
            UnitKind::CaseFamily => &self.case_families,
        }
    }
}

fn units(population: &Population, kind: UnitKind, drafts: Vec<Draft>, day: Date) -> Result<Units> {
    Units::new(kind, drafts, population.len(), |person| population.strongest_protection_on(person, day))
}

fn families_of(population: &Population, addresses: &[Occupied], day: Date) -> Result<Units> {
    let age = |person| population.age_on(person, day);
    let drafts = addresses.iter().flat_map(|at| &at.families).map(|family| Draft::of_family(family, age)).collect();
    units(population, UnitKind::Family, drafts, day)
}

/// The case families of one day, with nobody of other days.
fn case_families_on(known: &Known<'_>, paid_here: &[PersonId], day: Date) -> Result<Units> {
    let population = known.population;
    let plain = families_of(population, &occupied(population, day), day)?;
    let (attachments, _): (Vec<Attachment>, _) = known.attachments(&plain, day);
    let drafts = with_paid_here(population, paid_here, known.case_families(&plain, &attachments, day), day);
    units(population, UnitKind::CaseFamily, drafts, day)
}

fn dissolved(population: &Population, guard: &Guard, addresses: &[Occupied], day: Date) -> Dissolved {
    let mut counts = Dissolved::default();
    for at in addresses {
        let Some(dwelling) = at.dwelling else { continue };
        match guard.dissolves(population, &dwelling, &at.families, day) {
            Some(Reason::Listed) => counts.listed += 1,
            Some(Reason::Nuclei) => counts.nuclei += 1,
            None => continue,
        }
        counts.persons += at.residents.len() as u64;
    }
    counts
}

fn parents_of_not_home(population: &Population, families: &Units, day: Date) -> [u64; 4] {
    let mut counts = [0; 4];
    for (unit, _) in families.iter().filter(|(_, unit)| unit.form == UnitForm::Family(FamilyKind::NotHomeChild)) {
        for member in families.members(unit) {
            let parents = Whereabouts::of_absent_parents(population, member.person, day, |_| false);
            counts[parents.unwrap_or(Whereabouts::Unnamed) as usize] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests;
