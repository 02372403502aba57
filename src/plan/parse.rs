//! The plan's text becomes settings, one rule after the other.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{
    document::{Document, Placed, Schema, Section, Value},
    inputs::nearest_entry,
    names::name_from,
    quantity::FaultLimit,
    sections::{closed, families, linkage, price_level, ranking, settlement},
    settings::{Labels, Output, Plan, Purpose},
    sources::{authoritative, sources},
};
use crate::{
    base::{Error, ErrorKind, Result},
    catalogue::CatalogueTable,
    domain::{Date, MunicipalityCode, Period, ProjectId},
};

const SCHEMA: &Schema = &[
    (
        "",
        &[
            "projekt",
            "formaal",
            "retsgrundlag",
            "slettefrist",
            "kommune",
            "noegle",
            "etiketter",
            "ud",
            "fejlgraense",
            "periode",
            "rangliste",
            "familier",
            "opgoerelse",
            "samkoering",
            "prisniveau",
            "maanedslukning",
            "kilde",
            "layouts",
            "katalog",
            "autoritativ",
        ],
    ),
    ("periode", &["fra", "til", "skaeringsdato"]),
    (
        "rangliste",
        &["antal", "min_ydelser", "min_afdelinger", "population", "beloebsgraense", "maal", "manuel", "afrunding"],
    ),
    ("familier", &["enhed", "institutionsvaern", "institutioner", "manuel"]),
    ("opgoerelse", &["modningsdage", "formodet_ophoert_dage", "daekningsgraense"]),
    ("samkoering", &["uden", "afgoerelser", "koe", "modtagere"]),
    ("prisniveau", &["aar", "indeks"]),
    ("maanedslukning", &["til", "tal"]),
    ("kilde", &["navn", "system", "layout", "fil", "tegnsaet", "skilletegn", "data_start", "data_slut", "fejlgraense"]),
    ("layouts", &["filer"]),
    ("katalog", &["afdelinger", "formaalsgrupper", "ydelser", "konti", "paragraffer", "ydelsesnavne"]),
    ("autoritativ", &["formaalsgruppe", "kilde"]),
];

/// A plan longer than this is no plan: somebody named an export by mistake.
const LONGEST: u64 = 1 << 20;

impl Plan {
    /// Reads the plan from a file; paths in it are relative to the file's directory.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`Self::parse`].
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let base = path.parent().unwrap_or_else(|| Path::new(""));
        let unreadable = |error: io::Error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let failure = Error::new(ErrorKind::Plan, format!("Planen {name} kan ikke læses")).because(error);
            match nearest_entry(path).filter(|_| missing) {
                Some(near) => failure.hint(format!("Mente du {}?", base.join(near).display())),
                None if missing => failure.hint("Lav en ny plan med samkor init MAPPE."),
                None => failure,
            }
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        let length = file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if length as u64 > LONGEST {
            return Err(Error::new(ErrorKind::Plan, format!("{name} er for stor til at være en plan"))
                .hint("Angiv filen samkor.toml, ikke et udtræk."));
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::new(ErrorKind::Plan, format!("Planen {name} er ikke skrevet i UTF-8"))
                .hint("Gem filen igen som UTF-8.")
        })?;
        Self::parse(&text, &name, base)
    }

    /// Reads the plan from its text. `file` is what messages call it; paths in it are relative to `base`.
    ///
    /// # Errors
    /// The first rule that the text breaks, with its place. Layout names and purpose groups are checked by
    /// [`Self::check_layouts`] and [`Self::check_purpose_groups`], once these are known.
    pub fn parse(text: &str, file: &str, base: &Path) -> Result<Self> {
        let document = Document { file: file.to_owned(), text: text.into() };
        let tables = document.tables()?;
        let top = Section::top(&document, &tables, SCHEMA)?;
        let project = project(&top.required("projekt")?)?;
        let purpose = purpose(&top.required("formaal")?)?;
        let legal_basis = owned(&top.required("retsgrundlag")?.text()?);
        let retention = top.required("slettefrist")?;
        let key = top.required("noegle")?.text()?;
        let municipality = top.optional("kommune").as_ref().map(municipality).transpose()?;
        let labels = labels(top.optional("etiketter").as_ref(), purpose)?;
        let output = top.required("ud")?.text()?;
        let fault_limit = fault_limit(top.optional("fejlgraense").as_ref())?.unwrap_or(FaultLimit::DEFAULT);
        let (period, reference_date) = period(&top.required_table("periode", "[periode]")?.section(SCHEMA)?)?;
        let retention = retention_date(&retention, period)?;
        let ranking = ranking(top.optional("rangliste").map(|value| value.section(SCHEMA)).transpose()?.as_ref())?;
        let families =
            families(top.optional("familier").map(|value| value.section(SCHEMA)).transpose()?.as_ref(), base)?;
        let settlement =
            settlement(top.optional("opgoerelse").map(|value| value.section(SCHEMA)).transpose()?.as_ref())?;
        let linkage =
            linkage(top.optional("samkoering").map(|value| value.section(SCHEMA)).transpose()?.as_ref(), base)?;
        let closed = match top.optional("maanedslukning") {
            Some(value) => Some(closed(&value.section(SCHEMA)?, period, base)?),
            None => None,
        };
        let price_level = match top.optional("prisniveau") {
            Some(value) => Some(price_level(&value.section(SCHEMA)?, base)?),
            None => None,
        };
        let sources =
            sources(&document, &top.required_table("kilde", "[[kilde]]")?.sections(SCHEMA)?, fault_limit, period)?;
        let layout_files = match top.optional("layouts") {
            Some(layouts) => layouts.section(SCHEMA)?.required("filer")?.texts()?.iter().map(owned).collect(),
            None => Vec::new(),
        };
        let catalogue =
            catalogue(top.optional("katalog").map(|value| value.section(SCHEMA)).transpose()?.as_ref(), base)?;
        let authoritative = match top.optional("autoritativ") {
            Some(rules) => authoritative(&document, &rules.sections(SCHEMA)?, &sources)?,
            None => Vec::new(),
        };
        Ok(Self {
            project,
            purpose,
            legal_basis,
            retention,
            municipality,
            key: Placed { value: base.join(key.value), span: key.span },
            labels,
            fault_limit,
            period,
            reference_date,
            ranking,
            families,
            settlement,
            linkage,
            price_level,
            closed,
            sources,
            layout_files,
            catalogue,
            authoritative,
            output: Output { planned: Placed { value: base.join(output.value), span: output.span }, instead: None },
            base: base.to_owned(),
            document: document.clone(),
        })
    }
}

