//! Who died or left before the reference date counts in the last family of the period.

use super::*;
use crate::{
    base::Pool,
    domain::{CprStatus, Period},
    family::{Families, Guard, Ingredients, Units},
    register::example::{Town, day},
};

const TODAY: &str = "2020-06-30";

fn families(town: Town) -> Families {
    let from = Ingredients {
        population: &town.population(),
        placements: &[],
        manual: &[],
        guard: &Guard::default(),
        paid_here: &[],
        period: Period { from: day("2020-01-01"), to: day(TODAY) },
        day: day(TODAY),
    };
    Families::of(&from, &Pool::new(1).expect("a thread")).expect("families")
}

/// Each unit's form and members, with a mark on former ones.
fn told(units: &Units) -> Vec<(&'static str, Vec<String>)> {
    let name =
        |member: &Member| format!("{}{}", member.person.0, if member.role == MemberRole::Former { "†" } else { "" });
    units.iter().map(|(id, unit)| (unit.form.code(), units.members(id).iter().map(name).collect())).collect()
}

#[test]
fn the_dead_and_the_emigrated_stay_with_who_is_left() {
    let mut town = Town::default();
    let (woman, man) = (town.woman("1950-01-02", 1), town.man("1950-01-02", 1));
    town.married(woman, man);
    town.status(man, CprStatus::Dead, "2020-03-15");
    let mother = town.woman("1980-01-02", 2);
    let (older, younger) = (town.man("2001-01-02", 2), town.man("2004-01-02", 2));
    town.parents(older, Some(mother), None);
    town.parents(younger, Some(mother), None);
    town.status(mother, CprStatus::Emigrated, "2020-04-10");
    let before = town.man("1950-01-02", 3);
    town.status(before, CprStatus::Dead, "2020-01-01");
    let families = families(town);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for units in [&families.families, &families.case_families] {
        assert_eq!(
            told(units),
            [("enlig", names(&["0", "1†"])), ("enlig", names(&["2†", "3"])), ("ikke-hjemmeboende barn", names(&["4"])),]
        );
        // Dead on the first day is not of the period.
        assert_eq!(units.unit_of(PersonId(before)), None);
    }
    // A household is strictly the address on the reference date.
    assert_eq!(families.households.unit_of(PersonId(man)), None);
}

#[test]
fn who_goes_together_is_a_unit_that_is_no_more_under_its_own_label() {
    let mut town = Town::default();
    let (woman, man) = (town.woman("1980-01-02", 1), town.man("1980-01-02", 1));
    town.married(woman, man);
    let child = town.man("2010-01-02", 1);
    town.parents(child, Some(woman), Some(man));
    for person in [woman, man, child] {
        town.status(person, CprStatus::Emigrated, "2020-05-01");
    }
    let families = families(town);
    let units = &families.families;
    assert_eq!(told(units), [("ophørt", vec!["0".to_owned(), "1".to_owned(), "2".to_owned()])]);
    let (id, unit) = units.iter().next().expect("a unit");
    assert_eq!(unit.size(), 0);
    assert!(units.label_members(id).eq([PersonId(woman), PersonId(man)]));
}

#[test]
fn one_after_the_other_ends_in_the_last_family() {
    let mut town = Town::default();
    let (woman, man) = (town.woman("1940-01-02", 1), town.man("1940-01-02", 1));
    town.married(woman, man);
    town.status(man, CprStatus::Dead, "2020-02-01");
    town.status(woman, CprStatus::Dead, "2020-05-01");
    let families = families(town);
    let units = &families.families;
    assert_eq!(told(units), [("ophørt", vec!["0".to_owned(), "1†".to_owned()])]);
    let (id, _) = units.iter().next().expect("a unit");
    assert!(units.label_members(id).eq([PersonId(woman)]));
}
