//! `samkor review`: the queue goes out blind, sealed and without numbers, the decisions come back and hold in the next run.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
};

use samkor::{
    base::{Error, ErrorKind, Event, Files, Observer, Silent},
    custody::{Identities, Recipient, sealed},
    domain::Date,
    jobs::{
        self, Request,
        review::{self, Answers, ReviewRequest},
    },
    report::ReportModel,
    synth::{Damage, World},
};

use crate::synth::{generate, run, truth, world};

/// The key pair of age's own tests.
const SECRET: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
pub const PUBLIC: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

fn town() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    generate(&World { damage: Damage::Heavy, plain: false, ..world(71, 1_500) }, directory.path(), 2);
    let plan = directory.path().join("samkor.toml");
    let text = fs::read_to_string(&plan).expect("a plan");
    let rules = format!("[samkoering]\nafgoerelser = \"afgoerelser.csv\"\nmodtagere = [\"{PUBLIC}\"]\n\n[[kilde]]");
    fs::write(plan, text.replacen("[[kilde]]", &rules, 1)).expect("a plan");
    let key = directory.path().join("gennemgang.key");
    fs::write(&key, format!("# public key: {PUBLIC}\n{SECRET}\n")).expect("a key");
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("its mode");
    directory
}

/// Changes a line of the plan.
fn replan(directory: &Path, from: &str, to: &str) {
    let plan = directory.join("samkor.toml");
    let text = fs::read_to_string(&plan).expect("a plan");
    assert!(text.contains(from), "{from}");
    fs::write(plan, text.replacen(from, to, 1)).expect("a plan");
}

fn request(directory: &Path, today: &str) -> ReviewRequest {
    ReviewRequest {
        request: Request { plan: directory.join("samkor.toml"), out: None, replace: true, credentials: None },
        threads: 2,
        today: Date::parse_iso(today).expect("a date"),
        files: Files::real(),
    }
}

fn write(directory: &Path, today: &str) -> Result<review::QueueSummary, Error> {
    review::write(&request(directory, today), true, false, &Silent)
}

const fn by(by: &str) -> Answers<'_> {
    Answers { file: None, keys: None, by }
}

fn rows_of(model: &ReportModel, code: &str) -> u64 {
    model.links.rows.iter().filter(|row| row.code == code).map(|row| row.rows).sum()
}

/// Answers the queue: `answer` gets the cells of a line and says what stands in `svar`.
fn answer(directory: &Path, answer: impl Fn(&csv::StringRecord) -> &'static str) {
    let path = directory.join("koe.csv");
    let bytes = fs::read(&path).expect("a queue");
    fs::write(path, answered(&bytes, answer)).expect("a queue");
}

/// The name on the row decides, where there is one; two numbers in a text stay open.
fn by_name(line: &csv::StringRecord) -> &'static str {
    let [row_name, row_born, name, born] = [4, 5, 8, 9].map(|column| line.get(column).expect("a cell"));
    match (row_name, row_name == name && row_born == born) {
        ("", _) => "",
        (_, true) => "ja",
        (_, false) => "nej",
    }
}

fn answered(bytes: &[u8], answer: impl Fn(&csv::StringRecord) -> &'static str) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let headings = reader.headers().expect("headings").clone();
    let at = headings.iter().position(|heading| heading == "svar").expect("a column");
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    writer.write_record(&headings).expect("a line");
    for record in reader.records() {
        let record = record.expect("a line");
        let said = answer(&record);
        writer
            .write_record(record.iter().enumerate().map(|(column, cell)| if column == at { said } else { cell }))
            .expect("a line");
    }
    writer.into_inner().expect("bytes")
}

