//! 32 bytes that must not be seen.

use std::fmt;

use zeroize::Zeroize;

/// A key in memory: wiped when dropped, never copied on purpose, masked in `Debug`.
pub(super) struct Secret(Box<[u8; 32]>);

impl Secret {
    /// Takes over the bytes and wipes the place they came from.
    pub(super) fn take(bytes: &mut [u8; 32]) -> Self {
        let secret = Self(Box::new(*bytes));
        bytes.zeroize();
        secret
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that BLAKE3 derives from this one for a context.
    pub(super) fn derive(&self, context: &str) -> Self {
        Self::take(&mut blake3::derive_key(context, self.bytes()))
    }

    /// The keyed hash of a message as a key of its own.
    pub(super) fn keyed(&self, message: &[u8]) -> Self {
        Self::take(&mut self.hash(message))
    }

    /// The keyed hash of a message.
    pub(super) fn hash(&self, message: &[u8]) -> [u8; 32] {
        blake3::keyed_hash(self.bytes(), message).into()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("********")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wipes_its_origin_and_prints_a_mask() {
        let mut bytes = [0x41; 32];
        let secret = Secret::take(&mut bytes);
        assert_eq!((bytes, secret.bytes()), ([0; 32], &[0x41; 32]));
        assert_eq!(format!("{secret:?}"), "********");
    }
}
