//! A layout and the set of layouts a run knows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AmountStyle, Field, Kind, shipped};
use crate::{
    base::{Error, ErrorKind, Place, Result, error::nearest},
    domain::{AmountType, System},
};

/// The shape of a layout's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Format {
    /// Delimited text or a workbook, with headings.
    #[serde(rename = "csv")]
    Delimited,
    /// Fixed-width records told apart by their first three characters.
    #[serde(rename = "fast-bredde")]
    FixedWidth,
}

/// What a source's files look like and mean.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The name in plans.
    pub name: String,
    /// The kind of system it comes from.
    pub system: System,
    /// One line for people.
    pub title: String,
    /// What people should know, such as that it is a stand-in.
    pub remark: Option<String>,
    /// The shape of the files.
    pub format: Format,
    /// The tables; a file's headings (or a record's type) tell which one.
    pub tables: Vec<Table>,
    /// The TOML text it was read from.
    pub text: String,
}

/// One table or record type.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name; for fixed width the record type.
    pub name: String,
    /// What its rows are.
    pub kind: Kind,
    /// Record length, fixed width only.
    pub length: usize,
    /// The columns.
    pub columns: Vec<Column>,
    /// How its values are meant.
    pub rules: Rules,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// What it means.
    pub field: Field,
    /// Headings it is known by; the first is the one to show and to write.
    pub names: Vec<String>,
    /// Whether a file without it is refused.
    pub required: bool,
    /// A field whose column may stand in for a required one that is missing.
    pub or: Option<Field>,
    /// First character, from 0; fixed width only.
    pub start: usize,
    /// Number of characters; fixed width only.
    pub length: usize,
}

/// Whether the last day is written as included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndDate {
    /// The end date is the last day.
    #[default]
    #[serde(rename = "inklusiv")]
    Inclusive,
    /// The end date is the day after the last.
    #[serde(rename = "eksklusiv")]
    Exclusive,
}

/// Where an amount's sign stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// In the amount.
    #[default]
    #[serde(rename = "i-beloebet")]
    InAmount,
    /// In a column that says debit or credit.
    #[serde(rename = "debet-kredit")]
    DebitCredit,
}

/// How the values of a table are meant.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Decimal mark of amounts.
    pub amounts: AmountStyle,
    /// Where the sign stands.
    pub sign: Sign,
    /// Whether end dates are included.
    pub end_date: EndDate,
    /// Statuses of rows that count, in lower case; empty: all rows count.
    pub counting: Vec<String>,
    /// Statuses of rows that do not count, in lower case.
    pub not_counting: Vec<String>,
    /// Codes in `cpr_kode` that mean a CPR number; empty: there is no such code.
    pub person_codes: Vec<String>,
    /// What units and frequencies are called, in lower case.
    pub units: BTreeMap<String, Unit>,
}

/// What an amount is per.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// An hour; needs a frequency.
    Time,
    /// A day.
    Dag,
    /// A week.
    Uge,
    /// 14 days.
    #[serde(rename = "14-dage")]
    FjortenDage,
    /// A calendar month.
    #[serde(rename = "maaned")]
    Maaned,
    /// A calendar quarter.
    Kvartal,
    /// A calendar year.
    #[serde(rename = "aar")]
    Aar,
    /// The whole contract.
    Periode,
    /// A piece: once, unless a frequency says otherwise.
    Engang,
}

impl Unit {
    /// How an amount per this unit, recurring with this frequency, is spread. The frequency decides; without one the
    /// unit does. `None` when the two contradict each other, or an hour has no frequency.
    #[must_use]
    pub fn spread(self, frequency: Option<Self>) -> Option<AmountType> {
        let per = match (self, frequency) {
            (Self::Time, None) => return None,
            (unit, None) => unit,
            (Self::Time | Self::Dag | Self::Engang, Some(frequency)) => frequency,
            (unit, Some(frequency)) if unit == frequency => unit,
            _ => return None,
        };
        Some(match per {
            Self::Time => return None,
            Self::Dag => AmountType::Day,
            Self::Uge => AmountType::Week,
            Self::FjortenDage => AmountType::Fortnight,
            Self::Maaned => AmountType::Month,
            Self::Kvartal => AmountType::Quarter,
            Self::Aar => AmountType::Year,
            Self::Periode => AmountType::Contract,
            Self::Engang => AmountType::Lump,
        })
    }
}

