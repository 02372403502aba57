//! Unit S: the family and its children placed outside the home.
//!
//! CPR has no mark of a placement: the child is registered where it sleeps, so by address it is a stranger's child, and by
//! Statistics Denmark's rules a family of its own. Here it goes back to the custody holder at whose address it was registered
//! the day before the placement began, else to its mother, else to people: it stays alone and stands on the review list.
//! Foster parents are suppliers and no family of the child. Parent and child who hide, both without an address to share, are
//! joined by custody. Nobody is joined to somebody who was joined: no chains over custody (`metrics.md`, P5).

use std::collections::BTreeMap;

use super::{
    age::ADULT_FROM,
    efamily::{self, FamilyKind, is_parent_on},
    household::dwelling_on,
    unit::{Certainty, Drafts, Link, LinkRule, Member, MemberRole, UnitForm, Units, members_of},
};
use crate::{
    domain::{CustodyKind, Date, PersonId, UnitId},
    register::{Parent, Population},
};

/// The last age of aftercare.
pub const AFTERCARE_UNTIL: i16 = 22;

/// Days of one person away from home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement {
    /// Who.
    pub person: PersonId,
    /// First day.
    pub from: Date,
    /// Last day, included; [`Date::MAX`] while it lasts.
    pub to: Date,
}

/// Joins what lies side by side: a change of place is no new placement. Sorted by person and day.
#[must_use]
pub fn episodes(mut placements: Vec<Placement>) -> Vec<Placement> {
    placements.sort_unstable();
    let mut joined: Vec<Placement> = Vec::with_capacity(placements.len());
    for next in placements {
        match joined.last_mut() {
            Some(last) if last.person == next.person && next.from <= last.to.plus(1) => last.to = last.to.max(next.to),
            _ => joined.push(next),
        }
    }
    joined
}

/// What a line of the municipality's own file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ManualAction {
    /// The person leaves its case family.
    Cut,
    /// The person, with the family it leads, joins the case family of this one.
    Join(PersonId),
}

/// A line of the municipality's own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManualLink {
    /// Whom it is about.
    pub person: PersonId,
    /// What is to be done.
    pub action: ManualAction,
    /// First day on which it holds.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
}

/// Why a person should look at a case family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewReason {
    /// A placed child without a mother or custody holder who lives here.
    NobodyHere,
    /// A placed child that has a child of its own.
    OwnFamily,
    /// The one it would be joined to was itself joined to another.
    Chain,
}

impl ReviewReason {
    /// The words that tables use.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::NobodyHere => "anbragt barn uden kendt forælder her",
            Self::OwnFamily => "anbragt barn med eget barn",
            Self::Chain => "ville give en kæde af familier",
        }
    }
}

/// Where a person belongs in S instead of in F.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attachment {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: MemberRole,
    /// To whom.
    pub link: Link,
}

/// What is known on the reference date, apart from persons.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The register.
    pub population: &'a Population,
    /// Placements as [`episodes`] gives them.
    pub placements: &'a [Placement],
    /// The municipality's own file.
    pub manual: &'a [ManualLink],
}

