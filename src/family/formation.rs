//! One look at every address of the period gives all that families are made from: who belonged to which family on which days,
//! and who keeps house together on the reference date.
//!
//! A family of the E-rules depends on nothing outside its address, so each address is looked at once for every stretch of days
//! on which nothing changes there: nobody moves, dies, marries or divorces, has a birthday at which a rule turns, or gets a child.
//! Addresses are looked at in parallel; the result is sorted, so neither threads nor the size of chunks show in it.

use std::{convert::Infallible, ops::Range};

use super::{
    age::ADULT_FROM,
    efamily,
    guard::{Guard, Reason},
    homes::Homes,
    household::{Occupied, dwelling_on, households},
    timeline::{Days, Heads, Membership, Timeline},
    unit::{Drafts, MemberRole, UnitForm, members_of},
};
use crate::{
    base::Pool,
    domain::{Date, Period, PersonId, RegisterDate},
    register::{AddressId, Population},
};

/// The birthdays at which a rule of the E-family turns.
const TURNING_AGES: [i16; 3] = [efamily::PARTNER_FROM, ADULT_FROM, efamily::HOME_CHILD_UNDER];

/// Persons, and then stays, that one worker looks at together. Of no influence on the result.
const PER_CHUNK: usize = 16_384;

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

/// What the addresses of a period give.
#[derive(Debug, Default)]
pub struct Formation {
    /// The families of everybody on every day of the period.
    pub timeline: Timeline,
    /// The households of the reference date.
    pub households: Drafts,
    /// The families of the reference date.
    pub families: Drafts,
    /// The families of the first day of the period.
    pub families_before: Drafts,
    /// Addresses that are no household on the reference date.
    pub dissolved: Dissolved,
    /// Where everybody lives on the reference date.
    pub homes: Homes,
}

/// Looks at every address of the period; `day` is the reference date within it.
#[must_use]
pub fn form(population: &Population, guard: &Guard, period: Period, day: Date, pool: &Pool) -> Formation {
    let (stays, homes) = stays(population, Days::of(period), day, pool);
    let mut formation = Formation { homes, ..Formation::default() };
    let mut memberships = Vec::with_capacity(stays.len());
    let mut start = 0;
    let outcome: Result<(), Infallible> = pool.ordered(
        || {
            let chunk = next_chunk(&stays, start);
            start = chunk.end;
            Ok((!chunk.is_empty()).then_some(chunk))
        },
        |chunk| {
            let mut look = Look { population, guard, day, before: period.from, found: Found::default() };
            for address in stays[chunk].chunk_by(shares) {
                look.at(address);
            }
            look.found
        },
        |found: Found| {
            memberships.extend(found.memberships);
            formation.households.append(&found.households);
            formation.families.append(&found.families);
            formation.families_before.append(&found.families_before);
            formation.dissolved.listed += found.dissolved.listed;
            formation.dissolved.nuclei += found.dissolved.nuclei;
            formation.dissolved.persons += found.dissolved.persons;
            Ok(())
        },
    );
    let Ok(()) = outcome;
    drop(stays);
    pool.sort_by_key(&mut memberships, |membership| *membership);
    formation.timeline = Timeline::of_sorted(memberships);
    formation
}

/// A person at one address (or at none that can be shared) over some days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stay {
    dwelling: Option<AddressId>,
    person: PersonId,
    days: Days,
}

/// Whether two neighbours in the order of stays are at one address.
fn shares(left: &Stay, right: &Stay) -> bool {
    left.dwelling.is_some() && left.dwelling == right.dwelling
}

/// The next stays from `start`, ending with the last of an address.
fn next_chunk(stays: &[Stay], start: usize) -> Range<usize> {
    let reach = (start + PER_CHUNK).min(stays.len());
    let Some(last) = stays[start..reach].last() else { return start..start };
    start..reach + stays[reach..].iter().take_while(|stay| shares(last, stay)).count()
}

/// Everybody's stays in these days, in the order of addresses, and where everybody lives on one of them.
fn stays(population: &Population, days: Days, day: Date, pool: &Pool) -> (Vec<Stay>, Homes) {
    let (persons, mut start) = (population.len(), 0);
    let mut all: Vec<Stay> = Vec::with_capacity(persons);
    let mut homes = Homes::new(persons, day);
    let outcome: Result<(), Infallible> = pool.ordered(
        || {
            let chunk = start..(start + PER_CHUNK).min(persons);
            start = chunk.end;
            Ok((!chunk.is_empty()).then_some(chunk))
        },
        |chunk: Range<usize>| {
            let (mut found, mut cuts) = (Vec::with_capacity(chunk.len()), Vec::new());
            for person in chunk {
                let person = PersonId(u32::try_from(person).expect("persons have ids"));
                stays_of(population, person, days, &mut cuts, &mut found);
            }
            found
        },
        |found: Vec<Stay>| {
            let of_day = found.iter().filter(|stay| stay.days.contains(day));
            of_day.for_each(|stay| homes.note(stay.person, stay.dwelling));
            all.extend(found);
            Ok(())
        },
    );
    let Ok(()) = outcome;
    pool.sort_by_key(&mut all, |stay| *stay);
    (all, homes)
}

