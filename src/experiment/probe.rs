//! A first, short look at a process: how fast it fires, whether it regenerates, whether it moves at all.

use super::control::Stop;
use super::replicate::{Cost, Workers};
use crate::engine::Path;
use crate::program::Program;
use std::ops::ControlFlow;

/// Pilots use replication indices from here on, so that they share no random number with the observations.
pub const PILOT: u64 = 1 << 63;

/// Paths of the probe.
const PATHS: u64 = 16;

/// Paths on which confusion is looked for, and the most pairs of transitions that are told.
const WATCHED: u64 = 4;
const TOLD: usize = 3;

/// Regenerations that the probe must see before the regenerative method is trusted.
const ENOUGH_CYCLES: u64 = 160;

/// What the probe saw, on all of its paths together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Probe {
    /// Firings.
    pub firings: u64,
    /// Simulated seconds.
    pub time: f64,
    /// Completed cycles.
    pub cycles: u64,
    /// Firings of the completed cycles.
    pub cycle_firings: u64,
    /// Firings of the longest cycle, complete or not.
    pub longest_cycle: u64,
    /// Whether some `up` condition doesn't hold at the beginning.
    pub begins_down: bool,
    /// Whether chance has a part in the first tangible marking.
    pub begins_anyhow: bool,
    /// Paths on which nothing can fire any more.
    pub rests: u64,
    /// Outages of each condition.
    pub outages: Vec<f64>,
    /// The first tangible marking.
    first: Vec<u32>,
}

impl Cost for Probe {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl Probe {
    /// Whether true regenerations are frequent enough to make cycles the observations: all paths together saw
    /// enough of them, none took more than a tenth of what was looked at, and cycles begin up (a failure at the
    /// very regeneration would belong to no cycle).
    pub fn regenerates(&self) -> bool {
        self.cycles >= ENOUGH_CYCLES && self.longest_cycle * 10 <= self.firings && self.obstacle().is_none()
    }

    /// Why cycles can't be the observations, if so.
    pub fn obstacle(&self) -> Option<String> {
        if self.begins_down {
            return Some("an `up` condition is false at the beginning".to_string());
        }
        if self.begins_anyhow {
            return Some("the first marking is a matter of chance".to_string());
        }
        if self.cycles > 0 && self.time == 0.0 {
            // One long path finds the loop (S6); a cycle ends before it is one.
            return Some("no time passes between them".to_string());
        }
        (self.cycles == 0).then(|| format!("none seen in {} firings", self.firings))
    }

    /// Whether it regenerates now and then, but not for ever.
    pub fn comes_to_rest(&self) -> bool {
        self.rests > 0 && self.cycles > 0
    }

    /// Mean firings of a cycle.
    pub fn firings_per_cycle(&self) -> f64 {
        self.cycle_firings as f64 / self.cycles.max(1) as f64
    }

    /// Firings per simulated second.
    pub fn rate(&self) -> f64 {
        if self.time > 0.0 { self.firings as f64 / self.time } else { 0.0 }
    }
}

impl<'a> Workers<'a> {
    /// Follows a few paths event by event, each for `firings` firings or `horizon` seconds.
    pub fn probe(&self, horizon: f64, firings: u64) -> Result<Probe, Stop> {
        let mut sum = Probe::default();
        let one = |path: &mut Path<'a>, index: u64| self.probe_one(path, PILOT + index, horizon, firings);
        self.fold(0..PATHS, one, |probe: Probe| {
            sum.firings += probe.firings;
            sum.time += probe.time;
            sum.cycles += probe.cycles;
            sum.cycle_firings += probe.cycle_firings;
            sum.longest_cycle = sum.longest_cycle.max(probe.longest_cycle);
            sum.rests += probe.rests;
            sum.begins_down |= probe.begins_down;
            sum.outages.resize(probe.outages.len(), 0.0);
            sum.outages.iter_mut().zip(&probe.outages).for_each(|(all, one)| *all += one);
            sum.begins_anyhow |= !sum.first.is_empty() && sum.first != probe.first;
            sum.first = probe.first;
            ControlFlow::Continue(())
        })?;
        Ok(sum)
    }

    /// Looks for confusion (S6) on a few of the probe's paths: the warning, if there is one, and the firings spent.
    pub fn confusion(&self, horizon: f64, firings: u64) -> Result<(Option<String>, u64), Stop> {
        let sets = self.process.confusable_sets() as u64;
        if sets == 0 {
            return Ok((None, 0));
        }
        // Each choice looks at all sets.
        let firings = (firings * 64 / sets.max(64)).max(64);
        let (mut path, mut spent) = (self.process.watchful_path(), 0);
        for index in 0..WATCHED {
            path.begin(self.seed, PILOT + index)?;
            let mut steps = 0_u64;
            while path.firings() < firings && path.step(horizon, &mut ())? {
                steps += 1;
                if steps.is_multiple_of(1024) && self.control.is_interrupted() {
                    return Err(Stop::Interrupted);
                }
            }
            spent += path.firings();
        }
        let found = path.confusion();
        let name = |id| self.process.transition(id);
        let pairs = found.iter().take(TOLD).map(|&(fired, other)| format!("`{}` and `{}`", name(fired), name(other)));
        let list = pairs.collect::<Vec<_>>().join(", ");
        let more = if found.len() > TOLD { format!(" and {} more", found.len() - TOLD) } else { String::new() };
        let warning = format!(
            "confusion (S6): which fires first matters between {list}{more}, though they aren't in conflict; \
             the order of their stream names decides now: give them different priorities"
        );
        Ok(((!found.is_empty()).then_some(warning), spent))
    }

    fn probe_one(&self, path: &mut Path<'a>, index: u64, horizon: f64, firings: u64) -> Result<Probe, Stop> {
        let facts = self.process.facts();
        let mut probe = Probe::default();
        path.begin(self.seed, index)?;
        probe.begins_down = (0..facts.up.len()).any(|up| !path.is_up(up));
        probe.first = path.marking().to_vec();
        let (mut cycle_began, mut steps) = (path.firings(), 0_u64);
        while path.firings() < firings && path.step(horizon, &mut ())? {
            steps += 1;
            if path.regenerated() {
                let cycle = path.firings() - cycle_began;
                probe.cycles += 1;
                probe.cycle_firings += cycle;
                probe.longest_cycle = probe.longest_cycle.max(cycle);
                cycle_began = path.firings();
            }
            if steps.is_multiple_of(1024) && self.control.is_interrupted() {
                return Err(Stop::Interrupted);
            }
        }
        probe.longest_cycle = probe.longest_cycle.max(path.firings() - cycle_began);
        probe.rests = u64::from(path.rests());
        probe.firings = path.firings();
        probe.time = path.now();
        let mut sums = vec![0.0; facts.sums];
        path.take_sums(&mut sums);
        probe.outages = (0..facts.up.len()).map(|up| sums[Program::failures(up)]).collect();
        Ok(probe)
    }
}
