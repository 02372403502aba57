//! The persons of a register extract that exists already, for services made up around them. Who lives together shares how
//! exposed the family is; the rest of a family is not looked at.

use std::{collections::BTreeMap, path::Path};

use super::{
    address::Address,
    files::Tables,
    people::{placed_of_block, residence},
    person::{Civil, FamilyKind, Home, Person, Place, Placement, Status},
    random::{Draws, Stream},
    world::{BLOCK, World},
};
use crate::{
    base::{Observer, Pool, Result},
    domain::{AddressKey, Cpr, CprStatus, Date, Sex, SourceId},
    ingest::{self, FileInput, ReadOptions, rows::RegisterRow},
};

/// Numbers of addresses that no block of a made-up municipality has.
const FIRST_ADDRESS: u32 = 1 << 30;

/// A person of the extract, as far as services need to know.
#[derive(Clone, Copy, Debug)]
struct Known {
    cpr: Cpr,
    born: Date,
    sex: Sex,
    status: Status,
    address: Option<Address>,
}

/// The persons of an extract in the order of their numbers' first records.
#[derive(Clone, Debug, Default)]
pub struct Extract {
    persons: Vec<Known>,
}

impl Extract {
    /// Reads an extract in the CPR office's format. Numbers that were annulled, deleted or replaced are left out.
    ///
    /// # Errors
    /// When the file cannot be read as one.
    pub fn read(path: &Path, pool: &Pool, observer: &dyn Observer) -> Result<Self> {
        let tables = Tables::shipped()?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let input = FileInput {
            path,
            name: &name,
            source: SourceId(0),
            file: 0,
            layout: tables.layouts().get("cpr-p12170")?,
            layouts: tables.layouts(),
            options: ReadOptions::default(),
        };
        let mut extract = Self::default();
        let mut places: BTreeMap<Cpr, usize> = BTreeMap::new();
        let mut homes: BTreeMap<Cpr, Option<AddressKey>> = BTreeMap::new();
        let take = |rows: Vec<Vec<RegisterRow>>| {
            for row in rows.into_iter().flatten() {
                match row {
                    RegisterRow::Person { cpr, status, status_from, sex, born, .. } => {
                        let since = status_from.map_or(Date::EPOCH, |date| date.date);
                        let status = match status {
                            status if status.is_resident() => Status::Resident,
                            CprStatus::Dead => Status::Dead(since),
                            CprStatus::Emigrated | CprStatus::Disappeared => Status::Emigrated(since),
                            _ => continue,
                        };
                        let born = born.map_or_else(|| cpr.birth_date(), |date| date.date);
                        let known = Known { cpr, born, sex: sex.unwrap_or_else(|| cpr.sex()), status, address: None };
                        let place = *places.entry(cpr).or_insert(extract.persons.len());
                        if place == extract.persons.len() {
                            extract.persons.push(known);
                        }
                    }
                    RegisterRow::Address { cpr, key, current: true, .. } => {
                        homes.insert(cpr, key);
                    }
                    _ => {}
                }
            }
            Ok(())
        };
        let convert = |record: &ingest::Record<'_>, _| ingest::read_register_row(record);
        ingest::read_file(input, pool, observer, convert, take, &mut Vec::new())?;
        let mut numbers: BTreeMap<AddressKey, u32> = BTreeMap::new();
        for person in extract.persons.iter_mut().filter(|person| person.status == Status::Resident) {
            person.address = Some(match homes.get(&person.cpr).copied().flatten() {
                Some(key) if key.is_dwelling() => {
                    let next = FIRST_ADDRESS + u32::try_from(numbers.len()).unwrap_or(0);
                    Address::Dwelling(*numbers.entry(key).or_insert(next))
                }
                _ => Address::NoFixedAbode,
            });
        }
        Ok(extract)
    }

    /// How many persons there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.persons.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// The persons of a block of a world that has as many persons as the extract.
    #[must_use]
    pub fn people(&self, world: &World, block: u32) -> Vec<Person> {
        let first = (block * BLOCK) as usize;
        let known = &self.persons[first..first + world.persons_of(block) as usize];
        let mut persons: Vec<Person> =
            known.iter().enumerate().map(|(place, known)| made(world, block, place, known)).collect();
        let mut draws = Draws::of(world.seed, Stream::People, block.into());
        let age = |person: &Person| person.age_at_end_of(world.last_year());
        let children = persons.iter().filter(|person| (0..18).contains(&age(person))).count() as u64;
        let can_be = |person: &Person| (1..18).contains(&age(person)) && person.status == Status::Resident;
        let mut candidates: Vec<usize> = (0..persons.len()).filter(|place| can_be(&persons[*place])).collect();
        for _ in 0..placed_of_block(world, block, children) {
            if candidates.is_empty() {
                break;
            }
            let chosen = draws.below(u32::try_from(candidates.len()).unwrap_or(1)) as usize;
            let child = &mut persons[candidates.swap_remove(chosen)];
            let place = *draws.pick(&[Place::Foster, Place::Foster, Place::Residential, Place::Institution]);
            let from = world.window().from.plus(-draws.between(1, 800)).max(child.born.plus(60));
            child.placement = Some(Placement { place, from, to: None });
        }
        persons
    }
}

fn made(world: &World, block: u32, place: usize, known: &Known) -> Person {
    let home = match known.address {
        Some(Address::Dwelling(number)) => u64::from(number),
        _ => u64::from(u32::MAX) + u64::from(block * BLOCK) + place as u64,
    };
    // Streams of blocks stand below 2^32, those of homes above.
    let mut draws = Draws::of(world.seed, Stream::People, 1 << 40 | home);
    let exposure = draws.weighted(&[82, 13, 4, 1]);
    let age = i32::from(world.last_year() - known.born.ymd().0);
    // Where its institutions are, an extract does not tell: one person of three grown-ups has the chance of who is alone.
    let residence = if age >= 18 && draws.below(3) == 0 { residence(world, age, &mut draws) } else { None };
    let homes = known.address.map(|address| Home { address, from: known.born, to: None });
    Person {
        cpr: known.cpr,
        former: None,
        born: known.born,
        sex: known.sex,
        given: 0,
        surname: 0,
        status: known.status,
        civil: Civil { code: b'U', spouse: None, from: known.born },
        former_civil: None,
        mother: None,
        father: None,
        custody: (false, false),
        homes: homes.into_iter().collect(),
        family: place,
        family_kind: FamilyKind::Single,
        case_family: place,
        exposure: u8::try_from(exposure).unwrap_or(0),
        protected: false,
        placement: None,
        residence,
        delivered: true,
    }
}
