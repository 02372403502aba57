//! Does it matter on which day families are taken? Kroner under the reference date against kroner day by day, and what is
//! counted more than once when every family that a person touches is shown its kroner.

use super::Basis;
use crate::{
    base::{Pool, Result},
    domain::{Date, Ore, PersonId, UnitId},
    family::{Days, Heads, Membership, Timeline, Units},
    ledger::{Received, Spell},
};

/// Persons that one worker looks at at a time. Of no influence on the result.
const PERSONS_PER_CHUNK: usize = 4_096;

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

/// What one person's ranked øre add.
struct OfPerson {
    unit: UnitId,
    ore: Ore,
    other_family: Ore,
    no_family: Ore,
    /// Units that the person touches beside its own.
    others: Vec<UnitId>,
}

impl Modes {
    /// Looks at every person who has a unit and received anything ranked. `others` tells the units that a person touches beside
    /// its own.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn of(
        basis: &Basis<'_>,
        units: &Units,
        timeline: &Timeline,
        others: impl Fn(PersonId) -> Vec<UnitId> + Sync,
        pool: &Pool,
    ) -> Result<Self> {
        let persons: Vec<&[Received]> = basis.received.chunk_by(|one, next| one.person == next.person).collect();
        let mut chunks = persons.chunks(PERSONS_PER_CHUNK);
        let mut modes = Self::default();
        let mut sums = vec![Ore::ZERO; units.len()];
        pool.ordered(
            || Ok(chunks.next()),
            |persons| {
                let of_person = |received: &&[Received]| of_person(basis, units, timeline, &others, received);
                persons.iter().filter_map(|received| of_person(received).transpose()).collect()
            },
            |persons: Result<Vec<OfPerson>>| -> Result<()> {
                for person in persons? {
                    modes.additive = modes.additive.plus(person.ore)?;
                    modes.other_family = modes.other_family.plus(person.other_family)?;
                    modes.no_family = modes.no_family.plus(person.no_family)?;
                    let own = &mut sums[person.unit.index()];
                    *own = own.plus(person.ore)?;
                    for unit in person.others {
                        let sum = &mut sums[unit.index()];
                        *sum = sum.plus(person.ore)?;
                        modes.counted_again = modes.counted_again.plus(person.ore)?;
                    }
                }
                Ok(())
            },
        )?;
        modes.touched = (0..).map(UnitId).zip(sums).filter(|(_, ore)| *ore != Ore::ZERO).collect();
        Ok(modes)
    }
}

/// What one person's ranked øre add; `None` without a unit or anything ranked.
fn of_person(
    basis: &Basis<'_>,
    units: &Units,
    timeline: &Timeline,
    others: impl Fn(PersonId) -> Vec<UnitId>,
    received: &[Received],
) -> Result<Option<OfPerson>> {
    let person = received[0].person;
    let ranked = || received.iter().filter(|received| basis.is_ranked(received.role));
    let Some(unit) = basis.unit(person).filter(|_| ranked().next().is_some()) else { return Ok(None) };
    let ore = Ore::sum(ranked().map(|received| received.all.ore))?;
    let is_same = |heads_then: Heads| heads_then.persons().eq(units.label_members(unit));
    let memberships = timeline.of_person(person);
    let (mut other_family, mut no_family) = (Ore::ZERO, Ore::ZERO);
    // Who led or belonged to this family all the time, and that is nearly everybody, has no days elsewhere to look for.
    let whole = Days::of(basis.ledger.period);
    if !stays(memberships, whole, is_same) {
        for spell in basis.spells(person).iter().filter(|spell| basis.is_ranked(spell.role)) {
            let days = Days { from: spell.from, to: spell.to.plus(1) };
            let (mut same, mut other) = (Ore::ZERO, Ore::ZERO);
            for (membership, part) in parts(spell, memberships, days) {
                let sum = if is_same(membership.heads) { &mut same } else { &mut other };
                *sum = sum.plus(part)?;
            }
            other_family = other_family.plus(other)?;
            no_family = no_family.plus(Ore(spell.ore.0 - same.0 - other.0))?;
        }
    }
    Ok(Some(OfPerson { unit, ore, other_family, no_family, others: others(person) }))
}

