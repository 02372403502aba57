//! What clap says about a command line, in Danish.

use clap::{
    CommandFactory as _,
    error::{ContextKind, ContextValue, Error, ErrorKind},
};
use samkor::base::error::nearest;

use super::{
    arguments::Arguments,
    exit::Exit,
    render::{Report, Style},
};

/// Prints help or version when these were asked for, or else what is wrong with the command line.
pub fn explain(error: &Error, style: Style) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A closed pipe is no error of help's.
            drop(error.print());
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if style != Style::Json => {
            drop(error.print());
            Exit::Usage
        }
        _ => {
            let (message, mut hints) = danish(error);
            hints.push("Se hjælpen med samkor --help.".to_owned());
            Report::new("usage", message, hints).print(style);
            Exit::Usage
        }
    }
}

/// The message and its hints. Values are not repeated: they are the user's own, and nobody knows what they hold.
fn danish(error: &Error) -> (String, Vec<String>) {
    let said = |kind| error.get(kind).map(words);
    let argument = said(ContextKind::InvalidArg).unwrap_or_default().join(", ");
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("Ukendt kommando: {}", said(ContextKind::InvalidSubcommand).unwrap_or_default().join(" "))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("Ukendt tilvalg: {argument}"),
        ErrorKind::UnknownArgument => "Der er et argument for meget".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("Der mangler {argument}"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "Der mangler en kommando".to_owned()
        }
        ErrorKind::ArgumentConflict => {
            format!("{argument} kan kun stå én gang og ikke sammen med det, der udelukker det")
        }
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooManyValues => {
            format!("{argument} har ikke det rette antal værdier")
        }
        ErrorKind::InvalidValue if said(ContextKind::InvalidValue).is_none_or(|value| value.concat().is_empty()) => {
            format!("{argument} mangler sin værdi")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("Værdien af {argument} kan ikke bruges"),
        ErrorKind::InvalidUtf8 => "Et argument er ikke UTF-8".to_owned(),
        _ => "Kommandolinjen kan ikke forstås".to_owned(),
    };
    let mut hints: Vec<String> =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
            .into_iter()
            .filter_map(|kind| said(kind)?.into_iter().next())
            .map(|near| format!("Mente du {near}?"))
            .collect();
    // clap's own measure misses two letters that changed places in a short word.
    if let Some([word]) = said(ContextKind::InvalidSubcommand).as_deref().filter(|_| hints.is_empty()) {
        hints.extend(nearest_command(word).map(|near| format!("Mente du {near}?")));
    }
    if let Some(values) = said(ContextKind::ValidValue).filter(|values| !values.is_empty()) {
        hints.push(format!("Vælg mellem {}.", values.join(", ")));
    }
    (message, hints)
}

/// The command nearest to a misspelt one, among those that may stand in its place.
fn nearest_command(word: &str) -> Option<String> {
    let mut level = Arguments::command();
    for argument in std::env::args().skip(1) {
        if let Some(below) = level.find_subcommand(&argument).cloned() {
            level = below;
        }
    }
    let visible = level.get_subcommands().filter(|command| !command.is_hide_set());
    nearest(word, visible.map(clap::Command::get_name)).map(str::to_owned)
}

fn words(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::String(word) => vec![word.clone()],
        ContextValue::Strings(words) => words.clone(),
        _ => Vec::new(),
    }
}
