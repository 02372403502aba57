//! What happens to rows on their way: the damage that `linkage` must live with, each piece noted with its truth.

use super::{
    facit,
    files::{Beside, Columns, File, Pages},
    names,
    person::Person,
    random::Draws,
    world::Damage,
};
use crate::{
    domain::Cpr,
    layout::{Cells, DateForm, Field, NumberForm, read_date, write_date, write_person},
};

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    LostZero,
    Dressing,
    Swapped,
    Mistyped,
    FormerNumber,
    Replacement,
    InText,
    TwoInText,
    Missing,
    OtherPerson,
    Encoding,
    SpreadsheetDate,
    Rounded,
    Draft,
}

const HARMS: [Harm; 14] = [
    Harm::LostZero,
    Harm::Dressing,
    Harm::Swapped,
    Harm::Mistyped,
    Harm::FormerNumber,
    Harm::Replacement,
    Harm::InText,
    Harm::TwoInText,
    Harm::Missing,
    Harm::OtherPerson,
    Harm::Encoding,
    Harm::SpreadsheetDate,
    Harm::Rounded,
    Harm::Draft,
];

impl Harm {
    const fn code(self) -> &'static str {
        match self {
            Self::LostZero => "tabt-nul",
            Self::Dressing => "bindestreg-blanke-citationstegn",
            Self::Swapped => "ombyttede-cifre",
            Self::Mistyped => "fejltastet-ciffer",
            Self::FormerNumber => "tidligere-nummer",
            Self::Replacement => "erstatningsnummer",
            Self::InText => "nummer-i-tekst",
            Self::TwoInText => "to-numre-i-tekst",
            Self::Missing => "nummer-mangler",
            Self::OtherPerson => "en-andens-nummer",
            Self::Encoding => "windows-1252-i-utf-8",
            Self::SpreadsheetDate => "regnearksdato",
            Self::Rounded => "regnearkstal",
            Self::Draft => "kladde",
        }
    }
}

/// The row that may be damaged: its file and the person it is truly about.
#[derive(Clone, Copy)]
pub struct Victim<'a> {
    /// The file.
    pub file: File,
    /// Its columns beside those of the layout.
    pub columns: &'a Columns,
    /// The block.
    pub block: u32,
    /// The persons of the block.
    pub persons: &'a [Person],
    /// The person, by place.
    pub place: usize,
}

impl Victim<'_> {
    fn person(&self) -> &Person {
        &self.persons[self.place]
    }

    fn can_suffer(&self, harm: Harm) -> bool {
        let has_text = self.columns.has(Beside::Text);
        let has_name = self.columns.has(Beside::GivenName);
        match harm {
            Harm::LostZero => self.person().cpr.digits()[0] == b'0',
            Harm::FormerNumber => self.person().former.is_some(),
            Harm::InText => self.file == File::Postings,
            Harm::TwoInText => self.file == File::Postings && self.persons.len() > 1,
            Harm::Missing => has_text || has_name,
            Harm::OtherPerson => has_name && self.persons.len() > 1,
            Harm::Draft => matches!(self.file, File::Grants | File::Measures),
            Harm::SpreadsheetDate => self.file != File::Weekly,
            _ => true,
        }
    }

    /// Somebody else of the block, often of the same household.
    fn other(&self, draws: &mut Draws) -> Cpr {
        let count = self.persons.len();
        let step =
            if draws.below(2) == 0 { 1 } else { 1 + draws.below(u32::try_from(count - 1).unwrap_or(1)) as usize };
        self.persons[(self.place + step) % count].cpr
    }
}

