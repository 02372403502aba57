//! `samkor key new FIL`.

use samkor::{
    base::{Files, Result},
    pseudonym::MasterKey,
};

use super::Context;
use crate::cli::{arguments::KeyCommand, terminal::to_stdout};

pub fn run(command: &KeyCommand, context: &Context<'_>) -> Result<()> {
    let KeyCommand::New { file } = command;
    let key = MasterKey::generate_to(&Files::real(), file)?;
    let (path, check) = (file.display().to_string(), key.check_value().to_string());
    let text = if context.json {
        format!("{}\n", serde_json::json!({ "fil": path, "kontrol": check }))
    } else {
        format!(
            "Lavede nøglen {path} (kontrolværdi {check})\n\n\
             Nøglen kan føre hver etiket tilbage til et CPR-nummer. Gem én kopi hos den, der har ansvaret for den,\n\
             og aldrig sammen med udtræk eller resultater. Mistes den, kan projektets etiketter ikke genskabes.\n"
        )
    };
    to_stdout(text.as_bytes())
}
