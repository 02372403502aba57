//! The persons of a block: constellations of one or two households are drawn until the block is full, then children are
//! placed. Shares are those of Denmark in round numbers: two persons to a household, two households of five a person alone.

use super::{
    address::{self, Address, Institution},
    names,
    numbers::NumberBook,
    person::{Civil, FamilyKind, Home, Person, Place, Placement, Residence, Status},
    random::{Draws, Stream},
    world::World,
};
use crate::domain::{Date, Sex};

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
        elsewhere: 0,
        foster: Vec::new(),
        quota,
    };
    while maker.persons.len() < quota {
        maker.constellation();
    }
    maker.place_children();
    maker.finish()
}

/// How many children of a block are placed, of so many: the rest of a division runs on from block to block.
#[must_use]
pub fn placed_of_block(world: &World, block: u32, children: u64) -> u64 {
    let rest = Draws::of(world.seed, Stream::People, u64::MAX).next() % 100_000 + u64::from(block) * 61_803;
    (children * PLACED + rest % 100_000) / 100_000
}

/// Whether somebody alone lives in an institution: in full worlds only, whose plan lists its address.
pub fn residence(world: &World, age: i32, draws: &mut Draws) -> Option<Residence> {
    let in_100_000 = match age {
        ..65 => 1_600,
        65..80 => 2_000,
        _ => 16_000,
    };
    if world.plain || !draws.chance(in_100_000) {
        return None;
    }
    let housing = [Residence::Assisted, Residence::Lasting, Residence::Temporary];
    Some(if age < 65 { housing[draws.weighted(&[30, 30, 40])] } else { Residence::CareHome })
}

struct Maker<'a> {
    world: &'a World,
    block: u32,
    draws: Draws,
    book: NumberBook,
    persons: Vec<Person>,
    dwellings: u32,
    elsewhere: u32,
    /// Heads of couples that could foster a child.
    foster: Vec<usize>,
    quota: usize,
}

/// Of 100,000 children so many are placed outside the home: one in a hundred (VIVE, 2023).
const PLACED: u64 = 1_080;

/// How much likelier a child of a more exposed family is placed.
const PLACED_BY_EXPOSURE: [u32; 4] = [1, 60, 400, 1_300];

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
            residence: None,
            delivered: true,
        });
        place
    }

    /// A dwelling that is nobody else's.
    fn dwelling(&mut self) -> Address {
        self.dwellings += 1;
        address::dwelling(self.block, self.dwellings - 1)
    }

    /// A dwelling in another municipality that is nobody else's.
    fn elsewhere(&mut self) -> Address {
        self.elsewhere += 1;
        match address::dwelling(self.block, self.elsewhere - 1) {
            Address::Dwelling(number) => Address::Elsewhere(number),
            other => other,
        }
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
            let before = if self.draws.chance(70_000) { self.dwelling() } else { self.elsewhere() };
            let from = moved_in.plus(-self.draws.between(200, 3_500)).min(window.from.plus(-1));
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
        let age = self.adult_age(&[(24, 18, 29), (22, 30, 49), (20, 50, 64), (21, 65, 79), (13, 80, 99)]);
        let (sex, surname) = (self.sex(), self.surname());
        let residence = residence(self.world, age, &mut self.draws);
        let homes = match residence {
            Some(Residence::CareHome) => self.homes_ending_at(address::institution(self.block, Institution::CareHome)),
            Some(_) => self.homes_ending_at(address::institution(self.block, Institution::Housing)),
            None => self.homes(),
        };
        let person = self.person(age, sex, surname, exposure, &homes);
        self.persons[person].residence = residence;
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
        let age = self.adult_age(&[(13, 21, 29), (10, 30, 44), (35, 45, 64), (33, 65, 79), (9, 80, 93)]);
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

    fn children(
        &mut self,
        ages: &[i32],
        parents: (Option<usize>, Option<usize>),
        head: usize,
        joint: bool,
        homes: &[Home],
    ) {
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

    /// Places as many children as there are to be, up to a rest that runs on from block to block.
    fn place_children(&mut self) {
        let last_year = self.world.last_year();
        let age = |person: &Person| person.age_at_end_of(last_year);
        let children = self.persons.iter().filter(|person| age(person) < 18).count() as u64;
        let wanted = placed_of_block(self.world, self.block, children);
        let can_be_placed = |person: &Person| (1..18).contains(&age(person)) && person.mother.is_some();
        let mut candidates: Vec<usize> =
            (0..self.persons.len()).filter(|place| can_be_placed(&self.persons[*place])).collect();
        for _ in 0..wanted {
            let exposure = |place: &usize| usize::from(self.persons[*place].exposure);
            let weights: Vec<u32> = candidates.iter().map(|place| PLACED_BY_EXPOSURE[exposure(place)]).collect();
            if weights.is_empty() {
                break;
            }
            let chosen = self.draws.weighted(&weights);
            let child = candidates.swap_remove(chosen);
            self.place(child);
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
        let to = (self.draws.chance(8_000) && from.plus(120) < window.to)
            .then(|| from.max(window.from).plus(self.draws.between(30, 110)));
        let address = match place {
            Place::Foster | Place::Kinship if !self.foster.is_empty() && self.draws.chance(50_000) => {
                let head = *self.draws.pick(&self.foster);
                self.persons[head].home().unwrap_or_else(|| self.elsewhere())
            }
            Place::Residential | Place::Institution if self.draws.chance(45_000) => {
                let of = if place == Place::Residential { Institution::Youth } else { Institution::Children };
                address::institution(self.block, of)
            }
            _ => self.elsewhere(),
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
        if let (Some(day), Some(home)) = (to, back) {
            person.homes.push(Home { from: day.plus(1).max(home.from), ..home });
        } else {
            person.family = child;
            person.family_kind = FamilyKind::NotHomeChild;
            person.delivered = !undelivered;
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
                    assert!(
                        pair[0].to.is_some_and(|to| to <= pair[1].from),
                        "{index}: two homes at once {:?}",
                        person.homes
                    );
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
