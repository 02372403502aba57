//! One file per use case: the only rooms that see every other.

mod delivery;
pub mod demo;
mod enrolment;
mod intake;
mod preparation;
mod run;
pub mod start;

pub use preparation::{Preparation, Request, prepare};
pub use run::{Execution, RunSummary, SharedHouseholds, run};
