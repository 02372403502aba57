//! What both pages say about the four lists.

use super::{model::ReportModel, text};
use crate::{
    analysis::{List, Ranking, UnitFilter},
    base::Result,
    domain::Ore,
};

/// One list with its names.
pub(super) struct Named<'a> {
    /// For links within a page.
    pub id: &'static str,
    /// For headings.
    pub title: &'static str,
    /// How it is ranked, for captions.
    pub order: &'static str,
    /// Whether its first criterion is kroner.
    pub by_cost: bool,
    /// The list.
    pub list: &'a List,
}

/// The lists, those over families with several services first.
pub(super) fn named(ranking: &Ranking) -> [Named<'_>; 4] {
    let cost = "Ordnet efter kroner, dernæst antal afdelinger og antal ydelser";
    let services = "Ordnet efter antal ydelser, dernæst antal afdelinger og kroner";
    let list =
        |id, title, by_cost, list| Named { id, title, order: if by_cost { cost } else { services }, by_cost, list };
    [
        list("flere-kroner", "Flere ydelser, efter kroner", true, &ranking.several_by_cost),
        list("flere-antal", "Flere ydelser, efter antal ydelser", false, &ranking.several_by_services),
        list("kroner", "Alle, efter kroner", true, &ranking.by_cost),
        list("antal", "Alle, efter antal ydelser", false, &ranking.by_services),
    ]
}

/// What the minimum is, in words.
pub(super) fn minimum(ranking: &Ranking) -> String {
    format!(
        "mindst {} og mindst {}",
        text::counted(ranking.settings.min_services.into(), "ydelse", "ydelser"),
        text::counted(ranking.settings.min_departments.into(), "afdeling", "afdelinger"),
    )
}

/// What there is to say about equal places at the end of a list; empty when nothing.
pub(super) fn ties(list: &List, top: usize, by_cost: bool) -> String {
    let Some(tied) = list.tied else { return String::new() };
    let (first, mut told) = (if by_cost { "kroner" } else { "ydelser" }, Vec::new());
    if list.rows.len() > top {
        told.push(format!("{top} er blevet til {} på grund af lige placering", list.rows.len()));
    }
    if tied.first_criterion > 1 {
        let same = text::counted(tied.first_criterion as u64, "familie", "familier");
        told.push(format!("{same} har samme antal {first} som den sidste på listen"));
    }
    told.join("; ")
}

/// Sentences about how the lists over all families relate, for both pages.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn relations(model: &ReportModel) -> Result<Vec<String>> {
    let ranking = &model.ranking;
    let families = |number: usize| text::counted(number as u64, "familie", "familier");
    let mut told = vec![
        format!(
            "{} står både på listen efter kroner og på listen efter antal ydelser; {} kun efter kroner, {} kun efter \
             antal. Tilsammen nævner de to lister {}.",
            families(ranking.on_both.len()),
            families(ranking.only_by_cost.len()),
            families(ranking.only_by_services.len()),
            families(ranking.on_either().len()),
        ),
        format!(
            "Kravet om {} udelader {} af listen efter kroner og {} af listen efter antal ydelser.",
            minimum(ranking),
            families(ranking.left_out_by_cost),
            families(ranking.left_out_by_services),
        ),
    ];
    if let (Some((number, ore)), Some(threshold)) = (ranking.above_threshold, ranking.settings.threshold) {
        told.push(format!(
            "{} modtager mere end {} kr., i alt {} kr.",
            families(number),
            text::kroner(threshold, 1),
            text::kroner(ore, model.rounding),
        ));
    }
    if !ranking.negative.is_empty() {
        let ore = Ore::sum(ranking.negative.iter().map(|unit| model.figures[*unit].ore))?;
        told.push(format!(
            "{} har en negativ sum ({} kr.): krediteringerne i perioden er større end udgifterne. De står sidst.",
            families(ranking.negative.len()),
            text::kroner(ore, model.rounding),
        ));
    }
    Ok(told)
}

/// Who could be ranked, as a clause.
pub(super) fn population(filter: UnitFilter) -> &'static str {
    filter.danish()
}