#[test]
fn decisions_come_back_and_hold() {
    let town = town();
    let directory = town.path();
    let before = run(directory).model;
    let reviewed: u64 = ["veto", "flere-i-tekst", "nabonummer", "nummer-eller-navn", "flere-mulige", "tvivlsom"]
        .iter()
        .map(|code| rows_of(&before, code))
        .sum();
    let summary = write(directory, "2026-11-27").expect("a queue");
    assert!(reviewed > 20 && summary.rows == reviewed, "{reviewed} rows wait: {summary:?}");
    let queue = directory.join("koe.csv");
    assert_eq!(fs::metadata(&queue).expect("a queue").permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&queue).expect("UTF-8");
    let digits: String = text.chars().filter(|symbol| symbol.is_ascii_digit() || *symbol == ';').collect();
    for row in truth(directory, "personer.csv") {
        assert!(!digits.contains(&row[1]) && !text.contains(&format!("{}-{}", &row[1][..6], &row[1][6..])));
    }
    assert!(!text.contains("vægt"), "blind");

    answer(directory, by_name);
    let imported = review::import(&request(directory, "2026-11-28"), by("ab"), &Silent).expect("answers");
    assert!(imported.answered > 5 && imported.open > 5, "{imported:?}");
    assert!(!queue.exists(), "the queue is deleted");
    let decisions = fs::read_to_string(directory.join("afgoerelser.csv")).expect("decisions");
    assert!(decisions.starts_with("raekke;person;afgoerelse;dato;af\n") && decisions.contains(";2026-11-28;ab"));
    let hashes: BTreeSet<usize> =
        decisions.lines().skip(1).map(|line| line.split(';').next().expect("a cell").len()).collect();
    assert_eq!(hashes, BTreeSet::from([32]));

    let summary_after = run(directory);
    let stated = &statement(&summary_after.directory)["gennemgang"];
    let figure = |name: &str| stated[name].as_u64().unwrap_or_else(|| panic!("{name} in {stated}"));
    assert_eq!(figure("afgoerelser"), decisions.lines().count() as u64 - 1);
    assert_eq!((figure("afgjorte_raekker"), figure("svaret_af_flere")), (imported.answered, 0));
    assert_eq!(figure("raekker_navngivet"), rows_of(&summary_after.model, "afgjort"));
    assert!(figure("heraf_vaegtet") >= figure("vaegtene_enige") && figure("vaegtene_enige") > 0, "{stated}");
    assert!(figure("raekker_navngivet") > 0 && figure("raekker_afvist") == 0, "{stated}");
    let after = summary_after.model;
    let open = write(directory, "2026-11-28").expect("a queue");
    assert!(open.rows < summary.rows && open.questions == imported.open, "{open:?} {imported:?}");
    assert_eq!(rows_of(&after, "afgjort") > 0, imported.agreed_with_weights.0 > 0);
    assert!(after.links.by_cost.0 > 0);

    // A second reviewer who says the opposite is told apart.
    fs::remove_file(queue).expect("a queue");
    let weights = review::write(&request(directory, "2026-11-28"), true, true, &Silent).expect("no queue");
    assert_eq!(
        weights,
        review::QueueSummary::default(),
        "what is decided is not asked again, and weights are only for what was answered blind"
    );
    assert!(!directory.join("koe.csv").exists(), "without a question there is no queue");
}

fn statement(run: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(run.join("bevis/koersel.json")).expect("a statement")).expect("JSON")
}

