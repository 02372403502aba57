//! `samkor evaluate`: the pairs of a link against a truth that the user has.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::link::{Input, Row};
use crate::{
    base::{Error, ErrorKind, Result},
    matching,
};

/// What to compare.
#[derive(Clone, Debug)]
pub struct EvaluateRequest {
    /// The pairs: `par.csv` of `samkor link`, or any CSV with two columns of identifiers.
    pub pairs: PathBuf,
    /// The truth: one file with a column that is equal for rows of one person, or a list of pairs.
    pub truth: PathBuf,
    /// The truth of the right file, when it is another.
    pub right: Option<PathBuf>,
    /// The column that names the row; without it the rows' numbers count.
    pub id: Option<String>,
    /// The column that is equal for rows of one person.
    pub cluster: Option<String>,
    /// The column that is equal for rows of one household.
    pub household: Option<String>,
    /// Only rows whose column has this value count.
    pub only: Option<(String, String)>,
}

/// Right, found and true pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Pairs found that are true.
    pub right: u64,
    /// Pairs found.
    pub found: u64,
    /// True pairs.
    pub truth: u64,
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^52")]
impl Score {
    /// Right among found.
    #[must_use]
    pub fn precision(self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    /// Right among true.
    #[must_use]
    pub fn recall(self) -> f64 {
        if self.truth == 0 { 1.0 } else { self.right as f64 / self.truth as f64 }
    }

    /// The harmonic mean of both.
    #[must_use]
    pub fn f1(self) -> f64 {
        if self.found + self.truth == 0 { 1.0 } else { 2.0 * self.right as f64 / (self.found + self.truth) as f64 }
    }
}

/// How good the pairs of one tier or rule are. Recall is against all true pairs: what the others found counts as missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The tier or rule; empty when the file says none.
    pub name: String,
    /// Its pairs.
    pub score: Score,
    /// Its wrong pairs of one household.
    pub same_household: Option<u64>,
}

/// How good the pairs are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// The pairs as they stand.
    pub pairs: Score,
    /// All pairs within the groups that the pairs make.
    pub clustered: Score,
    /// Wrong pairs of one household.
    pub same_household: Option<u64>,
    /// By the tier that made them (column `trin`), when the file tells.
    pub by_tier: Vec<Part>,
    /// By the rule that made them (column `regel`).
    pub by_rule: Vec<Part>,
    /// Pairs of rows that the truth does not know, left out.
    pub unknown: u64,
}

/// A row: its file (0 left, 1 right) and what names it.
type Name = (u8, String);

/// What is known to be true.
struct Truth {
    two_files: bool,
    /// Row to person and household.
    rows: BTreeMap<Name, (String, String)>,
    pairs: BTreeSet<(Name, Name)>,
    is_list: bool,
    by_number: bool,
}

impl Truth {
    fn read(request: &EvaluateRequest, two_files: bool, has_ids: bool) -> Result<Self> {
        let left = Input::read(&request.truth)?;
        let mut truth =
            Self { two_files, rows: BTreeMap::new(), pairs: BTreeSet::new(), is_list: false, by_number: false };
        let named = |name: &str| left.headings.iter().position(|heading| heading == name);
        if let (Some(one), Some(other)) = (named("venstre_id"), named("hoejre_id")) {
            truth.is_list = true;
            left.rows(|row| {
                let pair = truth.pair((0, row.get(one).to_owned()), (u8::from(two_files), row.get(other).to_owned()));
                truth.pairs.insert(pair);
                Ok(())
            })?;
            return Ok(truth);
        }
        truth.by_number = request.id.is_none() && !has_ids;
        truth.file(request, &left, 0)?;
        if two_files {
            match &request.right {
                Some(right) => truth.file(request, &Input::read(right)?, 1)?,
                None => truth.file(request, &left, 1)?,
            }
        }
        Ok(truth)
    }

