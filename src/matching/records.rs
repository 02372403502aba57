//! The rows of one or two files, ready to be compared: every distinct value is folded and kept once, a row is a line of
//! value numbers, and rows stand in an order that their contents decide, so that a shuffled file gives the same result.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    address,
    calendar::{self, Format},
    fold::{fold, squeeze},
    kind::Kind,
    names::Names,
    similarity::letter_mask,
};
use crate::base::Pool;

/// Collects one file's values, row by row.
#[derive(Debug)]
pub struct Collector {
    columns: Vec<Column>,
    rows: usize,
}

#[derive(Debug)]
struct Column {
    kind: Kind,
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    rows: Vec<u32>,
}

impl Collector {
    /// A collector for a file whose compared columns are of these kinds, in this order.
    #[must_use]
    pub fn new(kinds: &[Kind]) -> Self {
        let column = |&kind: &Kind| Column { kind, numbers: HashMap::new(), texts: Vec::new(), rows: Vec::new() };
        Self { columns: kinds.iter().map(column).collect(), rows: 0 }
    }

    /// Takes the next row's values, as many as there are kinds.
    pub fn push<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.rows += 1;
        for (column, value) in self.columns.iter_mut().zip(values) {
            let value = value.trim();
            let number = if let Some(&number) = column.numbers.get(value) {
                number
            } else {
                let number = u32::try_from(column.texts.len()).unwrap_or(u32::MAX);
                column.texts.push(value.into());
                column.numbers.insert(value.into(), number);
                number
            };
            column.rows.push(number);
        }
    }

    /// How many rows were taken.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// The distinct values of one field, in the order of their folded text. Number 0 is the missing value.
#[derive(Debug, Default)]
pub struct Values {
    bytes: Vec<u8>,
    starts: Vec<u32>,
    masks: Vec<u64>,
    forms: Vec<[u8; 3]>,
    /// How many rows of both files have the value; of the first rows only, when the records stand on an earlier result.
    pub counts: Vec<u32>,
}

impl Values {
    fn of(texts: &[Box<str>], names: Option<&Names>) -> Self {
        let mut values = Self { starts: vec![0], ..Self::default() };
        for text in texts {
            values.bytes.extend_from_slice(text.as_bytes());
            values.starts.push(u32::try_from(values.bytes.len()).unwrap_or(u32::MAX));
            values.masks.push(letter_mask(text.as_bytes()));
            values.forms.extend(names.map(|names| names.groups(text.as_bytes())));
        }
        values.counts = vec![0; texts.len()];
        values
    }

    /// How many there are, the missing one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.masks.len()
    }

    /// Whether there is no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// The folded text.
    #[must_use]
    pub fn text(&self, value: u32) -> &[u8] {
        &self.bytes[self.starts[value as usize] as usize..self.starts[value as usize + 1] as usize]
    }

    /// Whether both are forms of one given name.
    #[must_use]
    pub fn share_a_name(&self, one: u32, other: u32) -> bool {
        let Some(one) = self.forms.get(one as usize).filter(|groups| groups[0] > 0) else { return false };
        let other = self.forms[other as usize];
        one.iter().any(|group| *group > 0 && other.contains(group))
    }

    /// The folded text with the mask of its letters.
    #[must_use]
    pub fn masked(&self, value: u32) -> (&[u8], u64) {
        (self.text(value), self.masks[value as usize])
    }
}

/// One thing that rows are compared by.
#[derive(Debug)]
pub struct Field {
    /// What it holds.
    pub kind: Kind,
    /// Which of the collected columns it came from.
    pub column: usize,
    /// Its distinct values.
    pub values: Values,
}

/// How a column is read, decided once from its values: what it becomes, and how each file writes dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    parts: Vec<Kind>,
    formats: Vec<Format>,
}

/// What was decided when the first rows of these files were read for an earlier result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// How each column is read.
    pub readings: Vec<Reading>,
    /// How many rows of each file, from its first, were there: they alone say how common a value is.
    pub rows: [usize; 2],
}

/// All rows of both files: the left file's first. For a search for duplicates all rows are left rows.
#[derive(Debug)]
pub struct Records {
    /// What rows are compared by.
    pub fields: Vec<Field>,
    /// How many rows are the left file's.
    pub left: usize,
    /// Whether there is a right file.
    pub two_files: bool,
    /// How the columns were read, and the rows that say how common a value is.
    pub basis: Basis,
    values: Vec<u32>,
    origin: Vec<u32>,
}

impl Records {
    /// Folds the values and orders the rows.
    #[must_use]
    pub fn new(left: Collector, right: Option<Collector>, pool: &Pool) -> Self {
        Self::fold(left, right, None, pool)
    }

