//! `samkor link`: the weighed match on the user's own files.

mod changes;
mod decisions;
mod fields;
mod input;
mod output;
mod spec;
mod state;

use std::path::PathBuf;

pub use self::{
    changes::Change,
    input::{Input, Row},
};
use self::{
    fields::{Fields, Written},
    output::{CHANGES, Found},
    spec::Spec,
    state::{Collected, STATE, State},
};
use crate::{
    base::{Error, ErrorKind, Event, Files, Observer, Pool, Result},
    matching::{self, Bonds, Earlier, Job, Known, Outcome, Records},
};

/// What to link.
#[derive(Clone, Debug)]
pub struct LinkRequest {
    /// The left file, or the only one.
    pub left: PathBuf,
    /// The right file.
    pub right: Option<PathBuf>,
    /// The spec.
    pub spec: Option<PathBuf>,
    /// Whether households are looked for, by their written addresses.
    pub households: bool,
    /// Decided pairs.
    pub bonds: Option<PathBuf>,
    /// An earlier result that this one goes on from: its spec and weights apply.
    pub earlier: Option<PathBuf>,
    /// Whether pairs that the earlier result knew are compared again.
    pub afresh: bool,
    /// Where the result goes.
    pub out: PathBuf,
    /// Whether an earlier result there is replaced.
    pub replace: bool,
    /// Worker threads.
    pub threads: usize,
}

