//! Writes the rows of a table: the caller names cells by what they mean, the layout says in which column they stand.

use super::{Field, Table};

/// A row being made: cells by their meaning, kept in one buffer that is used again for the next row.
#[derive(Clone, Debug)]
pub struct Cells {
    bytes: Vec<u8>,
    fields: [(u32, u32); Field::COUNT],
    further: Vec<(u32, u32)>,
}

impl Default for Cells {
    fn default() -> Self {
        Self { bytes: Vec::with_capacity(256), fields: [(0, 0); Field::COUNT], further: Vec::new() }
    }
}

impl Cells {
    /// Empties the row.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.fields = [(0, 0); Field::COUNT];
        self.further.clear();
    }

    /// Writes a cell; one that is written twice keeps the later text.
    pub fn set(&mut self, field: Field, write: impl FnOnce(&mut Vec<u8>)) {
        self.fields[field as usize] = self.append(write);
    }

    /// Writes a cell from bytes.
    pub fn text(&mut self, field: Field, text: &[u8]) {
        self.set(field, |out| out.extend_from_slice(text));
    }

    /// Writes the next of the columns that the layout does not describe, in their order.
    pub fn further(&mut self, text: &[u8]) {
        let cell = self.append(|out| out.extend_from_slice(text));
        self.further.push(cell);
    }

    /// Writes one of these columns anew; nothing happens when the row has fewer.
    pub fn replace_further(&mut self, column: usize, text: &[u8]) {
        let cell = self.append(|out| out.extend_from_slice(text));
        if let Some(place) = self.further.get_mut(column) {
            *place = cell;
        }
    }

    /// The text of one of these columns; empty when the row has fewer.
    #[must_use]
    pub fn get_further(&self, column: usize) -> &[u8] {
        self.further.get(column).map_or(&[], |cell| self.at(*cell))
    }

    /// The text of a cell.
    #[must_use]
    pub fn get(&self, field: Field) -> &[u8] {
        self.at(self.fields[field as usize])
    }

    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> (u32, u32) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let position = |at: usize| u32::try_from(at).expect("a row is shorter than four gigabytes");
        (position(start), position(self.bytes.len()))
    }

    fn at(&self, (from, to): (u32, u32)) -> &[u8] {
        &self.bytes[from as usize..to as usize]
    }
}

impl Table {
    /// Appends the headings, and after them those of columns that the layout does not describe.
    pub fn write_headings(&self, further: &[&str], delimiter: u8, out: &mut Vec<u8>) {
        let named = self.columns.iter().map(|column| column.names[0].as_str());
        for (index, heading) in named.chain(further.iter().copied()).enumerate() {
            if index > 0 {
                out.push(delimiter);
            }
            write_cell(heading.as_bytes(), delimiter, out);
        }
        out.extend(b"\r\n");
    }

    /// Appends a row of delimited text.
    pub fn write_row(&self, cells: &Cells, delimiter: u8, out: &mut Vec<u8>) {
        let fields = self.columns.iter().map(|column| cells.get(column.field));
        let further = cells.further.iter().map(|range| cells.at(*range));
        for (index, cell) in fields.chain(further).enumerate() {
            if index > 0 {
                out.push(delimiter);
            }
            write_cell(cell, delimiter, out);
        }
        out.extend(b"\r\n");
    }

    /// Appends a fixed-width record as a line: its type, each cell at its position, trailing blanks cut off. A cell that
    /// is longer than its field loses its end.
    pub fn write_record(&self, cells: &Cells, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + self.length, b' ');
        let record = &mut out[start..];
        record[..self.name.len()].copy_from_slice(self.name.as_bytes());
        for column in &self.columns {
            let cell = cells.get(column.field);
            let cell = &cell[..cell.len().min(column.length)];
            record[column.start..column.start + cell.len()].copy_from_slice(cell);
        }
        let kept = record.trim_ascii_end().len();
        out.truncate(start + kept);
        out.push(b'\n');
    }
}

/// Appends a cell, in quotes when it holds what would end it.
fn write_cell(cell: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    if memchr::memchr3(delimiter, b'"', b'\n', cell).is_none() {
        return out.extend_from_slice(cell);
    }
    out.push(b'"');
    for byte in cell {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layouts;

    #[test]
    fn cells_stand_in_the_columns_of_their_layout() {
        let layouts = Layouts::shipped().expect("shipped");
        let table = &layouts.get("kmd-ydelser").expect("shipped").tables[0];
        let mut out = Vec::new();
        table.write_headings(&["Bemærkning"], b';', &mut out);
        let mut cells = Cells::default();
        cells.text(Field::Amount, b"1,00");
        cells.text(Field::ServiceName, b"a;\"b\"");
        cells.text(Field::ServiceCode, b"X");
        cells.further(b"z");
        table.write_row(&cells, b';', &mut out);
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(
            text,
            "CPR;Ydelseskode;Ydelse;Periode fra;Periode til;Beløb;Betalingskommune;Bemærkning\r\n\
             ;X;\"a;\"\"b\"\"\";;;1,00;;z\r\n"
        );
        cells.clear();
        assert_eq!(cells.get(Field::Amount), b"");
    }

    #[test]
    fn fixed_width_cells_stand_at_their_positions() {
        let layouts = Layouts::shipped().expect("shipped");
        let layout = layouts.get("cpr-p12170").expect("shipped");
        let table = &layout.tables[layout.record("014").expect("a record")];
        let mut cells = Cells::default();
        cells.text(Field::Person, b"0203040506");
        cells.text(Field::Child, b"0903040506 and more");
        let mut out = Vec::new();
        table.write_record(&cells, &mut out);
        cells.text(Field::Child, b"");
        table.write_record(&cells, &mut out);
        assert_eq!(out, b"01402030405060903040506\n0140203040506\n");
    }
}
