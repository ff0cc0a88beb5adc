//! Blocks of replications, computed in any order and folded in index order.

use super::account::Recorder;
use super::control::{Control, Stop};
use super::process::Process;
use super::settings::BLOCK;
use super::tally::{Layout, Tally};
use super::window::Window;
use crate::engine::{Observer, Path};
use crate::exact::Departures;
use crate::net::Net;
use crate::program::Program;
use crate::rare::Importance;
use rayon::prelude::*;
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, OnceLock};

/// Firings that one wave of blocks should take on each thread: long enough to keep all busy, short enough that
/// an interruption and the progress display needn't wait.
const WAVE: u64 = 2_000_000;

/// Timed firings after which a running path is asked whether it may go on.
const UNASKED: u32 = 16_384;

/// A process with the threads that compute its paths.
pub struct Workers<'a> {
    /// The process.
    pub process: &'a Process,
    /// Its net.
    pub net: &'a Net,
    /// The threads.
    pub pool: &'a rayon::ThreadPool,
    /// Is asked for interruption.
    pub control: &'a Control<'a>,
    /// Seed of all streams.
    pub seed: u64,
    /// Of the net's markings, once it was needed.
    pub importance: OnceLock<Importance>,
    /// The ways out of its first marking, or why they can't be told apart, once that was needed.
    pub departures: OnceLock<Result<Departures, String>>,
    idle: Mutex<Vec<Path<'a>>>,
}

/// What a block yields: it knows what it cost.
pub trait Cost {
    /// Firings spent.
    fn firings(&self) -> u64;
}

impl Cost for Tally {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl<'a> Workers<'a> {
    /// Workers without paths yet.
    pub fn new(
        (process, net): (&'a Process, &'a Net),
        pool: &'a rayon::ThreadPool,
        control: &'a Control<'a>,
        seed: u64,
    ) -> Self {
        Workers {
            process,
            net,
            pool,
            control,
            seed,
            importance: OnceLock::new(),
            departures: OnceLock::new(),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Lends a path that was used before, or a new one.
    fn lend<T>(&self, work: impl FnOnce(&mut Path<'a>) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let lent = idle().pop();
        let mut path = lent.unwrap_or_else(|| self.process.path());
        let result = work(&mut path);
        idle().push(path);
        result
    }

    /// Computes `blocks` and folds them in order until `fold` breaks; returns whether it did.
    /// The first block in index order that stopped decides what is returned; later ones are discarded.
    pub fn fold<B: Cost + Send>(
        &self,
        blocks: Range<u64>,
        compute: impl Fn(&mut Path<'a>, u64) -> Result<B, Stop> + Sync,
        mut fold: impl FnMut(B) -> ControlFlow<()>,
    ) -> Result<bool, Stop> {
        let threads = self.pool.current_num_threads() as u64;
        let (mut next, mut wave) = (blocks.start, threads);
        while next < blocks.end {
            let end = blocks.end.min(next + wave);
            let results: Vec<Result<B, Stop>> = self.pool.install(|| {
                (next..end)
                    .into_par_iter()
                    .map(|block| {
                        if self.control.is_interrupted() {
                            return Err(Stop::Interrupted);
                        }
                        self.lend(|path| compute(path, block))
                    })
                    .collect()
            });
            let mut cost = 0;
            for result in results {
                let block = result?;
                cost += block.firings();
                if fold(block).is_break() {
                    return Ok(true);
                }
            }
            let each = (cost / (end - next)).max(1);
            wave = threads * (WAVE / each).clamp(1, 256);
            next = end;
        }
        Ok(false)
    }

    /// Runs a path from now to `time`; stops it when interrupted, or when it has fired more than `most` times.
    pub fn advance(&self, path: &mut Path<'a>, time: f64, most: u64) -> Result<(), Stop> {
        self.advance_with(path, time, most, &mut ())
    }

    /// The same, with an observer of the path.
    pub fn advance_with<O: Observer>(
        &self,
        path: &mut Path<'a>,
        time: f64,
        most: u64,
        observer: &mut O,
    ) -> Result<(), Stop> {
        loop {
            for _ in 0..UNASKED {
                if !path.step(time, observer)? {
                    return self.check(path, most);
                }
            }
            self.check(path, most)?;
        }
    }

    /// Whether the path may go on.
    pub fn check(&self, path: &Path<'a>, most: u64) -> Result<(), Stop> {
        if self.control.is_interrupted() {
            return Err(Stop::Interrupted);
        }
        if path.firings() > most { Err(Stop::Cut) } else { Ok(()) }
    }

    /// One block of replications, those before `end`; `kept` is what else is kept of each path.
    pub fn replications(
        &self,
        path: &mut Path<'a>,
        kept: &mut impl Recorder,
        layout: &Layout,
        (block, end): (u64, u64),
        window: Window,
        most: u64,
    ) -> Result<Tally, Stop> {
        let mut tally = Tally::new(layout);
        let mut observation = vec![0.0; layout.width];
        for replication in block * BLOCK..end.min((block + 1) * BLOCK) {
            path.begin(self.seed, replication)?;
            kept.begin(path);
            let start = window.start(self.seed, replication);
            self.advance_with(path, start, most, kept)?;
            let moved = !path.rests();
            // Even without a warm-up: what fires at the first instant is no part of the observed time.
            path.take_sums(&mut observation[..self.process.facts().sums]);
            kept.start(path.now());
            observation.fill(0.0);
            self.advance_with(path, start + window.length, most, kept)?;
            path.take_sums(&mut observation[..self.process.facts().sums]);
            kept.take(path.now(), layout, &mut observation);
            first_failures(path, layout, self.process.facts().up.len(), &mut observation);
            kept.close(observation[Program::TIME]);
            tally.add(layout, &observation);
            tally.firings += path.firings();
            tally.ties += path.ties().1;
            tally.rests += u64::from(moved && path.rests());
        }
        tally.sequences = kept.sequences();
        Ok(tally)
    }
}

/// Fills in the times to the first failure of a path that began fresh and has come to its end.
pub fn first_failures(path: &Path, layout: &Layout, ups: usize, observation: &mut [f64]) {
    for up in 0..ups {
        let first = path.first_failure(up).filter(|&time| time <= path.now());
        observation[layout.first_failure(up)] = first.unwrap_or(path.now());
        observation[layout.first_seen(up)] = f64::from(first.is_some());
    }
    debug_assert!(observation[Program::TIME].is_finite());
}
