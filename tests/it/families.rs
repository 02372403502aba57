//! Families in whole runs: the example's facit for families and case families, and one small municipality for each trap of
//! `metrics.md` (P1 to P7, P34, P35, P37) under `fixtures/cases/`.
//!
//! A case is one text: its parts begin with `== name`. `personer`, `adresser`, `foraeldre`, `myndighed`, `dubu` and `kmd` are input
//! files without their headings, `dubu-betaler` and `kmd-betaler` the same with the paying municipality in front; `plan` are lines for
//! the top of the plan, `familier` is its section of that name, `institutioner` and `links` the section's two files; `forventet` are the
//! units of `familier.parquet` that must come out: kind, form, members, children, øre; `afstemning` are lines that `afstemning.csv` must
//! have: source, post, kroner.

use std::{collections::BTreeMap, fs, path::Path};

use samkor::{
    base::{Error, ErrorKind, Files, Silent},
    family::Fate,
    jobs::{self, FamilyView, Request},
    pseudonym::UnitKind,
    tables::{self, Cell, Table},
};

use crate::{
    cli::samkor,
    example::{ENDED, Example, execution, files_below},
};

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
    case_of(&fs::read_to_string(path).expect("a case"))
}

/// The text of a case of `fixtures/cases`.
fn text_of(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(format!("{name}.txt"));
    fs::read_to_string(path).expect("a case")
}

fn case_of(text: &str) -> (Example, Vec<Unit>, Vec<String>) {
    let parts = parts(text);
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
    let (example, ..) = case_of(&text_of("p37-betalingskommune"));
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

/// A run in a directory of its own, which goes when it is dropped.
fn kept(example: &Example) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let request = Request { plan: example.write(directory.path()), out: None, replace: false, credentials: None };
    jobs::run(&request, &execution(Files::real()), || ENDED.to_owned(), &Silent).expect("a run");
    directory
}

/// The run's own view of its one unit of this kind with so many members.
fn view(run: &Path, letter: &str, members: i64) -> FamilyView {
    let table = fs::read(run.join("arbejde/tabeller/familier.parquet")).expect("a table");
    let table = tables::read(&table).expect("a table");
    let column = |name: &str| table.names.iter().position(|column| column == name).expect("a column");
    let is_wanted = |row: &&Vec<Cell>| {
        row[column("enhedstype")] == Cell::Text(letter.into()) && row[column("medlemmer")] == Cell::Whole(members)
    };
    let rows: Vec<&Vec<Cell>> = table.rows.iter().filter(is_wanted).collect();
    let [row] = rows[..] else { panic!("{} units", rows.len()) };
    let Cell::Text(label) = &row[column("etiket")] else { panic!("a label") };
    jobs::family(run, label).expect("the family")
}

/// What is said of the parents of the child that has this role in the unit.
fn parents_of(view: &FamilyView, letter: &str, role: &str) -> Option<String> {
    let places = view.members.iter().flat_map(|member| &member.places);
    let mut of_role = places.filter(|place| place.letter == letter && place.role == role);
    of_role.next().expect("the child").parents.clone()
}

/// A father who lives elsewhere is flagged; one whom the extract lacks is told apart, and no flag: he may live anywhere.
#[test]
fn a_parent_living_apart_is_not_a_parent_outside_the_extract() {
    let text = text_of("p06-delt-barn");
    let run = kept(&case_of(&text).0);
    let child = view(&run.path().join("ud"), "S", 2);
    assert!(child.unit.parent_apart);
    assert_eq!(parents_of(&child, "S", "hjemmeboende barn").as_deref(), Some("forælder på en anden adresse"));

    let without_mother: Vec<&str> = text.lines().filter(|line| !line.starts_with("1502801006;")).collect();
    let run = kept(&case_of(&without_mother.join("\n")).0);
    let child = view(&run.path().join("ud"), "S", 2);
    assert!(!child.unit.parent_apart);
    assert_eq!(parents_of(&child, "S", "hjemmeboende barn").as_deref(), Some("forælder ikke i udtrækket"));

    let whole = kept(&case_of(&text_of("p04-foraeldre-uden-ydelser")).0);
    let child = view(&whole.path().join("ud"), "S", 3);
    assert!(!child.unit.parent_apart);
    assert_eq!(parents_of(&child, "S", "hjemmeboende barn"), None);
}

/// A placed child stands with one parent in S, and the other parent is flagged there; in F it is alone.
#[test]
fn the_other_parent_of_a_placed_child_is_flagged() {
    let run = kept(&case_of(&text_of("anbragt-med-foraeldre-hver-for-sig")).0);
    let family = view(&run.path().join("ud"), "S", 2);
    assert!(family.unit.parent_apart);
    assert_eq!(parents_of(&family, "S", "anbragt barn").as_deref(), Some("forælder på en anden adresse"));
    assert_eq!(parents_of(&family, "F", "hovedperson"), None, "the father is no child");
}

