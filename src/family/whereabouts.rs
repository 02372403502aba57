//! Where a child's parents are: elsewhere in the register is something else than outside the extract.

use super::{age::ADULT_FROM, homes::Homes, unit::Member};
use crate::{
    domain::{Date, PersonId},
    register::{Parent, Population},
};

/// What the register says of the parents of a child that does not live with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whereabouts {
    /// A parent lives at another address, and none may live with the child.
    Elsewhere,
    /// A parent is named, but the extract does not deliver it: it may live with the child for all that is known.
    NotInExtract,
    /// Every parent is dead or has left the country.
    Gone,
    /// No parent is named.
    Unnamed,
}

impl Whereabouts {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Elsewhere, Self::NotInExtract, Self::Gone, Self::Unnamed];

    /// The words that tables and reports use.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Elsewhere => "forælder på en anden adresse",
            Self::NotInExtract => "forælder ikke i udtrækket",
            Self::Gone => "forældre døde eller udrejste",
            Self::Unnamed => "ingen forælder nævnt",
        }
    }

    /// Where the parents of a child are on the day who are not among those it is `with`; `None` when every parent named is. One whom
    /// the extract lacks may be anywhere, with the child too, so it decides before one who is known to live elsewhere.
    #[must_use]
    pub fn of_absent_parents(
        population: &Population,
        child: PersonId,
        day: Date,
        is_with: impl Fn(PersonId) -> bool,
    ) -> Option<Self> {
        let absent = || population.parents(child).map(Parent::person).filter(|parent| !is_with(*parent));
        if absent().any(|parent| !population.is_delivered(parent)) {
            Some(Self::NotInExtract)
        } else if absent().any(|parent| population.is_resident_on(parent, day)) {
            Some(Self::Elsewhere)
        } else if absent().next().is_some() {
            Some(Self::Gone)
        } else if population.parents(child).next().is_some() {
            None
        } else {
            Some(Self::Unnamed)
        }
    }
}

/// Whether a child under 18 among the members of a unit has a parent who lives apart: resident, in no place of the unit, and at
/// another address than whoever leads it (the flag of S, `metrics.md`).
#[must_use]
pub fn has_parent_apart(population: &Population, homes: &Homes, members: &[Member]) -> bool {
    let is_apart = |parent: PersonId| {
        homes.is_resident(parent) && !members.iter().any(|member| member.person == parent) && {
            let head = members.iter().find(|member| member.role.leads());
            let home = head.and_then(|head| homes.dwelling(population, head.person));
            homes.dwelling(population, parent).is_none_or(|dwelling| Some(dwelling) != home)
        }
    };
    let children = members.iter().filter(|member| member.age.is_some_and(|age| age < ADULT_FROM));
    children.map(|child| child.person).any(|child| population.parents(child).map(Parent::person).any(is_apart))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CprStatus, Sex},
        family::{Link, MemberRole},
        register::example::{Town, day},
    };

    #[test]
    fn a_parent_outside_the_extract_is_not_one_at_another_address() {
        let mut town = Town::default();
        let child = town.man("2015-01-02", 1);
        let mother = town.absent("1980-01-02", Sex::Female);
        town.parents(child, Some(mother), None);
        let other = town.man("2015-01-02", 2);
        let father = town.man("1980-01-02", 3);
        town.parents(other, None, Some(father));
        let orphan = town.man("2015-01-02", 2);
        let dead = town.woman("1980-01-02", 3);
        town.status(dead, CprStatus::Dead, "2018-01-01");
        town.parents(orphan, Some(dead), None);
        let foundling = town.man("2015-01-02", 2);
        let population = town.population();
        let today = day("2020-06-30");
        let of = |child| Whereabouts::of_absent_parents(&population, PersonId(child), today, |_| false);
        assert_eq!(
            [of(child), of(other), of(orphan), of(foundling)],
            [Whereabouts::NotInExtract, Whereabouts::Elsewhere, Whereabouts::Gone, Whereabouts::Unnamed].map(Some)
        );
        let with_father = |person| person == PersonId(father);
        assert_eq!(Whereabouts::of_absent_parents(&population, PersonId(other), today, with_father), None);
    }

    /// One family: a mother at address 1 with her child, and what the flag says with the father where the town puts him.
    fn is_flagged(father: impl FnOnce(&mut Town) -> u32, together: bool) -> bool {
        let mut town = Town::default();
        let (mother, child) = (town.woman("1980-01-02", 1), town.man("2015-01-02", 1));
        let father = father(&mut town);
        town.parents(child, Some(mother), Some(father));
        let population = town.population();
        let member =
            |person, age, role, link: Option<Link>| Member { person: PersonId(person), age: Some(age), role, link };
        let mut members = vec![member(mother, 40, MemberRole::Head, None), member(child, 5, MemberRole::Child, None)];
        members.extend(together.then(|| member(father, 40, MemberRole::Partner, None)));
        has_parent_apart(&population, &Homes::of(&population, day("2020-06-30")), &members)
    }

    #[test]
    fn a_parent_living_apart_is_flagged_and_only_such_a_parent() {
        assert!(is_flagged(|town| town.man("1980-01-02", 2), false), "at another address");
        assert!(!is_flagged(|town| town.man("1980-01-02", 1), false), "at the address, in another family");
        assert!(!is_flagged(|town| town.man("1980-01-02", 1), true), "in the family");
        assert!(
            !is_flagged(|town| town.absent("1980-01-02", Sex::Male), false),
            "not in the extract: nothing is known"
        );
        let dead = |town: &mut Town| {
            let father = town.man("1980-01-02", 2);
            town.status(father, CprStatus::Dead, "2018-01-01");
            father
        };
        assert!(!is_flagged(dead, false), "dead");
    }

    #[test]
    fn the_parents_of_adults_may_live_anywhere() {
        let mut town = Town::default();
        let (mother, son, father) = (town.woman("1970-01-02", 1), town.man("2000-01-02", 1), town.man("1970-01-02", 2));
        town.parents(son, Some(mother), Some(father));
        let population = town.population();
        let member = |person, age, role| Member { person: PersonId(person), age: Some(age), role, link: None };
        let members = [member(mother, 50, MemberRole::Head), member(son, 20, MemberRole::Child)];
        assert!(!has_parent_apart(&population, &Homes::of(&population, day("2020-06-30")), &members));
    }
}
