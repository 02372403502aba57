//! The rules one by one, and all of them against a twin written straight from the text of `cpr.md` 3.1 and 3.2.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::register::example::{Town, day};

const TODAY: &str = "2020-06-30";

/// Kind, heads and children of each family of the first `residents` persons, who live together.
fn families(town: Town, residents: u32) -> Vec<(&'static str, Vec<u32>, Vec<u32>)> {
    let population = town.population();
    let residents: Vec<PersonId> = (0..residents).map(PersonId).collect();
    let of = |family: Family| {
        let heads = family.heads().map(|person| person.0).collect();
        (family.kind.code(), heads, family.children.iter().map(|(child, _)| child.0).collect())
    };
    families_at(&population, &residents, false, day(TODAY)).into_iter().map(of).collect()
}

#[test]
fn a_married_couple_has_its_unmarried_children_under_25() {
    let mut town = Town::default();
    let (man, woman) = (town.man("1970-01-02", 1), town.woman("1971-01-02", 1));
    town.married(man, woman);
    let under = town.man("1995-07-01", 1);
    let over = town.man("1995-06-30", 1);
    let married = town.woman("2000-01-02", 1);
    let mother = town.woman("2002-01-02", 1);
    let baby = town.woman("2020-01-02", 1);
    for child in [under, over, married, mother] {
        town.parents(child, Some(woman), Some(man));
    }
    town.civil(married, CivilStatus::Divorced, None, "2019-01-01");
    town.parents(baby, Some(mother), None);
    assert_eq!(
        families(town, 7),
        [
            ("ægtepar", vec![woman, man], vec![under]),
            ("enlig", vec![over], vec![]),
            ("enlig", vec![married], vec![]),
            ("enlig", vec![mother], vec![baby]),
        ]
    );
}

#[test]
fn a_spouse_counts_only_when_alive_married_and_here() {
    let mut town = Town::default();
    let (first, second) = (town.man("1950-01-02", 1), town.woman("1950-01-02", 1));
    town.civil(first, CivilStatus::Divorced, Some(second), "2010-01-01");
    town.civil(second, CivilStatus::Divorced, Some(first), "2010-01-01");
    // Divorced, but the cohabitation rule makes them a couple again; a third adult prevents it.
    let third = town.man("1950-01-02", 1);
    assert_eq!(families(town, 3).len(), 3);

    let mut town = Town::default();
    let (first, second) = (town.man("1950-01-02", 1), town.man("1952-01-02", 1));
    town.civil(first, CivilStatus::Partner, Some(second), "2000-01-01");
    let found = families(town, 2);
    assert_eq!(found, [("registreret partnerskab", vec![first, second], vec![])]);
    assert_eq!(third, 2);
}

#[test]
fn a_common_child_makes_a_couple_wherever_it_lives() {
    let mut town = Town::default();
    let (first, second) = (town.man("1990-01-02", 1), town.man("1970-01-02", 1));
    let other = town.woman("1940-01-02", 1);
    let child = town.absent("2015-01-02", Sex::Female);
    town.child(first, child);
    town.child(second, child);
    assert_eq!(families(town, 3), [("samlevende", vec![second, first], vec![]), ("enlig", vec![other], vec![])]);
}

#[test]
fn a_child_born_after_the_day_binds_nobody() {
    let mut town = Town::default();
    let (first, second) = (town.man("1990-01-02", 1), town.man("1990-01-02", 1));
    let child = town.absent("2020-07-01", Sex::Female);
    town.child(first, child);
    town.child(second, child);
    assert_eq!(families(town, 2).len(), 2);
}

#[test]
fn cohabitants_are_a_man_and_a_woman_of_nearly_one_age() {
    let pair = |woman: &str, man: &str| {
        let mut town = Town::default();
        town.woman(woman, 1);
        town.man(man, 1);
        families(town, 2).len()
    };
    assert_eq!(pair("1970-01-02", "1985-01-01"), 1);
    assert_eq!(pair("1970-01-02", "1985-01-02"), 2);
    assert_eq!(pair("2004-06-30", "2000-01-02"), 1);
    assert_eq!(pair("2004-07-01", "2000-01-02"), 2);
}

