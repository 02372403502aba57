//! `rapport/rapport.html`: one page for the steering group. Sums and counts only; no family can be pointed out.

use maud::{Markup, html};

use super::{
    accounts,
    caveats::caveats,
    chart::{Bar, chart},
    links,
    lists::{self, Named},
    model::{ReportModel, departments_of},
    months,
    page::{Audience, page, scope},
    sources, text, units,
};
use crate::{
    analysis::{CROSS_TABLE, Share, UnitFigures},
    base::Result,
    domain::Ore,
};

/// How many caveats stand in front; the others follow the figures.
const FOREMOST: usize = 5;

/// Fewest families behind a bar.
const SMALLEST_GROUP: usize = 5;

/// Writes the page.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn report_html(model: &ReportModel) -> Result<Vec<u8>> {
    let caveats = caveats(model)?;
    let relations = lists::relations(model)?;
    let body = html! {
        @match accounts::withheld(model) {
            Some(why) => p.withheld role="note" { strong { "Tilbageholdt. " } (why) },
            None => (cards(model)?),
        }
        h2 { "Forbehold" }
        @if caveats.is_empty() { p { "Data gav ikke anledning til forbehold." } }
        @else { ul.caveats { @for caveat in caveats.iter().take(FOREMOST) { li { (caveat) } } } }
        h2 { "Listerne" }
        (list_table(model)?)
        @for told in &relations { p { (told) } }
        (populations(model)?)
        h2 { "Husstande, familier og sagsfamilier" }
        (units::section(model))
        (net(model)?)
        (supplements(model))
        h2 { "Hvor kronerne ligger" }
        (departments(model)?)
        (top_groups(model)?)
        h2 { "Flere ydelser og flere afdelinger" }
        (shares(model))
        (cross_table(model))
        h2 { "Kilderne" }
        (sources::rows(model))
        (sources::unripe(model))
        h2 { "Dækning" }
        (accounts::coverage(model)?)
        h2 { "Hvor kronerne blev af" }
        (accounts::bridge(model)?)
        (sources::bridge(model)?)
        (links::links(model))
        (accounts::budget(model)?)
        (months::section(model)?)
        @if caveats.len() > FOREMOST {
            h2 { "Flere forbehold" }
            ul.caveats { @for caveat in &caveats[FOREMOST..] { li { (caveat) } } }
        }
        h2 { "Definitioner" }
        (definitions(model))
    };
    Ok(page(model, Audience::Internal, "Familier med flere ydelser", &scope(model), &body))
}

/// Gross and net of all families with services, and in fixed prices where the plan sets a year.
fn net(model: &ReportModel) -> Result<Markup> {
    let sum = |pick: &dyn Fn(&UnitFigures) -> Ore| Ore::sum(model.figures.iter().map(pick));
    let mut rows = vec![("Brutto, i løbende priser".to_owned(), sum(&|unit| unit.ore)?)];
    for (place, name) in ["statsrefusion", "mellemkommunal indtægt", "egenbetaling"].into_iter().enumerate() {
        rows.push((format!("heraf dækket af {name}"), sum(&|unit| unit.refunds[place])?));
    }
    rows.push(("Netto, i løbende priser".to_owned(), sum(&|unit| unit.net)?));
    if model.price_year.is_some() {
        rows.push((format!("Det, familierne er ordnet efter: {}", model.ranked_by()), sum(&|unit| unit.ranked)?));
    }
    Ok(html! {
        table {
            caption { "Familiernes kroner, brutto og netto" }
            thead { tr { th scope="col" { "Opgørelse" } th.number scope="col" { "Kr." } } }
            tbody {
                @for (name, ore) in &rows { tr { th scope="row" { (name) } td.number { (text::kroner(*ore, model.rounding)) } } }
            }
        }
        p.note {
            "Refusionen for særligt dyre enkeltsager regnes på kalenderår, pr. person eller for en husstands børn tilsammen, og er kun med, "
            "hvor den er bogført på borgeren."
        }
    })
}

/// The list with and without supplements.
fn supplements(model: &ReportModel) -> Markup {
    let Some(found) = &model.supplements else { return html! {} };
    let kroner = |ore| text::kroner(ore, model.rounding);
    let [without, with] = found.list;
    html! {
        h2 { "Manuelle tillæg" }
        table {
            caption { "De dyreste familier uden og med tillæg, der er samlet ind i hånden" }
            thead { tr { th scope="col" { "Listen efter kroner" } th.number scope="col" { "Kr." } } }
            tbody {
                tr { th scope="row" { "Uden tillæg" } td.number { (kroner(without)) } }
                tr { th scope="row" { "Med tillæg" } td.number { (kroner(with)) } }
            }
        }
        p {
            "Tillæg i alt " (kroner(found.ore)) " kr. Af de " (text::count(found.listed.0 as u64)) " på listen uden tillæg er "
            (text::count(found.listed.1 as u64)) " også på listen med. Tillæg er samlet ind for "
            (text::count(found.collected as u64)) " af de " (text::count(found.candidates as u64)) " dyreste familier; "
            @if found.may_be_ranked() { "de må tælle med i ranglisten." }
            @else { "de må derfor ikke tælle med i ranglisten, for så ville de familier, man har slået op, se dyrere ud end naboen." }
        }
    }
}

