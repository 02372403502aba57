//! Cuts a chunk of delimited text into records and cells.
//!
//! The rules are the csv crate's, which the tests hold beside it: a record ends at LF, at CR or at both; blank lines are
//! passed over; a quote that opens a cell ends at the next single quote, two quotes in it are one, and what stands behind
//! it still belongs to the cell; a quote inside a cell that did not open with one is a letter like any other.
//!
//! Nearly every cell stands in the text as it is, so a record is a list of places. Delimiters, quotes and line ends are
//! looked for in 64 bytes at a time by vector instructions; reading is bound by this scan. A record
//! with doubled quotes or letters behind a closing quote is copied letter by letter.

use wide::u8x64;

/// Bytes looked at together: one bit of a word for each.
const BLOCK: usize = 64;

/// One record.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// What the places of the cells refer to.
    text: &'a [u8],
    /// Where each cell begins and ends.
    cells: &'a [(usize, usize)],
    /// The record as it stands in the chunk, quotes included.
    pub(super) raw: &'a [u8],
    /// Line ends before the record.
    pub(super) line: u64,
    /// Bytes before the record.
    pub(super) start: usize,
    /// Whether the chunk ends with the record.
    pub(super) is_last: bool,
}

impl<'a> Row<'a> {
    /// The cell at a position.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&'a [u8]> {
        let (start, end) = *self.cells.get(at)?;
        Some(&self.text[start..end])
    }

    /// How many cells there are; at least one.
    pub(super) const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Every cell.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let text = self.text;
        self.cells.iter().map(move |(start, end)| &text[*start..*end])
    }
}

/// Cuts one chunk, record by record.
pub(super) struct Cutter<'a> {
    marks: Marks<'a>,
    bytes: &'a [u8],
    delimiter: u8,
    /// Where the next record begins, or line ends before it.
    at: usize,
    line: u64,
    /// The cells of the current record, behind them room for more.
    cells: Vec<(usize, usize)>,
    /// How many cells the current record has.
    count: usize,
    /// Cells of the current record that do not stand in the text as they are.
    copied: Vec<u8>,
}

