//! Whose family everybody was of on every day of the period, by the rules of `cpr.md` 3.2 and `metrics.md` written once more
//! for the lives of a block. The program has its own; nothing here is shared with it.
//!
//! A family depends on nothing outside its address, and strangers of other blocks meet at institutions only, where nobody is
//! another's family.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    address::{self, Address},
    person::{Person, Status},
    world::World,
};
use crate::domain::{Date, Sex};

/// A unit's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Family.
    F,
    /// Case family: the family and its children placed elsewhere.
    S,
}

/// Days of one person in one family, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// Who, by place in the block.
    pub person: usize,
    /// Of which kind of unit.
    pub unit: Unit,
    /// First day within the period.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// Who leads the family, by place: one or a couple, the first in the block first.
    pub heads: (usize, Option<usize>),
}

/// The memberships of a block's persons within the period, by person, unit and day. Equal neighbours are one.
#[must_use]
pub fn memberships(world: &World, block: u32, persons: &[Person]) -> Vec<Membership> {
    let mut all = Vec::with_capacity(persons.len() * 3);
    for (address, stays) in stays(world, persons) {
        let shared = address != Address::NoFixedAbode && !address::is_institution(block, address);
        for stretch in stretches(persons, &stays) {
            let residents: Vec<usize> = stays
                .iter()
                .filter(|stay| stay.from <= stretch.0 && stretch.0 < stay.to)
                .map(|stay| stay.person)
                .collect();
            let heads = if shared {
                Dwelling { persons, residents: &residents, day: stretch.0 }.families()
            } else {
                residents.iter().map(|person| (*person, (*person, None))).collect()
            };
            let (from, to) = stretch;
            all.extend(heads.into_iter().map(|(person, heads)| Membership { person, unit: Unit::F, from, to, heads }));
        }
    }
    let families = joined(all);
    let mut all = case_families(world, persons, &families);
    all.extend(families);
    joined(all)
}

fn joined(mut all: Vec<Membership>) -> Vec<Membership> {
    all.sort_unstable();
    all.dedup_by(|next, kept| {
        let same = (next.person, next.unit, next.heads) == (kept.person, kept.unit, kept.heads) && next.from == kept.to;
        if same {
            kept.to = next.to;
        }
        same
    });
    all
}

/// A placed child belongs to its mother's family; days at home are days at home, whatever is granted. The mother is who has
/// custody and lived with the child before, in every world made here.
fn case_families(world: &World, persons: &[Person], families: &[Membership]) -> Vec<Membership> {
    let of = |person: usize| {
        let from = families.partition_point(|membership| membership.person < person);
        families[from..].iter().take_while(move |membership| membership.person == person)
    };
    let period = world.period();
    let mut all = Vec::with_capacity(families.len());
    for (place, person) in persons.iter().enumerate() {
        let placed = person.placement.filter(|_| person.mother.is_some()).map(|placement| {
            let to = placement.to.map_or(period.to, |to| to.min(period.to)).plus(1);
            (placement.from.max(period.from), to)
        });
        let Some((away_from, away_to)) = placed.filter(|(from, to)| from < to) else {
            all.extend(of(place).copied());
            continue;
        };
        let is_home = |membership: &Membership| membership.heads != (place, None);
        let days = |membership: &Membership, from: Date, to: Date| {
            let (from, to) = (membership.from.max(from), membership.to.min(to));
            (from < to).then_some(Membership { from, to, ..*membership })
        };
        let mut away = vec![(away_from, away_to)];
        for own in of(place) {
            if is_home(own) {
                all.push(*own);
                away = away.into_iter().flat_map(|days| without(days, (own.from, own.to))).collect();
            } else {
                all.extend(
                    [(own.from, away_from), (away_to, own.to)].into_iter().filter_map(|(from, to)| days(own, from, to)),
                );
            }
        }
        for mothers in person.mother.into_iter().flat_map(of) {
            let with_her = away.iter().filter_map(|(from, to)| days(mothers, *from, *to));
            all.extend(with_her.map(|membership| Membership { person: place, ..membership }));
        }
    }
    all.iter_mut().for_each(|membership| membership.unit = Unit::S);
    all
}

/// The days of one that another does not have.
fn without(days: (Date, Date), taken: (Date, Date)) -> impl Iterator<Item = (Date, Date)> {
    [(days.0, days.1.min(taken.0)), (days.0.max(taken.1), days.1)].into_iter().filter(|(from, to)| from < to)
}

struct Stay {
    person: usize,
    from: Date,
    to: Date,
}

