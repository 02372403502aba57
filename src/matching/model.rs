//! The weights: how often two rows of one person agree at each level (m), how often any two rows do (u), and how often two
//! members of one household do (h), learnt by expectation-maximisation without any known links.
//!
//! The household is a third class beside person and chance, because members of a household agree about address and family
//! name together: with two classes the model takes them for one person (the household trap).

use serde::{Deserialize, Serialize};

use super::comparison::{Comparison, unpack};

/// The most levels a comparison has.
pub const LEVELS: usize = 8;
/// Rounds after which a model that still moves is given up.
pub const LIMIT: u32 = 2_000;
const SETTLED: f64 = 1e-6;

/// One pattern of levels with how many compared pairs and how many random pairs show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern {
    /// Packed levels.
    pub vector: u64,
    /// Pairs of the blocks.
    pub compared: f64,
    /// Pairs drawn at random.
    pub random: f64,
}

/// How often the levels of one comparison occur, by class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frequencies {
    /// Among pairs of one person.
    #[serde(with = "exact::levels")]
    pub person: [f64; LEVELS],
    /// Among pairs of one household.
    #[serde(with = "exact::levels")]
    pub household: [f64; LEVELS],
    /// Among other pairs.
    #[serde(with = "exact::levels")]
    pub chance: [f64; LEVELS],
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The share of one-person pairs among all pairs of the files.
    #[serde(with = "exact::share")]
    pub person: f64,
    /// The share of one-household pairs.
    #[serde(with = "exact::share")]
    pub household: f64,
    /// By comparison.
    pub frequencies: Vec<Frequencies>,
    /// Rounds until nothing moved.
    pub rounds: u32,
    /// Whether it settled before the limit.
    pub settled: bool,
}

/// What learning starts from.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// All pairs of the files.
    pub pairs: f64,
    /// The share of one-person pairs to begin with.
    pub person: f64,
    /// Whether there is a household class.
    pub households: bool,
    /// Rounds after which a model that still moves is given up.
    pub limit: u32,
}

/// What a person's pairs look like before anything is learnt.
fn expected(comparison: Comparison) -> [f64; LEVELS] {
    let last = usize::from(comparison.last());
    let mut levels = [0.0; LEVELS];
    let middle = 0.12 / f64::from(u32::from(comparison.last()).saturating_sub(2).max(1));
    for level in levels.iter_mut().take(last).skip(2) {
        *level = middle;
    }
    levels[1] = 0.84;
    levels[last] = 0.04;
    levels
}

impl Model {
    /// Learns from patterns, which must stand in a fixed order: sums are made in it.
    #[must_use]
    pub fn learn(comparisons: &[Comparison], patterns: &[Pattern], start: Start) -> Self {
        let mut random = vec![[0.0; LEVELS]; comparisons.len()];
        for pattern in patterns {
            for (place, counts) in random.iter_mut().enumerate() {
                counts[unpack(pattern.vector, place)] += pattern.random;
            }
        }
        let frequencies = comparisons
            .iter()
            .zip(&random)
            .map(|(&comparison, counts)| {
                let chance = shares(comparison, counts, &[0.3; LEVELS]);
                let person = expected(comparison);
                let household = if comparison.is_shared() { person } else { chance };
                Frequencies { person, household, chance }
            })
            .collect();
        let household = if start.households { start.person } else { 0.0 };
        let mut model = Self { person: start.person, household, frequencies, rounds: 0, settled: false };
        while model.rounds < start.limit && !model.settled {
            let next = model.step(comparisons, patterns, start);
            let moved = model.distance(&next);
            model = next;
            model.settled = moved < SETTLED;
        }
        model
    }

    fn step(&self, comparisons: &[Comparison], patterns: &[Pattern], start: Start) -> Self {
        let mut sums = vec![[[0.0_f64; LEVELS]; 3]; comparisons.len()];
        let (mut persons, mut households) = (0.0, 0.0);
        for pattern in patterns {
            let [person, household] = self.classes(pattern.vector);
            persons += person * pattern.compared;
            households += household * pattern.compared;
            let weights =
                [person * pattern.compared, household * pattern.compared, (1.0 - person - household) * pattern.random];
            for (place, sums) in sums.iter_mut().enumerate() {
                let level = unpack(pattern.vector, place);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    sum[level] += weight;
                }
            }
        }
        let frequencies = comparisons
            .iter()
            .zip(&sums)
            .map(|(&comparison, [person, household, chance])| {
                let prior = expected(comparison);
                let chance = shares(comparison, chance, &[0.3; LEVELS]);
                let person = shares(comparison, person, &scaled(&prior));
                // A household is who lives together, and its address is written with the same care as a person's.
                let household = match comparison {
                    Comparison::Address(_) | Comparison::Locality(_) => person,
                    _ if comparison.is_personal() => chance,
                    _ => shares(comparison, household, &scaled(&chance)),
                };
                Frequencies { person, household, chance }
            })
            .collect();
        Self {
            person: (persons / start.pairs).clamp(1e-12, 0.5),
            household: if start.households { (households / start.pairs).clamp(1e-12, 0.4) } else { 0.0 },
            frequencies,
            rounds: self.rounds + 1,
            settled: false,
        }
    }

    /// The probabilities that a pair of this pattern is one person, and one household.
    #[must_use]
    pub fn classes(&self, vector: u64) -> [f64; 2] {
        let (mut person, mut household, mut chance) = (self.person, self.household, 1.0 - self.person - self.household);
        for (place, frequencies) in self.frequencies.iter().enumerate() {
            let level = unpack(vector, place);
            if level > 0 {
                person *= frequencies.person[level];
                household *= frequencies.household[level];
                chance *= frequencies.chance[level];
            }
        }
        let all = person + household + chance;
        [person / all, household / all]
    }

    fn distance(&self, other: &Self) -> f64 {
        let mut largest = ((self.person - other.person) / other.person).abs() * 0.01;
        if other.household > 1e-9 {
            largest = largest.max(((self.household - other.household) / other.household).abs() * 0.01);
        }
        for (one, other) in self.frequencies.iter().zip(&other.frequencies) {
            for level in 1..LEVELS {
                largest = largest.max((one.person[level] - other.person[level]).abs());
                largest =
                    largest.max((one.household[level] - other.household[level]).abs() * other_weight(self.household));
            }
        }
        largest
    }
}