/// Where a person lived in these days, day for day. `cuts` is room to work in.
fn stays_of(population: &Population, person: PersonId, days: Days, cuts: &mut Vec<Date>, stays: &mut Vec<Stay>) {
    if !population.is_delivered(person) {
        return;
    }
    cuts.clear();
    cuts.extend([days.from, days.to]);
    let mut cut =
        |date: Option<RegisterDate>| cuts.extend(date.map(|date| date.date).filter(|date| days.contains(*date)));
    cut(population.born(person));
    cut(population.status_from(person));
    for address in population.addresses(person) {
        cut(address.from);
        cut(address.to);
    }
    cuts.sort_unstable();
    cuts.dedup();
    let first = stays.len();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if !population.is_resident_on(person, from) {
            continue;
        }
        let dwelling = dwelling_on(population, person, from);
        match stays[first..].last_mut() {
            Some(last) if last.days.to == from && last.dwelling == dwelling => last.days.to = to,
            _ => stays.push(Stay { dwelling, person, days: Days { from, to } }),
        }
    }
}

/// What one worker found.
#[derive(Default)]
struct Found {
    memberships: Vec<Membership>,
    households: Drafts,
    families: Drafts,
    families_before: Drafts,
    dissolved: Dissolved,
}

/// One worker.
struct Look<'a> {
    population: &'a Population,
    guard: &'a Guard,
    day: Date,
    before: Date,
    found: Found,
}

impl Look<'_> {
    /// The families at one address, stretch by stretch.
    fn at(&mut self, stays: &[Stay]) {
        let key = |address| self.population.address_key(address);
        let institution = stays.len() > 1 && stays[0].dwelling.is_some_and(|address| self.guard.lists(&key(address)));
        let cuts = self.cuts(stays);
        for pair in cuts.windows(2) {
            let days = Days { from: pair[0], to: pair[1] };
            let here = stays.iter().filter(|stay| stay.days.contains(days.from));
            // A person may have two stays at one address, but not on one day; stays stand in the order of persons.
            let residents: Vec<PersonId> = here.map(|stay| stay.person).collect();
            if !residents.is_empty() {
                self.stretch(stays[0].dwelling, institution, residents, days);
            }
        }
    }

    /// The days on which something may change at the address, sorted.
    fn cuts(&self, stays: &[Stay]) -> Vec<Date> {
        let mut cuts = Vec::with_capacity(stays.len() * 2);
        for stay in stays {
            cuts.extend([stay.days.from, stay.days.to]);
            // Whoever is of age and lives alone at an address stays a family of one, whatever happens.
            let is_adult = |age| age >= ADULT_FROM;
            if stays.len() > 1 || !self.population.age_on(stay.person, stay.days.from).is_some_and(is_adult) {
                turning_days(self.population, stay.person, stay.days, &mut cuts);
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    fn stretch(&mut self, dwelling: Option<AddressId>, institution: bool, residents: Vec<PersonId>, days: Days) {
        let (population, found) = (self.population, &mut self.found);
        let families = efamily::families_at(population, &residents, institution, days.from);
        for family in &families {
            let heads = Heads::of(family);
            let member = |person, role, link| Membership { person, days, heads, kind: family.kind, role, link };
            found.memberships.push(member(family.head, MemberRole::Head, None));
            found.memberships.extend(family.partner.map(|(one, link)| member(one, MemberRole::Partner, Some(link))));
            let children = family.children.iter();
            found.memberships.extend(children.map(|(child, link)| member(*child, MemberRole::Child, Some(*link))));
        }
        let draft = |drafts: &mut Drafts, day: Date| {
            for family in &families {
                drafts.push(UnitForm::Family(family.kind), members_of(family, |person| population.age_on(person, day)));
            }
        };
        if days.contains(self.before) {
            draft(&mut found.families_before, self.before);
        }
        if days.contains(self.day) {
            draft(&mut found.families, self.day);
            let dwelling = dwelling.map(|address| population.address_key(address));
            let at = Occupied { dwelling, residents, families };
            let why = dwelling.and_then(|key| self.guard.dissolves(population, &key, &at.families, self.day));
            match why {
                Some(Reason::Listed) => found.dissolved.listed += 1,
                Some(Reason::Nuclei) => found.dissolved.nuclei += 1,
                None => {}
            }
            found.dissolved.persons += if why.is_some() { at.residents.len() as u64 } else { 0 };
            households(population, &at, why.is_some(), self.day, &mut found.households);
        }
    }
}

/// The days on which a rule may turn for somebody, wherever the person is.
fn turning_days(population: &Population, person: PersonId, within: Days, cuts: &mut Vec<Date>) {
    let mut cut = |date: Date| {
        if within.contains(date) {
            cuts.push(date);
        }
    };
    if let Some(born) = population.born(person) {
        for age in TURNING_AGES.into_iter().filter(|age| may_turn(born.date, *age, within)) {
            birthday(born.date, age).into_iter().for_each(&mut cut);
        }
    }
    for civil in population.civil_statuses(person) {
        civil.from.into_iter().chain(civil.to).for_each(|date| cut(date.date));
        civil.spouse.and_then(|spouse| population.died_on(spouse)).into_iter().for_each(&mut cut);
    }
    for child in population.children(person) {
        population.born(child).into_iter().for_each(|born| cut(born.date));
    }
}

/// Whether somebody may turn this age within these days, by the length of years alone: nearly nobody does, and a birthday to
/// the day is dear.
fn may_turn(born: Date, age: i16, within: Days) -> bool {
    let (years, near) = (i32::from(age), 3);
    let around = born.plus(years * 365 + years / 4);
    around.plus(near) >= within.from && around.plus(-near) < within.to
}

/// The day on which somebody turns this age.
fn birthday(born: Date, age: i16) -> Option<Date> {
    let (year, month, day) = born.ymd();
    let year = year.checked_add(age)?;
    // Who is born on 29 February turns a year older on the 28th in other years.
    Date::from_ymd(year, month, day).or_else(|_| Date::from_ymd(year, month, day - 1)).ok()
}

#[cfg(test)]
mod tests;
