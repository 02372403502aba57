//! The files of a world while it is written: they grow block by block.

use std::{io::Write, path::Path};

use super::{
    files::{File, Pages, Tables},
    register,
    rows::DELIMITER,
    workbook,
    world::World,
};
use crate::base::{FileWriter, Files, Result, files::refusal};

/// The open files of a world.
pub struct Writers<'a> {
    directory: &'a Path,
    /// By file; none for those that such a world does not have.
    files: Vec<Option<FileWriter>>,
    lines: [u64; File::COUNT],
    /// The supplements' rows in a full world, which has them as a workbook too: they are few.
    supplements: Option<Vec<u8>>,
}

impl<'a> Writers<'a> {
    /// Opens the files and writes their headings.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn open(
        world: &World,
        makes_register: bool,
        directory: &'a Path,
        files: &Files,
        tables: &Tables,
    ) -> Result<Self> {
        let mut open = Vec::with_capacity(File::COUNT);
        for file in File::ALL {
            let is_written = file.is_written(world);
            open.push(is_written.then(|| files.create_file(&directory.join(file.path()), 0o644)).transpose()?);
        }
        let supplements = (!world.plain).then(Vec::new);
        let mut writers = Self { directory, files: open, lines: [0; File::COUNT], supplements };
        let mut first = Pages::default();
        for file in File::ALL.iter().filter(|file| file.is_written(world)) {
            let out = &mut first.bytes[*file as usize];
            match (file.truth_headings(), tables.of_file(*file)?) {
                (Some(headings), _) => {
                    out.extend(headings.bytes());
                    out.extend(b"\r\n");
                }
                (None, Some(_)) if *file == File::Register && !makes_register => {}
                (None, Some(_)) if *file == File::Register => {
                    *out = register::start(tables.records()?, world.reference_date().plus(5));
                }
                (None, Some(table)) => {
                    table.write_headings(&tables.columns(*file).further(), DELIMITER, out);
                }
                (None, None) => {}
            }
        }
        writers.add(&first)?;
        Ok(writers)
    }

    /// Adds what a block wrote.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn add(&mut self, pages: &Pages) -> Result<()> {
        let mut damages = Vec::new();
        for (file, line, kind, person) in &pages.damages {
            // The headings are line 1.
            let line = self.lines[*file as usize] + line + 1;
            damages.extend(format!("{};{line};{kind};{person}\r\n", file.path()).bytes());
        }
        self.write(File::Damages, &damages)?;
        self.lines[File::Damages as usize] += pages.damages.len() as u64;
        for file in File::ALL {
            self.lines[*file as usize] += pages.lines[*file as usize];
            self.write(*file, &pages.bytes[*file as usize])?;
        }
        if let Some(supplements) = &mut self.supplements {
            supplements.extend(&pages.bytes[File::Supplements as usize]);
        }
        Ok(())
    }

    fn write(&mut self, file: File, bytes: &[u8]) -> Result<()> {
        let Some(writer) = &mut self.files[file as usize] else { return Ok(()) };
        let path = self.directory.join(file.path());
        writer.write_all(bytes).map_err(|error| refusal("skrive", &path, error))
    }

    /// Lines of a file, headings left out.
    #[must_use]
    pub const fn lines(&self, file: File) -> u64 {
        self.lines[file as usize]
    }

    /// Copies a file, a piece at a time.
    ///
    /// # Errors
    /// When one cannot be read or the other not written.
    pub fn copy(&mut self, file: File, from: &Path) -> Result<()> {
        let Some(writer) = &mut self.files[file as usize] else { return Ok(()) };
        let path = self.directory.join(file.path());
        let copied = std::fs::File::open(from).and_then(|mut input| std::io::copy(&mut input, writer));
        copied.map(drop).map_err(|error| refusal("skrive", &path, error))
    }

    /// Rows of the exports of money and measures.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let is_export = |file: &&File| file.layout().is_some() && !file.is_register();
        File::ALL.iter().filter(is_export).map(|file| self.lines[*file as usize]).sum()
    }

    /// Ends the files. Gives the workbook of a full world.
    ///
    /// # Errors
    /// When a file cannot be brought to the disk.
    pub fn finish(self) -> Result<Option<Vec<u8>>> {
        for (file, writer) in File::ALL.iter().zip(self.files) {
            let Some(writer) = writer else { continue };
            let path = self.directory.join(file.path());
            writer.sync().map_err(|error| refusal("skrive", &path, error))?;
        }
        self.supplements.map(|rows| workbook::of(&rows, DELIMITER)).transpose()
    }
}
