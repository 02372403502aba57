//! Rows of money: grants, postings, benefits, measures and supplements.

use super::{
    Sought,
    memo::Memo,
    record::{Outcome, Record, Reject},
    rows::{MoneyRow, Posting, PostingNature},
};
use crate::{
    base::FaultCode,
    catalogue::Catalogue,
    domain::{Account, AmountType, Date, Identity, Law, Ore, Paragraph, Period, Role, ServiceId, System},
    layout::{Field, Kind, read_amount, read_date, read_identity, read_number},
};

/// Reads rows of the money tables; knows the catalogue and the system they come from.
#[derive(Clone, Copy)]
pub struct MoneyReader<'a> {
    /// Services, accounts and paragraphs.
    pub catalogue: &'a Catalogue,
    /// The system of the source.
    pub system: System,
}

/// What cells of earlier rows meant. Belongs to one [`MoneyReader`].
#[derive(Default)]
pub struct KnownCells {
    accounts: Memo<Chart>,
    benefits: Memo<ServiceId>,
}

/// What the account cells and the accounting year of a posting tell.
#[derive(Clone, Copy)]
struct Chart {
    /// `None` when blank, as on balance legs.
    account: Result<Option<Account>, Reject>,
    /// A day of the year whose chart of accounts counts, and the year.
    day: Result<(Date, i16), Reject>,
    service: ServiceId,
}

