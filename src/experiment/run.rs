//! The chain: plan → points → outcome.

use super::approach::Approach;
use super::compare;
use super::control::{Control, PathFault, Progress, RunFault, Stage, Stop};
use super::crossing::crossings;
use super::digest::digest;
use super::estimate::Sample;
use super::figures;
use super::group::{Last, align, pairs, ranges};
use super::outcome::{Cause, Ended, Outcome, Point, Spent, Warmup};
use super::plan::{Plan, Planned};
use super::process::{Facts, Process};
use super::replicate::Workers;
use super::resume::{Finding, Identity, Pair, Snapshot};
use super::sample::{Report, State, Task, sample, shortfall};
use super::settings::Settings;
use super::stopping::{Goal, goals};
use super::tally::Layout;
use super::verdict;
use super::window::Window;
use super::years::Years;
use crate::engine::Fault;
use crate::exact::{self, Limits, Refusal};
use crate::program::Program;
use crate::syntax::ast::{Method, Ties};
use crate::units::in_words;
use indexmap::IndexMap;
use std::ops::Range;

/// Share of the budget that single years may take, of each kind.
const YEARS_SHARE: u64 = 4;

/// A point with what was found.
pub(super) struct Solved<'p> {
    pub planned: &'p Planned,
    pub facts: Facts,
    pub layout: Layout,
    pub finding: Finding,
}

/// How a point's solution ended.
enum Solution {
    Done(Finding),
    /// By hand; with what was known, if anything.
    Interrupted(Option<Finding>),
}

/// Carries out a plan. An interruption isn't a fault: it yields what is known.
pub fn run(plan: &Plan, control: &Control) -> Result<Outcome, RunFault> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(control.threads.max(1)).build();
    let pool = pool.map_err(|error| RunFault::Threads(error.to_string()))?;
    let digests: Vec<String> = plan.points.iter().map(|planned| digest(&planned.net)).collect();
    let snapshot = begin(plan, control, &digests)?;
    let last = Last::new(plan, &digests);
    let mut run = Run { plan, control, pool, digests, snapshot, solved: Vec::new() };
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
            self.solved.push(Solved { planned, facts, layout, finding });
        }
        Ok(true)
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
        if done || self.plan.settings.method == Method::Exact {
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
                    Some(approach) => approach,
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
        if self.plan.settings.method == Method::Exact {
            return self.at(index).solve_exactly(process, layout);
        }
        let start = self.plan.points[..index].iter().rev().take_while(|p| p.at == self.plan.points[index].at).count();
        let Some(approach) = self.snapshot.chosen.get(start).cloned() else {
            return Err(RunFault::Resume("the snapshot is damaged: a design has no method".to_string()));
        };
        let resumed = self.snapshot.running.take();
        self.at(index).solve(process, layout, &self.pool, approach, resumed)
    }

    fn outcome(&self, interrupted: bool) -> Outcome {
        outcome(self.plan, self.control, &self.digests, &self.solved, interrupted)
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

/// One point being solved.
struct At<'r> {
    plan: &'r Plan,
    control: &'r Control<'r>,
    planned: &'r Planned,
    index: usize,
}

impl At<'_> {
    /// By which method and how; none when interrupted.
    fn choose(&self, process: &Process, pool: &rayon::ThreadPool) -> Result<Option<Approach>, RunFault> {
        self.report(Stage::Pilot, 0, None, 0.0);
        let settings = &self.plan.settings;
        match Workers::new(process, pool, self.control, settings.seed).choose(settings, self.planned.primary) {
            Ok(approach) => Ok(Some(approach)),
            Err(Stop::Fault(fault)) => Err(self.fault(fault)),
            Err(_) => Ok(None),
        }
    }

    fn solve(
        &self,
        process: &Process,
        layout: &Layout,
        pool: &rayon::ThreadPool,
        approach: Approach,
        resumed: Option<State>,
    ) -> Result<Solution, RunFault> {
        let settings = &self.plan.settings;
        let solver = Solver {
            workers: Workers::new(process, pool, self.control, settings.seed),
            layout,
            settings,
            primary: self.planned.primary,
            report: &|stage, outages, width, share| self.report(stage, outages, width, share),
        };
        solver.solve(approach, resumed).map_err(|fault| self.fault(fault))
    }

    fn fault(&self, fault: Fault) -> RunFault {
        RunFault::Path(Box::new(PathFault {
            design: self.planned.design.clone(),
            at: self.planned.at.clone(),
            replay: self.replay(&fault),
            fault,
        }))
    }

    fn solve_exactly(&self, process: &Process, layout: &Layout) -> Result<Solution, RunFault> {
        self.report(Stage::Solving, 0, None, 0.0);
        let stop = || self.control.is_interrupted();
        match exact::solve(&self.planned.net, process.program(), &Limits::default(), &stop) {
            Ok(exact::Solution { tied: Some(transition), .. }) if self.plan.settings.ties == Ties::Random => {
                let because =
                    "its clock may be due at the same time as another, and ties are random; simulation serves";
                let refusal = Refusal::NotMarkovian { transition, because: because.to_string() };
                Err(RunFault::Exact { place: verdict::place(self.planned), refusal })
            }
            Ok(solution) => {
                Ok(Solution::Done(figures::finding(solution, process.facts(), layout, &self.plan.settings)))
            }
            Err(Refusal::Interrupted) => Ok(Solution::Interrupted(None)),
            Err(refusal) => Err(RunFault::Exact { place: verdict::place(self.planned), refusal }),
        }
    }

    fn report(&self, stage: Stage, outages: u64, reached: Option<f64>, share: f64) {
        (self.control.progress)(Progress {
            finished: self.index,
            points: self.plan.points.len(),
            design: self.planned.design.clone(),
            at: self.planned.at.clone(),
            stage,
            outages,
            reached,
            wanted: self.plan.settings.precision,
            share,
        });
    }

    /// The command that shows a fault again.
    fn replay(&self, fault: &Fault) -> String {
        let mut command = format!("fivenines trace {}", quoted(&self.plan.file));
        if self.plan.is_scenario {
            command += &format!(" --design {}", quoted(&self.planned.design));
        }
        let set = self.planned.set.iter().map(|(name, value)| (name, value));
        for (name, value) in self.planned.at.iter().chain(set) {
            command += &format!(" --set {}", quoted(&format!("{name}={value}")));
        }
        command + &format!(" --seed {} --replication {} --until {}", fault.seed, fault.replication, fault.time)
    }
}

