//! One file per use case: the only rooms that see every other.

mod delivery;
pub mod demo;
mod enrolment;
pub mod evaluate;
mod intake;
pub mod link;
mod preparation;
mod run;

pub use preparation::{Preparation, Request, prepare};
pub use run::{Execution, RunSummary, SharedHouseholds, run};
