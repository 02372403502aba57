//! Rows that stand in several files of one source: exports that overlap.
//!
//! A row with a business key (document and line) stands once in a ledger, so its repetitions are copies wherever they
//! are. Without one, rows alike within a file may well be two payments of one day, but a file that repeats them next to
//! another that has them too is an overlap: what counts is the most that any one file has.

use super::Entry;

/// Tells for each row of one person, given in their total order, whether it repeats another. Empty when none does.
pub(super) fn repeated_rows(rows: &[Entry]) -> Vec<bool> {
    let alike = |row: &Entry, next: &Entry| Entry { file: 0, ..*row } == Entry { file: 0, ..*next };
    if !rows.windows(2).any(|pair| alike(&pair[0], &pair[1])) {
        return Vec::new();
    }
    let mut repeated = vec![false; rows.len()];
    let mut start = 0;
    for same in rows.chunk_by(alike) {
        let has_key = same[0].document != 0 && same[0].line != 0;
        let most = same.chunk_by(|row, next| row.file == next.file).map(<[Entry]>::len).max().unwrap_or(0);
        let kept = if has_key { 1 } else { most };
        repeated[start + kept..start + same.len()].fill(true);
        start += same.len();
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AmountType, Date, Ore, PersonId, Role, ServiceId, SourceId};

    fn row(file: u16, document: u64, line: u32) -> Entry {
        Entry {
            person: PersonId(0),
            service: ServiceId(0),
            role: Role::Actual,
            source: SourceId(0),
            amount_type: AmountType::Lump,
            from: Date::EPOCH,
            to: Date::EPOCH,
            amount: Ore(500),
            quantity: 1000,
            document,
            reverses: 0,
            posted: Date::EPOCH,
            line,
            file,
        }
    }

    #[test]
    fn a_business_key_stands_once() {
        assert_eq!(repeated_rows(&[row(0, 7, 1), row(0, 7, 1), row(1, 7, 1)]), [false, true, true]);
        assert!(repeated_rows(&[row(0, 7, 1), row(1, 7, 2)]).is_empty(), "another line of the document");
        assert!(repeated_rows(&[row(0, 7, 1), row(0, 8, 1)]).is_empty(), "another document");
    }

    #[test]
    fn without_a_key_the_fullest_file_counts() {
        assert_eq!(repeated_rows(&[row(0, 0, 0), row(1, 0, 0), row(1, 0, 0)]), [false, false, true]);
        assert_eq!(repeated_rows(&[row(0, 7, 0), row(0, 7, 0)]), [false, false], "two payments of one day");
        let other = Entry { amount: Ore(501), ..row(1, 0, 0) };
        assert!(repeated_rows(&[row(0, 0, 0), other]).is_empty());
    }
}
