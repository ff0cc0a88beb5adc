//! The general clocks of a net: which run in a marking, and what becomes of them at a firing.
//!
//! A process is solved from one regeneration to the next. So of the clocks that aren't exponential those that run
//! together must have started together, and at a firing either all of them go on or none does (S8–S12).

use super::race::Racer;
use super::refusal::Refusal;
use crate::dist::Law;
use crate::net::{Net, Servers, Timing, TransitionId};
use crate::program::{Enabling, Pool, PoolLaw, Program, RaceKind, Service};
use crate::syntax::ast::{MemoryPolicy, Renew};

/// All clocks that can't be treated as rates.
#[derive(Debug)]
pub(super) struct General<'p> {
    program: &'p Program,
    clocks: Vec<Clock<'p>>,
    /// Whether a transition is among them.
    is_general: Vec<bool>,
}

#[derive(Debug)]
struct Clock<'p> {
    transition: TransitionId,
    enabling: Enabling,
    law: Source<'p>,
    memory: MemoryPolicy,
    /// Stopped by markings in between too (S10).
    fragile: bool,
    tie: u64,
}

#[derive(Debug)]
enum Source<'p> {
    Plain(&'p Law),
    Pool(&'p Pool),
}

/// Clocks of one transition that run in a marking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Running {
    clock: u32,
    /// How many of them.
    pub count: u32,
    /// At 0 they stand still.
    speed: f64,
}

impl Running {
    /// Which clocks, of those of the net.
    pub fn clock(&self) -> u32 {
        self.clock
    }

    /// As a multiple of time's.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether they advance.
    pub fn moves(&self) -> bool {
        self.speed > 0.0
    }
}

/// What a firing does to the clocks that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// They go on.
    Continues,
    /// All of them are through or stopped, and those that run now have just begun.
    Regenerates,
}

