//! RESTART (Villén-Altamirano and Villén-Altamirano 1991): a path that reaches a level is split, its offspring live
//! until they fall below that level again, and the path itself goes on to the end.
//!
//! A path at a level weighs the inverse of the product of the factors below it, whichever trial it is, so weighted
//! sums have the means that they have without splitting, for any importance, levels and factors. The offspring are
//! carried out first, depth first; what is suspended is one state for each level at most.

use super::{Halt, Importance, Levels, Scratch};
use crate::engine::Path;
use crate::program::Program;
use crate::rng::offspring;

/// Steps between two questions whether to go on.
const UNASKED: u64 = 4096;

/// Carries out replications whose path is split at each level.
#[derive(Debug)]
pub struct Splitter<'s, 'p> {
    importance: &'s Importance,
    levels: &'s Levels,
    /// The leading `up` condition.
    up: usize,
    scratch: Scratch,
    frames: Vec<Frame<'p>>,
    /// States that were used before.
    spare: Vec<Path<'p>>,
    sums: Vec<f64>,
    tree: Tree,
    /// Weighted sums since the main path reached the first level last.
    root: Vec<f64>,
    /// Outages to be expected of single steps from markings at each level, unweighted.
    expected: Vec<f64>,
}

/// A suspended path whose offspring are being carried out.
#[derive(Debug)]
struct Frame<'p> {
    state: Path<'p>,
    /// Below this level the suspended path itself dies.
    floor: usize,
    level: usize,
    hazard: f64,
    /// Offspring to come: their floor and number.
    groups: Vec<(usize, u64)>,
}

/// What became of one replication.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tree {
    /// Firings of all paths together.
    pub firings: u64,
    /// How often the main path reached the first level.
    pub roots: u64,
    /// Failures seen by all paths together, unweighted.
    pub failures: u64,
    /// Paths that were split off.
    pub offspring: u64,
    /// Time of all paths together, weighted: in the mean the time that was to be followed, seconds.
    pub time: f64,
}

/// One path under way.
#[derive(Debug, Clone, Copy)]
struct Trial {
    level: usize,
    floor: usize,
    /// Rate of single steps down from where it is, per second.
    hazard: f64,
    was_up: bool,
    /// Its firings when it began.
    begun: u64,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Goes,
    /// Dead, or at the end.
    Over,
    /// Its offspring go first.
    Suspended,
}

impl<'s, 'p> Splitter<'s, 'p> {
    /// For the `up` condition of index `up` of a program.
    pub fn new(importance: &'s Importance, levels: &'s Levels, up: usize, program: &'p Program) -> Splitter<'s, 'p> {
        Splitter {
            importance,
            levels,
            up,
            scratch: Scratch::default(),
            frames: Vec::new(),
            spare: Vec::new(),
            sums: vec![0.0; program.sums],
            tree: Tree::default(),
            root: vec![0.0; program.sums],
            expected: vec![0.0; levels.count() + 1],
        }
    }

    /// Carries out what follows on `path`, replication `replication` of `seed`, until the time `end`. `root` is given
    /// the weighted sums in pieces, one for each time that the main path reaches the first level; the sum of the times
    /// is left out, since time itself is known. Ends when the paths have fired more than `most` times together; `stop`
    /// is asked now and then.
    ///
    /// # Errors
    /// See [`Halt`].
    pub fn run(
        &mut self,
        path: &mut Path<'p>,
        (seed, replication): (u64, u64),
        end: f64,
        root: &mut dyn FnMut(&[f64]),
        (most, stop): (u64, &dyn Fn() -> bool),
    ) -> Result<Tree, Halt> {
        self.tree = Tree::default();
        self.root.fill(0.0);
        self.spare.extend(self.frames.drain(..).map(|frame| frame.state));
        let (level, hazard) = self.level(path);
        let mut trial = Trial { level, floor: 0, hazard, was_up: path.is_up(self.up), begun: path.firings() };
        let mut step = self.split(path, &trial, 0, root);
        let mut asked = 0_u64;
        loop {
            if step == Step::Goes {
                step = self.advance(path, &mut trial, end, root)?;
            } else {
                self.tree.firings += path.firings() - trial.begun;
                let Some(next) = self.next(path, seed, replication) else { break };
                (trial, step) = (next, Step::Goes);
            }
            asked += 1;
            if asked.is_multiple_of(UNASKED) {
                if stop() {
                    return Err(Halt::Interrupted);
                }
                if self.tree.firings > most || path.firings() - trial.begun > most {
                    return Err(Halt::Cut);
                }
            }
        }
        root(&self.root);
        Ok(self.tree)
    }

