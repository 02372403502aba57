//! A made-up model for the tests of this room, with texts that would like to be markup and formulas.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    accounts::{AccountName, AccountRow, AccountsModel, BudgetRow},
    model::{Counts, ReportModel, Rows, SourceSummary},
    months::MonthRow,
    units::{ModeTotals, UnitTotals, UnitsModel},
};
use crate::{
    analysis::{
        Bridge, BridgeLine, Destination, Quality, RankSettings, Share, Shares, Supplements, UnitFigures, UnitFilter,
        rank::rank, steps::steps,
    },
    base::{Fault, FaultCode},
    domain::{Date, DepartmentId, Label, Ore, Period, Protection, Role, ServiceId, SourceId, UnitId},
    family::Fate,
    ledger::{AccountCoverage, CoverageShare, Pieces},
    pseudonym::UnitKind,
};

pub(super) fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

fn figures(number: u32) -> UnitFigures {
    let mut symbols = *b"K7Q2000000XXX";
    for (place, digit) in (4..9).zip(format!("{number:05}").bytes()) {
        symbols[place] = digit;
    }
    let steps = i64::from(number);
    // Kroner fall steeply; every fifth family has one service only; the last has a negative sum.
    let ore = if number == 119 { Ore(-1_234_567) } else { Ore(180_000_000_000 / (steps + 4) / 9 + 4_711) };
    let single = number.is_multiple_of(5);
    let mut by_department = vec![(DepartmentId(0), Ore(ore.0 / 5 * 3)), (DepartmentId(2), Ore(ore.0 - ore.0 / 5 * 3))];
    if single {
        by_department = vec![(DepartmentId(1), ore)];
    }
    let mut ages = [0; 8];
    ages[5] = 1 + number % 2;
    ages[1] = number % 3;
    UnitFigures {
        unit: UnitId(number),
        label: Label(symbols),
        members: 1 + number % 2 + number % 3,
        children: number % 3,
        placed: u32::from(number % 17 == 2),
        recipients: 1,
        ages,
        age_unknown: 0,
        protection: (number % 13 == 4).then_some(Protection::NameAndAddress),
        ore,
        refunds: [Ore(ore.0 / 10), Ore::ZERO, Ore(1_000)],
        net: Ore(ore.0 - ore.0 / 10 - 1_000),
        fixed: None,
        ranked: ore,
        by_role: [Ore(ore.0 / 2), Ore(ore.0 - ore.0 / 2), Ore::ZERO, Ore::ZERO],
        by_class: [ore, Ore::ZERO, Ore::ZERO, Ore::ZERO],
        by_department,
        services: if single { 1 } else { 2 + number % 4 },
        departments: if single { 1 } else { 2 },
        purpose_groups: if single { 1 } else { 2 },
        spells: 3,
    }
}

pub(super) fn settings() -> RankSettings {
    RankSettings {
        top: 60,
        min_services: 2,
        min_departments: 2,
        population: UnitFilter::Everyone,
        threshold: Some(Ore(100_000_000)),
    }
}

fn units(attributed: Ore) -> UnitsModel {
    UnitsModel {
        ranked: UnitKind::Household,
        totals: [UnitKind::Household, UnitKind::Family, UnitKind::CaseFamily]
            .map(|kind| UnitTotals {
                kind,
                units: 5_400,
                shared: 2_900,
                ore: attributed,
                top: Ore(attributed.0 / 3),
                top_placed: 6,
                modes: (kind != UnitKind::Household).then_some(ModeTotals {
                    other_family: Ore(attributed.0 / 50),
                    no_family: Ore(attributed.0 / 200),
                    counted_again: Ore(attributed.0 / 20),
                }),
            })
            .to_vec(),
        dissolved: (3, 1),
        dissolved_persons: 61,
        parents_of_not_home: [12, 4, 0, 1],
        review: 2,
        paid_here: 3,
        paid_elsewhere: 2,
        fates: vec![(Fate::Same, 5_211), (Fate::Split, 80)],
    }
}

