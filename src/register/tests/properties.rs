//! Properties of registers built from random records.

use proptest::prelude::*;

use super::*;

/// Number `index` of a small town, born on day `index` + 1 of January 1970.
fn number(index: u8) -> Cpr {
    cpr(&format!("{:02}0170{index:04}", index + 1))
}

const PEOPLE: u8 = 10;

fn anybody() -> impl Strategy<Value = Cpr> {
    (0..PEOPLE).prop_map(number)
}

fn maybe() -> impl Strategy<Value = Option<Cpr>> {
    prop::option::of(anybody())
}

fn days() -> impl Strategy<Value = Option<RegisterDate>> {
    let date = (2000_i16..2008, 0_u8..13, 0_u8..3, any::<bool>());
    prop::option::weighted(
        0.85,
        date.prop_map(|(year, month, day, uncertain)| {
            RegisterDate::from_parts(year, month, day, uncertain).expect("days 0 to 2 exist")
        }),
    )
}

fn chosen<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn row() -> impl Strategy<Value = RegisterRow> {
    let statuses: Vec<CprStatus> = (0..100).filter_map(CprStatus::from_code).collect();
    let civil = b"UGFEPOLD".iter().filter_map(|code| CivilStatus::from_code(*code)).collect::<Vec<_>>();
    let protections = (1..6).filter_map(Protection::from_code).collect::<Vec<_>>();
    let custody = (3..7).filter_map(CustodyKind::from_code).collect::<Vec<_>>();
    let sexes = vec![None, Some(Sex::Male), Some(Sex::Female)];
    let key = || prop::option::weighted(0.9, (1_u16..6).prop_map(address));
    prop_oneof![
        4 => (anybody(), maybe(), chosen(statuses), days(), days(), chosen(sexes)).prop_map(
            |(cpr, current, status, status_from, born, sex)| RegisterRow::Person {
                cpr, current, status, status_from, sex, born
            }
        ),
        6 => (anybody(), key(), days(), days(), any::<bool>()).prop_map(
            |(cpr, key, from, to, current)| RegisterRow::Address { cpr, key, from, to, current }
        ),
        2 => (anybody(), chosen(protections), days(), days())
            .prop_map(|(cpr, kind, from, to)| RegisterRow::Protection { cpr, kind, from, to }),
        3 => (anybody(), chosen(civil), maybe(), days(), days(), any::<bool>()).prop_map(
            |(cpr, status, spouse, from, to, current)| RegisterRow::CivilStatus {
                cpr, status, spouse, from, to, current
            }
        ),
        3 => (anybody(), anybody()).prop_map(|(parent, child)| RegisterRow::Child { parent, child }),
        3 => (anybody(), maybe(), maybe())
            .prop_map(|(child, mother, father)| RegisterRow::Parents { child, mother, father }),
        3 => (anybody(), chosen(custody), maybe(), days(), days())
            .prop_map(|(child, kind, holder, from, to)| RegisterRow::Custody { child, kind, holder, from, to }),
        2 => (anybody(), anybody(), days())
            .prop_map(|(current, former, until)| RegisterRow::FormerNumber { current, former, until }),
    ]
}

/// One or two deliveries, the earlier first.
fn deliveries() -> impl Strategy<Value = Vec<Vec<RegisterRow>>> {
    prop::collection::vec(prop::collection::vec(row(), 0..40), 1..3)
}

fn build(deliveries: &[Vec<RegisterRow>], backwards: bool) -> Register {
    let mut files: Vec<(i32, &[RegisterRow])> = (0..).zip(deliveries.iter().map(Vec::as_slice)).collect();
    if backwards {
        files.reverse();
    }
    let mut builder = RegisterBuilder::new();
    for (index, rows) in files {
        builder.begin_file();
        let (before, after) = rows.split_at(rows.len() / 2);
        for row in before {
            builder.add(row.clone());
        }
        builder.add(RegisterRow::Start { produced: Some(day("2010-01-01").plus(index)) });
        for row in after {
            builder.add(row.clone());
        }
    }
    Register::finish(builder)
}

