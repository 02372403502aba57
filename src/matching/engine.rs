//! The weighed match from records to links: pick blocks, learn the weights, weigh every pair that meets in a block.

use serde::{Deserialize, Serialize};

use super::{
    blocking::{Blocks, Budget, Keys},
    bonds::Bonds,
    cluster::{self, Relation},
    comparison::{Comparison, unpack},
    household,
    model::{LIMIT, Model, Pattern, Start},
    records::{Basis, Records},
    scoring::{Judge, Weighed, observe},
    weight::{Weight, Weights},
};
use crate::base::{Error, ErrorKind, Event, Observer, Pool, Result, Silent};

/// How far the pairs of an earlier result's keys may outgrow what would be compared without one.
const OUTGROWN: u64 = 4;

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
    /// Rounds of learning after which weights that still move are an error.
    pub rounds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { probability: 0.95, relation: Relation::Auto, largest: 100, households: false, rounds: LIMIT }
    }
}

/// A rule beside the weight: when all its comparisons are at one of its levels, the pair is linked or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule's name.
    pub name: String,
    /// Whether it links or forbids.
    pub links: bool,
    /// Places of comparisons, each with a set of levels (bit by level).
    pub when: Vec<(usize, u16)>,
}

impl Rule {
    pub(super) fn holds(&self, vector: u64) -> bool {
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
    /// Whether somebody decided it.
    pub bound: bool,
}

/// What was learnt, and how rows were read and brought together: all that later rows need to be linked in the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learnt {
    /// How columns are read, and the rows that say how common a value is.
    pub basis: Basis,
    /// What is compared.
    pub comparisons: Vec<Comparison>,
    /// Which pairs are compared.
    pub keys: Keys,
    /// The weights.
    pub model: Model,
    /// How many partners a row may have.
    pub relation: Relation,
}

/// An earlier result that this one goes on from.
#[derive(Debug)]
pub struct Earlier<'a> {
    /// What was learnt then.
    pub learnt: &'a Learnt,
    /// Pairs that need not be compared again; without them all are.
    pub known: Option<Known<'a>>,
}

/// Pairs of an earlier result.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Those that were links by weight or rule, as places in the records.
    pub pairs: &'a [(u32, u32)],
    /// How many rows of each file, from its first, were there.
    pub rows: [usize; 2],
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
    /// Pairs that only a rule linked.
    pub ruled: u64,
    /// Pairs that a decision linked, or kept apart although they were heavy enough.
    pub bound: u64,
    /// Pairs heavy enough that gave way to heavier ones.
    pub gave_way: u64,
    /// Links with the same address and different given names.
    pub same_address_other_name: u64,
    /// Pairs of members of one household that the model reckons with; `None` when it cannot see households.
    pub households: Option<u64>,
    /// Links in all.
    pub links: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// What was learnt.
    pub learnt: Learnt,
    /// The weights.
    pub weights: Weights,
    /// The links, decided ones first, then the heaviest.
    pub links: Vec<Link>,
    /// Every pair that is a link by weight or rule, before decisions, relation and groups, in the order of rows.
    pub candidates: Vec<(u32, u32)>,
    /// Each row's group, named by its first row.
    pub groups: Vec<u32>,
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
    /// What decided a link: a decision, the weight, or a rule of the user's.
    #[must_use]
    pub fn rule_of(&self, link: &Link) -> &str {
        if link.bound {
            return "bundet";
        }
        let ruled = link.weight < self.least;
        self.rules.iter().find(|rule| ruled && rule.links && rule.holds(link.vector)).map_or("vægt", |rule| &rule.name)
    }
}

/// What to link, and how.
pub struct Job<'a> {
    /// The rows.
    pub records: &'a Records,
    /// How to link.
    pub settings: &'a Settings,
    /// The user's rules, once it is known what is compared.
    pub rules: &'a dyn Fn(&[Comparison]) -> Result<Vec<Rule>>,
    /// Decided pairs.
    pub bonds: &'a Bonds,
    /// What this goes on from.
    pub earlier: Option<Earlier<'a>>,
    /// Who is told how far the work is.
    pub observer: &'a dyn Observer,
}

/// Links the records.
///
/// # Errors
/// As [`Job::run`].
pub fn link(
    records: &Records,
    settings: &Settings,
    rules: &dyn Fn(&[Comparison]) -> Result<Vec<Rule>>,
    pool: &Pool,
) -> Result<Outcome> {
    let bonds = &Bonds::default();
    Job { records, settings, rules, bonds, earlier: None, observer: &Silent }.run(pool)
}

