//! docs/cli.md, made from the commands themselves so that it cannot lag behind them.

use clap::{Arg, Command, CommandFactory as _};

use super::{arguments::Arguments, exit::Exit};

/// The reference of all commands in Markdown.
pub fn reference() -> String {
    let mut command = Arguments::command();
    command.build();
    let mut text = String::from(
        "<!-- Skrevet af `samkor reference`. Ret teksten i src/cli/arguments.rs; prøven cli_reference sammenligner. -->\n\n\
         # Kommandolinjen\n\n",
    );
    describe(&mut text, &command, "samkor", true);
    text.push_str("\n## Slutkoder\n\n| Kode | Betydning |\n|---|---|\n");
    for exit in Exit::ALL {
        text.push_str(&format!("| {} | {} |\n", exit.code(), exit.danish()));
    }
    text.push_str(
        "\n## Fejl\n\n\
         En fejl skrives på stderr: `fejl:` hvad, derunder stedet i planen, når der er et, så `fordi:` for hver årsag og \
         `råd:` for, hvad der kan gøres. Ingen meddelelse gengiver et felt fra en kilde.\n\n\
         Med `--json` eller `--progress json` er en fejl én linje JSON: `kind` (`usage`, `plan`, `key`, `input`, \
         `too-many-faults`, `target-exists`, `output` eller `internal`), `message`, `because`, `hints` og `file`, `line`, \
         `column` (fra 1) og `label`, hvad der er galt på stedet; de fire er `null`, når fejlen ikke har et sted.\n\n\
         Med `--progress json` er hver hændelse én linje JSON: `event` er `stage` (`name`, `total`), `progress` (`done`), \
         `stage-done` eller `note` (`text`).\n\n\
         ## Miljø\n\n\
         `NO_COLOR` slår farver fra. `--threads` sætter `POLARS_MAX_THREADS` ved at starte programmet igen én gang.\n",
    );
    text
}

fn describe(text: &mut String, command: &Command, name: &str, top: bool) {
    if !top {
        text.push_str(&format!("\n## {name}\n\n"));
    }
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("{}\n", sentences(&about)));
    let usage = command.clone().render_usage().to_string();
    text.push_str(&format!("\n```text\n{}\n```\n", usage.trim_start_matches("Usage:").trim()));
    let shown = |argument: &&Arg| !argument.is_hide_set() && (top || !argument.is_global_set());
    let (positional, options): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(shown).partition(|argument| argument.is_positional());
    list(text, "Argumenter", &positional);
    list(text, if top { "Tilvalg, der gælder alle kommandoer" } else { "Tilvalg" }, &options);
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        describe(text, below, &format!("{name} {}", below.get_name()), false);
    }
}

fn list(text: &mut String, title: &str, arguments: &[&Arg]) {
    if arguments.is_empty() {
        return;
    }
    text.push_str(&format!("\n{title}:\n\n"));
    for argument in arguments {
        let takes_value = argument.get_action().takes_values();
        let value = argument.get_value_names().filter(|_| takes_value).map(|names| names.join(" ")).unwrap_or_default();
        let mut names: Vec<String> = argument.get_short().map(|short| format!("-{short}")).into_iter().collect();
        names.extend(argument.get_long().map(|long| format!("--{long}")));
        let name = [names.join(", "), value].join(" ");
        let help =
            argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
        text.push_str(&format!("- `{}`: {}\n", name.trim(), sentences(&help)));
    }
}

/// clap takes the final stop off a first paragraph; written text keeps it.
fn sentences(text: &str) -> String {
    let stopped = |paragraph: &str| match paragraph.trim_end() {
        "" => String::new(),
        ended if ended.ends_with(['.', ':', '?']) => ended.to_owned(),
        open => format!("{open}."),
    };
    text.split("\n\n").map(stopped).collect::<Vec<String>>().join("\n\n")
}
