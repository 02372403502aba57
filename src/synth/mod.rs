//! A made-up municipality in every source's own layout, with the truth beside it.
//!
//! What nobody may have real exports for is tested on a world whose truth is known. The truth is drawn first, and rows
//! are written from it; nothing here calls the ledger, linkage or families, so that their results can be held against it.
//! Every draw is counted from the seed and the thing it is for, so blocks of persons are made independently of each other:
//! the same bytes for any number of threads, and memory for a few blocks only.

pub mod address;
mod damage;
mod drawing;
mod extract;
mod facit;
pub mod families;
pub mod files;
mod names;
pub mod numbers;
mod payments;
pub mod people;
pub mod person;
mod plan;
mod proration;
pub mod random;
mod register;
mod rows;
pub mod services;
pub mod summary;
pub mod truth;
pub mod world;

use std::{io::Write, path::Path};

pub use self::{
    extract::Extract,
    summary::Summary,
    world::{Damage, World},
};
use self::{
    facit::Figures,
    files::{File, Pages, Tables},
    rows::DELIMITER,
    summary::Gathering,
};
use crate::{
    base::{Error, ErrorKind, Event, FileWriter, Files, Observer, Pool, Result, files::refusal},
    pseudonym::demo_key,
};

/// Writes a world into a directory that is new or empty.
///
/// # Errors
/// When the world is impossible, the directory holds something, or a file cannot be written.
pub fn generate(
    world: &World,
    directory: &Path,
    pool: &Pool,
    files: &Files,
    observer: &dyn Observer,
) -> Result<Summary> {
    write(world, None, directory, pool, files, observer)
}

/// Writes a world of services for the persons of an extract, which is copied into it. The world has as many persons.
///
/// # Errors
/// When the extract cannot be read or holds nobody, and as [`generate`].
pub fn generate_around(
    world: &World,
    register: &Path,
    directory: &Path,
    pool: &Pool,
    files: &Files,
    observer: &dyn Observer,
) -> Result<Summary> {
    let extract = Extract::read(register, pool, observer)?;
    if extract.is_empty() {
        return Err(Error::new(ErrorKind::Input, format!("{} rummer ingen personer", register.display()))
            .hint("Udtrækket skal være i CPR-kontorets format P12170."));
    }
    let world = World { persons: extract.len(), ..*world };
    write(&world, Some((&extract, register)), directory, pool, files, observer)
}

fn write(
    world: &World,
    register: Option<(&Extract, &Path)>,
    directory: &Path,
    pool: &Pool,
    files: &Files,
    observer: &dyn Observer,
) -> Result<Summary> {
    world.check()?;
    prepare(directory, files)?;
    let tables = Tables::shipped()?;
    let mut writers = Writers::open(world, register.is_none(), directory, files, &tables)?;
    let mut gathering = Gathering::default();
    observer.event(Event::Stage { name: "Prøvekommune", total: Some(world.persons.into()) });
    let mut next = 0;
    pool.ordered(
        || {
            let block = next;
            next += 1;
            Ok((block < world.blocks()).then_some(block))
        },
        |block| make(world, register.map(|(extract, _)| extract), block, &tables),
        |made: Result<(Pages, Figures)>| {
            let (pages, figures) = made?;
            observer.event(Event::Progress { done: figures.persons });
            gathering.add(figures);
            writers.add(&pages)
        },
    )?;
    observer.event(Event::StageDone);
    let (shared, mut summary) = gathering.finish();
    summary.rows = writers.rows();
    summary.damaged = writers.lines[File::Damages as usize];
    let mut last = Pages::default();
    for (household, ore) in shared.into_iter().filter(|(_, ore)| *ore != 0) {
        facit::write_household(household, ore, last.line(File::Families));
    }
    if let Some((_, path)) = register {
        writers.copy(File::Register, path)?;
    } else {
        let records = writers.lines[File::Register as usize];
        last.bytes[File::Register as usize] = register::end(tables.records()?, records);
    }
    writers.add(&last)?;
    writers.finish()?;
    if world.plain {
        files.remove_file(&directory.join(File::PostingsAgain.path()))?;
    }
    let mut figures = "noegletal;vaerdi\r\n".to_owned();
    for (name, value) in summary.lines() {
        figures.push_str(&format!("{name};{value}\r\n"));
    }
    write_new(files, &directory.join("facit/noegletal.csv"), figures.as_bytes(), 0o644)?;
    write_new(files, &directory.join(plan::PRICES), &plan::prices(world, &tables)?, 0o644)?;
    if !world.plain {
        write_new(files, &directory.join(plan::INSTITUTIONS), &plan::institutions(world), 0o644)?;
    }
    write_new(files, &directory.join(plan::KEY), &demo_key(), 0o600)?;
    write_new(files, &directory.join("samkor.toml"), plan::plan(world).as_bytes(), 0o644)?;
    Ok(summary)
}

