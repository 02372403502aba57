//! What is compared about two rows, and at which level they agree. A level is a small number: 0 when a value is missing
//! on either side, 1 for full agreement, the last one for disagreement.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{
    kind::Kind,
    records::{Field, Records, Values},
    similarity::{edits, edits_masked, jaro_winkler, upper_bound},
};

/// The most comparisons a pair can have: a vector of levels is packed into 64 bits.
pub const MOST: usize = 16;

/// One comparison of two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// Given names; the family name's field tells whether the two were swapped.
    Given(usize, Option<usize>),
    /// Family names; swapped ones are counted with the given names.
    Family(usize, Option<usize>),
    /// Middle names or initials.
    Middle(usize),
    /// Dates.
    Date(usize),
    /// Numbers of one person, telephone numbers.
    Number(usize, Kind),
    /// Road, house number, flat, post box.
    Address(Address),
    /// Post code, town, region.
    Locality([Option<usize>; 3]),
    /// E-mail addresses.
    Email(usize),
    /// Short codes.
    Code(usize, Kind),
    /// Longer texts.
    Text(usize),
}

/// The fields of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    street: Option<usize>,
    number: Option<usize>,
    unit: Option<usize>,
    post_box: Option<usize>,
}

impl Address {
    /// The field whose values tell how common the address is.
    const fn rarest(self) -> Option<usize> {
        match self.street {
            Some(street) => Some(street),
            None => self.post_box,
        }
    }
}

const NAME: &[&str] =
    &["mangler", "ens", "næsten ens", "del eller form af navnet", "ligner", "ombyttet", "ligner lidt", "forskelligt"];
const MIDDLE: &[&str] = &["mangler", "ens", "samme begyndelsesbogstav", "forskelligt"];
const DATE: &[&str] =
    &["mangler", "ens", "et ciffer", "dag og måned ombyttet", "to af tre dele", "to cifre", "samme år", "forskellig"];
const NUMBER: &[&str] = &["mangler", "ens", "en rettelse", "to rettelser", "forskelligt"];
const ADDRESS: &[&str] =
    &["mangler", "ens", "næsten ens", "anden dør", "samme vej", "lignende vej", "samme husnummer", "forskellig"];
const LOCALITY: &[&str] = &["mangler", "ens", "delvis ens", "næsten ens", "samme region", "forskellig"];
const EMAIL: &[&str] = &["mangler", "ens", "samme navn", "ligner", "forskellig"];
const CODE: &[&str] = &["mangler", "ens", "en rettelse", "forskellig"];
const TEXT: &[&str] = &["mangler", "ens", "næsten ens", "ligner", "forskellig"];

impl Comparison {
    /// The comparisons that a set of fields calls for, in the order of the fields.
    #[must_use]
    pub fn of(records: &Records, apart: bool) -> Vec<Self> {
        let first = |kind| records.field(kind);
        let mut found = Vec::new();
        let (mut address, mut locality) = (false, false);
        for (place, field) in records.fields.iter().enumerate() {
            if field.values.is_empty() || field.values.len() == 2 && !has_gaps(field) {
                continue;
            }
            let is_first = first(field.kind) == Some(place);
            let comparison = match field.kind {
                Kind::Given if is_first => Self::Given(place, first(Kind::Family)),
                Kind::Family if is_first => Self::Family(place, first(Kind::Given)),
                Kind::Middle => Self::Middle(place),
                Kind::Date => Self::Date(place),
                Kind::Id | Kind::Phone => Self::Number(place, field.kind),
                Kind::Number | Kind::Unit | Kind::PostBox if apart => Self::Code(place, field.kind),
                Kind::Street | Kind::Number | Kind::Unit | Kind::PostBox if is_first && !apart => {
                    if std::mem::replace(&mut address, true) {
                        continue;
                    }
                    Self::Address(Address {
                        street: first(Kind::Street),
                        number: first(Kind::Number),
                        unit: first(Kind::Unit),
                        post_box: first(Kind::PostBox),
                    })
                }
                Kind::Postcode | Kind::City | Kind::Region if is_first => {
                    if std::mem::replace(&mut locality, true) {
                        continue;
                    }
                    Self::Locality([first(Kind::Postcode), first(Kind::City), first(Kind::Region)])
                }
                Kind::Email => Self::Email(place),
                Kind::Sex | Kind::Code => Self::Code(place, field.kind),
                // A text, or a second column of a kind that is compared once.
                _ => Self::Text(place),
            };
            found.push(comparison);
        }
        found.truncate(MOST);
        found
    }

