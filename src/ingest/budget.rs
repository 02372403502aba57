//! Rows of a budget: what an account may cost in a year.

use super::{
    money::account,
    record::{Outcome, Record, Reject},
    rows::BudgetRow,
};
use crate::{
    base::FaultCode,
    catalogue::Catalogue,
    domain::{Date, Ore},
    layout::{Field, read_amount, read_number},
};

/// Reads one row; `adopted` is the adopted budget, already read. A blank corrected budget is the adopted one.
///
/// # Errors
/// The fault for which the row is set aside.
pub fn read_budget(record: &Record<'_>, adopted: Ore, catalogue: &Catalogue) -> Result<Outcome<BudgetRow>, Reject> {
    let year = read_number(record.cell(Field::Year))
        .and_then(|year| i16::try_from(year).ok())
        .filter(|year| (1900..2200).contains(year))
        .ok_or(Reject::of(Field::Year, FaultCode::Date))?;
    let account = account(record)?.ok_or(Reject::of(Field::Account, FaultCode::Missing))?;
    let corrected = match record.cell(Field::Corrected) {
        [] => adopted,
        cell => {
            read_amount(cell, record.table().rules.amounts).ok_or(Reject::of(Field::Corrected, FaultCode::Amount))?
        }
    };
    let midsummer = Date::from_ymd(year, 7, 1).map_err(|_| Reject::of(Field::Year, FaultCode::Date))?;
    Ok(Outcome::Row(BudgetRow { year, service: catalogue.by_account(account, midsummer), adopted, corrected }))
}
