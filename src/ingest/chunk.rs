//! Cuts a stream of bytes into chunks that end where a record ends.
//!
//! Whether a record is too long does not depend on the size of the chunks: a record that does not end within
//! [`RECORD_LIMIT`] bytes loses its first physical line, and reading goes on with the next.

use std::io::{self, Chain, Cursor, Read};

use super::RECORD_LIMIT;
use crate::base::Spare;

/// A piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Whole records.
    Records {
        /// The bytes, line ends included.
        bytes: Vec<u8>,
        /// Whether the stream ends here.
        last: bool,
        /// Whether it ends inside an open quote.
        open_quote: bool,
    },
    /// A physical line given up because its record has no end within the limit; its bytes are gone.
    TooLong {
        /// Length in bytes, line end included.
        bytes: u64,
        /// Whether the line had an end.
        terminated: bool,
    },
}

/// Cuts delimited text (quotes may hold line ends) or plain lines.
pub(super) struct Splitter<'a, R> {
    /// What was read already, then the rest.
    input: Chain<Cursor<Vec<u8>>, R>,
    /// Bytes read, and behind them room that needs no zeros before it is read to.
    buffer: Vec<u8>,
    /// How many bytes were read.
    filled: usize,
    /// Room of chunks that workers are done with. What stands there stays until it is written over.
    spare: &'a Spare<Vec<u8>>,
    ended: bool,
    chunk: usize,
    /// The delimiter, when quotes matter.
    delimiter: Option<u8>,
}

/// How far a scan got.
struct Scan {
    /// Just behind the last record end found; 0 when none.
    end: usize,
    /// Where a record starts that does not end within the limit; the scan stopped there.
    too_long: Option<usize>,
    /// The scan ended inside a quote.
    open_quote: bool,
}

impl<'a, R: Read> Splitter<'a, R> {
    /// Cuts `begun`, the bytes already read, and the rest of the stream behind them, into chunks with room from `spare`.
    pub(super) fn new(rest: R, begun: Vec<u8>, chunk: usize, delimiter: Option<u8>, spare: &'a Spare<Vec<u8>>) -> Self {
        let input = Cursor::new(begun).chain(rest);
        Self { input, buffer: Vec::new(), filled: 0, spare, ended: false, chunk: chunk.max(64), delimiter }
    }

    /// The next piece; `None` after the last.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        let mut want = self.chunk;
        loop {
            self.fill(want)?;
            if self.filled == 0 {
                return Ok(None);
            }
            let scan = self.scan();
            match scan.too_long {
                Some(0) => return self.drop_line().map(Some),
                Some(start) => return Ok(Some(self.take(start, false, false))),
                None if self.ended => return Ok(Some(self.take(self.filled, true, scan.open_quote))),
                None if scan.end > 0 => return Ok(Some(self.take(scan.end, false, false))),
                None => {}
            }
            want = self.filled + self.chunk;
        }
    }

    fn fill(&mut self, want: usize) -> io::Result<()> {
        if self.buffer.len() < want {
            self.buffer.resize(want, 0);
        }
        while !self.ended && self.filled < want {
            let read = self.input.read(&mut self.buffer[self.filled..want])?;
            self.filled += read;
            self.ended = read == 0;
        }
        Ok(())
    }

    fn take(&mut self, length: usize, last: bool, open_quote: bool) -> Piece {
        let rest = &self.buffer[length..self.filled];
        let mut next = self.spare.take();
        next.resize(next.len().max(rest.len()), 0);
        next[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(length);
        Piece::Records { bytes, last, open_quote }
    }

    /// Gives up the physical line at the start of the buffer, reading on without keeping it when it has no end yet.
    fn drop_line(&mut self) -> io::Result<Piece> {
        let mut dropped = 0_u64;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[..self.filled]) {
                self.buffer.drain(..=at);
                self.filled -= at + 1;
                return Ok(Piece::TooLong { bytes: dropped + at as u64 + 1, terminated: true });
            }
            dropped += self.filled as u64;
            self.filled = 0;
            self.fill(self.chunk)?;
            if self.filled == 0 {
                return Ok(Piece::TooLong { bytes: dropped, terminated: false });
            }
        }
    }

    /// Finds the last record end, stopping before the first record that is too long. What is too long depends on the text
    /// alone, not on how much of it is in the buffer.
    fn scan(&self) -> Scan {
        let buffer = &self.buffer[..self.filled];
        let too_long = |record, open_quote| Scan { end: record, too_long: Some(record), open_quote };
        let (mut record, mut position, mut open) = (0, 0, false);
        if let Some(delimiter) = self.delimiter {
            while let Some(quote) = memchr::memchr(b'"', &buffer[position..]).map(|at| at + position) {
                if open {
                    if quote - record > RECORD_LIMIT {
                        return too_long(record, true);
                    }
                    let doubled = buffer.get(quote + 1) == Some(&b'"');
                    open = doubled;
                    position = quote + if doubled { 2 } else { 1 };
                    continue;
                }
                match last_record(buffer, record, position, quote) {
                    Ok(start) => record = start,
                    Err(start) => return too_long(start, false),
                }
                open = quote == 0 || matches!(buffer[quote - 1], b'\n' | b'\r') || buffer[quote - 1] == delimiter;
                position = quote + 1;
            }
        }
        if open {
            let too_long = (buffer.len() - record > RECORD_LIMIT).then_some(record);
            return Scan { end: record, too_long, open_quote: true };
        }
        match last_record(buffer, record, position, buffer.len()) {
            Ok(start) => Scan { end: start, too_long: None, open_quote: false },
            Err(start) => too_long(start, false),
        }
    }
}

