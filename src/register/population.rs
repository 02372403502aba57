//! The persons of the register and what it knows of them, without numbers and names.

use crate::domain::{
    AddressKey, CivilStatus, Cpr, CprStatus, CustodyKind, Date, PersonId, Precision, Protection, RegisterDate, Sex,
};

use super::{
    numbers::Numbers,
    packed::{PackedDate, Reference},
    pile::Ranged,
    records::{AddressRecord, CivilRecord, CustodyRecord, ParentsRecord, ProtectionRecord, Record, RelativeRecord},
};

/// The persons by [`PersonId`]: by position in [`Numbers`] at first, by the order of pseudonyms after
/// [`Population::renumber`]. Only a renumbered population leaves the wall, since positions follow the numbers.
#[derive(PartialEq)]
pub struct Population {
    pub(super) facts: Vec<Facts>,
    /// Different addresses, sorted.
    pub(super) places: Vec<AddressKey>,
    pub(super) addresses: Ranged<AddressRecord>,
    pub(super) civil: Ranged<CivilRecord>,
    pub(super) protections: Ranged<ProtectionRecord>,
    pub(super) custody: Ranged<CustodyRecord>,
    /// By child: parents that stand in record 014 only.
    pub(super) unslotted: Ranged<RelativeRecord>,
    /// By parent: children of 014 and 015.
    pub(super) children: Ranged<RelativeRecord>,
}

/// What there is one of for each person.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Facts {
    pub(super) born: PackedDate,
    pub(super) status_from: PackedDate,
    pub(super) parents: ParentsRecord,
    pub(super) status: Option<CprStatus>,
    pub(super) sex: Sex,
    pub(super) delivered: bool,
}

impl Facts {
    /// What the number alone tells: birth date and sex.
    pub(super) fn of_number(cpr: Cpr) -> Self {
        let born = RegisterDate { date: cpr.birth_date(), precision: Precision::Day, uncertain: false };
        Self {
            born: Some(born).into(),
            status_from: PackedDate::NONE,
            parents: ParentsRecord { mother: Reference::NONE, father: Reference::NONE },
            status: None,
            sex: cpr.sex(),
            delivered: false,
        }
    }
}

/// An address of the population, for grouping. The order is that of the addresses: behind the wall, and never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressId(pub u32);

/// An address that a person has or had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressSpell {
    /// Where.
    pub address: AddressId,
    /// The day of moving in; unknown counts as always.
    pub from: Option<RegisterDate>,
    /// The day of leaving, on which the person no longer lives there; `None` while it lasts or when unknown.
    pub to: Option<RegisterDate>,
    /// Whether it is the current address (002) and not a former one (023).
    pub current: bool,
    /// Whether it stands under a former number while the person is delivered under the current one. CPR has moved its facts
    /// there, so it fills only days on which the current number's records say nothing.
    pub under_former_number: bool,
}

/// A civil status that a person has or had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CivilSpell {
    /// Which.
    pub status: CivilStatus,
    /// The spouse or partner as the register has it, also kept after a divorce; [`Population::spouse_on`] decides.
    pub spouse: Option<PersonId>,
    /// Its first day; unknown counts as always.
    pub from: Option<RegisterDate>,
    /// The day on which it no longer holds.
    pub to: Option<RegisterDate>,
    /// Whether it is the current one (012) and not a former one (029).
    pub current: bool,
    /// Whether it stands under a former number while the person is delivered under the current one. CPR has moved its facts
    /// there, so it fills only days on which the current number's records say nothing.
    pub under_former_number: bool,
}

/// Custody of a child (016).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustodySpell {
    /// In what capacity.
    pub kind: CustodyKind,
    /// Who: for mother and father the person in the child's slot (015). `None` when the register names nobody.
    pub holder: Option<PersonId>,
    /// Its first day; unknown counts as always.
    pub from: Option<RegisterDate>,
    /// The day on which it has lapsed.
    pub to: Option<RegisterDate>,
}

/// A protection (004).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtectionSpell {
    /// What it hides.
    pub kind: Protection,
    /// Its first day; unknown counts as always.
    pub from: Option<RegisterDate>,
    /// The day on which it has lapsed, up to a hundred years ahead.
    pub to: Option<RegisterDate>,
}

/// A parent and how the register knows it. The slots are called mother and father whatever the sexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parent {
    /// In the child's mother slot (015).
    Mother(PersonId),
    /// In the child's father slot (015).
    Father(PersonId),
    /// Only the parent's own record names the child (014).
    Unslotted(PersonId),
}

impl Parent {
    /// Who it is.
    #[must_use]
    pub const fn person(self) -> PersonId {
        match self {
            Self::Mother(person) | Self::Father(person) | Self::Unslotted(person) => person,
        }
    }
}

impl std::fmt::Debug for Population {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Population({} persons)", self.len())
    }
}

