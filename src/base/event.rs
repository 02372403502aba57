//! What the library tells while it works. The binary draws bars, writes JSON lines, or nothing.

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A stage began. `total` bytes or rows, when known.
    Stage {
        /// Name for people, Danish.
        name: &'a str,
        /// How much there is to do.
        total: Option<u64>,
    },
    /// So much of the stage's total was done since the last such event.
    Progress {
        /// Bytes or rows.
        done: u64,
    },
    /// The stage ended.
    StageDone,
    /// Something a person should know that stops nothing, such as what was detected in a file.
    Note {
        /// Danish, without values of fields.
        text: &'a str,
    },
}

/// Somebody who listens.
pub trait Observer: Sync {
    /// Takes one event.
    fn event(&self, event: Event<'_>);
}

/// Nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _event: Event<'_>) {}
}
