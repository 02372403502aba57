//! Does it matter on which day families are taken? Kroner under the reference date against kroner day by day, and what is
//! counted more than once when every family that a person touches is shown its kroner.

use super::Basis;
use crate::{
    base::Result,
    domain::{Date, Ore, PersonId, UnitId},
    family::{Days, Heads, Membership, Timeline, Units},
    ledger::Spell,
};

/// Two ways of attributing the same kroner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    /// Ranked øre of persons in a unit, each counted once: the additive sum.
    pub additive: Ore,
    /// Of these, øre of days on which the person belonged to another family than on the reference date.
    pub other_family: Ore,
    /// Of these, øre of days on which the person had no family here.
    pub no_family: Ore,
    /// Øre that the touched sums count beyond the first time: they cannot be added up.
    pub counted_again: Ore,
    /// By unit, sorted: the touched sum, where it is not zero.
    pub touched: Vec<(UnitId, Ore)>,
}

impl Modes {
    /// Looks at every ranked spell that reaches a unit. `touched` tells all units that a person touches, its own among them.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn of(
        basis: &Basis<'_>,
        units: &Units,
        timeline: &Timeline,
        touched: impl Fn(PersonId) -> Vec<UnitId>,
    ) -> Result<Self> {
        let mut modes = Self::default();
        let mut sums = std::collections::BTreeMap::<UnitId, Ore>::new();
        for spell in basis.ledger.spells.iter().filter(|spell| basis.is_ranked(spell.role)) {
            let Some(unit) = basis.unit(spell.person) else { continue };
            modes.additive = modes.additive.plus(spell.ore)?;
            let heads = units.label_members(unit);
            let is_same = |one: Heads| one.persons().eq(heads.iter().copied());
            let days = Days { from: spell.from, to: spell.to.plus(1) };
            let (mut same, mut other) = (Ore::ZERO, Ore::ZERO);
            for (membership, part) in parts(spell, timeline.of_person(spell.person), days) {
                let sum = if is_same(membership.heads) { &mut same } else { &mut other };
                *sum = sum.plus(part)?;
            }
            modes.other_family = modes.other_family.plus(other)?;
            modes.no_family = modes.no_family.plus(Ore(spell.ore.0 - same.0 - other.0))?;
            let touched = touched(spell.person);
            for (index, unit) in touched.into_iter().enumerate() {
                let sum = sums.entry(unit).or_default();
                *sum = sum.plus(spell.ore)?;
                if index > 0 {
                    modes.counted_again = modes.counted_again.plus(spell.ore)?;
                }
            }
        }
        modes.touched = sums.into_iter().filter(|(_, ore)| *ore != Ore::ZERO).collect();
        Ok(modes)
    }
}

/// The øre of a spell that fall on each membership, spread evenly over its days with cumulative rounding.
fn parts<'a>(
    spell: &Spell,
    memberships: &'a [Membership],
    days: Days,
) -> impl Iterator<Item = (&'a Membership, Ore)> + use<'a> {
    let (ore, count) = (spell.ore, days.count());
    let until = move |date: Date| share(ore, date.days() - days.from.days(), count);
    memberships.iter().filter_map(move |membership| {
        let common = membership.days.common(days)?;
        Some((membership, Ore(until(common.to).0 - until(common.from).0)))
    })
}

/// The øre of the first `part` of `whole` days, rounded half-even by absolute value.
fn share(ore: Ore, part: i32, whole: i32) -> Ore {
    let (product, whole) = (i128::from(ore.0.abs()) * i128::from(part), i128::from(whole));
    let (floor, rest) = (product / whole, product % whole);
    let up = rest * 2 > whole || rest * 2 == whole && floor % 2 == 1;
    let rounded = i64::try_from(floor + i128::from(up)).expect("a part is not more than the whole");
    Ore(rounded * ore.0.signum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_days_add_up_to_the_whole() {
        for ore in [10_001, -10_001, 5, 0, i64::MAX] {
            for whole in [1, 3, 7, 181] {
                let cuts: Vec<i64> = (0..=whole).map(|day| share(Ore(ore), day, whole).0).collect();
                assert_eq!((cuts[0], cuts[cuts.len() - 1]), (0, ore));
                assert!(
                    cuts.windows(2).all(|pair| (pair[1] - pair[0]).signum() != -ore.signum() || pair[0] == pair[1])
                );
            }
        }
        assert_eq!((share(Ore(5), 1, 2), share(Ore(7), 1, 2), share(Ore(-5), 1, 2)), (Ore(2), Ore(4), Ore(-2)));
    }
}
