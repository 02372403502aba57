//! Finds the service behind an account, never a finer one than the account tells.

use crate::{
    base::Result,
    catalogue::table::{File, Row},
    domain::{Account, Date, Period, ServiceId},
};

/// The running costs' dranst, which an export that leaves dranst out means.
const RUNNING: u8 = 1;

/// The state refunds' dranst.
const REFUND: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    function: u32,
    dranst: u8,
    grouping: Option<u16>,
}

/// The dated accounts, sorted by key and first day.
#[derive(Clone, Debug)]
pub(super) struct Accounts {
    rows: Vec<(Key, Period, ServiceId)>,
    person_booked: Vec<ServiceId>,
    refund: ServiceId,
    unknown: ServiceId,
}

impl Accounts {
    /// Reads the accounts; `service` finds the service of a code or fails with the row.
    pub(super) fn load(
        file: File<'_>,
        refund: ServiceId,
        unknown: ServiceId,
        service: impl Fn(&Row, usize) -> Result<ServiceId>,
    ) -> Result<Self> {
        let (mut rows, mut person_booked) = (Vec::new(), Vec::new());
        for row in file.rows("function;grouping;valid_from;valid_to;service;confidence;person_booked")? {
            let service = service(&row, 4)?;
            if row.yes(6)? {
                person_booked.push(service);
            }
            rows.push((key(&row)?, row.validity(2)?, service, row));
        }
        rows.sort_by_key(|(key, valid, ..)| (*key, *valid));
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1.to >= pair[1].1.from) {
            return Err(pair[1].3.error("kontoen står to gange på samme dag"));
        }
        let rows = rows.into_iter().map(|(key, valid, service, _)| (key, valid, service)).collect();
        Ok(Self { rows, person_booked, refund, unknown })
    }

    /// The service of an account on a day of the accounting year.
    pub(super) fn find(&self, account: Account, on: Date) -> ServiceId {
        let dranst = account.dranst.unwrap_or(RUNNING);
        let key = Key { function: account.function, dranst, grouping: account.grouping };
        let found = self.exact(key, on);
        match dranst {
            // Dranst 2 has groupings of its own that say nothing of what was bought.
            REFUND => found.unwrap_or(self.refund),
            _ => found.or_else(|| self.exact(Key { grouping: None, ..key }, on)).unwrap_or(self.unknown),
        }
    }

    /// The account of a service, the one of the day first.
    pub(super) fn of_service(&self, service: ServiceId, on: Date) -> Option<Account> {
        let rows = || self.rows.iter().filter(|(.., of)| *of == service);
        let found = rows().find(|(_, valid, _)| valid.contains(on)).or_else(|| rows().next());
        found.map(|(key, ..)| Account { function: key.function, dranst: None, grouping: key.grouping })
    }

    /// The services with an account on which every cost is booked on its citizen.
    pub(super) fn person_booked(&self) -> impl Iterator<Item = ServiceId> {
        self.person_booked.iter().copied()
    }

    fn exact(&self, key: Key, on: Date) -> Option<ServiceId> {
        let start = self.rows.partition_point(|(known, ..)| *known < key);
        let mut same = self.rows[start..].iter().take_while(|(known, ..)| *known == key);
        same.find(|(_, valid, _)| valid.contains(on)).map(|(.., service)| *service)
    }
}

fn key(row: &Row) -> Result<Key> {
    let grouping = match row.cell(1) {
        "" => None,
        text => {
            let three = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|_| three);
            Some(number.ok_or_else(|| row.error(&format!("gruppering »{text}« skal være tre cifre")))?)
        }
    };
    let text = row.cell(0);
    let account = Account::parse(text)
        .map_err(|_| row.error(&format!("»{text}« er ingen konto, skriv som 5.28.21")))?
        .with(Some(RUNNING), grouping);
    Ok(Key { function: account.function, dranst: account.dranst.unwrap_or(RUNNING), grouping: account.grouping })
}
