//! Outcome → text, CSV, JSON, and the samples of failover and recovery times as CSV.

use super::outcome::{Outcome, Recovery, Sample, Verdict};
use super::sip_actors::Function;
use crate::stats::Estimate;
use crate::units::in_words;
use std::fmt::Write;

/// The figures for people.
pub fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    if !outcome.title.is_empty() {
        text += &format!("{}\n\n", outcome.title);
    }
    let idle = idle_stages(outcome);
    let of_idle = |name: &str| idle.iter().any(|stage| name == *stage || name.starts_with(&format!("{stage} ")));
    let told = || outcome.figures.iter().filter(|(name, _)| !name.contains(": ") && !of_idle(name));
    let width = told().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, estimate) in told() {
        let _ = writeln!(text, "{name:<width$}  {}", words(estimate));
    }
    if !idle.is_empty() {
        let _ = writeln!(text, "{:<width$}  {}", "no time at all", idle.join(", "));
    }
    text += &functions(outcome);
    let ended = if outcome.interrupted { ", interrupted" } else { "" };
    let _ = writeln!(text, "\n{} runs, seed {}{ended}", outcome.runs, outcome.seed);
    for verdict in &outcome.verdicts {
        text += &judged(verdict, outcome);
    }
    text
}

/// Stages of a takeover that took no time in any: what the plan gives none.
fn idle_stages(outcome: &Outcome) -> Vec<&'static str> {
    let most = |stage: &str| outcome.figures.get(&format!("{stage} max")).and_then(|most| most.estimate);
    ["fence", "resume", "address", "announce", "client"].into_iter().filter(|stage| most(stage) == Some(0.0)).collect()
}

/// Columns of the table of functions: their heads, and the figure of each.
const COLUMNS: [(&str, &str); 12] = [
    ("failures", "failures"),
    ("recovery", "recovery"),
    ("p99", "recovery p99"),
    ("reg. failed", "registrations failed"),
    ("reg. late", "registrations delayed"),
    ("reg. resumed", "registration resumed"),
    ("bindings lost", "bindings lost"),
    ("calls refused", "calls refused"),
    ("calls late", "calls delayed"),
    ("calls lost", "calls lost"),
    ("escalations", "escalations"),
    ("process ends", "process ends"),
];

/// One line for each function that failed: what the runs gave in which it alone failed.
fn functions(outcome: &Outcome) -> String {
    let known = |function: &Function| outcome.figures.contains_key(&format!("{}: failures", function.name()));
    let mut rows = vec![COLUMNS.map(|(head, _)| head.to_owned()).to_vec()];
    let mut names = vec!["failing function"];
    for function in Function::ALL.iter().filter(|function| known(function)) {
        let estimate = |figure: &str| outcome.figures.get(&format!("{}: {figure}", function.name()));
        let cell = |estimate: &Estimate| estimate.estimate.map(|point| value(point, &estimate.unit));
        let cells = COLUMNS.map(|(_, figure)| estimate(figure).and_then(cell).unwrap_or_else(|| "-".to_owned()));
        rows.push(cells.to_vec());
        names.push(function.name());
    }
    if names.len() == 1 {
        return String::new();
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let first = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let mut text = "\n".to_owned();
    for (name, row) in names.iter().zip(&rows) {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("  {cell:>0$}", width(column)));
        let _ = writeln!(text, "{name:<first$}{}", cells.collect::<String>());
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

/// One line for each failure of a function, in seconds: the sample that calibration takes.
pub fn recoveries(outcome: &Outcome) -> String {
    let mut text = "run,fault,function,failed_s,failures,escalations,process_ends,recovery_s,censored,registration_s,\
                    call_s\n"
        .to_owned();
    for sample in &outcome.recoveries {
        let Recovery { run, fault, function, failed, failures, escalations, ends, recovery, censored, .. } = sample;
        let (registration, call) = (cell(sample.registration), cell(sample.call));
        let _ = writeln!(
            text,
            "{run},{fault},{function},{failed},{failures},{escalations},{ends},{recovery},{censored},{registration},{call}"
        );
    }
    text
}

fn cell(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
