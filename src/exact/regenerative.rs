//! Markov regenerative processes: nets whose general clocks, when several run, start and end together.
//!
//! A marking in which all general clocks have just begun is a regeneration. The chain of these markings, each with the
//! mean length of the period that it begins, is solved as any chain; a semi-Markov process is the case in which no
//! period passes through several markings.

use super::chain::Chain;
use super::cycle::{Cycle, Means, Passage, Period, Races, Win};
use super::firing::{Firings, Witness};
use super::general::{Change, General, Running};
use super::long_run::{LongRun, stationary};
use super::markings::Markings;
use super::race::Racer;
use super::subordinate::Subchain;
use super::timed::Timed;
use super::vanishing::{Outcome, Vanishing, merge};
use super::{Limits, Refusal, Stop, go_on};
use crate::net::{Net, TransitionId};
use crate::program::Program;
use std::rc::Rc;

/// Markings between two questions whether to go on.
const UNASKED: usize = 1 << 8;

/// Bytes of a marking that is written out, but for its tokens.
const WRITTEN: usize = 64;

/// Of what kind a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Process {
    /// All clocks are exponential.
    Markov,
    /// Whenever the marking changes, all clocks that aren't exponential begin anew.
    SemiMarkov,
    /// Exponential clocks may change the marking while others run on.
    Regenerative,
}

/// The long run of a process.
#[derive(Debug)]
pub(super) struct Renewal {
    pub markings: Markings,
    /// Of each marking.
    pub probabilities: Vec<f64>,
    /// Changes of the marking per second: from, to.
    pub jumps: Vec<(u32, u32, f64)>,
    /// What is counted per second, by column.
    pub counts: Vec<f64>,
    /// Mean time to the first failure of each `up` condition; NaN where it wasn't asked for.
    pub first_failure: Vec<f64>,
    pub has_vanishing: bool,
    /// Whether the phase is forgotten: not so where all clocks that end periods are deterministic.
    pub mixes: bool,
    pub process: Process,
    /// Pairs of regenerations with a rate.
    pub transitions: usize,
    pub long_run: LongRun,
    /// What the integrals are wrong by, at most.
    pub defect: f64,
    /// A transition in whose race several may be due at one time.
    pub tied: Option<String>,
}

/// Explores and solves what these transitions do, before a witness; `ups` are the conditions whose first failure is
/// asked for.
pub(super) fn renewal(
    (net, program): (&Net, &Program),
    witness: Option<&dyn Witness>,
    limits: &Limits,
    within: &dyn Fn(TransitionId) -> bool,
    ups: &[usize],
    stop: Stop,
) -> Result<Renewal, Refusal> {
    let mut firings = Firings::new(program).seen_by(witness);
    firings.retain(within);
    let mut general = General::new(net, program);
    let mut timed = Timed::new(net, program);
    timed.retain(|transition| within(transition) && !general.is_general(transition));
    general.retain(within);
    let explorer = Explorer {
        program,
        vanishing: Vanishing::new(&firings, limits.vanishing, stop),
        firings: &firings,
        general,
        timed,
        limits,
        stop,
        markings: Markings::new(program.places()),
        up: Vec::new(),
        running: Vec::new(),
        starts: Vec::new(),
        races: Races::default(),
        process: Process::SemiMarkov,
        cycles: Vec::new(),
        passages: ups.iter().map(|&up| (up, Vec::new())).collect(),
        entries: 0,
        mixing: Vec::new(),
    };
    explorer.run()
}

struct Explorer<'f, 'p, 's> {
    program: &'p Program,
    vanishing: Vanishing<'f, 'p>,
    firings: &'f Firings<'p>,
    general: General<'p>,
    timed: Timed<'p>,
    limits: &'f Limits,
    stop: Stop<'s>,
    markings: Markings,
    up: Vec<bool>,
    /// General clocks that run, by marking, once it was asked.
    running: Vec<Option<Rc<[Running]>>>,
    /// Number of the period that begins in a marking.
    starts: Vec<Option<u32>>,
    races: Races,
    process: Process,
    cycles: Vec<Cycle>,
    /// By `up` condition and period.
    passages: Vec<(usize, Vec<Passage>)>,
    /// Of all rows.
    entries: usize,
    /// Whether the length of each period has a density.
    mixing: Vec<bool>,
}

