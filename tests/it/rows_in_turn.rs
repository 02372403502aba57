//! Each row of each money source of Eksempelkøbing removed, and each of its amounts, dates and CPR numbers damaged, one
//! at a time: exactly what the model of `facit.rs` says changes, and nothing else.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    example::{Counts, Delivered, Example, FaultLine, Ground, fields, lines},
    facit::{self, Expected, Row},
};

/// A column that is damaged.
#[derive(Clone, Copy)]
struct Column {
    place: usize,
    /// The heading that the fault names.
    heading: &'static str,
    code: &'static str,
    /// What is written into it.
    text: &'static str,
}

const fn amount(place: usize, heading: &'static str) -> Column {
    Column { place, heading, code: "beloeb-ulaeseligt", text: "12x4" }
}

const fn date(place: usize, heading: &'static str) -> Column {
    Column { place, heading, code: "dato-ulaeselig", text: "32-13-2015" }
}

const fn person(place: usize, heading: &'static str) -> Column {
    Column { place, heading, code: "cpr-ugyldigt", text: "3102801234" }
}

/// Source, file, and the columns to damage.
const FILES: [(&str, &str, &[Column]); 8] = [
    ("dubu", "ind/dubu.csv", &[amount(13, "Ydelsesbeløb"), date(15, "Startdato"), person(17, "CPR-nr.")]),
    (
        "opus",
        "ind/opus.csv",
        &[
            amount(13, "Beløb"),
            date(1, "Bogføringsdato"),
            date(19, "Ydelsesperiode fra"),
            person(17, "Ydelsesmodtagernr."),
        ],
    ),
    ("kmd", "ind/kmd.csv", &[amount(5, "Beløb"), date(3, "Periode fra"), person(0, "CPR")]),
    (
        "refusion",
        "ind/Data_refusion.csv",
        &[amount(4, "Beregnet udbetalingsbeløb"), date(0, "Uge"), person(1, "CPR nummer")],
    ),
    ("sensum", "ind/sensum.csv", &[date(1, "IndsatsStartDato"), person(14, "CPR")]),
    ("indskrivning", "ind/indskrivning.csv", &[date(2, "Fra"), person(0, "CPR")]),
    ("takster", "ind/takster.csv", &[amount(3, "Pris"), date(1, "År")]),
    ("manuel", "ind/manuel.csv", &[amount(4, "beloeb"), date(2, "periode_fra"), person(0, "cpr")]),
];

/// The place of the code that tells what sort of number an OPUS recipient is; only 02 is a person's.
const OPUS_CODE: usize = 18;

/// Rows of the model with the file's bytes of each.
fn rows_of(source: &str, file: &[u8]) -> Vec<(Row, Range<usize>)> {
    let mut start = 0;
    let mut places = Vec::new();
    for line in lines(file) {
        places.push(start..start + line.len());
        start += line.len();
    }
    facit::rows()
        .into_iter()
        .filter(|row| row.source == source)
        .map(|row| (row.clone(), places[row.line - 1].clone()))
        .collect()
}

/// The run without changes; the model must agree with it before anything is changed.
fn before(ground: &Ground, example: &Example) -> Delivered {
    let before = ground.run(example).expect("a run");
    assert_is(&before, &facit::expected(&facit::rows()), "nothing changed");
    before
}

fn assert_is(delivered: &Delivered, expected: &Expected, what: &str) {
    assert_eq!(delivered.services, expected.services, "øre by person, service and role: {what}");
    assert_eq!(delivered.households, expected.households, "households: {what}");
    assert_eq!(delivered.lines, expected.lines, "lines of the ledger: {what}");
    let money: BTreeMap<String, Counts> = delivered
        .sources
        .iter()
        .filter(|(name, _)| !name.starts_with("cpr"))
        .map(|(name, counts)| (name.clone(), *counts))
        .collect();
    assert_eq!(money, expected.sources, "rows and øre of sources: {what}");
}

/// All persons whose kroner did not change have the same rows as before, day by day.
fn assert_others_kept(before: &Delivered, after: &Delivered, what: &str) {
    let of = |delivered: &Delivered, person: &str| {
        let services = delivered.services.iter().filter(|((other, ..), _)| other == person);
        services.map(|(key, ore)| (key.clone(), *ore)).collect::<Vec<_>>()
    };
    let mut changed = Vec::new();
    for person in before.rows.keys().chain(after.rows.keys()) {
        if before.rows.get(person) != after.rows.get(person) {
            changed.push(person.clone());
        }
        if of(before, person) == of(after, person) {
            assert_eq!(before.rows.get(person), after.rows.get(person), "the spells of {person}: {what}");
        }
    }
    changed.dedup();
    assert!(changed.iter().all(|person| *person == changed[0]), "more than one person changed: {what}");
    for (name, counts) in before.sources.iter().filter(|(name, _)| name.starts_with("cpr")) {
        assert_eq!(after.sources[name], *counts, "{what}");
    }
}

