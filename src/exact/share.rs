//! The law of the time that a chain spends in some states during an interval.
//!
//! By uniformisation: of n changes in the interval, which are placed at random in it, some states between them are
//! counted; the share of the interval that k of n + 1 sojourns take is beta distributed, so that it is at most x with
//! the probability of at least k successes in n trials (de Souza e Silva and Gail 1986). Only as many visits are
//! counted as matter for the greatest share that is asked about; all terms are positive.

use super::chain::Chain;
use super::transient::{Poisson, Steps};
use super::{Refusal, Stop, go_on};

/// Most entries visited.
const MOST_WORK: f64 = 5e9;

/// Most numbers kept: 800 megabytes.
const MOST_KEPT: f64 = 1e8;

/// Spare standard deviations in the number of visits that matter: what lies beyond is below 10⁻¹⁶.
const SPARE: f64 = 8.5;

/// As much again, which is enough where next to none is expected.
const FEW: f64 = 24.0;

/// What is known of the visits after each number of changes that counts.
pub(super) struct Share {
    poisson: Poisson,
    /// Most visits that are told apart.
    most: usize,
    /// For each number of changes, from the first that counts on: the probability of each number of visits, and that
    /// of more.
    visits: Vec<Vec<f64>>,
}

impl Share {
    /// Of the states `counted`, for shares up to `greatest` of an interval of `length` seconds; from the law `initial`.
    pub fn new(
        chain: &Chain,
        initial: &[(u32, f64)],
        counted: &[bool],
        (length, greatest): (f64, f64),
        stop: Stop,
    ) -> Result<Share, Refusal> {
        let steps = Steps::plain(chain, initial);
        let poisson = steps.poisson(length)?;
        let (first, end) = (poisson.first(), poisson.end());
        let changes = end as f64;
        let mean = changes * greatest;
        let spare = if mean > 0.0 { SPARE * mean.sqrt() + FEW } else { 0.0 };
        let most = (mean + spare).min(changes + 1.0) as usize;
        let entries = (chain.transitions() + chain.states()) as f64;
        let work = changes * entries * (most + 2) as f64;
        let kept = (end - first) as f64 * (most + 2) as f64 + 2.0 * chain.states() as f64 * (most + 2) as f64;
        if work > MOST_WORK || kept > MOST_KEPT {
            return Err(Refusal::TooLong { what: "the law of a downtime".to_string(), steps: work });
        }
        let mut levels = vec![vec![0.0; chain.states()]; most + 2];
        for (state, &p) in steps.initial().iter().enumerate() {
            levels[usize::from(counted[state])][state] += p;
        }
        let mut visits = Vec::with_capacity(end - first);
        // Levels that anything has come to.
        let mut used = 2;
        for k in 0..end {
            go_on(stop, entries as u64 * used as u64)?;
            if k >= first {
                visits.push(levels.iter().map(|level| level.iter().sum()).collect());
            }
            if k + 1 < end && chain.transitions() > 0 {
                advance(&steps, counted, &mut levels, used);
                used = (used + 1).min(most + 2);
            }
        }
        Ok(Share { poisson, most, visits })
    }

    /// The mean of something of each number of changes and visits; `of(n, at_least)` gives it for 0, 1, … visits and
    /// for more, from the probabilities of at least so many successes in n trials.
    fn mean(&self, of: impl Fn(usize, &mut Vec<f64>)) -> f64 {
        let mut values = Vec::new();
        let mut sum = 0.0;
        for (i, visits) in self.visits.iter().enumerate() {
            let n = self.poisson.first() + i;
            of(n, &mut values);
            let inner: f64 = visits.iter().zip(&values).map(|(p, value)| p * value).sum();
            sum += self.poisson.weight(n) * inner;
        }
        sum
    }

    /// P(share ≤ x), for x from 0 on and below 1.
    pub fn at_most(&self, x: f64) -> f64 {
        self.mean(|n, values| {
            trials(n, x, self.most, values, true);
            values.push(0.0);
        })
    }

