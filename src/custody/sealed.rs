//! Files that only named recipients can open: age v1 (C2SP), so that the program `age` opens them as well.
//!
//! A file's header holds, beside the recipients, a stanza `samkor-skrevet` with the day on which it was written. Whoever
//! holds no key can read the day and delete what has outlived its time; whoever opens the file knows that nobody changed it,
//! for the header is authenticated. Programs pass over stanzas that they do not know.

use std::{
    collections::HashSet,
    io::{Read as _, Write as _},
    path::Path,
};

use age::armor::ArmoredReader;
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

use crate::{
    base::{Error, ErrorKind, Result},
    domain::Date,
    pseudonym::open_private,
};

/// First line of a sealed file.
const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// Begins a sealed file that was written as text.
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// The stanza with the day of writing.
const WRITTEN: &str = "samkor-skrevet";
/// The largest file of keys, in bytes.
const LARGEST_KEYS: u64 = 1 << 16;

/// Whom a file is sealed for: an age public key, `age1...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

impl Recipient {
    /// Reads a public key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// The day of writing as one more recipient, who gets no key.
struct Written(Date);

impl age::Recipient for Written {
    fn wrap_file_key(&self, _: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), age::EncryptError> {
        let stanza = Stanza { tag: WRITTEN.to_owned(), args: vec![self.0.to_string()], body: Vec::new() };
        Ok((vec![stanza], HashSet::new()))
    }
}

/// Seals bytes for the recipients, of whom each can open them alone. Random: no two files are the same.
///
/// # Errors
/// [`ErrorKind::Internal`] without recipients.
pub fn seal(bytes: &[u8], recipients: &[Recipient], written: Date) -> Result<Vec<u8>> {
    let unsealed = || Error::new(ErrorKind::Internal, "Filen kan ikke krypteres");
    if recipients.is_empty() {
        return Err(unsealed().hint("Der er ingen modtagere."));
    }
    let day = Written(written);
    let all = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient).chain([&day as _]);
    let encryptor = age::Encryptor::with_recipients(all).map_err(|error| unsealed().because(error))?;
    let mut sealed = Vec::with_capacity(bytes.len() + 1024);
    let write = || {
        let mut writer = encryptor.wrap_output(&mut sealed)?;
        writer.write_all(bytes)?;
        writer.finish()
    };
    write().map_err(|error| unsealed().because(error))?;
    Ok(sealed)
}

/// Whether these are the bytes of a sealed file.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || bytes.starts_with(ARMOR)
}

/// The day on which [`seal`] wrote the file; `None` for any other file.
#[must_use]
pub fn written(bytes: &[u8]) -> Option<Date> {
    let header = bytes.strip_prefix(MAGIC)?.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"---"));
    let mut days = header.filter_map(|line| {
        let day = std::str::from_utf8(line).ok()?.strip_prefix("-> ")?.strip_prefix(WRITTEN)?.strip_prefix(' ')?;
        Date::parse_iso(day).ok()
    });
    days.next()
}

/// Keys that open sealed files.
pub struct Identities(Vec<Box<dyn age::Identity>>);

impl Identities {
    /// Reads a file of keys as `age-keygen` writes it: readable for its owner alone, or one of the service manager's.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] when the file is none, or others may read it.
    pub fn read(path: &Path, credentials: Option<&Path>) -> Result<Self> {
        let file = open_private(path, credentials, "Lav en nøgle med: age-keygen -o FIL")?;
        let refused = |what: &str| Error::new(ErrorKind::Key, format!("Nøglefilen {} {what}", path.display()));
        let mut text = Zeroizing::new(Vec::new());
        file.take(LARGEST_KEYS).read_to_end(&mut text).map_err(|error| refused("kan ikke læses").because(error))?;
        if is_sealed(&text) {
            return Err(refused("er selv krypteret").hint("Åbn den først: age -d -o NY-FIL FIL, og chmod 600 NY-FIL"));
        }
        let keys = age::IdentityFile::from_buffer(text.as_slice()).and_then(|file| {
            let keys = file.into_identities().map_err(std::io::Error::other)?;
            if keys.is_empty() { Err(std::io::ErrorKind::InvalidData.into()) } else { Ok(keys) }
        });
        keys.map(Self).map_err(|_| {
            refused("har ingen age-nøgler").hint("En nøgle er en linje, der begynder med AGE-SECRET-KEY-1.")
        })
    }

