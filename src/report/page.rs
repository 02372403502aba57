//! The frame of every page: language, a policy that lets nothing run or load, the marks, the foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{model::ReportModel, text};

/// Nothing is loaded and nothing runs; only the style in the page itself applies.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Who may see a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// The aggregate report, before the disclosure gate exists.
    Internal,
    /// Lists of families.
    ProjectGroup,
}

impl Audience {
    const fn mark(self) -> (&'static str, &'static str) {
        match self {
            Self::Internal => ("INTERN", "Ikke til offentliggørelse: små tal er ikke skjult"),
            Self::ProjectGroup => ("FORTROLIG LISTE", "Kun for projektgruppen"),
        }
    }

    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Internal => None,
            Self::ProjectGroup => Some("wide"),
        }
    }
}

/// A whole page.
pub(super) fn page(model: &ReportModel, audience: Audience, title: &str, lead: &Markup, body: &Markup) -> Vec<u8> {
    let (mark, meaning) = audience.mark();
    let wide = audience.class();
    let eyebrow = model.project.replace('|', " · ");
    let page = html! {
        (DOCTYPE)
        html lang="da" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) " · " (eyebrow) @if model.demo { " · PRØVEDATA" } }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body class=[wide] {
                div.marks role="note" aria-label="Mærkning" {
                    span { strong { (mark) } " · " (meaning) }
                    @if model.demo { span.demo { strong { "PRØVEDATA" } " · opdigtede personer" } }
                }
                div.watermark aria-hidden="true" { (mark) @if model.demo { br; "PRØVEDATA" } }
                header.top {
                    p.eyebrow { (eyebrow) }
                    h1 { (title) }
                    (lead)
                }
                main { (body) }
                footer {
                    dl {
                        dt { "Formål" } dd { (model.purpose) }
                        dt { "Retsgrundlag" } dd { (model.legal_basis) }
                        dt { "Slettes senest" } dd { (text::date(model.retention)) }
                        dt { "Etiketter" } dd { "gælder for " (model.labels) }
                        dt { "Lavet med" } dd { (model.program) "; tidspunkt, inddata og kontrolsummer står i bevis/koersel.json" }
                    }
                }
            }
        }
    };
    page.into_string().into_bytes()
}

/// The period and reference date as a line below the title.
pub(super) fn scope(model: &ReportModel) -> Markup {
    html! {
        p.lead {
            (text::date(model.period.from)) " – " (text::date(model.period.to)) " · familier som de er "
            (text::date(model.reference_date))
        }
    }
}
