//! What is known of a question, and the estimate that it makes at any confidence.
//!
//! Probabilities have exact intervals (Clopper and Pearson 1934), also where dependent outages count for fewer (Korn
//! and Graubard 1998); means those of ratios of sums over independent paths; quantiles lie between two values of the
//! sample, whatever the law (Woodruff 1952 for dependent values).

use crate::net::question::Question;
use crate::stats::{Bound, Estimate, Side, quantile};
use serde::{Deserialize, Serialize};

/// With fewer paths that show something than that, no interval is narrower than the exact one of a Poisson count says.
const FEW: u64 = 30;

/// Spare standard deviations of a rank on either side of what is kept of a sample.
const SPARE: f64 = 9.0;

/// What is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Evidence {
    /// The value itself; none where there is no such thing.
    Exact(Option<f64>),
    /// A ratio of means.
    Ratio(Kind, Moments),
    /// A quantile.
    Order(Order),
    /// Of a reliability: independent estimates of the small probability that it lacks.
    Lacking(Moments),
}

/// What kind of number a ratio of means is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Any.
    Any,
    /// Never below 0.
    Positive,
    /// A number of events, or firings.
    Count,
    /// A share of a time, from 0 to 1.
    Share,
    /// The share of some cases that are so; the cases of one path may depend on each other.
    Chance,
}

/// Sums over independent paths of a pair of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Moments {
    /// How many paths.
    pub count: u64,
    /// Sum of what stands above.
    pub x: f64,
    /// Sum of what stands below.
    pub y: f64,
    /// Centred products.
    xx: f64,
    xy: f64,
    yy: f64,
    /// Paths of which x isn't 0.
    pub seen: u64,
    /// Paths of which x falls short of y.
    pub short: u64,
    /// Paths of which y isn't 0.
    pub asked: u64,
}

impl Moments {
    /// Adds a path.
    pub fn add(&mut self, x: f64, y: f64) {
        let n = self.count as f64;
        if self.count > 0 {
            let scale = 1.0 / (n * (n + 1.0));
            let (dx, dy) = (n * x - self.x, n * y - self.y);
            self.xx += scale * dx * dx;
            self.xy += scale * dx * dy;
            self.yy += scale * dy * dy;
        }
        self.count += 1;
        self.x += x;
        self.y += y;
        self.seen += u64::from(x != 0.0);
        self.short += u64::from(x < y);
        self.asked += u64::from(y != 0.0);
    }

    fn ratio(&self) -> f64 {
        self.x / self.y
    }

    /// Standard error of the ratio, by the delta method; NaN of fewer than two paths.
    pub fn error(&self) -> f64 {
        if self.count < 2 {
            return f64::NAN;
        }
        let (n, r) = (self.count as f64, self.ratio());
        let spread = (self.xx - 2.0 * r * self.xy + r * r * self.yy).max(0.0);
        (spread * n / (n - 1.0)).sqrt() / self.y
    }

    /// The same pairs with y − x above.
    fn complement(&self) -> Moments {
        let (xx, xy) = (self.xx - 2.0 * self.xy + self.yy, self.yy - self.xy);
        Moments { x: self.y - self.x, xx, xy, seen: self.short, short: self.seen, ..*self }
    }

    /// Of how many independent cases the ratio is as certain as it is.
    pub fn effective(&self) -> f64 {
        let (p, error) = (self.ratio(), self.error());
        if error.is_nan() || error <= 0.0 || p <= 0.0 || p >= 1.0 {
            return self.y.min(self.asked as f64);
        }
        (p * (1.0 - p) / (error * error)).min(self.y)
    }
}

/// The values of a sample about a quantile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    p: f64,
    /// Length of the sample.
    count: usize,
    /// As many independent values are as good.
    effective: f64,
    /// Values in ascending order before those that are kept.
    before: usize,
    values: Vec<f64>,
}

impl Order {
    /// Of a sample, which is put in order; `effective` as [`Moments::effective`] has it.
    pub fn new(p: f64, sample: &mut [f64], effective: f64) -> Order {
        sample.sort_by(f64::total_cmp);
        let count = sample.len();
        let effective = effective.clamp(1.0, count.max(1) as f64);
        let rank = (p * count as f64).ceil();
        let share = SPARE * (p * (1.0 - p) / effective).sqrt() + SPARE * SPARE / effective;
        let spare = (share * count as f64).ceil() + 2.0;
        let before = (rank - 1.0 - spare).max(0.0) as usize;
        // What never ends has no place in a file, and none among the ends of an interval.
        let finite = sample.partition_point(|x| x.is_finite());
        let end = ((rank + spare) as usize).min(finite);
        Order { p, count, effective, before: before.min(end), values: sample[before.min(end)..end].to_vec() }
    }

    /// The value of a rank, from 1; none outside of what is kept.
    fn value(&self, rank: usize) -> Option<f64> {
        self.values.get(rank.checked_sub(self.before + 1)?).copied()
    }

