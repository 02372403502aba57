//! `samkor run PLAN`.

use jiff::Timestamp;
use samkor::{
    base::{Event, Result},
    plan::Plan,
};

use super::{Context, unfinished};
use crate::cli::{
    arguments::{RunArguments, WorkArguments},
    clock, threads,
};

/// What a run needs besides its plan.
#[expect(dead_code, reason = "read by the job once the rooms for it stand")]
pub struct Work {
    /// Worker threads.
    pub threads: usize,
    /// Whether an earlier run in the same place is replaced.
    pub replace: bool,
    /// Bytes that are read at a time, when tests say so.
    pub chunk_bytes: Option<u64>,
    /// When the run began, for the statement.
    pub begun: Timestamp,
}

impl Work {
    /// Resolves what the command line said.
    pub fn of(arguments: &WorkArguments) -> Result<Self> {
        Ok(Self {
            threads: threads::count(arguments.threads),
            replace: arguments.replace,
            chunk_bytes: arguments.chunk_bytes,
            begun: clock::now()?,
        })
    }
}

pub fn run(arguments: &RunArguments, context: &Context<'_>) -> Result<()> {
    let mut plan = Plan::read(&arguments.plan)?;
    if let Some(out) = &arguments.out {
        plan.write_to(out.clone());
    }
    work_on(&plan, &Work::of(&arguments.work)?, context)
}

/// Runs a plan and prints the summary; the demo ends here too.
pub fn work_on(plan: &Plan, _work: &Work, context: &Context<'_>) -> Result<()> {
    context.observer.event(Event::Stage { name: "Finder kildernes filer", total: None });
    plan.resolve_inputs()?;
    context.observer.event(Event::StageDone);
    Err(unfinished("run"))
}