    /// The Danish names of the levels, the missing value first.
    #[must_use]
    pub const fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Given(..) | Self::Family(..) => NAME,
            Self::Middle(_) => MIDDLE,
            Self::Date(_) => DATE,
            Self::Number(..) => NUMBER,
            Self::Address(_) => ADDRESS,
            Self::Locality(_) => LOCALITY,
            Self::Email(_) => EMAIL,
            Self::Code(..) => CODE,
            Self::Text(_) => TEXT,
        }
    }

    /// What the comparison is called in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Given(..) => "fornavn",
            Self::Family(..) => "efternavn",
            Self::Middle(_) => "mellemnavn",
            Self::Date(_) => "dato",
            Self::Number(_, kind) | Self::Code(_, kind) => kind.name(),
            Self::Address(_) => "adresse",
            Self::Locality(_) => "sted",
            Self::Email(_) => "email",
            Self::Text(_) => "tekst",
        }
    }

    /// The level at which all disagree.
    #[must_use]
    pub fn last(self) -> u8 {
        u8::try_from(self.levels().len() - 1).unwrap_or(u8::MAX)
    }

    /// Whether two members of one household agree about it no more than any two persons do.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Given(..) | Self::Middle(_) | Self::Date(_))
    }

    /// Whether members of one household share it.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Family(..) | Self::Address(_) | Self::Locality(_) | Self::Number(_, Kind::Phone))
    }

    /// The field by whose values full agreement weighs more or less.
    #[must_use]
    pub const fn frequency(self) -> Option<usize> {
        match self {
            Self::Given(field, _)
            | Self::Family(field, _)
            | Self::Middle(field)
            | Self::Date(field)
            | Self::Number(field, _)
            | Self::Email(field)
            | Self::Code(field, _)
            | Self::Text(field) => Some(field),
            Self::Address(address) => address.rarest(),
            Self::Locality([postcode, city, region]) => match (postcode, city) {
                (Some(field), _) | (None, Some(field)) => Some(field),
                (None, None) => region,
            },
        }
    }

    /// Whether the fields that it looks at are there, as they were when it was made.
    #[must_use]
    pub fn fits(self, fields: &[Field]) -> bool {
        let is = |field: usize, kind: Kind| fields.get(field).is_some_and(|found| found.kind == kind);
        let is_or_absent = |field: Option<usize>, kind| field.is_none_or(|field| is(field, kind));
        match self {
            Self::Given(field, partner) => is(field, Kind::Given) && is_or_absent(partner, Kind::Family),
            Self::Family(field, partner) => is(field, Kind::Family) && is_or_absent(partner, Kind::Given),
            Self::Middle(field) => is(field, Kind::Middle),
            Self::Date(field) => is(field, Kind::Date),
            Self::Number(field, kind) | Self::Code(field, kind) => is(field, kind),
            Self::Email(field) => is(field, Kind::Email),
            Self::Text(field) => field < fields.len(),
            Self::Address(address) => {
                is_or_absent(address.street, Kind::Street)
                    && is_or_absent(address.number, Kind::Number)
                    && is_or_absent(address.unit, Kind::Unit)
                    && is_or_absent(address.post_box, Kind::PostBox)
            }
            Self::Locality([postcode, city, region]) => {
                is_or_absent(postcode, Kind::Postcode)
                    && is_or_absent(city, Kind::City)
                    && is_or_absent(region, Kind::Region)
            }
        }
    }

    /// The level at which two rows agree.
    #[must_use]
    pub fn level(self, fields: &[Field], one: &[u32], other: &[u32]) -> u8 {
        let pair = |field: usize| (&fields[field].values, one[field], other[field]);
        match self {
            Self::Given(field, family) => {
                let level = name(pair(field));
                if level > 2 && swapped(fields, one, other, field, family) { 5 } else { level }
            }
            Self::Family(field, given) => {
                let level = name(pair(field));
                if level > 2 && swapped(fields, one, other, field, given) { 0 } else { level }
            }
            Self::Middle(field) => middle(pair(field)),
            Self::Date(field) => date(pair(field)),
            Self::Number(field, _) => number(pair(field)),
            Self::Address(address) => address_level(address, fields, one, other),
            Self::Locality(parts) => locality(parts, fields, one, other),
            Self::Email(field) => email(pair(field)),
            Self::Code(field, kind) => code(pair(field), kind),
            Self::Text(field) => text(pair(field)),
        }
    }
}

