//! One path: settle immediates, advance, fire, revise clocks, collect rewards.
//!
//! [`Path::step`] is the whole algorithm. A path is a pure function of (program, seed, replication); it is reused
//! for many replications, and once its buffers have grown nothing is allocated. Rules are cited as in `SEMANTICS.md`.

mod choices;
mod clocks;
mod depart;
mod fault;
mod line;
mod pool;
mod reuse;
mod rewards;
mod seats;

pub use fault::{Fault, FaultKind};
pub(crate) use seats::Seat;
use seats::seats;

use crate::net::TransitionId;
use crate::program::{Effect, Firing, Program};
use crate::queue::NEVER;
use crate::syntax::ast::Ties;
use choices::Choices;
use clocks::Clocks;
use fault::Problem;
use reuse::reusing_clone;
use rewards::Rewards;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most immediate, and most timed, firings at one instant (S6).
const MOST_AT_ONCE: u32 = 1_000_000;

/// From the last thousand before that limit on, what fires is noted: it is the loop.
const NOTED: u32 = MOST_AT_ONCE - 1_000;

/// How a path is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What decides between clocks due at the same time (S13).
    pub ties: Ties,
    /// Look for confusion (S6); slows the path down.
    pub confusion: bool,
}

/// Is told what happens on a path. All methods do nothing by default.
pub trait Observer {
    /// A transition has fired at `time`; `marking` is the one after it (maybe vanishing), by flat place.
    fn fired(&mut self, time: f64, transition: TransitionId, marking: &[u32]) {
        let _ = (time, transition, marking);
    }

    /// The `up` condition `up` has changed to `is_up` in the tangible marking reached at `time`.
    fn changed(&mut self, time: f64, up: usize, is_up: bool) {
        let _ = (time, up, is_up);
    }

    /// The tangible marking reached at `time`, by flat place, the sums of places that expressions read behind the real
    /// ones; after [`Observer::changed`].
    fn settled(&mut self, time: f64, marking: &[u32]) {
        let _ = (time, marking);
    }

    /// The `up` condition `up` was down from `start` to `end` (S14). Told once it is certain that the outage is over:
    /// at its next failure, or at the end of [`Path::run_until`].
    fn outage(&mut self, up: usize, start: f64, end: f64) {
        let _ = (up, start, end);
    }
}

impl Observer for () {}

/// One path of a program.
#[derive(Debug)]
pub struct Path<'p> {
    program: &'p Program,
    options: Options,
    seed: u64,
    replication: u64,
    /// Whether it, or what it was copied from, is a copy with a future of its own.
    copied: bool,
    now: f64,
    /// Tokens by place, derived places behind the real ones.
    marking: Vec<u32>,
    initial: Vec<u32>,
    clocks: Clocks<'p>,
    choices: Choices<'p>,
    rewards: Rewards<'p>,
    seats: Arc<[Seat]>,
    fired: Vec<u64>,
    firings: u64,
    immediate_here: u32,
    timed_here: u32,
    /// What fired last at one instant that sees too many firings, and that instant.
    noted: BTreeSet<TransitionId>,
    noted_at: f64,
    /// Truth of each watched condition.
    holds: Vec<bool>,
    ties: u64,
}

reusing_clone!(
    Path<'p>,
    program,
    options,
    seed,
    replication,
    now,
    marking,
    initial,
    clocks,
    choices,
    rewards,
    seats,
    fired,
    copied,
    firings,
    immediate_here,
    timed_here,
    noted,
    noted_at,
    holds,
    ties
);

