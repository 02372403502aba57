//! The wall (docs/architecture.md, invariant 1): no number, name, address or text of a person in anything that leaves.
//!
//! A run's every artefact is decoded and searched for canaries; `planted` proves that the search would find them.

mod decode;
mod planted;
pub mod search;
pub mod town;
mod world;

use std::{collections::BTreeMap, ffi::OsStr, fs, mem::MaybeUninit, os::fd::OwnedFd, path::Path};

use rustix::{fs::inotify, io::Errno};
use samkor::{
    base::{Files, Silent},
    jobs::{self, Execution, Request},
    tables::{self, Cell},
};

use self::{
    search::Searcher,
    town::{Town, example, tree},
};
use crate::cli::program;

/// The searcher for the planted example.
pub fn searcher() -> Searcher {
    Searcher::new(&example().canaries)
}

/// Notices whatever is made in some directories, also what is gone again at the end.
struct Watch(OwnedFd);

impl Watch {
    fn over(directories: &[&Path]) -> Self {
        let watch = inotify::init(inotify::CreateFlags::NONBLOCK).expect("inotify");
        for directory in directories {
            let made = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO;
            inotify::add_watch(&watch, *directory, made).expect("a watch");
        }
        Self(watch)
    }

    fn made(&self) -> Vec<String> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        let mut names = Vec::new();
        loop {
            match reader.next() {
                Ok(event) => {
                    names.push(event.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()));
                }
                Err(Errno::AGAIN) => return names,
                Err(error) => panic!("inotify: {error}"),
            }
        }
    }
}

/// Runs the program in a town and searches what it says, what it leaves, and that it leaves nothing elsewhere.
fn assert_no_leak(town: &Town, arguments: &[&str], code: i32) -> String {
    let (temporary, elsewhere) = (town.path("tmp"), tempfile::tempdir().expect("a directory"));
    let watch = Watch::over(&[&temporary, elsewhere.path()]);
    let plan = town.path("samkor.toml");
    let arguments: Vec<&str> =
        arguments.iter().map(|word| if *word == "PLAN" { plan.to_str().expect("UTF-8") } else { *word }).collect();
    let output = program(&arguments)
        .env("TMPDIR", &temporary)
        .env("HOME", elsewhere.path())
        .current_dir(elsewhere.path())
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    let searcher = searcher();
    let mut leaks = searcher.search("stdout", &output.stdout);
    leaks.extend(searcher.search("stderr", &output.stderr));
    let inputs = &example().files;
    for (name, bytes) in tree(town.0.path()) {
        leaks.extend(searcher.search("a file's name", name.as_bytes()));
        if !inputs.contains_key(&name) && !name.starts_with("ind/") {
            leaks.extend(searcher.search(&name, &bytes));
        }
    }
    assert!(leaks.is_empty(), "{arguments:?} leaks: {leaks:#?}");
    assert_eq!(watch.made(), [""; 0], "{arguments:?} makes files in other places");
    String::from_utf8_lossy(&output.stdout).into_owned() + &stderr
}

#[test]
fn a_run_leaks_nothing() {
    for labels in ["projekt", "koersel"] {
        let town = Town::new();
        town.edit("samkor.toml", "etiketter = \"projekt\"", &format!("etiketter = \"{labels}\""));
        let said = assert_no_leak(&town, &["run", "PLAN", "--progress", "always"], 0);
        assert!(said.contains("trin: ind/cpr.txt") && said.contains("familier"), "{said}");
        assert_no_leak(&town, &["run", "PLAN", "--progress", "json", "--json", "--replace", "--threads", "2"], 0);
        assert_no_leak(&town, &["run", "PLAN", "--progress", "never", "--replace", "--chunk-bytes", "4096"], 0);
        let written = tree(&town.path("ud"));
        assert_eq!(written.keys().filter(|name| name.ends_with(".parquet")).count(), 10);
        assert!(written.len() > 12, "{:?}", written.keys());
    }
}

/// Every input holds canaries, so a run that repeats any of them is seen.
#[test]
fn every_input_is_planted() {
    let searcher = searcher();
    for (name, bytes) in example().files.iter().filter(|(name, _)| name.starts_with("ind/") && !name.contains("Meta_"))
    {
        let found = searcher.search(name, bytes);
        assert!(!found.is_empty(), "{name}");
        if !name.contains("cpr-") && !name.contains("takster") {
            let kinds = [town::WORD, "0"].map(|kind| found.iter().any(|leak| leak.contains(kind)));
            assert_eq!(kinds, [true, true], "{name}: words and numbers: {found:?}");
        }
    }
}

