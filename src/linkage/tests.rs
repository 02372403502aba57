//! Every rule of the second pass on a small register, one case for each way of going right or wrong.

use crate::{
    base::Pool,
    domain::{Cpr, CprStatus, Date, Identity, LinkRule, Precision, RegisterDate, System, Tiers},
    ingest::{Clues, rows::RegisterRow},
    layout::read_identity,
    register::{Numbers, PersonNames, Population, RegisterBuilder},
};

use super::{
    Applied, Cascade, Case, Decision, Decisions, Linked, Linker, NoPersonReason, PersonHash, ReviewReason, RowHash,
    Verdict, Witness,
};

/// Number, first names, surname. The birth date is the number's.
const PERSONS: [(&str, &str, &str); 9] = [
    ("0102801231", "Åse Marie", "Holm"),
    ("0102801232", "Bo", "Dal"),
    ("0102801239", "Carl", "Holm"),
    ("1503754444", "Dorte", "Ravn"),
    ("2007994660", "Anna", "Lund"),
    ("2007994662", "Anne", "Lund"),
    ("0505601117", "Jens", "Jensen"),
    ("0505602223", "Jens", "Jensen"),
    ("3112501010", "Egon", "Friis"),
];

struct Register {
    numbers: Numbers,
    population: Population,
    names: PersonNames,
}

fn cpr(number: &str) -> Cpr {
    Cpr::parse(number.as_bytes()).expect("a valid number")
}

fn register() -> Register {
    let mut builder = RegisterBuilder::new();
    builder.keep_names();
    let person = |number: &str, current: Option<&str>, status| {
        let born = RegisterDate { date: cpr(number).birth_date(), precision: Precision::Day, uncertain: false };
        let current = current.map(cpr);
        RegisterRow::Person { cpr: cpr(number), current, status, status_from: None, sex: None, born: Some(born) }
    };
    for (number, given, surname) in PERSONS {
        builder.add(person(number, None, CprStatus::Resident));
        builder.add(RegisterRow::Name { cpr: cpr(number), given: given.into(), surname: surname.into() });
    }
    builder.add(person("1603754448", Some("1503754444"), CprStatus::Changed));
    // Enough others that a name and a birth date say something.
    for day in 1..29_u8 {
        for serial in 0..100_u8 {
            let number = format!("{day:02}0640{:04}", 1000 + u32::from(serial));
            builder.add(person(&number, None, CprStatus::Resident));
            let given = format!("Fornavn{}", char::from(b'a' + serial % 20));
            let surname = format!("Efternavn{}", char::from(b'a' + day - 1));
            builder.add(RegisterRow::Name { cpr: cpr(&number), given: given.into(), surname: surname.into() });
        }
    }
    let names = builder.take_names();
    let (numbers, population, _) = builder.finish(&Pool::new(1).expect("a thread")).expect("a register");
    let names = names.settle(&numbers, &Pool::new(2).expect("threads"));
    Register { numbers, population, names }
}

/// A row as an export has it.
fn case(number: &str, name: &str, born: &str, text: &str) -> Case {
    let identity = match read_identity(number.as_bytes()) {
        Some(identity) => identity,
        None => Identity::Damaged,
    };
    let clues = Clues {
        number: number.into(),
        name: name.into(),
        born: Date::parse_iso(born).ok(),
        text: text.into(),
        ..Clues::default()
    };
    Case { identity, system: System::Dubu, clues: clues.into() }
}

fn settle(register: &Register, cases: &[Case], tiers: Tiers, decisions: &Decisions) -> Vec<Verdict> {
    let Register { numbers, population, names } = register;
    let hash = |bytes: &[u8]| {
        let mut short = [0; 16];
        short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        short
    };
    let row_hash = |bytes: &[u8]| RowHash(hash(bytes));
    let person_hash = |cpr: Cpr| PersonHash(hash(&cpr.digits()));
    let witness = Witness { population, names };
    let cascade = Cascade { numbers, witness, tiers, decisions, row_hash: &row_hash, person_hash: &person_hash };
    cascade.settle(cases, &Pool::new(1).expect("a thread"))
}