/// How a row of headings fits a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// This table; for each field the position of its column.
    Table {
        /// Position of the table in the layout.
        table: usize,
        /// Position in the row for each field, by `Field as usize`.
        columns: Vec<Option<usize>>,
    },
    /// The nearest table and the headings it lacks.
    Missing {
        /// Position of the table in the layout.
        table: usize,
        /// How many required columns were found.
        found: usize,
        /// Headings that are missing.
        lacking: Vec<String>,
    },
}

impl Layout {
    /// Reads a layout file.
    ///
    /// # Errors
    /// When the text is no layout; the error points at the place.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let raw: RawLayout = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..text.len().min(1));
            Error::new(ErrorKind::Plan, format!("Layoutfilen {file} kan ikke læses"))
                .at(Place { file: file.to_owned(), text: text.into(), span, label: error.message().to_owned() })
                .hint("Se et layout, der virker, med `samkor layouts show dubu-ydelser`.")
        })?;
        raw.resolve(text, file)
    }

    /// Finds the table whose required columns all stand in a row of headings.
    #[must_use]
    pub fn match_headings(&self, headings: &[String]) -> Matched {
        let mut nearest: Option<(usize, usize, Vec<String>)> = None;
        let mut best: Option<(usize, usize, Vec<Option<usize>>)> = None;
        // Fixed-width records have no headings; their columns' names are for people.
        let tables = if self.format == Format::FixedWidth { &[][..] } else { &self.tables };
        for (table, description) in tables.iter().enumerate() {
            let mut columns = vec![None; Field::COUNT];
            let (mut found, mut matched, mut required) = (0, 0, Vec::new());
            for column in &description.columns {
                let at = column.names.iter().find_map(|name| headings.iter().position(|text| same_heading(text, name)));
                match at {
                    Some(at) => {
                        columns[column.field as usize] = columns[column.field as usize].or(Some(at));
                        matched += 1;
                        found += usize::from(column.required);
                    }
                    None if column.required => required.push(column),
                    None => {}
                }
            }
            let replaced = |column: &Column| column.or.is_some_and(|or| columns[or as usize].is_some());
            let lacking: Vec<String> =
                required.iter().filter(|column| !replaced(column)).map(|column| column.names[0].clone()).collect();
            // A table that demands nothing still fits no row in which nothing is known, such as a title.
            if lacking.is_empty() && matched > 0 {
                if best.as_ref().is_none_or(|(_, most, _)| matched > *most) {
                    best = Some((table, matched, columns));
                }
            } else if nearest.as_ref().is_none_or(|(_, most, _)| found > *most) {
                nearest = Some((table, found, lacking));
            }
        }
        match (best, nearest) {
            (Some((table, _, columns)), _) => Matched::Table { table, columns },
            (None, Some((table, found, lacking))) => Matched::Missing { table, found, lacking },
            (None, None) => Matched::Missing { table: 0, found: 0, lacking: Vec::new() },
        }
    }

    /// A heading that stands over two columns, so that nobody can tell which of them is meant.
    #[must_use]
    pub fn heading_twice(&self, table: usize, columns: &[Option<usize>], headings: &[String]) -> Option<&str> {
        let used =
            self.tables[table].columns.iter().filter_map(|column| Some((column, columns[column.field as usize]?)));
        used.into_iter().find_map(|(column, at)| {
            let name = column.names.iter().find(|name| same_heading(name, &headings[at]))?;
            let twice = headings.iter().filter(|heading| same_heading(name, heading)).count() > 1;
            twice.then_some(name.as_str())
        })
    }

    /// The record type with this name, fixed width only.
    #[must_use]
    pub fn record(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name == name)
    }
}

/// Whether two headings are the same but for case, blanks, hyphens, full stops and colons: `CPR-nr.`, `Cpr.nr.` and `CPR nr`.
#[must_use]
pub fn same_heading(one: &str, other: &str) -> bool {
    fn folded(text: &str) -> impl Iterator<Item = char> {
        text.chars()
            .filter(|symbol| !symbol.is_whitespace() && !matches!(symbol, '.' | ':' | '-' | '\u{feff}'))
            .flat_map(char::to_lowercase)
    }
    folded(one).eq(folded(other))
}

