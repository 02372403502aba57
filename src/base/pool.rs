//! The ordered parallel map: items are made one by one, worked on by all threads, and folded in the order in which they
//! were made. So the result does not depend on the number of threads.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::mpsc,
};

use rayon::prelude::*;

use super::{Error, ErrorKind, Result};

/// A fixed number of worker threads.
pub struct Pool {
    pool: rayon::ThreadPool,
}

impl Pool {
    /// Starts the workers.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(threads: usize) -> Result<Self> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .build()
            .map(|pool| Self { pool })
            .map_err(|error| Error::new(ErrorKind::Internal, "Kan ikke starte arbejdstråde").because(error))
    }

    /// How many workers there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Makes items with `produce` until it has no more, works on them in parallel, and hands the results to `fold` in
    /// the order of production. At most a few items per thread are under way, so memory stays bounded.
    ///
    /// Not to be called by a worker of the pool: it waits for results on the thread that others need to make them.
    ///
    /// # Errors
    /// The first error of `produce` or `fold`, in their order; work under way is finished and dropped.
    pub fn ordered<T: Send, R: Send, E>(
        &self,
        mut produce: impl FnMut() -> Result<Option<T>, E>,
        work: impl Fn(T) -> R + Sync,
        mut fold: impl FnMut(R) -> Result<(), E>,
    ) -> Result<(), E> {
        let limit = self.threads() * 2 + 1;
        let (sender, receiver) = mpsc::channel::<(u64, Option<R>)>();
        let work = &work;
        self.pool.in_place_scope(|scope| {
            let (mut made, mut folded) = (0_u64, 0_u64);
            let mut waiting = BTreeMap::new();
            let mut exhausted = false;
            loop {
                while !exhausted && made - folded < limit as u64 {
                    let Some(item) = produce()? else {
                        exhausted = true;
                        break;
                    };
                    let (number, sender) = (made, sender.clone());
                    made += 1;
                    scope.spawn(move |_| {
                        let outcome = catch_unwind(AssertUnwindSafe(|| work(item)));
                        // The receiver is gone only after an error, when results no longer matter.
                        match outcome {
                            Ok(result) => drop(sender.send((number, Some(result)))),
                            Err(panic) => {
                                drop(sender.send((number, None)));
                                resume_unwind(panic);
                            }
                        }
                    });
                }
                if folded == made {
                    return Ok(());
                }
                while !waiting.contains_key(&folded) {
                    // No result: a worker panicked, and the scope hands its panic on once it ends.
                    let Ok((number, Some(result))) = receiver.recv() else { return Ok(()) };
                    waiting.insert(number, result);
                }
                while let Some(result) = waiting.remove(&folded) {
                    folded += 1;
                    fold(result)?;
                }
            }
        })
    }

    /// Maps a slice in parallel; the results stand in the order of the items.
    pub fn map<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        self.pool.install(|| items.par_iter().map(work).collect())
    }

    /// As [`Self::map`], with work that changes the items.
    pub fn map_mut<T: Send, R: Send>(&self, items: &mut [T], work: impl Fn(&mut T) -> R + Sync + Send) -> Vec<R> {
        self.pool.install(|| items.par_iter_mut().map(work).collect())
    }

    /// Does two things at the same time.
    pub fn join<A: Send, B: Send>(&self, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
        self.pool.install(|| rayon::join(one, other))
    }

    /// Sorts by a key that is a total order over distinguishable items.
    pub fn sort_by_key<T: Send, K: Ord>(&self, items: &mut [T], key: impl Fn(&T) -> K + Sync + Send) {
        self.pool.install(|| items.par_sort_unstable_by_key(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_in_order_for_any_thread_count() {
        for threads in [1, 2, 7] {
            let pool = Pool::new(threads).expect("threads");
            let (mut next, mut seen) = (0_u64, Vec::new());
            let outcome: Result<(), ()> = pool.ordered(
                || {
                    next += 1;
                    Ok((next <= 500).then_some(next))
                },
                |item| {
                    (0..(item * 7919) % 5000).for_each(|step| {
                        std::hint::black_box(step);
                    });
                    item * 2
                },
                |result| {
                    seen.push(result);
                    Ok(())
                },
            );
            assert_eq!(outcome, Ok(()));
            assert_eq!(seen, (1..=500).map(|item| item * 2).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn stops_at_the_first_error_in_order() {
        let pool = Pool::new(3).expect("threads");
        let mut next = 0;
        let mut folded = Vec::new();
        let outcome = pool.ordered(
            || {
                next += 1;
                Ok(Some(next))
            },
            |item| item,
            |result| {
                folded.push(result);
                if result == 40 { Err("stop") } else { Ok(()) }
            },
        );
        assert_eq!((outcome, folded), (Err("stop"), (1..=40).collect::<Vec<i32>>()));
    }
}
