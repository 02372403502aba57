//! docs/cli.md is what the commands say of themselves. `SNAPSHOTS=overwrite` writes it anew.

use std::fs;

use crate::cli::samkor;

#[test]
fn the_reference_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md");
    let ran = samkor(["reference"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    if std::env::var_os("SNAPSHOTS").is_some_and(|wish| wish == "overwrite") {
        fs::write(path, &ran.stdout).expect("the reference is written");
    }
    let written = fs::read_to_string(path).expect("docs/cli.md");
    assert!(written == ran.stdout, "docs/cli.md lags behind: run the test with SNAPSHOTS=overwrite\n{}", ran.stdout);
}

#[test]
fn every_exit_code_and_command_is_in_the_reference() {
    let text = samkor(["reference"]).stdout;
    for code in 0..=7 {
        assert!(text.contains(&format!("\n| {code} | ")), "{code}");
    }
    let commands = [
        "run",
        "link",
        "evaluate",
        "demo",
        "synth",
        "check",
        "family",
        "lineage",
        "init",
        "key new",
        "layouts show",
        "layouts infer",
        "completions",
        "man",
    ];
    for command in commands {
        assert!(text.contains(&format!("\n## samkor {command}\n")), "{command}");
    }
    assert!(!text.contains("chunk-bytes") && !text.contains("samkor panic"), "hidden things stay hidden");
}
