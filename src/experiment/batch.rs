//! Batch means: one long path, its transient removed, cut into batches that are long enough to be uncorrelated.
//!
//! Batches are collected until there are [`MOST`]; before a look, neighbours are joined in pairs as long as the
//! correlation of successive batches is significant, and always when there are [`MOST`]. A test of so few can't see a weak
//! correlation, which would make the interval too narrow all the same; so what is tested are batches of half the length of
//! those that make the interval (Law and Carson 1979).
//! The path can't be stored, so a resumed run computes it anew.

use super::account::Recorder;
use super::control::Stop;
use super::replicate::Workers;
use super::tally::{Layout, Tally};
use crate::engine::Path;
use crate::program::Program;
use crate::stats::von_neumann;

/// Batches when the pairs are joined whatever their correlation.
const MOST: usize = 128;
/// Fewest batches that make an interval.
const LEAST: usize = 32;
/// Batches added between looks, as a share of those there are (at the least step of a look).
const STEP: usize = 4;
/// Chance to call uncorrelated batches correlated, which only lengthens the run.
const FALSE_ALARM: f64 = 0.05;

/// The batches of one path so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Batches {
    sums: Vec<Vec<f64>>,
    /// Basic pieces in one batch.
    pieces: u64,
    /// Collected before the next look.
    next: usize,
}

impl Batches {
    /// None yet.
    pub fn new() -> Batches {
        Batches { sums: Vec::new(), pieces: 1, next: 2 * LEAST }
    }

    /// Extends the path, whose observation began at `begin`, by the batches up to the next look, each of
    /// so many times `length` seconds as they have pieces; returns whether the batches are now uncorrelated in the sums
    /// `lead`. Ends when the path has fired more than `most` times.
    pub fn extend<'a>(
        &mut self,
        workers: &Workers<'a>,
        (path, kept): (&mut Path<'a>, &mut impl Recorder),
        layout: &Layout,
        (begin, length): (f64, f64),
        most: u64,
        lead: &[usize],
    ) -> Result<bool, Stop> {
        let width = workers.process.facts().sums;
        while self.sums.len() < self.next {
            let done = (self.sums.len() as u64) * self.pieces;
            let mut batch = vec![0.0; layout.width];
            workers.advance_with(path, begin + (done + self.pieces) as f64 * length, most, kept)?;
            path.take_sums(&mut batch[..width]);
            kept.take(path.now(), layout, &mut batch);
            kept.close(batch[Program::TIME]);
            self.sums.push(batch);
        }
        if self.sums.len() >= MOST {
            self.join();
        }
        while self.sums.len() >= 2 * LEAST && self.correlated(lead) {
            self.join();
        }
        // Even, so that pairs always come out.
        let next = self.sums.len() + self.sums.len() / STEP;
        self.next = next.next_multiple_of(2).clamp(2 * LEAST, MOST);
        Ok(!self.correlated(lead))
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

    /// The batches as independent observations, each of two that were tested.
    pub fn tally(&self, layout: &Layout) -> Tally {
        let mut tally = Tally::new(layout);
        self.sums.chunks(2).for_each(|pair| tally.add(layout, &joined(pair)));
        tally
    }
}

/// Sums of successive batches.
fn joined(batches: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![0.0; batches.first().map_or(0, Vec::len)];
    batches.iter().for_each(|batch| sums.iter_mut().zip(batch).for_each(|(sum, x)| *sum += x));
    sums
}
