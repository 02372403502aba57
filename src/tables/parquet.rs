//! Columns to Parquet bytes and back. The only file that speaks polars.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::{Display, Write as _},
    hash::{BuildHasherDefault, Hash, Hasher},
    io::{Cursor, Write},
};

use polars::prelude::{AnyValue, DataFrame, DataType, Field, PolarsError, Schema};
use polars_arrow::{
    array::{Array, BooleanArray, DictionaryArray, MutablePlString, PrimitiveArray},
    bitmap::Bitmap,
    datatypes::{ArrowDataType, IntegerType},
};
use polars_io::{
    SerReader as _,
    parquet::{
        read::{ParallelStrategy, ParquetReader},
        write::{ParquetCompression, ParquetWriter, StatisticsOptions},
    },
};
use polars_parquet::write::{
    CompressedPage, Encoding, ParquetType, Version, WriteOptions, ZstdLevel, array_to_columns, compress,
    get_dtype_encoding,
};

use crate::{
    base::{Error, ErrorKind, Pool, Result},
    domain::{Date, Ore},
};

/// Rows to a row group. Part of the format: another number gives other bytes.
pub(super) const ROW_GROUP: usize = 1 << 18;

/// How every table is compressed: what the bytes depend on besides the rows.
fn compression() -> ParquetCompression {
    // The fastest: the next two levels take twice as long for a few per cent.
    ParquetCompression::Zstd(Some(ZstdLevel::try_new(1).expect("the lowest level there is")))
}

/// Builds the columns of a table, or of some of its rows.
pub(super) struct Columns {
    height: usize,
    fields: Vec<Field>,
    arrays: Vec<Box<dyn Array>>,
    encodings: Vec<Encoding>,
}

impl Columns {
    pub(super) fn new(height: usize) -> Self {
        Self { height, fields: Vec::new(), arrays: Vec::new(), encodings: Vec::new() }
    }

    /// Texts that mostly differ.
    pub(super) fn text<T: AsRef<str>>(&mut self, name: &str, values: impl Iterator<Item = Option<T>>) -> &mut Self {
        let mut texts = MutablePlString::with_capacity(self.height);
        values.for_each(|value| texts.push(value));
        self.push_plain(name, DataType::String, texts.freeze().boxed())
    }

    /// Values of which there are few, or that stand in runs: each becomes text once, and a number in its place. Where more
    /// than three quarters differ, the texts themselves are shorter.
    pub(super) fn coded<T: Copy + Eq + Hash>(
        &mut self,
        name: &str,
        values: impl Iterator<Item = Option<T>>,
        text: impl Fn(&T, &mut String),
    ) -> &mut Self {
        let mut coder = Coder::new(self.height);
        values.for_each(|value| coder.push(value, &text));
        self.of_codes(name, coder)
    }