impl<'p> Path<'p> {
    /// A path that has not begun.
    pub fn new(program: &'p Program, options: Options) -> Path<'p> {
        Path {
            program,
            options,
            seed: 0,
            replication: 0,
            copied: false,
            now: 0.0,
            marking: program.initial.clone(),
            initial: program.initial.clone(),
            clocks: Clocks::new(program),
            choices: Choices::new(program, options.confusion),
            rewards: Rewards::new(program),
            seats: seats(program).into(),
            fired: vec![0; program.transitions()],
            firings: 0,
            immediate_here: 0,
            timed_here: 0,
            noted: BTreeSet::new(),
            noted_at: f64::NAN,
            holds: vec![false; program.watches.len()],
            ties: 0,
        }
    }

    /// Starts replication `replication` of `seed` from the initial marking with fresh clocks, at time 0.
    ///
    /// # Errors
    /// The immediates of the initial marking may find a [`Fault`].
    pub fn begin(&mut self, seed: u64, replication: u64) -> Result<(), Fault> {
        self.begin_observed(seed, replication, &mut ())
    }

    /// As [`Path::begin`]; `observer` sees the immediates of the initial marking fire.
    ///
    /// # Errors
    /// As [`Path::begin`].
    pub fn begin_observed<O: Observer>(&mut self, seed: u64, replication: u64, observer: &mut O) -> Result<(), Fault> {
        let program = self.program;
        self.reset(seed, replication, &program.initial);
        self.choices.begin(seed, replication, &self.marking);
        self.settle(observer)?;
        self.initial.copy_from_slice(&self.marking);
        self.clocks.revise_all(&self.marking, 0.0).map_err(|problem| self.fault(problem))?;
        self.rewards.begin(&self.marking).map_err(|problem| self.fault(problem))
    }

    /// Forgets everything but the marking, at time 0; clocks don't run yet.
    fn reset(&mut self, seed: u64, replication: u64, marking: &[u32]) {
        (self.seed, self.replication, self.now) = (seed, replication, 0.0);
        self.copied = false;
        self.fired.fill(0);
        (self.firings, self.immediate_here, self.timed_here, self.ties) = (0, 0, 0, 0);
        self.noted_at = f64::NAN;
        self.clocks.begin(seed, replication, self.options.ties);
        self.place(marking);
        self.rewards.clear();
    }

    /// Moves to a marking, of which nothing has been told to the clocks, immediates and rewards.
    fn place(&mut self, marking: &[u32]) {
        self.marking.copy_from_slice(marking);
        for (holds, watch) in self.holds.iter_mut().zip(&self.program.watches) {
            *holds = watch.condition.holds(&self.marking);
        }
    }

    /// Runs to the absolute time `time`; afterwards [`Path::now`] is `time`.
    ///
    /// # Errors
    /// See [`FaultKind`]; the path can't be continued, only begun again.
    pub fn run_until<O: Observer>(&mut self, time: f64, observer: &mut O) -> Result<(), Fault> {
        while self.step(time, observer)? {}
        self.rewards.tell_outages(self.now, observer);
        Ok(())
    }

    /// Fires the next timed transition, and the immediates that follow, if it is due by `limit`;
    /// else moves to `limit` and returns false.
    ///
    /// # Errors
    /// As [`Path::run_until`].
    #[inline]
    pub fn step<O: Observer>(&mut self, limit: f64, observer: &mut O) -> Result<bool, Fault> {
        let (race, due) = self.clocks.first();
        if due > limit || due == NEVER {
            self.now = limit;
            return Ok(false);
        }
        self.advance(due);
        let transition = self.clocks.expire(race);
        if self.immediate_here.max(self.timed_here) > NOTED {
            self.note(transition)?;
        }
        self.fire(transition, observer)?;
        self.settle(observer)?;
        self.revise(observer)?;
        observer.settled(self.now, &self.marking);
        Ok(true)
    }

    /// Moves time forward, and counts the firings at one instant.
    #[inline(always)]
    fn advance(&mut self, due: f64) {
        if due > self.now {
            self.now = due;
            (self.immediate_here, self.timed_here) = (0, 0);
        } else {
            self.ties += 1;
            self.timed_here += 1;
        }
    }

    /// Fires one transition: marking, counts, and what may have changed.
    #[inline(always)]
    fn fire<O: Observer>(&mut self, transition: TransitionId, observer: &mut O) -> Result<(), Fault> {
        let index = transition.0 as usize;
        let firing = self.program.firing(transition);
        if firing.extra == Firing::PLAIN {
            if let Err(place) = apply(firing.effects(&self.program.tape), &mut self.marking, &self.program.limits) {
                return Err(self.overrun(transition, place));
            }
        } else {
            self.fire_rare(transition)?;
        }
        self.fired[index] += 1;
        self.firings += 1;
        self.clocks.mark(firing.races(&self.program.tape));
        self.rewards.mark(firing.rewards(&self.program.tape));
        self.choices.update(firing.immediates(&self.program.tape), &self.marking);
        for &watch in firing.watches(&self.program.tape) {
            self.look(watch as usize);
        }
        observer.fired(self.now, transition, &self.marking[..self.program.place_names.len()]);
        Ok(())
    }

    /// Those that share a condition are marked when its truth has changed.
    #[inline]
    fn look(&mut self, watch: usize) {
        let spec = &self.program.watches[watch];
        let holds = spec.condition.holds(&self.marking);
        if holds != self.holds[watch] || spec.always {
            self.holds[watch] = holds;
            self.clocks.mark(&spec.races);
            self.choices.update_many(&spec.immediates, holds, &self.marking);
        }
    }

    /// A firing with impulses, flushes, or clocks that see the marking in between (S10).
    #[cold]
    fn fire_rare(&mut self, transition: TransitionId) -> Result<(), Fault> {
        let program = self.program;
        let firing = program.firing(transition);
        let extra = &program.extras[firing.extra as usize];
        self.rewards
            .impulses(&extra.impulses, &self.marking)
            .map_err(|message| self.fault(Problem::bad_value(transition, message)))?;
        for (place, sums) in &extra.flushes {
            let emptied = std::mem::take(&mut self.marking[*place as usize]);
            sums.iter().for_each(|&sum| self.marking[sum as usize] -= emptied);
        }
        let applied = if extra.fragile.is_empty() {
            apply(firing.effects(&program.tape), &mut self.marking, &program.limits)
        } else {
            let taken = apply(&extra.takes, &mut self.marking, &program.limits);
            self.glimpse(&extra.fragile);
            let put = apply(&extra.puts, &mut self.marking, &program.limits);
            self.glimpse(&extra.fragile);
            taken.and(put)
        };
        applied.map_err(|place| self.overrun(transition, place))
    }

    /// Races that see the marking in between look at it (S10).
    fn glimpse(&mut self, changed: &[u32]) {
        for &place in changed {
            self.clocks.glimpse(&self.program.fragile[place as usize], &self.marking);
        }
    }

    /// Fires immediates until the marking is tangible (S4, S5).
    #[inline(always)]
    fn settle<O: Observer>(&mut self, observer: &mut O) -> Result<(), Fault> {
        while self.choices.any() {
            let chosen = self.choices.choose(&self.marking).map_err(|problem| self.fault(problem))?;
            self.immediate_here += 1;
            if self.immediate_here.max(self.timed_here) > NOTED {
                self.note(chosen)?;
            }
            self.fire(chosen, observer)?;
            self.choices.compare(chosen);
        }
        Ok(())
    }

    /// Clocks and rewards in the new tangible marking (S10).
    #[inline(always)]
    fn revise<O: Observer>(&mut self, observer: &mut O) -> Result<(), Fault> {
        if let Err(problem) = self.clocks.revise(&self.marking, self.now) {
            return Err(self.fault(problem));
        }
        match self.rewards.revise(&self.marking, self.now, observer) {
            Ok(()) => Ok(()),
            Err(problem) => Err(self.fault(problem)),
        }
    }

    /// Simulated time, seconds.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// Tokens by flat place, in the present tangible marking.
    pub fn marking(&self) -> &[u32] {
        &self.marking[..self.program.place_names.len()]
    }

    /// The same, with the sums of places that expressions read behind the real ones.
    pub(crate) fn whole_marking(&self) -> &[u32] {
        &self.marking
    }

    /// Whether the `up` condition `up` holds now.
    pub fn is_up(&self, up: usize) -> bool {
        self.rewards.is_up(up)
    }

    /// The present value of the average `index` that is a function of the marking: those behind the `up` conditions
    /// among the program's rewards.
    pub(crate) fn reward(&self, index: usize) -> f64 {
        self.rewards.average(index)
    }

    /// Adds the sums since the last call (or since `begin`) to `sums`, laid out as [`Program`] says,
    /// and starts new ones.
    pub fn take_sums(&mut self, sums: &mut [f64]) {
        self.rewards.take(self.now, &self.fired, sums);
    }

    /// Whether nothing can fire any more, by itself.
    pub fn rests(&mut self) -> bool {
        self.clocks.first().1 == NEVER
    }

    /// Whether this instant is a true regeneration: the tangible marking is the first one, every clock that isn't
    /// exponential was started at this very instant, and none waits with a kept value.
    pub fn regenerated(&self) -> bool {
        self.marking == self.initial && self.clocks.all_fresh(self.now)
    }

    /// The time of the first failure of the `up` condition `up` since `begin`.
    pub fn first_failure(&self, up: usize) -> Option<f64> {
        self.rewards.first_failure(up)
    }

    /// Timed and immediate firings since `begin`.
    pub fn firings(&self) -> u64 {
        self.firings
    }

    /// Firings of each flat transition since `begin`.
    pub fn fired(&self) -> &[u64] {
        &self.fired
    }

    /// Ages of all running clocks that are not exponential: calls `visit` with transition and age in seconds
    /// (since the clock's start, whatever its speed).
    pub fn ages(&self, visit: &mut dyn FnMut(TransitionId, f64)) {
        self.clocks.ages(self.now, visit);
    }

    /// Ties seen, and ties that decided something (S13), since `begin`.
    pub fn ties(&self) -> (u64, u64) {
        (self.ties, self.clocks.decided())
    }

    /// Pairs of conflict sets between which the order mattered (S6), each by a transition of either set.
    /// Empty unless [`Options::confusion`] is set. Kept over replications.
    pub fn confusion(&self) -> Vec<(TransitionId, TransitionId)> {
        self.choices.confusion()
    }
}

/// Changes the marking; the place that would hold too much is the error.
#[inline(always)]
fn apply(effects: &[Effect], marking: &mut [u32], limits: &[u32]) -> Result<(), u32> {
    for &[place, change] in effects {
        let tokens = &mut marking[place as usize];
        *tokens = tokens.wrapping_add(change);
        if *tokens > limits[place as usize] {
            return Err(place);
        }
    }
    Ok(())
}
