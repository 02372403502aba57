//! Where did the kroner go that reach no unit? And does everything add up: units and the rest are the whole ledger.

use std::collections::BTreeMap;

use super::{Basis, UnitFigures};
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Ore, Role, SourceId},
    ledger::{Ledger, LineKind},
};

/// Where a krone of the ledger ends. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Falls on days outside the period.
    OutsidePeriod,
    /// Both rows of a reversal.
    Reversed,
    /// State refund (dranst 2).
    Refund,
    /// Balance-sheet legs (artskonto 9x).
    Balance,
    /// Another source is the authoritative one.
    Reconcile,
    /// The row stands in another file too.
    Duplicate,
    /// A credit for days before the period.
    EarlierCorrection,
    /// Income of internal settlements (art 9.7).
    InternalIncome,
    /// The part of a benefit that others than the municipality pay.
    PaidByOthers,
    /// Income from another municipality (art 7.7).
    IntermunicipalIncome,
    /// Own payment: other income (art 7).
    OwnPayment,
    /// Another municipality pays, wherever the person lives.
    PaidElsewhere,
    /// The row names no citizen.
    NoPerson,
    /// The row carries a replacement number.
    ReplacementNumber,
    /// A damaged or missing number, and nothing on the row that finds the citizen for certain.
    Unlinked,
    /// A person must look at the row.
    Review,
    /// A valid number that the register does not know.
    OutsideRegister,
    /// A person of the register who is no resident on the reference date.
    NotResident,
    /// Moved from the institutions' own lines to families as tariff.
    TariffMoved,
    /// Granted, and after so long never paid: not counted.
    NeverPaid,
    /// Granted, but presumed ended since nothing was paid for so long: not counted.
    PresumedEnded,
    /// Manual supplements of families, outside the ranking.
    ManualUnranked,
    /// In a unit, in the ranking.
    Units,
}

impl Destination {
    /// Every destination, in the order of reports.
    pub const ALL: [Self; 23] = [
        Self::OutsidePeriod,
        Self::Reversed,
        Self::Refund,
        Self::Balance,
        Self::Reconcile,
        Self::Duplicate,
        Self::EarlierCorrection,
        Self::InternalIncome,
        Self::PaidByOthers,
        Self::IntermunicipalIncome,
        Self::OwnPayment,
        Self::PaidElsewhere,
        Self::NoPerson,
        Self::ReplacementNumber,
        Self::Unlinked,
        Self::Review,
        Self::OutsideRegister,
        Self::NotResident,
        Self::TariffMoved,
        Self::NeverPaid,
        Self::PresumedEnded,
        Self::ManualUnranked,
        Self::Units,
    ];

    /// The destination in words for people.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::OutsidePeriod => "uden for perioden",
            Self::Reversed => "tilbageført (begge rækker)",
            Self::Refund => "statsrefusion",
            Self::Balance => "statuskonti",
            Self::Reconcile => "afstemmes mod en anden kilde",
            Self::Duplicate => "dublet af en anden række",
            Self::EarlierCorrection => "korrektion tidligere perioder",
            Self::InternalIncome => "intern afregning (art 9.7)",
            Self::PaidByOthers => "betalt af andre end kommunen",
            Self::IntermunicipalIncome => "mellemkommunal indtægt (art 7.7)",
            Self::OwnPayment => "egenbetaling (anden indtægt, art 7)",
            Self::PaidElsewhere => "betalt af en anden kommune",
            Self::NoPerson => "ikke henført: uden borger",
            Self::ReplacementNumber => "ikke henført: erstatningsnummer",
            Self::Unlinked => "ikke henført: beskadiget eller manglende nummer",
            Self::Review => "ikke henført: til gennemgang",
            Self::OutsideRegister => "ikke henført: uden for CPR-udtrækket",
            Self::NotResident => "ikke henført: ikke bosat på skæringsdatoen",
            Self::TariffMoved => "flyttet som takst",
            Self::NeverPaid => "bevilget, aldrig betalt (tælles ikke)",
            Self::PresumedEnded => "bevilget, formodet ophørt (tælles ikke)",
            Self::ManualUnranked => "manuelle tillæg uden for ranglisten",
            Self::Units => "henført til familier",
        }
    }

    /// Whether these were claimed and never booked, so that no actual source brought them in.
    #[must_use]
    pub const fn is_claim(self) -> bool {
        matches!(self, Self::TariffMoved | Self::NeverPaid | Self::PresumedEnded)
    }

    /// Whether these are kroner that a family could have carried but nobody could be found for.
    #[must_use]
    pub const fn is_not_attributed(self) -> bool {
        matches!(
            self,
            Self::NoPerson
                | Self::ReplacementNumber
                | Self::Unlinked
                | Self::Review
                | Self::OutsideRegister
                | Self::NotResident
        )
    }
}

