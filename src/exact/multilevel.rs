//! Multilevel aggregation (Horton and Leutenegger 1994): states that lead to each other most are taken together, the
//! chain of these aggregates is solved in the same way, and its solution scales the probabilities of the states.
//! The smallest chain is eliminated. Nothing is subtracted, so small probabilities keep their relative accuracy.

use super::chain::Chain;
use super::dense::dense;
use super::{Refusal, Stop, go_on};

/// So many states are eliminated.
const SMALLEST: usize = 120;

/// Most states of an aggregate.
const TOGETHER: u8 = 6;

/// A level must have fewer than this share of the states of the one above it.
const SHRINK: f64 = 0.8;

/// Sweeps on a last level that is too large to be eliminated.
const LAST: usize = 20;

/// Weights below it are taken for it, where something is divided by them.
const LEAST: f64 = 1e-280;

/// A chain by targets, and what is known of its solution.
pub(super) struct Level {
    starts: Vec<usize>,
    sources: Vec<u32>,
    rates: Vec<f64>,
    exits: Vec<f64>,
    /// Of the states, not normalised: what is being solved for.
    pub weights: Vec<f64>,
    /// Its weights as they came from the level above.
    before: Vec<f64>,
    /// Aggregate of each state on the next level; empty on the last one.
    aggregate: Vec<u32>,
    /// Entry of the next level that each entry adds to, or [`NONE`].
    entry: Vec<u32>,
}

/// No aggregate yet; no entry, since it stays within an aggregate.
const NONE: u32 = u32::MAX;

impl Level {
    pub fn new(chain: &Chain) -> Level {
        let exits = (0..chain.states()).map(|state| chain.exit(state)).collect();
        let (starts, sources, rates) = chain.transposed().into_parts();
        Level {
            starts,
            sources,
            rates,
            exits,
            weights: Vec::new(),
            before: Vec::new(),
            aggregate: Vec::new(),
            entry: Vec::new(),
        }
    }

    pub fn states(&self) -> usize {
        self.exits.len()
    }

    /// A first guess: what the first state leads to in the order of the states, which is that of their discovery.
    /// It has the magnitude of the likeliest way to each state; a uniform guess would have to fall to it.
    pub fn guess(&mut self) {
        self.weights = vec![0.0; self.states()];
        self.weights[0] = 1.0;
        (1..self.states()).for_each(|state| self.update(state));
        let least = self.weights.iter().copied().filter(|weight| *weight > 0.0).fold(1.0, f64::min);
        self.weights.iter_mut().for_each(|weight| *weight = weight.max(least));
    }

    /// Once forwards and once backwards.
    pub fn sweep(&mut self) {
        let n = self.states();
        (0..n).for_each(|state| self.update(state));
        (0..n).rev().for_each(|state| self.update(state));
    }

    #[inline(always)]
    fn update(&mut self, state: usize) {
        let range = self.starts[state]..self.starts[state + 1];
        let entries = self.sources[range.clone()].iter().zip(&self.rates[range]);
        let flow: f64 = entries.map(|(&from, rate)| self.weights[from as usize] * rate).sum();
        self.weights[state] = flow / self.exits[state];
    }

