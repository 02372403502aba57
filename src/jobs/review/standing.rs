//! The queue in the plan's place, sealed or as plain text, and the end of its days.
//!
//! Only what says of itself that it is a queue is ever deleted: by a sealed file's day of writing, or by the plain text's own
//! columns.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::queue;
use crate::{
    base::{Event, Files, Observer, Result},
    custody::sealed,
    domain::Date,
    plan::Plan,
};

/// Days after which a queue is of no use any more and is deleted.
pub(super) const LIFETIME: i32 = 14;
/// Bytes at the start of a file that tell its day of writing.
const HEAD: u64 = 1 << 16;

/// Whether a queue has outlived its days.
pub(super) fn is_outdated(written: Date, today: Date) -> bool {
    written.plus(LIFETIME) < today
}

/// Where the plain text is written.
pub(super) fn plain(plan: &Plan) -> PathBuf {
    plan.linkage.queue.with_extension("")
}

/// What stands in the queue's places, the sealed one first, each with its day of writing where it says so.
pub(super) fn of(plan: &Plan) -> Vec<(PathBuf, Option<Date>)> {
    let places = [plan.linkage.queue.clone(), plain(plan)].into_iter();
    places
        .filter(|place| place.symlink_metadata().is_ok())
        .map(|place| {
            let written = written(&place);
            (place, written)
        })
        .collect()
}

fn written(place: &Path) -> Option<Date> {
    let mut head = Vec::new();
    File::open(place).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    if sealed::is_sealed(&head) { sealed::written(&head) } else { queue::written(&head) }
}

/// Deletes queues that have outlived their days, and says so; tells how many they were.
///
/// # Errors
/// When one cannot be deleted.
pub(in crate::jobs) fn remove_outdated(
    plan: &Plan,
    today: Date,
    files: &Files,
    observer: &dyn Observer,
) -> Result<u64> {
    let mut removed = 0;
    for (place, written) in of(plan) {
        let name = plan.name_of(&place);
        let text = match written {
            Some(written) if is_outdated(written, today) => {
                files.remove_file(&place)?;
                removed += 1;
                format!("{name}: gennemgangens kø fra {written} var over {LIFETIME} dage gammel og er slettet")
            }
            Some(_) => continue,
            None => format!("{name} siger ikke, hvornår den er skrevet. Er det gennemgangens kø, så slet den i tide"),
        };
        observer.event(Event::Note { text: &text });
    }
    Ok(removed)
}
