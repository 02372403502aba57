//! The spec of a link: which columns are compared and how, if the headings do not tell.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde::Deserialize;

use super::input::Input;
use crate::{
    base::{Error, ErrorKind, Place, Result, error::nearest},
    matching::{Comparison, Kind, Relation, Rule, Settings},
};

/// A spec as it is written, all of it optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    forvalg: Option<String>,
    sandsynlighed: Option<f64>,
    relation: Option<String>,
    stoerste_gruppe: Option<usize>,
    /// The column that names the row.
    id: Option<String>,
    id_venstre: Option<String>,
    id_hoejre: Option<String>,
    /// Columns not to compare.
    #[serde(default)]
    udelad: Vec<String>,
    /// Columns to write beside the groups.
    #[serde(default)]
    medtag: Vec<String>,
    #[serde(default)]
    kolonne: Vec<Column>,
    #[serde(default)]
    regel: Vec<RuleText>,
    #[serde(skip)]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    navn: Option<String>,
    venstre: Option<String>,
    hoejre: Option<String>,
    art: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    navn: String,
    forbind: bool,
    naar: BTreeMap<String, Vec<String>>,
}

/// A column that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Its heading on the left, for the report.
    pub heading: String,
    /// Its heading on the right.
    pub right_heading: String,
    /// Its place in the left file.
    pub left: usize,
    /// Its place in the right file.
    pub right: usize,
    /// What it holds.
    pub kind: Kind,
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Plan, message)
}

impl Spec {
    /// Reads a spec.
    ///
    /// # Errors
    /// When it is no TOML or has keys that mean nothing.
    pub fn read(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(ErrorKind::Plan, format!("{file} kan ikke læses")).because(error))?;
        Self::parse(&file, &text)
    }

    /// Reads a spec's text; `file` is where it stands.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let spec: Self = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let place = Place { file: file.to_owned(), text: Arc::from(text), span, label: "her".to_owned() };
            wrong("Specen kan ikke læses")
                .at(place)
                .hint("Nøglerne øverst er forvalg, sandsynlighed, relation, stoerste_gruppe, id, id_venstre, id_hoejre, udelad, medtag.")
                .hint("[[kolonne]] har navn (eller venstre og hoejre) og art; [[regel]] har navn, forbind og naar.")
        })?;
        Ok(Self { text: text.to_owned(), ..spec })
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How to link.
    ///
    /// # Errors
    /// When a value cannot be used.
    pub fn settings(&self, households: bool) -> Result<Settings> {
        let households = match self.forvalg.as_deref() {
            None => households,
            Some("person") if !households => false,
            Some("husstand") => true,
            Some("person") => return Err(wrong("Specen siger forvalg = \"person\", kommandolinjen --husstand")),
            Some(_) => return Err(wrong("forvalg er \"person\" eller \"husstand\"")),
        };
        let mut settings = Settings { households, ..Settings::default() };
        if let Some(probability) = self.sandsynlighed {
            if !(0.5..1.0).contains(&probability) {
                return Err(wrong("sandsynlighed skal være mindst 0,5 og under 1"));
            }
            settings.probability = probability;
        }
        if let Some(relation) = &self.relation {
            let names = Relation::NAMES.map(|(_, name)| name);
            let found = Relation::NAMES.iter().find(|(_, name)| name == relation);
            settings.relation = found
                .map(|(relation, _)| *relation)
                .ok_or_else(|| wrong("Ukendt relation").hint(format!("Relationerne er {}.", names.join(", "))))?;
        }
        settings.largest = self.stoerste_gruppe.unwrap_or(settings.largest).max(2);
        Ok(settings)
    }

    /// The columns that are compared: those named, or else all whose headings or values tell what they hold.
    ///
    /// # Errors
    /// When a named column or kind does not exist, or no column is left.
    pub fn columns(&self, left: &Input, right: Option<&Input>, households: bool) -> Result<Vec<Compared>> {
        let other = right.unwrap_or(left);
        let mut columns = Vec::new();
        for column in &self.kolonne {
            let missing = || {
                wrong("En [[kolonne]] mangler navn")
                    .hint("Skriv navn = \"...\", eller venstre = \"...\" og hoejre = \"...\".")
            };
            let heading = column.venstre.as_ref().or(column.navn.as_ref()).ok_or_else(missing)?;
            let on_right = column.hoejre.as_ref().or(column.navn.as_ref()).unwrap_or(heading);
            let (place, right) = (left.column(heading)?, other.column(on_right)?);
            let kind = match &column.art {
                Some(name) => Kind::parse(name).ok_or_else(|| {
                    let names: Vec<&str> = Kind::names().collect();
                    let error = wrong(format!("Ukendt art for kolonnen {heading}"))
                        .hint(format!("Arterne er {}.", names.join(", ")));
                    match nearest(name, names.iter().copied()) {
                        Some(near) => error.hint(format!("Mente du {near}?")),
                        None => error,
                    }
                })?,
                None => guess(heading, left, place)?.unwrap_or(Kind::Text),
            };
            let (heading, right_heading) = (heading.clone(), on_right.clone());
            columns.push(Compared { heading, right_heading, left: place, right, kind });
        }
        if self.kolonne.is_empty() {
            for (place, heading) in left.headings.iter().enumerate() {
                let Some(right) = other.headings.iter().position(|known| known == heading) else { continue };
                if self.udelad.contains(heading) {
                    continue;
                }
                if let Some(kind) = guess(heading, left, place)? {
                    let right_heading = heading.clone();
                    columns.push(Compared { heading: heading.clone(), right_heading, left: place, right, kind });
                }
            }
        }
        for heading in &self.udelad {
            left.column(heading).or_else(|error| right.map_or(Err(error), |right| right.column(heading)))?;
        }
        if households && self.kolonne.is_empty() {
            let of_household = [
                Kind::Street,
                Kind::Number,
                Kind::Unit,
                Kind::PostBox,
                Kind::Postcode,
                Kind::City,
                Kind::Family,
                Kind::Phone,
            ];
            columns.retain(|column| of_household.contains(&column.kind));
            if !columns.iter().any(|column| column.kind == Kind::Street) {
                return Err(wrong("Der er ingen vejnavne at finde husstande efter")
                    .hint("Navngiv kolonnen: [[kolonne]] navn = \"...\", art = \"vej\"."));
            }
        }
        if columns.is_empty() {
            return Err(wrong("Ingen kolonne kan sammenlignes")
                .hint("Overskrifterne fortæller ikke, hvad kolonnerne rummer, eller de to filer har ingen til fælles.")
                .hint("Navngiv dem i en spec: [[kolonne]] venstre = \"...\", hoejre = \"...\", art = \"fornavn\"."));
        }
        Ok(columns)
    }

    /// The columns that name the rows of the two files, if there are any.
    ///
    /// # Errors
    /// When a named column does not exist or holds CPR numbers.
    pub fn ids(&self, left: &Input, right: Option<&Input>) -> Result<[Option<usize>; 2]> {
        let of = |input: &Input, named: Option<&String>| -> Result<Option<usize>> {
            if let Some(heading) = named {
                let column = input.column(heading)?;
                refuse_cpr(input, column)?;
                return Ok(Some(column));
            }
            let known = ["unique_id", "rec_id", "record_id", "row_id", "id", "raekke_id", "uid"];
            let column = input.headings.iter().position(|heading| known.contains(&heading.to_lowercase().as_str()));
            Ok(match column {
                Some(column) if !input.looks_like_cpr(column)? => Some(column),
                _ => None,
            })
        };
        let right = right.map(|right| of(right, self.id_hoejre.as_ref().or(self.id.as_ref()))).transpose()?.flatten();
        Ok([of(left, self.id_venstre.as_ref().or(self.id.as_ref()))?, right])
    }

    /// The further columns that are written.
    ///
    /// # Errors
    /// When one does not exist, holds CPR numbers, or stands in the groups already.
    pub fn more(&self, input: &Input) -> Result<Vec<usize>> {
        let mut columns = Vec::new();
        for heading in &self.medtag {
            let column = input.column(heading)?;
            if ["gruppe", "fil", "raekke", "id"].contains(&heading.as_str()) || columns.contains(&column) {
                return Err(wrong(format!("medtag nævner {heading}, som står i grupperne i forvejen")));
            }
            refuse_cpr(input, column)?;
            columns.push(column);
        }
        Ok(columns)
    }

    /// The rules beside the weight, by the comparisons that were made.
    ///
    /// # Errors
    /// When a rule names a comparison or a level that does not exist.
    pub fn rules(&self, comparisons: &[Comparison]) -> Result<Vec<Rule>> {
        self.regel.iter().map(|text| rule(text, comparisons)).collect()
    }
}

