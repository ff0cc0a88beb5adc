//! The same elimination on sparse rows: states with few neighbours go first, so that little fills in;
//! what is left when the rest is nearly full is solved as a full matrix.

use super::chain::Chain;
use super::dense::{HUGE, dense};
use super::{Refusal, Stop, go_on};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most entries, of live rows and of the record together.
const MOST_ENTRIES: usize = 12_000_000;

/// Most entries touched: a second or less.
const MOST_WORK: u64 = 30_000_000;

/// Entries of a column that are looked through in the time in which one of a row is merged.
const SCANNED: u64 = 4;

/// Entries between two questions whether to go on, and the steps that each counts for.
const MANY: u64 = 1 << 16;
const STEPS: u64 = 10;

/// Most states of the full rest.
const MOST_FULL: usize = 1_500;

/// An eliminated state: who led to it, with what rate, and the rate at which it was left.
struct Eliminated {
    state: u32,
    leaving: f64,
    inflow: Vec<(u32, f64)>,
}

/// Stationary weights of an irreducible chain (not normalised); none where it would fill in too much.
pub(super) fn eliminate(chain: &Chain, stop: Stop) -> Result<Option<Vec<f64>>, Refusal> {
    let mut work = Elimination::new(chain);
    let mut told = 0;
    let mut record = Vec::with_capacity(chain.states());
    while work.live > 1 && !work.is_full() {
        let Some(state) = work.next() else { return Ok(None) };
        record.push(work.remove(state));
        if work.entries > MOST_ENTRIES || work.touched > MOST_WORK {
            return Ok(None);
        }
        if work.touched - told > MANY {
            go_on(stop, STEPS * (work.touched - told))?;
            told = work.touched;
        }
    }
    go_on(stop, (work.live as u64).pow(3) / 3)?;
    let mut weights = vec![0.0; chain.states()];
    work.rest(&mut weights);
    for Eliminated { state, leaving, inflow } in record.into_iter().rev() {
        let flow: f64 = inflow.iter().map(|&(from, rate)| weights[from as usize] * rate).sum();
        weights[state as usize] = flow / leaving;
        if weights[state as usize] > HUGE {
            weights.iter_mut().for_each(|weight| *weight /= HUGE);
        }
    }
    Ok(Some(weights))
}

struct Elimination {
    rows: Vec<Vec<(u32, f64)>>,
    /// Who has an entry for each state.
    columns: Vec<Vec<u32>>,
    /// Fill-in at most, and state; entries may be out of date.
    queue: BinaryHeap<Reverse<(u64, u32)>>,
    gone: Vec<bool>,
    live: usize,
    entries: usize,
    live_entries: usize,
    touched: u64,
    merged: Vec<(u32, f64)>,
}

impl Elimination {
    fn new(chain: &Chain) -> Elimination {
        let n = chain.states();
        let rows: Vec<Vec<(u32, f64)>> =
            (0..n).map(|i| chain.row(i).map(|(to, rate)| (to as u32, rate)).collect()).collect();
        let mut columns = vec![Vec::new(); n];
        for (from, row) in rows.iter().enumerate() {
            row.iter().for_each(|&(to, _)| columns[to as usize].push(from as u32));
        }
        let mut all = Elimination {
            rows,
            columns,
            queue: BinaryHeap::new(),
            gone: vec![false; n],
            live: n,
            entries: chain.transitions(),
            live_entries: chain.transitions(),
            touched: 0,
            merged: Vec::new(),
        };
        all.queue = (0..n as u32).map(|state| Reverse((all.cost(state), state))).collect();
        all
    }

    fn cost(&self, state: u32) -> u64 {
        self.rows[state as usize].len() as u64 * self.columns[state as usize].len() as u64
    }

    /// Whether a full matrix is the better way from here.
    fn is_full(&self) -> bool {
        self.live <= MOST_FULL && self.live_entries * 4 > self.live * self.live
    }

    /// The live state that fills in least.
    fn next(&mut self) -> Option<u32> {
        while let Some(Reverse((cost, state))) = self.queue.pop() {
            if !self.gone[state as usize] && cost == self.cost(state) {
                return Some(state);
            }
        }
        None
    }

    fn remove(&mut self, state: u32) -> Eliminated {
        let row = std::mem::take(&mut self.rows[state as usize]);
        let sources = std::mem::take(&mut self.columns[state as usize]);
        let leaving: f64 = row.iter().map(|&(_, rate)| rate).sum();
        for &(to, _) in &row {
            let column = &mut self.columns[to as usize];
            self.touched += column.len() as u64 / SCANNED;
            if let Some(at) = column.iter().position(|&from| from == state) {
                column.swap_remove(at);
            }
        }
        let mut inflow = Vec::with_capacity(sources.len());
        for &from in &sources {
            let rate = self.redirect(from, state, &row, leaving);
            inflow.push((from, rate));
        }
        self.gone[state as usize] = true;
        self.live -= 1;
        self.entries -= row.len();
        self.live_entries -= row.len() + sources.len();
        let neighbours = row.iter().map(|&(to, _)| to).chain(sources.iter().copied());
        for neighbour in neighbours {
            let cost = self.cost(neighbour);
            self.queue.push(Reverse((cost, neighbour)));
        }
        Eliminated { state, leaving, inflow }
    }

    /// What led to the eliminated state leads on to its successors; the rate at which it did.
    fn redirect(&mut self, from: u32, gone: u32, through: &[(u32, f64)], leaving: f64) -> f64 {
        let old = std::mem::take(&mut self.rows[from as usize]);
        let rate = old.binary_search_by_key(&gone, |&(to, _)| to).map_or(0.0, |at| old[at].1);
        let share = rate / leaving;
        let mut merged = std::mem::take(&mut self.merged);
        merged.clear();
        self.touched += (old.len() + through.len()) as u64;
        let mut kept = old.iter().filter(|&&(to, _)| to != gone).peekable();
        for &(to, more) in through.iter().filter(|&&(to, _)| to != from) {
            while let Some(&&entry) = kept.peek().filter(|entry| entry.0 < to) {
                merged.push(entry);
                kept.next();
            }
            match kept.next_if(|entry| entry.0 == to) {
                Some(&(_, rate)) => merged.push((to, rate + share * more)),
                None => {
                    merged.push((to, share * more));
                    self.columns[to as usize].push(from);
                }
            }
        }
        merged.extend(kept.copied());
        let grown = merged.len() + 1 - old.len();
        self.entries += grown;
        self.live_entries += grown;
        self.rows[from as usize] = merged.clone();
        self.merged = merged;
        rate
    }

    /// Weights of the states that are left.
    fn rest(self, weights: &mut [f64]) {
        let left: Vec<usize> = (0..self.rows.len()).filter(|&state| !self.gone[state]).collect();
        let mut position = vec![0; self.rows.len()];
        left.iter().enumerate().for_each(|(at, &state)| position[state] = at);
        let mut full = vec![vec![0.0; left.len()]; left.len()];
        for (row, &state) in full.iter_mut().zip(&left) {
            self.rows[state].iter().for_each(|&(to, rate)| row[position[to as usize]] = rate);
        }
        for (&state, weight) in left.iter().zip(dense(&mut full)) {
            weights[state] = weight;
        }
    }
}
