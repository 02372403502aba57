//! What holds for every ledger, on random small worlds.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::RngSeed};

use super::{
    Entry, Ledger, LineKind, PaymentsKnown, Rule, Settlement, Spell, Unattributed, UnattributedReason,
    bundles::Bundles,
    face_ore,
    grants::has_no_period,
    guardian::move_to_children,
    twin,
    worked::{day, ledger, row, settle_only, settlement},
};
use crate::{
    base::Pool,
    domain::{AmountType, Date, Ore, Period, PersonId, Role, ServiceId, SourceId},
};

/// A small world: rows of few persons, services, sources and days, so that rules meet each other.
#[derive(Clone, Debug)]
struct World {
    entries: Vec<Entry>,
    unattributed: Vec<Unattributed>,
    settlement: Settlement,
    /// Adults and their children, sorted.
    guardians: Vec<(PersonId, PersonId)>,
}

fn entry() -> impl Strategy<Value = Entry> {
    let amount = prop_oneof![Just(10_000_i64), Just(-10_000), -60_000..60_000_i64];
    let role = prop_oneof![
        4 => Just(Role::Actual), 3 => Just(Role::Granted), 2 => Just(Role::Tariff), 1 => Just(Role::Manual)
    ];
    let claim = (0..3_u32, 0..4_u16, role, 0..3_u16, 0..twin::AMOUNT_TYPES.len());
    let days = (0..200_i32, 0..100_i32, prop::bool::weighted(0.15));
    let documents = prop_oneof![2 => Just((0_u64, 0_u64)), 3 => (0..3_u64, 0..3_u64)];
    let quantity = prop_oneof![3 => Just(1000), 1 => -1_500..6_000_i32];
    (claim, days, amount, quantity, documents).prop_map(
        |((person, service, role, source, kind), (from, length, open), amount, quantity, (document, reverses))| {
            let from = day("2014-12-01").plus(from);
            Entry {
                person: PersonId(person),
                service: ServiceId(service),
                role,
                source: SourceId(source),
                amount_type: twin::AMOUNT_TYPES[kind],
                from,
                to: if open { Date::MAX } else { from.plus(length) },
                amount: Ore(amount),
                quantity,
                document,
                reverses,
                posted: from.plus(length % 9),
                line: u32::from(length % 2 == 0),
                file: u16::from(length % 5 == 0),
            }
        },
    )
}

/// Postings of one person and service where several reversals and several postings compete for each other.
fn contested_reversal() -> impl Strategy<Value = Entry> {
    let numbers = (1..3_u64, prop_oneof![1 => Just(0_u64), 2 => 1..3_u64]);
    (0..40_i32, 0..2_i32, any::<bool>(), numbers).prop_map(|(from, length, credit, (document, reverses))| {
        let from = day("2015-01-01").plus(from);
        let kind = if length == 0 { AmountType::Lump } else { AmountType::Contract };
        let base = row(Role::Actual, 0, kind, "2015-01-01", "2015-01-01", if credit { -10_000 } else { 10_000 });
        Entry {
            from,
            to: from.plus(length),
            document,
            reverses,
            posted: from,
            line: u32::from(document % 2 == 1),
            ..base
        }
    })
}

/// What the payments of the three groups can tell, how soon grants are presumed ended, data ends and deaths.
type Knowledge = (Vec<Option<PaymentsKnown>>, i32, Vec<Option<Date>>, Vec<Option<Date>>);

fn knowledge() -> impl Strategy<Value = Knowledge> {
    let known = (0..120_i32, 0..200_i32, 0..130_i32).prop_map(|(from, length, delay)| {
        let first = day("2014-10-01").plus(from);
        PaymentsKnown::new(first, first.plus(length), delay)
    });
    let days = || {
        prop::collection::vec(
            prop::option::weighted(0.3, (0..250_i32).prop_map(|days| day("2014-11-01").plus(days))),
            3,
        )
    };
    (prop::collection::vec(prop::option::weighted(0.8, known), 3), 0..150_i32, days(), days())
}

/// Persons 0 and 1 as parents of 1 and 2.
fn guardians() -> impl Strategy<Value = Vec<(PersonId, PersonId)>> {
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(guardian, child)| (PersonId(guardian), PersonId(child)));
    prop::sample::subsequence(pairs.to_vec(), 0..=pairs.len())
}

