//! What a source's columns mean, as data: one description read by plan (names), ingest (reading) and synth (writing).

mod field;
mod infer;
mod model;
mod shipped;
mod value;

pub use field::{Field, FieldKind, Kind};
pub use infer::infer;
pub use model::{Column, EndDate, Format, Layout, Layouts, Matched, Rules, Sign, Table, Unit, same_heading};
pub use value::{AmountStyle, read_amount, read_date, read_identity, read_number, read_quantity, read_register_date};
