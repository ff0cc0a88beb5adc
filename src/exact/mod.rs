//! Exact solution of Markovian nets: the chain of tangible markings, solved for its long-run averages.
//!
//! [`explore()`] finds the state space, [`stationary()`] solves a chain, [`solve()`] does both and forms the sums that
//! measures are made of. All of it is free of subtractions where it matters, so that a probability of 10⁻¹² has as
//! many right digits as one of ½.

mod chain;
mod components;
mod dense;
mod eliminate;
mod explore;
mod firing;
mod long_run;
mod markings;
mod multilevel;
mod refusal;
mod solution;
mod sweeps;
mod timed;
mod triggers;
mod vanishing;

pub use chain::Chain;
pub use explore::{Space, explore};
pub use long_run::{LongRun, Solver, stationary};
pub use refusal::Refusal;
pub use solution::{Solution, solve};

/// Is asked now and then; `true` ends the work with [`Refusal::Interrupted`].
pub type Stop<'s> = &'s dyn Fn() -> bool;

/// How large a chain may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tangible markings.
    pub states: usize,
    /// Pairs of tangible markings with a rate.
    pub transitions: usize,
    /// Vanishing markings that follow one firing.
    pub vanishing: usize,
}

impl Default for Limits {
    /// Two million states with thirty million transitions: about two gigabytes.
    fn default() -> Limits {
        Limits { states: 2_000_000, transitions: 30_000_000, vanishing: 100_000 }
    }
}
