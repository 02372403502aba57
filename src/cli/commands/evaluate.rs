//! `samkor evaluate PAR FACIT`.

use samkor::{
    base::{Error, ErrorKind, Result},
    jobs::evaluate::{self, EvaluateRequest, Evaluation, Part, Score},
};

use super::Context;
use crate::cli::{arguments::EvaluateArguments, terminal::to_stdout};

pub fn run(arguments: &EvaluateArguments, context: &Context<'_>) -> Result<()> {
    let only = match &arguments.kun {
        Some(text) => Some(
            text.split_once('=')
                .map(|(column, value)| (column.to_owned(), value.to_owned()))
                .ok_or_else(|| Error::new(ErrorKind::Plan, "--kun skal have formen KOLONNE=VÆRDI"))?,
        ),
        None => None,
    };
    let request = EvaluateRequest {
        pairs: arguments.pairs.clone(),
        truth: arguments.truth.clone(),
        right: arguments.right.clone(),
        id: arguments.id.clone(),
        cluster: arguments.klynge.clone(),
        household: arguments.husstand.clone(),
        only,
    };
    let evaluation = evaluate::evaluate(&request)?;
    let text = if context.json { json(&evaluation) } else { table(&evaluation) };
    to_stdout(text.as_bytes())
}

fn json(evaluation: &Evaluation) -> String {
    let score = |score: Score| {
        serde_json::json!({
            "rigtige": score.right, "fundne": score.found, "sande": score.truth,
            "praecision": score.precision(), "daekning": score.recall(), "f1": score.f1(),
        })
    };
    let parts = |parts: &[Part], name: &str| -> Vec<_> {
        let part = |part: &Part| {
            let mut answer = score(part.score);
            answer[name] = part.name.clone().into();
            answer["fejl_i_samme_husstand"] = part.same_household.into();
            answer
        };
        parts.iter().map(part).collect()
    };
    let answer = serde_json::json!({
        "par": score(evaluation.pairs),
        "grupper": score(evaluation.clustered),
        "fejl_i_samme_husstand": evaluation.same_household,
        "trin": parts(&evaluation.by_tier, "trin"),
        "regler": parts(&evaluation.by_rule, "regel"),
        "ukendte_par": evaluation.unknown,
    });
    format!("{answer}\n")
}

fn table(evaluation: &Evaluation) -> String {
    let number = |value: f64| format!("{value:.5}").replace('.', ",");
    let mut rows = vec![("par".to_owned(), evaluation.pairs), ("grupper".to_owned(), evaluation.clustered)];
    for (what, parts) in [("trin", &evaluation.by_tier), ("regel", &evaluation.by_rule)] {
        for part in parts {
            let name = if part.name.is_empty() { "(ingen)" } else { &part.name };
            rows.push((format!("{what}: {name}"), part.score));
        }
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:<width$} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9}\n",
        "", "rigtige", "fundne", "sande", "præcision", "dækning", "F1"
    );
    for (name, score) in rows {
        text.push_str(&format!(
            "{name:<width$} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9}\n",
            score.right,
            score.found,
            score.truth,
            number(score.precision()),
            number(score.recall()),
            number(score.f1())
        ));
    }
    text.push('\n');
    if let Some(wrong) = evaluation.same_household {
        text.push_str(&format!(
            "Fejl inden for en husstand: {wrong} ({} % af parrene)\n",
            percent(wrong, evaluation.pairs.found)
        ));
        for part in evaluation.by_tier.iter().chain(&evaluation.by_rule).filter(|part| part.same_household > Some(0)) {
            let wrong = part.same_household.unwrap_or(0);
            text.push_str(&format!("  {}: {wrong} ({} %)\n", part.name, percent(wrong, part.score.found)));
        }
    }
    if evaluation.unknown > 0 {
        text.push_str(&format!("Par med rækker, som facit ikke kender, er udeladt: {}\n", evaluation.unknown));
    }
    text
}

fn percent(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    format!("{share:.2}").replace('.', ",")
}
