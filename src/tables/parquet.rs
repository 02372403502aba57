//! Columns to Parquet bytes and back. The only file that speaks polars.

use std::{
    collections::BTreeSet,
    io::{Cursor, Write},
};

use polars::prelude::{
    AnyValue, BooleanChunked, Column, DataFrame, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn as _,
    NamedFrom as _, PolarsError, StringChunked, StringChunkedBuilder,
};
use polars_io::{
    SerReader as _,
    parquet::{
        read::{ParallelStrategy, ParquetReader},
        write::{ParquetCompression, ParquetWriter, StatisticsOptions},
    },
};

use crate::{
    base::{Error, ErrorKind, Pool, Result},
    domain::{Date, Ore},
};

/// Rows to a row group. Part of the format: another number gives other bytes.
const ROW_GROUP: usize = 1 << 18;

/// Builds a table column by column.
pub(super) struct Columns {
    height: usize,
    columns: Vec<Column>,
}

impl Columns {
    pub(super) fn new(height: usize) -> Self {
        Self { height, columns: Vec::new() }
    }

    pub(super) fn text<T: AsRef<str>>(&mut self, name: &str, values: impl Iterator<Item = Option<T>>) -> &mut Self {
        let values: StringChunked = values.collect();
        self.push(values.with_name(name.into()).into_column())
    }

    /// Values that often equal the one before: each run of them becomes text once.
    pub(super) fn repeated<T: Copy + PartialEq>(
        &mut self,
        name: &str,
        values: impl Iterator<Item = Option<T>>,
        text: impl Fn(&T) -> String,
    ) -> &mut Self {
        let mut last: Option<(T, String)> = None;
        let mut builder = StringChunkedBuilder::new(name.into(), self.height);
        for value in values {
            let Some(value) = value else {
                builder.append_null();
                continue;
            };
            let (_, text) = match last.take() {
                Some(same) if same.0 == value => last.insert(same),
                _ => last.insert((value, text(&value))),
            };
            builder.append_value(text.as_str());
        }
        self.push(builder.finish().into_column())
    }

    /// Whole øre, or a count.
    pub(super) fn whole(&mut self, name: &str, values: impl Iterator<Item = i64>) -> &mut Self {
        let values: Vec<i64> = values.collect();
        self.push(Int64Chunked::new(name.into(), values).into_column())
    }

    /// A share or a weight; never money.
    pub(super) fn real(&mut self, name: &str, values: impl Iterator<Item = f64>) -> &mut Self {
        let values: Vec<f64> = values.collect();
        self.push(Float64Chunked::new(name.into(), values).into_column())
    }

    pub(super) fn ore(&mut self, name: &str, values: impl Iterator<Item = Ore>) -> &mut Self {
        self.whole(name, values.map(|ore| ore.0))
    }

    pub(super) fn days(&mut self, name: &str, values: impl Iterator<Item = Date>) -> &mut Self {
        let values: Vec<i32> = values.map(Date::days).collect();
        self.push(Int32Chunked::new(name.into(), values).into_date().into_column())
    }

    pub(super) fn truth(&mut self, name: &str, values: impl Iterator<Item = bool>) -> &mut Self {
        let values: Vec<bool> = values.collect();
        self.push(BooleanChunked::new(name.into(), values).into_column())
    }

    /// The table as Parquet bytes.
    pub(super) fn write(&mut self) -> Result<Vec<u8>> {
        let mut frame = self.frame()?;
        let mut bytes = Vec::new();
        writer(&mut bytes).finish(&mut frame).map_err(unwritable)?;
        Ok(bytes)
    }

    fn frame(&mut self) -> Result<DataFrame> {
        DataFrame::new(self.height, std::mem::take(&mut self.columns)).map_err(unwritable)
    }

    fn push(&mut self, column: Column) -> &mut Self {
        self.columns.push(column);
        self
    }
}

/// How every table is written: what the bytes depend on besides the rows. Columns are encoded beside each other, which
/// changes their order in time and not in the file.
fn writer<W: Write>(out: W) -> ParquetWriter<W> {
    ParquetWriter::new(out)
        .with_compression(ParquetCompression::Zstd(None))
        .with_statistics(StatisticsOptions::empty())
        .with_row_group_size(Some(ROW_GROUP))
}

/// Writes a table of any length row group by row group, so that it never stands in memory as a whole. `columns` makes
/// the columns of some rows, on all threads; of none, too.
///
/// # Errors
/// When the rows cannot be encoded or written.
pub(super) fn write_in_groups<T: Send>(
    rows: impl Iterator<Item = T>,
    pool: &Pool,
    out: &mut dyn Write,
    columns: impl Fn(&[T]) -> Columns + Sync,
) -> Result<()> {
    let empty = columns(&[]).frame()?;
    let mut table = writer(out).batched(empty.schema()).map_err(unwritable)?;
    let mut rows = rows;
    pool.ordered(
        || {
            let group: Vec<T> = rows.by_ref().take(ROW_GROUP).collect();
            Ok((!group.is_empty()).then_some(group))
        },
        |group| columns(&group).frame(),
        |frame| table.write_batch(&frame?).map_err(unwritable),
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
    let groups = whole.get_metadata().map_err(unreadable)?.row_groups.iter().map(|group| group.num_rows());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let day = Date::parse_iso("2015-02-28").expect("a date");
        let write = || {
            let mut columns = Columns::new(2);
            columns
                .text("tekst", [Some("æøå"), None].into_iter())
                .ore("oere", [Ore(i64::MIN), Ore(i64::MAX)].into_iter())
                .days("dag", [day, Date::MAX].into_iter())
                .truth("sandt", [true, false].into_iter());
            columns.write().expect("bytes")
        };
        let table = read(&write()).expect("a table");
        assert_eq!(table.names, ["tekst", "oere", "dag", "sandt"]);
        assert_eq!(
            table.rows,
            [
                vec![Cell::Text("æøå".to_owned()), Cell::Whole(i64::MIN), Cell::Day(day), Cell::Truth(true)],
                vec![Cell::Empty, Cell::Whole(i64::MAX), Cell::Day(Date::MAX), Cell::Truth(false)],
            ]
        );
        assert_eq!(write(), write());
    }

    #[test]
    fn several_row_groups_are_the_same_bytes_each_time() {
        let rows = i64::try_from(ROW_GROUP).expect("small") * 2 + 7;
        let write = || Columns::new(ROW_GROUP * 2 + 7).whole("tal", 0..rows).write().expect("bytes");
        let bytes = write();
        assert_eq!(bytes, write());
        let table = read(&bytes).expect("a table");
        assert!(table.rows.iter().zip(0..rows).all(|(row, number)| row[..] == [Cell::Whole(number)]));
    }

    #[test]
    fn matching_rows_are_those_of_the_whole_table() {
        let height = ROW_GROUP * 2 + 7;
        let name = |row: usize| if row % 3 == 0 { None } else { Some(format!("{}", row / (ROW_GROUP / 2))) };
        let mut columns = Columns::new(height);
        columns.text("navn", (0..height).map(name)).whole("tal", (0_i64..).take(height));
        let bytes = columns.write().expect("bytes");
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
