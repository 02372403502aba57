#!/usr/bin/env python3
"""Removes one guard of the families at a time, and demands that the test named beside it fails (issue 4: every trap case fails when its guard is
removed). Works on a copy of the tree, so nothing here is touched; one line per guard, exit code 1 when a guard is not held by its test.

    tests/mutations/familier.py [--only WORD] [--target DIR]

--target is a cargo target directory whose dependencies are built already (the project's own by default); a guard takes about a minute. --check
only looks whether every guard still stands where it is looked for.
"""

import mutate

CASES = "families::every_trap_is_seen"
F = "src/family/"

# Name, test, what its output must name, and the changes: file, text that stands once, text in its place.
MUTATIONS = [
    ("P1 P2: anbragte børn bliver på adressen", CASES, "p01-p02-plejehjem", [
        (F + "casefamily.rs", "Ok(Some(attachment)) => drop(attached.insert(attachment.person, attachment)),", "Ok(Some(_)) => {}")]),
    ("P2: barnet uden for udtrækket findes ikke gennem sin forælder", CASES, "anbragt-uden-for-udtraekket", [
        (F + "casefamily.rs", "placement.from <= day && day <= placement.to) {", "placement.from <= day && day <= placement.to && self.population.is_delivered(placement.person)) {")]),
    ("P2: moren går forud for den, barnet boede hos", CASES, "anbragt-med-foraeldre-hver-for-sig", [
        (F + "casefamily.rs", "let (to, certainty) = match (of_home, mother()) {", "let (to, certainty) = match (of_home.filter(|_| false), mother()) {")]),
    ("P3: institutionslisten læses ikke", CASES, "p03-botilbud", [
        (F + "guard.rs", "self.institutions.contains_key(address) || self.institutions.contains_key(&address.building())", "self.institutions.len() > 1_000 && address.is_dwelling()")]),
    ("P4: kun modtagere bliver til familier", CASES, "p04-foraeldre-uden-ydelser", [
        (F + "formation.rs", "/// The birthdays at which", "/// By person.\npub static RECIPIENTS: std::sync::Mutex<Vec<bool>> = std::sync::Mutex::new(Vec::new());\n\n/// The birthdays at which"),
        (F + "formation.rs", "if !population.is_delivered(person) {", "if !population.is_delivered(person) || !RECIPIENTS.lock().expect(\"mutated\")[person.index()] {"),
        (F + "mod.rs", "pub use formation::{", "pub use formation::{RECIPIENTS, "),
        ("src/jobs/run.rs", "    let around = Around {", "    let mut recipients = vec![false; population.len()];\n    ledger.spells.iter().for_each(|spell| recipients[spell.person.index()] = true);\n    *crate::family::RECIPIENTS.lock().expect(\"mutated\") = recipients;\n    let around = Around {")]),
    ("P5: kæder over forældremyndigheden", CASES, "p05-kaede", [
        (F + "casefamily.rs", "        for manual in self.manual.iter().filter(", "        for person in self.population.persons() {\n            for holder in self.holders(person, day) {\n                drafts.join(holder, person, age(holder));\n            }\n        }\n        for manual in self.manual.iter().filter(")]),
    ("P6: barnet følger moren og ikke registreringen", CASES, "p06-delt-barn", [
        (F + "casefamily.rs", "        for manual in self.manual.iter().filter(", "        for person in self.population.persons() {\n            if let Some(mother) = self.population.mother(person).filter(|_| drafts.take_out(person)) {\n                drafts.put_in(Member { person, age: age(person), role: MemberRole::Child, link: None }, mother);\n            }\n        }\n        for manual in self.manual.iter().filter(")]),
    ("P6: den anden forælders familie tæller ikke som berørt", CASES, "p06-delt-barn", [
        (F + "touched.rs", "others.dedup();", "others.clear();")]),
    ("P7: kommunens egen fil bruges ikke", CASES, "p07-to-maend", [
        (F + "casefamily.rs", "ManualAction::Join(other) => drafts.join(manual.person, other, age(manual.person)),", "ManualAction::Join(_) => {}")]),
    ("P34: skiftede numre føres ikke sammen", CASES, "p34-skiftet-nummer", [
        ("src/ingest/register.rs", "current: record.number(Field::CurrentNumber)?,", "current: record.number(Field::CurrentNumber)?.filter(|_| false),")]),
    ("P35: den svageste beskyttelse mærker familien", "families::the_strongest_protection_marks_the_family", "the_strongest_protection", [
        (F + "unit.rs", "filter_map(|member| protection(member.person)).max()", "filter_map(|member| protection(member.person)).min()")]),
    ("P37: en anden kommunes rækker tæller med", CASES, "p37-betalingskommune", [
        ("src/jobs/money.rs", "(Some(_), Some(_)) => Some(Payer::Elsewhere),", "(Some(_), Some(_)) => Some(Payer::Unsaid),")]),
    ("P37: den, vi betaler for andre steder, falder ud", CASES, "p37-betalingskommune", [
        ("src/jobs/money.rs", "(Some(payer), Some(here)) if payer == here => Some(Payer::Here),", "(Some(payer), Some(here)) if payer == here => Some(Payer::Unsaid),")]),
    ("truet familie: ingen forbindelse uden fælles adresse", CASES, "truet-familie", [
        (F + "casefamily.rs", "if !young || !hides(child) {", "if young || !hides(child) {")]),
    ("forælder ikke i udtrækket regnes for bosat et andet sted", "families::a_parent_living_apart_is_not_a_parent_outside_the_extract", "a_parent_living_apart", [
        (F + "whereabouts.rs", "Some(Self::NotInExtract)", "Some(Self::Elsewhere)")]),
    ("forælder, der bor for sig, mærkes ikke", "families::the_other_parent_of_a_placed_child_is_flagged", "the_other_parent", [
        (F + "whereabouts.rs", "homes.is_resident(parent) && !members", "!homes.is_resident(parent) && !members")]),
    ("familier følges mellem kørsler med kørslens egne etiketter", "families::families_are_followed_from_run_to_run", "families_are_followed", [
        ("src/evidence/stated.rs", "if [self, other].iter().any(|run| run.labels != \"projekt\") {", "if [self, other].iter().all(|run| run.labels.is_empty()) {")]),
]

if __name__ == "__main__":
    mutate.main(__doc__.splitlines()[0], MUTATIONS)
