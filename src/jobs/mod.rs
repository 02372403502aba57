//! One file per use case: the only rooms that see every other.

mod catalogue_check;
mod delivery;
pub mod demo;
mod enrolment;
pub mod evaluate;
mod families;
mod family;
mod intake;
mod lineage;
pub mod link;
mod linked_rows;
mod linking;
mod look;
mod money;
mod preparation;
pub mod review;
mod run;
mod run_tables;
mod sensitivity;
mod trace;

pub use catalogue_check::{Gap, catalogue_check};
pub use family::{FamilyView, MemberView, PlaceView, UnitView, family};
pub use lineage::{LineageLine, LineageView, lineage_of_runs};
pub use preparation::{Preparation, Request, prepare};
pub use run::{Execution, RunSummary, SharedHouseholds, run};
pub use trace::{Trace, TraceFilter, TraceLine, trace};
