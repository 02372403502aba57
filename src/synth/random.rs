//! Draws that depend on nothing but the seed and what is drawn for: any part of a world can be made by itself.
//!
//! A stream is xoshiro256** (Blackman and Vigna), started from BLAKE3 of the world's seed, the stream's kind and the
//! number of the thing. Whole numbers only: no float decides a draw.

use crate::base::Digest;

/// What a stream of draws is for. Streams of different kinds share nothing, so that one part of a world can change its
/// way of drawing without changing the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The persons and addresses of a block.
    People = 1,
    /// The services of a person.
    Services = 2,
    /// How the rows of a block are written.
    Rows = 3,
    /// Which rows of a block are damaged.
    Damage = 4,
    /// The order of numbers.
    Numbers = 5,
    /// Prices of institutions.
    Institutions = 6,
}

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Draws([u64; 4]);

impl Draws {
    /// The stream of one thing.
    #[must_use]
    pub fn of(seed: u64, stream: Stream, number: u64) -> Self {
        let mut message = *b"samkor synth v1\0................";
        message[15] = stream as u8;
        message[16..24].copy_from_slice(&seed.to_le_bytes());
        message[24..].copy_from_slice(&number.to_le_bytes());
        let digest = Digest::blake3(&message).0;
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| digest[8 * at + byte]));
        Self([word(0), word(1), word(2), word(3) | 1])
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number below `limit`, which is not zero. Its bias is below one in four billion and the same on every machine.
    pub const fn below(&mut self, limit: u32) -> u32 {
        let product = (self.next() >> 32) * limit as u64;
        #[expect(clippy::cast_possible_truncation, reason = "the product of two 32-bit numbers, shifted by 32")]
        let number = (product >> 32) as u32;
        number
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let drawn = self.below(u32::try_from(high - low + 1).unwrap_or(1).max(1));
        low + i32::try_from(drawn).unwrap_or(0)
    }

    /// Whether something with so many chances in 100,000 happens.
    pub const fn chance(&mut self, in_100_000: u32) -> bool {
        self.below(100_000) < in_100_000
    }

    /// A position in a table of weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum::<u32>().max(1));
        for (index, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return index;
            }
            rest -= weight;
        }
        0
    }

    /// One of the items of a table that is not empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(u32::try_from(items.len()).unwrap_or(u32::MAX)) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_their_own_and_stay_the_same() {
        let first = |seed, stream, number| Draws::of(seed, stream, number).next();
        assert_eq!(first(1, Stream::People, 7), first(1, Stream::People, 7));
        let others = [first(2, Stream::People, 7), first(1, Stream::Rows, 7), first(1, Stream::People, 8)];
        assert!(!others.contains(&first(1, Stream::People, 7)));
    }

    #[test]
    fn draws_keep_to_their_range_and_weights() {
        let mut draws = Draws::of(3, Stream::Rows, 0);
        let mut counts = [0_u32; 3];
        for _ in 0..30_000 {
            assert!(draws.below(7) < 7);
            assert!((-2..=3).contains(&draws.between(-2, 3)));
            counts[draws.weighted(&[1, 0, 2])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((9_500..10_500).contains(&counts[0]), "{counts:?}");
    }
}
