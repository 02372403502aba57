//! What is remembered of cells changes no answer: rows read one after the other are what each row is by itself.

use std::fmt::Write as _;

use proptest::prelude::*;
use samkor::{
    base::{Fault, Pool, Silent},
    catalogue::Catalogue,
    domain::{Ore, SourceId},
    ingest::{
        Collect, FileInput, FileSummary, KnownCells, MoneyReader, Outcome, ReadOptions, Record, Reject, collect_file,
        read_file, rows::MoneyRow,
    },
};

use super::shipped;

/// Reads rows with the help of those before them.
struct Knowing<'a>(MoneyReader<'a>);

#[derive(Default)]
struct Rows(KnownCells, Vec<MoneyRow>);

impl Collect for Knowing<'_> {
    type Chunk = Rows;

    fn add(&self, Rows(known, rows): &mut Rows, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject> {
        Ok(match self.0.read_knowing(known, record, face)? {
            Outcome::Row(row) => {
                rows.push(row);
                Outcome::Row(())
            }
            Outcome::SortedOut => Outcome::SortedOut,
        })
    }
}

type Read = (Vec<MoneyRow>, Vec<Fault>, FileSummary);

/// The file read with the help of rows before and each row by itself.
fn both(layout: &str, text: &str) -> [Read; 2] {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("eksport.csv");
    std::fs::write(&path, text).expect("written");
    let (layouts, pool) = (shipped(), Pool::new(1).expect("a thread"));
    let (layout, catalogue) =
        (layouts.get(layout).expect("shipped"), Catalogue::embedded().expect("the catalogue parses"));
    let options = ReadOptions::default();
    let input = FileInput {
        path: &path,
        name: "eksport.csv",
        source: SourceId(0),
        file: 0,
        layout,
        layouts: &layouts,
        options,
    };
    let money = MoneyReader { catalogue: &catalogue, system: layout.system };

    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let take = |mut chunk: Rows| {
        rows.append(&mut chunk.1);
        Ok(())
    };
    let summary = collect_file(input, &pool, &Silent, &Knowing(money), take, &mut faults).expect("read");
    let knowing = (rows, faults, summary);

    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let take = |mut new: Vec<MoneyRow>| {
        rows.append(&mut new);
        Ok(())
    };
    let convert = |record: &Record<'_>, amount| money.read(record, amount);
    let summary = read_file(input, &pool, &Silent, convert, take, &mut faults).expect("read");
    [knowing, (rows, faults, summary)]
}

fn any_of(texts: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(texts.to_vec())
}

/// Cells of a posting in which the account and its year stand, right and wrong.
fn account_cells() -> impl Strategy<Value = (&'static str, &'static str, &'static str, &'static str, &'static str)> {
    (
        any_of(&["", "5.28.21", "05.28.21", "528211003", "528212003", "52821", "999", "5.30.27", "æ"]),
        any_of(&["", "5.28.21", "5.38.42", "x"]),
        any_of(&["", "1", "2", "4", "19"]),
        any_of(&["", "003", "001", "3", "x"]),
        any_of(&["", "2015", "2018", "2024", "år"]),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn postings_are_what_each_is_by_itself(
        rows in prop::collection::vec((account_cells(), any_of(&["31.12.2014", "03.01.2018", "2"]), any_of(&["02", "2", "cPr", "03", ""])), 1..120)
    ) {
        let mut text = String::from(
            "Ydelsesmodtagernr.;Ydelsesmodtagernr.kode;Konto;Funktion;Dranst;Gruppering;Regnskabsår;Bogføringsdato;Beløb\n",
        );
        for ((joined, function, dranst, grouping, year), posted, code) in rows {
            writeln!(text, "0203040506;{code};{joined};{function};{dranst};{grouping};{year};{posted};1,00").expect("grows");
        }
        let [knowing, alone] = both("opus-posteringer", &text);
        prop_assert_eq!((knowing.0, knowing.1, knowing.2.tally), (alone.0, alone.1, alone.2.tally));
    }

    #[test]
    fn benefits_are_what_each_is_by_itself(
        rows in prop::collection::vec((any_of(&["", "YD-KTH", "yd-kth", "YD-BOLIGYD", "x"]), any_of(&["", "Kontanthjælp", "Boligydelse", "KONTANTHJÆLP", "?"])), 1..120)
    ) {
        let mut text = super::KMD.to_owned();
        for (code, name) in rows {
            writeln!(text, "0203040506;{code};{name};2015-01-01;2015-01-31;1,00").expect("grows");
        }
        let [knowing, alone] = both("kmd-ydelser", &text);
        prop_assert_eq!((knowing.0, knowing.1, knowing.2.tally), (alone.0, alone.1, alone.2.tally));
    }
}
