//! The first steps: a plan to fill in, and a key.

use std::{io::Write, path::{Path, PathBuf}};

use crate::{
    base::{Error, ErrorKind, Files, Result},
    domain::Period,
    plan,
};

/// Writes a commented samkor.toml and the folders `noegle/` and `ind/` into a directory; returns the plan's path.
///
/// # Errors
/// When there is a plan already, or the directory cannot be written.
pub fn init(directory: &Path, municipality: &str, period: Period, files: &Files) -> Result<PathBuf> {
    let path = directory.join("samkor.toml");
    if path.symlink_metadata().is_ok() {
        return Err(Error::new(ErrorKind::TargetExists, format!("{} findes allerede", path.display()))
            .hint("Ret den plan, der er der, eller vælg en anden mappe."));
    }
    for (folder, mode) in [(directory.to_owned(), 0o755), (directory.join("noegle"), 0o700), (directory.join("ind"), 0o700)] {
        if !folder.is_dir() {
            files.create_dir(&folder, mode)?;
        }
    }
    write_new(files, &path, plan::template(municipality, period).as_bytes(), 0o644)?;
    Ok(path)
}

/// Writes a file that did not exist before.
pub(super) fn write_new(files: &Files, path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let mut file = files.create_file(path, mode)?;
    file.write_all(bytes).and_then(|()| file.sync()).map_err(|error| {
        Error::new(ErrorKind::Output, format!("{} kan ikke skrives", path.display())).because(error)
    })
}
