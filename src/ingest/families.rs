//! The two small files that the municipality keeps by hand: addresses of institutions, and links between persons.
//!
//! They are written by people and few lines long, so a line that cannot be read stops the run instead of being set aside: a
//! family that is wrong because a line was lost looks like any other.

use crate::{
    base::{Error, ErrorKind, Result},
    domain::{AddressKey, AddressParts, Date, Identity},
    layout::{read_date, read_identity},
};

/// An address that is no household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionRow {
    /// Where; without floor and door the whole building.
    pub address: AddressKey,
    /// What it is, in the municipality's own words.
    pub kind: Box<str>,
}

/// What a line of the links file wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAction {
    /// `tilføj`: the person joins the other's family.
    Join,
    /// `fjern`: the person leaves its family.
    Cut,
}

/// A link between two persons, added or cut by hand. The reason must be there and goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyLinkRow {
    /// The line in the file, from 1.
    pub line: u64,
    /// Whom it is about.
    pub person: Identity,
    /// Whose family it joins; [`Identity::Missing`] for a cut.
    pub other: Identity,
    /// What is to be done.
    pub action: LinkAction,
    /// First day on which it holds.
    pub from: Date,
    /// Last day, included; [`Date::MAX`] without one.
    pub to: Date,
}

const INSTITUTION_HEADINGS: [&str; 7] = ["kommunekode", "vejkode", "husnr", "etage", "side/dør", "bygningsnr", "type"];
const LINK_HEADINGS: [&str; 6] = ["cpr", "handling", "cpr 2", "fra", "til", "grund"];

/// Reads the list of institutions. `name` is what messages call the file.
///
/// # Errors
/// At the first line that names no address or no type.
pub fn read_institutions(bytes: &[u8], name: &str) -> Result<Vec<InstitutionRow>> {
    rows(bytes, name, INSTITUTION_HEADINGS, |line, cells| {
        let [municipality, road, house, floor, door, building, kind] = cells;
        let parts = AddressParts { municipality, road, house, floor, door, building };
        let address = AddressKey::new(parts).filter(AddressKey::is_dwelling).ok_or_else(|| {
            refused(name, line, "adressen kan ikke læses", "Skriv kommunekode, vejkode og husnr som i CPR.")
        })?;
        if kind.is_empty() {
            return Err(refused(
                name,
                line,
                "typen mangler",
                "Skriv for eksempel botilbud, plejehjem, krisecenter eller kollegium.",
            ));
        }
        Ok(InstitutionRow { address, kind: String::from_utf8_lossy(kind).into() })
    })
}

/// Reads the links. `name` is what messages call the file.
///
/// # Errors
/// At the first line that lacks a person, an action, a first day or a reason.
pub fn read_family_links(bytes: &[u8], name: &str) -> Result<Vec<FamilyLinkRow>> {
    rows(bytes, name, LINK_HEADINGS, |line, cells| {
        let [person, action, other, from, to, reason] = cells;
        let identity =
            |cell: &[u8], what: &str| read_identity(cell).ok_or_else(|| refused(name, line, what, "Skriv ti cifre."));
        let (person, other) = (identity(person, "CPR kan ikke læses")?, identity(other, "CPR 2 kan ikke læses")?);
        let action = match String::from_utf8_lossy(action).to_lowercase().as_str() {
            "tilføj" | "tilfoej" => LinkAction::Join,
            "fjern" => LinkAction::Cut,
            _ => return Err(refused(name, line, "handlingen kendes ikke", "Handlingen er tilføj eller fjern.")),
        };
        if person == Identity::Missing {
            return Err(refused(name, line, "CPR mangler", "Skriv, hvem linjen handler om."));
        }
        if action == LinkAction::Join && other == Identity::Missing {
            return Err(refused(name, line, "CPR 2 mangler", "Skriv, hvis familie personen hører til."));
        }
        let from = read_date(from).ok_or_else(|| {
            refused(name, line, "fra er ingen dato", "Skriv den første dag, linjen gælder, åååå-mm-dd.")
        })?;
        let to = if to.is_empty() { Some(Date::MAX) } else { read_date(to) }.filter(|to| from <= *to);
        let to = to.ok_or_else(|| {
            refused(name, line, "til er ingen dato efter fra", "Lad feltet stå tomt, hvis linjen stadig gælder.")
        })?;
        if reason.is_empty() {
            return Err(refused(
                name,
                line,
                "grunden mangler",
                "Skriv, hvorfor familien rettes i hånden. Teksten bruges ikke af samkor.",
            ));
        }
        Ok(FamilyLinkRow { line, person, other, action, from, to })
    })
}

