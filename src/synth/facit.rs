//! The truth beside the exports: who lived where, whose family is whose, and what everybody cost.

use std::collections::BTreeMap;

use super::{
    address::{self, Address},
    families::{Membership, Unit},
    files::{File, Pages},
    person::{FamilyKind, Person, Status},
    services::KINDS,
    truth::{Cause, Truth},
    world::{BLOCK, World},
};
use crate::{
    domain::{Date, Role, Sex},
    layout::{DateForm, NumberForm, write_date, write_number, write_person},
};

/// A household of the truth: an address, or a person who shares none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Household {
    /// An address.
    At(Address),
    /// A person, by number.
    Alone(u64),
}

/// Year, funktion and gruppering of an account.
pub type Account = (i16, &'static str, &'static str);

/// What a block adds to the key figures.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Persons made.
    pub persons: u64,
    /// Residents on the reference date.
    pub residents: u64,
    /// Residents by age: under 18, 18 to 64, 65 and over.
    pub ages: [u64; 3],
    /// Children placed outside the home on the reference date.
    pub placed: u64,
    /// Families by kind, in the order of [`FamilyKind::ALL`].
    pub families: [u64; 5],
    /// Residents with a service, and with services of two departments or more.
    pub recipients: [u64; 2],
    /// Øre by role: actual, granted, tariff, manual.
    pub ore: [i64; 4],
    /// Øre granted and never paid, and granted after the presumed end: neither is counted.
    pub not_counted: [i64; 2],
    /// Service øre of each resident who has any, for the top share.
    pub service_ore: Vec<i64>,
    /// Øre that the accounts show of persons, by year, funktion and gruppering.
    pub accounts: BTreeMap<Account, i64>,
    /// Members and øre of the households that no other block can share.
    pub own: BTreeMap<u64, u64>,
    /// Members and øre of the households that other blocks can share.
    pub shared: BTreeMap<Household, (u64, i64)>,
}

/// The number of a person of a block, from 1.
#[must_use]
pub fn person_number(block: u32, place: usize) -> u64 {
    u64::from(block) * u64::from(BLOCK) + place as u64 + 1
}

/// The household of a person on the reference date; none for who is no resident.
#[must_use]
pub fn household(world: &World, block: u32, place: usize, person: &Person) -> Option<Household> {
    let address = person.home()?;
    // A full world's plan lists the institutions: nobody keeps house together there.
    let is_listed = !world.plain && address::is_institution(block, address);
    Some(if is_listed || address == Address::NoFixedAbode {
        Household::Alone(person_number(block, place))
    } else {
        Household::At(address)
    })
}

impl Household {
    fn write(self, out: &mut Vec<u8>) {
        let (letter, number) = match self {
            Self::At(address) => return write_address(address, out),
            Self::Alone(number) => (b'E', number),
        };
        out.push(letter);
        write_number(out, number);
    }

    /// Whether persons of other blocks may live there.
    fn is_shared(self, block: u32) -> bool {
        match self {
            Self::Alone(_) => false,
            Self::At(Address::Dwelling(number)) => {
                let first = block * address::PER_BLOCK;
                !(first..first + 1_000).contains(&number)
            }
            Self::At(_) => true,
        }
    }
}

/// Writes an address by number: H in the municipality, U outside, E for none.
fn write_address(address: Address, out: &mut Vec<u8>) {
    let (letter, number) = match address {
        Address::Dwelling(number) => (b'H', number),
        Address::Elsewhere(number) => (b'U', number),
        Address::NoFixedAbode => (b'E', 0),
    };
    out.push(letter);
    write_number(out, number.into());
}

