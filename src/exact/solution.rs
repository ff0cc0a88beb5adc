//! The sums that measures are made of, from the long-run probabilities.

use super::chain::Chain;
use super::explore::{Space, explore, explore_classes};
use super::long_run::{LongRun, Solver, stationary};
use super::lumping::lump;
use super::symmetry::symmetry;
use super::{Approximation, Limits, Process, Refusal, Stop, go_on};
use crate::net::Net;
use crate::program::{Formula, Program, compile};

/// Steps that a reward in a marking, or an entry of a chain that is made anew, counts for.
const STEPS: usize = 20;

/// What is exactly known of a net.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Long-run mean per second of every sum of an observation, laid out as [`Program`] says; time itself is 1.
    pub sums: Vec<f64>,
    /// Long-run availability of each `up` condition, which keeps the digits that 1 − downtime would lose.
    pub availability: Vec<f64>,
    /// Mean time from the initial marking to the first failure of each `up` condition, seconds (S16); infinite where
    /// it may never come.
    pub first_failure: Vec<f64>,
    /// Tangible markings, or what is left of them where interchangeable replicas are counted together.
    pub states: usize,
    /// Natural logarithm of the number of tangible markings that these stand for, where they are fewer.
    pub unlumped: Option<f64>,
    /// Pairs of them with a rate.
    pub transitions: usize,
    /// Whether immediates had to be eliminated.
    pub has_vanishing: bool,
    /// Probability of ending in each recurrent class; one of them, mostly.
    pub classes: Vec<f64>,
    /// Σ |inflow − outflow| over all states, relative to the whole flow.
    pub residual: f64,
    /// How the long run was solved.
    pub solver: Solver,
    /// Sweeps and cycles of aggregation, where there were any.
    pub sweeps: usize,
    /// What kind of process it is.
    pub process: Process,
    /// Independent subnets that were solved apart, or 1.
    pub parts: usize,
    /// By how much the probabilities of all ends of a race miss 1, at most: the error of the quadrature; 0 where all
    /// clocks are exponential.
    pub defect: f64,
    /// A transition in whose race several clocks may be due at one time: the order of S13 by stream key was followed.
    pub tied: Option<String>,
}

impl Solution {
    /// A measure of the model.
    pub fn measure(&self, formula: &Formula) -> f64 {
        formula.evaluate(&|sum| self.sums[sum])
    }
}

/// Explores a net and solves its chain; interchangeable replicas are counted together.
///
/// # Errors
/// See [`Refusal`].
pub fn solve(net: &Net, program: &Program, limits: &Limits, stop: Stop) -> Result<Solution, Refusal> {
    if let Some(lumped) = lump(net, stop)?
        && let Ok(smaller) = compile(&lumped.net)
        && is_laid_out_alike(program, &smaller)
    {
        match explore(&lumped.net, &smaller, limits, stop) {
            Err(Refusal::NotMarkovian { .. }) => {}
            Err(refusal) => return Err(refusal),
            Ok(space) => {
                let markings = lumped.log_markings(&space, smaller.initial.len(), stop)?;
                return Ok(Solution { unlumped: Some(markings), ..of_space(&smaller, &space, stop)? });
            }
        }
    }
    match solve_classes(net, program, limits, stop)? {
        Some(solution) => Ok(solution),
        None => solve_unlumped(net, program, limits, stop),
    }
}

/// As [`solve()`], with one state for all markings that differ by an exchange of like parts; none where there are no
/// such, or where the net isn't Markovian.
fn solve_classes(net: &Net, program: &Program, limits: &Limits, stop: Stop) -> Result<Option<Solution>, Refusal> {
    let Some(mut symmetry) = symmetry(net, program, stop)? else { return Ok(None) };
    match explore_classes(net, program, Some(&mut symmetry), limits, stop) {
        Err(Refusal::NotMarkovian { .. }) => Ok(None),
        space => {
            let space = space?;
            let markings = symmetry.log_markings(&space, program.initial.len(), stop)?;
            Ok(Some(Solution { unlumped: Some(markings), ..of_space(program, &space, stop)? }))
        }
    }
}

/// As [`solve()`], marking by marking.
///
/// # Errors
/// See [`Refusal`].
pub fn solve_unlumped(net: &Net, program: &Program, limits: &Limits, stop: Stop) -> Result<Solution, Refusal> {
    match explore(net, program, limits, stop) {
        Err(Refusal::NotMarkovian { .. }) => super::independent::solve(net, program, limits, stop),
        space => of_space(program, &space?, stop),
    }
}

