//! `ydelser.parquet`: the ledger's spells within the period, exact to the øre.

use std::{io::Write, ops::Range};

use super::parquet::{Coder, Columns, ROW_GROUP, display, write_in_groups};
use crate::{
    base::{Pool, Result},
    domain::{DepartmentId, Label, PersonId, Pseudonym, Role, RowReference},
    ledger::Spell,
};

/// What stands behind the rule of supplements when the plan leaves them out of the ranking.
pub const NOT_RANKED: &str = "-taeller-ikke";

/// What the table says of a service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceWords<'a> {
    /// The service's code in the catalogue, or the account group's.
    pub code: &'a str,
    /// The department.
    pub department: DepartmentId,
    /// Whether it counts among a unit's services.
    pub counts: bool,
    /// Whether only children and young people have it.
    pub for_children: bool,
}

/// Whoever the spells of a person are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The person's written id.
    pub id: Pseudonym,
    /// The label of the unit that the spells count in; `None` when they reach none.
    pub label: Option<Label>,
    /// Whether the person was past any child's service when the period began.
    pub grown: bool,
}

/// The ledger's spells and the words for what they point to.
pub struct ServiceTable<'a> {
    /// By person, in the ledger's order.
    pub spells: &'a [Spell],
    /// By [`crate::domain::ServiceId`].
    pub services: &'a [ServiceWords<'a>],
    /// Their codes in the catalogue, by [`DepartmentId`].
    pub departments: &'a [&'a str],
    /// The names in the plan, by [`crate::domain::SourceId`].
    pub sources: &'a [&'a str],
    /// Whether supplements count in the ranking.
    pub manual: bool,
}

/// What a guardian's number has to do with a child's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Guardian {
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

