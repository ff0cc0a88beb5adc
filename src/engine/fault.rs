//! Why a path ended early, and how it is told.

use super::{MOST_AT_ONCE, Path};
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
    /// Whether the path was a copy of another ([`Path::fork`]): then seed and replication alone don't bring it back.
    pub copied: bool,
}

/// The kinds of fault of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// Immediates fire without end (S6).
    Livelock,
    /// Timed transitions, and perhaps immediate ones between them, fire without time passing (S6).
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

/// More names of a loop than that are told in a sentence by their number; [`Fault::transitions`] has all.
const MOST_NAMED: usize = 50;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.transitions.split_at(self.transitions.len().min(MOST_NAMED));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let names = shown.join(", ") + &more;
        match &self.kind {
            FaultKind::Livelock => write!(f, "immediate transitions fire without end: {names}")?,
            FaultKind::TimeStandsStill => write!(f, "transitions fire without time passing: {names}")?,
            FaultKind::Overrun { place, limit } => {
                write!(f, "{names} puts more than {limit} tokens into {place}")?;
            }
            FaultKind::BadValue { message } => write!(f, "{names}: {message}")?,
        }
        match self.copied {
            true => write!(f, " (at {} s of a copy of a path)", self.time),
            false => write!(f, " (at {} s of replication {}, seed {})", self.time, self.replication, self.seed),
        }
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
            Who::Reward(index) => self.program.reward_name(index),
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

    /// Keeps in mind what is about to fire without time passing; at the limit that is the loop (S6).
    #[cold]
    pub(super) fn note(&mut self, transition: TransitionId) -> Result<(), Fault> {
        if self.noted_at != self.now {
            self.noted.clear();
            self.noted_at = self.now;
        }
        self.noted.insert(transition);
        if self.immediate_here.max(self.timed_here) < MOST_AT_ONCE {
            return Ok(());
        }
        let immediates = self.program.immediates.iter().filter(|i| self.noted.contains(&i.transition)).count();
        let all = immediates == self.noted.len();
        let kind = if all { FaultKind::Livelock } else { FaultKind::TimeStandsStill };
        let names = self.noted.iter().map(|&t| self.program.transition(t).to_string());
        Err(self.with_circumstances(kind, names.collect()))
    }

    fn with_circumstances(&self, kind: FaultKind, transitions: Vec<String>) -> Fault {
        let Path { now: time, seed, replication, copied, .. } = *self;
        Fault { kind, transitions, time, replication, seed, copied }
    }
}
