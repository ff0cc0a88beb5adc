//! One path: settle immediates, advance, fire, revise clocks, collect rewards.

use crate::net::TransitionId;
use crate::program::Program;
use crate::syntax::ast::Ties;

/// How a path is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What decides between clocks due at the same time (S13).
    pub ties: Ties,
    /// Report confusion (S6); slows the path down.
    pub confusion: bool,
}

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
        /// What is wrong: "speed is −1, and must be at least 0 and finite".
        message: String,
    },
}

/// Is told what happens on a path. All methods do nothing by default.
pub trait Observer {
    /// A transition has fired at `time`; `marking` is the one after it (maybe vanishing).
    fn fired(&mut self, time: f64, transition: TransitionId, marking: &[u32]) {
        let _ = (time, transition, marking);
    }

    /// The `up` condition `up` was down from `start` to `end` (S14).
    fn outage(&mut self, up: usize, start: f64, end: f64) {
        let _ = (up, start, end);
    }
}

impl Observer for () {}

/// One path of a program. Reused for many replications, so that nothing is allocated in between.
#[derive(Debug)]
pub struct Path<'p> {
    program: &'p Program,
    now: f64,
}

impl<'p> Path<'p> {
    /// A path that has not begun.
    pub fn new(program: &'p Program, options: Options) -> Path<'p> {
        let _ = options;
        Path { program, now: 0.0 }
    }

    /// Starts replication `replication` of `seed` from the initial marking with fresh clocks, at time 0.
    pub fn begin(&mut self, seed: u64, replication: u64) -> Result<(), Fault> {
        let _ = (seed, replication, self.program);
        Ok(())
    }

    /// Runs to the absolute time `time`; afterwards [`Path::now`] is `time`.
    pub fn run_until<O: Observer>(&mut self, time: f64, observer: &mut O) -> Result<(), Fault> {
        let _ = observer;
        self.now = time;
        Ok(())
    }

    /// Fires the next timed transition, and the immediates that follow, if it is due by `limit`;
    /// else moves to `limit` and returns false.
    pub fn step<O: Observer>(&mut self, limit: f64, observer: &mut O) -> Result<bool, Fault> {
        let _ = observer;
        self.now = limit;
        Ok(false)
    }

    /// Simulated time.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// Adds the sums since the last call (or since `begin`) to `sums`, laid out as [`Program`] says,
    /// and starts new ones.
    pub fn take_sums(&mut self, sums: &mut [f64]) {
        let _ = sums;
    }

    /// Whether this instant is a true regeneration: the tangible marking is the initial one, and every clock
    /// that isn't exponential was started at this very instant, and none waits with a kept value.
    pub fn regenerated(&self) -> bool {
        false
    }

    /// The time of the first failure of the `up` condition `up` since `begin`.
    pub fn first_failure(&self, up: usize) -> Option<f64> {
        let _ = up;
        None
    }

    /// Timed and immediate firings since `begin`.
    pub fn firings(&self) -> u64 {
        0
    }

    /// Firings of each flat transition since `begin`.
    pub fn fired(&self) -> &[u64] {
        &[]
    }

    /// Ages of all running clocks that are not exponential: calls `visit` with transition and age in seconds.
    pub fn ages(&self, visit: &mut dyn FnMut(TransitionId, f64)) {
        let _ = visit;
    }

    /// Ties seen, and ties that decided something (S13), since `begin`.
    pub fn ties(&self) -> (u64, u64) {
        (0, 0)
    }
}
