//! Where to lay the levels: a pilot that climbs from each to the next.
//!
//! From states at the entrance of a level, paths are run until they fall below it again; the next level is the
//! highest importance that some tens of them reached, and states at its entrance are kept for the next stage. So the
//! pilot costs the sum of what the single stages cost, however rare the failure is. Everything is counted in firings.

use super::{Halt, Importance, Levels, Rises, Scratch};
use crate::engine::Path;
use crate::rng::offspring;

/// States kept at the entrance of a level.
const KEPT: usize = 64;
/// A level has been reached so often when it is laid.
const WANTED: u64 = 48;
/// Least number of paths from a level, and of steps below the first one, before the next is laid.
const LEAST_TRIALS: u64 = 256;
const LEAST_STEPS: u64 = 16_384;
/// Most levels.
const MOST_LEVELS: usize = 100;
/// Steps of one path above a level after which it is left.
const LONGEST: u64 = 1 << 20;
/// States kept from one path.
const KEPT_EACH: usize = 4;

/// A pilot for the levels of one `up` condition.
#[derive(Debug)]
pub struct Pilot<'s> {
    /// Along which the levels are laid.
    pub importance: &'s Importance,
    /// The `up` condition.
    pub up: usize,
    /// Of all streams, and the replication whose streams the pilot uses.
    pub seed: (u64, u64),
    /// Most firings.
    pub budget: u64,
}

/// What a pilot found.
#[derive(Debug, Clone, PartialEq)]
pub struct Piloted {
    /// The levels.
    pub levels: Levels,
    /// Whether failures were seen from the last level.
    pub reached: bool,
    /// Mean time between two arrivals of the main path at the first level, seconds.
    pub gap: f64,
    /// Firings between two such arrivals, offspring included.
    pub cost: f64,
    /// Firings spent.
    pub firings: u64,
}

/// The climb so far.
struct Climb<'s, 'p> {
    pilot: &'s Pilot<'s>,
    scratch: Scratch,
    roots: Vec<Path<'p>>,
    path: Path<'p>,
    trials: u64,
    spent: u64,
    stop: &'s dyn Fn() -> bool,
}

/// What the paths of one stage did.
#[derive(Default)]
struct Stage {
    rises: Rises,
    /// Paths, and failures among them.
    trials: u64,
    failures: u64,
    firings: u64,
    time: f64,
    /// Arrivals at the level that is being laid.
    arrivals: u64,
    /// The least importance seen.
    lowest: f64,
}

impl Pilot<'_> {
    /// Climbs from a path that has been warmed up.
    ///
    /// # Errors
    /// See [`Halt`].
    pub fn climb<'p>(&self, path: Path<'p>, stop: &dyn Fn() -> bool) -> Result<Piloted, Halt> {
        let mut climb = Climb {
            pilot: self,
            scratch: Scratch::default(),
            roots: vec![path.clone()],
            path,
            trials: 0,
            spent: 0,
            stop,
        };
        let mut floor = f64::NEG_INFINITY;
        // Of each stage: its floor, the chance to get on, and firings for each path.
        let mut stages: Vec<(f64, f64, f64)> = Vec::new();
        let (mut gap, mut reached) = (f64::INFINITY, false);
        while stages.len() <= MOST_LEVELS {
            let mut stage = Stage { lowest: f64::INFINITY, ..Stage::default() };
            let first = stages.is_empty();
            let next = climb.look(floor, &mut stage)?;
            let laid = match next {
                Some(threshold) if stage.failures < WANTED => climb.gather(floor, threshold, &mut stage)?,
                _ => None,
            };
            reached = laid.is_none() && stage.failures > 0;
            let onward = if laid.is_some() { stage.arrivals } else { stage.failures };
            if first {
                gap = stage.time / onward as f64;
            }
            let trials = if first { onward.max(1) } else { stage.trials };
            stages.push((floor, onward as f64 / trials as f64, stage.firings as f64 / trials as f64));
            match laid {
                Some(threshold) => floor = threshold,
                None => break,
            }
        }
        Ok(conclude(&stages, gap, reached, climb.spent))
    }
}

/// The levels, and what a root of them costs.
fn conclude(stages: &[(f64, f64, f64)], gap: f64, reached: bool, firings: u64) -> Piloted {
    let chances: Vec<(f64, f64)> =
        stages.iter().skip(1).filter(|stage| stage.1 > 0.0).map(|&(floor, chance, _)| (floor, chance)).collect();
    let levels = Levels::balanced(&chances);
    let mut cost = stages.first().map_or(0.0, |stage| stage.2);
    let (mut paths, mut at) = (1.0, 0);
    for &(floor, chance, each) in stages.iter().skip(1) {
        let level = levels.of(floor);
        for factor in levels.all().skip(at).take(level.saturating_sub(at)).map(|(_, factor)| factor) {
            paths *= f64::from(factor);
        }
        at = at.max(level);
        cost += paths * each;
        paths *= chance;
    }
    Piloted { levels, reached, gap, cost, firings }
}

