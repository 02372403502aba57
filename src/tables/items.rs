//! Tables whose rows are made where they are written: of items that stand in the order of the table, each with some rows. So a table
//! of millions of rows is never in memory as a whole, and nothing is sorted that stands in order.

use std::{io::Write, ops::Range};

use super::parquet::{Columns, ROW_GROUP, write_in_groups};
use crate::base::{Pool, Result};

/// Some rows that follow each other: `count` of what these items give, after the first `skip`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    items: Range<usize>,
    skip: usize,
    count: usize,
}

/// Writes the rows of items: `count` tells how many rows an item has, `rows` adds them.
///
/// # Errors
/// When the rows cannot be encoded or written.
pub(super) fn write_items<T: Sync, R>(
    items: &[T],
    count: impl Fn(&T) -> usize + Send,
    rows: impl Fn(&T, &mut Vec<R>) + Sync,
    pool: &Pool,
    out: &mut (dyn Write + Send),
    columns: impl Fn(&[R]) -> Columns + Sync,
) -> Result<()> {
    let groups = groups(items.iter().map(count), ROW_GROUP);
    write_in_groups(groups, pool, out, |group: &Group| {
        columns(&rows_of(items, group, &rows)[group.skip..][..group.count])
    })
}

fn rows_of<T, R>(items: &[T], group: &Group, rows: impl Fn(&T, &mut Vec<R>)) -> Vec<R> {
    let mut all = Vec::with_capacity(group.skip + group.count);
    items[group.items.clone()].iter().for_each(|item| rows(item, &mut all));
    all
}

/// Cuts items with these numbers of rows into groups of so many rows; a cut may go through an item.
fn groups(counts: impl Iterator<Item = usize> + Send, size: usize) -> impl Iterator<Item = Group> + Send {
    let mut counts = counts.enumerate();
    // The item that was looked at last, and how many of its rows are in a group already and how many are not.
    let (mut item, mut taken, mut left) = (0, 0, 0);
    std::iter::from_fn(move || {
        let mut group = Group { items: item..item, skip: taken, count: 0 };
        loop {
            let more = left.min(size - group.count);
            if more > 0 {
                (taken, left) = (taken + more, left - more);
                (group.items.end, group.count) = (item + 1, group.count + more);
            }
            if group.count == size {
                break;
            }
            let Some((next, rows)) = counts.next() else { break };
            (item, taken, left) = (next, 0, rows);
            if group.count == 0 {
                group = Group { items: item..item, skip: 0, count: 0 };
            }
        }
        (group.count > 0).then_some(group)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 512,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(9),
            ..ProptestConfig::default()
        })]

        #[test]
        fn groups_are_the_chunks_of_all_rows(items in proptest::collection::vec(0_usize..7, 0..30), size in 1_usize..9) {
            let row = |item: &(usize, usize), rows: &mut Vec<(usize, usize)>| rows.extend((0..item.1).map(|row| (item.0, row)));
            let items: Vec<(usize, usize)> = items.into_iter().enumerate().collect();
            let mut all = Vec::new();
            for item in &items {
                row(item, &mut all);
            }
            let found: Vec<Vec<(usize, usize)>> = groups(items.iter().map(|item| item.1), size)
                .map(|group| rows_of(&items, &group, row)[group.skip..][..group.count].to_vec())
                .collect();
            let twin: Vec<Vec<(usize, usize)>> = all.chunks(size).map(<[_]>::to_vec).collect();
            prop_assert_eq!(found, twin);
        }
    }
}