/// Rows that tell more than a number, in each way that linkage reads: their names and texts are read and never repeated.
#[test]
fn names_and_texts_of_rows_leak_nothing() {
    let town = Town::new();
    plant_rows_with_names(&town);
    assert_no_leak(&town, &["run", "PLAN", "--progress", "json"], 0);
    let links = fs::read_to_string(town.path("ud/arbejde/samkoering.csv")).expect("a table");
    for tier in ["et-tegn", "i-tekst", "vaegt", "veto", "flere-i-tekst", "ikke-fundet"] {
        assert!(links.contains(&format!("manuel;{tier};")), "{tier} was tried: {links}");
    }
    // The queue is a door for names and birth dates; numbers do not pass it either, and nothing else is written.
    let queue = tempfile::tempdir().expect("a directory");
    let (sealed, readable) = (queue.path().join("koe.csv.age"), queue.path().join("koe.csv"));
    let rules = format!(
        "[samkoering]\nafgoerelser = \"afgoerelser.csv\"\nkoe = \"{}\"\nmodtagere = \"{}\"\n\n[[kilde]]",
        sealed.display(),
        crate::review::PUBLIC
    );
    let plan = town.path("samkor.toml");
    let text = fs::read_to_string(&plan).expect("a plan").replacen("[[kilde]]", &rules, 1);
    fs::write(&plan, text).expect("a plan");
    let write = |options: &[&str]| {
        let mut arguments = vec!["review".to_owned(), "write".to_owned(), plan.display().to_string()];
        arguments.extend(["--progress", "never"].iter().chain(options).map(|&word| word.to_owned()));
        let output = program(arguments).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    write(&[]);
    assert_eq!(searcher().search("the sealed queue", &fs::read(&sealed).expect("a queue")), [""; 0]);
    fs::remove_file(sealed).expect("a queue");
    let output = write(&["--klartekst"]);
    let numbers = Searcher::new(&town::Canaries { numbers: example().canaries.numbers.clone(), ..Default::default() });
    let written = fs::read(&readable).expect("a queue");
    assert_eq!(numbers.search("the queue", &written), [""; 0]);
    assert!(String::from_utf8_lossy(&written).contains("Kanarie"), "the reviewer sees names");
    assert_eq!(fs::read_dir(queue.path()).expect("a directory").count(), 1, "and nothing else is written");
    assert_eq!(searcher().search("stdout", &output.stdout), [""; 0]);
    assert_eq!(searcher().search("stderr", &output.stderr), [""; 0]);
}

/// Supplements whose numbers are missing or wrong, and that name their citizen.
fn plant_rows_with_names(town: &Town) {
    // Lines whose places are those of their bytes.
    let register = fs::read(town.path("ind/cpr.txt")).expect("a register");
    let plain = register.split_inclusive(|byte| *byte == b'\n').filter(|line| line.is_ascii());
    let register = String::from_utf8(plain.collect::<Vec<_>>().concat()).expect("ASCII");
    let residents: Vec<(&str, String, String)> = register
        .lines()
        .filter(|line| line.starts_with("001") && &line[23..25] == "01" && &line[49..50] != "*")
        .filter_map(|line| {
            let number = &line[3..13];
            let name = register.lines().find(|line| line.starts_with("008") && &line[3..13] == number)?;
            let name = format!("{} {}", name[13..63].trim(), name[105..145].trim());
            Some((number, name, line[39..49].to_owned()))
        })
        .collect();
    let [(one, one_name, one_born), (other, ..), (third, third_name, third_born), ..] = residents.as_slice() else {
        panic!("three residents")
    };
    let slipped = format!("{}{}", &one[..9], (one.as_bytes()[9] - b'0' + 5) % 10);
    let hyphen = |number: &str| format!("{}-{}", &number[..6], &number[6..]);
    let rows = [
        [slipped, String::new(), one_name.clone(), one_born.clone()],
        [String::new(), format!("Kanarieophold {} jan", hyphen(one)), String::new(), String::new()],
        [String::new(), format!("Kanarieophold {} og {}", hyphen(one), hyphen(other)), String::new(), String::new()],
        [String::new(), String::new(), third_name.clone(), third_born.clone()],
        [(*third).to_owned(), String::new(), "Kanarieanden Person".to_owned(), "1911-11-11".to_owned()],
        [String::new(), "Kanarietekst".to_owned(), "Kanariefremmed Person".to_owned(), "1911-11-11".to_owned()],
    ];
    let mut text = "cpr;ydelse_kode;periode_fra;periode_til;beloeb;kilde;bemaerkning;Navn;Fødselsdato\n".to_owned();
    for [number, remark, name, born] in rows {
        text += &format!("{number};VOK-HJH-AE;2015-01-01;2015-06-30;45.250,00;Kanariekilde;{remark};{name};{born}\n");
    }
    town.write("ind/manuel.csv", text.as_bytes());
}

#[test]
fn refusals_leak_nothing() {
    let town = Town::new();
    assert_no_leak(&town, &["check", "PLAN"], 0);
    assert_no_leak(&town, &["check", "PLAN", "--json"], 0);
    town.edit("samkor.toml", "fejlgraense = 0.25", "fejlgraense = 0.01");
    for more in [&["run", "PLAN"][..], &["run", "PLAN", "--json"], &["run", "PLAN", "--progress", "json"]] {
        let said = assert_no_leak(&town, more, 6);
        assert!(said.contains("mere end grænsen"), "{said}");
        assert!(!town.path("ud").exists());
    }
}

#[test]
fn guessing_a_layout_tells_headings_and_no_row() {
    let town = Town::new();
    for name in example().files.keys().filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "csv"))
    {
        let path = town.path(name);
        let output = program(["layouts", "infer", path.to_str().expect("UTF-8")]).output().expect("the program starts");
        let mut leaks = searcher().search("stdout", &output.stdout);
        leaks.extend(searcher().search("stderr", &output.stderr));
        assert!(leaks.is_empty(), "{name}: {leaks:#?}");
    }
}

