//! Records of the CPR register, from fixed width or from the neutral tables.

use compact_str::{CompactString, format_compact};

use super::{
    part::Collect,
    record::{Outcome, Record, Reject},
    rows::RegisterRow,
};
use crate::{
    base::FaultCode,
    domain::{AddressKey, AddressParts, CivilStatus, Cpr, CprStatus, CustodyKind, Ore, Protection, Sex},
    layout::{Field, Kind, read_date, read_number},
};

/// Collects the facts that records state, in the order of the file.
pub struct RegisterRecords;

impl Collect for RegisterRecords {
    type Chunk = Vec<RegisterRow>;

    fn add(&self, chunk: &mut Self::Chunk, record: &Record<'_>, _face: Ore) -> Result<Outcome<()>, Reject> {
        let before = chunk.len();
        let outcome = add_rows(record, chunk);
        if outcome.is_err() {
            chunk.truncate(before);
        }
        outcome
    }
}

/// Reads one record into the facts it states; a neutral person row states several.
///
/// # Errors
/// The fault for which the record is set aside.
pub fn read_register_row(record: &Record<'_>) -> Result<Outcome<Vec<RegisterRow>>, Reject> {
    let mut rows = Vec::new();
    Ok(match add_rows(record, &mut rows)? {
        Outcome::Row(()) => Outcome::Row(rows),
        Outcome::SortedOut => Outcome::SortedOut,
    })
}

/// Adds the facts that a record states; some of them may be there when the record turns out to be at fault.
fn add_rows(record: &Record<'_>, rows: &mut Vec<RegisterRow>) -> Result<Outcome<()>, Reject> {
    // History rows count only with a blank correction mark: A annulled, K corrected, Æ technical.
    if record.table().kind == Kind::Skipped || !record.is_blank(Field::Correction) {
        return Ok(Outcome::SortedOut);
    }
    rows.push(match record.table().kind {
        Kind::RegisterStart => RegisterRow::Start { produced: read_date(record.cell(Field::Produced)) },
        Kind::RegisterEnd => {
            let count = read_number(record.cell(Field::Count)).ok_or(Reject::of(Field::Count, FaultCode::Quantity))?;
            RegisterRow::End { count: count.unsigned_abs() }
        }
        Kind::Persons => return add_person(record, rows).map(Outcome::Row),
        kind => fact(
            record,
            kind,
            record.required_number(Field::Person).or_else(|reject| {
                // 022 stands under the current number, in a field of that name.
                if kind == Kind::FormerNumbers { record.required_number(Field::CurrentNumber) } else { Err(reject) }
            })?,
        )?,
    });
    Ok(Outcome::Row(()))
}

fn fact(record: &Record<'_>, kind: Kind, cpr: Cpr) -> Result<RegisterRow, Reject> {
    let from = || record.register_date(Field::From, Some(Field::FromMark));
    let to = || record.register_date(Field::To, Some(Field::ToMark));
    Ok(match kind {
        Kind::Addresses | Kind::AddressHistory => {
            let to = to()?;
            let current = kind == Kind::Addresses || to.is_none();
            RegisterRow::Address { cpr, key: address(record), from: from()?, to, current }
        }
        Kind::Protections => RegisterRow::Protection { cpr, kind: protection(record)?, from: from()?, to: to()? },
        Kind::Names => {
            RegisterRow::Name { cpr, given: given_names(record), surname: record.text(Field::Surname).into() }
        }
        Kind::CivilStatuses | Kind::CivilStatusHistory => RegisterRow::CivilStatus {
            cpr,
            status: civil_status(record)?,
            spouse: record.number(Field::Spouse)?,
            from: from()?,
            to: to()?,
            current: kind == Kind::CivilStatuses,
        },
        Kind::Children => RegisterRow::Child { parent: cpr, child: record.required_number(Field::Child)? },
        Kind::Parents => RegisterRow::Parents {
            child: cpr,
            mother: record.number(Field::Mother)?,
            father: record.number(Field::Father)?,
        },
        Kind::Custody => {
            let kind = read_number(record.cell(Field::CustodyType))
                .and_then(|code| CustodyKind::from_code(u16::try_from(code).ok()?))
                .ok_or(Reject::of(Field::CustodyType, FaultCode::Code))?;
            RegisterRow::Custody { child: cpr, kind, holder: record.number(Field::Holder)?, from: from()?, to: to()? }
        }
        Kind::FormerNumbers => {
            let former = record.required_number(Field::FormerNumber)?;
            RegisterRow::FormerNumber { current: cpr, former, until: to()? }
        }
        _ => return Err(Reject { code: FaultCode::Code, field: None }),
    })
}

fn add_person(record: &Record<'_>, rows: &mut Vec<RegisterRow>) -> Result<(), Reject> {
    let cpr = record.required_number(Field::Person)?;
    let status = read_number(record.cell(Field::Status))
        .and_then(|code| CprStatus::from_code(u8::try_from(code).ok()?))
        .ok_or(Reject::of(Field::Status, FaultCode::Code))?;
    let sex = match record.cell(Field::Sex) {
        b"M" | b"m" => Some(Sex::Male),
        b"K" | b"k" => Some(Sex::Female),
        [] => None,
        _ => return Err(Reject::of(Field::Sex, FaultCode::Code)),
    };
    rows.push(RegisterRow::Person {
        cpr,
        current: record.number(Field::CurrentNumber)?,
        status,
        status_from: record.register_date(Field::From, Some(Field::FromMark))?,
        sex,
        born: record.register_date(Field::Born, Some(Field::BornMark))?,
    });
    if !record.is_blank(Field::CivilStatus) {
        let (status, spouse) = (civil_status(record)?, record.number(Field::Spouse)?);
        rows.push(RegisterRow::CivilStatus { cpr, status, spouse, from: None, to: None, current: true });
    }
    if !record.is_blank(Field::Protection) {
        rows.push(RegisterRow::Protection { cpr, kind: protection(record)?, from: None, to: None });
    }
    // The Greenland layout has the parents in the person's own record.
    let (mother, father) = (record.number(Field::Mother)?, record.number(Field::Father)?);
    if mother.is_some() || father.is_some() {
        rows.push(RegisterRow::Parents { child: cpr, mother, father });
    }
    if !record.is_blank(Field::Surname) {
        rows.push(RegisterRow::Name { cpr, given: given_names(record), surname: record.text(Field::Surname).into() });
    }
    Ok(())
}

fn given_names(record: &Record<'_>) -> CompactString {
    let (given, middle) = (record.text(Field::GivenName), record.text(Field::MiddleName));
    if middle.is_empty() { given.into() } else { format_compact!("{given} {middle}") }
}

fn civil_status(record: &Record<'_>) -> Result<CivilStatus, Reject> {
    match record.cell(Field::CivilStatus) {
        [code] => CivilStatus::from_code(*code),
        _ => None,
    }
    .ok_or(Reject::of(Field::CivilStatus, FaultCode::Code))
}

fn protection(record: &Record<'_>) -> Result<Protection, Reject> {
    read_number(record.cell(Field::Protection))
        .and_then(|code| Protection::from_code(u16::try_from(code).ok()?))
        .ok_or(Reject::of(Field::Protection, FaultCode::Code))
}

fn address(record: &Record<'_>) -> Option<AddressKey> {
    AddressKey::new(AddressParts {
        municipality: record.cell(Field::Municipality),
        road: record.cell(Field::Road),
        house: record.cell(Field::House),
        floor: record.cell(Field::Floor),
        door: record.cell(Field::Door),
        building: record.cell(Field::Building),
    })
}
