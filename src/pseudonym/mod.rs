//! The wall: what stands for a person or a family outside it. Keyed BLAKE3, frozen in docs/format.md (`spec/privacy.md`,
//! "Pseudonyms", "Labels", "Key").
//!
//! The CPR space is small enough to be hashed whole in a minute, so everything hangs on the key: whoever holds it can turn
//! every pseudonym back into its number. Keys are wiped from memory when dropped and print a mask.

pub mod construction;
pub mod key;
pub mod label;
pub mod secret;
mod weakness;

pub use construction::{Blinding, ProjectKey, ReviewKey, RowKey, RunKey, inputs_digest};
pub use key::{CheckValue, KeyRules, MasterKey, open_private};
pub use label::{LabelKey, UnitKind};
pub use weakness::demo_key;
