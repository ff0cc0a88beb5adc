//! How far a law lies from the law that the sample itself shows.

use super::sample::Sample;
use super::survival::{Step, kaplan_meier};
use crate::dist::Law;

/// Distances between a fitted law and the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// Greatest difference of the two distribution functions (Kolmogorov 1933, Smirnov 1939).
    pub kolmogorov_smirnov: f64,
    /// Squared difference, weighted by 1/(F(1 − F)), times the number of observations (Anderson and Darling 1952).
    pub anderson_darling: f64,
}

/// The distances of a law, over the range in which the Kaplan–Meier curve is known (Pettitt and Stephens 1976); none
/// where there is no such curve.
///
/// Values are known by steps only, so the curve is compared at the edges of their steps, and the comparison isn't
/// upset by the rounding.
pub fn distance(sample: &Sample, law: &Law) -> Option<Distance> {
    let steps = kaplan_meier(sample)?;
    let entry = sample.observations.iter().map(|seen| seen.entry).fold(f64::INFINITY, f64::min);
    // What entered late tells of the law beyond its entry only.
    let (base, before) = (law.survival(entry), law.cdf(entry));
    let cdf = |x: f64| if before > 0.0 { 1.0 - law.survival(x.max(entry)) / base } else { law.cdf(x) };
    Some(Distance {
        kolmogorov_smirnov: greatest(&steps, 0.5 * sample.resolution, &cdf),
        anderson_darling: sample.len() as f64 * weighted(&steps, &cdf),
    })
}

fn greatest(steps: &[Step], half: f64, cdf: &impl Fn(f64) -> f64) -> f64 {
    let (mut greatest, mut level) = (0.0_f64, 0.0);
    for step in steps {
        greatest = greatest.max((cdf(step.time - half) - level).abs());
        level = 1.0 - step.survival;
        greatest = greatest.max((cdf(step.time + half) - level).abs());
    }
    greatest
}

/// ∫ (Fₙ − F)²/(F(1 − F)) dF up to the last step: on a piece where Fₙ = c the integrand is
/// c²/u + (1 − c)²/(1 − u) − 1.
fn weighted(steps: &[Step], cdf: &impl Fn(f64) -> f64) -> f64 {
    // Law and sample may disagree on what is possible at all: that counts much, but not infinitely.
    let inside = |u: f64| u.clamp(1e-12, 1.0 - 1e-12);
    let primitive = |c: f64, u: f64| {
        let below = if c > 0.0 { c * c * libm::log(u) } else { 0.0 };
        let above = if c < 1.0 { (1.0 - c) * (1.0 - c) * libm::log1p(-u) } else { 0.0 };
        below - above - u
    };
    let (mut sum, mut from, mut level) = (0.0, 0.0, 0.0);
    for step in steps {
        let to = inside(cdf(step.time));
        sum += primitive(level, to) - primitive(level, from);
        (from, level) = (to, 1.0 - step.survival);
    }
    if level == 1.0 {
        sum += primitive(1.0, 1.0) - primitive(1.0, from);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::sample::Observation;

    /// Of a complete sample A² = −n − Σ (2i − 1)(ln u_i + ln(1 − u_(n+1−i)))/n, and D from its own formula.
    #[test]
    fn both_distances_are_those_of_the_textbook_formulas() {
        let values = [0.05, 0.3, 0.31, 0.9, 1.7, 2.2, 4.0];
        let n = values.len() as f64;
        let law = Law::Exponential { mean: 1.3 };
        let u: Vec<f64> = values.iter().map(|&x| law.cdf(x)).collect();
        let term = |i: usize| (2.0 * i as f64 + 1.0) * (u[i].ln() + (1.0 - u[values.len() - 1 - i]).ln());
        let squared = -n - (0..values.len()).map(term).sum::<f64>() / n;
        let greatest = u.iter().enumerate().map(|(i, u)| (u - i as f64 / n).max((i as f64 + 1.0) / n - u));
        let seen = values.iter().map(|&x| Observation::exact(x)).collect();
        let found = distance(&Sample::new("x", seen, 0.0).expect("a sample"), &law).expect("complete");
        assert!((found.anderson_darling - squared).abs() < 1e-9, "{found:?} {squared}");
        assert!((found.kolmogorov_smirnov - greatest.fold(0.0, f64::max)).abs() < 1e-12);
    }
}
