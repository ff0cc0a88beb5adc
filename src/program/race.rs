//! Races: timed transitions that are enabled together, judged once, with one entry in the queue.

use super::{Code, Enabling, Range};
use crate::dist::Law;
use crate::net::expr::LawExpr;
use crate::net::{PlaceId, Servers, TransitionId};
use crate::rng::StreamKey;
use crate::syntax::ast::MemoryPolicy;

/// Timed transitions with the same enabling condition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Race {
    pub enabling: Enabling,
    pub kind: RaceKind,
}

/// How the clocks of a race are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RaceKind {
    /// One clock, the plainest semantics: single server, enabling memory, constant law, no speed.
    Single { clock: u32 },
    /// Several such clocks.
    Many { clocks: Range },
    /// Several such clocks with one and the same lognormal law: the least deviate wins, so only it is exponentiated.
    Normals { clocks: Range, mu: f64, sigma: f64 },
    /// Anything else: see [`Pool`].
    Pool { pool: u32 },
}

/// A transition with several servers, memory, speed or marking-dependent parameters: a race of its own.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub transition: TransitionId,
    pub law: PoolLaw,
    /// Clock rate; none: 1.
    pub speed: Option<Code>,
    pub memory: MemoryPolicy,
    pub service: Service,
    /// Place and weight of each input arc, for the enabling degree.
    pub inputs: Vec<(PlaceId, u32)>,
    pub stream: StreamKey,
    pub tie: StreamKey,
    /// Position in the order of stream names, for needs that arise at one instant (S8).
    pub rank: u32,
}

/// A law, constant or not.
#[derive(Debug, Clone)]
pub(crate) enum PoolLaw {
    Constant(Law),
    Marking(LawExpr),
}

impl PoolLaw {
    pub fn is_exponential(&self) -> bool {
        matches!(self, PoolLaw::Constant(Law::Exponential { .. }))
    }
}

/// Who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Servers of its own.
    Own(Servers),
    /// Servers shared by a group of pools (index into `Program::groups`).
    Shared(u32),
}
