//! The laws of delays: validated on construction, sampled from one [`Draw`], with the closed forms around them.
//!
//! [`forms`] is the catalogue: how each law is written, and the constructor that validates it.
//! A time is at most 1e100 s, and where it must be positive at least 1e-100 s, so no sample overflows.
//! Every law has a finite mean, since the long-run averages of a law without a mean don't exist.

mod catalogue;
mod closed_form;
mod deterministic;
mod empirical;
mod exponential;
mod gamma;
mod hyperexponential;
mod hypoexponential;
mod log_logistic;
mod lognormal;
pub(crate) mod math;
mod mixed;
mod pareto;
mod shifted;
mod triangular;
mod truncated_normal;
mod uniform;
mod weibull;
mod weights;

use crate::rng::Draw;
use closed_form::ClosedForm;
use std::fmt;

pub use catalogue::{Argument, Form, ParameterKind, forms};
pub use empirical::Empirical;
pub use gamma::Gamma;
pub use hyperexponential::Hyperexponential;
pub use hypoexponential::Hypoexponential;
pub use log_logistic::LogLogistic;
pub(crate) use lognormal::from_normal;
pub use mixed::Mixed;
pub use pareto::Pareto;
pub use shifted::Shifted;
pub use triangular::Triangular;
pub use truncated_normal::TruncatedNormal;
pub use weibull::Weibull;

/// A law on [0, ∞) seconds.
///
/// Made by a [`Form`] or a constructor of its own, both of which validate the parameters; the four flat variants
/// stay open because the engine's loop matches on them.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Memoryless.
    Exponential {
        /// Mean, seconds.
        mean: f64,
    },
    /// Always the same.
    Deterministic {
        /// Seconds.
        value: f64,
    },
    /// Uniform on [low, high].
    Uniform {
        /// Seconds.
        low: f64,
        /// Seconds.
        high: f64,
    },
    /// exp(N(mu, sigma²)) seconds.
    LogNormal {
        /// Mean of the logarithm of seconds.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Weibull.
    Weibull(Weibull),
    /// Gamma, and Erlang, which is a gamma of whole shape.
    Gamma(Box<Gamma>),
    /// Stages of different rates, one after another.
    Hypoexponential(Hypoexponential),
    /// One of several exponentials.
    Hyperexponential(Box<Hyperexponential>),
    /// Triangular.
    Triangular(Triangular),
    /// A normal law cut to an interval.
    TruncatedNormal(Box<TruncatedNormal>),
    /// Log-logistic.
    LogLogistic(LogLogistic),
    /// Pareto.
    Pareto(Pareto),
    /// One of the values of a sample.
    Empirical(Empirical),
    /// A fixed time and then another law.
    Shifted(Box<Shifted>),
    /// One of several laws.
    Mixed(Box<Mixed>),
}

/// Why parameters don't make a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawError {
    /// Which parameter, as in its form.
    pub parameter: &'static str,
    /// What it must be: "must be positive and finite".
    pub requirement: String,
}

impl LawError {
    /// The error of one parameter.
    fn new(parameter: &'static str, requirement: impl Into<String>) -> LawError {
        LawError { parameter, requirement: requirement.into() }
    }
}

impl fmt::Display for LawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.parameter, self.requirement)
    }
}

impl std::error::Error for LawError {}

impl Law {
    /// One sample, in seconds: finite and not negative.
    #[inline]
    pub fn sample(&self, draw: &mut Draw) -> f64 {
        match self {
            Law::Exponential { mean } => exponential::Exponential { mean: *mean }.sample(draw),
            Law::Deterministic { value } => *value,
            Law::Uniform { low, high } => uniform::Uniform { low: *low, high: *high }.sample(draw),
            Law::LogNormal { mu, sigma } => lognormal::LogNormal { mu: *mu, sigma: *sigma }.sample(draw),
            other => other.sample_other(draw),
        }
    }

    /// The laws that the engine's loop doesn't know by name.
    fn sample_other(&self, draw: &mut Draw) -> f64 {
        self.with(|law| law.sample(draw))
    }

    /// Mean, seconds; always finite.
    pub fn mean(&self) -> f64 {
        self.with(|law| law.mean())
    }

    /// Variance, seconds²; infinite for a Pareto or log-logistic law whose shape is at most 2.
    pub fn variance(&self) -> f64 {
        self.with(|law| law.variance())
    }

