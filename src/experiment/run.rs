//! The chain: plan → points → outcome.

use super::approach::Approach;
use super::bench::{self, Bench, Studied};
use super::compare;
use super::control::{Control, RunFault};
use super::cross_check::CrossChecker;
use super::crossing::crossings;
use super::digest::digest;
use super::exactly::Known;
use super::group::{Last, align, pairs, ranges};
use super::outcome::{CrossCheck, Outcome, Point, Spent, Warmup};
use super::plan::{Plan, Planned};
use super::process::{Facts, Process};
use super::resume::{Finding, Identity, Pair, Snapshot};
use super::sample::sample;
use super::settings::Settings;
use super::solve::{At, Chosen, Solution};
use super::tally::Layout;
use super::verdict;
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

impl Solved<'_> {
    /// Firings that the point cost, the choice of its method included.
    pub fn firings(&self) -> u64 {
        let Finding { approach, state, years_firings, answers_firings, .. } = &self.finding;
        approach.firings + state.tally.firings + years_firings + answers_firings
    }
}

/// Carries out a plan. An interruption isn't a fault: it yields what is known.
pub fn run(plan: &Plan, control: &Control) -> Result<Outcome, RunFault> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(control.threads.max(1)).build();
    let pool = pool.map_err(|error| RunFault::Threads(error.to_string()))?;
    let mut run = Run::new(plan, control, &pool)?;
    let mut studied = Studied::default();
    let done = run.points()? && {
        let mut bench = Bench::new(control, &pool, &mut run.snapshot);
        bench::carry_out(plan, &run.solved, &mut bench, &mut studied)?
    };
    if !done {
        (control.checkpoint)(&run.snapshot);
    }
    Ok(run.outcome(!done, studied))
}

/// A plan being carried out.
pub(super) struct Run<'p> {
    pub plan: &'p Plan,
    pub control: &'p Control<'p>,
    pub pool: &'p rayon::ThreadPool,
    /// Of every point's net.
    pub digests: Vec<String>,
    pub snapshot: Snapshot,
    pub solved: Vec<Solved<'p>>,
    checker: Option<CrossChecker>,
    cross_checks: Vec<CrossCheck>,
    /// Points that were solved in order to choose.
    pub exact: BTreeMap<usize, Known>,
}

