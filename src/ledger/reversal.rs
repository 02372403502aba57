//! Reversals: a posting that takes another back, and the posting taken back, both go out.
//!
//! A reversal names the document it takes back, or is known by its content (`metrics.md`, negative postings).

use std::cmp::Reverse;

use super::{Entry, grants::has_no_period};
use crate::domain::Role;

/// Tells for each row of one person, given in their total order, whether it stands in a reversal pair; rows that repeat
/// another (`twice`) stand in none. Empty when no
/// row can reverse another.
///
/// A pair by reference has the same service and source, opposite amounts, and one row names the other's document
/// (`TilbF-Ref.`). Each row stands in one pair at the most. Where several rows could be the one taken back, one that
/// reverses nothing itself comes first, then one for the same days, then the order of the rows.
///
/// Of the rows left, a credit takes back a charge by content: same service, source and amount, same service period (or
/// both without one), booked on the same day or later. It takes the latest booked of those, so that a credit of May does
/// not cross out the charge of January when March has one too.
pub(super) fn rows_in_pairs(rows: &[Entry], twice: &[bool]) -> Vec<bool> {
    let counts = |index: usize| rows[index].role == Role::Actual && twice.get(index) != Some(&true);
    let actual = || rows.iter().enumerate().filter(|(index, _)| counts(*index));
    let reversing: Vec<usize> = actual().filter(|(_, row)| row.reverses != 0).map(|(index, _)| index).collect();
    if reversing.is_empty() && !actual().any(|(_, row)| sign(row) < 0) {
        return Vec::new();
    }
    let mut documents: Vec<(u64, usize)> =
        actual().filter(|(_, row)| row.document != 0).map(|(index, row)| (row.document, index)).collect();
    documents.sort_unstable();
    let mut paired = vec![false; rows.len()];
    for (reverses_nothing, same_days) in [(true, true), (true, false), (false, true), (false, false)] {
        for &reversal in &reversing {
            if paired[reversal] {
                continue;
            }
            let row = &rows[reversal];
            let start = documents.partition_point(|(document, _)| *document < row.reverses);
            let taken_back = documents[start..]
                .iter()
                .take_while(|(document, _)| *document == row.reverses)
                .map(|(_, index)| *index)
                .find(|&index| {
                    let other = &rows[index];
                    index != reversal
                        && !paired[index]
                        && mirrors(row, other)
                        && (!reverses_nothing || other.reverses == 0)
                        && (!same_days || (row.from, row.to) == (other.from, other.to))
                });
            if let Some(taken_back) = taken_back {
                paired[reversal] = true;
                paired[taken_back] = true;
            }
        }
    }
    pair_by_content(rows, counts, &mut paired);
    paired
}

fn pair_by_content(rows: &[Entry], counts: impl Fn(usize) -> bool, paired: &mut [bool]) {
    let content = |row: &Entry| {
        let days = if has_no_period(row) { None } else { Some((row.from, row.to)) };
        (row.service, row.source, row.amount_type, days, row.quantity, row.amount.0.unsigned_abs())
    };
    let of_sign = |wanted: i64, paired: &[bool]| -> Vec<usize> {
        (0..rows.len()).filter(|&index| counts(index) && sign(&rows[index]) == wanted && !paired[index]).collect()
    };
    let credits = of_sign(-1, paired);
    if credits.is_empty() {
        return;
    }
    // Within one content the latest booked first, rows of one day in their order.
    let mut charges = of_sign(1, paired);
    charges.sort_by_key(|&index| (content(&rows[index]), Reverse(rows[index].posted), index));
    for credit in credits {
        let row = &rows[credit];
        let start = charges.partition_point(|&charge| {
            (content(&rows[charge]), Reverse(rows[charge].posted)) < (content(row), Reverse(row.posted))
        });
        let mut fitting = charges[start..].iter().take_while(|&&charge| content(&rows[charge]) == content(row));
        if let Some(&charge) = fitting.find(|&&charge| !paired[charge]) {
            paired[credit] = true;
            paired[charge] = true;
        }
    }
}

/// Whether a row is cost (1), credit (-1) or nothing (0).
fn sign(row: &Entry) -> i64 {
    row.amount.0.signum() * i64::from(row.quantity.signum())
}

