//! Errors as people and programs read them. Every error of the program passes here, and nowhere else.

use std::{error::Error as _, io, ops::Range};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use samkor::base::{Error, ErrorKind, Place};
use serde::Serialize;

use super::terminal;

/// For whom an error is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// People, without colours.
    Plain,
    /// People at a terminal.
    Coloured,
    /// Programs: one line of JSON.
    Json,
}

impl Style {
    /// Decides before the arguments are understood, because what is wrong with them is an error too.
    pub fn of_this_process() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).take_while(|argument| argument != "--").collect();
        let asked = arguments.iter().any(|argument| argument == "--json" || argument == "--progress=json")
            || arguments.windows(2).any(|pair| pair == ["--progress", "json"]);
        match (asked, terminal::stderr_has_colours()) {
            (true, _) => Self::Json,
            (false, true) => Self::Coloured,
            (false, false) => Self::Plain,
        }
    }
}

/// An error on its way out.
pub struct Report<'a> {
    kind: &'static str,
    message: String,
    hints: Vec<String>,
    place: Option<&'a Place>,
    causes: Vec<String>,
}

#[derive(Serialize)]
struct Json<'a> {
    kind: &'a str,
    message: &'a str,
    because: &'a [String],
    hints: &'a [String],
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    label: Option<&'a str>,
}

impl<'a> Report<'a> {
    /// The report of a library error, with the chain below it.
    pub fn of(error: &'a Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(below) = cause {
            causes.push(below.downcast_ref::<io::Error>().map_or_else(|| below.to_string(), system_words));
            cause = below.source();
        }
        Self {
            kind: kind(error.kind()),
            message: error.to_string(),
            hints: error.hints().to_vec(),
            place: error.place(),
            causes,
        }
    }

    /// The report of an error without a library error behind it.
    pub fn new(kind: &'static str, message: String, hints: Vec<String>) -> Self {
        Self { kind, message, hints, place: None, causes: Vec::new() }
    }

    /// Writes it to stderr. When stderr is gone there is nobody left to tell.
    pub fn print(&self, style: Style) {
        terminal::to_stderr(&self.text(style));
    }

    fn text(&self, style: Style) -> String {
        if style == Style::Json {
            let position = self.place.map(|place| position(&place.text, &place.span));
            let json = Json {
                kind: self.kind,
                message: &self.message,
                because: &self.causes,
                hints: &self.hints,
                file: self.place.map(|place| place.file.as_str()),
                line: position.map(|(line, _)| line),
                column: position.map(|(_, column)| column),
                label: self.place.map(|place| place.label.as_str()),
            };
            return serde_json::to_string(&json).unwrap_or_default() + "\n";
        }
        let mut text = self.head(style) + "\n";
        for (name, lines) in [("fordi", &self.causes), ("råd", &self.hints)] {
            for line in lines {
                let name = if style == Style::Coloured { format!("\u{1b}[1m{name}\u{1b}[0m") } else { name.to_owned() };
                text.push_str(&format!("{name}: {line}\n"));
            }
        }
        text
    }

    fn head(&self, style: Style) -> String {
        let renderer = if style == Style::Coloured { Renderer::styled() } else { Renderer::plain() };
        let title = Level::ERROR.with_name("fejl").primary_title(self.message.as_str());
        let group = match self.place {
            Some(place) => {
                let mark = AnnotationKind::Primary.span(place.span.clone()).label(place.label.as_str());
                title.element(Snippet::source(&*place.text).path(place.file.as_str()).annotation(mark))
            }
            None => annotate_snippets::Group::with_title(title),
        };
        renderer.render(&[group])
    }
}

/// Line and column of the place, both from 1; the column counts characters.
fn position(text: &str, span: &Range<usize>) -> (usize, usize) {
    let before = &text[..span.start.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

const fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Plan => "plan",
        ErrorKind::Key => "key",
        ErrorKind::Input => "input",
        ErrorKind::TooManyFaults => "too-many-faults",
        ErrorKind::TargetExists => "target-exists",
        ErrorKind::Output => "output",
        ErrorKind::Internal => "internal",
    }
}

/// What the operating system says, in Danish where it is said often.
fn system_words(error: &io::Error) -> String {
    let danish = match error.kind() {
        io::ErrorKind::NotFound => "filen eller mappen findes ikke",
        io::ErrorKind::PermissionDenied => "adgang nægtet",
        io::ErrorKind::AlreadyExists => "den findes allerede",
        io::ErrorKind::NotADirectory => "noget på stien er ikke en mappe",
        io::ErrorKind::IsADirectory => "det er en mappe",
        io::ErrorKind::StorageFull => "der er ikke mere plads på disken",
        io::ErrorKind::QuotaExceeded => "kvoten er brugt op",
        io::ErrorKind::ReadOnlyFilesystem => "filsystemet kan kun læses",
        _ => return error.to_string(),
    };
    error.raw_os_error().map_or_else(|| danish.to_owned(), |code| format!("{danish} (systemfejl {code})"))
}