impl Job<'_> {
    /// Links the records.
    ///
    /// With an earlier result, the links, their order and the groups are those of a run over all rows with what was learnt
    /// then, whether or not the pairs known then are compared again.
    ///
    /// # Errors
    /// When nothing can be compared, the weights do not settle, the links are members of one household, or the rows have
    /// outgrown the earlier result.
    pub fn run(&self, pool: &Pool) -> Result<Outcome> {
        let records = self.records;
        let (learnt, blocks, seen) = match &self.earlier {
            None => self.learn(pool)?,
            Some(earlier) => (earlier.learnt.clone(), self.again(earlier.learnt, pool)?, Vec::new()),
        };
        let weights = Weights::new(&learnt.comparisons, records, &learnt.model);
        let mut rules = household::rules(&learnt.comparisons, self.settings, &learnt.model);
        rules.extend((self.rules)(&learnt.comparisons)?);
        let least = Weight::at(self.settings.probability);
        let judge = Judge { records, comparisons: &learnt.comparisons, weights: &weights, rules: &rules, least };
        let weighed = self.stage("Vejer par", || self.weigh(&judge, &blocks, &seen, pool));
        drop(seen);
        let mut counts = Counts {
            compared: weighed.compared,
            skipped: blocks.skipped,
            forbidden: weighed.forbidden,
            ruled: weighed.ruled,
            households: household::can_be_seen(&learnt.comparisons, self.settings)
                .then(|| expected(learnt.model.household, records)),
            ..Counts::default()
        };
        let keys = blocks.keys.iter().map(|key| (key.name.clone(), key.pairs)).collect();
        drop(blocks);
        let mut links = weighed.links;
        links.sort_unstable_by_key(|link| (link.left, link.right));
        let candidates = links.iter().map(|link| (link.left, link.right)).collect();
        counts.bound = self.bind(&judge, &mut links);
        cluster::order(&mut links);
        let relation = match (records.two_files, learnt.relation) {
            (false, _) => Relation::ManyToMany,
            (true, Relation::Auto) => Relation::told_by(&links),
            (true, relation) => relation,
        };
        let heavy = links.len() as u64;
        links = cluster::assign(&links, relation, records.len());
        counts.gave_way = heavy - links.len() as u64;
        let forbidden = |one: u32, other: u32| {
            self.bonds.are_apart(one, other) || !rules.is_empty() && judge.forbids(judge.vector(one, other))
        };
        let largest = if records.two_files { usize::MAX } else { self.settings.largest };
        let (groups, refused) =
            self.stage("Danner grupper", || cluster::components(&links, records.len(), largest, forbidden));
        if !refused.is_empty() {
            links.retain(|link| groups[link.left as usize] == groups[link.right as usize]);
        }
        counts.links = links.len() as u64;
        counts.same_address_other_name = household::trapped(&learnt.comparisons, &links);
        self.refuse_the_trap(&counts)?;
        let learnt = Learnt { relation, ..learnt };
        Ok(Outcome { learnt, weights, links, candidates, groups, rules, least, keys, counts })
    }

    fn stage<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        self.observer.event(Event::Stage { name, total: None });
        let done = work();
        self.observer.event(Event::StageDone);
        done
    }

    fn learn(&self, pool: &Pool) -> Result<(Learnt, Blocks, Vec<Vec<u64>>)> {
        let records = self.records;
        let comparisons = Comparison::of(records, self.settings.households);
        if comparisons.is_empty() || records.pairs() == 0 {
            return Err(Error::new(ErrorKind::Input, "Der er intet at sammenligne")
                .hint("Begge filer skal have rækker, og mindst én kolonne skal have mere end én værdi.")
                .hint("Navngiv kolonnerne i en spec: `samkor link VENSTRE HØJRE --spec link.toml`."));
        }
        let blocks = self.stage("Deler i blokke", || Blocks::new(records, Budget::of(records), pool));
        let (model, seen) = self.stage("Lærer vægtene", || {
            let (patterns, seen) = observe(records, &comparisons, &blocks, &blocks.units(), pool);
            self.model(&comparisons, &patterns).map(|model| (model, seen))
        })?;
        let (basis, keys, relation) = (records.basis.clone(), blocks.picked.clone(), self.settings.relation);
        Ok((Learnt { basis, comparisons, keys, model, relation }, blocks, seen))
    }

    fn again(&self, learnt: &Learnt, pool: &Pool) -> Result<Blocks> {
        let records = self.records;
        let broken = || {
            Error::new(ErrorKind::Input, "Det tidligere resultat passer ikke til filerne")
                .hint("Se, om det er lavet af de samme kolonner, og om dets filer er urørte; ellers lær forfra.")
        };
        let fits = learnt.comparisons.len() == learnt.model.frequencies.len()
            && learnt.comparisons.iter().all(|comparison| comparison.fits(&records.fields));
        let blocks = self.stage("Deler i blokke", || Blocks::again(records, &learnt.keys, pool));
        let blocks = blocks.filter(|_| fits).ok_or_else(broken)?;
        if blocks.meetings() > Budget::of(records).pairs * OUTGROWN {
            return Err(Error::new(ErrorKind::Input, "Filerne er vokset fra det tidligere resultat")
                .hint("Der er så mange nye rækker, at dets nøgler ville sammenligne alt for mange par.")
                .hint("Lær forfra: samkor link uden --tidligere."));
        }
        Ok(blocks)
    }

    fn model(&self, comparisons: &[Comparison], patterns: &[Pattern]) -> Result<Model> {
        let records = self.records;
        let households = household::can_be_seen(comparisons, self.settings);
        #[expect(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^52")]
        let (pairs, rows) = (records.pairs() as f64, records.left.min(records.len() - records.left).max(1) as f64);
        let expected = if records.two_files {
            rows / 2.0
        } else {
            f64::from(u32::try_from(records.len()).unwrap_or(u32::MAX)) / 4.0
        };
        let limit = self.settings.rounds;
        let start = Start { pairs, person: (expected / pairs).min(0.1), households, limit };
        let model = Model::learn(comparisons, patterns, start);
        if model.settled {
            return Ok(model);
        }
        Err(Error::new(ErrorKind::Input, format!("Vægtene faldt ikke til ro på {limit} runder"))
            .hint(
                "Som regel er der for få eller for ens kolonner: tag flere med, eller fjern dem, der siger det samme.",
            )
            .hint("Er der næsten ingen personer fælles for de to filer, kan vægtene ikke læres af dem."))
    }

    /// Weighs all pairs that meet; those known earlier only if they do so still.
    fn weigh(&self, judge: &Judge<'_>, blocks: &Blocks, seen: &[Vec<u64>], pool: &Pool) -> Weighed {
        let units = blocks.units();
        let known = self.earlier.as_ref().and_then(|earlier| earlier.known);
        let Some(known) = known else { return judge.weigh(blocks, &units, seen, |_, _| true, pool) };
        let was_there: Vec<bool> =
            (0..).take(self.records.len()).map(|row| self.records.is_among(row, known.rows)).collect();
        let is_new = |one: u32, other: u32| !(was_there[one as usize] && was_there[other as usize]);
        let mut weighed = judge.weigh(blocks, &units, seen, is_new, pool);
        let still = known.pairs.iter().copied().filter(|&(one, other)| !is_new(one, other) && blocks.meet(one, other));
        let old = judge.weigh_pairs(still);
        weighed.links.extend(old.links);
        weighed.ruled += old.ruled;
        weighed
    }

    /// Applies the decisions to the links; returns how many pairs they changed.
    fn bind(&self, judge: &Judge<'_>, links: &mut Vec<Link>) -> u64 {
        let before = links.len();
        links.retain(|link| !self.bonds.are_apart(link.left, link.right));
        let mut changed = (before - links.len()) as u64;
        for link in &mut *links {
            link.bound = self.bonds.are_together(link.left, link.right);
        }
        for (one, other) in self.bonds.together() {
            let place = links.binary_search_by_key(&(one, other), |link| (link.left, link.right));
            if let Err(place) = place {
                links.insert(place, Link { bound: true, ..judge.link(one, other) });
                changed += 1;
            }
        }
        changed
    }

    fn refuse_the_trap(&self, counts: &Counts) -> Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "counts of links are far below 2^52")]
        let share = counts.same_address_other_name as f64 / counts.links.max(1) as f64;
        if share <= household::TRAPPED || self.settings.households {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Input, "Vægtene forveksler personer med deres husstand")
            .hint("Mere end hver femte forbindelse har samme adresse og forskelligt fornavn.")
            .hint("Tag fødselsdato eller personnummer med, eller søg efter husstande med forvalg = \"husstand\"."))
    }
}

/// A share of all pairs as a count, rounded.
fn expected(share: f64, records: &Records) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of pairs, for people"
    )]
    let pairs = (share * records.pairs() as f64).round() as u64;
    pairs
}
