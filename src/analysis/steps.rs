//! From the ledger's total to the ranking's, step by step (`metrics.md`, budget and months): the steps add up exactly.

use std::collections::BTreeMap;

use super::{Bridge, Destination};
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Ore, Role, SourceId},
};

/// One step. The order is that of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// What the ledger files hold of an accounting year (Regnskabsår).
    Booked(i16),
    /// What leaves the ledger's kroner on the way, by where it ends; with a negative sign.
    Leaves(Phase, Destination),
    /// Actual kroner of families from sources that are no ledger.
    OtherSources,
    /// What the families have beside what was paid: grants, price lists, supplements.
    Added(Role),
}

/// Why kroner leave, in the order of the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// No cost, or a cost that was taken back or stands twice.
    NotCost,
    /// Moved by periodisation: days outside the period.
    Periodised,
    /// Paid through another source, which counts instead.
    PaidElsewhere,
    /// Booked on nobody, or on nobody with a family here.
    NoFamily,
}

impl Phase {
    /// The phase in words for people.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::NotCost => "ingen udgift: refusion, statuskonti, interne afregninger, tilbageførte og dubletter",
            Self::Periodised => "flyttet ved periodisering",
            Self::PaidElsewhere => "opgjort efter en anden kilde",
            Self::NoFamily => "ikke borgerbogført eller uden familie her",
        }
    }

    const fn of(destination: Destination) -> Option<Self> {
        Some(match destination {
            Destination::Reversed
            | Destination::Refund
            | Destination::Balance
            | Destination::Duplicate
            | Destination::InternalIncome
            | Destination::IntermunicipalIncome
            | Destination::OwnPayment
            | Destination::PaidByOthers
            | Destination::PaidElsewhere => Self::NotCost,
            Destination::OutsidePeriod | Destination::EarlierCorrection => Self::Periodised,
            Destination::Reconcile => Self::PaidElsewhere,
            Destination::NoPerson
            | Destination::ReplacementNumber
            | Destination::Unlinked
            | Destination::OutsideRegister
            | Destination::NotResident => Self::NoFamily,
            // Claims and supplements, which no ledger file holds; and the ranking itself.
            Destination::TariffMoved
            | Destination::NeverPaid
            | Destination::PresumedEnded
            | Destination::ManualUnranked
            | Destination::Units => return None,
        })
    }
}

/// The steps from what the ledger files hold by accounting year to the kroner in the ranking, in order, those of nothing left
/// out. `ledgers` are the sources of postings.
///
/// # Errors
/// When a sum leaves 64 bits, or the steps do not add up to the ranking: then an øre is lost or stands twice.
pub fn steps(bridge: &Bridge, years: &BTreeMap<i16, Ore>, ledgers: &[SourceId]) -> Result<Vec<(Step, Ore)>> {
    let mut sums: BTreeMap<Step, Ore> = years.iter().map(|(year, ore)| (Step::Booked(*year), *ore)).collect();
    let mut ranking = Ore::ZERO;
    for line in &bridge.lines {
        let is_ledger = ledgers.contains(&line.source) && line.role.is_none_or(|role| role == Role::Actual);
        let (step, ore) = match (line.destination, line.role) {
            (Destination::Units, role) => {
                ranking = ranking.plus(line.ore)?;
                match role {
                    Some(Role::Actual) if is_ledger => continue,
                    Some(Role::Actual) | None => (Step::OtherSources, line.ore),
                    Some(role) => (Step::Added(role), line.ore),
                }
            }
            (destination, _) if is_ledger => match Phase::of(destination) {
                Some(phase) => (Step::Leaves(phase, destination), -line.ore),
                None => continue,
            },
            _ => continue,
        };
        let sum = sums.entry(step).or_default();
        *sum = sum.plus(ore)?;
    }
    if Ore::sum(sums.values().copied())? != ranking {
        return Err(Error::new(ErrorKind::Internal, "Broen fra regnskabet til ranglisten går ikke op")
            .hint("Det er en fejl i samkor og ikke i dine data. Intet er afleveret."));
    }
    Ok(sums.into_iter().filter(|(_, ore)| *ore != Ore::ZERO).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            BridgeLine,
            example::{any_world, config},
        },
        *,
    };

    fn line(source: u16, destination: Destination, role: Option<Role>, ore: i64) -> BridgeLine {
        BridgeLine { source: SourceId(source), destination, role, pieces: 1, ore: Ore(ore) }
    }

    #[test]
    fn goes_from_the_ledger_by_year_to_the_ranking() {
        let lines = vec![
            line(0, Destination::OutsidePeriod, None, 300),
            line(0, Destination::Refund, None, -25),
            line(0, Destination::NoPerson, None, 500),
            line(0, Destination::NotResident, Some(Role::Actual), 40),
            line(0, Destination::Units, Some(Role::Actual), 185),
            line(1, Destination::OutsidePeriod, None, 9_999),
            line(1, Destination::Units, Some(Role::Actual), 70),
            line(2, Destination::NeverPaid, None, 8_888),
            line(2, Destination::Units, Some(Role::Granted), 11),
            line(3, Destination::TariffMoved, None, -6),
            line(3, Destination::Units, Some(Role::Tariff), 6),
            line(4, Destination::ManualUnranked, Some(Role::Manual), 7_777),
        ];
        let years = BTreeMap::from([(2014, Ore(250)), (2015, Ore(750))]);
        let found = steps(&Bridge { lines: lines.clone() }, &years, &[SourceId(0)]).expect("adds up");
        assert_eq!(
            found,
            [
                (Step::Booked(2014), Ore(250)),
                (Step::Booked(2015), Ore(750)),
                (Step::Leaves(Phase::NotCost, Destination::Refund), Ore(25)),
                (Step::Leaves(Phase::Periodised, Destination::OutsidePeriod), Ore(-300)),
                (Step::Leaves(Phase::NoFamily, Destination::NoPerson), Ore(-500)),
                (Step::Leaves(Phase::NoFamily, Destination::NotResident), Ore(-40)),
                (Step::OtherSources, Ore(70)),
                (Step::Added(Role::Granted), Ore(11)),
                (Step::Added(Role::Tariff), Ore(6)),
            ]
        );
        assert_eq!(found.iter().map(|(_, ore)| ore.0).sum::<i64>(), 185 + 70 + 11 + 6);
        let lost = BTreeMap::from([(2015, Ore(999))]);
        let error = steps(&Bridge { lines }, &lost, &[SourceId(0)]).map_err(|error| error.kind());
        assert_eq!(error, Err(ErrorKind::Internal));
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn the_steps_of_any_ledger_add_up(world in any_world(), split in -900_i64..900) {
            let bridge = Bridge::of(&world.basis()).expect("a bridge");
            let ledger = SourceId(0);
            let held: i64 = world.ledger.lines.iter().filter(|line| line.source == ledger && !Destination::from(line.kind).is_claim())
                .map(|line| line.ore.0)
                .chain(world.ledger.spells.iter().filter(|spell| spell.source == ledger && spell.role == Role::Actual).map(|spell| spell.ore.0))
                .sum();
            let years = BTreeMap::from([(2014, Ore(split)), (2015, Ore(held - split))]);
            let found = steps(&bridge, &years, &[ledger]).expect("adds up");
            let ranked = bridge.sum(|line| line.destination == Destination::Units).expect("a sum").1;
            prop_assert_eq!(Ore::sum(found.iter().map(|(_, ore)| *ore)).expect("a sum"), ranked);
        }
    }
}
