//! What the ledger needs to know besides the rows: the period, who counts, and how much the payments can tell.

use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Date, Period, PersonId, PurposeGroupId, ServiceId, SourceId},
    ledger::Entry,
};

/// What the payments of a purpose group can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentsKnown {
    /// The oldest granted day that a payment without a service period can be for: earlier days were paid before the
    /// export begins.
    pub from: Date,
    /// The maturity date: of granted days up to this one every payment is in, later ones may still be unpaid.
    pub mature: Date,
    /// The last day that the source of the payments knows (data end).
    pub to: Date,
}

impl PaymentsKnown {
    /// A source whose first row is of `first` and whose last day is `to`, where payments come up to `delay_days` late.
    /// What is booked first can be for days as old as the delay.
    #[must_use]
    pub const fn new(first: Date, to: Date, delay_days: i32) -> Self {
        Self { from: first.plus(-delay_days), mature: to.plus(-delay_days), to }
    }
}

/// What the ledger needs to know besides the rows.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The period whose days count.
    pub period: Period,
    /// The purpose group of each service, by [`ServiceId`].
    pub purpose_group_of: Vec<PurposeGroupId>,
    /// Whether only children and young people have services of the group, by [`PurposeGroupId`].
    pub for_children: Vec<bool>,
    /// The one source whose actual rows count, by [`PurposeGroupId`]; `None` when every actual source counts.
    pub authoritative: Vec<Option<SourceId>>,
    /// What the payments can tell, by [`PurposeGroupId`]; `None` when no source pays anything of the group, so that
    /// nothing can be held against a grant.
    pub payments: Vec<Option<PaymentsKnown>>,
    /// Days without a payment after which a grant is presumed ended.
    pub presumed_ended_after: i32,
    /// The last day that a source knows, by [`SourceId`]; none, or past the end, when it knows the whole period.
    pub data_end: Vec<Option<Date>>,
    /// The day of death, by [`PersonId`]; none, or past the end, for who lives.
    pub died: Vec<Option<Date>>,
    /// Rows that were moved from a guardian to the child they are for ([`super::move_to_children`]), sorted.
    pub moved: Vec<Entry>,
}

impl Settlement {
    pub(super) fn purpose_group(&self, service: ServiceId) -> Result<PurposeGroupId> {
        self.purpose_group_of.get(service.index()).copied().ok_or_else(|| broken("En ydelse mangler sin formålsgruppe"))
    }

    pub(super) fn is_for_children(&self, group: PurposeGroupId) -> bool {
        self.for_children.get(group.index()).copied().unwrap_or(false)
    }

    /// The rows that were moved to a person.
    pub(super) fn moved_to(&self, person: PersonId) -> &[Entry] {
        let first = self.moved.partition_point(|row| row.person < person);
        let rows = &self.moved[first..];
        &rows[..rows.partition_point(|row| row.person == person)]
    }

    pub(super) fn counts(&self, group: PurposeGroupId, source: SourceId) -> Result<bool> {
        let authoritative = self.authoritative.get(group.index());
        let authoritative = authoritative.ok_or_else(|| broken("En formålsgruppe mangler i opgørelsens tabel"))?;
        Ok(authoritative.is_none_or(|authoritative| authoritative == source))
    }

    pub(super) fn payments(&self, group: PurposeGroupId) -> Option<PaymentsKnown> {
        self.payments.get(group.index()).copied().flatten()
    }

    pub(super) fn data_end(&self, source: SourceId) -> Option<Date> {
        self.data_end.get(source.index()).copied().flatten()
    }

    pub(super) fn died(&self, person: PersonId) -> Option<Date> {
        self.died.get(person.index()).copied().flatten()
    }
}

pub(super) fn broken(message: &str) -> Error {
    Error::new(ErrorKind::Internal, message).hint("Det er en fejl i samkor og ikke i dine data. Intet er afleveret.")
}
