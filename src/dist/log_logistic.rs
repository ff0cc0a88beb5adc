//! The log-logistic law.

use super::catalogue::{Argument, positive, power_of_tail, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;
use std::f64::consts::PI;

/// `LogLogistic(scale, shape)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    LogLogistic::law(scalar(arguments, 0), scalar(arguments, 1))
}

/// P(X > x) = 1/(1 + (x/scale)^shape); the scale is the median.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLogistic {
    scale: f64,
    shape: f64,
}

impl LogLogistic {
    /// A log-logistic law; `scale` (seconds) is positive, `shape` lies above 1 (else the mean is infinite) and is at
    /// most 10 000.
    pub fn law(scale: f64, shape: f64) -> Result<Law, LawError> {
        positive("scale", scale)?;
        power_of_tail("shape", shape)?;
        Ok(Law::LogLogistic(LogLogistic { scale, shape }))
    }

    /// P(X ≤ x)/P(X > x).
    fn odds(&self, x: f64) -> f64 {
        if x > 0.0 { libm::pow(x / self.scale, self.shape) } else { 0.0 }
    }

    fn at_odds(&self, odds: f64) -> f64 {
        self.scale * libm::pow(odds, 1.0 / self.shape)
    }
}

impl ClosedForm for LogLogistic {
    fn sample(&self, draw: &mut Draw) -> f64 {
        let u = draw.uniform();
        self.at_odds(u / (1.0 - u))
    }

    fn mean(&self) -> f64 {
        let angle = PI / self.shape;
        self.scale * angle / libm::sin(angle)
    }

    fn variance(&self) -> f64 {
        if self.shape <= 2.0 {
            return f64::INFINITY;
        }
        let angle = PI / self.shape;
        // θ·(tan θ − θ)/sin² θ, and its first terms where the difference cancels.
        let square = angle * angle;
        let factor = if angle < 1e-2 {
            square / 3.0 * (1.0 + square * (11.0 / 15.0 + square * 74.0 / 189.0))
        } else {
            let sine = libm::sin(angle);
            angle * (libm::tan(angle) - angle) / (sine * sine)
        };
        self.scale * self.scale * factor
    }

    fn cdf(&self, x: f64) -> f64 {
        let odds = self.odds(x);
        if odds == f64::INFINITY { 1.0 } else { odds / (1.0 + odds) }
    }

    fn survival(&self, x: f64) -> f64 {
        1.0 / (1.0 + self.odds(x))
    }

    fn log_survival(&self, x: f64) -> f64 {
        let odds = self.odds(x);
        if odds == f64::INFINITY { -self.shape * libm::log(x / self.scale) } else { -libm::log1p(odds) }
    }

    fn density(&self, x: f64) -> Option<f64> {
        let odds = self.odds(x);
        Some(if odds == 0.0 || x <= 0.0 { 0.0 } else { self.shape / x / (1.0 + odds) * (odds / (1.0 + odds)).min(1.0) })
    }

    fn quantile(&self, p: f64) -> f64 {
        self.at_odds(p / (1.0 - p))
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let u = draw.uniform();
        let odds = self.odds(age);
        let gain = (1.0 - u) / u;
        if odds > 1e-3 * gain {
            return age * libm::expm1(libm::log1p((1.0 + 1.0 / odds) * gain) / self.shape);
        }
        (self.at_odds(odds + (1.0 + odds) * gain) - age).max(0.0)
    }
}