impl ServiceTable<'_> {
    /// Writes the table, by written id and within a person in the ledger's order. A long table never stands in memory as a
    /// whole. `blinding` tells for the written id, the source's name and the service's code what the references of their rows share,
    /// and `references` makes them of groups and marks; both are asked on all threads.
    ///
    /// # Errors
    /// When the table cannot be encoded or written.
    pub fn write<G: Copy>(
        &self,
        receiver: impl Fn(PersonId) -> Receiver + Sync,
        blinding: impl Fn(Pseudonym, &str, &str) -> G + Sync,
        references: impl Fn(&[(G, u32)]) -> Vec<RowReference> + Sync,
        pool: &Pool,
        out: &mut (dyn Write + Send),
    ) -> Result<()> {
        let mut persons: Vec<(Receiver, Range<usize>)> =
            of_persons(self.spells).map(|range| (receiver(self.spells[range.start].person), range)).collect();
        if !persons.is_sorted_by_key(|(receiver, _)| receiver.id) {
            pool.sort_by_key(&mut persons, |(receiver, _)| receiver.id);
        }
        write_in_groups(groups(persons.into_iter()), pool, out, |group: &Vec<(Receiver, Range<usize>)>| {
            self.columns(group, &blinding, &references)
        })
    }

    fn columns<G: Copy>(
        &self,
        group: &[(Receiver, Range<usize>)],
        blinding: impl Fn(Pseudonym, &str, &str) -> G,
        references: impl Fn(&[(G, u32)]) -> Vec<RowReference>,
    ) -> Columns {
        let height = group.iter().map(|(_, range)| range.len()).sum();
        let (mut ids, mut labels, mut services) = (Coder::new(height), Coder::new(height), Coder::new(height));
        let (mut departments, mut roles, mut sources) = (Coder::new(height), Coder::new(height), Coder::new(height));
        let (mut settled_by, mut amount_types, mut guardians) =
            (Coder::new(height), Coder::new(height), Coder::new(height));
        let mut closings = Coder::new(height);
        let [mut from, mut to] = [Vec::with_capacity(height), Vec::with_capacity(height)];
        let (mut ore, mut rows) = (Vec::with_capacity(height), Vec::with_capacity(height));
        let [mut counts, mut ranked, mut open, mut not_periodised] = [(); 4].map(|()| Vec::with_capacity(height));
        for (Receiver { id, label, grown }, range) in group {
            ids.push_run(Some(*id), range.len(), display);
            labels.push_run(*label, range.len(), display);
            let mut shared = None;
            for spell in &self.spells[range.clone()] {
                let ServiceWords { code, department, counts: is_counted, for_children } =
                    self.services[spell.service.index()];
                let source = self.sources[spell.source.index()];
                let sums = spell.role != Role::Manual || self.manual;
                let guardian = match (spell.row.is_moved(), *grown && spell.role == Role::Actual && for_children) {
                    (true, _) => Some(Guardian::Moved),
                    (false, true) => Some(Guardian::Unmoved),
                    (false, false) => None,
                };
                services.push(Some(spell.service), |_, text| text.push_str(code));
                departments.push(Some(department), |of, text| text.push_str(self.departments[of.index()]));
                roles.push(Some(spell.role), |role, text| text.push_str(role.code()));
                sources.push(Some(spell.source), |_, text| text.push_str(source));
                settled_by.push(Some((spell.rule, sums)), |(rule, sums), text| {
                    text.push_str(rule.code());
                    text.push_str(if *sums { "" } else { NOT_RANKED });
                });
                amount_types.push(Some(spell.amount_type), |of, text| text.push_str(of.code()));
                guardians.push(guardian, |guardian, text| text.push_str(guardian.code()));
                closings.push(Some(spell.closing), |closing, text| text.push_str(closing.code()));
                from.push(spell.from.days());
                to.push(spell.to.days());
                ore.push(spell.ore.0);
                let of = (spell.source, spell.service);
                let blinding = match shared {
                    Some((same, blinding)) if same == of => blinding,
                    _ => shared.insert((of, blinding(*id, source, code))).1,
                };
                rows.push((blinding, spell.row.get()));
                counts.push(is_counted);
                ranked.push(label.is_some() && sums);
                open.push(spell.open);
                not_periodised.push(spell.is_not_periodised());
            }
        }
        let mut columns = Columns::new(height);
        columns
            .of_codes("person", ids)
            .of_codes("etiket", labels)
            .of_codes("ydelse", services)
            .of_codes("afdeling", departments)
            .of_codes("rolle", roles)
            .of_days("fra", from)
            .of_days("til", to)
            .of_whole("oere", ore)
            .of_codes("kilde", sources)
            .of_truths("taeller_med", counts)
            .of_truths("i_rangliste", ranked)
            .of_truths("aaben", open)
            .of_codes("lukning", closings)
            .of_truths("ikke_periodiseret", not_periodised)
            .of_codes("regel", settled_by)
            .of_codes("fordeling", amount_types)
            .of_different("raekke", references(&rows).into_iter().map(|row| row.0.cast_signed()).collect())
            .of_codes("forbehold", guardians);
        columns
    }
}

/// The spells of each person.
fn of_persons(spells: &[Spell]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let person = spells.get(start)?.person;
        // Steps that double, since a person's spells are few and all of them many.
        let mut reach = 1;
        while spells.get(start + reach).is_some_and(|spell| spell.person == person) {
            reach *= 2;
        }
        let rest = &spells[start + reach / 2..spells.len().min(start + reach)];
        let end = start + reach / 2 + rest.partition_point(|spell| spell.person == person);
        Some(std::mem::replace(&mut start, end)..end)
    })
}

