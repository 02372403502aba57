//! Pairs that somebody has decided, beside weights and rules: these two are one person, those two are not.

use std::collections::BTreeSet;

use super::cluster::connected;
use crate::base::{Error, ErrorKind, Result};

/// Decided pairs of rows, by the rows' places in the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bonds {
    together: BTreeSet<(u32, u32)>,
    apart: BTreeSet<(u32, u32)>,
}

impl Bonds {
    /// Takes decisions on pairs of rows: `true` when they are one person.
    ///
    /// # Errors
    /// When two decisions contradict each other, by themselves or through others.
    pub fn new(decisions: impl IntoIterator<Item = (u32, u32, bool)>, rows: usize) -> Result<Self> {
        let mut bonds = Self::default();
        for (one, other, is_one) in decisions {
            let pair = (one.min(other), one.max(other));
            if one == other {
                return Err(contradiction("En binding nævner den samme række to gange"));
            }
            if is_one {
                bonds.together.insert(pair)
            } else {
                bonds.apart.insert(pair)
            };
        }
        let joined: Vec<(u32, u32)> = bonds.together.iter().copied().collect();
        let groups = connected(&joined, rows);
        if bonds.apart.iter().any(|(one, other)| groups[*one as usize] == groups[*other as usize]) {
            return Err(contradiction(
                "Bindingerne modsiger hinanden: to rækker skal både være sammen og hver for sig",
            ));
        }
        Ok(bonds)
    }

    /// Pairs that are one person whatever they weigh.
    pub fn together(&self) -> impl Iterator<Item = (u32, u32)> {
        self.together.iter().copied()
    }

    /// Whether two rows are one person by decision.
    #[must_use]
    pub fn are_together(&self, one: u32, other: u32) -> bool {
        self.together.contains(&(one.min(other), one.max(other)))
    }

    /// Whether two rows are two persons by decision.
    #[must_use]
    pub fn are_apart(&self, one: u32, other: u32) -> bool {
        self.apart.contains(&(one.min(other), one.max(other)))
    }

    /// How many pairs are decided: together, apart.
    #[must_use]
    pub fn counts(&self) -> [u64; 2] {
        [self.together.len() as u64, self.apart.len() as u64]
    }
}

fn contradiction(message: &str) -> Error {
    Error::new(ErrorKind::Plan, message).hint("Ret filen med bindinger; rækkefølgen af dens linjer betyder intet.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_found_through_others() {
        assert!(Bonds::new([(0, 1, true), (2, 1, true), (3, 4, false)], 5).is_ok());
        for wrong in [&[(0, 1, true), (1, 0, false)][..], &[(0, 1, true), (2, 1, true), (2, 0, false)], &[(3, 3, true)]]
        {
            assert!(Bonds::new(wrong.iter().copied(), 5).is_err(), "{wrong:?}");
        }
    }
}
