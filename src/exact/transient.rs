//! What a chain does in finite time, by uniformisation (Jensen 1953) with steady-state detection.
//!
//! A chain is a discrete chain whose steps come in a Poisson stream that is as quick as the quickest state, so a
//! probability at time t is a mean of those after k steps, over the Poisson law of k, of which a negligible part is
//! left out. The law of the states comes nearer to that of the long run with every step (Σ |p − π| never grows); where
//! it is near enough, it is taken for it. Both together are the [`ERROR`], beside a rounding of 10⁻¹⁶ for each step
//! before that.

use super::chain::Chain;
use super::fading::Fading;
use super::long_run::stationary;
use super::{Refusal, Stop, go_on};

/// Absolute error of a probability.
pub const ERROR: f64 = 1e-13;

/// Σ |p − π| at which the law of the states is taken for that of the long run.
const REST: f64 = 0.5 * ERROR;

/// Most of the Poisson law that is left out, relative to its mode.
const TAIL: f64 = 1e-16;

/// Most entries visited.
pub(super) const MOST_WORK: f64 = 1e11;

/// Most steps whose rewards are kept: 800 megabytes.
pub(super) const MOST_KEPT: usize = 100_000_000;

/// Most steps expected: the Poisson law has ten million weights then.
const MOST_STEPS: f64 = 1e12;

/// A reward, at some time and on average until then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtTime {
    /// The time, seconds.
    pub time: f64,
    /// Expected value of the reward at that time.
    pub value: f64,
    /// Its integral from the beginning to that time, seconds.
    pub integral: f64,
}

/// The expected value of a reward for each state (a probability: 1 in some states and 0 elsewhere) at each of the
/// times, in their order, and its integrals. The process begins with the law `initial` (weights that sum to 1).
///
/// The absolute error is at most [`ERROR`] times the largest reward (for the integral: times the time too).
///
/// # Errors
/// [`Refusal::Interrupted`], or [`Refusal::NotSettled`] where the steps would be too many or a time isn't positive.
pub fn transient(
    chain: &Chain,
    initial: &[(u32, f64)],
    reward: &[f64],
    times: &[f64],
    stop: Stop,
) -> Result<Vec<AtTime>, Refusal> {
    let mut steps = Steps::new(chain, initial, reward, stop)?;
    times.iter().map(|&time| steps.at(time, stop)).collect()
}

/// Point availability A(t): the probability that the process is in a state where `up` is true at each of the times.
///
/// # Errors
/// As [`transient`].
pub fn point_availability(
    chain: &Chain,
    initial: &[(u32, f64)],
    up: impl Fn(usize) -> bool,
    times: &[f64],
    stop: Stop,
) -> Result<Vec<f64>, Refusal> {
    let reward = indicator(chain, up);
    Ok(transient(chain, initial, &reward, times, stop)?.iter().map(|at| at.value).collect())
}

/// Interval availability: the expected share of the time from `a` to `b` in which `up` is true; A(a) where a = b.
///
/// # Errors
/// As [`transient`].
pub fn interval_availability(
    chain: &Chain,
    initial: &[(u32, f64)],
    up: impl Fn(usize) -> bool,
    (a, b): (f64, f64),
    stop: Stop,
) -> Result<f64, Refusal> {
    interval_mean(chain, initial, &indicator(chain, up), (a, b), stop)
}

/// The mean of a reward from `a` to `b`; its value at a where a = b.
pub(super) fn interval_mean(
    chain: &Chain,
    initial: &[(u32, f64)],
    reward: &[f64],
    (a, b): (f64, f64),
    stop: Stop,
) -> Result<f64, Refusal> {
    if a == b {
        return Ok(transient(chain, initial, reward, &[a], stop)?[0].value);
    }
    // From the law at a, so that nothing is subtracted.
    let law = law_at(chain, initial, a, stop)?;
    Ok(transient(chain, &law, reward, &[b - a], stop)?[0].integral / (b - a))
}

/// The law of the states at a time.
pub(super) fn law_at(chain: &Chain, initial: &[(u32, f64)], time: f64, stop: Stop) -> Result<Vec<(u32, f64)>, Refusal> {
    if time == 0.0 {
        return Ok(initial.to_vec());
    }
    let law = Steps::new(chain, initial, &[], stop)?.law(time, stop)?;
    Ok(law.into_iter().enumerate().map(|(state, p)| (state as u32, p)).collect())
}

/// Reliability R(t): the probability that the process hasn't been in a state where `up` is false until each of the
/// times. An outage at the beginning counts.
///
/// # Errors
/// As [`transient`].
pub fn reliability(
    chain: &Chain,
    initial: &[(u32, f64)],
    up: impl Fn(usize) -> bool,
    times: &[f64],
    stop: Stop,
) -> Result<Vec<f64>, Refusal> {
    let mut fading = Fading::new(chain, initial, &up);
    times.iter().map(|&time| fading.at(time, stop)).collect()
}