pub(super) fn refused(name: &str, line: u64, what: &str, hint: &str) -> Error {
    Error::new(ErrorKind::Input, format!("{name}, linje {line}: {what}")).hint(hint)
}

pub(super) fn rows<T, const N: usize>(
    bytes: &[u8],
    name: &str,
    headings: [&str; N],
    row: impl Fn(u64, [&[u8]; N]) -> Result<T>,
) -> Result<Vec<T>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(bytes);
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        Error::new(ErrorKind::Input, format!("{name} kan ikke læses ved linje {line}"))
            .hint("Filen skal være tekst med semikolon mellem felterne.")
    };
    let found: Vec<String> = reader
        .byte_headers()
        .map_err(unreadable)?
        .iter()
        .map(|heading| String::from_utf8_lossy(heading.trim_ascii()).to_lowercase())
        .collect();
    let place = |heading: &&str| {
        found.iter().position(|found| found == heading).ok_or_else(|| {
            Error::new(ErrorKind::Input, format!("{name} mangler kolonnen {heading}"))
                .hint(format!("Kolonnerne er {}.", headings.join(";")))
        })
    };
    let places: Vec<usize> = headings.iter().map(place).collect::<Result<_>>()?;
    let mut all = Vec::new();
    let mut record = csv::ByteRecord::new();
    // The reader's own count of lines is one behind where lines end with CR LF.
    let (mut line, mut counted) = (1_u64, 0);
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let rest = bytes.get(start..).unwrap_or_default();
        let start = start + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = bytes.get(counted..start).unwrap_or_default();
        line += passed.split(|byte| *byte == b'\n').skip(1).count() as u64;
        counted = start;
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        let cells = std::array::from_fn(|index| record.get(places[index]).unwrap_or_default().trim_ascii());
        all.push(row(line, cells)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn institutions_are_read_in_any_order_of_columns() {
        let text = "\u{feff}Type;Kommunekode;Vejkode;Husnr;Etage;Side/dør;Bygningsnr\nbotilbud;0167;0042;007A;;;\n\n";
        let rows = read_institutions(text.as_bytes(), "institutioner.csv").expect("rows");
        assert_eq!((rows.len(), &*rows[0].kind), (1, "botilbud"));
        let parts = AddressParts { municipality: b"167", road: b"42", house: b"7a", ..AddressParts::default() };
        assert!(Some(rows[0].address) == AddressKey::new(parts));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_without_its_text() {
        let links = "CPR;Handling;CPR 2;Fra;Til;Grund\n";
        let cases = [
            ("0101700001;tilføj;0101700002;2015-01-01;;bor sammen\n", ""),
            ("0101700001;fjern;;2015-01-01;2015-02-01;flyttet\n", ""),
            ("0101700001;tilføj;;2015-01-01;;bor sammen\n", "linje 2: CPR 2 mangler"),
            (";fjern;;2015-01-01;;bor sammen\n", "linje 2: CPR mangler"),
            ("0101700001;flyt;0101700002;2015-01-01;;bor sammen\n", "handlingen"),
            ("0101700001;fjern;;i går;;bor sammen\n", "fra er ingen dato"),
            ("0101700001;fjern;;2015-01-01;2014-01-01;x\n", "til er ingen dato"),
            ("0101700001;fjern;;2015-01-01;;\n", "grunden mangler"),
        ];
        for (line, message) in cases {
            match read_family_links(format!("{links}{line}").as_bytes(), "links.csv") {
                Ok(rows) => assert!(message.is_empty() && rows.len() == 1 && rows[0].line == 2, "{line}"),
                Err(error) => {
                    let told = error.to_string();
                    assert!(!message.is_empty() && told.contains(message) && !told.contains("0101700001"), "{told}");
                }
            }
        }
        let error = read_family_links(b"CPR;Fra\n", "links.csv").expect_err("columns are missing");
        assert!(error.to_string().contains("handling"));
    }
}
