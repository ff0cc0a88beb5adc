//! The law of a constant.

use super::catalogue::{Argument, not_negative, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;

/// `Deterministic(value)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    Ok(Law::Deterministic { value: not_negative("value", scalar(arguments, 0))? })
}

/// The closed forms of [`Law::Deterministic`].
pub(super) struct Deterministic {
    pub value: f64,
}

impl ClosedForm for Deterministic {
    fn sample(&self, _draw: &mut Draw) -> f64 {
        self.value
    }

    fn mean(&self) -> f64 {
        self.value
    }

    fn variance(&self) -> f64 {
        0.0
    }

    fn cdf(&self, x: f64) -> f64 {
        f64::from(u8::from(x >= self.value))
    }

    fn survival(&self, x: f64) -> f64 {
        f64::from(u8::from(x < self.value))
    }

    fn density(&self, _x: f64) -> Option<f64> {
        None
    }

    fn atoms(&self) -> Vec<(f64, f64)> {
        vec![(self.value, 1.0)]
    }

    fn upper_end(&self) -> f64 {
        self.value
    }

    fn quantile(&self, _p: f64) -> f64 {
        self.value
    }

    // Not by age + x, which rounds: the clock runs out exactly when value − age has passed.
    fn residual_survival(&self, age: f64, x: f64) -> f64 {
        f64::from(u8::from(x < self.value - age))
    }

    fn sample_residual(&self, age: f64, _draw: &mut Draw) -> f64 {
        (self.value - age).max(0.0)
    }
}
