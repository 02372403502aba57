//! The part of the report about what a family is: the three units beside each other, and what the choice of day means.

use maud::{Markup, html};

use super::{model::ReportModel, text};
use crate::{
    analysis::{Destination, UnitFilter},
    domain::Ore,
    family::{Fate, Whereabouts},
    pseudonym::UnitKind,
};

/// One kind of unit on the reference date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitTotals {
    /// Which kind.
    pub kind: UnitKind,
    /// Units with a member on the reference date.
    pub units: u64,
    /// Of these, with two members or more.
    pub shared: u64,
    /// Øre that reach a unit.
    pub ore: Ore,
    /// Øre of the costliest, as many as the plan's lists have.
    pub top: Ore,
    /// Members of these with a placement.
    pub top_placed: u64,
    /// Reference date against day by day; `None` for households.
    pub modes: Option<ModeTotals>,
}

/// What the choice of day means for one kind of unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModeTotals {
    /// Øre of days on which the person belonged to another family than on the reference date.
    pub other_family: Ore,
    /// Øre of days on which the person had no family here.
    pub no_family: Ore,
    /// Øre that the touched sums count again.
    pub counted_again: Ore,
}

/// What the report says of families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitsModel {
    /// The ranked kind.
    pub ranked: UnitKind,
    /// Households, families, case families.
    pub totals: Vec<UnitTotals>,
    /// Addresses on the list of institutions, and with four or more unrelated families.
    pub dissolved: (u64, u64),
    /// Residents of these.
    pub dissolved_persons: u64,
    /// Children in families of their own, by where their parents are, in the order of [`Whereabouts::ALL`].
    pub parents_of_not_home: [u64; 4],
    /// Placed children that people must look at.
    pub review: u64,
    /// Persons who live elsewhere and whom this municipality pays for: units of one of the ranked kind.
    pub paid_here: u64,
    /// Persons of the register with something that another municipality pays for.
    pub paid_elsewhere: u64,
    /// Case families since the first day of the period, by what became of them.
    pub fates: Vec<(Fate, u64)>,
}

/// A kind of unit in words.
pub(super) const fn danish(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Household => "husstande (H)",
        UnitKind::Family => "familier (F)",
        UnitKind::CaseFamily => "sagsfamilier (S)",
    }
}

/// What a unit of the ranked kind is.
pub(super) const fn definition(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Household => {
            "Her en husstand (H): personer, der er bosat på samme adresse på skæringsdatoen. Administrative vejkoder, tomme og \
             skjulte adresser giver hver person sin egen enhed. Medlemmerne bærer hele periodens kroner med sig."
        }
        UnitKind::Family => {
            "Her Danmarks Statistiks E-familie (F): et par eller en enlig med hjemmeboende børn under 25 år på samme adresse. \
             Medlemmerne på skæringsdatoen bærer hele periodens kroner med sig; den, der er død eller rejst, regnes til sin \
             sidste familie i perioden. Et anbragt barn er sin egen familie."
        }
        UnitKind::CaseFamily => {
            "Her sagsfamilien (S): Danmarks Statistiks E-familie (et par eller en enlig med hjemmeboende børn under 25 år) og \
             familiens børn, der er anbragt uden for hjemmet. Plejefamilier er leverandører og hører ikke til. Medlemmerne på \
             skæringsdatoen bærer hele periodens kroner med sig; den, der er død eller rejst, regnes til sin sidste familie."
        }
    }
}

