//! What each person received: the spells of one service, role and source summed, so that nothing that only adds up needs to
//! walk every spell. Some hundred thousand rows stand for tens of millions of spells.

use std::ops::Range;

use super::{Rule, Spell};
use crate::{
    base::{Pool, Result},
    domain::{Ore, OreOverflow, PersonId, Role, ServiceId, SourceId},
};

/// Spells that one worker sums at a time, up to the end of a person. Of no influence on the result.
const SPELLS_PER_CHUNK: usize = 1 << 17;

/// A number of spells and their øre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// Spells.
    pub spells: u64,
    /// Their øre.
    pub ore: Ore,
}

impl Pieces {
    /// These and those together.
    ///
    /// # Errors
    /// When the sum leaves 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, OreOverflow> {
        Ok(Self { spells: self.spells + other.spells, ore: self.ore.plus(other.ore)? })
    }

    /// The spell, if it counts.
    const fn of(spell: &Spell, counts: bool) -> Self {
        if counts { Self { spells: 1, ore: spell.ore } } else { Self { spells: 0, ore: Ore::ZERO } }
    }
}

/// The spells of one person, service, role and source together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The person.
    pub person: PersonId,
    /// The service.
    pub service: ServiceId,
    /// What kind of claim.
    pub role: Role,
    /// The source.
    pub source: SourceId,
    /// All spells.
    pub all: Pieces,
    /// Those whose row has no end of its own.
    pub open: Pieces,
    /// Those that stand on their posting date because nothing tells their days.
    pub not_periodised: Pieces,
    /// Those whose row was booked on a guardian's number.
    pub moved: Pieces,
    /// Those that take back a row which was not found.
    pub unpaired: Pieces,
    /// Those collected by hand on days that a payment pays too.
    pub beside_payment: Pieces,
    /// How many carry no øre.
    pub without_amount: u64,
}

impl Received {
    fn of(spell: &Spell) -> Self {
        Self {
            person: spell.person,
            service: spell.service,
            role: spell.role,
            source: spell.source,
            all: Pieces::of(spell, true),
            open: Pieces::of(spell, spell.open),
            not_periodised: Pieces::of(spell, spell.is_not_periodised()),
            moved: Pieces::of(spell, spell.row.is_moved()),
            unpaired: Pieces::of(spell, spell.rule == Rule::UnpairedReversal),
            beside_payment: Pieces::of(spell, spell.rule == Rule::ManualBesidePayment),
            without_amount: u64::from(spell.ore == Ore::ZERO),
        }
    }

    fn add(&mut self, other: &Self) -> Result<(), OreOverflow> {
        self.all = self.all.plus(other.all)?;
        self.open = self.open.plus(other.open)?;
        self.not_periodised = self.not_periodised.plus(other.not_periodised)?;
        self.moved = self.moved.plus(other.moved)?;
        self.unpaired = self.unpaired.plus(other.unpaired)?;
        self.beside_payment = self.beside_payment.plus(other.beside_payment)?;
        self.without_amount += other.without_amount;
        Ok(())
    }
}

/// Sums the spells of a ledger, which stand in its order; the result stands by person, service, role and source.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn received(spells: &[Spell], pool: &Pool) -> Result<Vec<Received>> {
    let mut sums = Vec::new();
    let mut start = 0;
    pool.ordered(
        || {
            let chunk = whole_persons(spells, start, SPELLS_PER_CHUNK);
            start = chunk.end;
            Ok((!chunk.is_empty()).then_some(chunk))
        },
        |chunk| received_of(&spells[chunk]),
        |part: Result<Vec<Received>>| -> Result<()> {
            sums.extend(part?);
            Ok(())
        },
    )?;
    Ok(sums)
}

/// By person: where its sums begin, and behind the last of `persons` where they all end.
#[must_use]
pub fn starts(received: &[Received], persons: usize) -> Vec<u32> {
    let mut starts = Vec::with_capacity(persons + 1);
    for (place, sum) in (0..).zip(received) {
        if starts.len() <= sum.person.index() {
            starts.resize(sum.person.index() + 1, place);
        }
    }
    let end = u32::try_from(received.len()).expect("no more sums than 32 bits count");
    starts.resize(starts.len().max(persons + 1), end);
    starts
}

/// The next spells from `start`, at least so many, ending with the last of a person.
fn whole_persons(spells: &[Spell], start: usize, number: usize) -> Range<usize> {
    let reach = start.saturating_add(number).min(spells.len());
    let Some(last) = spells[start..reach].last() else { return start..start };
    start..reach + spells[reach..].partition_point(|spell| spell.person == last.person)
}

