//! From one regeneration to the next: the markings that are passed, how long each holds, and where it ends.

use super::general::Running;
use super::quadrature::Nodes;
use super::race::{Race, Racer};
use super::subordinate::{Subchain, Weights};
use super::vanishing::merge;
use super::{Refusal, Stop, go_on};
use crate::dist::Law;
use std::rc::Rc;

/// Races whose integrals are remembered.
const REMEMBERED: usize = 64;

/// Most that the probabilities of all ends of a race may miss 1 by.
const WORST: f64 = 1e-9;

/// What can happen between two regenerations.
#[derive(Debug)]
pub(super) struct Period {
    /// The markings that exponential clocks lead through while the general ones run on, the first one first.
    pub markings: Vec<u32>,
    /// Rates among them.
    pub chain: Subchain,
    /// Rates to the markings in which the general clocks have been stopped.
    pub exits: Vec<Vec<(u32, f64)>>,
    /// What the exponential clocks count, per second, by marking.
    pub counts: Vec<Vec<f64>>,
    /// The general clocks.
    pub running: Rc<[Running]>,
    /// Where the firings of general clocks lead.
    pub wins: Vec<Win>,
}

/// A firing of a general clock in a marking.
#[derive(Debug)]
pub(super) struct Win {
    /// Position of the marking in the period.
    pub from: usize,
    /// Position of the clock among the racers.
    pub racer: usize,
    /// Markings in which the next period begins, with probabilities.
    pub to: Vec<(u32, f64)>,
    /// What the firing counts.
    pub counts: Vec<(u32, f64)>,
}

/// The mean of a period, all of it per second.
#[derive(Debug, Default)]
pub(super) struct Cycle {
    /// Share of time in each marking.
    pub shares: Vec<(u32, f64)>,
    /// Changes of the marking: from, to.
    pub jumps: Vec<(u32, u32, f64)>,
    /// What is counted.
    pub counts: Vec<f64>,
    /// Rates of the following periods, by the marking in which they begin.
    pub row: Vec<(u32, f64)>,
}

/// The same until the first failure.
#[derive(Debug, Default)]
pub(super) struct Passage {
    /// Rates of the following periods.
    pub row: Vec<(u32, f64)>,
    /// Rate of failures.
    pub failing: f64,
}

/// Mean times and wins of a period.
#[derive(Debug)]
pub(super) struct Means {
    /// By marking.
    times: Vec<f64>,
    /// By marking and racer: probabilities.
    wins: Vec<Vec<f64>>,
}

impl Means {
    /// Whether a racer may win in a marking.
    pub fn wins(&self, from: usize, racer: usize) -> f64 {
        self.wins[from].get(racer).copied().unwrap_or(0.0)
    }

    fn total(&self) -> f64 {
        self.times.iter().sum()
    }
}

/// Steps that one value of an integrand counts for.
const EVALUATION: u64 = 100;

/// Integrals of races, remembered.
#[derive(Debug, Default)]
pub(super) struct Races {
    known: Vec<Known>,
    /// Greatest |1 − sum of the probabilities of all ends| of any race: what the integrals are wrong by.
    pub defect: f64,
    /// A transition in whose race several may be due at one time.
    pub tied: Option<String>,
}

#[derive(Debug)]
struct Known {
    racers: Vec<Racer>,
    rate: f64,
    depth: usize,
    race: Race,
    ties: bool,
    integrals: Integrals,
    /// What it took.
    steps: u64,
}

#[derive(Debug)]
enum Integrals {
    /// One marking.
    Totals(Vec<f64>),
    Weights(Weights),
}

impl Races {
    /// Solves a period with `chain` in the place of its own.
    pub fn means(
        &mut self,
        racers: &[Racer],
        chain: &Subchain,
        who: &dyn Fn() -> String,
        stop: Stop,
    ) -> Result<Means, Refusal> {
        if racers.is_empty() {
            return Ok(Means { times: vec![1.0], wins: vec![Vec::new()] });
        }
        let known = self.known(racers, chain, stop)?;
        let integrals = match &known.integrals {
            Integrals::Totals(totals) => vec![totals.clone()],
            Integrals::Weights(weights) => weights.integrals(chain, &who(), stop)?,
        };
        let wins = integrals.iter().map(|integrals| {
            let of = |racer| {
                let (class, share) = known.race.member(racer);
                integrals[class + 1] * share
            };
            (0..racers.len()).map(of).collect::<Vec<f64>>()
        });
        let means = Means { wins: wins.collect(), times: integrals.iter().map(|integrals| integrals[0]).collect() };
        let ties = known.ties;
        let won: f64 = means.wins.iter().flatten().sum();
        let left: f64 = means.times.iter().zip(&chain.leaving).map(|(time, rate)| time * rate).sum();
        let defect = (1.0 - won - left).abs();
        if ties && self.tied.is_none() {
            self.tied = Some(who());
        }
        if defect.is_nan() || defect > WORST {
            let because = format!("the integrals of its race miss 1 by {defect:.0e}");
            return Err(Refusal::NotMarkovian { transition: who(), because });
        }
        self.defect = self.defect.max(defect);
        Ok(means)
    }

