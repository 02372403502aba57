//! Hostile exports, one at a time in place of one file of the example: each ends with a documented exit code, in bounded
//! time and memory, and harms nothing (docs/architecture.md, invariant 7).

mod archives;
mod harness;

use std::{fs, io::Write as _, os::unix::fs::symlink, path::Path};

use samkor::{
    base::{ErrorKind, Event, Files, Observer},
    jobs::{self, Execution, Request},
};

use self::{
    archives::{NO_STRINGS, archive, benefits, bomb, far_apart, many_strings_claimed, row, sheet, workbook},
    harness::{is_csv, removed, rows, run, swapped, text, then},
};
use crate::leaks::town::{Town, example};

const DUBU: &str = "ind/dubu.csv";
const KMD: &str = "ind/kmd.csv";
const CPR: &str = "ind/cpr.txt";

/// One file of the example replaced by bytes: its name, the bytes, the exit code, and what stderr says.
macro_rules! hostile {
    ($($name:ident: $file:expr, $bytes:expr => $code:literal, $says:expr;)*) => {
        $(#[test] fn $name() {
            let bytes: Vec<u8> = $bytes.into();
            run(|town| town.write($file, &bytes), $code, $says);
        })*
    };
}

hostile! {
    an_empty_file: DUBU, "" => 5, "ind/dubu.csv er tom";
    a_mark_and_nothing_else: DUBU, "\u{feff}" => 5, "ind/dubu.csv er tom";
    blank_lines_only: DUBU, "\r\n \r\n\t\r\n" => 5, "ind/dubu.csv er tom";
    headings_only: KMD, then(KMD, 2, "") => 0, "ind/kmd.csv: ASCII, skilletegn `;`, data fra linje 3, 0 rækker";
    nothing_but_nul: DUBU, vec![0_u8; 1 << 20] => 5, "ind/dubu.csv passer ikke til layoutet `dubu-ydelser`";
    nul_in_amounts: KMD, swapped(KMD, ",00", "\0,00") => 6, "beloeb-ulaeseligt";
    random_bytes: DUBU, noise(300_000) => 5, "ind/dubu.csv passer ikke";
    the_wrong_layout: KMD, text(DUBU) => 5, "Overskrifterne passer til `dubu-ydelser`";
    a_missing_column: DUBU, swapped(DUBU, "Ydelsesbeløb", "Kanariebeløb") => 5, "ind/dubu.csv mangler en kolonne: `Ydelsesbeløb`";
    a_heading_twice: DUBU, swapped(DUBU, ";Leverandør;", ";Ydelsesbeløb;") => 5, "ind/dubu.csv har to kolonner, der hedder `Ydelsesbeløb`";
    utf16_with_a_mark: KMD, utf16(&text(KMD)) => 5, "ind/kmd.csv er gemt som UTF-16";
    utf16_without_a_mark: KMD, utf16(text(KMD).trim_start_matches('\u{feff}'))[2..].to_vec() => 5, "ind/kmd.csv er gemt som UTF-16";
    a_quote_without_end: DUBU, then(DUBU, 4, "02-07-2015;\"Kanarie") => 5, "ind/dubu.csv er skåret over";
    a_quote_without_end_and_much_behind_it: KMD, then(KMD, 3, format!("\"Kanarie\n{}", rows(KMD, 3).repeat(150))) => 0, "ind/kmd.csv: UTF-8";
    the_last_row_cut: KMD, then(KMD, 4, "1403801110;YD-KTH;Kanarie") => 5, "ind/kmd.csv er skåret over: den slutter midt i en række";
    a_line_of_10_megabytes: DUBU, text(DUBU) + &"Kanarie".repeat(1_500_000) => 0, "ind/dubu.csv: UTF-8";
    a_file_of_one_line: DUBU, "Kanarie;".repeat(1_200_000) => 5, "ind/dubu.csv passer ikke til layoutet";
    three_hundred_columns: DUBU, swapped(DUBU, "CPR-nr.", &format!("CPR-nr.{}", ";Kanarie".repeat(300))) => 5, "kolonner; grænsen er 256";
    a_million_columns: DUBU, swapped(DUBU, "CPR-nr.", &format!("CPR-nr.{}", ";k".repeat(1_000_000))) => 5, "kolonner; grænsen er 256";
    a_million_cells_in_a_row: DUBU, text(DUBU) + &"k;".repeat(1_000_000) + "\n" => 0, "ind/dubu.csv: UTF-8";
    delimiters_only: KMD, text(KMD) + &";;;;;\n".repeat(100_000) => 0, "ind/kmd.csv: UTF-8";
    line_ends_of_old: KMD, text(KMD).replace('\n', "\r") => 0, "ind/kmd.csv: UTF-8";
    a_hundred_thousand_bad_rows: KMD, text(KMD) + &"Kanarie;x;y;z;u;v\n".repeat(100_000) => 6, "mere end grænsen";

    a_plain_archive: KMD, archive(&[("Kanarie.txt", b"Kanarie")]) => 5, "ind/kmd.csv er ikke et regneark, der kan læses";
    an_archive_cut: KMD, { let mut bytes = workbook(&sheet(&benefits()), NO_STRINGS); bytes.truncate(bytes.len() / 2); bytes } => 5, "er ikke et regneark, der kan læses";
    an_archive_of_noise: KMD, [&b"PK\x03\x04"[..], &noise(100_000)].concat() => 5, "er ikke et regneark, der kan læses";
    an_archive_that_climbs: KMD, archive(&[("../../Kanarie.txt", b"Kanarie"), ("xl/workbook.xml", b"<a/>")]) => 5, "er ikke et regneark, der kan læses";
    a_bomb: KMD, bomb(200) => 5, "ind/kmd.csv fylder for meget, når det pakkes ud";
    a_sheet_that_is_no_xml: KMD, workbook("<worksheet><sheetData><row><c Kanarie></Fugl>", NO_STRINGS) => 5, "er ikke et regneark, der kan læses";
    a_cell_of_an_unknown_error: KMD, workbook(&sheet(&(benefits() + "<row r=\"90\"><c t=\"e\"><v>Kanarie</v></c></row>")), NO_STRINGS) => 5, "er ikke et regneark, der kan læses";
    a_cell_of_an_unknown_type: KMD, workbook(&sheet(&(benefits() + "<row r=\"90\"><c t=\"Kanarie\"><v>Kanarie</v></c></row>")), NO_STRINGS) => 5, "er ikke et regneark, der kan læses";
    a_tag_that_closes_another: KMD, workbook(&sheet(&(benefits() + "<row r=\"90\"><c><v>1</Kanarie></c></row>")), NO_STRINGS) => 5, "er ikke et regneark, der kan læses";
    strings_that_are_not_there: KMD, workbook(&sheet(&(benefits() + "<row r=\"90\"><c t=\"s\"><v>4000000000</v></c></row>")), NO_STRINGS) => 5, "er ikke et regneark, der kan læses";
    a_cell_of_megabytes: KMD, workbook(&sheet(&(benefits() + &row(90, &[&String::from_utf8_lossy(&noise(1_000_000)).replace(['<', '>', '&', '\0'], "k")]))), NO_STRINGS) => 0, "ind/kmd.csv: regneark";
    cells_far_apart: KMD, far_apart() => 5, "16384 kolonner; grænsen er 256";
    rows_far_apart: KMD, workbook(&sheet(&(benefits() + "<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>")), NO_STRINGS) => 0, "ind/kmd.csv: regneark";
    rows_beyond_every_sheet: KMD, workbook(&sheet(&(benefits() + "<row r=\"4294967295\"><c r=\"A4294967295\"><v>1</v></c></row>")), NO_STRINGS) => 5, "ind/kmd.csv";
    strings_claimed_and_not_there: KMD, many_strings_claimed("99999999999") => 5, "er ikke et regneark, der kan læses";
    strings_claimed_beyond_memory: KMD, many_strings_claimed("9223372036854775807") => 5, "er ikke et regneark, der kan læses";
    a_workbook_that_is_sound: KMD, workbook(&sheet(&benefits()), NO_STRINGS) => 0, "ind/kmd.csv: regneark, data fra række 2, 15 rækker";
    a_long_cell_in_a_workbook: KMD, workbook(&sheet(&(benefits() + &row(90, &["1403801110", "YD-KTH", &"Kanarie".repeat(900), "2015-01-01", "2015-01-31", "1,00"]))), NO_STRINGS) => 0, "16 rækker";
    a_workbook_without_rows: KMD, workbook(&sheet(""), NO_STRINGS) => 5, "ind/kmd.csv passer ikke";

    a_register_without_its_end: CPR, text(CPR).lines().filter(|line| !line.starts_with("999")).fold(String::new(), |all, line| all + line + "\n") => 5, "slutposten (999) mangler";
    a_register_that_counts_wrong: CPR, swapped(CPR, "999999999999900000258", "999999999999900000257") => 0, "slutposten siger 257 poster, men der er 258";
    a_register_without_persons: CPR, "00000000000009900012015070120150630\n999999999999900000000\n" => 0, "ind/cpr.txt: fast bredde";
    a_register_of_another_kind: CPR, text("ind/cpr-personer.csv") => 5, "ind/cpr.txt passer ikke til layoutet `cpr-p12170`";
    an_unknown_record_in_a_stream: CPR, format!("{}888Kanarie{}", stream(), " ".repeat(200)) => 5, "ind/cpr.txt har en posttype, som layoutet `cpr-p12170` ikke kender";
    a_stream_cut: CPR, { let mut text = stream(); text.truncate(text.len() - 5); text } => 5, "ind/cpr.txt er skåret over";
    a_stream_of_megabytes_without_a_record: CPR, format!("001{}", "7".repeat(5_000_000)) => 5, "ind/cpr.txt";
    a_record_shorter_than_its_fields: CPR, short_record() => 0, "ind/cpr.txt: fast bredde";
    a_line_longer_than_any_record: CPR, text(CPR).replacen('\n', &format!("{}\n", "7".repeat(100_000)), 1) => 5, "ind/cpr.txt har en linje, der er længere end nogen post";
    numbers_that_replace_each_other: CPR, replacing_each_other() => 0, "ind/cpr.txt: fast bredde";

    an_amount_at_the_limit: KMD, benefit("92.233.720.368.547.758,07", "2015-01-01", "2015-01-31", 1) => 5, "for stor til at kunne være rigtig";
    amounts_whose_sum_is_too_large: KMD, benefit("92.233.720.368.547.758,07", "2015-01-01", "2015-01-31", 3) => 5, "for stor til at kunne være rigtig";
    an_amount_beyond_the_limit: KMD, benefit("92.233.720.368.547.758,08", "2015-01-01", "2015-01-31", 1) => 0, "ind/kmd.csv: UTF-8";
    a_quantity_of_two_million: DUBU, grant("800,00", "2000000", "01-02-2014", "31-01-2015") => 0, "ind/dubu.csv: UTF-8";
    a_large_amount_two_million_times: DUBU, grant("90.000.000.000.000.000,00", "2000000", "01-02-2014", "31-01-2015") => 5, "for stor til at kunne være rigtig";
    a_quantity_of_three_million: DUBU, grant("800,00", "3000000", "01-02-2014", "31-01-2015") => 0, "ind/dubu.csv: UTF-8";
    a_negative_quantity: DUBU, grant("800,00", "-3", "01-02-2014", "31-01-2015") => 0, "ind/dubu.csv: UTF-8";
    the_year_0: DUBU, grant("800,00", "1", "01-01-0000", "31-01-2015") => 0, "ind/dubu.csv: UTF-8";
    the_year_9999: DUBU, grant("800,00", "1", "01-02-2014", "31-12-9999") => 0, "ind/dubu.csv: UTF-8";
    open_since_the_year_1: DUBU, grant("800,00", "1", "01-01-0001", "") => 0, "ind/dubu.csv: UTF-8";
    a_period_of_ten_thousand_years: KMD, benefit("1.000,00", "0001-01-01", "9999-12-31", 1) => 0, "ind/kmd.csv: UTF-8";
    the_last_week_of_all: "ind/Data_refusion.csv", text("ind/Data_refusion.csv") + "9999-12-31;1403801110;Kontanthjælp;K;1,00;0,00;0,00;0,00;0,00\n" => 0, "Data_refusion.csv: UTF-8";
    enrolments_since_the_year_1: "ind/indskrivning.csv", text("ind/indskrivning.csv") + &"1604124145;Kanariereden Mælkebøtten;01-01-0001;31-12-9999\n".repeat(300) => 0, "ind/indskrivning.csv: UTF-8";
    prices_of_many_years: "ind/takster.csv", (1900..2200).fold(text("ind/takster.csv"), |all, year| if year == 2015 { all } else { format!("{all}Kanariereden Mælkebøtten;{year:04};Dag;1,00\n") }) => 0, "ind/takster.csv: UTF-8";
    prices_of_years_without_end: "ind/takster.csv", text("ind/takster.csv").replace("2014;", "99999;") => 6, "dato-ulaeselig";
}

