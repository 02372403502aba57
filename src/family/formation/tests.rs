//! Day by day is the same as each day by itself.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{CivilStatus, CprStatus, Sex},
    family::{FamilyKind, Link, Member, occupied},
    register::example::{Town, address, day, dwelling},
};

fn formed(population: &Population) -> Formation {
    let guard = Guard::new([(dwelling(1), "plejehjem".into())], true);
    form(population, &guard, period(), period().to, &Pool::new(2).expect("threads"))
}

fn period() -> Period {
    Period { from: day("2020-01-01"), to: day("2020-02-15") }
}

#[test]
fn a_birthday_a_move_and_a_death_cut_the_days() {
    let mut town = Town::default();
    let mother = town.woman("1975-01-02", 1);
    let child = town.man("1995-01-20", 1);
    town.parents(child, Some(mother), None);
    let father = town.man("1975-01-02", 2);
    let newborn = town_child(&mut town);
    town.parents(newborn, None, Some(father));
    let population = town.population();
    let timeline = formed(&population).timeline;
    let of = |person: u32| -> Vec<(String, String, &str)> {
        let told = |one: &Membership| (one.days.from.to_string(), one.days.to.to_string(), one.role.code());
        timeline.of_person(PersonId(person)).iter().map(told).collect()
    };
    let text = |from: &str, to: &str, role| (from.to_owned(), to.to_owned(), role);
    assert_eq!(
        of(child),
        [text("2020-01-01", "2020-01-20", "hjemmeboende barn"), text("2020-01-20", "2020-02-16", "hovedperson"),]
    );
    assert_eq!(of(mother), [text("2020-01-01", "2020-02-16", "hovedperson")]);
    assert_eq!(
        of(3),
        [text("2020-01-05", "2020-02-01", "hjemmeboende barn"), text("2020-02-01", "2020-02-10", "hovedperson"),]
    );
}

/// A child born in the period that moves from its father and dies.
fn town_child(town: &mut Town) -> u32 {
    let child = town.person("2020-01-05", Sex::Female);
    town.lives(child, dwelling(2), "2020-01-05", "2020-02-01");
    town.lives(child, dwelling(3), "2020-02-01", "");
    town.status(child, CprStatus::Dead, "2020-02-10");
    child
}

type Move = (u32, u16, u8);

fn build(persons: &[(i16, bool)], facts: &[(u8, u32, u32, u32)], moves: &[Move]) -> Population {
    let mut town = Town::default();
    for (index, (year, male)) in persons.iter().enumerate() {
        // Birthdays lie within the period.
        let born = format!("{year}-01-{:02}", index * 3 + 1);
        town.person(&born, if *male { Sex::Male } else { Sex::Female });
    }
    let count = u32::try_from(persons.len()).expect("few");
    for person in 0..count {
        let mut from = String::new();
        let mut house = 1 + u16::try_from(person % 3).expect("small");
        let mut days: Vec<&Move> = moves.iter().filter(|one| one.0 == person).collect();
        days.sort_unstable_by_key(|one| one.2);
        days.dedup_by_key(|one| one.2);
        for (_, to_house, date) in days {
            let date = day("2020-01-01").plus(i32::from(*date)).to_string();
            town.lives(person, address(if house == 4 { 9950 } else { 100 }, house), &from, &date);
            (from, house) = (date, *to_house);
        }
        town.lives(person, address(if house == 4 { 9950 } else { 100 }, house), &from, "");
    }
    let (mut civil, mut slots, mut dead) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (what, one, two, three) in facts {
        let date = day("2020-01-01").plus(i32::try_from(three % 46).expect("small")).to_string();
        match what {
            0 if one != two && civil.insert(*one) => town.civil(*one, CivilStatus::Married, Some(*two), &date),
            1 if slots.insert(*one) => town.parents(*one, (one != two).then_some(*two), None),
            2 if one != two => town.child(*one, *two),
            3 if dead.insert(*one) => town.status(*one, CprStatus::Dead, &date),
            4 if dead.insert(*one) => town.status(*one, CprStatus::Emigrated, &date),
            _ => {}
        }
    }
    town.population()
}

