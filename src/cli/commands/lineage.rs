//! `samkor lineage RUN SENERE-RUN`.

use samkor::{
    base::Result,
    family::Fate,
    jobs::{self, LineageView},
    pseudonym::UnitKind,
};

use super::Context;
use crate::cli::{
    arguments::{LineageArguments, UnitChoice},
    terminal::to_stdout,
};

pub fn run(arguments: &LineageArguments, context: &Context<'_>) -> Result<()> {
    let kind = match arguments.enhed {
        UnitChoice::H => UnitKind::Household,
        UnitChoice::F => UnitKind::Family,
        UnitChoice::S => UnitKind::CaseFamily,
    };
    let lineage = jobs::lineage_of_runs(&arguments.before, &arguments.after, kind)?;
    let text = if context.json { json(&lineage) } else { table(&lineage) };
    to_stdout(text.as_bytes())
}

fn json(lineage: &LineageView) -> String {
    let line = |line: &jobs::LineageLine| {
        serde_json::json!({
            "foer": line.before,
            "efter": line.after,
            "haendelse": line.fate.danish(),
            "personer": line.persons,
        })
    };
    let counts: serde_json::Map<String, serde_json::Value> =
        lineage.counts.iter().map(|(fate, number)| (fate.danish().to_owned(), (*number).into())).collect();
    let answer = serde_json::json!({
        "enhedstype": lineage.letter,
        "skaeringsdatoer": [lineage.before, lineage.after],
        "antal": counts,
        "familier": lineage.lines.iter().map(line).collect::<Vec<_>>(),
    });
    format!("{answer}\n")
}

fn table(lineage: &LineageView) -> String {
    let mut text = format!("{} fra {} til {}\n", lineage.letter, lineage.before, lineage.after);
    for (fate, number) in &lineage.counts {
        text.push_str(&format!("  {:<13} {number:>9}\n", fate.danish()));
    }
    let changed = || lineage.lines.iter().filter(|line| line.fate != Fate::Same);
    if changed().next().is_some() {
        text.push_str(&format!("\n{:<17} {:<17} {:<13} personer\n", "før", "efter", "hændelse"));
    }
    for line in changed() {
        let label = |label: &Option<String>| label.clone().unwrap_or_else(|| "–".to_owned());
        let (before, after) = (label(&line.before), label(&line.after));
        text.push_str(&format!("{before:<17} {after:<17} {:<13} {:>8}\n", line.fate.danish(), line.persons));
    }
    text
}
