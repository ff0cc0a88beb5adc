//! Totals and covariances → estimates with intervals.
//!
//! A long-run average is a ratio of means (downtime over time, time over failures); its variance comes from the
//! delta method over the independent observations. Quantities that are positive by nature get an interval on the
//! logarithmic scale, which keeps it positive and makes it fit the skewness of few outages; how well the variance of few
//! and unequal outages is known is told by their kurtosis.
//! Where nothing was seen there is no estimate but a bound: never 0 ± 0.

use super::outcome::Trust;
use super::process::Facts;
use super::tally::{Layout, Tally};
use crate::program::{Formula, Measure, Program};
use crate::rare::Effect;
use crate::stats::{Bound, Estimate, Side, quantile};
use crate::units::{YEAR, in_words};
use indexmap::IndexMap;

/// With fewer failures than that no interval is narrower than the exact one of a Poisson count says.
pub(super) const FEW_FAILURES: u64 = 30;

/// Outages that differ by a smaller share than that are of one length, but for rounding.
const ALIKE: f64 = 1e-9;

/// What the estimates are computed from.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The process.
    pub facts: &'a Facts,
    /// Coordinates of the tally.
    pub layout: &'a Layout,
    /// The observations.
    pub tally: &'a Tally,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// Longest that an outage lasts, seconds, if stated.
    pub outage_bound: Option<f64>,
    /// How the time to the first failure is to be read.
    pub first: First,
}

/// What the coordinates of the first failure hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Fresh paths of one length: a failure after the end is censored.
    Paths,
    /// Cycles that begin like the process itself: the next cycle goes on where one ended without failure.
    Cycles,
    /// Nothing.
    Unknown,
}

/// A value and the standard error of its estimator; NaN where one observation says nothing about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    pub mean: f64,
    pub error: f64,
}

/// A linear combination of coordinates.
pub(super) type Linear<'a> = &'a [(usize, f64)];