impl Population {
    /// How many persons there are, those known by reference only included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Every person, in order.
    pub fn persons(&self) -> impl Iterator<Item = PersonId> + use<> {
        (0_u32..).take(self.len()).map(PersonId)
    }

    /// Takes in the persons that rows named and the register does not know, with what their numbers tell.
    pub fn add_outside(&mut self, numbers: &Numbers) {
        self.facts.extend((0..numbers.len()).skip(self.len()).map(|position| Facts::of_number(numbers.cpr(position))));
    }

    /// Puts every person under a new id, by old position, and every reference along with it.
    ///
    /// # Panics
    /// When the ids are not each of `0..len` once: a fault of the caller, which then has no ids to give.
    #[must_use]
    pub fn renumber(self, ids: &[PersonId]) -> Self {
        assert_eq!(ids.len(), self.len(), "one id for each person; persons outside the register are added first");
        let mut order = vec![u32::MAX; ids.len()];
        for (position, id) in (0..).zip(ids) {
            order[id.index()] = position;
        }
        assert!(!order.contains(&u32::MAX), "every id is given once");
        let mut map = |position: u32| ids[position as usize].0;
        let facts = order.iter().map(|position| {
            let mut facts = self.facts[*position as usize];
            facts.parents.replace_references(&mut map);
            facts
        });
        Self {
            facts: facts.collect(),
            places: self.places,
            addresses: self.addresses.reorder(&order, |_| {}),
            civil: self.civil.reorder(&order, |record| record.replace_references(&mut map)),
            protections: self.protections.reorder(&order, |_| {}),
            custody: self.custody.reorder(&order, |record| record.replace_references(&mut map)),
            unslotted: self.unslotted.reorder(&order, |record| record.replace_references(&mut map)),
            children: self.children.reorder(&order, |record| record.replace_references(&mut map)),
        }
    }

    /// Whether the register has a record 001 of the person; otherwise it is known by reference only, or from outside.
    #[must_use]
    pub fn is_delivered(&self, person: PersonId) -> bool {
        self.facts[person.index()].delivered
    }

    /// The status as of the extract; `None` for a person who is not delivered.
    #[must_use]
    pub fn status(&self, person: PersonId) -> Option<CprStatus> {
        self.facts[person.index()].status
    }

    /// Since when the status holds.
    #[must_use]
    pub fn status_from(&self, person: PersonId) -> Option<RegisterDate> {
        self.facts[person.index()].status_from.get()
    }

    /// The sex as registered; where the register does not say, as the number tells.
    #[must_use]
    pub fn sex(&self, person: PersonId) -> Sex {
        self.facts[person.index()].sex
    }

    /// The birth date as registered; where the register does not say, as the number tells. `None` for nobody.
    #[must_use]
    pub fn born(&self, person: PersonId) -> Option<RegisterDate> {
        self.facts[person.index()].born.get()
    }

    /// Completed years on the day; `None` before birth.
    #[must_use]
    pub fn age_on(&self, person: PersonId, day: Date) -> Option<i16> {
        self.facts[person.index()].born.day().filter(|born| *born <= day).map(|born| born.completed_years(day))
    }

    /// Whether the person is not registered as dead on the day. Who is not delivered counts as alive.
    #[must_use]
    pub fn is_alive_on(&self, person: PersonId, day: Date) -> bool {
        let facts = &self.facts[person.index()];
        !(facts.status == Some(CprStatus::Dead) && facts.status_from.has_begun(day))
    }

    /// The day of death, for a person registered as dead with a date.
    #[must_use]
    pub fn died_on(&self, person: PersonId) -> Option<Date> {
        let facts = &self.facts[person.index()];
        if facts.status == Some(CprStatus::Dead) { facts.status_from.day() } else { None }
    }

    /// Whether the person lived in Denmark or Greenland on the day.
    ///
    /// Status 01, 03, 05 and 07: yes from the day the status holds, and before it on days with an address. Dead, emigrated
    /// and disappeared: before that day on days with an address; without a date, no. All other statuses: no.
    #[must_use]
    pub fn is_resident_on(&self, person: PersonId, day: Date) -> bool {
        let facts = &self.facts[person.index()];
        let holds = facts.status_from.has_begun(day);
        let lived_here = || self.address_id_on(person, day).is_some();
        facts.born.has_begun(day)
            && match facts.status {
                Some(status) if status.is_resident() => holds || lived_here(),
                Some(CprStatus::Dead | CprStatus::Emigrated | CprStatus::Disappeared) => !holds && lived_here(),
                _ => false,
            }
    }

    /// The person's addresses, by the day of moving in.
    pub fn addresses(&self, person: PersonId) -> impl Iterator<Item = AddressSpell> {
        self.addresses.of(person.index()).iter().map(|record| AddressSpell {
            address: AddressId(record.place()),
            from: record.from.get(),
            to: record.to.get(),
            current: record.is_current(),
            under_former_number: record.is_outdated(),
        })
    }

