//! Spells and postings become dated øre per person and service.

mod arrears;
pub mod booked;
mod bundles;
mod closing;
mod cover;
pub mod coverage;
mod duplicate;
pub mod entry;
mod grants;
pub mod guardian;
pub mod maturity;
pub mod net;
pub mod proration;
mod received;
mod reversal;
pub mod rule;
pub mod settle;
pub mod settlement;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod twin;
#[cfg(test)]
mod worked;

pub use booked::Booked;
pub use bundles::{Bundles, Gathering};
pub use coverage::{AccountCoverage, Coverage, CoverageShare};
pub use entry::{Closing, Entry, Ledger, Line, LineKind, RowMark, Spell, Unattributed, UnattributedReason};
pub use guardian::move_to_children;
pub use maturity::Lags;
pub use net::{Refund, RefundKind, net, refunds};
pub use proration::ore_of_days;
pub use received::{Pieces, Received, received, starts};
pub use rule::{Rule, by_month};
pub use settle::{face_ore, settle};
pub use settlement::{PaymentsKnown, Settlement};
