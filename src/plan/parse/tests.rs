use std::fs;

use super::*;
use crate::{
    domain::{LinkRule, Ore, Tiers},
    plan::{Encoding, FamilyUnit, Measure, Population, Ranking, SettlementRules},
};

const PLAN: &str = r#"projekt = "demo|eksempelkoebing|familier"
formaal = "stotte"
retsgrundlag = "Databeskyttelsesforordningen art. 6(1)(e), 9(2)(g); barnets lov § 19"
slettefrist = "2027-12-31"
noegle = "noegle/demo.key"
ud = "ud"

[periode]
fra = "2015-01-01"
til = "2015-06-30"

[rangliste]
antal = 50
beloebsgraense = "500.000"

[[kilde]]
navn = "cpr"
system = "cpr"
layout = "cpr-p12170"
fil = "ind/cpr.txt"

[[kilde]]
navn = "kmd"
system = "kmd"
layout = "kmd-ydelser"
fil = ["ind/a.csv", "ind/b*.csv"]
tegnsaet = "windows-1252"
skilletegn = "\t"
data_slut = 2015-07-31
fejlgraense = 0.05

[layouts]
filer = "layouts/*.toml"

[[autoritativ]]
formaalsgruppe = "kontanthjaelp"
kilde = "kmd"
"#;

fn parse(text: &str) -> Result<Plan> {
    Plan::parse(text, "samkor.toml", Path::new("/by"))
}

/// The error of the plan with `from` replaced, with its place checked and the marked text taken out.
fn refused(from: &str, to: &str) -> (String, String, String) {
    assert_eq!(PLAN.matches(from).count(), 1, "{from:?} stands once in the plan");
    explained(&PLAN.replace(from, to))
}

fn explained(text: &str) -> (String, String, String) {
    let error = parse(text).expect_err("the plan is wrong");
    assert_eq!(error.kind(), ErrorKind::Plan);
    let place = error.place().expect("every error of the text has a place");
    assert_eq!((place.file.as_str(), &*place.text), ("samkor.toml", text));
    assert!(!place.label.is_empty());
    let marked = text.get(place.span.clone()).expect("the place lies within the text, on whole characters");
    (error.to_string(), marked.to_owned(), format!("{}\n{}", place.label, error.hints().join("\n")))
}

#[test]
fn a_full_plan_is_read() {
    let plan = parse(PLAN).expect("a plan");
    assert_eq!(plan.project.value.as_str(), "demo|eksempelkoebing|familier");
    assert_eq!((plan.purpose, plan.labels), (Purpose::Support, Labels::Project));
    assert_eq!(plan.key.value, Path::new("/by/noegle/demo.key"));
    assert_eq!(plan.output(), Path::new("/by/ud"));
    assert_eq!((plan.reference_date, plan.period.days()), (plan.period.to, 181));
    assert_eq!(plan.fault_limit, FaultLimit::DEFAULT);
    let Ranking { top, min_services, min_departments, population, cost_threshold, measure, manual, rounding_kroner } =
        plan.ranking;
    assert!(measure == Measure::Gross && plan.price_level.is_none());
    assert_eq!((top, min_services, min_departments, rounding_kroner, manual), (50, 2, 2, 1000, false));
    assert_eq!((population, cost_threshold), (Population::All, Some(Ore(50_000_000))));
    assert_eq!(
        plan.settlement,
        SettlementRules { maturity_days: None, presumed_ended_days: 120, coverage_limit: 800_000 }
    );
    let [cpr, kmd] = &plan.sources[..] else { panic!("two sources") };
    assert_eq!((cpr.encoding, cpr.delimiter, cpr.data_end, cpr.fault_limit), (None, None, None, FaultLimit::DEFAULT));
    assert_eq!((kmd.encoding, kmd.delimiter), (Some(Encoding::Windows1252), Some(b'\t')));
    assert_eq!((kmd.data_end, kmd.patterns.len()), (Date::parse_iso("2015-07-31").ok(), 2));
    assert_eq!(kmd.fault_limit.parts_per_million(), 50_000);
    assert_eq!(plan.authoritative[0].source, kmd.id);
    assert_eq!((plan.families.unit, plan.families.nuclei), (FamilyUnit::CaseFamily, false));
    assert!(plan.families.institutions.is_none() && plan.families.manual.is_none());
    assert_eq!((plan.text(), plan.file()), (PLAN, "samkor.toml"));
}