/// Every answer the population gives about a person, with persons told by `name`.
fn answers(population: &Population, person: PersonId, name: impl Fn(PersonId) -> u32) -> Vec<String> {
    let mut told = vec![format!(
        "{} {:?} {:?} {:?} {:?}",
        population.is_delivered(person),
        population.status(person),
        population.status_from(person),
        population.sex(person),
        population.born(person)
    )];
    let mut set = |kind: &str, items: Vec<String>| {
        let mut items = items;
        items.sort();
        told.push(format!("{kind}: {items:?}"));
    };
    set("addresses", population.addresses(person).map(|spell| format!("{spell:?}")).collect());
    set("protections", population.protections(person).map(|spell| format!("{spell:?}")).collect());
    set("children", population.children(person).map(|child| name(child).to_string()).collect());
    let parents = population.parents(person).map(|parent| {
        let kind = match parent {
            Parent::Mother(_) => "mother",
            Parent::Father(_) => "father",
            Parent::Unslotted(_) => "parent",
        };
        format!("{kind} {}", name(parent.person()))
    });
    set("parents", parents.collect());
    let civil = population
        .civil_statuses(person)
        .map(|spell| format!("{:?} {:?}", CivilSpell { spouse: None, ..spell }, spell.spouse.map(&name)));
    set("civil", civil.collect());
    let custody = population
        .custody(person)
        .map(|spell| format!("{:?} {:?}", CustodySpell { holder: None, ..spell }, spell.holder.map(&name)));
    set("custody", custody.collect());
    for date in some_days() {
        told.push(format!(
            "{date} {:?} {} {} {:?} {:?} {:?} {:?}",
            population.address_id_on(person, date),
            population.is_resident_on(person, date),
            population.is_alive_on(person, date),
            population.age_on(person, date),
            population.strongest_protection_on(person, date),
            population.civil_status_on(person, date).map(|spell| spell.status),
            population.spouse_on(person, date).map(&name),
        ));
    }
    told
}

fn some_days() -> impl Iterator<Item = Date> {
    (0..100).map(|step| day("1999-12-01").plus(step * 31))
}

/// The address by reading every row again.
fn naive_address(rows: &[RegisterRow], register: &Register, person: PersonId, date: Date) -> Option<AddressKey> {
    let mut best = None;
    for row in rows {
        let &RegisterRow::Address { cpr, key: Some(key), from, to, current } = row else { continue };
        let found = register.found(cpr);
        let outdated = found.changed && register.population.is_delivered(person);
        let covers = from.is_none_or(|from| from.date <= date) && to.is_none_or(|to| date < to.date);
        if found.position != person.0 || (outdated && current) || !covers {
            continue;
        }
        // The current number's, the last move, then the current address, then one without an end, then the rest in any fixed order.
        let trust = (!outdated, from.map(|from| from.date), current, to.is_none(), from, to, key);
        if best.is_none_or(|best| best < trust) {
            best = Some(trust);
        }
    }
    best.map(|trust| trust.6)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_121),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_order_of_rows_and_files_gives_the_same_register(
        (rows, shuffled) in deliveries().prop_flat_map(|deliveries| {
            let shuffled: Vec<_> = deliveries.iter().map(|rows| Just(rows.clone()).prop_shuffle()).collect();
            (Just(deliveries), shuffled)
        })
    ) {
        let (one, other) = (build(&rows, false), build(&shuffled, true));
        prop_assert!(one.numbers == other.numbers);
        prop_assert!(one.population == other.population);
        prop_assert_eq!(one.counts, other.counts);
    }

    #[test]
    fn every_number_of_the_rows_is_found_and_every_position_leads_back(rows in prop::collection::vec(row(), 0..40)) {
        let register = build(std::slice::from_ref(&rows), false);
        for position in 0..register.numbers.len() {
            let found = register.numbers.find(register.numbers.cpr(position));
            prop_assert_eq!(found.map(|found| (found.position, found.changed)), Some((position, false)));
        }
        for row in rows {
            if let RegisterRow::Person { cpr, .. } = row {
                prop_assert!(register.found(cpr).delivered);
            }
            if let RegisterRow::Child { parent, child } = row {
                let (parent, child) = (register.id(parent), register.id(child));
                let known = register.population.parents(child).any(|one| one.person() == parent);
                prop_assert!(known || parent == child);
                prop_assert!(parent == child || register.population.children(parent).any(|one| one == child));
            }
        }
    }

    #[test]
    fn the_address_on_a_day_equals_a_scan_of_all_rows(rows in prop::collection::vec(row(), 0..60)) {
        let register = build(std::slice::from_ref(&rows), false);
        for person in register.population.persons() {
            for date in some_days() {
                let naive = naive_address(&rows, &register, person, date);
                prop_assert!(register.population.address_on(person, date) == naive);
            }
        }
    }

    #[test]
    fn new_ids_keep_every_fact(
        (rows, ids) in deliveries().prop_flat_map(|deliveries| {
            let count = build(&deliveries, false).numbers.len();
            (Just(deliveries), Just((0..count).map(PersonId).collect::<Vec<_>>()).prop_shuffle())
        })
    ) {
        let register = build(&rows, false);
        let before: Vec<_> = register
            .population
            .persons()
            .map(|person| answers(&register.population, person, |other| ids[other.index()].0))
            .collect();
        let population = register.population.renumber(&ids);
        for (position, told) in before.iter().enumerate() {
            prop_assert_eq!(&answers(&population, ids[position], |other| other.0), told);
        }
    }
}