    fn file(&mut self, request: &EvaluateRequest, input: &Input, side: u8) -> Result<()> {
        let known = |names: &[&str]| input.headings.iter().position(|heading| names.contains(&heading.as_str()));
        let cluster = match &request.cluster {
            Some(heading) => input.column(heading)?,
            None => known(&["cluster", "klynge", "facit", "person"]).ok_or_else(|| {
                Error::new(ErrorKind::Plan, format!("{} har ingen kolonne med facit", input.name))
                    .hint("Sig, hvilken kolonne der er ens for rækker om samme person: --klynge KOLONNE.")
                    .hint("Et facit kan også være en liste over par med kolonnerne venstre_id og hoejre_id.")
            })?,
        };
        let id = match (&request.id, self.by_number) {
            (Some(heading), _) => Some(input.column(heading)?),
            (None, true) => None,
            (None, false) => Some(
                known(&["unique_id", "rec_id", "record_id", "row_id", "id", "raekke_id", "uid"]).ok_or_else(|| {
                    Error::new(ErrorKind::Plan, format!("{} har ingen kolonne med rækkernes id", input.name))
                        .hint("Sig hvilken: --id KOLONNE.")
                })?,
            ),
        };
        let household = request.household.as_ref().and_then(|heading| known(&[heading.as_str()]));
        let only = match &request.only {
            Some((heading, value)) => Some((input.column(heading)?, value)),
            None => None,
        };
        let mut number = 0_u64;
        input.rows(|row| {
            number += 1;
            if only.is_none_or(|(column, value)| row.get(column) == value) && !row.get(cluster).is_empty() {
                let name = id.map_or_else(|| number.to_string(), |id| row.get(id).to_owned());
                let household = household.map_or_else(String::new, |column| row.get(column).to_owned());
                self.rows.insert((side, name), (row.get(cluster).to_owned(), household));
            }
            Ok(())
        })
    }

    fn pair(&self, one: Name, other: Name) -> (Name, Name) {
        if self.two_files || one <= other { (one, other) } else { (other, one) }
    }

    fn is_true(&self, pair: &(Name, Name)) -> bool {
        if self.is_list {
            return self.pairs.contains(pair);
        }
        let person = |name: &Name| self.rows.get(name).map(|(person, _)| person);
        person(&pair.0).is_some() && person(&pair.0) == person(&pair.1)
    }

    fn knows(&self, name: &Name) -> bool {
        self.is_list || self.rows.contains_key(name)
    }

    fn count(&self) -> u64 {
        if self.is_list {
            return self.pairs.len() as u64;
        }
        let mut persons: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for ((side, _), (person, _)) in &self.rows {
            persons.entry(person).or_default()[usize::from(*side)] += 1;
        }
        persons.values().map(|[left, right]| if self.two_files { left * right } else { left * (left - 1) / 2 }).sum()
    }

    fn one_household(&self, pair: &(Name, Name)) -> bool {
        let household =
            |name: &Name| self.rows.get(name).map(|(_, household)| household).filter(|household| !household.is_empty());
        household(&pair.0).is_some() && household(&pair.0) == household(&pair.1)
    }
}

/// Compares pairs with the truth.
///
/// # Errors
/// When a file cannot be read or lacks a column.
pub fn evaluate(request: &EvaluateRequest) -> Result<Evaluation> {
    let input = Input::read(&request.pairs)?;
    let named = |name: &str| input.headings.iter().position(|heading| heading == name);
    let (mut one, mut other) = (named("venstre_id").unwrap_or(0), named("hoejre_id").unwrap_or(1));
    let mut has_ids = true;
    if let (Some(left), Some(right)) = (named("venstre_raekke"), named("hoejre_raekke")) {
        let mut filled = false;
        input.rows(|row| {
            filled |= !row.get(one).is_empty() && !row.get(other).is_empty();
            Ok(())
        })?;
        if !filled || request.id.as_deref() == Some("raekke") {
            (one, other, has_ids) = (left, right, false);
        }
    }
    if input.headings.len() < 2 {
        return Err(Error::new(ErrorKind::Input, format!("{} har ikke to kolonner", input.name))
            .hint("Giv par.csv fra samkor link, eller en fil med to kolonner id."));
    }
    let request = EvaluateRequest { id: request.id.clone().filter(|id| id != "raekke"), ..request.clone() };
    let two_files = request.right.is_some();
    let truth = Truth::read(&request, two_files, has_ids)?;
    let mut evaluation = Evaluation::default();
    let mut pairs = BTreeSet::new();
    let (mut tiers, mut rules) = (Parts::new(named("trin")), Parts::new(named("regel")));
    let mut wrong_at_home = 0_u64;
    input.rows(|row| {
        let pair = truth.pair((0, row.get(one).to_owned()), (u8::from(two_files), row.get(other).to_owned()));
        if !truth.knows(&pair.0) || !truth.knows(&pair.1) {
            evaluation.unknown += 1;
            return Ok(());
        }
        let right = truth.is_true(&pair);
        let at_home = !right && truth.one_household(&pair);
        if pairs.insert(pair) {
            wrong_at_home += u64::from(at_home);
            tiers.take(row, right, at_home);
            rules.take(row, right, at_home);
        }
        Ok(())
    })?;
    let all = truth.count();
    let right = pairs.iter().filter(|pair| truth.is_true(pair)).count() as u64;
    evaluation.pairs = Score { right, found: pairs.len() as u64, truth: all };
    evaluation.clustered = clustered(&truth, &pairs, all);
    let with_households = request.household.is_some();
    evaluation.same_household = with_households.then_some(wrong_at_home);
    evaluation.by_tier = if tiers.column.is_some() { tiers.scored(all, with_households) } else { Vec::new() };
    evaluation.by_rule = rules.scored(all, with_households);
    Ok(evaluation)
}

