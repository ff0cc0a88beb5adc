//! The clocks of a path seen from outside: asked for their ages, and given new futures.
//!
//! What a clock will do is drawn when it starts. A copy of a path that is to have a future of its own draws what is
//! left of every clock anew, conditioned on what the clock has survived; so does whoever scales its hazard.

use super::Path;
use super::clocks::Clocks;
use crate::dist::Law;
use crate::net::TransitionId;
use crate::program::{PoolLaw, Program, RaceKind};
use crate::queue::NEVER;
use crate::rng::Draw;
use crate::syntax::ast::{MemoryPolicy, Ties};
use std::sync::Arc;

/// What is left of a clock of a law at an age, both in the clock's progress.
pub(crate) type Residual<'r> = dyn FnMut(&Law, f64, &mut Draw) -> f64 + 'r;

/// Where the clocks of one timed transition are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    /// Whose they are.
    pub transition: TransitionId,
    race: u32,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Simple(u32),
    Pool(u32),
}

/// The seats of all timed transitions.
pub(super) fn seats(program: &Program) -> Vec<Seat> {
    let mut all = Vec::with_capacity(program.clocks.len() + program.pools.len());
    for (race, spec) in program.races.iter().enumerate() {
        let race = race as u32;
        let clocks = match spec.kind {
            RaceKind::Pool { pool } => {
                all.push(Seat { transition: program.pools[pool as usize].transition, race, at: At::Pool(pool) });
                continue;
            }
            RaceKind::Single { clock } => (clock, clock + 1),
            RaceKind::Many { clocks } | RaceKind::Normals { clocks, .. } => clocks,
        };
        let seat = |c: u32| Seat { transition: program.transition_of[c as usize], race, at: At::Simple(c) };
        all.extend((clocks.0..clocks.1).map(seat));
    }
    all
}

impl Seat {
    /// The law of its clocks, unless its parameters depend on the marking; then they keep the future they drew.
    pub fn law<'p>(&self, program: &'p Program) -> Option<&'p Law> {
        match self.at {
            At::Simple(clock) => Some(&program.clocks[clock as usize]),
            At::Pool(pool) => match &program.pools[pool as usize].law {
                PoolLaw::Constant(law) => Some(law),
                PoolLaw::Marking(_) => None,
            },
        }
    }

    /// Whether stopped clocks begin again with the whole of their samples (S9), which so outlast them.
    pub fn is_identical(&self, program: &Program) -> bool {
        self.memory(program) == MemoryPolicy::Identical
    }

    /// Whether anything of a stopped clock comes back (S9).
    pub fn keeps(&self, program: &Program) -> bool {
        matches!(self.memory(program), MemoryPolicy::Age | MemoryPolicy::Identical)
    }

    fn memory(&self, program: &Program) -> MemoryPolicy {
        match self.at {
            At::Simple(_) => MemoryPolicy::Enabling,
            At::Pool(pool) => program.pools[pool as usize].memory,
        }
    }
}

impl Clocks<'_> {
    /// All further draws are from other streams.
    fn reseed(&mut self, seed: u64, replication: u64, ties: Ties) {
        for (clock, keys) in self.simple.iter_mut().zip(&self.program.keys) {
            clock.stream = keys.clock.stream(seed, replication);
        }
        for (stream, keys) in self.ties.iter_mut().zip(&self.program.keys) {
            *stream = keys.tie.stream(seed, replication);
        }
        for (state, pool) in self.pools.iter_mut().zip(&self.program.pools) {
            state.reseed(pool, seed, replication, ties);
        }
    }

    /// Whether a simple race has been judged to run.
    fn runs(&self, seat: &Seat) -> bool {
        self.races[seat.race as usize].running
    }

    /// When a simple clock began.
    fn began(&self, race: u32, clock: u32) -> f64 {
        let state = &self.races[race as usize];
        let together = state.lazy || matches!(self.program.races[race as usize].kind, RaceKind::Single { .. });
        if together { state.since } else { self.since[clock as usize] }
    }

    /// Draws what a race hasn't drawn yet.
    fn settle(&mut self, race: usize) {
        if let RaceKind::Normals { clocks, mu, sigma } = self.program.races[race].kind
            && self.races[race].lazy
        {
            self.settle_normals(race, clocks, mu, sigma, self.races[race].since);
        }
    }

    /// When the first running clock of a transition is due; never, if none runs.
    fn due(&mut self, seat: &Seat, now: f64) -> f64 {
        match seat.at {
            At::Simple(clock) if self.runs(seat) => {
                self.settle(seat.race as usize);
                self.simple[clock as usize].value
            }
            At::Simple(_) => NEVER,
            At::Pool(pool) => self.pools[pool as usize].due(now),
        }
    }

    /// Gives the running clocks of a transition, and its kept values, new futures, or those clocks alone that have just
    /// `started`.
    fn redraw(&mut self, seat: &Seat, now: f64, started: bool, residual: &mut Residual) {
        let race = seat.race as usize;
        match seat.at {
            At::Simple(clock) if self.runs(seat) => {
                self.settle(race);
                let age = now - self.began(seat.race, clock);
                if started && age != 0.0 {
                    return;
                }
                let state = &mut self.simple[clock as usize];
                state.value = now + residual(&self.program.clocks[clock as usize], age, &mut state.stream.draw());
                if let RaceKind::Many { clocks } | RaceKind::Normals { clocks, .. } = self.program.races[race].kind {
                    self.races[race].winner = self.earliest(clocks);
                }
                self.enqueue(race);
            }
            At::Simple(_) => {}
            At::Pool(pool) => {
                let state = &mut self.pools[pool as usize];
                state.redraw(&self.program.pools[pool as usize], now, started, residual);
                self.queue.set(race, state.due(now));
            }
        }
    }
}

