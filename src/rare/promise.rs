//! What a cycle promises: the downtime that is to be expected of it from each marking until it ends.
//!
//! A path that chose each step in proportion to its rate and to what the marking behind it promises would give every cycle
//! the same weighted downtime, hence an estimate without variance (L'Ecuyer and Tuffin 2007). The promises are solved to a
//! part in a thousand only: they guide paths, whose weights undo whatever they are. Where not all clocks are exponential
//! the likeliest way down stands for them.

use crate::exact::{self, Refusal, Space};
use crate::net::{Net, TransitionId};
use crate::program::Program;
use crate::syntax::ast::Role;

/// Most sweeps over the markings, and the relative change of a sweep after which it was the last.
const MOST_SWEEPS: usize = 200;
const SETTLED: f64 = 1e-3;

/// What is known of a marking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Promise {
    /// Expected downtime until the end of the cycle, seconds; or only in proportion to it.
    pub down: f64,
    /// Whether nothing recovers: a cycle that gets there from elsewhere has ended.
    pub home: bool,
}

impl Promise {
    /// What a step from here to `next` leaves of the cycle's downtime to come.
    pub fn onward(&self, next: &Promise) -> f64 {
        if next.home && !self.home { 0.0 } else { next.down }
    }
}

/// Of each state of a net whose clocks are exponential, for outages of the condition `up`.
pub(super) fn promises(
    net: &Net,
    program: &Program,
    space: &Space,
    up: usize,
    stop: exact::Stop,
) -> Result<Vec<Promise>, Refusal> {
    let home = home(net, program, space)?;
    let mut promises: Vec<Promise> = home.into_iter().map(|home| Promise { down: 0.0, home }).collect();
    for sweep in 0..MOST_SWEEPS {
        let mut change: f64 = 0.0;
        let states = promises.len();
        for nth in 0..states {
            let state = if sweep % 2 == 0 { states - 1 - nth } else { nth };
            let now = promises[state];
            let (mut sum, mut exit) = (if space.is_up(state, up) { 0.0 } else { 1.0 }, 0.0);
            for (to, rate) in space.chain.row(state) {
                sum += rate * now.onward(&promises[to]);
                exit += rate;
            }
            // Whoever never leaves is never asked either.
            let down = if exit > 0.0 { sum / exit } else { 0.0 };
            if down > 0.0 {
                change = change.max((down - now.down).abs() / down);
            }
            promises[state].down = down;
        }
        if stop(space.chain.transitions() as u64) {
            return Err(Refusal::Interrupted);
        }
        if change < SETTLED {
            break;
        }
    }
    Ok(promises)
}

/// Whether nothing recovers, state by state: roles tell, or else what was idle at the beginning.
fn home(net: &Net, program: &Program, space: &Space) -> Result<Vec<bool>, Refusal> {
    let mut running = exact::Running::new(net, space);
    let mut begun = vec![false; program.transitions()];
    let first = space.initial.first().map_or(0, |&(state, _)| state as usize);
    running.of(first)?.iter().for_each(|(transition, _)| begun[transition.0 as usize] = true);
    let recovers = |&(transition, _): &(TransitionId, f64)| match program.role(transition) {
        Some(role) => role == Role::Repair,
        None => !begun[transition.0 as usize],
    };
    (0..space.chain.states()).map(|state| Ok(!running.of(state)?.iter().any(recovers))).collect()
}
