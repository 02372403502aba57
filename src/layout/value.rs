//! How values are written in cells: amounts, dates, quantities, numbers of persons. Strict: what fits no form is a fault.

use crate::domain::{Cpr, CprError, Date, Identity, Ore, RegisterDate};

/// How a source writes amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountStyle {
    /// The decimal mark, `,` or `.`; the other one separates thousands.
    pub decimal: u8,
}

impl Default for AmountStyle {
    fn default() -> Self {
        Self { decimal: b',' }
    }
}

/// Reads `1.234,56`, `1234,56`, `1234`, `-1.234,56`, `1.234,56-` and `(100,20)`. Thousands separators must stand where
/// they belong; a third decimal other than 0 is refused rather than rounded.
#[must_use]
pub fn read_amount(cell: &[u8], style: AmountStyle) -> Option<Ore> {
    let text = cell.trim_ascii();
    let (text, negative) = match text {
        [b'(', inner @ .., b')'] | [b'-', inner @ ..] | [inner @ .., b'-'] => (inner.trim_ascii(), true),
        _ => (text.strip_prefix(b"+").unwrap_or(text), false),
    };
    let magnitude = plain_magnitude(text, style.decimal).or_else(|| magnitude(text, style.decimal))?;
    Some(Ore(if negative { -magnitude } else { magnitude }))
}

/// The øre of the form that nearly every amount has: digits, then two decimals.
fn plain_magnitude(text: &[u8], decimal: u8) -> Option<i64> {
    let (kroner, [mark, tenths, hundredths]) = text.split_last_chunk::<3>()?;
    if *mark != decimal || kroner.len() > 15 {
        return None;
    }
    Some(read_number(kroner)? * 100 + i64::from(two_digits([*tenths, *hundredths])?))
}

/// The øre of any form.
fn magnitude(text: &[u8], decimal: u8) -> Option<i64> {
    let (whole, decimals) = split_decimal(text, decimal);
    let kroner = grouped_digits(whole, if decimal == b',' { b'.' } else { b',' })?;
    let ore = match decimals {
        None => 0,
        Some(decimals) => scaled(decimals, 2)?,
    };
    kroner.checked_mul(100)?.checked_add(ore)
}

/// Reads a quantity as thousandths: `1`, `1,5`, `0,125`. Blank is one.
#[must_use]
pub fn read_quantity(cell: &[u8], style: AmountStyle) -> Option<i32> {
    let text = cell.trim_ascii();
    if text.is_empty() {
        return Some(1000);
    }
    let (whole, decimals) = split_decimal(text, style.decimal);
    let whole = grouped_digits(whole, if style.decimal == b',' { b'.' } else { b',' })?;
    let thousandths = decimals.map_or(Some(0), |decimals| scaled(decimals, 3))?;
    i32::try_from(whole.checked_mul(1000)?.checked_add(thousandths)?).ok()
}