/// Counts of pairs by what a column says.
struct Parts {
    column: Option<usize>,
    /// Right, found, wrong within a household.
    counts: BTreeMap<String, [u64; 3]>,
}

impl Parts {
    const fn new(column: Option<usize>) -> Self {
        Self { column, counts: BTreeMap::new() }
    }

    fn take(&mut self, row: &Row<'_>, right: bool, at_home: bool) {
        let name = self.column.map_or("", |column| row.get(column));
        let counts = self.counts.entry(name.to_owned()).or_default();
        for (count, holds) in counts.iter_mut().zip([right, true, at_home]) {
            *count += u64::from(holds);
        }
    }

    fn scored(self, truth: u64, with_households: bool) -> Vec<Part> {
        let part = |(name, [right, found, at_home]): (String, [u64; 3])| Part {
            name,
            score: Score { right, found, truth },
            same_household: with_households.then_some(at_home),
        };
        self.counts.into_iter().map(part).collect()
    }
}

/// All pairs within the groups that the pairs make, across the files where there are two.
fn clustered(truth: &Truth, pairs: &BTreeSet<(Name, Name)>, all: u64) -> Score {
    let names: Vec<&Name> =
        pairs.iter().flat_map(|(one, other)| [one, other]).collect::<BTreeSet<_>>().into_iter().collect();
    let number = |name: &Name| u32::try_from(names.binary_search(&name).unwrap_or(0)).unwrap_or(0);
    let edges: Vec<(u32, u32)> = pairs.iter().map(|(one, other)| (number(one), number(other))).collect();
    let mut members: BTreeMap<u32, Vec<&Name>> = BTreeMap::new();
    for (name, group) in names.iter().zip(matching::connected(&edges, names.len())) {
        members.entry(group).or_default().push(name);
    }
    let mut score = Score { truth: all, ..Score::default() };
    for group in members.values() {
        for (place, one) in group.iter().enumerate() {
            for other in &group[place + 1..] {
                if truth.two_files && one.0 == other.0 {
                    continue;
                }
                score.found += 1;
                score.right += u64::from(truth.is_true(&truth.pair((*one).clone(), (*other).clone())));
            }
        }
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_groups_are_scored() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path
        };
        let pairs = file(
            "par.csv",
            "venstre_raekke;venstre_id;hoejre_raekke;hoejre_id;trin;regel\n\
             1;a;2;b;1;nummer\n2;b;3;c;2;vægt\n4;d;5;e;2;vægt\n",
        );
        let truth = file("facit.csv", "id,cluster,hus\na,1,x\nb,1,x\nc,1,x\nd,2,y\ne,3,y\nf,3,z\n");
        let request = EvaluateRequest {
            pairs,
            truth,
            right: None,
            id: None,
            cluster: None,
            household: Some("hus".to_owned()),
            only: None,
        };
        let evaluation = evaluate(&request).expect("an evaluation");
        assert_eq!(evaluation.pairs, Score { right: 2, found: 3, truth: 4 });
        assert_eq!(evaluation.clustered, Score { right: 3, found: 4, truth: 4 });
        assert_eq!((evaluation.same_household, evaluation.unknown), (Some(1), 0));
        let part = |name: &str, right, found, wrong| Part {
            name: name.to_owned(),
            score: Score { right, found, truth: 4 },
            same_household: Some(wrong),
        };
        assert_eq!(evaluation.by_rule, [part("nummer", 1, 1, 0), part("vægt", 1, 2, 1)]);
        assert_eq!(evaluation.by_tier, [part("1", 1, 1, 0), part("2", 1, 2, 1)]);
        assert!((evaluation.by_rule[1].score.recall() - 0.25).abs() < 1e-12);
        let by_number = EvaluateRequest { id: Some("raekke".to_owned()), ..request };
        assert_eq!(evaluate(&by_number).expect("an evaluation").pairs, evaluation.pairs);
        assert!((evaluation.pairs.f1() - 4.0 / 7.0).abs() < 1e-12);
    }
}
