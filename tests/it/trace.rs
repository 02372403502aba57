//! `samkor trace`: the lines of every family add up to its øre in the run, and a lost spell is noticed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use samkor::{
    base::{ErrorKind, Files, Pool, Silent},
    domain::{
        AmountType, Date, DepartmentId, Ore, Period, PersonId, Pseudonym, Role, RowReference, ServiceId, SourceId,
    },
    jobs::{self, Request, TraceFilter, TraceLine},
    ledger::{Closing, RowMark, Rule, Spell},
    tables::{self, Cell, Receiver, ServiceTable, ServiceWords, Table},
};

use crate::{
    cli::{Ran, samkor},
    example::{ENDED, Example, execution},
};

/// A run of an example that stays.
struct Run(tempfile::TempDir);

impl Run {
    fn of(example: &Example) -> Self {
        let ground = tempfile::tempdir().expect("a directory");
        let plan = example.write(ground.path());
        let request = Request { plan, out: None, replace: false, credentials: None };
        jobs::run(&request, &execution(Files::real()), || ENDED.to_owned(), &Silent).expect("a run");
        Self(ground)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("ud")
    }

    fn table(&self, name: &str) -> Table {
        let path = self.path().join("arbejde/tabeller").join(format!("{name}.parquet"));
        tables::read(&fs::read(path).expect("a table")).expect("a table")
    }

    /// The label and øre of every unit.
    fn units(&self) -> Vec<(String, String, i64)> {
        let table = self.table("familier");
        table
            .rows
            .iter()
            .map(|row| (text(&table, row, "etiket"), text(&table, row, "enhedstype"), whole(&table, row, "oere")))
            .collect()
    }

    fn samkor(&self, arguments: &[&str]) -> Ran {
        let run = self.path();
        let fixed = [OsStr::new("trace"), run.as_os_str()];
        samkor(fixed.into_iter().chain(arguments.iter().map(OsStr::new)))
    }
}

fn column(table: &Table, name: &str) -> usize {
    table.names.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
}

