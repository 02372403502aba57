//! A small model of the ledger on `facit/raekker.csv`: one day at a time, with nothing of samkor's own code but its
//! calendar. What it says of all rows is held against the other facit files, and what it says of all rows but one
//! against runs with a row removed or damaged.

use std::collections::{BTreeMap, BTreeSet};

use samkor::domain::Date;

use crate::example::Counts;

macro_rules! facit {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/eksempelkoebing/facit/", $name, ".csv"))
    };
}

pub const SERVICES: &str = facit!("oere");
pub const HOUSEHOLDS: &str = facit!("husstande");
pub const FAMILIES: &str = facit!("familier");
pub const NOT_ATTRIBUTED: &str = facit!("ikke_henfoert");
pub const SOURCES: &str = facit!("kilder");
pub const FAULTS: &str = facit!("fejl");
const ROWS: &str = facit!("raekker");

/// The only person of the facit whom the register does not know.
const OUTSIDE_REGISTER: &str = "0903671779";

/// The cells of a facit file, its headings left out.
pub fn cells(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split(';').collect())
}

/// Every person the facit names, under the current number.
pub fn persons() -> BTreeSet<String> {
    let members = cells(HOUSEHOLDS).flat_map(|row| row[1].split(' '));
    members.chain(cells(SERVICES).map(|row| row[0])).map(str::to_owned).collect()
}

/// The members of every household.
pub fn households() -> Vec<(&'static str, BTreeSet<String>)> {
    cells(HOUSEHOLDS).map(|row| (row[0], row[1].split(' ').map(str::to_owned).collect())).collect()
}

/// A row of a money source, as it should be understood.
#[derive(Clone, Debug)]
pub struct Row {
    pub source: &'static str,
    /// Physical line, from 1.
    pub line: usize,
    person: &'static str,
    service: &'static str,
    group: &'static str,
    department: &'static str,
    pub role: &'static str,
    spread: &'static str,
    from: i32,
    to: i32,
    pub ore: i64,
    quantity: i64,
    institution: &'static str,
    /// Blank for a row that counts; else what becomes of it.
    pub kind: &'static str,
}

pub fn rows() -> Vec<Row> {
    let day = |text: &str, missing| match text {
        "" => missing,
        text => Date::parse_iso(text).expect("a date").days(),
    };
    let row = |cells: Vec<&'static str>| Row {
        source: cells[0],
        line: cells[1].parse().expect("a line"),
        person: cells[2],
        service: cells[3],
        group: cells[4],
        department: cells[5],
        role: cells[6],
        spread: cells[7],
        from: day(cells[8], 0),
        to: day(cells[9], i32::MAX),
        ore: cells[10].parse().expect("øre"),
        quantity: cells[11].parse().unwrap_or(1),
        institution: cells[12],
        kind: cells[13],
    };
    cells(ROWS).map(row).collect()
}

/// What a run on some rows must deliver.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub services: BTreeMap<(String, String, String), i64>,
    pub households: BTreeMap<BTreeSet<String>, (i64, i64, i64)>,
    pub lines: BTreeMap<(String, String), i64>,
    pub sources: BTreeMap<String, Counts>,
}

fn period() -> (i32, i32) {
    let day = |text| Date::parse_iso(text).expect("a date").days();
    (day("2015-01-01"), day("2015-06-30"))
}

/// Half to even, by absolute value.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    let (size, sign) = (numerator.abs(), numerator.signum());
    let (whole, rest) = (size / denominator, 2 * (size % denominator));
    sign * (whole + i128::from(rest > denominator || (rest == denominator && whole % 2 == 1)))
}

fn days_of_month(year: i16, month: u8) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The øre that fall on one day: the amount up to its end less the amount up to its start, each rounded.
fn ore_of_day(row: &Row, spread: &str, amount: i64, day: i32) -> i64 {
    let (year, month, of_month) = Date::from_days(day).expect("a day").ymd();
    let months = |from: u8, to: u8| (from..to).map(|month| days_of_month(year, month)).sum::<i32>();
    let of_month = i32::from(of_month) - 1;
    let (passed, length) = match spread {
        "dag" => (day, 1),
        "uge" => (day, 7),
        "14-dage" => (day, 14),
        "maaned" => (of_month, days_of_month(year, month)),
        "kvartal" => {
            let first = (month - 1) / 3 * 3 + 1;
            (months(first, month) + of_month, months(first, first + 3))
        }
        "aar" => (months(1, month) + of_month, months(1, 13)),
        "periode" => (day - row.from, row.to - row.from + 1),
        "engang" => (day - row.from, 1),
        "intet" => return 0,
        other => panic!("an unknown spread: {other}"),
    };
    let until = |days: i32| rounded(i128::from(amount) * i128::from(row.quantity) * i128::from(days), length.into());
    i64::try_from(until(passed + 1) - until(passed)).expect("øre of a day")
}

fn days_in_period(row: &Row) -> std::ops::RangeInclusive<i32> {
    let (first, last) = period();
    row.from.max(first)..=row.to.min(last)
}

