//! A run cut off after each of its operations on the file system, into a free place and over an earlier run: what lies
//! there afterwards is the old state or the new, whole; the next run succeeds and leaves nothing beside it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use samkor::{
    base::{Error, Files, Silent},
    jobs::{self, Request},
};

use crate::{
    digests,
    example::{ENDED, Example, execution, files_below},
};

/// Runs the example in a directory of its own: the plan and inputs in `ind` of it, the target beside them.
fn run(plan: &Path, target: &Path, replace: bool, files: Files) -> Result<(), Error> {
    let request = Request { plan: plan.to_owned(), out: Some(target.to_owned()), replace, credentials: None };
    jobs::run(&request, &execution(files), || ENDED.to_owned(), &Silent).map(drop)
}

/// The digest of every file, so that a failure can be read.
type Tree = BTreeMap<String, String>;

fn digest_of(files: &BTreeMap<String, Vec<u8>>) -> Tree {
    files.iter().map(|(name, bytes)| (name.clone(), blake3::hash(bytes).to_hex()[..8].to_owned())).collect()
}

fn tree(target: &Path) -> Option<Tree> {
    target.exists().then(|| digest_of(&files_below(target)))
}

fn beside(target: &Path) -> Vec<PathBuf> {
    let parent = target.parent().expect("a parent");
    let mut names: Vec<PathBuf> =
        fs::read_dir(parent).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    names.retain(|path| path != target);
    names
}

fn put(target: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        let path = target.join(name);
        fs::create_dir_all(path.parent().expect("a class")).expect("a directory");
        fs::write(path, bytes).expect("a file");
    }
}

/// Cuts runs off after every operation; `old` is what lies at the target before.
fn cut_off_everywhere(plan: &Path, old: Option<&BTreeMap<String, Vec<u8>>>, new: &Tree) {
    let old_tree = old.map(digest_of);
    let mut delivered = 0;
    for operations in 0.. {
        let place = tempfile::tempdir().expect("a directory");
        let target = place.path().join("ud");
        old.inspect(|old| put(&target, old));
        let files = Files::failing_after(operations);
        let outcome = run(plan, &target, old.is_some(), files.clone());
        let found = tree(&target);
        if found.as_ref() == Some(new) {
            delivered += 1;
            digests::assert_hold(&target);
        } else {
            assert!(outcome.is_err(), "after {operations} operations: a success without a delivery");
            assert_eq!(found, old_tree, "after {operations} operations: neither the old state nor the new");
        }
        let ended = files.operations() <= operations;
        assert_eq!(outcome.is_ok() && beside(&target).is_empty(), ended, "after {operations} operations");

        run(plan, &target, true, Files::real())
            .unwrap_or_else(|error| panic!("after {operations} operations: {error}"));
        assert_eq!(tree(&target).as_ref(), Some(new), "the run after the one cut off after {operations} operations");
        assert_eq!(beside(&target), [] as [PathBuf; 0], "after {operations} operations");
        if ended {
            assert!(operations > 50 && delivered > 1, "{operations} operations, delivered after {delivered}");
            return;
        }
    }
}

/// The example, and what an earlier run with another plan and this run deliver.
fn example() -> (tempfile::TempDir, PathBuf, BTreeMap<String, Vec<u8>>, Tree) {
    let here = tempfile::tempdir().expect("a directory");
    let deliver = |example: &Example| {
        let plan = example.write(here.path());
        let target = here.path().join("ud");
        run(&plan, &target, false, Files::real()).expect("a clean run");
        digests::assert_hold(&target);
        let tree = files_below(&target);
        fs::remove_dir_all(&target).expect("removed");
        (plan, tree)
    };
    let (_, old) = deliver(&Example::shipped().with_plan("antal = 10\n", "antal = 3\n"));
    let (plan, new) = deliver(&Example::shipped());
    assert_ne!(old["liste/familier.csv"], new["liste/familier.csv"]);
    (here, plan, old, digest_of(&new))
}

#[test]
fn a_run_cut_off_anywhere_in_a_free_place() {
    let (_here, plan, _, new) = example();
    cut_off_everywhere(&plan, None, &new);
}

#[test]
fn a_run_cut_off_anywhere_over_an_earlier_run() {
    let (_here, plan, old, new) = example();
    cut_off_everywhere(&plan, Some(&old), &new);
}
