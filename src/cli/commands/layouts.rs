//! `samkor layouts`.

use std::path::Path;

use samkor::{
    base::Result,
    ingest,
    layout::{Layouts, infer},
};

use super::Context;
use crate::cli::{arguments::LayoutsCommand, terminal::to_stdout};

pub fn run(command: Option<&LayoutsCommand>, context: &Context<'_>) -> Result<()> {
    let layouts = Layouts::shipped()?;
    let text = match command {
        None | Some(LayoutsCommand::List) if context.json => {
            let names: Vec<_> = layouts
                .iter()
                .map(
                    |layout| serde_json::json!({ "navn": layout.name, "system": layout.system, "titel": layout.title }),
                )
                .collect();
            format!("{}\n", serde_json::Value::from(names))
        }
        None | Some(LayoutsCommand::List) => {
            let mut list = String::new();
            for layout in layouts.iter() {
                list.push_str(&format!("{:<22} {}\n", layout.name, layout.title));
            }
            list
        }
        Some(LayoutsCommand::Show { name }) => layouts.get(name)?.text.clone(),
        Some(LayoutsCommand::Infer { file }) => {
            let shown = file.display().to_string();
            infer(&layout_name(file), &ingest::read_headings(file, &shown, &layouts)?, &layouts)
        }
    };
    to_stdout(text.as_bytes())
}

/// A name for the proposal, from the file's.
fn layout_name(file: &Path) -> String {
    let stem = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().to_lowercase());
    let plain = |symbol: char| if symbol.is_ascii_alphanumeric() { symbol } else { '-' };
    stem.chars().map(plain).collect()
}
