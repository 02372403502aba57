//! What the report and the work files say of the accounts: coverage, the way from the ledger to the ranking, the budget.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    csv::{Cell, Table},
    model::ReportModel,
    text,
};
use crate::{
    analysis::{Phase, Step},
    base::Result,
    domain::{Ore, Role, SourceId},
    ledger::{AccountCoverage, CoverageShare},
};

/// What the report says of the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountsModel {
    /// How much of the person-booked accounts reached a person.
    pub share: CoverageShare,
    /// The plan's limit under which the headline is withheld, in parts per million.
    pub limit: u32,
    /// Every account group of every ledger file.
    pub accounts: Vec<AccountRow>,
    /// From the ledger's total to the ranking's; the steps add up.
    pub steps: Vec<(Step, Ore)>,
    /// Budget beside actuals.
    pub budget: Vec<BudgetRow>,
}

/// One account group of a ledger file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The ledger file.
    pub source: SourceId,
    /// Its account.
    pub account: AccountName,
    /// Whether every cost on it is booked on a citizen.
    pub person_booked: bool,
    /// Its kroner.
    pub coverage: AccountCoverage,
}

/// What an account group is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// Its funktion, such as `5.28.21`, or `ukendt konto`.
    pub function: String,
    /// The catalogue's code.
    pub code: String,
    /// In words.
    pub name: String,
}

/// One account group in one budget year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// The year.
    pub year: i16,
    /// The account.
    pub account: AccountName,
    /// The adopted budget.
    pub adopted: Ore,
    /// The corrected budget.
    pub corrected: Ore,
    /// What the ledger files hold of the year.
    pub booked: Ore,
}

impl AccountsModel {
    /// Whether the headline is withheld.
    #[must_use]
    pub const fn withheld(&self) -> bool {
        self.share.withholds(self.limit)
    }
}

/// Parts per million as per cent with one decimal, never rounded up to more than there is.
fn percent(parts: u32) -> String {
    format!("{},{}\u{a0}%", parts / 10_000, parts / 1_000 % 10)
}

/// Why the headline is withheld; `None` when it is not.
pub(super) fn withheld(model: &ReportModel) -> Option<String> {
    let accounts = &model.accounts;
    match accounts.share {
        CoverageShare::Known(parts) if accounts.withheld() => Some(format!(
            "Forsidens tal vises ikke: kun {} af kronerne på de borgerbogførte konti har en borger. Det er under planens grænse \
             på {}. Se afsnittet om dækning.",
            percent(parts),
            percent(accounts.limit),
        )),
        _ => None,
    }
}

/// What there is to say of coverage in front.
pub(super) fn caveat(model: &ReportModel) -> String {
    match model.accounts.share {
        CoverageShare::Known(parts) => format!(
            "Dækningen er {}: så stor en del af kronerne på de konti, hvor alt skal bogføres på en borger, har en borger.",
            percent(parts)
        ),
        CoverageShare::Unknown => {
            "Dækningen er ukendt: planen har intet helt regnskab (posteringer med og uden borger), så ingen \
                                   kan sige, hvor mange kroner der mangler en borger."
                .to_owned()
        }
    }
}

