//! The rows of a run by person: bundles of whole persons, in the order of persons, small enough to be worked on one by one.
//!
//! Rows by the hundred million are never sorted as a whole and never stand in memory twice: each goes to the bundle of its
//! person, from the last row on while the list is given back, and a bundle is put in order where it is settled.

use std::ops::Range;

use super::Entry;
use crate::{
    base::Pool,
    domain::{PersonId, Role},
};

/// Rows to a bundle, up to the end of a person. Of no influence on the result; large enough (some 34 MB) that the allocator
/// gives each bundle back to the system once it is settled.
const ROWS: usize = 600_000;

/// Rows that move at a time from the list to their bundles.
const ROWS_AT_A_TIME: usize = 1 << 20;

/// Rows by person. Within a bundle they stand in no order until settling gives them one.
pub struct Bundles {
    bundles: Vec<Vec<Entry>>,
    /// By person, up to the last with a row.
    bundle_of: Vec<u32>,
}

impl Bundles {
    /// Puts rows into bundles, whole persons only, and gives every person the id that `id` tells.
    #[must_use]
    pub fn new(entries: Vec<Entry>, id: impl Fn(PersonId) -> PersonId + Sync + Send, pool: &Pool) -> Self {
        Self::of_at_least(ROWS, entries, id, pool)
    }

    /// As [`Self::new`], with bundles of at least so many rows.
    pub(super) fn of_at_least(
        rows: usize,
        mut entries: Vec<Entry>,
        id: impl Fn(PersonId) -> PersonId + Sync + Send,
        pool: &Pool,
    ) -> Self {
        let share = |length: usize| length.div_ceil(pool.threads()).max(1);
        #[expect(clippy::mut_mut, reason = "a share of the rows is itself borrowed")]
        let renamed = |rows: &mut &mut [Entry]| {
            let mut rows_of: Vec<u32> = Vec::new();
            for entry in rows.iter_mut() {
                entry.person = id(entry.person);
                let person = entry.person.index();
                if rows_of.len() <= person {
                    rows_of.resize(person + 1, 0);
                }
                rows_of[person] += 1;
            }
            rows_of
        };
        let length = share(entries.len());
        let mut shares: Vec<&mut [Entry]> = entries.chunks_mut(length).collect();
        let (bundle_of, sizes) = cut(&added_up(pool.map_mut(&mut shares, renamed)), rows);
        let mut bundles: Vec<Vec<Entry>> = sizes.into_iter().map(Vec::with_capacity).collect();
        // Each worker looks at all rows, and takes those of its own bundles: so their order hangs on no other worker.
        let (mut next, length) = (0, share(bundles.len()));
        let own = |bundles| {
            let first = next;
            next += length;
            let place = |bundle: usize| bundle_of.partition_point(|of_person| (*of_person as usize) < bundle);
            Own { first, persons: place(first)..place(next), bundles }
        };
        let mut own: Vec<Own<'_>> = bundles.chunks_mut(length).map(own).collect();
        while !entries.is_empty() {
            let kept = entries.len().saturating_sub(ROWS_AT_A_TIME);
            pool.map_mut(&mut own, |Own { first, persons, bundles }| {
                for entry in entries[kept..].iter().filter(|entry| persons.contains(&entry.person.index())) {
                    bundles[bundle_of[entry.person.index()] as usize - *first].push(*entry);
                }
            });
            entries.truncate(kept);
            entries.shrink_to_fit();
        }
        Self { bundles, bundle_of }
    }

    /// The rows of grants and measures.
    #[must_use]
    pub fn granted(&self, pool: &Pool) -> Vec<Entry> {
        let granted = |rows: &[Entry]| rows.iter().filter(|row| row.role == Role::Granted).copied().collect();
        self.map(pool, granted).into_iter().flat_map(|rows: Vec<Entry>| rows).collect()
    }

    /// Looks at every bundle in parallel; the results stand in the order of persons.
    pub fn map<R: Send>(&self, pool: &Pool, look: impl Fn(&[Entry]) -> R + Sync + Send) -> Vec<R> {
        pool.map(&self.bundles, |rows| look(rows))
    }

    /// Gives rows to other persons who have rows themselves: for each bundle the places of such rows, ascending, and whose they
    /// become. Returns the rows as they now stand.
    pub(super) fn rename(&mut self, places: Vec<Vec<(usize, PersonId)>>) -> Vec<Entry> {
        let mut moved = Vec::new();
        for (rows, places) in self.bundles.iter_mut().zip(places) {
            // From the last on: what takes a row's place has been looked at.
            moved.extend(places.into_iter().rev().map(|(place, person)| Entry { person, ..rows.swap_remove(place) }));
        }
        for row in &moved {
            self.bundles[self.bundle_of[row.person.index()] as usize].push(*row);
        }
        moved
    }

    /// The bundles in the order of persons.
    pub(super) fn into_iter(self) -> impl Iterator<Item = Vec<Entry>> {
        self.bundles.into_iter()
    }
}

