//! What a row of money buys: services, law paragraphs, accounts, benefit names, departments, purpose groups.
//!
//! The tables are dated data files in `data/`. Three rules shape them:
//!
//! * A posting never invents a finer service than its account tells. Where one account holds several services, a service
//!   of its own stands for the account group (`5.28.21-003`); where the gruppering is missing or unknown, one for the
//!   function (`5.28.21`). The same codes stand for a paragraph that leaves open which of them was granted.
//! * What the tables do not know is a class of its own (`ukendt-konto`, `ukendt-paragraf`, `ukendt-ydelse`), never a
//!   default. Its kroner count; as a service it does not, since nothing tells whether it is another service or one
//!   that the person is already known to have, and a gap in the catalogue must not put a family on a list.
//! * The account group decides the purpose group, so that a grant and its payment meet in one. All placements are one
//!   group; pocket money during a placement is another; every cash benefit is its own.
//!
//! The confidence letter of a service is that of its code, account and paragraph; names, purpose group and flags are
//! derived and stand for C.

mod accounts;
mod benefits;
mod load;
mod paragraphs;
mod prices;
mod table;
#[cfg(test)]
mod tests;
mod wording;

pub use prices::{PriceFactor, PriceIndices};

use self::{accounts::Accounts, benefits::Benefits, paragraphs::Paragraphs, wording::Codes};
use crate::{
    base::Result,
    domain::{Account, BudgetClass, Date, DepartmentId, Paragraph, PurposeGroupId, ServiceId, System},
};

/// How sure the catalogue is of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Account and paragraph were seen in a source.
    A,
    /// Some of it was.
    B,
    /// Knowledge of the field, to be verified.
    C,
}

impl Confidence {
    /// The letter.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// How fine a service of the catalogue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// One service.
    Service,
    /// One of the several services that share an account with its gruppering.
    AccountGroup,
    /// Any service of a function of the chart.
    Function,
    /// Not in the catalogue.
    Unknown,
}

/// A department that pays (afdeling).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Stable code, such as `boern_unge`.
    pub code: Box<str>,
    /// Danish name.
    pub name: Box<str>,
    /// English name.
    pub name_en: Box<str>,
}

impl Department {
    /// Whether this is a department at all: `ukendt` stands for accounts of several departments and for what the
    /// catalogue does not know, and is no department to be counted.
    #[must_use]
    pub fn is_known(&self) -> bool {
        &*self.code != load::UNKNOWN_DEPARTMENT
    }
}

/// What services are bought for (formålsgruppe): grants and payments settle within one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeGroup {
    /// Stable code, such as `kontanthjaelp`; plans name it.
    pub code: Box<str>,
    /// Danish name.
    pub name: Box<str>,
    /// English name.
    pub name_en: Box<str>,
    /// The systems whose payments are the actual ones: the first that a plan has a source for; the others reconcile.
    pub actual_sources: Vec<System>,
    /// The usual delay of its payments in days: what is granted and unpaid for longer is not paid any more. Derived from
    /// invoicing by quarter in arrears (105) and monthly runs of benefits (45), confidence C.
    pub maturity_days: i32,
    /// Only children and young people have its services, so that a cost of it on an adult's number is a child's (`metrics.md`,
    /// P10). Derived from what the paragraphs are for, confidence C.
    pub for_children: bool,
}

/// A service (ydelse), or an account group or unknown class that stands in for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Stable code, such as `FOR-FAM`, `5.28.21-003`, `5.28.21` or `ukendt-konto`.
    pub code: Box<str>,
    /// Danish name.
    pub name: Box<str>,
    /// English name.
    pub name_en: Box<str>,
    /// The department that pays.
    pub department: DepartmentId,
    /// The purpose group.
    pub purpose_group: PurposeGroupId,
    /// Where it stands in the budget.
    pub budget_class: BudgetClass,
    /// Whether it counts towards a family's number of services (`metrics.md`, P20): school, dentist, health visitors, a
    /// benefit's supplement, incomes and unknown classes do not.
    pub counts: bool,
    /// Whether a person with this service is placed outside the home, aftercare stays included.
    pub placement: bool,
    /// How fine it is.
    pub level: Level,
    /// How sure the catalogue is of it.
    pub confidence: Confidence,
    /// The department that delivers, confidence C.
    pub delivering: DepartmentId,
    /// Paid out by others (a-kasse, Udbetaling Danmark): the municipality's cost is the co-financing, not the payout.
    pub paid_by_others: bool,
    /// Its account books every cost on a citizen, so that what is booked without one is missing (coverage). Confidence C.
    pub person_booked: bool,
}

/// The classes that a lookup falls back to.
#[derive(Clone, Copy, Debug)]
struct Fallbacks {
    account: ServiceId,
    paragraph: ServiceId,
    benefit: ServiceId,
}

/// The tables and their lookups. No lookup copies a string; each halves a sorted table.
#[derive(Clone, Debug)]
pub struct Catalogue {
    departments: Vec<Department>,
    purpose_groups: Vec<PurposeGroup>,
    purpose_group_codes: Codes,
    services: Vec<Service>,
    service_codes: Codes,
    accounts: Accounts,
    paragraphs: Paragraphs,
    benefits: Benefits,
    unknown: Fallbacks,
}