/// Two accounts of source 2, one of them person-booked and covered to 91.2 per cent.
fn accounts(lines: &[BridgeLine], face: Ore) -> AccountsModel {
    let bridge = Bridge { lines: lines.to_vec() };
    let years = BTreeMap::from([(2014, Ore(4_100_000_000)), (2015, Ore(face.0 - 4_100_000_000))]);
    let name = |function: &str, code: &str, name: &str| AccountName {
        function: function.to_owned(),
        code: code.to_owned(),
        name: name.to_owned(),
    };
    let account = |name, person_booked, total, matched, not_cost| AccountRow {
        source: SourceId(2),
        account: name,
        person_booked,
        coverage: AccountCoverage {
            service: ServiceId(0),
            booked: Ore(total + not_cost),
            total: Ore(total),
            matched: Ore(matched),
            not_cost: Ore(not_cost),
            copies: Ore::ZERO,
        },
    };
    AccountsModel {
        share: CoverageShare::Known(912_345),
        limit: 800_000,
        accounts: vec![
            account(
                name("5.28.21", "5.28.21-003", "=Familiebehandling"),
                true,
                1_000_000_000,
                912_345_678,
                -700_000_000,
            ),
            account(name("3.22.01", "SKO-FOLK", "Folkeskole"), false, 9_000_000_000, 0, 0),
        ],
        steps: steps(&bridge, &years, &[SourceId(2)]).expect("the lines are of one ledger"),
        months: vec![
            MonthRow {
                month: day("2015-01-01"),
                account: name("5.28.21", "5.28.21-003", "=Familiebehandling"),
                closed: Some(Ore(300_000_000)),
                now: Ore(345_000_000),
            },
            MonthRow {
                month: day("2015-02-01"),
                account: name("5.28.21", "5.28.21-003", "=Familiebehandling"),
                closed: None,
                now: Ore(567_345_678),
            },
        ],
        budget: vec![BudgetRow {
            year: 2015,
            account: name("5.28.21", "5.28.21-003", "=Familiebehandling"),
            adopted: Ore(2_000_000_000),
            corrected: Ore(1_900_000_000),
            booked: Ore(1_000_000_000),
        }],
    }
}

