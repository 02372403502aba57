//! `samkor catalogue`, and files of one's own over the catalogue in whole runs.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use samkor::catalogue::CatalogueTable;

use crate::{
    cli::{Ran, samkor},
    example::{Example, Ground, files_below},
};

/// The example with a `[katalog]` and its files.
fn with_catalogue(ground: &Ground, files: &[(&str, &str)]) -> PathBuf {
    let named: Vec<String> = files.iter().map(|(key, _)| format!("{key} = \"katalog/{key}.csv\"\n")).collect();
    let named = named.concat();
    let plan = Example::shipped().with_plan("[opgoerelse]", &format!("[katalog]\n{named}\n[opgoerelse]"));
    let path = plan.write(ground.path());
    fs::create_dir_all(ground.path().join("katalog")).expect("a directory");
    for (key, rows) in files {
        let table = CatalogueTable::ALL.into_iter().find(|table| table.key() == *key).expect("a table");
        let header = table.text().lines().next().expect("a header");
        // As a spreadsheet saves it.
        let text = format!("\u{feff}{header}\r\n{}\r\n", rows.replace('\n', "\r\n"));
        fs::write(ground.path().join(format!("katalog/{key}.csv")), text).expect("a file");
    }
    path
}

fn command(words: &[&str], plan: &Path) -> Ran {
    samkor(words.iter().map(OsStr::new).chain([plan.as_os_str()]))
}

fn statement(ground: &Ground) -> serde_json::Value {
    serde_json::from_slice(&files_below(&ground.path().join("ud"))["bevis/koersel.json"]).expect("JSON")
}

/// A service of one's own for an account: its kroner stand under the new code, and the file is an input of the run.
#[test]
fn a_run_reads_the_catalogues_own_files() {
    let ground = Ground::new();
    let plan = Example::shipped().write(ground.path());
    assert_eq!(command(&["run", "--progress=never"], &plan).code, Some(0));
    let before = statement(&ground);
    let files = [
        (
            "ydelser",
            "EGEN-ALK;Kommunens alkoholtilbud;Own;sundhed;alkoholbehandling;serviceramme;ja;nej;C;sundhed;kommune",
        ),
        ("konti", "5.38.44;;;;EGEN-ALK;C;ja"),
    ];
    let plan = with_catalogue(&ground, &files);
    let ran = command(&["run", "--progress=never", "--replace"], &plan);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let after = statement(&ground);
    assert_ne!(before["plan_og_inddata_blake3"], after["plan_og_inddata_blake3"]);
    let inputs = after["inddata"].as_array().expect("inputs");
    for (key, _) in files {
        let name = format!("{key}.csv");
        let input = inputs.iter().find(|input| input["navn"] == name.as_str()).expect("the file is an input");
        let bytes = fs::read(ground.path().join("katalog").join(&name)).expect("the file");
        assert_eq!(input["blake3"], blake3::hash(&bytes).to_hex().as_str());
        assert!(input["kilde"].is_null() && input["bytes"] == bytes.len());
    }
    let table = &files_below(&ground.path().join("ud"))["arbejde/tabeller/ydelser.parquet"];
    let table = samkor::tables::read(table).expect("a table");
    let of = |name: &str| table.names.iter().position(|column| column == name).expect("a column");
    let codes: Vec<String> = table.rows.iter().map(|row| format!("{:?}", row[of("ydelse")])).collect();
    assert!(codes.iter().any(|code| code.contains("EGEN-ALK")) && !codes.iter().any(|code| code.contains("VOK-ALK")));
    // Another content of the file is another digest of the inputs.
    let changed = with_catalogue(&ground, &[files[0], ("konti", "5.38.44;;;;EGEN-ALK;B;ja")]);
    assert_eq!(command(&["run", "--progress=never", "--replace"], &changed).code, Some(0));
    assert_ne!(statement(&ground)["plan_og_inddata_blake3"], after["plan_og_inddata_blake3"]);
}

#[test]
fn a_fault_in_ones_own_file_is_shown_where_it_stands() {
    let ground = Ground::new();
    let plan = with_catalogue(&ground, &[("konti", "5.38.44;;;;VOK-ALK;C;ja\n5.38.45;;;;VOK-STOFF;C;ja")]);
    let ran = command(&["check"], &plan);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""));
    assert!(ran.stderr.contains("--> katalog/konti.csv:3:1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("»VOK-STOFF« findes ikke i services.csv"), "{}", ran.stderr);
    let missing = with_catalogue(&ground, &[("konti", "")]);
    fs::remove_file(ground.path().join("katalog/konti.csv")).expect("removed");
    let ran = command(&["check"], &missing);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("konti = \"katalog/konti.csv\""), "{}", ran.stderr);
}