/// The number of the person and the rule, or the reason in words.
fn answer(register: &Register, verdict: &Verdict) -> String {
    match verdict.linked {
        Linked::Person { position, rule } => {
            let digits = register.numbers.cpr(position).digits();
            format!("{} {}", String::from_utf8_lossy(&digits), rule.code())
        }
        Linked::Outside(_) => "udenfor".to_owned(),
        Linked::Nobody(NoPersonReason::Review(reason)) => format!("? {}", reason.code()),
        Linked::Nobody(reason) => format!("{reason:?}"),
    }
}

#[test]
fn each_way_of_being_damaged_has_its_answer() {
    let register = register();
    for (number, name, born, text, expected) in [
        // One slip, confirmed.
        ("1503754445", "Dorte Ravn", "1975-03-15", "", "1503754444 et-tegn"),
        ("1503754445", "Dorte Ravn", "", "", "1503754444 et-tegn"),
        ("1503754445", "", "1975-03-15", "", "1503754444 et-tegn"),
        ("1503754445", "Dorte Krog", "1975-03-15", "", "1503754444 et-tegn"),
        ("5103754444", "Ravn, Dorte", "", "", "1503754444 et-tegn"),
        ("150375444", "Dorte Ravn", "", "", "1503754444 et-tegn"),
        ("15037544444", "Dorte Ravn", "", "", "1503754444 et-tegn"),
        ("1503754445", "", "", "Dorte Ravn f. 15-03-1975", "1503754444 et-tegn"),
        ("1603754449", "Dorte Ravn", "", "", "1503754444 et-tegn"),
        // The only candidate is not enough.
        ("1503754445", "", "", "", "udenfor"),
        ("1503754445", "Dorte", "", "", "udenfor"),
        ("1503754445", "Egon Krog", "1975-03-15", "", "udenfor"),
        ("1503754445", "Dorte Ravn", "1911-11-11", "", "udenfor"),
        ("5103754444", "", "", "", "Unlinked"),
        ("5203754444", "Dorte Ravn", "1911-11-11", "", "Unlinked"),
        // Several candidates: the name tells them apart, the birth date does not.
        ("0102801233", "Bo Dal", "", "", "0102801232 et-tegn"),
        ("0102801233", "", "1980-02-01", "", "? flere-mulige"),
        ("2007994661", "Anne Lund", "1999-07-20", "", "2007994662 et-tegn"),
        ("2007994661", "Anni Lund", "1999-07-20", "", "? flere-mulige"),
        // Right number, wrong person.
        ("0102801231", "Egon Friis", "1950-12-31", "", "? veto"),
        ("0102801231", "Carl Holm", "1980-02-01", "", "? nabonummer"),
        ("0505601117", "Egon Friis", "1960-05-05", "", "0505601117 eksakt"),
        ("0102801231", "Åse Holm", "1950-12-31", "", "0102801231 eksakt"),
        ("0102801231", "Åse Holm", "1980-01-02", "", "0102801231 eksakt"),
        ("1603754448", "Egon Friis", "1950-12-31", "", "? veto"),
        // A number in the text.
        ("", "", "", "Ophold 150375-4444 jan", "1503754444 i-tekst"),
        ("", "", "", "Ophold 1503754444 jan", "1503754444 i-tekst"),
        ("", "", "", "Ophold 160375-4448 jan", "1503754444 i-tekst"),
        ("", "", "", "150375-4444, tidl. 160375-4448", "1503754444 i-tekst"),
        ("", "", "", "Faktura 1503754444", "Unlinked"),
        ("", "", "", "Ophold 150375-4444 og 311250-1010", "? flere-i-tekst"),
        ("", "", "", "Ophold 150375-4444 og 111111-1111", "? flere-i-tekst"),
        ("", "", "", "Ophold 111111-1111", "Unlinked"),
        ("", "Egon Friis", "1950-12-31", "Ophold 150375-4444", "? veto"),
        // No number at all.
        ("", "Dorte Ravn", "1975-03-15", "", "1503754444 vaegt"),
        ("", "", "", "Dorte Ravn f. 15-03-1975", "1503754444 vaegt"),
        ("", "Jens Jensen", "1960-05-05", "", "? tvivlsom"),
        ("", "Dorte Ravn", "", "", "Unlinked"),
        ("", "", "1975-03-15", "", "Unlinked"),
        ("", "Egon Ravn", "1975-03-15", "", "Unlinked"),
        ("", "Ukendt Person", "1911-11-11", "", "Unlinked"),
        // A number that the register does not know, and a name that it does.
        ("1111111111", "Dorte Ravn", "1975-03-15", "", "? nummer-eller-navn"),
        ("1111111111", "Ukendt Person", "1911-11-11", "", "udenfor"),
        // A replacement number is never repaired, and may be linked by weight.
        ("7503754444", "Dorte Ravn", "1975-03-15", "", "1503754444 vaegt"),
        ("7503754444", "", "1975-03-15", "", "Replacement"),
    ] {
        let cases = [case(number, name, born, text)];
        let verdicts = settle(&register, &cases, Tiers::default(), &Decisions::default());
        assert_eq!(answer(&register, &verdicts[0]), expected, "{number}|{name}|{born}|{text}");
        assert_eq!(verdicts[0].candidates.is_empty(), !expected.starts_with('?'), "{number}|{name}|{born}|{text}");
    }
}

