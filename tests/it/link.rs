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
    let mut before = None;
    for threads in ["1", "2", "7"] {
        done(&run(
            directory.path(),
            &["link", "venstre.csv", "hoejre.csv", "--out", "ud", "--replace", "--threads", threads],
        ));
        let bytes = written(directory.path(), "ud");
        if let Some(before) = &before {
            assert!(before == &bytes, "{threads} threads");
        }
        before = Some(bytes);
    }
    let in_order = without_rows(directory.path());
    assert!(in_order.len() > 560, "{} pairs", in_order.len());
    let groups = groups(directory.path());
    let weights = fs::read(directory.path().join("ud/vaegte.csv")).expect("weights");
    for turn in [17, 300] {
        files(directory.path(), turn);
        done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--out", "ud", "--replace"]));
        assert!(in_order == without_rows(directory.path()), "rows turned by {turn}");
        assert!(groups == self::groups(directory.path()), "rows turned by {turn}");
        assert!(weights == fs::read(directory.path().join("ud/vaegte.csv")).expect("weights"));
    }
    for turn in [0, 5, 99] {
        files(directory.path(), turn);
        shuffle(&directory.path().join("venstre.csv"), turn);
        shuffle(&directory.path().join("hoejre.csv"), turn + 1);
        done(&run(
            directory.path(),
            &["link", "venstre.csv", "hoejre.csv", "--out", "ud", "--replace", "--threads", "7"],
        ));
        assert!(in_order == without_rows(directory.path()), "rows shuffled");
        assert!(groups == self::groups(directory.path()), "rows shuffled");
    }
}

/// Every file of a result.
fn written(directory: &Path, out: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(directory.join(out))
        .expect("a result")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    assert!(files.len() >= 7, "{}", files.len());
    files
}

/// The groups by the ids of their rows.
fn groups(directory: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(directory.join("ud/grupper.csv")).expect("groups");
    let mut groups = std::collections::BTreeMap::<&str, Vec<String>>::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(';').collect();
        groups.entry(fields[0]).or_default().push(fields[3].to_owned());
    }
    let mut groups: Vec<Vec<String>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort();
    }
    groups.sort();
    groups
}

/// Puts a file's rows in another order.
fn shuffle(path: &Path, seed: usize) {
    let text = fs::read_to_string(path).expect("a file");
    let mut lines: Vec<&str> = text.lines().collect();
    let mut state = seed as u64 + 3;
    for place in (2..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        lines.swap(place, 1 + usize::try_from((state >> 33) % place as u64).expect("small"));
    }
    fs::write(path, lines.join("\n") + "\n").expect("a file");
}

