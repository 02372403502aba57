//! Properties of the match as a whole: going on from an earlier result equals a run over all rows, decisions hold, what
//! does not settle is an error.

use proptest::prelude::*;

use super::{
    Bonds, Collector, Comparison, Counts, Earlier, Job, Keys, Kind, Known, Learnt, Outcome, Records, Relation, Rule,
    Settings, draw::Draw, link,
};
use crate::base::{Pool, Result, Silent};

const KINDS: [Kind; 6] = [Kind::Given, Kind::Family, Kind::Date, Kind::Street, Kind::Number, Kind::City];

/// Made-up rows, about one in three of them a second, damaged row of a person; some towns are so large that their blocks
/// are split.
fn rows(count: usize, seed: u64) -> Vec<[String; 6]> {
    let mut draw = Draw::new(seed);
    let mut pick = |words: u64| usize::try_from(draw.below(words)).expect("small");
    let (givens, families) =
        (["an", "bo", "ka", "li", "mo", "su", "ty", "vi"], ["holm", "lund", "ravn", "skov", "dahl"]);
    let mut rows: Vec<[String; 6]> = Vec::new();
    while rows.len() < count {
        let date = format!("19{:02}-{:02}-{:02}", 40 + pick(50), 1 + pick(12), 1 + pick(28));
        let row = [
            format!("{}{}{}", givens[pick(8)], givens[pick(8)], ["a", "e", "us"][pick(3)]),
            format!("{}{}", families[pick(5)], ["sen", "gaard", "strup", ""][pick(4)]),
            date,
            format!("{}{}vej", families[pick(5)], ["e", "s", ""][pick(3)]),
            (1 + pick(60)).to_string(),
            ["Byen", "Byen", "Byen", "Landet", "Øen"][pick(5)].to_owned(),
        ];
        rows.push(row.clone());
        if pick(3) == 0 {
            let mut again = row;
            match pick(4) {
                0 => again[0].push('x'),
                1 => again[1].insert(1, 'h'),
                2 => again[2].clear(),
                _ => again[4] = (1 + pick(60)).to_string(),
            }
            rows.push(again);
        }
    }
    rows
}

fn collector<'a>(rows: impl Iterator<Item = &'a [String; 6]>) -> Collector {
    let mut collector = Collector::new(&KINDS);
    for row in rows {
        collector.push(row.iter().map(String::as_str));
    }
    collector
}

#[expect(clippy::unnecessary_wraps, reason = "the engine's rules may fail")]
fn no_rules(_: &[Comparison]) -> Result<Vec<Rule>> {
    Ok(Vec::new())
}

/// What a result says in terms of the files: pairs of row numbers with their weights, and groups of row numbers.
type Said = (Vec<(u32, u32, i64)>, Vec<Vec<(bool, u32)>>, Vec<(u32, u32)>);

fn said(records: &Records, outcome: &Outcome) -> Said {
    let links = outcome.links.iter();
    let links = links.map(|link| (records.origin(link.left), records.origin(link.right), link.weight.0)).collect();
    let mut groups = std::collections::BTreeMap::<u32, Vec<(bool, u32)>>::new();
    for (place, &group) in (0..).zip(&outcome.groups) {
        groups.entry(group).or_default().push((place as usize >= records.left, records.origin(place)));
    }
    let mut groups: Vec<Vec<(bool, u32)>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort_unstable();
    let candidates = outcome.candidates.iter();
    (links, groups, candidates.map(|&(one, other)| (records.origin(one), records.origin(other))).collect())
}

fn go_on<'a>(records: &'a Records, settings: &'a Settings, bonds: &'a Bonds, earlier: Earlier<'a>) -> Job<'a> {
    Job { records, settings, rules: &no_rules, bonds, earlier: Some(earlier), observer: &Silent }
}

