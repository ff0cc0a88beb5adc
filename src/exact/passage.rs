//! First passages: how long a chain stays among some states from the beginning, and whether it ever leaves them (S23).

use super::chain::Chain;
use super::episodes::remaining;
use super::fading::Fading;
use super::long_run::stationary;
use super::{Refusal, Stop};
use crate::net::question::Relation;

/// Doublings of a bracket.
const DOUBLINGS: usize = 1100;

/// The time until a chain first leaves the states in which it `stays`.
pub(super) struct Passage<'c> {
    pub chain: &'c Chain,
    /// Where it begins: states with their probabilities.
    pub initial: &'c [(u32, f64)],
    pub stays: Vec<bool>,
    pub stop: Stop<'c>,
}

impl Passage<'_> {
    fn fading(&self) -> Fading<'static> {
        Fading::new(self.chain, self.initial, &|state| self.stays[state])
    }

    /// Where it begins among the states, and with which probability it does.
    fn within(&self) -> (Vec<(u32, f64)>, f64) {
        let within: Vec<(u32, f64)> = self.initial.iter().copied().filter(|(s, _)| self.stays[*s as usize]).collect();
        let mass: f64 = within.iter().map(|(_, p)| p).sum();
        (within.into_iter().map(|(state, p)| (state, p / mass)).collect(), mass)
    }

    /// Probability of beginning outside of them, so that it takes no time.
    fn at_once(&self) -> f64 {
        let outside = self.initial.iter().filter(|(state, _)| !self.stays[*state as usize]);
        outside.map(|(_, p)| p).sum()
    }

    /// Probability that it ever leaves them: all other states are one, which isn't left again.
    pub fn ever(&self) -> Result<f64, Refusal> {
        let states = self.chain.states();
        let merged = |state: u32| if self.stays[state as usize] { state } else { states as u32 };
        let (mut ending, mut row) = (Chain::default(), Vec::new());
        for (state, stays) in self.stays.iter().enumerate() {
            row.clear();
            if *stays {
                row.extend(self.chain.row(state).map(|(to, rate)| (merged(to as u32), rate)));
                super::vanishing::merge(&mut row);
            }
            ending.push(&row);
        }
        ending.push(&[]);
        let mut initial: Vec<(u32, f64)> = self.initial.iter().map(|&(state, p)| (merged(state), p)).collect();
        super::vanishing::merge(&mut initial);
        Ok(stationary(&ending, &initial, None, self.stop)?.probabilities[states])
    }

    /// Mean; infinite unless it is sure to leave them.
    pub fn mean(&self) -> Result<f64, Refusal> {
        let (law, mass) = self.within();
        if law.is_empty() {
            return Ok(0.0);
        }
        Ok(mass * remaining(self.chain, &self.stays, &law, self.stop)?)
    }

    /// The probability that it compares so with a time; below infinity it is that of ever leaving them.
    pub fn chance(&self, relation: Relation, time: f64) -> Result<f64, Refusal> {
        match relation {
            Relation::Below if time == 0.0 => Ok(0.0),
            Relation::AtLeast if time == 0.0 => Ok(1.0),
            Relation::Below if time == f64::INFINITY => self.ever(),
            Relation::Below | Relation::AtMost => self.fading().through(time, self.stop),
            Relation::Above | Relation::AtLeast => self.fading().at(time, self.stop),
            // The only atom is at the beginning.
            Relation::Equal => Ok(if time == 0.0 { self.at_once() } else { 0.0 }),
            Relation::Unequal => Ok(if time == 0.0 { self.within().1 } else { 1.0 }),
        }
    }

    /// The least time that it doesn't exceed with probability `p`; infinite where that is more than it ever comes to.
    pub fn quantile(&self, p: f64) -> Result<f64, Refusal> {
        if self.at_once() >= p {
            return Ok(0.0);
        }
        if self.ever()? <= p {
            return Ok(f64::INFINITY);
        }
        let mut fading = self.fading();
        let mut reached = |time: f64| Ok::<bool, Refusal>(fading.through(time, self.stop)? >= p);
        let quickest = (0..self.chain.states()).map(|state| self.chain.exit(state)).fold(0.0, f64::max);
        let (mut low, mut high) = (0.0, 1.0 / quickest);
        for _ in 0..DOUBLINGS {
            if reached(high)? {
                break;
            }
            (low, high) = (high, 2.0 * high);
        }
        while high - low > 1e-13 * high {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if reached(middle)? { high = middle } else { low = middle }
        }
        Ok(high)
    }
}
