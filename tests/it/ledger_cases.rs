//! One case per trap of the ledger (`fixtures/cases/README.md`): the few rows that set it off, and where the kroner end.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use samkor::tables::Cell;

use crate::cli::program;

/// Source, system, layout and files of what a case may hold.
const SOURCES: [(&str, &str, &str, &str); 8] = [
    ("dubu", "dubu", "dubu-ydelser", "dubu.csv"),
    ("opus", "opus", "opus-posteringer", "opus*.csv"),
    ("kmd", "kmd", "kmd-ydelser", "kmd.csv"),
    ("refusion", "ydelsesrefusion", "kmd-ydelsesrefusion", "refusion.csv"),
    ("indskrivning", "institution", "indskrivning", "indskrivning.csv"),
    ("takster", "institution", "takster", "takster.csv"),
    ("budget", "opus", "budget", "budget.csv"),
    ("manuel", "manuel", "manuel", "manuel.csv"),
];

/// The rows of the reconciliation that only count what was read.
const READ: [&str; 7] = [
    "læst",
    "frasorteret efter layoutets regler",
    "sat til side med fejl",
    "brugt",
    "heraf ukendt for kataloget",
    "fordelt i alt",
    "forskel",
];

fn plan(case: &Path, period: (&str, &str)) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (from, to) = period;
    let mut plan = format!(
        "projekt = \"demo|sager|faelder\"\nformaal = \"stotte\"\nretsgrundlag = \"opdigtet\"\nslettefrist = \"2099-12-31\"\n\
         noegle = \"demo.key\"\nud = \"ud\"\n\n[periode]\nfra = \"{from}\"\ntil = \"{to}\"\n\n\
         [[kilde]]\nnavn = \"cpr\"\nsystem = \"cpr\"\nlayout = \"cpr-csv\"\nfil = \"{0}/cases/faelles/cpr-*.csv\"\n",
        fixtures.display()
    );
    if let Ok(more) = fs::read_to_string(case.join("plan.txt")) {
        let more = more.replace("{sag}", &case.display().to_string());
        plan = plan.replacen("[[kilde]]", &format!("{more}\n[[kilde]]"), 1);
    }
    for (name, system, layout, files) in SOURCES {
        if case.join(files.replace('*', "")).exists() {
            let files = case.join(files).display().to_string();
            plan += &format!(
                "\n[[kilde]]\nnavn = \"{name}\"\nsystem = \"{system}\"\nlayout = \"{layout}\"\nfil = \"{files}\"\n"
            );
        }
    }
    plan
}

/// Starts a case in a directory of its own.
fn start(case: &str, period: (&str, &str)) -> (tempfile::TempDir, std::process::Output) {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(case);
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("samkor.toml"), plan(&files, period)).expect("a plan");
    let key = directory.path().join("demo.key");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eksempelkoebing/noegle/demo.key");
    fs::copy(demo, &key).expect("a key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a key for its owner alone");
    let output = program(["run", "samkor.toml"]).current_dir(directory.path()).output().expect("the program starts");
    (directory, output)
}