fn text(table: &Table, row: &[Cell], name: &str) -> String {
    match &row[column(table, name)] {
        Cell::Text(text) => text.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

fn whole(table: &Table, row: &[Cell], name: &str) -> i64 {
    match &row[column(table, name)] {
        Cell::Whole(number) => *number,
        other => panic!("{name} is {other:?}"),
    }
}

fn lines(run: &Path, label: &str) -> Vec<TraceLine> {
    jobs::trace(run, label, &TraceFilter::default()).expect("a trace").lines
}

/// The example, with each kind of unit ranked, and with labels of the run.
fn examples() -> Vec<Example> {
    let ranked = |unit: &str| Example::shipped().with_plan("enhed = \"H\"", &format!("enhed = \"{unit}\""));
    let of_run = Example::shipped().with_plan("etiketter = \"projekt\"", "etiketter = \"koersel\"");
    vec![ranked("H"), ranked("F"), ranked("S"), of_run]
}

#[test]
fn every_family_of_the_example_adds_up_to_the_ore() {
    for example in examples() {
        let run = Run::of(&example);
        let units = run.units();
        let mut seen = BTreeMap::new();
        for (label, letter, ore) in &units {
            let trace = jobs::trace(&run.path(), label, &TraceFilter::default()).expect("a trace");
            assert_eq!((&trace.letter, trace.ore), (letter, Ore(*ore)));
            let sum: i64 = trace.lines.iter().filter(|line| line.counts).map(|line| line.ore.0).sum();
            assert_eq!((sum, trace.shown), (*ore, Ore(*ore)), "{label}");
            let (kroner, families) = seen.entry(letter.clone()).or_insert((0, 0));
            *kroner += ore;
            *families += i64::from(!trace.lines.is_empty());
            for line in &trace.lines {
                assert_eq!(line.days, line.days.intersection(line.days.from.month()).expect("days of one month"));
                assert_eq!(line.counts, !matches!(line.rule, Rule::Manual | Rule::ManualBesidePayment));
            }
        }
        assert_eq!(seen.keys().map(String::as_str).collect::<Vec<_>>(), ["F", "H", "S"]);
        assert!(seen.values().all(|(kroner, families)| *kroner > 100_000_000 && *families > 10), "{seen:?}");
    }
}

/// The foster child of the facit: paid months, and grants only where nothing was paid.
#[test]
fn rules_and_months_are_those_of_the_facit() {
    let run = Run::of(&Example::shipped());
    let mut rules = BTreeMap::new();
    let mut placement = BTreeMap::new();
    for (label, letter, _) in run.units().into_iter().filter(|unit| unit.1 == "H") {
        assert_eq!(letter, "H");
        for line in lines(&run.path(), &label) {
            *rules.entry(line.rule).or_insert(0) += 1;
            if line.service == "ANB-KPLEJE" {
                let (_, month, _) = line.days.from.ymd();
                *placement.entry((month, line.rule.code())).or_insert(0) += line.ore.0;
            }
        }
    }
    // 850 kr. a day from February on, paid for February and March.
    let expected = [
        ((2, "egen-periode"), 28 * 85_000),
        ((3, "egen-periode"), 31 * 85_000),
        ((4, "estimeret"), 30 * 85_000),
        ((5, "estimeret"), 31 * 85_000),
        ((6, "estimeret"), 30 * 85_000),
    ];
    assert_eq!(placement, BTreeMap::from(expected));
    let met: BTreeSet<Rule> = rules.into_keys().collect();
    let absent = [Rule::OldestGrants, Rule::BeyondGrants, Rule::UnpairedReversal];
    assert_eq!(met, Rule::ALL.into_iter().filter(|rule| !absent.contains(rule)).collect());
}

/// Rows are told apart by their references, pieces of one row are not, and nothing but key and exports leads to a row:
/// the same rows have other references under another key.
#[test]
fn references_are_of_rows_and_of_the_key() {
    let references = |example: &Example| {
        let run = Run::of(example);
        let table = run.table("ydelser");
        let of = |row: &Vec<Cell>| {
            let reference = whole(&table, row, "raekke");
            (reference, (text(&table, row, "person"), text(&table, row, "ydelse"), text(&table, row, "kilde")))
        };
        table.rows.iter().map(of).collect::<Vec<_>>()
    };
    let project = references(&Example::shipped());
    let mut by_reference: BTreeMap<i64, BTreeSet<_>> = BTreeMap::new();
    for (reference, row) in &project {
        by_reference.entry(*reference).or_default().insert(row.clone());
    }
    assert!(by_reference.values().all(|rows| rows.len() == 1), "a reference is of one row");
    // Pieces of one row share its reference; in the example only one grant and one price are cut by payments.
    let pieces = project.len() - by_reference.len();
    assert!(by_reference.len() > 40 && pieces < 10, "{} rows, {pieces} further pieces", by_reference.len());
    let of_run = references(&Example::shipped().with_plan("etiketter = \"projekt\"", "etiketter = \"koersel\""));
    assert!(of_run.iter().all(|(reference, _)| !by_reference.contains_key(reference)), "another key, other references");
}

#[test]
fn service_and_month_pick_lines_and_keep_the_sum() {
    let run = Run::of(&Example::shipped());
    let path = run.path();
    let (label, ..) = run.units().into_iter().max_by_key(|unit| unit.2).expect("families");
    let whole = jobs::trace(&path, &label, &TraceFilter::default()).expect("a trace");
    let services: BTreeSet<&str> = whole.lines.iter().map(|line| line.service.as_str()).collect();
    let march = Period::new(day("2015-03-01"), day("2015-03-31"));
    let mut by_service = Vec::new();
    for service in services {
        let filter = TraceFilter { service: Some(service.to_lowercase()), month: None };
        let some = jobs::trace(&path, &label, &filter).expect("a trace");
        assert_eq!(some.ore, whole.ore);
        by_service.extend(some.lines);
        let filter = TraceFilter { month: march, ..filter };
        let some = jobs::trace(&path, &label, &filter).expect("a trace");
        assert!(some.lines.iter().all(|line| line.service == service && line.days.from.ymd().1 == 3));
    }
    by_service.sort_by_key(|line| (line.person, line.service.clone(), line.days.from, line.days.to, line.row));
    assert_eq!(by_service, whole.lines);
    let months = (1..=6).map(|month| Date::from_ymd(2015, month, 1).expect("a day").month());
    let by_month: i64 = months
        .map(|month| {
            jobs::trace(&path, &label, &TraceFilter { service: None, month: Some(month) }).expect("a trace").shown.0
        })
        .sum();
    assert_eq!(by_month, whole.ore.0);
    let unknown = TraceFilter { service: Some("YD-KHT".to_owned()), month: None };
    let error = jobs::trace(&path, &label, &unknown).expect_err("the family has none");
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(!error.to_string().contains("YD-KHT") && error.hints().iter().any(|hint| hint.starts_with("Familiens")));
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

/// The spells of ydelser.parquet, to be written again, and what they point to.
struct Written {
    spells: Vec<Spell>,
    persons: Vec<Pseudonym>,
    services: Vec<String>,
    sources: Vec<String>,
}

impl Written {
    fn of(table: &Table) -> Self {
        fn place<T: PartialEq>(known: &mut Vec<T>, value: T) -> usize {
            known.iter().position(|one| *one == value).unwrap_or_else(|| {
                known.push(value);
                known.len() - 1
            })
        }
        let mut written = Self { spells: Vec::new(), persons: Vec::new(), services: Vec::new(), sources: Vec::new() };
        for row in &table.rows {
            let of = |name: &str| row[column(table, name)].clone();
            let days = |cell| match cell {
                Cell::Day(day) => day,
                other => panic!("{other:?}"),
            };
            let hex = text(table, row, "person");
            let byte = |place: usize| u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).expect("hexadecimal");
            let rule = text(table, row, "regel");
            let claim = text(table, row, "rolle");
            let end = text(table, row, "lukning");
            let ends = [Closing::Ended, Closing::Died, Closing::DataEnd, Closing::Open];
            let person = place(&mut written.persons, Pseudonym(std::array::from_fn(byte)));
            let service = place(&mut written.services, text(table, row, "ydelse"));
            let source = place(&mut written.sources, text(table, row, "kilde"));
            written.spells.push(Spell {
                person: PersonId(u32::try_from(person).expect("few")),
                service: ServiceId(u16::try_from(service).expect("few")),
                role: Role::ALL.into_iter().find(|known| known.code() == claim).expect("a role"),
                from: days(of("fra")),
                to: days(of("til")),
                ore: Ore(whole(table, row, "oere")),
                source: SourceId(u16::try_from(source).expect("few")),
                open: of("aaben") == Cell::Truth(true),
                closing: ends.into_iter().find(|known| known.code() == end).expect("a closing"),
                rule: Rule::of_code(rule.strip_suffix(tables::NOT_RANKED).unwrap_or(&rule)).expect("a rule"),
                amount_type: AmountType::of_code(&text(table, row, "fordeling")).expect("a spread"),
                row: RowMark::default(),
            });
        }
        written
    }

    fn without(&self, lost: usize) -> Vec<u8> {
        let words = |code| ServiceWords { code, department: DepartmentId(0), counts: true, for_children: false };
        let table = ServiceTable {
            spells: &[&self.spells[..lost], &self.spells[lost + 1..]].concat(),
            services: &self.services.iter().map(|code| words(code)).collect::<Vec<_>>(),
            departments: &["afdeling"],
            sources: &self.sources.iter().map(String::as_str).collect::<Vec<_>>(),
            manual: false,
        };
        let receiver = |person: PersonId| Receiver { id: self.persons[person.index()], label: None, grown: false };
        let references = |rows: &[((), u32)]| rows.iter().map(|((), mark)| RowReference((*mark).into())).collect();
        let (pool, mut bytes) = (Pool::new(1).expect("a thread"), Vec::new());
        table.write(receiver, |_, _: &str, _: &str| (), references, &pool, &mut bytes).expect("written");
        bytes
    }
}

/// Any one spell with kroner is taken out: the families that it belongs to are refused, the others are not.
#[test]
fn a_lost_spell_is_noticed() {
    let run = Run::of(&Example::shipped());
    let path = run.path();
    let file = path.join("arbejde/tabeller/ydelser.parquet");
    let table = run.table("ydelser");
    let members = run.table("familieled");
    let written = Written::of(&table);
    let units = run.units();
    let mut checked = 0;
    let sums = |spell: &Spell| spell.ore != Ore::ZERO && spell.role != Role::Manual;
    for lost in (0..table.rows.len()).filter(|lost| sums(&written.spells[*lost])).step_by(7) {
        let person = text(&table, &table.rows[lost], "person");
        let of_person = |row: &&Vec<Cell>| text(&members, row, "person") == person;
        let concerned: BTreeSet<String> =
            members.rows.iter().filter(of_person).map(|row| text(&members, row, "etiket")).collect();
        fs::write(&file, written.without(lost)).expect("written");
        for (label, ..) in &units {
            let trace = jobs::trace(&path, label, &TraceFilter::default());
            assert_eq!(trace.is_err(), concerned.contains(label), "{label} without row {lost}");
            if let Err(error) = trace {
                assert_eq!(error.kind(), ErrorKind::Input);
                assert!(error.to_string().starts_with("Sporet giver"), "{error}");
                checked += 1;
            }
        }
    }
    assert!(checked > 15, "{checked} families missed a spell");
}

#[test]
fn the_command_answers_in_text_and_json_and_names_nobody() {
    let run = Run::of(&Example::shipped());
    let (label, _, ore) = run.units().into_iter().filter(|unit| unit.1 == "S").max_by_key(|unit| unit.2).expect("one");
    let told = run.samkor(&[&label.to_lowercase().replace('-', "")]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    let first = format!("S {label} · {} kr. i kørslen\n", Ore(ore));
    assert!(told.stdout.starts_with(&first), "{}", told.stdout);
    assert!(told.stdout.ends_with(&format!("\nVist {} kr.\n", Ore(ore))), "{}", told.stdout);
    let json = run.samkor(&["--json", &label]);
    let answer: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let lines = answer["linjer"].as_array().expect("lines");
    let sum: i64 = lines.iter().map(|line| line["oere"].as_i64().expect("øre")).sum();
    assert_eq!((sum, answer["oere"].as_i64()), (ore, Some(ore)));
    assert_eq!(answer["etiket"], label.as_str());
    for line in lines {
        let reference = line["raekke"].as_str().expect("a reference");
        assert!(reference.len() == 16 && reference.bytes().all(|digit| digit.is_ascii_hexdigit()), "{reference}");
        assert_eq!(line["fra"].as_str().map(|day| &day[..7]), line["maaned"].as_str());
    }
    for number in crate::facit::persons() {
        assert!(!told.stdout.contains(&number) && !json.stdout.contains(&number));
    }
    let march = run.samkor(&["--month", "2015-03", &label]);
    assert!(march.code == Some(0) && march.stdout.contains(&format!(" af {} kr.", Ore(ore))), "{}", march.stdout);
}

#[test]
fn what_cannot_be_traced_is_told_with_its_exit_code() {
    let run = Run::of(&Example::shipped());
    let (label, ..) = run.units().remove(0);
    let wrong = format!("{}X", &label[..label.len() - 1]);
    let cases: [(&[&str], i32, &str); 5] = [
        (&[&wrong], 5, "fejl: Kørslen har ingen familie med etiketten"),
        (&["--service", "FINDES-IKKE", &label], 5, "fejl: Familien har intet af den ydelse"),
        (&["--month", "2015-13", &label], 2, "fejl: Værdien af --month <MAANED> kan ikke bruges\n"),
        (&["--month", "0101010000", &label], 2, "fejl: Værdien af --month <MAANED> kan ikke bruges\n"),
        (&[], 2, "fejl: Der mangler <ETIKET>\n"),
    ];
    for (arguments, code, start) in cases {
        let ran = run.samkor(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{arguments:?}");
        assert!(ran.stderr.starts_with(start), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("0101010000"), "{}", ran.stderr);
    }
    let nowhere = samkor(["trace", "findes-ikke", label.as_str()]);
    assert_eq!(nowhere.code, Some(5), "{}", nowhere.stderr);
}
