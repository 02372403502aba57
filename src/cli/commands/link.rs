//! `samkor link VENSTRE [HØJRE]`.

use samkor::{
    base::{Files, Result},
    jobs::link::{self, LinkRequest, LinkSummary},
};

use super::Context;
use crate::cli::{arguments::LinkArguments, terminal::to_stdout, threads};

pub fn run(arguments: &LinkArguments, context: &Context<'_>) -> Result<()> {
    let request = LinkRequest {
        left: arguments.left.clone(),
        right: arguments.right.clone(),
        spec: arguments.spec.clone(),
        households: arguments.husstand,
        bonds: arguments.bindinger.clone(),
        earlier: arguments.tidligere.clone(),
        afresh: arguments.forfra,
        out: arguments.out.clone(),
        replace: arguments.replace,
        threads: threads::count(arguments.threads),
    };
    let summary = link::link(&request, &Files::real(), context.observer)?;
    let text = if context.json { json(&summary) } else { table(&summary, &request) };
    to_stdout(text.as_bytes())
}

fn json(summary: &LinkSummary) -> String {
    let columns: Vec<_> =
        summary.columns.iter().map(|(name, kind)| serde_json::json!({ "navn": name, "art": kind })).collect();
    let keys: Vec<_> =
        summary.keys.iter().map(|(name, pairs)| serde_json::json!({ "noegle": name, "par": pairs })).collect();
    let counts = &summary.counts;
    let changes = summary.changes.as_ref().map(|(rows, lines)| {
        let mut changes = serde_json::json!({ "nye_raekker": rows });
        for (change, count) in lines {
            changes[change.name().replace(' ', "_")] = (*count).into();
        }
        changes
    });
    let answer = serde_json::json!({
        "raekker": summary.rows,
        "kolonner": columns,
        "noegler": keys,
        "sammenlignede_par": counts.compared,
        "oversprungne_par": counts.skipped,
        "forbindelser": counts.links,
        "mindste_sandsynlighed": summary.probability,
        "relation": summary.relation,
        "forbudte": counts.forbidden,
        "husstandspar": counts.households,
        "forbydende_regler": summary.forbidding,
        "ved_binding": counts.bound,
        "veg_for_bedre": counts.gave_way,
        "ved_regel": counts.ruled,
        "samme_adresse_andet_fornavn": counts.same_address_other_name,
        "grupper": summary.groups,
        "stoerste_gruppe": summary.largest,
        "runder": summary.rounds,
        "bindinger": { "sammen": summary.decided[0], "hver_for_sig": summary.decided[1] },
        "aendringer": changes,
    });
    format!("{answer}\n")
}

fn table(summary: &LinkSummary, request: &LinkRequest) -> String {
    let counts = &summary.counts;
    let mut text = String::new();
    let mut line = |name: &str, value: String| text.push_str(&format!("{name:<44} {value}\n"));
    let rows = if request.right.is_some() {
        format!("{} og {}", summary.rows[0], summary.rows[1])
    } else {
        summary.rows[0].to_string()
    };
    line("Rækker", rows);
    for (place, (name, kind)) in summary.columns.iter().enumerate() {
        line(if place == 0 { "Kolonner, der sammenlignes" } else { "" }, format!("{name} ({kind})"));
    }
    line("Sammenlignede par", format!("{} under {} nøgler", counts.compared, summary.keys.len()));
    if counts.skipped > 0 {
        line("Sprunget over i overfyldte blokke", counts.skipped.to_string());
    }
    line(
        "Forbindelser",
        format!("{} med sandsynlighed mindst {}", counts.links, summary.probability.to_string().replace('.', ",")),
    );
    if request.right.is_some() {
        line("Relation", summary.relation.to_owned());
    }
    line("Grupper med flere rækker", format!("{}, den største på {}", summary.groups, summary.largest));
    for (name, count) in [
        ("Tunge nok, men forbudt af en regel", counts.forbidden),
        ("Ændret af en binding", counts.bound),
        ("Forbundet af en regel alene", counts.ruled),
        ("Veg for en tungere forbindelse", counts.gave_way),
    ] {
        if count > 0 {
            line(name, count.to_string());
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let share = 100.0 * counts.same_address_other_name as f64 / counts.links.max(1) as f64;
    line(
        "Samme adresse, andet fornavn",
        format!("{} ({} % af forbindelserne)", counts.same_address_other_name, format!("{share:.2}").replace('.', ",")),
    );
    if let Some(pairs) = counts.households {
        line("Par af samme husstand, som vægtene regner med", pairs.to_string());
    }
    if let Some((rows, lines)) = &summary.changes {
        line("Nye rækker", rows.to_string());
        for (change, count) in lines {
            line(&format!("Ændringer: {}", change.name()), count.to_string());
        }
    }
    text.push_str(&format!("\nSkrevet i {}: {}\n", request.out.display(), summary.written.join(", ")));
    text
}