impl MoneyReader<'_> {
    /// Whether the rows of such a table are money rows.
    #[must_use]
    pub const fn reads(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Grants | Kind::Postings | Kind::Benefits | Kind::WeeklyBenefits | Kind::Measures | Kind::Supplements
        )
    }

    /// Reads one row; `amount` is the row's face amount, already read.
    ///
    /// # Errors
    /// The fault for which the row is set aside.
    pub fn read(&self, record: &Record<'_>, amount: Ore) -> Result<Outcome<MoneyRow>, Reject> {
        self.read_knowing(&mut KnownCells::default(), record, amount)
    }

    /// Reads one row like [`Self::read`], with the help of what was learnt from rows before it.
    ///
    /// # Errors
    /// The fault for which the row is set aside.
    pub fn read_knowing(
        &self,
        known: &mut KnownCells,
        record: &Record<'_>,
        amount: Ore,
    ) -> Result<Outcome<MoneyRow>, Reject> {
        if !record.counts()? {
            return Ok(Outcome::SortedOut);
        }
        match record.table().kind {
            Kind::Grants => self.grant(record, amount),
            Kind::Postings => self.posting(known, record, amount),
            Kind::Benefits => self.benefit(known, record, amount, Role::Actual),
            Kind::Supplements => self.benefit(known, record, amount, Role::Manual),
            Kind::WeeklyBenefits => self.weekly_benefit(known, record, amount),
            Kind::Measures => self.measure(record),
            _ => Ok(Outcome::SortedOut),
        }
    }

    fn grant(&self, record: &Record<'_>, amount: Ore) -> Result<Outcome<MoneyRow>, Reject> {
        let (from, to) = record.days()?;
        let units = &record.table().rules.units;
        let unit =
            |field| units.get(&record.text(field).to_lowercase()).copied().ok_or(Reject::of(field, FaultCode::Unit));
        let frequency = if record.is_blank(Field::Frequency) { None } else { Some(unit(Field::Frequency)?) };
        let amount_type = unit(Field::Unit)?.spread(frequency).ok_or(Reject::of(Field::Frequency, FaultCode::Unit))?;
        let to = if amount_type == AmountType::Lump { from } else { to };
        Ok(Outcome::Row(MoneyRow {
            identity: record.citizen()?,
            service: self.service_by_paragraph(record, from),
            role: Role::Granted,
            amount_type,
            from,
            to,
            amount,
            quantity: record.quantity()?,
            posting: Posting { payer: record.payer()?, ..Posting::default() },
            sought: Sought::Citizen,
        }))
    }

    fn measure(&self, record: &Record<'_>) -> Result<Outcome<MoneyRow>, Reject> {
        let (from, to) = record.days()?;
        Ok(Outcome::Row(MoneyRow {
            identity: record.citizen()?,
            service: self.service_by_paragraph(record, from),
            role: Role::Granted,
            amount_type: AmountType::Nothing,
            from,
            to,
            amount: Ore::ZERO,
            quantity: 1000,
            posting: Posting { payer: record.payer()?, ..Posting::default() },
            sought: Sought::Citizen,
        }))
    }

    /// The service of the paragraph of the place or measure, else of the decision. A paragraph without a law is of
    /// serviceloven, from 2024 of barnets lov (DUBU: children's cases only).
    fn service_by_paragraph(&self, record: &Record<'_>, on: Date) -> ServiceId {
        let law = if on.ymd().0 >= 2024 && self.system == System::Dubu { Law::Bl } else { Law::Sel };
        let paragraph = [Field::Paragraph, Field::DecisionParagraph]
            .into_iter()
            .find(|field| !record.is_blank(*field))
            .and_then(|field| Paragraph::parse(&record.text(field), law));
        let Some(paragraph) = paragraph else { return self.catalogue.unknown_paragraph() };
        let offer = format!("{} {}", record.text(Field::ServiceType), record.text(Field::Offer)).to_lowercase();
        self.catalogue.by_paragraph(&paragraph, &offer, on)
    }

    fn posting(&self, known: &mut KnownCells, record: &Record<'_>, amount: Ore) -> Result<Outcome<MoneyRow>, Reject> {
        // Postings come by the ten million: each cell is looked up once.
        let cell = |field| record.cell(field);
        let posted_cell = cell(Field::Posted);
        let posted = match posted_cell {
            [] => return Err(Reject::of(Field::Posted, FaultCode::Missing)),
            cell => read_date(cell).ok_or(Reject::of(Field::Posted, FaultCode::Date))?,
        };
        let chart = self.chart(known, record, (posted_cell, posted));
        let (account, service) = (chart.account?, chart.service);
        let is_balance = cell(Field::LedgerAccount).starts_with(b"9");
        let art = cell(Field::Nature);
        let nature = match account.and_then(|account| account.dranst) {
            _ if is_balance => PostingNature::Balance,
            Some(4..) => PostingNature::Balance,
            _ if is_internal_income(art) => PostingNature::InternalIncome,
            Some(2) => PostingNature::Refund,
            _ => income(art),
        };
        if account.is_none() && !is_balance {
            return Err(Reject::of(Field::Account, FaultCode::Missing));
        }
        let (chart_day, year) = chart.day?;
        let (amount_type, from, to) = match (cell(Field::From), cell(Field::To)) {
            ([], _) | (_, []) => {
                // What is booked in the supplementary period belongs to its Regnskabsår.
                let Period { from: first, to: last } = chart_day.year();
                let day = posted.clamp(first, last);
                (AmountType::Lump, day, day)
            }
            (from, to) => {
                let (from, to) = record.days_in(from, to)?;
                (AmountType::Contract, from, to)
            }
        };
        // The groupings of dranst 2 say nothing of what was bought, so a refund is of its whole function.
        let refunded = match (nature, account) {
            (PostingNature::Refund, Some(account)) if account.dranst == Some(2) => {
                let bought = Account { dranst: Some(1), grouping: None, ..account };
                Some(self.catalogue.by_account(bought, chart_day))
            }
            (PostingNature::Refund | PostingNature::IntermunicipalIncome | PostingNature::OwnPayment, _) => {
                Some(service)
            }
            _ => None,
        };
        let sought = match has_person_code(record) {
            _ if is_own_pay(record, art) => Sought::Nobody,
            true => Sought::Citizen,
            // Neither number nor code: whoever the row is about has lost both.
            false if record.is_blank(Field::Person) => Sought::Citizen,
            false => Sought::Text,
        };
        let identity = if sought == Sought::Citizen { record.citizen()? } else { Identity::Missing };
        Ok(Outcome::Row(MoneyRow {
            identity,
            service,
            role: Role::Actual,
            amount_type,
            from,
            to,
            amount,
            quantity: 1000,
            posting: Posting {
                nature,
                document: folded(cell(Field::Document)),
                reverses: folded(cell(Field::Reverses)),
                posted: Some(posted),
                line: read_number(cell(Field::Line)).and_then(|line| u32::try_from(line).ok()).unwrap_or(0),
                year,
                refunded,
                payer: record.payer()?,
                ..Posting::default()
            },
            sought,
        }))
    }

    /// The account of a posting and what follows from it; all of it follows from the cells that are named here.
    fn chart<'k>(
        &self,
        known: &'k mut KnownCells,
        record: &Record<'_>,
        (posted_cell, posted): (&[u8], Date),
    ) -> &'k Chart {
        let cell = |field| record.cell(field);
        // The chart of accounts goes by Regnskabsår: a posting in the supplementary period belongs to the year before.
        let year = cell(Field::Year);
        let posted_cell = if year.is_empty() { posted_cell } else { &[] };
        let [joined, function] = [cell(Field::Account), cell(Field::Function)];
        let [dranst, grouping] = [cell(Field::Dranst), cell(Field::Grouping)];
        known.accounts.get(&[joined, function, dranst, grouping, year, posted_cell], || {
            let day = match year {
                [] => Some(posted),
                year => read_number(year).and_then(|year| Date::from_ymd(i16::try_from(year).ok()?, 7, 1).ok()),
            };
            let day = day.map(|day| (day, day.ymd().0)).ok_or(Reject::of(Field::Year, FaultCode::Date));
            let account = account(record);
            let service = match (account, day) {
                (Ok(Some(account)), Ok((day, _))) => self.catalogue.by_account(account, day),
                _ => self.catalogue.unknown_account(),
            };
            Chart { account, day, service }
        })
    }

    /// The service that the columns for code and name mean.
    fn service_by_name(&self, known: &mut KnownCells, record: &Record<'_>) -> ServiceId {
        let cells = [Field::ServiceCode, Field::ServiceName].map(|field| record.cell(field));
        *known.benefits.get(&cells, || {
            let [code, name] = [Field::ServiceCode, Field::ServiceName].map(|field| record.text(field));
            self.catalogue.by_benefit(self.system, &code, &name)
        })
    }

    fn benefit(
        &self,
        known: &mut KnownCells,
        record: &Record<'_>,
        amount: Ore,
        role: Role,
    ) -> Result<Outcome<MoneyRow>, Reject> {
        let (from, to) = record.days()?;
        Ok(Outcome::Row(MoneyRow {
            identity: record.citizen()?,
            service: self.service_by_name(known, record),
            role,
            amount_type: AmountType::Contract,
            from,
            to,
            amount,
            quantity: 1000,
            posting: Posting { payer: record.payer()?, ..Posting::default() },
            sought: Sought::Citizen,
        }))
    }

    fn weekly_benefit(
        &self,
        known: &mut KnownCells,
        record: &Record<'_>,
        amount: Ore,
    ) -> Result<Outcome<MoneyRow>, Reject> {
        let from = record.required_date(Field::From)?;
        let by_name = || self.catalogue.by_benefit(self.system, "", &record.text(Field::ServiceName));
        let service = *known.benefits.get(&[&[], record.cell(Field::ServiceName)], by_name);
        let refund = beside(record, Field::RefundAmount)?.unwrap_or_default();
        // Of what others pay out, the municipality's cost is what it co-finances.
        let cost = match beside(record, Field::CoFinancing)? {
            Some(share) if self.catalogue.service(service).paid_by_others => share,
            _ => amount,
        };
        let paid_by_others = Ore(amount.0.checked_sub(cost.0).ok_or(Reject::of(Field::Amount, FaultCode::Amount))?);
        Ok(Outcome::Row(MoneyRow {
            identity: record.citizen()?,
            service,
            role: Role::Actual,
            amount_type: AmountType::Contract,
            from,
            to: from.plus(6),
            amount: cost,
            quantity: 1000,
            posting: Posting { refund, paid_by_others, payer: record.payer()?, ..Posting::default() },
            sought: Sought::Citizen,
        }))
    }
}

