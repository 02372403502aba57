//! One row as seen through its layout: cells by what they mean, read with the rules of the table.

use std::borrow::Cow;

use super::cut::Row;
use crate::{
    base::FaultCode,
    domain::{Cpr, Date, Identity, MunicipalityCode, Ore, RegisterDate},
    layout::{EndDate, Field, Sign, Table, read_amount, read_date, read_identity, read_quantity, read_register_date},
    plan::Encoding,
};

/// Why a row is set aside: what is wrong and which column is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong.
    pub code: FaultCode,
    /// The column, when one is to blame.
    pub field: Option<Field>,
}

impl Reject {
    /// A fault of one column.
    #[must_use]
    pub const fn of(field: Field, code: FaultCode) -> Self {
        Self { code, field: Some(field) }
    }
}

/// What a row becomes when it is not at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Data.
    Row(T),
    /// A rule of the layout leaves it out, such as a draft.
    SortedOut,
}

/// Where the cells of a row stand.
#[derive(Clone, Copy)]
pub(super) enum Cells<'a> {
    /// Places in a chunk of delimited text.
    Delimited(Row<'a>),
    /// A fixed-width record, possibly with its trailing blanks trimmed.
    Fixed(&'a [u8]),
    /// From a workbook, already text.
    Workbook(&'a [String]),
}

/// For each field the position of its cell (delimited) or of its column in the table (fixed width).
#[derive(Clone, Debug)]
pub(super) struct Columns([u16; Field::COUNT]);

/// The position of a column that is not there: no row that is read has anything at it.
const ABSENT: u16 = u16::MAX;

impl Columns {
    pub(super) fn at(&self, field: Field) -> Option<usize> {
        let at = self.0[field as usize];
        (at != ABSENT).then_some(at.into())
    }
}

/// By field, in their order.
impl FromIterator<Option<usize>> for Columns {
    fn from_iter<I: IntoIterator<Item = Option<usize>>>(positions: I) -> Self {
        let mut columns = Self([ABSENT; Field::COUNT]);
        for (column, position) in columns.0.iter_mut().zip(positions) {
            *column = position.and_then(|position| u16::try_from(position).ok()).unwrap_or(ABSENT);
        }
        columns
    }
}

/// A row and what its columns mean.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) table: &'a Table,
    pub(super) columns: &'a Columns,
    pub(super) encoding: Option<Encoding>,
}

impl<'a> Record<'a> {
    /// The table's description.
    #[must_use]
    pub const fn table(&self) -> &'a Table {
        self.table
    }

    /// The trimmed bytes of the field's cell; empty when the file lacks the column.
    #[must_use]
    #[expect(
        clippy::inline_always,
        reason = "asked twenty times for each of ten million rows, mostly for a constant field"
    )]
    #[inline(always)]
    pub fn cell(&self, field: Field) -> &'a [u8] {
        // A look-up beyond the row's end tells that the file lacks the column, too: one question instead of two.
        let at = usize::from(self.columns.0[field as usize]);
        match self.cells {
            Cells::Delimited(row) => trimmed(row.get(at).unwrap_or_default()),
            Cells::Workbook(row) => trimmed(row.get(at).map_or(&[], |text| text.as_bytes())),
            Cells::Fixed(line) => self.piece(line, at),
        }
    }

    #[inline(never)]
    fn piece(&self, line: &'a [u8], at: usize) -> &'a [u8] {
        let Some(column) = self.table.columns.get(at) else { return &[] };
        let start = column.start.min(line.len());
        trimmed(&line[start..(column.start + column.length).min(line.len())])
    }

    /// Whether the cell has nothing in it.
    #[must_use]
    #[inline]
    pub fn is_blank(&self, field: Field) -> bool {
        self.cell(field).is_empty()
    }

    /// The cell as text: UTF-8, else Windows-1252, unless the plan names the encoding.
    #[must_use]
    pub fn text(&self, field: Field) -> Cow<'a, str> {
        decode(self.cell(field), self.encoding)
    }

    /// The text, refused when blank.
    ///
    /// # Errors
    /// [`FaultCode::Missing`].
    pub fn required_text(&self, field: Field) -> Result<Cow<'a, str>, Reject> {
        if self.is_blank(field) { Err(Reject::of(field, FaultCode::Missing)) } else { Ok(self.text(field)) }
    }

    /// The row's amount with its sign, as the table's sign rule says.
    ///
    /// # Errors
    /// [`FaultCode::Amount`] when unreadable, [`FaultCode::Code`] when the debit/credit mark is unknown.
    #[inline]
    pub fn amount(&self) -> Result<Ore, Reject> {
        let amount = read_amount(self.cell(Field::Amount), self.table.rules.amounts)
            .ok_or(Reject::of(Field::Amount, FaultCode::Amount))?;
        if self.table.rules.sign == Sign::InAmount {
            return Ok(amount);
        }
        // A credit is negative whether or not its amount already has the sign; a debit keeps what it has.
        match self.cell(Field::DebitCredit) {
            [] | [b'D' | b'd', ..] => Ok(amount),
            [b'K' | b'k', ..] => Ok(Ore(-amount.0.abs())),
            _ => Err(Reject::of(Field::DebitCredit, FaultCode::Code)),
        }
    }

    /// The quantity in thousandths; blank is one.
    ///
    /// # Errors
    /// [`FaultCode::Quantity`].
    pub fn quantity(&self) -> Result<i32, Reject> {
        read_quantity(self.cell(Field::Quantity), self.table.rules.amounts)
            .ok_or(Reject::of(Field::Quantity, FaultCode::Quantity))
    }

    /// The day in the cell; `None` when blank.
    ///
    /// # Errors
    /// [`FaultCode::Date`].
    pub fn date(&self, field: Field) -> Result<Option<Date>, Reject> {
        match self.cell(field) {
            [] => Ok(None),
            cell => read_date(cell).map(Some).ok_or(Reject::of(field, FaultCode::Date)),
        }
    }

    /// The day in the cell, refused when blank.
    ///
    /// # Errors
    /// [`FaultCode::Date`] or [`FaultCode::Missing`].
    pub fn required_date(&self, field: Field) -> Result<Date, Reject> {
        self.date(field)?.ok_or(Reject::of(field, FaultCode::Missing))
    }

    /// First and last day, both included; an absent end is [`Date::MAX`].
    ///
    /// # Errors
    /// [`FaultCode::EndBeforeStart`], or what is wrong with a date. Never set to one day.
    pub fn days(&self) -> Result<(Date, Date), Reject> {
        self.days_in(self.cell(Field::From), self.cell(Field::To))
    }

    /// As [`Self::days`], from cells that were looked up already.
    pub(super) fn days_in(&self, from: &[u8], to: &[u8]) -> Result<(Date, Date), Reject> {
        let date = |field, cell| read_date(cell).ok_or(Reject::of(field, FaultCode::Date));
        if from.is_empty() {
            return Err(Reject::of(Field::From, FaultCode::Missing));
        }
        let from = date(Field::From, from)?;
        let to = match to {
            [] => Date::MAX,
            to => match (date(Field::To, to)?, self.table.rules.end_date) {
                // 31-12-9999 is how systems write no end, whatever the rule.
                (Date::MAX, _) => Date::MAX,
                (to, EndDate::Inclusive) => to,
                (to, EndDate::Exclusive) => to.plus(-1),
            },
        };
        if to < from { Err(Reject::of(Field::To, FaultCode::EndBeforeStart)) } else { Ok((from, to)) }
    }

    /// The person the row is about.
    ///
    /// # Errors
    /// [`FaultCode::Cpr`] when the text cannot be a number of a person.
    #[inline]
    pub fn identity(&self) -> Result<Identity, Reject> {
        read_identity(self.cell(Field::Person)).ok_or(Reject::of(Field::Person, FaultCode::Cpr))
    }

    /// The citizen the row is about: as [`Self::identity`], but digits that are no number are kept where the row tells
    /// something else of its citizen to hold them against.
    ///
    /// # Errors
    /// [`FaultCode::Cpr`].
    #[inline]
    pub fn citizen(&self) -> Result<Identity, Reject> {
        self.identity().or_else(|reject| if self.may_be_repaired() { Ok(Identity::Damaged) } else { Err(reject) })
    }

    /// The municipality that pays; `None` when blank.
    ///
    /// # Errors
    /// [`FaultCode::Code`] for what is no municipality's code.
    pub fn payer(&self) -> Result<Option<MunicipalityCode>, Reject> {
        match self.cell(Field::PayingMunicipality) {
            [] => Ok(None),
            cell => {
                MunicipalityCode::parse(cell).map(Some).ok_or(Reject::of(Field::PayingMunicipality, FaultCode::Code))
            }
        }
    }

    /// A number of the register; `None` when blank or zeros.
    ///
    /// # Errors
    /// [`FaultCode::Cpr`]: a register holds nothing but whole numbers.
    pub fn number(&self, field: Field) -> Result<Option<Cpr>, Reject> {
        match read_identity(self.cell(field)) {
            Some(Identity::Missing) => Ok(None),
            Some(Identity::Number(cpr) | Identity::Cleaned(cpr)) => Ok(Some(cpr)),
            _ => Err(Reject::of(field, FaultCode::Cpr)),
        }
    }

    /// A number of the register that must be there.
    ///
    /// # Errors
    /// [`FaultCode::Cpr`] or [`FaultCode::Missing`].
    pub fn required_number(&self, field: Field) -> Result<Cpr, Reject> {
        self.number(field)?.ok_or(Reject::of(field, FaultCode::Missing))
    }

    /// A date of the register with the mark that stands beside it. The neutral tables may use any date form.
    ///
    /// # Errors
    /// [`FaultCode::Date`].
    pub fn register_date(&self, field: Field, mark: Option<Field>) -> Result<Option<RegisterDate>, Reject> {
        let uncertain = mark.is_some_and(|mark| self.cell(mark) == b"*");
        if let Some(date) = read_register_date(self.cell(field), uncertain) {
            return Ok(date);
        }
        let (year, month, day) = read_date(self.cell(field)).ok_or(Reject::of(field, FaultCode::Date))?.ymd();
        RegisterDate::from_parts(year, month, day, uncertain).map(Some).map_err(|_| Reject::of(field, FaultCode::Date))
    }

    /// Whether the row's status counts.
    ///
    /// # Errors
    /// [`FaultCode::Code`] for a status that the layout does not list.
    pub fn counts(&self) -> Result<bool, Reject> {
        let rules = &self.table.rules;
        if rules.counting.is_empty() {
            return Ok(true);
        }
        let status = self.text(Field::Status).to_lowercase();
        if rules.counting.contains(&status) {
            Ok(true)
        } else if rules.not_counting.contains(&status) {
            Ok(false)
        } else {
            Err(Reject::of(Field::Status, FaultCode::Code))
        }
    }
}

/// Without blanks at either end, which few cells have.
#[inline]
fn trimmed(cell: &[u8]) -> &[u8] {
    match cell {
        [] => cell,
        [only] if *only > b' ' => cell,
        [first, .., last] if *first > b' ' && *last > b' ' => cell,
        _ => cell.trim_ascii(),
    }
}

/// Decodes a cell: as told, else UTF-8 where it is valid and Windows-1252 where not, so that mixtures read right.
pub(super) fn decode(bytes: &[u8], encoding: Option<Encoding>) -> Cow<'_, str> {
    match encoding {
        Some(Encoding::Utf8) => String::from_utf8_lossy(bytes),
        Some(Encoding::Windows1252) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        },
    }
}
