//! Splitting: replications whose paths are split where they come nearer to a failure.
//!
//! The levels are laid by a pilot and are part of the method, so every replication has the same ones, and replications
//! are as independent as those of crude simulation. What one arrival of the main path at the first level contributes
//! is what a biased cycle is to importance sampling: few that contribute much make a doubtful estimate.

use super::approach::Approach;
use super::control::Stop;
use super::probe::PILOT;
use super::replicate::Workers;
use super::settings::{BLOCK, Settings};
use super::tally::{Layout, Tally};
use super::warmup::round_up;
use crate::engine::Path;
use crate::program::Program;
use crate::rare::{Importance, Levels, Pilot, Splitter, Weights};
use crate::syntax::ast::Method;

/// Replication indices of the main paths begin here: they share no random number with other methods.
const MAIN: u64 = 1 << 58;

/// Replication index of the pilot.
const CLIMB: u64 = PILOT | 1 << 60;

/// Most firings of the pilot, and its most share of the budget.
const PILOT_FIRINGS: u64 = 30_000_000;
const PILOT_SHARE: u64 = 10;

/// What a replication should hold: arrivals at the first level, and firings; and as many firings as that times those of
/// its warm-up.
const ROOTS: f64 = 10.0;
const FIRINGS: f64 = 20_000.0;
const PER_WARMUP: f64 = 4.0;

/// Replications that half of the budget should allow, whatever else speaks for longer ones.
const LEAST_REPLICATIONS: f64 = 256.0;

/// How paths are split.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Split {
    /// The condition whose outages are approached.
    pub up: usize,
    /// Where, and into how many.
    pub levels: Levels,
}

impl<'a> Workers<'a> {
    /// Whether splitting can serve; else replications do, with a warning.
    pub fn splitting(&self, primary: Option<usize>) -> (Method, String, Option<String>) {
        if primary.is_some() {
            return (Method::Splitting, "stated".to_string(), None);
        }
        let because = "splitting can't serve (the net has no `up` condition): replications instead".to_string();
        (Method::Replications, because.clone(), Some(because))
    }

    /// The importance of the states for the condition `up`.
    pub(super) fn importance_for(&self, up: usize) -> Result<&Importance, Stop> {
        if let Some(importance) = self.importance.get() {
            return Ok(importance);
        }
        let importance = self.new_importance(up)?;
        Ok(self.importance.get_or_init(|| importance))
    }

    /// The same, made anew.
    pub(super) fn new_importance(&self, up: usize) -> Result<Importance, Stop> {
        let stop = |_| self.control.is_interrupted();
        match &self.net.importance {
            Some(stated) => Ok(Importance::stated(stated.clone())),
            None => {
                let importance = Importance::new(self.net, up, &stop).ok_or(Stop::Interrupted)?;
                Ok(match self.scheme()? {
                    Some(scheme) => importance.aged(&scheme),
                    None => importance,
                })
            }
        }
    }

    /// Lays the levels by a pilot, and finds the length of replications; `rate` is of firings per second.
    pub fn lay_levels(&self, approach: &mut Approach, settings: &Settings, up: usize, rate: f64) -> Result<(), Stop> {
        let importance = self.importance_for(up)?;
        let budget = (settings.budget / PILOT_SHARE).min(PILOT_FIRINGS);
        let mut path = self.process.path();
        path.begin(self.seed, CLIMB)?;
        self.advance(&mut path, approach.warmup, settings.budget)?;
        let pilot = Pilot { importance, up, seed: (self.seed, CLIMB), budget };
        let found = pilot.climb(path, &|| self.control.is_interrupted())?;
        approach.firings += found.firings;
        if !found.reached {
            approach.warnings.push(format!(
                "the pilot saw no failure in {} firings, so that there may be too few levels; give more budget, or state an \
                 importance",
                found.firings
            ));
        }
        if settings.length.is_none() && found.gap.is_finite() && found.cost > 0.0 {
            let least = FIRINGS.max(PER_WARMUP * rate * approach.warmup) / found.cost;
            let most = settings.budget as f64 / 2.0 / LEAST_REPLICATIONS / found.cost;
            approach.length = round_up(found.gap * least.max(ROOTS).min(most.max(1.0)));
        }
        let factors: Vec<String> = found.levels.all().map(|(_, factor)| factor.to_string()).collect();
        let levels = match factors.len() {
            0 => "no level is needed".to_string(),
            _ => format!("levels split into {}", factors.join(", ")),
        };
        approach.because += &format!("; importance: {}; {levels}", importance.because());
        approach.split = Some(Split { up, levels: found.levels });
        Ok(())
    }

    /// One block of replications, those before `end`.
    pub fn split(
        &self,
        path: &mut Path<'a>,
        layout: &Layout,
        (block, end): (u64, u64),
        approach: &Approach,
        most: u64,
    ) -> Result<Tally, Stop> {
        let Some(split) = &approach.split else { return Err(Stop::Cut) };
        let (program, window) = (self.process.program(), approach.window());
        let importance = self.importance_for(split.up)?;
        let mut splitter = Splitter::new(importance, &split.levels, split.up, program);
        let taken: Vec<usize> = (Program::TIME + 1..program.sums).collect();
        let (mut tally, mut weights) = (Tally::new(layout), Weights::of_roots(program.sums, &taken));
        let mut observation = vec![0.0; layout.width];
        for replication in block * BLOCK..end.min((block + 1) * BLOCK) {
            let own = MAIN | replication;
            path.begin(self.seed, own)?;
            let start = window.start(self.seed, own);
            self.advance(path, start, most)?;
            path.take_sums(&mut observation[..program.sums]);
            observation.fill(0.0);
            let (before, moved) = (path.firings(), !path.rests());
            let mut root = |sums: &[f64]| {
                weights.contribute(sums);
                observation.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
            };
            let limits = (most, &(|| self.control.is_interrupted()) as &dyn Fn() -> bool);
            let tree = splitter.run(path, (self.seed, own), start + window.length, &mut root, limits)?;
            observation[Program::TIME] = window.length;
            weights.weigh(tree.time / window.length);
            weights.observe(replication, window.length, observation[Program::down(split.up)]);
            tally.add(layout, &observation);
            tally.firings += before + tree.firings;
            tally.rests += u64::from(moved && path.rests());
        }
        weights.expect(splitter.expected());
        tally.weights = Some(weights);
        Ok(tally)
    }
}
