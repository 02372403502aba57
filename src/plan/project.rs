//! The project's name, which goes into every pseudonym.

use std::fmt;

/// Municipality, project and list, each `[a-z0-9-]+`, joined by `|` (docs/format.md). It names the making of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Project(String);

impl Project {
    /// Reads the name; `None` when it does not have three parts of small letters, digits and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('|').collect();
        (parts.len() == 3 && parts.iter().all(|part| is_name(part))).then(|| Self(text.to_owned()))
    }

    /// The whole name, as it is hashed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The municipality, the first part.
    #[must_use]
    pub fn municipality(&self) -> &str {
        self.0.split('|').next().unwrap_or_default()
    }

    /// Whether this is a project on made-up data: only these take the demo's key, and their outputs say PRØVEDATA.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.municipality() == "demo"
    }
}

impl fmt::Display for Project {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a text is `[a-z0-9-]+`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The nearest name that is allowed: small letters, `oe` for `ø`, hyphens for the rest. Empty when nothing remains.
pub(super) fn name_from(text: &str) -> String {
    let mut name = String::new();
    for letter in text.to_lowercase().chars() {
        match letter {
            'æ' => name.push_str("ae"),
            'ø' => name.push_str("oe"),
            'å' => name.push_str("aa"),
            'a'..='z' | '0'..='9' => name.push(letter),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_three_parts() {
        let project = Project::parse("hvidovre|100-familier|fase1").expect("three parts");
        assert_eq!((project.municipality(), project.is_demo()), ("hvidovre", false));
        assert!(Project::parse("demo|x|y").is_some_and(|project| project.is_demo()));
        assert!(Project::parse("demo-by|x|y").is_some_and(|project| !project.is_demo()));
        for wrong in ["", "a|b", "a|b|c|d", "A|b|c", "a||c", "a|b|c ", "køge|b|c", "a|b_b|c"] {
            assert_eq!(Project::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_is_proposed() {
        assert_eq!(name_from("Eksempelkøbing Kommune"), "eksempelkoebing-kommune");
        assert_eq!(name_from("  Ærø / 2 "), "aeroe-2");
        assert_eq!(name_from("***"), "");
    }
}
