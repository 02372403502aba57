//! `samkor catalogue check PLAN`: what the exports have that the catalogue lacks, without key, persons and outputs.

use std::collections::BTreeMap;

use super::preparation::{self, Groundwork, Request};
use crate::{
    base::{Fault, Observer, Pool, Result},
    domain::{Ore, System},
    ingest::{self, FileInput, Lacking, MoneyReader, Outcome, ReadOptions},
    layout::{Field, Kind},
    plan::{Source, SourceFiles},
};

/// Places that are told of rows whose text stays inside.
const PLACES: usize = 10;

/// Something that the catalogue lacks, in one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The source's name in the plan.
    pub source: String,
    /// `konto`, `paragraf` or `ydelse`.
    pub kind: &'static str,
    /// The account or paragraph; `None` for text that is not shown.
    pub what: Option<String>,
    /// Rows.
    pub rows: u64,
    /// Their face amounts.
    pub ore: Ore,
    /// File and physical line of the first rows whose text is not shown.
    pub places: Vec<(String, u64)>,
}

/// What the exports of a plan have that its catalogue lacks, by source in the order of the plan and by what it is; what is
/// not shown stands last. `chunk_bytes` is 0 for the default.
///
/// # Errors
/// As a run before its first row, key and target left out; or when a file is not what its layout says.
pub fn catalogue_check(
    request: &Request,
    threads: usize,
    chunk_bytes: usize,
    observer: &dyn Observer,
) -> Result<Vec<Gap>> {
    let ground = preparation::lay(request)?;
    let pool = Pool::new(threads)?;
    let mut gaps = Vec::new();
    for source in ground.plan.sources.iter().filter(|source| source.system != System::Cpr) {
        let tables = &ground.layouts.get(&source.layout.value)?.tables;
        let kind = tables.first().and_then(|table| Lacking::kind(table.kind).map(|name| (table.kind, name)));
        if let Some((kind, name)) = kind {
            Search { ground: &ground, source, kind, name, chunk_bytes }.gaps(&pool, observer, &mut gaps)?;
        }
    }
    Ok(gaps)
}

/// The search of one source.
struct Search<'a> {
    ground: &'a Groundwork,
    source: &'a Source,
    kind: Kind,
    name: &'static str,
    chunk_bytes: usize,
}

impl Search<'_> {
    fn gaps(&self, pool: &Pool, observer: &dyn Observer, gaps: &mut Vec<Gap>) -> Result<()> {
        let mut shown: BTreeMap<Lacking, (u64, Ore)> = BTreeMap::new();
        let mut hidden = self.gap(None, (0, Ore::ZERO));
        for (file, path) in (0..).zip(self.files()) {
            let name = self.ground.plan.name_of(path);
            let mut faults: Vec<Fault> = Vec::new();
            let input = FileInput {
                path,
                name: &name,
                source: self.source.id,
                file,
                layout: self.ground.layouts.get(&self.source.layout.value)?,
                layouts: &self.ground.layouts,
                options: ReadOptions {
                    encoding: self.source.encoding,
                    delimiter: self.source.delimiter,
                    chunk_bytes: self.chunk_bytes,
                },
            };
            let convert = |record: &ingest::Record<'_>, amount| match self.lacking(record, amount) {
                Some(Lacking::Hidden(field)) => Err(Lacking::mark(field)),
                Some(known) => Ok(Outcome::Row((known, amount))),
                None => Ok(Outcome::SortedOut),
            };
            let take = |rows: Vec<(Lacking, Ore)>| {
                for (what, amount) in rows {
                    let (rows, ore) = shown.entry(what).or_default();
                    *rows += 1;
                    *ore = ore.plus(amount)?;
                }
                Ok(())
            };
            ingest::read_file(input, pool, observer, convert, take, &mut faults)?;
            for fault in faults.iter().filter(|fault| fault.code == Lacking::MARK) {
                hidden.rows += 1;
                hidden.ore = hidden.ore.plus(fault.ore.unwrap_or_default())?;
                if hidden.places.len() < PLACES {
                    hidden.places.push((name.clone(), fault.line));
                }
            }
        }
        gaps.extend(shown.into_iter().map(|(what, sums)| self.gap(what.text(), sums)));
        gaps.extend((hidden.rows > 0).then_some(hidden));
        Ok(())
    }

    /// What a row has and the catalogue lacks. A row that cannot be read is the run's to set aside.
    fn lacking(&self, record: &ingest::Record<'_>, amount: Ore) -> Option<Lacking> {
        let catalogue = &self.ground.catalogue;
        if self.kind == Kind::Tariffs {
            let Ok(Outcome::Row(row)) = ingest::read_tariff(record, amount, catalogue) else { return None };
            let unknown = row.service == catalogue.unknown_benefit();
            return unknown.then_some(Lacking::Hidden(Field::ServiceCode));
        }
        let reader = MoneyReader { catalogue, system: self.source.system };
        let Ok(Outcome::Row(row)) = reader.read(record, amount) else { return None };
        Lacking::of(record, &row, catalogue).ok().flatten()
    }

    fn gap(&self, what: Option<String>, (rows, ore): (u64, Ore)) -> Gap {
        Gap { source: self.source.name.value.clone(), kind: self.name, what, rows, ore, places: Vec::new() }
    }

    fn files(&self) -> impl Iterator<Item = &std::path::PathBuf> {
        let of_source = |input: &&SourceFiles| input.source == self.source.id;
        self.ground.inputs.iter().filter(of_source).flat_map(|input| &input.files)
    }
}