/// What a case is refused with.
fn refused(case: &str, code: i32) -> String {
    let (directory, output) = start(case, ("2014-01-01", "2015-12-31"));
    assert_eq!(output.status.code(), Some(code), "{case}");
    assert!(!directory.path().join("ud").exists(), "{case} delivers nothing");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a case and gives the directory of its outputs.
fn run(case: &str, period: (&str, &str)) -> (tempfile::TempDir, PathBuf) {
    let (directory, output) = start(case, period);
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    let out = directory.path().join("ud");
    (directory, out)
}

/// Holds where the kroner ended against the case's facit.
fn check(case: &str) {
    check_in(case, ("2015-01-01", "2015-06-30"));
}

fn check_in(case: &str, period: (&str, &str)) -> tempfile::TempDir {
    let (directory, out) = run(case, period);
    let read = |path: &Path| fs::read_to_string(path).expect("a file");
    let found: BTreeSet<String> = read(&out.join("arbejde/afstemning.csv"))
        .lines()
        .skip(1)
        .map(|line| line.split(';').collect::<Vec<_>>())
        .filter(|cells| !READ.contains(&cells[2]))
        .map(|cells| [cells[0], cells[1], cells[2], cells[5]].join(";"))
        .collect();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(case);
    let expected: BTreeSet<String> = read(&files.join("facit.csv")).lines().skip(1).map(str::to_owned).collect();
    assert_eq!(found, expected, "{case}");
    if let Ok(expected) = fs::read_to_string(files.join("tjenester.txt")) {
        let found: BTreeSet<String> = pieces(&out, ["ydelse"]).into_iter().collect();
        assert_eq!(found, expected.lines().map(str::to_owned).collect(), "{case}: services");
        let families = read(&out.join("liste/familier.csv"));
        let place = families.lines().next().and_then(|row| row.split(';').position(|name| name == "ydelser (antal)"));
        let place = place.expect("a column of services");
        let most = families.lines().skip(1).filter_map(|line| line.split(';').nth(place)).max();
        let count = expected.lines().count().to_string();
        assert_eq!(most, Some(count.as_str()), "{case}: services of the family");
    }
    if let Ok(expected) = fs::read_to_string(files.join("stykker.csv")) {
        let columns = ["ydelse", "rolle", "fra", "til", "lukning", "oere", "regel"];
        let found = pieces(&out, columns);
        let mut expected: Vec<String> = expected.lines().skip(1).map(str::to_owned).collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "{case}: {}", columns.join(";"));
    }
    if let Ok(expected) = fs::read_to_string(files.join("familie.csv")) {
        let families = read(&out.join("liste/familier.csv"));
        let mut rows = families.trim_start_matches('\u{feff}').lines().map(|row| row.split(';').collect::<Vec<_>>());
        let (header, first) = (rows.next().expect("headings"), rows.next().expect("a family"));
        for line in expected.lines().skip(1) {
            let (name, kroner) = line.split_once(';').expect("a column and its kroner");
            let place = header.iter().position(|column| column.starts_with(name));
            assert_eq!(place.map(|place| first[place]), Some(kroner), "{case}: {name} of the first family");
        }
    }
    for table in ["bro", "budget", "konti", "maaneder"] {
        if let Ok(expected) = fs::read_to_string(files.join(format!("facit-{table}.csv"))) {
            let found =
                read(&out.join(format!("arbejde/{table}.csv"))).trim_start_matches('\u{feff}').replace('\r', "");
            assert_eq!(found, expected, "{case}: {table}.csv");
        }
    }
    directory
}

/// Columns of the ledger's pieces, a line each, sorted.
fn pieces<const COLUMNS: usize>(out: &Path, columns: [&str; COLUMNS]) -> Vec<String> {
    let table = fs::read(out.join("arbejde/tabeller/ydelser.parquet")).expect("a table");
    let table = samkor::tables::read(&table).expect("a table");
    let place = |name: &str| table.names.iter().position(|column| column == name).expect("a column");
    let places = columns.map(place);
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        Cell::Day(day) => day.to_string(),
        other => format!("{other:?}"),
    };
    let line = |row: &Vec<Cell>| places.map(|place| text(&row[place])).join(";");
    let mut lines: Vec<String> = table.rows.iter().map(line).collect();
    lines.sort_unstable();
    lines
}

