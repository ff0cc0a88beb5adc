//! An estimate before its confidence is chosen, so that the interval can be rebuilt at another one.

use super::moments::Moments;
use super::{Bound, Estimate, Side, quantile};

/// The scale on which the error is taken as symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The quantity itself.
    Linear,
    /// Its logarithm: for positive quantities, whose interval then stays positive.
    Log,
    /// Its logarithm, for a quantity in (0, 1], whose interval ends at 1.
    Fraction,
}

/// A point estimate with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error, on the linear scale.
    pub error: f64,
    /// Degrees of freedom of the error; infinite for a known one.
    pub freedom: f64,
    /// Where the error is symmetric.
    pub scale: Scale,
}

impl Interval {
    /// Of coordinate `i` of a mean vector; none with fewer than two vectors.
    pub fn of_mean(moments: &Moments, i: usize, scale: Scale) -> Option<Interval> {
        let mean = *moments.mean().get(i)?;
        let mut gradient = vec![0.0; i + 1];
        gradient[i] = 1.0;
        Interval::of_function(moments, mean, &gradient, scale)
    }

    /// Of the ratio of coordinates `above` and `below` of a mean vector; none with fewer than two vectors or a
    /// denominator of 0.
    pub fn of_ratio(moments: &Moments, above: usize, below: usize, scale: Scale) -> Option<Interval> {
        let (x, y) = (*moments.mean().get(above)?, *moments.mean().get(below)?);
        if y == 0.0 {
            return None;
        }
        let mut gradient = vec![0.0; moments.mean().len()];
        gradient[above] += 1.0 / y;
        gradient[below] -= x / y / y;
        Interval::of_function(moments, x / y, &gradient, scale)
    }

    /// Of a smooth function of the mean vector, from its value and gradient there (delta method); none with fewer
    /// than two vectors, or when value or error is no finite number.
    pub fn of_function(moments: &Moments, value: f64, gradient: &[f64], scale: Scale) -> Option<Interval> {
        let error = moments.error(gradient)?;
        let known = value.is_finite() && error.is_finite();
        known.then(|| Interval { estimate: value, error, freedom: (moments.count() - 1) as f64, scale })
    }

    /// The two-sided interval at a confidence in (0, 1); none where there can't be one: on a logarithmic scale an
    /// estimate that isn't positive.
    pub fn bounds(&self, confidence: f64) -> Option<(f64, f64)> {
        let reach = quantile::student(0.5 + 0.5 * confidence, self.freedom) * self.error;
        let (low, high) = match self.scale {
            Scale::Linear => (self.estimate - reach, self.estimate + reach),
            _ if self.estimate > 0.0 => {
                let factor = libm::exp(reach / self.estimate);
                let high = self.estimate * factor;
                (self.estimate / factor, if self.scale == Scale::Fraction { high.min(1.0) } else { high })
            }
            _ => return None,
        };
        (low.is_finite() && high.is_finite()).then_some((low, high))
    }

    /// The serialisable estimate.
    pub fn at(&self, confidence: f64, unit: &str) -> Estimate {
        self.map(confidence, unit, |x| x)
    }

    /// The estimate of a monotone function of the quantity: its interval is the image of this one.
    pub fn map(&self, confidence: f64, unit: &str, f: impl Fn(f64) -> f64) -> Estimate {
        let ends = self.bounds(confidence).map(|(low, high)| (f(low), f(high)));
        let positive = self.scale == Scale::Linear || self.estimate > 0.0;
        let estimate = Some(f(self.estimate)).filter(|value| positive && value.is_finite());
        Estimate::between(estimate, ends.map(|(a, b)| (a.min(b), a.max(b))), confidence, unit)
    }
}

impl Estimate {
    /// Nothing known.
    pub fn unknown(confidence: f64, unit: &str) -> Estimate {
        Estimate::between(None, None, confidence, unit)
    }

    /// A point and an interval around it; ends that aren't finite, or without a point, are left out.
    pub fn between(point: Option<f64>, ends: Option<(f64, f64)>, confidence: f64, unit: &str) -> Estimate {
        let ends = ends.filter(|(low, high)| point.is_some() && low.is_finite() && high.is_finite());
        let reached = ends.zip(point).filter(|(_, value)| *value != 0.0);
        Estimate {
            estimate: point,
            low: ends.map(|(low, _)| low),
            high: ends.map(|(_, high)| high),
            confidence,
            unit: unit.to_string(),
            reached: reached.map(|((low, high), value)| (high - low) / 2.0 / value.abs()),
            bound: None,
        }
    }

    /// The rate of a Poisson process of which `events` were seen in `time` seconds, with its exact interval;
    /// without events the one-sided upper bound −ln(1 − confidence)/time, 3.0/time at 95 %.
    pub fn poisson_rate(events: u64, time: f64, confidence: f64) -> Estimate {
        let blank = Estimate::unknown(confidence, "1/s");
        if !(time > 0.0 && time.is_finite()) {
            return blank;
        }
        if events == 0 {
            let value = quantile::poisson_mean(1.0 - confidence, 0) / time;
            let bound = Bound { side: Side::Upper, value, because: format!("no event in {time:.3e} s") };
            return Estimate { bound: Some(bound), ..blank };
        }
        let (low, high) = quantile::poisson_interval(events, confidence);
        Estimate::between(Some(events as f64 / time), Some((low / time, high / time)), confidence, "1/s")
    }

    /// A probability of which `seen` of `count` trials are evidence, with its exact interval.
    pub fn proportion(seen: u64, count: u64, confidence: f64) -> Estimate {
        if count == 0 {
            return Estimate::unknown(confidence, "");
        }
        let ends = quantile::proportion(seen, count, confidence);
        Estimate::between(Some(seen.min(count) as f64 / count as f64), Some(ends), confidence, "")
    }

    /// The quantile `p` of the law of a sample in ascending order, with the interval between two of its values that
    /// holds for every law (binomial). A sample too small for one has no interval.
    pub fn sample_quantile(sorted: &[f64], p: f64, confidence: f64, unit: &str) -> Estimate {
        let n = sorted.len();
        if n == 0 || !(p > 0.0 && p < 1.0) {
            return Estimate::unknown(confidence, unit);
        }
        let rank = ((p * n as f64).ceil() as usize).clamp(1, n);
        let tail = 0.5 * (1.0 - confidence);
        // With K ~ Bin(n, p) values below the quantile: value l (from 1) lies above it if K < l, u below it if K ≥ u.
        let below = |k: usize| quantile::binomial_cdf(k as u64, n as u64, p);
        let low = partition(n, |k| below(k) <= tail);
        let high = partition(n, |k| below(k) < 1.0 - tail) + 1;
        let ends = (low > 0 && high <= n).then(|| (sorted[low - 1], sorted[high - 1]));
        Estimate::between(Some(sorted[rank - 1]), ends, confidence, unit)
    }
}

/// The first of 0..n for which the condition, true up to some point, isn't; n if there is none.
fn partition(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
