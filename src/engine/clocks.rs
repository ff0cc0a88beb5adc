//! The clocks of all races: started, stopped and expired (S7–S13); the earliest of each race is in the queue.

use super::fault::Problem;
use super::pool::{Group, PoolState};
use super::reuse::reusing_clone;
use crate::dist::{Law, from_normal};
use crate::net::{Servers, TransitionId};
use crate::program::{Pool, Program, Race, RaceKind, Range, Service};
use crate::queue::{NEVER, Queue};
use crate::rng::Stream;
use crate::syntax::ast::{MemoryPolicy, Ties};
use rand_distr::{Distribution, StandardNormal};

/// No race has expired.
const NONE: u32 = u32::MAX;

/// Most clocks of all pools together, running or waiting: more is a net that grows without end, and would fill the memory.
const MOST_CLOCKS: u64 = 1_000_000;

/// All clocks of a path.
#[derive(Debug)]
pub(super) struct Clocks<'p> {
    pub(super) program: &'p Program,
    pub(super) queue: Queue,
    pub(super) races: Vec<RaceState>,
    pub(super) simple: Vec<Simple>,
    /// Start of each simple clock in a race of several that don't start together.
    pub(super) since: Vec<f64>,
    /// Tie key of each simple clock.
    keys: Vec<u64>,
    pub(super) pools: Vec<PoolState>,
    groups: Vec<Group>,
    /// Clocks of all pools, running or waiting.
    pooled: u64,
    /// Needs that arose at this instant: rank and pool (S8).
    arrivals: Vec<(u32, u32)>,
    /// Streams of the tie keys of simple clocks; empty unless ties are random (S13).
    pub(super) ties: Vec<Stream>,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
    /// The race whose clock has just run out.
    expired: u32,
    decided: u64,
}

reusing_clone!(
    Clocks<'p>,
    program,
    queue,
    races,
    simple,
    since,
    keys,
    pools,
    groups,
    pooled,
    arrivals,
    ties,
    dirty,
    is_dirty,
    expired,
    decided
);

/// One race.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RaceState {
    pub running: bool,
    /// The values of the losers are still normal deviates.
    pub lazy: bool,
    /// Clock that is due first.
    pub winner: u32,
    /// When the race started, or its only clock.
    pub since: f64,
}

/// One clock of a simple race: what every start touches, and no more, since the caches are small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simple {
    /// When it is due; in a lazy race the deviate that decides it.
    pub value: f64,
    pub stream: Stream,
}

