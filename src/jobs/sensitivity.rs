//! How much the lists rest on links that are not certain: the ranking once more without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    analysis::{self, Basis, Ranking, UnitFigures, units::unit_figures},
    base::{Pool, Result},
    domain::{Label, PersonId, UnitId},
    family::Units,
    ledger::{self, Bundles, Entry, Ledger, Settlement, Spell},
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
    /// Settles the certain rows of persons who have others too. `weak` are those others as they were booked; one that was moved
    /// from a guardian to a child is the child's. What a weak grant moved stays where it is.
    pub(super) fn of(rows: &Bundles, weak: Vec<Entry>, settlement: &Settlement, pool: &Pool) -> Result<Self> {
        let mut moved: BTreeMap<Entry, Vec<PersonId>> = BTreeMap::new();
        if !weak.is_empty() {
            for row in &settlement.moved {
                moved.entry(Entry { person: PersonId(0), ..*row }).or_default().push(row.person);
            }
        }
        let mut stands = |row: Entry| {
            let person = moved.get_mut(&Entry { person: PersonId(0), ..row }).and_then(Vec::pop);
            Entry { person: person.unwrap_or(row.person), ..row }
        };
        let mut left_out: BTreeMap<Entry, usize> = BTreeMap::new();
        for row in weak.into_iter().map(&mut stands) {
            *left_out.entry(row).or_default() += 1;
        }
        let persons: BTreeSet<PersonId> = left_out.keys().map(|row| row.person).collect();
        if persons.is_empty() {
            return Ok(Self { persons, spells: Vec::new() });
        }
        let of_bundle = |rows: &[Entry]| -> Vec<Entry> {
            rows.iter().filter(|row| persons.contains(&row.person)).copied().collect()
        };
        let mut certain: Vec<Entry> = rows.map(pool, of_bundle).into_iter().flatten().collect();
        certain.retain(|row| match left_out.get_mut(row) {
            Some(number) if *number > 0 => {
                *number -= 1;
                false
            }
            _ => true,
        });
        let certain = Bundles::of_list(certain, usize::MAX, pool)?;
        let look = |(): &mut (), _: &[Entry]| Ok(());
        let (ledger, _) = ledger::settle(certain, Vec::new(), settlement, look, pool)?;
        Ok(Self { persons, spells: ledger.spells })
    }

    /// The figures without those links of every unit that has any, and these units.
    pub(super) fn figures(
        self,
        basis: &Basis<'_>,
        units: &Units,
        labels: &[Label],
        pool: &Pool,
    ) -> Result<(BTreeSet<UnitId>, Vec<UnitFigures>)> {
        let touched: BTreeSet<UnitId> = self.persons.iter().filter_map(|person| units.unit_of(*person)).collect();
        if touched.is_empty() {
            return Ok((touched, Vec::new()));
        }
        let mut spells = self.spells;
        let of_touched = |spell: &&Spell| units.unit_of(spell.person).is_some_and(|unit| touched.contains(&unit));
        let rest = basis.ledger.spells.iter().filter(of_touched);
        spells.extend(rest.filter(|spell| !self.persons.contains(&spell.person)).copied());
        spells.sort_unstable();
        let ledger = Ledger {
            period: basis.ledger.period,
            spells,
            lines: Vec::new(),
            refunds: Vec::new(),
            coverage: Vec::new(),
        };
        let received = ledger::received(&ledger.spells, pool)?;
        let starts = ledger::starts(&received, units.of_person().len());
        let basis = Basis { ledger: &ledger, received: &received, starts: &starts, ..*basis };
        let figures = unit_figures(&basis, units, labels, pool)?;
        Ok((touched, figures))
    }
}

impl Sensitivity {
    /// Ranks once more with what [`Strong::figures`] found, and counts who stays on the lists.
    pub(super) fn of(
        figures: &[UnitFigures],
        ranking: &Ranking,
        (touched, instead): (&BTreeSet<UnitId>, &[UnitFigures]),
    ) -> Result<Self> {
        let listed = |list: &analysis::rank::List| list.rows.len() as u64;
        if touched.is_empty() {
            let all = |list| (listed(list), listed(list));
            let (by_cost, by_services) = (all(&ranking.by_cost), all(&ranking.by_services));
            return Ok(Self { by_cost, by_services, changed: 0 });
        }
        let mut instead: BTreeMap<UnitId, &UnitFigures> = instead.iter().map(|unit| (unit.unit, unit)).collect();
        let mut without: Vec<&UnitFigures> = Vec::with_capacity(figures.len());
        let mut changed = 0;
        for unit in figures {
            if touched.contains(&unit.unit) {
                let new = instead.remove(&unit.unit);
                changed += u64::from(new != Some(unit));
                without.extend(new);
            } else {
                without.push(unit);
            }
        }
        let again = analysis::rank::rank(&without, ranking.settings)?;
        let shared = |one: &analysis::rank::List, other: &analysis::rank::List| {
            let others: BTreeSet<Label> = other.rows.iter().map(|place| without[place.unit].label).collect();
            let stays = one.rows.iter().filter(|place| others.contains(&figures[place.unit].label));
            (listed(one), stays.count() as u64)
        };
        Ok(Self {
            by_cost: shared(&ranking.by_cost, &again.by_cost),
            by_services: shared(&ranking.by_services, &again.by_services),
            changed,
        })
    }
}