/// Whether two rows of one person cancel each other.
fn mirrors(row: &Entry, other: &Entry) -> bool {
    row.service == other.service
        && row.source == other.source
        && row.quantity == other.quantity
        && row.amount.0.checked_neg() == Some(other.amount.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AmountType, Date, Ore, PersonId, ServiceId, SourceId};

    fn posting(day: i32, amount: i64, document: u64, reverses: u64) -> Entry {
        Entry {
            person: PersonId(0),
            service: ServiceId(0),
            role: Role::Actual,
            source: SourceId(0),
            amount_type: AmountType::Lump,
            from: Date::EPOCH.plus(day),
            to: Date::EPOCH.plus(day),
            amount: Ore(amount),
            quantity: 1000,
            document,
            reverses,
            posted: Date::EPOCH.plus(day),
            line: 0,
            file: 0,
        }
    }

    fn pairs_of(rows: &[Entry]) -> Vec<bool> {
        rows_in_pairs(rows, &[])
    }

    #[test]
    fn pairs_by_document_and_opposite_amount() {
        let rows = [posting(1, 500, 7, 0), posting(2, -500, 8, 7), posting(3, 500, 9, 0), posting(4, -400, 10, 9)];
        assert_eq!(pairs_of(&rows), [true, true, false, false]);
        assert!(pairs_of(&rows[2..3]).is_empty());
        let mut other_service = rows;
        other_service[0].service = ServiceId(1);
        assert_eq!(pairs_of(&other_service), [false; 4]);
        let mut granted = rows;
        granted[0].role = Role::Granted;
        assert_eq!(pairs_of(&granted), [false; 4]);
    }

    #[test]
    fn a_credit_without_reference_takes_back_the_latest_charge_of_its_content() {
        let charge = |day: i32| posting(day, 500, 0, 0);
        let credit = |day: i32| posting(day, -500, 0, 0);
        assert_eq!(pairs_of(&[charge(1), charge(3), credit(5)]), [false, true, true]);
        assert_eq!(pairs_of(&[charge(1), charge(3), credit(2)]), [true, false, true]);
        assert_eq!(pairs_of(&[charge(3), credit(2)]), [false, false], "a reversal is not booked before");
        assert_eq!(pairs_of(&[charge(1), credit(2), credit(3)]), [true, true, false]);
        let mut half = credit(2);
        half.amount = Ore(-250);
        assert_eq!(pairs_of(&[charge(1), half]), [false, false]);
        let month = |row: Entry, from: i32| {
            let (from, to) = (Date::EPOCH.plus(from), Date::EPOCH.plus(from + 27));
            Entry { amount_type: AmountType::Contract, from, to, ..row }
        };
        assert_eq!(pairs_of(&[month(charge(1), 0), month(credit(9), 0)]), [true, true]);
        assert_eq!(pairs_of(&[month(charge(1), 0), month(credit(9), 28)]), [false, false], "another service period");
    }

    #[test]
    fn a_reversal_may_be_booked_on_the_same_day() {
        assert_eq!(pairs_of(&[posting(3, -500, 0, 0), posting(3, 500, 0, 0)]), [true, true]);
    }

    #[test]
    fn takes_each_row_once_and_the_likeliest_first() {
        let twice = [posting(1, 500, 7, 0), posting(2, -500, 8, 7), posting(3, -500, 9, 7)];
        assert_eq!(pairs_of(&twice), [true, true, false]);
        let same_day = [posting(1, 500, 7, 0), posting(2, 500, 7, 0), posting(2, -500, 8, 7)];
        assert_eq!(pairs_of(&same_day), [false, true, true]);
        let reversal_reversed = [posting(1, 500, 3, 2), posting(2, -500, 2, 1), posting(3, 500, 1, 0)];
        assert_eq!(pairs_of(&reversal_reversed), [false, true, true]);
        let itself = [posting(1, 0, 5, 5)];
        assert_eq!(pairs_of(&itself), [false]);
        assert_eq!(pairs_of(&[posting(1, i64::MIN, 1, 0), posting(2, i64::MIN, 2, 1)]), [false, false]);
    }
}
