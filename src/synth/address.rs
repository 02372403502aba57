//! Addresses of a made-up municipality: a number tells road, house, floor and door, so that no two numbers are one dwelling.

use super::world::{BLOCK, MUNICIPALITY};

/// Address numbers that a block has for itself.
pub const PER_BLOCK: u32 = 1024;

/// Blocks that share an institution of each kind.
const DISTRICT: u32 = 16;

/// Numbers per road.
const PER_ROAD: u32 = 2000;

/// Where somebody lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A dwelling or an institution of the municipality.
    Dwelling(u32),
    /// No fixed abode: an administrative road code that all such persons share.
    NoFixedAbode,
    /// In another municipality.
    Elsewhere(u32),
}

/// The parts of an address as the register writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// KOMKOD.
    pub municipality: u32,
    /// VEJKOD.
    pub road: u32,
    /// HUSNR: number and letter.
    pub house: (u32, Option<u8>),
    /// ETAGE.
    pub floor: &'static str,
    /// SIDEDOER: words, or a number of four digits.
    pub door: Door,
}

/// Side or door of a flat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// A house.
    #[default]
    None,
    /// `tv` or `th`.
    Side(&'static str),
    /// Flats with numbers.
    Number(u32),
}

/// What stands at an institution's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Institution {
    /// A residential institution for children.
    Children,
    /// A residential place for children.
    Youth,
    /// Housing for grown-ups with handicaps.
    Housing,
    /// A care home.
    CareHome,
}

impl Institution {
    /// All, in the order of their addresses.
    pub const ALL: [Self; 4] = [Self::Children, Self::Youth, Self::Housing, Self::CareHome];

    /// The word of a list of institutions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Children => "døgninstitution",
            Self::Youth => "opholdssted",
            Self::Housing => "botilbud",
            Self::CareHome => "plejehjem",
        }
    }
}

/// An institution that takes in persons of the blocks around it.
#[must_use]
pub const fn institution(block: u32, institution: Institution) -> Address {
    Address::Dwelling((block / DISTRICT * DISTRICT + 1) * PER_BLOCK - 1 - institution as u32)
}

/// Whether an address of somebody of the block is an institution.
#[must_use]
pub fn is_institution(block: u32, address: Address) -> bool {
    Institution::ALL.iter().any(|of| institution(block, *of) == address)
}

/// The institutions of so many blocks.
pub fn institutions(blocks: u32) -> impl Iterator<Item = (Institution, Address)> {
    let districts = (0..blocks).step_by(DISTRICT as usize);
    districts.flat_map(|block| Institution::ALL.map(|of| (of, institution(block, of))))
}

/// The n-th dwelling of a block; the last ones of a block are kept for institutions.
#[must_use]
pub const fn dwelling(block: u32, number: u32) -> Address {
    Address::Dwelling(block * PER_BLOCK + number)
}

const _: () = assert!(PER_BLOCK as usize >= 2 * BLOCK as usize, "room for a former address of everyone");

impl Address {
    /// The parts. Roads of houses and roads of two kinds of flats take turns.
    #[must_use]
    pub fn parts(self) -> Parts {
        let (number, municipality) = match self {
            Self::NoFixedAbode => return Parts { municipality: MUNICIPALITY, road: 9901, ..Parts::default() },
            Self::Dwelling(number) => (number, MUNICIPALITY),
            Self::Elsewhere(number) => (number, MUNICIPALITY + 1),
        };
        // Road codes 99 and 9900 to 9999 mean no road; 100 stands clear of the first.
        let (road, at) = (100 + number / PER_ROAD, number % PER_ROAD);
        let (house, floor, door) = match road % 3 {
            0 => ((1 + at % 900, [None, Some(b'A'), Some(b'B')][(at / 900) as usize]), "", Door::None),
            1 => {
                let floor = ["st", "01", "02", "03"][(at % 8 / 2) as usize];
                ((1 + at / 8, None), floor, Door::Side(if at % 2 == 0 { "tv" } else { "th" }))
            }
            _ => {
                ((1 + at / 40, None), ["st", "01", "02", "03", "04"][(at % 5) as usize], Door::Number(1 + at % 40 / 5))
            }
        };
        Parts { municipality, road, house, floor, door }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_is_a_dwelling_of_its_own() {
        let key = |number| format!("{:?}", Address::Dwelling(number).parts());
        let keys: BTreeSet<String> = (0..3 * PER_ROAD).map(key).collect();
        assert_eq!(keys.len(), 3 * PER_ROAD as usize);
        assert!(Address::Dwelling(super::super::numbers::BLOCKS * PER_BLOCK).parts().road < 9900);
    }

    #[test]
    fn neighbouring_blocks_share_institutions() {
        let of = |block| institution(block, Institution::CareHome);
        assert_eq!(of(0), of(15));
        assert!(of(0) != of(16) && of(0) != institution(0, Institution::Housing));
        assert!(is_institution(3, of(0)) && !is_institution(16, of(0)));
        assert_eq!(institutions(17).collect::<BTreeSet<_>>().len(), 8);
    }
}
