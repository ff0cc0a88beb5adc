//! A first, short look at a process: how fast it fires, whether it regenerates, whether it moves at all.

use super::control::Stop;
use super::process::{Process, Trajectory};
use super::replicate::{Cost, Workers};
use crate::program::Program;
use std::ops::ControlFlow;

/// Pilots use replication indices from here on, so that they share no random number with the observations.
pub const PILOT: u64 = 1 << 63;

/// Paths of the probe.
const PATHS: u64 = 16;

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
        self.cycles >= ENOUGH_CYCLES && self.longest_cycle * 10 <= self.firings && !self.begins_down
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

impl<'a, P: Process> Workers<'a, P> {
    /// Follows a few paths event by event, each for `firings` firings or `horizon` seconds.
    pub fn probe(&self, horizon: f64, firings: u64) -> Result<Probe, Stop> {
        let mut sum = Probe::default();
        let one = |path: &mut P::Path<'a>, index: u64| self.probe_one(path, PILOT + index, horizon, firings);
        self.fold(0..PATHS, one, |probe: Probe| {
            sum.firings += probe.firings;
            sum.time += probe.time;
            sum.cycles += probe.cycles;
            sum.cycle_firings += probe.cycle_firings;
            sum.longest_cycle = sum.longest_cycle.max(probe.longest_cycle);
            sum.begins_down |= probe.begins_down;
            ControlFlow::Continue(())
        })?;
        Ok(sum)
    }

    fn probe_one(&self, path: &mut P::Path<'a>, index: u64, horizon: f64, firings: u64) -> Result<Probe, Stop> {
        let facts = self.process.facts();
        let mut probe = Probe::default();
        path.begin(self.seed, index)?;
        let (mut sums, mut cycle_began, mut steps) = (vec![0.0; facts.sums], path.firings(), 0_u64);
        while path.firings() < firings && path.step(horizon)? {
            if steps == 0 {
                path.take_sums(&mut sums);
                probe.begins_down = (0..facts.up.len()).any(|up| sums[Program::down(up)] > 0.0);
            }
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
        probe.firings = path.firings();
        probe.time = path.now();
        Ok(probe)
    }
}
