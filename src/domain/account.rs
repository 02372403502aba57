//! An account of the municipal chart (den autoriserede kontoplan).

use std::fmt;

/// The part of an account that tells what was bought: funktion, and where known dranst and gruppering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// Hovedkonto, hovedfunktion and funktion as one number: 5.28.21 is 52821.
    pub function: u32,
    /// Dranst: 1 running costs, 2 state refund, 3 works ...; `None` when the export leaves it out.
    pub dranst: Option<u8>,
    /// Gruppering, three digits; `None` when the export leaves it out.
    pub grouping: Option<u16>,
}

/// A text that is none of the three spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountError;

impl Account {
    /// Reads `5.28.21`, `05.28.21`, `52821` or the joined `528211003` (funktion, dranst, gruppering).
    ///
    /// # Errors
    /// For anything else; an account is never guessed.
    pub fn parse(text: &str) -> Result<Self, AccountError> {
        let text = text.trim();
        if text.contains('.') {
            let mut parts = text.split('.').map(digits);
            let (Some(main), Some(area), Some(function), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(AccountError);
            };
            let (main, area, function) = (main?, area?, function?);
            if main > 9 || area > 99 || function > 99 {
                return Err(AccountError);
            }
            return Ok(Self { function: main * 10_000 + area * 100 + function, dranst: None, grouping: None });
        }
        let number = digits(text)?;
        match text.len() {
            5 => Ok(Self { function: number, dranst: None, grouping: None }),
            9 => {
                let grouping = u16::try_from(number % 1000).map_err(|_| AccountError)?;
                let dranst = u8::try_from(number / 1000 % 10).map_err(|_| AccountError)?;
                Ok(Self { function: number / 10_000, dranst: Some(dranst), grouping: Some(grouping) })
            }
            _ => Err(AccountError),
        }
    }

    /// Fills in dranst and gruppering from columns of their own; what the account itself says stays.
    #[must_use]
    pub fn with(self, dranst: Option<u8>, grouping: Option<u16>) -> Self {
        Self { dranst: self.dranst.or(dranst), grouping: self.grouping.or(grouping), ..self }
    }
}

fn digits(text: &str) -> Result<u32, AccountError> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AccountError);
    }
    text.parse().map_err(|_| AccountError)
}

/// `5.28.21` or, with a gruppering, `5.28.21-003`. Dranst is left out: it tells cost from refund, not what was bought.
impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (main, rest) = (self.function / 10_000, self.function % 10_000);
        write!(formatter, "{main}.{:02}.{:02}", rest / 100, rest % 100)?;
        self.grouping.map_or(Ok(()), |grouping| write!(formatter, "-{grouping:03}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings_are_one_account() {
        let separate = |text: &str| Account::parse(text).map(|account| account.with(Some(1), Some(3)));
        let joined = Account::parse("528211003");
        assert_eq!(joined, Ok(Account { function: 52821, dranst: Some(1), grouping: Some(3) }));
        for spelling in ["5.28.21", "05.28.21", "52821"] {
            assert_eq!(separate(spelling), joined, "{spelling}");
        }
        assert_eq!(joined.map(|account| account.to_string()), Ok("5.28.21-003".to_owned()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5.28", "5.28.21.1", "15.28.21", "5.2x.21", "582211", "5282110031", "1,23E+19"] {
            assert_eq!(Account::parse(text), Err(AccountError), "{text}");
        }
    }
}