impl From<LineKind> for Destination {
    fn from(kind: LineKind) -> Self {
        match kind {
            LineKind::OutsidePeriod => Self::OutsidePeriod,
            LineKind::NoPerson => Self::NoPerson,
            LineKind::ReplacementNumber => Self::ReplacementNumber,
            LineKind::Unlinked => Self::Unlinked,
            LineKind::Review => Self::Review,
            LineKind::Reconcile => Self::Reconcile,
            LineKind::Reversed => Self::Reversed,
            LineKind::Refund => Self::Refund,
            LineKind::Balance => Self::Balance,
            LineKind::EarlierCorrection => Self::EarlierCorrection,
            LineKind::InternalIncome => Self::InternalIncome,
            LineKind::PaidByOthers => Self::PaidByOthers,
            LineKind::IntermunicipalIncome => Self::IntermunicipalIncome,
            LineKind::OwnPayment => Self::OwnPayment,
            LineKind::PaidElsewhere => Self::PaidElsewhere,
            LineKind::Duplicate => Self::Duplicate,
            LineKind::TariffMoved => Self::TariffMoved,
            LineKind::NeverPaid => Self::NeverPaid,
            LineKind::PresumedEnded => Self::PresumedEnded,
        }
    }
}

/// Øre of one source that ended in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BridgeLine {
    /// The source.
    pub source: SourceId,
    /// Where they ended.
    pub destination: Destination,
    /// The claim they came as; `None` for lines of the ledger that stand in no spell.
    pub role: Option<Role>,
    /// Spells, or rows for lines of the ledger.
    pub pieces: u64,
    /// The øre.
    pub ore: Ore,
}

/// What the bridge sums by: source, destination and claim.
type Key = (SourceId, Destination, Option<Role>);

/// Every øre of the ledger by source and by where it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bridge {
    /// Sorted by source, destination and role.
    pub lines: Vec<BridgeLine>,
}

impl Bridge {
    /// Follows every øre of the ledger. The order of spells and lines does not matter.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn of(basis: &Basis<'_>) -> Result<Self> {
        let mut sums: BTreeMap<Key, (u64, Ore)> = BTreeMap::new();
        let mut add = |key, pieces: u64, ore: Ore| -> Result<()> {
            let sum = sums.entry(key).or_default();
            *sum = (sum.0 + pieces, sum.1.plus(ore)?);
            Ok(())
        };
        // A person's sums stand by role, and nearly all of one person go where the last one's went.
        let mut last: Option<(Key, u64, Ore)> = None;
        for received in basis.received {
            let known = || basis.in_register.get(received.person.index()).copied().unwrap_or(false);
            let destination = match basis.unit(received.person) {
                None if known() => Destination::NotResident,
                None => Destination::OutsideRegister,
                Some(_) if basis.is_ranked(received.role) => Destination::Units,
                Some(_) => Destination::ManualUnranked,
            };
            let (key, all) = ((received.source, destination, Some(received.role)), received.all);
            match &mut last {
                Some((same, pieces, ore)) if *same == key => {
                    (*pieces, *ore) = (*pieces + all.spells, ore.plus(all.ore)?);
                }
                _ => {
                    if let Some((key, pieces, ore)) = last.replace((key, all.spells, all.ore)) {
                        add(key, pieces, ore)?;
                    }
                }
            }
        }
        if let Some((key, pieces, ore)) = last {
            add(key, pieces, ore)?;
        }
        for line in &basis.ledger.lines {
            add((line.source, line.kind.into(), None), line.rows, line.ore)?;
        }
        let line = |((source, destination, role), (pieces, ore))| BridgeLine { source, destination, role, pieces, ore };
        Ok(Self { lines: sums.into_iter().map(line).collect() })
    }

    /// Pieces and øre that ended in one place, over all sources and roles that `wanted` admits.
    ///
    /// # Errors
    /// When the sum leaves 64 bits.
    pub fn sum(&self, wanted: impl Fn(&BridgeLine) -> bool) -> Result<(u64, Ore)> {
        let lines = || self.lines.iter().filter(|line| wanted(line));
        Ok((lines().map(|line| line.pieces).sum(), Ore::sum(lines().map(|line| line.ore))?))
    }

    /// Checks that units and everything else are the whole ledger, and that every actual source's face øre is found again.
    ///
    /// # Errors
    /// An internal error when a krone was lost or counted twice: nothing may be delivered then.
    pub fn check(&self, ledger: &Ledger, figures: &[UnitFigures], faces: &[(SourceId, Ore)]) -> Result<()> {
        let total =
            Ore::sum(ledger.spells.iter().map(|spell| spell.ore).chain(ledger.lines.iter().map(|line| line.ore)))?;
        let (_, rest) = self.sum(|line| line.destination != Destination::Units)?;
        let units = Ore::sum(figures.iter().map(|unit| unit.ore))?;
        if units.plus(rest)? != total {
            return Err(lost("familierne og det ikke henførte giver ikke hele regnskabet"));
        }
        for (source, face) in faces {
            let (_, found) = self.sum(|line| line.source == *source && !line.destination.is_claim())?;
            if found != *face {
                return Err(lost("en kildes beløb giver ikke summen af, hvor de endte"));
            }
        }
        Ok(())
    }
}

