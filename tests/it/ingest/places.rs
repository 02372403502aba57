//! Where faults are, and that neither chunks nor threads change anything.

use std::{fmt::Write as _, fs, io::Write as _};

use samkor::{
    base::{Digest, Pool, Silent},
    domain::{Ore, SourceId},
    ingest::{FileInput, Outcome, ReadOptions, Record, read_file},
};

use super::{KMD, Read, read_named, shipped};

/// Rows of all kinds, at fault or not. Each faulty row begins with `FEJL` or is marked in its first cell.
fn long_file(end: &str) -> String {
    let mut text = format!("\u{feff}Udtræk med titel{end}{end}{}", KMD.replace('\n', end));
    for row in 0..400 {
        match row % 8 {
            0 => write!(text, "0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31;{row},10{end}"),
            1 => write!(text, "0203040506;YD-KTH;\"To{end}linjer; og \"\"citat\"\"\";20150101;31.01.2015;{row}{end}"),
            2 => write!(text, "FEJL{row};YD-KTH;;2015-01-01;2015-01-31;{row},20{end}"),
            3 => write!(text, "{end}   {end};;;;;{end}"),
            4 => write!(text, "\"FEJL {row}{end}over to linjer\";YD-KTH;;2015-01-01;2015-01-31;1,00{end}"),
            5 => write!(text, "{end}{end}FEJL{row};for få{end}"),
            6 if row == 198 => write!(text, "FEJL;{};;;;7,00{end}", "x".repeat(70_000)),
            6 if row == 206 => write!(text, "FEJL;{};;;;{end}", "y".repeat(5_000)),
            6 => write!(text, "I alt;;;;;1,00{end}"),
            _ => write!(text, "0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31;1,00-{end}"),
        }
        .expect("a string grows");
    }
    text
}

fn in_chunks(text: &str, chunk_bytes: usize) -> Read {
    let options = ReadOptions { chunk_bytes, ..ReadOptions::default() };
    read_named("lang.csv", "kmd-ydelser", text.as_bytes(), options).expect("it is of its layout")
}

#[test]
fn faults_name_the_line_and_the_byte_at_which_their_row_begins() {
    for end in ["\n", "\r\n"] {
        let text = long_file(end);
        let seen = in_chunks(&text, 0);
        // 50 numbers that are none, 50 of them over two lines, 50 rows of two cells, and two that are too long.
        assert_eq!(seen.faults.len(), 152);
        for fault in &seen.faults {
            let byte = usize::try_from(fault.byte).expect("a small file");
            let row = text.get(byte..).expect("the byte begins a letter");
            assert!(row.starts_with("FEJL") || row.starts_with("\"FEJL"), "{end:?} {}: {:?}", fault.line, &row[..20]);
            assert!(text[..byte].ends_with('\n'), "{end:?}: the row begins its line");
            assert_eq!(fault.line, text[..byte].matches('\n').count() as u64 + 1, "{end:?}");
        }
        let places: Vec<u64> = seen.faults.iter().map(|fault| fault.byte).collect();
        assert!(places.is_sorted_by(|one, other| one < other), "in the order of the file, each once");
    }
}

#[test]
fn line_ends_change_neither_rows_nor_lines() {
    let (lf, crlf) = (in_chunks(&long_file("\n"), 0), in_chunks(&long_file("\r\n"), 0));
    assert_eq!((&lf.rows, lf.faults()), (&crlf.rows, crlf.faults()));
    assert_eq!((lf.summary.tally, lf.summary.detected), (crlf.summary.tally, crlf.summary.detected));
}

#[test]
fn chunks_of_any_size_give_the_same() {
    for end in ["\n", "\r\n"] {
        let text = long_file(end);
        let whole = in_chunks(&text, 1 << 20);
        assert_eq!((whole.rows.len(), whole.summary.tally.rows_sorted_out), (150, 48));
        assert_eq!(whole.summary.blake3, Digest::blake3(text.as_bytes()));
        for chunk in [1, 64, 65, 100, 333, 1_024, 65_536, 100_000] {
            let seen = in_chunks(&text, chunk);
            assert_eq!((&seen.rows, &seen.faults), (&whole.rows, &whole.faults), "{chunk}");
            assert_eq!((seen.summary.tally, seen.summary.blake3), (whole.summary.tally.clone(), whole.summary.blake3));
            assert_eq!((seen.summary.detected, seen.progress), (whole.summary.detected.clone(), whole.progress));
        }
        assert_eq!(whole.progress, (text.len() as u64, text.len() as u64));
    }
}

#[test]
fn read_is_used_and_sorted_out_and_set_aside() {
    let seen = in_chunks(&long_file("\n"), 100);
    let tally = &seen.summary.tally;
    assert_eq!(tally.rows_read(), tally.rows_used + tally.rows_sorted_out + tally.rows_set_aside);
    assert_eq!((tally.rows_used, tally.rows_set_aside), (seen.rows.len() as u64, seen.faults.len() as u64));
    // Rows 0, 8 … 392 with ten øre each, rows 1, 9 … 393, and fifty credits of one krone.
    let used = 100 * (0..400).filter(|row| row % 8 < 2).sum::<i64>() + 50 * 10 - 50 * 100;
    assert_eq!((tally.ore_used, Ore::sum(seen.rows.iter().map(|row| row.amount))), (Ore(used), Ok(Ore(used))));
    let set_aside = 100 * (0..400).filter(|row| row % 8 == 2).sum::<i64>() + 50 * 20 + 50 * 100;
    assert_eq!(tally.ore_set_aside, Ore(set_aside));
    assert_eq!(tally.unreadable_amounts, 52, "two cells, or too long");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("vokser.csv");
    let row = "0203040506;YD-KTH;Kontanthjælp;2015-01-01;2015-01-31;1\n";
    fs::write(&path, format!("{KMD}{row}{row}")).expect("written");
    let layouts = shipped();
    let layout = layouts.get("kmd-ydelser").expect("shipped");
    let options = ReadOptions::default();
    let input =
        FileInput { path: &path, name: "vokser.csv", source: SourceId(0), file: 0, layout, layouts: &layouts, options };
    let pool = Pool::new(1).expect("a thread");
    let grow = |_: &Record<'_>, _: Ore| {
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(row.as_bytes()))
            .expect("written");
        Ok(Outcome::Row(()))
    };
    let error = read_file(input, &pool, &Silent, grow, |_| Ok(()), &mut Vec::new()).expect_err("refused");
    assert_eq!(error.to_string(), "vokser.csv ændrede sig, mens den blev læst");
    let still = |_: &Record<'_>, _: Ore| Ok(Outcome::Row(()));
    assert!(
        read_file(input, &pool, &Silent, still, |_| Ok(()), &mut Vec::new()).is_ok(),
        "the next time it stands still"
    );
}
