//! Unit F: Statistics Denmark's E-family, worked out for the persons of one address on one day.
//!
//! The order of steps is that of `cpr.md` 3.2: couples by marriage or registered partnership, couples with a common child,
//! home children, cohabiting couples among who is left, each home child to a parent at the address, and the rest alone.
//! Every rule asks only about persons at the address, so families of one address never depend on another.
//!
//! Where the rules leave a choice: a reference to a spouse counts when both name each other before one-sided ones, and of
//! one-sided ones the marriage that began last; of several partners with a common child the one of the youngest child; a child
//! whose parents at the address are in two families follows its mother. Home children are the *særbørn* that do not hinder a
//! cohabiting couple: an own child of 25 years or more is another adult (the choice of the independent run in the data).

use super::unit::{Certainty, Link, LinkRule};
use crate::{
    domain::{CivilStatus, Date, PersonId, Sex},
    register::{Parent, Population},
};

/// A child is at home until this age.
pub const HOME_CHILD_UNDER: i16 = 25;
/// Cohabiting partners are at least this old.
pub const PARTNER_FROM: i16 = 16;
/// The ages of cohabiting partners differ by fewer years than this.
pub const AGE_GAP_UNDER: i16 = 15;
/// Who is at least this old is another adult at the address, and no not-home child.
const ADULT_FROM: i16 = super::age::ADULT_FROM;

/// What makes a family one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FamilyKind {
    /// Married to each other.
    Married,
    /// Registered partners.
    RegisteredPartners,
    /// Not married to each other, with a common child (samlevende).
    CohabitingParents,
    /// A man and a woman of nearly the same age, alone with their own children (samboende).
    Cohabiting,
    /// One adult, with home children or without.
    Single,
    /// A child under 18 that lives with neither parent.
    NotHomeChild,
}

impl FamilyKind {
    /// Every kind, in the order of Statistics Denmark's types.
    pub const ALL: [Self; 6] = [
        Self::Married,
        Self::RegisteredPartners,
        Self::CohabitingParents,
        Self::Cohabiting,
        Self::Single,
        Self::NotHomeChild,
    ];

    /// The word that tables and reports use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Married => "ægtepar",
            Self::RegisteredPartners => "registreret partnerskab",
            Self::CohabitingParents => "samlevende",
            Self::Cohabiting => "samboende",
            Self::Single => "enlig",
            Self::NotHomeChild => "ikke-hjemmeboende barn",
        }
    }
}

/// One family at an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Family {
    /// Who leads it: the woman of a man-woman couple, else the oldest; a not-home child leads its own.
    pub head: PersonId,
    /// The other of a couple, and what makes them one.
    pub partner: Option<(PersonId, Link)>,
    /// What makes it a family.
    pub kind: FamilyKind,
    /// Home children with the parent that each follows, sorted.
    pub children: Vec<(PersonId, Link)>,
}

impl Family {
    /// Everybody in it: head, partner, children.
    pub fn members(&self) -> impl Iterator<Item = PersonId> {
        let partner = self.partner.iter().map(|(person, _)| *person);
        std::iter::once(self.head).chain(partner).chain(self.children.iter().map(|(child, _)| *child))
    }

    /// The couple or single head.
    pub fn heads(&self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.head).chain(self.partner.iter().map(|(person, _)| *person))
    }

    /// A person without partner and children.
    #[must_use]
    pub const fn alone(person: PersonId, kind: FamilyKind) -> Self {
        Self { head: person, partner: None, kind, children: Vec::new() }
    }
}

/// Whether the person has a child on the day, wherever it lives and whatever became of it.
#[must_use]
pub fn is_parent_on(population: &Population, person: PersonId, day: Date) -> bool {
    population.children(person).any(|child| is_born(population, child, day))
}

fn is_born(population: &Population, child: PersonId, day: Date) -> bool {
    population.born(child).is_none_or(|born| born.date <= day)
}

/// Whether the person has never been married. Who has no civil status on record has not: nothing is claimed of it.
#[must_use]
pub fn is_unmarried_on(population: &Population, person: PersonId, day: Date) -> bool {
    population.civil_status_on(person, day).is_none_or(|civil| civil.status == CivilStatus::Unmarried)
}

/// A person who shares the address with nobody.
#[must_use]
pub fn alone(population: &Population, person: PersonId, day: Date) -> Family {
    let child = population.age_on(person, day).is_some_and(|age| age < ADULT_FROM)
        && is_unmarried_on(population, person, day)
        && !is_parent_on(population, person, day);
    Family::alone(person, if child { FamilyKind::NotHomeChild } else { FamilyKind::Single })
}

