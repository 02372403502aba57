//! The project id, which goes into every pseudonym of the project.

use std::fmt;

use crate::base::{Error, ErrorKind, Result};

/// Municipality, project and list, each `[a-z0-9-]+`, joined by `|`. It names the making of the list; later phases reuse it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectId(String);

impl ProjectId {
    /// Reads a project id.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`] when it has another form.
    pub fn parse(text: &str) -> Result<Self> {
        let is_part =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if text.split('|').count() == 3 && text.split('|').all(is_part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(ErrorKind::Plan, "Projektet skal have formen kommune|projekt|liste").hint(
                "Brug kun små bogstaver a-z, cifre og bindestreg i hver del, for eksempel hvidovre|100-familier|fase1.",
            ))
        }
    }

    /// The id as it is hashed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a project for test data (`demo|`): its outputs are marked PRØVEDATA, and published keys work for it.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.0.starts_with("demo|")
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
    fn three_plain_parts_or_nothing() {
        let project = ProjectId::parse("hvidovre|100-familier|fase1").expect("valid");
        assert_eq!((project.as_str(), project.is_demo()), ("hvidovre|100-familier|fase1", false));
        assert!(ProjectId::parse("demo|eksempelkoebing|familier").expect("valid").is_demo());
        assert!(!ProjectId::parse("demografi|a|b").expect("valid").is_demo());
        for wrong in ["", "a|b", "a|b|c|d", "a||c", "a|B|c", "a|b|c ", "å|b|c", "a|b|c\n", "a|b_|c"] {
            assert_eq!(ProjectId::parse(wrong).map_err(|error| error.kind()), Err(ErrorKind::Plan), "{wrong:?}");
        }
    }
}
