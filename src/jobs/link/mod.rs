//! `samkor link`: the weighed match on the user's own files.

mod input;
mod output;
mod spec;

use std::path::PathBuf;

pub use self::input::Input;
use self::{
    output::{Fields, Written},
    spec::{Compared, Spec, refuse_cpr},
};
use crate::{
    base::{Event, Files, Observer, Pool, Result},
    matching::{self, Collector, Kind, Outcome, Records},
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
    /// The least probability of a link.
    pub probability: f64,
    /// Rounds of learning.
    pub rounds: u32,
    /// Blocking keys with the pairs under each.
    pub keys: Vec<(String, u64)>,
}

/// What the tables are written from, beside the records and the outcome.
#[derive(Debug)]
struct Linked {
    left: Fields,
    right: Option<Fields>,
    names: Vec<String>,
}

/// Links the files and writes the result.
///
/// # Errors
/// When an input, the spec or the target cannot be used, and those of [`matching::link`].
pub fn link(request: &LinkRequest, files: &Files, observer: &dyn Observer) -> Result<LinkSummary> {
    let spec = request.spec.as_deref().map(Spec::read).transpose()?.unwrap_or_default();
    let settings = spec.settings(request.households)?;
    output::check(&request.out, request.replace)?;
    let pool = Pool::new(request.threads)?;
    stage(observer, "Læser filerne");
    let left = Input::read(&request.left)?;
    let right = request.right.as_deref().map(Input::read).transpose()?;
    let columns = spec.columns(&left, right.as_ref(), settings.households)?;
    let ids = spec.ids(&left, right.as_ref())?;
    let more = |input: &Input| -> Result<Vec<usize>> {
        let columns: Vec<usize> = spec.medtag.iter().map(|heading| input.column(heading)).collect::<Result<_>>()?;
        columns.iter().try_for_each(|column| refuse_cpr(input, *column))?;
        Ok(columns)
    };
    let fields = |input: &Input, id| Fields::of(input, &Written { id, more: more(input)? });
    let (left_fields, right_fields) =
        (fields(&left, ids[0])?, right.as_ref().map(|right| fields(right, ids[1])).transpose()?);
    let kinds: Vec<Kind> = columns.iter().map(|column| column.kind).collect();
    let left_rows = collect(&left, &kinds, &columns, |column| column.left)?;
    drop(left);
    let right_rows = right.as_ref().map(|right| collect(right, &kinds, &columns, |column| column.right)).transpose()?;
    drop(right);
    let rows = [left_rows.rows() as u64, right_rows.as_ref().map_or(0, |rows| rows.rows() as u64)];
    observer.event(Event::StageDone);
    stage(observer, "Sammenligner");
    let records = Records::new(left_rows, right_rows, &pool);
    let outcome = matching::link(&records, &settings, &|comparisons| spec.rules(comparisons), &pool)?;
    observer.event(Event::StageDone);
    stage(observer, "Skriver");
    let linked = Linked { left: left_fields, right: right_fields, names: names(&outcome) };
    let tables = output::tables(&linked, &records, &outcome)?;
    output::write(&tables, &request.out, request.replace, files)?;
    observer.event(Event::StageDone);
    let mut groups = outcome.groups.clone();
    groups.sort_unstable();
    let sizes: Vec<u64> = groups.chunk_by(|one, other| one == other).map(|group| group.len() as u64).collect();
    Ok(LinkSummary {
        rows,
        columns: columns.iter().map(|column| (column.heading.clone(), column.kind.name())).collect(),
        relation: outcome.relation.name(),
        groups: sizes.iter().filter(|size| **size > 1).count() as u64,
        largest: sizes.iter().copied().max().unwrap_or(0),
        counts: outcome.counts,
        probability: settings.probability,
        rounds: outcome.model.rounds,
        keys: outcome.keys,
    })
}

fn stage(observer: &dyn Observer, name: &str) {
    observer.event(Event::Stage { name, total: None });
}

fn collect(input: &Input, kinds: &[Kind], columns: &[Compared], place: fn(&Compared) -> usize) -> Result<Collector> {
    let mut collector = Collector::new(kinds);
    input.rows(|row| {
        collector.push(columns.iter().map(|column| row.get(place(column))));
        Ok(())
    })?;
    Ok(collector)
}

/// The comparisons' names, made different where two are the same.
fn names(outcome: &Outcome) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for comparison in &outcome.comparisons {
        let same = names
            .iter()
            .filter(|name| name.trim_end_matches(|letter: char| letter.is_ascii_digit()) == comparison.name())
            .count();
        names.push(if same == 0 { comparison.name().to_owned() } else { format!("{}{}", comparison.name(), same + 1) });
    }
    names
}
