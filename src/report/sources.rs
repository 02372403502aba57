//! The report's sections about the sources: rows and kroner, and where the kroner went.

use maud::{Markup, html};

use super::{model::ReportModel, text};
use crate::{
    analysis::{BridgeLine, Destination},
    base::Result,
    domain::{Ore, Role},
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
                        th.number scope="col" { "Sat til side (kr.)" }
                    }
                }
                tbody {
                    @for source in &model.sources {
                        tr {
                            th scope="row" { (source.name) }
                            td { (source.role.map_or("register", Role::code)) }
                            td { (covers(source)) }
                            td.number { (text::count(source.read.rows)) }
                            td.number { (text::count(source.used.rows)) }
                            td.number { (text::count(source.sorted_out.rows)) }
                            td.number { (text::count(source.set_aside.rows)) }
                            td.number { (kroner(source.used.ore, source.role)) }
                            td.number { (kroner(source.set_aside.ore, source.role)) }
                        }
                    }
                    tr.sum {
                        th scope="row" { "I alt" } td {} td {}
                        td.number { (whole(|source| source.read.rows)) }
                        td.number { (whole(|source| source.used.rows)) }
                        td.number { (whole(|source| source.sorted_out.rows)) }
                        td.number { (whole(|source| source.set_aside.rows)) }
                        td {} td {}
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

fn covers(source: &super::SourceSummary) -> String {
    match (source.first, source.last) {
        (Some(first), Some(last)) => format!("{first} – {last}"),
        (None, Some(last)) => format!("til {last}"),
        (Some(first), None) => format!("fra {first}"),
        (None, None) => "\u{2013}".to_owned(),
    }
}

/// The bridge from the face amounts of actual sources to the kroner in the ranking.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn bridge(model: &ReportModel) -> Result<Markup> {
    let is_actual = |line: &BridgeLine| match line.role {
        Some(role) => role == Role::Actual,
        None => {
            let role = model.sources.get(line.source.index()).and_then(|source| source.role);
            role == Some(Role::Actual) && line.destination != Destination::TariffMoved
        }
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
    let row = |name: &str, ore: Ore, sign: &str| {
        html! { tr { th scope="row" { (name) } td.number { (sign) (kroner(ore)) } td.number { (text::share_of_ore(ore, face)) } } }
    };
    Ok(html! {
        table {
            caption { "Fra kildernes kroner til familiernes" }
            thead { tr { th scope="col" { "Post" } th.number scope="col" { "Kr." } th.number scope="col" { "Andel af det bogførte" } } }
            tbody {
                tr.sum { th scope="row" { "Bogført og udbetalt i de faktiske kilder" } td.number { (kroner(face)) } td.number { (text::share_of_ore(face, face)) } }
                @for (destination, ore) in &places { (row(destination.danish(), *ore, "heraf ")) }
                tr.sum { th scope="row" { "Henført til familier, faktisk" } td.number { (kroner(units(Role::Actual)?)) } td.number { (text::share_of_ore(units(Role::Actual)?, face)) } }
                @for (name, ore) in &added {
                    tr { th scope="row" { "hertil " (name) } td.number { (kroner(*ore)) } td {} }
                }
                tr.sum { th scope="row" { "Familiernes kroner i ranglisten" } td.number { (kroner(model.attributed()?)) } td {} }
            }
        }
        p.note { "Afrundet; hver kildes bro på øren står i arbejde/afstemning.csv." }
    })
}
