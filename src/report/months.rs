//! The kroner of the ranking month by month: closed months are frozen, and what came later stands beside.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    accounts::AccountName,
    csv::{Cell, Table},
    model::ReportModel,
    text,
};
use crate::{
    base::Result,
    domain::{Date, Ore},
};

/// One account group in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthRow {
    /// The month's first day.
    pub month: Date,
    /// The account group or service.
    pub account: AccountName,
    /// What the month was closed at; `None` while it is open.
    pub closed: Option<Ore>,
    /// What this run finds.
    pub now: Ore,
}

/// `2015-03`.
fn month(day: Date) -> String {
    let (year, month, _) = day.ymd();
    format!("{year:04}-{month:02}")
}

/// The months with their corrections, rounded; nothing when no month is closed.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn section(model: &ReportModel) -> Result<Markup> {
    let mut months = BTreeMap::<Date, (Option<Ore>, Ore)>::new();
    for row in &model.accounts.months {
        let (closed, now) = months.entry(row.month).or_default();
        if let Some(ore) = row.closed {
            *closed = Some(closed.unwrap_or_default().plus(ore)?);
        }
        *now = now.plus(row.now)?;
    }
    if months.values().all(|(closed, _)| closed.is_none()) {
        return Ok(html! {});
    }
    let kroner = |ore| text::kroner(ore, model.rounding);
    let mut rows = Vec::with_capacity(months.len());
    for (day, (closed, now)) in months {
        let correction = closed.map(|closed| now.plus(-closed)).transpose()?;
        rows.push((month(day), closed.unwrap_or(now), correction));
    }
    Ok(html! {
        h2 { "Lukkede måneder" }
        table {
            caption { "Kroner i ranglisten efter måned, og hvad der er rettet efter lukningen" }
            thead {
                tr {
                    th scope="col" { "Måned" }
                    th.number scope="col" { "Kr." }
                    th.number scope="col" { "Rettet siden (kr.)" }
                }
            }
            tbody {
                @for (month, ore, correction) in &rows {
                    tr {
                        th scope="row" { (month) @if correction.is_some() { " – lukket" } }
                        td.number { (kroner(*ore)) }
                        td.number { (correction.map_or_else(|| "–".to_owned(), kroner)) }
                    }
                }
            }
        }
        p.note {
            "En lukket måned står med tallet fra den kørsel, der lukkede den. Familiernes kroner er altid de nyeste; forskellen er "
            "rettelserne. Konto for konto i arbejde/maaneder.csv."
        }
    })
}

/// Writes `arbejde/maaneder.csv`: every month and account group, exact.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn months_csv(model: &ReportModel) -> Result<Vec<u8>> {
    let headings = ["måned", "funktion", "konto", "navn", "lukket (kr.)", "nu (kr.)", "rettelse (kr.)"];
    let mut table = Table::new(headings);
    for row in &model.accounts.months {
        let correction = row.closed.map(|closed| row.now.plus(-closed)).transpose()?;
        table.row([
            Cell::Text(&month(row.month)),
            Cell::Text(&row.account.function),
            Cell::Text(&row.account.code),
            Cell::Text(&row.account.name),
            row.closed.map_or(Cell::Empty, Cell::Exact),
            Cell::Exact(row.now),
            correction.map_or(Cell::Empty, Cell::Exact),
        ]);
    }
    Ok(table.into_bytes())
}
