//! Codes of the CPR register.

use std::fmt;

/// A person's status in CPR (record 001, STATUS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CprStatus {
    /// 01: address in Denmark.
    Resident,
    /// 03: address in Denmark on an administrative road code (9900-9999).
    ResidentAdministrative,
    /// 05: address in Greenland.
    ResidentGreenland,
    /// 07: address in Greenland on an administrative road code.
    ResidentGreenlandAdministrative,
    /// 10: reserved number.
    Reserved,
    /// 20: a number for tax purposes, no residence.
    Inactive,
    /// 30: annulled number.
    Annulled,
    /// 50: double number, deleted.
    DeletedDouble,
    /// 60: number changed.
    Changed,
    /// 70: disappeared. Not dead.
    Disappeared,
    /// 80: emigrated.
    Emigrated,
    /// 90: dead.
    Dead,
}

impl CprStatus {
    /// Reads the two-digit code; `None` for codes that the register does not define.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Resident,
            3 => Self::ResidentAdministrative,
            5 => Self::ResidentGreenland,
            7 => Self::ResidentGreenlandAdministrative,
            10 => Self::Reserved,
            20 => Self::Inactive,
            30 => Self::Annulled,
            50 => Self::DeletedDouble,
            60 => Self::Changed,
            70 => Self::Disappeared,
            80 => Self::Emigrated,
            90 => Self::Dead,
            _ => return None,
        })
    }

    /// Whether the person lives here: 01, 03, 05 and 07.
    #[must_use]
    pub const fn is_resident(self) -> bool {
        matches!(
            self,
            Self::Resident
                | Self::ResidentAdministrative
                | Self::ResidentGreenland
                | Self::ResidentGreenlandAdministrative
        )
    }
}

/// Civil status (records 012 and 029, CIVST).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CivilStatus {
    /// U: never married.
    Unmarried,
    /// G: married.
    Married,
    /// F: divorced.
    Divorced,
    /// E: widowed.
    Widowed,
    /// P: registered partner.
    Partner,
    /// O: partnership dissolved.
    PartnershipDissolved,
    /// L: surviving partner.
    SurvivingPartner,
    /// D: dead.
    Dead,
}

impl CivilStatus {
    /// Reads the register's letter.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            b'U' => Self::Unmarried,
            b'G' => Self::Married,
            b'F' => Self::Divorced,
            b'E' => Self::Widowed,
            b'P' => Self::Partner,
            b'O' => Self::PartnershipDissolved,
            b'L' => Self::SurvivingPartner,
            b'D' => Self::Dead,
            _ => return None,
        })
    }

    /// Whether the spouse reference means a living couple: only G and P (the field stays filled after a divorce).
    #[must_use]
    pub const fn has_spouse(self) -> bool {
        matches!(self, Self::Married | Self::Partner)
    }
}

/// What a protection hides (record 004). The order is the strength: the last is the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protection {
    /// 0003: no marketing.
    Marketing,
    /// 0005: credit warning.
    CreditWarning,
    /// 0004: not in research (abolished, still in old extracts).
    Research,
    /// 0002: not in the local directory.
    LocalDirectory,
    /// 0001: name and address.
    NameAndAddress,
}

impl Protection {
    /// The words that lists and tables use.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::NameAndAddress => "navne- og adressebeskyttelse",
            Self::LocalDirectory => "beskyttet i lokal vejviser",
            Self::Research => "forskerbeskyttelse",
            Self::CreditWarning => "kreditadvarsel",
            Self::Marketing => "reklamebeskyttelse",
        }
    }

    /// Reads BESKYTTYPE.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            1 => Self::NameAndAddress,
            2 => Self::LocalDirectory,
            3 => Self::Marketing,
            4 => Self::Research,
            5 => Self::CreditWarning,
            _ => return None,
        })
    }
}

/// Who holds custody (record 016, RELTYP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CustodyKind {
    /// 0003: the person in record 015's mother slot.
    Mother,
    /// 0004: the person in record 015's father slot.
    Father,
    /// 0005 or 0006: another holder, named by number.
    Other,
}

impl CustodyKind {
    /// Reads RELTYP.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            3 => Self::Mother,
            4 => Self::Father,
            5 | 6 => Self::Other,
            _ => return None,
        })
    }
}

/// A dwelling: municipality, road, house number, floor, door and building number, normalised so that two spellings
/// of the same parts are one key. Behind the wall only: neither `Display` nor `Serialize`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey {
    municipality: u16,
    road: u16,
    house: u16,
    letter: u8,
    floor: [u8; 2],
    door: [u8; 4],
    building: [u8; 4],
}

/// The parts of an address as a register writes them, not yet normalised.
#[derive(Clone, Copy, Default)]
pub struct AddressParts<'a> {
    /// KOMKOD, up to four digits.
    pub municipality: &'a [u8],
    /// VEJKOD, up to four digits.
    pub road: &'a [u8],
    /// HUSNR: up to three digits and a letter.
    pub house: &'a [u8],
    /// ETAGE: `st`, `kl`, `k2` ..., `1` to `99`, or blank.
    pub floor: &'a [u8],
    /// SIDEDOER: `tv`, `th`, `mf`, a number, or blank.
    pub door: &'a [u8],
    /// BNR, Greenland's building number.
    pub building: &'a [u8],
}

