//! One point: its method chosen, its observations and single years made, or its process solved exactly.

use super::approach::Approach;
use super::approximate;
use super::control::{Control, PathFault, Progress, RunFault, Stage, Stop};
use super::exact_shares::{LIMITS, accounts};
use super::exactly::{self, Attempt, Known};
use super::figures;
use super::outcome::Ended;
use super::plan::{Plan, Planned};
use super::process::{Facts, Process};
use super::replicate::Workers;
use super::resume::Finding;
use super::sample::{End, Report, State, Task, shortfall};
use super::settings::Settings;
use super::stopping::{Goal, goals};
use super::tally::Layout;
use super::verdict;
use super::window::Window;
use super::years::Years;
use crate::engine::Fault;
use crate::exact::{self, Refusal};
use crate::program::Program;
use crate::syntax::ast::Method;
use crate::units::in_words;
use indexmap::IndexMap;

/// Share of the budget that single years may take, of each kind.
const YEARS_SHARE: u64 = 4;

/// How a point's solution ended.
pub(super) enum Solution {
    Done(Finding),
    /// By hand; with what was known, if anything.
    Interrupted(Option<Finding>),
}

/// How a point is to be solved.
pub(super) struct Chosen {
    pub approach: Approach,
    /// Where it was solved in order to know.
    pub solution: Option<Known>,
}

/// What became of the attempt to solve a point exactly.
enum First {
    Solved(Box<Chosen>),
    /// Not at all, or in vain: why, and what the user should know.
    Simulated {
        why: String,
        warning: Option<String>,
    },
    Interrupted,
}

/// Why `Auto` takes the exact engine.
const SERVES: &str = "the net can be solved";

/// One point being solved.
pub(super) struct At<'r> {
    pub plan: &'r Plan,
    pub control: &'r Control<'r>,
    pub planned: &'r Planned,
    pub index: usize,
}

