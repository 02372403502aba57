//! Workbooks that no spreadsheet program would write.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::harness::text;

/// An archive of these members.
pub fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in members {
        writer.start_file(*name, deflated).expect("a member");
        writer.write_all(bytes).expect("bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A workbook with this sheet and these shared strings, both as XML.
pub fn workbook(sheet: &str, strings: &str) -> Vec<u8> {
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    let root = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Ark1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
    archive(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A sheet's XML from its inside.
pub fn sheet(rows: &str) -> String {
    format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    )
}

/// A row of texts as XML, in the row with this number.
pub fn row(number: u32, cells: &[&str]) -> String {
    let cells =
        cells.iter().fold(String::new(), |all, cell| all + "<c t=\"inlineStr\"><is><t>" + cell + "</t></is></c>");
    format!("<row r=\"{number}\">{cells}</row>")
}

/// No shared strings.
pub const NO_STRINGS: &str =
    r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="0" uniqueCount="0"></sst>"#;

/// The benefits of the example as rows of a sheet.
pub fn benefits() -> String {
    let text = text("ind/kmd.csv");
    let lines = text.trim_start_matches('\u{feff}').lines().skip(1).zip(1..);
    lines.map(|(line, number)| row(number, &line.split(';').collect::<Vec<_>>())).collect()
}

/// A workbook with a sheet of blanks: a few hundred kilobytes that become many megabytes.
pub fn bomb(megabytes: usize) -> Vec<u8> {
    workbook(&sheet(&(benefits() + &" ".repeat(megabytes << 20))), NO_STRINGS)
}

/// A workbook of cells far apart, which a reader of rectangles would make room for.
pub fn far_apart() -> Vec<u8> {
    workbook(&sheet(&(benefits() + "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>")), NO_STRINGS)
}

/// A workbook whose shared strings claim to be a hundred thousand million.
pub fn many_strings_claimed(claim: &str) -> Vec<u8> {
    workbook(&sheet(&benefits()), &NO_STRINGS.replace("uniqueCount=\"0\"", &format!("uniqueCount=\"{claim}\"")))
}
