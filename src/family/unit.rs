//! Units in general: household (H), family (F) and case family (S) are lists of members, each with the rule that put it there.

use std::collections::BTreeMap;

use super::{
    age::ADULT_FROM,
    efamily::{Family, FamilyKind},
};
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Label, PersonId, Protection, UnitId},
    pseudonym::UnitKind,
};

/// Units with more members than this go to the review list. Size alone never dissolves one: large families are exactly
/// the ones looked for (`metrics.md`, families).
pub const REVIEW_ABOVE: usize = 8;

/// The rule by which a person belongs to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkRule {
    /// Registered at the same dwelling.
    Address,
    /// A parent in CPR (014, 015), or a custody holder (016) where no address is common.
    Parent,
    /// Married or registered partners.
    Spouse,
    /// A couple by the E-family's rules, without marriage.
    Couple,
    /// An own child placed outside the home.
    Placed,
    /// The municipality's own file says so.
    Manual,
}

impl LinkRule {
    /// Every rule.
    pub const ALL: [Self; 6] = [Self::Address, Self::Parent, Self::Spouse, Self::Couple, Self::Placed, Self::Manual];

    /// The rule code (`metrics.md`, families).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "adresse",
            Self::Parent => "forælder-CPR",
            Self::Spouse => "ægtefælle",
            Self::Couple => "par-regel",
            Self::Placed => "anbragt",
            Self::Manual => "manuel",
        }
    }
}

/// How far a link can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The register says it in so many words.
    Certain,
    /// The register says it from one side, or a rule with a registered fact behind it.
    Probable,
    /// A rule of thumb.
    Uncertain,
}

impl Certainty {
    /// The word that tables use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Certain => "sikker",
            Self::Probable => "sandsynlig",
            Self::Uncertain => "usikker",
        }
    }
}

/// What binds a member to its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The member that it is bound to.
    pub to: PersonId,
    /// By which rule.
    pub rule: LinkRule,
    /// How sure that is.
    pub certainty: Certainty,
}

/// What a member is in its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberRole {
    /// Leads a family: of a man and a woman the woman, else the oldest.
    Head,
    /// The other of a couple.
    Partner,
    /// A home child.
    Child,
    /// An own child placed outside the home.
    PlacedChild,
    /// Lives there (households), or was joined by hand.
    Member,
    /// Died or left before the reference date; its kroner count here, it is no member on that date.
    Former,
}

impl MemberRole {
    /// The word that tables use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Head => "hovedperson",
            Self::Partner => "partner",
            Self::Child => "hjemmeboende barn",
            Self::PlacedChild => "anbragt barn",
            Self::Member => "medlem",
            Self::Former => "tidligere medlem",
        }
    }

    /// The role that tables write so.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Head, Self::Partner, Self::Child, Self::PlacedChild, Self::Member, Self::Former];
        all.into_iter().find(|role| role.code() == code)
    }

    /// Whether the label hashes this member of a family.
    #[must_use]
    pub const fn leads(self) -> bool {
        matches!(self, Self::Head | Self::Partner)
    }
}

/// Why the members are one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitForm {
    /// They are registered at one dwelling; one person who lives alone there too.
    Dwelling,
    /// One family at an address that is no household: an institution, or unrelated families together.
    Dissolved,
    /// One person whose address names no dwelling: administrative road code, masked or blank.
    Single,
    /// A family by the E-family's rules, in S with those who belong to it from elsewhere.
    Family(FamilyKind),
    /// Nobody of it is resident on the reference date: everybody died or left in the period.
    Former,
    /// One person who lives elsewhere, or outside the extract, and whom this municipality pays for (P37).
    PaidHere,
}

impl UnitForm {
    /// The word that tables use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dwelling => "bolig",
            Self::Dissolved => "opløst adresse",
            Self::Single => "enkelt",
            Self::Family(kind) => kind.code(),
            Self::Former => "ophørt",
            Self::PaidHere => "betales herfra",
        }
    }
}