/// The table of units with its remarks.
pub(super) fn section(model: &ReportModel) -> Markup {
    let units = &model.units;
    let row = |totals: &UnitTotals| {
        let share = |ore| text::share_of_ore(ore, totals.ore);
        html! {
            tr {
                th scope="row" { (danish(totals.kind)) @if totals.kind == units.ranked { " – rangeret" } }
                td.number { (text::count(totals.units)) }
                td.number { (text::count(totals.shared)) }
                td.number { (text::kroner(totals.ore, model.rounding)) }
                td.number { (text::kroner(totals.top, model.rounding)) }
                td.number { (text::count(totals.top_placed)) }
                td.number { (totals.modes.map_or_else(|| "–".to_owned(), |modes| share(modes.other_family))) }
                td.number { (totals.modes.map_or_else(|| "–".to_owned(), |modes| share(modes.no_family))) }
            }
        }
    };
    let counted_again =
        units.totals.iter().find(|totals| totals.kind == UnitKind::CaseFamily).and_then(|totals| totals.modes);
    html! {
        div.scroll {
            table {
                caption { "De tre enheder ved siden af hinanden, " (UnitFilter::Everyone.danish()) }
                thead {
                    tr {
                        th scope="col" { "Enhed" }
                        th.number scope="col" { "På skæringsdatoen" }
                        th.number scope="col" { "Med 2+ medlemmer" }
                        th.number scope="col" { "Kr. henført" }
                        th.number scope="col" { "Kr. hos de " (text::count(model.ranking.settings.top as u64)) " dyreste" }
                        th.number scope="col" { "Anbragte hos dem" }
                        th.number scope="col" { "Skifter familie dag for dag" }
                        th.number scope="col" { "Dage uden familie her" }
                    }
                }
                tbody { @for totals in &units.totals { (row(totals)) } }
            }
        }
        p {
            "Kronerne følger familien på skæringsdatoen. De to sidste kolonner er den andel af kronerne, der falder på dage, hvor "
            "personen hørte til en anden familie eller ingen havde her, hvis kronerne i stedet fulgte familien dag for dag."
        }
        @if let Some(modes) = counted_again {
            p {
                "Lister over alle familier, som en person berører (også den anden forælders), kan ikke summeres: de tæller "
                (text::kroner(modes.counted_again, model.rounding)) " kr. mere end én gang."
            }
        }
        @for told in remarks(units) { p { (told) } }
        @if let Some(told) = payers(model) { p { (told) } }
    }
}

/// The payer rule (P37), where the sources name the municipality that pays.
fn payers(model: &ReportModel) -> Option<String> {
    let units = &model.units;
    let elsewhere = model.bridge.sum(|line| line.destination == Destination::PaidElsewhere);
    let elsewhere = elsewhere.map_or(Ore::ZERO, |(_, ore)| ore);
    (units.paid_here > 0 || units.paid_elsewhere > 0).then(|| {
        format!(
            "{} bor andre steder eller er ikke i udtrækket, men kommunen betaler: hver er en enhed for sig. {} får noget, som en \
             anden kommune betaler: {} kr. står for sig og er ikke med i nogen families kroner.",
            text::counted(units.paid_here, "person", "personer"),
            text::counted(units.paid_elsewhere, "borger", "borgere"),
            text::kroner(elsewhere, model.rounding),
        )
    })
}

fn remarks(units: &UnitsModel) -> Vec<String> {
    let mut told = Vec::new();
    let (listed, nuclei) = units.dissolved;
    if listed + nuclei > 0 {
        told.push(format!(
            "{} er ingen husstand: {} står på listen over institutioner, {} har fire eller flere ubeslægtede familier. {} bor der \
             og tæller med sin familie eller alene.",
            text::counted(listed + nuclei, "adresse", "adresser"),
            text::count(listed),
            text::count(nuclei),
            text::counted(units.dissolved_persons, "person", "personer"),
        ));
    }
    let children: u64 = units.parents_of_not_home.iter().sum();
    if children > 0 {
        let parts: Vec<String> = Whereabouts::ALL
            .into_iter()
            .zip(units.parents_of_not_home)
            .filter(|(_, number)| *number > 0)
            .map(|(place, number)| format!("{} {}", text::count(number), place.danish()))
            .collect();
        told.push(format!(
            "{} bor uden sine forældre: {}.",
            text::counted(children, "barn under 18 år", "børn under 18 år"),
            parts.join(", ")
        ));
    }
    if units.review > 0 {
        told.push(format!(
            "{} har ingen sikker familie at høre til og skal ses efter (arbejde/tabeller/gennemgang.parquet).",
            text::counted(units.review, "anbragt barn", "anbragte børn"),
        ));
    }
    if !units.fates.is_empty() {
        let parts: Vec<String> =
            units.fates.iter().map(|(fate, number)| format!("{} {}", text::count(*number), fate.danish())).collect();
        told.push(format!("Sagsfamilierne fra periodens første dag til skæringsdatoen: {}.", parts.join(", ")));
    }
    told
}
