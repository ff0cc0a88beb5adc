//! Fixed effort splitting (Garvels 2000): the probability that a failure comes before a given time.
//!
//! A fixed number of paths is run from the entrance of every level, each from a state drawn from those in which the
//! paths of the level below arrived, until it fails, reaches the next level, or its time is up. The product of the shares
//! that got on has the mean that is sought, for any importance and any levels.

use super::{Halt, Importance, Levels, Scratch};
use crate::engine::{Options, Path};
use crate::program::Program;
use crate::rng::{Stream, StreamKey, offspring};

/// Steps between two questions whether to go on.
const UNASKED: u64 = 4096;

/// Share of the paths from a level that reach the next one, and that fail from the last, as levels are laid; and the
/// fewest paths on which one is laid.
const SHARE: f64 = 0.2;
const FEWEST: usize = 16;

/// Share of a pilot's firings that one level may take.
const LEVEL_SHARE: u64 = 8;

/// Most paths from a level.
const MOST_PATHS: f64 = 1e5;

/// Most levels.
const MOST_LEVELS: usize = 100;

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
    /// Paths from the beginning and from each level, ≥ 1; from those behind the last as many as from that.
    pub efforts: &'s [u64],
}

/// Levels that were laid for a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Laid {
    /// The levels.
    pub levels: Levels,
    /// Of the paths from the beginning and from each level the share that got on.
    pub chances: Vec<f64>,
    /// Whether failures were seen from the last of them.
    pub reached: bool,
    /// Firings spent.
    pub firings: u64,
}

impl Laid {
    /// As many paths from each level as let `wanted` of them get on, `least` at the least.
    pub fn efforts(&self, wanted: f64, least: u64) -> Vec<u64> {
        let paths = |chance: &f64| (wanted / chance).clamp(least as f64, MOST_PATHS.max(least as f64)) as u64;
        self.chances.iter().map(paths).collect()
    }
}

/// How a path from a level ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Failed,
    Reached,
    Late,
}

/// The paths from one level.
#[derive(Default)]
struct Paths<'p> {
    count: u64,
    /// In the states in which they reached the next one.
    reached: Vec<Path<'p>>,
    failed: u64,
    /// The greatest importance that each of the others saw.
    greatest: Vec<f64>,
}

/// A run, or a pilot, under way.
struct Climb<'c, 's, 'p> {
    passage: &'c Passage<'s, 'p>,
    seed: u64,
    replication: u64,
    time: f64,
    choice: Stream,
    scratch: Scratch,
    path: Path<'p>,
    index: u64,
    firings: u64,
    most: u64,
    stop: &'c dyn Fn() -> bool,
}

impl<'s, 'p> Passage<'s, 'p> {
    /// One estimate of the probability that the condition is false at some time up to `time`, from fresh clocks, and the
    /// firings that it took; estimates of different replications are independent.
    ///
    /// # Errors
    /// See [`Halt`]; `most` firings end the work.
    pub fn run(&self, seed: (u64, u64), time: f64, limits: (u64, &dyn Fn() -> bool)) -> Result<(f64, u64), Halt> {
        let mut climb = Climb::new(self, seed, time, limits);
        let (mut entrances, mut chance, mut onward) = (Vec::new(), 0.0, 1.0);
        let thresholds = self.levels.all().map(|(threshold, _)| threshold);
        for (stage, threshold) in thresholds.chain([f64::INFINITY]).enumerate() {
            let effort = self.effort(stage);
            let mut paths = Paths::default();
            climb.run(&mut paths, effort, &entrances, threshold)?;
            let share = |count: u64| count as f64 / effort as f64;
            chance += onward * share(paths.failed);
            onward *= share(paths.reached.len() as u64);
            if paths.reached.is_empty() {
                break;
            }
            entrances = paths.reached;
        }
        Ok((chance, climb.firings))
    }

    /// Lays levels by a pilot, those of `self` aside: each is about the greatest importance that a fifth of the paths
    /// from the one before reach in time (Cérou and Guyader 2007), or as many as there are, until a fifth of them fails.
    ///
    /// # Errors
    /// See [`Halt`]; after `most` firings the levels so far are told.
    pub fn lay(&self, seed: (u64, u64), time: f64, limits: (u64, &dyn Fn() -> bool)) -> Result<Laid, Halt> {
        let mut climb = Climb::new(self, seed, time, limits);
        let (mut entrances, mut laid, mut chances, mut reached) = (Vec::new(), Vec::new(), Vec::new(), false);
        // No level lies where paths begin.
        let mut floor = climb.beginning()?;
        while laid.len() < MOST_LEVELS {
            let Some(stage) = whole(climb.stage(&entrances, floor))? else { break };
            reached = stage.failed > 0;
            chances.push(stage.chance);
            let Some(next) = stage.next else { break };
            let mut paths = Paths::default();
            let gathered = whole(climb.gather(&mut paths, &entrances, next))?;
            laid.push((next, 2));
            if gathered.is_none() || paths.reached.is_empty() {
                break;
            }
            (entrances, floor) = (paths.reached, next);
        }
        Ok(Laid { levels: Levels::new(laid), chances, reached, firings: climb.firings })
    }

    fn effort(&self, stage: usize) -> u64 {
        self.efforts.get(stage).or(self.efforts.last()).copied().unwrap_or(1).max(1)
    }
}

