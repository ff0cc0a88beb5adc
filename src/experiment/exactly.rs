//! Whether the exact engine serves, within limits that keep it quicker than a simulation: what `Auto` asks first, and
//! what checks simulated points.
//!
//! The limits are counts, so that the answer is the same on every machine.

use super::control::Control;
use super::exact_shares::{Accounts, accounts};
use super::process::Process;
use super::settings::Settings;
use crate::exact::{self, Limits, Refusal, Solution};
use crate::net::Net;
use crate::syntax::ast::Ties;
use std::cell::Cell;

/// About a hundred megabytes.
const LIMITS: Limits = Limits { states: 300_000, transitions: 5_000_000, vanishing: 2_000, memory: Limits::MEMORY };

/// A few seconds.
pub(super) const MOST_STEPS: u64 = 3_000_000_000;

/// What is known of a process, with the account of its outages if that is asked for.
pub(super) type Known = (Solution, Accounts);

/// What came of it.
pub(super) enum Attempt {
    Solved(Box<Known>),
    Refused(Refusal),
    /// More than a few seconds would be needed.
    TooLong,
    /// By hand.
    Interrupted,
}

/// What a net may take that is solved because it was asked for.
pub(super) fn limits(settings: &Settings) -> Limits {
    Limits { memory: settings.memory, ..Limits::default() }
}

/// What one may take that is solved because it is quickly done.
pub(super) fn quick(settings: &Settings) -> Limits {
    Limits { memory: settings.memory, ..LIMITS }
}

/// Solves a net, if that is quickly done.
pub(super) fn quickly(net: &Net, process: &Process, settings: &Settings, control: &Control) -> Attempt {
    let steps = Cell::new(0_u64);
    let stop = |more| {
        steps.set(steps.get().saturating_add(more));
        steps.get() > MOST_STEPS || control.is_interrupted()
    };
    let solution = exact::solve(net, process.program(), &quick(settings), &stop);
    let solution = solution.and_then(|solution| settled(solution, settings.ties));
    match solution.and_then(|solution| Ok((solution, accounts(process, &quick(settings), &stop)?))) {
        Ok(known) => Attempt::Solved(Box::new(known)),
        Err(Refusal::Interrupted) if control.is_interrupted() => Attempt::Interrupted,
        Err(Refusal::Interrupted) => Attempt::TooLong,
        Err(refusal) => Attempt::Refused(refusal),
    }
}

/// The exact engine goes by stream keys wherever clocks are due at the same time (S13).
pub(super) fn settled(solution: Solution, ties: Ties) -> Result<Solution, Refusal> {
    match solution.tied {
        Some(transition) if ties == Ties::Random => {
            let because = "its clock may be due at the same time as another, and ties are random".to_string();
            Err(Refusal::NotMarkovian { transition, because })
        }
        _ => Ok(solution),
    }
}

/// What makes `Auto` simulate whatever the net is like; empty where the choice of the method says it.
pub(super) fn simulated_anyway(settings: &Settings) -> Option<&'static str> {
    [
        (settings.replications.is_some() || settings.warmup.is_some() || settings.length.is_some(), ""),
        (settings.years, "single years are simulated"),
        (settings.cross_check, "the exact engine is to check the simulation"),
    ]
    .into_iter()
    .find_map(|(holds, why)| holds.then_some(why))
}
