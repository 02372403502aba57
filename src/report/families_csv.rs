//! `liste/familier.csv`: every family that stands on one of the four lists, one to a row.

use super::{
    csv::{Cell, Table},
    model::{ReportModel, departments_of},
    text,
};
use crate::{analysis::List, base::Result, family::AgeBand};

/// Writes the list, in the order of ranks by kroner.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn families_csv(model: &ReportModel) -> Result<Vec<u8>> {
    let listed = model.listed();
    let departments = departments_of(listed.iter().map(|unit| &model.figures[*unit]))?;
    let ranking = &model.ranking;
    let lists: [(&List, &str); 4] = [
        (&ranking.by_cost, "kroner"),
        (&ranking.by_services, "antal"),
        (&ranking.several_by_cost, "kroner (flere ydelser)"),
        (&ranking.several_by_services, "antal (flere ydelser)"),
    ];
    let unit = format!("kr., brutto, løbende priser, afrundet til {}", text::count(model.rounding.into()));

    let mut header: Vec<String> = [
        "rang efter kroner",
        "rang efter antal ydelser",
        "rang efter kroner (flere ydelser)",
        "rang efter antal ydelser (flere ydelser)",
        "på listerne",
        "etiket",
    ]
    .map(str::to_owned)
    .to_vec();
    header.push(format!("beløb ({unit})"));
    for back in ["statsrefusion", "mellemkommunal indtægt", "egenbetaling"] {
        header.push(format!("{back} (kr., afrundet)"));
    }
    header.push("netto (kr., afrundet)".to_owned());
    header.extend(model.price_year.map(|year| format!("{} i {year}-priser (kr., afrundet)", model.measure())));
    header.extend(
        [
            "ydelser (antal)",
            "afdelinger (antal)",
            "formålsgrupper (antal)",
            "medlemmer (personer)",
            "børn under 18 (personer)",
            "anbragte i perioden (personer)",
        ]
        .map(str::to_owned),
    );
    header.extend(AgeBand::ALL.map(|band| format!("{} år (personer)", band.code())));
    header.push("alder ukendt (personer)".to_owned());
    header.extend(departments.iter().map(|(id, _)| format!("{} ({unit})", model.department(*id))));
    header.push("beskyttelse".to_owned());

    let mut table = Table::new(header.iter().map(String::as_str));
    for index in listed {
        let figures = &model.figures[index];
        let label = figures.label.to_string();
        let on: Vec<&str> = lists.iter().filter(|(list, _)| list.has(index)).map(|(_, name)| *name).collect();
        let on = on.join(", ");
        let rank = |list: &List| list.ranks[index].map_or(Cell::Empty, |rank| Cell::Whole(rank.into()));
        let mut cells: Vec<Cell<'_>> = lists.iter().map(|(list, _)| rank(list)).collect();
        cells.extend([Cell::Text(&on), Cell::Text(&label), Cell::Rounded(figures.ore, model.rounding)]);
        cells.extend(figures.refunds.into_iter().chain([figures.net]).map(|ore| Cell::Rounded(ore, model.rounding)));
        cells.extend(model.price_year.map(|_| Cell::Rounded(figures.fixed.unwrap_or_default(), model.rounding)));
        let numbers = [
            figures.services,
            figures.departments,
            figures.purpose_groups,
            figures.members,
            figures.children,
            figures.placed,
        ];
        cells.extend(
            numbers.into_iter().chain(figures.ages).chain([figures.age_unknown]).map(|n| Cell::Whole(n.into())),
        );
        cells.extend(departments.iter().map(|(id, _)| {
            let place = figures.by_department.iter().find(|(department, _)| department == id);
            place.map_or(Cell::Empty, |(_, ore)| Cell::Rounded(*ore, model.rounding))
        }));
        cells.push(Cell::Text(text::protection(figures.protection)));
        table.row(cells);
    }
    Ok(table.into_bytes())
}
