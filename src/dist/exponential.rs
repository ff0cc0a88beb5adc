//! The exponential law.

use super::catalogue::{Argument, positive, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1};

/// `Exponential(mean)`.
pub(super) fn by_mean(arguments: &[Argument]) -> Result<Law, LawError> {
    Ok(Law::Exponential { mean: positive("mean", scalar(arguments, 0))? })
}

/// `Exponential(rate)`.
pub(super) fn by_rate(arguments: &[Argument]) -> Result<Law, LawError> {
    Ok(Law::Exponential { mean: 1.0 / positive("rate", scalar(arguments, 0))? })
}

/// The closed forms of [`Law::Exponential`].
pub(super) struct Exponential {
    pub mean: f64,
}

impl ClosedForm for Exponential {
    #[inline]
    fn sample(&self, draw: &mut Draw) -> f64 {
        let e: f64 = Exp1.sample(draw);
        self.mean * e
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(self.log_survival(x))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(self.log_survival(x))
    }

    fn log_survival(&self, x: f64) -> f64 {
        -x.max(0.0) / self.mean
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(if x < 0.0 { 0.0 } else { libm::exp(-x / self.mean) / self.mean })
    }

    fn quantile(&self, p: f64) -> f64 {
        -libm::log1p(-p) * self.mean
    }

    fn residual_survival(&self, _age: f64, x: f64) -> f64 {
        self.survival(x)
    }

    fn sample_residual(&self, _age: f64, draw: &mut Draw) -> f64 {
        self.sample(draw)
    }
}
