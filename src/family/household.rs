//! Unit H: residents who share a dwelling on the reference date.

use super::age::ADULT_FROM;
use crate::{
    base::{Error, ErrorKind, Result},
    domain::{AddressKey, HouseholdId, Label, PersonId, Protection},
};

/// Households with more members than this go to the review list. Size alone never dissolves one: large families are
/// exactly the ones looked for (`metrics.md`, families).
pub const REVIEW_ABOVE: usize = 8;

/// What the register says about a person who is resident on the reference date.
#[derive(Clone, Copy, Debug)]
pub struct Resident {
    /// The person.
    pub person: PersonId,
    /// The address on that day, when the register has one.
    pub address: Option<AddressKey>,
    /// Age in completed years on that day, when the birth date is known.
    pub age: Option<i16>,
    /// The strongest protection in force on that day.
    pub protection: Option<Protection>,
}

impl Resident {
    /// Under 18 years. Who has no known birth date counts as an adult: a label needs one, and nothing is claimed of a child.
    fn is_child(&self) -> bool {
        self.age.is_some_and(|age| age < ADULT_FROM)
    }
}

/// Why these persons are one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HouseholdKind {
    /// They are registered at one dwelling; one person who lives alone there too.
    Dwelling,
    /// One person whose address names no dwelling: administrative road code, masked or blank.
    Single,
}

impl HouseholdKind {
    /// The word that tables use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dwelling => "bolig",
            Self::Single => "enkelt",
        }
    }
}

/// One household or single unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Who is in it, sorted.
    pub members: Vec<PersonId>,
    /// Members' ages in completed years on the reference date, in the order of `members`.
    pub ages: Vec<Option<i16>>,
    /// Why they are one unit.
    pub kind: HouseholdKind,
    /// Members from 18 years or of unknown age.
    pub adults: u32,
    /// Members under 18 years.
    pub children: u32,
    /// The strongest protection of any member; it marks whatever is written about the household.
    pub protection: Option<Protection>,
}

impl Household {
    fn new(residents: &[Resident], kind: HouseholdKind) -> Self {
        let children = residents.iter().filter(|resident| resident.is_child()).count();
        let count = |number: usize| u32::try_from(number).expect("no more members than person ids");
        Self {
            members: residents.iter().map(|resident| resident.person).collect(),
            ages: residents.iter().map(|resident| resident.age).collect(),
            kind,
            adults: count(residents.len() - children),
            children: count(children),
            protection: residents.iter().filter_map(|resident| resident.protection).max(),
        }
    }

    /// Whose pseudonyms the label hashes: all adults, or all members where there is no adult (`docs/format.md`, labels).
    #[must_use]
    pub fn label_members(&self) -> Vec<PersonId> {
        let adult = |age: &Option<i16>| age.is_none_or(|age| age >= ADULT_FROM);
        let pairs = self.members.iter().zip(&self.ages);
        if self.adults == 0 {
            return self.members.clone();
        }
        pairs.filter(|(_, age)| adult(age)).map(|(person, _)| *person).collect()
    }
}

/// All households and single units on the reference date: each resident is in exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Households {
    /// By [`HouseholdId`]: first in the order of their first member, after [`Self::sort_by_label`] in the order of labels.
    pub units: Vec<Household>,
    /// By person: the unit, or `None` for who is no resident on the reference date.
    pub of_person: Vec<Option<HouseholdId>>,
}

impl Households {
    /// Groups residents by dwelling. `persons` is the number of persons of the run, residents or not. The order of
    /// `residents` does not matter.
    ///
    /// # Errors
    /// When a person stands twice among the residents or outside the run's persons: a fault of the program.
    pub fn on_reference_date(residents: impl IntoIterator<Item = Resident>, persons: usize) -> Result<Self> {
        let dwelling = |resident: &Resident| resident.address.filter(AddressKey::is_dwelling);
        let mut residents: Vec<Resident> = residents.into_iter().collect();
        residents.sort_unstable_by_key(|resident| (dwelling(resident), resident.person));

        let mut units = Vec::new();
        for group in residents.chunk_by(|left, right| dwelling(left) == dwelling(right)) {
            if group.first().and_then(dwelling).is_some() {
                units.push(Household::new(group, HouseholdKind::Dwelling));
            } else {
                units.extend(group.chunks(1).map(|single| Household::new(single, HouseholdKind::Single)));
            }
        }
        // The order of addresses must not show in any id.
        units.sort_unstable_by(|left, right| left.members.cmp(&right.members));

        let mut households = Self { units, of_person: vec![None; persons] };
        households.index()?;
        Ok(households)
    }

