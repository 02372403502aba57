//! The digest files of a run, checked by the programs that people have, and by the test's own count.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::Path,
    process::{Command, Stdio},
};

use sha2::{Digest as _, Sha256};

use crate::{
    cli::samkor,
    example::{Ground, files_below},
};

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string grows");
        text
    })
}

type Digest = fn(&[u8]) -> String;

/// What the digest files say of files that lie there otherwise, and what they leave out but themselves.
fn broken(target: &Path) -> Vec<String> {
    let files = files_below(target);
    let sums = [
        ("bevis/SHA256SUMS", (|bytes| hexadecimal(&Sha256::digest(bytes))) as Digest),
        ("bevis/B3SUMS", |bytes| blake3::hash(bytes).to_hex().to_string()),
    ];
    let mut broken = Vec::new();
    for (name, digest) in sums {
        let text = std::str::from_utf8(&files[name]).expect("UTF-8");
        let line = |line: &str| line.split_once("  ").map(|(digest, file)| (file.to_owned(), digest.to_owned()));
        let listed: BTreeMap<String, String> = text.lines().map(|text| line(text).expect("two spaces")).collect();
        let is_wrong = |file: &&String| files.get(*file).is_none_or(|bytes| digest(bytes) != listed[*file]);
        broken.extend(listed.keys().filter(is_wrong).map(|file| format!("{name}: {file} is another")));
        let is_unlisted = |file: &&String| !file.ends_with("SUMS") && !listed.contains_key(*file);
        broken.extend(files.keys().filter(is_unlisted).map(|file| format!("{name}: {file} is left out")));
    }
    broken
}

/// Checks both digest files against the files that lie there.
pub fn assert_hold(target: &Path) {
    assert_eq!(broken(target), [""; 0]);
}

#[test]
fn the_usual_programs_confirm_every_output() {
    let ground = Ground::new();
    let demo = ground.path().join("demo");
    assert_eq!(samkor([std::ffi::OsStr::new("demo"), demo.as_os_str()]).code, Some(0));
    let target = demo.join("ud");
    assert_hold(&target);
    for (program, sums) in [("sha256sum", "bevis/SHA256SUMS"), ("b3sum", "bevis/B3SUMS")] {
        let mut command = Command::new(program);
        let command = command.args(["-c", sums]).current_dir(&target).stdin(Stdio::null());
        match command.output() {
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&output.stderr));
                assert!(said.lines().count() >= 8 && said.lines().all(|line| line.ends_with(": OK")), "{said}");
            }
            Err(error) if error.kind() == ErrorKind::NotFound => println!("skipped: {program} is not installed"),
            Err(error) => panic!("{program}: {error}"),
        }
    }
}

#[test]
fn changed_and_added_outputs_are_noticed() {
    let ground = Ground::new();
    let demo = ground.path().join("demo");
    assert_eq!(samkor([std::ffi::OsStr::new("demo"), demo.as_os_str()]).code, Some(0));
    let changed = demo.join("ud/liste/familier.csv");
    let mut bytes = std::fs::read(&changed).expect("a list");
    bytes.push(b' ');
    std::fs::write(&changed, bytes).expect("written");
    std::fs::write(demo.join("ud/rapport/ny.txt"), "").expect("written");
    let noticed = ["SHA256SUMS", "B3SUMS"].map(|sums| {
        [format!("bevis/{sums}: liste/familier.csv is another"), format!("bevis/{sums}: rapport/ny.txt is left out")]
    });
    assert_eq!(broken(&demo.join("ud")), noticed.concat());
}
