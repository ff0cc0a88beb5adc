//! The laws of delays: validated on construction, sampled from one [`Draw`], with the closed forms around them.

use crate::rng::Draw;
use rand_distr::{Distribution, Exp1, StandardNormal};
use std::fmt;

/// A law on [0, ∞) seconds.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Rate per second.
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
}

/// Why parameters don't make a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawError {
    /// Which parameter, as in its form.
    pub parameter: &'static str,
    /// What it must be: "must be positive and finite".
    pub requirement: String,
}

impl fmt::Display for LawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.parameter, self.requirement)
    }
}

impl std::error::Error for LawError {}

/// What a parameter of a law is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// A quantity of that power of time.
    Scalar(crate::units::Dimension),
    /// A list of such quantities.
    List(crate::units::Dimension),
    /// A law.
    Law,
    /// A list of laws.
    Laws,
}

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A number, in base units.
    Scalar(f64),
    /// Numbers.
    List(Vec<f64>),
    /// A law.
    Law(Law),
    /// Laws.
    Laws(Vec<Law>),
}

/// One way to write a law: its name, its parameters in order, and the validating constructor.
pub struct Form {
    /// `LogNormal`.
    pub name: &'static str,
    /// Names and kinds: `[("mean", time), ("sigma", number)]`.
    pub parameters: &'static [(&'static str, ParameterKind)],
    /// Makes the law; the arguments stand in the order of `parameters` and are of their kinds.
    pub build: fn(&[Argument]) -> Result<Law, LawError>,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.name, self.parameters)
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Form) -> bool {
        self.name == other.name && self.parameters == other.parameters
    }
}

impl Law {
    /// One sample, in seconds.
    #[inline]
    pub fn sample(&self, draw: &mut Draw) -> f64 {
        match self {
            Law::Exponential { mean } => {
                let e: f64 = Exp1.sample(draw);
                mean * e
            }
            Law::Deterministic { value } => *value,
            Law::Uniform { low, high } => low + (high - low) * draw.uniform(),
            Law::LogNormal { mu, sigma } => {
                let z: f64 = StandardNormal.sample(draw);
                libm::exp(mu + sigma * z)
            }
        }
    }
}
