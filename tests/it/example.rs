//! Eksempelkøbing in the hands of a test: its files in memory to be changed, a run of them, and what the run delivered.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions, Permissions},
    io::Write,
    ops::Range,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use samkor::{
    base::{Error, Files, Observer, Silent},
    domain::{Cpr, ProjectId},
    jobs::{self, Execution, Request},
    pseudonym::{KeyRules, MasterKey, ProjectKey},
    tables::{self, Cell, Table},
};

use crate::facit;

/// The example's files by name, to be changed.
#[derive(Clone)]
pub struct Example(pub BTreeMap<String, Vec<u8>>);

impl Example {
    /// As it is shipped.
    pub fn shipped() -> Self {
        Self(jobs::demo::FILES.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect())
    }

    /// With a plan that accepts any number of faults, so that a damaged row never stops the run.
    pub fn patient() -> Self {
        Self::shipped().with_plan("fejlgraense = 0.25", "fejlgraense = 1.0")
    }

    /// With other words in the plan.
    pub fn with_plan(mut self, from: &str, to: &str) -> Self {
        let plan = String::from_utf8(self.0["samkor.toml"].clone()).expect("a plan is UTF-8");
        assert_eq!(plan.matches(from).count(), 1, "{from}");
        self.0.insert("samkor.toml".to_owned(), plan.replace(from, to).into_bytes());
        self
    }

    /// With another content of one file.
    pub fn with(&self, name: &str, bytes: Vec<u8>) -> Self {
        let mut changed = self.clone();
        changed.0.insert(name.to_owned(), bytes).expect("a file of the example");
        changed
    }

    /// Writes the files into a directory and gives the plan's path. What is there with the same content stays.
    pub fn write(&self, directory: &Path) -> PathBuf {
        for folder in ["ind", "noegle"] {
            fs::create_dir_all(directory.join(folder)).expect("a directory");
        }
        for (name, bytes) in &self.0 {
            let path = directory.join(name);
            if fs::read(&path).is_ok_and(|found| found == *bytes) {
                continue;
            }
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).expect("a file");
            file.write_all(bytes).expect("written");
        }
        fs::set_permissions(directory.join("noegle/demo.key"), Permissions::from_mode(0o600)).expect("a mode");
        directory.join("samkor.toml")
    }
}

/// A directory in which changed examples run one after the other.
pub struct Ground(tempfile::TempDir);

impl Ground {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the example inside this process and reads back what it delivered.
    pub fn run(&self, example: &Example) -> Result<Delivered, Error> {
        self.run_with(example, 1, 0, &Silent)
    }

    pub fn run_with(
        &self,
        example: &Example,
        threads: usize,
        chunk_bytes: usize,
        observer: &dyn Observer,
    ) -> Result<Delivered, Error> {
        let plan = example.write(self.path());
        let target = self.path().join("ud");
        let request = Request { plan, out: None, replace: false, credentials: None };
        let execution = Execution { threads, chunk_bytes, ..execution(Files::real()) };
        jobs::run(&request, &execution, || ENDED.to_owned(), observer)?;
        let delivered = Delivered::read(&target);
        fs::remove_dir_all(&target).expect("removed");
        Ok(delivered)
    }
}

pub const ENDED: &str = "2026-11-21T12:00:01Z";

/// An execution at a fixed time.
pub fn execution(files: Files) -> Execution {
    Execution { threads: 1, chunk_bytes: 0, started: "2026-11-21T12:00:00Z".to_owned(), files }
}

/// Rows and øre of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub read: i64,
    pub used: i64,
    pub sorted_out: i64,
    pub set_aside: i64,
    pub ore_read: i64,
    pub ore_used: i64,
    pub ore_sorted_out: i64,
    pub ore_set_aside: i64,
}

/// A row set aside: source, physical line, byte, column, code.
pub type FaultLine = (String, usize, usize, String, String);

/// What a run delivered, with persons by their CPR numbers again, as the facit names them.
#[derive(Clone)]
pub struct Delivered {
    /// Every output by its name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Øre by person, service and role.
    pub services: BTreeMap<(String, String, String), i64>,
    /// The rows of ydelser.parquet, by person.
    pub rows: BTreeMap<String, Vec<Vec<Cell>>>,
    /// The members behind each label.
    pub labels: BTreeMap<String, BTreeSet<String>>,
    /// Øre, services and departments by members.
    pub households: BTreeMap<BTreeSet<String>, (i64, i64, i64)>,
    /// Øre by line of the ledger and source.
    pub lines: BTreeMap<(String, String), i64>,
    /// By source.
    pub sources: BTreeMap<String, Counts>,
    pub faults: Vec<FaultLine>,
}