/// Writes the truth of a block and counts it.
pub fn write(
    world: &World,
    block: u32,
    persons: &[Person],
    families: &[Membership],
    truth: &Truth,
    pages: &mut Pages,
) -> Figures {
    let mut figures = Figures { persons: persons.len() as u64, ..Figures::default() };
    for (place, person) in persons.iter().enumerate() {
        write_person_row(world, block, place, person, pages);
        count(world, block, place, person, &mut figures);
    }
    figures.not_counted = [truth.never_paid, truth.presumed_ended];
    for membership in families {
        write_membership(block, membership, pages.line(File::Memberships));
    }
    for spell in &truth.spells {
        let out = pages.line(File::Services);
        write_number(out, person_number(block, spell.person));
        let payer = format!("{:?}", spell.service().payer).to_lowercase();
        let payer = format!(";{};{payer};", spell.service().code);
        out.extend(payer.bytes());
        write_date(out, spell.days.from, DateForm::Iso);
        out.push(b';');
        if !spell.open {
            write_date(out, spell.days.to, DateForm::Iso);
        }
        out.extend(b"\r\n");
    }
    for (place, kind, cause) in &truth.causes {
        let kind = &KINDS[*kind];
        let (paid, granted) = (kind.code_in(world.last_year()), kind.code_as(Role::Granted, world.last_year()));
        write_cause(block, *place, paid, *cause, pages.line(File::Causes));
        if paid != granted {
            write_cause(block, *place, granted, *cause, pages.line(File::Causes));
        }
    }
    for credit in truth.credits.iter().filter(|credit| credit.earlier) {
        let payment = &truth.payments[credit.payment];
        let spell = &truth.spells[payment.spell];
        let out = pages.line(File::Corrections);
        write_number(out, person_number(block, spell.person));
        out.push(b';');
        out.extend(spell.service().code_in(payment.days.to.ymd().0).bytes());
        out.push(b';');
        write_ore(out, -credit.ore);
    }
    kroner(world, block, persons, truth, pages, &mut figures);
    figures
}

fn write_person_row(world: &World, block: u32, place: usize, person: &Person, pages: &mut Pages) {
    let number = person_number(block, place);
    let out = pages.line(File::Persons);
    write_number(out, number);
    out.push(b';');
    write_person(out, person.cpr, NumberForm::Plain);
    out.extend(if person.sex == Sex::Male { b";M;" } else { b";K;" });
    write_date(out, person.born, DateForm::Iso);
    out.extend(match person.status {
        Status::Resident => b";bosat;".as_slice(),
        Status::Dead(_) => b";doed;",
        Status::Emigrated(_) => b";udrejst;",
    });
    if let Some(household) = household(world, block, place, person) {
        household.write(out);
    }
    out.extend(b";F");
    write_number(out, person_number(block, person.family));
    out.push(b';');
    out.extend(person.family_kind.code().bytes());
    out.extend(b";S");
    write_number(out, person_number(block, person.case_family));
    out.push(b';');
    write_number(out, person.exposure.into());
    out.extend(if person.is_placed_on(world.reference_date()) { b";ja".as_slice() } else { b";nej" });
    out.extend(if person.delivered { b";ja\r\n".as_slice() } else { b";nej\r\n" });
    for home in &person.homes {
        let out = pages.line(File::Homes);
        write_number(out, number);
        out.push(b';');
        write_address(home.address, out);
        out.push(b';');
        write_date(out, home.from, DateForm::Iso);
        out.push(b';');
        if let Some(to) = home.to {
            write_date(out, to, DateForm::Iso);
        }
        out.extend(b"\r\n");
    }
}

fn count(world: &World, block: u32, place: usize, person: &Person, figures: &mut Figures) {
    let age = person.age_at_end_of(world.last_year());
    figures.placed += u64::from(age < 18 && person.is_placed_on(world.reference_date()));
    if person.status != Status::Resident || !person.delivered {
        return;
    }
    figures.residents += 1;
    figures.ages[usize::from(age >= 18) + usize::from(age >= 65)] += 1;
    if person.family == place {
        let kind = FamilyKind::ALL.iter().position(|kind| *kind == person.family_kind).unwrap_or(0);
        figures.families[kind] += 1;
    }
    if let Some(household) = household(world, block, place, person) {
        if household.is_shared(block) {
            figures.shared.entry(household).or_default().0 += 1;
        } else {
            let id = match household {
                Household::At(Address::Dwelling(number)) => u64::from(number),
                _ => u64::MAX - person_number(block, place),
            };
            *figures.own.entry(id).or_default() += 1;
        }
    }
}

