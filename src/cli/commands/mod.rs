//! One file per command. A command reads its arguments, asks the library, and says what came of it.

pub mod check;
pub mod completions;
pub mod demo;
pub mod evaluate;
pub mod family;
pub mod init;
pub mod key;
pub mod layouts;
pub mod lineage;
pub mod link;
pub mod man;
pub mod reference;
pub mod run;
pub mod synth;

use samkor::base::Observer;

/// What every command gets besides its arguments.
pub struct Context<'a> {
    /// Whether the answer is JSON.
    pub json: bool,
    /// Who listens to the work.
    pub observer: &'a dyn Observer,
}