#[test]
fn new_rows_go_on_from_an_earlier_result() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    files(place, 0);
    let read = |name: &str| fs::read_to_string(place.join(name)).expect("a file");
    let (left, right) = (read("venstre.csv"), read("hoejre.csv"));
    let head = |text: &str, rows: usize| text.split_inclusive('\n').take(rows + 1).collect::<String>();
    fs::write(place.join("spec.toml"), "relation = \"mange-til-mange\"\nmedtag = [\"vejnavn\"]\n").expect("a spec");
    fs::write(place.join("v.csv"), head(&left, 450)).expect("a file");
    fs::write(place.join("h.csv"), head(&right, 500)).expect("a file");
    done(&run(place, &["link", "v.csv", "h.csv", "--spec", "spec.toml", "--out", "gammel"]));
    // Everybody else, and somebody who was linked already once more on the right.
    fs::write(place.join("v.csv"), &left).expect("a file");
    let again = left.lines().nth(1).expect("the first row").replacen("v0;", "igen;", 1);
    fs::write(place.join("h.csv"), format!("{right}{again}\n")).expect("a file");
    let onward = ["link", "v.csv", "h.csv", "--tidligere", "gammel", "--replace", "--out"];
    let shown = done(&run(place, &[&onward[..], &["ny", "--json"]].concat()));
    done(&run(place, &[&onward[..], &["fuld", "--forfra"]].concat()));
    assert!(written(place, "ny") == written(place, "fuld"), "going on equals comparing all");
    let answer: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(answer["aendringer"]["nye_raekker"], 150 + 100 + 1, "{answer}");
    // From the second result in turn, with no new row: the same again.
    done(&run(place, &["link", "v.csv", "h.csv", "--tidligere", "ny", "--out", "tredje"]));
    let lists = |name: &str| ["par.csv", "grupper.csv", "kandidater.csv"].map(|file| read(&format!("{name}/{file}")));
    assert_eq!(lists("ny"), lists("tredje"));
    assert_eq!(read("tredje/aendringer.csv").lines().count(), 1, "nothing changed");
    // Groups that nothing happened to keep their names.
    let names = |name: &str| -> std::collections::BTreeMap<String, String> {
        let text = read(&format!("{name}/grupper.csv"));
        text.lines()
            .skip(1)
            .map(|line| line.split(';').collect::<Vec<_>>())
            .map(|row| (row[3].to_owned(), row[0].to_owned()))
            .collect()
    };
    let (before, now) = (names("gammel"), names("ny"));
    let kept = before.iter().filter(|(id, name)| now[*id] == **name).count();
    assert!(kept >= 850, "{kept} of {}", before.len());
    // Old rows that were changed, are missing or stand elsewhere are refused, and so is another number of files.
    let refused = |arguments: &[&str], word: &str| {
        let ran = run(place, arguments);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success() && said.contains(word), "{said}");
    };
    fs::write(place.join("v.csv"), left.replacen("gade", "vænge", 1).replacen("vej;", "vænge;", 1)).expect("a file");
    refused(&[&onward[..], &["x"]].concat(), "begynder ikke med rækkerne");
    fs::write(place.join("v.csv"), head(&left, 449)).expect("a file");
    refused(&[&onward[..], &["x"]].concat(), "begynder ikke med rækkerne");
    fs::write(place.join("v.csv"), &left).expect("a file");
    shuffle(&place.join("v.csv"), 1);
    refused(&[&onward[..], &["x"]].concat(), "begynder ikke med rækkerne");
    fs::write(place.join("v.csv"), &left).expect("a file");
    refused(&["link", "v.csv", "--tidligere", "gammel", "--out", "x"], "to filer");
    refused(&["link", "v.csv", "h.csv", "--tidligere", "intet", "--out", "x"], "tilstand.json kan ikke læses");
    fs::write(place.join("gammel/tilstand.json"), "{}").expect("a file");
    refused(&["link", "v.csv", "h.csv", "--tidligere", "gammel", "--out", "x"], "ikke skrevet af denne udgave");
    assert!(!place.join("x").exists());
}

/// A person stands twice, written so differently that only a third row, which comes later, joins the two.
#[test]
fn merges_and_splits_are_listed() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    files(place, 0);
    let rows = fs::read_to_string(place.join("venstre.csv")).expect("a file");
    let right = fs::read_to_string(place.join("hoejre.csv")).expect("a file");
    let rows = rows + &right.split_inclusive('\n').skip(1).collect::<String>();
    let more = "a;Mathilde;Bertelsen;1971-03-09;Lundvej;17;\nb;Mathilde;;;Skovvej;4;\n";
    fs::write(place.join("alle.csv"), format!("{rows}{more}")).expect("a file");
    fs::write(place.join("spec.toml"), "udelad = [\"personnr\"]\n").expect("a spec");
    done(&run(place, &["link", "alle.csv", "--spec", "spec.toml", "--out", "foer"]));
    // Decisions are the surest way to make groups merge and split.
    fs::write(place.join("b.csv"), "venstre_id;hoejre_id;forbind\na;b;ja\nv3;h3;nej\n").expect("a file");
    let shown =
        done(&run(place, &["link", "alle.csv", "--tidligere", "foer", "--bindinger", "b.csv", "--out", "efter"]));
    assert!(shown.contains("Ændret af en binding"), "{shown}");
    let changes = fs::read_to_string(place.join("efter/aendringer.csv")).expect("changes");
    let lines: Vec<&str> = changes.lines().collect();
    let expected = [
        "aendring;tidligere_gruppe;gruppe;raekker",
        "samlet;1201;1201;1",
        "samlet;1202;1201;1",
        "delt;4;4;1",
        "delt;4;604;1",
    ];
    assert_eq!(lines, expected);
    let pairs = fs::read_to_string(place.join("efter/par.csv")).expect("pairs");
    let bound: Vec<&str> = pairs.lines().filter(|line| line.contains(";bundet;")).collect();
    assert!(bound.len() == 1 && bound[0].contains("1201;a;") && bound[0].contains("1202;b;"), "{bound:?}");
    for (wrong, word) in [
        ("venstre_id;hoejre_id;forbind\na;b;ja\nb;a;nej\n", "modsiger"),
        ("venstre_id;hoejre_id;forbind\na;findes ikke;ja\n", "findes ikke i filen"),
        ("venstre_id;hoejre_id;forbind\na;b;måske\n", "ja eller nej"),
        ("venstre_raekke;hoejre_raekke;forbind\n0;1;ja\n", "findes ikke i filen"),
        ("a;b\n1;2\n", "mangler kolonnen forbind"),
    ] {
        fs::write(place.join("b.csv"), wrong).expect("a file");
        let ran = run(place, &["link", "alle.csv", "--spec", "spec.toml", "--bindinger", "b.csv", "--out", "x"]);
        assert_eq!(ran.status.code(), Some(3));
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(said.contains(word), "{said}");
    }
}

