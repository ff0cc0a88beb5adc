//! How probable a sample is under a law.

use super::sample::{Observation, Sample};
use crate::dist::Law;

/// What is greatest at the law that is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Criterion {
    /// The likelihood.
    #[default]
    Likelihood,
    /// The product of the spacings of a complete sample; of others the likelihood.
    Spacings,
}

/// A sample made ready to be judged many times.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    cells: Vec<(Observation, f64)>,
    truncated: bool,
}

impl Cells {
    /// The cells of a sample.
    pub fn new(sample: &Sample) -> Cells {
        let cells = sample.cells();
        let truncated = cells.iter().any(|(seen, _)| seen.entry > 0.0 || seen.exit < f64::INFINITY);
        Cells { cells, truncated }
    }

    /// The spaces between the values of a complete sample, and before and behind them: the law under which their product
    /// is greatest exists where the likelihood has no bound (Cheng and Amin 1983, Ranneby 1984). Values that are equal,
    /// to the resolution, count for the interval that they stand for.
    pub fn spacings(sample: &Sample) -> Cells {
        let fine = sample.cells();
        let middle = |seen: &Observation| 0.5 * (seen.low + seen.high);
        let mut cells: Vec<(Observation, f64)> = Vec::new();
        let mut values: Vec<&(Observation, f64)> = fine.iter().collect();
        values.sort_by(|a, b| a.0.low.total_cmp(&b.0.low));
        let mut before = 0.0;
        for (seen, count) in values {
            cells.push((Observation::between(before, middle(seen)), 1.0));
            cells.extend((*count > 1.0).then_some((*seen, count - 1.0)));
            before = middle(seen);
        }
        cells.push((Observation::between(before, f64::INFINITY), 1.0));
        Cells { cells, truncated: false }
    }

    /// What a criterion makes as probable as can be.
    pub fn sought(sample: &Sample, criterion: Criterion) -> Cells {
        match criterion {
            Criterion::Spacings if sample.is_complete() => Cells::spacings(sample),
            Criterion::Likelihood | Criterion::Spacings => Cells::new(sample),
        }
    }

    /// The least and the greatest edge of what was seen to end, and the greatest lower edge of all, seconds.
    pub fn support(&self) -> (f64, f64, f64) {
        let low = self.cells.iter().map(|(seen, _)| seen.high).fold(f64::INFINITY, f64::min);
        let ended = self.cells.iter().map(|(seen, _)| seen.high).filter(|high| high.is_finite());
        let last = self.cells.iter().map(|(seen, _)| seen.low).fold(0.0, f64::max);
        (low, ended.fold(0.0, f64::max), last)
    }

    /// Logarithm of the likelihood: of each observation the probability of its interval, given that it could be
    /// observed at all (Lawless 2003, section 2.4); −∞ where the law rules one of them out.
    pub fn log_likelihood(&self, law: &Law) -> f64 {
        let mut sum = 0.0;
        for (seen, count) in &self.cells {
            let mut term = log_mass(law, seen.low, seen.high);
            if self.truncated {
                term -= log_mass(law, seen.entry, seen.exit);
            }
            if term.is_nan() || term == f64::NEG_INFINITY {
                return f64::NEG_INFINITY;
            }
            sum += count * term;
        }
        sum
    }
}

/// ln P(low < X ≤ high), from the end at which it keeps its digits. A value at the very beginning counts for an
/// interval from 0.
pub fn log_mass(law: &Law, low: f64, high: f64) -> f64 {
    if low <= 0.0 {
        return if high == f64::INFINITY { 0.0 } else { libm::log(law.cdf(high)) };
    }
    if high == f64::INFINITY {
        return law.log_survival(low);
    }
    let below = law.cdf(low);
    if below < 0.5 {
        return libm::log(law.cdf(high) - below);
    }
    // S(low) − S(high) = S(low)(1 − S(high)/S(low)), also where both are too small for a number.
    let (first, second) = (law.log_survival(low), law.log_survival(high));
    first + libm::log(-libm::expm1(second - first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mass_keeps_its_digits_in_both_tails() {
        let law = Law::Exponential { mean: 1.0 };
        let exact = |low: f64, width: f64| -low + (-(-width).exp_m1()).ln();
        for (low, width) in [(0.0, 1.0), (0.1, 1e-3), (2.0, 1e-6), (50.0, 0.5), (900.0, 1.0)] {
            let error = log_mass(&law, low, low + width) - exact(low, width);
            assert!(error.abs() < 1e-9, "{low} {width}: {error:e}");
        }
        assert_eq!(log_mass(&law, 3.0, f64::INFINITY), -3.0);
        assert_eq!(log_mass(&law, 0.0, f64::INFINITY), 0.0);
    }

    #[test]
    fn truncation_conditions_on_what_could_be_seen() {
        let seen = Observation { entry: 2.0, ..Observation::between(3.0, 4.0) };
        let sample = Sample::new("x", vec![seen; 5], 0.1).expect("a sample");
        let law = Law::Exponential { mean: 1.0 };
        let expected = 5.0 * ((-3.0_f64).exp() - (-4.0_f64).exp()).ln() + 5.0 * 2.0;
        assert!((Cells::new(&sample).log_likelihood(&law) - expected).abs() < 1e-12);
    }
}
