//! The ledger file against an independent sum of itself, account by account and year by year.

use std::collections::BTreeMap;

use samkor::{
    catalogue::Catalogue,
    domain::{Account, Date},
};

use crate::example::{Delivered, Example, Ground};

/// Øre by account (as the catalogue calls it) and by accounting year.
type Sums = (BTreeMap<String, i64>, BTreeMap<String, i64>);

/// Kroner in any of the spellings of the files: `1.234,56-` and `(100,20)` are negative.
fn kroner(cell: &str) -> i64 {
    let negative = cell.contains(['-', '(']);
    let plain = cell.replace(['-', '(', ')'], "");
    let (whole, cents) = plain.split_once(',').unwrap_or((&plain, "00"));
    let ore = whole.replace('.', "").parse::<i64>().expect("kroner") * 100 + cents.parse::<i64>().expect("øre");
    if negative { -ore } else { ore }
}

/// Sums the file without samkor's readers: rows by line number, those at fault left out.
fn sums_of_the_file(example: &Example, faults: &[u64]) -> Sums {
    let catalogue = Catalogue::embedded().expect("the catalogue");
    let (text, ..) = encoding_rs::WINDOWS_1252.decode(&example.0["ind/opus.csv"]);
    let rows: Vec<(u64, Vec<String>)> = (1..)
        .zip(text.lines())
        .map(|(line, row)| (line, row.replace("\"Pleje feb; marts\"", "Pleje").split(';').map(str::to_owned).collect()))
        .collect();
    let header = rows.iter().position(|(_, cells)| cells[0] == "Regnskabsår").expect("headings");
    let place = |name: &str| rows[header].1.iter().position(|cell| cell == name).expect("a column");
    let (mut accounts, mut years) = Sums::default();
    for (line, cells) in &rows[header + 1..] {
        if faults.contains(line) || cells[0] == "I alt" {
            continue;
        }
        let cell = |name: &str| cells[place(name)].as_str();
        let amount = kroner(cell("Beløb"));
        let ore = if cell("Debet/kredit").to_lowercase().starts_with('k') { -amount.abs() } else { amount };
        let column = if cell("Konto").is_empty() { "Funktion" } else { "Konto" };
        let account = Account::parse(cell(column))
            .ok()
            .map(|account| account.with(cell("Dranst").parse().ok(), cell("Gruppering").parse().ok()));
        let year: i16 = cell("Regnskabsår").parse().expect("a year");
        let day = Date::from_ymd(year, 7, 1).expect("a day");
        let service = account.map_or_else(|| catalogue.unknown_account(), |account| catalogue.by_account(account, day));
        *accounts.entry(catalogue.service(service).code.to_string()).or_default() += ore;
        *years.entry(format!("bogført i regnskabsår {year}")).or_default() += ore;
    }
    accounts.retain(|_, ore| *ore != 0);
    (accounts, years)
}

fn table(delivered: &Delivered, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::str::from_utf8(&delivered.files[name]).expect("UTF-8").trim_start_matches('\u{feff}');
    let mut rows = text.lines().map(|line| line.trim_end().split(';').map(str::to_owned).collect::<Vec<_>>());
    let header = rows.next().expect("headings");
    rows.map(|row| header.iter().cloned().zip(row).collect()).collect()
}

#[test]
fn every_account_adds_up_to_the_ledger_files_own_total() {
    let example = Example::shipped();
    let delivered = Ground::new().run(&example).expect("a run");
    let faults: Vec<u64> = delivered
        .faults
        .iter()
        .filter(|fault| fault.0 == "opus")
        .map(|fault| u64::try_from(fault.1).expect("a line"))
        .collect();
    assert_eq!(faults.len(), 2);
    let (accounts, years) = sums_of_the_file(&example, &faults);
    assert!(accounts.len() > 8, "{accounts:?}");

    let rows = table(&delivered, "arbejde/konti.csv");
    let found: BTreeMap<String, i64> = rows
        .iter()
        .map(|row| (row["konto"].clone(), kroner(&row["i filen (kr.)"])))
        .filter(|(_, ore)| *ore != 0)
        .collect();
    assert_eq!(found, accounts);
    for row in &rows {
        let ore = |name: &str| kroner(&row[name]);
        let parts = ore("refusion, status og intern (kr.)") + ore("dubletter (kr.)") + ore("udgift (kr.)");
        assert_eq!(ore("i filen (kr.)"), parts, "{row:?}");
        assert_eq!(ore("udgift (kr.)"), ore("med borger (kr.)") + ore("ikke henført (kr.)"), "{row:?}");
    }

    let steps = table(&delivered, "arbejde/bro.csv");
    let (ranking, steps) = steps.split_last().expect("rows");
    let booked: BTreeMap<String, i64> = steps
        .iter()
        .filter(|row| row["trin"] == "regnskab")
        .map(|row| (row["post"].clone(), kroner(&row["beløb (kr.)"])))
        .collect();
    assert_eq!(booked, years);
    let sum: i64 = steps.iter().map(|row| kroner(&row["beløb (kr.)"])).sum();
    assert_eq!(sum, kroner(&ranking["beløb (kr.)"]));
    let families: i64 = delivered.households.values().map(|figures| figures.0).sum();
    assert_eq!(sum, families, "the bridge ends in the kroner of the families");
}
