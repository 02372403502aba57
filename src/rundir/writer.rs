//! Writing one run.

use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{
    class::{Artefact, Class, OutputClass},
    place::{Place, STATEMENT, exists},
    recovery::{Marker, Recovery, recover, tidy},
};
use crate::{
    base::{Digest, Error, ErrorKind, FileWriter, Files, Hasher, Result, files::refusal},
    evidence::{B3SUMS, OutputFile, SHA256SUMS, b3sums, sha256sums},
};

/// Mode of the run directory: the group may pass through to `rapport/`, which alone is open to it.
const RUN_MODE: u32 = 0o750;

/// A file that the run delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Path relative to the run directory, with `/`.
    pub name: String,
    /// The class, which is also the first part of the name.
    pub class: OutputClass,
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 of the content.
    pub blake3: Digest,
    /// SHA-256 of the content.
    pub sha256: Digest,
}

impl From<&Output> for OutputFile {
    fn from(output: &Output) -> Self {
        Self {
            name: output.name.clone(),
            class: output.class.directory().to_owned(),
            bytes: output.bytes,
            blake3: output.blake3,
            sha256: output.sha256,
        }
    }
}

/// A run directory in the making. Dropped before [`Self::commit`], it leaves everything as it was.
#[derive(Debug)]
pub struct RunDirWriter {
    files: Files,
    place: Place,
    marker: Marker,
    recovery: Recovery,
    replace: bool,
    directories: BTreeSet<PathBuf>,
    outputs: Vec<Output>,
    /// Whether every output that was begun was written to its end.
    is_whole: bool,
    is_delivered: bool,
}

impl RunDirWriter {
    /// Clears up after a crashed run, checks the target, and begins a run beside it. With `replace`, an earlier run at the
    /// target is replaced at the end.
    ///
    /// # Errors
    /// [`ErrorKind::TargetExists`] when the place is taken, holds something else than a run, or is being written to by
    /// another process; [`ErrorKind::Output`] when the system refuses. Nothing is left behind then.
    pub fn begin(files: Files, target: &Path, replace: bool) -> Result<Self> {
        let place = Place::of(target)?;
        let recovery = recover(&files, &place)?;
        place.refuse_unmarked()?;
        place.refuse_taken(&place.target, replace)?;
        let marker = Marker::begin(&files, &place)?;
        let mut writer = Self {
            files,
            place,
            marker,
            recovery,
            replace,
            directories: BTreeSet::new(),
            outputs: Vec::new(),
            is_whole: true,
            is_delivered: false,
        };
        writer.files.create_dir(&writer.place.staging, RUN_MODE)?;
        writer.directories.insert(PathBuf::new());
        for class in OutputClass::ALL {
            writer.make_directories(class, Path::new(class.directory()))?;
        }
        Ok(writer)
    }

    /// What was found of an earlier run that crashed, so that the user can be told.
    #[must_use]
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Writes one finished output.
    ///
    /// # Errors
    /// [`ErrorKind::Output`] when the system refuses, [`ErrorKind::Internal`] for a name that is taken or not plain.
    pub fn write<C: Class>(&mut self, artefact: &Artefact<C>) -> Result<()> {
        let bytes = artefact.bytes();
        self.write_with::<C>(artefact.name(), |file| file.write_all(bytes))
    }

    /// Writes one output piece by piece, for what is too large to stand in memory.
    ///
    /// # Errors
    /// As [`Self::write`], and when `content` fails.
    pub fn write_with<C: Class>(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()> + Send,
    ) -> Result<()> {
        self.write_all::<C>(vec![(name, content)], 1)
    }

