//! The CPR office's test extract.
