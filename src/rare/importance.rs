//! How near a marking is to a failure: the importance along which splitting lays its levels.
//!
//! Of a net that can be explored it is the logarithm of the probability of the likeliest way down, found backwards
//! from the down markings (Dijkstra 1959) over the net's *shadow*: the same net with an exponential clock of the same
//! mean in place of each. Of a larger one it is minus the number of tokens that must change before the `up` condition
//! is false, composed along the condition: a conjunction fails by the nearest of its parts, a disjunction by all.
//! To both the [`ages`](super::ages) of clocks that wear out add their share. It only guides the levels: whatever it is, the estimates are unbiased.

use super::ages::{self, Ages};
use super::distance::distance;
use super::promise::Promises;
use super::scheme::Scheme;
use crate::dist::forms;
use crate::engine::Path;
use crate::exact::{self, Markings, Space};
use crate::net::expr::{ArgumentExpr, Expr, LawExpr};
use crate::net::{Net, Timed, Timing, Transition, TransitionId};
use crate::program::compile;
use crate::syntax::ast::{MemoryPolicy, Renew, Role, Scope};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Most markings that are explored; a gigabyte, or less.
const LIMITS: exact::Limits =
    exact::Limits { states: 1_000_000, transitions: 10_000_000, vanishing: 10_000, memory: exact::Limits::MEMORY };

/// Shortest mean of a shadow's clock, seconds.
const SHORTEST: f64 = 1e-12;

/// Ways down whose probabilities differ by less than a factor of 2 are as good as alike.
const ALIKE: f64 = 0.7;

/// The importance of states for one `up` condition of a net.
#[derive(Debug)]
pub struct Importance {
    kind: Kind,
    ages: Option<Ages>,
    because: String,
}

/// What is known of an explored marking.
#[derive(Debug, Clone, Copy)]
struct State {
    /// ln of the probability of the likeliest way down.
    chance: f64,
    /// Rate at which a single step takes it down, per second, if all clocks are exponential; else 0.
    hazard: f64,
}

/// The markings of a net, and what is known of each by its number.
#[derive(Debug)]
struct Explored {
    markings: Markings,
    states: Vec<State>,
    /// Where all clocks are exponential.
    promises: Option<Promises>,
}

#[derive(Debug)]
enum Kind {
    Explored(Box<Explored>),
    Structural(Expr),
    Stated(Expr),
}

/// Room for looking up a marking, to be used again.
#[derive(Debug, Clone, Default)]
pub struct Scratch(Vec<u8>);

impl Importance {
    /// From the net itself, for the `up` condition of index `up`; none when `stop` interrupts.
    pub fn new(net: &Net, up: usize, stop: exact::Stop) -> Option<Importance> {
        match explored(net, up, stop) {
            Ok(explored) => {
                let because = format!("the likeliest way down, over {} markings", explored.states.len());
                Some(Importance { kind: Kind::Explored(Box::new(explored)), ages: None, because })
            }
            Err(exact::Refusal::Interrupted) => None,
            Err(_) => Some(Importance::structural(net, up)),
        }
    }

    /// From the structure of the `up` condition alone.
    pub fn structural(net: &Net, up: usize) -> Importance {
        let because = "the number of tokens that must change before the condition is false".to_string();
        Importance { kind: Kind::Structural(net.up[up].expr.clone()), ages: None, because }
    }

    /// An expression over the marking, the greater the nearer to a failure.
    pub fn stated(expr: Expr) -> Importance {
        Importance { kind: Kind::Stated(expr), ages: None, because: "stated".to_string() }
    }

    /// The same, with the ages of clocks that wear out; what is stated says all itself.
    pub fn aged(mut self, scheme: &Scheme) -> Importance {
        if !matches!(self.kind, Kind::Stated(_)) {
            self.ages = Ages::new(scheme);
        }
        if self.ages.is_some() {
            self.because += ", and the ages of the clocks that fail";
        }
        self
    }

    /// What it is, in words.
    pub fn because(&self) -> &str {
        &self.because
    }

    /// By how much importances may differ without meaning much: a level is laid so far below the markings it is meant for.
    pub fn margin(&self) -> f64 {
        if matches!(self.kind, Kind::Explored(..)) { ALIKE } else { 0.0 }
    }

    /// Whether it is ln of a probability to go down.
    pub(super) fn is_chance(&self) -> bool {
        matches!(self.kind, Kind::Explored(..))
    }

    /// ln of the probability to go down from a tangible marking, roughly; none where it isn't known.
    pub(super) fn chance(&self, marking: &[u32], scratch: &mut Scratch) -> Option<f64> {
        self.state(marking, scratch).map(|state| state.chance)
    }

    /// What a tangible marking promises, and its steps; none where that isn't known.
    pub(super) fn promise(&self, marking: &[u32], scratch: &mut Scratch) -> Option<(f64, &[(TransitionId, f64)])> {
        let Kind::Explored(explored) = &self.kind else { return None };
        let promises = explored.promises.as_ref()?;
        let state = explored.markings.find(marking, &mut scratch.0)? as usize;
        Some((promises.of(state), promises.steps(state)))
    }

    fn state(&self, marking: &[u32], scratch: &mut Scratch) -> Option<State> {
        let Kind::Explored(explored) = &self.kind else { return None };
        explored.markings.find(marking, &mut scratch.0).map(|state| explored.states[state as usize])
    }

    /// Of the state of a path; −∞ where no way leads down.
    #[inline]
    pub fn of(&self, path: &Path, scratch: &mut Scratch) -> f64 {
        self.seen(path, scratch).0
    }