/// What was done to the end; none where the firings were used up.
fn whole<T>(result: Result<T, Halt>) -> Result<Option<T>, Halt> {
    match result {
        Err(Halt::Cut) => Ok(None),
        result => result.map(Some),
    }
}

/// What the paths from one level tell a pilot.
struct Stage {
    /// Where the next level lies; none where failures are frequent from here, or nothing is higher.
    next: Option<f64>,
    failed: u64,
    /// Share of the paths that got on.
    chance: f64,
}

impl<'c, 's, 'p> Climb<'c, 's, 'p> {
    fn new(
        passage: &'c Passage<'s, 'p>,
        (seed, replication): (u64, u64),
        time: f64,
        (most, stop): (u64, &'c dyn Fn() -> bool),
    ) -> Climb<'c, 's, 'p> {
        Climb {
            passage,
            seed,
            replication,
            time,
            choice: StreamKey::of("entrances").stream(seed, replication),
            scratch: Scratch::default(),
            path: Path::new(passage.program, passage.options),
            index: 0,
            firings: 0,
            most,
            stop,
        }
    }

    /// The importance of the marking in which a path begins.
    fn beginning(&mut self) -> Result<f64, Halt> {
        self.path.begin(self.seed, offspring(self.replication, 0))?;
        Ok(self.passage.importance.of(&self.path, &mut self.scratch))
    }

    /// Runs more paths from a level, from the beginning where there are no entrances, to the next.
    fn run(&mut self, paths: &mut Paths<'p>, count: u64, entrances: &[Path<'p>], threshold: f64) -> Result<(), Halt> {
        for _ in 0..count {
            self.index += 1;
            let own = offspring(self.replication, self.index);
            let mut before = 0;
            if entrances.is_empty() {
                self.path.begin(self.seed, own)?;
            } else {
                let drawn = (self.choice.draw().uniform() * entrances.len() as f64) as usize;
                self.path.fork(&entrances[drawn.min(entrances.len() - 1)], self.seed, own);
                before = self.path.firings();
            }
            let (end, greatest) = self.climb(threshold)?;
            self.firings += self.path.firings() - before;
            paths.count += 1;
            match end {
                End::Failed => paths.failed += 1,
                End::Reached => paths.reached.push(self.path.clone()),
                End::Late => paths.greatest.push(greatest),
            }
        }
        Ok(())
    }

    /// Looks where the level after `floor` lies: with more and more paths until some get on.
    fn stage(&mut self, entrances: &[Path<'p>], floor: f64) -> Result<Stage, Halt> {
        let (mut paths, begun) = (Paths::default(), self.firings);
        let margin = self.passage.importance.margin();
        loop {
            self.run(&mut paths, self.passage.effort(0), entrances, f64::INFINITY)?;
            let wanted = ((paths.count as f64 * SHARE) as usize).max(FEWEST);
            let failed = paths.failed as usize;
            paths.greatest.sort_by(|x, y| y.total_cmp(x));
            let higher = &paths.greatest[..paths.greatest.partition_point(|greatest| *greatest > floor + margin)];
            let spent = self.firings - begun > self.most / LEVEL_SHARE || paths.count as f64 > MOST_PATHS;
            let onward = higher.len() + failed;
            if failed >= wanted || spent && higher.is_empty() {
                return Ok(Stage {
                    next: None,
                    failed: paths.failed,
                    chance: failed.max(1) as f64 / paths.count as f64,
                });
            }
            if onward < FEWEST && !spent {
                continue;
            }
            // So many of them with those that failed, or as many as there are.
            let Some(greatest) = higher.get(wanted - failed - 1).or(higher.last()) else { continue };
            let level = if greatest - margin > floor { greatest - margin } else { *greatest };
            let reach = failed + higher.iter().filter(|greatest| **greatest >= level).count();
            return Ok(Stage { next: Some(level), failed: paths.failed, chance: reach as f64 / paths.count as f64 });
        }
    }

    /// Runs paths until some have reached a level.
    fn gather(&mut self, paths: &mut Paths<'p>, entrances: &[Path<'p>], threshold: f64) -> Result<(), Halt> {
        let begun = self.firings;
        while paths.reached.len() < FEWEST && self.firings - begun <= self.most / LEVEL_SHARE {
            self.run(paths, self.passage.effort(0), entrances, threshold)?;
        }
        Ok(())
    }

    /// Runs the path until it fails, has reached a threshold, or its time is up; with the greatest importance seen.
    fn climb(&mut self, threshold: f64) -> Result<(End, f64), Halt> {
        let begun = self.path.firings();
        let left = self.most.saturating_sub(self.firings);
        let (mut steps, mut greatest) = (0_u64, f64::NEG_INFINITY);
        loop {
            if !self.path.is_up(self.passage.up) {
                return Ok((End::Failed, greatest));
            }
            greatest = greatest.max(self.passage.importance.of(&self.path, &mut self.scratch));
            if greatest >= threshold {
                return Ok((End::Reached, greatest));
            }
            if !self.path.step(self.time, &mut ())? {
                return Ok((End::Late, greatest));
            }
            steps += 1;
            if steps.is_multiple_of(UNASKED) && (self.stop)() {
                return Err(Halt::Interrupted);
            }
            if self.path.firings() - begun > left {
                return Err(Halt::Cut);
            }
        }
    }
}
