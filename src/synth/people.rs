//! The persons of a block: constellations of one or two households are drawn until the block is full, then children are
//! placed. Shares are those of Denmark in round numbers: two persons to a household, two households of five a person alone.

use super::{
    address::{self, Address},
    names,
    numbers::NumberBook,
    random::{Draws, Stream},
    world::World,
};
use crate::domain::{Cpr, Date, Sex};

/// A place where somebody lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Where.
    pub address: Address,
    /// The first day.
    pub from: Date,
    /// The day of moving away; `None` for the present address.
    pub to: Option<Date>,
}

/// Whether a person lives here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Yes.
    Resident,
    /// Died on this day.
    Dead(Date),
    /// Left the country on this day.
    Emigrated(Date),
}

/// Civil status and the person it is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The register's letter.
    pub code: u8,
    /// Spouse or former spouse, by place in the block.
    pub spouse: Option<usize>,
    /// Since when.
    pub from: Date,
}

/// What sort of family a person is of, by Statistics Denmark's E rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FamilyKind {
    /// A married couple, with or without children.
    Married,
    /// An unmarried couple with a common child.
    CommonChild,
    /// An unmarried couple without one.
    Cohabiting,
    /// One adult, with or without children.
    Single,
    /// A child that lives with neither parent.
    NotHomeChild,
}

impl FamilyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Married, Self::CommonChild, Self::Cohabiting, Self::Single, Self::NotHomeChild];

    /// The name in the truth.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Married => "aegtepar",
            Self::CommonChild => "samlevende",
            Self::Cohabiting => "samboende",
            Self::Single => "enlig",
            Self::NotHomeChild => "ikke-hjemmeboende-barn",
        }
    }
}

/// Where a child is placed outside the home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A foster family.
    Foster,
    /// A family of the child's own network.
    Kinship,
    /// A residential place.
    Residential,
    /// A residential institution.
    Institution,
}

/// A placement outside the home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Where.
    pub place: Place,
    /// The first day.
    pub from: Date,
    /// The last day, if the child has come home.
    pub to: Option<Date>,
}

/// A made-up person. Others are named by their place in the block.
#[derive(Clone, Debug)]
pub struct Person {
    /// The number.
    pub cpr: Cpr,
    /// A number that it replaced.
    pub former: Option<Cpr>,
    /// Birth date.
    pub born: Date,
    /// Sex.
    pub sex: Sex,
    /// First name, by its place in the table.
    pub given: u8,
    /// Surname, by its place in the table.
    pub surname: u8,
    /// Whether the person lives here.
    pub status: Status,
    /// Civil status.
    pub civil: Civil,
    /// The one before, with its last day.
    pub former_civil: Option<(Civil, Date)>,
    /// The mother.
    pub mother: Option<usize>,
    /// The father.
    pub father: Option<usize>,
    /// Whether mother and father have custody.
    pub custody: (bool, bool),
    /// Homes in order of time.
    pub homes: Vec<Home>,
    /// The head of the person's family on the reference date.
    pub family: usize,
    /// What sort of family that is.
    pub family_kind: FamilyKind,
    /// The head of the family that a placed child's cost belongs to; else the same.
    pub case_family: usize,
    /// How exposed the family is, 0 to 3: services come together in families.
    pub exposure: u8,
    /// Whether name and address are protected.
    pub protected: bool,
    /// A placement outside the home.
    pub placement: Option<Placement>,
    /// Whether the register extract has the person.
    pub delivered: bool,
}

impl Person {
    /// Age in completed years on a 31 December.
    #[must_use]
    pub fn age_at_end_of(&self, year: i16) -> i16 {
        year - self.born.ymd().0
    }

    /// The present home.
    #[must_use]
    pub fn home(&self) -> Option<Address> {
        self.homes.last().filter(|home| home.to.is_none()).map(|home| home.address)
    }

