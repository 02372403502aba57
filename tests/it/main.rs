//! The integration tests: one binary, one file per command or property.
#![expect(clippy::disallowed_methods, reason = "tests start programs and read their own environment")]

mod cli;
mod cli_errors;
mod cli_reference;
mod documents;
mod layers;
mod ledger_cases;
mod plan_template;
