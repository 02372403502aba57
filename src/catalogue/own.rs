//! The tables of the catalogue by name, and the user's own files over them.

use std::sync::Arc;

/// A table of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CatalogueTable {
    /// Departments that pay and deliver.
    Departments,
    /// What services are bought for.
    PurposeGroups,
    /// Services, account groups and unknown classes.
    Services,
    /// Dated accounts.
    Accounts,
    /// Dated law paragraphs.
    Paragraphs,
    /// What benefit systems, price lists and supplements call services.
    BenefitNames,
}

impl CatalogueTable {
    /// Every table, in the order in which they are built on each other.
    pub const ALL: [Self; 6] =
        [Self::Departments, Self::PurposeGroups, Self::Services, Self::Accounts, Self::Paragraphs, Self::BenefitNames];

    /// The key of the plan's `[katalog]`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Departments => "afdelinger",
            Self::PurposeGroups => "formaalsgrupper",
            Self::Services => "ydelser",
            Self::Accounts => "konti",
            Self::Paragraphs => "paragraffer",
            Self::BenefitNames => "ydelsesnavne",
        }
    }

    /// The table as the program carries it: CSV with semicolons, the columns named in the first line.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Departments => include_str!("data/departments.csv"),
            Self::PurposeGroups => include_str!("data/purpose_groups.csv"),
            Self::Services => include_str!("data/services.csv"),
            Self::Accounts => include_str!("data/accounts.csv"),
            Self::Paragraphs => include_str!("data/paragraphs.csv"),
            Self::BenefitNames => include_str!("data/benefit_names.csv"),
        }
    }

    /// The name of its file in the source.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Departments => "departments.csv",
            Self::PurposeGroups => "purpose_groups.csv",
            Self::Services => "services.csv",
            Self::Accounts => "accounts.csv",
            Self::Paragraphs => "paragraphs.csv",
            Self::BenefitNames => "benefit_names.csv",
        }
    }
}

/// A file of the user's own, with the columns of the shipped table. What it says of a key replaces what the shipped
/// table says of it, in full: all dated rows of an account (funktion, dranst and gruppering), all of a paragraph with the
/// same offer. Other keys are added.
#[derive(Clone, Debug)]
pub struct OwnTable {
    /// Which table.
    pub table: CatalogueTable,
    /// What messages call the file.
    pub name: String,
    /// Its text, without a byte order mark.
    pub text: Arc<str>,
}
