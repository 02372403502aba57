//! Rows that a person must look at: the queue out, the decisions back.

pub(in crate::jobs) mod decisions;