/// Rows with things unknown, and with what must never be echoed, in every kind of source.
fn with_unknowns() -> Example {
    let mut example = Example::shipped();
    let mut put = |name: &str, from: &str, to: &str| {
        let bytes = &example.0[name];
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{from} is not in {name}"));
        let changed = [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat();
        example.0.insert(name.to_owned(), changed);
    };
    put("ind/dubu.csv", "SEL § 52, stk. 3, nr. 3;;Familiehuset", "SEL § 998 a;;Familiehuset");
    put("ind/kmd.csv", "YD-PTILL;Personlige till", "0101751234;Kanarie Kanariesen ");
    example
}

#[test]
fn the_check_lists_what_the_catalogue_lacks_and_echoes_nothing() {
    let ground = Ground::new();
    let plan = Example::shipped().write(ground.path());
    let clean = command(&["catalogue", "check"], &plan);
    assert_eq!((clean.code, clean.stderr.as_str()), (Some(0), ""), "{}", clean.stdout);
    let before: serde_json::Value =
        serde_json::from_str(&command(&["--json", "catalogue", "check"], &plan).stdout).expect("JSON");
    let example = with_unknowns();
    let plan = example.write(ground.path());
    // No key is needed, and no person is looked for.
    fs::remove_file(ground.path().join("noegle/demo.key")).expect("removed");
    let told = command(&["catalogue", "check"], &plan);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    assert!(told.stdout.starts_with("Kataloget mangler:\n"), "{}", told.stdout);
    let json = command(&["--json", "catalogue", "check"], &plan);
    let after: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let new: Vec<&serde_json::Value> = after["mangler"]
        .as_array()
        .expect("gaps")
        .iter()
        .filter(|gap| !before["mangler"].as_array().expect("gaps").contains(gap))
        .collect();
    let said: Vec<String> = new.iter().map(|gap| format!("{} {} {}", gap["kilde"], gap["art"], gap["hvad"])).collect();
    assert_eq!(said, ["\"dubu\" \"paragraf\" \"SEL § 998 a\"", "\"kmd\" \"ydelse\" null"]);
    assert!(new.iter().all(|gap| gap["raekker"] == 1), "{new:?}");
    assert_eq!(new[1]["steder"].to_string(), "[{\"fil\":\"ind/kmd.csv\",\"linje\":10}]");
    assert_eq!(new[1]["oere"], 500_000);
    for out in [&told.stdout, &json.stdout] {
        for secret in ["0101751234", "Kanarie", "010175"] {
            assert!(!out.contains(secret), "{out}");
        }
    }
    assert!(!ground.path().join("ud").exists(), "nothing is written");
}

#[test]
fn the_tables_are_shown() {
    let names = samkor(["catalogue", "show"]);
    assert_eq!(names.stdout, CatalogueTable::ALL.map(|table| format!("{}\n", table.key())).concat());
    for table in CatalogueTable::ALL {
        assert_eq!(samkor(["catalogue", "show", table.key()]).stdout, table.text());
    }
    let wrong = samkor(["catalogue", "show", "kontu"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(3), ""));
    assert!(wrong.stderr.contains("Mente du konti?"), "{}", wrong.stderr);
}

/// The run counts what the catalogue cannot place, by source, and takes it as a class of its own.
#[test]
fn a_run_counts_what_the_catalogue_does_not_know() {
    let ground = Ground::new();
    let rows = |example: &Example| {
        let delivered = ground.run(example).expect("a run");
        let text = String::from_utf8(delivered.files["arbejde/afstemning.csv"].clone()).expect("UTF-8");
        let unknown = text.lines().filter(|line| line.contains("heraf ukendt for kataloget"));
        unknown.map(str::to_owned).collect::<Vec<_>>()
    };
    let (before, after) = (rows(&Example::shipped()), rows(&with_unknowns()));
    let new: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert_eq!(
        new,
        [
            "dubu;bevilget;heraf ukendt for kataloget;1;rækker;420,00",
            "kmd;faktisk;heraf ukendt for kataloget;1;rækker;5000,00"
        ]
    );
}
