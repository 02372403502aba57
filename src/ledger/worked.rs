//! The cases that the rules of the ledger were written for, with the figures worked out by hand.
#![expect(clippy::inconsistent_digit_grouping, reason = "amounts in tests read as kroner_øre")]

use super::{
    Closing, Entry, Ledger, LineKind, PaymentsKnown, RefundKind, Rule, Settlement, Spell, Unattributed,
    UnattributedReason, bundles::Bundles, net, refunds, settle,
};
use crate::{
    base::{ErrorKind, Pool},
    domain::{AmountType, Date, Ore, Period, PersonId, PurposeGroupId, Role, ServiceId, SourceId},
};

pub(super) fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

fn half_year() -> Period {
    Period { from: day("2015-01-01"), to: day("2015-06-30") }
}

/// Services 0 and 1 share a purpose group, 2 and 3 have one each.
pub(super) fn settlement(period: Period, authoritative: [Option<u16>; 3]) -> Settlement {
    Settlement {
        period,
        purpose_group_of: [0, 0, 1, 2].map(PurposeGroupId).to_vec(),
        authoritative: authoritative.map(|source| source.map(SourceId)).to_vec(),
        for_children: vec![true, false, true],
        payments: vec![None; 3],
        presumed_ended_after: 120,
        data_end: Vec::new(),
        died: Vec::new(),
        moved: Vec::new(),
    }
}

pub(super) fn row(role: Role, source: u16, amount_type: AmountType, from: &str, to: &str, amount: i64) -> Entry {
    Entry {
        person: PersonId(0),
        service: ServiceId(0),
        role,
        source: SourceId(source),
        amount_type,
        from: day(from),
        to: day(to),
        amount: Ore(amount),
        quantity: 1000,
        document: 0,
        reverses: 0,
        posted: day(to),
        line: 0,
        file: 0,
    }
}

fn bundles(entries: &[Entry], pool: &Pool) -> Bundles {
    Bundles::of_list(entries.to_vec(), usize::MAX, pool).expect("in order")
}

/// Settles, and wants that every row was seen once, by person.
pub(super) fn settle_only(
    rows: Bundles,
    unattributed: Vec<Unattributed>,
    settlement: &Settlement,
    pool: &Pool,
) -> crate::base::Result<Ledger> {
    let mut all = rows.map(pool, <[Entry]>::to_vec).concat();
    all.sort_unstable();
    let look = |seen: &mut Vec<Entry>, rows: &[Entry]| {
        seen.extend_from_slice(rows);
        Ok(())
    };
    let (ledger, seen) = settle(rows, unattributed, settlement, look, pool)?;
    assert_eq!(seen.concat(), all);
    Ok(ledger)
}

pub(super) fn ledger(entries: &[Entry], settlement: &Settlement) -> Ledger {
    let pool = Pool::new(2).expect("threads");
    settle_only(bundles(entries, &pool), Vec::new(), settlement, &pool).expect("settles")
}

fn pieces(ledger: &Ledger, role: Role) -> Vec<(String, String, i64)> {
    let of_role = ledger.spells.iter().filter(|spell| spell.role == role);
    of_role.map(|spell| (spell.from.to_string(), spell.to.to_string(), spell.ore.0)).collect()
}

fn piece(from: &str, to: &str, ore: i64) -> (String, String, i64) {
    (from.to_owned(), to.to_owned(), ore)
}

fn lines(ledger: &Ledger) -> Vec<(u16, LineKind, u64, i64)> {
    ledger.lines.iter().map(|line| (line.source.0, line.kind, line.rows, line.ore.0)).collect()
}

