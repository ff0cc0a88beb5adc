//! Outcome → text, CSV, JSON, and the sample of failover times as CSV.

use super::outcome::{Outcome, Sample, Verdict};
use crate::stats::Estimate;
use crate::units::in_words;
use std::fmt::Write;

/// The figures for people.
pub fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    if !outcome.title.is_empty() {
        text += &format!("{}\n\n", outcome.title);
    }
    let width = outcome.figures.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, estimate) in &outcome.figures {
        let _ = writeln!(text, "{name:<width$}  {}", words(estimate));
    }
    let ended = if outcome.interrupted { ", interrupted" } else { "" };
    let _ = writeln!(text, "\n{} runs, seed {}{ended}", outcome.runs, outcome.seed);
    for verdict in &outcome.verdicts {
        text += &judged(verdict, outcome);
    }
    text
}

/// A value in the unit of its estimate.
fn value(x: f64, unit: &str) -> String {
    match unit {
        "s" if x < 0.0 => format!("-{}", in_words(-x)),
        "s" if x > 0.0 && x < 1.0 => format!("{:.4} ms", x * 1e3),
        "s" => in_words(x),
        _ => format!("{x:.5}"),
    }
}

fn words(estimate: &Estimate) -> String {
    let unit = estimate.unit.as_str();
    let Some(point) = estimate.estimate else { return "nothing was seen".to_owned() };
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) if low < high => {
            format!("{} [{}, {}]", value(point, unit), value(low, unit), value(high, unit))
        }
        _ => value(point, unit),
    }
}

fn judged(verdict: &Verdict, outcome: &Outcome) -> String {
    let unit = outcome.figures.get(&verdict.figure).map_or("", |estimate| estimate.unit.as_str());
    let found = verdict.estimate.map_or("nothing".to_owned(), |estimate| value(estimate, unit));
    let word = match verdict.holds {
        None => "published",
        Some(true) => "holds",
        Some(false) => "FAILS",
    };
    let stated = value(verdict.value, unit);
    format!("{word}: {} is {found}, and {stated} by {}\n", verdict.figure, verdict.source)
}

/// One JSON object.
pub fn json(outcome: &Outcome) -> String {
    // Plain data with text keys always has a JSON form.
    serde_json::to_string_pretty(outcome).unwrap_or_default() + "\n"
}

/// One line for each figure.
pub fn csv(outcome: &Outcome) -> String {
    let mut text = "figure,unit,estimate,low,high,confidence\n".to_owned();
    for (name, estimate) in &outcome.figures {
        let [point, low, high] = [estimate.estimate, estimate.low, estimate.high].map(cell);
        let _ = writeln!(text, "{name},{},{point},{low},{high},{}", estimate.unit, estimate.confidence);
    }
    text
}

/// One line for each takeover, in seconds: the sample that calibration takes.
pub fn samples(outcome: &Outcome) -> String {
    let mut text = "run,takeover,failed,detect_s,fence_s,resume_s,address_s,announce_s,client_s,failover_s,censored,\
                    silence_s\n"
        .to_owned();
    for sample in &outcome.samples {
        let Sample { run, takeover, failed, censored, .. } = sample;
        let stages = [sample.detect, sample.fence, sample.resume, sample.address, sample.announce, sample.client];
        let stages = stages.map(cell).join(",");
        let (failover, silence) = (cell(sample.failover), cell(sample.silence));
        let _ = writeln!(text, "{run},{takeover},{failed},{stages},{failover},{censored},{silence}");
    }
    text
}

fn cell(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