    /// Outages to be expected of single steps from markings at each level, in all runs so far: how many, and what they
    /// weigh. Those of a level from which few are expected are left to chance, however much they weigh.
    pub fn expected(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        self.expected.iter().enumerate().map(|(level, count)| [*count, self.levels.weight(level) * count])
    }

    /// The level of where a path is, and the rate of single steps down from there.
    fn level(&mut self, path: &Path<'p>) -> (usize, f64) {
        let (importance, hazard) = self.importance.seen(path, &mut self.scratch);
        (self.levels.of(importance), hazard)
    }

    /// One step of a path.
    #[inline]
    fn advance(
        &mut self,
        path: &mut Path<'p>,
        trial: &mut Trial,
        end: f64,
        root: &mut dyn FnMut(&[f64]),
    ) -> Result<Step, Halt> {
        let before = path.now();
        let goes = path.step(end, &mut ())?;
        self.expected[trial.level] += trial.hazard * (path.now() - before);
        if !goes {
            self.take(path, trial.level);
            return Ok(Step::Over);
        }
        let is_up = path.is_up(self.up);
        self.tree.failures += u64::from(trial.was_up && !is_up);
        trial.was_up = is_up;
        let level;
        (level, trial.hazard) = self.level(path);
        if level == trial.level {
            return Ok(Step::Goes);
        }
        self.take(path, trial.level);
        let before = std::mem::replace(&mut trial.level, level);
        Ok(if level < trial.floor { Step::Over } else { self.split(path, trial, before, root) })
    }

    /// What was collected since the last change of level weighs as that level does.
    fn take(&mut self, path: &mut Path<'p>, level: usize) {
        self.sums.fill(0.0);
        path.take_sums(&mut self.sums);
        let weight = self.levels.weight(level);
        self.tree.time += weight * self.sums[Program::TIME];
        for (index, (sum, value)) in self.root.iter_mut().zip(&self.sums).enumerate() {
            *sum += if index == Program::TIME { 0.0 } else { weight * value };
        }
    }

    /// Suspends a path that has come from the level `before` to a higher one.
    fn split(&mut self, path: &Path<'p>, trial: &Trial, before: usize, root: &mut dyn FnMut(&[f64])) -> Step {
        if trial.level <= before {
            return Step::Goes;
        }
        if before == 0 && trial.floor == 0 {
            self.tree.roots += 1;
            root(&self.root);
            self.root.fill(0.0);
        }
        let (mut groups, mut paths) = (Vec::new(), 1_u64);
        for level in before + 1..=trial.level {
            let factor = u64::from(self.levels.factor(level));
            groups.push((level, paths.saturating_mul(factor - 1)));
            paths = paths.saturating_mul(factor);
        }
        let state = match self.spare.pop() {
            Some(mut state) => {
                state.clone_from(path);
                state
            }
            None => path.clone(),
        };
        self.frames.push(Frame { state, floor: trial.floor, level: trial.level, hazard: trial.hazard, groups });
        Step::Suspended
    }

    /// The next path: an offspring of the one that was suspended last, or in the end that one itself.
    fn next(&mut self, path: &mut Path<'p>, seed: u64, replication: u64) -> Option<Trial> {
        let frame = self.frames.last_mut()?;
        while frame.groups.last().is_some_and(|(_, left)| *left == 0) {
            frame.groups.pop();
        }
        let (level, hazard, mut floor) = (frame.level, frame.hazard, frame.floor);
        if let Some((group, left)) = frame.groups.last_mut() {
            *left -= 1;
            floor = *group;
            self.tree.offspring += 1;
            path.fork(&frame.state, seed, offspring(replication, self.tree.offspring));
        } else {
            let mut frame = self.frames.pop()?;
            std::mem::swap(path, &mut frame.state);
            self.spare.push(frame.state);
        }
        Some(Trial { level, floor, hazard, was_up: path.is_up(self.up), begun: path.firings() })
    }
}
