//! The weighed match from records to links: pick blocks, learn the weights, weigh every pair that meets in a block.

use std::collections::BTreeMap;

use super::{
    blocking::{Blocks, Budget, Unit},
    cluster::{self, Relation},
    comparison::{Comparison, unpack, vector},
    draw::Draw,
    kind::Kind,
    model::{LIMIT, Model, Pattern, Start},
    records::Records,
    weight::{Weight, Weights},
};
use crate::base::{Error, ErrorKind, Pool, Result};

/// Pairs from which the weights are learnt, about; above it every n-th pair is taken.
const LEARNT_FROM: u64 = 1_500_000;
/// Pairs drawn at random.
const DRAWN: u32 = 400_000;
/// The seed of the draw.
const SEED: u64 = 0x5A4D_4B52;
/// The share of links with the same address and different given names above which the model is refused.
const TRAPPED: f64 = 0.2;

/// Links below which nothing that the household rule holds back is released.
const FEWEST_LINKS: usize = 1_000;

/// How to link.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The least probability of a link.
    pub probability: f64,
    /// How many partners a row may have.
    pub relation: Relation,
    /// The most rows of one group.
    pub largest: usize,
    /// Whether households, not persons, are looked for: parts of the address are compared one by one, and no rule about
    /// given names and birth dates applies.
    pub households: bool,
    /// Levels that decide beside the weight.
    pub rules: Vec<Rule>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { probability: 0.95, relation: Relation::Auto, largest: 100, households: false, rules: Vec::new() }
    }
}

/// A rule beside the weight: when all its comparisons are at one of its levels, the pair is linked or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule's name.
    pub name: String,
    /// Whether it links or forbids.
    pub links: bool,
    /// Whether it is samkor's own.
    pub built_in: bool,
    /// Places of comparisons, each with a set of levels (bit by level).
    pub when: Vec<(usize, u16)>,
}

impl Rule {
    fn holds(&self, vector: u64) -> bool {
        self.when.iter().all(|(place, levels)| levels >> unpack(vector, *place) & 1 == 1)
    }
}

/// A pair that is one person (or household).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Row of the left file (or the first row), in the records' order.
    pub left: u32,
    /// Row of the right file (or the second row).
    pub right: u32,
    /// Its levels.
    pub vector: u64,
    /// Its weight.
    pub weight: Weight,
}

/// What was counted on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Pairs compared and weighed.
    pub compared: u64,
    /// Pairs skipped in over-full blocks.
    pub skipped: u64,
    /// Pairs heavy enough that a rule forbade.
    pub forbidden: u64,
    /// Forbidden pairs that were linked after all, because the files show that they are no household.
    pub released: u64,
    /// Pairs that only a rule linked.
    pub ruled: u64,
    /// Pairs heavy enough that gave way to heavier ones.
    pub gave_way: u64,
    /// Links with the same address and different given names.
    pub same_address_other_name: u64,
    /// Links in all.
    pub links: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// What was compared.
    pub comparisons: Vec<Comparison>,
    /// What was learnt.
    pub model: Model,
    /// The weights.
    pub weights: Weights,
    /// The links, the heaviest first.
    pub links: Vec<Link>,
    /// Each row's group, named by its first row.
    pub groups: Vec<u32>,
    /// The relation that was applied.
    pub relation: Relation,
    /// Rules that applied, the built-in one first.
    pub rules: Vec<Rule>,
    /// The least weight of a link.
    pub least: Weight,
    /// Blocking keys with the pairs under each.
    pub keys: Vec<(String, u64)>,
    /// Counts.
    pub counts: Counts,
}

impl Outcome {
    /// What decided a link: the weight, a rule of the user's, or the release of a pair that the built-in rule held back.
    #[must_use]
    pub fn rule_of(&self, link: &Link) -> &str {
        let ruled = link.weight < self.least;
        match self.rules.iter().find(|rule| rule.holds(link.vector) && (rule.built_in || rule.links && ruled)) {
            Some(rule) if rule.built_in => "vægt, eneste mulige",
            Some(rule) => &rule.name,
            None => "vægt",
        }
    }
}

