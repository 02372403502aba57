//! A table as a workbook, as people send the lists that they keep by hand. As little of the format as readers need, and the same
//! bytes for the same rows: a member's time is the format's first.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use zip::{CompressionMethod, ZipWriter, result::ZipResult, write::SimpleFileOptions};

use crate::base::{Error, ErrorKind, Result};

const MEMBERS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Ark1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

/// The workbook of delimited rows, headings first. Digits without a zero in front and amounts are numbers, as a spreadsheet
/// keeps what is typed into it; all else is text. Bytes that are no UTF-8 are read as Windows-1252.
///
/// # Errors
/// When the rows are no delimited text; when a workbook cannot be put together.
pub fn of(rows: &[u8], delimiter: u8) -> Result<Vec<u8>> {
    let sheet = sheet(rows, delimiter).map_err(|error| failed().because(error))?;
    packed(&sheet).map_err(|error| failed().because(error))
}

fn failed() -> Error {
    Error::new(ErrorKind::Internal, "En prøvekommunes regneark kan ikke dannes")
}

fn packed(sheet: &str) -> ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in MEMBERS.into_iter().chain([("xl/worksheets/sheet1.xml", sheet)]) {
        archive.start_file(name, options)?;
        archive.write_all(DECLARATION.as_bytes())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn sheet(rows: &[u8], delimiter: u8) -> std::result::Result<String, csv::Error> {
    let mut text = String::with_capacity(rows.len() * 3);
    text.push_str(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(rows);
    for record in reader.byte_records() {
        text.push_str("<row>");
        for cell in &record? {
            let cell = match std::str::from_utf8(cell) {
                Ok(utf8) => utf8.into(),
                Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell).0,
            };
            write_cell(&cell, &mut text);
        }
        text.push_str("</row>");
    }
    text.push_str("</sheetData></worksheet>");
    Ok(text)
}

fn write_cell(cell: &str, out: &mut String) {
    if cell.is_empty() {
        out.push_str("<c/>");
    } else if is_number(cell) {
        write!(out, "<c><v>{}</v></c>", cell.replace(',', ".")).expect("a string grows");
    } else {
        out.push_str(r#"<c t="inlineStr"><is><t xml:space="preserve">"#);
        for symbol in cell.chars() {
            match symbol {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                other => out.push(other),
            }
        }
        out.push_str("</t></is></c>");
    }
}

/// Whether a spreadsheet makes a number of what is typed.
fn is_number(cell: &str) -> bool {
    let (whole, decimals) = cell.split_once(',').unwrap_or((cell, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(decimals) && (whole == "0" || !whole.starts_with('0')) && cell.len() < 15
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_same_rows_give_the_same_book_with_numbers_and_texts() {
        let rows = b"cpr;beloeb;navn\r\n0102030405;1234,50;M\xe6rsk & <S\xc3\xb8n>\r\n1102030405;;x\r\n";
        let book = of(rows, b';').expect("a book");
        assert_eq!(book, of(rows, b';').expect("a book"));
        let mut archive = zip::ZipArchive::new(Cursor::new(book)).expect("an archive");
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").expect("a sheet").read_to_string(&mut sheet).expect("text");
        assert!(sheet.contains(">0102030405</t>") && sheet.contains("<v>1102030405</v>"), "{sheet}");
        assert!(sheet.contains("<v>1234.50</v>") && sheet.contains("&amp; &lt;"), "{sheet}");
    }

    #[test]
    fn what_a_spreadsheet_would_make_a_number_is_one() {
        let numbers = ["1", "0,5", "1234,50", "45292"].map(is_number);
        let texts = ["", "01", "1,2,3", "01-02-2024", "1,90E+09", "-5", "1234567890123456"].map(is_number);
        assert_eq!((numbers, texts), ([true; 4], [false; 7]));
    }
}
