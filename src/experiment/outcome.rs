//! What an experiment yields: plain, serialisable data, no files, no colours.

use super::answers::{Sensitivity, Target, Uncertain};
use super::gate::Gate;
use crate::rare::Piece;
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// All points of a scenario, and what follows from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The scenario's title, else its file's name.
    pub scenario: String,
    /// Its doc line.
    pub doc: Option<String>,
    /// Seed of all streams.
    pub seed: u64,
    /// Digest (SHA-256, hex) of each flattened design.
    pub digests: IndexMap<String, String>,
    /// One for each design and sweep point.
    pub points: Vec<Point>,
    /// Designs against each other at the same point.
    pub comparisons: Vec<Comparison>,
    /// All designs of a point by their downtime, where there are two at least.
    #[serde(default)]
    pub rankings: Vec<Ranking>,
    /// Where the order of two designs changes along a sweep of one number.
    #[serde(default)]
    pub crossings: Vec<Crossing>,
    /// Points between those of the sweep, for the sake of crossings.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub refined: Vec<Point>,
    /// On request: how the downtime depends on the parameters.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub sensitivities: Vec<Sensitivity>,
    /// What it would take to reach the targets.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub targets: Vec<Target>,
    /// On request: what the uncertainty of the parameters makes of the downtimes.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub uncertainties: Vec<Uncertain>,
    /// Expectations and what came of them.
    pub verdicts: Vec<Verdict>,
    /// On request: what the exact engine says to the points that were simulated.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cross_checks: Vec<CrossCheck>,
    /// On request, or where the scenario states objectives: what the gate says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gate: Option<Gate>,
    /// Published figures beside ours.
    pub published: Vec<Published>,
    /// What the user should know: ties that decide, confusion, precision not reached.
    pub warnings: Vec<String>,
    /// Whether it was ended by hand before it was done.
    pub interrupted: bool,
    /// Stands apart: differs from run to run.
    pub spent: Spent,
}

/// One design at one sweep point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Which design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// How it was solved (never `auto` or `simulation`).
    pub method: Method,
    /// Why this method, when fivenines chose it.
    pub because: String,
    /// Name of the leading `up` condition; none when the net has none.
    pub primary: Option<String>,
    /// Condition → measure → estimate (names as in S16: "availability", "downtime per year", …).
    pub up: IndexMap<String, IndexMap<String, Estimate>>,
    /// The model's own measures.
    pub measures: IndexMap<String, Estimate>,
    /// On request: first year from fresh, bad year, chance of a year without outage, for each condition.
    #[serde(skip_serializing_if = "IndexMap::is_empty", default)]
    pub years: IndexMap<String, IndexMap<String, Estimate>>,
    /// On request: what began the outages of each condition, the greatest share of the downtime first.
    #[serde(skip_serializing_if = "IndexMap::is_empty", default)]
    pub causes: IndexMap<String, Vec<Cause>>,
    /// On request: what held the outages of each condition, in the order in which the phases are declared.
    #[serde(skip_serializing_if = "IndexMap::is_empty", default)]
    pub phases: IndexMap<String, Vec<Phase>>,
    /// On request: the failures that led to outages, those with the most downtime.
    #[serde(skip_serializing_if = "IndexMap::is_empty", default)]
    pub sequences: IndexMap<String, Vec<Sequence>>,
    /// How far a method of rare events can be trusted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trust: Option<Trust>,
    /// How the transient was dealt with.
    pub warmup: Warmup,
    /// Why it ended.
    pub ended: Ended,
    /// Independent observations (replications, batches, cycles) behind the intervals.
    pub observations: u64,
    /// Outages of the primary condition that were seen.
    pub outages: u64,
    /// Observed time, all observations together, seconds.
    pub observed: f64,
    /// Firings, warm-up and pilot included.
    pub firings: u64,
}