/// Links the first rows, then goes on with more rows in steps; every step must say what a run over all rows says that has
/// learnt the same.
fn extends(left: &[[String; 6]], right: Option<&[[String; 6]]>, steps: &[[usize; 2]], pool: &Pool) -> (Learnt, Counts) {
    let (settings, bonds) = (Settings::default(), Bonds::default());
    let files =
        |rows: [usize; 2]| (collector(left[..rows[0]].iter()), right.map(|right| collector(right[..rows[1]].iter())));
    let (one, other) = files(steps[0]);
    let records = Records::new(one, other, pool);
    let first = link(&records, &settings, &no_rules, pool).expect("links");
    let json = serde_json::to_string(&first.learnt).expect("JSON");
    let learnt: Learnt = serde_json::from_str(&json).expect("what was written");
    assert_eq!(learnt, first.learnt, "to the last bit");
    // The same rows again, with what was learnt from them, say the same.
    let (one, other) = files(steps[0]);
    let records_again = Records::again(one, other, &learnt.basis, pool).expect("the same columns");
    let all = go_on(&records_again, &settings, &bonds, Earlier { learnt: &learnt, known: None });
    assert_eq!(said(&records_again, &all.run(pool).expect("links")), said(&records, &first));
    let (mut known, mut counts) = (said(&records, &first).2, Counts::default());
    for step in steps.windows(2) {
        let (one, other) = files(step[1]);
        let records = Records::again(one, other, &learnt.basis, pool).expect("the same columns");
        let places = records.places();
        let mut pairs: Vec<(u32, u32)> = known
            .iter()
            .map(|&(one, other)| {
                let (one, other) = (places[0][one as usize], places[usize::from(records.two_files)][other as usize]);
                (one.min(other), one.max(other))
            })
            .collect();
        pairs.sort_unstable();
        let known_pairs = Known { pairs: &pairs, rows: step[0] };
        let onward = go_on(&records, &settings, &bonds, Earlier { learnt: &learnt, known: Some(known_pairs) });
        let onward = onward.run(pool).expect("links");
        let all = go_on(&records, &settings, &bonds, Earlier { learnt: &learnt, known: None });
        let all = all.run(pool).expect("links");
        assert_eq!(said(&records, &onward), said(&records, &all), "{step:?}");
        assert_eq!(onward.learnt, all.learnt);
        assert!(onward.counts.compared < all.counts.compared || step[0] == [0, 0], "old pairs are not compared again");
        (known, counts) = (said(&records, &onward).2, onward.counts);
    }
    (learnt, counts)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(5), ..ProptestConfig::default()
    })]

    #[test]
    fn new_rows_extend_an_earlier_result_in_one_file(seed in 0_u64..1000, first in 300_usize..900, second in 0_usize..300) {
        let pool = Pool::new(2).expect("threads");
        let rows = rows(1300, seed);
        extends(&rows, None, &[[first, 0], [first + second, 0], [rows.len(), 0]], &pool);
    }

    #[test]
    fn new_rows_extend_an_earlier_result_in_two_files(seed in 0_u64..1000, first in 200_usize..500, second in 200_usize..500) {
        let pool = Pool::new(2).expect("threads");
        let all = rows(1200, seed);
        let (left, right): (Vec<_>, Vec<_>) = all.chunks(2).filter(|pair| pair.len() == 2).map(|pair| (pair[0].clone(), pair[1].clone())).unzip();
        let ends = [left.len(), right.len()];
        extends(&left, Some(&right), &[[first.min(ends[0]), second.min(ends[1])], [ends[0], second.min(ends[1])], ends], &pool);
    }
}

/// With so many rows that keys are picked, and so large towns that blocks are split: more rows split them further.
#[test]
fn new_rows_extend_an_earlier_result_under_keys() {
    let pool = Pool::new(2).expect("threads");
    let rows = rows(4_000, 77);
    let (learnt, counts) = extends(&rows, None, &[[1_800, 0], [2_600, 0], [rows.len(), 0]], &pool);
    assert!(matches!(&learnt.keys, Keys::Parts(keys) if keys.len() > 3), "{:?}", learnt.keys);
    assert!(counts.compared > 0 && counts.links > 300, "{counts:?}");
}

#[test]
fn files_that_outgrew_the_earlier_result_are_refused() {
    let pool = Pool::new(2).expect("threads");
    let (settings, bonds) = (Settings::default(), Bonds::default());
    let rows = rows(3_200, 3);
    let records = Records::new(collector(rows[..300].iter()), None, &pool);
    let first = link(&records, &settings, &no_rules, &pool).expect("links");
    assert_eq!(first.learnt.keys, Keys::All);
    let records = Records::again(collector(rows.iter()), None, &first.learnt.basis, &pool).expect("columns");
    let refused = go_on(&records, &settings, &bonds, Earlier { learnt: &first.learnt, known: None }).run(&pool);
    assert!(refused.is_err_and(|error| error.to_string().contains("vokset fra")));
    assert!(Records::again(Collector::new(&[Kind::Date]), None, &first.learnt.basis, &pool).is_none(), "other columns");
}

