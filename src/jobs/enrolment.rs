//! Enrolled days times price lists: what own institutions' places would cost.

use std::collections::BTreeMap;

use crate::{
    base::{Error, ErrorKind, Result},
    domain::{AmountType, Date, Ore, Period, PersonId, Role, ServiceId, SourceId},
    ingest::rows::{EnrolmentRow, TariffRow},
    ledger::Entry,
};

/// An enrolment before it is linked and priced: the days of a tariff without service and amount.
pub(super) fn unpriced(source: SourceId, service: ServiceId, row: &EnrolmentRow) -> Entry {
    Entry {
        person: PersonId(0),
        service,
        role: Role::Tariff,
        source,
        amount_type: AmountType::Nothing,
        from: row.from,
        to: row.to,
        amount: Ore::ZERO,
        quantity: 1000,
        document: 0,
        reverses: 0,
        posted: row.to,
        line: 0,
        file: 0,
    }
}

/// The price lists: institution and year give the price.
#[derive(Default)]
pub(super) struct Prices(BTreeMap<(String, i16), Vec<TariffRow>>);

impl Prices {
    pub(super) fn add(&mut self, rows: Vec<TariffRow>) {
        for row in rows {
            self.0.entry((row.institution.to_lowercase(), row.year)).or_default().push(row);
        }
    }

    /// Cuts an enrolment by calendar year and gives each part its year's price; empty when no year has one.
    ///
    /// # Errors
    /// When an institution has two different prices in one year.
    pub(super) fn price(&self, enrolment: &Entry, institution: &str, period: Period) -> Result<Vec<Entry>> {
        let institution = institution.to_lowercase();
        let mut parts = Vec::new();
        let last_year = enrolment.to.min(period.to.year().to).ymd().0;
        let first_year = enrolment.from.ymd().0.min(last_year);
        for ((_, year), rows) in self.0.range((institution.clone(), first_year)..=(institution, last_year)) {
            let year = *year;
            let price = &rows[0];
            if rows.iter().any(|row| row != price) {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("En institution har to forskellige takster for {year}"),
                )
                .hint("Lad hver institution stå én gang pr. år i takstlisten."));
            }
            let whole = Date::from_ymd(year, 1, 1)
                .map(Date::year)
                .map_err(|error| Error::new(ErrorKind::Internal, "Et kalenderår kan ikke dannes").because(error))?;
            let to =
                if year == last_year && enrolment.to == Date::MAX { Date::MAX } else { enrolment.to.min(whole.to) };
            parts.push(Entry {
                service: price.service,
                amount_type: price.amount_type,
                amount: price.price,
                from: enrolment.from.max(whole.from),
                to,
                ..*enrolment
            });
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse_iso(text).expect("a date")
    }

    fn tariff(year: i16, price: i64) -> TariffRow {
        let (amount_type, service) = (AmountType::Month, ServiceId(3));
        TariffRow { institution: "Solsikken".into(), year, amount_type, price: Ore(price), service }
    }

    fn enrolment(from: &str, to: Date) -> Entry {
        let identity = crate::domain::Identity::Missing;
        let row = EnrolmentRow { identity, institution: "".into(), from: day(from), to, payer: None };
        unpriced(SourceId(1), ServiceId(0), &row)
    }

    #[test]
    fn each_year_has_its_price() {
        let mut prices = Prices::default();
        prices.add(vec![tariff(2014, 100), tariff(2015, 200)]);
        let period = Period { from: day("2015-01-01"), to: day("2015-06-30") };
        let parts =
            prices.price(&enrolment("2014-11-01", day("2015-03-31")), "SOLSIKKEN", period).expect("one price a year");
        let seen: Vec<_> = parts.iter().map(|part| (part.amount.0, part.from, part.to)).collect();
        assert_eq!(seen, [(100, day("2014-11-01"), day("2014-12-31")), (200, day("2015-01-01"), day("2015-03-31"))]);
        let open = prices.price(&enrolment("2015-02-01", Date::MAX), "solsikken", period).expect("priced");
        assert_eq!((open.len(), open[0].to), (1, Date::MAX));
        assert_eq!(prices.price(&enrolment("2015-02-01", Date::MAX), "Mælkebøtten", period).expect("none").len(), 0);
    }

    #[test]
    fn two_prices_in_one_year_are_refused() {
        let mut prices = Prices::default();
        prices.add(vec![tariff(2015, 100), tariff(2015, 200)]);
        let period = Period { from: day("2015-01-01"), to: day("2015-06-30") };
        assert!(prices.price(&enrolment("2015-01-01", Date::MAX), "Solsikken", period).is_err());
    }
}