    /// Writes several outputs, up to `lanes` of them at a time, beginning with the first: while one is hashed, closed and waited for,
    /// another is made.
    ///
    /// # Errors
    /// As [`Self::write_with`], for the first output in the order given that fails.
    pub fn write_all<C: Class>(
        &mut self,
        outputs: Vec<(impl AsRef<str>, impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()> + Send)>,
        lanes: usize,
    ) -> Result<()> {
        let mut begun: Vec<(usize, String, PathBuf, FileWriter, _)> = Vec::with_capacity(outputs.len());
        for (name, content) in outputs {
            let relative = checked_name(C::CLASS, name.as_ref())?;
            let begun_names = begun.iter().map(|(_, name, ..)| name);
            if self.outputs.iter().map(|output| &output.name).chain(begun_names).any(|name| *name == relative) {
                return Err(Error::new(ErrorKind::Internal, format!("Resultatet {relative} blev skrevet to gange")));
            }
            self.is_whole = false;
            if let Some(directory) = Path::new(&relative).parent() {
                self.make_directories(C::CLASS, directory)?;
            }
            let path = self.place.staging.join(&relative);
            let file = self.files.create_file(&path, C::CLASS.file_mode())?;
            begun.push((begun.len(), relative, path, file, content));
        }
        let begun = Mutex::new(begun.into_iter());
        let lane = || {
            let mut done = Vec::new();
            // Before the next is taken, the lock is given back.
            let next = || begun.lock().expect("nothing panics that holds the lock").next();
            while let Some((place, name, path, file, content)) = next() {
                let written = write_hashed(file, content).map_err(|error| refusal("skrive", &path, error));
                let output = |(blake3, sha256, bytes)| Output { name, class: C::CLASS, bytes, blake3, sha256 };
                done.push((place, written.map(output)));
            }
            done
        };
        let mut done = std::thread::scope(|scope| {
            let others: Vec<_> = (1..lanes).map(|_| scope.spawn(lane)).collect();
            let mut done = lane();
            for other in others {
                done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            done
        });
        done.sort_unstable_by_key(|(place, _)| *place);
        for (_, output) in done {
            let output = output?;
            let place = self.outputs.partition_point(|other| other.name < output.name);
            self.outputs.insert(place, output);
        }
        self.is_whole = true;
        Ok(())
    }

    /// What was written so far, by name.
    #[must_use]
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Writes `bevis/SHA256SUMS` and `bevis/B3SUMS` over everything written so far, so it comes last.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_sums(&mut self) -> Result<()> {
        let outputs: Vec<OutputFile> = self.outputs.iter().map(OutputFile::from).collect();
        for (name, text) in [(SHA256SUMS, sha256sums(&outputs)?), (B3SUMS, b3sums(&outputs)?)] {
            self.write(&Artefact::<super::Evidence>::new(name, text))?;
        }
        Ok(())
    }

    /// Puts the run in its place: waits for the disk, takes the target's name in one step, removes the run that was
    /// replaced.
    ///
    /// # Errors
    /// [`ErrorKind::Output`] when the system refuses and [`ErrorKind::TargetExists`] when the target was taken meanwhile:
    /// the target is as it was, unless the message says that only the tidying up failed. [`ErrorKind::Internal`] without
    /// a statement or after an output that failed.
    pub fn commit(mut self) -> Result<()> {
        let statement = self.outputs.iter().find(|output| output.name == STATEMENT).map(|output| output.blake3);
        let (Some(statement), true) = (statement, self.is_whole) else {
            let message = format!("Kørslen er ikke hel: {STATEMENT} eller et andet resultat mangler");
            return Err(Error::new(ErrorKind::Internal, message));
        };
        // A directory's names sort after its own: from the innermost outwards.
        for directory in self.directories.iter().rev() {
            self.files.sync_dir(&self.place.staging.join(directory))?;
        }
        self.place.refuse_taken(&self.place.target, self.replace)?;
        self.marker.commit(&self.place, &statement)?;
        self.take_place()?;
        self.is_delivered = true;
        self.files.sync_dir(&self.place.parent).and_then(|()| tidy(&self.files, &self.place)).map_err(|error| {
            let target = self.place.target.display();
            Error::new(ErrorKind::Output, format!("Kørslen står i {target}, men der kunne ikke ryddes op efter den"))
                .hint("Den næste kørsel til samme mappe rydder op.")
                .because(error)
        })
    }

    fn take_place(&self) -> Result<()> {
        let Place { target, staging, aside, .. } = &self.place;
        if !exists(target) {
            return self.files.rename(staging, target);
        }
        if !self.files.exchange(staging, target)? {
            self.files.rename(target, aside)?;
            self.files.rename(staging, target)?;
        }
        Ok(())
    }

    fn make_directories(&mut self, class: OutputClass, directory: &Path) -> Result<()> {
        let outwards: Vec<&Path> = directory.ancestors().collect();
        for ancestor in outwards.into_iter().rev() {
            if !self.directories.contains(ancestor) {
                self.files.create_dir(&self.place.staging.join(ancestor), class.directory_mode())?;
                self.directories.insert(ancestor.to_owned());
            }
        }
        Ok(())
    }
}

impl Drop for RunDirWriter {
    fn drop(&mut self) {
        if !self.is_delivered {
            // Should this fail too, the next start does it.
            drop(tidy(&self.files, &self.place));
        }
    }
}

/// Writes content to a file down to the disk; its digests and length.
fn write_hashed(
    file: FileWriter,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<(Digest, Digest, u64)> {
    let mut hashing = BufWriter::with_capacity(1 << 16, HashingWriter { file, hasher: Hasher::default() });
    content(&mut hashing)?;
    let hashing = hashing.into_inner().map_err(io::IntoInnerError::into_error)?;
    hashing.file.sync()?;
    Ok(hashing.hasher.finish())
}

struct HashingWriter {
    file: FileWriter,
    hasher: Hasher,
}

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The name below the run directory. Only plain names, so that they need no escaping in digest files and stay inside.
fn checked_name(class: OutputClass, name: &str) -> Result<String> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    if name.split('/').all(is_plain) {
        Ok(format!("{}/{name}", class.directory()))
    } else {
        Err(Error::new(ErrorKind::Internal, "Et resultat har et navn, der ikke kan bruges i kørslens mappe"))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::rundir::{
        Evidence, List, Work, check_target,
        recovery::tests::{run, tree},
    };

    #[test]
    fn outputs_have_their_modes_names_and_digests() {
        let here = tempfile::tempdir().expect("a directory");
        let target = here.path().join("ud");
        let mut writer = RunDirWriter::begin(Files::real(), &target, false).expect("a start");
        writer.write(&Artefact::<Work>::new("tabeller/b.csv", "abc")).expect("written");
        writer.write(&Artefact::<Evidence>::new("koersel.json", "{}")).expect("written");
        writer.write(&Artefact::<Work>::new("fejl.csv", "")).expect("written");
        let names: Vec<&str> = writer.outputs().iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["arbejde/fejl.csv", "arbejde/tabeller/b.csv", "bevis/koersel.json"]);
        let table = &writer.outputs()[1];
        assert_eq!((table.class, table.bytes), (OutputClass::Work, 3));
        // FIPS 180-2, appendix B.1, and the published vector of BLAKE3.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let blake3 = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!((table.sha256.to_string().as_str(), table.blake3.to_string().as_str()), (sha256, blake3));
        writer.commit().expect("delivered");
        let modes: Vec<(String, u32)> =
            tree(here.path()).iter().map(|(path, (mode, _))| (path.display().to_string(), *mode)).collect();
        let unnarrowed = here.path().join("umask");
        Files::real().create_dir(&unnarrowed, 0o777).expect("a directory");
        let umask = 0o777 & !fs::metadata(&unnarrowed).expect("metadata").permissions().mode();
        let expected = [
            ("ud", 0o750),
            ("ud/arbejde", 0o700),
            ("ud/arbejde/fejl.csv", 0o600),
            ("ud/arbejde/tabeller", 0o700),
            ("ud/arbejde/tabeller/b.csv", 0o600),
            ("ud/bevis", 0o700),
            ("ud/bevis/koersel.json", 0o600),
            ("ud/liste", 0o700),
            ("ud/rapport", 0o750),
        ];
        assert_eq!(modes, expected.map(|(path, mode)| (path.to_owned(), mode & !umask)));
    }

    #[test]
    fn sums_cover_everything_but_themselves() {
        let here = tempfile::tempdir().expect("a directory");
        let target = here.path().join("ud");
        let mut writer = RunDirWriter::begin(Files::real(), &target, false).expect("a start");
        writer.write(&Artefact::<Evidence>::new("koersel.json", "{}")).expect("written");
        writer.write(&Artefact::<List>::new("familier.csv", "a")).expect("written");
        let [statement, list] = [writer.outputs()[0].clone(), writer.outputs()[1].clone()];
        writer.write_sums().expect("written");
        writer.commit().expect("delivered");
        let read = |name: &str| fs::read_to_string(target.join("bevis").join(name)).expect("a list");
        let lines = |one: Digest, other: Digest| format!("{one}  bevis/koersel.json\n{other}  liste/familier.csv\n");
        assert_eq!(read("SHA256SUMS"), lines(statement.sha256, list.sha256));
        assert_eq!(read("B3SUMS"), lines(statement.blake3, list.blake3));
    }

    #[test]
    fn a_name_twice_or_outside_is_an_internal_error() {
        let here = tempfile::tempdir().expect("a directory");
        let mut writer = RunDirWriter::begin(Files::real(), &here.path().join("ud"), false).expect("a start");
        writer.write(&Artefact::<List>::new("a.csv", "1")).expect("written");
        let refused =
            ["a.csv", "", "..", "../a", "/etc/passwd", "b/../c", "b//c", "b/", "./b", ".skjult", "-rf", "b\nc", "æ"];
        for name in refused {
            let error = writer.write(&Artefact::<List>::new(name, "2")).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Internal, "{name}");
        }
        writer.write(&Artefact::<Work>::new("a.csv", "another class, another file")).expect("written");
    }

