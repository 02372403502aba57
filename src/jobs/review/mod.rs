//! `samkor review`: rows that a person must look at go out as a queue, and come back as decisions.
//!
//! The queue is a named door in the wall: it holds names and birth dates (no numbers), for the reviewer alone. So it is written with
//! mode 0600 and only when asked for in plain text, lives fourteen days, and is deleted when its decisions are taken in.

pub(in crate::jobs) mod decisions;
mod queue;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use decisions::Decided;
use queue::{Answer, Question};

use super::{
    intake::{self, Intake},
    preparation::{self, Preparation, Request},
};
use crate::{
    base::{Error, ErrorKind, Files, Observer, Pool, Result},
    domain::Date,
    linkage::{Decision, PersonHash, RowHash},
    pseudonym::{ProjectKey, ReviewKey},
};

/// Days after which a queue is of no use any more and is deleted.
const LIFETIME: i32 = 14;

/// What both halves of the review need.
#[derive(Clone, Debug)]
pub struct ReviewRequest {
    /// The plan, whose `[samkoering]` names the file of decisions.
    pub request: Request,
    /// The queue.
    pub queue: PathBuf,
    /// Worker threads.
    pub threads: usize,
    /// Today.
    pub today: Date,
    /// The door to the file system.
    pub files: Files,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueSummary {
    /// Rows of the sources that wait for a decision.
    pub rows: u64,
    /// Questions in the queue: rows that tell the same are one.
    pub questions: u64,
}

/// What was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Questions that were answered.
    pub answered: u64,
    /// Questions left open.
    pub open: u64,
    /// Answers that name a person, and those that name the one whom the weights find likeliest.
    pub agreed_with_weights: (u64, u64),
    /// Answers to questions that were answered before, and those that say the same.
    pub agreed_with_earlier: (u64, u64),
}

/// Writes the queue. Blind: without weights, and persons in an order that says nothing. `weights` adds them, for rows only
/// that somebody has answered blind.
///
/// # Errors
/// When the sources cannot be read, or the queue exists and is not out of date.
pub fn write(review: &ReviewRequest, plain_text: bool, weights: bool, observer: &dyn Observer) -> Result<QueueSummary> {
    if !plain_text {
        return Err(Error::new(ErrorKind::Plan, "Køen skrives ikke uden --klartekst")
            .hint("Køen rummer navne og fødselsdatoer og kan endnu ikke krypteres af samkor.")
            .hint("Skriv den på et krypteret drev, og aflever den med `samkor review import`, som sletter den."));
    }
    remove_outdated(review)?;
    let (preparation, intake) = take_in(review, observer)?;
    let earlier = earlier(&preparation)?;
    let key = ProjectKey::derive(&preparation.key, preparation.project()).review_key();
    let mut questions = questions(&preparation, &intake, &key);
    if weights {
        questions.retain(|question| earlier.iter().any(|decided| decided.row == question.row));
    }
    let bytes = queue::write(&questions, review.today, weights);
    let mut file = review.files.create_file(&review.queue, 0o600)?;
    let unwritten = |error| Error::new(ErrorKind::Output, "Køen kan ikke skrives").because(error);
    file.write_all(&bytes).map_err(unwritten)?;
    file.sync().map_err(unwritten)?;
    Ok(QueueSummary { rows: questions.iter().map(|question| question.rows).sum(), questions: questions.len() as u64 })
}

