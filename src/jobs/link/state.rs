//! What a result keeps so that later rows can be linked in the same way: `tilstand.json` with what was learnt and which
//! columns were compared, `kandidater.csv` with the pairs that were links by weight or rule. No field of the user's files:
//! that the first rows are the same then is told by one digest per file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    input::Input,
    spec::{Compared, Spec},
};
use crate::{
    base::{Error, ErrorKind, Result},
    matching::{Collector, Kind, Learnt, Records},
};

/// The file of what was learnt.
pub const STATE: &str = "tilstand.json";
/// The file of pairs.
pub const CANDIDATES: &str = "kandidater.csv";
const VERSION: u32 = 1;

/// What is kept of a result.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    version: u32,
    /// The spec's text, empty when there was none.
    pub spec: String,
    /// Whether households were looked for by the command line.
    pub households: bool,
    columns: Vec<KeptColumn>,
    /// Rows of each file.
    pub rows: [usize; 2],
    digests: [String; 2],
    /// What was learnt.
    pub learnt: Learnt,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptColumn {
    left: String,
    right: String,
    kind: Kind,
}

/// A file's compared values with a digest of them.
#[derive(Debug)]
pub struct Collected {
    /// The values.
    pub rows: Collector,
    /// The digest of all rows.
    pub digest: String,
    /// The digest of the first rows, as many as were asked for; `None` when there are fewer.
    pub first: Option<String>,
}

/// Collects the compared values of a file; `first` rows have a digest of their own.
///
/// # Errors
/// When the file cannot be read.
pub fn collect(
    input: &Input,
    columns: &[Compared],
    place: fn(&Compared) -> usize,
    first: Option<usize>,
) -> Result<Collected> {
    let kinds: Vec<Kind> = columns.iter().map(|column| column.kind).collect();
    let mut rows = Collector::new(&kinds);
    let mut hasher = blake3::Hasher::new();
    let mut digest_of_first = None;
    let mut keep = |rows: usize, hasher: &blake3::Hasher| {
        if first == Some(rows) {
            digest_of_first = Some(hasher.finalize().to_hex().to_string());
        }
    };
    keep(0, &hasher);
    input.rows(|row| {
        for column in columns {
            let value = row.get(place(column));
            hasher.update(&(value.len() as u64).to_le_bytes());
            hasher.update(value.as_bytes());
        }
        rows.push(columns.iter().map(|column| row.get(place(column))));
        keep(rows.rows(), &hasher);
        Ok(())
    })?;
    Ok(Collected { rows, digest: hasher.finalize().to_hex().to_string(), first: digest_of_first })
}

impl State {
    /// The state of a result.
    pub fn new(
        spec: String,
        households: bool,
        columns: &[Compared],
        rows: [usize; 2],
        digests: &[String],
        learnt: Learnt,
    ) -> Self {
        let kept = |column: &Compared| KeptColumn {
            left: column.heading.clone(),
            right: column.right_heading.clone(),
            kind: column.kind,
        };
        let digest = |side: usize| digests.get(side).cloned().unwrap_or_default();
        Self {
            version: VERSION,
            spec,
            households,
            columns: columns.iter().map(kept).collect(),
            rows,
            digests: [digest(0), digest(1)],
            learnt,
        }
    }

    /// Reads the state of an earlier result.
    ///
    /// # Errors
    /// When there is none, or another version of samkor wrote it.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(STATE);
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Error::new(ErrorKind::Input, format!("{name} kan ikke læses"))
                .hint("--tidligere skal være mappen med resultatet af samkor link.")
                .because(error)
        })?;
        let strange = || {
            Error::new(ErrorKind::Input, format!("{name} er ikke skrevet af denne udgave af samkor"))
                .hint("Lav det tidligere resultat om med samkor link.")
        };
        let state: Self = serde_json::from_str(&text).map_err(|error| strange().because(error))?;
        if state.version == VERSION { Ok(state) } else { Err(strange()) }
    }

    /// Where the compared columns stand in the files as they are now.
    ///
    /// # Errors
    /// When one is not there.
    pub fn columns(&self, left: &Input, right: Option<&Input>) -> Result<Vec<Compared>> {
        let compared = |column: &KeptColumn| -> Result<Compared> {
            Ok(Compared {
                heading: column.left.clone(),
                right_heading: column.right.clone(),
                left: left.column(&column.left)?,
                right: right.unwrap_or(left).column(&column.right)?,
                kind: column.kind,
            })
        };
        self.columns.iter().map(compared).collect()
    }

    /// The spec of that result.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn spec(&self, directory: &Path) -> Result<Spec> {
        Spec::parse(&directory.join(STATE).display().to_string(), &self.spec)
    }

    /// Refuses files whose first rows are not the ones of that result.
    ///
    /// # Errors
    /// When they are others, fewer, or in another order.
    pub fn refuse_other_rows(&self, names: &[String], files: &[Collected]) -> Result<()> {
        let had_two = !self.digests[1].is_empty();
        if had_two != (files.len() == 2) {
            let before = if had_two { "to filer" } else { "én fil" };
            return Err(Error::new(ErrorKind::Plan, format!("Det tidligere resultat er lavet af {before}")));
        }
        for ((name, file), digest) in names.iter().zip(files).zip(&self.digests) {
            if file.first.as_ref() != Some(digest) {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("{name} begynder ikke med rækkerne fra det tidligere resultat"),
                )
                .hint("De gamle rækker skal stå først, uændrede og i samme rækkefølge; nye rækker følger efter.")
                .hint("Er gamle rækker rettet eller slettet, så lær forfra: samkor link uden --tidligere."));
            }
        }
        Ok(())
    }

    /// The state as JSON.
    ///
    /// # Errors
    /// When it cannot be written, which is a fault of samkor.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self)
            .map_err(|error| Error::new(ErrorKind::Internal, "Tilstanden kan ikke dannes").because(error))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The pairs that were links by weight or rule, as places in the records.
///
/// # Errors
/// When the file cannot be read, or names rows that are not there.
pub fn candidates(directory: &Path, records: &Records) -> Result<Vec<(u32, u32)>> {
    let path: PathBuf = directory.join(CANDIDATES);
    let input = Input::read(&path)?;
    let columns = [input.column("venstre_raekke")?, input.column("hoejre_raekke")?];
    let places = records.places();
    let sides = [0, usize::from(records.two_files)];
    let mut pairs = Vec::new();
    input.rows(|row| {
        let place = |which: usize| {
            let number = row.get(columns[which]).parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let found = number.and_then(|number| places[sides[which]].get(number)).copied();
            found.ok_or_else(|| {
                Error::new(ErrorKind::Input, format!("{} nævner en række, der ikke er der", input.name))
                    .hint("Lav det tidligere resultat om med samkor link.")
            })
        };
        let (one, other) = (place(0)?, place(1)?);
        pairs.push((one.min(other), one.max(other)));
        Ok(())
    })?;
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}
