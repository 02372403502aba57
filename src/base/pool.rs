//! The ordered parallel map: items are made one by one, worked on by all threads, and folded in the order in which they
//! were made. So the result does not depend on the number of threads.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use rayon::{ScopeFifo, prelude::*};

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
    /// The caller begins; from then on whoever ends an item folds what has become ready and makes new ones, one thread at a time.
    /// A thread for that beside the workers would want a core that is not there. What waits for a map within an item does
    /// other work meanwhile, so ordered maps may stand within each other.
    ///
    /// # Errors
    /// The first error by the order of items, of making or folding them; work under way is finished and dropped.
    pub fn ordered<T: Send, R: Send, E: Send>(
        &self,
        produce: impl FnMut() -> Result<Option<T>, E> + Send,
        work: impl Fn(T) -> R + Sync,
        fold: impl FnMut(R) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let course = Course { produce, fold, made: 0, folded: 0, exhausted: false, unmade: None, failed: None };
        let line = Line {
            limit: self.threads() as u64 * 2 + 1,
            work,
            course: Mutex::new(course),
            results: Mutex::new(BTreeMap::new()),
        };
        self.pool.in_place_scope_fifo(|scope| line.advance(scope));
        let Course { failed, unmade, .. } = line.course.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.or(unmade).map_or(Ok(()), Err)
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

/// One ordered map under way.
struct Line<W, P, F, R, E> {
    /// How many items are made and not yet folded at a time.
    limit: u64,
    work: W,
    course: Mutex<Course<P, F, E>>,
    /// By the number of their item, until their turn comes.
    results: Mutex<BTreeMap<u64, R>>,
}

/// What one thread at a time does.
struct Course<P, F, E> {
    produce: P,
    fold: F,
    made: u64,
    folded: u64,
    exhausted: bool,
    /// Why no more could be made: told when all before it is folded.
    unmade: Option<E>,
    failed: Option<E>,
}

impl<T: Send, R: Send, E: Send, W, P, F> Line<W, P, F, R, E>
where
    W: Fn(T) -> R + Sync,
    P: FnMut() -> Result<Option<T>, E> + Send,
    F: FnMut(R) -> Result<(), E> + Send,
{
    /// Goes on with folding and making, unless another thread is at it.
    fn advance<'s>(&'s self, scope: &ScopeFifo<'s>)
    where
        T: 's,
    {
        loop {
            // Poisoned: the scope hands the panic on once its work has ended.
            let Ok(mut course) = self.course.try_lock() else { return };
            self.advance_course(&mut course, scope);
            let (has_failed, wanted) = (course.failed.is_some(), course.folded);
            drop(course);
            // Whoever found the lock taken has left its result to this one.
            if has_failed || !self.with_results(|results| results.contains_key(&wanted)) {
                return;
            }
        }
    }

    fn advance_course<'s>(&'s self, course: &mut Course<P, F, E>, scope: &ScopeFifo<'s>)
    where
        T: 's,
    {
        while course.failed.is_none() {
            while !course.exhausted && course.made - course.folded < self.limit {
                match (course.produce)() {
                    Ok(Some(item)) => {
                        let number = course.made;
                        course.made += 1;
                        scope.spawn_fifo(move |scope| {
                            let result = (self.work)(item);
                            self.with_results(|results| results.insert(number, result));
                            self.advance(scope);
                        });
                    }
                    Ok(None) => course.exhausted = true,
                    Err(error) => (course.exhausted, course.unmade) = (true, Some(error)),
                }
            }
            let Some(result) = self.with_results(|results| results.remove(&course.folded)) else { return };
            course.failed = (course.fold)(result).err();
            course.folded += 1;
        }
    }

    fn with_results<A>(&self, act: impl FnOnce(&mut BTreeMap<u64, R>) -> A) -> A {
        act(&mut self.results.lock().expect("nothing panics that holds the lock"))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::{AtomicU64, Ordering::Relaxed},
    };

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

    /// Making runs ahead of folding, the further the more threads there are; which error is told does not depend on it.
    #[test]
    fn errors_come_in_the_order_of_items() {
        for threads in [1, 2, 7] {
            let pool = Pool::new(threads).expect("threads");
            for (unmade, unfolded, told) in
                [(6, 2, "fold"), (2, 6, "make"), (3, 3, "make"), (0, 9, "make"), (9, 0, "fold")]
            {
                let mut next = 0;
                let outcome = pool.ordered(
                    || {
                        next += 1;
                        if next > unmade { Err("make") } else { Ok(Some(next - 1)) }
                    },
                    |item| item,
                    |item| if item == unfolded { Err("fold") } else { Ok(()) },
                );
                assert_eq!(outcome, Err(told), "{threads}: {unmade} {unfolded}");
            }
        }
    }

    /// An ordered map within each item of another, on the same workers: nobody waits for whom nobody works.
    #[test]
    fn ordered_maps_stand_within_each_other() {
        for threads in [1, 2, 7] {
            let pool = Pool::new(threads).expect("threads");
            let sum_below = |end: u64| {
                let (mut next, mut sum) = (0, 0);
                let outcome: Result<(), ()> = pool.ordered(
                    || {
                        next += 1;
                        Ok((next <= end).then_some(next - 1))
                    },
                    |item| pool.map(&[item], |item| *item)[0],
                    |item| {
                        sum += item;
                        Ok(())
                    },
                );
                assert_eq!(outcome, Ok(()));
                sum
            };
            let (mut items, mut sums) = (0..40_u64, Vec::new());
            let outcome: Result<(), ()> = pool.ordered(
                || Ok(items.next()),
                sum_below,
                |sum| {
                    sums.push(sum);
                    Ok(())
                },
            );
            assert_eq!(outcome, Ok(()));
            assert_eq!(sums, (0..40).map(|end| (0..end).sum()).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn few_items_are_under_way() {
        let pool = Pool::new(2).expect("threads");
        let (made, folded) = (AtomicU64::new(0), AtomicU64::new(0));
        let outcome: Result<(), ()> = pool.ordered(
            || {
                let number = made.fetch_add(1, Relaxed);
                assert!(number - folded.load(Relaxed) < 5);
                Ok((number < 200).then_some(()))
            },
            |()| (),
            |()| {
                folded.fetch_add(1, Relaxed);
                Ok(())
            },
        );
        assert_eq!((outcome, folded.into_inner()), (Ok(()), 200));
    }

    #[test]
    fn a_panic_comes_out() {
        let pool = Pool::new(2).expect("threads");
        for (in_work, in_fold) in [(7, 99), (99, 7), (0, 99), (99, 0)] {
            let mut items = 0..50;
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                pool.ordered(
                    || Ok::<_, ()>(items.next()),
                    |item| {
                        assert_ne!(item, in_work);
                        item
                    },
                    |item| {
                        assert_ne!(item, in_fold);
                        Ok(())
                    },
                )
            }));
            assert!(outcome.is_err(), "{in_work} {in_fold}");
        }
        assert_eq!(pool.map(&[1, 2], |item| item * 2), [2, 4], "the workers go on");
    }
}