#[test]
fn a_rule_that_is_off_links_nothing() {
    let register = register();
    for (rule, row) in [
        (LinkRule::OneSlip, case("1503754445", "Dorte Ravn", "", "")),
        (LinkRule::InText, case("", "", "", "Ophold 150375-4444 jan")),
        (LinkRule::Weighed, case("", "Dorte Ravn", "1975-03-15", "")),
    ] {
        let of = |tiers| {
            let verdicts = settle(&register, std::slice::from_ref(&row), tiers, &Decisions::default());
            answer(&register, &verdicts[0])
        };
        assert_eq!(of(Tiers::default()), format!("1503754444 {}", rule.code()));
        let off = of(Tiers::default().without(rule));
        assert!(off == "udenfor" || off == "Unlinked", "{off}");
    }
}

#[test]
fn rows_under_one_replacement_number_are_one_person_of_its_system() {
    let register = register();
    let row = |name: &str, born: &str, system| Case { system, ..case("6303754444", name, born, "") };
    let named = row("Dorte Ravn", "1975-03-15", System::Dubu);
    let bare = row("", "", System::Dubu);
    let of = |cases: &[Case]| -> Vec<String> {
        let verdicts = settle(&register, cases, Tiers::default(), &Decisions::default());
        verdicts.iter().map(|verdict| answer(&register, verdict)).collect()
    };
    assert_eq!(of(&[bare.clone(), named.clone()]), ["1503754444 vaegt", "1503754444 vaegt"]);
    let elsewhere = row("", "", System::Kmd);
    assert_eq!(of(&[elsewhere, named.clone()])[0], "Replacement");
    let other = row("Egon Friis", "1950-12-31", System::Dubu);
    assert_eq!(of(&[bare, named, other]), ["? erstatningsnummer"; 3]);
}

#[test]
fn decisions_stand_above_the_rules_below_the_exact_number() {
    let register = register();
    let row = case("", "Jens Jensen", "1960-05-05", "");
    let hash = |bytes: &[u8]| {
        let mut short = [0; 16];
        short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        short
    };
    let person = |number: &str| PersonHash(hash(number.as_bytes()));
    let day = Date::parse_iso("2026-11-27").expect("a date");
    let of = |decision| {
        let decisions = Decisions::new([(RowHash(hash(&row.bytes())), day, decision)]);
        let verdicts = settle(&register, std::slice::from_ref(&row), Tiers::default(), &decisions);
        answer(&register, &verdicts[0])
    };
    assert_eq!(of(Decision::Is(person("0505602223"))), "0505602223 afgjort");
    assert_eq!(of(Decision::IsNot(person("0505602223"))), "0505601117 vaegt");
    assert_eq!(of(Decision::Nobody), "Unlinked");
    assert_eq!(of(Decision::Is(PersonHash([1; 16]))), "? tvivlsom", "who has left the register is nobody's answer");

    let clear = case("", "Dorte Ravn", "1975-03-15", "");
    let applied = |row: &Case, decision| {
        let decisions = Decisions::new([(RowHash(hash(&row.bytes())), day, decision)]);
        let rows = [row.clone(), case("", "Egon Friis", "1950-12-31", "")];
        let verdicts = settle(&register, &rows, Tiers::default(), &decisions);
        assert_eq!(verdicts[1].applied, None, "about another row");
        verdicts[0].applied
    };
    let named = |as_weighed| Some(Applied::Named { as_weighed });
    assert_eq!(applied(&clear, Decision::Is(person("1503754444"))), named(Some(true)));
    assert_eq!(applied(&clear, Decision::Is(person("0505602223"))), named(Some(false)));
    assert_eq!(applied(&row, Decision::Is(person("0505602223"))), named(None), "two fit as well");
    assert_eq!(applied(&row, Decision::IsNot(person("0505602223"))), Some(Applied::Excluded));
    assert_eq!(applied(&row, Decision::Nobody), Some(Applied::Excluded));
    assert_eq!(applied(&row, Decision::Is(PersonHash([1; 16]))), None);
}

