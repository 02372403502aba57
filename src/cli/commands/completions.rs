//! `samkor completions SKAL`.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use samkor::base::Result;

use crate::cli::{arguments::Arguments, terminal::to_stdout};

pub fn run(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "samkor", &mut script);
    to_stdout(&script)
}
