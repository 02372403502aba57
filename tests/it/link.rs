//! `samkor link` and `samkor evaluate`: the same bytes for any thread count and order of rows, no CPR number in any output,
//! and the bars on data from elsewhere.

use std::{fs, path::Path, process::Output};

use crate::cli::program;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/linkage");

const GIVEN: [&str; 24] = [
    "Anne", "Bo", "Carl", "Dorte", "Emil", "Freja", "Gustav", "Hanne", "Ida", "Jørgen", "Karen", "Lærke", "Mads",
    "Nanna", "Oskar", "Pernille", "Rasmus", "Søren", "Tove", "Ulla", "Viggo", "Åse", "Mikkel", "Kirstine",
];
const FAMILY: [&str; 20] = [
    "Holm",
    "Kjær",
    "Lund",
    "Møller",
    "Nørgaard",
    "Overgaard",
    "Poulsen",
    "Ravn",
    "Skov",
    "Thomsen",
    "Udsen",
    "Vestergård",
    "Winther",
    "Bæk",
    "Dahl",
    "Enevoldsen",
    "Friis",
    "Gade",
    "Hald",
    "Juhl",
];

/// Made-up persons: the right file spells some of them in another way.
fn files(directory: &Path, turn: usize) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut state = 7_u64;
    let mut next = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % limit).expect("small")
    };
    for person in 0..600 {
        let (given, family) = (GIVEN[next(24)], FAMILY[next(20)]);
        let date = format!("19{:02}-{:02}-{:02}", 30 + next(70), 1 + next(12), 1 + next(28));
        let road = format!("{}vej", FAMILY[next(20)]);
        let number = 1 + next(90);
        let cpr = format!("{}{}{}{:04}", &date[8..], &date[5..7], &date[2..4], 1000 + next(3000));
        left.push(format!("v{person};{given};{family};{date};{road};{number};{cpr}"));
        let given = if next(10) == 0 { given.replace('ø', "oe").to_uppercase() } else { given.to_owned() };
        let family = if next(10) == 0 { format!("{}x", &family[..family.len() - 1]) } else { family.to_owned() };
        let date = if next(15) == 0 { String::new() } else { date };
        right.push(format!("h{person};{given};{family};{date};{road};{number};{cpr}"));
    }
    let count = left.len();
    left.rotate_left(turn % count);
    right.rotate_left(turn * 31 % count);
    if turn > 0 {
        left.reverse();
    }
    let head = "id;fornavn;efternavn;fødselsdato;vejnavn;husnr;personnr";
    for (name, rows) in [("venstre.csv", left), ("hoejre.csv", right)] {
        fs::write(directory.join(name), format!("{head}\n{}\n", rows.join("\n"))).expect("a file");
    }
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    program(arguments).current_dir(directory).output().expect("the program starts")
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// The pairs without the row numbers.
fn without_rows(directory: &Path) -> Vec<String> {
    let text = fs::read_to_string(directory.join("ud/par.csv")).expect("pairs");
    text.lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(';').collect();
            [&fields[1..2], &fields[3..]].concat().join(";")
        })
        .collect()
}

#[test]
fn the_same_bytes_for_any_threads_and_order() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    let mut before: Option<Vec<Vec<u8>>> = None;
    for threads in ["1", "2", "7"] {
        done(&run(
            directory.path(),
            &["link", "venstre.csv", "hoejre.csv", "--out", "ud", "--replace", "--threads", threads],
        ));
        let bytes: Vec<Vec<u8>> = ["par.csv", "grupper.csv", "vaegte.csv"]
            .iter()
            .map(|name| fs::read(directory.path().join("ud").join(name)).expect("a result"))
            .collect();
        if let Some(before) = &before {
            assert!(*before == bytes, "{threads} threads");
        }
        before = Some(bytes);
    }
    let in_order = without_rows(directory.path());
    assert!(in_order.len() > 560, "{} pairs", in_order.len());
    for turn in [17, 300] {
        files(directory.path(), turn);
        done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--out", "ud", "--replace"]));
        assert!(in_order == without_rows(directory.path()), "rows turned by {turn}");
    }
}

