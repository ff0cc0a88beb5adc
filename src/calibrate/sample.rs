//! A sample of durations, each known as far as it was observed.

use std::cmp::Ordering;
use std::fmt;

/// Relative width below which a value's resolution no longer matters: laws whose density is unbounded at their end
/// (a shifted one, say) would else fit a single value infinitely well.
const FINEST: f64 = 1e-6;

/// One duration, seconds. `low == high` is one that was seen whole; `low < high` lies between them: a clock that was
/// still running has an infinite `high` (right-censored), one that had run out before it was looked at a `low` of 0
/// (left-censored).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// At least this.
    pub low: f64,
    /// At most this; may be infinite.
    pub high: f64,
    /// It would not have been seen at all, had it been at most this (left truncation, delayed entry); 0 without.
    pub entry: f64,
    /// It would not have been seen at all, had it been more than this (right truncation); infinite without.
    pub exit: f64,
}

impl Observation {
    /// A duration that was seen whole.
    pub fn exact(value: f64) -> Observation {
        Observation { low: value, high: value, entry: 0.0, exit: f64::INFINITY }
    }

    /// A duration of more than `low` (at most `high`).
    pub fn between(low: f64, high: f64) -> Observation {
        Observation { low, high, entry: 0.0, exit: f64::INFINITY }
    }

    /// Whether it was seen whole.
    pub fn is_exact(&self) -> bool {
        self.low == self.high
    }

    /// Whether it was still running when it was last looked at.
    pub fn is_right_censored(&self) -> bool {
        self.high == f64::INFINITY && self.low < self.high
    }

    /// What is wrong with it, if anything.
    pub fn fault(&self) -> Option<&'static str> {
        let Observation { low, high, entry, exit } = *self;
        let is_time = |x: f64| (0.0..=1e100).contains(&x);
        if !is_time(low) || !(is_time(high) || high == f64::INFINITY) {
            return Some("a duration lies between 0 and 1e100 s");
        }
        if low > high {
            return Some("the least value is greater than the greatest");
        }
        if !is_time(entry) || !(is_time(exit) || exit == f64::INFINITY) || entry >= exit {
            return Some("the observation begins after it ends");
        }
        if low < entry || (high > exit && high.is_finite()) {
            return Some("the duration lies outside of what could be observed");
        }
        (low == 0.0 && high == f64::INFINITY).then_some("it tells nothing: from 0 to infinity")
    }
}

/// Observations of one quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What was measured: a column's name.
    pub name: String,
    /// In the order of the file.
    pub observations: Vec<Observation>,
    /// Step of the clock that measured them, seconds; 0 if unknown.
    pub resolution: f64,
}

/// Why observations make no sample that a law could be fitted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleFault {
    /// There are fewer than two.
    TooFew(usize),
    /// None was seen to end: there is nothing but lower bounds.
    NoneEnded,
}

impl fmt::Display for SampleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SampleFault::TooFew(count) => {
                write!(f, "{count} observations are too few for a law; at least 2 are needed")
            }
            SampleFault::NoneEnded => {
                write!(
                    f,
                    "no duration was seen to end (all are right-censored); give them as counts: failures in a time"
                )
            }
        }
    }
}

impl std::error::Error for SampleFault {}

impl Sample {
    /// Observations that pass [`Observation::fault`].
    ///
    /// # Errors
    /// [`SampleFault`].
    pub fn new(
        name: impl Into<String>,
        observations: Vec<Observation>,
        resolution: f64,
    ) -> Result<Sample, SampleFault> {
        if observations.len() < 2 {
            return Err(SampleFault::TooFew(observations.len()));
        }
        if observations.iter().all(Observation::is_right_censored) {
            return Err(SampleFault::NoneEnded);
        }
        Ok(Sample { name: name.into(), observations, resolution })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.observations.len()
    }

    /// Never: there are two at least.
    pub fn is_empty(&self) -> bool {
        self.observations.is_empty()
    }

    /// Whether every one was seen whole, and would have been whatever its length.
    pub fn is_complete(&self) -> bool {
        self.observations.iter().all(|seen| seen.is_exact() && seen.entry == 0.0 && seen.exit == f64::INFINITY)
    }

    /// Whether what isn't seen whole is right-censored, or entered late: then the Kaplan–Meier curve serves.
    pub fn is_right_censored_only(&self) -> bool {
        self.observations.iter().all(|seen| (seen.is_exact() || seen.is_right_censored()) && seen.exit == f64::INFINITY)
    }

    /// A value in the midst of the observations that ended, seconds: the scale of the laws.
    pub fn scale(&self) -> f64 {
        let middle = |seen: &Observation| if seen.high.is_finite() { 0.5 * (seen.low + seen.high) } else { seen.low };
        let mut values: Vec<f64> = self.observations.iter().map(middle).filter(|value| *value > 0.0).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(self.resolution.max(1e-9))
    }

    /// The step by which values that were seen whole are known, never quite 0.
    pub fn step(&self) -> f64 {
        self.resolution.max(FINEST * self.scale())
    }

    /// The observations as intervals of positive width, equal ones together: (interval, how often).
    pub(super) fn cells(&self) -> Vec<(Observation, f64)> {
        let half = 0.5 * self.step();
        let widen = |seen: &Observation| match seen.is_exact() {
            true => {
                Observation { low: (seen.low - half).max(seen.entry), high: (seen.high + half).min(seen.exit), ..*seen }
            }
            false => *seen,
        };
        let mut cells: Vec<Observation> = self.observations.iter().map(widen).collect();
        let key = |seen: &Observation| [seen.low, seen.high, seen.entry, seen.exit];
        cells.sort_by(|a, b| {
            let differ = key(a).into_iter().zip(key(b)).map(|(a, b)| a.total_cmp(&b));
            differ.fold(Ordering::Equal, Ordering::then)
        });
        let together = cells.chunk_by(|a, b| key(a) == key(b));
        together.map(|equal| (equal[0], equal.len() as f64)).collect()
    }
}