#[test]
fn a_grant_fills_the_days_that_no_payment_covers() {
    let mut pocket_money = row(Role::Actual, 1, AmountType::Contract, "2015-01-01", "2015-01-31", 350_00);
    pocket_money.service = ServiceId(2);
    let placement = row(Role::Granted, 0, AmountType::Day, "2014-11-01", "2015-12-31", 2_150_00);
    let arrears = [
        pocket_money,
        placement,
        row(Role::Actual, 1, AmountType::Contract, "2014-11-01", "2014-12-31", 131_150_00),
        row(Role::Actual, 1, AmountType::Contract, "2015-01-01", "2015-03-31", 193_500_00),
    ];
    let settled = ledger(&arrears, &settlement(half_year(), [None; 3]));
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-04-01", "2015-06-30", 195_650_00)]);
    let paid = [piece("2015-01-01", "2015-03-31", 193_500_00), piece("2015-01-01", "2015-01-31", 350_00)];
    assert_eq!(pieces(&settled, Role::Actual), paid);
    assert_eq!(lines(&settled), [(1, LineKind::OutsidePeriod, 1, 131_150_00)]);

    let lump = row(Role::Actual, 1, AmountType::Lump, "2015-02-10", "2015-02-10", 5_000_00);
    let settled = ledger(&[placement, lump], &settlement(half_year(), [None; 3]));
    let around = [piece("2015-01-01", "2015-02-09", 86_000_00), piece("2015-02-11", "2015-06-30", 301_000_00)];
    assert_eq!(pieces(&settled, Role::Granted), around);
}

/// Payments known from 1 July 2014 to 30 June 2015, a delay of 105 days: the maturity date is 17 March 2015.
fn known() -> PaymentsKnown {
    PaymentsKnown::new(day("2014-07-01"), day("2015-06-30"), 105)
}

fn settlement_in_arrears() -> Settlement {
    Settlement { payments: vec![Some(known()); 3], ..settlement(half_year(), [None; 3]) }
}

fn lump(on: &str, amount: i64) -> Entry {
    row(Role::Actual, 1, AmountType::Lump, on, on, amount)
}

#[test]
fn payments_without_a_period_pay_the_oldest_granted_days() {
    let placement = row(Role::Granted, 0, AmountType::Day, "2014-11-01", "2015-12-31", 2_150_00);
    let mut pocket_money = row(Role::Granted, 0, AmountType::Month, "2014-11-01", "2015-12-31", 350_00);
    pocket_money.service = ServiceId(2);
    let pocket_payment = Entry { service: ServiceId(2), ..lump("2015-03-31", 3 * 350_00) };
    let rows =
        [placement, pocket_money, lump("2015-01-15", 131_150_00), lump("2015-04-15", 193_500_00), pocket_payment];
    let settled = ledger(&rows, &settlement_in_arrears());
    let actual = [piece("2015-01-01", "2015-03-31", 193_500_00), piece("2015-01-01", "2015-01-31", 350_00)];
    assert_eq!(pieces(&settled, Role::Actual), actual);
    // Pocket money is a group of its own: unpaid from February on, February and 17 days of March past their maturity.
    let march = 191_94;
    let granted =
        [piece("2015-04-01", "2015-06-30", 195_650_00), piece("2015-03-18", "2015-06-30", 3 * 350_00 + 350_00 - march)];
    assert_eq!(pieces(&settled, Role::Granted), granted);
    let expected = [
        (0, LineKind::NeverPaid, 1, 350_00 + march),
        (1, LineKind::OutsidePeriod, 1, 131_150_00),
        (1, LineKind::OutsidePeriod, 1, 700_00),
    ];
    assert_eq!(lines(&settled), expected);
    let placed = settled.spells.iter().filter(|spell| spell.service == ServiceId(0));
    assert_eq!(placed.map(|spell| spell.ore.0).sum::<i64>(), 389_150_00);
}

#[test]
fn a_day_can_be_paid_in_part_and_what_exceeds_the_grant_stays_on_its_day() {
    let grant = row(Role::Granted, 0, AmountType::Day, "2015-04-01", "2015-04-10", 100_00);
    let settled = ledger(&[grant, lump("2015-05-02", 250_00)], &settlement_in_arrears());
    assert_eq!(pieces(&settled, Role::Actual), [piece("2015-04-01", "2015-04-03", 250_00)]);
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-04-03", "2015-04-10", 750_00)]);
    let settled = ledger(&[grant, lump("2015-05-02", 900_00), lump("2015-05-03", 250_00)], &settlement_in_arrears());
    let paid = [
        piece("2015-04-01", "2015-04-09", 900_00),
        piece("2015-04-10", "2015-04-10", 100_00),
        piece("2015-05-03", "2015-05-03", 150_00),
    ];
    assert_eq!(pieces(&settled, Role::Actual), paid);
    let exceeding: Vec<bool> = settled.spells.iter().map(|spell| spell.rule == Rule::BeyondGrants).collect();
    assert_eq!((exceeding, lines(&settled)), (vec![false, false, true], Vec::new()));
}

