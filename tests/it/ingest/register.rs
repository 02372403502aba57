//! The CPR extract in both shapes, and the neutral tables.

use samkor::{
    base::{Digest, Error, Fault, Pool},
    domain::{Cpr, Date, Ore, Precision, SourceId},
    ingest::{FileInput, FileSummary, ReadOptions, Record, read_file, read_register_row, rows::RegisterRow},
    jobs,
    layout::Kind,
};

use super::{Progress, shipped};

type Rows = (Vec<RegisterRow>, Vec<Fault>, FileSummary);

fn read_register(layout: &str, bytes: &[u8], chunk_bytes: usize) -> Result<Rows, Error> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("cpr.txt");
    std::fs::write(&path, bytes).expect("written");
    let layouts = shipped();
    let layout = layouts.get(layout).expect("shipped");
    let options = ReadOptions { chunk_bytes, ..ReadOptions::default() };
    let input =
        FileInput { path: &path, name: "cpr.txt", source: SourceId(0), file: 0, layout, layouts: &layouts, options };
    let (mut rows, mut faults, observer) = (Vec::new(), Vec::new(), Progress::default());
    let convert = |record: &Record<'_>, _: Ore| read_register_row(record);
    let take = |new: Vec<Vec<RegisterRow>>| {
        rows.extend(new.into_iter().flatten());
        Ok(())
    };
    let summary = read_file(input, &Pool::new(2).expect("threads"), &observer, convert, take, &mut faults)?;
    let (total, done) = observer.0.into_inner().expect("nobody panics in between");
    assert_eq!((total, done), (bytes.len() as u64, bytes.len() as u64), "progress adds up to the file");
    assert_eq!(summary.blake3, Digest::blake3(bytes));
    Ok((rows, faults, summary))
}

/// The example's extract, a record to a line.
fn lines() -> Vec<Vec<u8>> {
    let (_, bytes) = jobs::demo::FILES.iter().find(|(name, _)| name.ends_with("cpr.txt")).expect("the example has one");
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).filter(|line| !line.is_empty()).collect()
}

/// Every record at its full length, each followed by `end`.
fn padded(lines: &[Vec<u8>], end: &[u8]) -> Vec<u8> {
    let layouts = shipped();
    let layout = layouts.get("cpr-p12170").expect("shipped");
    let pad = |line: &Vec<u8>| {
        let kind = std::str::from_utf8(&line[..3]).expect("digits");
        let length = layout.tables[layout.record(kind).expect("known")].length;
        let mut record = line.clone();
        record.resize(length, b' ');
        record.extend_from_slice(end);
        record
    };
    lines.iter().flat_map(pad).collect()
}

fn joined(lines: &[Vec<u8>], end: &[u8]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line, end].concat()).collect()
}

#[test]
fn every_shape_and_chunk_gives_the_same_records() {
    let lines = lines();
    let (rows, faults, summary) = read_register("cpr-p12170", &joined(&lines, b"\n"), 0).expect("read");
    assert_eq!(
        (summary.tally.rows_read(), faults.len(), summary.tally.records.contains_key("999")),
        (lines.len() as u64, 0, true)
    );
    assert!(matches!(rows.first(), Some(RegisterRow::Start { produced: Some(_) })));
    for chunk in [64, 100, 2_048, 5_000, 1 << 20] {
        for (shape, is_stream) in [
            (joined(&lines, b"\n"), false),
            (joined(&lines, b"\r\n"), false),
            (joined(&lines, b"\n").trim_ascii_end().to_vec(), false),
            (padded(&lines, b"\n"), false),
            (padded(&lines, b"\r\n"), false),
            (padded(&lines, b""), true),
            ([padded(&lines, b""), b"\n".to_vec()].concat(), true),
        ] {
            let (seen, faults, other) = read_register("cpr-p12170", &shape, chunk).expect("read");
            assert!(seen == rows && faults.is_empty(), "{chunk} {}", other.detected);
            assert_eq!(other.tally, summary.tally);
            assert_eq!(other.detected.contains("uden linjeskift"), is_stream);
        }
    }
}

#[test]
fn faults_of_records_have_their_place() {
    let mut lines = lines();
    // A status that does not exist, a number that is none, a date that is none, a record too long.
    let kind =
        |lines: &[Vec<u8>], code: &str| lines.iter().position(|line| line.starts_with(code.as_bytes())).expect("there");
    let (person, address, civil, name) =
        (kind(&lines, "001"), kind(&lines, "002"), kind(&lines, "012"), kind(&lines, "008"));
    lines[person][23..25].copy_from_slice(b"99");
    lines[address][69..77].copy_from_slice(b"20143199");
    lines[civil][3..13].copy_from_slice(b"3102990000");
    let expected = |starts: &dyn Fn(usize) -> u64| {
        let mut faults = vec![
            ("kode-ukendt", person as u64 + 1, starts(person), Some("status")),
            ("dato-ulaeselig", address as u64 + 1, starts(address), Some("fra")),
            ("cpr-ugyldigt", civil as u64 + 1, starts(civil), Some("cpr")),
        ];
        faults.sort_by_key(|fault| fault.1);
        faults
    };
    for end in [&b"\n"[..], b"\r\n"] {
        let bytes = joined(&lines, end);
        let (_, faults, _) = read_register("cpr-p12170", &bytes, 64).expect("read");
        let seen: Vec<_> =
            faults.iter().map(|fault| (fault.code.code(), fault.line, fault.byte, fault.column.as_deref())).collect();
        let starts = |at: usize| joined(&lines[..at], end).len() as u64;
        assert_eq!(seen, expected(&starts));
        for fault in &faults {
            let start = usize::try_from(fault.byte).expect("small");
            assert!(bytes[start..].starts_with(&lines[usize::try_from(fault.line).expect("small") - 1]));
        }
    }
    let (_, faults, _) = read_register("cpr-p12170", &padded(&lines, b""), 0).expect("read");
    let seen: Vec<_> =
        faults.iter().map(|fault| (fault.code.code(), fault.line, fault.byte, fault.column.as_deref())).collect();
    assert_eq!(seen, expected(&|at| padded(&lines[..at], b"").len() as u64), "without lines the record's number");
    lines[name].resize(400, b'x');
    let (_, faults, _) = read_register("cpr-p12170", &joined(&lines, b"\n"), 0).expect("read");
    assert!(faults.iter().any(|fault| (fault.code.code(), fault.line) == ("for-lang", name as u64 + 1)));
}

