//! Designs that are observed together until what is compared is known well enough.
//!
//! All simulated designs of a sweep point have the same number of blocks at every look, so that their pairs grow
//! together (S15). The looks are those of single designs ([`super::stopping`]): none before the first observations, none
//! that counts before the least number of outages of each, every one where the projected sample suffices, and at least
//! 1.2 times as far as the last. A design whose budget ends stays as it is; the others go on while that can still help.
//! Exact designs are constants.

use super::approach::Approach;
use super::compare::{Gap, gap};
use super::control::RunFault;
use super::outcome::Ended;
use super::process::Process;
use super::resume::Finding;
use super::run::{Run, Solved};
use super::sample::{End, State, sample, shortfall};
use super::settings::{Compare, MOST_OBSERVATIONS};
use super::solve::{Solution, finding};
use super::stopping::{self, Goal, Look, Quantity};
use super::tally::Layout;
use crate::syntax::ast::Method;
use std::ops::Range;

/// The designs of one sweep point.
struct Group<'r> {
    range: Range<usize>,
    wanted: Compare,
    processes: &'r [Process],
    layouts: Vec<Layout>,
    approaches: Vec<Approach>,
    /// The design whose observations one has: itself, or an earlier one with the same net.
    source: Vec<usize>,
    /// What is exact.
    constants: Vec<Option<Finding>>,
    states: Vec<State>,
    /// Whether it can't be observed any longer.
    over: Vec<bool>,
}

/// What is known at a look.
struct Known {
    /// Of each design by itself: what it is about, and what was seen.
    looks: Vec<(Option<Goal>, Look)>,
    /// Of the first against each other one.
    gaps: Vec<Option<Gap>>,
}

impl Known {
    /// Whether a design has all that is asked of it.
    fn reached(&self, design: usize) -> bool {
        let compared = self.gaps.iter().enumerate().filter(|(i, _)| design == 0 || i + 1 == design);
        self.looks[design].1.reached && compared.filter_map(|(_, gap)| gap.as_ref()).all(Gap::reached)
    }

    fn factor(&self) -> f64 {
        let gaps = self.gaps.iter().flatten().map(Gap::factor);
        self.looks.iter().map(|(_, look)| look.factor).chain(gaps).fold(0.0, f64::max)
    }
}

impl Group<'_> {
    fn designs(&self) -> Range<usize> {
        0..self.range.len()
    }

    /// Whether more observations can bring what is missing.
    fn is_hopeful(&self, known: &Known) -> bool {
        let exact = |design: usize| self.constants[design].is_some();
        let grows = |design: usize| !exact(design) && !self.over[design];
        let pair = |other: usize| [0, other].into_iter().all(|d| grows(d) || exact(d)) && (grows(0) || grows(other));
        let open = |gap: &Option<Gap>| gap.as_ref().is_some_and(|gap| !gap.reached());
        self.designs().any(|design| grows(design) && !known.looks[design].1.reached)
            || known.gaps.iter().enumerate().any(|(i, gap)| open(gap) && pair(i + 1))
    }
}

impl<'p> Run<'p> {
    /// Whether the designs of a sweep point are to be observed together, and can be.
    pub(super) fn can_be_together(&self, range: Range<usize>) -> bool {
        let settings = &self.plan.settings;
        let counted = |a: &Approach| a.method.makes_pairs() || a.method == Method::Exact;
        let wanted = settings.compare.is_some() && settings.replications.is_none() && range.len() > 1;
        wanted && self.snapshot.chosen.len() == range.len() && self.snapshot.chosen.iter().all(counted)
    }

    /// Solves the designs of a sweep point together; false when it was interrupted.
    pub(super) fn lockstep(&mut self, range: Range<usize>, processes: &[Process]) -> Result<bool, RunFault> {
        let Some(wanted) = self.plan.settings.compare else { return Ok(true) };
        let mut group = self.together(range, wanted, processes);
        loop {
            if !self.observe(&mut group)? {
                return Ok(self.leave(&group));
            }
            let known = self.known(&group);
            if !group.is_hopeful(&known) {
                return self.conclude(&group, &known);
            }
            let blocks = group.states.iter().map(|state| state.blocks).max().unwrap_or(0);
            let next = stopping::next_look(blocks, known.factor());
            group.states.iter_mut().for_each(|state| state.next = next);
        }
    }