/// Texts that a spreadsheet would run, and paths that climb, in every cell that holds a planted text.
#[test]
fn formulas_and_climbing_paths_in_every_text() {
    const ARMED: [&str; 9] = [
        "=HYPERLINK(\"Kanarie\")",
        "+Kanarie",
        "-Kanarie",
        "@Kanarie",
        "\tKanarie",
        "\rKanarie",
        "＝Kanarie",
        "../../Kanarie",
        "<script>Kanarie",
    ];
    for start in [0, 4] {
        let change = |town: &Town| {
            let mut armed = ARMED.iter().cycle().skip(start);
            let tables = example().files.iter().filter(|(name, _)| is_csv(name) && !name.contains("Meta"));
            for (name, bytes) in tables {
                let mut cell = |cell: &str| {
                    if !cell.contains("Kanarie") {
                        return cell.to_owned();
                    }
                    let armed = armed.next().expect("without end");
                    format!("\"{}{}\"", armed.replace('"', "\"\""), cell.replace('"', ""))
                };
                let mut line = |line: &str| line.split(';').map(&mut cell).collect::<Vec<_>>().join(";") + "\n";
                let planted: String = text(name).lines().map(&mut line).collect();
                let utf8 = std::str::from_utf8(bytes).is_ok();
                let encoded = || encoding_rs::WINDOWS_1252.encode(&planted).0.into_owned();
                town.write(name, &if utf8 { planted.clone().into_bytes() } else { encoded() });
            }
        };
        // Statuses and units stay readable, so the rows count.
        let ended = run(change, 0, "ind/dubu.csv");
        assert!(ended.written.values().all(|bytes| memchr::memmem::find(bytes, b"HYPERLINK").is_none()));
    }
}

