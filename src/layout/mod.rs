//! What a source's columns mean, as data: one description read by plan (names), ingest (reading) and synth (writing).

mod field;
mod infer;
mod model;
mod sheet;
mod shipped;
mod value;
mod write;

pub use field::{Field, FieldKind, Kind};
pub use infer::infer;
pub use model::{Column, EndDate, Format, Layout, Layouts, Matched, Rules, Sign, Table, Unit, same_heading};
pub use sheet::Cells;
pub use value::{
    AmountStyle, number_as_written, read_amount, read_damaged_number, read_date, read_identity, read_number,
    read_quantity, read_register_date,
};
pub use write::{
    DateForm, NumberForm, write_amount, write_date, write_number, write_padded, write_person, write_quantity,
};