#[test]
fn other_records_are_counted_and_wrong_files_told() {
    let mut records = lines();
    records.insert(1, b"0310101010000 something private".to_vec());
    let (_, _, summary) = read_register("cpr-p12170", &joined(&records, b"\n"), 0).expect("read");
    assert_eq!(summary.tally.records.get("ukendt"), Some(&1));
    assert_eq!(
        summary.tally.rows_sorted_out,
        read_register("cpr-p12170", &joined(&lines(), b"\n"), 0).expect("read").2.tally.rows_sorted_out + 1
    );
    let refused = |bytes: &[u8]| read_register("cpr-p12170", bytes, 0).expect_err("refused").to_string();
    let stream = [padded(&lines()[..1], b""), b"031 unknown length".to_vec(), padded(&lines()[1..], b"")].concat();
    assert!(refused(&stream).contains("posttype, som layoutet `cpr-p12170` ikke kender"));
    assert!(refused(&padded(&lines(), b"")[..500]).contains("skåret over"));
    assert!(refused(b"CPR;Status\n0101010000;01\n").contains("passer ikke til layoutet"));
    assert!(refused(b"").contains("er tom"));
}

fn table(kind: Kind, text: &str) -> Vec<RegisterRow> {
    let layouts = shipped();
    let tables = &layouts.get("cpr-csv").expect("shipped").tables;
    assert!(tables.iter().any(|table| table.kind == kind));
    let (rows, faults, _) = read_register("cpr-csv", text.as_bytes(), 0).expect("read");
    assert_eq!(faults, []);
    rows
}

#[test]
fn neutral_tables_take_any_form_of_number_and_date() {
    let persons =
        "CPR;Gældende CPR;Status;Statusdato;Køn;Fødselsdato;Civilstand;Ægtefælle CPR;Beskyttelse;Fornavn;Efternavn\n";
    let forms = [
        "0203040506;;01;2014-02-01;K;1904-03-02;U;;;;",
        "020304-0506;0000000000;1;01-02-2014;k;02.03.1904;U;;;;",
        " 0203040506 ;000000-0000;01;20140201;K;19040302;U;;;;",
        "'0203040506;;01;201402010000;K;1904-03-02;U;;;;",
        "0203040506;;01;41671;K;1904-03-02;U;;;;",
    ];
    let rows = table(Kind::Persons, &(persons.to_owned() + &forms.join("\n") + "\n"));
    let of_person: Vec<&RegisterRow> = rows.iter().filter(|row| matches!(row, RegisterRow::Person { .. })).collect();
    assert_eq!((of_person.len(), rows.len()), (5, 10), "a civil status with each");
    assert!(of_person.iter().all(|row| *row == of_person[0]), "{of_person:?}");

    let addresses = "CPR;Kommunekode;Vejkode;Husnr;Etage;Side/dør;Bygningsnr;Fra;Til\n";
    let forms = [
        "0203040506;0899;0170;016A;01;tv;;2014-02-01;2015-01-31",
        "0203040506;899;170;16a;1;TV;;01-02-2014;31.01.2015",
    ];
    let rows = table(Kind::AddressHistory, &(addresses.to_owned() + &forms.join("\n")));
    assert_eq!(rows[0], rows[1]);
    let partly = table(Kind::AddressHistory, &format!("{addresses}0203040506;899;170;16;;;;201400000000;\n"));
    let RegisterRow::Address { from: Some(from), to: None, .. } = &partly[0] else { panic!("{partly:?}") };
    assert_eq!((from.date, from.precision), (Date::parse_iso("2014-01-01").expect("a day"), Precision::Year));

    let holder = Cpr::parse(b"0405060708").expect("a date");
    let custody = table(Kind::Custody, "CPR;Type;Indehaver CPR;Fra;Til\n0203040506;0005;040506-0708;2014-02-01;\n");
    assert!(matches!(custody[0], RegisterRow::Custody { holder: Some(person), .. } if person == holder));
}

#[test]
fn a_register_repairs_no_number_of_its_own() {
    let text = "CPR;Mor CPR;Far CPR\n203040506;;\n0203040506;304050607;\n0203040506;6203040506;\n;0304050607;\n";
    let (rows, faults, _) = read_register("cpr-csv", text.as_bytes(), 0).expect("read");
    let seen: Vec<_> = faults.iter().map(|fault| (fault.code.code(), fault.line, fault.column.as_deref())).collect();
    let wrong = "cpr-ugyldigt";
    let expected = [
        (wrong, 2, Some("CPR")),
        (wrong, 3, Some("Mor CPR")),
        (wrong, 4, Some("Mor CPR")),
        ("felt-mangler", 5, Some("CPR")),
    ];
    assert_eq!((rows.len(), seen), (0, expected.to_vec()));
}
