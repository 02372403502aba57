//! What a run says when it is done.

use samkor::{analysis::Destination, base::Result, domain::Ore, jobs::RunSummary, register::RecordType};

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
    let register = &summary.register;
    line(format!(
        "Registret: {} poster, heraf {} personposter (001): {} personer og {} tidligere numre",
        grouped(summary.register_records.values().sum()),
        grouped(register.records(RecordType::Person)),
        grouped(register.persons),
        grouped(register.former_records),
    ));
    line(format!(
        "           {} bosat {} i {} husstande ({} delt af {}, den største på {})",
        grouped(summary.residents),
        model.reference_date,
        grouped(summary.shared.households),
        grouped(summary.shared.shared),
        grouped(summary.shared.sharing),
        grouped(summary.shared.largest)
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
    if model.accounts.withheld() {
        line("Dækningen er under planens grænse: rapportens forside viser ingen tal.".to_owned());
    }
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
        "register": {
            "poster": summary.register_records.values().sum::<u64>(),
            "posttyper": summary.register_records,
            "personposter_001": summary.register.records(RecordType::Person),
            "personer": summary.register.persons,
            "tidligere_numre_med_001": summary.register.former_records,
            "tidligere_numre": summary.register.changed_numbers,
            "kun_naevnt_af_andre": summary.register.referenced_only,
            "bosat": summary.residents,
        },
        "husstande": {
            "antal": summary.shared.households,
            "delt": summary.shared.shared,
            "personer_i_delte": summary.shared.sharing,
            "stoerste": summary.shared.largest,
        },
        "familier_paa_listen": model.ranking.by_cost.rows.len(),
        "flerydelsesfamilier": model.ranking.several_by_cost.rows.len(),
        "kilder": sources,
    });
    format!("{answer}\n")
}

/// A whole number in Danish form.
fn grouped(number: u64) -> String {
    let text = Ore(i64::try_from(number).unwrap_or(i64::MAX / 100).saturating_mul(100)).to_string();
    text.strip_suffix(",00").map_or(text.clone(), str::to_owned)
}

fn kroner(ore: Ore, rounding: u32) -> String {
    let text = ore.rounded_to_kroner(rounding).to_string();
    text.strip_suffix(",00").map_or(text.clone(), str::to_owned)
}
