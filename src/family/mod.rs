//! Persons become units: whom a krone's person belongs to on the reference date.
//!
//! Only the household (unit H, `docs/architecture.md`) stands here yet: residents that share a dwelling. The family (F)
//! and the case family (S) come beside it and hand out the same two things, the unit of each person and the persons
//! of each unit, so that the analyses do not know which unit they count. Addresses go in and never come out.

mod age;
mod household;

pub use age::{ADULT_FROM, AgeBand};
pub use household::{Household, HouseholdKind, Households, REVIEW_ABOVE, Resident};
