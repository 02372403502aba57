//! What does each unit receive? Kroner in several cuts, and how many different services and departments.

use super::Basis;
use crate::{
    base::{Error, ErrorKind, Pool, Result},
    catalogue::Level,
    domain::{
        AmountType, BudgetClass, DepartmentId, Label, Ore, Period, PersonId, Protection, PurposeGroupId, Role,
        ServiceId, UnitId,
    },
    family::{AgeBand, Units},
    ledger::{self, Pieces, Received, Refund},
    plan::Measure,
};

/// The figures of one unit that at least one spell reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFigures {
    /// The unit.
    pub unit: UnitId,
    /// Its label, the only name that is ever written.
    pub label: Label,
    /// Members on the reference date.
    pub members: u32,
    /// Members under 18 years.
    pub children: u32,
    /// Members with at least one day of a placement.
    pub placed: u32,
    /// Members with at least one ranked spell.
    pub recipients: u32,
    /// Members by age band, in the order of [`AgeBand::ALL`].
    pub ages: [u32; 8],
    /// Members whose birth date is unknown.
    pub age_unknown: u32,
    /// The strongest protection of any member.
    pub protection: Option<Protection>,
    /// Øre in the ranking: gross, in the prices of their day.
    pub ore: Ore,
    /// What comes back, in the order of [`ledger::RefundKind::ALL`]: positive magnitudes.
    pub refunds: [Ore; 3],
    /// Gross less what comes back.
    pub net: Ore,
    /// The measure of the ranking (gross or net) in the prices of the plan's year; `None` in nominal prices.
    pub fixed: Option<Ore>,
    /// What the unit is ranked by: gross or net, nominal or in fixed prices, as the plan says.
    pub ranked: Ore,
    /// Øre by role, in the order of [`Role::ALL`]; manual supplements stand here also when they are not ranked.
    pub by_role: [Ore; 4],
    /// Øre in the ranking by budget class: service frame, transfer, outside the frame, unknown.
    pub by_class: [Ore; 4],
    /// Øre in the ranking by department, sorted by department.
    pub by_department: Vec<(DepartmentId, Ore)>,
    /// Different counting services with at least one day in the period.
    pub services: u32,
    /// Different departments behind these services.
    pub departments: u32,
    /// Different purpose groups behind these services.
    pub purpose_groups: u32,
    /// Ranked spells; none when only unranked supplements reach the unit.
    pub spells: u32,
}

/// The place of a role in [`UnitFigures::by_role`].
#[must_use]
pub const fn role_index(role: Role) -> usize {
    match role {
        Role::Actual => 0,
        Role::Granted => 1,
        Role::Tariff => 2,
        Role::Manual => 3,
    }
}

/// The place of a budget class in [`UnitFigures::by_class`].
#[must_use]
pub const fn class_index(class: BudgetClass) -> usize {
    match class {
        BudgetClass::ServiceFrame => 0,
        BudgetClass::Transfer => 1,
        BudgetClass::OutsideFrame => 2,
        BudgetClass::Unknown => 3,
    }
}

/// The number of different services, departments and purpose groups among what persons received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Distinct {
    pub services: u32,
    pub departments: u32,
    pub purpose_groups: u32,
}

/// Counts what differs: a renewed grant is one service, however many records it has (`metrics.md`, P19).
///
/// A grant that is partly paid must not be two services (P8): the payment's account often tells a group of services only.
/// So an account group, or a function without a gruppering, is no service of a person for whom something finer of the
/// same purpose group counts, and no department stands behind it then. The unknown department is never counted.
pub(super) fn distinct<'a>(basis: &Basis<'_>, received: impl Iterator<Item = &'a Received>) -> Distinct {
    let counting = received.filter(|received| basis.is_ranked(received.role) && basis.facts(received.service).counts);
    let mut counting: Vec<(PersonId, PurposeGroupId, Level, ServiceId, Option<DepartmentId>)> = counting
        .map(|received| {
            let facts = basis.facts(received.service);
            let department = facts.is_department_known.then_some(facts.department);
            (received.person, facts.purpose_group, facts.level, received.service, department)
        })
        .collect();
    counting.sort_unstable();
    // Of one person and purpose only the finest stay.
    let mut finest = None;
    counting.retain(|(person, group, level, ..)| match finest {
        Some((one, purpose, finest)) if (one, purpose) == (*person, *group) => finest == *level,
        _ => {
            finest = Some((*person, *group, *level));
            true
        }
    });
    let mut departments = [0_u64; 4];
    for department in counting.iter().filter_map(|row| row.4) {
        departments[usize::from(department.0 / 64)] |= 1 << (department.0 % 64);
    }
    counting.sort_unstable_by_key(|row| row.3);
    let services = counting.chunk_by(|one, next| one.3 == next.3).count();
    counting.sort_unstable_by_key(|row| row.1);
    let purpose_groups = counting.chunk_by(|one, next| one.1 == next.1).count();
    let number = |count: usize| u32::try_from(count).expect("fewer different things than ids");
    Distinct {
        services: number(services),
        departments: departments.iter().map(|bits| bits.count_ones()).sum(),
        purpose_groups: number(purpose_groups),
    }
}