/// A household class that has died out may move as it likes.
fn other_weight(household: f64) -> f64 {
    if household > 1e-9 { 1.0 } else { 0.0 }
}

/// Shares as texts that give back the same number to the last bit, which JSON's numbers need not.
mod exact {
    pub(super) mod share {
        use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

        #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
        pub fn serialize<S: Serializer>(share: &f64, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(share)
        }

        pub fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<f64, D::Error> {
            let text = String::deserialize(deserializer)?;
            text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| D::Error::custom("no share"))
        }
    }

    pub(super) mod levels {
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

        use super::super::LEVELS;

        #[derive(Serialize, Deserialize)]
        struct Share(#[serde(with = "super::share")] f64);

        pub fn serialize<S: Serializer>(levels: &[f64; LEVELS], serializer: S) -> Result<S::Ok, S::Error> {
            levels.map(Share).serialize(serializer)
        }

        pub fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<[f64; LEVELS], D::Error> {
            let shares = Vec::<Share>::deserialize(deserializer)?;
            let levels: Vec<f64> = shares.into_iter().map(|Share(share)| share).collect();
            levels.try_into().map_err(|_| D::Error::custom("another number of levels"))
        }
    }
}

/// What a class is taken to have shown before it is counted.
fn scaled(expected: &[f64; LEVELS]) -> [f64; LEVELS] {
    expected.map(|share| share * 2.0 + 0.02)
}

/// Counts as shares of the pairs whose values are known.
fn shares(comparison: Comparison, counts: &[f64; LEVELS], before: &[f64; LEVELS]) -> [f64; LEVELS] {
    let last = usize::from(comparison.last());
    let mut shares = [0.0; LEVELS];
    let mut sum = 0.0;
    for level in 1..=last {
        shares[level] = counts[level] + before[level];
        sum += shares[level];
    }
    for share in &mut shares {
        *share /= sum;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::{comparison::Address, kind::Kind};

    #[test]
    fn says_when_it_did_not_settle() {
        let comparisons = [Comparison::Code(0, Kind::Code), Comparison::Email(1)];
        let pattern = |vector, count| Pattern { vector, compared: count, random: count };
        let patterns = [pattern(0x11, 40.0), pattern(0x13, 10.0), pattern(0x41, 300.0), pattern(0x43, 5000.0)];
        let start = |limit| Start { pairs: 5350.0, person: 0.01, households: false, limit };
        let short = Model::learn(&comparisons, &patterns, start(2));
        assert_eq!((short.settled, short.rounds), (false, 2));
        let long = Model::learn(&comparisons, &patterns, start(LIMIT));
        assert!(long.settled && long.rounds > 2, "{} rounds", long.rounds);
    }

    #[test]
    fn households_are_told_from_persons() {
        let comparisons =
            [Comparison::Given(0, None), Comparison::Family(1, None), Comparison::Address(Address::default())];
        let pattern = |vector, compared, random| Pattern { vector, compared, random };
        // Given, family, address: 1,000 persons, 3,000 pairs of household members, the rest by chance.
        let patterns = [
            pattern(0x111, 900.0, 0.0),
            pattern(0x117, 2_900.0, 0.1),
            pattern(0x171, 60.0, 0.0),
            pattern(0x711, 40.0, 5.0),
            pattern(0x177, 100.0, 1.0),
            pattern(0x717, 2_000.0, 300.0),
            pattern(0x771, 1_500.0, 250.0),
            pattern(0x777, 50_000.0, 99_443.9),
        ];
        let start = Start { pairs: 1e7, person: 1e-4, households: true, limit: LIMIT };
        let model = Model::learn(&comparisons, &patterns, start);
        let [person, household] = model.classes(0x117);
        assert!(household > 0.9 && person < 0.1, "another given name: {person} {household}");
        assert!(model.classes(0x111)[0] > 0.95);
        let blind = Model::learn(&comparisons, &patterns, Start { households: false, ..start });
        assert!(blind.classes(0x117)[0] > 0.5, "without the class the trap shuts");
    }
}