/// Who of the register lived where within the period.
fn stays(world: &World, persons: &[Person]) -> BTreeMap<Address, Vec<Stay>> {
    let (first, end) = (world.period().from, world.period().to.plus(1));
    let mut stays: BTreeMap<Address, Vec<Stay>> = BTreeMap::new();
    for (place, person) in persons.iter().enumerate().filter(|(_, person)| person.delivered) {
        for home in &person.homes {
            let (from, to) = (home.from.max(first), home.to.unwrap_or(end).min(end));
            if from < to {
                stays.entry(home.address).or_default().push(Stay { person: place, from, to });
            }
        }
    }
    stays
}

/// The ages at which a rule turns.
const TURNING: [i16; 3] = [16, 18, 25];

/// The days of an address cut where anything changes there, `[from, to)`.
fn stretches(persons: &[Person], stays: &[Stay]) -> Vec<(Date, Date)> {
    let mut cuts = BTreeSet::new();
    for stay in stays {
        let mut cut = |day: Date| {
            if stay.from <= day && day <= stay.to {
                cuts.insert(day);
            }
        };
        let person = &persons[stay.person];
        [stay.from, stay.to].into_iter().for_each(&mut cut);
        TURNING.into_iter().filter_map(|age| birthday(person.born, age)).for_each(&mut cut);
        cut(person.civil.from);
        if let Some((civil, until)) = &person.former_civil {
            [civil.from, *until].into_iter().for_each(&mut cut);
        }
        let is_parent = |child: &&Person| [child.mother, child.father].contains(&Some(stay.person));
        if stays.len() > 1 {
            persons.iter().filter(is_parent).for_each(|child| cut(child.born));
        }
    }
    let cuts: Vec<Date> = cuts.into_iter().collect();
    cuts.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The day on which somebody turns this age; who is born on 29 February does on the 28th in other years.
fn birthday(born: Date, age: i16) -> Option<Date> {
    let (year, month, day) = born.ymd();
    Date::from_ymd(year + age, month, day).or_else(|_| Date::from_ymd(year + age, month, day - 1)).ok()
}

/// The residents of a dwelling on a day.
struct Dwelling<'a> {
    persons: &'a [Person],
    residents: &'a [usize],
    day: Date,
}

type Heads = (usize, Option<usize>);

