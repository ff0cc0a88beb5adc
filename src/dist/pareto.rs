//! The Pareto law.

use super::catalogue::{Argument, positive, power_of_tail, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1};

/// `Pareto(scale, shape)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    Pareto::law(scalar(arguments, 0), scalar(arguments, 1))
}

/// The classic one (type I): P(X > x) = (scale/x)^shape for x ≥ scale, the least value.
#[derive(Debug, Clone, PartialEq)]
pub struct Pareto {
    scale: f64,
    shape: f64,
}

impl Pareto {
    /// A Pareto law; `scale` (seconds) is positive, `shape` lies above 1 (else the mean is infinite) and is at most
    /// 10 000.
    pub fn law(scale: f64, shape: f64) -> Result<Law, LawError> {
        positive("scale", scale)?;
        power_of_tail("shape", shape)?;
        Ok(Law::Pareto(Pareto { scale, shape }))
    }
}

impl ClosedForm for Pareto {
    fn sample(&self, draw: &mut Draw) -> f64 {
        let e: f64 = Exp1.sample(draw);
        self.scale * libm::exp(e / self.shape)
    }

    fn mean(&self) -> f64 {
        self.scale * self.shape / (self.shape - 1.0)
    }

    fn variance(&self) -> f64 {
        if self.shape <= 2.0 {
            return f64::INFINITY;
        }
        let below = self.shape - 1.0;
        self.scale * self.scale * self.shape / (below * below * (self.shape - 2.0))
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(self.log_survival(x))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(self.log_survival(x))
    }

    fn log_survival(&self, x: f64) -> f64 {
        if x > self.scale { -self.shape * libm::log(x / self.scale) } else { 0.0 }
    }

    fn kinks(&self) -> Vec<f64> {
        vec![self.scale]
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(if x < self.scale { 0.0 } else { self.shape / x * self.survival(x) })
    }

    fn quantile(&self, p: f64) -> f64 {
        self.scale * libm::exp(-libm::log1p(-p) / self.shape)
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let e: f64 = Exp1.sample(draw);
        let from = age.max(self.scale);
        (from - age) + from * libm::expm1(e / self.shape)
    }
}
