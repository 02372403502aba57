//! The officer's side: what holds names leaves the run sealed (age v1), for named recipients.
//!
//! The vault, consent, contact and access come here too.

pub mod sealed;

pub use sealed::{Identities, Recipient};
