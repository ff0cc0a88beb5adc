//! Batch means: one long path, its transient removed, cut into batches that are long enough to be uncorrelated.
//!
//! Batches are collected until there are [`MOST`]; before a look, neighbours are joined in pairs as long as the
//! correlation of successive batches is significant, and always when there are [`MOST`].
//! The path can't be stored, so a resumed run computes it anew.

use super::control::Stop;
use super::process::{Process, Trajectory};
use super::quantile;
use super::replicate::Workers;
use super::tally::{Layout, Tally};
use crate::program::Program;

/// Batches when the pairs are joined whatever their correlation.
const MOST: usize = 128;
/// Fewest batches that make an estimate.
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
    pub fn extend<'a, P: Process>(
        &mut self,
        workers: &Workers<'a, P>,
        path: &mut P::Path<'a>,
        (begin, length): (f64, f64),
        most: u64,
        lead: &[usize],
    ) -> Result<bool, Stop> {
        let width = workers.process.facts().sums;
        while self.sums.len() < self.next {
            let done = (self.sums.len() as u64) * self.pieces;
            let mut batch = vec![0.0; width];
            for piece in 1..=self.pieces {
                path.run_until(begin + (done + piece) as f64 * length)?;
                workers.check(path, most)?;
            }
            path.take_sums(&mut batch);
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
        let pairs = self.sums.chunks_exact(2);
        self.sums = pairs.map(|pair| pair[0].iter().zip(&pair[1]).map(|(x, y)| x + y).collect()).collect();
        self.pieces *= 2;
    }

    /// Whether successive batches of any leading sum are positively correlated: the lag-1 correlation against its
    /// law without correlation, normal with variance 1/n.
    fn correlated(&self, lead: &[usize]) -> bool {
        let n = self.sums.len() as f64;
        let critical = quantile::normal(1.0 - FALSE_ALARM) / n.sqrt();
        lead.iter().any(|&sum| {
            let value = |batch: &Vec<f64>| batch[sum];
            let mean = self.sums.iter().map(value).sum::<f64>() / n;
            let deviations: Vec<f64> = self.sums.iter().map(|batch| batch[sum] - mean).collect();
            let square: f64 = deviations.iter().map(|d| d * d).sum();
            let lagged: f64 = deviations.windows(2).map(|pair| pair[0] * pair[1]).sum();
            square > 0.0 && lagged / square > critical
        })
    }

    /// The batches as independent observations.
    pub fn tally(&self, layout: &Layout) -> Tally {
        let mut tally = Tally::new(layout);
        let mut observation = vec![0.0; layout.width];
        for batch in &self.sums {
            observation[..batch.len()].copy_from_slice(batch);
            tally.add(layout, &observation);
        }
        debug_assert!(tally.totals[Program::TIME] >= 0.0);
        tally
    }
}
