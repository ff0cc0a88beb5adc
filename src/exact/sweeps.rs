//! Iteration, for chains that are too large to be eliminated: Gauss–Seidel sweeps, forwards and backwards in turn, and
//! multilevel aggregation where they are slow.
//!
//! Every new value is a sum of positive terms, so small probabilities settle to full relative accuracy too. The
//! criterion is the largest relative change of any probability, continued at the rate at which it has been falling.
//! A part that is nearly uncoupled from the rest changes so slowly that this could deceive; so sweeps that have settled
//! are held against one cycle of aggregation, in which the weights of such parts are a matter of elimination.

use super::chain::Chain;
use super::long_run::Solver;
use super::multilevel::{Level, coarsen, cycle};
use super::{Refusal, Stop, go_on};
use std::collections::VecDeque;

/// Where the projected relative error is small enough.
const SETTLED: f64 = 1e-11;

/// Changes below it are rounding; then the projection may be this large.
const ROUNDING: f64 = 1e-14;
const ACCEPTED: f64 = 1e-9;

/// Most that a cycle of aggregation may still change, relatively, where sweeps have settled.
const CONFIRMED: f64 = 1e-8;

/// States less probable than that aren't asked whether they have settled.
const NEGLIGIBLE: f64 = 1e-30;

/// Most entries visited in all.
const MOST_WORK: u64 = 100_000_000_000;

/// Most sweeps.
const MOST_SWEEPS: usize = 200_000;

/// Most cycles of aggregation.
const MOST_CYCLES: usize = 60;

/// Sweeps before it is asked whether they are too slow, and how many to come are too many.
const PATIENCE: usize = 30;
const SLOW: f64 = 150.0;

/// Rounds over which the rate of convergence is taken: of sweeps, and of cycles.
const SWEEPS: usize = 10;
const CYCLES: usize = 3;

/// Probabilities of an irreducible chain, how they were found, and how many sweeps and cycles they took.
pub(super) fn sweeps(chain: &Chain, stop: Stop) -> Result<(Vec<f64>, Solver, usize), Refusal> {
    let mut top = Level::new(chain);
    top.guess();
    top.normalise();
    let entries = 2 * chain.transitions() as u64 + 1;
    let most = MOST_SWEEPS.min((MOST_WORK / entries) as usize);
    let mut iteration = Iteration { levels: vec![top], rounds: 0, entries, stop };
    let slow = |progress: &Progress| progress.rounds >= PATIENCE && progress.to_come() > SLOW;
    let first = iteration.run(Progress::over(SWEEPS), most, Round::Sweep, &slow)?;
    if first.is_settled() && iteration.is_confirmed()? {
        return Ok(iteration.done(Solver::Sweeps));
    }
    let swept = iteration.levels[0].weights.clone();
    coarsen(&mut iteration.levels, stop)?;
    let away = |progress: &Progress| progress.rounds > 2 * CYCLES && progress.rate > 2.0;
    if iteration.run(Progress::over(CYCLES), MOST_CYCLES, Round::Cycle, &away)?.is_settled() {
        return Ok(iteration.done(Solver::Multilevel));
    }
    iteration.levels[0].weights = swept;
    let last = iteration.run(Progress::over(SWEEPS), most, Round::Sweep, &|_| false)?;
    if last.is_settled() {
        return Ok(iteration.done(Solver::Sweeps));
    }
    Err(Refusal::NotSettled { sweeps: iteration.rounds, change: last.change(), states: chain.states() })
}

/// What is done again and again.
#[derive(Clone, Copy)]
enum Round {
    Sweep,
    Cycle,
}

struct Iteration<'s> {
    /// The chain itself first.
    levels: Vec<Level>,
    rounds: usize,
    /// Entries visited in one sweep.
    entries: u64,
    stop: Stop<'s>,
}

impl Iteration<'_> {
    /// Rounds until all has settled, there are too many, or `enough` says so.
    fn run(
        &mut self,
        mut progress: Progress,
        most: usize,
        round: Round,
        enough: &dyn Fn(&Progress) -> bool,
    ) -> Result<Progress, Refusal> {
        let mut before = self.levels[0].weights.clone();
        while progress.rounds < most && !progress.is_settled() && !enough(&progress) {
            progress.add(self.round(round, &before)?);
            before.copy_from_slice(&self.levels[0].weights);
        }
        Ok(progress)
    }

    /// The largest relative change in one round.
    fn round(&mut self, round: Round, before: &[f64]) -> Result<f64, Refusal> {
        go_on(self.stop, before.len() as u64)?;
        match round {
            Round::Sweep => {
                go_on(self.stop, self.entries)?;
                self.levels[0].sweep();
            }
            Round::Cycle => cycle(&mut self.levels, self.stop)?,
        }
        self.levels[0].normalise();
        self.rounds += 1;
        let asked = before.iter().zip(&self.levels[0].weights).filter(|(_, after)| **after > NEGLIGIBLE);
        Ok(asked.map(|(before, after)| (before - after).abs() / after).fold(0.0, f64::max))
    }

    /// Whether a cycle of aggregation leaves what sweeps have settled nearly as it is.
    fn is_confirmed(&mut self) -> Result<bool, Refusal> {
        let swept = self.levels[0].weights.clone();
        coarsen(&mut self.levels, self.stop)?;
        let is_confirmed = self.round(Round::Cycle, &swept)? <= CONFIRMED;
        if is_confirmed {
            self.levels[0].weights = swept;
        }
        Ok(is_confirmed)
    }

    fn done(mut self, solver: Solver) -> (Vec<f64>, Solver, usize) {
        (std::mem::take(&mut self.levels[0].weights), solver, self.rounds)
    }
}

/// The changes of the rounds.
struct Progress {
    rounds: usize,
    /// The last ones, one more than the rate is taken over.
    changes: VecDeque<f64>,
    over: usize,
    /// The factor by which they fall from round to round.
    rate: f64,
}

impl Progress {
    fn over(over: usize) -> Progress {
        Progress { rounds: 0, changes: VecDeque::new(), over, rate: f64::INFINITY }
    }

    fn add(&mut self, change: f64) {
        self.rounds += 1;
        self.changes.push_back(change);
        if self.changes.len() <= self.over {
            return;
        }
        if change > ROUNDING {
            let mean = libm::pow(change / self.changes[0], 1.0 / self.over as f64);
            // A slow part shows in the last step first.
            self.rate = mean.max(change / self.changes[self.over - 1]);
        }
        self.changes.pop_front();
    }

    fn change(&self) -> f64 {
        self.changes.back().copied().unwrap_or(f64::INFINITY)
    }

    /// The error that is left, if the changes go on to fall as they have done.
    fn left(&self) -> f64 {
        if self.rate < 1.0 { self.change() * self.rate / (1.0 - self.rate) } else { f64::INFINITY }
    }

    fn to_come(&self) -> f64 {
        if self.rate < 1.0 { libm::log(SETTLED / self.change()) / libm::log(self.rate) } else { f64::INFINITY }
    }

    fn is_settled(&self) -> bool {
        let (change, left) = (self.change(), self.left());
        change == 0.0 || left <= SETTLED || change <= ROUNDING && left <= ACCEPTED
    }
}
