//! Rates of the timed transitions in a marking.
//!
//! An exponential clock has no past, so what it does when it is stopped doesn't matter (S9), unless it keeps its
//! whole sample; and of clocks that share servers it matters who waits, which the marking alone doesn't tell (S8).

use super::refusal::Refusal;
use super::triggers::Triggers;
use crate::dist::Law;
use crate::net::{Net, Servers, Timing, TransitionId};
use crate::program::{Code, Enabling, Pool, PoolLaw, Program, Race, RaceKind, Service};
use crate::syntax::ast::MemoryPolicy;

/// All timed transitions.
#[derive(Debug)]
pub(super) struct Timed<'p> {
    program: &'p Program,
    races: Vec<(Enabling, Vec<Clock<'p>>)>,
    triggers: Triggers,
    /// Races that may be enabled.
    candidates: Vec<u32>,
    /// Those that share servers and are enabled: group, transition, rate of one clock, degree.
    sharing: Vec<(u32, TransitionId, f64, u32)>,
}

/// One timed transition.
#[derive(Debug)]
struct Clock<'p> {
    transition: TransitionId,
    pace: Pace<'p>,
    /// None: one clock of the plainest kind.
    pool: Option<&'p Pool>,
}

/// The rate of one clock.
#[derive(Debug)]
enum Pace<'p> {
    Constant(f64),
    /// Rate at speed 1, and the speed.
    Variable(f64, &'p Code),
    /// Not exponential: why.
    Obstacle(String),
}

impl<'p> Timed<'p> {
    pub fn new(net: &Net, program: &'p Program) -> Timed<'p> {
        let clocks = |race: &Race| match race.kind {
            RaceKind::Single { clock } => vec![simple(net, program, clock)],
            RaceKind::Many { clocks } | RaceKind::Normals { clocks, .. } => {
                (clocks.0..clocks.1).map(|clock| simple(net, program, clock)).collect()
            }
            RaceKind::Pool { pool } => vec![pooled(net, &program.pools[pool as usize])],
        };
        let races = program.races.iter().map(|race| (race.enabling, clocks(race))).collect();
        let triggers = Triggers::new(program, program.races.iter().map(|race| &race.enabling));
        Timed { program, races, triggers, candidates: Vec::new(), sharing: Vec::new() }
    }

    /// Leaves out all transitions but these.
    pub fn retain(&mut self, keep: impl Fn(TransitionId) -> bool) {
        self.races.iter_mut().for_each(|(_, clocks)| clocks.retain(|clock| keep(clock.transition)));
    }

    /// All transitions that can fire in a tangible marking, with their rates per second, in a fixed order.
    pub fn rates(&mut self, marking: &[u32], into: &mut Vec<(TransitionId, f64)>) -> Result<(), Refusal> {
        let program = self.program;
        into.clear();
        self.sharing.clear();
        self.candidates.clear();
        self.triggers.of(marking, |race| self.candidates.push(race));
        for &race in &self.candidates {
            let (enabling, clocks) = &self.races[race as usize];
            if !program.enabled(enabling, marking) {
                continue;
            }
            for clock in clocks {
                let rate = clock.rate(program, marking)?;
                let Some(pool) = clock.pool else {
                    into.push((clock.transition, rate));
                    continue;
                };
                let inputs = pool.inputs.iter();
                let degree = inputs.map(|(place, weight)| marking[place.0 as usize] / weight).min().unwrap_or(1);
                match pool.service {
                    Service::Own(Servers::Infinite) => into.push((clock.transition, rate * f64::from(degree))),
                    Service::Own(Servers::Count(k)) => into.push((clock.transition, rate * f64::from(degree.min(k)))),
                    Service::Shared(group) => self.sharing.push((group, clock.transition, rate, degree)),
                }
            }
        }
        self.shared(into)?;
        into.retain(|&(_, rate)| rate > 0.0);
        Ok(())
    }

    /// Where the shared servers suffice for all, or only one binding asks, nobody's place in the queue matters.
    fn shared(&mut self, into: &mut Vec<(TransitionId, f64)>) -> Result<(), Refusal> {
        self.sharing.sort_by_key(|&(group, transition, ..)| (group, transition));
        for group in self.sharing.chunk_by(|a, b| a.0 == b.0) {
            let servers = self.program.groups[group[0].0 as usize];
            let wanted: u64 = group.iter().map(|&(.., degree)| u64::from(degree)).sum();
            if group.len() > 1 && wanted > u64::from(servers) {
                return Err(queued(self.program.transition(group[0].1).to_string(), servers));
            }
            into.extend(group.iter().map(|&(_, t, rate, degree)| (t, rate * f64::from(degree.min(servers)))));
        }
        Ok(())
    }
}

/// Why a transition whose bindings have to wait for shared servers isn't solved.
pub(super) fn queued(transition: String, servers: u32) -> Refusal {
    let because = format!(
        "its bindings share {servers} server{}, which serve in the order of need, and the marking doesn't tell that \
         order",
        if servers == 1 { "" } else { "s" }
    );
    Refusal::NotMarkovian { transition, because }
}

impl Clock<'_> {
    fn rate(&self, program: &Program, marking: &[u32]) -> Result<f64, Refusal> {
        let name = || program.transition(self.transition).to_string();
        let rate = match &self.pace {
            Pace::Constant(rate) => *rate,
            Pace::Variable(rate, speed) => {
                let speed = speed.evaluate(marking);
                if !(speed >= 0.0 && speed.is_finite()) {
                    let message = format!("its speed (or rate) is {speed}, and must be at least 0 and finite");
                    return Err(Refusal::BadValue { who: name(), message });
                }
                rate * speed
            }
            Pace::Obstacle(because) => {
                return Err(Refusal::NotMarkovian { transition: name(), because: because.clone() });
            }
        };
        if rate.is_finite() {
            return Ok(rate);
        }
        Err(Refusal::BadValue { who: name(), message: format!("its rate is {rate}, and must be finite") })
    }
}

/// A clock of a simple race.
fn simple<'p>(net: &Net, program: &Program, clock: u32) -> Clock<'p> {
    let transition = program.transition_of[clock as usize];
    let pace = match &program.clocks[clock as usize] {
        Law::Exponential { mean } => Pace::Constant(1.0 / mean),
        _ => obstacle(net, transition),
    };
    Clock { transition, pace, pool: None }
}

fn pooled<'p>(net: &Net, pool: &'p Pool) -> Clock<'p> {
    let pace = match (&pool.law, &pool.speed) {
        _ if pool.memory == MemoryPolicy::Identical => {
            Pace::Obstacle("with `memory: Identical` a clock that was stopped keeps its whole sample".to_string())
        }
        (PoolLaw::Constant(Law::Exponential { mean }), None) => Pace::Constant(1.0 / mean),
        (PoolLaw::Constant(Law::Exponential { mean }), Some(speed)) => Pace::Variable(1.0 / mean, speed),
        _ => obstacle(net, pool.transition),
    };
    Clock { transition: pool.transition, pace, pool: Some(pool) }
}

fn obstacle<'p>(net: &Net, transition: TransitionId) -> Pace<'p> {
    let law = match &net.transitions[transition.0 as usize].timing {
        Timing::Timed(timed) => timed.law.form.name,
        Timing::Immediate { .. } => "none",
    };
    Pace::Obstacle(format!("its law is {law}, and only exponential clocks have no past"))
}