/// Whether a line is too long does not depend on where the chunks end.
#[test]
fn a_long_line_is_set_aside_whatever_the_chunks() {
    let town = Town::new();
    town.write(DUBU, (text(DUBU) + &"Kanarie".repeat(15_000) + "\n" + &rows(DUBU, 20)).as_bytes());
    let plan = town.path("samkor.toml");
    let faults = |chunk: &str| {
        let arguments = ["run", "--replace", "--chunk-bytes", chunk, plan.to_str().expect("UTF-8")];
        let ran = crate::cli::samkor(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        fs::read_to_string(town.path("ud/arbejde/fejl.csv")).expect("faults")
    };
    let small = faults("4096");
    assert!(small.contains(";for-lang;"), "{small}");
    assert_eq!(small, faults("1000000"));
}

#[test]
fn a_cell_of_5_kib_is_set_aside() {
    let long = format!(
        "02-07-2015;Børnesag;{};Anbringelse;x;x;Aktiv;x;SEL § 42;SEL § 42;x;Døgn;Dag;1,00;1;01-02-2015;;1307077431\n",
        "Kanarie".repeat(750)
    );
    let ended = run(|town| town.write(DUBU, (text(DUBU) + &long).as_bytes()), 0, "22 rækker");
    assert_eq!(ended.faults("dubu").iter().filter(|code| *code == "for-lang").count(), 1);
    let short = long.replace(&"Kanarie".repeat(750), &"Kanarie".repeat(500));
    let ended = run(|town| town.write(DUBU, (text(DUBU) + &short).as_bytes()), 0, "22 rækker");
    assert!(!ended.faults("dubu").contains(&"for-lang".to_owned()));
}

#[test]
fn bad_bytes_where_utf8_was_promised() {
    let change = |town: &Town| {
        town.edit("samkor.toml", "fil = \"ind/opus.csv\"", "fil = \"ind/opus.csv\"\ntegnsaet = \"utf-8\"");
    };
    let ended = run(change, 5, "ind/opus.csv mangler en kolonne");
    assert!(ended.stderr.contains("men filen er ikke UTF-8: slet linjen"), "{}", ended.stderr);
}

#[test]
fn headings_in_a_file_beside_that_is_no_file() {
    const META: &str = "ind/Meta_refusion.csv";
    run(|town| drop(removed(town, META)), 5, "ind/Data_refusion.csv passer ikke");
    run(|town| fs::create_dir(removed(town, META)).expect("a directory"), 5, "ind/Data_refusion.csv passer ikke");
    run(|town| pipe(&removed(town, META)), 5, "ind/Data_refusion.csv passer ikke");
    run(|town| town.write(META, b""), 5, "passer ikke");
}

#[test]
fn inputs_that_are_no_files() {
    run(|town| fs::create_dir(removed(town, DUBU)).expect("a directory"), 5, "dubu.csv er ikke en fil");
    run(|town| pipe(&removed(town, DUBU)), 5, "dubu.csv er ikke en fil");
    run(|town| symlink("/dev/zero", removed(town, DUBU)).expect("a link"), 5, "dubu.csv er ikke en fil");
    run(|town| symlink("dubu.csv", removed(town, DUBU)).expect("a link"), 5, "dubu.csv kan ikke læses");
    run(|town| symlink("ingenting", removed(town, DUBU)).expect("a link"), 5, "dubu.csv kan ikke læses");
    run(|town| drop(removed(town, DUBU)), 5, "ind/dubu.csv findes ikke");
}

#[test]
fn directories_that_hold_themselves() {
    let change = |town: &Town| {
        symlink(".", town.path("ind/igen")).expect("a link");
        symlink("../ind", town.path("ind/atter")).expect("a link");
        town.edit("samkor.toml", "fil = \"ind/dubu.csv\"", "fil = \"ind/**/dubu*.csv\"");
    };
    let ended = run(change, 0, "dubu.csv: UTF-8");
    assert_eq!(ended.stderr.matches("dubu.csv: UTF-8").count(), 1, "the file is read once: {}", ended.stderr);
}

#[test]
fn an_unreadable_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let lock = |town: &Town| fs::set_permissions(town.path(DUBU), fs::Permissions::from_mode(0o000)).expect("a mode");
    if rustix::process::geteuid().is_root() {
        // Nothing is unreadable for root: a file that the system refuses in another way.
        run(|town| symlink("/proc/self/mem", removed(town, DUBU)).expect("a link"), 5, "dubu.csv");
        return;
    }
    run(lock, 5, "dubu.csv kan ikke læses");
}