/// Solves a net with `order` exponential phases, 1 at least, in the place of each clock that isn't exponential: an
/// approximation, and how near each clock's is.
///
/// # Errors
/// See [`Refusal`]; of laws that have no mean, may take no time, or depend on the marking, and of clocks that the
/// phases don't tell enough of, [`Refusal::NotMarkovian`].
pub fn approximate(
    net: &Net,
    program: &Program,
    order: u32,
    limits: &Limits,
    stop: Stop,
) -> Result<(Solution, Vec<Approximation>), Refusal> {
    let (space, approximations) = super::phases::explore(net, program, order.max(1), limits, stop)?;
    Ok((of_space(program, &space, stop)?, approximations))
}

/// Whether the sums of two programs mean the same.
pub(super) fn is_laid_out_alike(one: &Program, other: &Program) -> bool {
    let formulas = |program: &Program| program.measures.iter().map(|m| m.formula.clone()).collect::<Vec<_>>();
    (one.sums, formulas(one)) == (other.sums, formulas(other))
}

fn of_space(program: &Program, space: &Space, stop: Stop) -> Result<Solution, Refusal> {
    let long_run = stationary(&space.chain, &space.initial, None, stop)?;
    go_on(stop, (STEPS * space.chain.states() * program.rewards.len()) as u64)?;
    let (sums, availability) = averages(program, space, &long_run)?;
    let first_failure = (0..program.up.len()).map(|up| first_failure(space, up, stop)).collect::<Result<_, _>>()?;
    let LongRun { classes, residual, solver, sweeps, .. } = long_run;
    Ok(Solution {
        sums,
        availability,
        first_failure,
        states: space.chain.states(),
        unlumped: None,
        transitions: space.chain.transitions(),
        has_vanishing: space.has_vanishing,
        classes,
        residual,
        solver,
        sweeps,
        process: Process::Markov,
        parts: 1,
        defect: 0.0,
        tied: None,
    })
}

/// Mean of each sum per second, and the availabilities.
fn averages(program: &Program, space: &Space, long_run: &LongRun) -> Result<(Vec<f64>, Vec<f64>), Refusal> {
    let ups = program.up.len();
    let (mut sums, mut availability) = (vec![0.0; program.sums], vec![0.0; ups]);
    sums[Program::TIME] = 1.0;
    let mut marking = program.initial.clone();
    for (state, &p) in long_run.probabilities.iter().enumerate() {
        space.marking(state, &mut marking);
        for (reward, (code, &sum)) in program.rewards[ups..].iter().zip(&program.reward_sums).enumerate() {
            let value = code.evaluate(&marking);
            if !value.is_finite() {
                return Err(bad_reward(program, ups + reward, value));
            }
            sums[sum] += p * value;
        }
        if p == 0.0 {
            continue;
        }
        for (up, available) in availability.iter_mut().enumerate() {
            if space.is_up(state, up) {
                *available += p;
                sums[Program::failures(up)] += p * space.failure_rate(state, up);
            } else {
                sums[Program::down(up)] += p;
            }
        }
        space.counts(state).for_each(|(sum, rate)| sums[sum] += p * rate);
    }
    Ok((sums, availability))
}

/// A reward that is no number.
pub(super) fn bad_reward(program: &Program, reward: usize, value: f64) -> Refusal {
    Refusal::BadValue { who: program.reward_name(reward), message: format!("its reward is {value} in a marking") }
}

/// Mean time to the first passage from up to down: the process begins anew at each failure, and the time between
/// failures is what is asked for. An outage at the beginning is no failure (S14).
fn first_failure(space: &Space, up: usize, stop: Stop) -> Result<f64, Refusal> {
    go_on(stop, (STEPS * space.chain.transitions()) as u64)?;
    let mut renewed = Chain::default();
    let mut row = Vec::new();
    for state in 0..space.chain.states() {
        row.clear();
        let mut failing = 0.0;
        for (to, rate) in space.chain.row(state) {
            if space.is_up(state, up) && !space.is_up(to, up) {
                failing += rate;
            } else {
                row.push((to as u32, rate));
            }
        }
        if failing > 0.0 {
            row.extend(space.initial.iter().map(|&(to, p)| (to, p * failing)));
            super::vanishing::merge(&mut row);
            row.retain(|&(to, _)| to as usize != state);
        }
        renewed.push(&row);
    }
    let run = stationary(&renewed, &space.initial, None, stop)?;
    let states = run.probabilities.iter().enumerate();
    let rate: f64 = states.map(|(state, p)| p * space.failure_rate(state, up)).sum();
    // With several recurrent classes, or one without failures, some paths never fail.
    Ok(if run.classes.len() > 1 || rate == 0.0 { f64::INFINITY } else { 1.0 / rate })
}
