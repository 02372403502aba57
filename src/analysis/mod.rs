//! Questions to the finished ledger, one file each. Every answer is plain data that `report` can write.
//!
//! The analyses do not know which unit (household, family, case family) they count: they get the unit of each person.
//! They look nothing up in the catalogue either: jobs copies what they need of a service into [`ServiceFacts`].

pub mod budget;
pub mod modes;
pub mod months;
pub mod not_attributed;
pub mod prices;
pub mod quality;
pub mod rank;
pub mod shares;
pub mod steps;
pub mod supplements;
pub mod units;

pub use budget::BudgetLine;
pub use modes::Modes;
pub use months::{MonthLine, MonthlyOre};
pub use not_attributed::{Bridge, BridgeLine, Destination};
pub use prices::FixedPrices;
pub use quality::Quality;
pub use rank::{List, Place, PopulationCount, RankSettings, Ranking, TiedBlock, UnitFilter};
pub use shares::{CROSS_TABLE, Share, Shares};
pub use steps::{Phase, Step};
pub use supplements::Supplements;
pub use units::{UnitFigures, class_index, role_index};

use crate::{
    catalogue::Level,
    domain::{BudgetClass, DepartmentId, PersonId, PurposeGroupId, Role, ServiceId, UnitId},
    ledger::{Ledger, Received, Spell},
    plan::Measure,
};

/// What the analyses need to know of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceFacts {
    /// The department that pays.
    pub department: DepartmentId,
    /// Whether that is a department at all: `ukendt` carries kroner and never counts among departments.
    pub is_department_known: bool,
    /// How fine the service is: an account group beside one of its own services is not another service.
    pub level: Level,
    /// What the service is for.
    pub purpose_group: PurposeGroupId,
    /// Where it stands in the budget.
    pub budget_class: BudgetClass,
    /// Whether it counts among a unit's services (school, dentist and a benefit's supplement do not).
    pub counts: bool,
    /// Whether its spells are days away from home.
    pub placement: bool,
    /// Whether only children and young people have it.
    pub for_children: bool,
}

/// What every analysis starts from.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// The settled ledger.
    pub ledger: &'a Ledger,
    /// Its spells, summed by person, service, role and source.
    pub received: &'a [Received],
    /// By person: where its sums begin, as [`crate::ledger::starts`] gives it.
    pub starts: &'a [u32],
    /// By service.
    pub services: &'a [ServiceFacts],
    /// By person: the unit that its kroner count in, `None` for who is in none.
    pub unit_of: &'a [Option<UnitId>],
    /// By person: whether it is resident on the reference date. A unit may hold others: a placed child that the extract
    /// does not deliver, or who died or left in the period.
    pub resident: &'a [bool],
    /// By person: whether the register knows the person at all.
    pub in_register: &'a [bool],
    /// By person: whether it was 23 or more when the period began, too old for a child's or young person's services.
    pub grown: &'a [bool],
    /// Whether units are ranked by gross or net kroner.
    pub measure: Measure,
    /// The prices that units are ranked in; nominal without.
    pub prices: Option<&'a FixedPrices>,
    /// Whether manual supplements count (`metrics.md`, P38: only when they were collected for everybody).
    pub manual: bool,
}

impl<'a> Basis<'a> {
    /// Whether claims of this role count, in kroner and in numbers of services.
    #[must_use]
    pub fn is_ranked(&self, role: Role) -> bool {
        role != Role::Manual || self.manual
    }

    /// The facts of a service.
    ///
    /// # Panics
    /// When jobs gave fewer facts than the ledger has services: a fault of the program.
    #[must_use]
    pub fn facts(&self, service: ServiceId) -> &'a ServiceFacts {
        self.services.get(service.index()).expect("jobs gives facts for every service of the ledger")
    }

    /// Whether the person is resident on the reference date.
    #[must_use]
    pub fn is_resident(&self, person: PersonId) -> bool {
        self.resident.get(person.index()).copied().unwrap_or(false)
    }

    /// Whether these are a child's costs that stand on a grown person's number (`metrics.md`, P10).
    #[must_use]
    pub fn is_on_guardian(&self, received: &Received) -> bool {
        received.role == Role::Actual
            && self.facts(received.service).for_children
            && self.grown.get(received.person.index()).copied().unwrap_or(false)
    }

    /// What a person received; nothing for somebody outside the run.
    #[must_use]
    pub fn received(&self, person: PersonId) -> &'a [Received] {
        let start = |place: usize| self.starts.get(place).map(|start| *start as usize);
        match (start(person.index()), start(person.index() + 1)) {
            (Some(from), Some(to)) => &self.received[from..to],
            _ => &[],
        }
    }

    /// The spells of a person.
    #[must_use]
    pub fn spells(&self, person: PersonId) -> &'a [Spell] {
        let spells = &self.ledger.spells;
        let own = &spells[spells.partition_point(|spell| spell.person < person)..];
        &own[..own.partition_point(|spell| spell.person == person)]
    }

    /// The unit of a person.
    #[must_use]
    pub fn unit(&self, person: PersonId) -> Option<UnitId> {
        self.unit_of.get(person.index()).copied().flatten()
    }
}

#[cfg(test)]
pub(crate) mod example {
    //! A small world for the tests of this room: two persons to a unit, six services in three departments.

    use proptest::prelude::*;

    use super::*;
    use crate::{
        base::Pool,
        domain::{Date, Label, Ore, Period, SourceId},
        family::{Draft, Member, MemberRole, UnitForm, Units},
        ledger::{Line, LineKind, received, starts},
        pseudonym::UnitKind,
    };

