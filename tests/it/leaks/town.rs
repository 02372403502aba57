//! The example with canaries in it: the municipality of `fixtures/`, whose names, addresses, texts and numbers of persons
//! are unmistakable, so that any of them in an output is a leak.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use encoding_rs::WINDOWS_1252;

/// Every text that is planted holds this.
pub const WORD: &str = "kanarie";

/// Columns of free text, which no rule reads; those that a rule reads keep their text and get a canary behind it.
const FREE_TEXT: [(&str, &[&str], &[&str]); 9] = [
    ("ind/dubu.csv", &["Sagstype", "Sagsnummer", "Type", "Afdeling", "Leverandør"], &["Ydelsestype", "Tilbud"]),
    ("ind/opus.csv", &["Omkostningssted", "PSP-element", "Art", "Tekst"], &[]),
    ("ind/kmd.csv", &[], &["Ydelse"]),
    ("ind/Data_refusion.csv", &["Finansiering Kommunenavn"], &[]),
    (
        "ind/sensum.csv",
        &["IndsatsId", "LeverandørNavn", "SagId", "BorgerId", "SagNavn", "AfdelingNavn", "Fornavn", "OpholdsKommune"],
        &["Indsats", "LeverandørIndsats", "SagType", "AfslutningsÅrsag"],
    ),
    ("ind/manuel.csv", &["kilde", "bemaerkning"], &[]),
    ("ind/cpr-personer.csv", &["Fornavn", "Efternavn"], &[]),
    ("ind/indskrivning.csv", &[], &[]),
    ("ind/takster.csv", &[], &[]),
];

/// What must never leave the wall.
#[derive(Clone, Debug, Default)]
pub struct Canaries {
    /// Numbers of persons, ten digits.
    pub numbers: BTreeSet<String>,
    /// Texts in lower case.
    pub words: BTreeSet<String>,
}

/// The files of the planted example by their paths, and what must not be found.
pub struct Example {
    pub files: BTreeMap<String, Vec<u8>>,
    pub canaries: Canaries,
}

/// The planted example, made once.
pub fn example() -> &'static Example {
    static EXAMPLE: OnceLock<Example> = OnceLock::new();
    EXAMPLE.get_or_init(plant)
}

/// A directory with the planted example in it.
pub struct Town(pub tempfile::TempDir);

impl Town {
    pub fn new() -> Self {
        let town = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir(town.path("tmp")).expect("a directory");
        for (name, bytes) in &example().files {
            town.write(name, bytes);
        }
        town
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, bytes).expect("a file");
        let mode = if Path::new(name).extension().is_some_and(|ending| ending == "key") { 0o600 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    /// Changes one place of a text file.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).expect("a text file");
        assert!(text.contains(from), "{name} has {from:?}");
        self.write(name, text.replace(from, to).as_bytes());
    }
}

/// All files under a directory by their paths in it, directories with nothing as content, links with their targets.
pub fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, at: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(at).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
            let kind = path.symlink_metadata().expect("an entry").file_type();
            if kind.is_dir() {
                into.insert(format!("{name}/"), Vec::new());
                walk(root, &path, into);
            } else if kind.is_file() {
                into.insert(name, fs::read(&path).unwrap_or_default());
            } else {
                into.insert(
                    name,
                    fs::read_link(&path).map_or_else(|_| Vec::new(), |to| to.into_os_string().into_encoded_bytes()),
                );
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(root, root, &mut files);
    files
}

fn plant() -> Example {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eksempelkoebing");
    let wanted = |name: &String| name.starts_with("ind/") || name.starts_with("noegle/") || name == "samkor.toml";
    let mut files: BTreeMap<String, Vec<u8>> =
        tree(&root).into_iter().filter(|(name, _)| wanted(name) && !name.ends_with('/')).collect();
    let mut canaries = Canaries::default();
    canaries.words.insert(WORD.to_owned());
    for (name, free, read) in FREE_TEXT {
        let headings = (name == "ind/Data_refusion.csv").then(|| files["ind/Meta_refusion.csv"].clone());
        let bytes = files.get_mut(name).expect("a file of the example");
        *bytes = plant_table(name, bytes, free, read, headings.as_deref(), &mut canaries);
    }
    for name in ["ind/indskrivning.csv", "ind/takster.csv"] {
        let text = String::from_utf8(files[name].clone()).expect("UTF-8");
        assert!(text.contains("Daginstitution"), "{name}");
        files.insert(name.to_owned(), text.replace("Daginstitution", "Kanariereden").into_bytes());
    }
    let addresses = String::from_utf8(files["ind/cpr-adresser.csv"].clone()).expect("UTF-8");
    let mut planted = String::new();
    for line in addresses.lines() {
        let mut cells: Vec<&str> = line.split(';').collect();
        gather(cells[0], &mut canaries);
        if cells[1].trim_start_matches('0') == "899" && cells[2].trim_start_matches('0') == "170" {
            (cells[3], cells[5]) = ("831W", "ykvz");
        }
        planted.push_str(&(cells.join(";") + "\n"));
    }
    files.insert("ind/cpr-adresser.csv".to_owned(), planted.into_bytes());
    for name in ["ind/cpr-foraeldre.csv", "ind/cpr-myndighed.csv"] {
        let text = String::from_utf8(files[name].clone()).expect("UTF-8");
        text.split([';', '\n']).for_each(|cell| gather(cell, &mut canaries));
    }
    let register = plant_register(&files["ind/cpr.txt"], &mut canaries);
    files.insert("ind/cpr.txt".to_owned(), register);
    canaries.words.extend(["977q", "xqzj", "b8q7", "831w", "ykvz"].map(str::to_owned));
    assert!(canaries.numbers.len() > 60, "{}", canaries.numbers.len());
    Example { files, canaries }
}

