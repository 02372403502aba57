//! The master key: where it may come from, and how a new one is made.

use std::{
    ffi::OsString,
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{secret::Secret, weakness};
use crate::{
    base::{Error, ErrorKind, Files, Result},
    domain::ProjectId,
};

const CHECK_CONTEXT: &str = "samkor 2026-11-21 key check v1";

/// What a key file must satisfy beyond its 32 bytes.
#[derive(Clone, Copy, Debug)]
pub struct KeyRules<'a> {
    /// Directories of inputs and outputs; the key may not lie in them or below them. They need not exist yet.
    pub forbidden: &'a [&'a Path],
    /// The service manager's credentials directory: files directly in it are root-owned and readable for the group, so
    /// owner and mode are not looked at.
    pub credentials: Option<&'a Path>,
    /// The project that the key is read for; published keys work for `demo|` only.
    pub project: &'a ProjectId,
}

/// A project's master key. Reverses every pseudonym of the project; wiped from memory when dropped.
#[derive(Debug)]
pub struct MasterKey(Secret);

impl MasterKey {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`ErrorKind::Key`], with a message of its own for each rule of `spec/privacy.md`, "Key".
    pub fn read(path: &Path, rules: &KeyRules<'_>) -> Result<Self> {
        refuse_place(path, rules.forbidden)?;
        let missing = "Ret stien i samkor.toml eller --key-file, eller lav en nøgle med: samkor key new FIL";
        let file = open_private(path, rules.credentials, missing)?;
        // One byte more than a key and a line end, so that what is too long shows.
        let mut bytes = Zeroizing::new([0; 256]);
        let mut length = 0;
        let mut reader = file.take(bytes.len() as u64);
        loop {
            match reader.read(&mut bytes[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(path).because(error)),
            }
        }
        weakness::refuse_weak(&bytes[..length], rules.project)?;
        let mut key = [0; 32];
        key.copy_from_slice(&bytes[..32]);
        Ok(Self::from_bytes(&mut key))
    }

    /// Makes a new key from the system's generator and writes it with mode 0600 to a file that did not exist before.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] when the file exists, [`ErrorKind::Output`] when it cannot be written; no file is left then.
    pub fn generate_to(files: &Files, path: &Path) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(Error::new(ErrorKind::Key, format!("Der findes allerede en fil i {}", path.display()))
                .hint("En nøgle overskrives aldrig: uden den kan etiketter og pseudonymer ikke genskabes.")
                .hint("Vælg et andet filnavn, eller flyt den gamle nøgle i sikkerhed først."));
        }
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|error| {
            Error::new(ErrorKind::Key, "Systemets generator af tilfældige tal svarer ikke").because(error)
        })?;
        let mut writer = files.create_file(path, 0o600)?;
        let written = writer
            .write_all(key.as_ref())
            .and_then(|()| writer.sync())
            .map_err(|error| crate::base::files::refusal("skrive nøglen til", path, error))
            .and_then(|()| files.sync_dir(directory_of(path)));
        if let Err(error) = written {
            // What is left of a key that could not be written whole is of no use; a failure here changes nothing.
            drop(files.remove_file(path));
            return Err(error);
        }
        Ok(Self::from_bytes(&mut key))
    }

    /// What tells in a run statement that the same key was used: it tells nothing else about it.
    #[must_use]
    pub fn check_value(&self) -> CheckValue {
        CheckValue::of(&self.0)
    }

    pub(super) fn from_bytes(bytes: &mut [u8; 32]) -> Self {
        Self(Secret::take(bytes))
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.0
    }
}

/// The first four bytes of `derive_key("samkor 2026-11-21 key check v1", key)`: recognises a key, reveals nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckValue(pub [u8; 4]);

impl CheckValue {
    pub(super) fn of(key: &Secret) -> Self {
        let [a, b, c, d, ..] = *key.derive(CHECK_CONTEXT).bytes();
        Self([a, b, c, d])
    }
}

/// Lower-case hexadecimal, 8 characters.
impl fmt::Display for CheckValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Opens a file of keys that its owner alone may read, or that lies directly in the service manager's credentials directory.
/// `missing` is the hint where there is none.
///
/// # Errors
/// [`ErrorKind::Key`] for a link, for what is no plain file, and for another owner or mode.
pub fn open_private(path: &Path, credentials: Option<&Path>, missing: &str) -> Result<File> {
    let file = open(path, missing)?;
    let exempt = credentials.is_some_and(|directory| lies_directly_in(path, directory));
    refuse_file(&file, path, exempt)?;
    Ok(file)
}

