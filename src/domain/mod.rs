//! The words every other room speaks: pure values without I/O.
//!
//! Money is whole øre, periods include both ends, and a CPR number is a type of its own that cannot be printed.

mod account;
mod cpr;
mod date;
mod identity;
mod ids;
mod link;
mod money;
mod paragraph;
mod project;
mod pseudonym;
mod register;
mod service;

pub use account::{Account, AccountError};
pub use cpr::{Cpr, CprError, Sex};
pub use date::{Date, DateError, Period, Precision, RegisterDate};
pub use identity::Identity;
pub use ids::{DepartmentId, PersonId, PurposeGroupId, ServiceId, SourceId, UnitId};
pub use link::{LinkRule, Tiers};
pub(crate) use money::divide_half_even;
pub use money::{Ore, OreOverflow};
pub use paragraph::{Law, Paragraph};
pub use project::ProjectId;
pub use pseudonym::{Ascii, Label, Pseudonym, RowReference};
pub use register::{AddressKey, AddressParts, CivilStatus, CprStatus, CustodyKind, MunicipalityCode, Protection};
pub use service::{AmountType, BudgetClass, Role, System};
