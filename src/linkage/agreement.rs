//! How far a row and a person of the register agree about name, birth date and sex.

use crate::{
    domain::{Date, PersonId, Precision, Sex},
    ingest::Clues,
    matching::{edits, fold},
    register::{PersonNames, Population},
};

/// How far two values agree. The order is that of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Both are known and have nothing to do with each other.
    Different,
    /// One of the two is not known.
    Missing,
    /// One slip of the pen apart, an initial, day and month swapped.
    Near,
    /// Alike.
    Same,
}

impl Level {
    /// Whether the two are alike but for a slip.
    #[must_use]
    pub const fn agrees(self) -> bool {
        matches!(self, Self::Near | Self::Same)
    }
}

/// How far a row and a person agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Agreement {
    /// First names: one of the row's is one of the person's.
    pub given: Level,
    /// Surname: one of the row's words is one of the person's.
    pub surname: Level,
    /// Birth date.
    pub born: Level,
    /// Sex.
    pub sex: Level,
}

/// How well an agreement confirms that a damaged number is the person's. The order is that of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confirmation {
    /// The birth date, and the row has no name.
    Born,
    /// First name and surname, and the row has no birth date.
    Name,
    /// First name and birth date; the surname is another (marriage) or missing.
    GivenAndBorn,
    /// All of them.
    NameAndBorn,
}

impl Agreement {
    /// Whether the row is somebody else: neither name nor birth date is the person's, nor does the sex speak for it
    /// (`linkage.md`: right number, wrong person). A surname that agrees does not help: a household shares it.
    #[must_use]
    pub fn vetoes(self) -> bool {
        let other_name = self.given == Level::Different || self.given.agrees() && self.surname == Level::Different;
        other_name && self.born == Level::Different && self.sex != Level::Same
    }

    /// Whether anything on the row speaks against the person.
    #[must_use]
    pub fn doubts(self) -> bool {
        self.given == Level::Different || self.born == Level::Different || self.sex == Level::Different
    }

    /// What confirms a damaged number, if anything: nothing may contradict. A slip in one attribute counts only where
    /// another is alike.
    #[must_use]
    pub fn confirmation(self) -> Option<Confirmation> {
        if self.given == Level::Different || self.born == Level::Different || self.sex == Level::Different {
            return None;
        }
        let alike = [self.given, self.surname, self.born].contains(&Level::Same);
        match (self.given.agrees(), self.surname, self.born.agrees()) {
            (true, surname, true) if surname.agrees() && alike => Some(Confirmation::NameAndBorn),
            (true, _, true) if alike => Some(Confirmation::GivenAndBorn),
            (true, surname, false) if surname.agrees() && alike => Some(Confirmation::Name),
            (false, Level::Missing, true) if self.born == Level::Same => Some(Confirmation::Born),
            _ => None,
        }
    }

    /// How many of the values are alike to the letter: tells `Anna` from `Anne` among twins.
    #[must_use]
    pub fn exactness(self) -> usize {
        [self.given, self.surname, self.born].into_iter().filter(|level| *level == Level::Same).count()
    }
}

/// A row's attributes, folded once and held against many persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// First names, or all words of a name in one column.
    given: Vec<String>,
    /// Words of the surname; empty when the name stands in one column.
    surname: Vec<String>,
    /// Whether any word may be first name or surname.
    mixed: bool,
    pub(super) born: Option<Date>,
    sex: Option<Sex>,
}

impl Attributes {
    pub(super) fn of(clues: &Clues) -> Self {
        let apart = !clues.given.is_empty() || !clues.surname.is_empty();
        let (given, surname, mixed) = match clues.name.split_once(',') {
            _ if apart => (words(&clues.given), words(&clues.surname), false),
            Some((surname, given)) => (words(given), words(surname), false),
            None => (words(&clues.name), Vec::new(), true),
        };
        Self { given, surname, mixed, born: clues.born, sex: clues.sex }
    }

    /// A name and a birth date that a text tells.
    pub(super) fn told(name: &str, born: Date) -> Self {
        Self { given: words(name), surname: Vec::new(), mixed: true, born: Some(born), sex: None }
    }

    /// Whether there is a name.
    pub(super) const fn has_name(&self) -> bool {
        !self.given.is_empty() || !self.surname.is_empty()
    }

    /// Words that may be a first name, and words that may be a surname.
    pub(super) fn name_words(&self) -> (&[String], &[String]) {
        (&self.given, if self.mixed { &self.given } else { &self.surname })
    }

    /// How far the row and a person of the register agree.
    pub(super) fn against(&self, person: u32, population: &Population, names: &PersonNames) -> Agreement {
        let id = PersonId(person);
        let known = names.of(person).map(|(given, surname)| self.name_against(&words(given), &words(surname)));
        let (given, surname) = known.max().unwrap_or((Level::Missing, Level::Missing));
        let born = population.born(id).filter(|born| born.precision == Precision::Day && !born.uncertain);
        Agreement {
            given,
            surname,
            born: match (self.born, born) {
                (Some(one), Some(other)) => dates(one, other.date),
                _ => Level::Missing,
            },
            sex: match self.sex {
                None => Level::Missing,
                Some(sex) if sex == population.sex(id) => Level::Same,
                Some(_) => Level::Different,
            },
        }
    }

