//! Where a child's parents are: elsewhere in the register is something else than outside the extract.

use crate::{
    domain::{Date, PersonId},
    register::{Parent, Population},
};

/// What the register says of the parents of a child that lives with neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whereabouts {
    /// A parent lives at another address, and none may live with the child.
    Elsewhere,
    /// A parent is named, but the extract does not deliver it: it may live with the child for all that is known.
    NotInExtract,
    /// Every parent is dead or has left the country.
    Gone,
    /// No parent is named.
    Unnamed,
}

impl Whereabouts {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Elsewhere, Self::NotInExtract, Self::Gone, Self::Unnamed];

    /// The words that tables and reports use.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Elsewhere => "forælder på en anden adresse",
            Self::NotInExtract => "forælder ikke i udtrækket",
            Self::Gone => "forældre døde eller udrejste",
            Self::Unnamed => "ingen forælder nævnt",
        }
    }

    /// Where the parents of a child are on the day. One whom the extract lacks may be anywhere, with the child too, so it decides
    /// before one who is known to live elsewhere.
    #[must_use]
    pub fn of_parents(population: &Population, child: PersonId, day: Date) -> Self {
        let parents = || population.parents(child).map(Parent::person);
        if parents().any(|parent| !population.is_delivered(parent)) {
            Self::NotInExtract
        } else if parents().any(|parent| population.is_resident_on(parent, day)) {
            Self::Elsewhere
        } else if parents().next().is_some() {
            Self::Gone
        } else {
            Self::Unnamed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CprStatus, Sex},
        register::example::{Town, day},
    };

    #[test]
    fn a_parent_outside_the_extract_is_not_one_at_another_address() {
        let mut town = Town::default();
        let child = town.man("2015-01-02", 1);
        let mother = town.absent("1980-01-02", Sex::Female);
        town.parents(child, Some(mother), None);
        let other = town.man("2015-01-02", 2);
        let father = town.man("1980-01-02", 3);
        town.parents(other, None, Some(father));
        let orphan = town.man("2015-01-02", 2);
        let dead = town.woman("1980-01-02", 3);
        town.status(dead, CprStatus::Dead, "2018-01-01");
        town.parents(orphan, Some(dead), None);
        let foundling = town.man("2015-01-02", 2);
        let population = town.population();
        let of = |child| Whereabouts::of_parents(&population, PersonId(child), day("2020-06-30"));
        assert_eq!(
            [of(child), of(other), of(orphan), of(foundling)],
            [Whereabouts::NotInExtract, Whereabouts::Elsewhere, Whereabouts::Gone, Whereabouts::Unnamed]
        );
    }
}
