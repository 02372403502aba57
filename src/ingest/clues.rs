//! What a row tells of its citizen beside a number that a look-up settles: for linkage alone, behind the wall.

use std::fmt;

use super::record::Record;
use crate::{
    domain::{Date, Sex},
    layout::{Field, number_as_written, read_damaged_number, read_date},
};

/// The attributes of a row's citizen as written. `Debug` prints none of them.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clues {
    /// Digits and letters of the number, cleaned; empty when there is none or it is beyond reading.
    pub number: Box<str>,
    /// First names in a column of their own.
    pub given: Box<str>,
    /// Surname, middle names before it, in columns of their own.
    pub surname: Box<str>,
    /// The whole name in one column.
    pub name: Box<str>,
    /// Birth date.
    pub born: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Posting text or remark.
    pub text: Box<str>,
}

impl fmt::Debug for Clues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clues(**********)")
    }
}

/// Which of a row's cells are about its citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// All: the row is about the citizen of its number.
    Citizen,
    /// The text only: the number is by its code somebody else's, such as a supplier's.
    Text,
    /// None: the row is known to be about no citizen.
    Nobody,
}

/// The columns that tell of a citizen beside the number.
const ATTRIBUTES: [Field; 4] = [Field::Name, Field::GivenName, Field::Surname, Field::Born];

/// A text with fewer digits than a number (or a birth date) holds none.
const FEWEST_DIGITS: usize = 6;

impl Record<'_> {
    /// Whether the row tells its citizen's name or birth date.
    #[must_use]
    pub fn tells_attributes(&self) -> bool {
        ATTRIBUTES.iter().any(|field| !self.is_blank(*field))
    }

    /// Whether the row's text may hold a number or a birth date.
    #[must_use]
    pub fn text_may_tell(&self) -> bool {
        self.cell(Field::Text).iter().filter(|byte| byte.is_ascii_digit()).count() >= FEWEST_DIGITS
    }

    /// Whether the number, which is none, may be a damaged one that the rest of the row can confirm.
    pub(super) fn may_be_repaired(&self) -> bool {
        (self.tells_attributes() || self.text_may_tell()) && read_damaged_number(self.cell(Field::Person)).is_some()
    }

    /// All that the row tells of its citizen.
    #[must_use]
    pub fn clues(&self, sought: Sought) -> Box<Clues> {
        let text = |field| Box::from(&*self.text(field));
        Box::new(match sought {
            Sought::Nobody => Clues::default(),
            Sought::Text => Clues { text: text(Field::Text), ..Clues::default() },
            Sought::Citizen => {
                let (middle, surname) = (self.text(Field::MiddleName), self.text(Field::Surname));
                Clues {
                    number: number_as_written(self.cell(Field::Person)).into(),
                    given: text(Field::GivenName),
                    surname: if middle.is_empty() { surname.into() } else { format!("{middle} {surname}").into() },
                    name: text(Field::Name),
                    born: read_date(self.cell(Field::Born)),
                    sex: match self.cell(Field::Sex) {
                        [b'M' | b'm', ..] => Some(Sex::Male),
                        [b'K' | b'k', ..] => Some(Sex::Female),
                        _ => None,
                    },
                    text: text(Field::Text),
                }
            }
        })
    }
}
