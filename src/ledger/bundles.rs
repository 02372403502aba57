//! The rows of a run by person: bundles of whole persons, in the order of persons, small enough to be worked on one by one.
//!
//! Rows by the hundred million are never sorted as a whole and never stand in memory twice: each goes to the bundle of its
//! person as it is read, and a bundle is put in order where it is settled.

use super::{Entry, settlement::broken};
use crate::{
    base::{Pool, Result},
    domain::{Date, PersonId, Pseudonym, Role, ServiceId, SourceId},
};

/// How many bundles there are. Of no influence on the result; few enough that each is written to in long runs, and many
/// enough that one of a large town (some 20 MB) is settled beside others.
const BUNDLES: usize = 64;

/// Rows as they are read, each in the bundle of its person. Persons are positions of the register until all are read.
#[derive(Default)]
pub struct Gathering {
    /// By position.
    bundle_of: Vec<u8>,
    bundles: Vec<Vec<Entry>>,
}

impl Gathering {
    /// Tells where the rows of the next person belong. Ids follow the order of pseudonyms, so the first bits of a pseudonym tell
    /// the bundle before the ids are known.
    pub fn add_person(&mut self, pseudonym: Pseudonym) {
        self.bundle_of.push(pseudonym.0[0] >> 2);
    }

    /// Makes room for so many rows. A bundle that has to grow moves, so a number that is too high costs less than one that is
    /// too low: room that is never written to takes no memory.
    pub fn expect(&mut self, rows: usize) {
        self.bundles.resize_with(BUNDLES, Vec::new);
        // Persons are spread evenly, and so are their rows but for a few.
        let room = rows / BUNDLES + rows / BUNDLES / 8;
        // Where there is no such room the bundles grow as they must.
        self.bundles.iter_mut().for_each(|bundle| drop(bundle.try_reserve_exact(room)));
    }

    /// Takes rows of persons that were told of.
    pub fn take(&mut self, rows: &mut Vec<Entry>) {
        self.bundles.resize_with(BUNDLES, Vec::new);
        for row in rows.drain(..) {
            self.bundles[usize::from(self.bundle_of[row.person.index()])].push(row);
        }
    }
}

/// Rows by person. Within a bundle they stand in no order until settling gives them one.
pub struct Bundles {
    all: Vec<Vec<Entry>>,
    /// By bundle: the last person in it or before it.
    last: Vec<Option<PersonId>>,
    /// By source and service: when the first actual row was booked.
    first_posted: Vec<Vec<Option<Date>>>,
    granted: Vec<Entry>,
}

/// What the rows of a bundle tell in passing.
#[derive(Default)]
struct Passing {
    persons: Option<(PersonId, PersonId)>,
    first_posted: Vec<Vec<Option<Date>>>,
    granted: Vec<Entry>,
}

impl Passing {
    fn of(rows: &mut [Entry], id: impl Fn(PersonId) -> PersonId) -> Self {
        let mut passing = Self::default();
        for row in rows {
            row.person = id(row.person);
            let (first, last) = passing.persons.get_or_insert((row.person, row.person));
            (*first, *last) = (row.person.min(*first), row.person.max(*last));
            match row.role {
                Role::Granted => passing.granted.push(*row),
                Role::Actual => {
                    let posted = first_of(&mut passing.first_posted, row.source, row.service);
                    *posted = Some(posted.map_or(row.posted, |posted| posted.min(row.posted)));
                }
                Role::Manual | Role::Tariff => {}
            }
        }
        passing
    }
}

fn first_of(first_posted: &mut Vec<Vec<Option<Date>>>, source: SourceId, service: ServiceId) -> &mut Option<Date> {
    if first_posted.len() <= source.index() {
        first_posted.resize_with(source.index() + 1, Vec::new);
    }
    let of_source = &mut first_posted[source.index()];
    if of_source.len() <= service.index() {
        of_source.resize(service.index() + 1, None);
    }
    &mut of_source[service.index()]
}

impl Bundles {
    /// Gives every person the id that `id` tells, by position.
    ///
    /// # Errors
    /// When the ids do not follow the order of the pseudonyms that the rows were gathered by.
    pub fn new(gathered: Gathering, id: impl Fn(PersonId) -> PersonId + Sync + Send, pool: &Pool) -> Result<Self> {
        Self::of_bundles(gathered.bundles, id, pool)
    }

