//! The command line itself: exit codes, help, usage errors, the commands that write text.

use std::{
    ffi::OsStr,
    process::{Command, Output, Stdio},
};

use snapbox::{assert_data_eq, str};

/// What a run of the program gave.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The program with arguments, away from the terminal and the environment's wishes.
pub fn program<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samkor"));
    command.args(arguments).env_remove("POLARS_MAX_THREADS").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

/// Runs the program.
pub fn samkor<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    ran(&program(arguments).output().expect("the program starts"))
}

fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8");
    Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

#[test]
fn no_arguments_show_the_help_as_an_error() {
    let ran = samkor([""; 0]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_data_eq!(
        ran.stderr,
        str![[r"
Samkører en kommunes udtræk: hvilke familier får mest hjælp, fra hvem, og hvad koster det

Brug: samkor [TILVALG] KOMMANDO

Kommandoer:
  run          Kør en plan: læs kilderne, dan familierne, skriv lister, rapport og bevis
  demo         Kør den indbyggede prøvekommune Eksempelkøbing
  synth        Lav en opdigtet kommune i kildernes egne formater, med facit ved siden af
  check        Kontrollér en plan: alt, hvad der kan kontrolleres før første række. Intet skrives
  family       Vis én familie fra en kørsel: medlemmer med rolle og aldersbånd, og hvorfor de hører
               sammen
  review       Rækker, som et menneske skal se på: skriv dem i en kø, og tag afgørelserne ind
  lineage      Vis, hvad der blev af familierne fra én kørsel til en anden: samme, ny etiket, delt,
               slået sammen, opløst eller ny
  trace        Følg hver krone for én familie: kilde, regel, måned, øre og en blindet henvisning til
               rækken
  init         Lav en mappe til et nyt projekt: en plan med forklaringer, noegle/ og ind/
  key          Projektets nøgle
  layouts      Layouts: hvad kolonnerne i en kildes filer betyder
  catalogue    Ydelseskataloget: ydelser, konti, paragraffer og navne, og hvad udtrækkene har, som
               det mangler
  link         Find samme person i to filer, eller dobbelte rækker i én, uden CPR-nummer
  evaluate     Mål par fra samkor link mod et facit: præcision, dækning og F1
  completions  Skriv fuldførelser til en skal: bash, elvish, fish, powershell eller zsh
  man          Skriv manualsiden, eller alle manualsider i en mappe

Tilvalg:
      --progress <HVORDAN>  Fremdrift på stderr: auto (streger i en terminal efter et halvt sekund),
                            always, never eller json (en linje JSON for hver hændelse)
      --json                Svar og fejl som JSON
  -h, --help                Vis denne hjælp (-h kort, --help lang)
  -V, --version             Vis versionen

Begynd med: samkor demo, eller samkor init MAPPE for en plan til egne udtræk.

"]]
    );
}

#[test]
fn help_is_no_error_and_danish_throughout() {
    let mut pages = vec![vec!["--help"], vec!["-h"]];
    let commands =
        ["run", "demo", "synth", "check", "init", "key", "key new", "layouts", "layouts list", "layouts show"];
    let further =
        ["layouts infer", "family", "trace", "catalogue", "catalogue show", "catalogue check", "completions", "man"];
    for command in commands.iter().chain(&further) {
        pages.push(command.split(' ').chain(["--help"]).collect());
    }
    for page in pages {
        let ran = samkor(&page);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{page:?}");
        assert!(ran.stdout.contains("\nBrug: samkor "), "{page:?}: {}", ran.stdout);
        for english in ["Usage", "Options", "Arguments", "Commands", "possible values", "default:", "Print"] {
            assert!(!ran.stdout.contains(english), "{page:?} says {english}: {}", ran.stdout);
        }
    }
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let ran = samkor(["rnu"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_data_eq!(
        ran.stderr,
        str![[r"
fejl: Ukendt kommando: rnu
råd: Mente du run?
råd: Se hjælpen med samkor --help.

"]]
    );
    assert!(samkor(["layouts", "shwo"]).stderr.contains("Mente du show?"));
}

#[test]
fn usage_errors_are_danish() {
    let cases: [(&[&str], &str); 8] = [
        (&["run"], "fejl: Der mangler <PLAN>\n"),
        (&["run", "--thread", "2", "x"], "fejl: Ukendt tilvalg: --thread\nråd: Mente du --threads?\n"),
        (&["run", "--threads", "0", "x"], "fejl: Værdien af --threads <ANTAL> kan ikke bruges\n"),
        (&["run", "x", "--threads"], "fejl: --threads <ANTAL> mangler sin værdi\n"),
        (&["run", "x", "0101010000"], "fejl: Der er et argument for meget\n"),
        (&["run", "x", "--out", "a", "--out", "b"], "fejl: --out <MAPPE> kan kun stå én gang"),
        (
            &["--progress", "0101010000", "man"],
            "fejl: Værdien af --progress <HVORDAN> kan ikke bruges\nråd: Vælg mellem",
        ),
        (&["completions", "tcsh"], "fejl: Værdien af <SKAL> kan ikke bruges\nråd:"),
    ];
    for (arguments, start) in cases {
        let ran = samkor(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.stderr.starts_with(start), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.ends_with("råd: Se hjælpen med samkor --help.\n"), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("0101010000"), "a value is repeated: {}", ran.stderr);
    }
}

#[test]
fn a_usage_error_is_json_when_asked() {
    for arguments in [&["--json", "rnu"][..], &["--progress", "json", "rnu"], &["--progress=json", "rnu"]] {
        let ran = samkor(arguments);
        assert_eq!(ran.code, Some(2));
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).expect("one line of JSON");
        assert_eq!((&error["kind"], &error["message"]), (&"usage".into(), &"Ukendt kommando: rnu".into()));
        assert_eq!((&error["hints"][0], &error["line"]), (&"Mente du run?".into(), &serde_json::Value::Null));
    }
    assert!(samkor(["--json"]).stderr.starts_with('{'));
}

#[test]
fn the_version_is_printed() {
    let ran = samkor(["--version"]);
    assert_eq!((ran.code, ran.stdout), (Some(0), format!("samkor {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = samkor(["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(ran.stdout.contains("layouts") && ran.stdout.contains("threads"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written() {
    let ran = samkor(["man"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains(".SH NAVN") && !ran.stdout.contains(".SH NAME"), "{}", ran.stdout);
    let directory = tempfile::tempdir().expect("a directory");
    let pages = directory.path().join("man1");
    assert_eq!(samkor([OsStr::new("man"), pages.as_os_str()]).code, Some(0));
    let mut names: Vec<String> = pages
        .read_dir()
        .expect("the pages")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 25, "{names:?}");
    assert!(names.iter().any(|name| name == "samkor-key-new.1") && !names.iter().any(|name| name.contains("panic")));
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let mut child =
        program(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a start");
    drop(child.stdout.take());
    let ran = ran(&child.wait_with_output().expect("an end"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_panic_prints_its_place_and_never_its_words() {
    for json in [false, true] {
        let ran = samkor(if json { &["panic", "--json"][..] } else { &["panic"] });
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
        assert!(ran.stderr.contains("src/cli/panics.rs:"), "{}", ran.stderr);
        assert_eq!(ran.stderr.starts_with('{'), json);
        for secret in ["0101010000", "Kanarie"] {
            assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
        }
    }
}

/// The plan is a pipe, so the program waits for it and its environment can be looked at: after the new start, before
/// any work.
#[test]
fn threads_are_fixed_by_one_new_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("samkor.toml");
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(rustix::fs::CWD, &plan, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
    let arguments = [OsStr::new("run"), OsStr::new("--threads"), OsStr::new("3"), plan.as_os_str()];
    let mut child = program(arguments).env("POLARS_MAX_THREADS", "2").spawn().expect("a start");
    let environment = format!("/proc/{}/environ", child.id());
    let has = |wanted: &str| {
        let variables = std::fs::read(&environment).unwrap_or_default();
        variables.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    let fixed = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        has("POLARS_MAX_THREADS=3")
    });
    let running = child.try_wait().expect("a state").is_none();
    child.kill().expect("an end");
    child.wait().expect("an end");
    assert!(fixed && running, "fixed: {fixed}, still the same process: {running}");
}
