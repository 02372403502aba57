//! One case per trap of the ledger (`fixtures/cases/README.md`): the few rows that set it off, and where the kroner end.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

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
const READ: [&str; 6] =
    ["læst", "frasorteret efter layoutets regler", "sat til side med fejl", "brugt", "fordelt i alt", "forskel"];

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
fn refused(case: &str) -> String {
    let (directory, output) = start(case, ("2014-01-01", "2015-12-31"));
    assert_eq!(output.status.code(), Some(3), "{case}");
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
    if let Ok(services) = fs::read_to_string(files.join("tjenester.txt")) {
        let families = read(&out.join("liste/familier.csv"));
        let place = families.lines().next().and_then(|row| row.split(';').position(|name| name == "ydelser (antal)"));
        let place = place.expect("a column of services");
        let most = families.lines().skip(1).filter_map(|line| line.split(';').nth(place)).max();
        let count = services.lines().count().to_string();
        assert_eq!(most, Some(count.as_str()), "{case}: services of the family");
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
    for table in ["bro", "budget", "konti"] {
        if let Ok(expected) = fs::read_to_string(files.join(format!("facit-{table}.csv"))) {
            let found =
                read(&out.join(format!("arbejde/{table}.csv"))).trim_start_matches('\u{feff}').replace('\r', "");
            assert_eq!(found, expected, "{case}: {table}.csv");
        }
    }
    directory
}

macro_rules! cases {
    ($($name:ident = $directory:literal;)*) => { $(#[test] fn $name() { check($directory); })* };
}

cases! {
    p08_grants_and_payments_are_settled = "p08-bevilget-og-betalt";
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
    files_that_overlap_count_once = "overlappende-filer";
    a_credit_for_an_earlier_period_stands_apart = "korrektion-tidligere-periode";
    the_supplementary_period_belongs_to_its_year = "supplementsperiode";
}

/// The placement of p08, booked on the mother; and a row of hers that no grant explains.
#[test]
fn p10_a_childs_cost_on_the_guardians_number() {
    let out = check_in("p10-paa-foraelderens-nummer", ("2015-01-01", "2015-06-30"));
    let report = fs::read_to_string(out.path().join("ud/rapport/rapport.html")).expect("a report");
    assert!(
        report.contains("1\u{a0}ydelsesforløb (194.000 kr.) var bogført på en forælders eller værges nummer"),
        "moved"
    );
    assert!(
        report.contains("1\u{a0}ydelsesforløb (7.000 kr.) er et barns udgift, der er bogført på en voksens"),
        "marked"
    );
}

#[test]
fn p26_growth_in_current_prices_is_none_in_fixed_ones() {
    check_in("p26-loebende-og-faste-priser", ("2014-01-01", "2015-12-31"));
    let told = refused("p26-uden-indeks");
    assert!(told.contains("intet prisindeks for serviceramme i 2016"), "{told}");
}

#[test]
fn p38_supplements_of_some_candidates_are_refused() {
    let told = refused("p38-tillaeg-for-nogle");
    assert!(told.contains("kun samlet ind for 1 af de 2 familier"), "{told}");
}

#[test]
fn p21_a_new_act_is_no_new_service() {
    check_in("p21-ny-lov-samme-ydelse", ("2023-07-01", "2024-06-30"));
}
