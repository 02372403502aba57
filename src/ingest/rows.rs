//! What a row says once its cells are read: typed, but still with the CPR number. Behind the wall.

use compact_str::CompactString;

use super::Sought;
use crate::domain::{
    AddressKey, AmountType, CivilStatus, Cpr, CprStatus, CustodyKind, Date, Identity, MunicipalityCode, Ore,
    Protection, RegisterDate, Role, ServiceId, Sex,
};

/// A row of money or of a service without money, from any source but the register and the price lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyRow {
    /// Whom it is about.
    pub identity: Identity,
    /// The service, from paragraph, account or code; one of the catalogue's unknown classes when it is not listed.
    pub service: ServiceId,
    /// What kind of claim the amount is.
    pub role: Role,
    /// How the amount is spread.
    pub amount_type: AmountType,
    /// First day of the service; the posting date for a lump.
    pub from: Date,
    /// Last day, included; [`Date::MAX`] when open.
    pub to: Date,
    /// The amount with its sign: cost positive, income negative.
    pub amount: Ore,
    /// The quantity in thousandths: 1000 is one.
    pub quantity: i32,
    /// What the accounts say about the row beyond its amount.
    pub posting: Posting,
    /// Which of its cells are about its citizen.
    pub sought: Sought,
}

/// What only some sources tell beyond the amount. The others carry the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Posting {
    /// Whether the row is a cost at all.
    pub nature: PostingNature,
    /// The document number, folded to 64 bits; 0 when there is none.
    pub document: u64,
    /// The document that this row reverses, folded alike; 0 when there is none.
    pub reverses: u64,
    /// When it was booked.
    pub posted: Option<Date>,
    /// Line of the document; 0 when there is none.
    pub line: u32,
    /// State refund of the amount, positive.
    pub refund: Ore,
    /// The service that an income of the accounts is a refund of; `None` for costs.
    pub refunded: Option<ServiceId>,
    /// What others pay beside the amount: the row's face is both.
    pub paid_by_others: Ore,
    /// The accounting year (Regnskabsår) of a posting; 0 for rows of other sources.
    pub year: i16,
    /// Which municipality pays; `None` where the source does not say, and then it is the one whose source it is.
    pub payer: Option<MunicipalityCode>,
}

/// Cost or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingNature {
    /// Running cost or a credit of it.
    #[default]
    Cost,
    /// Dranst 2: state refund, an income kept apart.
    Refund,
    /// Artskonto 9x: a balance-sheet leg, no cost.
    Balance,
    /// Art 9.7: what a supplier of the municipality's own earns in an internal settlement, no cost.
    InternalIncome,
    /// Art 7.7: income from another municipality.
    IntermunicipalIncome,
    /// Any other income of art 7: what the citizen pays.
    OwnPayment,
}

/// One row of enrolment in an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// The enrolled child.
    pub identity: Identity,
    /// The institution's name as written, trimmed; the key into the price list.
    pub institution: Box<str>,
    /// First day.
    pub from: Date,
    /// Last day, included; [`Date::MAX`] when open.
    pub to: Date,
    /// Which municipality pays, where the source says so.
    pub payer: Option<MunicipalityCode>,
}

/// One price of one institution in one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TariffRow {
    /// The institution's name as written, trimmed.
    pub institution: Box<str>,
    /// Calendar year.
    pub year: i16,
    /// What the price is per.
    pub amount_type: AmountType,
    /// The price.
    pub price: Ore,
    /// The service the enrolment counts as.
    pub service: ServiceId,
}

/// The budget of one account in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// Calendar year.
    pub year: i16,
    /// The account group, as of postings.
    pub service: ServiceId,
    /// The adopted budget (vedtaget).
    pub adopted: Ore,
    /// The corrected budget (korrigeret).
    pub corrected: Ore,
}

/// One record of the CPR register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterRow {
    /// 000 with the date of production.
    Start {
        /// PRODDTO.
        produced: Option<Date>,
    },
    /// 001.
    Person {
        /// The number the record stands under.
        cpr: Cpr,
        /// PNRGAELD: the number that replaces it.
        current: Option<Cpr>,
        /// STATUS.
        status: CprStatus,
        /// `STATUSHAENSTART`.
        status_from: Option<RegisterDate>,
        /// KOEN.
        sex: Option<Sex>,
        /// `FOED_DT`.
        born: Option<RegisterDate>,
    },
    /// 002 and 023.
    Address {
        /// Who lives there.
        cpr: Cpr,
        /// Where; `None` when blank.
        key: Option<AddressKey>,
        /// TILFLYDTO.
        from: Option<RegisterDate>,
        /// FRAFLYDTO, the day of leaving, no longer there; `None` when current.
        to: Option<RegisterDate>,
        /// Whether it is the current address (002).
        current: bool,
    },
    /// 004.
    Protection {
        /// Who is protected.
        cpr: Cpr,
        /// BESKYTTYPE.
        kind: Protection,
        /// `START_DT`.
        from: Option<RegisterDate>,
        /// `SLET_DT`, the day it lapses.
        to: Option<RegisterDate>,
    },
    /// 008, current name.
    Name {
        /// Whose.
        cpr: Cpr,
        /// FORNVN and MELNVN.
        given: CompactString,
        /// EFTERNVN.
        surname: CompactString,
    },
    /// 012 and 029.
    CivilStatus {
        /// Whose.
        cpr: Cpr,
        /// CIVST.
        status: CivilStatus,
        /// AEGTEPNR, also kept after a divorce.
        spouse: Option<Cpr>,
        /// HAENSTART.
        from: Option<RegisterDate>,
        /// HAENSLUT; `None` when current.
        to: Option<RegisterDate>,
        /// Whether it is the current one (012).
        current: bool,
    },
    /// 014.
    Child {
        /// The parent.
        parent: Cpr,
        /// The child.
        child: Cpr,
    },
    /// 015. The slots are called mother and father whatever the sexes.
    Parents {
        /// The child.
        child: Cpr,
        /// PNRMOR.
        mother: Option<Cpr>,
        /// PNRFAR.
        father: Option<Cpr>,
    },
    /// 016.
    Custody {
        /// The child.
        child: Cpr,
        /// RELTYP.
        kind: CustodyKind,
        /// RELPNR, only for other holders.
        holder: Option<Cpr>,
        /// `START_DT`.
        from: Option<RegisterDate>,
        /// `SLET_DT`.
        to: Option<RegisterDate>,
    },
    /// 022.
    FormerNumber {
        /// PNRGAELD.
        current: Cpr,
        /// PNR.
        former: Cpr,
        /// `SLUT_DT`.
        until: Option<RegisterDate>,
    },
    /// 999 with the number of records.
    End {
        /// TAELLER.
        count: u64,
    },
}