    /// P(share > x), for x from 0 on and below 1.
    pub fn above(&self, x: f64) -> f64 {
        self.mean(|n, values| {
            trials(n, x, self.most, values, false);
            values.push(1.0);
        })
    }

    /// E[min(share, x)], for x from 0 on and below 1.
    pub fn limited(&self, x: f64) -> f64 {
        self.mean(|n, values| {
            trials(n, x, self.most, values, false);
            let mut more = Vec::new();
            trials(n + 1, x, self.most + 1, &mut more, true);
            for (k, value) in values.iter_mut().enumerate() {
                *value = x * *value + k as f64 / (n + 1) as f64 * more[k + 1];
            }
            values.push(x);
        })
    }
}

/// One step of the discrete chain in every level; a visit raises the level, and the last one holds all beyond it.
fn advance(steps: &Steps, counted: &[bool], levels: &mut [Vec<f64>], used: usize) {
    let last = levels.len() - 1;
    let mut raised = vec![0.0; counted.len()];
    for level in 0..(used + 1).min(levels.len()) {
        let mut next = steps.step(&levels[level]);
        let above: Vec<f64> = next
            .iter_mut()
            .zip(counted)
            .map(|(p, counted)| if *counted && level < last { std::mem::take(p) } else { 0.0 })
            .collect();
        next.iter_mut().zip(&raised).for_each(|(p, raised)| *p += raised);
        (levels[level], raised) = (next, above);
    }
}

/// For 0 to `most` the probability of at least so many successes in n trials of probability x, or of fewer.
fn trials(n: usize, x: f64, most: usize, into: &mut Vec<f64>, at_least: bool) {
    into.clear();
    if x <= 0.0 {
        into.extend((0..=most).map(|k| f64::from((k == 0) == at_least)));
        return;
    }
    let (odds, mode) = (x / (1.0 - x), (((n + 1) as f64 * x) as usize).min(n));
    // From the mode both ways by the ratio of neighbours, and then normalised.
    let (mut below, mut weight, mut k) = (Vec::new(), 1.0, mode);
    while k > 0 && weight > 1e-40 {
        weight *= k as f64 / ((n - k + 1) as f64 * odds);
        k -= 1;
        below.push(weight);
    }
    let (mut above, mut k, mut weight) = (vec![1.0], mode, 1.0);
    while k < n && weight > 1e-40 {
        weight *= (n - k) as f64 * odds / (k + 1) as f64;
        k += 1;
        above.push(weight);
    }
    let first = mode - below.len();
    let weights: Vec<f64> = below.into_iter().rev().chain(above).collect();
    let total: f64 = weights.iter().sum();
    let at = |k: usize| k.checked_sub(first).and_then(|i| weights.get(i)).map_or(0.0, |weight| weight / total);
    if at_least {
        into.resize(most + 1, 0.0);
        let mut sum: f64 = (most + 1..first + weights.len()).rev().map(at).sum();
        for k in (0..=most).rev() {
            sum += at(k);
            into[k] = if k == 0 { 1.0 } else { sum };
        }
    } else {
        let mut sum = 0.0;
        for k in 0..=most {
            into.push(sum);
            sum += at(k);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::binomial_cdf;

    #[test]
    fn trials_succeed_as_often_as_they_should() {
        let (mut more, mut fewer) = (Vec::new(), Vec::new());
        for (n, x) in [(0, 0.3), (1, 0.3), (10, 0.01), (1000, 0.02), (50_000, 1e-4), (400, 0.5)] {
            trials(n, x, 30, &mut more, true);
            trials(n, x, 30, &mut fewer, false);
            for k in 1..=30_usize {
                let below = binomial_cdf(k as u64 - 1, n as u64, x);
                assert!((fewer[k] - below).abs() < 1e-10 && (more[k] + below - 1.0).abs() < 1e-10, "{n} {x} {k}");
            }
            assert_eq!((more[0], fewer[0]), (1.0, 0.0));
        }
    }
}
