//! Known parameters are found again: m, u, h and the shares of the classes are drawn, pairs are made up from them, and what is
//! learnt without any known link is held against what was drawn (docs/link.md says what is estimated and what is fixed).

use std::collections::BTreeMap;

use super::{
    comparison::{Address, Comparison, unpack},
    draw::Draw,
    kind::Kind,
    model::{Frequencies, LEVELS, LIMIT, Model, Pattern, Start},
};

/// Pairs compared, and pairs drawn at random.
const PAIRS: u32 = 300_000;

/// The parameters of one seed: shares of levels by comparison, and pairs of the first two classes.
struct Truth {
    frequencies: Vec<Frequencies>,
    persons: u32,
    households: u32,
}

/// Shares that sum to `rest` over the levels `first..=last`.
fn spread(levels: &mut [f64; LEVELS], first: usize, last: usize, rest: f64, draw: &mut Draw) {
    let weights: Vec<f64> = (first..=last).map(|_| 0.05 + draw.unit()).collect();
    let sum: f64 = weights.iter().sum();
    for (level, weight) in levels[first..=last].iter_mut().zip(&weights) {
        *level = rest * weight / sum;
    }
}

fn between(low: f64, high: f64, draw: &mut Draw) -> f64 {
    low + (high - low) * draw.unit()
}

impl Truth {
    /// Draws parameters as the model takes them: members of a household live at one address, written like a person's, and
    /// agree about given names and dates no more than any two.
    fn draw(comparisons: &[Comparison], households: bool, draw: &mut Draw) -> Self {
        let frequencies = comparisons.iter().map(|comparison| {
            let last = usize::from(comparison.last());
            let [mut person, mut chance, mut household] = [[0.0; LEVELS]; 3];
            person[1] = between(0.75, 0.95, draw);
            let rest = 1.0 - person[1];
            spread(&mut person, 2, last, rest, draw);
            chance[1] = 10_f64.powf(between(-3.0, -1.0, draw));
            let near = between(0.005, 0.03, draw);
            spread(&mut chance, 2, last - 1, near, draw);
            chance[last] = 1.0 - chance[1] - near;
            household[1] = between(0.6, 0.9, draw);
            let rest = 1.0 - household[1];
            spread(&mut household, 2, last, rest, draw);
            let household = match comparison {
                Comparison::Address(_) | Comparison::Locality(_) => person,
                Comparison::Family(..) => household,
                _ => chance,
            };
            Frequencies { person, household, chance }
        });
        let frequencies = frequencies.collect();
        let mut count = || {
            let share = 10_f64.powf(between(-2.5, -1.7, draw));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the pairs")]
            let pairs = (share * f64::from(PAIRS)) as u32;
            pairs
        };
        Self { frequencies, persons: count(), households: if households { count() } else { 0 } }
    }

    /// Makes pairs of these parameters up, and counts their patterns.
    fn pairs(&self, draw: &mut Draw) -> BTreeMap<u64, f64> {
        let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
        for pair in 0..PAIRS {
            let mut vector = 0;
            for (place, of) in self.frequencies.iter().enumerate() {
                let levels = if pair < self.persons {
                    &of.person
                } else if pair < self.persons + self.households {
                    &of.household
                } else {
                    &of.chance
                };
                let mut left = draw.unit();
                let level = (1..LEVELS).find(|&level| {
                    left -= levels[level];
                    left < 0.0
                });
                let level = level.or_else(|| levels.iter().rposition(|share| *share > 0.0)).expect("shares sum to one");
                vector |= (level as u64) << (4 * place);
            }
            *counts.entry(vector).or_default() += 1.0;
        }
        counts
    }

    /// Learns from made-up pairs of these parameters and compares.
    fn is_recovered(&self, comparisons: &[Comparison], draw: &mut Draw, seed: u64) {
        let (compared, random) = (self.pairs(draw), self.pairs(draw));
        let vectors: std::collections::BTreeSet<u64> = compared.keys().chain(random.keys()).copied().collect();
        let of = |counts: &BTreeMap<u64, f64>, vector| counts.get(&vector).copied().unwrap_or(0.0);
        let pattern = |vector| Pattern { vector, compared: of(&compared, vector), random: of(&random, vector) };
        let patterns: Vec<Pattern> = vectors.into_iter().map(pattern).collect();
        let start = Start { pairs: f64::from(PAIRS), person: 0.001, households: self.households > 0, limit: LIMIT };
        let model = Model::learn(comparisons, &patterns, start);
        assert!(model.settled, "seed {seed}: {} rounds", model.rounds);
        let chance = PAIRS - self.persons - self.households;
        for (place, (found, drawn)) in model.frequencies.iter().zip(&self.frequencies).enumerate() {
            for (class, found, drawn, pairs) in [
                ("person", found.person, drawn.person, self.persons),
                ("household", found.household, drawn.household, self.households),
                ("chance", found.chance, drawn.chance, chance),
            ] {
                for level in (1..LEVELS).filter(|_| pairs > 0) {
                    let (off, bound) = ((found[level] - drawn[level]).abs(), bound(drawn[level], pairs));
                    assert!(off <= bound, "seed {seed}: {class} {place} level {level}: {off} over {bound}");
                }
            }
        }
        for (class, found, pairs) in
            [("persons", model.person, self.persons), ("households", model.household, self.households)]
        {
            let (found, pairs) = (found * f64::from(PAIRS), f64::from(pairs));
            let bound = 0.02 * pairs + 3.0 * pairs.sqrt();
            assert!((found - pairs).abs() <= bound, "seed {seed}: {class} {found} for {pairs}");
        }
    }
}