/// Links the records.
///
/// # Errors
/// When nothing can be compared, the weights do not settle, or the links are members of one household.
pub fn link(
    records: &Records,
    settings: &Settings,
    rules: &dyn Fn(&[Comparison]) -> Result<Vec<Rule>>,
    pool: &Pool,
) -> Result<Outcome> {
    let comparisons = Comparison::of(records, settings.households);
    if comparisons.is_empty() || records.pairs() == 0 {
        return Err(Error::new(ErrorKind::Input, "Der er intet at sammenligne")
            .hint("Begge filer skal have rækker, og mindst én kolonne skal have mere end én værdi.")
            .hint("Navngiv kolonnerne i en spec: `samkor link VENSTRE HØJRE --spec link.toml`."));
    }
    let blocks = Blocks::new(records, Budget::of(records), pool);
    let units = blocks.units();
    let (patterns, seen) = observe(records, &comparisons, &blocks, &units, pool);
    let model = learn(records, settings, &comparisons, &patterns)?;
    let weights = Weights::new(&comparisons, records, &model);
    let mut all_rules = built_in(&comparisons, settings);
    all_rules.extend(rules(&comparisons)?);
    let mut counts = Counts { skipped: blocks.skipped, ..Counts::default() };
    let (mut links, mut held) =
        weigh(records, settings, &comparisons, &blocks, &units, &seen, &weights, &all_rules, &mut counts, pool);
    cluster::order(&mut links);
    cluster::order(&mut held);
    let heavy = links.len() as u64;
    let relation = match (records.two_files, settings.relation) {
        (false, _) => Relation::ManyToMany,
        (true, Relation::Auto) => Relation::told_by(&links),
        (true, relation) => relation,
    };
    links = cluster::assign(&links, relation, records.len());
    counts.gave_way = heavy - links.len() as u64;
    if relation == Relation::OneToOne {
        let released = release(&links, &held, &all_rules, &comparisons, records);
        counts.released = released.len() as u64;
        links.extend(released);
        cluster::order(&mut links);
    }
    let released = counts.released > 0;
    let forbidden = |one: u32, other: u32| {
        if released {
            return false;
        }
        let vector = vector(&comparisons, &records.fields, records.row(one), records.row(other));
        all_rules.iter().any(|rule| !rule.links && rule.holds(vector))
    };
    let largest = if records.two_files { usize::MAX } else { settings.largest };
    let (groups, refused) = cluster::components(&links, records.len(), largest, forbidden);
    if !refused.is_empty() {
        links.retain(|link| groups[link.left as usize] == groups[link.right as usize]);
    }
    counts.links = links.len() as u64;
    counts.same_address_other_name = trapped(&comparisons, &links);
    #[expect(clippy::cast_precision_loss, reason = "counts of links are far below 2^52")]
    let share = counts.same_address_other_name as f64 / counts.links.max(1) as f64;
    if share > TRAPPED && !settings.households {
        return Err(Error::new(ErrorKind::Input, "Vægtene forveksler personer med deres husstand")
            .hint("Mere end hver femte forbindelse har samme adresse og forskelligt fornavn.")
            .hint("Tag fødselsdato eller personnummer med, eller søg efter husstande med forvalg = \"husstand\"."));
    }
    let keys = blocks.keys.iter().map(|key| (key.name.clone(), key.pairs)).collect();
    Ok(Outcome {
        comparisons,
        model,
        weights,
        links,
        groups,
        relation,
        rules: all_rules,
        least: Weight::at(settings.probability),
        keys,
        counts,
    })
}

/// First names and birth dates that both disagree: never one person, however much else agrees.
fn built_in(comparisons: &[Comparison], settings: &Settings) -> Vec<Rule> {
    if settings.households {
        return Vec::new();
    }
    let place = |wanted: fn(&Comparison) -> bool| comparisons.iter().position(wanted);
    let given = place(|comparison| matches!(comparison, Comparison::Given(..)));
    let date = place(|comparison| matches!(comparison, Comparison::Date(_)));
    let (Some(given), Some(date)) = (given, date) else { return Vec::new() };
    let when = vec![(given, 1 << 7), (date, 1 << 6 | 1 << 7)];
    vec![Rule { name: "fornavn og fødselsdato er forskellige".to_owned(), links: false, built_in: true, when }]
}

/// The pairs that the built-in rule holds back although nothing in the files speaks for households. That is known only
/// when nearly every row of both files has its partner, no held pair touches such a row (members of households would turn up
/// there too), and a number, where there is one, agrees. These pairs are what is left over on both sides.
fn release(links: &[Link], held: &[Link], rules: &[Rule], comparisons: &[Comparison], records: &Records) -> Vec<Link> {
    let Some(rule) = rules.first().filter(|rule| rule.built_in) else { return Vec::new() };
    let sides = [records.left, records.len() - records.left];
    if links.len() < FEWEST_LINKS || sides.iter().any(|rows| (rows - links.len().min(*rows)) * 100 > *rows) {
        return Vec::new();
    }
    let mut linked = vec![false; records.len()];
    for link in links {
        linked[link.left as usize] = true;
        linked[link.right as usize] = true;
    }
    let touches = |link: &Link| linked[link.left as usize] || linked[link.right as usize];
    if held.iter().any(|link| rule.holds(link.vector) && touches(link)) {
        return Vec::new();
    }
    let number = comparisons.iter().position(|comparison| matches!(comparison, Comparison::Number(_, Kind::Id)));
    let agrees = |link: &Link| number.is_none_or(|place| matches!(unpack(link.vector, place), 1 | 2));
    let by_user = |link: &Link| rules[1..].iter().any(|rule| !rule.links && rule.holds(link.vector));
    let free: Vec<Link> = held.iter().filter(|link| !by_user(link) && agrees(link)).copied().collect();
    cluster::assign(&free, Relation::OneToOne, records.len())
}

