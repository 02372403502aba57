//! The register extract of a block, in the CPR office's record types and at the layout's positions.

use super::{
    address::Door,
    files::{File, Pages, Records, Tables},
    names,
    person::{Civil, Home, Person},
    rows::DELIMITER,
};
use crate::{
    base::Result,
    domain::{Cpr, Date, Sex},
    layout::{Cells, DateForm, Field, Kind, NumberForm, write_date, write_padded, write_person},
};

/// Writes the records of a block's persons.
pub fn write(persons: &[Person], records: Records<'_>, pages: &mut Pages) {
    let mut writer = Writer { persons, records, pages, cells: Cells::default() };
    for (place, _) in persons.iter().enumerate().filter(|(_, person)| person.delivered) {
        writer.person(place);
    }
}

/// Writes the rows of a block's persons in neutral tables, which know no former civil status and no former number but as a
/// person of its own.
///
/// # Errors
/// When the layout is not shipped.
pub fn write_neutral(persons: &[Person], tables: &Tables, pages: &mut Pages) -> Result<()> {
    let mut table = [None; 4];
    for (place, file) in table.iter_mut().zip(File::NEUTRAL) {
        *place = tables.of_file(file)?;
    }
    let mut writer = Writer { persons, records: tables.records()?, pages, cells: Cells::default() };
    let write = |writer: &mut Writer<'_>, which: usize| {
        if let Some(table) = table[which] {
            table.write_row(&writer.cells, DELIMITER, writer.pages.line(File::NEUTRAL[which]));
        }
    };
    for person in persons {
        if person.delivered {
            for (cpr, current) in [(Some(person.cpr), None), (person.former, Some(person.cpr))] {
                let Some(cpr) = cpr else { continue };
                let (status, since) = match current {
                    None => person.cpr_status(),
                    Some(_) => (b"60".as_slice(), person.born.plus(200)),
                };
                writer.begin(cpr);
                if let Some(current) = current {
                    writer.number(Field::CurrentNumber, current);
                }
                writer.facts(person, status, since, DateForm::Iso);
                if current.is_none() {
                    writer.cells.text(Field::CivilStatus, &[person.civil.code]);
                    if let Some(spouse) = person.civil.spouse {
                        writer.number(Field::Spouse, persons[spouse].cpr);
                    }
                    if person.protected {
                        writer.cells.text(Field::Protection, b"0001");
                    }
                    writer.cells.text(Field::GivenName, names::given(person.sex, person.given).as_bytes());
                    writer.cells.text(Field::Surname, names::surname(person.surname).as_bytes());
                }
                write(&mut writer, 0);
            }
            for home in &person.homes {
                writer.begin(person.cpr);
                writer.place(home);
                writer.date(Field::From, home.from, DateForm::Iso);
                if let Some(to) = home.to {
                    writer.date(Field::To, to, DateForm::Iso);
                }
                write(&mut writer, 1);
            }
        }
        // Parents name a child that the extract does not have.
        writer.begin(person.cpr);
        for (field, parent) in [(Field::Mother, person.mother), (Field::Father, person.father)] {
            if let Some(parent) = parent {
                writer.number(field, persons[parent].cpr);
            }
        }
        if person.mother.or(person.father).is_some() {
            write(&mut writer, 2);
        }
        for (holds, code) in [(person.custody.0, b"3"), (person.custody.1, b"4")] {
            if holds && person.delivered {
                writer.begin(person.cpr);
                writer.cells.text(Field::CustodyType, code);
                writer.date(Field::From, person.born, DateForm::Iso);
                write(&mut writer, 3);
            }
        }
    }
    Ok(())
}

/// Writes the start record.
#[must_use]
pub fn start(records: Records<'_>, produced: Date) -> Vec<u8> {
    let mut cells = Cells::default();
    cells.set(Field::Produced, |out| write_date(out, produced, DateForm::Compact));
    let mut out = Vec::new();
    records.of(Kind::RegisterStart).write_record(&cells, &mut out);
    out
}

/// Writes the end record, which counts the records between start and end.
#[must_use]
pub fn end(records: Records<'_>, count: u64) -> Vec<u8> {
    let mut cells = Cells::default();
    cells.set(Field::Count, |out| write_padded(out, count, 8));
    let mut out = Vec::new();
    records.of(Kind::RegisterEnd).write_record(&cells, &mut out);
    out
}

struct Writer<'a> {
    persons: &'a [Person],
    records: Records<'a>,
    pages: &'a mut Pages,
    cells: Cells,
}