impl Explorer<'_, '_, '_> {
    fn run(mut self) -> Result<Renewal, Refusal> {
        let mut marking = self.program.initial.clone();
        let initial = self.resolve(&mut marking)?.tangible;
        let mut begun: Vec<u32> = Vec::new();
        initial.iter().for_each(|&(marking, _)| self.begin(marking, &mut begun));
        while self.cycles.len() < begun.len() {
            go_on(self.stop, std::mem::take(&mut self.vanishing.steps))?;
            self.solve(begun[self.cycles.len()])?;
            let next: Vec<u32> = self.cycles.last().into_iter().flat_map(|c| c.row.iter().map(|&(to, _)| to)).collect();
            next.into_iter().for_each(|marking| self.begin(marking, &mut begun));
            self.is_allowed()?;
        }
        self.finish(&initial)
    }

    /// Whether there is room for all that was found so far; each marking is written out in the end.
    fn is_allowed(&self) -> Result<(), Refusal> {
        let stored = self.markings.bytes() + self.markings.len() * (WRITTEN + 4 * self.program.places());
        self.limits.allow(stored, self.markings.len(), self.entries)
    }

    /// A period begins in a marking; new ones are numbered.
    fn begin(&mut self, marking: u32, begun: &mut Vec<u32>) {
        let start = &mut self.starts[marking as usize];
        if start.is_none() {
            *start = Some(begun.len() as u32);
            begun.push(marking);
        }
    }

    /// The period that begins in a marking.
    fn solve(&mut self, start: u32) -> Result<(), Refusal> {
        let mut marking = self.program.initial.clone();
        self.markings.get(self.program, start, &mut marking);
        let running = self.running(start)?;
        let moving: Vec<Running> = running.iter().copied().filter(Running::moves).collect();
        let racers = self.general.racers(&moving, &marking)?;
        let mut period = self.period(start, running)?;
        let name = moving.first().map(|first| self.general.name(first)).unwrap_or_default();
        let who = || name.clone();
        let means = self.races.means(&racers, &period.chain, &who, self.stop)?;
        for (racer, clock) in moving.iter().enumerate() {
            let fired = self.general.transition(clock);
            for from in 0..period.markings.len() {
                if means.wins(from, racer) > 0.0 {
                    let win = self.win(&period, from, racer, fired)?;
                    period.wins.push(win);
                }
            }
        }
        if period.markings.len() > 1 {
            self.process = Process::Regenerative;
        }
        let cycle = period.cycle(&means, self.firings.counted.len());
        self.entries += cycle.row.len() + cycle.jumps.len() + cycle.shares.len();
        self.pass(&period, &racers, &means, &who)?;
        let density = |win: &Win| racers[win.racer].law.atoms().is_empty();
        let exits = period.exits.iter().any(|exits| !exits.is_empty());
        self.mixing.push(racers.is_empty() || exits || period.wins.iter().any(density));
        self.cycles.push(cycle);
        Ok(())
    }

    /// The same period up to the first failure of each condition.
    fn pass(
        &mut self,
        period: &Period,
        racers: &[Racer],
        means: &Means,
        who: &dyn Fn() -> String,
    ) -> Result<(), Refusal> {
        let ups = self.program.up.len();
        for (up, passages) in &mut self.passages {
            let holds = |marking: u32| self.up[marking as usize * ups + *up];
            let fails = |from: u32, to: u32| holds(from) && !holds(to);
            let passage = match period.until(&fails) {
                Some(chain) => period.passage(&self.races.means(racers, &chain, who, self.stop)?, &fails),
                None => period.passage(means, &fails),
            };
            self.entries += passage.row.len();
            passages.push(passage);
        }
        Ok(())
    }

    /// All markings that exponential clocks reach while the general ones run on.
    fn period(&mut self, start: u32, running: Rc<[Running]>) -> Result<Period, Refusal> {
        let mut period = Period {
            markings: vec![start],
            chain: Subchain::default(),
            exits: Vec::new(),
            counts: Vec::new(),
            running,
            wins: Vec::new(),
        };
        let mut depths = vec![0];
        let mut positions = std::collections::HashMap::from([(start, 0)]);
        while period.exits.len() < period.markings.len() {
            let j = period.exits.len();
            if j.is_multiple_of(UNASKED) {
                go_on(self.stop, std::mem::take(&mut self.vanishing.steps))?;
            }
            let targets = self.leave(&mut period, j)?;
            let mut inner: Vec<(u32, f64)> = Vec::new();
            for (to, rate) in targets {
                let position = *positions.entry(to).or_insert_with(|| {
                    period.markings.push(to);
                    depths.push(depths[j] + 1);
                    period.markings.len() as u32 - 1
                });
                inner.push((position, rate));
            }
            merge(&mut inner);
            inner.retain(|&(to, _)| to as usize != j);
            self.entries += inner.len();
            period.chain.inner.push(inner);
            self.is_allowed()?;
        }
        period.chain.depth = depths.last().copied().unwrap_or(0);
        Ok(period)
    }

    /// Fires all exponential clocks of a marking of the period; where the general clocks run on, with rates.
    fn leave(&mut self, period: &mut Period, j: usize) -> Result<Vec<(u32, f64)>, Refusal> {
        let mut marking = self.program.initial.clone();
        self.markings.get(self.program, period.markings[j], &mut marking);
        let mut rates = Vec::new();
        self.timed.rates(&marking, &mut rates)?;
        let (mut counts, mut inner, mut exits) = (vec![0.0; self.firings.counted.len()], Vec::new(), Vec::new());
        for (fired, rate) in rates {
            let Outcome { tangible, counts: counted } = self.fire(&marking, fired)?;
            counted.iter().for_each(|&(column, amount)| counts[column as usize] += rate * amount);
            for (to, p) in tangible {
                match self.change(period, to, fired)? {
                    Change::Continues => inner.push((to, rate * p)),
                    Change::Regenerates => exits.push((to, rate * p)),
                }
            }
        }
        merge(&mut exits);
        // A period without general clocks that begins again is none.
        if period.running.iter().all(|running| !running.moves()) {
            exits.retain(|&(to, _)| to != period.markings[j]);
        }
        period.chain.leaving.push(exits.iter().map(|&(_, rate)| rate).sum());
        period.exits.push(exits);
        period.counts.push(counts);
        Ok(inner)
    }

    /// A general clock fires in a marking of the period, which ends it.
    fn win(&mut self, period: &Period, from: usize, racer: usize, fired: TransitionId) -> Result<Win, Refusal> {
        let mut marking = self.program.initial.clone();
        self.markings.get(self.program, period.markings[from], &mut marking);
        let Outcome { tangible: to, counts } = self.fire(&marking, fired)?;
        for &(to, _) in &to {
            self.change(period, to, fired)?;
        }
        Ok(Win { from, racer, to, counts })
    }

    /// Where a firing leads, and what it counts.
    fn fire(&mut self, marking: &[u32], fired: TransitionId) -> Result<Outcome, Refusal> {
        let mut counts = Vec::new();
        self.firings.count(fired, marking, &mut |column, amount| counts.push((column, amount)))?;
        let mut after = marking.to_vec();
        self.firings.fire(fired, &mut after)?;
        let mut outcome = self.resolve(&mut after)?;
        outcome.counts.extend(counts);
        Ok(outcome)
    }

    fn change(&mut self, period: &Period, to: u32, fired: TransitionId) -> Result<Change, Refusal> {
        let after = self.running(to)?;
        self.general.change(&period.running, &after, fired)
    }

    fn running(&mut self, index: u32) -> Result<Rc<[Running]>, Refusal> {
        if let Some(known) = &self.running[index as usize] {
            return Ok(known.clone());
        }
        let mut marking = self.program.initial.clone();
        self.markings.get(self.program, index, &mut marking);
        let running: Rc<[Running]> = self.general.running(&marking)?.into();
        self.running[index as usize] = Some(running.clone());
        Ok(running)
    }

    /// Where a marking leads without time; new tangible markings are judged.
    fn resolve(&mut self, marking: &mut [u32]) -> Result<Outcome, Refusal> {
        let (limit, program) = (self.limits.states, self.program);
        let (markings, up) = (&mut self.markings, &mut self.up);
        let (running, starts) = (&mut self.running, &mut self.starts);
        let mut outcome = Outcome::default();
        let mut intern = |tangible: &[u32]| {
            let (state, new) = markings.admit(program, tangible, limit, up)?;
            if new {
                running.push(None);
                starts.push(None);
            }
            Ok(state)
        };
        self.vanishing.resolve(marking, &mut intern, &mut outcome)?;
        Ok(outcome)
    }

    /// Solves the chain of periods.
    fn finish(self, initial: &[(u32, f64)]) -> Result<Renewal, Refusal> {
        let number = |marking: u32| self.starts[marking as usize].unwrap_or(0);
        let initial: Vec<(u32, f64)> = initial.iter().map(|&(marking, p)| (number(marking), p)).collect();
        let rows = self.cycles.iter().map(|cycle| cycle.row.as_slice());
        let chain = numbered(rows, &number, |_| (0.0, &[]));
        let long_run = stationary(&chain, &initial, None, self.stop)?;
        let mut times = vec![f64::NAN; self.program.up.len()];
        for (up, passages) in &self.passages {
            times[*up] = first_failure(passages, &initial, &number, self.stop)?;
        }
        let mut probabilities = vec![0.0; self.markings.len()];
        let mut counts = vec![0.0; self.firings.counted.len()];
        let mut jumps = Vec::new();
        let mut mixing = Vec::new();
        for ((cycle, &p), &mixes) in self.cycles.iter().zip(&long_run.probabilities).zip(&self.mixing) {
            if p > 0.0 {
                cycle.shares.iter().for_each(|&(marking, share)| probabilities[marking as usize] += p * share);
                counts.iter_mut().zip(&cycle.counts).for_each(|(sum, rate)| *sum += p * rate);
                jumps.extend(cycle.jumps.iter().map(|&(from, to, rate)| (from, to, p * rate)));
                mixing.push(mixes);
            }
        }
        Ok(Renewal {
            markings: self.markings,
            probabilities,
            jumps: gathered(jumps),
            counts,
            first_failure: times,
            has_vanishing: self.vanishing.seen,
            mixes: mixing.iter().all(|mixes| *mixes) || long_run.classes.len() == 1 && mixing.contains(&true),
            process: self.process,
            transitions: chain.transitions(),
            long_run,
            defect: self.races.defect,
            tied: self.races.tied,
        })
    }
}

