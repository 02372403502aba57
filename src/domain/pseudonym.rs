//! What stands for a person or a family outside the wall.

use std::fmt;

/// A text of fixed length in ASCII: tables hold millions, and none of them needs a String.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> AsRef<str> for Ascii<N> {
    fn as_ref(&self) -> &str {
        std::str::from_utf8(&self.0).expect("what is written is ASCII")
    }
}

/// A person's pseudonym: the first 16 bytes of a keyed BLAKE3 hash (docs/format.md). Reversible only with the project's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

impl Pseudonym {
    /// Lower-case hexadecimal, 32 characters.
    #[must_use]
    pub fn to_hex(self) -> String {
        self.text().as_ref().to_owned()
    }

    /// As [`Self::to_hex`].
    #[must_use]
    pub fn text(self) -> Ascii<32> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (digits, byte) in text.chunks_exact_mut(2).zip(self.0) {
            digits[0] = DIGITS[usize::from(byte >> 4)];
            digits[1] = DIGITS[usize::from(byte & 15)];
        }
        Ascii(text)
    }
}

/// As [`Pseudonym::to_hex`].
impl fmt::Display for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text().as_ref())
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The blinded reference of a source's row: 64 bits of a keyed BLAKE3 hash (docs/format.md). It tells rows apart; only the
/// key together with the exports leads back to one. Written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowReference(pub u64);

impl fmt::Display for RowReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// A family's label: `XXXX-XXXX-XXXX-C`, twelve Crockford symbols and a check character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub [u8; 13]);

impl Label {
    /// As it is written, 16 characters.
    #[must_use]
    pub fn text(self) -> Ascii<16> {
        let mut text = [b'-'; 16];
        for (group, symbols) in text.chunks_mut(5).zip(self.0.chunks(4)) {
            group[..symbols.len()].copy_from_slice(symbols);
        }
        Ascii(text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.text().as_ref())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
