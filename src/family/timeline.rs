//! Who belonged to which family on which days: intervals over a period, worked out address by address.
//!
//! A family of the E-rules depends on nothing outside its address, so each address is looked at once for every stretch of days
//! on which nothing changes there: nobody moves, dies, marries or divorces, has a birthday at which a rule turns, or gets a child.

use std::collections::BTreeSet;

use super::{
    efamily::{self, Family, FamilyKind},
    household::dwelling_on,
    unit::{Link, MemberRole},
};
use crate::{
    domain::{Date, Period, PersonId, RegisterDate},
    register::{AddressId, Population},
};

/// The birthdays at which a rule of the E-family turns.
const TURNING_AGES: [i16; 3] = [efamily::PARTNER_FROM, super::age::ADULT_FROM, efamily::HOME_CHILD_UNDER];

/// Days from one to another, the last not included: `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

impl Days {
    /// All days of a period.
    #[must_use]
    pub const fn of(period: Period) -> Self {
        Self { from: period.from, to: period.to.plus(1) }
    }

    /// The days that both have; `None` when there is none.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        let days = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (days.from < days.to).then_some(days)
    }

    /// Whether the day is one of them.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day < self.to
    }

    /// How many they are.
    #[must_use]
    pub const fn count(self) -> i32 {
        self.to.days() - self.from.days()
    }
}

/// Who leads a family: what tells it from every other on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Heads {
    first: PersonId,
    second: Option<PersonId>,
}

impl Heads {
    /// The heads of a family.
    #[must_use]
    pub fn of(family: &Family) -> Self {
        Self::new(family.head, family.partner.map(|(person, _)| person))
    }

    /// One or two persons, whichever comes first.
    #[must_use]
    pub fn new(one: PersonId, other: Option<PersonId>) -> Self {
        match other {
            Some(other) => Self { first: one.min(other), second: Some(one.max(other)) },
            None => Self { first: one, second: None },
        }
    }

    /// The persons, sorted.
    pub fn persons(self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.first).chain(self.second)
    }
}

/// A person's membership of a family over some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// When.
    pub days: Days,
    /// Whose family.
    pub heads: Heads,
    /// What the family is.
    pub kind: FamilyKind,
    /// What the person is in it.
    pub role: MemberRole,
    /// What binds the person to it.
    pub link: Option<Link>,
}

/// The families of everybody over a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// By person, then by day; a person's intervals never overlap, and equal neighbours are one.
    memberships: Vec<Membership>,
    /// By person up to the last with any: where its memberships begin, and behind that where they all end.
    starts: Vec<u32>,
}

/// A person at one address (or at none that can be shared) over some days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stay {
    dwelling: Option<AddressId>,
    person: PersonId,
    days: Days,
}

impl Timeline {
    /// Works the families out for every day of the period.
    #[must_use]
    pub fn of(population: &Population, period: Period) -> Self {
        let mut stays: Vec<Stay> =
            population.persons().flat_map(|person| stays_of(population, person, period)).collect();
        stays.sort_unstable();
        let mut memberships = Vec::with_capacity(stays.len());
        for address in stays.chunk_by(|left, right| left.dwelling.is_some() && left.dwelling == right.dwelling) {
            at_address(population, address, &mut memberships);
        }
        Self::new(memberships)
    }

    /// Sorts memberships and joins equal neighbours.
    pub(crate) fn new(mut memberships: Vec<Membership>) -> Self {
        memberships.sort_unstable();
        let mut joined: Vec<Membership> = Vec::with_capacity(memberships.len());
        for next in memberships {
            if let Some(last) = joined.last_mut()
                && last.days.to == next.days.from
                && *last == (Membership { days: last.days, ..next })
            {
                last.days.to = next.days.to;
            } else {
                joined.push(next);
            }
        }
        let mut starts = Vec::new();
        for (place, membership) in (0..).zip(&joined) {
            if starts.len() <= membership.person.index() {
                starts.resize(membership.person.index() + 1, place);
            }
        }
        starts.push(u32::try_from(joined.len()).expect("no more memberships than 32 bits count"));
        Self { memberships: joined, starts }
    }

