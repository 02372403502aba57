//! The run directory: everything a run delivers, in four classes, taken into place in one step.
//!
//! A run writes into a staging directory beside the final place. Only when every byte is on the disk does the staging
//! directory take the place's name (exchanging names with the earlier run when it replaces one). A marker beside it says
//! that a run is under way; where a start finds one that nobody holds, the earlier run crashed, and its leftovers go.

pub mod class;
mod place;
mod recovery;
pub mod writer;

pub use class::{Aggregate, Artefact, Class, Evidence, List, OutputClass, Work};
pub use place::check_target;
pub use recovery::Recovery;
pub use writer::{Output, RunDirWriter};
