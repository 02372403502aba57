//! The search finds a leak in each format: planted here, one test each.

use std::io::{Cursor, Write as _};

use polars::prelude::{DataFrame, IntoColumn as _, NamedFrom as _, Series};
use polars_io::parquet::write::ParquetWriter;

use super::{search::Searcher, town::Canaries};

const NUMBER: &str = "0203040506";
const OTHER: &str = "1403801110";

fn searcher() -> Searcher {
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Searcher::new(&Canaries { numbers: set(&[NUMBER, OTHER]), words: set(&["kanarie", "xqzj", "møllestræde"]) })
}

fn assert_found(bytes: &[u8]) {
    let found = searcher().search("artefact", bytes);
    assert!(!found.is_empty(), "not found in {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(200)]));
}

fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for symbol in 0..=chunk.len() {
            text.push(char::from(ALPHABET[bits >> (18 - 6 * symbol) & 63]));
        }
    }
    text
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).expect("four bits");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn parquet(column: Series) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut frame = DataFrame::new(column.len(), vec![column.into_column()]).expect("a frame");
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("bytes");
    bytes
}

fn archive(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    writer.start_file(name, deflated).expect("a member");
    writer.write_all(bytes).expect("bytes");
    writer.finish().expect("an archive").into_inner()
}

fn workbook(write: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    write(book.add_worksheet());
    book.save_to_buffer().expect("a workbook")
}

/// One leak in one format, one test.
macro_rules! planted {
    ($($name:ident: $bytes:expr;)*) => { $(#[test] fn $name() { assert_found($bytes.as_ref()); })* };
}

planted! {
    ten_digits_in_csv: "a;b\r\n1;0203040506\r\n";
    with_a_hyphen: "etiket 020304-0506 ok";
    with_a_blank: "x 020304 0506";
    in_pairs: "02 03 04 05 06";
    with_a_dash: "020304\u{2013}0506";
    without_the_leading_zero: "a;203040506;b";
    full_width_digits: "０２０３０４０５０６";
    digits_backwards: "6050403020";
    inside_a_longer_run: "id=990203040506123";
    quoted_in_csv: "\"020304-0506\";\"x\"";
    with_thousands_separators: "sum 1,403,801,110 kr.";
    with_danish_thousands_separators: "sum 1.403.801.110 kr.";
    in_an_html_attribute: "<td data-id=\"0203040506\">x</td>";
    as_html_entities: "<td>&#48;&#50;&#48;3&#x30;&#52;0506</td>";
    split_by_tags: "<td>020304<wbr><b>0506</b></td>";
    json_string: r#"{"person":"0203040506"}"#;
    json_number: r#"{"oere":[1,1403801110]}"#;
    json_number_with_decimals: r#"{"oere":1403801110.0}"#;
    json_number_with_exponent: r#"{"oere":1.40380111E9}"#;
    json_escapes: r#"{"person":"\u0030203\u003040506"}"#;
    percent_escapes: "file?id=%30203040506";
    base64_of_digits: format!("{{\"a\":\"{}\"}}", encode(NUMBER.as_bytes()));
    base64_at_the_second_alignment: encode(format!("x{NUMBER}").as_bytes());
    base64_at_the_third_alignment: encode(format!("xy{NUMBER}y").as_bytes());
    base64_behind_other_symbols: format!("abc{}", encode(format!("id={NUMBER};").as_bytes()));
    base64_over_two_lines: { let text = encode(format!("Familien {NUMBER} bor her").as_bytes()); format!("{}\n{}", &text[..16], &text[16..]) };
    base64_of_base64: encode(encode(format!("CPR {NUMBER} ").as_bytes()).as_bytes());
    base64_of_a_name: encode("Anna Kanariefugl".as_bytes());
    hexadecimal_of_digits: format!("h={}", hexadecimal(NUMBER.as_bytes()));
    hexadecimal_of_the_integer: hexadecimal(&1_403_801_110_u64.to_le_bytes());
    hexadecimal_of_a_name: hexadecimal("Anna Kanariefugl".as_bytes());
    integer_little_end_first: [&b"\x01\x02"[..], &1_403_801_110_u64.to_le_bytes()].concat();
    integer_big_end_first: [&b"\x01\x02"[..], &203_040_506_i64.to_be_bytes()].concat();
    floating_point: 1_403_801_110_f64.to_le_bytes();
    packed_decimals: b"\x00\x02\x03\x04\x05\x06\x00";
    utf16: "x 0203040506".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    windows_1252_name: b"M\xF8llestr\xE6de 5";
    name_in_capitals: "KANARIEFUGL";
    name_with_entities: "M&oslash;llestr&aelig;de 5";
    door_of_an_address: "0899;0010;977;01;XQZJ";
    parquet_text: parquet(Series::new("person".into(), ["a", NUMBER]));
    parquet_text_with_a_hyphen: parquet(Series::new("person".into(), ["020304-0506", "b"]));
    parquet_whole_64_bits: parquet(Series::new("person".into(), [7_i64, 1_403_801_110]));
    parquet_whole_64_bits_without_the_zero: parquet(Series::new("person".into(), [203_040_506_i64; 5]));
    parquet_whole_32_bits: parquet(Series::new("person".into(), [1_403_801_110_i32, 3]));
    parquet_floating_point: parquet(Series::new("person".into(), [1.5_f64, 1_403_801_110.0]));
    parquet_name: parquet(Series::new("navn".into(), ["Kanariefugl"; 9]));
    parquet_base64: parquet(Series::new("x".into(), [encode(NUMBER.as_bytes())]));
    parquet_column_name: parquet(Series::new("xqzj".into(), [1_i64]));
    zip_member: archive("a.csv", b"x;0203040506\n");
    zip_member_name: archive("0203040506.csv", b"x");
    zip_in_a_zip: archive("inner.zip", &archive("b.json", br#"{"n":1403801110}"#));
    parquet_in_a_zip: archive("p.parquet", &parquet(Series::new("person".into(), [1_403_801_110_i64])));
    xlsx_text: workbook(|sheet| { sheet.write_string(3, 2, "020304-0506").expect("a cell"); });
    xlsx_number: workbook(|sheet| { sheet.write_number(3, 2, 1_403_801_110.0).expect("a cell"); });
    xlsx_name: workbook(|sheet| { sheet.write_string(0, 0, "Møllestræde 5").expect("a cell"); });
}

/// No alarm for what is no leak, or the tests of runs could not pass for the right reason.
#[test]
fn nothing_is_found_where_nothing_is() {
    let nothing =
        searcher().search("artefact", "0203040507 Kanalen 2015-01-01;1403,80;1.110 M6MZ-B0HW-FMV8-K".as_bytes());
    assert_eq!(nothing, [""; 0]);
}
