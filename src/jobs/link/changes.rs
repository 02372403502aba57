//! What new rows did to the groups of an earlier result: which were merged, which were split, which have a new name.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::input::Input;
use crate::{
    base::{Error, ErrorKind, Result},
    tables::RowName,
};

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Rows of several earlier groups are in one group now.
    Merged,
    /// Rows of the earlier group are in several groups now.
    Split,
    /// The same old rows, under another name.
    Renamed,
}

impl Change {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merged => "samlet",
            Self::Split => "delt",
            Self::Renamed => "nyt navn",
        }
    }
}

/// One line: so many rows of an earlier group are in this group now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// What happened.
    pub change: Change,
    /// The group of the earlier result.
    pub before: String,
    /// The group now.
    pub now: String,
    /// Rows that were in the one and are in the other.
    pub rows: u64,
}

/// Holds the groups now (each row with its group, in order) against those of an earlier result. A group that is both merged and split has lines of both kinds.
///
/// # Errors
/// When the earlier groups cannot be read, or name rows that are not there.
pub fn list(directory: &Path, groups: &[(RowName, RowName)], two_files: bool) -> Result<Vec<Line>> {
    let mut now: Vec<(RowName, RowName)> = groups.iter().map(|(group, row)| (*row, *group)).collect();
    now.sort_unstable();
    let group = |file: &str, number: u32| {
        let row = match (two_files, file) {
            (false, _) => RowName::Only(number),
            (true, "hoejre") => RowName::Right(number),
            (true, _) => RowName::Left(number),
        };
        now.binary_search_by_key(&row, |(row, _)| *row).ok().map(|place| now[place].1)
    };
    let input = Input::read(&directory.join("grupper.csv"))?;
    let columns = [input.column("gruppe")?, input.column("fil")?, input.column("raekke")?];
    let mut moved: BTreeMap<(String, RowName), u64> = BTreeMap::new();
    input.rows(|line| {
        let number: Option<u32> = line.get(columns[2]).parse().ok();
        let now = number
            .and_then(|number| group(line.get(columns[1]), number))
            .ok_or_else(|| Error::new(ErrorKind::Input, format!("{} nævner en række, der ikke er der", input.name)))?;
        *moved.entry((line.get(columns[0]).to_owned(), now)).or_default() += 1;
        Ok(())
    })?;
    Ok(changes(&moved))
}

fn changes(moved: &BTreeMap<(String, RowName), u64>) -> Vec<Line> {
    let mut after: BTreeMap<&str, BTreeSet<RowName>> = BTreeMap::new();
    let mut before: BTreeMap<RowName, BTreeSet<&str>> = BTreeMap::new();
    for (earlier, now) in moved.keys() {
        after.entry(earlier).or_default().insert(*now);
        before.entry(*now).or_default().insert(earlier);
    }
    let mut lines = Vec::new();
    for ((earlier, now), &rows) in moved {
        let (merged, split) = (before[now].len() > 1, after[earlier.as_str()].len() > 1);
        let name = now.to_string();
        let kinds = [
            (merged, Change::Merged),
            (split, Change::Split),
            (!merged && !split && name != *earlier, Change::Renamed),
        ];
        for (_, change) in kinds.into_iter().filter(|(holds, _)| *holds) {
            lines.push(Line { change, before: earlier.clone(), now: name.clone(), rows });
        }
    }
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_and_splits_are_told_apart() {
        let moved = [
            // a and b become one; c falls in two, one half of it into d; e is e still; f is called 9.
            ("a", 1, 2),
            ("b", 1, 1),
            ("c", 3, 1),
            ("c", 4, 1),
            ("d", 4, 2),
            ("5", 5, 3),
            ("f", 9, 1),
        ];
        let moved = moved.into_iter().map(|(name, now, rows)| ((name.to_owned(), RowName::Only(now)), rows)).collect();
        let told: Vec<String> = changes(&moved)
            .iter()
            .map(|line| format!("{} {}>{} {}", line.change.name(), line.before, line.now, line.rows))
            .collect();
        let expected = [
            "samlet a>1 2",
            "samlet b>1 1",
            "samlet c>4 1",
            "samlet d>4 2",
            "delt c>3 1",
            "delt c>4 1",
            "nyt navn f>9 1",
        ];
        assert_eq!(told, expected);
    }
}