/// The account of a posting, joined or with dranst and gruppering beside it; `None` when blank, as on balance legs.
pub(super) fn account(record: &Record<'_>) -> Result<Option<Account>, Reject> {
    let small = |field, highest: i64| match record.cell(field) {
        [] => Ok(None),
        cell => {
            let value = read_number(cell).filter(|value| *value <= highest);
            value.map(Some).ok_or(Reject::of(field, FaultCode::Account))
        }
    };
    let dranst = small(Field::Dranst, 9)?.and_then(|value| u8::try_from(value).ok());
    let grouping = small(Field::Grouping, 999)?.and_then(|value| u16::try_from(value).ok());
    let column = if record.is_blank(Field::Account) { Field::Function } else { Field::Account };
    if record.is_blank(column) {
        return Ok(None);
    }
    let account = Account::parse(&record.text(column)).map_err(|_| Reject::of(column, FaultCode::Account))?;
    Ok(Some(account.with(dranst, grouping)))
}

/// Whether the number on the row is that of a person, by the code beside it.
fn has_person_code(record: &Record<'_>) -> bool {
    let codes = &record.table().rules.person_codes;
    let code = record.cell(Field::PersonCode);
    codes.is_empty()
        || if code.is_ascii() {
            codes.iter().any(|known| code.eq_ignore_ascii_case(known.as_bytes()))
        } else {
            codes.contains(&record.text(Field::PersonCode).to_lowercase())
        }
}