impl<'p> Clocks<'p> {
    pub fn new(program: &'p Program) -> Clocks<'p> {
        let races = program.races.len();
        Clocks {
            program,
            queue: Queue::new(races),
            races: vec![RaceState::default(); races],
            simple: Vec::with_capacity(program.clocks.len()),
            since: vec![0.0; program.clocks.len()],
            keys: Vec::with_capacity(program.clocks.len()),
            pools: Vec::with_capacity(program.pools.len()),
            groups: program.groups.iter().map(|&servers| Group::new(servers)).collect(),
            pooled: 0,
            arrivals: Vec::new(),
            ties: Vec::new(),
            dirty: Vec::with_capacity(races),
            is_dirty: vec![false; races],
            expired: NONE,
            decided: 0,
        }
    }

    pub fn begin(&mut self, seed: u64, replication: u64, ties: Ties) {
        self.queue.clear();
        self.races.fill(RaceState::default());
        self.dirty.clear();
        self.is_dirty.fill(false);
        (self.expired, self.decided, self.pooled) = (NONE, 0, 0);
        self.arrivals.clear();
        let keys = &self.program.keys;
        self.simple.clear();
        self.simple
            .extend(keys.iter().map(|keys| Simple { value: NEVER, stream: keys.clock.stream(seed, replication) }));
        self.since.fill(0.0);
        self.keys.clear();
        self.keys.extend(keys.iter().map(|keys| keys.clock.0[0]));
        self.ties.clear();
        if ties == Ties::Random {
            self.ties.extend(keys.iter().map(|keys| keys.tie.stream(seed, replication)));
        }
        self.pools.resize_with(self.program.pools.len(), PoolState::default);
        for (state, pool) in self.pools.iter_mut().zip(&self.program.pools) {
            state.begin(pool, seed, replication, ties);
        }
        self.groups.iter_mut().for_each(Group::begin);
    }

    /// The race that is due first, and when.
    #[inline(always)]
    pub fn first(&mut self) -> (usize, f64) {
        let Clocks { queue, program, races, keys, pools, .. } = self;
        queue.first(|race| match program.races[race].kind {
            RaceKind::Pool { pool } => pools[pool as usize].first_tie,
            _ => keys[races[race].winner as usize],
        })
    }

    /// Whose clock is due first in a race.
    pub fn due_in(&self, race: usize) -> TransitionId {
        match self.program.races[race].kind {
            RaceKind::Pool { pool } => self.program.pools[pool as usize].transition,
            _ => self.program.transition_of[self.races[race].winner as usize],
        }
    }

    /// Takes the clock that is due in a race and says which transition fires.
    #[inline(always)]
    pub fn expire(&mut self, race: usize) -> TransitionId {
        self.expired = race as u32;
        match self.program.races[race].kind {
            RaceKind::Pool { pool } => {
                if let Service::Shared(group) = self.program.pools[pool as usize].service {
                    self.groups[group as usize].running -= 1;
                }
                self.pools[pool as usize].expire();
                self.pooled -= 1;
                self.program.pools[pool as usize].transition
            }
            _ => self.program.transition_of[self.races[race].winner as usize],
        }
    }

    /// These races may have changed.
    #[inline(always)]
    pub fn mark(&mut self, races: &[u32]) {
        for &race in races {
            self.mark_one(race);
        }
    }

    #[inline(always)]
    fn mark_one(&mut self, race: u32) {
        if !self.is_dirty[race as usize] {
            self.is_dirty[race as usize] = true;
            self.dirty.push(race);
        }
    }

    /// Fragile races look at a marking in between (S10).
    pub fn glimpse(&mut self, fragile: &[u32], marking: &[u32]) {
        for &race in fragile {
            let spec = &self.program.races[race as usize];
            if let RaceKind::Pool { pool } = spec.kind {
                let need = self.need(spec, pool as usize, marking);
                self.pools[pool as usize].glimpse(need);
                self.mark_one(race);
            }
        }
    }

    /// Starts whatever is enabled in the first tangible marking.
    pub fn revise_all(&mut self, marking: &[u32], now: f64) -> Result<(), Problem> {
        (0..self.races.len() as u32).for_each(|race| self.mark_one(race));
        self.revise(marking, now)
    }

    /// Starts and stops clocks in a new tangible marking.
    #[inline(always)]
    pub fn revise(&mut self, marking: &[u32], now: f64) -> Result<(), Problem> {
        for &race in &self.program.resampled {
            self.mark_one(race);
        }
        while let Some(race) = self.dirty.pop() {
            self.is_dirty[race as usize] = false;
            self.judge(race as usize, marking, now)?;
        }
        if !self.groups.is_empty() {
            self.serve(marking, now)?;
        }
        self.expired = NONE;
        Ok(())
    }

    #[inline(always)]
    fn judge(&mut self, race: usize, marking: &[u32], now: f64) -> Result<(), Problem> {
        let spec = &self.program.races[race];
        if let RaceKind::Pool { pool } = spec.kind {
            return self.judge_pool(race, pool as usize, marking, now);
        }
        let enabled = self.program.enabled(&spec.enabling, marking);
        match (self.races[race].running, enabled) {
            (false, true) => self.start(race, spec.kind, now),
            (true, false) => self.stop(race, spec.kind, now),
            (true, true) if self.expired == race as u32 => self.again(race, spec.kind, now),
            _ => {}
        }
        Ok(())
    }

    /// All clocks of a simple race start.
    #[inline(always)]
    fn start(&mut self, race: usize, kind: RaceKind, now: f64) {
        self.races[race].running = true;
        self.races[race].since = now;
        match kind {
            RaceKind::Single { clock } => {
                self.draw_value(clock as usize, now);
                self.races[race].winner = clock;
            }
            RaceKind::Normals { clocks, mu, sigma } if self.ties.is_empty() => {
                return self.start_normals(race, clocks, mu, sigma, now);
            }
            RaceKind::Normals { clocks, .. } | RaceKind::Many { clocks } => {
                (clocks.0..clocks.1).for_each(|clock| self.draw(clock as usize, now));
                self.races[race].winner = self.earliest(clocks);
            }
            RaceKind::Pool { .. } => {}
        }
        self.races[race].lazy = false;
        self.enqueue(race);
    }

    /// Clocks with one lognormal law: the least deviate wins, and only that one is exponentiated.
    #[inline(always)]
    fn start_normals(&mut self, race: usize, clocks: Range, mu: f64, sigma: f64, now: f64) {
        let (mut winner, mut least) = (clocks.0, f64::INFINITY);
        for (index, clock) in self.simple[clocks.0 as usize..clocks.1 as usize].iter_mut().enumerate() {
            clock.value = StandardNormal.sample(&mut clock.stream.draw());
            if clock.value < least {
                (winner, least) = (clocks.0 + index as u32, clock.value);
            }
        }
        self.races[race] = RaceState { running: true, lazy: true, winner, since: now };
        self.queue.set(race, now + from_normal(mu, sigma, least));
    }

    /// The winner of a race has fired and may go on at once.
    fn again(&mut self, race: usize, kind: RaceKind, now: f64) {
        let RaceState { lazy, winner, since, .. } = self.races[race];
        match kind {
            RaceKind::Normals { clocks, mu, sigma } => {
                if lazy {
                    self.settle_normals(race, clocks, mu, sigma, since);
                }
                self.draw(winner as usize, now);
                self.races[race].winner = self.earliest(clocks);
            }
            RaceKind::Many { clocks } => {
                self.draw(winner as usize, now);
                self.races[race].winner = self.earliest(clocks);
            }
            RaceKind::Single { .. } | RaceKind::Pool { .. } => {
                self.draw_value(winner as usize, now);
                self.races[race].since = now;
            }
        }
        self.enqueue(race);
    }

    /// Works out when each clock of a lazy race is due.
    pub(super) fn settle_normals(&mut self, race: usize, clocks: Range, mu: f64, sigma: f64, since: f64) {
        for clock in &mut self.simple[clocks.0 as usize..clocks.1 as usize] {
            clock.value = since + from_normal(mu, sigma, clock.value);
        }
        self.since[clocks.0 as usize..clocks.1 as usize].fill(since);
        self.races[race].lazy = false;
    }

    /// One clock of several draws anew.
    #[inline(always)]
    fn draw(&mut self, clock: usize, now: f64) {
        self.draw_value(clock, now);
        self.since[clock] = now;
    }

    #[inline(always)]
    fn draw_value(&mut self, clock: usize, now: f64) {
        let state = &mut self.simple[clock];
        state.value = now + self.program.clocks[clock].sample(&mut state.stream.draw());
        if let Some(tie) = self.ties.get_mut(clock) {
            self.keys[clock] = tie.draw().bits();
        }
    }

    #[inline(always)]
    pub(super) fn earliest(&self, clocks: Range) -> u32 {
        let mut winner = clocks.0;
        for clock in clocks.0 + 1..clocks.1 {
            let (a, b) = (self.simple[clock as usize].value, self.simple[winner as usize].value);
            if a < b || (a == b && self.keys[clock as usize] < self.keys[winner as usize]) {
                winner = clock;
            }
        }
        winner
    }

    #[inline(always)]
    pub(super) fn enqueue(&mut self, race: usize) {
        let winner = self.races[race].winner as usize;
        self.queue.set(race, self.simple[winner].value);
    }

    #[inline(always)]
    fn stop(&mut self, race: usize, kind: RaceKind, now: f64) {
        self.races[race].running = false;
        if self.expired != race as u32 {
            self.decided += u64::from(self.queue.due(race) == now);
        } else if let RaceKind::Many { clocks } = kind {
            // The winner is due now; whoever else is has lost by its tie key (S13).
            let due = self.simple[clocks.0 as usize..clocks.1 as usize].iter().filter(|clock| clock.value == now);
            self.decided += u64::from(due.count() > 1);
        }
        self.queue.set(race, NEVER);
    }

    /// How many clocks a pool wants (S8).
    fn need(&self, spec: &Race, pool: usize, marking: &[u32]) -> u32 {
        if !self.program.enabled(&spec.enabling, marking) {
            return 0;
        }
        let pool = &self.program.pools[pool];
        let degree = pool.inputs.iter().map(|(place, weight)| marking[place.0 as usize] / weight).min().unwrap_or(1);
        match pool.service {
            Service::Own(Servers::Count(servers)) => degree.min(servers),
            Service::Own(Servers::Infinite) | Service::Shared(_) => degree,
        }
    }

    /// Stops, redraws and starts the clocks of a pool (S8–S12).
    fn judge_pool(&mut self, race: usize, index: usize, marking: &[u32], now: f64) -> Result<(), Problem> {
        let spec = &self.program.pools[index];
        let need = self.need(&self.program.races[race], index, marking);
        let state = &mut self.pools[index];
        self.pooled = self.pooled + u64::from(need) - u64::from(state.running() + state.waiting);
        if self.pooled > MOST_CLOCKS {
            return Err(too_many(spec));
        }
        if need > 0 || state.running() > 0 {
            state.change_speed(spec, marking, now)?;
        }
        let keep = state.least(need);
        while state.running() + state.waiting > keep {
            let group = match spec.service {
                Service::Shared(group) => Some(&mut self.groups[group as usize]),
                Service::Own(_) => None,
            };
            if state.waiting > 0 {
                state.waiting -= 1;
                group.into_iter().for_each(|group| group.leave(index as u32));
            } else {
                self.decided += u64::from(state.stop_youngest(spec, now));
                group.into_iter().for_each(|group| group.running -= 1);
            }
        }
        if spec.memory == MemoryPolicy::Resample && self.expired != NONE {
            state.resample(spec, marking, now)?;
        }
        match spec.service {
            Service::Own(_) => {
                while state.running() < need {
                    state.start(spec, marking, now)?;
                }
            }
            Service::Shared(_) => {
                for _ in state.running() + state.waiting..need {
                    self.arrivals.push((spec.rank, index as u32));
                    state.waiting += 1;
                }
            }
        }
        self.queue.set(race, state.due(now));
        state.race = race as u32;
        Ok(())
    }

    /// Free servers of a group go to those that have waited longest (S8).
    #[cold]
    fn serve(&mut self, marking: &[u32], now: f64) -> Result<(), Problem> {
        self.arrivals.sort_unstable();
        for (_, pool) in self.arrivals.drain(..) {
            if let Service::Shared(group) = self.program.pools[pool as usize].service {
                self.groups[group as usize].waiting.push_back(pool);
            }
        }
        for group in &mut self.groups {
            while let Some(pool) = group.next() {
                let state = &mut self.pools[pool as usize];
                state.waiting -= 1;
                state.start(&self.program.pools[pool as usize], marking, now)?;
                self.queue.set(state.race as usize, state.due(now));
            }
        }
        Ok(())
    }

    pub fn decided(&self) -> u64 {
        self.decided
    }

    /// Whether the future doesn't depend on what the clocks did before this instant.
    pub fn all_fresh(&self, now: f64) -> bool {
        let mut fresh = true;
        self.ages(now, &mut |_, age| fresh &= age == 0.0);
        let mut pools = self.pools.iter().zip(&self.program.pools);
        fresh
            && pools.all(|(state, pool)| state.is_fresh(pool, now))
            && self.groups.iter().all(|g| g.waiting.is_empty())
    }

    /// Visits the running clocks that are not exponential.
    pub fn ages(&self, now: f64, visit: &mut dyn FnMut(TransitionId, f64)) {
        for (state, race) in self.races.iter().zip(&self.program.races) {
            let clocks = match race.kind {
                RaceKind::Pool { pool } => {
                    let spec = &self.program.pools[pool as usize];
                    if !spec.law.is_exponential() {
                        self.pools[pool as usize].ages(now, &mut |age| visit(spec.transition, age));
                    }
                    continue;
                }
                RaceKind::Single { clock } => (clock, clock + 1),
                RaceKind::Many { clocks } | RaceKind::Normals { clocks, .. } => clocks,
            };
            for clock in (clocks.0..clocks.1).filter(|_| state.running) {
                let together = state.lazy || matches!(race.kind, RaceKind::Single { .. });
                let since = if together { state.since } else { self.since[clock as usize] };
                if !matches!(self.program.clocks[clock as usize], Law::Exponential { .. }) {
                    visit(self.program.transition_of[clock as usize], now - since);
                }
            }
        }
    }
}

#[cold]
fn too_many(pool: &Pool) -> Problem {
    let message = format!("more than {MOST_CLOCKS} clocks would run or wait at once: does a place grow without end?");
    Problem::bad_value(pool.transition, message)
}
