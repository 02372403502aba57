//! From packed records to numbers and population.

use std::collections::BTreeSet;

use crate::{
    base::{Pool, Result},
    domain::{AddressKey, Cpr, CprStatus, CustodyKind, Date},
};

use super::{
    builder::RegisterBuilder,
    counts::{RegisterCounts, RegisterNote},
    interner::Interner,
    links::{self, Deliveries, Resolved},
    numbers::Numbers,
    packed::{PackedDate, Reference},
    pile::{Pile, Ranged},
    population::{Facts, Population},
    records::{
        AddressRecord, CivilRecord, CustodyRecord, ParentsRecord, PersonRecord, ProtectionRecord, Record,
        RelativeRecord,
    },
};

/// Puts the register together; see [`RegisterBuilder::finish`].
pub(super) fn assemble(mut builder: RegisterBuilder, pool: &Pool) -> Result<(Numbers, Population, RegisterCounts)> {
    let mut counts = std::mem::take(&mut builder.counts);
    let keys = std::mem::replace(&mut builder.numbers, Interner::new()).into_keys();
    let (by_digits, order) = sorted(&keys, pool);
    let rank_of_file = ranks(&builder.files);
    let mut latest = vec![0; keys.len()];
    for (file, row) in builder.persons.iter() {
        let latest: &mut u32 = &mut latest[row.owner as usize];
        *latest = (*latest).max(rank_of_file[file as usize] + 1);
    }
    let deliveries = Deliveries { rank_of_file: &rank_of_file, latest: &latest };
    counts.deliveries = delivered_dates(&builder).len() as u64;
    let used = if counts.deliveries > 1 {
        replace_earlier(&mut builder, &deliveries, &mut counts);
        used_numbers(&builder, keys.len())
    } else {
        vec![true; keys.len()]
    };
    let own = own_records(&builder.persons, &order, &mut counts);
    let resolved = links::follow(&own, &builder.former, &deliveries, &order, &mut counts);
    drop((order, latest, rank_of_file));
    builder.persons = Pile::new();
    builder.former = Pile::new();
    let (numbers, facts, position) = number_persons(&keys, &by_digits, &used, &own, &resolved.root, &mut counts);
    drop((keys, by_digits, used, own));
    let settled = Settled { facts, position, resolved };
    settled.population(builder, pool, counts).map(|(population, counts)| (numbers, population, counts))
}

/// The places in the order of their values, and the order by place.
fn sorted<K: Ord + Copy + Sync>(keys: &[K], pool: &Pool) -> (Vec<u32>, Vec<u32>) {
    let mut by_value: Vec<u32> = (0_u32..).take(keys.len()).collect();
    pool.sort_by_key(&mut by_value, |place| keys[*place as usize]);
    let mut order = vec![0; keys.len()];
    for (rank, place) in (0_u32..).zip(&by_value) {
        order[*place as usize] = rank;
    }
    (by_value, order)
}

/// Each file's delivery, numbered by date of production; without a date comes first.
fn ranks(files: &[Option<Date>]) -> Vec<u32> {
    let mut dates = files.to_vec();
    dates.sort_unstable();
    dates.dedup();
    let rank = |date| dates.partition_point(|other| other < date);
    files.iter().map(|date| u32::try_from(rank(date)).expect("fewer than four billion files")).collect()
}

/// The dates of production of files with records.
fn delivered_dates(builder: &RegisterBuilder) -> BTreeSet<Option<Date>> {
    let mut files = BTreeSet::new();
    files.extend(builder.persons.files());
    files.extend(builder.addresses.files());
    files.extend(builder.protections.files());
    files.extend(builder.civil.files());
    files.extend(builder.children.files());
    files.extend(builder.parents.files());
    files.extend(builder.custody.files());
    files.extend(builder.former.files());
    files.into_iter().map(|file| builder.files[file as usize]).collect()
}

