//! Written addresses: a line parted into road, house number and flat, and road names without the words everybody writes
//! in their own way.

use super::fold::fold;

/// Words at the ends of road names with their shortest form: Danish, and English for data from elsewhere.
const SHORT: [(&str, &str); 34] = [
    ("alle", "al"),
    ("ave", "av"),
    ("avenue", "av"),
    ("blvd", "bd"),
    ("boulevard", "bd"),
    ("circle", "cir"),
    ("court", "ct"),
    ("cres", "cr"),
    ("crescent", "cr"),
    ("crt", "ct"),
    ("drive", "dr"),
    ("dv", "dr"),
    ("east", "e"),
    ("gade", "g"),
    ("gd", "g"),
    ("highway", "hwy"),
    ("la", "ln"),
    ("lane", "ln"),
    ("nordre", "ndr"),
    ("north", "n"),
    ("parkway", "pkwy"),
    ("place", "pl"),
    ("plads", "pl"),
    ("road", "rd"),
    ("sankt", "skt"),
    ("soendre", "sdr"),
    ("south", "s"),
    ("square", "sq"),
    ("street", "st"),
    ("strt", "st"),
    ("terrace", "tce"),
    ("vej", "v"),
    ("way", "wy"),
    ("west", "w"),
];

/// Folds a road name, its common words in their shortest form; `vej` and `gade` at the end of a longer word too.
#[must_use]
pub fn street(text: &str) -> String {
    let folded = fold(text);
    let mut short = String::with_capacity(folded.len());
    for word in folded.split(' ') {
        if !short.is_empty() {
            short.push(' ');
        }
        let known = SHORT.binary_search_by_key(&word, |(long, _)| long).map(|place| SHORT[place].1);
        match (known, word.strip_suffix("vej").or_else(|| word.strip_suffix("gade"))) {
            (Ok(known), _) => short.push_str(known),
            (Err(_), Some(stem)) if stem.len() >= 3 => {
                short.push_str(stem);
                short.push(if word.ends_with("vej") { 'v' } else { 'g' });
            }
            _ => short.push_str(word),
        }
    }
    short
}

/// Parts a written address line into road, house number and flat: `Vestergade 12 B, 2. th` or `12 Main St Apt 4`.
#[must_use]
pub fn split(line: &str) -> (String, String, String) {
    let (head, tail) = line.split_once(',').map_or((line, ""), |(head, tail)| (head, tail));
    let words: Vec<&str> = head.split_whitespace().collect();
    let is_number = |word: &str| word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let own = |words: &[&str]| words.join(" ");
    let (street, number, unit) = if words.len() > 1 && is_number(words[0]) {
        let unit = words.iter().position(|word| matches!(*word, "apt" | "unit" | "Apt" | "Unit" | "lot" | "#"));
        let end = unit.filter(|place| *place > 1).unwrap_or(words.len());
        (own(&words[1..end]), words[0].to_owned(), own(&words[end..]))
    } else if let Some(place) = words.iter().skip(1).position(|word| is_number(word)).map(|place| place + 1) {
        let letter = words
            .get(place + 1)
            .is_some_and(|word| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let end = place + 1 + usize::from(letter);
        (own(&words[..place]), own(&words[place..end]), own(&words[end..]))
    } else {
        (own(&words), String::new(), String::new())
    };
    let unit = if tail.trim().is_empty() { unit } else { format!("{unit} {}", tail.trim()) };
    (street, number, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(
            SHORT.is_sorted_by_key(|(long, _)| *long),
            "{:?}",
            SHORT.iter().zip(&SHORT[1..]).find(|(a, b)| a.0 > b.0)
        );
    }

    #[test]
    fn lines() {
        let parts = |line| {
            let (street, number, unit) = split(line);
            format!("{street}|{number}|{}", unit.trim())
        };
        assert_eq!(parts("Vestergade 12 B, 2. th"), "Vestergade|12 B|2. th");
        assert_eq!(parts("12 Main St Apt 4"), "Main St|12|Apt 4");
        assert_eq!(parts("Ukendt"), "Ukendt||");
        assert_eq!(street("Ndr. Ringvej"), street("Nordre Ringv"));
        assert_eq!(street("Søndergade"), "soenderg");
    }
}
