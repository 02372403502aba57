//! `samkor layouts`.

use samkor::base::Result;

use super::{Context, unfinished};
use crate::cli::arguments::LayoutsCommand;

pub fn run(command: Option<&LayoutsCommand>, _context: &Context<'_>) -> Result<()> {
    match command {
        None | Some(LayoutsCommand::List) => Err(unfinished("layouts")),
        Some(LayoutsCommand::Show { name: _ }) => Err(unfinished("layouts show")),
        Some(LayoutsCommand::Infer { file: _ }) => Err(unfinished("layouts infer")),
    }
}
