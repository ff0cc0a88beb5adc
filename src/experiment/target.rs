//! What it would take: the value of a parameter at which a measure reaches a target.
//!
//! Values over the range are probed first, and nothing is taken for granted between them: where the order of measure and
//! target changes, that is narrowed; where it never does, no value that was probed reaches the target, or each does.
//! Solved exactly, a change is bracketed to the last digits. Simulated, all values share their random numbers, and the
//! interval is where the band of the measure contains the target, as with crossings.

use super::answers::{Probe, Reached, Solution, Target};
use super::bench::{Bench, Study, is_fatal};
use super::control::RunFault;
use super::plan::{self, Side, Wanted};
use super::references::unavailability_at;
use super::root::{Ask, Node, Turn, ask, turns};
use super::run::Solved;
use super::shape::alike;
use super::workshop::Leaf;
use crate::stats::Estimate;
use crate::units::Dimension;
use std::sync::Arc;

/// Values that are probed first, evenly on a logarithmic scale; of a whole number all, up to so many.
const PROBES: usize = 5;
const MOST_WHOLE: f64 = 40.0;

/// Times that both sides of the nearest value are looked at.
const APPROACHES: usize = 6;

/// Their relative half-width, at least: only their order matters.
const ROUGH: f64 = 0.1;

/// Finest precision of a simulated value.
const FINEST: f64 = 1e-4;

/// Most values that narrow one change, simulated and exact, and most changes that are narrowed.
const MOST_LOOKS: [u32; 2] = [16, 64];
const MOST_CHANGES: usize = 4;

/// All targets of a plan; false when interrupted.
pub(super) fn targets(study: &Study, bench: &mut Bench, into: &mut Vec<Target>) -> Result<bool, RunFault> {
    for wanted in &study.plan.studies.targets {
        let Some(solved) = study.solved.get(wanted.goal.point) else { continue };
        let leaves = study.workshop.leaves(wanted.goal.point).found;
        let Some(leaf) = leaves.iter().find(|leaf| leaf.label == wanted.parameter) else { continue };
        let whole = is_whole(study, wanted.goal.point, leaf);
        let mut search = Search {
            study,
            wanted,
            solved,
            leaf,
            whole,
            nodes: Vec::new(),
            probed: Vec::new(),
            exact: true,
            notes: Vec::new(),
        };
        let done = match search.carry_out(bench) {
            Err(fault) if !is_fatal(&fault) => {
                search.notes.push(fault.to_string());
                true
            }
            done => done?,
        };
        if !done {
            return Ok(false);
        }
        into.push(search.told());
    }
    Ok(true)
}

/// Whether only whole numbers will do.
fn is_whole(study: &Study, point: usize, leaf: &Leaf) -> bool {
    let base = &study.plan.points[point].net;
    let near = || study.workshop.net(point, leaf, leaf.value * 0.999);
    let counts = leaf.value.fract() == 0.0 && leaf.dimension == Dimension::NUMBER;
    counts && !near().is_ok_and(|net| alike(base, &net))
}

/// The search for one target.
struct Search<'s> {
    study: &'s Study<'s>,
    wanted: &'s Wanted,
    solved: &'s Solved<'s>,
    leaf: &'s Leaf,
    /// Whether only whole numbers will do.
    whole: bool,
    /// ln(measure / target) over the logarithm of the parameter, or over the parameter itself if it is whole.
    nodes: Vec<Node>,
    probed: Vec<Probe>,
    /// Whether all of these were solved.
    exact: bool,
    /// What the user should know.
    notes: Vec<String>,
}

