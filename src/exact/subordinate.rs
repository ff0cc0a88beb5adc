//! What exponential clocks do while a race of general clocks goes on: the subordinated chain of a Markov regenerative
//! process, by uniformisation.
//!
//! With Pₙ(t) the Poisson probabilities of n changes by the time t, the mean time in a marking and the wins in it are
//! Σ πₙ ∫ Pₙ(t) w(t) dt, w being the survival of the race or the density of a win, and πₙ the law of the marking after
//! n changes (German, Logothetis and Trivedi 1995). All terms are positive.

use super::quadrature::Nodes;
use super::{Refusal, Stop, go_on};
use crate::dist::math::log_gamma_term;

/// Most changes that are followed one by one.
pub(super) const MOST_CHANGES: f64 = 2_000_000.0;

/// Most steps of a state to another, over all changes.
const MOST_WORK: f64 = 4e9;

/// Terms smaller than that part of what there is are left out.
const NEGLIGIBLE: f64 = 1e-19;

/// Terms beyond the number of changes that reaches every marking.
const BEYOND: usize = 24;

/// Steps of a state to another between two questions whether to go on.
const MANY: usize = 1 << 20;

/// Rates within the markings that are passed during one race, and out of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Subchain {
    /// Rates to other markings of the race, by marking.
    pub inner: Vec<Vec<(u32, f64)>>,
    /// Rates at which the race is broken off.
    pub leaving: Vec<f64>,
    /// Changes that it takes to reach the farthest marking.
    pub depth: usize,
}

impl Subchain {
    /// The greatest rate of change, and a little more, so that every marking may also be kept.
    pub fn rate(&self) -> f64 {
        let exits = self.inner.iter().zip(&self.leaving);
        1.02 * exits.map(|(row, out)| row.iter().map(|&(_, rate)| rate).sum::<f64>() + out).fold(0.0, f64::max)
    }
}

/// Weights of the numbers of changes.
#[derive(Debug)]
pub(super) struct Weights {
    rate: f64,
    depth: usize,
    width: usize,
    /// For each number of changes the weight of every integral.
    terms: Vec<f64>,
    /// For each number of changes what lies beyond it.
    left: Vec<f64>,
    /// What they took.
    pub steps: u64,
}

/// Weights that are kept: 160 megabytes, and as much for what is left.
const MOST_TERMS: f64 = 2e7;

impl Weights {
    /// From the nodes of a race; `alone` is the mean of the race when it is a single clock, whose tail may be long.
    pub fn new(nodes: &Nodes, alone: Option<f64>, rate: f64, depth: usize) -> Weights {
        let width = nodes.width;
        let mut all = Weights { rate, depth, width, terms: vec![0.0; width], left: Vec::new(), steps: 0 };
        let mut beyond = vec![0.0; width];
        let most = MOST_CHANGES.min(MOST_TERMS / width as f64);
        for (time, weights) in nodes.iter().filter(|(_, weights)| weights.iter().any(|w| *w > 0.0)) {
            if time * rate > most {
                beyond.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
            } else {
                all.spread(time * rate, weights);
            }
        }
        if let Some(mean) = alone {
            for (k, total) in [(0, mean), (1, 1.0)] {
                let rest = total - nodes.totals()[k];
                beyond[k] += if rest > 1e-12 * total { rest } else { 0.0 };
            }
        }
        all.sum_up(beyond);
        all
    }

    /// Notes for each number of changes what comes behind it.
    fn sum_up(&mut self, mut sum: Vec<f64>) {
        self.left = vec![0.0; self.terms.len()];
        let terms = self.terms.chunks_exact(self.width);
        for (left, weights) in self.left.chunks_exact_mut(self.width).zip(terms).rev() {
            left.copy_from_slice(&sum);
            sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        }
    }

    /// Adds the Poisson probabilities of `changes` in the mean, from the likeliest number down and up.
    fn spread(&mut self, changes: f64, weights: &[f64]) {
        let mode = changes as usize;
        let peak = if changes > 0.0 { libm::exp(log_gamma_term(mode as f64, changes)) } else { 1.0 };
        let mut p = peak;
        for n in (0..=mode).rev() {
            self.add(n, p, weights);
            p *= n as f64 / changes;
            if p < NEGLIGIBLE * peak {
                break;
            }
        }
        let (mut p, mut n, mut reference) = (peak, mode, peak);
        loop {
            n += 1;
            p *= changes / n as f64;
            if n <= self.depth {
                reference = p;
            }
            if p <= NEGLIGIBLE * reference || n > self.depth + BEYOND && p <= NEGLIGIBLE * peak {
                break;
            }
            self.add(n, p, weights);
        }
    }

