//! The lognormal law.

use super::catalogue::{Argument, positive, require, scalar};
use super::closed_form::ClosedForm;
use super::math::{normal_cdf, normal_density, normal_log_survival, normal_quantile, normal_survival};
use super::{Law, LawError};
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1, StandardNormal};

/// The time, in seconds, of the standard normal deviate `z`: it grows with z, so the least of several times with the
/// same parameters is found among the deviates, before any is exponentiated.
#[inline]
pub(crate) fn from_normal(mu: f64, sigma: f64, z: f64) -> f64 {
    libm::exp(mu + sigma * z)
}

/// `LogNormal(mean, sigma)`.
pub(super) fn by_mean_and_sigma(arguments: &[Argument]) -> Result<Law, LawError> {
    let mean = positive("mean", scalar(arguments, 0))?;
    let sigma = scalar(arguments, 1);
    made(libm::log(mean) - 0.5 * sigma * sigma, sigma, "sigma")
}

/// `LogNormal(mu, sigma)`.
pub(super) fn by_mu_and_sigma(arguments: &[Argument]) -> Result<Law, LawError> {
    let mu = scalar(arguments, 0);
    require(mu.abs() <= 230.0, "mu", "must lie between -230 and 230 (the logarithm of the median in seconds)")?;
    made(mu, scalar(arguments, 1), "sigma")
}

/// `LogNormal(mean, variance)`: sigma² = ln(1 + variance/mean²).
pub(super) fn by_mean_and_variance(arguments: &[Argument]) -> Result<Law, LawError> {
    let mean = positive("mean", scalar(arguments, 0))?;
    let variance = scalar(arguments, 1);
    require(variance > 0.0 && variance.is_finite(), "variance", "must be positive and finite")?;
    let sigma = libm::log1p(variance / mean / mean).sqrt();
    made(libm::log(mean) - 0.5 * sigma * sigma, sigma, "variance")
}

fn made(mu: f64, sigma: f64, parameter: &'static str) -> Result<Law, LawError> {
    require(sigma > 0.0 && sigma.is_finite(), parameter, "must be positive and finite, and not vanishingly small")?;
    require(sigma <= 20.0, parameter, "must give a standard deviation of the logarithm of at most 20")?;
    let law = LogNormal { mu, sigma };
    require(law.variance().is_finite(), parameter, "must leave the variance finite")?;
    Ok(Law::LogNormal { mu, sigma })
}

/// The closed forms of [`Law::LogNormal`].
pub(super) struct LogNormal {
    pub mu: f64,
    pub sigma: f64,
}

impl LogNormal {
    /// The standard normal deviate of a time.
    fn deviate(&self, x: f64) -> f64 {
        if x > 0.0 { (libm::log(x) - self.mu) / self.sigma } else { f64::NEG_INFINITY }
    }
}

impl ClosedForm for LogNormal {
    #[inline]
    fn sample(&self, draw: &mut Draw) -> f64 {
        from_normal(self.mu, self.sigma, StandardNormal.sample(draw))
    }

    fn mean(&self) -> f64 {
        libm::exp(self.mu + 0.5 * self.sigma * self.sigma)
    }

    fn variance(&self) -> f64 {
        let square = self.sigma * self.sigma;
        libm::exp(2.0 * self.mu + square) * libm::expm1(square)
    }

    fn cdf(&self, x: f64) -> f64 {
        normal_cdf(self.deviate(x))
    }

    fn survival(&self, x: f64) -> f64 {
        normal_survival(self.deviate(x))
    }

    fn log_survival(&self, x: f64) -> f64 {
        normal_log_survival(self.deviate(x))
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(if x > 0.0 { normal_density(self.deviate(x)) / (x * self.sigma) } else { 0.0 })
    }

    fn quantile(&self, p: f64) -> f64 {
        from_normal(self.mu, self.sigma, normal_quantile(p))
    }

    /// Exact at any age: the deviate is drawn from the normal law beyond that of the age.
    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let least = self.deviate(age);
        if least < 0.5 {
            loop {
                let z: f64 = StandardNormal.sample(draw);
                if z > least {
                    return (from_normal(self.mu, self.sigma, z) - age).max(0.0);
                }
            }
        }
        age * libm::expm1(self.sigma * beyond(least, draw))
    }
}

/// By how much a standard normal deviate that exceeds `least` (> 0) does so (Marsaglia 1964: Rayleigh's law has a
/// tail of its own shape, and the deviate is accepted with probability least/z).
fn beyond(least: f64, draw: &mut Draw) -> f64 {
    loop {
        let e: f64 = Exp1.sample(draw);
        let z = (least * least + 2.0 * e).sqrt();
        if draw.uniform() * z <= least {
            return 2.0 * e / (z + least);
        }
    }
}
