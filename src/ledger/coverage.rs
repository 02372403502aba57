//! Coverage: how much of what the accounts hold reached a person (`metrics.md`, coverage).

use std::collections::BTreeMap;

use super::{Booked, Line, LineKind, Received, settlement::broken};
use crate::{
    base::Result,
    domain::{Ore, OreOverflow, Role, ServiceId, SourceId},
};

/// What one account group holds, and what of it reached a person. The file's own total is `total + not_cost + copies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountCoverage {
    /// The service or account group.
    pub service: ServiceId,
    /// What the file holds, as read.
    pub booked: Ore,
    /// `T_L`: all cost of the ledger, with and without a person, inside the period or not.
    pub total: Ore,
    /// `T_P`: what of it carries a person's number. Not attributable is `T_L - T_P`.
    pub matched: Ore,
    /// Balance legs, refunds and income: no cost.
    pub not_cost: Ore,
    /// Rows that stand in several files.
    pub copies: Ore,
}

impl AccountCoverage {
    /// An account that holds nothing yet.
    const fn empty(service: ServiceId) -> Self {
        let none = Ore::ZERO;
        Self { service, booked: none, total: none, matched: none, not_cost: none, copies: none }
    }
}

/// The share of kroner that reached a person, over the accounts that book every cost on a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverageShare {
    /// Parts per million of the ledger total.
    Known(u32),
    /// A source has no row without a number, so that it is no full ledger and tells nothing of what is missing; or there is no
    /// ledger, or its person-booked accounts hold nothing.
    Unknown,
}

impl CoverageShare {
    /// Whether the headline is withheld: under the limit (parts per million). Unknown coverage says so itself.
    #[must_use]
    pub const fn withholds(self, limit: u32) -> bool {
        matches!(self, Self::Known(parts) if parts < limit)
    }
}

/// The coverage of a source of postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Every account group with kroner, in the order of services.
    pub accounts: Vec<AccountCoverage>,
    /// Whether the source has rows without a number, as a full ledger has.
    pub is_full: bool,
    /// `T_L` and `T_P` over the person-booked accounts.
    pub person_booked: (Ore, Ore),
}

impl Coverage {
    /// The coverage of one source; `booked` is what its files hold, `person_booked` tells for a service whether its account
    /// books every cost on a citizen.
    ///
    /// # Errors
    /// When a sum leaves 64 bits, or an account does not add up to what its file holds.
    pub fn of(
        received: &[Received],
        lines: &[Line],
        source: SourceId,
        booked: &Booked,
        person_booked: impl Fn(ServiceId) -> bool,
    ) -> Result<Self> {
        let mut accounts: BTreeMap<ServiceId, AccountCoverage> = BTreeMap::new();
        for (service, ore) in booked.by_account()? {
            accounts.insert(service, AccountCoverage { booked: ore, ..AccountCoverage::empty(service) });
        }
        let empty = AccountCoverage::empty;
        let mut is_full = false;
        // There are many sums and few services.
        let mut paid: Vec<Option<Ore>> = Vec::new();
        for sum in received.iter().filter(|sum| sum.source == source && sum.role == Role::Actual) {
            if paid.len() <= sum.service.index() {
                paid.resize(sum.service.index() + 1, None);
            }
            let of_service = &mut paid[sum.service.index()];
            *of_service = Some(of_service.unwrap_or_default().plus(sum.all.ore)?);
        }
        for (service, ore) in (0..).map(ServiceId).zip(paid).filter_map(|(service, ore)| Some((service, ore?))) {
            let account = accounts.entry(service).or_insert_with(|| empty(service));
            (account.total, account.matched) = (account.total.plus(ore)?, account.matched.plus(ore)?);
        }
        for line in lines.iter().filter(|line| line.source == source) {
            let account = accounts.entry(line.service).or_insert_with(|| empty(line.service));
            match line.kind {
                LineKind::OutsidePeriod | LineKind::Reconcile | LineKind::Reversed | LineKind::EarlierCorrection => {
                    (account.total, account.matched) = (account.total.plus(line.ore)?, account.matched.plus(line.ore)?);
                }
                LineKind::NoPerson | LineKind::ReplacementNumber | LineKind::Unlinked | LineKind::Review => {
                    is_full |= line.kind == LineKind::NoPerson;
                    account.total = account.total.plus(line.ore)?;
                }
                LineKind::Refund
                | LineKind::Balance
                | LineKind::InternalIncome
                | LineKind::PaidByOthers
                | LineKind::PaidElsewhere
                | LineKind::IntermunicipalIncome
                | LineKind::OwnPayment => {
                    account.not_cost = account.not_cost.plus(line.ore)?;
                }
                LineKind::Duplicate => account.copies = account.copies.plus(line.ore)?,
                // No posting at all.
                LineKind::TariffMoved | LineKind::NeverPaid | LineKind::PresumedEnded => {}
            }
        }
        let accounts: Vec<AccountCoverage> =
            accounts.into_values().filter(|account| *account != empty(account.service)).collect();
        for account in &accounts {
            if account.total.plus(account.not_cost)?.plus(account.copies)? != account.booked {
                return Err(broken("En konto i regnskabet stemmer ikke med filens egen sum"));
            }
        }
        let booked = || accounts.iter().filter(|account| person_booked(account.service));
        let total = Ore::sum(booked().map(|account| account.total))?;
        let matched = Ore::sum(booked().map(|account| account.matched))?;
        Ok(Self { accounts, is_full, person_booked: (total, matched) })
    }