/// The table of coverage by funktion, rounded.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn coverage(model: &ReportModel) -> Result<Markup> {
    let mut functions = BTreeMap::<&str, (Ore, Ore)>::new();
    let (mut booked, mut others) = ((Ore::ZERO, Ore::ZERO), (Ore::ZERO, Ore::ZERO));
    for row in &model.accounts.accounts {
        let AccountCoverage { total, matched, .. } = row.coverage;
        let add = |sums: &mut (Ore, Ore)| -> Result<()> {
            *sums = (sums.0.plus(total)?, sums.1.plus(matched)?);
            Ok(())
        };
        if row.person_booked {
            add(functions.entry(&row.account.function).or_default())?;
            add(&mut booked)?;
        } else {
            add(&mut others)?;
        }
    }
    let kroner = |ore| text::kroner(ore, model.rounding);
    let cells = |(total, matched): (Ore, Ore)| -> Result<Markup> {
        let missing = total.plus(-matched)?;
        Ok(html! {
            td.number { (kroner(total)) } td.number { (kroner(matched)) } td.number { (kroner(missing)) }
            td.number { (text::share_of_ore(matched, total)) }
        })
    };
    let mut rows = Vec::with_capacity(functions.len());
    for (function, sums) in functions {
        rows.push((function, cells(sums)?));
    }
    Ok(html! {
        p { (caveat(model)) }
        @if !model.accounts.accounts.is_empty() {
            div.scroll {
                table {
                    caption { "Dækning efter funktion: regnskabets kroner og hvor mange af dem der har en borger" }
                    thead {
                        tr {
                            th scope="col" { "Funktion" }
                            th.number scope="col" { "Regnskabet (kr.)" }
                            th.number scope="col" { "Med borger (kr.)" }
                            th.number scope="col" { "Ikke henført (kr.)" }
                            th.number scope="col" { "Dækning" }
                        }
                    }
                    tbody {
                        @for (function, cells) in &rows { tr { th scope="row" { (function) } (cells) } }
                        tr.sum { th scope="row" { "Borgerbogførte konti" } (cells(booked)?) }
                        tr { th scope="row" { "Andre konti: institutioner, administration" } (cells(others)?) }
                    }
                }
            }
            p.note {
                "Udgifter uden refusion, statuskonti, interne afregninger og dubletter. Konto for konto på øren i arbejde/konti.csv. "
                "Forsidens tal vises kun, når dækningen er mindst " (percent(model.accounts.limit)) "."
            }
        }
    })
}

/// The way from the ledger's total to the ranking's, rounded.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn bridge(model: &ReportModel) -> Result<Markup> {
    let steps = &model.accounts.steps;
    let sum =
        |wanted: &dyn Fn(&Step) -> bool| Ore::sum(steps.iter().filter(|(step, _)| wanted(step)).map(|(_, ore)| *ore));
    let mut rows = Vec::new();
    for (step, ore) in steps {
        if let Step::Booked(year) = step {
            rows.push((format!("Bogført i regnskabsår {year}"), *ore));
        }
    }
    let phase = |of: Phase| sum(&|step: &Step| matches!(step, Step::Leaves(phase, _) if *phase == of));
    for of in [Phase::NotCost, Phase::Periodised, Phase::PaidElsewhere] {
        rows.push((of.danish().to_owned(), phase(of)?));
    }
    rows.push(("betalt gennem andre kilder".to_owned(), sum(&|step: &Step| *step == Step::OtherSources)?));
    rows.push((Phase::NoFamily.danish().to_owned(), phase(Phase::NoFamily)?));
    for (role, name) in [
        (Role::Tariff, "takst, flyttet fra institutionernes egne konti"),
        (Role::Granted, "anslået efter bevillinger"),
        (Role::Manual, "manuelle tillæg"),
    ] {
        rows.push((name.to_owned(), sum(&|step: &Step| *step == Step::Added(role))?));
    }
    rows.retain(|(_, ore)| *ore != Ore::ZERO);
    let ranking = sum(&|_: &Step| true)?;
    Ok(html! {
        table {
            caption { "Fra regnskabet til ranglisten" }
            thead { tr { th scope="col" { "Trin" } th.number scope="col" { "Kr." } } }
            tbody {
                @for (name, ore) in &rows {
                    tr { th scope="row" { (name) } td.number { (text::kroner(*ore, model.rounding)) } }
                }
                tr.sum { th scope="row" { "Kroner i ranglisten" } td.number { (text::kroner(ranking, model.rounding)) } }
            }
        }
        p.note { "Afrundet; trinene på øren står i arbejde/bro.csv." }
    })
}

/// Budget and actuals by funktion, rounded; nothing without a budget.
///
/// # Errors
/// When a sum leaves 64 bits.
pub(super) fn budget(model: &ReportModel) -> Result<Markup> {
    let mut functions = BTreeMap::<(i16, &str), [Ore; 3]>::new();
    for row in &model.accounts.budget {
        let sums = functions.entry((row.year, &row.account.function)).or_default();
        for (sum, ore) in sums.iter_mut().zip([row.adopted, row.corrected, row.booked]) {
            *sum = sum.plus(ore)?;
        }
    }
    if functions.is_empty() {
        return Ok(html! {});
    }
    let kroner = |ore| text::kroner(ore, model.rounding);
    Ok(html! {
        h2 { "Budget og regnskab" }
        div.scroll {
            table {
                caption { "Budget og det bogførte efter funktion" }
                thead {
                    tr {
                        th scope="col" { "År" } th scope="col" { "Funktion" }
                        th.number scope="col" { "Vedtaget (kr.)" }
                        th.number scope="col" { "Korrigeret (kr.)" }
                        th.number scope="col" { "Bogført i udtrækket (kr.)" }
                        th.number scope="col" { "Andel af korrigeret" }
                    }
                }
                tbody {
                    @for ((year, function), [adopted, corrected, booked]) in &functions {
                        tr {
                            th scope="row" { (year) } td { (function) }
                            td.number { (kroner(*adopted)) } td.number { (kroner(*corrected)) } td.number { (kroner(*booked)) }
                            td.number { (text::share_of_ore(*booked, *corrected)) }
                        }
                    }
                }
            }
        }
        p.note {
            "Det bogførte er hele regnskabsårets posteringer i udtrækket, med og uden borger, også uden for perioden. Konto for konto "
            "i arbejde/budget.csv."
        }
    })
}

