//! The queue's file: one line for each person that a row may be about. The reviewer writes `ja` or `nej` in `svar`.

use std::collections::BTreeMap;

use crate::{
    base::{Error, ErrorKind, Result},
    domain::{Date, PersonId, Sex},
    jobs::{intake::Intake, linking::Doubt},
    linkage::{Linked, NoPersonReason, PersonHash, RowHash},
    matching::Weight,
};

const HEADINGS: [&str; 15] = [
    "sag",
    "rækker",
    "kilde",
    "grund",
    "rækkens navn",
    "rækkens fødselsdato",
    "rækkens køn",
    "rækkens tekst",
    "personens navn",
    "personens fødselsdato",
    "personens køn",
    "nummer",
    "svar",
    "række",
    "person",
];
/// Stand at the end, in this order: the day of writing, and the weight where it is shown.
const WRITTEN: &str = "skrevet";
const WEIGHT: &str = "vægt";
/// Digits in a row that may be a number of a person, or a part of one.
const HIDDEN: usize = 5;

/// Rows that tell the same, and whom they may be about.
pub(super) struct Question {
    pub(super) row: RowHash,
    pub(super) rows: u64,
    source: String,
    reason: &'static str,
    /// Name, birth date, sex and text of the row.
    told: [String; 4],
    persons: Vec<Person>,
}

struct Person {
    hash: PersonHash,
    /// Name, birth date and sex in the register.
    known: [String; 3],
    number: &'static str,
    weight: Weight,
}

/// What the reviewer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing.
    Open,
    /// This person.
    Is(PersonHash),
    /// Not these; others were left open.
    IsNot(Vec<PersonHash>),
    /// None of all these.
    Nobody(Vec<PersonHash>),
}

impl Question {
    pub(super) fn of(
        row: RowHash,
        source: &str,
        doubt: &Doubt,
        intake: &Intake,
        of_person: impl Fn(u32) -> PersonHash,
    ) -> Self {
        let clues = &doubt.case.clues;
        let name =
            if clues.name.is_empty() { format!("{} {}", clues.given, clues.surname) } else { clues.name.to_string() };
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let mut persons: Vec<Person> = doubt
            .verdict
            .candidates
            .iter()
            .map(|candidate| {
                let id = PersonId(candidate.position);
                let names = intake.names.of(candidate.position).map(|(given, surname)| format!("{given} {surname}"));
                Person {
                    hash: of_person(candidate.position),
                    known: [
                        hidden(&names.collect::<Vec<_>>().join(" / ")),
                        day(intake.population.born(id).map(|born| born.date)),
                        sex(Some(intake.population.sex(id))).to_owned(),
                    ],
                    number: match candidate.number {
                        Some(true) => "rækkens",
                        Some(false) => "ét tegn fra rækkens",
                        None => "",
                    },
                    weight: candidate.weight,
                }
            })
            .collect();
        // The order of the hashes says nothing about the weights.
        persons.sort_unstable_by_key(|person| person.hash);
        let reason = match doubt.verdict.linked {
            Linked::Nobody(NoPersonReason::Review(reason)) => reason.danish(),
            _ => "",
        };
        let told = [hidden(name.trim()), day(clues.born), sex(clues.sex).to_owned(), hidden(&clues.text)];
        Self { row, rows: 1, source: source.to_owned(), reason, told, persons }
    }

    /// Takes in a row that tells the same. Which of their spellings is shown does not depend on the order of rows.
    pub(super) fn join(&mut self, mut other: Self) {
        let rows = self.rows + other.rows;
        if (&other.told, &other.source) < (&self.told, &self.source) {
            std::mem::swap(self, &mut other);
        }
        self.rows = rows;
    }

    /// Whom the weights find likeliest, when there is one.
    pub(super) fn likeliest(&self) -> Option<PersonHash> {
        let best = self.persons.iter().map(|person| person.weight).max()?;
        let mut first = self.persons.iter().filter(|person| person.weight == best);
        first.next().filter(|_| first.next().is_none()).map(|person| person.hash)
    }
}

const fn sex(sex: Option<Sex>) -> &'static str {
    match sex {
        Some(Sex::Male) => "M",
        Some(Sex::Female) => "K",
        None => "",
    }
}

