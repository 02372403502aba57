//! The marker of a run under way, and what a start does with the leftovers of a run that crashed.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::Path,
};

use super::place::{Place, STATEMENT, exists};
use crate::base::{Digest, Error, ErrorKind, FileWriter, Files, Result, files::refusal};

/// What was found of an earlier run that did not end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing: the earlier run, if there was one, ended.
    NotNeeded,
    /// It had not been delivered: what stood at the target before it stands there still.
    Undone,
    /// It had been delivered in full; only the tidying up was missing.
    Delivered,
}

/// The marker, held by this process as long as its run lasts.
#[derive(Debug)]
pub struct Marker(FileWriter);

impl Marker {
    /// Marks that a run begins. Nothing else may be changed before this.
    pub fn begin(files: &Files, place: &Place) -> Result<Self> {
        let mut marker = Self(files.create_file(&place.marker, 0o600)?);
        let begun = match marker.0.try_lock() {
            // Another start took the marker for an abandoned one and is about to remove it.
            Ok(false) => return Err(busy(place)),
            Ok(true) => marker.log(place, "begin\n").and_then(|()| files.sync_dir(&place.parent)),
            Err(error) => Err(refusal("låse", &place.marker, error)),
        };
        if let Err(error) = begun {
            // Should this fail too, the next start finds the marker abandoned.
            drop(files.remove_file(&place.marker));
            return Err(error);
        }
        Ok(marker)
    }

    /// Logs that the new run is on the disk in full and takes its place now.
    pub fn commit(&mut self, place: &Place, statement: &Digest) -> Result<()> {
        self.log(place, &format!("commit {statement}\n"))
    }

    fn log(&mut self, place: &Place, line: &str) -> Result<()> {
        self.0
            .write_all(line.as_bytes())
            .and_then(|()| self.0.sync())
            .map_err(|error| refusal("skrive i", &place.marker, error))
    }
}

fn busy(place: &Place) -> Error {
    Error::new(ErrorKind::TargetExists, format!("En anden kørsel er ved at skrive til {}", place.target.display()))
        .hint("Vent, til den er færdig, eller vælg en anden mappe med --out.")
}

/// Puts the place in order after a run that crashed: the old state or the new, and nothing else beside it.
///
/// May itself be cut short at any point and be done again.
///
/// # Errors
/// [`ErrorKind::TargetExists`] when the run is still under way, [`ErrorKind::Output`] when the system refuses.
pub fn recover(files: &Files, place: &Place) -> Result<Recovery> {
    let Some(marker) = abandoned_marker(place)? else { return Ok(Recovery::NotNeeded) };
    let delivered = match (committed_statement(&place.marker), fs::read(place.target.join(STATEMENT))) {
        (Some(committed), Ok(standing)) => committed == Digest::blake3(&standing).to_string(),
        _ => false,
    };
    tidy(files, place)?;
    drop(marker);
    Ok(if delivered { Recovery::Delivered } else { Recovery::Undone })
}

/// Removes whatever lies beside the target, after moving back an old run that was set aside. What stands at the target
/// stands whole: it came there in one step.
pub fn tidy(files: &Files, place: &Place) -> Result<()> {
    if !exists(&place.target) && exists(&place.aside) {
        files.rename(&place.aside, &place.target)?;
        files.sync_dir(&place.parent)?;
    }
    for leftover in [&place.staging, &place.aside] {
        if exists(leftover) {
            files.remove_dir_all(leftover)?;
        }
    }
    files.sync_dir(&place.parent)?;
    if exists(&place.marker) {
        files.remove_file(&place.marker)?;
    }
    Ok(())
}

/// The marker of a run that no process holds any more, locked; `None` without a marker.
fn abandoned_marker(place: &Place) -> Result<Option<File>> {
    loop {
        let file = match File::open(&place.marker) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refusal("læse", &place.marker, error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(place)),
            Err(TryLockError::Error(error)) => return Err(refusal("låse", &place.marker, error)),
        }
        // Between opening and locking, its run may have ended and another one begun.
        let is_same = |held: fs::Metadata| {
            place.marker.symlink_metadata().is_ok_and(|named| (named.dev(), named.ino()) == (held.dev(), held.ino()))
        };
        if file.metadata().is_ok_and(is_same) {
            return Ok(Some(file));
        }
    }
}

/// The digest of the statement that the crashed run was about to deliver, if it came that far.
fn committed_statement(marker: &Path) -> Option<String> {
    let log = fs::read_to_string(marker).ok()?;
    log.lines().find_map(|line| line.strip_prefix("commit ").map(str::to_owned))
}
