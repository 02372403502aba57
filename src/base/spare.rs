//! Things that were made and are used again.

use std::sync::{Mutex, MutexGuard};

/// Keeps what workers are done with for those who need the like: memory that is given back comes again page by page, and what
/// was learnt would be learnt anew. What one gets may have been used before, so no result may depend on it. Only who takes may
/// keep: so there are never more than were in use at a time.
#[derive(Debug, Default)]
pub struct Spare<T>(Mutex<Vec<T>>);

impl<T: Default> Spare<T> {
    /// Something that was kept, else something new.
    #[must_use]
    pub fn take(&self) -> T {
        self.kept().pop().unwrap_or_default()
    }

    /// Keeps something.
    pub fn keep(&self, used: T) {
        self.kept().push(used);
    }

    fn kept(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().expect("nothing panics that holds the lock")
    }
}
