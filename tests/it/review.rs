//! `samkor review`: the queue goes out blind and without numbers, the decisions come back and hold in the next run.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use samkor::{
    base::{Error, ErrorKind, Files, Silent},
    domain::Date,
    jobs::{
        Request,
        review::{self, ReviewRequest},
    },
    report::ReportModel,
    synth::{Damage, World},
};

use crate::synth::{generate, run, truth, world};

fn town() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    generate(&World { damage: Damage::Heavy, plain: false, ..world(71, 1_500) }, directory.path(), 2);
    let plan = directory.path().join("samkor.toml");
    let text = fs::read_to_string(&plan).expect("a plan");
    let text = text.replacen("[[kilde]]", "[samkoering]\nafgoerelser = \"afgoerelser.csv\"\n\n[[kilde]]", 1);
    fs::write(plan, text).expect("a plan");
    directory
}

fn request(directory: &Path, today: &str) -> ReviewRequest {
    ReviewRequest {
        request: Request { plan: directory.join("samkor.toml"), out: None, replace: true, credentials: None },
        queue: directory.join("koe.csv"),
        threads: 2,
        today: Date::parse_iso(today).expect("a date"),
        files: Files::real(),
    }
}

fn write(directory: &Path, today: &str) -> Result<review::QueueSummary, Error> {
    review::write(&request(directory, today), true, false, &Silent)
}

fn rows_of(model: &ReportModel, code: &str) -> u64 {
    model.links.rows.iter().filter(|row| row.code == code).map(|row| row.rows).sum()
}

/// Answers the queue: `answer` gets the cells of a line and says what stands in `svar`.
fn answer(directory: &Path, answer: impl Fn(&csv::StringRecord) -> &'static str) {
    let path = directory.join("koe.csv");
    let bytes = fs::read(&path).expect("a queue");
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes.as_slice());
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
    fs::write(path, writer.into_inner().expect("bytes")).expect("a queue");
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

    // The name on the row decides, where there is one; two numbers in a text stay open.
    answer(directory, |line| {
        let [row_name, row_born, name, born] = [4, 5, 8, 9].map(|column| line.get(column).expect("a cell"));
        match (row_name, row_name == name && row_born == born) {
            ("", _) => "",
            (_, true) => "ja",
            (_, false) => "nej",
        }
    });
    let imported = review::import(&request(directory, "2026-11-28"), "ab", &Silent).expect("answers");
    assert!(imported.answered > 5 && imported.open > 5, "{imported:?}");
    assert!(!queue.exists(), "the queue is deleted");
    let decisions = fs::read_to_string(directory.join("afgoerelser.csv")).expect("decisions");
    assert!(decisions.starts_with("raekke;person;afgoerelse;dato;af\n") && decisions.contains(";2026-11-28;ab"));
    let hashes: BTreeSet<usize> =
        decisions.lines().skip(1).map(|line| line.split(';').next().expect("a cell").len()).collect();
    assert_eq!(hashes, BTreeSet::from([32]));

    let after = run(directory).model;
    let open = write(directory, "2026-11-28").expect("a queue");
    assert!(open.rows < summary.rows && open.questions == imported.open, "{open:?} {imported:?}");
    assert_eq!(rows_of(&after, "afgjort") > 0, imported.agreed_with_weights.0 > 0);
    assert!(after.links.by_cost.0 > 0);

    // A second reviewer who says the opposite is told apart.
    let weights = review::write(
        &ReviewRequest { queue: directory.join("vaegt.csv"), ..request(directory, "2026-11-28") },
        true,
        true,
        &Silent,
    )
    .expect("a queue");
    assert_eq!(
        weights.questions, 0,
        "what is decided is not asked again, and weights are only for what was answered blind"
    );
}

#[test]
fn a_queue_is_never_written_by_default_and_does_not_live_long() {
    let town = town();
    let directory = town.path();
    let error = review::write(&request(directory, "2026-11-01"), false, false, &Silent).expect_err("plain text");
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert!(!directory.join("koe.csv").exists());
    write(directory, "2026-11-01").expect("a queue");
    assert!(write(directory, "2026-11-15").is_err(), "fourteen days it stands");
    let error = review::import(&request(directory, "2026-11-16"), "ab", &Silent).expect_err("out of date");
    assert!(error.to_string().contains("14 dage"), "{error}");
    assert!(!directory.join("koe.csv").exists() && !directory.join("afgoerelser.csv").exists());
    write(directory, "2026-11-01").expect("a queue");
    write(directory, "2026-11-20").expect("an outdated queue makes way");
    let error = review::import(&request(directory, "2026-11-20"), "A. B.", &Silent).expect_err("no initials");
    assert!(error.to_string().contains("initialer"), "{error}");
}