/// The figures of every unit that a spell reaches, in the order of units.
///
/// # Errors
/// When a sum leaves 64 bits, or labels and units differ in number.
pub fn unit_figures(basis: &Basis<'_>, units: &Units, labels: &[Label], pool: &Pool) -> Result<Vec<UnitFigures>> {
    if labels.len() != units.len() {
        return Err(Error::new(ErrorKind::Internal, "Antallet af etiketter er et andet end antallet af familier"));
    }
    let mut is_reached = vec![false; units.len()];
    for (unit, starts) in basis.unit_of.iter().zip(basis.starts.windows(2)) {
        if let Some(unit) = unit.filter(|_| starts[0] < starts[1]) {
            is_reached[unit.index()] = true;
        }
    }
    let reached: Vec<UnitId> =
        (0..).map(UnitId).zip(is_reached).filter(|(_, is_reached)| *is_reached).map(|(unit, _)| unit).collect();
    figures_of(basis, units, labels, &reached, pool)
}

/// The figures of some units, in their order. Each of them must be one that a spell reaches.
///
/// # Errors
/// When a sum leaves 64 bits, or a unit has no label.
pub fn figures_of(
    basis: &Basis<'_>,
    units: &Units,
    labels: &[Label],
    wanted: &[UnitId],
    pool: &Pool,
) -> Result<Vec<UnitFigures>> {
    let mut refunds: Vec<(UnitId, &Refund)> =
        basis.ledger.refunds.iter().filter_map(|refund| Some((basis.unit(refund.person)?, refund))).collect();
    refunds.sort_by_key(|(unit, _)| *unit);
    let figures = pool.map(wanted, |unit| {
        let label = labels.get(unit.index()).copied();
        let label =
            label.ok_or_else(|| Error::new(ErrorKind::Internal, "En person hører til en familie, der ikke findes"))?;
        let own = refunds.partition_point(|(of, _)| of < unit)..refunds.partition_point(|(of, _)| of <= unit);
        figures(basis, *unit, label, units, &refunds[own])
    });
    figures.into_iter().collect()
}

/// The same figures with some replaced. Both stand in the order of units.
#[must_use]
pub fn replaced<'a>(figures: &'a [UnitFigures], instead: &'a [UnitFigures]) -> Vec<&'a UnitFigures> {
    let mut instead = instead.iter().peekable();
    figures.iter().map(|own| instead.next_if(|other| other.unit == own.unit).unwrap_or(own)).collect()
}