fn world() -> impl Strategy<Value = World> {
    use UnattributedReason::{Balance, NoPerson, Refund, ReplacementNumber, Review, Unlinked};
    let reason = prop::sample::select(vec![NoPerson, ReplacementNumber, Unlinked, Review, Refund, Balance]);
    let unattributed =
        (0..3_u16, 0..4_u16, reason, 1..4_u64, -500..500_i64).prop_map(|(source, service, reason, rows, ore)| {
            Unattributed { source: SourceId(source), service: ServiceId(service), reason, rows, ore: Ore(ore) }
        });
    let authoritative = prop::array::uniform3(prop::option::of(0..3_u16));
    (
        prop::collection::vec(entry(), 0..30),
        prop_oneof![Just(Vec::new()), prop::collection::vec(contested_reversal(), 0..10)],
        prop::collection::vec(unattributed, 0..4),
        (0..60_i32, 0..120_i32),
        authoritative,
        (knowledge(), guardians()),
    )
        .prop_map(|(mut entries, contested, unattributed, (from, length), authoritative, (known, guardians))| {
            entries.extend(contested);
            // Files that overlap: some rows stand in another file, or twice in their own.
            let copies = entries.iter().enumerate().filter(|(place, _)| place % 7 == 3);
            let copies: Vec<Entry> =
                copies.map(|(place, row)| Entry { file: row.file + u16::from(place % 2 == 0), ..*row }).collect();
            entries.extend(copies);
            let from = day("2014-12-15").plus(from);
            let (payments, presumed_ended_after, data_end, died) = known;
            let settlement = Settlement {
                payments,
                presumed_ended_after,
                data_end,
                died,
                ..settlement(Period { from, to: from.plus(length) }, authoritative)
            };
            World { entries, unattributed, settlement, guardians }
        })
}

impl World {
    fn settle(&self, threads: usize, rows_per_bundle: usize) -> Ledger {
        let pool = Pool::new(threads).expect("threads");
        let (entries, unattributed) = (self.entries.clone(), self.unattributed.clone());
        let mut rows = Bundles::of_list(entries, rows_per_bundle, &pool).expect("in order");
        let mut settlement = self.settlement.clone();
        settlement.moved = move_to_children(&mut rows, &self.guardians, &settlement, &pool).expect("groups");
        settle_only(rows, unattributed, &settlement, &pool).expect("small worlds settle")
    }

    fn within(&self, from: Date, to: Date) -> Ledger {
        let settlement = Settlement { period: Period { from, to }, ..self.settlement.clone() };
        Self { settlement, ..self.clone() }.settle(1, 1000)
    }
}

/// Øre per person, service, role and source.
fn sums<'a>(spells: impl IntoIterator<Item = &'a Spell>) -> BTreeMap<(PersonId, ServiceId, Role, SourceId), i64> {
    let mut sums = BTreeMap::new();
    for spell in spells {
        *sums.entry((spell.person, spell.service, spell.role, spell.source)).or_default() += spell.ore.0;
    }
    sums.retain(|_, ore| *ore != 0);
    sums
}

