//! `samkor review write PLAN` and `samkor review import PLAN [SVAR]`.

use std::path::Path;

use samkor::{
    base::{Files, Result},
    jobs::{
        Request,
        review::{self, Answers, ReviewRequest},
    },
};

use super::{Context, run::credentials};
use crate::cli::{arguments::ReviewCommand, clock, terminal::to_stdout, threads};

pub fn run(command: &ReviewCommand, context: &Context<'_>) -> Result<()> {
    let request = |plan: &Path, wanted| {
        Ok::<_, samkor::base::Error>(ReviewRequest {
            // The plan's output directory is looked at and not touched.
            request: Request { plan: plan.to_owned(), out: None, replace: true, credentials: credentials() },
            threads: threads::count(wanted),
            today: clock::today()?,
            files: Files::real(),
        })
    };
    let text = match command {
        ReviewCommand::Write(write) => {
            let request = request(&write.plan, write.threads)?;
            let summary = review::write(&request, write.klartekst, write.med_vaegt, context.observer)?;
            let file = summary.file.map(|file| file.display().to_string());
            if context.json {
                let answer = serde_json::json!({
                    "raekker": summary.rows,
                    "spoergsmaal": summary.questions,
                    "koe": file,
                });
                format!("{answer}\n")
            } else {
                let place = file.map_or_else(|| "Ingen kø er skrevet.".to_owned(), |file| format!("Køen: {file}"));
                format!("{} rækker til gennemgang, {} spørgsmål i køen\n{place}\n", summary.rows, summary.questions)
            }
        }
        ReviewCommand::Import(import) => {
            let request = request(&import.plan, import.threads)?;
            let answers =
                Answers { file: import.answers.as_deref(), keys: import.age_noegle.as_deref(), by: &import.af };
            let summary = review::import(&request, answers, context.observer)?;
            let ((of_weights, weights), (of_earlier, earlier)) =
                (summary.agreed_with_weights, summary.agreed_with_earlier);
            if context.json {
                let answer = serde_json::json!({
                    "afgjort": summary.answered,
                    "aabne": summary.open,
                    "enig_med_vaegtene": [weights, of_weights],
                    "enig_med_tidligere": [earlier, of_earlier],
                });
                format!("{answer}\n")
            } else {
                format!(
                    "{} afgjort, {} stadig åbne\nEnig med vægtene: {weights} af {of_weights}\n\
                     Enig med tidligere afgørelser: {earlier} af {of_earlier}\nKøen er slettet.\n",
                    summary.answered, summary.open
                )
            }
        }
    };
    to_stdout(text.as_bytes())
}
