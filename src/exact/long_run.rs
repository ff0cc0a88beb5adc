//! Long-run probabilities of a chain from where it begins: recurrent classes, each solved on its own.

use super::chain::Chain;
use super::components::components;
use super::dense::dense;
use super::eliminate::eliminate;
use super::sweeps::sweeps;
use super::{Refusal, Stop, go_on};
use std::fmt;

/// Up to so many states a full matrix is the quickest way.
const FULL: usize = 200;

/// Up to so many states a sparse elimination is tried.
const SPARSE: usize = 50_000;

/// How a chain was solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Solver {
    /// Nothing had to be solved: each recurrent class is one state.
    Nothing,
    /// Elimination of states on a full matrix, without subtractions (Grassmann, Taksar and Heyman 1985).
    Dense,
    /// The same on sparse rows.
    Sparse,
    /// Gauss–Seidel sweeps, or whatever iteration does it, if it is asked for.
    Sweeps,
    /// Sweeps were slow: multilevel aggregation (Horton and Leutenegger 1994).
    Multilevel,
}

impl fmt::Display for Solver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Solver::Nothing => "nothing to solve",
            Solver::Dense => "dense elimination",
            Solver::Sparse => "sparse elimination",
            Solver::Sweeps => "Gauss–Seidel sweeps",
            Solver::Multilevel => "multilevel aggregation",
        })
    }
}

/// Long-run probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct LongRun {
    /// Of each state: the mean share of time over all paths; 0 for transient states.
    pub probabilities: Vec<f64>,
    /// Probability of ending in each recurrent class.
    pub classes: Vec<f64>,
    /// Σ |inflow − outflow| over all states, relative to the whole flow.
    pub residual: f64,
    /// The most laborious way of solution that was needed.
    pub solver: Solver,
    /// Sweeps and cycles of aggregation, where there were any.
    pub sweeps: usize,
}

/// Solves a chain for the long run from an initial law over its states (weights that sum to 1).
/// `only` asks for one way of solution, for comparisons; by itself the way is chosen by size.
///
/// # Errors
/// An iteration that doesn't settle, or [`Refusal::Interrupted`].
pub fn stationary(chain: &Chain, initial: &[(u32, f64)], only: Option<Solver>, stop: Stop) -> Result<LongRun, Refusal> {
    let starts: Vec<u32> = initial.iter().map(|&(state, _)| state).collect();
    let parts = components(chain.states(), &starts, |state, visit| chain.row(state).for_each(|(to, _)| visit(to)));
    let leaves = |part: &[u32]| {
        let outside = |(to, _): (usize, f64)| part.binary_search(&(to as u32)).is_err();
        part.iter().any(|&state| chain.row(state as usize).any(outside))
    };
    let (transient, recurrent): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| leaves(part));
    let mut work = Work { only, stop, solver: Solver::Nothing, sweeps: 0 };
    let classes = match recurrent.len() {
        1 => vec![1.0],
        _ => work.absorption(chain, initial, &transient.concat(), &recurrent)?,
    };
    let mut probabilities = vec![0.0; chain.states()];
    for (part, weight) in recurrent.iter().zip(&classes) {
        let within = work.irreducible(&chain.among(part))?;
        part.iter().zip(within).for_each(|(&state, p)| probabilities[state as usize] = weight * p);
    }
    let residual = residual(chain, &probabilities);
    Ok(LongRun { probabilities, classes, residual, solver: work.solver, sweeps: work.sweeps })
}

struct Work<'s> {
    only: Option<Solver>,
    stop: Stop<'s>,
    solver: Solver,
    sweeps: usize,
}

impl Work<'_> {
    fn irreducible(&mut self, chain: &Chain) -> Result<Vec<f64>, Refusal> {
        let n = chain.states();
        if n == 1 {
            return Ok(vec![1.0]);
        }
        let wanted = self.only.unwrap_or(match n {
            0..=FULL => Solver::Dense,
            _ if n <= SPARSE => Solver::Sparse,
            _ => Solver::Sweeps,
        });
        let direct = match wanted {
            Solver::Dense => {
                go_on(self.stop, (n as u64).pow(3) / 3)?;
                Some(dense(&mut full(chain)))
            }
            Solver::Sparse => eliminate(chain, self.stop)?,
            _ => None,
        };
        // What isn't representable any more (rates that differ by hundreds of magnitudes) is left to the iteration.
        let total = |weights: &Vec<f64>| weights.iter().sum::<f64>();
        if let Some(mut weights) = direct.filter(|weights| total(weights).is_finite() && total(weights) > 0.0) {
            let total = total(&weights);
            weights.iter_mut().for_each(|weight| *weight /= total);
            self.solver = self.solver.max(wanted);
            return Ok(weights);
        }
        let (probabilities, solver, count) = sweeps(chain, self.stop)?;
        (self.solver, self.sweeps) = (self.solver.max(solver), self.sweeps + count);
        Ok(probabilities)
    }

    /// Probability of each recurrent class: each becomes one state that leads, at rate 1, to a state that leads on
    /// as the process begins; the long-run shares of these classes are as the probabilities.
    fn absorption(
        &mut self,
        chain: &Chain,
        initial: &[(u32, f64)],
        transient: &[u32],
        recurrent: &[Vec<u32>],
    ) -> Result<Vec<f64>, Refusal> {
        let mut number = vec![u32::MAX; chain.states()];
        transient.iter().enumerate().for_each(|(i, &state)| number[state as usize] = i as u32);
        for (class, part) in recurrent.iter().enumerate() {
            part.iter().for_each(|&state| number[state as usize] = (transient.len() + class) as u32);
        }
        let start = (transient.len() + recurrent.len()) as u32;
        let mut rates: Vec<(u32, u32, f64)> = Vec::new();
        for &state in transient {
            let from = number[state as usize];
            rates.extend(chain.row(state as usize).map(|(to, rate)| (from, number[to], rate)));
        }
        rates.extend((transient.len() as u32..start).map(|class| (class, start, 1.0)));
        rates.extend(initial.iter().map(|&(state, p)| (start, number[state as usize], p)));
        let circular = Chain::new(start as usize + 1, &rates);
        let mut shares = self.irreducible(&circular)?;
        shares.truncate(start as usize);
        let mut shares = shares.split_off(transient.len());
        let total: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= total);
        Ok(shares)
    }
}

fn full(chain: &Chain) -> Vec<Vec<f64>> {
    let mut rates = vec![vec![0.0; chain.states()]; chain.states()];
    for (from, row) in rates.iter_mut().enumerate() {
        chain.row(from).for_each(|(to, rate)| row[to] = rate);
    }
    rates
}

/// Σ |inflow − outflow| over the whole flow.
fn residual(chain: &Chain, probabilities: &[f64]) -> f64 {
    let mut balance = vec![0.0; probabilities.len()];
    let mut flow = 0.0;
    for (from, &p) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        let mut out = 0.0;
        for (to, rate) in chain.row(from) {
            balance[to] += p * rate;
            out += p * rate;
        }
        balance[from] -= out;
        flow += out;
    }
    if flow > 0.0 { balance.iter().map(|x: &f64| x.abs()).sum::<f64>() / flow } else { 0.0 }
}
