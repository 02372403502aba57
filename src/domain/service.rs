//! Closed lists that describe a row of money: where it comes from, what kind of claim it is, how its amount is meant.

use serde::{Deserialize, Serialize};

/// A kind of source system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// The CPR register extract.
    Cpr,
    /// DUBU, the case system for children and young people: grants.
    Dubu,
    /// KMD Opus, the accounts: postings.
    Opus,
    /// KMD's benefit systems: benefits paid.
    Kmd,
    /// The national refund file (Ydelsesrefusion): benefits paid, by week.
    Ydelsesrefusion,
    /// EG Sensum, the case system for adults: measures without amounts.
    Sensum,
    /// Enrolment in institutions and their price lists.
    Institution,
    /// Supplements collected by hand.
    Manuel,
}

/// What kind of claim an amount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Booked or paid.
    #[serde(rename = "faktisk")]
    Actual,
    /// Granted, counted on days for which nothing is paid.
    #[serde(rename = "bevilget")]
    Granted,
    /// Price list times enrolled days, moved from the institution's own line.
    #[serde(rename = "takst")]
    Tariff,
    /// Collected by hand.
    #[serde(rename = "manuel")]
    Manual,
}

impl Role {
    /// Every role, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Actual, Self::Granted, Self::Tariff, Self::Manual];

    /// The word that data and reports use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Actual => "faktisk",
            Self::Granted => "bevilget",
            Self::Tariff => "takst",
            Self::Manual => "manuel",
        }
    }
}

/// How an amount is spread over days (`metrics.md`, cost of one spell).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AmountType {
    /// Per day (døgnsats).
    Day,
    /// Per week, a seventh a day.
    Week,
    /// Per 14 days, a fourteenth a day.
    Fortnight,
    /// Per calendar month, spread over the days of that month.
    Month,
    /// Per calendar quarter, spread over the days of that quarter.
    Quarter,
    /// Per calendar year, spread over the days of that year.
    Year,
    /// One amount for the whole contract, spread over the contract's days.
    Contract,
    /// One amount on one day.
    Lump,
    /// No amount: the service counts, no kroner do.
    Nothing,
}

/// Where a service stands in the municipal budget. Convention, overridable: no defining text was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BudgetClass {
    /// Inside the service frame (servicerammen).
    #[serde(rename = "serviceramme")]
    ServiceFrame,
    /// A transfer to a person (overførsel).
    #[serde(rename = "overfoersel")]
    Transfer,
    /// Outside the frame.
    #[serde(rename = "uden_for_ramme")]
    OutsideFrame,
    /// An account or paragraph that the catalogue does not know: a class of its own, never a default.
    #[serde(rename = "ukendt")]
    Unknown,
}

impl BudgetClass {
    /// Every class, in the order of reports.
    pub const ALL: [Self; 4] = [Self::ServiceFrame, Self::Transfer, Self::OutsideFrame, Self::Unknown];

    /// The word of data files and messages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ServiceFrame => "serviceramme",
            Self::Transfer => "overfoersel",
            Self::OutsideFrame => "uden_for_ramme",
            Self::Unknown => "ukendt",
        }
    }
}
