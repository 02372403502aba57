//! What a link writes: pairs with their weights, groups, the weights learnt, and what later rows are linked by. Row numbers,
//! identifiers and figures; fields only of columns that were asked for.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{
    changes::Line,
    fields::Fields,
    state::{CANDIDATES, STATE},
};
use crate::{
    base::{Error, ErrorKind, Files, Pool, Result},
    matching::{Outcome, Records, unpack},
    tables::{self, GroupRow, PairRow, RowName},
};

/// The changes against an earlier result.
pub const CHANGES: &str = "aendringer.csv";

/// Every file that a result can have.
const NAMES: [&str; 8] =
    ["par.csv", "par.parquet", "grupper.csv", "grupper.parquet", "vaegte.csv", CHANGES, STATE, CANDIDATES];

/// A file's name and bytes.
pub type Table = (&'static str, Vec<u8>);

/// What the tables are written from.
#[derive(Debug)]
pub struct Found<'a> {
    pub records: &'a Records,
    pub outcome: &'a Outcome,
    pub left: &'a Fields,
    pub right: Option<&'a Fields>,
    /// The comparisons' names.
    pub names: &'a [String],
}

impl Found<'_> {
    /// The name of a row, by its place in the records.
    pub fn row(&self, place: u32) -> RowName {
        let number = self.records.origin(place) + 1;
        match self.right {
            None => RowName::Only(number),
            Some(_) if (place as usize) < self.records.left => RowName::Left(number),
            Some(_) => RowName::Right(number),
        }
    }

    fn fields(&self, row: RowName) -> &Fields {
        match (row, self.right) {
            (RowName::Right(_), Some(right)) => right,
            _ => self.left,
        }
    }

    fn id(&self, row: RowName) -> &str {
        self.fields(row).id(row.number() - 1)
    }

    /// Each row's group, named by the group's first row: of the left file, if it has one. More rows at the ends of the files
    /// leave the name alone, as long as the group keeps its first row and gets none before it.
    pub fn groups(&self) -> Vec<(RowName, RowName)> {
        let rows = || (0..).take(self.outcome.groups.len()).map(|place| self.row(place));
        let mut names: Vec<Option<RowName>> = vec![None; self.outcome.groups.len()];
        for (row, &group) in rows().zip(&self.outcome.groups) {
            let name = &mut names[group as usize];
            *name = Some(name.map_or(row, |name| name.min(row)));
        }
        let mut groups: Vec<(RowName, RowName)> =
            rows().zip(&self.outcome.groups).map(|(row, &group)| (names[group as usize].unwrap_or(row), row)).collect();
        groups.sort_unstable();
        groups
    }

    fn pairs(&self) -> Vec<PairRow<'_>> {
        let outcome = self.outcome;
        let pair = |link: &crate::matching::Link| {
            let (one, other) = (self.records.row(link.left), self.records.row(link.right));
            let waterfall = outcome.weights.waterfall(link.vector, one, other);
            let comparisons = &outcome.learnt.comparisons;
            let level = |place: usize| comparisons[place].levels()[unpack(link.vector, place)];
            let rows = [link.left, link.right].map(|place| self.row(place));
            PairRow {
                rows,
                ids: rows.map(|row| self.id(row)),
                probability: link.weight.probability(),
                weight: link.weight.bits(),
                rule: outcome.rule_of(link),
                prior: waterfall.prior.bits(),
                parts: waterfall
                    .parts
                    .iter()
                    .enumerate()
                    .map(|(place, (_, weight))| (level(place), weight.bits()))
                    .collect(),
                household: waterfall.household.bits(),
            }
        };
        outcome.links.iter().map(pair).collect()
    }
}

/// The files and their bytes.
///
/// # Errors
/// When a table cannot be built, which is a fault of samkor.
pub fn tables(found: &Found<'_>, groups: &[(RowName, RowName)], pool: &Pool) -> Result<Vec<Table>> {
    let pairs = found.pairs();
    let mut tables =
        vec![("par.csv", pairs_csv(&pairs, found.names)?), ("par.parquet", tables::pairs(found.names, &pairs, pool)?)];
    drop(pairs);
    let rows: Vec<GroupRow<'_>> = groups
        .iter()
        .map(|&(group, row)| GroupRow { group, row, id: found.id(row), more: found.fields(row).more(row.number() - 1) })
        .collect();
    let headings = found.left.headings();
    tables.push(("grupper.csv", groups_csv(&rows, headings)?));
    tables.push(("grupper.parquet", tables::groups(headings, &rows, pool)?));
    tables.push(("vaegte.csv", weights(found)?));
    tables.push((CANDIDATES, candidates(found)?));
    Ok(tables)
}

fn table(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let failed = |error| Error::new(ErrorKind::Internal, "En tabel kan ikke dannes").because(error);
    write(&mut writer).map_err(failed)?;
    writer
        .into_inner()
        .map_err(|error| Error::new(ErrorKind::Internal, "En tabel kan ikke dannes").because(error.into_error()))
}

