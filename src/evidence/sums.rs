//! Digest files in the formats of `sha256sum -c` and `b3sum -c`, with paths relative to the run directory.

use super::OutputFile;
use crate::base::{Digest, Error, ErrorKind, Result};

/// Name of the SHA-256 file inside `bevis/`.
pub const SHA256SUMS: &str = "SHA256SUMS";

/// Name of the BLAKE3 file inside `bevis/`.
pub const B3SUMS: &str = "B3SUMS";

/// The text of `bevis/SHA256SUMS`; checked with `sha256sum -c bevis/SHA256SUMS` in the run directory.
///
/// # Errors
/// [`ErrorKind::Internal`] for a name that would need escaping.
pub fn sha256sums(outputs: &[OutputFile]) -> Result<String> {
    lines(outputs, |output| output.sha256)
}

/// The text of `bevis/B3SUMS`; checked with `b3sum -c bevis/B3SUMS` in the run directory.
///
/// # Errors
/// [`ErrorKind::Internal`] for a name that would need escaping.
pub fn b3sums(outputs: &[OutputFile]) -> Result<String> {
    lines(outputs, |output| output.blake3)
}

fn lines(outputs: &[OutputFile], digest: impl Fn(&OutputFile) -> Digest) -> Result<String> {
    let mut sorted: Vec<&OutputFile> = outputs.iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    sorted
        .into_iter()
        .map(|output| {
            if output.name.is_empty() || output.name.contains(['\\', '\n', '\r', '\0']) {
                Err(Error::new(
                    ErrorKind::Internal,
                    "Et resultat har et navn, der ikke kan stå i en liste over digester",
                ))
            } else {
                Ok(format!("{}  {}\n", digest(output), output.name))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::Write,
        path::Path,
        process::{Command, Stdio},
    };

    use super::*;
    use crate::base::Hasher;

    fn output(name: &str, content: &[u8]) -> OutputFile {
        let mut hasher = Hasher::default();
        hasher.update(content);
        let (blake3, sha256, bytes) = hasher.finish();
        OutputFile { name: name.to_owned(), class: "liste".to_owned(), bytes, blake3, sha256 }
    }

    /// Whether the program accepts the list; `None` when it is not installed.
    fn accepted(program: &str, directory: &Path, list: &str) -> Option<bool> {
        let mut child = Command::new(program)
            .args(["-c", "-"])
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take().expect("a pipe").write_all(list.as_bytes()).expect("the list is read");
        Some(child.wait().expect("an end").success())
    }

    #[test]
    fn other_programs_accept_them_and_see_a_change() {
        let place = tempfile::tempdir().expect("a directory");
        fs::create_dir(place.path().join("liste")).expect("a directory");
        let files: [(&str, &[u8]); 3] = [("liste/b.csv", b"b"), ("liste/a.csv", b"abc"), ("liste/tom", b"")];
        let outputs = files.map(|(name, content)| {
            fs::write(place.path().join(name), content).expect("a file");
            output(name, content)
        });
        let lists = [
            ("sha256sum", sha256sums(&outputs).expect("plain names")),
            ("b3sum", b3sums(&outputs).expect("plain names")),
        ];
        for (program, list) in &lists {
            match accepted(program, place.path(), list) {
                None => println!("skipped: {program}"),
                Some(accepts) => assert!(accepts, "{program}\n{list}"),
            }
        }
        fs::write(place.path().join("liste/a.csv"), b"abd").expect("a change");
        for (program, list) in &lists {
            assert_ne!(accepted(program, place.path(), list), Some(true), "{program}");
        }
    }

    #[test]
    fn lines_stand_by_name_and_strange_names_are_refused() {
        let list = sha256sums(&[output("b", b""), output("a", b"abc")]).expect("plain names");
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
                        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n";
        assert_eq!(list, expected);
        for name in ["a\nb", "a\\b", ""] {
            assert_eq!(b3sums(&[output(name, b"")]).map_err(|error| error.kind()), Err(ErrorKind::Internal));
        }
    }
}