/// P35: the strongest protection of any member marks all that is written of the unit, and nobody else's.
#[test]
fn the_strongest_protection_marks_the_family() {
    let run = kept(&case_of(&text_of("p35-beskyttet-medlem")).0);
    let out = run.path().join("ud");
    let strongest = Some("navne- og adressebeskyttelse");
    for letter in ["H", "F", "S"] {
        assert_eq!(view(&out, letter, 2).unit.protection.as_deref(), strongest, "{letter}");
        assert_eq!(view(&out, letter, 1).unit.protection, None, "{letter}");
    }
    let list = fs::read_to_string(out.join("liste/familier.csv")).expect("a list");
    let marked = list.lines().filter(|line| line.contains("navne- og adressebeskyttelse")).count();
    assert_eq!((marked, list.contains("lokal vejviser")), (1, false));
}

/// From a reference date before the child of P6 moved to one after it: its old family is split, nobody else's changed.
#[test]
fn families_are_followed_from_run_to_run() {
    let (later, ..) = case_of(&text_of("p06-delt-barn"));
    let day = "til = \"2015-06-30\"";
    let earlier = later.clone().with_plan(day, &format!("{day}\nskaeringsdato = \"2015-02-01\""));
    let (before, after) = (kept(&earlier), kept(&later));
    let out = |run: &tempfile::TempDir| run.path().join("ud");
    for (kind, same, split) in [(UnitKind::Household, 2, 1), (UnitKind::Family, 2, 1), (UnitKind::CaseFamily, 2, 1)] {
        let told = jobs::lineage_of_runs(&out(&before), &out(&after), kind).expect("two runs of one project");
        assert_eq!((told.before.as_str(), told.after.as_str()), ("2015-02-01", "2015-06-30"));
        let count = |wanted: Fate| told.counts.iter().find(|(fate, _)| *fate == wanted).map(|(_, number)| *number);
        assert_eq!((count(Fate::Same), count(Fate::Split)), (Some(same), Some(split)), "{kind:?}");
        assert_eq!(told.lines.len(), same + split, "{kind:?}");
        let moved = told.lines.iter().find(|line| line.fate == Fate::Split).expect("the child's");
        assert!(moved.persons == 1 && moved.before != moved.after);
    }
    // Nothing happened between a run and itself.
    let told = jobs::lineage_of_runs(&out(&after), &out(&after), UnitKind::CaseFamily).expect("a run");
    assert!(told.lines.iter().all(|line| line.fate == Fate::Same && line.before == line.after));

    // Under labels of one run nobody can be followed, and the command says so.
    let own = kept(&later.with_plan("ud = \"ud\"", "ud = \"ud\"\netiketter = \"koersel\""));
    for (one, other) in [(&own, &after), (&after, &own), (&own, &own)] {
        let error = jobs::lineage_of_runs(&out(one), &out(other), UnitKind::CaseFamily).expect_err("refused");
        assert!(error.to_string().contains("etiketter = \"koersel\""), "{error}");
    }
}

/// The commands say in Danish what the library found, and never a person's id.
#[test]
fn the_commands_about_families_name_nobody() {
    let run = kept(&case_of(&text_of("p35-beskyttet-medlem")).0);
    let out = run.path().join("ud").display().to_string();
    let label = view(&run.path().join("ud"), "S", 2).unit.label;
    let family = samkor(["family", &out, &label]);
    assert_eq!((family.code, family.stderr.as_str()), (Some(0), ""));
    assert!(family.stdout.contains("BESKYTTET (navne- og adressebeskyttelse)"), "{}", family.stdout);
    let lineage = samkor(["lineage", &out, &out]);
    assert_eq!((lineage.code, lineage.stderr.as_str()), (Some(0), ""));
    assert!(lineage.stdout.starts_with("S fra 2015-06-30 til 2015-06-30\n"), "{}", lineage.stdout);
    let json = samkor(["--json", "lineage", &out, &out, "--enhed", "F"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&json["enhedstype"], &json["antal"]["samme"]), (&"F".into(), &2.into()));
    assert_eq!(json["familier"].as_array().map(Vec::len), Some(2));
    let table = tables::read(&fs::read(run.path().join("ud/arbejde/tabeller/familieled.parquet")).expect("a table"));
    let table = table.expect("a table");
    let person = table.names.iter().position(|name| name == "person").expect("a column");
    for row in &table.rows {
        let Cell::Text(id) = &row[person] else { panic!("an id") };
        assert!(![&family.stdout, &lineage.stdout, &json.to_string()].iter().any(|told| told.contains(id.as_str())));
    }
}
