//! The monthly figures of an earlier run (`arbejde/maaneder.csv`), which closed some of its months.

use super::families::{refused, rows};
use crate::{
    base::Result,
    domain::{Date, Ore},
    layout::{AmountStyle, read_amount},
};

/// One service in one month, as the earlier run told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthRow {
    /// The line in the file, from 1.
    pub line: u64,
    /// The month's first day.
    pub month: Date,
    /// The service's code in the catalogue.
    pub service: Box<str>,
    /// What the month is closed at: what it was already closed at, else what the run found.
    pub ore: Ore,
}

const HEADINGS: [&str; 4] = ["måned", "konto", "lukket (kr.)", "nu (kr.)"];

/// Reads the file. `name` is what messages call it.
///
/// # Errors
/// At the first line that names no month or no amount.
pub fn read_months(bytes: &[u8], name: &str) -> Result<Vec<MonthRow>> {
    rows(bytes, name, HEADINGS, |line, [month, service, closed, now]| {
        let hint = "Brug arbejde/maaneder.csv, som kørslen skrev den.";
        let text = String::from_utf8_lossy(month);
        let month = Date::parse_iso(&format!("{text}-01"));
        let month = month.map_err(|_| refused(name, line, "måneden kan ikke læses", hint))?;
        let cell = if closed.is_empty() { now } else { closed };
        let ore = read_amount(cell, AmountStyle::default());
        let ore = ore.ok_or_else(|| refused(name, line, "beløbet kan ikke læses", hint))?;
        Ok(MonthRow { line, month, service: String::from_utf8_lossy(service).into(), ore })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_stays_closed_at_what_it_was_closed_at() {
        let text = "\u{feff}måned;funktion;konto;navn;lukket (kr.);nu (kr.);rettelse (kr.)\r\n\
                    2015-01;5.28.21;FOR-PRAKT;Støtte;100,00;130,50;30,50\r\n2015-02;5.28.21;FOR-PRAKT;Støtte;;-7,25;\r\n";
        let rows = read_months(text.as_bytes(), "m.csv").expect("rows");
        let told: Vec<_> = rows.iter().map(|row| (row.line, row.month.to_string(), &*row.service, row.ore.0)).collect();
        assert_eq!(
            told,
            [(2, "2015-01-01".to_owned(), "FOR-PRAKT", 10_000), (3, "2015-02-01".to_owned(), "FOR-PRAKT", -725)]
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_stops_the_run() {
        for (row, says) in [
            ("2015-13;A;;1,00", "linje 2: måneden"),
            ("2015-01;A;;", "linje 2: beløbet"),
            ("2015-01;A;x;1,00", "beløbet"),
        ] {
            let text = format!("måned;konto;lukket (kr.);nu (kr.)\n{row}\n");
            let error = read_months(text.as_bytes(), "m.csv").expect_err(row).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
