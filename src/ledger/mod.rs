//! Spells and postings become dated øre per person and service.

pub mod entry;

pub use entry::{Entry, Line, LineKind, Ledger, Spell, Unattributed, UnattributedReason};
