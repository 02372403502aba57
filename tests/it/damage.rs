//! The damage suite: every row of a damaged municipality, linked and held against the truth beside it
//! (`linkage.md`, what damages a CPR number).

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use samkor::{
    base::{Pool, Silent},
    catalogue::Catalogue,
    domain::{Identity, Ore, SourceId, System, Tiers},
    ingest::{self, FileInput, FileSummary, MoneyReader, Outcome, ReadOptions, Record, Sought, rows::RegisterRow},
    layout::Layouts,
    linkage::{Cascade, Case, Decisions, First, Linked, Linker, NoPersonReason, PersonHash, RowHash, Verdict, Witness},
    register::{Numbers, PersonNames, Population, RegisterBuilder},
    synth::{Damage, World},
};

use crate::synth::{generate, truth, world};

/// The exports of a world whose rows are about persons.
const EXPORTS: [(&str, &str, System); 7] = [
    ("dubu.csv", "dubu-ydelser", System::Dubu),
    ("opus.csv", "opus-posteringer", System::Opus),
    ("kmd.csv", "kmd-ydelser", System::Kmd),
    ("refusion.csv", "kmd-ydelsesrefusion", System::Ydelsesrefusion),
    ("sensum.csv", "sensum-indsatser", System::Sensum),
    ("indskrivning.csv", "indskrivning", System::Institution),
    ("manuel.csv", "manuel", System::Manuel),
];

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Person(String),
    Outside,
    Review,
    Nobody,
    /// Set aside or sorted out before linkage.
    Dropped,
}

/// A row of an export: its line, and what linkage made of it.
type Rows = BTreeMap<(String, u64), Found>;

struct Register {
    numbers: Numbers,
    population: Population,
    names: PersonNames,
}

fn read<T: Send>(
    directory: &Path,
    (name, layout): (&str, &str),
    pool: &Pool,
    layouts: &Layouts,
    convert: impl Fn(&Record<'_>) -> Option<T> + Sync,
    mut take: impl FnMut(Option<T>),
) -> FileSummary {
    let path = directory.join("ind").join(name);
    let input = FileInput {
        path: &path,
        name,
        source: SourceId(0),
        file: 0,
        layout: layouts.get(layout).expect("a shipped layout"),
        layouts,
        options: ReadOptions::default(),
    };
    let convert = |record: &Record<'_>, _: Ore| Ok(Outcome::Row(convert(record)));
    let take = |rows: Vec<Option<T>>| {
        rows.into_iter().for_each(&mut take);
        Ok(())
    };
    ingest::read_file(input, pool, &Silent, convert, take, &mut Vec::new()).expect("a file")
}

fn register(directory: &Path, pool: &Pool, layouts: &Layouts) -> Register {
    let mut builder = RegisterBuilder::new();
    builder.keep_names();
    let convert = |record: &Record<'_>| match ingest::read_register_row(record) {
        Ok(Outcome::Row(rows)) => Some(rows),
        _ => None,
    };
    let take = |rows: Option<Vec<RegisterRow>>| rows.into_iter().flatten().for_each(|row| builder.add(row));
    read(directory, ("cpr.txt", "cpr-p12170"), pool, layouts, convert, take);
    let names = builder.take_names();
    let (numbers, population, _) = builder.finish(pool).expect("a register");
    let names = names.settle(&numbers);
    Register { numbers, population, names }
}

/// Links every row of every export.
fn link(directory: &Path, threads: usize, tiers: Tiers) -> Rows {
    let pool = Pool::new(threads).expect("threads");
    let layouts = Layouts::shipped().expect("shipped");
    let catalogue = Catalogue::embedded().expect("embedded");
    let Register { numbers, population, names } = register(directory, &pool, &layouts);
    let witness = Witness { population: &population, names: &names };
    let linker = Linker::with(&numbers, witness, tiers);
    let mut rows = Rows::new();
    for (name, layout, system) in EXPORTS {
        let money = MoneyReader { catalogue: &catalogue, system };
        let convert = |record: &Record<'_>| {
            let (identity, sought) = if system == System::Institution {
                match ingest::read_enrolment(record) {
                    Ok(Outcome::Row(row)) => (row.identity, Sought::Citizen),
                    _ => return None,
                }
            } else {
                match money.read(record, Ore::ZERO) {
                    Ok(Outcome::Row(row)) => (row.identity, row.sought),
                    _ => return None,
                }
            };
            Some((identity, linker.first(identity, sought, record)))
        };
        let mut line = 1;
        let mut waiting = Vec::new();
        let take = |row: Option<(Identity, First)>| {
            line += 1;
            let found = match row {
                None => Found::Dropped,
                Some((_, First::Settled(linked))) => found(&numbers, linked),
                Some((identity, First::Waits(clues))) => {
                    waiting.push((line, Case { identity, system, clues }));
                    return;
                }
            };
            rows.insert((name.to_owned(), line), found);
        };
        read(directory, (name, layout), &pool, &layouts, convert, take);
        let (lines, cases): (Vec<u64>, Vec<Case>) = waiting.into_iter().unzip();
        let cascade = Cascade {
            numbers: &numbers,
            witness,
            tiers,
            decisions: &Decisions::default(),
            row_hash: &|_| RowHash([0; 16]),
            person_hash: &|_| PersonHash([0; 16]),
        };
        for (line, Verdict { linked, candidates }) in lines.into_iter().zip(cascade.settle(&cases, &pool)) {
            let found = found(&numbers, linked);
            assert_eq!(candidates.is_empty(), found != Found::Review, "who must be looked at has candidates");
            rows.insert((name.to_owned(), line), found);
        }
    }
    rows
}