impl Known<'_> {
    /// Who belongs elsewhere in S than in F on the day, and whom people must look at. Both sorted by person.
    #[must_use]
    pub fn attachments(&self, families: &Units, day: Date) -> (Vec<Attachment>, Vec<(PersonId, ReviewReason)>) {
        let lives_here = |person: PersonId| families.unit_of(person).is_some();
        let (mut attached, mut review) = (BTreeMap::new(), Vec::new());
        for placement in self.placements.iter().filter(|placement| placement.from <= day && day <= placement.to) {
            match self.holder(placement, day, &lives_here, Self::is_at_home(families, placement.person)) {
                Ok(Some(attachment)) => drop(attached.insert(attachment.person, attachment)),
                Ok(None) => {}
                Err(reason) => review.push((placement.person, reason)),
            }
        }
        let children = families.iter().filter(|(_, unit)| unit.form == UnitForm::Family(FamilyKind::NotHomeChild));
        for child in children.filter_map(|(unit, _)| families.members(unit).first().map(|member| member.person)) {
            if !attached.contains_key(&child)
                && let Some(attachment) = self.hidden_with(child, day, &lives_here)
            {
                attached.insert(child, attachment);
            }
        }
        let chained: Vec<PersonId> =
            attached.values().filter(|one| attached.contains_key(&one.link.to)).map(|one| one.person).collect();
        for person in chained {
            attached.remove(&person);
            review.push((person, ReviewReason::Chain));
        }
        review.sort_unstable();
        (attached.into_values().collect(), review)
    }

    /// Whether the person is a child in somebody's family.
    fn is_at_home(families: &Units, person: PersonId) -> bool {
        families.member(person).is_some_and(|member| member.role == MemberRole::Child)
    }

    /// Where a placed child belongs; nothing when it lives at home, is too old, or is dead or gone.
    ///
    /// # Errors
    /// Why people must decide.
    pub fn holder(
        &self,
        placement: &Placement,
        day: Date,
        lives_here: &dyn Fn(PersonId) -> bool,
        at_home: bool,
    ) -> Result<Option<Attachment>, ReviewReason> {
        let (population, child) = (self.population, placement.person);
        let young = population.age_on(child, day).is_some_and(|age| age <= AFTERCARE_UNTIL);
        let gone = population.is_delivered(child) && !population.is_resident_on(child, day);
        if !young || gone || at_home {
            return Ok(None);
        }
        if is_parent_on(population, child, day) {
            return Err(ReviewReason::OwnFamily);
        }
        let before = placement.from.plus(-1);
        let home = dwelling_on(population, child, before);
        let at_home_before = |person: PersonId| home.is_some() && dwelling_on(population, person, before) == home;
        let holders = self.holders(child, before);
        let of_home = holders.iter().copied().find(|holder| at_home_before(*holder) && lives_here(*holder));
        let mother = || self.mothers(child).into_iter().find(|mother| lives_here(*mother));
        // A child outside the extract has no address: whoever's own record names it is all that is known.
        let absent = || {
            let parents = population.parents(child).map(Parent::person);
            parents.filter(|parent| !population.is_delivered(child) && lives_here(*parent)).min()
        };
        let (to, certainty) = match (of_home, mother()) {
            (Some(holder), _) => (holder, Certainty::Certain),
            (None, Some(mother)) => (mother, Certainty::Probable),
            (None, None) => (absent().ok_or(ReviewReason::NobodyHere)?, Certainty::Uncertain),
        };
        let link = Link { to, rule: LinkRule::Placed, certainty };
        Ok(Some(Attachment { person: child, role: MemberRole::PlacedChild, link }))
    }

    /// Custody holders on the day, the mother first; where no custody is on record the parents (custody is registered from 2004 only).
    fn holders(&self, child: PersonId, day: Date) -> Vec<PersonId> {
        let order = |kind| match kind {
            CustodyKind::Mother => 0,
            CustodyKind::Father => 1,
            CustodyKind::Other => 2,
        };
        let mut holders: Vec<(u8, PersonId)> = self
            .population
            .custody_on(child, day)
            .filter_map(|custody| custody.holder.map(|holder| (order(custody.kind), holder)))
            .collect();
        if holders.is_empty() {
            holders.extend(self.population.parents(child).map(|parent| match parent {
                Parent::Mother(person) => (0, person),
                Parent::Father(person) => (1, person),
                Parent::Unslotted(person) => (2, person),
            }));
        }
        holders.sort_unstable();
        holders.into_iter().map(|(_, holder)| holder).collect()
    }

    /// The mother, and for a child whose own record is not delivered the women whose records name it.
    fn mothers(&self, child: PersonId) -> Vec<PersonId> {
        let population = self.population;
        let is_mother = |parent: &Parent| match parent {
            Parent::Mother(_) => true,
            Parent::Father(_) => false,
            Parent::Unslotted(person) => population.sex(*person) == crate::domain::Sex::Female,
        };
        let mut mothers: Vec<PersonId> = population.parents(child).filter(is_mother).map(Parent::person).collect();
        mothers.sort_unstable_by_key(|mother| (population.mother(child) != Some(*mother), *mother));
        mothers
    }

    /// The custody holder of a child under 18 when both are without an address to share: on one municipality's administrative road
    /// code (no fixed abode, which a threatened family may be), or with both addresses masked.
    fn hidden_with(&self, child: PersonId, day: Date, lives_here: &dyn Fn(PersonId) -> bool) -> Option<Attachment> {
        let population = self.population;
        let hides = |person| dwelling_on(population, person, day).is_none();
        let young = population.age_on(child, day).is_some_and(|age| age < ADULT_FROM);
        if !young || !hides(child) {
            return None;
        }
        let road = |person| {
            population
                .address_on(person, day)
                .filter(crate::domain::AddressKey::is_administrative)
                .map(|key| key.road())
        };
        let to = self
            .holders(child, day)
            .into_iter()
            .find(|holder| lives_here(*holder) && hides(*holder) && road(*holder) == road(child))?;
        let certainty = if road(child).is_some() { Certainty::Probable } else { Certainty::Uncertain };
        Some(Attachment {
            person: child,
            role: MemberRole::Child,
            link: Link { to, rule: LinkRule::Parent, certainty },
        })
    }

    /// The case families on the day: the families with each attached person moved, then what the municipality's own file says.
    #[must_use]
    pub fn case_families(&self, families: &Units, attachments: &[Attachment], day: Date) -> Drafts {
        let mut drafts = Changing::new(families);
        let age = |person| self.population.age_on(person, day);
        for Attachment { person, role, link } in attachments {
            drafts.take_out(*person);
            let member = Member { person: *person, age: age(*person), role: *role, link: Some(*link) };
            drafts.put_in(member, link.to);
        }
        for manual in self.manual.iter().filter(|manual| manual.from <= day && day <= manual.to) {
            match manual.action {
                ManualAction::Cut => {
                    if drafts.take_out(manual.person) {
                        let family = efamily::alone(self.population, manual.person, day);
                        drafts.add(UnitForm::Family(family.kind), members_of(&family, age).collect());
                    }
                }
                ManualAction::Join(other) => drafts.join(manual.person, other, age(manual.person)),
            }
        }
        drafts.drafts
    }
}

