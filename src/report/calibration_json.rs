//! Findings of a calibration → one JSON object.

use super::SCHEMA;
use super::calibration::{Calibrated, kinds};
use crate::calibrate::counts::{Counts, Rate};
use crate::calibrate::findings::Dependence;
use crate::calibrate::survival::Step;
use crate::calibrate::{Examined, Origin, Quantity, Verdict};
use indexmap::IndexMap;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'d> {
    schema: u32,
    version: &'static str,
    file: &'d str,
    sha256: &'d str,
    seed: u64,
    confidence: f64,
    replicates: u64,
    interrupted: bool,
    quantities: Vec<Told<'d>>,
    dependence: &'d [Dependence],
}

/// A quantity; times in seconds.
#[derive(Serialize)]
struct Told<'d> {
    name: &'d str,
    observations: usize,
    kinds: IndexMap<&'static str, usize>,
    resolution: f64,
    verdict: &'static str,
    law: Option<String>,
    origin: Option<&'static str>,
    laws: Vec<Law>,
    not_fitted: Vec<NotFitted<'d>>,
    kaplan_meier: Option<&'d [Step]>,
}

#[derive(Serialize)]
struct Law {
    family: &'static str,
    law: String,
    parameters: Vec<Number>,
    log_likelihood: f64,
    aicc: Option<f64>,
    bic: f64,
    /// Whether AICc and BIC hold in theory.
    regular: bool,
    kolmogorov_smirnov: Option<f64>,
    kolmogorov_smirnov_chance: Option<f64>,
    anderson_darling: Option<f64>,
    anderson_darling_chance: Option<f64>,
}

#[derive(Serialize)]
struct Number {
    name: String,
    unit: String,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Serialize)]
struct NotFitted<'d> {
    family: &'static str,
    because: &'d str,
}

/// The findings of a table.
pub(super) fn json(of: &Calibrated) -> String {
    let settings = &of.findings.settings;
    pretty(&Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        file: of.file,
        sha256: of.sha256,
        seed: settings.seed,
        confidence: settings.confidence,
        replicates: settings.replicates,
        interrupted: of.findings.interrupted,
        quantities: of.findings.quantities.iter().map(|quantity| told(quantity, settings.confidence)).collect(),
        dependence: &of.findings.dependence,
    })
}

/// What failures in a time say.
pub fn rate_json(counts: &Counts, rate: &Rate, (confidence, seed): (f64, u64)) -> String {
    #[derive(Serialize)]
    struct Document {
        schema: u32,
        version: &'static str,
        failures: u64,
        time: f64,
        mean: f64,
        low: f64,
        high: Option<f64>,
        confidence: f64,
        seed: u64,
    }
    pretty(&Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        failures: counts.failures,
        time: counts.time,
        mean: rate.mean,
        low: rate.interval.0,
        high: Some(rate.interval.1).filter(|high| high.is_finite()),
        confidence,
        seed,
    })
}

fn pretty(document: &impl Serialize) -> String {
    // Plain data with text keys always has a JSON form.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

fn told(quantity: &Quantity, confidence: f64) -> Told<'_> {
    let Quantity { sample, calibration, chosen, .. } = quantity;
    Told {
        name: &sample.name,
        observations: sample.len(),
        kinds: kinds(sample).into_iter().filter(|(_, count)| *count > 0).collect(),
        resolution: sample.resolution,
        verdict: match calibration.verdict {
            Verdict::Fits(_) => "fits",
            Verdict::Untested(_) => "untested",
            Verdict::Constant(_) => "constant",
            Verdict::Empirical(_) => "empirical",
            Verdict::Nothing => "nothing",
        },
        law: chosen.as_ref().map(|chosen| chosen.law.text()),
        origin: chosen.as_ref().map(|chosen| match chosen.origin {
            Origin::Fitted(_) => "fitted",
            Origin::Sample => "sample",
            Origin::Constant => "constant",
        }),
        laws: calibration.laws.iter().map(|examined| law(examined, confidence)).collect(),
        not_fitted: calibration
            .others
            .iter()
            .map(|other| NotFitted { family: other.family.name(), because: &other.because })
            .collect(),
        kaplan_meier: calibration.curve.as_deref(),
    }
}

fn law(of: &Examined, confidence: f64) -> Law {
    let parameters = of.parameters(confidence).into_iter().map(|one| Number {
        name: one.name,
        unit: one.dimension.base_unit(),
        value: one.value,
        low: one.interval.map(|ends| ends.0),
        high: one.interval.map(|ends| ends.1),
    });
    let chances = of.bootstrap.as_ref().and_then(|found| found.p_values);
    Law {
        family: of.fit.family.name(),
        law: of.fit.written.text(),
        parameters: parameters.collect(),
        log_likelihood: of.fit.log_likelihood,
        aicc: Some(of.fit.aicc).filter(|aicc| aicc.is_finite()),
        bic: of.fit.bic,
        regular: of.fit.family.is_regular(),
        kolmogorov_smirnov: of.distance.map(|distance| distance.kolmogorov_smirnov),
        kolmogorov_smirnov_chance: chances.map(|chances| chances.0),
        anderson_darling: of.distance.map(|distance| distance.anderson_darling),
        anderson_darling_chance: chances.map(|chances| chances.1),
    }
}
