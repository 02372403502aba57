//! The files of a world, and what a block adds to each of them.

use crate::{
    base::Result,
    layout::{Cells, Field, Kind, Layouts, Table},
};

macro_rules! files {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        /// A file of a world that grows block by block.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum File { $($(#[$doc])* $name,)* }

        impl File {
            /// All, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// Where it stands in the world's directory.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }
        }
    };
}

files! {
    /// The register.
    Register = "ind/cpr.txt";
    /// Grants.
    Grants = "ind/dubu.csv";
    /// Postings.
    Postings = "ind/opus.csv";
    /// Postings again: a second export that overlaps the first, in a full world.
    PostingsAgain = "ind/opus-overlap.csv";
    /// Benefits.
    Benefits = "ind/kmd.csv";
    /// Benefits by week.
    Weekly = "ind/refusion.csv";
    /// Measures without amounts.
    Measures = "ind/sensum.csv";
    /// Enrolments.
    Enrolments = "ind/indskrivning.csv";
    /// Supplements.
    Supplements = "ind/manuel.csv";
    /// Truth: persons.
    Persons = "facit/personer.csv";
    /// Truth: who lived where and when.
    Homes = "facit/boliger.csv";
    /// Truth: who was of whose family on which days of the period.
    Memberships = "facit/familiedage.csv";
    /// Truth: services with their days.
    Services = "facit/ydelser.csv";
    /// Truth: øre per person, service, role and month.
    Ore = "facit/oere.csv";
    /// Truth: øre per household, family and case family.
    Families = "facit/familier.csv";
    /// Truth: credits for days before the period, which are no cost of it.
    Corrections = "facit/korrektioner.csv";
    /// Truth: damaged rows.
    Damages = "facit/skader.csv";
    /// Truth: persons and services for which a simple ledger must go wrong, and why.
    Causes = "facit/aarsager.csv";
}

impl File {
    /// Layout of an export; none for the truth.
    #[must_use]
    pub const fn layout(self) -> Option<&'static str> {
        Some(match self {
            Self::Register => "cpr-p12170",
            Self::Grants => "dubu-ydelser",
            Self::Postings | Self::PostingsAgain => "opus-posteringer",
            Self::Benefits => "kmd-ydelser",
            Self::Weekly => "kmd-ydelsesrefusion",
            Self::Measures => "sensum-indsatser",
            Self::Enrolments => "indskrivning",
            Self::Supplements => "manuel",
            _ => return None,
        })
    }

    /// Columns that exports have beside those of the layout: the layout describes them or it does not.
    #[must_use]
    pub const fn beside(self) -> &'static [(Beside, &'static str)] {
        const GIVEN: (Beside, &str) = (Beside::GivenName, "Fornavn");
        const SURNAME: (Beside, &str) = (Beside::Surname, "Efternavn");
        const BORN: (Beside, &str) = (Beside::Born, "Fødselsdato");
        match self {
            Self::Grants => &[
                (Beside::Case, "Sagsnummer"),
                (Beside::Department, "Afdeling"),
                (Beside::Supplier, "Leverandør"),
                GIVEN,
                SURNAME,
                BORN,
            ],
            Self::Postings | Self::PostingsAgain => {
                &[(Beside::Text, "Tekst"), (Beside::PayeeCode, "Betalingsmodtagernr.kode")]
            }
            Self::Measures => {
                &[(Beside::Case, "IndsatsId"), (Beside::Department, "AfdelingNavn"), GIVEN, SURNAME, BORN]
            }
            Self::Benefits | Self::Enrolments => &[GIVEN, SURNAME, BORN],
            Self::Supplements => &[(Beside::Text, "bemaerkning"), GIVEN, SURNAME, BORN],
            _ => &[],
        }
    }

    /// Headings of a file of the truth; none for exports.
    #[must_use]
    pub const fn truth_headings(self) -> Option<&'static str> {
        Some(match self {
            Self::Persons => {
                "nr;cpr;koen;foedt;status;husstand;familie;familieart;sagsfamilie;saarbarhed;anbragt;leveret"
            }
            Self::Homes => "nr;adresse;fra;fraflyttet",
            Self::Memberships => "nr;enhed;familie;fra;til",
            Self::Services => "nr;ydelse;kilde;fra;til",
            Self::Ore => "nr;ydelse;rolle;maaned;oere",
            Self::Families => "enhed;id;oere",
            Self::Corrections => "nr;ydelse;oere",
            Self::Damages => "fil;linje;art;nr",
            Self::Causes => "nr;ydelse;aarsag",
            _ => return None,
        })
    }
}

/// What a column beside those of the layout holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The case's own number.
    Case,
    /// A department.
    Department,
    /// A supplier.
    Supplier,
    /// Free text.
    Text,
    /// The kind of number of whom was paid.
    PayeeCode,
    /// The citizen's first name.
    GivenName,
    /// The citizen's surname.
    Surname,
    /// The citizen's birth date.
    Born,
}