/// The text with longer runs of digits hidden, blanks and hyphens between them included: no number of a person gets out.
fn hidden(text: &str) -> String {
    let symbols: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while at < symbols.len() {
        let is_part = |symbol: &char| symbol.is_numeric() || matches!(symbol, ' ' | '-' | '–' | '‐' | '‑' | '.' | '/');
        let run = symbols[at..].iter().take_while(|symbol| is_part(symbol)).count();
        let digits = symbols[at..at + run].iter().filter(|symbol| symbol.is_numeric()).count();
        if digits >= HIDDEN {
            shown.push_str(if symbols[at] == ' ' { " ##### " } else { "##### " });
            at += run;
        } else {
            let step = run.max(1);
            shown.extend(&symbols[at..at + step]);
            at += step;
        }
    }
    shown.trim().to_owned()
}

/// Writes the queue.
pub(super) fn write(questions: &[Question], today: Date, weights: bool) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    let mut line = |cells: &[&str]| {
        out.push_str(&cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(";"));
        out.push_str("\r\n");
    };
    let mut headings = HEADINGS.to_vec();
    headings.push(WRITTEN);
    headings.extend(weights.then_some(WEIGHT));
    line(&headings);
    let today = today.to_string();
    for (number, question) in (1..).zip(questions) {
        let (number, rows, row) = (format!("{number}"), question.rows.to_string(), question.row.to_string());
        let [name, born, sex, text] = &question.told;
        for person in &question.persons {
            let [known_name, known_born, known_sex] = &person.known;
            let (hash, weight) = (person.hash.to_string(), format!("{:.1}", person.weight.bits()).replace('.', ","));
            let mut cells: Vec<&str> = vec![
                &number,
                &rows,
                &question.source,
                question.reason,
                name,
                born,
                sex,
                text,
                known_name,
                known_born,
                known_sex,
                person.number,
                "",
                &row,
                &hash,
                &today,
            ];
            cells.extend(weights.then_some(weight.as_str()));
            line(&cells);
        }
    }
    out.into_bytes()
}

