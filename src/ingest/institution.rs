//! Enrolment in institutions and their price lists.

use super::{
    record::{Outcome, Record, Reject},
    rows::{EnrolmentRow, TariffRow},
};
use crate::{
    base::FaultCode,
    catalogue::Catalogue,
    domain::{Ore, System},
    layout::{Field, read_number},
};

/// Reads one row of enrolment.
///
/// # Errors
/// The fault for which the row is set aside.
pub fn read_enrolment(record: &Record<'_>) -> Result<Outcome<EnrolmentRow>, Reject> {
    let (from, to) = record.days()?;
    let institution = record.required_text(Field::Institution)?.into();
    Ok(Outcome::Row(EnrolmentRow { identity: record.identity()?, institution, from, to, payer: record.payer()? }))
}

/// Reads one row of a price list.
///
/// # Errors
/// The fault for which the row is set aside.
pub fn read_tariff(record: &Record<'_>, price: Ore, catalogue: &Catalogue) -> Result<Outcome<TariffRow>, Reject> {
    let institution = record.required_text(Field::Institution)?.into();
    let year = read_number(record.cell(Field::Year))
        .and_then(|year| i16::try_from(year).ok())
        .filter(|year| (1900..2200).contains(year))
        .ok_or(Reject::of(Field::Year, FaultCode::Date))?;
    let amount_type = record
        .table()
        .rules
        .units
        .get(&record.text(Field::Unit).to_lowercase())
        .and_then(|unit| unit.spread(None))
        .ok_or(Reject::of(Field::Unit, FaultCode::Unit))?;
    let code = record.text(Field::ServiceCode);
    let code = if code.is_empty() { "DAG-INST" } else { &code };
    let service = catalogue.by_benefit(System::Institution, code, "");
    Ok(Outcome::Row(TariffRow { institution, year, amount_type, price, service }))
}