    fn name_against(&self, given: &[String], surname: &[String]) -> (Level, Level) {
        if self.mixed {
            // Each word of the row stands for one word of the person only.
            let split = |place: usize| {
                let first = best_of(&self.given[place..=place], given);
                let rest = self.given.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, word)| word.clone());
                (first, best_of(&rest.collect::<Vec<String>>(), surname))
            };
            return (0..self.given.len()).map(split).max().unwrap_or((Level::Missing, Level::Missing));
        }
        let straight = (best_of(&self.given, given), best_of(&self.surname, surname));
        let swapped = (best_of(&self.given, surname), best_of(&self.surname, given));
        let is_swapped = swapped.0.agrees() && swapped.1.agrees() && !straight.0.agrees();
        if is_swapped { (Level::Near, Level::Near) } else { straight }
    }
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn best_of(row: &[String], person: &[String]) -> Level {
    let pairs = row.iter().flat_map(|one| person.iter().map(move |other| word(one, other)));
    pairs.max().unwrap_or(Level::Missing)
}

fn word(one: &str, other: &str) -> Level {
    let shortest = one.len().min(other.len());
    if one == other {
        Level::Same
    } else if shortest == 1 && one.as_bytes()[0] == other.as_bytes()[0]
        || shortest >= 4 && edits(one.as_bytes(), other.as_bytes(), 1) <= 1
    {
        Level::Near
    } else {
        Level::Different
    }
}

/// Day and month swapped, one digit wrong or two neighbours swapped is near.
fn dates(one: Date, other: Date) -> Level {
    if one == other {
        return Level::Same;
    }
    let ((year, month, day), (other_year, other_month, other_day)) = (one.ymd(), other.ymd());
    let digits = |(year, month, day): (i16, u8, u8)| format!("{year:04}{month:02}{day:02}");
    let is_slip = edits(digits(one.ymd()).as_bytes(), digits(other.ymd()).as_bytes(), 1) <= 1;
    if is_slip || year == other_year && month == other_day && day == other_month {
        Level::Near
    } else {
        Level::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clues(given: &str, surname: &str, name: &str) -> Clues {
        Clues { given: given.into(), surname: surname.into(), name: name.into(), ..Clues::default() }
    }

    #[test]
    fn names_agree_word_by_word() {
        use Level::{Different, Missing, Near, Same};
        for (given, surname, name, expected) in [
            ("Åse", "Holm", "", (Same, Same)),
            ("AASE MARIE", "Dal Holm", "", (Same, Same)),
            ("Åse", "", "", (Same, Missing)),
            ("", "Holm", "", (Missing, Same)),
            ("", "", "Åse Holm", (Same, Same)),
            ("", "", "Holm, Åse M.", (Same, Same)),
            ("", "", "Holm Aase", (Same, Same)),
            ("Holm", "Åse", "", (Near, Near)),
            ("M", "Holm", "", (Near, Same)),
            ("Marje", "Holmm", "", (Near, Near)),
            ("Bo", "Holm", "", (Different, Same)),
            ("", "", "Bo Holm", (Different, Same)),
            ("", "", "Bo Dal", (Different, Different)),
            ("", "", "", (Missing, Missing)),
        ] {
            let row = Attributes::of(&clues(given, surname, name));
            let found = row.name_against(&words("Åse Marie"), &words("Holm"));
            assert_eq!(found, expected, "{given}|{surname}|{name}");
        }
    }

    #[test]
    fn a_slip_in_a_birth_date_is_near() {
        let day = |text: &str| Date::parse_iso(text).expect("a date");
        for (other, level) in [
            ("1980-02-09", Level::Same),
            ("1980-09-02", Level::Near),
            ("1981-02-09", Level::Near),
            ("1908-02-09", Level::Near),
            ("1980-02-19", Level::Near),
            ("1981-02-19", Level::Different),
            ("1975-11-30", Level::Different),
        ] {
            assert_eq!(dates(day("1980-02-09"), day(other)), level, "{other}");
        }
    }

    #[test]
    fn what_confirms_and_what_vetoes() {
        use Level::{Different, Missing, Near, Same};
        let agreement = |given, surname, born, sex| Agreement { given, surname, born, sex };
        for (found, confirmation, vetoes) in [
            (agreement(Same, Same, Same, Missing), Some(Confirmation::NameAndBorn), false),
            (agreement(Near, Same, Near, Same), Some(Confirmation::NameAndBorn), false),
            (agreement(Same, Different, Same, Missing), Some(Confirmation::GivenAndBorn), false),
            (agreement(Same, Same, Missing, Missing), Some(Confirmation::Name), false),
            (agreement(Missing, Missing, Same, Missing), Some(Confirmation::Born), false),
            (agreement(Missing, Missing, Near, Missing), None, false),
            (agreement(Same, Missing, Missing, Missing), None, false),
            (agreement(Near, Near, Missing, Missing), None, false),
            (agreement(Different, Same, Same, Missing), None, false),
            (agreement(Same, Same, Different, Missing), None, false),
            (agreement(Same, Same, Same, Different), None, false),
            (agreement(Missing, Missing, Missing, Missing), None, false),
            (agreement(Different, Different, Different, Missing), None, true),
            (agreement(Different, Same, Different, Different), None, true),
            (agreement(Different, Different, Different, Same), None, false),
            (agreement(Same, Different, Different, Missing), None, true),
            (agreement(Same, Same, Different, Different), None, false),
            (agreement(Same, Missing, Different, Missing), None, false),
            (agreement(Different, Different, Near, Missing), None, false),
            (agreement(Different, Different, Missing, Different), None, false),
        ] {
            assert_eq!((found.confirmation(), found.vetoes()), (confirmation, vetoes), "{found:?}");
        }
    }
}
