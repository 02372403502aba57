//! Every form in which the issue lets files arrive, read through the shipped layouts.

mod exports;
mod forms;
mod known_cells;
mod places;
mod register;
mod shapes;
mod workbooks;

use std::{path::Path, sync::Mutex};

use samkor::{
    base::{Error, Event, Fault, Observer, Pool},
    catalogue::Catalogue,
    domain::SourceId,
    ingest::{FileInput, FileSummary, MoneyReader, ReadOptions, read_file, rows::MoneyRow},
    layout::{Layout, Layouts},
};

/// What a file became.
#[derive(Debug)]
struct Read {
    rows: Vec<MoneyRow>,
    faults: Vec<Fault>,
    summary: FileSummary,
    /// Total of the stage, and what its progress added up to.
    progress: (u64, u64),
}

impl Read {
    /// Code, line and column of each fault.
    fn faults(&self) -> Vec<(&str, u64, Option<&str>)> {
        self.faults.iter().map(|fault| (fault.code.code(), fault.line, fault.column.as_deref())).collect()
    }

    fn codes(&self) -> Vec<&str> {
        self.faults.iter().map(|fault| fault.code.code()).collect()
    }
}

#[derive(Default)]
struct Progress(Mutex<(u64, u64)>);

impl Observer for Progress {
    fn event(&self, event: Event<'_>) {
        let mut seen = self.0.lock().expect("nobody panics in between");
        match event {
            Event::Stage { total, .. } => seen.0 += total.unwrap_or_default(),
            Event::Progress { done } => seen.1 += done,
            _ => {}
        }
    }
}

fn shipped() -> Layouts {
    Layouts::shipped().expect("the shipped layouts parse")
}

/// Reads a file of money rows with one of these layouts.
fn read_at(path: &Path, layout: &Layout, layouts: &Layouts, options: ReadOptions) -> Result<Read, Error> {
    let pool = Pool::new(2).expect("threads");
    let catalogue = Catalogue::embedded().expect("the catalogue parses");
    let money = MoneyReader { catalogue: &catalogue, system: layout.system };
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    let input = FileInput { path, name: &name, source: SourceId(0), file: 0, layout, layouts, options };
    let (mut rows, mut faults, observer) = (Vec::new(), Vec::new(), Progress::default());
    let take = |mut new: Vec<MoneyRow>| {
        rows.append(&mut new);
        Ok(())
    };
    let convert = |record: &samkor::ingest::Record<'_>, amount| money.read(record, amount);
    let summary = read_file(input, &pool, &observer, convert, take, &mut faults)?;
    let progress = observer.0.into_inner().expect("nobody panics in between");
    Ok(Read { rows, faults, summary, progress })
}

/// Reads bytes as a file of this name with the shipped layout of that name.
fn read_named(file: &str, layout: &str, bytes: &[u8], options: ReadOptions) -> Result<Read, Error> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(file);
    std::fs::write(&path, bytes).expect("written");
    let layouts = shipped();
    let layout = layouts.get(layout).expect("shipped");
    read_at(&path, layout, &layouts, options)
}

/// Reads bytes that can be read.
fn read(layout: &str, bytes: impl AsRef<[u8]>) -> Read {
    read_named("eksport.csv", layout, bytes.as_ref(), ReadOptions::default()).expect("the file is of its layout")
}

/// The same text in Windows-1252.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|symbol| u8::try_from(u32::from(symbol)).expect("a letter of Latin-1")).collect()
}

const KMD: &str = "CPR;Ydelseskode;Ydelse;Periode fra;Periode til;Beløb\n";

/// A row of benefits with this number, dates and amount.
fn benefit(cpr: &str, from: &str, to: &str, amount: &str) -> String {
    format!("{cpr};YD-KTH;Kontanthjælp;{from};{to};{amount}\n")
}
