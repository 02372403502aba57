//! `liste/familier.html`: the four lists to read and print, those over families with several services first.

use maud::{Markup, html};

use super::{
    chart::Scale,
    lists::{self, Named},
    model::ReportModel,
    page::{Audience, page, scope},
    text,
};
use crate::{
    analysis::{Place, UnitFigures},
    base::Result,
    domain::{DepartmentId, Ore},
    family::AgeBand,
};

/// How many departments a row names; the rest are summed.
const DEPARTMENTS_SHOWN: usize = 3;

/// Writes the page.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn families_html(model: &ReportModel) -> Result<Vec<u8>> {
    let ranking = &model.ranking;
    let named = lists::named(ranking);
    let relations = lists::relations(model)?;
    let body = html! {
        nav aria-label="Indhold" {
            ol {
                @for one in &named {
                    li { a href={ "#" (one.id) } { (one.title) } " (" (text::count(one.list.rows.len() as u64)) ")" }
                }
                @if !ranking.negative.is_empty() { li { a href="#negative" { "Negativ sum" } " (" (ranking.negative.len()) ")" } }
            }
        }
        @for told in &relations { p { (told) } }
        p.note {
            "Familierne er ordnet efter " (model.ranked_by()) ". Beløb er afrundet til " (text::count(model.rounding.into()))
            " kr.; afdelingernes er brutto i løbende priser, hver for sig. Alder er personer i aldersbånd på skæringsdatoen. "
            "Alle kolonner står i familier.csv."
        }
        @for one in &named { (section(model, one)) }
        @if !ranking.negative.is_empty() {
            section id="negative" {
                h2 { "Negativ sum" }
                p.scope { "Familier, hvis krediteringer i perioden er større end udgifterne." }
                (table(model, "Familier med negativ sum, efter etiket", &negative(model)))
            }
        }
    };
    let lead = html! {
        (scope(model))
        p.scope { "Udpeget blandt " (lists::population(ranking.settings.population)) "." }
    };
    Ok(page(model, Audience::ProjectGroup, "Familier på listerne", &lead, &body))
}

fn section(model: &ReportModel, one: &Named<'_>) -> Markup {
    let several = one.id.starts_with("flere");
    let ties = lists::ties(one.list, model.ranking.settings.top, one.by_cost);
    html! {
        section id=(one.id) {
            h2 { (one.title) }
            p.scope {
                (text::counted(one.list.rows.len() as u64, "familie", "familier")) " af "
                (text::count(one.list.candidates as u64))
                @if several { " med " (lists::minimum(&model.ranking)) }
                ", " (text::kroner(one.list.ore, model.rounding)) " kr. i alt"
                @if !ties.is_empty() { ". " (ties) }
                "."
            }
            @if one.list.rows.is_empty() {
                p { "Ingen familier opfylder kravet." }
            } @else {
                (table(model, one.order, &one.list.rows))
            }
        }
    }
}

fn negative(model: &ReportModel) -> Vec<Place> {
    let rank = |unit: usize| model.ranking.by_cost.ranks[unit].unwrap_or_default();
    model.ranking.negative.iter().map(|unit| Place { unit: *unit, rank: rank(*unit) }).collect()
}

fn table(model: &ReportModel, caption: &str, rows: &[Place]) -> Markup {
    let scale = Scale::over(rows.iter().map(|place| model.figures[place.unit].ore));
    html! {
        div.scroll {
            table {
                caption { (caption) }
                thead {
                    tr {
                        th.number scope="col" { "Rang" }
                        th scope="col" { "Etiket" }
                        th.number scope="col" { "Brutto (kr.)" }
                        th scope="col" { span.hidden { "Søjle" } }
                        th.number scope="col" { "Refusion og ind\u{ad}tægter (kr.)" }
                        th.number scope="col" { "Netto (kr.)" }
                        @if let Some(year) = model.price_year {
                            th.number scope="col" { (model.measure()) " i " (year) "-priser (kr.)" }
                        }
                        th.number scope="col" { "Ydel\u{ad}ser" }
                        th.number scope="col" { "Afde\u{ad}linger" }
                        th.number scope="col" { "Med\u{ad}lemmer" }
                        th.number scope="col" { "Børn" }
                        th.number scope="col" { "Anbragte" }
                        th scope="col" { "Alder" }
                        th scope="col" { "Største afdelinger (kr.)" }
                    }
                }
                tbody { @for place in rows { (row(model, *place, &scale)) } }
            }
        }
    }
}

fn row(model: &ReportModel, place: Place, scale: &Scale) -> Markup {
    let figures = &model.figures[place.unit];
    let kroner = text::kroner(figures.ore, model.rounding);
    html! {
        tr {
            td.number { (place.rank) }
            th scope="row" {
                span.label { (figures.label) }
                @if figures.protection.is_some() { br; span.mark { (text::protection(figures.protection)) } }
            }
            td.number { (kroner) }
            td.drawing { (scale.bar(figures.ore, &format!("{kroner} kr."))) }
            td.number { (text::kroner(Ore(figures.ore.0.saturating_sub(figures.net.0)), model.rounding)) }
            td.number { (text::kroner(figures.net, model.rounding)) }
            @if model.price_year.is_some() { td.number { (text::kroner(figures.fixed.unwrap_or_default(), model.rounding)) } }
            td.number { (figures.services) }
            td.number { (figures.departments) }
            td.number { (figures.members) }
            td.number { (figures.children) }
            td.number { (figures.placed) }
            td { ul.parts.ages { @for (number, band) in ages(figures) { li { (number) " × " (band) } } } }
            td.parting {
                ul.parts { @for (name, kroner) in departments(model, figures) { li { span { (name) } " " b { (kroner) } } } }
            }
        }
    }
}

/// How many members are in each age band.
fn ages(figures: &UnitFigures) -> impl Iterator<Item = (u32, String)> {
    let known = AgeBand::ALL.into_iter().map(|band| (figures.ages[band.index()], band.code().replace('-', "\u{2013}")));
    known.chain([(figures.age_unknown, "ukendt".to_owned())]).filter(|(number, _)| *number > 0)
}

/// The departments with most kroner; a rest of several is one line.
fn departments(model: &ReportModel, figures: &UnitFigures) -> Vec<(String, String)> {
    let mut parts: Vec<(DepartmentId, Ore)> = figures.by_department.clone();
    parts.retain(|(_, ore)| *ore != Ore::ZERO);
    parts.sort_unstable_by_key(|(department, ore)| (std::cmp::Reverse(*ore), *department));
    let shown = if parts.len() > DEPARTMENTS_SHOWN + 1 { DEPARTMENTS_SHOWN } else { parts.len() };
    let kroner = |ore| text::kroner(ore, model.rounding);
    let mut told: Vec<(String, String)> = parts[..shown]
        .iter()
        .map(|(department, ore)| (model.department(*department).to_owned(), kroner(*ore)))
        .collect();
    // The parts of a sum that fitted fit as well, short of absurd signs; then the line is left out.
    if let (false, Ok(rest)) = (shown == parts.len(), Ore::sum(parts[shown..].iter().map(|(_, ore)| *ore))) {
        told.push((format!("{} andre", parts.len() - shown), kroner(rest)));
    }
    told
}