impl<'p> Run<'p> {
    /// Before its first point, or where an earlier run stopped.
    pub fn new(plan: &'p Plan, control: &'p Control<'p>, pool: &'p rayon::ThreadPool) -> Result<Run<'p>, RunFault> {
        let digests: Vec<String> = plan.points.iter().map(|planned| digest(&planned.net)).collect();
        let snapshot = begin(plan, control, &digests)?;
        let checker = plan.settings.cross_check.then(|| CrossChecker::new(plan));
        Ok(Run {
            plan,
            control,
            pool,
            digests,
            snapshot,
            solved: Vec::new(),
            checker,
            cross_checks: Vec::new(),
            exact: BTreeMap::new(),
        })
    }

    /// Solves all points; false when interrupted.
    pub fn points(&mut self) -> Result<bool, RunFault> {
        let last = Last::new(self.plan, &self.digests);
        for range in ranges(self.plan) {
            if !self.group(range.clone())? {
                return Ok(false);
            }
            last.drop_before(range.end, self.snapshot.finished.iter_mut());
            last.drop_before(range.end, self.solved.iter_mut().map(|solved| &mut solved.finding));
        }
        Ok(true)
    }

    /// Solves the designs of one sweep point; false when it was interrupted.
    fn group(&mut self, range: Range<usize>) -> Result<bool, RunFault> {
        let plan = self.plan;
        let process = |index: usize| {
            let Planned { net, design, .. } = &plan.points[index];
            let ties = plan.settings.ties;
            let process = if plan.settings.causes { Process::accounted(net, ties) } else { Process::new(net, ties) };
            process.map_err(|e| RunFault::TooLarge { design: design.clone(), message: e.to_string() })
        };
        let processes: Vec<Process> = range.clone().map(process).collect::<Result<_, _>>()?;
        if !self.choose(range.clone(), &processes)? {
            return Ok(false);
        }
        if self.snapshot.finished.len() < range.end && self.can_be_together(range.clone()) {
            return self.lockstep(range, &processes);
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
                    // It may have come to rest, and gone on otherwise than was chosen.
                    if let Some(chosen) = self.snapshot.chosen.get_mut(index - range.start) {
                        chosen.clone_from(&finding.approach);
                    }
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
    pub(super) fn cross_check(&mut self, index: usize, solved: &Solved, process: &Process) -> bool {
        let simulated = solved.finding.exact.is_none() && self.twin(index).is_none();
        let Some(checker) = self.checker.as_ref().filter(|_| simulated) else { return true };
        let check = checker.check(solved, process, self.control);
        let done = check.is_some();
        self.cross_checks.extend(check);
        done
    }

    pub(super) fn pairs(&self, group: Range<usize>, finding: &Finding) -> Vec<Pair> {
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
                None => match self.at(index).choose(process, self.pool)? {
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

    pub(super) fn at(&self, index: usize) -> At<'_> {
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
            return self.at(index).solve_chosen(process, layout, self.pool, (approach, known));
        }
        let resumed = self.snapshot.running.take();
        self.at(index).solve(process, layout, self.pool, approach, resumed)
    }

    fn outcome(&self, interrupted: bool, studied: Studied) -> Outcome {
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
            crossings: studied.crossings.unwrap_or_else(|| crossings(plan, solved)),
            refined: studied.refined,
            sensitivities: studied.sensitivities,
            targets: studied.targets,
            uncertainties: studied.uncertainties,
            verdicts: verdict::verdicts(plan, solved),
            cross_checks: self.cross_checks.clone(),
            gate: None,
            published: verdict::published(plan, solved, &points),
            warnings: warnings.chain(compare::warnings(plan, solved)).collect(),
            interrupted,
            spent: Spent {
                seconds: 0.0,
                threads: control.threads,
                firings: points.iter().map(|p| p.firings).sum::<u64>() + studied.firings,
            },
            points,
        }
    }
}

/// The snapshot to go on from.
fn begin(plan: &Plan, control: &Control, digests: &[String]) -> Result<Snapshot, RunFault> {
    let settings = serde_json::to_string(&(&plan.settings, &plan.studies)).unwrap_or_default();
    let identity = Identity::new(&plan.title, plan.settings.seed, digests.to_vec(), settings);
    let stored = Snapshot::resumed(identity, control.resume.as_ref())?;
    if stored.finished.len() > plan.points.len() {
        return Err(RunFault::Resume("the snapshot holds more points than the scenario".to_string()));
    }
    Ok(stored)
}

/// Of every condition of which there is something to tell.
fn each<T>(facts: &Facts, of: impl Fn(usize) -> Vec<T>) -> IndexMap<String, Vec<T>> {
    let named = facts.up.iter().enumerate().map(|(up, name)| (name.clone(), of(up)));
    named.filter(|(_, list)| !list.is_empty()).collect()
}

pub(super) fn point(solved: &Solved, settings: &Settings) -> Point {
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
        measures: solved.measures(settings),
        years: finding.years.clone(),
        causes: each(facts, |up| solved.causes(up, settings)),
        phases: each(facts, |up| solved.phases(up, settings)),
        sequences: each(facts, |up| solved.sequences(up, settings)),
        trust: planned.primary.and_then(|up| sample.trust(up)),
        warmup: Warmup { removed: approach.warmup, length, because: approach.warmup_because.clone() },
        ended: finding.end.ended,
        observations: tally.count,
        outages: planned.primary.map_or(0, |up| sample.outages(up)),
        observed,
        firings: solved.firings(),
    }
}
