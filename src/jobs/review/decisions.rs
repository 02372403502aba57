//! The file of decisions: `raekke;person;afgoerelse;dato;af`. It holds hashes, words and days only, and is kept from run to run.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{Error, ErrorKind, Result},
    domain::Date,
    evidence::Review,
    linkage::{Decision, PersonHash, RowHash},
};

const HEADING: &str = "raekke;person;afgoerelse;dato;af";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::jobs) struct Decided {
    pub(in crate::jobs) row: RowHash,
    pub(in crate::jobs) date: Date,
    pub(in crate::jobs) decision: Decision,
    /// The reviewer's initials.
    pub(in crate::jobs) by: String,
}

/// Reads the file. `name` is what messages call it.
///
/// # Errors
/// At the first line that is no decision.
pub(in crate::jobs) fn read(bytes: &[u8], name: &str) -> Result<Vec<Decided>> {
    let refused = |line: usize, what: &str| {
        Error::new(ErrorKind::Input, format!("{name}, linje {line}: {what}"))
            .hint(format!("Filen skrives af `samkor review` og begynder med {HEADING}."))
    };
    let text = std::str::from_utf8(bytes).map_err(|_| refused(1, "filen er ikke UTF-8"))?;
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    if lines.next().is_none_or(|(_, heading)| heading.trim_end() != HEADING) {
        return Err(refused(1, "overskrifterne er ikke afgørelsernes"));
    }
    let mut decided = Vec::new();
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let cells: Vec<&str> = text.trim_end().split(';').collect();
        let [row, person, word, date, by] = cells.as_slice() else {
            return Err(refused(line, "der er ikke fem felter"));
        };
        let row = RowHash::parse(row).ok_or_else(|| refused(line, "raekke er ikke 32 hexadecimale cifre"))?;
        let person = || PersonHash::parse(person).ok_or_else(|| refused(line, "person er ikke 32 hexadecimale cifre"));
        let decision = match *word {
            "er" => Decision::Is(person()?),
            "er-ikke" => Decision::IsNot(person()?),
            "ingen" => Decision::Nobody,
            _ => return Err(refused(line, "afgoerelse er ikke er, er-ikke eller ingen")),
        };
        let date = Date::parse_iso(date).map_err(|_| refused(line, "dato er ikke en dato på formen åååå-mm-dd"))?;
        decided.push(Decided { row, date, decision, by: (*by).to_owned() });
    }
    Ok(decided)
}

/// Writes the file, sorted and each decision once.
pub(in crate::jobs) fn write(mut decided: Vec<Decided>) -> Vec<u8> {
    decided.sort_unstable();
    decided.dedup();
    let mut text = format!("{HEADING}\n");
    for Decided { row, date, decision, by } in decided {
        let (person, word) = match decision {
            Decision::Is(person) => (person.to_string(), "er"),
            Decision::IsNot(person) => (person.to_string(), "er-ikke"),
            Decision::Nobody => (String::new(), "ingen"),
        };
        text.push_str(&format!("{row};{person};{word};{date};{by}\n"));
    }
    text.into_bytes()
}

/// Counts the decisions, the rows, and how far reviewers agree.
pub(in crate::jobs) fn counted(decided: &[Decided]) -> Review {
    let mut by_row: BTreeMap<RowHash, BTreeMap<&str, BTreeSet<Decision>>> = BTreeMap::new();
    for one in decided {
        by_row.entry(one.row).or_default().entry(&one.by).or_default().insert(one.decision);
    }
    let several = || by_row.values().filter(|answers| answers.len() > 1);
    let agree = |answers: &&BTreeMap<&str, BTreeSet<Decision>>| {
        let mut answers = answers.values();
        answers.next().is_none_or(|first| answers.all(|other| other == first))
    };
    Review {
        decisions: decided.len() as u64,
        decided: by_row.len() as u64,
        by_several: several().count() as u64,
        agreeing: several().filter(agree).count() as u64,
        ..Review::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_in_any_order() {
        let date = Date::parse_iso("2026-11-27").expect("a date");
        let (row, person) = (RowHash([7; 16]), PersonHash([9; 16]));
        let decided = |decision| Decided { row, date, decision, by: "ab".to_owned() };
        let all = vec![decided(Decision::Is(person)), decided(Decision::IsNot(person)), decided(Decision::Nobody)];
        let bytes = write(all.clone());
        assert_eq!(read(&bytes, "a.csv").expect("reads"), all);
        let shuffled = vec![all[2].clone(), all[0].clone(), all[1].clone(), all[0].clone()];
        assert_eq!(write(shuffled), bytes);
    }

    #[test]
    fn agreement_is_between_reviewers() {
        let date = Date::parse_iso("2026-11-27").expect("a date");
        let decided = |row, decision, by: &str| Decided { row: RowHash([row; 16]), date, decision, by: by.to_owned() };
        let (is, not) = (Decision::Is(PersonHash([9; 16])), Decision::IsNot(PersonHash([9; 16])));
        let counts = counted(&[
            decided(1, is, "ab"),
            decided(1, is, "cd"),
            decided(2, is, "ab"),
            decided(2, not, "cd"),
            decided(2, Decision::Nobody, "cd"),
            decided(3, is, "ab"),
            decided(3, not, "ab"),
        ]);
        assert_eq!(counts, Review { decisions: 7, decided: 3, by_several: 2, agreeing: 1, ..Review::default() });
        assert_eq!(counted(&[]), Review::default());
    }

    #[test]
    fn a_line_that_is_no_decision_is_named() {
        let row = "07".repeat(16);
        for (line, what) in [
            ("x", "fem felter"),
            ("x;;ingen;2026-11-27;ab", "raekke"),
            (&format!("{row};;er;2026-11-27;ab"), "person"),
            (&format!("{row};;maaske;2026-11-27;ab"), "afgoerelse"),
            (&format!("{row};;ingen;27-11-2026;ab"), "dato"),
        ] {
            let error = read(format!("{HEADING}\n\n{line}\n").as_bytes(), "a.csv").expect_err("no decision");
            assert!(error.to_string().contains("linje 3") && error.to_string().contains(what), "{error}");
        }
        assert!(read(b"", "a.csv").is_err() && read(b"\xff", "a.csv").is_err());
    }
}
