//! What a run is told from outside, and what it tells while it works.

use super::resume::Snapshot;
use crate::engine::Fault;
use crate::exact::Refusal;
use crate::rare::Halt;
use indexmap::IndexMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a run is computed; nothing in it changes a number of the outcome.
pub struct Control<'a> {
    /// Threads, at least 1.
    pub threads: usize,
    /// Set from outside to end the run at the last folded block.
    pub interrupted: &'a AtomicBool,
    /// Is told how far the run is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Is given what would be needed to go on: after each finished point, and at an interruption.
    pub checkpoint: &'a (dyn Fn(&Snapshot) + Sync),
    /// Where an earlier run stopped.
    pub resume: Option<Snapshot>,
}

impl Control<'_> {
    /// Whether the run was asked to end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Points (design and sweep values) finished.
    pub finished: usize,
    /// Points in all.
    pub points: usize,
    /// The design being solved.
    pub design: String,
    /// Its sweep values.
    pub at: IndexMap<String, String>,
    /// What is being done.
    pub stage: Stage,
    /// Outages of the primary condition seen so far at this point.
    pub outages: u64,
    /// Relative half-width reached at the last look.
    pub reached: Option<f64>,
    /// Relative half-width wanted.
    pub wanted: f64,
    /// Share of this point's work that is done, as projected at the last look; 0 to 1.
    pub share: f64,
}

/// What is being done at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The pilot: method and warm-up.
    Pilot,
    /// An exact solution.
    Solving,
    /// The observations.
    Sampling,
    /// Single years.
    Years,
    /// Paths for measures with a time of their own, and about outages.
    Paths,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq)]
pub enum RunFault {
    /// A path ended early (S3, S6, S11).
    Path(Box<PathFault>),
    /// A net is too large to compile.
    TooLarge {
        /// The design.
        design: String,
        /// What is too large.
        message: String,
    },
    /// A net can't be solved exactly.
    Exact {
        /// The design, with its sweep values.
        place: String,
        /// What stands in the way.
        refusal: Refusal,
    },
    /// A baseline doesn't belong to the scenario.
    Baseline(String),
    /// A snapshot doesn't belong to this run.
    Resume(String),
    /// Threads couldn't be started.
    Threads(String),
}

/// Where a path ended early, and how to see it again.
#[derive(Debug, Clone, PartialEq)]
pub struct PathFault {
    /// The design.
    pub design: String,
    /// Its sweep values.
    pub at: IndexMap<String, String>,
    /// What happened.
    pub fault: Fault,
    /// The command that shows it again.
    pub replay: String,
}

impl fmt::Display for RunFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunFault::Path(path) => {
                let PathFault { design, at, fault, replay } = &**path;
                write!(f, "design {design}")?;
                for (name, value) in at {
                    write!(f, ", {name} = {value}")?;
                }
                match fault.copied {
                    true => write!(f, ": {fault}; no seed replays a copy: the whole run meets it again, `{replay}`"),
                    false => write!(f, ": {fault}; see it again with `{replay}`"),
                }
            }
            RunFault::TooLarge { design, message } => write!(f, "design {design}: {message}"),
            RunFault::Exact { place, refusal } if refusal.is_fault_of_the_net() => {
                write!(f, "design {place}: {refusal}")
            }
            RunFault::Exact { place, refusal } => write!(f, "design {place}: {refusal}; simulation serves"),
            RunFault::Baseline(message) => write!(f, "{message}"),
            RunFault::Resume(message) => write!(f, "can't resume: {message}"),
            RunFault::Threads(message) => write!(f, "can't start the threads: {message}"),
        }
    }
}

impl std::error::Error for RunFault {}

/// Why the solution of a point ended early.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stop {
    /// A path ended early.
    Fault(Fault),
    /// Ended by hand.
    Interrupted,
    /// One path alone used more firings than it may.
    Cut,
    /// A cycle, or a path that should go on for ever, came to rest: nothing can fire any more.
    Rests,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Stop {
        match halt {
            Halt::Fault(fault) => Stop::Fault(fault),
            Halt::Interrupted => Stop::Interrupted,
            Halt::Cut => Stop::Cut,
            Halt::Rests => Stop::Rests,
        }
    }
}
