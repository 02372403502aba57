//! The tiers of the identity cascade: the rule that led from a row to its person.

/// The rule that led from a row to its person. One row may have needed several; the weakest is named, which is the last here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkRule {
    /// The ten digits as they stand.
    Exact,
    /// Ten digits after blanks, hyphens, quotes or full-width digits were taken off.
    Cleaned,
    /// A number that another has replaced (PNRGAELD or record 022): the person is the one of the current number.
    ChangedNumber,
    /// Nine digits with the zero put back that a spreadsheet took (born on day 01 to 09), confirmed by the register.
    LostZero,
    /// One slip of the pen from a number of the register, confirmed by name or birth date on the row.
    OneSlip,
    /// The only number in the row's text.
    InText,
    /// No number that helps: name and birth date, weighed against the register.
    Weighed,
    /// A person has looked at the row and said who it is.
    Decided,
}

impl LinkRule {
    /// Every rule, the strongest first.
    pub const ALL: &[Self] = &[
        Self::Exact,
        Self::Cleaned,
        Self::ChangedNumber,
        Self::LostZero,
        Self::OneSlip,
        Self::InText,
        Self::Weighed,
        Self::Decided,
    ];

    /// Rules that a plan can switch off.
    pub const OPTIONAL: &[Self] =
        &[Self::Cleaned, Self::ChangedNumber, Self::LostZero, Self::OneSlip, Self::InText, Self::Weighed];

    /// The stable code that plans, tables and scripts use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exact => "eksakt",
            Self::Cleaned => "renset",
            Self::ChangedNumber => "skiftet-nummer",
            Self::LostZero => "tabt-nul",
            Self::OneSlip => "et-tegn",
            Self::InText => "i-tekst",
            Self::Weighed => "vaegt",
            Self::Decided => "afgjort",
        }
    }

    /// The rule in words for people.
    #[must_use]
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Exact => "nummeret, som det står",
            Self::Cleaned => "nummeret, renset for tegn",
            Self::ChangedNumber => "et nummer, der er skiftet",
            Self::LostZero => "et tabt nul, bekræftet af registret",
            Self::OneSlip => "ét forkert tegn, bekræftet af navn eller fødselsdato",
            Self::InText => "nummeret i teksten",
            Self::Weighed => "navn og fødselsdato, vægtet",
            Self::Decided => "afgjort ved gennemgang",
        }
    }

    /// Whether the rule rests on the number alone, without repairing, weighing or asking anybody.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::Exact | Self::Cleaned | Self::ChangedNumber)
    }

    /// The place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Which rules may link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiers(u16);

impl Default for Tiers {
    fn default() -> Self {
        Self(u16::MAX)
    }
}

impl Tiers {
    /// All rules but this one more.
    #[must_use]
    pub const fn without(self, rule: LinkRule) -> Self {
        Self(self.0 & !(1 << rule.index()))
    }

    /// Whether the rule may link.
    #[must_use]
    pub const fn has(self, rule: LinkRule) -> bool {
        self.0 >> rule.index() & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_places_are_unique() {
        assert!(LinkRule::ALL.iter().map(|rule| rule.index()).eq(0..LinkRule::ALL.len()));
        let codes: BTreeSet<&str> = LinkRule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), LinkRule::ALL.len());
    }

    #[test]
    fn tiers_are_switched_off_one_by_one() {
        let tiers = Tiers::default().without(LinkRule::Weighed).without(LinkRule::LostZero);
        let off: Vec<LinkRule> = LinkRule::ALL.iter().copied().filter(|rule| !tiers.has(*rule)).collect();
        assert_eq!(off, [LinkRule::LostZero, LinkRule::Weighed]);
    }
}