fn received_of(spells: &[Spell]) -> Result<Vec<Received>> {
    let mut sums: Vec<Received> = Vec::new();
    let of_one = |spell: &Spell, next: &Spell| {
        (spell.person, spell.service, spell.role) == (next.person, next.service, next.role)
    };
    for spells in spells.chunk_by(of_one) {
        // Sources are few, and mostly one.
        let first = sums.len();
        for spell in spells {
            let one = Received::of(spell);
            match sums[first..].iter_mut().find(|sum| sum.source == spell.source) {
                Some(sum) => sum.add(&one)?,
                None => sums.push(one),
            }
        }
        sums[first..].sort_unstable_by_key(|sum| sum.source);
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{AmountType, Date},
        ledger::{Closing, RowMark},
    };

    fn any_spell() -> impl Strategy<Value = Spell> {
        (
            0_u32..8,
            0_u16..3,
            0_usize..4,
            0_u16..3,
            -3_i64..9,
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            0..Rule::ALL.len(),
        )
            .prop_map(|(person, service, role, source, ore, open, contract, moved, rule)| Spell {
                person: PersonId(person),
                service: ServiceId(service),
                role: Role::ALL[role],
                from: Date::EPOCH,
                to: Date::EPOCH,
                ore: Ore(ore),
                source: SourceId(source),
                open,
                closing: Closing::Ended,
                rule: Rule::ALL[rule],
                amount_type: if contract { AmountType::Contract } else { AmountType::Day },
                row: RowMark::default().moved_if(moved),
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(3),
            ..ProptestConfig::default()
        })]

        #[test]
        fn equals_the_sums_of_a_map(spells in proptest::collection::vec(any_spell(), 0..80), least in 1_usize..9) {
            let mut spells = spells;
            spells.sort_unstable();
            let mut twin: BTreeMap<(PersonId, ServiceId, Role, SourceId), [i64; 13]> = BTreeMap::new();
            for spell in &spells {
                let sums = twin.entry((spell.person, spell.service, spell.role, spell.source)).or_default();
                let open = i64::from(spell.open);
                let (lump, moved) = (i64::from(spell.is_not_periodised()), i64::from(spell.row.is_moved()));
                let ore = spell.ore.0;
                let of_rule = |rule| i64::from(spell.rule == rule);
                let (unpaired, beside) = (of_rule(Rule::UnpairedReversal), of_rule(Rule::ManualBesidePayment));
                let marked = [open, lump, moved, unpaired, beside];
                let mut add = [1, ore, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i64::from(ore == 0)];
                add[2..12].copy_from_slice(marked.map(|one| [one, one * ore]).as_flattened());
                sums.iter_mut().zip(add).for_each(|(sum, one)| *sum += one);
            }
            let flat = |sum: &Received| {
                let spells = |pieces: Pieces| i64::try_from(pieces.spells).expect("few");
                let marked = [sum.all, sum.open, sum.not_periodised, sum.moved, sum.unpaired, sum.beside_payment];
                let pieces = marked.map(|pieces| [spells(pieces), pieces.ore.0]);
                let mut flat = [0; 13];
                flat[..12].copy_from_slice(pieces.as_flattened());
                flat[12] = i64::try_from(sum.without_amount).expect("few");
                ((sum.person, sum.service, sum.role, sum.source), flat)
            };
            let twin: Vec<_> = twin.into_iter().collect();
            let pool = Pool::new(2).expect("threads");
            let whole = received(&spells, &pool).expect("sums");
            let starts = starts(&whole, 8);
            for person in 0..8 {
                let of_person: Vec<_> = whole.iter().filter(|sum| sum.person == PersonId(person)).copied().collect();
                let (from, to) = (starts[person as usize] as usize, starts[person as usize + 1] as usize);
                prop_assert_eq!(&whole[from..to], of_person);
            }
            prop_assert_eq!(whole.iter().map(flat).collect::<Vec<_>>(), twin);

            // Whatever the cuts, no person is in two of them.
            let (mut start, mut parts) = (0, Vec::new());
            while start < spells.len() {
                let chunk = whole_persons(&spells, start, least);
                start = chunk.end;
                parts.extend(received_of(&spells[chunk]).expect("sums"));
            }
            prop_assert_eq!(parts, whole);
        }
    }
}
