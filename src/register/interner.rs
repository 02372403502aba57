//! Values stored once, each with a small number: an open-addressing table without random state, so that it is the same in
//! every run.

use std::hash::{Hash, Hasher};

const EMPTY: u32 = u32::MAX;
const FEWEST_SLOTS: usize = 16;

/// Gives every distinct value the next number, from 0.
pub(super) struct Interner<K> {
    keys: Vec<K>,
    /// A power of two long and at most half full.
    slots: Vec<u32>,
    /// What was asked for last: a register's records stand person by person.
    last: Option<(K, u32)>,
}

/// What was asked for last makes no difference.
impl<K: PartialEq> PartialEq for Interner<K> {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys && self.slots == other.slots
    }
}

impl<K: Copy + Eq + Hash> Interner<K> {
    pub(super) fn new() -> Self {
        Self::from_distinct(Vec::new())
    }

    /// Takes values that are known to differ; each one's number is its place.
    pub(super) fn from_distinct(keys: Vec<K>) -> Self {
        let slots = (keys.len() * 2).next_power_of_two().max(FEWEST_SLOTS);
        let mut interner = Self { keys, slots: vec![EMPTY; slots], last: None };
        interner.fill();
        interner
    }

    /// The number of a value that was taken in.
    pub(super) fn find(&self, key: K) -> Option<u32> {
        let number = self.slots[self.slot(key)];
        (number != EMPTY).then_some(number)
    }

    /// The value's number, a new one when it was not seen before.
    #[inline]
    pub(super) fn intern(&mut self, key: K) -> u32 {
        match self.last {
            Some((last, number)) if last == key => number,
            _ => {
                let number = self.look_up(key);
                self.last = Some((key, number));
                number
            }
        }
    }

    fn look_up(&mut self, key: K) -> u32 {
        let slot = self.slot(key);
        if self.slots[slot] != EMPTY {
            return self.slots[slot];
        }
        let number = u32::try_from(self.keys.len()).expect("fewer than four billion numbers and addresses exist");
        self.keys.push(key);
        if self.keys.len() * 2 > self.slots.len() {
            self.slots = vec![EMPTY; self.slots.len() * 2];
            self.fill();
        } else {
            self.slots[slot] = number;
        }
        number
    }

    /// The values by their numbers.
    pub(super) fn keys(&self) -> &[K] {
        &self.keys
    }

    /// The values by their numbers, without the table.
    pub(super) fn into_keys(self) -> Vec<K> {
        self.keys
    }

    fn fill(&mut self) {
        for index in 0..self.keys.len() {
            let slot = self.slot(self.keys[index]);
            self.slots[slot] = u32::try_from(index).expect("fewer than four billion numbers and addresses exist");
        }
    }

    /// The slot that holds the value, or the empty one where it belongs.
    fn slot(&self, key: K) -> usize {
        let mask = self.slots.len() - 1;
        let mut hasher = Mixer::default();
        key.hash(&mut hasher);
        let high = u32::try_from(hasher.finish() >> 32).expect("half of 64 bits");
        let mut slot = high as usize & mask;
        while self.slots[slot] != EMPTY && self.keys[self.slots[slot] as usize] != key {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Mixes words by multiplication (the finishing steps of `SplitMix64`). No secret: a register is no adversary, and a clash
/// costs time only.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            self.write_u64(word);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_order_of_arrival_and_are_found_again() {
        let mut interner = Interner::new();
        let value = |index: u64| index.wrapping_mul(7_919) % 1_000_003;
        for index in 0..10_000 {
            assert_eq!(u64::from(interner.intern(value(index))), index);
        }
        for index in 0..10_000 {
            assert_eq!(u64::from(interner.intern(value(index))), index, "a second time it is the same number");
            assert_eq!(interner.find(value(index)).map(u64::from), Some(index));
        }
        assert_eq!(interner.find(value(10_000)), None);
        assert_eq!(interner.keys().len(), 10_000);
        assert!(Interner::from_distinct(interner.keys().to_vec()).slots == interner.slots);
    }
}
