//! `samkor init MAPPE`: a directory for a project.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
};

use samkor::{
    base::{Error, ErrorKind, Result},
    plan,
};

use super::Context;
use crate::cli::{arguments::InitArguments, clock, terminal::to_stdout};

pub fn run(arguments: &InitArguments, context: &Context<'_>) -> Result<()> {
    let directory = &arguments.directory;
    let plan = directory.join("samkor.toml");
    let text = plan::template(&arguments.kommune, clock::last_year()?);
    fs::create_dir_all(directory).map_err(|error| unwritable(directory, error))?;
    write_new(&plan, &text)?;
    for name in ["noegle", "ind"] {
        let path = directory.join(name);
        // Keys and exports: nobody else on the machine may look.
        let made = DirBuilder::new().mode(0o700).create(&path);
        if let Err(error) = made.or_else(|error| if path.is_dir() { Ok(()) } else { Err(error) }) {
            return Err(unwritable(&path, error));
        }
    }
    if context.json {
        return to_stdout(format!("{}\n", serde_json::json!({ "plan": plan.display().to_string() })).as_bytes());
    }
    let shown = directory.display();
    to_stdout(
        format!(
            "Lavede {plan}\n\nSådan videre:\n\
             1. Skriv retsgrundlag, periode og kilder i {plan}\n\
             2. Lav nøglen: samkor key new {shown}/noegle/projekt.key\n\
             3. Læg udtrækkene i {shown}/ind\n\
             4. Kontrollér: samkor check {plan}\n\
             5. Kør: samkor run {plan}\n",
            plan = plan.display(),
        )
        .as_bytes(),
    )
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut file = File::create_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::new(ErrorKind::TargetExists, format!("{} findes allerede", path.display()))
                .hint("Vælg en anden mappe, eller flyt planen, der er der.")
        }
        _ => unwritable(path, error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Output, format!("Kan ikke skrive {}", path.display())).because(error)
}