#[test]
fn right_pairs_are_found_and_measured() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    let shown = done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--out", "ud"]));
    assert!(shown.contains("Samme adresse, andet fornavn"), "{shown}");
    let truth: Vec<String> = (0..600).map(|person| format!("v{person},h{person}\n")).collect();
    fs::write(directory.path().join("facit.csv"), format!("venstre_id,hoejre_id\n{}", truth.concat()))
        .expect("a truth");
    let answer = done(&run(directory.path(), &["evaluate", "ud/par.csv", "facit.csv", "--json"]));
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert!(answer["par"]["praecision"].as_f64() >= Some(0.998), "{answer}");
    assert!(answer["par"]["f1"].as_f64() >= Some(0.99), "{answer}");
}

#[test]
fn members_of_a_household_are_kept_apart() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    // One member stands in the left file only, the other in the right one only: all but given name and date agree.
    for (name, mark, given, year, day) in
        [("venstre.csv", 'a', "Anne", 1955, "04-0"), ("hoejre.csv", 'b', "Viggo", 1988, "11-2")]
    {
        let path = directory.path().join(name);
        let mut text = fs::read_to_string(&path).expect("a file");
        for home in 0..80 {
            let (family, road) = (FAMILY[home % 20], FAMILY[home * 7 % 20]);
            text += &format!(
                "{mark}{home};{given};{family};{}-{day}{};{road}gade;{};\n",
                year + home % 10,
                1 + home % 9,
                200 + home
            );
        }
        fs::write(&path, text).expect("a file");
    }
    done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--out", "ud"]));
    let pairs = without_rows(directory.path());
    assert!(pairs.len() > 560, "{} pairs", pairs.len());
    let trapped = pairs.iter().filter(|pair| pair.starts_with('a') || pair.contains(";b")).count();
    assert_eq!(trapped, 0);
}

#[test]
fn cpr_numbers_are_compared_and_never_written() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    let text = fs::read_to_string(directory.path().join("venstre.csv")).expect("a file");
    let numbers: Vec<String> =
        text.lines().skip(1).map(|line| line.rsplit(';').next().expect("a field").to_owned()).collect();
    fs::write(directory.path().join("spec.toml"), "id = \"personnr\"\n").expect("a spec");
    let refused = run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--spec", "spec.toml", "--out", "ud"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("ligner CPR-numre"));
    assert!(!directory.path().join("ud").exists());
    fs::write(directory.path().join("spec.toml"), "medtag = [\"personnr\"]\n").expect("a spec");
    assert_eq!(
        run(directory.path(), &["link", "venstre.csv", "--spec", "spec.toml", "--out", "ud"]).status.code(),
        Some(3)
    );
    let spec = "[[kolonne]]\nnavn = \"personnr\"\nart = \"id\"\n[[kolonne]]\nnavn = \"fornavn\"\n[[kolonne]]\nnavn = \"efternavn\"\n";
    fs::write(directory.path().join("spec.toml"), spec).expect("a spec");
    let shown =
        done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--spec", "spec.toml", "--out", "ud"]));
    assert!(shown.contains("personnr (id)"), "{shown}");
    for name in ["par.csv", "grupper.csv", "vaegte.csv"] {
        let written = fs::read_to_string(directory.path().join("ud").join(name)).expect("a result") + &shown;
        assert!(!numbers.iter().any(|number| written.contains(number)), "{name}");
    }
}

