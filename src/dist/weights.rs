//! Weights of alternatives.

use super::LawError;
use super::catalogue::{each, require};

/// Alternatives that are chosen with given probabilities.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    probabilities: Vec<f64>,
    /// Sums of the probabilities up to each; the last is 1.
    cumulative: Vec<f64>,
}

impl Weights {
    /// From 1 to `most` weights: finite, not negative, not all 0; normalised.
    pub fn new(parameter: &'static str, weights: &[f64], most: usize) -> Result<Weights, LawError> {
        let weights = each(parameter, weights, most, |parameter, weight| {
            require((0.0..=1e100).contains(&weight), parameter, "must be finite and not negative")?;
            Ok(weight)
        })?;
        let total: f64 = weights.iter().sum();
        require(total > 0.0, parameter, "must not all be 0")?;
        let probabilities: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        let mut sum = 0.0;
        let cumulative = probabilities.iter().map(|p| {
            sum += p;
            sum
        });
        Ok(Weights { cumulative: cumulative.collect(), probabilities })
    }

    /// The probabilities; they add up to 1.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The alternative that a uniform deviate on (0, 1) chooses; never one of probability 0.
    pub fn choose(&self, u: f64) -> usize {
        let total = self.cumulative.last().copied().unwrap_or(1.0);
        let target = u * total;
        let chosen = self.cumulative.partition_point(|&sum| sum <= target);
        if chosen < self.cumulative.len() {
            return chosen;
        }
        self.probabilities.iter().rposition(|&p| p > 0.0).unwrap_or(0)
    }

    /// Σ probability · value.
    pub fn average(&self, value: impl Fn(usize) -> f64) -> f64 {
        let terms = self.probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0);
        terms.map(|(i, p)| p * value(i)).sum()
    }

    /// ln Σ probability · exp(log(i)), for logarithms of numbers that may be too small themselves.
    pub fn log_average(&self, log: impl Fn(usize) -> f64) -> f64 {
        let logs = self.logs(log);
        let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if greatest == f64::NEG_INFINITY {
            return greatest;
        }
        let sum: f64 = logs.iter().map(|l| libm::exp(l - greatest)).sum();
        (greatest + libm::log(sum)).min(0.0)
    }

    /// The alternative that a uniform deviate chooses when the probabilities are multiplied by exp(log(i));
    /// none when all of them vanish.
    pub fn choose_reweighted(&self, u: f64, log: impl Fn(usize) -> f64) -> Option<usize> {
        let logs = self.logs(log);
        let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if greatest == f64::NEG_INFINITY {
            return None;
        }
        let weights: Vec<f64> = logs.iter().map(|l| libm::exp(l - greatest)).collect();
        let mut left = u * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return Some(i);
            }
        }
        weights.iter().rposition(|&weight| weight > 0.0)
    }

    fn logs(&self, log: impl Fn(usize) -> f64) -> Vec<f64> {
        let logs = self.probabilities.iter().enumerate();
        logs.map(|(i, &p)| if p > 0.0 { libm::log(p) + log(i) } else { f64::NEG_INFINITY }).collect()
    }
}
