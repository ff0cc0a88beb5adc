//! Units and dimensions: past this module everything is in seconds and per second.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds in a year of 365.25 days.
pub const YEAR: f64 = 365.25 * 86_400.0;

/// A physical dimension, as the power of time: 0 a plain number, 1 a duration, −1 a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Dimension {
    /// Power of time.
    pub time: i8,
}

impl Dimension {
    /// A plain number.
    pub const NUMBER: Dimension = Dimension { time: 0 };
    /// A duration, in seconds.
    pub const TIME: Dimension = Dimension { time: 1 };
    /// A rate, per second.
    pub const RATE: Dimension = Dimension { time: -1 };
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            0 => write!(f, "a number"),
            1 => write!(f, "a time"),
            -1 => write!(f, "a rate (1/time)"),
            n => write!(f, "time^{n}"),
        }
    }
}

/// The units of the language: name, factor to the base unit, dimension.
pub const UNITS: &[(&str, f64, Dimension)] = &[
    ("ns", 1e-9, Dimension::TIME),
    ("us", 1e-6, Dimension::TIME),
    ("µs", 1e-6, Dimension::TIME),
    ("ms", 1e-3, Dimension::TIME),
    ("s", 1.0, Dimension::TIME),
    ("min", 60.0, Dimension::TIME),
    ("h", 3600.0, Dimension::TIME),
    ("d", 86_400.0, Dimension::TIME),
    ("w", 604_800.0, Dimension::TIME),
    ("y", YEAR, Dimension::TIME),
    ("Hz", 1.0, Dimension::RATE),
    ("%", 0.01, Dimension::NUMBER),
];

/// Factor and dimension of a unit's name.
pub fn unit(name: &str) -> Option<(f64, Dimension)> {
    UNITS.iter().find(|(n, _, _)| *n == name).map(|&(_, factor, dimension)| (factor, dimension))
}
