//! What was read and what looked odd: numbers for the run's summary, never values.

use crate::ingest::rows::RegisterRow;

macro_rules! record_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// A record type of the extract that the register reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RecordType { $($(#[$doc])* $name,)* }

        impl RecordType {
            /// Every type, in the order of the codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The three digits that begin the record.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

record_types! {
    /// First record.
    Start = "000";
    /// Person.
    Person = "001";
    /// Current address.
    Address = "002";
    /// Protection.
    Protection = "004";
    /// Name.
    Name = "008";
    /// Current civil status.
    CivilStatus = "012";
    /// Child.
    Child = "014";
    /// Parents.
    Parents = "015";
    /// Custody.
    Custody = "016";
    /// Former number.
    FormerNumber = "022";
    /// Former address.
    FormerAddress = "023";
    /// Former civil status.
    FormerCivilStatus = "029";
    /// Last record.
    End = "999";
}

impl From<&RegisterRow> for RecordType {
    fn from(row: &RegisterRow) -> Self {
        match row {
            RegisterRow::Start { .. } => Self::Start,
            RegisterRow::Person { .. } => Self::Person,
            RegisterRow::Address { current: true, .. } => Self::Address,
            RegisterRow::Address { .. } => Self::FormerAddress,
            RegisterRow::Protection { .. } => Self::Protection,
            RegisterRow::Name { .. } => Self::Name,
            RegisterRow::CivilStatus { current: true, .. } => Self::CivilStatus,
            RegisterRow::CivilStatus { .. } => Self::FormerCivilStatus,
            RegisterRow::Child { .. } => Self::Child,
            RegisterRow::Parents { .. } => Self::Parents,
            RegisterRow::Custody { .. } => Self::Custody,
            RegisterRow::FormerNumber { .. } => Self::FormerNumber,
            RegisterRow::End { .. } => Self::End,
        }
    }
}

macro_rules! register_notes {
    ($($(#[$doc:meta])* $name:ident = $danish:literal;)*) => {
        /// Something in the extract that stops nothing but that a person should know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RegisterNote { $($(#[$doc])* $name,)* }

        impl RegisterNote {
            /// Every note, in the order of reporting.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What was counted, in Danish, to stand after the count.
            #[must_use]
            pub const fn danish(self) -> &'static str {
                match self { $(Self::$name => $danish,)* }
            }
        }
    };
}

register_notes! {
    /// Records of a delivery that a later delivery of the same person replaces (`cpr.md`, 2.2, full replace).
    Replaced = "poster erstattet af en senere levering af samme person";
    /// Circles of changed numbers; none of their links is followed.
    Cycle = "ringe af skiftede personnumre, hvor ingen af skiftene er fulgt";
    /// Numbers that stand in such a circle.
    NumberInCycle = "personnumre i sådanne ringe, hver talt som sin egen person";
    /// Numbers whose change is told in two ways in one delivery; the number's own record 001 wins, then the later date.
    ContradictingChange = "personnumre, hvis skift er oplyst forskelligt i samme levering";
    /// Replacing numbers on records with another status than 50 and 60: not followed.
    ChangeWithoutStatus = "gældende personnumre på poster med anden status end 50 og 60, ikke fulgt";
    /// Current facts under a former number of a person who is delivered under the current number: left out.
    UnderFormerNumber = "poster under et tidligere personnummer, hvor det gældende nummers egne oplysninger er brugt";
    /// Persons with differing records 001 in one delivery; the later status wins.
    ContradictingPerson = "personnumre med forskellige persondata (001) i samme levering";
    /// Children with differing records 015; the current number's, then the fullest, wins.
    ContradictingParents = "børn med forskellige forældreoplysninger (015)";
    /// References from a person to itself, left out.
    OwnRelative = "relationer fra en person til personen selv, udeladt";
    /// Address records without a municipality or road, left out.
    BlankAddress = "adresseposter uden kommune eller vej, udeladt";
    /// Addresses that end before they begin; they cover no day.
    ReversedAddress = "adresser, der slutter, før de begynder (dækker ingen dage)";
    /// Addresses that begin before an earlier one ends; the later beginning counts.
    OverlappingAddress = "adresser, der begynder, før den forrige er forladt (den senest tilflyttede gælder)";
    /// Former addresses without an end; they count until the next begins.
    EndlessAddress = "tidligere adresser uden fraflytningsdato (gælder, til den næste begynder)";
}

/// What the register was built from and what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterCounts {
    /// Records handed in, by the place of their type in [`RecordType::ALL`].
    pub(super) records: [u64; RecordType::ALL.len()],
    /// By the place of the note in [`RegisterNote::ALL`].
    pub(super) notes: [u64; RegisterNote::ALL.len()],
    /// Deliveries with different dates of production (000); records without a date are one more.
    pub deliveries: u64,
    /// Persons with a record 001 of their current number.
    pub persons: u64,
    /// Of these, with status 01, 03, 05 or 07.
    pub residents: u64,
    /// Persons known by reference only.
    pub referenced_only: u64,
    /// Numbers that another number replaces.
    pub changed_numbers: u64,
    /// Of these, with a record 001 of their own.
    pub former_records: u64,
    /// Different addresses.
    pub addresses: u64,
}

impl RegisterCounts {
    /// Records handed in of one type.
    #[must_use]
    pub const fn records(&self, kind: RecordType) -> u64 {
        self.records[kind as usize]
    }

    /// How often the note applies.
    #[must_use]
    pub const fn note(&self, note: RegisterNote) -> u64 {
        self.notes[note as usize]
    }

    /// The notes that apply, in the order of reporting.
    pub fn notes(&self) -> impl Iterator<Item = (RegisterNote, u64)> {
        RegisterNote::ALL.iter().map(|note| (*note, self.note(*note))).filter(|(_, count)| *count > 0)
    }

    pub(super) const fn add(&mut self, note: RegisterNote, count: u64) {
        self.notes[note as usize] += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_types_stand_in_the_order_of_their_codes() {
        assert!(RecordType::ALL.is_sorted_by_key(|kind| kind.code()));
        let mut counts = RegisterCounts::default();
        counts.add(RegisterNote::Cycle, 2);
        assert_eq!(counts.notes().collect::<Vec<_>>(), [(RegisterNote::Cycle, 2)]);
    }
}