#[test]
fn the_reviewer_sees_whom_the_row_may_be_about() {
    let register = register();
    let verdicts = settle(
        &register,
        &[case("0102801231", "Egon Friis", "1950-12-31", ""), case("", "Jens Jensen", "1960-05-05", "")],
        Tiers::default(),
        &Decisions::default(),
    );
    let number = |candidate: &super::Candidate| register.numbers.cpr(candidate.position);
    assert_eq!(verdicts[0].linked, Linked::Nobody(NoPersonReason::Review(ReviewReason::Veto)));
    assert!(verdicts[0].candidates.iter().any(|one| number(one) == cpr("0102801231") && one.number == Some(true)));
    let both: Vec<Cpr> = verdicts[1].candidates.iter().map(number).collect();
    assert_eq!(both, [cpr("0505601117"), cpr("0505602223")]);
}

#[test]
fn each_rule_decides_its_own_rows() {
    let person = |number: &str, status, current: Option<&str>| {
        let current = current.map(cpr);
        RegisterRow::Person { cpr: cpr(number), current, status, status_from: None, sex: None, born: None }
    };
    let mut builder = RegisterBuilder::new();
    builder.add(person("0102030004", CprStatus::Resident, None));
    builder.add(person("0202030004", CprStatus::Changed, Some("0102030004")));
    builder.add(RegisterRow::Child { parent: cpr("0102030004"), child: cpr("0302030004") });
    let (mut numbers, ..) = builder.finish(&Pool::new(1).expect("a thread")).expect("a register");
    let adult = numbers.find(cpr("0102030004")).expect("delivered").position;
    let child = numbers.find(cpr("0302030004")).expect("referenced").position;
    numbers.add_outside(cpr("0502030004"));

    let link = |identity| Linker::new(&numbers).link(identity);
    let number = |text, cleaned| {
        let cpr = cpr(text);
        let answer = link(if cleaned { Identity::Cleaned(cpr) } else { Identity::Number(cpr) });
        let at_once = Linker::new(&numbers).person_of(cpr).map(|(position, rule)| Linked::Person { position, rule });
        assert!(cleaned || at_once == Some(answer).filter(|answer| matches!(answer, Linked::Person { .. })));
        answer
    };
    let found = |position, rule| Linked::Person { position, rule };
    assert_eq!(number("0102030004", false), found(adult, LinkRule::Exact));
    assert_eq!(number("0102030004", true), found(adult, LinkRule::Cleaned));
    assert_eq!(number("0202030004", false), found(adult, LinkRule::ChangedNumber));
    assert_eq!(number("0202030004", true), found(adult, LinkRule::ChangedNumber));
    assert_eq!(number("0302030004", false), found(child, LinkRule::Exact));
    assert_eq!(number("0402030004", false), Linked::Outside(cpr("0402030004")));
    assert_eq!(number("0502030004", false), Linked::Outside(cpr("0502030004")), "added before or not");
    assert_eq!(link(Identity::LostZero(cpr("0102030004"))), found(adult, LinkRule::LostZero));
    assert_eq!(link(Identity::LostZero(cpr("0202030004"))), found(adult, LinkRule::LostZero));
    for unconfirmed in ["0302030004", "0402030004", "0502030004"] {
        let answer = link(Identity::LostZero(cpr(unconfirmed)));
        assert_eq!(answer, Linked::Nobody(NoPersonReason::Unlinked));
    }
    assert_eq!(link(Identity::Missing), Linked::Nobody(NoPersonReason::Missing));
    assert_eq!(link(Identity::Replacement), Linked::Nobody(NoPersonReason::Replacement));
}

#[test]
fn is_shared_by_threads() {
    const fn shared<T: Sync + Send + Copy>() {}
    shared::<Linker<'_>>();
}
