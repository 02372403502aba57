//! The days of one person on which something already counts, per purpose group.

use crate::domain::{Date, Period, PurposeGroupId};

/// Days taken within purpose groups, as disjoint periods in order.
pub(super) struct DayCover {
    taken: Vec<(PurposeGroupId, Period)>,
}

impl DayCover {
    /// Joins periods in any order, overlapping or not.
    pub(super) fn of(mut days: Vec<(PurposeGroupId, Period)>) -> Self {
        days.sort_unstable();
        days.dedup_by(|(group, next), (kept_group, kept)| {
            let joins = group == kept_group && next.from <= kept.to.plus(1);
            if joins {
                kept.to = kept.to.max(next.to);
            }
            joins
        });
        Self { taken: days }
    }

    /// This cover with further days.
    pub(super) fn with(mut self, days: Vec<(PurposeGroupId, Period)>) -> Self {
        self.taken.extend(days);
        Self::of(self.taken)
    }

    /// The first of the days taken without a gap up to `day`; `None` when the day is free.
    pub(super) fn taken_since(&self, group: PurposeGroupId, day: Date) -> Option<Date> {
        let place = self.taken.partition_point(|(of, taken)| (*of, taken.to) < (group, day));
        self.taken.get(place).filter(|(of, taken)| *of == group && taken.contains(day)).map(|(_, taken)| taken.from)
    }

    /// The longest periods within `days` on which nothing of the group counts, in order.
    pub(super) fn free_days(&self, group: PurposeGroupId, days: Period) -> impl Iterator<Item = Period> {
        let first = self.taken.partition_point(|(of, taken)| (*of, taken.to) < (group, days.from));
        let mut taken = self.taken[first..]
            .iter()
            .take_while(move |(of, taken)| *of == group && taken.from <= days.to)
            .map(|(_, taken)| *taken);
        let mut next: Option<Date> = Some(days.from);
        std::iter::from_fn(move || {
            loop {
                let from = next?;
                let Some(block) = taken.next() else {
                    next = None;
                    return Period::new(from, days.to);
                };
                next = Some(block.to.plus(1));
                if block.from > from {
                    return Some(Period { from, to: block.from.plus(-1) });
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i32, to: i32) -> Period {
        Period { from: Date::EPOCH.plus(from), to: Date::EPOCH.plus(to) }
    }

    fn free(cover: &DayCover, group: u16, from: i32, to: i32) -> Vec<(i32, i32)> {
        let free = cover.free_days(PurposeGroupId(group), days(from, to));
        free.map(|period| (period.from.days(), period.to.days())).collect()
    }

    #[test]
    fn leaves_the_gaps_of_the_own_group_only() {
        let (one, two) = (PurposeGroupId(1), PurposeGroupId(2));
        let cover = DayCover::of(vec![
            (two, days(0, 100)),
            (one, days(20, 29)),
            (one, days(5, 9)),
            (one, days(30, 30)),
            (one, days(22, 24)),
            (one, days(40, 60)),
        ]);
        assert_eq!(free(&cover, 1, 0, 50), [(0, 4), (10, 19), (31, 39)]);
        assert_eq!(free(&cover, 1, 7, 12), [(10, 12)]);
        assert_eq!(free(&cover, 1, 21, 30), []);
        assert_eq!(free(&cover, 1, 61, 70), [(61, 70)]);
        assert_eq!(free(&cover, 2, 90, 101), [(101, 101)]);
        assert_eq!(free(&cover, 3, 0, 3), [(0, 3)]);
        let since = |group, day| cover.taken_since(PurposeGroupId(group), Date::EPOCH.plus(day)).map(Date::days);
        assert_eq!(
            [since(1, 30), since(1, 20), since(1, 31), since(2, 30), since(3, 30)],
            [Some(20), Some(20), None, Some(0), None]
        );
        assert_eq!(free(&cover.with(vec![(one, days(10, 19))]), 1, 0, 50), [(0, 4), (31, 39)]);
    }
}
