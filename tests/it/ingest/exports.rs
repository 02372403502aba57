//! Headings of real exports (`sources.md`), a user's own layouts, several files to a source, and proposed layouts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use samkor::{
    base::Error,
    domain::{AmountType, Date, Identity, Ore, Role},
    ingest::{ReadOptions, read_headings},
    layout::{Field, Layout, Matched, infer},
};

use super::{Read, read, read_named, shipped};
use crate::cli;

fn refused(layout: &str, text: &str) -> String {
    let error: Error = read_named("eksport.csv", layout, text.as_bytes(), ReadOptions::default()).expect_err("refused");
    error.to_string()
}

/// A file with these headings and one row, told by heading; other cells are blank.
fn sample(headings: &str, cells: &[(&str, &str)]) -> String {
    let cell = |heading: &str| cells.iter().find(|(name, _)| *name == heading).map_or("", |(_, text)| *text);
    for (name, _) in cells {
        assert!(headings.split(';').any(|heading| heading == *name), "{name}");
    }
    format!("{headings}\n{}\n", headings.split(';').map(cell).collect::<Vec<_>>().join(";"))
}

fn one(seen: &Read) -> &samkor::ingest::rows::MoneyRow {
    assert_eq!((seen.rows.len(), seen.faults()), (1, vec![]));
    &seen.rows[0]
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

/// `BSDUBU2` and `BSDUBUp30`: the same list, with days as numbers or as dates.
const SERVICES: &str = "Dato;Sagstype;Sagsnummer;Type;Ydelsestype;Tilbud;Status;Afdeling;Afgørelsesparagraf;\
                        Foranstaltningsparagraf;Leverandør;Enheds angivelse;Beregningsfrekvens;Ydelsesbeløb;Antal;\
                        Startdato;Slutdato;CPR-nr.";

#[test]
fn the_service_list_of_dubu_with_days_as_numbers_or_dates() {
    for (from, to) in
        [("42005", "42185"), ("20150101", "20150630"), ("2015-01-01", "2015-06-30"), ("01-01-2015", "30-06-2015")]
    {
        let cells = [
            ("Dato", from),
            ("Status", "Aktiv"),
            ("Foranstaltningsparagraf", "SEL § 66, stk. 1, nr. 1"),
            ("Enheds angivelse", "Døgn"),
            ("Beregningsfrekvens", "Dag"),
            ("Ydelsesbeløb", "800,0000"),
            ("Antal", "1,0000"),
            ("Startdato", from),
            ("Slutdato", to),
            ("CPR-nr.", "0203040506"),
        ];
        let seen = read("dubu-ydelser", sample(SERVICES, &cells));
        let row = one(&seen);
        assert_eq!((row.from, row.to), (day("2015-01-01"), day("2015-06-30")), "{from}");
        assert_eq!((row.amount, row.amount_type, row.quantity), (Ore(80_000), AmountType::Day, 1000));
    }
}

#[test]
fn dubu_lists_without_a_cpr_number_say_so() {
    let p32 = SERVICES.trim_end_matches(";CPR-nr.");
    assert!(refused("dubu-ydelser", &sample(p32, &[])).ends_with("mangler en kolonne: `CPR-nr.`"));
    let prices = "Dato;Status;Ydelsesvariant;Ydelsestype;Tilbudstype;Lovhjemmel;Funktion;Leverandør;\
                  Leverandør beliggenhedskommune;Tilbudsbeskrivelse;Frekvens;Sag rækkeID;Sag status;Sagstype;Tvang;\
                  Afdeling;Ydelse startdato;Ydelse slutdato;Antal;Takst;Pris pr stk;Pris pr dag;Pris pr måned;\
                  Beregnet pris pr dag;Beregnet total;M0";
    let message = refused("dubu-ydelser", &sample(prices, &[]));
    assert!(message.contains("mangler en kolonne: `CPR-nr.`, `Enheds angivelse`"), "{message}");
    let payments = "Dato;Ydelse startdato;Ydelse slutdato;Indeværende år;Næste år;Sum;Funktion;Sag rækkeID;Sag status";
    assert!(refused("dubu-ydelser", &sample(payments, &[])).contains("`CPR-nr.`, `Status`"));
}

#[test]
fn lists_of_postings() {
    // The correction voucher has neither account nor posting date: those stand in its header in the accounts.
    let voucher = "Artskonto;Omkostningssted;PSP-element;Profitcenter;Ordre;Debet/kredit;Beløb;Næste agent;Tekst;\
                   Betalingsart;Påligningsår;Betalingsmodtagernr.;Betalingsmodtagernr.kode;Ydelsesmodtagernr.;\
                   Ydelsesmodtagernr.kode;Ydelsesperiode fra;Ydelsesperiode til;Oplysningspligtnr.;\
                   Oplysningspligtmodtagernr.kode;Oplysningspligtkode;Netværk;Operation;Mængde;Mængdeenhed;Referencenøgle";
    assert_eq!(voucher.split(';').count(), 25);
    let message = refused("opus-posteringer", &sample(voucher, &[]));
    assert!(message.ends_with("mangler en kolonne: `Konto`, `Bogføringsdato`"), "{message}");

    // SAP's line-item list knows no citizen of its own.
    let list = "Bilagsnummer;BoL;PSP-element;Beskrivelse;Periode;Bogføringsdato;Bilagsdato;Valørdato;Vrd./CO-områdevaluta;\
                BilArt;Bilagstoptekst;Omk.art;OmkArtsbetegnelse;Modkonto;Funktionsområde;Objekt;Partnerobjekt;RefBilNr;År;\
                TilbF-Ref.;TilbF-Org.;TbF;User Name";
    let message = refused("opus-posteringer", &sample(list, &[]));
    assert!(message.ends_with("mangler en kolonne: `Ydelsesmodtagernr.`, `Ydelsesmodtagernr.kode`"), "{message}");
    let with_citizen = format!("{list};Ydelsesmodtagernr.;Ydelsesmodtagernr.kode");
    let cells = [
        ("Bilagsnummer", "5000012345"),
        ("BoL", "2"),
        ("Bogføringsdato", "15.01.2015"),
        ("Vrd./CO-områdevaluta", "1.234,50-"),
        ("Omk.art", "45200000"),
        ("Funktionsområde", "528211003"),
        ("År", "2015"),
        ("TilbF-Ref.", "5000012300"),
        ("Ydelsesmodtagernr.", "0203040506"),
        ("Ydelsesmodtagernr.kode", "02"),
    ];
    let seen = read("opus-posteringer", sample(&with_citizen, &cells));
    let row = one(&seen);
    assert_eq!((row.amount, row.amount_type, row.from), (Ore(-123_450), AmountType::Lump, day("2015-01-15")));
    assert_eq!((row.posting.document, row.posting.reverses), (5_000_012_345, 5_000_012_300));

    // The columns of the issue, rows without a person too.
    let posted = "Regnskabsår;Bogføringsdato;Bilagsnummer;Linje;Artskonto;Omkostningssted;PSP-element;Konto;Art;Debet/kredit;\
                  Beløb;Tekst;Betalingsmodtagernr.;Betalingsmodtagernr.kode;Ydelsesmodtagernr.;Ydelsesmodtagernr.kode;\
                  Ydelsesperiode fra;Ydelsesperiode til;TilbF-Ref.";
    let cells = [
        ("Bogføringsdato", "15.01.2015"),
        ("Artskonto", "40000000"),
        ("Konto", "528211003"),
        ("Debet/kredit", "DEBET"),
        ("Beløb", "10,00"),
        ("Betalingsmodtagernr.", "0203040506"),
        ("Betalingsmodtagernr.kode", "02"),
    ];
    let seen = read("opus-posteringer", sample(posted, &cells));
    assert_eq!(
        (one(&seen).identity, one(&seen).amount),
        (Identity::Missing, Ore(1_000)),
        "the payee is not the citizen"
    );
}

#[test]
fn weekly_calculations_of_refunds() {
    let heading = "Uge;CPR nummer;Ydelse;Finansiering Kommunenavn;Beregnet udbetalingsbeløb;Refusionssats;Refusionsbeløb;\
                   Medfinansieringssats;Medfinansieringsbeløb";
    let cells = [
        ("Uge", "2015-01-05"),
        ("CPR nummer", "0203040506"),
        ("Ydelse", "Kontanthjælp"),
        ("Beregnet udbetalingsbeløb", "3326,77"),
        ("Refusionsbeløb", "998,03"),
    ];
    let seen = read("kmd-ydelsesrefusion", sample(heading, &cells));
    let row = one(&seen);
    assert_eq!((row.from, row.to, row.amount), (day("2015-01-05"), day("2015-01-11"), Ore(332_677)));
    assert_eq!((row.role, row.amount_type), (Role::Actual, AmountType::Contract));
}

#[test]
fn measures_of_sensum() {
    let heading = "IndsatsId;IndsatsStartDato;IndsatsSlutDato;IndsatsStatus;Indsats;IndsatsParagraf;LeverandørIndsats;\
                   LeverandørNavn;SagId;BorgerId;SagNavn;SagType;AfdelingNavn;Status;CPR;Fornavn;OpholdsKommune;\
                   AfslutningsÅrsag";
    let cells = [
        ("IndsatsId", "1"),
        ("IndsatsStartDato", "2015-02-01"),
        ("IndsatsStatus", "Igangværende"),
        ("Indsats", "Midlertidigt botilbud"),
        ("IndsatsParagraf", "SEL § 107"),
        ("Status", "Annulleret"),
        ("CPR", "020304-0506"),
    ];
    let seen = read("sensum-indsatser", sample(heading, &cells));
    let row = one(&seen);
    assert_eq!(
        (row.amount_type, row.to),
        (AmountType::Nothing, Date::MAX),
        "the measure's status counts, not the case's"
    );
}

#[test]
fn headings_are_known_by_any_spelling() {
    for heading in ["CPR-nr.", "Cpr.nr.", "cpr nr", "CPR - NR", " CPR-nr.: "] {
        let text = format!("{heading};YDELSESKODE;Ydelse;periode fra;PeriodeTil;beløb\n0203040506;1;;2015-01-01;;1\n");
        one(&read("kmd-ydelser", text));
    }
}

/// The example in a directory of its own, run once.
fn town() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let town = directory.path().join("by");
    assert_eq!(cli::samkor([Path::new("demo"), &town]).code, Some(0));
    (directory, town)
}

