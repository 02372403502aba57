//! Headings that stand elsewhere than above the data: in KMD Insight's `Meta_` file beside a `Data_` file.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::{
    fixed,
    read::{FileInput, HEAD, WORKBOOK_LIMIT},
    sniff::{self, Headings},
    workbook,
};
use crate::{
    base::{Digest, Error, ErrorKind, Result},
    layout::Layouts,
};

/// A file that was read for its headings only. It decides what the columns mean, so it is an input like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// What messages call it.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub blake3: Digest,
}

/// The path of the `Meta_` file that belongs to a `Data_` file, where there is one.
fn beside(path: &Path) -> Option<(PathBuf, String)> {
    let rest = path.file_name()?.to_str()?.strip_prefix("Data_")?;
    let name = format!("Meta_{rest}");
    let meta = path.with_file_name(&name);
    meta.is_file().then_some((meta, name))
}

/// The headings of a `Data_` file that stand in its `Meta_` file.
pub(super) fn find(input: FileInput<'_>) -> Result<Option<(Headings, Companion)>> {
    let Some((meta, name)) = beside(input.path) else { return Ok(None) };
    let bytes = whole(&meta, &name)?;
    let found = if sniff::is_workbook(&bytes) {
        workbook::open(&bytes, &name, input.layout)?.map(|sheet| sheet.headings)
    } else {
        let (text, encoding) = sniff::encoding(&bytes, &name, input.options.encoding)?;
        sniff::find_headings(text, input.options.delimiter, encoding, input.layout)
    };
    let headings = found.map_err(|missing| missing.into_error(&name, input.layout, input.layouts))?;
    let companion = Companion { bytes: bytes.len() as u64, blake3: Digest::blake3(&bytes), name };
    Ok(Some((headings, companion)))
}

/// The bytes of a file that holds headings and little else.
fn whole(path: &Path, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let unreadable = |error| fixed::unreadable(name, error);
    File::open(path).map_err(unreadable)?.take(WORKBOOK_LIMIT).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// The headings of a file that no layout describes yet: of its first rows the one with most headings that some layout
/// knows, else the widest that holds words only. No row of data is ever taken for one.
///
/// # Errors
/// When the file cannot be read or has no such row.
pub fn read_headings(path: &Path, name: &str, layouts: &Layouts) -> Result<Vec<String>> {
    let mut head = Vec::new();
    let (path, name) = beside(path).unwrap_or_else(|| (path.to_owned(), name.to_owned()));
    let unreadable = |error| fixed::unreadable(&name, error);
    let mut file = File::open(&path).map_err(unreadable)?;
    file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
    let rows = if sniff::is_workbook(&head) {
        file.take(WORKBOOK_LIMIT).read_to_end(&mut head).map_err(unreadable)?;
        workbook::first_rows(&head, &name)?
    } else {
        let (text, encoding) = sniff::encoding(&head, &name, None)?;
        sniff::first_rows(text, encoding)
    };
    sniff::likely_headings(rows, layouts).ok_or_else(|| {
        Error::new(ErrorKind::Input, format!("{name} har ingen overskrifter, der kan kendes"))
            .hint("Kommandoen læser CSV-filer og regneark med overskrifter. Udtræk i fast bredde har ingen: brug `cpr-p12170`.")
    })
}
