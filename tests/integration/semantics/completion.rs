//! S9: mean completion times of an interrupted job against closed forms.
//!
//! A job of work W is worked on until a failure, at rate λ, stops it for D seconds. With L(s) = E e^(−sW) and
//! M(s) = E e^(sW) (Gaver 1962; Kulkarni, Nicola and Trivedi 1986):
//! resuming takes E W (1 + λD) in the mean; starting anew with another sample (1/L(λ) − 1)(1/λ + D);
//! repeating the same sample (M(λ) − 1)(1/λ + D).
//!
//! The mean of N = 20 000 jobs deviates by more than 4.892 standard errors with a probability of 1e-6.

use super::{SEED, law, program, times_in, traced};
use fivenines::dist::Law;

const N: usize = 20_000;

/// λ per second, and D seconds.
const RATE: f64 = 0.5;
const DOWN: f64 = 1.0;

/// Of something else that fires, per second.
const ELSE: f64 = 0.8;

/// Duration of each of N jobs, one begun when the last is done.
fn durations(written: &str, memory: &str) -> Vec<f64> {
    let net = format!(
        r#"places: {{"On": (tokens: 1), "Off": ()}}, transitions: {{
        "Fail": Timed(delay: "Exponential(rate: {RATE} / 1 s)", from: {{"On": "1"}}, to: {{"Off": "1"}}),
        "Repair": Timed(delay: "{DOWN} s", from: {{"Off": "1"}}, to: {{"On": "1"}}),
        "Else": Timed(delay: "Exponential(rate: {ELSE} / 1 s)"),
        "T": Timed(delay: "{written}", memory: {memory}, test: {{"On": "1"}})}}"#
    );
    let done = times_in(&traced(&program(&net), SEED, 7.0 * N as f64), "T");
    assert!(done.len() > N, "{}", done.len());
    std::iter::once(done[0]).chain(done.windows(2).map(|w| w[1] - w[0])).take(N).collect()
}

/// E e^(sW) by Simpson's rule.
fn transform(law: &Law, s: f64) -> f64 {
    if let Law::Deterministic { value } = law {
        return (s * value).exp();
    }
    let (from, to) = (law.quantile(0.0), law.quantile(1.0).min(60.0));
    let steps = 20_000;
    let step = (to - from) / f64::from(steps);
    let at = |i: i32| {
        // The ends of a uniform law belong to it.
        let x = (from + f64::from(i) * step).clamp(from + 1e-12, to - 1e-12);
        (s * x).exp() * law.density(x).expect("a density")
    };
    let inner: f64 = (1..steps).map(|i| if i % 2 == 1 { 4.0 * at(i) } else { 2.0 * at(i) }).sum();
    step / 3.0 * (at(0) + inner + at(steps))
}

#[test]
fn s09_mean_completion_times_of_interrupted_jobs() {
    let laws = [
        ("Deterministic(1.3 s)", law("Deterministic", &[("value", 1.3)])),
        ("Uniform(0 s, 2.5 s)", law("Uniform", &[("low", 0.0), ("high", 2.5)])),
        ("Weibull(shape: 2, scale: 1.4 s)", law("Weibull", &[("shape", 2.0), ("scale", 1.4)])),
        ("LogNormal(mean: 1.3 s, sigma: 0.6)", law("LogNormal", &[("mean", 1.3), ("sigma", 0.6)])),
    ];
    for (written, law) in laws {
        let each = 1.0 / RATE + DOWN;
        let resumes = law.mean() * (1.0 + RATE * DOWN);
        let anew = (1.0 / transform(&law, -RATE) - 1.0) * each;
        // Every firing elsewhere makes it start anew, but takes no time.
        let both = RATE + ELSE;
        let resampled = (1.0 / transform(&law, -both) - 1.0) * (1.0 + RATE * DOWN) / both;
        let mut expected = vec![("Age", resumes), ("Enabling", anew), ("Resample", resampled)];
        // A lognormal sample that is repeated has no mean completion time.
        if !written.starts_with("LogNormal") {
            expected.push(("Identical", (transform(&law, RATE) - 1.0) * each));
        }
        for &(memory, mean) in &expected {
            let sample = durations(written, memory);
            let found = sample.iter().sum::<f64>() / N as f64;
            let variance = sample.iter().map(|x| (x - found).powi(2)).sum::<f64>() / (N - 1) as f64;
            let threshold = 4.892 * (variance / N as f64).sqrt();
            assert!((found - mean).abs() < threshold, "{written}, {memory}: {found} for {mean} ± {threshold}");
            for &(other, wrong) in expected.iter().filter(|(_, wrong)| (wrong / mean - 1.0).abs() > 1e-9) {
                assert!((found - wrong).abs() > threshold, "{written}: {memory} can't be told from {other}");
            }
        }
    }
}
