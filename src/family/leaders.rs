//! Who led a family in a period, each couple or single head once, with a place by which it is found again at once.

use super::timeline::{Heads, Timeline};
use crate::domain::PersonId;

/// The heads of all families of a timeline, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaders {
    all: Vec<Heads>,
    /// By the first of the heads, up to the last of them: where those that it leads begin, and behind that where they all end.
    starts: Vec<u32>,
}

impl Leaders {
    /// The heads of a timeline.
    #[must_use]
    pub fn of(timeline: &Timeline) -> Self {
        // Memberships stand by person, so whoever leads a family gives nearly all heads in their order.
        let memberships = || timeline.memberships().iter();
        let own = memberships().filter(|membership| membership.heads.persons().next() == Some(membership.person));
        let leaders = Self::new(own.map(|membership| membership.heads).collect());
        let mut missing: Vec<Heads> =
            memberships().map(|membership| membership.heads).filter(|heads| leaders.place(*heads).is_none()).collect();
        if missing.is_empty() {
            return leaders;
        }
        missing.extend(leaders.all);
        Self::new(missing)
    }

    fn new(mut all: Vec<Heads>) -> Self {
        all.sort();
        all.dedup();
        let mut starts = Vec::new();
        for (place, heads) in (0..).zip(&all) {
            let first = heads.persons().next().map_or(0, PersonId::index);
            if starts.len() <= first {
                starts.resize(first + 1, place);
            }
        }
        starts.push(u32::try_from(all.len()).expect("no more heads than 32 bits count"));
        Self { all, starts }
    }

    /// All of them, sorted.
    #[must_use]
    pub fn all(&self) -> &[Heads] {
        &self.all
    }

    /// The place of heads among all; `None` for whoever led no family.
    #[must_use]
    pub fn place(&self, heads: Heads) -> Option<usize> {
        let first = heads.persons().next()?.index();
        let (from, to) = (*self.starts.get(first)? as usize, *self.starts.get(first + 1)? as usize);
        self.all[from..to].iter().position(|one| *one == heads).map(|place| from + place)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::Date,
        family::{Days, FamilyKind, MemberRole, Membership},
    };

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(5),
            ..ProptestConfig::default()
        })]

        #[test]
        fn equal_the_set_of_heads(
            families in proptest::collection::vec((0_u32..12, 0_u32..12, proptest::option::of(0_u32..12)), 0..30),
        ) {
            let membership = |(day, (person, one, other)): (i32, (u32, u32, Option<u32>))| Membership {
                person: PersonId(person),
                days: Days { from: Date::EPOCH.plus(day), to: Date::EPOCH.plus(day + 1) },
                heads: Heads::new(PersonId(one), other.map(PersonId)),
                kind: FamilyKind::Single,
                role: MemberRole::Head,
                link: None,
            };
            let memberships: Vec<Membership> = (0..).zip(families).map(membership).collect();
            let twin: BTreeSet<Heads> = memberships.iter().map(|membership| membership.heads).collect();
            let leaders = Leaders::of(&Timeline::new(memberships));
            prop_assert!(leaders.all().iter().eq(&twin));
            for heads in (0..13).flat_map(|one| (0..13).map(move |other| (one, other))) {
                let heads = Heads::new(PersonId(heads.0), (heads.0 != heads.1).then_some(PersonId(heads.1)));
                prop_assert_eq!(leaders.place(heads), twin.iter().position(|one| *one == heads));
            }
        }
    }
}
