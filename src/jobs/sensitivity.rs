//! How much the lists rest on links that are not certain: the ranking once more without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    analysis::{self, Basis, RankSettings, Ranking, UnitFigures, units::unit_figures},
    base::{Pool, Result},
    domain::{Label, PersonId, UnitId},
    family::Units,
    ledger::{self, Entry, Ledger, Settlement, Spell},
};

/// What the lists would be without the links that rest on less than the number alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sensitivity {
    /// Units on the list by kroner, and how many of them are on it without those links too.
    pub(super) by_cost: (u64, u64),
    /// The same for the list by number of services.
    pub(super) by_services: (u64, u64),
    /// Units whose kroner or services would be others.
    pub(super) changed: u64,
}

/// The spells of persons with such links, without them.
pub(super) struct Strong {
    persons: BTreeSet<PersonId>,
    spells: Vec<Spell>,
}

impl Strong {
    /// Settles the certain entries of persons who have others too; `weak` are the places of those, in order.
    pub(super) fn of(entries: &[Entry], weak: &[usize], settlement: &Settlement, pool: &Pool) -> Result<Self> {
        let persons: BTreeSet<PersonId> = weak.iter().map(|place| entries[*place].person).collect();
        if persons.is_empty() {
            return Ok(Self { persons, spells: Vec::new() });
        }
        let certain = entries
            .iter()
            .enumerate()
            .filter(|(place, entry)| persons.contains(&entry.person) && weak.binary_search(place).is_err());
        let strong = certain.map(|(_, entry)| *entry).collect();
        let ledger = ledger::settle(strong, Vec::new(), settlement, pool)?;
        Ok(Self { persons, spells: ledger.spells })
    }

    /// Ranks once more, and counts who stays on the lists.
    pub(super) fn compare(
        self,
        basis: &Basis<'_>,
        units: &Units,
        labels: &[Label],
        figures: &[UnitFigures],
        ranking: &Ranking,
        settings: RankSettings,
    ) -> Result<Sensitivity> {
        let touched: BTreeSet<UnitId> = self.persons.iter().filter_map(|person| units.unit_of(*person)).collect();
        let mut spells = self.spells;
        let of_touched = |spell: &&Spell| units.unit_of(spell.person).is_some_and(|unit| touched.contains(&unit));
        if !touched.is_empty() {
            let rest = basis.ledger.spells.iter().filter(of_touched);
            spells.extend(rest.filter(|spell| !self.persons.contains(&spell.person)).copied());
        }
        spells.sort_unstable();
        let ledger = Ledger {
            period: basis.ledger.period,
            spells,
            lines: Vec::new(),
            refunds: Vec::new(),
            coverage: Vec::new(),
        };
        let instead = unit_figures(&Basis { ledger: &ledger, ..*basis }, units, labels)?;
        let mut instead: BTreeMap<UnitId, UnitFigures> = instead.into_iter().map(|unit| (unit.unit, unit)).collect();
        let mut without = Vec::with_capacity(figures.len());
        let mut changed = 0;
        for unit in figures {
            if touched.contains(&unit.unit) {
                let new = instead.remove(&unit.unit);
                changed += u64::from(new.as_ref() != Some(unit));
                without.extend(new);
            } else {
                without.push(unit.clone());
            }
        }
        let again = analysis::rank::rank(&without, settings)?;
        let shared = |one: &analysis::rank::List, other: &analysis::rank::List| {
            let others: BTreeSet<Label> = other.rows.iter().map(|place| without[place.unit].label).collect();
            let stays = one.rows.iter().filter(|place| others.contains(&figures[place.unit].label));
            (one.rows.len() as u64, stays.count() as u64)
        };
        Ok(Sensitivity {
            by_cost: shared(&ranking.by_cost, &again.by_cost),
            by_services: shared(&ranking.by_services, &again.by_services),
            changed,
        })
    }
}
