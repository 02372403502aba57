//! A register date and a reference to a person in four bytes each.

use crate::domain::{Date, Precision, RegisterDate};

/// An optional register date. Ordered by day, then by precision and doubt; an unknown date comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedDate(i32);

impl PackedDate {
    /// No date.
    pub(super) const NONE: Self = Self(i32::MIN);

    /// The date as it is known.
    pub(super) fn get(self) -> Option<RegisterDate> {
        let precision = match self.0 >> 1 & 3 {
            0 => Precision::Day,
            1 => Precision::Month,
            _ => Precision::Year,
        };
        self.day().map(|date| RegisterDate { date, precision, uncertain: self.0 & 1 == 1 })
    }

    /// The day, with unknown parts set to the first.
    pub(super) fn day(self) -> Option<Date> {
        (self != Self::NONE).then(|| Date::EPOCH.plus(self.0 >> 3))
    }

    /// Whether what begins at this date has begun on the day. An unknown beginning lies before every day.
    pub(super) fn has_begun(self, day: Date) -> bool {
        self.day().is_none_or(|begin| begin <= day)
    }

    /// Whether what ends at this date still lasts on the day. The end itself is no longer part; without an end it lasts.
    pub(super) fn still_lasts(self, day: Date) -> bool {
        self.day().is_none_or(|end| day < end)
    }
}

impl From<Option<RegisterDate>> for PackedDate {
    fn from(date: Option<RegisterDate>) -> Self {
        date.map_or(Self::NONE, |known| {
            let precision = match known.precision {
                Precision::Day => 0,
                Precision::Month => 1,
                Precision::Year => 2,
            };
            // The years -9999 to 9999 are 23 bits of days.
            Self(known.date.days() << 3 | precision << 1 | i32::from(known.uncertain))
        })
    }
}

/// An optional person: by the number's place of arrival while building, then by position. No person comes last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference(u32);

impl Reference {
    /// Nobody.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// The person.
    pub(super) fn get(self) -> Option<u32> {
        (self != Self::NONE).then_some(self.0)
    }

    /// Replaces the person by another number for the same person.
    pub(super) fn replace(&mut self, map: &mut impl FnMut(u32) -> u32) {
        if let Some(person) = self.get() {
            self.0 = map(person);
        }
    }
}

impl From<Option<u32>> for Reference {
    fn from(person: Option<u32>) -> Self {
        person.map_or(Self::NONE, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_back_as_they_went_in_and_in_order() {
        let mut last = PackedDate::NONE;
        assert_eq!(last.get(), None);
        for year in [-9999, -1, 0, 1858, 1900, 1969, 1970, 2026, 2101, 9999] {
            for (month, day) in [(0, 0), (1, 0), (1, 1), (12, 31)] {
                for uncertain in [false, true] {
                    let date = RegisterDate::from_parts(year, month, day, uncertain).expect("a date");
                    let packed = PackedDate::from(Some(date));
                    assert_eq!(packed.get(), Some(date));
                    assert_eq!(packed.day(), Some(date.date));
                    assert!(date.precision != Precision::Day || packed > last || month == 1);
                    last = packed;
                }
            }
        }
        assert!(PackedDate::NONE < last);
    }

    #[test]
    fn an_end_is_the_first_day_without_and_the_unknown_is_open() {
        let end = RegisterDate::from_parts(2015, 3, 10, false).expect("a date");
        let packed = PackedDate::from(Some(end));
        assert!(packed.still_lasts(end.date.plus(-1)) && !packed.still_lasts(end.date));
        assert!(!packed.has_begun(end.date.plus(-1)) && packed.has_begun(end.date));
        assert!(PackedDate::NONE.has_begun(end.date) && PackedDate::NONE.still_lasts(end.date));
    }
}
