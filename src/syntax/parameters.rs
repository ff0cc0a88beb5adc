//! The AST of parameter files: values, where they come from, and what else they might be.

use super::ast::{Definition, Text};
use super::expr::{Expr, Name};
use crate::diag::Span;

/// `Parameters(…)`: values to import.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Where they come from.
    pub doc: Option<Text>,
    /// The command that made the file.
    pub command: Option<Text>,
    /// The measurements that the values were fitted to.
    pub data: Option<Data>,
    /// Name and value, `"name": "expr"` or `"name": (value: "expr", source: "…", evidence: …)`.
    pub values: Vec<ParameterValue>,
    /// The whole `Parameters(…)`.
    pub span: Span,
}

/// The measurements behind a parameter file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// The table.
    pub file: Text,
    /// Its SHA-256, hexadecimal.
    pub sha256: Text,
}

/// One value of a parameter file.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterValue {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
    /// Where it comes from.
    pub source: Option<Text>,
    /// Evidence grade, if stated.
    pub evidence: Option<(Evidence, Span)>,
    /// How many observations it rests on.
    pub observations: Option<Expr>,
    /// How well a law fits them: named figures, for the record.
    pub fit: Vec<Definition>,
    /// What else it might be.
    pub uncertainty: Option<Uncertainty>,
}

/// What a value might be instead.
#[derive(Debug, Clone, PartialEq)]
pub enum Uncertainty {
    /// `draws: ["…", "…"]`: any of these, all alike; those of one index in one file belong together.
    Draws(Vec<Expr>),
    /// `range: (low: "…", high: "…", shape: LogUniform)`: any number between two.
    Range {
        /// The least.
        low: Expr,
        /// The greatest.
        high: Expr,
        /// How likely those between are.
        shape: Shape,
    },
    /// `resampled: true`: an empirical law of as many values, drawn from its own again.
    Resampled,
}

/// How likely the numbers of a range are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// All alike.
    #[default]
    Uniform,
    /// Their logarithms alike.
    LogUniform,
}

/// How well a value is known, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Evidence {
    MeasuredLive,
    FieldData,
    Published,
    DerivedFromTimers,
    Assumed,
}