/// A cell that no spreadsheet runs as a formula.
fn quoted(text: &str) -> String {
    let armed = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = format!("{}{text}", if armed { "'" } else { "" });
    if text.contains([';', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The day on which a queue was written.
pub(super) fn written(bytes: &[u8]) -> Option<Date> {
    let mut reader = reader(bytes);
    let at = reader.headers().ok()?.iter().position(|heading| heading == WRITTEN)?;
    let first = reader.records().next()?.ok()?;
    crate::layout::read_date(first.get(at)?.trim().as_bytes())
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

/// Reads the answers, by row.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Vec<(RowHash, Answer)>> {
    let refused = |line: u64, what: &str| Error::new(ErrorKind::Input, format!("{name}, linje {line}: {what}"));
    let mut reader = reader(bytes);
    let headings = reader.headers().map_err(|_| refused(1, "overskrifterne kan ikke læses"))?.clone();
    let column = |wanted: &str| {
        headings.iter().position(|heading| heading.trim() == wanted).ok_or_else(|| {
            refused(1, &format!("kolonnen `{wanted}` mangler")).hint("Køen skrives af `samkor review write`.")
        })
    };
    let (row, person, answer) = (column("række")?, column("person")?, column("svar")?);
    let mut by_row: BTreeMap<RowHash, Vec<(PersonHash, Option<bool>)>> = BTreeMap::new();
    for (line, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|_| refused(line, "linjen kan ikke læses"))?;
        let cell = |at: usize| record.get(at).unwrap_or("").trim();
        let row = RowHash::parse(cell(row)).ok_or_else(|| refused(line, "`række` er ændret"))?;
        let person = PersonHash::parse(cell(person)).ok_or_else(|| refused(line, "`person` er ændret"))?;
        let said = match cell(answer).to_lowercase().as_str() {
            "ja" | "j" => Some(true),
            "nej" | "n" => Some(false),
            "" | "?" => None,
            _ => return Err(refused(line, "svaret er ikke ja eller nej").hint("Lad feltet stå tomt ved tvivl.")),
        };
        by_row.entry(row).or_default().push((person, said));
    }
    let mut answers = Vec::new();
    for (row, said) in by_row {
        let with = |wanted: bool| -> Vec<PersonHash> {
            said.iter().filter(|(_, said)| *said == Some(wanted)).map(|(person, _)| *person).collect()
        };
        let (yes, no) = (with(true), with(false));
        answers.push((
            row,
            match yes.as_slice() {
                [person] => Answer::Is(*person),
                [] if no.is_empty() => Answer::Open,
                [] if no.len() == said.len() => Answer::Nobody(no),
                [] => Answer::IsNot(no),
                _ => {
                    return Err(Error::new(ErrorKind::Input, format!("{name}: en række har ja ved flere personer"))
                        .hint("En række er højst om én person."));
                }
            },
        ));
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(row: u8, persons: &[u8]) -> Question {
        Question {
            row: RowHash([row; 16]),
            rows: 2,
            source: "opus".to_owned(),
            reason: "grund",
            told: [
                "=Åse; \"Holm\"".to_owned(),
                "1980-02-01".to_owned(),
                String::new(),
                hidden("Ophold 010203-1234 jan"),
            ],
            persons: persons
                .iter()
                .map(|person| Person {
                    hash: PersonHash([*person; 16]),
                    known: ["Åse Holm".to_owned(), String::new(), "K".to_owned()],
                    number: "",
                    weight: Weight(i64::from(*person)),
                })
                .collect(),
        }
    }

    #[test]
    fn no_number_gets_out() {
        for (text, shown) in [
            ("Ophold 010203-1234 jan", "Ophold ##### jan"),
            ("010203 - 1234", "#####"),
            ("01.02.03 12 34", "#####"),
            ("0102031234 x", "##### x"),
            ("uge 12 og 13", "uge 12 og 13"),
            ("０１０２０３１２３４", "#####"),
            ("Åse Holm", "Åse Holm"),
        ] {
            assert_eq!(hidden(text), shown, "{text}");
        }
    }

    #[test]
    fn the_order_of_rows_that_tell_the_same_does_not_show() {
        let today = Date::parse_iso("2026-11-27").expect("a date");
        let spelt = |name: &str, source: &str| {
            let mut question = question(1, &[4]);
            (question.told[0], question.source) = (name.to_owned(), source.to_owned());
            question
        };
        let joined = |order: [usize; 3]| {
            let mut rows = order.into_iter().map(|row| [("Åse", "a"), ("ÅSE", "a"), ("ÅSE", "b")][row]);
            let (name, source) = rows.next().expect("three");
            let mut first = spelt(name, source);
            for (name, source) in rows {
                first.join(spelt(name, source));
            }
            assert_eq!(first.rows, 6);
            write(&[first], today, false)
        };
        let expected = joined([0, 1, 2]);
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert!(joined(order) == expected, "{order:?}");
        }
    }

    #[test]
    fn answers_come_back() {
        let today = Date::parse_iso("2026-11-27").expect("a date");
        let questions = [question(1, &[4, 5]), question(2, &[4, 5]), question(3, &[4, 5]), question(4, &[4, 5])];
        let blind = String::from_utf8(write(&questions, today, false)).expect("UTF-8");
        assert!(
            !blind.contains(WEIGHT) && blind.contains("\"'=Åse; \"\"Holm\"\"\"") && !blind.contains("1234"),
            "{blind}"
        );
        assert!(String::from_utf8(write(&questions, today, true)).expect("UTF-8").contains("vægt\r\n"));
        assert_eq!(written(blind.as_bytes()), Some(today));
        assert!(read(blind.as_bytes(), "k").expect("reads").iter().all(|(_, answer)| *answer == Answer::Open));
        let said = ["ja", "", "nej", "Nej", "nej", "", "", "?"];
        let mut lines = blind.lines();
        let mut answered = format!("{}\n", lines.next().expect("headings"));
        for (line, said) in lines.zip(said) {
            let (before, after) = line.split_once(&format!(";;{}", &line[line.len() - 76..])).expect("a blank answer");
            assert!(after.is_empty());
            answered.push_str(&format!("{before};{said};{}\n", &line[line.len() - 76..]));
        }
        let [four, five] = [4, 5].map(|person| PersonHash([person; 16]));
        let answers: Vec<Answer> =
            read(answered.as_bytes(), "k").expect("reads").into_iter().map(|(_, answer)| answer).collect();
        assert_eq!(
            answers,
            [Answer::Is(four), Answer::Nobody(vec![four, five]), Answer::IsNot(vec![four]), Answer::Open]
        );
        assert_eq!(questions[0].likeliest(), Some(five));
        let twice = answered.replace(";nej;", ";ja;").replace(";Nej;", ";ja;");
        assert!(read(twice.as_bytes(), "k").expect_err("two persons").to_string().contains("flere personer"));
    }
}
