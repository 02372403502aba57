//! How alike two folded words are: Jaro-Winkler with bit masks, and edit distance with transpositions, both without
//! allocation. Words longer than 64 bytes are compared by their first 64.

const LONGEST: usize = 64;

/// Which letters and digits a word has, for a bound on its similarity to others before it is computed.
#[must_use]
pub fn letter_mask(word: &[u8]) -> u64 {
    word.iter().fold(0, |mask, &byte| mask | 1 << bit(byte))
}

const fn bit(byte: u8) -> u32 {
    match byte {
        b'a'..=b'z' => (byte - b'a') as u32,
        b'0'..=b'9' => (byte - b'0') as u32 + 26,
        _ => 36 + (byte & 7) as u32,
    }
}

/// One divided by every length.
const INVERSE: [f64; LONGEST + 1] = {
    let mut inverse = [0.0; LONGEST + 1];
    let (mut length, mut whole) = (1, 1.0);
    while length <= LONGEST {
        inverse[length] = 1.0 / whole;
        length += 1;
        whole += 1.0;
    }
    inverse
};

fn ratio(part: u32, whole: usize) -> f64 {
    f64::from(part) * INVERSE[whole]
}

/// The largest Jaro-Winkler similarity that two words with these letters and lengths can have.
#[must_use]
pub fn upper_bound(one: (&[u8], u64), other: (&[u8], u64)) -> f64 {
    let (short, long) = if one.0.len() <= other.0.len() { (one, other) } else { (other, one) };
    let shortest = u32::try_from(short.0.len().min(LONGEST)).unwrap_or(64);
    let common = shortest.saturating_sub((short.1 & !long.1).count_ones());
    if common == 0 {
        return 0.0;
    }
    let jaro = (ratio(common, short.0.len().min(LONGEST)) + ratio(common, long.0.len().min(LONGEST)) + 1.0) / 3.0;
    jaro + ratio(prefix(short.0, long.0), 10) * (1.0 - jaro)
}

fn prefix(one: &[u8], other: &[u8]) -> u32 {
    let mut length = 0;
    for (first, second) in one.iter().zip(other).take(4) {
        if first != second {
            break;
        }
        length += 1;
    }
    length
}

/// Jaro-Winkler similarity, 0 to 1: scale 0.1, prefix up to four letters.
#[must_use]
pub fn jaro_winkler(one: &[u8], other: &[u8]) -> f64 {
    let one = &one[..one.len().min(LONGEST)];
    let other = &other[..other.len().min(LONGEST)];
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let window = (one.len().max(other.len()) / 2).saturating_sub(1);
    let (mut taken_one, mut taken_other) = (0_u64, 0_u64);
    let mut matches = 0_u32;
    for (place, letter) in one.iter().enumerate() {
        let from = place.saturating_sub(window);
        let to = (place + window + 1).min(other.len());
        let free = |&(candidate, other): &(usize, &u8)| other == letter && (taken_other >> candidate) & 1 == 0;
        if let Some((candidate, _)) = other.iter().enumerate().take(to).skip(from).find(free) {
            taken_one |= 1 << place;
            taken_other |= 1 << candidate;
            matches += 1;
        }
    }
    if matches == 0 {
        return 0.0;
    }
    let mut moved = 0_u32;
    let mut rest = taken_other;
    let mut left = taken_one;
    while left != 0 {
        let (first, second) = (left.trailing_zeros() as usize, rest.trailing_zeros() as usize);
        moved += u32::from(one[first] != other[second]);
        left &= left - 1;
        rest &= rest - 1;
    }
    let jaro =
        (ratio(matches, one.len()) + ratio(matches, other.len()) + f64::from(matches - moved / 2) / f64::from(matches))
            / 3.0;
    jaro + ratio(prefix(one, other), 10) * (1.0 - jaro)
}

