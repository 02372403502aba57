//! The plan's sources: what each must say, and what they must be together.

use std::collections::BTreeSet;

use super::{
    document::{Document, Section, Value, not_among},
    names::{is_name, name_from},
    parse::{fault_limit, owned},
    quantity::FaultLimit,
    settings::{Authoritative, Encoding, Source},
};
use crate::{
    base::Result,
    domain::{Period, SourceId, System},
};

const SYSTEMS: [(&str, System); 8] = [
    ("cpr", System::Cpr),
    ("dubu", System::Dubu),
    ("opus", System::Opus),
    ("kmd", System::Kmd),
    ("ydelsesrefusion", System::Ydelsesrefusion),
    ("sensum", System::Sensum),
    ("institution", System::Institution),
    ("manuel", System::Manuel),
];

/// Sources are numbered in 16 bits; nobody has this many.
const MOST_SOURCES: usize = 1_000;

/// The sources in the order of the plan, each checked, at least one of them CPR.
pub(super) fn sources(
    document: &Document,
    sections: &[Section<'_>],
    limit: FaultLimit,
    period: Period,
) -> Result<Vec<Source>> {
    if let Some(extra) = sections.get(MOST_SOURCES) {
        return Err(document.error(extra.span(), "Planen har for mange kilder", "den første over grænsen på 1.000"));
    }
    let mut names = BTreeSet::new();
    let mut sources = Vec::with_capacity(sections.len());
    for (section, number) in sections.iter().zip(0_u16..) {
        let source = source(section, SourceId(number), limit, period)?;
        if !names.insert(source.name.value.clone()) {
            let span = source.name.span.clone();
            return Err(document
                .error(span, "To kilder har samme navn", "navnet er brugt af en kilde ovenfor")
                .hint("Giv hver kilde sit eget navn; flere filer fra samme kilde skrives som en liste i fil."));
        }
        sources.push(source);
    }
    if !sources.iter().any(|source| source.system == System::Cpr) {
        let span = sections.first().map_or(0..0, Section::span);
        return Err(document
            .error(span, "Planen har ingen kilde med system = \"cpr\"", "ingen af kilderne er CPR-udtrækket")
            .hint("Uden et CPR-udtræk kan ingen husstand dannes: tilføj en [[kilde]] med system = \"cpr\"."));
    }
    Ok(sources)
}

fn source(section: &Section<'_>, id: SourceId, limit: FaultLimit, period: Period) -> Result<Source> {
    let name_value = section.required("navn")?;
    let name = name_value.text()?;
    if !is_name(name.value) {
        let error = name_value.error("Kildens navn har ikke den rette form", "skal være a-z, 0-9 og bindestreg");
        let proposal = name_from(name.value);
        return Err(if proposal.is_empty() { error } else { error.hint(format!("Skriv \"{proposal}\".")) });
    }
    let data_end = section.optional("data_slut").map(|value| {
        let date = value.date()?;
        if date < period.from {
            return Err(value
                .error("Kilden slutter, før perioden begynder", format!("perioden begynder {}", period.from))
                .hint("data_slut er den sidste dag, som kilden har data for."));
        }
        Ok(date)
    });
    Ok(Source {
        id,
        system: section.required("system")?.word(&SYSTEMS)?,
        layout: owned(&section.required("layout")?.text()?),
        patterns: section.required("fil")?.texts()?.iter().map(owned).collect(),
        encoding: section.optional("tegnsaet").map(|value| value.word(&Encoding::WORDS)).transpose()?,
        delimiter: section.optional("skilletegn").map(|value| delimiter(&value)).transpose()?,
        data_start: section.optional("data_start").map(|value| value.date()).transpose()?,
        data_end: data_end.transpose()?,
        fault_limit: fault_limit(section.optional("fejlgraense").as_ref())?.unwrap_or(limit),
        name: owned(&name),
    })
}

/// A tab is blank, so the text is read untrimmed by the list of words.
fn delimiter(value: &Value<'_>) -> Result<u8> {
    value.exact_word(&[(";", b';'), (",", b','), ("\t", b'\t'), ("|", b'|')]).ok_or_else(|| {
        value
            .error("skilletegn kendes ikke", "skal være et af de fire tegn")
            .hint("Vælg \";\", \",\", \"|\" eller \"\\t\" (tabulator).")
    })
}

/// The rules of `[[autoritativ]]`.
pub(super) fn authoritative(
    document: &Document,
    sections: &[Section<'_>],
    sources: &[Source],
) -> Result<Vec<Authoritative>> {
    let mut rules: Vec<Authoritative> = Vec::with_capacity(sections.len());
    for section in sections {
        let purpose_group = owned(&section.required("formaalsgruppe")?.text()?);
        if rules.iter().any(|rule| rule.purpose_group.value == purpose_group.value) {
            let message = "En formålsgruppe har to autoritative kilder";
            return Err(document.error(purpose_group.span, message, "formålsgruppen står også ovenfor"));
        }
        let name = section.required("kilde")?.text()?;
        let Some(source) = sources.iter().find(|source| source.name.value == name.value) else {
            let names: Vec<&str> = sources.iter().map(|source| source.name.value.as_str()).collect();
            return Err(not_among(document, name.span, "kilde", name.value, &names));
        };
        if !matches!(source.system, System::Opus | System::Kmd | System::Ydelsesrefusion) {
            return Err(document
                .error(name.span, "Kilden har ingen udbetalinger", "er hverken opus, kmd eller ydelsesrefusion")
                .hint("[[autoritativ]] vælger mellem kilder med faktiske udbetalinger."));
        }
        rules.push(Authoritative { purpose_group, source: source.id });
    }
    Ok(rules)
}
