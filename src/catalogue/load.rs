//! Builds the catalogue from its data files and checks that they agree.

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

use super::{
    Catalogue, Confidence, Department, Fallbacks, Level, PurposeGroup, Service,
    accounts::Accounts,
    benefits::{self, Benefits},
    paragraphs::Paragraphs,
    table::{File, Row},
    wording::Codes,
};
use crate::{
    base::Result,
    domain::{BudgetClass, DepartmentId, PurposeGroupId, ServiceId, System},
};

/// The department of what the catalogue cannot place.
pub(super) const UNKNOWN_DEPARTMENT: &str = "ukendt";

/// How the codes of the unknown classes begin.
const UNKNOWN_PREFIX: &str = "ukendt-";

/// The data files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Files<'a> {
    pub(super) departments: File<'a>,
    pub(super) purpose_groups: File<'a>,
    pub(super) services: File<'a>,
    pub(super) accounts: File<'a>,
    pub(super) paragraphs: File<'a>,
    pub(super) benefit_names: File<'a>,
}

impl Files<'static> {
    /// The files that the program carries.
    pub(super) const fn embedded() -> Self {
        Self {
            departments: File { name: "departments.csv", text: include_str!("data/departments.csv") },
            purpose_groups: File { name: "purpose_groups.csv", text: include_str!("data/purpose_groups.csv") },
            services: File { name: "services.csv", text: include_str!("data/services.csv") },
            accounts: File { name: "accounts.csv", text: include_str!("data/accounts.csv") },
            paragraphs: File { name: "paragraphs.csv", text: include_str!("data/paragraphs.csv") },
            benefit_names: File { name: "benefit_names.csv", text: include_str!("data/benefit_names.csv") },
        }
    }
}

/// Reads and checks everything.
pub(super) fn load(files: &Files<'_>) -> Result<Catalogue> {
    let rows = files.departments.rows("code;navn_da;navn_en")?;
    let department_codes = codes(&rows, usize::from(u8::MAX))?;
    let departments = rows.iter().map(department).collect::<Vec<_>>();

    let rows = files.purpose_groups.rows("code;navn_da;navn_en;actual_sources;maturity_days;for_children")?;
    let purpose_group_codes = codes(&rows, usize::from(u16::MAX))?;
    let purpose_groups = rows.iter().map(purpose_group).collect::<Result<Vec<_>>>()?;

    let header =
        "code;navn_da;navn_en;department;purpose_group;budget_class;counts;placement;confidence;delivering;payer";
    let rows = files.services.rows(header)?;
    let service_codes = codes(&rows, usize::from(u16::MAX))?;
    let mut services =
        rows.iter().map(|row| service(row, &department_codes, &purpose_group_codes)).collect::<Result<Vec<_>>>()?;

    let fallback = |code: &str| match service_codes.find(code) {
        Some(position) => Ok(ServiceId(narrow(position))),
        None => Err(files.services.error(&format!("ydelsen »{code}« mangler"))),
    };
    let unknown = Fallbacks {
        account: fallback("ukendt-konto")?,
        paragraph: fallback("ukendt-paragraf")?,
        benefit: fallback("ukendt-ydelse")?,
    };
    let refund = fallback("REF-STAT")?;
    let target = |row: &Row, place: usize| {
        let position = lookup(row, place, &service_codes, "services.csv")?;
        if services[position].level == Level::Unknown {
            return Err(row.error("en ukendt klasse kan ikke være et svar i en tabel"));
        }
        // The letter of the row itself is only checked: it tells the reader of the file what to verify.
        confidence(row, place + 1)?;
        Ok(ServiceId(narrow(position)))
    };
    let accounts = Accounts::load(files.accounts, refund, unknown.account, target)?;
    let paragraphs = Paragraphs::load(files.paragraphs, unknown.paragraph, target)?;
    let benefits = Benefits::load(files.benefit_names, target)?;
    for id in accounts.person_booked() {
        services[id.index()].person_booked = true;
    }
    Ok(Catalogue {
        departments,
        purpose_groups,
        purpose_group_codes,
        services,
        service_codes,
        accounts,
        paragraphs,
        benefits,
        unknown,
    })
}

fn department(row: &Row) -> Department {
    Department { code: row.cell(0).into(), name: row.cell(1).into(), name_en: row.cell(2).into() }
}

