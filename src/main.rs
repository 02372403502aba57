//! The program: arguments in, exit code out. Everything else is in `cli`, and the work in the library.
#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
