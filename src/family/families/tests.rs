//! The three units together: the traps of `metrics.md`, and what must hold of any population.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{CivilStatus, CprStatus, CustodyKind, Sex, UnitId},
    family::{MemberRole, episodes},
    register::example::{Town, address, day, dwelling},
};

const TODAY: &str = "2020-06-30";

fn families(population: &Population, placements: &[Placement], guard: &Guard) -> Families {
    let from = Ingredients {
        population,
        placements,
        manual: &[],
        guard,
        paid_here: &[],
        period: Period { from: day("2020-01-01"), to: day("2020-07-31") },
        day: day(TODAY),
    };
    Families::of(&from, &Pool::new(1).expect("a thread")).expect("families")
}

fn sizes(units: &Units) -> Vec<u32> {
    units.iter().map(|(_, unit)| unit.size()).collect()
}

/// P3: 24 persons at one address, on the list or not.
#[test]
fn p3_a_botilbud_is_no_household() {
    let population = || {
        let mut town = Town::default();
        for year in 1960..1984 {
            town.man(&format!("{year}-01-02"), 1);
        }
        town.population()
    };
    let open = families(&population(), &[], &Guard::new([], false));
    assert_eq!((sizes(&open.households), open.households.review_list()), (vec![24], vec![UnitId(0)]));
    let listed = families(&population(), &[], &Guard::new([(dwelling(1), "botilbud".into())], false));
    assert_eq!(sizes(&listed.households), vec![1; 24]);
    assert_eq!(listed.dissolved, Dissolved { listed: 1, nuclei: 0, persons: 24 });
    let crowded = families(&population(), &[], &Guard::new([], true));
    assert_eq!(crowded.dissolved, Dissolved { listed: 0, nuclei: 1, persons: 24 });
}

/// Who lives at an institution shares no home: one man and one woman are a couple elsewhere, and two persons there, though a
/// marriage holds.
#[test]
fn p3_two_residents_of_an_institution_are_no_couple() {
    let town = |married: bool| {
        let mut town = Town::default();
        let (man, woman) = (town.man("1950-01-02", 1), town.woman("1951-01-02", 1));
        if married {
            town.married(man, woman);
        }
        town.population()
    };
    let home = Guard::new([(dwelling(1), "plejehjem".into())], false);
    let of = |married, guard: &Guard| {
        let found = families(&town(married), &[], guard);
        assert_eq!(sizes(&found.case_families), sizes(&found.families));
        sizes(&found.families)
    };
    assert_eq!(of(false, &Guard::default()), [2]);
    assert_eq!(of(false, &home), [1, 1]);
    assert_eq!(of(true, &home), [2]);
}

/// P4: the register makes the family, not who receives something.
#[test]
fn p4_a_parent_without_services_is_in_the_family() {
    let mut town = Town::default();
    let (mother, father) = (town.woman("1980-01-02", 1), town.man("1980-01-02", 1));
    let child = town.man("2010-01-02", 1);
    town.parents(child, Some(mother), Some(father));
    let found = families(&town.population(), &[], &Guard::default());
    assert_eq!(sizes(&found.households), [3]);
    assert!(found.families.label_members(UnitId(0)).eq([PersonId(mother), PersonId(father)]));
}

/// P6: divorced parents with a shared child: one family carries its kroner, both are touched.
#[test]
fn p6_a_shared_child_is_in_one_family_and_touches_both() {
    let mut town = Town::default();
    let (mother, father) = (town.woman("1980-01-02", 1), town.man("1980-01-02", 2));
    let child = town.person("2010-01-02", Sex::Female);
    town.parents(child, Some(mother), Some(father));
    town.custody(child, CustodyKind::Mother, None, "2010-01-02");
    town.custody(child, CustodyKind::Father, None, "2010-01-02");
    town.lives(child, dwelling(1), "", "2020-03-01");
    town.lives(child, dwelling(2), "2020-03-01", "");
    let population = town.population();
    let found = families(&population, &[], &Guard::default());
    let of = |person| found.families.unit_of(PersonId(person));
    assert_eq!((of(child), found.families.len()), (of(father), 2));
    let touched = super::super::other_units(&population, &found.families, &found.timeline, PersonId(child), day(TODAY));
    assert_eq!(touched, [of(mother).expect("a family")]);
    let of_mother =
        super::super::other_units(&population, &found.families, &found.timeline, PersonId(mother), day(TODAY));
    assert_eq!(of_mother, []);
}