    fn add(&mut self, changes: usize, p: f64, weights: &[f64]) {
        let start = changes * self.width;
        self.steps += self.width as u64;
        if self.terms.len() < start + self.width {
            self.terms.resize(start + self.width, 0.0);
        }
        self.terms[start..start + self.width].iter_mut().zip(weights).for_each(|(sum, weight)| *sum += p * weight);
    }

    /// For each marking the integrals over the time that is spent in it, from the first marking on.
    pub fn integrals(&self, chain: &Subchain, who: &str, stop: Stop) -> Result<Vec<Vec<f64>>, Refusal> {
        let entries: usize = chain.inner.iter().map(|row| row.len() + 1).sum();
        let unasked = (MANY / entries).max(1);
        let mut walk = Walk::new(chain, self.rate);
        let mut sums = vec![vec![0.0; self.width]; chain.inner.len()];
        let terms = self.terms.chunks_exact(self.width).zip(self.left.chunks_exact(self.width));
        for (term, (weights, left)) in terms.enumerate() {
            if term % unasked == 0 {
                go_on(stop, (unasked * entries) as u64)?;
            }
            if term as f64 * entries as f64 > MOST_WORK {
                return Err(stiff(who));
            }
            walk.add(&mut sums, weights);
            if term > self.depth && walk.is_over(&sums, left) {
                return Ok(sums);
            }
            if walk.step() && term > self.depth {
                walk.add(&mut sums, left);
                return Ok(sums);
            }
        }
        let mut ends = self.left.chunks_exact(self.width).rev();
        if ends.next().is_some_and(|left| left.iter().any(|rest| *rest > 0.0)) { Err(stiff(who)) } else { Ok(sums) }
    }
}

fn stiff(who: &str) -> Refusal {
    Refusal::NotMarkovian {
        transition: who.to_string(),
        because: "while its clock runs the exponential ones fire millions of times".to_string(),
    }
}

/// The uniformised chain on its way.
struct Walk<'c> {
    chain: &'c Subchain,
    rate: f64,
    stay: Vec<f64>,
    law: Vec<f64>,
    next: Vec<f64>,
}

impl<'c> Walk<'c> {
    fn new(chain: &'c Subchain, rate: f64) -> Walk<'c> {
        let exits = chain.inner.iter().zip(&chain.leaving);
        let stay = exits.map(|(row, out)| 1.0 - (row.iter().map(|&(_, r)| r).sum::<f64>() + out) / rate).collect();
        let mut law = vec![0.0; chain.inner.len()];
        law[0] = 1.0;
        Walk { chain, rate, stay, next: vec![0.0; law.len()], law }
    }

    /// One more change; true when nothing changes any more.
    fn step(&mut self) -> bool {
        self.next.iter_mut().zip(&self.law).zip(&self.stay).for_each(|((next, p), stay)| *next = p * stay);
        for (row, &p) in self.chain.inner.iter().zip(&self.law).filter(|(_, p)| **p > 0.0) {
            row.iter().for_each(|&(to, rate)| self.next[to as usize] += p * rate / self.rate);
        }
        std::mem::swap(&mut self.law, &mut self.next);
        self.law.iter().zip(&self.next).all(|(now, before)| (now - before).abs() <= f64::EPSILON * now)
    }

    /// Whether what is left can't be seen in any sum.
    fn is_over(&self, sums: &[Vec<f64>], rest: &[f64]) -> bool {
        let small = |(sums, p): (&Vec<f64>, &f64)| sums.iter().zip(rest).all(|(sum, rest)| p * rest <= 1e-17 * sum);
        sums.iter().zip(&self.law).all(small)
    }

    fn add(&self, sums: &mut [Vec<f64>], weights: &[f64]) {
        for (sums, &p) in sums.iter_mut().zip(&self.law) {
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += p * weight);
        }
    }
}
