//! Where placed children, hidden families and the municipality's own links end (`metrics.md`, P1, P2, P5, P6, P7).

use super::*;
use crate::{
    domain::{CivilStatus, CprStatus, Period, Sex},
    family::{Families, Guard, Ingredients},
    register::example::{Town, address, day, dwelling},
};

const TODAY: &str = "2020-06-30";

struct World {
    population: Population,
    placements: Vec<Placement>,
    manual: Vec<ManualLink>,
}

impl World {
    fn new(town: Town) -> Self {
        Self { population: town.population(), placements: Vec::new(), manual: Vec::new() }
    }

    fn placed(mut self, person: u32, from: &str, to: Option<&str>) -> Self {
        let to = to.map_or(Date::MAX, day);
        self.placements.push(Placement { person: PersonId(person), from: day(from), to });
        self.placements = episodes(self.placements);
        self
    }

    fn families(&self) -> Families {
        Families::of(&Ingredients {
            population: &self.population,
            placements: &self.placements,
            manual: &self.manual,
            guard: &Guard::default(),
            paid_here: &[],
            period: Period { from: day("2020-01-01"), to: day(TODAY) },
            day: day(TODAY),
        })
        .expect("families")
    }

    /// The members of each case family, sorted.
    fn case_families(&self) -> Vec<Vec<u32>> {
        let families = self.families();
        let units = &families.case_families;
        let mut all: Vec<Vec<u32>> =
            units.iter().map(|(unit, _)| units.members(unit).iter().map(|member| member.person.0).collect()).collect();
        all.sort();
        all
    }

    fn link(&self, person: u32) -> Option<(u32, &'static str, &'static str)> {
        let families = self.families();
        let member = families.case_families.member(PersonId(person)).expect("a member");
        member.link.map(|link| (link.to.0, link.rule.code(), link.certainty.code()))
    }
}

/// P1 and P2: a foster home with three children of three families.
fn foster_home() -> (Town, [u32; 3], [u32; 3], [u32; 2]) {
    let mut town = Town::default();
    let foster = [town.woman("1970-01-02", 1), town.man("1970-01-02", 1)];
    town.married(foster[0], foster[1]);
    let (mut mothers, mut children) = ([0; 3], [0; 3]);
    for index in 0..3 {
        let house = u16::try_from(index).expect("small") + 2;
        mothers[index] = town.woman("1985-01-02", house);
        children[index] = town.person("2010-01-02", Sex::Male);
        town.parents(children[index], Some(mothers[index]), None);
        town.lives(children[index], dwelling(house), "", "2019-03-01");
        town.lives(children[index], dwelling(1), "2019-03-01", "");
    }
    (town, mothers, children, foster)
}

#[test]
fn p1_p2_placed_children_go_back_to_three_families_and_foster_parents_get_none() {
    let (town, mothers, children, foster) = foster_home();
    let world = World::new(town);
    // Without placements the guard is gone: each child is a family of its own.
    assert_eq!(world.case_families().len(), 1 + 3 + 3);
    let world = children.iter().fold(world, |world, child| world.placed(*child, "2019-03-01", None));
    let pair = |index: usize| vec![mothers[index], children[index]];
    assert_eq!(world.case_families(), [foster.to_vec(), pair(0), pair(1), pair(2)]);
    assert_eq!(world.link(children[0]), Some((mothers[0], "anbragt", "sikker")));
    let families = world.families();
    assert_eq!(families.households.members(families.households.unit_of(PersonId(foster[0])).expect("a home")).len(), 5);
    assert_eq!(families.families.len(), 7);
}

#[test]
fn a_change_of_place_is_one_placement() {
    let spell = |from: &str, to: &str| Placement { person: PersonId(0), from: day(from), to: day(to) };
    let joined = episodes(vec![
        spell("2020-02-01", "2020-02-28"),
        spell("2020-01-01", "2020-01-31"),
        spell("2020-03-01", "2020-03-02"),
    ]);
    assert_eq!(joined, [spell("2020-01-01", "2020-02-28"), spell("2020-03-01", "2020-03-02")]);
}

/// Joint custody with parents apart: the child belongs where it was registered the day before.
#[test]
fn a_placed_child_of_parents_apart_goes_where_it_lived() {
    let build = |home: u16| {
        let mut town = Town::default();
        let (mother, father) = (town.woman("1985-01-02", 1), town.man("1985-01-02", 2));
        let child = town.person("2010-01-02", Sex::Female);
        town.parents(child, Some(mother), Some(father));
        town.custody(child, CustodyKind::Mother, None, "2010-01-02");
        town.custody(child, CustodyKind::Father, None, "2010-01-02");
        town.lives(child, dwelling(home), "", "2020-02-01");
        town.lives(child, dwelling(9), "2020-02-01", "");
        World::new(town).placed(child, "2020-02-01", None)
    };
    assert_eq!(build(1).link(2), Some((0, "anbragt", "sikker")));
    assert_eq!(build(2).link(2), Some((1, "anbragt", "sikker")));
    // It lived with a grandmother: the mother is the fallback.
    assert_eq!(build(7).link(2), Some((0, "anbragt", "sandsynlig")));
}

