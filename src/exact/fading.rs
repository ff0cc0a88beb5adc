//! How long a chain stays among some states, by uniformisation with detection of the quasi-stationary law.
//!
//! The chance that it still does shrinks with every change, in the end by the same factor each time: when the law
//! within the states has become that which a change leaves as it is, but for the factor (Darroch and Seneta 1967), all
//! further changes are known. So a reliability over a year doesn't take the milliseconds of a year one by one.

use super::chain::Chain;
use super::transient::{MOST_KEPT, Poisson, Steps};
use super::{Refusal, Stop, go_on};

/// Relative difference of the factors of two states that rounding may leave.
const ALIKE: f64 = 2e-15;

/// States with a smaller share of what is left don't count.
const NEGLIGIBLE: f64 = 1e-18;

/// Changes between two looks at the factors.
const UNSEEN: usize = 16;

/// A chain that stays among some states for a while.
pub(super) struct Fading<'c> {
    steps: Steps<'c>,
    stays: Vec<bool>,
    /// Rate at which each state leaves them.
    leaves: Vec<f64>,
    now: Vec<f64>,
    /// P(still among them) after each number of changes.
    left: Vec<f64>,
    /// P(has left them) after each: a sum, so that it keeps its digits where it is small.
    gone: Vec<f64>,
    /// From how many changes on it will be looked again.
    due: usize,
    /// Whether it was settled then.
    settled: bool,
    /// Chance to leave them at each further change.
    loss: Option<f64>,
}

impl Fading<'_> {
    /// Of a chain that begins with the law `initial`.
    pub fn new(chain: &Chain, initial: &[(u32, f64)], stays: &dyn Fn(usize) -> bool) -> Fading<'static> {
        let stays: Vec<bool> = (0..chain.states()).map(stays).collect();
        let out = |state: usize| chain.row(state).filter(|(to, _)| !stays[*to]).map(|(_, rate)| rate).sum();
        let leaves = (0..chain.states()).map(out).collect();
        // Where it has left them it ends, however quick it would be there.
        let (mut ended, mut row) = (Chain::default(), Vec::new());
        for (state, stays) in stays.iter().enumerate() {
            row.clear();
            row.extend(chain.row(state).filter(|_| *stays).map(|(to, rate)| (to as u32, rate)));
            ended.push(&row);
        }
        let steps = Steps::plain(&ended, initial);
        let within = steps.initial().iter().zip(&stays).map(|(p, stays)| if *stays { *p } else { 0.0 });
        let now: Vec<f64> = within.collect();
        let left = vec![now.iter().sum()];
        let gone = steps.initial().iter().zip(&stays).filter(|(_, stays)| !**stays).map(|(p, _)| p).sum();
        Fading { steps, stays, leaves, now, left, gone: vec![gone], due: UNSEEN, settled: false, loss: None }
    }

    /// One change more.
    fn step(&mut self) {
        let mut next = self.steps.step(&self.now);
        next.iter_mut().zip(&self.stays).filter(|(_, stays)| !**stays).for_each(|(p, _)| *p = 0.0);
        let k = self.left.len();
        if k >= self.due {
            let settled = self.is_settled(&next);
            // What is left of other laws shrinks as much again until it is believed.
            let believed = settled && self.settled;
            self.due = if settled { 2 * k } else { k + UNSEEN };
            self.settled = settled;
            self.loss = believed.then(|| self.lost(&next) / next.iter().sum::<f64>());
        }
        self.gone.push(self.gone[k - 1] + self.lost(&self.now));
        self.left.push(next.iter().sum());
        self.now = next;
    }

    /// What the next change loses.
    fn lost(&self, now: &[f64]) -> f64 {
        now.iter().zip(&self.leaves).map(|(p, rate)| p * rate).sum::<f64>() / self.steps.rate()
    }

    /// Whether all that counts shrinks by one factor.
    fn is_settled(&self, next: &[f64]) -> bool {
        let least = NEGLIGIBLE * self.left.last().copied().unwrap_or(0.0);
        let counted = self.now.iter().zip(next).filter(|(now, _)| **now > least);
        let (low, high) = counted
            .fold((f64::INFINITY, 0.0_f64), |(low, high), (now, next)| (low.min(next / now), high.max(next / now)));
        high - low <= ALIKE * high
    }

    /// P(among them all the time until then).
    pub fn at(&mut self, time: f64, stop: Stop) -> Result<f64, Refusal> {
        if self.steps.rate() == 0.0 || time == 0.0 {
            return Ok(self.left[0]);
        }
        let poisson = self.follow(time, stop)?;
        let last = self.left.len() - 1;
        let known = |k: usize| if k <= last { self.left[k] } else { self.left[last] * self.kept(k - last).0 };
        Ok((poisson.first()..poisson.end()).map(|k| poisson.weight(k) * known(k)).sum())
    }

    /// P(has left them by then).
    pub fn through(&mut self, time: f64, stop: Stop) -> Result<f64, Refusal> {
        if self.steps.rate() == 0.0 || time == 0.0 {
            return Ok(self.gone[0]);
        }
        let poisson = self.follow(time, stop)?;
        let last = self.left.len() - 1;
        let beyond = |k: usize| self.gone[last] + self.left[last] * self.kept(k - last).1;
        let known = |k: usize| if k <= last { self.gone[k] } else { beyond(k) };
        Ok((poisson.first()..poisson.end()).map(|k| poisson.weight(k) * known(k)).sum())
    }

    /// The shares of what is left that stay, and that leave, within more changes than are followed.
    fn kept(&self, changes: usize) -> (f64, f64) {
        let Some(loss) = self.loss else { return (0.0, 1.0) };
        let log = changes as f64 * libm::log1p(-loss);
        (libm::exp(log), -libm::expm1(log))
    }

    /// Follows as many changes as matter by then, or until all further ones are known.
    fn follow(&mut self, time: f64, stop: Stop) -> Result<Poisson, Refusal> {
        let poisson = self.steps.poisson(time)?;
        while self.left.len() < poisson.end() && self.loss.is_none() && self.left.last() != Some(&0.0) {
            go_on(stop, self.steps.entries() as u64)?;
            if self.left.len() >= MOST_KEPT
                || self.left.len() as f64 * self.steps.entries() as f64 > super::transient::MOST_WORK
            {
                return Err(Refusal::TooLong { what: "a reliability".to_string(), steps: self.steps.rate() * time });
            }
            self.step();
        }
        Ok(poisson)
    }
}