/// The families of everybody who is resident at one dwelling on the day, in the order of their heads. Each resident is in
/// exactly one. `residents` must be sorted and without repetition.
///
/// At an `institution` only the links of the register hold (`metrics.md`, address guard): a man and a woman who live there are
/// no couple for that.
#[must_use]
pub fn families_at(population: &Population, residents: &[PersonId], institution: bool, day: Date) -> Vec<Family> {
    if let [person] = residents {
        return vec![alone(population, *person, day)];
    }
    let place = vec![Place::Open; residents.len()];
    let mut address = Address { population, residents, day, place, couples: Vec::new() };
    address.marriages();
    address.common_children();
    address.home_children();
    if !institution {
        address.cohabitants();
    }
    address.families()
}

/// What has become of a resident so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Open,
    Couple(usize),
    HomeChild,
}

struct Couple {
    persons: [PersonId; 2],
    kind: FamilyKind,
    rule: LinkRule,
    certainty: Certainty,
}

struct Address<'a> {
    population: &'a Population,
    residents: &'a [PersonId],
    day: Date,
    place: Vec<Place>,
    couples: Vec<Couple>,
}

impl Address<'_> {
    fn index(&self, person: PersonId) -> Option<usize> {
        self.residents.binary_search(&person).ok()
    }

    fn open(&self) -> impl Iterator<Item = (usize, PersonId)> + '_ {
        let open = |(index, _): &(usize, PersonId)| self.place[*index] == Place::Open;
        self.residents.iter().copied().enumerate().filter(open)
    }

    /// Joins the pairs in this order; who is in a couple already is in no other.
    fn join(&mut self, pairs: impl Iterator<Item = ([usize; 2], FamilyKind, LinkRule, Certainty)>) {
        for ([left, right], kind, rule, certainty) in pairs {
            if self.place[left] == Place::Open && self.place[right] == Place::Open {
                let couple = Place::Couple(self.couples.len());
                (self.place[left], self.place[right]) = (couple, couple);
                let persons = [self.residents[left], self.residents[right]];
                self.couples.push(Couple { persons, kind, rule, certainty });
            }
        }
    }

    /// Types 1 and 2.
    fn marriages(&mut self) {
        let spouse = |person| self.population.spouse_on(person, self.day);
        let mut pairs = Vec::new();
        for (index, person) in self.residents.iter().copied().enumerate() {
            let Some(other) = spouse(person) else { continue };
            let Some(place) = self.index(other) else { continue };
            let Some(civil) = self.population.civil_status_on(person, self.day) else { continue };
            let partner = civil.status == CivilStatus::Partner;
            let kind = if partner { FamilyKind::RegisteredPartners } else { FamilyKind::Married };
            let one_sided = spouse(other) != Some(person);
            let began = civil.from.map_or(i32::MAX, |from| -from.date.days());
            pairs.push((one_sided, began, [index.min(place), index.max(place)], kind));
        }
        pairs.sort_unstable();
        self.join(pairs.into_iter().map(|(one_sided, _, pair, kind)| {
            (pair, kind, LinkRule::Spouse, if one_sided { Certainty::Probable } else { Certainty::Certain })
        }));
    }

    /// Type 3.
    fn common_children(&mut self) {
        let mut pairs = Vec::new();
        for (index, person) in self.open() {
            for child in self.population.children(person).filter(|child| is_born(self.population, *child, self.day)) {
                let born = self.population.born(child).map_or(i32::MAX, |born| -born.date.days());
                let others = self.population.parents(child).filter_map(|parent| self.index(parent.person()));
                let others = others.filter(|other| *other > index && self.place[*other] == Place::Open);
                pairs.extend(others.map(|other| (born, [index, other])));
            }
        }
        pairs.sort_unstable();
        let link = (FamilyKind::CohabitingParents, LinkRule::Couple, Certainty::Probable);
        self.join(pairs.into_iter().map(|(_, pair)| (pair, link.0, link.1, link.2)));
    }

    fn home_children(&mut self) {
        let is_home_child = |person: PersonId| {
            self.population.age_on(person, self.day).is_some_and(|age| age < HOME_CHILD_UNDER)
                && is_unmarried_on(self.population, person, self.day)
                && !is_parent_on(self.population, person, self.day)
                && self.parent_here(person).is_some()
        };
        let children: Vec<usize> =
            self.open().filter(|(_, person)| is_home_child(*person)).map(|(index, _)| index).collect();
        for child in children {
            self.place[child] = Place::HomeChild;
        }
    }

    /// The parent at the address that a home child follows: mother, father, then a parent that only its own record names.
    fn parent_here(&self, child: PersonId) -> Option<Parent> {
        self.population.parents(child).filter(|parent| self.index(parent.person()).is_some()).min_by_key(|parent| {
            match parent {
                Parent::Mother(person) => (0, *person),
                Parent::Father(person) => (1, *person),
                Parent::Unslotted(person) => (2, *person),
            }
        })
    }

    /// Type 4.
    fn cohabitants(&mut self) {
        let age = |person| self.population.age_on(person, self.day);
        let is_adult = |person| age(person).is_none_or(|age| age >= ADULT_FROM);
        // Couples are other adults to anybody else, and so is a third adult to two.
        let adults = self.open().filter(|(_, person)| is_adult(*person)).count();
        if !self.couples.is_empty() || adults > 2 {
            return;
        }
        let candidates: Vec<(usize, PersonId)> =
            self.open().filter(|(_, person)| age(*person).is_some_and(|age| age >= PARTNER_FROM)).collect();
        let mut pairs = Vec::new();
        for (place, (left, first)) in candidates.iter().enumerate() {
            for (right, second) in &candidates[place + 1..] {
                let others = adults - usize::from(is_adult(*first)) - usize::from(is_adult(*second));
                if others == 0 && self.may_cohabit(*first, *second) {
                    pairs.push((self.days_between(*first, *second), [*left, *right]));
                }
            }
        }
        // The own children that may live there too must be the children of these two.
        pairs.retain(|(_, pair)| self.adult_children_belong(pair.map(|index| self.residents[index])));
        pairs.sort_unstable();
        let link = (FamilyKind::Cohabiting, LinkRule::Couple, Certainty::Uncertain);
        // One couple at most: any other would live with other adults, or with a couple of minors.
        self.join(pairs.into_iter().take(1).map(|(_, pair)| (pair, link.0, link.1, link.2)));
    }

    fn adult_children_belong(&self, pair: [PersonId; 2]) -> bool {
        self.residents.iter().zip(&self.place).filter(|(_, place)| **place == Place::HomeChild).all(|(child, _)| {
            self.population.age_on(*child, self.day).is_some_and(|age| age < ADULT_FROM)
                || self.population.parents(*child).any(|parent| pair.contains(&parent.person()))
        })
    }

    fn may_cohabit(&self, left: PersonId, right: PersonId) -> bool {
        let sexes = (self.population.sex(left), self.population.sex(right));
        matches!(sexes, (Sex::Male, Sex::Female) | (Sex::Female, Sex::Male))
            && self.years_between(left, right).is_some_and(|years| years < AGE_GAP_UNDER)
            && !are_close_kin(self.population, left, right)
    }

    fn days_between(&self, left: PersonId, right: PersonId) -> i32 {
        let born = |person| self.population.born(person).map_or(0, |born| born.date.days());
        born(left).abs_diff(born(right)).try_into().unwrap_or(i32::MAX)
    }

    fn years_between(&self, left: PersonId, right: PersonId) -> Option<i16> {
        let (left, right) = (self.population.born(left)?.date, self.population.born(right)?.date);
        Some(left.min(right).completed_years(left.max(right)))
    }

    fn families(self) -> Vec<Family> {
        let mut families: Vec<Family> = self.couples.iter().map(|couple| self.couple(couple)).collect();
        let mut of_resident: Vec<Option<usize>> = self
            .place
            .iter()
            .map(|place| match place {
                Place::Couple(couple) => Some(*couple),
                _ => None,
            })
            .collect();
        for (index, person) in self.open() {
            of_resident[index] = Some(families.len());
            families.push(alone(self.population, person, self.day));
        }
        for (child, place) in self.residents.iter().zip(&self.place) {
            if *place != Place::HomeChild {
                continue;
            }
            let parent = self.parent_here(*child).expect("a home child has a parent at the address");
            let index = self.index(parent.person()).expect("the parent is at the address");
            // A parent is never a home child, so it leads a family.
            let family = of_resident[index].expect("a parent leads a family");
            let certainty =
                if matches!(parent, Parent::Unslotted(_)) { Certainty::Probable } else { Certainty::Certain };
            let link = Link { to: parent.person(), rule: LinkRule::Parent, certainty };
            families[family].children.push((*child, link));
            // A child that leads a family with a child of its own is no not-home child any more.
            families[family].kind = match families[family].kind {
                FamilyKind::NotHomeChild => FamilyKind::Single,
                kind => kind,
            };
        }
        families.sort_unstable();
        families
    }

    fn couple(&self, couple: &Couple) -> Family {
        let [left, right] = couple.persons;
        let is_woman = |person| self.population.sex(person) == Sex::Female;
        let born = |person| self.population.born(person).map_or(i32::MAX, |born| born.date.days());
        let right_leads = match (is_woman(left), is_woman(right)) {
            (true, false) => false,
            (false, true) => true,
            _ => (born(right), right) < (born(left), left),
        };
        let (head, partner) = if right_leads { (right, left) } else { (left, right) };
        let link = Link { to: head, rule: couple.rule, certainty: couple.certainty };
        Family { head, partner: Some((partner, link)), kind: couple.kind, children: Vec::new() }
    }
}

/// Whether one is the other's parent, or both have a parent in common, as far as CPR shows.
#[must_use]
pub fn are_close_kin(population: &Population, left: PersonId, right: PersonId) -> bool {
    let is_parent = |parent, child| population.parents(child).any(|known| known.person() == parent);
    let siblings = || population.parents(left).any(|parent| is_parent(parent.person(), right));
    is_parent(left, right) || is_parent(right, left) || siblings()
}

#[cfg(test)]
mod tests;