fn cards(model: &ReportModel) -> Result<Markup> {
    let attributed = model.attributed()?;
    let several = &model.ranking.several_by_cost;
    let units = &model.shares.recipient_units;
    let card = |name: &str, figure: String, unit: String| {
        html! { div { dt { (name) } dd.figure { (figure) } dd.unit { (unit) } } }
    };
    Ok(html! {
        dl.cards {
            (card(
                "Familier med flere ydelser på listen",
                text::count(several.rows.len() as u64),
                format!("ud af {} med {}", text::count(several.candidates as u64), lists::minimum(&model.ranking)),
            ))
            (card(
                "Listens kroner",
                text::kroner(several.ore, model.rounding),
                format!("kr., {} af familiernes kroner", text::share_of_ore(several.ore, attributed)),
            ))
            (card(
                "Familier med 2+ ydelser fra 2+ afdelinger",
                text::share_of_count(units.both, units.of),
                format!("af {} med ydelser", text::counted(units.of, "familie", "familier")),
            ))
            (card(
                "Familiernes kroner i alt",
                text::kroner(attributed, model.rounding),
                format!("kr. i {}", text::counted(units.of, "familie", "familier")),
            ))
            (card("Dækning", accounts::coverage_figure(model), "af kronerne på borgerbogførte konti har en borger".to_owned()))
        }
    })
}

fn list_table(model: &ReportModel) -> Result<Markup> {
    let attributed = model.attributed()?;
    let named = lists::named(&model.ranking);
    let row = |one: &Named<'_>| {
        html! {
            tr {
                th scope="row" { (one.title) }
                td.number { (text::count(one.list.rows.len() as u64)) }
                td.number { (text::count(one.list.candidates as u64)) }
                td.number { (text::kroner(one.list.ore, model.rounding)) }
                td.number { (text::share_of_ore(one.list.ore, attributed)) }
                td { (lists::ties(one.list, model.ranking.settings.top, one.by_cost)) }
            }
        }
    };
    Ok(html! {
        div.scroll {
            table {
                caption {
                    "De fire lister, udpeget blandt " (lists::population(model.ranking.settings.population))
                }
                thead {
                    tr {
                        th scope="col" { "Liste" }
                        th.number scope="col" { "Familier på listen" }
                        th.number scope="col" { "Udpeget blandt" }
                        th.number scope="col" { "Kr." }
                        th.number scope="col" { "Andel af familiernes kr." }
                        th scope="col" { "Lige placering" }
                    }
                }
                tbody { @for one in &named { (row(one)) } }
            }
        }
    })
}

fn populations(model: &ReportModel) -> Result<Markup> {
    let attributed = model.attributed()?;
    Ok(html! {
        div.scroll {
            table {
                caption {
                    "De " (text::counted(model.ranking.settings.top as u64, "dyreste familie", "dyreste familier"))
                    " i hver befolkning"
                }
                thead {
                    tr {
                        th scope="col" { "Befolkning" }
                        th.number scope="col" { "Familier med ydelser" }
                        th.number scope="col" { "Deres kr." }
                        th.number scope="col" { "På listen" }
                        th.number scope="col" { "Listens kr." }
                        th.number scope="col" { "Andel af familiernes kr." }
                    }
                }
                tbody {
                    @for population in &model.ranking.populations {
                        tr {
                            th scope="row" { (lists::population(population.filter)) }
                            td.number { (text::count(population.units as u64)) }
                            td.number { (text::kroner(population.ore, model.rounding)) }
                            td.number { (text::count(population.listed as u64)) }
                            td.number { (text::kroner(population.listed_ore, model.rounding)) }
                            td.number { (text::share_of_ore(population.listed_ore, attributed)) }
                        }
                    }
                }
            }
        }
    })
}

fn departments(model: &ReportModel) -> Result<Markup> {
    let mut parts = departments_of(model.figures.iter())?;
    parts.retain(|(_, ore)| *ore != Ore::ZERO);
    parts.sort_by_key(|(department, ore)| (std::cmp::Reverse(*ore), *department));
    let bars: Vec<Bar> = parts
        .into_iter()
        .map(|(department, ore)| Bar {
            label: model.department(department).to_owned(),
            ore,
            figure: text::kroner(ore, model.rounding),
        })
        .collect();
    Ok(chart("Familiernes kroner efter betalende afdeling", "Afdeling", "kr.", &bars))
}