/// The øre of persons, households and families. Manual supplements stand with the persons only.
fn kroner(world: &World, block: u32, persons: &[Person], truth: &Truth, pages: &mut Pages, figures: &mut Figures) {
    let mut families: BTreeMap<(u8, u64), i64> = BTreeMap::new();
    let mut households: BTreeMap<Household, i64> = BTreeMap::new();
    for cells in truth.cells.chunk_by(|one, other| one.person == other.person) {
        let place = cells[0].person;
        let person = &persons[place];
        let (mut departments, mut service_ore, mut all) = (0_u32, 0_i64, 0_i64);
        for cell in cells.iter().filter(|cell| cell.ore != 0) {
            let kind = &KINDS[cell.kind];
            write_cell(
                block,
                place,
                kind.code_as(cell.role, cell.month.ymd().0),
                cell.role,
                cell.month,
                cell.ore,
                pages,
            );
            let role = match cell.role {
                Role::Actual => 0,
                Role::Granted => 1,
                Role::Tariff => 2,
                Role::Manual => 3,
            };
            figures.ore[role] += cell.ore;
            if let (Role::Actual, Some(booking)) = (cell.role, kind.booking) {
                let year = cell.month.ymd().0;
                let booking = booking[usize::from(year >= 2018)];
                let account = (year, booking.function, booking.grouping_in(year));
                *figures.accounts.entry(account).or_default() += cell.ore;
            }
            if cell.role != Role::Manual {
                departments |= 1 << kind.department;
                service_ore += if kind.frame { cell.ore } else { 0 };
                all += cell.ore;
            }
        }
        let is_resident = person.status == Status::Resident && person.delivered;
        if is_resident {
            figures.recipients[0] += u64::from(departments != 0);
            figures.recipients[1] += u64::from(departments.count_ones() >= 2);
            if service_ore > 0 {
                figures.service_ore.push(service_ore);
            }
            if let Some(household) = household(world, block, place, person) {
                *households.entry(household).or_default() += all;
            }
            *families.entry((b'F', person_number(block, person.family))).or_default() += all;
        }
        *families.entry((b'S', person_number(block, person.case_family))).or_default() += all;
    }
    for (household, ore) in households {
        if household.is_shared(block) {
            figures.shared.entry(household).or_default().1 += ore;
        } else {
            write_household(household, ore, pages.line(File::Families));
        }
    }
    for ((letter, number), ore) in families.into_iter().filter(|(_, ore)| *ore != 0) {
        let out = pages.line(File::Families);
        out.extend([letter, b';', letter]);
        write_number(out, number);
        out.push(b';');
        write_ore(out, ore);
    }
}

/// The line of a membership: the family is called after who leads it.
fn write_membership(block: u32, membership: &Membership, out: &mut Vec<u8>) {
    write_number(out, person_number(block, membership.person));
    out.extend(if membership.unit == Unit::F { b";F;" } else { b";S;" });
    write_number(out, person_number(block, membership.heads.0));
    if let Some(other) = membership.heads.1 {
        out.push(b'+');
        write_number(out, person_number(block, other));
    }
    for day in [membership.from, membership.to] {
        out.push(b';');
        write_date(out, day, DateForm::Iso);
    }
    out.extend(b"\r\n");
}

/// The line of a cause.
pub fn write_cause(block: u32, place: usize, code: &str, cause: Cause, out: &mut Vec<u8>) {
    write_number(out, person_number(block, place));
    for text in [code, cause.code()] {
        out.push(b';');
        out.extend(text.bytes());
    }
    out.extend(b"\r\n");
}

/// The line of a household.
pub fn write_household(household: Household, ore: i64, out: &mut Vec<u8>) {
    out.extend(b"H;");
    household.write(out);
    out.push(b';');
    write_ore(out, ore);
}

fn write_ore(out: &mut Vec<u8>, ore: i64) {
    if ore < 0 {
        out.push(b'-');
    }
    write_number(out, ore.unsigned_abs());
    out.extend(b"\r\n");
}

fn write_cell(block: u32, place: usize, code: &str, role: Role, month: Date, ore: i64, pages: &mut Pages) {
    let out = pages.line(File::Ore);
    write_number(out, person_number(block, place));
    out.push(b';');
    out.extend(code.bytes());
    out.push(b';');
    out.extend(role.code().bytes());
    out.push(b';');
    write_date(out, month, DateForm::Iso);
    out.push(b';');
    write_ore(out, ore);
}