    /// Folds the values as they were folded for an earlier result, and orders the rows. `None` when the columns are others.
    #[must_use]
    pub fn again(left: Collector, right: Option<Collector>, basis: &Basis, pool: &Pool) -> Option<Self> {
        let files = 1 + usize::from(right.is_some());
        let fits = basis.readings.len() == left.columns.len()
            && basis.readings.iter().all(|reading| reading.formats.len() == files && !reading.parts.is_empty())
            && basis
                .readings
                .iter()
                .zip(&left.columns)
                .all(|(reading, column)| can_become(column.kind, &reading.parts));
        fits.then(|| Self::fold(left, right, Some(basis), pool))
    }

    fn fold(left: Collector, right: Option<Collector>, earlier: Option<&Basis>, pool: &Pool) -> Self {
        let two_files = right.is_some();
        let sides: Vec<Collector> = std::iter::once(left).chain(right).collect();
        let rows_of = |side: usize| sides.get(side).map_or(0, |side| side.rows);
        let counted = earlier.map_or([rows_of(0), rows_of(1)], |basis| basis.rows);
        let kinds: Vec<Kind> = sides[0].columns.iter().map(|column| column.kind).collect();
        let names = Names::shipped();
        let (mut fields, mut readings) = (Vec::new(), Vec::new());
        let mut filled: Vec<Vec<Vec<u32>>> = Vec::new();
        for (column, &kind) in kinds.iter().enumerate() {
            let reading = match earlier {
                Some(basis) => basis.readings[column].clone(),
                None => Reading {
                    parts: parts_of(kind, &kinds, &sides, column),
                    formats: sides
                        .iter()
                        .map(|side| Format::of(side.columns[column].texts.iter().map(AsRef::as_ref)))
                        .collect(),
                },
            };
            let Reading { parts, formats } = &reading;
            // [side][distinct raw][part]
            let folded: Vec<Vec<Vec<Box<str>>>> = sides
                .iter()
                .zip(formats)
                .map(|(side, &format)| {
                    pool.map(&side.columns[column].texts, |text| split(kind, parts.len(), text, format, &names))
                })
                .collect();
            for (part, &kind) in parts.iter().enumerate() {
                let mut texts: Vec<Box<str>> = folded
                    .iter()
                    .flatten()
                    .map(|parts| parts[part].clone())
                    .chain(std::iter::once("".into()))
                    .collect();
                texts.sort_unstable();
                texts.dedup();
                let rows = sides
                    .iter()
                    .zip(&folded)
                    .map(|(side, folded)| {
                        let numbers: Vec<u32> = pool.map(folded, |parts| {
                            texts.binary_search(&parts[part]).map_or(0, |place| u32::try_from(place).unwrap_or(0))
                        });
                        side.columns[column].rows.iter().map(|&raw| numbers[raw as usize]).collect()
                    })
                    .collect();
                filled.push(rows);
                fields.push(Field {
                    kind,
                    column,
                    values: Values::of(&texts, (kind == Kind::Given).then_some(&names)),
                });
            }
            readings.push(reading);
        }
        let left = sides[0].rows;
        let total = left + sides.get(1).map_or(0, |side| side.rows);
        drop(sides);
        let width = fields.len();
        let mut unordered = vec![0_u32; total * width];
        for (field, sides) in filled.iter().enumerate() {
            for (row, &value) in sides.iter().flatten().enumerate() {
                unordered[row * width + field] = value;
                let counts = if row < left { row < counted[0] } else { row - left < counted[1] };
                fields[field].values.counts[value as usize] += u32::from(counts);
            }
        }
        drop(filled);
        let number = |row: usize| u32::try_from(row).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..number(total)).collect();
        let (first, second) = order.split_at_mut(left);
        for side in [first, second] {
            let row = |row: u32| &unordered[row as usize * width..(row as usize + 1) * width];
            pool.sort_by_key(side, |&number| (row(number), number));
        }
        let mut values = Vec::with_capacity(total * width);
        for &row in &order {
            values.extend_from_slice(&unordered[row as usize * width..(row as usize + 1) * width]);
        }
        for row in &mut order[left..] {
            *row -= number(left);
        }
        Self { fields, left, two_files, basis: Basis { readings, rows: counted }, values, origin: order }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.origin.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.origin.is_empty()
    }

    /// The value numbers of a row.
    #[must_use]
    pub fn row(&self, row: u32) -> &[u32] {
        let width = self.fields.len();
        &self.values[row as usize * width..(row as usize + 1) * width]
    }

    /// The row's number in its own file, from 0.
    #[must_use]
    pub fn origin(&self, row: u32) -> u32 {
        self.origin[row as usize]
    }

    /// Where each row of a file stands in this order, by its number in the file: left rows, then right rows.
    #[must_use]
    pub fn places(&self) -> [Vec<u32>; 2] {
        let mut places = [vec![0; self.left], vec![0; self.len() - self.left]];
        for (place, &origin) in (0..).zip(&self.origin) {
            places[usize::from(place as usize >= self.left)][origin as usize] = place;
        }
        places
    }

    /// Whether the row is among the first so many of its file.
    #[must_use]
    pub fn is_among(&self, row: u32, first: [usize; 2]) -> bool {
        (self.origin(row) as usize) < first[usize::from(row as usize >= self.left)]
    }

    /// How many pairs there are to compare, if all were.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        let (left, right) = (self.left as u64, (self.len() - self.left) as u64);
        if self.two_files { left * right } else { left * left.saturating_sub(1) / 2 }
    }

    /// The first field of a kind.
    #[must_use]
    pub fn field(&self, kind: Kind) -> Option<usize> {
        self.fields.iter().position(|field| field.kind == kind)
    }
}

