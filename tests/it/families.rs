//! Families in whole runs: the example's facit for families and case families, and one small municipality for each trap of
//! `metrics.md` (P1 to P7, P34, P37) under `fixtures/cases/`.
//!
//! A case is one text: its parts begin with `== name`. `personer`, `adresser`, `foraeldre`, `myndighed`, `dubu` and `kmd` are input
//! files without their headings, `dubu-betaler` and `kmd-betaler` the same with the paying municipality in front; `plan` are lines for
//! the top of the plan, `familier` is its section of that name, `institutioner` and `links` the section's two files; `forventet` are the
//! units of `familier.parquet` that must come out: kind, form, members, children, øre; `afstemning` are lines that `afstemning.csv` must
//! have: source, post, kroner.

use std::{collections::BTreeMap, fs, path::Path};

use samkor::{
    base::{Error, ErrorKind, Files, Silent},
    jobs::{self, Request},
    tables::{self, Cell, Table},
};

use crate::example::{ENDED, Example, execution, files_below};

const HEADINGS: [(&str, &str); 10] = [
    (
        "personer",
        "CPR;Gældende CPR;Status;Statusdato;Køn;Fødselsdato;Civilstand;Ægtefælle CPR;Beskyttelse;Fornavn;Efternavn",
    ),
    ("adresser", "CPR;Kommunekode;Vejkode;Husnr;Etage;Side/dør;Bygningsnr;Fra;Til"),
    ("foraeldre", "CPR;Mor CPR;Far CPR"),
    ("myndighed", "CPR;Type;Indehaver CPR;Fra;Til"),
    (
        "dubu",
        "Dato;Sagstype;Sagsnummer;Type;Ydelsestype;Tilbud;Status;Afdeling;Afgørelsesparagraf;Foranstaltningsparagraf;Leverandør;Enheds angivelse;Beregningsfrekvens;Ydelsesbeløb;Antal;Startdato;Slutdato;CPR-nr.",
    ),
    (
        "dubu-betaler",
        "Betalingskommune;Dato;Sagstype;Sagsnummer;Type;Ydelsestype;Tilbud;Status;Afdeling;Afgørelsesparagraf;Foranstaltningsparagraf;Leverandør;Enheds angivelse;Beregningsfrekvens;Ydelsesbeløb;Antal;Startdato;Slutdato;CPR-nr.",
    ),
    ("kmd", "CPR;Ydelseskode;Ydelse;Periode fra;Periode til;Beløb"),
    ("kmd-betaler", "Betalingskommune;CPR;Ydelseskode;Ydelse;Periode fra;Periode til;Beløb"),
    ("institutioner", "Kommunekode;Vejkode;Husnr;Etage;Side/dør;Bygningsnr;Type"),
    ("links", "CPR;Handling;CPR 2;Fra;Til;Grund"),
];

/// A kind of unit, its form, members, children and øre.
type Unit = (String, String, i64, i64, i64);

fn units(table: &Table) -> Vec<Unit> {
    let column = |name: &str| table.names.iter().position(|column| column == name).expect("a column");
    let text = |row: &[Cell], name: &str| match &row[column(name)] {
        Cell::Text(text) => text.clone(),
        other => panic!("{name} is {other:?}"),
    };
    let whole = |row: &[Cell], name: &str| match &row[column(name)] {
        Cell::Whole(number) => *number,
        other => panic!("{name} is {other:?}"),
    };
    let mut units: Vec<Unit> = table
        .rows
        .iter()
        .map(|row| {
            let numbers = ["medlemmer", "boern", "oere"].map(|name| whole(row, name));
            (text(row, "enhedstype"), text(row, "art"), numbers[0], numbers[1], numbers[2])
        })
        .collect();
    units.sort();
    units
}

/// `familier.parquet` among the outputs of a run.
fn families(files: &BTreeMap<String, Vec<u8>>) -> Result<Table, Error> {
    tables::read(&files["arbejde/tabeller/familier.parquet"])
}

fn run(example: &Example) -> Result<Table, Error> {
    families(&files(example)?)
}

/// Every output of a run of these files.
fn files(example: &Example) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let directory = tempfile::tempdir().expect("a directory");
    let request = Request { plan: example.write(directory.path()), out: None, replace: false, credentials: None };
    jobs::run(&request, &execution(Files::real()), || ENDED.to_owned(), &Silent)?;
    Ok(files_below(&directory.path().join("ud")))
}

fn parts(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut parts = BTreeMap::<String, Vec<String>>::new();
    let mut part = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match line.strip_prefix("== ") {
            Some(name) => name.clone_into(&mut part),
            None => parts.entry(part.clone()).or_default().push(line.to_owned()),
        }
    }
    parts
}

/// Whether a line of `afstemning.csv` tells source, post and kroner.
fn is_reconciled(files: &BTreeMap<String, Vec<u8>>, expected: &str) -> bool {
    let table = String::from_utf8(files["arbejde/afstemning.csv"].clone()).expect("UTF-8");
    table.lines().map(|line| line.split(';').collect::<Vec<_>>()).any(|cells| {
        let told: Vec<&str> = expected.split(';').collect();
        cells.len() == 6 && [cells[0], cells[2], cells[5]] == told[..]
    })
}

