//! Runs the planted example with one file replaced, under a limit of memory and time, and looks at everything it did.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::leaks::{
    searcher,
    town::{Town, example, tree},
};

/// Address space, in KiB: the program with two threads needs about half a GiB of it for its own code and stacks.
const MEMORY: u32 = 800_000;
/// No input of these sizes may take longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a run gave.
pub struct Ended {
    pub stderr: String,
    /// What stands in the output directory now.
    pub written: BTreeMap<String, Vec<u8>>,
}

/// Runs the planted example after `change` and checks what must hold for every input: a documented
/// exit code, no hang, bounded memory, nothing outside the output directory, an old run untouched unless the new one is
/// whole, and no canary anywhere.
pub fn run(change: impl FnOnce(&Town), code: i32, says: &str) -> Ended {
    let town = Town::new();
    // An earlier run, so that a failure could harm something.
    town.write("ud/bevis/koersel.json", b"{}");
    town.write("ud/liste/familier.csv", b"gammel");
    change(&town);
    let before = tree(town.0.path());
    let limited = format!("ulimit -v {MEMORY}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_samkor"), "run", "--threads", "2", "--replace"]);
    command.arg("--progress=always").arg(town.path("samkor.toml"));
    command.env("MALLOC_ARENA_MAX", "2").env("TMPDIR", town.path("tmp")).env_remove("NO_COLOR");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let (mut stdout, mut stderr) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
    let (status, said, told) = thread::scope(|scope| {
        let said = scope.spawn(move || read(&mut stdout));
        let told = scope.spawn(move || read(&mut stderr));
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("a state") {
                break status;
            }
            if started.elapsed() > PATIENCE {
                child.kill().expect("an end");
                child.wait().expect("an end");
                panic!("still running after {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(2));
        };
        (status, said.join().expect("stdout"), told.join().expect("stderr"))
    });
    let stderr = String::from_utf8(told.clone()).expect("UTF-8");
    assert_eq!(status.code(), Some(code), "{status}: {stderr}");
    assert!(stderr.contains(says), "{says:?} is not said: {stderr}");
    assert!(!stderr.contains("gik i stykker"), "{stderr}");

    let searcher = searcher();
    let mut leaks = searcher.search("stdout", &said);
    leaks.extend(searcher.search("stderr", &told));
    let ours = |name: &String| name == "ud/" || name.starts_with("ud/");
    let after = tree(town.0.path());
    let written: BTreeMap<String, Vec<u8>> =
        after.iter().filter(|(name, _)| ours(name)).map(|(name, bytes)| (name.clone(), bytes.clone())).collect();
    let outside = |files: &BTreeMap<String, Vec<u8>>| -> Vec<(String, Vec<u8>)> {
        files.iter().filter(|(name, _)| !ours(name)).map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
    };
    assert!(outside(&before) == outside(&after), "something outside the output directory changed");
    if code == 0 {
        assert!(written.contains_key("ud/rapport/rapport.html"));
        leaks.extend(written.iter().flat_map(|(name, bytes)| searcher.search(name, bytes)));
        for (name, bytes) in written.iter().filter(|(name, _)| is_csv(name)) {
            assert_no_formula(name, bytes);
        }
    } else {
        let old: Vec<&String> = before.keys().filter(|name| ours(name)).collect();
        assert_eq!(written.keys().collect::<Vec<_>>(), old, "the old run was touched");
        assert_eq!(written["ud/liste/familier.csv"], b"gammel");
    }
    assert!(leaks.is_empty(), "{leaks:#?}\n{stderr}");
    Ended { stderr, written }
}

fn read(pipe: &mut impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).expect("a pipe");
    bytes
}

/// Whether the name is a table's.
pub fn is_csv(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "csv")
}

/// No cell that a spreadsheet would run; a number may be negative.
fn assert_no_formula(name: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("UTF-8").trim_start_matches('\u{feff}');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
    for row in reader.records() {
        for cell in &row.expect("a row") {
            let number =
                cell.trim_start_matches('-').chars().all(|symbol| symbol.is_ascii_digit() || ",.".contains(symbol));
            let armed = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
            assert!(!armed || number, "{name} has a formula: {cell:?}");
        }
    }
}

impl Ended {
    /// The codes in `fejl.csv` for a source.
    pub fn faults(&self, source: &str) -> Vec<String> {
        let text = String::from_utf8(self.written["ud/arbejde/fejl.csv"].clone()).expect("UTF-8");
        let rows = text.lines().filter(|line| line.starts_with(&format!("{source};")));
        rows.map(|line| line.split(';').nth(5).unwrap_or_default().to_owned()).collect()
    }
}

/// A file of the planted example as text.
pub fn text(name: &str) -> String {
    let bytes = &example().files[name];
    String::from_utf8(bytes.clone()).unwrap_or_else(|_| encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned())
}

/// The rows of a file, the first of them `from` lines down, without the ones above.
pub fn rows(name: &str, from: usize) -> String {
    text(name).split_inclusive('\n').skip(from).collect()
}

/// The example's file with its first rows up to `rows`, then something else.
pub fn then(name: &str, rows: usize, tail: impl AsRef<str>) -> Vec<u8> {
    let head: String = text(name).split_inclusive('\n').take(rows).collect();
    (head + tail.as_ref()).into_bytes()
}

/// A file with one thing replaced everywhere.
pub fn swapped(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = text(name);
    assert!(text.contains(from), "{name} has {from:?}");
    text.replace(from, to).into_bytes()
}

/// Takes an input away, to put something else there.
pub fn removed(town: &Town, name: &str) -> std::path::PathBuf {
    let path = town.path(name);
    fs::remove_file(&path).expect("removed");
    path
}
