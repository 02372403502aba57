//! What a link writes: pairs with their weights, groups, the weights learnt. Row numbers, identifiers and figures; fields
//! only of columns that were asked for.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{
    Linked,
    input::{Input, without_cpr},
};
use crate::{
    base::{Error, ErrorKind, Files, Result},
    matching::{Outcome, Records, unpack},
};

/// Which columns of a file are written.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The column that names the row.
    pub id: Option<usize>,
    /// Further columns, for the groups.
    pub more: Vec<usize>,
}

/// The fields of a file that may be written, by row.
#[derive(Debug)]
pub struct Fields {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
    has_id: bool,
}

impl Fields {
    /// Collects them; a field that holds a CPR number stays empty.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of(input: &Input, written: &Written) -> Result<Self> {
        let columns: Vec<usize> = written.id.into_iter().chain(written.more.iter().copied()).collect();
        let headings = written.more.iter().map(|column| input.headings[*column].clone()).collect();
        let mut rows = Vec::new();
        if !columns.is_empty() {
            input.rows(|row| {
                rows.push(columns.iter().map(|column| without_cpr(row.get(*column)).into_owned()).collect());
                Ok(())
            })?;
        }
        Ok(Self { headings, rows, has_id: written.id.is_some() })
    }

    fn id(&self, row: u32) -> &str {
        if self.has_id { &self.rows[row as usize][0] } else { "" }
    }

    fn more(&self, row: u32) -> &[String] {
        self.rows.get(row as usize).map_or(&[], |row| &row[usize::from(self.has_id)..])
    }
}

/// The files and their bytes.
///
/// # Errors
/// When a table cannot be built, which is a fault of samkor.
pub fn tables(linked: &Linked, records: &Records, outcome: &Outcome) -> Result<Vec<(&'static str, Vec<u8>)>> {
    Ok(vec![
        ("par.csv", pairs(linked, records, outcome)?),
        ("grupper.csv", groups(linked, records, outcome)?),
        ("vaegte.csv", weights(linked, outcome)?),
    ])
}

fn table(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let failed = |error| Error::new(ErrorKind::Internal, "En tabel kan ikke dannes").because(error);
    write(&mut writer).map_err(failed)?;
    writer
        .into_inner()
        .map_err(|error| Error::new(ErrorKind::Internal, "En tabel kan ikke dannes").because(error.into_error()))
}

fn side<'a>(linked: &'a Linked, records: &Records, row: u32) -> (&'static str, &'a Fields) {
    match &linked.right {
        Some(right) if row as usize >= records.left => ("hoejre", right),
        _ => ("venstre", &linked.left),
    }
}

fn pairs(linked: &Linked, records: &Records, outcome: &Outcome) -> Result<Vec<u8>> {
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
        for name in &linked.names {
            header.push(format!("{name}_niveau"));
            header.push(format!("{name}_vaegt"));
        }
        header.push("husstand_vaegt".to_owned());
        writer.write_record(&header)?;
        let mut record: Vec<String> = Vec::new();
        for link in &outcome.links {
            let waterfall = outcome.weights.waterfall(link.vector, records.row(link.left), records.row(link.right));
            record.clear();
            for row in [link.left, link.right] {
                let origin = records.origin(row);
                record.push((origin + 1).to_string());
                record.push(side(linked, records, row).1.id(origin).to_owned());
            }
            let bits = |weight: crate::matching::Weight| format!("{:.4}", weight.bits());
            record.push(format!("{:.6}", link.weight.probability()));
            record.push(bits(link.weight));
            record.push(outcome.rule_of(link).to_owned());
            record.push(bits(waterfall.prior));
            for (place, (_, weight)) in waterfall.parts.iter().enumerate() {
                record.push(outcome.comparisons[place].levels()[unpack(link.vector, place)].to_owned());
                record.push(bits(*weight));
            }
            record.push(bits(waterfall.household));
            writer.write_record(&record)?;
        }
        Ok(())
    })
}

fn groups(linked: &Linked, records: &Records, outcome: &Outcome) -> Result<Vec<u8>> {
    table(|writer| {
        let mut header = vec!["gruppe", "fil", "raekke", "id"];
        header.extend(linked.left.headings.iter().map(String::as_str));
        writer.write_record(&header)?;
        let mut rows: Vec<(u32, u32)> = outcome.groups.iter().copied().zip(0..).collect();
        rows.sort_unstable();
        let (mut number, mut last) = (0_u64, None);
        for (group, row) in rows {
            if last != Some(group) {
                (number, last) = (number + 1, Some(group));
            }
            let origin = records.origin(row);
            let (file, fields) = side(linked, records, row);
            let (number, line) = (number.to_string(), (origin + 1).to_string());
            let mut record = vec![number.as_str(), file, &line, fields.id(origin)];
            record.extend(fields.more(origin).iter().map(String::as_str));
            writer.write_record(&record)?;
        }
        Ok(())
    })
}

fn weights(linked: &Linked, outcome: &Outcome) -> Result<Vec<u8>> {
    table(|writer| {
        writer.write_record([
            "sammenligning",
            "niveau",
            "blandt_samme_person",
            "blandt_samme_husstand",
            "blandt_andre",
            "vaegt",
        ])?;
        for (place, comparison) in outcome.comparisons.iter().enumerate() {
            let frequencies = &outcome.model.frequencies[place];
            for (level, name) in comparison.levels().iter().enumerate().skip(1) {
                let share = |share: f64| format!("{share:.8}");
                writer.write_record([
                    linked.names[place].clone(),
                    (*name).to_owned(),
                    share(frequencies.person[level]),
                    if outcome.model.household > 0.0 { share(frequencies.household[level]) } else { String::new() },
                    share(frequencies.chance[level]),
                    format!("{:.4}", (frequencies.person[level] / frequencies.chance[level]).log2()),
                ])?;
            }
        }
        Ok(())
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
    let known = ["par.csv", "grupper.csv", "vaegte.csv"];
    let strange = std::fs::read_dir(target).map_or(true, |mut entries| {
        entries.any(|entry| entry.map_or(true, |entry| !known.iter().any(|name| entry.file_name() == *name)))
    });
    if strange {
        return Err(taken(format!("{} rummer andet end resultatet af samkor link", target.display()))
            .hint("Vælg en anden mappe med --out."));
    }
    Ok(())
}
