//! What is known about given names beforehand: short forms and sister forms that belong to one name, and words that
//! stand where a name is not known.

use std::collections::{BTreeMap, BTreeSet};

/// One line for each name: its forms.
const SHORT_NAMES: &str = include_str!("data/short_names.txt");

/// Words written in place of a name, Danish and English, folded.
const PLACEHOLDERS: &[&str] = &[
    "adult",
    "anonym",
    "baby",
    "babyboy",
    "babygirl",
    "barn",
    "beboer",
    "boern",
    "boy",
    "brother",
    "child",
    "children",
    "datter",
    "daughter",
    "dreng",
    "drengebarn",
    "efternavn",
    "elder",
    "father",
    "female",
    "first",
    "first name",
    "fornavn",
    "fru",
    "gentleman",
    "girl",
    "grandchild",
    "granddaughter",
    "grandson",
    "guest",
    "h h",
    "hh",
    "household",
    "house",
    "husband",
    "ingen",
    "ingen efternavn",
    "ingen fornavn",
    "ikke oplyst",
    "kid",
    "kvinde",
    "lady",
    "lady in",
    "lady of",
    "lady of house",
    "last name",
    "male",
    "man",
    "man in",
    "man of",
    "man of house",
    "mand",
    "middle",
    "minor",
    "miss",
    "mister",
    "mor",
    "mother",
    "mr",
    "mrs",
    "ms",
    "name",
    "navn",
    "navneloes",
    "n a",
    "na",
    "nn",
    "n n",
    "no first name",
    "no last name",
    "no name",
    "none",
    "null",
    "nyfoedt",
    "occupant",
    "oldest",
    "person",
    "pige",
    "pigebarn",
    "refused",
    "resident",
    "roommate",
    "sister",
    "soen",
    "son",
    "spouse",
    "student",
    "teen",
    "teenager",
    "test",
    "twin",
    "udoebt",
    "udoebt dreng",
    "udoebt pige",
    "ukendt",
    "unknown",
    "wife",
    "woman",
    "xx",
    "xxx",
    "young",
    "youngest",
];

/// Names and their forms.
#[derive(Debug)]
pub struct Names {
    forms: BTreeMap<&'static str, [u8; 3]>,
    placeholders: BTreeSet<&'static str>,
}

impl Names {
    /// Reads the shipped list.
    #[must_use]
    pub fn shipped() -> Self {
        let mut forms: BTreeMap<&str, [u8; 3]> = BTreeMap::new();
        for (line, number) in SHORT_NAMES.lines().zip(1_u8..) {
            for form in line.split(' ') {
                let groups = forms.entry(form).or_default();
                if let Some(free) = groups.iter_mut().find(|group| **group == 0) {
                    *free = number;
                }
            }
        }
        Self { forms, placeholders: PLACEHOLDERS.iter().copied().collect() }
    }

    /// The names that the first word is a form of; 0 for none.
    #[must_use]
    pub fn groups(&self, name: &[u8]) -> [u8; 3] {
        let first = name.split(|byte| *byte == b' ').next().unwrap_or_default();
        std::str::from_utf8(first).ok().and_then(|first| self.forms.get(first)).copied().unwrap_or_default()
    }

    /// Whether a folded text stands for a name that is not known.
    #[must_use]
    pub fn is_placeholder(&self, folded: &str) -> bool {
        self.placeholders.contains(folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_share_a_name() {
        let names = Names::shipped();
        let share = |one: &str, other: &str| {
            let other = names.groups(other.as_bytes());
            names.groups(one.as_bytes()).iter().any(|group| *group > 0 && other.contains(group))
        };
        assert!(share("mikkel", "michael") && share("lis", "elisabeth") && share("bob", "robert"));
        assert!(share("kirsten marie", "kirstine"));
        assert!(!share("anne", "bo") && !share("ukendt", "ukendt"));
        assert!(SHORT_NAMES.lines().count() < 256, "numbers are bytes");
    }

    #[test]
    fn placeholders_are_folded_words() {
        let names = Names::shipped();
        assert!(names.is_placeholder("ukendt") && !names.is_placeholder("mads"));
        for word in PLACEHOLDERS {
            assert_eq!(*word, crate::matching::fold(word));
        }
    }
}
