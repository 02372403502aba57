//! Random numbers that are the same every time: `SplitMix64` with a fixed seed.

/// A sequence of random numbers.
#[derive(Clone, Copy, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The sequence of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    #[must_use]
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit; 0 when the limit is 0.
    #[must_use]
    pub fn below(&mut self, limit: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(limit)) >> 64).unwrap_or(0)
    }

    /// A number from 0 up to 1.
    #[cfg(test)]
    pub fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_published_sequence() {
        assert_eq!(Draw::new(1_234_567).next(), 6_457_827_717_110_365_317);
        let mut draw = Draw::new(0);
        assert!((0..1000).all(|_| draw.below(7) < 7 && draw.unit() < 1.0));
    }
}
