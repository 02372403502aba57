//! The project id, which goes into every pseudonym.

use std::fmt;

/// Municipality, project and list, each `[a-z0-9-]+`, joined by `|` (docs/format.md). It names the making of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectId(String);

impl ProjectId {
    /// Reads the name; `None` when it does not have three parts of small letters, digits and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let parts: Vec<&str> = text.split('|').collect();
        (parts.len() == 3 && parts.iter().all(is_name)).then(|| Self(text.to_owned()))
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

impl fmt::Display for ProjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_three_parts() {
        let project = ProjectId::parse("hvidovre|100-familier|fase1").expect("three parts");
        assert_eq!((project.municipality(), project.is_demo()), ("hvidovre", false));
        assert!(ProjectId::parse("demo|x|y").is_some_and(|project| project.is_demo()));
        assert!(ProjectId::parse("demo-by|x|y").is_some_and(|project| !project.is_demo()));
        for wrong in ["", "a|b", "a|b|c|d", "A|b|c", "a||c", "a|b|c ", "køge|b|c", "a|b_b|c"] {
            assert_eq!(ProjectId::parse(wrong), None, "{wrong}");
        }
    }
}
