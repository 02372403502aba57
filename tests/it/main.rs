//! The integration tests: one binary, one file per command or property.

mod cli;
mod cli_errors;
mod cli_reference;
mod cpr_extract;
mod documents;
mod layers;
mod plan_template;
