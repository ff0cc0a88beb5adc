//! Observations in, totals and the few covariances that the estimates need out.

use super::process::Facts;
use super::sequences::Sequences;
use super::series::Series;
use crate::program::Program;
use crate::rare::Weights;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A sum of terms so many times as great is all rounding.
const ROUNDING: f64 = 1e-12;

/// Which coordinates an observation has, and which pairs of them are needed together.
///
/// An observation is the path's sums, followed for each `up` by the time to the first failure (or to the end of
/// the fresh path, if that comes first) and by 1 if that failure was seen; then, where they are asked for, for each
/// `up` by the downtime and the outages of each cause, the downtime and the stays of each phase, and the downtime of
/// each cause in each phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Length of an observation.
    pub width: usize,
    sums: usize,
    ups: usize,
    causes: usize,
    phases: usize,
    pairs: Vec<(usize, usize)>,
    /// The condition whose observations are kept in order, for comparisons.
    lead: Option<usize>,
}

impl Layout {
    /// The layout for a process.
    pub fn new(facts: &Facts) -> Layout {
        let ups = facts.up.len();
        let (causes, phases) = (facts.causes.names.len(), facts.phases.len());
        let width = facts.sums + ups * (2 + 2 * causes + 2 * phases + causes * phases);
        let layout = Layout { width, sums: facts.sums, ups, causes, phases, pairs: Vec::new(), lead: None };
        let mut pairs = BTreeSet::new();
        let mut together = |group: &[usize]| {
            for &i in group {
                pairs.extend(group.iter().filter(|&&j| i <= j).map(|&j| (i, j)));
            }
        };
        for up in 0..ups {
            together(&[Program::TIME, Program::down(up), Program::failures(up)]);
            together(&[layout.first_failure(up), layout.first_seen(up)]);
            let causes = (0..causes).map(|cause| layout.cause(up, cause));
            for [down, times] in causes.chain((0..phases).map(|phase| layout.phase(up, phase))) {
                together(&[Program::TIME, down, times]);
                together(&[Program::down(up), down]);
            }
        }
        for measure in &facts.measures {
            let mut group = vec![Program::TIME];
            measure.formula.sums(&mut |sum| group.push(sum));
            together(&group);
        }
        Layout { pairs: pairs.into_iter().collect(), ..layout }
    }

    /// The same, with the observations of the condition `lead` kept in order.
    pub fn in_order(self, lead: Option<usize>) -> Layout {
        Layout { lead, ..self }
    }

    /// The condition whose observations are kept in order.
    pub fn lead(&self) -> Option<usize> {
        self.lead
    }

    /// Coordinate of the time to the first failure, or to the end of the path.
    pub fn first_failure(&self, up: usize) -> usize {
        self.sums + 2 * up
    }

    /// Coordinates of the downtime and of the outages of a cause.
    pub fn cause(&self, up: usize, cause: usize) -> [usize; 2] {
        let first = self.account(up) + 2 * cause;
        [first, first + 1]
    }

    /// Coordinates of the downtime and of the stays of a phase.
    pub fn phase(&self, up: usize, phase: usize) -> [usize; 2] {
        let first = self.account(up) + 2 * (self.causes + phase);
        [first, first + 1]
    }

    /// Coordinate of the downtime of a cause in a phase.
    pub fn cell(&self, up: usize, cause: usize, phase: usize) -> usize {
        self.account(up) + 2 * (self.causes + self.phases) + cause * self.phases + phase
    }

    /// Coordinates that count events whose weights may differ: the outages of each condition, then, for each condition,
    /// those of its causes and the stays of its phases.
    pub fn counts(&self) -> Vec<usize> {
        let of_account = |up| {
            let causes = (0..self.causes).map(move |cause| self.cause(up, cause)[1]);
            causes.chain((0..self.phases).map(move |phase| self.phase(up, phase)[1]))
        };
        (0..self.ups).map(Program::failures).chain((0..self.ups).flat_map(of_account)).collect()
    }

    /// Where the account of a condition begins.
    fn account(&self, up: usize) -> usize {
        self.sums + 2 * self.ups + up * (2 * (self.causes + self.phases) + self.causes * self.phases)
    }

    /// Sequences of no observations.
    fn sequences(&self) -> Sequences {
        Sequences::new(if self.causes == 0 { 0 } else { self.ups })
    }

    /// Coordinate that is 1 where the first failure was seen.
    pub fn first_seen(&self, up: usize) -> usize {
        self.sums + 2 * up + 1
    }
}