#[test]
fn rules_stand_beside_the_weight() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    let pairs = || without_rows(directory.path()).len() - 1;
    done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--out", "ud"]));
    let free = pairs();
    let spec = "[[regel]]\nnavn = \"dato skal kendes\"\nforbind = false\nnaar = { dato = [\"mangler\"] }\n";
    fs::write(directory.path().join("spec.toml"), spec).expect("a spec");
    done(&run(
        directory.path(),
        &["link", "venstre.csv", "hoejre.csv", "--spec", "spec.toml", "--out", "ud", "--replace"],
    ));
    assert!(pairs() + 20 < free, "{} of {free}", pairs());
    let spec = "[[regel]]\nnavn = \"x\"\nforbind = true\nnaar = { dato = [\"findes ikke\"] }\n";
    fs::write(directory.path().join("spec.toml"), spec).expect("a spec");
    let wrong = run(
        directory.path(),
        &["link", "venstre.csv", "hoejre.csv", "--spec", "spec.toml", "--out", "ud", "--replace"],
    );
    assert_eq!(wrong.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("Niveauerne for dato er"));
}

#[test]
fn a_taken_place_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    fs::create_dir(directory.path().join("ud")).expect("a directory");
    fs::write(directory.path().join("ud/mit.txt"), "mit").expect("a file");
    for more in [&[][..], &["--replace"]] {
        let ran = run(directory.path(), &[&["link", "venstre.csv", "--out", "ud"], more].concat());
        assert_eq!(ran.status.code(), Some(7));
    }
    assert_eq!(fs::read(directory.path().join("ud/mit.txt")).expect("still there"), b"mit");
}

/// Links files of the data from elsewhere and measures the result against their own truth.
fn bar(files: &[&str], spec: &str, link: &[&str], evaluate: &[&str]) -> serde_json::Value {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("spec.toml"), spec).expect("a spec");
    let paths: Vec<String> = files.iter().map(|file| format!("{DATA}/{file}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    done(&run(directory.path(), &[&["link"], &paths[..], &["--spec", "spec.toml", "--out", "ud"], link].concat()));
    let answer =
        done(&run(directory.path(), &[&["evaluate", "ud/par.csv"], &paths[..], &["--json"], evaluate].concat()));
    serde_json::from_str(&answer).expect("JSON")
}

fn figure(answer: &serde_json::Value, of: &str, name: &str) -> f64 {
    answer[of][name].as_f64().expect("a figure")
}

#[test]
#[ignore = "reads ../shared/data/linkage, which is not part of the project"]
fn febrl4_with_and_without_the_number() {
    let files = ["febrl4a.csv", "febrl4b.csv"];
    let with = bar(&files, "", &[], &[]);
    assert!(figure(&with, "par", "praecision") >= 1.0 && figure(&with, "par", "f1") >= 0.999, "{with}");
    let without = bar(&files, "udelad = [\"soc_sec_id\"]\n", &[], &[]);
    assert!(figure(&without, "par", "f1") >= 0.9975, "{without}");
}

#[test]
#[ignore = "reads ../shared/data/linkage, which is not part of the project"]
fn wages_and_tax_returns() {
    let files = ["pseudopeople/w2_2020.csv", "pseudopeople/tax1040_2020.csv"];
    let answer = bar(&files, "", &[], &["--klynge", "simulant_id", "--id", "raekke", "--husstand", "household_id"]);
    assert!(figure(&answer, "par", "praecision") >= 0.99 && figure(&answer, "par", "f1") >= 0.985, "{answer}");
    let wrong = answer["fejl_i_samme_husstand"].as_f64().expect("a count");
    assert!(wrong <= 0.005 * figure(&answer, "par", "fundne"), "{answer}");
}

#[test]
#[ignore = "reads ../shared/data/linkage, which is not part of the project"]
fn duplicates_in_one_file() {
    let answer = bar(&["fake_1000.csv"], "", &[], &[]);
    assert!(figure(&answer, "grupper", "f1") >= 0.86, "{answer}");
}

#[test]
#[ignore = "reads ../shared/data/linkage, which is not part of the project"]
fn households_by_written_address() {
    let measure = ["--klynge", "household_id", "--id", "raekke", "--kun", "housing_type=Household"];
    let answer = bar(&["pseudopeople/census_2020.csv"], "", &["--husstand"], &measure);
    assert!(figure(&answer, "grupper", "praecision") >= 0.995 && figure(&answer, "grupper", "f1") >= 0.96, "{answer}");
}
