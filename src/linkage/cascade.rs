//! The second pass: rows that their number alone did not settle.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Clues, Linked, Linker, Witness,
    agreement::{Agreement, Attributes, Confirmation, Level},
    decision::{self, Decisions, PersonHash, RowHash},
    is_known, repair,
    rule::{NoPersonReason, ReviewReason},
    text,
    weigh::{Index, Weighed},
};
use crate::{
    base::Pool,
    domain::{Cpr, Identity, LinkRule, System, Tiers},
    matching::Weight,
    register::Numbers,
};

/// A row that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// How it names its person.
    pub identity: Identity,
    /// The system it comes from.
    pub system: System,
    /// What else it tells.
    pub clues: Box<Clues>,
}

impl Case {
    /// What the row tells of its citizen, as the bytes under the row hash.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        decision::row_bytes(self.system, &self.clues)
    }
}

/// A person that a row may be about, for the reviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The person's position.
    pub position: u32,
    /// How far row and person agree.
    pub agreement: Agreement,
    /// The weight of name and birth date.
    pub weight: Weight,
    /// Whether the row's number is this person's, or one slip of the pen away from it.
    pub number: Option<bool>,
}

/// The answer to a row that waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whom it is about.
    pub linked: Linked,
    /// Whom it may be about, the likeliest first; only where a person must look.
    pub candidates: Vec<Candidate>,
    /// What an earlier decision did to it.
    pub applied: Option<Applied>,
}

/// What an earlier decision did to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It named the person. `as_weighed`: whether name and birth date say the same, where they are sure of somebody.
    Named {
        /// Whether the weights name the same person.
        as_weighed: Option<bool>,
    },
    /// It took persons, or everybody, out.
    Excluded,
}

/// The rest of the cascade.
pub struct Cascade<'a> {
    /// The register's numbers.
    pub numbers: &'a Numbers,
    /// What else the register knows.
    pub witness: Witness<'a>,
    /// Rules that may link.
    pub tiers: Tiers,
    /// What was decided before.
    pub decisions: &'a Decisions,
    /// The keyed hash of a row's bytes.
    pub row_hash: &'a (dyn Fn(&[u8]) -> RowHash + Sync),
    /// The keyed hash of a person, by position.
    pub person_hash: &'a (dyn Fn(Cpr) -> PersonHash + Sync),
}

/// What one row is held against.
struct Row<'c> {
    case: &'c Case,
    attributes: Attributes,
    excluded: Vec<u32>,
}