/// Totals and centred products of independent observations; merging in a fixed order gives the same bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// How many observations.
    pub count: u64,
    /// Sum of each coordinate.
    pub totals: Vec<f64>,
    /// Sum of (x − x̄)(y − ȳ) for each pair of the layout.
    products: Vec<f64>,
    /// For each `up`: sums of d⁴, d³τ, d²τ², dτ³ and τ⁴ over the observations, d their downtime and τ their time.
    #[serde(default)]
    fourths: Vec<[f64; 5]>,
    /// Firings spent on them, warm-up included.
    pub firings: u64,
    /// Ties that decided something (S13).
    pub ties: u64,
    /// Observations in which the net came to rest.
    pub rests: u64,
    /// Those of the leading condition in order; empty unless the layout wants them.
    pub series: Series,
    /// What biased cycles weigh, where there are any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub weights: Option<Weights>,
    /// Sum of the squared weights of what is counted ([`Layout::counts`]), where cycles are stratified.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub squares: Vec<f64>,
    /// Of the failures that led to outages; empty unless they are asked for.
    #[serde(default)]
    pub sequences: Sequences,
}

impl Tally {
    /// Of no observations.
    pub fn new(layout: &Layout) -> Tally {
        Tally {
            count: 0,
            totals: vec![0.0; layout.width],
            products: vec![0.0; layout.pairs.len()],
            fourths: vec![[0.0; 5]; layout.ups],
            firings: 0,
            ties: 0,
            rests: 0,
            series: Series::default(),
            weights: None,
            squares: Vec::new(),
            sequences: layout.sequences(),
        }
    }

    /// Adds one observation.
    pub fn add(&mut self, layout: &Layout, observation: &[f64]) {
        let n = self.count as f64;
        if self.count > 0 {
            let scale = 1.0 / (n * (n + 1.0));
            for (product, &(i, j)) in self.products.iter_mut().zip(&layout.pairs) {
                let deviation = |k: usize| n * observation[k] - self.totals[k];
                *product += scale * deviation(i) * deviation(j);
            }
        }
        for (total, x) in self.totals.iter_mut().zip(observation) {
            *total += x;
        }
        let time = observation[Program::TIME];
        for (up, sums) in self.fourths.iter_mut().enumerate() {
            let down = observation[Program::down(up)];
            let (dd, dt, tt) = (down * down, down * time, time * time);
            sums.iter_mut().zip([dd * dd, dd * dt, dd * tt, dt * tt, tt * tt]).for_each(|(sum, x)| *sum += x);
        }
        if let Some(up) = layout.lead {
            self.series.push([observation[Program::TIME], observation[Program::down(up)]]);
        }
        self.count += 1;
    }

    /// Adds the observations of another, a block's.
    pub fn merge(&mut self, layout: &Layout, other: &Tally) {
        if self.count > 0 && other.count > 0 {
            let (n, m) = (self.count as f64, other.count as f64);
            let scale = 1.0 / (n * m * (n + m));
            for (product, &(i, j)) in self.products.iter_mut().zip(&layout.pairs) {
                let deviation = |k: usize| n * other.totals[k] - m * self.totals[k];
                *product += scale * deviation(i) * deviation(j);
            }
        }
        self.products.iter_mut().zip(&other.products).for_each(|(p, q)| *p += q);
        self.totals.iter_mut().zip(&other.totals).for_each(|(p, q)| *p += q);
        for (mine, theirs) in self.fourths.iter_mut().zip(&other.fourths) {
            mine.iter_mut().zip(theirs).for_each(|(p, q)| *p += q);
        }
        self.count += other.count;
        self.firings += other.firings;
        self.ties += other.ties;
        self.rests += other.rests;
        self.series.extend(&other.series);
        match (&mut self.weights, &other.weights) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (mine @ None, theirs) => mine.clone_from(theirs),
            (Some(_), None) => {}
        }
        self.squares.resize(self.squares.len().max(other.squares.len()), 0.0);
        self.squares.iter_mut().zip(&other.squares).for_each(|(p, q)| *p += q);
        self.sequences.extend(&other.sequences);
    }

    /// Whether it fits the layout: a snapshot might come from elsewhere.
    pub fn fits(&self, layout: &Layout) -> bool {
        let series = if layout.lead.is_some() { self.series.fits(self.count) } else { self.series.count() == 0 };
        let weights = self.weights.as_ref().is_none_or(|weights| weights.fits(layout.sums));
        let sequences = self.sequences.fits(layout.ups, layout.causes);
        let squares = self.squares.is_empty() || self.squares.len() == layout.counts().len();
        let account = weights && sequences && squares && self.fourths.len() == layout.ups;
        self.totals.len() == layout.width && self.products.len() == layout.pairs.len() && series && account
    }

    /// Mean of a coordinate.
    pub fn mean(&self, coordinate: usize) -> f64 {
        self.totals[coordinate] / self.count as f64
    }

    /// Sum of the squares of the lengths of the observations.
    pub fn squared_time(&self, layout: &Layout) -> f64 {
        let pair = (Program::TIME, Program::TIME);
        let around = layout.pairs.binary_search(&pair).map_or(0.0, |at| self.products[at]);
        around + self.totals[Program::TIME] * self.mean(Program::TIME)
    }

    /// Variance of a linear combination of means, Σ gᵢ x̄ᵢ; the pairs must be those of the layout.
    /// None with fewer than two observations.
    pub fn variance(&self, layout: &Layout, gradient: &[(usize, f64)]) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let mut sum = 0.0;
        for &(i, gi) in gradient {
            for &(j, gj) in gradient {
                let pair = (i.min(j), i.max(j));
                if let Ok(at) = layout.pairs.binary_search(&pair) {
                    sum += gi * gj * self.products[at];
                }
            }
        }
        let n = self.count as f64;
        Some((sum / (n - 1.0) / n).max(0.0))
    }
}

