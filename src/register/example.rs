//! Small populations for the tests of other rooms: persons by the order in which they were told of.

use super::{Population, RegisterBuilder};
use crate::{
    base::Pool,
    domain::{
        AddressKey, AddressParts, CivilStatus, Cpr, CprStatus, CustodyKind, Date, PersonId, Protection, RegisterDate,
        Sex,
    },
    ingest::rows::RegisterRow,
};

/// A day.
pub fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

fn at(text: &str) -> Option<RegisterDate> {
    if text.is_empty() { None } else { Some(of_day(day(text))) }
}

fn of_day(day: Date) -> RegisterDate {
    let (year, month, day) = day.ymd();
    RegisterDate::from_parts(year, month, day, false).expect("a date")
}

/// The dwelling with this house number on a road of its own.
pub fn dwelling(house: u16) -> AddressKey {
    address(100, house)
}

/// A house on a road: from 9900 no dwelling.
pub fn address(road: u16, house: u16) -> AddressKey {
    let (road, house) = (road.to_string(), house.to_string());
    let parts = AddressParts {
        municipality: b"0167",
        road: road.as_bytes(),
        house: house.as_bytes(),
        ..AddressParts::default()
    };
    AddressKey::new(parts).expect("an address")
}

/// A population in the making. Person 0 is the first that was added, and so on.
#[derive(Default)]
pub struct Town {
    numbers: Vec<Cpr>,
    rows: Vec<RegisterRow>,
}

impl Town {
    fn number(&mut self, born: &str, sex: Sex) -> Cpr {
        let (year, month, date) = day(born).ymd();
        let serial = u16::try_from(self.numbers.len()).expect("a small town") * 2 + u16::from(sex == Sex::Male);
        // The seventh digit tells the century: 0 to 3 the 1900s, 4 to 9 the years 2000 to 2036.
        let century = if year >= 2000 { 4000 } else { 0 };
        let text = format!("{date:02}{month:02}{:02}{:04}", year.rem_euclid(100), century + serial);
        let cpr = Cpr::parse(text.as_bytes()).expect("a number");
        self.numbers.push(cpr);
        cpr
    }

    /// Somebody who is delivered, with a status since birth.
    pub fn person(&mut self, born: &str, sex: Sex) -> u32 {
        let cpr = self.number(born, sex);
        self.rows.push(RegisterRow::Person {
            cpr,
            current: None,
            status: CprStatus::Resident,
            status_from: at(born),
            sex: Some(sex),
            born: at(born),
        });
        self.last()
    }

    /// A man who lives at a house since birth.
    pub fn man(&mut self, born: &str, house: u16) -> u32 {
        let person = self.person(born, Sex::Male);
        self.lives(person, dwelling(house), "", "");
        person
    }

    /// A woman who lives at a house since birth.
    pub fn woman(&mut self, born: &str, house: u16) -> u32 {
        let person = self.person(born, Sex::Female);
        self.lives(person, dwelling(house), "", "");
        person
    }

    /// Somebody whom the extract does not deliver.
    pub fn absent(&mut self, born: &str, sex: Sex) -> u32 {
        self.number(born, sex);
        self.last()
    }

    fn last(&self) -> u32 {
        u32::try_from(self.numbers.len() - 1).expect("a small town")
    }

    fn cpr(&self, person: u32) -> Cpr {
        self.numbers[person as usize]
    }

    /// An address over time; `to` is the day of leaving.
    pub fn lives(&mut self, person: u32, key: AddressKey, from: &str, to: &str) {
        let (cpr, current) = (self.cpr(person), to.is_empty());
        self.rows.push(RegisterRow::Address { cpr, key: Some(key), from: at(from), to: at(to), current });
    }

    /// The status since a day, instead of resident since birth.
    pub fn status(&mut self, person: u32, status: CprStatus, since: &str) {
        let number = self.cpr(person);
        for row in &mut self.rows {
            if let RegisterRow::Person { cpr, status: old, status_from, .. } = row
                && *cpr == number
            {
                (*old, *status_from) = (status, at(since));
            }
        }
    }

    /// One person's civil status, one-sided.
    pub fn civil(&mut self, person: u32, status: CivilStatus, spouse: Option<u32>, from: &str) {
        let (cpr, spouse) = (self.cpr(person), spouse.map(|spouse| self.cpr(spouse)));
        self.rows.push(RegisterRow::CivilStatus { cpr, status, spouse, from: at(from), to: None, current: true });
    }

    /// Both married to each other.
    pub fn married(&mut self, left: u32, right: u32) {
        self.civil(left, CivilStatus::Married, Some(right), "2000-01-01");
        self.civil(right, CivilStatus::Married, Some(left), "2000-01-01");
    }

    /// Record 015 of a child.
    pub fn parents(&mut self, child: u32, mother: Option<u32>, father: Option<u32>) {
        let number = |parent: Option<u32>| parent.map(|parent| self.cpr(parent));
        let row = RegisterRow::Parents { child: self.cpr(child), mother: number(mother), father: number(father) };
        self.rows.push(row);
    }

    /// Record 014 of a parent.
    pub fn child(&mut self, parent: u32, child: u32) {
        self.rows.push(RegisterRow::Child { parent: self.cpr(parent), child: self.cpr(child) });
    }

    /// Record 016 of a child.
    pub fn custody(&mut self, child: u32, kind: CustodyKind, holder: Option<u32>, from: &str) {
        let (child, holder) = (self.cpr(child), holder.map(|holder| self.cpr(holder)));
        self.rows.push(RegisterRow::Custody { child, kind, holder, from: at(from), to: None });
    }

    /// Name and address protected.
    pub fn protect(&mut self, person: u32) {
        let cpr = self.cpr(person);
        self.rows.push(RegisterRow::Protection { cpr, kind: Protection::NameAndAddress, from: None, to: None });
    }

    /// An old number of a person, replaced by the present one, with an address that CPR moved along.
    pub fn changed_number(&mut self, person: u32, born: &str, sex: Sex) -> u32 {
        let old = self.number(born, sex);
        self.rows.push(RegisterRow::Person {
            cpr: old,
            current: Some(self.cpr(person)),
            status: CprStatus::Changed,
            status_from: None,
            sex: Some(sex),
            born: at(born),
        });
        self.last()
    }

    /// The rows in another order.
    pub fn shuffle(&mut self, seed: u64) {
        let mut state = seed | 1;
        for index in (1..self.rows.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.rows.swap(index, usize::try_from(state >> 33).expect("31 bits") % (index + 1));
        }
    }

    /// The population, in which the person told of as number `n` is `PersonId(n)`. Who has a later number of its own (a changed
    /// number) keeps the id of that.
    pub fn population(self) -> Population {
        let mut builder = RegisterBuilder::new();
        for row in self.rows {
            builder.add(row);
        }
        let (mut numbers, mut population, _) = builder.finish(&Pool::new(1).expect("a thread")).expect("a register");
        let mut ids = vec![None; numbers.len() as usize];
        let mut next = 0;
        for cpr in self.numbers {
            let position = numbers.find(cpr).map_or_else(|| numbers.add_outside(cpr), |found| found.position);
            ids.resize(numbers.len() as usize, None);
            let id: &mut Option<PersonId> = &mut ids[position as usize];
            if id.is_none() {
                *id = Some(PersonId(next));
                next += 1;
            }
        }
        population.add_outside(&numbers);
        let ids: Vec<PersonId> = ids.into_iter().map(|id| id.expect("every number was told of")).collect();
        population.renumber(&ids)
    }
}
