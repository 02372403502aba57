//! Coverage: how much of what the accounts hold reached a person (`metrics.md`, coverage).

use std::collections::BTreeMap;

use super::{Line, LineKind, Received};
use crate::domain::{Ore, OreOverflow, Role, ServiceId, SourceId};

/// What one account group holds, and what of it reached a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountCoverage {
    /// The service or account group.
    pub service: ServiceId,
    /// `T_L`: all cost of the ledger, with and without a person, inside the period or not.
    pub total: Ore,
    /// `T_P`: what of it carries a person's number.
    pub matched: Ore,
}

/// The share of kroner that reached a person, over the accounts that book every cost on a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverageShare {
    /// Parts per million of the ledger total.
    Known(u32),
    /// The source has no row without a number, so that it is no full ledger and tells nothing of what is missing; or its
    /// person-booked accounts hold nothing.
    Unknown,
}

/// The coverage of a source of postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Every account group with cost, in the order of services.
    pub accounts: Vec<AccountCoverage>,
    /// Over the person-booked accounts, weighted by what they hold.
    pub share: CoverageShare,
}

impl Coverage {
    /// The coverage of one source; `person_booked` tells for a service whether its account books every cost on a citizen.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn of(
        received: &[Received],
        lines: &[Line],
        source: SourceId,
        person_booked: impl Fn(ServiceId) -> bool,
    ) -> Result<Self, OreOverflow> {
        let mut sums: BTreeMap<ServiceId, (Ore, Ore)> = BTreeMap::new();
        let mut is_full = false;
        let paid = received.iter().filter(|sum| sum.source == source && sum.role == Role::Actual);
        for (service, ore) in paid.map(|sum| (sum.service, sum.all.ore)) {
            let (total, matched) = sums.entry(service).or_default();
            (*total, *matched) = (total.plus(ore)?, matched.plus(ore)?);
        }
        for line in lines.iter().filter(|line| line.source == source) {
            let (total, matched) = sums.entry(line.service).or_default();
            match line.kind {
                LineKind::OutsidePeriod | LineKind::Reconcile | LineKind::Reversed | LineKind::EarlierCorrection => {
                    (*total, *matched) = (total.plus(line.ore)?, matched.plus(line.ore)?);
                }
                LineKind::NoPerson | LineKind::ReplacementNumber | LineKind::Unlinked => {
                    is_full |= line.kind == LineKind::NoPerson;
                    *total = total.plus(line.ore)?;
                }
                // No cost, a copy, or no posting at all.
                LineKind::Refund
                | LineKind::Balance
                | LineKind::InternalIncome
                | LineKind::PaidByOthers
                | LineKind::Duplicate
                | LineKind::TariffMoved
                | LineKind::NeverPaid
                | LineKind::PresumedEnded => {}
            }
        }
        sums.retain(|_, (total, matched)| (*total, *matched) != (Ore::ZERO, Ore::ZERO));
        let booked = || sums.iter().filter(|(service, _)| person_booked(**service)).map(|(_, sums)| *sums);
        let total = Ore::sum(booked().map(|(total, _)| total))?;
        let matched = Ore::sum(booked().map(|(_, matched)| matched))?;
        let share = if is_full && total > Ore::ZERO {
            let parts = i128::from(matched.0) * 1_000_000 / i128::from(total.0);
            CoverageShare::Known(u32::try_from(parts.clamp(0, 1_000_000)).unwrap_or(1_000_000))
        } else {
            CoverageShare::Unknown
        };
        let account = |(service, (total, matched))| AccountCoverage { service, total, matched };
        Ok(Self { accounts: sums.into_iter().map(account).collect(), share })
    }

    /// Whether the headline is withheld: under the limit (parts per million). Unknown coverage says so itself.
    #[must_use]
    pub const fn withholds(&self, limit: u32) -> bool {
        matches!(self.share, CoverageShare::Known(parts) if parts < limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Pool,
        domain::{Date, PersonId},
        ledger::{Closing, Spell, received},
    };

    fn line(kind: LineKind, service: u16, ore: i64) -> Line {
        Line { source: SourceId(0), kind, service: ServiceId(service), rows: 1, ore: Ore(ore) }
    }

    fn coverage(lines: &[Line], person_booked: impl Fn(ServiceId) -> bool) -> Coverage {
        let day = Date::EPOCH;
        let spell = |source: u16, service: u16, ore: i64| Spell {
            person: PersonId(0),
            service: ServiceId(service),
            role: Role::Actual,
            from: day,
            to: day,
            ore: Ore(ore),
            source: SourceId(source),
            not_periodised: false,
            open: false,
            closing: Closing::Ended,
            exceeds_grant: false,
        };
        let spells = [spell(0, 0, 600), spell(1, 0, 5_000), spell(0, 1, 100)];
        let received = received(&spells, &Pool::new(1).expect("a thread")).expect("sums");
        Coverage::of(&received, lines, SourceId(0), person_booked).expect("small")
    }

    #[test]
    fn person_booked_accounts_are_weighted_by_what_they_hold() {
        let lines = [
            line(LineKind::OutsidePeriod, 0, 100),
            line(LineKind::NoPerson, 0, 200),
            line(LineKind::Unlinked, 0, 100),
            line(LineKind::NoPerson, 1, 90_000),
            line(LineKind::Balance, 0, -1_000),
            line(LineKind::Duplicate, 0, 1_000),
        ];
        let coverage = coverage(&lines, |service| service == ServiceId(0));
        let account = |service: u16, total: i64, matched: i64| AccountCoverage {
            service: ServiceId(service),
            total: Ore(total),
            matched: Ore(matched),
        };
        assert_eq!(coverage.accounts, [account(0, 1_000, 700), account(1, 90_100, 100)]);
        assert_eq!(coverage.share, CoverageShare::Known(700_000));
        assert_eq!([coverage.withholds(800_000), coverage.withholds(700_000)], [true, false]);
    }

    #[test]
    fn without_a_full_ledger_nothing_is_known() {
        let of = |line| coverage(&[line], |_| true);
        let partial = of(line(LineKind::Unlinked, 0, 100));
        assert_eq!((partial.share, partial.withholds(1_000_000)), (CoverageShare::Unknown, false));
        assert_eq!(of(line(LineKind::NoPerson, 0, -10_000)).share, CoverageShare::Unknown);
    }
}