/// An amount in a column of its own beside the row's; `None` when the file lacks the column or the cell is blank.
fn beside(record: &Record<'_>, field: Field) -> Result<Option<Ore>, Reject> {
    match record.cell(field) {
        [] => Ok(None),
        cell => read_amount(cell, record.table().rules.amounts).map(Some).ok_or(Reject::of(field, FaultCode::Amount)),
    }
}

/// Art 9.7, written `9.7`, `9,7` or `97`.
fn is_internal_income(nature: &[u8]) -> bool {
    matches!(nature, b"9.7" | b"9,7" | b"97")
}

/// What art tells of a posting of the running costs: 7.7 is another municipality's payment, 7.6 and 8.6 the state's, any other 7
/// the citizen's; everything else is cost or a credit of it.
fn income(nature: &[u8]) -> PostingNature {
    match nature {
        b"7.7" | b"7,7" | b"77" => PostingNature::IntermunicipalIncome,
        b"7.6" | b"7,6" | b"76" | b"8.6" | b"8,6" | b"86" => PostingNature::Refund,
        [b'7', b'.' | b',', _] | [b'7', b'0'..=b'9'] => PostingNature::OwnPayment,
        _ => PostingNature::Cost,
    }
}

/// Pay (art 1) to the very person it is booked on: a carer or employee, not a citizen who receives a service.
fn is_own_pay(record: &Record<'_>, art: &[u8]) -> bool {
    let paid_to = |field| read_identity(record.cell(field));
    let is_pay = matches!(art, b"1" | [b'1', b'.' | b',', ..]);
    is_pay && !record.is_blank(Field::Payee) && paid_to(Field::Payee) == paid_to(Field::Person)
}

/// A document number as 64 bits: its digits, else a hash; 0 only for blank.
fn folded(cell: &[u8]) -> u64 {
    if cell.is_empty() {
        return 0;
    }
    match read_number(cell).map(i64::unsigned_abs) {
        Some(number) if number != 0 => number,
        _ => {
            let hash = blake3::hash(cell);
            let (first, _) = hash.as_bytes().split_first_chunk::<8>().expect("a hash has 32 bytes");
            u64::from_le_bytes(*first) | 1 << 63
        }
    }
}