impl AddressKey {
    /// Normalises the parts: blanks off, leading zeros off, floor and door in small letters, house letter in capitals.
    /// `None` when municipality or road is blank, zero or not a number, or a part is longer than the register allows.
    #[must_use]
    pub fn new(parts: AddressParts<'_>) -> Option<Self> {
        let municipality = number(parts.municipality).filter(|code| *code != 0)?;
        let road = number(parts.road).filter(|code| *code != 0)?;
        let house = parts.house.trim_ascii();
        let (digits, letter) = match house.split_last() {
            Some((last, digits)) if last.is_ascii_alphabetic() => (digits, last.to_ascii_uppercase()),
            _ => (house, b' '),
        };
        let house = if digits.trim_ascii().is_empty() { 0 } else { number(digits)? };
        Some(Self {
            municipality,
            road,
            house,
            letter,
            floor: part(parts.floor)?,
            door: part(parts.door)?,
            building: part(parts.building)?,
        })
    }

    /// Whether this key names a dwelling that people can share. Not the administrative road codes 9900-9999 (one code
    /// for all persons without fixed abode), nor the values 999 and 99 that old copies wrote over protected addresses.
    #[must_use]
    pub const fn is_dwelling(&self) -> bool {
        self.road < 9900 && self.municipality != 999 && self.road != 99
    }

    /// The whole building that the dwelling is in: without floor and door.
    #[must_use]
    pub const fn building(&self) -> Self {
        Self { floor: [b' '; 2], door: [b' '; 4], ..*self }
    }

    /// Floor and door as they are kept: small letters, leading zeros off, blanks behind. Behind the wall only.
    #[must_use]
    pub const fn flat(&self) -> (&[u8], &[u8]) {
        (&self.floor, &self.door)
    }

    /// The municipality and road, which all persons without fixed abode in a municipality share.
    #[must_use]
    pub const fn road(&self) -> (u16, u16) {
        (self.municipality, self.road)
    }

    /// Whether the road code is administrative (9900-9999): no fixed abode, or none yet.
    #[must_use]
    pub const fn is_administrative(&self) -> bool {
        self.road >= 9900
    }

    /// The municipality code, such as 167 for Hvidovre.
    #[must_use]
    pub const fn municipality(&self) -> u16 {
        self.municipality
    }
}

/// A municipality's code in the authority register, such as 167 for Hvidovre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MunicipalityCode(u16);

impl MunicipalityCode {
    /// Reads `0167` or `167`; `None` for anything else, 000 included.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        number(text).filter(|code| (1..1000).contains(code)).map(Self)
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.0)
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AddressKey(*)")
    }
}

fn number(text: &[u8]) -> Option<u16> {
    let text = text.trim_ascii();
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    text.iter().try_fold(0_u16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
}

/// A floor or door: trimmed, lower-cased, leading zeros off, left-aligned in `N` bytes.
fn part<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let text = text.trim_ascii();
    let zeros = text.iter().take_while(|byte| **byte == b'0').count();
    let text = &text[zeros..];
    let mut key = [b' '; N];
    key.get_mut(..text.len())?.copy_from_slice(text);
    key.make_ascii_lowercase();
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: [&str; 6]) -> Option<AddressKey> {
        let [municipality, road, house, floor, door, building] = parts.map(str::as_bytes);
        AddressKey::new(AddressParts { municipality, road, house, floor, door, building })
    }

    #[test]
    fn spellings_of_one_dwelling_are_one_key() {
        let reference = key(["0851", "8511", "016A", "02", "  tv", ""]);
        assert!(reference.is_some());
        for spelling in [["851", "8511", "16a", "2", "TV", "    "], ["0851", "8511", " 016A", "02 ", "tv  ", ""]] {
            assert!(key(spelling) == reference);
        }
        assert!(key(["0851", "8511", "016", "02", "tv", ""]) != reference);
        assert!(key(["0851", "8511", "016A", "02", "0303", ""]) == key(["0851", "8511", "016A", "2", "303", ""]));
        assert!(key(["0851", "8511", "016A", "", "", ""]) != reference);
    }

    #[test]
    fn administrative_blank_and_masked_addresses_are_no_dwelling() {
        let dwelling = |parts| key(parts).map(|key| key.is_dwelling());
        assert_eq!(dwelling(["0851", "9947", "", "", "", ""]), Some(false));
        assert_eq!(dwelling(["0851", "9899", "1", "", "", ""]), Some(true));
        assert_eq!(dwelling(["0999", "0099", "", "", "", ""]), Some(false));
        assert_eq!(dwelling(["999", "1234", "", "", "", ""]), Some(false));
        assert_eq!(dwelling(["0000", "0000", "", "", "", ""]), None);
        assert_eq!(dwelling(["    ", "", "", "", "", ""]), None);
    }

    #[test]
    fn a_municipality_is_told_by_three_digits() {
        let read = |text: &str| MunicipalityCode::parse(text.as_bytes()).map(|code| code.to_string());
        assert_eq!((read("167"), read(" 0167 "), read("1")), (Some("0167".into()), read("167"), Some("0001".into())));
        for text in ["", "0000", "1670", "Hvidovre", "16 7", "01670"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn codes_read_as_the_register_defines_them() {
        let residents: Vec<u8> =
            (0..100).filter(|code| CprStatus::from_code(*code).is_some_and(CprStatus::is_resident)).collect();
        assert_eq!(residents, [1, 3, 5, 7]);
        assert!(!CivilStatus::Divorced.has_spouse() && CivilStatus::Partner.has_spouse());
        assert!(Protection::from_code(1) > Protection::from_code(2));
    }
}
