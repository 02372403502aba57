//! What a reader must know before trusting a figure, told from the data of the run.

use super::{accounts, model::ReportModel, text};
use crate::{
    analysis::{Destination, role_index},
    base::Result,
    domain::{Ore, Protection, Role},
    family::REVIEW_ABOVE,
    ledger::CoverageShare,
    pseudonym::UnitKind,
};

/// The caveats that this run calls for, the weightiest first.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn caveats(model: &ReportModel) -> Result<Vec<String>> {
    let mut told = Vec::new();
    if !matches!(model.accounts.share, CoverageShare::Known(_)) {
        told.push(accounts::caveat(model));
    }
    told.extend(not_attributed(model)?);
    told.extend(roles(model)?);
    told.extend(set_aside(model)?);
    told.extend(sources_that_end_early(model));
    told.extend(families(model));
    told.extend(spells(model));
    Ok(told)
}

fn not_attributed(model: &ReportModel) -> Result<Option<String>> {
    let mut reasons = Vec::new();
    for destination in Destination::ALL.into_iter().filter(|destination| destination.is_not_attributed()) {
        let (_, ore) = model.bridge.sum(|line| line.destination == destination)?;
        reasons.push((ore, destination));
    }
    let missing = Ore::sum(reasons.iter().map(|(ore, _)| *ore))?;
    let Some((most, reason)) = reasons.into_iter().max_by_key(|(ore, _)| *ore).filter(|(ore, _)| *ore > Ore::ZERO)
    else {
        return Ok(None);
    };
    let whole = missing.plus(model.attributed()?)?;
    Ok(Some(format!(
        "{} kr. er ikke henført til en familie. Det er {} af kronerne i perioden; mest fylder »{}« med {} kr.",
        text::kroner(missing, model.rounding),
        text::share_of_ore(missing, whole),
        reason.danish().trim_start_matches("ikke henført: "),
        text::kroner(most, model.rounding),
    )))
}

