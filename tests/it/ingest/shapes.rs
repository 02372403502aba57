//! Shapes of files: titles, KMD's headings, totals, line ends, quotes, delimiters, encodings.

use std::path::Path;

use samkor::{
    base::{Digest, Error},
    domain::Ore,
    ingest::ReadOptions,
    plan::Encoding,
};

use super::{KMD, Read, benefit, read, read_at, read_named, shipped, windows_1252};

const ROWS: &str = "0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31;100,00\n\
                    0203040506;YD-KTH;Kontanthjælp;2015-02-01;2015-02-28;200,50\n";

fn options(encoding: Option<Encoding>, delimiter: Option<u8>) -> ReadOptions {
    ReadOptions { encoding, delimiter, ..ReadOptions::default() }
}

fn refused(layout: &str, bytes: &[u8], options: ReadOptions) -> (String, String) {
    said(&read_named("eksport.csv", layout, bytes, options).expect_err("refused"))
}

fn said(error: &Error) -> (String, String) {
    (error.to_string(), error.hints().join(" "))
}

/// What every shape of the same two rows must give.
fn is_the_same(seen: &Read) {
    let plain = read("kmd-ydelser", format!("{KMD}{ROWS}"));
    assert_eq!((&seen.rows, seen.faults()), (&plain.rows, vec![]));
    let (one, other) = (&seen.summary.tally, &plain.summary.tally);
    assert_eq!((one.rows_used, one.ore_used), (other.rows_used, other.ore_used));
    assert_eq!(seen.progress.0, seen.progress.1, "progress adds up to the file");
}

#[test]
fn title_rows_stand_above_the_headings() {
    let titles = "Udbetalte ydelser;;;;;\nUdtrukket den 02-07-2015\n\n\"Titel med ; og\nlinjeskift\"\n";
    let seen = read("kmd-ydelser", format!("{titles}{KMD}{ROWS}"));
    is_the_same(&seen);
    assert!(seen.summary.detected.ends_with("data fra linje 7"), "{}", seen.summary.detected);
    let forty = format!("{}{KMD}{ROWS}", "Titel\n".repeat(39));
    is_the_same(&read("kmd-ydelser", forty));
    let (message, _) =
        refused("kmd-ydelser", format!("{}{KMD}{ROWS}", "Titel\n".repeat(40)).as_bytes(), options(None, None));
    assert!(message.contains("passer ikke til layoutet"), "{message}");
}

#[test]
fn kmd_puts_general_names_above_the_headings() {
    is_the_same(&read(
        "kmd-ydelser",
        format!(
            "\u{feff}Tekst1;Tekst2;Tekst3;Dato1;Dato2;Numerisk1\r\n{}",
            (KMD.to_owned() + ROWS).replace('\n', "\r\n")
        ),
    ));
}

#[test]
fn kmd_puts_the_headings_in_a_file_of_their_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let (data, meta) = (directory.path().join("Data_ydelser.csv"), directory.path().join("Meta_ydelser.csv"));
    std::fs::write(&data, ROWS).expect("written");
    let layouts = shipped();
    let layout = layouts.get("kmd-ydelser").expect("shipped");
    let read_data = |path: &Path| read_at(path, layout, &layouts, ReadOptions::default());
    let (message, _) = said(&read_data(&data).expect_err("no headings anywhere"));
    assert_eq!(message, "Data_ydelser.csv passer ikke til layoutet `kmd-ydelser`");
    let text = format!("\u{feff}Tekst1;Tekst2;Tekst3;Dato1;Dato2;Numerisk1\r\n{KMD}");
    std::fs::write(&meta, &text).expect("written");
    let seen = read_data(&data).expect("read");
    is_the_same(&seen);
    assert!(seen.summary.detected.ends_with("data fra linje 1"));
    let companion = seen.summary.companion.expect("the headings are an input");
    assert_eq!((companion.name.as_str(), companion.bytes), ("Meta_ydelser.csv", text.len() as u64));
    assert_eq!(companion.blake3, Digest::blake3(text.as_bytes()));
    std::fs::write(&data, format!("\u{feff}{KMD}{ROWS}")).expect("written");
    let seen = read_data(&data).expect("read");
    is_the_same(&seen);
    assert!(seen.summary.companion.is_none(), "its own headings count");
    std::fs::write(&data, ROWS).expect("written");
    std::fs::write(&meta, "CPR;Ydelse\n").expect("written");
    let (message, _) = said(&read_data(&data).expect_err("the other file lacks columns"));
    assert!(message.starts_with("Meta_ydelser.csv mangler en kolonne"), "{message}");
}

