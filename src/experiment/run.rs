//! The chain: plan → points → outcome.

use super::approach::Approach;
use super::compare;
use super::control::{Control, RunFault};
use super::cross_check::CrossChecker;
use super::crossing::crossings;
use super::digest::digest;
use super::estimate::Sample;
use super::group::{Last, align, pairs, ranges};
use super::outcome::{Cause, CrossCheck, Outcome, Point, Spent, Warmup};
use super::plan::{Plan, Planned};
use super::process::{Facts, Process};
use super::resume::{Finding, Identity, Pair, Snapshot};
use super::sample::sample;
use super::settings::Settings;
use super::solve::{At, Chosen, Solution};
use super::tally::Layout;
use super::verdict;
use crate::exact;
use crate::program::Program;
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::ops::Range;

/// A point with what was found.
pub(super) struct Solved<'p> {
    pub planned: &'p Planned,
    pub facts: Facts,
    pub layout: Layout,
    pub finding: Finding,
}

/// Carries out a plan. An interruption isn't a fault: it yields what is known.
pub fn run(plan: &Plan, control: &Control) -> Result<Outcome, RunFault> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(control.threads.max(1)).build();
    let pool = pool.map_err(|error| RunFault::Threads(error.to_string()))?;
    let digests: Vec<String> = plan.points.iter().map(|planned| digest(&planned.net)).collect();
    let snapshot = begin(plan, control, &digests)?;
    let last = Last::new(plan, &digests);
    let checker = plan.settings.cross_check.then(|| CrossChecker::new(plan));
    let mut run = Run {
        plan,
        control,
        pool,
        digests,
        snapshot,
        solved: Vec::new(),
        checker,
        cross_checks: Vec::new(),
        exact: BTreeMap::new(),
    };
    for range in ranges(plan) {
        if !run.group(range.clone())? {
            (control.checkpoint)(&run.snapshot);
            return Ok(run.outcome(true));
        }
        last.drop_before(range.end, run.snapshot.finished.iter_mut());
        last.drop_before(range.end, run.solved.iter_mut().map(|solved| &mut solved.finding));
    }
    Ok(run.outcome(false))
}

/// A plan being carried out.
struct Run<'p> {
    plan: &'p Plan,
    control: &'p Control<'p>,
    pool: rayon::ThreadPool,
    /// Of every point's net.
    digests: Vec<String>,
    snapshot: Snapshot,
    solved: Vec<Solved<'p>>,
    checker: Option<CrossChecker>,
    cross_checks: Vec<CrossCheck>,
    /// Points that were solved in order to choose.
    exact: BTreeMap<usize, exact::Solution>,
}

