//! Which pairs are compared at all. Rows that share a key meet in a block; keys are parts of values (a sound, a year, half
//! a number), alone or two together, picked by how many pairs they would give. A pair that meets under several keys is
//! compared under the first one only, and no list of pairs is ever kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{fold::sound, kind::Kind, records::Records};
use crate::base::Pool;

/// Pairs in one block above which the block is split by a further key.
const FULL: u64 = 20_000;
/// The most keys in use.
const MOST_KEYS: usize = 40;
/// How many pairs one task compares, about.
const UNIT: u64 = 1 << 15;

/// How many pairs may be compared.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// All keys together.
    pub pairs: u64,
}

impl Budget {
    /// Thirty pairs per row, and never less than a million.
    #[must_use]
    pub fn of(records: &Records) -> Self {
        Self { pairs: (records.len() as u64 * 30).max(1_000_000) }
    }
}

/// One key in use.
#[derive(Debug)]
pub struct Key {
    /// What the blocks share, for the report.
    pub name: String,
    /// Pairs that meet under it, also under other keys.
    pub pairs: u64,
    rows: Vec<u32>,
    starts: Vec<u32>,
}

/// Which keys were picked, without any row: enough to sort other rows into blocks in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keys {
    /// Every row meets every other.
    All,
    /// The parts of values that are keys, alone or two together, as places in the list of all parts.
    Parts(Vec<(usize, Option<usize>)>),
}

/// All keys with the rows' blocks.
#[derive(Debug)]
pub struct Blocks {
    /// The keys, the most telling first.
    pub keys: Vec<Key>,
    /// The same keys, without rows.
    pub picked: Keys,
    /// Pairs in blocks that stayed over-full after every split and were skipped.
    pub skipped: u64,
    groups: Vec<u32>,
    left: usize,
    two_files: bool,
}

/// Some blocks of one key: what one task compares.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    key: usize,
    from: usize,
    to: usize,
}

struct Built {
    key: Key,
    candidate: Candidate,
    groups: Vec<u32>,
    /// Pairs skipped.
    skipped: u64,
    /// Rows whose block was split.
    split: usize,
}

struct Atom {
    name: &'static str,
    field: usize,
    codes: Vec<u64>,
}

impl Blocks {
    /// Picks the keys and sorts the rows into blocks.
    #[must_use]
    pub fn new(records: &Records, budget: Budget, pool: &Pool) -> Self {
        if records.pairs() <= budget.pairs {
            return Self::all(records);
        }
        let mut blocks = Self::empty(records);
        let atoms = atoms(records, pool);
        let singles: Vec<Candidate> = (0..atoms.len()).map(|place| Candidate { first: place, second: None }).collect();
        let mut built = pool.map(&singles, |candidate| blocks.build(records, &atoms, *candidate));
        // A key whose blocks had to be split all over is no key by itself.
        built.retain(|built| built.split * 10 <= built.key.rows.len() && built.key.pairs <= budget.pairs / 8);
        built.sort_by_key(|built| built.key.pairs);
        let taken = blocks.take(built, budget.pairs * 6 / 10);
        let free: Vec<usize> = (0..atoms.len()).filter(|place| !taken.contains(place)).collect();
        let mut pairs = Vec::new();
        for (place, &first) in free.iter().enumerate() {
            for &second in &free[place + 1..] {
                if atoms[first].field != atoms[second].field {
                    pairs.push(Candidate { first, second: Some(second) });
                }
            }
        }
        // Of the keys from the same two fields the loosest ones that fit hold the others' pairs.
        let mut found: BTreeMap<(usize, usize), Vec<(u64, Candidate)>> = BTreeMap::new();
        for (pairs, candidate) in
            pool.map(&pairs, |candidate| (blocks.build(records, &atoms, *candidate).key.pairs, *candidate))
        {
            let fields = (atoms[candidate.first].field, candidate.second.map_or(0, |second| atoms[second].field));
            if pairs <= budget.pairs / 12 {
                found.entry(fields).or_default().push((pairs, candidate));
            }
        }
        let mut loosest: Vec<(u64, Candidate)> = Vec::new();
        for mut of_fields in found.into_values() {
            of_fields.sort_by_key(|(pairs, _)| std::cmp::Reverse(*pairs));
            loosest.extend(of_fields.into_iter().take(2));
        }
        loosest.sort_by_key(|(pairs, _)| *pairs);
        let loosest: Vec<Candidate> = loosest.into_iter().map(|(_, candidate)| candidate).collect();
        let mut built = Vec::new();
        let mut left = budget.pairs - blocks.meetings();
        for candidate in loosest.chunks(4) {
            for next in pool.map(candidate, |candidate| blocks.build(records, &atoms, *candidate)) {
                if next.key.pairs <= left && blocks.keys.len() + built.len() < MOST_KEYS {
                    left -= next.key.pairs;
                    built.push(next);
                }
            }
        }
        blocks.take(built, budget.pairs);
        blocks.transpose(records.len());
        blocks
    }