impl Search<'_> {
    fn carry_out(&mut self, bench: &mut Bench) -> Result<bool, RunFault> {
        let [from, to] = self.wanted.range;
        let own = self.study.plan.settings.precision;
        if self.whole {
            let (first, last) = (from.ceil(), to.floor());
            if last - first >= MOST_WHOLE {
                self.notes.push(format!("more than {MOST_WHOLE} whole numbers lie in the range"));
                return Ok(true);
            }
            let mut value = first;
            while value <= last {
                if !self.look(value, own, bench)? {
                    return Ok(false);
                }
                value += 1.0;
            }
            return Ok(true);
        }
        for i in 0..PROBES {
            let share = i as f64 / (PROBES - 1) as f64;
            let value = match i {
                0 => from,
                i if i + 1 == PROBES => to,
                _ => libm::exp(libm::log(from) + share * (libm::log(to) - libm::log(from))),
            };
            if !self.look(value, own.max(ROUGH), bench)? {
                return Ok(false);
            }
        }
        Ok(self.approach(bench)? && self.narrow(bench)?)
    }

    /// Where no value reaches the target, or each does, but one in the middle comes nearest: looks on both sides of it.
    fn approach(&mut self, bench: &mut Bench) -> Result<bool, RunFault> {
        for _ in 0..APPROACHES {
            let distance = |i: &usize, j: &usize| self.nodes[*i].ratio.abs().total_cmp(&self.nodes[*j].ratio.abs());
            let Some(nearest) = (0..self.nodes.len()).min_by(distance) else { break };
            if !turns(&self.nodes).is_empty() || nearest == 0 || nearest + 1 == self.nodes.len() {
                break;
            }
            let between = |i: usize| 0.5 * (self.nodes[i].x + self.nodes[i + 1].x);
            for x in [between(nearest - 1), between(nearest)] {
                if !self.look(libm::exp(x), self.study.plan.settings.precision.max(ROUGH), bench)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Narrows all changes of the order.
    fn narrow(&mut self, bench: &mut Bench) -> Result<bool, RunFault> {
        let settings = &self.study.plan.settings;
        let width = libm::log1p(self.study.plan.studies.refine.unwrap_or(settings.precision));
        for index in 0..MOST_CHANGES {
            let Some(turn) = turns(&self.nodes).get(index).copied() else { break };
            let at = self.nodes.partition_point(|node| node.x <= turn.x);
            let first = self.nodes.get(at).map_or(1.0, |right| right.x - self.nodes[at - 1].x);
            for looks in 0.. {
                let Some(turn) = turns(&self.nodes).get(index).copied() else { break };
                let Some(Ask { x, half }) = ask(&self.nodes, &turn, width, looks, first) else { break };
                if looks >= MOST_LOOKS[usize::from(half == 0.0)] {
                    self.notes.push(format!("{looks} values didn't make the interval as narrow as wanted"));
                    break;
                }
                let known = self.nodes.len();
                let precision = if half == 0.0 { settings.precision } else { half.clamp(FINEST, ROUGH) };
                if !self.look(libm::exp(x), precision, bench)? {
                    return Ok(false);
                }
                let reached = self.nodes.iter().find(|node| (node.x - x).abs() < 1e-9).map(|node| node.half);
                if self.nodes.len() == known || (half > 0.0 && reached.is_some_and(|reached| reached > 2.0 * half)) {
                    self.notes.push("the budget doesn't allow an interval as narrow as wanted".to_string());
                    break;
                }
            }
        }
        Ok(true)
    }

    /// Probes a value; false when interrupted.
    fn look(&mut self, value: f64, precision: f64, bench: &mut Bench) -> Result<bool, RunFault> {
        let point = self.wanted.goal.point;
        let mut net = match self.study.workshop.net(point, self.leaf, value) {
            Ok(net) => net,
            Err(mistake) => {
                self.notes.push(format!("{value} can't be: {mistake}"));
                return Ok(true);
            }
        };
        if let plan::Target::Measure(i) = self.wanted.goal.target {
            // What is sought decides when the run ends.
            Arc::make_mut(&mut net).measures[i].precision = Some(precision);
        }
        let words = format!("{value} {}", self.leaf.dimension.base_unit());
        let planned = self.study.planned(point, net, (&self.leaf.label, words.trim_end()));
        let plan = self.study.beyond(vec![planned], self.study.settings(precision));
        let read = |solved: &[Solved]| {
            let told = solved[0].estimate(&self.wanted.goal.target, &plan.settings);
            let found = self.compared(&solved[0].estimate(&self.compared_by(), &plan.settings));
            (found, told, solved[0].is_solved(&self.wanted.goal.target))
        };
        let Some((found, estimate, exact)) = bench.solve(&plan, read)? else { return Ok(false) };
        let at = self.probed.partition_point(|probe| probe.value < value);
        self.probed.insert(at, Probe { value, estimate });
        self.exact &= exact;
        if let Some((ratio, half)) = found {
            let x = if self.whole { value } else { libm::log(value) };
            let at = self.nodes.partition_point(|node| node.x < x);
            self.nodes.insert(at, Node { x, ratio, half });
        }
        Ok(true)
    }

    /// The estimate that is compared: an availability by what is missing.
    fn compared_by(&self) -> plan::Target {
        match &self.wanted.goal.target {
            plan::Target::Standard(up, name) if unavailability_at(name, 0.0).is_some() => {
                plan::Target::Standard(*up, "unavailability".to_string())
            }
            other => other.clone(),
        }
    }

    /// Value to reach, in terms of what is compared, and whether less of that is wanted.
    fn goal(&self) -> (f64, bool) {
        let Wanted { goal, side, .. } = self.wanted;
        let less = *side == Side::AtMost;
        match &goal.target {
            plan::Target::Standard(_, name) => match unavailability_at(name, goal.value) {
                Some(value) if ["availability", "nines"].contains(&name.as_str()) => (value, !less),
                Some(value) => (value, less),
                None => (goal.value, less),
            },
            plan::Target::Measure(_) | plan::Target::Question(_) => (goal.value, less),
        }
    }

    /// The logarithm of measure over target and the half-width of its band; the difference where there is no ratio.
    fn compared(&self, of: &Estimate) -> Option<(f64, f64)> {
        let (goal, _) = self.goal();
        let (value, low, high) = (of.estimate?, of.low?, of.high?);
        let found = match goal > 0.0 && low > 0.0 {
            true => (libm::log(value / goal), libm::log(high / value).max(libm::log(value / low))),
            false => (value - goal, (high - value).max(value - low)),
        };
        (found.0.is_finite() && found.1.is_finite()).then_some(found)
    }

    /// What was found.
    fn told(self) -> Target {
        let (_, less) = self.goal();
        let turns = turns(&self.nodes);
        let sure = self.nodes.iter().all(|node| node.ratio.abs() >= node.half);
        let met = |node: &Node| (node.ratio < 0.0) == less || node.ratio == 0.0;
        let reached = match (turns.is_empty(), self.nodes.iter().all(met), self.nodes.iter().any(met)) {
            (false, ..) => Reached::InPart,
            _ if self.nodes.is_empty() || !sure => Reached::Undecided,
            (_, true, _) => Reached::Everywhere,
            (_, _, false) => Reached::Nowhere,
            _ => Reached::Undecided,
        };
        let solutions = turns.iter().map(|turn| self.solution(*turn, less)).collect();
        let Wanted { goal, side, parameter, range } = self.wanted.clone();
        let (up, measure) = super::verdict::name(self.solved, &goal.target);
        Target {
            design: self.solved.planned.design.clone(),
            at: self.solved.planned.at.clone(),
            up,
            measure,
            value: goal.value,
            side,
            parameter,
            unit: self.leaf.dimension.base_unit(),
            range,
            reached,
            solutions,
            monotone: is_monotone(&self.nodes),
            how: self.how(),
            probed: self.probed,
        }
    }

    fn solution(&self, turn: Turn, less: bool) -> Solution {
        let reached_above = turn.first_below != less;
        // Of whole numbers the one that reaches it.
        let value = |x: f64| match (self.whole, reached_above) {
            (true, true) => x.ceil(),
            (true, false) => x.floor(),
            _ => libm::exp(x),
        };
        let confidence = self.study.plan.settings.confidence;
        let ends = turn.low.zip(turn.high).map(|(low, high)| (value(low), value(high)));
        let estimate = Estimate::between(Some(value(turn.x)), ends, confidence, &self.leaf.dimension.base_unit());
        let value = Estimate { low: turn.low.map(value), high: turn.high.map(value), ..estimate };
        Solution { value, reached_above }
    }

    fn how(&self) -> String {
        let count = self.probed.len();
        let mut how = match self.exact {
            true => format!("{count} values solved exactly, the change bracketed"),
            false => format!(
                "{count} values under common random numbers; the interval is where the {} % band contains the target",
                (100.0 * self.study.plan.settings.confidence * 1e9).round() / 1e9
            ),
        };
        let blank = count - self.nodes.len().min(count);
        if blank > 0 {
            how += &format!("; {blank} values without an interval are left out");
        }
        for note in &self.notes {
            how += &format!("; {note}");
        }
        how
    }
}

/// Whether no two neighbours that differ plainly go another way than two others.
fn is_monotone(nodes: &[Node]) -> bool {
    let plain = |pair: &&[Node]| (pair[1].ratio - pair[0].ratio).abs() > pair[0].half + pair[1].half;
    let steps = nodes.windows(2).filter(plain);
    let mut rises = steps.map(|pair| pair[1].ratio > pair[0].ratio);
    let first = rises.next();
    rises.all(|rise| Some(rise) == first)
}