    /// The last day on which the person can have a service here.
    #[must_use]
    pub const fn last_day(&self) -> Date {
        match self.status {
            Status::Resident => Date::MAX,
            Status::Dead(day) | Status::Emigrated(day) => day,
        }
    }

    /// Whether the child is placed on a day.
    #[must_use]
    pub fn is_placed_on(&self, day: Date) -> bool {
        self.placement.is_some_and(|placement| placement.from <= day && placement.to.is_none_or(|to| day <= to))
    }
}

/// Makes the persons of a block.
#[must_use]
pub fn people(world: &World, block: u32) -> Vec<Person> {
    let quota = world.persons_of(block) as usize;
    let mut maker = Maker {
        world,
        block,
        draws: Draws::of(world.seed, Stream::People, block.into()),
        book: NumberBook::new(world.seed, block),
        persons: Vec::with_capacity(quota),
        dwellings: 0,
        foster: Vec::new(),
        quota,
    };
    while maker.persons.len() < quota {
        maker.constellation();
    }
    maker.place_children();
    maker.finish()
}

struct Maker<'a> {
    world: &'a World,
    block: u32,
    draws: Draws,
    book: NumberBook,
    persons: Vec<Person>,
    dwellings: u32,
    /// Heads of couples that could foster a child.
    foster: Vec<usize>,
    quota: usize,
}

/// Chances in 100,000 that a child is placed, by exposure of its family: 8 to 12 children of 1,000 come out.
const PLACED: [u32; 4] = [25, 1_700, 11_000, 38_000];

