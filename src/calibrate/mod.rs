//! Samples of durations → fitted laws.
//!
//! A [`Sample`] holds durations as far as each was observed: whole, right-, left- or interval-censored, entered late.
//! [`calibrate`] fits every law of the catalogue that suits it by maximum likelihood, at the resolution of the data,
//! ranks them, tests the foremost by a parametric bootstrap, and says plainly whether one of them will do.

pub mod bootstrap;
pub mod choice;
pub mod counts;
pub mod family;
pub mod findings;
pub mod fit;
pub mod goodness;
pub mod likelihood;
pub mod parameters;
mod quotes;
pub mod sample;
pub mod survival;
pub mod table;
pub mod verdict;
pub mod written;

pub use choice::{Chosen, Origin, Wanted};
pub use findings::{Findings, Quantity, findings};
pub use fit::{Stop, Watch};
pub use likelihood::Criterion;
pub use sample::{Observation, Sample};
pub use verdict::{Calibration, Examined, Verdict, calibrate};

/// How a sample is calibrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Confidence of the parameters' intervals, in (0, 1).
    pub confidence: f64,
    /// Bootstrap replicates, and draws of the parameters that are kept.
    pub replicates: u64,
    /// How many of the foremost laws are tested.
    pub candidates: usize,
    /// Of the bootstrap.
    pub seed: u64,
    /// What is made as great as can be.
    pub criterion: Criterion,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { confidence: 0.95, replicates: 199, candidates: 4, seed: 1, criterion: Criterion::Likelihood }
    }
}
