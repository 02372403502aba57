//! What `samkor link` found, as columns: pairs with their weight in its parts, and the group of every row.

use std::fmt;

use super::parquet::{Columns, write_rows};
use crate::base::{Pool, Result};

/// A row of the user's files, by its number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowName {
    /// Of the only file.
    Only(u32),
    /// Of the left file.
    Left(u32),
    /// Of the right file.
    Right(u32),
}

impl RowName {
    /// Which file, as it is written.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Only(_) | Self::Left(_) => "venstre",
            Self::Right(_) => "hoejre",
        }
    }

    /// The row that a name is the name of.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match (name.strip_prefix('v'), name.strip_prefix('h')) {
            (Some(number), _) => number.parse().ok().map(Self::Left),
            (_, Some(number)) => number.parse().ok().map(Self::Right),
            _ => name.parse().ok().map(Self::Only),
        }
    }

    /// The number in the file.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Only(row) | Self::Left(row) | Self::Right(row) => row,
        }
    }
}

impl fmt::Display for RowName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only(row) => write!(formatter, "{row}"),
            Self::Left(row) => write!(formatter, "v{row}"),
            Self::Right(row) => write!(formatter, "h{row}"),
        }
    }
}

/// A linked pair.
#[derive(Clone, Debug)]
pub struct PairRow<'a> {
    /// Both rows.
    pub rows: [RowName; 2],
    /// What the user calls them; empty when nothing names rows.
    pub ids: [&'a str; 2],
    /// The probability that they are one person.
    pub probability: f64,
    /// The weight in bits.
    pub weight: f64,
    /// What decided.
    pub rule: &'a str,
    /// The weight before anything is compared, in bits.
    pub prior: f64,
    /// Each comparison's level and weight in bits.
    pub parts: Vec<(&'static str, f64)>,
    /// What the chance of a household takes away, in bits.
    pub household: f64,
}

/// A row with its group.
#[derive(Clone, Copy, Debug)]
pub struct GroupRow<'a> {
    /// The group, named by its first row.
    pub group: RowName,
    /// The row.
    pub row: RowName,
    /// What the user calls it.
    pub id: &'a str,
    /// Fields that the user asked for.
    pub more: &'a [String],
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Writes the pairs; `names` are those of the comparisons.
///
/// # Errors
/// When the table cannot be encoded.
pub fn pairs(names: &[String], rows: &[PairRow<'_>], pool: &Pool) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_rows(rows, pool, &mut bytes, |rows| {
        let mut columns = Columns::new(rows.len());
        let number = |side: usize| rows.iter().map(move |row| i64::from(row.rows[side].number()));
        let id = |side: usize| rows.iter().map(move |row| some(row.ids[side]));
        columns
            .whole("venstre_raekke", number(0))
            .text("venstre_id", id(0))
            .whole("hoejre_raekke", number(1))
            .text("hoejre_id", id(1))
            .real("sandsynlighed", rows.iter().map(|row| row.probability))
            .real("vaegt", rows.iter().map(|row| row.weight))
            .words("regel", rows.iter().map(|row| Some(row.rule)))
            .real("udgangspunkt", rows.iter().map(|row| row.prior));
        for (place, name) in names.iter().enumerate() {
            columns
                .words(&format!("{name}_niveau"), rows.iter().map(|row| Some(row.parts[place].0)))
                .real(&format!("{name}_vaegt"), rows.iter().map(|row| row.parts[place].1));
        }
        columns.real("husstand_vaegt", rows.iter().map(|row| row.household));
        columns
    })?;
    Ok(bytes)
}

/// Writes the groups; `headings` are those of the further fields.
///
/// # Errors
/// When the table cannot be encoded.
pub fn groups(headings: &[String], rows: &[GroupRow<'_>], pool: &Pool) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_rows(rows, pool, &mut bytes, |rows| {
        let mut columns = Columns::new(rows.len());
        columns
            .shown("gruppe", rows.iter().map(|row| Some(row.group)))
            .words("fil", rows.iter().map(|row| Some(row.row.file())))
            .whole("raekke", rows.iter().map(|row| i64::from(row.row.number())))
            .text("id", rows.iter().map(|row| some(row.id)));
        for (place, heading) in headings.iter().enumerate() {
            columns.text(heading, rows.iter().map(|row| row.more.get(place).and_then(|text| some(text))));
        }
        columns
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{
        super::parquet::{Cell, read},
        *,
    };

    fn pool() -> Pool {
        Pool::new(2).expect("threads")
    }

    #[test]
    fn what_is_written_is_read() {
        let row = PairRow {
            rows: [RowName::Left(7), RowName::Right(9)],
            ids: ["a", ""],
            probability: 0.75,
            weight: -1.5,
            rule: "vægt",
            prior: -20.25,
            parts: vec![("ens", 18.75)],
            household: 0.0,
        };
        let table = read(&pairs(&["fornavn".to_owned()], &[row], &pool()).expect("bytes")).expect("a table");
        let names = "venstre_raekke venstre_id hoejre_raekke hoejre_id sandsynlighed vaegt regel udgangspunkt \
                     fornavn_niveau fornavn_vaegt husstand_vaegt";
        assert_eq!(table.names.join(" "), names);
        let text = |text: &str| Cell::Text(text.to_owned());
        let expected = [
            Cell::Whole(7),
            text("a"),
            Cell::Whole(9),
            Cell::Empty,
            Cell::Millionths(750_000),
            Cell::Millionths(-1_500_000),
            text("vægt"),
            Cell::Millionths(-20_250_000),
            text("ens"),
            Cell::Millionths(18_750_000),
            Cell::Millionths(0),
        ];
        assert_eq!(table.rows, [expected.to_vec()]);
        let more = ["Børn".to_owned()];
        let row = |row, group| GroupRow { group, row, id: "x", more: &more };
        let (one, other) = (RowName::Only(2), RowName::Only(11));
        let rows = [row(one, one), row(other, one)];
        let table = read(&groups(&["afdeling".to_owned()], &rows, &pool()).expect("bytes")).expect("a table");
        assert_eq!(table.names, ["gruppe", "fil", "raekke", "id", "afdeling"]);
        assert_eq!(table.rows[1], [text("2"), text("venstre"), Cell::Whole(11), text("x"), text("Børn")]);
        for (row, name) in [(RowName::Only(2), "2"), (RowName::Left(3), "v3"), (RowName::Right(4), "h4")] {
            assert_eq!((row.to_string().as_str(), RowName::parse(name)), (name, Some(row)));
        }
        assert_eq!(RowName::parse("x1"), None);
    }
}