    /// Adds memberships of persons that have none.
    pub(super) fn with(self, more: Vec<Membership>) -> Self {
        if more.is_empty() {
            return self;
        }
        let mut memberships = self.memberships;
        memberships.extend(more);
        Self::new(memberships)
    }

    /// Every membership, by person and day.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The memberships of a person, by day.
    #[must_use]
    pub fn of_person(&self, person: PersonId) -> &[Membership] {
        let start = |person: usize| self.starts.get(person).map(|start| *start as usize);
        match (start(person.index()), start(person.index() + 1)) {
            (Some(from), Some(to)) => &self.memberships[from..to],
            _ => &[],
        }
    }

    /// The family of a person on a day.
    #[must_use]
    pub fn on(&self, person: PersonId, day: Date) -> Option<&Membership> {
        self.of_person(person).iter().find(|membership| membership.days.contains(day))
    }
}

/// Where a person lived in the period, day for day.
fn stays_of(population: &Population, person: PersonId, period: Period) -> Vec<Stay> {
    if !population.is_delivered(person) {
        return Vec::new();
    }
    let days = Days::of(period);
    let mut cuts = vec![days.from, days.to];
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
    let mut stays: Vec<Stay> = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if !population.is_resident_on(person, from) {
            continue;
        }
        let dwelling = dwelling_on(population, person, from);
        match stays.last_mut() {
            Some(last) if last.days.to == from && last.dwelling == dwelling => last.days.to = to,
            _ => stays.push(Stay { dwelling, person, days: Days { from, to } }),
        }
    }
    stays
}

/// The families at one address, stretch by stretch.
fn at_address(population: &Population, stays: &[Stay], memberships: &mut Vec<Membership>) {
    let mut cuts = BTreeSet::new();
    for stay in stays {
        cuts.extend([stay.days.from, stay.days.to]);
        turning_days(population, stay.person, stay.days, &mut cuts);
    }
    let cuts: Vec<Date> = cuts.into_iter().collect();
    let mut residents = Vec::new();
    for pair in cuts.windows(2) {
        let days = Days { from: pair[0], to: pair[1] };
        residents.clear();
        residents.extend(stays.iter().filter(|stay| stay.days.contains(days.from)).map(|stay| stay.person));
        if residents.is_empty() {
            continue;
        }
        residents.sort_unstable();
        for family in efamily::families_at(population, &residents, days.from) {
            let heads = Heads::of(&family);
            let member = |person, role, link| Membership { person, days, heads, kind: family.kind, role, link };
            memberships.push(member(family.head, MemberRole::Head, None));
            memberships.extend(family.partner.map(|(person, link)| member(person, MemberRole::Partner, Some(link))));
            let children = family.children.iter();
            memberships.extend(children.map(|(person, link)| member(*person, MemberRole::Child, Some(*link))));
        }
    }
}

/// The days on which a rule may turn for somebody, wherever the person is.
fn turning_days(population: &Population, person: PersonId, within: Days, cuts: &mut BTreeSet<Date>) {
    let mut cut = |date: Date| {
        if within.contains(date) {
            cuts.insert(date);
        }
    };
    if let Some(born) = population.born(person) {
        for age in TURNING_AGES {
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

/// The day on which somebody turns this age.
fn birthday(born: Date, age: i16) -> Option<Date> {
    let (year, month, day) = born.ymd();
    let year = year.checked_add(age)?;
    // Who is born on 29 February turns a year older on the 28th in other years.
    Date::from_ymd(year, month, day).or_else(|_| Date::from_ymd(year, month, day - 1)).ok()
}

#[cfg(test)]
mod tests;
