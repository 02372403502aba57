//! `arbejde/fejl.csv` and `arbejde/afstemning.csv`: exact, for analysts. Never the text of a field.

use super::{
    csv::{Cell, Table},
    model::{ReportModel, SourceSummary},
};
use crate::{
    analysis::Destination,
    base::Result,
    domain::{Ore, Role, SourceId},
};

/// The post of rows used that the catalogue does not know: a class of its own, never a default.
const UNKNOWN: &str = "heraf ukendt for kataloget";

/// Writes one row for every row of a source that was set aside, by source, file and line.
#[must_use]
pub fn faults_csv(model: &ReportModel) -> Vec<u8> {
    let mut faults: Vec<_> = model.faults.iter().collect();
    faults.sort_by_key(|fault| (fault.source, fault.file, fault.line, fault.byte, fault.code, fault.column.clone()));
    let mut table = Table::new(["kilde", "fil nr.", "linje", "byte", "kolonne", "kode", "betydning", "beløb (kr.)"]);
    for fault in faults {
        let whole = |number: u64| Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX));
        table.row([
            Cell::Text(model.source(fault.source)),
            Cell::Whole(i64::from(fault.file) + 1),
            whole(fault.line),
            whole(fault.byte),
            fault.column.as_deref().map_or(Cell::Empty, Cell::Text),
            Cell::Text(fault.code.code()),
            Cell::Text(fault.code.danish()),
            fault.ore.map_or(Cell::Empty, Cell::Exact),
        ]);
    }
    table.into_bytes()
}

/// Writes the exact bridge of every source: rows read, sorted out, set aside and used, then where the kroner ended. For
/// a source of actual payments the places add up to the kroner used, and the last row says so with a difference of zero.
///
/// # Errors
/// When a sum leaves 64 bits.
pub fn reconciliation_csv(model: &ReportModel) -> Result<Vec<u8>> {
    let mut table = Table::new(["kilde", "rolle", "post", "antal", "antal er", "beløb (kr.)"]);
    for (id, source) in (0..).map(SourceId).zip(&model.sources) {
        rows(&mut table, source);
        let lines = || model.bridge.lines.iter().filter(|line| line.source == id);
        for destination in Destination::ALL {
            for line in lines().filter(|line| line.destination == destination) {
                let role = line.role.or(source.role).map_or("", Role::code);
                let unit = if line.role.is_some() { "forløb" } else { "rækker" };
                table.row(cells(source, role, destination.danish(), Some((line.pieces, unit)), line.ore));
            }
        }
        let placed = lines().filter(|line| line.destination != Destination::TariffMoved).map(|line| line.ore);
        let placed = Ore::sum(placed)?;
        if source.role == Some(Role::Actual) {
            table.row(cells(source, Role::Actual.code(), "fordelt i alt", None, placed));
            table.row(cells(source, Role::Actual.code(), "forskel", None, source.used.ore.plus(-placed)?));
        }
    }
    Ok(table.into_bytes())
}

fn rows(table: &mut Table, source: &SourceSummary) {
    let posts = [
        ("læst", source.read),
        ("frasorteret efter layoutets regler", source.sorted_out),
        ("sat til side med fejl", source.set_aside),
        ("brugt", source.used),
    ];
    let unknown = (source.unknown.rows > 0).then_some((UNKNOWN, source.unknown));
    for (post, rows) in posts.into_iter().chain(unknown) {
        table.row(cells(source, source.role.map_or("", Role::code), post, Some((rows.rows, "rækker")), rows.ore));
    }
}

fn cells<'a>(
    source: &'a SourceSummary,
    role: &'a str,
    post: &'a str,
    number: Option<(u64, &'a str)>,
    ore: Ore,
) -> [Cell<'a>; 6] {
    let (number, unit) = match number {
        Some((number, unit)) => (Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX)), Cell::Text(unit)),
        None => (Cell::Empty, Cell::Empty),
    };
    [Cell::Text(&source.name), Cell::Text(role), Cell::Text(post), number, unit, Cell::Exact(ore)]
}
