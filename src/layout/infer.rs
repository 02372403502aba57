//! Proposes a layout for headings that nobody has described yet. Works on headings alone: no value reaches it.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Column, Field, Layout, Layouts, Table, same_heading};
use crate::domain::System;

/// The proposal as TOML text, to be corrected by hand. When the headings resemble a known table, its kind, rules and
/// fields are proposed, else the fields that any known layout gives to those names. A heading that nobody knows is
/// `uden_betydning`.
#[must_use]
pub fn infer(name: &str, headings: &[String], layouts: &Layouts) -> String {
    let model = nearest(headings, layouts);
    let mut used: Vec<Field> = Vec::new();
    let mut columns = String::new();
    for heading in headings.iter().map(|heading| heading.trim()).filter(|heading| !heading.is_empty()) {
        let column = known(heading, model, layouts).filter(|column| !used.contains(&column.field));
        let field = column.map_or(Field::Ignored, |column| column.field);
        used.push(field);
        write!(columns, "\n[[tabel.kolonne]]\nfelt = \"{}\"\nnavne = [{}]\n", field.code(), quoted(heading))
            .expect("a string grows");
        let demanded = column.filter(|column| model.is_none_or(|(_, table)| is_of(table, column)));
        if demanded.is_some_and(|column| column.required || model.is_none()) {
            columns.push_str("kraevet = true\n");
        }
        if let Some(or) = demanded.and_then(|column| column.or) {
            writeln!(columns, "eller = {}", quoted(or.code())).expect("a string grows");
        }
    }
    head(name, model, &used) + &columns
}

/// The table whose required headings are found most fully, more than half of them.
fn nearest<'a>(headings: &[String], layouts: &'a Layouts) -> Option<(&'a Layout, &'a Table)> {
    let tables = layouts.iter().flat_map(|layout| layout.tables.iter().map(move |table| (layout, table)));
    let mut best: Option<(usize, usize, usize, (&Layout, &Table))> = None;
    for (layout, table) in tables {
        let has =
            |column: &&Column| column.names.iter().any(|name| headings.iter().any(|text| same_heading(name, text)));
        let required = table.columns.iter().filter(|column| column.required).count();
        let found = table.columns.iter().filter(|column| column.required).filter(has).count();
        let all = table.columns.iter().filter(|column| column.field != Field::Ignored).filter(has).count();
        let is_better = |(best_found, best_required, best_all, _): &(usize, usize, usize, _)| {
            (found * best_required, all) > (best_found * required, *best_all)
        };
        if found * 2 > required && best.as_ref().is_none_or(is_better) {
            best = Some((found, required, all, (layout, table)));
        }
    }
    best.map(|(.., table)| table)
}

/// The column that a heading is known as: in the model, or without one in any layout but the register's.
fn known<'a>(heading: &str, model: Option<(&'a Layout, &'a Table)>, layouts: &'a Layouts) -> Option<&'a Column> {
    let others = layouts.iter().filter(|layout| model.is_none() && layout.system != System::Cpr);
    let tables = model.map(|(_, table)| table).into_iter().chain(others.flat_map(|layout| &layout.tables));
    let names = |column: &&Column| column.names.iter().any(|name| same_heading(name, heading));
    tables.flat_map(|table| &table.columns).find(|column| column.field != Field::Ignored && names(column))
}

fn is_of(table: &Table, column: &Column) -> bool {
    table.columns.iter().any(|own| std::ptr::eq(own, column))
}

