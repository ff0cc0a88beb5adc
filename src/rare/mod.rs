//! Rare events: paths that are led to them, and what it takes to undo the lead.
//!
//! *Splitting*: [`Importance`] tells how near a marking is, a [`Pilot`] lays levels along it, and a [`Splitter`] carries
//! out one replication whose path is split at each level that it reaches.
//!
//! *Importance sampling* by measure-specific cycles (Goyal et al. 1992; Nicola, Shahabuddin, Heidelberger and Glynn
//! 1993 for nets that don't regenerate): a crude path gives the time, and from each of its entries into the markings in
//! which nothing recovers a [`Sampler`] sends off a biased copy, whose downtime until its own next entry, times its
//! weight, belongs to that cycle. The clocks of the copy have the ages that they have on the crude path, so nothing
//! need be exponential.

mod ages;
mod biasing;
mod cycle;
mod distance;
mod hazard;
mod importance;
mod levels;
mod passage;
mod pilot;
mod promise;
mod restart;
mod scheme;
mod toward;
mod weighted;
mod weights;

pub use cycle::{CHANCE, Sampler};
pub use importance::{Importance, Scratch};
pub use levels::{Levels, Rises};
pub use passage::{Laid, Passage};
pub use pilot::{Pilot, Piloted};
pub use restart::{Splitter, Tree};
pub use scheme::Scheme;
pub use toward::Toward;
pub use weights::{Effect, Piece, RUNS, Weights};

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
    /// Nothing can fire any more before a cycle has ended.
    Rests,
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Halt {
        Halt::Fault(fault)
    }
}
