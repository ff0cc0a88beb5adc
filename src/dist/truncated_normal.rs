//! The normal law cut to an interval of times.

use super::catalogue::{Argument, not_negative, positive, require, scalar};
use super::closed_form::ClosedForm;
use super::math::{normal_density, normal_log_survival, normal_mass};
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, StandardNormal};

/// `TruncatedNormal(mean, sd)`.
pub(super) fn at_zero(arguments: &[Argument]) -> Result<Law, LawError> {
    TruncatedNormal::law(scalar(arguments, 0), scalar(arguments, 1), 0.0, f64::INFINITY)
}

/// `TruncatedNormal(mean, sd, low, high)`.
pub(super) fn between(arguments: &[Argument]) -> Result<Law, LawError> {
    let high = not_negative("high", scalar(arguments, 3))?;
    TruncatedNormal::law(scalar(arguments, 0), scalar(arguments, 1), scalar(arguments, 2), high)
}

/// Part of the parent law that must lie in the interval: sampling draws from the parent until it does.
const LEAST_MASS: f64 = 0.01;

/// A normal law, given that it lies in [low, high].
#[derive(Debug, Clone, PartialEq)]
pub struct TruncatedNormal {
    /// Of the parent.
    mean: f64,
    /// Of the parent.
    sd: f64,
    low: f64,
    high: f64,
    /// The part of the parent in [low, high].
    mass: f64,
}

impl TruncatedNormal {
    /// The normal law of this mean (which may be negative) and standard deviation, cut to [low, high], 0 ≤ low < high
    /// (`high` may be infinite), all in seconds; at least 1 % of the normal law must lie there.
    pub fn law(mean: f64, sd: f64, low: f64, high: f64) -> Result<Law, LawError> {
        require(mean.abs() <= 1e100, "mean", "must be finite, at most 1e100 s in absolute value")?;
        positive("sd", sd)?;
        not_negative("low", low)?;
        require(low < high, "high", "must be greater than low")?;
        let mass = normal_mass((low - mean) / sd, (high - mean) / sd);
        require(mass >= LEAST_MASS, "mean", "must leave at least 1 % of the normal law in the interval")?;
        Ok(Law::TruncatedNormal(Box::new(TruncatedNormal { mean, sd, low, high, mass })))
    }

    fn standard(&self, x: f64) -> f64 {
        (x.clamp(self.low, self.high) - self.mean) / self.sd
    }

    /// Standardised ends, and their densities over the mass.
    fn ends(&self) -> [(f64, f64); 2] {
        [self.low, self.high].map(|end| {
            let z = self.standard(end);
            (z, normal_density(z) / self.mass)
        })
    }
}

impl ClosedForm for TruncatedNormal {
    fn sample(&self, draw: &mut Draw) -> f64 {
        loop {
            let z: f64 = StandardNormal.sample(draw);
            let x = self.mean + self.sd * z;
            if x >= self.low && x <= self.high {
                return x;
            }
        }
    }

    fn mean(&self) -> f64 {
        let [(_, low), (_, high)] = self.ends();
        self.mean + self.sd * (low - high)
    }

    fn variance(&self) -> f64 {
        let [(a, low), (b, high)] = self.ends();
        let upper = if b == f64::INFINITY { 0.0 } else { b * high };
        let shift = low - high;
        self.sd * self.sd * (1.0 + a * low - upper - shift * shift)
    }

    fn cdf(&self, x: f64) -> f64 {
        (normal_mass(self.standard(self.low), self.standard(x)) / self.mass).clamp(0.0, 1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        (normal_mass(self.standard(x), self.standard(self.high)) / self.mass).clamp(0.0, 1.0)
    }

    fn log_survival(&self, x: f64) -> f64 {
        let (z, end) = (self.standard(x), self.standard(self.high));
        if z < 20.0 || z >= end {
            return libm::log(self.survival(x));
        }
        let (beyond, cut) = (normal_log_survival(z), normal_log_survival(end));
        if beyond == f64::NEG_INFINITY {
            return beyond;
        }
        beyond + libm::log(-libm::expm1(cut - beyond)) - libm::log(self.mass)
    }

    fn density(&self, x: f64) -> Option<f64> {
        let inside = x >= self.low && x <= self.high;
        Some(if inside { normal_density((x - self.mean) / self.sd) / (self.sd * self.mass) } else { 0.0 })
    }

    fn kinks(&self) -> Vec<f64> {
        vec![self.low, self.high]
    }

    fn upper_end(&self) -> f64 {
        self.high
    }
}
