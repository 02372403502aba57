//! The direction of the house (docs/architecture.md): a room uses rooms that stand lower only, and some crates and one
//! type stay behind their fences. Rust permits cycles between modules of one crate, so this reads the source.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms from the lowest to the highest; rooms on one line do not see each other. The one place that says so.
const ROOMS: &[&[&str]] = &[
    &["domain"],
    &["base"],
    &["catalogue", "layout", "matching", "evidence"],
    &["plan", "rundir"],
    &["ingest"],
    &["register"],
    &["linkage", "pseudonym"],
    &["ledger", "synth"],
    &["family"],
    &["tables"],
    &["analysis"],
    &["disclosure"],
    &["report"],
    &["custody"],
    &["jobs"],
    &["cli"],
];

/// The room that only the binary has.
const BINARY: &str = "cli";

/// Crates that some rooms only may name.
const FENCES: &[(&[&str], &[&str])] = &[
    (&["polars", "polars_arrow", "polars_core", "polars_io", "polars_parquet"], &["tables", "analysis"]),
    (&["clap", "clap_complete", "clap_mangen", "indicatif", "anyhow"], &[BINARY]),
    (&["rayon", "rayon_core"], &["base"]),
    // `family` has a module `age` of its own.
    (&["age", "age_core"], &["custody", "family"]),
];

/// The rooms before the wall and the wall itself: they alone may name [`WALLED`].
const BEFORE_THE_WALL: &[&str] = &["domain", "layout", "ingest", "register", "linkage", "pseudonym", "synth"];

/// Files outside those rooms that hand numbers on without looking at them.
const DOORS: &[&str] = &[
    "src/jobs/intake.rs",
    "src/jobs/linked_rows.rs",
    "src/jobs/linking.rs",
    "src/jobs/money.rs",
    "src/jobs/review/mod.rs",
    "src/jobs/review/queue.rs",
];

/// The types that stay behind the wall: numbers, what rows tell of their citizens, names of the register.
const WALLED: &[&str] = &["Cpr", "Clues", "PersonNames"];

#[test]
fn rooms_use_lower_rooms_only() {
    let files = sources();
    assert!(files.len() > 20, "the source was not found");
    let faults: Vec<String> = files.iter().flat_map(|(file, text)| faults_of(file, text)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_directory_is_a_room_and_lib_lists_them_in_order() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let tokens = tokens(&lib);
    let mut listed = Vec::new();
    for pair in tokens.windows(2).filter(|pair| pair[0].text == "mod") {
        listed.push(pair[1].text);
    }
    let code = ["use", "fn", "struct", "enum", "impl", "const", "static", "macro_rules"];
    assert!(!tokens.iter().any(|token| code.contains(&token.text)), "src/lib.rs is a map and holds no code");
    let order: Vec<usize> =
        listed.iter().map(|room| level(room).expect("lib.rs names rooms of the house only")).collect();
    assert!(order.is_sorted(), "src/lib.rs lists the rooms in the order of the house, lowest first: {listed:?}");

    let mut standing: Vec<String> = fs::read_dir(root().join("src"))
        .expect("src")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("mod.rs").is_file())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .filter(|name| name != BINARY)
        .collect();
    standing.sort();
    listed.sort_unstable();
    assert_eq!(standing, listed, "directories in src and rooms in src/lib.rs");
}

