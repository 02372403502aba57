//! The case family day by day: the family's timeline with everybody who belongs elsewhere laid over it.

use super::{
    casefamily::{Attachment, Known, ManualAction, Placement},
    efamily::FamilyKind,
    household::dwelling_on,
    timeline::{Days, Heads, Membership, Timeline},
    unit::{Certainty, Link, LinkRule, MemberRole, Units},
};
use crate::domain::{Period, PersonId};

/// Days on which a person belongs to somebody else's family.
struct Overlay {
    person: PersonId,
    days: Days,
    /// Whose family; `None` for one of its own.
    to: Option<PersonId>,
    role: MemberRole,
    link: Option<Link>,
    /// On which of the person's own days it holds.
    holds: fn(&Known<'_>, &Membership) -> bool,
}

/// Lays placements, hidden children and the municipality's own file over the families of the period. `attachments` are those of
/// the reference date, `families` the families on it.
#[must_use]
pub fn case_timeline(
    known: &Known<'_>,
    timeline: &Timeline,
    families: &Units,
    attachments: &[Attachment],
    period: Period,
) -> Timeline {
    let period = Days::of(period);
    let mut overlays: Vec<Overlay> =
        known.placements.iter().filter_map(|placement| placed(known, timeline, placement, period)).collect();
    overlays.extend(attachments.iter().filter(|one| one.link.rule == LinkRule::Parent).map(|one| Overlay {
        person: one.person,
        days: period,
        to: Some(one.link.to),
        role: one.role,
        link: Some(one.link),
        holds: |known, own| {
            own.kind == FamilyKind::NotHomeChild && dwelling_on(known.population, own.person, own.days.from).is_none()
        },
    }));
    for manual in known.manual {
        let Some(days) = period.common(Days { from: manual.from, to: manual.to.plus(1) }) else { continue };
        let own = |person, to, link| Overlay { person, days, to, role: MemberRole::Member, link, holds: |_, _| true };
        match manual.action {
            ManualAction::Cut => overlays.push(Overlay { role: MemberRole::Head, ..own(manual.person, None, None) }),
            ManualAction::Join(other) => {
                let link = Link { to: other, rule: LinkRule::Manual, certainty: Certainty::Certain };
                overlays.push(own(manual.person, Some(other), Some(link)));
                let led = families.member(manual.person).is_some_and(|member| member.role.leads());
                let unit = families.unit_of(manual.person).filter(|_| led);
                for member in unit.map_or(&[][..], |unit| families.members(unit)) {
                    if member.person != manual.person {
                        overlays.push(own(member.person, Some(other), member.link));
                    }
                }
            }
        }
    }
    lay(known, timeline, &overlays)
}

/// A placement, seen from its first day within the period.
fn placed(known: &Known<'_>, timeline: &Timeline, placement: &Placement, period: Days) -> Option<Overlay> {
    let days = period.common(Days { from: placement.from, to: placement.to.plus(1) })?;
    let lives_here = |person| timeline.on(person, days.from).is_some();
    let Attachment { person, role, link } = known.holder(placement, days.from, &lives_here, false).ok().flatten()?;
    // Days at home are days at home, whatever is paid for.
    Some(Overlay {
        person,
        days,
        to: Some(link.to),
        role,
        link: Some(link),
        holds: |_, own| own.role != MemberRole::Child,
    })
}

/// Lays one overlay after the other over the person's days. Whose family a day belongs to is asked of the families alone: nobody
/// follows somebody who was moved.
fn lay(known: &Known<'_>, timeline: &Timeline, overlays: &[Overlay]) -> Timeline {
    let mut persons: Vec<PersonId> = overlays.iter().map(|overlay| overlay.person).collect();
    persons.sort_unstable();
    persons.dedup();
    let is_moved = |membership: &&Membership| persons.binary_search(&membership.person).is_ok();
    let mut memberships: Vec<Membership> =
        timeline.memberships().iter().filter(|membership| !is_moved(membership)).copied().collect();
    for person in &persons {
        let mut own = timeline.of_person(*person).to_vec();
        for overlay in overlays.iter().filter(|overlay| overlay.person == *person) {
            own = one(known, timeline, own, overlay);
        }
        memberships.extend(own);
    }
    Timeline::new(memberships)
}

fn one(known: &Known<'_>, timeline: &Timeline, own: Vec<Membership>, overlay: &Overlay) -> Vec<Membership> {
    let mut kept = Vec::with_capacity(own.len() + 2);
    // What the overlay may fill: its days less those on which the person's own membership stands.
    let mut free = vec![overlay.days];
    let delivered = known.population.is_delivered(overlay.person);
    if delivered {
        free.clear();
    }
    for membership in own {
        let Some(common) = membership.days.common(overlay.days).filter(|_| (overlay.holds)(known, &membership)) else {
            kept.push(membership);
            continue;
        };
        for days in without(membership.days, common) {
            kept.push(Membership { days, ..membership });
        }
        // Where the other has no family on a day, the own one stays.
        let mut left = vec![common];
        for target in targets(timeline, overlay, common, &membership) {
            left = left.into_iter().flat_map(|days| without(days, target.days)).collect();
            kept.push(target);
        }
        kept.extend(left.into_iter().map(|days| Membership { days, ..membership }));
    }
    for days in free {
        let nobody = Membership {
            person: overlay.person,
            days,
            heads: Heads::new(overlay.person, None),
            kind: FamilyKind::NotHomeChild,
            role: MemberRole::Head,
            link: None,
        };
        kept.extend(targets(timeline, overlay, days, &nobody));
    }
    kept
}

/// The memberships that the overlay gives for these days.
fn targets(timeline: &Timeline, overlay: &Overlay, days: Days, own: &Membership) -> Vec<Membership> {
    let Some(to) = overlay.to else {
        let heads = Heads::new(overlay.person, None);
        return vec![Membership { days, heads, role: overlay.role, link: overlay.link, kind: own.kind, ..*own }];
    };
    let of_other = timeline.of_person(to).iter();
    of_other
        .filter_map(|other| {
            let days = other.days.common(days)?;
            let Membership { heads, kind, .. } = *other;
            Some(Membership { person: overlay.person, days, heads, kind, role: overlay.role, link: overlay.link })
        })
        .collect()
}

/// The days of one that another does not have.
fn without(days: Days, taken: Days) -> impl Iterator<Item = Days> {
    let Some(common) = days.common(taken) else { return vec![days].into_iter() };
    let before = Days { from: days.from, to: common.from };
    let after = Days { from: common.to, to: days.to };
    let rest: Vec<Days> = [before, after].into_iter().filter(|days| days.from < days.to).collect();
    rest.into_iter()
}