fn roles(model: &ReportModel) -> Result<Option<String>> {
    let [actual, granted, tariff, manual] = model.quality.by_role;
    let whole = Ore::sum([actual.ore, granted.ore, tariff.ore, manual.ore])?;
    if whole <= Ore::ZERO || whole == actual.ore {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for (role, means) in [
        (Role::Granted, "er bevilget, uden at en betaling er fundet for de dage"),
        (Role::Tariff, "er takst gange dage i egne institutioner"),
        (Role::Manual, "er samlet ind i hånden"),
    ] {
        let ore = model.quality.by_role[role_index(role)].ore;
        if ore != Ore::ZERO {
            parts.push(format!("{} {means}", text::share_of_ore(ore, whole)));
        }
    }
    let actual = text::share_of_ore(actual.ore, whole);
    Ok(Some(format!("{actual} af familiernes kroner er faktisk bogført eller udbetalt; {}.", parts.join(", "))))
}

fn set_aside(model: &ReportModel) -> Result<Option<String>> {
    let rows: u64 = model.sources.iter().map(|source| source.set_aside.rows).sum();
    let ore = Ore::sum(model.sources.iter().map(|source| source.set_aside.ore))?;
    let most = model.sources.iter().rev().max_by_key(|source| source.set_aside.rows);
    Ok(most.filter(|_| rows > 0).map(|most| {
        format!(
            "{} ({} kr., så vidt beløbet kunne læses) er sat til side på grund af fejl, flest i kilden {}. Hver af dem \
             står med sted og fejlkode i arbejde/fejl.csv.",
            text::counted(rows, "række", "rækker"),
            text::kroner(ore, model.rounding),
            most.name,
        )
    }))
}

fn sources_that_end_early(model: &ReportModel) -> Vec<String> {
    let early = model.sources.iter().filter(|source| source.role.is_some() && source.used.rows > 0);
    early
        .filter_map(|source| source.last.filter(|last| *last < model.period.to).map(|last| (source, last)))
        .map(|(source, last)| {
            format!(
                "Kilden {} slutter {}, før perioden er omme. Resten af perioden mangler fra den kilde.",
                source.name,
                text::date(last),
            )
        })
        .collect()
}

fn families(model: &ReportModel) -> Vec<String> {
    let mut told = Vec::new();
    let placed: u64 = model.figures.iter().map(|unit| u64::from(unit.placed)).sum();
    if placed > 0 && model.units.ranked == UnitKind::Household {
        told.push(format!(
            "En familie er her en husstand. {} er anbragt i perioden og tæller der, hvor CPR har dem på \
             skæringsdatoen; det kan være plejefamiliens adresse.",
            text::counted(placed, "person", "personer"),
        ));
    }
    if model.counts.singles > 0 {
        told.push(format!(
            "{} står alene, fordi adressen er administrativ, skjult eller tom; de kan høre til en husstand, som CPR \
             ikke viser.",
            text::counted(model.counts.singles, "person", "personer"),
        ));
    }
    if model.counts.review > 0 {
        told.push(format!(
            "{} har flere end {REVIEW_ABOVE} medlemmer. Det kan være store familier, men også bosteder og fejl i \
             adresser; se dem efter, før listen bruges.",
            text::counted(model.counts.review, "familie", "familier"),
        ));
    }
    let listed = model.listed();
    let hidden = |unit: &&usize| model.figures[**unit].protection == Some(Protection::NameAndAddress);
    let hidden = listed.iter().filter(hidden).count() as u64;
    if hidden > 0 {
        told.push(format!(
            "{} på listerne har et medlem med navne- og adressebeskyttelse.",
            text::counted(hidden, "familie", "familier"),
        ));
    }
    told
}

fn spells(model: &ReportModel) -> Vec<String> {
    let quality = &model.quality;
    let pieces = |number| text::counted(number, "ydelsesforløb", "ydelsesforløb");
    let kroner = |ore| text::kroner(ore, model.rounding);
    let mut told = Vec::new();
    if quality.open.spells > 0 {
        told.push(format!(
            "{} ({} kr.) har ingen slutdato og regnes som løbende perioden ud. Nogle kan være ophørt uden at være \
             lukket i fagsystemet.",
            pieces(quality.open.spells),
            kroner(quality.open.ore),
        ));
    }
    if quality.not_periodised.spells > 0 {
        told.push(format!(
            "{} ({} kr.) står på bogføringsdagen, fordi kilden ikke siger, hvilke dage de gælder.",
            pieces(quality.not_periodised.spells),
            kroner(quality.not_periodised.ore),
        ));
    }
    if quality.on_guardian.spells > 0 {
        told.push(format!(
            "{} ({} kr.) er et barns udgift, der er bogført på en voksens nummer. Familiens kroner er rigtige, men tabeller over \
             personer viser dem hos den voksne; de er mærket i ydelser.parquet.",
            pieces(quality.on_guardian.spells),
            kroner(quality.on_guardian.ore),
        ));
    }
    if quality.moved.spells > 0 {
        told.push(format!(
            "{} ({} kr.) var bogført på en forælders eller værges nummer og er flyttet til det barn, som bevillingen nævner.",
            pieces(quality.moved.spells),
            kroner(quality.moved.ore),
        ));
    }
    if quality.unpaired.spells > 0 {
        told.push(format!(
            "{} ({} kr.) tager en postering tilbage, som ikke er i udtrækket. De står med deres eget beløb og reglen \
             tilbagefoersel-uden-modpart i ydelser.parquet.",
            pieces(quality.unpaired.spells),
            kroner(quality.unpaired.ore),
        ));
    }
    if quality.beside_payment.spells > 0 {
        told.push(format!(
            "{} ({} kr.) er manuelle tillæg på dage, hvor der også er betalt til samme formål. Se efter, om det er de samme kroner; \
             de har reglen manuel-ved-siden-af-betaling i ydelser.parquet.",
            pieces(quality.beside_payment.spells),
            kroner(quality.beside_payment.ore),
        ));
    }
    if quality.without_amount > 0 {
        told.push(format!(
            "{} har intet beløb: De tæller blandt ydelserne, men ikke i kroner.",
            pieces(quality.without_amount),
        ));
    }
    if quality.unknown.spells > 0 {
        told.push(format!(
            "{} ({} kr.) har en konto, paragraf eller kode, som kataloget ikke kender. De står som ukendte, ikke gættet.",
            pieces(quality.unknown.spells),
            kroner(quality.unknown.ore),
        ));
    }
    told
}