/// Everything above the columns.
fn head(name: &str, model: Option<(&Layout, &Table)>, used: &[Field]) -> String {
    let mut text = String::from(
        "# Forslag fra `samkor layouts infer`: ret felterne, og se efter, at system, art og regler passer.\n",
    );
    text.push_str("# Felter, arter og regler: se docs/format.md.\n");
    let mut line = |key: &str, value: String| writeln!(text, "{key} = {value}").expect("a string grows");
    line("navn", quoted(name));
    line("system", model.map_or_else(|| quoted("manuel"), |(layout, _)| written(&layout.system)));
    line("titel", quoted(""));
    line("format", quoted("csv"));
    let Some((_, table)) = model else {
        writeln!(text, "\n[[tabel]]\nnavn = {}\nart = \"supplement\"", quoted(name)).expect("a string grows");
        return text;
    };
    let rules = &table.rules;
    if !rules.units.is_empty() {
        text.push_str("\n[enheder]\n");
        for (unit, meaning) in &rules.units {
            writeln!(text, "{} = {}", quoted(unit), written(meaning)).expect("a string grows");
        }
    }
    text.push_str("\n[[tabel]]\n");
    let mut line = |key: &str, value: String| writeln!(text, "{key} = {value}").expect("a string grows");
    line("navn", quoted(&table.name));
    line("art", quoted(table.kind.code()));
    line("decimal", quoted(if rules.amounts.decimal == b',' { "," } else { "." }));
    line("fortegn", written(&rules.sign));
    line("slutdato", written(&rules.end_date));
    for (key, words) in
        [("taeller", &rules.counting), ("taeller_ikke", &rules.not_counting), ("cpr_koder", &rules.person_codes)]
    {
        if !words.is_empty() {
            line(key, written(words));
        }
    }
    for column in table.columns.iter().filter(|column| column.required && !used.contains(&column.field)) {
        if column.or.is_none_or(|or| !used.contains(&or)) {
            writeln!(
                text,
                "# Mangler: en kolonne med felt = \"{}\" (hedder ellers {})",
                column.field.code(),
                column.names[0]
            )
            .expect("a string grows");
        }
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn written(value: &impl Serialize) -> String {
    toml::Value::try_from(value).expect("words and lists of words are TOML").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Kind, Matched, Sign};

    fn proposal(headings: &[&str]) -> (Vec<String>, Layout) {
        let layouts = Layouts::shipped().expect("shipped");
        let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
        let text = infer("ny", &headings, &layouts);
        (headings, Layout::parse(&text, "ny.toml").unwrap_or_else(|error| panic!("{error} {error:?}\n{text}")))
    }

    fn fields(layout: &Layout) -> Vec<Field> {
        layout.tables[0].columns.iter().map(|column| column.field).collect()
    }

    #[test]
    fn a_new_table_gets_the_fields_of_known_headings() {
        let (headings, layout) = proposal(&["Cpr.nr.", "Beløb", "Helt \"ny\" kolonne", "", "Startdato", "Type"]);
        assert_eq!(fields(&layout), [Field::Person, Field::Amount, Field::Ignored, Field::From, Field::Ignored]);
        assert_eq!((layout.system, layout.tables[0].kind), (System::Manuel, Kind::Supplements));
        assert!(matches!(layout.match_headings(&headings), Matched::Table { .. }));
        let title = ["Udtræk fra systemet".to_owned()];
        assert!(matches!(layout.match_headings(&title), Matched::Missing { .. }), "a title is no row of headings");
    }

    #[test]
    fn a_table_that_resembles_a_known_one_gets_its_rules() {
        let (_, layout) = proposal(&[
            "Ydelsesmodtagernr.",
            "Ydelsesmodtagernr.kode",
            "Funktion",
            "Posteringsdato",
            "Beløb",
            "Debet/kredit",
        ]);
        let table = &layout.tables[0];
        assert_eq!((layout.system, table.kind, table.rules.sign), (System::Opus, Kind::Postings, Sign::DebitCredit));
        assert_eq!(table.rules.person_codes, ["02", "2", "cpr"]);
        assert_eq!(fields(&layout)[3], Field::Ignored);
        assert!(
            layout.text.contains("# Mangler: en kolonne med felt = \"bogfoert\"") && !layout.text.contains("\"konto\"")
        );
    }
}
