//! The whole way from a sample to the law that a net should use.

use super::Settings;
use super::bootstrap::{Bootstrap, bootstrap};
use super::fit::{Fit, Unfit, Watch, fits};
use super::goodness::{Distance, distance};
use super::sample::Sample;
use super::survival::{Step, kaplan_meier};
use super::written::{Value, Written};
use crate::units::Dimension;

/// Chance of distances as great as the sample's below which a law is taken to be refuted.
pub const REFUTED: f64 = 0.05;

/// Most values that an empirical law is written with.
const MOST_VALUES: usize = 10_000;

/// What a sample says about its law.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The laws that were fitted, that of the least AICc first.
    pub laws: Vec<Examined>,
    /// Those that weren't, and why.
    pub others: Vec<Unfit>,
    /// The law that the sample shows itself, where it is right-censored at most.
    pub curve: Option<Vec<Step>>,
    /// What to use.
    pub verdict: Verdict,
}

/// A fitted law, and how good it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// Family, law and criteria.
    pub fit: Fit,
    /// By how much its AICc exceeds the least.
    pub behind: f64,
    /// How far it lies from the sample's own law.
    pub distance: Option<Distance>,
    /// Of the foremost laws only.
    pub bootstrap: Option<Bootstrap>,
}

/// A number of a fitted law.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As in its form.
    pub name: String,
    /// Power of time.
    pub dimension: Dimension,
    /// The likeliest value, base units.
    pub value: f64,
    /// From the quantiles of the bootstrap; none without one.
    pub interval: Option<(f64, f64)>,
}

/// What to use.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The law at this index, which the sample doesn't refute.
    Fits(usize),
    /// The law at this index, though whether it fits can't be tested: the sample has no Kaplan–Meier curve.
    Untested(usize),
    /// Every value is the same, to the resolution.
    Constant(Written),
    /// None of the laws fits; the sample itself is a law.
    Empirical(Written),
    /// None of the laws fits, and the sample is no law itself: it is censored, or too large to be written.
    Nothing,
}

impl Examined {
    /// Its numbers, with intervals at that confidence.
    pub fn parameters(&self, confidence: f64) -> Vec<Parameter> {
        let one = |(i, (name, dimension, value)): (usize, (String, Dimension, f64))| {
            let interval = self.bootstrap.as_ref().and_then(|found| percentiles(found, i, confidence));
            Parameter { name, dimension, value, interval }
        };
        self.fit.written.numbers().into_iter().enumerate().map(one).collect()
    }

    /// Whether the sample refutes it; none where that wasn't tested.
    pub fn is_refuted(&self) -> Option<bool> {
        let (_, anderson_darling) = self.bootstrap.as_ref()?.p_values?;
        Some(anderson_darling < REFUTED)
    }
}

impl Calibration {
    /// The law to use, if there is one.
    pub fn law(&self) -> Option<&Written> {
        match &self.verdict {
            Verdict::Fits(index) | Verdict::Untested(index) => self.laws.get(*index).map(|law| &law.fit.written),
            Verdict::Constant(law) | Verdict::Empirical(law) => Some(law),
            Verdict::Nothing => None,
        }
    }
}

/// The percentile interval of the `index`th number (Efron and Tibshirani 1993, chapter 13).
fn percentiles(found: &Bootstrap, index: usize, confidence: f64) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = found.draws.iter().filter_map(|draw| Some(draw.numbers().get(index)?.2)).collect();
    values.sort_by(f64::total_cmp);
    let (count, tail) = ((values.len() + 1) as f64, 0.5 * (1.0 - confidence));
    if count * tail < 0.5 {
        return None;
    }
    let low = (count * tail).round() as usize;
    Some((*values.get(low - 1)?, *values.get(values.len() - low)?))
}

/// Fits, ranks, tests and judges. None when stopped.
pub fn calibrate(sample: &Sample, settings: &Settings, watch: &Watch) -> Option<Calibration> {
    let curve = kaplan_meier(sample);
    if let Some(law) = constant(sample) {
        return Some(Calibration { laws: Vec::new(), others: Vec::new(), curve, verdict: Verdict::Constant(law) });
    }
    let (fits, others) = fits(sample, settings.criterion, watch)?;
    let least = fits.first().map_or(0.0, |fit| fit.aicc);
    let mut laws: Vec<Examined> = Vec::new();
    for (rank, fit) in fits.into_iter().enumerate() {
        let examined = rank < settings.candidates;
        let found =
            if examined { Some(bootstrap(sample, &fit, settings.replicates, settings.seed, watch)?) } else { None };
        if (watch.stop)() {
            return None;
        }
        let distance = distance(sample, fit.written.law());
        laws.push(Examined { behind: fit.aicc - least, fit, distance, bootstrap: found });
    }
    let verdict = verdict(sample, &laws);
    Some(Calibration { laws, others, curve, verdict })
}

fn verdict(sample: &Sample, laws: &[Examined]) -> Verdict {
    if let Some(index) = laws.iter().position(|law| law.is_refuted() == Some(false)) {
        return Verdict::Fits(index);
    }
    let tested = laws.iter().any(|law| law.is_refuted().is_some());
    if !tested && !laws.is_empty() {
        return Verdict::Untested(0);
    }
    empirical(sample).map_or(Verdict::Nothing, Verdict::Empirical)
}

/// The law of a sample whose values are all the same.
fn constant(sample: &Sample) -> Option<Written> {
    let first = sample.observations.first()?.low;
    let same = sample.observations.iter().all(|seen| seen.is_exact() && (seen.low - first).abs() <= 1e-9 * first);
    same.then(|| Written::new("Deterministic", &[("value", Value::Number(first))]).ok()).flatten()
}

/// The sample as a law; none where it isn't complete, or too large.
pub fn empirical(sample: &Sample) -> Option<Written> {
    if !sample.is_complete() || sample.len() > MOST_VALUES {
        return None;
    }
    // In the order of the file, so that the values of one row keep their place.
    let values: Vec<f64> = sample.observations.iter().map(|seen| seen.low).collect();
    Written::new("Empirical", &[("sample", Value::Numbers(values))]).ok()
}
