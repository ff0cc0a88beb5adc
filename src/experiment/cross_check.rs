//! The exact engine's word on what was simulated: both must agree, measure by measure.

use super::answer::{RunRefusal, quick_answers};
use super::control::Control;
use super::exact_shares::{Shares, most_compared};
use super::exactly::{self, Attempt};
use super::figures::{Figures, described};
use super::outcome::{CrossCheck, Deviation};
use super::plan::{Plan, Target};
use super::process::Process;
use super::run::Solved;
use super::settings::Settings;
use crate::exact::Refusal;
use crate::net::Net;
use crate::stats::{Estimate, quantile};
use std::cmp::Ordering;

/// Chance that a whole run in which both engines are right is found to disagree.
const FALSE_ALARM: f64 = 1e-6;

/// The standard measures that are compared: the others are functions of these.
const COMPARED: [&str; 5] = ["unavailability", "failures per year", "mean up time", "mean outage", "MTTF"];

/// Relative error that rounding and quadrature may leave on an exact value.
const ROUNDING: f64 = 1e-9;

/// The checks of a run, with a threshold that is corrected for the number of comparisons.
pub(super) struct CrossChecker {
    /// The plan's.
    settings: Settings,
    /// The same at the corrected confidence.
    sure: Settings,
    threshold: f64,
}

impl CrossChecker {
    /// For all measures of all points of a plan (Bonferroni).
    pub fn new(plan: &Plan) -> CrossChecker {
        let account = if plan.settings.causes { most_compared } else { |_: &Net| 0 };
        let of_point =
            |net: &Net| net.up.len() * (COMPARED.len() + account(net)) + net.measures.len() + net.questions.list.len();
        let all: usize = plan.points.iter().map(|point| of_point(&point.net)).sum();
        let alarm = FALSE_ALARM / all.max(1) as f64;
        CrossChecker {
            settings: plan.settings.clone(),
            sure: Settings { confidence: 1.0 - alarm, ..plan.settings.clone() },
            threshold: quantile::normal(1.0 - alarm / 2.0),
        }
    }

    /// Checks a simulated point; none when it was interrupted.
    pub fn check(&self, solved: &Solved, process: &Process, control: &Control) -> Option<CrossCheck> {
        let empty = |because: String| CrossCheck {
            design: solved.planned.design.clone(),
            at: solved.planned.at.clone(),
            agrees: None,
            because,
            compared: 0,
            threshold: self.threshold,
            furthest: None,
            disagreeing: Vec::new(),
        };
        let (solution, (accounts, missing)) =
            match exactly::quickly(&solved.planned.net, process, &self.settings, control) {
                Attempt::Solved(known) => *known,
                Attempt::Interrupted => return None,
                Attempt::TooLong => return Some(empty("an exact solution would take too long".to_string())),
                Attempt::Refused(refusal) => return Some(empty(refusal.to_string())),
            };
        let mut because = described(&solution);
        because = missing.into_iter().fold(because, |all, why| format!("{all}; {why}"));
        let figures = Figures::of(solution, Vec::new());
        let mut compared: Vec<(Deviation, bool)> =
            self.targets(solved).into_iter().filter_map(|(what, t)| self.compare(solved, &figures, what, &t)).collect();
        compared.extend(self.accounts(solved, &accounts));
        match quick_answers(&solved.planned.net, &self.settings, control) {
            Ok(answers) => compared.extend(self.answers(solved, &answers)),
            Err(RunRefusal::Interrupted) => return None,
            Err(RunRefusal::Told(why)) => because += &format!("; measures with a time of their own: {why}"),
        }
        let furthest = compared.iter().map(|(deviation, _)| deviation).max_by(|x, y| further(x, y)).cloned();
        let count = compared.len();
        let disagreeing: Vec<Deviation> =
            compared.into_iter().filter(|(_, agrees)| !agrees).map(|(deviation, _)| deviation).collect();
        let agrees = (count > 0).then_some(disagreeing.is_empty());
        Some(CrossCheck { agrees, compared: count, furthest, disagreeing, ..empty(because) })
    }

    fn targets(&self, solved: &Solved) -> Vec<(String, Target)> {
        let facts = &solved.facts;
        let ups = facts.up.iter().enumerate().flat_map(|(up, condition)| {
            COMPARED.map(|name| (format!("{condition}, {name}"), Target::Standard(up, name.to_string())))
        });
        let own = facts.measures.iter().enumerate().map(|(i, measure)| (measure.name.clone(), Target::Measure(i)));
        ups.chain(own).collect()
    }

