//! A child's cost that is booked on the number of a parent or custody holder (`metrics.md`, P10).
//!
//! The accounts often carry the number of the adult in the case. Left there, a placement would be the mother's service. Where a
//! grant names the child, the row is moved to the child before anything is settled, so that payments meet the grant they pay.

use super::{Bundles, Entry, grants::has_no_period, settlement::Settlement};
use crate::{
    base::{Pool, Result},
    domain::{Date, Period, PersonId, PurposeGroupId, Role},
};

/// Moves actual rows of children's purpose groups from guardians to the child that a grant names, and gives the rows moved as
/// they now stand, sorted: [`Settlement::moved`] marks their spells.
///
/// `guardians` holds pairs of an adult and a child of theirs, sorted. A row moves when exactly one child of the person it is
/// booked on has a grant of the row's purpose group with days in common, and the person has no such grant. A row without a
/// service period looks back from its posting date as far as the group's payments come late. What is not certain stays.
///
/// # Errors
/// When a service has no purpose group.
pub fn move_to_children(
    rows: &mut Bundles,
    guardians: &[(PersonId, PersonId)],
    settlement: &Settlement,
    pool: &Pool,
) -> Result<Vec<Entry>> {
    if guardians.is_empty() {
        return Ok(Vec::new());
    }
    let mut grants: Vec<Grant> = Vec::new();
    for row in rows.granted() {
        let group = settlement.purpose_group(row.service)?;
        if settlement.is_for_children(group) {
            grants.push((row.person, group, Period { from: row.from, to: row.to }));
        }
    }
    grants.sort_unstable();
    let has_grant = |person: PersonId, group: PurposeGroupId, days: Period| {
        let first = grants.partition_point(|(of, of_group, _)| (*of, *of_group) < (person, group));
        let mut own = grants[first..].iter().take_while(|(of, of_group, _)| (*of, *of_group) == (person, group));
        own.any(|(.., granted)| granted.intersection(days).is_some())
    };
    // The one child that a row is for, where that is certain.
    let child_of = |row: &Entry| -> Result<Option<PersonId>> {
        if row.role != Role::Actual {
            return Ok(None);
        }
        let group = settlement.purpose_group(row.service)?;
        if !settlement.is_for_children(group) {
            return Ok(None);
        }
        let first = guardians.partition_point(|(guardian, _)| *guardian < row.person);
        let mut children = guardians[first..]
            .iter()
            .take_while(|(guardian, _)| *guardian == row.person)
            .map(|(_, child)| *child)
            .filter(|child| has_grant(*child, group, days_of(row, group, settlement)));
        let child = children.next();
        let is_certain = children.next().is_none() && !has_grant(row.person, group, days_of(row, group, settlement));
        Ok(child.filter(|_| is_certain))
    };
    let places_of = |rows: &[Entry]| -> Result<Vec<(usize, PersonId)>> {
        let rows = rows.iter().enumerate();
        rows.filter_map(|(place, row)| child_of(row).map(|child| Some((place, child?))).transpose()).collect()
    };
    let places = rows.map(pool, places_of).into_iter().collect::<Result<Vec<_>>>()?;
    let mut moved = rows.rename(places);
    moved.sort_unstable();
    Ok(moved)
}

/// A person's grant of a purpose group, with its days.
type Grant = (PersonId, PurposeGroupId, Period);

/// The days that a row can be for.
fn days_of(row: &Entry, group: PurposeGroupId, settlement: &Settlement) -> Period {
    if !has_no_period(row) {
        return Period { from: row.from, to: row.to };
    }
    let late = settlement.payments(group).map_or(0, |known| known.to.days() - known.mature.days());
    Period { from: Date::EPOCH.plus(row.from.days().saturating_sub(late)), to: row.from }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "amounts in tests read as kroner_øre")]
mod tests {
    use super::*;
    use crate::{
        domain::{AmountType, Ore, ServiceId, SourceId},
        ledger::PaymentsKnown,
    };

