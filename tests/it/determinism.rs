//! Same in, same out: for any number of threads and any size of chunks the same bytes in every output but `bevis/`; with
//! the rows of the sources in another order the same lists, report and tables.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use samkor::{
    base::{Event, Files, Observer, Silent},
    domain::Date,
    family::MemberRole,
    jobs::{
        self, Execution, Request,
        review::{self, ReviewRequest},
    },
    synth::{Damage, World},
    tables::{self, Cell},
};

use crate::{
    cli::samkor,
    example::{Example, Ground, files_below, lines},
};

type Outputs = BTreeMap<String, Vec<u8>>;

/// Runs a plan with the binary and takes its outputs, those of `bevis/` left out.
fn outputs(plan: &Path, options: &[&str]) -> Outputs {
    let target = plan.with_file_name("ud");
    let mut arguments = vec![OsString::from("run"), plan.into(), "--replace".into(), "--progress=never".into()];
    arguments.extend(options.iter().map(OsString::from));
    let ran = samkor(&arguments);
    assert_eq!(ran.code, Some(0), "{options:?}: {}", ran.stderr);
    let mut outputs = files_below(&target);
    outputs.retain(|name, _| !name.starts_with("bevis/"));
    outputs
}

fn assert_same(one: &Outputs, other: &Outputs, what: &str) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in one {
        assert!(other[name] == *bytes, "{name} differs: {what}");
    }
}

