//! The CPR number, the one value that must never leave the wall.

use std::fmt;

use super::Date;

/// A person's CPR number (personnummer): ten digits with a birth date that exists.
///
/// The field is private, there is no `Display` and no `Serialize`, and `Debug` prints a mask. Modulus 11 is not
/// demanded: numbers without it are valid since 1 October 2007 (CPR office).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpr(u64);

/// Sex as the tenth digit of the CPR number tells it: odd is male, even is female.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// Mand (M).
    Male,
    /// Kvinde (K).
    Female,
}

/// Why ten characters are no CPR number. The offending text is never part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CprError {
    /// Not exactly ten digits.
    Shape,
    /// All zeros: the register's way to say "no number".
    Empty,
    /// Day 61 to 91: a replacement number (erstatningspersonnummer), unique only where it was issued.
    Replacement,
    /// The first six digits are no date in the century that digit seven tells.
    NoSuchDate,
}

impl Cpr {
    /// Reads exactly ten ASCII digits; anything to be cleaned off must be gone already.
    ///
    /// # Errors
    /// [`CprError`] tells what is wrong without repeating the text.
    pub fn parse(text: &[u8]) -> Result<Self, CprError> {
        let digits: &[u8; 10] = text.try_into().map_err(|_| CprError::Shape)?;
        let digits = digits.map(|digit| digit.wrapping_sub(b'0'));
        if digits.iter().any(|digit| *digit > 9) {
            return Err(CprError::Shape);
        }
        // Two halves, so that one need not wait for the other: numbers come by the ten million.
        let half = |digits: &[u8]| digits.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(*digit));
        let number = half(&digits[..5]) * 100_000 + half(&digits[5..]);
        if number == 0 {
            return Err(CprError::Empty);
        }
        let [day, month, year] = [0, 2, 4].map(|at| digits[at] * 10 + digits[at + 1]);
        if (61..=91).contains(&day) {
            return Err(CprError::Replacement);
        }
        let exists = Date::from_ymd(full_year(digits[6].into(), year), month, day).is_ok();
        if exists { Ok(Self(number)) } else { Err(CprError::NoSuchDate) }
    }

    /// The ten digits as ASCII, for hashing and for writing test registers.
    #[must_use]
    pub fn digits(self) -> [u8; 10] {
        let mut digits = [0; 10];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).expect("a remainder of ten fits in a byte");
            rest /= 10;
        }
        digits
    }

    /// The birth date by the CPR office's century rule (digits 5 to 7). Where the register gives a birth date, that one counts.
    #[must_use]
    pub fn birth_date(self) -> Date {
        self.birth_date_checked().expect("parse accepts only numbers with a date")
    }

    /// The sex that digit ten tells.
    #[must_use]
    pub const fn sex(self) -> Sex {
        if self.0 % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// Whether the modulus 11 check holds. A failed check is a hint about typing, never a reason to refuse.
    #[must_use]
    pub fn passes_modulus_11(self) -> bool {
        const WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
        let sum: u32 = self.digits().iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        sum.is_multiple_of(11)
    }

    fn day_month_year(self) -> (u8, u8, u8) {
        let six = self.0 / 10_000;
        let part = |divisor: u64| u8::try_from(six / divisor % 100).expect("two digits fit in a byte");
        (part(10_000), part(100), part(1))
    }

    fn birth_date_checked(self) -> Option<Date> {
        let (day, month, year) = self.day_month_year();
        Date::from_ymd(full_year(self.0 / 1000 % 10, year), month, day).ok()
    }
}

/// The year of birth by its last two digits and the number's seventh digit.
#[inline]
fn full_year(seventh: u64, year: u8) -> i16 {
    let century = match (seventh, year) {
        (0..=3, _) | (4 | 9, 37..=99) => 1900,
        (4 | 9, _) | (5..=8, 0..=57) => 2000,
        _ => 1800,
    };
    century + i16::from(year)
}

impl fmt::Debug for Cpr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cpr(**********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(number: &str) -> String {
        Cpr::parse(number.as_bytes()).map(|cpr| cpr.birth_date().to_string()).expect("a number with a date")
    }

    #[test]
    fn century_rule_of_the_cpr_office() {
        for (number, date) in [
            ("3012995007", "1899-12-30"),
            ("0101965058", "1896-01-01"),
            ("0101005038", "2000-01-01"),
            ("0101429059", "1942-01-01"),
            ("3112000010", "1900-12-31"),
            ("3112970079", "1997-12-31"),
            ("0101364000", "2036-01-01"),
            ("0101374000", "1937-01-01"),
            ("0101575000", "2057-01-01"),
            ("0101585000", "1858-01-01"),
        ] {
            assert_eq!(born(number), date, "{number}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        assert_eq!(Cpr::parse(b"010101-0000"), Err(CprError::Shape));
        assert_eq!(Cpr::parse(b"0000000000"), Err(CprError::Empty));
        assert_eq!(Cpr::parse(b"6101010000"), Err(CprError::Replacement));
        assert_eq!(Cpr::parse(b"3002010000"), Err(CprError::NoSuchDate));
    }

    #[test]
    fn never_prints_itself() {
        let cpr = Cpr::parse(b"3012995007").expect("valid");
        assert_eq!(format!("{cpr:?} {:?}", Some(cpr)), "Cpr(**********) Some(Cpr(**********))");
        assert_eq!(&cpr.digits(), b"3012995007");
        assert!(cpr.passes_modulus_11());
        assert_eq!(cpr.sex(), Sex::Male);
    }
}
