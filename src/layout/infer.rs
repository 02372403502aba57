//! Proposes a layout for headings that nobody has described yet. Works on headings alone: no value reaches it.

use std::fmt::Write as _;

use super::{Field, Layouts, same_heading};

/// The proposal as TOML text: for each heading the field that a shipped layout gives to that name, else
/// `uden_betydning`, to be corrected by hand.
#[must_use]
pub fn infer(name: &str, headings: &[String], layouts: &Layouts) -> String {
    let known = |heading: &str| {
        layouts
            .iter()
            .flat_map(|layout| &layout.tables)
            .flat_map(|table| &table.columns)
            .find(|column| {
                column.field != Field::Ignored && column.names.iter().any(|name| same_heading(name, heading))
            })
            .map_or(Field::Ignored, |column| column.field)
    };
    let mut text = format!(
        "# Forslag fra `samkor layouts infer`: ret felterne, og vælg system og art.\n\
         # Felter og arter: se docs/format.md.\nnavn = \"{name}\"\nsystem = \"manuel\"\ntitel = \"\"\nformat = \"csv\"\n\n\
         [[tabel]]\nnavn = \"{name}\"\nart = \"supplement\"\n"
    );
    let mut used = Vec::new();
    for heading in headings {
        let mut field = known(heading);
        if used.contains(&field) {
            field = Field::Ignored;
        }
        used.push(field);
        let quoted = toml::Value::String(heading.trim().to_owned());
        write!(text, "\n[[tabel.kolonne]]\nfelt = \"{}\"\nnavne = [{quoted}]\n", field.code()).expect("a string grows");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    #[test]
    fn the_proposal_is_a_layout_and_knows_known_headings() {
        let layouts = Layouts::shipped().expect("shipped");
        let headings = ["CPR-nr.", "Beløb", "Helt \"ny\" kolonne", "Startdato"].map(str::to_owned);
        let text = infer("ny", &headings, &layouts);
        let layout = Layout::parse(&text, "ny.toml").expect("the proposal parses");
        let fields: Vec<Field> = layout.tables[0].columns.iter().map(|column| column.field).collect();
        assert_eq!(fields, [Field::Person, Field::Amount, Field::Ignored, Field::From]);
    }
}