/// How far a share may be off: six standard errors of what labelled pairs would give, and half a percent for the labels that
/// nobody gave.
fn bound(share: f64, pairs: u32) -> f64 {
    let pairs = f64::from(pairs);
    6.0 * ((share * (1.0 - share)).max(1.0 / pairs) / pairs).sqrt() + 0.005
}

fn locality() -> Comparison {
    Comparison::Locality([None; 3])
}

#[test]
fn persons_and_chance_are_recovered() {
    let comparisons =
        [Comparison::Given(0, None), Comparison::Date(1), Comparison::Code(2, Kind::Code), Comparison::Email(3)];
    for seed in 0..8 {
        let mut draw = Draw::new(seed);
        Truth::draw(&comparisons, false, &mut draw).is_recovered(&comparisons, &mut draw, seed);
    }
}

#[test]
fn households_are_recovered_from_three_shared_comparisons() {
    let address = Comparison::Address(Address::default());
    let comparisons =
        [Comparison::Given(0, None), Comparison::Family(1, None), Comparison::Date(2), address, locality()];
    for seed in 0..8 {
        let mut draw = Draw::new(seed);
        Truth::draw(&comparisons, true, &mut draw).is_recovered(&comparisons, &mut draw, seed);
    }
}

/// With two shared comparisons (address and family name) pairs can be moved from chance to the household: both models say the same
/// of every pattern, so no data can tell them apart. Who is one person is the same in both.
#[test]
fn two_shared_comparisons_leave_the_household_open_and_persons_not() {
    let address = Comparison::Address(Address::default());
    let [given, family, date] = [Comparison::Given(0, None), Comparison::Family(1, None), Comparison::Date(2)];
    let moved = |comparisons: &[Comparison]| {
        let mut draw = Draw::new(3);
        let truth = Truth::draw(comparisons, true, &mut draw);
        let share = |pairs: u32| f64::from(pairs) / f64::from(PAIRS);
        let one = Model {
            person: share(truth.persons),
            household: share(truth.households),
            frequencies: truth.frequencies,
            rounds: 1,
            settled: true,
        };
        let chance = 1.0 - one.person - one.household;
        let room = |place: usize, level: usize| {
            let of = &one.frequencies[place];
            if of.person[level] > 0.0 { chance * of.chance[level] / of.person[level] } else { f64::INFINITY }
        };
        // As many chance pairs as there are at one address, half of them.
        let at = comparisons.iter().position(|comparison| *comparison == address).expect("an address");
        let part = 0.5 * (1..LEVELS).map(|level| room(at, level)).fold(f64::INFINITY, f64::min);
        let mut other = one.clone();
        other.household += part;
        for (place, of) in other.frequencies.iter_mut().enumerate() {
            for level in 1..LEVELS {
                match comparisons[place] {
                    Comparison::Address(_) => {
                        of.chance[level] = (chance * of.chance[level] - part * of.person[level]) / (chance - part);
                    }
                    Comparison::Family(..) => {
                        of.household[level] =
                            (one.household * of.household[level] + part * of.chance[level]) / other.household;
                    }
                    _ => {}
                }
            }
        }
        let mut vectors = vec![0_u64];
        for (place, comparison) in comparisons.iter().enumerate() {
            let levels = 1..=u64::from(comparison.last());
            vectors = vectors
                .iter()
                .flat_map(|vector| levels.clone().map(move |level| vector | level << (4 * place)))
                .collect();
        }
        let (mut person, mut household) = (0.0_f64, 0.0_f64);
        for vector in vectors {
            assert!(unpack(vector, 0) > 0);
            let (first, second) = (one.classes(vector), other.classes(vector));
            person = person.max((first[0] - second[0]).abs());
            household = household.max((first[1] - second[1]).abs());
        }
        (person, household)
    };
    let (person, household) = moved(&[given, family, date, address]);
    assert!(person < 1e-9 && household > 0.01, "{person} {household}");
    let (person, _) = moved(&[given, family, date, address, locality()]);
    assert!(person > 1e-3, "a third one tells: {person}");
}