#[test]
fn totals_are_set_aside_and_checked() {
    for total in
        ["I alt;;;;;300,50", "i alt:;;;;;300,50\n", ";;;;IALT;300,50\n", "Hovedtotal;2;;;;300,50\n", "**;;;;;300,50"]
    {
        let seen = read("kmd-ydelser", format!("{KMD}{ROWS}{total}"));
        is_the_same(&seen);
        let tally = &seen.summary.tally;
        assert_eq!((tally.rows_sorted_out, &tally.claimed_totals), (1, &vec![Ore(30_050)]), "{total}");
        assert_eq!((tally.ore_sorted_out, tally.wrong_totals().expect("small")), (Ore::ZERO, 0));
    }
    let wrong = read("kmd-ydelser", format!("{KMD}{ROWS}I alt;;;;;300,51\n"));
    assert_eq!(wrong.summary.tally.wrong_totals().expect("small"), 1);
    // The sum may be that of all rows, those at fault included.
    let seen = read("kmd-ydelser", format!("{KMD}{ROWS}x;YD-KTH;;2015-01-01;2015-01-31;50\nTotal;;;;;350,50\n"));
    assert_eq!((seen.codes(), seen.summary.tally.wrong_totals().expect("small")), (vec!["cpr-ugyldigt"], 0));
    // A total with fewer cells than the headings and no line end is no cut-off row.
    let seen = read("kmd-ydelser", format!("{KMD}{ROWS}I alt;2 rækker"));
    is_the_same(&seen);
    assert_eq!(seen.summary.tally.rows_sorted_out, 1);
}

#[test]
fn a_name_that_begins_like_a_total_is_data() {
    let enrolled = "CPR;Institution;Fra;Til\n";
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("takster.csv");
    std::fs::write(&path, "Institution;År;Enhed;Pris;Ydelseskode\nTotal Omsorg;2015;Måned;1,00;\nI alt;;;1,00;\n")
        .expect("written");
    let layouts = shipped();
    let seen =
        read_at(&path, layouts.get("takster").expect("shipped"), &layouts, ReadOptions::default()).expect("read");
    assert_eq!(seen.summary.tally.claimed_totals.len(), 1, "only the row without a year");
    let rows = "Sum;Institution;2015-01-01;\n";
    let seen = read_named("i.csv", "indskrivning", format!("{enrolled}{rows}").as_bytes(), ReadOptions::default())
        .expect("read");
    assert!(seen.summary.tally.claimed_totals.is_empty());
}

#[test]
fn line_ends_and_marks_change_nothing() {
    let text = format!("{KMD}{ROWS}");
    let crlf = text.replace('\n', "\r\n");
    for shape in [text.clone(), crlf.clone(), format!("\u{feff}{text}"), format!("\u{feff}{crlf}")] {
        is_the_same(&read("kmd-ydelser", &shape));
        is_the_same(&read("kmd-ydelser", shape.trim_end()));
        is_the_same(&read("kmd-ydelser", format!("{shape}\r\n;;;;;\r\n\n")));
    }
}

#[test]
fn quoted_fields_may_hold_anything() {
    let rows = "\"0203040506\";\"YD-KTH\";\"Kontant;hjælp\r\nmed \"\"citat\"\"\n\";2015-01-01;2015-01-31;\"100,00\"\n\
                0203040506;YD-KTH;5\" rør;2015-02-01;2015-02-28;200,50\n";
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    assert_eq!(seen.faults(), []);
    assert_eq!(seen.summary.tally.ore_used, Ore(30_050));
    let (message, hint) =
        refused("kmd-ydelser", format!("{KMD}{ROWS}\"0203040506;YD-KTH").as_bytes(), options(None, None));
    assert!(message.contains("skåret over") && hint.contains("Hent eksporten igen"), "{message}");
}

#[test]
fn four_delimiters_are_detected() {
    for (delimiter, shown) in [(";", "`;`"), (",", "`,`"), ("\t", "tabulator"), ("|", "`|`")] {
        let text = format!("Udtræk{delimiter}2015\n{KMD}{ROWS}").replace(',', "¤").replace(';', delimiter);
        let text = text.replace("100¤00", "\"100,00\"").replace("200¤50", "\"200,50\"");
        let seen = read("kmd-ydelser", &text);
        is_the_same(&seen);
        assert!(seen.summary.detected.contains(&format!("skilletegn {shown}, ")), "{}", seen.summary.detected);
        let given = read_named("a.csv", "kmd-ydelser", text.as_bytes(), options(None, Some(delimiter.as_bytes()[0])));
        is_the_same(&given.expect("as given"));
    }
    let (message, _) = refused("kmd-ydelser", format!("{KMD}{ROWS}").as_bytes(), options(None, Some(b'|')));
    assert!(message.contains("passer ikke"), "{message}");
}

#[test]
fn encodings_are_detected() {
    let text = format!("{KMD}{ROWS}");
    let mixed = [windows_1252(KMD), ROWS.as_bytes().to_vec()].concat();
    let cases = [
        (text.clone().into_bytes(), "UTF-8"),
        (windows_1252(&text), "Windows-1252"),
        (mixed, "UTF-8"),
        ([KMD.as_bytes(), &windows_1252(ROWS)].concat(), "Windows-1252"),
        ([text.as_bytes(), &windows_1252(ROWS)].concat(), "UTF-8 og Windows-1252 blandet"),
    ];
    let one = read("kmd-ydelser", &text);
    for (bytes, detected) in cases {
        let seen = read("kmd-ydelser", &bytes);
        assert!(seen.summary.detected.starts_with(&format!("{detected}, ")), "{detected}: {}", seen.summary.detected);
        assert_eq!((seen.faults(), seen.rows[..2].to_vec()), (vec![], one.rows.clone()), "{detected}");
    }
    let heading = "CPR nummer;Uge;Ydelse;Beregnet udbetalingsbeløb\n";
    let seen = read("kmd-ydelsesrefusion", format!("{heading}0203040506;2015-01-05;Kontanthjaelp;1\n"));
    assert!(seen.summary.detected.starts_with("ASCII"), "only data is looked at: {}", seen.summary.detected);
}