fn pairs_csv(pairs: &[PairRow<'_>], names: &[String]) -> Result<Vec<u8>> {
    table(|writer| {
        let mut header: Vec<String> = [
            "venstre_raekke",
            "venstre_id",
            "hoejre_raekke",
            "hoejre_id",
            "sandsynlighed",
            "vaegt",
            "regel",
            "udgangspunkt",
        ]
        .map(str::to_owned)
        .to_vec();
        for name in names {
            header.push(format!("{name}_niveau"));
            header.push(format!("{name}_vaegt"));
        }
        header.push("husstand_vaegt".to_owned());
        writer.write_record(&header)?;
        let bits = |weight: f64| format!("{weight:.4}");
        for pair in pairs {
            for (row, id) in pair.rows.iter().zip(pair.ids) {
                writer.write_field(row.number().to_string())?;
                writer.write_field(id)?;
            }
            writer.write_field(format!("{:.6}", pair.probability))?;
            writer.write_field(bits(pair.weight))?;
            writer.write_field(pair.rule)?;
            writer.write_field(bits(pair.prior))?;
            for (level, weight) in &pair.parts {
                writer.write_field(level)?;
                writer.write_field(bits(*weight))?;
            }
            writer.write_field(bits(pair.household))?;
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    })
}

fn groups_csv(rows: &[GroupRow<'_>], headings: &[String]) -> Result<Vec<u8>> {
    table(|writer| {
        let header = ["gruppe", "fil", "raekke", "id"];
        writer.write_record(header.into_iter().chain(headings.iter().map(String::as_str)))?;
        for row in rows {
            let (group, number) = (row.group.to_string(), row.row.number().to_string());
            let fields = [group.as_str(), row.row.file(), &number, row.id];
            writer.write_record(fields.into_iter().chain(row.more.iter().map(String::as_str)))?;
        }
        Ok(())
    })
}

fn weights(found: &Found<'_>) -> Result<Vec<u8>> {
    let learnt = &found.outcome.learnt;
    table(|writer| {
        writer.write_record([
            "sammenligning",
            "niveau",
            "blandt_samme_person",
            "blandt_samme_husstand",
            "blandt_andre",
            "vaegt",
        ])?;
        for (place, comparison) in learnt.comparisons.iter().enumerate() {
            let frequencies = &learnt.model.frequencies[place];
            for (level, name) in comparison.levels().iter().enumerate().skip(1) {
                let share = |share: f64| format!("{share:.8}");
                writer.write_record([
                    found.names[place].clone(),
                    (*name).to_owned(),
                    share(frequencies.person[level]),
                    if learnt.model.household > 0.0 { share(frequencies.household[level]) } else { String::new() },
                    share(frequencies.chance[level]),
                    format!("{:.4}", (frequencies.person[level] / frequencies.chance[level]).log2()),
                ])?;
            }
        }
        Ok(())
    })
}

fn candidates(found: &Found<'_>) -> Result<Vec<u8>> {
    let row = |place| found.row(place);
    let mut pairs: Vec<[RowName; 2]> = found
        .outcome
        .candidates
        .iter()
        .map(|&(one, other)| [row(one).min(row(other)), row(one).max(row(other))])
        .collect();
    pairs.sort_unstable();
    table(|writer| {
        writer.write_record(["venstre_raekke", "hoejre_raekke"])?;
        pairs.iter().try_for_each(|pair| writer.write_record(pair.map(|row| row.number().to_string())))
    })
}

/// The changes as a table.
///
/// # Errors
/// When it cannot be built, which is a fault of samkor.
pub fn changes(lines: &[Line]) -> Result<Vec<u8>> {
    table(|writer| {
        writer.write_record(["aendring", "tidligere_gruppe", "gruppe", "raekker"])?;
        lines.iter().try_for_each(|line| {
            let (before, now, rows) = (line.before.to_string(), line.now.to_string(), line.rows.to_string());
            writer.write_record([line.change.name(), &before, &now, &rows])
        })
    })
}

/// Writes the files into a new directory beside the target and renames it in one step.
///
/// # Errors
/// When the target is taken, or the system refuses.
pub fn write(tables: &[(&'static str, Vec<u8>)], target: &Path, replace: bool, files: &Files) -> Result<()> {
    let name = target
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| Error::new(ErrorKind::Output, format!("{} er ikke navnet på en mappe", target.display())))?;
    let staging: PathBuf = target.with_file_name(format!(".{name}.samkor-link"));
    check(target, replace)?;
    if staging.exists() {
        files.remove_dir_all(&staging)?;
    }
    files.create_dir(&staging, 0o700)?;
    for (name, bytes) in tables {
        let path = staging.join(name);
        let mut file = files.create_file(&path, 0o600)?;
        file.write_all(bytes).and_then(|()| file.sync()).map_err(|error| {
            Error::new(ErrorKind::Output, format!("{} kan ikke skrives", path.display())).because(error)
        })?;
    }
    if target.exists() {
        if !files.exchange(&staging, target)? {
            files.remove_dir_all(target)?;
            return files.rename(&staging, target);
        }
        return files.remove_dir_all(&staging);
    }
    files.rename(&staging, target)
}

/// Refuses a target that is taken: without `--replace` by anything, with it by what is no earlier result.
///
/// # Errors
/// When it is.
pub fn check(target: &Path, replace: bool) -> Result<()> {
    if !target.exists() {
        return Ok(());
    }
    let taken = |message: String| Error::new(ErrorKind::TargetExists, message);
    if !replace {
        return Err(taken(format!("{} findes allerede", target.display()))
            .hint("Giv --replace, eller vælg en anden mappe med --out."));
    }
    let strange = std::fs::read_dir(target).map_or(true, |mut entries| {
        entries.any(|entry| entry.map_or(true, |entry| !NAMES.iter().any(|name| entry.file_name() == *name)))
    });
    if strange {
        return Err(taken(format!("{} rummer andet end resultatet af samkor link", target.display()))
            .hint("Vælg en anden mappe med --out."));
    }
    Ok(())
}
