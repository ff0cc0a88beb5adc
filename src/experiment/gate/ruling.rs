//! What the gate says: plain, serialisable data.

use crate::stats::Estimate;
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// What a gate watched, and what it found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The file of the baseline; none when only objectives were judged.
    pub against: Option<String>,
    /// Relative increase of a downtime that is no regression.
    pub margin: f64,
    /// Chance of a false red, over all checks together, and of a false green.
    pub alarm: f64,
    /// Seed of the streams that decided, not those of the blessing.
    pub seed: u64,
    /// Checks that needed a test.
    pub tests: usize,
    /// What was checked.
    pub checks: Vec<Check>,
    /// What to know: what is new, what differs beside the nets, what can't be decided.
    pub notes: Vec<String>,
}

/// One downtime against its reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What it was held against.
    pub reference: Reference,
    /// The design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// The condition whose downtime it is.
    pub condition: String,
    /// What came out.
    pub ruling: Ruling,
    /// Downtime over that of the reference, or the unavailability held against an objective; its lower end decides
    /// on red, its upper on green, at the error probabilities of the look that decided.
    pub value: Estimate,
    /// The greatest value that is no regression.
    pub limit: f64,
    /// Downtime per year now.
    pub now: Estimate,
    /// Downtime per year of the reference, computed anew.
    pub then: Option<Estimate>,
    /// How it was decided; none without a computation.
    pub method: Option<Method>,
    /// Why.
    pub because: String,
    /// Looks at the data.
    pub looks: usize,
    /// Observations of each version.
    pub observations: u64,
    /// Firings of all versions.
    pub firings: u64,
    /// So many times the budget might decide, where it didn't.
    pub needs: Option<f64>,
}

/// What a downtime is held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The version blessed last.
    Blessed,
    /// The version blessed first.
    Anchor,
    /// An objective, in words.
    Objective(String),
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It is the same net.
    Unchanged,
    /// Shown to be within the limit.
    Fine,
    /// Shown to be beyond the limit.
    Regression,
    /// The budget ended before either was shown.
    Undecided,
    /// What was blessed isn't there any more.
    Missing,
    /// Ended by hand.
    Interrupted,
}

impl Ruling {
    /// Whether it turns the gate red.
    pub fn is_red(self) -> bool {
        matches!(self, Ruling::Regression | Ruling::Missing)
    }
}

impl Gate {
    /// The gate as a whole: red when any check is, else undecided when any is, else fine.
    pub fn ruling(&self) -> Ruling {
        let any = |wanted: fn(Ruling) -> bool| self.checks.iter().any(|check| wanted(check.ruling));
        if any(Ruling::is_red) {
            Ruling::Regression
        } else if any(|ruling| ruling == Ruling::Interrupted) {
            Ruling::Interrupted
        } else if any(|ruling| ruling == Ruling::Undecided) {
            Ruling::Undecided
        } else if any(|ruling| ruling == Ruling::Fine) {
            Ruling::Fine
        } else {
            Ruling::Unchanged
        }
    }
}
