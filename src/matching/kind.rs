//! What a column holds, and how to tell from its heading and its values. The user names columns; the kind decides how
//! they are compared.

use serde::{Deserialize, Serialize};

use super::fold::fold;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Given names.
    Given,
    /// Middle names or their initials.
    Middle,
    /// Family name.
    Family,
    /// Given and family names in one field.
    FullName,
    /// A date, as a rule of birth.
    Date,
    /// A number that belongs to one person.
    Id,
    /// Road name, with or without the house number.
    Street,
    /// House number.
    Number,
    /// Floor, door, flat.
    Unit,
    /// Post box.
    PostBox,
    /// Post code.
    Postcode,
    /// Town or suburb.
    City,
    /// State, region, country.
    Region,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Sex.
    Sex,
    /// Some other text.
    Text,
    /// Some other code of few values.
    Code,
}

/// Every kind with its name in a spec.
const NAMES: [(Kind, &str); 18] = [
    (Kind::Given, "fornavn"),
    (Kind::Middle, "mellemnavn"),
    (Kind::Family, "efternavn"),
    (Kind::FullName, "navn"),
    (Kind::Date, "dato"),
    (Kind::Id, "id"),
    (Kind::Street, "vej"),
    (Kind::Number, "husnummer"),
    (Kind::Unit, "doer"),
    (Kind::PostBox, "postboks"),
    (Kind::Postcode, "postnummer"),
    (Kind::City, "by"),
    (Kind::Region, "region"),
    (Kind::Email, "email"),
    (Kind::Phone, "telefon"),
    (Kind::Sex, "koen"),
    (Kind::Text, "tekst"),
    (Kind::Code, "kode"),
];

impl Kind {
    /// The kind's name in a spec.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind with this name in a spec.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// The names of all kinds.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, name)| *name)
    }

    /// Guesses from a column's heading; `None` when it says nothing, or says that the column is about somebody else,
    /// identifies the row, or holds a truth to compare with.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        let folded = fold(heading);
        let words: Vec<&str> = folded.split(' ').collect();
        let has = |word: &str| words.contains(&word);
        let any = |list: &[&str]| list.iter().any(|word| has(word));
        let joined: String = words.concat();
        let holds = |list: &[&str]| list.iter().any(|part| joined.contains(part));
        let other =
            ["spouse", "dependent", "employer", "guardian", "aegtefaelle", "mor", "far", "barn", "arbejdsgiver"];
        if any(&other) || any(&["truth", "facit", "cluster", "klynge", "label"]) {
            return None;
        }
        if any(&["cpr", "cprnr", "cprnummer", "ssn", "sin", "nino", "nhs"])
            || holds(&[
                "personnummer",
                "socsec",
                "socialsec",
                "nationalid",
                "cprnr",
                "cprnummer",
                "passport",
                "pasnummer",
            ])
        {
            return Some(Self::Id);
        }
        if any(&["email", "mail"]) && !any(&["mailing"]) || holds(&["epost", "emailaddress"]) {
            return Some(Self::Email);
        }
        if any(&[
            "phone",
            "telephone",
            "mobile",
            "telefon",
            "tlf",
            "mobil",
            "telefonnr",
            "telefonnummer",
            "phonenumber",
        ]) {
            return Some(Self::Phone);
        }
        if any(&["dob", "birthday", "birthdate", "foedt"])
            || holds(&["dateofbirth", "foedselsdato", "foedselsdag", "birthdate"])
        {
            return Some(Self::Date);
        }
        if holds(&["middle", "mellemnavn"]) {
            return Some(Self::Middle);
        }
        if any(&["fname"]) || holds(&["firstname", "givenname", "forename", "fornavn"]) {
            return Some(Self::Given);
        }
        if any(&["lname", "surname"]) || holds(&["lastname", "familyname", "efternavn"]) {
            return Some(Self::Family);
        }
        if holds(&["postboks", "pobox", "postbox"]) {
            return Some(Self::PostBox);
        }
        if any(&["zip", "plz", "postnr"]) || holds(&["postcode", "zipcode", "postalcode", "postnummer"]) {
            return Some(Self::Postcode);
        }
        if any(&["husnr"]) || holds(&["streetnumber", "housenumber", "husnummer", "houseno", "streetno"]) {
            return Some(Self::Number);
        }
        if any(&["unit", "apartment", "apt", "etage", "doer", "sidedoer", "lejlighed", "floor"])
            || holds(&["unitnumber"])
        {
            return Some(Self::Unit);
        }
        if any(&["city", "town", "suburb", "by", "bynavn", "postdistrikt", "locality", "kommune"]) {
            return Some(Self::City);
        }
        if any(&["state", "region", "province", "county", "land"]) {
            return Some(Self::Region);
        }
        if any(&["street", "vej", "vejnavn", "gade", "road", "adresse", "address", "addr"])
            || holds(&["streetname", "address1", "addr1", "adresse1", "addressline1"])
        {
            return if has("2") || has("3") || holds(&["address2", "addr2", "adresse2"]) {
                Some(Self::Text)
            } else {
                Some(Self::Street)
            };
        }
        if any(&["sex", "gender", "koen"]) {
            return Some(Self::Sex);
        }
        if joined == "name" || joined == "navn" || holds(&["fullname", "fuldenavn"]) {
            return Some(Self::FullName);
        }
        None
    }

    /// Guesses from values when the heading says nothing: only kinds whose values cannot be taken for others.
    #[must_use]
    pub fn of_values<'a>(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut seen, mut mails, mut dates) = (0_u32, 0_u32, 0_u32);
        for value in values.filter(|value| !value.trim().is_empty()).take(500) {
            seen += 1;
            mails +=
                u32::from(value.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.')));
            dates += u32::from(looks_like_date(value));
        }
        match seen {
            0..5 => None,
            _ if mails * 10 > seen * 8 => Some(Self::Email),
            _ if dates * 10 > seen * 9 => Some(Self::Date),
            _ => None,
        }
    }
}

