//! stdout and stderr: a closed pipe is no error, and colours only where somebody sees them.

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
};

use samkor::base::{Error, ErrorKind, Result};

/// Writes to stdout. A reader that has seen enough (`samkor layouts | head`) is no failure.
///
/// # Errors
/// When stdout cannot take it for any other reason.
pub fn to_stdout(text: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(ErrorKind::Output, "Svaret kan ikke skrives på stdout").because(error))
        }
        _ => Ok(()),
    }
}

/// Writes to stderr; when that fails there is nobody left to tell.
pub fn to_stderr(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

/// Whether stderr is a terminal that shows colours and nobody has asked it not to (<https://no-color.org>).
pub fn stderr_has_colours() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}
