//! Changed numbers: from the number on an old record to the number that counts today.
//!
//! A link is not a fact for ever. The CPR office gives a person the earlier number back (event P43), so one extract says
//! A -> B and the next B -> A; both links together would be a circle. So each number has one link at most, from the
//! latest delivery that says anything about it (`cpr.md`, 1.4), and what is left is followed to its end.

use crate::domain::CprStatus;

use super::{
    counts::{RegisterCounts, RegisterNote},
    packed::{PackedDate, Reference},
    pile::Pile,
    records::{FormerRecord, PersonRecord},
};

/// Which deliveries count: their order by date of production, and the last one that brings each number's own record.
pub(super) struct Deliveries<'a> {
    /// By file.
    pub(super) rank_of_file: &'a [u32],
    /// By number, one more than the rank; 0 where no record 001 came.
    pub(super) latest: &'a [u32],
}

/// Where each number leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// By number: the number that counts, often itself.
    pub(super) root: Vec<u32>,
    cycles: u64,
    numbers_in_cycles: u64,
}

/// Chooses each number's one link, and follows the links. Sources, later delivery first, then in this order: the number's
/// own record 001, where status 50 or 60 names the replacing number and any other status means that it stands for itself;
/// record 022 under another number, the latest end of use first. `order` puts numbers in the order of their digits.
pub(super) fn follow(
    own: &[Option<PersonRecord>],
    former: &Pile<FormerRecord>,
    deliveries: &Deliveries<'_>,
    order: &[u32],
    counts: &mut RegisterCounts,
) -> Resolved {
    let mut links = vec![Reference::NONE; own.len()];
    for (number, record) in (0_u32..).zip(own) {
        let Some(record) = record else { continue };
        match record.current.get().filter(|current| *current != number) {
            Some(_) if !is_replaced(*record) => counts.add(RegisterNote::ChangeWithoutStatus, 1),
            Some(current) => links[number as usize] = Some(current).into(),
            None => {}
        }
    }
    let mut statements: Vec<Statement> = former
        .iter()
        .filter_map(|(file, row)| {
            let number = row.item.former.get().filter(|number| *number != row.owner)?;
            let rank = deliveries.rank_of_file[file as usize] + 1;
            let until = row.item.until;
            let current = row.owner;
            (rank >= deliveries.latest[number as usize]).then(|| Statement {
                number,
                rank,
                until,
                order: order[current as usize],
                current,
            })
        })
        .collect();
    statements.sort_unstable();
    for about_one in statements.chunk_by(|left, right| left.number == right.number) {
        let [.., best] = about_one else { continue };
        let number = best.number as usize;
        let own_word = own[number].filter(|record| {
            deliveries.latest[number] == best.rank && (!is_replaced(*record) || record.current.get().is_some())
        });
        if own_word.is_none() {
            links[number] = Some(best.current).into();
        }
    }
    let resolved = resolve(&links);
    for about_one in statements.chunk_by(|left, right| left.number == right.number) {
        let [.., best] = about_one else { continue };
        let end = resolved.root[best.number as usize];
        let differs = |told: &Statement| told.rank == best.rank && resolved.root[told.current as usize] != end;
        counts.add(RegisterNote::ContradictingChange, u64::from(about_one.iter().any(differs)));
    }
    counts.add(RegisterNote::Cycle, resolved.cycles);
    counts.add(RegisterNote::NumberInCycle, resolved.numbers_in_cycles);
    resolved
}

/// What a record 022 says of a former number. The order within a number is the order of trust, the last first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    number: u32,
    rank: u32,
    until: PackedDate,
    order: u32,
    current: u32,
}

/// Whether the record says that another number has taken over: 50 double number deleted, 60 number changed.
pub(super) const fn is_replaced(record: PersonRecord) -> bool {
    matches!(record.status, CprStatus::DeletedDouble | CprStatus::Changed)
}

/// Follows the links to their ends. In a circle no link is followed: each of its numbers stands for itself, and what
/// leads into the circle stops at the first of its numbers.
fn resolve(links: &[Reference]) -> Resolved {
    const UNKNOWN: u32 = u32::MAX;
    const ON_THE_WAY: u32 = u32::MAX - 1;
    let mut root = vec![UNKNOWN; links.len()];
    let (mut cycles, mut numbers_in_cycles) = (0, 0);
    let mut way = Vec::new();
    for start in 0_u32.. {
        let Some(&known) = root.get(start as usize) else { break };
        if known != UNKNOWN {
            continue;
        }
        let mut number = start;
        let end = loop {
            match root[number as usize] {
                UNKNOWN => {
                    root[number as usize] = ON_THE_WAY;
                    way.push(number);
                    match links[number as usize].get() {
                        Some(next) => number = next,
                        None => break number,
                    }
                }
                ON_THE_WAY => {
                    cycles += 1;
                    while root[number as usize] == ON_THE_WAY {
                        let member = way.pop().expect("the circle lies on the way");
                        root[member as usize] = member;
                        numbers_in_cycles += 1;
                    }
                    break number;
                }
                end => break end,
            }
        };
        for passed in way.drain(..) {
            root[passed as usize] = end;
        }
    }
    Resolved { root, cycles, numbers_in_cycles }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The rule in words: a number in a circle is its own end; any other goes on to its link.
    fn naive(links: &[Option<u32>]) -> Resolved {
        let on_circle = |number: u32| {
            let mut next = links[number as usize];
            for _ in 0..links.len() {
                match next {
                    Some(reached) if reached == number => return true,
                    Some(reached) => next = links[reached as usize],
                    None => return false,
                }
            }
            false
        };
        let numbers = || (0_u32..).take(links.len());
        let end = |mut number: u32| {
            while let Some(next) = links[number as usize].filter(|_| !on_circle(number)) {
                number = next;
            }
            number
        };
        let circles: BTreeSet<BTreeSet<u32>> = numbers()
            .filter(|number| on_circle(*number))
            .map(|number| {
                std::iter::successors(Some(number), |member| links[*member as usize]).take(links.len() + 1).collect()
            })
            .collect();
        Resolved {
            root: numbers().map(end).collect(),
            cycles: circles.len() as u64,
            numbers_in_cycles: numbers().filter(|number| on_circle(*number)).count() as u64,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 1024,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_121),
            ..ProptestConfig::default()
        })]

        #[test]
        fn resolves_like_the_naive_twin(
            links in (1_u32..24).prop_flat_map(|count| {
                prop::collection::vec(prop::option::weighted(0.8, 0..count), count as usize)
            })
        ) {
            let packed: Vec<Reference> = links.iter().map(|link| (*link).into()).collect();
            prop_assert_eq!(resolve(&packed), naive(&links));
        }
    }
}
