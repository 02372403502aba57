//! What docs/ and README.md say about codes and commands is what the program does.

use std::{fs, path::Path, process::Command};

use samkor::{
    analysis::Destination,
    base::FaultCode,
    catalogue::CatalogueTable,
    family::AgeBand,
    layout::{Field, FieldKind, Kind},
    ledger::Rule,
};

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file of the project")
}

/// The cells of every table row between a heading and the next one.
fn rows<'a>(text: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let mut lines = text.lines().skip_while(|line| *line != heading).skip(1);
    let section = lines.by_ref().take_while(|line| !line.starts_with('#'));
    section
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").map(|cell| cell.trim_matches('`')).collect())
        .collect()
}

#[test]
fn format_lists_every_field_kind_and_fault_code() {
    let format = text("docs/format.md");
    let listed = rows(&format, "### Felter");
    let fields: Vec<_> = listed.iter().skip(1).map(|row| (row[0], row[1])).collect();
    let read_as = |kind| match kind {
        FieldKind::Text => "tekst",
        FieldKind::Person => "CPR-nummer",
        FieldKind::Date => "dato",
        FieldKind::Amount => "beløb",
        FieldKind::Quantity => "antal",
    };
    let expected: Vec<_> = Field::ALL.iter().map(|field| (field.code(), read_as(field.kind()))).collect();
    assert_eq!(fields, expected);

    let kinds: Vec<_> = rows(&format, "### Arter").iter().skip(1).map(|row| row[0]).collect();
    assert_eq!(kinds, Kind::ALL.iter().map(|kind| kind.code()).collect::<Vec<_>>());

    let codes: Vec<_> = rows(&format, "## Fejlkoder").iter().skip(1).map(|row| (row[0], row[1])).collect();
    assert_eq!(codes, FaultCode::ALL.iter().map(|code| (code.code(), code.danish())).collect::<Vec<_>>());
}

#[test]
fn format_lists_where_kroner_end_and_the_age_bands() {
    let format = text("docs/format.md");
    let posts: Vec<_> = rows(&format, "### arbejde/afstemning.csv").iter().skip(1).map(|row| row[0]).collect();
    assert_eq!(posts, Destination::ALL.map(Destination::danish));
    let bands: Vec<_> = AgeBand::ALL.iter().map(|band| format!("`{}`", band.code())).collect();
    assert!(format.contains(&bands.join(" ")), "the age bands in docs/format.md");
}

#[test]
fn format_lists_every_rule_and_every_table_of_the_catalogue() {
    let format = text("docs/format.md");
    let rules: Vec<_> = Rule::ALL.iter().map(|rule| format!("| `{}` | {} |", rule.code(), rule.danish())).collect();
    assert!(format.contains(&rules.join("\n")), "the rules in docs/format.md");
    let tables = rows(&format, "## Kataloget");
    assert_eq!(tables.len(), CatalogueTable::ALL.len() + 1);
    for (table, row) in CatalogueTable::ALL.iter().zip(&tables[1..]) {
        let header = table.text().lines().next().expect("a header");
        assert!(row[0] == table.key() && row[2].starts_with(header), "{row:?}");
    }
}

/// The generated reference is compared with the program elsewhere; the others must say the same.
#[test]
fn exit_codes_are_the_same_everywhere() {
    let reference = text("docs/cli.md");
    let codes = rows(&reference, "## Slutkoder");
    assert!(codes.len() > 2, "the reference lists the exit codes");
    assert_eq!(rows(&text("docs/format.md"), "## Slutkoder"), codes);
    assert_eq!(rows(&text("README.md"), "## Slutkoder"), codes);
}

/// The two commands of the README are the ones that `.ci/run` proves.
#[test]
fn readme_promises_what_ci_runs() {
    let (readme, ci) = (text("README.md"), text(".ci/run"));
    for command in ["cargo run --release -- demo", "cargo test --release"] {
        assert!(readme.lines().any(|line| line.trim_end() == command), "README.md: {command}");
    }
    assert!(ci.contains("cargo test --release --locked"), ".ci/run runs the test command");
}

/// Links between the documents lead somewhere.
#[test]
fn links_to_files_hold() {
    for file in ["README.md", "docs/architecture.md", "docs/format.md", "docs/ordliste.md"] {
        let directory = Path::new(file).parent().expect("a file has a directory");
        let content = text(file);
        let targets = content.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with('#') && !target.contains("://")) {
            let path = target.split('#').next().unwrap_or(target);
            let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory).join(path).exists();
            assert!(found, "{file} links to {target}");
        }
    }
}

/// The calculation of pseudonyms and labels in docs/format.md gives what it says it gives.
#[test]
fn the_calculation_with_b3sum_gives_the_vectors() {
    for (program, version) in [("b3sum", "--version"), ("openssl", "version")] {
        if Command::new(program).arg(version).output().is_err() {
            println!("skipped: {program}");
            return;
        }
    }
    let format = text("docs/format.md");
    let section = format.split("### Regn efter med b3sum").nth(1).expect("the section");
    let block = |start: &str| section.split(start).nth(1)?.split("```").next();
    let (script, expected) = (block("```sh\n").expect("the script"), block("```text\n").expect("its output"));
    let directory = tempfile::tempdir().expect("a directory");
    let run = Command::new("sh").args(["-euc", script]).current_dir(&directory).output().expect("sh runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(String::from_utf8_lossy(&run.stdout), expected);
}