#[test]
fn families_are_formed_as_the_plan_says() {
    let section = "[familier]\nenhed = \"H\"\ninstitutionsvaern = \"liste+kerner\"\n\
                   institutioner = \"institutioner.csv\"\nmanuel = \"familielinks.csv\"\n[layouts]";
    let plan = parse(&PLAN.replace("[layouts]", section)).expect("a plan");
    assert_eq!((plan.families.unit, plan.families.nuclei), (FamilyUnit::Household, true));
    let path = |file: &Option<Placed<PathBuf>>| file.as_ref().map(|file| file.value.clone());
    assert_eq!(path(&plan.families.institutions), Some("/by/institutioner.csv".into()));
    assert_eq!(path(&plan.families.manual), Some("/by/familielinks.csv".into()));
}

#[test]
fn files_of_ones_own_stand_over_the_catalogue() {
    let keys = CatalogueTable::ALL.map(CatalogueTable::key);
    let all = keys.map(|key| format!("{key} = \"katalog/{key}.csv\"\n")).concat();
    let plan = parse(&PLAN.replace("[layouts]", &format!("[katalog]\n{all}[layouts]"))).expect("a plan");
    let named: Vec<_> = plan.catalogue.iter().map(|(table, file)| (table.key(), file.value.clone())).collect();
    assert_eq!(named, keys.map(|key| (key, Path::new("/by/katalog").join(format!("{key}.csv")))));
    assert!(parse(PLAN).expect("a plan").catalogue.is_empty());
    let (message, marked, help) = explained(&PLAN.replace("[layouts]", "[katalog]\nkonto = \"a.csv\"\n[layouts]"));
    assert_eq!((message.as_str(), marked.as_str()), ("Ukendt nøgle i [katalog]", "konto"));
    assert!(help.starts_with("mente du konti?"), "{help}");
}

#[test]
fn the_municipality_may_tell_its_code() {
    let code = |plan: &str| parse(plan).expect("a plan").municipality.map(|code| code.to_string());
    assert_eq!(code(PLAN), None);
    assert_eq!(code(&PLAN.replace("ud = ", "kommune = \"167\"\nud = ")), Some("0167".to_owned()));
}

#[test]
fn the_rules_of_the_settlement_can_be_set() {
    let with = |rules: &str| PLAN.replace("[layouts]", &format!("[opgoerelse]\n{rules}\n\n[layouts]"));
    let plan = parse(&with("modningsdage = 60\nformodet_ophoert_dage = 90\ndaekningsgraense = 0.755")).expect("read");
    let expected = SettlementRules { maturity_days: Some(60), presumed_ended_days: 90, coverage_limit: 755_000 };
    assert_eq!(plan.settlement, expected);
    let (message, marked, _) = explained(&with("modningsdage = 99999"));
    assert_eq!((message.as_str(), marked.as_str()), ("modningsdage ligger uden for det tilladte", "99999"));
    let (message, marked, _) = explained(&with("daekningsgraense = 80"));
    assert_eq!((message.as_str(), marked.as_str()), ("daekningsgraense er ingen andel", "80"));
    let started = PLAN.replace("data_slut = 2015-07-31", "data_start = 2014-07-01");
    assert_eq!(parse(&started).expect("read").sources[1].data_start, Date::parse_iso("2014-07-01").ok());
}

#[test]
fn tiers_of_linkage_are_switched_off_by_name() {
    let with = |rules: &str| PLAN.replace("[layouts]", &format!("[samkoering]\n{rules}\n\n[layouts]"));
    assert_eq!(parse(PLAN).expect("a plan").linkage.tiers, Tiers::default());
    let plan = parse(&with("uden = [\"vaegt\", \"i-tekst\"]\nafgoerelser = \"a.csv\"")).expect("a plan");
    assert_eq!(plan.linkage.tiers, Tiers::default().without(LinkRule::Weighed).without(LinkRule::InText));
    assert_eq!(plan.linkage.decisions.map(|path| path.value), Some("/by/a.csv".into()));
    let (message, marked, help) = explained(&with("uden = [\"vaegt\", \"et-tgen\"]"));
    assert_eq!((message.as_str(), marked.as_str()), ("Ukendt værdi for uden", "\"et-tgen\""));
    assert!(help.contains("mente du et-tegn?"), "{help}");
    let (message, ..) = explained(&with("uden = \"eksakt\""));
    assert_eq!(message, "Ukendt værdi for uden");
    let (_, marked, help) = explained(&with("udne = \"vaegt\""));
    assert!(marked == "udne" && help.contains("mente du uden?"), "{help}");
}