fn sorted(drafts: &Drafts) -> Vec<(UnitForm, &[Member])> {
    let mut drafts: Vec<_> = drafts.iter().collect();
    drafts.sort_unstable_by_key(|(_, members)| members.iter().map(|member| member.person).min());
    drafts
}

#[test]
fn no_birthday_is_missed_by_the_length_of_years() {
    let first = day("1896-01-01");
    for (born, age) in (0..3_000).map(|days| first.plus(days * 17)).flat_map(|born| TURNING_AGES.map(|age| (born, age)))
    {
        let turns = birthday(born, age).expect("a date");
        assert!(may_turn(born, age, Days { from: turns, to: turns.plus(1) }), "{born} turns {age} on {turns}");
        let (before, after) = (turns.plus(-9), turns.plus(9));
        assert!(
            !may_turn(born, age, Days { from: turns.plus(-99), to: before })
                && !may_turn(born, age, Days { from: after, to: turns.plus(99) })
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_day_is_the_families_of_that_day(
        persons in proptest::collection::vec((prop_oneof![1970_i16..2021, 1994_i16..2006], any::<bool>()), 9),
        facts in proptest::collection::vec((0_u8..5, 0_u32..9, 0_u32..9, 0_u32..200), 0..12),
        moves in proptest::collection::vec((0_u32..9, 1_u16..5, 1_u8..50), 0..10),
    ) {
        let population = build(&persons, &facts, &moves);
        let guard = Guard::new([(dwelling(1), "plejehjem".into())], true);
        let formation = formed(&population);
        let timeline = &formation.timeline;
        let mut date = period().from;
        while date <= period().to {
            let mut told: Vec<(PersonId, Heads, FamilyKind, MemberRole, Option<Link>)> = Vec::new();
            for family in occupied(&population, &guard, date).iter().flat_map(|at| &at.families) {
                let heads = Heads::of(family);
                told.push((family.head, heads, family.kind, MemberRole::Head, None));
                told.extend(family.partner.map(|(one, link)| (one, heads, family.kind, MemberRole::Partner, Some(link))));
                told.extend(family.children.iter().map(|(one, link)| (*one, heads, family.kind, MemberRole::Child, Some(*link))));
            }
            told.sort_unstable();
            let on_day: Vec<_> = timeline
                .memberships()
                .iter()
                .filter(|one| one.days.contains(date))
                .map(|one| (one.person, one.heads, one.kind, one.role, one.link))
                .collect();
            // In exactly one family each, and nobody else: `told` has each resident once.
            prop_assert_eq!(&on_day, &told);
            let residents = population.persons().filter(|person| population.is_resident_on(*person, date)).count();
            prop_assert_eq!(told.len(), residents);
            date = date.plus(1);
        }
        // The reference date and the first day are taken on the way.
        let families = |date: Date| -> Drafts {
            let mut drafts = Drafts::default();
            for family in occupied(&population, &guard, date).iter().flat_map(|at| &at.families) {
                let form = UnitForm::Family(family.kind);
                drafts.push(form, members_of(family, |person| population.age_on(person, date)));
            }
            drafts
        };
        let (before, now) = (families(period().from), families(period().to));
        prop_assert_eq!(sorted(&formation.families), sorted(&now));
        prop_assert_eq!(sorted(&formation.families_before), sorted(&before));
        prop_assert_eq!(&formation.homes, &Homes::of(&population, period().to));
        let mut dissolved = Dissolved::default();
        let mut homes = Drafts::default();
        for at in occupied(&population, &guard, period().to) {
            let why = at.dwelling.and_then(|key| guard.dissolves(&population, &key, &at.families, period().to));
            dissolved.listed += u64::from(why == Some(Reason::Listed));
            dissolved.nuclei += u64::from(why == Some(Reason::Nuclei));
            dissolved.persons += if why.is_some() { at.residents.len() as u64 } else { 0 };
            households(&population, &at, why.is_some(), period().to, &mut homes);
        }
        prop_assert_eq!(sorted(&formation.households), sorted(&homes));
        prop_assert_eq!(formation.dissolved, dissolved);
        prop_assert!(timeline.memberships().iter().all(|one| one.days.from < one.days.to));
        prop_assert!(timeline.memberships().windows(2).all(|pair| pair[0].person != pair[1].person
            || pair[0].days.to <= pair[1].days.from));
    }
}
