//! Dates as they are written, turned into eight characters `yyyymmdd`. What is no date keeps its place, so that a
//! mistyped digit stays one mistyped digit.

use serde::{Deserialize, Serialize};

/// In which order a column writes the parts of a date, by the part that stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Year, month, day.
    Year,
    /// Day, month, year.
    Day,
    /// Month, day, year.
    Month,
}

impl Format {
    /// The order under which most of the values are dates; day first when two do equally well.
    #[must_use]
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut fits = [0_u32; 3];
        let formats = [Self::Day, Self::Month, Self::Year];
        for value in values.filter(|value| !value.is_empty()).take(20_000) {
            for (fit, format) in fits.iter_mut().zip(formats) {
                *fit += u32::from(is_date(&digits(value, format)));
            }
        }
        let best = fits.iter().copied().max().unwrap_or(0);
        formats.into_iter().zip(fits).find(|(_, fit)| *fit == best).map_or(Self::Day, |(format, _)| format)
    }
}

fn is_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    digits.len() == 8
        && (1850..=2100).contains(&part(0, 4))
        && (1..=12).contains(&part(4, 6))
        && (1..=31).contains(&part(6, 8))
}

/// The date as `yyyymmdd`; a text without that shape keeps its letters and digits. Two-digit years belong to 1930-2029.
#[must_use]
pub fn digits(text: &str, format: Format) -> String {
    let text = text.trim().split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let (year, month, day) = match (parts.as_slice(), format) {
        (&[whole], _) => {
            let squeezed: String = whole.chars().filter(char::is_ascii_alphanumeric).collect();
            let part = |from: usize, to: usize| squeezed.get(from..to).unwrap_or_default().to_owned();
            match (squeezed.len(), format) {
                (8, Format::Year) => (part(0, 4), part(4, 6), part(6, 8)),
                (8, Format::Day) => (part(4, 8), part(2, 4), part(0, 2)),
                (8, Format::Month) => (part(4, 8), part(0, 2), part(2, 4)),
                (6, Format::Year) => (part(0, 2), part(2, 4), part(4, 6)),
                (6, Format::Day) => (part(4, 6), part(2, 4), part(0, 2)),
                (6, Format::Month) => (part(4, 6), part(0, 2), part(2, 4)),
                _ => return squeezed,
            }
        }
        (&[year, month, day], _) if year.len() == 4 => (year.to_owned(), month.to_owned(), day.to_owned()),
        (&[year, month, day], Format::Year)
        | (&[day, month, year], Format::Day)
        | (&[month, day, year], Format::Month) => (year.to_owned(), month.to_owned(), day.to_owned()),
        _ => return text.chars().filter(char::is_ascii_alphanumeric).collect(),
    };
    let year = if year.len() == 2 { format!("{}{year}", if year.as_str() < "30" { "20" } else { "19" }) } else { year };
    format!("{year}{month:0>2}{day:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_from_the_values() {
        for (values, format, first) in [
            (["05/31/1994", "09/02/1994"], Format::Month, "19940531"),
            (["31-05-1994", "2-9-94"], Format::Day, "19940531"),
            (["1994-05-31", "1994-13-01"], Format::Day, "19940531"),
            (["19940531", "20010203"], Format::Year, "19940531"),
            (["31051994", "02032001"], Format::Day, "19940531"),
        ] {
            let found = Format::of(values.into_iter());
            assert_eq!((found, digits(values[0], found).as_str()), (format, first), "{values:?}");
        }
        assert_eq!(digits("", Format::Day), "");
        assert_eq!(digits("2-9-94", Format::Day), "19940902");
    }
}
