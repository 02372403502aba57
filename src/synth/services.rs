//! The services of a made-up municipality: what they are called, where they are booked, what they cost, who gets them.
//!
//! Unit costs are those of public sources where these have one (a foster family 470,000 kr. a year, a residential place
//! 1.16 million, cash assistance 14,416 kr. a month); the rest are round numbers of the right size. Codes are written as the
//! catalogue names what stands on the account, since a posting tells no more than its account.

use super::person::Residence;
use crate::domain::Role;

/// The system that pays a service in a plain world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payer {
    /// The accounts.
    Opus,
    /// Benefits by month.
    Kmd,
    /// Benefits by week.
    Weekly,
    /// Nobody: only the grant is known.
    Grant,
    /// Nobody: the place in an own institution has a price.
    Tariff,
    /// Looked up by hand.
    Manual,
}

/// How amounts of one service differ between persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Hardly.
    Flat,
    /// By a third up and down.
    Mild,
    /// A few get many times the usual.
    Heavy,
}

impl Spread {
    /// Percentages of the usual amount, all equally likely.
    #[must_use]
    pub const fn percentages(self) -> &'static [u32] {
        match self {
            Self::Flat => &[96, 98, 100, 102, 104],
            Self::Mild => &[60, 70, 80, 88, 95, 100, 106, 114, 125, 140],
            Self::Heavy => &[25, 32, 38, 44, 50, 55, 60, 66, 72, 78, 85, 92, 100, 112, 128, 150, 180, 220, 280, 390],
        }
    }
}

/// An account of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Funktion, with points.
    pub function: &'static str,
    /// Gruppering; empty when the export leaves it out.
    pub grouping: &'static str,
    /// The catalogue's code for what stands there.
    pub code: &'static str,
}

impl Booking {
    /// The gruppering of a year: mentors moved in 2022.
    #[must_use]
    pub fn grouping_in(&self, year: i16) -> &'static str {
        if self.code == "BE-MENTOR" && year < 2022 { "095" } else { self.grouping }
    }
}

/// What a grant is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Paragraph of the decision until 2023, and from 2024.
    pub decision: [&'static str; 2],
    /// Paragraph of the measure until 2023, and from 2024.
    pub measure: [&'static str; 2],
    /// The kind of service.
    pub kind: &'static str,
    /// The offer.
    pub offer: &'static str,
    /// The department.
    pub department: &'static str,
    /// The catalogue's code for it: a grant tells more than the account that pays it.
    pub code: &'static str,
}

/// Who gets a service: chances in 100,000 of having it in the data, by age band, and their percentages by exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// By [`BANDS`].
    pub by_age: [u32; 9],
    /// By exposure of the family.
    pub by_exposure: [u32; 4],
}

/// The first age of each band.
pub const BANDS: [i16; 9] = [0, 3, 6, 10, 18, 25, 40, 65, 80];

/// A service.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The catalogue's code; with a booking that holds for every year, the booking's.
    pub code: &'static str,
    /// Its name in exports.
    pub name: &'static str,
    /// Who pays.
    pub payer: Payer,
    /// The purpose group, as a number of this file: grants of one group must not meet in one person.
    pub group: u8,
    /// The department that pays.
    pub department: u8,
    /// Whether it is inside the service frame.
    pub frame: bool,
    /// Where it is booked; until 2017, and from 2018.
    pub booking: Option<[Booking; 2]>,
    /// The usual amount in kroner a month.
    pub monthly: u32,
    /// How amounts differ.
    pub spread: Spread,
    /// Percentage of persons who have it all the time.
    pub lasting: u32,
    /// Who gets it.
    pub demand: Demand,
    /// Where the accounts of a full world show a benefit again, with the refund of it.
    pub mirrored: Option<(&'static str, &'static str)>,
    /// The grant beside the payments, or instead of them.
    pub grant: Option<Wording>,
    /// The institution that who has it lives in, in a full world.
    pub residence: Option<Residence>,
    /// The measure in the adults' case system, paragraph and words.
    pub measure: Option<(&'static str, &'static str)>,
}