    fn together<'r>(&self, range: Range<usize>, wanted: Compare, processes: &'r [Process]) -> Group<'r> {
        let points = &self.plan.points;
        let layout = |index: usize| Layout::new(processes[index - range.start].facts()).in_order(points[index].primary);
        let layouts: Vec<Layout> = range.clone().map(layout).collect();
        let source = |index: usize| {
            let alike =
                |&i: &usize| self.digests[i] == self.digests[index] && points[i].primary == points[index].primary;
            range.clone().find(alike).unwrap_or(index) - range.start
        };
        let stored = &self.snapshot.together;
        let fits = stored.len() == range.len() && stored.iter().zip(&layouts).all(|(state, l)| state.tally.fits(l));
        let begun = || layouts.iter().map(|layout| State::new(layout, &self.plan.settings)).collect();
        Group {
            wanted,
            processes,
            source: range.clone().map(source).collect(),
            constants: vec![None; range.len()],
            over: vec![false; range.len()],
            approaches: self.snapshot.chosen.clone(),
            states: if fits { stored.clone() } else { begun() },
            layouts,
            range,
        }
    }

    /// Observes up to the next look; false when interrupted.
    fn observe(&self, group: &mut Group) -> Result<bool, RunFault> {
        for design in group.designs() {
            let source = group.source[design];
            if source < design {
                group.states[design] = group.states[source].clone();
                group.approaches[design] = group.approaches[source].clone();
                group.constants[design] = group.constants[source].clone();
                group.over[design] = group.over[source];
                continue;
            }
            let (process, layout) = (&group.processes[design], &group.layouts[design]);
            let (at, approach) = (self.at(group.range.start + design), &mut group.approaches[design]);
            if approach.method == Method::Exact {
                if group.constants[design].is_none() {
                    let known = self.exact.get(&(group.range.start + design)).cloned();
                    let chosen = (approach.clone(), known);
                    let Solution::Done(finding) = at.solve_chosen(process, layout, self.pool, chosen)? else {
                        return Ok(false);
                    };
                    group.constants[design] = Some(finding);
                }
                continue;
            }
            let state = &mut group.states[design];
            let Some(over) = at.extend(process, layout, self.pool, approach, state)? else { return Ok(false) };
            group.over[design] = over || group.approaches[design].still || state.tally.count >= MOST_OBSERVATIONS;
        }
        Ok(true)
    }

    /// A design as it is at this look, and what is known of it by itself.
    fn solved(&self, group: &Group, design: usize) -> (Solved<'p>, Option<Goal>, Look) {
        let planned = &self.plan.points[group.range.start + design];
        let (facts, layout) = (group.processes[design].facts().clone(), group.layouts[design].clone());
        if let Some(finding) = group.constants[design].clone() {
            let look = Look { reached: true, factor: 0.0, width: None };
            return (Solved { planned, facts, layout, finding }, None, look);
        }
        let (settings, approach, state) = (&self.plan.settings, &group.approaches[design], &group.states[design]);
        let sample = sample(&facts, &layout, &state.tally, settings, approach.method);
        let mut goals = stopping::goals(&sample, planned.primary, settings);
        goals.retain(|goal| group.wanted.alone || !matches!(goal.quantity, Quantity::Unavailability(_)));
        let look = stopping::look(&sample, &goals, planned.primary, settings);
        let factor = Some(look.factor).filter(|factor| factor.is_finite());
        let end = End { ended: Ended::Interrupted, factor, width: look.width };
        let finding = finding(approach.clone(), state.clone(), end, None, (&facts, planned.primary));
        (Solved { planned, facts, layout, finding }, goals.first().copied(), look)
    }

    /// What is known by now.
    fn known(&mut self, group: &Group) -> Known {
        let start = group.range.start;
        let mut looks = Vec::new();
        for design in group.designs() {
            let (mut solved, goal, look) = self.solved(group, design);
            solved.finding.pairs = self.pairs(start..start + design, &solved.finding);
            looks.push((goal, look));
            self.solved.push(solved);
        }
        let gap = |other: usize| gap(self.plan, &self.solved, [start, start + other], group.wanted);
        let gaps = (1..group.range.len()).map(gap).collect();
        self.solved.truncate(start);
        Known { looks, gaps }
    }

    /// Single years, checks, and what wasn't reached.
    fn conclude(&mut self, group: &Group, known: &Known) -> Result<bool, RunFault> {
        let settings = &self.plan.settings;
        let mut found: Vec<Finding> = Vec::new();
        for design in group.designs() {
            let (index, process) = (group.range.start + design, &group.processes[design]);
            let (mut solved, goal, look) = self.solved(group, design);
            let mut finding = solved.finding.clone();
            if group.constants[design].is_none() {
                finding.end.ended = if known.reached(design) { Ended::Precision } else { Ended::Budget };
                let alone = shortfall(&finding.end, settings, goal.map(|goal| goal.quantity)).filter(|_| !look.reached);
                let gap = design.checked_sub(1).and_then(|gap| known.gaps[gap].as_ref());
                let compared = gap.and_then(|gap| gap.shortfall(settings.budget));
                finding.warnings.splice(0..0, alone.into_iter().chain(compared));
                match self.at(index).years(process, &solved.layout, self.pool, finding)? {
                    Solution::Done(done) => finding = done,
                    Solution::Interrupted(_) => return Ok(self.leave(group)),
                }
            }
            finding.pairs = self.pairs(group.range.start..index, &finding);
            found.push(finding.clone());
            solved.finding = finding;
            if !self.cross_check(index, &solved, process) {
                return Ok(self.leave(group));
            }
            self.solved.push(solved);
        }
        self.snapshot.finished.extend(found);
        self.snapshot.chosen.clear();
        self.snapshot.together.clear();
        (self.control.checkpoint)(&self.snapshot);
        Ok(true)
    }

    /// Keeps what is needed to go on, and shows what is known.
    fn leave(&mut self, group: &Group) -> bool {
        let start = group.range.start;
        self.solved.truncate(start);
        let known = |design: &usize| group.constants[*design].is_some() || group.states[*design].tally.count > 0;
        for design in group.designs().take_while(known) {
            let (mut solved, ..) = self.solved(group, design);
            solved.finding.pairs = self.pairs(start..start + design, &solved.finding);
            self.solved.push(solved);
        }
        self.snapshot.together.clone_from(&group.states);
        self.snapshot.chosen.clone_from(&group.approaches);
        false
    }
}
