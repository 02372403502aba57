//! `samkor family RUN LABEL`.

use samkor::{
    base::Result,
    jobs::{self, FamilyView, MemberView, PlaceView, UnitView},
};

use super::Context;
use crate::cli::{arguments::FamilyArguments, terminal::to_stdout};

pub fn run(arguments: &FamilyArguments, context: &Context<'_>) -> Result<()> {
    let family = jobs::family(&arguments.run, &arguments.label)?;
    let text = if context.json { json(&family) } else { table(&family) };
    to_stdout(text.as_bytes())
}

fn json(family: &FamilyView) -> String {
    let unit = |unit: &UnitView| {
        serde_json::json!({
            "etiket": unit.label,
            "enhedstype": unit.letter,
            "art": unit.form,
            "medlemmer": unit.members,
            "boern": unit.children,
            "anbragte": unit.placed,
            "beskyttelse": unit.protection,
            "foraelder_for_sig": unit.parent_apart,
        })
    };
    let place = |place: &PlaceView| {
        serde_json::json!({
            "enhedstype": place.letter,
            "etiket": place.label,
            "rolle": place.role,
            "regel": place.rule.as_ref().map(|(rule, _)| rule),
            "sikkerhed": place.rule.as_ref().map(|(_, certainty)| certainty),
            "knyttet_til": place.to,
            "fra": place.days.as_ref().map(|(from, _)| from),
            "til": place.days.as_ref().map(|(_, to)| to),
            "foraeldre": place.parents,
        })
    };
    let member = |member: &MemberView| {
        serde_json::json!({
            "nr": member.number,
            "alder": member.age,
            "pladser": member.places.iter().map(place).collect::<Vec<_>>(),
        })
    };
    let answer = serde_json::json!({
        "familie": unit(&family.unit),
        "enheder": family.units.iter().map(unit).collect::<Vec<_>>(),
        "medlemmer": family.members.iter().map(member).collect::<Vec<_>>(),
    });
    format!("{answer}\n")
}

fn table(family: &FamilyView) -> String {
    let mut text = format!("{} · {}\n", family.unit.label, about(&family.unit));
    // The strongest mark of any unit beside it: whoever shares a household with a protected person could give it away.
    let protection = family.units.iter().chain([&family.unit]).find_map(|unit| unit.protection.as_ref());
    if let Some(protection) = protection {
        text.push_str(&format!("BESKYTTET ({protection}). Vis ikke andre, hvor familien er.\n"));
    }
    text.push('\n');
    for member in &family.members {
        text.push_str(&format!("Person {} · {} år\n", member.number, member.age.as_deref().unwrap_or("ukendt")));
        for place in &member.places {
            text.push_str(&format!("  {} {}  {}\n", place.letter, place.label, told(place)));
        }
    }
    text.push_str("\nEnhederne ved siden af hinanden\n");
    for unit in &family.units {
        text.push_str(&format!("  {} {}  {}\n", unit.letter, unit.label, about(unit)));
    }
    text
}

fn about(unit: &UnitView) -> String {
    let counted = |number: i64, one: &str, more: &str| format!("{number} {}", if number == 1 { one } else { more });
    let kind = match unit.letter.as_str() {
        "H" => "husstand",
        "F" => "familie",
        _ => "sagsfamilie",
    };
    let mut parts = vec![format!("{kind} ({})", unit.form), counted(unit.members, "medlem", "medlemmer")];
    if unit.children > 0 {
        parts.push(counted(unit.children, "barn", "børn"));
    }
    if unit.placed > 0 {
        parts.push(counted(unit.placed, "anbragt", "anbragte"));
    }
    if unit.parent_apart {
        parts.push("en forælder bor for sig".to_owned());
    }
    parts.join(", ")
}

fn told(place: &PlaceView) -> String {
    let mut parts = vec![place.role.clone()];
    if let Some((rule, certainty)) = &place.rule {
        let to = place.to.map_or_else(String::new, |to| format!(" til person {to}"));
        parts.push(format!("{rule}{to} ({certainty})"));
    }
    if let Some((from, to)) = &place.days {
        parts.push(format!("{from} til {to}"));
    }
    parts.extend(place.parents.clone());
    parts.join(" · ")
}
