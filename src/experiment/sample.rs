//! The observations of one design at one point: blocks, looks, the end.

use super::account::{Account, Recorder};
use super::approach::Approach;
use super::batch::Batches;
use super::control::{Stage, Stop};
use super::estimate::{First, Sample};
use super::outcome::Ended;
use super::probe::PILOT;
use super::process::Facts;
use super::replicate::Workers;
use super::settings::{BLOCK, FIRST_LOOK, MOST_OBSERVATIONS, Settings};
use super::stopping::{self, Look, Quantity};
use super::tally::{Layout, Tally};
use crate::engine::Path;
use crate::program::Program;
use crate::syntax::ast::Method;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Replication index of the long path of batch means.
const LONG_PATH: u64 = PILOT | 1 << 61;

/// Looks in a row without a firing after which a long path is given up; batches are joined in pairs meanwhile, so the
/// last of these looks are thousands of times as far apart as the first.
const IDLE: u32 = 32;

/// The observations so far, at a whole number of folded blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Folded blocks.
    pub blocks: u64,
    /// Blocks at the next look.
    pub next: u64,
    /// What they hold.
    pub tally: Tally,
}

/// Why and with what a point ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Why.
    pub ended: Ended,
    /// How many times the sample would be needed for the wanted precision.
    pub factor: Option<f64>,
    /// The relative half-width reached.
    pub width: Option<f64>,
}

/// Is told how far the sampling is: stage, outages, width, share.
pub type Report<'r> = &'r (dyn Fn(Stage, u64, Option<f64>, f64) + Sync);

/// Everything that sampling needs to know of a design.
pub struct Task<'t> {
    /// How it is solved.
    pub settings: &'t Settings,
    /// The leading condition.
    pub primary: Option<usize>,
    /// How it is solved, as chosen.
    pub approach: &'t Approach,
    /// Coordinates of the observations.
    pub layout: &'t Layout,
    /// Is told how far it is.
    pub report: Report<'t>,
}

impl Task<'_> {
    /// The sample that a tally is, at the scenario's confidence.
    pub fn sample<'s>(&'s self, facts: &'s Facts, tally: &'s Tally) -> Sample<'s> {
        sample(facts, self.layout, tally, self.settings, self.approach.method)
    }

    fn look(&self, facts: &Facts, tally: &Tally) -> Look {
        let sample = self.sample(facts, tally);
        let goals = stopping::goals(&sample, self.primary, self.settings);
        stopping::look(&sample, &goals, self.primary, self.settings)
    }

    fn end(&self, facts: &Facts, tally: &Tally, ended: Ended) -> End {
        let look = self.look(facts, tally);
        // The budget's end doesn't depend on the estimate, so it is as good a look as any.
        let ended = if ended == Ended::Budget && look.reached { Ended::Precision } else { ended };
        End { ended, factor: Some(look.factor).filter(|f| f.is_finite()), width: look.width }
    }

    fn outages(&self, facts: &Facts, tally: &Tally) -> u64 {
        self.primary.map_or(0, |up| self.sample(facts, tally).outages(up))
    }

    fn spent(&self, tally: &Tally) -> u64 {
        self.approach.firings + tally.firings
    }

    /// Blocks for which the budget lasts, at what they cost so far: what is computed beyond it is thrown away.
    fn affordable(&self, tally: &Tally, blocks: u64) -> u64 {
        if blocks == 0 {
            return u64::MAX;
        }
        let each = (tally.firings / blocks).max(1);
        blocks + (self.settings.budget.saturating_sub(self.spent(tally)) / each).max(1)
    }
}

/// The sample that a tally is.
pub fn sample<'s>(
    facts: &'s Facts,
    layout: &'s Layout,
    tally: &'s Tally,
    settings: &Settings,
    method: Method,
) -> Sample<'s> {
    let first = match method {
        Method::Regenerative | Method::Stratified => First::Cycles,
        Method::BatchMeans | Method::ImportanceSampling | Method::Splitting => First::Unknown,
        _ => First::Paths,
    };
    Sample { facts, layout, tally, confidence: settings.confidence, outage_bound: settings.outage_bound, first }
}

impl State {
    /// Before the first block.
    pub fn new(layout: &Layout, settings: &Settings) -> State {
        let first = settings.replications.unwrap_or(FIRST_LOOK).div_ceil(BLOCK);
        State { blocks: 0, next: first, tally: Tally::new(layout) }
    }
}

impl<'a> Workers<'a> {
    /// Observes until the end; `state` always holds what is known.
    pub fn observe(&self, task: &Task, state: &mut State) -> Result<End, Stop> {
        let facts = self.process.facts();
        if task.approach.method == Method::BatchMeans {
            return match facts.causes.names.is_empty() {
                true => self.observe_batches(task, state, &mut ()),
                false => self.observe_batches(task, state, &mut Account::new(self.process)),
            };
        }
        let mut needed = 0.0;
        loop {
            let ended = match self.observe_blocks(task, state, needed) {
                Ok(true) | Err(Stop::Cut) => Ended::Budget,
                Err(Stop::Interrupted) => Ended::Interrupted,
                Err(fault) => return Err(fault),
                Ok(false) if task.settings.replications.is_some() => Ended::Replications,
                Ok(false) => {
                    let look = task.look(facts, &state.tally);
                    needed = look.factor * state.blocks as f64;
                    (task.report)(Stage::Sampling, task.outages(facts, &state.tally), look.width, done(look.factor));
                    if look.reached {
                        Ended::Precision
                    } else if task.approach.still || state.tally.count >= MOST_OBSERVATIONS {
                        Ended::Budget
                    } else {
                        state.next = stopping::next_look(state.blocks, look.factor);
                        continue;
                    }
                }
            };
            return Ok(task.end(facts, &state.tally, ended));
        }
    }

