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

impl Drop for Marker {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// A marker that another process left behind, locked while it is cleared up.
struct Abandoned(File);

impl Drop for Abandoned {
    /// Closing alone would leave the lock to a child process that is just being started.
    fn drop(&mut self) {
        // A lock that cannot be given back goes when the file is closed.
        drop(self.0.unlock());
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
fn abandoned_marker(place: &Place) -> Result<Option<Abandoned>> {
    loop {
        let file = match File::open(&place.marker) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refusal("læse", &place.marker, error)),
        };
        let held = match file.try_lock() {
            Ok(()) => Abandoned(file),
            Err(TryLockError::WouldBlock) => return Err(busy(place)),
            Err(TryLockError::Error(error)) => return Err(refusal("låse", &place.marker, error)),
        };
        // Between opening and locking, its run may have ended and another one begun.
        let is_same = |opened: fs::Metadata| {
            place
                .marker
                .symlink_metadata()
                .is_ok_and(|named| (named.dev(), named.ino()) == (opened.dev(), opened.ino()))
        };
        if held.0.metadata().is_ok_and(is_same) {
            return Ok(Some(held));
        }
    }
}

/// The digest of the statement that the crashed run was about to deliver, if it came that far.
fn committed_statement(marker: &Path) -> Option<String> {
    let log = fs::read_to_string(marker).ok()?;
    log.lines().find_map(|line| line.strip_prefix("commit ").map(str::to_owned))
}

#[cfg(test)]
pub(super) mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        os::unix::fs::PermissionsExt,
        path::PathBuf,
    };

    use super::*;
    use crate::rundir::{Aggregate, Artefact, Evidence, List, RunDirWriter, Work};

    /// A directory in memory where the system has one: these tests wait for the disk some ten thousand times.
    fn scratch() -> tempfile::TempDir {
        tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory")
    }

    /// Everything in a directory: path, mode, content of files.
    type Tree = BTreeMap<PathBuf, (u32, Option<Vec<u8>>)>;

    pub fn tree(root: &Path) -> Tree {
        let mut tree = Tree::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                let metadata = path.symlink_metadata().expect("metadata");
                let content = metadata.is_file().then(|| fs::read(&path).expect("a file"));
                let name = path.strip_prefix(root).expect("below").to_owned();
                tree.insert(name, (metadata.permissions().mode() & 0o7777, content));
                if metadata.is_dir() {
                    waiting.push(path);
                }
            }
        }
        tree
    }

    /// A small run whose content tells which one it is.
    pub fn run(files: &Files, target: &Path, replace: bool, content: &str) -> Result<()> {
        let mut writer = RunDirWriter::begin(files.clone(), target, replace)?;
        writer.write(&Artefact::<List>::new("familier.csv", content))?;
        writer.write(&Artefact::<Aggregate>::new("rapport.html", content))?;
        writer.write_with::<Work>("tabeller/personer.parquet", |file| {
            file.write_all(content.as_bytes())?;
            file.write_all("0123456789".repeat(10_000).as_bytes())
        })?;
        if content == "gammel" {
            writer.write(&Artefact::<Work>::new("dybt/nede/kun-her.csv", content))?;
        }
        writer.write(&Artefact::<Evidence>::new("koersel.json", content))?;
        writer.commit()
    }

    fn clean(contents: &[&str]) -> (Tree, u64) {
        let here = scratch();
        let mut operations = 0;
        for (index, content) in contents.iter().enumerate() {
            let files = Files::real();
            run(&files, &here.path().join("ud"), index > 0, content).expect("a clean run");
            operations = files.operations();
        }
        (tree(here.path()), operations)
    }

    /// What a next start leaves, when it goes no further than starting.
    fn start_again(files: Files, target: &Path) -> Result<Recovery> {
        RunDirWriter::begin(files, target, true).map(|writer| writer.recovery())
    }

    /// Lets a run fail after each operation, and the recovery too, and looks at what the next start finds.
    fn crash_everywhere(replace: bool, exchange: bool) {
        let old_contents: &[&str] = if replace { &["gammel"] } else { &[] };
        let (old, _) = clean(old_contents);
        let (new, _) = clean(&["ny"]);
        let with = |files: Files| if exchange { files } else { files.without_exchange() };
        let mut seen = BTreeSet::new();
        for operations in 0.. {
            let mut recovery_operations = 0;
            let mut finished = false;
            loop {
                let here = scratch();
                let target = here.path().join("ud");
                if replace {
                    run(&Files::real(), &target, false, "gammel").expect("the old run");
                }
                let outcome = run(&with(Files::failing_after(operations)), &target, replace, "ny");
                let cut_short = start_again(Files::failing_after(recovery_operations), &target);
                let recovery = start_again(Files::real(), &target).expect("a start");
                let left = tree(here.path());
                assert!(left == old || left == new, "after {operations}, {recovery_operations}: {:?}", left.keys());
                if outcome.is_ok() {
                    assert!(left == new, "after {operations}");
                    finished = true;
                }
                if recovery != Recovery::NotNeeded {
                    let state = if left == new { Recovery::Delivered } else { Recovery::Undone };
                    // A start that was cut short has a marker of its own, of a run that was never delivered.
                    assert!(recovery == state || recovery_operations > 0, "after {operations}: {recovery:?}");
                }
                if recovery_operations == 0 {
                    seen.insert((left == new, format!("{recovery:?}")));
                }
                if cut_short.is_ok() {
                    break;
                }
                recovery_operations += 1;
            }
            if finished {
                let states: Vec<(bool, &str)> = seen.iter().map(|(is_new, name)| (*is_new, name.as_str())).collect();
                let expected = [(false, "NotNeeded"), (false, "Undone"), (true, "Delivered"), (true, "NotNeeded")];
                assert_eq!(states, expected);
                return;
            }
        }
    }

    #[test]
    fn a_crash_anywhere_leaves_the_old_state_or_the_new() {
        crash_everywhere(false, true);
        crash_everywhere(true, true);
    }

    #[test]
    fn so_does_a_crash_where_names_cannot_be_exchanged() {
        crash_everywhere(true, false);
    }

    #[test]
    fn an_error_anywhere_leaves_the_old_state_at_once() {
        for (contents, replace) in [(vec![], false), (vec!["gammel"], true)] {
            for exchange in [true, false] {
                let (old, _) = clean(&contents);
                let (new, _) = clean(&["ny"]);
                let mut errors = 0;
                for operations in 0.. {
                    let here = scratch();
                    let target = here.path().join("ud");
                    if replace {
                        run(&Files::real(), &target, false, "gammel").expect("the old run");
                    }
                    let files = Files::failing_once_after(operations);
                    let files = if exchange { files } else { files.without_exchange() };
                    let outcome = run(&files, &target, replace, "ny");
                    if files.operations() <= operations {
                        assert!(outcome.is_ok() && tree(here.path()) == new);
                        break;
                    }
                    errors += 1;
                    let error = outcome.expect_err("an operation failed");
                    if error.to_string().starts_with("Kørslen står i") {
                        start_again(Files::real(), &target).expect("a start");
                        assert!(tree(here.path()) == new, "after {operations}");
                    } else {
                        assert!(tree(here.path()) == old, "after {operations}: {:?}", tree(here.path()).keys());
                    }
                }
                assert!(errors > 25, "{errors}");
            }
        }
    }
}