impl Dwelling<'_> {
    /// Each resident with who leads its family.
    fn families(&self) -> Vec<(usize, Heads)> {
        let mut partner: BTreeMap<usize, usize> = BTreeMap::new();
        let pair = |one: usize, other: usize, partner: &mut BTreeMap<usize, usize>| {
            if !partner.contains_key(&one) && !partner.contains_key(&other) {
                partner.insert(one, other);
                partner.insert(other, one);
            }
        };
        for (one, other) in self.pairs().filter(|(one, other)| self.are_married(*one, *other)) {
            pair(one, other, &mut partner);
        }
        for (one, other) in self.pairs().filter(|(one, other)| self.have_a_child(*one, *other)) {
            pair(one, other, &mut partner);
        }
        let home_child = |person: usize| !partner.contains_key(&person) && self.is_home_child(person);
        let home: BTreeSet<usize> = self.residents.iter().copied().filter(|person| home_child(*person)).collect();
        let left: Vec<usize> = self
            .residents
            .iter()
            .copied()
            .filter(|person| !partner.contains_key(person) && !home.contains(person))
            .collect();
        // A couple that is nothing but two of an age under one roof: no other grown-up may live there but their own children.
        let grown: Vec<usize> = left.iter().copied().filter(|person| self.age(*person) >= 18).collect();
        let alone_together = |one: usize, other: usize| {
            partner.is_empty()
                && grown.iter().all(|person| [one, other].contains(person))
                && home.iter().all(|child| {
                    self.age(*child) < 18 || self.parents(*child).any(|parent| [one, other].contains(&parent))
                })
        };
        let candidates = || left.iter().copied().filter(|person| self.age(*person) >= 16);
        let cohabitants = candidates()
            .flat_map(|one| candidates().filter(move |other| one < *other).map(move |other| (one, other)))
            .filter(|(one, other)| alone_together(*one, *other) && self.could_be_a_couple(*one, *other))
            .min_by_key(|(one, other)| (self.born(*one).days().abs_diff(self.born(*other).days()), *one, *other));
        if let Some((one, other)) = cohabitants {
            pair(one, other, &mut partner);
        }
        let heads = |person: usize| match partner.get(&person) {
            Some(other) => (person.min(*other), Some(person.max(*other))),
            None => (person, None),
        };
        let family = |person: &usize| {
            let mut parents = self.parents(*person).filter(|parent| self.residents.contains(parent));
            let leads = if home.contains(person) { parents.next().unwrap_or(*person) } else { *person };
            (*person, heads(leads))
        };
        self.residents.iter().map(family).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let residents = self.residents;
        residents
            .iter()
            .flat_map(|one| residents.iter().filter(move |other| one < *other).map(move |other| (*one, *other)))
    }

    fn born(&self, person: usize) -> Date {
        self.persons[person].born
    }

    fn age(&self, person: usize) -> i16 {
        let (year, month, day) = self.day.ymd();
        let (born_year, born_month, born_day) = self.born(person).ymd();
        let had_birthday = match birthday(self.born(person), year - born_year) {
            Some(on) => on <= self.day,
            None => (born_month, born_day) <= (month, day),
        };
        year - born_year - i16::from(!had_birthday)
    }

    /// Mother, then father.
    fn parents(&self, child: usize) -> impl Iterator<Item = usize> {
        [self.persons[child].mother, self.persons[child].father].into_iter().flatten()
    }

    fn civil(&self, person: usize) -> (u8, Option<usize>) {
        let person = &self.persons[person];
        match &person.former_civil {
            Some((civil, until)) if self.day < *until => (civil.code, civil.spouse),
            _ => (person.civil.code, person.civil.spouse),
        }
    }

    fn are_married(&self, one: usize, other: usize) -> bool {
        let alive = |person: usize| !matches!(self.persons[person].status, Status::Dead(day) if day <= self.day);
        alive(one) && alive(other) && self.civil(one) == (b'G', Some(other)) && self.civil(other) == (b'G', Some(one))
    }

    fn have_a_child(&self, one: usize, other: usize) -> bool {
        let both = |child: &Person| {
            let parents = (child.mother, child.father);
            child.born <= self.day && (parents == (Some(one), Some(other)) || parents == (Some(other), Some(one)))
        };
        self.persons.iter().any(both)
    }

    fn is_home_child(&self, person: usize) -> bool {
        let is_parent = |child: &Person| child.born <= self.day && [child.mother, child.father].contains(&Some(person));
        self.age(person) < 25
            && self.civil(person).0 == b'U'
            && self.parents(person).any(|parent| self.residents.contains(&parent))
            && !self.persons.iter().any(is_parent)
    }

    fn could_be_a_couple(&self, one: usize, other: usize) -> bool {
        let sexes = [self.persons[one].sex, self.persons[other].sex];
        let (elder, younger) = (self.born(one).min(self.born(other)), self.born(one).max(self.born(other)));
        // Fewer than fifteen years: the elder had not turned fifteen when the younger was born.
        let close = birthday(elder, 15).is_some_and(|day| younger < day);
        let kin = self.parents(one).any(|parent| parent == other || self.parents(other).any(|of| of == parent))
            || self.parents(other).any(|parent| parent == one);
        sexes.contains(&Sex::Male) && sexes.contains(&Sex::Female) && close && !kin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{people::people, world::Damage};

    const WORLD: World =
        World { seed: 9, persons: 3_000, rows: 0, first_year: 2024, years: 1, plain: false, damage: Damage::None };

    /// The families were drawn first: the rules must give them back on the reference date.
    #[test]
    fn the_rules_give_the_drawn_families_back() {
        let day = WORLD.reference_date();
        let (mut couples, mut placed) = (0, 0);
        for block in 0..WORLD.blocks() {
            let persons = people(&WORLD, block);
            let memberships = memberships(&WORLD, block, &persons);
            let on_the_day = |unit: Unit| {
                let mut families: BTreeMap<Heads, Vec<usize>> = BTreeMap::new();
                let now =
                    memberships.iter().filter(|membership| membership.unit == unit && membership.to == day.plus(1));
                now.for_each(|membership| families.entry(membership.heads).or_default().push(membership.person));
                families.into_values().collect::<BTreeSet<_>>()
            };
            let drawn = |family: fn(&Person) -> usize, counts: fn(&Person) -> bool| {
                let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
                for (place, person) in persons.iter().enumerate().filter(|(_, person)| counts(person)) {
                    families.entry(family(person)).or_default().push(place);
                }
                families.into_values().collect::<BTreeSet<_>>()
            };
            let delivered =
                drawn(|person| person.family, |person| person.status == Status::Resident && person.delivered);
            assert_eq!(on_the_day(Unit::F), delivered);
            let everybody = drawn(|person| person.case_family, |person| person.status == Status::Resident);
            assert_eq!(on_the_day(Unit::S), everybody);
            couples += memberships.iter().filter(|membership| membership.heads.1.is_some()).count();
            placed += memberships
                .iter()
                .filter(|membership| membership.unit == Unit::S && membership.heads.0 != membership.person)
                .count();
        }
        assert!(couples > 1_000 && placed > 100);
    }

    #[test]
    fn nobody_is_in_two_families_at_once_and_days_at_home_follow_days_away() {
        let persons = people(&WORLD, 0);
        let memberships = memberships(&WORLD, 0, &persons);
        for pair in
            memberships.windows(2).filter(|pair| (pair[0].person, pair[0].unit) == (pair[1].person, pair[1].unit))
        {
            assert!(pair[0].to <= pair[1].from, "{pair:?}");
        }
        assert!(memberships.iter().all(|membership| membership.from < membership.to));
    }
}