    /// Probability of at most `x` seconds.
    pub fn cdf(&self, x: f64) -> f64 {
        self.with(|law| law.cdf(x))
    }

    /// Probability of more than `x` seconds, to full relative precision where it is small.
    pub fn survival(&self, x: f64) -> f64 {
        self.with(|law| law.survival(x))
    }

    /// Natural logarithm of [`Law::survival`], for tails that are too small for a number.
    pub fn log_survival(&self, x: f64) -> f64 {
        self.with(|law| law.log_survival(x))
    }

    /// Density at `x`, per second; none for a law with atoms (values of positive probability).
    /// It is infinite at 0 for a Weibull or gamma law of shape below 1 and the like.
    pub fn density(&self, x: f64) -> Option<f64> {
        self.with(|law| law.density(x))
    }

    /// The values of positive probability, in seconds and ascending, each with its probability.
    pub fn atoms(&self) -> Vec<(f64, f64)> {
        self.with(|law| law.atoms())
    }

    /// Density at `x`, per second, of what isn't in [`Law::atoms`]; for a law without atoms it is [`Law::density`].
    pub fn density_beside_atoms(&self, x: f64) -> f64 {
        self.with(|law| law.density_beside_atoms(x))
    }

    /// Where the density jumps or bends, seconds, in no order: what integrates it does so piece by piece.
    pub fn kinks(&self) -> Vec<f64> {
        self.with(|law| law.kinks())
    }

    /// The least x ≥ 0 with cdf(x) ≥ p: 0 for p ≤ 0, the upper end (possibly infinite) for p ≥ 1, NaN for NaN.
    pub fn quantile(&self, p: f64) -> f64 {
        if p.is_nan() {
            return f64::NAN;
        }
        if p <= 0.0 {
            return 0.0;
        }
        self.with(|law| if p >= 1.0 { law.upper_end() } else { law.quantile(p) })
    }

    /// Probability that a clock which has survived `age` seconds (drew more than that) runs for more than another `x`.
    ///
    /// At age 0 it is the law itself; where no clock gets as old it is 0.
    pub fn residual_survival(&self, age: f64, x: f64) -> f64 {
        if x < 0.0 {
            return 1.0;
        }
        if age == f64::INFINITY || x == f64::INFINITY {
            return 0.0;
        }
        self.with(|law| if age > 0.0 { law.residual_survival(age, x) } else { law.survival(x) })
    }

    /// One sample of what remains of a clock that has survived `age` seconds, by the law of
    /// [`Law::residual_survival`]; 0 where no clock gets as old.
    pub fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        if age == f64::INFINITY {
            return 0.0;
        }
        if age > 0.0 { self.with(|law| law.sample_residual(age, draw)) } else { self.sample(draw) }
    }

    /// Whether it is memoryless, so that its clocks need no age. Gamma, Erlang and Weibull laws of shape 1 are made
    /// as exponentials.
    pub fn is_exponential(&self) -> bool {
        matches!(self, Law::Exponential { .. })
    }

    /// How many laws contain one another at most: 1 for a simple law.
    fn depth(&self) -> usize {
        match self {
            Law::Shifted(shifted) => shifted.depth(),
            Law::Mixed(mixed) => mixed.depth(),
            _ => 1,
        }
    }

    /// The one place that knows which closed forms belong to which law.
    fn with<R>(&self, then: impl FnOnce(&dyn ClosedForm) -> R) -> R {
        match self {
            Law::Exponential { mean } => then(&exponential::Exponential { mean: *mean }),
            Law::Deterministic { value } => then(&deterministic::Deterministic { value: *value }),
            Law::Uniform { low, high } => then(&uniform::Uniform { low: *low, high: *high }),
            Law::LogNormal { mu, sigma } => then(&lognormal::LogNormal { mu: *mu, sigma: *sigma }),
            Law::Weibull(law) => then(law),
            Law::Gamma(law) => then(law.as_ref()),
            Law::Hypoexponential(law) => then(law),
            Law::Hyperexponential(law) => then(law.as_ref()),
            Law::Triangular(law) => then(law),
            Law::TruncatedNormal(law) => then(law.as_ref()),
            Law::LogLogistic(law) => then(law),
            Law::Pareto(law) => then(law),
            Law::Empirical(law) => then(law),
            Law::Shifted(law) => then(law.as_ref()),
            Law::Mixed(law) => then(law.as_ref()),
        }
    }
}