    fn estimate(&self, confidence: f64) -> Estimate {
        if self.count == 0 {
            return Estimate::unknown(confidence, "");
        }
        let rank = ((self.p * self.count as f64).ceil() as usize).clamp(1, self.count);
        let independent = (self.effective as usize).max(1);
        let (low, high) = quantile::ranks(independent, self.p, confidence);
        let per = self.count as f64 / independent as f64;
        let low = if low == 0 { None } else { self.value(((low as f64 * per).floor() as usize).clamp(1, rank)) };
        let above = |high: usize| ((high as f64 * per).ceil() as usize).clamp(rank, self.count);
        let high = if high > independent { None } else { self.value(above(high)) };
        let point = self.value(rank).filter(|value| value.is_finite());
        Estimate::between(point, low.zip(high), confidence, "")
    }
}

impl Evidence {
    /// The estimate of a question from what is known of it; `exact`: where chance has no part, nothing needs to vary.
    pub fn estimate(&self, question: &Question, confidence: f64, exact: bool) -> Estimate {
        let estimate = match self {
            Evidence::Exact(value) => {
                let value = value.filter(|value| value.is_finite());
                Estimate::between(value, value.map(|value| (value, value)), confidence, "")
            }
            Evidence::Ratio(kind, moments) => ratio(*kind, moments, confidence, exact),
            Evidence::Order(order) => order.estimate(confidence),
            Evidence::Lacking(moments) => {
                let lacking = positive(moments, confidence, false);
                // 1 less a small number, from which something is to be taken again, would have few digits.
                let Question { offset, factor, .. } = *question;
                return affine(&lacking, &Question { offset: offset + factor, factor: -factor, ..question.clone() });
            }
        };
        affine(&estimate, question)
    }

    /// Whether a snapshot may hold it.
    pub fn is_sound(&self) -> bool {
        match self {
            Evidence::Order(order) => order.before.checked_add(order.values.len()).is_some_and(|n| n <= order.count),
            _ => true,
        }
    }
}

/// `offset + factor · x`.
fn affine(of: &Estimate, question: &Question) -> Estimate {
    let at = |x: f64| question.value(x);
    let ends = of.low.zip(of.high).map(|(low, high)| match question.factor < 0.0 {
        true => (at(high), at(low)),
        false => (at(low), at(high)),
    });
    let bound = of.bound.as_ref().filter(|_| question.factor != 0.0).map(|bound| {
        let side = match (bound.side, question.factor < 0.0) {
            (Side::Upper, true) => Side::Lower,
            (Side::Lower, true) => Side::Upper,
            (side, false) => side,
        };
        Bound { side, value: at(bound.value), because: bound.because.clone() }
    });
    let unit = question.dimension.base_unit();
    Estimate { bound, ..Estimate::between(of.estimate.map(at), ends, of.confidence, &unit) }
}

fn ratio(kind: Kind, of: &Moments, confidence: f64, exact: bool) -> Estimate {
    let mean = of.ratio();
    if of.count == 0 || !mean.is_finite() {
        return Estimate::unknown(confidence, "");
    }
    let point = |ends| Estimate::between(Some(mean), ends, confidence, "");
    match kind {
        _ if exact && of.error() == 0.0 => point(Some((mean, mean))),
        Kind::Chance => {
            let n = of.effective();
            point(Some(quantile::proportion_of(mean.min(1.0) * n, n, confidence)))
        }
        Kind::Share if mean > 0.5 => {
            let less = positive(&of.complement(), confidence, true);
            let ends = less.low.zip(less.high).map(|(low, high)| (1.0 - high, 1.0 - low));
            let bound = less.bound.map(|bound| Bound { side: Side::Lower, value: 1.0 - bound.value, ..bound });
            let seen = less.estimate.map(|_| mean);
            Estimate { bound, ..Estimate::between(seen, ends, confidence, "") }
        }
        Kind::Share => positive(of, confidence, true),
        Kind::Count => positive(of, confidence, true),
        Kind::Positive => positive(of, confidence, false),
        Kind::Any => match of.error() {
            // Nothing varied: the interval isn't nothing, it is unknown.
            error if error > 0.0 => {
                let half = student(of.count, confidence) * error;
                point(Some((mean - half, mean + half)))
            }
            _ => point(None),
        },
    }
}

fn student(count: u64, confidence: f64) -> f64 {
    quantile::student(0.5 + 0.5 * confidence, (count.max(2) - 1) as f64)
}

/// The interval on the logarithmic scale, which is that of the exact Poisson interval at the least where few paths show
/// anything; of nothing a bound, where a path can't show more than one `each`.
fn positive(of: &Moments, confidence: f64, each: bool) -> Estimate {
    let (mean, seen) = (of.ratio(), of.seen);
    if seen == 0 {
        let because = format!("nothing of it on {} paths", of.count);
        // A path that shows anything counts in full.
        let value = -libm::log(1.0 - confidence) / of.y;
        let bound = (each && value.is_finite()).then_some(Bound { side: Side::Upper, value, because });
        return Estimate { bound, ..Estimate::unknown(confidence, "") };
    }
    let error = of.error();
    if error.is_nan() || error <= 0.0 || mean <= 0.0 {
        return Estimate::between(Some(mean), None, confidence, "");
    }
    let spread = libm::exp(student(of.count.min(seen.max(2)), confidence) * error / mean);
    let (mut low, mut high) = (mean / spread, mean * spread);
    if seen < FEW {
        let (least, most) = quantile::poisson_interval(seen, confidence);
        low = low.min(mean * least / seen as f64);
        high = high.max(mean * most / seen as f64);
    }
    Estimate::between(Some(mean), Some((low, high)), confidence, "")
}
