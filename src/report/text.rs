//! Danish numbers and dates for readers.

use crate::domain::{Date, Ore, Protection, divide_half_even};

/// Whole kroner, rounded to a multiple of `unit` kroner: `1.234.000`, with a true minus sign.
pub(super) fn kroner(ore: Ore, unit: u32) -> String {
    let text = ore.rounded_to_kroner(unit).to_string();
    text.trim_end_matches(",00").replace('-', "\u{2212}")
}

/// A count with separators: `12.345`.
pub(super) fn count(number: u64) -> String {
    let ore = i64::try_from(number).ok().and_then(|number| number.checked_mul(100)).unwrap_or(i64::MAX);
    Ore(ore).to_string().trim_end_matches(",00").to_owned()
}

/// A count with its noun: `1 familie`, `2 familier`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", count(number), if number == 1 { one } else { many })
}

/// A share in whole per cent; a dash when there is nothing to share.
pub(super) fn share(part: i128, of: i128) -> String {
    if of <= 0 {
        return "\u{2013}".to_owned();
    }
    match divide_half_even(part * 100, of) {
        0 if part > 0 => "under 1\u{a0}%".to_owned(),
        100 if part < of => "over 99\u{a0}%".to_owned(),
        whole => format!("{whole}\u{a0}%").replace('-', "\u{2212}"),
    }
}

/// A share of kroner.
pub(super) fn share_of_ore(part: Ore, of: Ore) -> String {
    share(i128::from(part.0), i128::from(of.0))
}

/// A share of a number of persons, families or rows.
pub(super) fn share_of_count(part: u64, of: u64) -> String {
    share(i128::from(part), i128::from(of))
}

/// A day in words: `30. juni 2015`.
pub(super) fn date(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ];
    let (year, month, day) = day.ymd();
    let month = MONTHS.get(usize::from(month) - 1).copied().unwrap_or_default();
    format!("{day}.\u{a0}{month} {year}")
}

/// How a family with a protected member is marked.
pub(super) const fn protection(protection: Option<Protection>) -> &'static str {
    match protection {
        None => "",
        Some(protection) => protection.danish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_danish() {
        assert_eq!(kroner(Ore(123_456_789), 1_000), "1.235.000");
        assert_eq!(kroner(Ore(-123_456_789), 1), "\u{2212}1.234.568");
        assert_eq!(kroner(Ore(4_999), 1_000), "0");
        assert_eq!(count(1_234_567), "1.234.567");
        assert_eq!(counted(1, "familie", "familier"), "1\u{a0}familie");
        assert_eq!(date(Date::EPOCH), "1.\u{a0}januar 1970");
    }

    #[test]
    fn shares_never_hide_somebody_behind_a_round_figure() {
        let shares = [(0, 7), (1, 1_000), (999, 1_000), (1, 3), (7, 7), (0, 0)];
        let shares = shares.map(|(part, of)| share(part, of).replace('\u{a0}', " "));
        assert_eq!(shares, ["0 %", "under 1 %", "over 99 %", "33 %", "100 %", "–"]);
    }
}
