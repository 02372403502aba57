//! Finds the service behind a law paragraph, with the help of what the case system calls the offer.

use std::cmp::Reverse;

use crate::{
    base::Result,
    catalogue::{
        table::{Row, Sheet, keep_own},
        wording,
    },
    domain::{Date, Law, Paragraph, Period, ServiceId},
};

/// What the rows of one paragraph have in common: law, section and letter.
type Section = (Law, u16, Option<char>);

#[derive(Clone, Debug)]
struct Rule {
    paragraph: Paragraph,
    /// Lower-case words that the offer must hold; empty when any offer will do.
    offer: Box<str>,
    valid: Period,
    service: ServiceId,
}

impl Rule {
    /// Sections together, in each the longest paragraph first, then the longest offer, the rule without one last.
    fn order(&self) -> impl Ord + use<> {
        (
            section(&self.paragraph),
            Reverse(depth(&self.paragraph)),
            self.paragraph,
            Reverse(self.offer.chars().count()),
            self.offer.clone(),
            self.valid,
        )
    }
}

/// The dated paragraphs in the order in which they are tried.
#[derive(Clone, Debug)]
pub(super) struct Paragraphs {
    rules: Vec<Rule>,
    unknown: ServiceId,
}

impl Paragraphs {
    /// Reads the paragraphs; `service` finds the service of a code or fails with the row.
    pub(super) fn load(
        sheet: Sheet<'_>,
        unknown: ServiceId,
        service: impl Fn(&Row<'_>, usize) -> Result<ServiceId>,
    ) -> Result<Self> {
        let lines = sheet.rows("paragraph;valid_from;valid_to;offer;service;confidence")?;
        let mut rules = Vec::new();
        for row in &lines {
            let (valid, service) = (row.validity(1)?, service(row, 4)?);
            for paragraph in row.parts(0) {
                let paragraph = parse(row, paragraph)?;
                for offer in row.parts(3) {
                    if offer.chars().flat_map(char::to_lowercase).ne(offer.chars()) {
                        return Err(row.error(&format!("tilbuddet »{offer}« skal stå med små bogstaver")));
                    }
                    rules.push((Rule { paragraph, offer: offer.into(), valid, service }, row));
                }
            }
        }
        keep_own(&mut rules, |(rule, _)| (rule.paragraph, rule.offer.clone()), |(_, row)| row);
        rules.sort_by_cached_key(|(rule, _)| rule.order());
        let same = |a: &Rule, b: &Rule| a.paragraph == b.paragraph && a.offer == b.offer && a.valid.to >= b.valid.from;
        if let Some(pair) = rules.windows(2).find(|pair| same(&pair[0].0, &pair[1].0)) {
            let why = format!("{} med samme tilbud står to gange på samme dag", pair[1].0.paragraph);
            return Err(pair[1].1.error(&why));
        }
        Ok(Self { rules: rules.into_iter().map(|(rule, _)| rule).collect(), unknown })
    }

    /// The service of a paragraph and offer on a day.
    pub(super) fn find(&self, paragraph: &Paragraph, offer: &str, on: Date) -> ServiceId {
        // "§ 66, nr. 1" without a stykke means the first.
        let subsection = paragraph.subsection.or(paragraph.number.map(|_| 1));
        let paragraph = Paragraph { subsection, ..*paragraph };
        let wanted = section(&paragraph);
        let start = self.rules.partition_point(|rule| section(&rule.paragraph) < wanted);
        let mut candidates = self.rules[start..].iter().take_while(|rule| section(&rule.paragraph) == wanted);
        candidates
            .find(|rule| {
                rule.valid.contains(on)
                    && paragraph.lies_within(&rule.paragraph)
                    && wording::contains(offer, &rule.offer)
            })
            .map_or(self.unknown, |rule| rule.service)
    }
}

fn section(paragraph: &Paragraph) -> Section {
    (paragraph.law, paragraph.section, paragraph.letter)
}

fn depth(paragraph: &Paragraph) -> u8 {
    u8::from(paragraph.subsection.is_some()) + u8::from(paragraph.number.is_some())
}

fn parse(row: &Row<'_>, text: &str) -> Result<Paragraph> {
    Paragraph::parse(text, Law::Sel)
        .filter(|paragraph| text.starts_with(paragraph.law.code()))
        .filter(|paragraph| paragraph.number.is_none() || paragraph.subsection.is_some())
        .ok_or_else(|| row.error(&format!("»{text}« er ingen paragraf, skriv som SEL 52 stk. 3 nr. 7")))
}