    /// Puts the units in the order of their labels, which `labels` gives in the present order, and returns the labels in the new order.
    ///
    /// # Errors
    /// When two units have one label, or the number of labels is another than that of the units.
    pub fn sort_by_label(&mut self, labels: Vec<Label>) -> Result<Vec<Label>> {
        if labels.len() != self.units.len() {
            return Err(broken("antallet af etiketter er et andet end antallet af husstande"));
        }
        let mut pairs: Vec<(Label, Household)> = labels.into_iter().zip(std::mem::take(&mut self.units)).collect();
        pairs.sort_unstable_by_key(|(label, _)| *label);
        if pairs.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(broken("to husstande fik samme etiket"));
        }
        let (labels, units) = pairs.into_iter().unzip();
        self.units = units;
        self.index()?;
        Ok(labels)
    }

    /// A unit.
    #[must_use]
    pub fn unit(&self, household: HouseholdId) -> &Household {
        &self.units[household.index()]
    }

    /// Whose pseudonyms the label of a unit hashes.
    #[must_use]
    pub fn label_members(&self, household: HouseholdId) -> Vec<PersonId> {
        self.unit(household).label_members()
    }

    /// Units with more than [`REVIEW_ABOVE`] members, for a person to look at.
    #[must_use]
    pub fn review_list(&self) -> Vec<HouseholdId> {
        let large = |(_, unit): &(HouseholdId, &Household)| unit.members.len() > REVIEW_ABOVE;
        ids(&self.units).zip(&self.units).filter(large).map(|(id, _)| id).collect()
    }

    /// Notes for every person which unit holds them.
    fn index(&mut self) -> Result<()> {
        self.of_person.fill(None);
        for (id, unit) in ids(&self.units).zip(&self.units) {
            for person in &unit.members {
                let place = self
                    .of_person
                    .get_mut(person.index())
                    .ok_or_else(|| broken("en husstand nævner en person uden for kørslen"))?;
                if place.replace(id).is_some() {
                    return Err(broken("en person står i to husstande"));
                }
            }
        }
        Ok(())
    }
}

