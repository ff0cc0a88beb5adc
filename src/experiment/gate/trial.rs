//! One test: a version of a net against another, or against an objective, until one is shown or the budget ends.

use super::evidence::{Evidence, Shown};
use super::looks::{ALARM, Look, looks};
use super::ruling::Ruling;
use crate::engine::Fault;
use crate::exact::{self, Refusal};
use crate::experiment::approach::Approach;
use crate::experiment::control::{Control, RunFault, Stop};
use crate::experiment::exactly;
use crate::experiment::figures::{approach, described, finding};
use crate::experiment::group::align;
use crate::experiment::outcome::Ended;
use crate::experiment::plan::{Plan, Planned};
use crate::experiment::process::Process;
use crate::experiment::replicate::Workers;
use crate::experiment::resume::Finding;
use crate::experiment::run::Solved;
use crate::experiment::sample::{End, Report, State, Task};
use crate::experiment::settings::{BLOCK, FIRST_LOOK, MOST_OBSERVATIONS, Settings};
use crate::experiment::solve::At;
use crate::experiment::tally::Layout;
use crate::experiment::verdict::place;
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// What an exact solution may take before simulation is taken instead: three times what `Auto` spends on one, since a
/// margin of a few per cent takes a simulation many times the effort of an estimate.
const STEPS: u64 = 10_000_000_000;

/// One version of a net, and the condition that is watched.
#[derive(Debug, Clone, Copy)]
pub struct Side<'p> {
    /// The plan that it belongs to.
    pub plan: &'p Plan,
    /// Which of its points.
    pub index: usize,
    /// Index of the condition.
    pub up: usize,
}

impl<'p> Side<'p> {
    /// The point.
    pub fn planned(&self) -> &'p Planned {
        &self.plan.points[self.index]
    }

    fn fault(&self, control: &Control, fault: Fault) -> RunFault {
        At { plan: self.plan, control, planned: self.planned(), index: self.index }.fault(fault)
    }

    fn process(&self) -> Result<Process, RunFault> {
        let Planned { net, design, .. } = self.planned();
        let process = Process::new(net, self.plan.settings.ties);
        process.map_err(|e| RunFault::TooLarge { design: design.clone(), message: e.to_string() })
    }
}

/// Whether a value is above a limit: the ratio of the downtimes of two versions, or the unavailability of one.
#[derive(Debug, Clone)]
pub struct Question<'p> {
    /// The version of now, and the one that it is held against.
    pub sides: Vec<Side<'p>>,
    /// The limit.
    pub most: f64,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub ruling: Ruling,
    /// What was asked about, with the limits at the last look.
    pub value: Estimate,
    /// The unavailability of each version.
    pub unavailabilities: Vec<Estimate>,
    pub method: Method,
    pub because: String,
    pub looks: usize,
    pub observations: u64,
    pub firings: u64,
    /// So many times the budget might decide.
    pub needs: Option<f64>,
    pub warnings: Vec<String>,
}

/// How questions are answered.
pub struct Court<'c> {
    pub control: &'c Control<'c>,
    pub pool: &'c rayon::ThreadPool,
    /// Of the version of now, but for what bears on the truth of what is measured, which is as blessed.
    pub settings: Settings,
    /// All tests of the gate: a false red is to be unlikely over all of them.
    pub tests: usize,
}