impl<'p> Run<'p> {
    /// Solves the designs of one sweep point; false when it was interrupted.
    fn group(&mut self, range: Range<usize>) -> Result<bool, RunFault> {
        let plan = self.plan;
        let process = |index: usize| {
            let Planned { net, design, .. } = &plan.points[index];
            let process = Process::new(net, plan.settings.ties);
            let process = process.map(|process| if plan.settings.causes { process.with_causes(net) } else { process });
            process.map_err(|e| RunFault::TooLarge { design: design.clone(), message: e.to_string() })
        };
        let processes: Vec<Process> = range.clone().map(process).collect::<Result<_, _>>()?;
        if !self.choose(range.clone(), &processes)? {
            return Ok(false);
        }
        for (index, process) in range.clone().zip(&processes) {
            let (planned, facts) = (&plan.points[index], process.facts().clone());
            let lead = planned.primary.filter(|_| range.len() > 1);
            let layout = Layout::new(&facts).in_order(lead);
            let mut finding = match self.solve(index, process, &layout)? {
                Solution::Done(finding) => finding,
                Solution::Interrupted(None) => return Ok(false),
                Solution::Interrupted(Some(mut finding)) => {
                    self.snapshot.running = Some(finding.state.clone());
                    if finding.state.tally.count > 0 {
                        finding.pairs = self.pairs(range.start..index, &finding);
                        self.solved.push(Solved { planned, facts, layout, finding });
                    }
                    return Ok(false);
                }
            };
            if self.snapshot.finished.len() == index {
                finding.pairs = self.pairs(range.start..index, &finding);
                self.snapshot.finished.push(finding.clone());
                if index + 1 == range.end {
                    self.snapshot.chosen.clear();
                }
                (self.control.checkpoint)(&self.snapshot);
            }
            let solved = Solved { planned, facts, layout, finding };
            let checked = self.cross_check(index, &solved, process);
            self.solved.push(solved);
            if !checked {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lets the exact engine check a simulated point, if that is wanted; false when interrupted.
    fn cross_check(&mut self, index: usize, solved: &Solved, process: &Process) -> bool {
        let simulated = solved.finding.exact.is_none() && self.twin(index).is_none();
        let Some(checker) = self.checker.as_ref().filter(|_| simulated) else { return true };
        let check = checker.check(solved, process, self.control);
        let done = check.is_some();
        self.cross_checks.extend(check);
        done
    }

    fn pairs(&self, group: Range<usize>, finding: &Finding) -> Vec<Pair> {
        pairs(self.plan, &self.digests, &self.solved, group, finding)
    }

    /// The finished point before `index` with the same net and leading condition, which needn't be solved again.
    fn twin(&self, index: usize) -> Option<usize> {
        let points = &self.plan.points;
        (0..index).find(|&i| self.digests[i] == self.digests[index] && points[i].primary == points[index].primary)
    }

    /// Chooses how each design of a sweep point is solved, for all of them together; false when interrupted.
    fn choose(&mut self, range: Range<usize>, processes: &[Process]) -> Result<bool, RunFault> {
        let done = self.snapshot.finished.len() >= range.end || self.snapshot.chosen.len() == range.len();
        if done || self.plan.settings.method.is_solved() {
            return Ok(true);
        }
        let mut chosen: Vec<Approach> = Vec::new();
        let mut fixed: Vec<bool> = Vec::new();
        for (index, process) in range.clone().zip(processes) {
            let known = match self.twin(index) {
                Some(twin) if twin < range.start => self.snapshot.finished.get(twin).map(|f| f.approach.clone()),
                Some(twin) => chosen.get(twin - range.start).cloned(),
                None => None,
            };
            fixed.push(self.twin(index).is_some_and(|twin| twin < range.start));
            let approach = match known {
                Some(approach) => approach,
                None => match self.at(index).choose(process, &self.pool)? {
                    Some(Chosen { approach, solution }) => {
                        self.exact.extend(solution.map(|solution| (index, solution)));
                        approach
                    }
                    None => return Ok(false),
                },
            };
            chosen.push(approach);
        }
        align(&mut chosen, &fixed);
        self.snapshot.chosen = chosen;
        Ok(true)
    }

    fn at(&self, index: usize) -> At<'_> {
        At { plan: self.plan, control: self.control, planned: &self.plan.points[index], index }
    }

    fn solve(&mut self, index: usize, process: &Process, layout: &Layout) -> Result<Solution, RunFault> {
        if let Some(finding) = self.snapshot.finished.get(index) {
            finding.fits(process.facts(), layout)?;
            return Ok(Solution::Done(finding.clone()));
        }
        if let Some(twin) = self.twin(index) {
            return Ok(Solution::Done(self.snapshot.finished[twin].clone()));
        }
        if self.plan.settings.method.is_solved() {
            return self.at(index).solve_exactly(process, layout);
        }
        let start = self.plan.points[..index].iter().rev().take_while(|p| p.at == self.plan.points[index].at).count();
        let Some(approach) = self.snapshot.chosen.get(start).cloned() else {
            return Err(RunFault::Resume("the snapshot is damaged: a design has no method".to_string()));
        };
        if approach.method == Method::Exact {
            let known = self.exact.remove(&index);
            return self.at(index).solve_chosen(process, layout, approach, known);
        }
        let resumed = self.snapshot.running.take();
        self.at(index).solve(process, layout, &self.pool, approach, resumed)
    }

    fn outcome(&self, interrupted: bool) -> Outcome {
        let Run { plan, control, digests, solved, .. } = self;
        let points: Vec<Point> = solved.iter().map(|s| point(s, &plan.settings)).collect();
        let mut by_design: IndexMap<String, String> = IndexMap::new();
        for (planned, digest) in plan.points.iter().zip(digests) {
            by_design.entry(planned.design.clone()).or_insert_with(|| digest.clone());
        }
        let warnings = solved.iter().flat_map(|s| {
            let place = verdict::place(s.planned);
            s.finding.warnings.iter().map(move |warning| format!("{place}: {warning}"))
        });
        Outcome {
            scenario: plan.title.clone(),
            doc: plan.doc.clone(),
            seed: plan.settings.seed,
            digests: by_design,
            comparisons: compare::comparisons(plan, solved),
            rankings: compare::rankings(plan, solved),
            crossings: crossings(plan, solved),
            verdicts: verdict::verdicts(plan, solved),
            cross_checks: self.cross_checks.clone(),
            published: verdict::published(plan, solved, &points),
            warnings: warnings.chain(compare::warnings(plan, solved)).collect(),
            interrupted,
            spent: Spent { seconds: 0.0, threads: control.threads, firings: points.iter().map(|p| p.firings).sum() },
            points,
        }
    }
}

/// The snapshot to go on from.
fn begin(plan: &Plan, control: &Control, digests: &[String]) -> Result<Snapshot, RunFault> {
    let settings = serde_json::to_string(&plan.settings).unwrap_or_default();
    let identity = Identity::new(&plan.title, plan.settings.seed, digests.to_vec(), settings);
    let Some(stored) = &control.resume else {
        return Ok(Snapshot { identity, finished: Vec::new(), chosen: Vec::new(), running: None });
    };
    identity.check(&stored.identity)?;
    if !stored.is_countable() {
        return Err(RunFault::Resume("the snapshot is damaged: it counts more than a run can".to_string()));
    }
    if stored.finished.len() > plan.points.len() {
        return Err(RunFault::Resume("the snapshot holds more points than the scenario".to_string()));
    }
    Ok(stored.clone())
}

/// Where they were asked for, and anything was down.
fn causes(facts: &Facts, sample: &Sample) -> IndexMap<String, Vec<Cause>> {
    let named = facts.up.iter().enumerate().map(|(up, name)| (name.clone(), sample.causes(up)));
    named.filter(|(_, causes)| !causes.is_empty()).collect()
}

fn point(solved: &Solved, settings: &Settings) -> Point {
    let Solved { planned, facts, layout, finding } = solved;
    let (tally, approach) = (&finding.state.tally, &finding.approach);
    let sample = sample(facts, layout, tally, settings, approach.method);
    let observed = tally.totals[Program::TIME];
    let paths = tally.count * approach.cycles.max(1);
    let length = match approach.method {
        Method::Replications | Method::ImportanceSampling | Method::Splitting if approach.cycles == 0 => {
            approach.length
        }
        _ => observed / paths.max(1) as f64,
    };
    Point {
        design: planned.design.clone(),
        at: planned.at.clone(),
        method: approach.method,
        because: approach.because.clone(),
        primary: planned.primary.map(|up| facts.up[up].clone()),
        up: facts.up.iter().enumerate().map(|(up, name)| (name.clone(), solved.standard(up, settings))).collect(),
        measures: facts.measures.iter().map(|m| (m.name.clone(), solved.measure(m, settings))).collect(),
        years: finding.years.clone(),
        causes: causes(facts, &sample),
        warmup: Warmup { removed: approach.warmup, length, because: approach.warmup_because.clone() },
        ended: finding.end.ended,
        observations: tally.count,
        outages: planned.primary.map_or(0, |up| sample.outages(up)),
        observed,
        firings: approach.firings + tally.firings + finding.years_firings,
    }
}
