//! The catalogue against the list of services it was built from, `spec/catalogue.csv`: each of them is there, with its
//! department, budget class and confidence, and its accounts and paragraphs lead to it, or to a group of its purpose.
//! The list stands in ../shared and is never copied here, so this runs only when asked for.

use std::{fs, path::Path};

use samkor::{
    catalogue::{Catalogue, Level},
    domain::{Account, BudgetClass, Date, Law, Paragraph, ServiceId},
};

/// One service of the list.
struct Listed {
    code: String,
    name: String,
    before_2024: String,
    from_2024: String,
    function: String,
    dranst: String,
    grouping: String,
    department: String,
    budget_class: String,
    confidence: String,
}

fn listed() -> Vec<Listed> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/catalogue.csv");
    // In a worktree beside the tree itself the data still stand where they are.
    let path = if found.exists() { found } else { "/work/shared/spec/catalogue.csv".into() };
    let text = fs::read_to_string(path).expect("../shared/spec/catalogue.csv");
    let rows = text.lines().skip(1).map(cells);
    rows.map(|cells| {
        let cell = |place: usize| cells[place].clone();
        Listed {
            code: cell(0),
            name: cell(1),
            before_2024: cell(3),
            from_2024: cell(4),
            function: cell(6),
            dranst: cell(7),
            grouping: cell(8),
            department: cell(9),
            budget_class: cell(10),
            confidence: cell(12),
        }
    })
    .collect()
}

/// The cells of a line; quotes hold semicolons.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for symbol in line.chars() {
        match symbol {
            '"' => quoted = !quoted,
            ';' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().expect("a cell").push(symbol),
        }
    }
    cells
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

/// The accounts that a cell of prose names: every `5.28.21` in it, and `5.48.66/68` as two.
fn accounts(function: &str) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    for word in function.split(|symbol: char| !(symbol.is_ascii_digit() || symbol == '.')) {
        match (Account::parse(word), accounts.last()) {
            (Ok(account), _) => accounts.push(account),
            (Err(_), Some(last)) if word.len() == 2 && function.contains(&format!("/{word}")) => {
                let last_of_two = word.parse::<u32>().ok().map(|end| last.function / 100 * 100 + end);
                accounts.extend(last_of_two.map(|function| Account { function, dranst: None, grouping: None }));
            }
            _ => {}
        }
    }
    accounts
}

/// The paragraphs that a cell of prose names before the first word that is none: `SEL 41`, `BL 46/47 jf 43` as its first.
fn paragraph(text: &str) -> Option<Paragraph> {
    let first = text.split(" jf ").next()?.split(['(', '/', ',', ';']).next()?;
    // `152-154` begins with 152.
    let first = first.split('-').next()?;
    first.chars().next().is_some_and(char::is_uppercase).then(|| Paragraph::parse(first, Law::Sel)).flatten()
}

/// Whether a lookup found the service itself or a group, a function or an open class of the same purpose.
fn leads_to(catalogue: &Catalogue, found: ServiceId, wanted: ServiceId) -> bool {
    let (of_found, of_wanted) = (catalogue.service(found), catalogue.service(wanted));
    let is_open =
        of_found.level != Level::Service || of_found.code.ends_with("UOPLYST") || is_target_open(&of_found.code);
    found == wanted || (is_open && of_found.purpose_group == of_wanted.purpose_group)
}

/// Services of the catalogue's own that leave the target group open.
fn is_target_open(code: &str) -> bool {
    ["VOK-HJH", "VOK-BOST", "VOK-BEH102"].contains(&code)
}