    const MOTHER: PersonId = PersonId(0);
    const CHILD: PersonId = PersonId(1);
    const SIBLING: PersonId = PersonId(2);

    fn day(days: i32) -> Date {
        Date::EPOCH.plus(days)
    }

    fn row(person: PersonId, role: Role, service: u16, from: i32, to: i32) -> Entry {
        Entry {
            person,
            service: ServiceId(service),
            role,
            source: SourceId(u16::from(role == Role::Granted)),
            amount_type: if from == to { AmountType::Lump } else { AmountType::Contract },
            from: day(from),
            to: day(to),
            amount: Ore(66_650_00),
            quantity: 1000,
            document: 0,
            reverses: 0,
            posted: day(to),
            line: 0,
            file: 0,
        }
    }

    /// Service 0 is a child's, service 1 is not; payments come up to 30 days late.
    fn moved(rows: &[Entry]) -> Vec<PersonId> {
        let known = PaymentsKnown { from: day(0), mature: day(970), to: day(1_000) };
        let settlement = Settlement {
            period: Period { from: day(0), to: day(1_000) },
            purpose_group_of: vec![PurposeGroupId(0), PurposeGroupId(1)],
            for_children: vec![true, false],
            authoritative: vec![None; 2],
            payments: vec![Some(known); 2],
            presumed_ended_after: 120,
            data_end: Vec::new(),
            died: Vec::new(),
            moved: Vec::new(),
        };
        let guardians = [(MOTHER, CHILD), (MOTHER, SIBLING)];
        let pool = Pool::new(2).expect("threads");
        let mut rows = Bundles::of_list(rows.to_vec(), usize::MAX, &pool).expect("in order");
        let moved = move_to_children(&mut rows, &guardians, &settlement, &pool).expect("groups");
        let rows: Vec<Entry> = rows.into_iter().flatten().collect();
        let mut now: Vec<Entry> = rows.iter().filter(|row| moved.contains(row)).copied().collect();
        now.sort_unstable();
        assert_eq!(moved, now, "what is told is what was moved");
        rows.into_iter().filter(|row| row.role == Role::Actual).map(|row| row.person).collect()
    }

    #[test]
    fn a_row_goes_to_the_one_child_that_a_grant_names() {
        let booked = row(MOTHER, Role::Actual, 0, 100, 130);
        let grant = row(CHILD, Role::Granted, 0, 120, 300);
        assert_eq!(moved(&[booked, grant]), [CHILD]);
        assert_eq!(moved(&[booked]), [MOTHER], "nothing names a child");
        assert_eq!(moved(&[booked, row(CHILD, Role::Granted, 0, 131, 300)]), [MOTHER], "other days");
        assert_eq!(moved(&[booked, row(CHILD, Role::Granted, 1, 120, 300)]), [MOTHER], "another purpose");
        assert_eq!(
            moved(&[row(MOTHER, Role::Actual, 1, 100, 130), row(CHILD, Role::Granted, 1, 120, 300)]),
            [MOTHER],
            "no child's purpose"
        );
        assert_eq!(moved(&[booked, grant, row(SIBLING, Role::Granted, 0, 90, 110)]), [MOTHER], "one of two children");
        assert_eq!(moved(&[booked, grant, row(MOTHER, Role::Granted, 0, 90, 110)]), [MOTHER], "the mother's own");
        assert_eq!(moved(&[booked, row(PersonId(3), Role::Granted, 0, 120, 300)]), [MOTHER], "no child of hers");
        assert_eq!(moved(&[Entry { amount: Ore(-5), ..booked }, grant]), [CHILD], "its credit goes along");
    }

    #[test]
    fn a_payment_without_days_looks_back_as_far_as_payments_come_late() {
        let grant = row(CHILD, Role::Granted, 0, 0, 100);
        assert_eq!(moved(&[row(MOTHER, Role::Actual, 0, 130, 130), grant]), [CHILD]);
        assert_eq!(moved(&[row(MOTHER, Role::Actual, 0, 131, 131), grant]), [MOTHER]);
    }
}