fn purpose_group(row: &Row) -> Result<PurposeGroup> {
    let mut actual_sources = Vec::new();
    for text in row.cell(3).split(',') {
        let system = benefits::parse_system(row, text)?;
        if !matches!(system, System::Opus | System::Kmd | System::Ydelsesrefusion) {
            return Err(row.error(&format!("»{text}« indeholder ikke udbetalinger")));
        }
        if actual_sources.contains(&system) {
            return Err(row.error(&format!("»{text}« står to gange")));
        }
        actual_sources.push(system);
    }
    let maturity_days = row.cell(4).parse().ok().filter(|days| (0..=730).contains(days));
    Ok(PurposeGroup {
        code: row.cell(0).into(),
        name: row.cell(1).into(),
        name_en: row.cell(2).into(),
        actual_sources,
        maturity_days: maturity_days.ok_or_else(|| row.error("modningen skal være 0 til 730 dage"))?,
        for_children: row.yes(5)?,
    })
}

fn service(row: &Row, departments: &Codes, purpose_groups: &Codes) -> Result<Service> {
    let code = row.cell(0);
    let department = lookup(row, 3, departments, "departments.csv")?;
    let purpose_group = lookup(row, 4, purpose_groups, "purpose_groups.csv")?;
    let budget_class = row.cell(5);
    let service = Service {
        code: code.into(),
        name: row.cell(1).into(),
        name_en: row.cell(2).into(),
        department: DepartmentId(u8::try_from(department).expect("codes() allows 255 departments")),
        purpose_group: PurposeGroupId(narrow(purpose_group)),
        budget_class: BudgetClass::deserialize(budget_class.into_deserializer()).map_err(|cause: value::Error| {
            row.error(&format!("»{budget_class}« er ingen budgetklasse")).because(cause)
        })?,
        counts: row.yes(6)?,
        placement: row.yes(7)?,
        level: level(code),
        confidence: confidence(row, 8)?,
        delivering: DepartmentId(
            u8::try_from(lookup(row, 9, departments, "departments.csv")?).expect("codes() allows 255 departments"),
        ),
        paid_by_others: match row.cell(10) {
            "kommune" => false,
            "andre" => true,
            other => return Err(row.error(&format!("betaleren »{other}« skal være kommune eller andre"))),
        },
        person_booked: false,
    };
    let unknown = (service.level == Level::Unknown, service.budget_class == BudgetClass::Unknown);
    if unknown.0 != unknown.1 || (unknown.0 && service.counts) {
        return Err(row.error("budgetklassen ukendt hører til de ukendte klasser, og de tæller ikke som ydelse"));
    }
    Ok(service)
}

/// Account groups are named after their account, unknown classes by their prefix.
fn level(code: &str) -> Level {
    if code.starts_with(UNKNOWN_PREFIX) {
        Level::Unknown
    } else if !code.starts_with(|first: char| first.is_ascii_digit()) {
        Level::Service
    } else if code.contains('-') {
        Level::AccountGroup
    } else {
        Level::Function
    }
}

fn confidence(row: &Row, place: usize) -> Result<Confidence> {
    match row.cell(place) {
        "A" => Ok(Confidence::A),
        "B" => Ok(Confidence::B),
        "C" => Ok(Confidence::C),
        other => Err(row.error(&format!("sikkerheden »{other}« skal være A, B eller C"))),
    }
}

/// The codes in the first column, each once, with a name in both languages behind it.
fn codes(rows: &[Row], most: usize) -> Result<Codes> {
    for (position, row) in rows.iter().enumerate() {
        if (0..3).any(|place| row.cell(place).is_empty()) {
            return Err(row.error("kode eller navn mangler"));
        }
        if position >= most {
            return Err(row.error(&format!("der kan højst være {most} linjer")));
        }
    }
    Codes::new(rows.iter().map(|row| row.cell(0)))
        .map_err(|twice| rows[twice].error(&format!("koden »{}« står to gange", rows[twice].cell(0))))
}

/// The position of the code in a cell.
fn lookup(row: &Row, place: usize, codes: &Codes, file: &str) -> Result<usize> {
    let code = row.cell(place);
    let known = codes.find(code).filter(|_| !code.is_empty());
    known.ok_or_else(|| row.error(&format!("»{code}« findes ikke i {file}")))
}

fn narrow(position: usize) -> u16 {
    u16::try_from(position).expect("codes() allows 65,535 rows")
}