#[expect(clippy::too_many_lines, reason = "it is one value")]
/// A model of this many families, at most 120.
pub(super) fn model(families: u32) -> ReportModel {
    let figures: Vec<UnitFigures> = (0..families).map(figures).collect();
    let ranking = rank(&figures, settings()).expect("a ranking");
    let attributed = Ore::sum(figures.iter().map(|unit| unit.ore)).expect("a sum");
    let line = |source: u16, destination, role, ore| BridgeLine {
        source: SourceId(source),
        destination,
        role,
        pieces: 12,
        ore,
    };
    let actual = Ore(attributed.0 / 2);
    let lines = vec![
        line(1, Destination::Units, Some(Role::Granted), Ore(attributed.0 - actual.0)),
        line(2, Destination::OutsidePeriod, None, Ore(4_100_000_000)),
        line(2, Destination::Refund, None, Ore(-700_000_000)),
        line(2, Destination::NoPerson, None, Ore(9_912_345_678)),
        line(2, Destination::NotResident, Some(Role::Actual), Ore(812_345_600)),
        line(2, Destination::Units, Some(Role::Actual), Ore(actual.0 - 600_000_000)),
        line(2, Destination::TariffMoved, None, Ore(-600_000_000)),
        line(3, Destination::Units, Some(Role::Tariff), Ore(600_000_000)),
    ];
    let face = Ore::sum(lines[1..6].iter().map(|line| line.ore)).expect("a sum");
    let source = |name: &str, role, rows: u64, ore, set_aside| SourceSummary {
        name: name.to_owned(),
        role,
        files: 1,
        read: Rows { rows: rows + set_aside + 2, ore },
        used: Rows { rows, ore },
        sorted_out: Rows { rows: 2, ore: Ore::ZERO },
        set_aside: Rows { rows: set_aside, ore: Ore(123_400) },
        unripe: if name == "opus" {
            vec![(day("2015-05-01"), 912_000), (day("2015-06-01"), 407_000)]
        } else {
            Vec::new()
        },
        unknown: Rows { rows: u64::from(name == "opus") * 3, ore: Ore(i64::from(name == "opus") * 1_100_000) },
        first: Some(day("2014-06-01")),
        last: Some(day(if name == "opus" { "2015-05-31" } else { "2015-06-30" })),
    };
    let mut shares = Shares {
        residents: Share { of: 12_000, services: 320, departments: 180, both: 175 },
        resident_recipients: Share { of: 1_400, services: 320, departments: 180, both: 175 },
        recipients: Share { of: 1_450, services: 330, departments: 184, both: 179 },
        units: Share { of: 5_400, services: 400, departments: 260, both: 255 },
        recipient_units: Share { of: families.into(), services: 96, departments: 96, both: 96 },
        ..Shares::default()
    };
    shares.persons = [
        [10_600, 0, 0, 0, 0, 0],
        [0, 1_080, 0, 0, 0, 0],
        [0, 140, 90, 0, 0, 0],
        [0, 5, 40, 15, 0, 0],
        [0, 0, 12, 8, 3, 0],
        [0, 0, 2, 4, 1, 0],
    ];
    let fault = |source, line, code: FaultCode, column: Option<&str>| Fault {
        source: SourceId(source),
        file: 0,
        line,
        byte: line * 80,
        column: column.map(Arc::from),
        code,
        ore: None,
    };
    ReportModel {
        project: "demo|eksempelkoebing|familier".to_owned(),
        demo: true,
        purpose: "støtte".to_owned(),
        legal_basis: "Databeskyttelsesforordningen art. 6(1)(e) <script>alert(1)</script>".to_owned(),
        retention: day("2027-12-31"),
        labels: "projektet".to_owned(),
        program: "samkor 0.1.0".to_owned(),
        period: Period::new(day("2015-01-01"), day("2015-06-30")).expect("in order"),
        reference_date: day("2015-06-30"),
        rounding: 1_000,
        ranked_by_net: false,
        price_year: None,
        manual: false,
        departments: ["Børn og familie", "Beskæftigelse", "=Social & sundhed"].map(str::to_owned).to_vec(),
        sources: vec![
            source("cpr", None, 13_100, Ore::ZERO, 0),
            source("dubu", Some(Role::Granted), 2_210, Ore(attributed.0 - actual.0), 3),
            source("opus", Some(Role::Actual), 48_113, face, 14),
            source("indskrivning", Some(Role::Tariff), 300, Ore::ZERO, 0),
        ],
        units: units(attributed),
        counts: Counts { register: 12_614, units: 5_400, singles: 31, review: 4 },
        figures,
        ranking,
        shares,
        quality: Quality {
            by_role: [
                Pieces { spells: 900, ore: Ore(actual.0 - 600_000_000) },
                Pieces { spells: 700, ore: Ore(attributed.0 - actual.0) },
                Pieces { spells: 40, ore: Ore(600_000_000) },
                Pieces::default(),
            ],
            open: Pieces { spells: 210, ore: Ore(2_100_000_000) },
            not_periodised: Pieces { spells: 44, ore: Ore(90_000_000) },
            without_amount: 61,
            unknown: Pieces { spells: 3, ore: Ore(1_100_000) },
            moved: Pieces { spells: 2, ore: Ore(13_115_000) },
            on_guardian: Pieces { spells: 5, ore: Ore(7_700_000) },
            unpaired: Pieces { spells: 4, ore: Ore(-2_600_000) },
            beside_payment: Pieces { spells: 6, ore: Ore(4_100_000) },
        },
        accounts: accounts(&lines, face),
        supplements: Some(Supplements {
            candidates: 120,
            collected: 47,
            ore: Ore(70_000_000),
            list: [Ore(9_000_000_000), Ore(9_050_000_000)],
            listed: (60, 59),
        }),
        bridge: Bridge { lines },
        links: crate::report::LinksModel::default(),
        faults: vec![
            fault(2, 311, FaultCode::Amount, Some("Beløb")),
            fault(1, 40, FaultCode::Cpr, Some("=CPR-nr.")),
            fault(2, 12, FaultCode::TooFewFields, None),
        ],
    }
}
