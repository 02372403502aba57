//! `samkor catalogue`.

use samkor::{
    base::{Error, ErrorKind, Result, error::nearest},
    catalogue::CatalogueTable,
    jobs::{self, Gap, Request},
};

use super::Context;
use crate::cli::{arguments::CatalogueCommand, terminal::to_stdout, threads};

pub fn run(command: &CatalogueCommand, context: &Context<'_>) -> Result<()> {
    let text = match command {
        CatalogueCommand::Show { table: None } => names(context.json),
        CatalogueCommand::Show { table: Some(name) } => table(name)?.text().to_owned(),
        CatalogueCommand::Check { plan } => {
            let request = Request { plan: plan.clone(), out: None, replace: true, credentials: None };
            let gaps = jobs::catalogue_check(&request, threads::count(None), 0, context.observer)?;
            if context.json { json(&gaps) } else { told(&gaps) }
        }
    };
    to_stdout(text.as_bytes())
}

fn names(json: bool) -> String {
    let names = CatalogueTable::ALL.map(CatalogueTable::key);
    if json {
        return format!("{}\n", serde_json::json!(names));
    }
    names.map(|name| format!("{name}\n")).concat()
}

fn table(name: &str) -> Result<CatalogueTable> {
    let known = CatalogueTable::ALL;
    known.into_iter().find(|table| table.key() == name).ok_or_else(|| {
        let names = known.map(CatalogueTable::key);
        let error = Error::new(ErrorKind::Plan, "Kataloget har ikke den tabel");
        let near = nearest(&name.to_lowercase(), names);
        near.map(|near| format!("Mente du {near}?"))
            .into_iter()
            .fold(error, Error::hint)
            .hint(format!("Tabellerne er {}.", names.join(", ")))
    })
}

fn json(gaps: &[Gap]) -> String {
    let gap = |gap: &Gap| {
        let places: Vec<_> =
            gap.places.iter().map(|(file, line)| serde_json::json!({ "fil": file, "linje": line })).collect();
        serde_json::json!({
            "kilde": gap.source,
            "art": gap.kind,
            "hvad": gap.what,
            "raekker": gap.rows,
            "oere": gap.ore.0,
            "steder": places,
        })
    };
    format!("{}\n", serde_json::json!({ "mangler": gaps.iter().map(gap).collect::<Vec<_>>() }))
}

fn told(gaps: &[Gap]) -> String {
    if gaps.is_empty() {
        return "Kataloget kender alle konti, paragraffer og ydelser i udtrækkene.\n".to_owned();
    }
    let mut text = "Kataloget mangler:\n".to_owned();
    for gap in gaps {
        let what = gap.what.as_deref().unwrap_or("(teksten vises ikke)");
        text.push_str(&format!(
            "\n  {:<16} {:<9} {what:<28} {:>9} rækker {:>18} kr.\n",
            gap.source,
            gap.kind,
            gap.rows,
            gap.ore.to_string()
        ));
        for (file, line) in &gap.places {
            text.push_str(&format!("      {file}, linje {line}\n"));
        }
    }
    text.push_str(
        "\nSkriv rækkerne i egne filer, og nævn dem under [katalog] i planen. Kolonnerne ses med samkor catalogue show.\n",
    );
    text
}