    /// What a coder took in.
    pub(super) fn of_codes<T>(&mut self, name: &str, coder: Coder<T>) -> &mut Self {
        let Coder { texts, keys, gaps, .. } = coder;
        let texts = texts.freeze();
        if keys.len() > SHORT && texts.len() * 4 > keys.len() * 3 {
            let is_given = |place: usize| gaps.as_ref().is_none_or(|given| given[place]);
            let values = keys.iter().enumerate();
            return self.text(name, values.map(|(place, key)| is_given(place).then(|| texts.value(*key as usize))));
        }
        let dtype = ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false);
        let keys = PrimitiveArray::new(ArrowDataType::UInt32, keys.into(), gaps.map(Bitmap::from));
        let array = DictionaryArray::try_new(dtype, keys, texts.boxed());
        let array = array.expect("every key is the place of a text");
        self.push(name, DataType::String, array.boxed())
    }

    /// As [`Self::coded`], of values that write themselves.
    pub(super) fn shown<T: Copy + Eq + Hash + Display>(
        &mut self,
        name: &str,
        values: impl Iterator<Item = Option<T>>,
    ) -> &mut Self {
        self.coded(name, values, display)
    }

    /// As [`Self::coded`], of words.
    pub(super) fn words<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) -> &mut Self {
        self.coded(name, values, |word, text| text.push_str(word))
    }

    /// Whole øre, or a count.
    pub(super) fn whole(&mut self, name: &str, values: impl Iterator<Item = i64>) -> &mut Self {
        self.of_whole(name, values.collect())
    }

    pub(super) fn of_whole(&mut self, name: &str, values: Vec<i64>) -> &mut Self {
        self.push(name, DataType::Int64, PrimitiveArray::from_vec(values).boxed())
    }

    /// Numbers that mostly differ.
    pub(super) fn of_different(&mut self, name: &str, values: Vec<i64>) -> &mut Self {
        self.push_plain(name, DataType::Int64, PrimitiveArray::from_vec(values).boxed())
    }

    /// A share or a weight; never money.
    pub(super) fn real(&mut self, name: &str, values: impl Iterator<Item = f64>) -> &mut Self {
        let values: Vec<f64> = values.collect();
        self.push(name, DataType::Float64, PrimitiveArray::from_vec(values).boxed())
    }

    pub(super) fn ore(&mut self, name: &str, values: impl Iterator<Item = Ore>) -> &mut Self {
        self.whole(name, values.map(|ore| ore.0))
    }

    pub(super) fn days(&mut self, name: &str, values: impl Iterator<Item = Date>) -> &mut Self {
        self.of_days(name, values.map(Date::days).collect())
    }

    /// Days since 1970-01-01.
    pub(super) fn of_days(&mut self, name: &str, values: Vec<i32>) -> &mut Self {
        self.push(name, DataType::Date, PrimitiveArray::new(ArrowDataType::Date32, values.into(), None).boxed())
    }

    pub(super) fn truth(&mut self, name: &str, values: impl Iterator<Item = bool>) -> &mut Self {
        self.of_truths(name, values.collect())
    }

    pub(super) fn of_truths(&mut self, name: &str, values: Vec<bool>) -> &mut Self {
        self.push(name, DataType::Boolean, BooleanArray::from_slice(values).boxed())
    }

    fn push(&mut self, name: &str, dtype: DataType, array: Box<dyn Array>) -> &mut Self {
        // No column of ours is nested, so there is one.
        let encoding = get_dtype_encoding(array.dtype()).pop().unwrap_or(Encoding::Plain);
        self.push_as(encoding, name, dtype, array)
    }

    /// Values that are written as they are: the encoder does not try first whether some of them are alike.
    fn push_plain(&mut self, name: &str, dtype: DataType, array: Box<dyn Array>) -> &mut Self {
        self.push_as(Encoding::Plain, name, dtype, array)
    }

    fn push_as(&mut self, encoding: Encoding, name: &str, dtype: DataType, array: Box<dyn Array>) -> &mut Self {
        self.fields.push(Field::new(name.into(), dtype));
        self.arrays.push(array);
        self.encodings.push(encoding);
        self
    }

    /// The columns as compressed pages.
    fn encode(&self, types: &[ParquetType], pool: &Pool) -> Result<Pages> {
        let options = WriteOptions {
            statistics: StatisticsOptions::empty(),
            version: Version::V1,
            compression: compression().into(),
            data_page_size: None,
        };
        #[expect(clippy::borrowed_box, reason = "what the encoder takes")]
        let of_column = |((array, of_type), encoding): &((&Box<dyn Array>, &ParquetType), &Encoding)| {
            let compressed = |page| compress(page, Vec::new(), options.compression).map_err(PolarsError::from);
            let columns = array_to_columns(array, (*of_type).clone(), options, &[**encoding])?;
            columns.into_iter().map(|pages| pages.map(|page| compressed(page?)).collect()).collect()
        };
        // Beside the row groups too: a table of three leaves a worker idle behind the last.
        let arrays: Vec<_> = self.arrays.iter().zip(types).zip(&self.encodings).collect();
        let columns: Result<Vec<Vec<Vec<CompressedPage>>>, PolarsError> =
            pool.map(&arrays, of_column).into_iter().collect();
        Ok(Pages { height: self.height as u64, columns: columns.map_err(unwritable)?.into_iter().flatten().collect() })
    }
}

/// Takes in the values of a column one by one and codes them: see [`Columns::coded`].
pub(super) struct Coder<T> {
    codes: HashMap<T, u32, BuildHasherDefault<Mixer>>,
    texts: MutablePlString,
    keys: Vec<u32>,
    /// By row whether there is a value, once one was missing.
    gaps: Option<Vec<bool>>,
    last: Option<(T, u32)>,
    scratch: String,
}

impl<T: Copy + Eq + Hash> Coder<T> {
    /// A coder for so many rows.
    pub(super) fn new(height: usize) -> Self {
        Self {
            codes: HashMap::default(),
            texts: MutablePlString::new(),
            keys: Vec::with_capacity(height),
            gaps: None,
            last: None,
            scratch: String::new(),
        }
    }

