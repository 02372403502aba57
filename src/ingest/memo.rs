//! Remembers what cells mean that stand in row after row, such as accounts and names of benefits: parsing and looking one
//! up takes longer than reading the rest of its row.

/// Words of a key: two for the text of each cell, one for the lengths. Longer cells and more of them are not remembered.
const KEY: usize = 13;
/// Keys remembered at a time: more than the accounts and benefits of a municipality. A power of two.
const PLACES: usize = 1024;

type Key = [u64; KEY];

/// Answers by the cells that they follow from. Each key has one place, which the key that came last holds: so what is
/// remembered changes the time, never an answer.
pub(super) struct Memo<V> {
    /// Empty until the first question.
    places: Vec<Option<(Key, V)>>,
    /// The last answer that was not kept.
    passing: Option<V>,
}

impl<V> Default for Memo<V> {
    fn default() -> Self {
        Self { places: Vec::new(), passing: None }
    }
}

impl<V: Copy> Memo<V> {
    /// The answer for these cells, of which there are as many each time: as remembered, else as `find` gives it, which must
    /// follow from the cells alone.
    pub(super) fn get(&mut self, cells: &[&[u8]], find: impl FnOnce() -> V) -> &V {
        let Some(key) = key(cells) else { return self.passing.insert(find()) };
        if self.places.is_empty() {
            self.places.resize(PLACES, None);
        }
        let place = &mut self.places[place(&key)];
        if !place.as_ref().is_some_and(|(known, _)| are_alike(known, &key)) {
            *place = None;
        }
        &place.get_or_insert_with(|| (key, find())).1
    }
}

/// Word by word, without a call: this is asked for every row.
fn are_alike(one: &Key, other: &Key) -> bool {
    one.iter().zip(other).fold(0, |different, (one, other)| different | (one ^ other)) == 0
}

/// The texts of the cells and their lengths; `None` when there is more than fits.
fn key(cells: &[&[u8]]) -> Option<Key> {
    let mut key = [0; KEY];
    let (lengths, texts) = key.split_first_mut()?;
    if cells.len() * 2 > texts.len() {
        return None;
    }
    for (cell, text) in cells.iter().zip(texts.as_chunks_mut::<2>().0) {
        *text = words(cell)?;
        *lengths = *lengths << 5 | cell.len() as u64;
    }
    Some(key)
}

/// Up to 16 bytes as two words, which hold every byte at least once.
#[inline]
fn words(text: &[u8]) -> Option<[u64; 2]> {
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        return (text.len() <= 16).then(|| [u64::from_le_bytes(*first), u64::from_le_bytes(*last)]);
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        return Some([u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()]);
    }
    let byte = |at: usize| u64::from(text.get(at).copied().unwrap_or(0));
    Some([byte(0) | byte(1) << 8 | byte(2) << 16, 0])
}

/// Mixes the key's words by multiplication, each with a number of its own, so that no product waits for another. Keys that
/// meet in one place cost time only.
fn place(key: &Key) -> usize {
    let mut factor = 0x9E37_79B9_7F4A_7C15_u64;
    let mixed = key.iter().fold(0_u64, |sum, word| {
        // Odd numbers that are known when this is compiled.
        factor = factor.wrapping_mul(0xD134_2543_DE82_EF95);
        sum.wrapping_add(word.wrapping_mul(factor))
    });
    // The best mixed bits are the highest.
    usize::try_from(mixed >> 54).map_or(0, |high| high & (PLACES - 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Far more keys than places, some too long, some alike when their cells are joined.
        #[test]
        fn answers_like_asking_anew(cells in prop::collection::vec(("[ab]{0,3}", "[a-c]{0,12}", 0_u8..40), 0..4_000)) {
            let mut memo = Memo::default();
            for (one, other, zeros) in &cells {
                let zeros = vec![0; usize::from(*zeros / 8 * 8)];
                let asked = [one.as_bytes(), other.as_bytes(), &zeros];
                let anew = || *blake3::hash(format!("{asked:?}").as_bytes()).as_bytes();
                prop_assert_eq!(*memo.get(&asked, anew), anew());
            }
        }
    }

    #[test]
    fn what_is_known_is_not_asked_again() {
        let mut memo = Memo::default();
        let mut asked = 0;
        let mut get = |cells: &[&[u8]]| {
            *memo.get(cells, || {
                asked += 1;
                asked
            })
        };
        assert_eq!([get(&[b"a", b""]), get(&[b"", b"a"]), get(&[b"a", b""]), get(&[b"", b"a"])], [1, 2, 1, 2]);
        let long = [b'x'; 17];
        assert_eq!([get(&[&long]), get(&[&long])], [3, 4], "too long to be kept");
    }
}