/// The ledger of some rows, every figure that is compared.
pub fn expected(rows: &[Row]) -> Expected {
    let mut expected = Expected { sources: sources(rows), ..Expected::default() };
    let pair = rows.iter().filter(|row| row.kind == "tilbagefoert").count() == 2;
    let counts = |row: &&Row| row.kind.is_empty() || (row.kind == "tilbagefoert" && !pair);
    let counting: Vec<&Row> = rows.iter().filter(counts).collect();
    let taken = |role: &str| -> BTreeSet<(&str, &str, i32)> {
        let rows = counting.iter().filter(|row| row.role == role && (role == "bevilget" || row.ore > 0));
        rows.flat_map(|row| days_in_period(row).map(|day| (row.person, row.group, day))).collect()
    };
    let (of_payments, of_grants) = (taken("faktisk"), taken("bevilget"));
    for row in rows.iter().filter(|row| !counts(row) && !matches!(row.kind, "fejl" | "frasorteret" | "takst")) {
        *line(&mut expected, row.kind, row.source) += row.ore;
    }
    for row in counting {
        let is_free = |day: &i32| match row.role {
            "faktisk" | "manuel" => true,
            "bevilget" => row.spread == "intet" || !of_payments.contains(&(row.person, row.group, *day)),
            _ => {
                let day = (row.person, row.group, *day);
                !of_payments.contains(&day) && !of_grants.contains(&day)
            }
        };
        let mut placed = None;
        if row.role == "takst" {
            for price in rows.iter().filter(|price| price.kind == "takst" && price.institution == row.institution) {
                let days = days_in_period(row).filter(|day| (price.from..=price.to).contains(day));
                for day in days.filter(is_free) {
                    *placed.get_or_insert(0) += ore_of_day(row, price.spread, price.ore, day);
                }
            }
            if let Some(ore) = placed {
                *line(&mut expected, "flyttet-som-takst", row.source) -= ore;
            }
        } else {
            for day in days_in_period(row).filter(is_free) {
                *placed.get_or_insert(0) += ore_of_day(row, row.spread, row.ore, day);
            }
        }
        let (first, last) = period();
        if matches!(row.role, "faktisk" | "manuel") && (row.from < first || row.to > last) {
            *line(&mut expected, "uden-for-perioden", row.source) += row.ore - placed.unwrap_or_default();
        }
        if let Some(ore) = placed {
            let key = (row.person.to_owned(), row.service.to_owned(), row.role.to_owned());
            *expected.services.entry(key).or_default() += ore;
            *line(&mut expected, destination(row), row.source) += ore;
        }
    }
    expected.households = families(&expected, rows);
    expected
}

fn line<'a>(expected: &'a mut Expected, name: &str, source: &str) -> &'a mut i64 {
    expected.lines.entry((name.to_owned(), source.to_owned())).or_default()
}

/// Where the øre of a person end.
fn destination(row: &Row) -> &'static str {
    let resident = households().iter().any(|(_, members)| members.contains(row.person));
    match (resident, row.role) {
        (true, "manuel") => "manuel",
        (true, _) => "familier",
        (false, _) if row.person == OUTSIDE_REGISTER => "uden-for-registret",
        (false, _) => "ikke-bosat",
    }
}

fn families(expected: &Expected, rows: &[Row]) -> BTreeMap<BTreeSet<String>, (i64, i64, i64)> {
    let facts: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.service, row)).collect();
    let is_group = |service: &str| service.starts_with(|first: char| first.is_ascii_digit());
    let figures = |members: BTreeSet<String>| {
        let of_members = || {
            let mine = expected.services.iter().filter(|((person, ..), _)| members.contains(person));
            mine.filter(|((.., role), _)| role != "manuel")
        };
        // An account group beside a finer service of the same person and purpose is not another service.
        let finer = |person: &str, group: &str| {
            of_members().any(|((other, service, _), _)| {
                other == person && !is_group(service) && facts[service.as_str()].group == group
            })
        };
        let services: BTreeSet<&str> = of_members()
            .filter(|((person, service, _), _)| !(is_group(service) && finer(person, facts[service.as_str()].group)))
            .map(|((_, service, _), _)| service.as_str())
            .collect();
        let departments: BTreeSet<&str> = services.iter().map(|service| facts[service].department).collect();
        let ore = of_members().map(|(_, ore)| ore).sum();
        let number = |set: &BTreeSet<&str>| i64::try_from(set.len()).expect("few");
        (members, (ore, number(&services), number(&departments)))
    };
    households().into_iter().map(|(_, members)| figures(members)).collect()
}

/// Rows and øre of the money sources.
fn sources(rows: &[Row]) -> BTreeMap<String, Counts> {
    let mut sources: BTreeMap<String, Counts> = BTreeMap::new();
    for row in rows {
        let counts = sources.entry(row.source.to_owned()).or_default();
        let (rows, ore) = match row.kind {
            "fejl" => (&mut counts.set_aside, &mut counts.ore_set_aside),
            "frasorteret" => (&mut counts.sorted_out, &mut counts.ore_sorted_out),
            _ => (&mut counts.used, &mut counts.ore_used),
        };
        *rows += 1;
        *ore += row.ore;
        counts.read += 1;
        counts.ore_read += row.ore;
    }
    sources
}