fn rule(rule: &RuleText, comparisons: &[Comparison]) -> Result<Rule> {
    if rule.naar.is_empty() {
        return Err(wrong(format!("Reglen {} har ingen betingelse", rule.navn)));
    }
    let mut when = Vec::new();
    for (name, levels) in &rule.naar {
        let names: Vec<&str> = comparisons.iter().map(|comparison| comparison.name()).collect();
        let place = names.iter().position(|known| known == name).ok_or_else(|| {
            wrong(format!("Reglen {} nævner en sammenligning, der ikke er der", rule.navn))
                .hint(format!("Sammenligningerne er {}.", names.join(", ")))
        })?;
        let known = comparisons[place].levels();
        let mut set = 0_u16;
        for level in levels {
            let number = known.iter().position(|name| name == level).ok_or_else(|| {
                wrong(format!("Reglen {} nævner et niveau, der ikke findes", rule.navn))
                    .hint(format!("Niveauerne for {name} er {}.", known.join(", ")))
            })?;
            set |= 1 << number;
        }
        when.push((place, set));
    }
    Ok(Rule { name: rule.navn.clone(), links: rule.forbind, when })
}

/// Refuses a column whose values look like CPR numbers: it may be compared but not written.
///
/// # Errors
/// When it does.
fn refuse_cpr(input: &Input, column: usize) -> Result<()> {
    if input.looks_like_cpr(column)? {
        return Err(wrong(format!(
            "Kolonnen {} i {} ligner CPR-numre og skrives ikke",
            input.headings[column], input.name
        ))
        .hint("Vælg en anden kolonne som id, eller lad rækkenumrene være nok. Sammenlignes kan den godt."));
    }
    Ok(())
}

fn guess(heading: &str, input: &Input, column: usize) -> Result<Option<Kind>> {
    if let Some(kind) = Kind::of_heading(heading) {
        return Ok(Some(kind));
    }
    let sample = input.sample(column)?;
    Ok(Kind::of_values(sample.iter().map(String::as_str)))
}
