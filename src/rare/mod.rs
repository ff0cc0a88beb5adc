//! Rare events: paths are split where they come nearer to a failure.
//!
//! [`Importance`] tells how near a marking is, a [`Pilot`] lays levels along it, and a [`Splitter`] carries out one
//! replication whose path is split at each level that it reaches.

mod importance;
mod levels;
mod pilot;
mod restart;

pub use importance::{Importance, Scratch};
pub use levels::{Levels, Rises};
pub use pilot::{Pilot, Piloted};
pub use restart::{Splitter, Tree};

use crate::engine::Fault;

/// Why work on paths ended early.
#[derive(Debug, Clone, PartialEq)]
pub enum Halt {
    /// A path found a fault.
    Fault(Fault),
    /// Asked to stop.
    Interrupted,
    /// It took more firings than it may.
    Cut,
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Halt {
        Halt::Fault(fault)
    }
}