/// Bars for groups of ranks, never for a single family.
fn top_groups(model: &ReportModel) -> Result<Markup> {
    let rows = &model.ranking.several_by_cost.rows;
    let size = if rows.len() >= 50 { 10 } else { SMALLEST_GROUP };
    let groups = rows.len() / size;
    if groups < 2 {
        return Ok(html! {
            p.note {
                "Listen over familier med flere ydelser er for kort til et diagram over dens top: En søjle skal dække "
                "mindst " (SMALLEST_GROUP) " familier."
            }
        });
    }
    let mut bars = Vec::with_capacity(groups);
    for group in 0..groups {
        let (from, to) = (group * size, if group + 1 == groups { rows.len() } else { (group + 1) * size });
        let ore = Ore::sum(rows[from..to].iter().map(|place| model.figures[place.unit].ore))?;
        let label = format!("nr. {}\u{2013}{}", from + 1, to);
        bars.push(Bar { label, ore, figure: text::kroner(ore, model.rounding) });
    }
    Ok(chart("Familier med flere ydelser: kroner efter plads på listen", "Plads", "kr. tilsammen", &bars))
}

fn shares(model: &ReportModel) -> Markup {
    let shares = &model.shares;
    let row = |name: &str, share: &Share| {
        let cell = |number: u64| {
            html! {
                td.number { (text::count(number)) } td.number { (text::share_of_count(number, share.of)) }
            }
        };
        html! {
            tr {
                th scope="row" { (name) }
                td.number { (text::count(share.of)) }
                (cell(share.services)) (cell(share.departments)) (cell(share.both))
            }
        }
    };
    html! {
        div.scroll {
            table {
                caption { "Personer og familier med flere ydelser i perioden" }
                thead {
                    tr {
                        th scope="col" { "Befolkning" }
                        th.number scope="col" { "I alt" }
                        th.number scope="col" { "2+ ydelser" } th.number scope="col" { "Andel" }
                        th.number scope="col" { "2+ afdelinger" } th.number scope="col" { "Andel" }
                        th.number scope="col" { "Begge dele" } th.number scope="col" { "Andel" }
                    }
                }
                tbody {
                    (row("Bosatte på skæringsdatoen", &shares.residents))
                    (row("Bosatte, der modtager", &shares.resident_recipients))
                    (row("Alle modtagere, bosat eller ej", &shares.recipients))
                    (row("Familier på skæringsdatoen", &shares.units))
                    (row("Familier, der modtager", &shares.recipient_units))
                }
            }
        }
        p.note { "På noget tidspunkt i perioden; to ydelser behøver ikke løbe samtidig." }
    }
}

fn cross_table(model: &ReportModel) -> Markup {
    let name = |number: usize| if number + 1 == CROSS_TABLE { format!("{number}+") } else { number.to_string() };
    html! {
        table.matrix {
            caption { "Bosatte efter antal ydelser (rækker) og antal afdelinger (kolonner), personer" }
            thead {
                tr {
                    th scope="col" { "Ydelser" }
                    @for column in 0..CROSS_TABLE { th scope="col" { (name(column)) " afd." } }
                }
            }
            tbody {
                @for (number, row) in model.shares.persons.iter().enumerate() {
                    tr {
                        th scope="row" { (name(number)) }
                        @for (column, persons) in row.iter().enumerate() {
                            td.several[number >= 2 && column >= 2].zero[*persons == 0] { (text::count(*persons)) }
                        }
                    }
                }
            }
        }
        p.note { "Farvet: to eller flere ydelser fra to eller flere afdelinger." }
    }
}

fn definitions(model: &ReportModel) -> Markup {
    let manual = if model.manual { "Manuelle tillæg tæller med." } else { "Manuelle tillæg tæller ikke med." };
    html! {
        dl.definitions {
            dt { "Familie" }
            dd {
                (units::definition(model.units.ranked))
            }
            dt { "Ydelse" }
            dd {
                "En ydelse i kataloget med mindst én dag i perioden. En fornyet bevilling er den samme ydelse. Skole, "
                "tandpleje og tillæg til en ydelse tæller ikke som ydelser, men deres kroner er med."
            }
            dt { "Afdeling" }
            dd { "Den afdeling, der betaler ydelsen, efter kataloget." }
            dt { "Kroner" }
            dd {
                "Brutto, i løbende priser, efter tilbageførsler og krediteringer i perioden. Netto er brutto uden "
                "statsrefusion, mellemkommunal indtægt og egenbetaling. Familierne er ordnet efter " (model.ranked_by())
                ". Beløb fordeles på dage, begge endepunkter med. Vist afrundet til "
                (text::count(model.rounding.into())) " kr.; summer er regnet før afrunding."
            }
            dt { "Roller" }
            dd {
                "faktisk: bogført eller udbetalt. bevilget: bevilling på dage, hvor intet er betalt til samme formål. takst: "
                "pris gange dage i egne institutioner. manuel: samlet ind i hånden. " (manual)
            }
            dt { "Rang" }
            dd {
                "Efter kroner: kroner, så antal afdelinger, så antal ydelser. Efter antal: antal ydelser, så antal "
                "afdelinger, så kroner. Alle, der er helt lige med den sidste, er med. Negativ sum står sidst."
            }
            dt { "Flere ydelser" }
            dd { "Familier med " (lists::minimum(&model.ranking)) "." }
            dt { "Ikke henført" }
            dd {
                "Kroner, der ikke når en familie: uden borger, uden for CPR-udtrækket, eller en person, der ikke er "
                "bosat på skæringsdatoen."
            }
        }
    }
}