impl Kind {
    /// The code of what is paid in a year.
    #[must_use]
    pub fn code_in(&self, year: i16) -> &'static str {
        self.booking.map_or(self.code, |booking| booking[usize::from(year >= 2018)].code)
    }

    /// The code of a claim in a year.
    #[must_use]
    pub fn code_as(&self, role: Role, year: i16) -> &'static str {
        match (role, self.grant) {
            (Role::Granted, Some(grant)) => grant.code,
            _ => self.code_in(year),
        }
    }
}

/// Families in need get much more of it.
const STRONG: [u32; 4] = [45, 200, 520, 900];
/// Somewhat more.
const WEAK: [u32; 4] = [92, 125, 170, 210];
/// No more.
const EVEN: [u32; 4] = [100; 4];
/// Nobody by age alone: somebody's placement or child decides.
const SPECIAL: Demand = Demand { by_age: [0; 9], by_exposure: EVEN };

const CHILDREN: u8 = 0;
const DAY_CARE: u8 = 1;
const SCHOOL: u8 = 2;
const WORK: u8 = 3;
const CARE: u8 = 4;
const HEALTH: u8 = 5;

const fn same(function: &'static str, grouping: &'static str, code: &'static str) -> [Booking; 2] {
    let booking = Booking { function, grouping, code };
    [booking, booking]
}

const fn split(
    old: (&'static str, &'static str),
    function: &'static str,
    grouping: &'static str,
    code: &'static str,
) -> [Booking; 2] {
    [Booking { function: old.0, grouping: "", code: old.1 }, Booking { function, grouping, code }]
}

