//! The state space: breadth first over the tangible markings.

use super::chain::Chain;
use super::firing::{Firings, Witness};
use super::markings::Markings;
use super::refusal::Refusal;
use super::symmetry::Symmetry;
use super::timed::Timed;
use super::vanishing::{Outcome, Vanishing, merge};
use super::{Limits, Stop, go_on};
use crate::net::{Net, TransitionId};
use crate::program::Program;

/// States between two questions whether to go on.
const UNASKED: usize = 1 << 10;

/// Steps after which it is asked in any case.
const MANY: u64 = 10_000_000;

/// All tangible markings that can be reached, and the chain that they form.
#[derive(Debug)]
pub struct Space<'p> {
    program: &'p Program,
    pub(super) markings: Markings,
    /// The marking of each state, where states are more than markings.
    pub(super) of: Option<Vec<u32>>,
    /// Rates between them.
    pub chain: Chain,
    /// Where it begins: tangible markings with their probabilities.
    pub initial: Vec<(u32, f64)>,
    /// Whether there are vanishing markings.
    pub has_vanishing: bool,
    /// Whether each `up` condition holds, state by state.
    pub(super) up: Vec<bool>,
    /// Per state: failures of each condition, then what is counted, per second.
    pub(super) flows: Vec<f64>,
    counted: Vec<usize>,
}

impl<'p> Space<'p> {
    /// Nothing explored yet.
    pub(super) fn empty(program: &'p Program, firings: &Firings<'p>) -> Space<'p> {
        Space {
            program,
            markings: Markings::new(program.places()),
            of: None,
            chain: Chain::default(),
            initial: Vec::new(),
            has_vanishing: false,
            up: Vec::new(),
            flows: Vec::new(),
            counted: firings.counted.clone(),
        }
    }

    /// Makes room for the flows of the next state; where what is counted begins.
    pub(super) fn open_row(&mut self) -> usize {
        self.flows.resize(self.flows.len() + self.width(), 0.0);
        self.flows.len() - self.counted.len()
    }

    /// Takes the rates out of a state, whose failures follow from them; the row is given back.
    pub(super) fn close_row(&mut self, state: usize, mut row: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
        merge(&mut row);
        row.retain(|&(to, _)| to as usize != state);
        let base = state * self.width();
        for up in 0..self.program.up.len() {
            if self.is_up(state, up) {
                let failing = row.iter().filter(|&&(to, _)| !self.is_up(to as usize, up));
                self.flows[base + up] = failing.map(|&(_, rate)| rate).sum();
            }
        }
        self.chain.push(&row);
        row
    }

    /// Whether the `up` condition `up` holds in a state.
    pub fn is_up(&self, state: usize, up: usize) -> bool {
        self.up[state * self.program.up.len() + up]
    }

    /// Failures of the `up` condition `up` per second in a state.
    pub fn failure_rate(&self, state: usize, up: usize) -> f64 {
        self.flows[state * self.width() + up]
    }

    /// The sums that count firings or add impulses, each with its mean per second in a state.
    pub fn counts(&self, state: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let start = state * self.width() + self.program.up.len();
        self.counted.iter().copied().zip(self.flows[start..].iter().copied())
    }

    /// Writes the marking of a state, derived places behind the real ones.
    pub(super) fn marking(&self, state: usize, marking: &mut [u32]) {
        let index = self.of.as_ref().map_or(state as u32, |of| of[state]);
        self.markings.get(self.program, index, marking);
    }

    /// The markings of the states, by number.
    pub(crate) fn into_markings(self) -> Markings {
        self.markings
    }

    /// What has been explored takes so many bytes, its chain aside.
    pub(super) fn bytes(&self) -> usize {
        let of = self.of.as_ref().map_or(0, Vec::len);
        self.markings.bytes() + self.up.len() + 8 * self.flows.len() + 4 * of
    }

    fn width(&self) -> usize {
        self.program.up.len() + self.counted.len()
    }
}

/// A timed transition that fires in a state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'t> {
    pub state: usize,
    pub transition: TransitionId,
    /// The states to which it leads, with their probabilities.
    pub to: &'t [(u32, f64)],
}

/// All steps of a net's space, state by state.
///
/// # Errors
/// See [`Refusal`].
pub(crate) fn visit_steps(
    net: &Net,
    space: &Space,
    vanishing: usize,
    stop: Stop,
    visit: &mut dyn FnMut(Step),
) -> Result<(), Refusal> {
    let program = space.program;
    let (firings, mut timed) = (Firings::new(program), Timed::new(net, program));
    let mut vanishing = Vanishing::new(&firings, vanishing, stop);
    let (mut marking, mut after) = (program.initial.clone(), program.initial.clone());
    let (mut rates, mut outcome, mut scratch) = (Vec::new(), Outcome::default(), Vec::new());
    let mut number = |tangible: &[u32]| {
        space.markings.find(tangible, &mut scratch).ok_or(Refusal::TooManyStates { limit: space.markings.len() })
    };
    for state in 0..space.chain.states() {
        if state % UNASKED == 0 {
            go_on(stop, std::mem::take(&mut vanishing.steps))?;
        }
        space.marking(state, &mut marking);
        timed.rates(&marking, &mut rates)?;
        for &(transition, _) in &rates {
            after.copy_from_slice(&marking);
            firings.fire(transition, &mut after)?;
            vanishing.resolve(&mut after, &mut number, &mut outcome)?;
            visit(Step { state, transition, to: &outcome.tangible });
        }
    }
    Ok(())
}

