//! Rows on their way to a person: the first pass as they are read, the second over those that waited, and what each tier
//! brought in.
//!
//! What rows tell of their citizens passes through here unread, from ingest to linkage.

use super::{families::ExtraInput, preparation::Preparation, sensitivity::Sensitivity};
use crate::{
    base::{Error, ErrorKind, Pool, Result},
    domain::{Cpr, Identity, LinkRule, Ore, OreOverflow, PersonId, ServiceId, SourceId, System},
    evidence::Review,
    ingest::Clues,
    ledger::{Entry, UnattributedReason},
    linkage::{
        Applied, Cascade, Case, Decisions, Linked, NoPersonReason, PersonHash, ReviewReason, RowHash, Verdict, Witness,
    },
    pseudonym::{ProjectKey, ReviewKey},
    register::{Numbers, PersonNames, Population},
    report::{LinkRow, LinksModel},
};

/// A row that has its answer.
pub(super) enum Item {
    /// It has its person.
    Person(Entry, LinkRule),
    /// Its person stands outside the register.
    Outside(Cpr, Entry),
    /// It has none.
    Nobody(WithoutPerson),
}

/// A row without a person.
pub(super) struct WithoutPerson {
    pub(super) source: SourceId,
    pub(super) service: ServiceId,
    pub(super) reason: Reason,
    pub(super) ore: Ore,
}

/// Why a row has no person, in the ledger's words and in those of linkage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reason {
    pub(super) ledger: UnattributedReason,
    pub(super) review: Option<ReviewReason>,
}

impl From<UnattributedReason> for Reason {
    fn from(ledger: UnattributedReason) -> Self {
        Self { ledger, review: None }
    }
}

impl From<NoPersonReason> for Reason {
    fn from(reason: NoPersonReason) -> Self {
        let ledger = match reason {
            NoPersonReason::Missing => UnattributedReason::NoPerson,
            NoPersonReason::Replacement => UnattributedReason::ReplacementNumber,
            NoPersonReason::Unlinked => UnattributedReason::Unlinked,
            NoPersonReason::Review(review) => {
                return Self { ledger: UnattributedReason::Review, review: Some(review) };
            }
        };
        Self { ledger, review: None }
    }
}

/// An entry with its answer.
pub(super) fn item(linked: Linked, entry: Entry) -> Item {
    match linked {
        Linked::Person { position, rule } => Item::Person(Entry { person: PersonId(position), ..entry }, rule),
        Linked::Outside(cpr) => Item::Outside(cpr, entry),
        Linked::Nobody(reason) => Item::Nobody(WithoutPerson {
            source: entry.source,
            service: entry.service,
            reason: reason.into(),
            ore: entry.amount,
        }),
    }
}

/// A row that waits, with what belongs to it.
pub(super) struct Waiting<T> {
    entry: Entry,
    case: Case,
    beside: T,
}

impl<T> Waiting<T> {
    pub(super) fn new(system: System, entry: Entry, identity: Identity, clues: Box<Clues>, beside: T) -> Self {
        Self { entry, case: Case { identity, system, clues }, beside }
    }
}

/// A row for the reviewer.
pub(super) struct Doubt {
    pub(super) case: Case,
    pub(super) verdict: Verdict,
    pub(super) source: SourceId,
}

/// What the second pass needs beside the rows.
pub(super) struct SecondPass<'a> {
    numbers: &'a Numbers,
    witness: Witness<'a>,
    preparation: &'a Preparation,
    decisions: &'a Decisions,
    key: ReviewKey,
}

impl<'a> SecondPass<'a> {
    pub(super) fn new(
        preparation: &'a Preparation,
        numbers: &'a Numbers,
        population: &'a Population,
        names: &'a PersonNames,
        decisions: &'a Decisions,
    ) -> Self {
        let key = ProjectKey::derive(&preparation.key, preparation.project()).review_key();
        Self { numbers, witness: Witness { population, names }, preparation, decisions, key }
    }