fn unreadable(path: &Path) -> Error {
    Error::new(ErrorKind::Key, format!("Kan ikke læse nøglefilen {}", path.display()))
}

/// Opens the file itself, not what a link points to, and does not wait for the other end of a pipe.
fn open(path: &Path, missing: &str) -> Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path).map_err(|error| {
        if path.is_symlink() {
            return Error::new(ErrorKind::Key, format!("Nøglefilen {} er en symbolsk henvisning", path.display()))
                .hint("Peg direkte på nøglefilen.");
        }
        let hint = match error.kind() {
            io::ErrorKind::NotFound => missing,
            _ => "Kør som den bruger, der ejer nøglen.",
        };
        unreadable(path).hint(hint).because(error)
    })
}

fn refuse_file(file: &File, path: &Path, exempt: bool) -> Result<()> {
    let metadata = file.metadata().map_err(|error| unreadable(path).because(error))?;
    let refused = |reason: &str| Error::new(ErrorKind::Key, format!("Nøglefilen {} {reason}", path.display()));
    if !metadata.is_file() {
        return Err(refused("er ikke en almindelig fil").hint("Peg på selve nøglefilen."));
    }
    if exempt {
        return Ok(());
    }
    if metadata.uid() != rustix::process::getuid().as_raw() {
        return Err(refused("ejes af en anden bruger end den, der kører samkor")
            .hint("Kør som nøglens ejer, eller giv filen den rigtige ejer med chown."));
    }
    let mode = metadata.mode() & 0o7777;
    if !matches!(mode, 0o600 | 0o400) {
        return Err(refused(&format!("har rettighederne {mode:04o}, men må kun kunne læses af sin ejer"))
            .hint(format!("chmod 600 {}", path.display())));
    }
    Ok(())
}

/// Refuses a key that would be copied along with exports or delivered with results.
fn refuse_place(path: &Path, forbidden: &[&Path]) -> Result<()> {
    let place = resolved(directory_of(path));
    for directory in forbidden {
        if place.starts_with(resolved(directory)) {
            return Err(Error::new(
                ErrorKind::Key,
                format!(
                    "Nøglefilen {} ligger i mappen {}, som kørslen læser fra eller skriver til",
                    path.display(),
                    directory.display()
                ),
            )
            .hint("Flyt nøglen til en mappe for sig selv, uden for mapperne med udtræk og resultater."));
        }
    }
    Ok(())
}