/// The chain of periods, each row with `also` to those in which the process may begin.
fn numbered<'r>(
    rows: impl Iterator<Item = &'r [(u32, f64)]>,
    number: &dyn Fn(u32) -> u32,
    also: impl Fn(usize) -> (f64, &'r [(u32, f64)]),
) -> Chain {
    let mut chain = Chain::default();
    for (from, row) in rows.enumerate() {
        let (rate, initial) = also(from);
        let mut row: Vec<(u32, f64)> = row.iter().map(|&(to, rate)| (number(to), rate)).collect();
        row.extend(initial.iter().map(|&(to, p)| (to, p * rate)));
        merge(&mut row);
        row.retain(|&(to, rate)| to as usize != from && rate > 0.0);
        chain.push(&row);
    }
    chain
}

/// Mean time to the first failure: the process begins anew at each, and the time between them is what is asked for.
fn first_failure(
    passages: &[Passage],
    initial: &[(u32, f64)],
    number: &dyn Fn(u32) -> u32,
    stop: Stop,
) -> Result<f64, Refusal> {
    let rows = passages.iter().map(|passage| passage.row.as_slice());
    let renewed = numbered(rows, number, |from| (passages[from].failing, initial));
    let run = stationary(&renewed, initial, None, stop)?;
    let rate: f64 = run.probabilities.iter().zip(passages).map(|(p, passage)| p * passage.failing).sum();
    Ok(if run.classes.len() > 1 || rate == 0.0 { f64::INFINITY } else { 1.0 / rate })
}

/// Adds up the rates of equal jumps.
fn gathered(mut jumps: Vec<(u32, u32, f64)>) -> Vec<(u32, u32, f64)> {
    jumps.sort_by_key(|&(from, to, _)| (from, to));
    jumps.dedup_by(|next, kept| {
        let same = (next.0, next.1) == (kept.0, kept.1);
        if same {
            kept.2 += next.2;
        }
        same
    });
    jumps
}
