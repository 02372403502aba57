//! The CPR extract becomes a population: who lives where on which day, and who is whose parent, child, spouse and custody holder.
//!
//! Two things come out. [`Numbers`] holds the CPR numbers and stays behind the wall: it finds the person that a number
//! means today. [`Population`] holds the facts and goes on to the family and the ledger: it knows persons by position only.
//!
//! Records arrive in any order, since an extract spreads one person over the whole file (`cpr.md`, 2.2). Numbers and
//! addresses are stored once, rows are packed in sixteen to twenty bytes as they come, and whatever order remains in the result
//! comes from sorting: the same records give the same register.

mod assemble;
mod builder;
mod counts;
#[cfg(test)]
pub(crate) mod example;
mod interner;
mod links;
mod names;
mod numbers;
mod packed;
mod pile;
mod population;
mod records;
#[cfg(test)]
mod tests;

pub use builder::RegisterBuilder;
pub use counts::{RecordType, RegisterCounts, RegisterNote};
pub use names::{NamePile, PersonNames};
pub use numbers::{Found, Numbers};
pub use population::{AddressId, AddressSpell, CivilSpell, CustodySpell, Parent, Population, ProtectionSpell};