/// Does something to a file as soon as the program has opened it.
struct Meddler<F>(F);

impl<F: Fn() + Sync> Observer for Meddler<F> {
    fn event(&self, event: Event<'_>) {
        if matches!(event, Event::Stage { name: DUBU, .. }) {
            self.0();
        }
    }
}

/// Runs the example while its grants are meddled with; tells what the error says.
fn meddled(grants: &str, meddle: impl Fn(&mut fs::File) + Sync) -> String {
    let town = Town::new();
    town.write(DUBU, grants.as_bytes());
    let request = Request { plan: town.path("samkor.toml"), ..Request::default() };
    let execution =
        Execution { threads: 2, chunk_bytes: 0, started: "2026-11-21T12:00:00Z".to_owned(), files: Files::real() };
    let meddler = Meddler(|| {
        let mut file = fs::OpenOptions::new().append(true).open(town.path(DUBU)).expect("a file");
        meddle(&mut file);
    });
    let error = jobs::run(&request, &execution, String::new, &meddler).expect_err("it changed");
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(!town.path("ud").exists() && !town.path(".ud.samkor-ny").exists());
    assert!(crate::leaks::searcher().search("error", format!("{error:?} {error}").as_bytes()).is_empty());
    error.to_string()
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    const CHANGED: &str = "ind/dubu.csv ændrede sig, mens den blev læst";
    let small = text(DUBU);
    let large = text(DUBU) + &rows(DUBU, 1).repeat(300);
    for grants in [small, large] {
        let whole = |file: &mut fs::File| file.write_all(rows(DUBU, 20).as_bytes()).expect("bytes");
        assert_eq!(meddled(&grants, whole), CHANGED);
        let in_the_middle_of_a_row = |file: &mut fs::File| file.write_all(b"02-07-2015;Kanarie").expect("bytes");
        assert_eq!(meddled(&grants, in_the_middle_of_a_row), CHANGED);
        // Shorter, so that what was read may end in the middle of a row: this reason comes before that one.
        let shorter = |file: &mut fs::File| file.set_len(grants.len() as u64 - 100).expect("a shorter file");
        assert_eq!(meddled(&grants, shorter), CHANGED);
        let emptied = |file: &mut fs::File| file.set_len(0).expect("an empty file");
        assert_eq!(meddled(&grants, emptied), CHANGED);
        // Far behind its end: nothing of it is read.
        let huge = |file: &mut fs::File| file.set_len(1 << 40).expect("a file of holes");
        assert_eq!(meddled(&grants, huge), CHANGED);
    }
}

