//! Labels of units: what caseworkers see instead of a family's name.

use super::secret::Secret;
use crate::domain::{Label, Pseudonym};

const LABEL_CONTEXT: &str = "samkor 2026-11-21 label v1";

/// Crockford's 32 symbols: 0-9 and A-Z without I, L, O and U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The 36 symbols of ISO 7064 MOD 37,36.
const CHECK_SYMBOLS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What sort of unit a label stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// Household (husstand, H): labelled by all its adults, by all members when it has none.
    Household,
    /// Family (familie, F): labelled by the couple or single head.
    Family,
    /// Case family (sagsfamilie, S): labelled by the couple or single head, by the child when there is none.
    CaseFamily,
}

impl UnitKind {
    /// The letter that is hashed: `H`, `F` or `S`.
    #[must_use]
    pub const fn letter(self) -> u8 {
        match self {
            Self::Household => b'H',
            Self::Family => b'F',
            Self::CaseFamily => b'S',
        }
    }
}

/// The key that labels are made with, from the project's key or the run's.
#[derive(Debug)]
pub struct LabelKey(Secret);

impl LabelKey {
    /// `derive_key("samkor 2026-11-21 label v1", k)`.
    pub(super) fn derive(key: &Secret) -> Self {
        Self(key.derive(LABEL_CONTEXT))
    }

    /// The label of a unit, from the pseudonyms (never the run's person ids) of those who label it; sorts them.
    ///
    /// Hashed are the letter, the number of pseudonyms as 32-bit little-endian, and the sorted pseudonyms. Two units of a
    /// run get the same label with probability 2^-60; the caller checks that none do.
    ///
    /// # Panics
    /// With more than four billion pseudonyms.
    #[must_use]
    pub fn label(&self, kind: UnitKind, pseudonyms: &mut [Pseudonym]) -> Label {
        pseudonyms.sort_unstable();
        let count = u32::try_from(pseudonyms.len()).expect("a unit has fewer members than the earth");
        let mut message = Vec::with_capacity(5 + 16 * pseudonyms.len());
        message.push(kind.letter());
        message.extend(count.to_le_bytes());
        message.extend(pseudonyms.iter().flat_map(|pseudonym| pseudonym.0));
        from_hash(&self.0.hash(&message))
    }

    #[cfg(test)]
    pub(super) fn secret(&self) -> &Secret {
        &self.0
    }
}

/// The first 60 bits, big-endian, in 12 Crockford symbols, and the check character.
pub(super) fn from_hash(hash: &[u8]) -> Label {
    let bits = hash[..8].iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) >> 4;
    let mut symbols = [0; 13];
    for (index, symbol) in symbols[..12].iter_mut().enumerate() {
        *symbol = CROCKFORD[(bits >> (55 - 5 * index) & 31) as usize];
    }
    symbols[12] = check_character(&symbols[..12]);
    Label(symbols)
}

/// ISO 7064 MOD 37,36 over 0-9A-Z: finds every single wrong symbol and nearly every pair of exchanged neighbours.
fn check_character(symbols: &[u8]) -> u8 {
    let product = symbols.iter().fold(36, |product, symbol| double(product + value(*symbol)));
    CHECK_SYMBOLS[(37 - product) % 36]
}

/// One step of the hybrid system: modulo 36 with 36 for 0, then twice that modulo 37.
const fn double(sum: usize) -> usize {
    let rest = if sum.is_multiple_of(36) { 36 } else { sum % 36 };
    rest * 2 % 37
}

fn value(symbol: u8) -> usize {
    match symbol {
        b'0'..=b'9' => usize::from(symbol - b'0'),
        b'A'..=b'Z' => usize::from(symbol - b'A') + 10,
        _ => unreachable!("Crockford's symbols are among the 36"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudonym::construction::tests::{cpr, vector_project_key};

    #[test]
    fn vectors_of_the_specification() {
        let project_key = vector_project_key();
        let key = project_key.label_key();
        let [one, two] = [b"0101010000", b"0202020000"].map(|number| project_key.pseudonym(cpr(number)));
        assert_eq!(key.label(UnitKind::CaseFamily, &mut [one]).to_string(), "NR81-AYPS-ZSM2-V");
        assert_eq!(key.label(UnitKind::CaseFamily, &mut [one, two]).to_string(), "F5N5-WT13-9EXV-6");
        assert_eq!(key.label(UnitKind::CaseFamily, &mut [two, one]).to_string(), "F5N5-WT13-9EXV-6");
        assert_eq!(key.label(UnitKind::Household, &mut [two, one]).to_string(), "0WH1-0C55-RMGD-Z");
    }

    /// The check over the whole string is one, as ISO 7064 verifies it.
    fn verifies(label: &[u8; 13]) -> bool {
        let product = label[..12].iter().fold(36, |product, symbol| double(product + value(*symbol)));
        (product + value(label[12])) % 36 == 1
    }

    #[test]
    fn the_check_character_finds_each_single_mistake() {
        for seed in 0_u8..40 {
            let Label(label) = from_hash(blake3::hash(&[seed]).as_bytes());
            assert!(verifies(&label), "{seed}");
            for place in 0..13 {
                for symbol in CHECK_SYMBOLS {
                    let mut typed = label;
                    typed[place] = *symbol;
                    assert_eq!(verifies(&typed), typed == label, "{seed} {place} {}", char::from(*symbol));
                }
            }
        }
    }

    #[test]
    fn the_first_sixty_bits_decide() {
        let mut hash = [0xff; 32];
        assert_eq!(from_hash(&hash).to_string()[..14], *"ZZZZ-ZZZZ-ZZZZ");
        hash[7] = 0xf0;
        assert_eq!(from_hash(&hash), from_hash(&[0xff; 32]));
        hash[7] = 0xef;
        assert_eq!(from_hash(&hash).to_string()[..14], *"ZZZZ-ZZZZ-ZZZY");
        hash[0] = 0x07;
        assert_eq!(from_hash(&hash).to_string()[..2], *"0Z");
    }
}
