//! From levels to a weight in bits (log-odds, base 2), and from the weight to a probability. Weights are whole millionths
//! of a bit, so sums are the same in every order.

use super::{
    comparison::{Comparison, unpack},
    model::{LEVELS, Model},
    records::Records,
};

/// Millionths of a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(pub i64);

impl Weight {
    /// The weight nearest to so many bits.
    #[must_use]
    pub fn from_bits(bits: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "clamped far inside of 64 bits first")]
        Self((bits.clamp(-1e6, 1e6) * 1e6).round() as i64)
    }

    /// In bits.
    #[must_use]
    pub fn bits(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "weights are far below 2^52 millionths")]
        let millionths = self.0 as f64;
        millionths / 1e6
    }

    /// The weight at which a pair is one person with this probability.
    #[must_use]
    pub fn at(probability: f64) -> Self {
        Self::from_bits((probability / (1.0 - probability)).log2())
    }

    /// The probability that a pair of this weight is one person.
    #[must_use]
    pub fn probability(self) -> f64 {
        1.0 / (1.0 + (-self.bits()).exp2())
    }
}

/// How far apart a value's share may be from the mean, in pseudo-rows: rare values are not taken for rarer than this.
const FEWEST: f64 = 0.5;

/// The weights of every level, with what rare and common values add.
#[derive(Debug)]
pub struct Weights {
    person: Vec<[i64; LEVELS]>,
    household: Vec<[i64; LEVELS]>,
    /// By comparison: the field and, by value, what full agreement about it adds.
    rarity: Vec<Option<(usize, Vec<i64>)>>,
    prior: i64,
    household_prior: Option<i64>,
}

impl Weights {
    /// The weights of a model for these records.
    #[must_use]
    pub fn new(comparisons: &[Comparison], records: &Records, model: &Model) -> Self {
        let table = |pick: fn(&super::model::Frequencies) -> &[f64; LEVELS]| {
            model
                .frequencies
                .iter()
                .zip(comparisons)
                .map(|(frequencies, comparison)| {
                    let mut weights = [0; LEVELS];
                    let shares = pick(frequencies).iter().zip(&frequencies.chance);
                    for (weight, (share, chance)) in
                        weights.iter_mut().zip(shares).take(comparison.levels().len()).skip(1)
                    {
                        *weight = Weight::from_bits((share / chance).log2()).0;
                    }
                    weights
                })
                .collect()
        };
        let rarity = comparisons
            .iter()
            .zip(&model.frequencies)
            .map(|(comparison, frequencies)| {
                let field = comparison.frequency()?;
                let counts = &records.fields[field].values.counts;
                let mean = frequencies.chance[1];
                let known: f64 = counts.iter().skip(1).map(|&count| f64::from(count)).sum();
                let adds = counts
                    .iter()
                    .map(|&count| {
                        let share = (f64::from(count.saturating_sub(2)) + FEWEST) / (known + FEWEST / mean);
                        Weight::from_bits((mean / share).log2()).0
                    })
                    .collect();
                Some((field, adds))
            })
            .collect();
        let chance = 1.0 - model.person - model.household;
        Self {
            person: table(|frequencies| &frequencies.person),
            household: table(|frequencies| &frequencies.household),
            rarity,
            prior: Weight::from_bits((model.person / chance).log2()).0,
            household_prior: (model.household > 0.0).then(|| Weight::from_bits((model.household / chance).log2()).0),
        }
    }

    fn add(&self, place: usize, level: usize, one: &[u32], other: &[u32]) -> i64 {
        match &self.rarity[place] {
            Some((field, adds)) if level == 1 && one[*field] == other[*field] => adds[one[*field] as usize],
            _ => 0,
        }
    }

    /// The weight of a pair.
    #[must_use]
    pub fn weigh(&self, vector: u64, one: &[u32], other: &[u32]) -> Weight {
        let (mut person, mut household) = (self.prior, self.household_prior.unwrap_or(0));
        for place in 0..self.person.len() {
            let level = unpack(vector, place);
            let add = self.add(place, level, one, other);
            person += self.person[place][level] + add;
            household += self.household[place][level] + add;
        }
        Weight(person - self.doubt(household))
    }

    /// What the chance of a household takes away: log2 of (1 + odds of household against chance).
    fn doubt(&self, household: i64) -> i64 {
        if self.household_prior.is_none() {
            0
        } else {
            Weight::from_bits(Weight(household).bits().exp2().ln_1p() * std::f64::consts::LOG2_E).0
        }
    }

    /// The parts of a pair's weight: the prior, each comparison with its level, and the household's doubt.
    #[must_use]
    pub fn waterfall(&self, vector: u64, one: &[u32], other: &[u32]) -> Waterfall {
        let mut household = self.household_prior.unwrap_or(0);
        let mut parts = Vec::with_capacity(self.person.len());
        for place in 0..self.person.len() {
            let level = unpack(vector, place);
            let add = self.add(place, level, one, other);
            household += self.household[place][level] + add;
            parts.push((level, Weight(self.person[place][level] + add)));
        }
        Waterfall { prior: Weight(self.prior), parts, household: Weight(-self.doubt(household)) }
    }
}

/// A weight in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waterfall {
    /// Before anything is compared.
    pub prior: Weight,
    /// Each comparison's level and weight.
    pub parts: Vec<(usize, Weight)>,
    /// What is taken away because the two may be of one household.
    pub household: Weight,
}

impl Waterfall {
    /// The parts together.
    #[must_use]
    pub fn sum(&self) -> Weight {
        Weight(self.prior.0 + self.household.0 + self.parts.iter().map(|(_, weight)| weight.0).sum::<i64>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weight_and_probability_are_inverse() {
        for probability in [0.01, 0.5, 0.95, 0.9999] {
            assert!((Weight::at(probability).probability() - probability).abs() < 1e-6);
        }
        assert_eq!(Weight::at(0.5), Weight(0));
    }
}