impl At<'_> {
    /// By which method and how, with the solution where it is exact; none when interrupted.
    pub fn choose(&self, process: &Process, pool: &rayon::ThreadPool) -> Result<Option<Chosen>, RunFault> {
        let settings = &self.plan.settings;
        let (why, warning) = match self.exactly(process) {
            First::Solved(chosen) => return Ok(Some(*chosen)),
            First::Interrupted => return Ok(None),
            First::Simulated { why, warning } => (why, warning),
        };
        self.report(Stage::Pilot, 0, None, 0.0);
        let workers = Workers::new((process, &self.planned.net), pool, self.control, settings.seed);
        match workers.decide(settings, self.planned.primary) {
            Ok(mut approach) => {
                approach.because =
                    [why, approach.because].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("; ");
                approach.warnings.extend(warning);
                Ok(Some(Chosen { approach, solution: None }))
            }
            Err(Stop::Fault(fault)) => Err(self.fault(fault)),
            Err(_) => Ok(None),
        }
    }

    /// `Auto` asks the exact engine first.
    fn exactly(&self, process: &Process) -> First {
        let settings = &self.plan.settings;
        let simulated = |why: &str| First::Simulated { why: why.to_string(), warning: None };
        if settings.method != Method::Auto {
            return simulated("");
        }
        if let Some(why) = exactly::simulated_anyway(settings) {
            return simulated(why);
        }
        self.report(Stage::Solving, 0, None, 0.0);
        match exactly::quickly(&self.planned.net, process, settings, self.control) {
            Attempt::Solved(known) => match known.1.1.first() {
                Some(missing) => simulated(missing),
                None => {
                    let approach = figures::approach(&known.0, SERVES);
                    First::Solved(Box::new(Chosen { approach, solution: Some(*known) }))
                }
            },
            Attempt::Interrupted => First::Interrupted,
            Attempt::TooLong => simulated("an exact solution would take long (`method: Exact` tries it)"),
            Attempt::Refused(refusal) if refusal.is_fault_of_the_net() => First::Simulated {
                why: "the exact engine found a fault of the net".to_string(),
                warning: Some(format!(
                    "{refusal}: so the exact engine found, if maybe in a marking that is rarely reached"
                )),
            },
            Attempt::Refused(refusal) => simulated(&refusal.to_string()),
        }
    }

    pub fn solve(
        &self,
        process: &Process,
        layout: &Layout,
        pool: &rayon::ThreadPool,
        approach: Approach,
        resumed: Option<State>,
    ) -> Result<Solution, RunFault> {
        match self.with_solver(process, layout, pool, |solver| solver.solve(approach, resumed))? {
            Solution::Done(finding) => self.answer(pool, finding),
            interrupted => Ok(interrupted),
        }
    }

    /// Observes up to the next look that `state` says; whether the budget ended first, or none when interrupted.
    pub fn extend(
        &self,
        process: &Process,
        layout: &Layout,
        pool: &rayon::ThreadPool,
        approach: &mut Approach,
        state: &mut State,
    ) -> Result<Option<bool>, RunFault> {
        self.with_solver(process, layout, pool, |solver| {
            loop {
                match solver.workers.extend(&solver.task(approach), state) {
                    Ok(over) => return Ok(Some(over)),
                    Err(Stop::Rests) => match solver.rest(approach, state) {
                        Ok(()) => {}
                        Err(Stop::Fault(fault)) => return Err(fault),
                        Err(_) => return Ok(None),
                    },
                    Err(Stop::Fault(fault)) => return Err(fault),
                    Err(_) => return Ok(None),
                }
            }
        })
    }

    /// Adds single years to what was found, if they are wanted, and what the net asks.
    pub fn years(
        &self,
        process: &Process,
        layout: &Layout,
        pool: &rayon::ThreadPool,
        finding: Finding,
    ) -> Result<Solution, RunFault> {
        match self.with_solver(process, layout, pool, |solver| solver.with_years(finding))? {
            Solution::Done(finding) => self.answer(pool, finding),
            interrupted => Ok(interrupted),
        }
    }

    fn with_solver<T>(
        &self,
        process: &Process,
        layout: &Layout,
        pool: &rayon::ThreadPool,
        work: impl FnOnce(&Solver) -> Result<T, Fault>,
    ) -> Result<T, RunFault> {
        let settings = &self.plan.settings;
        let solver = Solver {
            workers: Workers::new((process, &self.planned.net), pool, self.control, settings.seed),
            layout,
            settings,
            primary: self.planned.primary,
            report: &|stage, outages, width, share| self.report(stage, outages, width, share),
        };
        work(&solver).map_err(|fault| self.fault(fault))
    }

    pub(super) fn fault(&self, fault: Fault) -> RunFault {
        RunFault::Path(Box::new(PathFault {
            design: self.planned.design.clone(),
            at: self.planned.at.clone(),
            replay: self.replay(&fault),
            fault,
        }))
    }

    pub fn solve_exactly(&self, process: &Process, layout: &Layout) -> Result<Solution, RunFault> {
        self.report(Stage::Solving, 0, None, 0.0);
        let stop = |_| self.control.is_interrupted();
        let (net, program, settings) = (&self.planned.net, process.program(), &self.plan.settings);
        let solution = match settings.method {
            Method::PhaseTypes => approximate::solve(net, program, settings, &stop),
            _ => exact::solve(net, program, &exactly::limits(settings), &stop)
                .and_then(|solution| exactly::settled(solution, settings.ties))
                .map(|solution| (figures::approach(&solution, "stated"), solution)),
        };
        match solution.and_then(|(approach, solution)| Ok((approach, (solution, accounts(process, &LIMITS, &stop)?)))) {
            Ok((approach, known)) => {
                self.answer_exactly(figures::finding(approach, known, process.facts(), layout, settings))
            }
            Err(Refusal::Interrupted) => Ok(Solution::Interrupted(None)),
            Err(refusal) => Err(RunFault::Exact { place: verdict::place(self.planned), refusal }),
        }
    }

    /// The same where `Auto` chose it, maybe before an interruption.
    pub fn solve_chosen(
        &self,
        process: &Process,
        layout: &Layout,
        pool: &rayon::ThreadPool,
        (approach, known): (Approach, Option<Known>),
    ) -> Result<Solution, RunFault> {
        let attempt = || exactly::quickly(&self.planned.net, process, &self.plan.settings, self.control);
        match known.map_or_else(attempt, |known| Attempt::Solved(Box::new(known))) {
            Attempt::Solved(known) => {
                let finding = figures::finding(approach, *known, process.facts(), layout, &self.plan.settings);
                self.answer_quickly(pool, finding)
            }
            Attempt::Interrupted => Ok(Solution::Interrupted(None)),
            _ => Err(RunFault::Resume("the snapshot is damaged: a design can't be solved as it says".to_string())),
        }
    }

    pub(super) fn report(&self, stage: Stage, outages: u64, reached: Option<f64>, share: f64) {
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

    /// The command that shows a fault again: of a copy of a path the run itself.
    fn replay(&self, fault: &Fault) -> String {
        let settings = &self.plan.settings;
        let mut command =
            format!("fivenines {} {}", if fault.copied { "run" } else { "trace" }, quoted(&self.plan.file));
        if self.plan.is_scenario && !fault.copied {
            command += &format!(" --design {}", quoted(&self.planned.design));
        }
        let set = self.planned.set.iter().map(|(name, value)| (name, value));
        for (name, value) in self.planned.at.iter().chain(set) {
            command += &format!(" --set {}", quoted(&format!("{name}={value}")));
        }
        match fault.copied {
            true => {
                let (method, precision) = (kebab(&format!("{:?}", settings.method)), settings.precision);
                let budget = settings.budget;
                command
                    + &format!(" --method {method} --seed {} --precision {precision} --budget {budget}", settings.seed)
            }
            false => {
                command + &format!(" --seed {} --replication {} --until {}", fault.seed, fault.replication, fault.time)
            }
        }
    }
}