/// Takes the answers in as dated decisions, tells how far they agree, and deletes the queue.
///
/// # Errors
/// When the queue is out of date (it is deleted then), an answer is none, or the plan names no file of decisions.
pub fn import(review: &ReviewRequest, by: &str, observer: &dyn Observer) -> Result<ImportSummary> {
    let is_initials = (1..=12).contains(&by.len()) && by.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_initials {
        return Err(Error::new(ErrorKind::Plan, "--af er ingen initialer").hint("Skriv 1 til 12 bogstaver og tal."));
    }
    let name = review.queue.display().to_string();
    if remove_outdated(review)? {
        return Err(Error::new(ErrorKind::Input, format!("{name} var mere end {LIFETIME} dage gammel og er slettet"))
            .hint("Skriv en ny kø med `samkor review write`."));
    }
    let bytes = fs::read(&review.queue)
        .map_err(|error| Error::new(ErrorKind::Input, format!("{name} kan ikke læses")).because(error))?;
    let answers = queue::read(&bytes, &name)?;
    let (preparation, intake) = take_in(review, observer)?;
    let Some(path) = &preparation.plan.linkage.decisions else {
        return Err(Error::new(ErrorKind::Plan, "Planen nævner ingen fil med afgørelser")
            .hint("Skriv afgoerelser = \"afgoerelser.csv\" under [samkoering]."));
    };
    let earlier = earlier(&preparation)?;
    let key = ProjectKey::derive(&preparation.key, preparation.project()).review_key();
    let likeliest: BTreeMap<RowHash, PersonHash> = questions(&preparation, &intake, &key)
        .iter()
        .filter_map(|question| Some((question.row, question.likeliest()?)))
        .collect();
    let mut summary = ImportSummary::default();
    let mut decided = earlier.clone();
    for (row, answer) in answers {
        let decisions: Vec<Decision> = match &answer {
            Answer::Open => {
                summary.open += 1;
                continue;
            }
            Answer::Is(person) => vec![Decision::Is(*person)],
            Answer::IsNot(persons) => persons.iter().map(|person| Decision::IsNot(*person)).collect(),
            Answer::Nobody(persons) => {
                persons.iter().map(|person| Decision::IsNot(*person)).chain([Decision::Nobody]).collect()
            }
        };
        summary.answered += 1;
        if let (Answer::Is(person), Some(weighed)) = (&answer, likeliest.get(&row)) {
            summary.agreed_with_weights.0 += 1;
            summary.agreed_with_weights.1 += u64::from(person == weighed);
        }
        let before: Vec<Decision> = earlier.iter().filter(|one| one.row == row).map(|one| one.decision).collect();
        if !before.is_empty() {
            summary.agreed_with_earlier.0 += 1;
            summary.agreed_with_earlier.1 += u64::from(decisions.iter().all(|decision| before.contains(decision)));
        }
        decided.extend(decisions.into_iter().map(|decision| Decided {
            row,
            date: review.today,
            decision,
            by: by.to_owned(),
        }));
    }
    replace(&review.files, &path.value, &decisions::write(decided))?;
    review.files.remove_file(&review.queue)?;
    Ok(summary)
}

fn take_in(review: &ReviewRequest, observer: &dyn Observer) -> Result<(Preparation, Intake)> {
    let preparation = preparation::prepare(&review.request)?;
    let pool = Pool::new(review.threads)?;
    let intake = intake::take_in(&preparation, &pool, 0, observer)?;
    Ok((preparation, intake))
}

fn earlier(preparation: &Preparation) -> Result<Vec<Decided>> {
    match &preparation.plan.linkage.decisions {
        Some(path) if path.value.exists() => {
            let name = preparation.plan.name_of(&path.value);
            let bytes = fs::read(&path.value)
                .map_err(|error| Error::new(ErrorKind::Input, format!("{name} kan ikke læses")).because(error))?;
            decisions::read(&bytes, &name)
        }
        _ => Ok(Vec::new()),
    }
}

/// One question for each different row, sorted by its hash.
fn questions(preparation: &Preparation, intake: &Intake, key: &ReviewKey) -> Vec<Question> {
    let mut by_row: BTreeMap<RowHash, Question> = BTreeMap::new();
    for doubt in &intake.doubts {
        let row = RowHash(key.row(&doubt.case.bytes()));
        let source = &preparation.plan.source(doubt.source).name.value;
        let of_person = |position| PersonHash(key.person(intake.numbers.cpr(position)));
        by_row
            .entry(row)
            .and_modify(|question| question.rows += 1)
            .or_insert_with(|| Question::of(row, source, doubt, intake, of_person));
    }
    by_row.into_values().collect()
}

/// Deletes a queue that has outlived its days; says whether it did.
fn remove_outdated(review: &ReviewRequest) -> Result<bool> {
    let Ok(bytes) = fs::read(&review.queue) else { return Ok(false) };
    let written = queue::written(&bytes);
    let is_outdated = written.is_some_and(|written| written.plus(LIFETIME) < review.today);
    if is_outdated {
        review.files.remove_file(&review.queue)?;
    }
    Ok(is_outdated)
}

/// Puts a file in the place of an earlier one in one step.
fn replace(files: &Files, path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".samkor-ny");
    let beside = PathBuf::from(beside);
    if beside.exists() {
        files.remove_file(&beside)?;
    }
    let mut file = files.create_file(&beside, 0o600)?;
    let unwritten = |error| Error::new(ErrorKind::Output, "Afgørelserne kan ikke skrives").because(error);
    file.write_all(bytes).map_err(unwritten)?;
    file.sync().map_err(unwritten)?;
    files.rename(&beside, path)
}
