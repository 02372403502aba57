//! Which files the plan's sources are: paths and globs become sorted lists of files that exist.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    path::{Component, Path, PathBuf},
};

use glob::{MatchOptions, Pattern};

use super::{
    document::Placed,
    settings::{Plan, Source},
};
use crate::{
    base::{Error, ErrorKind, Result, error::nearest},
    domain::SourceId,
};

/// What the template of `samkor init` writes where only people can answer.
pub(super) const TO_BE_FILLED_IN: &str = "UDFYLD";

/// As a shell reads a glob: `*` stays within a directory and leaves out hidden files, such as the locks of an office suite.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The files of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFiles {
    /// The source.
    pub source: SourceId,
    /// Its files in sorted order, each once, at least one.
    pub files: Vec<PathBuf>,
}

impl Plan {
    /// Finds the files of every source, in the order of the plan.
    ///
    /// # Errors
    /// When the legal basis is still the template's, a pattern matches nothing, something is no file, one file belongs to
    /// two sources, or an input lies in the output directory (the next run would read the last one's results).
    pub fn resolve_inputs(&self) -> Result<Vec<SourceFiles>> {
        if self.legal_basis.value.contains(TO_BE_FILLED_IN) {
            return Err(Error::new(ErrorKind::Plan, "Retsgrundlaget er ikke udfyldt")
                .at(self.place(&self.legal_basis, "er skabelonens tekst"))
                .hint(
                    "Skriv den lov og paragraf, som samkøringen hviler på; spørg kommunens databeskyttelsesrådgiver.",
                ));
        }
        let output = real_path(self.output());
        let mut owners: BTreeMap<PathBuf, &Source> = BTreeMap::new();
        self.sources
            .iter()
            .map(|source| {
                let mut files = BTreeMap::new();
                for pattern in &source.patterns {
                    for file in self.expand(pattern)? {
                        let real = real_path(&file);
                        if real.starts_with(&output) {
                            let label = "filen ligger i mappen, som kørslen skriver i";
                            return Err(Error::new(
                                ErrorKind::Plan,
                                format!("{} er en af kørslens egne filer", file.display()),
                            )
                            .at(self.place(pattern, label))
                            .hint("Læg udtræk og resultater i hver sin mappe."));
                        }
                        if let Some(owner) = owners.get(&real).filter(|owner| owner.id != source.id) {
                            let label = format!("filen hører allerede til kilden {}", owner.name.value);
                            return Err(Error::new(
                                ErrorKind::Plan,
                                format!("{} er nævnt af to kilder", file.display()),
                            )
                            .at(self.place(pattern, label))
                            .hint("Lad hver fil høre til én kilde, ellers tælles dens kroner to gange."));
                        }
                        owners.insert(real.clone(), source);
                        files.entry(real).or_insert(file);
                    }
                }
                let mut files: Vec<PathBuf> = files.into_values().collect();
                files.sort();
                Ok(SourceFiles { source: source.id, files })
            })
            .collect()
    }

