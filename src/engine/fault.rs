//! Why a path ended early, and how it is told.

use super::Path;
use crate::net::TransitionId;
use std::fmt;

/// Why a path ended early (S3, S6, S11): names what happened, where and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Which kind.
    pub kind: FaultKind,
    /// The transition, with its binding; of a loop: all of them.
    pub transitions: Vec<String>,
    /// Simulated seconds.
    pub time: f64,
    /// Which replication.
    pub replication: u64,
    /// Which seed.
    pub seed: u64,
}

/// The kinds of fault of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// Immediates fire without end (S6).
    Livelock,
    /// Timed transitions fire without time passing (S6).
    TimeStandsStill,
    /// A place would hold more than it may (S3).
    Overrun {
        /// The place.
        place: String,
        /// Most tokens.
        limit: u32,
    },
    /// A weight, speed, parameter or reward has an impossible value in some marking.
    BadValue {
        /// What is wrong: "its speed is −1, and must be at least 0 and finite".
        message: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.transitions.join(", ");
        match &self.kind {
            FaultKind::Livelock => write!(f, "immediate transitions fire without end: {names}")?,
            FaultKind::TimeStandsStill => write!(f, "timed transitions fire without time passing: {names}")?,
            FaultKind::Overrun { place, limit } => {
                write!(f, "{names} puts more than {limit} tokens into {place}")?;
            }
            FaultKind::BadValue { message } => write!(f, "{names}: {message}")?,
        }
        write!(f, " (at {} s of replication {}, seed {})", self.time, self.replication, self.seed)
    }
}

impl std::error::Error for Fault {}

/// A fault without the circumstances, which the path adds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub who: Who,
    pub message: String,
}

/// What has an impossible value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Who {
    Transition(TransitionId),
    Reward(usize),
}

impl Problem {
    #[cold]
    pub fn bad_value(transition: TransitionId, message: String) -> Problem {
        Problem { who: Who::Transition(transition), message }
    }
}

impl Path<'_> {
    /// A problem with its circumstances.
    #[cold]
    pub(super) fn fault(&self, problem: Problem) -> Fault {
        let name = match problem.who {
            Who::Transition(id) => self.program.transition(id).to_string(),
            Who::Reward(index) => match self.program.up.get(index) {
                Some(up) => format!("up condition \"{up}\""),
                None => "a measure".to_string(),
            },
        };
        self.with_circumstances(FaultKind::BadValue { message: problem.message }, vec![name])
    }

    /// A place holds too much (S3).
    #[cold]
    pub(super) fn overrun(&self, transition: TransitionId, place: u32) -> Fault {
        let kind = FaultKind::Overrun {
            place: self.program.place_in_words(place),
            limit: self.program.limits[place as usize],
        };
        self.with_circumstances(kind, vec![self.program.transition(transition).to_string()])
    }

    /// A loop without time (S6): names what fired last.
    #[cold]
    pub(super) fn timeless(&self, kind: FaultKind) -> Fault {
        let mut looping = self.loops.clone();
        if kind == FaultKind::TimeStandsStill {
            looping = self.clocks.due_now(self.now);
        }
        looping.sort_unstable();
        looping.dedup();
        let names = looping.into_iter().map(|t| self.program.transition(TransitionId(t)).to_string());
        self.with_circumstances(kind, names.collect())
    }

    fn with_circumstances(&self, kind: FaultKind, transitions: Vec<String>) -> Fault {
        Fault { kind, transitions, time: self.now, replication: self.replication, seed: self.seed }
    }
}
