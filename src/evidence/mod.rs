//! What a data-protection officer relies on: the statement of a run, and digest files that other programs can check.
//!
//! Signatures, the log and the vault come here too.

mod stated;
pub mod statement;
pub mod sums;

pub use stated::Stated;
pub use statement::{
    Detected, FaultCount, InputFile, Key, LedgerLine, Outcome, OutputFile, Program, Review, RunStatement, SourceCounts,
    StatedPeriod,
};
pub use sums::{B3SUMS, SHA256SUMS, b3sums, sha256sums};
