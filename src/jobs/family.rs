//! `samkor family RUN LABEL`: one family from the tables of a run, without numbers and names.

use std::{collections::BTreeMap, path::Path};

use super::run_tables::{Named, find_unit};
use crate::{base::Result, domain::Protection, tables::Cell};

/// A family as its run saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyView {
    /// The unit that was asked for.
    pub unit: UnitView,
    /// Households, families and case families that its members belong to, the unit itself among them.
    pub units: Vec<UnitView>,
    /// Its members, in the order of roles.
    pub members: Vec<MemberView>,
    /// The strongest protection of any unit, in words: whoever shares a household with a protected person could give it away.
    pub protection: Option<String>,
}

/// A unit in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitView {
    /// Its label.
    pub label: String,
    /// H, F or S.
    pub letter: String,
    /// Why it is one.
    pub form: String,
    /// Members on the reference date.
    pub members: i64,
    /// Members under 18.
    pub children: i64,
    /// Members with a placement in the period.
    pub placed: i64,
    /// The strongest protection of any member, in words.
    pub protection: Option<String>,
    /// Whether a child has a parent who lives apart.
    pub parent_apart: bool,
}

/// A member, told by a number within this view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Its number, from 1.
    pub number: usize,
    /// The band of its age on the reference date.
    pub age: Option<String>,
    /// What it is in household, family and case family.
    pub places: Vec<PlaceView>,
}

/// What a member is in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceView {
    /// H, F or S.
    pub letter: String,
    /// The unit's label.
    pub label: String,
    /// What it is there.
    pub role: String,
    /// The rule that binds it and how sure that is.
    pub rule: Option<(String, String)>,
    /// The number of the member that it is bound to, when that is in this view.
    pub to: Option<usize>,
    /// First and last day in the period.
    pub days: Option<(String, String)>,
    /// Where the parents are of whom a child under 18 is not in this unit.
    pub parents: Option<String>,
}

/// Finds the family with this label in the tables of a run. Hyphens and small letters in the label do not matter.
///
/// # Errors
/// When the directory is no run of samkor, or has no family with the label.
pub fn family(run: &Path, label: &str) -> Result<FamilyView> {
    let (units, members) = (Named::read(run, "familier")?, Named::read(run, "familieled")?);
    let (wanted, row) = find_unit(&units, label)?;
    let by_label: BTreeMap<String, usize> =
        units.rows().filter_map(|row| Some((units.text(row, "etiket")?, row))).collect();
    let unit = |row: usize| UnitView {
        label: units.text(row, "etiket").unwrap_or_default(),
        letter: units.text(row, "enhedstype").unwrap_or_default(),
        form: units.text(row, "art").unwrap_or_default(),
        members: units.whole(row, "medlemmer"),
        children: units.whole(row, "boern"),
        placed: units.whole(row, "anbragte"),
        protection: units.text(row, "beskyttelse"),
        parent_apart: units.cell(row, "foraelder_for_sig") == Some(&Cell::Truth(true)),
    };
    let persons: Vec<String> = members
        .rows()
        .filter(|row| members.text(*row, "etiket").as_ref() == Some(&wanted))
        .filter_map(|row| members.text(row, "person"))
        .collect();
    let number: BTreeMap<&str, usize> = persons.iter().map(String::as_str).zip(1..).collect();
    let mut views: Vec<MemberView> =
        (1..=persons.len()).map(|number| MemberView { number, age: None, places: Vec::new() }).collect();
    let mut labels = Vec::new();
    for row in members.rows() {
        let Some(place) = members.text(row, "person").and_then(|person| number.get(person.as_str()).copied()) else {
            continue;
        };
        let label = members.text(row, "etiket").unwrap_or_default();
        if !labels.contains(&label) {
            labels.push(label.clone());
        }
        let view = &mut views[place - 1];
        view.age = members.text(row, "alder");
        view.places.push(PlaceView {
            letter: members.text(row, "enhedstype").unwrap_or_default(),
            label,
            role: members.text(row, "rolle").unwrap_or_default(),
            rule: members.text(row, "regel").zip(members.text(row, "sikkerhed")),
            to: members.text(row, "knyttet_til").and_then(|to| number.get(to.as_str()).copied()),
            days: members.text(row, "fra").zip(members.text(row, "til")),
            parents: members.text(row, "foraeldre"),
        });
    }
    let beside: Vec<UnitView> = labels.iter().filter_map(|label| by_label.get(label)).map(|row| unit(*row)).collect();
    let has = |words: &&str| beside.iter().any(|unit| unit.protection.as_deref() == Some(*words));
    let strongest = Protection::ALL.into_iter().rev().map(Protection::danish).find(has).map(str::to_owned);
    Ok(FamilyView { unit: unit(row), units: beside, members: views, protection: strongest })
}
