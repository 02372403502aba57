//! Figures of the plan that must be exact: the share of faults that is tolerated, and kroner written in Danish.

use crate::domain::Ore;

/// How large a share of a source's rows may be set aside, in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultLimit(u32);

impl FaultLimit {
    /// One row in a hundred.
    pub const DEFAULT: Self = Self(10_000);

    /// Reads a decimal share from 0 to 1 with at most six decimals, such as `0.01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 4 || decimals.len() > 6 || !digits(whole) || !digits(decimals) {
            return None;
        }
        let parts = format!("{whole}{decimals:0<6}").parse().ok()?;
        (parts <= 1_000_000).then_some(Self(parts))
    }

    /// The share in parts per million.
    #[must_use]
    pub const fn parts_per_million(self) -> u32 {
        self.0
    }

    /// Whether this many rows at fault are more than the share of all rows.
    #[must_use]
    pub const fn is_exceeded(self, faults: u64, rows: u64) -> bool {
        faults as u128 * 1_000_000 > self.0 as u128 * rows as u128
    }
}

/// Reads kroner as Danes write them: `500.000`, `500000`, `1.234,56`. Points stand before groups of three digits only,
/// so that an English `500.00` is not taken for fifty thousand.
pub(super) fn parse_kroner(text: &str) -> Option<Ore> {
    let text = text.trim().trim_end_matches("kr.").trim_end();
    let (kroner, ore) = text.split_once(',').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = kroner.split('.');
    let first = groups.next().filter(|first| digits(first))?;
    let grouped = kroner.contains('.');
    if grouped && first.len() > 3 || !groups.all(|group| group.len() == 3 && digits(group)) {
        return None;
    }
    if ore.len() > 2 || !digits(ore) {
        return None;
    }
    let kroner: i64 = kroner.replace('.', "").parse().ok()?;
    let ore: i64 = format!("{ore:0<2}").parse().ok()?;
    kroner.checked_mul(100)?.checked_add(ore).map(Ore)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_exact() {
        assert_eq!(FaultLimit::parse("0.01"), Some(FaultLimit::DEFAULT));
        assert_eq!(FaultLimit::parse("0"), Some(FaultLimit(0)));
        assert_eq!(FaultLimit::parse("1.0"), Some(FaultLimit(1_000_000)));
        assert_eq!(FaultLimit::parse("0.000001"), Some(FaultLimit(1)));
        for wrong in ["1.000001", "0.0000001", "1e-2", "-0.1", "nan", ".5", "", "+0.1", "99999999999"] {
            assert_eq!(FaultLimit::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        let limit = FaultLimit::DEFAULT;
        assert!(!limit.is_exceeded(1, 100));
        assert!(limit.is_exceeded(1, 99));
        assert!(limit.is_exceeded(2, 100));
        assert!(!limit.is_exceeded(0, 0));
        assert!(!FaultLimit(1_000_000).is_exceeded(u64::MAX, u64::MAX));
        assert!(FaultLimit(0).is_exceeded(1, u64::MAX));
    }

    #[test]
    fn kroner_are_read_as_danes_write_them() {
        for (text, ore) in [
            ("500.000", 50_000_000),
            ("500000", 50_000_000),
            ("1.234,56", 123_456),
            ("1234,5", 123_450),
            ("7 kr.", 700),
        ] {
            assert_eq!(parse_kroner(text), Some(Ore(ore)), "{text}");
        }
        for wrong in ["500.00", "500,000", "5000.000", "", "-5", "1..000", "x", ",50", "1.", "99999999999999999999"] {
            assert_eq!(parse_kroner(wrong), None, "{wrong}");
        }
    }
}
