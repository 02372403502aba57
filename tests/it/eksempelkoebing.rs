//! Eksempelkøbing against its facit: every figure, of a run inside this process and of one by the binary.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cli::samkor,
    example::{Delivered, Example, Ground},
    facit::{self, cells},
};

fn number(cell: &str) -> i64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell} is no number"))
}

fn check(delivered: &Delivered) {
    let services: BTreeMap<_, _> = cells(facit::SERVICES)
        .map(|row| ((row[0].to_owned(), row[1].to_owned(), row[2].to_owned()), number(row[3])))
        .collect();
    assert_eq!(delivered.services, services, "oere.csv");

    let members: BTreeSet<_> = facit::households().into_iter().map(|(_, members)| members).collect();
    assert_eq!(delivered.households.keys().cloned().collect::<BTreeSet<_>>(), members, "husstande.csv");

    let names: BTreeMap<_, _> = facit::households().into_iter().map(|(name, members)| (members, name)).collect();
    let families: BTreeMap<_, _> =
        cells(facit::FAMILIES).map(|row| (row[0], (number(row[1]), number(row[2]), number(row[3])))).collect();
    let found: BTreeMap<_, _> =
        delivered.households.iter().map(|(members, figures)| (names[members], *figures)).collect();
    assert_eq!(found, families, "familier.csv");

    let lines: BTreeMap<_, _> =
        cells(facit::NOT_ATTRIBUTED).map(|row| ((row[0].to_owned(), row[1].to_owned()), number(row[2]))).collect();
    let mut found = delivered.lines.clone();
    found.retain(|(line, _), _| !matches!(line.as_str(), "familier" | "manuel"));
    assert_eq!(found, lines, "ikke_henfoert.csv");

    assert_eq!(delivered.sources.len(), cells(facit::SOURCES).count());
    for row in cells(facit::SOURCES) {
        let found = delivered.sources[row[0]];
        let rows = [found.read, found.used, found.sorted_out, found.set_aside];
        assert_eq!(rows, [1, 2, 3, 4].map(|place| number(row[place])), "kilder.csv, rows of {}", row[0]);
        if !row[5].is_empty() {
            let ore = [found.ore_read, found.ore_used, found.ore_set_aside];
            assert_eq!(ore, [5, 6, 7].map(|place| number(row[place])), "kilder.csv, øre of {}", row[0]);
        }
    }

    let mut faults: Vec<_> = delivered
        .faults
        .iter()
        .map(|(source, line, _, column, code)| format!("{source};{line};{column};{code}"))
        .collect();
    faults.sort();
    assert_eq!(faults, facit::FAULTS.lines().skip(1).collect::<Vec<_>>(), "fejl.csv");
}

#[test]
fn every_figure_of_a_run_is_the_facits() {
    check(&Ground::new().run(&Example::shipped()).expect("a run"));
}

#[test]
fn the_binary_delivers_the_same_figures() {
    let ground = Ground::new();
    let demo = ground.path().join("demo");
    let ran = samkor([std::ffi::OsStr::new("demo"), demo.as_os_str()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    check(&Delivered::read(&demo.join("ud")));
}

/// The lists as the facit's README tells them: who is on them, and in which order.
#[test]
fn the_lists_hold_the_families_of_the_facit() {
    let delivered = Ground::new().run(&Example::shipped()).expect("a run");
    let names: BTreeMap<_, _> = facit::households().into_iter().map(|(name, members)| (members, name)).collect();
    let text = std::str::from_utf8(&delivered.files["liste/familier.csv"]).expect("UTF-8");
    let table = text.trim_start_matches('\u{feff}').lines();
    let mut table = table.map(|line| line.trim_end().split(';').collect::<Vec<_>>());
    let headings = table.next().expect("headings");
    let place = |name: &str| headings.iter().position(|heading| *heading == name).expect("a column");
    let rows: Vec<Vec<&str>> = table.collect();
    let listed = |list: &str, rank: &str| {
        let on = rows.iter().filter(|row| row[place("på listerne")].split(", ").any(|name| name == list));
        let mut on: Vec<(i64, &str)> =
            on.map(|row| (number(row[place(rank)]), names[&delivered.labels[row[place("etiket")]]])).collect();
        on.sort_unstable();
        on.into_iter().map(|(rank, name)| format!("{rank} {name}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        listed("kroner", "rang efter kroner"),
        "1 H07, 2 H04, 3 H13, 4 H01, 5 H12, 6 H16, 7 H02, 8 H08, 9 H11, 10 H17, 10 H24"
    );
    assert_eq!(
        listed("antal", "rang efter antal ydelser"),
        "1 H13, 2 H01, 3 H12, 4 H16, 5 H02, 6 H17, 6 H24, 8 H05, 9 H07, 10 H04"
    );
    assert_eq!(
        listed("kroner (flere ydelser)", "rang efter kroner (flere ydelser)"),
        "1 H13, 2 H01, 3 H12, 4 H16, 5 H02, 6 H17, 6 H24, 8 H05"
    );
    assert_eq!(
        listed("antal (flere ydelser)", "rang efter antal ydelser (flere ydelser)"),
        "1 H13, 2 H01, 3 H12, 4 H16, 5 H02, 6 H17, 6 H24, 8 H05"
    );
}
