//! The register as a whole, rule by rule.

mod properties;

use crate::{
    base::Pool,
    domain::{
        AddressKey, AddressParts, CivilStatus, Cpr, CprStatus, CustodyKind, Date, PersonId, Precision, Protection,
        RegisterDate, Sex,
    },
    ingest::rows::RegisterRow,
};

use super::*;

struct Register {
    numbers: Numbers,
    population: Population,
    counts: RegisterCounts,
}

impl Register {
    fn of(rows: impl IntoIterator<Item = RegisterRow>) -> Self {
        let mut builder = RegisterBuilder::new();
        for row in rows {
            builder.add(row);
        }
        Self::finish(builder)
    }

    fn finish(builder: RegisterBuilder) -> Self {
        let pool = Pool::new(2).expect("threads");
        let (numbers, population, counts) = builder.finish(&pool).expect("a register");
        Self { numbers, population, counts }
    }

    fn found(&self, number: Cpr) -> Found {
        self.numbers.find(number).expect("a known number")
    }

    fn id(&self, number: Cpr) -> PersonId {
        PersonId(self.found(number).position)
    }
}

fn cpr(number: &str) -> Cpr {
    Cpr::parse(number.as_bytes()).expect("a valid number")
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

fn at(text: &str) -> Option<RegisterDate> {
    let (year, month, day) = day(text).ymd();
    RegisterDate::from_parts(year, month, day, false).ok()
}

fn address(house: u16) -> AddressKey {
    let house = house.to_string();
    let parts = AddressParts { municipality: b"0167", road: b"0042", house: house.as_bytes(), ..Default::default() };
    AddressKey::new(parts).expect("an address")
}

fn person(number: &str, status: CprStatus, since: &str) -> RegisterRow {
    RegisterRow::Person { cpr: cpr(number), current: None, status, status_from: at(since), sex: None, born: None }
}

fn changed(number: &str, current: &str) -> RegisterRow {
    let (cpr, current) = (cpr(number), Some(cpr(current)));
    RegisterRow::Person { cpr, current, status: CprStatus::Changed, status_from: None, sex: None, born: None }
}

fn former(current: &str, former: &str) -> RegisterRow {
    RegisterRow::FormerNumber { current: cpr(current), former: cpr(former), until: None }
}

fn lives(number: &str, house: u16, from: &str) -> RegisterRow {
    RegisterRow::Address { cpr: cpr(number), key: Some(address(house)), from: at(from), to: None, current: true }
}

fn lived(number: &str, house: u16, from: &str, to: &str) -> RegisterRow {
    RegisterRow::Address { cpr: cpr(number), key: Some(address(house)), from: at(from), to: at(to), current: false }
}

fn parents(child: &str, mother: Option<&str>, father: Option<&str>) -> RegisterRow {
    RegisterRow::Parents { child: cpr(child), mother: mother.map(cpr), father: father.map(cpr) }
}

const ANNA: &str = "0101500002";
const BO: &str = "0201500003";
const CARL: &str = "0301005003";
const DINA: &str = "0401005004";

#[test]
fn a_changed_number_means_the_current_person_over_several_steps() {
    let register = Register::of([
        person(ANNA, CprStatus::Resident, "1950-01-01"),
        former(ANNA, BO),
        changed(CARL, BO),
        RegisterRow::Child { parent: cpr(CARL), child: cpr(DINA) },
    ]);
    let anna = register.id(cpr(ANNA));
    for old in [BO, CARL] {
        assert_eq!(register.found(cpr(old)), Found { position: anna.0, changed: true, delivered: true });
    }
    assert_eq!(register.found(cpr(ANNA)), Found { position: anna.0, changed: false, delivered: true });
    assert!(!register.found(cpr(DINA)).delivered);
    assert!(register.numbers.cpr(anna.0) == cpr(ANNA));
    assert_eq!(register.population.children(anna).collect::<Vec<_>>(), [register.id(cpr(DINA))]);
    assert_eq!(register.numbers.len(), 2);
    let RegisterCounts { persons, residents, referenced_only, changed_numbers, .. } = register.counts;
    assert_eq!((persons, residents, referenced_only, changed_numbers), (1, 1, 1, 2));
}

#[test]
fn a_number_is_followed_only_from_status_50_and_60() {
    let row = |status| RegisterRow::Person {
        cpr: cpr(BO),
        current: Some(cpr(ANNA)),
        status,
        status_from: None,
        sex: None,
        born: None,
    };
    for status in (0..100).filter_map(CprStatus::from_code) {
        let register = Register::of([person(ANNA, CprStatus::Resident, "1950-01-01"), row(status)]);
        let followed = matches!(status, CprStatus::DeletedDouble | CprStatus::Changed);
        assert_eq!(register.found(cpr(BO)).changed, followed, "{status:?}");
        assert_eq!(register.counts.note(RegisterNote::ChangeWithoutStatus), u64::from(!followed));
    }
}

#[test]
fn in_a_circle_no_link_is_followed_and_a_note_says_so() {
    let register = Register::of([changed(ANNA, BO), changed(BO, ANNA), changed(CARL, ANNA)]);
    assert!(!register.found(cpr(ANNA)).changed && !register.found(cpr(BO)).changed);
    assert_ne!(register.id(cpr(ANNA)), register.id(cpr(BO)));
    assert_eq!(register.id(cpr(CARL)), register.id(cpr(ANNA)));
    assert_eq!(register.counts.note(RegisterNote::Cycle), 1);
    assert_eq!(register.counts.note(RegisterNote::NumberInCycle), 2);
}

#[test]
fn the_numbers_own_record_outweighs_another_persons_list_of_old_numbers() {
    let register = Register::of([
        person(ANNA, CprStatus::Resident, "1950-01-01"),
        person(BO, CprStatus::Resident, "1950-01-01"),
        former(ANNA, BO),
    ]);
    assert!(!register.found(cpr(BO)).changed);
    assert_eq!(register.counts.note(RegisterNote::ContradictingChange), 1);
}

#[test]
fn a_later_list_of_old_numbers_outweighs_the_numbers_own_earlier_record() {
    let register = Register::of([
        RegisterRow::Start { produced: Some(day("2001-11-16")) },
        person(BO, CprStatus::Resident, "1950-01-01"),
        RegisterRow::Start { produced: Some(day("2001-11-19")) },
        person(ANNA, CprStatus::Resident, "1950-01-01"),
        former(ANNA, BO),
    ]);
    assert!(register.found(cpr(BO)).changed);
    assert_eq!(register.counts.note(RegisterNote::ContradictingChange), 0);
}

#[test]
fn a_replaced_number_without_its_successor_is_followed_through_the_successors_list() {
    let replaced = person(BO, CprStatus::Changed, "2001-11-13");
    let register = Register::of([replaced.clone(), person(ANNA, CprStatus::Resident, "1950-01-01"), former(ANNA, BO)]);
    assert_eq!(register.id(cpr(BO)), register.id(cpr(ANNA)));
    let alone = Register::of([replaced]);
    assert_eq!(alone.population.status(alone.id(cpr(BO))), Some(CprStatus::Changed), "nobody else to be");
}

/// `cpr.md` 1.4, found in two extracts of the CPR office three days apart: the person got the earlier number back.
#[test]
fn of_two_extracts_that_contradict_each_other_the_later_counts() {
    const FIRST: &str = "0709610015";
    const SECOND: &str = "0108610069";
    let snapshot = |produced: &str, old: &str, current: &str| {
        vec![
            RegisterRow::Start { produced: Some(day(produced)) },
            changed(old, current),
            person(current, CprStatus::Resident, "1961-01-01"),
            lives(current, 7, "1990-01-01"),
            former(current, old),
        ]
    };
    let earlier = || snapshot("2001-11-16", FIRST, SECOND);
    let later = || snapshot("2001-11-19", SECOND, FIRST);
    let alone = Register::of(later());
    assert_eq!(
        alone.found(cpr(SECOND)),
        Found { position: alone.found(cpr(FIRST)).position, changed: true, delivered: true }
    );
    for rows in [[earlier(), later()], [later(), earlier()]] {
        let both = Register::of(rows.concat());
        assert!(both.numbers == alone.numbers && both.population == alone.population);
        assert_eq!((both.counts.deliveries, both.counts.note(RegisterNote::Replaced)), (2, 4));
        assert_eq!(both.counts.note(RegisterNote::Cycle), 0);
    }
    assert!(Register::of(earlier()).found(cpr(FIRST)).changed);
}

/// The same trap with a later extract that brings the one person only: its word about its own number is the latest.
#[test]
fn a_later_record_of_the_old_number_itself_ends_the_change() {
    let register = Register::of([
        RegisterRow::Start { produced: Some(day("2001-11-16")) },
        changed(BO, ANNA),
        person(ANNA, CprStatus::Resident, "1950-01-01"),
        former(ANNA, BO),
        RegisterRow::Start { produced: Some(day("2001-11-19")) },
        person(BO, CprStatus::Resident, "1950-01-01"),
    ]);
    assert!(!register.found(cpr(BO)).changed && register.found(cpr(BO)).delivered);
    assert_eq!(register.counts.note(RegisterNote::ContradictingChange), 0, "one is later: no contradiction");
}

#[test]
fn files_of_one_delivery_make_one_register_and_a_later_delivery_replaces_a_person() {
    let mut builder = RegisterBuilder::new();
    builder.add(person(ANNA, CprStatus::Resident, "1950-01-01"));
    builder.add(person(BO, CprStatus::Resident, "1950-01-01"));
    builder.begin_file();
    builder.add(lives(ANNA, 1, "1990-01-01"));
    builder.add(lives(BO, 1, "1990-01-01"));
    builder.add(RegisterRow::Child { parent: cpr(BO), child: cpr(DINA) });
    builder.begin_file();
    builder.add(RegisterRow::Start { produced: Some(day("2015-01-01")) });
    builder.add(person(BO, CprStatus::Resident, "1950-01-01"));
    builder.add(lives(BO, 2, "2014-01-01"));
    let register = Register::finish(builder);
    let on = day("2015-01-01");
    assert!(register.population.address_on(register.id(cpr(ANNA)), on) == Some(address(1)));
    assert!(register.population.address_on(register.id(cpr(BO)), on) == Some(address(2)));
    assert_eq!(register.numbers.find(cpr(DINA)), None, "known from what was replaced only");
    assert_eq!((register.counts.deliveries, register.counts.note(RegisterNote::Replaced)), (2, 3));
}

#[test]
fn addresses_are_half_open_and_the_latest_move_counts() {
    let register = Register::of([
        person(ANNA, CprStatus::Resident, "1950-01-01"),
        lived(ANNA, 1, "2000-01-01", "2010-01-01"),
        lived(ANNA, 2, "2005-01-01", "2006-01-01"),
        lived(ANNA, 3, "2009-01-01", "2008-01-01"),
        lives(ANNA, 4, "2010-01-01"),
        RegisterRow::Address { cpr: cpr(ANNA), key: None, from: at("2012-01-01"), to: None, current: false },
    ]);
    let anna = register.id(cpr(ANNA));
    for (date, house) in [
        ("1999-12-31", None),
        ("2000-01-01", Some(1)),
        ("2005-12-31", Some(2)),
        ("2006-01-01", Some(1)),
        ("2009-06-01", Some(1)),
        ("2009-12-31", Some(1)),
        ("2010-01-01", Some(4)),
        ("2050-01-01", Some(4)),
    ] {
        assert!(register.population.address_on(anna, day(date)) == house.map(address), "{date}");
    }
    let note = |note| register.counts.note(note);
    assert_eq!(note(RegisterNote::OverlappingAddress), 1);
    assert_eq!(note(RegisterNote::ReversedAddress), 1);
    assert_eq!(note(RegisterNote::BlankAddress), 1);
    assert_eq!(register.population.addresses(anna).count(), 4);
}

#[test]
fn residence_follows_status_date_and_address() {
    let on = day("2015-06-30");
    let resident = |status, since: Option<&str>, rows: &[RegisterRow]| {
        let status_from = since.and_then(at);
        let own = RegisterRow::Person { cpr: cpr(ANNA), current: None, status, status_from, sex: None, born: None };
        let register = Register::of(std::iter::once(own).chain(rows.iter().cloned()));
        register.population.is_resident_on(register.id(cpr(ANNA)), on)
    };
    let until = |to| [lived(ANNA, 1, "2000-01-01", to)];
    assert!(resident(CprStatus::Resident, Some("2000-01-01"), &[]));
    assert!(resident(CprStatus::ResidentAdministrative, None, &[]));
    assert!(!resident(CprStatus::Resident, Some("2016-01-01"), &[]), "came later");
    assert!(resident(CprStatus::Resident, Some("2016-01-01"), &until("2016-01-01")), "03 became 01");
    for gone in [CprStatus::Dead, CprStatus::Emigrated, CprStatus::Disappeared] {
        assert!(!resident(gone, Some("2015-06-30"), &until("2015-07-01")), "{gone:?} on the day");
        assert!(resident(gone, Some("2015-07-01"), &until("2015-07-01")), "{gone:?} the day after");
        assert!(!resident(gone, Some("2015-07-01"), &until("2015-06-30")), "{gone:?} without an address on the day");
        assert!(!resident(gone, None, &until("2015-07-01")), "{gone:?} who knows when");
    }
    for never in [CprStatus::Inactive, CprStatus::Annulled, CprStatus::Reserved, CprStatus::Changed] {
        assert!(!resident(never, Some("2016-01-01"), &until("2016-01-01")), "{never:?}");
    }
    let child = "0101164008";
    let register = Register::of([person(child, CprStatus::Resident, "2000-01-01")]);
    assert!(!register.population.is_resident_on(register.id(cpr(child)), on), "not born yet");
}

#[test]
fn birth_date_and_sex_come_from_the_register_first() {
    let born = RegisterDate::from_parts(1961, 0, 0, true).ok();
    let row = |born, sex| RegisterRow::Person {
        cpr: cpr(ANNA),
        current: None,
        status: CprStatus::Resident,
        status_from: None,
        sex,
        born,
    };
    let known = Register::of([row(born, Some(Sex::Male))]);
    let fallback = Register::of([row(None, None)]);
    let (one, other) = (known.id(cpr(ANNA)), fallback.id(cpr(ANNA)));
    let date = known.population.born(one).expect("born");
    assert_eq!((date.date, date.precision, date.uncertain), (day("1961-01-01"), Precision::Year, true));
    assert_eq!(known.population.sex(one), Sex::Male);
    assert_eq!(fallback.population.born(other).map(|born| born.date), Some(day("1950-01-01")));
    assert_eq!(fallback.population.sex(other), Sex::Female);
    assert_eq!(fallback.population.age_on(other, day("1967-12-31")), Some(17));
    assert_eq!(fallback.population.age_on(other, day("1968-01-01")), Some(18));
    assert_eq!(fallback.population.age_on(other, day("1949-12-31")), None);
}

#[test]
fn parents_are_the_union_of_both_records() {
    let register = Register::of([
        person(DINA, CprStatus::Resident, "2000-01-04"),
        parents(DINA, Some(ANNA), None),
        RegisterRow::Child { parent: cpr(ANNA), child: cpr(DINA) },
        RegisterRow::Child { parent: cpr(BO), child: cpr(DINA) },
        RegisterRow::Child { parent: cpr(BO), child: cpr(BO) },
        RegisterRow::Child { parent: cpr(BO), child: cpr(CARL) },
        parents(CARL, None, Some(BO)),
    ]);
    let [anna, bo, carl, dina] = [ANNA, BO, CARL, DINA].map(|number| register.id(cpr(number)));
    let population = &register.population;
    assert_eq!(population.parents(dina).collect::<Vec<_>>(), [Parent::Mother(anna), Parent::Unslotted(bo)]);
    assert_eq!(population.parents(carl).collect::<Vec<_>>(), [Parent::Father(bo)]);
    assert_eq!(population.children(bo).collect::<Vec<_>>(), [carl, dina]);
    assert_eq!(population.children(anna).collect::<Vec<_>>(), [dina]);
    assert_eq!(register.counts.note(RegisterNote::OwnRelative), 1);
    assert_eq!([anna, bo, carl, dina].map(|person| population.is_delivered(person)), [false, false, false, true]);
}

#[test]
fn custody_of_mother_and_father_means_the_slots() {
    let custody = |kind, holder: Option<&str>, from, to: Option<&str>| RegisterRow::Custody {
        child: cpr(DINA),
        kind,
        holder: holder.map(cpr),
        from: at(from),
        to: to.and_then(at),
    };
    let register = Register::of([
        custody(CustodyKind::Mother, None, "2004-07-01", None),
        custody(CustodyKind::Father, None, "2004-07-01", Some("2010-01-01")),
        custody(CustodyKind::Other, Some(CARL), "2010-01-01", None),
        parents(DINA, Some(ANNA), Some(BO)),
    ]);
    let holders = |date| {
        let dina = register.id(cpr(DINA));
        register.population.custody_on(dina, day(date)).map(|spell| spell.holder).collect::<Vec<_>>()
    };
    let [anna, bo, carl] = [ANNA, BO, CARL].map(|number| Some(register.id(cpr(number))));
    assert_eq!(holders("2004-06-30"), []);
    assert_eq!(holders("2009-12-31"), [anna, bo]);
    assert_eq!(holders("2010-01-01"), [anna, carl]);
}

#[test]
fn a_spouse_counts_while_married_and_both_alive() {
    let civil = |number: &str, status, spouse: &str, from, to: Option<&str>| RegisterRow::CivilStatus {
        cpr: cpr(number),
        status,
        spouse: Some(cpr(spouse)),
        from: at(from),
        to: to.and_then(at),
        current: to.is_none(),
    };
    let register = Register::of([
        civil(ANNA, CivilStatus::Divorced, BO, "2010-01-01", None),
        civil(ANNA, CivilStatus::Married, BO, "1980-01-01", Some("2010-01-01")),
        civil(CARL, CivilStatus::Partner, DINA, "2020-01-01", None),
        person(DINA, CprStatus::Dead, "2022-03-01"),
    ]);
    let spouse = |number: &str, date| register.population.spouse_on(register.id(cpr(number)), day(date));
    let id = |number: &str| Some(register.id(cpr(number)));
    assert_eq!(spouse(ANNA, "1979-12-31"), None);
    assert_eq!(spouse(ANNA, "2009-12-31"), id(BO));
    assert_eq!(spouse(ANNA, "2010-01-01"), None);
    assert_eq!(spouse(CARL, "2022-02-28"), id(DINA));
    assert_eq!(spouse(CARL, "2022-03-01"), None);
    let now = register.population.civil_status_on(register.id(cpr(ANNA)), day("2015-01-01")).expect("known");
    assert_eq!((now.status, now.spouse), (CivilStatus::Divorced, id(BO)), "the register keeps the reference");
}

#[test]
fn the_strongest_protection_in_force_is_told() {
    let protected = |kind, from, to: Option<&str>| RegisterRow::Protection {
        cpr: cpr(ANNA),
        kind,
        from: at(from),
        to: to.and_then(at),
    };
    let register = Register::of([
        protected(Protection::Marketing, "2000-01-01", Some("2101-11-07")),
        protected(Protection::NameAndAddress, "2014-01-01", Some("2015-01-01")),
    ]);
    let strongest = |date| register.population.strongest_protection_on(register.id(cpr(ANNA)), day(date));
    assert_eq!(strongest("1999-12-31"), None);
    assert_eq!(strongest("2014-12-31"), Some(Protection::NameAndAddress));
    assert_eq!(strongest("2015-01-01"), Some(Protection::Marketing));
}

#[test]
fn facts_under_a_former_number_give_way_to_the_current_ones() {
    let rows = || {
        vec![
            changed(BO, ANNA),
            lives(BO, 1, "2012-01-01"),
            lived(BO, 3, "2000-01-01", "2014-01-01"),
            parents(BO, Some(DINA), Some(CARL)),
            RegisterRow::CivilStatus {
                cpr: cpr(BO),
                status: CivilStatus::Married,
                spouse: None,
                from: at("2012-01-01"),
                to: None,
                current: true,
            },
        ]
    };
    let own = [
        person(ANNA, CprStatus::Resident, "1950-01-01"),
        lived(ANNA, 4, "1998-01-01", "2003-01-01"),
        lives(ANNA, 2, "2010-01-01"),
        parents(ANNA, Some(CARL), None),
    ];
    let register = Register::of(rows().into_iter().chain(own));
    let anna = register.id(cpr(ANNA));
    for (date, house) in [("2002-12-31", 4), ("2003-01-01", 3), ("2009-12-31", 3), ("2010-01-01", 2), ("2015-01-01", 2)]
    {
        assert!(register.population.address_on(anna, day(date)) == Some(address(house)), "gaps only, {date}");
    }
    assert_eq!(register.counts.note(RegisterNote::OverlappingAddress), 0);
    assert_eq!(register.population.mother(anna), Some(register.id(cpr(CARL))));
    assert_eq!(register.population.civil_statuses(anna).count(), 0);
    assert_eq!(register.counts.note(RegisterNote::UnderFormerNumber), 2);
    assert_eq!(register.counts.note(RegisterNote::ContradictingParents), 1);
    let alone = Register::of(rows());
    let anna = alone.id(cpr(ANNA));
    assert!(!alone.population.is_delivered(anna));
    assert!(alone.population.address_on(anna, day("2015-01-01")) == Some(address(1)), "better than nothing");
}

#[test]
fn persons_outside_the_register_join_with_what_the_number_tells() {
    let mut register = Register::of([person(ANNA, CprStatus::Resident, "1950-01-01")]);
    let outside = PersonId(register.numbers.add_outside(cpr(CARL)));
    register.population.add_outside(&register.numbers);
    let on = day("2015-06-30");
    let population = register.population.renumber(&[PersonId(1), PersonId(0)]);
    assert_eq!((outside, population.len()), (PersonId(1), 2));
    assert_eq!(population.status(PersonId(1)), Some(CprStatus::Resident));
    assert!(!population.is_delivered(PersonId(0)) && !population.is_resident_on(PersonId(0), on));
    assert_eq!(population.age_on(PersonId(0), on), Some(15));
    assert_eq!(population.sex(PersonId(0)), Sex::Male);
    assert_eq!(population.addresses(PersonId(0)).count() + population.children(PersonId(0)).count(), 0);
}
