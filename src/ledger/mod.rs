//! Spells and postings become dated øre per person and service.

mod cover;
pub mod entry;
pub mod proration;
mod reversal;
pub mod settle;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod twin;

pub use entry::{Entry, Ledger, Line, LineKind, Spell, Unattributed, UnattributedReason};
pub use proration::ore_of_days;
pub use settle::{Settlement, face_ore, settle};
