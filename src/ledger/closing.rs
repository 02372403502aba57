//! Closing: a rate runs no further than its row, its person or its source does, and each spell keeps the reason.

use super::{Closing, Entry, settlement::Settlement};
use crate::domain::{AmountType, Date, Period, Role};

/// The last day on which a row claims anything, and what ends it: its own end, else death, else the end of its source's
/// data. Only claims are closed, never kroner that were paid or looked up by hand. `None` when nothing is left.
pub(super) fn close(row: &Entry, settlement: &Settlement) -> Option<(Entry, Closing)> {
    let mut last = (row.to, Closing::Ended);
    if matches!(row.role, Role::Granted | Role::Tariff) && is_rate(row.amount_type) {
        let ends = [(settlement.died(row.person), Closing::Died), (settlement.data_end(row.source), Closing::DataEnd)];
        for (day, closing) in ends {
            if let Some(day) = day.filter(|day| *day < last.0) {
                last = (day, closing);
            }
        }
    }
    (last.0 >= row.from || last.1 == Closing::Ended).then_some((Entry { to: last.0, ..*row }, last.1))
}

/// The reason why a row's days within the period end, given what ends the row.
pub(super) fn closing_within(to: Date, closing: Closing, period: Period) -> Closing {
    if to > period.to { Closing::Open } else { closing }
}

/// Whether each day has its own amount, so that fewer days cost less.
const fn is_rate(amount_type: AmountType) -> bool {
    !matches!(amount_type, AmountType::Contract | AmountType::Lump)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Ore, PersonId, ServiceId, SourceId};

    fn day(days: i32) -> Date {
        Date::EPOCH.plus(days)
    }

    fn settlement(died: Option<i32>, data_end: Option<i32>) -> Settlement {
        Settlement {
            period: Period { from: day(0), to: day(100) },
            purpose_group_of: Vec::new(),
            authoritative: Vec::new(),
            payments: Vec::new(),
            presumed_ended_after: 120,
            data_end: vec![data_end.map(day)],
            died: vec![died.map(day)],
            for_children: Vec::new(),
            moved: Vec::new(),
        }
    }

    fn closed(row: &Entry, died: Option<i32>, data_end: Option<i32>) -> Option<(i32, Closing)> {
        let settlement = settlement(died, data_end);
        close(row, &settlement)
            .map(|(row, closing)| (row.to.days(), closing_within(row.to, closing, settlement.period)))
    }

    #[test]
    fn the_earliest_end_gives_the_reason() {
        let grant = Entry {
            person: PersonId(0),
            service: ServiceId(0),
            role: Role::Granted,
            source: SourceId(0),
            amount_type: AmountType::Day,
            from: day(10),
            to: day(50),
            amount: Ore(1),
            quantity: 1000,
            document: 0,
            reverses: 0,
            posted: day(50),
            line: 0,
            file: 0,
        };
        assert_eq!(closed(&grant, None, None), Some((50, Closing::Ended)));
        assert_eq!(closed(&grant, Some(50), Some(50)), Some((50, Closing::Ended)));
        assert_eq!(closed(&grant, Some(40), Some(40)), Some((40, Closing::Died)));
        assert_eq!(closed(&grant, Some(45), Some(40)), Some((40, Closing::DataEnd)));
        assert_eq!(closed(&grant, Some(9), None), None, "granted after death");
        let open = Entry { to: Date::MAX, ..grant };
        assert_eq!(closed(&open, None, None), Some((Date::MAX.days(), Closing::Open)));
        assert_eq!(closed(&open, None, Some(100)), Some((100, Closing::DataEnd)));
        let payment = Entry { role: Role::Actual, ..grant };
        assert_eq!(closed(&payment, Some(20), Some(20)), Some((50, Closing::Ended)), "kroner that were paid stay");
    }
}
