//! `samkor run PLAN`.

use std::{env, path::PathBuf};

use samkor::{
    base::{Files, Result},
    jobs::{self, Execution, Request},
};

use super::Context;
use crate::cli::{
    arguments::{RunArguments, WorkArguments},
    clock, summary,
    terminal::to_stdout,
    threads,
};

pub fn run(arguments: &RunArguments, context: &Context<'_>) -> Result<()> {
    let request = Request {
        plan: arguments.plan.clone(),
        out: arguments.out.clone(),
        replace: arguments.work.replace,
        credentials: credentials(),
    };
    work_on(&request, &arguments.work, context)
}

/// Runs a plan and prints the summary; the demo ends here too.
pub fn work_on(request: &Request, work: &WorkArguments, context: &Context<'_>) -> Result<()> {
    let execution = Execution {
        threads: threads::count(work.threads),
        chunk_bytes: work.chunk_bytes.map_or(0, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        started: clock::now()?.to_string(),
        files: Files::real(),
    };
    // A clock that read once reads again; without an end the statement says so.
    let ended = || clock::now().map_or_else(|_| String::new(), |now| now.to_string());
    let summary = jobs::run(request, &execution, ended, context.observer)?;
    let text = if context.json { summary::json(&summary) } else { summary::table(&summary)? };
    to_stdout(text.as_bytes())
}

/// The service manager's directory of credentials (systemd's `LoadCredential=`).
pub fn credentials() -> Option<PathBuf> {
    env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}
