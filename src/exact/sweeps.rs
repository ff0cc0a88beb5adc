//! Gauss–Seidel sweeps, forwards and backwards in turn, for chains that are too large to be eliminated.
//!
//! Every new value is a sum of positive terms, so small probabilities settle to full relative accuracy too. The
//! criterion is the largest relative change of any probability, continued at the rate at which it has been falling.

use super::chain::Chain;
use super::{Refusal, Stop};

/// Where the projected relative error is small enough.
const SETTLED: f64 = 1e-11;

/// Changes below it are rounding; then the projection may be this large.
const ROUNDING: f64 = 1e-14;
const ACCEPTED: f64 = 1e-9;

/// States less probable than that aren't asked whether they have settled.
const NEGLIGIBLE: f64 = 1e-30;

/// Most entries visited in all.
const MOST_WORK: u64 = 100_000_000_000;

/// Most sweeps.
const MOST_SWEEPS: usize = 200_000;

/// Sweeps over which the rate of convergence is taken.
const SPAN: usize = 10;

/// Probabilities of an irreducible chain, and how many sweeps they took.
pub(super) fn sweeps(chain: &Chain, stop: Stop) -> Result<(Vec<f64>, usize), Refusal> {
    let n = chain.states();
    let exits: Vec<f64> = (0..n).map(|state| chain.exit(state)).collect();
    let inflow = chain.transposed();
    let mut p = vec![1.0 / n as f64; n];
    let mut changes: Vec<f64> = Vec::new();
    let mut rate: f64 = 0.0;
    let most = MOST_SWEEPS.min((MOST_WORK / (2 * chain.transitions() as u64 + 1)) as usize);
    while changes.len() < most {
        if stop() {
            return Err(Refusal::Interrupted);
        }
        (0..n).for_each(|state| update(&inflow, &exits, &mut p, state));
        let mut change: f64 = 0.0;
        for state in (0..n).rev() {
            let before = p[state];
            update(&inflow, &exits, &mut p, state);
            if p[state] > NEGLIGIBLE {
                change = change.max((p[state] - before).abs() / p[state]);
            }
        }
        let total: f64 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= total);
        changes.push(change);
        if let Some(&earlier) = changes.iter().rev().nth(SPAN)
            && change > ROUNDING
        {
            rate = libm::pow(change / earlier, 1.0 / SPAN as f64);
        }
        if changes.len() > SPAN && settled(change, rate) {
            return Ok((p, changes.len()));
        }
    }
    let change = changes.last().copied().unwrap_or(f64::NAN);
    Err(Refusal::NotSettled { sweeps: changes.len(), change, states: n })
}

#[inline(always)]
fn update(inflow: &Chain, exits: &[f64], p: &mut [f64], state: usize) {
    let flow: f64 = inflow.row(state).map(|(from, rate)| p[from] * rate).sum();
    p[state] = flow / exits[state];
}

fn settled(change: f64, rate: f64) -> bool {
    if change == 0.0 {
        return true;
    }
    let left = if rate < 1.0 { change * rate / (1.0 - rate) } else { f64::INFINITY };
    left <= SETTLED || change <= ROUNDING && left <= ACCEPTED
}
