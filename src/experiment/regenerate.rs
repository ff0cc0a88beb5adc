//! Cycles between true regenerations as observations: no transient, no correlation.
//!
//! Each cycle begins as a path of its own, fresh from the initial marking, and ends at the first regeneration;
//! that is the same process as one long path, and it makes a cycle a pure function of its index.
//! A fixed number of cycles makes one observation, so that rare outages don't leave most observations empty.

use super::account::Recorder;
use super::control::Stop;
use super::replicate::{Workers, first_failures};
use super::settings::BLOCK;
use super::tally::{Layout, Tally};
use crate::engine::{Observer, Path};
use crate::program::Program;

/// Replication indices of the cycles begin here: they share no random number with replications, so that designs solved
/// by different methods are independent.
const CYCLES: u64 = 1 << 60;

impl<'a> Workers<'a> {
    /// One block of observations, those before `end`, of `cycles` cycles each; `kept` is what else is kept of them.
    pub fn cycles(
        &self,
        path: &mut Path<'a>,
        kept: &mut impl Recorder,
        layout: &Layout,
        (block, end): (u64, u64),
        cycles: u64,
        most: u64,
    ) -> Result<Tally, Stop> {
        let mut tally = Tally::new(layout);
        let mut sum = vec![0.0; layout.width];
        let mut cycle = vec![0.0; layout.width];
        for observation in block * BLOCK..end.min((block + 1) * BLOCK) {
            sum.fill(0.0);
            for index in observation * cycles..(observation + 1) * cycles {
                path.begin(self.seed, CYCLES | index)?;
                // What led to the first tangible marking belongs to a beginning, not to every cycle.
                path.take_sums(&mut cycle[..self.process.facts().sums]);
                cycle.fill(0.0);
                kept.begin(path);
                kept.start(path.now());
                self.cycle(path, kept, most)?;
                path.take_sums(&mut cycle[..self.process.facts().sums]);
                kept.take(path.now(), layout, &mut cycle);
                first_failures(path, layout, self.process.facts().up.len(), &mut cycle);
                sum.iter_mut().zip(&cycle).for_each(|(total, x)| *total += x);
                tally.firings += path.firings();
                tally.ties += path.ties().1;
            }
            kept.close(sum[Program::TIME]);
            tally.add(layout, &sum);
        }
        tally.sequences = kept.sequences();
        Ok(tally)
    }

    fn cycle(&self, path: &mut Path<'a>, observer: &mut impl Observer, most: u64) -> Result<(), Stop> {
        let mut steps = 0_u64;
        while path.step(f64::MAX, observer)? {
            if path.regenerated() {
                return Ok(());
            }
            steps += 1;
            if steps.is_multiple_of(1024) {
                self.check(path, most)?;
            }
        }
        // Nothing will ever happen again: no cycle.
        Err(Stop::Rests)
    }
}
