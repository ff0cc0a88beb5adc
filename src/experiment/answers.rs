//! What the studies of a scenario yield: plain, serialisable data.

use super::plan::Side;
use crate::stats::Estimate;
use crate::syntax::ast::Evidence;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// How the downtime of one design at one sweep point depends on its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// The leading condition, whose downtime it is.
    pub up: String,
    /// The numbers that vary continuously, from the strongest influence to the weakest.
    pub influences: Vec<Influence>,
    /// The whole numbers that count something.
    pub steps: Vec<Step>,
    /// The parameters of which nothing is told, and why.
    pub left_out: Vec<LeftOut>,
}

/// What one number does to the downtime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Influence {
    /// The number: `mtbf`, `restart.low`, `mtbf[disk]`.
    pub parameter: String,
    /// Its value, in base units.
    pub value: f64,
    /// Its base unit.
    pub unit: String,
    /// d ln U / d ln p: by how many per cent the downtime grows with each per cent of the number.
    pub elasticity: Estimate,
    /// The number is divided and multiplied by that.
    pub factor: f64,
    /// Downtime per year with the number divided by the factor.
    pub divided: Estimate,
    /// Downtime per year with the number multiplied by the factor.
    pub multiplied: Estimate,
    /// How the elasticity was found, and how far that may be off.
    pub how: String,
    /// How good the evidence for the number is, where it comes from a parameter file that says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Evidence>,
}

/// What one more or one less of something does to the downtime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The number.
    pub parameter: String,
    /// Its value.
    pub value: f64,
    /// Downtime per year with one less; none where the net can't have that.
    pub less: Option<Estimate>,
    /// Downtime per year with one more.
    pub more: Option<Estimate>,
}

/// How uncertain a downtime is since its parameters are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uncertain {
    /// The design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// The condition whose downtime it is.
    pub up: String,
    /// Whether that is the leading one.
    pub leading: bool,
    /// For how many draws it was solved.
    pub draws: u64,
    /// Downtime per year in each of them, s/y; those of one index, of all designs, are of one draw.
    pub sample: Vec<f64>,
    /// Downtime per year at the parameters' own values.
    pub downtime: Estimate,
    /// Mean over the draws, s/y.
    pub mean: f64,
    /// Over the draws, s/y: the two ends of the middle ones, as many as the confidence says, and the median.
    pub quantiles: [Option<f64>; 3],
    /// Standard deviation that the parameters have, s/y.
    pub by_parameters: f64,
    /// Standard deviation that sampling has in a draw, s/y; 0 where it is solved exactly.
    pub by_sampling: f64,
    /// The unavailability that is to be reached.
    pub most: f64,
    /// The share of the draws that reach it.
    pub reaches: Estimate,
    /// What is drawn and read by the design's net, that with the greatest share first.
    pub shares: Vec<Share>,
    /// What is drawn for the sake of other designs: whatever its value, this one's net stays as it is.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unread: Vec<String>,
    /// On which evidence the variance rests.
    pub grades: Vec<Grade>,
    /// What to do about it.
    pub advice: Advice,
    /// Among several designs: the share of the draws in which it is the best.
    pub best: Option<Best>,
    /// Why some draws have no result.
    pub failed: Option<String>,
}

/// What one part of the parameters does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// All draws of a file, or a value with a range.
    pub factor: String,
    /// Its values.
    pub values: Vec<String>,
    /// The worst grade that any of them states.
    pub evidence: Option<Evidence>,
    /// The fewest observations behind any of them.
    pub observations: Option<f64>,
    /// Of the parameters' variance, what it has alone.
    pub share: f64,
    /// Standard error of that; none for too few draws, or where it isn't told from nothing.
    pub error: Option<f64>,
    /// What it has with all its interactions; known only where all is solved exactly.
    pub total: Option<f64>,
    /// The parameters' standard deviation with twice as many observations of it, or without its range, s/y.
    pub left: f64,
}

/// A part that rests on one kind of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// Which; none where it isn't stated.
    pub evidence: Option<Evidence>,
    /// How much, 0 to 1.
    pub share: f64,
}

/// What to do about an uncertainty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// No part stands out.
    Nothing,
    /// Sampling is the greater error.
    RunLonger,
    /// The measurement to extend.
    Extend(String),
    /// The range to replace by a measurement.
    Measure(String),
}

/// How often a design is the best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The share of the draws.
    pub chance: Estimate,
    /// Of how many designs.
    pub of: usize,
}

/// A parameter of which nothing is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which.
    pub parameter: String,
    /// Why.
    pub because: String,
}

/// What it would take to reach a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// The condition, if the measure belongs to one.
    pub up: Option<String>,
    /// What is to reach the value.
    pub measure: String,
    /// The value, in base units.
    pub value: f64,
    /// Which side of it is wanted.
    pub side: Side,
    /// The number that is varied.
    pub parameter: String,
    /// Its base unit.
    pub unit: String,
    /// Between which values it was sought.
    pub range: [f64; 2],
    /// Where in the range the target is reached.
    pub reached: Reached,
    /// The values at which that changes, in ascending order.
    pub solutions: Vec<Solution>,
    /// Whether the measure only rises, or only falls, over all values that were probed, as far as can be told.
    pub monotone: bool,
    /// Every value that was probed, ascending.
    pub probed: Vec<Probe>,
    /// How it was found, and what the interval means.
    pub how: String,
}

/// Where in a range a target is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// On one side of a solution.
    InPart,
    /// By every value that was probed.
    Everywhere,
    /// By no value that was probed.
    Nowhere,
    /// It can't be told.
    Undecided,
}

/// A value of a parameter at which a target is just reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    /// The value; an end of its interval is missing where it may lie beyond the range.
    pub value: Estimate,
    /// Whether greater values reach the target, and smaller ones don't.
    pub reached_above: bool,
}

/// What a value of a parameter yields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The value, in base units.
    pub value: f64,
    /// The measure there.
    pub estimate: Estimate,
}