/// How much the estimate of the primary unavailability hangs on how few weighted paths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trust {
    /// What contributes: `cycle` (biased) or `root` (what a path became, split, since it reached the first level).
    pub piece: Piece,
    /// How many of them there were.
    pub pieces: u64,
    /// How many of them were down.
    pub down: u64,
    /// Effective sample size: as many equal contributions would be as uncertain.
    pub effective: f64,
    /// Share of the downtime that the greatest contribution has.
    pub greatest_share: f64,
    /// Mean weight and its standard error; 1 but for chance.
    pub mean_weight: [f64; 2],
    /// How many times as much the estimates of ten independent runs differ as the interval says; none where that can't
    /// be told.
    pub spread: Option<f64>,
    /// Why the estimate isn't converged; empty if it is.
    pub doubts: Vec<String>,
}

impl Outcome {
    /// Whether every expectation holds, no check of the gate is red, and both engines agree wherever both could solve.
    pub fn holds(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.holds)
            && !self.gate.as_ref().is_some_and(|gate| gate.ruling().is_red())
            && self.cross_checks.iter().all(|check| check.agrees != Some(false))
    }
}

/// The exact engine's word on a simulated point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossCheck {
    /// The design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// Whether all measures agree; none where there was nothing to compare.
    pub agrees: Option<bool>,
    /// How it was solved exactly, or why it couldn't be.
    pub because: String,
    /// How many measures were compared.
    pub compared: usize,
    /// The distance in standard errors that chance is given, corrected for all comparisons of the run.
    pub threshold: f64,
    /// The measure that lies furthest off, in standard errors.
    pub furthest: Option<Deviation>,
    /// The measures that disagree.
    pub disagreeing: Vec<Deviation>,
}

/// A measure by both engines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deviation {
    /// Condition and measure.
    pub what: String,
    /// As simulated.
    pub simulated: Estimate,
    /// As solved.
    pub exact: f64,
    /// (simulated − exact) over the standard error; none where there is no error.
    pub z: Option<f64>,
}

/// What a transition that began outages has of the downtime; the parts of all causes add up to the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// The transition, or those that are taken together under a shorter name.
    pub cause: String,
    /// Share of the downtime.
    pub share: Estimate,
    /// Downtime per year.
    pub downtime: Estimate,
    /// Outages per year.
    pub outages: Estimate,
    /// Phase → share of the condition's whole downtime that outages of this cause spent in it, where there is any.
    #[serde(default)]
    pub phases: IndexMap<String, f64>,
}

/// What a phase has of the downtime; the parts of all phases add up to the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Its name.
    pub phase: String,
    /// Share of the downtime.
    pub share: Estimate,
    /// Downtime per year.
    pub downtime: Estimate,
    /// How often outages come into it, per year; none where that isn't told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stays: Option<Estimate>,
}

/// Failures that led to outages and came while they lasted, in their order (S22).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// Transitions, as [`Cause`] names them; `…` stands for more of them. Of all that aren't listed: `others`.
    pub failures: Vec<String>,
    /// Outages that were seen; none where it is solved exactly.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seen: Option<u64>,
    /// Outages per year.
    pub per_year: Estimate,
    /// Their share of all outages.
    pub outages: f64,
    /// Their share of the downtime; none where that isn't solved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub downtime: Option<f64>,
}

/// What was removed from the start of each path, and how it was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warmup {
    /// Seconds removed from each path.
    pub removed: f64,
    /// Seconds observed on each path after it (mean, for cycles).
    pub length: f64,
    /// How it was found: "stated", "pilot: …", "none: cycles begin fresh".
    pub because: String,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Every stopping measure has its precision.
    Precision,
    /// It was solved exactly.
    Exact,
    /// The stated number of replications was run.
    Replications,
    /// The budget of firings is spent: precision not reached.
    Budget,
    /// Ended by hand.
    Interrupted,
}

/// Two designs at the same point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first design.
    pub design: String,
    /// The design it is compared with.
    pub against: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// Ratio of their primary unavailabilities, first over second.
    pub ratio: Estimate,
    /// Downtime per year of the first less that of the second.
    pub difference: Estimate,
    /// Which of them is down less; none where they are equal, or one of them has no interval.
    pub less: Option<Less>,
    /// Chance that the first has less downtime than the second in one year, the years being independent; of the
    /// single years, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub year: Option<Estimate>,
    /// How the intervals take the two designs.
    pub pairing: Pairing,
}