/// 1 in each state where a condition holds, else 0.
fn indicator(chain: &Chain, holds: impl Fn(usize) -> bool) -> Vec<f64> {
    (0..chain.states()).map(|state| f64::from(holds(state))).collect()
}

/// The discrete chain of a process, and the rewards after each of its steps, as far as they are known.
pub(super) struct Steps<'r> {
    /// By targets: what comes from other states.
    inflow: Chain,
    exits: Vec<f64>,
    /// Steps per second.
    rate: f64,
    initial: Vec<f64>,
    /// The law after as many steps as there are rewards, less one.
    now: Vec<f64>,
    reward: &'r [f64],
    rewards: Vec<f64>,
    /// The law in the long run; none where it isn't known.
    rest: Option<Vec<f64>>,
    resting: bool,
}

impl<'r> Steps<'r> {
    pub fn new(chain: &Chain, initial: &[(u32, f64)], reward: &'r [f64], stop: Stop) -> Result<Steps<'r>, Refusal> {
        let plain = Steps::plain(chain, initial);
        let rest = match stationary(chain, initial, None, stop) {
            Ok(run) => Some(run.probabilities),
            Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
            Err(_) => None,
        };
        Ok(Steps { rewards: vec![dot(&plain.initial, reward)], reward, rest, ..plain })
    }

    /// Without a reward, and without a look at the long run.
    pub fn plain(chain: &Chain, initial: &[(u32, f64)]) -> Steps<'r> {
        let exits: Vec<f64> = (0..chain.states()).map(|state| chain.exit(state)).collect();
        // A little quicker than the quickest state, so that the discrete chain has no period.
        let rate = 1.02 * exits.iter().copied().fold(0.0, f64::max);
        let mut law = vec![0.0; chain.states()];
        initial.iter().for_each(|&(state, p)| law[state as usize] += p);
        let (inflow, now, initial) = (chain.transposed(), law.clone(), law);
        Steps { inflow, exits, rate, initial, now, reward: &[], rewards: Vec::new(), rest: None, resting: false }
    }

    /// Steps per second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// How many numbers a step looks at.
    pub fn entries(&self) -> usize {
        self.inflow.transitions() + self.exits.len()
    }

    /// The law at the beginning.
    pub fn initial(&self) -> &[f64] {
        &self.initial
    }

    pub fn step(&self, from: &[f64]) -> Vec<f64> {
        let flow = |state: usize| self.inflow.row(state).map(|(other, rate)| from[other] * rate).sum::<f64>();
        let stays = |state: usize| from[state] * (1.0 - self.exits[state] / self.rate);
        (0..from.len()).map(|state| stays(state) + flow(state) / self.rate).collect()
    }

    /// The long run, if a law has come near enough to it.
    fn near_rest(&self, law: &[f64]) -> Option<&[f64]> {
        let rest = self.rest.as_deref()?;
        let distance: f64 = law.iter().zip(rest).map(|(p, rest)| (p - rest).abs()).sum();
        (distance <= REST).then_some(rest)
    }

    /// The reward after k steps, and whether it is that of the long run from here on.
    fn reward(&mut self, k: usize) -> (f64, bool) {
        while self.rewards.len() <= k && !self.resting {
            self.now = self.step(&self.now);
            let at_rest = self.near_rest(&self.now);
            let resting = at_rest.is_some();
            self.rewards.push(dot(at_rest.unwrap_or(&self.now), self.reward));
            self.resting = resting;
        }
        let last = self.rewards.len() - 1;
        (self.rewards[k.min(last)], self.resting && k >= last)
    }

    pub fn poisson(&self, time: f64) -> Result<Poisson, Refusal> {
        let mean = self.rate * time;
        if (0.0..=MOST_STEPS).contains(&mean) { Ok(Poisson::new(mean)) } else { Err(self.too_long(mean)) }
    }

    fn too_long(&self, steps: f64) -> Refusal {
        Refusal::NotSettled { sweeps: steps as usize, change: f64::NAN, states: self.exits.len() }
    }

    /// Whether to end after k steps.
    fn ask(&self, k: usize, stop: Stop) -> Result<(), Refusal> {
        let entries = self.entries();
        go_on(stop, entries as u64)?;
        if k as f64 * entries as f64 > MOST_WORK { Err(self.too_long(k as f64)) } else { Ok(()) }
    }

