//! Who belonged to which family on which days: intervals over a period. [`super::formation`] works them out.

use super::{
    efamily::{Family, FamilyKind},
    unit::{Link, MemberRole},
};
use crate::domain::{Date, Period, PersonId};

/// Days from one to another, the last not included: `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

impl Days {
    /// All days of a period.
    #[must_use]
    pub const fn of(period: Period) -> Self {
        Self { from: period.from, to: period.to.plus(1) }
    }

    /// The days that both have; `None` when there is none.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        let days = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (days.from < days.to).then_some(days)
    }

    /// Whether the day is one of them.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day < self.to
    }

    /// How many they are.
    #[must_use]
    pub const fn count(self) -> i32 {
        self.to.days() - self.from.days()
    }
}

/// Who leads a family: what tells it from every other on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Heads {
    first: PersonId,
    second: Option<PersonId>,
}

impl Heads {
    /// The heads of a family.
    #[must_use]
    pub fn of(family: &Family) -> Self {
        Self::new(family.head, family.partner.map(|(person, _)| person))
    }

    /// One or two persons, whichever comes first.
    #[must_use]
    pub fn new(one: PersonId, other: Option<PersonId>) -> Self {
        match other {
            Some(other) => Self { first: one.min(other), second: Some(one.max(other)) },
            None => Self { first: one, second: None },
        }
    }

    /// The persons, sorted.
    pub fn persons(self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.first).chain(self.second)
    }
}

/// A person's membership of a family over some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// When.
    pub days: Days,
    /// Whose family.
    pub heads: Heads,
    /// What the family is.
    pub kind: FamilyKind,
    /// What the person is in it.
    pub role: MemberRole,
    /// What binds the person to it.
    pub link: Option<Link>,
}

/// The families of everybody over a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// By person, then by day; a person's intervals never overlap, and equal neighbours are one.
    memberships: Vec<Membership>,
    /// By person up to the last with any: where its memberships begin, and behind that where they all end.
    starts: Vec<u32>,
}

impl Timeline {
    /// Sorts memberships and joins equal neighbours.
    pub(crate) fn new(mut memberships: Vec<Membership>) -> Self {
        // Nearly all of them stand in order already, and the stable sort finds such runs.
        memberships.sort();
        Self::of_sorted(memberships)
    }

    /// Joins equal neighbours of sorted memberships.
    pub(super) fn of_sorted(mut memberships: Vec<Membership>) -> Self {
        memberships.dedup_by(|next, last| {
            let continues = last.days.to == next.days.from && *last == (Membership { days: last.days, ..*next });
            if continues {
                last.days.to = next.days.to;
            }
            continues
        });
        let mut starts = Vec::new();
        for (place, membership) in (0..).zip(&memberships) {
            if starts.len() <= membership.person.index() {
                starts.resize(membership.person.index() + 1, place);
            }
        }
        starts.push(u32::try_from(memberships.len()).expect("no more memberships than 32 bits count"));
        Self { memberships, starts }
    }

    /// Adds memberships of persons that have none.
    pub(super) fn with(self, more: Vec<Membership>) -> Self {
        if more.is_empty() {
            return self;
        }
        let mut memberships = self.memberships;
        memberships.extend(more);
        Self::new(memberships)
    }

    /// Every membership, by person and day.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The memberships of a person, by day.
    #[must_use]
    pub fn of_person(&self, person: PersonId) -> &[Membership] {
        let start = |person: usize| self.starts.get(person).map(|start| *start as usize);
        match (start(person.index()), start(person.index() + 1)) {
            (Some(from), Some(to)) => &self.memberships[from..to],
            _ => &[],
        }
    }

    /// The family of a person on a day.
    #[must_use]
    pub fn on(&self, person: PersonId, day: Date) -> Option<&Membership> {
        self.of_person(person).iter().find(|membership| membership.days.contains(day))
    }
}