    pub fn normalise(&mut self) {
        let total: f64 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|weight| *weight /= total);
    }

    /// Puts each state together with the one that it most probably leads to; where too many lead to one, they are put
    /// together with each other.
    fn aggregates(&self) -> (Vec<u32>, usize) {
        let n = self.states();
        let mut strongest = vec![(0.0, 0_u32); n];
        for to in 0..n {
            for entry in self.starts[to]..self.starts[to + 1] {
                let best = &mut strongest[self.sources[entry] as usize];
                if self.rates[entry] > best.0 {
                    *best = (self.rates[entry], to as u32);
                }
            }
        }
        let mut aggregate = vec![NONE; n];
        // Where the next state goes that leads to a state.
        let mut open = vec![NONE; n];
        let mut sizes: Vec<u8> = Vec::new();
        for state in 0..n {
            if aggregate[state] != NONE {
                continue;
            }
            let next = strongest[state].1 as usize;
            if open[next] == NONE || sizes[open[next] as usize] >= TOGETHER {
                open[next] = sizes.len() as u32;
                sizes.push(0);
            }
            let into = open[next];
            for member in [state, next] {
                if aggregate[member] == NONE && sizes[into as usize] < TOGETHER {
                    (aggregate[member], open[member]) = (into, into);
                    sizes[into as usize] += 1;
                }
            }
        }
        (aggregate, sizes.len())
    }

    /// The chain of the aggregates, without its numbers.
    fn coarser(&mut self, aggregate: Vec<u32>, states: usize) -> Level {
        let mut members = vec![Vec::new(); states];
        aggregate.iter().enumerate().for_each(|(state, &into)| members[into as usize].push(state as u32));
        self.entry = vec![NONE; self.sources.len()];
        let (mut starts, mut sources) = (vec![0], Vec::new());
        let mut found = vec![NONE; states];
        for (into, members) in members.iter().enumerate() {
            let first = sources.len();
            for &state in members {
                for entry in self.starts[state as usize]..self.starts[state as usize + 1] {
                    let from = aggregate[self.sources[entry] as usize];
                    if from as usize == into {
                        continue;
                    }
                    let known = found[from as usize];
                    if known == NONE || (known as usize) < first {
                        found[from as usize] = sources.len() as u32;
                        sources.push(from);
                    }
                    self.entry[entry] = found[from as usize];
                }
            }
            starts.push(sources.len());
        }
        self.aggregate = aggregate;
        let rates = vec![0.0; sources.len()];
        let zeros = vec![0.0; states];
        Level {
            starts,
            sources,
            rates,
            exits: zeros.clone(),
            weights: zeros,
            before: Vec::new(),
            aggregate: Vec::new(),
            entry: Vec::new(),
        }
    }

    /// Weights and rates of the aggregates, from the weights of their states.
    fn restrict(&self, coarse: &mut Level) {
        coarse.weights.fill(0.0);
        coarse.rates.fill(0.0);
        coarse.exits.fill(0.0);
        let weights = self.weights.iter().zip(&self.aggregate);
        weights.for_each(|(weight, &into)| coarse.weights[into as usize] += weight.max(LEAST));
        for ((&from, &rate), &into) in self.sources.iter().zip(&self.rates).zip(&self.entry) {
            if into != NONE {
                coarse.rates[into as usize] += self.weights[from as usize].max(LEAST) * rate;
            }
        }
        for (&from, rate) in coarse.sources.iter().zip(&mut coarse.rates) {
            *rate /= coarse.weights[from as usize];
            coarse.exits[from as usize] += *rate;
        }
        coarse.before.clone_from(&coarse.weights);
    }

    /// Scales the weights of the states by what has become of those of their aggregates.
    fn prolong(&mut self, coarse: &mut Level) {
        coarse.before.iter_mut().zip(&coarse.weights).for_each(|(before, after)| *before = after / *before);
        let weights = self.weights.iter_mut().zip(&self.aggregate);
        weights.for_each(|(weight, &into)| *weight = weight.max(LEAST) * coarse.before[into as usize]);
    }

    /// Eliminates all states; where there are too many, sweeps have to do.
    fn finish(&mut self) {
        let n = self.states();
        let total: f64 = self.weights.iter().sum();
        if n > SMALLEST {
            (0..LAST).for_each(|_| self.sweep());
            self.normalise();
        } else {
            let mut full = vec![vec![0.0; n]; n];
            for (to, range) in self.starts.windows(2).enumerate() {
                (range[0]..range[1]).for_each(|entry| full[self.sources[entry] as usize][to] = self.rates[entry]);
            }
            self.weights = dense(&mut full);
            self.normalise();
        }
        self.weights.iter_mut().for_each(|weight| *weight *= total);
    }
}

/// Adds levels below the last one, down to one that is small or that doesn't shrink any more.
pub(super) fn coarsen(levels: &mut Vec<Level>, stop: Stop) -> Result<(), Refusal> {
    while let Some(finest) = levels.last_mut().filter(|level| level.states() > SMALLEST) {
        go_on(stop, 8 * finest.sources.len() as u64)?;
        let (aggregate, states) = finest.aggregates();
        if states as f64 > SHRINK * finest.states() as f64 {
            break;
        }
        let mut coarse = finest.coarser(aggregate, states);
        finest.restrict(&mut coarse);
        levels.push(coarse);
    }
    Ok(())
}

/// One cycle down to the last level and up again.
pub(super) fn cycle(levels: &mut [Level], stop: Stop) -> Result<(), Refusal> {
    let Some((fine, rest)) = levels.split_first_mut() else { return Ok(()) };
    go_on(stop, 8 * fine.sources.len() as u64)?;
    if rest.is_empty() {
        go_on(stop, (fine.states().min(SMALLEST) as u64).pow(3) / 3)?;
        fine.finish();
        return Ok(());
    }
    fine.sweep();
    fine.restrict(&mut rest[0]);
    cycle(rest, stop)?;
    fine.prolong(&mut rest[0]);
    fine.sweep();
    Ok(())
}