#[test]
fn an_encoding_that_is_given_wrongly_is_told() {
    let text = format!("{KMD}{ROWS}");
    let (utf8, windows) = (Some(Encoding::Utf8), Some(Encoding::Windows1252));
    let read_as = |bytes: &[u8], encoding| read_named("a.csv", "kmd-ydelser", bytes, options(encoding, None));
    is_the_same(&read_as(text.as_bytes(), utf8).expect("as given"));
    is_the_same(&read_as(&windows_1252(&text), windows).expect("as given"));
    // The headings cannot be read.
    let (message, hint) = refused("kmd-ydelser", &windows_1252(&text), options(utf8, None));
    assert!(message.contains("mangler en kolonne: `Beløb`") && hint.contains("ikke UTF-8: slet linjen"), "{hint}");
    let (message, hint) = refused("kmd-ydelser", text.as_bytes(), options(windows, None));
    assert!(message.contains("mangler en kolonne: `Beløb`") && hint.contains("filen er UTF-8"), "{hint}");
    // The headings can, the rows cannot.
    let seen = read_as(&[KMD.as_bytes(), &windows_1252(ROWS)].concat(), utf8).expect("headings are UTF-8");
    assert_eq!((seen.rows.len(), seen.codes()), (0, vec!["tegn-ulaeselige"; 2]));
    let seen = read_as(&[&windows_1252(KMD), ROWS.as_bytes()].concat(), windows).expect("headings are Windows-1252");
    assert!(seen.summary.detected.contains("men tegnene ligner UTF-8"), "{}", seen.summary.detected);
    // A mark settles it.
    let (message, hint) = refused("kmd-ydelser", format!("\u{feff}{text}").as_bytes(), options(windows, None));
    assert!(message.contains("mærket som UTF-8") && hint.contains("Slet `tegnsaet`"), "{message}");
    let (message, _) = refused("kmd-ydelser", b"\xFF\xFEC\0P\0R\0", options(None, None));
    assert!(message.contains("UTF-16"), "{message}");
}

#[test]
fn too_few_and_too_many_cells() {
    let rows = "0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31\n\
                0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31;1;x\n\
                0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31;1;;\n";
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    assert_eq!(seen.faults(), [("for-faa-felter", 2, None), ("for-mange-felter", 3, None)]);
    assert_eq!(seen.rows.len(), 1);
    let trailing = KMD.replace("Beløb", "Beløb;;");
    is_the_same(&read("kmd-ydelser", format!("{trailing}{ROWS}")));
}

#[test]
fn empty_wrong_and_cut_files_each_have_their_message() {
    let none = || options(None, None);
    for empty in [&b""[..], b"\xEF\xBB\xBF", b"\n \r\n"] {
        assert!(refused("kmd-ydelser", empty, none()).0.ends_with("er tom"));
    }
    let headings_only = read("kmd-ydelser", KMD);
    assert_eq!((headings_only.rows.len(), headings_only.faults.len()), (0, 0), "a source without rows");
    let (message, hint) = refused("opus-posteringer", format!("{KMD}{ROWS}").as_bytes(), none());
    assert!(message.contains("passer ikke") && hint.contains("passer til `kmd-ydelser`"), "{message} {hint}");
    let (message, hint) = refused("kmd-ydelser", KMD.replace("Beløb", "Kroner").as_bytes(), none());
    assert!(message.ends_with("mangler en kolonne: `Beløb`") && hint.contains("layout af din egen"), "{message}");
    let (message, _) = refused("kmd-ydelser", format!("{KMD}{ROWS}0203040506;YD-K").as_bytes(), none());
    assert!(message.contains("skåret over"), "{message}");
    let whole = read("kmd-ydelser", format!("{KMD}{ROWS}{}", benefit("0203040506", "2015-01-01", "", "1").trim_end()));
    assert_eq!(whole.rows.len(), 3, "a last row without a line end is whole");
}

#[test]
fn the_digest_is_of_every_byte() {
    let long = format!("{KMD}{ROWS}0203040506;YD-KTH;{};2015-01-01;2015-01-31;1\n{ROWS}", "x".repeat(200_000));
    let seen = read("kmd-ydelser", &long);
    assert_eq!((seen.codes(), seen.rows.len()), (vec!["for-lang"], 4));
    assert_eq!((seen.summary.blake3, seen.summary.bytes), (Digest::blake3(long.as_bytes()), long.len() as u64));
    assert_eq!(seen.progress, (long.len() as u64, long.len() as u64));
}