#[test]
fn payments_are_taken_by_their_day() {
    let grant = row(Role::Granted, 0, AmountType::Day, "2015-04-01", "2015-04-10", 100_00);
    // Of another service of the group, which stands first in the order of rows.
    let earlier = Entry { service: ServiceId(1), ..lump("2015-05-02", 600_00) };
    let settled = ledger(&[grant, lump("2015-05-20", 400_00), earlier], &settlement_in_arrears());
    let expected = [piece("2015-04-07", "2015-04-10", 400_00), piece("2015-04-01", "2015-04-06", 600_00)];
    assert_eq!(pieces(&settled, Role::Actual), expected);
    assert!(pieces(&settled, Role::Granted).is_empty());
}

#[test]
fn a_supplement_replaces_nothing_and_tells_what_it_may_repeat() {
    let grant = row(Role::Granted, 0, AmountType::Day, "2015-04-01", "2015-04-10", 100_00);
    let manual = row(Role::Manual, 2, AmountType::Contract, "2015-04-05", "2015-04-14", 500_00);
    let rules = |rows: &[Entry]| -> Vec<Rule> {
        let settled = ledger(rows, &settlement(half_year(), [None; 3]));
        let manual = settled.spells.iter().filter(|spell| spell.role == Role::Manual);
        manual.map(|spell| spell.rule).collect()
    };
    let settled = ledger(&[grant, manual], &settlement(half_year(), [None; 3]));
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-04-01", "2015-04-10", 1_000_00)]);
    assert_eq!(rules(&[grant, manual]), [Rule::Manual], "a grant is no payment");
    let payment = row(Role::Actual, 1, AmountType::Contract, "2015-04-14", "2015-04-20", 70_00);
    assert_eq!(rules(&[manual, payment]), [Rule::ManualBesidePayment], "they meet on the 14th");
    assert_eq!(rules(&[manual, Entry { from: day("2015-04-15"), ..payment }]), [Rule::Manual], "other days");
    assert_eq!(rules(&[manual, Entry { service: ServiceId(2), ..payment }]), [Rule::Manual], "another purpose");
    assert_eq!(rules(&[manual, Entry { person: PersonId(1), ..payment }]), [Rule::Manual], "another person");
    assert_eq!(rules(&[manual, Entry { amount: Ore(-70_00), ..payment }]), [Rule::Manual], "money back");
    assert_eq!(rules(&[Entry { amount: Ore(0), ..manual }, payment]), [Rule::Manual], "looked up, nothing found");
}

#[test]
fn a_grant_for_which_nothing_comes_is_presumed_ended() {
    let grant = row(Role::Granted, 0, AmountType::Day, "2014-07-01", "2015-12-31", 100_00);
    let of = |rows: &[Entry]| {
        let settled = ledger(rows, &settlement_in_arrears());
        let counted: i64 = settled.spells.iter().map(|spell| spell.ore.0).sum();
        (counted, lines(&settled))
    };
    // 46 unpaid days to the maturity date, 105 after it; the last payment is 121 days before the end of the data.
    let paid = row(Role::Actual, 1, AmountType::Contract, "2015-01-01", "2015-01-30", 3_000_00);
    let ended = (0, LineKind::PresumedEnded, 1, 10_500_00);
    let silent = Entry { posted: day("2015-03-01"), ..paid };
    assert_eq!(of(&[grant, silent]), (3_000_00, vec![(0, LineKind::NeverPaid, 1, 4_600_00), ended]));
    // 120 days before the end of the data: still running.
    let later = Entry { posted: day("2015-03-02"), ..paid };
    assert_eq!(of(&[grant, later]), (13_500_00, vec![(0, LineKind::NeverPaid, 1, 4_600_00)]));
    // A grant is not held to have been silent before it began, but one that only renews another is.
    let fresh = Entry { from: day("2015-03-03"), ..grant };
    assert_eq!(of(&[fresh]), (10_500_00, vec![(0, LineKind::NeverPaid, 1, 1_500_00)]));
    let before = Entry { to: day("2015-03-02"), ..grant };
    assert_eq!(of(&[before, fresh]), (0, vec![(0, LineKind::NeverPaid, 2, 7_600_00), ended]));
}

