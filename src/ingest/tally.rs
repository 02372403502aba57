//! Rows and øre of a source: read = used + sorted out + set aside.

use std::collections::BTreeMap;

use crate::{
    base::{FaultCode, Result},
    domain::Ore,
};

/// What became of the rows read. Amounts are face amounts: what stands in the row, with its sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that became data.
    pub rows_used: u64,
    /// Rows that a rule leaves out: drafts, annulled rows, `I alt` rows, record types that are not read.
    pub rows_sorted_out: u64,
    /// Rows at fault.
    pub rows_set_aside: u64,
    /// Face amount of the rows used.
    pub ore_used: Ore,
    /// Face amount of the rows sorted out, `I alt` rows excepted.
    pub ore_sorted_out: Ore,
    /// Face amount of the rows set aside, as far as it could be read.
    pub ore_set_aside: Ore,
    /// Rows set aside whose amount could not be read.
    pub unreadable_amounts: u64,
    /// Rows set aside, by fault.
    pub faults: BTreeMap<FaultCode, u64>,
    /// Rows by table or record type.
    pub records: BTreeMap<String, u64>,
    /// What the `I alt` rows claim.
    pub claimed_totals: Vec<Ore>,
}

impl Tally {
    /// All rows.
    #[must_use]
    pub const fn rows_read(&self) -> u64 {
        self.rows_used + self.rows_sorted_out + self.rows_set_aside
    }

    /// The face amount of all rows whose amount could be read.
    ///
    /// # Errors
    /// When the sum leaves 64 bits.
    pub fn ore_read(&self) -> Result<Ore> {
        Ok(Ore::sum([self.ore_used, self.ore_sorted_out, self.ore_set_aside])?)
    }

    /// Adds another part's rows.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.rows_used += other.rows_used;
        self.rows_sorted_out += other.rows_sorted_out;
        self.rows_set_aside += other.rows_set_aside;
        self.ore_used = self.ore_used.plus(other.ore_used)?;
        self.ore_sorted_out = self.ore_sorted_out.plus(other.ore_sorted_out)?;
        self.ore_set_aside = self.ore_set_aside.plus(other.ore_set_aside)?;
        self.unreadable_amounts += other.unreadable_amounts;
        for (code, rows) in &other.faults {
            *self.faults.entry(*code).or_default() += rows;
        }
        for (name, rows) in &other.records {
            *self.records.entry(name.clone()).or_default() += rows;
        }
        self.claimed_totals.extend_from_slice(&other.claimed_totals);
        Ok(())
    }

    /// `I alt` rows that equal neither the sum of all readable rows nor that of the rows used. Says nothing while some
    /// amounts are unreadable.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn wrong_totals(&self) -> Result<usize> {
        let sums = [self.ore_read()?, self.ore_used];
        Ok(self.claimed_totals.iter().filter(|claim| !sums.contains(claim)).count())
    }
}
