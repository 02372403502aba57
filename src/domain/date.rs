//! Calendar days, periods with both ends included, and register dates that know how much of them is known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar day, kept as days since 1970-01-01 so that counting days is a subtraction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Date(i32);

/// A text or a triple of numbers that is no day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateError;

impl fmt::Display for DateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ikke en dato på formen åååå-mm-dd")
    }
}

impl std::error::Error for DateError {}

impl Date {
    /// 1970-01-01, the anchor of day and week rates (`metrics.md`, cumulative rounding).
    pub const EPOCH: Self = Self(0);

    /// The first day that has a name, in the year -9999.
    const MIN: Self = Self(-4_371_587);

    /// 9999-12-31, the end of what has no end.
    pub const MAX: Self = Self(2_932_896);

    /// The day with this year, month (1 to 12) and day of the month.
    ///
    /// # Errors
    /// When the calendar has no such day.
    #[inline]
    pub fn from_ymd(year: i16, month: u8, day: u8) -> Result<Self, DateError> {
        let exists =
            matches!(year, -9999..=9999) && matches!(month, 1..=12) && (1..=days_in(year, month)).contains(&day);
        if exists { Ok(Self(day_before(year, month) + i32::from(day))) } else { Err(DateError) }
    }

    /// The day this many days after 1970-01-01; `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn from_days(days: i32) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&days).then_some(Self(days))
    }

    /// Reads `yyyy-mm-dd`.
    ///
    /// # Errors
    /// When the text has another form or names no day.
    pub fn parse_iso(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError);
        }
        let number = |range: &[u8]| {
            range.iter().try_fold(0_i16, |sum, byte| {
                byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')).ok_or(DateError)
            })
        };
        let part = |range: &[u8]| number(range).and_then(|value| u8::try_from(value).map_err(|_| DateError));
        Self::from_ymd(number(&bytes[..4])?, part(&bytes[5..7])?, part(&bytes[8..])?)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Year, month (1 to 12) and day of the month.
    #[must_use]
    pub fn ymd(self) -> (i16, u8, u8) {
        let days = self.0.clamp(Self::MIN.0, Self::MAX.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day = days.rem_euclid(146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let months = (5 * day_of_year + 2) / 153;
        let month = if months < 10 { months + 3 } else { months - 9 };
        let year = era * 400 + year + i32::from(month <= 2);
        let small = |part: i32| u8::try_from(part).expect("a month or a day of a month");
        let day_of_month = day_of_year - (153 * months + 2) / 5 + 1;
        (i16::try_from(year).expect("four digits"), small(month), small(day_of_month))
    }

    /// This day moved by a number of days.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn month_start(self) -> Self {
        let (year, month, _) = self.ymd();
        Self(days_of(year, month, 1))
    }

    /// The last day of this day's month.
    #[must_use]
    pub fn month_end(self) -> Self {
        let (year, month, _) = self.ymd();
        Self(days_of(year, month, days_in(year, month)))
    }

    /// The calendar quarter this day lies in.
    #[must_use]
    pub fn quarter(self) -> Period {
        let (year, month, _) = self.ymd();
        let first = (month - 1) / 3 * 3 + 1;
        let start = Self::from_ymd(year, first, 1).expect("the first of a month exists");
        let end = Self::from_ymd(year, first + 2, 1).expect("the first of a month exists").month_end();
        Period { from: start, to: end }
    }

    /// The calendar year this day lies in.
    #[must_use]
    pub fn year(self) -> Period {
        let (year, _, _) = self.ymd();
        let start = Self::from_ymd(year, 1, 1).expect("1 January exists");
        let end = Self::from_ymd(year, 12, 31).expect("31 December exists");
        Period { from: start, to: end }
    }

    /// The calendar month this day lies in.
    #[must_use]
    pub fn month(self) -> Period {
        Period { from: self.month_start(), to: self.month_end() }
    }

    /// Completed years from this day (a birth date) to another. Who is born on 29 February turns a year older on the
    /// 28th in other years (`metrics.md`, section 17).
    #[must_use]
    pub fn completed_years(self, on: Self) -> i16 {
        let (birth_year, birth_month, birth_day) = self.ymd();
        let (year, month, day_of_month) = on.ymd();
        let leap_birthday = (birth_month, birth_day) == (2, 29) && on.month_end().ymd().2 == 28;
        let turns_older = if leap_birthday && month == 2 { (2, 28) } else { (birth_month, birth_day) };
        year - birth_year - i16::from((month, day_of_month) < turns_older)
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so that the leap day comes last and
/// months have lengths in a pattern of 153 days to five months; 400 years are 146,097 days.
///
/// Reading dates is a tenth of reading a file, so this is arithmetic; tests hold it beside jiff's calendar.
#[inline]
const fn days_of(year: i16, month: u8, day: u8) -> i32 {
    let months = (month as i32 + 9) % 12;
    let year = year as i32 - (months >= 10) as i32;
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let day_of_year = (153 * months + 2) / 5 + day as i32 - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// The day before a month's first.
#[inline]
fn day_before(year: i16, month: u8) -> i32 {
    // Nearly every day of every file.
    match usize::try_from(i32::from(year) - i32::from(FIRST_KNOWN_YEAR)).ok().and_then(|place| MONTHS.get(place)) {
        Some(months) => months[usize::from(month - 1)],
        None => days_of(year, month, 1) - 1,
    }
}

/// The first year of [`MONTHS`].
const FIRST_KNOWN_YEAR: i16 = 1890;

/// The day before each month of the years from [`FIRST_KNOWN_YEAR`] on. Reckoning it takes longer than reading a cell.
static MONTHS: [[i32; 12]; 160] = {
    let mut months = [[0; 12]; 160];
    let (mut year, mut place) = (FIRST_KNOWN_YEAR, 0);
    while place < months.len() {
        let mut month = 1;
        while month <= 12 {
            months[place][month as usize - 1] = days_of(year, month, 1) - 1;
            month += 1;
        }
        (year, place) = (year + 1, place + 1);
    }
    months
};

/// How many days a month has, by its number from 1 to 12.
#[inline]
const fn days_in(year: i16, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        Self::parse_iso(&text)
    }
}

/// Days from one date to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
}

impl Period {
    /// The period, or `None` when it would end before it starts.
    #[must_use]
    pub fn new(from: Date, to: Date) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// Number of days, at least one.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.to.0 - self.from.0 + 1
    }

    /// Whether the day lies in the period.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The days that both periods have.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }
}