impl Cascade<'_> {
    /// Answers every row, in the order of the rows. Rows that tell the same get the same answer, and rows under one replacement
    /// number of one system are one person.
    #[must_use]
    pub fn settle(&self, cases: &[Case], pool: &Pool) -> Vec<Verdict> {
        if cases.is_empty() {
            return Vec::new();
        }
        let index = Index::new(self.witness.population, self.witness.names);
        let persons = self.decided_persons(pool);
        let mut verdicts = pool.map(cases, |case| self.verdict(case, &index, &persons));
        self.settle_replacements(cases, &mut verdicts);
        verdicts
    }

    /// Every person by its keyed hash, when there is any decision to look up.
    fn decided_persons(&self, pool: &Pool) -> BTreeMap<PersonHash, u32> {
        if self.decisions.is_empty() {
            return BTreeMap::new();
        }
        let registered: Vec<u32> =
            (0..self.numbers.len()).filter(|position| !self.numbers.is_outside(*position)).collect();
        let hashes = pool.map(&registered, |position| (self.person_hash)(self.numbers.cpr(*position)));
        hashes.into_iter().zip(registered).collect()
    }

    fn verdict(&self, case: &Case, index: &Index<'_>, persons: &BTreeMap<PersonHash, u32>) -> Verdict {
        let settled = |linked, applied| Verdict { linked, candidates: Vec::new(), applied };
        let attributes = attributes(case);
        let (mut excluded, mut applied) = (Vec::new(), None);
        if !self.decisions.is_empty() {
            let (is, not, nobody) = self.decisions.of((self.row_hash)(&case.bytes()));
            if let Some(&position) = is.and_then(|person| persons.get(&person)) {
                let as_weighed = match index.weigh(&attributes, &[]) {
                    Weighed::Person(weighed) => Some(weighed == position),
                    Weighed::Perhaps(_) | Weighed::Nobody => None,
                };
                let linked = Linked::Person { position, rule: LinkRule::Decided };
                return settled(linked, Some(Applied::Named { as_weighed }));
            }
            if nobody {
                return settled(self.without_a_person(case), Some(Applied::Excluded));
            }
            excluded = not.iter().filter_map(|person| persons.get(person).copied()).collect();
            applied = (!excluded.is_empty()).then_some(Applied::Excluded);
        }
        let row = Row { case, attributes, excluded };
        let once = OnceCell::new();
        let weighed = || once.get_or_init(|| index.weigh(&row.attributes, &row.excluded)).clone();
        let answer = self
            .doubted(&row, weighed)
            .or_else(|| self.repaired(&row))
            .or_else(|| self.in_text(&row))
            .or_else(|| self.weighed(&row, weighed))
            .unwrap_or_else(|| (self.without_a_person(case), Vec::new()));
        let (linked, mut positions) = answer;
        if !matches!(linked, Linked::Nobody(NoPersonReason::Review(_))) {
            return settled(linked, applied);
        }
        positions.retain(|position| !row.excluded.contains(position));
        Verdict { linked, candidates: self.candidates(&row, positions, index), applied }
    }

    /// The number is a resident's, and something on the row speaks against that. Where it speaks for somebody else, a person
    /// must look; otherwise the number stands.
    fn doubted(&self, row: &Row<'_>, weighed: impl Fn() -> Weighed) -> Option<(Linked, Vec<u32>)> {
        let linked = self.linker().link(row.case.identity);
        let Linked::Person { position, .. } = linked else { return None };
        if row.excluded.contains(&position) {
            return None;
        }
        let Witness { population, names } = self.witness;
        let agreement = row.attributes.against(position, population, names);
        let mut others: Vec<u32> = self
            .one_slip_away(row)
            .into_iter()
            .filter(|(other, confirmed)| {
                let by_name = confirmed.is_some_and(|(confirmation, _)| confirmation != Confirmation::Born);
                by_name && *other != position
            })
            .map(|(other, _)| other)
            .collect();
        let reason = if agreement.vetoes() {
            ReviewReason::Veto
        } else if !others.is_empty() && agreement.given == Level::Different {
            ReviewReason::Neighbour
        } else {
            match weighed() {
                Weighed::Person(other) if other != position && agreement.doubts() => ReviewReason::NumberOrName,
                _ => return Some((linked, Vec::new())),
            }
        };
        // Whoever the name and birth date are of is shown too.
        match weighed() {
            Weighed::Person(other) => others.push(other),
            Weighed::Perhaps(persons) => others.extend(persons.into_iter().map(|(other, _)| other)),
            Weighed::Nobody => {}
        }
        others.push(position);
        Some((review(reason), others))
    }

    const fn linker(&self) -> Linker<'_> {
        Linker::with(self.numbers, self.witness, self.tiers)
    }

    /// Persons whose number is one slip of the pen from the row's, each with what confirms it.
    fn one_slip_away(&self, row: &Row<'_>) -> Vec<(u32, Option<(Confirmation, usize)>)> {
        let found = repair::neighbours(row.case.clues.number.as_bytes());
        let found = found.into_iter().filter_map(|cpr| self.numbers.find(cpr)).filter(|found| found.delivered);
        let persons: BTreeSet<u32> = found.map(|found| found.position).collect();
        let Witness { population, names } = self.witness;
        let confirmed = |position| {
            let agreement = row.attributes.against(position, population, names);
            (position, agreement.confirmation().map(|confirmation| (confirmation, agreement.exactness())))
        };
        persons.into_iter().filter(|position| !row.excluded.contains(position)).map(confirmed).collect()
    }

    fn repaired(&self, row: &Row<'_>) -> Option<(Linked, Vec<u32>)> {
        let is_number = row.case.identity.number().is_some() || row.case.identity == Identity::Damaged;
        if !is_number || !self.tiers.has(LinkRule::OneSlip) {
            return None;
        }
        let near = self.one_slip_away(row);
        let best = near.iter().filter_map(|(_, confirmed)| *confirmed).max()?;
        let fit = |least: Option<(Confirmation, usize)>| {
            near.iter().filter(move |(_, confirmed)| *confirmed >= least).map(|(position, _)| *position)
        };
        if fit(Some(best)).count() == 1 {
            let position = fit(Some(best)).next()?;
            return Some((Linked::Person { position, rule: LinkRule::OneSlip }, Vec::new()));
        }
        Some((review(ReviewReason::Several), fit(Some((Confirmation::Born, 0))).collect()))
    }

    fn in_text(&self, row: &Row<'_>) -> Option<(Linked, Vec<u32>)> {
        if row.case.identity.number().is_some() || !self.tiers.has(LinkRule::InText) {
            return None;
        }
        let known = |cpr| self.numbers.find(cpr).filter(|found| is_known(self.witness, found.position));
        let mut numbers = text::numbers_in(&row.case.clues.text);
        numbers.retain(|number| number.is_told || known(number.cpr).is_some());
        let mut persons: Vec<u32> =
            numbers.iter().filter_map(|number| known(number.cpr)).map(|found| found.position).collect();
        persons.sort_unstable();
        persons.dedup();
        match (numbers.as_slice(), persons.as_slice()) {
            ([], _) | ([_], []) => None,
            // Two numbers of one person, an earlier and the current one, are still one person.
            (several, [position]) if several.len() == numbers.iter().filter(|one| known(one.cpr).is_some()).count() => {
                let Witness { population, names } = self.witness;
                if row.excluded.contains(position) {
                    None
                } else if row.attributes.against(*position, population, names).vetoes() {
                    Some((review(ReviewReason::Veto), persons))
                } else {
                    Some((Linked::Person { position: *position, rule: LinkRule::InText }, Vec::new()))
                }
            }
            _ => Some((review(ReviewReason::SeveralInText), persons)),
        }
    }

    fn weighed(&self, row: &Row<'_>, weighed: impl Fn() -> Weighed) -> Option<(Linked, Vec<u32>)> {
        if !row.attributes.has_name() || row.attributes.born.is_none() || !self.tiers.has(LinkRule::Weighed) {
            return None;
        }
        match (weighed(), row.case.identity) {
            (Weighed::Nobody, _) | (Weighed::Perhaps(_), Identity::Number(_) | Identity::Cleaned(_)) => None,
            // A valid number says somebody, the name says somebody else.
            (Weighed::Person(position), Identity::Number(_) | Identity::Cleaned(_)) => {
                Some((review(ReviewReason::NumberOrName), vec![position]))
            }
            (Weighed::Person(position), _) => Some((Linked::Person { position, rule: LinkRule::Weighed }, Vec::new())),
            (Weighed::Perhaps(persons), _) => {
                Some((review(ReviewReason::Doubtful), persons.into_iter().map(|(position, _)| position).collect()))
            }
        }
    }

    /// The answer when nobody is found.
    fn without_a_person(&self, case: &Case) -> Linked {
        match case.identity {
            Identity::Replacement => Linked::Nobody(NoPersonReason::Replacement),
            Identity::Number(cpr) | Identity::Cleaned(cpr) => match self.numbers.find(cpr) {
                // Somebody has said that the person of the number is not the row's.
                Some(found) if found.delivered => Linked::Nobody(NoPersonReason::Unlinked),
                _ => Linked::Outside(cpr),
            },
            Identity::Missing | Identity::LostZero(_) | Identity::Damaged => Linked::Nobody(NoPersonReason::Unlinked),
        }
    }

    fn candidates(&self, row: &Row<'_>, positions: Vec<u32>, index: &Index<'_>) -> Vec<Candidate> {
        let own = row.case.identity.number().and_then(|cpr| self.numbers.find(cpr)).map(|found| found.position);
        let near: Vec<u32> = self.one_slip_away(row).into_iter().map(|(position, _)| position).collect();
        let Witness { population, names } = self.witness;
        let positions: BTreeSet<u32> = positions.into_iter().collect();
        let mut candidates: Vec<Candidate> = positions
            .into_iter()
            .map(|position| Candidate {
                position,
                agreement: row.attributes.against(position, population, names),
                weight: index.weight_of(&row.attributes, position),
                number: (own == Some(position)).then_some(true).or(near.contains(&position).then_some(false)),
            })
            .collect();
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.weight));
        candidates
    }

    /// A replacement number is one person in the system that issued it: what one row of it tells holds for all.
    fn settle_replacements(&self, cases: &[Case], verdicts: &mut [Verdict]) {
        let mut classes: BTreeMap<(System, &str), Vec<usize>> = BTreeMap::new();
        for (place, case) in cases.iter().enumerate() {
            if case.identity == Identity::Replacement && !case.clues.number.is_empty() {
                classes.entry((case.system, &case.clues.number)).or_default().push(place);
            }
        }
        for places in classes.into_values() {
            let person = |place: &usize| match verdicts[*place].linked {
                Linked::Person { position, rule } => Some((position, rule)),
                _ => None,
            };
            let persons: BTreeMap<u32, LinkRule> =
                places.iter().filter_map(person).fold(BTreeMap::new(), |mut persons, (position, rule)| {
                    let strongest = persons.entry(position).or_insert(rule);
                    *strongest = rule.min(*strongest);
                    persons
                });
            let candidates: Vec<u32> = persons.keys().copied().collect();
            for place in places {
                if let ([position], Some(rule)) = (candidates.as_slice(), persons.values().next()) {
                    if !matches!(verdicts[place].linked, Linked::Person { .. }) {
                        let linked = Linked::Person { position: *position, rule: *rule };
                        verdicts[place] = Verdict { linked, candidates: Vec::new(), ..verdicts[place] };
                    }
                } else if candidates.len() > 1
                    && !matches!(verdicts[place].linked, Linked::Person { rule: LinkRule::Decided, .. })
                {
                    let case = &cases[place];
                    let row = Row { case, attributes: Attributes::of(&case.clues), excluded: Vec::new() };
                    let Witness { population, names } = self.witness;
                    let candidate = |position: &u32| Candidate {
                        position: *position,
                        agreement: row.attributes.against(*position, population, names),
                        weight: Weight(0),
                        number: None,
                    };
                    verdicts[place] = Verdict {
                        linked: review(ReviewReason::Replacement),
                        candidates: candidates.iter().map(candidate).collect(),
                        ..verdicts[place]
                    };
                }
            }
        }
    }
}

/// What the row tells of its citizen: name and birth date beside the number, or else those in its text.
fn attributes(case: &Case) -> Attributes {
    let attributes = Attributes::of(&case.clues);
    if attributes.has_name() || attributes.born.is_some() {
        return attributes;
    }
    text::person_in(&case.clues.text).map_or(attributes, |(name, born)| Attributes::told(&name, born))
}

const fn review(reason: ReviewReason) -> Linked {
    Linked::Nobody(NoPersonReason::Review(reason))
}
