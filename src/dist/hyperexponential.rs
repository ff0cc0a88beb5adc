//! The hyperexponential law: one of several exponentials.

use super::catalogue::{Argument, each, list, positive, require, same_length};
use super::closed_form::ClosedForm;
use super::weights::Weights;
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1};

const MOST_BRANCHES: usize = 1000;

/// `Hyperexponential(probabilities, means)`.
pub(super) fn by_means(arguments: &[Argument]) -> Result<Law, LawError> {
    Hyperexponential::law(list(arguments, 0), each("means", list(arguments, 1), MOST_BRANCHES, positive)?, "means")
}

/// `Hyperexponential(probabilities, rates)`.
pub(super) fn by_rates(arguments: &[Argument]) -> Result<Law, LawError> {
    let means =
        each("rates", list(arguments, 1), MOST_BRANCHES, |parameter, rate| Ok(1.0 / positive(parameter, rate)?))?;
    Hyperexponential::law(list(arguments, 0), means, "rates")
}

/// With probability pᵢ exponential of mean mᵢ.
#[derive(Debug, Clone, PartialEq)]
pub struct Hyperexponential {
    weights: Weights,
    means: Vec<f64>,
}

impl Hyperexponential {
    fn law(probabilities: &[f64], means: Vec<f64>, parameter: &'static str) -> Result<Law, LawError> {
        let weights = Weights::new("probabilities", probabilities, MOST_BRANCHES)?;
        same_length(parameter, means.len(), "probabilities", probabilities.len())?;
        let total: f64 = probabilities.iter().sum();
        require((total - 1.0).abs() <= 1e-9, "probabilities", "must add up to 1")?;
        if let [mean] = means[..] {
            return Ok(Law::Exponential { mean });
        }
        Ok(Law::Hyperexponential(Box::new(Hyperexponential { weights, means })))
    }
}

impl ClosedForm for Hyperexponential {
    fn sample(&self, draw: &mut Draw) -> f64 {
        let branch = self.weights.choose(draw.uniform());
        let e: f64 = Exp1.sample(draw);
        self.means[branch] * e
    }

    fn mean(&self) -> f64 {
        self.weights.average(|i| self.means[i])
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.weights.average(|i| {
            let off = self.means[i] - mean;
            self.means[i] * self.means[i] + off * off
        })
    }

    fn cdf(&self, x: f64) -> f64 {
        self.weights.average(|i| -libm::expm1(-x.max(0.0) / self.means[i]))
    }

    fn survival(&self, x: f64) -> f64 {
        self.weights.average(|i| libm::exp(-x.max(0.0) / self.means[i]))
    }

    fn log_survival(&self, x: f64) -> f64 {
        self.weights.log_average(|i| -x.max(0.0) / self.means[i])
    }

    fn density(&self, x: f64) -> Option<f64> {
        let branch = |i: usize| libm::exp(-x / self.means[i]) / self.means[i];
        Some(if x < 0.0 { 0.0 } else { self.weights.average(branch) })
    }

    /// The longer it has run, the likelier it is one of the slow branches.
    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let branch = self.weights.choose_reweighted(draw.uniform(), |i| -age / self.means[i]);
        let e: f64 = Exp1.sample(draw);
        branch.map_or(0.0, |branch| self.means[branch] * e)
    }
}