    /// The share over the person-booked accounts, weighted by what they hold.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn share(&self) -> Result<CoverageShare, OreOverflow> {
        Self::share_of(std::iter::once(self))
    }

    /// The share over several sources: known when each of them is a full ledger.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn share_of<'a>(coverages: impl Iterator<Item = &'a Self> + Clone) -> Result<CoverageShare, OreOverflow> {
        let total = Ore::sum(coverages.clone().map(|coverage| coverage.person_booked.0))?;
        let matched = Ore::sum(coverages.clone().map(|coverage| coverage.person_booked.1))?;
        let all_full = coverages.into_iter().all(|coverage| coverage.is_full);
        if !all_full || total <= Ore::ZERO {
            return Ok(CoverageShare::Unknown);
        }
        let parts = i128::from(matched.0) * 1_000_000 / i128::from(total.0);
        Ok(CoverageShare::Known(u32::try_from(parts.clamp(0, 1_000_000)).unwrap_or(1_000_000)))
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

    fn coverage(lines: &[Line], file: &Booked, person_booked: impl Fn(ServiceId) -> bool) -> Result<Coverage> {
        let day = Date::EPOCH;
        let spell = |source: u16, service: u16, ore: i64| Spell {
            person: PersonId(0),
            service: ServiceId(service),
            role: Role::Actual,
            from: day,
            to: day,
            ore: Ore(ore),
            source: SourceId(source),
            open: false,
            closing: Closing::Ended,
            rule: crate::ledger::Rule::OwnPeriod,
            amount_type: crate::domain::AmountType::Contract,
            row: crate::ledger::RowMark::default(),
        };
        let spells = [spell(0, 0, 600), spell(1, 0, 5_000), spell(0, 1, 100)];
        let received = received(&spells, &Pool::new(1).expect("a thread")).expect("sums");
        Coverage::of(&received, lines, SourceId(0), file, person_booked)
    }

    /// What the lines and spells of source 0 come from.
    fn booked(accounts: &[(u16, i64)]) -> Booked {
        let mut booked = Booked::default();
        for (service, ore) in accounts {
            booked.add(2015, ServiceId(*service), Ore(*ore), true).expect("small");
        }
        booked
    }

    #[test]
    fn person_booked_accounts_are_weighted_by_what_they_hold() {
        let lines = [
            line(LineKind::OutsidePeriod, 0, 100),
            line(LineKind::NoPerson, 0, 200),
            line(LineKind::Unlinked, 0, 100),
            line(LineKind::NoPerson, 1, 90_000),
            line(LineKind::Balance, 0, -1_000),
            line(LineKind::Duplicate, 0, 3_000),
            line(LineKind::TariffMoved, 0, -77),
        ];
        let file = booked(&[(0, 3_000), (1, 90_100)]);
        let coverage = coverage(&lines, &file, |service| service == ServiceId(0)).expect("adds up");
        let account = |service: u16, total: i64, matched: i64| AccountCoverage {
            booked: Ore(total),
            total: Ore(total),
            matched: Ore(matched),
            ..AccountCoverage::empty(ServiceId(service))
        };
        let with_others =
            AccountCoverage { booked: Ore(3_000), not_cost: Ore(-1_000), copies: Ore(3_000), ..account(0, 1_000, 700) };
        assert_eq!(coverage.accounts, [with_others, account(1, 90_100, 100)]);
        let share = coverage.share().expect("small");
        assert_eq!(share, CoverageShare::Known(700_000));
        assert_eq!([share.withholds(800_000), share.withholds(700_000)], [true, false]);
        let other = Coverage { person_booked: (Ore(1_000), Ore(1_000)), ..coverage.clone() };
        assert_eq!(Coverage::share_of([&coverage, &other].into_iter()), Ok(CoverageShare::Known(850_000)));
        let partial = Coverage { is_full: false, ..other };
        assert_eq!(Coverage::share_of([&coverage, &partial].into_iter()), Ok(CoverageShare::Unknown));
    }

    #[test]
    fn an_account_that_does_not_add_up_to_its_file_stops_the_run() {
        let lines = [line(LineKind::NoPerson, 0, 200)];
        let of = |file: &[(u16, i64)]| coverage(&lines, &booked(file), |_| true);
        assert!(of(&[(0, 800), (1, 100)]).is_ok());
        for file in [&[(0, 801), (1, 100)][..], &[(0, 800)], &[(0, 700), (1, 200)], &[(0, 800), (1, 100), (2, 1)]] {
            assert_eq!(of(file).map_err(|error| error.kind()), Err(crate::base::ErrorKind::Internal), "{file:?}");
        }
    }

    #[test]
    fn without_a_full_ledger_nothing_is_known() {
        let of = |line, file: &[(u16, i64)]| {
            let coverage = coverage(&[line], &booked(file), |_| true).expect("adds up");
            coverage.share().expect("small")
        };
        let partial = of(line(LineKind::Unlinked, 0, 100), &[(0, 700), (1, 100)]);
        assert_eq!((partial, partial.withholds(1_000_000)), (CoverageShare::Unknown, false));
        assert_eq!(of(line(LineKind::NoPerson, 0, -10_000), &[(0, -9_400), (1, 100)]), CoverageShare::Unknown);
        assert_eq!(Coverage::share_of(std::iter::empty()), Ok(CoverageShare::Unknown), "no ledger at all");
    }
}