#[test]
fn a_layout_with_records_of_no_length() {
    let change = |town: &Town| {
        let layout = include_str!("../../src/layout/data/cpr-p12170.toml");
        assert!(layout.contains("laengde = 249"));
        town.write("layouts/egen.toml", layout.replace("laengde = 249\n", "").as_bytes());
        town.write(CPR, stream().as_bytes());
        town.edit("samkor.toml", "[periode]", "[layouts]\nfiler = [\"layouts/egen.toml\"]\n\n[periode]");
    };
    run(change, 3, "laengde");
}

/// The register as one stream of full-length records.
fn stream() -> String {
    let layout = samkor::layout::Layouts::shipped().expect("they parse").get("cpr-p12170").expect("shipped").clone();
    let length =
        |line: &str| layout.tables.iter().find(|table| table.name == line[..3]).map_or(0, |table| table.length);
    // One byte to a character, as the register has it.
    let mut stream = String::new();
    for line in text(CPR).lines() {
        stream.push_str(&line.replace(|symbol: char| !symbol.is_ascii(), "?"));
        stream.push_str(&" ".repeat(length(line) - line.chars().count()));
    }
    stream
}

/// The register with a record of a name's first letters, counted in.
fn short_record() -> Vec<u8> {
    text(CPR).replace("999999999999900000258", "0080\n999999999999900000259").into_bytes()
}