const fn measure(
    code: &'static str,
    section: [&'static str; 2],
    decision: [&'static str; 2],
    kind: &'static str,
    offer: &'static str,
) -> Wording {
    Wording { decision, measure: section, kind, offer, department: "Familieafdelingen", code }
}

const PLACED: [&str; 2] = ["SEL § 52, stk. 3, nr. 7", "BL § 46"];
const STAY: [&str; 2] = ["SEL § 66", "BL § 43"];

/// A service of the accounts.
const fn opus(code: &'static str, name: &'static str, group: u8, department: u8, booking: [Booking; 2]) -> Kind {
    Kind { booking: Some(booking), ..unbooked(code, name, group, department) }
}

/// A service with no account of its own.
const fn unbooked(code: &'static str, name: &'static str, group: u8, department: u8) -> Kind {
    Kind {
        code,
        name,
        payer: Payer::Opus,
        group,
        department,
        frame: true,
        booking: None,
        monthly: 0,
        spread: Spread::Mild,
        lasting: 50,
        demand: SPECIAL,
        mirrored: None,
        grant: None,
        measure: None,
        residence: None,
    }
}

/// A benefit.
const fn benefit(
    code: &'static str,
    name: &'static str,
    group: u8,
    monthly: u32,
    by_age: [u32; 9],
    by_exposure: [u32; 4],
) -> Kind {
    Kind {
        payer: Payer::Kmd,
        frame: false,
        monthly,
        spread: Spread::Flat,
        lasting: 40,
        demand: Demand { by_age, by_exposure },
        ..unbooked(code, name, group, WORK)
    }
}

impl Kind {
    const fn costs(self, monthly: u32, spread: Spread, lasting: u32) -> Self {
        Self { monthly, spread, lasting, ..self }
    }

    const fn goes_to(self, by_age: [u32; 9], by_exposure: [u32; 4]) -> Self {
        Self { demand: Demand { by_age, by_exposure }, ..self }
    }

    const fn granted(self, grant: Wording) -> Self {
        Self { grant: Some(grant), ..self }
    }

    const fn measured(self, paragraph: &'static str, words: &'static str) -> Self {
        Self { measure: Some((paragraph, words)), ..self }
    }

    const fn lived_in(self, residence: Residence) -> Self {
        Self { residence: Some(residence), ..self }
    }

    const fn outside_the_frame(self) -> Self {
        Self { frame: false, ..self }
    }

    const fn inside_the_frame(self) -> Self {
        Self { frame: true, ..self }
    }

    const fn of(self, department: u8) -> Self {
        Self { department, ..self }
    }

    const fn mirrored(self, function: &'static str, grouping: &'static str) -> Self {
        Self { mirrored: Some((function, grouping)), ..self }
    }

    const fn by(self, payer: Payer) -> Self {
        Self { payer, ..self }
    }
}

/// Positions of the services that persons do not get by age.
pub const FOSTER: usize = 0;
/// Network families.
pub const KINSHIP: usize = 1;
/// Residential places.
pub const RESIDENTIAL: usize = 2;
/// Residential institutions.
pub const INSTITUTION: usize = 3;
/// Support for a placed child's parent.
pub const PARENT_SUPPORT: usize = 4;
/// Pocket money, in the full world.
pub const POCKET_MONEY: usize = 5;

/// The catalogue's codes of the departments, by number.
#[cfg(test)]
const DEPARTMENTS: [&str; 6] = ["boern_unge", "dagtilbud", "skole", "beskaeftigelse", "aeldre_handicap", "sundhed"];

/// Every service.
pub const KINDS: &[Kind] = &[
    opus("5.28.22-002", "Plejefamilie", 0, CHILDREN, same("5.28.22", "002", "5.28.22-002"))
        .costs(39_200, Spread::Mild, 100)
        .granted(measure("ANB-PLEJE", STAY, PLACED, "Anbringelse", "Plejefamilie")),
    opus("ANB-NETV", "Netværksplejefamilie", 0, CHILDREN, same("5.28.22", "005", "ANB-NETV"))
        .costs(20_800, Spread::Mild, 100)
        .granted(measure("ANB-NETV", STAY, PLACED, "Anbringelse", "Netværkspleje")),
    opus("ANB-OPH", "Opholdssted", 0, CHILDREN, same("5.28.20", "003", "ANB-OPH"))
        .costs(96_700, Spread::Mild, 100)
        .granted(measure("ANB-OPH", STAY, PLACED, "Anbringelse", "Opholdssted")),
    opus("ANB-DOEGN-SOC", "Døgninstitution", 0, CHILDREN, same("5.28.23", "002", "ANB-DOEGN-SOC"))
        .costs(102_000, Spread::Mild, 100)
        .granted(measure("ANB-DOEGN-SOC", STAY, PLACED, "Anbringelse", "Døgninstitution, sociale")),
    opus("FOR-STOETTEP", "Støtteperson til forældre", 1, CHILDREN, same("5.28.21", "013", "FOR-STOETTEP"))
        .costs(3_800, Spread::Mild, 60)
        .granted(measure("FOR-STOETTEP", ["SEL § 54", "BL § 75"], ["SEL § 54", "BL § 75"], "Støtte", "Støtteperson")),
    unbooked("ANB-LOMME", "Lommepenge", 2, CHILDREN).by(Payer::Kmd).costs(1_400, Spread::Flat, 100).granted(measure(
        "ANB-LOMME",
        STAY,
        PLACED,
        "Anbringelse",
        "Lommepenge",
    )),
    opus("5.28.21-003", "Familiebehandling", 3, CHILDREN, same("5.28.21", "003", "5.28.21-003"))
        .costs(9_500, Spread::Heavy, 35)
        .goes_to([500, 900, 1_300, 1_100, 0, 0, 0, 0, 0], STRONG)
        .granted(measure(
            "FOR-FAM",
            ["SEL § 52, stk. 3, nr. 3", "BL § 32, stk. 1, nr. 5"],
            ["SEL § 52", "BL § 32"],
            "Familiebehandling",
            "Familiebehandling",
        )),
    opus("5.28.21-005", "Aflastning", 4, CHILDREN, same("5.28.21", "005", "5.28.21-005"))
        .costs(6_800, Spread::Heavy, 55)
        .goes_to([150, 600, 900, 800, 0, 0, 0, 0, 0], STRONG)
        .granted(measure(
            "FOR-AFL",
            ["SEL § 52, stk. 3, nr. 5", "BL § 32, stk. 1, nr. 7"],
            ["SEL § 52", "BL § 32"],
            "Aflastning",
            "Støtteophold",
        )),
    opus("HAN-MERUDG", "Merudgiftsydelse", 5, CHILDREN, same("5.57.72", "009", "HAN-MERUDG"))
        .costs(2_600, Spread::Heavy, 70)
        .goes_to([300, 600, 700, 800, 0, 0, 0, 0, 0], WEAK)
        .outside_the_frame(),
    opus("HAN-TAF", "Tabt arbejdsfortjeneste", 6, CHILDREN, same("5.57.72", "015", "HAN-TAF"))
        .costs(11_500, Spread::Mild, 50)
        .goes_to([0, 0, 0, 0, 50, 420, 330, 0, 0], WEAK)
        .outside_the_frame(),
    opus("SKO-SPEC", "Specialskole", 7, SCHOOL, same("3.22.08", "", "SKO-SPEC"))
        .costs(20_500, Spread::Mild, 85)
        .goes_to([0, 0, 1_500, 2_700, 0, 0, 0, 0, 0], STRONG),
    opus("3.22.05", "SFO", 8, SCHOOL, same("3.22.05", "", "3.22.05"))
        .costs(2_200, Spread::Flat, 75)
        .goes_to([0, 0, 62_000, 0, 0, 0, 0, 0, 0], EVEN),
    opus("SKO-PPR", "Pædagogisk psykologisk rådgivning", 39, SCHOOL, same("3.22.04", "", "SKO-PPR"))
        .costs(1_300, Spread::Mild, 25)
        .goes_to([200, 1_500, 5_500, 5_000, 0, 0, 0, 0, 0], STRONG),
    opus("VOK-BOST-P", "Bostøtte", 9, CARE, split(("5.32.33", "5.32.33"), "5.38.38", "005", "VOK-BOST-P"))
        .costs(5_600, Spread::Heavy, 60)
        .goes_to([0, 0, 0, 0, 900, 900, 1_100, 200, 0], STRONG)
        .measured("SEL § 85", "Bostøtte sindslidende"),
    opus(
        "VOK-BOT105",
        "Botilbudslignende tilbud",
        10,
        CARE,
        split(("5.32.32", "5.32.32"), "5.38.51", "", "VOK-BOT105"),
    )
    .costs(68_000, Spread::Mild, 90)
    .goes_to([0, 0, 0, 0, 70, 95, 120, 50, 0], WEAK)
    .measured("ABL § 105", "Botilbud")
    .lived_in(Residence::Assisted),
    opus("VOK-LAENG", "Længerevarende botilbud", 11, CARE, same("5.38.50", "", "VOK-LAENG"))
        .costs(84_000, Spread::Mild, 95)
        .goes_to([0, 0, 0, 0, 40, 80, 90, 40, 0], WEAK)
        .measured("SEL § 108", "Længerevarende botilbud")
        .lived_in(Residence::Lasting),
    opus("VOK-MIDL", "Midlertidigt botilbud", 12, CARE, same("5.38.52", "", "VOK-MIDL"))
        .costs(50_000, Spread::Mild, 60)
        .goes_to([0, 0, 0, 0, 260, 160, 90, 0, 0], STRONG)
        .measured("SEL § 107", "Midlertidigt botilbud")
        .lived_in(Residence::Temporary),
    opus("VOK-BESKB", "Beskyttet beskæftigelse", 13, CARE, same("5.38.58", "", "VOK-BESKB"))
        .costs(7_200, Spread::Mild, 85)
        .goes_to([0, 0, 0, 0, 200, 320, 300, 0, 0], WEAK),
    opus("VOK-AKTSAM", "Aktivitets- og samværstilbud", 14, CARE, same("5.38.59", "", "VOK-AKTSAM"))
        .costs(14_500, Spread::Mild, 80)
        .goes_to([0, 0, 0, 0, 180, 260, 300, 150, 0], WEAK),
    opus("VOK-STOF", "Stofmisbrugsbehandling", 15, CARE, same("5.38.45", "", "VOK-STOF"))
        .costs(5_400, Spread::Heavy, 35)
        .goes_to([0, 0, 0, 60, 500, 450, 200, 0, 0], STRONG),
    opus("VOK-ALK", "Alkoholbehandling", 16, HEALTH, same("5.38.44", "", "VOK-ALK"))
        .costs(2_700, Spread::Heavy, 25)
        .goes_to([0, 0, 0, 0, 150, 350, 550, 250, 20], STRONG),
    opus("VOK-FORS", "Forsorgshjem", 17, WORK, same("5.38.42", "001", "VOK-FORS"))
        .costs(38_000, Spread::Heavy, 10)
        .goes_to([0, 0, 0, 0, 80, 110, 120, 10, 0], STRONG),
    opus("BE-MENTOR", "Mentor", 18, WORK, same("5.68.90", "114", "BE-MENTOR"))
        .costs(2_900, Spread::Mild, 20)
        .goes_to([0, 0, 0, 0, 1_900, 1_300, 900, 0, 0], STRONG)
        .outside_the_frame(),
    opus("VOK-HJH-AE", "Hjemmehjælp", 19, CARE, split(("5.32.32", "5.32.32"), "5.30.26", "", "VOK-HJH-AE"))
        .costs(6_200, Spread::Heavy, 70)
        .goes_to([0, 0, 0, 0, 0, 0, 500, 6_500, 33_000], EVEN),
    opus("VOK-HJH-EJ", "Plejehjem", 19, CARE, split(("5.32.32", "5.32.32"), "5.30.27", "", "VOK-HJH-EJ"))
        .costs(38_500, Spread::Mild, 80)
        .goes_to([0, 0, 0, 0, 0, 0, 20, 500, 6_500], EVEN)
        .lived_in(Residence::CareHome),
    opus("VOK-HSP", "Hjemmesygepleje", 21, HEALTH, split(("5.32.32", "5.32.32"), "5.30.28", "", "VOK-HSP"))
        .costs(2_600, Spread::Heavy, 45)
        .goes_to([0, 0, 0, 0, 150, 250, 1_200, 8_000, 28_000], EVEN),
    opus("5.30.31", "Hjælpemidler", 22, CARE, split(("5.32.35", "5.32.35"), "5.30.31", "", "5.30.31"))
        .costs(800, Spread::Heavy, 60)
        .goes_to([0, 0, 0, 0, 0, 0, 1_500, 13_000, 30_000], EVEN),
    opus("4.62.82", "Genoptræning", 23, HEALTH, same("4.62.82", "", "4.62.82"))
        .costs(2_300, Spread::Heavy, 10)
        .goes_to([0, 0, 0, 300, 900, 1_600, 3_600, 11_000, 15_000], EVEN),
    opus("SUN-FREM", "Sundhedsfremme", 40, HEALTH, same("4.62.88", "", "SUN-FREM"))
        .costs(850, Spread::Heavy, 15)
        .goes_to([0, 0, 300, 1_200, 4_500, 6_000, 8_000, 9_000, 8_000], STRONG),
    opus("VOK-KONT", "Kontaktperson og ledsagelse", 41, CARE, same("5.38.53", "", "VOK-KONT"))
        .costs(2_900, Spread::Mild, 70)
        .goes_to([0, 0, 0, 0, 700, 800, 900, 500, 0], STRONG),
    opus("BE-DRIFT", "Beskæftigelsesindsats", 42, WORK, same("5.68.90", "112", "BE-DRIFT"))
        .costs(2_100, Spread::Mild, 10)
        .goes_to([0, 0, 0, 0, 5_500, 4_500, 3_000, 0, 0], STRONG)
        .outside_the_frame(),
    benefit("YD-KTH", "Kontanthjælp", 24, 14_400, [0, 0, 0, 0, 0, 2_500, 2_100, 0, 0], STRONG)
        .mirrored("5.57.73", "007"),
    benefit("YD-UDH", "Uddannelseshjælp", 25, 7_300, [0, 0, 0, 0, 5_200, 1_200, 0, 0, 0], STRONG)
        .mirrored("5.57.73", "008"),
    benefit("YD-FOEP", "Førtidspension", 26, 18_900, [0, 0, 0, 0, 500, 1_300, 6_500, 900, 0], WEAK),
    benefit("YD-RESS", "Ressourceforløb", 27, 13_200, [0, 0, 0, 0, 200, 900, 1_100, 0, 0], STRONG)
        .mirrored("5.58.82", ""),
    benefit("YD-FLEKS", "Fleksløntilskud", 28, 9_800, [0, 0, 0, 0, 100, 900, 2_400, 0, 0], WEAK)
        .mirrored("5.58.81", ""),
    benefit("YD-BOLIGSIK", "Boligsikring", 29, 1_050, [0, 0, 0, 0, 7_500, 5_500, 2_600, 0, 0], STRONG),
    benefit("YD-BOLIGYD", "Boligydelse", 30, 2_150, [0, 0, 0, 0, 0, 0, 0, 24_000, 36_000], EVEN),
    benefit("DAG-FRIOEK", "Økonomisk friplads", 31, 1_450, [5_000, 9_000, 0, 0, 0, 0, 0, 0, 0], STRONG)
        .of(DAY_CARE)
        .inside_the_frame(),
    benefit("YD-SDP", "Sygedagpenge", 32, 16_400, [0, 0, 0, 0, 1_300, 3_200, 3_600, 0, 0], WEAK)
        .by(Payer::Weekly)
        .mirrored("5.57.71", ""),
    benefit("YD-PTILL", "Personlige tillæg", 33, 620, [0, 0, 0, 0, 0, 0, 0, 1_500, 2_500], WEAK).by(Payer::Manual),
    unbooked("FOR-PRAKT", "Støtte i hjemmet", 34, CHILDREN)
        .by(Payer::Grant)
        .costs(9_000, Spread::Heavy, 45)
        .goes_to([300, 400, 500, 450, 0, 0, 0, 0, 0], STRONG)
        .granted(measure(
            "FOR-PRAKT",
            ["SEL § 52, stk. 3, nr. 2", "BL § 32, stk. 1, nr. 2"],
            ["SEL § 52", "BL § 32"],
            "Praktisk støtte",
            "Støtte i hjemmet",
        )),
    unbooked("FOR-KONT", "Kontaktperson", 35, CHILDREN)
        .by(Payer::Grant)
        .costs(4_800, Spread::Mild, 45)
        .goes_to([0, 0, 250, 1_300, 300, 0, 0, 0, 0], STRONG)
        .granted(measure(
            "FOR-KONT",
            ["SEL § 52, stk. 3, nr. 6", "BL § 32, stk. 1, nr. 3"],
            ["SEL § 52", "BL § 32"],
            "Kontaktperson",
            "Fast kontaktperson for barn",
        )),
    unbooked("FOR-OEKFORAELD", "Økonomisk støtte", 36, CHILDREN)
        .by(Payer::Grant)
        .costs(2_200, Spread::Mild, 40)
        .goes_to([200, 250, 300, 300, 0, 0, 0, 0, 0], STRONG)
        .granted(measure(
            "FOR-OEKFORAELD",
            ["SEL § 52 a, stk. 1, nr. 1", "BL § 35"],
            ["SEL § 52 a", "BL § 35"],
            "Økonomisk støtte",
            "Økonomisk støtte",
        )),
    unbooked("FOR-ANDEN", "Anden hjælp", 37, CHILDREN)
        .by(Payer::Grant)
        .costs(3_100, Spread::Heavy, 10)
        .goes_to([150, 200, 300, 400, 0, 0, 0, 0, 0], STRONG)
        .granted(measure(
            "FOR-ANDEN",
            ["SEL § 52, stk. 3, nr. 9", "BL § 32, stk. 1, nr. 8"],
            ["SEL § 52", "BL § 32"],
            "Anden hjælp",
            "Rådgivning",
        )),
    unbooked("DAG-INST", "Daginstitution", 38, DAY_CARE)
        .by(Payer::Tariff)
        .costs(8_900, Spread::Flat, 90)
        .goes_to([68_000, 97_000, 0, 0, 0, 0, 0, 0, 0], EVEN),
];

/// The band of an age.
#[must_use]
pub fn band(age: i16) -> usize {
    BANDS.iter().rposition(|first| *first <= age).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalogue::Catalogue,
        domain::{Account, BudgetClass, Date, Law, Paragraph, System},
    };

    /// The catalogue is another's work; what it says must be what this file says, or the truth would not be found.
    #[test]
    fn the_catalogue_knows_every_service_by_its_account_and_paragraph() {
        let catalogue = Catalogue::embedded().expect("embedded");
        for kind in KINDS {
            for year in [2015_i16, 2017, 2018, 2023, 2024, 2025] {
                let on = Date::from_ymd(year, 7, 1).expect("a date");
                let code = kind.code_in(year);
                let id = catalogue.service_by_code(code).unwrap_or_else(|| panic!("{code}"));
                if let Some(booking) = kind.booking {
                    let booking = booking[usize::from(year >= 2018)];
                    let grouping = booking.grouping_in(year).parse().ok();
                    let account = Account::parse(booking.function).expect("an account").with(Some(1), grouping);
                    assert_eq!(&*catalogue.service(catalogue.by_account(account, on)).code, code, "{year}");
                }
                if matches!(kind.payer, Payer::Kmd | Payer::Manual) {
                    let system = if kind.payer == Payer::Kmd { System::Kmd } else { System::Manuel };
                    assert_eq!(catalogue.by_benefit(system, code, ""), id);
                }
                if kind.payer == Payer::Weekly {
                    assert_eq!(catalogue.by_benefit(System::Ydelsesrefusion, "", kind.name), id);
                }
                let service = catalogue.service(id);
                if year >= 2018 {
                    let department = &*catalogue.department(service.department).code;
                    assert_eq!(department, DEPARTMENTS[usize::from(kind.department)], "{code}");
                }
                assert_eq!(service.budget_class == BudgetClass::ServiceFrame, kind.frame, "{code}");
                if let Some(grant) = kind.grant {
                    let text = grant.measure[usize::from(year >= 2024)];
                    let paragraph = Paragraph::parse(text, Law::Sel).expect("a paragraph");
                    let offer = format!("{} {}", grant.kind, grant.offer).to_lowercase();
                    let granted = catalogue.service(catalogue.by_paragraph(&paragraph, &offer, on));
                    assert_eq!(
                        granted.purpose_group, service.purpose_group,
                        "{code} {year} is granted as {}",
                        granted.code
                    );
                    assert_eq!(&*granted.code, grant.code, "{year}");
                    assert!(kind.payer != Payer::Grant || grant.code == code);
                }
            }
        }
        for one in KINDS {
            for other in KINDS {
                let group = |kind: &Kind| {
                    catalogue.service(catalogue.service_by_code(kind.code_in(2024)).expect("known")).purpose_group
                };
                assert_eq!(one.group == other.group, group(one) == group(other), "{} {}", one.code, other.code);
            }
        }
    }
}