/// Øre per source, kind and service.
fn line_sums(ledger: &Ledger) -> BTreeMap<(SourceId, LineKind, ServiceId), i64> {
    let sums = ledger.lines.iter().map(|line| ((line.source, line.kind, line.service), line.ore.0));
    sums.filter(|(_, ore)| *ore != 0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2015),
        ..ProptestConfig::default()
    })]

    #[test]
    fn equals_the_naive_twin(world in world()) {
        let rows = twin::move_to_children(&world.entries, &world.guardians, &world.settlement);
        let moved = rows.iter().zip(&world.entries).filter(|(now, before)| now.person != before.person);
        let mut settlement = world.settlement.clone();
        settlement.moved = moved.map(|(now, _)| *now).collect();
        settlement.moved.sort_unstable();
        let twin = twin::settle(rows, &world.unattributed, &settlement);
        prop_assert_eq!(world.settle(2, 5), twin);
    }

    #[test]
    fn neither_threads_nor_chunks_nor_the_order_of_rows_matter(
        (world, shuffled) in world().prop_flat_map(|world| {
            let shuffled = Just(world.entries.clone()).prop_shuffle();
            (Just(world), shuffled)
        }),
    ) {
        let ledger = world.settle(1, 1);
        prop_assert_eq!(&world.settle(2, 3), &ledger);
        prop_assert_eq!(&world.settle(7, 1), &ledger);
        prop_assert_eq!(&world.settle(1, usize::MAX), &ledger);
        prop_assert!(ledger.spells.is_sorted() && ledger.lines.is_sorted_by_key(|line| (line.source, line.kind, line.service)));
        prop_assert_eq!(World { entries: shuffled, ..world }.settle(2, 4), ledger);
    }

    #[test]
    fn every_krone_of_an_actual_or_manual_source_stands_once(world in world()) {
        let ledger = world.settle(1, 1000);
        for source in (0..3).map(SourceId) {
            let counts = |role| matches!(role, Role::Actual | Role::Manual);
            let rows = world.entries.iter().filter(|row| row.source == source && counts(row.role));
            let face: i64 = rows.map(|row| face_ore(row, world.settlement.period).expect("small").0).sum();
            let unattributed = world.unattributed.iter().filter(|row| row.source == source);
            let unattributed: i64 = unattributed.map(|row| row.ore.0).sum();
            let spells = ledger.spells.iter().filter(|spell| spell.source == source && counts(spell.role));
            let spells: i64 = spells.map(|spell| spell.ore.0).sum();
            let claims = [LineKind::TariffMoved, LineKind::NeverPaid, LineKind::PresumedEnded];
            let lines = ledger.lines.iter().filter(|line| line.source == source && !claims.contains(&line.kind));
            let lines: i64 = lines.map(|line| line.ore.0).sum();
            prop_assert_eq!(face + unattributed, spells + lines);
            let role_sum = |role| -> i64 {
                let spells = ledger.spells.iter().filter(|spell| spell.source == source && spell.role == role);
                spells.map(|spell| spell.ore.0).sum()
            };
            let moved = ledger.lines.iter().filter(|line| line.source == source && line.kind == LineKind::TariffMoved);
            prop_assert_eq!(role_sum(Role::Tariff) + moved.map(|line| line.ore.0).sum::<i64>(), 0);
        }
    }

    #[test]
    fn netting_never_changes_a_persons_total(
        rows in prop::collection::vec(prop_oneof![entry(), contested_reversal()], 0..30),
    ) {
        // Postings are amounts of a day or of a period. These were booked within the period and by one source: what is taken back
        // and what takes it back go out together.
        let period = Period { from: day("2014-01-01"), to: day("2016-12-31") };
        let whole = |row: Entry| {
            let to = if row.to == Date::MAX { row.from } else { row.to };
            let amount_type = if row.amount_type == AmountType::Lump { AmountType::Lump } else { AmountType::Contract };
            Entry { role: Role::Actual, source: SourceId(0), amount_type, file: 0, line: 0, to, ..row }
        };
        let rows: Vec<Entry> = rows.into_iter().map(whole).collect();
        let mut totals = BTreeMap::<PersonId, i64>::new();
        for row in &rows {
            *totals.entry(row.person).or_default() += face_ore(row, period).expect("small").0;
        }
        let ledger = ledger(&rows, &settlement(period, [None; 3]));
        let mut spells = BTreeMap::<PersonId, i64>::new();
        for spell in &ledger.spells {
            *spells.entry(spell.person).or_default() += spell.ore.0;
        }
        for (person, total) in totals {
            prop_assert_eq!(spells.get(&person).copied().unwrap_or_default(), total);
        }
        let lines = ledger.lines.iter().all(|line| line.kind == LineKind::Reversed && line.ore == Ore::ZERO);
        prop_assert!(lines, "{:?}", ledger.lines);
    }

    #[test]
    fn splitting_a_row_at_the_same_rate_leaves_every_sum(world in world(), cut in 0..100_i32) {
        let rate = |row: &Entry| !matches!(row.amount_type, AmountType::Contract | AmountType::Lump);
        let mut split = world.clone();
        split.entries = Vec::new();
        for row in &world.entries {
            let last = row.to.min(world.settlement.period.to).min(row.from.plus(cut));
            // A split would part reversals and what they reverse.
            if rate(row) && row.role != Role::Actual && row.document == 0 && row.reverses == 0 && row.from <= last && last < row.to {
                split.entries.push(Entry { to: last, ..*row });
                split.entries.push(Entry { from: last.plus(1), ..*row });
            } else {
                split.entries.push(*row);
            }
        }
        let (whole, split) = (world.settle(1, 1000), split.settle(1, 1000));
        prop_assert_eq!(sums(&whole.spells), sums(&split.spells));
        prop_assert_eq!(line_sums(&whole), line_sums(&split));
    }

    #[test]
    fn what_is_paid_and_what_is_not_is_what_was_granted_and_what_exceeds_it(
        mut world in world(), days in prop::collection::vec((0..200_i32, 1..90_000_i64), 0..8),
    ) {
        let lump = |(day_of, amount): (i32, i64)| {
            let from = day("2014-12-01").plus(day_of);
            let base = row(Role::Actual, 1, AmountType::Lump, "2015-01-01", "2015-01-01", amount);
            Entry { from, to: from, posted: from, ..base }
        };
        let payable = |row: &Entry| row.amount.0 * i64::from(row.quantity) > 0 && row.to != Date::MAX;
        world.entries.retain(|row| row.role == Role::Granted && row.amount_type != AmountType::Nothing && payable(row));
        for row in &mut world.entries {
            (row.person, row.service) = (PersonId(0), ServiceId(0));
            (row.file, row.document) = (0, 0);
        }
        world.unattributed.clear();
        let grants = world.entries.clone();
        world.entries.extend(days.into_iter().map(lump));
        let period = Period { from: day("2014-11-01"), to: day("2015-12-31") };
        let known = PaymentsKnown { from: period.from, mature: day("2015-02-01"), to: period.to };
        world.settlement =
            Settlement { payments: vec![Some(known); 3], presumed_ended_after: 250, ..settlement(period, [None; 3]) };
        let ledger = world.settle(1, 1000);
        let granted: i64 = grants.iter().map(|row| face_ore(row, period).expect("small").0).sum();
        let exceeding = ledger.spells.iter().filter(|spell| spell.rule == Rule::BeyondGrants || grants.is_empty());
        let exceeding: i64 = exceeding.map(|spell| spell.ore.0).sum();
        let spells: i64 = ledger.spells.iter().map(|spell| spell.ore.0).sum();
        let lines: i64 = ledger.lines.iter().map(|line| line.ore.0).sum();
        prop_assert_eq!(spells + lines, granted + exceeding);
        let unpaid = ledger.spells.iter().any(|spell| spell.role == Role::Granted && spell.ore.0 > 0);
        prop_assert!(exceeding == 0 || !unpaid || grants.is_empty(), "nothing exceeds what is still unpaid");
    }

    #[test]
    fn splitting_the_period_leaves_every_sum(world in world(), cut in 0..120_i32) {
        let Period { from, to } = world.settlement.period;
        let cut = from.plus(cut % (to.days() - from.days()).max(1));
        prop_assume!(cut < to);
        let (whole, head, tail) = (world.within(from, to), world.within(from, cut), world.within(cut.plus(1), to));
        prop_assert_eq!(sums(&whole.spells), sums(head.spells.iter().chain(&tail.spells)));
    }

    #[test]
    fn grants_and_price_lists_never_count_on_days_paid_by_a_period(mut world in world()) {
        world.entries.retain(|row| row.role != Role::Actual || !has_no_period(row));
        let ledger = world.settle(1, 1000);
        let group = |spell: &Spell| world.settlement.purpose_group_of[spell.service.index()];
        let meet = |one: &Spell, other: &Spell| {
            one.person == other.person && group(one) == group(other) && one.from <= other.to && other.from <= one.to
        };
        let with_kroner = ledger.spells.iter().filter(|spell| spell.ore != Ore::ZERO);
        for spell in with_kroner.filter(|spell| matches!(spell.role, Role::Granted | Role::Tariff)) {
            for other in &ledger.spells {
                let paid = other.role == Role::Actual && other.ore > Ore::ZERO;
                let granted = spell.role == Role::Tariff && other.role == Role::Granted;
                prop_assert!(!((paid || granted) && meet(spell, other)), "{spell:?} counts beside {other:?}");
            }
        }
    }
}