/// What came of it, in figures.
#[derive(Clone, Debug)]
pub struct LinkSummary {
    /// Rows of the left and the right file.
    pub rows: [u64; 2],
    /// Each compared column with its kind.
    pub columns: Vec<(String, &'static str)>,
    /// The relation that was applied.
    pub relation: &'static str,
    /// Groups of two rows or more.
    pub groups: u64,
    /// Rows in the largest group.
    pub largest: u64,
    /// Counts.
    pub counts: matching::Counts,
    /// The rules that forbid pairs.
    pub forbidding: Vec<String>,
    /// The least probability of a link.
    pub probability: f64,
    /// Rounds of learning.
    pub rounds: u32,
    /// Blocking keys with the pairs under each.
    pub keys: Vec<(String, u64)>,
    /// Pairs decided together and apart.
    pub decided: [u64; 2],
    /// Rows that the earlier result did not have, and lines of changes by kind.
    pub changes: Option<(u64, [(Change, u64); 3])>,
    /// The files that were written.
    pub written: Vec<&'static str>,
}

/// Links the files and writes the result.
///
/// # Errors
/// When an input, the spec or the target cannot be used, and those of [`Job::run`].
pub fn link(request: &LinkRequest, files: &Files, observer: &dyn Observer) -> Result<LinkSummary> {
    let earlier = request.earlier.as_deref().map(|directory| State::read(directory).map(|state| (directory, state)));
    let earlier = earlier.transpose()?;
    let spec = match (&earlier, &request.spec) {
        (Some((directory, state)), _) => state.spec(directory)?,
        (None, Some(path)) => Spec::read(path)?,
        (None, None) => Spec::default(),
    };
    let households = earlier.as_ref().map_or(request.households, |(_, state)| state.households);
    let settings = spec.settings(households)?;
    output::check(&request.out, request.replace)?;
    let pool = Pool::new(request.threads)?;
    stage(observer, "Læser filerne");
    let left = Input::read(&request.left)?;
    let right = request.right.as_deref().map(Input::read).transpose()?;
    let columns = match &earlier {
        Some((_, state)) => state.columns(&left, right.as_ref())?,
        None => spec.columns(&left, right.as_ref(), settings.households)?,
    };
    let ids = spec.ids(&left, right.as_ref())?;
    let fields = |input: &Input, id| Fields::of(input, &Written { id, more: spec.more(input)? });
    let (left_fields, right_fields) =
        (fields(&left, ids[0])?, right.as_ref().map(|right| fields(right, ids[1])).transpose()?);
    let first = |side: usize| earlier.as_ref().map(|(_, state)| state.rows[side]);
    let mut collected = vec![state::collect(&left, &columns, |column| column.left, first(0))?];
    if let Some(right) = &right {
        collected.push(state::collect(right, &columns, |column| column.right, first(1))?);
    }
    let names: Vec<String> = std::iter::once(&left).chain(&right).map(|input| input.name.clone()).collect();
    drop((left, right));
    if let Some((_, state)) = &earlier {
        state.refuse_other_rows(&names, &collected)?;
    }
    let rows = [0, 1].map(|side| collected.get(side).map_or(0, |file| file.rows.rows()));
    let digests: Vec<String> = collected.iter().map(|file| file.digest.clone()).collect();
    let records = records(collected, earlier.as_ref().map(|(_, state)| state), &pool)?;
    observer.event(Event::StageDone);
    let bonds = match &request.bonds {
        Some(path) => decisions::read(path, &left_fields, right_fields.as_ref(), &records)?,
        None => Bonds::default(),
    };
    let known = match &earlier {
        Some((directory, _)) if !request.afresh => state::candidates(directory, &records)?,
        _ => Vec::new(),
    };
    let goes_on = earlier.as_ref().map(|(_, state)| Earlier {
        learnt: &state.learnt,
        known: (!request.afresh).then_some(Known { pairs: &known, rows: state.rows }),
    });
    let rules = |comparisons: &[matching::Comparison]| spec.rules(comparisons);
    let job = Job { records: &records, settings: &settings, rules: &rules, bonds: &bonds, earlier: goes_on, observer };
    let outcome = job.run(&pool)?;
    stage(observer, "Skriver");
    let names = comparison_names(&outcome);
    let found =
        Found { records: &records, outcome: &outcome, left: &left_fields, right: right_fields.as_ref(), names: &names };
    let groups = found.groups();
    let mut tables = output::tables(&found, &groups, &pool)?;
    let mut changed = None;
    if let Some((directory, state)) = &earlier {
        let lines = changes::list(directory, &groups, records.two_files)?;
        tables.push((CHANGES, output::changes(&lines)?));
        let count = |change| (change, lines.iter().filter(|line| line.change == change).count() as u64);
        let new_rows = (rows[0] + rows[1]).saturating_sub(state.rows[0] + state.rows[1]) as u64;
        changed = Some((new_rows, [count(Change::Merged), count(Change::Split), count(Change::Renamed)]));
    }
    let state = State::new(spec.text().to_owned(), households, &columns, rows, &digests, outcome.learnt.clone());
    tables.push((STATE, state.bytes()?));
    output::write(&tables, &request.out, request.replace, files)?;
    observer.event(Event::StageDone);
    let sizes: Vec<u64> = groups.chunk_by(|one, other| one.0 == other.0).map(|group| group.len() as u64).collect();
    Ok(LinkSummary {
        rows: rows.map(|rows| rows as u64),
        columns: columns.iter().map(|column| (column.heading.clone(), column.kind.name())).collect(),
        relation: outcome.learnt.relation.name(),
        groups: sizes.iter().filter(|size| **size > 1).count() as u64,
        largest: sizes.iter().copied().max().unwrap_or(0),
        forbidding: outcome.rules.iter().filter(|rule| !rule.links).map(|rule| rule.name.clone()).collect(),
        counts: outcome.counts,
        probability: settings.probability,
        rounds: outcome.learnt.model.rounds,
        keys: outcome.keys,
        decided: bonds.counts(),
        changes: changed,
        written: tables.iter().map(|(name, _)| *name).collect(),
    })
}

fn stage(observer: &dyn Observer, name: &str) {
    observer.event(Event::Stage { name, total: None });
}

fn records(collected: Vec<Collected>, earlier: Option<&State>, pool: &Pool) -> Result<Records> {
    let mut sides = collected.into_iter().map(|file| file.rows);
    let (Some(left), right) = (sides.next(), sides.next()) else {
        return Err(Error::new(ErrorKind::Internal, "Der er ingen fil at forbinde"));
    };
    let Some(state) = earlier else { return Ok(Records::new(left, right, pool)) };
    Records::again(left, right, &state.learnt.basis, pool).ok_or_else(|| {
        Error::new(ErrorKind::Input, "Det tidligere resultat passer ikke til filernes kolonner")
            .hint("Lær forfra: samkor link uden --tidligere.")
    })
}

/// The comparisons' names, made different where two are the same.
fn comparison_names(outcome: &Outcome) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for comparison in &outcome.learnt.comparisons {
        let same = names
            .iter()
            .filter(|name| name.trim_end_matches(|letter: char| letter.is_ascii_digit()) == comparison.name())
            .count();
        names.push(if same == 0 { comparison.name().to_owned() } else { format!("{}{}", comparison.name(), same + 1) });
    }
    names
}