    /// Bundles of rows that stand in one list, each of at least so many.
    ///
    /// # Errors
    /// None: the rows are put in order first.
    pub fn of_list(mut entries: Vec<Entry>, at_least: usize, pool: &Pool) -> Result<Self> {
        entries.sort_unstable_by_key(|row| row.person);
        let mut bundles: Vec<Vec<Entry>> = Vec::new();
        for person in entries.chunk_by(|row, next| row.person == next.person) {
            match bundles.last_mut().filter(|bundle| bundle.len() < at_least) {
                Some(bundle) => bundle.extend_from_slice(person),
                None => bundles.push(person.to_vec()),
            }
        }
        Self::of_bundles(bundles, |person| person, pool)
    }

    fn of_bundles(
        mut bundles: Vec<Vec<Entry>>,
        id: impl Fn(PersonId) -> PersonId + Sync + Send,
        pool: &Pool,
    ) -> Result<Self> {
        let passing = pool.map_mut(&mut bundles, |rows| Passing::of(rows, &id));
        let mut all = Self { all: bundles, last: Vec::new(), first_posted: Vec::new(), granted: Vec::new() };
        for Passing { persons, first_posted, granted } in passing {
            let before = all.last.last().copied().flatten();
            if persons.is_some_and(|(first, _)| Some(first) <= before) {
                return Err(broken("Rækkerne er samlet efter en anden orden end personernes"));
            }
            all.last.push(persons.map(|(_, last)| last).or(before));
            all.granted.extend(granted);
            for (source, of_source) in (0..).map(SourceId).zip(first_posted) {
                for (service, there) in (0..).map(ServiceId).zip(of_source) {
                    let first = first_of(&mut all.first_posted, source, service);
                    *first = [*first, there].into_iter().flatten().min();
                }
            }
        }
        Ok(all)
    }

    /// When the first actual row of each source and service was booked.
    pub fn first_posted(&self) -> impl Iterator<Item = (SourceId, ServiceId, Date)> {
        (0..).map(SourceId).zip(&self.first_posted).flat_map(|(source, of_source)| {
            let services = (0..).map(ServiceId).zip(of_source);
            services.filter_map(move |(service, posted)| Some((source, service, (*posted)?)))
        })
    }

    /// The rows of grants and measures.
    #[must_use]
    pub fn granted(&self) -> &[Entry] {
        &self.granted
    }

    /// Looks at every bundle in parallel; the results stand in the order of persons.
    pub fn map<R: Send>(&self, pool: &Pool, look: impl Fn(&[Entry]) -> R + Sync + Send) -> Vec<R> {
        pool.map(&self.all, |rows| look(rows))
    }

    /// Gives actual rows to other persons who have rows themselves: for each bundle the places of such rows, ascending, and
    /// whose they become. Returns the rows as they now stand.
    pub(super) fn rename(&mut self, places: Vec<Vec<(usize, PersonId)>>) -> Vec<Entry> {
        let mut moved = Vec::new();
        for (rows, places) in self.all.iter_mut().zip(places) {
            // From the last on: what takes a row's place has been looked at.
            moved.extend(places.into_iter().rev().map(|(place, person)| Entry { person, ..rows.swap_remove(place) }));
        }
        for row in &moved {
            let bundle = self.last.partition_point(|last| *last < Some(row.person));
            self.all[bundle].push(*row);
        }
        moved
    }

    /// The bundles in the order of persons.
    pub(super) fn into_iter(self) -> impl Iterator<Item = Vec<Entry>> {
        self.all.into_iter()
    }
}

