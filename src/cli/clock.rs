//! The clock. The library has none: what time it is comes from here.

use std::time::SystemTime;

use jiff::{Timestamp, tz::TimeZone};
use samkor::{
    base::{Error, ErrorKind, Result},
    domain::{Date, Period},
};

/// The present moment in UTC, to the second.
///
/// # Errors
/// When the machine's clock stands outside the calendar.
pub fn now() -> Result<Timestamp> {
    let wrong = |error| Error::new(ErrorKind::Internal, "Maskinens ur står helt forkert").because(error);
    let now = Timestamp::try_from(SystemTime::now()).map_err(wrong)?;
    Timestamp::from_second(now.as_second()).map_err(wrong)
}

/// Today in Denmark's calendar: UTC is close enough for days that are counted in weeks.
///
/// # Errors
/// As [`now`].
pub fn today() -> Result<Date> {
    let now = now()?.to_zoned(TimeZone::UTC);
    let wrong = |part| Error::new(ErrorKind::Internal, "Maskinens ur står helt forkert").because(part);
    let small = |part: i8| u8::try_from(part).unwrap_or(0);
    Date::from_ymd(now.year(), small(now.month()), small(now.day())).map_err(wrong)
}

/// The last calendar year that is over.
///
/// # Errors
/// As [`now`].
pub fn last_year() -> Result<Period> {
    let year = now()?.to_zoned(TimeZone::UTC).year() - 1;
    Date::from_ymd(year, 1, 1)
        .map(Date::year)
        .map_err(|error| Error::new(ErrorKind::Internal, "Maskinens ur står helt forkert").because(error))
}