#[test]
fn a_panic_leaks_nothing() {
    let town = Town::new();
    for more in [&["panic"][..], &["panic", "--json"], &["panic", "--progress", "always"]] {
        assert_no_leak(&town, more, 1);
    }
}

/// What a crash of the program itself could leave: nothing, whatever the shell allows. The plan is a pipe, so the program
/// waits while its limits are looked at.
#[test]
fn no_core_file_is_ever_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("samkor.toml");
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(rustix::fs::CWD, &plan, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
    let mut child = program([OsStr::new("check"), plan.as_os_str()]).spawn().expect("a start");
    let limits = format!("/proc/{}/limits", child.id());
    let is_set = |limits: String| {
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default().to_owned();
        line.split_whitespace().filter(|word| *word == "0").count() == 2
    };
    let none = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        is_set(fs::read_to_string(&limits).unwrap_or_default())
    });
    child.kill().expect("an end");
    child.wait().expect("an end");
    assert!(none, "the program could leave a core file");
}

/// The exports as workbooks: other readers, the same wall.
#[test]
fn a_run_on_workbooks_leaks_nothing() {
    let town = Town::new();
    for name in ["ind/dubu", "ind/opus", "ind/kmd", "ind/sensum", "ind/indskrivning", "ind/takster", "ind/manuel"] {
        let csv = fs::read(town.path(&format!("{name}.csv"))).expect("a table");
        let text = match String::from_utf8(csv) {
            Ok(text) => text,
            Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
        };
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
        for (row, record) in (0..).zip(reader.records()) {
            for (column, cell) in (0..).zip(&record.expect("a row")) {
                // A number of ten digits as a number, as spreadsheets store it.
                match cell.parse::<u32>() {
                    Ok(number) if cell.len() == 10 => sheet.write_number(row, column, number),
                    _ => sheet.write_string(row, column, cell),
                }
                .expect("a cell");
            }
        }
        town.write(&format!("{name}.xlsx"), &book.save_to_buffer().expect("a workbook"));
        fs::remove_file(town.path(&format!("{name}.csv"))).expect("removed");
        town.edit("samkor.toml", &format!("{name}.csv"), &format!("{name}.xlsx"));
    }
    let said = assert_no_leak(&town, &["run", "PLAN"], 0);
    assert!(said.contains("dubu.xlsx: regneark"), "{said}");
}

