//! The report's sections about the sources: rows and kroner, and where the kroner went.

use maud::{Markup, html};

use super::{model::ReportModel, text};
use crate::{
    analysis::{BridgeLine, Destination},
    base::Result,
    domain::{Date, Ore, Role},
};

/// Rows and kroner of every source: read, used, sorted out, set aside.
pub(super) fn rows(model: &ReportModel) -> Markup {
    let kroner = |ore, role: Option<Role>| role.map_or("\u{2013}".to_owned(), |_| text::kroner(ore, model.rounding));
    let whole = |pick: fn(&super::SourceSummary) -> u64| text::count(model.sources.iter().map(pick).sum());
    html! {
        div.scroll {
            table {
                caption { "Rækker og pålydende kroner efter kilde" }
                thead {
                    tr {
                        th scope="col" { "Kilde" }
                        th scope="col" { "Rolle" }
                        th scope="col" { "Dækker" }
                        th.number scope="col" { "Læst (rækker)" }
                        th.number scope="col" { "Brugt (rækker)" }
                        th.number scope="col" { "Frasorteret (rækker)" }
                        th.number scope="col" { "Sat til side (rækker)" }
                        th.number scope="col" { "Brugt (kr.)" }
                        th.number scope="col" { "Frasorteret (kr.)" }
                        th.number scope="col" { "Sat til side (kr.)" }
                    }
                }
                tbody {
                    @for source in &model.sources {
                        tr {
                            th scope="row" { (source.name) }
                            td { (source.role.map_or("register", Role::code)) }
                            td.days { (covers(source)) }
                            td.number { (text::count(source.read.rows)) }
                            td.number { (text::count(source.used.rows)) }
                            td.number { (text::count(source.sorted_out.rows)) }
                            td.number { (text::count(source.set_aside.rows)) }
                            td.number { (kroner(source.used.ore, source.role)) }
                            td.number { (kroner(source.sorted_out.ore, source.role)) }
                            td.number { (kroner(source.set_aside.ore, source.role)) }
                        }
                    }
                    tr.sum {
                        th scope="row" { "I alt" } td {} td {}
                        td.number { (whole(|source| source.read.rows)) }
                        td.number { (whole(|source| source.used.rows)) }
                        td.number { (whole(|source| source.sorted_out.rows)) }
                        td.number { (whole(|source| source.set_aside.rows)) }
                        td {} td {} td {}
                    }
                }
            }
        }
        p.note {
            "Læst = brugt + frasorteret + sat til side, for hver kilde. Kroner lægges ikke sammen på tværs: Det samme "
            "beløb kan stå som bevilling i én kilde og som betaling i en anden."
        }
    }
}

/// How much of the last months is usually booked by now; nothing when all of it is.
pub(super) fn unripe(model: &ReportModel) -> Markup {
    let told = model.sources.iter().filter(|source| !source.unripe.is_empty());
    let rows: Vec<(&str, String, String)> = told
        .flat_map(|source| {
            let row = |(month, parts): &(Date, u32)| {
                let (year, number, _) = month.ymd();
                (source.name.as_str(), format!("{year:04}-{number:02}"), format!("{}\u{a0}%", parts / 10_000))
            };
            source.unripe.iter().map(row)
        })
        .collect();
    html! {
        @if !rows.is_empty() {
            table {
                caption { "Modning: så meget af måneden plejer at være bogført ved dataslut" }
                thead { tr { th scope="col" { "Kilde" } th scope="col" { "Måned" } th.number scope="col" { "Plejer at være bogført" } } }
                tbody {
                    @for (name, month, share) in &rows {
                        tr { th scope="row" { (name) } td { (month) } td.number { (share) } }
                    }
                }
            }
            p.note {
                "Regnet på periodens modne måneder: kroner af rækker med periode, efter hvor længe efter periodens slut de blev bogført. De "
                "sidste måneder ser billige ud, indtil regningerne kommer; det, der er bevilget i dem, er anslået."
            }
        }
    }
}

fn covers(source: &super::SourceSummary) -> Markup {
    html! {
        @match (source.first, source.last) {
            (Some(first), Some(last)) => { (first) " –" br; (last) }
            (None, Some(last)) => { "til " (last) }
            (Some(first), None) => { "fra " (first) }
            (None, None) => { "–" }
        }
    }
}

/// The bridge from the face amounts of actual sources to the kroner in the ranking.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn bridge(model: &ReportModel) -> Result<Markup> {
    // A line of the ledger has its source's role; what was moved as tariff comes back with the tariff spells.
    let is_actual = |line: &BridgeLine| {
        let source = model.sources.get(line.source.index()).and_then(|source| source.role);
        line.role.or(source) == Some(Role::Actual) && line.destination != Destination::TariffMoved
    };
    let face = model.bridge.sum(is_actual)?.1;
    let mut places = Vec::new();
    for destination in Destination::ALL.into_iter().filter(|destination| *destination != Destination::Units) {
        let (_, ore) = model.bridge.sum(|line| is_actual(line) && line.destination == destination)?;
        places.push((destination, ore));
    }
    places.retain(|(_, ore)| *ore != Ore::ZERO);
    let units = |role: Role| -> Result<Ore> {
        Ok(model.bridge.sum(|line| line.role == Some(role) && line.destination == Destination::Units)?.1)
    };
    let mut added = Vec::new();
    for (role, name) in [
        (Role::Granted, "bevilget på dage uden betaling"),
        (Role::Tariff, "takst, flyttet fra institutionernes egne konti"),
        (Role::Manual, "manuelle tillæg"),
    ] {
        added.push((name, units(role)?));
    }
    added.retain(|(_, ore)| *ore != Ore::ZERO);
    let kroner = |ore| text::kroner(ore, model.rounding);
    let actual = units(Role::Actual)?;
    let cells = |ore| html! { td.number { (kroner(ore)) } td.number { (text::share_of_ore(ore, face)) } };
    Ok(html! {
        table {
            caption { "Fra kildernes kroner til familiernes" }
            thead {
                tr {
                    th scope="col" { "Post" }
                    th.number scope="col" { "Kr." }
                    th.number scope="col" { "Andel af det bogførte" }
                }
            }
            tbody {
                tr.sum { th scope="row" { "Bogført og udbetalt i de faktiske kilder" } (cells(face)) }
                @for (destination, ore) in &places {
                    tr { th scope="row" { "heraf " (destination.danish()) } (cells(*ore)) }
                }
                tr.sum { th scope="row" { "Henført til familier, faktisk" } (cells(actual)) }
                @for (name, ore) in &added {
                    tr { th scope="row" { "hertil " (name) } td.number { (kroner(*ore)) } td {} }
                }
                tr.sum { th scope="row" { "Familiernes kroner i ranglisten" } td.number { (kroner(model.attributed()?)) } td {} }
            }
        }
        p.note { "Afrundet; hver kildes bro på øren står i arbejde/afstemning.csv." }
    })
}
