//! The wall under heavy damage: a made-up municipality in which every number stands in every spelling that damage gives it.

use std::{collections::BTreeSet, fs, path::Path};

use samkor::synth::{Damage, World};

use super::{
    decode,
    search::Searcher,
    town::{Canaries, tree},
};
use crate::cli::program;

/// Headings of the columns that hold numbers, names and texts.
const TELLING: [&str; 7] = ["CPR-nr.", "CPR", "CPR nummer", "cpr", "Ydelsesmodtagernr.", "Tekst", "bemaerkning"];

/// What must not leave: numbers as they are and as they were written, full names, and addresses as the register codes them.
fn canaries(world: &Path) -> Canaries {
    let mut canaries = Canaries::default();
    for row in crate::synth::truth(world, "personer.csv") {
        canaries.numbers.insert(row[1].clone());
    }
    for entry in fs::read_dir(world.join("ind")).expect("the exports") {
        let path = entry.expect("a file").path();
        let bytes = fs::read(&path).expect("an export");
        if path.extension().is_some_and(|ending| ending == "txt") {
            register(&String::from_utf8_lossy(&bytes), &mut canaries);
            continue;
        }
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(bytes.as_slice());
        let headings = reader.byte_headers().expect("headings").clone();
        let heading = |at: usize| String::from_utf8_lossy(&headings[at]).trim_start_matches('\u{feff}').to_owned();
        let place = |name: &str| (0..headings.len()).find(|at| heading(*at) == name);
        let (given, surname) = (place("Fornavn"), place("Efternavn"));
        for record in reader.byte_records() {
            let record = record.expect("a row");
            let cell = |at: usize| decode::texts(record.get(at).unwrap_or_default()).remove(0).1;
            for at in (0..headings.len()).filter(|at| TELLING.contains(&heading(*at).as_str())) {
                let numbers = decode::digit_runs(&cell(at)).into_iter().filter(|run| run.len() == 10);
                canaries.numbers.extend(numbers);
            }
            if let (Some(given), Some(surname)) = (given, surname) {
                canaries.words.insert(format!("{} {}", cell(given), cell(surname)).to_lowercase());
            }
        }
    }
    canaries.words.remove(" ");
    canaries
}

/// Numbers, names and addresses of the register.
fn register(text: &str, canaries: &mut Canaries) {
    for line in text.lines().filter(|line| line.len() > 13 && line.is_ascii()) {
        match &line[..3] {
            "001" => drop(canaries.numbers.insert(line[3..13].to_owned())),
            // KOMKOD, VEJKOD and HUSNR side by side.
            "002" if line.len() > 30 => drop(canaries.words.insert(line[13..25].trim().to_lowercase())),
            "022" => drop(canaries.numbers.insert(line[13..23].to_owned())),
            _ => {}
        }
    }
}

#[test]
fn a_run_over_a_heavily_damaged_world_leaks_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path().join("by");
    let world = World { plain: false, damage: Damage::Heavy, rows: 8_000, ..crate::synth::world(33, 500) };
    crate::synth::generate(&world, &place, 2);
    let canaries = canaries(&place);
    let counts = (canaries.numbers.len(), canaries.words.len());
    // More numbers than persons: replaced, mistyped and former ones.
    assert!(counts.0 > 650 && counts.1 > 100, "{counts:?}");
    let damages: BTreeSet<String> =
        crate::synth::truth(&place, "skader.csv").into_iter().map(|row| row[2].clone()).collect();
    assert!(damages.len() >= 12, "{damages:?}");
    let searcher = Searcher::new(&canaries);
    let inputs = tree(&place);
    for (name, bytes) in
        inputs.iter().filter(|(name, _)| matches!(name.as_str(), "ind/dubu.csv" | "ind/kmd.csv" | "ind/opus.csv"))
    {
        let piece = &bytes[..bytes.len().min(100_000)];
        assert!(!searcher.search(name, piece).is_empty(), "{name} holds what is looked for");
    }
    let temporary = directory.path().join("tmp");
    fs::create_dir(&temporary).expect("a directory");
    for more in [&["--progress", "always"][..], &["--json", "--progress", "json", "--replace", "--threads", "2"]] {
        let plan = place.join("samkor.toml");
        let output = program([&["run", plan.to_str().expect("UTF-8")], more].concat())
            .env("TMPDIR", &temporary)
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let mut leaks = searcher.search("stdout", &output.stdout);
        leaks.extend(searcher.search("stderr", &output.stderr));
        let left = tree(directory.path());
        let mut artefacts = 0;
        for (name, bytes) in &left {
            leaks.extend(searcher.search("a file's name", name.as_bytes()));
            if name.strip_prefix("by/").is_none_or(|name| !inputs.contains_key(name)) {
                leaks.extend(searcher.search(name, bytes));
                artefacts += 1;
            }
        }
        assert!(artefacts > 15, "{artefacts} files were made");
        assert!(leaks.is_empty(), "{more:?}: {:#?}", &leaks[..leaks.len().min(20)]);
    }
}