    /// Finds the plan's own layout files.
    ///
    /// # Errors
    /// When a pattern matches nothing or something is no file.
    pub fn resolve_layout_files(&self) -> Result<Vec<PathBuf>> {
        let found: Result<Vec<Vec<PathBuf>>> = self.layout_files.iter().map(|pattern| self.expand(pattern)).collect();
        let mut files: Vec<PathBuf> = found?.into_iter().flatten().collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// The files of one pattern, at least one.
    fn expand(&self, pattern: &Placed<String>) -> Result<Vec<PathBuf>> {
        let failure =
            |message: String, label: &str| Error::new(ErrorKind::Input, message).at(self.place(pattern, label));
        let path = self.base.join(&pattern.value);
        let files = if is_glob(&pattern.value) {
            let base = if Path::new(&pattern.value).is_absolute() { "" } else { &*self.base.to_string_lossy() };
            let base = Pattern::escape(base);
            let whole = Path::new(&base).join(&pattern.value);
            let whole = whole.to_string_lossy();
            let unreadable = |error: glob::PatternError| {
                Error::new(ErrorKind::Plan, "Mønsteret kan ikke læses")
                    .at(self.place(pattern, "er intet gyldigt mønster"))
                    .hint("* står for alle tegn, ? for ét, [ab] for a eller b og ** for undermapper.")
                    .because(error)
            };
            let found: Result<Vec<PathBuf>, (PathBuf, io::Error)> = if pattern.value.contains("**") {
                files_below(self.base.join(fixed_part(&pattern.value)), &Pattern::new(&whole).map_err(unreadable)?)
            } else {
                let found = glob::glob_with(&whole, MATCHING).map_err(unreadable)?;
                found.map(|entry| entry.map_err(|error| (error.path().to_owned(), error.into()))).collect()
            };
            let mut found = found.map_err(|(path, error)| {
                failure(format!("Mappen {} kan ikke læses", path.display()), "mønsteret fører derhen").because(error)
            })?;
            // `**` names directories too; a directory is no input, but no mistake either.
            found.retain(|file| !file.is_dir());
            found
        } else if path.symlink_metadata().is_ok() {
            vec![path.clone()]
        } else {
            Vec::new()
        };
        if files.is_empty() {
            let error = failure(format!("{} findes ikke", pattern.value), "passer ikke på nogen fil");
            let advice = "Stier er i forhold til planens mappe: læg filen der, eller ret linjen.";
            return Err(error.hint(near_miss(&path).unwrap_or_else(|| advice.to_owned())));
        }
        for file in &files {
            let kind = fs::metadata(file).map_err(|error| {
                failure(format!("{} kan ikke læses", file.display()), "fører til denne fil").because(error)
            })?;
            if !kind.is_file() {
                let error = failure(format!("{} er ikke en fil", file.display()), "er ikke en almindelig fil");
                return Err(if kind.is_dir() {
                    error.hint(format!("Skriv \"{}/*\" for alle filer i mappen.", pattern.value.trim_end_matches('/')))
                } else {
                    error
                });
            }
        }
        Ok(files)
    }
}

/// The directories of a pattern before its first sign.
fn fixed_part(pattern: &str) -> PathBuf {
    Path::new(pattern).components().take_while(|part| !is_glob(&part.as_os_str().to_string_lossy())).collect()
}

/// The files below a directory that a pattern with `**` fits. Directories that are links are not entered, as a shell
/// would not either: one that leads back upwards has no end.
fn files_below(start: PathBuf, pattern: &Pattern) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut waiting = vec![if start.as_os_str().is_empty() { PathBuf::from(".") } else { start }];
    let mut found = Vec::new();
    while let Some(directory) = waiting.pop() {
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(|error| (directory.clone(), error))?,
        };
        for entry in entries {
            let entry = entry.map_err(|error| (directory.clone(), error))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(|error| (directory.clone(), error))?);
            let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
            if kind.is_dir() && !entry.file_name().to_string_lossy().starts_with('.') {
                waiting.push(path);
            } else if !kind.is_dir() && pattern.matches_path_with(&path, MATCHING) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// What to try when a pattern matches nothing: the first directory that is missing, or a file of nearly that name.
fn near_miss(path: &Path) -> Option<String> {
    let directory = path.parent()?;
    if !is_glob(&directory.to_string_lossy()) && !exists(directory) {
        let mut missing = directory;
        while let Some(above) = missing.parent().filter(|above| !exists(above)) {
            missing = above;
        }
        let near = nearest_entry(missing).map(|near| format!("Mente du {}?", missing.with_file_name(near).display()));
        return Some(near.unwrap_or_else(|| format!("Mappen {} findes ikke.", missing.display())));
    }
    nearest_entry(path).map(|near| format!("Mente du {near}? (Store og små bogstaver er forskellige.)"))
}

fn exists(directory: &Path) -> bool {
    directory.as_os_str().is_empty() || directory.exists()
}

/// The name in the same directory that is nearest to the last part of a path or glob; capitals count for nothing here.
pub(super) fn nearest_entry(path: &Path) -> Option<String> {
    let wanted = path.file_name().and_then(OsStr::to_str)?.to_lowercase();
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let entries = fs::read_dir(directory).ok()?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    let lowered: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let near = if is_glob(&wanted) {
        let pattern = Pattern::new(&wanted).ok()?;
        let matching = lowered.iter().find(|name| pattern.matches_with(name, MATCHING));
        let plain = wanted.replace(['*', '?', '[', ']'], "");
        matching.or_else(|| lowered.iter().find(|name| nearest(&plain, [stem(name)]).is_some()))?
    } else {
        nearest(&wanted, lowered.iter().map(String::as_str))?
    };
    let index = lowered.iter().position(|name| name == near)?;
    Some(names.swap_remove(index))
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The path without links and dots, as far as it exists; what does not exist yet is taken as it is written.
fn real_path(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.map_or_else(|| Path::new(".").canonicalize().unwrap_or_default(), real_path);
    match path.components().next_back() {
        Some(Component::Normal(name)) => above.join(name),
        Some(Component::ParentDir) => above.parent().map(Path::to_owned).unwrap_or_default(),
        _ => above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Town(tempfile::TempDir);

    impl Town {
        fn with(files: &[&str]) -> Self {
            let town = Self(tempfile::tempdir().expect("a directory"));
            for file in files {
                let path = town.0.path().join(file);
                fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                fs::write(path, "x").expect("a file");
            }
            town
        }

        fn plan(&self, cpr: &str, other: &str) -> Plan {
            let text = format!(
                "projekt = \"a|b|c\"\nformaal = \"stotte\"\nretsgrundlag = \"lov\"\nslettefrist = \"2027-12-31\"\n\
                 noegle = \"n.key\"\nud = \"ud\"\n[periode]\nfra = \"2015-01-01\"\ntil = \"2015-06-30\"\n\
                 [[kilde]]\nnavn = \"cpr\"\nsystem = \"cpr\"\nlayout = \"l\"\nfil = {cpr}\n\
                 [[kilde]]\nnavn = \"kmd\"\nsystem = \"kmd\"\nlayout = \"l\"\nfil = {other}\n"
            );
            Plan::parse(&text, "samkor.toml", self.0.path()).expect("a plan")
        }

        fn names(&self, files: &SourceFiles) -> Vec<String> {
            let relative = |file: &PathBuf| file.strip_prefix(self.0.path()).expect("below").display().to_string();
            files.files.iter().map(relative).collect()
        }

        /// The error's kind, message, marked text and first hint.
        fn refused(&self, cpr: &str, other: &str) -> (ErrorKind, String, String, String) {
            let error = self.plan(cpr, other).resolve_inputs().expect_err("refused");
            let place = error.place().expect("a place");
            let hint = error.hints().first().cloned().unwrap_or_default();
            (error.kind(), error.to_string(), place.text[place.span.clone()].to_owned(), hint)
        }
    }

    #[test]
    fn globs_and_lists_become_sorted_files() {
        let town = Town::with(&["ind/cpr.txt", "ind/kmd-2.csv", "ind/kmd-10.csv", "ind/.kmd.csv", "ind/under/kmd.csv"]);
        let found =
            town.plan("\"ind/cpr.txt\"", "[\"ind/kmd-2.csv\", \"ind/kmd*.csv\"]").resolve_inputs().expect("files");
        assert_eq!(found.iter().map(|files| files.source).collect::<Vec<_>>(), [SourceId(0), SourceId(1)]);
        assert_eq!(town.names(&found[1]), ["ind/kmd-10.csv", "ind/kmd-2.csv"]);
        let found = town.plan("\"ind/cpr.txt\"", "\"ind/*.csv\"").resolve_inputs().expect("files");
        assert_eq!(town.names(&found[1]), ["ind/kmd-10.csv", "ind/kmd-2.csv"], "neither hidden nor further down");
        let found = town.plan("\"ind/cpr.txt\"", "\"ind/**/kmd*\"").resolve_inputs().expect("files");
        assert_eq!(town.names(&found[1]), ["ind/kmd-10.csv", "ind/kmd-2.csv", "ind/under/kmd.csv"]);
        let absolute = format!("{:?}", town.0.path().join("ind/k*-2.csv").display().to_string());
        let found = town.plan("\"ind/cpr.txt\"", &absolute).resolve_inputs().expect("files");
        assert_eq!(town.names(&found[1]), ["ind/kmd-2.csv"]);
    }

    #[test]
    fn a_directory_with_glob_letters_in_its_name_is_taken_literally() {
        let town = Town::with(&["by [1]/ind/cpr.txt", "by [1]/ind/kmd.csv"]);
        let mut plan = town.plan("\"ind/c*\"", "\"ind/k*\"");
        plan.base = town.0.path().join("by [1]");
        assert_eq!(plan.resolve_inputs().expect("files").len(), 2);
    }

    #[test]
    fn a_pattern_that_matches_nothing_names_the_nearest_file() {
        let town = Town::with(&["ind/cpr.txt", "ind/KMD-2015.csv"]);
        let (kind, message, marked, hint) = town.refused("\"ind/cpr.txt\"", "\"ind/kmd-2051.csv\"");
        assert_eq!((kind, message.as_str()), (ErrorKind::Input, "ind/kmd-2051.csv findes ikke"));
        assert_eq!(marked, "\"ind/kmd-2051.csv\"");
        assert!(hint.contains("Mente du KMD-2015.csv?"), "{hint}");
        let (_, _, _, hint) = town.refused("\"ind/cpr.txt\"", "\"ind/kmd*.csv\"");
        assert!(hint.contains("Mente du KMD-2015.csv?"), "{hint}");
        let (_, _, _, hint) = town.refused("\"ind/cpr.txt\"", "\"ibd/KMD-2015.csv\"");
        assert!(hint.contains("Mente du") && hint.contains("/ind?"), "{hint}");
        let (_, _, _, hint) = town.refused("\"ind/cpr.txt\"", "\"helt/andet/sted.csv\"");
        assert!(hint.contains("/helt findes ikke"), "{hint}");
        let (_, _, _, hint) = town.refused("\"ind/cpr.txt\"", "\"ind/sensum.csv\"");
        assert!(hint.starts_with("Stier er i forhold"), "{hint}");
    }

    #[test]
    fn a_file_belongs_to_one_source() {
        let town = Town::with(&["ind/cpr.txt", "ind/kmd.csv"]);
        let (kind, message, marked, _) = town.refused("\"ind/*\"", "\"ind/../ind/kmd.csv\"");
        assert!(kind == ErrorKind::Plan && message.contains("to kilder") && marked.contains("../ind"), "{message}");
        std::os::unix::fs::symlink(town.0.path().join("ind/cpr.txt"), town.0.path().join("ind/lig.csv"))
            .expect("a link");
        let (_, message, ..) = town.refused("\"ind/cpr.txt\"", "\"ind/lig.csv\"");
        assert!(message.contains("to kilder"), "{message}");
    }

    #[test]
    fn results_are_no_inputs() {
        let town = Town::with(&["ud/cpr.txt", "kmd.csv"]);
        let (kind, message, ..) = town.refused("\"ud/cpr.txt\"", "\"kmd.csv\"");
        assert!(kind == ErrorKind::Plan && message.contains("egne filer"), "{message}");
        let mut plan = town.plan("\"ud/cpr.txt\"", "\"kmd.csv\"");
        plan.write_to(town.0.path().join("andet/ud"));
        assert!(plan.resolve_inputs().is_ok());
        plan.write_to(town.0.path().join("ud/../ny/.."));
        assert!(plan.resolve_inputs().is_err(), "the output is the plan's own directory");
    }

    #[test]
    fn a_directory_is_no_input() {
        let town = Town::with(&["ind/cpr.txt", "mappe/kmd.csv"]);
        let (kind, message, _, hint) = town.refused("\"ind/cpr.txt\"", "\"mappe/\"");
        assert_eq!((kind, message.ends_with("er ikke en fil")), (ErrorKind::Input, true));
        assert_eq!(hint, "Skriv \"mappe/*\" for alle filer i mappen.");
        let (_, message, ..) = town.refused("\"ind/cpr.txt\"", "\"mapp*\"");
        assert!(message.contains("findes ikke"), "a glob leaves directories out: {message}");
        std::os::unix::fs::symlink("ingen", town.0.path().join("ind/brudt.csv")).expect("a link");
        let (kind, message, ..) = town.refused("\"ind/cpr.txt\"", "\"ind/brudt.csv\"");
        assert!(kind == ErrorKind::Input && message.contains("kan ikke læses"), "{message}");
        let (_, _, marked, _) = town.refused("\"ind/cpr.txt\"", "\"ind/[\"");
        assert_eq!(marked, "\"ind/[\"");
    }

    #[test]
    fn layout_files_are_found() {
        let town = Town::with(&["ind/cpr.txt", "kmd.csv", "egne/b.toml", "egne/a.toml"]);
        let mut plan = town.plan("\"ind/cpr.txt\"", "\"kmd.csv\"");
        assert_eq!(plan.resolve_layout_files().expect("none named"), Vec::<PathBuf>::new());
        plan.layout_files = vec![Placed { value: "egne/*.toml".to_owned(), span: 0..1 }];
        let files = plan.resolve_layout_files().expect("two files");
        assert_eq!(files, [town.0.path().join("egne/a.toml"), town.0.path().join("egne/b.toml")]);
    }
}
