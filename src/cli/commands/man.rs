//! `samkor man [MAPPE]`.

use std::{fs, io, path::Path};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use samkor::base::{Error, ErrorKind, Result};

use crate::cli::{arguments::Arguments, terminal::to_stdout};

/// The headings that `clap_mangen` writes, in Danish.
const HEADINGS: [(&str, &str); 6] = [
    (".SH NAME", ".SH NAVN"),
    (".SH SYNOPSIS", ".SH BRUG"),
    (".SH DESCRIPTION", ".SH BESKRIVELSE"),
    (".SH OPTIONS", ".SH TILVALG"),
    (".SH SUBCOMMANDS", ".SH KOMMANDOER"),
    (".SH EXTRA", ".SH BEGYND"),
];

pub fn run(directory: Option<&Path>) -> Result<()> {
    let mut command = Arguments::command();
    command.build();
    let Some(directory) = directory else { return to_stdout(page(&command)?.1.as_bytes()) };
    fs::create_dir_all(directory).map_err(|error| unwritable(directory, error))?;
    write_pages(&command, directory)
}

fn write_pages(command: &Command, directory: &Path) -> Result<()> {
    let (name, text) = page(command)?;
    let path = directory.join(name);
    fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| write_pages(below, directory))
}

/// The page's file name and text.
fn page(command: &Command) -> Result<(String, String)> {
    let page = Man::new(command.clone()).source(format!("samkor {}", env!("CARGO_PKG_VERSION"))).manual("samkor");
    let mut bytes = Vec::new();
    page.render(&mut bytes).map_err(|error| unwritable(Path::new("manualsiden"), error))?;
    let english = String::from_utf8_lossy(&bytes).into_owned();
    let danish = HEADINGS.iter().fold(english, |text, (english, danish)| text.replace(english, danish));
    Ok((page.get_filename(), danish))
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Output, format!("Kan ikke skrive {}", path.display())).because(error)
}
