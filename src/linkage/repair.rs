//! Numbers one slip of the pen away: a digit mistyped, two neighbours swapped, a digit lost or one too many.

use crate::domain::Cpr;

/// Every number at Damerau distance 1 from the digits, sorted. The digits themselves are none of them.
#[must_use]
pub fn neighbours(digits: &[u8]) -> Vec<Cpr> {
    let mut found = Vec::new();
    let mut try_number = |candidate: &[u8]| {
        if candidate != digits {
            found.extend(Cpr::parse(candidate).ok());
        }
    };
    let mut changed = digits.to_vec();
    match digits.len() {
        10 => {
            for at in 0..10 {
                for digit in b'0'..=b'9' {
                    changed[at] = digit;
                    try_number(&changed);
                }
                changed[at] = digits[at];
            }
            for at in 0..9 {
                changed.swap(at, at + 1);
                try_number(&changed);
                changed.swap(at, at + 1);
            }
        }
        9 => {
            for at in 0..=9 {
                changed.clear();
                changed.extend_from_slice(digits);
                changed.insert(at, b'0');
                for digit in b'0'..=b'9' {
                    changed[at] = digit;
                    try_number(&changed);
                }
            }
        }
        11 => {
            for at in 0..11 {
                changed.clear();
                changed.extend_from_slice(digits);
                changed.remove(at);
                try_number(&changed);
            }
        }
        _ => {}
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::RngSeed};

    use super::*;

    /// Damerau distance (optimal string alignment), from the definition.
    fn distance(one: &[u8], other: &[u8]) -> usize {
        match (one, other) {
            ([], rest) | (rest, []) => rest.len(),
            ([a, one @ ..], [b, other @ ..]) if a == b => distance(one, other),
            ([a, rest_one @ ..], [b, rest_other @ ..]) => {
                let mut least =
                    distance(rest_one, rest_other).min(distance(rest_one, other)).min(distance(one, rest_other));
                if let ([c, after_one @ ..], [d, after_other @ ..]) = (rest_one, rest_other)
                    && (a, c) == (d, b)
                {
                    least = least.min(distance(after_one, after_other));
                }
                least + 1
            }
        }
    }

    #[test]
    fn distance_is_what_it_is() {
        assert_eq!([distance(b"0102", b"0102"), distance(b"0102", b"0120"), distance(b"0102", b"1012")], [0, 1, 2]);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 48,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(6),
            ..ProptestConfig::default()
        })]

        #[test]
        fn every_number_found_is_one_slip_away_and_every_slip_is_found(
            day in 1_u32..32, month in 1_u32..13, year in 0_u32..100, serial in 0_u32..10_000,
            at in 0_usize..10, digit in 0_u8..10, kind in 0_u8..4,
        ) {
            let digits = format!("{day:02}{month:02}{year:02}{serial:04}").into_bytes();
            let mut slipped = digits.clone();
            match kind {
                0 => slipped[at] = b'0' + digit,
                1 => slipped.swap(at.min(8), at.min(8) + 1),
                2 => drop(slipped.remove(at)),
                _ => slipped.insert(at, b'0' + digit),
            }
            let found = neighbours(&slipped);
            prop_assert!(found.is_sorted());
            for number in &found {
                prop_assert_eq!(distance(&number.digits(), &slipped), 1);
            }
            if let Ok(number) = Cpr::parse(&digits) {
                prop_assert_eq!(found.contains(&number), slipped != digits);
            }
        }
    }

    #[test]
    fn other_lengths_have_no_neighbours() {
        assert!(
            neighbours(b"").is_empty() && neighbours(b"01020300").is_empty() && neighbours(b"010203000412").is_empty()
        );
    }
}
