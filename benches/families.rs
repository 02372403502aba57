//! Families of a whole country: made-up persons with twenty years of addresses become households, families and case families.
//!
//! `cargo bench --bench families [MILLIONS ...]` prints, for 1, 3 and 6 million persons unless told otherwise: seconds, persons a
//! second and the highest memory of the family step (the population included), and how they grow. Beside it a peer in the same
//! run: a plain hash map from address to the residents of the reference date, which gives households alone. Parsing is not
//! measured: records go straight into the register.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock and at the number of threads")]

use std::{collections::HashMap, fs, hint::black_box, time::Instant};

use samkor::{
    base::Pool,
    domain::{
        AddressKey, AddressParts, CivilStatus, Cpr, CprStatus, Date, Period, PersonId, Precision, RegisterDate, Sex,
    },
    family::{Families, Guard, Ingredients, Placement, episodes},
    ingest::rows::RegisterRow,
    pseudonym::UnitKind,
    register::{Population, RegisterBuilder},
};

/// The reference date, and the last day of the period.
const TODAY: &str = "2025-12-31";
/// Days of history.
const HISTORY: i32 = 20 * 365;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 32) * u64::from(below) >> 32).expect("below a u32")
    }

    fn chance(&mut self, per_thousand: u32) -> bool {
        self.roll(1000) < per_thousand
    }
}

fn at(day: Date) -> Option<RegisterDate> {
    Some(RegisterDate { date: day, precision: Precision::Day, uncertain: false })
}

/// The dwelling with this number: a thousand houses on a road, three thousand roads in a municipality.
fn dwelling(number: u32) -> AddressKey {
    let text = |number: u32| number.to_string().into_bytes();
    let (municipality, road, house) =
        (text(101 + number / 3_000_000), text(100 + number / 1_000 % 3_000), text(number % 999 + 1));
    let floor = if number % 1_000 == 999 { text(2) } else { text(1) };
    let parts = AddressParts {
        municipality: &municipality,
        road: &road,
        house: &house,
        floor: &floor,
        ..AddressParts::default()
    };
    AddressKey::new(parts).expect("an address")
}

/// A country in the making.
struct Country {
    dice: Dice,
    builder: RegisterBuilder,
    today: Date,
    /// How many numbers each birth date has given away.
    serials: HashMap<i32, u32>,
    persons: u32,
    households: u32,
    /// Children placed, and since when.
    placed: Vec<(Cpr, Date)>,
}

/// Somebody of a household: number, sex and birth date.
#[derive(Clone, Copy)]
struct Somebody {
    cpr: Cpr,
    born: Date,
}

impl Country {
    fn new(seed: u64) -> Self {
        let today = Date::parse_iso(TODAY).expect("a date");
        let (builder, serials) = (RegisterBuilder::new(), HashMap::new());
        Self { dice: Dice(seed), builder, today, serials, persons: 0, households: 0, placed: Vec::new() }
    }

    fn born(&mut self, from: i32, to: i32) -> Date {
        let (from, to) = (from * 365, to * 365);
        let span = u32::try_from(to - from).expect("in order");
        self.today.plus(-from - i32::try_from(self.dice.roll(span)).expect("years"))
    }

    fn person(&mut self, born: Date, sex: Sex, married_to: Option<Somebody>) -> Somebody {
        let (year, month, day) = born.ymd();
        let parity = u32::from(sex == Sex::Male);
        // The seventh digit tells the century: 0 to 3 the 1900s, 4 to 9 the years from 2000.
        let century = if year >= 2000 { 4_000 } else { 0 };
        let serial = self.serials.entry(born.days() * 2 + i32::from(sex == Sex::Male)).or_default();
        *serial += 1;
        let text = format!("{day:02}{month:02}{:02}{:04}", year % 100, century + *serial * 2 + parity);
        let cpr = Cpr::parse(text.as_bytes()).expect("a number");
        self.builder.add(RegisterRow::Person {
            cpr,
            current: None,
            status: CprStatus::Resident,
            status_from: at(born),
            sex: Some(sex),
            born: at(born),
        });
        self.persons += 1;
        if let Some(spouse) = married_to {
            let since = at(self.today.plus(-4_000));
            for (one, other) in [(cpr, spouse.cpr), (spouse.cpr, cpr)] {
                self.builder.add(RegisterRow::CivilStatus {
                    cpr: one,
                    status: CivilStatus::Married,
                    spouse: Some(other),
                    from: since,
                    to: None,
                    current: true,
                });
            }
        }
        Somebody { cpr, born }
    }

    /// A household: one in two a single, else a couple, with children in one of three.
    fn household(&mut self, dwellings: u32) {
        let has_children = self.dice.chance(330);
        let (from, to) = if has_children { (22, 50) } else { (19, 92) };
        let mut members = Vec::with_capacity(5);
        let first = if self.dice.chance(500) { Sex::Female } else { Sex::Male };
        let born = self.born(from, to);
        members.push(self.person(born, first, None));
        if self.dice.chance(if has_children { 700 } else { 420 }) {
            let other = if first == Sex::Female { Sex::Male } else { Sex::Female };
            let born = members[0].born.plus(i32::try_from(self.dice.roll(3_000)).expect("days") - 1_500);
            let spouse = self.dice.chance(650).then_some(members[0]);
            members.push(self.person(born, other, spouse));
        }
        let parents = members.clone();
        for _ in 0..if has_children { 1 + self.dice.roll(3) } else { 0 } {
            let sex = if self.dice.chance(500) { Sex::Male } else { Sex::Female };
            let born = self.born(0, 20);
            let child = self.person(born, sex, None);
            let mut slots = parents.iter().map(|parent| parent.cpr);
            let (mother, father) = (slots.next(), slots.next());
            self.builder.add(RegisterRow::Parents { child: child.cpr, mother, father });
            members.push(child);
        }
        self.addresses(&members, dwellings);
        self.households += 1;
    }

