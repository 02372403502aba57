//! The canonical fields: what a column can mean, whatever it is called in a source.

/// How the cells of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// As text.
    Text,
    /// As a number of a person, in any of the accepted spellings.
    Person,
    /// As a day.
    Date,
    /// As kroner and øre.
    Amount,
    /// As a decimal number with up to three decimals.
    Quantity,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $kind:ident;)*) => {
        /// What a column means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in layout files.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How its cells are read.
            #[must_use]
            pub const fn kind(self) -> FieldKind {
                match self { $(Self::$name => FieldKind::$kind,)* }
            }
        }
    };
}

fields! {
    /// The citizen's number.
    Person = "cpr", Person;
    /// Code that tells what kind of number stands in `cpr`; `02` is a CPR number in the accounts.
    PersonCode = "cpr_kode", Text;
    /// First day of the service, or of what a register row says.
    From = "fra", Date;
    /// Mark of an uncertain `fra`.
    FromMark = "fra_usikker", Text;
    /// Last day.
    To = "til", Date;
    /// Mark of an uncertain `til`.
    ToMark = "til_usikker", Text;
    /// Amount in kroner.
    Amount = "beloeb", Amount;
    /// Debit or credit, where the amount has no sign.
    DebitCredit = "debet_kredit", Text;
    /// Quantity.
    Quantity = "antal", Quantity;
    /// What the amount is per.
    Unit = "enhed", Text;
    /// How often the quantity recurs.
    Frequency = "frekvens", Text;
    /// Posting date.
    Posted = "bogfoert", Date;
    /// Document number.
    Document = "bilag", Text;
    /// Line within the document: with it the business key of a posting.
    Line = "linje", Text;
    /// The document that this row reverses.
    Reverses = "tilbagefoerer", Text;
    /// Art of the chart of accounts, such as `4.0`; 9.7 is internal income.
    Nature = "art", Text;
    /// Number of whom the money was paid to.
    Payee = "betalingsmodtager", Person;
    /// Code of the municipality that pays; blank where the source does not say.
    PayingMunicipality = "betalingskommune", Text;
    /// State refund of a benefit.
    RefundAmount = "refusion", Amount;
    /// The municipality's co-financing of a benefit that others pay.
    CoFinancing = "medfinansiering", Amount;
    /// Artskonto of the ledger.
    LedgerAccount = "artskonto", Text;
    /// The account, joined or funktion alone.
    Account = "konto", Text;
    /// Funktion in a column of its own, read where `konto` is blank.
    Function = "funktion", Text;
    /// Dranst in a column of its own.
    Dranst = "dranst", Text;
    /// Gruppering in a column of its own.
    Grouping = "gruppering", Text;
    /// Status of a case or measure.
    Status = "status", Text;
    /// Paragraph of the place or measure; decides the service.
    Paragraph = "paragraf", Text;
    /// Paragraph of the decision; used when the first is blank.
    DecisionParagraph = "afgoerelsesparagraf", Text;
    /// The offer or measure in words.
    Offer = "tilbud", Text;
    /// The type of service in words.
    ServiceType = "ydelsestype", Text;
    /// Code of a benefit.
    ServiceCode = "ydelseskode", Text;
    /// Name of a benefit.
    ServiceName = "ydelse", Text;
    /// Institution.
    Institution = "institution", Text;
    /// Calendar year.
    Year = "aar", Text;
    /// Corrected budget, where `beloeb` is the adopted one.
    Corrected = "korrigeret", Amount;
    /// CPR: the number that replaces this one.
    CurrentNumber = "gaeldende_cpr", Person;
    /// CPR: an earlier number.
    FormerNumber = "tidligere_cpr", Person;
    /// CPR: sex, M or K.
    Sex = "koen", Text;
    /// CPR: birth date.
    Born = "foedt", Date;
    /// CPR: mark of an uncertain birth date.
    BornMark = "foedt_usikker", Text;
    /// CPR: municipality code.
    Municipality = "kommunekode", Text;
    /// CPR: road code.
    Road = "vejkode", Text;
    /// CPR: house number and letter.
    House = "husnr", Text;
    /// CPR: floor.
    Floor = "etage", Text;
    /// CPR: side or door.
    Door = "sidedoer", Text;
    /// CPR: building number (Greenland).
    Building = "bygningsnr", Text;
    /// CPR: correction mark of a history record; only blank rows count.
    Correction = "annkor", Text;
    /// CPR: type of protection.
    Protection = "beskyttelse", Text;
    /// CPR: first names.
    GivenName = "fornavn", Text;
    /// CPR: middle names.
    MiddleName = "mellemnavn", Text;
    /// CPR: surname.
    Surname = "efternavn", Text;
    /// CPR: civil status.
    CivilStatus = "civilstand", Text;
    /// CPR: spouse or partner.
    Spouse = "aegtefaelle_cpr", Person;
    /// CPR: child.
    Child = "barn_cpr", Person;
    /// CPR: the mother slot.
    Mother = "mor_cpr", Person;
    /// CPR: the father slot.
    Father = "far_cpr", Person;
    /// CPR: type of custody.
    CustodyType = "myndighedstype", Text;
    /// CPR: another custody holder.
    Holder = "indehaver_cpr", Person;
    /// CPR: production date of the extract.
    Produced = "produceret", Text;
    /// CPR: number of records.
    Count = "taeller", Text;
    /// Read by people only; named so that a layout can show it knows the column.
    Ignored = "uden_betydning", Text;
}

impl Field {
    /// The field with this name in layout files.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.code() == code)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What the rows of a table are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in layout files.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The kind with this name in layout files.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.code() == code)
            }
        }
    };
}

kinds! {
    /// Grants with a price (DUBU).
    Grants = "bevillinger";
    /// Postings of the accounts (OPUS).
    Postings = "posteringer";
    /// Benefits paid for a period (KMD).
    Benefits = "ydelser";
    /// Benefits paid for a week (Ydelsesrefusion).
    WeeklyBenefits = "ugeydelser";
    /// Measures without an amount (Sensum).
    Measures = "indsatser";
    /// Enrolment in institutions.
    Enrolments = "indskrivning";
    /// Price lists of institutions.
    Tariffs = "takster";
    /// Supplements collected by hand.
    Supplements = "supplement";
    /// Budgets of accounts.
    Budgets = "budget";
    /// CPR: start record.
    RegisterStart = "start";
    /// CPR: persons.
    Persons = "personer";
    /// CPR: current addresses.
    Addresses = "adresser";
    /// CPR: historical addresses.
    AddressHistory = "adressehistorik";
    /// CPR: protections.
    Protections = "beskyttelser";
    /// CPR: names.
    Names = "navne";
    /// CPR: current civil status.
    CivilStatuses = "civilstand";
    /// CPR: historical civil status.
    CivilStatusHistory = "civilstandshistorik";
    /// CPR: children of a person.
    Children = "boern";
    /// CPR: parents of a person.
    Parents = "foraeldre";
    /// CPR: custody of a child.
    Custody = "foraeldremyndighed";
    /// CPR: earlier numbers.
    FormerNumbers = "tidligere-numre";
    /// CPR: end record.
    RegisterEnd = "slut";
    /// A record that is known, counted and not read.
    Skipped = "springes-over";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        for field in Field::ALL {
            assert_eq!(Field::from_code(field.code()), Some(*field));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        }
    }
}