/// How much of a register date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Year, month and day.
    Day,
    /// Month 00 or day 00: the day counts as the first.
    Month,
    /// Only the year: counts as 1 January.
    Year,
}

/// A date from the CPR register, where month or day may be 00 and a `*` marks doubt. What is known is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterDate {
    /// The day, with unknown parts set to the first.
    pub date: Date,
    /// Which parts are known.
    pub precision: Precision,
    /// Whether the register marks it as uncertain (`*`).
    pub uncertain: bool,
}

impl RegisterDate {
    /// Builds the date from year, month and day as the register writes them; month 0 and day 0 are unknown parts.
    ///
    /// # Errors
    /// When the known parts are no date.
    pub fn from_parts(year: i16, month: u8, day: u8, uncertain: bool) -> Result<Self, DateError> {
        let precision = match (month, day) {
            (0, _) => Precision::Year,
            (_, 0) => Precision::Month,
            _ => Precision::Day,
        };
        let date = match precision {
            Precision::Year => Date::from_ymd(year, 1, 1),
            Precision::Month => Date::from_ymd(year, month, 1),
            Precision::Day => Date::from_ymd(year, month, day),
        }?;
        Ok(Self { date, precision, uncertain })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil;

    use super::*;

    fn day(text: &str) -> Date {
        Date::parse_iso(text).expect("a date")
    }

    #[test]
    fn counts_days_with_both_ends() {
        let half_year = Period::new(day("2015-01-01"), day("2015-06-30")).expect("in order");
        assert_eq!(half_year.days(), 181);
        assert_eq!(Period::new(day("2015-01-02"), day("2015-01-01")), None);
        assert_eq!(day("2014-10-01").quarter(), Period { from: day("2014-10-01"), to: day("2014-12-31") });
        assert_eq!(day("2016-02-10").month().days(), 29);
        assert_eq!(Date::MAX, day("9999-12-31"));
    }

    #[test]
    fn day_numbers_and_calendar_agree() {
        for days in (-60_000..60_000).step_by(13) {
            let date = Date::from_days(days).expect("in range");
            let (year, month, day) = date.ymd();
            assert_eq!(Date::from_ymd(year, month, day), Ok(date));
            assert_eq!(date.days(), days);
            assert_eq!(Date::parse_iso(&date.to_string()), Ok(date));
        }
        assert_eq!(Date::MIN.ymd(), (-9999, 1, 1));
        assert_eq!((Date::from_days(Date::MAX.days() + 1), Date::from_days(Date::MIN.days() - 1)), (None, None));
    }

    #[test]
    fn the_arithmetic_is_the_calendar() {
        let mut calendar = civil::date(1580, 1, 1);
        let mut days = days_of(1580, 1, 1);
        while calendar.year() < 2420 {
            let (year, month, day) = Date(days).ymd();
            assert_eq!(
                (year, month.cast_signed(), day.cast_signed()),
                (calendar.year(), calendar.month(), calendar.day())
            );
            assert_eq!(days_of(year, month, day), days);
            assert_eq!(Date::from_ymd(year, month, day), Ok(Date(days)));
            assert_eq!(Date(days).month_end().ymd().2.cast_signed(), calendar.days_in_month());
            calendar = calendar.tomorrow().expect("a later day");
            days += 1;
        }
        let from_jiff = civil::date(2420, 1, 1).duration_since(civil::date(1970, 1, 1)).as_hours() / 24;
        assert_eq!(i64::from(days), from_jiff);
    }

    #[test]
    fn the_calendar_decides_which_days_exist() {
        for year in [i16::MIN, -10_000, -9999, -400, -4, 0, 1, 1900, 2000, 2015, 2016, 2100, 9999, 10_000, i16::MAX] {
            for month in 0..=u8::MAX {
                for day in (0..33).chain([127, 128, 156, u8::MAX]) {
                    let small = |part: u8| i8::try_from(part).ok();
                    let known =
                        small(month).zip(small(day)).and_then(|(month, day)| civil::Date::new(year, month, day).ok());
                    assert_eq!(Date::from_ymd(year, month, day).is_ok(), known.is_some(), "{year}-{month}-{day}");
                }
            }
        }
    }

    #[test]
    fn ages_are_completed_years() {
        let leap = day("2000-02-29");
        assert_eq!(leap.completed_years(day("2018-02-27")), 17);
        assert_eq!(leap.completed_years(day("2018-02-28")), 18);
        assert_eq!(leap.completed_years(day("2020-02-28")), 19);
        assert_eq!(day("1997-06-30").completed_years(day("2015-06-29")), 17);
        assert_eq!(day("1997-06-30").completed_years(day("2015-06-30")), 18);
    }

    #[test]
    fn register_dates_keep_what_is_known() {
        let known = RegisterDate::from_parts(1961, 0, 0, true).expect("year");
        assert_eq!((known.date, known.precision, known.uncertain), (day("1961-01-01"), Precision::Year, true));
        assert_eq!(RegisterDate::from_parts(1941, 9, 0, false).expect("month").precision, Precision::Month);
        assert_eq!(RegisterDate::from_parts(1941, 9, 31, false), Err(DateError));
    }
}