/// Cuts persons' spells into row groups.
fn groups<T: Copy>(
    mut pieces: impl Iterator<Item = (T, Range<usize>)>,
) -> impl Iterator<Item = Vec<(T, Range<usize>)>> {
    let mut rest = None;
    std::iter::from_fn(move || {
        let (mut group, mut room) = (Vec::new(), ROW_GROUP);
        while room > 0 {
            let Some((of, piece)) = rest.take().or_else(|| pieces.next()) else { break };
            let cut = piece.end.min(piece.start + room);
            room -= cut - piece.start;
            group.push((of, piece.start..cut));
            rest = (cut < piece.end).then_some((of, cut..piece.end));
        }
        (!group.is_empty()).then_some(group)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::parquet::{Cell, Table, read},
        *,
    };
    use crate::{
        domain::{AmountType, Date, Ore, ServiceId, SourceId},
        ledger::{Closing, Entry, RowMark, Rule},
    };

    const SERVICES: [ServiceWords<'static>; 3] = [
        ServiceWords { code: "5.28.21-001", department: DepartmentId(1), counts: true, for_children: true },
        ServiceWords { code: "5.28.21", department: DepartmentId(1), counts: false, for_children: true },
        ServiceWords { code: "YD-KTH", department: DepartmentId(0), counts: true, for_children: false },
    ];

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn spell(person: u32, service: u16, ore: i64) -> Spell {
        Spell {
            person: PersonId(person),
            service: ServiceId(service),
            role: Role::Actual,
            from: Date::EPOCH,
            to: Date::EPOCH.plus(3),
            ore: Ore(ore),
            source: SourceId(0),
            open: false,
            closing: Closing::Ended,
            rule: Rule::OwnPeriod,
            amount_type: AmountType::Month,
            row: RowMark::default(),
        }
    }

    fn receiver(person: PersonId) -> Receiver {
        // Ids run against the order of persons.
        let id = Pseudonym([u8::try_from(200 - person.0).expect("few"); 16]);
        Receiver { id, label: (person.0 != 3).then_some(Label(*b"0123456789ABC")), grown: person.0 == 1 }
    }

    fn written(spells: &[Spell], manual: bool) -> Table {
        let table = ServiceTable {
            spells,
            services: &SERVICES,
            departments: &["jobcenter", "socialforvaltning"],
            sources: &["opus"],
            manual,
        };
        let blinding = |id: Pseudonym, source: &str, service: &str| {
            assert_eq!(source, "opus");
            u64::from(id.0[0]) << 56 | u64::from(service == "YD-KTH")
        };
        let references = |rows: &[(u64, u32)]| -> Vec<RowReference> {
            rows.iter().map(|(group, mark)| RowReference(group | u64::from(*mark) << 8)).collect()
        };
        let bytes = |threads| {
            let mut bytes = Vec::new();
            table
                .write(receiver, blinding, references, &Pool::new(threads).expect("threads"), &mut bytes)
                .expect("written");
            bytes
        };
        let (one, two) = (bytes(1), bytes(2));
        assert_eq!(one, two, "threads change nothing");
        read(&one).expect("a table")
    }

    fn column(table: &Table, name: &str) -> Vec<Cell> {
        let place = table.names.iter().position(|column| column == name).expect("a column");
        table.rows.iter().map(|row| row[place].clone()).collect()
    }

    #[test]
    fn every_column_says_what_the_spell_says() {
        let mark = RowMark::of(
            &Entry {
                person: PersonId(0),
                service: ServiceId(0),
                role: Role::Actual,
                source: SourceId(0),
                amount_type: AmountType::Month,
                from: Date::EPOCH,
                to: Date::EPOCH,
                amount: Ore(1),
                quantity: 1000,
                document: 0,
                reverses: 0,
                posted: Date::EPOCH,
                line: 0,
                file: 0,
            },
            0,
        );
        let lump = Spell {
            open: true,
            closing: Closing::Died,
            amount_type: AmountType::Contract,
            row: mark,
            ..spell(0, 2, -12_345)
        };
        let table = written(&[lump], false);
        let whole = u64::from(200_u8) << 56 | u64::from(mark.get()) << 8 | 1;
        let expected = [
            ("person", text(&"c8".repeat(16))),
            ("etiket", text(&Label(*b"0123456789ABC").to_string())),
            ("ydelse", text("YD-KTH")),
            ("afdeling", text("jobcenter")),
            ("rolle", text("faktisk")),
            ("fra", Cell::Day(Date::EPOCH)),
            ("til", Cell::Day(Date::EPOCH.plus(3))),
            ("oere", Cell::Whole(-12_345)),
            ("kilde", text("opus")),
            ("taeller_med", Cell::Truth(true)),
            ("i_rangliste", Cell::Truth(true)),
            ("aaben", Cell::Truth(true)),
            ("lukning", text("død")),
            ("ikke_periodiseret", Cell::Truth(true)),
            ("regel", text("egen-periode")),
            ("fordeling", text("periode")),
            ("raekke", Cell::Whole(whole.cast_signed())),
            ("forbehold", Cell::Empty),
        ];
        let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
        assert_eq!(table.names, names);
        assert_eq!(table.rows, [expected.map(|(_, cell)| cell).to_vec()]);
    }

    #[test]
    fn rows_stand_by_written_id_and_within_a_person_as_in_the_ledger() {
        let spells = [spell(0, 0, 1), spell(0, 2, 2), spell(1, 1, 3), spell(3, 0, 4), spell(3, 0, 5)];
        let table = written(&spells, false);
        let ore: Vec<Cell> = [4, 5, 3, 1, 2].map(Cell::Whole).to_vec();
        assert_eq!(column(&table, "oere"), ore);
        let truths = |values: [bool; 5]| values.map(Cell::Truth).to_vec();
        assert_eq!(column(&table, "i_rangliste"), truths([false, false, true, true, true]), "no unit, no ranking");
        assert_eq!(column(&table, "taeller_med"), truths([true, true, false, true, true]));
    }

    #[test]
    fn a_child_s_cost_on_a_guardian_s_number_is_marked() {
        let moved = Spell { row: RowMark::default().moved_if(true), ..spell(0, 0, 1) };
        let granted = Spell { role: Role::Granted, ..spell(1, 0, 1) };
        let table = written(&[moved, spell(1, 0, 2), granted, spell(1, 2, 3), spell(2, 0, 4)], false);
        let unmoved = text("barns udgift på en voksens nummer");
        let expected = [Cell::Empty, unmoved, Cell::Empty, Cell::Empty, text("flyttet fra forælder eller værge")];
        assert_eq!(column(&table, "forbehold"), expected);
    }

    #[test]
    fn what_counts_in_no_sum_says_so_in_its_rule() {
        let manual = Spell { role: Role::Manual, rule: Rule::Manual, ..spell(0, 2, 9) };
        let spells = [manual, spell(0, 2, 8)];
        let rules = |manual| column(&written(&spells, manual), "regel");
        assert_eq!(rules(false), [text("manuel-taeller-ikke"), text("egen-periode")]);
        assert_eq!(rules(true), [text("manuel"), text("egen-periode")]);
        let ranked = |manual| column(&written(&spells, manual), "i_rangliste");
        assert_eq!(ranked(false), [Cell::Truth(false), Cell::Truth(true)]);
        assert_eq!(ranked(true), [Cell::Truth(true), Cell::Truth(true)]);
    }

    #[test]
    fn long_tables_are_whole_and_short_ones_too() {
        for length in [0, 1, ROW_GROUP + 3] {
            let spells: Vec<Spell> = (0..2).flat_map(|person| vec![spell(person, 0, 5); length]).collect();
            assert_eq!(written(&spells, false).rows.len(), 2 * length);
        }
    }

    #[test]
    fn groups_are_full_and_in_order() {
        let pieces = [(7, 5..9), (8, 0..5), (9, 20..ROW_GROUP + 30), (4, 3..4)];
        let groups: Vec<_> = groups(pieces.into_iter()).collect();
        let cut = ROW_GROUP + 20 - 9;
        assert_eq!(groups, [vec![(7, 5..9), (8, 0..5), (9, 20..cut)], vec![(9, cut..ROW_GROUP + 30), (4, 3..4)]]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_person_is_found_whole(lengths in proptest::collection::vec(1_usize..40, 0..20)) {
            let spells: Vec<Spell> =
                (0..).zip(&lengths).flat_map(|(person, length)| vec![spell(person * 3, 0, 1); *length]).collect();
            prop_assert_eq!(of_persons(&spells).map(|range| range.len()).collect::<Vec<_>>(), lengths);
            let is_one_s = |range: Range<usize>| spells[range.start].person == spells[range.end - 1].person;
            prop_assert!(of_persons(&spells).all(is_one_s));
        }
    }
}
