//! The few fields of the user's files that may be written: what names a row, and columns that were asked for.

use std::collections::BTreeMap;

use super::input::{Input, without_cpr};
use crate::base::Result;

/// Which columns of a file are written.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The column that names the row.
    pub id: Option<usize>,
    /// Further columns, for the groups.
    pub more: Vec<usize>,
}

/// The fields of a file that may be written, by row.
#[derive(Debug)]
pub struct Fields {
    headings: Vec<String>,
    ids: Option<Texts>,
    more: Vec<Vec<String>>,
}

/// Many short texts in one long one.
#[derive(Debug, Default)]
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Fields {
    /// Collects them; a field that holds a CPR number stays empty.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of(input: &Input, written: &Written) -> Result<Self> {
        let headings = written.more.iter().map(|column| input.headings[*column].clone()).collect();
        let (mut ids, mut more) = (written.id.map(|_| Texts::default()), Vec::new());
        if written.id.is_some() || !written.more.is_empty() {
            input.rows(|row| {
                if let (Some(ids), Some(column)) = (&mut ids, written.id) {
                    ids.all.push_str(&without_cpr(row.get(column)));
                    ids.ends.push(ids.all.len());
                }
                if !written.more.is_empty() {
                    let field = |column: &usize| without_cpr(row.get(*column)).into_owned();
                    more.push(written.more.iter().map(field).collect());
                }
                Ok(())
            })?;
        }
        Ok(Self { headings, ids, more })
    }

    /// The headings of the further columns.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// What names a row, by its number from 0; empty when nothing does.
    pub fn id(&self, row: u32) -> &str {
        let Some(ids) = &self.ids else { return "" };
        let row = row as usize;
        &ids.all[row.checked_sub(1).map_or(0, |before| ids.ends[before])..ids.ends[row]]
    }

    /// The further fields of a row.
    pub fn more(&self, row: u32) -> &[String] {
        self.more.get(row as usize).map_or(&[], Vec::as_slice)
    }

    /// Rows by what names them; `None` where several rows have one name.
    pub fn by_id(&self) -> BTreeMap<&str, Option<u32>> {
        let mut rows = BTreeMap::new();
        for row in (0..).take(self.ids.as_ref().map_or(0, |ids| ids.ends.len())) {
            rows.entry(self.id(row)).and_modify(|found| *found = None).or_insert(Some(row));
        }
        rows
    }
}