impl Tally {
    /// Degrees of freedom of the variance of a condition's unavailability: a sample of kurtosis κ has 2n/(κ − 1), at most
    /// n − 1 (Cramér 1946, 27.4). The errors of a ratio are d − Uτ, whose mean is 0.
    pub fn freedom(&self, layout: &Layout, up: usize) -> f64 {
        let n = self.count as f64;
        let most = (n - 1.0).max(1.0);
        let u = self.totals[Program::down(up)] / self.totals[Program::TIME];
        let variance = self.variance(layout, &[(Program::down(up), 1.0), (Program::TIME, -u)]).unwrap_or(0.0);
        let second = variance * n * (n - 1.0);
        let terms = self.fourths[up].iter().zip([1.0, -4.0, 6.0, -4.0, 1.0]).zip([0, 1, 2, 3, 4]);
        let (fourth, size) = terms.fold((0.0, 0.0), |(fourth, size), ((sum, factor), power)| {
            let term = factor * sum * libm::pow(u, f64::from(power));
            (fourth + term, size + term.abs())
        });
        if !(fourth > ROUNDING * size && second > 0.0) {
            return most;
        }
        let kurtosis = n * fourth / (second * second);
        (2.0 * n / (kurtosis - 1.0).max(f64::MIN_POSITIVE)).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        Layout::new(&Facts { up: vec!["service".into()], sums: 3, ..Facts::default() })
    }

    /// By hand: one observation of n is down, and e = d − Uτ is 1 − 1/n once and −1/n otherwise.
    #[test]
    fn one_outage_has_one_degree_of_freedom() {
        let layout = layout();
        let of = |downtimes: &[f64]| {
            let mut tally = Tally::new(&layout);
            downtimes.iter().for_each(|d| tally.add(&layout, &[1e3, *d, 0.0, 1e3, 0.0]));
            tally.freedom(&layout, 0)
        };
        let mut once = [0.0; 100];
        once[17] = 5.0;
        let (a, b): (f64, f64) = (0.99, 0.01);
        let kurtosis = 100.0 * (a.powi(4) + 99.0 * b.powi(4)) / (a.powi(2) + 99.0 * b.powi(2)).powi(2);
        assert!((of(&once) - 200.0 / (kurtosis - 1.0)).abs() < 1e-6, "{}", of(&once));
        // Two values that are equally frequent vary as little as can be, and what hardly varies is all rounding.
        assert_eq!(of(&[1.0, 2.0].repeat(50)), 99.0);
        assert_eq!(of(&[1.0, 1.0 + 1e-7].repeat(50)), 99.0);
    }

    #[test]
    fn merging_equals_adding_one_by_one() {
        let layout = layout();
        let observation = |i: u64| {
            let x = ((i * 7919) % 101) as f64;
            [10.0 + x, x.powi(8), (i % 3) as f64, 1e3 - x, 1.0]
        };
        let (mut whole, mut halves) = (Tally::new(&layout), Tally::new(&layout));
        for half in [0..13, 13..50] {
            let mut part = Tally::new(&layout);
            for i in half {
                whole.add(&layout, &observation(i));
                part.add(&layout, &observation(i));
            }
            halves.merge(&layout, &part);
        }
        assert_eq!(whole.totals, halves.totals);
        let [a, b] = [&whole, &halves].map(|tally| tally.freedom(&layout, 0));
        assert!((a - b).abs() < 1e-9 * a && a < 49.0, "{a} {b}");
        let gradient = [(0, 0.5), (1, 1.0), (2, -3.0)];
        let (a, b) = (whole.variance(&layout, &gradient).unwrap(), halves.variance(&layout, &gradient).unwrap());
        let values: Vec<f64> = (0..50).map(|i| gradient.iter().map(|&(k, g)| g * observation(i)[k]).sum()).collect();
        let mean = values.iter().sum::<f64>() / 50.0;
        let direct = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 49.0 / 50.0;
        assert!((a - direct).abs() < 1e-9 * direct && (b - direct).abs() < 1e-9 * direct, "{a} {b} {direct}");
    }
}
