//! The CPR office's test extract of 80 fictive persons, against an independent run of the E-family's rules and CPR's own answers
//! about relations. The data stand in ../shared and are never copied here, so these tests run only when asked for.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use samkor::{
    base::{Pool, Silent},
    domain::{Cpr, Date, Period, PersonId, SourceId},
    family::{Families, FamilyKind, Guard, Ingredients, MemberRole, UnitForm, occupied, unrelated_nuclei},
    ingest::{self, FileInput, ReadOptions},
    layout::Layouts,
    register::{Numbers, Population, RegisterBuilder},
};

fn data(name: &str) -> PathBuf {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cpr").join(name);
    // A worktree stands one level deeper.
    if found.exists() { found } else { Path::new("/work/shared/data/cpr").join(name) }
}

fn register() -> (Numbers, Population) {
    let layouts = Layouts::shipped().expect("layouts");
    let path = data("U12170-P_110901.txt");
    let input = FileInput {
        path: &path,
        name: "udtræk",
        source: SourceId(0),
        file: 0,
        layout: layouts.get("cpr-p12170").expect("the layout"),
        layouts: &layouts,
        options: ReadOptions::default(),
    };
    let pool = Pool::new(1).expect("a thread");
    let mut builder = RegisterBuilder::new();
    let take = |rows: Vec<Vec<_>>| {
        rows.into_iter().flatten().for_each(|row| builder.add(row));
        Ok(())
    };
    let mut faults = Vec::new();
    ingest::read_file(input, &pool, &Silent, |record, _| ingest::read_register_row(record), take, &mut faults)
        .expect("the extract is whole");
    let (numbers, population, _) = builder.finish(&pool).expect("a register");
    (numbers, population)
}

fn day() -> Date {
    Date::parse_iso("2001-11-19").expect("a date")
}

fn families(population: &Population, nuclei: bool) -> Families {
    let from = Ingredients {
        population,
        placements: &[],
        manual: &[],
        guard: &Guard::new([], nuclei),
        paid_here: &[],
        period: Period { from: day(), to: day() },
        day: day(),
    };
    Families::of(&from, &Pool::new(1).expect("a thread")).expect("families")
}

/// Every family as its kind, heads and children, by number.
fn told(numbers: &Numbers, families: &Families) -> BTreeSet<(String, BTreeSet<Cpr>, BTreeSet<Cpr>)> {
    let units = &families.families;
    units
        .iter()
        .map(|(id, unit)| {
            let of_role = |wanted: fn(MemberRole) -> bool| {
                let members = units.members(id).iter().filter(|member| wanted(member.role));
                members.map(|member| numbers.cpr(member.person.0)).collect()
            };
            (unit.form.code().to_owned(), of_role(MemberRole::leads), of_role(|role| role == MemberRole::Child))
        })
        .collect()
}

fn count(families: &Families, kind: FamilyKind) -> usize {
    families.families.iter().filter(|(_, unit)| unit.form == UnitForm::Family(kind)).count()
}

#[test]
#[ignore = "reads ../shared/data/cpr, which is not part of the project"]
fn the_extract_gives_the_expected_families() {
    let (numbers, population) = register();
    let families = families(&population, false);
    let counts = FamilyKind::ALL.map(|kind| count(&families, kind));
    assert_eq!((families.families.len(), counts), (51, [6, 1, 0, 4, 39, 1]));
    let text = std::fs::read_to_string(data("expected_efamilies_U12170.json")).expect("the expected families");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let set = |value: &serde_json::Value| -> BTreeSet<Cpr> {
        let numbers = value.as_array().expect("a list").iter();
        numbers.map(|number| Cpr::parse(number.as_str().expect("text").as_bytes()).expect("a number")).collect()
    };
    let word = |kind: &str| {
        match kind {
            "aegtepar" => "ægtepar",
            "reg_partnerskab" => "registreret partnerskab",
            "samboende" => "samboende",
            "enlig" => "enlig",
            "ikke_hjemmeboende_barn" => "ikke-hjemmeboende barn",
            other => panic!("{other} is no kind of the expected families"),
        }
        .to_owned()
    };
    let households = expected["households"].as_array().expect("households");
    let expected: BTreeSet<_> = households
        .iter()
        .flat_map(|household| household["families"].as_array().expect("families"))
        .map(|family| {
            (word(family["type"].as_str().expect("a type")), set(&family["adults"]), set(&family["children"]))
        })
        .collect();
    assert_eq!(told(&numbers, &families), expected);
    let children: usize = expected.iter().map(|(_, _, children)| children.len()).sum();
    assert_eq!((children, households.len()), (7, 32));
    let dwellings = families.households.iter().filter(|(_, unit)| unit.form == UnitForm::Dwelling).count();
    assert_eq!(dwellings, 32);
}

/// The child whose mother is not delivered looks like a child without its parents, and is told apart from one.
#[test]
#[ignore = "reads ../shared/data/cpr, which is not part of the project"]
fn the_mother_outside_the_extract_is_not_a_mother_elsewhere() {
    let (_, population) = register();
    assert_eq!(families(&population, false).parents_of_not_home, [0, 1, 0, 0]);
}

/// Three addresses hold 6, 5 and 4 nuclei. Two singles of the third name each other as former spouses: they are no strangers, so three
/// unrelated nuclei are left there and it stays a household (see `unrelated_nuclei`).
#[test]
#[ignore = "reads ../shared/data/cpr, which is not part of the project"]
fn unrelated_nuclei_dissolve_two_addresses() {
    let (_, population) = register();
    let found = families(&population, true);
    let dwellings = found.households.iter().filter(|(_, unit)| unit.form == UnitForm::Dwelling).count();
    assert_eq!((dwellings, found.dissolved.nuclei, found.dissolved.persons), (30, 2, 12));
    let mut crowded: Vec<(usize, usize)> = occupied(&population, &Guard::default(), day())
        .iter()
        .filter(|at| at.families.len() >= 4)
        .map(|at| (at.families.len(), unrelated_nuclei(&population, &at.families, day())))
        .collect();
    crowded.sort_unstable();
    assert_eq!(crowded, [(4, 3), (5, 5), (6, 6)]);
}

#[test]
#[ignore = "reads ../shared/data/cpr, which is not part of the project"]
fn every_relation_of_familie_plus_is_in_the_population() {
    let (numbers, population) = register();
    let text = std::fs::read_to_string(data("familie_plus_relations.json")).expect("the relations");
    let rows: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let find = |number: &str| {
        PersonId(numbers.find(Cpr::parse(number.as_bytes()).expect("a number")).expect("a known number").position)
    };
    let word = |row: &serde_json::Value, key: &str| row[key].as_str().expect("text").to_owned();
    let mut found = 0;
    for row in rows.as_array().expect("rows") {
        let (ego, other) = (find(&word(row, "ego")), find(&word(row, "other")));
        let is = match word(row, "rel").as_str() {
            "Andet" => continue,
            "Ægtefælle" => population.civil_statuses(ego).any(|civil| civil.spouse == Some(other)),
            "Barn" => population.children(ego).any(|child| child == other),
            "Mor" => population.mother(ego) == Some(other),
            "Far" => population.father(ego) == Some(other),
            word => panic!("{word} is no relation"),
        };
        assert!(is, "a relation is missing");
        found += 1;
    }
    assert_eq!(found, 63);
}
