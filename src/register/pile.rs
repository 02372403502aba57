//! Rows as they arrive, and rows by person: flat vectors that never grow by doubling, for registers of millions.

use crate::base::{Error, ErrorKind, Result};

const ROWS_PER_CHUNK: usize = 1 << 16;

/// A row and the number or person it stands under.
#[derive(Clone, Copy)]
pub(super) struct Owned<T> {
    pub(super) owner: u32,
    pub(super) item: T,
}

struct Chunk<T> {
    file: u32,
    rows: Vec<Owned<T>>,
}

/// Rows in order of arrival, in chunks that each belong to one file.
pub(super) struct Pile<T> {
    chunks: Vec<Chunk<T>>,
}

impl<T: Copy + Ord> Pile<T> {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// Puts a row on top.
    pub(super) fn push(&mut self, file: u32, owner: u32, item: T) {
        let row = Owned { owner, item };
        match self.chunks.last_mut() {
            Some(chunk) if chunk.file == file && chunk.rows.len() < ROWS_PER_CHUNK => chunk.rows.push(row),
            _ => self.chunks.push(Chunk { file, rows: vec![row] }),
        }
    }

    /// Changes every row, given its file, and keeps those for which the closure says so. Returns how many went.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u32, &mut Owned<T>) -> bool) -> u64 {
        let mut gone = 0;
        for chunk in &mut self.chunks {
            let before = chunk.rows.len();
            chunk.rows.retain_mut(|row| keep(chunk.file, row));
            gone += (before - chunk.rows.len()) as u64;
        }
        gone
    }

    /// The rows with their files.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Owned<T>)> {
        self.chunks.iter().flat_map(|chunk| chunk.rows.iter().map(|row| (chunk.file, row)))
    }

    /// The files that rows came from, as often as chunks did.
    pub(super) fn files(&self) -> impl Iterator<Item = u32> {
        self.chunks.iter().map(|chunk| chunk.file)
    }

    /// Sorts the rows under their owners `0..persons`; equal rows become one.
    pub(super) fn into_ranged(self, persons: usize) -> Result<Ranged<T>> {
        let mut starts = vec![0_u32; persons + 1];
        let mut total = 0_u64;
        for (_, row) in self.iter() {
            total += 1;
            starts[row.owner as usize + 1] += 1;
        }
        let total = u32::try_from(total).map_err(|_| {
            Error::new(ErrorKind::Input, "CPR-udtrækket har mere end fire milliarder poster af én type")
                .hint("Se efter, om den samme fil er nævnt mange gange i planen.")
        })?;
        for person in 0..persons {
            starts[person + 1] += starts[person];
        }
        let filler = self.iter().next().map(|(_, row)| row.item);
        let mut items = filler.map_or_else(Vec::new, |item| vec![item; total as usize]);
        // Each person's start moves along to its end while the rows are laid down, and is the next one's start then.
        for chunk in self.chunks {
            for row in chunk.rows {
                let next = &mut starts[row.owner as usize];
                items[*next as usize] = row.item;
                *next += 1;
            }
        }
        let (mut read, mut written) = (0, 0);
        for end in starts.iter_mut().take(persons) {
            let range = read..*end as usize;
            read = range.end;
            items[range.clone()].sort_unstable();
            let first = written;
            for index in range {
                if written == first || items[written - 1] != items[index] {
                    items[written] = items[index];
                    written += 1;
                }
            }
            *end = u32::try_from(written).expect("not more than the total");
        }
        items.truncate(written);
        starts.pop();
        Ok(Ranged { ends: starts, items })
    }
}

/// Sorted rows by person.
#[derive(PartialEq)]
pub(super) struct Ranged<T> {
    /// Where each person's rows end; they begin where the one before ends.
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy + Ord> Ranged<T> {
    /// The person's rows, in order; none for a person beyond the last.
    pub(super) fn of(&self, person: usize) -> &[T] {
        let Some(end) = self.ends.get(person) else { return &[] };
        let start = person.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start as usize..*end as usize]
    }

    /// Puts each person's rows under a new number: `order[new]` is the old one. `change` rewrites what rows refer to.
    pub(super) fn reorder(self, order: &[u32], mut change: impl FnMut(&mut T)) -> Self {
        let mut items = Vec::with_capacity(self.items.len());
        let mut ends = Vec::with_capacity(order.len());
        for old in order {
            let start = items.len();
            items.extend_from_slice(self.of(*old as usize));
            items[start..].iter_mut().for_each(&mut change);
            items[start..].sort_unstable();
            ends.push(u32::try_from(items.len()).expect("as many as before"));
        }
        Self { ends, items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_under_their_owners_sorted_and_once() {
        let mut pile = Pile::new();
        for (owner, item) in [(2, 5), (0, 9), (2, 3), (2, 5), (4, 1), (0, 2)] {
            pile.push(0, owner, item);
        }
        let ranged = pile.into_ranged(6).expect("few rows");
        let all: Vec<&[i32]> = (0..7).map(|person| ranged.of(person)).collect();
        let none: &[i32] = &[];
        assert_eq!(all, [&[2, 9], none, &[3, 5], none, &[1], none, none]);
        let turned = ranged.reorder(&[5, 4, 3, 2, 1, 0, 6], |item| *item = -*item);
        let all: Vec<&[i32]> = (0..7).map(|person| turned.of(person)).collect();
        assert_eq!(all, [none, &[-1], none, &[-5, -3], none, &[-9, -2], none]);
    }

    #[test]
    fn chunks_keep_the_files_apart() {
        let mut pile = Pile::new();
        for index in 0..200_000_u32 {
            pile.push(index / 90_000, index % 10, index);
        }
        assert!(pile.chunks.len() > 3 && pile.chunks.iter().all(|chunk| chunk.rows.len() <= ROWS_PER_CHUNK));
        assert_eq!(pile.retain(|file, row| file != 1 && row.item % 2 == 0), 145_000);
        assert_eq!(pile.into_ranged(10).expect("few rows").of(4).len(), 11_000);
    }
}
