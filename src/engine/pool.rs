//! The clocks of one transition with several servers, memory, speed or marking-dependent parameters (S8–S12).
//!
//! All clocks of a transition run at the same speed, so they are kept in *progress*, the integral of the speed:
//! a change of speed moves no clock, and the first of them stays the first.

use super::fault::Problem;
use super::line::{Line, Running};
use super::reuse::reusing_clone;
use super::seats::Residual;
use crate::program::{Pool, PoolLaw};
use crate::queue::NEVER;
use crate::rng::Stream;
use crate::syntax::ast::{MemoryPolicy, Ties};
use std::collections::VecDeque;

/// The running and kept clocks of one pool.
#[derive(Debug, Default)]
pub(super) struct PoolState {
    running: Line,
    /// Values of stopped clocks, last stopped last (S9).
    kept: Vec<Stopped>,
    /// Needs that wait for a shared server (S8).
    pub waiting: u32,
    /// Its race, once judged.
    pub race: u32,
    /// Least need seen in a marking in between (S10).
    lowest: Option<u32>,
    /// Integral of the speed up to `at`; plain time when there is no speed.
    progress: f64,
    at: f64,
    speed: Option<f64>,
    stream: Option<Stream>,
    tie: u64,
    ties: Option<Stream>,
    /// Tie key of the clock that was due first when that was last asked.
    pub first_tie: u64,
}

reusing_clone!(PoolState, running, kept, waiting, race, lowest, progress, at, speed, stream, tie, ties, first_tie);

/// What is kept of a stopped clock (S9).
#[derive(Debug, Clone, Copy)]
struct Stopped {
    /// What is left (`Age`), or the whole sample (`Identical`).
    value: f64,
    /// What it had run for, in progress: in all (`Age`), or at the most (`Identical`).
    age: f64,
}

impl PoolState {
    pub fn begin(&mut self, pool: &Pool, seed: u64, replication: u64, ties: Ties) {
        self.running.clear();
        self.kept.clear();
        (self.waiting, self.lowest, self.progress, self.at) = (0, None, 0.0, 0.0);
        self.speed = pool.speed.as_ref().map(|_| 0.0);
        self.tie = pool.stream.0[0];
        self.reseed(pool, seed, replication, ties);
    }

    /// All further draws are from other streams.
    pub fn reseed(&mut self, pool: &Pool, seed: u64, replication: u64, ties: Ties) {
        self.stream = Some(pool.stream.stream(seed, replication));
        self.ties = (ties == Ties::Random).then(|| pool.tie.stream(seed, replication));
    }

    /// Number of running clocks.
    #[inline]
    pub fn running(&self) -> u32 {
        self.running.len() as u32
    }

    /// Notes the need in a marking in between.
    pub fn glimpse(&mut self, need: u32) {
        self.lowest = Some(self.lowest.map_or(need, |lowest| lowest.min(need)));
    }

    /// The least of the present need and those glimpsed, which are forgotten.
    #[inline]
    pub fn least(&mut self, need: u32) -> u32 {
        self.lowest.take().map_or(need, |lowest| lowest.min(need))
    }

    /// Progress now.
    #[inline]
    fn progress(&self, now: f64) -> f64 {
        match self.speed {
            None => now,
            Some(speed) => self.progress + (now - self.at) * speed,
        }
    }

    /// Where no running clock refers to it, progress begins anew, so that no rounding piles up to decide a tie (S13).
    #[inline]
    fn restart_progress(&mut self, now: f64) {
        if self.speed.is_some() {
            (self.progress, self.at) = (0.0, now);
        }
    }

    /// The speed of the present marking holds from now on (S11).
    #[inline]
    pub fn change_speed(&mut self, pool: &Pool, marking: &[u32], now: f64) -> Result<(), Problem> {
        let Some(code) = &pool.speed else { return Ok(()) };
        let speed = code.evaluate(marking);
        if self.speed != Some(speed) {
            if !(speed >= 0.0 && speed.is_finite()) {
                let message = format!("its speed (or rate) is {speed}, and must be at least 0 and finite");
                return Err(Problem::bad_value(pool.transition, message));
            }
            (self.progress, self.at, self.speed) = (self.progress(now), now, Some(speed));
        }
        Ok(())
    }

    /// The clock that is due has run out.
    #[inline]
    pub fn expire(&mut self) {
        self.running.remove_first();
    }

    /// The youngest clock is stopped (S8, S9). True when it was due at this very instant (S13).
    pub fn stop_youngest(&mut self, pool: &Pool, now: f64) -> bool {
        let progress = self.progress(now);
        let Some(clock) = self.running.pop() else { return false };
        match pool.memory {
            MemoryPolicy::Age => {
                let value = (clock.due - progress).max(0.0);
                self.kept.push(Stopped { value, age: clock.age(pool.memory, progress) });
            }
            MemoryPolicy::Identical => {
                self.kept.push(Stopped { value: clock.sample, age: clock.age(pool.memory, progress) });
            }
            MemoryPolicy::Enabling | MemoryPolicy::Resample => {}
        }
        clock.due <= progress && self.speed != Some(0.0)
    }

    /// One more clock runs: with a kept value, else with a new sample (S9).
    #[inline]
    pub fn start(&mut self, pool: &Pool, marking: &[u32], now: f64) -> Result<(), Problem> {
        let (sample, before, kept) = match self.kept.pop() {
            Some(Stopped { value, age }) => (value, age, true),
            None => (sample(&mut self.stream, pool, marking)?, 0.0, false),
        };
        let tie = self.ties.as_mut().map_or(self.tie, |ties| ties.draw().bits());
        if self.running.len() == 0 {
            self.restart_progress(now);
        }
        let from = self.progress(now);
        self.running.push(Running { due: from + sample, sample, since: now, from, before, kept, tie });
        Ok(())
    }

