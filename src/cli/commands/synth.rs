//! `samkor synth MAPPE`.

use std::fmt::Write as _;

use samkor::{
    base::{Error, ErrorKind, Files, Pool, Result},
    synth::{self, Damage, Summary, World},
};

use super::Context;
use crate::cli::{
    arguments::{DamageChoice, SynthArguments},
    terminal::to_stdout,
    threads,
};

/// The last year of a world whose first year was not asked for.
const LAST_YEAR: i16 = 2024;

/// Persons and rows that were not asked for.
const PERSONS: u32 = 20_000;
const ROWS: u64 = 200_000;

/// Writes a made-up municipality and tells what is in it.
pub fn run(arguments: &SynthArguments, context: &Context<'_>) -> Result<()> {
    let years = i16::from(arguments.years);
    let too_late = |_| Error::new(ErrorKind::Plan, "Det første kalenderår er for stort");
    let first_year = arguments.first_year.map(i16::try_from).transpose().map_err(too_late)?;
    let world = World {
        seed: arguments.seed,
        persons: arguments.persons.unwrap_or(PERSONS),
        rows: arguments.rows.unwrap_or_else(|| arguments.persons.map_or(ROWS, |persons| u64::from(persons) * 10)),
        first_year: first_year.unwrap_or(LAST_YEAR + 1 - years),
        years,
        plain: arguments.plain,
        damage: match arguments.damage {
            DamageChoice::None => Damage::None,
            DamageChoice::Light => Damage::Light,
            DamageChoice::Heavy => Damage::Heavy,
        },
        neutral_register: arguments.cpr_csv,
    };
    let pool = Pool::new(threads::count(arguments.threads))?;
    let (place, files, observer) = (&arguments.directory, Files::real(), context.observer);
    let summary = match &arguments.register {
        Some(register) => synth::generate_around(&world, register, place, &pool, &files, observer)?,
        None => synth::generate(&world, place, &pool, &files, observer)?,
    };
    let directory = arguments.directory.display();
    if context.json {
        let figures: serde_json::Map<String, serde_json::Value> =
            summary.lines().into_iter().map(|(name, value)| (name, value.into())).collect();
        return to_stdout(format!("{}\n", serde_json::Value::from(figures)).as_bytes());
    }
    to_stdout(format!("{}\nKør den med: samkor run {directory}/samkor.toml\n", told(&summary)).as_bytes())
}

/// What was written, for people.
fn told(summary: &Summary) -> String {
    let share = |thousandths: u64| format!("{},{} %", thousandths / 10, thousandths % 10);
    let mut text = format!("{} personer, {} rækker", summary.persons, summary.rows);
    if summary.damaged > 0 {
        write!(text, ", heraf {} med skader", summary.damaged).expect("a string grows");
    }
    let size = summary.household_size();
    write!(
        text,
        "\n{} husstande, {},{:02} personer i hver, {} med én person\n{} anbragte børn\n\
         {} af de bosatte har ydelser fra to afdelinger eller flere\n\
         Den dyreste hundrededel af de bosatte trækker {} af servicekronerne",
        summary.households,
        size / 1000,
        size % 1000 / 10,
        share(summary.single_share()),
        summary.placed,
        share(summary.two_departments_share()),
        share(summary.top_share()),
    )
    .expect("a string grows");
    text
}
