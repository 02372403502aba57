//! The tests of the whole program: one file per command or property.

mod layers;
