//! Nothing is lost: rows and øre read = used + sorted out + set aside for every source, and what was used is found again
//! in families and named lines. For the example, and for its money files with bytes changed at random.

use std::cell::Cell;

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use samkor::base::ErrorKind;

use crate::example::{Delivered, Example, Ground};

const MONEY: [&str; 8] = [
    "ind/dubu.csv",
    "ind/opus.csv",
    "ind/kmd.csv",
    "ind/Data_refusion.csv",
    "ind/sensum.csv",
    "ind/indskrivning.csv",
    "ind/takster.csv",
    "ind/manuel.csv",
];

/// Sources of which every øre used must be found again.
const ACTUAL: [&str; 4] = ["opus", "kmd", "refusion", "manuel"];

fn check(delivered: &Delivered) {
    let wide = |numbers: &[i64]| numbers.iter().map(|number| i128::from(*number)).sum::<i128>();
    for (source, counts) in &delivered.sources {
        assert_eq!(counts.read, counts.used + counts.sorted_out + counts.set_aside, "rows of {source}");
        let ore = wide(&[counts.ore_used, counts.ore_sorted_out, counts.ore_set_aside]);
        assert_eq!(i128::from(counts.ore_read), ore, "øre of {source}");
        let faults = delivered.faults.iter().filter(|fault| fault.0 == *source).count();
        assert_eq!(i64::try_from(faults).ok(), Some(counts.set_aside), "faults of {source}");
        if ACTUAL.contains(&source.as_str()) {
            let lines: Vec<i64> =
                delivered.lines.iter().filter(|((_, of), _)| of == source).map(|(_, ore)| *ore).collect();
            assert_eq!(wide(&lines), i128::from(counts.ore_used), "øre of {source} in families and lines");
        }
    }
    let families: Vec<i64> = delivered.households.values().map(|figures| figures.0).collect();
    let ranked: Vec<i64> =
        delivered.lines.iter().filter(|((line, _), _)| line == "familier").map(|(_, ore)| *ore).collect();
    assert_eq!(wide(&families), wide(&ranked), "øre of families");
    let moved: Vec<i64> =
        delivered.lines.iter().filter(|((_, of), _)| of == "indskrivning").map(|(_, ore)| *ore).collect();
    assert_eq!(wide(&moved), 0, "tariffs are moved, never added");
}

#[test]
fn the_example_loses_nothing() {
    let delivered = Ground::new().run(&Example::shipped()).expect("a run");
    assert_eq!(delivered.sources.len(), 10);
    check(&delivered);
}

/// A change of one byte: where, as a share of the file, and what.
#[derive(Clone, Debug)]
enum Edit {
    Replace(u16, u8),
    Insert(u16, u8),
    Remove(u16),
    /// A piece of the file up to the end of a line once more.
    Double(u16, u16),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let telling = prop::sample::select(b"0123456789;;,,..--\"\"\n\r \t'OX\xC5\xFF\x00()".to_vec());
    let byte = prop_oneof![4 => telling, 1 => any::<u8>()];
    prop_oneof![
        4 => (any::<u16>(), byte.clone()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        2 => (any::<u16>(), byte).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => any::<u16>().prop_map(Edit::Remove),
        1 => (any::<u16>(), 0..400_u16).prop_map(|(at, length)| Edit::Double(at, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let place = |share: u16, length: usize| usize::from(share) * length / 65_536;
    match *edit {
        _ if bytes.is_empty() => {}
        Edit::Replace(at, byte) => {
            let at = place(at, bytes.len());
            bytes[at] = byte;
        }
        Edit::Insert(at, byte) => bytes.insert(place(at, bytes.len() + 1), byte),
        Edit::Remove(at) => drop(bytes.remove(place(at, bytes.len()))),
        Edit::Double(at, length) => {
            let at = place(at, bytes.len());
            let end = (at + usize::from(length)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

#[test]
fn damaged_files_lose_nothing_either() {
    let (ground, example) = (Ground::new(), Example::patient());
    let (delivered, stopped) = (Cell::new(0), Cell::new(0));
    let config =
        Config { cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(20_150_630), ..Config::default() };
    let edits = prop::collection::vec((0..MONEY.len(), any_edit()), 1..12);
    TestRunner::new(config)
        .run(&edits, |edits| {
            let mut damaged = example.clone();
            for (file, edit) in &edits {
                apply(damaged.0.get_mut(MONEY[*file]).expect("a money file"), edit);
            }
            match ground.run(&damaged) {
                Ok(found) => {
                    delivered.set(delivered.get() + 1);
                    check(&found);
                }
                Err(error) => {
                    stopped.set(stopped.get() + 1);
                    // A broken rule of the program itself would be a fault of samkor, whatever the input.
                    prop_assert_eq!(error.kind(), ErrorKind::Input, "{}", error);
                    prop_assert!(!ground.path().join("ud").exists());
                }
            }
            Ok(())
        })
        .expect("nothing lost");
    assert!(delivered.get() >= 50, "{} delivered, {} stopped", delivered.get(), stopped.get());
}
