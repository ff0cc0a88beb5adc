//! What a cycle promises: the downtime that is to be expected of it from each marking until it ends.
//!
//! A path that chose each step in proportion to its rate and to what is promised behind it would give every cycle the same
//! weighted downtime, hence an estimate without variance (L'Ecuyer and Tuffin 2007). The promises are solved to a part in a
//! thousand only: they guide paths, whose weights undo whatever they are.

use crate::exact::{self, Limits, Refusal, Space};
use crate::net::{Net, TransitionId};
use crate::program::Program;
use crate::syntax::ast::Role;

/// Most sweeps over the markings, and the relative change of a sweep after which it was the last.
const MOST_SWEEPS: usize = 200;
const SETTLED: f64 = 1e-3;

/// What each step of a net promises whose clocks are all exponential.
#[derive(Debug)]
pub(super) struct Promises {
    /// Expected downtime until the end of the cycle from each state, seconds.
    down: Vec<f64>,
    /// Where the steps of each state end.
    ends: Vec<usize>,
    /// The steps of all states: what fires, and the expected downtime behind it.
    steps: Vec<(TransitionId, f64)>,
}

impl Promises {
    /// For outages of the condition `up`.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn new(
        (net, program): (&Net, &Program),
        space: &Space,
        up: usize,
        limits: &Limits,
        stop: exact::Stop,
    ) -> Result<Promises, Refusal> {
        let mut fired: Vec<(u32, TransitionId)> = Vec::new();
        exact::visit_steps(net, space, limits.vanishing, stop, &mut |step| {
            fired.push((step.state as u32, step.transition))
        })?;
        let home = home(program, space, &fired);
        drop(fired);
        let down = settle(space, up, &home, stop)?;
        let (mut ends, mut steps) = (vec![0; home.len()], Vec::new());
        exact::visit_steps(net, space, limits.vanishing, stop, &mut |step| {
            let onward = |&(to, chance): &(u32, f64)| chance * onward(&home, step.state, to as usize, &down);
            steps.push((step.transition, step.to.iter().map(onward).sum()));
            ends[step.state] = steps.len();
        })?;
        // A state without steps ends where the one before it does.
        let mut end = 0;
        ends.iter_mut().for_each(|own| (end, *own) = (end.max(*own), end.max(*own)));
        Ok(Promises { down, ends, steps })
    }

    /// From a state, seconds.
    pub fn of(&self, state: usize) -> f64 {
        self.down[state]
    }

    /// The transitions that can fire in a state, each with what is promised behind it, seconds.
    pub fn steps(&self, state: usize) -> &[(TransitionId, f64)] {
        let start = if state == 0 { 0 } else { self.ends[state - 1] };
        &self.steps[start..self.ends[state]]
    }
}

/// What a step leaves of the cycle's downtime to come: nothing where it ends the cycle.
fn onward(home: &[bool], from: usize, to: usize, down: &[f64]) -> f64 {
    if home[to] && !home[from] { 0.0 } else { down[to] }
}

/// Whether nothing recovers, state by state: roles tell, or else what was idle at the beginning.
fn home(program: &Program, space: &Space, fired: &[(u32, TransitionId)]) -> Vec<bool> {
    let first = space.initial.first().map_or(0, |&(state, _)| state);
    let mut begun = vec![false; program.transitions()];
    fired.iter().filter(|(state, _)| *state == first).for_each(|(_, transition)| begun[transition.0 as usize] = true);
    let recovers = |transition: TransitionId| match program.role(transition) {
        Some(role) => role == Role::Repair,
        None => !begun[transition.0 as usize],
    };
    let mut home = vec![true; space.chain.states()];
    fired.iter().filter(|(_, transition)| recovers(*transition)).for_each(|(state, _)| home[*state as usize] = false);
    home
}

/// Expected downtime from each state until the end of the cycle, seconds: sweeps of Gauss and Seidel, to and fro.
fn settle(space: &Space, up: usize, home: &[bool], stop: exact::Stop) -> Result<Vec<f64>, Refusal> {
    let states = home.len();
    let mut down = vec![0.0; states];
    for sweep in 0..MOST_SWEEPS {
        let mut change: f64 = 0.0;
        for nth in 0..states {
            let state = if sweep % 2 == 0 { states - 1 - nth } else { nth };
            let (mut sum, mut exit) = (if space.is_up(state, up) { 0.0 } else { 1.0 }, 0.0);
            for (to, rate) in space.chain.row(state) {
                sum += rate * onward(home, state, to, &down);
                exit += rate;
            }
            // Whoever never leaves is never asked either.
            let expected: f64 = if exit > 0.0 { sum / exit } else { 0.0 };
            if expected > 0.0 {
                change = change.max((expected - down[state]).abs() / expected);
            }
            down[state] = expected;
        }
        if stop(space.chain.transitions() as u64) {
            return Err(Refusal::Interrupted);
        }
        if change < SETTLED {
            break;
        }
    }
    Ok(down)
}
