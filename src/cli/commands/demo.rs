//! `samkor demo [MAPPE]`.

use samkor::base::Result;

use super::{Context, run::Work, unfinished};
use crate::cli::arguments::DemoArguments;

pub fn run(arguments: &DemoArguments, _context: &Context<'_>) -> Result<()> {
    let _work = Work::of(&arguments.work)?;
    Err(unfinished("demo"))
}
