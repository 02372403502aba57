//! The integration tests: one binary, one file per command or property.
#![expect(clippy::disallowed_methods, reason = "tests start programs and read their own environment")]

mod accounts;
mod cli;
mod cli_errors;
mod cli_reference;
mod conservation;
mod cpr_extract;
mod cpr_families;
mod crash;
mod determinism;
mod digests;
mod documents;
mod eksempelkoebing;
mod example;
mod facit;
mod families;
mod greenland;
mod hostile;
mod ingest;
mod layers;
mod leaks;
mod ledger_cases;
mod link;
mod plan_template;
mod rows_in_turn;
mod synth;