    /// The value of the next row.
    #[inline]
    pub(super) fn push(&mut self, value: Option<T>, text: impl Fn(&T, &mut String)) {
        self.push_run(value, 1, text);
    }

    /// The value of the next rows.
    #[inline]
    pub(super) fn push_run(&mut self, value: Option<T>, rows: usize, text: impl Fn(&T, &mut String)) {
        let code = match (value, self.last) {
            (Some(value), Some((last, code))) if value == last => code,
            (Some(value), _) => self.code(value, text),
            (None, _) => 0,
        };
        if value.is_none() || self.gaps.is_some() {
            let given = self.gaps.get_or_insert_with(|| vec![true; self.keys.len()]);
            given.resize(self.keys.len() + rows, value.is_some());
        }
        self.keys.resize(self.keys.len() + rows, code);
    }

    fn code(&mut self, value: T, text: impl Fn(&T, &mut String)) -> u32 {
        let Self { codes, texts, scratch, .. } = self;
        let code = *codes.entry(value).or_insert_with(|| {
            scratch.clear();
            text(&value, scratch);
            texts.push_value(scratch.as_str());
            u32::try_from(texts.len() - 1).expect("fewer texts than a row group has rows")
        });
        self.last = Some((value, code));
        code
    }
}

/// Writes a value that writes itself.
pub(super) fn display<T: Display>(value: &T, text: &mut String) {
    write!(text, "{value}").expect("a String takes everything");
}

/// Hashes values of samkor's own making, which nobody can choose so that they meet: what guards the hash of the standard library
/// against that costs more than writing the column. Codes follow the order of rows, never that of hashes.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight[..piece.len()].copy_from_slice(piece);
            self.write_u64(u64::from_le_bytes(eight));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // An odd number near 2^64 divided by the golden ratio: every bit of the product's upper half hangs on all below it.
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_i32(&mut self, number: i32) {
        self.write_u64(u64::from(number.cast_unsigned()));
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Columns of no more rows than this are always coded.
const SHORT: usize = 128;

/// A row group that only needs to be written.
struct Pages {
    height: u64,
    columns: Vec<Vec<CompressedPage>>,
}

/// Writes a table of rows that stand in memory.
///
/// # Errors
/// When the rows cannot be encoded or written.
pub(super) fn write_rows<T: Sync>(
    rows: &[T],
    pool: &Pool,
    out: &mut (dyn Write + Send),
    columns: impl Fn(&[T]) -> Columns + Sync,
) -> Result<()> {
    write_in_groups(rows.chunks(ROW_GROUP), pool, out, |rows: &&[T]| columns(rows))
}

/// Writes a table of any length row group by row group, so that it never stands in memory as a whole. `columns` makes
/// the columns of a group, on all threads; of the default group too, which has no rows.
///
/// # Errors
/// When the rows cannot be encoded or written.
pub(super) fn write_in_groups<G: Send + Default>(
    mut groups: impl Iterator<Item = G> + Send,
    pool: &Pool,
    out: &mut (dyn Write + Send),
    columns: impl Fn(&G) -> Columns + Sync,
) -> Result<()> {
    let schema: Schema = columns(&G::default()).fields.into_iter().collect();
    let writer = ParquetWriter::new(out).with_compression(compression()).with_statistics(StatisticsOptions::empty());
    let mut table = writer.batched(&schema).map_err(unwritable)?;
    let types = table.parquet_schema().fields().to_vec();
    pool.ordered(
        || Ok(groups.next()),
        |group| columns(&group).encode(&types, pool),
        |pages: Result<Pages>| {
            let Pages { height, columns } = pages?;
            table.write_row_group(height, &columns).map_err(unwritable)
        },
    )?;
    table.finish().map(drop).map_err(unwritable)
}

/// A value of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// Whole øre, or a count.
    Whole(i64),
    /// A share or a weight, in millionths.
    Millionths(i64),
    /// A day.
    Day(Date),
    /// Yes or no.
    Truth(bool),
}

/// A table read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Names of columns.
    pub names: Vec<String>,
    /// Rows of cells, in the order of the file.
    pub rows: Vec<Vec<Cell>>,
}

/// Reads a table that samkor wrote.
///
/// # Errors
/// When the bytes are no Parquet file, or hold a type that samkor does not write.
pub fn read(bytes: &[u8]) -> Result<Table> {
    let frame =
        ParquetReader::new(Cursor::new(bytes)).read_parallel(ParallelStrategy::None).finish().map_err(unreadable)?;
    let rows = (0..frame.height()).collect::<Vec<_>>();
    cells(&frame, &rows)
}

