//! `samkor check PLAN`.

use samkor::{base::Result, plan::Plan};

use super::{Context, unfinished};
use crate::cli::arguments::CheckArguments;

pub fn run(arguments: &CheckArguments, _context: &Context<'_>) -> Result<()> {
    let plan = Plan::read(&arguments.plan)?;
    plan.resolve_inputs()?;
    Err(unfinished("check"))
}
