//! `samkor check PLAN`.

use samkor::{
    base::Result,
    jobs::{self, Preparation, Request},
};

use super::{Context, run::credentials};
use crate::cli::{arguments::CheckArguments, terminal::to_stdout};

pub fn run(arguments: &CheckArguments, context: &Context<'_>) -> Result<()> {
    // A place that is taken is the next run's to replace or not; the check is about all else.
    let request = Request { plan: arguments.plan.clone(), out: None, replace: true, credentials: credentials() };
    let preparation = jobs::prepare(&request)?;
    let text = if context.json { json(&preparation) } else { table(&preparation) };
    to_stdout(text.as_bytes())
}

fn json(preparation: &Preparation) -> String {
    let sources: Vec<_> = named(preparation)
        .map(|(name, layout, files)| serde_json::json!({ "kilde": name, "layout": layout, "filer": files }))
        .collect();
    let answer = serde_json::json!({
        "projekt": preparation.project().as_str(),
        "noegle_kontrol": preparation.key.check_value().to_string(),
        "kilder": sources,
    });
    format!("{answer}\n")
}

fn table(preparation: &Preparation) -> String {
    let mut text =
        format!("Planen er i orden: {} · nøgle {}\n\n", preparation.project(), preparation.key.check_value());
    for (name, layout, files) in named(preparation) {
        text.push_str(&format!("  {name:<16} {layout:<22} {}\n", files.join(", ")));
    }
    text.push_str("\nIntet er skrevet. Filernes indhold læses først af `samkor run`.\n");
    text
}

fn named(preparation: &Preparation) -> impl Iterator<Item = (&str, &str, Vec<String>)> {
    preparation.plan.sources.iter().zip(&preparation.inputs).map(|(source, input)| {
        let files = input.files.iter().map(|file| file.display().to_string()).collect();
        (source.name.value.as_str(), source.layout.value.as_str(), files)
    })
}
