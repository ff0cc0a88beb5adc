//! Stratified cycles: those between true regenerations, drawn way by way.
//!
//! A cycle begins where only exponential clocks run, so the way out of that marking has a known chance: which clock is
//! first, and what the immediates choose behind it. A cycle's sojourn there is replaced by its mean, and cycles are made
//! behind each way, as many as it deserves, instead of behind those that chance would take. An observation is the mean
//! over all ways, each weighed by its chance: so it has the mean of crude cycles, and what remains of the variance is
//! that within ways. A mistake of the operator needn't be waited for, and how often it comes adds no noise.
//!
//! Numbers of cycles minimise the relative variances of all quantities for the firings that they cost (Neyman 1934, with
//! costs: Cochran 1977, 5.5): half of it counts for the leading condition. A quarter of the cycles stays with the ways'
//! own chances, so that what a pilot has overlooked widens no interval much.

use super::account::Recorder;
use super::approach::{Approach, FirstLook};
use super::control::Stop;
use super::estimate::Sample;
use super::probe::PILOT;
use super::replicate::{Cost, Workers, first_failures};
use super::sample::sample;
use super::settings::{BLOCK, FIRST_LOOK, Settings};
use super::tally::{Layout, Tally};
use crate::engine::Path;
use crate::exact::{self, Departure, Departures, Limits, Refusal};
use crate::rng::{StreamKey, offspring};
use crate::syntax::ast::Method;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Numbers of the observations begin here. What is drawn behind a way depends on the way too, so that no random number is
/// shared with other methods.
const STRATA: u64 = 1 << 58;

/// More ways out are not told apart.
const MOST_WAYS: usize = 4096;

/// Cycles of the pilot behind each way.
const TRIED: u64 = 32;

/// Share of the cycles that chance alone distributes.
const CHANCE: f64 = 0.25;

/// An observation has at least so many cycles for each way, or firings.
const EACH: f64 = 1.0;
const FIRINGS: f64 = 2_000.0;

/// Firings after which it is asked whether to go on.
const UNASKED: u64 = 1024;

/// How an observation is made up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Strata {
    /// Cycles behind each way, in the order of [`Departures`].
    pub cycles: Vec<u64>,
    /// So many crude cycles are told of one observation: no way has fewer than its share of them.
    pub worth: f64,
}

/// The pilot's cycles behind one way.
struct Tried {
    cycles: Vec<Vec<f64>>,
    firings: u64,
}

impl Cost for Tried {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl<'a> Workers<'a> {
    /// The ways out of the first marking, or why they can't be told apart.
    fn departures(&self) -> Result<Result<&Departures, &str>, Stop> {
        if self.departures.get().is_none() {
            let stop = |_| self.control.is_interrupted();
            let found = match exact::departures(self.net, self.process.program(), &Limits::default(), &stop) {
                Err(Refusal::Interrupted) => return Err(Stop::Interrupted),
                Err(Refusal::NotMarkovian { transition, because }) => {
                    Err(format!("{transition} runs there: {because}"))
                }
                Err(refusal) => Err(refusal.to_string()),
                Ok(None) => Err("the first marking is a matter of chance, or never left".to_string()),
                Ok(Some(found)) if found.ways.len() > MOST_WAYS => {
                    Err(format!("it is left in {} ways, more than {MOST_WAYS}", found.ways.len()))
                }
                Ok(Some(found)) => Ok(found),
            };
            return Ok(self.departures.get_or_init(|| found).as_ref().map_err(String::as_str));
        }
        let known = self.departures.get().map(|known| known.as_ref().map_err(String::as_str));
        Ok(known.unwrap_or(Err("nothing is known of it")))
    }

    /// Why cycles can't be stratified, if so.
    pub fn unstratified(&self) -> Result<Option<String>, Stop> {
        Ok(self.departures()?.err().map(str::to_string))
    }

