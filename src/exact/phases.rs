//! Phase-type approximation: clocks that aren't exponential pass through exponential phases, and a state is a marking
//! with the phases of its clocks.
//!
//! A clock that runs on keeps its phase, one that starts begins anew (S9, S10), one with `memory: Age` keeps its phase
//! while it is stopped; at another speed all of its phases pass at that speed (S11).

use super::explore::Space;
use super::firing::Firings;
use super::general::{General, Running};
use super::hyper_erlang::{Fit, Phases, fit};
use super::markings::Markings;
use super::timed::Timed;
use super::vanishing::{Outcome, Vanishing, merge};
use super::{Limits, Refusal, Stop, go_on};
use crate::dist::Law;
use crate::net::{Net, TransitionId};
use crate::program::Program;
use crate::syntax::ast::MemoryPolicy;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// States between two questions whether to go on.
const UNASKED: usize = 1 << 8;

/// Bytes of a state's phases, but for the phases themselves.
const STAGES: usize = 120;

/// A transition whose law is approximated, and how well.
#[derive(Debug, Clone, PartialEq)]
pub struct Approximation {
    /// The transition, with its binding.
    pub transition: String,
    /// Its phases against its law.
    pub fit: Fit,
}

/// Clocks of one transition in one phase; kept ones, of a clock that is stopped, count 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Stage {
    clock: u32,
    phase: u32,
    count: u32,
}

type Stages = Rc<[Stage]>;

/// Explores the states of a net whose general clocks pass through so many phases each.
pub(super) fn explore<'p>(
    net: &Net,
    program: &'p Program,
    order: u32,
    limits: &Limits,
    stop: Stop,
) -> Result<(Space<'p>, Vec<Approximation>), Refusal> {
    let firings = Firings::new(program);
    let general = General::new(net, program);
    let mut timed = Timed::new(net, program);
    timed.retain(|transition| !general.is_general(transition));
    let (phases, approximations) = fitted(program, &general, order, stop)?;
    let explorer = Explorer {
        program,
        vanishing: Vanishing::new(&firings, limits.vanishing, stop),
        space: Space::empty(program, &firings),
        firings: &firings,
        general,
        timed,
        phases,
        limits,
        judged: Vec::new(),
        running: Vec::new(),
        of: Vec::new(),
        stages: Vec::new(),
        numbers: HashMap::new(),
        row: Vec::new(),
    };
    Ok((explorer.run(stop)?, approximations))
}

/// The phases of every clock; equal laws are fitted once.
fn fitted(
    program: &Program,
    general: &General,
    order: u32,
    stop: Stop,
) -> Result<(Vec<Phases>, Vec<Approximation>), Refusal> {
    let mut known: Vec<(Law, Phases, Fit)> = Vec::new();
    let (mut all, mut told) = (Vec::new(), Vec::new());
    for (transition, law, memory, fragile) in general.clocks() {
        let name = program.transition(transition).to_string();
        let refuse = |because: &str| {
            let because = format!("no phases take its place: {because}");
            Refusal::NotMarkovian { transition: name.clone(), because }
        };
        if memory == MemoryPolicy::Identical {
            return Err(refuse("`memory: Identical` keeps the sample of a stopped clock"));
        }
        if fragile {
            return Err(refuse("whether `renew: AtEachToken` stops its clock isn't followed"));
        }
        let law = law.ok_or_else(|| refuse("the parameters of its law depend on the marking"))?;
        if !known.iter().any(|(other, ..)| other == law) {
            let found = fit(law, order, stop)?;
            let (phases, fit) = found.ok_or_else(|| refuse("it may take no time, or has no mean"))?;
            known.push((law.clone(), phases, fit));
        }
        if let Some((_, phases, fit)) = known.iter().find(|(other, ..)| other == law) {
            all.push(phases.clone());
            told.push(Approximation { transition: name, fit: *fit });
        }
    }
    Ok((all, told))
}

