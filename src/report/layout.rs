//! Outcome → blocks: the order in which an architect reads.
//!
//! First what came out, beside it what others published and how the designs compare; then the details, what was
//! expected, how it was computed, and what to beware of.

use super::Report;
use super::account::account;
use super::document::Block;
use super::gate::{gate, verdict as gate_verdict};
use super::sentences::{comparison, cross_check, crossing, ranking, spent, verdict};
use super::studies;
use super::tables::{conditions, leading, measures, neighbours, procedure, published, years};
use super::uncertainty;
use crate::experiment::gate::Ruling;
use crate::experiment::outcome::{Outcome, Point, values};
use indexmap::IndexMap;

/// The whole report.
pub(super) fn blocks(report: &Report) -> Vec<Block> {
    let outcome = &report.outcome;
    let mut blocks = vec![Block::Title(outcome.scenario.clone())];
    blocks.extend(outcome.doc.clone().map(Block::Paragraph));
    if outcome.interrupted {
        let words = "Interrupted: this is what was known by then; the precision asked for was not reached everywhere.";
        blocks.push(Block::Paragraph(words.into()));
    }
    blocks.extend(outcome.gate.iter().flat_map(gate));
    blocks.extend(leading(outcome));
    blocks.extend(published(outcome));
    let crossings = outcome.crossings.iter().map(crossing);
    let ranks = outcome.rankings.iter().filter_map(ranking);
    section(&mut blocks, "Comparisons", outcome.comparisons.iter().map(comparison).chain(ranks).chain(crossings));
    blocks.extend(neighbours(outcome));
    section(&mut blocks, "What it would take", outcome.targets.iter().map(studies::target));
    blocks.extend(studies::sensitivities(outcome));
    blocks.extend(uncertainty::uncertainties(outcome));
    for at in sweep_points(outcome) {
        blocks.extend(details(at, outcome));
    }
    section(&mut blocks, "Expectations", outcome.verdicts.iter().map(verdict));
    section(&mut blocks, "Cross-check", outcome.cross_checks.iter().map(cross_check));
    blocks.extend(procedure(report));
    section(&mut blocks, "Warnings", outcome.warnings.iter().cloned());
    blocks.push(Block::Paragraph(spent(outcome)));
    blocks
}

/// What the summary of a job shows: the verdict, the gate, what fails, the leading figures.
pub(super) fn summary(report: &Report) -> Vec<Block> {
    let outcome = &report.outcome;
    let mut blocks = vec![Block::Title(outcome.scenario.clone())];
    if outcome.interrupted {
        blocks.push(Block::Paragraph("Interrupted.".into()));
    }
    let all = outcome.verdicts.len();
    let failing: Vec<String> = outcome.verdicts.iter().filter(|v| !v.holds).map(verdict).collect();
    if all > 0 {
        let mark = if failing.is_empty() { "ok" } else { "FAILED" };
        blocks.push(Block::Paragraph(format!("{mark}: {} of {all} expectations hold.", all - failing.len())));
        blocks.extend((!failing.is_empty()).then_some(Block::List(failing)));
    }
    blocks.extend(outcome.gate.iter().flat_map(gate));
    blocks.extend(leading(outcome));
    section(&mut blocks, "Warnings", outcome.warnings.iter().cloned());
    blocks
}

/// One line for a run over a folder.
pub(super) fn line(name: &str, outcome: &Outcome) -> String {
    let failing: Vec<&str> = outcome.verdicts.iter().filter(|v| !v.holds).map(|v| v.what.as_str()).collect();
    let (all, gate) = (outcome.verdicts.len(), outcome.gate.as_ref());
    let mut told: Vec<String> = match (failing.len(), all) {
        (0, 0) if gate.is_some() => Vec::new(),
        (0, 0) => vec![format!("{} points, no expectations", outcome.points.len())],
        (0, _) => vec![format!("{all} of {all} expectations hold")],
        (n, _) => vec![format!("{n} of {all} expectations fail: {}", failing.join("; "))],
    };
    told.extend(gate.map(gate_verdict));
    let word = match outcome.holds() {
        false => "FAILED ",
        true if gate.is_some_and(|gate| gate.ruling() == Ruling::Undecided) => "open   ",
        true if all == 0 && gate.is_none() => "done   ",
        true => "ok     ",
    };
    let text = format!("{word} {name}: {}", told.join("; "));
    if outcome.interrupted { text + " (interrupted)" } else { text }
}

fn section(blocks: &mut Vec<Block>, heading: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if !items.is_empty() {
        blocks.push(Block::Heading(heading.into()));
        blocks.push(Block::List(items));
    }
}

/// The distinct parameter values, in the order in which they appear.
fn sweep_points(outcome: &Outcome) -> Vec<&IndexMap<String, String>> {
    let mut found: Vec<&IndexMap<String, String>> = Vec::new();
    for point in &outcome.points {
        if !found.contains(&&point.at) {
            found.push(&point.at);
        }
    }
    found
}

/// All swept parameters, in the order in which they appear.
pub(super) fn parameters(outcome: &Outcome) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in outcome.points.iter().flat_map(|point| point.at.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

/// Everything beside the leading conditions, at one sweep point.
fn details(at: &IndexMap<String, String>, outcome: &Outcome) -> Vec<Block> {
    let points: Vec<&Point> = outcome.points.iter().filter(|point| point.at == *at).collect();
    let mut blocks: Vec<Block> = points.iter().flat_map(|point| conditions(point)).collect();
    blocks.extend(measures(&points));
    blocks.extend(points.iter().flat_map(|point| account(point)));
    blocks.extend(years(&points));
    let reasons = bounds(&points);
    blocks.extend((!reasons.is_empty()).then_some(Block::List(reasons)));
    if !blocks.is_empty() {
        let heading = if at.is_empty() { "Details".to_owned() } else { format!("Details at {}", values(at)) };
        blocks.insert(0, Block::Heading(heading));
    }
    blocks
}

/// Why some values are bounds: the designs with the same reasons together.
fn bounds(points: &[&Point]) -> Vec<String> {
    let mut groups: IndexMap<String, Vec<&str>> = IndexMap::new();
    for point in points {
        for (up, measures) in &point.up {
            let mut reasons: Vec<&str> = Vec::new();
            for bound in measures.values().filter_map(|e| e.bound.as_ref()) {
                if !reasons.contains(&bound.because.as_str()) {
                    reasons.push(&bound.because);
                }
            }
            if !reasons.is_empty() {
                groups.entry(format!("bounds of {up}: {}", reasons.join(", "))).or_default().push(&point.design);
            }
        }
    }
    let line = |(reason, designs): (String, Vec<&str>)| match points {
        [_] => reason,
        _ => format!("{reason} ({})", designs.join("; ")),
    };
    groups.into_iter().map(line).collect()
}