/// Edit distance with transpositions of neighbours (optimal string alignment), or `limit + 1` when it is larger. What the
/// two have in common at both ends is cut off first, and only the band that the limit leaves is computed.
#[must_use]
pub fn edits(one: &[u8], other: &[u8], limit: u8) -> u8 {
    let one = &one[..one.len().min(LONGEST)];
    let other = &other[..other.len().min(LONGEST)];
    let band = usize::from(limit);
    if one.len().abs_diff(other.len()) > band {
        return limit + 1;
    }
    let start = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[..one.len() - end], &other[..other.len() - end]);
    if one.is_empty() || other.is_empty() {
        return u8::try_from(one.len() + other.len()).unwrap_or(u8::MAX).min(limit + 1);
    }
    let far = limit + 1;
    let mut rows = [[far; LONGEST + 2]; 3];
    for (place, cell) in rows[0].iter_mut().enumerate().take(band.min(other.len()) + 1) {
        *cell = u8::try_from(place).unwrap_or(far);
    }
    for place in 0..one.len() {
        let (from, to) = (place.saturating_sub(band), (place + band + 1).min(other.len()));
        let [last, before, row] = &mut rows;
        row[from] = if from == 0 { u8::try_from(place + 1).unwrap_or(far).min(far) } else { far };
        let mut smallest = row[from];
        for column in from..to {
            let mut cell = last[column] + u8::from(one[place] != other[column]);
            cell = cell.min(row[column] + 1);
            if column < place + band {
                cell = cell.min(last[column + 1] + 1);
            }
            if place > 0 && column > 0 && one[place] == other[column - 1] && one[place - 1] == other[column] {
                cell = cell.min(before[column - 1] + 1);
            }
            row[column + 1] = cell.min(far);
            smallest = smallest.min(cell);
        }
        if smallest > limit {
            return far;
        }
        // Next round: this row is the last one, the last one stands before it.
        rows.rotate_right(1);
    }
    rows[0][other.len()].min(far)
}

/// As [`edits`], but letters that only one of the words has settle most pairs at once.
#[must_use]
pub fn edits_masked(one: (&[u8], u64), other: (&[u8], u64), limit: u8) -> u8 {
    // A change can take one letter from a word's set and add one.
    if (one.1 ^ other.1).count_ones() > 2 * u32::from(limit) {
        return limit + 1;
    }
    edits(one.0, other.0, limit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        assert!((jaro_winkler(b"martha", b"marhta") - 0.961_111).abs() < 1e-6);
        assert!((jaro_winkler(b"dixon", b"dicksonx") - 0.813_333).abs() < 1e-6);
        assert_eq!(edits(b"kitten", b"sitting", 5), 3);
        assert_eq!(edits(b"0102", b"0120", 2), 1);
        assert_eq!(edits(b"12345678", b"87654321", 2), 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(6), ..ProptestConfig::default()
        })]

        #[test]
        fn agrees_with_the_naive_twin(one in "[a-e]{0,12}", other in "[a-e]{0,12}") {
            let (first, second) = (one.as_bytes(), other.as_bytes());
            let distance = strsim::osa_distance(&one, &other);
            prop_assert_eq!(usize::from(edits(first, second, 20)), distance);
            let masked = edits_masked((first, letter_mask(first)), (second, letter_mask(second)), 2);
            prop_assert_eq!(usize::from(masked), distance.min(3));
            prop_assert_eq!(usize::from(edits(first, second, 1)), distance.min(2));
            if !one.is_empty() && !other.is_empty() {
                let jaro = strsim::jaro(&one, &other);
                let start = one.bytes().zip(other.bytes()).take(4).take_while(|(one, other)| one == other).count();
                let start = f64::from(u32::try_from(start).expect("at most four"));
                let twin = jaro + 0.1 * start * (1.0 - jaro);
                prop_assert!((jaro_winkler(first, second) - twin).abs() < 1e-9);
                let bound = upper_bound((first, letter_mask(first)), (second, letter_mask(second)));
                prop_assert!(bound + 1e-9 >= jaro_winkler(first, second));
            }
        }
    }
}
