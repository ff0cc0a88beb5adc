//! One biased cycle: from an entry into the markings in which nothing recovers to the next.

use super::Halt;
use super::biasing::Biasing;
use super::scheme::{Kind, Scheme};
use super::toward::Toward;
use super::weighted::Weighted;
use super::weights::Weights;
use crate::engine::Path;

/// Firings after which a cycle that has not been down yet is biased no more: it finds home by itself.
const MOST_BIASED: u64 = 10_000;

/// Firings after which it is asked whether to go on.
const UNASKED: u64 = 1024;

/// Chance of failures against recoveries, the usual one: biased paths fail as often as they recover.
pub const CHANCE: f64 = 0.5;

/// Makes biased cycles that begin like a crude path at some instant.
#[derive(Debug, Clone)]
pub struct Sampler<'p, 's> {
    scheme: &'s Scheme<'p>,
    weighted: Weighted<'p, 's>,
    biasing: Biasing<'p, 's>,
    /// The condition whose outages are rare.
    up: usize,
    chance: f64,
    latest: Vec<f64>,
    sums: Vec<f64>,
}

impl<'p, 's> Sampler<'p, 's> {
    /// A sampler for outages of the condition `up`: biasing ends when it is down, and `toward` judges by
    /// it. `path` is any path of the program, whose observations have `sums` sums;
    /// `chance` is that of failures against recoveries, in (0, 1).
    pub fn new(
        (scheme, toward): (&'s Scheme<'p>, Toward<'s>),
        path: Path<'p>,
        (up, chance): (usize, f64),
        sums: usize,
    ) -> Sampler<'p, 's> {
        let (weighted, biasing) = (Weighted::new(path, scheme), Biasing::new(scheme, toward, chance));
        Sampler { scheme, weighted, biasing, up, chance, latest: vec![0.0; sums], sums: vec![0.0; sums] }
    }

    /// One biased cycle from where `from` is, with random numbers of its own. Its weighted sums are added to `sums`,
    /// and it is noted among the `weights`. Returns the firings that it took.
    ///
    /// # Errors
    /// See [`Halt`]; `stop` is asked now and then.
    pub fn cycle(
        &mut self,
        from: &Path<'p>,
        (seed, replication): (u64, u64),
        sums: &mut [f64],
        weights: &mut Weights,
        stop: &dyn Fn() -> bool,
    ) -> Result<u64, Halt> {
        self.weighted.fork(from, seed, replication);
        let before = self.weighted.path.firings();
        self.weighted.path.take_sums(&mut self.latest);
        self.sums.fill(0.0);
        self.run(before, stop)?;
        sums.iter_mut().zip(&self.sums).for_each(|(total, sum)| *total += sum);
        weights.add(libm::exp(self.weighted.log_weight()), &self.sums);
        Ok(self.weighted.path.firings() - before)
    }

    fn run(&mut self, before: u64, stop: &dyn Fn() -> bool) -> Result<(), Halt> {
        let mut biased = self.weighted.path.is_up(self.up);
        let mut recovering = self.scheme.is_recovering(&self.weighted.path);
        let mut steps = 0_u64;
        if biased {
            self.weighted.path.tilt(self.chance);
            self.biasing.begin(&self.weighted.path);
            self.choose(None, recovering);
        }
        loop {
            if self.weighted.path.upcoming().is_none() {
                return Err(Halt::Rests);
            }
            let fired = self.weighted.step(if biased { self.biasing.until() } else { f64::MAX })?;
            let recovered = recovering && !self.scheme.is_recovering(&self.weighted.path);
            recovering = self.scheme.is_recovering(&self.weighted.path);
            if biased || recovered {
                self.collect();
            }
            if recovered {
                return Ok(());
            }
            if biased {
                biased = self.weighted.path.is_up(self.up) && self.weighted.path.firings() - before < MOST_BIASED;
                if biased {
                    let fired = fired.and_then(|transition| self.scheme.kind(transition));
                    self.biasing.note(&self.weighted.path, fired);
                    self.choose(fired, recovering);
                } else {
                    self.biasing.stop();
                    self.weighted.path.tilt(0.0);
                    self.weighted.scale(&self.biasing.factors);
                }
            }
            steps += 1;
            if steps.is_multiple_of(UNASKED) && stop() {
                return Err(Halt::Interrupted);
            }
        }
    }

    /// Chooses the laws of what comes next.
    fn choose(&mut self, fired: Option<Kind>, recovering: bool) {
        if self.biasing.looks_ahead(&self.weighted.path, recovering) {
            self.weighted.lengthen(self.biasing.left());
        }
        self.biasing.choose(&mut self.weighted.path, fired, recovering);
        self.weighted.scale(&self.biasing.factors);
    }

    /// Weighs what has been observed since the last time: a weight counts for all that led to it.
    fn collect(&mut self) {
        self.latest.fill(0.0);
        self.weighted.path.take_sums(&mut self.latest);
        let weight = libm::exp(self.weighted.log_weight());
        self.sums.iter_mut().zip(&self.latest).for_each(|(sum, x)| *sum += weight * x);
    }
}
