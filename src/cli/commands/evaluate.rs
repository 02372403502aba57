//! `samkor evaluate PAR FACIT`.

use samkor::{
    base::{Error, ErrorKind, Result},
    jobs::evaluate::{self, EvaluateRequest, Evaluation, Score},
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
    let rules: Vec<_> = evaluation
        .by_rule
        .iter()
        .map(|(rule, right, found)| serde_json::json!({ "regel": rule, "rigtige": right, "fundne": found }))
        .collect();
    let answer = serde_json::json!({
        "par": score(evaluation.pairs),
        "grupper": score(evaluation.clustered),
        "fejl_i_samme_husstand": evaluation.same_household,
        "regler": rules,
        "ukendte_par": evaluation.unknown,
    });
    format!("{answer}\n")
}

fn table(evaluation: &Evaluation) -> String {
    let number = |value: f64| format!("{value:.5}").replace('.', ",");
    let mut text = format!(
        "{:<10} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9}\n",
        "", "rigtige", "fundne", "sande", "præcision", "dækning", "F1"
    );
    for (name, score) in [("par", evaluation.pairs), ("grupper", evaluation.clustered)] {
        text.push_str(&format!(
            "{name:<10} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9}\n",
            score.right,
            score.found,
            score.truth,
            number(score.precision()),
            number(score.recall()),
            number(score.f1())
        ));
    }
    text.push('\n');
    for (rule, right, found) in &evaluation.by_rule {
        let name = if rule.is_empty() { "uden regel" } else { rule };
        text.push_str(&format!("{name}: {right} rigtige af {found}\n"));
    }
    if let Some(wrong) = evaluation.same_household {
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        let share = 100.0 * wrong as f64 / evaluation.pairs.found.max(1) as f64;
        text.push_str(&format!(
            "Fejl inden for en husstand: {wrong} ({} % af parrene)\n",
            format!("{share:.2}").replace('.', ",")
        ));
    }
    if evaluation.unknown > 0 {
        text.push_str(&format!("Par med rækker, som facit ikke kender, er udeladt: {}\n", evaluation.unknown));
    }
    text
}
