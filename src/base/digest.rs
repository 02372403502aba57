//! BLAKE3 of inputs, BLAKE3 and SHA-256 of outputs.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A 32-byte digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Digest {
    /// BLAKE3 of bytes in memory.
    #[must_use]
    pub fn blake3(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

/// Computes both digests of what passes by.
#[derive(Default)]
pub struct Hasher {
    blake3: blake3::Hasher,
    sha256: Sha256,
    bytes: u64,
}

impl Hasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.blake3.update(bytes);
        self.sha256.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// BLAKE3, SHA-256 and the number of bytes.
    #[must_use]
    pub fn finish(self) -> (Digest, Digest, u64) {
        (Digest(*self.blake3.finalize().as_bytes()), Digest(self.sha256.finalize().into()), self.bytes)
    }
}