/// Whether memberships in the wanted family fill all days without a gap.
fn stays(memberships: &[Membership], days: Days, is_wanted: impl Fn(Heads) -> bool) -> bool {
    let mut filled = days.from;
    for membership in memberships {
        if membership.days.from > filled || !is_wanted(membership.heads) {
            return false;
        }
        filled = filled.max(membership.days.to);
    }
    filled >= days.to
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
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{
        super::example::{World, any_spell, config, period, pool},
        *,
    };
    use crate::family::{FamilyKind, MemberRole};

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

    /// Some persons touch another unit, too.
    fn others(world: &World, person: PersonId) -> Vec<UnitId> {
        let other = UnitId(person.0 * 7 % 10);
        (person.0.is_multiple_of(3) && world.units.unit_of(person) != Some(other))
            .then_some(other)
            .into_iter()
            .collect()
    }

    /// Every spell by itself, whoever's it is.
    fn twin(world: &World, timeline: &Timeline) -> Modes {
        let mut modes = Modes::default();
        let mut sums = BTreeMap::<UnitId, i64>::new();
        for spell in world.ledger.spells.iter().filter(|spell| world.basis().is_ranked(spell.role)) {
            let Some(unit) = world.units.unit_of(spell.person) else { continue };
            modes.additive.0 += spell.ore.0;
            let heads: Vec<PersonId> = world.units.label_members(unit).collect();
            let days = Days { from: spell.from, to: spell.to.plus(1) };
            let (mut same, mut other) = (0, 0);
            for (membership, part) in parts(spell, timeline.of_person(spell.person), days) {
                let is_same = membership.heads.persons().eq(heads.iter().copied());
                *(if is_same { &mut same } else { &mut other }) += part.0;
            }
            modes.other_family.0 += other;
            modes.no_family.0 += spell.ore.0 - same - other;
            *sums.entry(unit).or_default() += spell.ore.0;
            for unit in others(world, spell.person) {
                *sums.entry(unit).or_default() += spell.ore.0;
                modes.counted_again.0 += spell.ore.0;
            }
        }
        modes.touched = sums.into_iter().filter(|(_, ore)| *ore != 0).map(|(unit, ore)| (unit, Ore(ore))).collect();
        modes
    }

    fn any_spells() -> impl Strategy<Value = Vec<Spell>> {
        let spell = (any_spell(), 0_i32..181, 0_i32..90).prop_map(|(spell, start, length)| {
            let from = period().from.plus(start);
            Spell { from, to: period().to.min(from.plus(length)), ..spell }
        });
        proptest::collection::vec(spell, 0..40)
    }

    /// Stretches of days of the period, and whether they are spent in another unit.
    type Stretches = (Vec<(i32, i32)>, Vec<bool>);

    /// For some persons, whom they live with from one day to another: mostly those of their unit, and mostly always.
    fn any_memberships() -> impl Strategy<Value = Vec<Membership>> {
        let cuts = prop_oneof![
            4 => Just(vec![(0, 181)]),
            1 => Just(vec![(0, 60), (60, 181)]),
            1 => Just(vec![(3, 90), (95, 170)]),
            1 => Just(Vec::new()),
        ];
        let elsewhere = proptest::collection::vec(proptest::bool::weighted(0.2), 2);
        proptest::collection::vec((cuts, elsewhere), 24).prop_map(|persons| {
            let of_person = |(person, (cuts, elsewhere)): (u32, Stretches)| {
                let membership = move |((from, to), elsewhere): ((i32, i32), bool)| {
                    // A unit of the example is led by its adults: the odd persons of even units are children.
                    let first = person / 2 * 2 + if elsewhere { 2 } else { 0 };
                    let second = (first % 4 != 0).then_some(PersonId(first + 1));
                    Membership {
                        person: PersonId(person),
                        days: Days { from: period().from.plus(from), to: period().from.plus(to) },
                        heads: Heads::new(PersonId(first), second),
                        kind: FamilyKind::Single,
                        role: MemberRole::Head,
                        link: None,
                    }
                };
                cuts.into_iter().zip(elsewhere).map(membership)
            };
            (0..).zip(persons).flat_map(of_person).collect()
        })
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn equal_their_naive_twin(spells in any_spells(), memberships in any_memberships()) {
            let (world, timeline) = (World::new(spells, Vec::new()), Timeline::new(memberships));
            let modes = Modes::of(&world.basis(), &world.units, &timeline, |person| others(&world, person), &pool());
            prop_assert_eq!(modes.expect("small sums"), twin(&world, &timeline));
        }
    }
}