fn ids(units: &[Household]) -> impl Iterator<Item = HouseholdId> + use<> {
    (0..u32::try_from(units.len()).expect("no more units than person ids")).map(HouseholdId)
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("Familierne hænger ikke sammen: {what}"))
        .hint("Det er en fejl i samkor. Intet er skrevet. Meld den med kørslens plan, men uden data.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::AddressParts;

    fn address(road: u16, house: u16) -> Option<AddressKey> {
        let (road, house) = (road.to_string(), house.to_string());
        AddressKey::new(AddressParts {
            municipality: b"0167",
            road: road.as_bytes(),
            house: house.as_bytes(),
            ..AddressParts::default()
        })
    }

    fn resident(person: u32, address: Option<AddressKey>, age: i16) -> Resident {
        Resident { person: PersonId(person), address, age: Some(age), protection: None }
    }

    fn members(households: &Households) -> Vec<Vec<u32>> {
        households.units.iter().map(|unit| unit.members.iter().map(|person| person.0).collect()).collect()
    }

    #[test]
    fn a_dwelling_is_shared_and_administrative_codes_are_not() {
        let residents = [
            resident(5, address(100, 1), 40),
            resident(0, address(9950, 1), 50),
            resident(3, address(9950, 1), 51),
            resident(1, address(100, 1), 9),
            resident(2, address(100, 2), 30),
            resident(6, None, 30),
            resident(7, None, 31),
        ];
        let households = Households::on_reference_date(residents, 9).expect("households");
        assert_eq!(members(&households), [vec![0], vec![1, 5], vec![2], vec![3], vec![6], vec![7]]);
        let kinds: Vec<&str> = households.units.iter().map(|unit| unit.kind.code()).collect();
        assert_eq!(kinds, ["enkelt", "bolig", "bolig", "enkelt", "enkelt", "enkelt"]);
        assert_eq!((households.units[1].adults, households.units[1].children), (1, 1));
        assert_eq!(households.of_person[4], None);
        assert_eq!(households.of_person[5], Some(HouseholdId(1)));
    }

    #[test]
    fn the_label_hashes_adults_or_else_everyone() {
        let mut unknown = resident(2, address(1, 1), 0);
        unknown.age = None;
        let residents = [
            resident(0, address(1, 1), 17),
            resident(1, address(1, 1), 18),
            unknown,
            resident(3, address(1, 2), 16),
            resident(4, address(1, 2), 12),
        ];
        let households = Households::on_reference_date(residents, 5).expect("households");
        assert_eq!(households.label_members(HouseholdId(0)), [PersonId(1), PersonId(2)]);
        assert_eq!(households.label_members(HouseholdId(1)), [PersonId(3), PersonId(4)]);
    }

    #[test]
    fn the_strongest_protection_marks_the_household() {
        let protected = |person, protection| Resident { protection, ..resident(person, address(1, 1), 30) };
        let residents = [
            protected(0, Some(Protection::Marketing)),
            protected(1, Some(Protection::NameAndAddress)),
            protected(2, None),
        ];
        let households = Households::on_reference_date(residents, 3).expect("households");
        assert_eq!(households.units[0].protection, Some(Protection::NameAndAddress));
    }

    #[test]
    fn nine_in_a_dwelling_are_reviewed_but_stay_together() {
        let residents = (0..17).map(|person| resident(person, address(1, 1 + u16::from(person >= 9)), 30));
        let households = Households::on_reference_date(residents, 17).expect("households");
        assert_eq!(households.units.len(), 2);
        assert_eq!(households.review_list(), [HouseholdId(0)]);
    }

    #[test]
    fn labels_give_the_order_and_must_differ() {
        let residents = [resident(0, None, 30), resident(1, None, 30)];
        let mut households = Households::on_reference_date(residents, 2).expect("households");
        let (first, second) = (Label(*b"0000000000001"), Label(*b"0000000000002"));
        assert_eq!(households.sort_by_label(vec![second, first]).expect("labels"), [first, second]);
        assert_eq!(members(&households), [[1], [0]]);
        assert_eq!(households.of_person, [Some(HouseholdId(1)), Some(HouseholdId(0))]);
        let error = households.sort_by_label(vec![first, first]).expect_err("one label twice");
        assert_eq!(error.kind(), ErrorKind::Internal);
    }

    #[test]
    fn a_person_twice_is_refused() {
        let residents = [resident(0, None, 30), resident(0, address(1, 1), 30)];
        assert!(Households::on_reference_date(residents, 1).is_err());
        assert!(Households::on_reference_date([resident(4, None, 30)], 1).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn each_resident_is_in_one_unit_whatever_the_order(
            (homes, order) in proptest::collection::vec((prop_oneof![Just(100_u16), Just(9901)], 1_u16..6, 0_i16..90), 1..40)
                .prop_flat_map(|homes| {
                    let order: Vec<usize> = (0..homes.len()).collect();
                    (Just(homes), Just(order).prop_shuffle())
                }),
        ) {
            let person = |index: usize| {
                let (road, house, age) = homes[index];
                resident(u32::try_from(index).expect("small"), address(road, house), age)
            };
            let straight = Households::on_reference_date((0..homes.len()).map(person), homes.len()).expect("households");
            let shuffled = Households::on_reference_date(order.into_iter().map(person), homes.len()).expect("households");
            prop_assert_eq!(&straight, &shuffled);
            prop_assert!(straight.of_person.iter().all(Option::is_some));
            for (left, first) in homes.iter().enumerate() {
                for (right, second) in homes.iter().enumerate() {
                    let together = left == right || (first.0 == 100 && second.0 == 100 && first.1 == second.1);
                    prop_assert_eq!(straight.of_person[left] == straight.of_person[right], together);
                }
            }
        }
    }
}