/// Makes a block, from nothing but its number.
fn make(world: &World, extract: Option<&Extract>, block: u32, tables: &Tables) -> Result<(Pages, Figures)> {
    let persons = extract.map_or_else(|| people::people(world, block), |extract| extract.people(world, block));
    let truth = truth::truth(world, block, &persons);
    let mut pages = Pages::default();
    if extract.is_none() {
        register::write(&persons, tables.records()?, &mut pages);
    }
    rows::write(world, block, &persons, &truth, tables, &mut pages)?;
    // Whose family somebody of an extract is of, nobody has drawn.
    let families = if extract.is_none() { families::memberships(world, block, &persons) } else { Vec::new() };
    let figures = facit::write(world, block, &persons, &families, &truth, &mut pages);
    Ok((pages, figures))
}

/// Makes the directories.
fn prepare(directory: &Path, files: &Files) -> Result<()> {
    let occupied = std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::new(ErrorKind::TargetExists, format!("{} er ikke tom", directory.display()))
            .hint("Vælg en ny mappe: samkor synth skriver aldrig oven i noget."));
    }
    for (folder, mode) in [("", 0o755), ("ind", 0o755), ("facit", 0o755), ("noegle", 0o700)] {
        let folder = directory.join(folder);
        if !folder.is_dir() {
            files.create_dir(&folder, mode)?;
        }
    }
    Ok(())
}

/// Writes a file that did not exist before.
fn write_new(files: &Files, path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let mut file = files.create_file(path, mode)?;
    file.write_all(bytes).and_then(|()| file.sync()).map_err(|error| refusal("skrive", path, error))
}

/// The open files of a world.
struct Writers<'a> {
    directory: &'a Path,
    files: Vec<FileWriter>,
    lines: [u64; File::COUNT],
}

impl<'a> Writers<'a> {
    fn open(world: &World, makes_register: bool, directory: &'a Path, files: &Files, tables: &Tables) -> Result<Self> {
        let mut open = Vec::with_capacity(File::COUNT);
        for file in File::ALL {
            open.push(files.create_file(&directory.join(file.path()), 0o644)?);
        }
        let mut writers = Self { directory, files: open, lines: [0; File::COUNT] };
        let mut first = Pages::default();
        for file in File::ALL {
            let out = &mut first.bytes[*file as usize];
            match (file.truth_headings(), file.layout()) {
                (Some(headings), _) => {
                    out.extend(headings.bytes());
                    out.extend(b"\r\n");
                }
                (None, Some(_)) if *file == File::Register && !makes_register => {}
                (None, Some(_)) if *file == File::Register => {
                    *out = register::start(tables.records()?, world.reference_date().plus(5));
                }
                (None, Some(layout)) => {
                    tables.of(layout)?.write_headings(&tables.columns(*file).further(), DELIMITER, out);
                }
                (None, None) => {}
            }
        }
        writers.add(&first)?;
        Ok(writers)
    }

    fn add(&mut self, pages: &Pages) -> Result<()> {
        let mut damages = Vec::new();
        for (file, line, kind, person) in &pages.damages {
            // The headings are line 1.
            let line = self.lines[*file as usize] + line + 1;
            damages.extend(format!("{};{line};{kind};{person}\r\n", file.path()).bytes());
        }
        let path = self.directory.join(File::Damages.path());
        let writer = &mut self.files[File::Damages as usize];
        writer.write_all(&damages).map_err(|error| refusal("skrive", &path, error))?;
        self.lines[File::Damages as usize] += pages.damages.len() as u64;
        for (index, file) in File::ALL.iter().enumerate() {
            self.lines[index] += pages.lines[index];
            let path = self.directory.join(file.path());
            self.files[index].write_all(&pages.bytes[index]).map_err(|error| refusal("skrive", &path, error))?;
        }
        Ok(())
    }

    /// Copies a file, a piece at a time.
    fn copy(&mut self, file: File, from: &Path) -> Result<()> {
        let path = self.directory.join(file.path());
        let copied =
            std::fs::File::open(from).and_then(|mut input| std::io::copy(&mut input, &mut self.files[file as usize]));
        copied.map(drop).map_err(|error| refusal("skrive", &path, error))
    }

    /// Rows of the exports of money and measures.
    fn rows(&self) -> u64 {
        let is_export = |file: &&File| file.layout().is_some() && **file != File::Register;
        File::ALL.iter().filter(is_export).map(|file| self.lines[*file as usize]).sum()
    }

    fn finish(self) -> Result<()> {
        for (file, writer) in File::ALL.iter().zip(self.files) {
            let path = self.directory.join(file.path());
            writer.sync().map_err(|error| refusal("skrive", &path, error))?;
        }
        Ok(())
    }
}