    /// Where the person was registered on the day: of several addresses one under the current number, then the one moved
    /// to last, then the current one, then one without an end.
    #[must_use]
    pub fn address_id_on(&self, person: PersonId, day: Date) -> Option<AddressId> {
        self.addresses
            .of(person.index())
            .iter()
            .filter(|record| record.from.has_begun(day) && record.to.still_lasts(day))
            .max_by_key(|record| {
                let endless = record.to == PackedDate::NONE;
                (!record.is_outdated(), record.from.day(), record.is_current(), endless, **record)
            })
            .map(|record| AddressId(record.place()))
    }

    /// Where the person was registered on the day, as [`Self::address_id_on`].
    #[must_use]
    pub fn address_on(&self, person: PersonId, day: Date) -> Option<AddressKey> {
        self.address_id_on(person, day).map(|address| self.address_key(address))
    }

    /// The address behind its id.
    #[must_use]
    pub fn address_key(&self, address: AddressId) -> AddressKey {
        self.places[address.0 as usize]
    }

    /// The person's civil statuses, by their first day.
    pub fn civil_statuses(&self, person: PersonId) -> impl Iterator<Item = CivilSpell> {
        self.civil.of(person.index()).iter().map(civil_spell)
    }

    /// The civil status on the day: of several one under the current number, then the one that began last, then the current
    /// one.
    #[must_use]
    pub fn civil_status_on(&self, person: PersonId, day: Date) -> Option<CivilSpell> {
        self.civil
            .of(person.index())
            .iter()
            .filter(|record| record.from.has_begun(day) && record.to.still_lasts(day))
            .max_by_key(|record| (!record.outdated, record.from.day(), record.current, **record))
            .map(civil_spell)
    }

    /// The spouse or registered partner on the day: only with civil status G or P and with both alive (`cpr.md`, 2.4).
    #[must_use]
    pub fn spouse_on(&self, person: PersonId, day: Date) -> Option<PersonId> {
        self.civil_status_on(person, day)
            .filter(|civil| civil.status.has_spouse() && self.is_alive_on(person, day))
            .and_then(|civil| civil.spouse)
            .filter(|spouse| self.is_alive_on(*spouse, day))
    }

    /// Every parent of the person: the union of 014 and 015.
    pub fn parents(&self, person: PersonId) -> impl Iterator<Item = Parent> {
        let unslotted = self.unslotted.of(person.index()).iter().filter_map(|record| relative(record.0));
        let mother = self.mother(person).map(Parent::Mother);
        let father = self.father(person).map(Parent::Father);
        mother.into_iter().chain(father).chain(unslotted.map(Parent::Unslotted))
    }

    /// The person in the mother slot (015).
    #[must_use]
    pub fn mother(&self, person: PersonId) -> Option<PersonId> {
        relative(self.facts[person.index()].parents.mother)
    }

    /// The person in the father slot (015).
    #[must_use]
    pub fn father(&self, person: PersonId) -> Option<PersonId> {
        relative(self.facts[person.index()].parents.father)
    }

    /// Every child of the person: the union of 014 and 015, the other way round.
    pub fn children(&self, person: PersonId) -> impl Iterator<Item = PersonId> {
        self.children.of(person.index()).iter().filter_map(|record| relative(record.0))
    }

    /// Custody of the child over time, by its first day.
    pub fn custody(&self, child: PersonId) -> impl Iterator<Item = CustodySpell> {
        self.custody.of(child.index()).iter().map(|record| CustodySpell {
            kind: record.kind,
            holder: relative(record.holder),
            from: record.from.get(),
            to: record.to.get(),
        })
    }

    /// Custody in force on the day. None in force is not none at all: custody is registered from July 2004 only.
    pub fn custody_on(&self, child: PersonId, day: Date) -> impl Iterator<Item = CustodySpell> {
        self.custody(child).filter(move |spell| {
            spell.from.is_none_or(|from| from.date <= day) && spell.to.is_none_or(|to| day < to.date)
        })
    }

    /// The person's protections over time, by their first day.
    pub fn protections(&self, person: PersonId) -> impl Iterator<Item = ProtectionSpell> {
        self.protections.of(person.index()).iter().map(|record| ProtectionSpell {
            kind: record.kind,
            from: record.from.get(),
            to: record.to.get(),
        })
    }

    /// The strongest protection in force on the day.
    #[must_use]
    pub fn strongest_protection_on(&self, person: PersonId, day: Date) -> Option<Protection> {
        self.protections
            .of(person.index())
            .iter()
            .filter(|record| record.from.has_begun(day) && record.to.still_lasts(day))
            .map(|record| record.kind)
            .max()
    }
}

fn civil_spell(record: &CivilRecord) -> CivilSpell {
    CivilSpell {
        status: record.status,
        spouse: relative(record.spouse),
        from: record.from.get(),
        to: record.to.get(),
        current: record.current,
        under_former_number: record.outdated,
    }
}

fn relative(reference: Reference) -> Option<PersonId> {
    reference.get().map(PersonId)
}