/// The bundles that one worker fills.
struct Own<'a> {
    /// The place of the first.
    first: usize,
    /// Whose rows they hold.
    persons: Range<usize>,
    bundles: &'a mut [Vec<Entry>],
}

/// Adds up counts by person.
fn added_up(counts: Vec<Vec<u32>>) -> Vec<u32> {
    let mut counts = counts.into_iter();
    let mut sums = counts.next().unwrap_or_default();
    for more in counts {
        sums.resize(sums.len().max(more.len()), 0);
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum += more;
        }
    }
    sums
}

/// Cuts persons into ranges of at least so many rows: for each person its bundle, and for each bundle its rows.
fn cut(rows_of: &[u32], rows: usize) -> (Vec<u32>, Vec<usize>) {
    let (mut bundle_of, mut sizes) = (Vec::with_capacity(rows_of.len()), Vec::new());
    let mut size = 0;
    for of_person in rows_of {
        bundle_of.push(u32::try_from(sizes.len()).expect("fewer bundles than persons"));
        size += *of_person as usize;
        if size >= rows.max(1) {
            sizes.push(std::mem::take(&mut size));
        }
    }
    sizes.extend((size > 0).then_some(size));
    (bundle_of, sizes)
}

/// The rows of a bundle by person, and those of a person in their total order. Every field takes part, so only rows that
/// are alike stand in no order of their own.
pub(super) fn in_order(rows: &[Entry]) -> Vec<Entry> {
    let first = rows.iter().map(|row| row.person.0).min().unwrap_or(0);
    let place = |person: PersonId| (person.0 - first) as usize;
    let last = rows.iter().map(|row| place(row.person)).max().unwrap_or(0);
    // Counting by person first: the rows of one are few, and comparing whole rows is what costs.
    let mut next = vec![0_u32; last + 2];
    for row in rows {
        next[place(row.person) + 1] += 1;
    }
    for person in 0..=last {
        next[person + 1] += next[person];
    }
    let mut order = vec![0_u32; rows.len()];
    for (index, row) in (0..).zip(rows) {
        let next = &mut next[place(row.person)];
        order[*next as usize] = index;
        *next += 1;
    }
    let mut sorted: Vec<Entry> = order.into_iter().map(|index| rows[index as usize]).collect();
    for person in sorted.chunk_by_mut(|row, next| row.person == next.person) {
        person.sort_unstable();
    }
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{AmountType, Date, Ore, Role, ServiceId, SourceId};

    fn pool() -> Pool {
        Pool::new(2).expect("threads")
    }

    fn row(person: u32, service: u16, amount: i64) -> Entry {
        Entry {
            person: PersonId(person),
            service: ServiceId(service),
            role: Role::Actual,
            source: SourceId(0),
            amount_type: AmountType::Lump,
            from: Date::EPOCH,
            to: Date::EPOCH,
            amount: Ore(amount),
            quantity: 1000,
            document: 0,
            reverses: 0,
            posted: Date::EPOCH,
            line: 0,
            file: 0,
        }
    }

    #[test]
    fn nobody_stands_in_two_bundles() {
        let rows: Vec<Entry> = [7, 0, 7, 3, 0, 7, 9].map(|person| row(person, 0, 1)).to_vec();
        let persons = |rows: &[Entry]| {
            let mut persons: Vec<u32> = rows.iter().map(|row| row.person.0).collect();
            persons.dedup();
            persons
        };
        let bundles = |least| {
            Bundles::of_at_least(least, rows.clone(), |person| person, &pool())
                .into_iter()
                .map(|rows| persons(&in_order(&rows)))
        };
        assert_eq!(bundles(1).collect::<Vec<_>>(), [vec![0], vec![3], vec![7], vec![9]]);
        assert_eq!(bundles(3).collect::<Vec<_>>(), [vec![0, 3], vec![7], vec![9]]);
        assert_eq!(bundles(usize::MAX).collect::<Vec<_>>(), [vec![0, 3, 7, 9]]);
        assert_eq!(Bundles::new(Vec::new(), |person| person, &pool()).into_iter().count(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 128,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(5),
            ..ProptestConfig::default()
        })]

        #[test]
        fn bundles_in_order_are_the_sorted_rows(
            rows in proptest::collection::vec((0_u32..30, 0_u16..3, 0_i64..4), 0..200), least in 1_usize..60,
            threads in 1_usize..5,
        ) {
            let rows: Vec<Entry> = rows.into_iter().map(|(person, service, amount)| row(person, service, amount)).collect();
            let id = |person: PersonId| PersonId((person.0 * 7 + 3) % 30);
            let bundled: Vec<Entry> =
                Bundles::of_at_least(least, rows.clone(), id, &Pool::new(threads).expect("threads")).into_iter().flat_map(|rows| in_order(&rows)).collect();
            let mut sorted: Vec<Entry> = rows.into_iter().map(|row| Entry { person: id(row.person), ..row }).collect();
            sorted.sort_unstable();
            prop_assert_eq!(bundled, sorted);
        }
    }
}
