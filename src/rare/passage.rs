//! Fixed effort splitting (Garvels 2000): the probability that a failure comes before a given time.
//!
//! The same number of paths is run from the entrance of every level, each from a state drawn from those in which the
//! paths of the level below arrived, until it fails, reaches the next level, or its time is up. The product of the shares
//! that got on has the mean that is sought, for any importance and any levels.

use super::{Halt, Importance, Levels, Scratch};
use crate::engine::{Options, Path};
use crate::program::Program;
use crate::rng::{StreamKey, offspring};

/// Steps between two questions whether to go on.
const UNASKED: u64 = 4096;

/// What a run needs to know.
#[derive(Debug)]
pub struct Passage<'s, 'p> {
    /// The net.
    pub program: &'p Program,
    /// How paths are run.
    pub options: Options,
    /// Along which the levels lie.
    pub importance: &'s Importance,
    /// The levels; their factors don't matter.
    pub levels: &'s Levels,
    /// The `up` condition.
    pub up: usize,
    /// Paths from each level, ≥ 1.
    pub effort: u64,
}

/// How a path from a level ended.
enum End {
    Failed,
    Reached,
    Late,
}

impl<'p> Passage<'_, 'p> {
    /// One estimate of the probability that the condition is false at some time up to `time`, from fresh clocks, and the
    /// firings that it took; estimates of different replications are independent.
    ///
    /// # Errors
    /// See [`Halt`]; `most` firings end the work.
    pub fn run(
        &self,
        (seed, replication): (u64, u64),
        time: f64,
        (most, stop): (u64, &dyn Fn() -> bool),
    ) -> Result<(f64, u64), Halt> {
        let mut choice = StreamKey::of("entrances").stream(seed, replication);
        let mut path = Path::new(self.program, self.options);
        let (mut entrances, mut chance, mut onward, mut firings, mut index) = (Vec::new(), 0.0, 1.0, 0, 0);
        let mut scratch = Scratch::default();
        for level in 0..=self.levels.count() {
            let (mut reached, mut failed) = (Vec::new(), 0_u64);
            for _ in 0..self.effort {
                index += 1;
                let own = offspring(replication, index);
                if level == 0 {
                    path.begin(seed, own)?;
                } else {
                    let drawn = (choice.draw().uniform() * entrances.len() as f64) as usize;
                    path.fork(&entrances[drawn.min(entrances.len() - 1)], seed, own);
                }
                let begun = if level == 0 { 0 } else { path.firings() };
                let left = (most.saturating_sub(firings), stop);
                let end = self.climb(&mut path, level + 1, time, left, &mut scratch)?;
                firings += path.firings() - begun;
                match end {
                    End::Failed => failed += 1,
                    End::Reached => reached.push(path.clone()),
                    End::Late => {}
                }
            }
            let share = |count: u64| count as f64 / self.effort as f64;
            chance += onward * share(failed);
            onward *= share(reached.len() as u64);
            if reached.is_empty() {
                break;
            }
            entrances = reached;
        }
        Ok((chance, firings))
    }

    /// Runs a path until it fails, has reached a level, or its time is up.
    fn climb(
        &self,
        path: &mut Path<'p>,
        level: usize,
        time: f64,
        (most, stop): (u64, &dyn Fn() -> bool),
        scratch: &mut Scratch,
    ) -> Result<End, Halt> {
        let begun = path.firings();
        let mut steps = 0_u64;
        loop {
            if !path.is_up(self.up) {
                return Ok(End::Failed);
            }
            if level <= self.levels.count() && self.levels.of(self.importance.of(path.marking(), scratch)) >= level {
                return Ok(End::Reached);
            }
            if !path.step(time, &mut ())? {
                return Ok(End::Late);
            }
            steps += 1;
            if steps.is_multiple_of(UNASKED) && stop() {
                return Err(Halt::Interrupted);
            }
            if path.firings() - begun > most {
                return Err(Halt::Cut);
            }
        }
    }
}
