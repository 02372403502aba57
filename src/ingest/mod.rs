//! Files become typed rows and faults.

pub mod rows;