fn edit(town: &Path, replace: &[(&str, &str)]) {
    let plan = town.join("samkor.toml");
    let mut text = fs::read_to_string(&plan).expect("the plan");
    for (from, to) in replace {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(plan, text).expect("written");
}

/// Runs the plan again and gives every output outside bevis/, with what was said.
fn outputs(town: &Path) -> (Vec<Vec<u8>>, String) {
    let ran = cli::samkor([Path::new("run"), &town.join("samkor.toml"), Path::new("--replace")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let tables = ["husstande", "personer", "ydelser"].map(|name| format!("arbejde/tabeller/{name}.parquet"));
    let names = ["rapport/rapport.html", "liste/familier.csv", "liste/familier.html", "arbejde/afstemning.csv"];
    let all = names.into_iter().chain(["arbejde/fejl.csv"]).map(str::to_owned).chain(tables);
    (all.map(|name| fs::read(town.join("ud").join(name)).expect("written")).collect(), ran.stderr)
}

/// What `layouts infer` proposes for each of the example's files is a layout, knows every column that the shipped one
/// knows, and as the plan's own layout gives the same run.
#[test]
fn proposed_layouts_read_their_files_as_the_shipped_ones_do() {
    let (_directory, town) = town();
    let (before, _) = outputs(&town);
    fs::create_dir(town.join("layouts")).expect("made");
    let sources = [
        ("dubu", "dubu-ydelser"),
        ("opus", "opus-posteringer"),
        ("kmd", "kmd-ydelser"),
        ("Data_refusion", "kmd-ydelsesrefusion"),
        ("sensum", "sensum-indsatser"),
        ("indskrivning", "indskrivning"),
        ("takster", "takster"),
        ("manuel", "manuel"),
    ];
    let mut replace = vec![("ud = \"ud\"".to_owned(), "ud = \"ud\"".to_owned())];
    for (file, layout) in sources {
        let path = town.join(format!("ind/{file}.csv"));
        let ran = cli::samkor([Path::new("layouts"), Path::new("infer"), &path]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{file}");
        let proposed =
            Layout::parse(&ran.stdout, file).unwrap_or_else(|error| panic!("{file}: {error}\n{}", ran.stdout));
        fs::write(town.join(format!("layouts/{file}.toml")), &ran.stdout).expect("written");
        replace.push((format!("layout = \"{layout}\""), format!("layout = \"{}\"", proposed.name)));
    }
    replace.push(("[periode]".to_owned(), "[layouts]\nfiler = [\"layouts/*.toml\"]\n\n[periode]".to_owned()));
    let replace: Vec<(&str, &str)> = replace.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    edit(&town, &replace);
    let (after, said) = outputs(&town);
    assert!(before == after, "{said}");
}

#[test]
fn a_proposal_for_its_own_headings_is_itself() {
    let (_directory, town) = town();
    let mut files: Vec<PathBuf> =
        town.join("ind").read_dir().expect("files").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut proposed = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "csv")) {
        let mut layouts = shipped();
        let headings = read_headings(file, "fil", &layouts).expect("headings");
        let text = infer("egen", &headings, &layouts);
        let layout = Layout::parse(&text, "egen.toml").expect("a layout");
        let Matched::Table { columns, .. } = layout.match_headings(&headings) else { panic!("{text}") };
        for (at, column) in
            layout.tables[0].columns.iter().enumerate().filter(|(_, column)| column.field != Field::Ignored)
        {
            assert_eq!(columns[column.field as usize], Some(at), "{text}");
        }
        layouts.add(layout);
        assert_eq!(infer("egen", &headings, &layouts), text, "{}", file.display());
        proposed += 1;
    }
    assert_eq!(proposed, 13);
    let fixed = cli::samkor([Path::new("layouts"), Path::new("infer"), &town.join("ind/cpr.txt")]);
    assert!(fixed.code != Some(0) && fixed.stderr.contains("fast bredde"), "{}", fixed.stderr);
    assert_eq!(fixed.stdout, "");
}

#[test]
fn a_proposal_comes_from_headings_never_from_rows() {
    let directory = tempfile::tempdir().expect("a directory");
    let infer = |text: &str| {
        let file = directory.path().join("ny.csv");
        fs::write(&file, text).expect("written");
        cli::samkor([Path::new("layouts"), Path::new("infer"), &file])
    };
    let ran = infer("Liste;\nNavn;By;Ydelse\nAnna;Odense;Mad\nBo;Vejle;Mad\n");
    assert!(ran.stdout.contains("[\"Navn\"]") && !ran.stdout.contains("Anna"), "{}", ran.stdout);
    let ran = infer("Dato1;Tekst1;Tekst2\nM0;CPR-nr.;Startdato;;\n2015-01-01;0203040506;2015-01-01;x;y\n");
    assert!(ran.stdout.contains("[\"M0\"]") && !ran.stdout.contains("Dato1"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("0203040506"));
}

/// The plan's own layout takes the place of a shipped one by having its name.
#[test]
fn a_layout_of_the_plan_overrides_a_shipped_one() {
    let (_directory, town) = town();
    let (before, _) = outputs(&town);
    let kmd = fs::read_to_string(town.join("ind/kmd.csv")).expect("unpacked").replace("Ydelseskode", "Kode fra KY");
    fs::write(town.join("ind/kmd.csv"), kmd).expect("written");
    let ran = cli::samkor([Path::new("run"), &town.join("samkor.toml"), Path::new("--replace")]);
    assert!(ran.code != Some(0) && ran.stderr.contains("kmd.csv mangler en kolonne: `Ydelseskode`"), "{}", ran.stderr);
    let shown = cli::samkor(["layouts", "show", "kmd-ydelser"]).stdout;
    fs::write(town.join("egen.toml"), shown.replace("\"Ydelseskode\"", "\"Ydelseskode\", \"Kode fra KY\""))
        .expect("written");
    edit(&town, &[("[periode]", "[layouts]\nfiler = \"egen.toml\"\n\n[periode]")]);
    let (after, said) = outputs(&town);
    assert!(before == after, "{said}");
}

#[test]
fn a_source_of_several_files_is_their_sum() {
    let (_directory, town) = town();
    let (before, _) = outputs(&town);
    let dubu = fs::read_to_string(town.join("ind/dubu.csv")).expect("unpacked");
    let rows: Vec<&str> = dubu.split_inclusive('\n').collect();
    // Grants in three files of different shape, the second with the byte order mark that Excel writes.
    let part = |range: std::ops::Range<usize>| format!("{}{}", rows[0], rows[range].concat());
    fs::remove_file(town.join("ind/dubu.csv")).expect("removed");
    fs::write(town.join("ind/dubu-1.csv"), part(1..8)).expect("written");
    fs::write(town.join("ind/dubu-2.csv"), format!("\u{feff}{}", part(8..8).replace('\n', "\r\n"))).expect("written");
    fs::write(town.join("ind/dubu-3.csv"), format!("Titel\n\n{}", part(8..rows.len()))).expect("written");
    edit(&town, &[("\"ind/dubu.csv\"", "\"ind/dubu-*.csv\"")]);
    let (after, said) = outputs(&town);
    let same: Vec<bool> = before.iter().zip(&after).map(|(before, after)| before == after).collect();
    // Only the places of faults differ.
    assert_eq!(same, [true, true, true, true, false, true, true, true], "{said}");
    let faults = String::from_utf8(after[4].clone()).expect("UTF-8");
    // Row 20 was the thirteenth behind the seventh; two lines of title and one of headings stand above.
    assert!(
        faults.contains("dubu;3;15;") && said.contains("dubu-2.csv: UTF-8") && said.contains("0 rækker"),
        "{faults}{said}"
    );
}

#[test]
fn a_wrong_total_is_told_and_stops_nothing() {
    let (_directory, town) = town();
    let opus = fs::read(town.join("ind/opus.csv")).expect("unpacked");
    let text: String = opus.iter().map(|byte| char::from(*byte)).collect();
    assert!(!outputs(&town).1.contains("I alt-rækker"), "the example's total is right");
    fs::write(town.join("ind/opus.csv"), super::windows_1252(&text.replace("847.017,91", "847.017,92")))
        .expect("written");
    let said = outputs(&town).1;
    assert!(said.contains("opus.csv: 1 I alt-rækker svarer ikke til summen af rækkerne"), "{said}");
    let unreadable = text.replace("847.017,91", "847.017,92").replace("48.800,00", "48.8OO,00");
    fs::write(town.join("ind/opus.csv"), super::windows_1252(&unreadable)).expect("written");
    let said = outputs(&town).1;
    assert!(said.contains("1 I alt-rækker kan ikke kontrolleres, for 1 beløb kan ikke læses"), "{said}");
}
