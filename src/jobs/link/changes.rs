//! What new rows did to the groups of an earlier result: which were merged, which were split, which have a new name.

use std::path::Path;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// What happened.
    pub change: Change,
    /// The group of the earlier result.
    pub before: RowName,
    /// The group now.
    pub now: RowName,
    /// Rows that were in the one and are in the other.
    pub rows: u64,
}

/// Holds the groups now (each row with its group, in order) against those of an earlier result. A group that is both
/// merged and split has lines of both kinds.
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
    let mut moved: Vec<(RowName, RowName)> = Vec::new();
    input.rows(|line| {
        let before = RowName::parse(line.get(columns[0]));
        let now = line.get(columns[2]).parse().ok().and_then(|number| group(line.get(columns[1]), number));
        let strange = || Error::new(ErrorKind::Input, format!("{} nævner en række, der ikke er der", input.name));
        moved.push(before.zip(now).ok_or_else(strange)?);
        Ok(())
    })?;
    Ok(changes(moved))
}

fn changes(mut moved: Vec<(RowName, RowName)>) -> Vec<Line> {
    moved.sort_unstable();
    let edges: Vec<(RowName, RowName, u64)> =
        moved.chunk_by(|one, other| one == other).map(|run| (run[0].0, run[0].1, run.len() as u64)).collect();
    let several = |mut ends: Vec<RowName>| -> Vec<RowName> {
        ends.sort_unstable();
        ends.chunk_by(|one, other| one == other).filter(|run| run.len() > 1).map(|run| run[0]).collect()
    };
    let split = several(edges.iter().map(|(before, _, _)| *before).collect());
    let merged = several(edges.iter().map(|(_, now, _)| *now).collect());
    let mut lines = Vec::new();
    for &(before, now, rows) in &edges {
        let (is_merged, is_split) = (merged.binary_search(&now).is_ok(), split.binary_search(&before).is_ok());
        let kinds = [
            (is_merged, Change::Merged),
            (is_split, Change::Split),
            (!is_merged && !is_split && before != now, Change::Renamed),
        ];
        let changes = kinds.into_iter().filter(|(holds, _)| *holds);
        lines.extend(changes.map(|(_, change)| Line { change, before, now, rows }));
    }
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_and_splits_are_told_apart() {
        // 1 and 2 become one; 3 falls in two, one half of it into 4; 5 is 5 still; 6 is called 9.
        let moved = [(1, 1), (1, 1), (2, 1), (3, 3), (3, 4), (4, 4), (4, 4), (5, 5), (6, 9)];
        let moved = moved.map(|(before, now)| (RowName::Only(before), RowName::Only(now)));
        let told: Vec<String> = changes(moved.to_vec())
            .iter()
            .map(|line| format!("{} {}>{} {}", line.change.name(), line.before, line.now, line.rows))
            .collect();
        let expected = [
            "samlet 1>1 2",
            "samlet 2>1 1",
            "samlet 3>4 1",
            "samlet 4>4 2",
            "delt 3>3 1",
            "delt 3>4 1",
            "nyt navn 6>9 1",
        ];
        assert_eq!(told, expected);
    }
}