fn has_gaps(field: &Field) -> bool {
    field.values.counts[0] > 0
}

/// The levels of all comparisons, four bits each.
#[must_use]
pub fn vector(comparisons: &[Comparison], fields: &[Field], one: &[u32], other: &[u32]) -> u64 {
    let mut packed = 0;
    for (place, comparison) in comparisons.iter().enumerate() {
        packed |= u64::from(comparison.level(fields, one, other)) << (4 * place);
    }
    packed
}

/// The level of one comparison in a packed vector.
#[must_use]
pub const fn unpack(vector: u64, place: usize) -> usize {
    (vector >> (4 * place) & 15) as usize
}

type Pair<'a> = (&'a Values, u32, u32);

fn known((_, one, other): Pair<'_>) -> Option<u8> {
    match (one, other) {
        (0, _) | (_, 0) => Some(0),
        _ if one == other => Some(1),
        _ => None,
    }
}

/// Jaro-Winkler similarity when it can reach the floor, else 0.
fn alike((values, one, other): Pair<'_>, floor: f64) -> f64 {
    let (one, other) = (values.masked(one), values.masked(other));
    if upper_bound(one, other) < floor { 0.0 } else { jaro_winkler(one.0, other.0) }
}

fn name(pair: Pair<'_>) -> u8 {
    known(pair).unwrap_or_else(|| {
        let (values, one, other) = pair;
        let similarity = alike(pair, 0.7);
        let (one, other) = (values.text(one), values.text(other));
        if similarity >= 0.92 || similarity >= 0.7 && one.len().min(other.len()) >= 4 && edits(one, other, 1) == 1 {
            2
        } else if is_part(one, other) || values.share_a_name(pair.1, pair.2) {
            3
        } else if similarity >= 0.8 {
            4
        } else if similarity >= 0.7 {
            6
        } else {
            7
        }
    })
}

/// Whether one name is a word of the other, its initial, or its beginning.
fn is_part(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if long.starts_with(short) && (short.len() == 1 || short.len() >= 3) {
        return true;
    }
    long.contains(&b' ') && long.split(|byte| *byte == b' ').any(|word| word == short)
        || short.len() > 1
            && short.contains(&b' ')
            && long.contains(&b' ')
            && short
                .split(|byte| *byte == b' ')
                .any(|word| word.len() > 2 && long.split(|byte| *byte == b' ').any(|other| other == word))
}

fn swapped(fields: &[Field], one: &[u32], other: &[u32], field: usize, partner: Option<usize>) -> bool {
    let Some(partner) = partner else { return false };
    let near = |first: (usize, u32), second: (usize, u32)| {
        if first.1 == 0 || second.1 == 0 {
            return None;
        }
        let (first, second) = (fields[first.0].values.masked(first.1), fields[second.0].values.masked(second.1));
        let alike = first.0 == second.0
            || upper_bound(first, second) >= 0.88 && jaro_winkler(first.0, second.0) >= 0.88 && first.0.len() > 2;
        Some(alike)
    };
    let there = near((field, one[field]), (partner, other[partner]));
    if there != Some(true) {
        return false;
    }
    near((partner, one[partner]), (field, other[field])) == Some(true)
}

fn middle(pair: Pair<'_>) -> u8 {
    known(pair).unwrap_or_else(|| {
        let (values, one, other) = pair;
        if values.text(one).first() == values.text(other).first() { 2 } else { 3 }
    })
}

fn date(pair: Pair<'_>) -> u8 {
    known(pair).unwrap_or_else(|| {
        let (values, one, other) = pair;
        let distance = edits_masked(values.masked(one), values.masked(other), 2);
        let (one, other) = (values.text(one), values.text(other));
        if one.len() != 8 || other.len() != 8 {
            return if distance == 1 { 2 } else { 7 };
        }
        let same = [one[..4] == other[..4], one[4..6] == other[4..6], one[6..] == other[6..]];
        if same[0] && one[4..6] == other[6..] && one[6..] == other[4..6] {
            3
        } else if distance == 1 {
            2
        } else if same.iter().filter(|same| **same).count() == 2 {
            4
        } else if distance == 2 {
            5
        } else if same[0] {
            6
        } else {
            7
        }
    })
}

fn number(pair: Pair<'_>) -> u8 {
    known(pair).unwrap_or_else(|| {
        let (values, one, other) = pair;
        1 + edits_masked(values.masked(one), values.masked(other), 2)
    })
}

