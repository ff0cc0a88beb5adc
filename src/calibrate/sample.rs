//! A sample of durations, each known as far as it was observed.

use std::cmp::Ordering;
use std::fmt;

/// Relative width below which a value's resolution no longer matters: laws whose density is unbounded at their end
/// (a shifted one, say) would else fit a single value infinitely well.
const FINEST: f64 = 1e-6;

/// Beyond so many different values those in the midst are put together, so that a large sample costs no more than this
/// one: groups of half a per cent tell a law almost as well as the values in them.
const MOST_CELLS: usize = 300;

/// Of the least and of the greatest values that many stay as they are: the ends of laws hang on them.
const AT_ENDS: usize = 50;

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
    /// The row of the table that each stands in: durations of one row were measured together.
    pub rows: Vec<usize>,
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
        let rows = (0..observations.len()).collect();
        Ok(Sample { name: name.into(), observations, rows, resolution })
    }

    /// The observations of these rows, a row as often as it is named.
    ///
    /// # Errors
    /// [`SampleFault`], where these alone make no sample.
    pub fn of_rows(&self, rows: &[usize]) -> Result<Sample, SampleFault> {
        let find = |row: &usize| self.rows.binary_search(row).ok().map(|at| self.observations[at]);
        Sample::new(self.name.clone(), rows.iter().filter_map(find).collect(), self.resolution)
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
        coarsened(together.map(|equal| (equal[0], equal.len() as f64)).collect(), 2.0 * half)
    }
}

/// Puts cells of one width in the midst of many together: those of values that were seen whole.
fn coarsened(cells: Vec<(Observation, f64)>, step: f64) -> Vec<(Observation, f64)> {
    let plain = |seen: &Observation| {
        seen.high - seen.low <= step * (1.0 + 1e-9) && seen.entry == 0.0 && seen.exit == f64::INFINITY
    };
    let (fine, mut kept): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(seen, _)| plain(seen));
    if fine.len() <= MOST_CELLS {
        kept.extend(fine);
        return kept;
    }
    let (from, to) = (AT_ENDS, fine.len() - AT_ENDS);
    let edge = |i: usize| 0.5 * (fine[i - 1].0.high + fine[i].0.low);
    let groups = MOST_CELLS - 2 * AT_ENDS;
    let cut = |group: usize| from + (to - from) * group / groups;
    kept.extend(fine[..from].iter().chain(&fine[to..]));
    kept.extend((0..groups).map(|group| {
        let (first, end) = (cut(group), cut(group + 1));
        let count = fine[first..end].iter().map(|(_, count)| count).sum();
        (Observation::between(edge(first), edge(end)), count)
    }));
    kept
}
