//! A fixed time and then another law.

use super::catalogue::{Argument, nested, not_negative, scalar};
use super::closed_form::ClosedForm;
use super::{Law, LawError};
use crate::rng::Draw;

/// `Shifted(offset, law)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    match arguments.get(1) {
        Some(Argument::Law(law)) => Shifted::law(scalar(arguments, 0), law.clone()),
        _ => Err(LawError::new("law", "must be a law")),
    }
}

/// offset + X.
#[derive(Debug, Clone, PartialEq)]
pub struct Shifted {
    offset: f64,
    law: Law,
}

impl Shifted {
    /// The law of `offset` seconds (not negative) more than `law`; offset 0 is the law itself.
    pub fn law(offset: f64, law: Law) -> Result<Law, LawError> {
        not_negative("offset", offset)?;
        nested("law", std::slice::from_ref(&law))?;
        Ok(if offset == 0.0 { law } else { Law::Shifted(Box::new(Shifted { offset, law })) })
    }

    /// See [`Law::depth`].
    pub(super) fn depth(&self) -> usize {
        1 + self.law.depth()
    }
}

impl ClosedForm for Shifted {
    fn sample(&self, draw: &mut Draw) -> f64 {
        self.offset + self.law.sample(draw)
    }

    fn mean(&self) -> f64 {
        self.offset + self.law.mean()
    }

    fn variance(&self) -> f64 {
        self.law.variance()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x < self.offset { 0.0 } else { self.law.cdf(x - self.offset) }
    }

    fn survival(&self, x: f64) -> f64 {
        if x < self.offset { 1.0 } else { self.law.survival(x - self.offset) }
    }

    fn log_survival(&self, x: f64) -> f64 {
        if x < self.offset { 0.0 } else { self.law.log_survival(x - self.offset) }
    }

    fn density(&self, x: f64) -> Option<f64> {
        self.law.density(x - self.offset)
    }

    fn atoms(&self) -> Vec<(f64, f64)> {
        self.law.atoms().into_iter().map(|(x, mass)| (self.offset + x, mass)).collect()
    }

    fn density_beside_atoms(&self, x: f64) -> f64 {
        self.law.density_beside_atoms(x - self.offset)
    }

    fn kinks(&self) -> Vec<f64> {
        let inner = self.law.kinks().into_iter().map(|x| self.offset + x);
        std::iter::once(self.offset).chain(inner).collect()
    }

    fn upper_end(&self) -> f64 {
        self.offset + self.law.quantile(1.0)
    }

    fn quantile(&self, p: f64) -> f64 {
        self.offset + self.law.quantile(p)
    }

    fn residual_survival(&self, age: f64, x: f64) -> f64 {
        if age > self.offset {
            self.law.residual_survival(age - self.offset, x)
        } else {
            let left = self.offset - age;
            if x < left { 1.0 } else { self.law.survival(x - left) }
        }
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        if age > self.offset {
            self.law.sample_residual(age - self.offset, draw)
        } else {
            (self.offset - age) + self.law.sample(draw)
        }
    }
}
