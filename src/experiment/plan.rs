//! A checked scenario: every design at every point flattened, every name resolved, every quantity evaluated.

use super::settings::Settings;
use super::workshop::Workshop;
use crate::net::Net;
use crate::units::Dimension;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What [`super::run()`] carries out.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The file it was read from, as the user named it: for the command that replays a fault.
    pub file: String,
    /// Its title, else its file's name.
    pub title: String,
    /// Its doc line.
    pub doc: Option<String>,
    /// Whether the file is a scenario (else a bare net, its only design).
    pub is_scenario: bool,
    /// The parameters that were set from outside, as given.
    pub set: Vec<(String, String)>,
    /// How the designs are solved.
    pub settings: Settings,
    /// Every design at every point, the designs of one point together, in the scenario's order.
    pub points: Vec<Planned>,
    /// Designs in order: comparisons are against the first.
    pub designs: Vec<String>,
    /// Values that must come out.
    pub expectations: Vec<Reference>,
    /// Published figures.
    pub published: Vec<Reference>,
    /// What the gate watches.
    pub gated: Gated,
    /// The swept parameter along which designs may cross, if the values of any are numbers.
    pub axis: Option<Axis>,
    /// What is asked beyond the points.
    pub studies: Studies,
}

/// What is asked beyond the points.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Studies {
    /// Relative half-width that the intervals of crossings shall have.
    pub refine: Option<f64>,
    /// Labels of the numbers that the downtime is differentiated by, all where there are none.
    pub sensitivity: Option<Vec<String>>,
    /// Values of parameters that are sought.
    pub targets: Vec<Wanted>,
    /// For how many draws of the uncertain parameters everything is solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<u64>,
    /// What other nets are made of; none for a plan that was not read from files.
    #[serde(skip)]
    pub workshop: Option<Workshop>,
}

/// A value of a parameter that is sought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wanted {
    /// The estimate that is to reach a value, at a point.
    pub goal: Reference,
    /// Which side of the value reaches it.
    pub side: Side,
    /// The number that is varied.
    pub parameter: String,
    /// Its least and greatest value, in base units, above 0.
    pub range: [f64; 2],
}

/// Which side of a value reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The value and all above.
    AtLeast,
    /// The value and all below.
    AtMost,
}

/// What the gate watches and allows.
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// Relative increase of a downtime that is no regression, > 0.
    pub margin: f64,
    /// Index of a point and of its condition, for every downtime that is watched.
    pub downtimes: Vec<(usize, usize)>,
    /// Unavailabilities that may not be exceeded.
    pub objectives: Vec<Objective>,
}

impl Default for Gated {
    /// Nothing is watched, with the usual margin of 2 %.
    fn default() -> Gated {
        Gated { margin: 0.02, downtimes: Vec::new(), objectives: Vec::new() }
    }
}

/// An unavailability that may not be exceeded.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Index of the point.
    pub point: usize,
    /// Index of its condition.
    pub up: usize,
    /// The greatest unavailability that is allowed, in (0, 1).
    pub most: f64,
    /// As the scenario states it: "availability >= 99.999 %".
    pub words: String,
}

/// A swept parameter, as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its name.
    pub parameter: String,
    /// Power of time of its values.
    pub dimension: Dimension,
    /// Its value at each of the plan's points, in base units.
    pub values: Vec<f64>,
}

/// One design at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Which design.
    pub design: String,
    /// Swept parameter → value as written.
    pub at: IndexMap<String, String>,
    /// The parameters that were set from outside, for the command that replays a fault.
    pub set: Vec<(String, String)>,
    /// Its net.
    pub net: Arc<Net>,
    /// Index of the leading condition; none when the net has none.
    pub primary: Option<usize>,
}

/// A value to compare one estimate with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reference {
    /// Index of the point.
    pub point: usize,
    /// Which estimate.
    pub target: Target,
    /// The value, in base units.
    pub value: f64,
    /// Absolute tolerance; 0 without one.
    pub tolerance: f64,
    /// Where it comes from.
    pub source: String,
}

/// One estimate of a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Target {
    /// A standard measure (S16) of the condition of that index.
    Standard(usize, String),
    /// The model's measure of that index.
    Measure(usize),
    /// The model's measure of that index among those with a time of their own, or about outages.
    Question(usize),
}
