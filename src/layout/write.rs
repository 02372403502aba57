//! How values are written in cells: the counterpart of [`super::value`], so that what writes an export and what reads
//! it share one description. Everything is appended to bytes that the caller keeps, without a string in between.

use super::AmountStyle;
use crate::domain::{Cpr, Date, Ore};

/// How a source writes days; [`super::read_date`] and [`super::read_register_date`] read all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// `31-12-2024`.
    Hyphens,
    /// `31.12.2024`.
    Points,
    /// `2024-12-31`.
    Iso,
    /// `20241231`.
    Compact,
    /// `202412310000`, as the CPR register writes the day of an event.
    Moment,
    /// A spreadsheet's day number, days since 1899-12-30.
    Serial,
}

/// How a number of a person is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberForm {
    /// Ten digits.
    Plain,
    /// With a hyphen after the sixth digit.
    Hyphen,
}

/// Appends the digits of a number.
pub fn write_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0_u8; 20];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + digit(rest % 10);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a number in at least `width` digits, with zeros in front.
pub fn write_padded(out: &mut Vec<u8>, number: u64, width: usize) {
    let used = number.checked_ilog10().map_or(1, |digits| digits as usize + 1);
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(used)));
    write_number(out, number);
}

/// Appends kroner with two decimals and no separator of thousands: `1234,56`, `-0,05`.
pub fn write_amount(out: &mut Vec<u8>, ore: Ore, style: AmountStyle) {
    if ore.0 < 0 {
        out.push(b'-');
    }
    let magnitude = ore.0.unsigned_abs();
    write_number(out, magnitude / 100);
    out.extend([style.decimal, b'0' + digit(magnitude / 10 % 10), b'0' + digit(magnitude % 10)]);
}

/// Appends a quantity given in thousandths, with as many decimals as it has. Negative quantities do not exist.
pub fn write_quantity(out: &mut Vec<u8>, thousandths: u32, style: AmountStyle) {
    write_number(out, u64::from(thousandths / 1000));
    let mut rest = thousandths % 1000;
    if rest > 0 {
        out.push(style.decimal);
    }
    let mut step = 100;
    while rest > 0 {
        out.push(b'0' + digit(u64::from(rest / step)));
        rest %= step;
        step /= 10;
    }
}

/// Appends a day.
pub fn write_date(out: &mut Vec<u8>, date: Date, form: DateForm) {
    if form == DateForm::Serial {
        return write_number(out, u64::try_from(date.days() + 25_569).unwrap_or(0));
    }
    let (year, month, day) = date.ymd();
    let year = year.unsigned_abs();
    let (high, low) = (two(u64::from(year / 100)), two(u64::from(year % 100)));
    let (month, day) = (two(month.into()), two(day.into()));
    match form {
        DateForm::Hyphens | DateForm::Points => {
            let mark = if form == DateForm::Hyphens { b'-' } else { b'.' };
            out.extend([day[0], day[1], mark, month[0], month[1], mark, high[0], high[1], low[0], low[1]]);
        }
        DateForm::Iso => {
            out.extend([high[0], high[1], low[0], low[1], b'-', month[0], month[1], b'-', day[0], day[1]]);
        }
        DateForm::Compact | DateForm::Moment | DateForm::Serial => {
            out.extend([high[0], high[1], low[0], low[1], month[0], month[1], day[0], day[1]]);
            if form == DateForm::Moment {
                out.extend(b"0000");
            }
        }
    }
}

/// Appends the number of a person.
pub fn write_person(out: &mut Vec<u8>, cpr: Cpr, form: NumberForm) {
    let digits = cpr.digits();
    out.extend_from_slice(&digits[..6]);
    if form == NumberForm::Hyphen {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[6..]);
}

fn two(number: u64) -> [u8; 2] {
    [b'0' + digit(number / 10 % 10), b'0' + digit(number % 10)]
}

fn digit(number: u64) -> u8 {
    u8::try_from(number).expect("a remainder of ten fits in a byte")
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::RngSeed};

    use super::*;
    use crate::{
        domain::Identity,
        layout::{read_amount, read_date, read_identity, read_number, read_quantity, read_register_date},
    };

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out);
        out
    }

    #[test]
    fn forms_are_the_ones_the_sources_use() {
        let style = AmountStyle::default();
        assert_eq!(written(|out| write_amount(out, Ore(-123_405), style)), b"-1234,05");
        assert_eq!(written(|out| write_quantity(out, 1_500, style)), b"1,5");
        assert_eq!(written(|out| write_quantity(out, 2_000, style)), b"2");
        let day = Date::parse_iso("2015-03-09").expect("a date");
        let forms = [DateForm::Hyphens, DateForm::Points, DateForm::Iso, DateForm::Compact, DateForm::Moment];
        let texts = ["09-03-2015", "09.03.2015", "2015-03-09", "20150309", "201503090000"];
        for (form, text) in forms.into_iter().zip(texts) {
            assert_eq!(written(|out| write_date(out, day, form)), text.as_bytes());
        }
        assert_eq!(written(|out| write_date(out, day, DateForm::Serial)), b"42072");
        assert_eq!(written(|out| write_padded(out, 7, 4)), b"0007");
        assert_eq!(written(|out| write_padded(out, 0, 2)), b"00");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(3),
            ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_written_reads_back(
            ore in -9_000_000_000_000_000_i64..9_000_000_000_000_000,
            thousandths in 0_u32..2_000_000_000,
            days in -25_000_i32..60_000,
            point in any::<bool>(),
        ) {
            let style = AmountStyle { decimal: if point { b'.' } else { b',' } };
            let amount = written(|out| write_amount(out, Ore(ore), style));
            prop_assert_eq!(read_amount(&amount, style), Some(Ore(ore)));
            let quantity = written(|out| write_quantity(out, thousandths, style));
            prop_assert_eq!(read_quantity(&quantity, style), i32::try_from(thousandths).ok());
            prop_assert_eq!(read_number(&written(|out| write_number(out, thousandths.into()))), Some(i64::from(thousandths)));
            let date = Date::from_days(days).expect("in range");
            for form in [DateForm::Hyphens, DateForm::Points, DateForm::Iso, DateForm::Compact] {
                prop_assert_eq!(read_date(&written(|out| write_date(out, date, form))), Some(date));
            }
            let moment = written(|out| write_date(out, date, DateForm::Moment));
            prop_assert_eq!(read_register_date(&moment, false).flatten().map(|found| found.date), Some(date));
            if days > -15_000 {
                prop_assert_eq!(read_date(&written(|out| write_date(out, date, DateForm::Serial))), Some(date));
            }
        }

        #[test]
        fn numbers_of_persons_read_back(day in 1_u32..29, serial in 0_u32..10_000) {
            let digits = format!("{day:02}0280{serial:04}");
            let cpr = Cpr::parse(digits.as_bytes()).expect("a date");
            let plain = written(|out| write_person(out, cpr, NumberForm::Plain));
            prop_assert_eq!(read_identity(&plain), Some(Identity::Number(cpr)));
            let hyphen = written(|out| write_person(out, cpr, NumberForm::Hyphen));
            prop_assert_eq!(read_identity(&hyphen), Some(Identity::Cleaned(cpr)));
        }
    }
}
