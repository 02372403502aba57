//! How fast an export is read, beside a peer that only splits it.
//!
//! `cargo bench --bench reading [FILE LAYOUT]` reads a file of money with one of the shipped layouts (200 MB of made-up
//! postings unless told otherwise) by one worker and by two, and lets the csv crate split the same bytes into cells in the
//! same rounds, by one thread and from memory. Printed are the medians of five rounds in MB a second and samkor's share of
//! the peer's speed. samkor's part is all of `ingest`: bytes from the file, BLAKE3, records, cells, dates, amounts, numbers,
//! services, sums and faults.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock and at its arguments")]

use std::{fs, hint::black_box, io::Write as _, path::Path, time::Instant};

use samkor::{
    base::{Pool, Silent},
    catalogue::Catalogue,
    domain::{Ore, SourceId},
    ingest::{
        Collect, FileInput, KnownCells, MoneyReader, Outcome, ReadOptions, Record, Reject, collect_file, rows::MoneyRow,
    },
    layout::{Layout, Layouts},
};

const ROUNDS: usize = 5;
const MADE_UP_BYTES: usize = 200_000_000;

/// Counts the rows and keeps none of them, so that no memory but the reader's is measured.
struct Counted<'a>(MoneyReader<'a>);

#[derive(Default)]
struct Rows {
    known: KnownCells,
    count: u64,
}

impl Collect for Counted<'_> {
    type Chunk = Rows;

    fn add(&self, rows: &mut Rows, record: &Record<'_>, face: Ore) -> Result<Outcome<()>, Reject> {
        Ok(match self.0.read_knowing(&mut rows.known, record, face)? {
            Outcome::Row(row) => {
                black_box::<MoneyRow>(row);
                rows.count += 1;
                Outcome::Row(())
            }
            Outcome::SortedOut => Outcome::SortedOut,
        })
    }
}

/// Postings with all that the layout of KMD Opus has: several accounts in their three spellings, days, credits.
fn write_postings(path: &Path) {
    let mut text = "Ydelsesmodtagernr.;Ydelsesmodtagernr.kode;Konto;Funktion;Dranst;Gruppering;Regnskabsår;Artskonto;\
                    Bogføringsdato;Bilagsnummer;Linje;Art;Betalingsmodtagernr.;Debet/kredit;Beløb;Ydelsesperiode fra;\
                    Ydelsesperiode til;TilbF-Ref.;Tekst;Betalingsmodtagernr.kode\n"
        .as_bytes()
        .to_vec();
    let mut row = 0_u64;
    while text.len() < MADE_UP_BYTES {
        row += 1;
        let person = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let (day, month, serial) = (person % 28 + 1, person / 28 % 12 + 1, person / 336 % 4000);
        let account = match row % 3 {
            0 => "528211003;;;",
            1 => ";5.28.21;1;003",
            _ => ";05.57.72;1;001",
        };
        let (mark, month_paid) = (if row.is_multiple_of(20) { "Kredit" } else { "Debet" }, row % 12 + 1);
        writeln!(
            text,
            "{day:02}{month:02}71{serial:04};02;{account};2024;40000000;28.{month_paid:02}.2024;{};1;;;{mark};{},{:02};\
             01.{month_paid:02}.2024;27.{month_paid:02}.2024;;Støtte i hjemmet;",
            10_000_000_000_000 + row,
            row % 40_000,
            row % 100,
        )
        .expect("memory takes bytes");
    }
    fs::write(path, text).expect("the made-up postings are written");
}

/// Rows that samkor reads with so many workers.
fn read(path: &Path, layout: &Layout, layouts: &Layouts, catalogue: &Catalogue, workers: usize) -> u64 {
    let pool = Pool::new(workers).expect("threads");
    let options = ReadOptions::default();
    let input = FileInput { path, name: "maaling", source: SourceId(0), file: 0, layout, layouts, options };
    let rows = Counted(MoneyReader { catalogue, system: layout.system });
    let mut count = 0;
    let take = |chunk: Rows| {
        count += chunk.count;
        Ok(())
    };
    collect_file(input, &pool, &Silent, &rows, take, &mut Vec::new()).expect("the file is of its layout");
    count
}

/// Cells that the csv crate finds.
fn split(bytes: &[u8]) -> u64 {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(bytes);
    let (mut row, mut cells) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut row).expect("memory reads") {
        cells += row.len() as u64;
    }
    cells
}

/// Seconds that something takes, with what it counted.
fn timed(work: impl FnOnce() -> u64) -> (f64, u64) {
    let begun = Instant::now();
    let count = black_box(work());
    (begun.elapsed().as_secs_f64(), count)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let directory = tempfile::tempdir().expect("a directory");
    let made_up = directory.path().join("opus.csv");
    let (path, layout) = if let [path, layout] = arguments.as_slice() {
        (Path::new(path), layout.as_str())
    } else {
        write_postings(&made_up);
        (made_up.as_path(), "opus-posteringer")
    };
    let layouts = Layouts::shipped().expect("the shipped layouts parse");
    let layout = layouts.get(layout).expect("a shipped layout");
    let catalogue = Catalogue::embedded().expect("the catalogue parses");
    let bytes = fs::read(path).expect("the file is read");

    let names = ["csv crate, split only", "samkor, one worker", "samkor, two workers"];
    let mut seconds = [const { Vec::new() }; 3];
    let mut counts = [0; 3];
    for _ in 0..ROUNDS {
        let once = [
            timed(|| split(&bytes)),
            timed(|| read(path, layout, &layouts, &catalogue, 1)),
            timed(|| read(path, layout, &layouts, &catalogue, 2)),
        ];
        for (place, (time, count)) in once.into_iter().enumerate() {
            seconds[place].push(time);
            counts[place] = count;
        }
    }
    assert_eq!(counts[1], counts[2], "as many rows for any number of workers");
    let medians = seconds.map(|mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    #[expect(clippy::cast_precision_loss, reason = "a size in MB needs no more")]
    let megabytes = bytes.len() as f64 / 1e6;
    println!("{megabytes:.0} MB, {} rows, {} cells", counts[1], counts[0]);
    for (name, median) in names.iter().zip(medians) {
        println!("{name:24}{:8.0} MB/s{:8.2} of the peer's speed", megabytes / median, medians[0] / median);
    }
}
