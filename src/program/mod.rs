//! Flat net → dense program: what the engines execute.

use crate::net::Net;
use crate::units::Dimension;

/// A compiled net. (The engine's arrays are private to the crate.)
#[derive(Debug)]
pub struct Program {
    /// Names of the `up` conditions, the primary one first (net order).
    pub up: Vec<String>,
    /// The model's own measures.
    pub measures: Vec<Measure>,
    /// Number of sums in an observation: see [`Program::TIME`], [`Program::down`], [`Program::failures`];
    /// the averages that measures use follow behind those.
    pub sums: usize,
}

/// A measure over the sums of an observation.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// How it is formed; leaves are sums divided by the observed time.
    pub formula: Formula,
    /// Of its value.
    pub dimension: Dimension,
    /// Relative half-width that stops the run.
    pub precision: Option<f64>,
}

/// Arithmetic over long-run averages; `Average(i)` is sum i over the observed time.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Formula {
    Constant(f64),
    Average(usize),
    Negate(Box<Formula>),
    Add(Box<Formula>, Box<Formula>),
    Subtract(Box<Formula>, Box<Formula>),
    Multiply(Box<Formula>, Box<Formula>),
    Divide(Box<Formula>, Box<Formula>),
}

/// Why a flat net can't be compiled: nothing that a user can cause passes `net::check`, except size.
#[derive(Debug, Clone, PartialEq)]
pub struct CompileError(pub String);

/// Compiles a checked flat net.
pub fn compile(net: &Net) -> Result<Program, CompileError> {
    let _ = net;
    Err(CompileError("not yet".into()))
}

impl Program {
    /// Index of the observed time in an observation.
    pub const TIME: usize = 0;

    /// Index of the downtime of the `up` condition `i`.
    pub fn down(i: usize) -> usize {
        1 + 2 * i
    }

    /// Index of the number of failures of the `up` condition `i`.
    pub fn failures(i: usize) -> usize {
        2 + 2 * i
    }
}
