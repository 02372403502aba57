//! samkor: which person and which family each krone of a municipality's services belongs to.
//!
//! The rooms stand in the order in which data flows through them; each uses rooms above it in this list only
//! (docs/architecture.md; `tests/it/layers.rs` fails on an upward use).
#![forbid(unsafe_code)]

pub mod domain;

pub mod base;

pub mod catalogue;
pub mod evidence;
pub mod layout;
pub mod matching;

pub mod plan;
pub mod rundir;

pub mod ingest;

pub mod register;

pub mod linkage;
pub mod pseudonym;

pub mod ledger;
pub mod synth;

pub mod family;

pub mod tables;

pub mod analysis;

pub mod report;

pub mod custody;

pub mod jobs;
