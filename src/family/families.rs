//! All three units of a run together.

use super::{
    casefamily::{Known, ManualLink, Placement, ReviewReason},
    casetimeline::case_timeline,
    departed::with_departed,
    efamily::FamilyKind,
    formation::{Dissolved, form},
    guard::Guard,
    homes::Homes,
    paidhere::{timeline_with_paid_here, with_paid_here},
    timeline::{Days, Timeline},
    unit::{UnitForm, Units},
    whereabouts::Whereabouts,
};
use crate::{
    base::{Pool, Result},
    domain::{Date, Period, PersonId, Protection},
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
    /// The case families of the first day of the period, for [`super::lineage`]; nothing is said of their protection.
    pub case_families_before: Units,
    /// Whom people must look at, sorted.
    pub review: Vec<(PersonId, ReviewReason)>,
    /// Addresses that are no household.
    pub dissolved: Dissolved,
    /// Where everybody lives on the reference date.
    pub homes: Homes,
    /// Children in families of their own, by where their parents are, in the order of [`Whereabouts::ALL`].
    pub parents_of_not_home: [u64; 4],
}

impl Families {
    /// Works all units out.
    ///
    /// # Errors
    /// A fault of the program: a person in two units.
    pub fn of(from: &Ingredients<'_>, pool: &Pool) -> Result<Self> {
        let Ingredients { population, placements, manual, guard, paid_here, period, day } = *from;
        let known = Known { population, placements, manual };
        let formation = form(population, guard, period, day, pool);
        let protection: Vec<Option<Protection>> =
            population.persons().map(|person| population.strongest_protection_on(person, day)).collect();
        let units = |kind, drafts| {
            let drafts = with_paid_here(population, paid_here, drafts, day);
            Units::new(kind, drafts, population.len(), |person| protection[person.index()])
        };
        let plain = |drafts| Units::new(UnitKind::Family, drafts, population.len(), |_| None);
        let (households, plain_families) =
            pool.join(|| units(UnitKind::Household, formation.households), || plain(formation.families));
        let plain_families = plain_families?;
        let (attachments, review) = known.attachments(&plain_families, day);
        let case_families = || {
            let timeline = case_timeline(&known, &formation.timeline, &plain_families, &attachments, period);
            let drafts = known.case_families(&plain_families, &attachments, day);
            let drafts = with_departed(population, &timeline, drafts, day);
            units(UnitKind::CaseFamily, drafts).map(|units| (units, timeline))
        };
        let families = || {
            let drafts = with_departed(population, &formation.timeline, plain_families.drafts(), day);
            units(UnitKind::Family, drafts)
        };
        let case_families_before = || {
            let before = plain(formation.families_before)?;
            let (attachments, _) = known.attachments(&before, period.from);
            let drafts = known.case_families(&before, &attachments, period.from);
            let drafts = with_paid_here(population, paid_here, drafts, period.from);
            Units::new(UnitKind::CaseFamily, drafts, population.len(), |_| None)
        };
        let (case_families, (families, before)) =
            pool.join(case_families, || pool.join(families, case_families_before));
        let (case_families, case_timeline) = case_families?;
        let throughout = |timeline| timeline_with_paid_here(population, paid_here, timeline, Days::of(period), day);
        Ok(Self {
            case_families_before: before?,
            households: households?,
            parents_of_not_home: parents_of_not_home(population, &plain_families, day),
            families: families?,
            case_families,
            timeline: throughout(formation.timeline),
            case_timeline: throughout(case_timeline),
            review,
            dissolved: formation.dissolved,
            homes: formation.homes,
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