impl<'p> Climb<'_, 'p> {
    /// Runs paths until the next level can be laid, and says where; none when failures are seen often enough, or
    /// nothing higher is ever reached.
    fn look(&mut self, floor: f64, stage: &mut Stage) -> Result<Option<f64>, Halt> {
        let share = self.pilot.budget / 8;
        let mut next = LEAST_TRIALS;
        loop {
            self.trial(floor, f64::INFINITY, stage, &mut Vec::new())?;
            let first = floor == f64::NEG_INFINITY;
            let enough =
                if first { stage.firings >= next * (LEAST_STEPS / LEAST_TRIALS) } else { stage.trials >= next };
            let spent = self.spent >= self.pilot.budget || stage.firings >= share;
            if !(enough || spent) {
                continue;
            }
            next *= 2;
            let found = stage.rises.highest(floor + 2.0 * self.pilot.importance.margin(), WANTED);
            match found {
                _ if stage.failures >= WANTED => return Ok(None),
                Some((importance, count)) if count >= WANTED || spent && count > 0 => {
                    return Ok(Some(self.below(importance, stage.lowest)));
                }
                _ if spent => return Ok(None),
                _ => {}
            }
        }
    }

    /// The level for markings of an importance: a little below it, so that what is alike isn't parted, but above `lowest`.
    fn below(&self, importance: f64, lowest: f64) -> f64 {
        let level = importance - self.pilot.importance.margin();
        if level > lowest { level } else { importance }
    }

    /// Runs paths until there are enough states at the entrance of the level `threshold`; these are the roots then.
    fn gather(&mut self, floor: f64, threshold: f64, stage: &mut Stage) -> Result<Option<f64>, Halt> {
        // What was seen while the level was sought is no fair sample of it.
        (stage.trials, stage.firings, stage.time, stage.failures) = (0, 0, 0.0, 0);
        let mut kept = Vec::new();
        let share = self.pilot.budget / 8;
        while kept.len() < KEPT && self.spent < self.pilot.budget && stage.firings < share {
            self.trial(floor, threshold, stage, &mut kept)?;
        }
        if kept.is_empty() {
            return Ok(None);
        }
        self.roots = kept;
        Ok(Some(threshold))
    }

    /// One path from the entrance of a level until it falls below it, or a piece of the main path below all levels.
    fn trial(&mut self, floor: f64, threshold: f64, stage: &mut Stage, kept: &mut Vec<Path<'p>>) -> Result<(), Halt> {
        let first = floor == f64::NEG_INFINITY;
        let (importance, up) = (self.pilot.importance, self.pilot.up);
        if !first {
            let root = self.trials as usize % self.roots.len();
            let (seed, replication) = self.pilot.seed;
            self.trials += 1;
            self.path.fork(&self.roots[root], seed, offspring(replication, self.trials));
        }
        let begun = (self.path.firings(), self.path.now());
        let mut at = importance.of(&self.path, &mut self.scratch);
        let mut from_here = 0;
        let mut arrive = |path: &Path<'p>, stage: &mut Stage| {
            stage.arrivals += 1;
            if kept.len() < KEPT && from_here < KEPT_EACH {
                kept.push(path.clone());
                from_here += 1;
            }
        };
        if !first {
            // One step may have led past several levels; the root stands on all of them.
            stage.rises.note(f64::NEG_INFINITY, at);
            if threshold <= at {
                arrive(&self.path, stage);
            }
        }
        let longest = if first { LEAST_STEPS / LEAST_TRIALS } else { LONGEST };
        let mut was_up = self.path.is_up(up);
        for _ in 0..longest {
            if !self.path.step(f64::MAX, &mut ())? {
                break;
            }
            let now = importance.of(&self.path, &mut self.scratch);
            stage.rises.note(at, now);
            stage.lowest = stage.lowest.min(now);
            if at < threshold && threshold <= now {
                arrive(&self.path, stage);
            }
            let is_up = self.path.is_up(up);
            stage.failures += u64::from(was_up && !is_up);
            (at, was_up) = (now, is_up);
            if now < floor {
                break;
            }
        }
        stage.trials += 1;
        stage.firings += self.path.firings() - begun.0;
        stage.time += self.path.now() - begun.1;
        self.spent += (self.path.firings() - begun.0).max(1);
        if (self.stop)() { Err(Halt::Interrupted) } else { Ok(()) }
    }
}