fn split_decimal(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(mark, text) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Digits, with or without a separator before each group of three.
fn grouped_digits(text: &[u8], separator: u8) -> Option<i64> {
    if memchr::memchr(separator, text).is_none() {
        return read_number(text);
    }
    let mut sum = 0_i64;
    for (index, group) in text.split(|byte| *byte == separator).enumerate() {
        let fits = if index == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !fits {
            return None;
        }
        sum = sum.checked_mul(1000)?.checked_add(read_number(group)?)?;
    }
    Some(sum)
}

/// Decimals as a whole number of `10^-places`; further ones must be zero.
fn scaled(decimals: &[u8], places: usize) -> Option<i64> {
    let (kept, rest) = decimals.split_at(decimals.len().min(places));
    if kept.is_empty() || rest.iter().any(|byte| *byte != b'0') {
        return None;
    }
    let missing = u32::try_from(places - kept.len()).ok()?;
    read_number(kept).map(|value| value * 10_i64.pow(missing))
}

/// Reads one to eighteen digits.
#[must_use]
#[inline]
pub fn read_number(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let (first, rest) = match text.split_first_chunk::<8>() {
        Some((eight, [])) => return eight_digits(*eight),
        Some((eight, rest)) if rest.len() <= 8 => {
            // The digits before the last eight, with zeros in front. The first of a text is the lowest byte of the number.
            let missing = 8 * (8 - rest.len());
            let before = (u64::from_le_bytes(*eight) << missing) | (ZEROS & ((1 << missing) - 1));
            let (_, last) = text.split_last_chunk::<8>()?;
            return Some(eight_digits(before.to_le_bytes())? * 100_000_000 + eight_digits(*last)?);
        }
        Some((eight, rest)) => (eight_digits(*eight)?, rest),
        None => (0, text),
    };
    rest.iter().try_fold(first, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Eight digits of zero.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Reads eight digits together: neighbours are joined to numbers of two, four and eight digits.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<i64> {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let text = u64::from_le_bytes(text);
    // A byte from 0x30 to 0x39 is 0x3_ both as it is and with 6 added.
    if text & HIGH != ZEROS || text.wrapping_add(0x0606_0606_0606_0606) & HIGH != ZEROS {
        return None;
    }
    let twos = (text & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(10 << 8 | 1) >> 8;
    let fours = (twos & 0x00FF_00FF_00FF_00FF).wrapping_mul(100 << 16 | 1) >> 16;
    let eight = (fours & 0x0000_FFFF_0000_FFFF).wrapping_mul(10_000 << 32 | 1) >> 32;
    i64::try_from(eight).ok()
}

/// Reads `dd-mm-yyyy`, `dd.mm.yyyy`, `yyyy-mm-dd`, `yyyymmdd` and a spreadsheet's day number (five digits, days since
/// 1899-12-30).
#[must_use]
pub fn read_date(cell: &[u8]) -> Option<Date> {
    match *cell.trim_ascii() {
        [a, b, mark @ (b'-' | b'.'), c, d, again, e, f, g, h] if again == mark => date([e, f, g, h], [c, d], [a, b]),
        [a, b, c, d, b'-', e, f, b'-', g, h] | [a, b, c, d, e, f, g, h] => date([a, b, c, d], [e, f], [g, h]),
        ref text @ [_, _, _, _, _] => {
            let day = i32::try_from(read_number(text)?).ok()?;
            Date::from_days(day - 25_569).filter(|_| day >= 10_000)
        }
        _ => None,
    }
}

#[inline]
fn date(year: [u8; 4], month: [u8; 2], day: [u8; 2]) -> Option<Date> {
    let [[century, year], [month, day]] =
        [[two_digits([year[0], year[1]])?, two_digits([year[2], year[3]])?], [two_digits(month)?, two_digits(day)?]];
    Date::from_ymd(i16::from(century) * 100 + i16::from(year), month, day).ok()
}

#[inline]
fn two_digits(text: [u8; 2]) -> Option<u8> {
    let [tens, ones] = text.map(|byte| byte.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| tens * 10 + ones)
}

/// Reads a date of the CPR register: `YYYYMMDDHHMM`, `YYYY-MM-DD` or `YYYYMMDD`; hours and minutes are dropped (CPR:
/// compare dates only). Month 00 and day 00 are unknown parts. Blank and all zeros are `Some(None)`: no date.
#[must_use]
pub fn read_register_date(cell: &[u8], uncertain: bool) -> Option<Option<RegisterDate>> {
    let text = cell.trim_ascii();
    if text.iter().all(|byte| matches!(byte, b'0' | b'-')) {
        return Some(None);
    }
    let (year, month, day) = match text {
        [_, _, _, _, b'-', _, _, b'-', _, _] => (&text[..4], &text[5..7], &text[8..]),
        _ if text.len() == 12 || text.len() == 8 => (&text[..4], &text[4..6], &text[6..8]),
        _ => return None,
    };
    if !text[8..].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let small = |part| read_number(part).and_then(|value| u8::try_from(value).ok());
    let year = i16::try_from(read_number(year)?).ok()?;
    RegisterDate::from_parts(year, small(month)?, small(day)?, uncertain).ok().map(Some)
}

/// Reads the number of a person: takes off blanks, hyphens, quotes and full-width digits, recognises a lost leading
/// zero and replacement numbers. `None` when the text cannot be a number of a person.
#[must_use]
#[inline]
pub fn read_identity(cell: &[u8]) -> Option<Identity> {
    let number = match *cell {
        [] => return Some(Identity::Missing),
        [a, b, c, d, e, f, b'-', g, h, i, j] => Cpr::parse(&[a, b, c, d, e, f, g, h, i, j]).map(Identity::Cleaned),
        _ => Cpr::parse(cell).map(Identity::Number),
    };
    number.ok().or_else(|| read_unusual_identity(cell))
}

/// As [`read_identity`], for what is no number as most sources write it.
fn read_unusual_identity(cell: &[u8]) -> Option<Identity> {
    let digits = cleaned(cell)?;
    match *digits.as_slice() {
        ref zeros if zeros.iter().all(|digit| *digit == b'0') => Some(Identity::Missing),
        [a, b, c, d, e, f, g, h, i] => Cpr::parse(&[b'0', a, b, c, d, e, f, g, h, i]).ok().map(Identity::LostZero),
        [.., e, x, y, z] if digits.len() == 10 && x.is_ascii_uppercase() && y.is_ascii_uppercase() => {
            let rest_is_digits = digits[..6].iter().chain([&e, &z]).all(u8::is_ascii_digit);
            rest_is_digits.then_some(Identity::Replacement)
        }
        _ => match Cpr::parse(&digits) {
            Ok(cpr) => Some(Identity::Cleaned(cpr)),
            Err(CprError::Replacement) => Some(Identity::Replacement),
            Err(CprError::Empty) => Some(Identity::Missing),
            Err(CprError::Shape | CprError::NoSuchDate) => None,
        },
    }
}

/// Reads what may be a damaged number of a person: nine to eleven digits, after the same cleaning as [`read_identity`].
/// A number that a spreadsheet has turned into `1,01801E+09` is lost and none.
#[must_use]
pub fn read_damaged_number(cell: &[u8]) -> Option<Vec<u8>> {
    cleaned(cell).filter(|digits| (9..=11).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit))
}

/// Digits and capital letters with blanks, hyphens and quotes taken off; `None` when anything else stands there.
fn cleaned(cell: &[u8]) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(10);
    for symbol in String::from_utf8_lossy(cell).chars() {
        match symbol {
            '0'..='9' | 'A'..='Z' | 'a'..='z' => digits.push(u8::try_from(symbol).ok()?.to_ascii_uppercase()),
            '０'..='９' => digits.push(b'0' + u8::try_from(u32::from(symbol) - u32::from('０')).ok()?),
            '-' | '‐' | '‑' | '–' | '"' | '\'' | '’' | '‘' | '“' | '”' | '´' | '`' => {}
            // A Windows-1252 no-break space is no UTF-8 and arrives as the replacement character.
            blank if blank.is_whitespace() || blank == '\u{fffd}' => {}
            _ => return None,
        }
    }
    Some(digits)
}

/// The digits and letters of a number as written, cleaned as [`read_identity`] does; empty when it is none.
#[must_use]
pub fn number_as_written(cell: &[u8]) -> String {
    cleaned(cell).map(|digits| digits.into_iter().map(char::from).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Option<i64> {
        read_amount(text.as_bytes(), AmountStyle::default()).map(|ore| ore.0)
    }

    #[test]
    fn every_accepted_amount_form() {
        for (text, ore) in [
            ("1.234,56", 123_456),
            ("1234,56", 123_456),
            ("1234", 123_400),
            ("1.234", 123_400),
            ("1.234,56-", -123_456),
            ("-1.234,56", -123_456),
            ("(100,20)", -10_020),
            ("0,5", 50),
            ("12,3400", 1234),
            (" 7,05 ", 705),
        ] {
            assert_eq!(amount(text), Some(ore), "{text}");
        }
        for text in ["", "1.23", "1.2345,00", "12,345", "1,2,3", "1 234", "12kr", "1,01801E+09", "--1", "(1", ",", "1,"]
        {
            assert_eq!(amount(text), None, "{text}");
        }
        let point = AmountStyle { decimal: b'.' };
        assert_eq!(read_amount(b"1,234.56", point), Some(Ore(123_456)));
        assert_eq!(read_amount(b"100.2", point), Some(Ore(10_020)));
    }

    #[test]
    fn every_accepted_date_form() {
        let day = Date::parse_iso("2015-03-09").ok();
        for text in ["09-03-2015", "09.03.2015", "2015-03-09", "20150309", "42072"] {
            assert_eq!(read_date(text.as_bytes()), day, "{text}");
        }
        for text in ["", "9-3-2015", "09-03.2015", "31-02-2015", "2015-13-01", "00000000", "1234", "09-03-15"] {
            assert_eq!(read_date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn register_dates_keep_what_they_know() {
        let iso =
            |text: &str| read_register_date(text.as_bytes(), false).map(|date| date.map(|date| date.date.to_string()));
        assert_eq!(iso("196100000000"), Some(Some("1961-01-01".into())));
        assert_eq!(iso("194109002000"), Some(Some("1941-09-01".into())));
        assert_eq!(iso("199103201299"), Some(Some("1991-03-20".into())));
        assert_eq!(iso("1997-09-09"), Some(Some("1997-09-09".into())));
        assert_eq!((iso("000000000000"), iso("   "), iso("0000-00-00")), (Some(None), Some(None), Some(None)));
        assert_eq!((iso("1997-02-30"), iso("19970909x000"), iso("1997")), (None, None, None));
    }

    #[test]
    fn every_accepted_spelling_of_a_number() {
        let cpr = Cpr::parse(b"0203040506").expect("a date");
        for text in
            ["020304-0506", " 0203040506 ", "\"020304-0506\"", "'0203040506", "02 03 04 05 06", "０２０３０４-０５０６"]
        {
            assert_eq!(read_identity(text.as_bytes()), Some(Identity::Cleaned(cpr)), "{text}");
        }
        assert_eq!(read_identity(b"0203040506"), Some(Identity::Number(cpr)));
        assert_eq!(read_identity(b"203040506"), Some(Identity::LostZero(cpr)));
        assert_eq!(read_identity(b"20304-0506"), Some(Identity::LostZero(cpr)));
        for text in ["6203040506", "0203041AB2", "020304-1ab2"] {
            assert_eq!(read_identity(text.as_bytes()), Some(Identity::Replacement), "{text}");
        }
        for text in ["", "  ", "0000000000", "000000-0000", "0", "-"] {
            assert_eq!(read_identity(text.as_bytes()), Some(Identity::Missing), "{text}");
        }
        for text in ["3102040506", "1,01801E+09", "########", "02030405067", "Jensen", "12345678"] {
            assert_eq!(read_identity(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn amounts_come_back_from_their_danish_form(ore in -9_000_000_000_000_000_i64..9_000_000_000_000_000) {
            prop_assert_eq!(amount(&Ore(ore).to_string()), Some(ore));
            prop_assert_eq!(amount(&Ore(ore).to_string().replace('.', "")), Some(ore));
        }

        #[test]
        fn numbers_are_read_as_the_library_reads_them(text in "[0-9]{0,20}", at in 0_usize..20, byte in any::<u8>()) {
            let library = |text: &str| text.parse().ok().filter(|_| text.len() <= 18);
            prop_assert_eq!(read_number(text.as_bytes()), library(&text));
            let mut other = text.into_bytes();
            if let Some(place) = other.get_mut(at) {
                *place = byte;
                prop_assert_eq!(read_number(&other).is_some(), other.len() <= 18 && other.iter().all(u8::is_ascii_digit));
            }
        }

        #[test]
        fn the_usual_form_is_one_of_all(text in "[0-9]{0,18}[.,][0-9]{1,3}|[0-9,.-]{0,8}") {
            for decimal in [b',', b'.'] {
                if let Some(plain) = plain_magnitude(text.as_bytes(), decimal) {
                    prop_assert_eq!(Some(plain), magnitude(text.as_bytes(), decimal));
                }
            }
        }

        #[test]
        fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            let _ = (read_identity(&bytes), read_date(&bytes), read_register_date(&bytes, true));
            let _ = (read_amount(&bytes, AmountStyle::default()), read_quantity(&bytes, AmountStyle::default()));
        }
    }
}
