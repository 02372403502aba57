//! samkor: which person and which family each krone of a municipality's services belongs to.
//!
//! The rooms stand in the order in which data flows through them; each uses rooms above it in this list only.
#![forbid(unsafe_code)]

pub mod domain;
pub mod base;
pub mod ingest;
pub mod ledger;
pub mod family;
pub mod tables;
pub mod analysis;
pub mod report;
