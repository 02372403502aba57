//! Errors of a plan as they are shown, with their exit codes.

use std::{fs, path::Path};

use snapbox::{assert_data_eq, str};

use crate::cli::{Ran, program, samkor};

const PLAN: &str = r#"projekt = "demo|eksempelkoebing|familier"
formaal = "stotte"
retsgrundlag = "barnets lov § 19"
slettefrist = "2027-12-31"
noegle = "noegle/demo.key"
ud = "ud"

[periode]
fra = "2015-01-01"
til = "2015-06-30"

[[kilde]]
navn = "cpr"
system = "cpr"
layout = "cpr-p12170"
fil = "ind/cpr.txt"
"#;

/// Checks the plan with one text replaced, in its own directory, so that its name in messages is `samkor.toml`.
fn check(from: &str, to: &str, more: &[&str]) -> Ran {
    assert_eq!(PLAN.matches(from).count(), 1, "{from:?} stands once in the plan");
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("samkor.toml"), PLAN.replace(from, to)).expect("a plan");
    run_in(directory.path(), more)
}

fn run_in(directory: &Path, more: &[&str]) -> Ran {
    let output =
        program(["check", "samkor.toml"]).args(more).current_dir(directory).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_misspelt_key_is_shown_where_it_stands() {
    let ran = check("slettefrist", "sletefrist", &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""));
    assert_data_eq!(
        ran.stderr,
        str![[r#"
fejl: Ukendt nøgle øverst i planen
 --> samkor.toml:4:1
  |
4 | sletefrist = "2027-12-31"
  | ^^^^^^^^^^ mente du slettefrist?
råd: Nøglerne øverst i planen er projekt, formaal, retsgrundlag, slettefrist, kommune, noegle, etiketter, ud, fejlgraense, periode, rangliste, familier, opgoerelse, samkoering, prisniveau, maanedslukning, kilde, layouts, katalog, autoritativ.

"#]]
    );
}

#[test]
fn control_is_refused_with_the_reason() {
    let ran = check("stotte", "kontrol", &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""));
    assert_data_eq!(
        ran.stderr,
        str![[r#"
fejl: Formålet kontrol afvises
 --> samkor.toml:2:11
  |
2 | formaal = "kontrol"
  |           ^^^^^^^^^ er ikke et formål, som samkor arbejder for
råd: Samkøringen er til støtte for familier eller til bedre kvalitet, aldrig til kontrol af dem.
råd: Formålet er stotte, kvalitet eller statistik.

"#]]
    );
}

#[test]
fn an_error_in_the_toml_is_danish_too() {
    let ran = check("\"ud\"", "ud", &[]);
    assert_eq!(ran.code, Some(3));
    assert_data_eq!(
        ran.stderr,
        str![[r#"
fejl: Filen er ikke gyldig TOML
 --> samkor.toml:6:6
  |
6 | ud = ud
  |      ^^ tekst skal stå i anførselstegn
råd: En linje har formen nøgle = "tekst", nøgle = 100 eller nøgle = true.

"#]]
    );
}

#[test]
fn a_missing_input_has_the_code_of_inputs() {
    let ran = check("2027", "2028", &[]);
    assert_eq!(ran.code, Some(5));
    assert_data_eq!(
        ran.stderr,
        str![[r#"
fejl: ind/cpr.txt findes ikke
  --> samkor.toml:16:7
   |
16 | fil = "ind/cpr.txt"
   |       ^^^^^^^^^^^^^ passer ikke på nogen fil
råd: Mappen ind findes ikke.

"#]]
    );
}

#[test]
fn a_missing_plan_names_the_system_s_reason() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("samkor.tolm"), PLAN).expect("a plan");
    let ran = run_in(directory.path(), &[]);
    assert_eq!(ran.code, Some(3));
    assert_data_eq!(
        ran.stderr,
        str![[r"
fejl: Planen samkor.toml kan ikke læses
fordi: filen eller mappen findes ikke (systemfejl 2)
råd: Mente du samkor.tolm?

"]]
    );
}

#[test]
fn json_has_the_place() {
    for more in [&["--json"][..], &["--progress", "json"]] {
        let ran = check("slettefrist", "sletefrist", more);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""));
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).expect("one line of JSON");
        assert_eq!(error["kind"], "plan");
        assert_eq!(error["message"], "Ukendt nøgle øverst i planen");
        assert_eq!((&error["file"], &error["line"], &error["column"]), (&"samkor.toml".into(), &4.into(), &1.into()));
        assert_eq!(error["label"], "mente du slettefrist?");
        assert!(error["hints"].as_array().is_some_and(|hints| !hints.is_empty()));
    }
    // A column counts characters: § takes two bytes.
    let ran = check("§ 19\"", "§ 19\" x", &["--json"]);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).expect("one line of JSON");
    assert_eq!((&error["line"], &error["column"]), (&3.into(), &35.into()));
}

#[test]
fn no_colours_reach_a_pipe() {
    let ran = check("slettefrist", "sletefrist", &[]);
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
}

#[test]
fn progress_as_json_is_lines_of_json() {
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("samkor.toml");
    fs::write(&plan, PLAN).expect("a plan");
    let plan = plan.to_str().expect("UTF-8");
    let events = |show: &str| -> Vec<serde_json::Value> {
        let ran = samkor(["run", "--progress", show, plan]);
        assert_eq!(ran.code, Some(5));
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap_or(serde_json::Value::Null)).collect()
    };
    let lines = events("json");
    assert_eq!(lines[0]["event"], "stage");
    assert_eq!(lines[lines.len() - 1]["kind"], "input");
    assert!(events("never").iter().all(serde_json::Value::is_null));
    assert!(samkor(["run", "--progress", "always", plan]).stderr.starts_with("trin: "));
    assert!(samkor(["run", "--progress", "auto", plan]).stderr.starts_with("fejl: "));
}
