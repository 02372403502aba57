//! Columns for analysts: `arbejde/tabeller/*.parquet` and what `samkor link` found, written from plain rows and read back
//! for tests.
//!
//! A table of a run holds what an analysis needs and no more: written ids and labels, age bands instead of birth dates, no sex,
//! no address. Rows are sorted by what is written, never by the order of CPR numbers or of ids within the run, and the
//! bytes depend on the rows alone: fixed compression and row groups, one thread. Schemas stand in `docs/format.md`.

mod families;
mod households;
mod items;
mod links;
mod parquet;
mod persons;
mod services;

pub use families::{
    LineageRow, MemberRow, MembershipRow, UnitRow, address_variants, families, letter, lineages, members, memberships,
    reviews, touched,
};
pub use households::households;
pub use links::{GroupRow, PairRow, RowName, groups, pairs};
pub use parquet::{Cell, Table, read, read_matching};
pub use persons::{PersonRow, Standing, persons};
pub use services::{NOT_RANKED, Receiver, ServiceTable, ServiceWords};
