//! Workbooks instead of CSV, with numbers and dates as real Excel cells.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    path::Path,
};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use samkor::{
    base::Error,
    domain::{Date, Identity, Ore},
    ingest::ReadOptions,
    jobs,
    layout::{AmountStyle, Field, FieldKind, Layout, Matched, read_amount, read_date, read_number},
};

use super::{Read, read, read_named, shipped};
use crate::cli;

/// A valid number outside the register whose zero nobody could vouch for: it stays text, as a careful export has it.
const OUTSIDE: &str = "0903671779";

fn rows_of(csv: &[u8]) -> Vec<Vec<String>> {
    let text = match std::str::from_utf8(csv) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => csv.iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("CSV").iter().map(str::to_owned).collect()).collect()
}

/// What each column under these headings is read as.
fn kinds(layout: &Layout, rows: &[Vec<String>]) -> Option<(usize, Vec<Option<Field>>)> {
    rows.iter().enumerate().find_map(|(at, row)| {
        let Matched::Table { columns, .. } = layout.match_headings(row) else { return None };
        let field = |place| Field::ALL.iter().copied().find(|field| columns[*field as usize] == Some(place));
        Some((at, (0..row.len()).map(field).collect()))
    })
}

/// Writes a cell as somebody would have it in Excel: numbers as numbers, which costs CPR numbers and codes their zeros,
/// days as dates or, in every other row, as plain day numbers. What is none of these stays text.
fn cell(sheet: &mut Worksheet, (row, column): (u32, u16), text: &str, field: Option<Field>) {
    let number = |sheet: &mut Worksheet, value: f64| {
        sheet.write_number(row, column, value).expect("written");
    };
    let trimmed = text.trim();
    match field.map(Field::kind) {
        Some(FieldKind::Person) if trimmed.len() == 10 && trimmed != OUTSIDE && trimmed.parse::<u64>().is_ok() => {
            number(sheet, trimmed.parse().expect("ten digits"));
        }
        Some(FieldKind::Date) if read_date(trimmed.as_bytes()).is_some() => {
            let day = read_date(trimmed.as_bytes()).expect("just read");
            if row % 2 == 0 {
                number(sheet, f64::from(day.days() + 25_569));
            } else {
                let (year, month, day) = day.ymd();
                let moment = ExcelDateTime::from_ymd(year.unsigned_abs(), month, day).expect("a day");
                let shown = Format::new().set_num_format("dd-mm-yyyy");
                sheet.write_datetime_with_format(row, column, &moment, &shown).expect("written");
            }
        }
        Some(FieldKind::Amount | FieldKind::Quantity)
            if read_amount(trimmed.as_bytes(), AmountStyle::default()).is_some() =>
        {
            let ore = read_amount(trimmed.as_bytes(), AmountStyle::default()).expect("just read").0;
            number(sheet, f64::from(i32::try_from(ore).expect("small")) / 100.0);
        }
        Some(FieldKind::Text) if read_number(trimmed.as_bytes()).is_some() => {
            number(sheet, trimmed.parse().expect("digits"));
        }
        _ => {
            sheet.write_string(row, column, text).expect("written");
        }
    }
}

fn workbook(rows: &[Vec<String>], first: usize, fields: &[Option<Field>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let cover = book.add_worksheet();
    cover.set_name("Forside").expect("a name").write_string(3, 2, "Udtræk").expect("written");
    let sheet = book.add_worksheet();
    for (at, row) in (0_u32..).zip(rows) {
        for (place, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let field = if at as usize >= first { fields.get(place).copied().flatten() } else { None };
            cell(sheet, (at, u16::try_from(place).expect("few columns")), text, field);
        }
    }
    book.save_to_buffer().expect("written")
}

/// Every CSV of the example as a workbook, and the plan that reads them.
fn convert(town: &Path) {
    let layouts = shipped();
    let mut plan = fs::read_to_string(town.join("samkor.toml")).expect("the plan");
    let is_csv = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "csv");
    for (name, _) in jobs::demo::FILES.iter().filter(|(name, _)| is_csv(name)) {
        let rows = rows_of(&fs::read(town.join(name)).expect("unpacked"));
        let headings = if name.ends_with("Data_refusion.csv") {
            let (_, meta) =
                jobs::demo::FILES.iter().find(|(name, _)| name.ends_with("Meta_refusion.csv")).expect("beside");
            let layout = layouts.get("kmd-ydelsesrefusion").expect("shipped");
            kinds(layout, &rows_of(meta)).map(|(_, fields)| (0, fields))
        } else {
            let fitting = layouts
                .iter()
                .filter_map(|layout| kinds(layout, &rows))
                .max_by_key(|(_, fields)| fields.iter().flatten().count());
            fitting.map(|(at, fields)| (at + 1, fields))
        };
        let (first, fields) = headings.expect("a shipped layout fits");
        let book = workbook(&rows, first, &fields);
        fs::write(town.join(name.replace(".csv", ".xlsx")), book).expect("written");
        fs::remove_file(town.join(name)).expect("removed");
        plan = plan.replace(name, &name.replace(".csv", ".xlsx"));
    }
    assert!(!plan.contains(".csv\""), "every CSV is a workbook now");
    fs::write(town.join("samkor.toml"), plan).expect("written");
}