/// Takes out what a later delivery of the same number replaces.
fn replace_earlier(builder: &mut RegisterBuilder, deliveries: &Deliveries<'_>, counts: &mut RegisterCounts) {
    fn one<T: Record>(pile: &mut Pile<T>, deliveries: &Deliveries<'_>) -> u64 {
        pile.retain(|file, row| deliveries.rank_of_file[file as usize] + 1 >= deliveries.latest[row.owner as usize])
    }
    let replaced = one(&mut builder.persons, deliveries)
        + one(&mut builder.addresses, deliveries)
        + one(&mut builder.protections, deliveries)
        + one(&mut builder.civil, deliveries)
        + one(&mut builder.children, deliveries)
        + one(&mut builder.parents, deliveries)
        + one(&mut builder.custody, deliveries)
        + one(&mut builder.former, deliveries);
    counts.add(RegisterNote::Replaced, replaced);
}

/// The numbers that some record still stands under or refers to.
fn used_numbers(builder: &RegisterBuilder, count: usize) -> Vec<bool> {
    fn mark<T: Record>(pile: &Pile<T>, used: &mut [bool]) {
        for (_, row) in pile.iter() {
            used[row.owner as usize] = true;
            row.item.clone().replace_references(&mut |number| {
                used[number as usize] = true;
                number
            });
        }
    }
    let mut used = vec![false; count];
    mark(&builder.persons, &mut used);
    mark(&builder.addresses, &mut used);
    mark(&builder.protections, &mut used);
    mark(&builder.civil, &mut used);
    mark(&builder.children, &mut used);
    mark(&builder.parents, &mut used);
    mark(&builder.custody, &mut used);
    mark(&builder.former, &mut used);
    used
}

/// Each number's own record 001.
fn own_records(persons: &Pile<PersonRecord>, order: &[u32], counts: &mut RegisterCounts) -> Vec<Option<PersonRecord>> {
    let by_trust = |record: PersonRecord| {
        let current = record.current.get().map(|current| order[current as usize]);
        (PersonRecord { current: Reference::NONE, ..record }, current)
    };
    let mut own: Vec<Option<PersonRecord>> = vec![None; order.len()];
    let mut contradicted = BTreeSet::new();
    for (_, row) in persons.iter() {
        let best = &mut own[row.owner as usize];
        if best.is_some_and(|best| best != row.item) {
            contradicted.insert(row.owner);
        }
        if best.is_none_or(|best| by_trust(best) < by_trust(row.item)) {
            *best = Some(row.item);
        }
    }
    counts.add(RegisterNote::ContradictingPerson, contradicted.len() as u64);
    own
}

/// Gives the current numbers their positions, in the order of their digits, and every number its person's position.
fn number_persons(
    keys: &[Cpr],
    by_digits: &[u32],
    used: &[bool],
    own: &[Option<PersonRecord>],
    root: &[u32],
    counts: &mut RegisterCounts,
) -> (Numbers, Vec<Facts>, Vec<u32>) {
    let mut position = vec![u32::MAX; keys.len()];
    let (mut current, mut facts) = (Vec::new(), Vec::new());
    let in_use = || by_digits.iter().map(|number| *number as usize).filter(|number| used[*number]);
    for number in in_use().filter(|number| root[*number] as usize == *number) {
        position[number] = u32::try_from(current.len()).expect("not more persons than numbers");
        current.push((keys[number], own[number].is_some()));
        facts.push(person_facts(keys[number], own[number]));
    }
    let mut replaced = Vec::new();
    for number in in_use().filter(|number| root[*number] as usize != *number) {
        counts.former_records += u64::from(own[number].is_some());
        let person = root[number] as usize;
        position[number] = position[person];
        replaced.push((keys[number], position[person], own[number].is_some() || own[person].is_some()));
    }
    counts.persons = facts.iter().filter(|facts| facts.delivered).count() as u64;
    counts.residents = facts.iter().filter(|facts| facts.status.is_some_and(CprStatus::is_resident)).count() as u64;
    counts.referenced_only = facts.len() as u64 - counts.persons;
    counts.changed_numbers = replaced.len() as u64;
    (Numbers::new(current, replaced), facts, position)
}

fn person_facts(cpr: Cpr, own: Option<PersonRecord>) -> Facts {
    let from_number = Facts::of_number(cpr);
    own.map_or(from_number, |record| Facts {
        born: if record.born == PackedDate::NONE { from_number.born } else { record.born },
        status_from: record.status_from,
        status: Some(record.status),
        sex: record.sex.unwrap_or(from_number.sex),
        delivered: true,
        ..from_number
    })
}