/// A word as a shell needs it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What the solution of one point needs.
struct Solver<'s> {
    workers: Workers<'s>,
    layout: &'s Layout,
    settings: &'s Settings,
    primary: Option<usize>,
    report: Report<'s>,
}

impl Solver<'_> {
    /// Observations and years.
    fn solve(&self, approach: Approach, resumed: Option<State>) -> Result<Solution, Fault> {
        let Solver { workers, layout, settings, primary, report } = self;
        let primary = *primary;
        let resumed = resumed.filter(|state| state.tally.fits(layout));
        let mut state = resumed.unwrap_or_else(|| State::new(layout, settings));
        let task = Task { settings, primary, approach: &approach, layout, report };
        let end = match workers.observe(&task, &mut state) {
            Ok(end) => end,
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(_) => return Ok(Solution::Interrupted(None)),
        };
        let facts = workers.process.facts();
        let goal = goals(&task.sample(facts, &state.tally), primary, settings).first().copied();
        let mut warnings = approach.warnings.clone();
        warnings.extend(shortfall(&end, settings, goal.map(|goal: Goal| goal.quantity)));
        warnings.extend(remarks(facts, &state, primary));
        let interrupted = end.ended == Ended::Interrupted;
        let finding = Finding {
            approach,
            state,
            end,
            years: IndexMap::new(),
            years_firings: 0,
            warnings,
            exact: None,
            single_years: Vec::new(),
            pairs: Vec::new(),
        };
        if interrupted { Ok(Solution::Interrupted(Some(finding))) } else { self.with_years(finding) }
    }

    /// Adds single years, if they are wanted.
    fn with_years(&self, mut finding: Finding) -> Result<Solution, Fault> {
        if !self.settings.years || self.workers.process.facts().up.is_empty() {
            return Ok(Solution::Done(finding));
        }
        match self.years(&finding) {
            Ok(years) => {
                finding.warnings.extend(years.warning);
                if let Some(up) = self.layout.lead() {
                    finding.single_years = years.any.iter().map(|year| year[up]).collect();
                }
                (finding.years, finding.years_firings) = (years.up, years.firings);
                Ok(Solution::Done(finding))
            }
            Err(Stop::Fault(fault)) => Err(fault),
            Err(_) => Ok(Solution::Interrupted(Some(finding))),
        }
    }

    /// Single years; cycles have no warm-up of their own, so a pilot finds it.
    fn years(&self, finding: &Finding) -> Result<Years, Stop> {
        let Solver { workers, settings, .. } = self;
        let budget = settings.budget / YEARS_SHARE;
        let (window, firings) = match finding.approach.method {
            Method::Regenerative => {
                let time = finding.state.tally.totals[Program::TIME];
                let rate = finding.state.tally.firings as f64 / time;
                let spread = workers.spread();
                let pilot = workers.pilot(rate, spread, budget / 4, settings.precision, self.primary)?;
                (Window { warmup: pilot.warmup, spread, length: 0.0 }, pilot.firings)
            }
            _ => (finding.approach.window(), 0),
        };
        let mut years = workers.years(window, budget, settings.confidence, self.report)?;
        years.firings += firings;
        Ok(years)
    }
}

/// What the user should know about the observations themselves.
fn remarks(facts: &Facts, state: &State, primary: Option<usize>) -> Vec<String> {
    let tally = &state.tally;
    let mut list = Vec::new();
    if tally.ties > 0 {
        list.push(format!(
            "{} ties between clocks decided what happened next, by stream key (S13); `ties: Random` leaves them to chance",
            tally.ties
        ));
    }
    if tally.rests > 0 {
        list.push(format!(
            "in {} of {} replications the net came to rest (nothing could fire any more): the averages mix how it \
             rests with how it came to",
            tally.rests, tally.count
        ));
    }
    if let Some(up) = primary.filter(|_| tally.count > 0) {
        let (time, down) = (tally.totals[Program::TIME], tally.totals[Program::down(up)]);
        let name = &facts.up[up];
        if down >= time {
            list.push(format!("`{name}` was never up in {}", in_words(time)));
        } else if down == 0.0 {
            list.push(format!("`{name}` was never down in {}: only bounds can be given", in_words(time)));
        }
    }
    list
}

fn outcome(plan: &Plan, control: &Control, digests: &[String], solved: &[Solved], interrupted: bool) -> Outcome {
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
        published: verdict::published(plan, solved, &points),
        warnings: warnings.chain(compare::warnings(plan, solved)).collect(),
        interrupted,
        spent: Spent { seconds: 0.0, threads: control.threads, firings: points.iter().map(|p| p.firings).sum() },
        points,
    }
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
        Method::Replications => approach.length,
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
        outages: planned.primary.map_or(0, |up| sample.failures(up)),
        observed,
        firings: approach.firings + tally.firings + finding.years_firings,
    }
}