/// `ImportanceSampling` → `importance-sampling`, as command lines have it.
fn kebab(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
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
    fn task<'t>(&'t self, approach: &'t Approach) -> Task<'t> {
        Task { settings: self.settings, primary: self.primary, approach, layout: self.layout, report: self.report }
    }

    /// Goes on with replications where the net came to rest.
    fn rest(&self, approach: &mut Approach, state: &mut State) -> Result<(), Stop> {
        let Solver { workers, layout, settings, .. } = self;
        let next = state.next;
        *approach = workers.resting(approach, settings, self.primary, state.tally.firings)?;
        *state = State { next, ..State::new(layout, settings) };
        Ok(())
    }

    /// Observations and years.
    fn solve(&self, mut approach: Approach, resumed: Option<State>) -> Result<Solution, Fault> {
        let Solver { workers, layout, settings, .. } = self;
        let primary = self.primary;
        let resumed = resumed.filter(|state| state.tally.fits(layout));
        let mut state = resumed.unwrap_or_else(|| State::new(layout, settings));
        let mut observed = workers.observe(&self.task(&approach), &mut state);
        if observed == Err(Stop::Rests) {
            observed =
                self.rest(&mut approach, &mut state).and_then(|()| workers.observe(&self.task(&approach), &mut state));
        }
        let end = match observed {
            Ok(end) => end,
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(_) => return Ok(Solution::Interrupted(None)),
        };
        let task = self.task(&approach);
        let facts = workers.process.facts();
        let goal = goals(&task.sample(facts, &state.tally), primary, settings).first().copied();
        let short = shortfall(&end, settings, goal.map(|goal: Goal| goal.quantity));
        let doubts = primary.map_or(Vec::new(), |up| task.sample(facts, &state.tally).doubts(up));
        let interrupted = end.ended == Ended::Interrupted;
        let mut finding = finding(approach, state, end, short, (facts, primary));
        finding.warnings.extend((!doubts.is_empty()).then(|| format!("not converged: {}", doubts.join("; "))));
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
            // Cycles have no warm-up.
            _ if finding.approach.cycles > 0 => {
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

/// What was observed and what there is to say about it, a shortfall of precision first.
pub(super) fn finding(
    approach: Approach,
    state: State,
    end: End,
    short: Option<String>,
    (facts, primary): (&Facts, Option<usize>),
) -> Finding {
    let mut warnings = approach.warnings.clone();
    warnings.extend(short);
    warnings.extend(remarks(facts, &state, primary));
    let kept =
        [Method::Replications, Method::Regenerative, Method::Stratified, Method::BatchMeans].contains(&approach.method);
    if !kept && !facts.causes.names.is_empty() {
        warnings.push("no account of outages is kept by this method".to_string());
    }
    Finding {
        approach,
        state,
        end,
        years: IndexMap::new(),
        years_firings: 0,
        answers: Vec::new(),
        answers_firings: 0,
        warnings,
        exact: None,
        single_years: Vec::new(),
        pairs: Vec::new(),
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
