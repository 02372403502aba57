//! Keys that are refused for what they hold: too easy to guess, or published.

use crate::{
    base::{Error, ErrorKind, Result},
    domain::ProjectId,
};

/// What to do about a key that is no good.
pub const MAKE_ONE: &str = "Lav en rigtig nøgle med: samkor key new FIL";

/// The key of `samkor demo` and of examples: BLAKE3 of `samkor demo key`. Published, so worth nothing outside `demo|`.
#[must_use]
pub fn demo_key() -> [u8; 32] {
    *blake3::hash(b"samkor demo key").as_bytes()
}

/// The key of the vectors in docs/format.md: bytes 00 01 .. 1f.
#[must_use]
pub fn vector_key() -> [u8; 32] {
    std::array::from_fn(|index| u8::try_from(index).expect("32 fits in a byte"))
}

/// Refuses bytes that cannot have come from the system's generator or that everybody knows.
pub fn refuse_weak(bytes: &[u8], project: &ProjectId) -> Result<()> {
    let refused = |message: &str| Err(Error::new(ErrorKind::Key, message).hint(MAKE_ONE));
    if bytes.len() != 32 {
        return match (bytes.len(), is_text(bytes)) {
            (0, _) => refused("Nøglefilen er tom; en nøgle er præcis 32 byte"),
            (_, true) => refused(
                "Nøglefilen indeholder tekst; en nøgle er præcis 32 tilfældige byte, ikke tekst eller hexadecimale cifre",
            ),
            (1..32, _) => refused("Nøglefilen er for kort; en nøgle er præcis 32 byte"),
            _ => refused("Nøglefilen er for lang; en nøgle er præcis 32 byte"),
        };
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return refused("Nøglen består kun af nuller");
    }
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return refused("Nøglen er den samme byte gentaget 32 gange");
    }
    if [2, 4, 8, 16].iter().any(|period| bytes.iter().zip(&bytes[*period..]).all(|(byte, later)| byte == later)) {
        return refused("Nøglen er et kort mønster, der gentages");
    }
    if is_text(bytes) {
        return refused("Nøglen er læselig tekst; en nøgle er 32 tilfældige byte");
    }
    if !project.is_demo() && (bytes == demo_key() || bytes == vector_key()) {
        return Err(Error::new(
            ErrorKind::Key,
            "Nøglen er en offentliggjort prøvenøgle og virker kun for projekter, der begynder med demo|",
        )
        .hint(MAKE_ONE)
        .hint("Er det prøvedata, så lad projektet i samkor.toml begynde med demo|"));
    }
    Ok(())
}

/// Whether somebody could have typed it: UTF-8 without control characters other than blanks and line ends.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| text.chars().all(|symbol| !symbol.is_control() || symbol.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8], project: &str) -> String {
        let project = ProjectId::parse(project).expect("valid");
        match refuse_weak(bytes, &project) {
            Ok(()) => "god".to_owned(),
            Err(error) => {
                assert_eq!((error.kind(), error.hints()[0].as_str()), (ErrorKind::Key, MAKE_ONE));
                error.to_string()
            }
        }
    }

    #[test]
    fn each_weak_key_has_its_own_message() {
        let repeated: Vec<u8> = blake3::hash(b"16").as_bytes()[..16].repeat(2);
        let cases: [(&[u8], &str); 15] = [
            (b"", "tom"),
            (&[0x80; 31], "for kort"),
            (&[0x80; 33], "for lang"),
            (b"kort tekst", "indeholder tekst"),
            (b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "indeholder tekst"),
            (&[0; 32], "nuller"),
            (&[0x41; 32], "samme byte"),
            (&[0xff; 32], "samme byte"),
            (&[1, 0xfe].repeat(16), "mønster"),
            (&repeated, "mønster"),
            (b"0123456789abcdef0123456789abcdee", "læselig tekst"),
            (b"correct horse battery staple 123", "læselig tekst"),
            ("æblegrød og rødgrød med fløde!".as_bytes(), "indeholder tekst"),
            ("blåbærgrød og rødgrød m fløde".as_bytes(), "indeholder tekst"),
            ("en lang sætning på 32 byte, ok".as_bytes(), "læselig tekst"),
        ];
        for (bytes, expected) in cases {
            let message = message(bytes, "hvidovre|a|b");
            assert!(message.contains(expected), "{expected}: {message}");
        }
    }

    #[test]
    fn published_keys_work_for_demo_projects_only() {
        for key in [demo_key(), vector_key()] {
            assert!(message(&key, "hvidovre|a|b").contains("prøvenøgle"));
            assert_eq!(message(&key, "demo|a|b"), "god");
        }
        assert_eq!(message(&[0; 32], "demo|a|b"), "Nøglen består kun af nuller");
    }

    #[test]
    fn keys_from_a_generator_pass() {
        for seed in 0_u16..2000 {
            assert_eq!(message(blake3::hash(&seed.to_le_bytes()).as_bytes(), "hvidovre|a|b"), "god");
        }
    }
}