fn case(path: &Path) -> (Example, Vec<Unit>, Vec<String>) {
    let parts = parts(&fs::read_to_string(path).expect("a case"));
    let lines = |name: &str| parts.get(name).map(Vec::as_slice).unwrap_or_default();
    let key = Example::shipped().0["noegle/demo.key"].clone();
    let mut files = BTreeMap::from([("noegle/demo.key".to_owned(), key)]);
    for (name, headings) in HEADINGS {
        files.insert(format!("ind/{name}.csv"), format!("{headings}\n{}\n", lines(name).join("\n")).into_bytes());
    }
    let register = "fil = [\"ind/personer.csv\", \"ind/adresser.csv\", \"ind/foraeldre.csv\", \"ind/myndighed.csv\"]";
    let source = |name: &str, layout: &str, files: &str| {
        format!("[[kilde]]\nnavn = \"{name}\"\nsystem = \"{name}\"\nlayout = \"{layout}\"\n{files}\n")
    };
    let plan = format!(
        "projekt = \"demo|sag|familier\"\nformaal = \"stotte\"\nretsgrundlag = \"opdigtet\"\nslettefrist = \"2027-12-31\"\n\
         noegle = \"noegle/demo.key\"\nud = \"ud\"\n{}\n[periode]\nfra = \"2015-01-01\"\ntil = \"2015-06-30\"\n[familier]\n{}\n{}{}{}",
        lines("plan").join("\n"),
        lines("familier").join("\n"),
        source("cpr", "cpr-csv", register),
        source("dubu", "dubu-ydelser", "fil = \"ind/dubu*.csv\""),
        source("kmd", "kmd-ydelser", "fil = \"ind/kmd*.csv\""),
    );
    files.insert("samkor.toml".to_owned(), plan.into_bytes());
    let mut expected: Vec<Unit> = lines("forventet")
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(';').collect();
            let number = |place: usize| cells[place].parse().expect("a number");
            (cells[0].to_owned(), cells[1].to_owned(), number(2), number(3), number(4))
        })
        .collect();
    expected.sort();
    (Example(files), expected, lines("afstemning").to_vec())
}

#[test]
fn every_trap_is_seen() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let mut cases: Vec<_> = directory.read_dir().expect("cases").map(|entry| entry.expect("a case").path()).collect();
    // The folders are the ledger's cases.
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    cases.sort();
    assert!(cases.len() >= 10, "the cases were not found");
    for path in cases {
        let (example, expected, reconciled) = case(&path);
        let files = files(&example).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let table = families(&files).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(units(&table), expected, "{}", path.display());
        for line in reconciled {
            assert!(is_reconciled(&files, &line), "{}: {line}", path.display());
        }
    }
}

/// Which municipality is ours cannot be guessed: a run that needs it says so, and writes nothing.
#[test]
fn a_paying_municipality_needs_the_plans_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/p37-betalingskommune.txt");
    let (example, ..) = case(&path);
    let error = files(&example.with_plan("kommune = \"0899\"", "")).expect_err("no code of our own");
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert!(error.hints().iter().any(|hint| hint.contains("kommune = ")), "{error}");
}

/// The example's families and case families, by form, members and øre.
#[test]
fn the_example_gives_the_families_of_the_facit() {
    let found = units(&run(&Example::shipped()).expect("a run"));
    for (letter, facit) in [
        ("F", include_str!("../../fixtures/eksempelkoebing/facit/familier_f.csv")),
        ("S", include_str!("../../fixtures/eksempelkoebing/facit/familier_s.csv")),
    ] {
        let mut expected: Vec<(String, i64, i64)> = facit
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.split(';').collect();
                let number = |place: usize| cells[place].parse().expect("a number");
                (cells[3].to_owned(), number(4), number(5))
            })
            .collect();
        expected.sort();
        let mut of_kind: Vec<(String, i64, i64)> = found
            .iter()
            .filter(|unit| unit.0 == letter)
            .map(|(_, form, members, _, ore)| (form.clone(), *members, *ore))
            .collect();
        of_kind.sort();
        assert_eq!(of_kind, expected, "{letter}");
    }
}

/// The ranked unit is the plan's, and the kroner of who died or left are no longer without a family.
#[test]
fn the_plan_chooses_the_ranked_unit() {
    let run = |unit: &str| {
        let example = Example::shipped().with_plan("enhed = \"H\"", &format!("enhed = \"{unit}\""));
        let files = files(&example).expect("a run");
        let text = |name: &str| String::from_utf8(files[name].clone()).expect("UTF-8");
        let (report, reconciled) = (text("rapport/rapport.html"), text("arbejde/afstemning.csv"));
        (report, reconciled.contains("ikke bosat"))
    };
    let (households, lost) = run("H");
    assert!(lost && households.contains("husstande (H) – rangeret"));
    let (cases, lost) = run("S");
    assert!(!lost && cases.contains("sagsfamilier (S) – rangeret"));
}
