//! Files become typed rows and faults: in chunks of a fixed size, over all cores, in the order of the file.
//!
//! A row that cannot be read is set aside with its place and a fault code; only a file that is not what its layout
//! says stops the run.

mod archive;
mod budget;
mod chunk;
mod companion;
mod cut;
mod delimited;
mod families;
mod fixed;
mod institution;
mod lacking;
mod memo;
mod money;
mod months;
mod part;
mod read;
mod record;
mod register;
pub mod rows;
mod sniff;
mod tally;
mod workbook;

pub use budget::read_budget;
pub use companion::{Companion, read_headings};
pub use families::{FamilyLinkRow, InstitutionRow, LinkAction, read_family_links, read_institutions};
pub use institution::{read_enrolment, read_tariff};
pub use lacking::Lacking;
pub use money::{KnownCells, MoneyReader};
pub use months::{MonthRow, read_months};
pub use part::Collect;
pub use read::{FileInput, FileSummary, ReadOptions, collect_file, read_file};
pub use record::{Outcome, Record, Reject};
pub use register::{RegisterRecords, read_register_row};
pub use tally::Tally;

/// The longest record, in bytes, except in fixed-width files without line ends.
pub const RECORD_LIMIT: usize = 64 * 1024;
/// The longest cell, in bytes.
pub const CELL_LIMIT: usize = 4 * 1024;
/// The most columns.
pub const COLUMN_LIMIT: usize = 256;
