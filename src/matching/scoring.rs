//! The long work: comparing the pairs that meet in blocks. Patterns of levels are counted for learning, and every pair is
//! weighed.

use std::collections::BTreeMap;

use super::{
    blocking::{Blocks, Unit},
    comparison::{Comparison, vector},
    draw::Draw,
    engine::{Link, Rule},
    model::Pattern,
    records::Records,
    weight::{Weight, Weights},
};
use crate::base::Pool;

/// Pairs from which the weights are learnt, about; above it every n-th pair is taken.
const LEARNT_FROM: u64 = 1_500_000;
/// Pairs drawn at random.
const DRAWN: u32 = 400_000;
/// The seed of the draw.
const SEED: u64 = 0x5A4D_4B52;

/// Counts the patterns of compared and of random pairs. When all pairs are learnt from, their vectors are handed on, unit by
/// unit, so that they are compared once.
pub fn observe(
    records: &Records,
    comparisons: &[Comparison],
    blocks: &Blocks,
    units: &[Unit],
    pool: &Pool,
) -> (Vec<Pattern>, Vec<Vec<u64>>) {
    let every = blocks.meetings().div_ceil(LEARNT_FROM).max(1);
    let of = |one: u32, other: u32| vector(comparisons, &records.fields, records.row(one), records.row(other));
    let tally = |vectors: &mut Vec<u64>| {
        vectors.sort_unstable();
        vectors.chunk_by(|one, other| one == other).map(|run| (run[0], run.len() as u64)).collect::<Vec<_>>()
    };
    let drawn = |one: u32, other: u32| Draw::new(u64::from(one) << 32 | u64::from(other)).next().is_multiple_of(every);
    let compared = pool.map(units, |&unit| {
        let mut vectors = Vec::new();
        blocks.visit(unit, |one, other| every == 1 || drawn(one, other), |one, other| vectors.push(of(one, other)));
        let counts = tally(&mut vectors.clone());
        (counts, if every == 1 { vectors } else { Vec::new() })
    });
    let parts: Vec<u32> = (0..64).collect();
    let rows = records.len() as u64;
    let left = if records.two_files { records.left as u64 } else { rows };
    let drawn = pool.map(&parts, |&part| {
        let mut draw = Draw::new(SEED + u64::from(part));
        let row = |number: u64| u32::try_from(number).unwrap_or(0);
        let mut vectors: Vec<u64> = (0..DRAWN / 64)
            .filter_map(|_| {
                let one = draw.below(left);
                let other = if records.two_files { left + draw.below(rows - left) } else { draw.below(rows) };
                (one != other).then(|| of(row(one.min(other)), row(one.max(other))))
            })
            .collect();
        tally(&mut vectors)
    });
    let mut sums: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    let mut kept = Vec::with_capacity(compared.len());
    for (counts, vectors) in compared {
        for (vector, count) in counts {
            sums.entry(vector).or_default().0 += count * every;
        }
        kept.push(vectors);
    }
    for (vector, count) in drawn.into_iter().flatten() {
        sums.entry(vector).or_default().1 += count;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^52")]
    let pattern = |(vector, (compared, random))| Pattern { vector, compared: compared as f64, random: random as f64 };
    (sums.into_iter().map(pattern).collect(), kept)
}

/// What decides about a pair by itself: its levels, their weights, and the rules beside them.
#[derive(Debug)]
pub struct Judge<'a> {
    pub records: &'a Records,
    pub comparisons: &'a [Comparison],
    pub weights: &'a Weights,
    pub rules: &'a [Rule],
    pub least: Weight,
}

/// What a pair comes to.
enum Verdict {
    Light,
    Linked,
    Ruled,
    Forbidden,
}

impl Judge<'_> {
    /// The levels of a pair.
    pub fn vector(&self, one: u32, other: u32) -> u64 {
        vector(self.comparisons, &self.records.fields, self.records.row(one), self.records.row(other))
    }

    /// The pair as a link, whatever it weighs.
    pub fn link(&self, left: u32, right: u32) -> Link {
        let vector = self.vector(left, right);
        let weight = self.weights.weigh(vector, self.records.row(left), self.records.row(right));
        Link { left, right, vector, weight, bound: false }
    }

    /// Whether a rule forbids the pair.
    pub fn forbids(&self, vector: u64) -> bool {
        self.rules.iter().any(|rule| !rule.links && rule.holds(vector))
    }

    fn judge(&self, link: &Link) -> Verdict {
        let heavy = link.weight >= self.least;
        if !heavy && !self.rules.iter().any(|rule| rule.links && rule.holds(link.vector)) {
            Verdict::Light
        } else if self.forbids(link.vector) {
            Verdict::Forbidden
        } else if heavy {
            Verdict::Linked
        } else {
            Verdict::Ruled
        }
    }

    /// Weighs every wanted pair that meets. `seen` are the vectors of all pairs, unit by unit, where they are known.
    pub fn weigh(
        &self,
        blocks: &Blocks,
        units: &[Unit],
        seen: &[Vec<u64>],
        wanted: impl Fn(u32, u32) -> bool + Sync,
        pool: &Pool,
    ) -> Weighed {
        let tasks: Vec<(Unit, &[u64])> = units
            .iter()
            .enumerate()
            .map(|(place, unit)| (*unit, seen.get(place).map_or(&[][..], Vec::as_slice)))
            .collect();
        let found = pool.map(&tasks, |&(unit, vectors)| {
            let mut vectors = vectors.iter();
            let mut weighed = Weighed::default();
            blocks.visit(unit, &wanted, |left, right| {
                let link = match vectors.next() {
                    Some(&vector) => {
                        let weight = self.weights.weigh(vector, self.records.row(left), self.records.row(right));
                        Link { left, right, vector, weight, bound: false }
                    }
                    None => self.link(left, right),
                };
                weighed.take(link, &self.judge(&link));
            });
            weighed
        });
        let mut all = Weighed::default();
        for weighed in found {
            all.links.extend(weighed.links);
            all.compared += weighed.compared;
            all.forbidden += weighed.forbidden;
            all.ruled += weighed.ruled;
        }
        all
    }

    /// Weighs single pairs.
    pub fn weigh_pairs(&self, pairs: impl Iterator<Item = (u32, u32)>) -> Weighed {
        let mut weighed = Weighed::default();
        for (left, right) in pairs {
            let link = self.link(left, right);
            weighed.take(link, &self.judge(&link));
        }
        weighed
    }
}

/// Pairs that are links by weight or rule, with counts.
#[derive(Debug, Default)]
pub struct Weighed {
    pub links: Vec<Link>,
    pub compared: u64,
    pub forbidden: u64,
    pub ruled: u64,
}

impl Weighed {
    fn take(&mut self, link: Link, verdict: &Verdict) {
        self.compared += 1;
        match verdict {
            Verdict::Light => return,
            Verdict::Forbidden => {
                self.forbidden += 1;
                return;
            }
            Verdict::Ruled => self.ruled += 1,
            Verdict::Linked => {}
        }
        self.links.push(link);
    }
}