    /// Services 0 to 5 in departments 0 to 2; service 5 does not count, service 4 is a placement.
    pub fn services() -> Vec<ServiceFacts> {
        (0..6_u8)
            .map(|service| ServiceFacts {
                department: DepartmentId(service / 2),
                is_department_known: true,
                level: Level::Service,
                purpose_group: PurposeGroupId(u16::from(service / 3)),
                budget_class: if service == 1 { BudgetClass::Transfer } else { BudgetClass::ServiceFrame },
                counts: service != 5,
                placement: service == 4,
                for_children: service == 4,
            })
            .collect()
    }

    pub fn day(text: &str) -> Date {
        Date::parse_iso(text).expect("a date")
    }

    pub fn period() -> Period {
        Period::new(day("2015-01-01"), day("2015-06-30")).expect("in order")
    }

    pub fn spell(person: u32, service: u16, role: Role, ore: i64) -> Spell {
        Spell {
            person: PersonId(person),
            service: ServiceId(service),
            role,
            from: day("2015-02-01"),
            to: day("2015-02-28"),
            ore: Ore(ore),
            source: SourceId(if role == Role::Granted { 1 } else { u16::from(role == Role::Tariff) * 2 }),
            open: false,
            closing: crate::ledger::Closing::Ended,
            rule: crate::ledger::Rule::OwnPeriod,
            amount_type: crate::domain::AmountType::Contract,
            row: crate::ledger::RowMark::default(),
        }
    }

    /// Persons 0 to 19 are residents, two to a unit; 20 and 21 have moved away; 22 and 23 are outside the register.
    #[derive(Debug)]
    pub struct World {
        pub ledger: Ledger,
        pub received: Vec<Received>,
        pub starts: Vec<u32>,
        pub services: Vec<ServiceFacts>,
        pub units: Units,
        pub resident: Vec<bool>,
        pub labels: Vec<Label>,
        pub in_register: Vec<bool>,
        pub grown: Vec<bool>,
    }

    impl World {
        pub fn new(mut spells: Vec<Spell>, lines: Vec<Line>) -> Self {
            spells.sort_unstable();
            let member = |person: u32| Member {
                person: PersonId(person),
                age: Some(if person % 4 == 1 { 10 } else { 40 }),
                role: MemberRole::Member,
                link: None,
            };
            let draft =
                |unit: u32| Draft { form: UnitForm::Dwelling, members: vec![member(unit * 2), member(unit * 2 + 1)] };
            let drafts: Vec<Draft> = (0..10).map(draft).collect();
            let units = Units::new(UnitKind::Household, drafts, 24, |_| None).expect("units");
            let labels = (0..units.len()).map(label).collect();
            let received = received(&spells, &pool()).expect("small sums");
            Self {
                starts: starts(&received, 24),
                received,
                ledger: Ledger { period: period(), spells, lines, refunds: Vec::new(), coverage: Vec::new() },
                services: services(),
                units,
                resident: (0..24).map(|person| person < 20).collect(),
                labels,
                in_register: (0..24).map(|person| person < 22).collect(),
                grown: (0..24).map(|person| person % 4 != 1).collect(),
            }
        }

        pub fn basis(&self) -> Basis<'_> {
            Basis {
                ledger: &self.ledger,
                received: &self.received,
                starts: &self.starts,
                services: &self.services,
                unit_of: self.units.of_person(),
                resident: &self.resident,
                in_register: &self.in_register,
                grown: &self.grown,
                measure: Measure::Gross,
                prices: None,
                manual: false,
            }
        }

        pub fn figures(&self) -> Vec<UnitFigures> {
            units::unit_figures(&self.basis(), &self.units, &self.labels, &pool()).expect("figures")
        }
    }

    pub fn pool() -> Pool {
        Pool::new(2).expect("threads")
    }

    pub fn label(index: usize) -> Label {
        let mut label = *b"0000000000000";
        label[10] = b'0' + u8::try_from(index / 10 % 10).expect("a digit");
        label[11] = b'0' + u8::try_from(index % 10).expect("a digit");
        Label(label)
    }

    pub fn any_spell() -> impl Strategy<Value = Spell> {
        let ore = prop_oneof![3 => -500_i64..5_000, 1 => Just(100), 1 => Just(0)];
        (0_u32..24, 0_u16..6, 0_usize..4, ore)
            .prop_map(|(person, service, role, ore)| spell(person, service, Role::ALL[role], ore))
    }

    pub fn any_line() -> impl Strategy<Value = Line> {
        let kind = prop_oneof![
            Just(LineKind::OutsidePeriod),
            Just(LineKind::NoPerson),
            Just(LineKind::Refund),
            Just(LineKind::TariffMoved),
        ];
        (0_u16..2, kind, 0_u16..6, 0_u64..4, -900_i64..900).prop_map(|(source, kind, service, rows, ore)| Line {
            source: SourceId(source),
            kind,
            service: ServiceId(service),
            rows,
            ore: Ore(ore),
        })
    }

    pub fn any_world() -> impl Strategy<Value = World> {
        let spells = proptest::collection::vec(any_spell(), 0..60);
        (spells, proptest::collection::vec(any_line(), 0..8)).prop_map(|(spells, lines)| World::new(spells, lines))
    }

    pub fn config() -> ProptestConfig {
        ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(2),
            ..ProptestConfig::default()
        }
    }
}