/// Runs the program `age`; `None` when it is not installed.
fn age(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new("age");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("age: {error}"),
    };
    child.stdin.take().expect("a pipe").write_all(input).expect("age reads");
    let output = child.wait_with_output().expect("age ends");
    assert!(output.status.success(), "age {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

#[test]
fn the_queue_is_sealed_for_the_reviewers_and_the_age_program_opens_it() {
    let town = town();
    let directory = town.path();
    let (queue, key) = (directory.join("koe.csv.age"), directory.join("gennemgang.key"));
    let keys = Identities::read(&key, None).expect("a key");
    let seal = || {
        let summary = review::write(&request(directory, "2026-11-27"), false, false, &Silent).expect("a queue");
        assert_eq!(summary.file.as_deref(), Some(queue.as_path()));
        assert_eq!(fs::metadata(&queue).expect("a queue").permissions().mode() & 0o777, 0o600);
        fs::read(&queue).expect("a queue")
    };
    let bytes = seal();
    assert!(!directory.join("koe.csv").exists(), "nothing is written as plain text");
    let plain = keys.open(&bytes, "koe").expect("opens");
    let text = String::from_utf8(plain.clone()).expect("UTF-8");
    let names: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(';').nth(8)).collect();
    assert!(names.len() > 20 && names.iter().any(|name| name.len() > 6));
    let shown = String::from_utf8_lossy(&bytes);
    assert!(names.iter().all(|name| name.len() < 6 || !shown.contains(name)), "sealed");
    let another = review::write(&request(directory, "2026-11-28"), false, false, &Silent).expect_err("a queue stands");
    assert_eq!(another.kind(), ErrorKind::TargetExists);

    // Without a key, with a wrong one, and changed: nothing is taken in and nothing deleted.
    let with =
        |file, keys| review::import(&request(directory, "2026-11-28"), Answers { file, keys, by: "ab" }, &Silent);
    assert_eq!(with(None, None).expect_err("sealed").kind(), ErrorKind::Key);
    let changed = directory.join("svar.age");
    fs::write(&changed, &bytes[..bytes.len() - 1]).expect("a file");
    assert_eq!(with(Some(changed.as_path()), Some(key.as_path())).expect_err("cut").kind(), ErrorKind::Input);
    assert!(queue.exists() && changed.exists() && !directory.join("afgoerelser.csv").exists());

    // The reviewer's answers come back sealed: as this program seals them, and as `age` does, in binary and as text.
    let answers = answered(&plain, by_name);
    let recipient = Recipient::parse(PUBLIC).expect("a key");
    let mut taken = Vec::new();
    let mut take = |sealed: &[u8]| {
        fs::write(&changed, sealed).expect("a file");
        let imported = with(Some(changed.as_path()), Some(key.as_path())).expect("answers");
        assert!(imported.answered > 5, "{imported:?}");
        assert!(!changed.exists() && !queue.exists(), "answers and queue are deleted");
        taken.push(fs::read(directory.join("afgoerelser.csv")).expect("decisions"));
        fs::remove_file(directory.join("afgoerelser.csv")).expect("decisions");
        seal()
    };
    let mut standing =
        take(&sealed::seal(&answers, &[recipient], Date::parse_iso("2026-11-27").expect("a date")).expect("sealed"));
    let path = key.to_str().expect("UTF-8");
    let Some(opened) = age(&["-d", "-i", path], &standing) else {
        println!("skipped: age is not installed");
        return;
    };
    assert_eq!(opened, plain, "the program age opens what samkor sealed");
    for options in [&["-r", PUBLIC][..], &["-a", "-r", PUBLIC]] {
        standing = take(&age(options, &answers).expect("age is there"));
        assert!(keys.open(&standing, "koe").is_ok());
    }
    assert!(taken.len() == 3 && taken.iter().all(|decisions| *decisions == taken[0]));
}

/// Keeps the notes.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Observer for Notes {
    fn event(&self, event: Event<'_>) {
        if let Event::Note { text } = event {
            self.0.lock().expect("no test panics here").push(text.to_owned());
        }
    }
}

/// Runs the town on 21 November 2026 and tells the notes about the queue.
fn run_with_notes(directory: &Path, out: &str) -> (PathBuf, Vec<String>) {
    let request = Request { plan: directory.join("samkor.toml"), out: Some(directory.join(out)), ..Request::default() };
    let notes = Notes::default();
    let summary = jobs::run(&request, &crate::example::execution(Files::real()), String::new, &notes).expect("a run");
    let mut notes = notes.0.into_inner().expect("notes");
    notes.retain(|note| note.contains("koe.csv"));
    (summary.directory, notes)
}