fn looks_like_date(value: &str) -> bool {
    let parts: Vec<&str> = value.trim().split(['-', '/', '.']).collect();
    parts.len() == 3
        && parts.iter().all(|part| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit()))
        && parts.iter().filter(|part| part.len() == 4).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings() {
        for (heading, kind) in [
            ("first_name", Some(Kind::Given)),
            ("Fornavn", Some(Kind::Given)),
            ("surname", Some(Kind::Family)),
            ("soc_sec_id", Some(Kind::Id)),
            ("CPR-nr.", Some(Kind::Id)),
            ("Fødselsdato", Some(Kind::Date)),
            ("date_of_birth", Some(Kind::Date)),
            ("street_number", Some(Kind::Number)),
            ("mailing_address_street_name", Some(Kind::Street)),
            ("mailing_address_po_box", Some(Kind::PostBox)),
            ("mailing_address_zipcode", Some(Kind::Postcode)),
            ("mailing_address_city", Some(Kind::City)),
            ("address_1", Some(Kind::Street)),
            ("address_2", Some(Kind::Text)),
            ("spouse_first_name", None),
            ("employer_name", None),
            ("cluster", None),
            ("household_id", None),
            ("rec_id", None),
            ("Køn", Some(Kind::Sex)),
        ] {
            assert_eq!(Kind::of_heading(heading), kind, "{heading}");
        }
    }

    #[test]
    fn values_tell_mail_and_dates() {
        assert_eq!(Kind::of_values(["a@b.dk"; 6].into_iter()), Some(Kind::Email));
        assert_eq!(Kind::of_values(["01-02-1980"; 6].into_iter()), Some(Kind::Date));
        assert_eq!(Kind::of_values(["Hansen"; 6].into_iter()), None);
        for name in Kind::names() {
            assert_eq!(Kind::parse(name).map(Kind::name), Some(name));
        }
    }
}
