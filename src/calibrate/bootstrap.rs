//! Samples that might as well have been: what a fit's parameters and distances would be then.

use super::fit::{Fit, Watch, refit};
use super::goodness::{Distance, distance};
use super::sample::{Observation, Sample};
use super::survival::{Step, censoring};
use super::written::Written;
use crate::dist::Law;
use crate::rng::{Draw, StreamKey};
use rayon::prelude::*;

/// What the replicates of one fit gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// The law fitted to each replicate.
    pub draws: Vec<Written>,
    /// Whether replicates came from the fitted law (parametric), else from the sample itself.
    pub parametric: bool,
    /// Chance of distances as great as the sample's if the law were true (Stute et al. 1993; one replicate more is
    /// counted, so that it is never 0): Kolmogorov–Smirnov's and Anderson–Darling's.
    pub p_values: Option<(f64, f64)>,
}

/// Draws `replicates` samples like the given one and fits the same family to each. None when stopped.
///
/// Where the Kaplan–Meier curve is defined the replicates are drawn from the fitted law, entered and censored like the
/// sample and rounded to its resolution; else its observations themselves are drawn again.
pub fn bootstrap(sample: &Sample, fit: &Fit, replicates: u64, seed: u64, watch: &Watch) -> Option<Bootstrap> {
    let parametric = sample.is_right_censored_only();
    let curve = censoring(sample);
    let one = |index: u64| -> Option<(Written, Option<Distance>)> {
        // A great sample takes long to be drawn.
        if (watch.stop)() {
            return None;
        }
        let mut stream = StreamKey::of("bootstrap").stream(seed, index);
        let mut draw = || stream.draw();
        let observations: Vec<Observation> = match parametric {
            true => sample
                .observations
                .iter()
                .map(|seen| again(seen, sample, fit.written.law(), &curve, &mut draw))
                .collect(),
            false => sample.observations.iter().map(|_| pick(&sample.observations, &mut draw())).collect(),
        };
        let drawn = Sample::new(sample.name.clone(), observations, sample.resolution).ok()?;
        let fitted = refit(fit, &drawn, watch.stop)?;
        (watch.done)();
        let distance = distance(&drawn, fitted.law());
        Some((fitted, distance))
    };
    let found: Vec<(Written, Option<Distance>)> = (0..replicates).into_par_iter().filter_map(one).collect();
    if (watch.stop)() {
        return None;
    }
    let p_values = distance(sample, fit.written.law()).filter(|_| parametric).map(|own| {
        let reached = |of: fn(&Distance) -> f64| {
            let others = found.iter().filter_map(|(_, distance)| distance.as_ref());
            (others.filter(|other| of(other) >= of(&own)).count() + 1) as f64 / (found.len() + 1) as f64
        };
        (reached(|d| d.kolmogorov_smirnov), reached(|d| d.anderson_darling))
    });
    Some(Bootstrap { draws: found.into_iter().map(|(law, _)| law).collect(), parametric, p_values })
}

/// An observation under the fitted law: as late entered, as early lost, as coarsely measured.
fn again(
    seen: &Observation,
    sample: &Sample,
    law: &Law,
    curve: &[Step],
    draw: &mut impl FnMut() -> Draw,
) -> Observation {
    let value = match seen.entry > 0.0 {
        true => seen.entry + law.sample_residual(seen.entry, &mut draw()),
        false => law.sample(&mut draw()),
    };
    let value = match sample.resolution > 0.0 {
        true => (libm::round(value / sample.resolution) * sample.resolution).max(seen.entry),
        false => value,
    };
    let lost = lost_at(curve, draw().uniform());
    let (low, high) = if lost < value && lost > seen.entry { (lost, f64::INFINITY) } else { (value, value) };
    Observation { low, high, ..*seen }
}

/// A time of the censoring curve; infinite beyond its end.
fn lost_at(curve: &[Step], u: f64) -> f64 {
    let index = curve.partition_point(|step| step.survival > u);
    curve.get(index).map_or(f64::INFINITY, |step| step.time)
}

fn pick(observations: &[Observation], draw: &mut Draw) -> Observation {
    let index = (draw.uniform() * observations.len() as f64) as usize;
    observations[index.min(observations.len() - 1)]
}