#[test]
fn a_rate_ends_with_its_person_and_its_source() {
    let grant = row(Role::Granted, 0, AmountType::Day, "2015-01-01", "2015-12-31", 100_00);
    let mut closed = settlement(half_year(), [None; 3]);
    closed.died = vec![Some(day("2015-03-15"))];
    let settled = ledger(&[grant], &closed);
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-01-01", "2015-03-15", 7_400_00)]);
    assert_eq!(settled.spells[0].closing, Closing::Died);
    closed.data_end = vec![Some(day("2015-02-28"))];
    let settled = ledger(&[grant], &closed);
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-01-01", "2015-02-28", 5_900_00)]);
    assert_eq!(settled.spells[0].closing, Closing::DataEnd);
}

#[test]
fn a_refund_stands_beside_the_gross_cost() {
    let payment = row(Role::Actual, 1, AmountType::Contract, "2014-12-29", "2015-01-04", 100_000_00);
    let settlement = settlement(half_year(), [Some(1), None, None]);
    let refund = Entry { amount: Ore(25_000_00), ..payment };
    let elsewhere = Entry { source: SourceId(0), ..refund };
    let copy = Entry { file: 1, ..refund };
    let whole = Settlement { period: Period { from: payment.from, to: payment.to }, ..settlement.clone() };
    let found = refunds(RefundKind::State, vec![refund, elsewhere, copy], &whole).expect("refunds");
    assert_eq!(found.iter().map(|refund| refund.ore.0).collect::<Vec<_>>(), [25_000_00]);
    let gross = ledger(&[payment], &whole).spells[0].ore;
    assert_eq!(net(gross, [found[0].ore, Ore::ZERO, Ore(1_00)]), Ok(Ore(74_999_00)));
    assert_eq!(net(gross, [found[0].ore, Ore::ZERO, Ore::ZERO]), Ok(Ore(75_000_00)));
    // Four of seven days lie in the half-year.
    let half = refunds(RefundKind::OwnPayment, vec![refund], &settlement).expect("refunds");
    assert_eq!((half[0].days.days(), half[0].ore, half[0].kind), (4, Ore(14_285_71), RefundKind::OwnPayment));
}

#[test]
fn a_credit_pays_no_days() {
    let grant = row(Role::Granted, 0, AmountType::Day, "2015-01-01", "2015-01-31", 2_150_00);
    let credit = row(Role::Actual, 1, AmountType::Contract, "2015-01-01", "2015-01-31", -10_000_00);
    let settled = ledger(&[grant, credit], &settlement(half_year(), [None; 3]));
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-01-01", "2015-01-31", 66_650_00)]);
    assert_eq!(pieces(&settled, Role::Actual), [piece("2015-01-01", "2015-01-31", -10_000_00)]);
}

#[test]
fn one_benefit_in_three_sources_counts_once() {
    let benefit = |source| row(Role::Actual, source, AmountType::Contract, "2015-01-01", "2015-01-31", 14_416_00);
    let rows = [benefit(0), benefit(1), benefit(2)];
    let settled = ledger(&rows, &settlement(half_year(), [Some(1), None, None]));
    assert_eq!(pieces(&settled, Role::Actual), [piece("2015-01-01", "2015-01-31", 14_416_00)]);
    assert_eq!(lines(&settled), [(0, LineKind::Reconcile, 1, 14_416_00), (2, LineKind::Reconcile, 1, 14_416_00)]);
    // What is only compared pays nothing: the grant of a person whom the authoritative source does not know counts.
    let grant = row(Role::Granted, 3, AmountType::Month, "2015-01-01", "2015-01-31", 100_00);
    let settled = ledger(&[benefit(0), grant], &settlement(half_year(), [Some(1), None, None]));
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-01-01", "2015-01-31", 100_00)]);
}

#[test]
fn a_reversal_and_what_it_reverses_go_out() {
    let mut posting = row(Role::Actual, 0, AmountType::Contract, "2015-02-01", "2015-02-28", 4_000_00);
    posting.document = 71;
    let mut reversal = row(Role::Actual, 0, AmountType::Lump, "2015-05-02", "2015-05-02", -4_000_00);
    (reversal.document, reversal.reverses) = (72, 71);
    let mut unpaired = reversal;
    (unpaired.document, unpaired.reverses, unpaired.amount) = (73, 70, Ore(-10_00));
    let grant = row(Role::Granted, 1, AmountType::Month, "2015-02-01", "2015-02-28", 4_000_00);
    let settled = ledger(&[posting, reversal, unpaired, grant], &settlement(half_year(), [None; 3]));
    assert_eq!(pieces(&settled, Role::Actual), [piece("2015-05-02", "2015-05-02", -10_00)]);
    assert_eq!(lines(&settled), [(0, LineKind::Reversed, 2, 0)]);
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-02-01", "2015-02-28", 4_000_00)]);
}

