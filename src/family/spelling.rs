//! Two spellings of one flat: a warning list of addresses, blinded before anybody reads it.
//!
//! `B-13` and `13`, or `tv` beside a blank door, split a household without anybody noticing (`cpr.md`, section 4). Nothing is
//! joined here: who lives at which of the two is for people to find out.

use super::homes::Homes;
use crate::{
    domain::AddressKey,
    register::{AddressId, Population},
};

/// Two addresses in one building that may be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variant {
    /// One.
    pub one: AddressId,
    /// The other.
    pub other: AddressId,
    /// Residents of both.
    pub residents: u32,
}

/// Pairs of occupied addresses in one building that differ only in how floor and door are written: the same floor and the same
/// letters and digits of the door without signs and zeros, or a floor without a door beside one single door on it. Sorted.
#[must_use]
pub fn spelling_variants(population: &Population, homes: &Homes) -> Vec<Variant> {
    let mut dwellings: Vec<AddressId> = homes.dwellings().collect();
    dwellings.sort_unstable();
    let mut occupied: Vec<(AddressKey, AddressId, u32)> = dwellings
        .chunk_by(|one, next| one == next)
        .map(|residents| {
            let count = u32::try_from(residents.len()).expect("no more residents than person ids");
            (population.address_key(residents[0]).building(), residents[0], count)
        })
        .collect();
    occupied.sort_unstable();
    let mut variants = Vec::new();
    for addresses in occupied.chunk_by(|one, next| one.0 == next.0) {
        for (place, (_, one, residents)) in addresses.iter().enumerate() {
            for (_, other, other_residents) in &addresses[place + 1..] {
                let (left, right) = (population.address_key(*one), population.address_key(*other));
                let doors_on = |floor: &[u8]| {
                    let on_floor = addresses.iter().map(|(_, address, _)| population.address_key(*address));
                    on_floor.filter(|key| key.flat().0 == floor && !is_blank(key.flat().1)).count()
                };
                let ((floor, door), (other_floor, other_door)) = (left.flat(), right.flat());
                let alike = bare(floor) == bare(other_floor)
                    && (bare(door) == bare(other_door)
                        || (is_blank(door) != is_blank(other_door)) && !is_blank(floor) && doors_on(floor) == 1);
                if alike {
                    variants.push(Variant { one: *one, other: *other, residents: residents + other_residents });
                }
            }
        }
    }
    variants.sort_unstable();
    variants
}

fn is_blank(text: &[u8]) -> bool {
    text.trim_ascii().is_empty()
}

/// The digits without leading zeros, or the letters where there are none: what two spellings of a door share.
fn bare(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').collect();
    let letters = || text.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    if digits.is_empty() { letters() } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{AddressParts, Sex},
        register::example::{Town, day},
    };

    fn flat(floor: &str, door: &str) -> AddressKey {
        let parts = AddressParts {
            municipality: b"167",
            road: b"7",
            house: b"4",
            floor: floor.as_bytes(),
            door: door.as_bytes(),
            ..AddressParts::default()
        };
        AddressKey::new(parts).expect("an address")
    }

    fn variants(flats: &[(&str, &str)]) -> usize {
        let mut town = Town::default();
        for (floor, door) in flats {
            let person = town.person("1980-01-02", Sex::Male);
            town.lives(person, flat(floor, door), "", "");
        }
        let population = town.population();
        spelling_variants(&population, &Homes::of(&population, day("2020-06-30"))).len()
    }

    #[test]
    fn spellings_of_a_door_are_told_and_neighbours_are_not() {
        assert_eq!(variants(&[("2", "B-13"), ("2", "0013")]), 1);
        assert_eq!(variants(&[("2", "tv"), ("2", "t-v")]), 1);
        assert_eq!(variants(&[("2", "tv"), ("2", "")]), 1);
        assert_eq!(variants(&[("2", "tv"), ("2", "th"), ("2", "")]), 0);
        assert_eq!(variants(&[("2", "13"), ("3", "13"), ("2", "14"), ("", "")]), 0);
    }
}