/// The tables in Parquet say what the CSV files say.
#[test]
fn parquet_and_csv_are_one_result() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    fs::write(directory.path().join("spec.toml"), "medtag = [\"fornavn\"]\n").expect("a spec");
    done(&run(directory.path(), &["link", "venstre.csv", "hoejre.csv", "--spec", "spec.toml", "--out", "ud"]));
    for (name, rows) in [("par", 500), ("grupper", 1200)] {
        let read = |ending: &str| fs::read(directory.path().join(format!("ud/{name}.{ending}"))).expect("a result");
        let table = samkor::tables::read(&read("parquet")).expect("a table");
        let csv = String::from_utf8(read("csv")).expect("UTF-8");
        let mut lines = csv.lines();
        assert_eq!(lines.next().expect("headings"), table.names.join(";"));
        assert!(table.rows.len() >= rows && lines.clone().count() == table.rows.len(), "{name}");
        for (line, row) in lines.zip(&table.rows) {
            for (written, cell) in line.split(';').zip(row) {
                let same = match cell {
                    samkor::tables::Cell::Empty => written.is_empty(),
                    samkor::tables::Cell::Text(text) => written == text,
                    samkor::tables::Cell::Whole(number) => written == number.to_string(),
                    samkor::tables::Cell::Millionths(number) => {
                        let value: f64 = written.parse().expect("a number");
                        let number = f64::from(i32::try_from(*number).expect("a weight"));
                        (value * 1e6 - number).abs() <= 51.0
                    }
                    _ => false,
                };
                assert!(same, "{name}: {written} {cell:?}");
            }
        }
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

/// Twins of one address under a rule that links whoever lives together: members of a household are not written as one person.
#[test]
fn a_result_of_household_members_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    let text = fs::read_to_string(directory.path().join("venstre.csv")).expect("a file");
    let mut lines: Vec<String> = text.lines().take(1).map(str::to_owned).collect();
    for (row, letter) in text.lines().skip(1).zip(('a'..='z').cycle()) {
        let mut fields: Vec<String> = row.split(';').map(str::to_owned).collect();
        lines.push(row.to_owned());
        (fields[0], fields[1]) = (format!("t{}", fields[0]), format!("Zz{letter}{letter}{letter}"));
        lines.push(fields.join(";"));
    }
    fs::write(directory.path().join("alle.csv"), lines.join("\n") + "\n").expect("a file");
    let spec = "udelad = [\"personnr\"]\n[[regel]]\nnavn = \"samme adresse\"\nforbind = true\nnaar = { adresse = [\"ens\"] }\n";
    fs::write(directory.path().join("spec.toml"), spec).expect("a spec");
    let ran = run(directory.path(), &["link", "alle.csv", "--spec", "spec.toml", "--out", "ud"]);
    assert_eq!(ran.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("forveksler personer med deres husstand"));
    assert!(!directory.path().join("ud").exists());
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
    for (name, bytes) in written(directory.path(), "ud") {
        let text = if name.ends_with(".parquet") {
            let table = samkor::tables::read(&bytes).expect("a table");
            format!("{:?}", table.rows)
        } else {
            String::from_utf8(bytes).expect("UTF-8")
        };
        let text = text + &shown;
        assert!(
            numbers.iter().all(|number| number.len() == 10 && !text.contains(number.trim_start_matches('0'))),
            "{name}"
        );
    }
}

/// A column of the groups cannot stand there twice.
#[test]
fn what_stands_in_the_groups_is_not_asked_for() {
    let directory = tempfile::tempdir().expect("a directory");
    files(directory.path(), 0);
    for more in ["[\"id\"]", "[\"fornavn\", \"fornavn\"]"] {
        fs::write(directory.path().join("spec.toml"), format!("medtag = {more}\n")).expect("a spec");
        let ran = run(directory.path(), &["link", "venstre.csv", "--spec", "spec.toml", "--out", "ud"]);
        assert_eq!(ran.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&ran.stderr).contains("i forvejen"));
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