/// Where the last record starts that starts before `end`, when `record` is the start of one that has no end before `from`
/// and no quote is open in between. `Err` with the start of the first record that does not end within the limit.
fn last_record(buffer: &[u8], mut record: usize, mut from: usize, end: usize) -> Result<usize, usize> {
    loop {
        let reach = end.min(record + RECORD_LIMIT).max(from);
        match memchr::memrchr(b'\n', &buffer[from..reach]) {
            Some(at) => {
                record = from + at + 1;
                from = record;
            }
            None if end - record > RECORD_LIMIT => return Err(record),
            None => return Ok(record),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &[u8], chunk: usize) -> Vec<Piece> {
        let spare = Spare::default();
        // Room that was used for something else.
        spare.keep(b"old;\n".repeat(100));
        let mut splitter = Splitter::new(text, Vec::new(), chunk, Some(b';'), &spare);
        std::iter::from_fn(|| splitter.next_piece().expect("memory reads")).collect()
    }

    /// Pieces of equal meaning, whatever the chunks: the records joined, the lines given up.
    fn joined(text: &[u8], chunk: usize) -> Vec<(Vec<u8>, u64)> {
        let mut parts: Vec<(Vec<u8>, u64)> = Vec::new();
        for piece in pieces(text, chunk) {
            match piece {
                Piece::Records { bytes, .. } => match parts.last_mut() {
                    Some((records, 0)) => records.extend(bytes),
                    _ => parts.push((bytes, 0)),
                },
                Piece::TooLong { bytes, .. } => parts.push((Vec::new(), bytes)),
            }
        }
        parts
    }

    #[test]
    fn quotes_may_hold_line_ends() {
        let text = b"a;\"x\ny\";b\nc;d\n\"\"\"q\"\"\n\";e\n";
        let first: Vec<Vec<u8>> = pieces(text, 64)
            .into_iter()
            .map(|piece| match piece {
                Piece::Records { bytes, .. } => bytes,
                Piece::TooLong { .. } => Vec::new(),
            })
            .collect();
        assert_eq!(first.concat(), text);
    }

    #[test]
    fn a_stray_quote_inside_a_field_opens_nothing() {
        let text = b"a;5\" pipe;b\nc;d;e\n".repeat(20);
        assert!(pieces(&text, 64).len() > 2, "lines end in spite of the quote");
    }

    #[test]
    fn bytes_read_before_are_cut_like_the_rest() {
        let text = b"a;b\n".repeat(100);
        for begun in [0, 1, 399, 400] {
            let spare = Spare::default();
            let mut splitter = Splitter::new(&text[begun..], text[..begun].to_vec(), 64, Some(b';'), &spare);
            let pieces: Vec<Piece> = std::iter::from_fn(|| splitter.next_piece().expect("memory reads")).collect();
            assert!(pieces.len() >= 6, "{begun}: {} pieces", pieces.len());
        }
    }

    #[test]
    fn an_endless_quote_costs_one_line() {
        let mut text = b"a;b\nc;\"never closed\n".to_vec();
        for _ in 0..20_000 {
            text.extend_from_slice(b"1;2;3;4\n");
        }
        for chunk in [100, 70_000, 1 << 20] {
            let parts = joined(&text, chunk);
            assert_eq!(parts.len(), 3, "{chunk}");
            assert_eq!((parts[0].0.as_slice(), parts[1].1), (&b"a;b\n"[..], 16));
            assert_eq!(parts[2].0.len(), 160_000);
        }
    }

    #[test]
    fn a_line_without_end_uses_bounded_memory() {
        let spare = Spare::default();
        let mut splitter = Splitter::new(io::repeat(b'x').take(10_000_000), Vec::new(), 4096, Some(b';'), &spare);
        let piece = splitter.next_piece().expect("reads");
        assert_eq!(piece, Some(Piece::TooLong { bytes: 10_000_000, terminated: false }));
        assert!(splitter.buffer.capacity() < 400_000);
    }

    /// Lines around the limit, with and without quotes, so that the limit falls into every part of a record.
    #[test]
    fn what_is_too_long_does_not_depend_on_chunks() {
        let long = |length: usize| "x".repeat(length);
        let limit = RECORD_LIMIT;
        let mut text = String::new();
        for length in [limit - 1, limit, limit + 1, limit + 700] {
            text += &format!("{}\n", long(length - 1));
            text += &format!("a;\"{}\"\n", long(length - 5));
            text += &format!("\"b\n\"\"\n\";{}\n", long(length - 9));
            text += &format!("\"c\n{}\n\";d\ne;f\n", long(length - 10));
        }
        let whole = joined(text.as_bytes(), 1 << 22);
        let dropped: Vec<u64> = whole.iter().map(|(_, bytes)| *bytes).filter(|bytes| *bytes > 0).collect();
        assert!(dropped.len() >= 8, "{dropped:?}");
        for chunk in [700, 4_096, 65_536, 65_537, 100_000] {
            assert!(joined(text.as_bytes(), chunk) == whole, "{chunk}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_lost_and_chunks_do_not_matter(
            text in proptest::collection::vec(prop::sample::select(b"ab;\"\n\r".to_vec()), 0..400),
            chunk in 64_usize..200,
        ) {
            prop_assert_eq!(joined(&text, chunk), joined(&text, 1 << 20));
            let whole: Vec<u8> = joined(&text, chunk).into_iter().flat_map(|(records, _)| records).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