    /// Settles rows that waited, in their order. Those that a person must look at are handed on as well, and what earlier
    /// decisions did is counted.
    pub(super) fn settle<T>(
        &self,
        waiting: Vec<Waiting<T>>,
        pool: &Pool,
        doubts: &mut Vec<Doubt>,
        review: &mut Review,
    ) -> Vec<(SourceId, Item, T)> {
        let mut cases = Vec::with_capacity(waiting.len());
        let mut rows = Vec::with_capacity(waiting.len());
        for Waiting { entry, case, beside } in waiting {
            cases.push(case);
            rows.push((entry, beside));
        }
        let row_hash = |told: &[u8]| RowHash(self.key.row(told));
        let person_hash = |cpr: Cpr| PersonHash(self.key.person(cpr));
        let cascade = Cascade {
            numbers: self.numbers,
            witness: self.witness,
            tiers: self.preparation.plan.linkage.tiers,
            decisions: self.decisions,
            row_hash: &row_hash,
            person_hash: &person_hash,
        };
        let verdicts = cascade.settle(&cases, pool);
        for applied in verdicts.iter().filter_map(|verdict| verdict.applied) {
            match applied {
                Applied::Named { as_weighed } => {
                    review.named += 1;
                    review.weighed += u64::from(as_weighed.is_some());
                    review.as_weighed += u64::from(as_weighed == Some(true));
                }
                Applied::Excluded => review.excluded += 1,
            }
        }
        let settle = |((case, verdict), (entry, beside)): ((Case, Verdict), (Entry, T))| {
            let found = item(verdict.linked, entry);
            if matches!(verdict.linked, Linked::Nobody(NoPersonReason::Review(_))) {
                doubts.push(Doubt { case, verdict, source: entry.source });
            }
            (entry.source, found, beside)
        };
        cases.into_iter().zip(verdicts).zip(rows).map(settle).collect()
    }
}

/// How rows were linked: by tier and source, and which entries rest on less than the number alone.
#[derive(Default)]
pub(super) struct Links {
    /// Few, in the order in which they are met.
    by: Vec<((SourceId, Tier), Linking)>,
    /// The entries that a rule linked which is not certain.
    pub(super) weak: Vec<Entry>,
}

/// Where a row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// With a person, by this rule.
    Rule(LinkRule),
    /// With a person whom the register does not know.
    Outside,
    /// With nobody.
    Nobody(Reason),
}

#[derive(Default)]
struct Linking {
    rows: u64,
    ore: Ore,
    /// Persons by position as they are met, some of them again and again.
    met: Vec<u32>,
    /// Persons by position, a bit each.
    persons: Vec<u64>,
}

impl Linking {
    /// Remembers the persons that were met.
    fn remember(&mut self, met: &[u32]) {
        for person in met {
            let (word, bit) = (*person as usize / 64, person % 64);
            if word >= self.persons.len() {
                self.persons.resize(word + 1, 0);
            }
            self.persons[word] |= 1 << bit;
        }
    }
}

/// Rows, persons and øre of one source that ended in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TierCount {
    pub(super) source: SourceId,
    pub(super) tier: Tier,
    pub(super) rows: u64,
    pub(super) persons: u64,
    pub(super) ore: Ore,
}

impl Links {
    /// Counts a row with a person; its position is in the entry. `None` is a person outside the register.
    pub(super) fn person(&mut self, entry: &Entry, rule: Option<LinkRule>) -> Result<(), OreOverflow> {
        self.count(entry.source, rule.map_or(Tier::Outside, Tier::Rule), entry.amount, Some(entry.person.0))
    }

    /// Counts a row without one.
    pub(super) fn nobody(&mut self, row: &WithoutPerson) -> Result<(), OreOverflow> {
        self.count(row.source, Tier::Nobody(row.reason), row.ore, None)
    }

    fn count(&mut self, source: SourceId, tier: Tier, ore: Ore, person: Option<u32>) -> Result<(), OreOverflow> {
        let linking = self.of((source, tier));
        linking.rows += 1;
        linking.ore = linking.ore.plus(ore)?;
        if person != linking.met.last().copied() {
            linking.met.extend(person);
        }
        Ok(())
    }

    fn of(&mut self, key: (SourceId, Tier)) -> &mut Linking {
        let place = self.by.iter().position(|(of, _)| *of == key).unwrap_or_else(|| {
            self.by.push((key, Linking::default()));
            self.by.len() - 1
        });
        &mut self.by[place].1
    }