#[test]
fn siblings_parents_and_third_adults_prevent_cohabitation() {
    let mut siblings = Town::default();
    let (left, right) = (siblings.woman("1990-01-02", 1), siblings.man("1992-01-02", 1));
    let mother = siblings.absent("1960-01-02", Sex::Female);
    siblings.parents(left, Some(mother), None);
    siblings.child(mother, right);
    assert_eq!(families(siblings, 2).len(), 2);

    let mut own_children = Town::default();
    let (woman, man) = (own_children.woman("1970-01-02", 1), own_children.man("1972-01-02", 1));
    let son = own_children.man("1996-01-02", 1);
    let lodger = own_children.woman("2003-01-02", 1);
    own_children.parents(son, Some(woman), None);
    assert_eq!(
        families(own_children, 4),
        [("samboende", vec![woman, man], vec![son]), ("ikke-hjemmeboende barn", vec![lodger], vec![])]
    );

    let mut grown = Town::default();
    let woman = grown.woman("1970-01-02", 1);
    grown.man("1972-01-02", 1);
    let son = grown.man("1990-01-02", 1);
    grown.parents(son, Some(woman), None);
    assert_eq!(families(grown, 3).len(), 3);
}

#[test]
fn a_child_of_two_families_follows_its_mother() {
    let mut town = Town::default();
    let (mother, father) = (town.woman("1980-01-02", 1), town.man("1980-01-02", 1));
    let (his, hers) = (town.woman("1980-01-02", 1), town.man("1980-01-02", 1));
    town.married(mother, hers);
    town.married(father, his);
    let child = town.man("2010-01-02", 1);
    town.parents(child, Some(mother), Some(father));
    let found = families(town, 5);
    assert_eq!(found, [("ægtepar", vec![mother, hers], vec![child]), ("ægtepar", vec![his, father], vec![])]);
}

#[test]
fn links_say_rule_and_certainty() {
    let mut town = Town::default();
    let (man, woman) = (town.man("1970-01-02", 1), town.woman("1971-01-02", 1));
    town.civil(man, CivilStatus::Married, Some(woman), "2000-01-01");
    let child = town.man("2010-01-02", 1);
    town.child(man, child);
    let population = town.population();
    let all = families_at(&population, &[PersonId(0), PersonId(1), PersonId(2)], false, day(TODAY));
    let link = |to, rule| Link { to: PersonId(to), rule, certainty: Certainty::Probable };
    assert_eq!(all[0].partner, Some((PersonId(man), link(woman, LinkRule::Spouse))));
    assert_eq!(all[0].children, [(PersonId(child), link(man, LinkRule::Parent))]);
}

/// The families as sets: kind, heads, children.
type Told = BTreeSet<(FamilyKind, BTreeSet<PersonId>, BTreeSet<PersonId>)>;