    /// Lays down how many cycles an observation has behind each way, by a pilot.
    pub(super) fn stratify(
        &self,
        approach: &mut Approach,
        settings: &Settings,
        first: &FirstLook,
        primary: Option<usize>,
    ) -> Result<(), Stop> {
        let Ok(departures) = self.departures()? else { return Ok(()) };
        let layout = Layout::new(self.process.facts());
        let compute = |path: &mut Path<'a>, way: u64| {
            let (mut cycles, mut firings) = (Vec::new(), 0);
            let way = &departures.ways[way as usize];
            let draws = offspring(PILOT | STRATA, self.key(way));
            for index in 0..TRIED {
                let mut cycle = vec![0.0; layout.width];
                let replication = offspring(draws, index);
                self.behind(path, &mut (), &layout, (departures, way), replication, (&mut cycle, first.budget))?;
                firings += path.firings();
                cycles.push(cycle);
            }
            Ok(Tried { cycles, firings })
        };
        let mut tried = Vec::new();
        self.fold(0..departures.ways.len() as u64, compute, |way: Tried| {
            tried.push(way);
            ControlFlow::Continue(())
        })?;
        approach.firings += tried.iter().map(Tried::firings).sum::<u64>();
        let gradients = self.gradients(&layout, departures, &tried, settings, primary);
        approach.strata = Some(allocate(departures, &tried, &gradients, settings.budget));
        Ok(())
    }

    /// What the logarithm of each quantity grows by, by coordinate, and how much the quantity counts.
    fn gradients(
        &self,
        layout: &Layout,
        departures: &Departures,
        tried: &[Tried],
        settings: &Settings,
        primary: Option<usize>,
    ) -> Vec<(f64, Vec<(usize, f64)>)> {
        let mut mean = vec![0.0; layout.width];
        for (way, tried) in departures.ways.iter().zip(tried) {
            let weight = way.probability / tried.cycles.len() as f64;
            tried.cycles.iter().for_each(|cycle| add(&mut mean, weight, cycle));
        }
        let mut tally = Tally::new(layout);
        tally.add(layout, &mean);
        let facts = self.process.facts();
        let sample: Sample = sample(facts, layout, &tally, settings, Method::Stratified);
        let relative = |(value, gradient): (f64, Vec<(usize, f64)>)| {
            let scaled: Vec<(usize, f64)> = gradient.into_iter().map(|(i, g)| (i, g / value)).collect();
            (value != 0.0 && scaled.iter().all(|(_, g)| g.is_finite())).then_some(scaled)
        };
        let ups = (0..facts.up.len()).map(|up| (Some(up) == primary, sample.unavailability_gradient(up)));
        let measures = facts.measures.iter().map(|measure| (false, sample.gradient(&measure.formula)));
        let mut list: Vec<(bool, Vec<(usize, f64)>)> =
            ups.chain(measures).filter_map(|(leads, found)| Some((leads, relative(found)?))).collect();
        let others = list.iter().filter(|(leads, _)| !leads).count().max(1) as f64;
        list.drain(..).map(|(leads, gradient)| (if leads { others } else { 1.0 }, gradient)).collect()
    }

    /// One block of observations, those before `end`; `kept` is what else is kept of them.
    pub(super) fn stratified(
        &self,
        path: &mut Path<'a>,
        kept: &mut impl Recorder,
        layout: &Layout,
        (block, end): (u64, u64),
        strata: Option<&Strata>,
        most: u64,
    ) -> Result<Tally, Stop> {
        let mut tally = Tally::new(layout);
        let counts = layout.counts();
        tally.squares = vec![0.0; counts.len()];
        let (Ok(departures), Some(strata)) = (self.departures()?, strata) else { return Err(Stop::Cut) };
        let keys: Vec<u64> = departures.ways.iter().map(|way| self.key(way)).collect();
        let (mut sum, mut cycle) = (vec![0.0; layout.width], vec![0.0; layout.width]);
        for observation in block * BLOCK..end.min((block + 1) * BLOCK) {
            sum.fill(0.0);
            for ((way, key), &cycles) in departures.ways.iter().zip(&keys).zip(&strata.cycles) {
                let weight = strata.worth * way.probability / cycles as f64;
                let draws = offspring(STRATA | observation, *key);
                for index in 0..cycles {
                    cycle.fill(0.0);
                    self.behind(path, kept, layout, (departures, way), offspring(draws, index), (&mut cycle, most))?;
                    add(&mut sum, weight, &cycle);
                    for (square, &count) in tally.squares.iter_mut().zip(&counts) {
                        *square += weight * weight * cycle[count];
                    }
                    tally.firings += path.firings();
                    tally.ties += path.ties().1;
                }
            }
            tally.add(layout, &sum);
        }
        Ok(tally)
    }

