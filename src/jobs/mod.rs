//! One file per use case: the only rooms that see every other.

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
mod preparation;
mod run;

pub use family::{FamilyView, MemberView, PlaceView, UnitView, family};
pub use lineage::{LineageLine, LineageView, lineage_of_runs};
pub use preparation::{Preparation, Request, prepare};
pub use run::{Execution, RunSummary, SharedHouseholds, run};