/// What a crash leaves behind, after each operation on files.
#[test]
fn a_crash_leaves_no_leak_behind() {
    let searcher = searcher();
    let (mut after, mut staged) = (0, 0);
    loop {
        let town = Town::new();
        let request = Request { plan: town.path("samkor.toml"), ..Request::default() };
        let files = Files::failing_after(after);
        let execution =
            Execution { threads: 2, chunk_bytes: 0, started: "2026-11-21T12:00:00Z".to_owned(), files: files.clone() };
        let outcome = jobs::run(&request, &execution, String::new, &Silent);
        let inputs = &example().files;
        let left = tree(town.0.path());
        let left = left.iter().filter(|(name, _)| !inputs.contains_key(*name));
        let search = |(name, bytes): (&String, &Vec<u8>)| {
            // A crash may tear a table in the middle. What is left has no end and cannot be decoded: it is searched as bytes.
            let half = bytes.strip_prefix(b"PAR1").filter(|rest| !rest.ends_with(b"PAR1"));
            searcher.search(name, half.unwrap_or(bytes))
        };
        let leaks: Vec<String> = left.clone().flat_map(search).collect();
        assert!(leaks.is_empty(), "after {after}: {leaks:#?}");
        staged += left.filter(|(name, bytes)| name.contains(".samkor-ny/") && !bytes.is_empty()).count();
        if outcome.is_ok() && files.operations() <= after {
            break;
        }
        after += 3;
    }
    assert!(after > 20 && staged > 20, "{after} operations, {staged} staged files seen");
}

/// Cells of a column as text.
fn column(table: &tables::Table, name: &str) -> Vec<String> {
    let at = table.names.iter().position(|known| known == name).expect("a column");
    let text = |row: &Vec<Cell>| match &row[at] {
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    table.rows.iter().map(text).collect()
}

/// The share of pairs that stand in the same order in both lists: a half for lists that know nothing of each other.
fn agreement<T: Ord>(ordered: &[T]) -> f64 {
    let (mut up, mut pairs) = (0_u32, 0_u32);
    for (at, one) in ordered.iter().enumerate() {
        for other in &ordered[at + 1..] {
            up += u32::from(one < other);
            pairs += 1;
        }
    }
    f64::from(up) / f64::from(pairs.max(1))
}

#[test]
fn no_written_order_follows_the_numbers() {
    let numbers = &example().canaries.numbers;
    let key = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eksempelkoebing/noegle/demo.key"))
        .expect("a key");
    // docs/format.md, recomputed here: the pseudonym of every number of the inputs.
    let derived = blake3::derive_key("samkor 2026-11-21 project key v1", &key);
    let project = blake3::keyed_hash(&derived, b"demo|eksempelkoebing|familier");
    let hash = |number: &String| {
        let hash = blake3::keyed_hash(project.as_bytes(), number.as_bytes());
        (hash.to_hex()[..32].to_owned(), number.clone())
    };
    let number_of: BTreeMap<String, String> = numbers.iter().map(hash).collect();
    let mut orders = Vec::new();
    for labels in ["projekt", "koersel"] {
        let town = Town::new();
        town.edit("samkor.toml", "etiketter = \"projekt\"", &format!("etiketter = \"{labels}\""));
        assert_no_leak(&town, &["run", "PLAN"], 0);
        let table = |name: &str| {
            let bytes = fs::read(town.path(&format!("ud/arbejde/tabeller/{name}.parquet"))).expect("a table");
            tables::read(&bytes).expect("a table")
        };
        for (name, by) in [("personer", "person"), ("husstande", "etiket"), ("ydelser", "person")] {
            let ids = column(&table(name), by);
            assert!(ids.len() > 20 && ids.is_sorted(), "{labels}: {name} is not in the order of {by}");
        }
        let persons = table("personer");
        let shape = [column(&persons, "alder"), column(&persons, "bopael"), column(&persons, "enhed")];
        let shape: Vec<String> =
            (0..shape[0].len()).map(|row| format!("{}{}{}", shape[0][row], shape[1][row], shape[2][row])).collect();
        orders.push(shape);
        let known: Vec<&String> = column(&persons, "person").iter().filter_map(|id| number_of.get(id)).collect();
        if labels == "projekt" {
            assert!(known.len() >= 60, "{}", known.len());
            let agreement = agreement(&known);
            assert!((0.35..0.65).contains(&agreement), "rows follow the numbers: {agreement}");
        } else {
            assert_eq!(known.len(), 0, "under labels of a run no pseudonym is written");
        }
        let list = fs::read_to_string(town.path("ud/liste/familier.csv")).expect("a list");
        assert!(list.lines().count() > 5);
    }
    // The same persons under another order: rows of two runs cannot be laid side by side.
    assert_ne!(orders[0], orders[1]);
}

/// The test above would see an order of the numbers.
#[test]
fn agreement_sees_an_order() {
    assert!(agreement(&[1, 2, 3, 4]) > 0.99 && agreement(&[4, 3, 2, 1]) < 0.01);
}