#[test]
fn the_queue_has_a_place_and_recipients() {
    let with = |rules: &str| PLAN.replace("[layouts]", &format!("[samkoering]\n{rules}\n\n[layouts]"));
    let plan = parse(PLAN).expect("a plan").linkage;
    assert_eq!((plan.queue, plan.recipients.len()), ("/by/koe.csv.age".into(), 0));
    let plan = parse(&with("koe = \"se/koe.age\"\nmodtagere = [\"age1a\", \"age1b\"]")).expect("a plan").linkage;
    assert_eq!(plan.queue, PathBuf::from("/by/se/koe.age"));
    assert_eq!(plan.recipients.iter().map(|key| key.value.as_str()).collect::<Vec<_>>(), ["age1a", "age1b"]);
    assert_eq!(parse(&with("modtagere = \"age1a\"")).expect("a plan").linkage.recipients.len(), 1);
    let (message, marked, _) = explained(&with("koe = \"koe.csv\""));
    assert_eq!((message.as_str(), marked.as_str()), ("koe er ingen age-fil", "\"koe.csv\""));
}

#[test]
fn the_command_line_may_write_elsewhere() {
    let mut plan = parse(PLAN).expect("a plan");
    assert_eq!(plan.output_place("her").map(|place| PLAN[place.span].to_owned()), Some("\"ud\"".to_owned()));
    plan.write_to("/andetsteds".into());
    assert_eq!((plan.output(), plan.output_place("her").is_none()), (Path::new("/andetsteds"), true));
}

#[test]
fn a_misspelt_key_is_pointed_at() {
    let (message, marked, help) = refused("\nud =", "\nudd =");
    assert_eq!((message.as_str(), marked.as_str()), ("Ukendt nøgle øverst i planen", "udd"));
    assert!(help.contains("mente du ud?"), "{help}");
    let (message, marked, help) = refused("antal =", "antla =");
    assert_eq!((message.as_str(), marked.as_str()), ("Ukendt nøgle i [rangliste]", "antla"));
    assert!(help.contains("mente du antal?"), "{help}");
    let (_, marked, help) = refused("antal =", "slettefrist =");
    assert!(marked == "slettefrist" && help.contains("øverst i filen"), "{help}");
    let (_, marked, help) = refused("\nud =", "\nmin_ydelser = 2\nud =");
    assert!(marked == "min_ydelser" && help.contains("under [rangliste]"), "{help}");
    let (_, marked, _) = refused("navn = \"kmd\"", "navn = \"kmd\"\nukendt = 1");
    assert_eq!(marked, "ukendt");
}

#[test]
fn a_measure_and_a_price_level_are_read() {
    let text = PLAN.replace("antal = 50", "antal = 50\nmaal = \"netto\"");
    let plan = parse(&text.replace("[layouts]", "[prisniveau]\naar = 2024\nindeks = \"pl.csv\"\n\n[layouts]"));
    let plan = plan.expect("a plan");
    assert_eq!(plan.ranking.measure, Measure::Net);
    let level = plan.price_level.expect("a price level");
    assert_eq!((level.year.value, level.indices.map(|path| path.value)), (2024, Some("/by/pl.csv".into())));
}

#[test]
fn control_is_refused_with_the_reason() {
    for word in ["kontrol", "Kontrol"] {
        let (message, marked, help) = refused("\"stotte\"", &format!("{word:?}"));
        assert_eq!((message.as_str(), marked), ("Formålet kontrol afvises", format!("{word:?}")));
        assert!(help.contains("aldrig til kontrol"), "{help}");
    }
    assert!(refused("\"stotte\"", "\"støtte\"").2.contains("mente du stotte?"));
}