fn differences() -> Vec<String> {
    let catalogue = Catalogue::embedded().expect("the data files agree");
    let mut out = Vec::new();
    for row in listed() {
        let Some(id) = catalogue.service_by_code(&row.code) else {
            out.push(format!("{}: mangler", row.code));
            continue;
        };
        let service = catalogue.service(id);
        let class = match service.budget_class {
            BudgetClass::ServiceFrame => "serviceramme",
            BudgetClass::Transfer => "overfoersel",
            BudgetClass::OutsideFrame => "uden_for_ramme",
            BudgetClass::Unknown => "ukendt",
        };
        let department = &*catalogue.department(service.department).code;
        for (what, ours, theirs) in [
            ("afdeling", department, row.department.as_str()),
            ("budgetklasse", class, row.budget_class.as_str()),
            ("sikkerhed", service.confidence.code(), row.confidence.as_str()),
        ] {
            if ours != theirs {
                out.push(format!("{}: {what} {ours}, ikke {theirs}", row.code));
            }
        }
        let grouping = Some(&row.grouping[..row.grouping.len().min(3)]).filter(|text| text.len() == 3);
        let grouping = grouping.and_then(|text| text.parse().ok());
        let dranst = row.dranst.parse().ok().filter(|dranst| *dranst > 0);
        for account in accounts(&row.function) {
            let account = account.with(dranst, grouping);
            // Accounts and groupings come and go with the chart: one of these days must lead to the service.
            let days = ["2013-06-30", "2015-06-30", "2019-06-30", "2021-06-30", "2024-06-30"].map(day);
            let found = days.map(|on| catalogue.by_account(account, on));
            if !found.into_iter().any(|found| leads_to(&catalogue, found, id)) {
                let codes = found.map(|found| catalogue.service(found).code.to_string());
                out.push(format!("{}: kontoen {account} fører til {}", row.code, codes.join(" ")));
            }
        }
        for (text, on) in [(&row.before_2024, "2018-06-30"), (&row.from_2024, "2024-06-30")] {
            let Some(paragraph) = paragraph(text) else { continue };
            let found = catalogue.by_paragraph(&paragraph, &row.name, day(on));
            if !leads_to(&catalogue, found, id) {
                let found = &catalogue.service(found).code;
                out.push(format!("{}: {paragraph} fører {} til {found}", row.code, &on[..4]));
            }
        }
    }
    out
}

#[test]
#[ignore = "reads ../shared/spec/catalogue.csv, which is not part of the project"]
fn every_service_of_the_list_is_in_the_catalogue() {
    assert_eq!(listed().len(), 134);
    let expected = [
        // An event without cost: the list says none, and the catalogue has no class for nothing.
        "UND-UNDERRET: budgetklasse uden_for_ramme, ikke ingen",
        // The paragraph is the benefit's; only account and name tell that it is paid during pre-rehabilitation.
        "YD-FORREV: LAS § 25 fører 2018 til YD-KTH",
        // Granted from January to September 2016 only.
        "YD-SAERST16: LAS § 34 fører 2018 til ukendt-paragraf",
        // Shelter and crisis centre share the function: without its gruppering a posting is neither.
        "VOK-FORS: kontoen 5.38.42 fører til 5.38.42 5.38.42 5.38.42 5.38.42 5.38.42",
        // Preventive measures for the elderly of any kind: the account does not tell training from the rest.
        "SUN-VEDLIG: kontoen 5.30.29 fører til ukendt-konto ukendt-konto 5.30.29 5.30.29 5.30.29",
    ];
    assert_eq!(differences(), expected);
}

/// The reading of the list itself, on lines like its own.
#[test]
fn prose_gives_its_accounts_and_paragraphs() {
    let functions = |text: &str| accounts(text).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(functions("5.48.66/68"), ["5.48.66", "5.48.68"]);
    assert_eq!(functions("5.38.37 (foer 2018: 5.32.32)"), ["5.38.37", "5.32.32"]);
    assert_eq!(functions("3.22.15 (2020-; 3.22.14 UU foer)"), ["3.22.15", "3.22.14"]);
    assert!(functions("stedets").is_empty() && functions("(alle)").is_empty());
    let read = |text: &str| paragraph(text).map(|paragraph| paragraph.to_string());
    assert_eq!(read("SEL 52 stk3 nr7 jf 66 stk1 nr6 (tidl. nr5)").as_deref(), Some("SEL § 52, stk. 3, nr. 7"));
    assert_eq!(read("BL 46/47 jf 43").as_deref(), Some("BL § 46"));
    assert_eq!(read("SEL 152-154").as_deref(), Some("SEL § 152"));
    assert_eq!((read("bortfalder 1.7.2025"), read("LAS kap 6"), read("")), (None, None, None));
    assert_eq!(cells("a;\"b;c\";"), ["a", "b;c", ""]);
}