/// The persons, and which of them each number by arrival is.
struct Settled {
    facts: Vec<Facts>,
    position: Vec<u32>,
    resolved: Resolved,
}

impl Settled {
    fn population(
        mut self,
        builder: RegisterBuilder,
        pool: &Pool,
        mut counts: RegisterCounts,
    ) -> Result<(Population, RegisterCounts)> {
        self.choose_parents(&builder.parents, &mut counts);
        drop(builder.parents);
        let RegisterBuilder { children, custody, civil, protections, places, addresses, .. } = builder;
        let mut of_addresses = RegisterCounts::default();
        let (relatives, addresses) = pool.join(
            || -> Result<_> {
                let descent = self.descent(children, &mut counts)?;
                let custody = self.custody(custody, &mut counts)?;
                Ok((descent, custody, self.civil(civil, &mut counts)?, self.protections(protections)?))
            },
            || self.addresses(places, addresses, pool, &mut of_addresses),
        );
        let (((children, unslotted), custody, civil, protections), (places, addresses)) = (relatives?, addresses?);
        counts.addresses = of_addresses.addresses;
        for (note, count) in RegisterNote::ALL.iter().zip(of_addresses.notes) {
            counts.add(*note, count);
        }
        let Self { facts, .. } = self;
        Ok((Population { facts, places, addresses, civil, protections, custody, unslotted, children }, counts))
    }

    /// Whether the record stands under a number that is no longer the person's, while the current one is delivered.
    fn is_outdated(&self, number: u32) -> bool {
        self.resolved.root[number as usize] != number && self.facts[self.position[number as usize] as usize].delivered
    }

    /// The record with positions instead of numbers; a person's reference to itself is taken out.
    fn place<T: Record>(&self, item: &mut T) {
        item.replace_references(&mut |number| self.position[number as usize]);
    }

    /// Fills the slots of mother and father from 015: records of the current number first, then the fullest.
    fn choose_parents(&mut self, parents: &Pile<ParentsRecord>, counts: &mut RegisterCounts) {
        let mut best: Vec<Option<(bool, ParentsRecord)>> = vec![None; self.facts.len()];
        let mut contradicted = BTreeSet::new();
        let trust = |(own, record): (bool, ParentsRecord)| {
            let filled = [record.mother, record.father].iter().filter(|parent| parent.get().is_some()).count();
            (own, filled, record)
        };
        for (_, row) in parents.iter() {
            let (child, mut record) = (self.position[row.owner as usize], row.item);
            self.place(&mut record);
            for parent in [&mut record.mother, &mut record.father] {
                leave_out_self(child, parent, counts);
            }
            let candidate = (self.resolved.root[row.owner as usize] == row.owner, record);
            let best = &mut best[child as usize];
            if best.is_some_and(|(_, best)| best != record) {
                contradicted.insert(child);
            }
            if best.is_none_or(|best| trust(best) < trust(candidate)) {
                *best = Some(candidate);
            }
        }
        for (facts, best) in self.facts.iter_mut().zip(best) {
            if let Some((_, parents)) = best {
                facts.parents = parents;
            }
        }
        counts.add(RegisterNote::ContradictingParents, contradicted.len() as u64);
    }

    /// The children by parent, from 014 and the slots, and the parents by child that stand in 014 only.
    fn descent(
        &self,
        mut children: Pile<RelativeRecord>,
        counts: &mut RegisterCounts,
    ) -> Result<(Ranged<RelativeRecord>, Ranged<RelativeRecord>)> {
        let mut unslotted = Pile::new();
        children.retain(|file, row| {
            let parent = self.position[row.owner as usize];
            row.owner = parent;
            self.place(&mut row.item);
            leave_out_self(parent, &mut row.item.0, counts);
            let Some(child) = row.item.0.get() else { return false };
            let parent = Reference::from(Some(parent));
            let slots = self.facts[child as usize].parents;
            if slots.mother != parent && slots.father != parent {
                unslotted.push(file, child, RelativeRecord(parent));
            }
            true
        });
        for (child, facts) in (0_u32..).zip(&self.facts) {
            for parent in [facts.parents.mother, facts.parents.father].iter().filter_map(|parent| parent.get()) {
                children.push(u32::MAX, parent, RelativeRecord(Some(child).into()));
            }
        }
        Ok((children.into_ranged(self.facts.len())?, unslotted.into_ranged(self.facts.len())?))
    }

