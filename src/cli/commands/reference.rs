//! `samkor reference`: docs/cli.md.

use samkor::base::Result;

use crate::cli::{reference::reference, terminal::to_stdout};

pub fn run() -> Result<()> {
    to_stdout(reference().as_bytes())
}
