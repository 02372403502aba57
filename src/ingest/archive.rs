//! Looks into a workbook's archive before anything is made from it: how much it holds once it is unpacked, and how many
//! strings it claims to share. A few kilobytes may unpack to many gigabytes.

use std::io::{Cursor, Read};

use crate::base::{Error, ErrorKind, Result};

/// How many times its own size an archive may unpack to.
const RATIO: u64 = 100;
/// What any archive may unpack to, in bytes: this much is no danger.
const SMALL: u64 = 4 * 1024 * 1024;
/// What no archive may unpack to, in bytes; larger tables belong in CSV.
const LARGE: u64 = 1024 * 1024 * 1024;
/// The most strings that a workbook may claim to share: the reader makes room for them in advance.
const STRINGS: u64 = 1 << 24;

/// Refuses a workbook that would take more memory than its size is worth.
///
/// # Errors
/// When the bytes are no sound archive, or one that unpacks to too much.
pub(super) fn check(bytes: &[u8], name: &str) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken(name))?;
    let mut left = (bytes.len() as u64 * RATIO).clamp(SMALL, LARGE);
    let mut buffer = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|_| broken(name))?;
        let shares = member.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        let mut claims = Claims::default();
        loop {
            // What the archive says of a member's size is not believed: its bytes are counted.
            let read = member.read(&mut buffer).map_err(|_| broken(name))?;
            if read == 0 {
                break;
            }
            left = left.checked_sub(read as u64).ok_or_else(|| too_large(name))?;
            if shares && claims.next(&buffer[..read]) > STRINGS {
                return Err(broken(name));
            }
        }
    }
    Ok(())
}

/// The error for a workbook that cannot be read. What the reader says of it may hold a cell's text, so it is not told.
pub(super) fn broken(name: &str) -> Error {
    Error::new(ErrorKind::Input, format!("{name} er ikke et regneark, der kan læses"))
        .hint("Gem arket igen som .xlsx eller som CSV UTF-8.")
}

/// The error for a workbook that takes too much memory.
pub(super) fn too_large(name: &str) -> Error {
    Error::new(ErrorKind::Input, format!("{name} fylder for meget, når det pakkes ud"))
        .hint("Er det et almindeligt regneark, så gem arket som CSV UTF-8.")
}

/// Finds the largest `uniqueCount` in a text that comes in pieces.
#[derive(Default)]
struct Claims {
    /// The end of the last piece, in which a claim may have begun.
    tail: Vec<u8>,
}

impl Claims {
    /// How long a claim is at most: name, blanks, and more digits than any count needs.
    const LONGEST: usize = 256;

    /// The largest claim in the end of the last piece and this one.
    fn next(&mut self, piece: &[u8]) -> u64 {
        self.tail.extend_from_slice(piece);
        let claim = |at: usize| {
            let rest = self.tail[at + b"uniqueCount".len()..].trim_ascii_start();
            let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
            let digits = rest.get(1..)?.iter().take_while(|byte| byte.is_ascii_digit());
            Some(digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
        };
        let largest = memchr::memmem::find_iter(&self.tail, b"uniqueCount").filter_map(claim).max().unwrap_or(0);
        self.tail.drain(..self.tail.len().saturating_sub(Self::LONGEST));
        largest
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn archive(member: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        writer.start_file("xl/sharedStrings.xml", deflated).expect("a member");
        writer.write_all(member).expect("bytes");
        writer.finish().expect("an archive").into_inner()
    }

    #[test]
    fn small_archives_may_be_as_regular_as_they_like() {
        assert!(check(&archive(&vec![b' '; 4 << 20]), "a").is_ok());
        let error = check(&archive(&vec![b' '; (4 << 20) + 1]), "a").expect_err("a bomb");
        assert_eq!(error.to_string(), "a fylder for meget, når det pakkes ud");
    }

    #[test]
    fn a_size_that_lies_is_not_believed() {
        let mut bytes = archive(&vec![b' '; 8 << 20]);
        // Both places where the archive says how much there is: each says one byte.
        let size = (8_u32 << 20).to_le_bytes();
        let places: Vec<usize> = memchr::memmem::find_iter(&bytes, &size).collect();
        assert!(!places.is_empty());
        for place in places {
            bytes[place..place + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        assert!(check(&bytes, "a").is_err());
    }

    #[test]
    fn claims_are_found_over_the_edges_of_pieces() {
        let text = br#"<sst count="7" uniqueCount = '12345678901'>"#;
        for cut in 0..text.len() {
            let mut claims = Claims::default();
            let found = claims.next(&text[..cut]).max(claims.next(&text[cut..]));
            assert_eq!(found, 12_345_678_901, "{cut}");
        }
        assert!(check(&archive(text), "a").is_err());
        assert!(check(&archive(br#"<sst uniqueCount="16777216">"#), "a").is_ok());
        assert!(check(&archive(br#"<sst uniqueCount="16777217">"#), "a").is_err());
        assert!(check(&archive(br#"<sst uniqueCount="99999999999999999999999">"#), "a").is_err());
    }
}
