//! What an earlier run says of itself in `bevis/koersel.json`, as far as two runs are held together by it.

use serde::Deserialize;

use crate::base::{Error, ErrorKind, Result};

/// The form of statements that is read.
const FORMAT: u32 = 1;

/// Project, keys and labels of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Stated {
    format: u32,
    /// Project id, `kommune|projekt|liste`.
    #[serde(rename = "projekt")]
    pub project: String,
    /// The day on which families are taken.
    #[serde(rename = "skaeringsdato")]
    pub reference_date: String,
    /// Labels mode: projekt or koersel.
    #[serde(rename = "etiketter")]
    pub labels: String,
    #[serde(rename = "noegle")]
    key: StatedKey,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct StatedKey {
    #[serde(rename = "projekt_kontrol")]
    project_check: String,
}

impl Stated {
    /// Reads `bevis/koersel.json`.
    ///
    /// # Errors
    /// When the bytes are no statement, or one of another form.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let stated: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::new(ErrorKind::Input, "Kørslens bevis kan ikke læses").because(error))?;
        if stated.format == FORMAT {
            Ok(stated)
        } else {
            Err(Error::new(ErrorKind::Input, format!("Kørslens bevis har formen {}", stated.format))
                .hint(format!("Denne samkor læser formen {FORMAT}.")))
        }
    }

    /// Refuses two runs whose persons and labels cannot be compared.
    ///
    /// # Errors
    /// When a run made its labels for itself alone, or project or key differ.
    pub fn check_joinable(&self, other: &Self) -> Result<()> {
        if [self, other].iter().any(|run| run.labels != "projekt") {
            return Err(Error::new(
                ErrorKind::Input,
                "En af kørslerne har etiketter = \"koersel\": intet i den kan føres sammen med en anden kørsel",
            )
            .hint("Det er meningen med de etiketter (databeskyttelsesloven § 10). Familier kan kun følges med etiketter = \"projekt\"."));
        }
        if self.project != other.project {
            return Err(Error::new(ErrorKind::Input, "Kørslerne er af hvert sit projekt").hint(
                "Pseudonymer og etiketter dannes af projektets navn, så kun kørsler af ét projekt kan føres sammen.",
            ));
        }
        if self.key != other.key {
            return Err(Error::new(ErrorKind::Input, "Kørslerne er lavet med hver sin nøgle")
                .hint("Kun kørsler med samme nøgle har de samme pseudonymer og etiketter."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated() -> Stated {
        Stated::read(include_bytes!("statement_example.json")).expect("the example is a statement")
    }

    #[test]
    fn two_runs_of_one_project_and_key_are_joined() {
        assert_eq!(stated().check_joinable(&stated()).map_err(|error| error.to_string()), Ok(()));
        let other = |change: fn(&mut Stated)| {
            let mut other = stated();
            change(&mut other);
            [stated().check_joinable(&other), other.check_joinable(&stated())]
                .map(|joined| joined.expect_err("not joinable").to_string())
        };
        for told in other(|run| run.labels = "koersel".to_owned()) {
            assert!(told.contains("koersel"), "{told}");
        }
        for told in other(|run| run.project.push('x')) {
            assert!(told.contains("projekt"), "{told}");
        }
        for told in other(|run| run.key.project_check.push('0')) {
            assert!(told.contains("nøgle"), "{told}");
        }
    }

    #[test]
    fn another_form_is_refused() {
        let text = String::from_utf8(include_bytes!("statement_example.json").to_vec()).expect("UTF-8");
        let error = Stated::read(text.replace("\"format\": 1", "\"format\": 2").as_bytes()).expect_err("form 2");
        assert!(error.to_string().contains('2'));
        assert!(Stated::read(b"{}").is_err());
    }
}
