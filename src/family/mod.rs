//! Persons become units: whom a krone's person belongs to on the reference date.
//!
//! Three units stand beside each other (`metrics.md`, families): the household (H, who shares a dwelling), the family (F,
//! Statistics Denmark's E-family) and the case family (S, the family with its children placed outside the home). All are
//! [`Units`]: the unit of each person and the members of each unit, so that the analyses do not know which one they count.
//! [`Timeline`] says the same of F and S day by day. Addresses go in and never come out.

mod age;
mod casefamily;
mod casetimeline;
mod departed;
mod efamily;
mod families;
mod formation;
mod guard;
mod homes;
mod household;
mod leaders;
mod lineage;
mod paidhere;
mod spelling;
mod timeline;
mod touched;
mod unit;
mod whereabouts;

pub use age::{ADULT_FROM, AgeBand};
pub use casefamily::{AFTERCARE_UNTIL, Attachment, Known, ManualAction, ManualLink, Placement, ReviewReason, episodes};
pub use casetimeline::case_timeline;
pub use departed::with_departed;
pub use efamily::{Family, FamilyKind, families_at};
pub use families::{Families, Ingredients};
pub use formation::{Dissolved, Formation, form};
pub use guard::{Guard, Reason, UNRELATED_NUCLEI, unrelated_nuclei};
pub use homes::Homes;
pub use household::{Occupied, households, occupied};
pub use leaders::Leaders;
pub use lineage::{Fate, Lineage, lineage};
pub use spelling::{Variant, spelling_variants};
pub use timeline::{Days, Heads, Membership, Timeline};
pub use touched::other_units;
pub use unit::{Certainty, Draft, Drafts, Link, LinkRule, Member, MemberRole, REVIEW_ABOVE, Unit, UnitForm, Units};
pub use whereabouts::{Whereabouts, has_parent_apart};
