//! What is outside of the server's process: the faults in its code, the store, and the notes of those who measure.

use super::Function;
use super::tree::{Address, Mail, Tree};
use crate::emulator::actor::{Happening, Watch};
use crate::emulator::server::MOST_ENTRIES;
use crate::emulator::time::Instant;
use crate::rng::{Stream, StreamKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A failure of a function that is to come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Its number, for the notes.
    pub fault: usize,
    /// Which function fails.
    pub function: Function,
    /// Whether a message is to blame: the next one that the function has in hand, and the same whenever it comes back.
    /// Otherwise the function fails at once, and if that doesn't cure it, at its next message.
    pub poison: bool,
    /// Probability that a failure was the last one: that what was done about it cures.
    pub cure: f64,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// There was nobody whom it could strike.
    Missed,
    /// The function failed.
    Failed,
    /// A supervisor gave up, and failed itself; none: the guardian did.
    Escalated(Option<Function>),
    /// The process ended.
    Died,
}

/// A fault that is in the code, and not cured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Armed {
    failure: Failure,
    /// The message that is to blame, when it is known.
    mark: Option<(u32, u32)>,
}

/// The faults that are in the code: whoever runs it has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Code(Vec<Armed>);

/// What all servers of a run share, and none loses when its process ends.
#[derive(Debug)]
pub struct Surroundings {
    bindings: BTreeMap<u32, Instant>,
    code: Code,
    /// Whether a failure was the last one, and whom of several it strikes.
    draws: Stream,
    /// The fault whose consequences are seen.
    current: Option<usize>,
    notes: VecDeque<(Instant, usize, Note)>,
    rejected: u64,
    /// Bindings that others don't know of yet, if there are others.
    untold: Option<Vec<(u32, Instant)>>,
}

impl Surroundings {
    /// Those of a run.
    pub fn new((seed, run): (u64, u64)) -> Surroundings {
        Surroundings {
            bindings: BTreeMap::new(),
            code: Code::default(),
            draws: StreamKey::of("emulator.cures").stream(seed, run),
            current: None,
            notes: VecDeque::new(),
            rejected: 0,
            untold: None,
        }
    }

    /// What happened next, when, and to which fault.
    pub fn poll_note(&mut self) -> Option<(Instant, usize, Note)> {
        self.notes.pop_front()
    }

    /// Messages that were none.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// So many messages were none.
    pub fn reject(&mut self, count: u64) {
        self.rejected += count;
    }

    /// From now on [`Surroundings::take_stored`] tells of what is stored: the store is shared with other processes.
    pub fn share(&mut self) {
        self.untold.get_or_insert_default();
    }

    /// What was stored since the last call, if it is shared.
    pub fn take_stored(&mut self) -> Vec<(u32, Instant)> {
        self.untold.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Another process has stored these bindings.
    pub fn learn(&mut self, bindings: Vec<(u32, Instant)>) {
        self.bindings.extend(bindings);
    }

    /// The faults that are in the code.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// These are the faults in the code now.
    pub fn set_code(&mut self, code: Code) {
        self.code = code;
    }

    /// Stores a binding; whether there was room.
    pub(super) fn store(&mut self, user: u32, until: Instant) -> bool {
        let fits = self.bindings.len() < MOST_ENTRIES;
        if fits {
            self.bindings.insert(user, until);
            self.untold.iter_mut().for_each(|untold| untold.push((user, until)));
        }
        fits
    }

    pub(super) fn stored(&self, user: u32) -> Option<Instant> {
        self.bindings.get(&user).copied()
    }

    /// The fault is in the code from now on.
    pub(super) fn arm(&mut self, failure: &Failure) {
        self.code.0.push(Armed { failure: *failure, mark: None });
    }

    /// Whom of those who could be struck a fault strikes now.
    pub(super) fn strike(&mut self, now: Instant, failure: &Failure, candidates: &[Address]) -> Option<Address> {
        let choice = (self.draws.draw().uniform() * candidates.len() as f64) as usize;
        let cured = self.is_cured(failure.cure);
        let struck = candidates.get(choice).copied();
        let note = if struck.is_some() { Note::Failed } else { Note::Missed };
        self.current = Some(failure.fault);
        self.notes.push_back((now, failure.fault, note));
        if struck.is_some() && !cured {
            self.arm(failure);
        }
        struck
    }

    fn is_cured(&mut self, cure: f64) -> bool {
        self.draws.draw().uniform() < cure
    }

    /// Whether a function fails at a message.
    fn is_fatal(&mut self, now: Instant, function: Function, mark: Option<(u32, u32)>) -> bool {
        let strikes = |armed: &Armed| {
            let known = armed.mark.is_none() || armed.mark == mark;
            armed.failure.function == function && (!armed.failure.poison || mark.is_some() && known)
        };
        let Some(index) = self.code.0.iter().position(strikes) else { return false };
        let Failure { fault, poison, cure, .. } = self.code.0[index].failure;
        if poison {
            self.code.0[index].mark = mark;
        }
        if self.is_cured(cure) {
            self.code.0.remove(index);
        }
        self.current = Some(fault);
        self.notes.push_back((now, fault, Note::Failed));
        true
    }

    fn note(&mut self, now: Instant, note: Note) {
        if let Some(fault) = self.current {
            self.notes.push_back((now, fault, note));
        }
    }
}

/// The surroundings, whatever became of who held them.
pub(super) fn lock(surroundings: &Mutex<Surroundings>) -> MutexGuard<'_, Surroundings> {
    surroundings.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The surroundings as the watch of a system.
pub(super) struct Fates<'s>(pub(super) &'s Mutex<Surroundings>);

impl Watch<Tree> for Fates<'_> {
    fn is_fatal(&mut self, now: Instant, actor: Address, message: &Mail) -> bool {
        let mut surroundings = lock(self.0);
        !surroundings.code.0.is_empty() && surroundings.is_fatal(now, actor.function, message.mark())
    }

    fn happened(&mut self, now: Instant, happening: Happening<Address>) {
        match happening {
            Happening::Escalated { to, .. } => {
                lock(self.0).note(now, Note::Escalated(to.map(|supervisor| supervisor.function)));
            }
            Happening::Died => lock(self.0).note(now, Note::Died),
            _ => {}
        }
    }
}