pub(super) fn owned(text: &Placed<&str>) -> Placed<String> {
    Placed { value: text.value.to_owned(), span: text.span.clone() }
}

fn project(value: &Value<'_>) -> Result<Placed<ProjectId>> {
    let text = value.text()?;
    let Some(project) = ProjectId::parse(text.value) else {
        let label = "skal være kommune|projekt|liste med a-z, 0-9 og bindestreg";
        let error = value.error("projekt har ikke den rette form", label);
        let parts: Vec<String> = text.value.split('|').map(name_from).collect();
        let proposal = ProjectId::parse(&parts.join("|"));
        return Err(match proposal {
            Some(proposal) => error.hint(format!("Skriv \"{proposal}\".")),
            None => error.hint("Skriv for eksempel \"eksempelkoebing|100-familier|fase1\"."),
        });
    };
    Ok(Placed { value: project, span: text.span })
}

fn purpose(value: &Value<'_>) -> Result<Purpose> {
    if value.text()?.value.eq_ignore_ascii_case("kontrol") {
        return Err(value
            .error("Formålet kontrol afvises", "er ikke et formål, som samkor arbejder for")
            .hint("Samkøringen er til støtte for familier eller til bedre kvalitet, aldrig til kontrol af dem.")
            .hint("Formålet er stotte, kvalitet eller statistik."));
    }
    value.word(&Purpose::WORDS)
}

fn municipality(value: &Value<'_>) -> Result<MunicipalityCode> {
    MunicipalityCode::parse(value.text()?.value.as_bytes()).ok_or_else(|| {
        value
            .error("kommune er ingen kommunekode", "skal være kommunens kode, tre eller fire cifre")
            .hint("Skriv den som tekst, for eksempel \"0167\" for Hvidovre.")
    })
}

/// Under statistics no two runs may be joined by person (databeskyttelsesloven § 10), so labels last one run.
fn labels(value: Option<&Value<'_>>, purpose: Purpose) -> Result<Labels> {
    let Some(value) = value else {
        return Ok(if purpose == Purpose::Statistics { Labels::Run } else { Labels::Project });
    };
    let labels = value.word(&Labels::WORDS)?;
    if labels == Labels::Project && purpose == Purpose::Statistics {
        return Err(value
            .error("Ved statistik skal etiketterne være nye i hver kørsel", "må kun være koersel ved statistik")
            .hint("Statistik må ikke følge den enkelte familie fra kørsel til kørsel (databeskyttelsesloven § 10).")
            .hint("Skriv etiketter = \"koersel\", eller slet linjen."));
    }
    Ok(labels)
}

pub(super) fn fault_limit(value: Option<&Value<'_>>) -> Result<Option<FaultLimit>> {
    let Some(value) = value else { return Ok(None) };
    FaultLimit::parse(value.number_text()?).map(Some).ok_or_else(|| {
        value
            .error("fejlgraense er ingen andel", "skal være fra 0 til 1 med højst seks decimaler")
            .hint("0.01 er én række af hundrede.")
    })
}

fn period(section: &Section<'_>) -> Result<(Period, Date)> {
    let (from, to) = (section.required("fra")?, section.required("til")?);
    let period = Period::new(from.date()?, to.date()?)
        .ok_or_else(|| to.error("Perioden slutter, før den begynder", "ligger før fra"))?;
    let Some(value) = section.optional("skaeringsdato") else { return Ok((period, period.to)) };
    let reference_date = value.date()?;
    // Households of a day outside the period would be given kroner that were paid when they may not have existed.
    if !period.contains(reference_date) {
        return Err(value
            .error(
                "Skæringsdatoen ligger uden for perioden",
                format!("skal være fra {} til {}", period.from, period.to),
            )
            .hint("Kronerne er periodens, så husstandene skal også være fra en dag i den."));
    }
    Ok((period, reference_date))
}

fn retention_date(value: &Value<'_>, period: Period) -> Result<Date> {
    let date = value.date()?;
    if date <= period.to {
        return Err(value
            .error("Slettefristen ligger ikke efter perioden", format!("skal ligge efter {}", period.to))
            .hint("Slettefristen er den dag, hvor kørslens resultater skal være slettet."));
    }
    Ok(date)
}

/// The files of the user's own over the catalogue's tables.
fn catalogue(section: Option<&Section<'_>>, base: &Path) -> Result<Vec<(CatalogueTable, Placed<PathBuf>)>> {
    let Some(section) = section else { return Ok(Vec::new()) };
    let named = CatalogueTable::ALL.into_iter().filter_map(|table| Some((table, section.optional(table.key())?)));
    named
        .map(|(table, value)| {
            let text = value.text()?;
            Ok((table, Placed { value: base.join(text.value), span: text.span }))
        })
        .collect()
}

#[cfg(test)]
mod tests;