impl<'p> Path<'p> {
    /// Makes this path a copy of another, at the same instant, with a future of its own: what is left of every clock
    /// is drawn anew, conditioned on the clock's age, from the streams of another seed and replication. Clocks of
    /// fixed delays, and those whose law has parameters that depend on the marking, keep the future they have
    /// (see [`stuck`](Path::stuck)).
    pub fn fork(&mut self, other: &Path<'p>, seed: u64, replication: u64) {
        self.clone_from(other);
        self.refresh(seed, replication);
    }

    /// Gives this path another future in the same way.
    pub fn refresh(&mut self, seed: u64, replication: u64) {
        (self.seed, self.replication) = (seed, replication);
        self.copied = true;
        self.clocks.reseed(seed, replication, self.options.ties);
        self.choices.reseed(seed, replication);
        for seat in self.seats.clone().iter() {
            if !matches!(seat.law(self.program), Some(Law::Deterministic { .. })) {
                self.redraw(seat, &mut |law, age, draw| law.sample_residual(age, draw));
            }
        }
    }

    /// The first transition whose clocks keep their drawn future in every copy, since the parameters of their law
    /// depend on the marking in which they started.
    pub fn stuck(program: &Program) -> Option<TransitionId> {
        seats(program).into_iter().find(|seat| seat.law(program).is_none()).map(|seat| seat.transition)
    }

    /// When a transition fires next if nothing is changed before, and which; none when nothing will.
    pub fn upcoming(&mut self) -> Option<(f64, TransitionId)> {
        let (race, due) = self.clocks.first();
        (due != NEVER).then(|| (due, self.clocks.due_in(race)))
    }

    /// The seats of all timed transitions.
    pub(crate) fn seats(&self) -> Arc<[Seat]> {
        self.seats.clone()
    }

    /// Gives the running clocks of a transition new futures: `residual` says what is left of a clock of its law at
    /// its age.
    pub(crate) fn redraw(&mut self, seat: &Seat, residual: &mut Residual) {
        self.clocks.redraw(seat, self.now, false, residual);
    }

    /// The same of those clocks alone that started at this instant.
    pub(crate) fn redraw_started(&mut self, seat: &Seat, residual: &mut Residual) {
        self.clocks.redraw(seat, self.now, true, residual);
    }

    /// When the first running clock of a transition runs out if nothing is changed before; infinite, if none does.
    pub(crate) fn due(&mut self, seat: &Seat) -> f64 {
        self.clocks.due(seat, self.now)
    }

    /// Visits the running clocks of a transition: the age that its law is conditioned on, in progress, and whether it
    /// started at this instant.
    pub(crate) fn visit(&self, seat: &Seat, visit: &mut dyn FnMut(f64, bool)) {
        let clocks = &self.clocks;
        match seat.at {
            At::Simple(clock) if clocks.runs(seat) => {
                let began = clocks.began(seat.race, clock);
                visit(self.now - began, began == self.now);
            }
            At::Simple(_) => {}
            At::Pool(pool) => {
                clocks.pools[pool as usize].clocks(&self.program.pools[pool as usize], self.now, visit);
            }
        }
    }

    /// Whether a transition has a running clock, standing still or not.
    pub(crate) fn is_running(&self, seat: &Seat) -> bool {
        match seat.at {
            At::Simple(_) => self.clocks.runs(seat),
            At::Pool(pool) => self.clocks.pools[pool as usize].running() > 0,
        }
    }

    /// Progress per second of a transition's clocks.
    pub(crate) fn speed(&self, seat: &Seat) -> f64 {
        match seat.at {
            At::Simple(_) => 1.0,
            At::Pool(pool) => self.clocks.pools[pool as usize].speed(),
        }
    }

    /// See [`Choices::tilt`](super::choices::Choices::tilt).
    pub(crate) fn tilt(&mut self, share: f64) {
        self.choices.tilt(share);
    }

    /// ln of the likelihood ratio of the tilted choices since the last call.
    pub(crate) fn take_log_ratio(&mut self) -> f64 {
        self.choices.take_log_ratio()
    }

    /// Whether the tangible marking is the first one.
    pub fn is_initial(&self) -> bool {
        self.marking == self.initial
    }
}