/// The example with labels of the project and of the run.
fn both_labels() -> [(&'static str, Example); 2] {
    let of_run = Example::shipped().with_plan("etiketter = \"projekt\"", "etiketter = \"koersel\"");
    [("projekt", Example::shipped()), ("koersel", of_run)]
}

/// The smallest and a small size of chunks, and one that holds every file whole.
const CHUNKS: [&str; 3] = ["--chunk-bytes=64", "--chunk-bytes=256", "--chunk-bytes=100000000"];

#[test]
fn threads_and_chunks_change_no_output() {
    let mut by_labels = Vec::new();
    for (labels, example) in both_labels() {
        let ground = Ground::new();
        let plan = example.write(ground.path());
        let unchanged = outputs(&plan, &["--threads=1"]);
        assert!(unchanged.len() >= 8, "{:?}", unchanged.keys());
        for threads in ["--threads=1", "--threads=2", "--threads=7"] {
            for chunk in CHUNKS {
                assert_same(&unchanged, &outputs(&plan, &[threads, chunk]), &format!("{labels} {threads} {chunk}"));
            }
            assert_same(&unchanged, &outputs(&plan, &[threads]), &format!("{labels} {threads}"));
        }
        by_labels.push(unchanged);
    }
    assert_ne!(by_labels[0]["liste/familier.csv"], by_labels[1]["liste/familier.csv"], "labels of the run are its own");
}

/// Written ids have another order than ids within the run where labels are the run's own.
#[test]
fn tables_stand_in_the_order_of_what_is_written() {
    for (labels, example) in both_labels() {
        let ground = Ground::new();
        let outputs = outputs(&example.write(ground.path()), &[]);
        let keys = |name: &str, columns: &[&str]| -> Vec<Vec<Cell>> {
            let table = tables::read(&outputs[&format!("arbejde/tabeller/{name}.parquet")]).expect("a table");
            let place = |column: &&str| table.names.iter().position(|name| name == column).expect("a column");
            let places: Vec<usize> = columns.iter().map(place).collect();
            let key = |row: &Vec<Cell>| places.iter().map(|place| rank(&row[*place])).collect();
            table.rows.iter().map(key).collect()
        };
        for (name, columns) in [
            ("personer", &["person"][..]),
            ("familieled", &["enhedstype", "etiket", "rolle", "person"]),
            ("familiedage", &["enhedstype", "person", "fra"]),
            ("familier", &["enhedstype", "etiket"]),
            ("husstande", &["etiket"]),
        ] {
            let keys = keys(name, columns);
            assert!(keys.len() > 10, "{name} has {} rows", keys.len());
            assert!(keys.is_sorted_by(|one, next| one < next), "{name} with labels of {labels}");
        }
    }
}

/// Kinds of unit and roles have an order of their own, everything else that of the text.
fn rank(cell: &Cell) -> Cell {
    let Cell::Text(text) = cell else { return cell.clone() };
    let kind = ["H", "F", "S"].iter().position(|letter| letter == text);
    let kind = kind.map(|place| i64::try_from(place).expect("small"));
    let place = kind.or_else(|| MemberRole::from_code(text).map(|role| role as i64));
    place.map_or_else(|| cell.clone(), Cell::Whole)
}

/// Counts the chunks of files.
struct Chunks(AtomicUsize);

impl Observer for Chunks {
    fn event(&self, event: Event<'_>) {
        if matches!(event, Event::Progress { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Without this the test above could compare runs of one chunk each.
#[test]
fn small_chunks_are_many() {
    let ground = Ground::new();
    let count = |chunk_bytes| {
        let chunks = Chunks(AtomicUsize::new(0));
        ground.run_with(&Example::shipped(), 2, chunk_bytes, &chunks).expect("a run");
        chunks.0.into_inner()
    };
    let (whole, small, smallest) = (count(0), count(256), count(64));
    // Thirteen files of 38,000 bytes; each of the larger ones is cut into more than five.
    assert_eq!(whole, 13);
    assert!(small > 90 && smallest > 300, "{small} chunks of 256 bytes, {smallest} of 64");
}

/// A full, damaged municipality of more than twenty chunks of the default size.
#[test]
fn threads_and_chunks_change_nothing_of_a_made_up_municipality() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path().join("by");
    let world = World { rows: 150_000, plain: false, damage: Damage::Heavy, ..crate::synth::world(20, 5_000) };
    crate::synth::generate(&world, &place, 2);
    let plan = place.join("samkor.toml");
    let chunks = Chunks(AtomicUsize::new(0));
    let request = Request { plan: plan.clone(), out: Some(directory.path().join("counted")), ..Request::default() };
    let execution =
        Execution { threads: 2, chunk_bytes: 0, started: "2026-11-21T12:00:00Z".to_owned(), files: Files::real() };
    jobs::run(&request, &execution, String::new, &chunks).expect("a run");
    let count = chunks.0.into_inner();
    assert!(count >= 20, "{count} chunks");
    let unchanged = outputs(&plan, &["--threads=1"]);
    for (threads, chunk) in [("1", "4096"), ("2", "65536"), ("2", "100000000"), ("7", "0"), ("7", "20000")] {
        let mut options = vec![format!("--threads={threads}")];
        options.extend((chunk != "0").then(|| format!("--chunk-bytes={chunk}")));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        assert_same(&unchanged, &outputs(&plan, &options), &options.join(" "));
    }
}

/// Numbers that look random and are the same each time (a linear congruential generator).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).expect("below the bound")
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// How many lines stand before the first row and behind the last row of each file.
const FRAMES: [(&str, usize, usize); 13] = [
    ("ind/cpr.txt", 1, 1),
    ("ind/cpr-personer.csv", 1, 0),
    ("ind/cpr-adresser.csv", 1, 0),
    ("ind/cpr-foraeldre.csv", 1, 0),
    ("ind/cpr-myndighed.csv", 1, 0),
    ("ind/dubu.csv", 1, 0),
    ("ind/opus.csv", 4, 1),
    ("ind/kmd.csv", 2, 0),
    ("ind/Data_refusion.csv", 0, 0),
    ("ind/sensum.csv", 1, 0),
    ("ind/indskrivning.csv", 1, 0),
    ("ind/takster.csv", 1, 0),
    ("ind/manuel.csv", 1, 0),
];

fn shuffled(example: &Example, seed: u64) -> Example {
    let mut random = Random(seed);
    let mut changed = example.clone();
    for (name, before, behind) in FRAMES {
        let bytes = &example.0[name];
        // The byte order mark stays where it is.
        let (mark, text) = bytes.split_at(if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 });
        let mut rows = lines(text);
        assert!(rows.iter().all(|row| row.ends_with(b"\n")), "{name}");
        let end = rows.len() - behind;
        random.shuffle(&mut rows[before..end]);
        assert!(rows.len() < 16 || rows.concat() != text, "{name} was not shuffled");
        changed = changed.with(name, [mark, &rows.concat()].concat());
    }
    changed
}

/// The faults without their places, sorted.
fn faults(csv: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(csv).expect("UTF-8");
    let without_place = |line: &str| {
        let cells = line.split(';').enumerate().filter(|(place, _)| ![2, 3].contains(place));
        cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(";")
    };
    let mut faults: Vec<String> = text.lines().map(without_place).collect();
    faults.sort();
    faults
}

/// What must not depend on the order of rows: all of it when labels are the project's. Labels and ids of a run come from
/// the digest of its inputs, which are other files then.
fn without_order(outputs: &Outputs, labels: &str) -> Outputs {
    let mut outputs = outputs.clone();
    outputs.remove("arbejde/fejl.csv");
    let bears_no_label = |name: &str| matches!(name, "rapport/rapport.html" | "arbejde/afstemning.csv");
    outputs.retain(|name, _| labels == "projekt" || bears_no_label(name));
    outputs
}

#[test]
fn the_order_of_rows_changes_no_list_report_or_table() {
    for (labels, example) in both_labels() {
        let ground = Ground::new();
        let unchanged = outputs(&example.write(ground.path()), &["--threads=2"]);
        for seed in 1..=4 {
            let what = format!("rows shuffled with {seed}, labels of the {labels}");
            let plan = shuffled(&example, seed).write(ground.path());
            let other = outputs(&plan, &["--threads=2", "--chunk-bytes=256"]);
            assert_eq!(faults(&unchanged["arbejde/fejl.csv"]), faults(&other["arbejde/fejl.csv"]), "{what}");
            assert_same(&without_order(&unchanged, labels), &without_order(&other, labels), &what);
        }
    }
}

/// Shuffles the rows of every text file of a made-up municipality: the headings stay, and the first and last record of the
/// register.
fn shuffle_town(town: &Path, seed: u64) {
    let mut random = Random(seed);
    let mut paths: Vec<_> =
        fs::read_dir(town.join("ind")).expect("sources").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension != "xlsx")) {
        let bytes = fs::read(path).expect("a source");
        let (mark, text) = bytes.split_at(if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 });
        let mut rows = lines(text);
        assert!(rows.iter().all(|row| row.split(|byte| *byte == b'"').count() % 2 == 1), "rows are lines");
        let end = rows.len() - usize::from(path.ends_with("cpr.txt"));
        random.shuffle(&mut rows[1..end]);
        fs::write(path, [mark, &rows.concat()].concat()).expect("a source");
    }
}