/// Units while they change.
struct Changing {
    drafts: Drafts,
    of_person: Vec<Option<UnitId>>,
}

impl Changing {
    fn new(families: &Units) -> Self {
        Self { drafts: families.drafts(), of_person: families.of_person().to_vec() }
    }

    /// Whether the person was in a unit.
    fn take_out(&mut self, person: PersonId) -> bool {
        let Some(index) = self.of_person[person.index()].take() else { return false };
        let members = self.drafts.members_mut(index.index());
        members.retain(|member| member.person != person);
        // A couple whose head leaves is led by the other.
        if !members.iter().any(|member| member.role == MemberRole::Head)
            && let Some(partner) = members.iter_mut().find(|member| member.role == MemberRole::Partner)
        {
            (partner.role, partner.link) = (MemberRole::Head, None);
        }
        true
    }

    fn put_in(&mut self, member: Member, with: PersonId) {
        if let Some(index) = self.of_person[with.index()] {
            self.of_person[member.person.index()] = Some(index);
            self.drafts.members_mut(index.index()).push(member);
        } else {
            // Whom it belongs to is in no unit: it stands alone.
            self.add(UnitForm::Family(FamilyKind::Single), vec![member]);
        }
    }

    fn add(&mut self, form: UnitForm, members: Vec<Member>) {
        let index = UnitId(u32::try_from(self.drafts.len()).expect("no more units than person ids"));
        for member in &members {
            self.of_person[member.person.index()] = Some(index);
        }
        self.drafts.push(form, members);
    }

    /// Moves a person, and the family it leads, into another's unit.
    fn join(&mut self, person: PersonId, other: PersonId, age: Option<i16>) {
        let (from, to) = (self.of_person[person.index()], self.of_person[other.index()]);
        if to.is_none() || from == to {
            return;
        }
        let leads = |member: &Member| member.person == person && member.role.leads();
        let moved = match from {
            Some(from) if self.drafts.members(from.index()).iter().any(leads) => {
                std::mem::take(self.drafts.members_mut(from.index()))
            }
            Some(from) => {
                let members = self.drafts.members_mut(from.index());
                let place = members.iter().position(|member| member.person == person);
                place.map(|place| members.remove(place)).into_iter().collect()
            }
            None => vec![Member { person, age, role: MemberRole::Member, link: None }],
        };
        for mut member in moved {
            if member.role.leads() {
                member.role = MemberRole::Member;
            }
            if member.person == person {
                let link = Link { to: other, rule: LinkRule::Manual, certainty: Certainty::Certain };
                (member.role, member.link) = (MemberRole::Member, Some(link));
            }
            self.put_in(member, other);
        }
    }
}

#[cfg(test)]
mod tests;