/// The checker must see what it is there for.
#[test]
fn planted_faults_are_found() {
    let planted = [
        ("src/base/pool.rs", "use crate::family::Unit;", "family"),
        ("src/base/pool.rs", "use crate::{\n    domain::Ore,\n    base::{Error},\n    jobs::{self, run},\n};", "jobs"),
        ("src/ledger/mod.rs", "fn f() { let _ = super::report::html(); }", "report"),
        ("src/ledger/settle.rs", "use super::super::analysis;", "analysis"),
        ("src/ledger/settle.rs", "mod tests { use super::super::super::tables::Row; }", "tables"),
        ("src/ledger/settle.rs", "macro_rules! m { () => { $crate::jobs::run() } }", "jobs"),
        ("src/plan/mod.rs", "use crate::rundir::Output;", "sideways"),
        ("src/plan/mod.rs", "use crate::*;", "crate root"),
        ("src/plan/mod.rs", "use crate::cli::Exit;", "cli"),
        ("src/ledger/mod.rs", "use polars::prelude::*;", "polars"),
        ("src/report/mod.rs", "use {polars_io::X, std::fmt};", "polars"),
        ("src/jobs/mod.rs", "fn f() -> anyhow::Result<()> { Ok(()) }", "anyhow"),
        ("src/ingest/read.rs", "use rayon::prelude::*;", "rayon"),
        ("src/jobs/review/mod.rs", "fn f(sealed: &age::Decryptor<&[u8]>) {}", "age"),
        ("src/family/mod.rs", "use crate::domain::{Date, Cpr};", "Cpr"),
        ("src/family/mod.rs", "fn f(cpr: crate::domain::cpr::Cpr) {}", "Cpr"),
        ("src/family/mod.rs", "use crate::register::Cpr as Number;", "Cpr"),
        ("src/family/mod.rs", "use crate::domain::*;", "Cpr"),
        ("src/cli/render.rs", "use samkor::domain::Cpr;", "Cpr"),
        ("src/cli/render.rs", "use samkor::cellar::Wine;", "no room"),
        ("src/jobs/delivery.rs", "use crate::ingest::{Clues, Tally};", "Clues"),
        ("src/report/mod.rs", "fn f(names: &crate::register::PersonNames) {}", "PersonNames"),
        ("src/cellar/mod.rs", "", "no room"),
    ];
    for (file, text, word) in planted {
        let faults = faults_of(file, text);
        assert!(faults.len() == 1 && faults[0].contains(word), "{file}: {text}: {faults:?}");
    }
}

