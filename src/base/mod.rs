//! What every room uses: errors with hints, faults of rows, events for observers, the ordered parallel map, digests, files.

pub mod digest;
pub mod error;
pub mod event;
pub mod fault;
pub mod files;
pub mod pool;
pub mod spare;

pub use digest::{Digest, Hasher};
pub use error::{Error, ErrorKind, Place, Result};
pub use event::{Event, Observer, Silent};
pub use fault::{Fault, FaultCode};
pub use files::{FileWriter, Files};
pub use pool::Pool;
pub use spare::Spare;
