//! What became of each family between two dates: the same, split, merged or dissolved.

use super::unit::Units;
use crate::domain::UnitId;

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// The same persons lead it: its label is the same.
    Same,
    /// Others lead it, but nobody went to two units and nobody came from two.
    Renamed,
    /// Its members are in several units.
    Split,
    /// Its members are with members of other units.
    Merged,
    /// None of its members is in any unit.
    Dissolved,
    /// None of its members was in any unit before.
    New,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 6] = [Self::Same, Self::Renamed, Self::Split, Self::Merged, Self::Dissolved, Self::New];

    /// The word that tables use.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Same => "samme",
            Self::Renamed => "ny etiket",
            Self::Split => "delt",
            Self::Merged => "slået sammen",
            Self::Dissolved => "opløst",
            Self::New => "ny",
        }
    }
}

/// A unit before and a unit after with persons in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lineage {
    /// The unit before; `None` for a new one.
    pub before: Option<UnitId>,
    /// The unit after; `None` for a dissolved one.
    pub after: Option<UnitId>,
    /// What happened.
    pub fate: Fate,
    /// Persons in both.
    pub persons: u32,
}

/// Compares units of one kind on two dates, over the same persons. Sorted by the unit before, then after. Whoever died or left is
/// in no unit any more, and a unit of nothing but such persons is none.
#[must_use]
pub fn lineage(before: &Units, after: &Units) -> Vec<Lineage> {
    let now_in = |person| {
        let is_current = |unit: &UnitId| after.current_members(*unit).any(|member| member.person == person);
        after.unit_of(person).filter(is_current)
    };
    let mut pairs: Vec<(UnitId, UnitId)> = Vec::new();
    for (unit, _) in before.iter() {
        let now = before.current_members(unit).filter_map(|member| now_in(member.person));
        pairs.extend(now.map(|now| (unit, now)));
    }
    pairs.sort_unstable();
    let shared = || pairs.chunk_by(|one, next| one == next);
    // In how many units the members of one are then, and from how many they came.
    let (mut left, mut came) = (vec![0_u32; before.len()], vec![0_u32; after.len()]);
    for (unit, now) in shared().map(|persons| persons[0]) {
        left[unit.index()] += 1;
        came[now.index()] += 1;
    }
    let mut lines: Vec<Lineage> = shared()
        .map(|persons| {
            let (unit, now) = persons[0];
            let fate = if before.label_members(unit).eq(after.label_members(now)) {
                Fate::Same
            } else if left[unit.index()] > 1 {
                Fate::Split
            } else if came[now.index()] > 1 {
                Fate::Merged
            } else {
                Fate::Renamed
            };
            let persons = u32::try_from(persons.len()).expect("no more persons than ids");
            Lineage { before: Some(unit), after: Some(now), fate, persons }
        })
        .collect();
    let gone = before.iter().filter(|(unit, about)| about.size() > 0 && left[unit.index()] == 0);
    lines.extend(gone.map(|(unit, _)| Lineage { before: Some(unit), after: None, fate: Fate::Dissolved, persons: 0 }));
    let new = after.iter().filter(|(unit, about)| about.size() > 0 && came[unit.index()] == 0);
    lines.extend(new.map(|(unit, _)| Lineage { before: None, after: Some(unit), fate: Fate::New, persons: 0 }));
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::PersonId,
        family::{Draft, FamilyKind, Member, MemberRole, UnitForm},
        pseudonym::UnitKind,
    };

    fn units(families: &[&[u32]]) -> Units {
        let draft = |persons: &&[u32]| Draft {
            form: UnitForm::Family(FamilyKind::Single),
            members: persons
                .iter()
                .enumerate()
                .map(|(place, person)| Member {
                    person: PersonId(*person),
                    age: Some(40),
                    role: if place == 0 { MemberRole::Head } else { MemberRole::Child },
                    link: None,
                })
                .collect(),
        };
        Units::new(UnitKind::CaseFamily, families.iter().map(draft).collect::<Vec<_>>(), 20, |_| None).expect("units")
    }

    #[test]
    fn a_child_that_turns_18_at_home_renames_nothing() {
        let lines = lineage(&units(&[&[0, 1, 2]]), &units(&[&[0, 1, 2]]));
        assert_eq!(lines.iter().map(|line| line.fate).collect::<Vec<_>>(), [Fate::Same]);
    }

    #[test]
    fn who_died_is_in_no_family_any_more() {
        let before = units(&[&[0], &[1, 2]]);
        let member = |person, role| Member { person: PersonId(person), age: Some(40), role, link: None };
        let gone = Draft { form: UnitForm::Former, members: vec![member(0, MemberRole::Head)] };
        let widow = vec![member(2, MemberRole::Head), member(1, MemberRole::Former)];
        let left = Draft { form: UnitForm::Family(FamilyKind::Single), members: widow };
        let after = Units::new(UnitKind::CaseFamily, vec![gone, left], 20, |_| None).expect("units");
        let told: Vec<(Fate, u32)> =
            lineage(&before, &after).into_iter().map(|line| (line.fate, line.persons)).collect();
        assert_eq!(told, [(Fate::Dissolved, 0), (Fate::Renamed, 1)]);
    }

    #[test]
    fn families_split_merge_go_and_come() {
        let before = units(&[&[0, 1], &[2], &[3], &[4], &[5]]);
        let after = units(&[&[0], &[1], &[3, 2], &[6, 5], &[7]]);
        let told: Vec<(Option<u32>, Option<u32>, &str)> = lineage(&before, &after)
            .into_iter()
            .map(|line| (line.before.map(|unit| unit.0), line.after.map(|unit| unit.0), line.fate.danish()))
            .collect();
        assert_eq!(
            told,
            [
                (None, Some(4), "ny"),
                (Some(0), Some(0), "samme"),
                (Some(0), Some(1), "delt"),
                (Some(1), Some(2), "slået sammen"),
                (Some(2), Some(2), "samme"),
                (Some(3), None, "opløst"),
                (Some(4), Some(3), "ny etiket"),
            ]
        );
    }
}
