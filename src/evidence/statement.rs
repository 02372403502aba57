//! The statement of a run, `bevis/koersel.json`: what was read, by which rules, what came out. No person data.
//!
//! Plain values: whoever runs the job fills them. Times and thread counts are passed in, because the library has no clock.
//! Keys are Danish as in samkor.toml; amounts are whole øre; the order of fields is the order below.

use serde::Serialize;

use crate::{
    base::{Digest, Error, ErrorKind, FaultCode, Result},
    domain::{Date, Ore, Period},
};

/// Everything a run states about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunStatement {
    /// Version of this form; a reader refuses another.
    #[serde(rename = "format")]
    pub format: u32,
    /// The program.
    #[serde(rename = "program")]
    pub program: Program,
    /// Project id, `kommune|projekt|liste`.
    #[serde(rename = "projekt")]
    pub project: String,
    /// Whether the project is for test data: every page is marked PRØVEDATA.
    #[serde(rename = "proevedata")]
    pub is_demo: bool,
    /// Purpose: stotte, kvalitet or statistik.
    #[serde(rename = "formaal")]
    pub purpose: String,
    /// Legal basis, as the plan words it.
    #[serde(rename = "retsgrundlag")]
    pub legal_basis: String,
    /// The day by which the outputs are to be deleted.
    #[serde(rename = "slettefrist")]
    pub retention: Date,
    /// The plan's file.
    #[serde(rename = "plan")]
    pub plan: InputFile,
    /// Digest of plan and inputs, as it goes into the run key (docs/format.md).
    #[serde(rename = "plan_og_inddata_blake3")]
    pub inputs_digest: Digest,
    /// The period reported on, both days included.
    #[serde(rename = "periode")]
    pub period: StatedPeriod,
    /// The day on which households are taken.
    #[serde(rename = "skaeringsdato")]
    pub reference_date: Date,
    /// Labels mode: projekt or koersel.
    #[serde(rename = "etiketter")]
    pub labels: String,
    /// Check values of the keys.
    #[serde(rename = "noegle")]
    pub key: Key,
    /// When the run began and ended, and on how many threads.
    #[serde(rename = "udfoerelse")]
    pub outcome: Outcome,
    /// Files read, in plan order.
    #[serde(rename = "inddata")]
    pub inputs: Vec<InputFile>,
    /// What became of each source's rows and øre, in plan order.
    #[serde(rename = "kilder")]
    pub sources: Vec<SourceCounts>,
    /// The ledger's totals, in the order of the report.
    #[serde(rename = "regnskab")]
    pub ledger: Vec<LedgerLine>,
    /// What persons decided about rows, when the plan names a file of decisions.
    #[serde(rename = "gennemgang", skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// Files written, by name; this statement and the digest files cannot be among them.
    #[serde(rename = "uddata")]
    pub outputs: Vec<OutputFile>,
}

/// The program that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Program {
    /// Its name.
    #[serde(rename = "navn")]
    pub name: String,
    /// Its version.
    #[serde(rename = "version")]
    pub version: String,
}

/// A period with both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatedPeriod {
    /// First day.
    #[serde(rename = "fra")]
    pub from: Date,
    /// Last day.
    #[serde(rename = "til")]
    pub to: Date,
}

impl From<Period> for StatedPeriod {
    fn from(period: Period) -> Self {
        Self { from: period.from, to: period.to }
    }
}

/// Check values: eight hexadecimal digits that recognise a key and reveal nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Of the master key.
    #[serde(rename = "mester_kontrol")]
    pub master_check: String,
    /// Of the project key.
    #[serde(rename = "projekt_kontrol")]
    pub project_check: String,
}

/// When and how the run was done. Never the same twice, so it stands in `bevis/` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Start, RFC 3339.
    #[serde(rename = "begyndt")]
    pub started: String,
    /// End, RFC 3339.
    #[serde(rename = "sluttet")]
    pub ended: String,
    /// Worker threads.
    #[serde(rename = "traade")]
    pub threads: usize,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// The source's name in the plan; none for the plan itself.
    #[serde(rename = "kilde", skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The file's name as the plan gives it.
    #[serde(rename = "navn")]
    pub name: String,
    /// Length in bytes.
    #[serde(rename = "bytes")]
    pub bytes: u64,
    /// BLAKE3 of the content.
    #[serde(rename = "blake3")]
    pub blake3: Digest,
}

