//! `samkor trace RUN LABEL`.

use samkor::{
    base::Result,
    domain::Ore,
    jobs::{self, Trace, TraceFilter, TraceLine},
};

use super::Context;
use crate::cli::{arguments::TraceArguments, terminal::to_stdout};

pub fn run(arguments: &TraceArguments, context: &Context<'_>) -> Result<()> {
    let filter = TraceFilter { service: arguments.service.clone(), month: arguments.month };
    let trace = jobs::trace(&arguments.run, &arguments.label, &filter)?;
    let text = if context.json { json(&trace) } else { table(&trace) };
    to_stdout(text.as_bytes())
}

fn json(trace: &Trace) -> String {
    let line = |line: &TraceLine| {
        serde_json::json!({
            "person": line.person,
            "ydelse": line.service,
            "kilde": line.source,
            "rolle": line.role,
            "regel": line.rule.code(),
            "taeller": line.counts,
            "maaned": month(line),
            "fra": line.days.from.to_string(),
            "til": line.days.to.to_string(),
            "oere": line.ore.0,
            "raekke": line.row.to_string(),
        })
    };
    let answer = serde_json::json!({
        "etiket": trace.label,
        "enhedstype": trace.letter,
        "oere": trace.ore.0,
        "oere_vist": trace.shown.0,
        "oere_vist_taeller_ikke": trace.shown_beside.0,
        "linjer": trace.lines.iter().map(line).collect::<Vec<_>>(),
    });
    format!("{answer}\n")
}

fn table(trace: &Trace) -> String {
    let mut text = format!("{} {} · {} kr. i kørslen\n", trace.letter, trace.label, trace.ore);
    for group in trace.lines.chunk_by(|one, next| (one.person, &one.service) == (next.person, &next.service)) {
        text.push_str(&format!("\nPerson {} · {}\n", group[0].person, group[0].service));
        for line in group {
            let rule = line.rule.danish();
            let beside = if line.counts { "" } else { ", tæller ikke i summen" };
            text.push_str(&format!(
                "  {}  {:>16}  {}  {:<14} {rule}{beside}\n",
                month(line),
                line.ore.to_string(),
                line.row,
                line.source
            ));
        }
    }
    text.push_str(&format!("\nVist {} kr.", trace.shown));
    if trace.shown != trace.ore {
        text.push_str(&format!(" af {} kr.", trace.ore));
    }
    if trace.shown_beside != Ore::ZERO {
        text.push_str(&format!(" Ved siden af {} kr., som ikke tæller i summen.", trace.shown_beside));
    }
    text.push('\n');
    text
}

fn month(line: &TraceLine) -> String {
    let (year, month, _) = line.days.from.ymd();
    format!("{year:04}-{month:02}")
}
