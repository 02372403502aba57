//! A law paragraph, read from the many ways in which case systems write it.

use std::fmt;

/// Laws that grant services, by the short names of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// Serviceloven.
    Sel,
    /// Barnets lov, in force since 1 January 2024.
    Bl,
    /// Lov om aktiv socialpolitik.
    Las,
    /// Lov om en aktiv beskæftigelsesindsats.
    Lab,
    /// Dagtilbudsloven.
    Dtl,
    /// Folkeskoleloven.
    Fskl,
    /// Sundhedsloven.
    Sul,
    /// Lov om social pension.
    Spl,
    /// Sygedagpengeloven.
    Sdpl,
    /// Retssikkerhedsloven.
    Rsl,
    /// Lov om bekæmpelse af ungdomskriminalitet.
    Ulk,
    /// Almenboligloven.
    Abl,
}

impl Law {
    const NAMES: [(&'static str, Self); 24] = [
        ("SEL", Self::Sel),
        ("SERVICELOVEN", Self::Sel),
        ("BL", Self::Bl),
        ("BARNETS", Self::Bl),
        ("LAS", Self::Las),
        ("AKTIVLOVEN", Self::Las),
        ("LAB", Self::Lab),
        ("DTL", Self::Dtl),
        ("DAGTILBUDSLOVEN", Self::Dtl),
        ("FSKL", Self::Fskl),
        ("FOLKESKOLELOVEN", Self::Fskl),
        ("SUL", Self::Sul),
        ("SUNDHEDSLOVEN", Self::Sul),
        ("SPL", Self::Spl),
        ("PENSIONSLOVEN", Self::Spl),
        ("SDPL", Self::Sdpl),
        ("SYGEDAGPENGELOVEN", Self::Sdpl),
        ("RSL", Self::Rsl),
        ("RETSSIKKERHEDSLOVEN", Self::Rsl),
        ("ULK", Self::Ulk),
        ("UNGDOMSKRIMINALITETSLOVEN", Self::Ulk),
        ("ABL", Self::Abl),
        ("ALMENBOLIGLOVEN", Self::Abl),
        ("SERVICELOV", Self::Sel),
    ];

    /// The short name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sel => "SEL",
            Self::Bl => "BL",
            Self::Las => "LAS",
            Self::Lab => "LAB",
            Self::Dtl => "DTL",
            Self::Fskl => "FSKL",
            Self::Sul => "SUL",
            Self::Spl => "SPL",
            Self::Sdpl => "SDPL",
            Self::Rsl => "RSL",
            Self::Ulk => "ULK",
            Self::Abl => "ABL",
        }
    }
}

/// A paragraph such as SEL § 52, stk. 3, nr. 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Paragraph {
    /// The law.
    pub law: Law,
    /// The paragraph's number.
    pub section: u16,
    /// A letter behind the number, as in § 52 a; in lower case.
    pub letter: Option<char>,
    /// Stykke.
    pub subsection: Option<u8>,
    /// Nummer.
    pub number: Option<u8>,
}

impl Paragraph {
    /// Reads `SEL § 52, stk. 3, nr. 7`, `§ 66 stk1 nr1`, `SEL 52.3.7`, `52 a` and the like; a text that names no law
    /// takes the one given. `None` when it is no paragraph: nothing is guessed.
    #[must_use]
    pub fn parse(text: &str, law_if_none: Law) -> Option<Self> {
        let mut tokens = Tokens(text.trim());
        let mut law = law_if_none;
        let mut token = tokens.next()?;
        while let Token::Word(word) = token {
            let upper = word.to_uppercase();
            if let Some((_, named)) = Law::NAMES.iter().find(|(name, _)| *name == upper) {
                law = *named;
            } else if !matches!(upper.as_str(), "PAR" | "PARAGRAF" | "LOV" | "LOVEN" | "OM" | "JF" | "I") {
                return None;
            }
            token = tokens.next()?;
        }
        let Token::Number(section) = token else { return None };
        let mut paragraph = Self { law, section, letter: None, subsection: None, number: None };
        let mut expect_number = false;
        for token in tokens {
            match token {
                Token::Word(word) => match word.to_lowercase().as_str() {
                    "stk" => expect_number = false,
                    "nr" => expect_number = true,
                    letter if letter.chars().count() == 1 && paragraph.subsection.is_none() && !expect_number => {
                        paragraph.letter = letter.chars().next();
                    }
                    _ => return None,
                },
                Token::Number(value) => {
                    let value = u8::try_from(value).ok()?;
                    let slot = if expect_number || paragraph.subsection.is_some() {
                        &mut paragraph.number
                    } else {
                        &mut paragraph.subsection
                    };
                    if slot.replace(value).is_some() {
                        return None;
                    }
                    expect_number = false;
                }
            }
        }
        Some(paragraph)
    }

