//! Outages of a chain: how many begin in an interval, and how long they last in the long run.

use super::chain::Chain;
use super::fading::Fading;
use super::long_run::stationary;
use super::transient::Steps;
use super::{Refusal, Stop};

/// Most states of a chain that counts.
const MOST_STATES: usize = 2_000_000;

/// Doublings of a bracket.
const DOUBLINGS: usize = 1100;

/// Probabilities that 0, 1, … `most` outages begin within `length` seconds, and more than that; from the law `initial`.
pub(super) fn counts(
    chain: &Chain,
    initial: &[(u32, f64)],
    up: &[bool],
    length: f64,
    most: usize,
    stop: Stop,
) -> Result<Vec<f64>, Refusal> {
    let states = chain.states();
    let levels = most + 1;
    if states.saturating_mul(levels) >= MOST_STATES {
        let what = format!("the law of more than {} outages", MOST_STATES / states.max(1));
        return Err(Refusal::TooLong { what, steps: (states * levels) as f64 });
    }
    // Every level is a copy of the chain; a failure leads into the next one, and from the last to where all ends.
    let (mut counted, mut row) = (Chain::default(), Vec::new());
    for level in 0..levels {
        for state in 0..states {
            row.clear();
            for (to, rate) in chain.row(state) {
                let failed = up[state] && !up[to];
                let level = level + usize::from(failed);
                row.push((if level == levels { levels * states } else { level * states + to } as u32, rate));
            }
            super::vanishing::merge(&mut row);
            counted.push(&row);
        }
    }
    counted.push(&[]);
    let law = Steps::plain(&counted, initial).law(length, stop)?;
    Ok(law.chunks(states).map(|level| level.iter().sum()).collect())
}

/// The outages of the long run.
pub(super) struct Episodes<'c> {
    chain: &'c Chain,
    down: Vec<bool>,
    /// Where outages begin: probabilities of states; empty where there are none.
    entry: Vec<(u32, f64)>,
    /// Outages per second.
    pub rate: f64,
    /// Share of time in one.
    pub share: f64,
}

impl<'c> Episodes<'c> {
    /// From the long-run probabilities.
    pub fn new(chain: &'c Chain, up: &[bool], probabilities: &[f64]) -> Episodes<'c> {
        let mut flows = vec![0.0; chain.states()];
        let up_states = probabilities.iter().enumerate().filter(|(state, p)| up[*state] && **p > 0.0);
        for (state, p) in up_states {
            chain.row(state).filter(|(to, _)| !up[*to]).for_each(|(to, rate)| flows[to] += p * rate);
        }
        let rate: f64 = flows.iter().sum();
        let entries = flows.iter().enumerate().filter(|(_, flow)| **flow > 0.0);
        let entry = entries.map(|(state, flow)| (state as u32, flow / rate)).collect();
        let share = probabilities.iter().zip(up).filter(|(_, up)| !**up).map(|(p, _)| p).sum();
        Episodes { chain, down: up.iter().map(|up| !up).collect(), entry, rate, share }
    }

    /// Mean length of an outage; NaN where there is none.
    pub fn mean(&self) -> f64 {
        self.share / self.rate
    }

    /// P(an outage lasts longer than a time); NaN where there is none.
    pub fn beyond(&self, time: f64, stop: Stop) -> Result<f64, Refusal> {
        if self.entry.is_empty() {
            return Ok(f64::NAN);
        }
        Fading::new(self.chain, &self.entry, &|state| self.down[state]).at(time, stop)
    }

    /// The length that an outage doesn't exceed with probability `p`.
    pub fn quantile(&self, p: f64, stop: Stop) -> Result<f64, Refusal> {
        if self.entry.is_empty() {
            return Ok(f64::NAN);
        }
        let mut fading = Fading::new(self.chain, &self.entry, &|state| self.down[state]);
        let mut exceeded = |time: f64| Ok::<bool, Refusal>(fading.at(time, stop)? > 1.0 - p);
        let mut high = self.mean();
        let mut doublings = 0;
        while exceeded(high)? {
            (high, doublings) = (2.0 * high, doublings + 1);
            if doublings > DOUBLINGS || !high.is_finite() {
                return Ok(f64::INFINITY);
            }
        }
        let mut low = 0.0;
        while high - low > 1e-13 * high {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if exceeded(middle)? { low = middle } else { high = middle }
        }
        Ok(high)
    }

    /// The chain that ends with the outage.
    fn broken(&self) -> Chain {
        let (mut broken, mut row) = (Chain::default(), Vec::new());
        for (state, down) in self.down.iter().enumerate() {
            row.clear();
            if *down {
                row.extend(self.chain.row(state).map(|(to, rate)| (to as u32, rate)));
            }
            broken.push(&row);
        }
        broken
    }

    /// Mean of what outages last beyond a time, per second of the long run.
    pub fn excess(&self, time: f64, stop: Stop) -> Result<f64, Refusal> {
        if self.entry.is_empty() {
            return Ok(0.0);
        }
        let law = Steps::plain(&self.broken(), &self.entry).law(time, stop)?;
        let last = law.iter().enumerate().filter(|(state, p)| self.down[*state] && **p > 0.0);
        let left: Vec<(u32, f64)> = last.map(|(state, p)| (state as u32, *p)).collect();
        let survival: f64 = left.iter().map(|(_, p)| p).sum();
        if survival <= 0.0 {
            return Ok(0.0);
        }
        let left: Vec<(u32, f64)> = left.into_iter().map(|(state, p)| (state, p / survival)).collect();
        Ok(self.rate * survival * remaining(self.chain, &self.down, &left, stop)?)
    }
}

/// Mean time for which a chain `stays` among some states, from this law of them: it begins anew whenever it leaves.
/// Infinite unless it is sure to leave.
pub(super) fn remaining(chain: &Chain, stays: &[bool], law: &[(u32, f64)], stop: Stop) -> Result<f64, Refusal> {
    let (mut renewed, mut row) = (Chain::default(), Vec::new());
    let mut ends = vec![0.0; chain.states()];
    for (state, within) in stays.iter().enumerate() {
        row.clear();
        for (to, rate) in chain.row(state).filter(|_| *within) {
            if stays[to] {
                row.push((to as u32, rate));
            } else {
                ends[state] += rate;
            }
        }
        if ends[state] > 0.0 {
            row.extend(law.iter().map(|&(to, p)| (to, p * ends[state])));
            super::vanishing::merge(&mut row);
            row.retain(|&(to, _)| to as usize != state);
        }
        renewed.push(&row);
    }
    let run = stationary(&renewed, law, None, stop)?;
    let rate: f64 = run.probabilities.iter().zip(&ends).map(|(p, rate)| p * rate).sum();
    Ok(if run.classes.len() > 1 || rate == 0.0 { f64::INFINITY } else { 1.0 / rate })
}
