//! One model, many writers: each is `ReportModel` -> bytes, without clock, paths or files.
//!
//! | file | class | writer |
//! |---|---|---|
//! | `liste/familier.csv` | list | [`families_csv`] |
//! | `liste/familier.html` | list | [`families_html`] |
//! | `rapport/rapport.html` | aggregate | [`report_html`] |
//! | `arbejde/fejl.csv` | work | [`faults_csv`] |
//! | `arbejde/afstemning.csv` | work | [`reconciliation_csv`] |
//! | `arbejde/konti.csv`, `bro.csv`, `budget.csv` | work | [`accounts_csv`], [`bridge_csv`], [`budget_csv`] |
//!
//! The aggregate report names no family and shows no single family's kroner: bars stand for groups of at least five.
//! It is marked INTERN until the disclosure gate exists, and everything of a demo project is marked PRØVEDATA.

mod accounts;
mod caveats;
mod chart;
mod csv;
mod families_csv;
mod families_html;
mod lists;
mod model;
mod page;
mod report_html;
mod sources;
mod text;
mod units;
mod work_csv;

pub use accounts::{AccountName, AccountRow, AccountsModel, BudgetRow, accounts_csv, bridge_csv, budget_csv};
pub use families_csv::families_csv;
pub use families_html::families_html;
pub use model::{Counts, ReportModel, Rows, SourceSummary};
pub use report_html::report_html;
pub use units::{ModeTotals, UnitTotals, UnitsModel};
pub use work_csv::{faults_csv, reconciliation_csv};

#[cfg(test)]
mod example;

#[cfg(test)]
mod tests {
    use super::{example::model, *};
    use crate::domain::Ore;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn pages(families: u32) -> [String; 2] {
        let model = model(families);
        [report_html(&model).expect("a page"), families_html(&model).expect("a page")].map(text)
    }