impl<'p> General<'p> {
    pub fn new(net: &Net, program: &'p Program) -> General<'p> {
        let mut general = General { program, clocks: Vec::new(), is_general: vec![false; program.transitions()] };
        let shared = general_groups(program);
        for race in &program.races {
            match race.kind {
                RaceKind::Single { clock } => general.plain(race.enabling, clock),
                RaceKind::Many { clocks } | RaceKind::Normals { clocks, .. } => {
                    (clocks.0..clocks.1).for_each(|clock| general.plain(race.enabling, clock));
                }
                RaceKind::Pool { pool } => {
                    let pool = &program.pools[pool as usize];
                    if is_general(pool) || matches!(pool.service, Service::Shared(group) if shared[group as usize]) {
                        general.pool(net, race.enabling, pool);
                    }
                }
            }
        }
        general
    }

    fn plain(&mut self, enabling: Enabling, clock: u32) {
        let law = &self.program.clocks[clock as usize];
        if !law.is_exponential() {
            let transition = self.program.transition_of[clock as usize];
            let tie = self.program.keys[clock as usize].clock.0[0];
            let memory = MemoryPolicy::Enabling;
            self.add(Clock { transition, enabling, law: Source::Plain(law), memory, fragile: false, tie });
        }
    }

    fn pool(&mut self, net: &Net, enabling: Enabling, pool: &'p Pool) {
        let fragile = match &net.transitions[pool.transition.0 as usize].timing {
            Timing::Timed(timed) => timed.renew == Renew::AtEachToken,
            Timing::Immediate { .. } => false,
        };
        let Pool { transition, memory, stream, .. } = pool;
        self.add(Clock {
            transition: *transition,
            enabling,
            law: Source::Pool(pool),
            memory: *memory,
            fragile,
            tie: stream.0[0],
        });
    }

    fn add(&mut self, clock: Clock<'p>) {
        self.is_general[clock.transition.0 as usize] = true;
        self.clocks.push(clock);
    }

    /// Every clock: its transition, its law unless that depends on the marking, its memory, and whether markings in
    /// between stop it (S10).
    pub fn clocks(&self) -> impl Iterator<Item = (TransitionId, Option<&Law>, MemoryPolicy, bool)> {
        self.clocks.iter().map(|clock| {
            let law = match &clock.law {
                Source::Plain(law) => Some(*law),
                Source::Pool(Pool { law: PoolLaw::Constant(law), .. }) => Some(law),
                Source::Pool(_) => None,
            };
            (clock.transition, law, clock.memory, clock.fragile)
        })
    }

    /// What a clock does when it is stopped.
    pub fn memory(&self, clock: u32) -> MemoryPolicy {
        self.clocks[clock as usize].memory
    }

    /// The transition of a clock, in words.
    pub fn name_of(&self, clock: u32) -> String {
        self.program.transition(self.clocks[clock as usize].transition).to_string()
    }

    /// Leaves out all clocks but those of these transitions.
    pub fn retain(&mut self, keep: &dyn Fn(TransitionId) -> bool) {
        self.clocks.retain(|clock| keep(clock.transition));
    }

    /// Whether the clocks of a transition are general ones.
    pub fn is_general(&self, transition: TransitionId) -> bool {
        self.is_general[transition.0 as usize]
    }

    pub fn transition(&self, running: &Running) -> TransitionId {
        self.clocks[running.clock as usize].transition
    }

    pub fn name(&self, running: &Running) -> String {
        self.program.transition(self.transition(running)).to_string()
    }

    /// The general clocks that run in a marking.
    pub fn running(&self, marking: &[u32]) -> Result<Vec<Running>, Refusal> {
        let mut all = Vec::new();
        let mut sharing: Vec<(u32, usize, u32)> = Vec::new();
        for (index, clock) in self.clocks.iter().enumerate() {
            if !self.program.enabled(&clock.enabling, marking) {
                continue;
            }
            let (mut count, mut speed) = (1, 1.0);
            if let Source::Pool(pool) = clock.law {
                let degree = pool.inputs.iter().map(|(place, weight)| marking[place.0 as usize] / weight).min();
                count = degree.unwrap_or(1);
                match pool.service {
                    Service::Own(Servers::Infinite) => {}
                    Service::Own(Servers::Count(servers)) => count = count.min(servers),
                    Service::Shared(group) => sharing.push((group, all.len(), count)),
                }
                speed = pool.speed.as_ref().map_or(1.0, |speed| speed.evaluate(marking));
                if !(speed >= 0.0 && speed.is_finite()) {
                    let message = format!("its speed (or rate) is {speed}, and must be at least 0 and finite");
                    return Err(Refusal::BadValue { who: self.program.transition(clock.transition).into(), message });
                }
            }
            all.push(Running { clock: index as u32, count, speed });
        }
        self.share(&mut sharing, &mut all)?;
        all.retain(|running| running.count > 0);
        Ok(all)
    }

    /// Where shared servers suffice for all, or only one binding asks, nobody's place in the queue matters (S8).
    fn share(&self, sharing: &mut [(u32, usize, u32)], all: &mut [Running]) -> Result<(), Refusal> {
        sharing.sort_unstable();
        for group in sharing.chunk_by(|a, b| a.0 == b.0) {
            let servers = self.program.groups[group[0].0 as usize];
            let wanted: u64 = group.iter().map(|&(.., count)| u64::from(count)).sum();
            if group.len() > 1 && wanted > u64::from(servers) {
                return Err(super::timed::queued(self.name(&all[group[0].1]), servers));
            }
            group.iter().for_each(|&(_, index, count)| all[index].count = count.min(servers));
        }
        Ok(())
    }

    /// The race of the clocks that run from now on, all of them just begun.
    pub fn racers(&self, running: &[Running], marking: &[u32]) -> Result<Vec<Racer>, Refusal> {
        running.iter().map(|running| self.racer(running, marking)).collect()
    }

    fn racer(&self, running: &Running, marking: &[u32]) -> Result<Racer, Refusal> {
        let clock = &self.clocks[running.clock as usize];
        let law = match clock.law {
            Source::Plain(law) | Source::Pool(Pool { law: PoolLaw::Constant(law), .. }) => law.clone(),
            Source::Pool(Pool { law: PoolLaw::Marking(law), .. }) => law.evaluate(marking).map_err(|error| {
                let message = format!("its law: {error}");
                Refusal::BadValue { who: self.name(running), message }
            })?,
        };
        if law.atoms().first().is_some_and(|&(value, _)| value == 0.0) {
            return Err(self.refuse(running, "its delay may be 0, so that a marking lasts no time"));
        }
        Ok(Racer { law, speed: running.speed, count: running.count, tie: clock.tie })
    }

    fn refuse(&self, running: &Running, because: impl Into<String>) -> Refusal {
        Refusal::NotMarkovian { transition: self.name(running), because: because.into() }
    }

    /// What the firing of `fired` makes of the clocks that ran before, when those of `after` are wanted behind it.
    pub fn change(&self, before: &[Running], after: &[Running], fired: TransitionId) -> Result<Change, Refusal> {
        let mut going_on = Vec::new();
        let mut ended = None;
        for running in before.iter().filter(|running| running.moves()) {
            let clock = &self.clocks[running.clock as usize];
            let left = running.count - u32::from(clock.transition == fired);
            let wanted = after.iter().find(|other| other.clock == running.clock);
            match wanted.filter(|_| left > 0 && clock.memory != MemoryPolicy::Resample) {
                Some(wanted) => going_on.push((running, wanted)),
                None => {
                    self.is_forgotten(running, left)?;
                    ended = ended.or(Some(running));
                }
            }
        }
        let begun = after
            .iter()
            .filter(|running| running.moves())
            .find(|running| going_on.iter().all(|(_, wanted)| wanted.clock != running.clock));
        self.stands(after)?;
        let Some(&(first, _)) = going_on.first() else { return Ok(Change::Regenerates) };
        for (running, wanted) in &going_on {
            self.is_unchanged(running, wanted, fired)?;
        }
        match begun.or(ended) {
            Some(other) => Err(self.overlap(first, other)),
            None => Ok(Change::Continues),
        }
    }

    /// A stopped clock must keep nothing (S9).
    fn is_forgotten(&self, running: &Running, stopped: u32) -> Result<(), Refusal> {
        let because = match self.clocks[running.clock as usize].memory {
            MemoryPolicy::Age => "`memory: Age` keeps what is left of its clock when it is stopped",
            MemoryPolicy::Identical => "`memory: Identical` keeps the sample of a stopped clock",
            MemoryPolicy::Enabling | MemoryPolicy::Resample => return Ok(()),
        };
        if stopped == 0 { Ok(()) } else { Err(self.refuse(running, because)) }
    }

    /// A clock that stands still keeps its sample, which is as good as a new one where the law is the same (S12).
    fn stands(&self, after: &[Running]) -> Result<(), Refusal> {
        for running in after.iter().filter(|running| !running.moves()) {
            if matches!(self.clocks[running.clock as usize].law, Source::Pool(Pool { law: PoolLaw::Marking(_), .. })) {
                return Err(self.refuse(running, "its clock may stand still with a sample of other parameters"));
            }
        }
        Ok(())
    }

    fn is_unchanged(&self, running: &Running, wanted: &Running, fired: TransitionId) -> Result<(), Refusal> {
        let clock = &self.clocks[running.clock as usize];
        if clock.transition == fired || running.count != wanted.count {
            return Err(self.refuse(running, "several of its clocks run at once and don't all end together"));
        }
        if running.speed != wanted.speed {
            return Err(self.refuse(running, "its speed changes while its clock runs"));
        }
        if clock.fragile {
            let because = "whether `renew: AtEachToken` stops its clock isn't followed";
            return Err(self.refuse(running, because));
        }
        Ok(())
    }

    fn overlap(&self, running: &Running, other: &Running) -> Refusal {
        let because =
            format!("its clock, which isn't exponential, runs on while that of {} starts or ends", self.name(other));
        self.refuse(running, because)
    }
}

fn is_general(pool: &Pool) -> bool {
    pool.memory == MemoryPolicy::Identical || !pool.law.is_exponential()
}

/// Groups of shared servers with a general clock: then all of their clocks are treated so.
fn general_groups(program: &Program) -> Vec<bool> {
    let mut groups = vec![false; program.groups.len()];
    for pool in program.pools.iter().filter(|pool| is_general(pool)) {
        if let Service::Shared(group) = pool.service {
            groups[group as usize] = true;
        }
    }
    groups
}