#[test]
fn who_lost_custody_gets_no_child_back() {
    let mut town = Town::default();
    let (mother, aunt) = (town.woman("1985-01-02", 1), town.woman("1980-01-02", 1));
    let child = town.man("2010-01-02", 1);
    town.parents(child, Some(mother), None);
    town.custody(child, CustodyKind::Other, Some(aunt), "2015-01-02");
    let lived = World::new(town).placed(child, "2020-02-01", None);
    // The child is still registered at home: it is at home.
    assert_eq!(lived.link(child), Some((mother, "forælder-CPR", "sikker")));

    let mut town = Town::default();
    let (mother, aunt) = (town.woman("1985-01-02", 1), town.woman("1980-01-02", 2));
    let child = town.person("2010-01-02", Sex::Male);
    town.parents(child, Some(mother), None);
    town.custody(child, CustodyKind::Other, Some(aunt), "2015-01-02");
    town.lives(child, dwelling(2), "", "2020-02-01");
    town.lives(child, dwelling(3), "2020-02-01", "");
    let world = World::new(town).placed(child, "2020-02-01", None);
    assert_eq!(world.link(child), Some((aunt, "anbragt", "sikker")));
}

#[test]
fn a_placed_child_outside_the_extract_is_found_through_its_parent() {
    let mut town = Town::default();
    let mother = town.woman("1985-01-02", 1);
    let child = town.absent("2010-01-02", Sex::Male);
    town.child(mother, child);
    let father = town.man("1985-01-02", 2);
    let his = town.absent("2011-01-02", Sex::Male);
    town.child(father, his);
    let world = World::new(town).placed(child, "2019-01-01", None).placed(his, "2019-01-01", None);
    assert_eq!(world.case_families(), [vec![mother, child], vec![father, his]]);
    assert_eq!(world.link(child), Some((mother, "anbragt", "sandsynlig")));
    assert_eq!(world.link(his), Some((father, "anbragt", "usikker")));
    assert_eq!(world.families().families.unit_of(PersonId(child)), None);
}

#[test]
fn nobody_here_an_own_child_and_old_age_are_no_placement_to_a_family() {
    let mut town = Town::default();
    let mother = town.woman("1985-01-02", 1);
    town.status(mother, CprStatus::Dead, "2018-01-01");
    let orphan = town.man("2010-01-02", 2);
    town.parents(orphan, Some(mother), None);
    let teenager = town.woman("2004-01-02", 3);
    let grandmother = town.woman("1980-01-02", 4);
    town.parents(teenager, Some(grandmother), None);
    let baby = town.man("2019-01-02", 3);
    town.parents(baby, Some(teenager), None);
    let (aftercare, older) = (town.woman("1997-07-01", 5), town.woman("1997-06-30", 6));
    town.parents(aftercare, Some(grandmother), None);
    town.parents(older, Some(grandmother), None);
    let world = [orphan, teenager, aftercare, older]
        .into_iter()
        .fold(World::new(town), |world, person| world.placed(person, "2015-01-01", None));
    assert_eq!(world.case_families(), [vec![orphan], vec![teenager, baby], vec![grandmother, aftercare], vec![older]]);
    let review: Vec<(u32, ReviewReason)> =
        world.families().review.iter().map(|(person, reason)| (person.0, *reason)).collect();
    assert_eq!(review, [(orphan, ReviewReason::NobodyHere), (teenager, ReviewReason::OwnFamily)]);
}

#[test]
fn a_placement_counts_while_it_lasts() {
    let build = |to| {
        let mut town = Town::default();
        let mother = town.woman("1985-01-02", 1);
        let child = town.man("2010-01-02", 2);
        town.parents(child, Some(mother), None);
        World::new(town).placed(child, "2020-01-01", Some(to)).case_families().len()
    };
    assert_eq!((build("2020-06-30"), build("2020-06-29")), (1, 2));
}