/// A child that never moved touches its other custody holder's family too; an adult touches nobody's.
#[test]
fn a_child_touches_the_family_of_its_other_custody_holder() {
    let mut town = Town::default();
    let (mother, father) = (town.woman("1980-01-02", 1), town.man("1980-01-02", 2));
    let (child, grown) = (town.man("2010-01-02", 1), town.man("2002-01-02", 1));
    for person in [child, grown] {
        town.parents(person, Some(mother), Some(father));
        town.custody(person, CustodyKind::Mother, None, "2010-01-02");
        town.custody(person, CustodyKind::Father, None, "2010-01-02");
    }
    let population = town.population();
    let found = families(&population, &[], &Guard::default());
    let touched = |person| {
        super::super::other_units(&population, &found.families, &found.timeline, PersonId(person), day(TODAY)).len()
    };
    assert_eq!((touched(child), touched(grown)), (1, 0));
}

/// P34: a changed number is one person in one family, whatever number an old record carries.
#[test]
fn p34_a_changed_number_is_one_person() {
    let mut town = Town::default();
    let mother = town.woman("1980-01-02", 1);
    let child = town.man("2010-01-02", 1);
    let old = town.changed_number(mother, "1980-01-03", Sex::Female);
    town.parents(child, Some(old), None);
    let population = town.population();
    assert_eq!(population.len(), 2);
    let found = families(&population, &[], &Guard::default());
    assert_eq!((sizes(&found.families), sizes(&found.households)), (vec![2], vec![2]));
}

#[test]
fn the_strongest_protection_marks_every_unit() {
    let mut town = Town::default();
    let mother = town.woman("1980-01-02", 1);
    let child = town.person("2010-01-02", Sex::Male);
    town.lives(child, dwelling(2), "", "");
    town.parents(child, Some(mother), None);
    town.protect(child);
    let placement = Placement { person: PersonId(child), from: day("2020-01-01"), to: Date::MAX };
    let found = families(&town.population(), &[placement], &Guard::default());
    let protected = |units: &Units| units.unit(units.unit_of(PersonId(mother)).expect("a unit")).protection.is_some();
    assert!(protected(&found.case_families) && !protected(&found.families) && !protected(&found.households));
}

type Fact = (u8, u32, u32, u32);
const PEOPLE: u32 = 14;

