//! Estimates and their intervals.

use super::{Estimate, Side, quantile};

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

    /// Whether a value, give or take the `slack`, lies in the interval, or on the right side of the bound where that
    /// stands in its place; none where there is neither.
    pub fn admits(&self, value: f64, slack: f64) -> Option<bool> {
        match (self.low.zip(self.high), &self.bound) {
            (Some((low, high)), _) => Some((low - slack..=high + slack).contains(&value)),
            (None, Some(bound)) => Some(match bound.side {
                Side::Upper => value <= bound.value + slack,
                Side::Lower => value >= bound.value - slack,
            }),
            (None, None) => None,
        }
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
        let (low, high) = quantile::ranks(n, p, confidence);
        let ends = (low > 0 && high <= n).then(|| (sorted[low - 1], sorted[high - 1]));
        Estimate::between(Some(sorted[rank - 1]), ends, confidence, unit)
    }
}
