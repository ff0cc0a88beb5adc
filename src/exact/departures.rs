//! Where the first tangible marking is left to, where that is a matter of exponential clocks alone.

use super::firing::Firings;
use super::refusal::Refusal;
use super::timed::Timed;
use super::vanishing::{Outcome, Vanishing};
use super::{Limits, Markings, Stop, go_on};
use crate::net::{Net, TransitionId};
use crate::program::Program;

/// The first tangible marking, and every way to leave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Departures {
    /// The marking, derived places behind the real ones.
    pub from: Vec<u32>,
    /// Mean time spent in it, seconds.
    pub stay: f64,
    /// The ways out, whose probabilities add up to 1.
    pub ways: Vec<Departure>,
}

/// One timed transition, and one tangible marking that it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Departure {
    /// The timed transition.
    pub transition: TransitionId,
    /// Which of the transition's markings it is, from 0.
    pub rank: u32,
    /// That the marking is left this way.
    pub probability: f64,
    /// The next tangible marking, derived places behind the real ones.
    pub marking: Vec<u32>,
    /// Sums that count what fires at that instant, each with its mean over all that the transition may lead to.
    pub counts: Vec<(usize, f64)>,
}

/// Finds them, at most so many markings as the limits allow states; none where the first tangible marking is a matter of
/// chance, or is never left.
///
/// # Errors
/// A clock that isn't exponential runs in the first tangible marking, and what else is told by [`Refusal`].
pub fn departures(net: &Net, program: &Program, limits: &Limits, stop: Stop) -> Result<Option<Departures>, Refusal> {
    let firings = Firings::new(program);
    let mut vanishing = Vanishing::new(&firings, limits.vanishing, stop);
    let (mut markings, mut up, mut outcome) = (Markings::new(program.places()), Vec::new(), Outcome::default());
    let mut resolve = |marking: &mut [u32], markings: &mut Markings, outcome: &mut Outcome| {
        let mut intern = |tangible: &[u32]| Ok(markings.admit(program, tangible, limits.states, &mut up)?.0);
        vanishing.resolve(marking, &mut intern, outcome)
    };
    let mut from = program.initial.clone();
    resolve(&mut from, &mut markings, &mut outcome)?;
    let &[(first, _)] = outcome.tangible.as_slice() else { return Ok(None) };
    markings.get(program, first, &mut from);
    let mut rates = Vec::new();
    Timed::new(net, program).rates(&from, &mut rates)?;
    let exit: f64 = rates.iter().map(|(_, rate)| rate).sum();
    if exit <= 0.0 {
        return Ok(None);
    }
    let mut ways = Vec::new();
    for (transition, rate) in rates {
        go_on(stop, super::FIRING)?;
        let mut counts = Vec::new();
        firings.count(transition, &from, &mut |column, amount| counts.push((column, amount)))?;
        let mut after = from.clone();
        firings.fire(transition, &mut after)?;
        resolve(&mut after, &mut markings, &mut outcome)?;
        counts.extend(&outcome.counts);
        let counts: Vec<(usize, f64)> =
            counts.into_iter().map(|(column, amount)| (firings.counted[column as usize], amount)).collect();
        for (rank, &(to, share)) in outcome.tangible.iter().enumerate() {
            let mut marking = from.clone();
            markings.get(program, to, &mut marking);
            let (rank, probability) = (rank as u32, rate / exit * share);
            ways.push(Departure { transition, rank, probability, marking, counts: counts.clone() });
        }
    }
    Ok(Some(Departures { from, stay: 1.0 / exit, ways }))
}
