//! Estimates with their intervals, the quantiles behind them, two estimates together, a test of independence.

pub mod combine;
mod estimate;
mod independence;
mod precedence;
pub mod quantile;

use serde::{Deserialize, Serialize};

pub use independence::{SerialTest, von_neumann};
pub use precedence::precedence;

/// A value with its interval, as it leaves the process (times in seconds).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate; none when nothing was seen.
    pub estimate: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Confidence of the interval, 0.95.
    pub confidence: f64,
    /// `""`, `"s"`, `"1/s"`, `"1/y"`, `"s/y"`, …
    pub unit: String,
    /// Relative half-width reached, (high − low)/2 over the estimate.
    pub reached: Option<f64>,
    /// One-sided bound where there is no estimate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bound: Option<Bound>,
}

/// A one-sided bound, at the same confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// `upper` or `lower`.
    pub side: Side,
    /// Its value.
    pub value: f64,
    /// Why: "no outage in 3.1e9 s".
    pub because: String,
}

/// Which side a bound is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Side {
    Lower,
    Upper,
}
