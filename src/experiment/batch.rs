//! Batch means: one long path, its transient removed, cut into batches that are long enough to be uncorrelated.
//!
//! Batches are collected up to the next look; whenever there are [`MOST`] neighbours are joined in pairs, and before the
//! look as long as the correlation of successive batches is significant. Looks are as far apart as those of other methods
//! ([`super::stopping`]), so that few of them can stop on a lucky interval. A test of so few can't see a weak
//! correlation, which would make the interval too narrow all the same; so what is tested are batches of a quarter of the
//! length of those that make the interval (Law and Carson 1979).
//! The path can't be stored, so a resumed run computes it anew.

use super::account::Recorder;
use super::control::Stop;
use super::replicate::Workers;
use super::stopping::step;
use super::tally::{Layout, Tally};
use crate::engine::Path;
use crate::program::Program;
use crate::stats::von_neumann;

/// Batches when the pairs are joined whatever their correlation.
const MOST: usize = 512;
/// Fewest batches that are tested.
const LEAST: usize = 128;
/// Batches in one observation.
const GROUP: usize = 4;
/// Chance to call uncorrelated batches correlated, which only lengthens the run.
const FALSE_ALARM: f64 = 0.05;

/// The batches of one path so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Batches {
    sums: Vec<Vec<f64>>,
    /// Basic pieces in one batch.
    pieces: u64,
}

impl Batches {
    /// None yet.
    pub fn new() -> Batches {
        Batches { sums: Vec::new(), pieces: 1 }
    }

    /// Extends the path, whose observation began at `begin`, to so many times what there is, by batches each of so many
    /// times `length` seconds as they have pieces; returns whether the batches are now uncorrelated in the sums `lead`.
    /// Ends when the path has fired more than `most` times.
    pub fn extend<'a>(
        &mut self,
        workers: &Workers<'a>,
        (path, kept): (&mut Path<'a>, &mut impl Recorder),
        layout: &Layout,
        (begin, length): (f64, f64),
        most: u64,
        (factor, lead): (f64, &[usize]),
    ) -> Result<bool, Stop> {
        let width = workers.process.facts().sums;
        let wanted = (self.done() as f64 * step(factor)).max(2.0 * LEAST as f64);
        while (self.done() as f64) < wanted || !self.sums.len().is_multiple_of(2 * GROUP) {
            let done = self.done();
            let mut batch = vec![0.0; layout.width];
            workers.advance_with(path, begin + (done + self.pieces) as f64 * length, most, kept)?;
            path.take_sums(&mut batch[..width]);
            kept.take(path.now(), layout, &mut batch);
            kept.close(batch[Program::TIME]);
            self.sums.push(batch);
            if self.sums.len() >= MOST {
                self.join();
            }
        }
        while self.sums.len() >= 2 * LEAST && self.correlated(lead) {
            self.join();
        }
        Ok(!self.correlated(lead))
    }

    /// Basic pieces so far.
    fn done(&self) -> u64 {
        self.sums.len() as u64 * self.pieces
    }

    /// Joins neighbours in pairs.
    fn join(&mut self) {
        self.sums = self.sums.chunks_exact(2).map(joined).collect();
        self.pieces *= 2;
    }

    /// Whether successive batches of any leading sum are positively correlated.
    fn correlated(&self, lead: &[usize]) -> bool {
        lead.iter().any(|&sum| {
            let values: Vec<f64> = self.sums.iter().map(|batch| batch[sum]).collect();
            von_neumann(&values).is_some_and(|test| test.p_value < FALSE_ALARM)
        })
    }

    /// Independent observations, each of some batches that were tested.
    pub fn tally(&self, layout: &Layout) -> Tally {
        let mut tally = Tally::new(layout);
        self.sums.chunks(GROUP).for_each(|group| tally.add(layout, &joined(group)));
        tally
    }
}

/// Sums of successive batches.
fn joined(batches: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![0.0; batches.first().map_or(0, Vec::len)];
    batches.iter().for_each(|batch| sums.iter_mut().zip(batch).for_each(|(sum, x)| *sum += x));
    sums
}