impl Writer<'_> {
    fn begin(&mut self, cpr: Cpr) {
        self.cells.clear();
        self.number(Field::Person, cpr);
    }

    fn number(&mut self, field: Field, cpr: Cpr) {
        self.cells.set(field, |out| write_person(out, cpr, NumberForm::Plain));
    }

    fn date(&mut self, field: Field, date: Date, form: DateForm) {
        self.cells.set(field, |out| write_date(out, date, form));
    }

    fn record(&mut self, kind: Kind) {
        self.records.of(kind).write_record(&self.cells, self.pages.line(File::Register));
    }

    fn person(&mut self, place: usize) {
        let person = &self.persons[place];
        let cpr = person.cpr;
        let (status, since) = person.cpr_status();
        self.main(person, cpr, None, status, since);
        for home in &person.homes {
            if home.to.is_none() {
                self.begin(cpr);
                self.address(home);
                self.record(Kind::Addresses);
            }
        }
        if person.protected {
            self.begin(cpr);
            self.cells.text(Field::Protection, b"0001");
            self.date(Field::From, person.born, DateForm::Iso);
            self.record(Kind::Protections);
        }
        self.begin(cpr);
        self.latin(Field::GivenName, names::given(person.sex, person.given));
        self.latin(Field::Surname, names::surname(person.surname));
        self.record(Kind::Names);
        self.begin(cpr);
        self.civil(&person.civil);
        self.record(Kind::CivilStatuses);
        for child in self.persons.iter().filter(|child| child.mother == Some(place) || child.father == Some(place)) {
            self.begin(cpr);
            self.number(Field::Child, child.cpr);
            self.record(Kind::Children);
        }
        self.begin(cpr);
        for (field, parent) in [(Field::Mother, person.mother), (Field::Father, person.father)] {
            match parent {
                Some(parent) => self.number(field, self.persons[parent].cpr),
                None => self.cells.text(field, b"0000000000"),
            }
        }
        self.record(Kind::Parents);
        for (holds, code) in [(person.custody.0, b"0003"), (person.custody.1, b"0004")] {
            if holds {
                self.begin(cpr);
                self.cells.text(Field::CustodyType, code);
                self.date(Field::From, person.born, DateForm::Iso);
                self.record(Kind::Custody);
            }
        }
        if let Some(former) = person.former {
            self.cells.clear();
            self.number(Field::CurrentNumber, cpr);
            self.number(Field::FormerNumber, former);
            self.date(Field::To, person.born.plus(200), DateForm::Iso);
            self.record(Kind::FormerNumbers);
        }
        for home in &person.homes {
            if let Some(to) = home.to {
                self.begin(cpr);
                self.address(home);
                self.date(Field::To, to, DateForm::Moment);
                self.record(Kind::AddressHistory);
            }
        }
        if let Some((civil, until)) = &person.former_civil {
            self.begin(cpr);
            self.civil(civil);
            self.date(Field::To, *until, DateForm::Moment);
            self.record(Kind::CivilStatusHistory);
        }
        if let Some(former) = person.former {
            self.main(person, former, Some(cpr), b"60", person.born.plus(200));
        }
    }

    fn main(&mut self, person: &Person, cpr: Cpr, current: Option<Cpr>, status: &[u8], since: Date) {
        self.begin(cpr);
        if let Some(current) = current {
            self.number(Field::CurrentNumber, current);
        }
        self.facts(person, status, since, DateForm::Moment);
        self.record(Kind::Persons);
    }

    fn facts(&mut self, person: &Person, status: &[u8], since: Date, form: DateForm) {
        self.cells.text(Field::Status, status);
        self.date(Field::From, since, form);
        self.cells.text(Field::Sex, if person.sex == Sex::Male { b"M" } else { b"K" });
        self.date(Field::Born, person.born, DateForm::Iso);
    }

    fn civil(&mut self, civil: &Civil) {
        self.cells.text(Field::CivilStatus, &[civil.code]);
        if let Some(spouse) = civil.spouse {
            self.number(Field::Spouse, self.persons[spouse].cpr);
        }
        self.date(Field::From, civil.from, DateForm::Moment);
    }

    fn address(&mut self, home: &Home) {
        self.place(home);
        self.date(Field::From, home.from, DateForm::Moment);
    }

    fn place(&mut self, home: &Home) {
        let parts = home.address.parts();
        self.cells.set(Field::Municipality, |out| write_padded(out, parts.municipality.into(), 4));
        self.cells.set(Field::Road, |out| write_padded(out, parts.road.into(), 4));
        if parts.house.0 > 0 {
            self.cells.set(Field::House, |out| {
                write_padded(out, parts.house.0.into(), 3);
                out.extend(parts.house.1);
            });
        }
        self.cells.text(Field::Floor, parts.floor.as_bytes());
        match parts.door {
            Door::None => {}
            Door::Side(side) => self.cells.set(Field::Door, |out| {
                out.extend(b"  ");
                out.extend(side.as_bytes());
            }),
            Door::Number(number) => self.cells.set(Field::Door, |out| write_padded(out, number.into(), 4)),
        }
    }

    /// Text in ISO 8859-1, as the register's files have it; the names have no other letters.
    fn latin(&mut self, field: Field, text: &str) {
        self.cells.set(field, |out| {
            out.extend(text.chars().map(|symbol| u8::try_from(u32::from(symbol)).unwrap_or(b'?')));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::files::Tables;

    #[test]
    fn start_and_end_stand_at_their_positions() {
        let tables = Tables::shipped().expect("shipped");
        let records = tables.records().expect("shipped");
        let produced = Date::parse_iso("2025-01-05").expect("a date");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("ASCII");
        assert_eq!(text(start(records, produced)), format!("000{}20250105\n", " ".repeat(16)));
        assert_eq!(text(end(records, 1_098)), format!("999{}00001098\n", " ".repeat(10)));
    }
}
