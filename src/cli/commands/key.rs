//! `samkor key new FIL`.

use samkor::base::Result;

use super::{Context, unfinished};
use crate::cli::arguments::KeyCommand;

pub fn run(command: &KeyCommand, _context: &Context<'_>) -> Result<()> {
    match command {
        KeyCommand::New { file: _ } => Err(unfinished("key new")),
    }
}
