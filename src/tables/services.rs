//! `ydelser.parquet`: the ledger's spells within the period, exact to the øre.

use super::parquet::Columns;
use crate::{
    base::Result,
    domain::{Date, Label, Ore, Pseudonym, Role},
};

/// One dated piece of a service.
#[expect(clippy::struct_excessive_bools, reason = "they are four columns, not one state")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceRow<'a> {
    /// The person's written id.
    pub id: Pseudonym,
    /// The label of the unit that the spell counts in; `None` when it reaches none.
    pub label: Option<Label>,
    /// The service's code in the catalogue, or the account group's.
    pub service: &'a str,
    /// The department's code in the catalogue.
    pub department: &'a str,
    /// What kind of claim.
    pub role: Role,
    /// First day within the period.
    pub from: Date,
    /// Last day within the period, included.
    pub to: Date,
    /// The øre of these days.
    pub ore: Ore,
    /// The source's name in the plan.
    pub source: &'a str,
    /// Whether the service counts among the unit's services.
    pub counts: bool,
    /// Whether the spell is in the ranking (it reaches a unit, and its role counts).
    pub ranked: bool,
    /// The row has no end of its own.
    pub open: bool,
    /// The amount stands on its posting date because nothing tells its days.
    pub not_periodised: bool,
}

/// Writes the table, sorted by person, unit, service and the rest of what is written. The order of `rows` does not matter.
///
/// # Errors
/// When the table cannot be encoded.
pub fn services(mut rows: Vec<ServiceRow<'_>>) -> Result<Vec<u8>> {
    rows.sort_unstable();
    Columns::new(rows.len())
        .text("person", rows.iter().map(|row| Some(row.id.to_string())))
        .text("etiket", rows.iter().map(|row| row.label.map(|label| label.to_string())))
        .text("ydelse", rows.iter().map(|row| Some(row.service)))
        .text("afdeling", rows.iter().map(|row| Some(row.department)))
        .text("rolle", rows.iter().map(|row| Some(row.role.code())))
        .days("fra", rows.iter().map(|row| row.from))
        .days("til", rows.iter().map(|row| row.to))
        .ore("oere", rows.iter().map(|row| row.ore))
        .text("kilde", rows.iter().map(|row| Some(row.source)))
        .truth("taeller_med", rows.iter().map(|row| row.counts))
        .truth("i_rangliste", rows.iter().map(|row| row.ranked))
        .truth("aaben", rows.iter().map(|row| row.open))
        .truth("ikke_periodiseret", rows.iter().map(|row| row.not_periodised))
        .write()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::parquet::{Cell, read},
        *,
    };

    fn row(id: u8, service: &'static str, start: i32, ore: i64) -> ServiceRow<'static> {
        ServiceRow {
            id: Pseudonym([id; 16]),
            label: Some(Label(*b"0123456789ABC")),
            service,
            department: "socialforvaltning",
            role: Role::Granted,
            from: Date::EPOCH.plus(start),
            to: Date::EPOCH.plus(start + 3),
            ore: Ore(ore),
            source: "dubu",
            counts: true,
            ranked: true,
            open: ore < 0,
            not_periodised: false,
        }
    }

    #[test]
    fn amounts_are_whole_ore_and_days_are_days() {
        let table = read(&services(vec![row(1, "kontaktperson", 0, -12_345)]).expect("bytes")).expect("a table");
        let cell = |name: &str| &table.rows[0][table.names.iter().position(|column| column == name).expect("a column")];
        assert_eq!(cell("oere"), &Cell::Whole(-12_345));
        assert_eq!((cell("fra"), cell("til")), (&Cell::Day(Date::EPOCH), &Cell::Day(Date::EPOCH.plus(3))));
        assert_eq!((cell("rolle"), cell("aaben")), (&Cell::Text("bevilget".to_owned()), &Cell::Truth(true)));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 64,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(3),
            ..ProptestConfig::default()
        })]

        #[test]
        fn permuted_rows_are_the_same_bytes(
            (rows, shuffled) in proptest::collection::vec((0_u8..4, 0_usize..2, 0_i32..3, -2_i64..3), 0..30)
                .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        ) {
            let write = |rows: Vec<(u8, usize, i32, i64)>| {
                let codes = ["stoettekontaktperson", "aflastning"];
                services(rows.into_iter().map(|(id, code, start, ore)| row(id, codes[code], start, ore)).collect())
            };
            prop_assert_eq!(write(rows).expect("bytes"), write(shuffled).expect("bytes"));
        }
    }
}
