//! Faults of single rows: where and what kind, never the field's text.

use std::sync::Arc;

use crate::domain::{Ore, SourceId};

macro_rules! fault_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $danish:literal;)*) => {
        /// What is wrong with a row that was set aside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultCode { $($(#[$doc])* $name,)* }

        impl FaultCode {
            /// Every code, in the order of documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code that fejl.csv and scripts use.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means, in Danish.
            #[must_use]
            pub const fn danish(self) -> &'static str {
                match self { $(Self::$name => $danish,)* }
            }
        }
    };
}

fault_codes! {
    /// A date in none of the forms of the layout.
    Date = "dato-ulaeselig", "datoen kan ikke læses";
    /// An amount in none of the accepted forms.
    Amount = "beloeb-ulaeseligt", "beløbet kan ikke læses";
    /// A quantity that is no number.
    Quantity = "antal-ulaeseligt", "antallet kan ikke læses";
    /// A text where a CPR number should stand that cannot be one.
    Cpr = "cpr-ugyldigt", "CPR-nummeret kan ikke være et CPR-nummer";
    /// The end lies before the start.
    EndBeforeStart = "slut-foer-start", "slutdatoen ligger før startdatoen";
    /// Fewer fields than the header has.
    TooFewFields = "for-faa-felter", "rækken har færre felter end overskriften";
    /// More fields than the header has.
    TooManyFields = "for-mange-felter", "rækken har flere felter end overskriften";
    /// A field that the layout demands is blank.
    Missing = "felt-mangler", "et krævet felt er tomt";
    /// A unit or frequency that the layout does not list.
    Unit = "enhed-ukendt", "enheden eller frekvensen kendes ikke af layoutet";
    /// A status, type or sign that the layout does not list.
    Code = "kode-ukendt", "koden kendes ikke af layoutet";
    /// An account in none of the three spellings.
    Account = "konto-ulaeselig", "kontoen kan ikke læses";
    /// Bytes that are not of the given encoding.
    Encoding = "tegn-ulaeselige", "tegnene passer ikke til tegnsættet";
    /// A line or cell over the limits.
    TooLong = "for-lang", "linjen eller feltet er længere end grænsen";
    /// A register record shorter than its fields.
    ShortRecord = "post-for-kort", "posten er kortere end dens felter";
}

/// A row that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The source.
    pub source: SourceId,
    /// Which of the source's files, by its place in the sorted list.
    pub file: u16,
    /// Physical line, from 1 (a workbook's row; a record's number in a stream without line ends).
    pub line: u64,
    /// Byte at which the row begins, from 0.
    pub byte: u64,
    /// The column's heading in the layout, where one is to blame.
    pub column: Option<Arc<str>>,
    /// What is wrong.
    pub code: FaultCode,
    /// The row's amount as far as it could be read.
    pub ore: Option<Ore>,
}