impl Court<'_> {
    /// Answers; exactly, where that can be done.
    pub fn answer(&self, question: &Question, report: Report) -> Result<Answer, RunFault> {
        let processes: Vec<Process> = question.sides.iter().map(Side::process).collect::<Result<_, _>>()?;
        if matches!(self.settings.method, Method::Auto | Method::BatchMeans | Method::Exact)
            && let Some(answer) = self.exactly(question, &processes)?
        {
            return Ok(answer);
        }
        let pool = self.pool;
        let both = processes.iter().zip(&question.sides);
        let workers: Vec<Workers> = both
            .map(|(process, side)| Workers::new((process, &side.planned().net), pool, self.control, self.settings.seed))
            .collect();
        let Some(approaches) = self.choose(question, &workers)? else { return Ok(Answer::interrupted()) };
        let both = question.sides.iter().zip(&workers).zip(approaches);
        let mut runs: Vec<Running> =
            both.map(|((side, workers), approach)| Running::new(side, workers, approach, &self.settings)).collect();
        self.sequentially(question, &mut runs, report)
    }

    /// None where simulation has to serve.
    fn exactly(&self, question: &Question, processes: &[Process]) -> Result<Option<Answer>, RunFault> {
        let stated = self.settings.method == Method::Exact;
        let mut solved = Vec::new();
        let mut because = Vec::new();
        for (side, process) in question.sides.iter().zip(processes) {
            let steps = Cell::new(0_u64);
            let stop = |done: u64| {
                steps.set(steps.get().saturating_add(done));
                self.control.is_interrupted() || (!stated && steps.get() > STEPS)
            };
            let limits = if stated { exactly::limits(&self.settings) } else { exactly::quick(&self.settings) };
            let (planned, facts) = (side.planned(), process.facts());
            let solution = exact::solve(&planned.net, process.program(), &limits, &stop);
            let solution = match solution {
                Ok(solution) => match exactly::settled(solution, side.plan.settings.ties) {
                    Ok(solution) => solution,
                    Err(_) => return Ok(None),
                },
                Err(Refusal::Interrupted) if self.control.is_interrupted() => return Ok(Some(Answer::interrupted())),
                Err(refusal) if stated => return Err(RunFault::Exact { place: place(planned), refusal }),
                Err(_) => return Ok(None),
            };
            because.push(described(&solution));
            let layout = Layout::new(facts);
            let without_account = (solution, (Vec::new(), Vec::new()));
            let finding = finding(approach(&without_account.0, ""), without_account, facts, &layout, &self.settings);
            solved.push(Solved { planned, facts: facts.clone(), layout, finding });
        }
        because.dedup();
        let evidence = Evidence { question, solved: &solved, settings: &self.settings };
        let (shown, value) = evidence.exactly();
        let answer = Answer {
            method: Method::Exact,
            because: because.join("; as blessed: "),
            ..self.told(&evidence, shown, value)
        };
        Ok(Some(answer))
    }

    fn sequentially(&self, question: &Question, runs: &mut [Running], report: Report) -> Result<Answer, RunFault> {
        if !self.observe(runs, FIRST_LOOK, report)? {
            return Ok(Answer::interrupted());
        }
        let most = runs.iter().map(|run| run.affordable(self.settings.budget)).min().unwrap_or(FIRST_LOOK);
        let mut answer = Answer::interrupted();
        for (number, look) in looks(most).into_iter().enumerate() {
            if !self.observe(runs, look.observations, report)? {
                return Ok(Answer { ruling: Ruling::Interrupted, ..answer });
            }
            let solved: Vec<Solved> = runs.iter().map(Running::solved).collect();
            let evidence = Evidence { question, solved: &solved, settings: &self.settings };
            let (shown, value) = evidence.at_look(self.errors(look));
            answer = Answer { looks: number + 1, ..self.told(&evidence, shown, value) };
            if shown != Shown::Neither {
                break;
            }
        }
        answer.firings = runs.iter().map(Running::spent).sum();
        Ok(answer)
    }

    /// The chances that a look may err with, in calling what is within beyond and what is beyond within. The whole gate is
    /// red when one test is, so these share the first; it is green only when all are, so that one may spend the second.
    fn errors(&self, look: Look) -> [f64; 2] {
        [ALARM * look.share / self.tests.max(1) as f64, ALARM * look.share]
    }

    fn told(&self, evidence: &Evidence, shown: Shown, value: Estimate) -> Answer {
        let ruling = match shown {
            Shown::Within => Ruling::Fine,
            Shown::Beyond => Ruling::Regression,
            Shown::Neither => Ruling::Undecided,
        };
        let versions = 0..evidence.solved.len();
        let confidence = self.settings.confidence;
        let mut warnings = Vec::new();
        for solved in evidence.solved {
            warnings
                .extend(solved.finding.warnings.iter().filter(|w| !warnings.contains(*w)).cloned().collect::<Vec<_>>());
        }
        Answer {
            needs: (shown == Shown::Neither).then(|| needs(&value, evidence.question.most)).flatten(),
            ruling,
            value,
            unavailabilities: versions.map(|version| evidence.unavailability(version, confidence)).collect(),
            method: evidence.solved[0].finding.approach.method,
            because: evidence.because(),
            observations: evidence.observations(),
            warnings,
            ..Answer::interrupted()
        }
    }

    /// How the versions are simulated: alike, so that they see the same faults; none when interrupted.
    fn choose(&self, question: &Question, workers: &[Workers]) -> Result<Option<Vec<Approach>>, RunFault> {
        let method = if self.settings.method == Method::BatchMeans { Method::Auto } else { self.settings.method };
        let mut settings = Settings { method, replications: None, ..self.settings.clone() };
        loop {
            let mut chosen: Vec<Approach> = Vec::new();
            for (side, workers) in question.sides.iter().zip(workers) {
                match workers.choose(&settings, Some(side.up)) {
                    Ok(approach) => chosen.push(approach),
                    Err(Stop::Fault(fault)) => return Err(side.fault(self.control, fault)),
                    Err(_) => return Ok(None),
                }
            }
            if chosen.iter().any(|approach| approach.method != chosen[0].method) && settings.method == Method::Auto {
                settings.method = Method::Replications;
                continue;
            }
            let fixed = vec![false; chosen.len()];
            align(&mut chosen, &fixed);
            return Ok(Some(chosen));
        }
    }

    /// Observes every version so often, or to the end of its budget; false when interrupted.
    fn observe(&self, runs: &mut [Running], observations: u64, report: Report) -> Result<bool, RunFault> {
        let settings = Settings { replications: Some(observations), ..self.settings.clone() };
        for run in runs {
            let mut observed = run.observe(&settings, report);
            if observed == Err(Stop::Rests) {
                observed = run.rest(&self.settings).and_then(|()| run.observe(&settings, report));
            }
            let side = run.side;
            match observed {
                Ok(end) if end.ended == Ended::Interrupted => return Ok(false),
                Ok(_) => {}
                Err(Stop::Fault(fault)) => return Err(side.fault(self.control, fault)),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// One version being simulated.
struct Running<'r, 'a> {
    side: &'r Side<'r>,
    workers: &'r Workers<'a>,
    layout: Layout,
    approach: Approach,
    state: State,
}

impl<'r, 'a> Running<'r, 'a> {
    fn new(side: &'r Side<'r>, workers: &'r Workers<'a>, approach: Approach, settings: &Settings) -> Self {
        let layout = Layout::new(workers.process.facts()).in_order(Some(side.up));
        let state = State::new(&layout, settings);
        Running { side, workers, layout, approach, state }
    }

    /// Observes as often as the settings say.
    fn observe(&mut self, settings: &Settings, report: Report) -> Result<End, Stop> {
        let Running { side, workers, layout, approach, state } = self;
        state.next = settings.replications.unwrap_or(FIRST_LOOK) / BLOCK;
        workers.observe(&Task { settings, primary: Some(side.up), approach, layout, report }, state)
    }

    /// Begins again with replications, since the net came to rest.
    fn rest(&mut self, settings: &Settings) -> Result<(), Stop> {
        let spent = self.state.tally.firings;
        self.approach = self.workers.resting(&self.approach, settings, Some(self.side.up), spent)?;
        self.state = State::new(&self.layout, settings);
        Ok(())
    }

    fn spent(&self) -> u64 {
        self.approach.firings + self.state.tally.firings
    }

    /// The observations that the budget allows, as projected from those made.
    fn affordable(&self, budget: u64) -> u64 {
        let Running { approach, state, .. } = self;
        if approach.still {
            return 0;
        }
        let each = state.tally.firings as f64 / state.tally.count.max(1) as f64;
        let left = budget.saturating_sub(approach.firings) as f64;
        ((left / each) as u64).min(MOST_OBSERVATIONS) / BLOCK * BLOCK
    }

    fn solved(&self) -> Solved<'r> {
        let facts = self.workers.process.facts().clone();
        let approach = self.approach.clone();
        let state = self.state.clone();
        let finding = Finding {
            warnings: approach.warnings.clone(),
            approach,
            state,
            end: End { ended: Ended::Replications, factor: None, width: None },
            years: IndexMap::new(),
            years_firings: 0,
            answers: Vec::new(),
            answers_firings: 0,
            exact: None,
            single_years: Vec::new(),
            pairs: Vec::new(),
        };
        Solved { planned: self.side.planned(), facts, layout: self.layout.clone(), finding }
    }
}

impl Answer {
    /// Of a test that told nothing.
    pub fn interrupted() -> Answer {
        Answer {
            ruling: Ruling::Interrupted,
            value: Estimate::unknown(1.0 - ALARM, ""),
            unavailabilities: Vec::new(),
            method: Method::Auto,
            because: "interrupted".to_string(),
            looks: 0,
            observations: 0,
            firings: 0,
            needs: None,
            warnings: Vec::new(),
        }
    }
}

/// By how much the budget would have to grow for the limits to shrink to the distance between estimate and limit.
fn needs(value: &Estimate, most: f64) -> Option<f64> {
    let found = libm::log(value.estimate?);
    let towards = if value.estimate? > most { value.low? } else { value.high? };
    let factor = (libm::log(towards) - found) / (libm::log(most) - found);
    Some(factor * factor).filter(|factor| factor.is_finite() && *factor < 1e4)
}