/// Explores the tangible markings of a net.
///
/// # Errors
/// See [`Refusal`].
pub fn explore<'p>(net: &Net, program: &'p Program, limits: &Limits, stop: Stop) -> Result<Space<'p>, Refusal> {
    explore_as(net, program, (None, None), limits, stop)
}

/// The same, one marking for all that differ by an exchange.
pub(super) fn explore_classes<'p>(
    net: &Net,
    program: &'p Program,
    symmetry: Option<&mut Symmetry>,
    limits: &Limits,
    stop: Stop,
) -> Result<Space<'p>, Refusal> {
    explore_as(net, program, (symmetry, None), limits, stop)
}

/// The same before a witness of all firings.
pub(super) fn explore_with<'p>(
    net: &Net,
    program: &'p Program,
    witness: Option<&'p dyn Witness>,
    limits: &Limits,
    stop: Stop,
) -> Result<Space<'p>, Refusal> {
    explore_as(net, program, (None, witness), limits, stop)
}

fn explore_as<'p>(
    net: &Net,
    program: &'p Program,
    (symmetry, witness): (Option<&mut Symmetry>, Option<&'p dyn Witness>),
    limits: &Limits,
    stop: Stop,
) -> Result<Space<'p>, Refusal> {
    let firings = Firings::new(program).seen_by(witness);
    let space = Space::empty(program, &firings);
    let explorer = Explorer {
        timed: Timed::new(net, program),
        vanishing: Vanishing::new(&firings, limits.vanishing, stop),
        firings: &firings,
        space,
        symmetry,
        ordered: Vec::new(),
        limits,
        rates: Vec::new(),
        row: Vec::new(),
        outcome: Outcome::default(),
    };
    explorer.run(stop)
}

struct Explorer<'f, 'p> {
    timed: Timed<'p>,
    vanishing: Vanishing<'f, 'p>,
    firings: &'f Firings<'p>,
    space: Space<'p>,
    symmetry: Option<&'f mut Symmetry>,
    /// A marking whose blocks are put in order.
    ordered: Vec<u32>,
    limits: &'f Limits,
    rates: Vec<(TransitionId, f64)>,
    row: Vec<(u32, f64)>,
    outcome: Outcome,
}

impl<'p> Explorer<'_, 'p> {
    fn run(mut self, stop: Stop) -> Result<Space<'p>, Refusal> {
        let mut marking = self.space.program.initial.clone();
        self.resolve(&mut marking)?;
        self.space.initial.clone_from(&self.outcome.tangible);
        let mut after = marking.clone();
        let mut state = 0;
        while state < self.space.markings.len() {
            if state % UNASKED == 0 || self.vanishing.steps > MANY {
                go_on(stop, std::mem::take(&mut self.vanishing.steps))?;
            }
            self.space.marking(state, &mut marking);
            self.leave(state, &marking, &mut after)?;
            let Space { markings, chain, .. } = &self.space;
            self.limits.allow(self.space.bytes(), markings.len(), chain.transitions())?;
            state += 1;
        }
        self.space.has_vanishing = self.vanishing.seen;
        Ok(self.space)
    }

    /// Fires everything that can fire in a state.
    fn leave(&mut self, state: usize, marking: &[u32], after: &mut [u32]) -> Result<(), Refusal> {
        let mut rates = std::mem::take(&mut self.rates);
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        self.timed.rates(marking, &mut rates)?;
        let base = self.space.open_row();
        for &(transition, rate) in &rates {
            let flows = &mut self.space.flows[base..];
            self.firings.count(transition, marking, &mut |column, amount| flows[column as usize] += rate * amount)?;
            after.copy_from_slice(marking);
            self.firings.fire(transition, after)?;
            self.resolve(after)?;
            let Outcome { tangible, counts } = &self.outcome;
            let flows = &mut self.space.flows[base..];
            counts.iter().for_each(|&(column, amount)| flows[column as usize] += rate * amount);
            row.extend(tangible.iter().map(|&(to, p)| (to, rate * p)));
        }
        (self.rates, self.row) = (rates, self.space.close_row(state, row));
        Ok(())
    }

    /// Works out where a marking leads without time; new tangible markings are judged.
    fn resolve(&mut self, marking: &mut [u32]) -> Result<(), Refusal> {
        let Space { markings, up, program, .. } = &mut self.space;
        let limit = self.limits.states;
        let (symmetry, ordered) = (&mut self.symmetry, &mut self.ordered);
        let mut intern = |tangible: &[u32]| match symmetry {
            None => Ok(markings.admit(program, tangible, limit, up)?.0),
            Some(symmetry) => {
                ordered.clear();
                ordered.extend_from_slice(tangible);
                symmetry.order(program, ordered);
                Ok(markings.admit(program, ordered, limit, up)?.0)
            }
        };
        self.vanishing.resolve(marking, &mut intern, &mut self.outcome)
    }
}
