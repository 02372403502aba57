//! What stands for a person or a family outside the wall.

use std::fmt;

/// A person's pseudonym: the first 16 bytes of a keyed BLAKE3 hash (docs/format.md). Reversible only with the project's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

/// Lower-case hexadecimal, 32 characters.
impl fmt::Display for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A family's label: `XXXX-XXXX-XXXX-C`, twelve Crockford symbols and a check character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub [u8; 13]);

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, symbol) in self.0.iter().enumerate() {
            if index > 0 && index % 4 == 0 {
                formatter.write_str("-")?;
            }
            write!(formatter, "{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