    /// All running clocks draw anew, oldest first (S9).
    pub fn resample(&mut self, pool: &Pool, marking: &[u32], now: f64) -> Result<(), Problem> {
        self.restart_progress(now);
        let progress = self.progress(now);
        let PoolState { running, stream, ties, tie, .. } = self;
        running.change_all(|clock| {
            let sample = sample(stream, pool, marking)?;
            let tie = ties.as_mut().map_or(*tie, |ties| ties.draw().bits());
            *clock =
                Running { due: progress + sample, sample, since: now, from: progress, before: 0.0, kept: false, tie };
            Ok(())
        })
    }

    /// Gives every running clock, and every kept value, a new future, or those clocks alone that have just `started`:
    /// `residual` says what is left of a clock of this law at this age, in progress.
    pub fn redraw(&mut self, pool: &Pool, now: f64, started: bool, residual: &mut Residual) {
        let PoolLaw::Constant(law) = &pool.law else { return };
        let progress = self.progress(now);
        let PoolState { running, kept, stream, .. } = self;
        let Some(stream) = stream else { return };
        let identical = pool.memory == MemoryPolicy::Identical;
        for stopped in kept.iter_mut().filter(|_| !started) {
            let left = residual(law, stopped.age, &mut stream.draw());
            stopped.value = if identical { stopped.age + left } else { left };
        }
        let changed: Result<(), std::convert::Infallible> = running.change_all(|clock| {
            if started && clock.since != now {
                return Ok(());
            }
            let age = clock.age(pool.memory, progress);
            let left = residual(law, age, &mut stream.draw());
            clock.due = if identical { clock.from + age + left } else { progress + left };
            clock.sample = clock.due - clock.from;
            Ok(())
        });
        let Ok(()) = changed;
    }

    /// Progress per second.
    pub fn speed(&self) -> f64 {
        self.speed.unwrap_or(1.0)
    }

    /// Visits the running clocks: age in progress, and whether started at this instant.
    pub fn clocks(&self, pool: &Pool, now: f64, visit: &mut dyn FnMut(f64, bool)) {
        let progress = self.progress(now);
        self.running.iter().for_each(|clock| visit(clock.age(pool.memory, progress), clock.since == now));
    }

    /// When the first clock is due.
    #[inline]
    pub fn due(&mut self, now: f64) -> f64 {
        let Some(clock) = self.running.first() else { return NEVER };
        self.first_tie = clock.tie;
        match self.speed {
            None => clock.due,
            Some(0.0) => NEVER,
            Some(speed) => (self.at + (clock.due - self.progress) / speed).max(now),
        }
    }

    /// Whether the future doesn't depend on what these clocks did before this instant: exponential ones forget,
    /// unless they keep their samples (S9); others must all have been drawn just now.
    pub fn is_fresh(&self, pool: &Pool, now: f64) -> bool {
        match pool.memory {
            MemoryPolicy::Identical => {}
            _ if pool.law.is_exponential() => return true,
            _ => {}
        }
        self.kept.is_empty() && self.running.iter().all(|clock| clock.since == now && !clock.kept)
    }

    /// Visits the ages of the running clocks.
    pub fn ages(&self, now: f64, visit: &mut dyn FnMut(f64)) {
        self.running.iter().for_each(|clock| visit(now - clock.since));
    }
}

impl Running {
    /// What it has survived, in progress: what its law is conditioned on.
    fn age(&self, memory: MemoryPolicy, progress: f64) -> f64 {
        let now = (progress - self.from).max(0.0);
        match memory {
            MemoryPolicy::Identical => self.before.max(now),
            _ => self.before + now,
        }
    }
}

/// The next sample of a pool's law.
#[inline]
fn sample(stream: &mut Option<Stream>, pool: &Pool, marking: &[u32]) -> Result<f64, Problem> {
    let Some(stream) = stream else { return Ok(NEVER) };
    match &pool.law {
        PoolLaw::Constant(law) => Ok(law.sample(&mut stream.draw())),
        PoolLaw::Marking(law) => match law.evaluate(marking) {
            Ok(law) => Ok(law.sample(&mut stream.draw())),
            Err(error) => Err(Problem::bad_value(pool.transition, format!("its law: {error}"))),
        },
    }
}

/// Pools that share servers (S8).
#[derive(Debug, Clone)]
pub(super) struct Group {
    servers: u32,
    pub running: u32,
    /// Pools in need, longest waiting first.
    pub waiting: VecDeque<u32>,
}

impl Group {
    pub fn new(servers: u32) -> Group {
        Group { servers, running: 0, waiting: VecDeque::new() }
    }

    pub fn begin(&mut self) {
        self.running = 0;
        self.waiting.clear();
    }

    /// The youngest need of a pool goes away.
    pub fn leave(&mut self, pool: u32) {
        if let Some(position) = self.waiting.iter().rposition(|&waiting| waiting == pool) {
            self.waiting.remove(position);
        }
    }

    /// The pool that gets a free server, if there are both.
    pub fn next(&mut self) -> Option<u32> {
        if self.running >= self.servers {
            return None;
        }
        let pool = self.waiting.pop_front()?;
        self.running += 1;
        Some(pool)
    }
}
