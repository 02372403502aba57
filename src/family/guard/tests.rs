//! What makes an address no household.

use super::*;
use crate::{
    base::Pool,
    domain::{AddressParts, CivilStatus, Period},
    family::{UnitForm, form},
    register::example::{Town, day, dwelling},
};

const TODAY: &str = "2020-06-30";

fn forms(town: Town, guard: &Guard) -> Vec<(UnitForm, usize)> {
    let population = town.population();
    let period = Period { from: day(TODAY), to: day(TODAY) };
    let formation = form(&population, guard, period, period.to, &Pool::new(1).expect("a thread"));
    formation.households.iter().map(|(form, members)| (form, members.len())).collect()
}

#[test]
fn a_listed_building_dissolves_all_its_doors() {
    let flat = |floor: &[u8]| {
        let parts = AddressParts { municipality: b"167", road: b"7", house: b"4", floor, ..AddressParts::default() };
        AddressKey::new(parts).expect("an address")
    };
    let guard = Guard::new([(flat(b""), "botilbud".into())], false);
    assert!(guard.lists(&flat(b"2")) && guard.lists(&flat(b"")) && !guard.lists(&dwelling(4)));
    let one_flat = Guard::new([(flat(b"2"), "herberg".into())], false);
    assert!(one_flat.lists(&flat(b"2")) && !one_flat.lists(&flat(b"3")) && !one_flat.lists(&flat(b"")));
}

#[test]
fn families_stay_together_where_the_household_is_dissolved() {
    let mut town = Town::default();
    let (mother, child) = (town.woman("1980-01-02", 1), town.man("2010-01-02", 1));
    town.parents(child, Some(mother), None);
    town.man("1930-01-02", 1);
    let guard = Guard::new([(dwelling(1), "krisecenter".into())], false);
    assert_eq!(forms(town, &guard), [(UnitForm::Dissolved, 2), (UnitForm::Dissolved, 1)]);
}

#[test]
fn size_alone_never_dissolves() {
    let large = || {
        let mut town = Town::default();
        let mother = town.woman("1970-01-02", 1);
        for year in 1990..2010 {
            let child = town.man(&format!("{year}-01-02"), 1);
            town.parents(child, Some(mother), None);
        }
        town
    };
    assert_eq!(forms(large(), &Guard::new([], true)), [(UnitForm::Dwelling, 21)]);
}

#[test]
fn four_unrelated_nuclei_dissolve_only_when_the_plan_says_so() {
    let lodgers = |count: u8| {
        let mut town = Town::default();
        for _ in 0..count {
            town.man("1970-01-02", 1);
        }
        town
    };
    assert_eq!(forms(lodgers(4), &Guard::new([], false)), [(UnitForm::Dwelling, 4)]);
    assert_eq!(forms(lodgers(4), &Guard::new([], true)), [(UnitForm::Dissolved, 1); 4]);
    assert_eq!(forms(lodgers(3), &Guard::new([], true)), [(UnitForm::Dwelling, 3)]);
}

#[test]
fn kin_and_former_spouses_are_one_nucleus() {
    let mut town = Town::default();
    let (one, other) = (town.man("1970-01-02", 1), town.woman("1970-01-02", 1));
    town.man("1970-01-02", 1);
    town.man("1970-01-02", 1);
    town.civil(one, CivilStatus::Divorced, Some(other), "2010-01-01");
    assert_eq!(forms(town, &Guard::new([], true)), [(UnitForm::Dwelling, 4)]);
}