/// Keeps a cell that could be the number of a person.
fn gather(cell: &str, canaries: &mut Canaries) {
    let fold = |symbol: char| match symbol {
        '０'..='９' => char::from_digit(u32::from(symbol) - u32::from('０'), 10),
        '-' | ' ' | '"' | '\'' => None,
        _ => Some(symbol),
    };
    let text: String = cell.chars().filter_map(fold).collect();
    if text.trim_matches('0').is_empty() {
        // Zeros stand for nobody.
    } else if text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        canaries.numbers.insert(format!("0{text}"));
    } else if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        canaries.numbers.insert(text);
    } else if text.len() == 10 && text.bytes().filter(u8::is_ascii_digit).count() == 8 {
        canaries.words.insert(text.to_lowercase());
    }
}

/// Plants the columns of a table and keeps its numbers of persons.
fn plant_table(
    name: &str,
    bytes: &[u8],
    free: &[&str],
    read: &[&str],
    headings: Option<&[u8]>,
    canaries: &mut Canaries,
) -> Vec<u8> {
    let utf8 = std::str::from_utf8(bytes).is_ok();
    let decode = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode(bytes).0.into_owned(),
    };
    let rows = |text: &str| -> Vec<Vec<String>> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
        reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
    };
    let mut table = rows(&decode(bytes));
    let wanted: Vec<&str> = free.iter().chain(read).copied().collect();
    let is_heading = |row: &Vec<String>| {
        row.len() > 1
            && wanted.iter().all(|name| row.iter().any(|cell| cell == name))
            && row
                .iter()
                .any(|cell| cell.to_lowercase().contains("cpr") || cell.contains("modtagernr") || cell == "Institution")
    };
    let (head, first) = if let Some(other) = headings {
        (rows(&decode(other)).into_iter().find(is_heading), 0)
    } else {
        let at = table.iter().position(is_heading);
        (at.map(|at| table[at].clone()), at.map_or(0, |at| at + 1))
    };
    let head = head.unwrap_or_else(|| panic!("{name} has its headings"));
    let stem = name.trim_start_matches("ind/").trim_end_matches(".csv").replace('_', "");
    for (number, row) in table.iter_mut().enumerate() {
        if number + 1 < first && row.len() == 1 {
            row[0] = format!("Kanarietitel {}", row[0]);
        }
        if number < first || row[0] == "I alt" {
            continue;
        }
        for (column, heading) in head.iter().enumerate().take(row.len()) {
            let canary = format!("Kanarie{stem}{column}x{number}ø");
            if free.contains(&heading.as_str()) {
                row[column] = canary;
            } else if read.contains(&heading.as_str()) {
                row[column] = format!("{} {canary}", row[column]);
            } else if heading.to_lowercase().contains("cpr")
                || (heading.contains("modtagernr") && !heading.contains("kode"))
            {
                gather(&row[column], canaries);
            }
        }
    }
    let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(b';').from_writer(Vec::new());
    for row in &table {
        writer.write_record(row).expect("a row");
    }
    let text = String::from_utf8(writer.into_inner().expect("bytes")).expect("UTF-8");
    if utf8 { text.into_bytes() } else { WINDOWS_1252.encode(&text).0.into_owned() }
}

/// Plants names, one house and the texts of records that are not read, and keeps the numbers of persons.
fn plant_register(bytes: &[u8], canaries: &mut Canaries) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for (number, line) in lines.iter_mut().enumerate() {
        let Some(kind) = line.get(..3).map(<[u8]>::to_vec) else { continue };
        if matches!(&*kind, b"000" | b"999") {
            continue;
        }
        let mut overlay = |start: usize, length: usize, text: &str| {
            line.resize(line.len().max(start + length), b' ');
            line[start..start + length].fill(b' ');
            line[start..start + text.len()].copy_from_slice(text.as_bytes());
        };
        match &*kind {
            b"008" => {
                overlay(13, 50, &format!("Kanarienavn{number}"));
                overlay(105, 40, &format!("Kanariesen{number}"));
                overlay(159, 34, &format!("Kanarieadressat {number}"));
            }
            b"003" => overlay(200, 49, "Kanariestraede 5, 1. tv."),
            _ => {}
        }
        if kind == b"002" && line[13..].starts_with(b"08990010001") {
            line.resize(line.len().max(35), b' ');
            line[21..35].copy_from_slice(b"977Q01xqzjB8Q7");
        }
        let mut keep = |range: std::ops::Range<usize>| {
            if let Some(digits) = line.get(range).and_then(|part| std::str::from_utf8(part).ok()) {
                gather(digits, canaries);
            }
        };
        keep(3..13);
        if matches!(&*kind, b"014" | b"022") {
            keep(13..23);
        }
        let rest = String::from_utf8_lossy(&line[13..]).into_owned();
        rest.split(|symbol: char| !symbol.is_ascii_digit())
            .filter(|run| run.len() == 10)
            .for_each(|run| gather(run, canaries));
    }
    lines.join(&b'\n')
}
