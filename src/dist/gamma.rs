//! The gamma law, and the Erlang law, which is a gamma law of whole shape.

use super::catalogue::{Argument, positive, require, scalar, within};
use super::closed_form::ClosedForm;
use super::math::{gamma_p, gamma_q, log_gamma_q, log_gamma_term};
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::Distribution;

/// `Gamma(shape, scale)`.
pub(super) fn by_scale(arguments: &[Argument]) -> Result<Law, LawError> {
    Gamma::law(scalar(arguments, 0), scalar(arguments, 1))
}

/// `Gamma(shape, mean)`.
pub(super) fn by_mean(arguments: &[Argument]) -> Result<Law, LawError> {
    let shape = within("shape", scalar(arguments, 0), LEAST_SHAPE, GREATEST_SHAPE)?;
    with_mean(shape, positive("mean", scalar(arguments, 1))?)
}

/// `Erlang(stages, mean)`: the mean of all stages together.
pub(super) fn erlang_by_mean(arguments: &[Argument]) -> Result<Law, LawError> {
    with_mean(stages(arguments)?, positive("mean", scalar(arguments, 1))?)
}

/// `Erlang(stages, rate)`: the rate of one stage.
pub(super) fn erlang_by_rate(arguments: &[Argument]) -> Result<Law, LawError> {
    Gamma::law(stages(arguments)?, 1.0 / positive("rate", scalar(arguments, 1))?)
}

const LEAST_SHAPE: f64 = 1e-3;
const GREATEST_SHAPE: f64 = 1e6;

fn stages(arguments: &[Argument]) -> Result<f64, LawError> {
    let stages = scalar(arguments, 0);
    let whole = (1.0..=GREATEST_SHAPE).contains(&stages) && stages.fract() == 0.0;
    require(whole, "stages", "must be a whole number from 1 to 1000000")?;
    Ok(stages)
}

fn with_mean(shape: f64, mean: f64) -> Result<Law, LawError> {
    if shape == 1.0 { Ok(Law::Exponential { mean }) } else { Gamma::law(shape, mean / shape) }
}

/// Density ∝ x^(shape−1) · exp(−x/scale).
#[derive(Debug, Clone, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale: f64,
    /// Scale 1; of shape + 1 where the shape is below 1.
    sampler: rand_distr::Gamma<f64>,
}

impl Gamma {
    /// A gamma law; `shape` lies between 0.001 and 1 000 000, `scale` (seconds) is positive.
    /// Shape 1 is the exponential law, and made as such.
    pub fn law(shape: f64, scale: f64) -> Result<Law, LawError> {
        let shape = within("shape", shape, LEAST_SHAPE, GREATEST_SHAPE)?;
        let scale = positive("scale", scale)?;
        if shape == 1.0 {
            return Ok(Law::Exponential { mean: scale });
        }
        let sampler = rand_distr::Gamma::new(if shape < 1.0 { shape + 1.0 } else { shape }, 1.0)
            .map_err(|error| LawError::new("shape", error.to_string()))?;
        Ok(Law::Gamma(Box::new(Gamma { shape, scale, sampler })))
    }
}

impl ClosedForm for Gamma {
    fn sample(&self, draw: &mut Draw) -> f64 {
        let sample = self.scale * self.sampler.sample(draw);
        // Γ(a) = Γ(a + 1) · U^(1/a), Marsaglia and Tsang 2000; the power from libm, as everything that feeds a path.
        if self.shape < 1.0 { sample * libm::pow(draw.uniform(), 1.0 / self.shape) } else { sample }
    }

    fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    fn variance(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    fn cdf(&self, x: f64) -> f64 {
        gamma_p(self.shape, x / self.scale)
    }

    fn survival(&self, x: f64) -> f64 {
        gamma_q(self.shape, x / self.scale)
    }

    fn log_survival(&self, x: f64) -> f64 {
        log_gamma_q(self.shape, x / self.scale)
    }

    fn density(&self, x: f64) -> Option<f64> {
        let y = x / self.scale;
        if y <= 0.0 {
            return Some(if x == 0.0 && self.shape < 1.0 { f64::INFINITY } else { 0.0 });
        }
        Some(libm::exp(log_gamma_term(self.shape, y)) * self.shape / x)
    }
}
