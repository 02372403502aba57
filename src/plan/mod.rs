//! samkor.toml: what a run may do, read once, checked, and turned into typed settings that know where they came from.
//!
//! A plan is wrong in one place at a time: the first problem is reported with its line, the reason and what to write
//! instead. Nothing here opens an input; [`Plan::resolve_inputs`] only looks which files there are.

mod document;
mod inputs;
mod names;
mod parse;
mod quantity;
mod settings;
mod sources;
mod template;

pub use document::Placed;
pub use inputs::SourceFiles;
pub use quantity::FaultLimit;
pub use settings::{
    Authoritative, Encoding, FamilySettings, FamilyUnit, Labels, Measure, Plan, Population, PriceLevel, Purpose,
    Ranking, SettlementRules, Source,
};
pub use template::template;