/// Whether a column of a kind is ever read as these parts.
fn can_become(kind: Kind, parts: &[Kind]) -> bool {
    match kind {
        Kind::FullName => parts == [Kind::Given, Kind::Family],
        Kind::Street => parts == [kind] || parts == [Kind::Street, Kind::Number, Kind::Unit],
        _ => parts == [kind],
    }
}

/// Which fields a column becomes: a full name two, a written address three when house numbers stand in it.
fn parts_of(kind: Kind, kinds: &[Kind], sides: &[Collector], column: usize) -> Vec<Kind> {
    match kind {
        Kind::FullName => vec![Kind::Given, Kind::Family],
        Kind::Street if !kinds.contains(&Kind::Number) => {
            let texts = || sides.iter().flat_map(|side| &side.columns[column].texts).filter(|text| !text.is_empty());
            let numbered = texts().filter(|text| !address::split(text).1.is_empty()).count();
            if numbered * 2 > texts().count() {
                vec![Kind::Street, Kind::Number, Kind::Unit]
            } else {
                vec![Kind::Street]
            }
        }
        _ => vec![kind],
    }
}

fn split(kind: Kind, parts: usize, text: &str, format: Format, names: &Names) -> Vec<Box<str>> {
    let boxed = |text: String| text.into_boxed_str();
    let name = |text: String| if names.is_placeholder(&text) { "".into() } else { text.into_boxed_str() };
    match (kind, parts) {
        (Kind::FullName, _) => {
            let folded = fold(text);
            let (given, family) = if let Some((family, given)) = text.split_once(',') {
                (fold(given), fold(family))
            } else if let Some((given, family)) = folded.rsplit_once(' ') {
                (given.to_owned(), family.to_owned())
            } else {
                (folded, String::new())
            };
            vec![name(given), name(family)]
        }
        (Kind::Street, 3) => {
            let (street, number, unit) = address::split(text);
            vec![boxed(address::street(&street)), boxed(squeeze(&number)), boxed(squeeze(&unit))]
        }
        (Kind::Street, _) => vec![boxed(address::street(text))],
        (Kind::Date, _) => vec![boxed(calendar::digits(text, format))],
        (Kind::Id | Kind::Number | Kind::Unit | Kind::PostBox | Kind::Postcode, _) => vec![boxed(squeeze(text))],
        (Kind::Phone, _) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            vec![digits[digits.len().saturating_sub(8)..].into()]
        }
        (Kind::Given | Kind::Family, _) => vec![name(fold(text))],
        (Kind::Email, _) => vec![boxed(text.to_lowercase())],
        (Kind::Sex, _) => vec![boxed(sex(text))],
        _ => vec![boxed(fold(text))],
    }
}

/// `m` or `k` for the words in use; other texts as they are.
fn sex(text: &str) -> String {
    let folded = fold(text);
    match folded.as_str() {
        "m" | "male" | "mand" | "man" | "dreng" => "m".to_owned(),
        "f" | "k" | "female" | "kvinde" | "woman" | "pige" => "k".to_owned(),
        _ => folded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_rows_stand_in_one_order() {
        let pool = Pool::new(2).expect("threads");
        let rows = [["Åse Holm", "1 2 3"], ["Bo", "9"], ["Aase  Holm", ""], ["", "4"]];
        let records = |order: &[usize]| {
            let mut collector = Collector::new(&[Kind::FullName, Kind::Id]);
            for &row in order {
                collector.push(rows[row]);
            }
            Records::new(collector, None, &pool)
        };
        let (one, other) = (records(&[0, 1, 2, 3]), records(&[3, 2, 0, 1]));
        assert_eq!(one.values, other.values);
        assert_eq!(one.fields.len(), 3);
        assert_eq!((one.origin(0), other.origin(0)), (3, 0), "the row without a name stands first");
        assert_eq!(one.fields[0].values.len(), 3, "missing, aase, bo");
        assert_eq!(one.fields[2].values.text(1), b"123");
    }
}