fn code(pair: Pair<'_>, kind: Kind) -> u8 {
    known(pair).unwrap_or_else(|| {
        let (values, one, other) = pair;
        let (one, other) = (values.masked(one), values.masked(other));
        let long = if kind == Kind::Number { 2 } else { 3 };
        if one.0.len().max(other.0.len()) >= long && edits_masked(one, other, 1) == 1 { 2 } else { 3 }
    })
}

fn text(pair: Pair<'_>) -> u8 {
    known(pair).unwrap_or_else(|| match alike(pair, 0.75) {
        similarity if similarity >= 0.92 => 2,
        similarity if similarity >= 0.8 => 3,
        _ => 4,
    })
}

fn email(pair: Pair<'_>) -> u8 {
    known(pair).unwrap_or_else(|| {
        let (values, one, other) = pair;
        let (first, second) = (values.text(one), values.text(other));
        let user = |text: &[u8]| text.split(|byte| *byte == b'@').next().map_or(0, <[u8]>::len);
        let (length, other_length) = (user(first), user(second));
        if length > 3 && first[..length] == second[..other_length] {
            2
        } else if alike(pair, 0.88) >= 0.88 || edits(first, second, 3) <= 3 {
            3
        } else {
            4
        }
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Absent,
    Half,
    Same,
    Near,
    Other,
}

fn part(fields: &[Field], field: Option<usize>, one: &[u32], other: &[u32], near: impl Fn(Pair<'_>) -> bool) -> Part {
    let Some(field) = field else { return Part::Absent };
    match (one[field], other[field]) {
        (0, 0) => Part::Absent,
        (0, _) | (_, 0) => Part::Half,
        (first, second) if first == second => Part::Same,
        (first, second) if near((&fields[field].values, first, second)) => Part::Near,
        _ => Part::Other,
    }
}

fn one_edit((values, one, other): Pair<'_>) -> bool {
    let (one, other) = (values.masked(one), values.masked(other));
    one.0.len().max(other.0.len()) >= 2 && edits_masked(one, other, 1) == 1
}

fn address_level(address: Address, fields: &[Field], one: &[u32], other: &[u32]) -> u8 {
    let street = part(fields, address.street, one, other, |pair| alike(pair, 0.86) >= 0.86);
    let number = part(fields, address.number, one, other, one_edit);
    let post_box = part(fields, address.post_box, one, other, one_edit);
    let unit = part(fields, address.unit, one, other, one_edit);
    match (street, number) {
        (Part::Same, Part::Same | Part::Absent | Part::Near) | (Part::Near, Part::Same) => {
            let whole = street == Part::Same && number != Part::Near;
            match unit {
                Part::Same | Part::Absent if whole => 1,
                Part::Same | Part::Absent | Part::Near => 2,
                Part::Half | Part::Other => 3,
            }
        }
        (Part::Same, _) => 4,
        (Part::Near, _) => 5,
        (Part::Absent | Part::Half, Part::Same) => match post_box {
            Part::Same => 1,
            _ => 6,
        },
        _ => match post_box {
            Part::Same => 1,
            Part::Near => 2,
            Part::Other => 7,
            Part::Half | Part::Absent => match (street, number) {
                (Part::Absent | Part::Half, Part::Absent | Part::Half) => 0,
                _ => 7,
            },
        },
    }
}

fn locality(parts: [Option<usize>; 3], fields: &[Field], one: &[u32], other: &[u32]) -> u8 {
    let postcode = part(fields, parts[0], one, other, one_edit);
    let city = part(fields, parts[1], one, other, |pair| alike(pair, 0.86) >= 0.86);
    let region = part(fields, parts[2], one, other, |_| false);
    let count = |wanted: Part| [postcode, city].iter().filter(|part| **part == wanted).count();
    let compared = count(Part::Same) + count(Part::Near) + count(Part::Other);
    match (compared.cmp(&0), count(Part::Same), count(Part::Near)) {
        (Ordering::Greater, same, _) if same == compared => 1,
        (Ordering::Greater, 1, _) => 2,
        (Ordering::Greater, 0, 1..) => 3,
        (Ordering::Greater, ..) => {
            if region == Part::Same {
                4
            } else {
                5
            }
        }
        _ => match region {
            Part::Same => 4,
            Part::Other | Part::Near => 5,
            Part::Absent | Part::Half => 0,
        },
    }
}