fn lost(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("Afstemningen går ikke op: {what}"))
        .hint("Det er en fejl i samkor. Intet er skrevet. Meld den med kørslens plan, men uden data.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::example::{World, any_world, config, pool, spell},
        *,
    };
    use crate::{domain::ServiceId, ledger::Line};

    fn line(kind: LineKind, ore: i64) -> Line {
        Line { source: SourceId(0), kind, service: ServiceId(0), rows: 2, ore: Ore(ore) }
    }

    #[test]
    fn every_reason_is_named() {
        let world = World::new(
            vec![
                spell(0, 0, Role::Actual, 1),
                spell(0, 0, Role::Manual, 10),
                spell(20, 0, Role::Actual, 100),
                spell(23, 0, Role::Actual, 1_000),
            ],
            vec![line(LineKind::NoPerson, 10_000), line(LineKind::OutsidePeriod, 100_000)],
        );
        let bridge = Bridge::of(&world.basis()).expect("a bridge");
        let found: Vec<(Destination, u64, i64)> =
            bridge.lines.iter().map(|line| (line.destination, line.pieces, line.ore.0)).collect();
        assert_eq!(
            found,
            [
                (Destination::OutsidePeriod, 2, 100_000),
                (Destination::NoPerson, 2, 10_000),
                (Destination::OutsideRegister, 1, 1_000),
                (Destination::NotResident, 1, 100),
                (Destination::ManualUnranked, 1, 10),
                (Destination::Units, 1, 1),
            ]
        );
        let figures = world.figures();
        bridge.check(&world.ledger, &figures, &[(SourceId(0), Ore(111_111))]).expect("adds up");
    }

    #[test]
    fn a_lost_or_doubled_krone_stops_the_run() {
        let world = World::new(
            vec![spell(0, 0, Role::Actual, 7), spell(2, 0, Role::Granted, 50), spell(4, 0, Role::Tariff, 90)],
            vec![line(LineKind::Refund, -3), line(LineKind::TariffMoved, -90)],
        );
        let bridge = Bridge::of(&world.basis()).expect("a bridge");
        let mut figures = world.figures();
        let kind = |result: Result<()>| result.map_err(|error| error.kind());
        assert_eq!(kind(bridge.check(&world.ledger, &figures, &[(SourceId(0), Ore(4))])), Ok(()));
        assert_eq!(kind(bridge.check(&world.ledger, &figures, &[(SourceId(0), Ore(5))])), Err(ErrorKind::Internal));
        figures[0].ore = Ore(8);
        assert_eq!(kind(bridge.check(&world.ledger, &figures, &[])), Err(ErrorKind::Internal));
    }

    #[test]
    fn destinations_stand_in_the_order_of_reports() {
        assert!(Destination::ALL.is_sorted());
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn units_and_the_rest_are_the_whole_ledger(world in any_world(), manual in any::<bool>()) {
            let basis = Basis { manual, ..world.basis() };
            let figures = super::super::units::unit_figures(&basis, &world.units, &world.labels, &pool()).expect("figures");
            let bridge = Bridge::of(&basis).expect("a bridge");
            bridge.check(&world.ledger, &figures, &[]).expect("adds up");
            let (_, units) = bridge.sum(|line| line.destination == Destination::Units).expect("a sum");
            prop_assert_eq!(units, Ore::sum(figures.iter().map(|unit| unit.ore)).expect("a sum"));
        }
    }
}
