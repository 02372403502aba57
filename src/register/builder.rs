//! Takes the records in, in any order, and packs them.

use crate::{
    base::{Pool, Result},
    domain::{AddressKey, Cpr, Date},
    ingest::rows::RegisterRow,
};

use super::{
    assemble,
    counts::{RecordType, RegisterCounts, RegisterNote},
    interner::Interner,
    names::NamePile,
    numbers::Numbers,
    packed::Reference,
    pile::Pile,
    population::Population,
    records::{
        AddressRecord, CivilRecord, CustodyRecord, FormerRecord, ParentsRecord, PersonRecord, ProtectionRecord,
        RelativeRecord,
    },
};

/// Collects the records of one register.
///
/// Records of one file may come in any order, and so may files. Files with the same date of production (000) are one
/// delivery; files without a date are together the earliest. Of a person in several deliveries the latest one with a
/// record 001 counts alone, since a delivery replaces all that was known of the person (`cpr.md`, 2.2).
pub struct RegisterBuilder {
    pub(super) numbers: Interner<Cpr>,
    pub(super) places: Interner<AddressKey>,
    /// Each file's date of production.
    pub(super) files: Vec<Option<Date>>,
    /// The file that rows stand in, by its place in `files`.
    file: u32,
    pub(super) persons: Pile<PersonRecord>,
    pub(super) addresses: Pile<AddressRecord>,
    pub(super) protections: Pile<ProtectionRecord>,
    pub(super) civil: Pile<CivilRecord>,
    pub(super) children: Pile<RelativeRecord>,
    pub(super) parents: Pile<ParentsRecord>,
    pub(super) custody: Pile<CustodyRecord>,
    pub(super) former: Pile<FormerRecord>,
    pub(super) counts: RegisterCounts,
    /// Names, when they are to be kept.
    names: Option<NamePile>,
}

impl Default for RegisterBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl RegisterBuilder {
    /// A register without records.
    #[must_use]
    pub fn new() -> Self {
        Self {
            numbers: Interner::new(),
            places: Interner::new(),
            files: vec![None],
            file: 0,
            persons: Pile::new(),
            addresses: Pile::new(),
            protections: Pile::new(),
            civil: Pile::new(),
            children: Pile::new(),
            parents: Pile::new(),
            custody: Pile::new(),
            former: Pile::new(),
            counts: RegisterCounts::default(),
            names: None,
        }
    }

    /// Keeps names (008) from here on, for linkage; [`Self::take_names`] hands them over.
    pub fn keep_names(&mut self) {
        self.names.get_or_insert_default();
    }

    /// The names that were kept: none unless [`Self::keep_names`] was called. The register itself has none.
    pub fn take_names(&mut self) -> NamePile {
        self.names.take().unwrap_or_default()
    }

    /// Says that the records that follow stand in another file. Without it a second record 000 says the same.
    pub fn begin_file(&mut self) {
        self.open_file(None);
    }

    /// Takes one record in. Names (008) are counted, and kept only when linkage is to have them.
    pub fn add(&mut self, row: RegisterRow) {
        self.counts.records[RecordType::from(&row) as usize] += 1;
        let file = self.file;
        match row {
            RegisterRow::Start { produced } => self.start(produced),
            RegisterRow::Person { cpr, current, status, status_from, sex, born } => {
                let (owner, current) = (self.numbers.intern(cpr), self.reference(current));
                let record = PersonRecord { status_from: status_from.into(), status, born: born.into(), sex, current };
                self.persons.push(file, owner, record);
            }
            RegisterRow::Address { cpr, key, from, to, current } => {
                let owner = self.numbers.intern(cpr);
                if let Some(key) = key {
                    let place = self.places.intern(key);
                    self.addresses.push(file, owner, AddressRecord::new(from.into(), to.into(), place, current));
                } else {
                    self.counts.add(RegisterNote::BlankAddress, 1);
                }
            }
            RegisterRow::Protection { cpr, kind, from, to } => {
                let owner = self.numbers.intern(cpr);
                self.protections.push(file, owner, ProtectionRecord { from: from.into(), to: to.into(), kind });
            }
            RegisterRow::CivilStatus { cpr, status, spouse, from, to, current } => {
                let (owner, spouse) = (self.numbers.intern(cpr), self.reference(spouse));
                let record = CivilRecord { from: from.into(), to: to.into(), current, outdated: false, status, spouse };
                self.civil.push(file, owner, record);
            }
            RegisterRow::Child { parent, child } => {
                let owner = self.numbers.intern(parent);
                let child = self.reference(Some(child));
                self.children.push(file, owner, RelativeRecord(child));
            }
            RegisterRow::Parents { child, mother, father } => {
                let owner = self.numbers.intern(child);
                let record = ParentsRecord { mother: self.reference(mother), father: self.reference(father) };
                self.parents.push(file, owner, record);
            }
            RegisterRow::Custody { child, kind, holder, from, to } => {
                let (owner, holder) = (self.numbers.intern(child), self.reference(holder));
                self.custody.push(file, owner, CustodyRecord { from: from.into(), to: to.into(), kind, holder });
            }
            RegisterRow::FormerNumber { current, former, until } => {
                let (owner, former) = (self.numbers.intern(current), self.reference(Some(former)));
                self.former.push(file, owner, FormerRecord { until: until.into(), former });
            }
            RegisterRow::Name { cpr, given, surname } => {
                if let Some(names) = &mut self.names {
                    names.push(cpr, &given, &surname);
                }
            }
            RegisterRow::End { .. } => {}
        }
    }

    /// Puts the register together.
    ///
    /// # Errors
    /// When there are more than four billion records of one type.
    pub fn finish(self, pool: &Pool) -> Result<(Numbers, Population, RegisterCounts)> {
        assemble::assemble(self, pool)
    }

    fn start(&mut self, produced: Option<Date>) {
        match self.files.last_mut() {
            Some(date) if date.is_none() => *date = produced,
            _ => self.open_file(produced),
        }
    }

    fn open_file(&mut self, produced: Option<Date>) {
        self.files.push(produced);
        self.file += 1;
    }

    fn reference(&mut self, cpr: Option<Cpr>) -> Reference {
        cpr.map(|cpr| self.numbers.intern(cpr)).into()
    }
}