/// Puts the rows of a bundle into `sorted`, by person, and those of a person in their total order. Every field takes part, so
/// only rows that are alike stand in no order of their own. What `sorted` held before is gone.
pub(super) fn in_order(rows: &[Entry], sorted: &mut Vec<Entry>) {
    let persons = rows.iter().map(|row| row.person.0);
    let (first, last) = persons.fold((u32::MAX, 0), |(first, last), person| (first.min(person), last.max(person)));
    let place = |person: PersonId| (person.0 - first) as usize;
    let last = last.saturating_sub(first) as usize;
    // Counting by person first: the rows of one are few, and comparing whole rows is what costs.
    let mut next = vec![0_u32; last + 2];
    for row in rows {
        next[place(row.person) + 1] += 1;
    }
    for person in 0..=last {
        next[person + 1] += next[person];
    }
    let mut order = vec![0_u32; rows.len()];
    for (index, row) in (0..).zip(rows) {
        let next = &mut next[place(row.person)];
        order[*next as usize] = index;
        *next += 1;
    }
    sorted.clear();
    sorted.reserve_exact(rows.len());
    let mut keys = Vec::new();
    let mut start = 0;
    // Each person's place to write at has moved to its end.
    for end in next.into_iter().map(|end| end as usize) {
        keys.clear();
        keys.extend(order[start..end].iter().map(|index| (key(&rows[*index as usize]), *index)));
        keys.sort_unstable_by(|(key, index), (other, of_other)| {
            key.cmp(other).then_with(|| rows[*index as usize].cmp(&rows[*of_other as usize]))
        });
        sorted.extend(keys.iter().map(|(_, index)| rows[*index as usize]));
        start = end;
    }
}

