//! Eksempelkøbing, the shipped example: unpacked beside the user's work and run like any plan.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use crate::base::{Error, ErrorKind, Files, Result};

macro_rules! example {
    ($($name:literal),* $(,)?) => {
        /// Name and bytes of every file of the example.
        pub const FILES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../../fixtures/eksempelkoebing/", $name)))),*];
    };
}

example![
    "samkor.toml",
    "noegle/demo.key",
    "ind/cpr.txt",
    "ind/cpr-personer.csv",
    "ind/cpr-adresser.csv",
    "ind/cpr-foraeldre.csv",
    "ind/cpr-myndighed.csv",
    "ind/dubu.csv",
    "ind/opus.csv",
    "ind/kmd.csv",
    "ind/Meta_refusion.csv",
    "ind/Data_refusion.csv",
    "ind/sensum.csv",
    "ind/indskrivning.csv",
    "ind/takster.csv",
    "ind/manuel.csv",
];

/// Writes the example into a directory that is new or empty, and returns the plan's path. A directory that already
/// holds the example, byte for byte, is used as it is.
///
/// # Errors
/// When the directory holds something else, or cannot be written.
pub fn unpack(directory: &Path, files: &Files) -> Result<PathBuf> {
    let plan = directory.join("samkor.toml");
    let is_there =
        |(name, bytes): &(&str, &[u8])| std::fs::read(directory.join(name)).is_ok_and(|found| found == *bytes);
    if FILES.iter().all(is_there) {
        return Ok(plan);
    }
    let occupied = std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::new(ErrorKind::TargetExists, format!("{} rummer andet end eksemplet", directory.display()))
            .hint("Vælg en ny mappe: `samkor demo MAPPE`."));
    }
    for folder in [directory.to_owned(), directory.join("ind"), directory.join("noegle")] {
        if !folder.is_dir() {
            files.create_dir(&folder, if folder.ends_with("noegle") { 0o700 } else { 0o755 })?;
        }
    }
    for (name, bytes) in FILES {
        let mode = if name.starts_with("noegle/") { 0o600 } else { 0o644 };
        write_new(files, &directory.join(name), bytes, mode)?;
    }
    Ok(plan)
}

/// Writes a file that did not exist before.
fn write_new(files: &Files, path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let mut file = files.create_file(path, mode)?;
    file.write_all(bytes)
        .and_then(|()| file.sync())
        .map_err(|error| Error::new(ErrorKind::Output, format!("{} kan ikke skrives", path.display())).because(error))
}