fn found(numbers: &Numbers, linked: Linked) -> Found {
    match linked {
        Linked::Person { position, .. } => {
            Found::Person(String::from_utf8(numbers.cpr(position).digits().to_vec()).expect("digits"))
        }
        Linked::Outside(_) => Found::Outside,
        Linked::Nobody(NoPersonReason::Review(_)) => Found::Review,
        Linked::Nobody(_) => Found::Nobody,
    }
}

/// Rows by kind of damage and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    right: u64,
    wrong: u64,
    review: u64,
    outside: u64,
    nobody: u64,
    dropped: u64,
}

impl Count {
    fn rows(self) -> u64 {
        self.right + self.wrong + self.review + self.outside + self.nobody + self.dropped
    }

    /// Of the rows that linkage saw, the share that found its person.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are small")]
    fn recall(self) -> f64 {
        self.right as f64 / (self.rows() - self.dropped).max(1) as f64
    }
}

/// What became of damaged rows by kind (with and without a name on the row), and of undamaged ones.
fn judge(directory: &Path, rows: &Rows) -> BTreeMap<(String, bool), Count> {
    let cpr: BTreeMap<String, String> =
        truth(directory, "personer.csv").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let damaged: BTreeMap<(String, u64), (String, String)> = truth(directory, "skader.csv")
        .into_iter()
        .map(|row| {
            (
                (row[0].trim_start_matches("ind/").to_owned(), row[1].parse().expect("a line")),
                (row[2].clone(), cpr[&row[3]].clone()),
            )
        })
        .collect();
    let mut counts: BTreeMap<(String, bool), Count> = BTreeMap::new();
    for (place, found) in rows {
        let named = !matches!(place.0.as_str(), "opus.csv" | "refusion.csv");
        let (kind, truth) = match damaged.get(place) {
            Some((kind, truth)) => (kind.as_str(), Some(truth)),
            None => ("uskadt", None),
        };
        let count = counts.entry((kind.to_owned(), named)).or_default();
        *match found {
            // The number of an undamaged row is right by itself: nothing but it may have decided.
            Found::Person(person) if truth.is_none_or(|truth| truth == person) => &mut count.right,
            Found::Person(_) => &mut count.wrong,
            Found::Outside => &mut count.outside,
            Found::Review => &mut count.review,
            Found::Nobody => &mut count.nobody,
            Found::Dropped => &mut count.dropped,
        } += 1;
    }
    counts
}

fn told(counts: &BTreeMap<(String, bool), Count>) -> String {
    let mut text = String::new();
    for ((kind, named), count) in counts {
        writeln!(text, "{kind:32} {} {count:?}", if *named { "med navn " } else { "uden navn" })
            .expect("a string grows");
    }
    text
}

/// The bars of the issue.
fn check(counts: &BTreeMap<(String, bool), Count>) {
    let told = told(counts);
    let of = |kinds: &[&str], named: Option<bool>| {
        let mut sum = Count::default();
        for (_, count) in counts
            .iter()
            .filter(|((kind, has), _)| kinds.contains(&kind.as_str()) && named.is_none_or(|named| named == *has))
        {
            sum.right += count.right;
            sum.wrong += count.wrong;
            sum.review += count.review;
            sum.outside += count.outside;
            sum.nobody += count.nobody;
            sum.dropped += count.dropped;
        }
        assert!(sum.rows() > 0, "no rows of {kinds:?}\n{told}");
        sum
    };
    let formatting =
        of(&["bindestreg-blanke-citationstegn", "tabt-nul", "tidligere-nummer", "windows-1252-i-utf-8"], None);
    assert!(formatting.recall() >= 0.99, "formatting and changed numbers\n{told}");
    let one_wrong = of(&["fejltastet-ciffer", "ombyttede-cifre"], Some(true));
    assert!(one_wrong.recall() >= 0.97, "one wrong digit with name or birth date\n{told}");
    let missing = of(&["nummer-mangler"], None);
    assert!(missing.recall() >= 0.9, "name and birth date alone\n{told}");
    assert!(of(&["nummer-i-tekst"], None).recall() >= 0.99, "the number in the text\n{told}");
    let two = of(&["to-numre-i-tekst"], None);
    assert_eq!(two.review + two.dropped, two.rows(), "never the first hit\n{told}");
    let other = of(&["en-andens-nummer"], None);
    assert!(other.review * 100 >= (other.rows() - other.dropped) * 95, "somebody else's number is looked at\n{told}");
    let rounded = of(&["regnearkstal"], None);
    assert_eq!(rounded.dropped, rounded.rows(), "never guessed\n{told}");
    let linked: u64 = counts.values().map(|count| count.right + count.wrong).sum();
    let wrong: u64 = counts.values().map(|count| count.wrong).sum();
    assert!(wrong * 10_000 <= linked, "{wrong} of {linked} links are wrong\n{told}");
    let whole = of(&["uskadt"], None);
    assert!(whole.review * 10_000 <= whole.rows(), "undamaged rows need no look\n{told}");
}

fn damaged(seed: u64, persons: u32, damage: Damage) -> World {
    World { damage, plain: false, ..world(seed, persons) }
}

#[test]
fn damaged_rows_find_their_persons_or_are_looked_at() {
    for (seed, damage) in [(61, Damage::Light), (62, Damage::Heavy)] {
        let directory = tempfile::tempdir().expect("a directory");
        generate(&damaged(seed, 6_000, damage), directory.path(), 2);
        let rows = link(directory.path(), 2, Tiers::default());
        let counts = judge(directory.path(), &rows);
        println!("{}", told(&counts));
        check(&counts);
    }
}
