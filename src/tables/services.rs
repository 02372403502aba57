//! `ydelser.parquet`: the ledger's spells within the period, exact to the øre.

use std::{io::Write, ops::Range};

use super::parquet::{Columns, ROW_GROUP, write_in_groups};
use crate::{
    base::{Pool, Result},
    domain::{AmountType, Date, Label, Ore, Pseudonym, Role, RowReference},
    ledger::{Closing, Rule},
};

/// What stands behind the rule of supplements when the plan leaves them out of the ranking.
pub const NOT_RANKED: &str = "-taeller-ikke";

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
    /// Why it ends where it ends.
    pub closing: Closing,
    /// The amount stands on its posting date because nothing tells its days.
    pub not_periodised: bool,
    /// Whether kroner of this role count in a unit's sum.
    pub sums: bool,
    /// How the row was settled.
    pub rule: Rule,
    /// How the row's amount is spread over days.
    pub amount_type: AmountType,
    /// The mark of the row, which is written blinded.
    pub row: u32,
    /// Whether a guardian's number is in play (`metrics.md`, P10): the cost was moved to the child or still stands on an adult.
    pub guardian: Option<Guardian>,
}

/// What a guardian's number has to do with a child's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guardian {
    /// It was booked on the guardian and moved to the child that a grant names.
    Moved,
    /// It stands on an adult's number.
    Unmoved,
}

impl Guardian {
    const fn code(self) -> &'static str {
        match self {
            Self::Moved => "flyttet fra forælder eller værge",
            Self::Unmoved => "barns udgift på en voksens nummer",
        }
    }
}

fn rule_code(rule: Rule, sums: bool, text: &mut String) {
    text.push_str(rule.code());
    text.push_str(if sums { "" } else { NOT_RANKED });
}

