//! CSV for people who open it in Danish Excel.
//!
//! Semicolons, because Excel with Danish settings splits at them; a byte order mark, because it takes a file without one
//! for Windows-1252; CRLF, because that is what Excel writes itself and what RFC 4180 asks for. Numbers have no thousands
//! separator and a decimal comma. A text that Excel would run as a formula gets an apostrophe in front.

use crate::domain::Ore;

/// A table under way.
pub(super) struct Table {
    bytes: String,
}

/// One cell.
pub(super) enum Cell<'a> {
    /// Text; escaped against formulas.
    Text(&'a str),
    /// A whole number.
    Whole(i64),
    /// Kroner with two decimals, exact.
    Exact(Ore),
    /// Whole kroner, rounded to a multiple of so many.
    Rounded(Ore, u32),
    /// Nothing.
    Empty,
}

impl Table {
    pub(super) fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self { bytes: "\u{feff}".to_owned() };
        table.row(header.into_iter().map(Cell::Text));
        table
    }

    pub(super) fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.bytes.push(';');
            }
            match cell {
                Cell::Text(text) => self.bytes.push_str(&quoted(&unarmed(text))),
                Cell::Whole(number) => self.bytes.push_str(&number.to_string()),
                Cell::Exact(ore) => self.bytes.push_str(&ore.to_string().replace('.', "")),
                Cell::Rounded(ore, unit) => {
                    let text = ore.rounded_to_kroner(unit).to_string().replace('.', "");
                    self.bytes.push_str(text.trim_end_matches(",00"));
                }
                Cell::Empty => {}
            }
        }
        self.bytes.push_str("\r\n");
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_bytes()
    }
}

/// Puts an apostrophe before what a spreadsheet would take for a formula: `= + - @`, TAB, CR, and their full-width forms.
fn unarmed(text: &str) -> String {
    let armed = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    if text.starts_with(armed) { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    if text.contains([';', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: Vec<Cell<'_>>) -> String {
        let mut table = Table::new(["a"]);
        table.row(cells);
        let text = String::from_utf8(table.into_bytes()).expect("UTF-8");
        text.strip_prefix("\u{feff}a\r\n")
            .and_then(|text| text.strip_suffix("\r\n"))
            .expect("mark and lines")
            .to_owned()
    }

    #[test]
    fn numbers_are_numbers_in_danish_excel() {
        let cells = vec![
            Cell::Whole(-3),
            Cell::Exact(Ore(-123_456_789)),
            Cell::Rounded(Ore(123_456_789), 1_000),
            Cell::Empty,
            Cell::Rounded(Ore(-40_000), 1_000),
        ];
        assert_eq!(written(cells), "-3;-1234567,89;1235000;;0");
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for armed in ["=1+1", "+1", "-1", "@x", "\tx", "＝1", "＋1", "－1", "＠x"] {
            assert_eq!(written(vec![Cell::Text(armed)]), format!("'{armed}"));
        }
        assert_eq!(written(vec![Cell::Text("\rx")]), "\"'\rx\"");
        assert_eq!(written(vec![Cell::Text("a;\"b\""), Cell::Text("æ-b")]), "\"a;\"\"b\"\"\";æ-b");
    }
}