fn replacing_each_other() -> Vec<u8> {
    let mut text = String::new();
    let mut persons = Vec::new();
    for line in self::text(CPR).lines() {
        text.push_str(line);
        text.push('\n');
        if line.starts_with("001") {
            persons.push(line[3..13].to_owned());
        }
    }
    for (one, other) in [(0, 1), (1, 0), (2, 2)] {
        let person = |at: usize| format!("001{}          ", persons[at]);
        assert!(text.contains(&person(one)));
        text = text.replace(&person(one), &format!("001{}{}", persons[one], persons[other]));
    }
    text.into_bytes()
}

fn benefit(amount: &str, from: &str, to: &str, times: usize) -> Vec<u8> {
    let row = format!("1403801110;YD-KTH;Kanarie;{from};{to};{amount}\n");
    (text(KMD) + &row.repeat(times)).into_bytes()
}

fn grant(amount: &str, quantity: &str, from: &str, to: &str) -> Vec<u8> {
    let row = format!(
        "02-07-2015;x;Kanarie;x;x;x;Aktiv;x;SEL § 42;SEL § 42;x;Døgn;Dag;{amount};{quantity};{from};{to};1307077431\n"
    );
    (text(DUBU) + &row).into_bytes()
}

fn pipe(path: &Path) {
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// Bytes without a pattern, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes
}