/// Makes the blinded reference of the row behind a piece.
pub type Reference<'a> = &'a (dyn Fn(&ServiceRow<'_>) -> RowReference + Sync);

/// Writes the table: `pieces` are ranges of the ledger's spells, by written id and within a person in the ledger's order,
/// and `row` tells what is written of one. A long table never stands in memory as a whole. `reference` blinds a row; it is
/// asked on all threads.
///
/// # Errors
/// When the table cannot be encoded or written.
pub fn services<'a>(
    pieces: impl Iterator<Item = Range<usize>>,
    row: impl Fn(usize) -> ServiceRow<'a> + Sync,
    reference: Reference<'_>,
    pool: &Pool,
    out: &mut dyn Write,
) -> Result<()> {
    write_in_groups(groups(pieces), pool, out, |group: &Vec<Range<usize>>| {
        let rows: Vec<ServiceRow<'a>> = group.iter().flat_map(|piece| piece.clone().map(&row)).collect();
        columns(&rows, reference)
    })
}

/// Cuts pieces into row groups; what follows each other is one piece.
fn groups(mut pieces: impl Iterator<Item = Range<usize>>) -> impl Iterator<Item = Vec<Range<usize>>> {
    let mut rest = 0..0;
    std::iter::from_fn(move || {
        let (mut group, mut room): (Vec<Range<usize>>, usize) = (Vec::new(), ROW_GROUP);
        while room > 0 {
            if rest.is_empty() {
                let Some(next) = pieces.next() else { break };
                rest = next;
            }
            let taken = rest.start..rest.end.min(rest.start + room);
            rest.start = taken.end;
            room -= taken.len();
            match group.last_mut() {
                Some(last) if last.end == taken.start => last.end = taken.end,
                _ => group.push(taken),
            }
        }
        group.retain(|piece| !piece.is_empty());
        (!group.is_empty()).then_some(group)
    })
}

fn columns(rows: &[ServiceRow<'_>], reference: Reference<'_>) -> Columns {
    let mut columns = Columns::new(rows.len());
    columns
        .shown("person", rows.iter().map(|row| Some(row.id)))
        .shown("etiket", rows.iter().map(|row| row.label))
        .words("ydelse", rows.iter().map(|row| Some(row.service)))
        .words("afdeling", rows.iter().map(|row| Some(row.department)))
        .words("rolle", rows.iter().map(|row| Some(row.role.code())))
        .days("fra", rows.iter().map(|row| row.from))
        .days("til", rows.iter().map(|row| row.to))
        .ore("oere", rows.iter().map(|row| row.ore))
        .words("kilde", rows.iter().map(|row| Some(row.source)))
        .truth("taeller_med", rows.iter().map(|row| row.counts))
        .truth("i_rangliste", rows.iter().map(|row| row.ranked))
        .truth("aaben", rows.iter().map(|row| row.open))
        .coded("lukning", rows.iter().map(|row| Some(row.closing)), |closing, text| text.push_str(closing.code()))
        .truth("ikke_periodiseret", rows.iter().map(|row| row.not_periodised))
        .coded("regel", rows.iter().map(|row| Some((row.rule, row.sums))), |(rule, sums), text| {
            rule_code(*rule, *sums, text);
        })
        .words("fordeling", rows.iter().map(|row| Some(row.amount_type.code())))
        .whole("raekke", rows.iter().map(|row| reference(row).0.cast_signed()))
        .words("forbehold", rows.iter().map(|row| row.guardian.map(Guardian::code)));
    columns
}

#[cfg(test)]
mod tests {
    use super::{
        super::parquet::{Cell, read},
        *,
    };

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn reference(row: &ServiceRow<'_>) -> RowReference {
        RowReference(u64::from(row.id.0[0]) << 63 | u64::from(row.row))
    }

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
            closing: if ore < 0 { Closing::Died } else { Closing::Ended },
            not_periodised: false,
            sums: ore != 9,
            rule: Rule::Estimated,
            amount_type: AmountType::Month,
            row: 3,
            guardian: (ore < 0).then_some(Guardian::Moved),
        }
    }

    fn written(rows: &[ServiceRow<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pieces = std::iter::once(0..rows.len());
        services(pieces, |row| rows[row], &reference, &Pool::new(2).expect("threads"), &mut bytes).expect("written");
        bytes
    }

    #[test]
    fn amounts_are_whole_ore_and_days_are_days() {
        let table = read(&written(&[row(1, "kontaktperson", 0, -12_345)])).expect("a table");
        let cell = |name: &str| &table.rows[0][table.names.iter().position(|column| column == name).expect("a column")];
        assert_eq!(cell("oere"), &Cell::Whole(-12_345));
        assert_eq!((cell("fra"), cell("til")), (&Cell::Day(Date::EPOCH), &Cell::Day(Date::EPOCH.plus(3))));
        assert_eq!(cell("forbehold"), &Cell::Text("flyttet fra forælder eller værge".to_owned()));
        assert_eq!((cell("rolle"), cell("aaben")), (&Cell::Text("bevilget".to_owned()), &Cell::Truth(true)));
        assert_eq!(cell("lukning"), &text("død"));
        assert_eq!((cell("regel"), cell("fordeling")), (&text("estimeret"), &text("maaned")));
        assert_eq!(cell("raekke"), &Cell::Whole(i64::MIN + 3), "all 64 bits are kept");
    }

    #[test]
    fn what_counts_in_no_sum_says_so_in_its_rule() {
        let table = read(&written(&[row(1, "aflastning", 0, 9), row(1, "aflastning", 5, 8)])).expect("a table");
        let place = table.names.iter().position(|column| column == "regel").expect("a column");
        let rules: Vec<&Cell> = table.rows.iter().map(|row| &row[place]).collect();
        assert_eq!(rules, [&text("estimeret-taeller-ikke"), &text("estimeret")]);
    }

    #[test]
    fn long_tables_are_whole_and_short_ones_too() {
        for length in [0, 1, (1 << 18) + 3] {
            let rows = vec![row(1, "aflastning", 0, 5); length];
            let bytes = written(&rows);
            assert_eq!(read(&bytes).expect("a table").rows.len(), length);
            assert_eq!(bytes, written(&rows));
        }
    }

    #[test]
    fn groups_are_full_and_in_order() {
        let pieces = vec![5..9, 0..5, 5..5, 20..ROW_GROUP + 30, 3..4, 4..6];
        let groups: Vec<_> = groups(pieces.clone().into_iter()).collect();
        let cut = ROW_GROUP + 20 - 9;
        assert_eq!(groups, [vec![5..9, 0..5, 20..cut], vec![cut..ROW_GROUP + 30, 3..6]]);
    }
}