    /// Sorts the rows into blocks by keys that were picked for some of them earlier. Two rows that were there then and meet
    /// now met then: more rows can only split a block further. `None` when a key asks for a part that the records lack.
    #[must_use]
    pub fn again(records: &Records, picked: &Keys, pool: &Pool) -> Option<Self> {
        let Keys::Parts(picked) = picked else { return Some(Self::all(records)) };
        let mut blocks = Self::empty(records);
        let atoms = atoms(records, pool);
        for (first, second) in picked.iter().copied() {
            if first.max(second.unwrap_or(0)) >= atoms.len() {
                return None;
            }
        }
        for few in picked.chunks(4) {
            let built = pool.map(few, |&(first, second)| blocks.build(records, &atoms, Candidate { first, second }));
            for built in built {
                blocks.keep(built);
            }
        }
        blocks.transpose(records.len());
        Some(blocks)
    }

    fn empty(records: &Records) -> Self {
        Self {
            keys: Vec::new(),
            picked: Keys::Parts(Vec::new()),
            skipped: 0,
            groups: Vec::new(),
            left: records.left,
            two_files: records.two_files,
        }
    }

    fn all(records: &Records) -> Self {
        let rows: Vec<u32> = (0..u32::try_from(records.len()).unwrap_or(u32::MAX)).collect();
        let starts = vec![0, u32::try_from(rows.len()).unwrap_or(u32::MAX)];
        let mut blocks = Self { picked: Keys::All, groups: vec![1; rows.len()], ..Self::empty(records) };
        blocks.keys.push(Key { name: "alle par".to_owned(), pairs: records.pairs(), rows, starts });
        blocks
    }

    /// Takes keys while they fit; returns the single parts that became keys.
    fn take(&mut self, built: Vec<Built>, budget: u64) -> Vec<usize> {
        let mut singles = Vec::new();
        for built in built {
            if built.key.pairs == 0 || self.meetings() + built.key.pairs > budget || self.keys.len() == MOST_KEYS {
                continue;
            }
            singles.extend(built.candidate.second.is_none().then_some(built.candidate.first));
            self.keep(built);
        }
        singles
    }

    fn keep(&mut self, built: Built) {
        if let Keys::Parts(picked) = &mut self.picked {
            picked.push((built.candidate.first, built.candidate.second));
        }
        self.skipped += built.skipped;
        self.keys.push(built.key);
        self.groups.extend(built.groups);
    }

    /// Groups were gathered key by key; the check for the first key reads them row by row.
    fn transpose(&mut self, rows: usize) {
        let keys = self.keys.len();
        let mut transposed = vec![0; rows * keys];
        for key in 0..keys {
            for row in 0..rows {
                transposed[row * keys + key] = self.groups[key * rows + row];
            }
        }
        self.groups = transposed;
    }