/// One member of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Age in completed years on the reference date; `None` when the birth date is unknown.
    pub age: Option<i16>,
    /// What it is there.
    pub role: MemberRole,
    /// What binds it; `None` for who leads, and for who is alone.
    pub link: Option<Link>,
}

impl Member {
    /// Under 18 years. Who has no known birth date counts as an adult: a label needs one, and nothing is claimed of a child.
    fn is_child(&self) -> bool {
        self.age.is_some_and(|age| age < ADULT_FROM)
    }
}

/// A unit that is not yet among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Why it is one.
    pub form: UnitForm,
    /// Its members, in any order.
    pub members: Vec<Member>,
}

/// The members of a family, with ages and nothing else added.
pub(super) fn members_of(family: &Family, age: impl Fn(PersonId) -> Option<i16>) -> impl Iterator<Item = Member> {
    let head = (family.head, MemberRole::Head, None);
    let partner = family.partner.map(|(person, link)| (person, MemberRole::Partner, Some(link)));
    let children = family.children.iter().map(|(child, link)| (*child, MemberRole::Child, Some(*link)));
    let all = std::iter::once(head).chain(partner).chain(children);
    all.map(move |(person, role, link)| Member { person, age: age(person), role, link })
}

/// Units that are not yet among others: hundreds of thousands, whose members lie side by side. Only a draft that changes gets
/// a list of its own.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    all: Vec<Span>,
    members: Vec<Member>,
    /// By place: the members of a draft that changed.
    changed: BTreeMap<usize, Vec<Member>>,
}

/// A draft among others.
#[derive(Clone, Copy, Debug)]
struct Span {
    form: UnitForm,
    first: u32,
    count: u32,
}

impl Drafts {
    /// Adds a draft; its members come in any order.
    pub fn push(&mut self, form: UnitForm, members: impl IntoIterator<Item = Member>) {
        let first = self.members.len();
        self.members.extend(members);
        self.all.push(Span { form, first: number(first), count: number(self.members.len() - first) });
    }

    /// Adds all drafts of others behind these.
    pub fn append(&mut self, others: &Self) {
        let (places, first) = (self.all.len(), number(self.members.len()));
        self.members.extend_from_slice(&others.members);
        self.all.extend(others.all.iter().map(|span| Span { first: span.first + first, ..*span }));
        self.changed.extend(others.changed.iter().map(|(place, members)| (places + place, members.clone())));
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The members of a draft, by its place.
    ///
    /// # Panics
    /// When there is no such place.
    #[must_use]
    pub fn members(&self, place: usize) -> &[Member] {
        let Span { first, count, .. } = self.all[place];
        match self.changed.get(&place) {
            Some(members) => members,
            None => &self.members[first as usize..(first + count) as usize],
        }
    }

    /// As [`Self::members`], to be changed.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn members_mut(&mut self, place: usize) -> &mut Vec<Member> {
        let Span { first, count, .. } = self.all[place];
        let unchanged = &self.members[first as usize..(first + count) as usize];
        self.changed.entry(place).or_insert_with(|| unchanged.to_vec())
    }

    /// Every draft with its members, by place.
    pub fn iter(&self) -> impl Iterator<Item = (UnitForm, &[Member])> {
        let mut changed = self.changed.iter().peekable();
        self.all.iter().enumerate().map(move |(place, span)| {
            let members = changed.next_if(|(changed, _)| **changed == place).map(|(_, members)| members.as_slice());
            let unchanged = || &self.members[span.first as usize..(span.first + span.count) as usize];
            (span.form, members.unwrap_or_else(unchanged))
        })
    }
}

impl From<Vec<Draft>> for Drafts {
    fn from(drafts: Vec<Draft>) -> Self {
        let mut all = Self::default();
        for Draft { form, members } in drafts {
            all.push(form, members);
        }
        all
    }
}

fn number(number: usize) -> u32 {
    u32::try_from(number).expect("no more members than person ids")
}