fn trapped(comparisons: &[Comparison], links: &[Link]) -> u64 {
    let address = comparisons.iter().position(|comparison| matches!(comparison, Comparison::Address(_)));
    let given = comparisons.iter().position(|comparison| matches!(comparison, Comparison::Given(..)));
    let (Some(address), Some(given)) = (address, given) else { return 0 };
    links.iter().filter(|link| unpack(link.vector, address) == 1 && unpack(link.vector, given) == 7).count() as u64
}

/// Counts the patterns of compared and of random pairs. When all pairs are learnt from, their vectors are handed on, unit by
/// unit, so that they are compared once.
fn observe(
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
    let compared = pool.map(units, |&unit| {
        let mut vectors = Vec::new();
        blocks.visit(unit, |one, other| {
            if every == 1 || Draw::new(u64::from(one) << 32 | u64::from(other)).next().is_multiple_of(every) {
                vectors.push(of(one, other));
            }
        });
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

fn learn(records: &Records, settings: &Settings, comparisons: &[Comparison], patterns: &[Pattern]) -> Result<Model> {
    let has = |wanted: fn(&Comparison) -> bool| comparisons.iter().any(wanted);
    let households = !settings.households
        && has(|comparison| matches!(comparison, Comparison::Given(..)))
        && has(|comparison| matches!(comparison, Comparison::Address(_)));
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^52")]
    let (pairs, rows) = (records.pairs() as f64, records.left.min(records.len() - records.left).max(1) as f64);
    let expected =
        if records.two_files { rows / 2.0 } else { f64::from(u32::try_from(records.len()).unwrap_or(u32::MAX)) / 4.0 };
    let start = Start { pairs, person: (expected / pairs).min(0.1), households, limit: LIMIT };
    let model = Model::learn(comparisons, patterns, start);
    if model.settled {
        return Ok(model);
    }
    Err(Error::new(ErrorKind::Input, format!("Vægtene faldt ikke til ro på {LIMIT} runder"))
        .hint("Som regel er der for få eller for ens kolonner: tag flere med, eller fjern dem, der siger det samme.")
        .hint("Er der næsten ingen personer fælles for de to filer, kan vægtene ikke læres af dem."))
}

#[expect(clippy::too_many_arguments, reason = "everything that decides a pair's weight, in one place")]
fn weigh(
    records: &Records,
    settings: &Settings,
    comparisons: &[Comparison],
    blocks: &Blocks,
    units: &[Unit],
    seen: &[Vec<u64>],
    weights: &Weights,
    rules: &[Rule],
    counts: &mut Counts,
    pool: &Pool,
) -> (Vec<Link>, Vec<Link>) {
    let least = Weight::at(settings.probability);
    let tasks: Vec<(Unit, &Vec<u64>)> = units.iter().copied().zip(seen).collect();
    let found = pool.map(&tasks, |&(unit, vectors)| {
        let mut vectors = vectors.iter();
        let (mut links, mut held, mut seen) = (Vec::new(), Vec::new(), Counts::default());
        blocks.visit(unit, |left, right| {
            seen.compared += 1;
            let (one, other) = (records.row(left), records.row(right));
            let vector = vectors.next().copied().unwrap_or_else(|| vector(comparisons, &records.fields, one, other));
            let weight = weights.weigh(vector, one, other);
            let linked = weight < least && rules.iter().any(|rule| rule.links && rule.holds(vector));
            if weight >= least || linked {
                if rules.iter().any(|rule| !rule.links && rule.holds(vector)) {
                    seen.forbidden += 1;
                    held.push(Link { left, right, vector, weight });
                } else {
                    seen.ruled += u64::from(linked);
                    links.push(Link { left, right, vector, weight });
                }
            }
        });
        (links, held, seen)
    });
    let (mut all, mut all_held) = (Vec::new(), Vec::new());
    for (links, held, seen) in found {
        all.extend(links);
        all_held.extend(held);
        counts.compared += seen.compared;
        counts.forbidden += seen.forbidden;
        counts.ruled += seen.ruled;
    }
    (all, all_held)
}