impl<'a> Cutter<'a> {
    /// A cutter at the beginning of a chunk.
    pub(super) fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        let marks = Marks::from(bytes, delimiter, 0);
        Self { marks, bytes, delimiter, at: 0, line: 0, cells: Vec::new(), count: 0, copied: Vec::new() }
    }

    /// Line ends passed so far; behind the last record all of the chunk's.
    pub(super) const fn lines(&self) -> u64 {
        self.line
    }

    /// The next record; `None` behind the last.
    pub(super) fn next_row(&mut self) -> Option<Row<'_>> {
        self.pass_line_ends();
        let (start, line) = (self.at, self.line);
        if start == self.bytes.len() {
            return None;
        }
        self.count = 0;
        let as_it_stands = self.find_cells();
        let text = if as_it_stands.is_some() {
            self.bytes
        } else {
            self.at = start;
            self.copy_cells();
            self.marks = Marks::from(self.bytes, self.delimiter, self.at);
            self.copied.as_slice()
        };
        let raw = &self.bytes[start..self.at];
        self.line += as_it_stands.unwrap_or_else(|| lines(raw));
        Some(Row { text, cells: &self.cells[..self.count], raw, line, start, is_last: self.at == self.bytes.len() })
    }

    fn pass_line_ends(&mut self) {
        while let Some(end @ (b'\r' | b'\n')) = self.bytes.get(self.at) {
            self.line += u64::from(*end == b'\n');
            self.at += 1;
            self.marks.next();
        }
    }

    /// Finds the cells of a record that all stand in the text as they are, and the number of its line ends; `None` when
    /// some do not.
    fn find_cells(&mut self) -> Option<u64> {
        let bytes = self.bytes;
        let (mut cell, mut lines_inside) = (self.at, 0);
        // Up to the first quote, which most records have none of: the same as below with nothing to look after.
        let Marks { mut block, mut signs, delimiter, .. } = self.marks;
        let mut count = 0;
        loop {
            // The delimiters before the first other sign, however many, each end a cell.
            let before = (signs.others & signs.others.wrapping_neg()).wrapping_sub(1);
            let mut ends = signs.delimiters & before;
            if self.cells.len() < count + BLOCK + 1 {
                self.cells.resize(2 * (count + BLOCK + 1), (0, 0));
            }
            let places = &mut self.cells[count..count + BLOCK];
            count += ends.count_ones() as usize;
            for place in places {
                if ends == 0 {
                    break;
                }
                // A block begins at a multiple of its length.
                let end = block | ends.trailing_zeros() as usize;
                ends &= ends.wrapping_sub(1);
                *place = (cell, end);
                cell = end + 1;
            }
            if signs.others == 0 {
                block += BLOCK;
                let Some(rest) = bytes.get(block..) else {
                    signs = Signs::default();
                    break;
                };
                signs = signs_of_block(rest, delimiter);
                continue;
            }
            signs.delimiters &= !before;
            let end = block + signs.others.trailing_zeros() as usize;
            if bytes[end] == b'"' {
                break;
            }
            signs.others &= signs.others - 1;
            self.cells[count] = (cell, end);
            (self.marks.block, self.marks.signs, self.at, self.count) = (block, signs, end + 1, count + 1);
            return Some(u64::from(bytes[end] == b'\n'));
        }
        (self.marks.block, self.marks.signs, self.count) = (block, signs, count);
        loop {
            let mut mark = self.marks.next();
            let mut end = mark.unwrap_or(bytes.len());
            if mark.is_some() && bytes[end] == b'"' {
                if end != cell {
                    continue;
                }
                cell += 1;
                end = self.marks.find(|mark| bytes[*mark] == b'"')?;
                lines_inside += lines(&bytes[cell..end]);
                mark = self.marks.next();
                let behind = mark.unwrap_or(bytes.len());
                if behind != end + 1 || bytes.get(behind) == Some(&b'"') {
                    return None;
                }
            }
            self.push((cell, end));
            match mark {
                Some(mark) if bytes[mark] == self.delimiter => cell = mark + 1,
                Some(mark) => {
                    self.at = mark + 1;
                    return Some(lines_inside + u64::from(bytes[mark] == b'\n'));
                }
                None => {
                    self.at = bytes.len();
                    return Some(lines_inside);
                }
            }
        }
    }

    fn push(&mut self, cell: (usize, usize)) {
        if self.count == self.cells.len() {
            self.cells.resize(2 * self.count + BLOCK, (0, 0));
        }
        self.cells[self.count] = cell;
        self.count += 1;
    }

    /// Copies the cells of any record, letter by letter.
    fn copy_cells(&mut self) {
        self.count = 0;
        self.copied.clear();
        let (mut cell, mut fresh, mut quoted) = (0, true, false);
        loop {
            let byte = self.bytes.get(self.at).copied();
            self.at += usize::from(byte.is_some());
            match byte {
                Some(b'"') if quoted && self.bytes.get(self.at) == Some(&b'"') => {
                    self.copied.push(b'"');
                    self.at += 1;
                }
                Some(b'"') if quoted => quoted = false,
                Some(b'"') if fresh => quoted = true,
                Some(byte) if quoted || (byte != self.delimiter && !matches!(byte, b'\r' | b'\n')) => {
                    self.copied.push(byte);
                }
                end => {
                    self.push((cell, self.copied.len()));
                    if end != Some(self.delimiter) {
                        return;
                    }
                    (cell, fresh) = (self.copied.len(), true);
                    continue;
                }
            }
            fresh = false;
        }
    }
}

fn lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// The places of delimiters, quotes, CR and LF, in order.
struct Marks<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    /// Where the block begins that `signs` are of.
    block: usize,
    /// The marks of the block that are still to come.
    signs: Signs,
}

/// Where the marks of a block are: one bit for each byte, the first the lowest.
#[derive(Clone, Copy, Default)]
struct Signs {
    delimiters: u64,
    /// Quotes, CR and LF.
    others: u64,
}

impl<'a> Marks<'a> {
    /// The marks from a place on.
    fn from(bytes: &'a [u8], delimiter: u8, at: usize) -> Self {
        let block = at / BLOCK * BLOCK;
        let signs = signs_of_block(&bytes[block..], delimiter).only(u64::MAX << (at % BLOCK));
        Self { bytes, delimiter, block, signs }
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            let marks = self.signs.delimiters | self.signs.others;
            if marks != 0 {
                self.signs = self.signs.only(!(marks & marks.wrapping_neg()));
                return Some(self.block + marks.trailing_zeros() as usize);
            }
            self.block += BLOCK;
            self.signs = signs_of_block(self.bytes.get(self.block..)?, self.delimiter);
        }
    }
}

