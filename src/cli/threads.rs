//! The number of threads. polars reads its own number from the environment once and for all, and setting a variable in a
//! running program is unsafe, so the program starts itself over once with the variable set.

use std::{env, os::unix::process::CommandExt as _, process::Command};

use samkor::base::{Error, ErrorKind, Result};

const VARIABLE: &str = "POLARS_MAX_THREADS";

/// Makes sure that polars will use this many threads. Returns only when it will; must run before any thread starts.
///
/// # Errors
/// When the program cannot be started over.
pub fn fix(threads: u16) -> Result<()> {
    let wanted = threads.to_string();
    if env::var_os(VARIABLE).is_some_and(|value| value == *wanted) {
        return Ok(());
    }
    let failure =
        |error| Error::new(ErrorKind::Internal, "Kan ikke starte igen med et andet antal tråde").because(error);
    let program = env::current_exe().map_err(failure)?;
    let mut arguments = env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    Err(failure(command.args(arguments).env(VARIABLE, wanted).exec()))
}

/// How many threads to work with: as asked, or as many as the machine gives.
pub fn count(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}