/// Which of two designs is down less in the long run, as far as is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Less {
    /// The design with the lower estimate.
    pub design: String,
    /// Confidence in that, one-sided, from 0.5 to 1.
    pub confidence: f64,
}

/// How the intervals of a comparison take the random numbers that two designs share (S15).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pairing {
    /// `paired`, `independent`, `bounded` or `exact`.
    pub taken: Taken,
    /// Pairs of observations of equal index.
    pub pairs: usize,
    /// Correlation of the two estimates, from those pairs.
    pub correlation: Option<f64>,
    /// Share of the variance (of the logarithm of the ratio) that shared random numbers save against independent
    /// runs; below 0 where they cost.
    pub saved: Option<f64>,
    /// Why.
    pub because: String,
}

/// What the intervals of a comparison rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Taken {
    /// On the correlation of pairs.
    Paired,
    /// On independence, which holds, or makes them wider than they need be.
    Independent,
    /// On the strongest negative correlation that there can be.
    Bounded,
    /// On one exact value at least.
    Exact,
}

/// All designs of one point by their downtime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// Confidence that all ranks are true at once.
    pub confidence: f64,
    /// From the least estimated downtime to the greatest; those without an estimate first.
    pub designs: Vec<Ranked>,
    /// Of three designs and more, each but the first against the one before it, with what they share.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub neighbours: Vec<Comparison>,
}

/// A design among the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Which.
    pub design: String,
    /// Best rank that it may have, from 1: as many others are shown to be down less, and 1.
    pub best: usize,
    /// Worst rank that it may have: none of the rest is shown to be down more.
    pub worst: usize,
}

/// A value of the swept parameter at which two designs have the same primary unavailability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// The values of the sweep's other parameters.
    pub at: IndexMap<String, String>,
    /// The first design.
    pub design: String,
    /// The design it is compared with.
    pub against: String,
    /// The swept parameter.
    pub parameter: String,
    /// Its value there; an end of the interval is missing where the sweep doesn't reach so far. Of a parameter that
    /// counts there is no estimate, mostly: the ends are the whole values between which the order changes.
    pub value: Estimate,
    /// Whether the parameter counts something, so that only whole values can be had.
    pub counts: bool,
    /// The design that is down less below that value.
    pub better_below: String,
    /// The design that is down less above it.
    pub better_above: String,
    /// How value and interval were found.
    pub how: String,
}

/// An expectation and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which design, point and measure: "standard at mtbf = 2208 h: service, availability".
    pub what: String,
    /// Expected value.
    pub expected: f64,
    /// Absolute tolerance.
    pub tolerance: f64,
    /// What came out, with its interval at a false-alarm rate of 1e-6.
    pub estimate: Estimate,
    /// Whether the expectation holds.
    pub holds: bool,
    /// Where the expected value comes from.
    pub source: String,
}

/// A published figure beside ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Which design.
    pub design: String,
    /// Parameter → value as written.
    pub at: IndexMap<String, String>,
    /// Condition, if the measure belongs to one.
    pub up: Option<String>,
    /// Which measure.
    pub measure: String,
    /// As published.
    pub value: f64,
    /// Ours.
    pub estimate: Estimate,
    /// For availability: published unavailability over ours; else published over ours.
    pub factor: Option<f64>,
    /// Where it was published.
    pub source: String,
}

/// What it cost; the only part that differs between runs of the same seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Spent {
    /// Wall time, seconds.
    pub seconds: f64,
    /// Threads.
    pub threads: usize,
    /// Firings of all points.
    pub firings: u64,
}

/// The values of a sweep point in words: `mtbf = 2208 h, sigma = 0.4`; empty without a sweep.
pub fn values(at: &IndexMap<String, String>) -> String {
    at.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// A design at a sweep point in words: `actor at mtbf = 2208 h`.
pub fn label(design: &str, at: &IndexMap<String, String>) -> String {
    if at.is_empty() { design.to_owned() } else { format!("{design} at {}", values(at)) }
}