    fn known(&mut self, racers: &[Racer], chain: &Subchain, stop: Stop) -> Result<&Known, Refusal> {
        let alone = chain.inner.len() == 1;
        let (rate, depth) = if alone { (chain.leaving[0], 0) } else { (chain.rate(), chain.depth.next_power_of_two()) };
        let fits = |known: &Known| {
            let single = matches!(known.integrals, Integrals::Totals(_));
            single == alone && known.rate == rate && known.depth >= depth && known.racers == racers
        };
        if let Some(at) = self.known.iter().rposition(fits) {
            return Ok(&self.known[at]);
        }
        if self.known.len() == REMEMBERED {
            self.known.remove(0);
        }
        let known = if alone { single(racers, rate) } else { moving(racers, rate, depth) };
        go_on(stop, known.steps)?;
        self.known.push(known);
        Ok(&self.known[self.known.len() - 1])
    }
}

/// A race in one marking, which exponential clocks of that rate may break off.
fn single(racers: &[Racer], rate: f64) -> Known {
    let mut all = racers.to_vec();
    if rate > 0.0 {
        all.push(Racer { law: Law::Exponential { mean: 1.0 / rate }, speed: 1.0, count: 1, tie: u64::MAX });
    }
    let race = Race::new(&all, 0.0);
    let (totals, steps) = match race.alone() {
        Some(mean) => (vec![mean, 1.0], 1),
        None => {
            let nodes = race.nodes();
            (nodes.totals(), EVALUATION * nodes.weights.len() as u64)
        }
    };
    Known {
        steps,
        racers: racers.to_vec(),
        rate,
        depth: 0,
        ties: race.ties(),
        race,
        integrals: Integrals::Totals(totals),
    }
}

/// A race during which the marking changes.
fn moving(racers: &[Racer], rate: f64, depth: usize) -> Known {
    let race = Race::new(racers, rate);
    let nodes: Nodes = race.nodes();
    let weights = Weights::new(&nodes, race.alone(), rate, depth);
    let steps = EVALUATION * nodes.weights.len() as u64 + weights.steps;
    Known {
        steps,
        racers: racers.to_vec(),
        rate,
        depth,
        ties: race.ties(),
        race,
        integrals: Integrals::Weights(weights),
    }
}

impl Period {
    /// Everything that happens, per second.
    pub fn cycle(&self, means: &Means, columns: usize) -> Cycle {
        let mut cycle = Cycle { counts: vec![0.0; columns], ..Cycle::default() };
        let total = means.total();
        for (j, &from) in self.markings.iter().enumerate() {
            let share = means.times[j] / total;
            cycle.shares.push((from, share));
            cycle.counts.iter_mut().zip(&self.counts[j]).for_each(|(sum, rate)| *sum += share * rate);
            let inner = self.chain.inner[j].iter().map(|&(to, rate)| (self.markings[to as usize], rate));
            cycle.jumps.extend(inner.map(|(to, rate)| (from, to, share * rate)));
            cycle.jumps.extend(self.exits[j].iter().map(|&(to, rate)| (from, to, share * rate)));
            cycle.row.extend(self.exits[j].iter().map(|&(to, rate)| (to, share * rate)));
        }
        for win in &self.wins {
            let rate = means.wins(win.from, win.racer) / total;
            win.counts.iter().for_each(|&(column, amount)| cycle.counts[column as usize] += rate * amount);
            let from = self.markings[win.from];
            cycle.jumps.extend(win.to.iter().map(|&(to, p)| (from, to, rate * p)));
            cycle.row.extend(win.to.iter().map(|&(to, p)| (to, rate * p)));
        }
        cycle.jumps.retain(|&(from, to, rate)| from != to && rate > 0.0);
        merge(&mut cycle.row);
        cycle
    }

    /// The chain that ends at changes of the marking that `fails` tells; none when none of its changes does.
    pub fn until(&self, fails: &dyn Fn(u32, u32) -> bool) -> Option<Subchain> {
        let mut chain = self.chain.clone();
        let mut any = false;
        for (j, row) in chain.inner.iter_mut().enumerate() {
            row.retain(|&(to, rate)| {
                let fatal = fails(self.markings[j], self.markings[to as usize]);
                if fatal {
                    chain.leaving[j] += rate;
                }
                any |= fatal;
                !fatal
            });
        }
        any.then_some(chain)
    }

    /// The same up to the first change that `fails` tells.
    pub fn passage(&self, means: &Means, fails: &dyn Fn(u32, u32) -> bool) -> Passage {
        let total = means.total();
        let mut passage = Passage::default();
        let mut end = |from: u32, to: u32, rate: f64| match fails(from, to) {
            true => passage.failing += rate,
            false => passage.row.push((to, rate)),
        };
        for (j, &from) in self.markings.iter().enumerate() {
            let share = means.times[j] / total;
            self.exits[j].iter().for_each(|&(to, rate)| end(from, to, share * rate));
        }
        for win in &self.wins {
            let rate = means.wins(win.from, win.racer) / total;
            win.to.iter().for_each(|&(to, p)| end(self.markings[win.from], to, rate * p));
        }
        for (j, &from) in self.markings.iter().enumerate() {
            let share = means.times[j] / total;
            let inner = self.chain.inner[j].iter().map(|&(to, rate)| (self.markings[to as usize], rate));
            passage.failing += inner.filter(|&(to, _)| fails(from, to)).map(|(_, rate)| share * rate).sum::<f64>();
        }
        merge(&mut passage.row);
        passage
    }
}
