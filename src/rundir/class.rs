//! The four classes of output (`spec/privacy.md`, "Output classes"). The class is a type, so that a table meant for
//! analysts cannot be handed to the writer of the report.

use std::marker::PhantomData;

/// Who may see an output, by the directory it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutputClass {
    /// `rapport/`: figures for the steering group.
    Aggregate,
    /// `liste/`: families by label, for the project group.
    List,
    /// `arbejde/`: pseudonymised tables and faults, for named analysts.
    Work,
    /// `bevis/`: statement and digests, for the data-protection officer.
    Evidence,
}

impl OutputClass {
    /// Every class, in the order of the directories' documentation.
    pub const ALL: [Self; 4] = [Self::Aggregate, Self::List, Self::Work, Self::Evidence];

    /// The directory in the run, which is also the name of the class for people.
    #[must_use]
    pub const fn directory(self) -> &'static str {
        match self {
            Self::Aggregate => "rapport",
            Self::List => "liste",
            Self::Work => "arbejde",
            Self::Evidence => "bevis",
        }
    }

    /// The mode of the class's directories; the umask can only narrow it.
    ///
    /// Whatever tells of single persons or families is for the service account alone. The report may be read by the
    /// account's group, so that a steering group can be let in without opening `liste/`; never by everybody, because it
    /// is internal until somebody publishes it.
    #[must_use]
    pub const fn directory_mode(self) -> u32 {
        match self {
            Self::Aggregate => 0o750,
            Self::List | Self::Work | Self::Evidence => 0o700,
        }
    }

    /// The mode of the class's files; see [`Self::directory_mode`].
    #[must_use]
    pub const fn file_mode(self) -> u32 {
        match self {
            Self::Aggregate => 0o640,
            Self::List | Self::Work | Self::Evidence => 0o600,
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A class of output as a type.
pub trait Class: sealed::Sealed {
    /// The class.
    const CLASS: OutputClass;
}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {}

        impl sealed::Sealed for $name {}

        impl Class for $name {
            const CLASS: OutputClass = OutputClass::$name;
        }
    )*};
}

classes! {
    /// `rapport/`.
    Aggregate;
    /// `liste/`.
    List;
    /// `arbejde/`.
    Work;
    /// `bevis/`.
    Evidence;
}

/// Finished bytes of one output file, bound to their class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact<C: Class> {
    name: String,
    bytes: Vec<u8>,
    class: PhantomData<C>,
}

impl<C: Class> Artefact<C> {
    /// An output with its name inside the class's directory, such as `tabeller/personer.parquet`.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), class: PhantomData }
    }

    /// The name inside the class's directory.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