impl Maker<'_> {
    fn constellation(&mut self) {
        let room = self.quota - self.persons.len();
        let exposure = u8::try_from(self.draws.weighted(&[82, 13, 4, 1])).unwrap_or(0);
        // Alone, couple, couple with children, one parent, shared dwelling, three generations, step-family, no abode.
        match self.draws.weighted(&[345, 300, 205, 75, 22, 6, 14, 4]) {
            1 if room >= 2 => self.couple_without_children(exposure),
            2 if room >= 6 => self.couple_with_children(exposure),
            3 if room >= 5 => self.one_parent(exposure),
            4 if room >= 4 => self.shared_dwelling(exposure),
            5 if room >= 7 => self.three_generations(exposure),
            6 if room >= 5 => self.step_family(exposure),
            7 => self.no_fixed_abode(),
            _ => self.alone(exposure),
        }
    }

    fn year_of_age(&self, age: i32) -> i16 {
        self.world.last_year() - i16::try_from(age).unwrap_or(0)
    }

    fn sex(&mut self) -> Sex {
        if self.draws.below(2) == 0 { Sex::Female } else { Sex::Male }
    }

    fn surname(&mut self) -> u8 {
        u8::try_from(self.draws.below(names::COUNT)).unwrap_or(0)
    }

    /// A person in a family of its own, until told otherwise.
    fn person(&mut self, age: i32, sex: Sex, surname: u8, exposure: u8, homes: &[Home]) -> usize {
        let place = self.persons.len();
        let cpr = self.book.next(self.year_of_age(age), sex);
        let born = cpr.birth_date();
        let former = self.draws.chance(300).then(|| self.book.next(self.year_of_age(age), sex));
        let given = u8::try_from(self.draws.below(names::COUNT)).unwrap_or(0);
        let lived = homes.iter().filter(|home| home.to.is_none_or(|to| to > born));
        self.persons.push(Person {
            cpr,
            former,
            born,
            sex,
            given,
            surname,
            status: Status::Resident,
            civil: Civil { code: b'U', spouse: None, from: born },
            former_civil: None,
            mother: None,
            father: None,
            custody: (false, false),
            homes: lived.map(|home| Home { from: home.from.max(born), ..*home }).collect(),
            family: place,
            family_kind: FamilyKind::Single,
            case_family: place,
            exposure,
            protected: false,
            placement: None,
            delivered: true,
        });
        place
    }

    /// A dwelling that is nobody else's.
    fn dwelling(&mut self) -> Address {
        self.dwellings += 1;
        address::dwelling(self.block, self.dwellings - 1)
    }

    /// Where a household lives and lived.
    fn homes(&mut self) -> Vec<Home> {
        let address = self.dwelling();
        self.homes_ending_at(address)
    }

    fn homes_ending_at(&mut self, address: Address) -> Vec<Home> {
        let window = self.world.window();
        let moved_in = if self.draws.chance(15_000) {
            window.from.plus(self.draws.between(0, window.days() - 1))
        } else {
            window.from.plus(-self.draws.between(1, 9_000))
        };
        let mut homes = Vec::with_capacity(2);
        if moved_in > window.from.plus(-1_500) {
            let before = if self.draws.chance(70_000) {
                self.dwelling()
            } else {
                Address::Elsewhere(self.draws.below(1_000_000))
            };
            let from = moved_in.plus(-self.draws.between(200, 3_500));
            homes.push(Home { address: before, from, to: Some(moved_in) });
        }
        homes.push(Home { address, from: moved_in, to: None });
        homes
    }

    fn adult_age(&mut self, bands: &[(u32, i32, i32)]) -> i32 {
        let weights: Vec<u32> = bands.iter().map(|(weight, ..)| *weight).collect();
        let (_, low, high) = bands[self.draws.weighted(&weights)];
        self.draws.between(low, high)
    }

    fn alone(&mut self, exposure: u8) {
        let age = self.adult_age(&[(26, 18, 29), (24, 30, 49), (21, 50, 64), (18, 65, 79), (11, 80, 99)]);
        let (sex, surname) = (self.sex(), self.surname());
        let homes = self.homes();
        let person = self.person(age, sex, surname, exposure, &homes);
        let since = self.world.window().from.plus(-self.draws.between(1, 3_000));
        let code = if age >= 65 {
            [b'E', b'F', b'U'][self.draws.weighted(&[60, 25, 15])]
        } else if age >= 35 {
            [b'F', b'U'][self.draws.weighted(&[40, 60])]
        } else {
            b'U'
        };
        if code != b'U' {
            self.persons[person].civil = Civil { code, spouse: None, from: since };
        }
        self.protect(person);
        if let Some(day) = self.death_of(age) {
            self.end(person, Status::Dead(day));
        } else if age < 45 && self.draws.chance(1_200) {
            let day = self.day_in_window();
            self.end(person, Status::Emigrated(day));
        }
    }

    fn no_fixed_abode(&mut self) {
        let (age, sex, surname) = (self.draws.between(20, 64), self.sex(), self.surname());
        let homes = self.homes_ending_at(Address::NoFixedAbode);
        self.person(age, sex, surname, 2, &homes);
    }

    fn day_in_window(&mut self) -> Date {
        let window = self.world.window();
        window.from.plus(self.draws.between(1, window.days() - 1))
    }

    fn death_of(&mut self, age: i32) -> Option<Date> {
        let in_100_000 = match age {
            ..60 => 0,
            60..70 => 1_200,
            70..80 => 3_000,
            80..90 => 9_000,
            _ => 22_000,
        };
        self.draws.chance(in_100_000).then(|| self.day_in_window())
    }

    /// Ends a life here.
    fn end(&mut self, person: usize, status: Status) {
        let person = &mut self.persons[person];
        person.status = status;
        let day = person.last_day();
        person.homes.retain(|home| home.from < day);
        if let Some(last) = person.homes.last_mut() {
            last.to = Some(day);
        }
        if matches!(status, Status::Dead(_)) {
            person.former_civil = Some((person.civil, day));
            person.civil = Civil { code: b'D', spouse: None, from: day };
        }
    }

    fn protect(&mut self, head: usize) {
        if self.draws.chance(600) {
            for person in &mut self.persons[head..] {
                person.protected = true;
            }
        }
    }

    /// Two adults who are one family; the first is its head.
    fn couple(&mut self, age: i32, exposure: u8, homes: &[Home], kind: FamilyKind) -> (usize, usize) {
        let (surname, other_surname) = (self.surname(), self.surname());
        let partner_age = (age + self.draws.between(-3, 6)).clamp(18, 100);
        let woman = self.person(age, Sex::Female, surname, exposure, homes);
        let shared = if kind == FamilyKind::Married { surname } else { other_surname };
        let man = self.person(partner_age, Sex::Male, shared, exposure, homes);
        let both = [(woman, man), (man, woman)];
        let youngest = self.persons[woman].born.max(self.persons[man].born);
        let earliest = youngest.plus(19 * 365 + 5);
        let latest = self.world.window().from.plus(-30);
        let from = earliest.plus(self.draws.between(0, (latest.days() - earliest.days()).max(1) / 2));
        for (one, other) in both {
            let person = &mut self.persons[one];
            person.family = woman;
            person.case_family = woman;
            person.family_kind = kind;
            if kind == FamilyKind::Married {
                person.civil = Civil { code: b'G', spouse: Some(other), from };
            }
        }
        (woman, man)
    }

    fn couple_without_children(&mut self, exposure: u8) {
        let age = self.adult_age(&[(14, 21, 29), (11, 30, 44), (38, 45, 64), (29, 65, 79), (8, 80, 93)]);
        let married = self.draws.chance(if age < 30 { 15_000 } else { 80_000 });
        let kind = if married { FamilyKind::Married } else { FamilyKind::Cohabiting };
        let homes = self.homes();
        let (woman, man) = self.couple(age, exposure, &homes, kind);
        self.protect(woman);
        if let Some(day) = self.death_of(age + 2) {
            self.end(man, Status::Dead(day));
            self.persons[man].family = man;
            self.persons[man].case_family = man;
            self.persons[man].family_kind = FamilyKind::Single;
            let widow = &mut self.persons[woman];
            widow.family_kind = FamilyKind::Single;
            if kind == FamilyKind::Married {
                widow.former_civil = Some((widow.civil, day));
                widow.civil = Civil { code: b'E', spouse: Some(man), from: day };
            }
        } else if (30..65).contains(&age) && exposure == 0 {
            self.foster.push(woman);
        }
    }

    /// Ages of children, oldest first, and of their mother.
    fn children_ages(&mut self, counts: &[u32]) -> (i32, Vec<i32>) {
        let wanted = self.draws.weighted(counts) + 1;
        let mother_then = self.draws.between(20, 36);
        let oldest = self.draws.between(0, 21);
        let mut ages = vec![oldest];
        while ages.len() < wanted {
            let next = ages[ages.len() - 1] - self.draws.between(1, 4);
            if next < 0 {
                break;
            }
            ages.push(next);
        }
        (mother_then + oldest, ages)
    }

    fn children(&mut self, ages: &[i32], parents: (Option<usize>, Option<usize>), head: usize, joint: bool, homes: &[Home]) {
        let (exposure, kind, surname) =
            (self.persons[head].exposure, self.persons[head].family_kind, self.persons[head].surname);
        for age in ages {
            let sex = self.sex();
            let child = self.person(*age, sex, surname, exposure, homes);
            let child = &mut self.persons[child];
            (child.mother, child.father) = parents;
            (child.family, child.case_family, child.family_kind) = (head, head, kind);
            if *age < 18 {
                child.custody = (parents.0.is_some(), joint && parents.1.is_some());
            }
        }
    }

    fn couple_with_children(&mut self, exposure: u8) {
        let (age, ages) = self.children_ages(&[33, 47, 17, 3]);
        let kind = if self.draws.chance(72_000) { FamilyKind::Married } else { FamilyKind::CommonChild };
        let homes = self.homes();
        let (woman, man) = self.couple(age, exposure, &homes, kind);
        self.children(&ages, (Some(woman), Some(man)), woman, true, &homes);
        self.protect(woman);
        if exposure == 0 && age > 30 && ages.len() < 3 {
            self.foster.push(woman);
        }
    }

    /// A mother with children, and mostly the father in a dwelling of his own: they lived together once.
    fn one_parent(&mut self, exposure: u8) {
        let (age, ages) = self.children_ages(&[58, 34, 8]);
        let surname = self.surname();
        let homes = self.homes();
        let mother = self.person(age, Sex::Female, surname, exposure, &homes);
        let father = self.draws.chance(70_000).then(|| self.left_father(mother, age, surname, exposure, &homes));
        let joint = self.draws.chance(75_000);
        // The family's place in the order: the children follow both parents.
        self.children(&ages, (Some(mother), father), mother, joint, &homes);
        self.protect(mother);
    }

    fn left_father(&mut self, mother: usize, age: i32, surname: u8, exposure: u8, homes: &[Home]) -> usize {
        let together = homes[homes.len() - 1];
        let own = self.dwelling();
        let last = self.world.window().to;
        let father = self.person(age + 2, Sex::Male, surname, exposure.min(2), homes);
        let left = together.from.plus(self.draws.between(30, (last.days() - together.from.days()).max(31)));
        let left = left.min(last.plus(-1)).max(together.from.plus(1)).min(last);
        let father_homes = &mut self.persons[father].homes;
        if let Some(home) = father_homes.last_mut() {
            home.to = Some(left);
        }
        father_homes.push(Home { address: own, from: left, to: None });
        if self.draws.chance(65_000) {
            let wedding = together.from.plus(-self.draws.between(0, 1_000));
            for (one, other) in [(mother, father), (father, mother)] {
                let person = &mut self.persons[one];
                person.former_civil = Some((Civil { code: b'G', spouse: Some(other), from: wedding }, left));
                person.civil = Civil { code: b'F', spouse: Some(other), from: left };
            }
        }
        father
    }

    /// Three or four grown-ups who share a dwelling and are nothing to each other.
    fn shared_dwelling(&mut self, exposure: u8) {
        let homes = self.homes();
        for _ in 0..self.draws.between(3, 4) {
            let (age, sex, surname) = (self.draws.between(19, 34), self.sex(), self.surname());
            self.person(age, sex, surname, exposure.min(1), &homes);
        }
    }

    fn three_generations(&mut self, exposure: u8) {
        let (age, ages) = self.children_ages(&[40, 45, 15]);
        let homes = self.homes();
        let (woman, man) = self.couple(age, exposure, &homes, FamilyKind::Married);
        self.children(&ages, (Some(woman), Some(man)), woman, true, &homes);
        let surname = self.surname();
        let grandmother = self.person((age + 30).min(99), Sex::Female, surname, exposure, &homes);
        let since = self.world.window().from.plus(-800);
        self.persons[grandmother].civil = Civil { code: b'E', spouse: None, from: since };
        self.persons[woman].mother = Some(grandmother);
    }

    /// A couple with the woman's children.
    fn step_family(&mut self, exposure: u8) {
        let (age, ages) = self.children_ages(&[55, 35, 10]);
        let kind = if self.draws.chance(50_000) { FamilyKind::Married } else { FamilyKind::Cohabiting };
        let homes = self.homes();
        let (woman, _) = self.couple(age, exposure, &homes, kind);
        self.children(&ages, (Some(woman), None), woman, false, &homes);
    }

    fn place_children(&mut self) {
        let last_year = self.world.last_year();
        for child in 0..self.persons.len() {
            let age = self.persons[child].age_at_end_of(last_year);
            let has_home = self.persons[child].mother.is_some();
            if !(1..18).contains(&age) || !has_home {
                continue;
            }
            let chances = PLACED[usize::from(self.persons[child].exposure)];
            if self.draws.chance(chances) {
                self.place(child);
            }
        }
    }

    fn place(&mut self, child: usize) {
        let place = [Place::Foster, Place::Kinship, Place::Residential, Place::Institution]
            [self.draws.weighted(&[60, 9, 14, 17])];
        let window = self.world.window();
        let born = self.persons[child].born;
        let from = if self.draws.chance(60_000) {
            window.from.plus(-self.draws.between(1, 2_000))
        } else {
            window.from.plus(self.draws.between(1, window.days() - 60))
        };
        let from = from.max(born.plus(60));
        let to = (self.draws.chance(12_000) && from.plus(120) < window.to)
            .then(|| from.max(window.from).plus(self.draws.between(30, 110)));
        let address = match place {
            Place::Foster | Place::Kinship if !self.foster.is_empty() && self.draws.chance(50_000) => {
                let head = *self.draws.pick(&self.foster);
                self.persons[head].home().unwrap_or(Address::Elsewhere(1))
            }
            Place::Residential | Place::Institution if self.draws.chance(45_000) => {
                address::institution(self.block, u32::from(place == Place::Residential))
            }
            _ => Address::Elsewhere(self.draws.below(1_000_000)),
        };
        let undelivered = !self.world.plain && matches!(address, Address::Elsewhere(_)) && self.draws.chance(40_000);
        let person = &mut self.persons[child];
        person.placement = Some(Placement { place, from, to });
        let back = person.homes.last().copied();
        person.homes.retain(|home| home.from < from);
        if let Some(last) = person.homes.last_mut() {
            last.to = Some(last.to.map_or(from, |left| left.min(from)));
        }
        person.homes.push(Home { address, from, to: to.map(|day| day.plus(1)) });
        match (to, back) {
            (Some(day), Some(home)) => {
                person.homes.push(Home { from: day.plus(1).max(home.from), ..home });
            }
            _ => {
                person.family = child;
                person.family_kind = FamilyKind::NotHomeChild;
                person.delivered = !undelivered;
            }
        }
    }

    fn finish(self) -> Vec<Person> {
        self.persons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::world::Damage;

    const WORLD: World =
        World { seed: 7, persons: 5_000, rows: 50_000, first_year: 2024, years: 1, plain: true, damage: Damage::None };

    #[test]
    fn homes_follow_each_other_and_lives_hang_together() {
        let mut placed = 0;
        for block in 0..WORLD.blocks() {
            let persons = people(&WORLD, block);
            assert_eq!(persons.len(), 500);
            for (index, person) in persons.iter().enumerate() {
                assert!(!person.homes.is_empty() || person.status != Status::Resident, "{index}: nowhere");
                for pair in person.homes.windows(2) {
                    assert!(pair[0].to.is_some_and(|to| to <= pair[1].from), "{index}: two homes at once {:?}", person.homes);
                }
                for home in &person.homes {
                    assert!(home.to.is_none_or(|to| to > home.from), "{index}: {:?}", person.homes);
                    assert!(home.from >= person.born && home.from <= WORLD.window().to);
                }
                assert_eq!(person.home().is_some(), person.status == Status::Resident);
                assert!(person.born <= WORLD.reference_date());
                for parent in [person.mother, person.father].into_iter().flatten() {
                    let years = person.born.ymd().0 - persons[parent].born.ymd().0;
                    assert!((15..60).contains(&years), "a parent {years} years older");
                }
                let head = &persons[person.family];
                let together = head.home() == person.home() || person.family == index;
                assert!(together, "{index}: a family with two homes");
                placed += u32::from(person.is_placed_on(WORLD.reference_date()));
            }
        }
        assert!(placed > 3, "children are placed");
    }

    #[test]
    fn a_block_does_not_depend_on_the_rows_asked_for() {
        let cprs = |world: &World| people(world, 3).iter().map(|person| person.cpr).collect::<Vec<_>>();
        assert_eq!(cprs(&WORLD), cprs(&World { rows: 9, ..WORLD }));
        assert!(cprs(&WORLD) != cprs(&World { seed: 8, ..WORLD }));
    }
}