/// One unit among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    first: u32,
    count: u32,
    /// Why its members are one unit.
    pub form: UnitForm,
    /// Members from 18 years or of unknown age on the reference date, former ones not included.
    pub adults: u32,
    /// Members under 18 years, former ones not included.
    pub children: u32,
    /// The strongest protection of any member; it marks whatever is written about the unit.
    pub protection: Option<Protection>,
}

impl Unit {
    /// Members on the reference date.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.adults + self.children
    }
}

/// Members who are not former ones; of a unit that is no more, nobody, though each kept the role that its label needs.
fn current(form: UnitForm, members: &[Member]) -> impl Iterator<Item = &Member> {
    members.iter().filter(move |member| form != UnitForm::Former && member.role != MemberRole::Former)
}

/// All units of one kind on the reference date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Units {
    kind: UnitKind,
    all: Vec<Unit>,
    members: Vec<Member>,
    of_person: Vec<Option<UnitId>>,
}

impl Units {
    /// Puts drafts together, in the order of their first members; one without members is none. `persons` is the number of
    /// persons of the run.
    ///
    /// # Errors
    /// When a person stands in two units or outside the run's persons: a fault of the program.
    pub fn new(
        kind: UnitKind,
        drafts: impl Into<Drafts>,
        persons: usize,
        protection: impl Fn(PersonId) -> Option<Protection>,
    ) -> Result<Self> {
        let drafts: Drafts = drafts.into();
        // The order of addresses must not show in any id. Nobody is in two units, so their first members order them.
        let mut first_of: Vec<Option<UnitId>> = vec![None; persons];
        for (place, (_, members)) in (0..).map(UnitId).zip(drafts.iter()) {
            let Some(first) = members.iter().map(|member| member.person).min() else { continue };
            let draft = first_of.get_mut(first.index()).ok_or_else(|| broken(OUTSIDE))?;
            if draft.replace(place).is_some() {
                return Err(broken(TWICE));
            }
        }
        let (mut all, mut placed) = (Vec::with_capacity(drafts.len()), Vec::with_capacity(drafts.members.len()));
        for place in first_of.iter().flatten().map(|place| place.index()) {
            let (form, first) = (drafts.all[place].form, placed.len());
            placed.extend_from_slice(drafts.members(place));
            let members = &mut placed[first..];
            members.sort_unstable();
            let members: &[Member] = members;
            let current = || current(form, members);
            let children = current().filter(|member| member.is_child()).count();
            all.push(Unit {
                first: number(first),
                count: number(members.len()),
                form,
                adults: number(current().count() - children),
                children: number(children),
                protection: members.iter().filter_map(|member| protection(member.person)).max(),
            });
        }
        first_of.fill(None);
        let mut units = Self { kind, all, members: placed, of_person: first_of };
        units.index()?;
        Ok(units)
    }

    /// Which kind of unit these are.
    #[must_use]
    pub const fn kind(&self) -> UnitKind {
        self.kind
    }

    /// How many units there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Every unit with its id: first in the order of members, after [`Self::sort_by_label`] in the order of labels.
    pub fn iter(&self) -> impl Iterator<Item = (UnitId, &Unit)> {
        (0..).map(UnitId).zip(&self.all)
    }

