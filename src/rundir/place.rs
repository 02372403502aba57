//! Where a run goes: the target, and the names beside it that exist only while a run is under way.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};

use crate::base::{Error, ErrorKind, Result};

/// The statement of a run; a directory without it is no run of samkor.
pub const STATEMENT: &str = "bevis/koersel.json";

/// The target and its neighbours.
#[derive(Clone, Debug)]
pub struct Place {
    /// The run directory.
    pub target: PathBuf,
    /// The directory that it lies in.
    pub parent: PathBuf,
    /// The new run while it is written; after the exchange, the old one until it is removed.
    pub staging: PathBuf,
    /// The old run while it is moved aside, on file systems that cannot exchange names.
    pub aside: PathBuf,
    /// The file that says that a run is under way.
    pub marker: PathBuf,
}

impl Place {
    pub fn of(target: &Path) -> Result<Self> {
        let name = target.file_name().ok_or_else(|| {
            Error::new(ErrorKind::Plan, format!("{} kan ikke være en resultatmappe", target.display()))
                .hint("Angiv en mappe med et navn, for eksempel ud.")
        })?;
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        if !parent.is_dir() {
            return Err(Error::new(
                ErrorKind::Output,
                format!("Mappen {}, som resultaterne skal ligge i, findes ikke", parent.display()),
            )
            .hint("Opret mappen, eller ret ud i samkor.toml eller --out."));
        }
        let beside = |ending: &str| {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(ending);
            parent.join(hidden)
        };
        Ok(Self {
            target: parent.join(name),
            parent: parent.to_owned(),
            staging: beside(".samkor-ny"),
            aside: beside(".samkor-gammel"),
            marker: beside(".samkor-igang"),
        })
    }

    /// Refuses a target that a run may not take. `standing` is where the earlier run lies.
    pub fn refuse_taken(&self, standing: &Path, replace: bool) -> Result<()> {
        let Ok(metadata) = standing.symlink_metadata() else { return Ok(()) };
        let taken = |reason: &str| Error::new(ErrorKind::TargetExists, format!("{} {reason}", self.target.display()));
        if !metadata.is_dir() {
            return Err(taken("findes og er ikke en mappe").hint("Vælg en anden resultatmappe med --out."));
        }
        let is_run = standing.join(STATEMENT).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        match (is_run, replace) {
            (true, true) => Ok(()),
            (true, false) => Err(taken("indeholder allerede en kørsel")
                .hint("Brug --replace for at erstatte den, eller vælg en anden mappe med --out.")),
            (false, _) => Err(taken(&format!("findes og er ikke en kørsel fra samkor ({STATEMENT} mangler)"))
                .hint("samkor erstatter kun sine egne kørsler, også med --replace. Flyt eller slet mappen selv, eller vælg en anden med --out.")),
        }
    }

    /// Refuses names beside the target that are taken although no run is marked: they may be the user's own.
    pub fn refuse_unmarked(&self) -> Result<()> {
        for path in [&self.staging, &self.aside] {
            if exists(path) {
                return Err(Error::new(
                    ErrorKind::TargetExists,
                    format!("{} findes, uden at en kørsel er i gang", path.display()),
                )
                .hint(
                    "samkor skal bruge navnet, mens den arbejder. Flyt eller slet mappen, hvis den ikke skal bruges.",
                ));
            }
        }
        Ok(())
    }
}

/// Whether something has this name, be it a link to nowhere.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Tells whether a run could be written to the target, as [`super::RunDirWriter::begin`] would, without changing anything.
///
/// # Errors
/// [`ErrorKind::TargetExists`] when the place is taken, [`ErrorKind::Output`] when it cannot be written to.
pub fn check_target(target: &Path, replace: bool) -> Result<()> {
    let place = Place::of(target)?;
    if !exists(&place.marker) {
        place.refuse_unmarked()?;
    }
    // What the next start would move back.
    let moved_aside = exists(&place.marker) && !exists(&place.target) && exists(&place.aside);
    place.refuse_taken(if moved_aside { &place.aside } else { &place.target }, replace)?;
    access(&place.parent, Access::WRITE_OK | Access::EXEC_OK).map_err(|errno| {
        Error::new(ErrorKind::Output, format!("Der må ikke skrives i mappen {}", place.parent.display()))
            .hint("Giv brugeren, der kører samkor, skriveret til mappen, eller vælg en anden mappe med --out.")
            .because(std::io::Error::from(errno))
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn kind(outcome: Result<()>) -> Option<ErrorKind> {
        outcome.err().map(|error| error.kind())
    }

    #[test]
    fn only_free_places_and_own_runs_pass() {
        let here = tempfile::tempdir().expect("a directory");
        let at = |name: &str| here.path().join(name);
        fs::create_dir_all(at("koersel/bevis")).expect("a run");
        fs::write(at("koersel").join(STATEMENT), "{}").expect("its statement");
        fs::create_dir(at("andet")).expect("something else");
        fs::write(at("fil"), "").expect("a file");
        symlink(at("koersel"), at("henvisning")).expect("a link");
        symlink(at("ingenting"), at("loes")).expect("a dangling link");
        let taken = Some(ErrorKind::TargetExists);
        for (name, without, with_replace) in [
            ("ny", None, None),
            ("koersel", taken, None),
            ("koersel/", taken, None),
            ("andet", taken, taken),
            ("fil", taken, taken),
            ("henvisning", taken, taken),
            ("loes", taken, taken),
            ("mangler/ud", Some(ErrorKind::Output), Some(ErrorKind::Output)),
            ("..", Some(ErrorKind::Plan), Some(ErrorKind::Plan)),
        ] {
            assert_eq!(kind(check_target(&at(name), false)), without, "{name}");
            assert_eq!(kind(check_target(&at(name), true)), with_replace, "{name} --replace");
        }
        let error = check_target(&at("koersel"), false).expect_err("taken");
        assert!(error.hints()[0].contains("--replace"));
    }

    #[test]
    fn names_beside_the_target_are_respected_unless_a_run_is_marked() {
        let here = tempfile::tempdir().expect("a directory");
        let (target, staging) = (here.path().join("ud"), here.path().join(".ud.samkor-ny"));
        fs::create_dir(&staging).expect("a directory of that name");
        assert_eq!(kind(check_target(&target, true)), Some(ErrorKind::TargetExists));
        fs::write(here.path().join(".ud.samkor-igang"), "begin\n").expect("a marker");
        assert_eq!(kind(check_target(&target, true)), None);
        fs::create_dir_all(here.path().join(".ud.samkor-gammel/bevis")).expect("an old run moved aside");
        fs::write(here.path().join(".ud.samkor-gammel").join(STATEMENT), "{}").expect("its statement");
        assert_eq!(kind(check_target(&target, false)), Some(ErrorKind::TargetExists));
    }
}