fn figures(
    basis: &Basis<'_>,
    unit: UnitId,
    label: Label,
    units: &Units,
    refunds: &[(UnitId, &Refund)],
) -> Result<UnitFigures> {
    let members = || units.members(unit).iter().map(|member| member.person);
    let received = || members().flat_map(|person| basis.received(person));
    let ranked = || received().filter(|received| basis.is_ranked(received.role));
    let Distinct { services, departments, purpose_groups } = distinct(basis, received());

    let mut by_role = [Ore::ZERO; 4];
    for received in received() {
        add(&mut by_role[role_index(received.role)], received.all.ore)?;
    }
    let mut by_class = [Ore::ZERO; 4];
    let mut by_department: Vec<(DepartmentId, Ore)> = Vec::new();
    let mut sum = Pieces::default();
    for received in ranked() {
        let (facts, ore) = (basis.facts(received.service), received.all.ore);
        sum = sum.plus(received.all)?;
        add(&mut by_class[class_index(facts.budget_class)], ore)?;
        match by_department.binary_search_by_key(&facts.department, |(department, _)| *department) {
            Ok(place) => add(&mut by_department[place].1, ore)?,
            Err(place) => by_department.insert(place, (facts.department, ore)),
        }
    }
    let mut back = [Ore::ZERO; 3];
    for (_, refund) in refunds {
        add(&mut back[refund.kind.index()], refund.ore)?;
    }
    let net = ledger::net(sum.ore, back)?;
    let fixed = match basis.prices {
        None => None,
        Some(prices) => {
            // Prices are of years, so the days of the spells decide.
            let spells = members().flat_map(|person| basis.spells(person));
            let gross = spells.filter(|spell| basis.is_ranked(spell.role)).map(|spell| {
                let days = Period { from: spell.from, to: spell.to };
                (basis.facts(spell.service), days, spell.ore, spell.amount_type)
            });
            let back = refunds
                .iter()
                .map(|(_, refund)| (basis.facts(refund.service), refund.days, -refund.ore, AmountType::Contract));
            let counts_back = basis.measure == Measure::Net;
            Some(prices.fixed(gross.chain(back.filter(|_| counts_back)))?)
        }
    };
    let nominal = if basis.measure == Measure::Net { net } else { sum.ore };
    let mut ages = [0; 8];
    for age in units.current_members(unit).filter_map(|member| member.age) {
        ages[AgeBand::of(age).index()] += 1;
    }
    let persons = |wanted: &dyn Fn(&Received) -> bool| {
        let has = |person: &PersonId| {
            let received = basis.received(*person).iter();
            received.filter(|received| basis.is_ranked(received.role)).any(wanted)
        };
        u32::try_from(members().filter(has).count()).expect("fewer members than person ids")
    };
    let size = units.unit(unit).size();
    Ok(UnitFigures {
        unit,
        label,
        members: size,
        children: units.unit(unit).children,
        placed: persons(&|received| basis.facts(received.service).placement),
        recipients: persons(&|_| true),
        age_unknown: size - ages.iter().sum::<u32>(),
        ages,
        protection: units.unit(unit).protection,
        ore: sum.ore,
        refunds: back,
        net,
        fixed,
        ranked: fixed.unwrap_or(nominal),
        by_role,
        by_class,
        by_department,
        services,
        departments,
        purpose_groups,
        spells: u32::try_from(sum.spells).unwrap_or(u32::MAX),
    })
}

