//! What a row has that the catalogue lacks, told so that no free text of an export gets out.
//!
//! An account or a paragraph is shown as its typed value, and only when the text can be nothing else: a number of a person,
//! a birth date or a name in the wrong column must not get out this way. What does not look like one, and every name of a
//! benefit, is told by its place alone.

use super::{
    money::account,
    record::{Record, Reject},
    rows::{MoneyRow, PostingNature},
};
use crate::{
    base::FaultCode,
    catalogue::Catalogue,
    domain::{Account, Law, Paragraph},
    layout::{Field, Kind},
};

/// Something that the catalogue lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacking {
    /// An account of the chart.
    Account(Account),
    /// A law paragraph.
    Paragraph(Paragraph),
    /// Something whose text stays inside: the column it stands in.
    Hidden(Field),
}

impl Lacking {
    /// What a row that was read has and the catalogue lacks. Postings that are no cost have nothing to buy.
    ///
    /// # Errors
    /// As reading the row.
    pub fn of(record: &Record<'_>, row: &MoneyRow, catalogue: &Catalogue) -> Result<Option<Self>, Reject> {
        if row.service == catalogue.unknown_benefit() {
            let field = if record.is_blank(Field::ServiceName) { Field::ServiceCode } else { Field::ServiceName };
            return Ok(Some(Self::Hidden(field)));
        }
        if row.service == catalogue.unknown_account() {
            if row.posting.nature != PostingNature::Cost {
                return Ok(None);
            }
            let known = account(record)?.filter(|account| looks_like_account(*account));
            return Ok(Some(known.map_or(Self::Hidden(Field::Account), Self::Account)));
        }
        if row.service != catalogue.unknown_paragraph() {
            return Ok(None);
        }
        let field = [Field::Paragraph, Field::DecisionParagraph].into_iter().find(|field| !record.is_blank(*field));
        let field = field.unwrap_or(Field::Paragraph);
        Ok(Some(shown_paragraph(&record.text(field)).map_or(Self::Hidden(field), Self::Paragraph)))
    }

    /// What the rows of such a table may lack; `None` for tables without services.
    #[must_use]
    pub const fn kind(kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::Postings => Some("konto"),
            Kind::Grants | Kind::Measures => Some("paragraf"),
            Kind::Benefits | Kind::WeeklyBenefits | Kind::Supplements | Kind::Tariffs => Some("ydelse"),
            _ => None,
        }
    }

    /// The text that may be shown.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Account(account) => Some(match account.dranst {
                None | Some(1) => account.to_string(),
                Some(dranst) => format!("{account} (dranst {dranst})"),
            }),
            Self::Paragraph(paragraph) => Some(paragraph.to_string()),
            Self::Hidden(_) => None,
        }
    }

    /// The mark under which the reader notes the row's place; no reader of rows before the layout's own uses it.
    #[must_use]
    pub const fn mark(field: Field) -> Reject {
        Reject::of(field, Self::MARK)
    }

    /// The code of [`mark`](Self::mark).
    pub const MARK: FaultCode = FaultCode::Unit;
}

/// Whether an account can be nothing but one. Hovedfunktioner begin at 22, so digits of a date have no place there: nine
/// digits may be a number of a person that has lost its zero, and their third and fourth are then a month.
fn looks_like_account(account: Account) -> bool {
    let area = account.function / 100 % 100;
    (20..=99).contains(&area) && account.dranst.is_none_or(|dranst| (1..=9).contains(&dranst))
}

/// The paragraph of a text that says that it is one: a law or a sign stands in it. Bare numbers may be a date.
fn shown_paragraph(text: &str) -> Option<Paragraph> {
    let says_so = text.contains('§') || text.chars().any(char::is_alphabetic);
    Paragraph::parse(text, Law::Sel).filter(|paragraph| says_so && paragraph.section < 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_a_person_are_no_account() {
        let shown = |text: &str| Account::parse(text).is_ok_and(looks_like_account);
        for account in ["5.99.12", "05.28.99", "52899", "599121003", "5.20.01"] {
            assert!(shown(account), "{account}");
        }
        // Every first half of a number that has lost its zero: d mm yy and four digits.
        for (day, month, year) in [(1, 1, 1), (9, 12, 99), (5, 6, 75)] {
            assert!(!shown(&format!("{day}{month:02}{year:02}1234")));
            assert!(!shown(&format!("{day}{month:02}{year:02}")));
            assert!(!shown(&format!("{day}.{month:02}.{year:02}")));
        }
        assert!(!shown("599120003"), "no dranst is 0");
    }

    #[test]
    fn only_what_says_that_it_is_a_paragraph_is_shown() {
        let shown = |text: &str| shown_paragraph(text).map(|paragraph| paragraph.to_string());
        assert_eq!(shown("SEL § 999, stk. 2").as_deref(), Some("SEL § 999, stk. 2"));
        assert_eq!(shown("§ 998 a").as_deref(), Some("SEL § 998 a"));
        assert_eq!(shown("52 stk. 3 nr. 12").as_deref(), Some("SEL § 52, stk. 3, nr. 12"));
        for hidden in ["12-01-75", "12.01", "010175-1234", "0101751234", "10175", "§ 10175", "Jensen", "Ib 3", ""] {
            assert_eq!(shown(hidden), None, "{hidden}");
        }
    }
}