/// The layouts a run knows: those shipped, overridden or joined by the user's.
#[derive(Clone, Debug)]
pub struct Layouts(BTreeMap<String, Layout>);

impl Layouts {
    /// The layouts shipped with the program.
    ///
    /// # Errors
    /// Only if a shipped file is broken, which a test excludes.
    pub fn shipped() -> Result<Self> {
        shipped::TEXTS
            .iter()
            .map(|(file, text)| Layout::parse(text, file).map(|layout| (layout.name.clone(), layout)))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// Adds a layout of the user's; one of the same name replaces the shipped one.
    pub fn add(&mut self, layout: Layout) {
        self.0.insert(layout.name.clone(), layout);
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// All, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Layout> {
        self.0.values()
    }

    /// The layout of this name.
    ///
    /// # Errors
    /// With the nearest name when there is none.
    pub fn get(&self, name: &str) -> Result<&Layout> {
        self.0.get(name).ok_or_else(|| {
            let error = Error::new(ErrorKind::Plan, format!("Der er intet layout, der hedder `{name}`"));
            match nearest(name, self.names()) {
                Some(near) => error.hint(format!("Mente du `{near}`?")),
                None => error.hint("Se navnene med `samkor layouts`."),
            }
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayout {
    navn: String,
    system: System,
    titel: String,
    bemaerkning: Option<String>,
    format: Format,
    #[serde(default)]
    enheder: BTreeMap<String, Unit>,
    tabel: Vec<RawTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    navn: String,
    art: toml::Spanned<String>,
    #[serde(default)]
    laengde: usize,
    decimal: Option<toml::Spanned<String>>,
    #[serde(default)]
    fortegn: Sign,
    #[serde(default)]
    slutdato: EndDate,
    #[serde(default)]
    taeller: Vec<String>,
    #[serde(default)]
    taeller_ikke: Vec<String>,
    #[serde(default)]
    cpr_koder: Vec<String>,
    #[serde(default)]
    kolonne: Vec<RawColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    felt: toml::Spanned<String>,
    #[serde(default)]
    navne: Vec<String>,
    #[serde(default)]
    kraevet: bool,
    eller: Option<toml::Spanned<String>>,
    start: Option<usize>,
    laengde: Option<usize>,
}

impl RawLayout {
    fn resolve(self, text: &str, file: &str) -> Result<Layout> {
        let place = |span, label: String| Place { file: file.to_owned(), text: text.into(), span, label };
        let wrong = |span, label: String| {
            Error::new(ErrorKind::Plan, format!("Layoutfilen {file} kan ikke bruges")).at(place(span, label))
        };
        let mut tables = Vec::new();
        for table in self.tabel {
            let code = table.art.get_ref();
            let kind = Kind::from_code(code).ok_or_else(|| {
                let near = nearest(code, Kind::ALL.iter().map(|kind| kind.code()));
                wrong(table.art.span(), near.map_or("ukendt art".into(), |near| format!("mente du `{near}`?")))
            })?;
            let decimal = match &table.decimal {
                None => b',',
                Some(mark) => match mark.get_ref().as_bytes() {
                    [mark @ (b',' | b'.')] => *mark,
                    _ => return Err(wrong(mark.span(), "decimaltegnet er `,` eller `.`".into())),
                },
            };
            if self.format == Format::FixedWidth && table.laengde == 0 {
                return Err(wrong(table.art.span(), "posttypen mangler sin `laengde`".into()));
            }
            let mut columns = Vec::new();
            for column in table.kolonne {
                let known = |felt: &toml::Spanned<String>| {
                    Field::from_code(felt.get_ref()).ok_or_else(|| {
                        let near = nearest(felt.get_ref(), Field::ALL.iter().map(|field| field.code()));
                        wrong(felt.span(), near.map_or("ukendt felt".into(), |near| format!("mente du `{near}`?")))
                    })
                };
                let field = known(&column.felt)?;
                let or = column.eller.as_ref().map(known).transpose()?;
                let (start, length) = match (self.format, column.start, column.laengde) {
                    (Format::FixedWidth, Some(start), Some(length))
                        if start > 0 && start + length - 1 <= table.laengde =>
                    {
                        (start - 1, length)
                    }
                    (Format::FixedWidth, ..) => {
                        return Err(wrong(
                            column.felt.span(),
                            "feltet mangler `start` og `laengde` inden for posten".into(),
                        ));
                    }
                    (Format::Delimited, ..) if column.navne.is_empty() => {
                        return Err(wrong(column.felt.span(), "feltet mangler `navne`".into()));
                    }
                    (Format::Delimited, ..) => (0, 0),
                };
                let names = if column.navne.is_empty() { vec![field.code().to_owned()] } else { column.navne };
                columns.push(Column { field, names, required: column.kraevet, or, start, length });
            }
            let lower = |texts: Vec<String>| texts.iter().map(|text| text.to_lowercase()).collect();
            tables.push(Table {
                name: table.navn,
                kind,
                length: table.laengde,
                columns,
                rules: Rules {
                    amounts: AmountStyle { decimal },
                    sign: table.fortegn,
                    end_date: table.slutdato,
                    counting: lower(table.taeller),
                    not_counting: lower(table.taeller_ikke),
                    person_codes: lower(table.cpr_koder),
                    units: self.enheder.iter().map(|(name, unit)| (name.to_lowercase(), *unit)).collect(),
                },
            });
        }
        Ok(Layout {
            name: self.navn,
            system: self.system,
            title: self.titel,
            remark: self.bemaerkning,
            format: self.format,
            tables,
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_layouts_are_sound() {
        let layouts = Layouts::shipped().expect("they parse");
        assert_eq!(layouts.iter().count(), shipped::TEXTS.len());
        for layout in layouts.iter() {
            assert!(!layout.tables.is_empty(), "{}", layout.name);
            for table in &layout.tables {
                for column in &table.columns {
                    let twice = table.columns.iter().filter(|other| other.field == column.field).count();
                    assert!(
                        twice == 1 || column.field == Field::Ignored,
                        "{} {} {:?}",
                        layout.name,
                        table.name,
                        column.field
                    );
                }
            }
        }
    }

    #[test]
    fn headings_find_their_table_by_any_alias() {
        let layouts = Layouts::shipped().expect("they parse");
        let layout = layouts.get("cpr-csv").expect("shipped");
        let row = |text: &str| text.split(';').map(str::to_owned).collect::<Vec<_>>();
        let Matched::Table { table, columns } = layout.match_headings(&row("Far CPR;mor cpr;CPR")) else {
            panic!("the parents' table fits")
        };
        assert_eq!(layout.tables[table].kind, Kind::Parents);
        assert_eq!(columns[Field::Person as usize], Some(2));
        let Matched::Missing { lacking, .. } = layout.match_headings(&row("CPR;Mor CPR")) else {
            panic!("a column is missing")
        };
        assert_eq!(lacking, ["Far CPR"]);
        let fixed = layouts.get("cpr-p12170").expect("shipped");
        assert!(
            matches!(fixed.match_headings(&row("CPR;Ydelse")), Matched::Missing { found: 0, .. }),
            "it has no headings"
        );
    }

    #[test]
    fn units_and_frequencies_spread_amounts() {
        assert_eq!(Unit::Time.spread(Some(Unit::Uge)), Some(AmountType::Week));
        assert_eq!(Unit::Time.spread(None), None);
        assert_eq!(Unit::Dag.spread(None), Some(AmountType::Day));
        assert_eq!(Unit::Maaned.spread(Some(Unit::Maaned)), Some(AmountType::Month));
        assert_eq!(Unit::Maaned.spread(Some(Unit::Uge)), None);
        assert_eq!(Unit::Engang.spread(None), Some(AmountType::Lump));
    }

    #[test]
    fn faults_in_a_layout_point_at_their_place() {
        let text = "navn='x'\nsystem='dubu'\ntitel='t'\nformat='csv'\n[[tabel]]\nnavn='a'\nart='bevilling'\n";
        let error = Layout::parse(text, "x.toml").expect_err("no such kind");
        let place = error.place().expect("a place");
        assert_eq!((&text[place.span.clone()], place.label.as_str()), ("'bevilling'", "mente du `bevillinger`?"));
        assert_eq!(
            Layouts::shipped().expect("shipped").get("dubu-ydelse").expect_err("misspelt").hints(),
            ["Mente du `dubu-ydelser`?"]
        );
    }
}