    /// Three to six dwellings over twenty years, the last move of one household in seven within the last year.
    fn addresses(&mut self, members: &[Somebody], dwellings: u32) {
        let mut moves: Vec<i32> =
            (0..2 + self.dice.roll(4)).map(|_| 365 + i32::try_from(self.dice.roll(6_900)).expect("days")).collect();
        if self.dice.chance(150) {
            moves.push(i32::try_from(self.dice.roll(365)).expect("days"));
        }
        moves.sort_unstable();
        moves.dedup();
        // The present dwelling is the household's own but for one in thirty; earlier ones were others' too, at other times.
        let shared = self.dice.chance(30) && self.households > 0;
        let mut home = if shared { self.dice.roll(self.households) } else { self.households };
        let mut until = None;
        for since in moves.into_iter().chain([HISTORY]) {
            let from = self.today.plus(-since);
            for member in members {
                let from = from.max(member.born);
                if until.is_none_or(|until| from < until) {
                    self.builder.add(RegisterRow::Address {
                        cpr: member.cpr,
                        key: Some(dwelling(home)),
                        from: at(from),
                        to: until.and_then(at),
                        current: until.is_none(),
                    });
                }
            }
            until = Some(from);
            home = dwellings + self.dice.roll(dwellings * 2);
        }
        let placed = members.iter().find(|member| member.born > self.today.plus(-17 * 365));
        if let Some(child) = placed.filter(|_| self.dice.chance(20)) {
            self.placed.push((child.cpr, self.today.plus(-200)));
        }
    }

    fn of(persons: u32) -> Self {
        let mut country = Self::new(u64::from(persons));
        while country.persons < persons {
            country.household(persons / 2);
        }
        country
    }

    /// The population, with ids that follow nothing, as pseudonyms give them.
    fn settle(self, pool: &Pool) -> (Population, Vec<Placement>, Period, Date) {
        let (numbers, population, _) = self.builder.finish(pool).expect("a register");
        let mut dice = Dice(7);
        let mut ids: Vec<PersonId> = (0..numbers.len()).map(PersonId).collect();
        for place in (1..ids.len()).rev() {
            let other = dice.roll(u32::try_from(place + 1).expect("persons"));
            ids.swap(place, other as usize);
        }
        let placement = |(cpr, from): &(Cpr, Date)| {
            let position = numbers.find(*cpr).expect("a person of the country").position;
            Placement { person: ids[position as usize], from: *from, to: Date::MAX }
        };
        let placements = episodes(self.placed.iter().map(placement).collect());
        let period = Period { from: self.today.plus(-364), to: self.today };
        (population.renumber(&ids), placements, period, self.today)
    }
}

/// The highest memory since [`forget_peak`], in mebibytes, and the present one.
fn memory() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()
    };
    (kibibytes("VmHWM:").unwrap_or(0) / 1024, kibibytes("VmRSS:").unwrap_or(0) / 1024)
}

/// Linux forgets the highest memory of a process that asks so.
fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap_or_default();
}

struct Figures {
    persons: u32,
    seconds: f64,
    peak: u64,
}

fn measure(millions: f64, pool: &Pool) -> Figures {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few millions")]
    let country = Country::of((millions * 1e6) as u32);
    let persons = country.persons;
    let (population, placements, period, day) = country.settle(pool);
    forget_peak();
    let (_, before) = memory();
    let start = Instant::now();
    let guard = Guard::new([], true);
    let from = Ingredients {
        population: &population,
        placements: &placements,
        manual: &[],
        guard: &guard,
        paid_here: &[],
        period,
        day,
    };
    let families = Families::of(&from).expect("families");
    let seconds = start.elapsed().as_secs_f64();
    let (peak, _) = memory();
    let count = |kind| families.units(kind).len();
    let (households, singles, cases) =
        (count(UnitKind::Household), count(UnitKind::Family), count(UnitKind::CaseFamily));
    let intervals = families.case_timeline.memberships().len();
    drop(families);

    let start = Instant::now();
    let mut peer: HashMap<AddressKey, Vec<PersonId>> = HashMap::new();
    for person in population.persons().filter(|person| population.is_resident_on(*person, day)) {
        if let Some(address) = population.address_on(person, day) {
            peer.entry(address).or_default().push(person);
        }
    }
    let peer_seconds = start.elapsed().as_secs_f64();
    println!(
        "{persons:>9} persons  {seconds:>6.2} s  {:>9.0} persons/s  peak {peak} MiB (population {before} MiB)  H {households}  F {singles}  \
         S {cases}  memberships {intervals}",
        f64::from(persons) / seconds
    );
    println!(
        "{:>17}  {peer_seconds:>6.2} s  a hash map of addresses: {} households and nothing more ({:.1} times quicker)",
        "peer",
        black_box(peer).len(),
        seconds / peer_seconds
    );
    Figures { persons, seconds, peak }
}

fn main() {
    let wanted: Vec<f64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let wanted = if wanted.is_empty() { vec![1.0, 3.0, 6.0] } else { wanted };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = Pool::new(threads).expect("threads");
    println!("{threads} threads, one year of twenty");
    let figures: Vec<Figures> = wanted.into_iter().map(|millions| measure(millions, &pool)).collect();
    for pair in figures.windows(2) {
        let ratio = |one: f64, other: f64| other / one;
        println!(
            "{:.2} times the persons: {:.2} times the seconds, {:.2} times the memory",
            ratio(pair[0].persons.into(), pair[1].persons.into()),
            ratio(pair[0].seconds, pair[1].seconds),
            pair[1].peak as f64 / pair[0].peak as f64
        );
    }
}
