//! A long run with a memory beyond the marking: what is remembered of firings, and read where time passes.
//!
//! The net gets a place with the number of what is remembered. It changes with the firings themselves, so that the
//! markings with what is remembered in each form a process of the same kind, which is solved like any other.
//!
//! How long an outage is in the mean, given what is remembered at its end, no mean over time tells. So marks fall on
//! outages at random times, at a rate that is small against their length: the outages that end with a mark are to that
//! rate as their downtime is to 1, but for what a second mark would add.

use super::explore::explore_with;
use super::firing::Witness;
use super::long_run::stationary;
use super::regenerative::renewal;
use super::{Limits, Refusal, Stop};
use crate::dist::forms;
use crate::net::expr::{ArgumentExpr, Expr, FoldOp, LawExpr, Op};
use crate::net::question::Questions;
use crate::net::{Arc, Condition, FamilyId, Net, Place, PlaceId, Servers, Timed, Timing, Transition, TransitionId};
use crate::program::{Code, compile};
use crate::syntax::ast::{MemoryPolicy, Renew, Scope};
use std::fmt::Debug;

/// What is remembered of a path, by number; 0 before its first tangible marking.
pub trait Memory: Debug {
    /// What is remembered after a firing.
    fn fired(&self, memory: u32, transition: TransitionId) -> u32;

    /// What is remembered where time passes: in the net's marking, in which the condition holds or doesn't.
    ///
    /// # Errors
    /// What can't be remembered.
    fn settled(&self, memory: u32, marking: &[u32], is_up: bool) -> Result<u32, Refusal>;
}

/// A marking with what is remembered in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// What is remembered.
    pub memory: u32,
    /// Whether the condition holds.
    pub is_up: bool,
    /// Whether a mark fell on the outage.
    pub marked: bool,
    /// Share of time.
    pub share: f64,
}

/// The long run.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Markings with what is remembered.
    pub moments: Vec<Moment>,
    /// Changes per second from one to another, in the long run.
    pub changes: Vec<(u32, u32, f64)>,
}

/// The long run of a net with a memory; marks fall on outages of the condition `up` at that rate per second, which may
/// be 0.
///
/// # Errors
/// See [`Refusal`]: a net whose parts are independent is one whole here, since all is remembered together.
pub fn history(
    net: &Net,
    up: usize,
    memory: &dyn Memory,
    marks: f64,
    limits: &Limits,
    stop: Stop,
) -> Result<History, Refusal> {
    let whole = with_room(net, &net.up[up], marks)?;
    let program = compile(&whole).map_err(|error| super::account::refused(error.to_string()))?;
    let keeper = Keeper { memory, up: &program.rewards[0], places: net.places.len(), own: net.transitions.len() };
    let mut marking = program.initial.clone();
    match explore_with(&whole, &program, Some(&keeper), limits, stop) {
        Err(Refusal::NotMarkovian { .. }) => {}
        space => {
            let space = space?;
            let run = stationary(&space.chain, &space.initial, None, stop)?;
            let moment = |(state, &share): (usize, &f64)| {
                space.marking(state, &mut marking);
                keeper.moment(&marking, share)
            };
            let moments = run.probabilities.iter().enumerate().map(moment).collect();
            let mut changes = Vec::new();
            for (from, &p) in run.probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                changes.extend(space.chain.row(from).map(|(to, rate)| (from as u32, to as u32, p * rate)));
            }
            return Ok(History { moments, changes });
        }
    }
    let run = renewal((&whole, &program), Some(&keeper), limits, &|_| true, &[], stop)?;
    let moment = |(state, &share): (usize, &f64)| {
        run.markings.get(&program, state as u32, &mut marking);
        keeper.moment(&marking, share)
    };
    let moments = run.probabilities.iter().enumerate().map(moment).collect();
    Ok(History { moments, changes: run.jumps })
}

/// Writes what is remembered into the marking.
#[derive(Debug)]
struct Keeper<'m> {
    memory: &'m dyn Memory,
    up: &'m Code,
    /// Places and transitions of the net itself; behind its places stand the memory and the mark.
    places: usize,
    own: usize,
}

impl Keeper<'_> {
    fn moment(&self, marking: &[u32], share: f64) -> Moment {
        let marked = marking[self.places + 1] > 0;
        Moment { memory: marking[self.places], is_up: self.up.holds(marking), marked, share }
    }
}

impl Witness for Keeper<'_> {
    fn fired(&self, transition: TransitionId, marking: &mut [u32]) {
        if (transition.0 as usize) < self.own {
            marking[self.places] = self.memory.fired(marking[self.places], transition);
        }
    }

    fn settled(&self, marking: &mut [u32]) -> Result<(), Refusal> {
        let is_up = self.up.holds(marking);
        marking[self.places] = self.memory.settled(marking[self.places], &marking[..self.places], is_up)?;
        if is_up {
            marking[self.places + 1] = 0;
        }
        Ok(())
    }
}

/// The net with room for a memory and a mark, and with one condition only.
fn with_room(net: &Net, up: &Condition, marks: f64) -> Result<Net, Refusal> {
    let mut whole = Net {
        up: vec![up.clone()],
        phases: Vec::new(),
        measures: Vec::new(),
        questions: Questions::default(),
        ..net.clone()
    };
    let place = |name: &str| Place { name: name.to_string(), initial: 0, capacity: None, span: up.span };
    whole.places.extend([place("history: memory"), place("history: mark")]);
    if marks > 0.0 {
        let resampled = |t: &&Transition| matches!(&t.timing, Timing::Timed(t) if t.memory == MemoryPolicy::Resample);
        if let Some(disturbed) = net.transitions.iter().find(resampled) {
            let because = "a mark on an outage would make its clock draw anew".to_string();
            return Err(Refusal::NotMarkovian { transition: disturbed.name.clone(), because });
        }
        let family = FamilyId(whole.families.len() as u32);
        whole.families.push("history: mark".to_string());
        whole.transitions.push(mark(up, PlaceId(net.places.len() as u32 + 1), family, marks));
    }
    Ok(whole)
}

/// The transition that marks an outage.
fn mark(up: &Condition, place: PlaceId, family: FamilyId, rate: f64) -> Transition {
    let name = "history: mark".to_string();
    let unmarked = Expr::Binary(Op::Equal, Box::new(Expr::Tokens(vec![place])), Box::new(Expr::Constant(0.0)));
    // The catalogue's first form of it is that by the mean, and its first law of all is found by its name.
    let form = forms().iter().find(|form| form.name == "Exponential").unwrap_or(&forms()[0]);
    let law = LawExpr { form, arguments: vec![ArgumentExpr::Scalar(Expr::Constant(1.0 / rate))] };
    Transition {
        stream: name.clone(),
        name,
        family,
        role: None,
        timing: Timing::Timed(Timed {
            law: law.into(),
            speed: None,
            memory: MemoryPolicy::Enabling,
            servers: Servers::Count(1),
            scope: Scope::Binding,
            renew: Renew::Tangible,
        }),
        inputs: Vec::new(),
        outputs: vec![Arc { place, weight: 1 }],
        tests: Vec::new(),
        inhibitors: Vec::new(),
        flushes: Vec::new(),
        guard: Some(Expr::Fold(FoldOp::And, vec![Expr::Not(Box::new(up.expr.clone())), unmarked])),
        span: up.span,
    }
}
