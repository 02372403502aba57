//! Exit codes: the one list that scripts may rely on.

use std::process::ExitCode;

use samkor::base::ErrorKind;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well; faults of single rows within the plan's limit do not change that.
    Done = 0,
    /// An output could not be written, or samkor itself is at fault.
    Failure = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// The plan, a layout file or a file over the catalogue is wrong.
    Plan = 3,
    /// The key was refused.
    Key = 4,
    /// An input is missing or cannot be read as its layout says.
    Input = 5,
    /// More rows at fault than the plan allows.
    TooManyFaults = 6,
    /// The output place is taken and `--replace` was not given.
    TargetExists = 7,
}

impl Exit {
    /// Every code.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Failure,
        Self::Usage,
        Self::Plan,
        Self::Key,
        Self::Input,
        Self::TooManyFaults,
        Self::TargetExists,
    ];

    /// The code of an error.
    pub const fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Plan => Self::Plan,
            ErrorKind::Key => Self::Key,
            ErrorKind::Input => Self::Input,
            ErrorKind::TooManyFaults => Self::TooManyFaults,
            ErrorKind::TargetExists => Self::TargetExists,
            ErrorKind::Output | ErrorKind::Internal => Self::Failure,
        }
    }

    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for the reference.
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Done => "alt gik godt; rækker med fejl under planens grænse ændrer ikke det",
            Self::Failure => "et resultat kunne ikke skrives, eller der er en fejl i samkor",
            Self::Usage => "kommandolinjen kan ikke forstås",
            Self::Plan => "planen, en layoutfil eller en katalogfil er forkert",
            Self::Key => "nøglen blev afvist",
            Self::Input => "en kilde mangler eller kan ikke læses efter sit layout",
            Self::TooManyFaults => "flere rækker med fejl, end planen tillader",
            Self::TargetExists => "resultaternes plads er optaget, og --replace var ikke givet",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
