//! The weighed match (Fellegi and Sunter) on any two files, or on one that may hold the same person twice. It knows
//! nothing of CPR: a number is an identifier like any other.
//!
//! Rows become [`Records`], [`Blocks`] say which pairs are compared, a [`Comparison`] gives a level, the [`Model`] learns
//! how much each level weighs, and [`link`] picks the pairs.

mod address;
mod blocking;
mod bonds;
mod calendar;
mod cluster;
mod comparison;
mod draw;
mod engine;
mod fold;
mod household;
mod kind;
mod model;
mod names;
#[cfg(test)]
mod properties;
mod records;
#[cfg(test)]
mod recovery;
mod scoring;
mod similarity;
mod weight;

pub use blocking::{Blocks, Budget, Keys};
pub use bonds::Bonds;
pub use cluster::{Relation, components, connected};
pub use comparison::{Comparison, unpack, vector};
pub use engine::{Counts, Earlier, Job, Known, Learnt, Link, Outcome, Rule, Settings, link};
pub use fold::{fold, squeeze};
pub use kind::Kind;
pub use model::{Frequencies, Model};
pub use records::{Basis, Collector, Field, Reading, Records};
pub use similarity::edits;
pub use weight::{Waterfall, Weight, Weights};