/// And must not cry wolf.
#[test]
fn what_is_allowed_is_no_fault() {
    let allowed = [
        ("src/ledger/settle.rs", "use crate::{base::Result, domain::{Date, Ore}, ledger::twin};"),
        ("src/ledger/settle.rs", "mod tests { use super::*; use super::super::Entry; }"),
        ("src/report/mod.rs", "use self::family::page; mod family; use super::domain::Ore;"),
        (
            "src/report/mod.rs",
            "// use crate::jobs::run;\n/* crate::jobs /* nested */ crate::jobs */ const A: &str = \"crate::jobs\";",
        ),
        (
            "src/report/mod.rs",
            "const A: &[u8] = br#\"\"crate::jobs::x\"\"#; const B: [char; 2] = ['\"', '\\'']; fn f<'a>(a: &'a str) {}",
        ),
        ("src/plan/mod.rs", "fn f() { let _ = (crate::base::FaultCode::Cpr, crate::domain::System::Cpr); }"),
        ("src/tables/mod.rs", "use polars::prelude::*;"),
        ("src/linkage/mod.rs", "use crate::domain::Cpr;"),
        ("src/cli/render.rs", "use samkor::{base::Result, jobs::run}; use crate::cli::Style; use clap::Parser;"),
        ("src/main.rs", "mod cli; fn main() { cli::main() }"),
    ];
    for (file, text) in allowed {
        assert_eq!(faults_of(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|line| line.contains(&room))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file: its path from the root, with slashes, and its text.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = vec![root().join("src")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("a directory of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
                files.push((name, fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    files.sort();
    files
}

/// The modules a file stands in: `src/ledger/settle.rs` is `ledger`, `settle`.
fn module_of(file: &str) -> Vec<&str> {
    let path = file.strip_prefix("src/").and_then(|file| file.strip_suffix(".rs")).expect("a source file");
    let mut modules: Vec<&str> = path.split('/').collect();
    if matches!(modules.last(), Some(&("mod" | "lib" | "main"))) {
        modules.pop();
    }
    modules
}

/// What a file does that its room may not.
fn faults_of(file: &str, text: &str) -> Vec<String> {
    let module = module_of(file);
    let in_binary = file == "src/main.rs" || module.first() == Some(&BINARY);
    let Some(room) = module.first().copied().or(in_binary.then_some(BINARY)) else { return Vec::new() };
    let Some(own) = level(room) else { return vec![format!("{file}: `{room}` is no room of the house")] };
    let walled_off = !BEFORE_THE_WALL.contains(&room) && !DOORS.contains(&file);

    let mut faults = Vec::new();
    let mut fault = |line: usize, text: String| faults.push(format!("{file}:{line}: {text}"));
    let tokens = tokens(text);
    for (path, line) in absolute_paths(&tokens, &module, in_binary) {
        let Some(target) = path.first().copied() else { continue };
        if target == "*" || target == "self" {
            fault(line, "takes in the crate root; name the room".to_owned());
            continue;
        }
        let Some(other) = level(target) else {
            fault(line, format!("`{target}` is no room of the house"));
            continue;
        };
        if target != room && other > own {
            fault(line, format!("`{room}` uses `{target}`, which stands higher"));
        } else if target != room && other == own {
            fault(line, format!("`{room}` uses `{target}` sideways: rooms on one line do not see each other"));
        } else if walled_off && names_walled(&path) {
            fault(line, format!("`{}` stays in {BEFORE_THE_WALL:?}", WALLED.join("`, `")));
        }
    }
    for (names, rooms) in FENCES.iter().filter(|(_, rooms)| !rooms.contains(&room)) {
        for at in (0..tokens.len()).filter(|at| names.contains(&tokens[*at].text) && starts_a_path(&tokens, *at)) {
            fault(tokens[at].line, format!("`{}` is for {rooms:?} only", tokens[at].text));
        }
    }
    faults.dedup();
    faults
}

/// Whether a path ends at a walled type, or takes in everything beside it. `FaultCode::Cpr` is a code, no number.
fn names_walled(path: &[&str]) -> bool {
    let modules = path.iter().take_while(|part| part.starts_with(char::is_lowercase)).count();
    path.get(modules).is_some_and(|name| WALLED.contains(name))
        || path == ["domain", "*"]
        || path == ["domain", "cpr", "*"]
}

fn starts_a_path(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| tokens[before].text);
    let after = tokens.get(at + 1).map(|token| token.text);
    before != Some("::") && before != Some(".") && (after == Some("::") || before == Some("use"))
}

/// Every path that begins with `crate`, `self`, `super` (or, in the binary, `samkor`), from the library's root, with the
/// line it stands on. Paths inside the binary itself are left out.
fn absolute_paths<'a>(tokens: &[Token<'a>], module: &[&'a str], in_binary: bool) -> Vec<(Vec<&'a str>, usize)> {
    let mut found = Vec::new();
    // For each open brace whether it belongs to an inline module.
    let mut braces = Vec::new();
    let mut inline: Vec<&str> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => {
                let named = at >= 2 && tokens[at - 2].text == "mod";
                braces.push(named);
                if named {
                    inline.push(tokens[at - 1].text);
                }
            }
            "}" if braces.pop() == Some(true) => {
                inline.pop();
            }
            "crate" | "self" | "super" | "samkor"
                if tokens.get(at + 1).is_some_and(|next| next.text == "::") && !is_continued(tokens, at) =>
            {
                let mut paths = Vec::new();
                expand(tokens, at, &[], &mut paths);
                let here: Vec<&str> = module.iter().chain(&inline).copied().collect();
                let absolute = paths.into_iter().filter_map(|path| resolve(&path, &here, in_binary));
                found.extend(absolute.map(|path| (path, token.line)));
            }
            _ => {}
        }
    }
    found
}

/// Whether a token is the later part of a path: `super` in `super::super`.
fn is_continued(tokens: &[Token<'_>], at: usize) -> bool {
    at >= 2 && tokens[at - 1].text == "::" && tokens[at - 2].text.starts_with(|first: char| first.is_alphabetic())
}

/// Writes out the tree `a::{b, c::d}` as `a::b` and `a::c::d`; returns the place behind it.
fn expand<'a>(tokens: &[Token<'a>], at: usize, prefix: &[&'a str], paths: &mut Vec<Vec<&'a str>>) -> usize {
    let Some(token) = tokens.get(at) else { return at };
    if token.text == "{" {
        let mut next = at + 1;
        while tokens.get(next).is_some_and(|token| token.text != "}") {
            next = if tokens[next].text == "," { next + 1 } else { expand(tokens, next, prefix, paths).max(next + 1) };
        }
        return next + 1;
    }
    let path: Vec<&str> = prefix.iter().copied().chain([token.text]).collect();
    let continues = tokens.get(at + 1).is_some_and(|token| token.text == "::");
    let goes_on = |token: &Token<'_>| {
        matches!(token.text, "{" | "*") || token.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    };
    if continues && tokens.get(at + 2).is_some_and(goes_on) {
        return expand(tokens, at + 2, &path, paths);
    }
    paths.push(path);
    at + 1
}

/// The path from the library's root; `None` when it stays in the binary or names nothing.
fn resolve<'a>(path: &[&'a str], here: &[&'a str], in_binary: bool) -> Option<Vec<&'a str>> {
    let (first, rest) = path.split_first()?;
    if in_binary {
        return (*first == "samkor").then(|| rest.to_vec());
    }
    let mut absolute: Vec<&str> = match *first {
        "crate" => Vec::new(),
        "self" => here.to_vec(),
        "super" => here[..here.len().saturating_sub(1)].to_vec(),
        _ => return None,
    };
    for part in rest {
        if *part == "super" {
            absolute.pop();
        } else if *part != "self" || absolute.is_empty() {
            absolute.push(part);
        }
    }
    Some(absolute)
}

/// A word or sign of the source.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// The source without comments, texts and characters; `::` is one token, other signs one each.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let is_word = |symbol: char| symbol.is_alphanumeric() || symbol == '_';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = string(rest) {
            length
        } else if first == '\'' {
            character(rest)
        } else if is_word(first) {
            let length = rest.find(|symbol| !is_word(symbol)).unwrap_or(rest.len());
            tokens.push(Token { text: &rest[..length], line });
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                tokens.push(Token { text: &rest[..length], line });
            }
            length
        };
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string that begins here, if one does: `"`, `b"`, `c"`, `r#"` and their kin.
fn string(text: &str) -> Option<usize> {
    let prefix = text.find(|symbol| !matches!(symbol, 'b' | 'c' | 'r')).filter(|length| *length <= 2)?;
    let raw = text[..prefix].ends_with('r');
    let hashes = if raw { text[prefix..].len() - text[prefix..].trim_start_matches('#').len() } else { 0 };
    let body = prefix + hashes + 1;
    if text.as_bytes().get(body - 1) != Some(&b'"') {
        return None;
    }
    if raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(text[body..].find(&end).map_or(text.len(), |found| body + found + end.len()));
    }
    let mut escaped = false;
    let end = text.as_bytes()[body..].iter().position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    Some(end.map_or(text.len(), |end| body + end + 1))
}

/// The length of the character or lifetime that begins here.
fn character(text: &str) -> usize {
    let mut symbols = text.char_indices().skip(1);
    match (symbols.next(), symbols.next()) {
        (Some((_, '\\')), Some((at, symbol))) => {
            let from = at + symbol.len_utf8();
            text[from..].find('\'').map_or(text.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}