/// The outputs outside bevis/, by name; faults without line and byte, the report without its table of tiers.
fn outputs(town: &Path) -> Vec<(String, Vec<u8>)> {
    let names = [
        "rapport/rapport.html",
        "liste/familier.csv",
        "liste/familier.html",
        "arbejde/afstemning.csv",
        "arbejde/tabeller/husstande.parquet",
        "arbejde/tabeller/personer.parquet",
        "arbejde/tabeller/ydelser.parquet",
    ];
    let read = |name: &str| (name.to_owned(), fs::read(town.join("ud").join(name)).expect("written"));
    let mut outputs: Vec<_> = names.into_iter().map(read).collect();
    let page = String::from_utf8(outputs[0].1.clone()).expect("UTF-8");
    outputs[0].1 = without_tiers(&page).into_bytes();
    let faults = rows_of(&fs::read(town.join("ud/arbejde/fejl.csv")).expect("written"));
    assert_eq!(faults[0][2..4], ["linje", "byte"]);
    let without_place = |row: &Vec<String>| [&row[..2], &row[4..]].concat().join(";") + "\n";
    outputs.push(("fejl".to_owned(), faults.iter().map(without_place).collect::<String>().into_bytes()));
    outputs
}

fn run(town: &Path) {
    let ran = cli::samkor([Path::new("run"), &town.join("samkor.toml"), Path::new("--replace")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn the_example_gives_the_same_from_workbooks() {
    let directory = tempfile::tempdir().expect("a directory");
    let town = directory.path().join("by");
    assert_eq!(cli::samkor([Path::new("demo"), &town]).code, Some(0));
    // A row of four cells has as many as any other in a workbook, so that fault is for text files only.
    let dubu = fs::read_to_string(town.join("ind/dubu.csv")).expect("unpacked");
    let whole = dubu.trim_end().rfind('\n').expect("rows");
    fs::write(town.join("ind/dubu.csv"), &dubu[..=whole]).expect("written");
    run(&town);
    let from_text = outputs(&town);
    convert(&town);
    run(&town);
    for ((name, text), (_, book)) in from_text.iter().zip(outputs(&town)) {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(*text == book, "{name} differs: {}\n{}", shown(text), shown(&book));
    }
    let statement = fs::read_to_string(town.join("ud/bevis/koersel.json")).expect("written");
    assert!(statement.contains("regneark, data fra række") && statement.contains("Meta_refusion.xlsx"));
}

/// A report without the section of tiers: a number that is a number in a workbook has lost its zero and its hyphen, so its rows find
/// the same person by another, less certain rule.
fn without_tiers(page: &str) -> String {
    let caption = "<caption>Hvordan kildernes rækker fandt deres person</caption>";
    let (before, rest) = page.split_once(caption).expect("the table of tiers");
    let (_, after) = rest.split_once("<h2>").expect("another section");
    format!("{before}{after}")
}

/// One sheet with these rows of cells, each written by a function.
fn benefits(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(["CPR", "Ydelseskode", "Ydelse", "Periode fra", "Periode til", "Beløb"]) {
        sheet.write_string(0, column, heading).expect("written");
    }
    fill(sheet);
    book.save_to_buffer().expect("written")
}

fn read_book(bytes: &[u8]) -> Result<Read, Error> {
    read_named("ydelser.xlsx", "kmd-ydelser", bytes, ReadOptions::default())
}

/// A row whose amount is this number.
fn amount(sheet: &mut Worksheet, row: u32, value: f64) {
    sheet.write_number(row, 0, 203_040_506.0).expect("written");
    sheet.write_string(row, 1, "YD-KTH").expect("written");
    sheet.write_number(row, 3, 42_005.0).expect("written");
    sheet.write_number(row, 4, 42_035.75).expect("written");
    sheet.write_number(row, 5, value).expect("written");
}

#[test]
fn numbers_in_cells_are_exact() {
    let values = [0.1 + 0.2, 1_234.56, -100.20, 1e7, 0.0, 123_456_789.01];
    let seen = read_book(&benefits(|sheet| {
        for (row, value) in (1..).zip(values) {
            amount(sheet, row, value);
        }
        amount(sheet, 7, 0.125);
        amount(sheet, 8, 1e300);
        sheet.write_string(9, 0, "I alt").expect("written");
        sheet.write_number(9, 5, 133_457_923.67).expect("written");
    }))
    .expect("read");
    let ore: Vec<i64> = seen.rows.iter().map(|row| row.amount.0).collect();
    assert_eq!(ore, [30, 123_456, -10_020, 1_000_000_000, 0, 12_345_678_901]);
    assert_eq!(seen.faults(), [("beloeb-ulaeseligt", 8, Some("Beløb")), ("beloeb-ulaeseligt", 9, Some("Beløb"))]);
    assert!(seen.rows.iter().all(|row| matches!(row.identity, Identity::LostZero(_))), "the register decides");
    let days = |row: &samkor::ingest::rows::MoneyRow| (row.from.to_string(), row.to.to_string());
    assert_eq!(days(&seen.rows[0]), ("2015-01-01".to_owned(), "2015-01-31".to_owned()), "the time of day falls away");
    assert_eq!(seen.summary.tally.claimed_totals.len(), 1);
    assert_eq!(seen.progress, (seen.summary.bytes, seen.summary.bytes));
}

#[test]
fn cells_of_another_kind_are_faults() {
    let seen = read_book(&benefits(|sheet| {
        amount(sheet, 1, 1.0);
        let date = Format::new().set_num_format("dd-mm-yyyy");
        sheet.write_number_with_format(1, 5, 42_005.0, &date).expect("written");
        amount(sheet, 3, 1.0);
        let hours = Format::new().set_num_format("[h]:mm");
        sheet.write_number_with_format(3, 3, 1.5, &hours).expect("written");
        amount(sheet, 4, 1.0);
        sheet.write_boolean(4, 0, true).expect("written");
        amount(sheet, 5, 1.0);
        sheet.write_number(5, 4, 7.0).expect("written");
    }))
    .expect("read");
    let expected = [
        ("beloeb-ulaeseligt", 2, Some("Beløb")),
        ("dato-ulaeselig", 4, Some("Periode fra")),
        ("cpr-ugyldigt", 5, Some("CPR")),
        ("dato-ulaeselig", 6, Some("Periode til")),
    ];
    assert_eq!(seen.faults(), expected, "the blank row 3 is none");
}

/// Replaces text in one part of a workbook.
fn patched(book: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook is an archive");
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("read");
        let name = file.name().expect("a name").into_owned();
        if name == part {
            let text = String::from_utf8(bytes).expect("XML");
            assert!(text.contains(from), "{text}");
            bytes = text.replacen(from, to, 1).into_bytes();
        }
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("written");
        writer.write_all(&bytes).expect("written");
    }
    writer.finish().expect("written").into_inner()
}

#[test]
fn dates_follow_the_calendar_of_the_workbook() {
    let with_date = |serial: f64| {
        benefits(|sheet| {
            amount(sheet, 1, 1.0);
            let date = Format::new().set_num_format("yyyy-mm-dd");
            sheet.write_number_with_format(1, 3, serial, &date).expect("written");
            sheet.write_string(1, 4, "31-12-2099").expect("written");
        })
    };
    let from = |book: &[u8]| read_book(book).expect("read").rows[0].from;
    let day = Date::parse_iso("2015-03-09").expect("a day");
    assert_eq!(from(&with_date(42_072.0)), day);
    // Excel on older Macs counts from 1904-01-01, 1,462 days later.
    let mac = patched(&with_date(40_610.0), "xl/workbook.xml", "<workbookPr", "<workbookPr date1904=\"1\"");
    assert_eq!(from(&mac), day);
    // Strict Open XML writes days as ISO 8601.
    let sheet = "xl/worksheets/sheet1.xml";
    let iso = patched(&with_date(42_072.0), sheet, "<v>42072</v>", "<v>2015-03-09T00:00:00</v>");
    assert_eq!(from(&patched(&iso, sheet, "<c r=\"D2\"", "<c r=\"D2\" t=\"d\"")), day);
}

#[test]
fn wrong_and_broken_workbooks_have_their_messages() {
    let refused = |bytes: &[u8]| {
        let error = read_book(bytes).expect_err("refused");
        (error.to_string(), error.hints().join(" "))
    };
    let (message, hint) = refused(b"PK\x03\x04 no archive");
    assert!(message.contains("ikke et regneark, der kan læses") && hint.contains(".xlsx"), "{message}");
    let book = benefits(|_| {});
    assert_eq!(read_book(&book).expect("headings only").rows.len(), 0);
    let lacking = patched(&book, "xl/sharedStrings.xml", "<t>Beløb</t>", "<t>Kroner</t>");
    assert!(refused(&lacking).0.ends_with("mangler en kolonne: `Beløb`"));
    let mut empty = Workbook::new();
    empty.add_worksheet();
    assert!(refused(&empty.save_to_buffer().expect("written")).0.contains("passer ikke til layoutet"));
}

#[test]
fn text_cells_read_as_in_a_csv_file() {
    let cells = ["020304-0506", "YD-KTH", "Kontanthjælp", "01.01.2015", "20150131", "1.234,56-"];
    let seen = read_book(&benefits(|sheet| {
        for (column, text) in (0..).zip(cells) {
            sheet.write_string(1, column, text).expect("written");
        }
    }))
    .expect("read");
    let from_text = read("kmd-ydelser", format!("{}{}\n", super::KMD, cells.join(";")));
    assert_eq!((seen.faults(), &seen.rows), (vec![], &from_text.rows));
    assert_eq!(seen.rows[0].amount, Ore(-123_456));
}
