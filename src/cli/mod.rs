//! The command line: what only the binary knows. Arguments, one file per command, progress, errors, exit codes, the clock.

#![expect(
    clippy::disallowed_methods,
    reason = "the fence is for the library: clock, environment and threads come in here"
)]

mod arguments;
mod clock;
mod commands;
mod exit;
mod panics;
mod progress;
mod reference;
mod render;
mod summary;
mod terminal;
mod threads;
mod usage;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use clap::{CommandFactory as _, FromArgMatches as _};
use rustix::process::{Resource, Rlimit, setrlimit};
use samkor::base::Result;

use self::{
    arguments::{Arguments, Command},
    commands::Context,
    exit::Exit,
    progress::Progress,
    render::{Report, Style},
};

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    leave_no_core();
    let style = Style::of_this_process();
    panics::install(style);
    // The hook has told where; the panic's own words could hold a value and go nowhere.
    catch_unwind(AssertUnwindSafe(|| run(style))).unwrap_or(Exit::Failure).into()
}

/// A crash must not leave the memory of the program, and with it numbers of persons, in a file.
fn leave_no_core() {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    // Lowering one's own limit is always allowed; where it is not, the run is no worse than without.
    setrlimit(Resource::Core, nothing).unwrap_or_default();
}

fn run(style: Style) -> Exit {
    let parsed = Arguments::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return usage::explain(&error, style),
    };
    match execute(&arguments) {
        Ok(()) => Exit::Done,
        Err(error) => {
            Report::of(&error).print(style);
            Exit::of(error.kind())
        }
    }
}

fn execute(arguments: &Arguments) -> Result<()> {
    // Before the progress thread starts: the program may replace itself here.
    if let Some(threads) = arguments.command.threads() {
        threads::fix(threads)?;
    }
    let progress = Progress::new(arguments.progress);
    let context = Context { json: arguments.json, observer: &progress };
    match &arguments.command {
        Command::Run(run) => commands::run::run(run, &context),
        Command::Demo(demo) => commands::demo::run(demo, &context),
        Command::Synth(synth) => commands::synth::run(synth, &context),
        Command::Check(check) => commands::check::run(check, &context),
        Command::Family(family) => commands::family::run(family, &context),
        Command::Lineage(lineage) => commands::lineage::run(lineage, &context),
        Command::Init(init) => commands::init::run(init, &context),
        Command::Key { command } => commands::key::run(command, &context),
        Command::Layouts { command } => commands::layouts::run(command.as_ref(), &context),
        Command::Link(link) => commands::link::run(link, &context),
        Command::Evaluate(evaluate) => commands::evaluate::run(evaluate, &context),
        Command::Completions { shell } => commands::completions::run(*shell),
        Command::Man { directory } => commands::man::run(directory.as_deref()),
        Command::Reference => commands::reference::run(),
        Command::Panic => panics::on_purpose(),
    }
}