    /// Opening and closing tags match, outside the style.
    fn assert_balanced(page: &str) {
        let void = ["meta", "br", "!DOCTYPE"];
        let (head, rest) = page.split_once("<style>").expect("a style");
        let body = rest.split_once("</style>").expect("an end of style").1;
        let mut open = Vec::new();
        for tag in format!("{head}{body}").split('<').skip(1) {
            let name = tag.split(['>', ' ']).next().unwrap_or_default();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                None if void.contains(&name) => {}
                None => open.push(name.to_owned()),
            }
        }
        assert!(open.is_empty(), "{open:?} stay open");
    }

    #[test]
    fn pages_are_whole_marked_and_run_nothing() {
        for families in [0, 3, 120] {
            for page in pages(families) {
                assert_balanced(&page);
                assert!(page.starts_with("<!DOCTYPE html><html lang=\"da\">"));
                assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
                assert!(page.contains("PRØVEDATA"));
                assert!(!page.contains("<script") && !page.contains(" style=") && !page.contains("http:"));
                assert!(page.contains("&lt;script&gt;alert(1)"));
                let (tables, captions) = (page.matches("<table").count(), page.matches("<caption>").count());
                assert_eq!(tables, captions);
                assert!(!page.contains("<th>") && page.matches("<svg").count() == page.matches("role=\"img\"").count());
            }
        }
        assert!(pages(3)[0].contains("INTERN"));
    }

    #[test]
    fn only_demo_projects_are_test_data() {
        let mut model = model(3);
        model.demo = false;
        assert!(!text(report_html(&model).expect("a page")).contains("PRØVEDATA"));
    }

    #[test]
    fn the_aggregate_report_points_at_no_family() {
        let model = model(120);
        let page = text(report_html(&model).expect("a page"));
        for unit in &model.figures {
            assert!(!page.contains(&unit.label.to_string()));
        }
        let list = text(families_html(&model).expect("a page"));
        assert!(list.contains(&model.figures[1].label.to_string()));
        // Bars: three departments, and the list in tens.
        assert_eq!(page.matches("<svg").count(), 3 + 6);
        assert!(page.contains("nr. 51–60"));
        assert_eq!(text(report_html(&example::model(9)).expect("a page")).matches("<svg").count(), 3);
    }

    #[test]
    fn the_headline_is_withheld_under_the_limit_and_says_why() {
        use crate::ledger::CoverageShare;
        let page = |share, limit| {
            let mut model = model(3);
            (model.accounts.share, model.accounts.limit) = (share, limit);
            text(report_html(&model).expect("a page"))
        };
        let headline = "Listens kroner";
        let shown = page(CoverageShare::Known(912_345), 800_000);
        assert!(shown.contains(headline) && !shown.contains("Tilbageholdt"));
        assert!(shown.contains("Dækningen er 91,2\u{a0}%"));
        let withheld = page(CoverageShare::Known(799_999), 800_000);
        assert!(!withheld.contains(headline), "the figures of the front are gone");
        assert!(withheld.contains("kun 79,9\u{a0}% af kronerne") && withheld.contains("grænse på 80,0\u{a0}%"));
        let unknown = page(CoverageShare::Unknown, 1_000_000);
        assert!(unknown.contains(headline) && unknown.contains("Dækningen er ukendt"));
    }

    #[test]
    fn accounts_and_steps_add_up_as_they_are_written() {
        let model = model(120);
        let rows = |bytes: Vec<u8>| -> Vec<Vec<String>> {
            let table = text(bytes);
            table.lines().skip(1).map(|line| line.split(';').map(str::to_owned).collect()).collect()
        };
        let ore = |cell: &str| cell.replace(',', "").parse::<i64>().expect("kroner with two decimals");
        let accounts = rows(accounts_csv(&model).expect("a table"));
        assert_eq!(accounts.len(), 2);
        for row in &accounts {
            assert_eq!(ore(&row[5]), ore(&row[6]) + ore(&row[7]) + ore(&row[8]), "the file's own total");
            assert_eq!(ore(&row[8]), ore(&row[9]) + ore(&row[10]), "with a person and without");
        }
        assert_eq!(accounts[0][2..5], ["5.28.21-003", "'=Familiebehandling", "ja"]);
        assert_eq!(accounts[0][11], "91,23");
        let steps = rows(bridge_csv(&model).expect("a table"));
        let (last, steps) = steps.split_last().expect("rows");
        assert_eq!(steps.iter().map(|row| ore(&row[2])).sum::<i64>(), ore(&last[2]));
        assert_eq!(Ore(ore(&last[2])), model.attributed().expect("a sum"));
        assert!(steps.iter().any(|row| row[1] == "bogført i regnskabsår 2014"));
        assert_eq!(rows(budget_csv(&model))[0][4..], ["20000000,00", "19000000,00", "10000000,00"]);
    }

    #[test]
    fn the_bridge_goes_from_the_sources_to_the_ranking() {
        let page = &pages(120)[0];
        let bridge =
            page.split_once("Fra kildernes kroner").expect("a bridge").1.split_once("</table>").expect("an end").0;
        let row = |name: &str| {
            let rest = bridge.split_once(name).expect("a row").1;
            let figure =
                rest.split_once("<td class=\"number\">").expect("a figure").1.split_once('<').expect("an end").0;
            figure.replace('.', "").replace('\u{2212}', "-").parse::<i64>().expect("whole kroner")
        };
        let out = row("heraf uden for perioden") + row("heraf statsrefusion") + row("heraf ikke henført: uden borger");
        let out = out + row("heraf ikke henført: ikke bosat");
        let actual = row("Henført til familier, faktisk");
        // Each figure is rounded by itself.
        assert!((row("Bogført og udbetalt") - out - actual).abs() <= 3_000);
        assert!((row("i ranglisten") - actual - row("hertil bevilget") - row("hertil takst")).abs() <= 3_000);
        assert!(!bridge.contains("heraf flyttet"));
    }

    #[test]
    fn several_services_come_first() {
        let list = &pages(120)[1];
        let at = |id: &str| list.find(&format!("section id=\"{id}\"")).expect("a section");
        assert!(
            at("flere-kroner") < at("flere-antal") && at("flere-antal") < at("kroner") && at("kroner") < at("antal")
        );
        assert!(at("antal") < at("negative"));
    }

    #[test]
    fn caveats_come_from_the_data() {
        let mut model = model(120);
        let told = caveats::caveats(&model).expect("caveats").join("\n").replace('\u{a0}', " ");
        for part in [
            "mest fylder »uden borger« med 99.123.000 kr.",
            "49 % af familiernes kroner er faktisk bogført",
            "17 rækker",
            "flest i kilden opus",
            "Kilden opus slutter 31. maj 2015",
            "31 personer står alene",
            "61 ydelsesforløb har intet beløb",
        ] {
            assert!(told.contains(part), "{part} mangler i:\n{told}");
        }
        model.quality = crate::analysis::Quality::default();
        model.bridge.lines.clear();
        model.counts = Counts::default();
        model.figures.iter_mut().for_each(|unit| (unit.placed, unit.protection) = (0, None));
        for source in &mut model.sources {
            (source.set_aside, source.last) = (Rows::default(), None);
        }
        assert_eq!(caveats::caveats(&model).expect("caveats"), Vec::<String>::new());
    }

    #[test]
    fn the_list_as_csv_has_one_row_to_a_family() {
        let model = model(120);
        let csv = text(families_csv(&model).expect("a table"));
        assert!(csv.starts_with('\u{feff}') && csv.ends_with("\r\n"));
        let lines: Vec<Vec<&str>> =
            csv.trim_start_matches('\u{feff}').lines().map(|line| line.split(';').collect()).collect();
        let width = lines[0].len();
        assert!(lines.iter().all(|line| line.len() == width));
        let column = |name: &str| lines[0].iter().position(|heading| *heading == name).expect("a column");
        let labels: std::collections::BTreeSet<&str> = lines[1..].iter().map(|line| line[column("etiket")]).collect();
        assert_eq!(labels.len(), lines.len() - 1);
        assert_eq!(labels.len(), model.listed().len());
        assert_eq!(lines[1][column("rang efter kroner")], "1");
        assert_eq!(lines[1][column("rang efter kroner (flere ydelser)")], "");
        assert_eq!(lines[2][column("rang efter kroner (flere ydelser)")], "1");
        let amount = column("beløb (kr., brutto, løbende priser, afrundet til 1.000)");
        assert_eq!(lines[1][amount], "50000000");
        assert!(csv.contains("'=Social & sundhed (kr."));
    }

    #[test]
    fn faults_tell_the_place_and_never_more() {
        let csv = text(faults_csv(&model(3)));
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "kilde;fil nr.;linje;byte;kolonne;kode;betydning;beløb (kr.)");
        assert_eq!(lines[1], "dubu;1;40;3200;'=CPR-nr.;cpr-ugyldigt;CPR-nummeret kan ikke være et CPR-nummer;");
        assert_eq!(lines[2], "opus;1;12;960;;for-faa-felter;rækken har færre felter end overskriften;");
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn the_reconciliation_is_exact_and_ends_at_zero() {
        let csv = text(reconciliation_csv(&model(120)).expect("a table"));
        assert!(csv.contains("opus;faktisk;ikke henført: uden borger;12;rækker;99123456,78\r\n"));
        assert!(csv.contains("opus;faktisk;forskel;;;0,00\r\n"));
        assert!(csv.contains("dubu;bevilget;henført til familier;12;forløb;"));
        assert!(!csv.contains("dubu;bevilget;forskel"));
    }

    #[test]
    fn the_same_model_is_the_same_bytes() {
        assert_eq!(pages(120), pages(120));
    }
}