    /// A unit.
    ///
    /// # Panics
    /// When the id is of other units.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> &Unit {
        &self.all[unit.index()]
    }

    /// The members of a unit, sorted, former ones among them.
    ///
    /// # Panics
    /// When the id is of other units.
    #[must_use]
    pub fn members(&self, unit: UnitId) -> &[Member] {
        let Unit { first, count, .. } = self.all[unit.index()];
        &self.members[first as usize..(first + count) as usize]
    }

    /// Those of a unit who are there on the reference date: its [`Unit::size`].
    ///
    /// # Panics
    /// When the id is of other units.
    pub fn current_members(&self, unit: UnitId) -> impl Iterator<Item = &Member> {
        current(self.unit(unit).form, self.members(unit))
    }

    /// By person: the unit, or `None` for who is in none.
    #[must_use]
    pub fn of_person(&self) -> &[Option<UnitId>] {
        &self.of_person
    }

    /// The unit of a person.
    #[must_use]
    pub fn unit_of(&self, person: PersonId) -> Option<UnitId> {
        self.of_person.get(person.index()).copied().flatten()
    }

    /// The person as a member of its unit.
    #[must_use]
    pub fn member(&self, person: PersonId) -> Option<&Member> {
        let members = self.members(self.unit_of(person)?);
        members.binary_search_by_key(&person, |member| member.person).ok().map(|place| &members[place])
    }

    /// Whose pseudonyms the label of a unit hashes, sorted (`docs/format.md`, labels): in H all adults, or all members where
    /// there is no adult; in F and S the couple or single head, else everybody.
    pub fn label_members(&self, unit: UnitId) -> impl Iterator<Item = PersonId> {
        let members = self.members(unit);
        let leads = |member: &Member| match self.kind {
            UnitKind::Household => !member.is_child(),
            UnitKind::Family | UnitKind::CaseFamily => member.role.leads(),
        };
        let everybody = !members.iter().any(leads);
        members.iter().filter(move |member| everybody || leads(member)).map(|member| member.person)
    }

    /// Puts the units in the order of their labels, which `labels` gives in the present order, and returns the labels in the new order.
    ///
    /// # Errors
    /// When two units have one label, or the number of labels is another than that of the units.
    pub fn sort_by_label(&mut self, labels: Vec<Label>) -> Result<Vec<Label>> {
        if labels.len() != self.all.len() {
            return Err(broken("antallet af etiketter er et andet end antallet af familier"));
        }
        let mut pairs: Vec<(Label, Unit)> = labels.into_iter().zip(std::mem::take(&mut self.all)).collect();
        pairs.sort_unstable_by_key(|(label, _)| *label);
        if pairs.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(broken("to familier fik samme etiket"));
        }
        // Whoever goes through the units afterwards goes through their members too.
        let mut members = Vec::with_capacity(self.members.len());
        let (labels, units): (Vec<Label>, Vec<Unit>) = pairs
            .into_iter()
            .map(|(label, unit)| {
                let first = members.len();
                members.extend_from_slice(&self.members[unit.first as usize..(unit.first + unit.count) as usize]);
                (label, Unit { first: number(first), ..unit })
            })
            .unzip();
        (self.all, self.members) = (units, members);
        self.of_person.fill(None);
        self.index()?;
        Ok(labels)
    }

    /// Units with more than [`REVIEW_ABOVE`] members, for a person to look at.
    #[must_use]
    pub fn review_list(&self) -> Vec<UnitId> {
        self.iter().filter(|(_, unit)| unit.size() as usize > REVIEW_ABOVE).map(|(id, _)| id).collect()
    }

    /// Takes the units apart again.
    #[must_use]
    pub fn drafts(&self) -> Drafts {
        let span = |unit: &Unit| Span { form: unit.form, first: unit.first, count: unit.count };
        Drafts { all: self.all.iter().map(span).collect(), members: self.members.clone(), changed: BTreeMap::new() }
    }

    /// Notes for every person which unit holds them, where nobody is noted yet.
    fn index(&mut self) -> Result<()> {
        for (id, unit) in (0..).map(UnitId).zip(&self.all) {
            for member in &self.members[unit.first as usize..(unit.first + unit.count) as usize] {
                let place = self.of_person.get_mut(member.person.index()).ok_or_else(|| broken(OUTSIDE))?;
                if place.replace(id).is_some() {
                    return Err(broken(TWICE));
                }
            }
        }
        Ok(())
    }
}

const OUTSIDE: &str = "en familie nævner en person uden for kørslen";
const TWICE: &str = "en person står i to familier";

