//! What a run says when it is done.

use samkor::{analysis::Destination, base::Result, domain::Ore, jobs::RunSummary};

/// How many families the screen shows of each list.
const SHOWN: usize = 10;

/// The summary for a person.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn table(summary: &RunSummary) -> Result<String> {
    let model = &summary.model;
    let ranking = &model.ranking;
    let mut text = String::new();
    let mut line = |new: String| {
        text.push_str(&new);
        text.push('\n');
    };
    line(format!(
        "{} · {} til {} · INTERN{}",
        model.project,
        model.period.from,
        model.period.to,
        if model.demo { " · PRØVEDATA" } else { "" }
    ));
    line(String::new());
    line(format!(
        "Registret: {} personer, {} bosat {} i {} husstande ({} delt af {}, den største på {})",
        model.counts.register,
        summary.residents,
        model.reference_date,
        summary.shared.households,
        summary.shared.shared,
        summary.shared.sharing,
        summary.shared.largest
    ));
    line(String::new());
    line(format!(
        "{:<16} {:>9} {:>9} {:>10} {:>9} {:>20}",
        "Kilde", "læst", "brugt", "frasorteret", "fejl", "kr. brugt"
    ));
    for source in &model.sources {
        let kroner = source.role.map_or_else(String::new, |_| source.used.ore.to_string());
        line(format!(
            "{:<16} {:>9} {:>9} {:>11} {:>9} {kroner:>20}",
            source.name, source.read.rows, source.used.rows, source.sorted_out.rows, source.set_aside.rows
        ));
    }
    line(String::new());
    for (title, list) in [
        ("De dyreste familier", &ranking.by_cost),
        ("De dyreste med flere ydelser og afdelinger", &ranking.several_by_cost),
    ] {
        line(format!("{title} ({} på listen, kr. afrundet):", list.rows.len()));
        for place in list.rows.iter().take(SHOWN) {
            let unit = &model.figures[place.unit];
            line(format!(
                "{:>5}. {} {:>16} kr.  {:>2} ydelser, {} afdelinger, {} personer",
                place.rank,
                unit.label,
                kroner(unit.ore, model.rounding),
                unit.services,
                unit.departments,
                unit.members
            ));
        }
        line(String::new());
    }
    let (_, families) = model.bridge.sum(|line| line.destination == Destination::Units)?;
    let (_, nobody) = model.bridge.sum(|line| line.destination.is_not_attributed())?;
    line(format!(
        "Henført til familier {} kr., ikke henført {} kr.",
        kroner(families, model.rounding),
        kroner(nobody, model.rounding)
    ));
    line(format!("Rapport:  {}", summary.directory.join("rapport/rapport.html").display()));
    line(format!("Lister:   {}", summary.directory.join("liste/familier.html").display()));
    line(format!("Fejl:     {}", summary.directory.join("arbejde/fejl.csv").display()));
    line(format!("Bevis:    {}", summary.directory.join("bevis/koersel.json").display()));
    Ok(text)
}

/// The summary for a script. No label and no exact amount of a family: those stand in `liste/` and `arbejde/`.
pub fn json(summary: &RunSummary) -> String {
    let model = &summary.model;
    let sources: Vec<_> = model
        .sources
        .iter()
        .map(|source| {
            serde_json::json!({
                "kilde": source.name,
                "raekker_laest": source.read.rows,
                "raekker_brugt": source.used.rows,
                "raekker_frasorteret": source.sorted_out.rows,
                "raekker_sat_til_side": source.set_aside.rows,
            })
        })
        .collect();
    let answer = serde_json::json!({
        "mappe": summary.directory.display().to_string(),
        "rapport": summary.directory.join("rapport/rapport.html").display().to_string(),
        "personer": model.counts.register,
        "bosat": summary.residents,
        "husstande": summary.shared.households,
        "husstande_delt": summary.shared.shared,
        "bor_sammen": summary.shared.sharing,
        "stoerste_husstand": summary.shared.largest,
        "familier_paa_listen": model.ranking.by_cost.rows.len(),
        "flerydelsesfamilier": model.ranking.several_by_cost.rows.len(),
        "kilder": sources,
    });
    format!("{answer}\n")
}

fn kroner(ore: Ore, rounding: u32) -> String {
    let text = ore.rounded_to_kroner(rounding).to_string();
    text.strip_suffix(",00").map_or(text.clone(), str::to_owned)
}
