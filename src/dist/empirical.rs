//! The law of a sample: one of its values.

use super::catalogue::{Argument, each, list, not_negative};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;
use std::sync::Arc;

/// `Empirical(sample)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    Empirical::law(list(arguments, 0))
}

const MOST_VALUES: usize = 1_000_000;

/// Each value of a sample is equally likely (a value that occurs twice twice as likely).
#[derive(Debug, Clone, PartialEq)]
pub struct Empirical {
    /// In ascending order; shared, since nets copy laws for each binding.
    values: Arc<[f64]>,
}

impl Empirical {
    /// The law of 1 to 1 000 000 times, in seconds, none of them negative.
    pub fn law(sample: &[f64]) -> Result<Law, LawError> {
        let mut values = each("sample", sample, MOST_VALUES, not_negative)?;
        values.sort_by(f64::total_cmp);
        Ok(Law::Empirical(Empirical { values: values.into() }))
    }

    /// How many values are at most x.
    fn up_to(&self, x: f64) -> usize {
        self.values.partition_point(|value| *value <= x)
    }
}

/// One of some values, each equally likely.
fn pick(values: &[f64], draw: &mut Draw) -> f64 {
    let index = (draw.uniform() * values.len() as f64) as usize;
    values[index.min(values.len() - 1)]
}

impl ClosedForm for Empirical {
    fn sample(&self, draw: &mut Draw) -> f64 {
        pick(&self.values, draw)
    }

    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / self.values.len() as f64
    }

    fn cdf(&self, x: f64) -> f64 {
        self.up_to(x) as f64 / self.values.len() as f64
    }

    fn survival(&self, x: f64) -> f64 {
        (self.values.len() - self.up_to(x)) as f64 / self.values.len() as f64
    }

    fn density(&self, _x: f64) -> Option<f64> {
        None
    }

    fn atoms(&self) -> Vec<(f64, f64)> {
        let n = self.values.len() as f64;
        self.values.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as f64 / n)).collect()
    }

    fn upper_end(&self) -> f64 {
        self.values[self.values.len() - 1]
    }

    fn quantile(&self, p: f64) -> f64 {
        let n = self.values.len();
        // The least rank whose share reaches p; the division as in the cdf, so that the two agree to the last bit.
        let mut rank = ((p * n as f64) as usize).clamp(1, n);
        while rank > 1 && (rank - 1) as f64 / n as f64 >= p {
            rank -= 1;
        }
        while rank < n && (rank as f64 / n as f64) < p {
            rank += 1;
        }
        self.values[rank - 1]
    }

    fn residual_survival(&self, age: f64, x: f64) -> f64 {
        let older = &self.values[self.up_to(age)..];
        if older.is_empty() {
            return 0.0;
        }
        older.iter().filter(|value| **value - age > x).count() as f64 / older.len() as f64
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let older = &self.values[self.up_to(age)..];
        if older.is_empty() { 0.0 } else { pick(older, draw) - age }
    }
}