fn build(persons: &[(i16, bool, bool)], facts: &[Fact], seed: u64) -> Population {
    let mut town = Town::default();
    for (index, (year, male, here)) in persons.iter().enumerate() {
        let born = format!("{year}-{:02}-{:02}", index % 12 + 1, index % 28 + 1);
        let sex = if *male { Sex::Male } else { Sex::Female };
        let person = if *here { town.person(&born, sex) } else { town.absent(&born, sex) };
        if *here {
            let house = u16::try_from(index % 5 + 1).expect("small");
            let road = if house == 5 { 9950 } else { 100 };
            let moves = facts.iter().find(|(what, one, ..)| *what == 7 && *one == person);
            if let Some((_, _, two, three)) = moves {
                let date = day("2020-01-10").plus(i32::try_from(three % 150).expect("small")).to_string();
                town.lives(person, address(road, house), "", &date);
                town.lives(person, dwelling(u16::try_from(two % 4 + 1).expect("small")), &date, "");
            } else {
                town.lives(person, address(road, house), "", "");
            }
        }
    }
    let (mut civil, mut slots, mut status) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (what, one, two, three) in facts {
        let date = day("2020-01-10").plus(i32::try_from(three % 150).expect("small")).to_string();
        match what {
            0 if one != two && civil.insert(*one) => town.civil(*one, CivilStatus::Married, Some(*two), &date),
            1 | 2 if slots.insert(*one) => {
                let parent = |parent: &u32| (parent != one).then_some(*parent);
                town.parents(*one, parent(two), parent(three).filter(|_| two != three));
            }
            3 if one != two => town.child(*one, *two),
            4 if status.insert(*one) => town.status(*one, CprStatus::Dead, &date),
            5 if status.insert(*one) => town.status(*one, CprStatus::Emigrated, &date),
            6 if one != two => town.custody(*one, CustodyKind::Other, Some(*two), &date),
            _ => {}
        }
    }
    town.shuffle(seed);
    town.population()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(11),
        ..ProptestConfig::default()
    })]

    #[test]
    fn everybody_is_in_one_unit_of_each_kind(
        persons in proptest::collection::vec(
            (prop_oneof![1960_i16..2020, 1996_i16..2015], any::<bool>(), prop::bool::weighted(0.85)), PEOPLE as usize),
        facts in proptest::collection::vec((0_u8..8, 0_u32..PEOPLE, 0_u32..PEOPLE, 0_u32..PEOPLE), 0..24),
        placed in proptest::collection::vec((0_u32..PEOPLE, 0_i32..200, 0_i32..200), 0..6),
        nuclei in any::<bool>(),
        seeds in (any::<u64>(), any::<u64>()),
    ) {
        let placements = episodes(placed.iter().map(|(person, from, days)| {
            let from = day("2020-01-01").plus(*from);
            Placement { person: PersonId(*person), from, to: from.plus(*days) }
        }).collect());
        let guard = Guard::new([(dwelling(2), "plejehjem".into())], nuclei);
        let population = build(&persons, &facts, seeds.0);
        let found = families(&population, &placements, &guard);

        let residents: BTreeSet<PersonId> =
            population.persons().filter(|person| population.is_resident_on(*person, day(TODAY))).collect();
        let held = |units: &Units| -> BTreeMap<PersonId, MemberRole> {
            let mut held = BTreeMap::new();
            for (id, unit) in units.iter() {
                for member in units.members(id) {
                    let former = unit.form == UnitForm::Former || member.role == MemberRole::Former;
                    held.insert(member.person, if former { MemberRole::Former } else { member.role });
                }
            }
            held
        };
        // H: each resident once, and nobody else.
        prop_assert_eq!(&held(&found.households).into_keys().collect::<BTreeSet<_>>(), &residents);
        // F: each resident once; the others died or left in the period.
        let of_families = held(&found.families);
        let current: BTreeSet<PersonId> =
            of_families.iter().filter(|(_, role)| **role != MemberRole::Former).map(|(person, _)| *person).collect();
        prop_assert_eq!(&current, &residents);
        let departed: BTreeSet<PersonId> =
            of_families.iter().filter(|(_, role)| **role == MemberRole::Former).map(|(person, _)| *person).collect();
        let lived: BTreeSet<PersonId> = found.timeline.memberships().iter()
            .filter(|one| one.days.from <= day(TODAY)).map(|one| one.person).collect();
        prop_assert_eq!(&departed, &lived.difference(&residents).copied().collect());
        // S: residents and placed children outside the extract, each once, and who died or left.
        let of_cases = held(&found.case_families);
        for (person, role) in &of_cases {
            let absent = !population.is_delivered(*person);
            prop_assert!(residents.contains(person) || *role == MemberRole::Former || absent && *role == MemberRole::PlacedChild);
        }
        prop_assert!(residents.iter().all(|person| of_cases.contains_key(person)));
        prop_assert!(departed.iter().all(|person| of_cases.contains_key(person)));
        // The timeline of S has each resident once on every day, too.
        for date in [day("2020-01-01"), day("2020-03-01"), day(TODAY)] {
            let on_day = |timeline: &Timeline| -> Vec<PersonId> {
                let on = timeline.memberships().iter().filter(|one| one.days.contains(date));
                on.map(|one| one.person).filter(|person| population.is_delivered(*person)).collect()
            };
            prop_assert_eq!(on_day(&found.timeline), on_day(&found.case_timeline));
        }
        // Every link leads to a member of the same unit, or to a former one.
        for units in [&found.households, &found.families, &found.case_families] {
            for (id, _) in units.iter() {
                for member in units.members(id).iter().filter(|member| member.role != MemberRole::Former) {
                    if let Some(link) = member.link {
                        let same = units.unit_of(link.to) == Some(id);
                        prop_assert!(same, "{member:?} in {:?}", units.members(id));
                    }
                }
            }
        }
        // The order of records changes nothing.
        let again = families(&build(&persons, &facts, seeds.1), &placements, &guard);
        prop_assert_eq!(&found.households, &again.households);
        prop_assert_eq!(&found.families, &again.families);
        prop_assert_eq!(&found.case_families, &again.case_families);
        prop_assert_eq!(&found.case_timeline, &again.case_timeline);
        prop_assert_eq!(&found.review, &again.review);
    }
}
