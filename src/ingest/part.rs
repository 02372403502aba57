//! What a worker makes of one chunk: data, faults and sums.

use std::sync::Arc;

use super::{
    delimited,
    record::{Outcome, Record, Reject},
    tally::Tally,
};
use crate::{
    base::{Fault, FaultCode},
    domain::{Ore, SourceId},
    layout::{Field, Layout},
    plan::Encoding,
};

/// What becomes of the records of a file. Workers collect the records of one chunk each; what they collected is taken
/// in the order of the file.
pub trait Collect: Sync {
    /// What one chunk's records become.
    type Chunk: Send + Default;

    /// A chunk without records.
    fn begin(&self) -> Self::Chunk {
        Self::Chunk::default()
    }

    /// Adds one record with its face amount.
    ///
    /// # Errors
    /// The fault for which the row is set aside.
    fn add(&self, chunk: &mut Self::Chunk, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject>;

    /// Does what is cheaper for a whole chunk than record by record.
    fn finish(&self, _chunk: &mut Self::Chunk) {}
}

/// Turns each record into one piece of data.
pub(super) struct Convert<F>(pub(super) F);

impl<T: Send, F: Fn(&Record<'_>, Ore) -> Result<Outcome<T>, Reject> + Sync> Collect for Convert<F> {
    type Chunk = Vec<T>;

    fn add(&self, chunk: &mut Vec<T>, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject> {
        Ok(match (self.0)(record, face)? {
            Outcome::Row(row) => {
                chunk.push(row);
                Outcome::Row(())
            }
            Outcome::SortedOut => Outcome::SortedOut,
        })
    }
}

/// What every worker needs.
pub(super) struct Reading<'a, C> {
    pub(super) layout: &'a Layout,
    pub(super) encoding: Option<Encoding>,
    pub(super) source: SourceId,
    pub(super) file: u16,
    pub(super) collect: &'a C,
}

/// What a worker made of one chunk. Positions are relative to the chunk.
#[derive(Default)]
pub(super) struct Part<T> {
    pub(super) collected: T,
    pub(super) faults: Vec<Fault>,
    /// Rows and øre; rows by table stand in [`Self::rows_by_table`].
    pub(super) tally: Tally,
    /// Rows by the table's place in the layout.
    pub(super) rows_by_table: Vec<u64>,
    pub(super) bytes: u64,
    pub(super) lines: u64,
    pub(super) truncated: bool,
    pub(super) seen_utf8: bool,
    pub(super) seen_other: bool,
    pub(super) overflow: bool,
}

/// Where a row begins in its chunk.
#[derive(Clone, Copy)]
pub(super) struct Begin {
    pub(super) line: u64,
    pub(super) byte: u64,
}

impl<C: Collect> Reading<'_, C> {
    /// A part of so many bytes in which nothing was read yet.
    pub(super) fn part(&self, bytes: u64) -> Part<C::Chunk> {
        Part { collected: self.collect.begin(), ..self.part_without_records(bytes) }
    }

    /// A part of so many bytes with no record to collect.
    fn part_without_records(&self, bytes: u64) -> Part<C::Chunk> {
        Part { bytes, rows_by_table: vec![0; self.layout.tables.len()], ..Part::default() }
    }

    /// Takes one row of the table at this place of the layout: used, sorted out, or set aside with its fault.
    pub(super) fn row(
        &self,
        record: &Record<'_>,
        table: usize,
        begin: Begin,
        shape: Option<Reject>,
        part: &mut Part<C::Chunk>,
    ) {
        let Some(first) = delimited::first_filled(record) else { return };
        part.rows_by_table[table] += 1;
        // Amounts are looked at where they stand: this is done for ten million rows.
        let face = record.columns.at(Field::Amount).map(|_| record.amount());
        let amount = match &face {
            Some(Ok(amount)) => Some(*amount),
            _ => None,
        };
        if delimited::is_total(record, first) {
            part.tally.rows_sorted_out += 1;
            part.tally.claimed_totals.extend(amount);
            return;
        }
        let outcome = match (shape, &face) {
            (Some(reject), _) => Err(reject),
            (None, Some(Err(reject))) => Err(*reject),
            (None, _) => self.collect.add(&mut part.collected, record, amount.unwrap_or_default()),
        };
        let tally = &mut part.tally;
        let (rows, sum) = match outcome {
            Ok(Outcome::Row(())) => (&mut tally.rows_used, &mut tally.ore_used),
            Ok(Outcome::SortedOut) => (&mut tally.rows_sorted_out, &mut tally.ore_sorted_out),
            Err(Reject { code, field }) => {
                *tally.faults.entry(code).or_default() += 1;
                tally.unreadable_amounts += u64::from(matches!(face, Some(Err(_))));
                let column = field.and_then(|field| delimited::heading(record, field)).map(Into::into);
                part.faults.push(self.fault(begin, column, code, amount));
                (&mut tally.rows_set_aside, &mut tally.ore_set_aside)
            }
        };
        *rows += 1;
        match sum.plus(amount.unwrap_or_default()) {
            Ok(new) => *sum = new,
            Err(_) => part.overflow = true,
        }
    }

    /// The part that stands for a line given up.
    pub(super) fn too_long(&self, table: usize, bytes: u64, terminated: bool) -> Part<C::Chunk> {
        let mut part = Part { lines: u64::from(terminated), ..self.part_without_records(bytes) };
        part.rows_by_table[table] = 1;
        let code = FaultCode::TooLong;
        part.tally.rows_set_aside = 1;
        part.tally.unreadable_amounts = 1;
        part.tally.faults.insert(code, 1);
        part.faults.push(self.fault(Begin { line: 0, byte: 0 }, None, code, None));
        part
    }

    fn fault(&self, begin: Begin, column: Option<Arc<str>>, code: FaultCode, ore: Option<Ore>) -> Fault {
        let Begin { line, byte } = begin;
        Fault { source: self.source, file: self.file, line, byte, column, code, ore }
    }
}