    /// Observes up to the next look that `state` says; true when the budget ended first.
    pub fn extend(&self, task: &Task, state: &mut State) -> Result<bool, Stop> {
        match self.observe_blocks(task, state, 0.0) {
            Err(Stop::Cut) => Ok(true),
            done => done,
        }
    }

    /// Folds blocks up to the next look; true when the budget ended first. So many blocks are `needed` in all, as
    /// projected at the last look.
    fn observe_blocks(&self, task: &Task, state: &mut State, needed: f64) -> Result<bool, Stop> {
        let budget = task.settings.budget;
        let facts = self.process.facts();
        let compute = |path: &mut Path<'a>, block: u64| match facts.causes.names.is_empty() {
            true => self.block(path, &mut (), task, block),
            false => self.block(path, &mut Account::new(self.process), task, block),
        };
        let State { blocks, next, tally } = state;
        // It may have ended before, and gone on to single years.
        if *blocks > 0 && task.spent(tally) >= budget {
            return Ok(true);
        }
        while *blocks < *next {
            let end = task.affordable(tally, *blocks).min(*next);
            let spent = self.fold(*blocks..end, compute, |block: Tally| {
                tally.merge(task.layout, &block);
                *blocks += 1;
                let share = (*blocks as f64 / needed.max(*next as f64)).max(task.spent(tally) as f64 / budget as f64);
                (task.report)(Stage::Sampling, task.outages(facts, tally), None, share.min(1.0));
                if task.spent(tally) >= budget { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if spent {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn block(&self, path: &mut Path<'a>, kept: &mut impl Recorder, task: &Task, block: u64) -> Result<Tally, Stop> {
        let Task { settings, approach, layout, .. } = *task;
        let blocks = (block, settings.replications.unwrap_or(u64::MAX));
        match approach.method {
            Method::Regenerative => self.cycles(path, kept, layout, blocks, approach.cycles, settings.budget),
            Method::Stratified => {
                self.stratified(path, kept, layout, blocks, approach.strata.as_ref(), settings.budget)
            }
            Method::ImportanceSampling => self.importance(path, layout, blocks, approach, settings.budget),
            Method::Splitting => self.split(path, layout, blocks, approach, settings.budget),
            _ => self.replications(path, kept, layout, blocks, approach.window(), settings.budget),
        }
    }

    fn observe_batches(&self, task: &Task, state: &mut State, kept: &mut impl Recorder) -> Result<End, Stop> {
        let facts = self.process.facts();
        let lead: Vec<usize> = match task.primary {
            Some(up) => vec![Program::down(up), Program::failures(up)],
            None => (1..facts.sums).collect(),
        };
        let most = task.settings.budget.saturating_sub(task.approach.firings);
        let mut batches = Batches::new();
        let mut path = self.process.path();
        path.begin(self.seed, LONG_PATH)?;
        kept.begin(&path);
        let warm = self.advance_with(&mut path, task.approach.warmup, most, kept);
        path.take_sums(&mut vec![0.0; facts.sums]);
        kept.start(path.now());
        let span = (task.approach.warmup, task.approach.length);
        let (mut step, mut idle, mut factor) = (warm.map(|()| false), 0, 1.0);
        loop {
            if step.is_ok() {
                let before = path.firings();
                step = batches.extend(self, (&mut path, kept), task.layout, span, most, (factor, &lead));
                idle = if path.firings() == before { idle + 1 } else { 0 };
                if path.rests() && !task.approach.still {
                    return Err(Stop::Rests);
                }
                if idle >= IDLE {
                    step = Err(Stop::Cut);
                }
            }
            state.tally = batches.tally(task.layout);
            state.tally.firings = path.firings();
            state.tally.ties = path.ties().1;
            state.tally.sequences = kept.sequences();
            let look = task.look(facts, &state.tally);
            (task.report)(Stage::Sampling, task.outages(facts, &state.tally), look.width, done(look.factor));
            factor = look.factor;
            let ended = match step {
                Err(Stop::Cut) => Ended::Budget,
                Err(Stop::Interrupted) => Ended::Interrupted,
                Err(fault) => return Err(fault),
                Ok(uncorrelated) if uncorrelated && look.reached => Ended::Precision,
                Ok(_) if task.approach.still => Ended::Budget,
                Ok(_) => continue,
            };
            let end = task.end(facts, &state.tally, ended);
            let correlated = step != Ok(true) && ended == Ended::Budget;
            return Ok(End { ended: if correlated { Ended::Budget } else { end.ended }, ..end });
        }
    }
}

/// The share that is done when so many times the sample is needed.
fn done(factor: f64) -> f64 {
    (1.0 / factor).min(1.0)
}

/// The warning that belongs to a run that ended without its precision.
pub fn shortfall(end: &End, settings: &Settings, goal: Option<Quantity>) -> Option<String> {
    if end.ended != Ended::Budget {
        return None;
    }
    let what = match goal {
        Some(Quantity::Measure(_)) => "measure",
        _ => "unavailability",
    };
    let reached = end.width.map_or("no interval".to_string(), |width| format!("{:.3} %", 100.0 * width));
    let needs = match end.factor {
        Some(factor) => format!("needs about {:.1} times more than {} firings", factor.max(1.0), settings.budget),
        None => "how much more is needed can't be projected".to_string(),
    };
    Some(format!(
        "precision not reached: {reached} of the {what} instead of {:.3} %; {needs}",
        100.0 * settings.precision
    ))
}
