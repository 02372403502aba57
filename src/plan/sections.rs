//! The plan's sections of settings, each read by itself.

use std::path::Path;

use super::{
    document::{Placed, Section, Value},
    quantity::{FaultLimit, parse_kroner},
    settings::{
        ClosedMonths, FamilySettings, FamilyUnit, LinkageSettings, Measure, Population, PriceLevel, Ranking,
        SettlementRules,
    },
};
use crate::{
    base::{Error, Result},
    domain::{LinkRule, Period, Tiers},
};

/// `[samkoering]`: how rows find their persons.
pub(super) fn linkage(section: Option<&Section<'_>>, base: &Path) -> Result<LinkageSettings> {
    let optional = |key| section.and_then(|section| section.optional(key));
    let words = LinkRule::OPTIONAL.iter().map(|rule| (rule.code(), *rule)).collect::<Vec<_>>();
    let mut tiers = Tiers::default();
    for rule in optional("uden").map(|value| value.words(&words)).transpose()?.unwrap_or_default() {
        tiers = tiers.without(rule);
    }
    let decisions = optional("afgoerelser").map(|value| {
        let text = value.text()?;
        Ok::<_, Error>(Placed { value: base.join(text.value), span: text.span })
    });
    let queue = optional("koe").map(|value| {
        let text = value.text()?.value;
        let named = Path::new(text).extension().is_some_and(|extension| extension == "age");
        if named { Ok(base.join(text)) } else { Err(value.error("koe er ingen age-fil", "skal ende på .age")) }
    });
    let recipients = optional("modtagere").map(|value| value.texts()).transpose()?.unwrap_or_default();
    Ok(LinkageSettings {
        tiers,
        decisions: decisions.transpose()?,
        queue: queue.transpose()?.unwrap_or_else(|| base.join("koe.csv.age")),
        recipients: recipients
            .into_iter()
            .map(|text| Placed { value: text.value.to_owned(), span: text.span })
            .collect(),
    })
}

/// `[opgoerelse]`: how grants and payments are settled.
pub(super) fn settlement(section: Option<&Section<'_>>) -> Result<SettlementRules> {
    let optional = |key| section.and_then(|section| section.optional(key));
    let days = |key| optional(key).map(|value| value.integer(0..=3_650)).transpose();
    let whole = |days: u32| i32::try_from(days).expect("at most 3,650");
    let coverage_limit = optional("daekningsgraense").map(|value| {
        FaultLimit::parse(value.number_text()?).map(FaultLimit::parts_per_million).ok_or_else(|| {
            value
                .error("daekningsgraense er ingen andel", "skal være fra 0 til 1 med højst seks decimaler")
                .hint("0.80 er fire femtedele af kronerne.")
        })
    });
    Ok(SettlementRules {
        maturity_days: days("modningsdage")?.map(whole),
        presumed_ended_days: days("formodet_ophoert_dage")?.map_or(SettlementRules::PRESUMED_ENDED_DAYS, whole),
        coverage_limit: coverage_limit.transpose()?.unwrap_or(SettlementRules::COVERAGE_LIMIT),
    })
}

/// `[rangliste]`.
pub(super) fn ranking(section: Option<&Section<'_>>) -> Result<Ranking> {
    let optional = |key| section.and_then(|section| section.optional(key));
    let number = |key, limits, default| optional(key).map_or(Ok(default), |value| value.integer(limits));
    let cost_threshold = optional("beloebsgraense").map(|value| {
        parse_kroner(value.text()?.value).filter(|ore| ore.0 > 0).ok_or_else(|| {
            value
                .error("beloebsgraense er ikke et beløb i kroner", "skal være et beløb over 0")
                .hint("Skriv det på dansk, for eksempel \"500.000\" eller \"499.999,50\".")
        })
    });
    Ok(Ranking {
        top: number("antal", 1..=10_000, 100)?,
        min_services: number("min_ydelser", 1..=1_000, 2)?,
        min_departments: number("min_afdelinger", 1..=100, 2)?,
        population: optional("population").map_or(Ok(Population::All), |value| value.word(&Population::WORDS))?,
        cost_threshold: cost_threshold.transpose()?,
        measure: optional("maal").map_or(Ok(Measure::Gross), |value| value.word(&Measure::WORDS))?,
        manual: optional("manuel").map_or(Ok(false), |value| value.boolean())?,
        rounding_kroner: number("afrunding", 1..=1_000_000, 1_000)?,
    })
}

/// `[maanedslukning]`: which months are closed, and at what.
pub(super) fn closed(section: &Section<'_>, period: Period, base: &Path) -> Result<ClosedMonths> {
    let value = section.required("til")?;
    let through = value.date()?;
    if through != through.month_end() || !period.contains(through) {
        return Err(value
            .error("Månederne kan ikke lukkes til denne dag", "skal være den sidste dag i en måned i perioden")
            .hint("Skriv for eksempel 2015-03-31, når januar til marts er lukket."));
    }
    let figures = section.required("tal")?.text()?;
    Ok(ClosedMonths { through, figures: Placed { value: base.join(figures.value), span: figures.span } })
}

/// `[prisniveau]`: the year whose prices are used.
pub(super) fn price_level(section: &Section<'_>, base: &Path) -> Result<PriceLevel> {
    let value = section.required("aar")?;
    let year = i16::try_from(value.integer(1970..=2_199)?).expect("at most 2,199");
    let indices = section.optional("indeks").map(|value| {
        let text = value.text()?;
        Ok::<_, Error>(Placed { value: base.join(text.value), span: text.span })
    });
    Ok(PriceLevel { year: Placed { value: year, span: value.span() }, indices: indices.transpose()? })
}

/// `[familier]`.
pub(super) fn families(section: Option<&Section<'_>>, base: &Path) -> Result<FamilySettings> {
    let optional = |key| section.and_then(|section| section.optional(key));
    let file = |key| {
        let path = |value: Value<'_>| {
            let text = value.text()?;
            Ok::<_, Error>(Placed { value: base.join(text.value), span: text.span })
        };
        optional(key).map(path).transpose()
    };
    let guard = optional("institutionsvaern");
    let (institutions, manual) = (file("institutioner")?, file("manuel")?);
    Ok(FamilySettings {
        unit: optional("enhed").map_or(Ok(FamilyUnit::CaseFamily), |value| value.word(&FamilyUnit::WORDS))?,
        nuclei: guard.map_or(Ok(false), |value| value.word(&[("liste", false), ("liste+kerner", true)]))?,
        institutions,
        manual,
    })
}