impl Signs {
    const fn only(self, bits: u64) -> Self {
        Self { delimiters: self.delimiters & bits, others: self.others & bits }
    }
}

/// The marks among the first 64 bytes.
fn signs_of_block(bytes: &[u8], delimiter: u8) -> Signs {
    if let Some(block) = bytes.first_chunk::<BLOCK>() {
        return signs_of_whole_block(block, delimiter);
    }
    // What lies behind the end must be no mark, whatever the delimiter is.
    let mut block = [b' '; BLOCK];
    block[..bytes.len()].copy_from_slice(bytes);
    signs_of_whole_block(&block, delimiter).only(!(u64::MAX << bytes.len()))
}

#[inline]
fn signs_of_whole_block(block: &[u8; BLOCK], delimiter: u8) -> Signs {
    let block = u8x64::from(*block);
    let places = |byte| block.simd_eq(u8x64::splat(byte));
    let others = places(b'\n') | places(b'\r') | places(b'"');
    Signs { delimiters: places(delimiter).to_bitmask(), others: others.to_bitmask() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A record with its place.
    type Told = (Vec<Vec<u8>>, u64, usize);

    fn cut(text: &[u8], delimiter: u8) -> Vec<Told> {
        let mut cutter = Cutter::new(text, delimiter);
        let mut rows = Vec::new();
        while let Some(row) = cutter.next_row() {
            let cells: Vec<Vec<u8>> = row.iter().map(<[u8]>::to_vec).collect();
            assert!((0..cells.len()).all(|at| row.get(at) == Some(&cells[at])) && row.get(row.len()).is_none());
            assert_eq!((cells.len(), row.is_last), (row.len(), row.start + row.raw.len() == text.len()));
            rows.push((cells, row.line, row.start));
        }
        assert_eq!(cutter.lines(), lines(text));
        rows
    }

    /// The same by the csv crate. It tells where it began to look for a record, which may be at line ends before it.
    fn twin(text: &[u8], delimiter: u8) -> Vec<Told> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
        let mut rows = Vec::new();
        for row in reader.byte_records() {
            let row = row.expect("memory reads");
            let begun = usize::try_from(row.position().expect("a place").byte()).expect("a small text");
            let ends = text[begun..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let before = String::from_utf8_lossy(&text[..begun + ends]).matches('\n').count() as u64;
            rows.push((row.iter().map(<[u8]>::to_vec).collect(), before, begun + ends));
        }
        rows
    }

    #[test]
    fn quotes_open_only_cells() {
        let cells = |text: &str| -> Vec<String> {
            let rows = cut(text.as_bytes(), b';');
            assert_eq!(rows.len(), 1, "{text}");
            rows[0].0.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
        };
        assert_eq!(cells("5\" rør;\"a;b\";c\"\"\n"), ["5\" rør", "a;b", "c\"\""]);
        assert_eq!(cells("\"a \"\"b\"\"\r\n\";\"c\"d;\r\n"), ["a \"b\"\r\n", "cd", ""]);
        assert_eq!(cells("\"\";\"open;\n"), ["", "open;\n"]);
    }

    #[test]
    fn every_place_in_a_block_is_seen() {
        for delimiter in [b';', b'\t', b'|', b','] {
            for at in 0..130 {
                for mark in [delimiter, b'"', b'\r', b'\n'] {
                    let mut text = [b'a'; 131];
                    text[at] = mark;
                    let seen: Vec<usize> = Marks::from(&text, delimiter, 0).collect();
                    assert_eq!(seen, [at]);
                    assert_eq!(Marks::from(&text, delimiter, at + 1).count(), 0);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn cuts_like_the_csv_crate(
            text in prop::collection::vec(prop::sample::select(b"aab;;\"\"\n\r\xe6".to_vec()), 0..200)
        ) {
            prop_assert_eq!(cut(&text, b';'), twin(&text, b';'));
        }

        #[test]
        fn cuts_long_cells_like_the_csv_crate(
            cells in prop::collection::vec(("[a-c\"; ]{0,90}", prop::bool::ANY, prop::sample::select(vec![";", "\n", "\r\n"])), 0..40)
        ) {
            let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
            let text: String =
                cells.iter().map(|(cell, quote, end)| if *quote { quoted(cell) } else { cell.clone() } + end).collect();
            prop_assert_eq!(cut(text.as_bytes(), b';'), twin(text.as_bytes(), b';'));
        }
    }
}