#[test]
fn a_run_deletes_queues_that_have_outlived_their_days() {
    let town = town();
    let directory = town.path();
    let outdated = |run: &Path| statement(run)["gennemgang"]["foraeldede_koeer"].as_u64();
    for (turn, plain_text) in [false, true].into_iter().enumerate() {
        let queue = directory.join(if plain_text { "koe.csv" } else { "koe.csv.age" });
        review::write(&request(directory, "2026-11-07"), plain_text, false, &Silent).expect("a queue");
        let (run, notes) = run_with_notes(directory, &format!("fjorten-{turn}"));
        assert!(queue.exists() && notes.is_empty() && outdated(&run) == Some(0), "the fourteenth day: {notes:?}");
        fs::remove_file(&queue).expect("a queue");
        review::write(&request(directory, "2026-11-06"), plain_text, false, &Silent).expect("a queue");
        let (run, notes) = run_with_notes(directory, &format!("femten-{turn}"));
        assert!(!queue.exists() && outdated(&run) == Some(1));
        assert!(notes.len() == 1 && notes[0].contains("2026-11-06") && notes[0].contains("slettet"), "{notes:?}");
    }
    // What does not say that it is a queue stays, with a note.
    for (turn, bytes) in [b"a;b\n1;2\n".as_slice(), b"age-encryption.org/v1\n-> X25519 x\n"].into_iter().enumerate() {
        let queue = directory.join("koe.csv.age");
        fs::write(&queue, bytes).expect("a file");
        let (run, notes) = run_with_notes(directory, &format!("andet-{turn}"));
        assert!(queue.exists() && outdated(&run) == Some(0) && notes.len() == 1, "{notes:?}");
    }
}

#[test]
fn a_queue_needs_recipients_a_place_and_a_file_of_decisions() {
    let town = town();
    let directory = town.path();
    let line = format!("modtagere = [\"{PUBLIC}\"]");
    let refused = |plain_text| {
        let error = review::write(&request(directory, "2026-11-27"), plain_text, false, &Silent).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Plan);
        error.to_string()
    };
    replan(directory, &line, "");
    assert!(refused(false).contains("ingen, som køen kan krypteres til"));
    replan(directory, "afgoerelser = ", &format!("modtagere = [\"{PUBLIC}x\"]\nafgoerelser = "));
    assert!(refused(false).contains("ingen offentlig age-nøgle"));
    let checked = jobs::prepare(&request(directory, "2026-11-27").request).err().expect("`samkor check` says so too");
    assert_eq!(checked.kind(), ErrorKind::Plan);
    replan(directory, &format!("modtagere = [\"{PUBLIC}x\"]\nafgoerelser = \"afgoerelser.csv\""), "");
    assert!(refused(true).contains("ingen fil med afgørelser"));
    assert!(!directory.join("koe.csv").exists() && !directory.join("koe.csv.age").exists());
}

#[test]
fn a_queue_does_not_live_long() {
    let town = town();
    let directory = town.path();
    write(directory, "2026-11-01").expect("a queue");
    assert!(write(directory, "2026-11-15").is_err(), "fourteen days it stands");
    let error = review::import(&request(directory, "2026-11-16"), by("ab"), &Silent).expect_err("out of date");
    assert!(error.to_string().contains("14 dage"), "{error}");
    assert!(!directory.join("koe.csv").exists() && !directory.join("afgoerelser.csv").exists());
    write(directory, "2026-11-01").expect("a queue");
    let copy = directory.join("svar.csv");
    fs::copy(directory.join("koe.csv"), &copy).expect("a copy");
    write(directory, "2026-11-20").expect("an outdated queue makes way");
    let old = Answers { file: Some(copy.as_path()), ..by("ab") };
    let error = review::import(&request(directory, "2026-11-20"), old, &Silent).expect_err("out of date");
    assert!(error.to_string().contains("14 dage") && !copy.exists(), "{error}");
    let error = review::import(&request(directory, "2026-11-20"), by("A. B."), &Silent).expect_err("no initials");
    assert!(error.to_string().contains("initialer"), "{error}");
    let text = fs::read_to_string(directory.join("koe.csv")).expect("a queue");
    fs::write(directory.join("koe.csv"), text.replace("2026-11-20", "i går")).expect("a queue");
    let error = review::import(&request(directory, "2026-11-20"), by("ab"), &Silent).expect_err("no day");
    assert!(error.to_string().contains("hvornår"), "{error}");
    fs::remove_file(directory.join("koe.csv")).expect("a queue");
    let error = review::import(&request(directory, "2026-11-20"), by("ab"), &Silent).expect_err("no queue");
    assert!(error.to_string().contains("ingen kø"), "{error}");
}