pub(super) fn broken(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("Familierne hænger ikke sammen: {what}"))
        .hint("Det er en fejl i samkor. Intet er skrevet. Meld den med kørslens plan, men uden data.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(person: u32, role: MemberRole, age: i16) -> Member {
        Member { person: PersonId(person), age: Some(age), role, link: None }
    }

    fn units(kind: UnitKind, drafts: Vec<Vec<Member>>) -> Result<Units> {
        let draft = |members| Draft { form: UnitForm::Dwelling, members };
        let protection = |person: PersonId| (person.0 == 1).then_some(Protection::NameAndAddress);
        Units::new(kind, drafts.into_iter().map(draft).collect::<Vec<_>>(), 12, protection)
    }

    fn labelled(units: &Units, unit: u32) -> Vec<PersonId> {
        units.label_members(UnitId(unit)).collect()
    }

    #[test]
    fn a_household_is_labelled_by_adults_and_a_family_by_who_leads() {
        let members = || {
            vec![
                member(0, MemberRole::Child, 19),
                member(1, MemberRole::Head, 45),
                member(2, MemberRole::Partner, 44),
                member(3, MemberRole::Child, 9),
            ]
        };
        let household = units(UnitKind::Household, vec![members()]).expect("units");
        assert_eq!(labelled(&household, 0), [PersonId(0), PersonId(1), PersonId(2)]);
        let family = units(UnitKind::CaseFamily, vec![members()]).expect("units");
        assert_eq!(labelled(&family, 0), [PersonId(1), PersonId(2)]);
        assert_eq!(family.unit(UnitId(0)).protection, Some(Protection::NameAndAddress));
        let children = vec![member(5, MemberRole::Member, 16), member(4, MemberRole::Member, 12)];
        let children = units(UnitKind::Household, vec![children]).expect("units");
        assert_eq!(labelled(&children, 0), [PersonId(4), PersonId(5)]);
    }

    #[test]
    fn former_members_are_in_the_unit_but_not_of_its_size() {
        let drafts = vec![vec![member(0, MemberRole::Head, 70), member(1, MemberRole::Former, 71)]];
        let units = units(UnitKind::Family, drafts).expect("units");
        assert_eq!((units.unit(UnitId(0)).size(), units.members(UnitId(0)).len()), (1, 2));
        assert_eq!(units.unit_of(PersonId(1)), Some(UnitId(0)));
        assert_eq!(labelled(&units, 0), [PersonId(0)]);
    }

    #[test]
    fn a_unit_that_is_no_more_keeps_roles_and_has_nobody() {
        let members = vec![member(0, MemberRole::Head, 70), member(1, MemberRole::Child, 20)];
        let draft = Draft { form: UnitForm::Former, members };
        let units = Units::new(UnitKind::Family, vec![draft], 10, |_| None).expect("units");
        assert_eq!((units.unit(UnitId(0)).size(), units.current_members(UnitId(0)).count()), (0, 0));
        assert_eq!(labelled(&units, 0), [PersonId(0)]);
    }

    #[test]
    fn labels_give_the_order_and_must_differ() {
        let drafts = vec![vec![member(0, MemberRole::Head, 30)], vec![member(1, MemberRole::Head, 30)]];
        let mut units = units(UnitKind::Family, drafts).expect("units");
        let (first, second) = (Label(*b"0000000000001"), Label(*b"0000000000002"));
        assert_eq!(units.sort_by_label(vec![second, first]).expect("labels"), [first, second]);
        assert_eq!(units.members(UnitId(0))[0].person, PersonId(1));
        assert_eq!(units.of_person()[..2], [Some(UnitId(1)), Some(UnitId(0))]);
        let error = units.sort_by_label(vec![first, first]).expect_err("one label twice");
        assert_eq!(error.kind(), ErrorKind::Internal);
    }

    #[test]
    fn a_person_twice_or_unknown_is_refused() {
        let twice = vec![vec![member(0, MemberRole::Head, 30)], vec![member(0, MemberRole::Head, 30)]];
        assert_eq!(units(UnitKind::Family, twice).map_err(|error| error.kind()), Err(ErrorKind::Internal));
        let unknown = vec![vec![member(99, MemberRole::Head, 30)]];
        assert_eq!(units(UnitKind::Family, unknown).map_err(|error| error.kind()), Err(ErrorKind::Internal));
    }
}
