//! `samkor review`: rows that a person must look at go out as a queue, and come back as decisions.
//!
//! The queue is a named door in the wall: it holds names and birth dates (no numbers), for the reviewers alone. So it is sealed
//! for them (age v1), written as plain text only when asked, lives fourteen days, and is deleted when its decisions are taken in.

pub(in crate::jobs) mod decisions;
mod queue;
mod standing;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use decisions::Decided;
use queue::{Answer, Question};

pub(in crate::jobs) use standing::remove_outdated;

use super::{
    intake::{self, Intake},
    preparation::{self, Preparation, Request},
};
use crate::{
    base::{Error, ErrorKind, Files, Observer, Pool, Result},
    custody::{Identities, sealed},
    domain::Date,
    linkage::{Decision, PersonHash, RowHash},
    plan::{Placed, Plan},
    pseudonym::{ProjectKey, ReviewKey},
};

/// What both halves of the review need.
#[derive(Clone, Debug)]
pub struct ReviewRequest {
    /// The plan, whose `[samkoering]` names the queue, whom it is sealed for, and the file of decisions.
    pub request: Request,
    /// Worker threads.
    pub threads: usize,
    /// Today.
    pub today: Date,
    /// The door to the file system.
    pub files: Files,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSummary {
    /// Rows of the sources that wait for a decision.
    pub rows: u64,
    /// Questions in the queue: rows that tell the same are one.
    pub questions: u64,
    /// The queue; none when there is no question.
    pub file: Option<PathBuf>,
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
/// When there is nobody to seal it for, the sources cannot be read, or a queue stands that is not out of date.
pub fn write(review: &ReviewRequest, plain_text: bool, weights: bool, observer: &dyn Observer) -> Result<QueueSummary> {
    let preparation = preparation::prepare(&review.request)?;
    let plan = &preparation.plan;
    decisions_file(plan)?;
    if !plain_text && preparation.recipients.is_empty() {
        return Err(Error::new(ErrorKind::Plan, "Planen nævner ingen, som køen kan krypteres til")
            .hint("Skriv modtagere = [\"age1...\"] under [samkoering]; age-keygen laver nøglen.")
            .hint("Eller skriv den på et krypteret drev med --klartekst."));
    }
    remove_outdated(plan, review.today, &review.files, observer)?;
    if let Some((queue, _)) = standing::of(plan).first() {
        return Err(Error::new(ErrorKind::TargetExists, format!("Der står en kø i {}", queue.display()))
            .hint("Aflever den med `samkor review import`, eller slet den."));
    }
    let intake = intake::take_in(&preparation, &Pool::new(review.threads)?, 0, observer)?;
    let earlier = earlier(&preparation)?;
    let key = ProjectKey::derive(&preparation.key, preparation.project()).review_key();
    let mut questions = questions(&preparation, &intake, &key);
    if weights {
        questions.retain(|question| earlier.iter().any(|decided| decided.row == question.row));
    }
    if questions.is_empty() {
        return Ok(QueueSummary::default());
    }
    let text = queue::write(&questions, review.today, weights);
    let (place, bytes) = if plain_text {
        (standing::plain(plan), text)
    } else {
        (plan.linkage.queue.clone(), sealed::seal(&text, &preparation.recipients, review.today)?)
    };
    let mut file = review.files.create_file(&place, 0o600)?;
    let unwritten = |error| Error::new(ErrorKind::Output, "Køen kan ikke skrives").because(error);
    file.write_all(&bytes).map_err(unwritten)?;
    file.sync().map_err(unwritten)?;
    Ok(QueueSummary {
        rows: questions.iter().map(|question| question.rows).sum(),
        questions: questions.len() as u64,
        file: Some(place),
    })
}

/// What comes back from the reviewer.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// The answered queue, sealed or not; `None` is the one in the plan's place.
    pub file: Option<&'a Path>,
    /// The file of keys that opens a sealed one.
    pub keys: Option<&'a Path>,
    /// The reviewer's initials.
    pub by: &'a str,
}

/// Takes the answers in as dated decisions, tells how far they agree, and deletes the queue.
///
/// # Errors
/// When the queue is out of date (it is deleted then), cannot be opened, an answer is none, or the plan names no file of decisions.
pub fn import(review: &ReviewRequest, from: Answers<'_>, observer: &dyn Observer) -> Result<ImportSummary> {
    let by = from.by;
    let is_initials = (1..=12).contains(&by.len()) && by.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_initials {
        return Err(Error::new(ErrorKind::Plan, "--af er ingen initialer").hint("Skriv 1 til 12 bogstaver og tal."));
    }
    let preparation = preparation::prepare(&review.request)?;
    let path = decisions_file(&preparation.plan)?;
    let removed = remove_outdated(&preparation.plan, review.today, &review.files, observer)?;
    let standing = standing::of(&preparation.plan);
    let file = match (from.file, standing.first()) {
        (Some(file), _) if removed == 0 || file.exists() => file,
        (None, Some((file, _))) => file,
        _ if removed > 0 => return Err(outdated("Køen")),
        _ => {
            let place = preparation.plan.linkage.queue.display();
            return Err(Error::new(ErrorKind::Input, format!("Der står ingen kø i {place}"))
                .hint("Skriv en med `samkor review write`, eller nævn filen med svarene."));
        }
    };
    let name = file.display().to_string();
    let answers = queue::read(&open(file, &name, from.keys, review)?, &name)?;
    let intake = intake::take_in(&preparation, &Pool::new(review.threads)?, 0, observer)?;
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
    review.files.remove_file(file)?;
    for (queue, _) in standing.iter().filter(|(queue, written)| written.is_some() && queue.exists()) {
        review.files.remove_file(queue)?;
    }
    Ok(summary)
}

/// The answered queue as text. One that is out of date is deleted.
fn open(file: &Path, name: &str, keys: Option<&Path>, review: &ReviewRequest) -> Result<Vec<u8>> {
    let mut bytes = fs::read(file)
        .map_err(|error| Error::new(ErrorKind::Input, format!("{name} kan ikke læses")).because(error))?;
    let mut written = sealed::written(&bytes);
    if sealed::is_sealed(&bytes) && !written.is_some_and(|written| standing::is_outdated(written, review.today)) {
        let keys = keys.ok_or_else(|| {
            Error::new(ErrorKind::Key, format!("{name} er krypteret")).hint("Nævn filen med nøglen: --age-noegle FIL")
        })?;
        bytes = Identities::read(keys, review.request.credentials.as_deref())?.open(&bytes, name)?;
        written = None;
    }
    let written = written.or_else(|| queue::written(&bytes)).ok_or_else(|| {
        Error::new(ErrorKind::Input, format!("{name} siger ikke, hvornår den er skrevet"))
            .hint("Køen skrives af `samkor review write`; kolonnen `skrevet` skal stå, som den er.")
    })?;
    if standing::is_outdated(written, review.today) {
        review.files.remove_file(file)?;
        return Err(outdated(name));
    }
    Ok(bytes)
}

fn outdated(name: &str) -> Error {
    let days = standing::LIFETIME;
    Error::new(ErrorKind::Input, format!("{name} var mere end {days} dage gammel og er slettet"))
        .hint("Skriv en ny kø med `samkor review write`.")
}

fn decisions_file(plan: &Plan) -> Result<&Placed<PathBuf>> {
    plan.linkage.decisions.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::Plan, "Planen nævner ingen fil med afgørelser")
            .hint("Skriv afgoerelser = \"afgoerelser.csv\" under [samkoering].")
    })
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
        let question = Question::of(row, source, doubt, intake, of_person);
        match by_row.entry(row) {
            Entry::Vacant(place) => {
                place.insert(question);
            }
            Entry::Occupied(mut place) => place.get_mut().join(question),
        }
    }
    by_row.into_values().collect()
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