/// Writes `arbejde/konti.csv`: each account group of each ledger file, exact. What the file holds is cost with and without a
/// person, what is no cost, and copies.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn accounts_csv(model: &ReportModel) -> Result<Vec<u8>> {
    let mut table = Table::new([
        "kilde",
        "funktion",
        "konto",
        "navn",
        "borgerbogført",
        "i filen (kr.)",
        "refusion, status og intern (kr.)",
        "dubletter (kr.)",
        "udgift (kr.)",
        "med borger (kr.)",
        "ikke henført (kr.)",
        "dækning (%)",
    ]);
    for row in &model.accounts.accounts {
        let AccountCoverage { booked, total, matched, not_cost, copies, .. } = row.coverage;
        let share = if total > Ore::ZERO {
            let hundredths = crate::domain::divide_half_even(i128::from(matched.0) * 10_000, i128::from(total.0));
            format!("{}{},{:02}", if hundredths < 0 { "-" } else { "" }, hundredths.abs() / 100, hundredths.abs() % 100)
        } else {
            String::new()
        };
        table.row([
            Cell::Text(model.source(row.source)),
            Cell::Text(&row.account.function),
            Cell::Text(&row.account.code),
            Cell::Text(&row.account.name),
            Cell::Text(if row.person_booked { "ja" } else { "nej" }),
            Cell::Exact(booked),
            Cell::Exact(not_cost),
            Cell::Exact(copies),
            Cell::Exact(total),
            Cell::Exact(matched),
            Cell::Exact(total.plus(-matched)?),
            Cell::Text(&share),
        ]);
    }
    Ok(table.into_bytes())
}

/// Writes `arbejde/bro.csv`: the steps from the ledger's total to the ranking's, exact. The last row is their sum.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn bridge_csv(model: &ReportModel) -> Result<Vec<u8>> {
    let mut table = Table::new(["trin", "post", "beløb (kr.)"]);
    for (step, ore) in &model.accounts.steps {
        let (name, post) = match step {
            Step::Booked(year) => ("regnskab", format!("bogført i regnskabsår {year}")),
            Step::Leaves(phase, destination) => (phase.danish(), destination.danish().to_owned()),
            Step::OtherSources => ("andre kilder", "betalt gennem andre kilder".to_owned()),
            Step::Added(role) => ("lagt til", role.code().to_owned()),
        };
        table.row([Cell::Text(name), Cell::Text(&post), Cell::Exact(*ore)]);
    }
    let ranking = Ore::sum(model.accounts.steps.iter().map(|(_, ore)| *ore))?;
    table.row([Cell::Text("rangliste"), Cell::Text("henført til familier"), Cell::Exact(ranking)]);
    Ok(table.into_bytes())
}

/// Writes `arbejde/budget.csv`: each account group with a budget or with postings in a budget year, exact.
#[must_use]
pub fn budget_csv(model: &ReportModel) -> Vec<u8> {
    let mut table = Table::new([
        "år",
        "funktion",
        "konto",
        "navn",
        "vedtaget (kr.)",
        "korrigeret (kr.)",
        "bogført i udtrækket (kr.)",
    ]);
    for row in &model.accounts.budget {
        table.row([
            Cell::Whole(row.year.into()),
            Cell::Text(&row.account.function),
            Cell::Text(&row.account.code),
            Cell::Text(&row.account.name),
            Cell::Exact(row.adopted),
            Cell::Exact(row.corrected),
            Cell::Exact(row.booked),
        ]);
    }
    table.into_bytes()
}