#[test]
fn every_rule_is_kept() {
    let cases = [
        ("demo|eksempelkoebing|familier", "demo|Eksempelkøbing|fam", "projekt har ikke", "demo|eksempelkoebing|fam"),
        ("demo|eksempelkoebing|familier", "demo", "projekt har ikke", "kommune|projekt|liste"),
        ("\"2027-12-31\"", "\"2015-06-30\"", "Slettefristen ligger ikke efter perioden", "efter 2015-06-30"),
        ("\"2027-12-31\"", "\"2027-02-29\"", "slettefrist er ingen dato", "åååå-mm-dd"),
        ("\"2027-12-31\"", "2027-12-31T00:00:00", "slettefrist skal være en dato", "her står en dato"),
        ("ud = \"ud\"", "ud = \"  \"", "ud er tom", "skriv en tekst"),
        ("ud = \"ud\"", "ud = 7", "ud skal være en tekst", "et helt tal"),
        (
            "retsgrundlag = \"Databeskyttelsesforordningen art. 6(1)(e), 9(2)(g); barnets lov § 19\"",
            "retsgrundlag = \"\"",
            "retsgrundlag er tom",
            "skriv",
        ),
        ("til = \"2015-06-30\"", "til = \"2014-06-30\"", "Perioden slutter", "før fra"),
        (
            "til = \"2015-06-30\"",
            "til = \"2015-06-30\"\nskaeringsdato = \"2015-07-01\"",
            "Skæringsdatoen",
            "2015-06-30",
        ),
        ("antal = 50", "antal = 0", "antal ligger uden for", "fra 1 til 10000"),
        ("antal = 50", "antal = 10001", "antal ligger uden for", "fra 1 til 10000"),
        ("antal = 50", "antal = -1", "antal ligger uden for", "fra 1 til 10000"),
        ("antal = 50", "antal = 1.5", "antal skal være et helt tal", "kommatal"),
        ("antal = 50", "population = \"ale\"", "Ukendt værdi for population", "mente du alle?"),
        ("antal = 50", "manuel = \"ja\"", "manuel skal være true eller false", "en tekst"),
        ("antal = 50", "maal = \"nettto\"", "Ukendt værdi for maal", "mente du netto?"),
        ("[layouts]", "[prisniveau]\nindeks = \"pl.csv\"\n[layouts]", "aar mangler", "aar"),
        ("[layouts]", "[prisniveau]\naar = 1969\n[layouts]", "aar ligger uden for", "fra 1970"),
        ("[layouts]", "[prisniveau]\naar = 2024\nindex = \"pl.csv\"\n[layouts]", "Ukendt nøgle", "mente du indeks?"),
        (
            "[layouts]",
            "[maanedslukning]\ntil = \"2015-03-30\"\ntal = \"m.csv\"\n[layouts]",
            "kan ikke lukkes",
            "sidste dag",
        ),
        (
            "[layouts]",
            "[maanedslukning]\ntil = \"2015-07-31\"\ntal = \"m.csv\"\n[layouts]",
            "kan ikke lukkes",
            "i perioden",
        ),
        ("[layouts]", "[maanedslukning]\ntil = \"2015-03-31\"\n[layouts]", "tal mangler", "tal"),
        ("antal = 50", "min_ydelser = 0", "min_ydelser", "fra 1"),
        ("antal = 50", "afrunding = 0", "afrunding", "fra 1"),
        ("\"500.000\"", "500.000", "beloebsgraense skal være en tekst", "kommatal"),
        ("\"500.000\"", "\"500.00\"", "beloebsgraense er ikke et beløb", "500.000"),
        ("\"500.000\"", "\"0\"", "beloebsgraense er ikke et beløb", "over 0"),
        ("ud = \"ud\"", "ud = \"ud\"\nkommune = \"Hvidovre\"", "kommune er ingen kommunekode", "0167"),
        ("ud = \"ud\"", "ud = \"ud\"\nkommune = 167", "kommune skal være en tekst", "helt tal"),
        ("[layouts]", "[familier]\nenhed = \"X\"\n[layouts]", "Ukendt værdi for enhed", "S, F, H"),
        ("[layouts]", "[familier]\nenhet = \"S\"\n[layouts]", "Ukendt nøgle i [familier]", "mente du enhed?"),
        (
            "[layouts]",
            "[familier]\ninstitutionsvaern = \"list\"\n[layouts]",
            "Ukendt værdi for institutionsvaern",
            "mente du liste?",
        ),
        ("[layouts]", "[familier]\nmanuel = true\n[layouts]", "manuel skal være en tekst", "true eller false"),
        ("navn = \"cpr\"", "navn = \"CPR Hvidovre\"", "Kildens navn", "cpr-hvidovre"),
        ("navn = \"kmd\"", "navn = \"cpr\"", "To kilder har samme navn", "ovenfor"),
        ("system = \"kmd\"", "system = \"kdm\"", "Ukendt værdi for system", "mente du kmd?"),
        ("system = \"cpr\"", "system = \"opus\"", "Planen har ingen kilde med system = \"cpr\"", "husstand"),
        ("[\"ind/a.csv\", \"ind/b*.csv\"]", "[]", "fil er en tom liste", "mindst én"),
        ("[\"ind/a.csv\", \"ind/b*.csv\"]", "[\"a\", 3]", "fil skal være en tekst", "helt tal"),
        ("\"windows-1252\"", "\"utf8\"", "Ukendt værdi for tegnsaet", "mente du utf-8?"),
        ("\"\\t\"", "\"::\"", "skilletegn kendes ikke", "tabulator"),
        ("2015-07-31", "2014-12-31", "Kilden slutter", "2015-01-01"),
        ("0.05", "1.5", "fejlgraense er ingen andel", "0.01"),
        ("0.05", "\"5%\"", "fejlgraense skal være et tal", "en tekst"),
        ("kilde = \"kmd\"", "kilde = \"kdm\"", "Ukendt værdi for kilde", "mente du kmd?"),
        ("kilde = \"kmd\"", "kilde = \"cpr\"", "Kilden har ingen udbetalinger", "faktiske"),
        (
            "kilde = \"kmd\"",
            "kilde = \"kmd\"\n[[autoritativ]]\nformaalsgruppe = \"kontanthjaelp\"\nkilde = \"kmd\"",
            "En formålsgruppe har to",
            "ovenfor",
        ),
        ("[periode]", "[[periode]]", "periode skal være en tabel", "liste"),
        ("[layouts]\nfiler", "[layouts]\nfil", "Ukendt nøgle i [layouts]", "mente du filer?"),
        ("ud = \"ud\"", "ud = \"ud\"\netiketter = \"evigt\"", "Ukendt værdi for etiketter", "projekt, koersel"),
        ("ud = \"ud\"", "ud = ud", "Filen er ikke gyldig TOML", "anførselstegn"),
        ("ud = \"ud\"", "ud = \"ud\"\nud = \"ud\"", "Filen er ikke gyldig TOML", "anden gang"),
    ];
    for (from, to, message, help) in cases {
        let (found, _, explained) = refused(from, to);
        assert!(found.contains(message), "{from} -> {to}: {found}");
        assert!(explained.contains(help), "{from} -> {to}: {explained}");
    }
}

