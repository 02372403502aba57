//! The key figures of a world, which tell whether it is like life.

use std::collections::BTreeMap;

use super::{
    facit::{Account, Figures, Household},
    person::FamilyKind,
};

/// What was written, counted on the truth. Shares are in thousandths, rounded down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Persons made.
    pub persons: u64,
    /// Residents on the reference date that the extract has.
    pub residents: u64,
    /// Residents under 18, 18 to 64, 65 and over.
    pub ages: [u64; 3],
    /// Households on the reference date.
    pub households: u64,
    /// Households of one person.
    pub single_households: u64,
    /// Members of the largest household.
    pub largest_household: u64,
    /// Families by kind, in the order of [`FamilyKind::ALL`].
    pub families: [u64; 5],
    /// Children placed outside the home on the reference date.
    pub placed: u64,
    /// Residents with a service in the period.
    pub recipients: u64,
    /// Residents with services of two departments or more.
    pub two_departments: u64,
    /// Øre by role: actual, granted, tariff, manual.
    pub ore: [i64; 4],
    /// Øre granted and never paid, and granted after the presumed end: neither is counted.
    pub not_counted: [i64; 2],
    /// Øre inside the service frame.
    pub service_ore: i64,
    /// Those of the one resident in a hundred with most.
    pub top_ore: i64,
    /// Rows of the exports, register and price lists left out.
    pub rows: u64,
    /// Damaged rows.
    pub damaged: u64,
}

/// Gathers the figures of blocks.
#[derive(Default)]
pub struct Gathering {
    summary: Summary,
    service_ore: Vec<i64>,
    shared: BTreeMap<Household, (u64, i64)>,
    accounts: BTreeMap<Account, i64>,
}

impl Gathering {
    /// Adds a block.
    pub fn add(&mut self, figures: Figures) {
        let summary = &mut self.summary;
        summary.persons += figures.persons;
        summary.residents += figures.residents;
        summary.placed += figures.placed;
        summary.recipients += figures.recipients[0];
        summary.two_departments += figures.recipients[1];
        add_all(&mut summary.ages, figures.ages);
        add_all(&mut summary.families, figures.families);
        for (sum, ore) in summary.ore.iter_mut().zip(figures.ore) {
            *sum += ore;
        }
        for (sum, ore) in summary.not_counted.iter_mut().zip(figures.not_counted) {
            *sum += ore;
        }
        for members in figures.own.values() {
            summary.count_household(*members);
        }
        self.service_ore.extend(figures.service_ore);
        for (account, ore) in figures.accounts {
            *self.accounts.entry(account).or_default() += ore;
        }
        for (household, (members, ore)) in figures.shared {
            let sum = self.shared.entry(household).or_default();
            sum.0 += members;
            sum.1 += ore;
        }
    }

    /// The households that several blocks share, with their øre; the accounts with theirs; and the summary.
    #[must_use]
    pub fn finish(mut self) -> (Vec<(Household, i64)>, BTreeMap<Account, i64>, Summary) {
        let summary = &mut self.summary;
        for (members, _) in self.shared.values() {
            summary.count_household(*members);
        }
        self.service_ore.sort_unstable_by(|one, other| other.cmp(one));
        summary.service_ore = self.service_ore.iter().sum();
        let top = usize::try_from(summary.residents.div_ceil(100)).unwrap_or(usize::MAX);
        summary.top_ore = self.service_ore.iter().take(top).sum();
        let shared = self.shared.into_iter().map(|(household, (_, ore))| (household, ore)).collect();
        (shared, self.accounts, self.summary)
    }
}

fn add_all<const N: usize>(sums: &mut [u64; N], numbers: [u64; N]) {
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += number;
    }
}

impl Summary {
    fn count_household(&mut self, members: u64) {
        self.households += 1;
        self.single_households += u64::from(members == 1);
        self.largest_household = self.largest_household.max(members);
    }

    /// Residents per household, in thousandths.
    #[must_use]
    pub fn household_size(&self) -> u64 {
        thousandths(self.residents, self.households)
    }

    /// The share of households with one member.
    #[must_use]
    pub fn single_share(&self) -> u64 {
        thousandths(self.single_households, self.households)
    }

    /// Placed children of 100,000 children.
    #[must_use]
    pub fn placed_share(&self) -> u64 {
        thousandths(self.placed * 100, self.ages[0])
    }

    /// The share of residents with two departments or more.
    #[must_use]
    pub fn two_departments_share(&self) -> u64 {
        thousandths(self.two_departments, self.residents)
    }

    /// The share of service øre that one resident in a hundred draws.
    #[must_use]
    pub fn top_share(&self) -> u64 {
        thousandths(self.top_ore.unsigned_abs(), self.service_ore.unsigned_abs())
    }

    /// The figures by name, for facit/noegletal.csv and for people.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, u64)> {
        let mut lines: Vec<(String, u64)> = [
            ("personer", self.persons),
            ("bosatte", self.residents),
            ("bosatte-under-18", self.ages[0]),
            ("bosatte-18-64", self.ages[1]),
            ("bosatte-65-og-over", self.ages[2]),
            ("husstande", self.households),
            ("husstande-med-en-person", self.single_households),
            ("stoerste-husstand", self.largest_household),
            ("personer-pr-husstand-promille", self.household_size()),
            ("enlige-husstande-promille", self.single_share()),
            ("anbragte-boern", self.placed),
            ("anbragte-pr-100.000-boern", self.placed_share()),
            ("modtagere", self.recipients),
            ("to-afdelinger-promille", self.two_departments_share()),
            ("service-oere", self.service_ore.unsigned_abs()),
            ("dyreste-1-pct-af-service-promille", self.top_share()),
            ("raekker", self.rows),
            ("skadede-raekker", self.damaged),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        for (role, ore) in ["faktisk", "bevilget", "takst", "manuel"].iter().zip(self.ore) {
            lines.push((format!("oere-{role}"), ore.unsigned_abs()));
        }
        for (fate, ore) in ["aldrig-betalt", "formodet-ophoert"].iter().zip(self.not_counted) {
            lines.push((format!("oere-{fate}"), ore.unsigned_abs()));
        }
        for (kind, count) in FamilyKind::ALL.iter().zip(self.families) {
            lines.push((format!("familier-{}", kind.code()), count));
        }
        lines
    }
}

fn thousandths(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1000 / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}