    fn pairs_in(&self, rows: &[u32]) -> u64 {
        if self.two_files {
            let left = rows.partition_point(|row| (*row as usize) < self.left) as u64;
            left * (rows.len() as u64 - left)
        } else {
            let rows = rows.len() as u64;
            rows * (rows - 1) / 2
        }
    }

    fn build(&self, records: &Records, atoms: &[Atom], candidate: Candidate) -> Built {
        let first = &atoms[candidate.first];
        let second = candidate.second.map(|second| &atoms[second]);
        let code = |row: u32| {
            let row = records.row(row);
            let one = first.codes[row[first.field] as usize];
            let Some(second) = second else { return one };
            let other = second.codes[row[second.field] as usize];
            if one == 0 || other == 0 {
                0
            } else if first.name == "fornavns lyd" && second.name == "efternavns lyd" {
                mix(one.min(other), one.max(other))
            } else {
                mix(one, other)
            }
        };
        let mut coded: Vec<(u64, u32)> = (0..u32::try_from(records.len()).unwrap_or(u32::MAX))
            .map(|row| (code(row), row))
            .filter(|(code, _)| *code != 0)
            .collect();
        coded.sort_unstable();
        let name = second.map_or_else(|| first.name.to_owned(), |second| format!("{} + {}", first.name, second.name));
        let mut key = Key { name, pairs: 0, rows: Vec::new(), starts: vec![0] };
        let (mut skipped, mut split) = (0, 0);
        let mut waiting: Vec<(Vec<u32>, usize)> = Vec::new();
        for block in coded.chunk_by(|one, other| one.0 == other.0) {
            if block.len() < 2 {
                continue;
            }
            waiting.push((block.iter().map(|(_, row)| *row).collect(), 0));
            while let Some((rows, further)) = waiting.pop() {
                let pairs = self.pairs_in(&rows);
                if pairs == 0 {
                    continue;
                }
                if pairs <= FULL {
                    key.pairs += pairs;
                    key.rows.extend(rows);
                    key.starts.push(u32::try_from(key.rows.len()).unwrap_or(u32::MAX));
                    continue;
                }
                let Some(atom) = atoms.get(further) else {
                    skipped += pairs;
                    continue;
                };
                let mut coded: Vec<(u64, u32)> =
                    rows.iter().map(|&row| (atom.codes[records.row(row)[atom.field] as usize], row)).collect();
                coded.sort_unstable();
                split += if further == 0 { rows.len() } else { 0 };
                for part in coded.chunk_by(|one, other| one.0 == other.0).filter(|part| part.len() > 1) {
                    let rows: Vec<u32> = part.iter().map(|(_, row)| *row).collect();
                    if part[0].0 == 0 {
                        skipped += self.pairs_in(&rows);
                    } else {
                        waiting.push((rows, further + 1));
                    }
                }
            }
        }
        let mut groups = vec![0; records.len()];
        for (group, ends) in key.starts.windows(2).enumerate() {
            for &row in &key.rows[ends[0] as usize..ends[1] as usize] {
                groups[row as usize] = u32::try_from(group + 1).unwrap_or(u32::MAX);
            }
        }
        Built { key, candidate, groups, skipped, split }
    }

    /// Pairs that meet under the keys, those that meet several times counted each time.
    #[must_use]
    pub fn meetings(&self) -> u64 {
        self.keys.iter().map(|key| key.pairs).sum()
    }

    /// Whether two rows meet under any key.
    #[must_use]
    pub fn meet(&self, one: u32, other: u32) -> bool {
        let keys = self.keys.len();
        let of = |row: u32| &self.groups[row as usize * keys..(row as usize + 1) * keys];
        of(one).iter().zip(of(other)).any(|(one, other)| one == other && *one != 0)
    }