    #[test]
    fn nothing_is_delivered_without_a_statement_or_after_a_failed_output() {
        let here = tempfile::tempdir().expect("a directory");
        let target = here.path().join("ud");
        let writer = RunDirWriter::begin(Files::real(), &target, false).expect("a start");
        assert_eq!(writer.commit().map_err(|error| error.kind()), Err(ErrorKind::Internal));
        let mut writer = RunDirWriter::begin(Files::real(), &target, false).expect("a start");
        writer.write(&Artefact::<Evidence>::new("koersel.json", "{}")).expect("written");
        let outcome = writer.write_with::<List>("halv.csv", |file| {
            file.write_all(b"halv")?;
            Err(io::Error::other("kan ikke mere"))
        });
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Output));
        assert_eq!(writer.commit().map_err(|error| error.kind()), Err(ErrorKind::Internal));
        assert!(tree(here.path()).is_empty());
    }

    #[test]
    fn two_runs_at_once_do_not_meet() {
        let here = tempfile::tempdir().expect("a directory");
        let target = here.path().join("ud");
        let mut first = RunDirWriter::begin(Files::real(), &target, false).expect("a start");
        let second = RunDirWriter::begin(Files::real(), &target, true).map(drop).map_err(|error| error.kind());
        assert_eq!(second, Err(ErrorKind::TargetExists));
        first.write(&Artefact::<Evidence>::new("koersel.json", "{}")).expect("still there");
        first.commit().expect("delivered");
        RunDirWriter::begin(Files::real(), &target, true).map(drop).expect("free again");
    }

    #[test]
    fn what_somebody_put_at_the_target_meanwhile_is_not_lost() {
        let here = tempfile::tempdir().expect("a directory");
        let target = here.path().join("ud");
        for replace in [false, true] {
            let mut writer = RunDirWriter::begin(Files::real(), &target, replace).expect("a start");
            writer.write(&Artefact::<Evidence>::new("koersel.json", "{}")).expect("written");
            fs::create_dir(&target).expect("somebody's directory");
            fs::write(target.join("vigtigt.txt"), "vigtigt").expect("somebody's file");
            assert_eq!(writer.commit().map_err(|error| error.kind()), Err(ErrorKind::TargetExists));
            assert_eq!(tree(here.path()).len(), 2);
            fs::remove_dir_all(&target).expect("removed");
        }
    }

    #[test]
    fn checking_and_refusing_change_nothing() {
        let here = tempfile::tempdir().expect("a directory");
        let target = here.path().join("ud");
        check_target(&target, false).expect("free");
        assert!(tree(here.path()).is_empty());
        run(&Files::real(), &target, false, "gammel").expect("a run");
        let before = tree(here.path());
        check_target(&target, true).expect("replaceable");
        assert!(check_target(&target, false).is_err());
        let files = Files::real();
        assert!(RunDirWriter::begin(files.clone(), &target, false).is_err());
        assert_eq!((files.operations(), tree(here.path()) == before), (0, true));
    }
}