impl Catalogue {
    /// The catalogue that the program carries.
    ///
    /// # Errors
    /// When a data file contradicts itself or another; the error names file and line. Only a wrong build can do that.
    pub fn embedded() -> Result<Self> {
        load::load(&load::Files::embedded())
    }

    /// Every service in the order of the data file, the account groups and unknown classes last.
    pub fn services(&self) -> impl ExactSizeIterator<Item = (ServiceId, &Service)> {
        (0..=u16::MAX).map(ServiceId).zip(&self.services)
    }

    /// A service of this catalogue.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> &Service {
        &self.services[id.index()]
    }

    /// The service with exactly this code.
    #[must_use]
    pub fn service_by_code(&self, code: &str) -> Option<ServiceId> {
        self.service_in_any_case(code).filter(|id| &*self.service(*id).code == code)
    }

    /// The service behind an account, never finer than the account: an account that holds several services gives their
    /// group, a missing or unlisted gruppering the function's group, dranst 2 the refunds, any other dranst than 1 and
    /// what is not listed [`unknown_account`](Self::unknown_account).
    ///
    /// The day is one of the accounting year (Regnskabsår): a posting of the supplementary period belongs to the chart
    /// of the year before.
    #[must_use]
    pub fn by_account(&self, account: Account, on: Date) -> ServiceId {
        self.accounts.find(account, on)
    }

    /// The service behind a paragraph: of the rules valid on the day, the one with the longest paragraph that the
    /// given one lies within, among these the one with the longest words found in the offer, then the one without.
    /// A paragraph that no rule holds gives [`unknown_paragraph`](Self::unknown_paragraph).
    ///
    /// The offer is whatever the case system calls the thing, all its columns joined; the day is the grant's first.
    #[must_use]
    pub fn by_paragraph(&self, paragraph: &Paragraph, offer: &str, on: Date) -> ServiceId {
        self.paragraphs.find(paragraph, offer, on)
    }

    /// The service that a system means by a code or a name, in any case; else
    /// [`unknown_benefit`](Self::unknown_benefit). KMD, manual supplements and price lists may use the catalogue's own
    /// codes. An institution is also known by a word of its name (`Daginstitution Solsikken`).
    #[must_use]
    pub fn by_benefit(&self, system: System, code: &str, name: &str) -> ServiceId {
        let (code, name) = (code.trim(), name.trim());
        let own_codes = matches!(system, System::Kmd | System::Manuel | System::Institution);
        let own = || if own_codes { self.service_in_any_case(code) } else { None };
        let institution = || match system {
            System::Institution => self.benefits.find_institution(name),
            _ => None,
        };
        own()
            .or_else(|| self.benefits.find(system, code))
            .or_else(|| self.benefits.find(system, name))
            .or_else(institution)
            .unwrap_or(self.unknown.benefit)
    }

    /// The account of a service on a day, dranst left out; another day's when it has none then. `None` for services without an
    /// account of their own.
    #[must_use]
    pub fn account_of(&self, service: ServiceId, on: Date) -> Option<Account> {
        self.accounts.of_service(service, on)
    }

    /// The class of accounts that the catalogue does not know.
    #[must_use]
    pub const fn unknown_account(&self) -> ServiceId {
        self.unknown.account
    }

    /// The class of paragraphs that the catalogue does not know.
    #[must_use]
    pub const fn unknown_paragraph(&self) -> ServiceId {
        self.unknown.paragraph
    }

    /// The class of benefits that the catalogue does not know.
    #[must_use]
    pub const fn unknown_benefit(&self) -> ServiceId {
        self.unknown.benefit
    }

    /// A department of this catalogue.
    #[must_use]
    pub fn department(&self, id: DepartmentId) -> &Department {
        &self.departments[id.index()]
    }

    /// Every department in the order of the data file, the unknown one last.
    pub fn departments(&self) -> impl ExactSizeIterator<Item = (DepartmentId, &Department)> {
        (0..=u8::MAX).map(DepartmentId).zip(&self.departments)
    }

    /// A purpose group of this catalogue.
    #[must_use]
    pub fn purpose_group(&self, id: PurposeGroupId) -> &PurposeGroup {
        &self.purpose_groups[id.index()]
    }

    /// Every purpose group in the order of the data file.
    pub fn purpose_groups(&self) -> impl ExactSizeIterator<Item = (PurposeGroupId, &PurposeGroup)> {
        (0..=u16::MAX).map(PurposeGroupId).zip(&self.purpose_groups)
    }

    /// The purpose group with exactly this code.
    #[must_use]
    pub fn purpose_group_by_code(&self, code: &str) -> Option<PurposeGroupId> {
        let position = self.purpose_group_codes.find(code)?;
        let id = PurposeGroupId(u16::try_from(position).ok()?);
        (&*self.purpose_group(id).code == code).then_some(id)
    }

    fn service_in_any_case(&self, code: &str) -> Option<ServiceId> {
        self.service_codes.find(code).and_then(|position| u16::try_from(position).ok()).map(ServiceId)
    }
}
