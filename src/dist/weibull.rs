//! The Weibull law.

use super::catalogue::{Argument, positive, scalar, within};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1};

/// `Weibull(shape, scale)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    Weibull::law(scalar(arguments, 0), scalar(arguments, 1))
}

/// P(X > x) = exp(−(x/scale)^shape).
#[derive(Debug, Clone, PartialEq)]
pub struct Weibull {
    shape: f64,
    scale: f64,
}

impl Weibull {
    /// A Weibull law; `shape` lies between 0.02 and 10 000, `scale` (seconds) is positive.
    /// Shape 1 is the exponential law, and made as such.
    pub fn law(shape: f64, scale: f64) -> Result<Law, LawError> {
        let shape = within("shape", shape, 0.02, 1e4)?;
        let scale = positive("scale", scale)?;
        Ok(if shape == 1.0 { Law::Exponential { mean: scale } } else { Law::Weibull(Weibull { shape, scale }) })
    }

    /// Integral of the failure rate from 0 to x.
    fn cumulative_hazard(&self, x: f64) -> f64 {
        if x > 0.0 { libm::pow(x / self.scale, self.shape) } else { 0.0 }
    }
}

impl ClosedForm for Weibull {
    fn sample(&self, draw: &mut Draw) -> f64 {
        let e: f64 = Exp1.sample(draw);
        self.scale * libm::pow(e, 1.0 / self.shape)
    }

    fn mean(&self) -> f64 {
        self.scale * libm::tgamma(1.0 + 1.0 / self.shape)
    }

    fn variance(&self) -> f64 {
        let (once, twice) = (libm::lgamma(1.0 + 1.0 / self.shape), libm::lgamma(1.0 + 2.0 / self.shape));
        self.scale * self.scale * libm::exp(2.0 * once) * libm::expm1(twice - 2.0 * once)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-self.cumulative_hazard(x))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(-self.cumulative_hazard(x))
    }

    fn log_survival(&self, x: f64) -> f64 {
        -self.cumulative_hazard(x)
    }

    fn density(&self, x: f64) -> Option<f64> {
        if x < 0.0 {
            return Some(0.0);
        }
        let rate = self.shape / self.scale * libm::pow(x / self.scale, self.shape - 1.0);
        Some(if rate == f64::INFINITY && x > 0.0 { 0.0 } else { rate * self.survival(x) })
    }

    fn quantile(&self, p: f64) -> f64 {
        self.scale * libm::pow(-libm::log1p(-p), 1.0 / self.shape)
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let e: f64 = Exp1.sample(draw);
        let hazard = self.cumulative_hazard(age);
        if e < 1e3 * hazard {
            return age * libm::expm1(libm::log1p(e / hazard) / self.shape);
        }
        (self.scale * libm::pow(hazard + e, 1.0 / self.shape) - age).max(0.0)
    }
}