    /// The same, and the rate at which a single step takes the net down from there, per second; 0 where it isn't known.
    #[inline]
    pub fn seen(&self, path: &Path, scratch: &mut Scratch) -> (f64, f64) {
        match &self.kind {
            Kind::Explored(..) => match self.state(path.marking(), scratch) {
                Some(state) => (self.with_ages(path, state.chance), state.hazard),
                None => (self.with_ages(path, f64::NEG_INFINITY), 0.0),
            },
            _ => (self.with_ages(path, self.at(path.marking(), scratch)), 0.0),
        }
    }

    fn with_ages(&self, path: &Path, marking: f64) -> f64 {
        match &self.ages {
            None => marking,
            // Where markings are told apart by whole tokens, ages never weigh more than one.
            Some(ages) if matches!(self.kind, Kind::Structural(_)) => marking + ages.of(path) / ages::MOST,
            Some(ages) => marking + ages.of(path),
        }
    }

    /// Of a tangible marking (tokens by flat place), whatever the ages; −∞ where no way leads down.
    #[inline]
    pub fn at(&self, marking: &[u32], scratch: &mut Scratch) -> f64 {
        match &self.kind {
            Kind::Explored(..) => self.chance(marking, scratch).unwrap_or(f64::NEG_INFINITY),
            Kind::Structural(up) => -distance(up, marking, false),
            // Nowhere is no number, and a level has to be one.
            Kind::Stated(expr) => match expr.evaluate(marking) {
                value if value.is_nan() => f64::NEG_INFINITY,
                value => value.clamp(f64::MIN, f64::MAX),
            },
        }
    }
}

/// The markings of the shadow, what is known of each, and what their steps promise where the shadow is the net itself.
fn explored(net: &Net, up: usize, stop: exact::Stop) -> Result<Explored, exact::Refusal> {
    let shadow = shadow(net);
    let limit = exact::Refusal::TooManyStates { limit: LIMITS.states };
    let program = compile(&shadow).map_err(|_| limit)?;
    let space = exact::explore(&shadow, &program, &LIMITS, stop)?;
    let exponential = |transition: &Transition| match &transition.timing {
        Timing::Timed(timed) => timed.law.form.name == "Exponential",
        Timing::Immediate { .. } => true,
    };
    let markov = net.transitions.iter().all(exponential);
    let promises = match markov && net.transitions.iter().any(|transition| transition.role == Some(Role::Failure)) {
        true => Some(Promises::new((&shadow, &program), &space, up, &LIMITS, stop)?),
        false => None,
    };
    let states = likeliest(&space, up)
        .into_iter()
        .enumerate()
        .map(|(state, chance)| State { chance, hazard: if markov { hazard(&space, state, up) } else { 0.0 } });
    let states = states.collect();
    Ok(Explored { markings: space.into_markings(), states, promises })
}

/// Rate at which a single step takes a state down, per second.
fn hazard(space: &Space, state: usize, up: usize) -> f64 {
    let failing = space.chain.row(state).filter(|&(to, _)| space.is_up(state, up) && !space.is_up(to, up));
    failing.map(|(_, rate)| rate).sum()
}

/// The net with exponential clocks of the same means, that forget.
fn shadow(net: &Net) -> Net {
    let marking: Vec<u32> = net.places.iter().map(|place| place.initial).collect();
    let mut shadow = net.clone();
    for transition in &mut shadow.transitions {
        if let Timing::Timed(timed) = &mut transition.timing {
            forget(timed, &marking);
        }
    }
    shadow.measures.clear();
    shadow
}

fn forget(timed: &mut Timed, marking: &[u32]) {
    (timed.memory, timed.renew, timed.scope) = (MemoryPolicy::Enabling, Renew::Tangible, Scope::Binding);
    if timed.law.form.name != "Exponential" {
        let mean = timed.law.evaluate(marking).map_or(1.0, |law| law.mean());
        let mean = if mean.is_finite() { mean.max(SHORTEST) } else { 1.0 };
        // The catalogue's first form of it is that by the mean.
        if let Some(form) = forms().iter().find(|form| form.name == "Exponential") {
            let arguments = vec![ArgumentExpr::Scalar(Expr::Constant(mean))];
            timed.law = Arc::new(LawExpr { form, arguments });
        }
    }
}

/// ln of the probability of the likeliest way from each state to one that is down; −∞ where there is none.
fn likeliest(space: &Space, up: usize) -> Vec<f64> {
    let chain = &space.chain;
    let back = chain.transposed();
    let exits: Vec<f64> = (0..chain.states()).map(|state| chain.exit(state)).collect();
    let mut costs = vec![f64::INFINITY; chain.states()];
    let mut heap = BinaryHeap::new();
    for state in (0..chain.states()).filter(|&state| !space.is_up(state, up)) {
        costs[state] = 0.0;
        heap.push(Reverse((Cost(0.0), state)));
    }
    while let Some(Reverse((Cost(cost), state))) = heap.pop() {
        if cost > costs[state] {
            continue;
        }
        for (from, rate) in back.row(state) {
            let way = cost - libm::log(rate / exits[from]).min(0.0);
            if way < costs[from] {
                costs[from] = way;
                heap.push(Reverse((Cost(way), from)));
            }
        }
    }
    costs.iter().map(|cost| 0.0 - cost).collect()
}

/// A number that is never NaN, in its order.
#[derive(Debug, PartialEq)]
struct Cost(f64);

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Cost) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Cost) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