    pub fn at(&mut self, time: f64, stop: Stop) -> Result<AtTime, Refusal> {
        if self.rate == 0.0 {
            let value = self.rewards[0];
            return Ok(AtTime { time, value, integral: value * time });
        }
        let poisson = self.poisson(time)?;
        let (mut value, mut steps) = (0.0, 0.0);
        let (mut weights, mut lasted) = (0.0, 0.0);
        for k in 0..poisson.end() {
            self.ask(k, stop)?;
            if self.rewards.len() >= MOST_KEPT && !self.resting {
                return Err(self.too_long(k as f64));
            }
            let (reward, resting) = self.reward(k);
            // The integral over time is one over steps: each lasts until the next, if that comes in time.
            let (mut weight, mut lasts) = (poisson.weight(k), poisson.beyond(k));
            if resting {
                (weight, lasts) = (f64::max(1.0 - weights, 0.0), f64::max(self.rate * time - lasted, 0.0));
            }
            value += weight * reward;
            steps += lasts * reward;
            (weights, lasted) = (weights + weight, lasted + lasts);
            if resting {
                break;
            }
        }
        Ok(AtTime { time, value, integral: steps / self.rate })
    }

    /// The law of the states at a time.
    pub fn law(&self, time: f64, stop: Stop) -> Result<Vec<f64>, Refusal> {
        if self.rate == 0.0 {
            return Ok(self.initial.clone());
        }
        let poisson = self.poisson(time)?;
        let mut now = self.initial.clone();
        let mut law = vec![0.0; now.len()];
        let mut weights = 0.0;
        for k in 0..poisson.end() {
            self.ask(k, stop)?;
            if let Some(rest) = self.near_rest(&now) {
                law.iter_mut().zip(rest).for_each(|(sum, p)| *sum += f64::max(1.0 - weights, 0.0) * p);
                break;
            }
            let weight = poisson.weight(k);
            law.iter_mut().zip(&now).for_each(|(sum, p)| *sum += weight * p);
            weights += weight;
            if k + 1 < poisson.end() {
                now = self.step(&now);
            }
        }
        Ok(law)
    }
}

fn dot(law: &[f64], reward: &[f64]) -> f64 {
    law.iter().zip(reward).map(|(p, reward)| p * reward).sum()
}

/// The Poisson law, without its tails.
pub(super) struct Poisson {
    first: usize,
    weights: Vec<f64>,
    /// P[N > k], from the first on.
    beyond: Vec<f64>,
}

impl Poisson {
    /// From the mode both ways by the ratio of neighbours, until what is left out is negligible; then normalised, so
    /// that no factorial or exponential is needed (as Fox and Glynn 1988, with our own cut: a tail is less than a
    /// geometric one).
    fn new(mean: f64) -> Poisson {
        let mode = mean as usize;
        let (mut below, mut above) = (Vec::new(), vec![1.0]);
        let mut weight = 1.0;
        let mut k = mode;
        while k > 0 {
            weight *= k as f64 / mean;
            k -= 1;
            below.push(weight);
            let ratio = k as f64 / mean;
            if weight * ratio <= TAIL * (1.0 - ratio) {
                break;
            }
        }
        let first = mode - below.len();
        let (mut weight, mut k) = (1.0, mode as f64);
        loop {
            k += 1.0;
            weight *= mean / k;
            above.push(weight);
            let ratio = mean / (k + 1.0);
            if weight * ratio <= TAIL * (1.0 - ratio) {
                break;
            }
        }
        let mut weights: Vec<f64> = below.into_iter().rev().chain(above).collect();
        // The small ones first.
        let mut sorted = weights.clone();
        sorted.sort_by(f64::total_cmp);
        let total: f64 = sorted.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        let mut beyond = vec![0.0; weights.len()];
        for k in (0..weights.len() - 1).rev() {
            beyond[k] = beyond[k + 1] + weights[k + 1];
        }
        Poisson { first, weights, beyond }
    }

    /// The least number that counts.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Beyond the greatest number that counts.
    pub fn end(&self) -> usize {
        self.first + self.weights.len()
    }

    pub fn weight(&self, k: usize) -> f64 {
        k.checked_sub(self.first).map_or(0.0, |k| self.weights[k])
    }

    /// P[N > k].
    fn beyond(&self, k: usize) -> f64 {
        k.checked_sub(self.first).map_or(1.0, |k| self.beyond[k])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_poisson_law_has_its_weights() {
        for mean in [1e-9, 0.3, 1.0, 7.5, 1000.0, 1e6] {
            let poisson = Poisson::new(mean);
            let exact = |k: usize| (k as f64 * mean.ln() - mean - libm::lgamma(k as f64 + 1.0)).exp();
            let mode = mean as usize;
            // The logarithms of the reference lose digits as the mean grows.
            let tolerance = 1e-13 * (1.0 + mean * mean.max(2.0).ln());
            for k in [mode, mode + 1, mode + mean.sqrt() as usize, mode.saturating_sub(mean.sqrt() as usize)] {
                assert!((poisson.weight(k) - exact(k)).abs() <= tolerance * exact(k), "{mean} {k}");
            }
            let mean_found: f64 = (0..poisson.end()).map(|k| poisson.beyond(k)).sum();
            assert!((mean_found - mean).abs() < 1e-12 * mean.max(1e-3), "{mean} {mean_found}");
        }
    }
}