    /// What the random numbers behind a way depend on: the same in every design that has its transition.
    fn key(&self, way: &Departure) -> u64 {
        StreamKey::of(self.process.transition(way.transition)).0[0].wrapping_add(u64::from(way.rank))
    }

    /// One cycle behind a way.
    fn behind(
        &self,
        path: &mut Path<'a>,
        kept: &mut impl Recorder,
        layout: &Layout,
        (departures, way): (&Departures, &Departure),
        replication: u64,
        (cycle, most): (&mut [f64], u64),
    ) -> Result<(), Stop> {
        path.stand(self.seed, replication, &departures.from)?;
        kept.begin(path);
        kept.start(path.now());
        path.depart(departures.stay, (way.transition, &way.marking), kept)?;
        let mut steps = 0_u64;
        while !path.regenerated() {
            if !path.step(f64::MAX, kept)? {
                // Nothing will ever happen again: no cycle.
                return Err(Stop::Rests);
            }
            steps += 1;
            if steps.is_multiple_of(UNASKED) {
                self.check(path, most)?;
            }
        }
        path.take_sums(&mut cycle[..self.process.facts().sums]);
        kept.take(path.now(), layout, cycle);
        first_failures(path, layout, self.process.facts().up.len(), cycle);
        way.counts.iter().for_each(|&(sum, amount)| cycle[sum] += amount);
        Ok(())
    }
}

fn add(sum: &mut [f64], weight: f64, values: &[f64]) {
    sum.iter_mut().zip(values).for_each(|(sum, x)| *sum += weight * x);
}

/// How many cycles each way gets.
fn allocate(departures: &Departures, tried: &[Tried], gradients: &[(f64, Vec<(usize, f64)>)], budget: u64) -> Strata {
    let chances: Vec<f64> = departures.ways.iter().map(|way| way.probability).collect();
    let costs: Vec<f64> = tried.iter().map(|way| way.firings as f64 / way.cycles.len() as f64).collect();
    let mut needs = vec![0.0; chances.len()];
    for (counts, gradient) in gradients {
        let spread: Vec<f64> =
            tried.iter().zip(&chances).map(|(way, chance)| chance * deviation(way, gradient)).collect();
        let best: f64 = spread.iter().zip(&costs).map(|(spread, cost)| spread * cost.sqrt()).sum();
        if best > 0.0 {
            needs
                .iter_mut()
                .zip(&spread)
                .for_each(|(need, spread)| *need += counts * (spread / best) * (spread / best));
        }
    }
    let deserved: Vec<f64> = needs.iter().zip(&costs).map(|(need, cost)| (need / cost).sqrt()).collect();
    let all: f64 = deserved.iter().sum();
    let share = |way: usize| match all > 0.0 {
        true => (1.0 - CHANCE) * deserved[way] / all + CHANCE * chances[way],
        false => chances[way],
    };
    let ways = chances.len() as f64;
    let cost: f64 = (0..chances.len()).map(|way| share(way) * costs[way]).sum();
    let affordable = budget as f64 / 4.0 / FIRST_LOOK as f64 / cost;
    let total = (EACH * ways).max(FIRINGS / cost).min(affordable.max(ways));
    let cycles: Vec<u64> = (0..chances.len()).map(|way| (total * share(way)).round().max(1.0) as u64).collect();
    let worth = cycles.iter().zip(&chances).map(|(&n, chance)| n as f64 / chance).fold(f64::INFINITY, f64::min);
    Strata { cycles, worth }
}

/// Standard deviation of what a way's cycles contribute.
fn deviation(way: &Tried, gradient: &[(usize, f64)]) -> f64 {
    let values: Vec<f64> = way.cycles.iter().map(|cycle| gradient.iter().map(|&(i, g)| g * cycle[i]).sum()).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt()
}