#[test]
fn a_plan_saved_by_a_windows_editor_is_the_same_plan() {
    let text = format!("\u{feff}{}", PLAN.replace('\n', "\r\n"));
    assert_eq!(parse(&text).expect("a plan").sources.len(), 2);
    let (_, marked, _) = explained(&text.replace("formaal", "fromaal"));
    assert_eq!(marked, "fromaal");
}

#[test]
fn statistics_have_labels_of_one_run() {
    let statistics = PLAN.replace("\"stotte\"", "\"statistik\"");
    assert_eq!(parse(&statistics).expect("a plan").labels, Labels::Run);
    let (message, marked, help) = explained(&statistics.replace("ud =", "etiketter = \"projekt\"\nud ="));
    assert!(message.contains("nye i hver kørsel") && marked == "\"projekt\"" && help.contains("§ 10"));
    let quality = PLAN.replace("\"stotte\"", "\"kvalitet\"\netiketter = \"koersel\"");
    assert_eq!(parse(&quality).expect("a plan").labels, Labels::Run);
}

#[test]
fn the_reference_date_may_be_any_day_of_the_period() {
    for (day, right) in [("2015-01-01", true), ("2015-06-30", true), ("2014-12-31", false), ("2015-07-01", false)] {
        let text = PLAN.replace("[rangliste]", &format!("skaeringsdato = {day}\n[rangliste]"));
        assert_eq!(parse(&text).is_ok(), right, "{day}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for key in ["projekt", "formaal", "retsgrundlag", "slettefrist", "noegle", "ud", "fra", "til", "filer"] {
        let line = PLAN.lines().find(|line| line.starts_with(&format!("{key} ="))).expect("a line for the key");
        let (message, ..) = explained(&PLAN.replace(&format!("{line}\n"), ""));
        assert_eq!(message, format!("Nøglen {key} mangler"));
    }
    for line in ["navn = \"kmd\"", "system = \"kmd\"", "layout = \"kmd-ydelser\"", "formaalsgruppe = \"kontanthjaelp\""]
    {
        let (message, marked, _) = refused(&format!("{line}\n"), "");
        let key = line.split(' ').next().expect("a key");
        assert_eq!(message, format!("Nøglen {key} mangler"));
        assert!(marked.starts_with("[["), "{marked}");
    }
    let whole = PLAN.split("[[kilde]]").next().expect("the part before the sources");
    assert_eq!(explained(whole).0, "Tabellen [[kilde]] mangler");
    assert_eq!(
        explained(&PLAN.replace("[periode]\nfra = \"2015-01-01\"\ntil = \"2015-06-30\"\n", "")).0,
        "Tabellen [periode] mangler"
    );
    for nothing in ["", "\n", "# kun en kommentar\n"] {
        assert_eq!(explained(nothing).0, "Nøglen projekt mangler");
    }
}

#[test]
fn a_plan_cut_anywhere_is_an_error_with_a_place_or_a_plan() {
    for (end, _) in PLAN.char_indices() {
        if parse(&PLAN[..end]).is_err() {
            explained(&PLAN[..end]);
        }
    }
}

#[test]
fn every_single_letter_changed_gives_a_place_or_a_plan() {
    for (start, letter) in PLAN.char_indices() {
        for other in ["", "\"", "=", "[", "ø", "\n", "0"] {
            let text = format!("{}{other}{}", &PLAN[..start], &PLAN[start + letter.len_utf8()..]);
            if parse(&text).is_err() {
                explained(&text);
            }
        }
    }
}

#[test]
fn layouts_and_purpose_groups_are_checked_when_known() {
    let plan = parse(PLAN).expect("a plan");
    assert!(plan.check_layouts(&["cpr-p12170", "kmd-ydelser"]).is_ok());
    let error = plan.check_layouts(&["cpr-p12170", "kmd-ydelse", "opus-posteringer"]).expect_err("unknown layout");
    let place = error.place().expect("a place");
    assert_eq!((&PLAN[place.span.clone()], place.label.as_str()), ("\"kmd-ydelser\"", "mente du kmd-ydelse?"));
    assert!(plan.check_purpose_groups(&["kontanthjaelp"]).is_ok());
    let error = plan.check_purpose_groups(&["kontanthjælp"]).expect_err("unknown purpose group");
    assert_eq!(error.place().map(|place| &PLAN[place.span.clone()]), Some("\"kontanthjaelp\""));
}

#[test]
fn a_plan_that_is_no_plan_is_refused_before_it_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("samkor.toml");
    fs::write(&path, PLAN).expect("a file");
    assert!(Plan::read(&path).is_ok());
    let error = Plan::read(&directory.path().join("samkro.toml")).expect_err("no such file");
    assert!(error.hints()[0].contains("samkor.toml"), "{:?}", error.hints());
    fs::write(&path, b"projekt = \"\xe6\"").expect("a file");
    assert!(Plan::read(&path).expect_err("not UTF-8").to_string().contains("UTF-8"));
    fs::write(&path, "#".repeat((1 << 20) + 1)).expect("a file");
    assert!(Plan::read(&path).expect_err("too long").to_string().contains("for stor"));
    assert!(Plan::read(directory.path()).is_err());
}