    /// Whether this paragraph is the other one or a finer part of it: `SEL 52.3.7` lies within `SEL 52.3` and `SEL 52`.
    #[must_use]
    pub fn lies_within(&self, wider: &Self) -> bool {
        self.law == wider.law
            && self.section == wider.section
            && self.letter == wider.letter
            && wider.subsection.is_none_or(|subsection| self.subsection == Some(subsection))
            && wider.number.is_none_or(|number| self.number == Some(number))
    }
}

/// `SEL § 52, stk. 3, nr. 7`.
impl fmt::Display for Paragraph {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} § {}", self.law.code(), self.section)?;
        if let Some(letter) = self.letter {
            write!(formatter, " {letter}")?;
        }
        if let Some(subsection) = self.subsection {
            write!(formatter, ", stk. {subsection}")?;
        }
        self.number.map_or(Ok(()), |number| write!(formatter, ", nr. {number}"))
    }
}

enum Token<'a> {
    Word(&'a str),
    Number(u16),
}

struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.0.find(char::is_alphanumeric)?;
        let rest = &self.0[start..];
        let numeric = rest.starts_with(|first: char| first.is_ascii_digit());
        let end = rest
            .find(|symbol: char| if numeric { !symbol.is_ascii_digit() } else { !symbol.is_alphabetic() })
            .unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        self.0 = after;
        // A number too large for a paragraph ends up as a word that no rule accepts.
        Some(match token.parse() {
            Ok(number) if numeric => Token::Number(number),
            _ => Token::Word(token),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Paragraph::parse(text, Law::Sel).map(|paragraph| paragraph.to_string())
    }

    #[test]
    fn reads_the_spellings_of_case_systems() {
        for text in [
            "SEL § 52, stk. 3, nr. 7",
            "SEL 52 stk3 nr7",
            "§52.3.7",
            "Serviceloven § 52 stk. 3 nr. 7",
            "52, stk. 3, nr. 7",
        ] {
            assert_eq!(read(text).as_deref(), Some("SEL § 52, stk. 3, nr. 7"), "{text}");
        }
        assert_eq!(read("SEL § 52 a, stk. 1").as_deref(), Some("SEL § 52 a, stk. 1"));
        assert_eq!(read("§ 54a").as_deref(), Some("SEL § 54 a"));
        assert_eq!(read("BL 46").as_deref(), Some("BL § 46"));
        assert_eq!(read("Barnets lov § 32, stk. 1, nr. 7").as_deref(), Some("BL § 32, stk. 1, nr. 7"));
        assert_eq!(read("SEL 66 nr 1").as_deref(), Some("SEL § 66, nr. 1"));
    }

    #[test]
    fn refuses_what_is_no_paragraph() {
        for text in ["", "Jensen", "SEL", "0101010000", "52 stk 3 nr 7 9", "familiebehandling 52"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn finer_parts_lie_within_wider_ones() {
        let parse = |text| Paragraph::parse(text, Law::Sel).expect("a paragraph");
        assert!(parse("52.3.7").lies_within(&parse("52.3")));
        assert!(!parse("52.3").lies_within(&parse("52.3.7")));
        assert!(!parse("52 a.1").lies_within(&parse("52")));
    }
}