/// What became of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceCounts {
    /// The source's name in the plan.
    #[serde(rename = "kilde")]
    pub source: String,
    /// Data rows read.
    #[serde(rename = "raekker_laest")]
    pub rows_read: u64,
    /// Rows that count.
    #[serde(rename = "raekker_brugt")]
    pub rows_used: u64,
    /// Rows that a rule of the layout leaves out: drafts, totals.
    #[serde(rename = "raekker_frasorteret")]
    pub rows_sorted_out: u64,
    /// Rows at fault.
    #[serde(rename = "raekker_sat_til_side")]
    pub rows_set_aside: u64,
    /// Øre on the rows read, as far as they could be read.
    #[serde(rename = "oere_laest")]
    pub ore_read: Ore,
    /// Øre on rows that count.
    #[serde(rename = "oere_brugt")]
    pub ore_used: Ore,
    /// Øre on rows that a rule leaves out.
    #[serde(rename = "oere_frasorteret")]
    pub ore_sorted_out: Ore,
    /// Øre on rows at fault, as far as they could be read.
    #[serde(rename = "oere_sat_til_side")]
    pub ore_set_aside: Ore,
    /// Faults by code; [`SourceCounts::set_faults`] keeps them sorted and without zeros.
    #[serde(rename = "fejl")]
    pub faults: Vec<FaultCount>,
    /// What was found in the files.
    #[serde(rename = "fundet")]
    pub detected: Vec<Detected>,
}

/// Rows set aside for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultCount {
    /// The fault's stable code.
    #[serde(rename = "kode")]
    pub code: &'static str,
    /// How many rows.
    #[serde(rename = "raekker")]
    pub rows: u64,
}

/// How one file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Detected {
    /// The file's name as the plan gives it.
    #[serde(rename = "navn")]
    pub name: String,
    /// The layout.
    #[serde(rename = "layout")]
    pub layout: String,
    /// What was found in it: encoding, delimiter, where the data begins; Danish.
    #[serde(rename = "fundet")]
    pub found: String,
}

/// One total of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerLine {
    /// The source it is about; none for the whole run.
    #[serde(rename = "kilde", skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Name of the line, as the report has it.
    #[serde(rename = "linje")]
    pub line: String,
    /// The sum.
    #[serde(rename = "oere")]
    pub ore: Ore,
}

/// Decisions about rows, and how far they agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Lines of the file of decisions.
    #[serde(rename = "afgoerelser")]
    pub decisions: u64,
    /// Different rows that they are about.
    #[serde(rename = "afgjorte_raekker")]
    pub decided: u64,
    /// Of these, rows that more than one reviewer answered.
    #[serde(rename = "svaret_af_flere")]
    pub by_several: u64,
    /// Of these, rows about which all reviewers say the same.
    #[serde(rename = "heraf_enige")]
    pub agreeing: u64,
    /// Rows of the sources that a decision gave their person.
    #[serde(rename = "raekker_navngivet")]
    pub named: u64,
    /// Of these, rows of which name and birth date are sure of somebody.
    #[serde(rename = "heraf_vaegtet")]
    pub weighed: u64,
    /// Of these, rows of which they are sure of the same person.
    #[serde(rename = "vaegtene_enige")]
    pub as_weighed: u64,
    /// Rows of the sources of which a decision took out persons.
    #[serde(rename = "raekker_afvist")]
    pub excluded: u64,
    /// Queues that had outlived their days and were deleted when the run began.
    #[serde(rename = "foraeldede_koeer")]
    pub outdated: u64,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputFile {
    /// Path relative to the run directory.
    #[serde(rename = "navn")]
    pub name: String,
    /// Class of output: rapport, liste, arbejde or bevis.
    #[serde(rename = "klasse")]
    pub class: String,
    /// Length in bytes.
    #[serde(rename = "bytes")]
    pub bytes: u64,
    /// BLAKE3 of the content.
    #[serde(rename = "blake3")]
    pub blake3: Digest,
    /// SHA-256 of the content.
    #[serde(rename = "sha256")]
    pub sha256: Digest,
}

impl SourceCounts {
    /// Sets the faults from any order, adding up what has the same code.
    pub fn set_faults(&mut self, counts: impl IntoIterator<Item = (FaultCode, u64)>) {
        let mut sorted = std::collections::BTreeMap::new();
        for (code, rows) in counts {
            *sorted.entry(code.code()).or_insert(0) += rows;
        }
        self.faults =
            sorted.into_iter().filter(|(_, rows)| *rows > 0).map(|(code, rows)| FaultCount { code, rows }).collect();
    }

    /// Whether nothing was lost: what was read equals what was used, sorted out and set aside, in rows and in øre, and
    /// each row set aside has its fault.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let rows = |counts: &[u64]| counts.iter().map(|count| u128::from(*count)).sum::<u128>();
        let ore = |parts: &[Ore]| parts.iter().map(|part| i128::from(part.0)).sum::<i128>();
        let faults: Vec<u64> = self.faults.iter().map(|fault| fault.rows).collect();
        rows(&[self.rows_read]) == rows(&[self.rows_used, self.rows_sorted_out, self.rows_set_aside])
            && ore(&[self.ore_read]) == ore(&[self.ore_used, self.ore_sorted_out, self.ore_set_aside])
            && rows(&faults) == u128::from(self.rows_set_aside)
    }
}

