//! `samkor demo [MAPPE]`.

use samkor::{
    base::{Files, Result},
    jobs::{Request, demo},
};

use super::{Context, run};
use crate::cli::arguments::DemoArguments;

/// Unpacks the example and runs it. Its outputs are made-up data in a directory of their own, so a second time replaces
/// the first without being asked.
pub fn run(arguments: &DemoArguments, context: &Context<'_>) -> Result<()> {
    let plan = demo::unpack(&arguments.directory, &Files::real())?;
    let request = Request { plan, out: None, replace: true, credentials: None };
    run::work_on(&request, &arguments.work, context)
}