/// Where the cells of the columns beside a file's layout are set: in a field of the layout, or as the so-manyth of the
/// columns that it does not describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Field(Field),
    Further(usize),
}

/// The columns beside the layout of one file.
#[derive(Clone, Debug, Default)]
pub struct Columns(Vec<(Beside, &'static str, Where)>);

impl Columns {
    fn of(file: File, table: &Table) -> Self {
        let mut further = 0;
        let place = |(beside, heading): &(Beside, &'static str)| {
            let described = table.columns.iter().find(|column| column.names.iter().any(|name| name == heading));
            let at = described.map_or(Where::Further(further), |column| Where::Field(column.field));
            further += usize::from(described.is_none());
            (*beside, *heading, at)
        };
        Self(file.beside().iter().map(place).collect())
    }

    /// The headings that the layout does not have.
    #[must_use]
    pub fn further(&self) -> Vec<&'static str> {
        let is_further = |at: &Where| matches!(at, Where::Further(_));
        self.0.iter().filter(|(.., at)| is_further(at)).map(|(_, heading, _)| *heading).collect()
    }

    /// Whether there is such a column.
    #[must_use]
    pub fn has(&self, beside: Beside) -> bool {
        self.0.iter().any(|(of, ..)| *of == beside)
    }

    /// Begins a row: every column that the layout does not have is blank.
    pub fn begin(&self, cells: &mut Cells) {
        for (.., at) in &self.0 {
            if matches!(at, Where::Further(_)) {
                cells.further(b"");
            }
        }
    }

    /// Writes a cell of a row that has begun; nothing happens when the file has no such column.
    pub fn set(&self, beside: Beside, text: &[u8], cells: &mut Cells) {
        match self.0.iter().find(|(of, ..)| *of == beside) {
            Some((.., Where::Field(field))) => cells.text(*field, text),
            Some((.., Where::Further(at))) => cells.replace_further(*at, text),
            None => {}
        }
    }
}

/// The tables of the exports, as the layouts describe them.
pub struct Tables {
    layouts: Layouts,
    columns: [Columns; File::COUNT],
}

impl Tables {
    /// The shipped layouts.
    ///
    /// # Errors
    /// Only if a shipped layout is broken.
    pub fn shipped() -> Result<Self> {
        let layouts = Layouts::shipped()?;
        let mut columns = std::array::from_fn(|_| Columns::default());
        for file in File::ALL {
            if let Some(layout) = file.layout() {
                columns[*file as usize] = Columns::of(*file, &layouts.get(layout)?.tables[0]);
            }
        }
        Ok(Self { layouts, columns })
    }

    /// The columns of a file beside those of its layout.
    #[must_use]
    pub const fn columns(&self, file: File) -> &Columns {
        &self.columns[file as usize]
    }

    /// The layouts.
    #[must_use]
    pub const fn layouts(&self) -> &Layouts {
        &self.layouts
    }

    /// The only table of a delimited export.
    ///
    /// # Errors
    /// When the layout is not shipped.
    pub fn of(&self, layout: &str) -> Result<&Table> {
        Ok(&self.layouts.get(layout)?.tables[0])
    }

    /// The records of the register.
    ///
    /// # Errors
    /// When the layout is not shipped.
    pub fn records(&self) -> Result<Records<'_>> {
        let tables = &self.layouts.get("cpr-p12170")?.tables;
        Ok(Records(tables))
    }
}

/// The record types of the register.
#[derive(Clone, Copy)]
pub struct Records<'a>(&'a [Table]);

impl<'a> Records<'a> {
    /// The first record type of a kind.
    #[must_use]
    pub fn of(self, kind: Kind) -> &'a Table {
        self.0.iter().find(|table| table.kind == kind).expect("the shipped layout has every kind of record")
    }
}

/// What a block adds: bytes and lines of every file.
#[derive(Clone, Debug)]
pub struct Pages {
    /// Bytes by file.
    pub bytes: [Vec<u8>; File::COUNT],
    /// Lines by file.
    pub lines: [u64; File::COUNT],
    /// Damaged rows: file, line within the block from 1, what was done, and the person.
    pub damages: Vec<(File, u64, &'static str, u64)>,
}

impl Default for Pages {
    fn default() -> Self {
        Self { bytes: std::array::from_fn(|_| Vec::new()), lines: [0; File::COUNT], damages: Vec::new() }
    }
}

impl Pages {
    /// The bytes of a file, after noting one line more.
    pub fn line(&mut self, file: File) -> &mut Vec<u8> {
        self.lines[file as usize] += 1;
        &mut self.bytes[file as usize]
    }
}