/// The text of `cpr.md`, sentence by sentence, on sets.
#[expect(clippy::too_many_lines, reason = "it follows the text from top to bottom")]
fn twin(population: &Population, here: &BTreeSet<PersonId>, day: Date) -> Told {
    let born = |person: PersonId| population.born(person).expect("a birth date").date;
    let children =
        |person| population.children(person).filter(|child| born(*child) <= day).collect::<BTreeSet<PersonId>>();
    let age = |person| born(person).completed_years(day);
    let unmarried =
        |person| population.civil_status_on(person, day).is_none_or(|civil| civil.status == CivilStatus::Unmarried);
    let is_parent_of = |parent, child| population.children(parent).any(|known| known == child);
    let mut couples: Vec<(FamilyKind, PersonId, PersonId)> = Vec::new();
    let taken = |couples: &Vec<(FamilyKind, PersonId, PersonId)>, person| {
        couples.iter().any(|(_, left, right)| *left == person || *right == person)
    };

    // 4: couples of type 1 and 2: a mutual or one-sided reference in the same household, both alive.
    for mutual in [true, false] {
        loop {
            let mut best: Option<(Date, PersonId, PersonId, FamilyKind)> = None;
            for person in here {
                let Some(civil) = population.civil_status_on(*person, day) else { continue };
                let Some(spouse) = civil.spouse.filter(|spouse| here.contains(spouse)) else { continue };
                let counts = civil.status.has_spouse()
                    && population.is_alive_on(*person, day)
                    && population.is_alive_on(spouse, day)
                    && !taken(&couples, *person)
                    && !taken(&couples, spouse)
                    && (!mutual || population.spouse_on(spouse, day) == Some(*person));
                let kind = if civil.status == CivilStatus::Partner {
                    FamilyKind::RegisteredPartners
                } else {
                    FamilyKind::Married
                };
                let from = civil.from.expect("worlds have dates").date;
                let (low, high) = ((*person).min(spouse), (*person).max(spouse));
                let better = best.is_none_or(|(date, left, right, old)| {
                    from > date || from == date && (low, high, kind) < (left, right, old)
                });
                if counts && better {
                    best = Some((from, low, high, kind));
                }
            }
            let Some((_, left, right, kind)) = best else { break };
            couples.push((kind, left, right));
        }
    }
    // 5: type 3.
    loop {
        let mut best: Option<(Date, PersonId, PersonId)> = None;
        for left in here {
            for right in here.iter().filter(|right| *right > left) {
                if taken(&couples, *left) || taken(&couples, *right) {
                    continue;
                }
                let Some(youngest) = children(*left).intersection(&children(*right)).map(|child| born(*child)).max()
                else {
                    continue;
                };
                if best.is_none_or(|(date, first, second)| {
                    youngest > date || youngest == date && (*left, *right) < (first, second)
                }) {
                    best = Some((youngest, *left, *right));
                }
            }
        }
        let Some((_, left, right)) = best else { break };
        couples.push((FamilyKind::CohabitingParents, left, right));
    }
    // 6: home children.
    let home: BTreeSet<PersonId> = here
        .iter()
        .copied()
        .filter(|person| {
            here.iter().any(|parent| is_parent_of(*parent, *person))
                && age(*person) < 25
                && unmarried(*person)
                && children(*person).is_empty()
                && !taken(&couples, *person)
        })
        .collect();
    // 7: type 4, on who is left.
    let mut best: Option<(u32, PersonId, PersonId)> = None;
    for left in here {
        for right in here.iter().filter(|right| *right > left) {
            let other_adults_are_own_children =
                here.iter().filter(|other| ![left, right].contains(other)).all(|other| {
                    let own = home.contains(other) && (is_parent_of(*left, *other) || is_parent_of(*right, *other));
                    !taken(&couples, *other) && (age(*other) < 18 || own)
                });
            let siblings = here
                .iter()
                .copied()
                .chain(population.persons())
                .any(|parent| is_parent_of(parent, *left) && is_parent_of(parent, *right));
            let (older, younger) = (born(*left).min(born(*right)), born(*left).max(born(*right)));
            let couple = [*left, *right]
                .iter()
                .all(|person| age(*person) >= 16 && !home.contains(person) && !taken(&couples, *person))
                && population.sex(*left) != population.sex(*right)
                && older.completed_years(younger) < 15
                && !siblings
                && !is_parent_of(*left, *right)
                && !is_parent_of(*right, *left)
                && other_adults_are_own_children;
            let gap = older.days().abs_diff(younger.days());
            if couple && best.is_none_or(|(old, first, second)| (gap, *left, *right) < (old, first, second)) {
                best = Some((gap, *left, *right));
            }
        }
    }
    couples.extend(best.map(|(_, left, right)| (FamilyKind::Cohabiting, left, right)));
    // 8: children to the couple or parent, the mother's first; 9: the rest alone.
    let mut told: Vec<(FamilyKind, BTreeSet<PersonId>, BTreeSet<PersonId>)> =
        couples.iter().map(|(kind, left, right)| (*kind, BTreeSet::from([*left, *right]), BTreeSet::new())).collect();
    for person in here.iter().filter(|person| !home.contains(person) && !taken(&couples, **person)) {
        let child = age(*person) < 18 && unmarried(*person) && children(*person).is_empty();
        let kind = if child { FamilyKind::NotHomeChild } else { FamilyKind::Single };
        told.push((kind, BTreeSet::from([*person]), BTreeSet::new()));
    }
    for child in &home {
        let slots = [population.mother(*child), population.father(*child)];
        let named = slots.into_iter().flatten().find(|parent| here.contains(parent));
        let parent = named.or_else(|| here.iter().copied().find(|parent| is_parent_of(*parent, *child)));
        let parent = parent.expect("a home child has a parent here");
        let family = told.iter_mut().find(|(_, heads, _)| heads.contains(&parent)).expect("a parent leads a family");
        family.2.insert(*child);
    }
    told.into_iter().collect()
}

