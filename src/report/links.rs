//! How rows found their persons: by tier and source in the report, exactly in `arbejde/samkoering.csv`.

use maud::{Markup, html};

use super::{
    csv::{Cell, Table},
    model::ReportModel,
    text,
};
use crate::domain::{LinkRule, Ore, SourceId};

/// Fewer persons than this are not told in the report, nor are their kroner.
const FEW: u64 = 5;

/// How rows found their persons, and how much the lists rest on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinksModel {
    /// Sorted by source, then by tier, then the rest.
    pub rows: Vec<LinkRow>,
    /// Units on the list by kroner, and how many of them are on it without the uncertain links too.
    pub by_cost: (u64, u64),
    /// The same for the list by number of services.
    pub by_services: (u64, u64),
    /// Units whose kroner or services would be others.
    pub changed: u64,
}

/// Rows of one source that ended in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The source.
    pub source: SourceId,
    /// The tier that linked them; `None` for rows without a person of the register.
    pub rule: Option<LinkRule>,
    /// The stable code of tier or reason.
    pub code: &'static str,
    /// Tier or reason in words for people.
    pub meaning: &'static str,
    /// Rows.
    pub rows: u64,
    /// Persons of these rows; 0 where they have none.
    pub persons: u64,
    /// Their face amounts.
    pub ore: Ore,
}

/// Writes one row for every source and tier, exact.
#[must_use]
pub fn links_csv(model: &ReportModel) -> Vec<u8> {
    let mut table = Table::new(["kilde", "trin", "betydning", "antal rækker", "antal personer", "beløb (kr.)"]);
    let whole = |number: u64| Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    for row in &model.links.rows {
        table.row([
            Cell::Text(model.source(row.source)),
            Cell::Text(row.code),
            Cell::Text(row.meaning),
            whole(row.rows),
            if row.persons == 0 { Cell::Empty } else { whole(row.persons) },
            Cell::Exact(row.ore),
        ]);
    }
    table.into_bytes()
}

/// The section of the report.
pub(super) fn links(model: &ReportModel) -> Markup {
    let links = &model.links;
    let uncertain = links.rows.iter().any(|row| row.rule.is_some_and(|rule| !rule.is_certain()));
    let row = |row: &LinkRow| {
        let few = (1..FEW).contains(&row.persons);
        html! {
            tr {
                th scope="row" { (model.source(row.source)) }
                td { (row.meaning) }
                td.number { (text::count(row.rows)) }
                td.number {
                    @if few { "under " (FEW) } @else if row.persons > 0 { (text::count(row.persons)) } @else { "–" }
                }
                td.number { @if few { "–" } @else { (text::kroner(row.ore, model.rounding)) } }
            }
        }
    };
    html! {
        div.scroll {
            table {
                caption { "Hvordan kildernes rækker fandt deres person" }
                thead {
                    tr {
                        th scope="col" { "Kilde" }
                        th scope="col" { "Trin" }
                        th.number scope="col" { "Rækker" }
                        th.number scope="col" { "Personer" }
                        th.number scope="col" { "Kr." }
                    }
                }
                tbody { @for one in &links.rows { (row(one)) } }
            }
        }
        p.note {
            @if uncertain {
                "Uden de forbindelser, der ikke hviler på nummeret alene, var "
                (stays(links.by_cost)) " på listen efter kroner og " (stays(links.by_services))
                " på listen efter antal ydelser stadig med; " (text::counted(links.changed, "familie", "familier"))
                " ville have andre kroner eller ydelser."
            } @else {
                "Alle forbindelser hviler på nummeret alene: Listerne afhænger ikke af reparation eller vægt."
            }
        }
    }
}

fn stays((of, stays): (u64, u64)) -> String {
    format!("{} af {}", text::count(stays), text::counted(of, "familie", "familier"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn few_persons_are_not_told_in_the_report_and_exact_in_the_table() {
        let mut model = example::model(3);
        model.links.rows = vec![
            LinkRow {
                source: SourceId(2),
                rule: Some(LinkRule::Exact),
                code: "eksakt",
                meaning: "nummeret",
                rows: 48_000,
                persons: 2_000,
                ore: Ore(123_456_700),
            },
            LinkRow {
                source: SourceId(2),
                rule: Some(LinkRule::OneSlip),
                code: "et-tegn",
                meaning: "reparation",
                rows: 7,
                persons: 4,
                ore: Ore(765_432_100),
            },
        ];
        (model.links.by_cost, model.links.by_services, model.links.changed) = ((3, 2), (3, 3), 1);
        let page = links(&model).into_string();
        assert!(page.contains("under 5") && !page.contains("7.654"), "{page}");
        assert!(page.contains("2 af 3\u{a0}familier") && page.contains("1\u{a0}familie"), "{page}");
        let table = String::from_utf8(links_csv(&model)).expect("UTF-8");
        assert!(table.contains("opus;et-tegn;reparation;7;4;7654321,00"), "{table}");
        model.links.rows.truncate(1);
        assert!(links(&model).into_string().contains("nummeret alene: Listerne"));
    }
}
