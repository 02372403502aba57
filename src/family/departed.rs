//! Who died or left before the reference date: the kroner stay with the last family in the period.

use std::collections::BTreeMap;

use super::{
    timeline::{Heads, Membership, Timeline},
    unit::{Drafts, Member, MemberRole, UnitForm},
};
use crate::{
    domain::{Date, PersonId},
    register::Population,
};

/// Adds everybody who was resident in the period and is so no more on the reference date. A person goes to the unit of whoever
/// of its last family is there now: the other of the couple or who led it first, then the oldest. Where nobody is left, those who
/// went together are a unit that is no more.
#[must_use]
pub fn with_departed(population: &Population, timeline: &Timeline, drafts: Drafts, day: Date) -> Drafts {
    let mut drafts = drafts;
    let mut of_person: Vec<Option<usize>> = vec![None; population.len()];
    for (index, (_, members)) in drafts.iter().enumerate() {
        for member in members {
            of_person[member.person.index()] = Some(index);
        }
    }
    let mut departed: Vec<&Membership> = timeline
        .memberships()
        .chunk_by(|left, right| left.person == right.person)
        .filter_map(|of_one| of_one.iter().rev().find(|membership| membership.days.from <= day))
        .filter(|last| last.days.to <= day && of_person[last.person.index()].is_none())
        .collect();
    // The last to go first: who goes earlier finds them in their place.
    departed.sort_unstable_by_key(|last| (std::cmp::Reverse(last.days.to), last.person));
    let families = last_families(timeline, &departed, population.len());
    let mut gone: BTreeMap<(Heads, Date), usize> = BTreeMap::new();
    for last in departed {
        let age = population.age_on(last.person, day);
        let key = (last.heads, last.days.to);
        let others = families.get(&key).map_or(&[][..], Vec::as_slice);
        let born = |person: PersonId| population.born(person).map_or(i32::MAX, |born| born.date.days());
        let stays = others
            .iter()
            .filter(|other| other.person != last.person)
            .filter_map(|other| Some((other, of_person[other.person.index()]?)))
            .filter(|(other, _)| timeline.on(other.person, last.days.to).is_some())
            .min_by_key(|(other, _)| (!other.role.leads(), born(other.person), other.person));
        // In a unit that is no more everybody keeps the role, so that its label is the one the family had.
        let (index, role) = if let Some((_, index)) = stays {
            (index, MemberRole::Former)
        } else {
            let index = *gone.entry(key).or_insert_with(|| {
                drafts.push(UnitForm::Former, []);
                drafts.len() - 1
            });
            (index, last.role)
        };
        of_person[last.person.index()] = Some(index);
        drafts.members_mut(index).push(Member { person: last.person, age, role, link: last.link });
    }
    drafts
}

/// The members of each family on the last day of somebody who went.
fn last_families<'a>(
    timeline: &'a Timeline,
    departed: &[&Membership],
    persons: usize,
) -> BTreeMap<(Heads, Date), Vec<&'a Membership>> {
    let mut wanted: BTreeMap<Heads, Vec<Date>> = BTreeMap::new();
    for last in departed {
        wanted.entry(last.heads).or_default().push(last.days.to);
    }
    // Few families lose somebody, and the first of the heads tells nearly all others apart from them.
    let mut is_first = vec![false; persons];
    wanted.keys().filter_map(|heads| heads.persons().next()).for_each(|person| is_first[person.index()] = true);
    let may_be = |heads: Heads| heads.persons().next().is_some_and(|person| is_first[person.index()]);
    let mut families: BTreeMap<(Heads, Date), Vec<&Membership>> = BTreeMap::new();
    for membership in timeline.memberships().iter().filter(|membership| may_be(membership.heads)) {
        for to in wanted.get(&membership.heads).into_iter().flatten() {
            if membership.days.contains(to.plus(-1)) {
                families.entry((membership.heads, *to)).or_default().push(membership);
            }
        }
    }
    families
}

#[cfg(test)]
mod tests;
