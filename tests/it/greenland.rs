//! The layout `cpr-groenland` gives the same register as P12170 would: parents from 001, addresses from 025 and 026.

use samkor::{
    base::{Pool, Silent},
    domain::{Cpr, CustodyKind, Date, PersonId, SourceId},
    ingest::{self, FileInput, ReadOptions},
    layout::Layouts,
    register::{Parent, RegisterBuilder},
};

/// A record with texts at places counted from 1.
fn record(kind: &str, cpr: &str, fields: &[(usize, &str)]) -> String {
    let mut line = vec![b' '; 360];
    for (start, text) in [(1, kind), (4, cpr)].iter().chain(fields) {
        line[start - 1..start - 1 + text.len()].copy_from_slice(text.as_bytes());
    }
    String::from_utf8(line).expect("ASCII").trim_end().to_owned() + "\n"
}

#[test]
fn the_greenland_layout_reads_the_same_facts() {
    let (mother, child, old) = ("1502804002", "1003084013", "1402804002");
    let person = |cpr: &str, born: &str, fields: &[(usize, &str)]| {
        let sex = if cpr == child { "M" } else { "K" };
        let mut all = vec![(36, "05"), (38, "201001010000"), (67, sex), (68, born)];
        all.extend(fields);
        record("001", cpr, &all)
    };
    let text = [
        person(mother, "1980-02-15", &[]),
        person(child, "2008-03-10", &[(190, mother), (292, "0000000000")]),
        record("015", child, &[(14, "0001"), (34, "2015-01-01"), (47, "2016-01-01")]),
        record("025", mother, &[(30, "0956"), (34, "0100"), (38, "012A"), (48, "B  7"), (98, "201001010000")]),
        record("025", child, &[(30, "0956"), (34, "0100"), (38, "012a"), (48, "B  7"), (98, "201203010000")]),
        record("026", child, &[(31, "0957"), (35, "0200"), (39, "001"), (99, "201001010000"), (112, "201203010000")]),
        record("026", child, &[(14, "A"), (31, "0955"), (35, "0200"), (99, "201101010000"), (112, "201203010000")]),
        record("035", mother, &[(30, "F"), (31, "0000000000"), (87, "201301010000")]),
        record("036", mother, &[(31, "G"), (32, child), (88, "201001010000"), (101, "201301010000")]),
        record("045", mother, &[(14, child)]),
        record("046", child, &[(26, "0003"), (34, "2010-01-01")]),
        record("065", mother, &[(18, old), (39, "2009-01-01")]),
        record("900", mother, &[(14, "201001010000"), (26, "A01")]),
    ]
    .concat();
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("d020101.l534902");
    std::fs::write(&path, text).expect("a file");
    let layouts = Layouts::shipped().expect("layouts");
    let layout = layouts.get("cpr-groenland").expect("the layout");
    let options = ReadOptions::default();
    let input =
        FileInput { path: &path, name: "udtræk", source: SourceId(0), file: 0, layout, layouts: &layouts, options };
    let pool = Pool::new(1).expect("a thread");
    let (mut builder, mut faults) = (RegisterBuilder::new(), Vec::new());
    let take = |rows: Vec<Vec<_>>| {
        rows.into_iter().flatten().for_each(|row| builder.add(row));
        Ok(())
    };
    ingest::read_file(input, &pool, &Silent, |record, _| ingest::read_register_row(record), take, &mut faults)
        .expect("a file of the layout");
    assert_eq!(faults, []);
    let (numbers, population, _) = builder.finish(&pool).expect("a register");
    let find = |number: &str| {
        PersonId(numbers.find(Cpr::parse(number.as_bytes()).expect("a number")).expect("a known number").position)
    };
    let (mother, child) = (find(mother), find(child));
    assert_eq!(find(old), mother);
    let day = |text: &str| Date::parse_iso(text).expect("a date");
    assert_eq!(population.parents(child).collect::<Vec<_>>(), [Parent::Mother(mother)]);
    assert_eq!(population.children(mother).collect::<Vec<_>>(), [child]);
    let at = |person, date| population.address_on(person, day(date));
    assert!(at(mother, "2015-06-30").is_some() && at(mother, "2015-06-30") == at(child, "2015-06-30"));
    assert_eq!(at(child, "2011-06-30").map(|address| address.municipality()), Some(957));
    assert!(population.spouse_on(mother, day("2012-01-01")).is_some());
    assert!(population.spouse_on(mother, day("2014-01-01")).is_none());
    assert!(population.strongest_protection_on(child, day("2015-06-30")).is_some());
    assert!(population.strongest_protection_on(child, day("2016-06-30")).is_none());
    let custody: Vec<_> = population.custody(child).map(|spell| (spell.kind, spell.holder)).collect();
    assert_eq!(custody, [(CustodyKind::Mother, Some(mother))]);
    assert!(population.is_resident_on(child, day("2015-06-30")));
}