impl Sample<'_> {
    fn total(&self, linear: Linear) -> f64 {
        linear.iter().map(|&(i, c)| c * self.tally.totals[i]).sum()
    }

    /// Ratio of means, with the delta method's error.
    pub(super) fn ratio(&self, above: Linear, below: Linear) -> Value {
        let (x, y) = (self.total(above), self.total(below));
        let mean = x / y;
        let scale = self.tally.count as f64 / y;
        let gradient: Vec<(usize, f64)> = above
            .iter()
            .map(|&(i, c)| (i, c * scale))
            .chain(below.iter().map(|&(i, c)| (i, -mean * c * scale)))
            .collect();
        Value { mean, error: self.error(&gradient) }
    }

    fn error(&self, gradient: Linear) -> f64 {
        let known = self.tally.variance(self.layout, gradient);
        known.map_or(f64::NAN, |known| (known + self.overlooked(gradient)).sqrt())
    }

    /// Stratified cycles know much of a count without error, since the way tells what happens first. What seldom happens
    /// within ways may not have been seen at all: one event more is allowed for, of the greatest weight that a cycle has, 1.
    fn overlooked(&self, gradient: Linear) -> f64 {
        if self.tally.squares.is_empty() {
            return 0.0;
        }
        let first = |i: &usize| (0..self.facts.up.len()).any(|up| *i == self.layout.first_seen(up));
        let counts = gradient.iter().filter(|(i, _)| self.facts.rates.contains(i) || first(i));
        counts.map(|(_, slope)| (slope / self.tally.count as f64) * (slope / self.tally.count as f64)).sum()
    }

    /// The two-sided factor of the standard error.
    pub(super) fn critical(&self) -> f64 {
        quantile::student(0.5 + 0.5 * self.confidence, (self.tally.count.max(2) - 1) as f64)
    }

    /// By how much wider the interval of an unavailability is than it would be of normal observations, since of few and
    /// unequal outages the variance is known less well.
    fn widening(&self, up: usize) -> f64 {
        let freedom = self.tally.freedom(self.layout, up).max(1.0);
        quantile::student(0.5 + 0.5 * self.confidence, freedom) / self.critical()
    }

    /// The two-sided factor of the standard error of a mean over so many outages.
    pub(super) fn student(&self, seen: u64) -> f64 {
        quantile::student(0.5 + 0.5 * self.confidence, (self.tally.count.min(seen).max(2) - 1) as f64)
    }

    /// Nothing known.
    pub fn blank(&self, unit: &str) -> Estimate {
        Estimate::unknown(self.confidence, unit)
    }

    fn bounded(&self, unit: &str, side: Side, value: f64, because: String) -> Estimate {
        let bound = value.is_finite().then_some(Bound { side, value, because });
        Estimate { bound, ..self.blank(unit) }
    }

    /// An estimate with the interval `low..high`; ends that aren't finite are left out.
    pub(super) fn interval(&self, unit: &str, value: f64, low: f64, high: f64) -> Estimate {
        let ends = (low.is_finite() && high.is_finite()).then_some((low, high));
        Estimate::between(Some(value).filter(|value| value.is_finite()), ends, self.confidence, unit)
    }

    /// The interval on the logarithmic scale.
    fn positive(&self, unit: &str, value: Value) -> Estimate {
        let spread = libm::exp(self.critical() * value.error / value.mean);
        self.interval(unit, value.mean, value.mean / spread, value.mean * spread)
    }

    /// The standard measures (S16) of a condition.
    pub fn standard(&self, up: usize) -> IndexMap<String, Estimate> {
        let unavailability = self.unavailability(up);
        let rate = self.failure_rate(up);
        let mut all = IndexMap::new();
        let mut put = |name: &str, estimate| all.insert(name.to_string(), estimate);
        put("availability", self.map(&unavailability, "", true, |u| 1.0 - u));
        put("unavailability", unavailability.clone());
        put("nines", self.map(&unavailability, "", true, |u| -libm::log10(u) + 0.0));
        put("downtime per year", self.map(&unavailability, "s/y", false, |u| u * YEAR));
        put("failures per year", self.map(&rate, "1/y", false, |r| r * YEAR));
        put("MTBF", self.map(&rate, "s", true, |r| 1.0 / r));
        put("mean up time", self.mean_up_time(up));
        put("mean outage", self.mean_outage(up));
        put("MTTF", self.mttf(up));
        all
    }

    /// Failures of a condition that were seen; of weighted ones so many as are worth as much.
    pub fn failures(&self, up: usize) -> u64 {
        match self.weighted(up) {
            Some(effect) => effect.effective() as u64,
            None => self.seen(Program::failures(up)),
        }
    }

    /// Events that a coordinate counts; of events of different weights as many equal ones as tell as much.
    pub(super) fn seen(&self, coordinate: usize) -> u64 {
        let seen = self.tally.totals[coordinate];
        let squares = &self.tally.squares;
        let place =
            (!squares.is_empty()).then(|| self.layout.counts().iter().position(|of| *of == coordinate)).flatten();
        match place.and_then(|place| squares.get(place)) {
            Some(&squares) if squares > 0.0 => (seen * seen / squares) as u64,
            _ => seen as u64,
        }
    }

    /// Outages of a condition that were seen, whatever they weigh.
    pub fn outages(&self, up: usize) -> u64 {
        self.weighted(up).map_or_else(|| self.failures(up), |effect| effect.cycles)
    }

    /// The downtime that biased cycles contributed, where the condition's measures are taken from them.
    fn weighted(&self, up: usize) -> Option<&Effect> {
        self.tally.weights.as_ref()?.effect(Program::down(up))
    }

    /// Why weighted downtime isn't to be trusted; empty if it is, or isn't weighted.
    pub fn doubts(&self, up: usize) -> Vec<String> {
        self.trust(up).map_or(Vec::new(), |trust| trust.doubts)
    }

    /// How far weighted downtime can be trusted; none where it isn't weighted.
    pub fn trust(&self, up: usize) -> Option<Trust> {
        let (weights, effect) = (self.tally.weights.as_ref()?, self.weighted(up)?);
        let value = self.ratio(&[(Program::down(up), 1.0)], &[(Program::TIME, 1.0)]);
        let (error, (mean, deviation)) = (value.error / value.mean, weights.mean());
        Some(Trust {
            piece: weights.piece,
            pieces: weights.cycles,
            down: effect.cycles,
            effective: effect.effective(),
            greatest_share: effect.greatest_share(),
            mean_weight: [mean, deviation],
            spread: weights.spread(error),
            doubts: weights.doubts(Program::down(up), error),
        })
    }

    /// D/τ (S16); bounded only with a stated bound of the outage when none was seen.
    pub fn unavailability(&self, up: usize) -> Estimate {
        let (time, down) = (self.tally.totals[Program::TIME], self.tally.totals[Program::down(up)]);
        if down == 0.0 {
            let seen = in_words(time);
            let because = |longest| format!("no outage in {seen}, and none lasts over {}", in_words(longest));
            return match self.outage_bound {
                Some(longest) if time > 0.0 => {
                    let value = (self.none_seen() / time * longest).min(1.0);
                    self.bounded("", Side::Upper, value, because(longest))
                }
                _ => self.blank(""),
            };
        }
        if down >= time {
            return self.interval("", 1.0, f64::NAN, f64::NAN);
        }
        let value = self.ratio(&[(Program::down(up), 1.0)], &[(Program::TIME, 1.0)]);
        let value = Value { error: value.error * self.widening(up), ..value };
        let outage = self.outage([Program::down(up), Program::failures(up)], self.failures(up));
        // How much longer or shorter outages may be than those few that were seen.
        let lengths = self.student(self.failures(up)) * outage.error / outage.mean;
        let estimate = self.of_few("", value, self.failures(up), lengths, false);
        Estimate { high: estimate.high.map(|high| high.min(1.0)), ..estimate }
    }

    /// D/N, with the error that its N outages have as a sample of their own; infinite for fewer than two.
    pub(super) fn outage(&self, [down, failures]: [usize; 2], seen: u64) -> Value {
        let (value, seen) = (self.ratio(&[(down, 1.0)], &[(failures, 1.0)]), seen as f64);
        let correction = if seen > 1.0 { (seen / (seen - 1.0)).sqrt() } else { f64::INFINITY };
        Value { error: if seen > 1.0 { value.error * correction } else { correction }, ..value }
    }

    /// D/N (S16).
    fn mean_outage(&self, up: usize) -> Estimate {
        if self.failures(up) == 0 || self.tally.totals[Program::down(up)] == 0.0 {
            return self.blank("s");
        }
        let value = self.outage([Program::down(up), Program::failures(up)], self.failures(up));
        if value.error <= ALIKE * value.mean && !self.facts.deterministic {
            // Nothing varied: the interval isn't nothing, it is unknown.
            return self.interval("s", value.mean, f64::NAN, f64::NAN);
        }
        let spread = libm::exp(self.student(self.failures(up)) * value.error / value.mean);
        self.interval("s", value.mean, value.mean / spread, value.mean * spread)
    }

    /// (τ − D)/N (S16).
    fn mean_up_time(&self, up: usize) -> Estimate {
        let above = [(Program::TIME, 1.0), (Program::down(up), -1.0)];
        if self.failures(up) == 0 || self.total(&above) <= 0.0 {
            return self.blank("s");
        }
        self.of_few("s", self.ratio(&above, &[(Program::failures(up), 1.0)]), self.failures(up), 0.0, true)
    }

    /// Where no observation differed from another there is no error to estimate. Cycles of a process without chance
    /// are exact; windows of equal length cut all of it at the same phase, which is off by one outage in each at
    /// most; of anything else the error is unknown.
    fn unvaried(&self, unit: &str, mean: f64, seen: u64) -> Estimate {
        let each = seen as f64 / self.tally.count as f64;
        match self.first {
            First::Cycles if self.facts.deterministic => self.interval(unit, mean, mean, mean),
            First::Paths | First::Unknown if each > 1.0 => {
                self.interval(unit, mean, mean * (1.0 - 1.0 / each), mean / (1.0 - 1.0 / each))
            }
            _ => self.interval(unit, mean, f64::NAN, f64::NAN),
        }
    }

    /// The interval on the logarithmic scale; where `seen` failures are few it is at least as wide as the exact
    /// interval of their number says, widened by the relative half-width `other`. `inverse` to their number or not.
    pub(super) fn of_few(&self, unit: &str, value: Value, seen: u64, other: f64, inverse: bool) -> Estimate {
        if value.error <= ALIKE * value.mean && self.tally.count > 1 {
            return self.unvaried(unit, value.mean, seen);
        }
        let wide = self.positive(unit, value);
        let (Some(low), Some(high), true) = (wide.low, wide.high, seen < FEW_FAILURES) else { return wide };
        if seen == 0 {
            return self.interval(unit, value.mean, f64::NAN, f64::NAN);
        }
        let (least, most) = quantile::poisson_interval(seen, self.confidence);
        let (below, above) = (libm::log(seen as f64 / least), libm::log(most / seen as f64));
        let (below, above) = if inverse { (above, below) } else { (below, above) };
        let factor = |own: f64| libm::exp(libm::hypot(own, other));
        self.interval(unit, value.mean, low.min(value.mean / factor(below)), high.max(value.mean * factor(above)))
    }

    /// Upper bound of a Poisson mean of which nothing was seen: 3.0 at 95 %.
    fn none_seen(&self) -> f64 {
        -libm::log(1.0 - self.confidence)
    }

    /// The bound of the rate of what wasn't seen, times a factor.
    pub(super) fn never_seen(&self, unit: &str, factor: f64) -> Estimate {
        let time = self.tally.totals[Program::TIME];
        self.bounded(unit, Side::Upper, self.none_seen() / time * factor, format!("none in {}", in_words(time)))
    }

    /// N/τ, per second; of no failures the upper bound.
    fn failure_rate(&self, up: usize) -> Estimate {
        let time = self.tally.totals[Program::TIME];
        if time <= 0.0 {
            return self.blank("1/s");
        }
        if self.failures(up) == 0 {
            return self.bounded(
                "1/s",
                Side::Upper,
                self.none_seen() / time,
                format!("no failure in {}", in_words(time)),
            );
        }
        let value = self.ratio(&[(Program::failures(up), 1.0)], &[(Program::TIME, 1.0)]);
        self.of_few("1/s", value, self.failures(up), 0.0, false)
    }

    /// A monotone function of an estimate; a `falling` one swaps the ends.
    fn map(&self, from: &Estimate, unit: &str, falling: bool, f: impl Fn(f64) -> f64) -> Estimate {
        let finite = |x: f64| Some(f(x)).filter(|y| y.is_finite());
        let (low, high) = if falling { (from.high, from.low) } else { (from.low, from.high) };
        let end = |x: Option<f64>| x.and_then(finite).unwrap_or(f64::NAN);
        let bound = from.bound.as_ref().and_then(|bound| {
            let side = match (bound.side, falling) {
                (Side::Upper, true) => Side::Lower,
                (Side::Lower, true) => Side::Upper,
                (side, false) => side,
            };
            finite(bound.value).map(|value| Bound { side, value, because: bound.because.clone() })
        });
        match from.estimate {
            Some(estimate) => Estimate { bound, ..self.interval(unit, f(estimate), end(low), end(high)) },
            None => Estimate { bound, ..self.blank(unit) },
        }
    }

    /// Mean time from the initial marking to the first failure, X. Of cycles: E min(X, cycle) / P(failure in a cycle),
    /// for any law. Of paths that end at L, some without a failure: E min(X, L) is known, which E X exceeds by what
    /// comes after L; time over failures would be E X only were the hazard constant, so a lower bound is all there is.
    fn mttf(&self, up: usize) -> Estimate {
        let (first, seen) = (self.layout.first_failure(up), self.layout.first_seen(up));
        let (count, failed) = (self.tally.count as f64, self.tally.totals[seen]);
        let mean = Value { mean: self.tally.totals[first] / count, error: self.error(&[(first, 1.0)]) };
        match self.first {
            First::Unknown => self.blank("s"),
            First::Cycles if failed > 0.0 => {
                self.of_few("s", self.ratio(&[(first, 1.0)], &[(seen, 1.0)]), failed as u64, 0.0, true)
            }
            First::Cycles => {
                let value = self.tally.totals[first] / self.none_seen();
                self.bounded("s", Side::Lower, value, "no cycle with a failure".to_string())
            }
            First::Paths if failed == count => self.positive("s", mean),
            First::Paths => {
                let because = format!("{} of {count} paths ended without a failure", count - failed);
                self.bounded("s", Side::Lower, self.truncated_mean(mean, failed), because)
            }
        }
    }

    /// Lower confidence bound of E min(X, L); of few failures as if each took away the whole of a path.
    fn truncated_mean(&self, mean: Value, failed: f64) -> f64 {
        let count = self.tally.count as f64;
        let one_sided = quantile::student(self.confidence, (count - 1.0).max(1.0));
        let low = (mean.mean - one_sided * mean.error).max(0.0);
        if failed >= FEW_FAILURES as f64 {
            return low;
        }
        let share = quantile::poisson_mean(1.0 - self.confidence, failed as u64) / count;
        let few = mean.mean * (1.0 - share).max(0.0);
        if low.is_nan() { few } else { low.min(few) }
    }

    /// A measure of the model.
    pub fn measure(&self, measure: &Measure) -> Estimate {
        let unit = measure.dimension.base_unit();
        let time = self.tally.totals[Program::TIME];
        if let Some(factor) = self.unseen(&measure.formula).filter(|factor| *factor > 0.0 && time > 0.0) {
            let because = format!("no firing in {}", in_words(time));
            return self.bounded(&unit, Side::Upper, factor * self.none_seen() / time, because);
        }
        let (mean, gradient) = self.gradient(&measure.formula);
        let value = Value { mean, error: self.error(&gradient) };
        let exact = mean != 0.0 && self.facts.deterministic && self.first == First::Cycles;
        if value.error <= ALIKE * mean.abs() && !exact && !is_constant(&measure.formula) {
            // Nothing varied: the interval isn't nothing, it is unknown.
            return self.interval(&unit, mean, f64::NAN, f64::NAN);
        }
        if mean > 0.0 && is_positive(&measure.formula) {
            return self.positive(&unit, value);
        }
        let half = self.critical() * value.error;
        self.interval(&unit, mean, mean - half, mean + half)
    }

    /// Value of a formula, and its gradient over the coordinates' means.
    pub(super) fn gradient(&self, formula: &Formula) -> (f64, Vec<(usize, f64)>) {
        let (value, gradient) = self.evaluate(formula);
        let mut total: Vec<(usize, f64)> = vec![(Program::TIME, 0.0)];
        let time = self.tally.mean(Program::TIME);
        for (i, g) in gradient {
            total.push((i, g / time));
            total[0].1 -= g * self.tally.mean(i) / time / time;
        }
        (value, total)
    }

    /// The same of the unavailability of a condition.
    pub(super) fn unavailability_gradient(&self, up: usize) -> (f64, Vec<(usize, f64)>) {
        self.gradient(&Formula::Average(Program::down(up)))
    }

    /// Of a sum of rates, each times a constant: the greatest constant, if none of them counted a firing. Were no
    /// firing seen of all together, that constant times the bound of their common rate bounds the sum.
    fn unseen(&self, formula: &Formula) -> Option<f64> {
        let constant = |f: &Formula| is_constant(f).then(|| self.evaluate(f).0);
        match formula {
            Formula::Average(i) => (self.facts.rates.contains(i) && self.tally.totals[*i] == 0.0).then_some(1.0),
            Formula::Add(x, y) => Some(self.unseen(x)?.max(self.unseen(y)?)),
            Formula::Multiply(x, y) => match (constant(x), constant(y)) {
                (Some(factor), _) => Some(factor * self.unseen(y)?),
                (_, Some(factor)) => Some(factor * self.unseen(x)?),
                _ => None,
            },
            Formula::Divide(x, y) => Some(self.unseen(x)? / constant(y)?),
            // The rate of transitions that a parameter has taken out of the net.
            Formula::Constant(0.0) => Some(0.0),
            Formula::Constant(_) | Formula::Negate(_) | Formula::Subtract(..) => None,
        }
    }

    /// Value and gradient over the long-run averages.
    fn evaluate(&self, formula: &Formula) -> (f64, Vec<(usize, f64)>) {
        let scaled = |gradient: Vec<(usize, f64)>, factor: f64| gradient.into_iter().map(move |(i, g)| (i, g * factor));
        match formula {
            Formula::Constant(value) => (*value, Vec::new()),
            Formula::Average(i) => (self.tally.mean(*i) / self.tally.mean(Program::TIME), vec![(*i, 1.0)]),
            Formula::Negate(x) => {
                let (x, dx) = self.evaluate(x);
                (-x, scaled(dx, -1.0).collect())
            }
            Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
                let ((x, dx), (y, dy)) = (self.evaluate(x), self.evaluate(y));
                let (value, by_x, by_y) = match formula {
                    Formula::Add(..) => (x + y, 1.0, 1.0),
                    Formula::Subtract(..) => (x - y, 1.0, -1.0),
                    Formula::Multiply(..) => (x * y, y, x),
                    _ => (x / y, 1.0 / y, -x / y / y),
                };
                (value, scaled(dx, by_x).chain(scaled(dy, by_y)).collect())
            }
        }
    }
}

fn is_constant(formula: &Formula) -> bool {
    match formula {
        Formula::Constant(_) => true,
        Formula::Average(_) => false,
        Formula::Negate(x) => is_constant(x),
        Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
            is_constant(x) && is_constant(y)
        }
    }
}

/// Whether it is a sum, product or quotient only, so that its logarithm makes sense where it is above 0.
fn is_positive(formula: &Formula) -> bool {
    match formula {
        Formula::Constant(value) => *value >= 0.0,
        Formula::Average(_) => true,
        Formula::Negate(_) | Formula::Subtract(..) => false,
        Formula::Add(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => is_positive(x) && is_positive(y),
    }
}
