//! The one door to changing the file system. Every change is counted, so that a test can let all changes after the n-th
//! fail: what then lies on the disk is what a crash at that point leaves behind.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    ops::Range,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use super::{Error, ErrorKind, Result};

/// The file system, with a count of the changes made through it. Clones share the count.
#[derive(Clone, Debug)]
pub struct Files {
    operations: Arc<AtomicU64>,
    /// Operations with these numbers, from 0, fail.
    failing: Range<u64>,
    exchange: bool,
}

impl Files {
    /// The file system as it is.
    #[must_use]
    pub fn real() -> Self {
        Self { operations: Arc::new(AtomicU64::new(0)), failing: 0..0, exchange: true }
    }

    /// The file system as a crash after this many operations would have it: every later operation fails, removals too,
    /// and the first write that fails leaves half of its bytes behind.
    #[must_use]
    pub fn failing_after(operations: u64) -> Self {
        Self { failing: operations..u64::MAX, ..Self::real() }
    }

    /// The file system with one operation that fails, the one after so many others: a full disk, a revoked right.
    #[must_use]
    pub fn failing_once_after(operations: u64) -> Self {
        Self { failing: operations..operations + 1, ..Self::real() }
    }

    /// The same, on a file system that cannot exchange two names in one step (NFS, CIFS, some FUSE systems).
    #[must_use]
    pub fn without_exchange(self) -> Self {
        Self { exchange: false, ..self }
    }

    /// How many operations were tried so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::SeqCst)
    }

    /// Makes a directory with this mode (narrowed by the umask).
    ///
    /// # Errors
    /// When it exists or the system refuses.
    pub fn create_dir(&self, path: &Path, mode: u32) -> Result<()> {
        self.change("oprette mappen", path, || DirBuilder::new().mode(mode).create(path))
    }

    /// Makes a new file with this mode (narrowed by the umask); never opens one that is there already.
    ///
    /// # Errors
    /// When the name is taken or the system refuses.
    pub fn create_file(&self, path: &Path, mode: u32) -> Result<FileWriter> {
        self.change("oprette filen", path, || OpenOptions::new().write(true).create_new(true).mode(mode).open(path))
            .map(|file| FileWriter { file, files: self.clone() })
    }

    /// Gives the file or directory another name; a file at that name is replaced.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.change("omdøbe", from, || fs::rename(from, to))
    }

    /// Exchanges what two names stand for, in one step. `false`: this file system cannot, and nothing was changed.
    ///
    /// # Errors
    /// When the system refuses for another reason.
    pub fn exchange(&self, one: &Path, other: &Path) -> Result<bool> {
        self.change("bytte om på", one, || {
            if !self.exchange {
                return Ok(false);
            }
            match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
                Ok(()) => Ok(true),
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
                Err(errno) => Err(errno.into()),
            }
        })
    }

    /// Removes one file or symbolic link.
    ///
    /// # Errors
    /// When it is missing or the system refuses.
    pub fn remove_file(&self, path: &Path) -> Result<()> {
        self.change("slette filen", path, || fs::remove_file(path))
    }

    /// Removes a directory and everything in it, entry by entry in the order of names, each an operation of its own.
    /// Symbolic links are removed, not followed.
    ///
    /// # Errors
    /// When the system refuses; what was removed until then stays removed.
    pub fn remove_dir_all(&self, path: &Path) -> Result<()> {
        let listing = || -> io::Result<Vec<_>> {
            let mut entries = fs::read_dir(path)?
                .map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?.is_dir()))))
                .collect::<io::Result<Vec<_>>>()?;
            entries.sort();
            Ok(entries)
        };
        for (entry, is_directory) in listing().map_err(|cause| refusal("læse mappen", path, cause))? {
            if is_directory { self.remove_dir_all(&entry) } else { self.remove_file(&entry) }?;
        }
        self.change("slette mappen", path, || fs::remove_dir(path))
    }

    /// Waits until the names in a directory are on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync_dir(&self, path: &Path) -> Result<()> {
        self.change("gemme mappen på disken", path, || File::open(path)?.sync_all())
    }

    fn change<T>(&self, what: &str, path: &Path, action: impl FnOnce() -> io::Result<T>) -> Result<T> {
        self.count().and_then(|()| action()).map_err(|cause| refusal(what, path, cause))
    }

    /// Counts one operation, and fails it when its number says so.
    fn count(&self) -> io::Result<()> {
        if self.failing.contains(&self.operations.fetch_add(1, Ordering::SeqCst)) {
            Err(io::Error::other("fejl indsat af en prøve"))
        } else {
            Ok(())
        }
    }
}

/// A new file that is being written. Each write is an operation.
#[derive(Debug)]
pub struct FileWriter {
    file: File,
    files: Files,
}