/// Reads the rows of a table whose text in `column` is among `wanted`, in the order of the file. The other columns of a row
/// group are read only where it has such a row, so that a long table never stands in memory as a whole.
///
/// # Errors
/// As [`read`], or when the table lacks the column.
pub fn read_matching(bytes: &[u8], column: &str, wanted: &BTreeSet<String>) -> Result<Table> {
    let reader = || ParquetReader::new(Cursor::new(bytes)).read_parallel(ParallelStrategy::None);
    let mut whole = reader();
    let groups = whole
        .get_metadata()
        .map_err(unreadable)?
        .row_groups
        .iter()
        .map(polars_parquet::read::RowGroupMetadata::num_rows);
    let mut starts = vec![0];
    starts.extend(groups.scan(0, |end, rows| {
        *end += rows;
        Some(*end)
    }));
    let mut table = cells(&reader().with_slice(Some((0, 0))).finish().map_err(unreadable)?, &[])?;
    for group in starts.windows(2) {
        let slice = Some((group[0], group[1] - group[0]));
        let keys = reader().with_slice(slice).with_columns(Some(vec![column.to_owned()])).finish();
        let keys = keys.map_err(unreadable)?;
        let texts = keys.column(column).and_then(|keys| keys.str()).map_err(unreadable)?;
        let is_wanted = |(row, text): (usize, Option<&str>)| text.filter(|text| wanted.contains(*text)).map(|_| row);
        let rows: Vec<usize> = texts.iter().enumerate().filter_map(is_wanted).collect();
        if !rows.is_empty() {
            table.rows.extend(cells(&reader().with_slice(slice).finish().map_err(unreadable)?, &rows)?.rows);
        }
    }
    Ok(table)
}

/// Some rows of a frame as cells.
fn cells(frame: &DataFrame, wanted: &[usize]) -> Result<Table> {
    let names: Vec<String> = frame.get_column_names().into_iter().map(ToString::to_string).collect();
    let mut rows = vec![Vec::with_capacity(names.len()); wanted.len()];
    for column in frame.columns() {
        for (&index, row) in wanted.iter().zip(&mut rows) {
            row.push(match column.get(index).map_err(unreadable)? {
                AnyValue::Null => Cell::Empty,
                AnyValue::String(text) => Cell::Text(text.to_owned()),
                AnyValue::StringOwned(text) => Cell::Text(text.to_string()),
                AnyValue::Int64(number) => Cell::Whole(number),
                AnyValue::Float64(number) => Cell::Millionths(millionths(number)),
                AnyValue::Boolean(truth) => Cell::Truth(truth),
                AnyValue::Date(days) => Date::from_days(days).map_or(Cell::Empty, Cell::Day),
                other => {
                    let kind = other.dtype();
                    return Err(Error::new(
                        ErrorKind::Input,
                        format!("Tabellen har en kolonne af en ukendt type ({kind})"),
                    ));
                }
            });
        }
    }
    Ok(Table { names, rows })
}

#[expect(clippy::cast_possible_truncation, reason = "shares and weights are small, and a cast stops at the ends")]
fn millionths(number: f64) -> i64 {
    (number * 1e6).round() as i64
}

fn unwritable(error: PolarsError) -> Error {
    Error::new(ErrorKind::Internal, "En tabel kan ikke skrives som Parquet").because(error)
}

fn unreadable(error: PolarsError) -> Error {
    Error::new(ErrorKind::Input, "Tabellen kan ikke læses som Parquet")
        .hint("Se, om filen er hel, og om samkor har skrevet den.")
        .because(error)
}

