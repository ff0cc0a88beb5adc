//! The hypoexponential law: exponential stages of different means, one after another.

use super::catalogue::{Argument, each, list, positive};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1};

const MOST_STAGES: usize = 100;

/// `Hypoexponential(means)`.
pub(super) fn by_means(arguments: &[Argument]) -> Result<Law, LawError> {
    Hypoexponential::law(each("means", list(arguments, 0), MOST_STAGES, positive)?)
}

/// `Hypoexponential(rates)`.
pub(super) fn by_rates(arguments: &[Argument]) -> Result<Law, LawError> {
    let mean = |parameter, rate| Ok(1.0 / positive(parameter, rate)?);
    Hypoexponential::law(each("rates", list(arguments, 0), MOST_STAGES, mean)?)
}

/// The sum of independent exponentials.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypoexponential {
    means: Vec<f64>,
}

impl Hypoexponential {
    fn law(means: Vec<f64>) -> Result<Law, LawError> {
        Ok(match means[..] {
            [mean] => Law::Exponential { mean },
            _ => Law::Hypoexponential(Hypoexponential { means }),
        })
    }

    /// The least rate.
    fn slowest(&self) -> f64 {
        1.0 / self.means.iter().copied().fold(0.0, f64::max)
    }

    /// Probabilities of the stages after x seconds, each times exp(slowest · x), so that none underflows late.
    fn stages(&self, x: f64) -> Vec<f64> {
        let slowest = self.slowest();
        let decay: Vec<f64> = self.means.iter().map(|mean| 1.0 / mean - slowest).collect();
        self.first_row(&decay, x)
    }

    /// First row of exp(x·Q), where Q has −decay on its diagonal and the stages' rates beside it.
    ///
    /// Everything added up is positive, and the diagonal of each power is set exactly, so every entry keeps its
    /// relative precision, however near to or far from each other the rates are.
    fn first_row(&self, decay: &[f64], x: f64) -> Vec<f64> {
        let n = decay.len();
        let next: Vec<f64> = (0..n - 1).map(|i| 1.0 / self.means[i]).collect();
        let fastest = next.iter().chain(decay).copied().fold(0.0, f64::max);
        // So that fastest · step is at most a half; by logarithms, since fastest · x may overflow.
        let halvings = (libm::log2(fastest) + libm::log2(x) + 1.0).ceil().clamp(0.0, 4000.0) as i32;
        let mut step = libm::ldexp(x, -halvings);
        let mut power = small_exponential(decay, &next, step);
        for _ in 0..halvings {
            power = squared(&power, n);
            step *= 2.0;
            for i in 0..n {
                power[i * n + i] = libm::exp(-decay[i] * step);
            }
        }
        power.truncate(n);
        power
    }
}

/// exp(step·Q) by its series, after the greatest decay is added to the diagonal, which makes all terms positive.
fn small_exponential(decay: &[f64], next: &[f64], step: f64) -> Vec<f64> {
    let n = decay.len();
    let greatest = decay.iter().copied().fold(0.0, f64::max);
    let mut sum = vec![0.0; n * n];
    for row in 0..n {
        let mut term = vec![0.0; n];
        term[row] = 1.0;
        for k in 1..n + 24 {
            for column in row..n {
                sum[row * n + column] += term[column];
            }
            for column in (row..n).rev() {
                let from_left = if column > row { term[column - 1] * next[column - 1] } else { 0.0 };
                term[column] = (term[column] * (greatest - decay[column]) + from_left) * step / k as f64;
            }
        }
    }
    let scale = libm::exp(-greatest * step);
    sum.iter_mut().for_each(|entry| *entry *= scale);
    sum
}

/// The square of an upper triangular matrix.
fn squared(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut square = vec![0.0; n * n];
    for i in 0..n {
        for k in i..n {
            let left = matrix[i * n + k];
            for j in k..n {
                square[i * n + j] += left * matrix[k * n + j];
            }
        }
    }
    square
}

impl ClosedForm for Hypoexponential {
    fn sample(&self, draw: &mut Draw) -> f64 {
        remaining(&self.means, draw)
    }

    fn mean(&self) -> f64 {
        self.means.iter().sum()
    }

    fn variance(&self) -> f64 {
        self.means.iter().map(|mean| mean * mean).sum()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x == f64::INFINITY {
            return 1.0;
        }
        let mut decay: Vec<f64> = self.means.iter().map(|mean| 1.0 / mean).collect();
        decay.push(0.0);
        self.first_row(&decay, x).last().map_or(1.0, |done| done.min(1.0))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(self.log_survival(x))
    }

    fn log_survival(&self, x: f64) -> f64 {
        if x <= 0.0 || x == f64::INFINITY {
            return if x > 0.0 { f64::NEG_INFINITY } else { 0.0 };
        }
        let running: f64 = self.stages(x).iter().sum();
        let log = libm::log(running) - self.slowest() * x;
        // So far out that even the powers of x overflow.
        if log.is_nan() || log == f64::INFINITY { f64::NEG_INFINITY } else { log.min(0.0) }
    }

    fn density(&self, x: f64) -> Option<f64> {
        if x < 0.0 || x == f64::INFINITY {
            return Some(0.0);
        }
        let last = self.stages(x).last().copied().unwrap_or(0.0);
        let rate = self.means.last().map_or(0.0, |mean| 1.0 / mean);
        let density = libm::exp(libm::log(last) - self.slowest() * x) * rate;
        Some(if density.is_finite() { density } else { 0.0 })
    }

    /// The stage it has reached, and from there on.
    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let stages = self.stages(age);
        let mut left = draw.uniform() * stages.iter().sum::<f64>();
        let reached = stages.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        remaining(&self.means[reached.unwrap_or(self.means.len() - 1)..], draw)
    }
}

fn remaining(means: &[f64], draw: &mut Draw) -> f64 {
    means.iter().fold(0.0, |sum, mean| {
        let e: f64 = Exp1.sample(draw);
        sum + mean * e
    })
}
