//! What follows from the estimates: expectations, published figures.

use super::outcome::{Point, Published, Verdict, label};
use super::plan::{Plan, Planned, Target};
use super::run::Solved;
use super::settings::Settings;
use crate::stats::Estimate;

/// Chance that an expectation that holds is found to fail.
const FALSE_ALARM: f64 = 1e-6;

/// Design and point in words: "standard at mtbf = 2208 h".
pub(super) fn place(planned: &Planned) -> String {
    label(&planned.design, &planned.at)
}

pub(super) fn name(solved: &Solved, target: &Target) -> (Option<String>, String) {
    match target {
        Target::Standard(up, name) => (Some(solved.facts.up[*up].clone()), name.clone()),
        Target::Measure(i) => (None, solved.facts.measures[*i].name.clone()),
        Target::Question(i) => (None, solved.facts.questions[*i].name.clone()),
    }
}

/// An expectation fails when its value lies outside the tolerance *and* outside the interval at a false alarm of
/// [`FALSE_ALARM`]; where there is only a bound, when it lies on the wrong side; where there is nothing, it fails.
pub(super) fn verdicts(plan: &Plan, solved: &[Solved]) -> Vec<Verdict> {
    let mut list = Vec::new();
    let sure = Settings { confidence: 1.0 - FALSE_ALARM, ..plan.settings.clone() };
    for reference in &plan.expectations {
        // Points are solved in order; an interruption leaves out the last ones.
        let Some(point) = solved.get(reference.point) else { continue };
        let estimate = point.estimate(&reference.target, &sure);
        let (up, measure) = name(point, &reference.target);
        let up = up.map_or(String::new(), |up| format!("{up}, "));
        list.push(Verdict {
            what: format!("{}: {up}{measure}", place(point.planned)),
            expected: reference.value,
            tolerance: reference.tolerance,
            holds: holds(&estimate, reference.value, reference.tolerance),
            estimate,
            source: reference.source.clone(),
        });
    }
    list
}

fn holds(estimate: &Estimate, value: f64, tolerance: f64) -> bool {
    // A closed form and an exact estimate may differ by rounding.
    let rounding = 1e-12 * value.abs();
    if let Some(found) = estimate.estimate
        && (found - value).abs() <= tolerance + rounding
    {
        return true;
    }
    let slack = if estimate.low.is_some() { rounding } else { tolerance };
    estimate.admits(value, slack).unwrap_or(false)
}

/// Published figures beside ours.
pub(super) fn published(plan: &Plan, solved: &[Solved], points: &[Point]) -> Vec<Published> {
    let mut list = Vec::new();
    for reference in &plan.published {
        let (Some(found), Some(point)) = (solved.get(reference.point), points.get(reference.point)) else {
            continue;
        };
        let ours = found.estimate(&reference.target, &plan.settings);
        let (up, measure) = name(found, &reference.target);
        let factor = match (&reference.target, ours.estimate) {
            (Target::Standard(up, name), _) if name == "availability" => {
                found.unavailability(*up, &plan.settings).estimate.map(|ours| (1.0 - reference.value) / ours)
            }
            (_, ours) => ours.map(|ours| reference.value / ours),
        };
        list.push(Published {
            design: point.design.clone(),
            at: point.at.clone(),
            up,
            measure,
            value: reference.value,
            estimate: ours,
            factor: factor.filter(|factor| factor.is_finite()),
            source: reference.source.clone(),
        });
    }
    list
}
