//! Exact solution: the chain of tangible markings, solved for its long-run averages.
//!
//! Nets whose clocks aren't all exponential are solved as Markov regenerative processes where the general clocks that
//! run together start and end together, and in independent parts where a net has such.
//! [`explore()`] finds the state space, [`stationary()`] solves a chain, [`solve()`] does both and forms the sums that
//! measures are made of. All of it is free of subtractions where it matters, so that a probability of 10⁻¹² has as
//! many right digits as one of ½.

mod account;
mod alike;
mod answers;
mod begun;
mod chain;
mod components;
mod cycle;
mod dense;
mod departures;
mod eliminate;
mod episodes;
mod explore;
mod fading;
mod firing;
mod general;
mod history;
mod hyper_erlang;
mod independent;
mod long_run;
mod lumping;
mod markings;
mod memory;
mod multilevel;
mod passage;
mod phases;
mod quadrature;
mod race;
mod refusal;
mod regenerative;
mod replicas;
mod share;
mod solution;
mod subordinate;
mod sweeps;
mod symmetry;
mod timed;
mod transient;
mod triggers;
mod vanishing;

pub use account::{Account, Origin, account, phases};
pub use answers::{Answers, answers};
pub use begun::begun;
pub use chain::Chain;
pub use departures::{Departure, Departures, departures};
pub(crate) use explore::visit_steps;
pub use explore::{Space, explore};
pub use history::{History, Memory, Moment, history};
pub use hyper_erlang::Fit;
pub use long_run::{LongRun, Solver, stationary};
pub use lumping::{Lumped, lump};
pub(crate) use markings::Markings;
pub use phases::Approximation;
pub use refusal::Refusal;
pub use regenerative::Process;
pub use solution::{Solution, approximate, solve, solve_unlumped};
pub use symmetry::{Symmetry, symmetry};
pub use transient::{AtTime, ERROR, interval_availability, point_availability, reliability, transient};

/// Is asked now and then, and told how many steps were done since (each of the size of a few multiplications, so that
/// a second holds some hundred million); `true` ends the work with [`Refusal::Interrupted`].
pub type Stop<'s> = &'s dyn Fn(u64) -> bool;

/// Steps that the firing of a transition counts for.
const FIRING: u64 = 200;

/// Reports steps done, and goes on unless told otherwise.
fn go_on(stop: Stop, steps: u64) -> Result<(), Refusal> {
    if stop(steps) { Err(Refusal::Interrupted) } else { Ok(()) }
}

/// How large a chain may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tangible markings.
    pub states: usize,
    /// Pairs of tangible markings with a rate.
    pub transitions: usize,
    /// Vanishing markings that follow one firing.
    pub vanishing: usize,
    /// Bytes that the states, their transitions and the solver may take together.
    pub memory: u64,
}