fn lies_directly_in(path: &Path, directory: &Path) -> bool {
    directory.is_dir() && resolved(directory_of(path)) == resolved(directory)
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// The path without links and dots, as far as it exists; the rest is kept as written.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut missing: Vec<OsString> = Vec::new();
    let mut existing = absolute.as_path();
    loop {
        if let Ok(real) = existing.canonicalize() {
            return missing.iter().rev().fold(real, |whole, name| whole.join(name));
        }
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name.to_owned());
                existing = parent;
            }
            (Some(parent), None) => existing = parent,
            _ => return absolute,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    const GOOD: &[u8] = b"\x8e\x01abcdefghijklmnopqrstuvwxyz\xff\xfe\x00\x10";

    fn write(path: &Path, bytes: &[u8], mode: u32) {
        drop(fs::remove_file(path));
        fs::write(path, bytes).expect("a file");
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode");
    }

    fn read_with(path: &Path, forbidden: &[&Path], credentials: Option<&Path>) -> Result<MasterKey> {
        let project = ProjectId::parse("hvidovre|a|b").expect("valid");
        MasterKey::read(path, &KeyRules { forbidden, credentials, project: &project })
    }

    fn refusal(outcome: Result<MasterKey>) -> String {
        let error = outcome.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Key);
        assert!(!error.hints().is_empty(), "{error} has no hint");
        error.to_string()
    }

    #[test]
    fn reads_what_the_owner_alone_may_read() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("noegle");
        for mode in [0o600, 0o400] {
            write(&path, GOOD, 0o600);
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its mode");
            let key = read_with(&path, &[], None).expect("a key");
            assert_eq!(key.secret().bytes(), GOOD);
            assert_eq!(format!("{key:?}"), "MasterKey(********)");
        }
        for mode in [0o640, 0o604, 0o660, 0o700, 0o500, 0o4600, 0o000] {
            write(&path, GOOD, mode);
            let credentials = place.path().join("andet");
            let message = refusal(read_with(&path, &[], Some(&credentials)));
            assert!(message.contains("rettighederne") || message.contains("Kan ikke læse"), "{mode:o}: {message}");
            fs::remove_file(&path).expect("removed");
        }
    }

    #[test]
    fn refuses_links_directories_and_what_is_missing() {
        let place = tempfile::tempdir().expect("a directory");
        let (path, link) = (place.path().join("noegle"), place.path().join("henvisning"));
        write(&path, GOOD, 0o600);
        symlink(&path, &link).expect("a link");
        assert!(refusal(read_with(&link, &[], None)).contains("symbolsk henvisning"));
        assert!(refusal(read_with(place.path(), &[], None)).contains("ikke en almindelig fil"));
        assert!(refusal(read_with(&place.path().join("mangler"), &[], None)).contains("Kan ikke læse"));
        assert!(refusal(read_with(Path::new("/dev/zero"), &[], None)).contains("ikke en almindelig fil"));
    }

    #[test]
    fn refuses_a_key_among_inputs_or_outputs() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = place.path().join("ind");
        fs::create_dir_all(directory.join("dybere")).expect("directories");
        symlink(&directory, place.path().join("genvej")).expect("a link");
        for path in [directory.join("noegle"), directory.join("dybere/noegle")] {
            write(&path, GOOD, 0o600);
            assert!(refusal(read_with(&path, &[&directory], None)).contains("ligger i mappen"));
            assert!(refusal(read_with(&path, &[&place.path().join("genvej")], None)).contains("ligger i mappen"));
            assert!(refusal(read_with(&path, &[&place.path().join("ind/../ind")], None)).contains("ligger i mappen"));
            let beside = [place.path().join("in"), place.path().join("indre"), directory.join("ud")];
            let beside: Vec<&Path> = beside.iter().map(PathBuf::as_path).collect();
            assert!(read_with(&path, &beside, None).is_ok());
        }
        let detour = place.path().join("genvej/noegle");
        assert!(refusal(read_with(&detour, &[&directory], None)).contains("ligger i mappen"));
    }

    #[test]
    fn credentials_are_exempt_from_owner_and_mode_only() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("noegle");
        write(&path, GOOD, 0o440);
        assert!(read_with(&path, &[], Some(place.path())).is_ok());
        fs::create_dir(place.path().join("dybere")).expect("a directory");
        let deeper = place.path().join("dybere/noegle");
        write(&deeper, GOOD, 0o440);
        assert!(refusal(read_with(&deeper, &[], Some(place.path()))).contains("rettighederne"));
        write(&path, &[0; 32], 0o440);
        assert!(refusal(read_with(&path, &[], Some(place.path()))).contains("nuller"));
        write(&path, &[0x80; 300], 0o440);
        assert!(refusal(read_with(&path, &[], Some(place.path()))).contains("for lang"));
    }

    #[test]
    fn refuses_the_key_of_another_user() {
        if !rustix::process::getuid().is_root() {
            // Only root may give files away; everybody else has one of root's to look at.
            assert!(refusal(read_with(Path::new("/etc/passwd"), &[], None)).contains("en anden bruger"));
            return;
        }
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("noegle");
        write(&path, GOOD, 0o600);
        std::os::unix::fs::chown(&path, Some(65_534), None).expect("root may");
        assert!(refusal(read_with(&path, &[], None)).contains("en anden bruger"));
        assert!(read_with(&path, &[], Some(place.path())).is_ok());
    }

    #[test]
    fn a_new_key_is_private_different_and_never_overwrites() {
        let place = tempfile::tempdir().expect("a directory");
        let [one, two] = ["en", "to"].map(|name| place.path().join(name));
        let made = [&one, &two].map(|path| MasterKey::generate_to(&Files::real(), path).expect("a key"));
        assert_ne!(made[0].check_value(), made[1].check_value());
        let read = read_with(&one, &[], None).expect("the key just made is a good one");
        assert_eq!(read.check_value(), made[0].check_value());
        assert_eq!(fs::metadata(&one).expect("metadata").mode() & 0o7777, 0o600);
        let before = fs::read(&one).expect("bytes");
        assert!(refusal(MasterKey::generate_to(&Files::real(), &one)).contains("allerede"));
        assert_eq!(fs::read(&one).expect("bytes"), before);
    }

    #[test]
    fn a_key_that_cannot_be_written_whole_is_an_error() {
        let place = tempfile::tempdir().expect("a directory");
        for operations in 0..4 {
            let path = place.path().join(operations.to_string());
            assert!(MasterKey::generate_to(&Files::failing_after(operations), &path).is_err(), "{operations}");
        }
        let files = Files::failing_after(4);
        assert!(MasterKey::generate_to(&files, &place.path().join("hel")).is_ok());
        assert_eq!(files.operations(), 4);
    }
}
