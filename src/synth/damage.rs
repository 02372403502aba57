//! What happens to rows on their way: the damage that `linkage` must live with, each piece noted with its truth.

use super::{
    files::{File, Pages},
    names,
    person::Person,
    random::Draws,
    world::Damage,
};
use crate::layout::{Cells, DateForm, Field, NumberForm, read_date, write_date, write_person};

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
    Missing,
    Encoding,
    SpreadsheetDate,
    Rounded,
    Draft,
}

const HARMS: [Harm; 12] = [
    Harm::LostZero,
    Harm::Dressing,
    Harm::Swapped,
    Harm::Mistyped,
    Harm::FormerNumber,
    Harm::Replacement,
    Harm::InText,
    Harm::Missing,
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
            Self::Missing => "nummer-mangler-navn-og-foedselsdato-i-tekst",
            Self::Encoding => "windows-1252-i-utf-8",
            Self::SpreadsheetDate => "regnearksdato",
            Self::Rounded => "regnearkstal",
            Self::Draft => "kladde",
        }
    }
}

/// Damages a row about a person or lets it be. Says whether a draft of it is to follow.
pub fn harm(
    damage: Damage,
    draws: &mut Draws,
    file: File,
    person: (u64, &Person),
    cells: &mut Cells,
    pages: &mut Pages,
) -> bool {
    let (number, person) = person;
    let in_100_000 = damage.in_100_000() * 12;
    if in_100_000 == 0 || !draws.chance(in_100_000) {
        return false;
    }
    let mut harm = *draws.pick(&HARMS);
    // The column of free text among those that the layout does not describe.
    let text = match file {
        File::Postings | File::Supplements => Some(0),
        File::Measures => Some(2),
        _ => None,
    };
    let digits = person.cpr.digits();
    let possible = match harm {
        Harm::LostZero => digits[0] == b'0',
        Harm::FormerNumber => person.former.is_some(),
        Harm::InText => file == File::Postings,
        Harm::Missing => text.is_some(),
        Harm::Draft => matches!(file, File::Grants | File::Measures),
        Harm::SpreadsheetDate => file != File::Weekly,
        _ => true,
    };
    if !possible {
        harm = Harm::Dressing;
    }
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
            cells.replace_further(text.unwrap_or(0), &words);
        }
        Harm::Missing => {
            let mut words = names::given(person.sex, person.given).as_bytes().to_vec();
            words.push(b' ');
            words.extend(names::surname(person.surname).bytes());
            words.extend(b" f. ");
            write_date(&mut words, person.born, DateForm::Hyphens);
            no_number(cells);
            cells.replace_further(text.unwrap_or(0), &words);
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
            ] {
                let latin = latin(cells.get(field));
                cells.text(field, &latin);
            }
            for column in 0..4 {
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
    pages.damages.push((file, line, harm.code(), number));
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
