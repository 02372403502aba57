//! Finds the service behind the code or name that a benefit system, a price list or a manual supplement uses.

use std::cmp::Reverse;

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

use crate::{
    base::Result,
    catalogue::{
        table::{Row, Sheet, keep_own},
        wording,
    },
    domain::{ServiceId, System},
};

/// The names that the catalogue knows.
#[derive(Clone, Debug)]
pub(super) struct Benefits {
    /// Whole names in lower case, sorted.
    names: Vec<(System, Box<str>, ServiceId)>,
    /// Words in the name of an institution, the longest first.
    institutions: Vec<(Box<str>, ServiceId)>,
}

impl Benefits {
    /// Reads the names; `service` finds the service of a code or fails with the row.
    pub(super) fn load(sheet: Sheet<'_>, service: impl Fn(&Row<'_>, usize) -> Result<ServiceId>) -> Result<Self> {
        let lines = sheet.rows("system;name;service;confidence")?;
        let mut names = Vec::new();
        for row in &lines {
            let name: Box<str> = row.cell(1).to_lowercase().into();
            if name.is_empty() {
                return Err(row.error("navnet mangler"));
            }
            for system in row.parts(0) {
                names.push((parse_system(row, system)?, name.clone(), service(row, 2)?, row));
            }
        }
        keep_own(&mut names, |(system, name, ..)| (*system, name.clone()), |(.., row)| row);
        names.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        if let Some(pair) = names.windows(2).find(|pair| (pair[0].0, &pair[0].1) == (pair[1].0, &pair[1].1)) {
            return Err(pair[1].3.error("navnet står to gange for samme system"));
        }
        let names: Vec<_> = names.into_iter().map(|(system, name, service, _)| (system, name, service)).collect();
        let mut institutions: Vec<_> = names
            .iter()
            .filter(|(system, ..)| *system == System::Institution)
            .map(|(_, name, service)| (name.clone(), *service))
            .collect();
        institutions.sort_by_key(|(name, _)| Reverse(name.chars().count()));
        Ok(Self { names, institutions })
    }

    /// The service that a system means by a code or name.
    pub(super) fn find(&self, system: System, name: &str) -> Option<ServiceId> {
        let known =
            |(of, known, _): &(System, Box<str>, ServiceId)| of.cmp(&system).then_with(|| wording::order(known, name));
        self.names.binary_search_by(known).ok().map(|at| self.names[at].2)
    }

    /// The service of an institution whose name says what it is.
    pub(super) fn find_institution(&self, name: &str) -> Option<ServiceId> {
        let mut known = self.institutions.iter();
        known.find(|(word, _)| wording::begins_a_word(name, word)).map(|(_, service)| *service)
    }
}

/// A system by the word that plans use.
pub(super) fn parse_system(row: &Row<'_>, text: &str) -> Result<System> {
    System::deserialize(text.into_deserializer())
        .map_err(|cause: value::Error| row.error(&format!("»{text}« er intet system")).because(cause))
}