    /// Custody by child; holders 0003 and 0004 are the persons in the child's slots.
    fn custody(&self, mut custody: Pile<CustodyRecord>, counts: &mut RegisterCounts) -> Result<Ranged<CustodyRecord>> {
        custody.retain(|_, row| {
            row.owner = self.position[row.owner as usize];
            self.place(&mut row.item);
            let slots = self.facts[row.owner as usize].parents;
            match row.item.kind {
                CustodyKind::Mother => row.item.holder = slots.mother,
                CustodyKind::Father => row.item.holder = slots.father,
                CustodyKind::Other => leave_out_self(row.owner, &mut row.item.holder, counts),
            }
            true
        });
        custody.into_ranged(self.facts.len())
    }

    fn protections(&self, mut protections: Pile<ProtectionRecord>) -> Result<Ranged<ProtectionRecord>> {
        protections.retain(|_, row| {
            row.owner = self.position[row.owner as usize];
            true
        });
        protections.into_ranged(self.facts.len())
    }

    fn civil(&self, mut civil: Pile<CivilRecord>, counts: &mut RegisterCounts) -> Result<Ranged<CivilRecord>> {
        let left_out = civil.retain(|_, row| {
            row.item.outdated = self.is_outdated(row.owner);
            row.owner = self.position[row.owner as usize];
            self.place(&mut row.item);
            leave_out_self(row.owner, &mut row.item.spouse, counts);
            !(row.item.current && row.item.outdated)
        });
        counts.add(RegisterNote::UnderFormerNumber, left_out);
        civil.into_ranged(self.facts.len())
    }

    fn addresses(
        &self,
        places: Interner<AddressKey>,
        mut addresses: Pile<AddressRecord>,
        pool: &Pool,
        counts: &mut RegisterCounts,
    ) -> Result<(Vec<AddressKey>, Ranged<AddressRecord>)> {
        let mut places = places.into_keys();
        let (_, order) = sorted(&places, pool);
        places.sort_unstable();
        let left_out = addresses.retain(|_, row| {
            row.item.settle(order[row.item.place() as usize], self.is_outdated(row.owner));
            row.owner = self.position[row.owner as usize];
            !(row.item.is_current() && row.item.is_outdated())
        });
        counts.add(RegisterNote::UnderFormerNumber, left_out);
        counts.addresses = places.len() as u64;
        let addresses = addresses.into_ranged(self.facts.len())?;
        (0..self.facts.len()).for_each(|person| note_oddities(addresses.of(person), counts));
        Ok((places, addresses))
    }
}

fn leave_out_self(person: u32, reference: &mut Reference, counts: &mut RegisterCounts) {
    if reference.get() == Some(person) {
        *reference = Reference::NONE;
        counts.add(RegisterNote::OwnRelative, 1);
    }
}

/// Counts what is odd about one person's addresses, which come by their first day. Nothing is changed. What stands under a
/// former number overlaps by nature: the register has moved it to the current one.
fn note_oddities(addresses: &[AddressRecord], counts: &mut RegisterCounts) {
    let mut occupied_until = None;
    for address in addresses.iter().filter(|address| !address.is_outdated()) {
        let (from, to) = (address.from.day(), address.to.day());
        if to.is_some_and(|to| from.is_some_and(|from| to < from)) {
            counts.add(RegisterNote::ReversedAddress, 1);
            continue;
        }
        if to.is_some() && from == to {
            continue;
        }
        if occupied_until.is_some_and(|until| from.is_none_or(|from| from < until)) {
            counts.add(RegisterNote::OverlappingAddress, 1);
        }
        match to {
            None if !address.is_current() => counts.add(RegisterNote::EndlessAddress, 1),
            None => occupied_until = Some(Date::MAX),
            Some(to) => occupied_until = occupied_until.max(Some(to)),
        }
    }
}