/// Rows in any order where names decide: numbers are damaged, so that one slip, the text, weights and vetoes are all at work.
#[test]
fn the_order_of_rows_changes_nothing_where_names_decide() {
    for seed in [71, 72] {
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().join("by");
        let world = World { plain: false, damage: Damage::Heavy, ..crate::synth::world(seed, 1_500) };
        crate::synth::generate(&world, &place, 2);
        let plan = place.join("samkor.toml");
        let text = fs::read_to_string(&plan).expect("a plan");
        let rules = "[samkoering]\nafgoerelser = \"afgoerelser.csv\"\n\n[[kilde]]";
        fs::write(&plan, text.replacen("[[kilde]]", rules, 1)).expect("a plan");
        let queue = || {
            let request = ReviewRequest {
                request: Request { plan: plan.clone(), replace: true, ..Request::default() },
                threads: 2,
                today: Date::parse_iso("2026-11-27").expect("a date"),
                files: Files::real(),
            };
            review::write(&request, true, false, &Silent).expect("a queue");
            let bytes = fs::read(place.join("koe.csv")).expect("a queue");
            fs::remove_file(place.join("koe.csv")).expect("a queue");
            bytes
        };
        let (unchanged, asked) = (outputs(&plan, &["--threads=1"]), queue());
        let links = String::from_utf8(unchanged["arbejde/samkoering.csv"].clone()).expect("UTF-8");
        for tier in ["et-tegn", "i-tekst", "vaegt", "veto", "flere-i-tekst", "erstatningsnummer"] {
            assert!(links.contains(&format!(";{tier};")), "{tier} is at work: {links}");
        }
        for (turn, threads) in [(1, "--threads=1"), (2, "--threads=2"), (3, "--threads=7")] {
            let what = format!("seed {seed}, rows shuffled with {turn}, {threads}");
            shuffle_town(&place, turn);
            let other = outputs(&plan, &[threads, "--chunk-bytes=20000"]);
            assert_eq!(faults(&unchanged["arbejde/fejl.csv"]), faults(&other["arbejde/fejl.csv"]), "{what}");
            assert_same(&without_order(&unchanged, "projekt"), &without_order(&other, "projekt"), &what);
            assert!(asked == queue(), "the queue differs: {what}");
        }
    }
}