impl Delivered {
    pub fn read(target: &Path) -> Self {
        let files = files_below(target);
        let table = |name: &str| tables::read(&files[&format!("arbejde/tabeller/{name}.parquet")]).expect("a table");
        let statement: serde_json::Value = serde_json::from_slice(&files["bevis/koersel.json"]).expect("JSON");
        let numbers = numbers();
        // Whom the facit does not name keeps the id: a damaged number may be somebody's outside the register.
        let number = |id: &Cell| numbers.get(&text(id)).cloned().unwrap_or_else(|| text(id));

        let (services_table, persons, units) = (table("ydelser"), table("personer"), table("husstande"));
        let mut services = BTreeMap::new();
        let mut rows: BTreeMap<String, Vec<Vec<Cell>>> = BTreeMap::new();
        for row in &services_table.rows {
            let cell = |name| &row[column(&services_table, name)];
            let person = number(cell("person"));
            *services.entry((person.clone(), text(cell("ydelse")), text(cell("rolle")))).or_default() +=
                whole(cell("oere"));
            rows.entry(person).or_default().push(row.clone());
        }
        let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in &persons.rows {
            let label = &row[column(&persons, "etiket")];
            if *label != Cell::Empty {
                members.entry(text(label)).or_default().insert(number(&row[column(&persons, "person")]));
            }
        }
        let labels = members.clone();
        let households = units
            .rows
            .iter()
            .map(|row| {
                let figure = |name| whole(&row[column(&units, name)]);
                let members = members.remove(&text(&row[column(&units, "etiket")])).expect("members of the label");
                assert_eq!(i64::try_from(members.len()).expect("few"), figure("medlemmer"));
                (members, (figure("oere"), figure("ydelser"), figure("afdelinger")))
            })
            .collect();
        assert!(members.is_empty(), "a label that is no household");
        let mut lines = BTreeMap::new();
        for line in statement["regnskab"].as_array().expect("lines") {
            let source = line["kilde"].as_str().expect("a source").to_owned();
            *lines.entry((line_name(line["linje"].as_str().expect("a name")), source)).or_default() +=
                line["oere"].as_i64().expect("øre");
        }
        let sources = statement["kilder"].as_array().expect("sources").iter().map(counts).collect();
        let faults = faults(&files["arbejde/fejl.csv"]);
        Self { files, services, rows, labels, households, lines, sources, faults }
    }
}

fn counts(source: &serde_json::Value) -> (String, Counts) {
    let number = |name: &str| source[name].as_i64().expect("a number");
    let counts = Counts {
        read: number("raekker_laest"),
        used: number("raekker_brugt"),
        sorted_out: number("raekker_frasorteret"),
        set_aside: number("raekker_sat_til_side"),
        ore_read: number("oere_laest"),
        ore_used: number("oere_brugt"),
        ore_sorted_out: number("oere_frasorteret"),
        ore_set_aside: number("oere_sat_til_side"),
    };
    (source["kilde"].as_str().expect("a source").to_owned(), counts)
}

/// The facit's name of a line of `regnskab`. Kroner that families carry have no line there.
fn line_name(line: &str) -> String {
    let line = line.split(" (").next().unwrap_or_default();
    match line.strip_prefix("ikke henført: ").unwrap_or(line) {
        "uden for CPR-udtrækket" => "uden-for-registret",
        "ikke bosat på skæringsdatoen" => "ikke-bosat",
        "beskadiget eller manglende nummer" => "nummer-uden-match",
        "uden borger" => "uden-borger",
        "erstatningsnummer" => "erstatningsnummer",
        "uden for perioden" => "uden-for-perioden",
        "tilbageført" => "tilbagefoert",
        "afstemmes mod en anden kilde" => "afstemmes",
        "flyttet som takst" => "flyttet-som-takst",
        "manuelle tillæg uden for ranglisten" => "manuel",
        "henført til familier" => "familier",
        "dublet af en anden række" => "dublet",
        "korrektion tidligere perioder" => "korrektion",
        "intern afregning" => "intern-afregning",
        "betalt af andre end kommunen" => "betalt-af-andre",
        "bevilget, aldrig betalt" => "aldrig-betalt",
        "bevilget, formodet ophørt" => "formodet-ophoert",
        known @ ("statsrefusion" | "statuskonti") => known,
        other => panic!("an unknown line: {other}"),
    }
    .to_owned()
}

fn faults(csv: &[u8]) -> Vec<FaultLine> {
    let text = std::str::from_utf8(csv).expect("UTF-8").trim_start_matches('\u{feff}');
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_end().split(';').collect();
        let number = |place: usize| cells[place].parse().expect("a number");
        (cells[0].to_owned(), number(2), number(3), cells[4].to_owned(), cells[5].to_owned())
    };
    text.lines().skip(1).map(row).collect()
}

/// The number behind each id of the facit, with the demo key.
fn numbers() -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("demo.key");
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).expect("a key file");
    file.write_all(&Example::shipped().0["noegle/demo.key"]).expect("written");
    let project = ProjectId::parse("demo|eksempelkoebing|familier").expect("the example's project");
    let rules = KeyRules { forbidden: &[], credentials: None, project: &project };
    let key = ProjectKey::derive(&MasterKey::read(&path, &rules).expect("the demo key"), &project);
    let id = |number: &str| key.pseudonym(Cpr::parse(number.as_bytes()).expect("a number of the facit")).to_string();
    facit::persons().into_iter().map(|number| (id(&number), number)).collect()
}

/// Every file below a directory, by its path.
pub fn files_below(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below").to_str().expect("a plain name").to_owned();
                files.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    files
}

/// The lines of a file with their line ends.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Where the fields of a delimited line lie.
pub fn fields(line: &[u8]) -> Vec<Range<usize>> {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    let (mut fields, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in line[..end].iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                fields.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push(start..end);
    fields
}

fn column(table: &Table, name: &str) -> usize {
    table.names.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        other => panic!("no text: {other:?}"),
    }
}

fn whole(cell: &Cell) -> i64 {
    match cell {
        Cell::Whole(number) => *number,
        other => panic!("no number: {other:?}"),
    }
}
