//! Worlds, their runs, and what both say in the same terms.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use samkor::{
    base::{Files, Pool, Silent},
    domain::{Cpr, ProjectId},
    jobs::{self, Execution, Request, RunSummary},
    pseudonym::{KeyRules, MasterKey, ProjectKey},
    synth::{self, Damage, Summary, World},
    tables::{self, Cell, Table},
};

/// A world of some persons, with ten rows for each.
pub fn world(seed: u64, persons: u32) -> World {
    World {
        seed,
        persons,
        rows: u64::from(persons) * 10,
        first_year: 2024,
        years: 1,
        plain: true,
        damage: Damage::None,
        neutral_register: false,
    }
}

/// Writes a world.
pub fn generate(world: &World, directory: &Path, threads: usize) -> Summary {
    let pool = Pool::new(threads).expect("threads");
    synth::generate(world, directory, &pool, &Files::real(), &Silent).expect("a world")
}

/// Runs its plan.
pub fn run(directory: &Path) -> RunSummary {
    run_plan(directory.join("samkor.toml"))
}

pub(super) fn run_plan(plan: PathBuf) -> RunSummary {
    let request = Request { plan, out: None, replace: true, credentials: None };
    let execution =
        Execution { threads: 2, chunk_bytes: 0, started: "2026-11-21T12:00:00Z".to_owned(), files: Files::real() };
    jobs::run(&request, &execution, String::new, &Silent).expect("the plan runs")
}

/// The rows of a file of the truth, headings left out.
pub fn truth(directory: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(directory.join("facit").join(name)).expect("a file of the truth");
    text.lines().skip(1).map(|line| line.split(';').map(str::to_owned).collect()).collect()
}

/// The rows of a table of a run.
pub(super) fn table(run: &Path, name: &str) -> Table {
    let path = run.join("arbejde/tabeller").join(name);
    tables::read(&fs::read(path).expect("a table")).expect("Parquet")
}

pub(super) fn column(table: &Table, name: &str) -> usize {
    table.names.iter().position(|column| column == name).expect("a column")
}

pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        other => panic!("neither text nor number: {other:?}"),
    }
}

pub(super) fn whole(cell: &Cell) -> i64 {
    match cell {
        Cell::Whole(number) => *number,
        other => panic!("no number: {other:?}"),
    }
}

/// Øre by person of the truth, service and role.
pub type Sums = BTreeMap<(String, String, String), i64>;

/// The truth's sums.
pub fn true_sums(directory: &Path) -> Sums {
    let mut sums = Sums::new();
    for row in truth(directory, "oere.csv") {
        let [person, service, role, _, ore] = <[String; 5]>::try_from(row).expect("five columns");
        *sums.entry((person, service, role)).or_default() += ore.parse::<i64>().expect("øre");
    }
    sums
}

/// By the id that the run writes, the number of the person in the truth.
pub(super) fn numbers(directory: &Path) -> BTreeMap<String, String> {
    let plan = fs::read_to_string(directory.join("samkor.toml")).expect("a plan");
    let project = plan.lines().find_map(|line| line.strip_prefix("projekt = ")).expect("a project").trim_matches('"');
    let project = ProjectId::parse(project).expect("a project");
    let rules = KeyRules { forbidden: &[], credentials: None, project: &project };
    let master = MasterKey::read(&directory.join("noegle/demo.key"), &rules).expect("the demo key");
    let key = ProjectKey::derive(&master, &project);
    let pseudonym = |cpr: &str| key.pseudonym(Cpr::parse(cpr.as_bytes()).expect("a number")).to_string();
    truth(directory, "personer.csv").into_iter().map(|row| (pseudonym(&row[1]), row[0].clone())).collect()
}

/// What the run found.
pub fn found_sums(directory: &Path) -> Sums {
    sums_of(&directory.join("ud"), &numbers(directory))
}

pub(super) fn sums_of(run: &Path, numbers: &BTreeMap<String, String>) -> Sums {
    let table = table(run, "ydelser.parquet");
    let [person, service, role, ore] = ["person", "ydelse", "rolle", "oere"].map(|name| column(&table, name));
    let mut sums = Sums::new();
    for row in &table.rows {
        let number = numbers.get(&text(&row[person])).cloned().unwrap_or_else(|| "?".to_owned());
        *sums.entry((number, text(&row[service]), text(&row[role]))).or_default() += whole(&row[ore]);
    }
    sums.retain(|_, ore| *ore != 0);
    sums
}

/// Øre of each household: by its members in the truth's numbers.
pub(super) fn found_households(directory: &Path) -> BTreeMap<Vec<u64>, i64> {
    let numbers = numbers(directory);
    let persons = table(&directory.join("ud"), "personer.parquet");
    let [person, label] = ["person", "husstand"].map(|name| column(&persons, name));
    let mut members: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for row in persons.rows.iter().filter(|row| !matches!(row[label], Cell::Empty)) {
        let number = numbers[&text(&row[person])].parse().expect("a number");
        members.entry(text(&row[label])).or_default().push(number);
    }
    let households = table(&directory.join("ud"), "husstande.parquet");
    let [label, ore] = ["etiket", "oere"].map(|name| column(&households, name));
    let found = households.rows.iter().map(|row| {
        let mut members = members.remove(&text(&row[label])).expect("members");
        members.sort_unstable();
        (members, whole(&row[ore]))
    });
    found.collect()
}

pub(super) fn true_households(directory: &Path) -> BTreeMap<Vec<u64>, i64> {
    let mut members: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for row in truth(directory, "personer.csv").into_iter().filter(|row| !row[5].is_empty() && row[11] == "ja") {
        members.entry(row[5].clone()).or_default().push(row[0].parse().expect("a number"));
    }
    let ore: BTreeMap<String, i64> = truth(directory, "familier.csv")
        .into_iter()
        .filter(|row| row[0] == "H")
        .map(|row| (row[1].clone(), row[2].parse().expect("øre")))
        .collect();
    members.into_iter().map(|(id, members)| (members, ore.get(&id).copied().unwrap_or(0))).collect()
}

/// The differences between two maps, a few of them.
pub(super) fn differences<K: Ord + Clone + std::fmt::Debug>(
    found: &BTreeMap<K, i64>,
    truth: &BTreeMap<K, i64>,
) -> Vec<String> {
    let keys: std::collections::BTreeSet<&K> = found.keys().chain(truth.keys()).collect();
    let of = |map: &BTreeMap<K, i64>, key: &K| map.get(key).copied().unwrap_or(0);
    keys.into_iter()
        .filter(|key| of(found, key) != of(truth, key))
        .map(|key| format!("{key:?}: found {} true {}", of(found, key), of(truth, key)))
        .collect()
}