#[test]
fn decisions_stand_above_weights_rules_and_relation() {
    let pool = Pool::new(2).expect("threads");
    let settings = Settings::default();
    let rows = rows(900, 12);
    let records = Records::new(collector(rows.iter()), None, &pool);
    let run = |bonds: &Bonds| {
        let job =
            Job { records: &records, settings: &settings, rules: &no_rules, bonds, earlier: None, observer: &Silent };
        job.run(&pool).expect("links")
    };
    let free = run(&Bonds::default());
    let heaviest = free.links[0];
    let strangers = (0..900).find(|row| free.groups[*row as usize] != free.groups[0]).expect("another person");
    let decisions = [(heaviest.right, heaviest.left, false), (0, strangers, true)];
    let bonds = Bonds::new(decisions, records.len()).expect("no contradiction");
    let bound = run(&bonds);
    let together =
        |outcome: &Outcome, one: u32, other: u32| outcome.groups[one as usize] == outcome.groups[other as usize];
    assert!(together(&free, heaviest.left, heaviest.right) && !together(&bound, heaviest.left, heaviest.right));
    assert!(together(&bound, 0, strangers));
    assert_eq!(bound.counts.bound, 2);
    let decided = bound.links.iter().find(|link| link.bound).expect("the decided link");
    assert_eq!((decided.left, decided.right, bound.rule_of(decided)), (0, strangers, "bundet"));
    assert_eq!(free.candidates, bound.candidates, "what later rows go on from knows nothing of decisions");
}

#[test]
fn a_row_has_as_many_partners_as_the_relation_says() {
    let pool = Pool::new(2).expect("threads");
    let left = rows(400, 21);
    // Every third left row stands twice on the right.
    let right: Vec<[String; 6]> = left
        .iter()
        .enumerate()
        .flat_map(|(place, row)| std::iter::repeat_n(row.clone(), 1 + usize::from(place % 3 == 0)))
        .collect();
    let partners = |relation| {
        let records = Records::new(collector(left.iter()), Some(collector(right.iter())), &pool);
        let outcome = link(&records, &Settings { relation, ..Settings::default() }, &no_rules, &pool).expect("links");
        let most = |side: fn(&super::Link) -> u32| {
            let mut rows: Vec<u32> = outcome.links.iter().map(side).collect();
            rows.sort_unstable();
            rows.chunk_by(|one, other| one == other).map(<[u32]>::len).max().unwrap_or(0)
        };
        (outcome.learnt.relation, most(|link| link.left), most(|link| link.right))
    };
    assert_eq!(partners(Relation::OneToOne), (Relation::OneToOne, 1, 1));
    let (_, of_left, of_right) = partners(Relation::OneToMany);
    assert!(of_left > 1 && of_right == 1, "{of_left} {of_right}");
    assert_eq!(partners(Relation::Auto).0, Relation::ManyToMany, "left rows that stand twice are several persons' too");
}

#[test]
fn what_does_not_settle_is_an_error() {
    let pool = Pool::new(2).expect("threads");
    let rows = rows(500, 4);
    let records = Records::new(collector(rows.iter()), None, &pool);
    let run = |rounds| link(&records, &Settings { rounds, ..Settings::default() }, &no_rules, &pool);
    let rounds = run(super::model::LIMIT).expect("links").learnt.model.rounds;
    assert!(run(rounds).is_ok());
    assert!(run(rounds - 1).is_err_and(|error| error.to_string().contains("faldt ikke til ro")));
}

#[test]
fn households_are_seen_and_told() {
    let pool = Pool::new(2).expect("threads");
    let rows = rows(500, 4);
    // Everybody has a housemate of another name and age.
    let homes: Vec<[String; 6]> = rows
        .iter()
        .zip(rows.iter().skip(60))
        .flat_map(|(row, other)| {
            let mut mate = row.clone();
            (mate[0], mate[2]) = (other[0].clone(), other[2].clone());
            [row.clone(), mate]
        })
        .collect();
    let records = Records::new(collector(homes.iter()), None, &pool);
    let settings = Settings::default();
    let fine = link(&records, &settings, &no_rules, &pool).expect("persons");
    assert!(fine.counts.households.is_some_and(|pairs| pairs > 100), "{:?}", fine.counts);
}
