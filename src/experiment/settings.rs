//! How one design is solved: a scenario's settings, evaluated.

use crate::exact::Limits;
use crate::syntax::ast::{Method, Ties};
use serde::Serialize;

/// Replications in a block, the unit of work and of folding; part of a run's identity.
pub const BLOCK: u64 = 16;

/// Observations before the first look.
pub const FIRST_LOOK: u64 = 64;

/// Most observations of one design at one point: ends runs in which nothing ever fires.
pub const MOST_OBSERVATIONS: u64 = 1 << 22;

/// Everything that decides a design's numbers beside its net.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// How it is solved.
    pub method: Method,
    /// Of the intervals, in (0, 1).
    pub confidence: f64,
    /// Wanted relative half-width of the primary unavailability, > 0.
    pub precision: f64,
    /// How well designs are to be told apart, where that is asked for.
    pub compare: Option<Compare>,
    /// Of all streams.
    pub seed: u64,
    /// Most firings for one design at one point, the pilot included.
    pub budget: u64,
    /// Least number of primary outages before a run may stop.
    pub outages: u64,
    /// Bytes that an exact solution may take; they decide no digit.
    #[serde(skip)]
    pub memory: u64,
    /// Exponential phases that take the place of a clock with `Method::PhaseTypes`, 1 to 50.
    pub phases: u32,
    /// A fixed number of replications instead of sequential stopping.
    pub replications: Option<u64>,
    /// Stated warm-up, seconds.
    pub warmup: Option<f64>,
    /// Stated observed time of a replication, seconds.
    pub length: Option<f64>,
    /// Longest that an outage lasts, seconds: for the bound of the unavailability when none is seen.
    pub outage_bound: Option<f64>,
    /// Whether single years are simulated too.
    pub years: bool,
    /// Whether an account is kept of what began the outages.
    pub causes: bool,
    /// Whether the exact engine checks what was simulated.
    pub cross_check: bool,
    /// What decides between clocks due at the same time (S13).
    pub ties: Ties,
}

/// Wanted relative half-widths of the comparisons of the first design with each other one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compare {
    /// Of the ratio of their unavailabilities, > 0.
    pub ratio: Option<f64>,
    /// Of the difference, as a share of itself, > 0.
    pub difference: Option<f64>,
    /// Whether each design has to reach the stated precision by itself too.
    pub alone: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            method: Method::Auto,
            confidence: 0.95,
            precision: 0.01,
            compare: None,
            seed: 1,
            budget: 300_000_000,
            outages: 100,
            memory: Limits::MEMORY,
            phases: 8,
            replications: None,
            warmup: None,
            length: None,
            outage_bound: None,
            years: false,
            causes: false,
            cross_check: false,
            ties: Ties::Stream,
        }
    }
}