/// Damages a row about a person or lets it be. Says whether a draft of it is to follow.
pub fn harm(damage: Damage, draws: &mut Draws, victim: Victim<'_>, cells: &mut Cells, pages: &mut Pages) -> bool {
    if damage == Damage::None || !draws.chance(damage.in_100_000()) {
        return false;
    }
    let (file, columns, person) = (victim.file, victim.columns, victim.person());
    let mut possible = [Harm::Dressing; HARMS.len()];
    let mut count = 0;
    for harm in HARMS.into_iter().filter(|harm| victim.can_suffer(*harm)) {
        possible[count] = harm;
        count += 1;
    }
    let harm = *draws.pick(&possible[..count]);
    let digits = person.cpr.digits();
    match harm {
        Harm::LostZero => cells.text(Field::Person, &digits[1..]),
        Harm::Dressing => {
            let (day, serial) = (&digits[..6], &digits[6..]);
            let parts: [&[u8]; 5] = match draws.below(4) {
                0 => [b"", day, b"-", serial, b" "],
                1 => [b" ", day, b" ", serial, b""],
                2 => [b"'", day, b"-", serial, b"'"],
                _ => [b"", day, " \u{2013} ".as_bytes(), serial, b""],
            };
            cells.text(Field::Person, &parts.concat());
        }
        Harm::Swapped | Harm::Mistyped => cells.text(Field::Person, &mistyped(draws, digits, harm)),
        Harm::FormerNumber => {
            if let Some(former) = person.former {
                cells.set(Field::Person, |out| write_person(out, former, NumberForm::Plain));
            }
        }
        Harm::Replacement => {
            let mut replaced = digits;
            replaced[0] += 6;
            cells.text(Field::Person, &replaced);
        }
        Harm::InText => {
            let mut words = b"Ophold ".to_vec();
            write_person(&mut words, person.cpr, NumberForm::Hyphen);
            words.extend(b" jan");
            no_number(cells);
            columns.set(Beside::Text, &words, cells);
        }
        Harm::TwoInText => {
            let other = victim.other(draws);
            let both = if draws.below(2) == 0 { [person.cpr, other] } else { [other, person.cpr] };
            let mut words = b"Ophold ".to_vec();
            write_person(&mut words, both[0], NumberForm::Hyphen);
            words.extend(b" og ");
            write_person(&mut words, both[1], NumberForm::Hyphen);
            no_number(cells);
            columns.set(Beside::Text, &words, cells);
        }
        Harm::Missing => {
            no_number(cells);
            // Where name and birth date have columns of their own, they stand there already.
            if !columns.has(Beside::GivenName) {
                let mut words = names::given(person.sex, person.given).as_bytes().to_vec();
                words.push(b' ');
                words.extend(names::surname(person.surname).bytes());
                words.extend(b" f. ");
                write_date(&mut words, person.born, DateForm::Hyphens);
                columns.set(Beside::Text, &words, cells);
            }
        }
        Harm::OtherPerson => {
            let other = victim.other(draws);
            cells.set(Field::Person, |out| write_person(out, other, NumberForm::Plain));
        }
        Harm::Encoding => {
            for field in [
                Field::Status,
                Field::ServiceType,
                Field::Offer,
                Field::Unit,
                Field::Frequency,
                Field::ServiceName,
                Field::Institution,
                Field::GivenName,
                Field::Surname,
            ] {
                let latin = latin(cells.get(field));
                cells.text(field, &latin);
            }
            for column in 0..file.beside().len() {
                let latin = latin(cells.get_further(column));
                cells.replace_further(column, &latin);
            }
        }
        Harm::SpreadsheetDate => {
            for field in [Field::From, Field::To, Field::Posted] {
                if let Some(date) = read_date(cells.get(field)) {
                    cells.set(field, |out| write_date(out, date, DateForm::Serial));
                }
            }
        }
        Harm::Rounded => cells.text(Field::Person, &[&digits[..1], b",", &digits[1..6], b"E+09"].concat()),
        Harm::Draft => {}
    }
    let line = pages.lines[file as usize] + 1 + u64::from(harm == Harm::Draft);
    pages.damages.push((file, line, harm.code(), facit::person_number(victim.block, victim.place)));
    harm == Harm::Draft
}

fn no_number(cells: &mut Cells) {
    cells.text(Field::Person, b"");
    cells.text(Field::PersonCode, b"");
}

fn mistyped(draws: &mut Draws, mut digits: [u8; 10], harm: Harm) -> [u8; 10] {
    if harm == Harm::Swapped {
        let start = draws.below(9) as usize;
        let differs = |at: &usize| digits[*at] != digits[*at + 1];
        let at = (0..9).map(|step| (start + step) % 9).find(differs).unwrap_or(0);
        digits.swap(at, at + 1);
    } else {
        let at = draws.below(10) as usize;
        let other = (digits[at] - b'0' + 1 + u8::try_from(draws.below(9)).unwrap_or(0)) % 10;
        digits[at] = b'0' + other;
    }
    digits
}

/// Windows-1252 for text that has no letters beyond Latin-1; other text stays.
fn latin(text: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(text) {
        Ok(utf8) => utf8.chars().map(|symbol| u8::try_from(u32::from(symbol)).unwrap_or(b'?')).collect(),
        Err(_) => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::random::Stream;

    #[test]
    fn a_wrong_number_differs_in_one_place_or_two_neighbours() {
        let mut draws = Draws::of(1, Stream::Damage, 0);
        for _ in 0..500 {
            let digits = *b"0907614673";
            let differing = |wrong: [u8; 10]| (0..10).filter(|at| wrong[*at] != digits[*at]).count();
            assert_eq!(differing(mistyped(&mut draws, digits, Harm::Mistyped)), 1);
            assert_eq!(differing(mistyped(&mut draws, digits, Harm::Swapped)), 2);
        }
        assert_eq!(latin("Måned".as_bytes()), b"M\xe5ned");
    }
}