#[test]
fn a_price_list_fills_what_neither_payment_nor_grant_covers_and_is_moved() {
    let rows = [
        row(Role::Tariff, 2, AmountType::Day, "2015-01-01", "2015-12-31", 100_00),
        row(Role::Granted, 0, AmountType::Day, "2015-02-01", "2015-02-28", 50_00),
        row(Role::Actual, 1, AmountType::Contract, "2015-02-15", "2015-03-31", 450_00),
    ];
    let institution = Unattributed {
        source: SourceId(1),
        service: ServiceId(0),
        reason: UnattributedReason::NoPerson,
        rows: 4,
        ore: Ore(1_000_000_00),
    };
    let pool = Pool::new(2).expect("threads");
    let settled = settle_only(bundles(&rows, &pool), vec![institution], &settlement(half_year(), [None; 3]), &pool)
        .expect("settles");
    let expected = [piece("2015-01-01", "2015-01-31", 3_100_00), piece("2015-04-01", "2015-06-30", 9_100_00)];
    assert_eq!(pieces(&settled, Role::Tariff), expected);
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-02-01", "2015-02-14", 700_00)]);
    let expected = [(1, LineKind::NoPerson, 4, 1_000_000_00), (2, LineKind::TariffMoved, 1, -12_200_00)];
    assert_eq!(lines(&settled), expected);
}

#[test]
fn services_without_kroner_and_manual_rows_stand_as_they_are() {
    let mut measure = row(Role::Granted, 0, AmountType::Nothing, "2014-06-01", "2015-03-31", 0);
    measure.to = Date::MAX;
    let payment = row(Role::Actual, 1, AmountType::Contract, "2015-01-01", "2015-03-31", 90_00);
    let manual = row(Role::Manual, 2, AmountType::Contract, "2015-06-01", "2015-07-30", 600_00);
    let unknown = Entry { to: Date::MAX, ..manual };
    let settled = ledger(&[measure, payment, manual, unknown], &settlement(half_year(), [Some(1), None, None]));
    assert_eq!(pieces(&settled, Role::Granted), [piece("2015-01-01", "2015-06-30", 0)]);
    let expected = [piece("2015-06-01", "2015-06-01", 600_00), piece("2015-06-01", "2015-06-30", 300_00)];
    assert_eq!(pieces(&settled, Role::Manual), expected);
    let flags: Vec<(bool, bool)> = settled.spells.iter().map(|spell| (spell.is_not_periodised(), spell.open)).collect();
    assert_eq!(flags, [(false, false), (false, true), (true, true), (false, false)]);
    assert_eq!(lines(&settled), [(2, LineKind::OutsidePeriod, 1, 300_00)]);
}

#[test]
fn twenty_million_rows_and_their_spells_fit_in_two_gigabytes() {
    assert_eq!((size_of::<Entry>(), size_of::<Spell>()), (56, 32));
}

#[test]
fn broken_promises_stop_the_ledger() {
    let pool = Pool::new(2).expect("threads");
    let good = row(Role::Actual, 0, AmountType::Lump, "2015-01-01", "2015-01-01", 1);
    let kind = |entry: Entry| {
        let outcome =
            settle_only(bundles(&[good, entry], &pool), Vec::new(), &settlement(half_year(), [None; 3]), &pool);
        outcome.map_err(|error| error.kind()).err()
    };
    assert_eq!(kind(good), None);
    assert_eq!(kind(Entry { to: day("2014-12-31"), ..good }), Some(ErrorKind::Internal));
    assert_eq!(kind(Entry { service: ServiceId(4), ..good }), Some(ErrorKind::Internal));
    assert_eq!(kind(Entry { quantity: i32::MAX, amount: Ore(i64::MAX), ..good }), Some(ErrorKind::Input));
    let lowest = Entry { role: Role::Tariff, amount: Ore(i64::MIN), service: ServiceId(3), ..good };
    assert_eq!(kind(lowest), Some(ErrorKind::Input));
}