    /// What began and held the outages, and led to them.
    fn accounts(&self, solved: &Solved, accounts: &[Shares]) -> Vec<(Deviation, bool)> {
        let [shown, sure] = [&self.settings, &self.sure].map(|settings| solved.sample(settings));
        let mut list = Vec::new();
        for (up, shares) in accounts.iter().enumerate() {
            let both = shares.compared(&sure, up).into_iter().zip(shares.compared(&shown, up));
            for ((what, simulated, exact), (_, shown, _)) in both.filter(|((.., exact), _)| exact.is_finite()) {
                let judged = judge(&simulated, exact, self.threshold);
                list.extend(judged.map(|(agrees, z)| (Deviation { what, simulated: shown, exact, z }, agrees)));
            }
        }
        list
    }

    /// The measures with a time of their own.
    fn answers(&self, solved: &Solved, answers: &[Result<f64, Refusal>]) -> Vec<(Deviation, bool)> {
        let compare = |(i, answer): (usize, &Result<f64, Refusal>)| {
            let question = &solved.facts.questions[i];
            let exact = question.value(answer.as_ref().copied().ok()?);
            let target = Target::Question(i);
            self.judged(solved, exact, question.name.clone(), &target)
        };
        answers.iter().enumerate().filter_map(compare).collect()
    }

    /// One measure and whether it agrees; none where either engine has nothing to compare.
    fn compare(&self, solved: &Solved, figures: &Figures, what: String, target: &Target) -> Option<(Deviation, bool)> {
        let exact = figures.estimate(&solved.facts, target, &self.settings).estimate?;
        self.judged(solved, exact, what, target)
    }

    fn judged(&self, solved: &Solved, exact: f64, what: String, target: &Target) -> Option<(Deviation, bool)> {
        let simulated = solved.estimate(target, &self.sure);
        if !exact.is_finite() {
            return None;
        }
        let (agrees, z) = judge(&simulated, exact, self.threshold)?;
        Some((Deviation { what, simulated: solved.estimate(target, &self.settings), exact, z }, agrees))
    }
}

/// Whether an estimate, its interval at the corrected confidence, agrees with the exact value; and the distance in
/// standard errors, where there is one.
fn judge(simulated: &Estimate, exact: f64, threshold: f64) -> Option<(bool, Option<f64>)> {
    let rounding = ROUNDING * exact.abs();
    let agrees = simulated.admits(exact, rounding)?;
    let z = simulated.estimate.zip(simulated.low.zip(simulated.high)).map(|(value, (low, high))| {
        let error = (high - low) / 2.0 / threshold;
        if (value - exact).abs() <= rounding { 0.0 } else { (value - exact) / error }
    });
    Some((agrees, z.filter(|z| z.is_finite())))
}

fn further(x: &Deviation, y: &Deviation) -> Ordering {
    let distance = |of: &Deviation| of.z.map_or(0.0, f64::abs);
    distance(x).total_cmp(&distance(y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Bound, Side};

    #[test]
    fn an_estimate_agrees_as_far_as_its_interval_reaches() {
        let estimate = Estimate::between(Some(10.0), Some((4.0, 16.0)), 0.999, "");
        assert_eq!(judge(&estimate, 8.0, 3.0), Some((true, Some(1.0))));
        assert_eq!(judge(&estimate, 16.5, 3.0), Some((false, Some(-3.25))));
        let exact = Estimate::between(Some(10.0), Some((10.0, 10.0)), 0.999, "");
        assert_eq!(judge(&exact, 10.0, 3.0), Some((true, Some(0.0))));
        assert_eq!(judge(&exact, 10.1, 3.0), Some((false, None)));
    }

    #[test]
    fn a_bound_is_held_to_its_side_and_nothing_to_nothing() {
        let bounded = |side| {
            let bound = Bound { side, value: 2.0, because: String::new() };
            Estimate { bound: Some(bound), ..Estimate::unknown(0.999, "") }
        };
        assert_eq!(judge(&bounded(Side::Upper), 1.0, 3.0), Some((true, None)));
        assert_eq!(judge(&bounded(Side::Upper), 3.0, 3.0), Some((false, None)));
        assert_eq!(judge(&bounded(Side::Lower), 1.0, 3.0), Some((false, None)));
        assert_eq!(judge(&Estimate::unknown(0.999, ""), 1.0, 3.0), None);
        assert_eq!(judge(&Estimate::between(Some(1.0), None, 0.999, ""), 1.0, 3.0), None);
    }
}