    /// Cuts the blocks into tasks of about the same size.
    #[must_use]
    pub fn units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        for (number, key) in self.keys.iter().enumerate() {
            let (mut from, mut pairs) = (0, 0);
            for to in 1..key.starts.len() {
                pairs += self.pairs_in(&key.rows[key.starts[to - 1] as usize..key.starts[to] as usize]);
                if pairs >= UNIT || to + 1 == key.starts.len() {
                    units.push(Unit { key: number, from, to });
                    (from, pairs) = (to, 0);
                }
            }
        }
        units
    }

    /// Hands every pair of the task that meets here first to the visitor; the left or lower row stands first. Pairs that
    /// `wanted` does not ask for are passed over before anything is looked at.
    pub fn visit(&self, unit: Unit, wanted: impl Fn(u32, u32) -> bool, mut visitor: impl FnMut(u32, u32)) {
        let key = &self.keys[unit.key];
        let keys = self.keys.len();
        let mut near: Vec<u32> = Vec::new();
        for ends in key.starts[unit.from..=unit.to].windows(2) {
            let rows = &key.rows[ends[0] as usize..ends[1] as usize];
            // What every pair of the block asks for stands together.
            near.clear();
            for &row in rows {
                near.extend_from_slice(&self.groups[row as usize * keys..row as usize * keys + unit.key]);
            }
            let earlier = |place: usize| &near[place * unit.key..(place + 1) * unit.key];
            let split = rows.partition_point(|row| (*row as usize) < self.left);
            let firsts = if self.two_files { &rows[..split] } else { rows };
            for (place, &one) in firsts.iter().enumerate() {
                let begin = if self.two_files { split } else { place + 1 };
                let groups = earlier(place);
                for (at, &other) in rows.iter().enumerate().skip(begin) {
                    if !wanted(one, other) {
                        continue;
                    }
                    let met = groups
                        .iter()
                        .zip(earlier(at))
                        .fold(0, |met, (one, other)| met | u32::from(one == other) & u32::from(*one != 0));
                    if met == 0 {
                        visitor(one, other);
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Candidate {
    first: usize,
    second: Option<usize>,
}

/// Mixes two codes into one; never 0.
const fn mix(one: u64, other: u64) -> u64 {
    let mut mixed = (one ^ other.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^= mixed >> 32;
    mixed = (mixed ^ other).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed ^ mixed >> 29) | 1
}

/// A code of some bytes; 0 for none.
fn code(bytes: &[u8]) -> u64 {
    if bytes.is_empty() {
        return 0;
    }
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |code, &byte| mix(code, u64::from(byte) + 1))
}

type Part = fn(&[u8]) -> u64;

/// The parts of a field's values that can be keys, the most telling first.
fn parts(kind: Kind) -> &'static [(&'static str, Part)] {
    fn first_word(text: &[u8]) -> &[u8] {
        text.split(|byte| *byte == b' ').next().unwrap_or_default()
    }
    fn longest_word(text: &[u8]) -> &[u8] {
        text.split(|byte| *byte == b' ').max_by_key(|word| word.len()).unwrap_or_default()
    }
    match kind {
        Kind::Id => &[
            ("id", code),
            ("id, første halvdel", |text| if text.len() < 6 { 0 } else { code(&text[..text.len() / 2]) }),
            (
                "id, anden halvdel",
                |text| if text.len() < 6 { 0 } else { mix(code(&text[text.len() - text.len() / 2..]), 1) },
            ),
        ],
        Kind::Date => &[
            ("dato", |text| {
                if text.len() != 8 {
                    return code(text);
                }
                let (month, day) = (&text[4..6], &text[6..]);
                mix(code(&text[..4]), mix(code(month.min(day)), code(month.max(day))))
            }),
            ("år og måned", |text| text.get(..6).map_or(0, code)),
            ("måned og dag", |text| text.get(4..8).map_or(0, |part| mix(code(part), 2))),
            ("år og dag", |text| if text.len() == 8 { mix(code(&text[..4]), code(&text[6..])) } else { 0 }),
        ],
        Kind::Given => &[
            ("fornavn", code),
            ("fornavns lyd", |text| mix_some(sound(first_word(text)))),
            ("fornavns begyndelse", |text| text.get(..3).map_or(0, code)),
        ],
        Kind::Family => &[
            ("efternavn", code),
            ("efternavns lyd", |text| mix_some(sound(longest_word(text)))),
            ("efternavns begyndelse", |text| text.get(..3).map_or(0, code)),
        ],
        Kind::Street => &[("vej", code), ("vejs lyd", |text| mix_some(sound(longest_word(text))))],
        Kind::Number => &[("husnummer", code)],
        Kind::PostBox => &[("postboks", code)],
        Kind::Postcode => &[("postnummer", code)],
        Kind::City => &[("by", |text| mix_some(sound(longest_word(text))))],
        Kind::Email => &[
            ("email", code),
            ("emails navn", |text| text.split(|byte| *byte == b'@').next().map_or(0, code)),
            ("emails vært", |text| text.split(|byte| *byte == b'@').nth(1).map_or(0, code)),
        ],
        Kind::Phone => {
            &[("telefon", code), ("telefons slutning", |text| text.get(text.len().saturating_sub(4)..).map_or(0, code))]
        }
        Kind::Text => &[("tekst", code), ("teksts lyd", |text| mix_some(sound(longest_word(text))))],
        Kind::Middle => &[("mellemnavns bogstav", |text| text.first().map_or(0, |letter| u64::from(*letter)))],
        Kind::Sex | Kind::Code | Kind::Unit | Kind::Region | Kind::FullName => &[],
    }
}

fn mix_some(code: u64) -> u64 {
    if code == 0 { 0 } else { mix(code, 3) }
}

fn atoms(records: &Records, pool: &Pool) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (field, held) in records.fields.iter().enumerate() {
        let numbers: Vec<u32> = (0..u32::try_from(held.values.len()).unwrap_or(u32::MAX)).collect();
        for (name, part) in parts(held.kind) {
            let codes = pool.map(&numbers, |&value| if value == 0 { 0 } else { part(held.values.text(value)) });
            atoms.push(Atom { name, field, codes });
        }
    }
    atoms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::records::Collector;

    #[test]
    fn every_pair_is_visited_once_and_all_that_share_a_key() {
        let pool = Pool::new(2).expect("threads");
        let mut collectors = [Collector::new(&[Kind::Given, Kind::Date]), Collector::new(&[Kind::Given, Kind::Date])];
        for row in 0..400_u32 {
            let given = ["anne", "bo", "carl", "dorte", "emil"][(row % 5) as usize];
            let date = format!("19{:02}0{}{:02}", row * 7 % 31 + 50, row * 5 % 9 + 1, row * 3 % 27 + 1);
            collectors[(row % 2) as usize].push([given, date.as_str()]);
        }
        let [left, right] = collectors;
        let records = Records::new(left, Some(right), &pool);
        let blocks = Blocks::new(&records, Budget { pairs: 20_000 }, &pool);
        assert!(blocks.keys.len() > 1, "{:?}", blocks.keys);
        let mut seen = BTreeMap::new();
        for unit in blocks.units() {
            blocks.visit(unit, |_, _| true, |one, other| *seen.entry((one, other)).or_insert(0) += 1);
        }
        assert!(seen.values().all(|count| *count == 1));
        let keys = blocks.keys.len();
        for one in 0..200_u32 {
            for other in 200..400_u32 {
                let share = (0..keys).any(|key| {
                    let group = |row: u32| blocks.groups[row as usize * keys + key];
                    group(one) == group(other) && group(one) != 0
                });
                assert_eq!(share, seen.contains_key(&(one, other)));
            }
        }
    }
}
