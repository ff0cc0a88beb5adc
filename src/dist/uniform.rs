//! The uniform law on an interval.

use super::catalogue::{Argument, not_negative, require, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;

/// `Uniform(low, high)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    let low = not_negative("low", scalar(arguments, 0))?;
    let high = not_negative("high", scalar(arguments, 1))?;
    require(low < high, "high", "must be greater than low")?;
    Ok(Law::Uniform { low, high })
}

/// The closed forms of [`Law::Uniform`].
pub(super) struct Uniform {
    pub low: f64,
    pub high: f64,
}

impl ClosedForm for Uniform {
    #[inline]
    fn sample(&self, draw: &mut Draw) -> f64 {
        self.low + (self.high - self.low) * draw.uniform()
    }

    fn mean(&self) -> f64 {
        self.low + 0.5 * (self.high - self.low)
    }

    fn variance(&self) -> f64 {
        let width = self.high - self.low;
        width * width / 12.0
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        ((self.high - x) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn density(&self, x: f64) -> Option<f64> {
        let inside = x >= self.low && x <= self.high;
        Some(if inside { 1.0 / (self.high - self.low) } else { 0.0 })
    }

    fn kinks(&self) -> Vec<f64> {
        vec![self.low, self.high]
    }

    fn upper_end(&self) -> f64 {
        self.high
    }

    fn quantile(&self, p: f64) -> f64 {
        self.low + (self.high - self.low) * p
    }

    fn residual_survival(&self, age: f64, x: f64) -> f64 {
        let left = self.high - age;
        if left > 0.0 { ((left - x) / left.min(self.high - self.low)).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let wait = (self.low - age).max(0.0);
        wait + (self.high - age.max(self.low)).max(0.0) * draw.uniform()
    }
}