    /// Counts what another counted.
    pub(super) fn append(&mut self, other: Self) -> Result<(), OreOverflow> {
        for (key, part) in other.by {
            let linking = self.of(key);
            linking.rows += part.rows;
            linking.ore = linking.ore.plus(part.ore)?;
            linking.remember(&part.met);
        }
        self.weak.extend(other.weak);
        Ok(())
    }

    /// The counts, by source and tier.
    pub(super) fn counts(mut self) -> Vec<TierCount> {
        self.by.sort_unstable_by_key(|(key, _)| *key);
        let count = |((source, tier), mut linking): ((SourceId, Tier), Linking)| {
            let met = std::mem::take(&mut linking.met);
            linking.remember(&met);
            let persons = linking.persons.iter().map(|word| u64::from(word.count_ones())).sum();
            TierCount { source, tier, rows: linking.rows, persons, ore: linking.ore }
        };
        self.by.into_iter().map(count).collect()
    }
}

impl Tier {
    /// Code and words of tables and reports.
    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Rule(rule) => (rule.code(), rule.danish()),
            Self::Outside => ("uden-for-registret", "et gyldigt nummer uden for CPR-udtrækket"),
            Self::Nobody(Reason { review: Some(review), .. }) => (review.code(), review.danish()),
            Self::Nobody(Reason { ledger, .. }) => match ledger {
                UnattributedReason::NoPerson => ("uden-borger", "rækken nævner ingen borger"),
                UnattributedReason::ReplacementNumber => ("erstatningsnummer", "et erstatningsnummer"),
                UnattributedReason::Unlinked => {
                    ("ikke-fundet", "beskadiget eller manglende nummer, borgeren ikke fundet")
                }
                UnattributedReason::Review => ("gennemgang", "til gennemgang"),
                UnattributedReason::Refund => ("statsrefusion", "statsrefusion, søges ikke"),
                UnattributedReason::Balance => ("status", "statuskonti, søges ikke"),
                UnattributedReason::InternalIncome => ("intern-afregning", "intern afregning, søges ikke"),
                UnattributedReason::PaidByOthers => ("betalt-af-andre", "betalt af andre end kommunen"),
                UnattributedReason::IntermunicipalIncome => {
                    ("mellemkommunal-indtaegt", "mellemkommunal indtægt, søges ikke")
                }
                UnattributedReason::OwnPayment => ("egenbetaling", "egenbetaling, søges ikke"),
                UnattributedReason::PaidElsewhere => ("anden-kommune", "betalt af en anden kommune"),
            },
        }
    }
}

/// The report's model.
pub(super) fn model(tiers: &[TierCount], sensitivity: Sensitivity) -> LinksModel {
    let row = |count: &TierCount| {
        let (code, meaning) = count.tier.told();
        LinkRow {
            source: count.source,
            rule: match count.tier {
                Tier::Rule(rule) => Some(rule),
                Tier::Outside | Tier::Nobody(_) => None,
            },
            code,
            meaning,
            rows: count.rows,
            persons: count.persons,
            ore: count.ore,
        }
    };
    let Sensitivity { by_cost, by_services, changed } = sensitivity;
    LinksModel { rows: tiers.iter().map(row).collect(), by_cost, by_services, changed }
}

/// The decisions that the plan names, with their counts.
///
/// # Errors
/// When the file cannot be read or a line of it is no decision.
pub(super) fn decisions(preparation: &Preparation) -> Result<(Decisions, Review, Option<ExtraInput>)> {
    let none = (Decisions::default(), Review::default(), None);
    let Some(path) = &preparation.plan.linkage.decisions else { return Ok(none) };
    let name = preparation.plan.name_of(&path.value);
    // The first review has no decisions yet.
    if !path.value.exists() {
        return Ok(none);
    }
    let bytes = std::fs::read(&path.value).map_err(|error| {
        Error::new(ErrorKind::Input, format!("{name} kan ikke læses"))
            .because(error)
            .at(preparation.plan.place(path, "fører til denne fil"))
    })?;
    let rows = super::review::decisions::read(&bytes, &name)?;
    let decisions = Decisions::new(rows.iter().map(|row| (row.row, row.date, row.decision)));
    Ok((decisions, super::review::decisions::counted(&rows), Some(ExtraInput::of(name, &bytes))))
}
