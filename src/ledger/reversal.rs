//! Reversals: a posting that names the document it takes back, and the posting taken back, both go out.

use super::Entry;
use crate::domain::Role;

/// Tells for each row of one person, given in their total order, whether it stands in a reversal pair. Empty when no
/// row reverses another.
///
/// A pair has the same service and source, opposite amounts, and one row names the other's document
/// (`TilbF-Ref.`). Each row stands in one pair at the most. Where several rows could be the one taken back, one that
/// reverses nothing itself comes first, then one for the same days, then the order of the rows.
pub(super) fn rows_in_pairs(rows: &[Entry]) -> Vec<bool> {
    let actual = || rows.iter().enumerate().filter(|(_, row)| row.role == Role::Actual);
    let reversing: Vec<usize> = actual().filter(|(_, row)| row.reverses != 0).map(|(index, _)| index).collect();
    if reversing.is_empty() {
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
    paired
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

    #[test]
    fn pairs_by_document_and_opposite_amount() {
        let rows = [posting(1, 500, 7, 0), posting(2, -500, 8, 7), posting(3, 500, 9, 0), posting(4, -400, 10, 9)];
        assert_eq!(rows_in_pairs(&rows), [true, true, false, false]);
        assert!(rows_in_pairs(&rows[2..3]).is_empty());
        let mut other_service = rows;
        other_service[0].service = ServiceId(1);
        assert_eq!(rows_in_pairs(&other_service), [false; 4]);
        let mut granted = rows;
        granted[0].role = Role::Granted;
        assert_eq!(rows_in_pairs(&granted), [false; 4]);
    }

    #[test]
    fn takes_each_row_once_and_the_likeliest_first() {
        let twice = [posting(1, 500, 7, 0), posting(2, -500, 8, 7), posting(3, -500, 9, 7)];
        assert_eq!(rows_in_pairs(&twice), [true, true, false]);
        let same_day = [posting(1, 500, 7, 0), posting(2, 500, 7, 0), posting(2, -500, 8, 7)];
        assert_eq!(rows_in_pairs(&same_day), [false, true, true]);
        let reversal_reversed = [posting(1, 500, 3, 2), posting(2, -500, 2, 1), posting(3, 500, 1, 0)];
        assert_eq!(rows_in_pairs(&reversal_reversed), [false, true, true]);
        let itself = [posting(1, 0, 5, 5)];
        assert_eq!(rows_in_pairs(&itself), [false]);
        assert_eq!(rows_in_pairs(&[posting(1, i64::MIN, 1, 0), posting(2, i64::MIN, 2, 1)]), [false, false]);
    }
}