impl RunStatement {
    /// The version of the form that this program writes.
    pub const FORMAT: u32 = 1;

    /// The bytes of `bevis/koersel.json`: JSON over several lines, ending in a line end.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when a source's rows or øre do not add up: nothing may be delivered then.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        if let Some(source) = self.sources.iter().find(|source| !source.is_balanced()) {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("Kilden {} går ikke op: læst er ikke brugt + frasorteret + sat til side", source.source),
            )
            .hint("Det er en fejl i samkor. Intet er leveret; meld den med kildens layout."));
        }
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::new(ErrorKind::Internal, "Kørslens bevis kan ikke skrives").because(error))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse_iso(text).expect("a date")
    }

    fn source() -> SourceCounts {
        let mut source = SourceCounts {
            source: "opus".to_owned(),
            rows_read: 10,
            rows_used: 6,
            rows_sorted_out: 1,
            rows_set_aside: 3,
            ore_read: Ore(1000),
            ore_used: Ore(1200),
            ore_sorted_out: Ore(-300),
            ore_set_aside: Ore(100),
            faults: Vec::new(),
            detected: vec![Detected {
                name: "ind/opus.csv".to_owned(),
                layout: "opus-posteringer".to_owned(),
                found: "Windows-1252, skilletegn `;`".to_owned(),
            }],
        };
        source.set_faults([(FaultCode::Date, 1), (FaultCode::Amount, 1), (FaultCode::Cpr, 0), (FaultCode::Date, 1)]);
        source
    }

    fn statement() -> RunStatement {
        let digest = Digest([0xab; 32]);
        let input = |source: Option<&str>, name: &str| InputFile {
            source: source.map(str::to_owned),
            name: name.to_owned(),
            bytes: 3,
            blake3: digest,
        };
        RunStatement {
            format: RunStatement::FORMAT,
            program: Program { name: "samkor".to_owned(), version: "0.1.0".to_owned() },
            project: "demo|eksempelkoebing|familier".to_owned(),
            is_demo: true,
            purpose: "stotte".to_owned(),
            legal_basis: "barnets lov § 19".to_owned(),
            retention: day("2027-12-31"),
            plan: input(None, "samkor.toml"),
            inputs_digest: digest,
            period: Period::new(day("2015-01-01"), day("2015-06-30")).expect("in order").into(),
            reference_date: day("2015-06-30"),
            labels: "projekt".to_owned(),
            key: Key { master_check: "e514f64b".to_owned(), project_check: "01020304".to_owned() },
            outcome: Outcome {
                started: "2026-11-21T22:00:00Z".to_owned(),
                ended: "2026-11-21T22:00:01Z".to_owned(),
                threads: 2,
            },
            inputs: vec![input(Some("opus"), "ind/opus.csv")],
            sources: vec![source()],
            ledger: vec![
                LedgerLine { source: None, line: "familier".to_owned(), ore: Ore(1100) },
                LedgerLine { source: Some("opus".to_owned()), line: "uden borger".to_owned(), ore: Ore(100) },
            ],
            review: Some(Review {
                decisions: 9,
                decided: 8,
                by_several: 1,
                agreeing: 1,
                named: 5,
                weighed: 3,
                as_weighed: 2,
                excluded: 4,
                outdated: 0,
            }),
            outputs: vec![OutputFile {
                name: "liste/familier.csv".to_owned(),
                class: "liste".to_owned(),
                bytes: 3,
                blake3: digest,
                sha256: digest,
            }],
        }
    }

    #[test]
    fn the_form_stands_still() {
        let text = String::from_utf8(statement().to_json().expect("balanced")).expect("UTF-8");
        assert_eq!(text.replace(&"ab".repeat(32), "DIGEST"), include_str!("statement_example.json"));
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn faults_are_sorted_and_added_up() {
        let faults: Vec<(&str, u64)> = source().faults.iter().map(|fault| (fault.code, fault.rows)).collect();
        assert_eq!(faults, [("beloeb-ulaeseligt", 1), ("dato-ulaeselig", 2)]);
    }

    #[test]
    fn a_source_that_does_not_add_up_is_not_stated() {
        let damages: [fn(&mut SourceCounts); 9] = [
            |source| source.rows_read += 1,
            |source| source.rows_used -= 1,
            |source| source.rows_sorted_out += 1,
            |source| source.rows_set_aside -= 1,
            |source| source.ore_read = Ore(999),
            |source| source.ore_used = Ore(1201),
            |source| source.ore_sorted_out = Ore(300),
            |source| source.ore_set_aside = Ore(0),
            |source| source.faults.truncate(1),
        ];
        assert!(source().is_balanced());
        for damage in damages {
            let mut statement = statement();
            damage(&mut statement.sources[0]);
            assert_eq!(statement.to_json().map_err(|error| error.kind()), Err(ErrorKind::Internal));
        }
    }
}