#[test]
fn a_threatened_parent_and_child_without_an_address_are_joined_by_custody() {
    let build = |mother_road: u16, child_road: u16| {
        let mut town = Town::default();
        let (mother, child) = (town.person("1985-01-02", Sex::Female), town.person("2010-01-02", Sex::Male));
        town.lives(mother, address(mother_road, 1), "", "");
        town.lives(child, address(child_road, 1), "", "");
        town.protect(mother);
        town.parents(child, Some(mother), None);
        let world = World::new(town);
        (world.case_families().len(), world.link(child))
    };
    assert_eq!(build(9950, 9950), (1, Some((0, "forælder-CPR", "sandsynlig"))));
    // A shared code is no shared address to anybody else, and a child with an address has a home.
    assert_eq!(build(9950, 9951), (2, None));
    assert_eq!(build(9950, 200), (2, None));
}

/// P5: a chain of shared children does not swallow a street.
#[test]
fn p5_shared_children_chain_no_families() {
    let mut town = Town::default();
    let (one, two, three) = (town.woman("1985-01-02", 1), town.man("1985-01-02", 2), town.woman("1985-01-02", 3));
    let (first, second) = (town.man("2010-01-02", 1), town.man("2011-01-02", 3));
    town.parents(first, Some(one), Some(two));
    town.parents(second, Some(three), Some(two));
    for child in [first, second] {
        town.custody(child, CustodyKind::Mother, None, "2011-01-02");
        town.custody(child, CustodyKind::Father, None, "2011-01-02");
    }
    let grandmother = town.woman("1960-01-02", 4);
    town.parents(one, Some(grandmother), None);
    let world = World::new(town).placed(first, "2021-01-01", None);
    assert_eq!(world.case_families(), [vec![one, first], vec![two], vec![three, second], vec![grandmother]]);
}

/// A child whose custody holder is itself placed with others stays alone.
#[test]
fn nobody_is_joined_to_who_was_joined() {
    let mut town = Town::default();
    let grandmother = town.woman("1970-01-02", 1);
    let holder = town.woman("2003-01-02", 2);
    town.parents(holder, Some(grandmother), None);
    let child = town.person("2010-01-02", Sex::Male);
    town.custody(child, CustodyKind::Other, Some(holder), "2015-01-01");
    town.lives(child, dwelling(2), "", "2020-01-01");
    town.lives(child, dwelling(3), "2020-01-01", "");
    let world = World::new(town).placed(holder, "2019-01-01", None).placed(child, "2020-01-01", None);
    assert_eq!(world.case_families(), [vec![grandmother, holder], vec![child]]);
    assert_eq!(world.families().review, [(PersonId(child), ReviewReason::Chain)]);
}

/// P7: two men without a common child are two families by the rules, and one by the municipality's own file.
#[test]
fn p7_a_manual_link_joins_what_the_rules_cannot_see() {
    let build = |links: &[(u32, ManualAction, &str, &str)]| {
        let mut town = Town::default();
        let (one, two) = (town.man("1970-01-02", 1), town.man("1971-01-02", 1));
        let child = town.man("2010-01-02", 1);
        town.parents(child, None, Some(two));
        let mut world = World::new(town);
        world.manual = links
            .iter()
            .map(|(person, action, from, to)| ManualLink {
                person: PersonId(*person),
                action: *action,
                from: day(from),
                to: day(to),
            })
            .collect();
        assert_eq!((one, two, child), (0, 1, 2));
        world
    };
    assert_eq!(build(&[]).case_families(), [vec![0], vec![1, 2]]);
    let joined = build(&[(1, ManualAction::Join(PersonId(0)), "2020-01-01", "2020-12-31")]);
    assert_eq!(joined.case_families(), [vec![0, 1, 2]]);
    assert_eq!(joined.link(1), Some((0, "manuel", "sikker")));
    // The family by Statistics Denmark's rules is not touched, and a link that has lapsed does nothing.
    assert_eq!(joined.families().families.len(), 2);
    assert_eq!(build(&[(1, ManualAction::Join(PersonId(0)), "2020-01-01", "2020-06-29")]).case_families().len(), 2);
    assert_eq!(
        build(&[(2, ManualAction::Cut, "2020-01-01", "2020-12-31")]).case_families(),
        [vec![0], vec![1], vec![2]]
    );
}

#[test]
fn a_couple_whose_head_is_cut_is_led_by_the_other() {
    let mut town = Town::default();
    let (woman, man) = (town.woman("1970-01-02", 1), town.man("1971-01-02", 1));
    town.married(woman, man);
    town.civil(woman, CivilStatus::Married, Some(man), "2000-01-01");
    let mut world = World::new(town);
    world.manual =
        vec![ManualLink { person: PersonId(woman), action: ManualAction::Cut, from: day("2020-01-01"), to: Date::MAX }];
    let families = world.families();
    let member = families.case_families.member(PersonId(man)).expect("a member");
    assert_eq!((member.role, member.link), (MemberRole::Head, None));
}