struct Explorer<'f, 'p> {
    program: &'p Program,
    vanishing: Vanishing<'f, 'p>,
    firings: &'f Firings<'p>,
    general: General<'p>,
    timed: Timed<'p>,
    /// By clock.
    phases: Vec<Phases>,
    limits: &'f Limits,
    space: Space<'p>,
    /// Whether each `up` condition holds, marking by marking.
    judged: Vec<bool>,
    /// General clocks that run, by marking, once it was asked.
    running: Vec<Option<Rc<[Running]>>>,
    /// Marking and phases of each state, and back.
    of: Vec<u32>,
    stages: Vec<Stages>,
    numbers: HashMap<(u32, Stages), u32>,
    /// What the state at hand leads to.
    row: Vec<(u32, f64)>,
}

impl<'p> Explorer<'_, 'p> {
    fn run(mut self, stop: Stop) -> Result<Space<'p>, Refusal> {
        let mut marking = self.program.initial.clone();
        let outcome = self.resolve(&mut marking)?;
        let mut initial = Vec::new();
        for (to, p) in outcome.tangible {
            for (stages, q) in self.begin(to, &[])? {
                initial.push((self.state(to, stages)?, p * q));
            }
        }
        merge(&mut initial);
        self.space.initial = initial;
        let mut state = 0;
        while state < self.of.len() {
            if state.is_multiple_of(UNASKED) {
                go_on(stop, std::mem::take(&mut self.vanishing.steps))?;
            }
            self.leave(state, &mut marking)?;
            let stages = self.of.len() * (STAGES + size_of::<Stage>() * self.phases.len());
            self.limits.allow(self.space.bytes() + stages, self.of.len(), self.space.chain.transitions())?;
            state += 1;
        }
        self.space.has_vanishing = self.vanishing.seen;
        self.space.of = Some(self.of);
        Ok(self.space)
    }

    /// The number of a state.
    fn state(&mut self, marking: u32, stages: Vec<Stage>) -> Result<u32, Refusal> {
        let stages: Stages = stages.into();
        if let Some(&known) = self.numbers.get(&(marking, stages.clone())) {
            return Ok(known);
        }
        if self.of.len() >= self.limits.states {
            return Err(Refusal::TooManyStates { limit: self.limits.states });
        }
        let number = self.of.len() as u32;
        self.numbers.insert((marking, stages.clone()), number);
        self.of.push(marking);
        self.stages.push(stages);
        let ups = self.program.up.len();
        let judged = &self.judged[marking as usize * ups..][..ups];
        self.space.up.extend_from_slice(judged);
        Ok(number)
    }

    /// Everything that can happen in a state.
    fn leave(&mut self, state: usize, marking: &mut [u32]) -> Result<(), Refusal> {
        let (at, stages) = (self.of[state], self.stages[state].clone());
        self.space.markings.get(self.program, at, marking);
        let base = self.space.open_row();
        self.row.clear();
        let mut rates = Vec::new();
        self.timed.rates(marking, &mut rates)?;
        for (transition, rate) in rates {
            self.fire(base, marking, transition, rate, &stages)?;
        }
        let running = self.running(at)?;
        for &stage in stages.iter().filter(|stage| stage.count > 0) {
            let Some(clock) = running.iter().find(|running| running.clock() == stage.clock) else { continue };
            let (next, rate) = self.phases[stage.clock as usize].moves[stage.phase as usize];
            let rate = rate * f64::from(stage.count) * clock.speed();
            if rate == 0.0 {
                continue;
            }
            let mut after = stages.to_vec();
            change(&mut after, stage, -1);
            match next {
                Some(phase) => {
                    change(&mut after, Stage { phase, ..stage }, 1);
                    let to = self.state(at, after)?;
                    self.row.push((to, rate));
                }
                None => self.fire(base, marking, self.general.transition(clock), rate, &after)?,
            }
        }
        let row = std::mem::take(&mut self.row);
        self.row = self.space.close_row(state, row);
        Ok(())
    }

    /// A firing at a rate, with the phases that it leaves.
    fn fire(
        &mut self,
        base: usize,
        marking: &[u32],
        transition: TransitionId,
        rate: f64,
        stages: &[Stage],
    ) -> Result<(), Refusal> {
        let flows = &mut self.space.flows[base..];
        self.firings.count(transition, marking, &mut |column, amount| flows[column as usize] += rate * amount)?;
        let mut after = marking.to_vec();
        self.firings.fire(transition, &mut after)?;
        let Outcome { tangible, counts } = self.resolve(&mut after)?;
        let flows = &mut self.space.flows[base..];
        counts.iter().for_each(|&(column, amount)| flows[column as usize] += rate * amount);
        for (to, p) in tangible {
            for (stages, q) in self.begin(to, stages)? {
                let to = self.state(to, stages)?;
                self.row.push((to, rate * p * q));
            }
        }
        Ok(())
    }

    /// The phases in which clocks go on or begin in a marking, with probabilities.
    fn begin(&mut self, marking: u32, before: &[Stage]) -> Result<Vec<(Vec<Stage>, f64)>, Refusal> {
        let running = self.running(marking)?;
        let runs = |clock: u32| running.iter().any(|running| running.clock() == clock);
        let mut kept = Vec::new();
        for &stage in before.iter().filter(|stage| !runs(stage.clock)) {
            if self.general.memory(stage.clock) == MemoryPolicy::Age {
                if stage.count > 1 || kept.iter().any(|other: &Stage| other.clock == stage.clock) {
                    return Err(self.refuse(stage.clock));
                }
                kept.push(Stage { count: 0, ..stage });
            }
        }
        kept.sort_unstable();
        let mut options = BTreeMap::from([(kept, 1.0)]);
        for clock in running.iter() {
            let own = |stage: &&Stage| {
                stage.clock == clock.clock() && self.general.memory(stage.clock) != MemoryPolicy::Resample
            };
            let have: u32 = before.iter().filter(own).map(|stage| stage.count.max(1)).sum();
            if have > clock.count {
                return Err(self.refuse(clock.clock()));
            }
            for &stage in before.iter().filter(own) {
                let resumed = stage.count.max(1) as i32;
                options = added(options, &[(Stage { count: 0, ..stage }, resumed, 1.0)]);
            }
            let start = self.phases[clock.clock() as usize].start.iter();
            let start: Vec<(Stage, i32, f64)> =
                start.map(|&(phase, p)| (Stage { clock: clock.clock(), phase, count: 0 }, 1, p)).collect();
            for _ in have..clock.count {
                options = added(options, &start);
            }
        }
        Ok(options.into_iter().collect())
    }

    fn refuse(&self, clock: u32) -> Refusal {
        Refusal::NotMarkovian {
            transition: self.general.name_of(clock),
            because: "no phases take its place: some of its clocks are stopped and others not, and the phases don't \
                      tell which is the youngest"
                .to_string(),
        }
    }

    fn running(&mut self, index: u32) -> Result<Rc<[Running]>, Refusal> {
        if let Some(known) = &self.running[index as usize] {
            return Ok(known.clone());
        }
        let mut marking = self.program.initial.clone();
        self.space.markings.get(self.program, index, &mut marking);
        let running: Rc<[Running]> = self.general.running(&marking)?.into();
        self.running[index as usize] = Some(running.clone());
        Ok(running)
    }

    /// Where a marking leads without time; new tangible markings are judged.
    fn resolve(&mut self, marking: &mut [u32]) -> Result<Outcome, Refusal> {
        let (limit, program) = (self.limits.states, self.program);
        let (judged, running) = (&mut self.judged, &mut self.running);
        let markings: &mut Markings = &mut self.space.markings;
        let mut outcome = Outcome::default();
        let mut intern = |tangible: &[u32]| {
            let (state, new) = markings.admit(program, tangible, limit, judged)?;
            if new {
                running.push(None);
            }
            Ok(state)
        };
        self.vanishing.resolve(marking, &mut intern, &mut outcome)?;
        Ok(outcome)
    }
}

/// Adds clocks to a stage, or takes them away.
fn change(stages: &mut Vec<Stage>, stage: Stage, by: i32) {
    let at = stages.iter().position(|other| (other.clock, other.phase) == (stage.clock, stage.phase));
    let count = at.map_or(0, |at| stages.remove(at).count).saturating_add_signed(by);
    if count > 0 {
        stages.push(Stage { count, ..stage });
        stages.sort_unstable();
    }
}

/// Each option with each of these additions.
fn added(options: BTreeMap<Vec<Stage>, f64>, more: &[(Stage, i32, f64)]) -> BTreeMap<Vec<Stage>, f64> {
    let mut all = BTreeMap::new();
    for (stages, p) in options {
        for &(stage, count, q) in more {
            let mut next = stages.clone();
            change(&mut next, stage, count);
            *all.entry(next).or_insert(0.0) += p * q;
        }
    }
    all
}