fn add(sum: &mut Ore, ore: Ore) -> Result<()> {
    *sum = sum.plus(ore)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{
        super::{
            FixedPrices,
            example::{World, any_world, config, day, pool, spell},
        },
        *,
    };
    use crate::{
        domain::SourceId,
        ledger::{RefundKind, Spell},
    };

    #[test]
    fn a_unit_counts_different_services_and_sums_ranked_kroner() {
        let world = World::new(
            vec![
                spell(0, 0, Role::Actual, 1_000),
                spell(0, 0, Role::Actual, 500),
                spell(1, 1, Role::Granted, 200),
                spell(1, 4, Role::Granted, 0),
                spell(1, 5, Role::Actual, 50),
                spell(1, 3, Role::Manual, 7),
                spell(21, 3, Role::Actual, 9_999),
            ],
            Vec::new(),
        );
        let figures = world.figures();
        let [unit] = figures.as_slice() else { panic!("one unit is reached, not {}", figures.len()) };
        assert_eq!((unit.services, unit.departments, unit.purpose_groups), (3, 2, 2));
        assert_eq!(unit.ore, Ore(1_750));
        assert_eq!(unit.by_role, [Ore(1_550), Ore(200), Ore(0), Ore(7)]);
        assert_eq!(unit.by_class, [Ore(1_550), Ore(200), Ore(0), Ore(0)]);
        assert_eq!(unit.by_department, [(DepartmentId(0), Ore(1_700)), (DepartmentId(2), Ore(50))]);
        assert_eq!((unit.members, unit.children, unit.placed, unit.recipients), (2, 1, 1, 2));
        assert_eq!((unit.ages[1], unit.ages[5], unit.age_unknown), (1, 1, 0));
    }

    /// A world whose services 0 to 2 (one purpose group) and 3 are as fine as given.
    fn of_levels(levels: [Level; 4], spells: Vec<Spell>) -> World {
        let mut world = World::new(spells, Vec::new());
        for (facts, level) in world.services.iter_mut().zip(levels) {
            facts.level = level;
        }
        world
    }

    #[test]
    fn an_account_group_beside_one_of_its_services_is_no_other_service() {
        use Level::{AccountGroup, Function, Service};
        let counts = |levels, spells| {
            let unit = of_levels(levels, spells).figures().remove(0);
            (unit.services, unit.departments, unit.purpose_groups, unit.ore)
        };
        let (paid, granted) = (spell(0, 0, Role::Actual, 7), spell(0, 2, Role::Granted, 5));
        let group = [AccountGroup, Service, Service, Service];
        assert_eq!(counts(group, vec![paid, granted]), (1, 1, 1, Ore(12)), "the kroner stay, the service goes");
        assert_eq!(counts(group, vec![paid]), (1, 1, 1, Ore(7)), "alone it is a service");
        assert_eq!(counts(group, vec![paid, spell(1, 2, Role::Granted, 5)]), (2, 2, 1, Ore(12)), "another person's");
        assert_eq!(counts(group, vec![paid, spell(0, 3, Role::Granted, 5)]), (2, 2, 2, Ore(12)), "another purpose");
        assert_eq!(
            counts(group, vec![paid, Spell { role: Role::Manual, ..granted }]).0,
            1,
            "nothing finer that counts"
        );
        let nested = [Function, AccountGroup, Service, Service];
        let functions = vec![paid, spell(0, 1, Role::Actual, 1)];
        assert_eq!(counts(nested, functions.clone()).0, 1, "a group is finer than its function");
        assert_eq!(counts(nested, [functions, vec![granted]].concat()).0, 1);
        assert_eq!(counts([AccountGroup; 4], vec![paid, granted]).0, 2, "two groups are two services");
    }

    #[test]
    fn the_unknown_department_is_none() {
        let mut world = World::new(vec![spell(0, 0, Role::Actual, 7), spell(0, 2, Role::Actual, 5)], Vec::new());
        world.services[0].is_department_known = false;
        let unit = world.figures().remove(0);
        assert_eq!((unit.services, unit.departments), (2, 1));
        assert_eq!(unit.by_department, [(DepartmentId(0), Ore(7)), (DepartmentId(1), Ore(5))], "its kroner are shown");
    }

    #[test]
    fn net_and_fixed_prices_stand_beside_the_gross_and_rank_when_the_plan_says_so() {
        let mut world = World::new(
            vec![
                spell(0, 0, Role::Actual, 100_000),
                spell(1, 1, Role::Granted, 20_000),
                spell(2, 0, Role::Actual, 90_000),
            ],
            Vec::new(),
        );
        let refund = |person: u32, service: u16, ore: i64, kind| Refund {
            person: PersonId(person),
            service: ServiceId(service),
            days: Period { from: day("2015-02-01"), to: day("2015-02-28") },
            ore: Ore(ore),
            source: SourceId(0),
            kind,
        };
        world.ledger.refunds = vec![
            refund(0, 0, 25_000, RefundKind::State),
            refund(1, 1, 8_000, RefundKind::OwnPayment),
            refund(9, 0, 1, RefundKind::State),
        ];
        let of = |measure, prices: Option<&FixedPrices>| {
            let figures =
                unit_figures(&Basis { measure, prices, ..world.basis() }, &world.units, &world.labels, &pool());
            figures
                .expect("figures")
                .into_iter()
                .map(|unit| (unit.ore.0, unit.net.0, unit.fixed.map(|ore| ore.0), unit.ranked.0))
                .collect::<Vec<_>>()
        };
        assert_eq!(world.figures()[0].refunds, [Ore(25_000), Ore(0), Ore(8_000)]);
        assert_eq!(of(Measure::Gross, None), [(120_000, 87_000, None, 120_000), (90_000, 90_000, None, 90_000)]);
        assert_eq!(of(Measure::Net, None), [(120_000, 87_000, None, 87_000), (90_000, 90_000, None, 90_000)]);
        let own = "class;year;percent;confidence;source\nserviceramme;2015;2;A;p\noverfoersel;2015;1;A;p\nserviceramme;2016;10;A;p\noverfoersel;2016;5;A;p\n";
        let prices = FixedPrices::new(crate::catalogue::PriceIndices::default().with("p", own).expect("indices"), 2016);
        // 100.000 by 1.1 and 20.000 by 1.05; net takes 25.000 by 1.1 and 8.000 by 1.05 out of it.
        assert_eq!(of(Measure::Gross, Some(&prices))[0], (120_000, 87_000, Some(131_000), 131_000));
        assert_eq!(of(Measure::Net, Some(&prices))[0], (120_000, 87_000, Some(131_000 - 27_500 - 8_400), 95_100));
    }

    #[test]
    fn manual_supplements_rank_only_when_the_plan_says_so() {
        let world = World::new(vec![spell(2, 3, Role::Manual, 7)], Vec::new());
        let [unit] = &world.figures()[..] else { panic!("one unit") };
        assert_eq!((unit.ore, unit.services, unit.spells, unit.recipients), (Ore::ZERO, 0, 0, 0));
        let basis = Basis { manual: true, ..world.basis() };
        let with = unit_figures(&basis, &world.units, &world.labels, &pool()).expect("figures");
        assert_eq!((with[0].ore, with[0].services, with[0].spells), (Ore(7), 1, 1));
    }

    /// What a unit's figures are, asked of the spells one by one.
    fn twin(world: &World, unit: UnitId, manual: bool) -> Option<UnitFigures> {
        let of_unit = |spell: &&Spell| world.units.unit_of(spell.person) == Some(unit);
        let spells: Vec<&Spell> = world.ledger.spells.iter().filter(of_unit).collect();
        spells.first()?;
        let ranked: Vec<&Spell> = spells.iter().copied().filter(|spell| manual || spell.role != Role::Manual).collect();
        let facts = |spell: &Spell| world.services[spell.service.index()];
        let ore = |spells: &[&Spell], wanted: &dyn Fn(&Spell) -> bool| {
            Ore(spells.iter().filter(|spell| wanted(spell)).map(|spell| spell.ore.0).sum())
        };
        let count = |things: Vec<usize>| u32::try_from(things.into_iter().collect::<BTreeSet<_>>().len()).expect("few");
        let persons = |wanted: &dyn Fn(&Spell) -> bool| {
            count(ranked.iter().filter(|spell| wanted(spell)).map(|spell| spell.person.index()).collect())
        };
        let counting = || ranked.iter().filter(|spell| facts(spell).counts);
        let departments: BTreeSet<DepartmentId> = ranked.iter().map(|spell| facts(spell).department).collect();
        let mut ages = [0; 8];
        for age in world.units.current_members(unit).filter_map(|member| member.age) {
            ages[AgeBand::of(age).index()] += 1;
        }
        let about = world.units.unit(unit);
        Some(UnitFigures {
            unit,
            label: world.labels[unit.index()],
            members: about.size(),
            children: about.children,
            placed: persons(&|spell| facts(spell).placement),
            recipients: persons(&|_| true),
            ages,
            age_unknown: about.size() - ages.iter().sum::<u32>(),
            protection: about.protection,
            ore: ore(&ranked, &|_| true),
            refunds: [Ore::ZERO; 3],
            net: ore(&ranked, &|_| true),
            fixed: None,
            ranked: ore(&ranked, &|_| true),
            by_role: Role::ALL.map(|role| ore(&spells, &|spell| spell.role == role)),
            by_class: [
                BudgetClass::ServiceFrame,
                BudgetClass::Transfer,
                BudgetClass::OutsideFrame,
                BudgetClass::Unknown,
            ]
            .map(|class| ore(&ranked, &|spell| facts(spell).budget_class == class)),
            by_department: departments
                .into_iter()
                .map(|department| (department, ore(&ranked, &|spell| facts(spell).department == department)))
                .collect(),
            // Every service of the example is as fine as the others.
            services: count(counting().map(|spell| spell.service.index()).collect()),
            departments: count(counting().map(|spell| facts(spell).department.index()).collect()),
            purpose_groups: count(counting().map(|spell| facts(spell).purpose_group.index()).collect()),
            spells: u32::try_from(ranked.len()).expect("few"),
        })
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn a_few_units_counted_again_are_as_if_all_were(world in any_world()) {
            let with = |manual| Basis { manual, ..world.basis() };
            let all = |manual| unit_figures(&with(manual), &world.units, &world.labels, &pool()).expect("figures");
            let manual = world.received.iter().filter(|received| received.role == Role::Manual);
            let touched: BTreeSet<UnitId> = manual.filter_map(|received| world.units.unit_of(received.person)).collect();
            let touched: Vec<UnitId> = touched.into_iter().collect();
            let again = figures_of(&with(true), &world.units, &world.labels, &touched, &pool()).expect("figures");
            let (without, twin) = (all(false), all(true));
            prop_assert!(replaced(&without, &again).into_iter().eq(&twin));
        }

        #[test]
        fn equal_their_naive_twin(world in any_world(), manual in any::<bool>()) {
            let basis = Basis { manual, ..world.basis() };
            let figures = unit_figures(&basis, &world.units, &world.labels, &pool()).expect("figures");
            let twins: Vec<UnitFigures> =
                world.units.iter().filter_map(|(unit, _)| twin(&world, unit, manual)).collect();
            prop_assert_eq!(figures, twins);
        }
    }
}