/// What comes first in the order of a person's rows, as one number: comparing rows field by field takes many times as long.
/// Where it does not tell two rows apart, the rows themselves do.
fn key(row: &Entry) -> u64 {
    // 23 bits hold every day but those of ten thousand years ago, which are one day here.
    let day = row.from.days().saturating_add(1 << 22).clamp(0, (1 << 23) - 1).cast_unsigned();
    let places = [
        (u64::from(row.service.0), 16),
        (row.role as u64, 2),
        (u64::from(row.source.0), 16),
        (row.amount_type as u64, 4),
        (u64::from(day), 23),
    ];
    places.into_iter().fold(0, |key, (place, bits)| key << bits | place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{AmountType, Date, Ore, Role, ServiceId, SourceId},
        ledger::twin::AMOUNT_TYPES,
    };

    fn pool() -> Pool {
        Pool::new(2).expect("threads")
    }

    fn sorted(rows: &[Entry]) -> Vec<Entry> {
        // Room that was used for something else.
        let mut sorted = vec![row(9, 9, 9); 3];
        in_order(rows, &mut sorted);
        sorted
    }

    fn row(person: u32, service: u16, amount: i64) -> Entry {
        Entry {
            person: PersonId(person),
            service: ServiceId(service),
            role: Role::Actual,
            source: SourceId(0),
            amount_type: AmountType::Lump,
            from: Date::EPOCH,
            to: Date::EPOCH,
            amount: Ore(amount),
            quantity: 1000,
            document: 0,
            reverses: 0,
            posted: Date::EPOCH,
            line: 0,
            file: 0,
        }
    }

    #[test]
    fn nobody_stands_in_two_bundles() {
        let rows: Vec<Entry> = [7, 0, 7, 3, 0, 7, 9].map(|person| row(person, 0, 1)).to_vec();
        let persons = |rows: &[Entry]| {
            let mut persons: Vec<u32> = rows.iter().map(|row| row.person.0).collect();
            persons.dedup();
            persons
        };
        let bundles = |least| {
            let bundles = Bundles::of_list(rows.clone(), least, &pool()).expect("in order");
            bundles.into_iter().map(|rows| persons(&sorted(&rows)))
        };
        assert_eq!(bundles(1).collect::<Vec<_>>(), [vec![0], vec![3], vec![7], vec![9]]);
        assert_eq!(bundles(3).collect::<Vec<_>>(), [vec![0, 3], vec![7], vec![9]]);
        assert_eq!(bundles(usize::MAX).collect::<Vec<_>>(), [vec![0, 3, 7, 9]]);
        assert_eq!(Bundles::of_list(Vec::new(), 1, &pool()).expect("in order").into_iter().count(), 0);
    }

    fn pseudonym(first: u8) -> Pseudonym {
        Pseudonym([first; 16])
    }

    #[test]
    fn another_order_than_the_pseudonyms_is_refused() {
        let gathered = |firsts: [u8; 2]| {
            let mut gathering = Gathering::default();
            for first in &firsts {
                gathering.add_person(pseudonym(*first));
            }
            gathering.take(&mut vec![row(0, 0, 1), row(1, 0, 1)]);
            Bundles::new(gathering, |person| person, &pool()).map(|bundles| bundles.into_iter().flatten().count())
        };
        assert_eq!(gathered([1, 200]).ok(), Some(2));
        assert!(gathered([200, 1]).is_err());
    }

    #[test]
    fn the_first_posting_of_each_source_and_service_is_told() {
        let posted = |service, source, day, role| Entry {
            source: SourceId(source),
            posted: Date::EPOCH.plus(day),
            role,
            ..row(u32::from(service), service, 1)
        };
        let rows = vec![
            posted(2, 1, 9, Role::Actual),
            posted(2, 1, 4, Role::Actual),
            posted(2, 0, 7, Role::Actual),
            posted(0, 0, 1, Role::Granted),
            posted(1, 0, 2, Role::Manual),
        ];
        let bundles = Bundles::of_list(rows.clone(), 1, &pool()).expect("in order");
        let day = |days| Date::EPOCH.plus(days);
        let expected = [(SourceId(0), ServiceId(2), day(7)), (SourceId(1), ServiceId(2), day(4))];
        assert_eq!(bundles.first_posted().collect::<Vec<_>>(), expected);
        assert_eq!(bundles.granted(), [rows[3]]);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 128,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(5),
            ..ProptestConfig::default()
        })]

        #[test]
        fn bundles_in_order_are_the_sorted_rows(
            rows in proptest::collection::vec((0_u32..30, 0_u16..3, 0_i64..4), 0..200), least in 1_usize..60,
            firsts in proptest::collection::vec(any::<u8>(), 30), cut in 0_usize..200, threads in 1_usize..5,
        ) {
            let rows: Vec<Entry> = rows.into_iter().map(|(person, service, amount)| row(person, service, amount)).collect();
            let pool = Pool::new(threads).expect("threads");
            let flat = |bundles: Bundles| bundles.into_iter().flat_map(|rows| sorted(&rows)).collect::<Vec<Entry>>();
            let mut twin = rows.clone();
            twin.sort_unstable();
            prop_assert_eq!(flat(Bundles::of_list(rows.clone(), least, &pool).expect("in order")), twin);

            // Ids in the order of pseudonyms, positions in any.
            let mut order: Vec<usize> = (0..30).collect();
            order.sort_by_key(|position| (firsts[*position], *position));
            let id = |person: PersonId| {
                let place = order.iter().position(|position| *position == person.index());
                PersonId(u32::try_from(place.expect("one of the thirty")).expect("few"))
            };
            let mut gathering = Gathering::default();
            for first in &firsts {
                gathering.add_person(pseudonym(*first));
            }
            let (one, other) = rows.split_at(cut.min(rows.len()));
            gathering.take(&mut one.to_vec());
            gathering.take(&mut other.to_vec());
            let mut renamed: Vec<Entry> = rows.iter().map(|row| Entry { person: id(row.person), ..*row }).collect();
            renamed.sort_unstable();
            prop_assert_eq!(flat(Bundles::new(gathering, id, &pool).expect("in order")), renamed);
        }

        /// What comes first by the number comes first field by field; days of long ago and of no end are among them.
        #[test]
        fn the_key_goes_with_the_order(rows in proptest::collection::vec(any_row(), 2)) {
            let (one, other) = (&rows[0], &rows[1]);
            if key(one) != key(other) {
                prop_assert_eq!(key(one).cmp(&key(other)), one.cmp(other));
            }
        }

        #[test]
        fn rows_that_differ_in_any_field_stand_in_order(rows in proptest::collection::vec(any_row(), 0..40)) {
            let mut twin = rows.clone();
            twin.sort_unstable();
            prop_assert_eq!(sorted(&rows), twin);
        }
    }

    fn any_row() -> impl Strategy<Value = Entry> {
        let few = |numbers: &'static [u16]| proptest::sample::select(numbers);
        let days =
            proptest::sample::select(&[i32::MIN, -4_371_587, -4_194_305, -4_194_304, -1, 0, 16_436, 2_932_896][..]);
        let roles = proptest::sample::select(&Role::ALL[..]);
        let types = proptest::sample::select(&AMOUNT_TYPES[..]);
        let source = few(&[0, 1, u16::MAX]);
        let rest = (0_i64..2, 0_i32..2, 0_u64..2);
        (few(&[0, 5, u16::MAX]), roles, source, types, days, rest).prop_map(
            |(service, role, source, amount_type, from, (amount, quantity, document))| Entry {
                role,
                source: SourceId(source),
                amount_type,
                from: Date::EPOCH.plus(from),
                quantity,
                document,
                ..row(0, service, amount)
            },
        )
    }
}