macro_rules! cases {
    ($($name:ident = $directory:literal;)*) => { $(#[test] fn $name() { check($directory); })* };
}

cases! {
    p08_grants_and_payments_are_settled = "p08-bevilget-og-betalt";
    p08_pocket_money_erases_no_month_of_the_placement = "p08-lommepenge";
    p08b_one_benefit_in_three_sources = "p08b-samme-ydelse-i-tre-kilder";
    p09_internal_settlement_and_accrual = "p09-intern-afregning-og-periodisering";
    p11_a_foster_carer_is_no_citizen = "p11-plejefamiliens-vederlag";
    p12_a_place_of_ones_own_costs_like_a_bought_one = "p12-egen-og-koebt-plads";
    p13_both_ends_of_a_period_count = "p13-dage-begge-med";
    p14_a_spell_across_the_year = "p14-forloeb-over-aarsskiftet";
    p15_a_period_amount_without_end = "p15-periodebeloeb-uden-slut";
    p16_a_spell_that_was_never_closed = "p16-aldrig-afsluttet";
    p17_late_invoices = "p17-sene-regninger";
    p18_a_whole_february = "p18-en-hel-februar";
    p19_a_renewed_grant_is_one_service = "p19-fornyet-bevilling";
    p25_gross_refund_and_co_financing = "p25-brutto-refusion-medfinansiering";
    p37_a_citizen_outside_the_municipality = "p37-borger-uden-for-kommunen";
    p38_supplements_rank_nobody = "p38-manuelle-tillaeg";
    p39_damage_by_spreadsheets = "p39-regnearkets-skader";
    a_budget_stands_beside_what_is_booked = "budget";
    net_is_gross_less_what_comes_back = "netto-i-regnskabet";
    p38_supplements_of_all_candidates_count = "p38-tillaeg-for-alle-kandidater";
    a_closed_month_is_frozen_and_tells_its_corrections = "maanedslukning";
    files_that_overlap_count_once = "overlappende-filer";
    a_credit_for_an_earlier_period_stands_apart = "korrektion-tidligere-periode";
    the_supplementary_period_belongs_to_its_year = "supplementsperiode";
    a_reversal_by_reference_takes_back_whatever_its_days = "tilbagefoersel-med-reference";
    a_reposting_moves_the_cost_and_adds_none = "ompostering";
    supplements_beside_payments_are_told = "manuelt-ved-siden-af-betaling";
    hours_a_week_are_no_hours_a_day = "timer-om-ugen";
    balance_legs_are_no_cost = "statuskonti";
    a_grant_ends_with_its_person = "doedsfald";
}

/// The placement of p08, booked on the mother; and a row of hers that no grant explains.
#[test]
fn p10_a_childs_cost_on_the_guardians_number() {
    let out = check_in("p10-paa-foraelderens-nummer", ("2015-01-01", "2015-06-30"));
    let report = fs::read_to_string(out.path().join("ud/rapport/rapport.html")).expect("a report");
    let moved = "1\u{a0}ydelsesforløb (194.000 kr.) var bogført på en forælders eller værges nummer";
    let marked = "1\u{a0}ydelsesforløb (7.000 kr.) er et barns udgift, der er bogført på en voksens";
    assert!(report.contains(moved) && report.contains(marked));
    let services = fs::read(out.path().join("ud/arbejde/tabeller/ydelser.parquet")).expect("a table");
    let services = samkor::tables::read(&services).expect("a table");
    let place = |name: &str| services.names.iter().position(|column| column == name).expect("a column");
    let mut marks: Vec<(Cell, Cell)> =
        services.rows.iter().map(|row| (row[place("oere")].clone(), row[place("forbehold")].clone())).collect();
    marks.sort();
    let text = |text: &str| Cell::Text(text.to_owned());
    let expected = [
        (Cell::Whole(700_000), text("barns udgift på en voksens nummer")),
        (Cell::Whole(19_350_000), text("flyttet fra forælder eller værge")),
        (Cell::Whole(19_565_000), Cell::Empty),
    ];
    assert_eq!(marks, expected);
}

/// The account of the budget's case is covered to a fifth; a plan without postings has no coverage at all.
#[test]
fn p12_coverage_under_the_limit_withholds_the_headline() {
    let report = |case: &str| {
        let directory = check_in(case, ("2015-01-01", "2015-06-30"));
        fs::read_to_string(directory.path().join("ud/rapport/rapport.html")).expect("a report")
    };
    let withheld = report("budget");
    assert!(withheld.contains("kun 21,3\u{a0}% af kronerne") && !withheld.contains("Listens kroner"));
    for account in ["5.28.21", "Borgerbogførte konti"] {
        let kroner =
            ["51.000", "11.000", "40.000"].map(|kroner| format!("<td class=\"number\">{kroner}</td>")).concat();
        assert!(withheld.contains(&format!("<th scope=\"row\">{account}</th>{kroner}")), "{account}");
    }
    let unknown = report("p13-dage-begge-med");
    assert!(unknown.contains("Dækningen er ukendt") && unknown.contains("Listens kroner"));
}

#[test]
fn p26_growth_in_current_prices_is_none_in_fixed_ones() {
    check_in("p26-loebende-og-faste-priser", ("2014-01-01", "2015-12-31"));
    let told = refused("p26-uden-indeks", 3);
    assert!(told.contains("intet prisindeks for serviceramme i 2016"), "{told}");
}

/// `12.34` is twelve kroner to a program of another country and no Danish amount: it is read as neither, and nothing is guessed.
#[test]
fn p39_a_point_is_no_comma() {
    let told = refused("p39-punktum-som-komma", 6);
    assert!(told.contains("1 rækker med fejl af 1") && told.contains("beloeb-ulaeseligt"), "{told}");
}

#[test]
fn p38_supplements_of_some_candidates_are_refused() {
    let told = refused("p38-tillaeg-for-nogle", 3);
    assert!(told.contains("kun samlet ind for 1 af de 2 familier"), "{told}");
}

/// Of the kroner of January and February 6 of 10 came within 30 days, all of them within 61: May is 60 % there at the end of June.
#[test]
fn p17_how_much_of_the_last_months_is_usually_booked() {
    let out = check_in("p17-modning", ("2015-01-01", "2015-06-30"));
    let report = fs::read_to_string(out.path().join("ud/rapport/rapport.html")).expect("a report");
    let after = report.split_once("Modning: ").map_or("", |(_, after)| after);
    let table = after.split_once("</table>").map_or("", |(table, _)| table);
    let month = |month: &str, share: &str| format!("<td>{month}</td><td class=\"number\">{share}\u{a0}%</td>");
    assert!(table.contains(&month("2015-05", "60")) && table.contains(&month("2015-06", "0")), "{table}");
    assert!(!table.contains("2015-04"), "April has all there is to come: {table}");
}

#[test]
fn p21_a_new_act_is_no_new_service() {
    check_in("p21-ny-lov-samme-ydelse", ("2023-07-01", "2024-06-30"));
}
