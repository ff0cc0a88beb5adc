//! The triangular law.

use super::catalogue::{Argument, not_negative, require, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;

/// `Triangular(low, mode, high)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    Triangular::law(scalar(arguments, 0), scalar(arguments, 1), scalar(arguments, 2))
}

/// Density rising linearly from low to mode and falling linearly to high.
#[derive(Debug, Clone, PartialEq)]
pub struct Triangular {
    low: f64,
    /// mode − low.
    rise: f64,
    /// high − mode.
    fall: f64,
}

impl Triangular {
    /// A triangular law, 0 ≤ low ≤ mode ≤ high and low < high, in seconds.
    pub fn law(low: f64, mode: f64, high: f64) -> Result<Law, LawError> {
        not_negative("low", low)?;
        not_negative("mode", mode)?;
        not_negative("high", high)?;
        require(low < high, "high", "must be greater than low")?;
        require(low <= mode && mode <= high, "mode", "must lie between low and high")?;
        Ok(Law::Triangular(Triangular { low, rise: mode - low, fall: high - mode }))
    }

    fn width(&self) -> f64 {
        self.rise + self.fall
    }

    /// P(X ≤ mode).
    fn at_mode(&self) -> f64 {
        self.rise / self.width()
    }

    /// The time above which lies the probability `q`, counted from low.
    fn time_above(&self, q: f64) -> f64 {
        self.width() - self.width() * (q * self.fall / self.width()).sqrt()
    }

    fn time_below(&self, p: f64) -> f64 {
        self.width() * (p * self.at_mode()).sqrt()
    }
}

impl ClosedForm for Triangular {
    fn sample(&self, draw: &mut Draw) -> f64 {
        self.quantile(draw.uniform())
    }

    fn mean(&self) -> f64 {
        self.low + (self.width() + self.rise) / 3.0
    }

    fn variance(&self) -> f64 {
        (self.rise * self.rise + self.fall * self.fall + self.rise * self.fall) / 18.0
    }

    fn cdf(&self, x: f64) -> f64 {
        let y = x - self.low;
        if y <= 0.0 {
            0.0
        } else if y < self.rise {
            (y / self.width()) * (y / self.rise)
        } else {
            1.0 - self.survival(x)
        }
    }

    fn survival(&self, x: f64) -> f64 {
        let left = self.width() - (x - self.low);
        if left <= 0.0 {
            0.0
        } else if left < self.fall {
            (left / self.width()) * (left / self.fall)
        } else {
            let y = (x - self.low).max(0.0);
            if y == 0.0 || self.rise == 0.0 { 1.0 } else { 1.0 - (y / self.width()) * (y / self.rise) }
        }
    }

    fn density(&self, x: f64) -> Option<f64> {
        let (y, peak) = (x - self.low, 2.0 / self.width());
        Some(if y < 0.0 || y > self.width() {
            0.0
        } else if y < self.rise {
            peak * y / self.rise
        } else if self.fall > 0.0 {
            peak * (self.width() - y) / self.fall
        } else {
            peak
        })
    }

    fn kinks(&self) -> Vec<f64> {
        vec![self.low, self.low + self.rise, self.low + self.width()]
    }

    fn upper_end(&self) -> f64 {
        self.low + self.width()
    }

    fn quantile(&self, p: f64) -> f64 {
        self.low + if p < self.at_mode() { self.time_below(p) } else { self.time_above(1.0 - p) }
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let q = self.survival(age) * draw.uniform();
        let y = if 1.0 - q < self.at_mode() { self.time_below(1.0 - q) } else { self.time_above(q) };
        (self.low + y - age).max(0.0)
    }
}
