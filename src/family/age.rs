//! Ages as lists may show them: in bands, never as birth dates.

/// The age from which a person counts as an adult.
pub const ADULT_FROM: i16 = 18;

/// A band of completed years. The cuts follow the laws: school start, teenage years, majority, the end of aftercare
/// (22), the end of the youth rules for benefits (29), pension age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBand {
    /// 0 to 5.
    Toddler,
    /// 6 to 12.
    Child,
    /// 13 to 17.
    Teenager,
    /// 18 to 22.
    Aftercare,
    /// 23 to 29.
    YoungAdult,
    /// 30 to 49.
    Adult,
    /// 50 to 66.
    OlderAdult,
    /// 67 and over.
    Pensioner,
}

impl AgeBand {
    /// Every band, youngest first.
    pub const ALL: [Self; 8] = [
        Self::Toddler,
        Self::Child,
        Self::Teenager,
        Self::Aftercare,
        Self::YoungAdult,
        Self::Adult,
        Self::OlderAdult,
        Self::Pensioner,
    ];

    /// The band of an age in completed years. An age below zero (born after the day asked about) is in the first.
    #[must_use]
    pub const fn of(age: i16) -> Self {
        match age {
            ..=5 => Self::Toddler,
            6..=12 => Self::Child,
            13..=17 => Self::Teenager,
            18..=22 => Self::Aftercare,
            23..=29 => Self::YoungAdult,
            30..=49 => Self::Adult,
            50..=66 => Self::OlderAdult,
            67.. => Self::Pensioner,
        }
    }

    /// The band as lists and tables write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Toddler => "0-5",
            Self::Child => "6-12",
            Self::Teenager => "13-17",
            Self::Aftercare => "18-22",
            Self::YoungAdult => "23-29",
            Self::Adult => "30-49",
            Self::OlderAdult => "50-66",
            Self::Pensioner => "67+",
        }
    }

    /// The band that lists and tables write so.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.code() == code)
    }

    /// The youngest age of the band.
    #[must_use]
    pub const fn first(self) -> i16 {
        match self {
            Self::Toddler => 0,
            Self::Child => 6,
            Self::Teenager => 13,
            Self::Aftercare => 18,
            Self::YoungAdult => 23,
            Self::Adult => 30,
            Self::OlderAdult => 50,
            Self::Pensioner => 67,
        }
    }

    /// The band's place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_is_in_the_band_that_names_it() {
        for age in 0..120_i16 {
            let code = AgeBand::of(age).code();
            let (from, to) = match code.split_once('-') {
                Some((from, to)) => (from.parse(), to.parse()),
                None => (code.trim_end_matches('+').parse(), Ok(i16::MAX)),
            };
            let band = from.expect("number")..=to.expect("number");
            assert!(band.contains(&age), "{age} in {code}");
        }
        for (index, band) in AgeBand::ALL.into_iter().enumerate() {
            assert_eq!(band.index(), index);
            assert_eq!((AgeBand::from_code(band.code()), AgeBand::of(band.first())), (Some(band), band));
            assert!(index == 0 || AgeBand::of(band.first() - 1) != band);
        }
    }

    #[test]
    fn adults_begin_where_a_band_begins() {
        assert_ne!(AgeBand::of(ADULT_FROM - 1), AgeBand::of(ADULT_FROM));
    }
}