/// A changed run must be as the model says. A price is for many, so there the model alone decides.
fn check(before: &Delivered, after: &Delivered, rows: &[Row], changed: &Row, what: &str) {
    assert_is(after, &facit::expected(rows), what);
    if changed.kind != "takst" {
        assert_others_kept(before, after, what);
    }
}

/// The faults of a file whose lines from `line` on moved by some lines and bytes; those of the line itself left out.
fn moved(faults: &[FaultLine], source: &str, line: usize, lines: usize, bytes: isize) -> Vec<FaultLine> {
    let faults = faults.iter().filter(|fault| (fault.0.as_str(), fault.1) != (source, line));
    let shift = |fault: &FaultLine| {
        let (name, at, byte, column, code) = fault.clone();
        if name == source && at > line {
            (name, at - lines, byte.checked_add_signed(bytes).expect("inside the file"), column, code)
        } else {
            (name, at, byte, column, code)
        }
    };
    faults.map(shift).collect()
}

#[test]
fn a_row_removed_takes_away_what_it_stood_for() {
    let (ground, example) = (Ground::new(), Example::patient());
    let before = before(&ground, &example);
    let mut runs = 0;
    for (source, name, _) in FILES {
        for (row, place) in rows_of(source, &example.0[name]) {
            let what = format!("{name} without line {}", row.line);
            let mut bytes = example.0[name].clone();
            let length = place.len();
            // A byte order mark before the first row stays.
            let mark = if bytes[place.clone()].starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
            bytes.drain(place.start + mark..place.end);
            let after = ground.run(&example.with(name, bytes)).unwrap_or_else(|error| panic!("{what}: {error}"));
            let mut rest = facit::rows();
            rest.retain(|other| (other.source, other.line) != (source, row.line));
            check(&before, &after, &rest, &row, &what);
            let shift = -isize::try_from(length - mark).expect("a line");
            assert_eq!(after.faults, moved(&before.faults, source, row.line, 1, shift), "fejl.csv: {what}");
            runs += 1;
        }
    }
    assert_eq!(runs, facit::rows().len());
}

#[test]
fn a_row_damaged_is_set_aside_and_nothing_else_changes() {
    let (ground, example) = (Ground::new(), Example::patient());
    let before = before(&ground, &example);
    let mut runs = 0;
    for (source, name, columns) in FILES {
        for (row, place) in rows_of(source, &example.0[name]) {
            // What a row already at fault is blamed for when it has two faults is not the facit's matter.
            if row.kind == "fejl" {
                continue;
            }
            for column in columns {
                let line = &example.0[name][place.clone()];
                let fields = fields(line);
                let (field, code) = (fields[column.place].clone(), fields.get(OPUS_CODE));
                if field.is_empty() && column.heading == "Ydelsesperiode fra" {
                    // A posting without a service period gets half of one: no damage that a reader could see.
                    continue;
                }
                let what = format!("{name}, line {}, {} damaged", row.line, column.heading);
                let mut bytes = example.0[name].clone();
                let mark = if column.place == 0 && line.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
                bytes.splice(place.start + field.start + mark..place.start + field.end, column.text.bytes());
                let after = ground.run(&example.with(name, bytes)).unwrap_or_else(|error| panic!("{what}: {error}"));

                let is_total = source == "opus" && row.kind == "frasorteret";
                let no_person = source == "opus"
                    && column.code == "cpr-ugyldigt"
                    && code.is_some_and(|code| &line[code.clone()] != b"02");
                let draft = row.kind == "frasorteret" && column.code != "beloeb-ulaeseligt";
                let ignored = is_total || no_person || draft;
                let mut rows = facit::rows();
                let shift = isize::try_from(column.text.len()).expect("short")
                    - isize::try_from(field.len() - mark).expect("short");
                let mut faults = moved(&before.faults, source, row.line, 0, shift);
                let damaged =
                    rows.iter_mut().find(|other| (other.source, other.line) == (source, row.line)).expect("there");
                // A row that names its citizen is not at fault for its number: linkage looks for the person, and here finds none.
                let is_sought = source == "sensum" && column.code == "cpr-ugyldigt" && !ignored;
                if is_sought {
                    damaged.kind = "nummer-uden-match";
                } else if !ignored {
                    damaged.kind = "fejl";
                    if column.code == "beloeb-ulaeseligt" {
                        damaged.ore = 0;
                    }
                    let byte = place.start + if place.start == 0 && line.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
                    faults.push((source.to_owned(), row.line, byte, column.heading.to_owned(), column.code.to_owned()));
                    let order = |fault: &FaultLine| (FILES.iter().position(|file| file.0 == fault.0), fault.1);
                    faults.sort_by_key(order);
                }
                check(&before, &after, &rows, &row, &what);
                assert_eq!(after.faults, faults, "fejl.csv: {what}");
                runs += 1;
            }
        }
    }
    assert!(runs > 200, "{runs}");
}