impl FileWriter {
    /// Waits until the bytes are on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.files.count()?;
        self.file.sync_all()
    }

    /// Takes the file for this process alone until it is closed. `false`: another process has it.
    ///
    /// # Errors
    /// When the file system knows no locks.
    pub fn try_lock(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(fs::TryLockError::WouldBlock) => Ok(false),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Gives the lock back. Closing the file does so too, but not while a child process that is just being started still
    /// has it open.
    pub fn unlock(&self) {
        // A lock that cannot be given back goes when the file is closed.
        drop(self.file.unlock());
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Err(error) = self.files.count() else { return self.file.write(bytes) };
        if self.files.operations() == self.files.failing.start + 1 {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
        }
        Err(error)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The error of an operation that the system refused, with what to do about the usual reasons.
#[must_use]
pub fn refusal(what: &str, path: &Path, cause: io::Error) -> Error {
    let error = Error::new(ErrorKind::Output, format!("Kan ikke {what} {}", path.display()));
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => error.hint("Skaf plads på disken, og kør igen."),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            error.hint("Giv brugeren, der kører samkor, skriveret til mappen, eller vælg en anden mappe.")
        }
        io::ErrorKind::NotFound => error.hint("Opret mappen ovenover først, eller ret stien."),
        _ => error,
    }
    .because(cause)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn touch(files: &Files, path: &Path) -> Result<()> {
        files.create_file(path, 0o600).map(drop)
    }

    #[test]
    fn counts_and_then_refuses_everything() {
        let place = tempfile::tempdir().expect("a directory");
        let files = Files::failing_after(2);
        touch(&files, &place.path().join("a")).expect("first");
        touch(&files.clone(), &place.path().join("b")).expect("second, counted by the clone");
        assert!(touch(&files, &place.path().join("c")).is_err());
        assert!(files.remove_file(&place.path().join("a")).is_err());
        assert!(files.sync_dir(place.path()).is_err());
        assert_eq!(files.operations(), 5);
        assert_eq!(fs::read_dir(place.path()).expect("listing").count(), 2);
    }

    #[test]
    fn the_failing_write_is_torn_in_the_middle() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("a");
        let mut writer = Files::failing_after(2).create_file(&path, 0o600).expect("a file");
        writer.write_all(b"hel").expect("one write");
        assert!(writer.write_all(b"1234").is_err());
        assert!(writer.write_all(b"1234").is_err());
        assert_eq!(fs::read(&path).expect("bytes"), b"hel12");
    }

    #[test]
    fn one_failure_is_followed_by_success() {
        let place = tempfile::tempdir().expect("a directory");
        let files = Files::failing_once_after(1);
        let outcomes = ["a", "b", "b"].map(|name| touch(&files, &place.path().join(name)).is_ok());
        assert_eq!(outcomes, [true, false, true]);
    }

    #[test]
    fn files_are_new_and_have_their_mode() {
        let place = tempfile::tempdir().expect("a directory");
        let (path, files) = (place.path().join("a"), Files::real());
        touch(&files, &path).expect("a file");
        let error = touch(&files, &path).expect_err("taken");
        assert_eq!(error.kind(), ErrorKind::Output);
        assert_eq!(fs::metadata(&path).expect("metadata").permissions().mode() & 0o7777, 0o600);
    }

    #[test]
    fn exchanges_two_directories_or_says_that_it_cannot() {
        let place = tempfile::tempdir().expect("a directory");
        let (one, other) = (place.path().join("en"), place.path().join("to"));
        let files = Files::real();
        files.create_dir(&one, 0o700).expect("one");
        files.create_dir(&other, 0o700).expect("other");
        touch(&files, &one.join("fil")).expect("a file");
        assert!(!files.clone().without_exchange().exchange(&one, &other).expect("no error"));
        assert!(one.join("fil").exists());
        if files.exchange(&one, &other).expect("no error") {
            assert!(other.join("fil").exists() && !one.join("fil").exists());
        }
        assert!(files.exchange(&one, &place.path().join("mangler")).is_err());
    }

    #[test]
    fn removal_does_not_follow_links() {
        let place = tempfile::tempdir().expect("a directory");
        let (kept, gone) = (place.path().join("bliver"), place.path().join("slettes"));
        let files = Files::real();
        files.create_dir(&kept, 0o700).expect("kept");
        files.create_dir(&gone, 0o700).expect("gone");
        touch(&files, &kept.join("fil")).expect("a file");
        std::os::unix::fs::symlink(&kept, gone.join("henvisning")).expect("a link");
        files.remove_dir_all(&gone).expect("removed");
        assert!(kept.join("fil").exists() && !gone.exists());
    }
}