type Fact = (u8, u32, u32, u32);

/// Up to nine persons at one address and two elsewhere, with any relations.
fn town() -> impl Strategy<Value = (Vec<(i16, bool)>, Vec<Fact>)> {
    let persons = proptest::collection::vec((prop_oneof![1950_i16..2020, 1995_i16..2008], any::<bool>()), 11);
    (persons, proptest::collection::vec((0_u8..7, 0_u32..11, 0_u32..11, 0_u32..11), 0..14))
}

fn build(persons: &[(i16, bool)], facts: &[Fact]) -> Population {
    let mut town = Town::default();
    for (index, (year, male)) in persons.iter().enumerate() {
        let born = format!("{year}-{:02}-{:02}", index % 12 + 1, index % 28 + 1);
        let house = if index < 9 { 1 } else { 2 };
        if *male {
            town.man(&born, house)
        } else {
            town.woman(&born, house)
        };
    }
    let mut slots = BTreeSet::new();
    let mut civil = BTreeSet::new();
    for (what, one, two, three) in facts {
        match what {
            0 | 1 if one != two && civil.insert(*one) => {
                let status = if *what == 0 { CivilStatus::Married } else { CivilStatus::Partner };
                town.civil(*one, status, Some(*two), &format!("20{:02}-01-01", three % 3));
                if three % 2 == 0 && civil.insert(*two) {
                    town.civil(*two, status, Some(*one), &format!("20{:02}-01-01", three % 3));
                }
            }
            2 if civil.insert(*one) => town.civil(*one, CivilStatus::Divorced, Some(*two), "2001-01-01"),
            3 | 4 if slots.insert(*one) => {
                let parent = |parent: &u32| (parent != one).then_some(*parent);
                town.parents(*one, parent(two), parent(three).filter(|_| two != three));
            }
            5 if one != two => town.child(*one, *two),
            6 => town.status(*one, crate::domain::CprStatus::Dead, "2019-01-01"),
            _ => {}
        }
    }
    town.population()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(32),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_rules_equal_the_naive_twin((persons, facts) in town(), count in 2_usize..9) {
        let population = build(&persons, &facts);
        let day = day(TODAY);
        let residents: Vec<PersonId> = population.persons().take(count).collect();
        let told: Told = families_at(&population, &residents, false, day)
            .into_iter()
            .map(|family| {
                let children = family.children.iter().map(|(child, _)| *child).collect();
                (family.kind, family.heads().collect(), children)
            })
            .collect();
        prop_assert_eq!(&told, &twin(&population, &residents.iter().copied().collect(), day));
        let mut members: Vec<PersonId> = told.iter().flat_map(|(_, heads, children)| heads.iter().chain(children)).copied().collect();
        members.sort_unstable();
        prop_assert_eq!(members, residents);
    }
}