    /// Opens a sealed file. `name` is what messages call it.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] when none of the keys fits, [`ErrorKind::Input`] when the file is damaged.
    pub fn open(&self, bytes: &[u8], name: &str) -> Result<Vec<u8>> {
        let damaged = || {
            Error::new(ErrorKind::Input, format!("{name} er ikke en hel age-fil"))
                .hint("Den er skåret over eller ændret.")
        };
        let decryptor = age::Decryptor::new_buffered(ArmoredReader::new(bytes)).map_err(|_| damaged())?;
        let keys = self.0.iter().map(|key| &**key as &dyn age::Identity);
        let mut reader = decryptor.decrypt(keys).map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => {
                Error::new(ErrorKind::Key, format!("Nøglen åbner ikke {name}")).hint("Den er krypteret til en anden.")
            }
            _ => damaged(),
        })?;
        let mut opened = Vec::new();
        reader.read_to_end(&mut opened).map_err(|_| damaged())?;
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use age::secrecy::ExposeSecret as _;

    use super::*;

    fn day() -> Date {
        Date::parse_iso("2026-11-27").expect("a date")
    }

    /// A new key in a file, and its public half.
    fn key(path: &Path) -> Recipient {
        let key = age::x25519::Identity::generate();
        let text = format!("# created: now\r\n\n{}\n", key.to_string().expose_secret());
        fs::write(path, text).expect("a key file");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its mode");
        Recipient::parse(&key.to_public().to_string()).expect("a public key")
    }

    #[test]
    fn each_recipient_opens_alone_and_nobody_else() {
        let place = tempfile::tempdir().expect("a directory");
        let files = ["en", "to", "tre"].map(|name| place.path().join(name));
        let [one, two, _] = [0, 1, 2].map(|file| key(&files[file]));
        for plain in [&b""[..], "Åse Holm".as_bytes(), &vec![7; 200_000]] {
            let sealed = seal(plain, &[one.clone(), two.clone()], day()).expect("sealed");
            assert!(is_sealed(&sealed) && !is_sealed(plain));
            assert_eq!((written(&sealed), written(plain)), (Some(day()), None));
            for file in &files[..2] {
                let keys = Identities::read(file, None).expect("a key");
                assert_eq!(keys.open(&sealed, "koe").expect("opens"), plain);
            }
            let other = Identities::read(&files[2], None).expect("a key");
            assert_eq!(other.open(&sealed, "koe").expect_err("not for it").kind(), ErrorKind::Key);
            assert_ne!(seal(plain, std::slice::from_ref(&one), day()).expect("sealed"), sealed, "random");
        }
        assert_eq!(seal(b"", &[], day()).expect_err("for nobody").kind(), ErrorKind::Internal);
    }

    #[test]
    fn one_changed_byte_is_noticed_the_day_included() {
        let place = tempfile::tempdir().expect("a directory");
        let recipient = key(&place.path().join("noegle"));
        let keys = Identities::read(&place.path().join("noegle"), None).expect("a key");
        let sealed = seal("Åse Holm".as_bytes(), &[recipient], day()).expect("sealed");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.open(&changed, "koe").is_err(), "byte {at}");
        }
        assert!((0..sealed.len()).all(|length| keys.open(&sealed[..length], "koe").is_err()));
        let text = String::from_utf8_lossy(&sealed).into_owned();
        assert!(text.contains("-> samkor-skrevet 2026-11-27\n"));
        // A later day in the header is read by everybody and refused by whoever opens the file.
        let at = sealed.windows(10).position(|window| window == b"2026-11-27").expect("the day");
        let mut later = sealed;
        later[at..at + 10].copy_from_slice(b"2027-11-27");
        assert_eq!(written(&later), Date::parse_iso("2027-11-27").ok());
        assert_eq!(keys.open(&later, "koe").expect_err("changed").kind(), ErrorKind::Input);
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("noegle");
        let recipient = key(&file);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("its mode");
        let refusal = |credentials| Identities::read(&file, credentials).err().map(|error| error.to_string());
        assert!(refusal(None).expect("refused").contains("rettighederne"));
        assert_eq!(refusal(Some(place.path())), None, "the service manager's");
        for (text, reason) in [
            (&b""[..], "ingen age-nøgler"),
            (b"# kun en bem\xc3\xa6rkning\n", "ingen age-nøgler"),
            (b"hemmeligt\n", "ingen age-nøgler"),
            (b"\xff\n", "ingen age-nøgler"),
            (&seal(b"AGE-SECRET-KEY-1", &[recipient], day()).expect("sealed"), "selv krypteret"),
        ] {
            fs::write(&file, text).expect("a file");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its mode");
            let message = refusal(None).expect("refused");
            assert!(message.contains(reason) && !message.contains("hemmeligt"), "{message}");
        }
        for text in ["", "age1", "AGE-SECRET-KEY-1", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"]
        {
            assert_eq!(Recipient::parse(text), None, "{text}");
        }
    }
}
