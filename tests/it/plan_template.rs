//! `samkor init`: a directory with a plan that reads, and nothing of anybody's overwritten.

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt as _};

use samkor::plan::Plan;

use crate::cli::samkor;

#[test]
fn init_makes_a_directory_for_a_project() {
    let directory = tempfile::tempdir().expect("a directory");
    let town = directory.path().join("ny/by");
    let init = || samkor([OsStr::new("init"), town.as_os_str(), OsStr::new("--kommune"), OsStr::new("Køge Kommune")]);
    let ran = init();
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("samkor check") && ran.stdout.contains("key new"), "{}", ran.stdout);
    let plan = Plan::read(&town.join("samkor.toml")).expect("a plan");
    assert_eq!(plan.project.value.municipality(), "koege-kommune");
    for name in ["ind", "noegle"] {
        let mode = fs::metadata(town.join(name)).expect("a directory").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
    fs::write(town.join("samkor.toml"), "min egen").expect("a file");
    let again = init();
    assert_eq!((again.code, again.stdout.as_str()), (Some(7), ""));
    assert!(again.stderr.contains("findes allerede"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(town.join("samkor.toml")).expect("a file"), "min egen");
}

#[test]
fn a_fresh_plan_waits_for_its_legal_basis() {
    let directory = tempfile::tempdir().expect("a directory");
    let town = directory.path().join("by");
    assert_eq!(samkor([OsStr::new("--json"), OsStr::new("init"), town.as_os_str()]).code, Some(0));
    let ran = samkor([OsStr::new("check"), town.join("samkor.toml").as_os_str()]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("Retsgrundlaget er ikke udfyldt"), "{}", ran.stderr);
}