/// The bytes that a table's function writes.
#[cfg(test)]
pub(super) fn written(table: impl Fn(&Pool, &mut (dyn Write + Send)) -> Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    table(&Pool::new(2).expect("threads"), &mut bytes).expect("written");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let day = Date::parse_iso("2015-02-28").expect("a date");
        let rows = [(Some("æøå"), i64::MIN, day, true), (None, i64::MAX, Date::MAX, false)];
        let bytes = table_of(&rows, |rows| {
            let mut columns = Columns::new(rows.len());
            columns
                .text("tekst", rows.iter().map(|row| row.0))
                .words("ord", rows.iter().map(|row| row.0))
                .ore("oere", rows.iter().map(|row| Ore(row.1)))
                .days("dag", rows.iter().map(|row| row.2))
                .truth("sandt", rows.iter().map(|row| row.3));
            columns
        });
        let table = read(&bytes).expect("a table");
        assert_eq!(table.names, ["tekst", "ord", "oere", "dag", "sandt"]);
        let text = || Cell::Text("æøå".to_owned());
        assert_eq!(
            table.rows,
            [
                vec![text(), text(), Cell::Whole(i64::MIN), Cell::Day(day), Cell::Truth(true)],
                vec![Cell::Empty, Cell::Empty, Cell::Whole(i64::MAX), Cell::Day(Date::MAX), Cell::Truth(false)],
            ]
        );
    }

    fn table_of<T: Sync>(rows: &[T], columns: impl Fn(&[T]) -> Columns + Sync) -> Vec<u8> {
        let bytes = |threads| {
            let mut bytes = Vec::new();
            write_rows(rows, &Pool::new(threads).expect("threads"), &mut bytes, &columns).expect("written");
            bytes
        };
        let (one, two) = (bytes(1), bytes(2));
        assert_eq!(one, two, "threads change nothing");
        one
    }

    #[test]
    fn several_row_groups_are_one_table() {
        let numbers: Vec<i64> = (0..i64::try_from(ROW_GROUP).expect("small") * 2 + 7).collect();
        let bytes = table_of(&numbers, |rows| {
            let mut columns = Columns::new(rows.len());
            columns.whole("tal", rows.iter().copied());
            columns
        });
        let table = read(&bytes).expect("a table");
        assert_eq!(table.rows.len(), numbers.len());
        assert!(table.rows.iter().zip(&numbers).all(|(row, number)| row[..] == [Cell::Whole(*number)]));
    }

    /// Both ways of writing texts tell the same, whatever they hold.
    #[test]
    fn codes_and_texts_read_alike() {
        let few = |number: usize| (!number.is_multiple_of(5)).then_some(number % 7);
        let runs = |number: usize| (!number.is_multiple_of(11)).then_some(number / 4);
        let many = |number: usize| Some(number);
        let none = |_| None;
        let rows: Vec<usize> = (0..2_000).collect();
        for value in [few, runs, many, none] {
            let bytes = table_of(&rows, |rows| {
                let mut columns = Columns::new(rows.len());
                columns
                    .shown("koder", rows.iter().map(|row| value(*row)))
                    .text("tekster", rows.iter().map(|row| value(*row).map(|value| value.to_string())));
                columns
            });
            let table = read(&bytes).expect("a table");
            for (row, number) in table.rows.iter().zip(0..) {
                let cell = value(number).map_or(Cell::Empty, |value| Cell::Text(value.to_string()));
                assert_eq!(row[..], [cell.clone(), cell]);
            }
        }
    }

    #[test]
    fn matching_rows_are_those_of_the_whole_table() {
        let height = ROW_GROUP * 2 + 7;
        let name = |row: usize| if row.is_multiple_of(3) { None } else { Some(format!("{}", row / (ROW_GROUP / 2))) };
        let numbers: Vec<usize> = (0..height).collect();
        let bytes = table_of(&numbers, |rows| {
            let mut columns = Columns::new(rows.len());
            let number = |row: &usize| i64::try_from(*row).expect("small");
            columns.text("navn", rows.iter().map(|row| name(*row))).whole("tal", rows.iter().map(number));
            columns
        });
        let whole = read(&bytes).expect("a table");
        for wanted in [&["1", "4"][..], &["3"], &["9"], &[]] {
            let wanted: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
            let matching = read_matching(&bytes, "navn", &wanted).expect("a table");
            let is_wanted = |row: &&Vec<Cell>| matches!(&row[0], Cell::Text(text) if wanted.contains(text));
            let expected: Vec<Vec<Cell>> = whole.rows.iter().filter(is_wanted).cloned().collect();
            assert_eq!(matching.names, whole.names);
            assert!(matching.rows == expected, "{wanted:?}: {} rows of {}", matching.rows.len(), expected.len());
        }
        assert_eq!(read_matching(&bytes, "tal", &BTreeSet::new()).map_err(|error| error.kind()), Err(ErrorKind::Input));
        assert!(read_matching(&bytes, "findes ikke", &BTreeSet::new()).is_err());
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(read(b"ikke parquet").map_err(|error| error.kind()), Err(ErrorKind::Input));
    }
}
